//! Where execution goes: jumps, calls, functions, exceptions, modules, the end.

macro_rules! table_control {
    ($next:ident $chain:tt $callback:ident { $($rows:tt)* }) => {
        chain! { $chain $callback { $($rows)*
    family "Control" {
        JMP           = 0x30 Jmp { target: Target }                      "->" jump jump "Goes to the target.";
        JZ            = 0x31 Jz { target: Target }                       "a ->" jump branch "Goes to the target if a is int 0, false or null.";
        CALL          = 0x32 Call { target: Target, parameters: Names }  "v1 .. vn -> .." call call "Calls the target in a new frame that holds exactly the named parameters, the last one from the top of the stack.";
        RET           = 0x33 Ret {}                                      ".. -> .." free return "Returns to the caller; at top level an error.";
        JNZ           = 0x34 Jnz { target: Target }                      "a ->" jump branch "Goes to the target unless a is int 0, false or null.";
        TAIL_CALL     = 0x35 TailCall { target: Target, parameters: Names } "v1 .. vn -> .." call return "Calls the target in place of the current frame; its result is the result of the current call.";
        MAKE_FUNCTION = 0x36 MakeFunction { target: Target, parameters: Names } "-> fn" free next "Pushes a function value for the target.";
        CAPTURE       = 0x37 Capture { name: Name }                      "->" free next "Remembers the variable's present value for the next MAKE_LAMBDA of this frame.";
        MAKE_LAMBDA   = 0x38 MakeLambda { target: Target, parameters: Names } "-> fn" free next "Pushes a closure for the target with the captures made so far, and clears them.";
        CALL_FUNCTION = 0x39 CallFunction { count: OptionalCount }       "v1 .. vn fn -> .." call call "Calls the function or closure on top; its parameters lie below it. A written count must be the number it takes.";
        TRY           = 0x3A Try { target: Target }                      "->" free next "Arms a handler: an error until its END_TRY cuts the stacks back to here, pushes the exception and goes to the target.";
        CATCH         = 0x3B Catch {}                                    "->" free next "Marks where a handler begins; does nothing.";
        THROW         = 0x3C Throw {}                                    "a ->" free stop "Throws: a str as an exception's message, an exception again, anything else as `Thrown value: ..`.";
        END_TRY       = 0x3D EndTry {}                                   "->" free next "Ends the try it belongs to; in a catch block, which has ended its own try, does nothing.";
        CALL_IMPORT   = 0x3E CallImport { prefix: Name, name: Name, count: Count } "v1 .. vn -> v" call call "Calls a function exported by a module of an `.import` directive; also written `CALL prefix.name/count`.";
        LOAD_IMPORT   = 0x3F LoadImport { prefix: Name, name: Name }     "-> fn" free next "Pushes a function exported by a module of an `.import` directive; also written `LOAD prefix.name`.";
    }
    family "Variables and modules" {
        STORE      = 0x50 Store { name: Name }   "a ->" free next "Sets a variable of the current frame.";
        LOAD       = 0x51 Load { name: Name }    "-> v" free next "Pushes a variable of the current frame; unknown is an error.";
        DELETE     = 0x52 Delete { name: Name }  "->" free next "Removes a variable of the current frame; warns on stderr if there is none.";
        IMPORT     = 0x53 Import { path: Text }  "->" call call "Runs the module once and copies its exports into the current frame.";
        EXPORT     = 0x54 Export { name: Name }  "->" free next "Adds the variable's present value to the module's exports.";
        DUMP_SCOPE = 0x70 DumpScope {}           "->" free next "Prints the variables of the current frame, in order of their first STORE.";
    }
    family "Errors and checks" {
        ASSERT        = 0x7D Assert {}       "a ->" free next "Fails with `Assertion failed` if a is int 0, false or null.";
        ASSERT_EQ     = 0x7E AssertEq {}     "a b ->" compare next "Fails unless a and b are equal (as EQ says), naming both.";
        ERROR_MESSAGE = 0xC4 ErrorMessage {} "exc -> str" free next "The message of an exception.";
        ERROR_KIND    = 0xC5 ErrorKind {}    "exc -> str" free next "The kind of an exception: thrown, type, index, undefined, underflow, arithmetic, file, import, assertion, limit, host, json, encoding, noproc, barrier, superstep or argument.";
        ERROR_TRACE   = 0xC6 ErrorTrace {}   "exc -> list" free next "The call chain of an exception, innermost first, a str each.";
        HALT          = 0xFF Halt {}         "->" free stop "Ends the process normally; in an imported module, ends the module.";
    } } }
    };
}
