//! Which loops stay in their function as jumps, and which become functions that call themselves.
//!
//! A loop stays if every call of it is the last thing that a round does, in the same function and outside any
//! `try`: then a call sets the loop's variables and jumps. Functions made in a round capture that round's values,
//! so nobody can tell the difference.

use crate::tree::{Expression, ExpressionKind, FunctionId, Origin, Program};

/// For each function of the program, whether it is a loop that stays.
pub(crate) type InPlace = Vec<bool>;

/// Decides for all loops. A loop that becomes a function takes the calls in it out of loops around it, so they
/// are looked at until nothing changes: at most once for each level of nesting.
pub(crate) fn find_in_place(program: &Program) -> InPlace {
    let mut search = Search { program, in_place: vec![false; program.functions.len()], has_changed: true };
    let mut pieces = Vec::new();
    for (id, _) in (0u32..).zip(&program.functions) {
        pieces.push(FunctionId(id));
    }
    for id in &pieces {
        search.mark_entered(*id);
    }
    while search.has_changed {
        search.has_changed = false;
        for id in &pieces {
            // The rounds of loops that stay are looked at where the loop is entered.
            if !search.in_place[id.0 as usize] {
                search.walk(&program.function(*id).body, &[]);
            }
        }
    }
    search.in_place
}

struct Search<'p> {
    program: &'p Program,
    in_place: InPlace,
    has_changed: bool,
}

impl Search<'_> {
    /// Supposes of every loop that a function enters that it stays.
    fn mark_entered(&mut self, id: FunctionId) {
        let mut work = vec![&self.program.function(id).body];
        while let Some(expression) = work.pop() {
            if let ExpressionKind::Loop { function, .. } = &expression.kind {
                self.in_place[function.0 as usize] = true;
            }
            expression.for_each_part(&mut |part, _| work.push(part));
        }
    }

    /// Looks for calls of loops in an expression after which only the loops `around` go on.
    fn walk(&mut self, expression: &Expression, around: &[FunctionId]) {
        match &expression.kind {
            ExpressionKind::Call { function, .. } if !around.contains(function) => self.leave(*function),
            ExpressionKind::Function(function) => self.leave(*function),
            ExpressionKind::Loop { function, .. } if self.in_place[function.0 as usize] => {
                let mut inside = around.to_vec();
                inside.push(*function);
                self.walk(&self.program.function(*function).body, &inside);
            }
            _ => {}
        }
        expression.for_each_part(&mut |part, is_last| self.walk(part, if is_last { around } else { &[] }));
    }

    /// The loop cannot stay.
    fn leave(&mut self, function: FunctionId) {
        self.has_changed |= std::mem::take(&mut self.in_place[function.0 as usize]);
    }
}

/// What to call a function in messages.
pub(crate) fn kind_of(program: &Program, function: FunctionId) -> &'static str {
    if program.function(function).origin == Origin::Loop { "loop" } else { "function" }
}
