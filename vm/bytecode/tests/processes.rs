//! Receive tables and supervisors: what files and modules with them are refused for, and where control goes from them.

use std::sync::Arc;

use ttvm_bytecode::{
    Body, BodyKind, Label, Module, ReadError, Record, Rule, SupervisorSpec,
    format::FEATURE_SUPERVISORS,
    read,
    supervisor::{AutoShutdown, Backoff, ChildSpec, Literal, Restart, Shutdown, Start, Strategy},
    testing::files::{EMPTY_METADATA, file, file_with},
    verify, write,
};
use ttvm_isa::{
    Integer, OpCode, Text,
    codec::DecodeError,
    limits,
    receive::{After, AfterTime, Guard, Pattern, ReceiveCase, ReceiveError, ReceiveTable},
};

fn plain(code: Vec<OpCode>) -> Module {
    Module { lines: vec![1; code.len()], code, ..Module::default() }
}

fn receive(cases: &[(Pattern, u32)], after: Option<u32>) -> OpCode {
    let case =
        |(pattern, target): &(Pattern, u32)| ReceiveCase { pattern: pattern.clone(), guard: None, target: *target };
    let after = after.map(|target| After { time: AfterTime::Milliseconds(5), target });
    OpCode::ReceiveMatch { table: ReceiveTable { cases: cases.iter().map(case).collect(), after }.into() }
}

fn function(name: &str, start: u32, end: u32) -> Body {
    Body { kind: BodyKind::Function, name: name.into(), parameters: Arc::new([]), start, end }
}

fn rules(module: Module) -> Vec<String> {
    let errors = verify(module).expect_err("it breaks a rule");
    errors.into_iter().map(|error| format!("{}: {}", error.rule, error.problem)).collect()
}

fn push(value: i64) -> OpCode {
    OpCode::PushInt { value: Integer::Small(value) }
}

#[test]
fn bytes_that_are_no_receive_table_are_refused() {
    let refusal = |table: &[u8]| {
        let code = [&[0x98], table].concat();
        match read(&file([&[], &code, EMPTY_METADATA, &[2]])).expect_err("no table") {
            ReadError::BadInstruction { reason, .. } => reason,
            other => panic!("{other}"),
        }
    };
    let bad = |tag| DecodeError::BadReceive(ReceiveError::BadTag(tag));
    assert_eq!(refusal(&[]), DecodeError::Truncated);
    // No case, and no time.
    assert_eq!(refusal(&[0, 0]), DecodeError::BadReceive(ReceiveError::Empty));
    assert_eq!(refusal(&[0, 4]), bad(4));
    // A case, then the tags of pattern, kind, rest, guard, comparison, side.
    assert_eq!(refusal(&[1, 14]), bad(14));
    assert_eq!(refusal(&[1, 2, 14]), bad(14));
    assert_eq!(refusal(&[1, 9, 0, 3]), bad(3));
    assert_eq!(refusal(&[1, 0, 6]), bad(6));
    assert_eq!(refusal(&[1, 0, 4, 6]), bad(6));
    assert_eq!(refusal(&[1, 0, 4, 0, 6]), bad(6));
    assert_eq!(refusal(&[1, 7, 2]), DecodeError::BadFlag(2));
    assert_eq!(refusal(&[1, 1, 0]), DecodeError::BadConstant(0));
    // `and` of one comparison of null with null.
    assert_eq!(refusal(&[1, 0, 1, 1, 4, 0, 5, 5, 0, 0]), DecodeError::BadReceive(ReceiveError::LoneGuard));
    assert_eq!(refusal(&[0x81, 0x20]), DecodeError::BadReceive(ReceiveError::TooManyCases));
    // More items than bytes.
    assert_eq!(refusal(&[1, 9, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]), DecodeError::Truncated);
    let deep = [&[1][..], &[3, 3].repeat(limits::RECEIVE_DEPTH_MAX)].concat();
    assert_eq!(refusal(&[&[1, 0][..], &deep[1..]].concat()), DecodeError::BadReceive(ReceiveError::TooDeep));
    let many = [&[1, 9, 0x81, 0x80, 0x04][..], &vec![0; limits::RECEIVE_PARTS_MAX + 1]].concat();
    assert_eq!(refusal(&many), DecodeError::BadReceive(ReceiveError::TooManyParts));
}

fn nested(levels: usize) -> Pattern {
    (1..levels).fold(Pattern::Any, |inner, _| Pattern::List { items: vec![inner], rest: None })
}

#[test]
fn tables_are_read_and_verified_up_to_their_limits_and_no_further() {
    let table = |pattern: Pattern| plain(vec![receive(&[(pattern, 1)], None)]);
    let deep = table(nested(limits::RECEIVE_DEPTH_MAX));
    assert_eq!(read(&write(&deep).expect("as deep as allowed")).as_ref(), Ok(&deep));
    assert!(verify(deep).is_ok());
    let too_deep = table(nested(limits::RECEIVE_DEPTH_MAX + 1));
    assert!(write(&too_deep).is_err());
    assert_eq!(rules(too_deep), ["V1: a receive table is wrong: more than 64 levels of patterns or guards"]);

    let cases = vec![(Pattern::Any, 1); limits::RECEIVE_CASES_MAX];
    let full = plain(vec![receive(&cases, None)]);
    assert_eq!(read(&write(&full).expect("as many as allowed")).as_ref(), Ok(&full));
    assert!(verify(full).is_ok());
    let overfull = plain(vec![receive(&[cases, vec![(Pattern::Any, 1)]].concat(), None)]);
    assert!(write(&overfull).is_err());
    assert_eq!(rules(overfull), ["V1: a receive table is wrong: more than 4096 cases"]);

    let twice = Pattern::Object(vec![("a".into(), Pattern::Any), ("a".into(), Pattern::Null)]);
    assert!(write(&table(twice.clone())).is_err());
    assert_eq!(rules(table(twice)), ["V1: a receive table is wrong: an object pattern names a field twice"]);
    let lone = ReceiveCase { pattern: Pattern::Any, guard: Some(Guard::All(vec![])), target: 0 };
    let lone = ReceiveTable { cases: vec![lone], after: None };
    let lone = plain(vec![OpCode::ReceiveMatch { table: lone.into() }]);
    assert_eq!(rules(lone), ["V1: a receive table is wrong: `and` and `or` join at least two guards"]);
    assert_eq!(
        rules(plain(vec![receive(&[], None)])),
        ["V1: a receive table is wrong: it has neither a case nor a time"]
    );
}

#[test]
fn targets_of_a_table_keep_within_their_body() {
    let code = |targets: [u32; 2]| {
        let mut module = plain(vec![
            OpCode::Halt {},
            receive(&[(Pattern::Any, targets[0])], Some(targets[1])),
            OpCode::Null {},
            OpCode::Halt {},
        ]);
        module.bodies = vec![function("f", 1, 3)];
        module
    };
    assert!(verify(code([2, 3])).is_ok());
    assert_eq!(rules(code([0, 2])), ["V4: a jump to instruction 0 leaves the body of `f`"]);
    assert_eq!(rules(code([2, 4])), ["V4: a jump to instruction 4 leaves the body of `f`"]);
    let mut into = plain(vec![receive(&[(Pattern::Any, 2)], None), OpCode::Null {}, OpCode::Null {}]);
    into.bodies = vec![function("f", 1, 3)];
    assert_eq!(rules(into), ["V4: a jump to instruction 2 enters the body of `f`"]);
}

#[test]
fn a_receive_goes_to_its_targets_only() {
    let verified = verify(plain(vec![
        push(1),
        receive(&[(Pattern::Bind("X".into()), 3), (Pattern::Any, 4), (Pattern::Any, 3)], Some(5)),
        OpCode::Pop {},
        OpCode::Catch {},
        OpCode::Halt {},
    ]))
    .expect("it keeps the rules");
    let main = &verified.regions()[0];
    assert!(main.exact.is_none());
    // Instruction 2 is not reached, and the end of the code is no instruction.
    assert_eq!(
        main.points.iter().map(|point| (point.pc, point.depth)).collect::<Vec<_>>(),
        [(0, 0), (1, 1), (3, 1), (4, 1)]
    );
    let next = ttvm_bytecode::analysis::successors(verified.module(), None, 1);
    assert_eq!((next.fall_through, next.target, &*next.cases), (None, None, &[3, 4][..]));
}

#[test]
fn a_timeout_pushes_nothing() {
    // What came is printed; when time is over there is nothing.
    let end = [OpCode::Print {}, OpCode::Halt {}, OpCode::Null {}];
    let receive = [push(10), OpCode::ReceiveTimeout { target: 4 }];
    let barrier = [OpCode::Null {}, push(10), OpCode::BarrierTimeout { target: 5 }];
    let expected = [(&receive[..], vec![0, 1, 1, 0, 0]), (&barrier[..], vec![0, 1, 2, 1, 0, 0])];
    for (start, expected) in expected {
        let verified = verify(plain([start, &end].concat())).expect("it keeps the rules");
        let main = &verified.regions()[0];
        assert!(main.exact.is_none());
        let depths: Vec<_> = main.points.iter().map(|point| point.depth).collect();
        assert_eq!(depths, expected);

        // Both ways meeting in front of PRINT leave different depths: an error in a function.
        let mut uneven = plain([start, &end[..1], &end[2..]].concat());
        let pc = u32::try_from(start.len()).expect("it is short");
        *uneven.code[start.len() - 1].target_mut().expect("it has a target") = pc;
        uneven.bodies = vec![function("f", 0, pc + 2)];
        assert_eq!(rules(uneven), ["V7: ways through `f` meet here with 1 and 0 values on the operand stack"]);
    }
}

#[test]
fn nothing_follows_exit_self() {
    let mut module = plain(vec![OpCode::Null {}, OpCode::ExitSelf {}, OpCode::Print {}]);
    module.bodies = vec![function("f", 0, 3)];
    let verified = verify(module).expect("what is not reached needs no operands");
    assert_eq!(verified.regions()[1].points.len(), 2);
    assert_eq!(verified.regions()[1].results, None);
}

#[test]
fn variables_of_patterns_count_as_slots() {
    let names = |count: u32| {
        let items = (0..count).map(|number| Pattern::Bind(number.to_string().into())).collect();
        let list = Pattern::List { items, rest: None };
        let after = Some(After { time: AfterTime::Variable("after".into()), target: 1 });
        let case = ReceiveCase { pattern: list, guard: Some(Guard::Truth("guard".into())), target: 1 };
        plain(vec![OpCode::ReceiveMatch { table: ReceiveTable { cases: vec![case], after }.into() }])
    };
    assert!(verify(names(limits::SLOTS_MAX - 2)).is_ok());
    let errors = verify(names(limits::SLOTS_MAX - 1)).expect_err("one too many");
    assert_eq!(errors[0].rule, Rule::V11Slots);
}

fn spawning(name: &str) -> Module {
    let code = vec![
        OpCode::PushStr { value: name.into() },
        OpCode::Spawn { count: None },
        OpCode::Halt {},
        push(1),
        OpCode::Print {},
        OpCode::Ret {},
    ];
    let label = |name: &str, at| Label { name: name.into(), at, body: None };
    Module { labels: vec![label("main", 0), label("worker", 3), label("end", 6)], ..plain(code) }
}

#[test]
fn a_label_whose_name_is_written_where_processes_are_started_has_a_region() {
    let regions = |module: Module| -> Vec<(u32, usize)> {
        let verified = verify(module).expect("it keeps the rules");
        let regions = verified.functions().iter().map(|function| {
            assert!(function.parameters.is_empty());
            &verified.regions()[function.region as usize]
        });
        regions.map(|region| (region.entry, region.points.len())).collect()
    };
    assert_eq!(regions(spawning("worker")), [(0, 3), (3, 3)]);
    assert_eq!(regions(spawning("end")), [(0, 3), (6, 0)]);
    assert_eq!(regions(spawning("main")), [(0, 3), (0, 3)]);
    assert_eq!(regions(spawning("nobody")), [(0, 3)]);
    let mut no_spawn = spawning("worker");
    no_spawn.code[1] = OpCode::Print {};
    assert_eq!(regions(no_spawn), [(0, 3)]);
    let mut supervised = spawning("nobody");
    supervised.supervisors = vec![supervisor("s", vec![child("a", runs("worker"))])];
    assert_eq!(regions(supervised), [(0, 3), (3, 3)]);
}

fn runs(name: &str) -> Start {
    Start::Function { name: name.into(), arguments: vec![] }
}

fn child(id: &str, start: Start) -> ChildSpec {
    let (restart, shutdown) = (Restart::Permanent, Shutdown::OF_FUNCTION);
    ChildSpec { id: id.into(), start, restart, shutdown, significant: false, backoff: None }
}

fn supervisor(name: &str, children: Vec<ChildSpec>) -> SupervisorSpec {
    SupervisorSpec {
        name: name.into(),
        strategy: Strategy::OneForOne,
        intensity: SupervisorSpec::INTENSITY,
        period_ms: SupervisorSpec::PERIOD_MS,
        auto_shutdown: AutoShutdown::Never,
        children,
    }
}

fn supervised(supervisors: Vec<SupervisorSpec>) -> Module {
    let code = vec![OpCode::Null {}, OpCode::Ret {}];
    let mut body = function("main", 0, 2);
    body.parameters = Arc::new([Text::from("a")]);
    Module { bodies: vec![body], supervisors, ..plain(code) }
}

#[test]
fn supervisors_that_agree_with_themselves_are_taken() {
    let mut significant = child("b", runs("elsewhere"));
    (significant.significant, significant.restart) = (true, Restart::Transient);
    significant.backoff = Some(Backoff { first_ms: 1, last_ms: 1 });
    let with_argument = Start::Function { name: "main".into(), arguments: vec![Literal::Null] };
    let mut outer = supervisor("outer", vec![child("a", Start::Supervisor("inner".into())), significant]);
    outer.auto_shutdown = AutoShutdown::AllSignificant;
    let inner = supervisor("inner", vec![child("a", with_argument)]);
    let mut simple = supervisor("simple", vec![child("a", runs("main"))]);
    simple.strategy = Strategy::SimpleOneForOne;
    assert!(verify(supervised(vec![outer, inner, simple, supervisor("empty", vec![])])).is_ok());
}

#[test]
fn supervisors_that_contradict_themselves_are_refused() {
    let one = |child: ChildSpec| supervised(vec![supervisor("s", vec![child])]);
    let check = |module: Module, expected: &str| assert_eq!(rules(module), [format!("V12: {expected}")]);
    check(supervised(vec![supervisor("s", vec![]), supervisor("s", vec![])]), "two supervisors are named `s`");
    let twice = supervisor("s", vec![child("a", runs("x")), child("a", runs("y"))]);
    check(supervised(vec![twice]), "two children of the supervisor `s` are named `a`");
    let mut timeless = supervisor("s", vec![]);
    timeless.period_ms = 0;
    check(supervised(vec![timeless]), "the supervisor `s` has no period");
    let mut simple = supervisor("s", vec![]);
    simple.strategy = Strategy::SimpleOneForOne;
    check(supervised(vec![simple]), "the supervisor `s` is simple_one_for_one, which has 1 child, but has 0");
    let start = Start::Supervisor("t".into());
    check(
        one(child("a", start)),
        "the child `a` of the supervisor `s` is the supervisor `t`, which no block describes",
    );
    check(one(child("a", runs("main"))), "the child `a` of the supervisor `s` has 0 arguments, but `main` takes 1");
    let mut significant = child("a", runs("x"));
    significant.significant = true;
    let problem = "the child `a` of the supervisor `s` is significant, but the supervisor has no auto_shutdown";
    check(one(significant.clone()), problem);
    let mut ending = supervisor("s", vec![significant]);
    ending.auto_shutdown = AutoShutdown::AnySignificant;
    let problem = "the child `a` of the supervisor `s` is significant and permanent: it never ends for good";
    check(supervised(vec![ending]), problem);
    for (first_ms, last_ms) in [(0, 5), (6, 5)] {
        let backoff = Some(Backoff { first_ms, last_ms });
        let problem = "the child `a` of the supervisor `s` has a backoff that does not rise from more than 0";
        check(one(ChildSpec { backoff, ..child("a", runs("x")) }), problem);
    }
    let many = Start::Function { name: "x".into(), arguments: vec![Literal::Null; limits::SUPERVISOR_PARTS_MAX] };
    check(one(child("a", many)), "the supervisor `s` has more than 65536 children and arguments");
}

#[test]
fn a_supervisor_inside_of_itself_is_refused() {
    let inside = |name: &str, inner: &str| supervisor(name, vec![child("a", Start::Supervisor(inner.into()))]);
    let problem = "V12: the supervisor `a` is inside of itself, or leads to one that is";
    assert_eq!(rules(supervised(vec![inside("a", "a")])), [problem]);
    assert_eq!(rules(supervised(vec![inside("a", "b"), inside("b", "c"), inside("c", "b")])), [problem]);
    assert!(verify(supervised(vec![inside("a", "b"), inside("b", "c"), supervisor("c", vec![])])).is_ok());
}

#[test]
fn the_flag_of_supervisors_stands_in_files_that_have_some_and_no_others() {
    let with = write(&supervised(vec![supervisor("s", vec![])])).expect("it can be written");
    assert_eq!(with[10], 1);
    let without = write(&supervised(vec![])).expect("it can be written");
    assert_eq!(without[10], 0);
    let error = read(&file_with(FEATURE_SUPERVISORS, [&[], &[], &[0; 6], &[]])).expect_err("there are none");
    assert_eq!(error, ReadError::UnusedFeatures { flags: FEATURE_SUPERVISORS });
    assert_eq!(error.to_string(), "byte 10, header: the file names features that it does not use: flag 0");
}

#[test]
fn records_that_are_no_supervisor_are_refused() {
    let refusal = |supervisors: &[u8]| {
        let metadata = [EMPTY_METADATA, supervisors].concat();
        read(&file_with(FEATURE_SUPERVISORS, [&[], &[], &metadata, &[]])).expect_err("they are wrong")
    };
    let record = |error: ReadError| match error {
        ReadError::BadRecord { record, .. } => record,
        other => panic!("{other}"),
    };
    // One supervisor with an empty name: strategy, intensity, period, auto_shutdown, children.
    assert_eq!(record(refusal(&[1, 0, 4, 1, 1, 0, 0])), Record::Supervisor);
    assert_eq!(record(refusal(&[1, 0, 0, 1, 1, 3, 0])), Record::Supervisor);
    // A child with an empty id: what it runs, restart, shutdown, significant, backoff.
    assert_eq!(record(refusal(&[1, 0, 0, 1, 1, 0, 1, 0, 2, 0])), Record::Child);
    assert_eq!(record(refusal(&[1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 3, 1, 0, 0])), Record::Child);
    // Arguments: an unknown kind, a small integer as digits, digits with a zero in front.
    let arguments = |argument: &[u8]| [&[1, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1], argument].concat();
    assert_eq!(record(refusal(&arguments(&[6]))), Record::Argument);
    assert_eq!(record(refusal(&arguments(&[1, 1, b'7']))), Record::Argument);
    let digits = b"018446744073709551616";
    assert_eq!(record(refusal(&arguments(&[&[1, 21][..], digits].concat()))), Record::Argument);
    assert_eq!(record(refusal(&arguments(&[&[1, 21][..], b"+18446744073709551616"].concat()))), Record::Argument);
    let odd_nan = [&[2, 253][..], &0xFFF8_0000_0000_0001_u64.to_le_bytes()].concat();
    assert_eq!(record(refusal(&arguments(&odd_nan))), Record::Argument);
}
