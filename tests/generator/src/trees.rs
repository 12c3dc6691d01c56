//! Supervisors with scripts: trees, and what happens to their children, for tests that play the same on two machines.
//!
//! A script is a text that is a JSON value and an Erlang term: `[number, tree, [[action, who, what], ..]]`, as
//! `tests/tests/otp/supervision.ttvm` says. Not here: playing them.

use std::fmt::Write as _;

use crate::random::Random;

/// How deep supervisors stand in each other.
const DEPTH_MAX: usize = 2;

/// Why children end.
const REASONS: [&str; 7] =
    ["\"return\"", "\"normal\"", "\"shutdown\"", "[\"shutdown\", \"tired\"]", "\"error\"", "\"bored\"", "\"kill\""];

/// A script and the `.supervisor` blocks of its tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supervision {
    /// What both machines read.
    pub script: String,
    /// What a program of this machine has besides.
    pub blocks: String,
}

/// The tree and the script of a seed.
#[must_use]
pub fn supervision(seed: u64) -> Supervision {
    let mut writer = Writer { random: Random::new(seed), workers: Vec::new(), supervisors: 1, blocks: String::new() };
    let are_alike = writer.random.chance(15);
    let tree = if are_alike { writer.alike() } else { writer.tree("root", 0) };
    let steps = 0..3 + writer.random.below(12);
    let mut steps: Vec<String> =
        steps.map(|_| if are_alike { writer.step_of_alike() } else { writer.step() }).collect();
    steps.push("[\"exit_supervisor\", \"root\", \"shutdown\"]".to_owned());
    Supervision { script: format!("[{seed}, {tree}, [{}]]", steps.join(", ")), blocks: writer.blocks }
}

/// A tree and a script that are being written.
struct Writer {
    random: Random,
    /// The supervisor of each worker.
    workers: Vec<String>,
    /// How many supervisors there are, with the root.
    supervisors: usize,
    blocks: String,
}

impl Writer {
    /// A supervisor as a term; its block and those below it are added to the others.
    fn tree(&mut self, id: &str, depth: usize) -> String {
        let strategy = self.random.one_of(&["one_for_one", "one_for_one", "one_for_all", "rest_for_one"]);
        let intensity = self.random.below(4);
        let auto_shutdown = self.random.one_of(&["never", "never", "any_significant", "all_significant"]);
        let mut block = format!(
            ".supervisor {id} strategy={strategy} intensity={intensity} period=1h auto_shutdown={auto_shutdown}\n"
        );
        let mut children = Vec::new();
        for _ in 0..1 + self.random.below(4) {
            let can_be_significant = auto_shutdown != "never";
            children.push(if depth < DEPTH_MAX && self.random.chance(25) {
                self.inner(&mut block, can_be_significant, depth)
            } else {
                self.worker(id, Some(&mut block), can_be_significant)
            });
        }
        block.push_str(".end\n");
        self.blocks.push_str(&block);
        format!("[\"supervisor\", \"{strategy}\", {intensity}, \"{auto_shutdown}\", [{}]]", children.join(", "))
    }

    /// A child that is a supervisor.
    fn inner(&mut self, block: &mut String, can_be_significant: bool, depth: usize) -> String {
        let id = format!("s{}", self.supervisors);
        self.supervisors += 1;
        let (restart, significant) = self.restart(can_be_significant);
        writeln!(block, "  child {id} supervisor={id} restart={restart} significant={significant}")
            .expect("strings take what is written to them");
        let tree = self.tree(&id, depth + 1);
        format!("[\"{id}\", {tree}, \"{restart}\", \"infinity\", false, {significant}]")
    }

    /// A child that is a worker, written into a block unless it is added later.
    fn worker(&mut self, supervisor: &str, block: Option<&mut String>, can_be_significant: bool) -> String {
        let id = format!("w{}", self.workers.len());
        self.workers.push(supervisor.to_owned());
        let (restart, significant) = self.restart(can_be_significant);
        let (written, shutdown) = self.shutdown();
        let traps = self.random.chance(70);
        if let Some(block) = block {
            let arguments = format!("[\"{id}\", {traps}]");
            writeln!(
                block,
                "  child {id} start=worker args={arguments} restart={restart} shutdown={written} significant={significant}"
            )
            .expect("strings take what is written to them");
        }
        format!("[\"{id}\", \"worker\", \"{restart}\", {shutdown}, {traps}, {significant}]")
    }

    fn restart(&mut self, can_be_significant: bool) -> (&'static str, bool) {
        let restart = self.random.one_of(&["permanent", "permanent", "transient", "temporary"]);
        (restart, can_be_significant && restart != "permanent" && self.random.chance(50))
    }

    /// A supervisor whose children are all alike, and get their arguments when they are started.
    fn alike(&mut self) -> String {
        let (restart, _) = self.restart(false);
        let (written, shutdown) = self.shutdown();
        let intensity = self.random.below(4);
        self.blocks = format!(
            ".supervisor root strategy=simple_one_for_one intensity={intensity} period=1h\n  child w start=worker restart={restart} shutdown={written}\n.end\n"
        );
        let child = format!("[\"w\", \"alike\", \"{restart}\", {shutdown}, true, false]");
        format!("[\"supervisor\", \"simple_one_for_one\", {intensity}, \"never\", [{child}]]")
    }

    fn step_of_alike(&mut self) -> String {
        let worker = self.random.below(self.workers.len().max(1));
        match self.random.below(16) {
            0..6 => {
                self.workers.push("root".to_owned());
                let traps = self.random.chance(70);
                format!("[\"start_another\", \"root\", [\"w{}\", {traps}]]", self.workers.len() - 1)
            }
            6..10 => format!("[\"end\", \"w{worker}\", {}]", self.random.one_of(&REASONS)),
            10 => format!("[\"exit\", \"w{worker}\", \"kill\"]"),
            11 => format!("[\"terminate_pid\", \"root\", \"w{worker}\"]"),
            12 => {
                format!("[\"both\", \"root\", [\"w{worker}\", \"w{}\"]]", self.random.below(self.workers.len().max(1)))
            }
            13 => format!("[\"restart\", \"root\", \"w{worker}\"]"),
            14 => format!("[\"delete\", \"root\", \"w{worker}\"]"),
            _ => "[\"count\", \"root\", 0]".to_owned(),
        }
    }

    /// As in a block, and in a script.
    fn shutdown(&mut self) -> (&'static str, &'static str) {
        self.random.one_of(&[("5s", "5000"), ("infinity", "\"infinity\""), ("brutal_kill", "\"brutal_kill\"")])
    }

    fn step(&mut self) -> String {
        let child = self.child();
        let supervisor = self.supervisor();
        match self.random.below(22) {
            20.. => {
                let [one, mut other] = [(); 2].map(|()| self.random.below(self.workers.len()));
                // What two supervisors do has no order.
                let parent = self.workers[one].clone();
                if self.workers[other] != parent {
                    other = one;
                }
                format!("[\"both\", \"{parent}\", [\"w{one}\", \"w{other}\"]]")
            }
            0..10 => {
                format!("[\"end\", \"w{}\", {}]", self.random.below(self.workers.len()), self.random.one_of(&REASONS))
            }
            10..12 => {
                let reason = self.random.one_of(&["\"kill\"", "\"bored\"", "\"shutdown\""]);
                format!("[\"exit\", \"w{}\", {reason}]", self.random.below(self.workers.len()))
            }
            12..14 => format!("[\"terminate\", \"{supervisor}\", \"{child}\"]"),
            14..16 => format!("[\"restart\", \"{supervisor}\", \"{child}\"]"),
            16 => format!("[\"delete\", \"{supervisor}\", \"{child}\"]"),
            17 => format!("[\"count\", \"{supervisor}\", 0]"),
            18 => format!("[\"exit_supervisor\", \"{supervisor}\", \"kill\"]"),
            _ if self.random.chance(30) => {
                let worker = self.random.below(self.workers.len());
                let parent = &self.workers[worker];
                format!("[\"start\", \"{parent}\", [\"w{worker}\", \"worker\", \"permanent\", 5000, true, false]]")
            }
            _ => {
                // Where nothing may be significant this is refused.
                let can_be_significant = self.random.chance(30);
                format!("[\"start\", \"{supervisor}\", {}]", self.worker(&supervisor, None, can_be_significant))
            }
        }
    }

    fn child(&mut self) -> String {
        if self.random.chance(20) { self.supervisor() } else { format!("w{}", self.random.below(self.workers.len())) }
    }

    fn supervisor(&mut self) -> String {
        match self.random.below(self.supervisors + 1) {
            0 | 1 => "root".to_owned(),
            number => format!("s{}", number - 1),
        }
    }
}
