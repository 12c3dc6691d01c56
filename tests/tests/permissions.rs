//! Permissions of whole programs: what processes inherit and give up, and modules, programs and futures that read files.

use std::fs;

use tempfile::TempDir;
use ttvm_machine::{Ending, Loader, Machine, MachineConfiguration, Output, Permissions, Reach};

/// A directory with `inside/m.ttvm`, a module that exports `x`, `inside/p.ttvm`, a program, and the same in `outside`.
fn scene() -> TempDir {
    let scene = TempDir::new().expect("a directory can be made");
    for name in ["inside", "outside"] {
        let directory = scene.path().join(name);
        fs::create_dir(&directory).expect("a directory can be made");
        let files = [
            ("m.ttvm", format!("PUSH_STR \"module {name}\"\nSTORE x\nEXPORT x\n")),
            ("p.ttvm", format!("PUSH_STR \"program {name}\"\nPRINT\n")),
            ("file", format!("file {name}")),
        ];
        for (file, text) in files {
            fs::write(directory.join(file), text).expect("a file can be written");
        }
    }
    scene
}

/// What a program prints with these permissions, on one scheduler with virtual time and on two with real time. `DIR`
/// stands for the scene.
fn check(scene: &TempDir, permissions: &Permissions, text: &str, expected: &str) {
    let path = scene.path().to_str().expect("temporary directories have plain names");
    for (schedulers, virtual_time) in [(1, true), (2, false)] {
        let mut loader = Loader::default();
        let program = loader.load_bytes("a.ttvm", text.replace("DIR", path).as_bytes()).expect("the program is right");
        let output = Output::captured();
        let mut machine = Machine::new(
            program,
            MachineConfiguration {
                output: output.clone(),
                schedulers,
                virtual_time,
                loader,
                permissions: permissions.clone(),
                ..MachineConfiguration::default()
            },
        );
        let ending = machine.run().ending;
        assert!(matches!(ending, Ending::Normal), "{ending:?}");
        assert_eq!(output.text().replace(path, "DIR"), expected, "with {schedulers} schedulers");
    }
}

/// Only `inside` may be read.
fn reading_inside(scene: &TempDir) -> Permissions {
    Permissions { read: Reach::Only(vec![scene.path().join("inside")]), ..Permissions::none() }
}

/// Code that prints kind and message of the error that `code` raises, or what it leaves.
fn tried(label: &str, code: &str) -> String {
    format!(
        "TRY {label}\n{code}\nPRINT\nEND_TRY\nJMP {label}_done\n{label}:\nDUP\nERROR_KIND\nPRINT\nERROR_MESSAGE\nPRINT\n{label}_done:\n"
    )
}

// Rules: L3.91
#[test]
fn modules_and_programs_are_files_that_must_be_permitted() {
    let scene = scene();
    let text = [
        tried("a", "IMPORT \"DIR/inside/m\"\nLOAD x"),
        tried("b", "IMPORT \"DIR/outside/m.ttvm\"\nLOAD x"),
        tried("c", "IMPORT \"std/math\"\nPUSH_STR library"),
        tried("d", "PUSH_STR DIR/inside/p.ttvm\nSPAWN_MONITOR\nPOP\nPOP\nRECEIVE\nGET_FIELD reason"),
        tried("e", "PUSH_STR DIR/outside/p.ttvm\nSPAWN"),
        // What is built in is no file.
        tried("f", "PUSH_STR hello_world\nSPAWN_MONITOR\nPOP\nPOP\nRECEIVE\nGET_FIELD reason"),
    ];
    let expected = "module inside\npermission\n\
        IMPORT: reading DIR/outside/m.ttvm is not permitted; --allow-read=DIR/outside/m.ttvm would permit it\n\
        library\nprogram inside\nnormal\npermission\n\
        SPAWN: reading DIR/outside/p.ttvm is not permitted; --allow-read=DIR/outside/p.ttvm would permit it\n\
        Hello from spawned process!\nnormal\n";
    check(&scene, &reading_inside(&scene), &text.concat(), expected);
}

// Rules: L3.81 L3.91
#[test]
fn a_future_may_what_its_maker_may() {
    let scene = scene();
    let text = [
        tried("a", "PUSH_STR DIR/inside/file\nASYNC_READ\nAWAIT"),
        tried("b", "PUSH_STR DIR/outside/file\nASYNC_READ\nAWAIT"),
        tried("c", "PUSH_STR x\nPUSH_STR DIR/inside/new\nASYNC_WRITE\nAWAIT"),
    ];
    let expected = "file inside\npermission\n\
        READ_FILE: reading DIR/outside/file is not permitted; --allow-read=DIR/outside/file would permit it\n\
        permission\nWRITE_FILE: writing DIR/inside/new is not permitted; --allow-write=DIR/inside/new would permit it\n";
    check(&scene, &reading_inside(&scene), &text.concat(), expected);
}

/// Gives up all files but those inside.
const GIVE_UP: &str = "PUSH_STR permissions\nMAKE_OBJECT\nPUSH_STR DIR/inside\nMAKE_LIST 1\nSET_FIELD read\nFALSE\nSET_FIELD exec\nSET_LIMIT\n";

// Rules: P86
#[test]
fn what_a_process_has_given_up_its_children_do_not_have() {
    let scene = scene();
    let read = tried("r", "LOAD path\nREAD_FILE");
    let run = tried("x", "PUSH_STR true\nMAKE_LIST 0\nEXEC");
    let text = format!(
        "
.fn child path main
{read}
{run}
    PUSH_STR done
    LOAD main
    SEND
.end
.fn ask path
    LOAD path
    SELF
    PUSH_STR child
    SPAWN 2
    POP
    RECEIVE
    POP
.end
; A child that gives up something itself, and its own child.
.fn lessened path main
    {GIVE_UP}
    LOAD path
    CALL ask
    POP
    PUSH_STR done
    LOAD main
    SEND
.end
    PUSH_STR DIR/outside/file
    SELF
    PUSH_STR lessened
    SPAWN 2
    POP
    RECEIVE
    POP
    ; The parent has all that it had.
    PUSH_STR DIR/outside/file
    CALL ask
    POP
    {GIVE_UP}
    PUSH_STR DIR/inside/file
    CALL ask
    POP
    ; To ask for everything gives nothing back.
    PUSH_STR permissions
    MAKE_OBJECT
    TRUE
    SET_FIELD read
    TRUE
    SET_FIELD exec
    SET_LIMIT
    PUSH_STR DIR/outside/file
    CALL ask
    POP
"
    );
    let given_up = "is not permitted: this process, or one it comes from, has given it up";
    let no_commands = format!("permission\nEXEC: running commands {given_up}\n");
    let no_file = format!("permission\nREAD_FILE: reading DIR/outside/file {given_up}\n");
    let expected = format!("{no_file}{no_commands}file outside\n0\nfile inside\n{no_commands}{no_file}{no_commands}");
    check(&scene, &Permissions::all(), &text, &expected);
}

// Rules: P86
#[test]
fn what_others_have_loaded_is_not_there_for_those_who_may_not_read_it() {
    let scene = scene();
    let import = |label| tried(label, "IMPORT \"DIR/outside/m\"\nLOAD x");
    let spawn = |label| tried(label, "PUSH_STR DIR/outside/p.ttvm\nSPAWN_MONITOR\nPOP\nPOP\nRECEIVE\nGET_FIELD reason");
    let (theirs, ours) = (import("i1") + &spawn("s1"), import("i2") + &spawn("s2"));
    let text = format!(
        "
.fn child main
    {GIVE_UP}
{theirs}
    PUSH_STR done
    LOAD main
    SEND
.end
{ours}
    SELF
    PUSH_STR child
    SPAWN 1
    POP
    RECEIVE
    POP
"
    );
    let given_up = "is not permitted: this process, or one it comes from, has given it up";
    let expected = format!(
        "module outside\nprogram outside\nnormal\npermission\nIMPORT: reading DIR/outside/m {given_up}\n\
        permission\nSPAWN: reading DIR/outside/p.ttvm {given_up}\n"
    );
    check(&scene, &Permissions::all(), &text, &expected);
}

// Rules: P86
#[test]
fn rights_are_given_up_in_words_that_are_understood() {
    let scene = scene();
    let given =
        |label: &str, object: &str| tried(label, &format!("PUSH_STR permissions\n{object}\nSET_LIMIT\nPUSH_STR done"));
    let text = [
        given("a", "PUSH_INT 1"),
        given("b", "MAKE_OBJECT\nTRUE\nSET_FIELD files"),
        given("c", "MAKE_OBJECT\nPUSH_STR x\nSET_FIELD read"),
        given("d", "MAKE_OBJECT\nPUSH_INT 1\nMAKE_LIST 1\nSET_FIELD write"),
        given("e", "MAKE_OBJECT\nPUSH_STR \"a:b\"\nMAKE_LIST 1\nSET_FIELD net"),
        given("f", "MAKE_OBJECT\nPUSH_INT 1\nSET_FIELD exec"),
        given("g", "MAKE_OBJECT\nFALSE\nSET_FIELD net\nPUSH_STR \"a\"\nMAKE_LIST 1\nSET_FIELD write"),
    ];
    let wrong = |error: &str| format!("argument\nSET_LIMIT: {error}\n");
    let expected = [
        wrong("permissions are an object with read, write, net, exec and env, not Int(1)"),
        wrong("there is no permission \"files\"; there are read, write, net, exec and env"),
        wrong("the permission read is a list, true or false, not Str(\"x\")"),
        wrong("the permission write is a list of strs, but Int(1) is in it"),
        wrong("\"a:b\" is no host: a host is written as HOST, HOST:PORT or [ADDRESS]:PORT"),
        wrong("the permission exec is true or false, not Int(1)"),
        "done\n".to_owned(),
    ];
    check(&scene, &Permissions::all(), &text.concat(), &expected.concat());
}

// Rules: P86
#[test]
fn rights_may_be_given_up_32_times() {
    let text = "
    PUSH_INT 0
    STORE i
again:
    TRY failed
    PUSH_STR permissions
    MAKE_OBJECT
    LOAD i
    TO_STR
    MAKE_LIST 1
    SET_FIELD read
    SET_LIMIT
    END_TRY
    LOAD i
    PUSH_INT 1
    ADD
    STORE i
    JMP again
failed:
    ERROR_MESSAGE
    PRINT
    LOAD i
    PRINT
";
    let expected = "SET_LIMIT: rights may be lessened 32 times, which was done\n32\n";
    check(&scene(), &Permissions::all(), text, expected);
}

// Rules: P86
#[test]
fn a_supervisor_starts_nobody_with_more_than_whoever_asks_for_it_has() {
    let scene = scene();
    let (function, name) =
        (tried("f", "PUSH_STR DIR/outside/file\nREAD_FILE"), tried("n", "PUSH_STR DIR/outside/file\nREAD_FILE"));
    let text = format!(
        "
.supervisor shop strategy=one_for_one
.end
.fn child
{function}
    PUSH_STR done
    SENDNAMED main
.end
.fn named_child
{name}
    PUSH_STR done
    SENDNAMED main
.end
    REGISTER main
    START_SUPERVISOR
    START_SUPERVISOR shop
    STORE shop
    {GIVE_UP}
    MAKE_OBJECT
    PUSH_STR one
    SET_FIELD id
    MAKE_FUNCTION child
    SET_FIELD start
    PUSH_STR temporary
    SET_FIELD restart
    LOAD shop
    START_CHILD
    POP
    RECEIVE
    POP
    SUPERVISE_CHILD named_child
    .receive
      case \"done\" -> over
    .end
over:
"
    );
    let given_up = "is not permitted: this process, or one it comes from, has given it up";
    let line = format!("permission\nREAD_FILE: reading DIR/outside/file {given_up}\n");
    check(&scene, &Permissions::all(), &text, &(line.clone() + &line));
}

// Rules: L3.91
#[test]
fn checkpoints_need_their_folder() {
    let scene = scene();
    let run = |label: &str, folder: &str| {
        let options = "MAKE_OBJECT\nPUSH_INT 2\nSET_FIELD processors\nMAKE_FUNCTION work\nSET_FIELD resume\n";
        let code = format!("MAKE_FUNCTION work\n{options}PUSH_STR {folder}\nSET_FIELD checkpoint_dir\nBSP_RUN");
        tried(label, &code)
    };
    let text = format!(
        "{}{}HALT\n.fn work a b c\nBSP_ID\nRET\n.end\n",
        run("a", "DIR/inside/kept"),
        run("b", "DIR/outside/kept")
    );
    let inside = || Reach::Only(vec![scene.path().join("inside")]);
    let permissions = Permissions { read: inside(), write: inside(), ..Permissions::none() };
    let expected = "[0, 1]\nsuperstep\nBSP_RUN: superstep 0: BSP_RUN: reading DIR/outside/kept is not permitted; \
        --allow-read=DIR/outside/kept would permit it\n";
    check(&scene, &permissions, &text, expected);
    assert!(!scene.path().join("outside/kept").exists());
}
