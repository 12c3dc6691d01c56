//! `--profile-procs`: what each process did, and for how long it ran and waited.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::json;
use ttvm_machine::{Event, EventKind, Observer, Pid};

use super::{brief, lock};
use crate::arguments::ProfileFormat;

/// The accounts of all processes.
#[derive(Debug, Default)]
pub struct Accounts {
    /// By number: in the order in which they were made.
    processes: BTreeMap<u64, Account>,
    /// When something was seen last.
    end: Duration,
}

/// The account of a process.
#[derive(Debug, Default)]
struct Account {
    name: Option<String>,
    born: Duration,
    /// When it ended, and why.
    ended: Option<(Duration, String)>,
    /// Since when it runs.
    runs_since: Option<Duration>,
    running: Duration,
    turns: u64,
    reductions: u64,
    sent: u64,
    received: u64,
}

/// Keeps accounts.
pub struct Accountant {
    accounts: Arc<Mutex<Accounts>>,
}

impl Accountant {
    /// An accountant who writes into `accounts`.
    pub fn new(accounts: Arc<Mutex<Accounts>>) -> Self {
        Self { accounts }
    }
}

impl Observer for Accountant {
    fn event(&mut self, event: &Event<'_>) {
        let mut accounts = lock(&self.accounts);
        accounts.end = accounts.end.max(event.time);
        let account = accounts.of(event.pid);
        match event.kind {
            EventKind::Spawn(_) => account.born = event.time,
            EventKind::In => {
                account.runs_since = Some(event.time);
                account.turns += 1;
            }
            EventKind::Out(reductions, _) => {
                account.reductions += reductions;
                if let Some(since) = account.runs_since.take() {
                    account.running += event.time.saturating_sub(since);
                }
            }
            EventKind::Send(..) => account.sent += 1,
            EventKind::Receive(_) => account.received += 1,
            EventKind::Register(name) => account.name = Some((*name).to_owned()),
            EventKind::Exit(reason) => account.ended = Some((event.time, brief(reason))),
            // Of the others nothing is counted.
            _ => {}
        }
    }

    fn finish(&mut self, _reductions: u64) {
        let mut accounts = lock(&self.accounts);
        let end = accounts.end;
        for account in accounts.processes.values_mut() {
            // The program was stopped while it ran.
            if let Some(since) = account.runs_since.take() {
                account.running += end.saturating_sub(since);
            }
        }
    }
}

impl Account {
    /// The time of its life in which it did not run.
    fn waiting(&self, end: Duration) -> Duration {
        let end = self.ended.as_ref().map_or(end, |(time, _)| *time);
        end.saturating_sub(self.born).saturating_sub(self.running)
    }
}

impl Accounts {
    fn of(&mut self, pid: Pid) -> &mut Account {
        self.processes.entry(pid.number()).or_default()
    }

    /// The accounts as text, whoever ran longest first.
    pub fn render(&self, format: ProfileFormat) -> String {
        let mut processes: Vec<(&u64, &Account)> = self.processes.iter().collect();
        processes.sort_by_key(|(_, account)| std::cmp::Reverse(account.running));
        match format {
            ProfileFormat::Table => self.table(&processes),
            ProfileFormat::Json => self.json(&processes),
        }
    }

    fn table(&self, processes: &[(&u64, &Account)]) -> String {
        let mut text = format!(
            "{:>9}  {:>12}  {:>10}  {:>10}  {:>9}  {:>9}  {:>9}  name and end",
            "process", "reductions", "running ms", "waiting ms", "turns", "sent", "received"
        );
        for (number, account) in processes {
            let end = account.ended.as_ref().map_or("-", |(_, reason)| reason.as_str());
            let name = account.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
            text.push_str(&format!(
                "\n{number:>9}  {:>12}  {:>10.3}  {:>10.3}  {:>9}  {:>9}  {:>9}  {name}{end}",
                account.reductions,
                account.running.as_secs_f64() * 1e3,
                account.waiting(self.end).as_secs_f64() * 1e3,
                account.turns,
                account.sent,
                account.received,
            ));
        }
        text
    }

    fn json(&self, processes: &[(&u64, &Account)]) -> String {
        let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let processes: Vec<_> = processes
            .iter()
            .map(|(number, account)| {
                json!({
                    "process": number,
                    "name": account.name,
                    "reductions": account.reductions,
                    "running_ns": nanoseconds(account.running),
                    "waiting_ns": nanoseconds(account.waiting(self.end)),
                    "turns": account.turns,
                    "sent": account.sent,
                    "received": account.received,
                    "exit": account.ended.as_ref().map(|(_, reason)| reason),
                })
            })
            .collect();
        json!({ "time_ns": nanoseconds(self.end), "processes": processes }).to_string()
    }
}
