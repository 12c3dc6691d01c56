//! The README's tour does what it says.
//!
//! Its blocks marked `console` are commands behind `$ ` and what they print; the program texts it shows go into the file
//! named behind `text`, or else into `hello.ttvm`, one behind the other. Commands and texts are taken in the order of
//! the page. The examples are where the page says.

use std::{env, fs, path::Path, process::Command};

use crate::Scratch;

/// The fenced blocks of a page: the word behind the fence, and the lines.
fn blocks(page: &str) -> Vec<(String, Vec<String>)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, Vec<String>)> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(word), None) => open = Some((word.to_owned(), Vec::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some((_, lines))) => lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    blocks
}

/// Times differ from run to run.
fn without_time(line: &str) -> &str {
    let in_brackets = line.rsplit_once(" (").filter(|(_, time)| time.ends_with(" ms)"));
    let at_the_end = line.rsplit_once(", in ").filter(|(_, time)| time.ends_with(" ms"));
    in_brackets.or(at_the_end).map_or(line, |(before, _)| before)
}

fn run(scratch: &Scratch, command: &str) -> Vec<String> {
    let directory = Path::new(env!("CARGO_BIN_EXE_ttvm")).parent().unwrap();
    let path = env::var_os("PATH").unwrap();
    let paths = std::iter::once(directory.to_path_buf()).chain(env::split_paths(&path));
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {command}; }} 2>&1")])
        .env("PATH", env::join_paths(paths).unwrap())
        .current_dir(scratch.0.path())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[cfg(unix)]
#[test]
fn the_tour_of_the_readme_does_what_it_says() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    let scratch = Scratch::new();
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
    std::os::unix::fs::symlink(examples, scratch.path("examples")).unwrap();
    let (mut program, mut commands) = (String::new(), 0);
    for (word, lines) in blocks(&page) {
        match word.as_str() {
            "" => {
                program.push_str(&lines.join("\n"));
                program.push('\n');
                fs::write(scratch.path("hello.ttvm"), &program).unwrap();
            }
            "console" => {
                let mut rest = lines.as_slice();
                while let Some((command, behind)) = rest.split_first() {
                    let command = command.strip_prefix("$ ").unwrap_or_else(|| panic!("no command: {command}"));
                    let count = behind.iter().position(|line| line.starts_with("$ ")).unwrap_or(behind.len());
                    let printed = run(&scratch, command);
                    let (printed, said): (Vec<&str>, Vec<&str>) = (
                        printed.iter().map(|line| without_time(line)).collect(),
                        behind[..count].iter().map(|line| without_time(line)).collect(),
                    );
                    assert_eq!(printed, said, "{command}");
                    commands += 1;
                    rest = &behind[count..];
                }
            }
            word => {
                if let Some(file) = word.strip_prefix("text ") {
                    fs::write(scratch.path(file), lines.join("\n") + "\n").unwrap();
                }
            }
        }
    }
    assert_eq!(commands, 19, "the page was read as it is meant");
    // What the page says in words: bytecode runs the same, and disassembled text compiles to the same bytes.
    let words = "ttvm compile hello.ttvm a.ttb && ttvm disasm a.ttb -o b.ttvm && ttvm compile b.ttvm b.ttb && cmp a.ttb b.ttb && ttvm b.ttb Ada";
    assert_eq!(run(&scratch, words), ["Hello, Ada!"]);
}
