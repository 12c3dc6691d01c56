//! What `ttvm check` says beyond the verifier: code that runs slowly, and functions that leave values behind.
//!
//! Codes: C0001 exact mode, C0002 values left behind by a `.fn`.

use ttvm_bytecode::{BodyKind, ExactReason, Module, Point, Region, VerifiedModule, analysis};
use ttvm_isa::OpCode;

use crate::{
    report::{Place, Report},
    source::Sources,
};

/// Everything there is to say about a module that can run.
pub fn check(verified: &VerifiedModule, sources: &mut Sources) -> Vec<Report> {
    let mut reports = Vec::new();
    for (number, region) in verified.regions().iter().enumerate() {
        let name = verified.region_name(number);
        if let Some(reason) = &region.exact {
            reports.push(slow_code(verified.module(), &name, reason, sources));
        } else if is_function(verified.module(), region) {
            reports.extend(values_left(verified, region, &name, sources));
        }
    }
    reports
}

fn is_function(module: &Module, region: &Region) -> bool {
    region.body.is_some_and(|body| module.bodies[body as usize].kind == BodyKind::Function)
}

fn slow_code(module: &Module, name: &str, reason: &ExactReason, sources: &mut Sources) -> Report {
    let mnemonic = |pc: u32| module.code[pc as usize].mnemonic();
    let why = match *reason {
        ExactReason::Underflow { pc, needed, depth } => {
            format!("{} takes {needed} from the operand stack, where {} sure to be", mnemonic(pc), values(depth))
        }
        ExactReason::UnevenDepth { first, second, .. } => {
            format!("ways meet here with {first} and {second} values on the operand stack")
        }
        ExactReason::BelowTry { .. } => "values from below an armed TRY are taken here".to_owned(),
        ExactReason::Handlers { .. } => "ways meet here with different handlers armed".to_owned(),
        ExactReason::Results { count, .. } => format!("it returns here with {} on the operand stack", plural(count)),
        ExactReason::Callee { pc } => {
            format!("what {} leaves on the operand stack is only known when it runs", mnemonic(pc))
        }
        _ => "its operand stack is only known when it runs".to_owned(),
    };
    Report::warning(place(module, reason.pc(), sources), format!("`{name}` runs in the slow exact mode: {why}"))
        .with_code("C0001")
        .with_help("a `.fn` has an operand stack of its own and returns one value; such code always runs fast")
}

fn values(count: u32) -> String {
    match count {
        0 => "none is".to_owned(),
        1 => "only 1 is".to_owned(),
        _ => format!("only {count} are"),
    }
}

fn plural(count: u32) -> String {
    if count == 1 { "1 value".to_owned() } else { format!("{count} values") }
}

/// The places where a `.fn` returns and leaves more than the value it returns.
fn values_left(verified: &VerifiedModule, region: &Region, name: &str, sources: &mut Sources) -> Vec<Report> {
    let module = verified.module();
    let mut reports = Vec::new();
    for point in &region.points {
        let left = match &module.code[point.pc as usize] {
            OpCode::Ret {} => Some(point.depth),
            _ if reaches_end(module, region, point) => depth_after(verified, point),
            _ => None,
        };
        if let Some(count) = left.filter(|count| *count > 1) {
            let message =
                format!("`{name}` returns here with {count} values on its operand stack; only the top one is");
            let report = Report::error(place(module, point.pc, sources), format!("{message} returned"));
            reports.push(report.with_code("C0002").with_help("take the others away with `POP`, or return a list"));
        }
    }
    reports
}

/// Whether execution may go from here to the end of the body, which returns.
fn reaches_end(module: &Module, region: &Region, point: &Point) -> bool {
    let next = analysis::successors(module, region.body, point.pc);
    let end = region.body.map(|body| module.bodies[body as usize].end);
    let op = &module.code[point.pc as usize];
    let falls_out = next.fall_through.is_none() && Some(point.pc + 1) == end && !ends_here(op);
    let is_handler = matches!(op, OpCode::Try { .. });
    falls_out || (!is_handler && op.jump_targets().any(|target| Some(target) == end))
}

fn ends_here(op: &OpCode) -> bool {
    use ttvm_isa::Flow;
    match op.info().flow {
        Flow::Jump | Flow::Switch | Flow::Return | Flow::Stop => true,
        Flow::Next | Flow::Branch | Flow::Call => false,
    }
}

/// The depth behind an instruction, where it can be told from the instruction.
fn depth_after(verified: &VerifiedModule, point: &Point) -> Option<u32> {
    let module = verified.module();
    let (pops, pushes) = match &module.code[point.pc as usize] {
        OpCode::Call { target, parameters } | OpCode::TailCall { target, parameters } => {
            let region = verified.regions().iter().skip(1).find(|region| region.entry == *target)?;
            (u32::try_from(parameters.len()).ok()?, region.results?)
        }
        OpCode::CallFunction { .. } => (point.arguments + 1, 1),
        op => op.effect()?,
    };
    Some(point.depth.saturating_sub(pops) + pushes)
}

fn place(module: &Module, pc: u32, sources: &mut Sources) -> Place {
    Place::parse(&module.place(pc), sources)
}
