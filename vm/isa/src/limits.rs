//! Every limit of the machine, each with its reason. Reaching one is an error with a message, never an abort.

/// Instructions in one module. Targets are 32-bit; 16 million keep verification within seconds.
pub const INSTRUCTIONS_MAX: u32 = 1 << 24;

/// Bytes of one string or name in a module.
pub const TEXT_BYTES_MAX: u32 = 1 << 28;

/// Bytes of a `.ttvm` file that the assembler takes.
pub const SOURCE_BYTES_MAX: u64 = 1 << 30;

/// Bytes of a `.ttb` file that the reader takes.
pub const FILE_BYTES_MAX: u64 = 1 << 30;

/// Decimal digits of an integer literal; reading one takes time in the square of its length.
pub const INTEGER_DIGITS_MAX: usize = 100_000;

/// Bits of an int; a larger result is an error, so that one instruction cannot take all memory.
pub const INTEGER_BITS_MAX: u64 = 1 << 30;

/// Parameters of one function or call.
pub const PARAMETERS_MAX: u32 = 255;

/// Cases of one `.receive` block.
pub const RECEIVE_CASES_MAX: usize = 4096;

/// How deeply patterns and guards of a `.receive` block may nest, so that matching can go down them by calling itself.
pub const RECEIVE_DEPTH_MAX: usize = 64;

/// Patterns, guards and their parts in one `.receive` block: a table of the largest kind takes a few megabytes.
pub const RECEIVE_PARTS_MAX: usize = 1 << 16;

/// Children of one supervisor in a `.supervisor` block, and its literal arguments together.
pub const SUPERVISOR_PARTS_MAX: usize = 1 << 16;

/// Supersteps of one iteration of a `.computation` block.
pub const COMPUTATION_SUPERSTEPS_MAX: usize = 4096;

/// The highest number that a superstep or iteration may have: numbers are ints of 64 bits.
pub const SUPERSTEP_NUMBER_MAX: u64 = i64::MAX as u64;

/// Slots (variables and operand stack positions) of one function: slot numbers are 16-bit.
pub const SLOTS_MAX: u32 = 60_000;

/// How many instructions all functions of a module may have together when those that several functions
/// share are counted once for each: at most this many times the module's length, plus
/// [`SHARED_CODE_ALLOWANCE`]. Without it a file of n instructions could ask for n² work.
pub const SHARED_CODE_FACTOR: u64 = 8;

/// See [`SHARED_CODE_FACTOR`].
pub const SHARED_CODE_ALLOWANCE: u64 = 1 << 16;

/// Cells (16 bytes each) of one process's call stack: 2 GiB, about 30 million small calls deep.
pub const STACK_CELLS_MAX: usize = 1 << 27;

/// Elements of one list, map, object or array, and bytes of one string.
pub const ELEMENTS_MAX: usize = u32::MAX as usize - 16;

/// Armed handlers of one process in code whose handlers cannot be known before it runs.
pub const HANDLERS_MAX: usize = 1 << 20;

/// How deeply values may nest when printed, compared or turned to text without the heap: deeper levels
/// go on a work list of their own.
pub const JSON_DEPTH_MAX: usize = 512;

/// Bytes that `DECOMPRESS` makes: a few kilobytes of input could ask for terabytes.
pub const DECOMPRESSED_BYTES_MAX: u64 = 1 << 28;

/// Bytes of the body of an answer to `HTTP_GET` or `HTTP_POST`, as they come over the wire.
pub const HTTP_BODY_BYTES_MAX: usize = 1 << 26;

/// Headers of such an answer, and of a request; servers send some twenty.
pub const HTTP_HEADERS_MAX: usize = 256;

/// Bytes of all these headers together.
pub const HTTP_HEAD_BYTES_MAX: usize = 1 << 18;

/// Bytes of a URL: four times what servers take.
pub const HTTP_URL_BYTES_MAX: usize = 1 << 15;

/// Redirects of one request that are followed: as many as most clients follow.
pub const HTTP_REDIRECTS_MAX: u32 = 10;

/// Call-chain lines kept in an exception: the innermost 64 and the outermost 64.
pub const TRACE_FRAMES_MAX: usize = 128;

/// The longest time a program may wait, in milliseconds: 100 years, so that no deadline overflows (64 bits of
/// nanoseconds hold 292 years from the machine's start).
pub const WAIT_MILLISECONDS_MAX: u64 = 100 * 366 * 24 * 3_600 * 1_000;
const _: () = assert!(WAIT_MILLISECONDS_MAX < i64::MAX as u64 / 1_000_000);

/// Reductions a process may spend in one turn: 4000 at about 2.5 ns are 10 us, long enough to hide a
/// switch and short enough that 100 runnable processes wait 1 ms.
pub const REDUCTIONS_PER_TURN: i64 = 4_000;

/// Processes at once: as many as pids have indexes of control blocks, but one that is nobody's.
pub const PROCESSES_MAX: u32 = (1 << 24) - 1;

/// Values that a stream holds at most: as many as one `STREAM_READ` may take at once, in less than a millisecond.
pub const STREAM_CAPACITY_MAX: u32 = 1 << 16;

/// Values that a stream holds at most if its maker does not say how many.
pub const STREAM_CAPACITY_DEFAULT: u32 = 64;

/// How often a process, and those it comes from, may lessen what it is permitted: each time is looked at when something is
/// asked for.
pub const RIGHTS_MAX: usize = 32;
