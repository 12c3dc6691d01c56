//! The board drawn on a terminal: a head, a page, and the keys.

use ratatui::{
    Frame as Canvas,
    layout::{Constraint, Layout, Rect},
    style::{Modifier, Style},
    text::Line,
    widgets::{Block, Cell, Gauge, Paragraph, Row, Table},
};

use super::{
    board::{Board, Page},
    figures, text,
    tree::tree,
};

const KEYS: &str = "q quit  sort by: r reductions m mailbox b bytes p pid  t tree  s schedulers";

/// Draws the board.
pub fn draw(canvas: &mut Canvas<'_>, board: &Board) {
    let parts = [Constraint::Length(3), Constraint::Min(1), Constraint::Length(1)];
    let [head, page, keys] = Layout::vertical(parts).areas(canvas.area());
    canvas.render_widget(Paragraph::new(head_lines(board)), head);
    match board.page {
        Page::Processes => draw_processes(canvas, board, page),
        Page::Supervision => draw_supervision(canvas, board, page),
        Page::Schedulers => draw_schedulers(canvas, board, page),
    }
    canvas.render_widget(Paragraph::new(KEYS).style(Style::new().add_modifier(Modifier::DIM)), keys);
}

fn head_lines(board: &Board) -> Vec<Line<'static>> {
    let frame = &board.frame;
    let paused = if board.is_paused { "  PAUSED" } else { "" };
    let busy: f64 = (0..frame.schedulers.len()).map(|id| board.busy(id)).sum();
    let memory = frame.resident_bytes.map_or("?".to_owned(), figures::bytes);
    vec![
        Line::from(format!(
            "{}  pid {}  up {}{paused}",
            text::plain(&frame.program),
            frame.os_pid,
            figures::duration(frame.time_ns)
        ))
        .style(Style::new().add_modifier(Modifier::BOLD)),
        Line::from(format!(
            "processes {} ({} unseen)  memory {memory}  busy {busy:.1} of {} schedulers",
            frame.alive,
            frame.unseen,
            frame.schedulers.len()
        )),
        Line::from(format!(
            "per second: {} reductions  {} messages  {} spawned  {} ended",
            figures::count(board.rate(|frame| frame.counters.reductions)),
            figures::count(board.rate(|frame| frame.counters.sent)),
            figures::count(board.rate(|frame| frame.counters.spawned)),
            figures::count(board.rate(|frame| frame.counters.ended)),
        )),
    ]
}

fn draw_processes(canvas: &mut Canvas<'_>, board: &Board, area: Rect) {
    let title = format!(" processes by {} ", board.sort().word());
    let header = Row::new(["process", "name", "state", "reductions", "mailbox", "bytes", "where"])
        .style(Style::new().add_modifier(Modifier::BOLD));
    let rows = board.frame.processes.iter().skip(board.scrolled).take(usize::from(area.height)).map(|process| {
        Row::new([
            Cell::from(process.pid.to_string()),
            Cell::from(text::name(process)),
            Cell::from(text::plain(&process.state)),
            Cell::from(figures::count(process.reductions)),
            Cell::from(figures::count(process.mailbox)),
            Cell::from(figures::bytes(process.bytes)),
            Cell::from(text::place(process)),
        ])
    });
    let widths = [
        Constraint::Length(9),
        Constraint::Max(20),
        Constraint::Length(8),
        Constraint::Length(10),
        Constraint::Length(8),
        Constraint::Length(8),
        Constraint::Fill(1),
    ];
    canvas.render_widget(Table::new(rows, widths).header(header).block(Block::bordered().title(title)), area);
}

fn draw_supervision(canvas: &mut Canvas<'_>, board: &Board, area: Rect) {
    let branches = tree(&board.frame.processes, false);
    let lines: Vec<Line<'_>> = branches
        .iter()
        .skip(board.scrolled)
        .take(usize::from(area.height))
        .map(|branch| Line::from(format!("{}{}", "  ".repeat(branch.depth), text::title(branch.process))))
        .collect();
    let lines = if lines.is_empty() { vec![Line::from("no supervisors")] } else { lines };
    canvas.render_widget(Paragraph::new(lines).block(Block::bordered().title(" supervision ")), area);
}

fn draw_schedulers(canvas: &mut Canvas<'_>, board: &Board, area: Rect) {
    let block = Block::bordered().title(" schedulers ");
    let inside = block.inner(area);
    canvas.render_widget(block, area);
    let schedulers = board.frame.schedulers.iter().enumerate().skip(board.scrolled);
    for ((id, scheduler), row) in schedulers.zip(inside.rows()) {
        let label = format!(
            "{id}: {:.0} % busy, {} turns, {} stolen",
            100.0 * board.busy(id),
            figures::count(scheduler.turns),
            figures::count(scheduler.stolen)
        );
        canvas.render_widget(Gauge::default().ratio(board.busy(id)).label(label), row);
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use ratatui::{
        Terminal,
        backend::TestBackend,
        crossterm::event::{KeyCode, KeyEvent, KeyModifiers},
    };

    use super::{super::board::Then, *};
    use crate::live::{Counters, Frame, ProcessLine, SchedulerLine, Sort};

    fn frame(seconds: u64) -> Frame {
        let process = |pid: u64, name: Option<&str>, supervisor, is_supervisor| ProcessLine {
            pid,
            name: name.map(str::to_owned),
            state: "waiting".to_owned(),
            reductions: 1_000_000 / pid,
            mailbox: pid,
            bytes: 400,
            function: "serve".to_owned(),
            place: "shop.ttvm:7".to_owned(),
            supervisor,
            is_supervisor,
            ..ProcessLine::default()
        };
        let asleep_ns = seconds * 250_000_000;
        Frame {
            program: "shop\u{1b}.ttvm".to_owned(),
            os_pid: 4_711,
            time_ns: seconds * 1_000_000_000,
            alive: 4,
            unseen: 1,
            processes: vec![
                process(2, Some("shop"), None, true),
                process(3, Some("cashier"), Some(2), false),
                process(4, None, Some(2), false),
            ],
            schedulers: vec![SchedulerLine { asleep_ns, turns: 12_345, ..SchedulerLine::default() }; 2],
            counters: Counters { reductions: seconds * 2_000_000, sent: seconds * 10, ..Counters::default() },
            resident_bytes: Some(5 << 20),
            ..Frame::default()
        }
    }

    fn check(board: &Board, expected: Expect) {
        let mut terminal = Terminal::new(TestBackend::new(84, 10)).expect("a screen in memory");
        terminal.draw(|canvas| draw(canvas, board)).expect("it can be drawn on");
        expected.assert_eq(&terminal.backend().to_string());
    }

    fn board() -> Board {
        let mut board = Board::new(Sort::Reductions);
        board.see(frame(10));
        board.see(frame(11));
        board
    }

    fn press(board: &mut Board, key: char) -> Then {
        board.press(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE))
    }

    #[test]
    fn the_table_shows_processes_and_rates_between_two_looks() {
        check(
            &board(),
            expect![[r#"
                "shop?.ttvm  pid 4711  up 0:00:11                                                    "
                "processes 4 (1 unseen)  memory 5.0M  busy 1.5 of 2 schedulers                       "
                "per second: 2.0M reductions  10 messages  0 spawned  0 ended                        "
                "┌ processes by reductions ─────────────────────────────────────────────────────────┐"
                "│process   name                 state    reductions mailbox  bytes    where        │"
                "│2         shop                 waiting  500k       2        400B     serve (shop.t│"
                "│3         cashier              waiting  333k       3        400B     serve (shop.t│"
                "│4         -                    waiting  250k       4        400B     serve (shop.t│"
                "└──────────────────────────────────────────────────────────────────────────────────┘"
                "q quit  sort by: r reductions m mailbox b bytes p pid  t tree  s schedulers         "
            "#]],
        );
    }

    #[test]
    fn the_tree_shows_children_below_their_supervisor() {
        let mut board = board();
        assert_eq!(press(&mut board, 't'), Then::Look);
        assert_eq!(board.sort(), Sort::Supervision);
        check(
            &board,
            expect![[r#"
                "shop?.ttvm  pid 4711  up 0:00:11                                                    "
                "processes 4 (1 unseen)  memory 5.0M  busy 1.5 of 2 schedulers                       "
                "per second: 2.0M reductions  10 messages  0 spawned  0 ended                        "
                "┌ supervision ─────────────────────────────────────────────────────────────────────┐"
                "│2 supervisor shop: serve (shop.ttvm:7)                                            │"
                "│  3 worker cashier: serve (shop.ttvm:7)                                           │"
                "│  4 worker: serve (shop.ttvm:7)                                                   │"
                "│                                                                                  │"
                "└──────────────────────────────────────────────────────────────────────────────────┘"
                "q quit  sort by: r reductions m mailbox b bytes p pid  t tree  s schedulers         "
            "#]],
        );
    }

    #[test]
    fn schedulers_are_shown_with_how_busy_they_were() {
        let mut board = board();
        press(&mut board, 's');
        check(
            &board,
            expect![[r#"
                "shop?.ttvm  pid 4711  up 0:00:11                                                    "
                "processes 4 (1 unseen)  memory 5.0M  busy 1.5 of 2 schedulers                       "
                "per second: 2.0M reductions  10 messages  0 spawned  0 ended                        "
                "┌ schedulers ──────────────────────────────────────────────────────────────────────┐"
                "│████████████████████████0: 75 % busy, 12k turns, 0 stolen ████                    │"
                "│████████████████████████1: 75 % busy, 12k turns, 0 stolen ████                    │"
                "│                                                                                  │"
                "│                                                                                  │"
                "└──────────────────────────────────────────────────────────────────────────────────┘"
                "q quit  sort by: r reductions m mailbox b bytes p pid  t tree  s schedulers         "
            "#]],
        );
    }

    #[test]
    fn keys_sort_scroll_pause_and_quit() {
        let mut board = board();
        press(&mut board, 'm');
        assert_eq!((board.page, board.sort()), (Page::Processes, Sort::Mailbox));
        for _ in 0..5 {
            press(&mut board, 'j');
        }
        assert_eq!(board.scrolled, 2, "the last process stays on the screen");
        press(&mut board, 'k');
        assert_eq!(board.scrolled, 1);
        press(&mut board, ' ');
        board.see(frame(20));
        assert_eq!(board.frame, frame(11), "nothing new is shown while it pauses");
        assert_eq!(press(&mut board, 'q'), Then::Quit);
    }

    #[test]
    fn a_screen_of_one_cell_is_drawn_on_too() {
        let mut terminal = Terminal::new(TestBackend::new(1, 1)).expect("a screen in memory");
        for key in ['r', 't', 's'] {
            let mut board = board();
            press(&mut board, key);
            terminal.draw(|canvas| draw(canvas, &board)).expect("it can be drawn on");
        }
    }
}
