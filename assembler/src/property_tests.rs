//! Property tests: nothing makes the assembler panic, modules survive the way through text, and formatting changes
//! nothing but the looks.
//!
//! Modules are made from the instruction table, so that new instructions take part by themselves.

use std::collections::HashSet;

use proptest::{collection::vec, prelude::*, sample::Index};
use ttvm_bytecode::{
    Body, BodyKind, ComputationSpec, Import, Label, Module, Rule, SupervisorSpec,
    computation::{Combiner, Compute, Convergence, Role, SuperstepSpec},
    supervisor::{AutoShutdown, Literal, Restart, Start, Strategy as Restarting},
    testing,
};
use ttvm_isa::{
    Float, FoldOperation, Integer, OpCode, OperandKind, Text, info::INSTRUCTIONS, limits, receive::ReceiveTable,
};

use crate::{
    assemble::assemble,
    disassemble::disassemble,
    format::format,
    operand::{OPTIONAL_COUNT_MAX, Operand, build},
};

/// Names that test what must be quoted or could be taken for something else.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z]{1,3}",
        1 => proptest::sample::select(vec![
            "", "@1", "@", "12", "0x3", "a b", "p.f/2", "x:", ".fn", ".end", "a;b", "\"", "\\", "LABEL", "ADD", "as",
            "true", "inf", "naïve", "keep", "always", "never", "sum", "\n", "\u{0}", "\u{FEFF}", "\u{85}",
        ])
        .prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

/// One instruction to be: a row of the table, and raw material for its operands.
#[derive(Clone, Debug)]
struct Seed {
    row: Index,
    number: u64,
    choice: Index,
    text: String,
    names: Vec<String>,
    line: Option<u32>,
    table: ReceiveTable,
}

prop_compose! {
    fn seed()(
        row in any::<Index>(),
        number in any::<u64>(),
        choice in any::<Index>(),
        text in prop_oneof![name(), any::<String>()],
        names in vec(name(), 0..4),
        line in prop::option::weighted(0.3, prop_oneof![Just(0), 1_u32..60, any::<u32>()]),
        table in testing::receive::table(8),
    ) -> Seed {
        Seed { row, number, choice, text, names, line, table }
    }
}

/// A stretch of code outside bodies, or a body.
#[derive(Clone, Debug)]
struct Stretch {
    kind: Option<BodyKind>,
    name: String,
    parameters: Vec<String>,
    seeds: Vec<Seed>,
    labels: Vec<(Index, String)>,
}

prop_compose! {
    fn stretch()(
        kind in prop::option::of(prop_oneof![3 => Just(BodyKind::Function), 1 => Just(BodyKind::Test)]),
        name in name(),
        parameters in vec(name(), 0..5),
        seeds in vec(seed(), 1..8),
        labels in vec((any::<Index>(), name()), 0..4),
    ) -> Stretch {
        Stretch { kind, name, parameters, seeds, labels }
    }
}

fn distinct(names: &[String]) -> Vec<Text> {
    let mut seen = HashSet::new();
    names.iter().filter(|name| seen.insert(*name)).map(|name| name.as_str().into()).collect()
}

/// A module as the assembler could make it.
fn module() -> impl Strategy<Value = Module> {
    let imports = vec((name(), name()), 0..3);
    let blocks = (testing::supervisor::supervisors(), testing::computation::computations());
    (name(), imports, vec(stretch(), 0..6), vec(any::<Index>(), 0..3), blocks).prop_map(
        |(source, imports, stretches, exports, (supervisors, computations))| {
            let mut module = Module { source: source.into(), ..Module::default() };
            let mut prefixes = HashSet::new();
            for (path, prefix) in imports {
                if prefixes.insert(prefix.clone()) {
                    module.imports.push(Import { path: path.into(), prefix: prefix.into() });
                }
            }
            let mut outer_names = HashSet::new();
            let mut at = 0;
            for stretch in &stretches {
                let end = at + u32::try_from(stretch.seeds.len()).expect("stretches are short");
                if let Some(kind) = stretch.kind
                    && (kind == BodyKind::Test || outer_names.insert(stretch.name.clone()))
                {
                    let parameters = if kind == BodyKind::Test { Vec::new() } else { distinct(&stretch.parameters) };
                    let name = stretch.name.as_str().into();
                    module.bodies.push(Body { kind, name, parameters: parameters.into(), start: at, end });
                }
                at = end;
            }
            let end = at;
            let outside: Vec<u32> = (0..=end).filter(|at| module.body_of(*at).is_none()).collect();
            add_labels(&mut module, &stretches, &outside, &mut outer_names);
            let functions: Vec<Text> = functions(&module).map(|body| body.name.clone()).collect();
            if !functions.is_empty() {
                let mut exported = HashSet::new();
                let names = exports.iter().map(|export| export.get(&functions).clone());
                module.exports = names.filter(|name| exported.insert(name.clone())).collect();
            }
            module.supervisors = agreeing(supervisors, &module);
            module.computations = possible(computations, &module);
            let mut line: u32 = 1;
            for seed in stretches.iter().flat_map(|stretch| &stretch.seeds) {
                let op = instruction(&module, seed, &outside, end);
                module.code.push(op);
                line = seed.line.unwrap_or(if line == 0 { 0 } else { line.saturating_add(1) });
                module.lines.push(line);
            }
            module
        },
    )
}

fn functions(module: &Module) -> impl Iterator<Item = &Body> {
    module.bodies.iter().filter(|body| body.kind == BodyKind::Function)
}

fn add_labels(module: &mut Module, stretches: &[Stretch], outside: &[u32], outer_names: &mut HashSet<String>) {
    let mut start = 0;
    for stretch in stretches {
        let body = module.bodies.iter().position(|body| body.start == start);
        let mut local_names = HashSet::new();
        for (index, name) in &stretch.labels {
            let (is_new, at) = match body {
                Some(body) => {
                    let body = &module.bodies[body];
                    let places: Vec<u32> = (body.start..=body.end).collect();
                    (local_names.insert(name.clone()), *index.get(&places))
                }
                None => (outer_names.insert(name.clone()), *index.get(outside)),
            };
            if is_new {
                let body = body.map(|body| u32::try_from(body).expect("bodies are few"));
                module.labels.push(Label { name: name.as_str().into(), at, body });
            }
        }
        start += u32::try_from(stretch.seeds.len()).expect("stretches are short");
    }
    module.labels.sort_by_key(|label| (label.at, label.body.is_none(), label.body));
}

/// An instruction whose targets, prefixes and parameters are as the verifier wants them.
fn instruction(module: &Module, seed: &Seed, outside: &[u32], end: u32) -> OpCode {
    let usable = |mnemonic: &str| !mnemonic.ends_with("_IMPORT") || !module.imports.is_empty();
    let rows: Vec<_> = INSTRUCTIONS.iter().filter(|info| usable(info.mnemonic)).collect();
    let info = *seed.row.get(&rows);
    let at = u32::try_from(module.code.len()).expect("modules are short");
    let own = module.body_of(at).map(|(_, body)| body);
    let is_call = info.operands.iter().any(|(_, kind)| *kind == OperandKind::Names);
    let mut declared = None;
    let mut operands = Vec::new();
    for (name, kind) in info.operands {
        operands.push(match kind {
            OperandKind::Integer if seed.number.is_multiple_of(3) => {
                Operand::Integer(num_bigint::BigInt::from(seed.number).pow(5).into())
            }
            OperandKind::Integer => Operand::Integer(Integer::Small(seed.number.cast_signed())),
            OperandKind::Float => Operand::Float(Float::new(f64::from_bits(seed.number))),
            OperandKind::Flag => Operand::Flag(seed.number.is_multiple_of(2)),
            OperandKind::Name if *name == "prefix" => Operand::Text(seed.choice.get(&module.imports).prefix.clone()),
            OperandKind::Text if info.mnemonic == "COMPUTE" && !module.computations.is_empty() => {
                Operand::Text(seed.choice.get(&module.computations).name.clone())
            }
            OperandKind::Text | OperandKind::Name => Operand::Text(seed.text.as_str().into()),
            OperandKind::Names => Operand::Names(declared.take().unwrap_or_else(|| distinct(&seed.names))),
            OperandKind::Count if info.mnemonic == "CALL_IMPORT" => Operand::Number(seed.number as u32 % 256),
            OperandKind::Count => Operand::Number(seed.number as u32),
            OperandKind::OptionalText if *name == "op" => {
                let word = Text::from(*seed.choice.get(FoldOperation::NAMES));
                Operand::OptionalText(Some(word).filter(|_| seed.number.is_multiple_of(2)))
            }
            OperandKind::OptionalText => {
                Operand::OptionalText(Some(seed.text.as_str().into()).filter(|_| seed.number.is_multiple_of(2)))
            }
            OperandKind::Receive => {
                let mut table = seed.table.clone();
                let body: Vec<u32> = own.map_or(Vec::new(), |body| (body.start..=body.end).collect());
                for target in table.targets_mut() {
                    let places = if own.is_some() { &body } else { outside };
                    *target = places[*target as usize % places.len()];
                }
                Operand::Receive(table.into())
            }
            OperandKind::OptionalCount => {
                let count = seed.number as u32;
                Operand::OptionalNumber((count.is_multiple_of(2)).then_some(count.min(OPTIONAL_COUNT_MAX)))
            }
            OperandKind::Target if is_call => {
                let callees: Vec<&Body> = functions(module).collect();
                if seed.number.is_multiple_of(2) && !callees.is_empty() {
                    let callee = seed.choice.get(&callees);
                    declared = Some(callee.parameters.to_vec());
                    Operand::Number(callee.start)
                } else {
                    Operand::Number(outer_target(seed, outside, end))
                }
            }
            OperandKind::Target => Operand::Number(match own {
                Some(body) => *seed.choice.get(&(body.start..=body.end).collect::<Vec<_>>()),
                None => outer_target(seed, outside, end),
            }),
        });
    }
    build(info, operands)
}

/// The supervisors changed so that nothing in them contradicts anything.
fn agreeing(mut supervisors: Vec<SupervisorSpec>, module: &Module) -> Vec<SupervisorSpec> {
    for (number, supervisor) in (0_usize..).zip(&mut supervisors) {
        supervisor.name = format!("{}{number}", supervisor.name).into();
        supervisor.period_ms = supervisor.period_ms.max(1);
        if supervisor.strategy == Restarting::SimpleOneForOne && supervisor.children.len() != 1 {
            supervisor.strategy = Restarting::OneForAll;
        }
        for (index, child) in supervisor.children.iter_mut().enumerate() {
            child.id = format!("{index}{}", child.id).into();
            child.significant &= supervisor.auto_shutdown != AutoShutdown::Never && child.restart != Restart::Permanent;
            child.backoff = child.backoff.filter(|backoff| backoff.first_ms > 0 && backoff.first_ms <= backoff.last_ms);
            match &mut child.start {
                // Names of supervisors end with their numbers: a later one, if there is one of this name.
                Start::Supervisor(name) => *name = format!("{name}{}", number + 1).into(),
                Start::Function { name, arguments } => {
                    if let Some(function) = functions(module).find(|body| body.name == *name) {
                        arguments.resize(function.parameters.len(), Literal::Null);
                    }
                }
            }
        }
    }
    let names: HashSet<Text> = supervisors.iter().map(|supervisor| supervisor.name.clone()).collect();
    for child in supervisors.iter_mut().flat_map(|supervisor| &mut supervisor.children) {
        if let Start::Supervisor(name) = &child.start
            && !names.contains(name)
        {
            child.start = Start::Function { name: "nobody knows it".into(), arguments: Vec::new() };
        }
    }
    supervisors
}

/// The computations changed so that nothing in them contradicts anything: functions of the module, where it has right ones.
fn possible(mut computations: Vec<ComputationSpec>, module: &Module) -> Vec<ComputationSpec> {
    let named = |name: &Text, role: Role| {
        let number = name.len();
        let fitting: Vec<&Body> = functions(module).filter(|body| body.parameters.len() == role.parameters()).collect();
        (!fitting.is_empty()).then(|| fitting[number % fitting.len()].name.clone())
    };
    let counted = |count: Option<u64>, max: u64| count.map(|count| count.clamp(1, max));
    for (number, computation) in (0_usize..).zip(&mut computations) {
        computation.name = format!("{}{number}", computation.name).into();
        computation.initialize = computation.initialize.as_ref().and_then(|name| named(name, Role::Initialize));
        computation.finalize = computation.finalize.as_ref().and_then(|name| named(name, Role::Finalize));
        computation.processors = computation.processors.map(|count| count.clamp(1, limits::PROCESSES_MAX));
        computation.max_supersteps = counted(computation.max_supersteps, limits::SUPERSTEP_NUMBER_MAX);
        computation.checkpoint_every = counted(computation.checkpoint_every, limits::SUPERSTEP_NUMBER_MAX);
        computation.barrier_timeout_ms = counted(computation.barrier_timeout_ms, limits::WAIT_MILLISECONDS_MAX);
        if let Some(Combiner::Function(name)) = &computation.combine {
            computation.combine = named(name, Role::Combine).map(Combiner::Function);
        }
        if computation.supersteps.is_empty() {
            computation.supersteps.push(SuperstepSpec::new("only".into()));
        }
        for (index, superstep) in computation.supersteps.iter_mut().enumerate() {
            superstep.name = format!("{}{index}", superstep.name).into();
            superstep.communicate = superstep.communicate.as_ref().and_then(|name| named(name, Role::Communicate));
            if let Some(Compute::Function(name)) = &superstep.compute {
                superstep.compute = named(name, Role::Compute).map(Compute::Function);
            }
            if let Convergence::Function(name) = &superstep.converged {
                superstep.converged = named(name, Role::Converged).map_or(Convergence::Always, Convergence::Function);
            }
        }
    }
    computations
}

fn outer_target(seed: &Seed, outside: &[u32], end: u32) -> u32 {
    if seed.number.is_multiple_of(7) { (seed.number as u32).max(end) } else { *seed.choice.get(outside) }
}

/// Pieces that texts are made of; joined at random they are often nearly right.
fn fragment() -> impl Strategy<Value = String> {
    let words = vec![
        " ",
        " ",
        " ",
        "\n",
        "\n",
        "\n",
        "\t",
        "\r\n",
        "\"",
        "\\",
        ";",
        ":",
        "@",
        ".",
        "a",
        "b",
        "f",
        "p.f/2",
        "p.f",
        "12",
        "-1",
        "0x1F",
        "1.5",
        "true",
        "as",
        "LABEL ",
        ".fn ",
        ".test ",
        ".end\n",
        ".const ",
        ".export ",
        ".import ",
        ".line ",
        ".source ",
        ".receive\n",
        ".supervisor s\n",
        ".computation c\n",
        "superstep s ",
        "compute=keep ",
        "processors 4 ",
        "checkpoint every=2 ",
        "case ",
        "after ",
        "child ",
        "-> ",
        "when ",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        ",",
        "|",
        "^",
        "$",
        "=",
        "==",
        "<",
        "int ",
        "exit ",
        "not ",
        "and ",
        "or ",
        "start=f ",
        "restart=transient ",
        "period=5s ",
        "CALL ",
        "JMP ",
        "TRY ",
        "PUSH_STR ",
        "PUSH_INT ",
        "STORE ",
        "LOAD ",
        "MAKE_LIST ",
        "ARRAY_F64 ",
        "CALL_FUNCTION ",
        "CALL_IMPORT ",
        "RET\n",
        "ADD\n",
        "a:\n",
        "\"x y\"",
        "\u{FEFF}",
        "é",
        "\u{0}",
        "; note\n",
    ];
    let mnemonics: Vec<String> = INSTRUCTIONS.iter().map(|info| format!("{} ", info.mnemonic)).collect();
    prop_oneof![
        6 => proptest::sample::select(words).prop_map(str::to_owned),
        1 => proptest::sample::select(mnemonics),
        1 => any::<String>(),
    ]
}

fn text() -> impl Strategy<Value = String> {
    vec(fragment(), 0..60).prop_map(|fragments| fragments.concat())
}

/// The text of a module with lines moved, dropped and broken.
fn mutated_text() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<Index>(), any::<u8>(), 0..4_u8);
    (module(), vec(change, 0..8)).prop_map(|(module, changes)| {
        let mut bytes = disassemble(&module).into_bytes();
        for (place, byte, how) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                _ => bytes.truncate(at + 1),
            }
        }
        bytes
    })
}

/// The module without what formatting may change.
fn without_lines(text: &[u8]) -> Module {
    let mut module = assemble("x", text).module;
    module.lines.clear();
    module
}

/// What must hold for any text: no panic, every place lies in the text, and formatting is harmless.
fn check_text(text: &[u8]) -> Result<(), TestCaseError> {
    let assembly = assemble("x", text);
    for diagnostic in &assembly.diagnostics {
        let ttvm_diagnostics::Spot { span, line, column } = &diagnostic.spot;
        prop_assert!(span.start <= span.end && span.end <= text.len());
        prop_assert!(*line >= 1 && *column >= 1);
        prop_assert!(!diagnostic.to_string().contains('\n'), "{diagnostic}");
    }
    let disassembly = disassemble(&assembly.module);
    if assembly.is_ok() {
        let again = assemble("other", disassembly.as_bytes());
        prop_assert_eq!(&again.diagnostics, &[], "{}", disassembly);
        prop_assert_eq!(&again.module, &assembly.module, "{}", disassembly);
        prop_assert!(format(text).is_ok(), "what assembles can be formatted");
        check_names_and_targets(assembly.module)?;
    }
    if let Ok(formatted) = format(text) {
        prop_assert_eq!(format(formatted.as_bytes()), Ok(formatted.clone()), "formatting twice");
        prop_assert_eq!(without_lines(formatted.as_bytes()), without_lines(text), "{}", formatted);
    }
    Ok(())
}

/// The verifier and the assembler agree on names, bodies and targets: what the assembler lets pass is refused for its
/// stack or handlers at most. And it can be written.
fn check_names_and_targets(module: Module) -> Result<(), TestCaseError> {
    prop_assert!(ttvm_bytecode::write(&module).is_ok());
    for error in ttvm_bytecode::verify(module).err().unwrap_or_default() {
        let is_about_stacks =
            matches!(error.rule, Rule::V7Depth | Rule::V8Handlers | Rule::V10SharedCode | Rule::V11Slots);
        prop_assert!(is_about_stacks, "{error}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_module_survives_the_way_through_text(module in module()) {
        let text = disassemble(&module);
        let assembly = assemble("another name", text.as_bytes());
        prop_assert_eq!(assembly.diagnostics, [], "{}", text);
        prop_assert_eq!(&assembly.module, &module, "{}", text);
        check_names_and_targets(module)?;
    }

    #[test]
    fn the_text_of_a_module_is_in_canonical_form(module in module()) {
        let text = disassemble(&module);
        let formatted = format(text.as_bytes());
        let without_blank_lines = |text: &str| text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
        let lines: Vec<String> = without_blank_lines(&text);
        prop_assert_eq!(formatted.as_deref().map(without_blank_lines), Ok(lines), "{}", text);
    }

    #[test]
    fn any_bytes_are_taken(bytes in vec(any::<u8>(), 0..300)) {
        check_text(&bytes)?;
    }

    #[test]
    fn any_text_is_taken(text in text()) {
        check_text(text.as_bytes())?;
    }

    #[test]
    fn any_damaged_program_is_taken(bytes in mutated_text()) {
        check_text(&bytes)?;
    }
}
