//! The forms: words of the language that are no functions.

use super::Analyser;
use crate::{
    datum::Datum,
    problem::Problem,
    source::Span,
    tree::{Constant, Expression, ExpressionKind},
};

macro_rules! define_forms {
    ($( $form:ident $name:literal $pattern:literal; )*) => {
        /// A word of the language that begins a form.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Form { $( $form, )* }

        impl Form {
            pub(super) const ALL: &'static [Self] = &[ $( Self::$form ),* ];

            pub(super) const fn name(self) -> &'static str {
                match self { $( Self::$form => $name, )* }
            }

            /// How the form is written.
            pub(super) const fn pattern(self) -> &'static str {
                match self { $( Self::$form => $pattern, )* }
            }

            /// The form that a name begins; no program can give such a name another meaning.
            pub(super) fn of_name(name: &str) -> Option<Self> {
                match name { $( $name => Some(Self::$form), )* _ => None }
            }
        }
    };
}

define_forms! {
    Quote   "quote"   "(quote datum)";
    Define  "define"  "(define name value)` or `(define (name parameter ...) body ...)";
    Lambda  "lambda"  "(lambda (parameter ...) body ...)";
    Let     "let"     "(let ((name value) ...) body ...)` or `(let name ((name value) ...) body ...)";
    LetStar "let*"    "(let* ((name value) ...) body ...)";
    Letrec  "letrec"  "(letrec ((name value) ...) body ...)";
    LetrecStar "letrec*" "(letrec* ((name value) ...) body ...)";
    Begin   "begin"   "(begin expression ...)";
    If      "if"      "(if test then else)` or `(if test then)";
    Cond    "cond"    "(cond (test body ...) ... (else body ...))";
    Case    "case"    "(case key ((datum ...) body ...) ... (else body ...))";
    When    "when"    "(when test body ...)";
    Unless  "unless"  "(unless test body ...)";
    And     "and"     "(and expression ...)";
    Or      "or"      "(or expression ...)";
    Not     "not"     "(not expression)";
    Set     "set!"    "(set! name value)";
    While   "while"   "(while test body ...)";
    Do      "do"      "(do ((name value step) ...) (test result ...) body ...)";
    DoTimes "dotimes" "(dotimes (name count) body ...)";
    Try     "try"     "(try body ... (catch name handler ...))";
    Assert  "assert"  "(assert expression)";
    Object  "object"  "(object \"key\" value ...)";
    Get     "get"     "(get object \"key\")` or `(get object \"key\" default)";
    Put     "put"     "(put object \"key\" value ...)";
    Has     "has?"    "(has? object \"key\")";
    Remove  "remove-key" "(remove-key object \"key\")";
    Apply   "apply"   "(apply function list)";
}

/// Words of other Lisps, and what to do instead.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("define-syntax", "there are no macros; write a function"),
    ("defmacro", "there are no macros; write a function"),
    ("let-syntax", "there are no macros; write a function"),
    ("syntax-rules", "there are no macros; write a function"),
    ("quasiquote", "build the list with `list` and `append`"),
    ("unquote", "build the list with `list` and `append`"),
    ("call/cc", "`try` and `throw` leave a computation early"),
    ("call-with-current-continuation", "`try` and `throw` leave a computation early"),
    ("dynamic-wind", "use `try`"),
    ("guard", "use `try`"),
    ("with-exception-handler", "use `try`"),
    ("values", "return a list"),
    ("call-with-values", "return a list"),
    ("let-values", "return a list and take it apart with `list-ref`"),
    ("define-values", "return a list and take it apart with `list-ref`"),
    ("define-record-type", "use objects: `(object \"x\" 1)`, `get`, `put`"),
    ("delay", "wrap the expression in `(lambda () ...)`"),
    ("force", "call the function that holds the expression"),
    ("delay-force", "wrap the expression in `(lambda () ...)`"),
    ("parameterize", "pass the value as an argument"),
    ("case-lambda", "functions take a fixed number of arguments; write several"),
    ("eval", "programs are translated before they run"),
    ("set-car!", "values never change; `list-set` gives a new list"),
    ("set-cdr!", "values never change; `append` gives a new list"),
    ("vector-set!", "values never change; `list-set` gives a new list"),
    ("vector", "use `list`"),
    ("make-vector", "use `list`"),
    ("vector-ref", "use `list-ref`"),
    ("hash-table-set!", "values never change; `map-put` gives a new map"),
    ("defun", "write `(define (name parameter ...) body ...)`"),
    ("defvar", "write `(define name value)`"),
    ("setq", "write `(set! name value)`"),
    ("progn", "write `(begin ...)`"),
    ("import", "a program is one file"),
    ("load", "a program is one file"),
    ("finally", "there is no `finally`; write the code behind the `try`"),
];

/// What to do instead of a form of other Lisps.
pub(super) fn unsupported(name: &str) -> Option<&'static str> {
    UNSUPPORTED.iter().find(|(unsupported, _)| *unsupported == name).map(|(_, help)| *help)
}

impl Analyser<'_> {
    /// What a form means; `rest` is what stands behind its first word.
    pub(super) fn form(&mut self, form: Form, span: Span, rest: &[Datum]) -> Expression {
        let expression = match form {
            Form::Quote => match rest {
                [datum] => Some(self.quoted(datum)),
                _ => None,
            },
            Form::Define => {
                self.errors.report(span, Problem::MisplacedDefine);
                return Expression::null(span);
            }
            Form::Lambda => self.lambda(span, rest),
            Form::Let => self.let_form(span, rest),
            Form::LetStar => self.let_star(span, rest),
            Form::Letrec | Form::LetrecStar => self.letrec(span, rest, form),
            Form::Begin => (!rest.is_empty()).then(|| {
                let expressions = self.expressions(rest);
                Expression::new(span, ExpressionKind::Sequence(expressions))
            }),
            Form::If => self.if_form(span, rest),
            Form::Cond => self.cond(span, rest),
            Form::Case => self.case(span, rest),
            Form::When | Form::Unless => self.when(span, rest, form == Form::Unless),
            Form::And => Some(self.all_of(span, rest)),
            Form::Or => Some(self.any_of(span, rest)),
            Form::Not => match rest {
                [datum] => {
                    let expression = self.expression(datum);
                    Some(Expression::new(span, ExpressionKind::Not(Box::new(expression))))
                }
                _ => None,
            },
            Form::Set => self.set(span, rest),
            Form::While => self.while_form(span, rest),
            Form::Do => self.do_form(span, rest),
            Form::DoTimes => self.do_times(span, rest),
            Form::Try => self.try_form(span, rest),
            Form::Assert => self.assert(span, rest),
            Form::Object | Form::Get | Form::Put | Form::Has | Form::Remove => self.object_form(form, span, rest),
            Form::Apply => self.apply(span, rest),
        };
        expression.unwrap_or_else(|| {
            self.malformed(span, form);
            Expression::null(span)
        })
    }

    pub(super) fn malformed(&mut self, span: Span, form: Form) {
        self.errors.report(span, Problem::MalformedForm { form: form.name(), pattern: form.pattern() });
    }

    fn all_of(&mut self, span: Span, rest: &[Datum]) -> Expression {
        let parts = self.expressions(rest);
        let kind =
            if parts.is_empty() { ExpressionKind::Constant(Constant::Flag(true)) } else { ExpressionKind::And(parts) };
        Expression::new(span, kind)
    }

    fn any_of(&mut self, span: Span, rest: &[Datum]) -> Expression {
        let parts = self.expressions(rest);
        let kind =
            if parts.is_empty() { ExpressionKind::Constant(Constant::Flag(false)) } else { ExpressionKind::Or(parts) };
        Expression::new(span, kind)
    }
}
