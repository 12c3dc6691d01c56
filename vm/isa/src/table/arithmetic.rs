//! Numbers: arithmetic, comparison, bits, random numbers, and `CONCAT`, which history put among them.

macro_rules! table_arithmetic {
    ($next:ident $chain:tt $callback:ident { $($rows:tt)* }) => {
        chain! { $chain $callback { $($rows)*
    family "Arithmetic" {
        ADD    = 0x10 Add {}    "a b -> num" inputs next "Adds: ints exactly (a big int when 64 bits are too few), mixed operands as floats.";
        SUB    = 0x11 Sub {}    "a b -> num" inputs next "Subtracts b from a.";
        CONCAT = 0x12 Concat {} "a b -> str" last next "Joins two strings; the left one is extended in place when nobody else holds it.";
        MUL    = 0x13 Mul {}    "a b -> num" product next "Multiplies.";
        DIV    = 0x14 Div {}    "a b -> num" product next "Divides; two ints truncate toward zero; a zero divisor is an error.";
        ADD_F  = 0x15 AddF {}   "a b -> float" free next "Adds as floats.";
        SUB_F  = 0x16 SubF {}   "a b -> float" free next "Subtracts as floats.";
        MUL_F  = 0x17 MulF {}   "a b -> float" free next "Multiplies as floats.";
        DIV_F  = 0x18 DivF {}   "a b -> float" free next "Divides as floats; a zero divisor is an error.";
        MOD    = 0x19 Mod {}    "a b -> num" product next "Remainder with the sign of the divisor.";
        REM    = 0x1A Rem {}    "a b -> num" product next "Remainder with the sign of the dividend.";
        NEG    = 0x1B Neg {}    "a -> num" inputs next "Negates.";
        ABS    = 0x1C Abs {}    "a -> num" inputs next "Absolute value.";
        MIN    = 0x1D Min {}    "a b -> num" free next "The smaller of two numbers by the total order; the first when they are equal.";
        MAX    = 0x1E Max {}    "a b -> num" free next "The larger of two numbers by the total order; the first when they are equal.";
        POW    = 0x1F Pow {}    "a b -> num" power next "a to the power b; an int to a negative int power is a float.";
    }
    family "Comparison" {
        EQ     = 0x20 Eq {}    "a b -> 1/0" compare next "Structural equality of any two values; different types are unequal.";
        GT     = 0x21 Gt {}    "a b -> 1/0" free next "Whether a > b; numbers only.";
        LT     = 0x22 Lt {}    "a b -> 1/0" free next "Whether a < b; numbers only.";
        NE     = 0x23 Ne {}    "a b -> 1/0" compare next "Structural inequality.";
        GE     = 0x24 Ge {}    "a b -> 1/0" free next "Whether a >= b; numbers only.";
        LE     = 0x25 Le {}    "a b -> 1/0" free next "Whether a <= b; numbers only.";
        EQ_F   = 0x26 EqF {}   "a b -> 1/0" free next "Whether two numbers are identical or differ by less than 2.220446049250313e-16.";
        NE_F   = 0x27 NeF {}   "a b -> 1/0" free next "The opposite of EQ_F.";
        GT_F   = 0x28 GtF {}   "a b -> 1/0" free next "Whether a > b, as floats.";
        LT_F   = 0x29 LtF {}   "a b -> 1/0" free next "Whether a < b, as floats.";
        GE_F   = 0x2A GeF {}   "a b -> 1/0" free next "Whether a >= b, as floats.";
        LE_F   = 0x2B LeF {}   "a b -> 1/0" free next "Whether a <= b, as floats.";
        EQ_NUM = 0x2C EqNum {} "a b -> 1/0" free next "Equality of two numbers by exact value, whatever their types.";
        CMP    = 0x2D Cmp {}   "a b -> int" compare next "-1, 0 or 1 by the total order of all values.";
    }
    family "More mathematics" {
        SQRT        = 0x55 Sqrt {}       "a -> float" free next "Square root; NaN of a negative number.";
        FLOOR       = 0x56 Floor {}      "a -> int" free next "The largest int not above a; an infinite or NaN float is an error.";
        CEIL        = 0x57 Ceil {}       "a -> int" free next "The smallest int not below a; an infinite or NaN float is an error.";
        ROUND       = 0x58 Round {}      "a -> int" free next "The nearest int, halves away from zero; an infinite or NaN float is an error.";
        BIT_AND     = 0x59 BitAnd {}     "a b -> int" inputs next "Bitwise and of two ints (two's complement without end).";
        BIT_OR      = 0x5A BitOr {}      "a b -> int" inputs next "Bitwise or of two ints.";
        BIT_XOR     = 0x5B BitXor {}     "a b -> int" inputs next "Bitwise exclusive or of two ints.";
        SHL         = 0x5C Shl {}        "a n -> int" result next "Shifts a left by n bits; never loses bits.";
        SHR         = 0x5D Shr {}        "a n -> int" inputs next "Shifts a right by n bits, arithmetically.";
        RANDOM      = 0x5E Random {}     "-> float" free next "Pushes a random float, 0 <= r < 1, from the process's seeded generator.";
        RANDOM_SEED = 0x5F RandomSeed {} "int ->" free next "Seeds the process's random generator.";
    } } }
    };
}
