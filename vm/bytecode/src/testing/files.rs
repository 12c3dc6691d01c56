//! Bytecode files made by hand: samples to damage, and files from sections of any content.

use std::sync::Arc;

use num_bigint::BigInt;
use ttvm_isa::{
    Float, FoldOperation, Integer, OpCode, Text,
    receive::{
        After, AfterTime, Comparison, Guard, GuardOperand, Pattern, PatternKind, ReceiveCase, ReceiveTable, Rest,
    },
};

use crate::{
    Body, BodyKind, Import, Label, Module, checksum,
    computation::{Combiner, ComputationSpec, Compute, Convergence, SuperstepSpec},
    format::{MAGIC, SECTIONS, VERSION},
    supervisor::{AutoShutdown, Backoff, ChildSpec, Literal, Restart, Shutdown, Start, Strategy, SupervisorSpec},
};

/// The metadata of a module without a name, bodies, labels, exports and imports.
pub const EMPTY_METADATA: &[u8] = &[0; 5];

/// Where the content of the first section begins: behind magic, version, flags, kind and length.
pub const CONTENT_OFFSET: u64 = 8 + 2 + 4 + 1 + 4;

/// Bytes between the contents of two sections: kind and length.
pub const FRAME_BYTES: u64 = 1 + 4;

/// A file whose frame is right, with any content in its four sections.
///
/// # Panics
/// When a content has 4 GiB or more.
#[must_use]
pub fn file(contents: [&[u8]; 4]) -> Vec<u8> {
    file_with(0, contents)
}

/// The same with feature flags.
///
/// # Panics
/// When a content has 4 GiB or more.
#[must_use]
pub fn file_with(features: u32, contents: [&[u8]; 4]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&features.to_le_bytes());
    for ((kind, _), content) in SECTIONS.into_iter().zip(contents) {
        let length = u32::try_from(content.len()).expect("tests make small sections");
        bytes.push(kind);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(content);
    }
    bytes.extend_from_slice(&[0; checksum::CHECKSUM_BYTES]);
    checksum::seal(&mut bytes);
    bytes
}

/// The module of the worked example in `docs/reference/bytecode.md`.
#[must_use]
pub fn worked_example() -> Module {
    let text = Text::from;
    Module {
        source: text("twice.ttvm"),
        code: vec![
            OpCode::Load { name: text("n") },
            OpCode::PushInt { value: Integer::Small(2) },
            OpCode::Mul {},
            OpCode::Ret {},
            OpCode::PushInt { value: Integer::Small(21) },
            OpCode::Call { target: 0, parameters: Arc::new([text("n")]) },
            OpCode::Print {},
            OpCode::Halt {},
        ],
        lines: vec![2, 3, 4, 5, 8, 9, 10, 11],
        bodies: vec![Body {
            kind: BodyKind::Function,
            name: text("twice"),
            parameters: Arc::new([text("n")]),
            start: 0,
            end: 4,
        }],
        labels: vec![Label { name: text("main"), at: 4, body: None }],
        exports: vec![text("twice")],
        imports: vec![],
        supervisors: vec![],
        computations: vec![],
    }
}

/// Small modules that together use every kind of constant and record.
#[must_use]
pub fn samples() -> Vec<Module> {
    let text = Text::from;
    let big = Integer::from(BigInt::from(u64::MAX) * -3);
    let constants = Module {
        code: vec![
            OpCode::PushInt { value: big },
            OpCode::PushInt { value: Integer::from(BigInt::from(i64::MAX) + 1) },
            OpCode::PushInt { value: Integer::Small(i64::MIN) },
            OpCode::PushFloat { value: Float::new(-0.0) },
            OpCode::PushFloat { value: Float::new(f64::NAN) },
            OpCode::PushStr { value: text("größe \u{1F600}\n") },
            OpCode::PushStr { value: text("") },
            OpCode::PushBool { value: true },
            OpCode::MakeList { count: 300 },
            OpCode::ArrayF64 { count: None },
            OpCode::ArrayI64 { count: Some(0) },
        ],
        lines: vec![0, u32::MAX, 7, 7, 7, 1, 0, 0, 1000, 1 << 31, 1],
        ..Module::default()
    };
    let body = |kind, name, start, end| Body { kind, name: text(name), parameters: Arc::new([]), start, end };
    let metadata = Module {
        source: text("dir/file.ttvm"),
        code: vec![OpCode::Null {}; 4],
        lines: vec![1; 4],
        bodies: vec![
            body(BodyKind::Function, "f", 0, 0),
            body(BodyKind::Test, "it works", 0, 2),
            body(BodyKind::Function, "g", 3, 4),
        ],
        labels: vec![
            Label { name: text("start"), at: 0, body: Some(1) },
            Label { name: text("two words"), at: 2, body: None },
            Label { name: text("stop"), at: 4, body: None },
        ],
        exports: vec![text("g"), text("f")],
        imports: vec![Import { path: text("std/list"), prefix: text("list") }],
        supervisors: vec![],
        computations: vec![],
    };
    let processes = Module {
        code: vec![OpCode::ReceiveMatch { table: sample_table().into() }, OpCode::StartSupervisor { name: None }],
        lines: vec![1, 9],
        supervisors: vec![sample_supervisor()],
        ..Module::default()
    };
    let supersteps = Module {
        code: vec![OpCode::Compute { name: text("ranks") }, OpCode::BarrierTimeout { target: 0 }],
        lines: vec![1, 2],
        computations: vec![sample_computation(), ComputationSpec::new(text(""))],
        ..Module::default()
    };
    vec![Module::default(), worked_example(), constants, metadata, processes, supersteps]
}

/// A receive table with every kind of pattern, guard and time.
fn sample_table() -> ReceiveTable {
    let text = Text::from;
    let bind = |name: &str| Box::new(Pattern::Bind(name.into()));
    let list = Pattern::List {
        items: vec![
            Pattern::Any,
            Pattern::Typed { kind: PatternKind::Int, name: Some(text("A")) },
            Pattern::Typed { kind: PatternKind::Exception, name: None },
            Pattern::Equal(text("x")),
            Pattern::Integer(Integer::Small(-1)),
            Pattern::Float(Float::new(1.5)),
            Pattern::Text(text("add")),
            Pattern::Flag(true),
            Pattern::Null,
        ],
        rest: Some(Rest::Bind(text("R"))),
    };
    let exit = Pattern::Exit { from: bind("P"), reason: bind("R") };
    let down = Pattern::Down { reference: bind("M"), pid: bind("P"), reason: Box::new(Pattern::Any) };
    let fields = vec![(text("exit"), exit), (text("down"), down), (text("signal"), Pattern::Signal(text("s")))];
    let compare = Guard::Compare {
        comparison: Comparison::LessOrEqual,
        left: GuardOperand::Variable(text("A")),
        right: GuardOperand::Integer(Integer::Small(9)),
    };
    let guard = Guard::Either(vec![
        Guard::All(vec![compare, Guard::Truth(text("A"))]),
        Guard::Not(Box::new(Guard::Truth(text("x")))),
    ]);
    ReceiveTable {
        cases: vec![
            ReceiveCase { pattern: list, guard: Some(guard), target: 1 },
            ReceiveCase { pattern: Pattern::Object(fields), guard: None, target: 2 },
        ],
        after: Some(After { time: AfterTime::Milliseconds(1000), target: 0 }),
    }
}

/// A computation with every setting, and every kind of superstep.
fn sample_computation() -> ComputationSpec {
    let text = Text::from;
    let superstep = |name: &str, compute, converged| SuperstepSpec {
        name: name.into(),
        compute,
        communicate: Some(text("send")),
        converged,
    };
    let supersteps = vec![
        SuperstepSpec::new(text("wait")),
        superstep("share", Some(Compute::Keep), Convergence::Always),
        superstep("add", Some(Compute::Function(text("add_up"))), Convergence::Function(text("is_done"))),
    ];
    ComputationSpec {
        name: text("ranks"),
        initialize: Some(text("begin")),
        supersteps,
        finalize: Some(text("end")),
        processors: Some(4),
        max_supersteps: Some(u64::MAX),
        barrier_timeout_ms: Some(60_000),
        checkpoint_every: Some(10),
        on_crash_restart: Some(0),
        combine: Some(Combiner::Operation(FoldOperation::Or)),
    }
}

/// A supervisor with every kind of child and argument.
fn sample_supervisor() -> SupervisorSpec {
    let text = Text::from;
    let arguments = vec![
        Literal::Integer(Integer::Small(-5)),
        Literal::Integer(Integer::from(BigInt::from(u64::MAX) * -3)),
        Literal::Float(Float::new(f64::NAN)),
        Literal::Text(text("größe")),
        Literal::Flag(true),
        Literal::Null,
    ];
    let child = |id: &str, start, shutdown| ChildSpec {
        id: id.into(),
        start,
        restart: Restart::Transient,
        shutdown,
        significant: true,
        backoff: Some(Backoff { first_ms: 10, last_ms: 60_000 }),
    };
    SupervisorSpec {
        name: text("shop"),
        strategy: Strategy::RestForOne,
        intensity: 3,
        period_ms: 60_000,
        auto_shutdown: AutoShutdown::AnySignificant,
        children: vec![
            child("db", Start::Function { name: text("main"), arguments }, Shutdown::After(u64::MAX)),
            child("inner", Start::Supervisor(text("tree")), Shutdown::Infinity),
            child("cache", Start::Function { name: text("cache"), arguments: vec![] }, Shutdown::BrutalKill),
        ],
    }
}
