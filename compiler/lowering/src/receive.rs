//! Receive tables as the engine follows them: variables are slots, literals are constants, targets are register
//! instructions, and the shorthands for signals are objects.
//!
//! Not here: matching (the engine's), and where execution goes from a receive (`processes.rs`, `exact.rs`).

use std::collections::BTreeSet;

use ttvm_isa::{
    Text,
    receive::{AfterTime, Comparison, Guard, GuardOperand, Pattern, PatternKind, ReceiveCase, ReceiveTable, Rest},
};

use crate::{constants::Constants, module::Constant, variables::Variables};

/// A `RECEIVE_MATCH` of one function.
#[derive(Clone, Debug)]
pub struct Receive {
    /// The cases, in order.
    pub cases: Vec<Case>,
    /// What happens when no message matches in time.
    pub after: Option<(Time, Jump)>,
    /// Slots of variables whose values stand in every message that can match. If one holds a reference, messages
    /// from before it was made need not be looked at (rule P51).
    pub references: Vec<u16>,
}

/// A case of a receive.
#[derive(Clone, Debug)]
pub struct Case {
    /// What the message must look like.
    pub shape: Shape,
    /// What must hold besides.
    pub test: Option<Test>,
    /// The slots of the variables it sets: a binding's number is its index here.
    pub bound: Vec<u16>,
    /// Where execution goes on.
    pub jump: Jump,
}

/// Where execution goes on after a receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jump {
    /// The register instruction's index in the code that the receive lies in.
    pub target: u32,
    /// The target does not lie behind the receive: going there costs a reduction.
    pub goes_back: bool,
}

/// How long a receive waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// This many milliseconds.
    Milliseconds(u64),
    /// As the variable in this slot says.
    Slot(u16),
    /// For ever.
    Never,
}

/// What a value must look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Anything.
    Any,
    /// Anything, kept as binding; equal to what the binding holds already.
    Bind(u16),
    /// A value of a type, kept if there is a binding.
    Typed(PatternKind, Option<u16>),
    /// Equal to a variable.
    Equal(u16),
    /// Equal to a constant.
    Constant(u32),
    /// A list that begins with these elements.
    List {
        /// The elements.
        items: Vec<Shape>,
        /// There may be more.
        is_open: bool,
        /// The binding that keeps what is behind them, as a list.
        rest: Option<u16>,
    },
    /// An object with these fields; their names are constants.
    Object(Vec<(u32, Shape)>),
}

/// What must hold besides a shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// All of them, in order.
    All(Vec<Test>),
    /// One of them, in order.
    Either(Vec<Test>),
    /// Not this.
    Not(Box<Test>),
    /// A comparison.
    Compare(Comparison, Term, Term),
    /// The value is true.
    Truth(Term),
}

/// An operand of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// What the case bound.
    Binding(u16),
    /// A variable.
    Slot(u16),
    /// A constant.
    Constant(u32),
}

const SIGNAL: &str = "signal";

/// Every constant that [`lower_table`] looks up.
pub(crate) fn constants_of(table: &ReceiveTable) -> Vec<Constant> {
    let text = |text: &str| Constant::Text(Text::from(text));
    let mut found: Vec<Constant> = table.read().into_iter().map(Constant::Text).collect();
    let mut patterns: Vec<&Pattern> = table.cases.iter().map(|case| &case.pattern).collect();
    while let Some(pattern) = patterns.pop() {
        patterns.extend(pattern.parts());
        match pattern {
            Pattern::Object(fields) => found.extend(fields.iter().map(|(name, _)| Constant::Text(name.clone()))),
            Pattern::Exit { .. } => found.extend([SIGNAL, "exit", "from", "reason"].map(text)),
            Pattern::Down { .. } => found.extend([SIGNAL, "down", "ref", "pid", "reason"].map(text)),
            Pattern::Signal(name) => found.extend([text(SIGNAL), Constant::Text(name.clone())]),
            other => found.extend(literal(other)),
        }
    }
    let mut guards: Vec<&Guard> = table.cases.iter().filter_map(|case| case.guard.as_ref()).collect();
    while let Some(guard) = guards.pop() {
        guards.extend(guard.parts());
        if let Guard::Compare { left, right, .. } = guard {
            found.extend([left, right].into_iter().filter_map(operand_literal));
        }
    }
    found
}

fn literal(pattern: &Pattern) -> Option<Constant> {
    match pattern {
        Pattern::Integer(value) => Some(Constant::Integer(value.clone())),
        Pattern::Float(value) => Some(Constant::Float(*value)),
        Pattern::Text(value) => Some(Constant::Text(value.clone())),
        Pattern::Flag(value) => Some(Constant::Bool(*value)),
        Pattern::Null => Some(Constant::Null),
        Pattern::Any
        | Pattern::Bind(_)
        | Pattern::Typed { .. }
        | Pattern::Equal(_)
        | Pattern::List { .. }
        | Pattern::Object(_)
        | Pattern::Exit { .. }
        | Pattern::Down { .. }
        | Pattern::Signal(_) => None,
    }
}

fn operand_literal(operand: &GuardOperand) -> Option<Constant> {
    match operand {
        GuardOperand::Variable(_) => None,
        GuardOperand::Integer(value) => Some(Constant::Integer(value.clone())),
        GuardOperand::Float(value) => Some(Constant::Float(*value)),
        GuardOperand::Text(value) => Some(Constant::Text(value.clone())),
        GuardOperand::Flag(value) => Some(Constant::Bool(*value)),
        GuardOperand::Null => Some(Constant::Null),
    }
}

/// The variables that must exist when the receive begins: those behind `^`, and that of `after`.
pub(crate) fn needed(table: &ReceiveTable) -> Vec<Text> {
    let mut names = BTreeSet::new();
    table.cases.iter().for_each(|case| add_compared(&case.pattern, &mut names));
    if let Some(AfterTime::Variable(name)) = table.after.as_ref().map(|after| &after.time) {
        names.insert(name.clone());
    }
    table.read().into_iter().filter(|name| names.contains(name)).collect()
}

fn add_compared(pattern: &Pattern, names: &mut BTreeSet<Text>) {
    if let Pattern::Equal(name) = pattern {
        names.insert(name.clone());
    }
    for part in pattern.parts() {
        add_compared(part, names);
    }
}

/// Lowers the table of the instruction at `pc`. The caller sets the targets.
pub(crate) fn lower_table(table: &ReceiveTable, variables: &Variables, constants: &Constants, pc: u32) -> Receive {
    let jump = |target: u32| Jump { target: 0, goes_back: target <= pc };
    let lower_case = |case: &ReceiveCase| {
        let bound = case.bound();
        let lowering = CaseLowering { variables, constants, bound: &bound };
        Case {
            shape: lowering.shape(&case.pattern),
            test: case.guard.as_ref().map(|guard| lowering.test(guard)),
            bound: bound.iter().map(|name| variables.slot(name)).collect(),
            jump: jump(case.target),
        }
    };
    let after = table.after.as_ref().map(|after| {
        let time = match &after.time {
            AfterTime::Milliseconds(milliseconds) => Time::Milliseconds(*milliseconds),
            AfterTime::Variable(name) => Time::Slot(variables.slot(name)),
            AfterTime::Infinity => Time::Never,
        };
        (time, jump(after.target))
    });
    let references = common_references(table).iter().map(|name| variables.slot(name)).collect();
    Receive { cases: table.cases.iter().map(lower_case).collect(), after, references }
}

/// The variables that every case compares with.
fn common_references(table: &ReceiveTable) -> BTreeSet<Text> {
    let sets = table.cases.iter().map(|case| {
        let mut names = BTreeSet::new();
        add_compared(&case.pattern, &mut names);
        names
    });
    sets.reduce(|common, names| &common & &names).unwrap_or_default()
}

struct CaseLowering<'a> {
    variables: &'a Variables,
    constants: &'a Constants,
    bound: &'a [Text],
}

impl CaseLowering<'_> {
    fn binding(&self, name: &Text) -> Option<u16> {
        let index = self.bound.iter().position(|bound| bound == name)?;
        Some(u16::try_from(index).expect("V11: the variables of a function fit in SLOTS_MAX"))
    }

    fn bind(&self, name: &Text) -> u16 {
        self.binding(name).expect("a case lists every variable that its pattern binds")
    }

    fn shape(&self, pattern: &Pattern) -> Shape {
        match pattern {
            Pattern::Any => Shape::Any,
            Pattern::Bind(name) => Shape::Bind(self.bind(name)),
            Pattern::Typed { kind, name } => Shape::Typed(*kind, name.as_ref().map(|name| self.bind(name))),
            Pattern::Equal(name) => Shape::Equal(self.variables.slot(name)),
            Pattern::List { items, rest } => Shape::List {
                items: items.iter().map(|item| self.shape(item)).collect(),
                is_open: rest.is_some(),
                rest: match rest {
                    Some(Rest::Bind(name)) => Some(self.bind(name)),
                    Some(Rest::Any) | None => None,
                },
            },
            Pattern::Object(fields) => {
                let field = |(name, pattern): &(Text, Pattern)| (self.constants.text(name), self.shape(pattern));
                Shape::Object(fields.iter().map(field).collect())
            }
            Pattern::Exit { from, reason } => self.signal("exit", &[("from", from), ("reason", reason)]),
            Pattern::Down { reference, pid, reason } => {
                self.signal("down", &[("ref", reference), ("pid", pid), ("reason", reason)])
            }
            Pattern::Signal(name) => self.signal(name, &[]),
            Pattern::Integer(_) | Pattern::Float(_) | Pattern::Text(_) | Pattern::Flag(_) | Pattern::Null => {
                let constant = literal(pattern).expect("these patterns are literals");
                Shape::Constant(self.constants.index(&constant))
            }
        }
    }

    fn signal(&self, name: &str, fields: &[(&str, &Pattern)]) -> Shape {
        let text = |text: &str| self.constants.text(&Text::from(text));
        let first = (text(SIGNAL), Shape::Constant(text(name)));
        let rest = fields.iter().map(|(name, pattern)| (text(name), self.shape(pattern)));
        Shape::Object(std::iter::once(first).chain(rest).collect())
    }

    fn test(&self, guard: &Guard) -> Test {
        let all = |parts: &[Guard]| parts.iter().map(|part| self.test(part)).collect();
        match guard {
            Guard::All(parts) => Test::All(all(parts)),
            Guard::Either(parts) => Test::Either(all(parts)),
            Guard::Not(part) => Test::Not(Box::new(self.test(part))),
            Guard::Compare { comparison, left, right } => Test::Compare(*comparison, self.term(left), self.term(right)),
            Guard::Truth(name) => Test::Truth(self.variable(name)),
        }
    }

    fn variable(&self, name: &Text) -> Term {
        self.binding(name).map_or_else(|| Term::Slot(self.variables.slot(name)), Term::Binding)
    }

    fn term(&self, operand: &GuardOperand) -> Term {
        match operand {
            GuardOperand::Variable(name) => self.variable(name),
            literal => {
                let constant = operand_literal(literal).expect("operands are variables or literals");
                Term::Constant(self.constants.index(&constant))
            }
        }
    }
}
