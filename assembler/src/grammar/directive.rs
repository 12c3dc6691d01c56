//! What follows each directive.

use nom::{Parser as _, multi::many0, sequence::preceded};

use super::{
    Failure, Parsed, Statement, blame_mnemonic,
    computation::{self, Head},
    end, fail, one_word, operand,
    supervisor::{Settings, settings},
    word::{Word, blanks, word},
};
use crate::{limits::Limits, problem::Problem};

/// A directive as written.
#[derive(Clone, Debug)]
pub(crate) enum Directive<'a> {
    Function { name: Word<'a>, parameters: Vec<Word<'a>> },
    Test { title: Word<'a> },
    End,
    Constant { name: Word<'a>, value: Word<'a> },
    Export { name: Word<'a> },
    Import { path: Word<'a>, prefix: Word<'a> },
    Source { name: Word<'a> },
    Line { number: Word<'a> },
    Receive,
    Supervisor(Settings<'a>),
    Computation(Head<'a>),
}

const IMPORT_FORM: &str = "a path, `as` and a prefix";
const LINE_FORM: &str = "a line number";
const DIGITS_MAX: usize = Limits::REAL.integer_digits_max;

/// Reads what follows the directive `first`.
pub(super) fn directive<'a>(first: &'a str, input: &'a str) -> Parsed<'a, Statement<'a>> {
    let known = match first {
        ".fn" => (one_word(".fn", "a name and parameters"), many0(preceded(blanks, word)))
            .map(|(name, parameters)| Directive::Function { name, parameters })
            .parse(input),
        ".test" => operand(".test", "a title").map(|title| Directive::Test { title }).parse(input),
        ".receive" => end(".receive", || "nothing, its cases follow on lines of their own".to_owned(), input)
            .map(|(rest, ())| (rest, Directive::Receive)),
        ".supervisor" => block(settings(first, input, DIGITS_MAX, "the name of the supervisor"), Directive::Supervisor),
        ".computation" => block(computation::head(first, input, DIGITS_MAX), Directive::Computation),
        ".end" => end(".end", || "nothing".to_owned(), input).map(|(rest, ())| (rest, Directive::End)),
        ".const" => {
            (one_word(".const", "a name and a value"), preceded(blanks, operand(".const", "a name and a value")))
                .map(|(name, value)| Directive::Constant { name, value })
                .parse(input)
        }
        ".export" => operand(".export", "the name of a `.fn`").map(|name| Directive::Export { name }).parse(input),
        ".import" => import(input),
        ".source" => operand(".source", "a file name").map(|name| Directive::Source { name }).parse(input),
        ".line" => one_word(".line", LINE_FORM)
            .parse(input)
            .and_then(|(rest, number)| Ok((nothing_more(".line", LINE_FORM, rest)?, Directive::Line { number }))),
        _ => return fail(first, Problem::UnknownDirective { word: first.to_owned(), nearest: None }),
    };
    let (rest, directive) = known.map_err(|error| error.map(|failure| blame_mnemonic(failure, first)))?;
    let (rest, ()) = blanks(rest)?;
    Ok((rest, Statement::Directive(first, directive)))
}

/// The directives, for proposals.
pub(crate) const DIRECTIVES: &[&str] = &[
    ".fn",
    ".test",
    ".end",
    ".const",
    ".export",
    ".import",
    ".source",
    ".line",
    ".receive",
    ".supervisor",
    ".computation",
];

/// Checks that only a comment follows, and skips the blanks before it.
fn nothing_more<'a>(
    taker: &'static str,
    expected: &'static str,
    input: &'a str,
) -> Result<&'a str, nom::Err<Failure<'a>>> {
    let (rest, ()) = blanks(input)?;
    end(taker, || expected.to_owned(), rest)?;
    Ok(rest)
}

fn import(input: &str) -> Parsed<'_, Directive<'_>> {
    let (rest, path) = one_word(".import", IMPORT_FORM).parse(input)?;
    let (rest, ()) = blanks(rest)?;
    let (after_as, middle) = one_word(".import", IMPORT_FORM).parse(rest)?;
    if middle.raw == "as" {
        let (rest, prefix) = preceded(blanks, one_word(".import", IMPORT_FORM)).parse(after_as)?;
        return Ok((nothing_more(".import", IMPORT_FORM, rest)?, Directive::Import { path, prefix }));
    }
    let found = middle.raw.to_owned();
    fail(middle.raw, Problem::WrongOperand { word: ".import", expected: IMPORT_FORM, found })
}

/// The first line of a block, which has been read as the lines of blocks are.
fn block<'a, T>(
    read: Result<(T, &'a str), Failure<'a>>,
    directive: impl FnOnce(T) -> Directive<'a>,
) -> Parsed<'a, Directive<'a>> {
    match read {
        Ok((read, rest)) => Ok((rest, directive(read))),
        Err(failure) => Err(nom::Err::Failure(failure)),
    }
}
