//! The instructions that the runtime performs for a process: everything about other processes, names, supervision,
//! futures, streams and supersteps.
//!
//! Engines do not perform them: they hand the operation with its arguments to their kernel. How many arguments an
//! instruction takes and what it leaves depends on its written operands and is [`OpCode::effect`]'s to say. Receiving
//! is not among them: engines look at the messages themselves.

use crate::opcode::OpCode;

macro_rules! define_process_operations {
    ($( $variant:ident $mnemonic:literal; )*) => {
        /// An instruction performed by the runtime.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum ProcessOperation {
            $( #[doc = concat!("`", $mnemonic, "`")] $variant, )*
        }

        impl ProcessOperation {
            /// Every operation, in the order of their numbers.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),* ];

            /// The operation an instruction asks for, if it is one.
            #[must_use]
            pub const fn of(op: &OpCode) -> Option<Self> {
                match op {
                    $( OpCode::$variant { .. } => Some(Self::$variant), )*
                    _ => None,
                }
            }

            /// The instruction's mnemonic.
            #[must_use]
            pub const fn mnemonic(self) -> &'static str {
                match self { $( Self::$variant => $mnemonic, )* }
            }
        }
    };
}

define_process_operations! {
    GiveAway "GIVE_AWAY";
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
    AsyncRead "ASYNC_READ";
    AsyncWrite "ASYNC_WRITE";
    Await "AWAIT";
    StreamCreate "STREAM_CREATE";
    StreamWrite "STREAM_WRITE";
    StreamRead "STREAM_READ";
    StreamClose "STREAM_CLOSE";
    BarrierNew "BARRIER_NEW";
    Barrier "BARRIER";
    BarrierTimeout "BARRIER_TIMEOUT";
    BarrierJoin "BARRIER_JOIN";
    BarrierReset "BARRIER_RESET";
    BarrierStatus "BARRIER_STATUS";
    BspRun "BSP_RUN";
    BspId "BSP_ID";
    BspCount "BSP_COUNT";
    BspSend "BSP_SEND";
    Superstep "SUPERSTEP";
    VoteHalt "VOTE_HALT";
    Aggregate "AGGREGATE";
    Aggregated "AGGREGATED";
    Broadcast "BROADCAST";
    Scatter "SCATTER";
    Gather "GATHER";
    AllGather "ALL_GATHER";
    Reduce "REDUCE";
    AllReduce "ALL_REDUCE";
    Scan "SCAN";
    AllToAll "ALL_TO_ALL";
    Checkpoint "CHECKPOINT";
    Compute "COMPUTE";
    BspStatus "BSP_STATUS";
    BspPhase "BSP_PHASE";
    TickRun "TICK_RUN";
}

impl ProcessOperation {
    /// Whether it belongs to supersteps, of which the runtime itself knows nothing.
    #[must_use]
    pub const fn is_superstep(self) -> bool {
        // They are the last of the list above, as a test says.
        self as u8 >= Self::BarrierNew as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        info::{INSTRUCTIONS, InstructionInfo},
        operand::Text,
    };

    #[test]
    fn every_process_instruction_but_receiving_is_an_operation() {
        let rows = INSTRUCTIONS
            .iter()
            .filter(|info| matches!(info.code, 0xCF | 0x80..=0x9F | 0xD0..=0xF3 | 0xFD | 0xFE00..=0xFE06));
        let expected: Vec<&str> = rows.map(|info| info.mnemonic).filter(|word| !word.starts_with("RECEIVE")).collect();
        let operations: Vec<&str> = ProcessOperation::ALL.iter().map(|operation| operation.mnemonic()).collect();
        assert_eq!(operations, expected);
        assert!(ProcessOperation::ALL.iter().enumerate().all(|(number, operation)| *operation as usize == number));
    }

    #[test]
    fn the_operations_of_supersteps_are_those_of_their_part_of_the_table() {
        for operation in ProcessOperation::ALL {
            let info = InstructionInfo::of_mnemonic(operation.mnemonic()).expect("an operation is an instruction");
            assert_eq!(operation.is_superstep(), matches!(info.code, 0xDA..=0xF3 | 0xFD), "{}", info.mnemonic);
        }
    }

    #[test]
    fn a_written_operation_takes_the_place_of_the_function_on_the_stack() {
        let (name, op) = (Text::from("total"), Some(Text::from("sum")));
        assert_eq!(OpCode::Superstep { name: Some(name.clone()) }.effect(), Some((0, 1)));
        assert_eq!(OpCode::Superstep { name: None }.effect(), Some((1, 1)));
        assert_eq!(OpCode::Aggregate { name: name.clone(), op: op.clone() }.effect(), Some((1, 0)));
        assert_eq!(OpCode::Aggregate { name, op: None }.effect(), Some((2, 0)));
        assert_eq!(OpCode::Reduce { op: op.clone() }.effect(), Some((2, 1)));
        assert_eq!(OpCode::Reduce { op: None }.effect(), Some((3, 1)));
        assert_eq!(OpCode::TickRun { ticks: Some(3) }.effect(), Some((1, 1)));
        assert_eq!(OpCode::TickRun { ticks: None }.effect(), Some((2, 1)));
        for (written, taken) in [(op, 1), (None, 2)] {
            assert_eq!(OpCode::AllReduce { op: written.clone() }.effect(), Some((taken, 1)));
            assert_eq!(OpCode::Scan { op: written }.effect(), Some((taken, 1)));
        }
        assert_eq!(OpCode::BarrierTimeout { target: 0 }.effect(), Some((2, 1)));
    }

    #[test]
    fn written_pids_and_names_take_the_place_of_values_on_the_stack() {
        assert_eq!(OpCode::Spawn { count: None }.effect(), Some((1, 1)));
        assert_eq!(OpCode::SpawnLink { count: Some(2) }.effect(), Some((3, 1)));
        assert_eq!(OpCode::SpawnMonitor { count: Some(0) }.effect(), Some((1, 2)));
        for stacked in [None, Some(0)] {
            assert_eq!(OpCode::Send { pid: stacked }.effect(), Some((2, 0)));
            assert_eq!(OpCode::Monitor { pid: stacked }.effect(), Some((1, 1)));
            assert_eq!(OpCode::Link { pid: stacked }.effect(), Some((1, 0)));
            assert_eq!(OpCode::Unlink { pid: stacked }.effect(), Some((1, 0)));
        }
        assert_eq!(OpCode::Send { pid: Some(7) }.effect(), Some((1, 0)));
        assert_eq!(OpCode::Monitor { pid: Some(7) }.effect(), Some((0, 1)));
        assert_eq!(OpCode::Link { pid: Some(7) }.effect(), Some((0, 0)));
        assert_eq!(OpCode::Unlink { pid: Some(7) }.effect(), Some((0, 0)));
        assert_eq!(OpCode::StartSupervisor { name: None }.effect(), Some((0, 0)));
        assert_eq!(OpCode::StartSupervisor { name: Some("s".into()) }.effect(), Some((0, 1)));
        assert_eq!(OpCode::RestartChild { name: None }.effect(), Some((2, 1)));
        assert_eq!(OpCode::RestartChild { name: Some("c".into()) }.effect(), Some((0, 0)));
        assert_eq!(OpCode::Demonitor { name: None }.effect(), Some((1, 0)));
        assert_eq!(OpCode::Demonitor { name: Some("mon_1_2".into()) }.effect(), Some((0, 0)));
        assert_eq!(OpCode::ReceiveTimeout { target: 0 }.effect(), Some((1, 1)));
    }
}
