//! The type [`OpCode`]: one instruction with its operands, made from the instruction table.

use std::sync::Arc;

use crate::{
    info::InstructionInfo,
    operand::{Text, kinds},
};

macro_rules! define_opcode {
    ($( family $family:literal { $(
        $mnemonic:ident = $code:literal $variant:ident { $($operand:ident : $kind:ident),* }
            $effect:literal $cost:ident $flow:ident $doc:literal;
    )* } )*) => {
        /// One instruction of a program, with its operands.
        // Documentation lines and effects speak of `x[k]` and `[n]`, which are no links.
        #[expect(rustdoc::broken_intra_doc_links, reason = "the table's texts are not written for rustdoc")]
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum OpCode {
            $($(
                #[doc = concat!("`", stringify!($mnemonic), "` (", $effect, "): ", $doc)]
                $variant {
                    $(
                        #[doc = concat!("The operand `", stringify!($operand), "`.")]
                        $operand: kinds::$kind,
                    )*
                },
            )*)*
        }

        impl OpCode {
            /// The instruction's mnemonic.
            #[must_use]
            pub const fn mnemonic(&self) -> &'static str {
                match self { $($( Self::$variant { .. } => stringify!($mnemonic), )*)* }
            }

            /// The instruction's number in the bytecode.
            #[must_use]
            pub const fn code(&self) -> u16 {
                match self { $($( Self::$variant { .. } => $code, )*)* }
            }

            /// The instruction's row of the table.
            #[must_use]
            pub fn info(&self) -> &'static InstructionInfo {
                InstructionInfo::of_code(self.code()).expect("every variant is made from a row of the table")
            }
        }
    };
}

with_instructions!(define_opcode);

impl OpCode {
    /// The instruction this one may go to besides the next: a jump's, call's, function's or handler's target.
    ///
    /// `RECEIVE_MATCH` has a table of them instead: see [`OpCode::targets`].
    #[must_use]
    pub fn target(&self) -> Option<u32> {
        match self {
            Self::Jmp { target }
            | Self::Jz { target }
            | Self::Jnz { target }
            | Self::Call { target, .. }
            | Self::TailCall { target, .. }
            | Self::MakeFunction { target, .. }
            | Self::MakeLambda { target, .. }
            | Self::Try { target }
            | Self::ReceiveTimeout { target }
            | Self::BarrierTimeout { target } => Some(*target),
            _ => None,
        }
    }

    /// The same as [`OpCode::target`], to change it.
    #[must_use]
    pub fn target_mut(&mut self) -> Option<&mut u32> {
        match self {
            Self::Jmp { target }
            | Self::Jz { target }
            | Self::Jnz { target }
            | Self::Call { target, .. }
            | Self::TailCall { target, .. }
            | Self::MakeFunction { target, .. }
            | Self::MakeLambda { target, .. }
            | Self::Try { target }
            | Self::ReceiveTimeout { target }
            | Self::BarrierTimeout { target } => Some(target),
            _ => None,
        }
    }

    /// Every target written in the instruction: that of [`OpCode::target`], or those of a receive table.
    pub fn targets(&self) -> impl Iterator<Item = u32> + '_ {
        self.target().into_iter().chain(self.table_targets())
    }

    /// The targets within the frame: those of jumps, handlers and receive tables, not of calls and functions.
    pub fn jump_targets(&self) -> impl Iterator<Item = u32> + '_ {
        let target = match self {
            Self::Jmp { target }
            | Self::Jz { target }
            | Self::Jnz { target }
            | Self::Try { target }
            | Self::ReceiveTimeout { target }
            | Self::BarrierTimeout { target } => Some(*target),
            _ => None,
        };
        target.into_iter().chain(self.table_targets())
    }

    /// The targets of a receive table.
    pub fn table_targets(&self) -> impl Iterator<Item = u32> + '_ {
        let table = if let Self::ReceiveMatch { table } = self { Some(table) } else { None };
        table.into_iter().flat_map(|table| table.targets())
    }

    /// Changes every target of [`OpCode::targets`].
    pub fn map_targets(&mut self, mut new: impl FnMut(u32) -> u32) {
        if let Some(target) = self.target_mut() {
            *target = new(*target);
        }
        if let Self::ReceiveMatch { table } = self {
            Arc::make_mut(table).targets_mut().for_each(|target| *target = new(*target));
        }
    }

    /// The word of the operation that the instruction folds values with, if one is written: see
    /// [`crate::FoldOperation`].
    #[must_use]
    pub fn fold_word(&self) -> Option<&Text> {
        match self {
            Self::Aggregate { op, .. } | Self::Reduce { op } | Self::AllReduce { op } | Self::Scan { op } => {
                op.as_ref()
            }
            _ => None,
        }
    }

    /// Whether the instruction goes to its target when its time is over. Then it pushes nothing.
    #[must_use]
    pub const fn waits_until(&self) -> bool {
        matches!(self, Self::ReceiveTimeout { .. } | Self::BarrierTimeout { .. })
    }

    /// How many values the instruction takes from the stack and leaves on it.
    ///
    /// What calls through a value and returns do depends on more than the instruction: they give `None`. For what
    /// goes to its target see also [`OpCode::waits_until`].
    #[must_use]
    pub fn effect(&self) -> Option<(u32, u32)> {
        match self {
            Self::Ret {} | Self::CallFunction { .. } | Self::Call { .. } | Self::TailCall { .. } => None,
            Self::CallImport { count, .. } => Some((*count, 1)),
            Self::MakeList { count } => Some((*count, 1)),
            Self::ArrayF64 { count } | Self::ArrayI64 { count } => Some((u32::from(count.is_none()), 1)),
            Self::DbQuery { parameters } | Self::DbExec { parameters } => {
                Some((parameters.unwrap_or(0).saturating_add(2), 1))
            }
            Self::Spawn { count } | Self::SpawnLink { count } => Some((count.unwrap_or(0).saturating_add(1), 1)),
            Self::SpawnMonitor { count } => Some((count.unwrap_or(0).saturating_add(1), 2)),
            Self::Send { pid: Some(1..) } => Some((1, 0)),
            Self::Monitor { pid: Some(1..) } => Some((0, 1)),
            Self::Link { pid: Some(1..) }
            | Self::Unlink { pid: Some(1..) }
            | Self::RestartChild { name: Some(_) }
            | Self::Demonitor { name: Some(_) } => Some((0, 0)),
            Self::StartSupervisor { name: Some(_) } => Some((0, 1)),
            Self::TickRun { ticks } => Some((1 + u32::from(ticks.is_none()), 1)),
            Self::Superstep { name } => Some((u32::from(name.is_none()), 1)),
            Self::Aggregate { op, .. } => Some((1 + u32::from(op.is_none()), 0)),
            Self::Reduce { op } => Some((2 + u32::from(op.is_none()), 1)),
            Self::AllReduce { op } | Self::Scan { op } => Some((1 + u32::from(op.is_none()), 1)),
            _ => {
                let effect = self.info().effect;
                Some((effect.pops, effect.pushes))
            }
        }
    }
}
