//! Reads the list of computations at the end of the metadata.

use ttvm_isa::{FoldOperation, Text};

use super::{MetadataReader, ReadError};
use crate::{
    ComputationSpec,
    computation::{Combiner, Compute, Convergence, SuperstepSpec},
    format::{
        Record,
        records::computations::{CombinerRecord, ComputationRecord, ComputeRecord, ConvergenceRecord, SuperstepRecord},
    },
};

impl MetadataReader<'_> {
    pub(super) fn computation(&mut self) -> Result<ComputationSpec, ReadError> {
        let offset = self.cursor.offset();
        let record: ComputationRecord<'_> = self.record(Record::Computation)?;
        let text = |name: &str| Self::text(name, Record::Computation, offset);
        Ok(ComputationSpec {
            name: text(record.name)?,
            initialize: record.initialize.map(text).transpose()?,
            finalize: record.finalize.map(text).transpose()?,
            processors: record.processors,
            max_supersteps: record.max_supersteps,
            barrier_timeout_ms: record.barrier_timeout_ms,
            checkpoint_every: record.checkpoint_every,
            on_crash_restart: record.on_crash_restart,
            combine: match record.combine {
                CombinerRecord::None => None,
                CombinerRecord::Operation(number) => {
                    let bad = ReadError::BadRecord { offset, record: Record::Computation };
                    Some(Combiner::Operation(*FoldOperation::ALL.get(usize::from(number)).ok_or(bad)?))
                }
                CombinerRecord::Function(name) => Some(Combiner::Function(text(name)?)),
            },
            supersteps: self.list(Record::Superstep, Self::superstep)?,
        })
    }

    fn superstep(&mut self) -> Result<SuperstepSpec, ReadError> {
        let offset = self.cursor.offset();
        let record: SuperstepRecord<'_> = self.record(Record::Superstep)?;
        let text = |name: &str| -> Result<Text, ReadError> { Self::text(name, Record::Superstep, offset) };
        Ok(SuperstepSpec {
            name: text(record.name)?,
            compute: match record.compute {
                ComputeRecord::None => None,
                ComputeRecord::Keep => Some(Compute::Keep),
                ComputeRecord::Function(name) => Some(Compute::Function(text(name)?)),
            },
            communicate: record.communicate.map(text).transpose()?,
            converged: match record.converged {
                ConvergenceRecord::Never => Convergence::Never,
                ConvergenceRecord::Always => Convergence::Always,
                ConvergenceRecord::Function(name) => Convergence::Function(text(name)?),
            },
        })
    }
}
