//! Supersteps: barriers, processors and what they exchange, declared computations, ticks. 0xDA-0xF3 and 0xFD.
//!
//! What they promise is in `docs/reference/supersteps.md`. All of them are performed for the engine (`process.rs`). An
//! operation written as a word (`op`) is one of `fold.rs`; left out, a function comes from the stack.

macro_rules! table_supersteps {
    ($next:ident $chain:tt $callback:ident { $($rows:tt)* }) => {
        chain! { $chain $callback { $($rows)*
    family "Barriers" {
        BARRIER_NEW     = 0xDA BarrierNew {}                     "parties -> barrier" call next "Makes a barrier for a list of processes, or for an int n of processes that are yet to come.";
        BARRIER         = 0xDB Barrier {}                        "barrier -> int" call next "Waits until all parties have come and pushes the generation.";
        BARRIER_TIMEOUT = 0xDC BarrierTimeout { target: Target } "barrier ms -> int" call branch "Like BARRIER; when the time passes first, goes to the target and pushes nothing.";
        BARRIER_JOIN    = 0xDD BarrierJoin {}                    "barrier ->" call next "Becomes a party of the barrier without waiting.";
        BARRIER_RESET   = 0xDE BarrierReset {}                   "barrier ->" call next "Makes a broken or timed-out barrier usable again.";
        BARRIER_STATUS  = 0xDF BarrierStatus {}                  "barrier -> obj" call next "What is known of a barrier: parties, waiting, missing, never_joined, generation and broken.";
    }
    family "Processors" {
        BSP_RUN    = 0xE0 BspRun {}                                  "f options -> list" call next "Runs f(partition, id, count) as a group of processors and pushes their results in order.";
        BSP_ID     = 0xE1 BspId {}                                   "-> int" free next "The number of the current processor, from 0.";
        BSP_COUNT  = 0xE2 BspCount {}                                "-> int" free next "How many processors the group began with.";
        BSP_SEND   = 0xE3 BspSend {}                                 "v to ->" message next "Queues a message for the processor with the number `to`; it is handed over at the next SUPERSTEP.";
        SUPERSTEP  = 0xE4 Superstep { name: OptionalText }           "[name] -> list/null" call next "Ends the superstep, meets the barrier and begins the superstep of that name (from the stack if none is written, also as {name, timeout}): pushes the messages that came, or null when all have voted to halt.";
        VOTE_HALT  = 0xE5 VoteHalt {}                                "->" free next "Sits out the coming supersteps until a message comes.";
        AGGREGATE  = 0xE6 Aggregate { name: Text, op: OptionalText } "v [f] ->" call next "Adds v to the aggregate of that name with the operation, or with the function f if none is written.";
        AGGREGATED = 0xE7 Aggregated { name: Text }                  "-> v/null" free next "What the aggregate of that name came to in the last superstep, or null.";
        BROADCAST  = 0xE8 Broadcast {}                               "v root -> v" call next "Pushes the v of the processor `root` on every processor.";
        SCATTER    = 0xE9 Scatter {}                                 "list root -> v" call next "Pushes on each processor its element of the list that the processor `root` gives.";
        GATHER     = 0xEA Gather {}                                  "v root -> list/null" call next "Pushes the values of all processors in order on `root`, null on the others.";
        ALL_GATHER = 0xEB AllGather {}                               "v -> list" call next "Pushes the values of all processors in order on every one.";
        REDUCE     = 0xEC Reduce { op: OptionalText }                "v [f] root -> v/null" call next "Folds the values of all processors in order and pushes the result on `root`, null on the others.";
        ALL_REDUCE = 0xED AllReduce { op: OptionalText }             "v [f] -> v" call next "Folds the values of all processors in order and pushes the result on every one.";
        SCAN       = 0xEE Scan { op: OptionalText }                  "v [f] -> v" call next "Folds the values of the processors up to this one, its own included.";
        ALL_TO_ALL = 0xEF AllToAll {}                                "list -> list" call next "Gives element i to processor i and pushes what the processors gave to this one, in order.";
        CHECKPOINT = 0xF0 Checkpoint {}                              "state ->" call next "Hands the state over; it counts from the next barrier on, with the messages that come there.";
    }
    family "Computations" {
        COMPUTE    = 0xF1 Compute { name: Text }   "input options -> list" call next "Runs the `.computation` of that name and pushes the processors' results in order.";
        BSP_STATUS = 0xF2 BspStatus { name: Text } "-> obj/null" call next "How far the computation of that name is: status, superstep, count, processors and phases; null if there is none.";
        BSP_PHASE  = 0xF3 BspPhase { name: Text }  "->" free next "Says which phase the current processor is in.";
        TICK_RUN   = 0xFD TickRun { ticks: OptionalCount } "world [n] -> obj" call next "Runs n ticks of a world of std/tick and pushes {world, ticks}: the world after them, and a report of each.";
    } } }
    };
}
