//! The patterns: groups of instructions, the newest last, that a shorter group can stand for.
//!
//! Each holds whatever lies below on the operand stack, or asks whether enough does: where a value might be
//! missing, the error that tells so must stay the same. Not here: jumps, which need to know what follows.

use ttvm_isa::OpCode;

use crate::{
    Reach,
    fold::fold,
    literal::Literal,
    report::Change,
    rewrite::{Writer, Written, pushes},
};

impl Writer<'_> {
    /// Reduces the newest instructions by one pattern, if one fits.
    pub(crate) fn reduce(&mut self) -> bool {
        let Some(newest) = self.code.len().checked_sub(1).filter(|newest| *newest >= self.block) else { return false };
        if self.fold_newest(newest) {
            return true;
        }
        let op = self.code[newest].op.clone();
        match &op {
            OpCode::Pop {} => self.reduce_pop(newest),
            OpCode::Store { .. } => self.reduce_store(newest),
            OpCode::Swap {} => self.reduce_swap(newest),
            OpCode::Rot {} => {
                let is_third = self.is_same_before(newest, 2) && self.has_values(newest - 2, 3);
                is_third && self.cancel(newest - 2, [])
            }
            OpCode::Not {} => {
                let is_third = self.is_same_before(newest, 1) && newest >= self.block + 2;
                is_third && pushes_bool(&self.code[newest - 2].op) && self.cancel(newest - 1, [])
            }
            OpCode::Jz { target } | OpCode::Jnz { target } => self.reduce_branch(newest, *target),
            OpCode::CallFunction { count } => self.reduce_call(newest, *count),
            OpCode::Catch {} => self.cancel(newest, []),
            // No pattern ends with anything else.
            _other => false,
        }
    }

    /// Computes an instruction on constants.
    fn fold_newest(&mut self, newest: usize) -> bool {
        let op = &self.code[newest].op;
        let Some((pops, _)) = op.effect() else { return false };
        let Some(first) = newest.checked_sub(pops as usize).filter(|first| *first >= self.block && pops > 0) else {
            return false;
        };
        let Some(inputs) =
            self.code[first..newest].iter().map(|input| Literal::of(&input.op)).collect::<Option<Vec<_>>>()
        else {
            return false;
        };
        let (results, change) = match (op, inputs.as_slice()) {
            (OpCode::Jz { target }, [condition]) => (self.decided(!condition.is_true(), *target), Change::Decided),
            (OpCode::Jnz { target }, [condition]) => (self.decided(condition.is_true(), *target), Change::Decided),
            (op, inputs) => {
                let results = fold(op, inputs).map(|left| left.into_iter().map(Literal::into_op).collect());
                (results, Change::Folded)
            }
        };
        let Some(results) = results.filter(|results| !results.is_empty() || self.may_vanish(first)) else {
            return false;
        };
        self.replace(first, results);
        self.changes.count(change);
        true
    }

    /// What is left of a branch that jumps or not.
    fn decided(&self, jumps: bool, target: u32) -> Option<Vec<OpCode>> {
        match self.reach {
            Reach::All if jumps => Some(vec![OpCode::Jmp { target }]),
            Reach::All => Some(Vec::new()),
            Reach::Straight => None,
        }
    }

    /// Puts `ops` in place of the instructions from `first` on, if they may go.
    fn cancel<const N: usize>(&mut self, first: usize, ops: [OpCode; N]) -> bool {
        if N == 0 && !self.may_vanish(first) {
            return false;
        }
        self.replace(first, ops);
        self.changes.count(Change::Cancelled);
        true
    }

    /// Whether `count` instructions like the newest stand right before it.
    fn is_same_before(&self, newest: usize, count: usize) -> bool {
        let op = &self.code[newest].op;
        newest >= self.block + count && self.code[newest - count..newest].iter().all(|before| before.op == *op)
    }

    /// Whether the instruction pushes a value and can do nothing else, not even fail.
    fn only_pushes(&self, index: usize) -> bool {
        match &self.code[index].op {
            OpCode::Load { .. } => self.facts.is_defined[self.code[index].source as usize],
            OpCode::Dup {} => self.has_values(index, 1),
            OpCode::Over {} => self.has_values(index, 2),
            OpCode::MakeFunction { .. } | OpCode::MakeObject {} | OpCode::MapNew {} => true,
            op => Literal::of(op).is_some(),
        }
    }

    fn reduce_pop(&mut self, newest: usize) -> bool {
        let Some(before) = newest.checked_sub(1).filter(|before| *before >= self.block) else { return false };
        if self.only_pushes(before) {
            return self.cancel(before, []);
        }
        if !matches!(self.code[before].op, OpCode::Store { .. }) || before == self.block {
            return false;
        }
        self.reduce_stored_and_dropped(before)
    }

    /// `POP` behind the `STORE` at `store`: what lies below the stored value is dropped.
    fn reduce_stored_and_dropped(&mut self, store: usize) -> bool {
        let stored = self.code[store - 1].op.clone();
        let kept = self.code[store].op.clone();
        if matches!(stored, OpCode::Dup {}) {
            return self.has_values(store - 1, 1) && self.cancel(store - 1, [kept]);
        }
        let is_alone = Literal::of(&stored).is_some() || matches!(stored, OpCode::Load { .. });
        let may_drop =
            is_alone && store >= self.block + 2 && self.only_pushes(store - 1) && self.only_pushes(store - 2);
        may_drop && self.cancel(store - 2, [stored, kept])
    }

    /// Storing in a variable what was read from it.
    fn reduce_store(&mut self, newest: usize) -> bool {
        let Some(before) = newest.checked_sub(1).filter(|before| *before >= self.block) else { return false };
        let holds_it = match (&self.code[before].op, &self.code[newest].op) {
            (OpCode::Load { name: read }, OpCode::Store { name }) => {
                read == name && self.facts.is_defined[self.code[before].source as usize]
            }
            (_, _) => false,
        };
        holds_it && self.cancel(before, [])
    }

    /// Storing the constant that the variable holds. Asked once, when the `STORE` is new: afterwards the variable
    /// holds the constant because of it.
    pub(crate) fn reduce_repeated_store(&mut self) -> bool {
        let Some(newest) = self.code.len().checked_sub(1).filter(|newest| *newest > self.block) else { return false };
        let OpCode::Store { name } = &self.code[newest].op else { return false };
        let stored = Literal::of(&self.code[newest - 1].op);
        stored.is_some() && self.variables.get(name) == stored.as_ref() && self.cancel(newest - 1, [])
    }

    fn reduce_swap(&mut self, newest: usize) -> bool {
        let Some(before) = newest.checked_sub(1).filter(|before| *before >= self.block) else { return false };
        match &self.code[before].op {
            OpCode::Dup {} => self.cancel(before, [OpCode::Dup {}]),
            OpCode::Swap {} => self.has_values(before, 2) && self.cancel(before, []),
            _ => self.exchange_pushes(newest),
        }
    }

    /// Pushes two values in the other order. Reading a variable must not fail: what lies on the operand stack then can
    /// be seen where a caller has taken values from below its own `TRY`, for the handler cuts the stack no shorter.
    fn exchange_pushes(&mut self, newest: usize) -> bool {
        let Some(first) = newest.checked_sub(2).filter(|first| *first >= self.block) else { return false };
        let pair = [first, first + 1];
        let is_push = |op: &OpCode| matches!(op, OpCode::Load { .. }) || Literal::of(op).is_some();
        if !pair.iter().all(|index| is_push(&self.code[*index].op) && self.only_pushes(*index)) {
            return false;
        }
        let [a, b] = pair.map(|index| self.code[index].clone());
        self.code.truncate(first);
        self.code.push(Written { place: a.place, ..b.clone() });
        self.code.push(Written { place: b.place, ..a });
        self.changes.count(Change::Cancelled);
        true
    }

    /// `NOT` before a branch turns the branch, where it cannot fail.
    fn reduce_branch(&mut self, newest: usize, target: u32) -> bool {
        let Some(before) = newest.checked_sub(2).filter(|before| *before >= self.block) else { return false };
        if !matches!(self.code[newest - 1].op, OpCode::Not {}) || !pushes_condition(&self.code[before].op) {
            return false;
        }
        let turned = match self.code[newest].op {
            OpCode::Jz { .. } => OpCode::Jnz { target },
            _ => OpCode::Jz { target },
        };
        self.cancel(newest - 1, [turned])
    }

    /// A call of a function value made right before it, where the callee leaves the one value that the analysis
    /// takes such calls to leave.
    fn reduce_call(&mut self, newest: usize, count: Option<u32>) -> bool {
        let Some(before) = newest.checked_sub(1).filter(|before| *before >= self.block) else { return false };
        let OpCode::MakeFunction { target, parameters } = &self.code[before].op else { return false };
        let takes_count = count.is_none_or(|count| count as usize == parameters.len());
        if self.reach != Reach::All || !takes_count || self.facts.results.get(target) != Some(&1) {
            return false;
        }
        let call = OpCode::Call { target: *target, parameters: parameters.clone() };
        let source = self.code[newest].source;
        self.code.truncate(newest);
        self.code[before].op = call;
        self.code[before].source = source;
        self.changes.count(Change::Called);
        true
    }
}

/// Whether the instruction leaves a bool on top.
fn pushes_bool(op: &OpCode) -> bool {
    match op {
        OpCode::Not {} | OpCode::And {} | OpCode::Or {} | OpCode::FileExists {} => true,
        op => matches!(Literal::of(op), Some(Literal::Bool(_))),
    }
}

/// Whether the instruction leaves a bool or int on top: what `NOT` takes.
fn pushes_condition(op: &OpCode) -> bool {
    match op {
        OpCode::Eq {}
        | OpCode::Ne {}
        | OpCode::Gt {}
        | OpCode::Lt {}
        | OpCode::Ge {}
        | OpCode::Le {}
        | OpCode::EqF {}
        | OpCode::NeF {}
        | OpCode::GtF {}
        | OpCode::LtF {}
        | OpCode::GeF {}
        | OpCode::LeF {}
        | OpCode::EqNum {}
        | OpCode::Cmp {}
        | OpCode::Contains {}
        | OpCode::HasField { .. }
        | OpCode::MapHas {}
        | OpCode::Len {}
        | OpCode::StrLen {}
        | OpCode::MapSize {} => pushes(op),
        op => pushes_bool(op),
    }
}
