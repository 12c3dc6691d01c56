//! The lines of `.receive`, `.supervisor` and `.computation` blocks, collected so that they can be laid out in columns.

use super::{INSTRUCTION_INDENT, Layout};
use crate::{
    columns::aligned,
    grammar::{BlockKind, BlockStatement, Item, Setting, Settings, joined},
    source::is_blank,
};

/// A block whose `.end` has not come yet.
#[derive(Debug)]
pub(super) struct BlockLayout {
    pub kind: BlockKind,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    /// Nothing for a comment on a line of its own, and for a blank line.
    cells: Vec<String>,
    comment: Option<String>,
}

impl Layout {
    pub(super) fn begin_block(&mut self, kind: BlockKind) {
        self.block = Some(BlockLayout { kind, rows: Vec::new() });
    }

    /// Adds a line of the block, which its `.end` lays out.
    pub(super) fn block_line(&mut self, statement: Option<&BlockStatement<'_>>, comment: Option<&str>) {
        let comment = comment.map(|comment| comment.trim_end_matches(is_blank).to_owned());
        let cells = match statement {
            Some(BlockStatement::Case(case)) => vec![joined(&case.head), format!("-> {}", case.target.raw)],
            Some(BlockStatement::After(after)) => vec![joined(&after.head), format!("-> {}", after.target.raw)],
            Some(BlockStatement::Child(child)) => settings_cells(child),
            Some(BlockStatement::Items(items)) => match items.as_slice() {
                [Item::Superstep(superstep)] => settings_cells(superstep),
                items => vec![items_text(items)],
            },
            Some(BlockStatement::Outside) | None => Vec::new(),
            Some(BlockStatement::End(word)) => {
                let indent = self.end_block();
                self.push_line(format!("{indent}{word}"), comment.as_deref());
                return;
            }
        };
        if let Some(block) = &mut self.block {
            block.rows.push(Row { cells, comment });
        }
    }

    /// Lays out what the block has had so far. Gives the indentation of its `.end`.
    pub(super) fn end_block(&mut self) -> &'static str {
        let Some(block) = self.block.take() else { return "" };
        let (outer, inner) = match block.kind {
            BlockKind::Receive => (INSTRUCTION_INDENT, "      "),
            BlockKind::Supervisor | BlockKind::Computation => ("", "  "),
        };
        let (cells, comments): (Vec<_>, Vec<_>) = block.rows.into_iter().map(|row| (row.cells, row.comment)).unzip();
        for (line, comment) in aligned(&cells).into_iter().zip(comments) {
            match (line.is_empty(), comment) {
                (true, None) => self.is_blank_due = true,
                (true, Some(comment)) => self.push_line(format!("{inner}{comment}"), None),
                (false, comment) => self.push_line(format!("{inner}{line}"), comment.as_deref()),
            }
        }
        outer
    }
}

/// The first word, the name and each setting.
pub(super) fn settings_cells(settings: &Settings<'_>) -> Vec<String> {
    let head = [settings.word.raw.to_owned(), settings.name.raw.to_owned()];
    head.into_iter().chain(settings.settings.iter().map(setting_text)).collect()
}

fn setting_text(setting: &Setting<'_>) -> String {
    format!("{}={}", setting.key.raw, joined(&setting.value))
}

/// What a line of a `.computation` block says, two blanks between its parts.
pub(super) fn items_text(items: &[Item<'_>]) -> String {
    let text = |item: &Item<'_>| match item {
        Item::Setting { setting, is_signed: true } => setting_text(setting),
        Item::Setting { setting, is_signed: false } => format!("{} {}", setting.key.raw, joined(&setting.value)),
        Item::Superstep(superstep) => settings_cells(superstep).join(" "),
        Item::Group { word, settings } => {
            let settings = settings.iter().map(setting_text);
            [word.raw.to_owned()].into_iter().chain(settings).collect::<Vec<_>>().join(" ")
        }
    };
    items.iter().map(text).collect::<Vec<_>>().join("  ")
}
