//! Files and directories.
//!
//! Paths are taken as the operating system takes them, relative ones from the working directory. Not here: which files
//! are permitted (`guard.rs`), how they are opened (`place.rs`), the loading of modules.

use std::{
    fmt::Display,
    io::{self, Write},
    path::Path,
};

use ttvm_isa::{Fault, HostOperation};
use ttvm_value::Value;

use crate::{
    arguments::{bytes_or_ints, new_bytes, new_text, new_texts, text, text_or_bytes},
    bounded::{BYTES_MAX, read_to_end},
    guard::{Guard, NoPlace, Purpose},
    place::Place,
};

/// `READ_FILE`
pub(crate) fn read_text(guard: &Guard, operation: HostOperation, [path]: [Value; 1]) -> Result<Value, Fault> {
    let path = text(operation, &path)?;
    match String::from_utf8(read(guard, operation, path)?) {
        Ok(content) => new_text(&content),
        Err(error) => {
            let place = error.utf8_error().valid_up_to();
            Err(fault(path, format!("not UTF-8 at byte {place}; use READ_BYTES to read it as bytes")))
        }
    }
}

/// `READ_BYTES`
pub(crate) fn read_bytes(guard: &Guard, operation: HostOperation, [path]: [Value; 1]) -> Result<Value, Fault> {
    new_bytes(&read(guard, operation, text(operation, &path)?)?)
}

/// `WRITE_FILE`
pub(crate) fn write_text(guard: &Guard, operation: HostOperation, [content, path]: [Value; 2]) -> Result<Value, Fault> {
    let path = text(operation, &path)?;
    write(guard, operation, path, text_or_bytes(operation, &content)?)
}

/// `APPEND_FILE`
pub(crate) fn append(guard: &Guard, operation: HostOperation, [content, path]: [Value; 2]) -> Result<Value, Fault> {
    let path = text(operation, &path)?;
    let content = text_or_bytes(operation, &content)?;
    let opened = locate(guard, operation, Purpose::Write, path)?.append();
    opened.and_then(|mut file| file.write_all(content)).map_err(|error| fault(path, error))?;
    Ok(Value::Null)
}

/// `WRITE_BYTES`
pub(crate) fn write_bytes(
    guard: &Guard,
    operation: HostOperation,
    [content, path]: [Value; 2],
) -> Result<Value, Fault> {
    let path = text(operation, &path)?;
    write(guard, operation, path, &bytes_or_ints(operation, &content)?)
}

/// `FILE_EXISTS`
pub(crate) fn exists(guard: &Guard, operation: HostOperation, [path]: [Value; 1]) -> Result<Value, Fault> {
    let path = text(operation, &path)?;
    let looked = match guard.locate(operation.mnemonic(), Purpose::Read, Path::new(path)) {
        Ok(place) => place.look(),
        Err(NoPlace::NotPermitted(fault)) => return Err(fault),
        Err(NoPlace::System(error)) => Err(error),
    };
    match looked {
        Ok(_) => Ok(Value::Bool(true)),
        // Nothing can lie below a file.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(Value::Bool(false))
        }
        Err(error) => Err(fault(path, error)),
    }
}

/// `FILE_SIZE`
pub(crate) fn size(guard: &Guard, operation: HostOperation, [path]: [Value; 1]) -> Result<Value, Fault> {
    let path = text(operation, &path)?;
    let found = locate(guard, operation, Purpose::Read, path)?.look().map_err(|error| fault(path, error))?;
    if found.is_directory {
        return Err(fault(path, io::Error::from(io::ErrorKind::IsADirectory)));
    }
    Ok(Value::Int(i64::try_from(found.bytes).expect("file systems count bytes in signed 64 bits")))
}

/// `DELETE_FILE`
pub(crate) fn delete(guard: &Guard, operation: HostOperation, [path]: [Value; 1]) -> Result<Value, Fault> {
    let path = text(operation, &path)?;
    locate(guard, operation, Purpose::Delete, path)?.delete().map_err(|error| fault(path, error))?;
    Ok(Value::Null)
}

/// `LIST_DIR`
pub(crate) fn list_directory(guard: &Guard, operation: HostOperation, [path]: [Value; 1]) -> Result<Value, Fault> {
    let path = text(operation, &path)?;
    let mut names = Vec::new();
    let place = locate(guard, operation, Purpose::Read, path)?;
    for name in place.names().map_err(|error| fault(path, error))? {
        names.push(name.into_string().map_err(|name| fault(path, format!("the name {name:?} in it is not UTF-8")))?);
    }
    names.sort_unstable();
    new_texts(&names)
}

/// All bytes of a file.
fn read(guard: &Guard, operation: HostOperation, path: &str) -> Result<Vec<u8>, Fault> {
    let opened = locate(guard, operation, Purpose::Read, path)?.open();
    opened.and_then(|file| read_to_end(file, BYTES_MAX)).map_err(|error| fault(path, error))?.whole()
}

/// Writes a file anew.
fn write(guard: &Guard, operation: HostOperation, path: &str, content: &[u8]) -> Result<Value, Fault> {
    let created = locate(guard, operation, Purpose::Write, path)?.create();
    created.and_then(|mut file| file.write_all(content)).map_err(|error| fault(path, error))?;
    Ok(Value::Null)
}

fn locate(guard: &Guard, operation: HostOperation, purpose: Purpose, path: &str) -> Result<Place, Fault> {
    guard.locate(operation.mnemonic(), purpose, Path::new(path)).map_err(|error| match error {
        NoPlace::NotPermitted(fault) => fault,
        NoPlace::System(error) => fault(path, error),
    })
}

fn fault(path: &str, error: impl Display) -> Fault {
    Fault::FileOperation { path: path.to_owned(), error: error.to_string() }
}
