//! Exact mode: register code that keeps operands on an explicit stack, for code whose depths or handlers are
//! only known when it runs. One stack instruction becomes pops, one operation, and a push.
//!
//! Variables have the slots of the same function's ordinary code, so that a frame can go over to exact mode at
//! any call. Made on demand, one function at a time.

mod host;
mod processes;

use ttvm_bytecode::{Captured, Module, Region, VerifiedModule, analysis};
use ttvm_isa::{Flow, HostOperation, InstructionInfo, OpCode};

use crate::{
    builtin::Builtin,
    constants::{Constants, constant_of},
    function::FunctionLookup,
    module::{CallSite, Callee, Constant, ExactCode, Origin, RegisterModule},
    register::{Instruction, Op},
    variables::{Variables, find_last_reads_of_exact},
};

/// Lowers function `number` of the module for exact mode.
#[must_use]
pub fn lower_exact(lowered: &RegisterModule, number: u32) -> ExactCode {
    let verified = &lowered.verified;
    let function = &verified.functions()[number as usize];
    let region = &verified.regions()[function.region as usize];
    let mut exact = ExactLowering {
        lowered,
        verified,
        module: verified.module(),
        region,
        number,
        variables: Variables::new(verified.module(), region, function),
        lookup: FunctionLookup::new(verified),
        constants: Constants::of_list(&lowered.constants),
        pc: region.entry,
        is_last_read: false,
        jumps: Vec::new(),
        receive_jumps: Vec::new(),
        slot_max: 0,
        made: ExactCode {
            code: vec![],
            origins: vec![],
            sites: vec![],
            receives: vec![],
            starts: vec![],
            frame_cells: 0,
        },
    };
    exact.run();
    exact.made
}

struct ExactLowering<'a> {
    lowered: &'a RegisterModule,
    verified: &'a VerifiedModule,
    module: &'a Module,
    region: &'a Region,
    number: u32,
    variables: Variables,
    lookup: FunctionLookup,
    constants: Constants,
    pc: u32,
    /// Whether the instruction at `pc` is the last to read the variable's present value.
    is_last_read: bool,
    /// Jump instructions and the stack instructions they go to; `None` is the end.
    jumps: Vec<(usize, Option<u32>)>,
    /// Receive tables, the numbers of their targets, and the stack instructions these go to.
    receive_jumps: Vec<(usize, usize, Option<u32>)>,
    slot_max: u16,
    made: ExactCode,
}

impl ExactLowering<'_> {
    fn run(&mut self) {
        for (_, slot) in self.variables.captures.clone() {
            self.touch(slot);
        }
        self.touch(self.variables.temporaries);
        let parameters = self.lowered.functions[self.number as usize].parameters.len();
        let captured = match &self.verified.functions()[self.number as usize].captured {
            Captured::Known(names) => names.len(),
            Captured::Nothing | Captured::Unknown => 0,
        };
        let is_unknown = self.verified.functions()[self.number as usize].captured == Captured::Unknown;
        self.emit(Instruction::new(Op::ExactEnter, 0, 0, 0));
        let first = u16::try_from(parameters + captured + 1).expect("V11: slots are 16-bit");
        for slot in first..self.variables.temporaries {
            // Captures whose names are only known at run time are bound before the first instruction.
            let is_variable = usize::from(slot) <= self.variables.names.len() || slot == self.variables.scope_order;
            let is_bound = is_unknown && is_variable;
            if !is_bound {
                self.emit(Instruction::new(Op::Undefine, slot, 0, 0));
            }
        }
        if self.region.points.first().is_none_or(|point| point.pc != self.region.entry) {
            let entry = self.region.point(self.region.entry).map(|point| point.pc);
            self.jump(Instruction::new(Op::Jump, 0, 0, 0), entry);
        }
        let last_reads = find_last_reads_of_exact(self.module, self.region, &self.variables);
        for (index, is_last_read) in last_reads.into_iter().enumerate() {
            self.pc = self.region.points[index].pc;
            self.is_last_read = is_last_read;
            let start = self.position();
            self.made.starts.push((self.pc, start));
            let op = &self.module.code[self.pc as usize];
            self.lower(op);
            if matches!(op.info().flow, Flow::Next | Flow::Branch | Flow::Call) {
                let next = analysis::successors(self.module, self.region.body, self.pc).fall_through;
                let follows = self.region.points.get(index + 1).map(|point| point.pc);
                if next.is_none() || next != follows {
                    self.jump(Instruction::new(Op::Jump, 0, 0, 0), next);
                }
            }
        }
        let end = self.position();
        let op = if self.region.body.is_some() { Op::ExactReturnTop } else { Op::Stop };
        self.emit(Instruction::new(op, 0, self.variable_count(), 0));
        for (instruction, target) in std::mem::take(&mut self.jumps) {
            let target = target.map_or(end, |pc| self.made.start_of(pc));
            let distance = i64::from(target) - i64::try_from(instruction).expect("code indexes fit in 63 bits");
            let distance = i32::try_from(distance).expect("V1: exact code of a function stays below 2^31");
            let code = &mut self.made.code[instruction];
            *code = Instruction::wide(code.op, code.a, distance as u32);
        }
        for (number, index, target) in std::mem::take(&mut self.receive_jumps) {
            let target = target.map_or(end, |pc| self.made.start_of(pc));
            self.made.receives[number].set_target(index, target);
        }
        self.made.frame_cells = u32::from(self.slot_max) + 2;
    }

    fn lower(&mut self, op: &OpCode) {
        if let Some(constant) = constant_of(op)
            && matches!(op.effect(), Some((0, 1)))
            && !matches!(op, OpCode::Load { .. })
        {
            let index = self.constant(&constant);
            self.emit(Instruction::wide(Op::Constant, self.temporary(0), index));
            self.push(0);
        } else if let Some(operation) = HostOperation::of(op) {
            self.lower_host(operation, op);
        } else if !self.lower_values(op) && !self.lower_frame(op) && !self.lower_process(op) {
            self.lower_control(op);
        }
    }

    /// Operations on values.
    fn lower_values(&mut self, op: &OpCode) -> bool {
        let [t0, t1, t2, t3] = [0, 1, 2, 3].map(|index| self.temporary(index));
        let binary = match op {
            OpCode::Add {} => Some(Op::Add),
            OpCode::Sub {} => Some(Op::Sub),
            OpCode::Mul {} => Some(Op::Mul),
            OpCode::Div {} => Some(Op::Div),
            OpCode::Mod {} => Some(Op::Mod),
            OpCode::Rem {} => Some(Op::Rem),
            OpCode::Eq {} => Some(Op::Eq),
            OpCode::Ne {} => Some(Op::Ne),
            OpCode::Lt {} => Some(Op::Lt),
            OpCode::Le {} => Some(Op::Le),
            OpCode::Gt {} => Some(Op::Gt),
            OpCode::Ge {} => Some(Op::Ge),
            _ => None,
        };
        if let Some(binary) = binary {
            self.pop_all(op, 2);
            self.emit_with(Instruction::new(binary, t2, t0, t1), 0b11);
            self.push(2);
            return true;
        }
        // Fields beyond 65536 constants take their name as an operand.
        let field = |name| u16::try_from(self.constant(&Constant::Text(name)));
        match op {
            OpCode::Index {} => self.query(op, Op::Index, 2, t1),
            OpCode::ArrayGet {} => self.query(op, Op::ArrayGet, 2, t1),
            OpCode::MapGet {} => self.query(op, Op::MapGet, 2, t1),
            OpCode::Len {} => self.query(op, Op::Len, 1, 0),
            OpCode::GetField { name } => match field(name.clone()) {
                Ok(index) => self.query(op, Op::GetField, 1, index),
                Err(_) => {
                    self.pop_all(op, 1);
                    let index = self.constant(&Constant::Text(name.clone()));
                    self.emit(Instruction::wide(Op::Constant, t1, index));
                    self.emit(Instruction::new(Op::MapGet, t3, t0, t1));
                    self.emit(Instruction::new(Op::Drop, t0, 0, 0));
                    self.push(3);
                }
            },
            OpCode::Append {} => self.update(op, Op::Append, 2, t1, 0),
            OpCode::Concat {} => {
                self.update(op, Op::Concat, 2, t1, 0);
                self.emit(Instruction::new(Op::Drop, t1, 0, 0));
            }
            OpCode::SetIndex {} => self.update(op, Op::SetIndex, 3, t1, t2),
            OpCode::ArraySet {} => self.update(op, Op::ArraySet, 3, t1, t2),
            OpCode::MapPut {} => self.update(op, Op::MapPut, 3, t1, t2),
            OpCode::SetField { name } => match field(name.clone()) {
                Ok(index) => self.update(op, Op::SetField, 2, t1, index),
                Err(_) => {
                    self.pop_all(op, 2);
                    let index = self.constant(&Constant::Text(name.clone()));
                    self.emit(Instruction::wide(Op::Constant, t2, index));
                    self.emit(Instruction::new(Op::MapPut, t0, t2, t1));
                    self.push(0);
                }
            },
            _ => return self.lower_builtin(op),
        }
        true
    }

    fn query(&mut self, op: &OpCode, operation: Op, count: u16, c: u16) {
        self.pop_all(op, count);
        self.emit(Instruction::new(operation, self.temporary(3), self.temporary(0), c));
        for index in 0..count {
            self.emit(Instruction::new(Op::Drop, self.temporary(index), 0, 0));
        }
        self.push(3);
    }

    fn update(&mut self, op: &OpCode, operation: Op, count: u16, b: u16, c: u16) {
        self.pop_all(op, count);
        self.emit(Instruction::new(operation, self.temporary(0), b, c));
        self.push(0);
    }

    fn lower_builtin(&mut self, op: &OpCode) -> bool {
        let Some(builtin) = Builtin::of(op) else { return false };
        let constant = match op {
            OpCode::HasField { name } | OpCode::DeleteField { name } => Some(Constant::Text(name.clone())),
            OpCode::ArrayF64 { count: Some(count) } | OpCode::ArrayI64 { count: Some(count) } => {
                Some(Constant::Integer(i64::from(*count).into()))
            }
            _ => None,
        };
        let count = builtin.arguments();
        let popped = count - u16::from(constant.is_some());
        self.pop_all(op, popped);
        if let Some(constant) = constant {
            let index = self.constant(&constant);
            self.touch(self.temporary(popped));
            self.emit(Instruction::wide(Op::Constant, self.temporary(popped), index));
        }
        self.emit(Instruction::new(Op::Builtin, self.temporary(0), builtin as u16, count));
        if matches!(op.effect(), Some((_, 1))) {
            self.push(0);
        }
        true
    }

    /// Operations on the operand stack and the frame's variables.
    fn lower_frame(&mut self, op: &OpCode) -> bool {
        let [t0, t1] = [0, 1].map(|index| self.temporary(index));
        match op {
            OpCode::Dup {} => {
                self.pop_all(op, 1);
                self.emit(Instruction::new(Op::Copy, t1, t0, 0));
                self.push(0);
                self.push(1);
            }
            OpCode::Over {} => {
                self.pop_all(op, 2);
                self.emit(Instruction::new(Op::Copy, self.temporary(2), t0, 0));
                (0..3).for_each(|index| self.push(index));
            }
            OpCode::Pop {} => {
                self.pop_all(op, 1);
                self.emit(Instruction::new(Op::Drop, t0, 0, 0));
            }
            OpCode::Swap {} => {
                self.pop_all(op, 2);
                self.push(1);
                self.push(0);
            }
            OpCode::Rot {} => {
                self.pop_all(op, 3);
                [1, 2, 0].into_iter().for_each(|index| self.push(index));
            }
            OpCode::Load { name } => {
                let slot = self.variables.slot(name);
                self.check_defined(name);
                // A value that the variable does not keep can be changed in place.
                let op = if self.is_last_read { Op::Take } else { Op::Copy };
                self.emit(Instruction::new(op, t0, slot, 0));
                self.push(0);
            }
            OpCode::Store { name } => {
                self.pop_all(op, 1);
                let slot = self.variables.slot(name);
                if self.variables.scope_order != 0 {
                    self.emit(Instruction::new(Op::ScopeNote, self.variables.scope_order, slot, 0));
                }
                self.emit(Instruction::new(Op::Take, slot, t0, 0));
            }
            OpCode::Delete { name } => {
                let (slot, number) = (self.variables.slot(name), self.constant(&Constant::Text(name.clone())));
                self.emit(Instruction::wide(Op::Delete, slot, number));
                if self.variables.scope_order != 0 {
                    self.emit(Instruction::new(Op::ScopeForget, self.variables.scope_order, slot, 0));
                }
            }
            OpCode::Capture { name } => {
                self.check_defined(name);
                let hidden = self.variables.capture_slot(name).expect("every CAPTURE has a hidden variable");
                if self.variables.capture_order != 0 {
                    self.emit(Instruction::new(Op::CaptureNote, self.variables.capture_order, hidden, 0));
                }
                self.emit(Instruction::new(Op::Copy, hidden, self.variables.slot(name), 0));
            }
            OpCode::DumpScope {} => self.emit(Instruction::new(Op::DumpScope, self.variables.scope_order, 0, 0)),
            OpCode::Import { path } => {
                let number = self.constant(&Constant::Text(path.clone()));
                self.emit(Instruction::wide(Op::Import, self.variables.scope_order, number));
            }
            OpCode::Export { name } => {
                self.check_defined(name);
                let number = self.constant(&Constant::Text(name.clone()));
                self.emit(Instruction::wide(Op::Export, self.variables.slot(name), number));
            }
            OpCode::Random {} => {
                self.emit(Instruction::new(Op::Random, t0, 0, 0));
                self.push(0);
            }
            OpCode::RandomSeed {} => {
                self.pop_all(op, 1);
                self.emit(Instruction::new(Op::RandomSeed, t0, 0, 0));
            }
            OpCode::Print {} | OpCode::PrintErr {} | OpCode::Write {} => {
                self.pop_all(op, 1);
                let stream = match op {
                    OpCode::Print {} => 0,
                    OpCode::PrintErr {} => 1,
                    _ => 2,
                };
                self.emit(Instruction::new(Op::Print, t0, stream, 0));
                self.emit(Instruction::new(Op::Drop, t0, 0, 0));
            }
            OpCode::MakeList { count } => {
                self.emit(Instruction::wide(Op::ExactNeed, 0, *count));
                self.pop_all(op, u16::try_from(*count).expect("V11: operands fit in SLOTS_MAX"));
                self.emit(Instruction::wide(Op::MakeList, t0, *count));
                self.push(0);
            }
            _ => return false,
        }
        true
    }

    fn lower_control(&mut self, op: &OpCode) {
        let t0 = self.temporary(0);
        match op {
            OpCode::Jmp { target } => {
                let code = if *target <= self.pc { Op::Loop } else { Op::Jump };
                self.jump_to(Instruction::new(code, 0, 0, 0), *target);
            }
            OpCode::Jz { target } | OpCode::Jnz { target } => {
                self.pop_all(op, 1);
                let goes_back = *target <= self.pc;
                let condition = matches!(op, OpCode::Jnz { .. });
                let code = if condition == goes_back { Op::JumpFalse } else { Op::JumpTrue };
                if goes_back {
                    self.emit_with(Instruction::wide(code, t0, 2), 1);
                    self.jump_to(Instruction::new(Op::Loop, 0, 0, 0), *target);
                } else {
                    self.jump_to(Instruction::new(code, t0, 0, 0), *target);
                }
            }
            OpCode::Try { target } => self.jump_to(Instruction::new(Op::ExactTry, 0, 0, 0), *target),
            OpCode::EndTry {} => {
                let ends = self.region.point(self.pc).is_some_and(|point| point.ends_armed);
                if ends || self.region.has_dynamic_handlers {
                    self.emit(Instruction::new(Op::ExactEndTry, 0, 0, 0));
                }
            }
            OpCode::Catch {} => {}
            OpCode::Throw {} | OpCode::Exit {} => {
                self.pop_all(op, 1);
                let code = if matches!(op, OpCode::Throw {}) { Op::Throw } else { Op::Exit };
                self.emit(Instruction::new(code, t0, 0, 0));
            }
            OpCode::Halt {} => self.emit(Instruction::new(Op::Stop, 0, 0, 0)),
            OpCode::Ret {} => self.lower_return(),
            OpCode::MakeFunction { target, parameters } => {
                let function = self.lookup.function(*target, parameters, Captured::Nothing);
                self.emit(Instruction::wide(Op::MakeFunction, t0, function));
                self.push(0);
            }
            OpCode::MakeLambda { target, parameters } => {
                let function = self.lookup.function(*target, parameters, Captured::Unknown);
                let first = self.variables.captures.first().map_or(0, |(_, slot)| *slot);
                let count = u16::try_from(self.variables.captures.len()).expect("V11: captures fit in SLOTS_MAX");
                self.emit(Instruction::new(Op::MakeClosureDynamic, t0, first, count));
                self.emit(Instruction::wide(Op::Extra, 0, function));
                self.push(0);
            }
            other => self.lower_call(other),
        }
    }

    fn lower_call(&mut self, op: &OpCode) {
        let t0 = self.temporary(0);
        let is_tail = matches!(op, OpCode::TailCall { .. }) || self.is_before_return();
        match op {
            OpCode::Call { target, parameters } | OpCode::TailCall { target, parameters } => {
                let function = self.lookup.function(*target, parameters, Captured::Nothing);
                let count = u32::try_from(parameters.len()).expect("V1: PARAMETERS_MAX");
                self.emit(Instruction::wide(Op::ExactNeed, 0, count));
                let code = if is_tail { Op::ExactTailCall } else { Op::ExactCall };
                self.emit_call(code, Callee::Function(function));
                if matches!(op, OpCode::TailCall { .. }) {
                    self.lower_return();
                }
            }
            OpCode::CallImport { prefix, name, count } => {
                self.emit(Instruction::wide(Op::ExactNeed, 0, *count));
                let code = if is_tail { Op::ExactTailCall } else { Op::ExactCall };
                self.emit_call(code, Callee::Import { prefix: prefix.clone(), name: name.clone(), arguments: *count });
            }
            OpCode::LoadImport { prefix, name } => {
                let callee = Callee::Import { prefix: prefix.clone(), name: name.clone(), arguments: u32::MAX };
                let site = self.add_site(callee);
                self.emit(Instruction::wide(Op::MakeImport, t0, site));
                self.push(0);
            }
            OpCode::CallFunction { count } => {
                self.pop_all(op, 1);
                let written = count.map_or(0, |count| u16::try_from(count + 1).unwrap_or(u16::MAX));
                let code = if is_tail { Op::ExactTailCallValue } else { Op::ExactCallValue };
                let site = self.add_site(Callee::Value);
                self.emit_with(Instruction::new(code, t0, written, 0), 1);
                self.emit(Instruction::wide(Op::Extra, 0, site));
                self.land(site);
            }
            other => unreachable!("{} is lowered elsewhere", other.mnemonic()),
        }
    }

    fn emit_call(&mut self, code: Op, callee: Callee) {
        let site = self.add_site(callee);
        self.emit(Instruction::wide(code, 0, site));
        self.land(site);
    }

    /// Emits where a call returns to: a value goes to the operand stack; a callee that has left its results there
    /// already, or none, returns behind this instruction.
    fn land(&mut self, site: u32) {
        self.made.sites[site as usize].return_to = self.position();
        self.push(0);
    }

    fn add_site(&mut self, callee: Callee) -> u32 {
        let site = u32::try_from(self.made.sites.len()).expect("V10 keeps the number of calls below 2^32");
        self.made.sites.push(CallSite {
            callee,
            function: self.number,
            return_to: 0,
            frame_cells: self.variables.temporaries,
            destination: self.variables.temporaries,
            pc: self.pc,
            operands: Box::default(),
        });
        site
    }

    fn is_main(&self) -> bool {
        self.verified.functions()[self.number as usize].region == 0
    }

    fn is_before_return(&self) -> bool {
        let next = self.pc + 1;
        let is_inside = match self.region.body {
            Some(body) => next < self.module.bodies[body as usize].end,
            None => self.module.body_of(next).is_none(),
        };
        !self.is_main() && is_inside && matches!(self.module.code.get(next as usize), Some(OpCode::Ret {}))
    }

    fn lower_return(&mut self) {
        let op = match self.region.body {
            Some(_) => Op::ExactReturnTop,
            None if self.is_main() => Op::NoScope,
            None => Op::ExactReturn,
        };
        self.emit(Instruction::new(op, 0, self.variable_count(), 0));
    }

    fn variable_count(&self) -> u16 {
        self.variables.temporaries - 1
    }

    fn check_defined(&mut self, name: &ttvm_isa::Text) {
        let number = self.constant(&Constant::Text(name.clone()));
        self.emit(Instruction::wide(Op::CheckDefined, self.variables.slot(name), number));
    }

    fn constant(&self, constant: &Constant) -> u32 {
        self.constants.index(constant)
    }

    fn temporary(&self, index: u16) -> u16 {
        self.variables.temporaries + index
    }

    /// Pops `count` operands into the first temporaries, the top of the stack into the last of them.
    fn pop_all(&mut self, op: &OpCode, count: u16) {
        let operation = u16::try_from(InstructionInfo::index(op.info())).expect("the table has fewer than 2^16 rows");
        for index in (0..count).rev() {
            self.touch(self.temporary(index));
            self.emit(Instruction::new(Op::ExactPop, self.temporary(index), operation, 0));
        }
    }

    fn push(&mut self, index: u16) {
        self.touch(self.temporary(index));
        self.emit(Instruction::new(Op::ExactPush, self.temporary(index), 0, 0));
    }

    fn jump_to(&mut self, instruction: Instruction, target: u32) {
        let target = analysis::inside(self.module, self.region.body, target);
        self.jump(instruction, target);
    }

    fn jump(&mut self, instruction: Instruction, target: Option<u32>) {
        self.jumps.push((self.made.code.len(), target));
        self.emit_with(instruction, 1);
    }

    fn emit(&mut self, instruction: Instruction) {
        self.emit_with(instruction, 0);
    }

    fn emit_with(&mut self, instruction: Instruction, temporaries: u8) {
        self.made.code.push(instruction);
        self.made.origins.push(Origin { pc: self.pc, temporaries });
    }

    fn touch(&mut self, slot: u16) {
        self.slot_max = self.slot_max.max(slot);
    }

    fn position(&self) -> u32 {
        u32::try_from(self.made.code.len()).expect("V1 and V10 keep register code below 2^32 instructions")
    }
}
