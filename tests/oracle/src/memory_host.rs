//! A world in memory: modules, input, environment, files and time that tests set up.

use std::{
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};

use ttvm_bytecode::VerifiedModule;
use ttvm_isa::{Fault, HostOperation};

use crate::{
    host::{HostProblem, ImportProblem, OracleHost},
    json,
    operations::mismatch,
    value::Value,
};

/// Where virtual time begins: the start of the year 2000, in seconds since 1970.
const TIME_START: u64 = 946_684_800;

/// How [`MemoryHost`] finds a module: from the importing module's source name and the path.
pub type Loader = Box<dyn FnMut(&str, &str) -> Result<VerifiedModule, ImportProblem>>;

/// A host without any access to the real world. Commands and `FORMAT_TIME` are not supported.
pub struct MemoryHost {
    /// The words after the program on the command line.
    pub arguments: Vec<String>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// Files by path; a directory exists where a file lies below it.
    pub files: BTreeMap<String, Vec<u8>>,
    input: VecDeque<char>,
    nanoseconds: u64,
    loader: Loader,
}

impl MemoryHost {
    /// A world with this input and these modules, no files, an empty environment, at the start of the year 2000.
    #[must_use]
    pub fn new(input: &str, loader: Loader) -> Self {
        Self {
            arguments: Vec::new(),
            environment: BTreeMap::new(),
            files: BTreeMap::new(),
            input: input.chars().collect(),
            nanoseconds: 0,
            loader,
        }
    }

    /// A world without modules.
    #[must_use]
    pub fn without_modules(input: &str) -> Self {
        let nothing = |_: &str, _: &str| Err(ImportProblem { reason: "there are no modules here".to_owned() });
        Self::new(input, Box::new(nothing))
    }

    fn read_line(&mut self) -> Value {
        if self.input.is_empty() {
            return Value::Null;
        }
        let mut line = String::new();
        while let Some(character) = self.input.pop_front() {
            if character == '\n' {
                // Only a line end may have a carriage return that does not belong to the line.
                return Value::str(line.strip_suffix('\r').unwrap_or(&line));
            }
            line.push(character);
        }
        Value::str(line)
    }

    fn set_variable(&mut self, name: &str, value: &Value) -> Result<(), Fault> {
        let wrong = |error: String| Err(Fault::Argument { operation: "SET_ENV", error });
        let reasons = [
            (name.is_empty(), "it is empty"),
            (name.contains('='), "it contains ="),
            (name.contains('\0'), "it contains a zero byte"),
        ];
        if let Some((_, reason)) = reasons.iter().find(|(is_so, _)| *is_so) {
            return wrong(format!("{name:?} cannot be a name: {reason}"));
        }
        match value {
            Value::Null => {
                self.environment.remove(name);
            }
            value => {
                let text = text_of(HostOperation::SetEnv, value)?;
                if text.contains('\0') {
                    return wrong(format!("the value of {name} contains a zero byte"));
                }
                self.environment.insert(name.to_owned(), text.to_owned());
            }
        }
        Ok(())
    }

    fn file(&self, path: &str) -> Result<&Vec<u8>, Fault> {
        self.files.get(path).ok_or_else(|| missing_file(path))
    }

    fn read_text(&self, path: &str) -> Result<Value, Fault> {
        let bytes = self.file(path)?.clone();
        let not_text = |_| Fault::FileOperation {
            path: path.to_owned(),
            error: "the file is not UTF-8 text; use READ_BYTES".to_owned(),
        };
        String::from_utf8(bytes).map(Value::str).map_err(not_text)
    }

    fn names_in(&self, directory: &str) -> Result<Value, Fault> {
        let prefix = format!("{}/", directory.trim_end_matches('/'));
        let below = self.files.keys().filter_map(|path| path.strip_prefix(&prefix));
        let mut names: Vec<&str> = below.filter_map(|rest| rest.split('/').next()).collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() {
            return Err(missing_file(directory));
        }
        Ok(Value::list(names.into_iter().map(Value::str).collect()))
    }

    /// Files: `path` is the last argument of every one of these.
    fn with_file(&mut self, operation: HostOperation, content: Option<&Value>, path: &str) -> Result<Value, Fault> {
        let bytes = content.map(|content| bytes_of(operation.mnemonic(), content)).transpose()?;
        match (operation, bytes) {
            (HostOperation::ReadFile, _) => return self.read_text(path),
            (HostOperation::ReadBytes, _) => return Ok(Value::Bytes(Rc::new(self.file(path)?.clone()))),
            (HostOperation::FileExists, _) => {
                return Ok(Value::Bool(self.files.contains_key(path) || self.names_in(path).is_ok()));
            }
            (HostOperation::FileSize, _) => return Ok(Value::int(self.file(path)?.len())),
            (HostOperation::ListDir, _) => return self.names_in(path),
            (HostOperation::DeleteFile, _) => {
                self.files.remove(path).ok_or_else(|| missing_file(path))?;
            }
            (HostOperation::AppendFile, Some(bytes)) => self.files.entry(path.to_owned()).or_default().extend(bytes),
            (_, Some(bytes)) => {
                self.files.insert(path.to_owned(), bytes);
            }
            (other, None) => unreachable!("{} is no file operation", other.mnemonic()),
        }
        Ok(Value::Null)
    }
}

fn missing_file(path: &str) -> Fault {
    Fault::FileOperation { path: path.to_owned(), error: "No such file or directory (os error 2)".to_owned() }
}

fn text_of(operation: HostOperation, value: &Value) -> Result<&str, Fault> {
    match value {
        Value::Str(text) => Ok(text),
        other => Err(mismatch(operation.mnemonic(), "a string", &[other])),
    }
}

fn bytes_of(operation: &'static str, value: &Value) -> Result<Vec<u8>, Fault> {
    let takes_ints = operation == "WRITE_BYTES";
    let expected = if takes_ints { "bytes or a list of integers" } else { "a string or bytes" };
    let byte = |item: &Value| match item {
        Value::Int(int) => u8::try_from(int).map_err(|_| Fault::Argument {
            operation,
            error: format!("a byte is an integer from 0 to 255, not {int}"),
        }),
        other => Err(mismatch(operation, expected, &[other])),
    };
    match value {
        Value::Bytes(bytes) => Ok(bytes.to_vec()),
        Value::Str(text) if !takes_ints => Ok(text.as_bytes().to_vec()),
        Value::List(items) if takes_ints => items.iter().map(byte).collect(),
        other => Err(mismatch(operation, expected, &[other])),
    }
}

impl OracleHost for MemoryHost {
    fn load(&mut self, importer: &str, path: &str) -> Result<VerifiedModule, ImportProblem> {
        (self.loader)(importer, path)
    }

    fn perform(&mut self, operation: HostOperation, arguments: Vec<Value>) -> Result<Value, HostProblem> {
        match (operation, arguments.as_slice()) {
            (HostOperation::ReadLine, _) => Ok(self.read_line()),
            (HostOperation::ReadChar, _) => Ok(self.input.pop_front().map_or(Value::Null, Value::str)),
            (HostOperation::ReadInput, _) => Ok(Value::str(self.input.drain(..).collect::<String>())),
            (HostOperation::GetEnv, [name]) => {
                let value = self.environment.get(text_of(operation, name)?);
                Ok(value.map_or(Value::Null, |text| Value::str(text.as_str())))
            }
            (HostOperation::SetEnv, [name, value]) => {
                self.set_variable(text_of(operation, name)?, value)?;
                Ok(Value::Null)
            }
            (HostOperation::GetArgs, _) => {
                Ok(Value::list(self.arguments.iter().map(|word| Value::str(word.as_str())).collect()))
            }
            (HostOperation::GetTime, _) => Ok(Value::int(TIME_START + self.nanoseconds / 1_000_000_000)),
            (HostOperation::MonotonicTime, _) => Ok(Value::int(self.nanoseconds)),
            (HostOperation::JsonParse, [text]) => Ok(json::parse(text_of(operation, text)?)?),
            (HostOperation::JsonStringify, [value]) => Ok(Value::str(json::stringify(value)?)),
            (
                HostOperation::ReadFile
                | HostOperation::ReadBytes
                | HostOperation::FileExists
                | HostOperation::FileSize
                | HostOperation::DeleteFile
                | HostOperation::ListDir,
                [path],
            ) => Ok(self.with_file(operation, None, text_of(operation, path)?)?),
            (HostOperation::WriteFile | HostOperation::AppendFile | HostOperation::WriteBytes, [content, path]) => {
                Ok(self.with_file(operation, Some(content), text_of(operation, path)?)?)
            }
            // Commands and the calendar belong to the real world.
            _ => Err(HostProblem::Unsupported(operation)),
        }
    }

    fn now(&self) -> u64 {
        self.nanoseconds
    }

    fn advance_to(&mut self, nanoseconds: u64) {
        self.nanoseconds = self.nanoseconds.max(nanoseconds);
    }
}
