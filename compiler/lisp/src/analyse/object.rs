//! Objects: their fields have names that are written out.

use super::{Analyser, describe, form::Form};
use crate::{
    datum::{Datum, DatumKind},
    problem::Problem,
    source::Span,
    tree::{Expression, ExpressionKind},
};

impl Analyser<'_> {
    pub(super) fn object_form(&mut self, form: Form, span: Span, rest: &[Datum]) -> Option<Expression> {
        if form == Form::Object {
            let fields = self.fields(form, rest)?;
            return Some(Expression::new(span, ExpressionKind::Fields { base: None, fields }));
        }
        let (object, rest) = rest.split_first()?;
        let kind = match (form, rest) {
            (Form::Put, [_, _, ..]) => {
                let base = Some(Box::new(self.expression(object)));
                let fields = self.fields(form, rest)?;
                ExpressionKind::Fields { base, fields }
            }
            (Form::Get, [key, otherwise]) => {
                let object = Box::new(self.expression(object));
                let name = self.key(form, key);
                let otherwise = Box::new(self.expression(otherwise));
                ExpressionKind::FieldOr { object, name, otherwise }
            }
            (_, [key]) => {
                let mnemonic = match form {
                    Form::Get => "GET_FIELD",
                    Form::Has => "HAS_FIELD",
                    _ => "DELETE_FIELD",
                };
                let object = Box::new(self.expression(object));
                ExpressionKind::Field { mnemonic, object, name: self.key(form, key) }
            }
            _ => return None,
        };
        Some(Expression::new(span, kind))
    }

    /// Names and values in turn.
    fn fields(&mut self, form: Form, data: &[Datum]) -> Option<Vec<(String, Expression)>> {
        if !data.len().is_multiple_of(2) {
            return None;
        }
        let field = |pair: &[Datum]| (self.key(form, &pair[0]), self.expression(&pair[1]));
        Some(data.chunks_exact(2).map(field).collect())
    }

    /// The name of a field: `"name"` or `'name`.
    fn key(&mut self, form: Form, datum: &Datum) -> String {
        let quoted = match &datum.kind {
            DatumKind::Text(text) => return text.clone(),
            DatumKind::Quote(quoted) => Some(&**quoted),
            _ => datum.form(Form::Quote.name()).and_then(<[Datum]>::first),
        };
        if let Some(name) = quoted.and_then(Datum::symbol) {
            return name.to_owned();
        }
        if !datum.is_broken() {
            let found = describe(datum);
            self.errors.report(datum.span, Problem::KeyNotLiteral { form: form.name(), found });
        }
        String::new()
    }
}
