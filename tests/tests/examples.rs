//! Runs every program of `examples/` in every way there is: text and bytecode on the machine that others embed,
//! and all tiers of the case files; programs with several processes, which those do not know, on the machine with
//! several numbers of schedulers and in several orders.
//!
//! The programs say in their headers what they print: `; shows:`, `; args:` and `; stdin:` as case files do,
//! `; prints:` for what those call `stdout`. A line `; host:` names what the program needs that the reference
//! interpreter does not have: commands, or `processes`. `TTVM_BLESS=1` rewrites what they print; `TTVM_CASE` picks some.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use ttvm_assembler::{assemble, format};
use ttvm_bytecode::write;
use ttvm_machine::{Ending, Input, LoadMode, Loader, Machine, MachineConfiguration, Output};
use ttvm_tests::{Case, Observed, Program, side_by_side, tiers};

/// Far more than any example needs.
const STEPS_MAX: u64 = 200_000_000;

/// The checkout; paths in examples start there, so the tests run there.
fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the checkout is there");
    env::set_current_dir(&root).expect("the checkout can be entered");
    root
}

/// The names of all examples, such as `examples/hello.ttvm`.
fn examples() -> Vec<String> {
    let entries = fs::read_dir(root().join("examples")).expect("the folder of the examples can be read");
    let names = entries.map(|entry| entry.expect("the entry can be read").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".ttvm") || name.ends_with(".lisp")).collect();
    names.sort();
    names.into_iter().map(|name| format!("examples/{name}")).collect()
}

fn chosen() -> Vec<String> {
    let part = env::var("TTVM_CASE").unwrap_or_default();
    examples().into_iter().filter(|name| name.contains(&part)).collect()
}

/// The header lines at the top of a text.
fn header(text: &str) -> String {
    text.lines().take_while(|line| line.starts_with(';')).map(|line| format!("{line}\n")).collect()
}

/// An example's assembly under the header of a case file: `; host:` stands in the place of the rules.
fn as_case(name: &str, text: &str) -> Result<Case, String> {
    let header = header(text);
    let mut code = text[header.len()..].to_owned();
    if name.ends_with(".lisp") {
        code = ttvm_lisp::compile(name, &code).map_err(|errors| errors[0].to_string())?;
    }
    let header = header.replace("\n; prints:\n", "\n; stdout:\n").replace("\n; host: ", "\n; rules: ");
    Case::parse(name, &(header + &code)).map_err(|error| error.to_string())
}

/// Whether only the machine can run it, for it starts processes.
fn has_processes(text: &str) -> bool {
    header(text).contains("\n; host: processes\n")
}

/// Writes what the engine prints into the example's header.
fn bless(name: &str, text: &str, case: &Case, program: &Program) -> String {
    let observed = if has_processes(text) {
        let loaded = Loader::default().load_file(Path::new(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (_, stdout) = run_on_the_machine(loaded, Loader::default(), program, FIRST_IN_FIRST_OUT);
        Observed { stdout, stderr: String::new(), ending: ttvm_tests::Ending::Normal, reductions: 0 }
    } else {
        let engine = tiers(STEPS_MAX).into_iter().find(|tier| tier.name() == "engine").expect("the engine is a tier");
        engine.run(program)
    };
    let blessed = header(&case.blessed(&observed));
    let blessed = blessed.replace("\n; stdout:\n", "\n; prints:\n").replace("\n; rules: ", "\n; host: ");
    let new = blessed + &text[header(text).len()..];
    if new != text {
        fs::write(name, &new).expect("the example can be written");
    }
    new
}

fn problems(name: &str) -> Vec<String> {
    try_problems(name).unwrap_or_else(|problem| vec![format!("{name}: {problem}")])
}

fn try_problems(name: &str) -> Result<Vec<String>, String> {
    let text = fs::read_to_string(name).expect("an example is UTF-8 text");
    let mut case = as_case(name, &text)?;
    // Lines of the program count from the top of its file, which blessing may change.
    let mut program = case.program(&root()).map_err(|error| error.to_string())?;
    if env::var("TTVM_BLESS").is_ok_and(|value| value == "1") {
        // Twice: traces name lines, which a longer header moves.
        let once = bless(name, &text, &case, &program);
        case = as_case(name, &once)?;
        program = case.program(&root()).map_err(|error| error.to_string())?;
        let twice = bless(name, &once, &case, &program);
        case = as_case(name, &twice)?;
    }
    let needs_host = header(&text).contains("\n; host: ");
    let mut problems = Vec::new();
    let tiers = if has_processes(&text) { Vec::new() } else { tiers(STEPS_MAX) };
    for tier in tiers {
        if needs_host && tier.name().starts_with("reference") {
            continue;
        }
        let differences = case.differences(&tier.run(&program));
        problems.extend(differences.into_iter().map(|text| format!("{name}: {}: {text}", tier.name())));
    }
    let orders: &[Order] = if has_processes(&text) { &ORDERS } else { &[FIRST_IN_FIRST_OUT] };
    let found = problems_on_the_machine(name, &case, &program, orders);
    problems.extend(found.into_iter().map(|text| format!("{name}: {text}")));
    Ok(problems)
}

/// Schedulers and seed, which decide in what order processes run.
type Order = (usize, u64);

const FIRST_IN_FIRST_OUT: Order = (1, 0);

const ORDERS: [Order; 7] = [FIRST_IN_FIRST_OUT, (1, 1), (1, 2), (1, 3), (2, 0), (4, 0), (8, 0)];

/// How the program ends on the machine, and what it prints.
fn run_on_the_machine(
    loaded: ttvm_machine::Program,
    loader: Loader,
    program: &Program,
    (schedulers, seed): Order,
) -> (Ending, String) {
    let output = Output::captured();
    let configuration = MachineConfiguration {
        arguments: program.arguments.clone(),
        input: Input::Bytes(program.input.clone().into_bytes()),
        output: output.clone(),
        schedulers,
        seed,
        virtual_time: schedulers == 1,
        loader,
        ..Default::default()
    };
    let run = Machine::new(loaded, configuration).run();
    (run.ending, output.text())
}

/// The program through the crate that others embed, from its text and from bytecode in another folder.
fn problems_on_the_machine(name: &str, case: &Case, program: &Program, orders: &[Order]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    copy_modules(&folder.path().join("modules"));
    let compiled = folder.path().join("program.ttb");
    fs::write(&compiled, write(&program.module).expect("an example is a module")).expect("it can be written");
    let mut ways =
        vec![("bytecode", LoadMode::Ordinary, compiled.clone()), ("bytecode, exact", LoadMode::Exact, compiled)];
    if name.ends_with(".ttvm") {
        ways.push(("text", LoadMode::Ordinary, PathBuf::from(name)));
        ways.push(("text, exact", LoadMode::Exact, PathBuf::from(name)));
    }
    let mut problems = Vec::new();
    for (way, mode, file) in ways {
        let mut loader = Loader::new(mode);
        let loaded = match loader.load_file(&file) {
            Ok(loaded) => loaded,
            Err(error) => {
                problems.push(format!("{way}: {error}"));
                continue;
            }
        };
        for &order in orders {
            let (ending, stdout) = run_on_the_machine(loaded.clone(), loader.clone(), program, order);
            if !matches!(ending, Ending::Normal) {
                problems.push(format!("{way}, {order:?}: {ending:?}"));
            }
            if stdout != case.expected_stdout() {
                problems.push(format!("{way}, {order:?}: it prints {stdout:?}"));
            }
        }
    }
    problems
}

fn copy_modules(target: &Path) {
    fs::create_dir(target).expect("the folder is new");
    for entry in fs::read_dir("examples/modules").expect("the folder of the modules can be read") {
        let entry = entry.expect("the entry can be read");
        fs::copy(entry.path(), target.join(entry.file_name())).expect("a module can be copied");
    }
}

#[test]
fn every_example_prints_what_its_header_says_in_every_way() {
    // Those that write files write to different ones.
    let problems = side_by_side(&chosen(), |name| problems(name));
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn every_example_is_listed_with_what_it_shows() {
    let page = fs::read_to_string(root().join("examples/README.md")).expect("the page is there");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| [")).collect();
    let expected: Vec<String> = examples()
        .iter()
        .map(|name| {
            let text = fs::read_to_string(name).expect("an example is UTF-8 text");
            let shows = text.lines().next().and_then(|line| line.strip_prefix("; shows: ")).unwrap_or("nothing");
            let file = name.trim_start_matches("examples/");
            format!("| [{file}]({file}) | {shows} |")
        })
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn examples_and_the_library_are_in_canonical_form() {
    let mut texts: Vec<(String, String)> = examples()
        .into_iter()
        // Classic programs are shown as people wrote them.
        .filter(|name| name.ends_with(".ttvm") && name != "examples/classic.ttvm")
        .map(|name| (fs::read_to_string(root().join(&name)).expect("an example is UTF-8 text"), name))
        .map(|(text, name)| (name, text))
        .collect();
    let library = ttvm_machine::LIBRARY.iter();
    texts.extend(library.map(|module| (module.path.to_owned(), module.text.to_owned())));
    for (name, text) in texts {
        let formatted = format(text.as_bytes()).expect("the text can be read");
        assert_eq!(formatted, text, "{name}");
    }
}

#[test]
fn examples_and_the_library_give_no_warnings() {
    for name in examples().iter().filter(|name| name.ends_with(".ttvm")) {
        let text = fs::read(root().join(name)).expect("an example can be read");
        assert_eq!(assemble(name, &text).diagnostics, [], "{name}");
    }
    for module in ttvm_machine::LIBRARY {
        assert_eq!(assemble(module.path, module.text.as_bytes()).diagnostics, [], "{}", module.path);
    }
}

#[test]
fn the_tests_inside_the_examples_pass() {
    root();
    let mut loader = Loader::default();
    let program = loader.load_file(Path::new("examples/unit_tests.ttvm")).expect("the example loads");
    assert_eq!(program.tests().len(), 4, "{:?}", program.tests());
    for (number, title) in program.tests() {
        let configuration = MachineConfiguration { loader: loader.clone(), ..Default::default() };
        let run = Machine::for_test(program.clone(), number, configuration).run();
        assert!(matches!(run.ending, Ending::Normal), "{title}: {run:?}");
    }
}
