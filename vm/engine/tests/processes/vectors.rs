//! A kernel made of plain vectors, and programs written as lists of instructions.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use ttvm_bytecode::{Body, BodyKind, Label, Module, verify};
use ttvm_engine::{Kernel, LoadMode, LoadedModule, Outcome, Process, Reply, Request, Stream, Timeout, Waiting};
use ttvm_isa::{OpCode, Text};
use ttvm_value::{Ref, Value};

/// A line of a program. Targets within instructions are numbers of labels.
#[derive(Clone)]
pub enum Line {
    At(u32),
    Do(OpCode),
}

impl From<OpCode> for Line {
    fn from(op: OpCode) -> Self {
        Self::Do(op)
    }
}

/// A `.fn` between two labels.
#[derive(Clone)]
pub struct Function {
    pub name: &'static str,
    pub parameters: &'static [&'static str],
    pub from: u32,
    pub to: u32,
}

pub fn text(text: &str) -> Text {
    Text::from(text)
}

pub fn load(name: &str) -> Line {
    OpCode::Load { name: text(name) }.into()
}

pub fn store(name: &str) -> Line {
    OpCode::Store { name: text(name) }.into()
}

pub fn int(value: i64) -> Line {
    OpCode::PushInt { value: value.into() }.into()
}

pub fn str(value: &str) -> Line {
    OpCode::PushStr { value: text(value) }.into()
}

pub fn print() -> Line {
    OpCode::Print {}.into()
}

pub fn halt() -> Line {
    OpCode::Halt {}.into()
}

pub fn jump(target: u32) -> Line {
    OpCode::Jmp { target }.into()
}

/// Assembles and loads a program.
pub fn load_module(lines: &[Line], functions: &[Function], mode: LoadMode) -> Arc<LoadedModule> {
    let mut places = HashMap::new();
    let mut code = Vec::new();
    for line in lines {
        match line {
            Line::At(label) => {
                places.insert(*label, u32::try_from(code.len()).unwrap());
            }
            Line::Do(op) => code.push(op.clone()),
        }
    }
    code.iter_mut().for_each(|op| op.map_targets(|label| places[&label]));
    let body = |function: &Function| Body {
        kind: BodyKind::Function,
        name: text(function.name),
        parameters: function.parameters.iter().map(|name| text(name)).collect(),
        start: places[&function.from],
        end: places[&function.to],
    };
    let mut labels: Vec<Label> =
        places.iter().map(|(label, at)| Label { name: text(&format!("l{label}")), at: *at, body: None }).collect();
    labels.sort_by_key(|label| (label.at, label.name.clone()));
    let module = Module {
        source: text("test.ttvm"),
        lines: (1..=u32::try_from(code.len()).unwrap()).collect(),
        code,
        bodies: functions.iter().map(body).collect(),
        labels,
        ..Module::default()
    };
    let verified = verify(module).unwrap_or_else(|errors| panic!("{errors:?}"));
    LoadedModule::load(verified, HashMap::new(), 0, mode).unwrap()
}

/// Plain vectors in place of a mailbox and other processes.
#[derive(Default)]
pub struct Vectors {
    pub queue: Vec<Value>,
    /// Messages that come while the process waits, one after the other; null stands for the end of its time.
    pub later: VecDeque<Value>,
    /// What instructions are replied with; afterwards nothing.
    pub replies: VecDeque<Reply>,
    pub answers: VecDeque<Result<Value, ttvm_isa::Fault>>,
    /// Functions that answer, with their arguments, before `answers` do.
    pub calls: VecDeque<(Value, Vec<Value>)>,
    /// Waiting instructions are answered that their time is over.
    pub is_late: bool,
    /// What happened.
    pub log: Vec<String>,
    /// The references given to the searches.
    pub references: Vec<Option<Ref>>,
    /// Messages shown.
    pub shown: usize,
    pub position: usize,
    pub is_over: bool,
}

impl Kernel for Vectors {
    fn write(&mut self, _: Stream, text: &str) {
        self.log.push(text.trim_end().to_owned());
    }

    fn process(&mut self, request: &mut Request<'_>) -> Reply {
        let place = (request.place)();
        self.log.push(format!("{} {:?} at {place}", request.operation.mnemonic(), request.arguments));
        self.replies.pop_front().unwrap_or(Reply::Nothing)
    }

    fn message(&mut self, reference: Option<Ref>) -> Option<&Value> {
        self.references.push(reference);
        self.shown += usize::from(self.position < self.queue.len());
        self.queue.get(self.position)
    }

    fn skip_message(&mut self) {
        self.position += 1;
    }

    fn take_message(&mut self) -> Value {
        self.queue.remove(std::mem::take(&mut self.position))
    }

    fn abandon_receive(&mut self) {
        self.position = 0;
    }

    fn wait(&mut self, timeout: Timeout) -> Waiting {
        if std::mem::take(&mut self.is_over) || timeout == Timeout::After(0) {
            self.position = 0;
            return Waiting::TimedOut;
        }
        self.log.push(format!("wait {timeout:?}"));
        Waiting::Wait
    }
}

/// Runs a process to its end, noting how its turns end.
pub fn drive(process: &mut Process, kernel: &mut Vectors, budget: u32) {
    for _ in 0..100_000 {
        let mut outcome = Some(process.run(budget, kernel));
        while let Some(ended) = outcome.take() {
            match ended {
                Outcome::OutOfReductions => {}
                Outcome::Receive => match kernel.later.pop_front() {
                    Some(Value::Null) => kernel.is_over = true,
                    Some(message) => kernel.queue.push(message),
                    None => return kernel.log.push("waits for ever".to_owned()),
                },
                Outcome::Answer => {
                    kernel.log.push(format!("answer in {:?}", process.place()));
                    if let Some((function, arguments)) = kernel.calls.pop_front() {
                        // SAFETY: every test keeps its module until its processes have ended.
                        outcome = unsafe { process.call_waiting(&function, arguments.into_iter()) };
                    } else if kernel.is_late {
                        process.answer_branch();
                    } else {
                        let answer = kernel.answers.pop_front().unwrap_or(Ok(Value::Null));
                        outcome = process.answer(answer);
                    }
                }
                Outcome::Yield => kernel.log.push("yield".to_owned()),
                Outcome::Done(value) => return kernel.log.push(format!("done {value:?}")),
                Outcome::Ended(reason) => return kernel.log.push(format!("ended {reason:?}")),
                Outcome::Crashed(crash) => {
                    return kernel.log.push(format!("crashed {}", crash.exception.message().as_str()));
                }
                other => panic!("{other:?}"),
            }
        }
    }
    panic!("it does not end");
}

/// Runs a program in both modes, with long and with short turns, and gives what happened, which must be the same.
pub fn run(lines: &[Line], kernel: impl Fn() -> Vectors) -> Vectors {
    run_with(lines, &[], kernel)
}

/// The same with functions.
pub fn run_with(lines: &[Line], functions: &[Function], kernel: impl Fn() -> Vectors) -> Vectors {
    let mut first: Option<(Vectors, u64)> = None;
    for mode in [LoadMode::Ordinary, LoadMode::Exact] {
        let module = load_module(lines, functions, mode);
        for budget in [4000, 1] {
            let mut kernel = kernel();
            let mut process = Process::main(&module);
            drive(&mut process, &mut kernel, budget);
            let reductions = process.reductions_spent();
            match &first {
                Some((first, spent)) => {
                    assert_eq!(kernel.log, first.log, "{mode:?} with turns of {budget}");
                    assert_eq!(
                        format!("{:?}", kernel.queue),
                        format!("{:?}", first.queue),
                        "{mode:?} with turns of {budget}"
                    );
                    // Messages are free at the beginning of every turn.
                    assert!(budget == 1 || reductions == *spent, "{mode:?}: {reductions} reductions, not {spent}");
                }
                None => first = Some((kernel, reductions)),
            }
        }
    }
    first.unwrap().0
}
