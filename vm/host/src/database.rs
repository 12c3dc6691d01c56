//! SQLite databases: `DB_CONNECT`, `DB_QUERY`, `DB_EXEC`.
//!
//! One process uses a database at a time; others wait their turn on threads where that disturbs nobody.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rusqlite::{
    Connection, InterruptHandle, OpenFlags,
    hooks::{AuthAction, AuthContext, Authorization},
    params_from_iter,
    types::{ToSqlOutput, Value as SqlValue, ValueRef},
};
use ttvm_isa::{Fault, HostOperation};
use ttvm_platform::sync::Mutex;
use ttvm_value::{List, Object as Row, Pid, SharedValue, Str, Value, ops::text::debug_text};

use crate::{
    arguments::{bad_argument, host_fault, new_bytes, new_text, text},
    guard::{Guard, NoPlace, Purpose},
    network::Made,
    resources::{Cancel, Held, Object, Resources},
};

/// A connection to a database.
pub(crate) struct Database {
    connection: Mutex<Connection>,
    /// Whose operation SQLite is at: only that one may be interrupted for this process's sake.
    user: Mutex<Option<Pid>>,
    interrupt: InterruptHandle,
}

/// An operation on a database.
pub(crate) struct Work {
    pub perform: Box<dyn FnOnce() -> Result<Made, Fault> + Send>,
    pub cancel: Cancel,
}

/// Makes an operation ready to be performed on another thread.
pub(crate) fn prepare(
    operation: HostOperation,
    mut arguments: Vec<Value>,
    resources: &Resources,
    pid: Pid,
    guard: &Guard,
) -> Result<Work, Fault> {
    if operation == HostOperation::DbConnect {
        let (path, guard) = (text(operation, &arguments[0])?.to_owned(), guard.clone());
        return Ok(Work { perform: Box::new(move || open(operation, &guard, &path)), cancel: Box::new(|| {}) });
    }
    let parameters = arguments.split_off(2);
    let held = Arc::new(resources.get(operation, &arguments[0])?);
    database(operation, &held)?;
    let sql = text(operation, &arguments[1])?.to_owned();
    let parameters = parameters.iter().map(|value| parameter(operation, value)).collect::<Result<Vec<_>, _>>()?;
    let is_cancelled = Arc::new(AtomicBool::new(false));
    let cancel: Cancel = {
        let (held, is_cancelled) = (Arc::clone(&held), Arc::clone(&is_cancelled));
        Box::new(move || {
            // Pairs with the load in `Database::used`: either that sees it, or this sees the user.
            is_cancelled.store(true, Ordering::SeqCst);
            if let Object::Database(database) = held.object() {
                database.interrupt_for(pid);
            }
        })
    };
    let perform = move || {
        let database = database(operation, &held)?;
        database.used(operation, pid, &is_cancelled, |connection| match operation {
            HostOperation::DbQuery => query(operation, connection, &sql, &parameters),
            _ => execute(operation, connection, &sql, &parameters),
        })
    };
    Ok(Work { perform: Box::new(perform), cancel })
}

fn database(operation: HostOperation, held: &Held) -> Result<&Database, Fault> {
    match held.object() {
        Object::Database(database) => Ok(database),
        Object::Connection(_) | Object::Listener(_) | Object::Udp(_) => {
            Err(bad_argument(operation, "this is no database".to_owned()))
        }
    }
}

impl Database {
    /// Uses the connection alone.
    fn used(
        &self,
        operation: HostOperation,
        pid: Pid,
        is_cancelled: &AtomicBool,
        work: impl FnOnce(&Connection) -> Result<Value, Fault>,
    ) -> Result<Made, Fault> {
        let connection = self.connection.lock();
        *self.user.lock() = Some(pid);
        let done = if is_cancelled.load(Ordering::SeqCst) {
            Err(host_fault(operation, "interrupted"))
        } else {
            work(&connection)
        };
        *self.user.lock() = None;
        done.map(Made::Value)
    }

    /// Interrupts what this process has under way here.
    fn interrupt_for(&self, pid: Pid) {
        let user = self.user.lock();
        if *user == Some(pid) {
            self.interrupt.interrupt();
        }
    }
}

/// `DB_CONNECT`
fn open(operation: HostOperation, guard: &Guard, path: &str) -> Result<Made, Fault> {
    let fault = |error: rusqlite::Error| host_fault(operation, error);
    let connection = if guard.permits_all_files() {
        Connection::open(path).map_err(fault)?
    } else {
        open_guarded(operation, guard, path)?
    };
    let interrupt = connection.get_interrupt_handle();
    let database = Database { connection: Mutex::new(connection), user: Mutex::new(None), interrupt };
    Ok(Made::Object(Object::Database(database)))
}

/// Opens a database for a program that may not read and write every file. SQLite opens files by their names, so what it
/// gets is the real path, in which it follows no link; and no statement may name another file.
fn open_guarded(operation: HostOperation, guard: &Guard, path: &str) -> Result<Connection, Fault> {
    let fault = |error: rusqlite::Error| host_fault(operation, error);
    let connection = if path == IN_MEMORY {
        Connection::open_in_memory()
    } else {
        let place = guard.locate(operation.mnemonic(), Purpose::ReadAndWrite, Path::new(path));
        let place = place.map_err(|error| match error {
            NoPlace::NotPermitted(fault) => fault,
            NoPlace::System(error) => {
                host_fault(operation, format_args!("unable to open database file: {path}: {error}"))
            }
        })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        Connection::open_with_flags(place.path(), flags)
    };
    let mut connection = connection.map_err(fault)?;
    connection.authorizer(Some(|context: AuthContext<'_>| names_no_file(&context.action))).map_err(fault)?;
    Ok(connection)
}

/// The name of a database that is no file.
const IN_MEMORY: &str = ":memory:";

/// Refuses what could open a file besides the database: `ATTACH`, `VACUUM INTO`, and where temporary files go.
fn names_no_file(action: &AuthAction<'_>) -> Authorization {
    match action {
        // SQLite's own name for the database that VACUUM makes beside a file that is permitted.
        AuthAction::Attach { filename } if filename.is_empty() || *filename == IN_MEMORY => Authorization::Allow,
        // An ATTACH whose file is found by an expression has no name here, and is none of the known actions.
        AuthAction::Attach { .. } | AuthAction::Unknown { .. } => Authorization::Deny,
        AuthAction::Pragma { pragma_name, pragma_value: Some(_) } if pragma_name.ends_with("_directory") => {
            Authorization::Deny
        }
        _ => Authorization::Allow,
    }
}

/// `DB_QUERY`
fn query(
    operation: HostOperation,
    connection: &Connection,
    sql: &str,
    parameters: &[Parameter],
) -> Result<Value, Fault> {
    let fault = |error: rusqlite::Error| host_fault(operation, error);
    let mut statement = connection.prepare(sql).map_err(fault)?;
    let names = statement.column_names().map(Str::new).collect::<Result<Vec<_>, _>>()?;
    let mut found = statement.query(params_from_iter(parameters)).map_err(fault)?;
    let mut rows = List::new();
    while let Some(row) = found.next().map_err(fault)? {
        let mut object = Row::new();
        for (index, name) in names.iter().enumerate() {
            object.set(name, cell(row.get_ref(index).map_err(fault)?)?)?;
        }
        rows.push(Value::Object(object))?;
    }
    Ok(Value::List(rows))
}

/// `DB_EXEC`
fn execute(
    operation: HostOperation,
    connection: &Connection,
    sql: &str,
    parameters: &[Parameter],
) -> Result<Value, Fault> {
    let before = connection.total_changes();
    if parameters.is_empty() {
        connection.execute_batch(sql)
    } else {
        connection.execute(sql, params_from_iter(parameters)).map(|_| ())
    }
    .map_err(|error| host_fault(operation, error))?;
    let changed = connection.total_changes().saturating_sub(before);
    Ok(Value::Int(i64::try_from(changed).unwrap_or(i64::MAX)))
}

/// What a column holds.
fn cell(value: ValueRef<'_>) -> Result<Value, Fault> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(int) => Ok(Value::Int(int)),
        ValueRef::Real(float) => Ok(Value::Float(float)),
        // SQLite does not check what others have written as text.
        ValueRef::Text(bytes) => str::from_utf8(bytes).map_or_else(|_| new_bytes(bytes), new_text),
        ValueRef::Blob(bytes) => new_bytes(bytes),
    }
}

/// A value that SQLite can take, on its way to another thread.
enum Parameter {
    Small(SqlValue),
    /// A str or bytes.
    Shared(SharedValue),
}

fn parameter(operation: HostOperation, value: &Value) -> Result<Parameter, Fault> {
    Ok(match value {
        Value::Null => Parameter::Small(SqlValue::Null),
        Value::Bool(flag) => Parameter::Small(SqlValue::Integer(i64::from(*flag))),
        Value::Int(int) => Parameter::Small(SqlValue::Integer(*int)),
        Value::Float(float) => Parameter::Small(SqlValue::Real(*float)),
        Value::Str(_) | Value::Bytes(_) => Parameter::Shared(SharedValue::new(value.clone()).0),
        Value::BigInt(_) => {
            return Err(bad_argument(operation, format!("{value} does not fit in the 64 bits of a database's ints")));
        }
        other => return Err(bad_argument(operation, format!("{} cannot be a parameter", debug_text(other)))),
    })
}

impl rusqlite::ToSql for Parameter {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Small(small) => small.into(),
            Self::Shared(shared) => match shared.value() {
                Value::Str(text) => ValueRef::Text(text.as_bytes()),
                Value::Bytes(bytes) => ValueRef::Blob(bytes),
                _ => unreachable!("only strs and bytes are shared"),
            },
        }))
    }
}
