//! A server's answer as the value `{status, headers, body}`.
//!
//! Whatever takes long, such as undoing compression, is done where that disturbs nobody.

use hyper::{
    HeaderMap, StatusCode,
    header::{self, HeaderValue},
};
use ttvm_isa::{Fault, HostOperation};
use ttvm_platform::jobs;
use ttvm_value::{Object, Str, Value};

use crate::{
    arguments::{host_fault, new_object, new_text, new_text_or_bytes},
    compression::decompressed,
    network::Made,
};

/// Bytes that become a value in less time than it takes to hand them to another thread.
const QUICK_BYTES_MAX: usize = 1 << 14;

/// What a server says.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// As it came.
    pub body: Vec<u8>,
    /// Whether to undo compression.
    pub decodes: bool,
}

impl Answer {
    /// The value for the program.
    pub fn into_made(self, operation: HostOperation) -> Result<Made, Fault> {
        if self.body.len() <= QUICK_BYTES_MAX && !self.is_compressed() {
            return self.read(operation).map(Made::Value);
        }
        let failed = move |panicked| Err(host_fault(operation, panicked));
        Ok(Made::Later(Box::new(move || jobs::caught(|| self.read(operation)).unwrap_or_else(failed))))
    }

    /// Whether the body is compressed in a way that we asked for. Answers to `HEAD` say so without a body.
    fn is_compressed(&self) -> bool {
        let encoding = self.headers.get(header::CONTENT_ENCODING);
        let is_known =
            encoding.is_some_and(|encoding| ["gzip", "x-gzip", "zstd"].iter().any(|known| encoding == known));
        self.decodes && is_known && !self.body.is_empty()
    }

    fn read(mut self, operation: HostOperation) -> Result<Value, Fault> {
        if self.is_compressed() {
            self.body = decompressed(&self.body, |error| host_fault(operation, error))?;
            // They speak of a body that the program never sees.
            self.headers.remove(header::CONTENT_ENCODING);
            self.headers.remove(header::CONTENT_LENGTH);
        }
        let mut headers = Object::new();
        for name in self.headers.keys() {
            // A cookie may contain commas, but no line end.
            let separator = if name == header::SET_COOKIE { "\n" } else { ", " };
            let texts: Vec<String> = self.headers.get_all(name).iter().map(header_text).collect();
            headers.set(&Str::new(name.as_str())?, new_text(&texts.join(separator))?)?;
        }
        new_object([
            ("status", Value::Int(i64::from(self.status.as_u16()))),
            ("headers", Value::Object(headers)),
            ("body", new_text_or_bytes(&self.body)?),
        ])
    }
}

/// The text of a header: UTF-8 if it is that, else each byte is a character, which is what the standard's ISO-8859-1 means.
pub(crate) fn header_text(value: &HeaderValue) -> String {
    let bytes = value.as_bytes();
    str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
}
