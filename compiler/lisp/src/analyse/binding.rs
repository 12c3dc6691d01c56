//! Variables: `let` and its kin, and `set!`.

use super::{Analyser, Binding, Scope, body::lambda_parts, form::Form};
use crate::{
    builtin::Builtin,
    datum::Datum,
    problem::Problem,
    source::Span,
    tree::{Expression, ExpressionKind, FunctionId, Origin, VariableId},
};

/// A name with its first value, as `let` has them.
struct Pair<'d> {
    name: &'d Datum,
    value: &'d Datum,
}

/// What a binding of `letrec` makes.
enum Recursive<'d> {
    Variable(VariableId, &'d Datum),
    Function { function: FunctionId, parameters: &'d [Datum], body: &'d [Datum] },
}

impl Analyser<'_> {
    /// `let`, with or without a name for the loop.
    pub(super) fn let_form(&mut self, span: Span, rest: &[Datum]) -> Option<Expression> {
        let (first, rest) = rest.split_first()?;
        if first.symbol().is_some() {
            return self.named_let(span, first, rest);
        }
        let pairs = pairs(first)?;
        if rest.is_empty() {
            return None;
        }
        let values: Vec<Expression> = pairs.iter().map(|pair| self.expression(pair.value)).collect();
        self.scopes.push(Scope::new());
        let mut expressions = Vec::with_capacity(values.len() + 1);
        for (pair, value) in pairs.iter().zip(values) {
            if let Some(name) = self.name_to_define(pair.name, "`let` takes names") {
                let variable = self.declare_variable(name, pair.name.span);
                expressions.push(self.store(pair.name.span, variable, value));
            }
        }
        expressions.push(self.body(span, rest));
        self.scopes.pop();
        Some(Expression::new(span, ExpressionKind::Sequence(expressions)))
    }

    /// Each value sees the names before it; a name may come again.
    pub(super) fn let_star(&mut self, span: Span, rest: &[Datum]) -> Option<Expression> {
        let (first, rest) = rest.split_first()?;
        let pairs = pairs(first)?;
        if rest.is_empty() {
            return None;
        }
        self.scopes.push(Scope::new());
        let mut expressions = Vec::with_capacity(pairs.len() + 1);
        for pair in pairs {
            let value = self.expression(pair.value);
            if let Some(name) = self.name_to_define(pair.name, "`let*` takes names") {
                let variable = self.new_variable(name, pair.name.span);
                self.scope().insert(name.to_owned(), Binding::Variable(variable));
                expressions.push(self.store(pair.name.span, variable, value));
            }
        }
        expressions.push(self.body(span, rest));
        self.scopes.pop();
        Some(Expression::new(span, ExpressionKind::Sequence(expressions)))
    }

    /// Functions that see each other; other values are computed in order.
    pub(super) fn letrec(&mut self, span: Span, rest: &[Datum], form: Form) -> Option<Expression> {
        let (first, rest) = rest.split_first()?;
        let pairs = pairs(first)?;
        if rest.is_empty() {
            return None;
        }
        self.scopes.push(Scope::new());
        let mut recursive = Vec::with_capacity(pairs.len());
        for pair in &pairs {
            let Some(name) = self.name_to_define(pair.name, "`letrec` takes names") else { continue };
            if let Some((parameters, body)) = lambda_parts(pair.value) {
                if self.scope().contains_key(name) {
                    self.errors.report(pair.name.span, Problem::DuplicateName { name: name.to_owned() });
                    continue;
                }
                let function = self.new_function(name, pair.name.span, parameters.len(), Origin::Program);
                self.scope().insert(name.to_owned(), Binding::Function(function));
                recursive.push(Recursive::Function { function, parameters, body });
            } else {
                let variable = self.declare_variable(name, pair.name.span);
                recursive.push(Recursive::Variable(variable, pair.value));
            }
        }
        let mut expressions = Vec::new();
        for binding in recursive {
            match binding {
                Recursive::Variable(variable, value) => {
                    let value_span = value.span;
                    let value = self.expression(value);
                    expressions.push(self.store(value_span, variable, value));
                }
                Recursive::Function { function, parameters, body } => self.function_content(function, parameters, body),
            }
        }
        debug_assert!(matches!(form, Form::Letrec | Form::LetrecStar));
        expressions.push(self.body(span, rest));
        self.scopes.pop();
        Some(Expression::new(span, ExpressionKind::Sequence(expressions)))
    }

    /// `(let name ((variable value) ...) body ...)`.
    fn named_let(&mut self, span: Span, name: &Datum, rest: &[Datum]) -> Option<Expression> {
        let (first, body) = rest.split_first()?;
        let pairs = pairs(first)?;
        if body.is_empty() {
            return None;
        }
        let arguments = pairs.iter().map(|pair| self.expression(pair.value)).collect();
        let name_text = self.name_to_define(name, "a loop takes a name")?;
        let function = self.new_function(name_text, name.span, pairs.len(), Origin::Loop);
        let scope = Scope::from([(name_text.to_owned(), Binding::Function(function))]);
        self.scopes.push(scope);
        self.enter_loop(function);
        for pair in &pairs {
            if let Some(name) = self.name_to_define(pair.name, "`let` takes names") {
                self.loop_variable(function, name, pair.name.span);
            }
        }
        let body = self.body(span, body);
        self.leave_loop(function, body);
        self.scopes.pop();
        Some(Expression::new(span, ExpressionKind::Loop { function, arguments }))
    }

    /// Begins the content of a loop: a scope for its variables.
    pub(super) fn enter_loop(&mut self, function: FunctionId) {
        self.path.push(self.program.function(function).assembly_name.clone());
        self.scopes.push(Scope::new());
    }

    /// A variable that the loop sets anew in each round.
    pub(super) fn loop_variable(&mut self, function: FunctionId, name: &str, span: Span) -> VariableId {
        let variable = self.declare_variable(name, span);
        self.program.functions[function.0 as usize].parameters.push(variable);
        variable
    }

    pub(super) fn leave_loop(&mut self, function: FunctionId, body: Expression) {
        self.program.functions[function.0 as usize].body = body;
        self.scopes.pop();
        self.path.pop();
    }

    pub(super) fn set(&mut self, span: Span, rest: &[Datum]) -> Option<Expression> {
        let [target, value] = rest else { return None };
        let name = self.name_to_define(target, "`set!` takes a name");
        let value = Box::new(self.expression(value));
        let Some(name) = name else { return Some(Expression::null(span)) };
        match self.lookup(name) {
            Some(Binding::Variable(variable)) => {
                self.program.variables[variable.0 as usize].assignments.push(span);
                return Some(Expression::new(span, ExpressionKind::Assign { variable, value }));
            }
            Some(Binding::Function(_)) => {
                self.errors.report(target.span, Problem::FunctionAssigned { name: name.to_owned() });
            }
            None if Builtin::of_name(name).is_some() => {
                self.errors.report(target.span, Problem::FunctionAssigned { name: name.to_owned() });
            }
            None => self.unknown_name(target.span, name),
        }
        Some(Expression::null(span))
    }
}

/// `((name value) ...)`.
fn pairs(datum: &Datum) -> Option<Vec<Pair<'_>>> {
    let pair = |item| match Datum::list(item)? {
        [name, value] => Some(Pair { name, value }),
        _ => None,
    };
    datum.list()?.iter().map(pair).collect()
}
