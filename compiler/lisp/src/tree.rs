//! The program as expressions whose names are resolved: what analysis makes and generation reads.

use crate::{builtin::Builtin, names::Names, source::Span};

/// Index in [`Program::variables`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct VariableId(pub u32);

/// Index in [`Program::functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FunctionId(pub u32);

/// The top level of the program, treated as a function.
pub(crate) const MAIN: FunctionId = FunctionId(0);

#[derive(Debug)]
pub(crate) struct Program {
    pub variables: Vec<Variable>,
    /// Number 0 is the top level.
    pub functions: Vec<Function>,
    /// The names of functions in the result.
    pub function_names: Names,
}

#[derive(Debug)]
pub(crate) struct Variable {
    /// As written.
    pub name: String,
    /// Its name in the result, unlike that of any other variable of its function or of what it captures.
    pub assembly_name: String,
    pub span: Span,
    /// Its only value, if that is written next to its definition.
    pub constant: Option<Constant>,
    /// Where `set!` changes it.
    pub assignments: Vec<Span>,
}

impl Variable {
    /// What stands for the variable wherever it is read, if anything can.
    pub(crate) fn inlined(&self) -> Option<&Constant> {
        self.constant.as_ref().filter(|constant| self.assignments.is_empty() && constant.is_short())
    }
}

#[derive(Debug)]
pub(crate) struct Function {
    /// As written, or `lambda`, `do`.
    pub name: String,
    /// Its name in the result.
    pub assembly_name: String,
    pub span: Span,
    /// How many arguments it takes; known before `parameters`, which lacks malformed ones.
    pub arity: usize,
    pub parameters: Vec<VariableId>,
    pub body: Expression,
    pub origin: Origin,
    /// Whether it is defined at the top level of the program.
    pub is_global: bool,
}

/// Where a function comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A function of the program.
    Program,
    /// A named `let`, `do` or `dotimes` of the program.
    Loop,
    /// The prelude, or made for a built-in function that is used as a value. Its places mean nothing.
    Prelude,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Constant {
    /// Spelt as the assembler takes it.
    Integer(String),
    Float(f64),
    Text(String),
    Flag(bool),
    Null,
}

impl Constant {
    /// Only `#f` and `nil` are false.
    pub(crate) fn is_true(&self) -> bool {
        !matches!(self, Self::Flag(false) | Self::Null)
    }

    /// Whether repeating it costs no more than reading a variable; keeps the result small.
    fn is_short(&self) -> bool {
        const BYTES_MAX: usize = 64;
        match self {
            Self::Integer(text) | Self::Text(text) => text.len() <= BYTES_MAX,
            Self::Float(_) | Self::Flag(_) | Self::Null => true,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Expression {
    pub span: Span,
    pub kind: ExpressionKind,
}

#[derive(Debug)]
pub(crate) enum ExpressionKind {
    Constant(Constant),
    Variable(VariableId),
    /// A function as a value.
    Function(FunctionId),
    /// The first clause whose test holds; `if`, `cond`, `when`, `unless`, `case`.
    Branch {
        clauses: Vec<(Expression, Expression)>,
        otherwise: Box<Expression>,
    },
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    /// All in turn; the last one's value.
    Sequence(Vec<Expression>),
    /// A variable's first value.
    Store {
        variable: VariableId,
        value: Box<Expression>,
    },
    /// `set!`.
    Assign {
        variable: VariableId,
        value: Box<Expression>,
    },
    While {
        test: Box<Expression>,
        body: Box<Expression>,
    },
    /// Enters a named `let` or `do`.
    Loop {
        function: FunctionId,
        arguments: Vec<Expression>,
    },
    Call {
        function: FunctionId,
        arguments: Vec<Expression>,
    },
    CallValue {
        callee: Box<Expression>,
        arguments: Vec<Expression>,
    },
    Builtin {
        builtin: &'static Builtin,
        arguments: Vec<Expression>,
    },
    /// An object, new or given, with fields set.
    Fields {
        base: Option<Box<Expression>>,
        fields: Vec<(String, Expression)>,
    },
    /// `GET_FIELD`, `HAS_FIELD` or `DELETE_FIELD`.
    Field {
        mnemonic: &'static str,
        object: Box<Expression>,
        name: String,
    },
    /// The field, or another value where there is none.
    FieldOr {
        object: Box<Expression>,
        name: String,
        otherwise: Box<Expression>,
    },
    Try {
        body: Box<Expression>,
        variable: VariableId,
        handler: Box<Expression>,
    },
}

impl Expression {
    pub(crate) const fn new(span: Span, kind: ExpressionKind) -> Self {
        Self { span, kind }
    }

    pub(crate) const fn null(span: Span) -> Self {
        Self::new(span, ExpressionKind::Constant(Constant::Null))
    }

    pub(crate) const fn variable(span: Span, variable: VariableId) -> Self {
        Self::new(span, ExpressionKind::Variable(variable))
    }

    /// Visits the parts of the expression in the order they are computed, saying of each whether its value is
    /// the value of the whole and nothing is left to do after it.
    ///
    /// What a loop or function does is no part of the expression that enters or names it.
    pub(crate) fn for_each_part<'e>(&'e self, visit: &mut dyn FnMut(&'e Self, bool)) {
        match &self.kind {
            ExpressionKind::Constant(_) | ExpressionKind::Variable(_) | ExpressionKind::Function(_) => {}
            ExpressionKind::Branch { clauses, otherwise } => {
                for (test, body) in clauses {
                    visit(test, false);
                    visit(body, true);
                }
                visit(otherwise, true);
            }
            ExpressionKind::And(parts) | ExpressionKind::Or(parts) | ExpressionKind::Sequence(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    visit(part, index + 1 == parts.len());
                }
            }
            ExpressionKind::Not(part)
            | ExpressionKind::Store { value: part, .. }
            | ExpressionKind::Assign { value: part, .. }
            | ExpressionKind::Field { object: part, .. } => visit(part, false),
            ExpressionKind::While { test, body } => {
                visit(test, false);
                visit(body, false);
            }
            ExpressionKind::Loop { arguments, .. }
            | ExpressionKind::Call { arguments, .. }
            | ExpressionKind::Builtin { arguments, .. } => arguments.iter().for_each(|part| visit(part, false)),
            ExpressionKind::CallValue { callee, arguments } => {
                arguments.iter().for_each(|part| visit(part, false));
                visit(callee, false);
            }
            ExpressionKind::Fields { base, fields } => {
                base.iter().for_each(|base| visit(base, false));
                fields.iter().for_each(|(_, value)| visit(value, false));
            }
            ExpressionKind::FieldOr { object, otherwise, .. } => {
                visit(object, false);
                visit(otherwise, false);
            }
            ExpressionKind::Try { body, handler, .. } => {
                visit(body, false);
                visit(handler, true);
            }
        }
    }
}

impl Program {
    pub(crate) fn variable(&self, id: VariableId) -> &Variable {
        &self.variables[id.0 as usize]
    }

    pub(crate) fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }
}
