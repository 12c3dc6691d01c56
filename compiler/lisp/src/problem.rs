//! Everything that can be wrong with a program: [`Problem`] with its message, and [`LispErrorCode`], its stable number.
//!
//! A code once given keeps its meaning and is never reused; `docs/reference/lisp.md` shows an example of each.
//! The hundreds: 0 the file, 1 reading, 2 names, 3 forms, 4 limits.

use ttvm_diagnostics::{define_codes, excerpt};
use ttvm_isa::limits;

use crate::reader::NESTING_MAX;

define_codes! {
    /// The stable number of a kind of error.
    pub enum LispErrorCode {
        SourceTooLarge    = "L0001" Error "a file that is too large",
        TooManyErrors     = "L0002" Error "more errors than are shown",
        Unclosed          = "L0101" Error "a list or comment that is not closed",
        StrayClose        = "L0102" Error "a closing parenthesis without its list",
        WrongClose        = "L0103" Error "a list closed by the wrong kind of parenthesis",
        UnclosedString    = "L0104" Error "a string without its closing quote",
        UnknownEscape     = "L0105" Error "an unknown escape in a string",
        MalformedNumber   = "L0106" Error "a word that begins like a number and is none",
        UnknownSyntax     = "L0107" Error "syntax that this Lisp does not have",
        NothingBehind     = "L0108" Error "a quote or datum comment with nothing behind it",
        UnknownName       = "L0201" Error "a name that nobody defines",
        DuplicateName     = "L0202" Error "a name defined twice",
        ReservedName      = "L0203" Error "a word of the language used as a name",
        UsedBefore        = "L0204" Error "a value used before it is defined",
        NotAssignable     = "L0205" Error "an assignment to something that is no variable",
        CapturedAssigned  = "L0206" Error "an assignment to a variable that a function captures",
        FormAsValue       = "L0207" Error "a form used as a value",
        MalformedForm     = "L0301" Error "a form that is not written as it must be",
        WrongArguments    = "L0302" Error "a wrong number of arguments",
        MisplacedDefine   = "L0303" Error "a definition where none can stand",
        Unsupported       = "L0304" Error "a form of other Lisps that this one does not have",
        NotCallable       = "L0305" Error "a call of something that is no function",
        KeyNotLiteral     = "L0306" Error "a field of an object whose name is not written out",
        TooDeep           = "L0401" Error "lists nested too deeply",
        TooManyValues     = "L0402" Error "a function that takes or captures too many values",
        TooLarge          = "L0403" Error "a function or program that is too large",
        TooLong           = "L0404" Error "a number or string that is too long",
    }
}

/// What is wrong, each with the fields its message needs. Fields hold pieces of the source as they are; the
/// messages show excerpts of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("the file has {bytes} bytes, at most {} are allowed", limits::SOURCE_BYTES_MAX)]
    SourceTooLarge { bytes: usize },
    #[error("{hidden} more errors are not shown")]
    TooManyErrors { hidden: usize },

    #[error("`{opening}` is never closed")]
    Unclosed { opening: &'static str, closing: &'static str },
    #[error("`{closing}` closes nothing")]
    StrayClose { closing: char },
    #[error("`{found}` closes a list that `{opening}` began")]
    WrongClose { found: char, opening: char, expected: char },
    #[error("the string has no closing quote")]
    UnclosedString,
    #[error("unknown escape `{}`", excerpt(escape))]
    UnknownEscape { escape: String },
    #[error("`{}` is neither a number nor a name", excerpt(word))]
    MalformedNumber { word: String, is_ratio: bool },
    #[error("{what} not part of this Lisp")]
    UnknownSyntax { what: String, help: Option<&'static str> },
    #[error("nothing stands behind `{prefix}`")]
    NothingBehind { prefix: &'static str },

    #[error("the name `{}` is defined nowhere", excerpt(name))]
    UnknownName { name: String, nearest: Option<String> },
    #[error("the name `{}` is defined twice", excerpt(name))]
    DuplicateName { name: String },
    #[error("`{name}` is a word of the language and cannot be a name")]
    ReservedName { name: String },
    #[error("`{}` is used before it is defined", excerpt(name))]
    UsedBefore { name: String },
    #[error("the function `{}` uses `{}`, which is not defined yet", excerpt(function), excerpt(name))]
    NeededBefore { function: String, name: String },
    #[error("`{}` is a function, only variables can be set", excerpt(name))]
    FunctionAssigned { name: String },
    #[error("the variable `{}` is captured by the {kind} `{}` and cannot be set", excerpt(name), excerpt(function))]
    CapturedAssigned { name: String, kind: &'static str, function: String, is_loop: bool },
    #[error("`{name}` is a form and has no value of its own")]
    FormAsValue { name: String },

    #[error("`{form}` is written `{pattern}`")]
    MalformedForm { form: &'static str, pattern: &'static str },
    #[error("{what}, found {found}")]
    Expected { what: &'static str, found: String },
    #[error("`{}` takes {expected}, found {found}", excerpt(name))]
    WrongArguments { name: String, expected: String, found: usize },
    #[error("a definition cannot stand here")]
    MisplacedDefine,
    #[error("`{name}` is not part of this Lisp")]
    Unsupported { name: String, help: &'static str },
    #[error("{what} is no function and cannot be called")]
    NotCallable { what: &'static str, is_list: bool },
    #[error("`{form}` takes the name of a field, found {found}")]
    KeyNotLiteral { form: &'static str, found: String },

    #[error("lists are nested deeper than {} levels", NESTING_MAX)]
    TooDeep,
    #[error("the {kind} `{}` has more than {} {what}", excerpt(name), limits::PARAMETERS_MAX)]
    TooManyValues { kind: &'static str, name: String, what: &'static str },
    #[error(
        "`{}` needs {found} places for variables and intermediate values, at most {found_max} are allowed",
        excerpt(name)
    )]
    FunctionTooLarge { name: String, found: usize, found_max: usize },
    #[error("the program needs more than {} instructions", limits::INSTRUCTIONS_MAX)]
    ProgramTooLarge,
    #[error("the {what} has {found} {unit}, at most {found_max} are allowed")]
    TooLong { what: &'static str, found: usize, unit: &'static str, found_max: usize },
}

impl Problem {
    /// The stable code.
    pub(crate) const fn code(&self) -> LispErrorCode {
        match self {
            Self::SourceTooLarge { .. } => LispErrorCode::SourceTooLarge,
            Self::TooManyErrors { .. } => LispErrorCode::TooManyErrors,
            Self::Unclosed { .. } => LispErrorCode::Unclosed,
            Self::StrayClose { .. } => LispErrorCode::StrayClose,
            Self::WrongClose { .. } => LispErrorCode::WrongClose,
            Self::UnclosedString => LispErrorCode::UnclosedString,
            Self::UnknownEscape { .. } => LispErrorCode::UnknownEscape,
            Self::MalformedNumber { .. } => LispErrorCode::MalformedNumber,
            Self::UnknownSyntax { .. } => LispErrorCode::UnknownSyntax,
            Self::NothingBehind { .. } => LispErrorCode::NothingBehind,
            Self::UnknownName { .. } => LispErrorCode::UnknownName,
            Self::DuplicateName { .. } => LispErrorCode::DuplicateName,
            Self::ReservedName { .. } => LispErrorCode::ReservedName,
            Self::UsedBefore { .. } | Self::NeededBefore { .. } => LispErrorCode::UsedBefore,
            Self::FunctionAssigned { .. } => LispErrorCode::NotAssignable,
            Self::CapturedAssigned { .. } => LispErrorCode::CapturedAssigned,
            Self::FormAsValue { .. } => LispErrorCode::FormAsValue,
            Self::MalformedForm { .. } | Self::Expected { .. } => LispErrorCode::MalformedForm,
            Self::WrongArguments { .. } => LispErrorCode::WrongArguments,
            Self::MisplacedDefine => LispErrorCode::MisplacedDefine,
            Self::Unsupported { .. } => LispErrorCode::Unsupported,
            Self::NotCallable { .. } => LispErrorCode::NotCallable,
            Self::KeyNotLiteral { .. } => LispErrorCode::KeyNotLiteral,
            Self::TooDeep => LispErrorCode::TooDeep,
            Self::TooManyValues { .. } => LispErrorCode::TooManyValues,
            Self::FunctionTooLarge { .. } | Self::ProgramTooLarge => LispErrorCode::TooLarge,
            Self::TooLong { .. } => LispErrorCode::TooLong,
        }
    }

    /// A way out, where there is a general one.
    pub(crate) fn help(&self) -> Option<String> {
        let fixed = match self {
            Self::Unclosed { closing, .. } => return Some(format!("write `{closing}` where it ends")),
            Self::WrongClose { expected, .. } => return Some(format!("write `{expected}`")),
            Self::UnknownName { nearest, .. } => return nearest.as_ref().map(|name| format!("did you mean `{name}`?")),
            Self::UnknownSyntax { help, .. } => return help.map(str::to_owned),
            Self::Unsupported { help, .. } => help,
            Self::UnclosedString => "write `\"` where the string ends",
            Self::UnknownEscape { .. } => "the escapes are `\\n \\t \\r \\0 \\\\ \\\" \\u{1F600}`",
            Self::MalformedNumber { is_ratio: true, .. } => "there are no ratios; write `(/ 1.0 2)` or `0.5`",
            Self::UsedBefore { .. } => "move the definition up",
            Self::NeededBefore { .. } => "move the definition up, in front of the first use of the function",
            Self::FunctionAssigned { .. } => "hold the function in a variable of another name",
            Self::CapturedAssigned { is_loop: true, .. } => {
                "the loop calls itself elsewhere than at its end; pass the value as a variable of the loop"
            }
            Self::CapturedAssigned { is_loop: false, .. } => {
                "functions capture values, not places; pass the value as an argument and return the new one"
            }
            Self::FormAsValue { .. } => "wrap it in `(lambda (x) ...)`",
            Self::MisplacedDefine => "definitions stand at the top level or in a body; `let` gives a name to a value",
            Self::NotCallable { is_list: true, .. } => "a list of values is written `(list 1 2)` or `'(1 2)`",
            Self::KeyNotLiteral { .. } => "write `\"name\"` or `'name`; `map-get` and `map-put` take computed keys",
            Self::TooManyValues { .. } => "gather values in a list or an object",
            Self::TooDeep | Self::FunctionTooLarge { .. } => "split it into several functions",
            Self::SourceTooLarge { .. }
            | Self::TooManyErrors { .. }
            | Self::StrayClose { .. }
            | Self::MalformedNumber { is_ratio: false, .. }
            | Self::NothingBehind { .. }
            | Self::DuplicateName { .. }
            | Self::ReservedName { .. }
            | Self::MalformedForm { .. }
            | Self::Expected { .. }
            | Self::WrongArguments { .. }
            | Self::NotCallable { is_list: false, .. }
            | Self::ProgramTooLarge
            | Self::TooLong { .. } => return None,
        };
        Some(fixed.to_owned())
    }
}
