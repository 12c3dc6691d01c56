//! What was seen, what is wanted, and what keys change. Knows no terminal.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::live::{Frame, Sort};

/// What is shown below the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// A table of processes.
    Processes,
    /// Supervisors and what is below them.
    Supervision,
    /// The schedulers.
    Schedulers,
}

/// What follows from a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The screen may look different.
    Draw,
    /// The program is to be looked at now.
    Look,
    /// That was all.
    Quit,
}

/// The state of the screen.
#[derive(Debug)]
pub struct Board {
    /// The newest look.
    pub frame: Frame,
    /// The one before it.
    before: Option<Frame>,
    /// What is shown.
    pub page: Page,
    /// The order of the table.
    sort: Sort,
    /// Lines that are scrolled over.
    pub scrolled: usize,
    /// Nothing new is shown.
    pub is_paused: bool,
}

impl Board {
    /// Before the first look.
    pub fn new(sort: Sort) -> Self {
        let page = if sort == Sort::Supervision { Page::Supervision } else { Page::Processes };
        Self { frame: Frame::default(), before: None, page, sort, scrolled: 0, is_paused: false }
    }

    /// Takes in a look.
    pub fn see(&mut self, frame: Frame) {
        if !self.is_paused {
            self.before = Some(std::mem::replace(&mut self.frame, frame));
        }
    }

    /// The order that is wanted of the next look.
    pub fn sort(&self) -> Sort {
        if self.page == Page::Supervision { Sort::Supervision } else { self.sort }
    }

    /// How much a counter grew in a second between the last two looks; at first since the start.
    pub fn rate(&self, counter: impl Fn(&Frame) -> u64) -> u64 {
        let (now, before) = (&self.frame, self.before.as_ref());
        let grown = counter(now).saturating_sub(before.map_or(0, &counter));
        let time = now.time_ns.saturating_sub(before.map_or(0, |before| before.time_ns));
        let rate = u128::from(grown) * 1_000_000_000 / u128::from(time.max(1));
        u64::try_from(rate).unwrap_or(u64::MAX)
    }

    /// The part of the time between the last two looks for which a scheduler was awake.
    pub fn busy(&self, id: usize) -> f64 {
        let asleep = |frame: &Frame| frame.schedulers.get(id).map_or(0, |scheduler| scheduler.asleep_ns);
        (1.0 - self.rate(asleep) as f64 / 1e9).clamp(0.0, 1.0)
    }

    /// A key was pressed.
    pub fn press(&mut self, key: KeyEvent) -> Then {
        match key.code {
            KeyCode::Char('q') | KeyCode::Esc => Then::Quit,
            KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Then::Quit,
            KeyCode::Char('r') => self.sort_by(Sort::Reductions),
            KeyCode::Char('m') => self.sort_by(Sort::Mailbox),
            KeyCode::Char('b') => self.sort_by(Sort::Bytes),
            KeyCode::Char('p') => self.sort_by(Sort::Pid),
            KeyCode::Char('t') => self.turn_to(Page::Supervision),
            KeyCode::Char('s') => self.turn_to(Page::Schedulers),
            KeyCode::Char(' ') => {
                self.is_paused = !self.is_paused;
                Then::Draw
            }
            KeyCode::Down | KeyCode::Char('j') => self.scroll(1),
            KeyCode::Up | KeyCode::Char('k') => self.scroll(-1),
            KeyCode::PageDown => self.scroll(20),
            KeyCode::PageUp => self.scroll(-20),
            KeyCode::Home => self.scroll(isize::MIN),
            _ => Then::Draw,
        }
    }

    fn sort_by(&mut self, sort: Sort) -> Then {
        self.sort = sort;
        self.turn_to(Page::Processes)
    }

    fn turn_to(&mut self, page: Page) -> Then {
        self.page = page;
        self.scrolled = 0;
        Then::Look
    }

    fn scroll(&mut self, lines: isize) -> Then {
        let last = self.frame.processes.len().saturating_sub(1);
        self.scrolled = self.scrolled.saturating_add_signed(lines).min(last);
        Then::Draw
    }
}
