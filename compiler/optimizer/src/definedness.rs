//! Which `LOAD`s cannot fail because their variable surely exists.
//!
//! Asked only of `LOAD`s that could go away or move if it does: those before `POP`, `STORE` or `SWAP`. Their names
//! are numbered, and followed as sets of bits through each region; a name that has been read exists from then on.

use std::collections::HashMap;

use ttvm_bytecode::{Captured, Region, VerifiedModule, analysis::successors};
use ttvm_isa::{OpCode, Text};

/// A set of the names asked about.
type Names = u64;

/// For each instruction whether it is such a `LOAD` and its variable exists on every way to it.
pub(crate) fn proven(verified: &VerifiedModule, live: &[usize]) -> Vec<bool> {
    let module = verified.module();
    let mut proven = vec![false; module.code.len()];
    let mut bits: HashMap<Text, Names> = HashMap::new();
    for (index, op) in module.code.iter().enumerate() {
        let OpCode::Load { name } = op else { continue };
        let is_asked =
            |next: Option<&OpCode>| matches!(next, Some(OpCode::Pop {} | OpCode::Store { .. } | OpCode::Swap {}));
        let number = bits.len();
        // More names than bits are not asked about in this round.
        if number < Names::BITS as usize
            && (is_asked(module.code.get(index + 1)) || is_asked(module.code.get(index + 2)))
        {
            bits.entry(name.clone()).or_insert(1 << number);
        }
    }
    if bits.is_empty() {
        return proven;
    }
    let at_entries = at_entries(verified, &bits);
    let mut is_met = vec![false; module.code.len()];
    for number in live {
        let region = &verified.regions()[*number];
        let before = Flow { verified, region, bits: &bits }.solve(at_entries[*number]);
        for point in &region.points {
            let pc = point.pc as usize;
            let OpCode::Load { name } = &module.code[pc] else { continue };
            let is_known = match (region.exact.is_some(), bits.get(name), before.get(&point.pc)) {
                (false, Some(bit), Some(before)) => before & bit != 0,
                (_, _, _) => false,
            };
            proven[pc] = is_known && (proven[pc] || !is_met[pc]);
            is_met[pc] = true;
        }
    }
    proven
}

/// For each region the names that every frame of it begins with.
fn at_entries(verified: &VerifiedModule, bits: &HashMap<Text, Names>) -> Vec<Names> {
    let mut at_entries: Vec<Option<Names>> = vec![None; verified.regions().len()];
    for function in verified.functions() {
        let captured: &[Text] = match &function.captured {
            Captured::Known(names) => names,
            Captured::Nothing | Captured::Unknown => &[],
        };
        let names = function.parameters.iter().chain(captured).filter_map(|name| bits.get(name));
        let names = names.fold(0, |set, bit| set | bit);
        let of_all = &mut at_entries[function.region as usize];
        *of_all = Some(of_all.map_or(names, |others| others & names));
    }
    at_entries.into_iter().map(|names| names.unwrap_or(0)).collect()
}

struct Flow<'a> {
    verified: &'a VerifiedModule,
    region: &'a Region,
    bits: &'a HashMap<Text, Names>,
}

impl Flow<'_> {
    fn bit(&self, name: &Text) -> Names {
        self.bits.get(name).copied().unwrap_or(0)
    }

    /// The names that exist before each instruction on every way to it.
    fn solve(&self, at_entry: Names) -> HashMap<u32, Names> {
        let module = self.verified.module();
        let mut before: HashMap<u32, Names> = HashMap::with_capacity(self.region.points.len());
        if self.region.exact.is_some() || self.region.points.is_empty() {
            return before;
        }
        before.insert(self.region.entry, at_entry);
        let mut work = vec![self.region.entry];
        while let Some(pc) = work.pop() {
            let Some(point) = self.region.point(pc) else { continue };
            let here = before[&pc];
            let op = &module.code[pc as usize];
            let after = match op {
                OpCode::Store { name } | OpCode::Load { name } | OpCode::Capture { name } | OpCode::Export { name } => {
                    here | self.bit(name)
                }
                OpCode::Delete { name } => here & !self.bit(name),
                // No other instruction removes variables of its own frame.
                _other => here,
            };
            let next = successors(module, self.region.body, pc);
            let jumps = next.jumps().filter(|_| !matches!(op, OpCode::Try { .. }));
            // What fails has not done its work yet.
            let handler = point.handler.and_then(|handler| {
                let armed = successors(module, self.region.body, handler.try_pc);
                armed.target.map(|target| (target, here))
            });
            let ways = next.fall_through.into_iter().chain(jumps).map(|target| (target, after)).chain(handler);
            for (target, names) in ways {
                let known = before.get(&target).copied();
                let joined = known.unwrap_or(Names::MAX) & names;
                if known != Some(joined) {
                    before.insert(target, joined);
                    work.push(target);
                }
            }
        }
        before
    }
}
