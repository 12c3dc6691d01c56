//! Reads the list of supervisors at the end of the metadata.

use num_bigint::BigInt;
use ttvm_isa::{Float, Integer, limits};

use super::{MetadataReader, ReadError};
use crate::{
    SupervisorSpec,
    format::{
        Record,
        records::supervisors::{ChildRecord, LiteralRecord, ShutdownRecord, StartRecord, SupervisorRecord},
    },
    supervisor::{AutoShutdown, Backoff, ChildSpec, Literal, Restart, Shutdown, Start, Strategy},
};

impl MetadataReader<'_> {
    pub(super) fn supervisor(&mut self) -> Result<SupervisorSpec, ReadError> {
        let offset = self.cursor.offset();
        let bad = ReadError::BadRecord { offset, record: Record::Supervisor };
        let record: SupervisorRecord<'_> = self.record(Record::Supervisor)?;
        Ok(SupervisorSpec {
            name: Self::text(record.name, Record::Supervisor, offset)?,
            strategy: *Strategy::ALL.get(usize::from(record.strategy)).ok_or(bad)?,
            intensity: record.intensity,
            period_ms: record.period_ms,
            auto_shutdown: *AutoShutdown::ALL.get(usize::from(record.auto_shutdown)).ok_or(bad)?,
            children: self.list(Record::Child, Self::child)?,
        })
    }

    fn child(&mut self) -> Result<ChildSpec, ReadError> {
        let offset = self.cursor.offset();
        let bad = ReadError::BadRecord { offset, record: Record::Child };
        let record: ChildRecord<'_> = self.record(Record::Child)?;
        let id = Self::text(record.id, Record::Child, offset)?;
        let restart = *Restart::ALL.get(usize::from(record.restart)).ok_or(bad)?;
        let start = match record.start {
            StartRecord::Function(name) => Start::Function {
                name: Self::text(name, Record::Child, offset)?,
                arguments: self.list(Record::Argument, Self::argument)?,
            },
            StartRecord::Supervisor(name) => Start::Supervisor(Self::text(name, Record::Child, offset)?),
        };
        Ok(ChildSpec {
            id,
            start,
            restart,
            shutdown: match record.shutdown {
                ShutdownRecord::After(milliseconds) => Shutdown::After(milliseconds),
                ShutdownRecord::BrutalKill => Shutdown::BrutalKill,
                ShutdownRecord::Infinity => Shutdown::Infinity,
            },
            significant: record.significant,
            backoff: record.backoff.map(|(first_ms, last_ms)| Backoff { first_ms, last_ms }),
        })
    }

    fn argument(&mut self) -> Result<Literal, ReadError> {
        let offset = self.cursor.offset();
        let bad = ReadError::BadRecord { offset, record: Record::Argument };
        Ok(match self.record(Record::Argument)? {
            LiteralRecord::Integer(small) => Literal::Integer(Integer::Small(small)),
            LiteralRecord::BigInteger(digits) => Literal::Integer(big_integer(digits).ok_or(bad)?),
            LiteralRecord::Float(bits) => {
                let float = Float::new(f64::from_bits(bits));
                if float.get().to_bits() != bits {
                    return Err(bad);
                }
                Literal::Float(float)
            }
            LiteralRecord::Text(text) => Literal::Text(Self::text(text, Record::Argument, offset)?),
            LiteralRecord::Flag(flag) => Literal::Flag(flag),
            LiteralRecord::Null => Literal::Null,
        })
    }
}

/// The integer that these digits and no others stand for, if 64 bits cannot hold it.
fn big_integer(digits: &str) -> Option<Integer> {
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    let is_canonical = unsigned.len() <= limits::INTEGER_DIGITS_MAX
        && unsigned.bytes().all(|digit| digit.is_ascii_digit())
        && !unsigned.starts_with('0');
    let integer = Integer::from(digits.parse::<BigInt>().ok().filter(|_| is_canonical)?);
    matches!(integer, Integer::Big(_)).then_some(integer)
}
