//! A mistake in the machine that panics on one of its threads for jobs: whoever waits gets an error, others go on, and
//! the machine still notices when nothing can happen any more.

use std::{
    path::Path,
    sync::{Arc, mpsc::channel},
    thread,
    time::Duration,
};

use ttvm_assembler::assemble;
use ttvm_engine::{Answer, Crash, LoadedModule, Observes, Process, Stream};
use ttvm_isa::{Fault, HostOperation, Rights, Text};
use ttvm_machine::{LoadMode, Loader};
use ttvm_platform::{clock::Clock, sync::Mutex};
use ttvm_runtime::{Host, Maxima, Reply, Runtime, RuntimeConfiguration};
use ttvm_tests::failing;
use ttvm_value::{Pid, Resource, Value};

/// A world in which nothing but `DELETE_FILE` and `PRINT` works.
#[derive(Default)]
struct BrokenWorld {
    printed: Mutex<String>,
}

impl Host for BrokenWorld {
    fn write(&self, _stream: Stream, text: &str) {
        self.printed.lock().push_str(text);
    }

    fn is_quick(&self, _operation: HostOperation, _arguments: &[Value]) -> bool {
        false
    }

    fn perform(&self, _rights: &Rights, operation: HostOperation, arguments: Vec<Value>) -> Answer {
        assert!(operation == HostOperation::DeleteFile, "broken by {arguments:?}");
        Ok(Value::Null)
    }

    fn start(&self, _rights: &Rights, operation: HostOperation, _arguments: Vec<Value>, reply: Reply) {
        // The thread takes the reply with it.
        let job = move || {
            let _reply = reply;
            panic!("broken by {}", operation.mnemonic());
        };
        ttvm_platform::jobs::run(job);
    }

    fn release(&self, reply: Reply) {
        reply.send(Ok(Value::Null));
    }

    fn detach(&self, _operation: &'static str, _resource: Resource, _from: Pid) -> Result<(), Fault> {
        unreachable!("there are no resources")
    }

    fn attach(&self, _resource: Resource, _to: Pid) {}

    fn forget(&self, _resource: Resource) {}

    fn import(&self, _rights: &Rights, _importer: &str, path: &str) -> Result<(Text, Arc<LoadedModule>), Fault> {
        panic!("broken by {path}")
    }

    fn check_folder(&self, _rights: &Rights, _operation: &'static str, _folder: &Path) -> Result<(), Fault> {
        Ok(())
    }

    fn program(&self, _rights: &Rights, name: &str) -> Result<Option<Arc<LoadedModule>>, Fault> {
        panic!("broken by {name}")
    }

    fn crashed(&self, _pid: Pid, _name: Option<&str>, _crash: &Crash) {}

    fn warn(&self, _warning: &str) {}
}

/// What a program prints in the broken world, and how it ends.
fn run(text: &str, schedulers: usize) -> (String, String) {
    let (sender, receiver) = channel();
    let text = text.to_owned();
    thread::spawn(move || sender.send(run_here(&text, schedulers)));
    receiver.recv_timeout(Duration::from_secs(300)).expect("the program ends")
}

fn run_here(text: &str, schedulers: usize) -> (String, String) {
    let assembly = assemble("a.ttvm", text.as_bytes());
    assert!(assembly.is_ok(), "{:?}", assembly.diagnostics);
    let program = Loader::new(LoadMode::Ordinary).load_module(assembly.module).expect("it is a program");
    let world = Arc::new(BrokenWorld::default());
    let mut runtime = Runtime::new(RuntimeConfiguration {
        schedulers,
        seed: 0,
        clock: Arc::new(Clock::real()),
        host: Arc::clone(&world) as Arc<dyn Host>,
        extension: None,
        is_strict: false,
        observes: Observes::default(),
        traces: false,
        maxima: Maxima::default(),
    });
    runtime.start_main(&program.module, Process::main(&program.module));
    let ending = runtime.run();
    let printed = world.printed.lock().clone();
    (printed, format!("{ending:?}"))
}

// Rules: L3.88
#[test]
fn a_job_that_panics_is_an_error_of_whoever_waits_for_it() {
    let text = [
        failing("a", "PUSH_STR \"some file\"\nREAD_FILE"),
        failing("b", "IMPORT \"some module\""),
        failing("c", "PUSH_STR \"some program\"\nSPAWN"),
        failing("d", "PUSH_STR \"some host\"\nDNS_RESOLVE"),
        "PUSH_STR \"some file\"\nDELETE_FILE\nPUSH_STR \"goes on\"\nPRINT\n".to_owned(),
    ]
    .concat();
    let expected = "host\nREAD_FILE: the machine failed: broken by [Str(\"some file\")]\n\
        host\nIMPORT: the machine failed: broken by some module\n\
        host\nSPAWN: the machine failed: broken by some program\n\
        host\nthe machine: the operation was cancelled\n\
        goes on\n";
    for schedulers in [1, 2] {
        let (printed, ending) = run(&text, schedulers);
        assert_eq!(printed, expected);
        assert_eq!(ending, "Normal");
    }
}

/// A job that panicked and still counted as under way would keep the machine waiting for ever.
// Rules: L3.88
#[test]
fn a_job_that_panics_is_over() {
    let text = "TRY a\nPUSH_STR file\nREAD_FILE\na:\nTRY b\nPUSH_STR host\nDNS_RESOLVE\nb:\nRECEIVE\n";
    for schedulers in [1, 2] {
        let (_, ending) = run(text, schedulers);
        assert!(ending.starts_with("Deadlock"), "{ending}");
    }
}
