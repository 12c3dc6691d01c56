//! Writes the code of a module again, reducing what has just been written before the next instruction follows.
//!
//! The code written is a stack of instructions: patterns look at its top only, so that whole expressions fold on
//! one way through the code. Patterns never reach across a *block's* beginning: a place that something may jump to.
//! Not here: the patterns (`patterns.rs`), new numbers (`rebuild.rs`).

use std::collections::HashMap;

use ttvm_bytecode::{Module, analysis::inside};
use ttvm_isa::{OpCode, Text};

use crate::{
    Reach,
    facts::{Facts, Part, Reached, callee, is_call, is_linked, parts},
    literal::Literal,
    report::{Change, Changes},
    threading::threaded,
};

/// An instruction written.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub op: OpCode,
    /// The old index whose place it takes: what led there leads here. Rising.
    pub place: u32,
    /// The old index of the instruction that it is or stands for: its line, and what is known of it.
    pub source: u32,
}

/// A module's code, written again.
pub(crate) struct Rewritten {
    pub code: Vec<Written>,
    pub changes: Changes,
}

pub(crate) fn rewrite(module: &Module, facts: &Facts, reach: Reach) -> Rewritten {
    let mut changes = Changes::default();
    let source = match reach {
        Reach::All => threaded(module, facts, &mut changes),
        Reach::Straight => module.code.clone(),
    };
    let mut writer = Writer {
        module,
        facts,
        reach,
        is_block: block_starts(module, facts, &source),
        code: Vec::with_capacity(source.len()),
        changes,
        variables: HashMap::new(),
        block: 0,
        block_place: None,
        is_block_pinned: false,
        goes_on: false,
        part: Part { body: None, start: 0, end: 0 },
        part_start: 0,
    };
    for part in parts(module) {
        writer.begin_part(part);
        for pc in part.start..part.end {
            writer.next(pc, &source[pc as usize]);
        }
        writer.arrive(inside(module, part.body, part.end));
    }
    Rewritten { code: writer.code, changes: writer.changes }
}

/// Where execution may come from elsewhere than the instruction before.
fn block_starts(module: &Module, facts: &Facts, source: &[OpCode]) -> Vec<bool> {
    let mut is_block = facts.is_pinned.clone();
    for part in parts(module) {
        is_block[part.start as usize] = true;
        for pc in part.start..part.end {
            let op = &source[pc as usize];
            if facts.reached[pc as usize] == Reached::Never {
                continue;
            }
            if let Some(entry) = callee(op) {
                mark(&mut is_block, Some(entry));
            } else {
                op.targets().for_each(|target| mark(&mut is_block, inside(module, part.body, target)));
            }
        }
    }
    is_block
}

fn mark(is_block: &mut [bool], place: Option<u32>) {
    if let Some(is_block) = place.and_then(|place| is_block.get_mut(place as usize)) {
        *is_block = true;
    }
}

/// The code written so far.
pub(crate) struct Writer<'a> {
    pub module: &'a Module,
    pub facts: &'a Facts,
    pub reach: Reach,
    is_block: Vec<bool>,
    pub code: Vec<Written>,
    pub changes: Changes,
    /// Variables that hold a constant, in this block.
    pub variables: HashMap<Text, Literal>,
    /// Where the present block begins in `code`.
    pub block: usize,
    /// The old index of the block's beginning, which its first instruction takes the place of.
    block_place: Option<u32>,
    /// Whether something must stay at the block's beginning.
    is_block_pinned: bool,
    /// Whether more of the block follows.
    goes_on: bool,
    part: Part,
    /// Where the present part begins in `code`.
    part_start: usize,
}

impl Writer<'_> {
    fn begin_part(&mut self, part: Part) {
        self.part = part;
        self.part_start = self.code.len();
        self.begin_block(part.start);
    }

    fn begin_block(&mut self, pc: u32) {
        self.block = self.code.len();
        self.block_place = Some(pc);
        self.is_block_pinned = self.facts.is_pinned[pc as usize];
        self.variables.clear();
    }

    /// Writes an instruction as it is, out of reach of any pattern.
    fn keep(&mut self, pc: u32, op: &OpCode) {
        self.code.push(Written { op: op.clone(), place: pc, source: pc });
        self.block = self.code.len();
        self.block_place = None;
        self.is_block_pinned = false;
        self.variables.clear();
    }

    fn next(&mut self, pc: u32, op: &OpCode) {
        match self.facts.reached[pc as usize] {
            Reached::Never => self.next_unreachable(pc, op),
            Reached::Untouchable => {
                self.arrive(Some(pc));
                self.keep(pc, op);
            }
            Reached::Fixed => {
                if self.is_block[pc as usize] {
                    self.arrive(Some(pc));
                    self.begin_block(pc);
                }
                let next = pc as usize + 1;
                self.goes_on =
                    next < self.part.end as usize && !self.is_block[next] && self.facts.reached[next] == Reached::Fixed;
                self.write(pc, op);
            }
        }
    }

    /// Leaves an unreachable instruction out, unless something would notice.
    fn next_unreachable(&mut self, pc: u32, op: &OpCode) {
        if self.reach == Reach::Straight || is_linked(op) {
            return self.keep(pc, op);
        }
        let follows_call = pc > self.part.start
            && is_call(&self.module.code[pc as usize - 1])
            && self.facts.reached[pc as usize - 1] != Reached::Never;
        if !follows_call {
            return self.changes.count(Change::Unreachable);
        }
        // Whether `RET` stands behind a call that never returns still decides if the callee takes the frame's
        // place. Another instruction only keeps what follows from standing there.
        match op {
            OpCode::Ret {} => self.keep(pc, op),
            _other => self.keep(pc, &OpCode::Halt {}),
        }
    }

    fn write(&mut self, pc: u32, op: &OpCode) {
        let op = match op {
            OpCode::Load { name } => match self.variables.get(name) {
                Some(literal) => {
                    self.changes.count(Change::Forwarded);
                    literal.clone().into_op()
                }
                None => op.clone(),
            },
            other => other.clone(),
        };
        let place = self.block_place.filter(|_| self.code.len() == self.block).unwrap_or(pc);
        self.code.push(Written { op, place, source: pc });
        self.reduce_repeated_store();
        while self.reduce() {}
        self.remember();
    }

    /// Keeps account of the variables that hold constants, after the newest instruction.
    fn remember(&mut self) {
        let Some((newest, before)) = self.code[self.block..].split_last() else { return };
        match &newest.op {
            OpCode::Store { name } => match before.last().and_then(|before| Literal::of(&before.op)) {
                // Strs stay variables: one that nobody else holds is extended in place.
                Some(Literal::Text(_)) | None => {
                    self.variables.remove(name);
                }
                Some(literal) => {
                    self.variables.insert(name.clone(), literal);
                }
            },
            OpCode::Delete { name } => {
                self.variables.remove(name);
            }
            OpCode::Import { .. } | OpCode::ReceiveMatch { .. } => self.variables.clear(),
            // No other instruction changes variables of its own frame.
            _other => {}
        }
    }

    /// Whether the instructions from `first` on may go without a trace: something must stay where calls enter, and
    /// what follows a call must not become a `RET` that did not follow it before.
    pub fn may_vanish(&self, first: usize) -> bool {
        let leaves_block_empty = first == self.block && self.is_block_pinned && !self.goes_on;
        let follows_call = first > self.part_start && is_call(&self.code[first - 1].op);
        !leaves_block_empty && !follows_call
    }

    /// Whether there surely are `count` values on the operand stack before `code[index]`.
    pub fn has_values(&self, index: usize, count: u32) -> bool {
        if self.facts.depth[self.code[index].source as usize] >= count {
            return true;
        }
        count == 1 && index > self.block && pushes(&self.code[index - 1].op)
    }

    /// Puts `ops` in place of the instructions from `first` on. There are at most as many as those.
    pub fn replace(&mut self, first: usize, ops: impl IntoIterator<Item = OpCode>) {
        let old = self.code.split_off(first);
        let new = ops.into_iter().zip(old).map(|(op, old)| Written { op, ..old });
        self.code.extend(new);
    }

    /// Saves jumps to where execution goes anyway: `next`, or the end of the function or program.
    fn arrive(&mut self, next: Option<u32>) {
        self.goes_on = false;
        while self.reach == Reach::All && self.save_jump(next) {
            while self.reduce() {}
        }
    }

    fn leads_to(&self, target: u32, next: Option<u32>) -> bool {
        inside(self.module, self.part.body, target) == next
    }

    fn save_jump(&mut self, next: Option<u32>) -> bool {
        let Some(newest) = self.code.len().checked_sub(1).filter(|newest| *newest >= self.block) else { return false };
        match self.code[newest].op {
            OpCode::Jmp { target } if self.leads_to(target, next) => {
                let may_vanish = self.may_vanish(newest);
                if may_vanish {
                    self.code.truncate(newest);
                    self.changes.count(Change::Unjumped);
                }
                may_vanish
            }
            OpCode::Jz { target } | OpCode::Jnz { target } if self.leads_to(target, next) => {
                let is_sure = self.has_values(newest, 1);
                if is_sure {
                    self.replace(newest, [OpCode::Pop {}]);
                    self.changes.count(Change::Unjumped);
                }
                is_sure
            }
            OpCode::Jmp { target } if newest > self.block => self.turn_branch(newest - 1, target, next),
            // Anything else goes on where it should.
            _ => false,
        }
    }

    /// A branch over a jump becomes the opposite branch.
    fn turn_branch(&mut self, branch: usize, jump_target: u32, next: Option<u32>) -> bool {
        let turned = match self.code[branch].op {
            OpCode::Jz { target } if self.leads_to(target, next) => OpCode::Jnz { target: jump_target },
            OpCode::Jnz { target } if self.leads_to(target, next) => OpCode::Jz { target: jump_target },
            // No branch, or one that leads elsewhere.
            _ => return false,
        };
        if !self.has_values(branch, 1) {
            return false;
        }
        self.replace(branch, [turned]);
        self.changes.count(Change::Unjumped);
        true
    }
}

/// Whether execution goes on behind the instruction with a new value on top of the operand stack.
pub(crate) fn pushes(op: &OpCode) -> bool {
    !is_call(op) && op.effect().is_some_and(|(_, pushes)| pushes > 0)
}
