//! Everything that can be wrong with a text: [`Problem`] with its message, and [`DiagnosticCode`], its stable number.
//!
//! A code once given keeps its meaning and is never reused; `docs/reference/diagnostics.md` shows an example of each.
//! The hundreds: 0 the file, 1 words, 2 operands, 3 names, 4 bodies, 5 the blocks `.receive`, `.supervisor` and
//! `.computation`.

use std::fmt;

use ttvm_diagnostics::{define_codes, excerpt};
use ttvm_isa::receive::ReceiveError;

define_codes! {
    /// The stable number of a kind of diagnostic.
    pub enum DiagnosticCode {
        InvalidUtf8        = "A0001" Error   "a byte that is not UTF-8",
        SourceTooLarge     = "A0002" Error   "a file that is too large",
        TooManyDiagnostics = "A0003" Warning "more diagnostics than are shown",
        UnknownMnemonic    = "A0101" Error   "an unknown mnemonic",
        // A0102 was for words that could not run yet.
        UnknownDirective   = "A0103" Error   "an unknown directive",
        WordsIgnored       = "A0104" Warning "words after a mnemonic that takes none",
        MissingOperand     = "A0201" Error   "a missing operand",
        UnexpectedOperand  = "A0202" Error   "an operand too many",
        WrongOperand       = "A0203" Error   "an operand of the wrong kind",
        NumberTooLarge     = "A0204" Error   "a count or line number out of range",
        IntegerTooLong     = "A0205" Error   "an integer with too many digits",
        TextTooLong        = "A0206" Error   "a string or name that is too long",
        UnclosedString     = "A0207" Error   "a string without its closing quote",
        UnknownEscape      = "A0208" Error   "an unknown escape in a string",
        QuotesKept         = "A0209" Warning "a string that goes on behind a quote",
        TextAfterQuote     = "A0210" Error   "text right behind a closing quote",
        WrongConstant      = "A0211" Error   "a constant of the wrong kind",
        TooManyParameters  = "A0212" Error   "too many parameters",
        DuplicateParameter = "A0213" Error   "two parameters of one name",
        DuplicateName      = "A0301" Error   "two labels or functions of one name",
        UnknownTarget      = "A0302" Error   "an unknown label or function",
        JumpAcrossBody     = "A0303" Error   "a jump into or out of a body",
        LocalTarget        = "A0304" Error   "a label of a body used where it cannot be",
        ParametersNamed    = "A0305" Error   "parameters named at a call of a declared function",
        DuplicateConstant  = "A0306" Error   "two constants of one name",
        DuplicatePrefix    = "A0307" Error   "two imports with one prefix",
        UnknownPrefix      = "A0308" Error   "an unknown import prefix",
        ImportedCall       = "A0309" Error   "a malformed call of an imported function",
        UnknownExport      = "A0310" Error   "an export of no function",
        DuplicateExport    = "A0311" Error   "a function exported twice",
        MissingEnd         = "A0401" Error   "a block without its `.end`",
        StrayEnd           = "A0402" Error   "an `.end` without a block",
        NestedBody         = "A0403" Error   "a block within a body",
        EmptyBody          = "A0404" Error   "a body without instructions",
        TooManyInstructions = "A0405" Error  "too many instructions",
        DuplicateSource    = "A0406" Error   "two `.source` directives",
        UnknownBlockLine   = "A0501" Error   "a line that does not belong in its block",
        BlockSyntax        = "A0502" Error   "a line of a block that cannot be read",
        ReceiveLimit       = "A0503" Error   "a `.receive` block that is too large or nests too deeply",
        DuplicateField     = "A0504" Error   "a field named twice in a pattern",
        AfterNotLast       = "A0505" Error   "an `after` that is not the last line of its block",
        EmptyReceive       = "A0506" Error   "a `.receive` block without cases",
        BoundConstant      = "A0507" Error   "the name of a constant bound in a pattern",
        UnknownSetting     = "A0508" Error   "an unknown setting",
        WrongSetting       = "A0509" Error   "a value that a setting cannot have",
        DuplicateSetting   = "A0510" Error   "a setting given twice",
        SettingClash       = "A0511" Error   "settings that contradict each other",
        UnknownSupervisor  = "A0512" Error   "an unknown supervisor",
        UnknownFunction    = "A0513" Error   "a computation with an unknown function",
        EmptyComputation   = "A0514" Error   "a computation without supersteps",
        UnknownComputation = "A0515" Error   "an unknown computation",
        UnknownOperation   = "A0516" Error   "an unknown operation",
    }
}

/// What is wrong, each with the fields its message needs. Fields hold pieces of the source as they are; the
/// messages show excerpts of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("the file is not UTF-8 text here")]
    InvalidUtf8,
    #[error("the file has {bytes} bytes, at most {bytes_max} are allowed")]
    SourceTooLarge { bytes: u64, bytes_max: u64 },
    #[error("{hidden} more diagnostics are not shown")]
    TooManyDiagnostics { hidden: usize },

    #[error("unknown mnemonic `{}`", excerpt(word))]
    UnknownMnemonic { word: String, nearest: Option<String> },
    #[error("unknown directive `{}`", excerpt(word))]
    UnknownDirective { word: String, nearest: Option<String> },
    #[error("`{mnemonic}` does not take `{}`, which is ignored", excerpt(words))]
    WordsIgnored { mnemonic: &'static str, words: String },

    #[error("`{word}` takes {expected}, found nothing")]
    MissingOperand { word: &'static str, expected: &'static str },
    #[error("`{word}` takes {expected}, found `{}` behind that", excerpt(found))]
    UnexpectedOperand { word: &'static str, expected: String, found: String },
    #[error("`{word}` takes {expected}, found `{}`", excerpt(found))]
    WrongOperand { word: &'static str, expected: &'static str, found: String },
    #[error("`{word}` takes a number from 0 to {number_max}, found `{}`", excerpt(found))]
    NumberTooLarge { word: &'static str, number_max: u32, found: String },
    #[error("the integer has {digits} digits, at most {digits_max} decimal digits are allowed")]
    IntegerTooLong { digits: usize, digits_max: usize },
    #[error("the string has {bytes} bytes, at most {bytes_max} are allowed")]
    TextTooLong { bytes: usize, bytes_max: u32 },
    #[error("the string has no closing quote")]
    UnclosedString,
    #[error("unknown escape `{}`", excerpt(escape))]
    UnknownEscape { escape: String },
    #[error("the string goes on behind its second quote; the quotes within are part of it")]
    QuotesKept,
    #[error("a blank must follow the closing quote, found `{}`", excerpt(found))]
    TextAfterQuote { found: String },
    #[error("`{word}` takes {expected}, the constant `{}` is {kind}", excerpt(name))]
    WrongConstant { word: &'static str, expected: &'static str, name: String, kind: &'static str },
    #[error("{found} parameters, at most {parameters_max} are allowed")]
    TooManyParameters { found: usize, parameters_max: u32 },
    #[error("two parameters are named `{}`", excerpt(name))]
    DuplicateParameter { name: String },

    #[error("the name `{}` is taken", excerpt(name))]
    DuplicateName { name: String },
    #[error("no label or function is named `{}`", excerpt(name))]
    UnknownTarget { name: String, nearest: Option<String> },
    #[error("`{mnemonic} {}` would go {way}", excerpt(target))]
    JumpAcrossBody { mnemonic: &'static str, target: String, way: Way, is_call: bool },
    #[error("the label `{}` is local to {body}", excerpt(name))]
    LocalTarget { name: String, body: String, is_call: bool },
    #[error("the function `{}` declares its parameters, `{mnemonic}` must not name them", excerpt(name))]
    ParametersNamed { mnemonic: &'static str, name: String },
    #[error("the constant `{}` is defined twice", excerpt(name))]
    DuplicateConstant { name: String },
    #[error("two modules are imported as `{}`", excerpt(prefix))]
    DuplicatePrefix { prefix: String },
    #[error("no module is imported as `{}`", excerpt(prefix))]
    UnknownPrefix { prefix: String, nearest: Option<String> },
    #[error("a call of an imported function is written `CALL {}.{}/n`", excerpt(prefix), excerpt(name))]
    ImportedCall { prefix: String, name: String },
    #[error("`.export` takes the name of a `.fn`, `{}` is none", excerpt(name))]
    UnknownExport { name: String, nearest: Option<String> },
    #[error("the function `{}` is exported twice", excerpt(name))]
    DuplicateExport { name: String },

    #[error("`{directive}` has no `.end`")]
    MissingEnd { directive: &'static str },
    #[error("`.end` ends nothing")]
    StrayEnd,
    #[error("`{directive}` within {body}")]
    NestedBody { directive: &'static str, body: String },
    #[error("{body} has no instructions")]
    EmptyBody { body: String },
    #[error("the file has more than {instructions_max} instructions")]
    TooManyInstructions { instructions_max: u32 },
    #[error("the file has two `.source` directives")]
    DuplicateSource,

    #[error("`{}` does not belong in a `{block}` block", excerpt(word))]
    UnknownBlockLine { block: &'static str, word: String, nearest: Option<String>, is_code: bool },
    #[error("expected {expected}, found {}", found_text(found.as_deref()))]
    BlockSyntax { expected: &'static str, found: Option<String> },
    #[error("the `.receive` block has {reason}")]
    ReceiveLimit { reason: ReceiveError },
    #[error("the pattern names the field `{}` twice", excerpt(name))]
    DuplicateField { name: String },
    #[error("`after` is the last line of a `.receive` block, and there is one at most")]
    AfterNotLast,
    #[error("the `.receive` block has neither a case nor an `after`")]
    EmptyReceive,
    #[error("`{}` is a constant and cannot be bound", excerpt(name))]
    BoundConstant { name: String },
    #[error("`{word}` has no setting `{}`", excerpt(setting))]
    UnknownSetting { word: &'static str, setting: String, nearest: Option<String> },
    #[error("`{setting}` takes {expected}, found `{}`", excerpt(found))]
    WrongSetting { setting: &'static str, expected: &'static str, found: String },
    #[error("`{setting}` is given twice")]
    DuplicateSetting { setting: &'static str },
    #[error("{what}")]
    SettingClash { what: String },
    #[error("no `.supervisor` is named `{}`", excerpt(name))]
    UnknownSupervisor { name: String, nearest: Option<String> },
    #[error("no `.fn` is named `{}`", excerpt(name))]
    UnknownFunction { name: String, nearest: Option<String> },
    #[error("the computation `{}` has no `superstep`", excerpt(name))]
    EmptyComputation { name: String },
    #[error("no `.computation` is named `{}`", excerpt(name))]
    UnknownComputation { name: String, nearest: Option<String> },
    #[error("no operation is named `{}`", excerpt(word))]
    UnknownOperation { word: String, nearest: Option<String> },
}

fn found_text(found: Option<&str>) -> String {
    found.map_or_else(|| "nothing".to_owned(), |found| format!("`{}`", excerpt(found)))
}

/// How a jump crosses the border of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// From outside, or from another body.
    Into {
        /// The body, described.
        body: String,
    },
    /// Out of the body the jump is in.
    OutOf {
        /// The body, described.
        body: String,
    },
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Into { body } => write!(f, "into {body}"),
            Self::OutOf { body } => write!(f, "out of {body}"),
        }
    }
}

impl Problem {
    /// The code; each has one problem.
    pub(crate) const fn code(&self) -> DiagnosticCode {
        match self {
            Self::InvalidUtf8 => DiagnosticCode::InvalidUtf8,
            Self::SourceTooLarge { .. } => DiagnosticCode::SourceTooLarge,
            Self::TooManyDiagnostics { .. } => DiagnosticCode::TooManyDiagnostics,
            Self::UnknownMnemonic { .. } => DiagnosticCode::UnknownMnemonic,
            Self::UnknownDirective { .. } => DiagnosticCode::UnknownDirective,
            Self::WordsIgnored { .. } => DiagnosticCode::WordsIgnored,
            Self::MissingOperand { .. } => DiagnosticCode::MissingOperand,
            Self::UnexpectedOperand { .. } => DiagnosticCode::UnexpectedOperand,
            Self::WrongOperand { .. } => DiagnosticCode::WrongOperand,
            Self::NumberTooLarge { .. } => DiagnosticCode::NumberTooLarge,
            Self::IntegerTooLong { .. } => DiagnosticCode::IntegerTooLong,
            Self::TextTooLong { .. } => DiagnosticCode::TextTooLong,
            Self::UnclosedString => DiagnosticCode::UnclosedString,
            Self::UnknownEscape { .. } => DiagnosticCode::UnknownEscape,
            Self::QuotesKept => DiagnosticCode::QuotesKept,
            Self::TextAfterQuote { .. } => DiagnosticCode::TextAfterQuote,
            Self::WrongConstant { .. } => DiagnosticCode::WrongConstant,
            Self::TooManyParameters { .. } => DiagnosticCode::TooManyParameters,
            Self::DuplicateParameter { .. } => DiagnosticCode::DuplicateParameter,
            Self::DuplicateName { .. } => DiagnosticCode::DuplicateName,
            Self::UnknownTarget { .. } => DiagnosticCode::UnknownTarget,
            Self::JumpAcrossBody { .. } => DiagnosticCode::JumpAcrossBody,
            Self::LocalTarget { .. } => DiagnosticCode::LocalTarget,
            Self::ParametersNamed { .. } => DiagnosticCode::ParametersNamed,
            Self::DuplicateConstant { .. } => DiagnosticCode::DuplicateConstant,
            Self::DuplicatePrefix { .. } => DiagnosticCode::DuplicatePrefix,
            Self::UnknownPrefix { .. } => DiagnosticCode::UnknownPrefix,
            Self::ImportedCall { .. } => DiagnosticCode::ImportedCall,
            Self::UnknownExport { .. } => DiagnosticCode::UnknownExport,
            Self::DuplicateExport { .. } => DiagnosticCode::DuplicateExport,
            Self::MissingEnd { .. } => DiagnosticCode::MissingEnd,
            Self::StrayEnd => DiagnosticCode::StrayEnd,
            Self::NestedBody { .. } => DiagnosticCode::NestedBody,
            Self::EmptyBody { .. } => DiagnosticCode::EmptyBody,
            Self::TooManyInstructions { .. } => DiagnosticCode::TooManyInstructions,
            Self::DuplicateSource => DiagnosticCode::DuplicateSource,
            Self::UnknownBlockLine { .. } => DiagnosticCode::UnknownBlockLine,
            Self::BlockSyntax { .. } => DiagnosticCode::BlockSyntax,
            Self::ReceiveLimit { .. } => DiagnosticCode::ReceiveLimit,
            Self::DuplicateField { .. } => DiagnosticCode::DuplicateField,
            Self::AfterNotLast => DiagnosticCode::AfterNotLast,
            Self::EmptyReceive => DiagnosticCode::EmptyReceive,
            Self::BoundConstant { .. } => DiagnosticCode::BoundConstant,
            Self::UnknownSetting { .. } => DiagnosticCode::UnknownSetting,
            Self::WrongSetting { .. } => DiagnosticCode::WrongSetting,
            Self::DuplicateSetting { .. } => DiagnosticCode::DuplicateSetting,
            Self::SettingClash { .. } => DiagnosticCode::SettingClash,
            Self::UnknownSupervisor { .. } => DiagnosticCode::UnknownSupervisor,
            Self::UnknownFunction { .. } => DiagnosticCode::UnknownFunction,
            Self::EmptyComputation { .. } => DiagnosticCode::EmptyComputation,
            Self::UnknownComputation { .. } => DiagnosticCode::UnknownComputation,
            Self::UnknownOperation { .. } => DiagnosticCode::UnknownOperation,
        }
    }

    /// A few words for the place, where they say more than the message.
    pub(crate) fn label(&self) -> Option<String> {
        let label = match self {
            Self::MissingOperand { expected, .. }
            | Self::WrongOperand { expected, .. }
            | Self::WrongSetting { expected, .. } => {
                return Some(format!("expected {expected}"));
            }
            Self::UnclosedString => "opened here",
            Self::WordsIgnored { .. } => "ignored",
            Self::MissingEnd { .. } => "begins here",
            Self::DuplicateName { .. }
            | Self::DuplicateConstant { .. }
            | Self::DuplicatePrefix { .. }
            | Self::DuplicateExport { .. }
            | Self::DuplicateSource
            | Self::DuplicateField { .. }
            | Self::DuplicateSetting { .. } => "again here",
            _ => return None,
        };
        Some(label.to_owned())
    }

    /// A way out.
    pub(crate) fn help(&self) -> Option<String> {
        let help = match self {
            Self::UnknownMnemonic { word, nearest: Some(nearest) } if word.eq_ignore_ascii_case(nearest) => {
                return Some(format!("mnemonics are upper case: write `{nearest}`"));
            }
            Self::UnknownMnemonic { nearest: Some(nearest), .. }
            | Self::UnknownDirective { nearest: Some(nearest), .. }
            | Self::UnknownTarget { nearest: Some(nearest), .. }
            | Self::UnknownPrefix { nearest: Some(nearest), .. }
            | Self::UnknownExport { nearest: Some(nearest), .. }
            | Self::UnknownBlockLine { nearest: Some(nearest), .. }
            | Self::UnknownSetting { nearest: Some(nearest), .. }
            | Self::UnknownSupervisor { nearest: Some(nearest), .. }
            | Self::UnknownFunction { nearest: Some(nearest), .. }
            | Self::UnknownComputation { nearest: Some(nearest), .. }
            | Self::UnknownOperation { nearest: Some(nearest), .. } => {
                return Some(format!("did you mean `{}`?", excerpt(nearest)));
            }
            Self::WrongConstant { expected: "a string", .. } => "write the word in quotes if it is meant as a string",
            Self::UnclosedString => "a string ends on the line it begins on; write a newline as `\\n`",
            Self::UnknownEscape { .. } => {
                "the escapes are \\n \\t \\r \\0 \\\\ \\\" and \\u{1F600}; write a backslash as `\\\\`"
            }
            Self::QuotesKept => "write quotes within a string as `\\\"`",
            Self::JumpAcrossBody { is_call: true, way: Way::Into { .. }, .. } => "call a function by its name",
            Self::JumpAcrossBody { is_call: true, .. } => "a number cannot leave a body: name a label",
            Self::JumpAcrossBody { .. } => {
                "only calls and functions go into a body, and only `RET` or its end out of it"
            }
            Self::LocalTarget { is_call: true, .. } => "what is called is a `.fn` or a label outside all bodies",
            Self::LocalTarget { .. } => "a label within a body can only be used there",
            Self::ParametersNamed { .. } => "leave the names out",
            Self::ImportedCall { .. } => "`n` is the number of arguments; they lie on the stack and are not named",
            Self::NestedBody { .. } => "is an `.end` missing before it? bodies do not nest",
            Self::MissingEnd { .. } => "end it with a line `.end`",
            Self::UnknownBlockLine { is_code: true, .. } => "is an `.end` missing before it?",
            Self::UnknownBlockLine { block: ".receive", .. } => "its lines begin with `case` or `after`",
            Self::UnknownBlockLine { block: ".computation", .. } => {
                "its lines have `superstep`, `initialize`, `finalize`, `processors`, `max_supersteps`, `barrier_timeout`, \
                 `checkpoint`, `on_crash` and `combine`"
            }
            Self::UnknownBlockLine { .. } => "its lines begin with `child`",
            Self::UnknownOperation { .. } => "the operations are sum, product, min, max, count, and, or",
            Self::EmptyReceive => "to take any message, write `case _ -> label`",
            Self::BoundConstant { .. } => "write `^` before it to compare with its value, or choose another name",

            Self::EmptyBody { .. } => "a function that does nothing is `NULL` and `RET`",
            Self::SourceTooLarge { .. } => "split the program into modules and `IMPORT` them",
            _ => return None,
        };
        Some(help.to_owned())
    }
}
