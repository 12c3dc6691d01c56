//! Rules P81 and P66: what happens when a machine has as many processes, timers or names as it may have.

use ttvm_assembler::assemble;
use ttvm_machine::{Loader, Machine, MachineConfiguration, Maxima, Output};
use ttvm_tests::{Ending, run_watched};

/// Runs a program that must end normally, with one and with two schedulers; it prints the same with both.
fn prints(text: &str, maxima: Maxima, expected: &str) {
    for schedulers in [1, 2] {
        let module = assemble("a.ttvm", text.as_bytes()).module;
        let program = Loader::default().load_module(module).expect("the text has no mistakes");
        let output = Output::captured();
        let configuration = MachineConfiguration {
            schedulers,
            maxima,
            output: output.clone(),
            virtual_time: true,
            ..MachineConfiguration::default()
        };
        let finish = run_watched(Machine::new(program, configuration));
        assert_eq!(finish.ending, Ending::Normal, "{}{}", output.text(), output.error_text());
        assert_eq!(output.text(), expected, "{schedulers} schedulers: {}", output.error_text());
        let statistics = finish.statistics;
        assert_eq!(statistics.sent, statistics.received + statistics.undelivered(), "{statistics:?}");
    }
}

// Rules: P81
#[test]
fn one_process_too_many_is_an_error_in_whoever_spawns_it() {
    let text = r#"
.fn waits
    RECEIVE
.end
    PUSH_STR waits
    SPAWN
    STORE first
    PUSH_STR waits
    SPAWN_LINK
    POP
    TRY full
    PUSH_STR waits
    SPAWN_MONITOR
    END_TRY
full:
    STORE error
    LOAD error
    ERROR_KIND
    PRINT
    LOAD error
    ERROR_MESSAGE
    PRINT
    TRY no_tree
    START_SUPERVISOR
    END_TRY
no_tree:
    ERROR_KIND
    PRINT
; Room is made when one ends.
    LOAD first
    MONITOR
    POP
    PUSH_STR end
    LOAD first
    SEND
    RECEIVE
    POP
    TRY full_still
    PUSH_STR waits
    SPAWN
    POP
    PUSH_STR "room again"
    PRINT
    END_TRY
    JMP end
full_still:
    ERROR_MESSAGE
    PRINT
end:
"#;
    let maxima = Maxima { processes: 3, ..Maxima::default() };
    prints(text, maxima, "limit\nLimit reached: at most 3 processes\nlimit\nroom again\n");
}

// Rules: P81 P53
#[test]
fn what_takes_several_turns_to_be_handed_over_meets_the_same_limits() {
    let text = r#"
.fn large
    MAKE_LIST 0
    STORE list
    PUSH_INT 60000
    STORE left
  more:
    LOAD list
    NULL
    MAKE_LIST 1
    APPEND
    STORE list
    LOAD left
    PUSH_INT 1
    SUB
    STORE left
    LOAD left
    JNZ more
    LOAD list
.end
.fn waits list
    RECEIVE
.end
    CALL large
    MAKE_FUNCTION waits
    SPAWN 1
    STORE first
    TRY no_process
    CALL large
    MAKE_FUNCTION waits
    SPAWN 1
    END_TRY
no_process:
    ERROR_MESSAGE
    PRINT
    CALL large
    SELF
    PUSH_INT 500
    SEND_AFTER
    STORE timer
    TRY no_timer
    CALL large
    SELF
    PUSH_INT 500
    SEND_AFTER
    END_TRY
no_timer:
    ERROR_MESSAGE
    PRINT
    LOAD timer
    CANCEL_TIMER
    PRINT
    PUSH_STR end
    LOAD first
    SEND
"#;
    let maxima = Maxima { processes: 2, timers: 1, ..Maxima::default() };
    let expected = "Limit reached: at most 2 processes\nLimit reached: at most 1 timers\n500\n";
    prints(text, maxima, expected);
}

// Rules: P81
#[test]
fn one_timer_too_many_is_an_error_in_whoever_sets_it() {
    let text = r#"
.fn tries what
    TRY full
    LOAD what
    CALL_FUNCTION
    PRINT
    END_TRY
    JMP end
  full:
    ERROR_MESSAGE
    PRINT
  end:
.end
.fn send_later
    PUSH_STR late
    SELF
    PUSH_INT 500
    SEND_AFTER
    STORE timer
    PUSH_STR "set"
    RET
.end
.fn sleep
    PUSH_INT 1
    SLEEP
    PUSH_STR "slept"
.end
.fn waits
    PUSH_INT 1
    RECEIVE_TIMEOUT over
    POP
  over:
    PUSH_STR "waited"
.end
.fn waits_in_a_block
    .receive
      case "never" -> never
      after 1 -> over
    .end
  never:
  over:
    PUSH_STR "waited"
.end
    PUSH_STR late
    SELF
    PUSH_INT 500
    SEND_AFTER
    STORE timer
    MAKE_FUNCTION sleep
    CALL tries
    POP
    MAKE_FUNCTION send_later
    CALL tries
    POP
    MAKE_FUNCTION sleep
    CALL tries
    POP
    MAKE_FUNCTION waits
    CALL tries
    POP
    MAKE_FUNCTION waits_in_a_block
    CALL tries
    POP
    LOAD timer
    CANCEL_TIMER
    POP
    MAKE_FUNCTION waits_in_a_block
    CALL tries
    POP
    MAKE_FUNCTION sleep
    CALL tries
    POP
"#;
    let full = "Limit reached: at most 2 timers\n";
    let expected = format!("slept\nset\n{full}{full}{full}waited\nslept\n");
    prints(text, Maxima { timers: 2, ..Maxima::default() }, &expected);
}

// Rules: P81
#[test]
fn one_name_too_many_is_an_error_in_whoever_wants_it() {
    let text = r#"
.fn named boss
    REGISTER other
    PUSH_STR ready
    LOAD boss
    SEND
    RECEIVE
.end
    REGISTER main
    SELF
    PUSH_STR named
    SPAWN 1
    POP
    RECEIVE
    PRINT
    TRY full
    REGISTER third
    END_TRY
full:
    ERROR_MESSAGE
    PRINT
    UNREGISTER other
    REGISTER third
    REGISTERED
    PRINT
"#;
    // A process that is registered again needs room for both names for a moment.
    let maxima = Maxima { names: 2, ..Maxima::default() };
    prints(text, maxima, "ready\nLimit reached: at most 2 names\n[third]\n");
}

/// A child whose supervisor finds no room to start it again while somebody greedy has taken it; what follows is the rest
/// of main.
const NO_ROOM: &str = r#"
.fn worker
    RECEIVE
    EXIT_SELF
.end
.fn idle
    RECEIVE
.end
; Takes the room of the first worker that ends, before the supervisor can, until it is told to give it back.
.fn greedy worker boss
    PUSH_STR max
    SET_PRIORITY
    LOAD worker
    MONITOR
    POP
    PUSH_STR ready
    LOAD boss
    SEND
    RECEIVE
    POP
    PUSH_STR idle
    SPAWN
    STORE taken
    RECEIVE
    POP
    PUSH_STR kill
    LOAD taken
    EXIT_PROCESS
    RECEIVE
.end
.supervisor shop intensity=INTENSITY period=1h
  child only start=worker
.end
.fn state shop
    LOAD shop
    WHICH_CHILDREN
    PUSH_INT 0
    INDEX
    GET_FIELD state
.end
    TRUE
    TRAP_EXIT
    START_SUPERVISOR shop
    STORE shop
    LOAD shop
    WHICH_CHILDREN
    PUSH_INT 0
    INDEX
    GET_FIELD pid
    STORE worker
    LOAD worker
    SELF
    PUSH_STR greedy
    SPAWN 2
    STORE greedy
    RECEIVE
    POP
    PUSH_STR broken
    LOAD worker
    SEND
"#;

fn without_room(intensity: &str, rest: &str, expected: &str) {
    let text = NO_ROOM.replace("INTENSITY", intensity) + rest;
    let maxima = Maxima { processes: 4, ..Maxima::default() };
    let module = assemble("a.ttvm", text.as_bytes()).module;
    let program = Loader::default().load_module(module).expect("the text has no mistakes");
    let output = Output::captured();
    // One scheduler: with two the supervisor may be faster than the greedy one.
    let configuration = MachineConfiguration { maxima, output: output.clone(), ..MachineConfiguration::default() };
    let finish = run_watched(Machine::new(program, configuration));
    assert_eq!(finish.ending, Ending::Normal, "{}", output.error_text());
    assert_eq!(output.text(), expected, "{}", output.error_text());
}

// Rules: P66 P81
#[test]
fn a_restart_that_fails_is_tried_again_while_the_supervisor_answers() {
    let rest = r#"
; As often as it takes: the supervisor answers while it fails.
again:
    LOAD shop
    CALL state
    PUSH_STR restarting
    NE
    JNZ again
    PUSH_STR "give it back"
    LOAD greedy
    SEND
waits:
    LOAD shop
    CALL state
    PUSH_STR running
    NE
    JNZ waits
    PUSH_STR "it runs again"
    PRINT
"#;
    without_room("1000000000", rest, "it runs again\n");
}

// Rules: P65
#[test]
fn restarts_that_fail_count_too() {
    let rest = r#"
    LOAD shop
    MONITOR
    STORE ref
    .receive
      case down ^ref _ Reason -> over
    .end
over:
    LOAD Reason
    PRINT
"#;
    without_room("3", rest, "shutdown\n");
}
