//! What each stack instruction becomes, calls and returns aside (`calls.rs`).

use ttvm_isa::{HostOperation, Integer, OpCode, Text};

use crate::{
    builtin::Builtin,
    function::FunctionLowering,
    module::Constant,
    register::{Instruction, Op},
    stack::Operand,
};

impl FunctionLowering<'_> {
    /// Lowers the present instruction. `false` if control does not go on behind it.
    pub fn lower_instruction(&mut self) -> bool {
        let module = self.module;
        let op = &module.code[self.point().pc as usize];
        if let Some(constant) = crate::constants::constant_of(op)
            && matches!(op.effect(), Some((0, 1)))
            && !matches!(op, OpCode::Load { .. })
        {
            let index = self.constants.index(&constant);
            self.stack.push(Operand::Constant(index));
            return true;
        }
        if let Some(goes_on) = self.lower_process(op) {
            return goes_on;
        }
        if let Some(operation) = HostOperation::of(op) {
            self.lower_host(operation, op);
            return true;
        }
        if self.lower_arithmetic(op) || self.lower_comparison(op) || self.lower_update(op) || self.lower_query(op) {
            return true;
        }
        if let Some(builtin) = Builtin::of(op) {
            self.lower_builtin(builtin, op);
            return true;
        }
        self.lower_rest(op)
    }

    fn top(&self) -> usize {
        self.stack.len() - 1
    }

    fn lower_rest(&mut self, op: &OpCode) -> bool {
        match op {
            OpCode::Dup {} => self.duplicate(self.top()),
            OpCode::Over {} => self.duplicate(self.top() - 1),
            OpCode::Pop {} => {
                if let Some(Operand::Temporary(slot)) = self.stack.pop() {
                    self.emit(Instruction::new(Op::Drop, slot, 0, 0));
                }
            }
            OpCode::Swap {} => self.swap(self.top() - 1),
            OpCode::Rot {} => {
                self.swap(self.top() - 2);
                self.swap(self.top() - 1);
            }
            OpCode::Load { name } => self.lower_load(name),
            OpCode::Store { name } => self.lower_store(name),
            OpCode::Delete { name } => self.lower_delete(name),
            OpCode::Capture { name } => self.lower_capture(name),
            OpCode::DumpScope {} => {
                self.flush();
                self.emit(Instruction::new(Op::DumpScope, self.variables.scope_order, 0, 0));
            }
            OpCode::Jmp { .. } | OpCode::Jz { .. } | OpCode::Jnz { .. } => self.lower_jump(op),
            OpCode::Try { .. } => self.flush(),
            OpCode::Catch {} | OpCode::EndTry {} => {}
            OpCode::Throw {} | OpCode::Exit {} => {
                let slot = self.resolve_taken(self.top());
                self.stack.pop();
                let op = if matches!(op, OpCode::Throw {}) { Op::Throw } else { Op::Exit };
                self.emit(Instruction::new(op, slot, 0, 0));
            }
            OpCode::Halt {} => self.emit(Instruction::new(Op::Stop, 0, 0, 0)),
            OpCode::Print {} => self.lower_print(0),
            OpCode::PrintErr {} => self.lower_print(1),
            OpCode::Write {} => self.lower_print(2),
            OpCode::Random {} => {
                let slot = self.destination();
                self.emit(Instruction::new(Op::Random, slot, 0, 0));
                self.finish_result(slot);
            }
            OpCode::RandomSeed {} => {
                let slot = self.resolve_taken(self.top());
                self.stack.pop();
                self.emit(Instruction::new(Op::RandomSeed, slot, 0, 0));
            }
            OpCode::Import { path } => {
                // The module may overwrite variables that operands still stand for.
                self.flush();
                self.emit(Instruction::wide(Op::Import, self.variables.scope_order, self.constants.text(path)));
            }
            OpCode::Export { name } => {
                self.check_defined(name);
                let number = self.constants.text(name);
                self.emit(Instruction::wide(Op::Export, self.variables.slot(name), number));
            }
            OpCode::MakeList { count } => self.lower_make_list(*count),
            _ => return self.lower_call(op),
        }
        true
    }

    fn duplicate(&mut self, position: usize) {
        match self.stack[position] {
            Operand::Temporary(source) => {
                let slot = self.destination();
                self.emit(Instruction::new(Op::Copy, slot, source, 0));
                self.finish_result(slot);
            }
            same => self.stack.push(same),
        }
    }

    /// Exchanges the operands at `position` and above it.
    fn swap(&mut self, position: usize) {
        match (self.stack[position], self.stack[position + 1]) {
            (Operand::Temporary(a), Operand::Temporary(b)) => self.emit(Instruction::new(Op::Swap, a, b, 0)),
            _ => self.stack.swap(position, position + 1),
        }
    }

    fn check_defined(&mut self, name: &Text) {
        if !self.facts.exists[self.index] {
            let number = self.constants.text(name);
            self.emit(Instruction::wide(Op::CheckDefined, self.variables.slot(name), number));
        }
    }

    fn lower_load(&mut self, name: &Text) {
        self.check_defined(name);
        let (slot, is_last) = (self.variables.slot(name), self.facts.is_last_read[self.index]);
        for operand in &mut self.stack {
            // An operand that stands for it since an earlier instruction may be used last.
            if *operand == (Operand::Variable { slot, is_last: false }) {
                *operand = Operand::Variable { slot, is_last };
            }
        }
        self.stack.push(Operand::Variable { slot, is_last });
    }

    fn lower_store(&mut self, name: &Text) {
        let slot = self.variables.slot(name);
        let top = self.top();
        if self.stack[top] == (Operand::Variable { slot, is_last: true }) {
            // `LOAD x` `STORE x`: nothing changes.
            self.stack[top] = Operand::Variable { slot, is_last: false };
        }
        let value = self.stack[top];
        self.stack.pop();
        if self.is_pending(slot) {
            self.stack.push(value);
            self.flush();
        } else {
            self.stack.push(value);
        }
        let value = self.stack.pop().expect("V7 and the region's depths: STORE has an operand");
        // Noted first: what exists before is looked up then.
        self.note_existence(slot);
        if value != (Operand::Variable { slot, is_last: false }) {
            self.move_to(value, slot);
        }
    }

    fn note_existence(&mut self, slot: u16) {
        if self.variables.scope_order != 0 && !self.facts.exists[self.index] {
            self.emit(Instruction::new(Op::ScopeNote, self.variables.scope_order, slot, 0));
        }
    }

    fn lower_delete(&mut self, name: &Text) {
        let slot = self.variables.slot(name);
        if self.is_pending(slot) {
            self.flush();
        }
        if self.facts.exists[self.index] {
            self.emit(Instruction::new(Op::Undefine, slot, 0, 0));
        } else {
            self.emit(Instruction::wide(Op::Delete, slot, self.constants.text(name)));
        }
        if self.variables.scope_order != 0 {
            self.emit(Instruction::new(Op::ScopeForget, self.variables.scope_order, slot, 0));
        }
    }

    fn lower_capture(&mut self, name: &Text) {
        self.check_defined(name);
        let hidden = self.variables.capture_slot(name).expect("every CAPTURE of the region has a hidden variable");
        if self.variables.capture_order != 0 && self.variables.notes_captures {
            self.emit(Instruction::new(Op::CaptureNote, self.variables.capture_order, hidden, 0));
        }
        self.emit(Instruction::new(Op::Copy, hidden, self.variables.slot(name), 0));
    }

    fn lower_print(&mut self, stream: u16) {
        let operand = Some(self.stack[self.top()]);
        let slot = self.resolve(self.top());
        self.stack.pop();
        self.emit(Instruction::new(Op::Print, slot, stream, 0));
        self.drop_read(operand);
    }

    /// Drops an operand that an operation has only read. (Constants are literals, which need no dropping.)
    fn drop_read(&mut self, operand: Option<Operand>) {
        if let Some(Operand::Temporary(slot)) = operand {
            self.emit(Instruction::new(Op::Drop, slot, 0, 0));
        }
    }

    fn lower_make_list(&mut self, count: u32) {
        let first = self.stack.len() - count as usize;
        let base = self.base_above(first);
        self.place(first, base);
        self.stack.truncate(first);
        self.emit(Instruction::wide(Op::MakeList, base, count));
        self.push_temporary(base);
    }

    /// The lowest slot above the temporaries of the operands below position `first`.
    pub fn base_above(&self, first: usize) -> u16 {
        let used = self.stack[..first].iter().rev().find_map(|operand| match operand {
            Operand::Temporary(slot) => Some(*slot + 1),
            _ => None,
        });
        used.unwrap_or(self.variables.temporaries)
    }

    fn lower_host(&mut self, operation: HostOperation, op: &OpCode) {
        let (count, _) = op.effect().expect("host operations have fixed effects");
        let mut count = count as usize;
        if let Some(operand) = op.host_operand() {
            let index = self.constants.index(&crate::constants::constant_of_operand(operand));
            self.stack.push(Operand::Constant(index));
            count += 1;
        }
        let first = self.stack.len() - count;
        let base = self.base_above(first);
        self.place(first, base);
        self.stack.truncate(first);
        self.touch(base);
        let count = u16::try_from(count).expect("V11: operands fit in SLOTS_MAX");
        self.emit(Instruction::new(Op::Host, base, operation as u16, count));
        if operation.has_result() {
            self.push_temporary(base);
        }
    }

    fn lower_builtin(&mut self, builtin: Builtin, op: &OpCode) {
        // Operands written in the instruction become the last arguments.
        match op {
            OpCode::HasField { name } | OpCode::DeleteField { name } => {
                let index = self.constants.text(name);
                self.stack.push(Operand::Constant(index));
            }
            OpCode::ArrayF64 { count: Some(count) } | OpCode::ArrayI64 { count: Some(count) } => {
                let count = Constant::Integer(Integer::Small(i64::from(*count)));
                let index = self.constants.index(&count);
                self.stack.push(Operand::Constant(index));
            }
            _ => {}
        }
        let count = builtin.arguments();
        let first = self.stack.len() - usize::from(count);
        let base = self.base_above(first);
        self.place(first, base);
        self.stack.truncate(first);
        self.touch(base);
        self.emit(Instruction::new(Op::Builtin, base, builtin as u16, count));
        if matches!(op.effect(), Some((_, 1))) {
            self.push_temporary(base);
        }
    }

    /// Addition, subtraction and so on, with constants folded into the operation where there is a form for it.
    fn lower_arithmetic(&mut self, op: &OpCode) -> bool {
        let (plain, with_constant, constant_first) = match op {
            OpCode::Add {} => (Op::Add, Op::AddConstant, None),
            OpCode::Sub {} => (Op::Sub, Op::SubConstant, Some(Op::ConstantSub)),
            OpCode::Mul {} => (Op::Mul, Op::MulConstant, None),
            OpCode::Div {} => (Op::Div, Op::DivConstant, Some(Op::ConstantDiv)),
            OpCode::Mod {} => (Op::Mod, Op::ModConstant, None),
            OpCode::Rem {} => (Op::Rem, Op::RemConstant, None),
            _ => return false,
        };
        let (left, right) = (self.top() - 1, self.top());
        let small = |index: u32| u16::try_from(index).ok();
        let number = match (op, self.number_operand(right)) {
            (OpCode::Add {}, Some(number)) => Some(number),
            (OpCode::Sub {}, Some(number)) if number != 0 => number.checked_neg(),
            _ => None,
        };
        let right_constant = if let Operand::Constant(index) = self.stack[right] { small(index) } else { None };
        let left_constant = if let Operand::Constant(index) = self.stack[left] { small(index) } else { None };
        let (op, b, c, temporaries) = if let Some(number) = number {
            let slot = self.resolve(left);
            (Op::AddNumber, slot, number as u16, self.temporary_bit(left, 0))
        } else if let Some(constant) = right_constant {
            let slot = self.resolve(left);
            (with_constant, slot, constant, self.temporary_bit(left, 0))
        } else if let (Some(constant), Some(op)) = (left_constant, constant_first) {
            (op, constant, self.resolve(right), self.temporary_bit(right, 1))
        } else {
            let (b, c) = (self.resolve(left), self.resolve(right));
            (plain, b, c, self.temporary_bit(left, 0) | self.temporary_bit(right, 1))
        };
        self.stack.truncate(left);
        let slot = self.destination();
        self.emit_with(Instruction::new(op, slot, b, c), temporaries);
        self.finish_result(slot);
        true
    }

    pub fn temporary_bit(&self, position: usize, bit: u8) -> u8 {
        u8::from(self.stack[position].is_temporary()) << bit
    }

    /// The operand's value if it is a constant int of 16 bits.
    pub fn number_operand(&self, position: usize) -> Option<i16> {
        let Operand::Constant(index) = self.stack[position] else { return None };
        match self.constants.get(index) {
            Constant::Integer(Integer::Small(number)) => i16::try_from(*number).ok(),
            _ => None,
        }
    }

    /// Comparisons: fused with the jump behind them, or giving 1 or 0.
    fn lower_comparison(&mut self, op: &OpCode) -> bool {
        let plain = match op {
            OpCode::Eq {} => Op::Eq,
            OpCode::Ne {} => Op::Ne,
            OpCode::Lt {} => Op::Lt,
            OpCode::Le {} => Op::Le,
            OpCode::Gt {} => Op::Gt,
            OpCode::Ge {} => Op::Ge,
            _ => return false,
        };
        if self.allows_short_jumps
            && let Some(next) = self.next_point()
            && let OpCode::Jz { target } | OpCode::Jnz { target } = &self.module.code[next.pc as usize]
        {
            let jumps_if = matches!(self.module.code[next.pc as usize], OpCode::Jnz { .. });
            self.lower_fused_jump(plain, jumps_if, next.pc, *target);
            self.folds_next = true;
            return true;
        }
        let (left, right) = (self.top() - 1, self.top());
        let (b, c) = (self.resolve(left), self.resolve(right));
        let temporaries = self.temporary_bit(left, 0) | self.temporary_bit(right, 1);
        self.stack.truncate(left);
        let slot = self.destination();
        self.emit_with(Instruction::new(plain, slot, b, c), temporaries);
        self.finish_result(slot);
        true
    }

    /// Updates of lists, objects, maps and strings, in the variable itself where it is stored back at once.
    fn lower_update(&mut self, op: &OpCode) -> bool {
        let (operation, count) = match op {
            OpCode::Append {} => (Op::Append, 2),
            OpCode::SetIndex {} => (Op::SetIndex, 3),
            OpCode::SetField { name } if u16::try_from(self.constants.text(name)).is_ok() => (Op::SetField, 2),
            OpCode::MapPut {} => (Op::MapPut, 3),
            OpCode::ArraySet {} => (Op::ArraySet, 3),
            OpCode::Concat {} => (Op::Concat, 2),
            OpCode::SetField { name } => {
                // More than 65536 constants: the name travels as an operand of the map-like form.
                let index = self.constants.text(name);
                let value = self.stack.len() - 1;
                self.stack.insert(value, Operand::Constant(index));
                (Op::MapPut, 3)
            }
            _ => return false,
        };
        let subject = self.stack.len() - count;
        let target = self.update_target(subject);
        let (reads_index, takes_last) = match operation {
            Op::SetIndex => (true, true),
            Op::ArraySet => (true, false),
            Op::Concat => (false, false),
            _ => (false, true),
        };
        let mut sources = [0u16; 2];
        let mut read = Vec::new();
        for (index, position) in (subject + 1..self.stack.len()).enumerate() {
            let is_last = position + 1 == self.stack.len();
            let is_taken = if is_last { takes_last } else { !reads_index };
            let was_temporary = self.stack[position].is_temporary();
            sources[index] = if is_taken { self.resolve_taken(position) } else { self.resolve(position) };
            if !is_taken && was_temporary {
                read.push(self.stack[position]);
            }
        }
        let c = match op {
            OpCode::SetField { name } if operation == Op::SetField => {
                u16::try_from(self.constants.text(name)).expect("checked above")
            }
            _ => sources[1],
        };
        self.stack.truncate(subject);
        self.emit(Instruction::new(operation, target, sources[0], c));
        for operand in read {
            self.drop_read(Some(operand));
        }
        if !self.folds_store {
            self.push_temporary(target);
        }
        true
    }

    /// The slot in which the operand at `position` is updated.
    fn update_target(&mut self, position: usize) -> u16 {
        if let Operand::Variable { slot, .. } = self.stack[position] {
            let stores_back = self.next_point().is_some_and(|next| {
                matches!(&self.module.code[next.pc as usize], OpCode::Store { name } if self.variables.slot(name) == slot)
            });
            if stores_back && self.stands_once(slot) && self.variables.scope_order == 0 {
                self.folds_store = true;
                return slot;
            }
        }
        if let Operand::Temporary(slot) = self.stack[position] {
            return slot;
        }
        let slot = self.next_temporary();
        let operand = self.stack[position];
        self.stack[position] = Operand::Temporary(slot);
        self.move_to(operand, slot);
        slot
    }

    /// Look-ups that read their operands.
    fn lower_query(&mut self, op: &OpCode) -> bool {
        let (operation, count) = match op {
            OpCode::Index {} => (Op::Index, 2),
            OpCode::Len {} => (Op::Len, 1),
            OpCode::GetField { name } if u16::try_from(self.constants.text(name)).is_ok() => (Op::GetField, 1),
            OpCode::MapGet {} => (Op::MapGet, 2),
            OpCode::ArrayGet {} => (Op::ArrayGet, 2),
            OpCode::GetField { name } => {
                let index = self.constants.text(name);
                self.stack.push(Operand::Constant(index));
                (Op::MapGet, 2)
            }
            _ => return false,
        };
        let first = self.stack.len() - count;
        let read: Vec<Operand> = self.stack[first..].to_vec();
        let b = self.resolve(first);
        let mut c = if count == 2 { self.resolve(first + 1) } else { 0 };
        if let (Op::GetField, OpCode::GetField { name }) = (operation, op) {
            c = u16::try_from(self.constants.text(name)).expect("checked above");
        }
        self.stack.truncate(first);
        let slot = self.destination();
        self.emit(Instruction::new(operation, slot, b, c));
        self.finish_result(slot);
        for operand in read {
            if operand != Operand::Temporary(slot) {
                self.drop_read(Some(operand));
            }
        }
        true
    }
}
