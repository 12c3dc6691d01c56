//! What the workspace depends on: from the public registry only, under licences of `deny.toml`, each with its reason.
//!
//! The same rules as `cargo deny check licenses sources`, so that they hold on machines without that tool. Advisories
//! need a database from the network: not here.

use std::{fs, path::Path};

use cargo_metadata::{Metadata, MetadataCommand, Package};
use spdx::{Expression, ParseMode};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).expect("the workspace has this file")
}

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).exec().expect("cargo describes the workspace")
}

/// Packages that are not ours.
fn foreign(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    metadata.packages.iter().filter(|package| package.source.is_some())
}

/// The strings of the list `allow` of `deny.toml`.
fn allowed_licences() -> Vec<String> {
    let text = read("deny.toml");
    let lines = text.lines().skip_while(|line| line.trim() != "allow = [").skip(1);
    let list = lines.map(str::trim).take_while(|line| *line != "]");
    list.map(|line| line.trim_end_matches(',').trim_matches('"').to_owned()).collect()
}

/// Whether an expression can be met with allowed licences alone.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    // Lax: older crates write `/` for `OR`.
    let parsed = Expression::parse_mode(expression, ParseMode::LAX);
    parsed.is_ok_and(|parsed| parsed.evaluate(|wanted| allowed.contains(&wanted.to_string())))
}

#[test]
fn every_dependency_has_a_licence_that_is_allowed() {
    let allowed = allowed_licences();
    assert!(allowed.len() > 5, "the list in deny.toml was found: {allowed:?}");
    let metadata = metadata();
    let wrong: Vec<String> = foreign(&metadata)
        .filter(|package| !package.license.as_deref().is_some_and(|licence| is_allowed(licence, &allowed)))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.license))
        .collect();
    assert!(wrong.is_empty(), "not in the list of deny.toml: {wrong:#?}");
}

#[test]
fn licences_that_are_not_in_the_list_are_found() {
    let allowed = allowed_licences();
    assert!(is_allowed("MIT OR GPL-3.0-only", &allowed));
    assert!(is_allowed("MIT/Apache-2.0", &allowed));
    assert!(!is_allowed("MIT AND GPL-3.0-only", &allowed));
    assert!(!is_allowed("no licence at all", &allowed));
}

#[test]
fn every_dependency_comes_from_the_public_registry() {
    let metadata = metadata();
    let wrong: Vec<&str> = foreign(&metadata)
        .filter(|package| !package.source.as_ref().is_some_and(cargo_metadata::Source::is_crates_io))
        .map(|package| package.name.as_str())
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn every_dependency_has_a_line_of_reason() {
    let text = read("Cargo.toml");
    let lines: Vec<&str> = text.lines().collect();
    let begin = lines.iter().position(|line| *line == "[workspace.dependencies]").expect("the table is there") + 1;
    let table = lines[begin..].iter().take_while(|line| !line.starts_with('['));
    let mut before = "";
    let mut count = 0;
    for line in table {
        let is_dependency = line.contains('=') && !line.starts_with('#') && !line.starts_with("ttvm-");
        assert!(!is_dependency || before.starts_with("# "), "no line of reason above: {line}");
        count += usize::from(is_dependency);
        before = line;
    }
    assert!(count > 20, "the table was read: {count}");
}

#[test]
fn crates_take_dependencies_from_the_workspace() {
    let metadata = metadata();
    for package in metadata.packages.iter().filter(|package| package.source.is_none()) {
        let manifest = fs::read_to_string(&package.manifest_path).expect("a member has a manifest");
        for dependency in package.dependencies.iter().filter(|dependency| dependency.path.is_none()) {
            let expected = format!("{} = {{ workspace = true", dependency.name);
            assert!(manifest.contains(&expected), "{}: {} names a version of its own", package.name, dependency.name);
        }
    }
}
