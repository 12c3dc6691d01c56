//! The lines of a `.supervisor` block.

use ttvm_bytecode::{
    SupervisorSpec,
    supervisor::{AutoShutdown, ChildSpec, Literal, Shutdown, Start},
};
use ttvm_isa::spelling::push_quoted;

use crate::columns::aligned;

/// All lines of the block, its `.end` included.
pub(super) fn lines(supervisor: &SupervisorSpec) -> Vec<String> {
    let mut first = format!(
        ".supervisor {} strategy={} intensity={} period={}",
        name(&supervisor.name),
        supervisor.strategy.word(),
        supervisor.intensity,
        duration(supervisor.period_ms)
    );
    if supervisor.auto_shutdown != AutoShutdown::Never {
        first.push_str(" auto_shutdown=");
        first.push_str(supervisor.auto_shutdown.word());
    }
    let children: Vec<Vec<String>> = supervisor.children.iter().map(child).collect();
    let children = aligned(&children).into_iter().map(|line| format!("  {line}"));
    [first].into_iter().chain(children).chain([".end".to_owned()]).collect()
}

fn child(child: &ChildSpec) -> Vec<String> {
    let mut cells = vec!["child".to_owned(), name(&child.id)];
    match &child.start {
        Start::Function { name: function, arguments } => {
            cells.push(format!("start={}", name(function)));
            if !arguments.is_empty() {
                let arguments: Vec<String> = arguments.iter().map(literal).collect();
                cells.push(format!("args=[{}]", arguments.join(", ")));
            }
        }
        Start::Supervisor(supervisor) => cells.push(format!("supervisor={}", name(supervisor))),
    }
    cells.push(format!("restart={}", child.restart.word()));
    cells.push(match child.shutdown {
        Shutdown::After(milliseconds) => format!("shutdown={}", duration(milliseconds)),
        Shutdown::BrutalKill => "shutdown=brutal_kill".to_owned(),
        Shutdown::Infinity => "shutdown=infinity".to_owned(),
    });
    if child.significant {
        cells.push("significant=true".to_owned());
    }
    if let Some(backoff) = child.backoff {
        cells.push(format!("backoff={}..{}", duration(backoff.first_ms), duration(backoff.last_ms)));
    }
    cells
}

/// A name: as it is if it is one word of the block, else in quotes.
pub(super) fn name(name: &str) -> String {
    let mut characters = name.chars();
    let is_word = characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|character| character.is_alphanumeric() || character == '_');
    if is_word {
        return name.to_owned();
    }
    let mut text = String::new();
    push_quoted(&mut text, name);
    text
}

fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Integer(integer) => integer.to_string(),
        Literal::Float(float) => format!("{:?}", float.get()),
        Literal::Text(text) => {
            let mut quoted = String::new();
            push_quoted(&mut quoted, text);
            quoted
        }
        Literal::Flag(flag) => flag.to_string(),
        Literal::Null => "null".to_owned(),
    }
}

/// In the largest unit up to minutes that says it exactly.
pub(super) fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0 => "0s".to_owned(),
        minutes if minutes.is_multiple_of(60_000) => format!("{}m", minutes / 60_000),
        seconds if seconds.is_multiple_of(1_000) => format!("{}s", seconds / 1_000),
        milliseconds => format!("{milliseconds}ms"),
    }
}
