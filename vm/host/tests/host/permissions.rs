//! What is permitted: each operation that reaches outside, permitted and refused, and the ways around that there are not.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use ttvm_host::World;
use ttvm_isa::{HostOperation, HostOperation::*, Permissions, Reach, Rights};
use ttvm_value::Value;

use crate::asking::{ask, list, shown, text, world_permitting};

/// A directory with `inside/known` and `outside/secret`.
fn scene() -> TempDir {
    let scene = TempDir::new().unwrap();
    for (directory, file) in [("inside", "known"), ("outside", "secret")] {
        fs::create_dir(scene.path().join(directory)).unwrap();
        fs::write(scene.path().join(directory).join(file), file).unwrap();
    }
    scene
}

/// A path of the scene, as a program writes it.
fn at(scene: &TempDir, path: &str) -> String {
    scene.path().join(path).to_str().unwrap().to_owned()
}

/// A world that may read and write within `inside`, and nothing else.
fn world_inside(scene: &TempDir) -> World {
    let inside = || Reach::Only(vec![scene.path().join("inside")]);
    world_permitting(Permissions { read: inside(), write: inside(), ..Permissions::none() }, b"")
}

/// Asks about a path of the scene, which stands as `DIR` in the answer.
fn about(scene: &TempDir, world: &World, operation: HostOperation, path: &str) -> String {
    let arguments = arguments(operation, text(at(scene, path)));
    shown(&world.perform(operation, arguments)).replace(scene.path().to_str().unwrap(), "DIR")
}

/// What an operation on a file takes.
fn arguments(operation: HostOperation, path: Value) -> Vec<Value> {
    match operation {
        WriteFile | AppendFile => vec![text("new"), path],
        WriteBytes => vec![list([Value::Int(1)]), path],
        _ => vec![path],
    }
}

/// How long threads may take to meet in all ways.
const PATIENCE: Duration = Duration::from_secs(60);

const READING: [HostOperation; 5] = [ReadFile, ReadBytes, FileExists, FileSize, ListDir];
const WRITING: [HostOperation; 4] = [WriteFile, AppendFile, WriteBytes, DeleteFile];

/// Operations that open nothing: on values, on what is open, on what every program has.
const HARMLESS: [HostOperation; 26] = [
    ReadLine,
    ReadChar,
    ReadInput,
    GetArgs,
    GetTime,
    Sleep,
    FormatTime,
    MonotonicTime,
    JsonParse,
    JsonStringify,
    CsvParse,
    CsvWrite,
    Compress,
    Decompress,
    Hash,
    Encrypt,
    Decrypt,
    DbQuery,
    DbExec,
    SocketInfo,
    TcpAccept,
    TcpSend,
    TcpRecv,
    TcpClose,
    UdpSend,
    UdpRecv,
];

/// The error of an operation on a file outside.
fn refused(operation: HostOperation, path: &str) -> String {
    let (doing, option) = if WRITING.contains(&operation) { ("writing", "write") } else { ("reading", "read") };
    let mnemonic = operation.mnemonic();
    format!("permission: {mnemonic}: {doing} {path} is not permitted; --allow-{option}={path} would permit it")
}

#[test]
fn files_in_a_permitted_directory_are_read_written_and_deleted() {
    let scene = scene();
    let world = world_inside(&scene);
    let about = |operation, path| about(&scene, &world, operation, path);
    assert_eq!(about(ReadFile, "inside/known"), "Str(\"known\")");
    assert_eq!(about(ReadBytes, "inside/known"), "Bytes(5)");
    assert_eq!(about(FileSize, "inside/known"), "Int(5)");
    assert_eq!(about(FileExists, "inside/known"), "Bool(true)");
    assert_eq!(about(FileExists, "inside/missing"), "Bool(false)");
    assert_eq!(about(FileExists, "inside/no/such/path"), "Bool(false)");
    assert_eq!(about(ListDir, "inside"), "List([Str(\"known\")])");
    assert_eq!(about(WriteFile, "inside/made"), "Null");
    assert_eq!(about(AppendFile, "inside/made"), "Null");
    assert_eq!(about(ReadFile, "inside/made"), "Str(\"newnew\")");
    assert_eq!(about(WriteBytes, "inside/made"), "Null");
    assert_eq!(about(FileSize, "inside/made"), "Int(1)");
    assert_eq!(about(DeleteFile, "inside/made"), "Null");
    let missing = "file: File operation failed on DIR/inside/made: ";
    assert!(about(ReadFile, "inside/made").starts_with(missing));
    assert!(about(DeleteFile, "inside/made").starts_with(missing));
    assert!(about(WriteFile, "inside/no/made").starts_with("file: File operation failed on DIR/inside/no/made: "));
}

// Rules: L3.91
#[test]
fn files_elsewhere_are_refused_to_every_operation_whether_they_are_there_or_not() {
    let scene = scene();
    let world = world_inside(&scene);
    for operation in READING.into_iter().chain(WRITING) {
        for path in ["outside/secret", "outside/missing", "missing/too", "outside", ""] {
            let found = about(&scene, &world, operation, path);
            assert_eq!(found, refused(operation, &format!("DIR/{path}")));
        }
    }
    assert_eq!(fs::read_to_string(at(&scene, "outside/secret")).unwrap(), "secret");
    assert!(!scene.path().join("outside/missing").exists());
}

// Rules: L3.91
#[test]
fn to_read_is_not_to_write() {
    let scene = scene();
    let inside = Reach::Only(vec![scene.path().join("inside")]);
    let read = world_permitting(Permissions { read: inside.clone(), ..Permissions::none() }, b"");
    let write = world_permitting(Permissions { write: inside, ..Permissions::none() }, b"");
    assert_eq!(about(&scene, &read, ReadFile, "inside/known"), "Str(\"known\")");
    assert_eq!(about(&scene, &read, WriteFile, "inside/known"), refused(WriteFile, "DIR/inside/known"));
    assert_eq!(about(&scene, &write, ReadFile, "inside/known"), refused(ReadFile, "DIR/inside/known"));
    assert_eq!(about(&scene, &write, AppendFile, "inside/known"), "Null");
}

// Rules: L3.91
#[test]
fn dots_links_and_proc_lead_nowhere_else() {
    let scene = scene();
    let world = world_inside(&scene);
    symlink(scene.path().join("outside"), scene.path().join("inside/link")).unwrap();
    symlink(scene.path().join("outside/secret"), scene.path().join("inside/file_link")).unwrap();
    symlink("../outside/made", scene.path().join("inside/dangling")).unwrap();
    symlink("/", scene.path().join("inside/root")).unwrap();
    let secret = scene.path().join("outside/secret");
    let through_root = format!("inside/root/{}", secret.strip_prefix("/").unwrap().display());
    let through_proc = format!("inside/root/proc/self/root/{}", secret.strip_prefix("/").unwrap().display());
    let ways = ["inside/../outside/secret", "inside/link/secret", "inside/file_link", &through_root, &through_proc];
    for operation in READING.into_iter().chain([WriteFile, AppendFile, WriteBytes]) {
        for way in ways {
            let shown = format!("DIR/{way}").replace(scene.path().to_str().unwrap(), "DIR");
            assert_eq!(about(&scene, &world, operation, way), refused(operation, &shown));
        }
        let absolute = format!("/proc/self/root{}", secret.display());
        let answer = shown(&world.perform(operation, arguments(operation, text(&absolute))));
        assert_eq!(answer, refused(operation, &absolute));
    }
    // What does not exist is not made through a link that leads outside.
    let answer = about(&scene, &world, WriteFile, "inside/dangling");
    assert!(answer.starts_with("file: File operation failed on DIR/inside/dangling: "), "{answer}");
    assert!(!scene.path().join("outside/made").exists());
    // A way out and in again is fine, and a link is itself deleted.
    assert_eq!(about(&scene, &world, ReadFile, "inside/../inside/known"), "Str(\"known\")");
    assert_eq!(about(&scene, &world, DeleteFile, "inside/file_link"), "Null");
    assert_eq!(about(&scene, &world, DeleteFile, "inside/link/secret"), refused(DeleteFile, "DIR/inside/link/secret"));
    assert!(secret.exists());
}

// Rules: L3.91
#[test]
fn open_files_of_the_machine_are_not_reached_through_proc() {
    let scene = scene();
    let secret = fs::File::open(scene.path().join("outside/secret")).unwrap();
    let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&secret));
    let world = world_inside(&scene);
    assert_eq!(ask(&world, ReadFile, [text(&path)]), refused(ReadFile, &path));
}

/// Says that something is over when it is dropped.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

// Rules: L3.91
#[test]
fn whoever_changes_links_while_files_are_opened_wins_nothing() {
    let scene = scene();
    let world = world_inside(&scene);
    let (place, real) = (scene.path().join("inside/place"), scene.path().join("inside/real"));
    fs::create_dir(&real).unwrap();
    for directory in [&real, &scene.path().join("outside")] {
        fs::write(directory.join("file"), directory.file_name().unwrap().as_encoded_bytes()).unwrap();
    }
    let is_over = AtomicBool::new(false);
    let outside = scene.path().join("outside");
    let turn = |to: &Path| {
        let _ = fs::remove_file(&place);
        symlink(to, &place).unwrap();
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                turn(&real);
                turn(&outside);
            }
        });
        // Also if an assertion fails: the other thread would turn for ever.
        let _over = Over(&is_over);
        let (mut rounds, mut found, mut refused) = (0, 0, 0);
        let begin = Instant::now();
        // Until both have happened often, however the threads take turns.
        while rounds < 1_000 || found < 50 || refused < 50 {
            rounds += 1;
            assert!(begin.elapsed() < PATIENCE, "{rounds} rounds, {found} found, {refused} refused");
            let answer = about(&scene, &world, ReadFile, "inside/place/file");
            assert!(!answer.contains("outside\""), "{answer}");
            found += usize::from(answer.contains("real\""));
            refused += usize::from(answer.starts_with("permission"));
            let answer = about(&scene, &world, AppendFile, "inside/place/written");
            assert!(answer == "Null" || answer.starts_with("permission") || answer.starts_with("file"), "{answer}");
        }
    });
    assert!(!outside.join("written").exists());
}

// Rules: L3.91
#[test]
fn a_file_alone_may_be_permitted_and_a_root_reached_through_a_link() {
    let scene = scene();
    symlink(scene.path().join("inside"), scene.path().join("alias")).unwrap();
    let read = Reach::Only(vec![scene.path().join("outside/secret"), scene.path().join("alias")]);
    let world = world_permitting(Permissions { read, ..Permissions::none() }, b"");
    assert_eq!(about(&scene, &world, ReadFile, "outside/secret"), "Str(\"secret\")");
    assert_eq!(about(&scene, &world, ListDir, "outside"), refused(ListDir, "DIR/outside"));
    assert_eq!(about(&scene, &world, ReadFile, "alias/known"), "Str(\"known\")");
    assert_eq!(about(&scene, &world, ReadFile, "inside/known"), "Str(\"known\")");
    // The link leads elsewhere now; what it led to when the program began counts.
    fs::remove_file(scene.path().join("alias")).unwrap();
    fs::write(scene.path().join("outside/other"), "other").unwrap();
    symlink(scene.path().join("outside"), scene.path().join("alias")).unwrap();
    assert_eq!(about(&scene, &world, ReadFile, "alias/other"), refused(ReadFile, "DIR/alias/other"));
}

// Rules: L3.91
#[test]
fn commands_and_the_environment_need_permissions_of_their_own() {
    let nothing = world_permitting(Permissions::none(), b"");
    let run = |operation: HostOperation| {
        let world = world_permitting(Permissions { exec: true, ..Permissions::none() }, b"");
        let asked = || [text("true"), list([])];
        let refused = format!(
            "permission: {}: running commands is not permitted; --allow-exec would permit it",
            operation.mnemonic()
        );
        assert_eq!(ask(&nothing, operation, asked()), refused);
        assert!(!ask(&world, operation, asked()).starts_with("permission"));
    };
    run(Exec);
    run(ExecCapture);
    let world = world_permitting(Permissions { env: true, ..Permissions::none() }, b"");
    assert_eq!(ask(&world, SetEnv, [text("NAME"), text("value")]), "Null");
    assert_eq!(ask(&world, GetEnv, [text("NAME")]), "Str(\"value\")");
    let refused = "the environment is not permitted; --allow-env would permit it";
    assert_eq!(ask(&nothing, SetEnv, [text("NAME"), text("x")]), format!("permission: SET_ENV: {refused}"));
    assert_eq!(ask(&nothing, GetEnv, [text("PATH")]), format!("permission: GET_ENV: {refused}"));
}

// Rules: L3.91
#[test]
fn every_way_to_the_network_asks_for_the_host_and_the_port() {
    let permitting = |endpoints: &[&str]| {
        let endpoints = endpoints.iter().map(|endpoint| endpoint.parse().unwrap()).collect();
        world_permitting(Permissions { net: Reach::Only(endpoints), ..Permissions::none() }, b"")
    };
    let nothing = permitting(&[]);
    let asked = [
        (TcpConnect, vec![text("localhost"), Value::Int(1)], "localhost:1"),
        (TcpListen, vec![Value::Int(0)], "127.0.0.1:0"),
        (TcpListen, vec![Value::Int(0), text("::1")], "[::1]:0"),
        (UdpBind, vec![Value::Int(0)], "127.0.0.1:0"),
        (DnsResolve, vec![text("localhost")], "localhost"),
        (HttpGet, vec![text("http://localhost:1/x")], "localhost:1"),
        (HttpGet, vec![text("https://localhost/x")], "localhost:443"),
        (HttpPost, vec![text("http://localhost:1/x"), text("body")], "localhost:1"),
    ];
    for (operation, arguments, endpoint) in asked {
        let refused = format!(
            "permission: {}: the network at {endpoint} is not permitted; --allow-net={endpoint} would permit it",
            operation.mnemonic()
        );
        assert_eq!(shown(&nothing.perform(operation, arguments.clone())), refused);
        let elsewhere = permitting(&["localhost:2", "example.com", "127.0.0.2"]);
        // To look a name up is permitted with any of its ports.
        if operation != DnsResolve {
            assert_eq!(shown(&elsewhere.perform(operation, arguments.clone())), refused);
        }
        let answer = shown(&permitting(&[endpoint]).perform(operation, arguments));
        assert!(!answer.starts_with("permission"), "{answer}");
    }
    let world = permitting(&["127.0.0.1"]);
    let socket = world.perform(UdpBind, vec![Value::Int(0)]).unwrap();
    let send = |host: &str| {
        let arguments = vec![socket.clone(), text(host), Value::Int(9), text("data")];
        shown(&world.perform(UdpSend, arguments))
    };
    assert_eq!(send("127.0.0.1"), "Int(4)");
    let refused = "the network at 127.0.0.2:9 is not permitted; --allow-net=127.0.0.2:9 would permit it";
    assert_eq!(send("127.0.0.2"), format!("permission: UDP_SEND: {refused}"));
}

// Rules: L3.91
#[test]
fn databases_need_their_files_and_no_statement_opens_another() {
    let scene = scene();
    let world = world_inside(&scene);
    let connect = |path: &str| world.perform(DbConnect, vec![text(path)]);
    let (inside, outside) = (at(&scene, "inside/a.db"), at(&scene, "outside/b.db"));
    assert_eq!(shown(&connect(&outside)), refused(DbConnect, &outside));
    let uri = format!("file:{outside}");
    assert!(shown(&connect(&uri)).contains("is not permitted"), "{}", shown(&connect(&uri)));
    symlink(&outside, scene.path().join("inside/link.db")).unwrap();
    let answer = shown(&connect(&at(&scene, "inside/link.db")));
    assert!(answer.starts_with("host: DB_CONNECT: "), "{answer}");
    assert!(connect(":memory:").is_ok());
    let database = connect(&inside).unwrap();
    let run = |sql: &str| shown(&world.perform(DbExec, vec![database.clone(), text(sql)]));
    assert_eq!(run("create table t (x); insert into t values (1)"), "Int(1)");
    assert_eq!(run("vacuum"), "Int(0)");
    for sql in [
        format!("attach '{outside}' as other"),
        format!("attach 'file:{outside}' as other"),
        format!("attach '{outside}' || '' as other"),
        format!("vacuum into '{outside}'"),
        "pragma temp_store_directory = '/tmp'".to_owned(),
    ] {
        let answer = run(&sql);
        let is_refused = ["not authorized", "authorization denied"].iter().any(|words| answer.contains(words));
        assert!(answer.starts_with("host: DB_EXEC: ") && is_refused, "{sql}: {answer}");
    }
    assert_eq!(run("attach ':memory:' as other; create table other.t (x)"), "Int(0)");
    assert!(!Path::new(&outside).exists());
}

// Rules: P86
#[test]
fn rights_that_were_given_up_do_not_come_back_and_the_error_says_so() {
    let scene = scene();
    let world = world_inside(&scene);
    let known = at(&scene, "inside/known");
    let nothing = Rights::default().lessened(Permissions::none()).unwrap();
    let given_up = "is not permitted: this process, or one it comes from, has given it up";
    let answer = |rights: &Rights| shown(&world.perform_for(rights, ReadFile, vec![text(&known)]));
    assert_eq!(answer(&nothing), format!("permission: READ_FILE: reading {known} {given_up}"));
    assert_eq!(answer(&nothing.lessened(Permissions::all()).unwrap()), answer(&nothing));
    // More than the machine permits is not to be had.
    let more = Permissions { read: Reach::Only(vec![scene.path().to_path_buf()]), ..Permissions::all() };
    let more = Rights::default().lessened(more).unwrap();
    assert_eq!(answer(&more), "Str(\"known\")");
    let secret = at(&scene, "outside/secret");
    assert_eq!(shown(&world.perform_for(&more, ReadFile, vec![text(&secret)])), refused(ReadFile, &secret));
    // Each time less: only what all lists have is left.
    fs::create_dir(scene.path().join("inside/deep")).unwrap();
    fs::write(scene.path().join("inside/deep/file"), "deep").unwrap();
    let deep = Permissions { read: Reach::Only(vec![scene.path().join("inside/deep")]), ..Permissions::all() };
    let deep = more.lessened(deep).unwrap();
    let file = at(&scene, "inside/deep/file");
    assert_eq!(shown(&world.perform_for(&deep, ReadFile, vec![text(&file)])), "Str(\"deep\")");
    assert_eq!(answer(&deep), format!("permission: READ_FILE: reading {known} {given_up}"));
}

// Rules: L3.91
#[test]
fn a_file_that_is_not_there_yet_may_be_permitted() {
    let scene = scene();
    let made = scene.path().join("outside/made");
    let permissions = Permissions { write: Reach::Only(vec![made.clone()]), ..Permissions::none() };
    let world = world_permitting(permissions, b"");
    assert_eq!(about(&scene, &world, WriteFile, "outside/secret"), refused(WriteFile, "DIR/outside/secret"));
    assert_eq!(
        about(&scene, &world, WriteFile, "outside/made/too"),
        "file: File operation failed on DIR/outside/made/too: No such file or directory (os error 2)"
    );
    assert_eq!(about(&scene, &world, WriteFile, "outside/made"), "Null");
    assert_eq!(about(&scene, &world, AppendFile, "outside/made"), "Null");
    assert_eq!(about(&scene, &world, DeleteFile, "outside/made"), "Null");
    // Somebody else has put a link there.
    symlink(scene.path().join("outside/secret"), &made).unwrap();
    assert_eq!(about(&scene, &world, WriteFile, "outside/made"), refused(WriteFile, "DIR/outside/made"));
}

// Rules: L3.91
#[test]
fn a_path_of_nothing_permits_nothing() {
    let scene = scene();
    let empty = || Reach::Only(vec![std::path::PathBuf::new()]);
    let permissions = Permissions { read: empty(), write: empty(), ..Permissions::none() };
    let world = world_permitting(permissions.clone(), b"");
    assert_eq!(about(&scene, &world, ReadFile, "inside/known"), refused(ReadFile, "DIR/inside/known"));
    let rights = Rights::default().lessened(permissions).unwrap();
    let world = world_permitting(Permissions::all(), b"");
    let answer = world.perform_for(&rights, ReadFile, vec![text(at(&scene, "inside/known"))]);
    assert!(shown(&answer).starts_with("permission: "), "{}", shown(&answer));
    let answer = world.perform_for(&rights, ReadFile, vec![text("")]);
    assert!(shown(&answer).starts_with("permission: "), "{}", shown(&answer));
}

// Rules: L3.91
#[test]
fn in_a_sandbox_every_operation_is_harmless_or_refused() {
    let world = world_permitting(Permissions::none(), b"");
    let (name, port) = (text("localhost"), Value::Int(1));
    for operation in HostOperation::ALL {
        let arguments = match operation {
            harmless if HARMLESS.contains(harmless) => continue,
            GetEnv | DnsResolve | DbConnect => vec![name.clone()],
            SetEnv => vec![name.clone(), name.clone()],
            Exec | ExecCapture => vec![name.clone(), list([])],
            TcpConnect => vec![name.clone(), port.clone()],
            TcpListen | UdpBind => vec![port.clone()],
            HttpGet => vec![text("http://localhost/")],
            HttpPost => vec![text("http://localhost/"), name.clone()],
            file => arguments(*file, name.clone()),
        };
        let answer = shown(&world.perform(*operation, arguments));
        assert!(answer.starts_with(&format!("permission: {}: ", operation.mnemonic())), "{operation:?}: {answer}");
    }
}
