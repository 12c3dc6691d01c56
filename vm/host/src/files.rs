//! Files and directories.
//!
//! Only this file touches the file system. Paths are taken as the operating system takes them, relative ones
//! from the working directory. Not here: the loading of modules.

use std::{
    fmt::Display,
    fs::{self, File, OpenOptions},
    io::{self, Write},
};

use ttvm_isa::{Fault, HostOperation};
use ttvm_value::Value;

use crate::{
    arguments::{bytes_or_ints, new_bytes, new_text, new_texts, text, text_or_bytes},
    bounded::{BYTES_MAX, read_to_end},
};

/// `READ_FILE`
pub(crate) fn read_text(operation: HostOperation, [path]: [Value; 1]) -> Result<Value, Fault> {
    let path = text(operation, &path)?;
    match String::from_utf8(read(path)?) {
        Ok(content) => new_text(&content),
        Err(error) => {
            let place = error.utf8_error().valid_up_to();
            Err(fault(path, format!("not UTF-8 at byte {place}; use READ_BYTES to read it as bytes")))
        }
    }
}

/// `READ_BYTES`
pub(crate) fn read_bytes(operation: HostOperation, [path]: [Value; 1]) -> Result<Value, Fault> {
    new_bytes(&read(text(operation, &path)?)?)
}

/// `WRITE_FILE`
pub(crate) fn write_text(operation: HostOperation, [content, path]: [Value; 2]) -> Result<Value, Fault> {
    let path = text(operation, &path)?;
    fs::write(path, text_or_bytes(operation, &content)?).map_err(|error| fault(path, error))?;
    Ok(Value::Null)
}

/// `APPEND_FILE`
pub(crate) fn append(operation: HostOperation, [content, path]: [Value; 2]) -> Result<Value, Fault> {
    let path = text(operation, &path)?;
    let content = text_or_bytes(operation, &content)?;
    let opened = OpenOptions::new().append(true).create(true).open(path);
    opened.and_then(|mut file| file.write_all(content)).map_err(|error| fault(path, error))?;
    Ok(Value::Null)
}

/// `WRITE_BYTES`
pub(crate) fn write_bytes(operation: HostOperation, [content, path]: [Value; 2]) -> Result<Value, Fault> {
    let path = text(operation, &path)?;
    fs::write(path, bytes_or_ints(operation, &content)?).map_err(|error| fault(path, error))?;
    Ok(Value::Null)
}

/// `FILE_EXISTS`
pub(crate) fn exists(operation: HostOperation, [path]: [Value; 1]) -> Result<Value, Fault> {
    let path = text(operation, &path)?;
    match fs::exists(path) {
        Ok(found) => Ok(Value::Bool(found)),
        // Nothing can lie below a file.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(Value::Bool(false)),
        Err(error) => Err(fault(path, error)),
    }
}

/// `FILE_SIZE`
pub(crate) fn size(operation: HostOperation, [path]: [Value; 1]) -> Result<Value, Fault> {
    let path = text(operation, &path)?;
    let metadata = fs::metadata(path).map_err(|error| fault(path, error))?;
    if metadata.is_dir() {
        return Err(fault(path, io::Error::from(io::ErrorKind::IsADirectory)));
    }
    Ok(Value::Int(i64::try_from(metadata.len()).expect("file systems count bytes in signed 64 bits")))
}

/// `DELETE_FILE`
pub(crate) fn delete(operation: HostOperation, [path]: [Value; 1]) -> Result<Value, Fault> {
    let path = text(operation, &path)?;
    fs::remove_file(path).map_err(|error| fault(path, error))?;
    Ok(Value::Null)
}

/// `LIST_DIR`
pub(crate) fn list_directory(operation: HostOperation, [path]: [Value; 1]) -> Result<Value, Fault> {
    let path = text(operation, &path)?;
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| fault(path, error))? {
        let name = entry.map_err(|error| fault(path, error))?.file_name();
        names.push(name.into_string().map_err(|name| fault(path, format!("the name {name:?} in it is not UTF-8")))?);
    }
    names.sort_unstable();
    new_texts(&names)
}

/// All bytes of a file.
fn read(path: &str) -> Result<Vec<u8>, Fault> {
    let content = File::open(path).and_then(|file| read_to_end(file, BYTES_MAX));
    content.map_err(|error| fault(path, error))?.whole()
}

fn fault(path: &str, error: impl Display) -> Fault {
    Fault::FileOperation { path: path.to_owned(), error: error.to_string() }
}
