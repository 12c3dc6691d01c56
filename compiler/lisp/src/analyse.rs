//! Data to expressions: what each form means and what each name stands for.
//!
//! Here: the state that all parts share, scopes, and functions. What forms mean is in `analyse/*.rs`. Not here:
//! what functions capture (`needs.rs`), because that is known only when the whole program is.

mod binding;
mod body;
mod call;
mod choice;
mod failure;
mod form;
mod object;
mod repeat;

use std::collections::{HashMap, HashSet};

use crate::{
    builtin::{BUILTINS, Builtin},
    datum::{Datum, DatumKind},
    error::Errors,
    names::Names,
    problem::Problem,
    source::Span,
    tree::{Constant, Expression, ExpressionKind, Function, FunctionId, Origin, Program, Variable, VariableId},
};

use self::form::Form;

/// What a name stands for in a scope.
#[derive(Clone, Copy, Debug)]
enum Binding {
    Variable(VariableId),
    Function(FunctionId),
}

type Scope = HashMap<String, Binding>;

/// Resolves a program, with the functions of the prelude that it may call.
pub(crate) fn analyse(prelude: &[Datum], program: &[Datum], errors: &mut Errors) -> Program {
    let main = Function {
        name: "the top level".to_owned(),
        assembly_name: "main".to_owned(),
        span: Span::START,
        arity: 0,
        parameters: Vec::new(),
        body: Expression::null(Span::START),
        origin: Origin::Program,
        is_global: true,
    };
    let mut analyser = Analyser {
        errors,
        program: Program { variables: Vec::new(), functions: vec![main], function_names: Names::default() },
        scopes: vec![Scope::new(), Scope::new()],
        variable_names: Names::default(),
        global_names: HashSet::new(),
        path: Vec::new(),
        is_prelude: false,
        wrappers: HashMap::new(),
        unknown: HashSet::new(),
    };
    // The program's names first, so that they keep their spelling; the prelude must not see them.
    let definitions = analyser.declare_body(program, true);
    let program_scope = analyser.scopes.pop().expect("there were two scopes");
    analyser.is_prelude = true;
    let prelude_definitions = analyser.declare_body(prelude, true);
    analyser.body_forms(Span::START, &prelude_definitions);
    analyser.is_prelude = false;
    analyser.scopes.push(program_scope);
    let body = analyser.body_forms(Span::START, &definitions);
    analyser.program.functions[0].body = body;
    analyser.program
}

struct Analyser<'e> {
    errors: &'e mut Errors,
    program: Program,
    /// The prelude's names, the program's, then those of bodies, the innermost last.
    scopes: Vec<Scope>,
    /// Of the present top-level definition.
    variable_names: Names,
    /// Of variables of the top level, which functions of any depth may capture.
    global_names: HashSet<String>,
    /// Names of the functions around, in the result, the innermost last.
    path: Vec<String>,
    is_prelude: bool,
    /// Functions made for built-in ones that are used as values.
    wrappers: HashMap<&'static str, FunctionId>,
    /// Names already reported.
    unknown: HashSet<String>,
}

impl Analyser<'_> {
    /// What an expression means.
    fn expression(&mut self, datum: &Datum) -> Expression {
        let span = datum.span;
        let constant = |constant| Expression::new(span, ExpressionKind::Constant(constant));
        match &datum.kind {
            DatumKind::Integer(text) => constant(Constant::Integer(text.clone())),
            DatumKind::Float(float) => constant(Constant::Float(*float)),
            DatumKind::Text(text) => constant(Constant::Text(text.clone())),
            DatumKind::Flag(flag) => constant(Constant::Flag(*flag)),
            DatumKind::Quote(quoted) => self.quoted(quoted),
            DatumKind::Symbol(name) => self.name(span, name),
            DatumKind::List(items) => match items.split_first() {
                None => {
                    self.errors.report(span, Problem::NotCallable { what: "the empty list", is_list: true });
                    Expression::null(span)
                }
                Some((head, rest)) => self.list(span, head, rest),
            },
            DatumKind::Broken => Expression::null(span),
        }
    }

    fn expressions(&mut self, data: &[Datum]) -> Vec<Expression> {
        data.iter().map(|datum| self.expression(datum)).collect()
    }

    /// A form, a call of a known function, or a call of a value.
    fn list(&mut self, span: Span, head: &Datum, rest: &[Datum]) -> Expression {
        let Some(name) = head.symbol() else { return self.call_value(span, head, rest) };
        if let Some(form) = Form::of_name(name) {
            return self.form(form, span, rest);
        }
        match self.lookup(name) {
            Some(Binding::Function(function)) => self.call_function(span, function, rest),
            Some(Binding::Variable(_)) => self.call_value(span, head, rest),
            None => match Builtin::of_name(name) {
                Some(builtin) => self.call_builtin(span, builtin, rest),
                None => self.call_unknown(span, head, name, rest),
            },
        }
    }

    /// A name as a value.
    fn name(&mut self, span: Span, name: &str) -> Expression {
        if is_null(name) {
            return Expression::null(span);
        }
        if Form::of_name(name).is_some() {
            self.errors.report(span, Problem::FormAsValue { name: name.to_owned() });
            return Expression::null(span);
        }
        match self.lookup(name) {
            Some(Binding::Variable(variable)) => Expression::variable(span, variable),
            Some(Binding::Function(function)) => Expression::new(span, ExpressionKind::Function(function)),
            None => match Builtin::of_name(name) {
                Some(builtin) => {
                    let function = self.wrapper(builtin);
                    Expression::new(span, ExpressionKind::Function(function))
                }
                None => {
                    self.unknown_name(span, name);
                    Expression::null(span)
                }
            },
        }
    }

    /// Quoted data: a symbol stands for its name.
    fn quoted(&mut self, datum: &Datum) -> Expression {
        let span = datum.span;
        match &datum.kind {
            DatumKind::Symbol(name) if !is_null(name) => {
                Expression::new(span, ExpressionKind::Constant(Constant::Text(name.clone())))
            }
            DatumKind::List(items) => {
                let builtin = Builtin::of_name("list").expect("`list` is in the table");
                let arguments = items.iter().map(|item| self.quoted(item)).collect();
                Expression::new(span, ExpressionKind::Builtin { builtin, arguments })
            }
            DatumKind::Quote(_) => {
                let help = Some("one quote is enough for a list and all within");
                self.errors.report(span, Problem::UnknownSyntax { what: "a quote within a quote is".to_owned(), help });
                Expression::null(span)
            }
            DatumKind::Integer(_)
            | DatumKind::Float(_)
            | DatumKind::Text(_)
            | DatumKind::Flag(_)
            | DatumKind::Symbol(_)
            | DatumKind::Broken => self.expression(datum),
        }
    }

    fn lookup(&self, name: &str) -> Option<Binding> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name).copied())
    }

    /// Reports a name the first time it is met.
    fn unknown_name(&mut self, span: Span, name: &str) {
        if let Some(help) = form::unsupported(name) {
            return self.errors.report(span, Problem::Unsupported { name: name.to_owned(), help });
        }
        if !self.unknown.insert(name.to_owned()) {
            return;
        }
        let known = self.scopes.iter().flat_map(|scope| scope.keys().map(String::as_str));
        // Names that begin so are the prelude's own.
        let known = known.filter(|known| !known.starts_with('%'));
        let builtin = BUILTINS.iter().map(|builtin| builtin.name);
        let forms = Form::ALL.iter().map(|form| form.name());
        let nearest = self.errors.nearest(name, known.chain(builtin).chain(forms));
        self.errors.report(span, Problem::UnknownName { name: name.to_owned(), nearest });
    }

    /// Whether a datum can be the name of something; if not, says why.
    fn name_to_define<'d>(&mut self, datum: &'d Datum, what: &'static str) -> Option<&'d str> {
        if datum.is_broken() {
            return None;
        }
        let Some(name) = datum.symbol() else {
            self.errors.report(datum.span, Problem::Expected { what, found: describe(datum) });
            return None;
        };
        if Form::of_name(name).is_some() || is_null(name) || matches!(name, "else" | "catch" | "=>") {
            self.errors.report(datum.span, Problem::ReservedName { name: name.to_owned() });
            return None;
        }
        Some(name)
    }

    fn scope(&mut self) -> &mut Scope {
        self.scopes.last_mut().expect("the prelude's scope stays")
    }

    /// A new variable, not yet in any scope.
    fn new_variable(&mut self, name: &str, span: Span) -> VariableId {
        let globals = &self.global_names;
        let assembly_name = self.variable_names.fresh(name, |name| globals.contains(name));
        let id = VariableId(u32::try_from(self.program.variables.len()).expect("a variable takes a byte of source"));
        self.program.variables.push(Variable {
            name: name.to_owned(),
            assembly_name,
            span,
            constant: None,
            assignments: Vec::new(),
        });
        id
    }

    /// A new function, whose parameters and body are to come.
    fn new_function(&mut self, name: &str, span: Span, arity: usize, origin: Origin) -> FunctionId {
        /// Longer names would make the result much larger than the program.
        const PATH_BYTES_MAX: usize = 200;
        let path = self.path.last().filter(|path| path.len() <= PATH_BYTES_MAX);
        let full_name = path.map_or_else(|| name.to_owned(), |path| format!("{path}/{name}"));
        let assembly_name = self.program.function_names.fresh(&full_name, |_| false);
        let id = FunctionId(u32::try_from(self.program.functions.len()).expect("a function takes a byte of source"));
        self.program.functions.push(Function {
            name: name.to_owned(),
            assembly_name,
            span,
            arity,
            parameters: Vec::new(),
            body: Expression::null(span),
            origin: if self.is_prelude { Origin::Prelude } else { origin },
            is_global: false,
        });
        id
    }

    /// The function that stands for a built-in one as a value.
    fn wrapper(&mut self, builtin: &'static Builtin) -> FunctionId {
        if let Some(function) = self.wrappers.get(builtin.name) {
            return *function;
        }
        let span = Span::START;
        let path = std::mem::take(&mut self.path);
        let names = std::mem::take(&mut self.variable_names);
        let id = self.new_function(builtin.name, span, builtin.value_arity(), Origin::Prelude);
        let parameters: Vec<VariableId> =
            ["a", "b", "c"].iter().take(builtin.value_arity()).map(|name| self.new_variable(name, span)).collect();
        let arguments = parameters.iter().map(|parameter| Expression::variable(span, *parameter)).collect();
        let body = Expression::new(span, ExpressionKind::Builtin { builtin, arguments });
        let function = &mut self.program.functions[id.0 as usize];
        (function.parameters, function.body) = (parameters, body);
        self.path = path;
        self.variable_names = names;
        self.wrappers.insert(builtin.name, id);
        id
    }
}

/// The words that begin forms.
#[cfg(test)]
pub(crate) fn form_names() -> impl Iterator<Item = &'static str> {
    Form::ALL.iter().map(|form| form.name())
}

/// `nil` and `null` are the value null.
fn is_null(name: &str) -> bool {
    matches!(name, "nil" | "null")
}

/// Says what a datum is, for messages.
fn describe(datum: &Datum) -> String {
    match &datum.kind {
        DatumKind::Integer(text) => format!("the number `{}`", ttvm_diagnostics::excerpt(text)),
        DatumKind::Float(float) => format!("the number `{float:?}`"),
        DatumKind::Text(text) => format!("the string \"{}\"", ttvm_diagnostics::excerpt(text)),
        DatumKind::Flag(flag) => format!("`{}`", if *flag { "#t" } else { "#f" }),
        DatumKind::Symbol(name) => format!("`{}`", ttvm_diagnostics::excerpt(name)),
        DatumKind::List(items) if items.is_empty() => "the empty list".to_owned(),
        DatumKind::List(_) => "a list".to_owned(),
        DatumKind::Quote(_) => "a quoted value".to_owned(),
        DatumKind::Broken => "something unreadable".to_owned(),
    }
}
