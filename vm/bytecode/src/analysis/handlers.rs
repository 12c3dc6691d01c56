//! The stack of handlers a frame has at an instruction, as a shared, interned list.
//!
//! An entry is *armed* from its `TRY` on, and *spent* once it has caught: then it only waits for the
//! `END_TRY` of its catch block, which so cannot disarm an outer handler by mistake.

use std::collections::HashMap;

/// A handler stack; equal stacks have equal numbers. 0 is the empty one.
pub(crate) type HandlerStack = u32;

/// The newest entry of a stack and the stack below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct HandlerEntry {
    pub below: HandlerStack,
    /// The index of the `TRY`.
    pub try_pc: u32,
    /// The operand stack's depth when the `TRY` ran.
    pub depth: u32,
    pub is_armed: bool,
}

/// All handler stacks met in a module.
#[derive(Default)]
pub(crate) struct HandlerStacks {
    entries: Vec<HandlerEntry>,
    numbers: HashMap<HandlerEntry, HandlerStack>,
}

impl HandlerStacks {
    pub fn push(&mut self, entry: HandlerEntry) -> HandlerStack {
        let entries = &mut self.entries;
        *self.numbers.entry(entry).or_insert_with(|| {
            entries.push(entry);
            u32::try_from(entries.len()).expect("the solver's budget keeps the number of stacks below 2^32")
        })
    }

    pub fn top(&self, stack: HandlerStack) -> Option<&HandlerEntry> {
        self.entries.get((stack as usize).checked_sub(1)?)
    }

    /// The newest armed entry; those spent above it end with the throw that reaches it.
    pub fn newest_armed(&self, mut stack: HandlerStack) -> Option<HandlerEntry> {
        while let Some(entry) = self.top(stack) {
            if entry.is_armed {
                return Some(*entry);
            }
            stack = entry.below;
        }
        None
    }

    /// The stack with its newest entry ended, if it has one.
    pub fn end_newest(&self, stack: HandlerStack) -> HandlerStack {
        self.top(stack).map_or(stack, |entry| entry.below)
    }

    /// What holds where two ways meet: spent entries that only one has are forgotten. `None` if the ways
    /// disagree about an armed one.
    pub fn join(&self, mut a: HandlerStack, mut b: HandlerStack) -> Option<HandlerStack> {
        while a != b {
            let spent = |stack| self.top(stack).filter(|entry| !entry.is_armed).map(|entry| entry.below);
            match (spent(a), spent(b)) {
                // A stack's number exceeds that of every stack below it, so the larger one is no part of the other.
                (Some(below), other) if other.is_none() || a > b => a = below,
                (_, Some(below)) => b = below,
                _ => return None,
            }
        }
        Some(a)
    }
}
