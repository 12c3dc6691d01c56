//! Finds and builds ttvm and the peers that are installed, and says how each runs a benchmark's command.
//!
//! What is built lies under `target/`. Not here: running (`rounds`, `start_up`).

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    process::{ProcessError, Program},
    suite::Peer,
};

/// The name of our side in tables.
pub const OURS: &str = "ttvm";

/// One that takes part.
#[derive(Clone, Debug, Serialize)]
pub struct Contestant {
    /// Which peer; `None` is ttvm.
    #[serde(skip)]
    pub peer: Option<Peer>,
    /// The name in tables.
    pub name: &'static str,
    /// The version, in its own words.
    pub version: String,
    /// How it is started.
    pub started_as: &'static str,
    #[serde(skip)]
    pub(crate) launcher: Launcher,
}

/// How a command of the suite becomes a program.
#[derive(Clone, Debug)]
pub(crate) enum Launcher {
    /// The first word is a file of the folder, given to the interpreter.
    Script { interpreter: PathBuf, folder: PathBuf },
    /// The first word is a module of the folder, whose `main` runs.
    Erlang { erl: PathBuf, folder: PathBuf },
    /// All words go to one program; the variable says how many threads run tasks.
    Binary { path: PathBuf, workers: &'static str },
}

/// Why a contestant does not take part.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContestantError {
    /// It is not installed.
    #[error("{name} is not installed: `{command}` is not on the path ({hint})")]
    NotInstalled {
        /// Its name.
        name: &'static str,
        /// The command that is missing.
        command: &'static str,
        /// How to get it.
        hint: &'static str,
    },
    /// Its programs cannot be built, or its version cannot be asked.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// A folder for what is built cannot be made or read.
    #[error("cannot use {path}: {error}")]
    Folder {
        /// The folder.
        path: String,
        /// The system's words.
        #[source]
        error: io::Error,
    },
    /// Cargo did not say where the program is.
    #[error("cargo built no program `{name}`")]
    NoBinary {
        /// The program.
        name: &'static str,
    },
}

impl Contestant {
    /// The program for a command of the suite, with so many schedulers; without a number, ttvm takes its own.
    pub(crate) fn program(&self, words: &[String], schedulers: Option<u32>) -> Program {
        let (first, rest) = words.split_first().expect("every command of the suite has a word");
        match &self.launcher {
            Launcher::Script { interpreter, folder } => {
                let mut program = Program::new(interpreter);
                if let (None, Some(number)) = (self.peer, schedulers) {
                    program = program.with(["--schedulers".to_owned(), number.to_string()]);
                }
                program.with([path_text(&folder.join(first))]).with(rest)
            }
            Launcher::Erlang { erl, folder } => {
                // Options come in pairs of a name with `+` and a value.
                let options = words.chunks(2).take_while(|pair| pair.first().is_some_and(|word| word.starts_with('+')));
                let (options, command) = words.split_at(options.count() * 2);
                let (module, rest) = command.split_first().expect("a module stands behind the options");
                Program::new(erl)
                    .with(["-noshell".to_owned(), "+S".to_owned(), format!("{0}:{0}", schedulers.unwrap_or(1))])
                    .with(["+sbwt", "none"])
                    .with(options)
                    .with(["-pa".to_owned(), path_text(folder)])
                    .with(["-run", module, "main"])
                    .with(rest)
            }
            Launcher::Binary { path, workers } => {
                let mut program = Program::new(path).with(words);
                program.environment.push((workers, schedulers.unwrap_or(1).to_string()));
                program
            }
        }
    }
}

/// Our side: the given binary, or `ttvm` built from the workspace.
///
/// # Errors
/// The build fails, or the binary does not start.
pub fn ours(root: &Path, binary: Option<&Path>) -> Result<Contestant, ContestantError> {
    let interpreter = match binary {
        Some(path) => path.to_owned(),
        None => cargo_build(&root.join("Cargo.toml"), None, "ttvm")?,
    };
    let folder = root.join("tests/benches/programs");
    // A runner that is no full command line may not know its version; the record names the commit anyway.
    let version = first_line(&Program::new(&interpreter).with(["--version"])).unwrap_or_default();
    Ok(Contestant {
        peer: None,
        name: OURS,
        version,
        started_as: "ttvm [--schedulers N] FILE …",
        launcher: Launcher::Script { interpreter, folder },
    })
}

/// A peer, with its programs built.
///
/// # Errors
/// It is not installed, or the build fails.
pub fn peer(peer: Peer, root: &Path) -> Result<Contestant, ContestantError> {
    let sources = root.join("tests/benches/peers");
    let built = root.join("target/benches");
    let (version, started_as, launcher) = match peer {
        Peer::Erlang => erlang(&sources.join("erlang"), &built.join("erlang"))?,
        Peer::Lua => lua(peer, &["lua5.4", "lua"], &sources, "Debian: lua5.4", "lua5.4 FILE …")?,
        Peer::LuaJit => lua(peer, &["luajit"], &sources, "Debian: luajit", "luajit FILE …")?,
        Peer::Go => go(&sources.join("go"), &built.join("go"))?,
        Peer::Rust => native("W=N peer …", &sources.join("rust"), &built.join("rust"), "peer")?,
        Peer::Timely => native("W=N tpr …", &sources.join("timely"), &built.join("timely"), "tpr")?,
    };
    Ok(Contestant { peer: Some(peer), name: peer.name(), version, started_as, launcher })
}

type Found = (String, &'static str, Launcher);

fn erlang(sources: &Path, built: &Path) -> Result<Found, ContestantError> {
    let hint = "Debian: erlang-base erlang-dev";
    let name = Peer::Erlang.name();
    let erl = on_path("erl").ok_or(ContestantError::NotInstalled { name, command: "erl", hint })?;
    let erlc = on_path("erlc").ok_or(ContestantError::NotInstalled { name, command: "erlc", hint })?;
    make_folder(built)?;
    let listed = fs::read_dir(sources).map_err(|error| folder_error(sources, error))?;
    let mut files: Vec<String> = listed.filter_map(|entry| Some(path_text(&entry.ok()?.path()))).collect();
    files.retain(|file| file.ends_with(".erl"));
    files.sort();
    Program::new(erlc).with(["-o".to_owned(), path_text(built)]).with(files).output()?;
    let question = r#"io:format("OTP ~s, ERTS ~s, ~p~n", [erlang:system_info(otp_release),
        erlang:system_info(version), erlang:system_info(emu_flavor)]), halt()."#;
    let version = first_line(&Program::new(&erl).with(["-noshell", "-eval", question]))?;
    let launcher = Launcher::Erlang { erl, folder: built.to_owned() };
    Ok((version, "erl -noshell +S N:N +sbwt none -run MODULE main …", launcher))
}

fn lua(
    peer: Peer,
    commands: &[&'static str],
    sources: &Path,
    hint: &'static str,
    started_as: &'static str,
) -> Result<Found, ContestantError> {
    let command = commands.first().expect("each Lua has a command");
    let interpreter = commands.iter().find_map(|command| on_path(command));
    let interpreter = interpreter.ok_or(ContestantError::NotInstalled { name: peer.name(), command, hint })?;
    let version = first_line(&Program::new(&interpreter).with(["-v"]))?;
    // Name and version stand before the copyright.
    let version = version.split("Copyright").next().unwrap_or_default().trim_end_matches([' ', '-']).to_owned();
    Ok((version, started_as, Launcher::Script { interpreter, folder: sources.join("lua") }))
}

fn go(sources: &Path, built: &Path) -> Result<Found, ContestantError> {
    let name = Peer::Go.name();
    let hint = "Debian: golang-go";
    let go = on_path("go").ok_or(ContestantError::NotInstalled { name, command: "go", hint })?;
    make_folder(built)?;
    let path = built.join("gobench");
    let mut build = Program::new(&go).with(["build".to_owned(), "-o".to_owned(), path_text(&path)]);
    build.folder = Some(sources.to_owned());
    build.output()?;
    let version = first_line(&Program::new(&go).with(["version"]))?;
    Ok((version, "GOMAXPROCS=N gobench …", Launcher::Binary { path, workers: "GOMAXPROCS" }))
}

/// A package in Rust, of a workspace of its own.
fn native(
    started_as: &'static str,
    sources: &Path,
    built: &Path,
    name: &'static str,
) -> Result<Found, ContestantError> {
    let path = cargo_build(&sources.join("Cargo.toml"), Some(built), name)?;
    let version = first_line(&Program::new("rustc").with(["--version"]))?;
    Ok((version, started_as, Launcher::Binary { path, workers: "W" }))
}

/// Builds a program with cargo and asks it where the program lies.
fn cargo_build(manifest: &Path, target: Option<&Path>, name: &'static str) -> Result<PathBuf, ContestantError> {
    let mut program = Program::new("cargo")
        .with(["build", "--release", "--message-format=json-render-diagnostics", "--bin", name, "--manifest-path"])
        .with([path_text(manifest)]);
    if let Some(target) = target {
        program = program.with(["--locked".to_owned(), "--target-dir".to_owned(), path_text(target)]);
    }
    let (messages, _) = program.run()?;
    let executable = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_wanted = message["target"]["name"] == name;
        message["executable"].as_str().filter(|_| is_wanted).map(PathBuf::from)
    };
    messages.lines().find_map(executable).ok_or(ContestantError::NoBinary { name })
}

fn on_path(command: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(command)).find(|path| path.is_file())
}

fn first_line(program: &Program) -> Result<String, ProcessError> {
    let (output, _) = program.run()?;
    Ok(output.lines().next().unwrap_or_default().trim().to_owned())
}

fn make_folder(path: &Path) -> Result<(), ContestantError> {
    fs::create_dir_all(path).map_err(|error| folder_error(path, error))
}

fn folder_error(path: &Path, error: io::Error) -> ContestantError {
    ContestantError::Folder { path: path.display().to_string(), error }
}

fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
