//! Rules and tests belong together: every rule in force is cited by a test, every citation names a rule.
//!
//! Here: the rules of `docs/reference/{language,processes,supersteps}.md`, what `docs/reference/README.md` says of
//! them, and the citations in test sources and case files. Also: `docs/reference/instructions.md` is what the
//! instruction table says. Not here: whether a test that cites a rule really shows it; that is for readers.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The pages that define rules.
const PAGES: [&str; 3] = ["language.md", "processes.md", "supersteps.md"];

/// Directories that hold no sources of ours.
const FOREIGN: [&str; 3] = ["target", ".git", "corpus"];

/// `L3.12`, `P41` or `S7`: the page's letter, the section (0 for P and S), the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RuleId {
    letter: char,
    section: u32,
    number: u32,
}

impl std::fmt::Display for RuleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.section == 0 {
            write!(f, "{}{}", self.letter, self.number)
        } else {
            write!(f, "{}{}.{}", self.letter, self.section, self.number)
        }
    }
}

impl RuleId {
    /// Reads a whole word. The two halves of a table row, `P13a` and `P13b`, are one rule here.
    fn parse(word: &str) -> Option<Self> {
        let letter = word.chars().next().filter(|letter| "LPS".contains(*letter))?;
        let rest = &word[1..];
        let number = |digits: &str| {
            let is_plain = !digits.is_empty() && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
            if is_plain { digits.parse().ok() } else { None }
        };
        if letter == 'L' {
            let (section, rest) = rest.split_once('.')?;
            return Some(Self { letter, section: number(section)?, number: number(rest)? });
        }
        let rest = if letter == 'P' { rest.strip_suffix(['a', 'b']).unwrap_or(rest) } else { rest };
        Some(Self { letter, section: 0, number: number(rest)? })
    }
}

/// A rule or a range of rules, as texts cite them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Citation {
    first: RuleId,
    last: RuleId,
}

impl Citation {
    /// Finds the citations in a line of text: words such as `L3.12`, `P13b` and `L4.2-L4.4`.
    fn all_in(text: &str) -> Vec<Self> {
        let is_part = |character: char| character.is_alphanumeric() || ".-_".contains(character);
        let words = text.split(|character| !is_part(character));
        words.filter_map(|word| Self::parse(word.trim_end_matches(['.', '-']))).collect()
    }

    fn parse(word: &str) -> Option<Self> {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let (first, last) = (RuleId::parse(first)?, RuleId::parse(last)?);
        let is_range = (first.letter, first.section) == (last.letter, last.section) && first.number <= last.number;
        is_range.then_some(Self { first, last })
    }

    fn covers(&self, rule: RuleId) -> bool {
        (self.first..=self.last).contains(&rule)
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests crate lies in the repository").to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rules that the pages define: `**L1.1**` at the beginning of a list item or table row.
fn defined_rules() -> BTreeSet<RuleId> {
    let mut rules = BTreeSet::new();
    for page in PAGES {
        for line in read(&root().join("docs/reference").join(page)).lines() {
            let Some(item) = line.strip_prefix("- **").or_else(|| line.strip_prefix("| **")) else { continue };
            let Some(rule) = item.split_once("**").and_then(|(word, _)| RuleId::parse(word)) else { continue };
            assert!(rules.insert(rule), "{page} defines {rule} twice");
        }
    }
    rules
}

/// The rules on a line of `docs/reference/README.md`.
fn listed(title: &str) -> Vec<Citation> {
    let page = read(&root().join("docs/reference/README.md"));
    let line = page.lines().find_map(|line| line.strip_prefix(title));
    let line = line.unwrap_or_else(|| panic!("docs/reference/README.md has no line `{title}`"));
    let words = line.split([' ', ',']).filter(|word| !word.is_empty());
    words.map(|word| Citation::parse(word).unwrap_or_else(|| panic!("`{word}` after `{title}` is no rule"))).collect()
}

/// All files below a directory with one of these endings.
fn files_below(directory: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    for entry in entries {
        let path = entry.expect("a directory can be read to its end").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.is_dir() {
            if !FOREIGN.contains(&name.as_str()) {
                files_below(&path, endings, found);
            }
        } else if path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)) {
            found.push(path);
        }
    }
}

/// The lines of a file that may cite rules: the `; rules:` headers of programs, and the comments of Rust tests.
fn citing_lines(path: &Path) -> Vec<String> {
    let text = read(path);
    if path.extension().is_some_and(|ending| ending != "rs") {
        return text.lines().filter_map(|line| line.strip_prefix("; rules:")).map(str::to_owned).collect();
    }
    let inside = path.strip_prefix(root()).unwrap_or(path);
    let is_test = |name: &str| name == "tests" || name == "tests.rs" || name.ends_with("_tests.rs");
    let is_test_file = inside.iter().skip(1).any(|name| name.to_str().is_some_and(is_test));
    let tests = if is_test_file { 0 } else { text.find("#[cfg(test)]").unwrap_or(text.len()) };
    let comments = text[tests..].lines().filter_map(|line| line.trim_start().strip_prefix("//"));
    comments.map(str::to_owned).collect()
}

/// Every citation with the file it stands in.
fn citations() -> Vec<(Citation, String)> {
    let mut files = Vec::new();
    files_below(&root(), &["rs", "ttvm", "lisp"], &mut files);
    let mut citations = Vec::new();
    for path in files {
        // This file speaks of rules without testing them.
        if path.ends_with("tests/tests/rules.rs") {
            continue;
        }
        let place = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        for line in citing_lines(&path) {
            citations.extend(Citation::all_in(&line).into_iter().map(|citation| (citation, place.clone())));
        }
    }
    citations
}

/// Which rules are cited where; panics if a citation names no rule.
fn cited_rules(defined: &BTreeSet<RuleId>) -> BTreeMap<RuleId, BTreeSet<String>> {
    let mut cited: BTreeMap<RuleId, BTreeSet<String>> = BTreeMap::new();
    let mut unknown = Vec::new();
    for (citation, place) in citations() {
        for end in [citation.first, citation.last] {
            if !defined.contains(&end) {
                unknown.push(format!("{place} cites {end}, which no page defines"));
            }
        }
        for rule in defined.iter().filter(|rule| citation.covers(**rule)) {
            cited.entry(*rule).or_default().insert(place.clone());
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
    cited
}

#[test]
fn every_rule_in_force_is_cited_by_a_test_and_no_other_rule_is() {
    let defined = defined_rules();
    let cited = cited_rules(&defined);
    let (not_yet, untested) = (listed("Not yet in force:"), listed("Without a test so far:"));
    let is_in = |list: &[Citation], rule: RuleId| list.iter().any(|citation| citation.covers(rule));
    let mut problems = Vec::new();
    for rule in &defined {
        let places = cited.get(rule);
        let where_cited = places.map(|places| places.iter().cloned().collect::<Vec<_>>().join(", "));
        match (is_in(&not_yet, *rule), is_in(&untested, *rule), where_cited) {
            (true, true, _) => problems.push(format!("{rule} is both not yet in force and without a test")),
            (true, false, Some(places)) => problems.push(format!("{rule} is not yet in force, but cited: {places}")),
            (false, true, Some(places)) => {
                problems.push(format!("{rule} has a test now, take it off the list of those without: {places}"));
            }
            (false, false, None) => problems.push(format!("{rule} is in force, but no test cites it")),
            (true, false, None) | (false, true, None) | (false, false, Some(_)) => {}
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_lists_of_the_reference_name_rules_that_exist() {
    let defined = defined_rules();
    for citation in listed("Not yet in force:").into_iter().chain(listed("Without a test so far:")) {
        for end in [citation.first, citation.last] {
            assert!(defined.contains(&end), "{end} is listed, but no page defines it");
        }
    }
}

#[test]
fn the_numbers_of_each_section_of_the_language_have_no_gap() {
    let mut last: BTreeMap<u32, u32> = BTreeMap::new();
    for rule in defined_rules().iter().filter(|rule| rule.letter == 'L') {
        let expected = last.get(&rule.section).map_or(1, |number| number + 1);
        assert_eq!(rule.number, expected, "a number is missing before {rule}");
        last.insert(rule.section, rule.number);
    }
}

#[test]
fn citations_are_found_as_words_and_ranges() {
    let found =
        |text: &str| Citation::all_in(text).iter().map(|c| format!("{}-{}", c.first, c.last)).collect::<Vec<_>>();
    assert_eq!(found("Rules: L3.12, P13b and S7."), ["L3.12-L3.12", "P13-P13", "S7-S7"]);
    assert_eq!(found("L4.2-L4.4 L1.10"), ["L4.2-L4.4", "L1.10-L1.10"]);
    // Neither words that only look similar nor ranges that run backward.
    assert!(found("UTF8 L3 L3.x PUSH_INT P4x SHL L4.4-L4.2 L1.1-P3").is_empty());
}

#[test]
fn the_page_of_instructions_is_what_the_table_says() {
    let path = root().join("docs/reference/instructions.md");
    let expected = ttvm_isa::reference::reference_page();
    if std::env::var_os("TTVM_BLESS").is_some() {
        fs::write(&path, &expected).expect("the page can be written");
    }
    assert!(read(&path) == expected, "the instruction table has changed: run this test with TTVM_BLESS=1");
}
