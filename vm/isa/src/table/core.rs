//! Constants and the order of the operand stack. 0x01-0x0F.

macro_rules! table_core {
    ($next:ident $chain:tt $callback:ident { $($rows:tt)* }) => {
        chain! { $chain $callback { $($rows)*
    family "Constants and stack" {
        PUSH_INT   = 0x01 PushInt { value: Integer }  "-> int" free next "Pushes an integer of any size.";
        PUSH_STR   = 0x02 PushStr { value: Text }     "-> str" free next "Pushes a string; the quotes may be left out, then the rest of the line counts.";
        TRUE       = 0x03 True {}                     "-> bool" free next "Pushes true.";
        FALSE      = 0x04 False {}                    "-> bool" free next "Pushes false.";
        NULL       = 0x05 Null {}                     "-> null" free next "Pushes null.";
        NOT        = 0x06 Not {}                      "a -> bool" free next "Pushes whether the bool is false or the int is 0.";
        AND        = 0x07 And {}                      "a b -> bool" free next "Pushes whether both are true (bools or ints); both are always computed.";
        OR         = 0x08 Or {}                       "a b -> bool" free next "Pushes whether one is true (bools or ints); both are always computed.";
        DUP        = 0x09 Dup {}                      "a -> a a" free next "Pushes the top of the stack once more.";
        PUSH_FLOAT = 0x0A PushFloat { value: Float }  "-> float" free next "Pushes a 64-bit IEEE 754 float.";
        PUSH_BOOL  = 0x0B PushBool { value: Flag }    "-> bool" free next "Pushes true or false.";
        POP        = 0x0C Pop {}                      "a ->" free next "Drops the top of the stack.";
        SWAP       = 0x0D Swap {}                     "a b -> b a" free next "Exchanges the two topmost values.";
        OVER       = 0x0E Over {}                     "a b -> a b a" free next "Pushes the second value once more.";
        ROT        = 0x0F Rot {}                      "a b c -> b c a" free next "Brings the third value to the top.";
    } } }
    };
}
