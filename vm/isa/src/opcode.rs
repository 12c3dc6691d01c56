//! The type [`OpCode`]: one instruction with its operands, made from the instruction table.

use crate::{info::InstructionInfo, operand::kinds};

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
            | Self::Try { target } => Some(*target),
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
            | Self::Try { target } => Some(target),
            _ => None,
        }
    }

    /// How many values the instruction takes from the stack and leaves on it.
    ///
    /// What calls through a value and returns do depends on more than the instruction: they give `None`.
    #[must_use]
    pub fn effect(&self) -> Option<(u32, u32)> {
        match self {
            Self::Ret {} | Self::CallFunction { .. } | Self::Call { .. } | Self::TailCall { .. } => None,
            Self::CallImport { count, .. } => Some((*count, 1)),
            Self::MakeList { count } => Some((*count, 1)),
            Self::ArrayF64 { count } | Self::ArrayI64 { count } => Some((u32::from(count.is_none()), 1)),
            _ => {
                let effect = self.info().effect;
                Some((effect.pops, effect.pushes))
            }
        }
    }
}
