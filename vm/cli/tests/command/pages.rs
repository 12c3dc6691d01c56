//! Help, version, completions, manual.
//!
//! Rules: L6.17.

use crate::Scratch;

const COMMANDS: [&str; 18] = [
    "run",
    "trace",
    "profile",
    "top",
    "bsp",
    "compile",
    "disasm",
    "check",
    "explain",
    "fmt",
    "test",
    "optimize",
    "compile-lisp",
    "completions",
    "man",
    "test-all",
    "test-coffee-shop",
    "test-supersteps",
];

#[test]
fn every_command_has_help_with_an_example() {
    let scratch = Scratch::new();
    for command in COMMANDS {
        let output = scratch.run(&[command, "--help"]);
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{command}");
        assert!(output.stdout.contains("Example"), "{command}: {}", output.stdout);
    }
    let output = scratch.run(&["--help"]);
    assert_eq!(output.code, 0);
    for command in COMMANDS {
        assert!(output.stdout.contains(&format!("\n  {command} ")), "{command}: {}", output.stdout);
    }
}

#[test]
fn the_version_is_that_of_the_crate() {
    let output = Scratch::new().run(&["--version"]);
    assert_eq!(output.stdout, format!("ttvm {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_are_written_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = Scratch::new().run(&["completions", shell]);
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{shell}");
        assert!(output.stdout.contains("compile-lisp"), "{shell}");
    }
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let scratch = Scratch::new();
    let output = scratch.run(&["man"]);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    assert!(output.stdout.contains(".TH ttvm 1"), "{}", output.stdout);
    assert_eq!(scratch.run(&["man", "-o", "pages/man1"]).code, 0);
    for command in COMMANDS {
        assert!(scratch.read_text(&format!("pages/man1/ttvm-{command}.1")).contains("Example"), "{command}");
    }
    assert_eq!(scratch.read_text("pages/man1/ttvm.1"), output.stdout);
}
