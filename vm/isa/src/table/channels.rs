//! Futures and streams: what processes hand each other without knowing each other. 0xFE00-0xFE06.
//!
//! What they promise is in `docs/reference/channels.md`. All of them are performed for the engine (`process.rs`).

macro_rules! table_channels {
    ($next:ident $chain:tt $callback:ident { $($rows:tt)* }) => {
        chain! { $chain $callback { $($rows)*
    family "Futures and streams" {
        ASYNC_READ    = 0xFE00 AsyncRead {}    "path -> future" call next "Begins to read a file as READ_FILE does; AWAIT says what came of it.";
        ASYNC_WRITE   = 0xFE01 AsyncWrite {}   "content path -> future" call next "Begins to write a str or bytes into a file as WRITE_FILE does; AWAIT says what came of it.";
        AWAIT         = 0xFE02 Await {}        "future -> v" call next "Waits for what comes of a future, once: its value, or its error. What was written gives null.";
        STREAM_CREATE = 0xFE03 StreamCreate {} "type -> stream" call next "Makes a stream: type is pause, drop_oldest or drop_newest, or {policy, capacity}.";
        STREAM_WRITE  = 0xFE04 StreamWrite {}  "stream v -> int" message next "Puts a value at the end of a stream and pushes how many were dropped for that, 0 or 1; under the policy pause waits for room instead.";
        STREAM_READ   = 0xFE05 StreamRead {}   "stream n -> list/null" message next "Waits until something is in a stream and takes up to n of its values, the oldest first; null when it is closed and empty.";
        STREAM_CLOSE  = 0xFE06 StreamClose {}  "stream -> bool" call next "Closes a stream: nothing more is written, what is in it may still be read. Pushes true.";
    } } }
    };
}
