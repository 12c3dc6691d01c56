//! Processes below their supervisors.

use std::collections::{HashMap, HashSet};

use crate::live::ProcessLine;

/// A process and how many supervisors stand above it.
pub struct Branch<'f> {
    /// The process.
    pub process: &'f ProcessLine,
    /// How deep it lies.
    pub depth: usize,
}

/// Supervisors with what they supervise, by age; then, if wanted, everybody else. A process whose supervisor was not seen
/// stands on its own.
pub fn tree(processes: &[ProcessLine], with_others: bool) -> Vec<Branch<'_>> {
    let known: HashSet<u64> = processes.iter().map(|process| process.pid).collect();
    let mut children: HashMap<u64, Vec<&ProcessLine>> = HashMap::new();
    let mut tops = Vec::new();
    for process in processes {
        match process.supervisor.filter(|supervisor| known.contains(supervisor)) {
            // A process is never above itself: that would be a circle nobody reaches.
            Some(supervisor) if supervisor != process.pid => children.entry(supervisor).or_default().push(process),
            _ if process.is_supervisor || process.supervisor.is_some() || with_others => tops.push(process),
            _ => {}
        }
    }
    tops.sort_by_key(|process| (!process.is_supervisor, process.pid));
    children.values_mut().for_each(|children| children.sort_by_key(|child| child.pid));
    let mut waiting: Vec<_> = tops.into_iter().rev().map(|process| Branch { process, depth: 0 }).collect();
    let mut branches = Vec::new();
    while let Some(branch) = waiting.pop() {
        let below = children.remove(&branch.process.pid).unwrap_or_default();
        waiting.extend(below.into_iter().rev().map(|process| Branch { process, depth: branch.depth + 1 }));
        branches.push(branch);
    }
    branches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u64, supervisor: Option<u64>, is_supervisor: bool) -> ProcessLine {
        ProcessLine { pid, supervisor, is_supervisor, ..ProcessLine::default() }
    }

    #[test]
    fn children_stand_below_their_supervisors_and_strangers_at_the_end() {
        let processes = [
            process(9, None, false),
            process(5, Some(4), false),
            process(3, Some(2), false),
            process(2, None, true),
            process(4, Some(2), true),
            process(8, Some(7), false),
        ];
        let lines = |with_others| -> Vec<(u64, usize)> {
            tree(&processes, with_others).iter().map(|branch| (branch.process.pid, branch.depth)).collect()
        };
        assert_eq!(lines(false), [(2, 0), (3, 1), (4, 1), (5, 2), (8, 0)]);
        assert_eq!(lines(true), [(2, 0), (3, 1), (4, 1), (5, 2), (8, 0), (9, 0)]);
    }

    #[test]
    fn what_nonsense_a_program_may_send_is_shown_without_end_or_panic() {
        let circle = [process(1, Some(2), true), process(2, Some(1), true), process(3, Some(3), true)];
        assert_eq!(tree(&circle, true).len(), 1);
    }
}
