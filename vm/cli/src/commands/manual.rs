//! `ttvm completions` and `ttvm man`: what clap knows about the command line, for shells and for `man`.

use std::{fs, path::Path};

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::{arguments::CommandLine, failure::Failure, files, show};

/// Writes a completion script.
///
/// # Errors
/// [`Failure::Write`].
pub fn completions(shell: Shell) -> Result<i32, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "ttvm", &mut script);
    show::print(&script)?;
    Ok(0)
}

/// Writes the manual page, or the pages of all commands into a directory.
///
/// # Errors
/// [`Failure::Write`].
pub fn manual(directory: Option<&Path>) -> Result<i32, Failure> {
    let mut command = CommandLine::command().disable_help_subcommand(true);
    command.build();
    let Some(directory) = directory else {
        show::print(&page(&command))?;
        return Ok(0);
    };
    let failed = |error| Failure::Write { path: directory.to_path_buf(), error };
    fs::create_dir_all(directory).map_err(failed)?;
    files::write(&directory.join("ttvm.1"), &page(&command))?;
    for subcommand in command.get_subcommands() {
        let name = format!("ttvm-{}", subcommand.get_name());
        files::write(&directory.join(format!("{name}.1")), &page(subcommand))?;
    }
    Ok(0)
}

fn page(command: &clap::Command) -> Vec<u8> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page).expect("writing to memory does not fail");
    page
}
