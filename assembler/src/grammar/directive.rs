//! What follows each directive.

use nom::{Parser as _, multi::many0, sequence::preceded};
use ttvm_isa::reserved;

use super::{
    Failure, Parsed, Statement, blame_mnemonic, end, fail, one_word, operand,
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
}

const IMPORT_FORM: &str = "a path, `as` and a prefix";
const LINE_FORM: &str = "a line number";

/// Reads what follows the directive `first`.
pub(super) fn directive<'a>(first: &'a str, input: &'a str) -> Parsed<'a, Statement<'a>> {
    let known = match first {
        ".fn" => (one_word(".fn", "a name and parameters"), many0(preceded(blanks, word)))
            .map(|(name, parameters)| Directive::Function { name, parameters })
            .parse(input),
        ".test" => operand(".test", "a title").map(|title| Directive::Test { title }).parse(input),
        ".receive" => end(".receive", || "nothing, its cases follow on lines of their own".to_owned(), input)
            .map(|(rest, ())| (rest, Directive::Receive)),
        ".supervisor" => supervisor(first, input),
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
        _ => {
            if let Some(word) = reserved::RESERVED_DIRECTIVES.iter().copied().find(|reserved| *reserved == first) {
                return fail(first, Problem::NotYetRunnable { word });
            }
            return fail(first, Problem::UnknownDirective { word: first.to_owned(), nearest: None });
        }
    };
    let (rest, directive) = known.map_err(|error| error.map(|failure| blame_mnemonic(failure, first)))?;
    let (rest, ()) = blanks(rest)?;
    Ok((rest, Statement::Directive(first, directive)))
}

/// The directives, for proposals.
pub(crate) const DIRECTIVES: &[&str] =
    &[".fn", ".test", ".end", ".const", ".export", ".import", ".source", ".line", ".receive", ".supervisor"];

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

/// The line is read again from its directive on, as blocks are read.
fn supervisor<'a>(first: &'a str, input: &'a str) -> Parsed<'a, Directive<'a>> {
    match settings(first, input, Limits::REAL.integer_digits_max, "the name of the supervisor") {
        Ok((settings, rest)) => Ok((rest, Directive::Supervisor(settings))),
        Err(failure) => Err(nom::Err::Failure(failure)),
    }
}
