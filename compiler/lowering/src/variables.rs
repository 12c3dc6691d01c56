//! The variables of a function: their slots, where they surely exist, and where each is read for the last time.

use std::collections::HashMap;

use ttvm_bytecode::{Captured, Function, Module, Region, analysis};
use ttvm_isa::{OpCode, Text, receive::ReceiveTable};

/// Above this many bits of state the analysis is left out: every variable counts as live and as possibly
/// absent, which is right and only slower. 64 million bits are 8 MiB.
const STATE_BITS_MAX: usize = 1 << 26;

/// Slots of the variables of a function.
pub(crate) struct Variables {
    /// All named variables; the one at index i lies in slot i + 1.
    pub names: Vec<Text>,
    slots: HashMap<Text, u16>,
    capture_slots: HashMap<Text, u16>,
    /// Hidden variables that hold captures until `MAKE_LAMBDA`, by name.
    pub captures: Vec<(Text, u16)>,
    /// Hidden variable with the order in which captures were made; 0 if there is only one name to capture.
    pub capture_order: u16,
    /// Whether the order of captures at some `MAKE_LAMBDA` is only known at run time.
    pub notes_captures: bool,
    /// Hidden variable with the order of the variables; 0 if the function does not print its scope.
    pub scope_order: u16,
    /// The first slot after all of them.
    pub temporaries: u16,
}

impl Variables {
    pub fn new(module: &Module, region: &Region, function: &Function) -> Self {
        let mut variables = Self {
            names: Vec::new(),
            slots: HashMap::new(),
            capture_slots: HashMap::new(),
            captures: Vec::new(),
            capture_order: 0,
            notes_captures: region.points.iter().any(|point| captures_by_name(module, point)),
            scope_order: 0,
            temporaries: 0,
        };
        for name in function.parameters.iter() {
            variables.add(name);
        }
        if let Captured::Known(names) = &function.captured {
            for name in names.iter() {
                variables.add(name);
            }
        }
        let mut prints_scope = false;
        for point in &region.points {
            match &module.code[point.pc as usize] {
                OpCode::Store { name }
                | OpCode::Load { name }
                | OpCode::Delete { name }
                | OpCode::Capture { name }
                | OpCode::Export { name } => variables.add(name),
                OpCode::ReceiveMatch { table } => {
                    table.bound().iter().chain(&table.read()).for_each(|name| variables.add(name));
                }
                OpCode::DumpScope {} => prints_scope = true,
                _ => {}
            }
        }
        let mut next = slot_number(variables.names.len() + 1);
        for point in &region.points {
            if let OpCode::Capture { name } = &module.code[point.pc as usize]
                && variables.capture_slot(name).is_none()
            {
                variables.captures.push((name.clone(), next));
                variables.capture_slots.insert(name.clone(), next);
                next += 1;
            }
        }
        if variables.captures.len() > 1 {
            variables.capture_order = next;
            next += 1;
        }
        if prints_scope {
            variables.scope_order = next;
            next += 1;
        }
        variables.temporaries = next;
        variables
    }

    fn add(&mut self, name: &Text) {
        let next = slot_number(self.names.len() + 1);
        if let std::collections::hash_map::Entry::Vacant(slot) = self.slots.entry(name.clone()) {
            slot.insert(next);
            self.names.push(name.clone());
        }
    }

    /// The slot of a variable of the function.
    pub fn slot(&self, name: &Text) -> u16 {
        self.slots[name]
    }

    /// The slot of the hidden variable for captures of `name`.
    pub fn capture_slot(&self, name: &Text) -> Option<u16> {
        self.capture_slots.get(name).copied()
    }
}

/// Whether captures pending at the point are, or may be later, bound by name: their list depends on the way taken, or
/// a parameter hides one of them.
fn captures_by_name(module: &Module, point: &analysis::Point) -> bool {
    match (&point.captured, &module.code[point.pc as usize]) {
        (Captured::Unknown, _) => true,
        (Captured::Known(names), OpCode::MakeLambda { parameters, .. }) => {
            names.iter().any(|name| parameters.contains(name))
        }
        (Captured::Known(_) | Captured::Nothing, _) => false,
    }
}

fn slot_number(number: usize) -> u16 {
    u16::try_from(number).expect("V11: a function's slots fit in SLOTS_MAX")
}

/// What is known about variables at each point of a region, in the order of its points.
pub(crate) struct VariableFacts {
    /// For `LOAD`: the variable surely exists. For `STORE`, `DELETE` and `CAPTURE` likewise, before the instruction.
    pub exists: Vec<bool>,
    /// For `LOAD` and `CAPTURE`: nothing reads the variable's present value any more.
    pub is_last_read: Vec<bool>,
    /// Variables read before they surely exist: their slots must be prepared at the function's start.
    pub must_prepare: Vec<u16>,
    /// What surely exists at each `RECEIVE_MATCH`, by the index of its point.
    at_receives: HashMap<usize, Set>,
}

impl VariableFacts {
    /// Whether a variable surely exists at the `RECEIVE_MATCH` at this point.
    pub fn exists_at(&self, index: usize, slot: u16) -> bool {
        self.at_receives.get(&index).is_some_and(|set| set.has(usize::from(slot) - 1))
    }
}

/// A set of variables by slot - 1.
#[derive(Clone, PartialEq, Eq)]
struct Set(Vec<u64>);

impl Set {
    fn empty(bits: usize) -> Self {
        Self(vec![0; bits.div_ceil(64)])
    }
    fn has(&self, index: usize) -> bool {
        self.0[index / 64] >> (index % 64) & 1 == 1
    }
    fn insert(&mut self, index: usize) {
        self.0[index / 64] |= 1 << (index % 64);
    }
    fn remove(&mut self, index: usize) {
        self.0[index / 64] &= !(1 << (index % 64));
    }
    fn intersect(&mut self, other: &Self) -> bool {
        self.merge(other, |a, b| a & b)
    }
    fn unite(&mut self, other: &Self) -> bool {
        self.merge(other, |a, b| a | b)
    }
    fn merge(&mut self, other: &Self, combine: impl Fn(u64, u64) -> u64) -> bool {
        let mut has_changed = false;
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            let merged = combine(*mine, *theirs);
            has_changed |= merged != *mine;
            *mine = merged;
        }
        has_changed
    }
}

/// Finds the facts by iterating over the region until nothing changes.
pub(crate) fn find_facts(
    module: &Module,
    region: &Region,
    function: &Function,
    variables: &Variables,
) -> VariableFacts {
    let count = region.points.len();
    let bits = variables.names.len();
    if bits == 0 || count.saturating_mul(bits) > STATE_BITS_MAX {
        return VariableFacts {
            exists: vec![false; count],
            is_last_read: vec![false; count],
            must_prepare: (1..=slot_number(bits)).collect(),
            at_receives: HashMap::new(),
        };
    }
    let edges = Edges::new(module, region, variables);
    let accesses: Vec<Access> =
        region.points.iter().map(|point| Access::of(&module.code[point.pc as usize], variables)).collect();
    let before = find_existing(&edges, &accesses, bits, function);
    let exists: Vec<bool> = (accesses.iter().zip(&before))
        .map(|(access, before)| match (access.index(), before) {
            (Some(variable), Some(state)) => state.has(variable),
            (Some(_), None) => false,
            (None, _) => true,
        })
        .collect();
    let nothing = Set::empty(bits);
    let at_receives: HashMap<usize, Set> = (edges.receives.keys())
        .map(|index| (*index, before[*index].clone().unwrap_or_else(|| nothing.clone())))
        .collect();
    let is_last_read =
        if variables.scope_order != 0 { vec![false; count] } else { find_last_reads(&edges, &accesses, bits) };
    let mut must_prepare: Vec<u16> = (accesses.iter().zip(&exists))
        .filter_map(|(access, exists)| access.index().filter(|_| !exists).map(|index| slot_number(index + 1)))
        .collect();
    for (index, receive) in &edges.receives {
        let touched = receive.touched().filter(|variable| !at_receives[index].has(*variable));
        must_prepare.extend(touched.map(|variable| slot_number(variable + 1)));
    }
    must_prepare.sort_unstable();
    must_prepare.dedup();
    if variables.scope_order != 0 {
        must_prepare = (1..=slot_number(bits)).collect();
    }
    let initial = initial_count(function);
    must_prepare.retain(|slot| usize::from(*slot) > initial);
    VariableFacts { exists, is_last_read, must_prepare, at_receives }
}

/// For each point of a region that runs in exact mode whether it reads a variable's present value for the last time.
pub(crate) fn find_last_reads_of_exact(module: &Module, region: &Region, variables: &Variables) -> Vec<bool> {
    let count = region.points.len();
    let bits = variables.names.len();
    if bits == 0 || variables.scope_order != 0 || count.saturating_mul(bits) > STATE_BITS_MAX {
        return vec![false; count];
    }
    let edges = Edges::of_exact(module, region, variables);
    let mut accesses: Vec<Access> =
        region.points.iter().map(|point| Access::of(&module.code[point.pc as usize], variables)).collect();
    accesses.resize(edges.next.len(), Access::None);
    let mut is_last_read = find_last_reads(&edges, &accesses, bits);
    is_last_read.truncate(count);
    is_last_read
}

/// How many variables exist when the function begins.
fn initial_count(function: &Function) -> usize {
    let captured = if let Captured::Known(names) = &function.captured {
        names.iter().filter(|name| !function.parameters.contains(name)).count()
    } else {
        0
    };
    function.parameters.len() + captured
}

/// What an instruction does to a variable, by index.
#[derive(Clone, Copy)]
enum Access {
    None,
    Read(usize),
    Write(usize),
    Delete(usize),
    /// Any variable may come into existence.
    Import,
    /// See [`Edges::receives`].
    Receive,
}

/// What a `RECEIVE_MATCH` does to variables, by index.
struct ReceiveAccess {
    /// They are read, and must exist.
    needed: Vec<usize>,
    /// They are read if they exist.
    guards: Vec<usize>,
    /// The points that it may go to, with the variables that are set on the way.
    ways: Vec<(Option<u32>, Vec<usize>)>,
}

impl ReceiveAccess {
    fn new(table: &ReceiveTable, index: impl Fn(&Text) -> usize, find: impl Fn(u32) -> Option<u32>) -> Self {
        let cases = table.cases.iter().map(|case| (find(case.target), case.bound().iter().map(&index).collect()));
        let after = table.after.iter().map(|after| (find(after.target), Vec::new()));
        Self {
            needed: crate::receive::needed(table).iter().map(&index).collect(),
            guards: table.read().iter().map(&index).collect(),
            ways: cases.chain(after).collect(),
        }
    }

    fn touched(&self) -> impl Iterator<Item = usize> + '_ {
        let set = self.ways.iter().flat_map(|(_, set)| set);
        self.needed.iter().chain(&self.guards).chain(set).copied()
    }
}

impl Access {
    fn of(op: &OpCode, variables: &Variables) -> Self {
        let index = |name| usize::from(variables.slot(name)) - 1;
        match op {
            OpCode::Load { name } | OpCode::Capture { name } | OpCode::Export { name } => Self::Read(index(name)),
            OpCode::Store { name } => Self::Write(index(name)),
            OpCode::Delete { name } => Self::Delete(index(name)),
            OpCode::Import { .. } => Self::Import,
            OpCode::ReceiveMatch { .. } => Self::Receive,
            _ => Self::None,
        }
    }

    fn index(self) -> Option<usize> {
        match self {
            Self::Read(index) | Self::Write(index) | Self::Delete(index) => Some(index),
            Self::None | Self::Import | Self::Receive => None,
        }
    }
}

/// Successors of each point, as indexes of points.
struct Edges {
    /// The index of the region's entry.
    entry: usize,
    next: Vec<Box<[u32]>>,
    handler: Vec<Option<u32>>,
    /// What each `RECEIVE_MATCH` does, by the index of its point.
    receives: HashMap<usize, ReceiveAccess>,
}

impl Edges {
    fn new(module: &Module, region: &Region, variables: &Variables) -> Self {
        let find = |pc: u32| {
            region.points.binary_search_by_key(&pc, |point| point.pc).ok().and_then(|index| u32::try_from(index).ok())
        };
        let entry = find(region.entry).map_or(0, |index| index as usize);
        let mut edges = Self { entry, next: Vec::new(), handler: Vec::new(), receives: HashMap::new() };
        for (index, point) in region.points.iter().enumerate() {
            let op = &module.code[point.pc as usize];
            if let OpCode::ReceiveMatch { table } = op {
                let variable = |name: &Text| usize::from(variables.slot(name)) - 1;
                let point = |target| analysis::inside(module, region.body, target).and_then(find);
                edges.receives.insert(index, ReceiveAccess::new(table, variable, point));
            }
            let successors = analysis::successors(module, region.body, point.pc);
            let jumps = successors.jumps().filter(|_| !matches!(op, OpCode::Try { .. }));
            edges.next.push(successors.fall_through.into_iter().chain(jumps).filter_map(find).collect());
            edges.handler.push(point.handler.and_then(|handler| {
                let OpCode::Try { target } = &module.code[handler.try_pc as usize] else { return None };
                analysis::inside(module, region.body, *target).and_then(find)
            }));
        }
        edges
    }

    /// As exact mode has them, where handlers are only known when the code runs: behind the last point stands one that
    /// leads to all handlers, and an error at any point goes there.
    fn of_exact(module: &Module, region: &Region, variables: &Variables) -> Self {
        let mut edges = Self::new(module, region, variables);
        let targets = region.points.iter().filter_map(|point| match &module.code[point.pc as usize] {
            OpCode::Try { target } => analysis::inside(module, region.body, *target),
            _ => None,
        });
        let index = |pc: u32| region.points.binary_search_by_key(&pc, |point| point.pc).ok();
        let mut handlers: Vec<u32> =
            targets.filter_map(index).map(|index| u32::try_from(index).expect("V1: points are instructions")).collect();
        handlers.sort_unstable();
        handlers.dedup();
        let any_handler = u32::try_from(region.points.len()).expect("V1: points are instructions");
        edges.handler.fill(Some(any_handler).filter(|_| !handlers.is_empty()));
        edges.next.push(handlers.into());
        edges.handler.push(None);
        edges
    }

    fn successors(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        self.next[index].iter().map(|next| *next as usize)
    }

    fn handler(&self, index: usize) -> Option<usize> {
        self.handler[index].map(|handler| handler as usize)
    }
}

/// For each point that may be reached, which variables surely exist there.
fn find_existing(edges: &Edges, accesses: &[Access], bits: usize, function: &Function) -> Vec<Option<Set>> {
    let count = accesses.len();
    let mut before: Vec<Option<Set>> = vec![None; count];
    let mut at_entry = Set::empty(bits);
    for index in 0..initial_count(function) {
        at_entry.insert(index);
    }
    // The entry is not always the first point: label code may jump backward out of its entry.
    let mut work = Vec::new();
    if let Some(entry) = edges.entry_index(accesses.len()) {
        before[entry] = Some(at_entry);
        work.push(entry);
    }
    while let Some(index) = work.pop() {
        let mut state = before[index].clone().expect("points on the work list have a state");
        if let Some(handler) = edges.handler(index) {
            flow_to(&mut before, &mut work, handler, &state);
        }
        match accesses[index] {
            Access::Write(variable) => state.insert(variable),
            Access::Delete(variable) => state.remove(variable),
            // A successful read proves that the variable exists.
            Access::Read(variable) => state.insert(variable),
            Access::None | Access::Import | Access::Receive => {}
        }
        if let Some(receive) = edges.receives.get(&index) {
            receive.needed.iter().for_each(|variable| state.insert(*variable));
            for (target, set) in &receive.ways {
                let mut state = state.clone();
                set.iter().for_each(|variable| state.insert(*variable));
                if let Some(target) = target {
                    flow_to(&mut before, &mut work, *target as usize, &state);
                }
            }
            continue;
        }
        for next in edges.successors(index) {
            flow_to(&mut before, &mut work, next, &state);
        }
    }
    before
}

fn flow_to(before: &mut [Option<Set>], work: &mut Vec<usize>, target: usize, state: &Set) {
    match &mut before[target] {
        Some(known) => {
            if known.intersect(state) {
                work.push(target);
            }
        }
        none => {
            *none = Some(state.clone());
            work.push(target);
        }
    }
}

fn find_last_reads(edges: &Edges, accesses: &[Access], bits: usize) -> Vec<bool> {
    let count = accesses.len();
    let mut live_before = vec![Set::empty(bits); count];
    let mut predecessors: Vec<Vec<u32>> = vec![Vec::new(); count];
    for index in 0..count {
        for next in edges.successors(index).chain(edges.handler(index)) {
            predecessors[next].push(u32::try_from(index).expect("V1: points are instructions"));
        }
    }
    let live_after = |live_before: &[Set], index: usize| {
        let mut live = Set::empty(bits);
        for next in edges.successors(index) {
            live.unite(&live_before[next]);
        }
        live
    };
    let mut work: Vec<usize> = (0..count).collect();
    let mut is_queued = vec![true; count];
    while let Some(index) = work.pop() {
        is_queued[index] = false;
        let mut live = match edges.receives.get(&index) {
            Some(receive) => live_before_receive(receive, &live_before, bits),
            None => live_after(&live_before, index),
        };
        match accesses[index] {
            Access::Write(variable) => live.remove(variable),
            // DELETE looks whether the variable exists, so it must not have been moved away before.
            Access::Read(variable) | Access::Delete(variable) => live.insert(variable),
            Access::None | Access::Receive => {}
            // The names a module exports are not known; its variables are overwritten, not read.
            Access::Import => {}
        }
        if let Some(handler) = edges.handler(index) {
            let at_handler = live_before[handler].clone();
            live.unite(&at_handler);
        }
        if live_before[index].unite(&live) {
            for before in &predecessors[index] {
                let before = *before as usize;
                if !is_queued[before] {
                    is_queued[before] = true;
                    work.push(before);
                }
            }
        }
    }
    (0..count)
        .map(|index| match accesses[index] {
            Access::Read(variable) => {
                let in_handler = edges.handler(index).is_some_and(|handler| live_before[handler].has(variable));
                !in_handler && !live_after(&live_before, index).has(variable)
            }
            _ => false,
        })
        .collect()
}

fn live_before_receive(receive: &ReceiveAccess, live_before: &[Set], bits: usize) -> Set {
    let mut live = Set::empty(bits);
    for (target, set) in &receive.ways {
        let Some(target) = target else { continue };
        let mut behind = live_before[*target as usize].clone();
        set.iter().for_each(|variable| behind.remove(*variable));
        live.unite(&behind);
    }
    receive.needed.iter().chain(&receive.guards).for_each(|variable| live.insert(*variable));
    live
}

impl Edges {
    fn entry_index(&self, count: usize) -> Option<usize> {
        (count > 0).then_some(self.entry)
    }
}
