//! What is known of each instruction before a round changes anything.
//!
//! Everything rests on the verifier's regions: what they do not reach never runs, and the depth they give is the
//! depth there will be. Two doubts remain, and code in doubt is not touched. Code in exact regions has no depth
//! known before it runs. And a label outside bodies that no instruction of the module refers to may be there for
//! someone who knows its name: the code it leads to stays as it is.

use std::collections::HashMap;

use ttvm_bytecode::{
    Module, Region, VerifiedModule,
    analysis::{inside, spawned_labels, successors},
};
use ttvm_isa::OpCode;

use crate::definedness;

/// What is known of a module's instructions. All lists are indexed by instruction.
pub(crate) struct Facts {
    /// How execution may reach the instruction.
    pub reached: Vec<Reached>,
    /// Values that are on the operand stack whichever way execution came; 0 where that is not known.
    pub depth: Vec<u32>,
    /// Whether the operand stack is at run time exactly as the analysis says.
    pub is_depth_sure: Vec<bool>,
    /// Whether the instruction may run outside any call, where `RET` is an error.
    pub is_top_level: Vec<bool>,
    /// `LOAD`s whose variable surely exists.
    pub is_defined: Vec<bool>,
    /// Instructions that calls enter, or that a name may lead to: something must stay at each.
    pub is_pinned: Vec<bool>,
    /// The entries of label functions; the code's length for one that stops at once.
    pub label_entries: Vec<u32>,
    /// For each entry of a function: how many values it leaves, where the analysis is sure.
    pub results: HashMap<u32, u32>,
}

/// How execution may reach an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    /// Not at all.
    Never,
    /// In regions that run with fixed slots.
    Fixed,
    /// In a region that runs in exact mode, or by a name only: leave it alone.
    Untouchable,
}

impl Facts {
    pub fn of(verified: &VerifiedModule) -> Self {
        let module = &**verified.module();
        let count = module.code.len();
        let by_entry: HashMap<u32, usize> =
            verified.regions().iter().enumerate().skip(1).map(|(number, region)| (region.entry, number)).collect();
        let mut search = Search { verified, by_entry: &by_entry, is_live: vec![false; verified.regions().len()] };
        let named = search.run();
        let live: Vec<usize> = (0..search.is_live.len()).filter(|number| search.is_live[*number]).collect();
        let sure = sure_regions(verified, &by_entry);
        let mut facts = Self {
            reached: vec![Reached::Never; count],
            depth: vec![u32::MAX; count],
            is_depth_sure: vec![true; count],
            is_top_level: vec![false; count],
            is_defined: definedness::proven(verified, &live),
            is_pinned: vec![false; count],
            label_entries: Vec::new(),
            results: HashMap::new(),
        };
        for number in &live {
            facts.add_region(&verified.regions()[*number], *number == 0, sure[*number]);
        }
        for (pc, is_named) in named.iter().enumerate() {
            if *is_named && facts.reached[pc] == Reached::Never {
                facts.reached[pc] = Reached::Untouchable;
            }
        }
        for label in named_roots(module) {
            facts.pin(label);
        }
        for (pc, depth) in facts.depth.iter_mut().enumerate() {
            if !facts.is_depth_sure[pc] || *depth == u32::MAX {
                *depth = 0;
            }
        }
        facts
    }

    fn add_region(&mut self, region: &Region, is_main: bool, is_sure: bool) {
        for point in &region.points {
            let pc = point.pc as usize;
            let is_exact = region.exact.is_some();
            if is_exact || self.reached[pc] == Reached::Untouchable {
                self.reached[pc] = Reached::Untouchable;
            } else {
                self.reached[pc] = Reached::Fixed;
            }
            self.depth[pc] = self.depth[pc].min(point.depth);
            self.is_depth_sure[pc] &= is_sure;
            self.is_top_level[pc] |= is_main;
        }
        if is_main {
            return;
        }
        self.pin(region.entry);
        if region.body.is_none() {
            self.label_entries.push(region.entry);
        }
        // A body leaves one value whatever happens on its own operand stack.
        if let Some(results) = region.results.filter(|_| is_sure || region.body.is_some()) {
            self.results.insert(region.entry, results);
        }
    }

    fn pin(&mut self, pc: u32) {
        if let Some(pinned) = self.is_pinned.get_mut(pc as usize) {
            *pinned = true;
        }
    }

    /// How many instructions are left as they are.
    pub fn left_alone(&self) -> usize {
        self.reached.iter().filter(|reached| **reached == Reached::Untouchable).count()
    }
}

/// The function that a call, tail call or function value enters.
pub(crate) fn callee(op: &OpCode) -> Option<u32> {
    match op {
        OpCode::Call { target, .. }
        | OpCode::TailCall { target, .. }
        | OpCode::MakeFunction { target, .. }
        | OpCode::MakeLambda { target, .. } => Some(*target),
        // Everything else enters no function that it names by its place.
        _other => None,
    }
}

/// The labels outside bodies that no instruction refers to.
fn named_roots(module: &Module) -> Vec<u32> {
    let targeted = targeted(module);
    let length = module.code.len();
    let outside = module.labels.iter().filter(|label| label.body.is_none() && (label.at as usize) < length);
    outside.map(|label| label.at).filter(|at| !targeted[*at as usize]).collect()
}

/// Whether an instruction, or the end of the code, is the target of some instruction, as written.
pub(crate) fn targeted(module: &Module) -> Vec<bool> {
    let mut targeted = vec![false; module.code.len() + 1];
    for target in module.code.iter().flat_map(OpCode::targets) {
        targeted[(target as usize).min(module.code.len())] = true;
    }
    targeted
}

/// Finds what can run.
struct Search<'a> {
    verified: &'a VerifiedModule,
    by_entry: &'a HashMap<u32, usize>,
    is_live: Vec<bool>,
}

impl Search<'_> {
    /// Marks the regions that can be entered. Gives for each instruction whether a name may lead to it.
    fn run(&mut self) -> Vec<bool> {
        let module = &**self.verified.module();
        let mut named = vec![false; module.code.len()];
        let mut regions: Vec<usize> = vec![0];
        // Tests are run by the tool, and functions may be called from other modules.
        regions.extend((1..self.is_live.len()).filter(|number| self.verified.regions()[*number].body.is_some()));
        let spawned = spawned_labels(module).into_iter().filter_map(|label| self.by_entry.get(&label.at).copied());
        regions.extend(spawned);
        regions.iter().for_each(|number| self.is_live[*number] = true);
        let mut places: Vec<u32> =
            named_roots(module).into_iter().filter_map(|root| inside(module, None, root)).collect();
        loop {
            while let Some(number) = regions.pop() {
                for point in &self.verified.regions()[number].points {
                    self.enter(point.pc, &mut regions);
                }
            }
            let Some(pc) = places.pop() else { return named };
            if !std::mem::replace(&mut named[pc as usize], true) {
                self.enter(pc, &mut regions);
                let next = successors(module, None, pc);
                places.extend(next.all());
            }
        }
    }

    fn enter(&mut self, pc: u32, regions: &mut Vec<usize>) {
        if let Some(number) = callee_region(self.verified.module(), self.by_entry, pc)
            && !std::mem::replace(&mut self.is_live[number], true)
        {
            regions.push(number);
        }
    }
}

fn callee_region(module: &Module, by_entry: &HashMap<u32, usize>, pc: u32) -> Option<usize> {
    let end = u32::try_from(module.code.len()).unwrap_or(u32::MAX);
    let entry = callee(&module.code[pc as usize])?.min(end);
    Some(by_entry[&entry])
}

/// For each region whether its operand stack is at run time as the analysis says. A call through a value may leave
/// other than one value; then the rest of the frame, and of each that shares its operand stack, differs.
fn sure_regions(verified: &VerifiedModule, by_entry: &HashMap<u32, usize>) -> Vec<bool> {
    let module = &**verified.module();
    let regions = verified.regions();
    let mut is_sure: Vec<bool> = Vec::with_capacity(regions.len());
    let mut callers: Vec<Vec<usize>> = vec![Vec::new(); regions.len()];
    for (number, region) in regions.iter().enumerate() {
        let mut calls_values = false;
        for point in &region.points {
            match &module.code[point.pc as usize] {
                OpCode::CallFunction { .. } => calls_values = true,
                OpCode::Call { .. } => {
                    if let Some(callee) = callee_region(module, by_entry, point.pc)
                        && regions[callee].body.is_none()
                    {
                        callers[callee].push(number);
                    }
                }
                // Nothing else calls on the same operand stack and comes back.
                _other => {}
            }
        }
        is_sure.push(!calls_values && region.exact.is_none());
    }
    let mut doubtful: Vec<usize> = (0..regions.len()).filter(|number| !is_sure[*number]).collect();
    while let Some(number) = doubtful.pop() {
        // What a body does to its own operand stack its caller never sees.
        for caller in std::mem::take(&mut callers[number]) {
            if std::mem::replace(&mut is_sure[caller], false) {
                doubtful.push(caller);
            }
        }
    }
    is_sure
}

/// Whether the instruction enters a function and its frame goes on behind it: whether a `RET` follows directly
/// decides if the callee takes the frame's place, which traces show.
pub(crate) fn is_call(op: &OpCode) -> bool {
    matches!(op, OpCode::Call { .. } | OpCode::CallFunction { .. } | OpCode::CallImport { .. })
}

/// Whether the instruction is checked when the program is linked, even where nothing reaches it.
pub(crate) fn is_linked(op: &OpCode) -> bool {
    matches!(op, OpCode::CallImport { .. } | OpCode::LoadImport { .. })
}

/// The body that a part of the code belongs to, for walks through the code in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The index of the body; `None` outside.
    pub body: Option<u32>,
    pub start: u32,
    pub end: u32,
}

/// The code as a list of bodies and of what lies between them, in order, without empty parts.
pub(crate) fn parts(module: &Module) -> Vec<Part> {
    let mut parts = Vec::with_capacity(module.bodies.len() * 2 + 1);
    let mut at = 0;
    for (number, body) in (0u32..).zip(&module.bodies) {
        parts.push(Part { body: None, start: at, end: body.start });
        parts.push(Part { body: Some(number), start: body.start, end: body.end });
        at = body.end;
    }
    let end = u32::try_from(module.code.len()).expect("V1: the code has at most INSTRUCTIONS_MAX instructions");
    parts.push(Part { body: None, start: at, end });
    parts.retain(|part| part.start < part.end);
    parts
}
