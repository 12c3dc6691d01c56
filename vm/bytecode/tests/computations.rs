//! Computations: what files and modules with them are refused for.

use std::sync::Arc;

use ttvm_bytecode::{
    Body, BodyKind, ComputationSpec, Module, ReadError, Record, Rule,
    computation::{Combiner, Compute, Convergence, SuperstepSpec},
    format::{FEATURE_COMPUTATIONS, FEATURE_SUPERVISORS},
    read,
    testing::files::{EMPTY_METADATA, file_with},
    verify, write,
};
use ttvm_isa::{FoldOperation, OpCode, Text, limits};

/// A module with functions `two` and `three` of so many parameters, and these computations.
fn computing(computations: Vec<ComputationSpec>) -> Module {
    let parameters = |names: &[&str]| names.iter().map(|name| Text::from(*name)).collect();
    let function = |name: &str, names: &[&str], start| Body {
        kind: BodyKind::Function,
        name: name.into(),
        parameters: parameters(names),
        start,
        end: start + 1,
    };
    let bodies = vec![function("two", &["a", "b"], 0), function("three", &["a", "b", "c"], 1)];
    let code = vec![OpCode::Null {}, OpCode::Null {}, OpCode::Halt {}];
    Module { lines: vec![1; code.len()], code, bodies, computations, ..Module::default() }
}

/// A computation of one superstep that names no function.
fn computation(name: &str) -> ComputationSpec {
    ComputationSpec { supersteps: vec![SuperstepSpec::new("s".into())], ..ComputationSpec::new(name.into()) }
}

fn full() -> ComputationSpec {
    let superstep = SuperstepSpec {
        name: "t".into(),
        compute: Some(Compute::Function("three".into())),
        communicate: Some("two".into()),
        converged: Convergence::Function("three".into()),
    };
    ComputationSpec {
        initialize: Some("three".into()),
        supersteps: vec![SuperstepSpec::new("s".into()), superstep],
        finalize: Some("two".into()),
        processors: Some(limits::PROCESSES_MAX),
        max_supersteps: Some(limits::SUPERSTEP_NUMBER_MAX),
        barrier_timeout_ms: Some(limits::WAIT_MILLISECONDS_MAX),
        checkpoint_every: Some(1),
        on_crash_restart: Some(0),
        combine: Some(Combiner::Function("two".into())),
        ..computation("full")
    }
}

#[test]
fn computations_that_agree_with_themselves_are_taken() {
    let module = computing(vec![full(), computation("small")]);
    let bytes = write(&module).expect("it can be written");
    assert_eq!(read(&bytes).as_ref(), Ok(&module));
    assert!(verify(module).is_ok());
}

#[test]
fn computations_that_contradict_themselves_are_refused() {
    let refused = |computation: ComputationSpec, problem: &str| {
        let errors = verify(computing(vec![computation])).expect_err("it breaks a rule");
        let said: Vec<String> = errors.iter().map(|error| format!("{}: {}", error.rule, error.problem)).collect();
        assert_eq!(said, [format!("V13: the computation `c` {problem}")]);
    };
    refused(ComputationSpec::new("c".into()), "has no superstep");
    let many = (0..=limits::COMPUTATION_SUPERSTEPS_MAX).map(|number| SuperstepSpec::new(number.to_string().into()));
    let many = ComputationSpec { supersteps: many.collect(), ..computation("c") };
    refused(many, "has 4097 supersteps, at most 4096");
    let twice = vec![SuperstepSpec::new("s".into()); 2];
    refused(ComputationSpec { supersteps: twice, ..computation("c") }, "has two supersteps named `s`");
    for processors in [0, limits::PROCESSES_MAX + 1] {
        let wrong = ComputationSpec { processors: Some(processors), ..computation("c") };
        refused(wrong, "has a processors that is not from 1 to 16777215");
    }
    let endless = limits::SUPERSTEP_NUMBER_MAX + 1;
    let wrong = ComputationSpec { max_supersteps: Some(endless), ..computation("c") };
    refused(wrong, "has a max_supersteps that is not from 1 to 9223372036854775807");
    let wrong = ComputationSpec { barrier_timeout_ms: Some(0), ..computation("c") };
    refused(wrong, "has a barrier_timeout that is not from 1 to 3162240000000");
    let wrong = ComputationSpec { checkpoint_every: Some(0), ..computation("c") };
    refused(wrong, "has a checkpoint that is not from 1 to 9223372036854775807");
    let wrong = ComputationSpec { initialize: Some("nobody".into()), ..computation("c") };
    refused(wrong, "has the function `nobody` as initialize, which the module lacks");
    let wrong = ComputationSpec { finalize: Some("three".into()), ..computation("c") };
    refused(wrong, "has the function `three` as finalize, with 3 parameters instead of 2");
    let wrong = ComputationSpec { combine: Some(Combiner::Function("three".into())), ..computation("c") };
    refused(wrong, "has the function `three` as combine, with 3 parameters instead of 2");
    let compute = Some(Compute::Function("two".into()));
    let superstep = SuperstepSpec { compute, ..SuperstepSpec::new("s".into()) };
    let wrong = ComputationSpec { supersteps: vec![superstep], ..computation("c") };
    refused(wrong, "has the function `two` as compute, with 2 parameters instead of 3");
    let errors = verify(computing(vec![computation("c"), computation("c")])).expect_err("the name is taken");
    assert_eq!(errors[0].problem, "two computations are named `c`");
}

#[test]
fn a_test_is_no_function_of_a_computation() {
    let mut module = computing(vec![]);
    module.bodies[0].kind = BodyKind::Test;
    module.bodies[0].parameters = Arc::new([]);
    module.computations = vec![ComputationSpec { finalize: Some("two".into()), ..computation("c") }];
    let errors = verify(module).expect_err("it names a test");
    assert_eq!(errors[0].problem, "the computation `c` has the function `two` as finalize, which the module lacks");
}

#[test]
fn the_flag_of_computations_stands_in_files_that_have_some_and_no_others() {
    let with = write(&computing(vec![computation("c")])).expect("it can be written");
    assert_eq!(u32::from(with[10]), FEATURE_COMPUTATIONS);
    let without = write(&computing(vec![])).expect("it can be written");
    assert_eq!(without[10], 0);
    let error = read(&file_with(FEATURE_COMPUTATIONS, [&[], &[], &[0; 6], &[]])).expect_err("there are none");
    assert_eq!(error, ReadError::UnusedFeatures { flags: FEATURE_COMPUTATIONS });
    // With both flags, computations stand behind supervisors.
    let both = [EMPTY_METADATA, &[1, 0, 0, 1, 1, 0, 0], &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]].concat();
    let module = read(&file_with(FEATURE_SUPERVISORS | FEATURE_COMPUTATIONS, [&[], &[], &both, &[]]));
    assert!(module.is_ok_and(|module| (module.supervisors.len(), module.computations.len()) == (1, 1)));
}

#[test]
fn records_that_are_no_computation_are_refused() {
    let refusal = |computations: &[u8]| {
        let metadata = [EMPTY_METADATA, computations].concat();
        match read(&file_with(FEATURE_COMPUTATIONS, [&[], &[], &metadata, &[]])).expect_err("they are wrong") {
            ReadError::BadRecord { record, .. } => record,
            other => panic!("{other}"),
        }
    };
    // One computation with an empty name: initialize, finalize, five numbers, the operation that combines, supersteps.
    let operations = u8::try_from(FoldOperation::ALL.len()).expect("they are few");
    assert_eq!(refusal(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 1, operations, 0]), Record::Computation);
    assert_eq!(refusal(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0]), Record::Computation);
    assert_eq!(refusal(&[1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]), Record::Computation);
    // A superstep with an empty name: compute, communicate, converged.
    let superstep = |superstep: &[u8]| [&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], superstep].concat();
    assert_eq!(refusal(&superstep(&[0, 3, 0, 0])), Record::Superstep);
    assert_eq!(refusal(&superstep(&[0, 0, 2, 0])), Record::Superstep);
    assert_eq!(refusal(&superstep(&[0, 0, 0, 3])), Record::Superstep);
}

#[test]
fn an_operation_that_nobody_knows_is_refused_where_it_is_written() {
    let with = |op: OpCode| {
        let mut module = computing(vec![]);
        module.code[2] = op;
        verify(module)
    };
    assert!(with(OpCode::Scan { op: Some("sum".into()) }).is_ok());
    assert!(with(OpCode::Scan { op: None }).is_ok());
    for op in [
        OpCode::Scan { op: Some("smu".into()) },
        OpCode::Reduce { op: Some("smu".into()) },
        OpCode::AllReduce { op: Some("smu".into()) },
        OpCode::Aggregate { name: "n".into(), op: Some("smu".into()) },
    ] {
        let errors = with(op).expect_err("there is no such operation");
        assert_eq!((errors[0].rule, errors[0].instruction), (Rule::V13Computations, Some(2)));
        assert_eq!(errors[0].problem, "no operation is named `smu`");
    }
}
