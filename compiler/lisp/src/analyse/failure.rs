//! Errors: `try` and `assert`.

use super::{Analyser, form::Form};
use crate::{
    builtin::ASSERT,
    datum::Datum,
    source::Span,
    tree::{Expression, ExpressionKind},
};

impl Analyser<'_> {
    /// `(try body ... (catch name handler ...))`; the name may stand in parentheses.
    pub(super) fn try_form(&mut self, span: Span, rest: &[Datum]) -> Option<Expression> {
        let (last, body) = rest.split_last()?;
        let (name, handler) = last.form("catch")?.split_first()?;
        if body.is_empty() || handler.is_empty() {
            return None;
        }
        let name = match name.list() {
            Some([name]) => name,
            Some(_) => return None,
            None => name,
        };
        let body = self.body(span, body);
        self.scopes.push(super::Scope::new());
        let known = self.name_to_define(name, "`catch` takes a name for the error");
        let variable = self.declare_variable(known.unwrap_or("error"), name.span);
        let handler = self.body(last.span, handler);
        self.scopes.pop();
        let (body, handler) = (Box::new(body), Box::new(handler));
        Some(Expression::new(span, ExpressionKind::Try { body, variable, handler }))
    }

    /// Throws `Assertion failed` unless the expression is true in this Lisp, where 0 is.
    pub(super) fn assert(&mut self, span: Span, rest: &[Datum]) -> Option<Expression> {
        let [datum] = rest else { return None };
        let test = Box::new(self.expression(datum));
        let inverse = Box::new(Expression::new(span, ExpressionKind::Not(test)));
        let bool = Expression::new(span, ExpressionKind::Not(inverse));
        Some(Expression::new(span, ExpressionKind::Builtin { builtin: &ASSERT, arguments: vec![bool] }))
    }

    /// A `catch` that belongs to no `try`.
    pub(super) fn stray_catch(&mut self, span: Span) -> Expression {
        self.malformed(span, Form::Try);
        Expression::null(span)
    }
}
