//! The parts of a receive table as the program text writes them.

use std::fmt::{self, Display, Formatter, Write};

use super::{After, AfterTime, Guard, GuardOperand, Pattern, PatternKind, ReceiveCase, ReceiveTable, Rest};

/// Words that are no names of variables in a `.receive` block; where patterns bind, those of [`PatternKind`] are none either.
const KEYWORDS: &[&str] = &[
    "_", "true", "false", "null", "inf", "NaN", "infinity", "exit", "down", "signal", "case", "after", "when", "and",
    "or", "not",
];

/// Whether the name of a variable can be bound by a pattern as it is; others are written `$"..."`.
#[must_use]
pub fn is_plain_binding(name: &str) -> bool {
    is_plain_variable(name) && !PatternKind::ALL.iter().any(|kind| kind.word() == name)
}

/// Whether the name of a variable can stand as it is where a block reads it, behind `^`, in guards and behind `after`;
/// others are written `$"..."`.
#[must_use]
pub fn is_plain_variable(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|character| character.is_alphanumeric() || character == '_')
        && !KEYWORDS.contains(&name)
}

/// Writes the name of a variable that a pattern binds.
struct Bound<'a>(&'a str);

impl Display for Bound<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if is_plain_binding(self.0) { f.write_str(self.0) } else { write!(f, "${}", Quoted(self.0)) }
    }
}

/// Writes the name of a variable that is read.
struct Name<'a>(&'a str);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if is_plain_variable(self.0) { f.write_str(self.0) } else { write!(f, "${}", Quoted(self.0)) }
    }
}

/// Writes a string in quotes, with the escapes of string literals.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '\n' => f.write_str("\\n")?,
                '\t' => f.write_str("\\t")?,
                '\r' => f.write_str("\\r")?,
                '\0' => f.write_str("\\0")?,
                '\\' => f.write_str("\\\\")?,
                '"' => f.write_str("\\\"")?,
                control if control.is_control() => write!(f, "\\u{{{:X}}}", u32::from(control))?,
                other => f.write_char(other)?,
            }
        }
        f.write_char('"')
    }
}

impl Display for Pattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_char('_'),
            Self::Bind(name) => Bound(name).fmt(f),
            Self::Typed { kind, name: Some(name) } => write!(f, "{} {}", kind.word(), Bound(name)),
            Self::Typed { kind, name: None } => write!(f, "{} _", kind.word()),
            Self::Equal(name) => write!(f, "^{}", Name(name)),
            Self::Integer(value) => value.fmt(f),
            Self::Float(value) => write!(f, "{:?}", value.get()),
            Self::Text(value) => Quoted(value).fmt(f),
            Self::Flag(value) => value.fmt(f),
            Self::Null => f.write_str("null"),
            Self::List { items, rest } => {
                f.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
                }
                match rest {
                    None => {}
                    Some(rest) => {
                        f.write_str(if items.is_empty() { "| " } else { " | " })?;
                        match rest {
                            Rest::Any => f.write_char('_')?,
                            Rest::Bind(name) => Bound(name).fmt(f)?,
                        }
                    }
                }
                f.write_char(']')
            }
            Self::Object(fields) => {
                f.write_char('{')?;
                for (index, (name, pattern)) in fields.iter().enumerate() {
                    write!(f, "{}{}: {pattern}", if index == 0 { "" } else { ", " }, Quoted(name))?;
                }
                f.write_char('}')
            }
            Self::Exit { from, reason } => write!(f, "exit {from} {reason}"),
            Self::Down { reference, pid, reason } => write!(f, "down {reference} {pid} {reason}"),
            Self::Signal(name) => write!(f, "signal {}", Quoted(name)),
        }
    }
}

impl Display for Guard {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) | Self::Either(parts) => {
                let word = if matches!(self, Self::All(_)) { " and " } else { " or " };
                for (index, part) in parts.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { word })?;
                    // `and` binds tighter than `or`; one within its like keeps its brackets to stay apart.
                    let is_loose = match part {
                        Self::Either(_) => true,
                        Self::All(_) => matches!(self, Self::All(_)),
                        Self::Not(_) | Self::Compare { .. } | Self::Truth(_) => false,
                    };
                    if is_loose { write!(f, "({part})")? } else { part.fmt(f)? }
                }
                Ok(())
            }
            Self::Not(part) => match **part {
                Self::All(_) | Self::Either(_) => write!(f, "not ({part})"),
                Self::Not(_) | Self::Compare { .. } | Self::Truth(_) => write!(f, "not {part}"),
            },
            Self::Compare { comparison, left, right } => write!(f, "{left} {} {right}", comparison.symbol()),
            Self::Truth(name) => Name(name).fmt(f),
        }
    }
}

impl Display for GuardOperand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => Name(name).fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Float(value) => write!(f, "{:?}", value.get()),
            Self::Text(value) => Quoted(value).fmt(f),
            Self::Flag(value) => value.fmt(f),
            Self::Null => f.write_str("null"),
        }
    }
}

impl Display for AfterTime {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Milliseconds(milliseconds) => milliseconds.fmt(f),
            Self::Variable(name) => Name(name).fmt(f),
            Self::Infinity => f.write_str("infinity"),
        }
    }
}

/// Without the target: `case [A, B] when A < B`.
impl Display for ReceiveCase {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "case {}", self.pattern)?;
        match &self.guard {
            Some(guard) => write!(f, " when {guard}"),
            None => Ok(()),
        }
    }
}

/// Without the target: `after 1000`.
impl Display for After {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "after {}", self.time)
    }
}

/// On one line, with instruction numbers as targets, for traces.
impl Display for ReceiveTable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, case) in self.cases.iter().enumerate() {
            write!(f, "{}{case} -> {}", if index == 0 { "" } else { "; " }, case.target)?;
        }
        match &self.after {
            Some(after) => {
                write!(f, "{}{after} -> {}", if self.cases.is_empty() { "" } else { "; " }, after.target)
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::Comparison;

    #[test]
    fn brackets_stand_where_leaving_them_out_would_change_the_guard() {
        let truth = |name: &str| Guard::Truth(name.into());
        let all = Guard::All(vec![truth("a"), Guard::Either(vec![truth("b"), truth("c")])]);
        assert_eq!(all.to_string(), "a and (b or c)");
        let either = Guard::Either(vec![truth("a"), Guard::All(vec![truth("b"), truth("c")])]);
        assert_eq!(either.to_string(), "a or b and c");
        let same = Guard::All(vec![Guard::All(vec![truth("a"), truth("b")]), truth("c")]);
        assert_eq!(same.to_string(), "(a and b) and c");
        let compare = Guard::Compare {
            comparison: Comparison::LessOrEqual,
            left: GuardOperand::Variable("when".into()),
            right: GuardOperand::Text("\"".into()),
        };
        assert_eq!(Guard::Not(Box::new(compare)).to_string(), r#"not $"when" <= "\"""#);
        assert_eq!(Guard::Not(Box::new(either)).to_string(), "not (a or b and c)");
    }

    #[test]
    fn a_table_is_shown_on_one_line() {
        let pattern = Pattern::List {
            items: vec![Pattern::Text("add".into()), Pattern::Typed { kind: PatternKind::Int, name: Some("A".into()) }],
            rest: Some(Rest::Any),
        };
        let case = ReceiveCase { pattern, guard: Some(Guard::Truth("A".into())), target: 4 };
        let after = Some(After { time: AfterTime::Milliseconds(10), target: 9 });
        let table = ReceiveTable { cases: vec![case], after };
        assert_eq!(table.to_string(), r#"case ["add", int A | _] when A -> 4; after 10 -> 9"#);
    }
}
