//! Bodies: sequences of definitions and expressions, whose definitions see each other.

use std::collections::hash_map::Entry;

use super::{Analyser, Binding, form::Form};
use crate::{
    datum::Datum,
    problem::Problem,
    source::Span,
    tree::{Expression, ExpressionKind, FunctionId, Origin, VariableId},
};

/// A form of a body, after its definitions have been declared.
pub(super) enum BodyForm<'d> {
    Expression(&'d Datum),
    Value {
        variable: VariableId,
        span: Span,
        value: &'d Datum,
    },
    Function {
        function: FunctionId,
        parameters: &'d [Datum],
        body: &'d [Datum],
    },
    /// Reported.
    Broken,
}

/// What a `define` says.
struct Definition<'d> {
    name: &'d Datum,
    content: Content<'d>,
}

enum Content<'d> {
    Value(&'d Datum),
    Function { parameters: &'d [Datum], body: &'d [Datum] },
}

impl Analyser<'_> {
    /// A body in a scope of its own.
    pub(super) fn body(&mut self, span: Span, data: &[Datum]) -> Expression {
        self.scopes.push(super::Scope::new());
        let forms = self.declare_body(data, false);
        let expression = self.body_forms(span, &forms);
        self.scopes.pop();
        expression
    }

    /// Enters a body's definitions into the innermost scope.
    pub(super) fn declare_body<'d>(&mut self, data: &'d [Datum], is_global: bool) -> Vec<BodyForm<'d>> {
        let mut forms = Vec::new();
        for datum in data {
            // A `begin` in a body is a part of the body.
            match datum.form("begin") {
                Some(inner) if !inner.is_empty() => forms.append(&mut self.declare_body(inner, is_global)),
                _ => forms.push(self.declare(datum, is_global)),
            }
        }
        forms
    }

    fn declare<'d>(&mut self, datum: &'d Datum, is_global: bool) -> BodyForm<'d> {
        let Some(rest) = datum.form(Form::Define.name()) else { return BodyForm::Expression(datum) };
        let Some(definition) = definition(rest) else {
            self.malformed(datum.span, Form::Define);
            return BodyForm::Broken;
        };
        let name_span = definition.name.span;
        let Some(name) = self.name_to_define(definition.name, "a definition takes a name") else {
            return BodyForm::Broken;
        };
        let (binding, form) = match definition.content {
            Content::Value(value) => {
                let variable = self.new_variable(name, name_span);
                if is_global {
                    let assembly_name = self.program.variable(variable).assembly_name.clone();
                    self.global_names.insert(assembly_name);
                }
                (Binding::Variable(variable), BodyForm::Value { variable, span: datum.span, value })
            }
            Content::Function { parameters, body } => {
                let function = self.new_function(name, name_span, parameters.len(), Origin::Program);
                self.program.functions[function.0 as usize].is_global = is_global && !self.is_prelude;
                (Binding::Function(function), BodyForm::Function { function, parameters, body })
            }
        };
        match self.scope().entry(name.to_owned()) {
            Entry::Vacant(vacant) => {
                vacant.insert(binding);
                form
            }
            Entry::Occupied(earlier) => {
                let earlier = match *earlier.get() {
                    Binding::Variable(variable) => self.program.variable(variable).span,
                    Binding::Function(function) => self.program.function(function).span,
                };
                let problem = Problem::DuplicateName { name: name.to_owned() };
                self.errors.report_related(name_span, problem, &[(earlier, "first here")]);
                BodyForm::Broken
            }
        }
    }

    /// What the forms of a body do.
    pub(super) fn body_forms(&mut self, span: Span, forms: &[BodyForm<'_>]) -> Expression {
        let mut expressions = Vec::with_capacity(forms.len());
        let mut ends_with_value = false;
        for form in forms {
            ends_with_value = matches!(form, BodyForm::Expression(_));
            match form {
                BodyForm::Expression(datum) => expressions.push(self.expression(datum)),
                BodyForm::Value { variable, span, value } => {
                    let value = self.expression(value);
                    expressions.push(self.store(*span, *variable, value));
                }
                BodyForm::Function { function, parameters, body } => {
                    let is_global = self.scopes.len() <= 2;
                    self.define_function(*function, parameters, body, is_global);
                }
                BodyForm::Broken => {}
            }
        }
        if !ends_with_value {
            expressions.push(Expression::null(span));
        }
        Expression::new(span, ExpressionKind::Sequence(expressions))
    }

    /// A variable's first value.
    pub(super) fn store(&mut self, span: Span, variable: VariableId, value: Expression) -> Expression {
        if let ExpressionKind::Constant(constant) = &value.kind {
            let constant = constant.clone();
            self.program.variables[variable.0 as usize].constant = Some(constant);
        }
        Expression::new(span, ExpressionKind::Store { variable, value: Box::new(value) })
    }

    /// Analyses what a declared function does. Functions of the top level have names of variables of their own.
    fn define_function(&mut self, function: FunctionId, parameters: &[Datum], body: &[Datum], is_global: bool) {
        let outer_names = is_global.then(|| std::mem::take(&mut self.variable_names));
        self.function_content(function, parameters, body);
        if let Some(names) = outer_names {
            self.variable_names = names;
        }
    }

    /// Analyses a function's parameters and body.
    pub(super) fn function_content(&mut self, function: FunctionId, parameters: &[Datum], body: &[Datum]) {
        self.path.push(self.program.function(function).assembly_name.clone());
        self.scopes.push(super::Scope::new());
        let parameters = self.parameters(parameters);
        let span = self.program.function(function).span;
        let body = self.body(span, body);
        self.scopes.pop();
        self.path.pop();
        let function = &mut self.program.functions[function.0 as usize];
        (function.parameters, function.body) = (parameters, body);
    }

    /// Enters parameters into the innermost scope.
    fn parameters(&mut self, parameters: &[Datum]) -> Vec<VariableId> {
        let mut variables = Vec::with_capacity(parameters.len());
        for parameter in parameters {
            let name = self.name_to_define(parameter, "a parameter is a name");
            variables.extend(name.map(|name| self.declare_variable(name, parameter.span)));
        }
        variables
    }

    /// A new variable in the innermost scope, where its name must be new.
    pub(super) fn declare_variable(&mut self, name: &str, span: Span) -> VariableId {
        let variable = self.new_variable(name, span);
        if let Some(Binding::Variable(earlier)) = self.scope().insert(name.to_owned(), Binding::Variable(variable)) {
            let earlier = self.program.variable(earlier).span;
            let problem = Problem::DuplicateName { name: name.to_owned() };
            self.errors.report_related(span, problem, &[(earlier, "first here")]);
        }
        variable
    }

    /// `(lambda (parameter ...) body ...)` as a value.
    pub(super) fn lambda(&mut self, span: Span, rest: &[Datum]) -> Option<Expression> {
        let (parameters, body) = function_parts(rest)?;
        let function = self.new_function("lambda", span, parameters.len(), Origin::Program);
        self.function_content(function, parameters, body);
        Some(Expression::new(span, ExpressionKind::Function(function)))
    }
}

/// What stands behind `lambda`, if it is well formed.
pub(super) fn function_parts(rest: &[Datum]) -> Option<(&[Datum], &[Datum])> {
    match rest {
        [parameters, body @ ..] if !body.is_empty() => Some((parameters.list()?, body)),
        _ => None,
    }
}

/// What stands behind `define`, if it is well formed. A name for a `lambda` is a function.
fn definition(rest: &[Datum]) -> Option<Definition<'_>> {
    let (target, rest) = rest.split_first()?;
    match (target.list(), rest) {
        (Some(signature), body) if !body.is_empty() => {
            let (name, parameters) = signature.split_first()?;
            Some(Definition { name, content: Content::Function { parameters, body } })
        }
        (None, [value]) => {
            let content = match value.form(Form::Lambda.name()).and_then(function_parts) {
                Some((parameters, body)) => Content::Function { parameters, body },
                None => Content::Value(value),
            };
            Some(Definition { name: target, content })
        }
        _ => None,
    }
}

/// The same for a binding of `letrec`.
pub(super) fn lambda_parts(value: &Datum) -> Option<(&[Datum], &[Datum])> {
    value.form(Form::Lambda.name()).and_then(function_parts)
}
