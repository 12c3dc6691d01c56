//! Loops: `while`, `do`, `dotimes`. The named `let` is among the variables (`binding.rs`).

use super::{Analyser, form::Form};
use crate::{
    builtin::Builtin,
    datum::Datum,
    source::Span,
    tree::{Constant, Expression, ExpressionKind, FunctionId, Origin, VariableId},
};

impl Analyser<'_> {
    pub(super) fn while_form(&mut self, span: Span, rest: &[Datum]) -> Option<Expression> {
        let (test, body) = rest.split_first()?;
        let test = Box::new(self.expression(test));
        let body = Box::new(self.body(span, body));
        Some(Expression::new(span, ExpressionKind::While { test, body }))
    }

    /// `(do ((name value step) ...) (test result ...) body ...)`; a name without a step keeps its value.
    pub(super) fn do_form(&mut self, span: Span, rest: &[Datum]) -> Option<Expression> {
        let (variables, rest) = rest.split_first()?;
        let (end, body) = rest.split_first()?;
        let (test, results) = end.list()?.split_first()?;
        let mut specifications = Vec::new();
        for specification in variables.list()? {
            match specification.list()? {
                [name, value] => specifications.push((name, value, None)),
                [name, value, step] => specifications.push((name, value, Some(step))),
                _ => return None,
            }
        }
        let arguments = specifications.iter().map(|(_, value, _)| self.expression(value)).collect();
        let function = self.new_function(Form::Do.name(), span, specifications.len(), Origin::Loop);
        self.enter_loop(function);
        let mut steps = Vec::with_capacity(specifications.len());
        for (name, _, step) in specifications {
            if let Some(name_text) = self.name_to_define(name, "`do` takes names") {
                let variable = self.loop_variable(function, name_text, name.span);
                steps.push((name.span, variable, step));
            }
        }
        let test = self.expression(test);
        let result = if results.is_empty() { Expression::null(span) } else { self.body(end.span, results) };
        let mut round = vec![self.body(span, body)];
        let next: Vec<Expression> = steps
            .into_iter()
            .map(|(span, variable, step)| match step {
                Some(step) => self.expression(step),
                None => Expression::variable(span, variable),
            })
            .collect();
        round.push(Expression::new(span, ExpressionKind::Call { function, arguments: next }));
        let otherwise = Box::new(Expression::new(span, ExpressionKind::Sequence(round)));
        let kind = ExpressionKind::Branch { clauses: vec![(test, result)], otherwise };
        self.leave_loop(function, Expression::new(span, kind));
        Some(Expression::new(span, ExpressionKind::Loop { function, arguments }))
    }

    /// `(dotimes (name count) body ...)`; the count is computed once.
    pub(super) fn do_times(&mut self, span: Span, rest: &[Datum]) -> Option<Expression> {
        let (head, body) = rest.split_first()?;
        let [name, count] = head.list()? else { return None };
        let count = self.expression(count);
        let name_text = self.name_to_define(name, "`dotimes` takes a name")?;
        let function = self.new_function(Form::DoTimes.name(), span, 2, Origin::Loop);
        self.enter_loop(function);
        let counter = self.loop_variable(function, name_text, name.span);
        // No scope knows the variable of the count: the program cannot mean it.
        let limit = self.new_variable("count", head.span);
        self.program.functions[function.0 as usize].parameters.push(limit);
        let body = self.body(span, body);
        self.leave_loop(function, round_of(span, function, counter, limit, body));
        let zero = Expression::new(span, ExpressionKind::Constant(Constant::Integer("0".to_owned())));
        Some(Expression::new(span, ExpressionKind::Loop { function, arguments: vec![zero, count] }))
    }
}

/// One round of `dotimes`: while the counter is below the limit, the body and the next round.
fn round_of(span: Span, function: FunctionId, counter: VariableId, limit: VariableId, body: Expression) -> Expression {
    let builtin = |name, arguments| {
        let builtin = Builtin::of_name(name).expect("`+` and `<` are in the table");
        Expression::new(span, ExpressionKind::Builtin { builtin, arguments })
    };
    let one = Expression::new(span, ExpressionKind::Constant(Constant::Integer("1".to_owned())));
    let next = builtin("+", vec![Expression::variable(span, counter), one]);
    let arguments = vec![next, Expression::variable(span, limit)];
    let again = Expression::new(span, ExpressionKind::Call { function, arguments });
    let round = Expression::new(span, ExpressionKind::Sequence(vec![body, again]));
    let test = builtin("<", vec![Expression::variable(span, counter), Expression::variable(span, limit)]);
    let otherwise = Box::new(Expression::null(span));
    Expression::new(span, ExpressionKind::Branch { clauses: vec![(test, round)], otherwise })
}
