//! Says whether Erlang/OTP is installed, so that tests that need it are reported as ignored where it is not.

use std::{env, path::Path};

fn main() {
    println!("cargo::rustc-check-cfg=cfg(has_erlang)");
    println!("cargo::rerun-if-env-changed=PATH");
    println!("cargo::rerun-if-env-changed=TTVM_NO_ERLANG");
    let path = env::var_os("PATH").unwrap_or_default();
    let erl = env::split_paths(&path).map(|folder| folder.join("erl")).find(|file| file.is_file());
    // A file that is missing counts as changed: whoever installs Erlang need not clean anything.
    println!("cargo::rerun-if-changed={}", erl.as_deref().unwrap_or(Path::new("no erl")).display());
    if erl.is_some() && env::var_os("TTVM_NO_ERLANG").is_none() {
        println!("cargo::rustc-cfg=has_erlang");
    }
}
