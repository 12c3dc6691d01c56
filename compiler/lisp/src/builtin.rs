//! The functions that become instructions in place, as a table.
//!
//! Not here: forms (`analyse/form.rs`), and functions written in Lisp (`prelude.lisp`).

use Code::{Compare, Display, Error, Fold, Format, Gather, Map, Plain, Print};

/// A function of the language that needs no call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Builtin {
    pub name: &'static str,
    /// The fewest arguments it takes.
    pub arguments_min: usize,
    /// The most; none if there is no end.
    pub arguments_max: Option<usize>,
    pub code: Code,
    pub gives: Gives,
}

/// How it becomes instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// The arguments in order, then these.
    Plain(&'static [&'static str]),
    /// An operator between each two; what it gives of no argument, and what it does to a single one.
    Fold { operator: &'static [&'static str], nothing: &'static str, single: &'static [&'static str] },
    /// A comparison of each two neighbours.
    Compare(&'static [&'static str]),
    /// The count of all arguments is the operand.
    Gather(&'static str),
    /// Writes all arguments.
    Display,
    /// Writes all arguments with blanks between and a newline behind.
    Print,
    /// Throws a message made of all arguments with blanks between.
    Error,
    /// A map of keys and values in turn.
    Map,
    /// The first argument, and a list of the others.
    Format,
}

/// What is on the stack afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gives {
    Value,
    /// Int 1 or 0: made a bool where it is used as a value.
    Flag,
    Bool,
    /// Nothing: the value is null.
    Nothing,
}

impl Builtin {
    /// How many arguments it takes when it is used as a value.
    pub(crate) fn value_arity(&self) -> usize {
        match self.code {
            Code::Plain(_) => self.arguments_min,
            Code::Display | Code::Print | Code::Error | Code::Gather(_) | Code::Format => 1,
            Code::Fold { .. } | Code::Compare(_) | Code::Map => 2,
        }
    }

    /// The row of the function with this name.
    pub(crate) fn of_name(name: &str) -> Option<&'static Self> {
        BUILTINS.iter().find(|builtin| builtin.name == name)
    }
}

/// What the form `assert` does to a bool.
pub(crate) static ASSERT: Builtin = Builtin {
    name: "assert",
    arguments_min: 1,
    arguments_max: Some(1),
    code: Plain(&["ASSERT"]),
    gives: Gives::Nothing,
};

macro_rules! define_builtins {
    ($( $name:literal $min:literal .. $max:expr, $code:expr, $gives:ident; )*) => {
        pub(crate) static BUILTINS: &[Builtin] = &[ $(
            Builtin { name: $name, arguments_min: $min, arguments_max: $max, code: $code, gives: Gives::$gives },
        )* ];
    };
}

const fn fold(operator: &'static [&'static str], nothing: &'static str) -> Code {
    Code::Fold { operator, nothing, single: &[] }
}

define_builtins! {
    // Numbers.
    "+" 0..None, fold(&["ADD"], "PUSH_INT 0"), Value;
    "*" 0..None, fold(&["MUL"], "PUSH_INT 1"), Value;
    "-" 1..None, Fold { operator: &["SUB"], nothing: "PUSH_INT 0", single: &["NEG"] }, Value;
    "/" 1..None, Fold { operator: &["DIV"], nothing: "PUSH_INT 1", single: &["PUSH_FLOAT 1.0", "SWAP", "DIV"] }, Value;
    "min" 1..None, fold(&["MIN"], "NULL"), Value;
    "max" 1..None, fold(&["MAX"], "NULL"), Value;
    "quotient" 2..Some(2), Plain(&["DIV", "TO_INT"]), Value;
    "remainder" 2..Some(2), Plain(&["REM"]), Value;
    "modulo" 2..Some(2), Plain(&["MOD"]), Value;
    "abs" 1..Some(1), Plain(&["ABS"]), Value;
    "expt" 2..Some(2), Plain(&["POW"]), Value;
    "sqrt" 1..Some(1), Plain(&["SQRT"]), Value;
    "square" 1..Some(1), Plain(&["DUP", "MUL"]), Value;
    "floor" 1..Some(1), Plain(&["FLOOR"]), Value;
    "ceiling" 1..Some(1), Plain(&["CEIL"]), Value;
    "round" 1..Some(1), Plain(&["ROUND"]), Value;
    "truncate" 1..Some(1), Plain(&["TO_INT"]), Value;
    "exact" 1..Some(1), Plain(&["TO_INT"]), Value;
    "inexact" 1..Some(1), Plain(&["TO_FLOAT"]), Value;
    "bitwise-and" 2..None, fold(&["BIT_AND"], "NULL"), Value;
    "bitwise-or" 2..None, fold(&["BIT_OR"], "NULL"), Value;
    "bitwise-xor" 2..None, fold(&["BIT_XOR"], "NULL"), Value;
    "shift-left" 2..Some(2), Plain(&["SHL"]), Value;
    "shift-right" 2..Some(2), Plain(&["SHR"]), Value;
    "random" 0..Some(0), Plain(&["RANDOM"]), Value;
    "random-seed" 1..Some(1), Plain(&["RANDOM_SEED"]), Nothing;
    // Comparisons and kinds of values.
    "=" 1..None, Compare(&["EQ_NUM"]), Flag;
    "<" 1..None, Compare(&["LT"]), Flag;
    ">" 1..None, Compare(&["GT"]), Flag;
    "<=" 1..None, Compare(&["LE"]), Flag;
    ">=" 1..None, Compare(&["GE"]), Flag;
    "equal?" 1..None, Compare(&["EQ"]), Flag;
    "eq?" 2..Some(2), Plain(&["EQ"]), Flag;
    "eqv?" 2..Some(2), Plain(&["EQ"]), Flag;
    "compare" 2..Some(2), Plain(&["CMP"]), Value;
    "zero?" 1..Some(1), Plain(&["PUSH_INT 0", "EQ_NUM"]), Flag;
    "positive?" 1..Some(1), Plain(&["PUSH_INT 0", "GT"]), Flag;
    "negative?" 1..Some(1), Plain(&["PUSH_INT 0", "LT"]), Flag;
    "even?" 1..Some(1), Plain(&["PUSH_INT 2", "MOD", "PUSH_INT 0", "EQ_NUM"]), Flag;
    "odd?" 1..Some(1), Plain(&["PUSH_INT 2", "MOD", "PUSH_INT 0", "EQ_NUM", "NOT"]), Bool;
    "null?" 1..Some(1), Plain(&["MAKE_LIST 0", "EQ"]), Flag;
    "nil?" 1..Some(1), Plain(&["NULL", "EQ"]), Flag;
    "type-of" 1..Some(1), Plain(&["TYPE_OF"]), Value;
    "number?" 1..Some(1), Plain(&["TYPE_OF", "DUP", "PUSH_STR \"int\"", "EQ", "SWAP", "PUSH_STR \"float\"", "EQ", "OR"]), Bool;
    "integer?" 1..Some(1), Plain(&["TYPE_OF", "PUSH_STR \"int\"", "EQ"]), Flag;
    "float?" 1..Some(1), Plain(&["TYPE_OF", "PUSH_STR \"float\"", "EQ"]), Flag;
    "boolean?" 1..Some(1), Plain(&["TYPE_OF", "PUSH_STR \"bool\"", "EQ"]), Flag;
    "string?" 1..Some(1), Plain(&["TYPE_OF", "PUSH_STR \"str\"", "EQ"]), Flag;
    "list?" 1..Some(1), Plain(&["TYPE_OF", "PUSH_STR \"list\"", "EQ"]), Flag;
    "object?" 1..Some(1), Plain(&["TYPE_OF", "PUSH_STR \"object\"", "EQ"]), Flag;
    "map?" 1..Some(1), Plain(&["TYPE_OF", "PUSH_STR \"map\"", "EQ"]), Flag;
    "procedure?" 1..Some(1), Plain(&["TYPE_OF", "PUSH_STR \"function\"", "EQ"]), Flag;
    // Lists.
    "list" 0..None, Gather("MAKE_LIST"), Value;
    "cons" 2..Some(2), Plain(&["SWAP", "MAKE_LIST 1", "SWAP", "LIST_CONCAT"]), Value;
    "car" 1..Some(1), Plain(&["PUSH_INT 0", "INDEX"]), Value;
    "cdr" 1..Some(1), Plain(&["DUP", "LEN", "PUSH_INT 1", "SWAP", "SLICE"]), Value;
    "cadr" 1..Some(1), Plain(&["PUSH_INT 1", "INDEX"]), Value;
    "caddr" 1..Some(1), Plain(&["PUSH_INT 2", "INDEX"]), Value;
    "cddr" 1..Some(1), Plain(&["DUP", "LEN", "PUSH_INT 2", "SWAP", "SLICE"]), Value;
    "last" 1..Some(1), Plain(&["DUP", "LEN", "PUSH_INT 1", "SUB", "INDEX"]), Value;
    "length" 1..Some(1), Plain(&["LEN"]), Value;
    "append" 0..None, fold(&["LIST_CONCAT"], "MAKE_LIST 0"), Value;
    "list-push" 2..Some(2), Plain(&["APPEND"]), Value;
    "list-ref" 2..Some(2), Plain(&["INDEX"]), Value;
    "list-set" 3..Some(3), Plain(&["SET_INDEX"]), Value;
    "list-tail" 2..Some(2), Plain(&["OVER", "LEN", "SLICE"]), Value;
    "list-head" 2..Some(2), Plain(&["PUSH_INT 0", "SWAP", "SLICE"]), Value;
    "sublist" 3..Some(3), Plain(&["SLICE"]), Value;
    "reverse" 1..Some(1), Plain(&["REVERSE"]), Value;
    "sort" 1..Some(1), Plain(&["SORT"]), Value;
    "range" 2..Some(2), Plain(&["RANGE"]), Value;
    "iota" 1..Some(1), Plain(&["PUSH_INT 0", "SWAP", "RANGE"]), Value;
    "member?" 2..Some(2), Plain(&["SWAP", "CONTAINS"]), Flag;
    // Strings.
    "string-append" 0..None, fold(&["CONCAT"], "PUSH_STR \"\""), Value;
    "string-length" 1..Some(1), Plain(&["STR_LEN"]), Value;
    "string-ref" 2..Some(2), Plain(&["INDEX"]), Value;
    "substring" 3..Some(3), Plain(&["OVER", "SUB", "SUBSTR"]), Value;
    "string-upcase" 1..Some(1), Plain(&["UPPER"]), Value;
    "string-downcase" 1..Some(1), Plain(&["LOWER"]), Value;
    "string-trim" 1..Some(1), Plain(&["TRIM"]), Value;
    "string-split" 2..Some(2), Plain(&["SPLIT"]), Value;
    "string-join" 2..Some(2), Plain(&["JOIN"]), Value;
    "string-replace" 3..Some(3), Plain(&["REPLACE"]), Value;
    "string-contains?" 2..Some(2), Plain(&["CONTAINS"]), Flag;
    "%string-find" 2..Some(2), Plain(&["FIND"]), Value;
    "string-format" 1..None, Format, Value;
    "string->list" 1..Some(1), Plain(&["CHARS"]), Value;
    "list->string" 1..Some(1), Plain(&["PUSH_STR \"\"", "JOIN"]), Value;
    "string=?" 2..Some(2), Plain(&["EQ"]), Flag;
    "string<?" 2..Some(2), Plain(&["CMP", "PUSH_INT 0", "LT"]), Flag;
    "string>?" 2..Some(2), Plain(&["CMP", "PUSH_INT 0", "GT"]), Flag;
    "number->string" 1..Some(1), Plain(&["TO_STR"]), Value;
    "to-string" 1..Some(1), Plain(&["TO_STR"]), Value;
    // Objects and maps; what takes the name of a field is a form.
    "keys" 1..Some(1), Plain(&["KEYS"]), Value;
    "make-map" 0..None, Map, Value;
    "map-put" 3..Some(3), Plain(&["MAP_PUT"]), Value;
    "map-get" 2..Some(2), Plain(&["MAP_GET"]), Value;
    "map-has?" 2..Some(2), Plain(&["MAP_HAS"]), Flag;
    "map-remove" 2..Some(2), Plain(&["MAP_REMOVE"]), Value;
    "map-keys" 1..Some(1), Plain(&["MAP_KEYS"]), Value;
    "map-size" 1..Some(1), Plain(&["MAP_SIZE"]), Value;
    // Errors.
    "error" 1..None, Error, Nothing;
    "throw" 1..Some(1), Plain(&["THROW"]), Nothing;
    "raise" 1..Some(1), Plain(&["THROW"]), Nothing;
    "error-message" 1..Some(1), Plain(&["ERROR_MESSAGE"]), Value;
    "error-kind" 1..Some(1), Plain(&["ERROR_KIND"]), Value;
    "error-trace" 1..Some(1), Plain(&["ERROR_TRACE"]), Value;
    "assert-equal" 2..Some(2), Plain(&["ASSERT_EQ"]), Nothing;
    // The world.
    "display" 0..None, Display, Nothing;
    "print" 0..None, Print, Nothing;
    "newline" 0..Some(0), Plain(&["PUSH_STR \"\\n\"", "WRITE"]), Nothing;
    "print-error" 1..Some(1), Plain(&["PRINT_ERR"]), Nothing;
    "read-line" 0..Some(0), Plain(&["READ_LINE"]), Value;
    "read-input" 0..Some(0), Plain(&["READ_INPUT"]), Value;
    "command-line" 0..Some(0), Plain(&["GET_ARGS"]), Value;
    "get-environment" 1..Some(1), Plain(&["GET_ENV"]), Value;
    "read-file" 1..Some(1), Plain(&["READ_FILE"]), Value;
    "write-file" 2..Some(2), Plain(&["SWAP", "WRITE_FILE"]), Nothing;
    "append-file" 2..Some(2), Plain(&["SWAP", "APPEND_FILE"]), Nothing;
    "file-exists?" 1..Some(1), Plain(&["FILE_EXISTS"]), Bool;
    "delete-file" 1..Some(1), Plain(&["DELETE_FILE"]), Nothing;
    "json-parse" 1..Some(1), Plain(&["JSON_PARSE"]), Value;
    "json-stringify" 1..Some(1), Plain(&["JSON_STRINGIFY"]), Value;
    "current-time" 0..Some(0), Plain(&["GET_TIME"]), Value;
    "monotonic-time" 0..Some(0), Plain(&["MONOTONIC_TIME"]), Value;
    "sleep" 1..Some(1), Plain(&["SLEEP"]), Nothing;
    "exit" 1..Some(1), Plain(&["EXIT"]), Nothing;
}
