//! The instructions that work on values only and need no register operation of their own.

use ttvm_isa::OpCode;

macro_rules! define_builtins {
    ($( $variant:ident $arguments:literal; )*) => {
        /// A built-in: takes its arguments from consecutive slots and leaves one result, or none.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Builtin {
            $( #[doc = concat!("See [`OpCode::", stringify!($variant), "`].")] $variant, )*
        }

        impl Builtin {
            /// Every built-in, in the order of their numbers.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),* ];

            /// The built-in of an instruction, if it is one.
            #[must_use]
            pub const fn of(op: &OpCode) -> Option<Self> {
                match op {
                    $( OpCode::$variant { .. } => Some(Self::$variant), )*
                    _ => None,
                }
            }

            /// How many arguments it takes; operands written in the instruction come last.
            #[must_use]
            pub const fn arguments(self) -> u16 {
                match self { $( Self::$variant => $arguments, )* }
            }

            /// The built-in with this number.
            #[must_use]
            pub fn of_number(number: u16) -> Option<Self> {
                Self::ALL.get(usize::from(number)).copied()
            }
        }
    };
}

define_builtins! {
    Not 1; And 2; Or 2;
    AddF 2; SubF 2; MulF 2; DivF 2; Neg 1; Abs 1; Min 2; Max 2; Pow 2;
    EqF 2; NeF 2; GtF 2; LtF 2; GeF 2; LeF 2; EqNum 2; Cmp 2;
    Sqrt 1; Floor 1; Ceil 1; Round 1; BitAnd 2; BitOr 2; BitXor 2; Shl 2; Shr 2;
    Assert 1; AssertEq 2; ErrorMessage 1; ErrorKind 1; ErrorTrace 1;
    Slice 3; ListConcat 2; Reverse 1; Sort 1; Range 2; Contains 2;
    MakeObject 0; HasField 2; DeleteField 2; Keys 1;
    TypeOf 1; ToStr 1; ToInt 1; ToFloat 1; StrLen 1; Substr 3; Split 2; Join 2; Find 2; Replace 3; Upper 1; Lower 1;
    Trim 1; Chars 1; BytesOf 1; Format 2;
    MapNew 0; MapRemove 2; MapHas 2; MapKeys 1; MapSize 1;
    ArrayF64 1; ArrayI64 1; ArrayFill 2; ArraySum 1; ArrayDot 2; ArrayAxpy 3; ArrayGather 2; ArrayScatterAdd 3;
}
