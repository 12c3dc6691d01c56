//! Reads the metadata section: source name, bodies, labels, exports, imports; supervisors and computations in
//! `metadata/`.

mod computations;
mod supervisors;

use serde::{Deserialize, Serialize};
use ttvm_isa::{Names, Text};

use super::{Cursor, ReadError};
use crate::{
    Body, Import, Label, Module,
    constants::check_text,
    format::{
        FEATURE_COMPUTATIONS, FEATURE_SUPERVISORS,
        order::OrderCheck,
        records::{BodyRecord, ImportRecord, LabelRecord, Record},
    },
};

/// Reads a module without its code and lines.
pub(crate) fn read(cursor: Cursor<'_>, features: u32) -> Result<Module, ReadError> {
    let mut reader = MetadataReader { cursor, order: OrderCheck::default(), scratch: Vec::new() };
    let source = reader.name(Record::Source)?;
    let bodies = reader.list(Record::Body, MetadataReader::body)?;
    let labels = reader.list(Record::Label, MetadataReader::label)?;
    let exports = reader.list(Record::Export, |reader| reader.name(Record::Export))?;
    let imports = reader.list(Record::Import, MetadataReader::import)?;
    let supervisors = reader.feature(features, FEATURE_SUPERVISORS, Record::Supervisor, MetadataReader::supervisor)?;
    let computations =
        reader.feature(features, FEATURE_COMPUTATIONS, Record::Computation, MetadataReader::computation)?;
    reader.cursor.finish()?;
    Ok(Module {
        source,
        code: Vec::new(),
        lines: Vec::new(),
        bodies,
        labels,
        exports,
        imports,
        supervisors,
        computations,
    })
}

struct MetadataReader<'a> {
    cursor: Cursor<'a>,
    order: OrderCheck,
    scratch: Vec<u8>,
}

impl<'a> MetadataReader<'a> {
    fn record<T: Deserialize<'a> + Serialize>(&mut self, record: Record) -> Result<T, ReadError> {
        self.cursor.record(record, &mut self.scratch)
    }

    /// Reads a count and as many items. Memory grows with the items read, not with the count.
    fn list<T>(
        &mut self,
        record: Record,
        mut item: impl FnMut(&mut Self) -> Result<T, ReadError>,
    ) -> Result<Vec<T>, ReadError> {
        let place = self.cursor.truncated();
        let count: u64 = self.record(record)?;
        // Every record takes a byte or more: a larger count is known to be wrong before any work.
        if count > self.cursor.remaining() {
            return Err(place);
        }
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// The list that is there with a feature flag, and then not empty.
    fn feature<T>(
        &mut self,
        features: u32,
        flag: u32,
        record: Record,
        item: impl FnMut(&mut Self) -> Result<T, ReadError>,
    ) -> Result<Vec<T>, ReadError> {
        if features & flag == 0 {
            return Ok(Vec::new());
        }
        let items = self.list(record, item)?;
        if items.is_empty() { Err(ReadError::UnusedFeatures { flags: flag }) } else { Ok(items) }
    }

    /// A record's string as the module holds it; `offset` is where the record begins.
    fn text(text: &str, record: Record, offset: u64) -> Result<Text, ReadError> {
        check_text(text).map_err(|reason| ReadError::TextTooLong { offset, record, reason })?;
        Ok(text.into())
    }

    /// A record that is a string and nothing else.
    fn name(&mut self, record: Record) -> Result<Text, ReadError> {
        let offset = self.cursor.offset();
        let name: &str = self.record(record)?;
        Self::text(name, record, offset)
    }

    fn body(&mut self) -> Result<Body, ReadError> {
        let offset = self.cursor.offset();
        let body: BodyRecord<'_> = self.record(Record::Body)?;
        let parameters: Names = self.list(Record::Parameter, |reader| reader.name(Record::Parameter))?.into();
        self.order
            .body(body.start, body.end, parameters.len() as u64)
            .map_err(|reason| ReadError::BadOrder { offset, reason })?;
        Ok(Body {
            kind: body.kind.into(),
            name: Self::text(body.name, Record::Body, offset)?,
            parameters,
            start: body.start,
            end: body.end,
        })
    }

    fn label(&mut self) -> Result<Label, ReadError> {
        let offset = self.cursor.offset();
        let label: LabelRecord<'_> = self.record(Record::Label)?;
        self.order.label(label.at, label.body).map_err(|reason| ReadError::BadOrder { offset, reason })?;
        Ok(Label { name: Self::text(label.name, Record::Label, offset)?, at: label.at, body: label.body })
    }

    fn import(&mut self) -> Result<Import, ReadError> {
        let offset = self.cursor.offset();
        let import: ImportRecord<'_> = self.record(Record::Import)?;
        Ok(Import {
            path: Self::text(import.path, Record::Import, offset)?,
            prefix: Self::text(import.prefix, Record::Import, offset)?,
        })
    }
}
