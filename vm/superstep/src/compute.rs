//! `COMPUTE`: a group that does what a `.computation` block says (rules S8 to S12).
//!
//! The block becomes a plan, an object that `compute` of `std/bsp` works through on every processor with the instructions
//! that programs have. So nothing about supersteps is decided here.

use std::time::Duration;

use ttvm_bytecode::computation::{Combiner, ComputationSpec, Compute, Convergence, SuperstepSpec};
use ttvm_engine::{LoadedModule, Reply, Request};
use ttvm_isa::{Fault, OpCode, ProcessOperation, Text};
use ttvm_platform::sync::Arc;
use ttvm_runtime::{Context, object, text};
use ttvm_value::{Object, SharedValue, Value};

use crate::{
    fold::Fold,
    group::{Code, GroupPlan},
    membership,
    options::Reader,
    saved::SavePlan,
    supersteps::Common,
};

/// Options that take the place of what the block says.
const OPTIONS: [&str; 7] =
    ["processors", "max_supersteps", "barrier_timeout", "checkpoint", "on_crash", "checkpoint_dir", "checkpoint_start"];

/// After how many supersteps a checkpoint is taken that is to be kept, if nobody says.
const KEPT_EVERY: u64 = 1;

/// Iterations of a computation that does not say how many it may have.
const ITERATIONS_MAX: u64 = 1_000_000;

/// Starts the computation and waits for its results.
pub(crate) fn run(
    common: &Arc<Common>,
    context: &mut Context<'_, '_>,
    request: &mut Request<'_>,
) -> Result<Reply, Fault> {
    let OpCode::Compute { name } = request.instruction else { unreachable!("the operation is the instruction's") };
    let operation = request.operation;
    let spec = find(operation, request.module, name)?;
    let none = Object::new();
    let options = match &request.arguments[1] {
        Value::Null => &none,
        Value::Object(options) => options,
        other => return Err(Fault::mismatch(operation.mnemonic(), "an object of options", format!("{other:?}"))),
    };
    let plan = group_plan(operation, request.module, spec, &request.arguments[0], options)?;
    membership::start(context, operation, common, plan)?;
    Ok(Reply::Wait)
}

fn find<'m>(operation: ProcessOperation, module: &'m LoadedModule, name: &Text) -> Result<&'m ComputationSpec, Fault> {
    let mut computations = module.verified().module().computations.iter();
    computations.find(|spec| spec.name == *name).ok_or_else(|| {
        let error = format!("this module declares no computation {name:?}");
        Fault::Argument { operation: operation.mnemonic(), error }
    })
}

fn group_plan(
    operation: ProcessOperation,
    module: &LoadedModule,
    spec: &ComputationSpec,
    input: &Value,
    options: &Object,
) -> Result<GroupPlan, Fault> {
    let reader = Reader::new(operation.mnemonic(), options, &OPTIONS)?;
    let functions = Functions { operation, module };
    let iterations = reader.number("max_supersteps")?.or(spec.max_supersteps).unwrap_or(ITERATIONS_MAX);
    let save = reader.save_plan(module)?;
    let every = reader.number("checkpoint")?.or(spec.checkpoint_every).or(save.is_some().then_some(KEPT_EVERY));
    let every = every.unwrap_or(0);
    let names = spec.supersteps.iter().map(|superstep| &superstep.name);
    // Behind the last one the first one is next.
    let following = names.clone().skip(1).chain(names.take(1));
    let supersteps = spec.supersteps.iter().zip(following);
    let supersteps: Result<Vec<Value>, Fault> =
        supersteps.map(|(superstep, next)| functions.superstep(superstep, next)).collect();
    let int = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let plan = object([
        ("initialize", functions.optional(spec.initialize.as_ref())?),
        ("finalize", functions.optional(spec.finalize.as_ref())?),
        ("supersteps", Value::list(supersteps?.into_iter())?),
        ("max_supersteps", int(iterations)),
        ("checkpoint_every", int(every)),
    ]);
    let restarts = reader.number("on_crash")?.or(spec.on_crash_restart.map(u64::from)).unwrap_or(0);
    Ok(GroupPlan {
        operation: operation.mnemonic(),
        name: spec.name.clone(),
        labels: Box::default(),
        count: reader.processors(spec.processors)?,
        first: spec.supersteps.first().map_or_else(|| Text::from(""), |first| first.name.clone()),
        code: Code::Computation { plan: SharedValue::new(plan).0 },
        input: SharedValue::new(input.clone()).0,
        combine: match &spec.combine {
            None => None,
            Some(Combiner::Operation(operation)) => Some(Fold::Named(*operation)),
            Some(Combiner::Function(name)) => Some(Fold::Function(SharedValue::new(functions.named(name)?).0)),
        },
        supersteps_max: None,
        barrier_timeout: reader.time("barrier_timeout")?.or(spec.barrier_timeout_ms.map(Duration::from_millis)),
        restarts_max: u32::try_from(restarts).unwrap_or(u32::MAX),
        save: save.map(|plan| SavePlan { max_supersteps: Some(iterations), checkpoint_every: Some(every), ..plan }),
    })
}

/// The functions that a block names.
struct Functions<'m> {
    operation: ProcessOperation,
    module: &'m LoadedModule,
}

impl Functions<'_> {
    fn named(&self, name: &Text) -> Result<Value, Fault> {
        self.module.entry_named(name).ok_or_else(|| {
            let error = format!("this module has no function {name:?}");
            Fault::Argument { operation: self.operation.mnemonic(), error }
        })
    }

    fn optional(&self, name: Option<&Text>) -> Result<Value, Fault> {
        name.map_or(Ok(Value::Null), |name| self.named(name))
    }

    /// A superstep as `std/bsp` wants it, which says what is where; `next` is the name of the one behind it.
    fn superstep(&self, spec: &SuperstepSpec, next: &Text) -> Result<Value, Fault> {
        let (compute, passes_on) = match &spec.compute {
            None => (Value::Null, true),
            Some(Compute::Keep) => (Value::Null, false),
            Some(Compute::Function(name)) => (self.named(name)?, false),
        };
        let (judge, verdict) = match &spec.converged {
            Convergence::Never => (Value::Null, false),
            Convergence::Always => (Value::Null, true),
            Convergence::Function(name) => (self.named(name)?, false),
        };
        let communicate = self.optional(spec.communicate.as_ref())?;
        let parts = [compute, Value::Bool(passes_on), communicate, judge, Value::Bool(verdict), text(next)];
        Value::list(parts.into_iter())
    }
}
