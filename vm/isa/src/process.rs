//! The instructions that concern processes and are performed by whoever runs the processes.
//!
//! Engines do not perform them: they hand each over with its arguments and go on with the reply. Receiving
//! is not among them, because engines match patterns themselves.

macro_rules! define_process_operations {
    ($( $variant:ident $mnemonic:literal; )*) => {
        /// An instruction performed by whoever runs the processes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum ProcessOperation {
            $( #[doc = concat!("`", $mnemonic, "`")] $variant, )*
        }

        impl ProcessOperation {
            /// Every operation, in the order of their numbers.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),* ];

            /// The instruction's mnemonic.
            #[must_use]
            pub const fn mnemonic(self) -> &'static str {
                match self { $( Self::$variant => $mnemonic, )* }
            }
        }
    };
}

define_process_operations! {
    Spawn "SPAWN";
    Register "REGISTER";
    Unregister "UNREGISTER";
    Whereis "WHEREIS";
    Sendnamed "SENDNAMED";
    Monitor "MONITOR";
    Link "LINK";
    Unlink "UNLINK";
    StartSupervisor "START_SUPERVISOR";
    SuperviseChild "SUPERVISE_CHILD";
    RestartChild "RESTART_CHILD";
    Yield "YIELD";
    Send "SEND";
    SpawnLink "SPAWN_LINK";
    SpawnMonitor "SPAWN_MONITOR";
    SelfPid "SELF";
    MakeRef "MAKE_REF";
    IsAlive "IS_ALIVE";
    Processes "PROCESSES";
    ProcessInfo "PROCESS_INFO";
    SendAfter "SEND_AFTER";
    CancelTimer "CANCEL_TIMER";
    Registered "REGISTERED";
    Demonitor "DEMONITOR";
    DemonitorFlush "DEMONITOR_FLUSH";
    TrapExit "TRAP_EXIT";
    ExitSelf "EXIT_SELF";
    ExitProcess "EXIT_PROCESS";
    SetPriority "SET_PRIORITY";
    SetLimit "SET_LIMIT";
    Pause "PAUSE";
    Resume "RESUME";
    SpawnGroup "SPAWN_GROUP";
    GroupReady "GROUP_READY";
    StartChild "START_CHILD";
    TerminateChild "TERMINATE_CHILD";
    DeleteChild "DELETE_CHILD";
    WhichChildren "WHICH_CHILDREN";
    CountChildren "COUNT_CHILDREN";
}
