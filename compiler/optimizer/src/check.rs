//! Whether the verifier decides for the new code what it decided for the old.
//!
//! Some of what the machine does rests on the analysis of a whole region: which try an `END_TRY` ends, and whether a
//! region runs with fixed slots. A way through the code that went away can change both, though it was never taken.
//! So every round is checked after the fact, and one that fails is thrown away.

use std::collections::HashMap;

use ttvm_bytecode::{Module, Region, VerifiedModule, analysis::spawned_labels};
use ttvm_isa::OpCode;

use crate::{
    facts::{is_call, parts},
    rewrite::Written,
};

/// Whether everything that rests on the analysis stayed as it was; `written` is the new code with its origins.
pub(crate) fn decides_the_same(old: &VerifiedModule, new: &VerifiedModule, written: &[Written]) -> bool {
    let old_end = u32::try_from(old.module().code.len()).unwrap_or(u32::MAX);
    let by_entry: HashMap<u32, &Region> = old.regions().iter().skip(1).map(|region| (region.entry, region)).collect();
    let regions = new.regions().iter().enumerate().all(|(number, region)| {
        let entry = written.get(region.entry as usize).map_or(old_end, |first| first.place);
        let before = if number == 0 { Some(&old.regions()[0]) } else { by_entry.get(&entry).copied() };
        before.is_some_and(|before| is_same_region(before, region, new.module(), written))
    });
    regions && same_spawned_labels(old.module(), new.module()) && same_tail_calls(old.module(), new.module(), written)
}

fn is_same_region(old: &Region, new: &Region, module: &Module, written: &[Written]) -> bool {
    if new.exact.is_some() && old.exact.is_none() {
        return false;
    }
    new.points.iter().all(|point| {
        if !matches!(module.code[point.pc as usize], OpCode::EndTry {}) {
            return true;
        }
        let before = old.point(written[point.pc as usize].source);
        before.is_some_and(|before| before.ends_armed == point.ends_armed)
            && old.has_dynamic_handlers == new.has_dynamic_handlers
    })
}

/// Whether the same labels as before can be started as processes by their names: the strings that decide it may have
/// been folded.
fn same_spawned_labels(old: &Module, new: &Module) -> bool {
    let (old, new) = (spawned_labels(old), spawned_labels(new));
    old.iter().map(|label| &label.name).eq(new.iter().map(|label| &label.name))
}

/// Whether the same calls as before have a `RET` right behind them: those give up their frame.
fn same_tail_calls(old: &Module, new: &Module, written: &[Written]) -> bool {
    let tail_calls = |module: &Module| {
        let mut is_tail_call = vec![false; module.code.len()];
        for part in parts(module) {
            let code = &module.code[part.start as usize..part.end as usize];
            for (offset, pair) in code.windows(2).enumerate() {
                is_tail_call[part.start as usize + offset] = is_call(&pair[0]) && matches!(pair[1], OpCode::Ret {});
            }
        }
        is_tail_call
    };
    let (before, after) = (tail_calls(old), tail_calls(new));
    let calls = written.iter().enumerate().filter(|(_, written)| is_call(&written.op));
    calls.into_iter().all(|(index, call)| before[call.source as usize] == after[index])
}
