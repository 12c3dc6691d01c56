//! Case files: what their headers say, and whether a run is as they say.
//!
//! The header is the comment lines at the top of the file:
//! ```text
//! ; shows: what the case is about            (needed)
//! ; rules: L3 L2.1                            rules of the reference that it tests
//! ; args: words for GET_ARGS
//! ; stdin: "quoted, with escapes"
//! ; exit: 1                                   the exit code, 0 without this line
//! ; message: what went wrong                  of an uncaught exception or a refused program
//! ; stderr-has: a part of what stderr shows   any number of these
//! ; strict: yes                               what is merely suspicious is an error
//! ; seeds: no                                 what it prints depends on the order of processes
//! ; machine: no                               the machine differs, as documented, from the reference interpreter
//! ; reference: no                             the reference interpreter would never come to its end
//! ; time: virtual                             it would take too long, or say something else, in real time
//! ; stdout:                                   nothing without this line
//! ;| a line
//! ;_ a last line without line end
//! ```

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    escape::unquote,
    program::{LoadError, Program, assemble},
    tier::{Ending, Observed},
};

/// A program and what must come of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The path from the root of all cases, with `/`; it is the program's source name.
    pub name: String,
    shows: String,
    rules: Option<String>,
    arguments: Option<String>,
    input: Option<String>,
    exit_code: i64,
    message: Option<String>,
    stderr_has: Vec<String>,
    is_strict: bool,
    any_order: bool,
    real_time: bool,
    in_machine: bool,
    in_reference: bool,
    stdout: String,
    /// The header's lines as they stand, up to the expected output.
    text: String,
}

/// Why a file is no case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// A header line is none of the known ones, or its value is wrong.
    #[error("line {line}: {problem}")]
    BadHeader {
        /// The 1-based number of the line.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// The line `; shows:` is missing.
    #[error("no line says `; shows: ...`")]
    NoPurpose,
}

impl Case {
    /// Reads the header of a case file.
    ///
    /// # Errors
    /// Every kind of [`CaseError`].
    pub fn parse(name: &str, text: &str) -> Result<Self, CaseError> {
        let mut case = Self {
            name: name.to_owned(),
            shows: String::new(),
            rules: None,
            arguments: None,
            input: None,
            exit_code: 0,
            message: None,
            stderr_has: Vec::new(),
            is_strict: false,
            any_order: true,
            real_time: true,
            in_machine: true,
            in_reference: true,
            stdout: String::new(),
            text: text.to_owned(),
        };
        for (index, line) in text.lines().enumerate() {
            let Some(header) = line.strip_prefix(';') else { break };
            case.read_header(header).map_err(|problem| CaseError::BadHeader { line: index + 1, problem })?;
        }
        if case.shows.is_empty() { Err(CaseError::NoPurpose) } else { Ok(case) }
    }

    fn read_header(&mut self, header: &str) -> Result<(), String> {
        if let Some(line) = header.strip_prefix('|') {
            self.stdout += line.strip_prefix(' ').unwrap_or(line);
            self.stdout.push('\n');
            return Ok(());
        }
        if let Some(line) = header.strip_prefix('_') {
            self.stdout += line.strip_prefix(' ').unwrap_or(line);
            return Ok(());
        }
        let Some((key, value)) = header.split_once(':') else { return Err(format!("`;{header}` is no header")) };
        let value = value.trim();
        match key.trim() {
            "shows" => value.clone_into(&mut self.shows),
            "rules" => self.rules = Some(value.to_owned()),
            "args" => self.arguments = Some(value.to_owned()),
            "stdin" => {
                unquote(value).ok_or("stdin must be quoted")?;
                self.input = Some(value.to_owned());
            }
            "exit" => self.exit_code = value.parse().map_err(|_| format!("`{value}` is no exit code"))?,
            "message" => self.message = Some(value.to_owned()),
            "stderr-has" => self.stderr_has.push(value.to_owned()),
            "strict" if value == "yes" => self.is_strict = true,
            "seeds" if value == "no" => self.any_order = false,
            "time" if value == "virtual" => self.real_time = false,
            "machine" if value == "no" => self.in_machine = false,
            "reference" if value == "no" => self.in_reference = false,
            "stdout" => {}
            other => return Err(format!("`{other}` is no header")),
        }
        Ok(())
    }

    /// The program of the case.
    ///
    /// # Errors
    /// [`LoadError::NotAssembled`].
    pub fn program(&self, root: &Path) -> Result<Program, LoadError> {
        Ok(Program {
            module: assemble(&self.name, self.text.as_bytes())?,
            arguments: self.arguments.iter().flat_map(|words| words.split_whitespace()).map(str::to_owned).collect(),
            input: self.input.as_deref().and_then(unquote).unwrap_or_default(),
            is_strict: self.is_strict,
            root: Some(root.to_owned()),
        })
    }

    /// Whether the program has processes, so that only the machine can run it.
    #[must_use]
    pub fn has_processes(&self) -> bool {
        // What processors exchange needs processors, and so do shards.
        ["processes/", "supersteps/", "std/bsp.", "std/tick."].iter().any(|folder| self.name.starts_with(folder))
    }

    /// Whether the reference interpreter comes to its end, or to something that it does not know.
    #[must_use]
    pub fn in_reference(&self) -> bool {
        self.in_reference
    }

    /// Whether the machine runs it as the reference interpreter does. It looks for modules elsewhere.
    #[must_use]
    pub fn in_machine(&self) -> bool {
        let is_import = |line: &str| line.starts_with("IMPORT ") || line.starts_with(".import ");
        self.in_machine && !self.text.lines().map(str::trim_start).any(is_import)
    }

    /// Whether the program prints the same in whatever order processes run.
    #[must_use]
    pub fn any_order(&self) -> bool {
        self.any_order
    }

    /// Whether the program prints the same, and soon, in real time.
    #[must_use]
    pub fn real_time(&self) -> bool {
        self.real_time
    }

    /// What the program must write to stdout.
    #[must_use]
    pub fn expected_stdout(&self) -> &str {
        &self.stdout
    }

    /// Everything in which a run is not as the case says.
    #[must_use]
    pub fn differences(&self, observed: &Observed) -> Vec<String> {
        let mut differences = Vec::new();
        if observed.stdout != self.stdout {
            differences.push(first_difference(&self.stdout, &observed.stdout));
        }
        if observed.ending.exit_code() != self.exit_code {
            differences.push(format!("exit code {}, not {}", observed.ending.exit_code(), self.exit_code));
        }
        if observed.ending.message() != self.message.as_deref() {
            differences.push(format!("it ended with {:?}, not {:?}", observed.ending.message(), self.message));
        }
        for part in &self.stderr_has {
            if !observed.stderr.contains(part) {
                differences.push(format!("stderr lacks {part:?}: {:?}", observed.stderr));
            }
        }
        differences
    }

    /// The file's text with the header saying what was observed.
    #[must_use]
    pub fn blessed(&self, observed: &Observed) -> String {
        let mut header = vec![format!("; shows: {}", self.shows)];
        let optional = |key: &str, value: &Option<String>| value.as_ref().map(|value| format!("; {key}: {value}"));
        header.extend(optional("rules", &self.rules));
        header.extend(optional("args", &self.arguments));
        header.extend(optional("stdin", &self.input));
        if observed.ending != Ending::Normal {
            header.push(format!("; exit: {}", observed.ending.exit_code()));
        }
        header.extend(optional("message", &observed.ending.message().map(str::to_owned)));
        header.extend(self.stderr_has.iter().map(|part| format!("; stderr-has: {part}")));
        let switches = [
            (self.is_strict, "strict: yes"),
            (!self.any_order, "seeds: no"),
            (!self.real_time, "time: virtual"),
            (!self.in_machine, "machine: no"),
            (!self.in_reference, "reference: no"),
        ];
        header.extend(switches.iter().filter(|(is_on, _)| *is_on).map(|(_, text)| format!("; {text}")));
        if !observed.stdout.is_empty() {
            header.push("; stdout:".to_owned());
            let lines = observed.stdout.split_inclusive('\n');
            header.extend(lines.map(|line| match line.strip_suffix('\n') {
                Some("") => ";|".to_owned(),
                Some(line) => format!(";| {line}"),
                None => format!(";_ {line}"),
            }));
        }
        let body: Vec<&str> = self.text.lines().skip_while(|line| line.starts_with(';')).collect();
        format!("{}\n{}\n", header.join("\n"), body.join("\n"))
    }
}

fn first_difference(expected: &str, found: &str) -> String {
    let line = expected.lines().zip(found.lines()).take_while(|(expected, found)| expected == found).count();
    let show = |text: &str| text.lines().nth(line).map_or("nothing".to_owned(), |line| format!("`{line}`"));
    format!("line {} of stdout is {}, not {}", line + 1, show(found), show(expected))
}

/// All case files below a folder, in the order of their names; folders named `modules` hold what cases import.
///
/// # Errors
/// What the system says when it cannot read a folder.
pub fn find_cases(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "modules") {
            found.extend(find_cases(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "ttvm") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "; shows: a thing\n; args: a b\n; stdin: \"x\\n\"\n; exit: 1\n; message: bad\n; stdout:\n;| one\n;|\n;_ two\n    PRINT\n";

    fn observed(stdout: &str) -> Observed {
        let ending =
            Ending::Uncaught { message: "bad".to_owned(), kind: String::new(), instruction: 0, trace: Vec::new() };
        Observed { stdout: stdout.to_owned(), stderr: String::new(), ending, reductions: 0 }
    }

    #[test]
    fn a_run_as_the_header_says_has_no_differences() {
        let case = Case::parse("a.ttvm", TEXT).expect("the header is right");
        assert_eq!(case.differences(&observed("one\n\ntwo")), Vec::<String>::new());
        assert_eq!(case.differences(&observed("one\n\nthree")), ["line 3 of stdout is `three`, not `two`"]);
    }

    #[test]
    fn blessing_a_run_as_the_header_says_changes_nothing() {
        let case = Case::parse("a.ttvm", TEXT).expect("the header is right");
        assert_eq!(case.blessed(&observed("one\n\ntwo")), TEXT);
    }

    #[test]
    fn a_header_that_is_not_known_is_an_error() {
        let error = Case::parse("a.ttvm", "; shows: x\n; exits: 1\n").expect_err("`exits` is no header");
        assert_eq!(error.to_string(), "line 2: `exits` is no header");
        assert_eq!(Case::parse("a.ttvm", "PRINT\n").expect_err("no purpose"), CaseError::NoPurpose);
    }
}
