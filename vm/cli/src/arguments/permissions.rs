//! What a program may do: `--sandbox` and the options that permit something.
//!
//! Not here: how that is enforced (`ttvm-host`).

use std::path::PathBuf;

use clap::Args;
use ttvm_isa::{Endpoint, Permissions, Reach};

/// What a program may do outside.
#[derive(Args, Clone, Debug, Default)]
pub struct PermissionArguments {
    /// Permit the program nothing but what these options permit; without it they only narrow what they are about.
    #[arg(long, help_heading = "Permissions")]
    pub sandbox: bool,
    /// Let the program read only this file, or the files in this directory; may be repeated. Without a path: everything.
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true, help_heading = "Permissions")]
    pub allow_read: Option<Vec<PathBuf>>,
    /// Let the program write, make and delete only this file, or the files in this directory.
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true, help_heading = "Permissions")]
    pub allow_write: Option<Vec<PathBuf>>,
    /// Let the program reach, look up and listen on only this host, at one port or all.
    #[arg(long, value_name = "HOST[:PORT]", num_args = 0..=1, require_equals = true, help_heading = "Permissions")]
    pub allow_net: Option<Vec<Endpoint>>,
    /// Let the program run others, which may then do whatever you may.
    #[arg(long, help_heading = "Permissions")]
    pub allow_exec: bool,
    /// Let the program read and set environment variables.
    #[arg(long, help_heading = "Permissions")]
    pub allow_env: bool,
}

impl PermissionArguments {
    /// What they permit.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        Permissions {
            read: self.reach(self.allow_read.as_deref()),
            write: self.reach(self.allow_write.as_deref()),
            net: self.reach(self.allow_net.as_deref()),
            exec: self.allow_exec || !self.sandbox,
            env: self.allow_env || !self.sandbox,
        }
    }

    fn reach<T: Clone>(&self, named: Option<&[T]>) -> Reach<T> {
        match named {
            None if self.sandbox => Reach::Only(Vec::new()),
            None | Some([]) => Reach::Everything,
            Some(named) => Reach::Only(named.to_vec()),
        }
    }
}
