//! Reading from sources that may be endless: no more than a value can hold.
//!
//! Everything that is read from outside into one value goes through here, so that a device or a runaway
//! command gives an error instead of taking all memory.

use std::io::{self, BufRead, Read};

use ttvm_isa::{Fault, limits::ELEMENTS_MAX};

/// Bytes of one str or of one bytes value.
pub(crate) const BYTES_MAX: usize = ELEMENTS_MAX;

/// What was read, if it is not too much.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Bounded {
    /// All of it.
    Whole(Vec<u8>),
    /// There is more than the maximum; what was read is gone.
    TooMuch,
}

impl Bounded {
    /// The bytes.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there were too many.
    pub(crate) fn whole(self) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Whole(bytes) => Ok(bytes),
            Self::TooMuch => Err(Fault::Limit { what: "bytes in one value", max: BYTES_MAX as u64 }),
        }
    }

    fn of(bytes: Vec<u8>, bytes_max: usize) -> Self {
        if bytes.len() > bytes_max { Self::TooMuch } else { Self::Whole(bytes) }
    }
}

/// Reads until the end.
pub(crate) fn read_to_end(source: impl Read, bytes_max: usize) -> io::Result<Bounded> {
    let mut bytes = Vec::new();
    source.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Bounded::of(bytes, bytes_max))
}

/// Reads a line with its `\n`, which counts; nothing at the end.
pub(crate) fn read_line(source: impl BufRead, bytes_max: usize) -> io::Result<Bounded> {
    let mut line = Vec::new();
    source.take(bytes_max as u64 + 1).read_until(b'\n', &mut line)?;
    Ok(Bounded::of(line, bytes_max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_as_allowed_is_read_and_one_byte_more_is_too_much() {
        let whole = |bytes: &[u8]| Bounded::Whole(bytes.to_vec());
        assert_eq!(read_to_end(&b"abc"[..], 3).expect("memory can be read"), whole(b"abc"));
        assert_eq!(read_to_end(&b"abcd"[..], 3).expect("memory can be read"), Bounded::TooMuch);
        assert_eq!(read_line(&b"ab\ncd"[..], 3).expect("memory can be read"), whole(b"ab\n"));
        assert_eq!(read_line(&b"abc\ncd"[..], 3).expect("memory can be read"), Bounded::TooMuch);
    }

    #[test]
    fn an_endless_source_is_too_much() {
        assert_eq!(read_to_end(io::repeat(0), 1_000).expect("it can be read"), Bounded::TooMuch);
    }

    #[test]
    fn too_much_is_a_limit_that_was_reached() {
        let fault = Bounded::TooMuch.whole().expect_err("it is too much");
        assert_eq!(fault.to_string(), format!("Limit reached: at most {BYTES_MAX} bytes in one value"));
    }
}
