//! Calls: of known functions, of built-in ones, of values; and `apply`.

use super::{Analyser, Binding, Scope, body::function_parts, form::Form};
use crate::{
    builtin::{Builtin, Code},
    datum::{Datum, DatumKind},
    problem::Problem,
    source::Span,
    tree::{Expression, ExpressionKind, FunctionId, Origin},
};

/// Functions that with another number of arguments are another function of the prelude.
const OVERLOADS: &[(&str, usize, &str)] = &[
    ("map", 3, "%map-two"),
    ("for-each", 3, "%for-each-two"),
    ("sort", 2, "sort-by"),
    ("substring", 2, "%substring-from"),
];

impl Analyser<'_> {
    pub(super) fn call_function(&mut self, span: Span, function: FunctionId, rest: &[Datum]) -> Expression {
        let mut function = function;
        let called = self.program.function(function);
        if called.origin == Origin::Prelude && rest.len() != called.arity {
            function = self.overload(&called.name.clone(), rest.len()).unwrap_or(function);
        }
        let arguments = self.expressions(rest);
        let called = self.program.function(function);
        if called.arity != rest.len() {
            let (name, expected) = (called.name.clone(), count_of_arguments(called.arity));
            self.errors.report(span, Problem::WrongArguments { name, expected, found: rest.len() });
        }
        Expression::new(span, ExpressionKind::Call { function, arguments })
    }

    fn overload(&self, name: &str, count: usize) -> Option<FunctionId> {
        let found = OVERLOADS.iter().find(|(known, arity, _)| *known == name && *arity == count);
        found.map(|(_, _, target)| self.prelude(target))
    }

    /// A function of the prelude, whatever the program defines.
    fn prelude(&self, name: &str) -> FunctionId {
        match self.scopes[0].get(name) {
            Some(Binding::Function(function)) => *function,
            Some(Binding::Variable(_)) | None => unreachable!("the prelude defines the function `{name}`"),
        }
    }

    pub(super) fn call_builtin(&mut self, span: Span, builtin: &'static Builtin, rest: &[Datum]) -> Expression {
        let found = rest.len();
        let is_right = found >= builtin.arguments_min && builtin.arguments_max.is_none_or(|max| found <= max);
        if !is_right && let Some(function) = self.overload(builtin.name, found) {
            return self.call_function(span, function, rest);
        }
        let arguments = self.expressions(rest);
        let is_odd_map = builtin.code == Code::Map && !found.is_multiple_of(2);
        if !is_right || is_odd_map {
            let expected = match builtin.arguments_max {
                _ if is_odd_map => "keys and values in turn".to_owned(),
                Some(_) => count_of_arguments(builtin.arguments_min),
                None => format!("at least {}", count_of_arguments(builtin.arguments_min)),
            };
            self.errors.report(span, Problem::WrongArguments { name: builtin.name.to_owned(), expected, found });
        }
        Expression::new(span, ExpressionKind::Builtin { builtin, arguments })
    }

    pub(super) fn call_unknown(&mut self, span: Span, head: &Datum, name: &str, rest: &[Datum]) -> Expression {
        if name == "catch" {
            return self.stray_catch(span);
        }
        if super::is_null(name) {
            self.errors.report(head.span, Problem::NotCallable { what: "null", is_list: false });
            return Expression::null(span);
        }
        // What stands in a form of another Lisp would only be misunderstood.
        let is_foreign = super::form::unsupported(name).is_some();
        self.unknown_name(head.span, name);
        if !is_foreign {
            self.expressions(rest);
        }
        Expression::null(span)
    }

    /// Calls whatever the head turns out to be.
    pub(super) fn call_value(&mut self, span: Span, head: &Datum, rest: &[Datum]) -> Expression {
        if let Some((parameters, body)) = head.form(Form::Lambda.name()).and_then(function_parts) {
            return self.call_lambda(span, parameters, body, rest);
        }
        let what = match &head.kind {
            DatumKind::Integer(_) | DatumKind::Float(_) => Some("a number"),
            DatumKind::Text(_) => Some("a string"),
            DatumKind::Flag(_) => Some("a truth value"),
            DatumKind::Quote(_) => Some("a quoted value"),
            DatumKind::Symbol(_) | DatumKind::List(_) | DatumKind::Broken => None,
        };
        if let Some(what) = what {
            self.errors.report(head.span, Problem::NotCallable { what, is_list: true });
        }
        let callee = Box::new(self.expression(head));
        let arguments = self.expressions(rest);
        Expression::new(span, ExpressionKind::CallValue { callee, arguments })
    }

    /// A `lambda` that is called where it stands is a `let`.
    fn call_lambda(&mut self, span: Span, parameters: &[Datum], body: &[Datum], rest: &[Datum]) -> Expression {
        let values = self.expressions(rest);
        if parameters.len() != rest.len() {
            let (name, expected) = (Form::Lambda.name().to_owned(), count_of_arguments(parameters.len()));
            self.errors.report(span, Problem::WrongArguments { name, expected, found: rest.len() });
        }
        self.scopes.push(Scope::new());
        let mut expressions = Vec::with_capacity(values.len() + 1);
        let mut values = values.into_iter();
        for parameter in parameters {
            let value = values.next().unwrap_or_else(|| Expression::null(span));
            if let Some(name) = self.name_to_define(parameter, "a parameter is a name") {
                let variable = self.declare_variable(name, parameter.span);
                expressions.push(self.store(parameter.span, variable, value));
            }
        }
        expressions.push(self.body(span, body));
        self.scopes.pop();
        Expression::new(span, ExpressionKind::Sequence(expressions))
    }

    /// `(apply function argument ... list)`.
    pub(super) fn apply(&mut self, span: Span, rest: &[Datum]) -> Option<Expression> {
        let (function, arguments) = rest.split_first()?;
        let (last, first) = arguments.split_last()?;
        let mut list = self.expression(last);
        if !first.is_empty() {
            let first = self.builtin(span, "list", first);
            let append = Builtin::of_name("append").expect("`append` is in the table");
            list = Expression::new(span, ExpressionKind::Builtin { builtin: append, arguments: vec![first, list] });
        }
        // The arguments of `list` are its result.
        if function.symbol() == Some("list") && self.lookup("list").is_none() {
            return Some(list);
        }
        let operator = function.symbol().filter(|name| self.lookup(name).is_none()).and_then(Builtin::of_name);
        let value = self.expression(function);
        // An operator between all elements of the list, however many there are.
        let (target, arguments) = match operator.map(|builtin| (builtin, builtin.code)) {
            Some((builtin, Code::Fold { single: [], .. })) if builtin.arguments_min == 0 => {
                let nothing = Expression::new(span, ExpressionKind::Builtin { builtin, arguments: Vec::new() });
                ("fold-left", vec![value, nothing, list])
            }
            Some((_, Code::Fold { single: [], .. })) => ("%fold-first", vec![value, list]),
            _ => ("%apply", vec![value, list]),
        };
        let function = self.prelude(target);
        Some(Expression::new(span, ExpressionKind::Call { function, arguments }))
    }

    fn builtin(&mut self, span: Span, name: &str, data: &[Datum]) -> Expression {
        let builtin = Builtin::of_name(name).expect("the caller names a row of the table");
        let arguments = self.expressions(data);
        Expression::new(span, ExpressionKind::Builtin { builtin, arguments })
    }
}

fn count_of_arguments(count: usize) -> String {
    match count {
        0 => "no arguments".to_owned(),
        1 => "1 argument".to_owned(),
        count => format!("{count} arguments"),
    }
}
