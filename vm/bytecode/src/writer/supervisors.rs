//! Writes the list of supervisors at the end of the metadata.

use super::{MetadataWriter, WriteError, check_length};
use crate::{
    SupervisorSpec,
    constants::check_big,
    format::{
        Record, records,
        records::supervisors::{ChildRecord, LiteralRecord, ShutdownRecord, StartRecord, SupervisorRecord},
    },
    supervisor::{ChildSpec, Literal, Shutdown, Start},
};

pub(super) fn write(writer: &mut MetadataWriter, supervisors: &[SupervisorSpec]) -> Result<(), WriteError> {
    writer.count(supervisors.len());
    for (index, supervisor) in (0..).zip(supervisors) {
        check_length(Record::Supervisor, index, &supervisor.name)?;
        let record = SupervisorRecord {
            name: &supervisor.name,
            strategy: supervisor.strategy as u8,
            intensity: supervisor.intensity,
            period_ms: supervisor.period_ms,
            auto_shutdown: supervisor.auto_shutdown as u8,
        };
        records::encode(&mut writer.bytes, &record);
        writer.count(supervisor.children.len());
        for (index, child) in (0..).zip(&supervisor.children) {
            write_child(writer, index, child)?;
        }
    }
    Ok(())
}

fn write_child(writer: &mut MetadataWriter, index: u64, child: &ChildSpec) -> Result<(), WriteError> {
    check_length(Record::Child, index, &child.id)?;
    let (start, name) = match &child.start {
        Start::Function { name, .. } => (StartRecord::Function(name), name),
        Start::Supervisor(name) => (StartRecord::Supervisor(name), name),
    };
    check_length(Record::Child, index, name)?;
    let record = ChildRecord {
        id: &child.id,
        start,
        restart: child.restart as u8,
        shutdown: match child.shutdown {
            Shutdown::After(milliseconds) => ShutdownRecord::After(milliseconds),
            Shutdown::BrutalKill => ShutdownRecord::BrutalKill,
            Shutdown::Infinity => ShutdownRecord::Infinity,
        },
        significant: child.significant,
        backoff: child.backoff.map(|backoff| (backoff.first_ms, backoff.last_ms)),
    };
    records::encode(&mut writer.bytes, &record);
    let Start::Function { arguments, .. } = &child.start else { return Ok(()) };
    writer.count(arguments.len());
    for (index, argument) in (0..).zip(arguments) {
        write_argument(writer, index, argument)?;
    }
    Ok(())
}

fn write_argument(writer: &mut MetadataWriter, index: u64, argument: &Literal) -> Result<(), WriteError> {
    let digits;
    let record = match argument {
        Literal::Integer(ttvm_isa::Integer::Small(small)) => LiteralRecord::Integer(*small),
        Literal::Integer(ttvm_isa::Integer::Big(big)) => {
            check_big(big).map_err(|reason| WriteError::TextTooLong { record: Record::Argument, index, reason })?;
            digits = big.to_string();
            LiteralRecord::BigInteger(&digits)
        }
        Literal::Float(float) => LiteralRecord::Float(float.get().to_bits()),
        Literal::Text(text) => {
            check_length(Record::Argument, index, text)?;
            LiteralRecord::Text(text)
        }
        Literal::Flag(flag) => LiteralRecord::Flag(*flag),
        Literal::Null => LiteralRecord::Null,
    };
    records::encode(&mut writer.bytes, &record);
    Ok(())
}
