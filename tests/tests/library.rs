//! Holds the standard library, its reference page and its case files together.

use std::{collections::BTreeMap, fs, path::Path};

use ttvm_assembler::assemble;
use ttvm_machine::{LIBRARY, LibraryModule};

/// The exported functions of a module: name and parameters, as their `.fn` lines say.
fn exported(module: &LibraryModule) -> BTreeMap<String, String> {
    let assembled = assemble(module.path, module.text.as_bytes()).module;
    let functions = assembled.bodies.iter().filter(|body| assembled.exports.contains(&body.name));
    functions
        .map(|body| {
            let words: Vec<&str> =
                std::iter::once(&*body.name).chain(body.parameters.iter().map(|name| &**name)).collect();
            (body.name.to_string(), words.join(" "))
        })
        .collect()
}

/// The signatures that the page lists for each module, in the order of the page.
fn documented() -> BTreeMap<String, Vec<String>> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/library.md");
    let text = fs::read_to_string(page).expect("the page is there");
    let mut modules: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut module = String::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            title.clone_into(&mut module);
        }
        if let Some(signature) = line.strip_prefix("| `").and_then(|rest| rest.split('`').next()) {
            modules.entry(module.clone()).or_default().push(signature.to_owned());
        }
    }
    modules
}

#[test]
fn the_page_lists_every_function_with_its_parameters_and_no_other() {
    let mut documented = documented();
    for module in LIBRARY {
        let mut on_page = documented.remove(module.path).unwrap_or_default();
        on_page.sort();
        let mut in_module: Vec<String> = exported(module).into_values().collect();
        in_module.sort();
        assert_eq!(on_page, in_module, "{}", module.path);
    }
    assert_eq!(documented, BTreeMap::new(), "modules that do not exist");
}

#[test]
fn every_export_is_a_function_with_a_comment_above_it() {
    for module in LIBRARY {
        let lines: Vec<&str> = module.text.lines().collect();
        for (name, signature) in exported(module) {
            let line = lines.iter().position(|line| *line == format!(".fn {signature}"));
            let above = line.and_then(|line| line.checked_sub(1)).and_then(|line| lines.get(line));
            assert!(above.is_some_and(|line| line.starts_with("; ")), "{}: {name} says nothing", module.path);
        }
    }
}

#[test]
fn every_function_is_used_in_the_case_file_of_its_module() {
    for module in LIBRARY {
        let short = module.path.trim_start_matches("std/");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("cases/std/{short}.ttvm"));
        let text = fs::read_to_string(&file).expect("each module has a case file");
        for name in exported(module).keys() {
            let is_used = text.lines().filter_map(|line| line.split(';').next()).map(str::trim).any(|line| {
                line.starts_with(&format!("CALL {short}.{name}/")) || line == format!("LOAD {short}.{name}")
            });
            assert!(is_used, "{}: {name} is not used in {}", module.path, file.display());
        }
    }
}
