//! `ttvm top`: what a program that runs with `--observe` does, as it does it.
//!
//! | file | what |
//! |---|---|
//! | `top/board.rs` | what was seen, what is wanted, and what keys change |
//! | `top/tree.rs` | processes below their supervisors |
//! | `top/screen.rs` | the board drawn on a terminal |
//! | `top/text.rs` | one look as text |
//! | `top/figures.rs` | numbers for people |
//!
//! Not here: where the figures come from (`live/`).

mod board;
mod figures;
mod screen;
mod text;
mod tree;

use std::{
    io::{self, IsTerminal},
    time::{Duration, Instant},
};

use ratatui::{
    DefaultTerminal,
    crossterm::event::{self, Event, KeyEventKind},
};

use crate::{
    arguments::TopArguments,
    failure::Failure,
    live::{Client, ClientError, Request, find_socket},
    show,
};
use board::{Board, Then};

/// Time between two looks.
const INTERVAL: Duration = Duration::from_secs(1);

/// Processes asked for: more than a screen holds, so that one can scroll.
const SHOWN: usize = 1_000;

/// Watches a program until it ends or the user does not want to any more, or looks once.
///
/// # Errors
/// [`Failure::Watch`], [`Failure::Usage`] where there is no terminal, and [`Failure::Write`].
pub fn top(arguments: &TopArguments) -> Result<i32, Failure> {
    let mut client = Client::connect(&find_socket(arguments.program.as_deref())?)?;
    let request = Request::snapshot(arguments.sort, arguments.limit.unwrap_or(SHOWN));
    if arguments.json {
        show::print(client.ask_raw(&request)?.as_bytes())?;
        return Ok(0);
    }
    if arguments.once {
        show::print(text::of_frame(&client.ask(&request)?).as_bytes())?;
        return Ok(0);
    }
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(Failure::usage("`ttvm top` needs a terminal; `ttvm top --once` does not"));
    }
    let mut board = Board::new(arguments.sort);
    // The first look before the screen is cleared: it may fail.
    board.see(client.ask(&request)?);
    let mut terminal = ratatui::try_init().map_err(on_terminal)?;
    let ended = watch(&mut terminal, &mut client, &mut board);
    ratatui::restore();
    match ended? {
        Ended::Quit => {}
        Ended::Program => show::line("the program has ended"),
    }
    Ok(0)
}

/// Why a screen is left.
enum Ended {
    Quit,
    Program,
}

fn watch(terminal: &mut DefaultTerminal, client: &mut Client, board: &mut Board) -> Result<Ended, Failure> {
    let mut next = Instant::now() + INTERVAL;
    loop {
        terminal.draw(|frame| screen::draw(frame, board)).map_err(on_terminal)?;
        let then = if event::poll(next.saturating_duration_since(Instant::now())).map_err(on_terminal)? {
            match event::read().map_err(on_terminal)? {
                Event::Key(key) if key.kind != KeyEventKind::Release => board.press(key),
                // The next drawing fits itself to the new size.
                _ => Then::Draw,
            }
        } else {
            Then::Look
        };
        match then {
            Then::Quit => return Ok(Ended::Quit),
            Then::Look => match client.ask(&Request::snapshot(board.sort(), SHOWN)) {
                Ok(frame) => {
                    board.see(frame);
                    next = Instant::now() + INTERVAL;
                }
                Err(ClientError::Ended) => return Ok(Ended::Program),
                Err(error) => return Err(error.into()),
            },
            Then::Draw => {}
        }
    }
}

fn on_terminal(error: io::Error) -> Failure {
    Failure::Write { path: "the terminal".into(), error }
}
