//! Register code: what the engine runs. Eight bytes an instruction, slots counted from the frame's header.
//!
//! Slot 0 is the frame's header; variables follow from slot 1, then temporaries. Two rules hold for every
//! operation (R1 and R2, cited by the engine):
//!
//! * R1 reading a temporary consumes it: afterwards the slot holds nothing that must be dropped;
//! * R2 writing a slot drops what it held, which for a temporary is nothing.
//!
//! Reading a variable leaves it in place unless the operation says "takes". This table has no public
//! numbers: it may change any day.

/// One register instruction. What the fields mean depends on `op`; `b` and `c` together may be one 32-bit number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Instruction {
    /// The operation.
    pub op: Op,
    /// Mostly the destination slot.
    pub a: u16,
    /// Mostly the first source slot.
    pub b: u16,
    /// Mostly the second source slot.
    pub c: u16,
}

const _: () = assert!(size_of::<Instruction>() == 8);

impl Instruction {
    /// An instruction with three small fields.
    #[must_use]
    pub const fn new(op: Op, a: u16, b: u16, c: u16) -> Self {
        Self { op, a, b, c }
    }

    /// An instruction with one small field and a 32-bit one.
    #[must_use]
    pub const fn wide(op: Op, a: u16, number: u32) -> Self {
        Self { op, a, b: number as u16, c: (number >> 16) as u16 }
    }

    /// The 32-bit number in `b` and `c`.
    #[must_use]
    #[inline(always)]
    pub const fn number(self) -> u32 {
        self.b as u32 | (self.c as u32) << 16
    }

    /// The 32-bit jump distance in `b` and `c`, from this instruction.
    #[must_use]
    #[inline(always)]
    pub const fn distance(self) -> i32 {
        self.number() as i32
    }
}

/// The operations of register code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Op {
    /// a = copy of b.
    Copy,
    /// a = b, taking b.
    Take,
    /// a = constant number.
    Constant,
    /// Drops temporary a.
    Drop,
    /// Exchanges temporaries a and b.
    Swap,
    /// Raises `Undefined variable` with name constant number if variable a does not exist.
    CheckDefined,
    /// Makes variable a not exist.
    Undefine,
    /// DELETE: makes variable a not exist, warning with name constant number if it does not already.
    Delete,

    /// a = b + c and so on.
    Add,
    /// a = b - c.
    Sub,
    /// a = b * c.
    Mul,
    /// a = b / c.
    Div,
    /// a = b mod c.
    Mod,
    /// a = b rem c.
    Rem,
    /// a = b + c, c a signed number; also subtracts.
    AddNumber,
    /// a = b + constant c.
    AddConstant,
    /// a = b - constant c.
    SubConstant,
    /// a = b * constant c.
    MulConstant,
    /// a = b / constant c.
    DivConstant,
    /// a = b mod constant c.
    ModConstant,
    /// a = b rem constant c.
    RemConstant,
    /// a = constant b - c.
    ConstantSub,
    /// a = constant b / c.
    ConstantDiv,

    /// a = 1 if b = c, else 0.
    Eq,
    /// a = 1 if b differs from c, else 0.
    Ne,
    /// a = 1 if b < c, else 0.
    Lt,
    /// a = 1 if b <= c, else 0.
    Le,
    /// a = 1 if b > c, else 0.
    Gt,
    /// a = 1 if b >= c, else 0.
    Ge,

    /// Jumps by the distance.
    Jump,
    /// Jumps back by the distance; costs a reduction.
    Loop,
    /// Jumps by the distance if a is true.
    JumpTrue,
    /// Jumps by the distance if a is false.
    JumpFalse,
    /// Jumps by c if a = b.
    JumpEq,
    /// Jumps by c if a differs from b.
    JumpNe,
    /// Jumps by c if a < b.
    JumpLt,
    /// Jumps by c if a <= b.
    JumpLe,
    /// Jumps by c if a > b.
    JumpGt,
    /// Jumps by c if a >= b.
    JumpGe,
    /// Jumps by c unless a < b.
    JumpNotLt,
    /// Jumps by c unless a <= b.
    JumpNotLe,
    /// Jumps by c unless a > b.
    JumpNotGt,
    /// Jumps by c unless a >= b.
    JumpNotGe,
    /// Jumps by c if a = the signed number b.
    JumpEqNumber,
    /// Jumps by c if a differs from the signed number b.
    JumpNeNumber,
    /// Jumps by c if a < the signed number b.
    JumpLtNumber,
    /// Jumps by c if a <= the signed number b.
    JumpLeNumber,
    /// Jumps by c if a > the signed number b.
    JumpGtNumber,
    /// Jumps by c if a >= the signed number b.
    JumpGeNumber,
    /// Jumps by c unless a < the signed number b.
    JumpNotLtNumber,
    /// Jumps by c unless a <= the signed number b.
    JumpNotLeNumber,
    /// Jumps by c unless a > the signed number b.
    JumpNotGtNumber,
    /// Jumps by c unless a >= the signed number b.
    JumpNotGeNumber,
    /// Jumps by c if a = constant b.
    JumpEqConstant,
    /// Jumps by c if a differs from constant b.
    JumpNeConstant,
    /// Jumps by c if a < constant b.
    JumpLtConstant,
    /// Jumps by c if a <= constant b.
    JumpLeConstant,
    /// Jumps by c if a > constant b.
    JumpGtConstant,
    /// Jumps by c if a >= constant b.
    JumpGeConstant,
    /// Jumps by c unless a < constant b.
    JumpNotLtConstant,
    /// Jumps by c unless a <= constant b.
    JumpNotLeConstant,
    /// Jumps by c unless a > constant b.
    JumpNotGtConstant,
    /// Jumps by c unless a >= constant b.
    JumpNotGeConstant,

    /// Calls the function of site number; its frame begins at slot a, its arguments lie behind that.
    Call,
    /// Calls function value b with c arguments in a frame at slot a; the next instruction holds the site.
    CallValue,
    /// Calls function number in place of this frame; arguments lie as for a call at slot a.
    TailCall,
    /// Calls the imported function of site number in place of this frame.
    TailCallImport,
    /// Calls function value b with c arguments (as for a call at slot a) in place of this frame.
    TailCallValue,
    /// Returns the value of slot a, taking it; drops variables 1 to b.
    Return,
    /// Returns constant a; drops variables 1 to b.
    ReturnConstant,
    /// Returns no value; drops variables 1 to b.
    ReturnNothing,
    /// Ends the process, or the module being imported.
    Stop,
    /// RET at top level: raises its error.
    NoScope,
    /// Throws a, taking it.
    Throw,
    /// Ends the program with exit code a.
    Exit,
    /// The second half of the instruction before.
    Extra,

    /// a = function number.
    MakeFunction,
    /// a = closure over the c captures in slots from b on; the next instruction holds the function.
    MakeClosure,
    /// The same, with those captures that exist, under their names, in the order that was noted.
    MakeClosureDynamic,
    /// Notes that hidden variable b is about to hold a capture, the last one unless it holds one; slot a holds the order.
    CaptureNote,
    /// a = function of import site number.
    MakeImport,

    /// a = element c of b.
    Index,
    /// a = length of b.
    Len,
    /// a = field (constant c) of b.
    GetField,
    /// a = value of key c in b.
    MapGet,
    /// a = list a with b at its end, taking both.
    Append,
    /// a = list a with c at index b, taking a and c.
    SetIndex,
    /// a = object a with field (constant c) b, taking a and b.
    SetField,
    /// a = map a with c under key b, taking all.
    MapPut,
    /// a = element c of array b.
    ArrayGet,
    /// a = array a with c at index b, taking a.
    ArraySet,
    /// a = str a and str b, taking a.
    Concat,
    /// a = list of the number values in slots from a on, taking them.
    MakeList,
    /// a = built-in b of the c values in slots from a on, taking them.
    Builtin,
    /// Stops for host operation b with the c values in slots from a on; the answer goes to a.
    Host,
    /// Asks the kernel for process operation b with the c values in slots from a on; results go to the slots from a on.
    Process,
    /// a = the oldest message, waiting for one.
    Receive,
    /// a = the oldest message; jumps by the distance, dropping a, when the milliseconds that a held are over.
    ReceiveTimeout,
    /// Goes on where receive table number says; slot a holds the order of variables, if it is not 0.
    ReceiveMatch,
    /// Ends the process with reason a, taking it.
    ExitSelf,
    /// Prints a, taking it; b says where (0 stdout, 1 stderr, 2 stdout without newline).
    Print,
    /// a = random float.
    Random,
    /// Seeds the random generator with a, taking it.
    RandomSeed,
    /// Imports the module of constant number into this frame.
    Import,
    /// Exports variable a under constant number.
    Export,
    /// Prints the variables of this frame; slot a holds their order.
    DumpScope,
    /// Notes that variable b came into existence (slot a holds the order).
    ScopeNote,
    /// Notes that variable b went out of existence.
    ScopeForget,

    /// Goes on with this function's exact-mode code: the entry of functions that have no other.
    EnterExact,
    /// The process's first function has returned the value of slot 1.
    Finish,

    /// Exact mode: notes where this frame's operands begin. First instruction of an exact function.
    ExactEnter,
    /// Exact mode: temporary a = popped operand; b says for which instruction (index in the table).
    ExactPop,
    /// Exact mode: pushes temporary a, taking it.
    ExactPush,
    /// Exact mode: raises `Need n stack items` unless there are number operands.
    ExactNeed,
    /// Exact mode: calls the function of site number with arguments from the operand stack. The callee returns to
    /// the instruction behind, a push, if it returns a value in a slot, and else skips it.
    ExactCall,
    /// Exact mode: calls function value a (taking it), b = written count + 1 or 0; the next instruction holds the site.
    ExactCallValue,
    /// Exact mode: the same in place of this frame, if no handler of it is armed.
    ExactTailCallValue,
    /// Exact mode: calls the function of site number in place of this frame, if no handler of it is armed.
    ExactTailCall,
    /// Exact mode: returns, leaving the operands for the caller.
    ExactReturn,
    /// Exact mode: returns the top operand or null, dropping those of this frame.
    ExactReturnTop,
    /// Exact mode: arms a handler that continues by the distance.
    ExactTry,
    /// Exact mode: disarms the frame's newest handler, if there is one.
    ExactEndTry,

    /// `JumpFalse` and `Loop`. From here on: fused operations (see `fuse.rs`).
    LoopTrue,
    /// `JumpNotLt` and `Loop`.
    LoopLt,
    /// `JumpNotLe` and `Loop`.
    LoopLe,
    /// `JumpNotGt` and `Loop`.
    LoopGt,
    /// `JumpNotGe` and `Loop`.
    LoopGe,
    /// `JumpNotLtNumber` and `Loop`.
    LoopLtNumber,
    /// `JumpNotLeNumber` and `Loop`.
    LoopLeNumber,
    /// `JumpNotGtNumber` and `Loop`.
    LoopGtNumber,
    /// `JumpNotGeNumber` and `Loop`.
    LoopGeNumber,
    /// `AddNumber` to a variable, its `JumpNotLt` and `Loop`.
    CountLt,
    /// `AddNumber` to a variable, its `JumpNotLe` and `Loop`.
    CountLe,
    /// `AddNumber` to a variable, its `JumpNotLtNumber` and `Loop`.
    CountLtNumber,
    /// `AddNumber` to a variable, its `JumpNotLeNumber` and `Loop`.
    CountLeNumber,
    /// `MulConstant` and the `AddNumber` that reads its result.
    MulConstantAddNumber,
    /// `Mul` and the `Add` whose right side is its result.
    MulAdd,
    /// `Mul` and the `Sub` whose right side is its result.
    MulSub,
    /// `Index` and the `Add` whose right side is its result.
    IndexAdd,
    /// `Index` and the `Sub` whose right side is its result.
    IndexSub,
    /// `ArrayGet` and the `Add` whose right side is its result.
    ArrayGetAdd,
    /// `ArrayGet` and the `Sub` whose right side is its result.
    ArrayGetSub,
    /// `AddNumber` and the `Call` behind it.
    AddNumberCall,
    /// `Add` and the `Return` of its result.
    AddReturn,
    /// `Copy` and the `Append` of the copy.
    CopyAppend,
    /// `Copy` and the `MapPut` of the copy as value.
    CopyMapPut,
    /// `MapGet` and the `Drop` of its key.
    MapGetDrop,
    /// `Copy` to a temporary and the `Call` behind it.
    CopyCall,
    /// `Copy` to a temporary and the `CallValue` behind it.
    CopyCallValue,
    /// `Constant` and the `Builtin` whose second argument it is, which gives bits of two ints.
    ConstantBits,
}
