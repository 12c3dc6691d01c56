//! Solves all regions together: each needs to know what the regions it calls leave on the stack.
//!
//! A region starts as "never returns" and can only move up to "returns r values" and on to "exact", so the
//! work list empties. Work is bounded by a budget in proportion to the code; what is not settled when it
//! runs out becomes exact, which is always right and only slower.

use std::collections::{HashMap, VecDeque};

use ttvm_isa::{Flow, Names, OpCode, Text};

use super::{
    Entry, Region, code_length,
    flow::{ExactReason, Handler, Point, State, UNKNOWN_CAPTURES, inside, successors},
    handlers::{HandlerEntry, HandlerStack, HandlerStacks},
};
use crate::{module::Module, verify::Captured};

/// Steps of the analysis per reachable instruction before regions are given up as exact.
const STEPS_PER_INSTRUCTION: u64 = 64;

/// What callers may expect of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Summary {
    /// No way to a return is known yet.
    NeverReturns,
    /// Leaves this many values, 0 or 1.
    Returns(u32),
    /// Leaves any number of values.
    Exact,
}

pub(super) fn solve(module: &Module, entries: &[Entry]) -> Vec<Region> {
    let mut solver = Solver::new(module, entries);
    solver.run();
    (0..entries.len()).map(|number| solver.finish(number)).collect()
}

struct Solver<'a> {
    module: &'a Module,
    entries: &'a [Entry],
    by_entry: HashMap<u32, usize>,
    summaries: Vec<Summary>,
    reasons: Vec<Option<ExactReason>>,
    states: Vec<HashMap<u32, State>>,
    callers: Vec<Vec<usize>>,
    handlers: HandlerStacks,
    captures: CaptureLists,
    uniform_arity: Option<u32>,
    steps_left: u64,
}

/// Longer lists of pending captures are unknown, and found when the program runs: each `CAPTURE` may have a list of its
/// own, and all of them together must not need much more memory than the code.
const KNOWN_CAPTURES_MAX: usize = 32;

/// Lists of pending captures, interned; number 0 is the empty one.
#[derive(Default)]
struct CaptureLists {
    lists: Vec<Names>,
    numbers: HashMap<Names, u32>,
}

impl CaptureLists {
    fn list(&self, number: u32) -> &[Text] {
        (number as usize).checked_sub(1).map_or(&[], |index| &self.lists[index])
    }

    fn with(&mut self, number: u32, name: &Text) -> u32 {
        if number == UNKNOWN_CAPTURES || self.list(number).contains(name) {
            return number;
        }
        if self.list(number).len() == KNOWN_CAPTURES_MAX {
            return UNKNOWN_CAPTURES;
        }
        let list: Names = self.list(number).iter().chain([name]).cloned().collect();
        if let Some(known) = self.numbers.get(&list) {
            return *known;
        }
        self.lists.push(list.clone());
        let number = u32::try_from(self.lists.len()).expect("the solver's budget bounds the number of lists");
        self.numbers.insert(list, number);
        number
    }
}

/// Where an instruction leads: the state after it, or an end.
enum Step {
    Next(State),
    Return(u32),
    Nowhere,
}

impl<'a> Solver<'a> {
    fn new(module: &'a Module, entries: &'a [Entry]) -> Self {
        let count = entries.len();
        let reachable = module.code.len() as u64 * 8 + 1024;
        Self {
            module,
            entries,
            by_entry: entries.iter().enumerate().skip(1).map(|(number, entry)| (entry.pc, number)).collect(),
            summaries: vec![Summary::NeverReturns; count],
            reasons: vec![None; count],
            states: vec![HashMap::new(); count],
            callers: vec![Vec::new(); count],
            handlers: HandlerStacks::default(),
            captures: CaptureLists::default(),
            uniform_arity: uniform_arity(module),
            steps_left: reachable * STEPS_PER_INSTRUCTION,
        }
    }

    fn run(&mut self) {
        let mut queue: VecDeque<usize> = (0..self.entries.len()).collect();
        let mut is_queued = vec![true; self.entries.len()];
        while let Some(number) = queue.pop_front() {
            is_queued[number] = false;
            if self.reasons[number].is_some() {
                continue;
            }
            let before = self.summaries[number];
            match self.follow(number) {
                Ok(Some(count)) => self.summaries[number] = Summary::Returns(count),
                Ok(None) => {}
                Err(reason) => {
                    self.reasons[number] = Some(reason);
                    let is_body = self.entries[number].body.is_some();
                    self.summaries[number] = if is_body { Summary::Returns(1) } else { Summary::Exact };
                }
            }
            if self.summaries[number] != before {
                for caller in std::mem::take(&mut self.callers[number]) {
                    if !is_queued[caller] {
                        is_queued[caller] = true;
                        queue.push_back(caller);
                    }
                }
            }
        }
    }

    /// Follows all ways through a region. Gives how many values it returns, if it is known to return.
    fn follow(&mut self, number: usize) -> Result<Option<u32>, ExactReason> {
        let entry = self.entries[number];
        let mut states = HashMap::new();
        let mut work = Vec::new();
        let mut results = None;
        if (entry.pc as usize) < self.module.code.len() {
            states.insert(entry.pc, State { depth: 0, handlers: 0, captures: 0 });
            work.push(entry.pc);
        }
        let mut is_guessed = false;
        while let Some(pc) = work.pop() {
            let next = successors(self.module, entry.body, pc);
            self.steps_left = self.steps_left.saturating_sub(1 + next.cases.len() as u64);
            if self.steps_left == 0 {
                return Err(ExactReason::Callee { pc });
            }
            let state = states[&pc];
            is_guessed |= matches!(self.module.code[pc as usize], OpCode::CallFunction { count: None });
            // After a guess, a contradiction may be the guess's fault.
            let excuse =
                move |reason: ExactReason| if is_guessed { ExactReason::Callee { pc: reason.pc() } } else { reason };
            self.reach_handler(entry, pc, state, &mut states, &mut work).map_err(excuse)?;
            let step = self.step(number, pc, state).map_err(excuse)?;
            let is_try = matches!(self.module.code[pc as usize], OpCode::Try { .. });
            let mut returned = None;
            match step {
                Step::Next(after) => {
                    let op = &self.module.code[pc as usize];
                    let falls = !matches!(op.info().flow, Flow::Jump | Flow::Switch);
                    if let Some(next) = next.fall_through {
                        self.reach(next, after, &mut states, &mut work).map_err(excuse)?;
                    } else if falls && entry.body.is_some() {
                        returned = Some(1);
                    }
                    if !is_try {
                        // What waited in vain pushes nothing.
                        let jumped = State { depth: after.depth - u32::from(op.waits_until()), ..after };
                        for target in next.jumps() {
                            self.reach(target, jumped, &mut states, &mut work).map_err(excuse)?;
                        }
                    }
                    if self.leaves_body(entry, pc) {
                        returned = Some(1);
                    }
                }
                Step::Return(count) => returned = Some(count),
                Step::Nowhere => {}
            }
            match (returned, results) {
                (Some(count), Some(known)) if count != known => return Err(ExactReason::Results { pc, count }),
                (Some(count), _) if count > 1 => return Err(ExactReason::Results { pc, count }),
                (Some(count), _) => results = Some(count),
                (None, _) => {}
            }
        }
        self.states[number] = states;
        Ok(results)
    }

    /// Whether a target of the instruction is the end of its body, an implicit return.
    fn leaves_body(&self, entry: Entry, pc: u32) -> bool {
        let Some(body) = entry.body else { return false };
        let end = self.module.bodies[body as usize].end;
        self.module.code[pc as usize].jump_targets().any(|target| target == end)
    }

    /// An error at `pc` goes to the newest armed handler.
    fn reach_handler(
        &mut self,
        entry: Entry,
        pc: u32,
        state: State,
        states: &mut HashMap<u32, State>,
        work: &mut Vec<u32>,
    ) -> Result<(), ExactReason> {
        let Some(armed) = self.handlers.newest_armed(state.handlers) else { return Ok(()) };
        let OpCode::Try { target } = &self.module.code[armed.try_pc as usize] else {
            unreachable!("handler entries are made for TRY instructions only")
        };
        let Some(target) = inside(self.module, entry.body, *target) else { return Ok(()) };
        let handlers = self.handlers.push(HandlerEntry { is_armed: false, ..armed });
        let caught = State { depth: armed.depth + 1, handlers, captures: state.captures };
        self.reach(target, caught, states, work).map_err(|reason| match reason {
            ExactReason::Handlers { .. } => ExactReason::Handlers { pc },
            other => other,
        })
    }

    /// Merges a state into what is known before `pc`.
    fn reach(
        &mut self,
        pc: u32,
        state: State,
        states: &mut HashMap<u32, State>,
        work: &mut Vec<u32>,
    ) -> Result<(), ExactReason> {
        let Some(known) = states.get_mut(&pc) else {
            states.insert(pc, state);
            work.push(pc);
            return Ok(());
        };
        if known.depth != state.depth {
            return Err(ExactReason::UnevenDepth { pc, first: known.depth, second: state.depth });
        }
        let handlers = self.handlers.join(known.handlers, state.handlers).ok_or(ExactReason::Handlers { pc })?;
        let captures = if known.captures == state.captures { state.captures } else { UNKNOWN_CAPTURES };
        let joined = State { depth: state.depth, handlers, captures };
        if *known != joined {
            *known = joined;
            work.push(pc);
        }
        Ok(())
    }

    /// What the instruction at `pc` does to the state.
    fn step(&mut self, number: usize, pc: u32, state: State) -> Result<Step, ExactReason> {
        let op = &self.module.code[pc as usize];
        let mut after = state;
        match op {
            OpCode::Call { target, parameters } => {
                after.depth = self.pop(pc, state, parameters.len() as u32)?;
                return Ok(match self.call(number, pc, *target)? {
                    Some(results) => Step::Next(State { depth: after.depth + results, ..after }),
                    None => Step::Nowhere,
                });
            }
            OpCode::TailCall { target, parameters } => {
                let left = self.pop(pc, state, parameters.len() as u32)?;
                let is_body = self.entries[number].body.is_some();
                return Ok(match self.call(number, pc, *target)? {
                    Some(results) => Step::Return(if is_body { 1 } else { left + results }),
                    None => Step::Nowhere,
                });
            }
            OpCode::CallFunction { .. } => {
                let arguments = self.arguments(pc, state.depth);
                after.depth = self.pop(pc, state, arguments + 1)? + 1;
            }
            OpCode::Ret {} => {
                return Ok(match self.entries[number].body {
                    Some(_) => Step::Return(1),
                    // At top level RET is an error, which has gone to the handler already.
                    None if number == 0 => Step::Nowhere,
                    None => Step::Return(state.depth),
                });
            }
            OpCode::Try { .. } => {
                let entry = HandlerEntry { below: state.handlers, try_pc: pc, depth: state.depth, is_armed: true };
                after.handlers = self.handlers.push(entry);
            }
            OpCode::EndTry {} => after.handlers = self.handlers.end_newest(state.handlers),
            OpCode::Capture { name } => after.captures = self.captures.with(state.captures, name),
            OpCode::MakeLambda { .. } => {
                after.captures = 0;
                after.depth += 1;
            }
            // These two only look at what they leave in place.
            OpCode::Dup {} if state.depth >= 1 => after.depth += 1,
            OpCode::Over {} if state.depth >= 2 => after.depth += 1,
            other => {
                let (pops, pushes) = other.effect().expect("calls and returns are handled above");
                after.depth = self.pop(pc, state, pops)? + pushes;
            }
        }
        Ok(match op.info().flow {
            Flow::Stop => Step::Nowhere,
            Flow::Next | Flow::Jump | Flow::Branch | Flow::Switch | Flow::Call | Flow::Return => Step::Next(after),
        })
    }

    fn pop(&self, pc: u32, state: State, count: u32) -> Result<u32, ExactReason> {
        let depth =
            state.depth.checked_sub(count).ok_or(ExactReason::Underflow { pc, needed: count, depth: state.depth })?;
        match self.handlers.newest_armed(state.handlers) {
            Some(armed) if depth < armed.depth => Err(ExactReason::BelowTry { pc }),
            _ => Ok(depth),
        }
    }

    /// How many values the callee leaves; `None` while it is not known to return.
    fn call(&mut self, caller: usize, pc: u32, target: u32) -> Result<Option<u32>, ExactReason> {
        let callee = self.by_entry[&target.min(code_length(self.module))];
        if self.callers[callee].last() != Some(&caller) {
            self.callers[callee].push(caller);
        }
        match self.summaries[callee] {
            Summary::NeverReturns => Ok(None),
            Summary::Returns(count) => Ok(Some(count)),
            Summary::Exact => Err(ExactReason::Callee { pc }),
        }
    }

    /// How many arguments a `CALL_FUNCTION` is taken to have; the machine goes over to exact mode when it
    /// turns out otherwise.
    fn arguments(&self, pc: u32, depth: u32) -> u32 {
        let available = depth.saturating_sub(1);
        if let OpCode::CallFunction { count: Some(count) } = &self.module.code[pc as usize] {
            return *count;
        }
        if let Some(OpCode::MakeFunction { parameters, .. } | OpCode::MakeLambda { parameters, .. }) =
            pc.checked_sub(1).and_then(|before| self.module.code.get(before as usize))
        {
            return parameters.len() as u32;
        }
        self.uniform_arity.filter(|arity| *arity <= available).unwrap_or(available)
    }

    fn finish(&mut self, number: usize) -> Region {
        let entry = self.entries[number];
        let mut has_dynamic_handlers = false;
        let exact = self.reasons[number].take();
        if exact.is_some() {
            self.states[number] = self.handlers_only(entry).unwrap_or_else(|| {
                has_dynamic_handlers = true;
                self.reachable(entry)
            });
        }
        let mut pcs: Vec<u32> = self.states[number].keys().copied().collect();
        pcs.sort_unstable();
        let points: Vec<Point> = pcs.iter().map(|pc| self.point(*pc, self.states[number][pc])).collect();
        Region {
            entry: entry.pc,
            body: entry.body,
            depth_max: self.depth_max(&points),
            points,
            results: match self.summaries[number] {
                Summary::Returns(count) => Some(count),
                Summary::NeverReturns | Summary::Exact => None,
            },
            exact,
            has_dynamic_handlers,
        }
    }

    fn point(&self, pc: u32, state: State) -> Point {
        let captured = match state.captures {
            0 => Captured::Nothing,
            UNKNOWN_CAPTURES => Captured::Unknown,
            number => Captured::Known(self.captures.lists[number as usize - 1].clone()),
        };
        let handler = self.handlers.newest_armed(state.handlers);
        Point {
            pc,
            depth: state.depth,
            handler: handler.map(|entry| Handler { try_pc: entry.try_pc, depth: entry.depth }),
            captured,
            arguments: match self.module.code[pc as usize] {
                OpCode::CallFunction { .. } => self.arguments(pc, state.depth),
                _ => 0,
            },
            ends_armed: self.handlers.top(state.handlers).is_some_and(|entry| entry.is_armed),
        }
    }

    fn depth_max(&self, points: &[Point]) -> u32 {
        let grows = |point: &Point| match self.module.code[point.pc as usize].effect() {
            Some((_, pushes)) => pushes,
            None => 1,
        };
        points.iter().map(|point| point.depth + grows(point)).max().unwrap_or(0)
    }

    /// Follows only the handlers of an exact region; `None` if they are not the same on every way.
    fn handlers_only(&mut self, entry: Entry) -> Option<HashMap<u32, State>> {
        let mut states: HashMap<u32, State> = HashMap::new();
        let mut work: Vec<(u32, HandlerStack)> = Vec::new();
        if (entry.pc as usize) < self.module.code.len() {
            work.push((entry.pc, 0));
        }
        while let Some((pc, arriving)) = work.pop() {
            let handlers = match states.get(&pc) {
                Some(known) if known.handlers == arriving => continue,
                Some(known) => self.handlers.join(known.handlers, arriving)?,
                None => arriving,
            };
            if states.get(&pc).is_some_and(|known| known.handlers == handlers) {
                continue;
            }
            states.insert(pc, State { depth: 0, handlers, captures: UNKNOWN_CAPTURES });
            let op = &self.module.code[pc as usize];
            if let Some(armed) = self.handlers.newest_armed(handlers)
                && let OpCode::Try { target } = &self.module.code[armed.try_pc as usize]
                && let Some(target) = inside(self.module, entry.body, *target)
            {
                work.push((target, self.handlers.push(HandlerEntry { is_armed: false, ..armed })));
            }
            let after = match op {
                OpCode::Try { .. } => {
                    self.handlers.push(HandlerEntry { below: handlers, try_pc: pc, depth: 0, is_armed: true })
                }
                OpCode::EndTry {} => self.handlers.end_newest(handlers),
                _ => handlers,
            };
            let next = successors(self.module, entry.body, pc);
            let is_try = matches!(op, OpCode::Try { .. });
            work.extend(
                next.fall_through.into_iter().chain(next.jumps().filter(|_| !is_try)).map(|next| (next, after)),
            );
        }
        Some(states)
    }

    fn reachable(&self, entry: Entry) -> HashMap<u32, State> {
        let mut states = HashMap::new();
        let mut work = vec![entry.pc];
        while let Some(pc) = work.pop() {
            let state = State { depth: 0, handlers: 0, captures: UNKNOWN_CAPTURES };
            if (pc as usize) < self.module.code.len() && states.insert(pc, state).is_none() {
                let next = successors(self.module, entry.body, pc);
                work.extend(next.all());
            }
        }
        states
    }
}

/// The number of parameters that all function values of the module have, if it is one number.
fn uniform_arity(module: &Module) -> Option<u32> {
    let mut arity = None;
    for op in &module.code {
        if let OpCode::MakeFunction { parameters, .. } | OpCode::MakeLambda { parameters, .. } = op {
            let count = parameters.len() as u32;
            if arity.is_some_and(|known| known != count) {
                return None;
            }
            arity = Some(count);
        }
    }
    arity
}
