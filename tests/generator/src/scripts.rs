//! Scripts for processes: what one after the other does to the others, for tests that play the same script on two machines.
//!
//! A script is a text that is a JSON value and an Erlang term: `[number, agents, [[actor, [action, ..]], ..]]`, as
//! `tests/tests/otp/agents.ttvm` says. One step has one actor, and whoever plays the script lets all of its signals act
//! before the next. So what anybody sees is determined by the order of the signals between two processes: within a step,
//! what may end its target comes behind what asks for it, and there is one target.
//! Not here: playing them.

use crate::random::Random;

/// How many agents there are at the end: some are made by others.
const AGENTS_MAX: usize = 7;

/// What processes are registered as.
const NAMES: [&str; 3] = ["a", "b", "c"];

/// Why processes end.
const REASONS: [&str; 9] = [
    "\"normal\"",
    "\"normal\"",
    "\"kill\"",
    "\"kill\"",
    "\"killed\"",
    "\"shutdown\"",
    "\"noproc\"",
    "\"bored\"",
    "[\"shutdown\", \"tired\"]",
];

/// The script of a seed.
#[must_use]
pub fn script(seed: u64) -> String {
    let mut random = Random::new(seed);
    let agents = 3 + random.below(3);
    let mut writer = Writer { random, agents, tags: 0 };
    let mut steps = Vec::new();
    for agent in 0..agents {
        if writer.random.chance(50) {
            steps.push(format!("[{agent}, [[\"trap\", true]]]"));
        }
    }
    for _ in 0..10 + writer.random.below(30) {
        steps.push(writer.step());
    }
    for agent in 0..writer.agents {
        steps.push(format!("[{agent}, [[\"drain\"]]]"));
    }
    format!("[{seed}, {agents}, [{}]]", steps.join(", "))
}

/// A script that is being written.
struct Writer {
    random: Random,
    /// Agents that there may be by now.
    agents: usize,
    /// Messages so far.
    tags: usize,
}

impl Writer {
    fn step(&mut self) -> String {
        // Who has a name may be told by it.
        let actor = if self.random.chance(5) { format!("\"{}\"", self.random.one_of(&NAMES)) } else { self.agent() };
        let actions = match self.random.below(100) {
            0..16 => self.batch(),
            16..30 => vec![self.tie()],
            30..36 => vec![format!("[\"trap\", {}]", self.random.chance(70))],
            36..48 => vec![self.receive()],
            48..56 => vec![self.send()],
            56..66 => vec![self.exit()],
            66..71 => vec![self.end()],
            71..79 => vec![self.spawn()],
            79..90 => vec![self.name()],
            90..96 => vec![self.timer()],
            _ => vec![format!("[\"alive\", {}]", self.agent())],
        };
        format!("[{actor}, [{}]]", actions.join(", "))
    }

    /// What one does to another in one go.
    fn batch(&mut self) -> Vec<String> {
        let target = self.agent();
        let mut actions = Vec::new();
        // What unties stands in front: whether it comes before or after the noproc of a tie with the dead is open.
        for _ in 0..self.random.below(2) {
            actions.push(match self.random.below(2) {
                0 => format!("[\"unlink\", {target}]"),
                _ => format!("[\"demonitor\", \"s{}\"]", self.random.below(4)),
            });
        }
        for _ in 0..self.random.below(4) {
            let slot = self.random.below(4);
            actions.push(match self.random.below(4) {
                0 => format!("[\"link\", {target}]"),
                1 => format!("[\"monitor\", {target}, \"s{slot}\"]"),
                2 => format!("[\"flush\", \"s{slot}\"]"),
                _ => format!("[\"send\", {target}, \"{}\"]", self.tag()),
            });
        }
        for _ in 0..self.random.below(4) {
            actions.push(if self.random.chance(50) {
                format!("[\"exit\", {target}, {}]", self.random.one_of(&REASONS))
            } else {
                format!("[\"send\", {target}, \"{}\"]", self.tag())
            });
        }
        actions
    }

    fn tie(&mut self) -> String {
        let (agent, slot) = (self.agent(), self.random.below(4));
        match self.random.below(10) {
            0..4 => format!("[\"link\", {agent}]"),
            4 => format!("[\"unlink\", {agent}]"),
            5..8 => format!("[\"monitor\", {agent}, \"s{slot}\"]"),
            8 => format!("[\"demonitor\", \"s{slot}\"]"),
            _ => format!("[\"flush\", \"s{slot}\"]"),
        }
    }

    fn receive(&mut self) -> String {
        match self.random.below(6) {
            0 => "[\"take\"]".to_owned(),
            1 => format!("[\"take_tag\", \"t{}\"]", self.random.below(self.tags + 1)),
            2 => format!("[\"take_exit\", {}]", self.agent()),
            3 => format!("[\"take_down\", \"s{}\"]", self.random.below(4)),
            4 => format!("[\"take_either\", {}]", self.agent()),
            _ => "[\"drain\"]".to_owned(),
        }
    }

    fn send(&mut self) -> String {
        let tag = self.tag();
        if self.random.chance(30) {
            return format!("[\"send_name\", \"{}\", \"{tag}\"]", self.random.one_of(&NAMES));
        }
        format!("[\"send\", {}, \"{tag}\"]", self.agent())
    }

    fn exit(&mut self) -> String {
        format!("[\"exit\", {}, {}]", self.agent(), self.random.one_of(&REASONS))
    }

    fn end(&mut self) -> String {
        match self.random.below(4) {
            0 => "[\"return\"]".to_owned(),
            _ => format!("[\"end\", {}]", self.reason_of_own_end()),
        }
    }

    /// With the two that are no reasons but ways to fail.
    fn reason_of_own_end(&mut self) -> &'static str {
        match self.random.below(6) {
            0 => "\"error\"",
            1 => "\"throw\"",
            _ => self.random.one_of(&REASONS),
        }
    }

    fn spawn(&mut self) -> String {
        if self.agents == AGENTS_MAX || self.random.chance(40) {
            let how = self.random.one_of(&["link", "monitor"]);
            return format!("[\"spawn_dying\", \"{how}\", {}]", self.reason_of_own_end());
        }
        self.agents += 1;
        if self.random.chance(60) {
            return "[\"spawn\", \"link\"]".to_owned();
        }
        format!("[\"spawn\", \"monitor\", \"s{}\"]", self.random.below(4))
    }

    fn name(&mut self) -> String {
        let name = self.random.one_of(&NAMES);
        match self.random.below(8) {
            0..3 => format!("[\"register\", \"{name}\"]"),
            3 => format!("[\"unregister\", \"{name}\"]"),
            4..6 => format!("[\"whereis\", \"{name}\"]"),
            _ => format!("[\"monitor_name\", \"{name}\", \"n{}\"]", self.random.below(2)),
        }
    }

    fn timer(&mut self) -> String {
        let (slot, tag) = (self.random.below(2), self.tag());
        let (agent, name, time) = (self.agent(), self.random.one_of(&NAMES), self.random.below(3));
        match self.random.below(6) {
            0 => format!("[\"timer\", {agent}, \"t{slot}\", \"{tag}\", 3600000]"),
            1 => format!("[\"timer_name\", \"{name}\", \"t{slot}\", \"{tag}\", 3600000]"),
            2 => format!("[\"fire\", {agent}, \"{tag}\", {time}]"),
            3 => format!("[\"fire_name\", \"{name}\", \"{tag}\", {time}]"),
            _ => format!("[\"cancel\", \"t{slot}\"]"),
        }
    }

    fn agent(&mut self) -> String {
        self.random.below(self.agents).to_string()
    }

    /// What a message says; no other says the same.
    fn tag(&mut self) -> String {
        self.tags += 1;
        format!("t{}", self.tags)
    }
}
