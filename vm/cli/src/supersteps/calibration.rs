//! Measures what supersteps cost on this machine.
//!
//! Two small computations run many supersteps: one in which nothing happens, one in which every processor sends many
//! messages to its neighbour. What a superstep takes beyond its longest computation is l, and what the messages add to
//! that is g for each of them. Medians, because other programs disturb single supersteps.

use std::sync::{Arc, Mutex};

use ttvm_machine::{
    ComputationInput, ComputationStart, Ending, Input, Loader, Machine, MachineConfiguration, Output, Telemetry,
    TelemetryEvent,
};

use super::{
    costs::Costs,
    rows::{Row, Rows},
};
use crate::observe::lock;

/// Supersteps of each computation.
const SUPERSTEPS: u64 = 300;

/// Messages that each processor sends in a superstep.
const MESSAGES: u64 = 200;

const PROGRAM: &str = "\
.computation nothing
  superstep turn  compute=keep
.end
.computation messages
  superstep turn  compute=keep  communicate=to_neighbour
.end
.fn to_neighbour state superstep
    BSP_ID
    PUSH_INT 1
    ADD
    BSP_COUNT
    MOD
    NULL
    MAKE_LIST 2
    STORE message
    MAKE_LIST 0
    STORE all
    LOAD state
    STORE left
  more:
    LOAD left
    JZ done
    LOAD left
    PUSH_INT 1
    SUB
    STORE left
    LOAD all
    LOAD message
    APPEND
    STORE all
    JMP more
  done:
    LOAD all
    RET
.end
";

/// Writes down the supersteps of one computation.
#[derive(Default)]
struct Meter(Mutex<(Rows, Vec<Row>)>);

impl Telemetry for Meter {
    fn event(&self, event: &TelemetryEvent<'_>) {
        let (rows, complete) = &mut *lock(&self.0);
        complete.extend(rows.note(event));
    }
}

/// Measures for so many processors on so many schedulers.
///
/// # Errors
/// A reason in words, such as too many processors for this machine.
pub fn measure(schedulers: usize, processors: u32) -> Result<Costs, String> {
    let l_ns = overhead("nothing", schedulers, processors)?;
    let with_messages = overhead("messages", schedulers, processors)?;
    let g_ns = (with_messages - l_ns).max(0.0) / MESSAGES as f64;
    Ok(Costs { schedulers, processors, g_ns, l_ns })
}

/// The median of what supersteps take beyond their longest computation, in nanoseconds.
fn overhead(computation: &str, schedulers: usize, processors: u32) -> Result<f64, String> {
    let mut loader = Loader::default();
    let start = ComputationStart {
        name: computation.to_owned(),
        input: ComputationInput::Json(MESSAGES.to_string()),
        processors: Some(processors),
        max_supersteps: Some(SUPERSTEPS),
        ..ComputationStart::default()
    };
    let program = loader.load_bytes("calibrate", PROGRAM.as_bytes()).map_err(|error| error.to_string())?;
    let (program, body) = loader.load_computation(&program, &start).map_err(|error| error.to_string())?;
    let meter = Arc::new(Meter::default());
    let configuration = MachineConfiguration {
        input: Input::Bytes(Vec::new()),
        output: Output::captured(),
        schedulers,
        loader,
        telemetry: Some(Arc::clone(&meter) as Arc<dyn Telemetry>),
        ..MachineConfiguration::default()
    };
    match Machine::for_test(program, body, configuration).run().ending {
        Ending::Normal => {}
        Ending::Crashed(crash) => return Err(crash.exception.message().as_str().to_owned()),
        other => return Err(format!("{other:?}")),
    }
    let mut times: Vec<u128> = {
        let (_, rows) = &*lock(&meter.0);
        rows.iter().map(|row| row.total.saturating_sub(row.work).as_nanos()).collect()
    };
    times.sort_unstable();
    let median = times.get(times.len() / 2).ok_or("nothing was measured")?;
    Ok(*median as f64)
}
