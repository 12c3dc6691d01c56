//! Processes: starting, messages, signals, names, limits, supervision. 0x80-0x9F and 0xD0-0xD9.
//!
//! What they promise is in `docs/reference/processes.md`. Which of them the runtime performs for the engine is in
//! `process.rs`.

macro_rules! table_processes {
    ($next:ident $chain:tt $callback:ident { $($rows:tt)* }) => {
        chain! { $chain $callback { $($rows)*
    family "Processes and messages" {
        SPAWN            = 0x80 Spawn { count: OptionalCount }           "a1 .. an f -> pid" call next "Starts a process that runs the function, closure or str f with n arguments (0 unless written).";
        REGISTER         = 0x81 Register { name: Name }                  "->" free next "Registers the current process under the name; a taken name is an error.";
        UNREGISTER       = 0x82 Unregister { name: Name }                "->" free next "Takes the name from the process that has it.";
        WHEREIS          = 0x83 Whereis { name: Name }                   "-> pid/0" free next "The process registered under the name, or int 0.";
        SENDNAMED        = 0x84 Sendnamed { name: Name }                 "msg ->" message next "Sends to the process registered under the name; warns if there is none. Also spelled SEND_NAMED.";
        MONITOR          = 0x85 Monitor { pid: OptionalCount }           "target -> ref" free next "Watches a process: one message `down` when it ends. A written pid that is not 0 takes the place of the target.";
        LINK             = 0x86 Link { pid: OptionalCount }              "target ->" free next "Ties the current process to another: an exit signal when either ends. A written pid that is not 0 takes the place of the target.";
        UNLINK           = 0x87 Unlink { pid: OptionalCount }            "target ->" free next "Unties the current process from another. A written pid that is not 0 takes the place of the target.";
        START_SUPERVISOR = 0x88 StartSupervisor { name: OptionalText }   "->" call next "Starts the `.supervisor` of that name and pushes its pid once all children run; without a name starts an empty one and pushes nothing.";
        SUPERVISE_CHILD  = 0x89 SuperviseChild { name: Text }            "->" call next "Starts a function or program of that name under the supervisor of the bare START_SUPERVISOR.";
        RESTART_CHILD    = 0x8A RestartChild { name: OptionalText }      "id sup -> pid" call next "Starts an ended child again. With a name: the child of that name of the bare START_SUPERVISOR; takes and pushes nothing.";
        YIELD            = 0x8B Yield {}                                 "->" free next "Lets other processes run.";
        RECEIVE          = 0x8C Receive {}                               "-> msg" message next "Takes the oldest message, waiting for one.";
        SEND             = 0x8D Send { pid: OptionalCount }              "msg target ->" message next "Sends a message to a pid, an int pid or a registered name. A written pid that is not 0 takes the place of the target.";
        SPAWN_LINK       = 0x8E SpawnLink { count: OptionalCount }       "a1 .. an f -> pid" call next "Like SPAWN, and links the new process before it runs.";
        SPAWN_MONITOR    = 0x8F SpawnMonitor { count: OptionalCount }    "a1 .. an f -> pid ref" call next "Like SPAWN, and monitors the new process before it runs.";
        SELF             = 0x90 SelfPid {}                               "-> pid" free next "The current process.";
        MAKE_REF         = 0x91 MakeRef {}                               "-> ref" free next "A reference that equals no other.";
        IS_ALIVE         = 0x92 IsAlive {}                               "target -> bool" free next "Whether the process still runs.";
        PROCESSES        = 0x93 Processes {}                             "-> list" free next "The pids of all processes, rising.";
        PROCESS_INFO     = 0x94 ProcessInfo {}                           "target -> obj/null" free next "What is known of a process: state, reductions, mailbox, links and more; null if it has ended.";
        SEND_AFTER       = 0x95 SendAfter {}                             "msg target ms -> ref" message next "Sends the message when the time has passed.";
        CANCEL_TIMER     = 0x96 CancelTimer {}                           "ref -> int/false" free next "Stops a SEND_AFTER and pushes the milliseconds left, or false if it is over.";
        RECEIVE_TIMEOUT  = 0x97 ReceiveTimeout { target: Target }        "ms -> msg" message branch "Takes the oldest message; when the time passes first, goes to the target and pushes nothing.";
        RECEIVE_MATCH    = 0x98 ReceiveMatch { table: Receive }          "->" message switch "Takes the oldest message that a case matches and goes to that case's target; written as a `.receive` block.";
        REGISTERED       = 0x99 Registered {}                            "-> list" free next "All registered names, sorted.";
        DEMONITOR        = 0x9A Demonitor { name: OptionalText }         "ref ->" free next "Ends a monitor. With a text `mon_<self>_<n>`: the monitors of the current process on n; takes nothing.";
        DEMONITOR_FLUSH  = 0x9B DemonitorFlush {}                        "ref ->" free next "Ends a monitor and takes its message out of the mailbox.";
        TRAP_EXIT        = 0x9C TrapExit {}                              "bool ->" free next "Whether exit signals become messages of the current process.";
        EXIT_SELF        = 0x9D ExitSelf {}                              "reason ->" free stop "Ends the current process with the reason.";
        EXIT_PROCESS     = 0x9E ExitProcess {}                           "reason target ->" free next "Sends an exit signal with the reason to a process.";
        SET_PRIORITY     = 0x9F SetPriority {}                           "name ->" free next "Sets the current process's priority: max, high, normal or low.";
    }
    family "Limits, groups and children" {
        SET_LIMIT       = 0xD0 SetLimit {}                           "limit value ->" free next "Sets a limit of the current process: heap_bytes, reductions, mailbox or mailbox_policy.";
        PAUSE           = 0xD1 Pause {}                              "target ->" free next "Makes a process run nothing until it is resumed.";
        RESUME          = 0xD2 Resume {}                             "target ->" free next "Lets a paused process go on.";
        SPAWN_GROUP     = 0xD3 SpawnGroup { timeout: OptionalCount } "list -> obj" call next "Starts a group of processes together: all are ready, then wired, then released. The time is in ms, 5000 unless written.";
        GROUP_READY     = 0xD4 GroupReady {}                         "->" free next "Says that this member of a group is ready, and waits until the group is released.";
        START_CHILD     = 0xD5 StartChild {}                         "spec sup -> pid" call next "Adds a child to a supervisor and starts it.";
        TERMINATE_CHILD = 0xD6 TerminateChild {}                     "id sup ->" free next "Stops a supervisor's child.";
        DELETE_CHILD    = 0xD7 DeleteChild {}                        "id sup ->" free next "Takes the specification of a stopped child from a supervisor.";
        WHICH_CHILDREN  = 0xD8 WhichChildren {}                      "sup -> list" free next "A supervisor's children, an object each.";
        COUNT_CHILDREN  = 0xD9 CountChildren {}                      "sup -> obj" free next "How many children a supervisor has, by state.";
    } } }
    };
}
