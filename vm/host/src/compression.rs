//! `COMPRESS` and `DECOMPRESS`: gzip (RFC 1952) and Zstandard (RFC 8878).
//!
//! What was compressed says itself by which format. How much may come out of it is bounded here.

use std::io::{self, Read};

use flate2::{Compression, read::GzEncoder, read::MultiGzDecoder};
use ttvm_isa::{Fault, HostOperation, limits::DECOMPRESSED_BYTES_MAX};
use ttvm_value::Value;

use crate::{
    arguments::{bad_argument, data_and_choice, mismatch, new_bytes, new_text_or_bytes},
    bounded::{Bounded, read_to_end},
};

const GZIP_MAGIC: &[u8] = &[0x1F, 0x8B];
const ZSTD_MAGIC: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];

/// `COMPRESS`, with the data and, if it is written, the format.
pub(crate) fn compress(operation: HostOperation, arguments: &[Value]) -> Result<Value, Fault> {
    let (data, format) = data_and_choice(operation, arguments, "gzip")?;
    let mut compressed = Vec::new();
    let done = match format {
        "gzip" => GzEncoder::new(data, Compression::default()).read_to_end(&mut compressed).map(|_| ()),
        "zstd" => zstd::stream::copy_encode(data, &mut compressed, zstd::DEFAULT_COMPRESSION_LEVEL),
        other => return Err(bad_argument(operation, format!("the format is gzip or zstd, not {other:?}"))),
    };
    done.map_err(|error| bad_argument(operation, error.to_string()))?;
    new_bytes(&compressed)
}

/// `DECOMPRESS`
pub(crate) fn decompress(operation: HostOperation, [data]: [Value; 1]) -> Result<Value, Fault> {
    let Value::Bytes(bytes) = &data else { return Err(mismatch(operation, "bytes", &data)) };
    new_text_or_bytes(&decompressed(bytes, |error| bad_argument(operation, error))?)
}

/// What was compressed; `fault` makes an error of what is wrong with it.
pub(crate) fn decompressed(bytes: &[u8], fault: impl Fn(String) -> Fault) -> Result<Vec<u8>, Fault> {
    let done = if bytes.starts_with(GZIP_MAGIC) {
        read_bounded(MultiGzDecoder::new(bytes))
    } else if bytes.starts_with(ZSTD_MAGIC) {
        zstd::Decoder::with_buffer(bytes).and_then(read_bounded)
    } else {
        return Err(fault("the data is neither gzip nor zstd".to_owned()));
    };
    match done.map_err(|error| fault(format!("the data is damaged: {error}")))? {
        Bounded::Whole(bytes) => Ok(bytes),
        Bounded::TooMuch => Err(Fault::Limit { what: "bytes of decompressed data", max: DECOMPRESSED_BYTES_MAX }),
    }
}

fn read_bounded(source: impl Read) -> io::Result<Bounded> {
    read_to_end(source, usize::try_from(DECOMPRESSED_BYTES_MAX).unwrap_or(usize::MAX))
}
