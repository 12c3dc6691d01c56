//! Choices: `if`, `cond`, `case`, `when`, `unless`.

use super::Analyser;
use crate::{
    builtin::Builtin,
    datum::Datum,
    source::Span,
    tree::{Expression, ExpressionKind, VariableId},
};

impl Analyser<'_> {
    pub(super) fn if_form(&mut self, span: Span, rest: &[Datum]) -> Option<Expression> {
        let (test, then, otherwise) = match rest {
            [test, then] => (test, then, None),
            [test, then, otherwise] => (test, then, Some(otherwise)),
            _ => return None,
        };
        let clause = (self.expression(test), self.expression(then));
        let otherwise = otherwise.map_or_else(|| Expression::null(span), |datum| self.expression(datum));
        Some(branch(span, vec![clause], otherwise))
    }

    pub(super) fn when(&mut self, span: Span, rest: &[Datum], is_inverse: bool) -> Option<Expression> {
        let (test, body) = rest.split_first()?;
        if body.is_empty() {
            return None;
        }
        let mut test = self.expression(test);
        if is_inverse {
            test = Expression::new(test.span, ExpressionKind::Not(Box::new(test)));
        }
        let body = self.body(span, body);
        Some(branch(span, vec![(test, body)], Expression::null(span)))
    }

    pub(super) fn cond(&mut self, span: Span, rest: &[Datum]) -> Option<Expression> {
        let (clauses, otherwise) = split_else(rest)?;
        let mut analysed = Vec::with_capacity(clauses.len());
        for clause in clauses {
            match clause.list()? {
                [_, arrow, ..] if arrow.symbol() == Some("=>") => return None,
                [test, body @ ..] if !body.is_empty() => {
                    analysed.push((self.expression(test), self.body(clause.span, body)));
                }
                _ => return None,
            }
        }
        let otherwise = self.else_body(span, otherwise);
        Some(branch(span, analysed, otherwise))
    }

    /// The clause that lists a value equal to the key.
    pub(super) fn case(&mut self, span: Span, rest: &[Datum]) -> Option<Expression> {
        let (key, clauses) = rest.split_first()?;
        let (clauses, otherwise) = split_else(clauses)?;
        let value = self.expression(key);
        // No scope knows the variable of the key: the program cannot mean it.
        let variable = self.new_variable("key", key.span);
        let store = self.store(key.span, variable, value);
        let mut analysed = Vec::with_capacity(clauses.len());
        for clause in clauses {
            let (data, body) = clause.list()?.split_first()?;
            if body.is_empty() {
                return None;
            }
            let tests = data.list()?.iter().map(|datum| self.is_equal(variable, datum)).collect();
            let test = Expression::new(data.span, ExpressionKind::Or(tests));
            analysed.push((test, self.body(clause.span, body)));
        }
        let otherwise = self.else_body(span, otherwise);
        let choice = branch(span, analysed, otherwise);
        Some(Expression::new(span, ExpressionKind::Sequence(vec![store, choice])))
    }

    fn is_equal(&mut self, variable: VariableId, datum: &Datum) -> Expression {
        let builtin = Builtin::of_name("eq?").expect("`eq?` is in the table");
        let arguments = vec![Expression::variable(datum.span, variable), self.quoted(datum)];
        Expression::new(datum.span, ExpressionKind::Builtin { builtin, arguments })
    }

    fn else_body(&mut self, span: Span, body: Option<&[Datum]>) -> Expression {
        body.map_or_else(|| Expression::null(span), |body| self.body(span, body))
    }
}

/// The clauses and what stands behind `else`, if that is the last one. None if it is empty.
fn split_else(clauses: &[Datum]) -> Option<(&[Datum], Option<&[Datum]>)> {
    match clauses.split_last() {
        Some((last, before)) => match last.form("else") {
            Some([]) => None,
            Some(body) => Some((before, Some(body))),
            None => Some((clauses, None)),
        },
        None => Some((clauses, None)),
    }
}

fn branch(span: Span, clauses: Vec<(Expression, Expression)>, otherwise: Expression) -> Expression {
    Expression::new(span, ExpressionKind::Branch { clauses, otherwise: Box::new(otherwise) })
}
