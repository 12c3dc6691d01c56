//! The operand stack as lowering sees it: where each operand is, and how operands get where they must be.
//!
//! Operands that are constants or variables stay where they are until used. Those in temporaries lie in
//! rising slots, lowest operand first; `place` relies on it.

use ttvm_isa::OpCode;

use crate::{
    function::FunctionLowering,
    module::Kept,
    register::{Instruction, Op},
};

/// Where an operand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    /// In a temporary, which nothing else uses.
    Temporary(u16),
    /// In a variable; `is_last` if no later instruction reads the variable's present value, though other operands
    /// may still stand for it.
    Variable { slot: u16, is_last: bool },
    /// In the constant table.
    Constant(u32),
}

impl Operand {
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::Temporary(_))
    }
}

impl FunctionLowering<'_> {
    /// The lowest slot above all temporaries in use.
    pub fn next_temporary(&self) -> u16 {
        let used = self.stack.iter().rev().find_map(|operand| match operand {
            Operand::Temporary(slot) => Some(*slot + 1),
            _ => None,
        });
        used.unwrap_or(self.variables.temporaries)
    }

    /// The canonical slot of the operand at this position, used wherever ways meet.
    pub fn canonical(&self, position: usize) -> u16 {
        self.variables.temporaries + u16::try_from(position).expect("V11: operand stacks fit in SLOTS_MAX")
    }

    pub fn push_temporary(&mut self, slot: u16) {
        self.touch(slot);
        self.stack.push(Operand::Temporary(slot));
    }

    /// Emits what brings `operand` into `slot`, a temporary.
    pub fn move_to(&mut self, operand: Operand, slot: u16) {
        self.touch(slot);
        match operand {
            Operand::Temporary(source) if source == slot => {}
            Operand::Temporary(source) => self.emit(Instruction::new(Op::Take, slot, source, 0)),
            Operand::Variable { slot: source, is_last } => {
                let op = if is_last && !self.is_pending(source) { Op::Take } else { Op::Copy };
                self.emit(Instruction::new(op, slot, source, 0));
            }
            Operand::Constant(index) => self.emit(Instruction::wide(Op::Constant, slot, index)),
        }
    }

    /// Whether an operand on the stack still stands for this variable.
    pub fn is_pending(&self, variable: u16) -> bool {
        self.stack.iter().any(|operand| matches!(operand, Operand::Variable { slot, .. } if *slot == variable))
    }

    /// Whether not more than one operand on the stack stands for this variable.
    pub fn stands_once(&self, variable: u16) -> bool {
        let stands = |operand: &&Operand| matches!(operand, Operand::Variable { slot, .. } if *slot == variable);
        self.stack.iter().filter(stands).count() <= 1
    }

    /// What stands for this variable does not use it last.
    pub fn keep_variable(&mut self, variable: u16) {
        for operand in &mut self.stack {
            if *operand == (Operand::Variable { slot: variable, is_last: true }) {
                *operand = Operand::Variable { slot: variable, is_last: false };
            }
        }
    }

    /// Brings the operands from position `first` on into consecutive temporaries from `base` on, which must lie
    /// above the temporaries of the operands below.
    pub fn place(&mut self, first: usize, base: u16) {
        let positions = first..self.stack.len();
        let target = |position: usize| base + u16::try_from(position - first).expect("V11: operands fit in SLOTS_MAX");
        for position in positions.clone().rev() {
            if let Operand::Temporary(slot) = self.stack[position]
                && slot < target(position)
            {
                self.move_to(self.stack[position], target(position));
                self.stack[position] = Operand::Temporary(target(position));
            }
        }
        for position in positions.clone() {
            if let Operand::Temporary(slot) = self.stack[position]
                && slot > target(position)
            {
                self.move_to(self.stack[position], target(position));
                self.stack[position] = Operand::Temporary(target(position));
            }
        }
        for position in positions {
            let operand = self.stack[position];
            if !operand.is_temporary() {
                // Set first, so that this operand does not count as pending itself.
                self.stack[position] = Operand::Temporary(target(position));
                self.move_to(operand, target(position));
            }
        }
    }

    /// Where the `count` lowest operands are, for a callee that may need them.
    pub fn kept(&self, count: usize) -> Box<[Kept]> {
        let kept = |operand: &Operand| match *operand {
            Operand::Temporary(slot) => Kept::Slot(slot),
            Operand::Variable { slot, is_last: true } if self.stands_once(slot) => Kept::Slot(slot),
            Operand::Variable { slot, .. } => Kept::Variable(slot),
            Operand::Constant(index) => Kept::Constant(index),
        };
        self.stack[..count].iter().map(kept).collect()
    }

    /// Brings all operands into their canonical slots.
    pub fn flush(&mut self) {
        let base = self.variables.temporaries;
        self.place(0, base);
    }

    /// Brings the operands below the `count` topmost ones into their canonical slots, and if need be those too.
    pub fn flush_below(&mut self, count: usize) {
        let below = self.stack.len() - count;
        let is_canonical =
            (0..below).all(|position| self.stack[position] == Operand::Temporary(self.canonical(position)));
        if !is_canonical {
            self.flush();
        }
    }

    /// The slot of an operand that is only read. A constant gets a temporary.
    pub fn resolve(&mut self, position: usize) -> u16 {
        match self.stack[position] {
            Operand::Temporary(slot) | Operand::Variable { slot, .. } => slot,
            Operand::Constant(_) => self.fetch(position),
        }
    }

    /// The slot of an operand that the operation takes: a temporary, or a variable nobody reads any more.
    pub fn resolve_taken(&mut self, position: usize) -> u16 {
        match self.stack[position] {
            Operand::Temporary(slot) => slot,
            Operand::Variable { slot, is_last: true } if self.stands_once(slot) => slot,
            Operand::Variable { .. } | Operand::Constant(_) => self.fetch(position),
        }
    }

    /// Brings an operand into a temporary above all others. Its position's order is lost, so it must be
    /// popped before the next operation.
    fn fetch(&mut self, position: usize) -> u16 {
        let slot = self
            .stack
            .iter()
            .filter_map(|operand| if let Operand::Temporary(slot) = operand { Some(*slot + 1) } else { None })
            .max()
            .unwrap_or(self.variables.temporaries);
        let operand = self.stack[position];
        self.stack[position] = Operand::Temporary(slot);
        self.move_to(operand, slot);
        slot
    }

    /// Where the result of the present instruction goes: into the variable that the next instruction stores
    /// it in, into the frame of the call it is an argument of, or into the next temporary.
    ///
    /// To be called when the operands are popped; `finish_result` follows the emitted operation.
    pub fn destination(&mut self) -> u16 {
        if let Some(slot) = self.foldable_store() {
            self.folds_store = true;
            return slot;
        }
        let next = self.next_temporary();
        let pc = self.point().pc;
        let Some((call, index)) = self.preferred.get(&pc).copied() else { return next };
        match self.call_bases.get(&call) {
            Some(base) => {
                let slot = base + 1 + index;
                if slot >= next { slot } else { next }
            }
            None => {
                self.call_bases.insert(call, next);
                next + 1 + index
            }
        }
    }

    /// The variable that the next instruction stores the result of this one in, if that can happen at once.
    pub fn foldable_store(&self) -> Option<u16> {
        let next = self.next_point()?;
        match &self.module.code[next.pc as usize] {
            OpCode::Store { name } if self.variables.scope_order == 0 => {
                let slot = self.variables.slot(name);
                (!self.is_pending(slot)).then_some(slot)
            }
            _ => None,
        }
    }

    /// Records that the result is in `slot`, as `destination` gave it.
    pub fn finish_result(&mut self, slot: u16) {
        self.touch(slot);
        if !self.folds_store {
            self.stack.push(Operand::Temporary(slot));
        }
    }
}
