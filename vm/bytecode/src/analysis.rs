//! Finds the functions of a module and how each behaves on the operand stack and with handlers.
//!
//! A *region* is the code reachable from one entry without entering calls. For each region the analysis
//! follows operand stack depth, armed handlers and pending captures to a fixed point. Where all ways to
//! an instruction agree, the region can run with fixed slots; where they do not (only classic label code
//! may), it runs in exact mode, with an explicit operand stack. Regions depend on each other through
//! what a call leaves on the stack, so they are solved together (`solver.rs`).
//!
//! Not here: the module-wide checks (`verify.rs`), and code generation (the crate `lowering`).

mod flow;
mod handlers;
mod solver;
mod spawned;

use std::collections::HashMap;

use ttvm_isa::{Names, OpCode, Text, limits};

use crate::{
    module::Module,
    verify::{Captured, Function, Rule, VerifyError, error},
};

pub use flow::{ExactReason, Handler, Point, Successors, inside, successors};
pub use spawned::spawned_labels;

/// The code reachable from one entry, and what is known about it.
#[derive(Clone, Debug)]
pub struct Region {
    /// Index of the first instruction; the code's length for an empty region that stops at once.
    pub entry: u32,
    /// The body whose start this is; a body has an operand stack of its own. None for main and label code.
    pub body: Option<u32>,
    /// The reachable instructions by rising index, with the state before each. In exact regions depths and
    /// captures do not count; handlers do unless `has_dynamic_handlers`.
    pub points: Vec<Point>,
    /// How many values the region leaves for its caller when it returns; None if it never returns.
    /// Always 1 for bodies. In exact regions what the caller must expect is any number.
    pub results: Option<u32>,
    /// Why the region must run in exact mode, if it must.
    pub exact: Option<ExactReason>,
    /// Which handlers are armed at an instruction depends on the way execution took: then `END_TRY` disarms
    /// the frame's newest armed handler. Such regions are exact too.
    pub has_dynamic_handlers: bool,
    /// The deepest operand stack.
    pub depth_max: u32,
}

impl Region {
    /// The point of an instruction, if the region reaches it.
    #[must_use]
    pub fn point(&self, pc: u32) -> Option<&Point> {
        self.points.binary_search_by_key(&pc, |point| point.pc).ok().map(|index| &self.points[index])
    }
}

pub(crate) struct Analysed {
    pub regions: Vec<Region>,
    pub functions: Vec<Function>,
}

/// Analyses a module that keeps the rules V1 to V6.
pub(crate) fn analyse(module: &Module) -> Result<Analysed, Vec<VerifyError>> {
    let entries = find_entries(module);
    check_shared_code(module, &entries)?;
    let regions = solver::solve(module, &entries);
    let mut errors = Vec::new();
    for region in &regions {
        check_body(module, region, &mut errors);
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let functions = find_functions(module, &regions);
    check_lowered_code(module, &regions, &functions)?;
    check_slots(module, &regions, &functions)?;
    Ok(Analysed { regions, functions })
}

/// An entry of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub pc: u32,
    pub body: Option<u32>,
}

/// Main first, then bodies in order, then the targets of calls and functions and the labels started by name, in order.
fn find_entries(module: &Module) -> Vec<Entry> {
    let end = code_length(module);
    let mut entries = vec![Entry { pc: module.skip_bodies(0), body: None }];
    entries.extend((0u32..).zip(&module.bodies).map(|(number, body)| Entry { pc: body.start, body: Some(number) }));
    let mut targets: Vec<u32> = module
        .code
        .iter()
        .filter_map(|op| match op {
            OpCode::Call { target, .. }
            | OpCode::TailCall { target, .. }
            | OpCode::MakeFunction { target, .. }
            | OpCode::MakeLambda { target, .. } => Some((*target).min(end)),
            _ => None,
        })
        .chain(spawned_labels(module).into_iter().map(|label| label.at.min(end)))
        .collect();
    targets.sort_unstable();
    targets.dedup();
    targets.retain(|target| module.body_of(*target).is_none());
    entries.extend(targets.into_iter().map(|pc| Entry { pc, body: None }));
    entries
}

/// How many instructions all regions, and all functions, may have together (rule V10).
fn shared_code_max(module: &Module) -> u64 {
    u64::from(code_length(module)) * limits::SHARED_CODE_FACTOR + limits::SHARED_CODE_ALLOWANCE
}

/// Rule V10 for functions: each set of parameter names that a region is called with is lowered by itself.
fn check_lowered_code(module: &Module, regions: &[Region], functions: &[Function]) -> Result<(), Vec<VerifyError>> {
    let allowed = shared_code_max(module);
    let mut total = 0u64;
    for function in functions {
        let region = &regions[function.region as usize];
        total += region.points.len() as u64;
        if total > allowed {
            let problem = format!(
                "the code of this module is called with too many different parameter names (more than {allowed} instructions in all)"
            );
            return Err(vec![error(module, Some(region.entry), Rule::V10SharedCode, problem)]);
        }
    }
    Ok(())
}

/// Rule V10: keeps analysis and lowering linear in the size of the file.
fn check_shared_code(module: &Module, entries: &[Entry]) -> Result<(), Vec<VerifyError>> {
    let allowed = shared_code_max(module);
    let mut seen = vec![u32::MAX; module.code.len()];
    let mut total = 0u64;
    for (number, entry) in (0u32..).zip(entries) {
        let mut work = vec![entry.pc];
        while let Some(pc) = work.pop() {
            let Some(mark) = seen.get_mut(pc as usize) else { continue };
            if *mark == number {
                continue;
            }
            *mark = number;
            let next = successors(module, entry.body, pc);
            total += 1 + next.cases.len() as u64;
            if total > allowed {
                let problem =
                    format!("the functions of this module share too much code (more than {allowed} instructions)");
                return Err(vec![error(module, Some(entry.pc), Rule::V10SharedCode, problem)]);
            }
            work.extend(next.all());
        }
    }
    Ok(())
}

/// Rules V7 and V8: only a `.fn` whose calls make its depth unknowable may run in exact mode.
fn check_body(module: &Module, region: &Region, errors: &mut Vec<VerifyError>) {
    let (Some(body), Some(reason)) = (region.body, &region.exact) else { return };
    let name = &module.bodies[body as usize].name;
    let (rule, problem) = match *reason {
        ExactReason::Underflow { pc, needed, depth } => (
            Rule::V7Depth,
            format!("{} takes {needed} values, but `{name}` has {depth} here", module.code[pc as usize].mnemonic()),
        ),
        ExactReason::UnevenDepth { first, second, .. } => (
            Rule::V7Depth,
            format!("ways through `{name}` meet here with {first} and {second} values on the operand stack"),
        ),
        ExactReason::BelowTry { .. } => {
            (Rule::V7Depth, format!("`{name}` takes values from below the TRY that is armed here"))
        }
        ExactReason::Handlers { .. } => {
            (Rule::V8Handlers, format!("ways through `{name}` meet here with different handlers armed"))
        }
        ExactReason::Results { .. } | ExactReason::Callee { .. } => return,
    };
    errors.push(error(module, Some(reason.pc()), rule, problem));
}

/// Every way a frame can be made: main, bodies, and each distinct call or function creation.
fn find_functions(module: &Module, regions: &[Region]) -> Vec<Function> {
    let by_entry: HashMap<u32, u32> =
        (0u32..).zip(regions).skip(1).map(|(number, region)| (region.entry, number)).collect();
    let end = code_length(module);
    let no_names: Names = Names::from([]);
    let mut functions = vec![Function { region: 0, parameters: no_names.clone(), captured: Captured::Nothing }];
    let mut known: HashMap<Function, ()> = HashMap::new();
    let mut add = |function: Function| {
        if known.insert(function.clone(), ()).is_none() {
            functions.push(function);
        }
    };
    for (number, region) in (0u32..).zip(regions) {
        if let Some(body) = region.body {
            let parameters = module.bodies[body as usize].parameters.clone();
            add(Function { region: number, parameters, captured: Captured::Nothing });
        }
    }
    for label in spawned_labels(module) {
        // A label in front of a body means what lies behind it, and there is none of its own to run.
        if let Some(region) = by_entry.get(&label.at.min(end)) {
            add(Function { region: *region, parameters: no_names.clone(), captured: Captured::Nothing });
        }
    }
    for region in regions {
        for point in &region.points {
            match &module.code[point.pc as usize] {
                OpCode::Call { target, parameters }
                | OpCode::TailCall { target, parameters }
                | OpCode::MakeFunction { target, parameters } => {
                    let region = by_entry[&(*target).min(end)];
                    add(Function { region, parameters: parameters.clone(), captured: Captured::Nothing });
                }
                OpCode::MakeLambda { target, parameters } => {
                    let target = by_entry[&(*target).min(end)];
                    let captured = if region.exact.is_some() { Captured::Unknown } else { point.captured.clone() };
                    add(Function { region: target, parameters: parameters.clone(), captured });
                    // A frame that goes over to exact mode makes the same closure with captures found as it runs.
                    add(Function { region: target, parameters: parameters.clone(), captured: Captured::Unknown });
                }
                _ => {}
            }
        }
    }
    functions
}

/// Rule V11: slot numbers are 16-bit.
fn check_slots(module: &Module, regions: &[Region], functions: &[Function]) -> Result<(), Vec<VerifyError>> {
    let mut errors = Vec::new();
    // Parameters and captures of the function with the most, for each region.
    let mut extra = vec![0usize; regions.len()];
    for function in functions {
        let captured = if let Captured::Known(names) = &function.captured { names.len() } else { 0 };
        let most = &mut extra[function.region as usize];
        *most = (*most).max(function.parameters.len() + captured);
    }
    for (number, region) in (0u32..).zip(regions) {
        let mut names = std::collections::HashSet::new();
        // What is captured waits in hidden variables.
        let mut hidden = std::collections::HashSet::new();
        let mut read_or_bound: Vec<Text> = Vec::new();
        let (mut operands, mut tries) = (0u32, 0u32);
        for point in &region.points {
            let op = &module.code[point.pc as usize];
            operands = operands.max(op.effect().map_or(0, |(pops, _)| pops));
            match op {
                OpCode::Store { name } | OpCode::Load { name } | OpCode::Delete { name } | OpCode::Export { name } => {
                    names.insert(name);
                }
                OpCode::Capture { name } => {
                    names.insert(name);
                    hidden.insert(name);
                }
                OpCode::ReceiveMatch { table } => read_or_bound.extend(table.bound().into_iter().chain(table.read())),
                OpCode::Try { .. } => tries += 1,
                OpCode::Call { parameters, .. } | OpCode::TailCall { parameters, .. } => {
                    operands = operands.max(u32::try_from(parameters.len()).unwrap_or(u32::MAX));
                }
                _ => {}
            }
        }
        names.extend(&read_or_bound);
        let extra = extra[number as usize];
        let variables = (names.len() + hidden.len() + extra) as u64;
        let slots = variables + u64::from(region.depth_max.max(operands)) + u64::from(tries);
        if slots > u64::from(limits::SLOTS_MAX) {
            let problem =
                format!("{slots} variables and operands in one function, at most {} are allowed", limits::SLOTS_MAX);
            errors.push(error(module, Some(region.entry), Rule::V11Slots, problem));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

pub(crate) fn code_length(module: &Module) -> u32 {
    u32::try_from(module.code.len()).expect("V1: the code has at most INSTRUCTIONS_MAX instructions")
}
