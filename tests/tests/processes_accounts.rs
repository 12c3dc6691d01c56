//! Rule P85 over whole runs: when a machine and all its values are gone, nothing is left on any account.
//!
//! Alone in its file: accounts are the whole process's, and no other test may have some meanwhile.

use std::{
    thread,
    time::{Duration, Instant},
};

use ttvm_assembler::assemble;
use ttvm_tests::{Ending, MachineTier, Program};
use ttvm_value::Account;

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(300);

fn run(text: &str, tier: &MachineTier) -> (Ending, String) {
    let assembly = assemble("a.ttvm", text.as_bytes());
    assert!(assembly.is_ok(), "{:?}", assembly.diagnostics);
    let (observed, _) = tier.run_and_count(&Program::alone(assembly.module));
    (observed.ending, observed.stdout)
}

fn assert_nothing_is_left(name: &str) {
    let begin = Instant::now();
    // Threads of the machine may still be ending.
    while Account::count() > 0 {
        assert!(begin.elapsed() < PATIENCE, "{name}: {} accounts are left", Account::count());
        thread::sleep(Duration::from_millis(1));
    }
}

// Rules: P85 P80
#[test]
fn when_a_machine_is_gone_all_accounts_are_empty() {
    let text = include_str!("processes/accounts.ttvm");
    for schedulers in [1, 2, 8] {
        for seed in 0..3 {
            let tier = MachineTier::new(schedulers, seed, false);
            assert_eq!(run(text, &tier), (Ending::Normal, "1\n".to_owned()), "{}", tier.name);
            assert_nothing_is_left(&tier.name);
            // Stopped on the way, while all hold and send.
            let text = text.replace("; STOP", "    PUSH_INT 3\n    EXIT");
            assert_eq!(run(&text, &tier), (Ending::Exit(3), String::new()), "{}", tier.name);
            assert_nothing_is_left(&tier.name);
        }
    }
}
