//! Writes the list of computations at the end of the metadata.

use super::{MetadataWriter, WriteError, check_length};
use crate::{
    ComputationSpec,
    computation::{Combiner, Compute, Convergence, SuperstepSpec},
    format::{
        Record, records,
        records::computations::{CombinerRecord, ComputationRecord, ComputeRecord, ConvergenceRecord, SuperstepRecord},
    },
};

pub(super) fn write(writer: &mut MetadataWriter, computations: &[ComputationSpec]) -> Result<(), WriteError> {
    writer.count(computations.len());
    for (index, computation) in (0..).zip(computations) {
        check_length(Record::Computation, index, &computation.name)?;
        for (_, name) in computation.functions() {
            check_length(Record::Computation, index, name)?;
        }
        let record = ComputationRecord {
            name: &computation.name,
            initialize: computation.initialize.as_deref(),
            finalize: computation.finalize.as_deref(),
            processors: computation.processors,
            max_supersteps: computation.max_supersteps,
            barrier_timeout_ms: computation.barrier_timeout_ms,
            checkpoint_every: computation.checkpoint_every,
            on_crash_restart: computation.on_crash_restart,
            combine: match &computation.combine {
                None => CombinerRecord::None,
                Some(Combiner::Operation(operation)) => CombinerRecord::Operation(*operation as u8),
                Some(Combiner::Function(name)) => CombinerRecord::Function(name),
            },
        };
        records::encode(&mut writer.bytes, &record);
        writer.count(computation.supersteps.len());
        for (index, superstep) in (0..).zip(&computation.supersteps) {
            write_superstep(writer, index, superstep)?;
        }
    }
    Ok(())
}

fn write_superstep(writer: &mut MetadataWriter, index: u64, superstep: &SuperstepSpec) -> Result<(), WriteError> {
    check_length(Record::Superstep, index, &superstep.name)?;
    for (_, name) in superstep.functions() {
        check_length(Record::Superstep, index, name)?;
    }
    let record = SuperstepRecord {
        name: &superstep.name,
        compute: match &superstep.compute {
            None => ComputeRecord::None,
            Some(Compute::Keep) => ComputeRecord::Keep,
            Some(Compute::Function(name)) => ComputeRecord::Function(name),
        },
        communicate: superstep.communicate.as_deref(),
        converged: match &superstep.converged {
            Convergence::Never => ConvergenceRecord::Never,
            Convergence::Always => ConvergenceRecord::Always,
            Convergence::Function(name) => ConvergenceRecord::Function(name),
        },
    };
    records::encode(&mut writer.bytes, &record);
    Ok(())
}
