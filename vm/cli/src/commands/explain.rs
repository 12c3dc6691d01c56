//! `ttvm explain`: what a code means that stands in a message.
//!
//! The pages of the reference say it; they are part of the command, so that the words are the same and need no network.

use ttvm_diagnostics::nearest;

use crate::{arguments::ExplainArguments, failure::Failure, show};

/// A heading of the assembler's page, `## A0101: an unknown mnemonic`, and what stands below it.
const SECTIONS: &str = include_str!("../../../../docs/reference/diagnostics.md");

/// Rows of the Lisp's page, `| L0101 | meaning | example |`.
const LISP_ROWS: &str = include_str!("../../../../docs/reference/lisp.md");

/// Rows of the verifier's page, `| V1 | what a module promises |`.
const VERIFIER_ROWS: &str = include_str!("../../../../docs/internals/verifier.md");

/// Points of the command's page, `- **C0001**, warning: text`.
const POINTS: &str = include_str!("../../../../docs/reference/command-line.md");

/// What is known of a code.
struct Explanation {
    code: &'static str,
    /// The meaning in a few words.
    title: String,
    /// All there is to say, the title included.
    text: String,
}

impl Explanation {
    /// The line of the list of all codes.
    fn line(&self) -> String {
        let title = self.title.split("; ").next().unwrap_or_default();
        format!("{}  {title}\n", self.code)
    }
}

/// Explains a code, or lists all.
///
/// # Errors
/// [`Failure::Usage`], if there is no such code; [`Failure::Write`].
pub fn explain(arguments: &ExplainArguments) -> Result<i32, Failure> {
    let known: Vec<Explanation> = sections().chain(rows()).chain(points()).collect();
    let text = match &arguments.code {
        None => known.iter().map(Explanation::line).collect(),
        Some(code) => text_of(&code.to_uppercase(), &known)?,
    };
    show::print(text.as_bytes())?;
    Ok(0)
}

fn text_of(wanted: &str, known: &[Explanation]) -> Result<String, Failure> {
    if let Some(known) = known.iter().find(|known| known.code == wanted) {
        return Ok(known.text.clone());
    }
    let message = match nearest(wanted, known.iter().map(|known| known.code)) {
        Some(near) => format!("no message has the code `{wanted}`; did you mean `{near}`?"),
        None => format!("no message has the code `{wanted}`"),
    };
    Err(Failure::Usage { message, help: Some("`ttvm explain` lists all codes".to_owned()) })
}

fn sections() -> impl Iterator<Item = Explanation> {
    SECTIONS.split("\n## ").skip(1).filter_map(|section| {
        let (heading, _) = section.split_once('\n')?;
        let (code, title) = heading.split_once(": ")?;
        Some(Explanation { code, title: title.to_owned(), text: format!("{}\n", section.trim_end()) })
    })
}

fn rows() -> impl Iterator<Item = Explanation> {
    let rows = |page: &'static str, letter: char| {
        page.lines().filter_map(move |line| {
            let row = line.strip_prefix("| ")?.strip_suffix('|')?.trim_end();
            let (code, rest) = row.split_once(" | ").filter(|(code, _)| is_code(code, letter))?;
            let (title, example) = rest.split_once(" |").unwrap_or((rest, ""));
            let example = if example.is_empty() { String::new() } else { format!("\n\nExample:{example}") };
            Some(Explanation { code, title: title.to_owned(), text: format!("{code}: {title}{example}\n") })
        })
    };
    rows(LISP_ROWS, 'L').chain(rows(VERIFIER_ROWS, 'V'))
}

fn is_code(word: &str, letter: char) -> bool {
    word.strip_prefix(letter).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn points() -> impl Iterator<Item = Explanation> {
    POINTS.split("\n- **").skip(1).filter_map(|point| {
        let (code, rest) = point.split_once("**, ").filter(|(code, _)| is_code(code, 'C'))?;
        let (severity, text) = rest.split("\n\n").next()?.split_once(": ")?;
        let text = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        let title = text.split_once(". ").map_or(text.as_str(), |(title, _)| title).to_owned();
        Some(Explanation { code, title, text: format!("{code}, {severity}: {text}\n") })
    })
}
