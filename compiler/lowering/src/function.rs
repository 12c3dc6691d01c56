//! Lowers one function: walks its points in order, keeping labels, jumps, handlers and origins.
//!
//! Not here: what each instruction becomes (`instructions.rs`, `calls.rs`) and where operands are (`stack.rs`).

use std::collections::{HashMap, HashSet};

use ttvm_bytecode::{Captured, Function, Module, Point, Region, VerifiedModule, analysis};
use ttvm_isa::{Flow, Names, OpCode};

use crate::{
    constants::Constants,
    fuse::fuse,
    module::{HandlerRange, Origin, RegisterFunction, RegisterModule, Results},
    register::{Instruction, Op},
    stack::Operand,
    variables::{VariableFacts, Variables, find_facts},
};

/// Finds functions by what calls and function values name.
pub(crate) struct FunctionLookup {
    regions: HashMap<u32, u32>,
    functions: HashMap<Function, u32>,
    end: u32,
}

impl FunctionLookup {
    pub fn new(verified: &VerifiedModule) -> Self {
        let number = |index: usize| u32::try_from(index).expect("V10: shared code bounds the number of functions");
        let regions = verified.regions().iter().enumerate().skip(1);
        Self {
            regions: regions.map(|(index, region)| (region.entry, number(index))).collect(),
            functions: verified.functions().iter().cloned().enumerate().skip(1).map(|(i, f)| (f, number(i))).collect(),
            end: number(verified.module().code.len()),
        }
    }

    pub fn region(&self, target: u32) -> u32 {
        self.regions[&target.min(self.end)]
    }

    pub fn function(&self, target: u32, parameters: &Names, captured: Captured) -> u32 {
        let function = Function { region: self.region(target), parameters: parameters.clone(), captured };
        self.functions[&function]
    }
}

/// A jump whose distance is not known yet.
#[derive(Clone, Copy)]
struct Fixup {
    instruction: usize,
    target: Target,
    is_short: bool,
}

/// Where a jump goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    /// A stack instruction of the region.
    Pc(u32),
    /// The end of the code or body, reached with this many operands.
    End(u32),
}

/// The state of lowering one function.
pub(crate) struct FunctionLowering<'a> {
    pub verified: &'a VerifiedModule,
    pub module: &'a Module,
    pub region: &'a Region,
    pub number: u32,
    pub lookup: &'a FunctionLookup,
    pub constants: &'a Constants,
    pub out: &'a mut RegisterModule,
    pub variables: Variables,
    pub facts: VariableFacts,
    pub stack: Vec<Operand>,
    /// Index of the present point.
    pub index: usize,
    /// The present instruction's result went straight into the variable that the next one stores it in.
    pub folds_store: bool,
    /// The present instruction and the next were lowered together.
    pub folds_next: bool,
    /// For instructions whose result is an argument of a call in the same block: the call and which argument.
    pub preferred: HashMap<u32, (u32, u16)>,
    /// Where the callee's frame of a call begins, once its first argument has been placed.
    pub call_bases: HashMap<u32, u16>,
    pub allows_short_jumps: bool,
    leaders: HashSet<u32>,
    labels: HashMap<Target, u32>,
    fixups: Vec<Fixup>,
    handlers: Vec<(u32, u32, analysis::Handler)>,
    /// Receive tables, the numbers of their targets, and where those go.
    pub receive_jumps: Vec<(usize, usize, Target)>,
    slot_max: u16,
}

/// Lowers a function and appends its code.
pub(crate) fn lower_function(
    verified: &VerifiedModule,
    number: u32,
    lookup: &FunctionLookup,
    constants: &Constants,
    out: &mut RegisterModule,
) -> RegisterFunction {
    let function = &verified.functions()[number as usize];
    let region = &verified.regions()[function.region as usize];
    for allows_short_jumps in [true, false] {
        let (code, sites, receives) = (out.code.len(), out.sites.len(), out.receives.len());
        let lowering = FunctionLowering::new(verified, number, lookup, constants, out, allows_short_jumps);
        if let Some(lowered) = lowering.run(function, region) {
            fuse(&mut out.code[code..], lowered.temporaries);
            return lowered;
        }
        out.code.truncate(code);
        out.origins.truncate(code);
        out.sites.truncate(sites);
        out.receives.truncate(receives);
    }
    unreachable!("without short jumps every distance fits in 32 bits (V1)")
}

impl<'a> FunctionLowering<'a> {
    fn new(
        verified: &'a VerifiedModule,
        number: u32,
        lookup: &'a FunctionLookup,
        constants: &'a Constants,
        out: &'a mut RegisterModule,
        allows_short_jumps: bool,
    ) -> Self {
        let function = &verified.functions()[number as usize];
        let region = &verified.regions()[function.region as usize];
        let module = verified.module();
        let variables = Variables::new(module, region, function);
        let facts = find_facts(module, region, function, &variables);
        Self {
            verified,
            module,
            region,
            number,
            lookup,
            constants,
            out,
            slot_max: variables.temporaries,
            variables,
            facts,
            stack: Vec::new(),
            index: 0,
            folds_store: false,
            folds_next: false,
            preferred: HashMap::new(),
            call_bases: HashMap::new(),
            allows_short_jumps,
            leaders: HashSet::new(),
            labels: HashMap::new(),
            fixups: Vec::new(),
            handlers: Vec::new(),
            receive_jumps: Vec::new(),
        }
    }

    fn run(mut self, function: &Function, region: &Region) -> Option<RegisterFunction> {
        let entry = self.position();
        if region.exact.is_none() {
            self.find_leaders();
            self.find_preferred();
            self.prepare_variables();
            if region.points.first().is_none_or(|point| point.pc != region.entry) {
                let target = if region.points.is_empty() { Target::End(0) } else { Target::Pc(region.entry) };
                self.jump(target);
            }
            self.lower_points();
            self.lower_ends();
            if !self.apply_fixups() {
                return None;
            }
            self.apply_receive_jumps();
        }
        let results = if region.results == Some(0) { Results::None } else { Results::One };
        Some(RegisterFunction {
            entry,
            end: self.position(),
            frame_cells: u32::from(self.slot_max) + 2,
            handlers: self.handler_ranges(),
            variables: std::mem::take(&mut self.variables.names),
            parameters: function.parameters.clone(),
            captures: self.variables.captures.iter().map(|(name, _)| name.clone()).collect(),
            temporaries: self.variables.temporaries,
            capture_order: self.variables.capture_order,
            scope_order: self.variables.scope_order,
            results,
            is_exact: region.exact.is_some(),
            owns_stack: region.body.is_some() || function.region == 0,
            region: function.region,
        })
    }

    fn find_leaders(&mut self) {
        for point in &self.region.points {
            let op = &self.module.code[point.pc as usize];
            let next = analysis::successors(self.module, self.region.body, point.pc);
            self.leaders.extend(next.jumps());
            // Whatever follows a call or a TRY may be entered anew.
            if matches!(op, OpCode::Try { .. }) {
                self.leaders.extend(next.fall_through);
            }
        }
        self.leaders.insert(self.region.entry);
    }

    /// Finds which results are arguments of a later call in the same block.
    fn find_preferred(&mut self) {
        let mut producers: Vec<Option<u32>> = Vec::new();
        let mut expected = None;
        for point in &self.region.points {
            let op = &self.module.code[point.pc as usize];
            if expected != Some(point.pc) || self.leaders.contains(&point.pc) {
                producers = vec![None; point.depth as usize];
            }
            expected = Some(point.pc + 1);
            let (pops, pushes) = match op {
                OpCode::Call { parameters, .. } | OpCode::TailCall { parameters, .. } => (parameters.len(), 1),
                OpCode::CallFunction { .. } => (point.arguments as usize + 1, 1),
                OpCode::Ret {} => (0, 0),
                other => {
                    let (pops, pushes) = other.effect().expect("calls and returns are handled above");
                    (pops as usize, pushes as usize)
                }
            };
            let rest = producers.len().saturating_sub(pops);
            let arguments = match op {
                OpCode::Call { .. } | OpCode::TailCall { .. } | OpCode::CallImport { .. } => pops,
                OpCode::CallFunction { .. } => pops - 1,
                _ => 0,
            };
            for index in 0..arguments {
                if let (Some(Some(producer)), Ok(index)) = (producers.get(rest + index), u16::try_from(index)) {
                    self.preferred.insert(*producer, (point.pc, index));
                }
            }
            producers.truncate(rest);
            let producer = if pushes == 1 { Some(point.pc) } else { None };
            producers.extend(std::iter::repeat_n(producer, pushes));
            if let Some(next) = self.region.point(point.pc + 1) {
                // A call that leaves nothing, or several values, ends what can be said.
                producers.resize(next.depth as usize, None);
            }
        }
    }

    fn prepare_variables(&mut self) {
        // Captures whose names are only known at run time are bound, and the rest prepared, by the call.
        let is_bound = self.verified.functions()[self.number as usize].captured == Captured::Unknown;
        let slots = if is_bound { Vec::new() } else { self.facts.must_prepare.clone() };
        let hidden = self.variables.captures.iter().map(|(_, slot)| *slot).collect::<Vec<_>>();
        let orders = [self.variables.capture_order, if is_bound { 0 } else { self.variables.scope_order }];
        let orders = orders.into_iter().filter(|slot| *slot != 0);
        for slot in slots.into_iter().chain(hidden).chain(orders) {
            self.emit(Instruction::new(Op::Undefine, slot, 0, 0));
        }
    }

    fn lower_points(&mut self) {
        let mut falls = false;
        for index in 0..self.region.points.len() {
            self.index = index;
            let point = &self.region.points[index];
            if !falls || self.leaders.contains(&point.pc) {
                if falls {
                    self.flush();
                }
                self.call_bases.clear();
                self.stack =
                    (0..point.depth as usize).map(|position| Operand::Temporary(self.canonical(position))).collect();
                if let Some(deepest) = (point.depth as usize).checked_sub(1) {
                    self.touch(self.canonical(deepest));
                }
            }
            let start = self.position();
            self.labels.insert(Target::Pc(point.pc), start);
            if std::mem::take(&mut self.folds_store) || std::mem::take(&mut self.folds_next) {
                falls = self.falls_to_next(true);
            } else {
                let goes_on = self.lower_instruction();
                if self.folds_store || self.folds_next {
                    falls = true;
                } else {
                    falls = self.falls_to_next(goes_on);
                }
            }
            if let Some(handler) = point.handler {
                self.handlers.push((start, self.position(), handler));
            }
        }
    }

    /// Whether the next point simply follows; otherwise emits what goes on elsewhere.
    fn falls_to_next(&mut self, goes_on: bool) -> bool {
        let pc = self.point().pc;
        let flow = self.module.code[pc as usize].info().flow;
        if !goes_on || matches!(flow, Flow::Jump | Flow::Switch | Flow::Return | Flow::Stop) {
            return false;
        }
        match analysis::successors(self.module, self.region.body, pc).fall_through {
            Some(next) if self.region.points.get(self.index + 1).is_some_and(|point| point.pc == next) => true,
            Some(next) => {
                self.flush();
                self.jump(Target::Pc(next));
                false
            }
            None => {
                self.flush();
                let depth = u32::try_from(self.stack.len()).expect("V11: operands fit in SLOTS_MAX");
                self.jump(Target::End(depth));
                false
            }
        }
    }

    /// Emits the ends that jumps go to.
    fn lower_ends(&mut self) {
        let mut ends: Vec<Target> = self.fixups.iter().map(|fixup| fixup.target).collect();
        ends.extend(self.receive_targets());
        for (_, _, handler) in &self.handlers {
            ends.push(self.handler_target(*handler));
        }
        ends.retain(|target| matches!(target, Target::End(_)) && !self.labels.contains_key(target));
        while let Some(target) = ends.pop() {
            let Target::End(depth) = target else { unreachable!("only ends are kept above") };
            if !self.labels.contains_key(&target) {
                self.labels.insert(target, self.position());
                self.stack = (0..depth as usize).map(|position| Operand::Temporary(self.canonical(position))).collect();
                if let Some(Operand::Temporary(slot)) = self.stack.last().copied() {
                    self.touch(slot);
                }
                self.emit_end();
            }
        }
    }

    fn handler_target(&self, handler: analysis::Handler) -> Target {
        let OpCode::Try { target } = &self.module.code[handler.try_pc as usize] else {
            unreachable!("the analysis names TRY instructions only")
        };
        self.target(*target, handler.depth + 1)
    }

    /// What a written target means in this region, when reached with `depth` operands.
    pub fn target(&self, target: u32, depth: u32) -> Target {
        analysis::inside(self.module, self.region.body, target).map_or(Target::End(depth), Target::Pc)
    }

    /// The register instruction that a target means, when all code has been emitted.
    pub fn label(&self, target: Target) -> u32 {
        self.labels[&target]
    }

    fn handler_ranges(&self) -> Vec<HandlerRange> {
        let mut ranges: Vec<HandlerRange> = Vec::new();
        for (start, end, handler) in &self.handlers {
            let target = self.handler_target(*handler);
            let target_pc = match target {
                Target::Pc(pc) => pc,
                Target::End(_) => u32::try_from(self.module.code.len()).expect("V1: the code is bounded"),
            };
            let range = HandlerRange {
                start: *start,
                end: *end,
                target: self.labels[&target],
                slot: self.canonical(handler.depth as usize),
                target_pc,
                depth: handler.depth,
            };
            match ranges.last_mut() {
                Some(last) if last.end == range.start && last.target == range.target && last.depth == range.depth => {
                    last.end = range.end;
                }
                _ if start == end => {}
                _ => ranges.push(range),
            }
        }
        ranges
    }

    /// Patches all jumps. `false` if a short one does not reach.
    fn apply_fixups(&mut self) -> bool {
        for fixup in &self.fixups {
            let here = i64::try_from(fixup.instruction).expect("code indexes fit in 63 bits");
            let distance = i64::from(self.labels[&fixup.target]) - here;
            let instruction = &mut self.out.code[fixup.instruction];
            if fixup.is_short {
                let Ok(distance) = i16::try_from(distance) else { return false };
                instruction.c = distance as u16;
            } else {
                let distance = i32::try_from(distance).expect("V1: register code of a module stays below 2^31");
                *instruction = Instruction::wide(instruction.op, instruction.a, distance as u32);
            }
        }
        true
    }

    /// The present point.
    pub fn point(&self) -> &'a Point {
        &self.region.points[self.index]
    }

    /// The point after the present one, if control simply falls to it and only from here.
    pub fn next_point(&self) -> Option<&'a Point> {
        let next = self.region.points.get(self.index + 1)?;
        let falls = analysis::successors(self.module, self.region.body, self.point().pc).fall_through;
        (falls == Some(next.pc) && !self.leaders.contains(&next.pc) && self.point().handler == next.handler)
            .then_some(next)
    }

    /// The index the next register instruction will have.
    pub fn position(&self) -> u32 {
        u32::try_from(self.out.code.len()).expect("V1 and V10 keep register code below 2^32 instructions")
    }

    /// Makes the frame large enough for a slot.
    pub fn touch(&mut self, slot: u16) {
        self.slot_max = self.slot_max.max(slot);
    }

    pub fn emit(&mut self, instruction: Instruction) {
        self.emit_with(instruction, 0);
    }

    /// Emits an instruction, noting which of its sources are temporaries.
    pub fn emit_with(&mut self, instruction: Instruction, temporaries: u8) {
        self.out.code.push(instruction);
        let pc = self.region.points.get(self.index).map_or(self.region.entry, |point| point.pc);
        self.out.origins.push(Origin { pc, temporaries });
    }

    /// Emits a jump without condition and without cost.
    pub fn jump(&mut self, target: Target) {
        self.emit_jump(Instruction::new(Op::Jump, 0, 0, 0), 0, target, false);
    }

    /// Emits a jump instruction whose distance is patched in later.
    pub fn emit_jump(&mut self, instruction: Instruction, temporaries: u8, target: Target, is_short: bool) {
        self.fixups.push(Fixup { instruction: self.out.code.len(), target, is_short });
        self.emit_with(instruction, temporaries);
    }
}
