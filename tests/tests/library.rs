//! Holds the standard library, its reference page and its case files together.

use std::{collections::BTreeMap, fs, path::Path};

use ttvm_assembler::assemble;
use ttvm_machine::{LIBRARY, LibraryModule, Loader, Machine, MachineConfiguration, Output};

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

#[test]
fn functions_of_lists_take_time_in_proportion_to_the_list() {
    // With a quadratic function this would take minutes, not a fraction of a second.
    let text = r#"
.import "std/list" as list
.import "std/string" as string
.fn double x
    LOAD x
    LOAD x
    ADD
    RET
.end
.fn parity x
    LOAD x
    PUSH_INT 4
    MOD
    RET
.end
    PUSH_INT 0
    PUSH_INT 100000
    RANGE
    MAKE_FUNCTION double
    CALL list.map/2
    STORE long
    LOAD long
    CALL list.unique/1
    CALL list.sum/1
    PRINT
    LOAD long
    LOAD long
    MAKE_LIST 2
    CALL list.flatten/1
    LEN
    PRINT
    LOAD long
    MAKE_FUNCTION parity
    CALL list.group_by/2
    PUSH_INT 2
    MAP_GET
    LEN
    PRINT
    LOAD long
    MAKE_FUNCTION parity
    CALL list.sort_by/2
    CALL list.last/1
    PRINT
    PUSH_STR "word "
    PUSH_INT 20000
    CALL string.repeat/2
    CALL string.words/1
    LEN
    PRINT
"#;
    let program = Loader::default().load_bytes("long.ttvm", text.as_bytes()).expect("the program is right");
    let output = Output::captured();
    Machine::new(program, MachineConfiguration { output: output.clone(), ..Default::default() }).run();
    assert_eq!(output.text(), "9999900000\n200000\n50000\n199998\n20000\n");
}

// Rules: L3.73
#[test]
fn a_module_is_looked_up_beside_the_importing_file_then_in_the_library() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let main = folder.path().join("main.ttvm");
    let text = ".import \"std/math\" as math\nPUSH_INT 6\nPUSH_INT 4\nCALL math.gcd/2\nPRINT\n";
    fs::write(&main, text).expect("the program can be written");
    let printed = || {
        let mut loader = Loader::default();
        let program = loader.load_file(&main).expect("the program is right");
        let output = Output::captured();
        Machine::new(program, MachineConfiguration { output: output.clone(), loader, ..Default::default() }).run();
        output.text()
    };
    assert_eq!(printed(), "2\n");
    fs::create_dir(folder.path().join("std")).expect("the folder is new");
    let own = ".export gcd\n.fn gcd a b\n    PUSH_STR \"my own\"\n    RET\n.end\n";
    fs::write(folder.path().join("std/math.ttvm"), own).expect("the module can be written");
    assert_eq!(printed(), "my own\n");
}

// Rules: L3.73
#[test]
fn compiled_modules_of_one_source_name_each_find_what_lies_beside_them() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for name in ["one", "two"] {
        let directory = folder.path().join(name);
        fs::create_dir(&directory).expect("the folder is new");
        let beside = format!("PUSH_STR \"{name}\"\nSTORE v\nEXPORT v\n");
        fs::write(directory.join("beside.ttvm"), beside).expect("the module can be written");
        let text = ".export f\n.fn f\n    IMPORT beside\n    LOAD v\n    RET\n.end\n";
        let module = ttvm_assembler::assemble("lib.ttvm", text.as_bytes()).module;
        let bytes = ttvm_bytecode::write(&module).expect("what assembles can be written");
        fs::write(directory.join("lib.ttb"), bytes).expect("the module can be written");
    }
    let text = ".import \"one/lib\" as one\n.import \"two/lib\" as two\nCALL one.f/0\nPRINT\nCALL two.f/0\nPRINT\n";
    let main = folder.path().join("main.ttvm");
    fs::write(&main, text).expect("the program can be written");
    let mut loader = Loader::default();
    let program = loader.load_file(&main).expect("the program is right");
    let output = Output::captured();
    Machine::new(program, MachineConfiguration { output: output.clone(), loader, ..Default::default() }).run();
    assert_eq!(output.text(), "one\ntwo\n");
}
