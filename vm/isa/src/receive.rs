//! What a `.receive` block says: cases with patterns and guards, and what happens when no message comes.
//!
//! Here: the table as data, its limits, and its parts as text (`receive/text.rs`). Its bytes are in `codec/receive.rs`.
//! Never here: matching, which is the engine's.
//!
//! | pattern | matches |
//! |---|---|
//! | `_`, `X` | anything; `X` becomes a variable |
//! | `int X`, `int _` | a value of that type, see [`PatternKind`] |
//! | `^x` | what EQ finds equal to the variable `x` |
//! | `5` `1.5` `"a"` `true` `null` | what EQ finds equal to the literal |
//! | `[P, Q]`, `[P, Q \\| R]` | a list of exactly these elements; with `\\|` of at least these, `R` being the rest |
//! | `{"a": P}` | an object that has these fields; it may have others |
//! | `exit P R`, `down REF P R`, `signal "name"` | the objects that signals become |
//!
//! A name that stands twice in a pattern must match equal values (as EQ says). Variables become variables of the frame
//! only when the whole case matches, with its guard. A guard that fails with an error is false.

mod check;
mod text;

use std::sync::Arc;

pub(crate) use self::check::count_part;
pub use self::{
    check::ReceiveError,
    text::{is_plain_binding, is_plain_variable},
};
use crate::operand::{Float, Integer, Target, Text};

/// The table of a `RECEIVE_MATCH`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReceiveTable {
    /// The cases, in order: the first that matches a message counts.
    pub cases: Vec<ReceiveCase>,
    /// What happens when no message matches in time; without it the process waits for ever.
    pub after: Option<After>,
}

/// `case PATTERN when GUARD -> target`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReceiveCase {
    /// What the message must look like.
    pub pattern: Pattern,
    /// What must hold besides.
    pub guard: Option<Guard>,
    /// Where execution goes on.
    pub target: Target,
}

/// `after TIME -> target`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct After {
    /// How long to wait.
    pub time: AfterTime,
    /// Where execution goes on.
    pub target: Target,
}

/// How long a receive waits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AfterTime {
    /// This many milliseconds; 0 looks at the whole queue once.
    Milliseconds(u64),
    /// As the variable says: an int or float of milliseconds, not negative, or the str `infinity`.
    Variable(Text),
    /// For ever.
    Infinity,
}

/// What a message, or a part of it, must look like.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// `_`: anything.
    Any,
    /// `X`: anything, kept in a variable.
    Bind(Text),
    /// `int X`: a value of a type, kept in a variable if there is a name.
    Typed {
        /// The type.
        kind: PatternKind,
        /// The variable.
        name: Option<Text>,
    },
    /// `^x`: equal to a variable's value.
    Equal(Text),
    /// An int.
    Integer(Integer),
    /// A float.
    Float(Float),
    /// A str.
    Text(Text),
    /// A bool.
    Flag(bool),
    /// Null.
    Null,
    /// `[P, Q]` or `[P, Q | R]`: a list, or the beginning of one.
    List {
        /// The elements, in order.
        items: Vec<Pattern>,
        /// What becomes of further elements; without it there must be none.
        rest: Option<Rest>,
    },
    /// `{"a": P}`: an object with at least these fields, each name once.
    Object(Vec<(Text, Pattern)>),
    /// `exit P R`: `{"signal": "exit", "from": P, "reason": R}`.
    Exit {
        /// The process that ended.
        from: Box<Pattern>,
        /// Why.
        reason: Box<Pattern>,
    },
    /// `down REF P R`: `{"signal": "down", "ref": REF, "pid": P, "reason": R}`.
    Down {
        /// The monitor.
        reference: Box<Pattern>,
        /// The process that ended.
        pid: Box<Pattern>,
        /// Why.
        reason: Box<Pattern>,
    },
    /// `signal "name"`: `{"signal": "name"}`.
    Signal(Text),
}

/// What becomes of the elements of a list behind those that a pattern names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Rest {
    /// `| _`: nothing.
    Any,
    /// `| R`: they become a variable, a list.
    Bind(Text),
}

macro_rules! define_pattern_kinds {
    ($( $variant:ident $word:literal; )*) => {
        /// A type in a pattern.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum PatternKind {
            $( #[doc = concat!("`", $word, "`")] $variant, )*
        }

        impl PatternKind {
            /// Every kind, in the order of their numbers in the bytecode, which never change.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),* ];

            /// The word in the program text.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }
        }
    };
}

define_pattern_kinds! {
    Int "int";
    Float "float";
    Number "number";
    Str "str";
    Bool "bool";
    List "list";
    Object "object";
    Map "map";
    Bytes "bytes";
    Array "array";
    Pid "pid";
    Ref "ref";
    Function "function";
    Exception "exception";
}

/// What must hold for a case besides its pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Guard {
    /// `a and b and c`: at least two, tried in order until one is false.
    All(Vec<Guard>),
    /// `a or b or c`: at least two, tried in order until one is true.
    Either(Vec<Guard>),
    /// `not a`.
    Not(Box<Guard>),
    /// `a < b`.
    Compare {
        /// How they are compared.
        comparison: Comparison,
        /// The left side.
        left: GuardOperand,
        /// The right side.
        right: GuardOperand,
    },
    /// `x`: true unless it is int 0, false or null, as for JZ.
    Truth(Text),
}

/// A side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GuardOperand {
    /// A variable of the pattern, or else of the frame.
    Variable(Text),
    /// An int.
    Integer(Integer),
    /// A float.
    Float(Float),
    /// A str.
    Text(Text),
    /// A bool.
    Flag(bool),
    /// Null.
    Null,
}

/// How a guard compares: the first two like EQ and NE, the others like LT, LE, GT and GE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// Every comparison, in the order of their numbers in the bytecode, which never change.
    pub const ALL: &'static [Self] =
        &[Self::Equal, Self::Unequal, Self::Less, Self::LessOrEqual, Self::Greater, Self::GreaterOrEqual];

    /// The operator in the program text.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl ReceiveTable {
    /// The targets, those of the cases first.
    pub fn targets(&self) -> impl Iterator<Item = Target> + '_ {
        self.cases.iter().map(|case| case.target).chain(self.after.iter().map(|after| after.target))
    }

    /// The targets, to change them.
    pub fn targets_mut(&mut self) -> impl Iterator<Item = &mut Target> + '_ {
        let cases = self.cases.iter_mut().map(|case| &mut case.target);
        cases.chain(self.after.iter_mut().map(|after| &mut after.target))
    }

    /// The variables that a matching case sets, each once, in order of appearance.
    #[must_use]
    pub fn bound(&self) -> Vec<Text> {
        let mut names = Vec::new();
        self.cases.iter().for_each(|case| case.pattern.add_bound(&mut names));
        unique(names)
    }

    /// The variables of the frame that the table may read, each once, in order of appearance: those behind `^`, those
    /// of guards that the case's own pattern does not set, and that of `after`.
    #[must_use]
    pub fn read(&self) -> Vec<Text> {
        let mut names = Vec::new();
        for case in &self.cases {
            case.pattern.add_read(&mut names);
            let bound = case.bound();
            let mut in_guard = Vec::new();
            case.guard.iter().for_each(|guard| guard.add_read(&mut in_guard));
            names.extend(in_guard.into_iter().filter(|name| !bound.contains(name)));
        }
        if let Some(After { time: AfterTime::Variable(name), .. }) = &self.after {
            names.push(name.clone());
        }
        unique(names)
    }
}

impl ReceiveCase {
    /// The variables it sets, each once, in order of appearance.
    #[must_use]
    pub fn bound(&self) -> Vec<Text> {
        let mut names = Vec::new();
        self.pattern.add_bound(&mut names);
        unique(names)
    }
}

fn unique(names: Vec<Text>) -> Vec<Text> {
    let mut seen = std::collections::HashSet::new();
    names.into_iter().filter(|name| seen.insert(Arc::clone(name))).collect()
}

impl Pattern {
    /// The patterns directly within this one, in order.
    #[must_use]
    pub fn parts(&self) -> Vec<&Self> {
        match self {
            Self::List { items, .. } => items.iter().collect(),
            Self::Object(fields) => fields.iter().map(|(_, pattern)| pattern).collect(),
            Self::Exit { from, reason } => vec![from, reason],
            Self::Down { reference, pid, reason } => vec![reference, pid, reason],
            Self::Any
            | Self::Bind(_)
            | Self::Typed { .. }
            | Self::Equal(_)
            | Self::Integer(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Flag(_)
            | Self::Null
            | Self::Signal(_) => Vec::new(),
        }
    }

    /// The patterns directly within this one, to change them.
    #[must_use]
    pub fn parts_mut(&mut self) -> Vec<&mut Self> {
        match self {
            Self::List { items, .. } => items.iter_mut().collect(),
            Self::Object(fields) => fields.iter_mut().map(|(_, pattern)| pattern).collect(),
            Self::Exit { from, reason } => vec![from, reason],
            Self::Down { reference, pid, reason } => vec![reference, pid, reason],
            Self::Any
            | Self::Bind(_)
            | Self::Typed { .. }
            | Self::Equal(_)
            | Self::Integer(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Flag(_)
            | Self::Null
            | Self::Signal(_) => Vec::new(),
        }
    }

    fn add_bound(&self, names: &mut Vec<Text>) {
        if let Self::Bind(name) | Self::Typed { name: Some(name), .. } = self {
            names.push(name.clone());
        }
        self.parts().into_iter().for_each(|part| part.add_bound(names));
        if let Self::List { rest: Some(Rest::Bind(name)), .. } = self {
            names.push(name.clone());
        }
    }

    fn add_read(&self, names: &mut Vec<Text>) {
        if let Self::Equal(name) = self {
            names.push(name.clone());
        }
        self.parts().into_iter().for_each(|part| part.add_read(names));
    }
}

impl Guard {
    /// The guards directly within this one.
    #[must_use]
    pub fn parts(&self) -> &[Self] {
        match self {
            Self::All(parts) | Self::Either(parts) => parts,
            Self::Not(part) => std::slice::from_ref(part),
            Self::Compare { .. } | Self::Truth(_) => &[],
        }
    }

    fn add_read(&self, names: &mut Vec<Text>) {
        match self {
            Self::Compare { left, right, .. } => {
                for operand in [left, right] {
                    if let GuardOperand::Variable(name) = operand {
                        names.push(name.clone());
                    }
                }
            }
            Self::Truth(name) => names.push(name.clone()),
            Self::All(_) | Self::Either(_) | Self::Not(_) => self.parts().iter().for_each(|part| part.add_read(names)),
        }
    }
}
