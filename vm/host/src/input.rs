//! Standard input as programs see it: lines, characters, or all of it, from one shared buffer.
//!
//! Only this file reads standard input, so that no byte is lost between `READ_LINE`, `READ_CHAR` and
//! `READ_INPUT` in any mixture. Input that is not UTF-8 is an error; what was read then is gone.

use std::{
    fmt,
    io::{self, BufRead, BufReader, Cursor, Stdin, stdin},
    process::Stdio,
};

use ttvm_isa::{Fault, HostOperation};
use ttvm_value::Value;

use crate::{
    arguments::{host_fault, new_text},
    bounded::{BYTES_MAX, read_line, read_to_end},
};

/// Where a program's input comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The standard input of the operating system's process.
    Stdin,
    /// These bytes, then the end.
    Bytes(Vec<u8>),
}

/// The buffer through which all reading goes.
pub(crate) struct InputReader {
    source: Box<dyn Source>,
    is_stdin: bool,
}

/// What is read from.
trait Source: BufRead + Send {
    /// Whether a line can be had without waiting.
    fn has_line(&self) -> bool;
}

impl Source for BufReader<Stdin> {
    fn has_line(&self) -> bool {
        self.buffer().contains(&b'\n')
    }
}

impl Source for Cursor<Vec<u8>> {
    fn has_line(&self) -> bool {
        true
    }
}

impl fmt::Debug for InputReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InputReader").field("is_stdin", &self.is_stdin).finish_non_exhaustive()
    }
}

impl InputReader {
    /// Reads nothing before it is asked to.
    pub(crate) fn new(input: Input) -> Self {
        match input {
            Input::Stdin => Self { source: Box::new(BufReader::new(stdin())), is_stdin: true },
            Input::Bytes(bytes) => Self { source: Box::new(Cursor::new(bytes)), is_stdin: false },
        }
    }

    /// Whether a line can be had without waiting.
    pub(crate) fn has_line(&self) -> bool {
        self.source.has_line()
    }

    /// What a command that inherits standard input gets; nothing when the program's own input is not that.
    pub(crate) fn for_commands(&self) -> Stdio {
        if self.is_stdin { Stdio::inherit() } else { Stdio::null() }
    }

    /// `READ_LINE`: a line without its `\n` or `\r\n`, null at the end.
    pub(crate) fn read_line(&mut self, operation: HostOperation) -> Result<Value, Fault> {
        let line = read_line(&mut self.source, BYTES_MAX).map_err(|error| host_fault(operation, error))?;
        let mut line = line.whole()?;
        if line.is_empty() {
            return Ok(Value::Null);
        }
        if line.ends_with(b"\n") {
            line.pop();
            if line.ends_with(b"\r") {
                line.pop();
            }
        }
        into_text(operation, line)
    }

    /// `READ_CHAR`: one Unicode scalar value, null at the end.
    pub(crate) fn read_char(&mut self, operation: HostOperation) -> Result<Value, Fault> {
        let Some(first) = self.next_byte_if(operation, |_| true)? else { return Ok(Value::Null) };
        let length = match first {
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => 1,
        };
        let mut character = vec![first];
        while character.len() < length {
            // A byte that does not continue the character begins the next one and stays.
            match self.next_byte_if(operation, |byte| byte & 0xC0 == 0x80)? {
                Some(byte) => character.push(byte),
                None => break,
            }
        }
        into_text(operation, character)
    }

    /// `READ_INPUT`: everything that is left.
    pub(crate) fn read_all(&mut self, operation: HostOperation) -> Result<Value, Fault> {
        let rest = read_to_end(&mut self.source, BYTES_MAX).map_err(|error| host_fault(operation, error))?;
        into_text(operation, rest.whole()?)
    }

    /// Takes the next byte if there is one and it is wanted.
    fn next_byte_if(&mut self, operation: HostOperation, is_wanted: impl Fn(u8) -> bool) -> Result<Option<u8>, Fault> {
        loop {
            match self.source.fill_buf() {
                Ok(&[byte, ..]) if is_wanted(byte) => {
                    self.source.consume(1);
                    return Ok(Some(byte));
                }
                Ok(_) => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(host_fault(operation, error)),
            }
        }
    }
}

fn into_text(operation: HostOperation, bytes: Vec<u8>) -> Result<Value, Fault> {
    match str::from_utf8(&bytes) {
        Ok(text) => new_text(text),
        Err(error) => Err(Fault::Host {
            operation: operation.mnemonic(),
            error: format!("the input is not UTF-8 (after {} bytes)", error.valid_up_to()),
        }),
    }
}
