//! The world outside: printing, input, environment, commands, time, files, JSON.

macro_rules! table_world {
    ($next:ident $chain:tt $callback:ident { $($rows:tt)* }) => {
        chain! { $chain $callback { $($rows)*
    family "Input, output, environment and time" {
        PRINT          = 0x40 Print {}         "a ->" deep next "Writes the value and a newline to stdout.";
        PRINT_ERR      = 0x41 PrintErr {}      "a ->" deep next "Writes the value and a newline to stderr.";
        WRITE          = 0x42 Write {}         "a ->" deep next "Writes the value to stdout without a newline.";
        READ_LINE      = 0x43 ReadLine {}      "-> str/null" result next "Reads a line from stdin, without its line end; null at the end of input.";
        READ_CHAR      = 0x44 ReadChar {}      "-> str/null" free next "Reads one character from stdin; null at the end of input.";
        READ_INPUT     = 0x45 ReadInput {}     "-> str" result next "Reads all of stdin.";
        GET_ENV        = 0x46 GetEnv {}        "name -> str/null" free next "Pushes an environment variable, or null.";
        SET_ENV        = 0x47 SetEnv {}        "name value ->" free next "Sets an environment variable for this program and the commands it runs.";
        GET_ARGS       = 0x48 GetArgs {}       "-> list" free next "Pushes the words after the program on the command line.";
        EXEC           = 0x49 Exec {}          "cmd args -> int" free next "Runs a command with its arguments and pushes its exit code.";
        EXEC_CAPTURE   = 0x4A ExecCapture {}   "cmd args -> obj" free next "Runs a command and pushes {stdout, stderr, exit_code}.";
        EXIT           = 0x4B Exit {}          "n ->" free stop "Stops the whole program with this exit code.";
        GET_TIME       = 0x4C GetTime {}       "-> int" free next "Pushes the seconds since 1970 (Unix time).";
        SLEEP          = 0x4D Sleep {}         "ms ->" free next "Waits this many milliseconds, int or float.";
        FORMAT_TIME    = 0x4E FormatTime {}    "ts fmt -> str" free next "Formats Unix seconds with strftime's codes, in UTC.";
        MONOTONIC_TIME = 0x4F MonotonicTime {} "-> int" free next "Pushes nanoseconds of a clock that never goes back.";
    }
    family "Files and JSON" {
        READ_FILE      = 0x72 ReadFile {}      "path -> str" result next "Reads a file as UTF-8 text.";
        WRITE_FILE     = 0x73 WriteFile {}     "content path ->" inputs next "Writes a file anew.";
        APPEND_FILE    = 0x74 AppendFile {}    "content path ->" inputs next "Appends to a file, creating it if need be.";
        READ_BYTES     = 0x75 ReadBytes {}     "path -> bytes" result next "Reads a file as bytes.";
        WRITE_BYTES    = 0x76 WriteBytes {}    "content path ->" inputs next "Writes bytes to a file anew.";
        FILE_EXISTS    = 0x77 FileExists {}    "path -> bool" free next "Whether something lies at the path.";
        FILE_SIZE      = 0x78 FileSize {}      "path -> int" free next "The size of a file in bytes.";
        DELETE_FILE    = 0x79 DeleteFile {}    "path ->" free next "Deletes a file.";
        LIST_DIR       = 0x7A ListDir {}       "path -> list" result next "The names in a directory, sorted.";
        JSON_PARSE     = 0x7B JsonParse {}     "str -> v" inputs next "Parses JSON; objects keep their order, ints stay exact.";
        JSON_STRINGIFY = 0x7C JsonStringify {} "v -> str" result next "Writes a value as compact JSON.";
    } } }
    };
}
