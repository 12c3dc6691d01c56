//! What processes own outside the machine: connections, sockets, databases, and operations that are under way.
//!
//! A resource belongs to the process that made it or was given it, and ends with it (rule P44); any process that knows it
//! may use it. Whoever waits for one that is closed meanwhile gets an error. Not here: what a resource does
//! (`tcp.rs`, `udp.rs`, `database.rs`).
//!
//! One lock guards the table; it is never held while something is opened, used or closed.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Debug,
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use tokio::{
    net::{TcpListener, UdpSocket},
    sync::watch,
};
use ttvm_isa::{Fault, HostOperation};
use ttvm_platform::{jobs, sync::Mutex};
use ttvm_value::{Pid, Resource, ResourceKind, Value};

use crate::{
    arguments::{host_fault, mismatch},
    database::Database,
    reactor::within,
    tcp::Connection,
};

/// Called once something is done.
pub(crate) type Done = Box<dyn FnOnce() + Send>;

/// Ends an operation that is under way, as soon as it can.
pub(crate) type Cancel = Box<dyn FnOnce() + Send>;

/// What a resource is made of.
pub(crate) enum Object {
    Listener(TcpListener),
    Connection(Connection),
    Udp(UdpSocket),
    Database(Database),
}

impl Object {
    fn kind(&self) -> ResourceKind {
        match self {
            Self::Listener(_) | Self::Connection(_) => ResourceKind::Conn,
            Self::Udp(_) => ResourceKind::Socket,
            Self::Database(_) => ResourceKind::Database,
        }
    }
}

/// The table.
#[derive(Default)]
pub(crate) struct Resources(Mutex<Table>);

impl Debug for Resources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resources").field("count", &self.0.lock().entries.len()).finish()
    }
}

#[derive(Default)]
struct Table {
    /// Resources made and operations begun so far.
    made: u64,
    begun: u64,
    entries: HashMap<Resource, Entry>,
    owners: HashMap<Pid, Owner>,
}

struct Entry {
    /// Nobody while it is given away.
    owner: Option<Pid>,
    object: Arc<Object>,
    /// Receivers learn of the end when it is dropped.
    alive: watch::Sender<()>,
}

#[derive(Default)]
struct Owner {
    held: BTreeSet<Resource>,
    /// Operations under way by their numbers, and how to end them.
    running: BTreeMap<u64, Option<Cancel>>,
    /// The process has ended: whoever waits for all to be closed.
    done: Option<Done>,
}

impl Owner {
    fn is_idle(&self) -> bool {
        self.held.is_empty() && self.running.is_empty() && self.done.is_none()
    }
}

/// A resource in use.
pub(crate) struct Held {
    resource: Resource,
    object: Arc<Object>,
    alive: watch::Receiver<()>,
}

impl Held {
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// Does something with the resource, for no longer than this, unless it is closed meanwhile.
    pub async fn during<T>(
        &self,
        operation: HostOperation,
        timeout: Option<Duration>,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        within(operation, timeout, self.until_closed(operation, work)).await
    }

    async fn until_closed<T>(
        &self,
        operation: HostOperation,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let mut alive = self.alive.clone();
        let (mut work, mut closed) = (pin!(work), pin!(alive.changed()));
        poll_fn(|context| match closed.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(Err(is_closed(operation, self.resource))),
            Poll::Pending => work.as_mut().poll(context),
        })
        .await
    }
}

impl Resources {
    /// An operation of a process begins; it is under way until what this gives is dropped.
    pub fn begin(self: &Arc<Self>, pid: Pid) -> Running {
        let mut table = self.0.lock();
        table.begun += 1;
        let number = table.begun;
        table.owners.entry(pid).or_default().running.insert(number, None);
        Running { resources: Arc::clone(self), pid, number }
    }

    /// How to end an operation, by its number.
    pub fn set_cancel(&self, pid: Pid, number: u64, cancel: Cancel) {
        let mut table = self.0.lock();
        let Some(owner) = table.owners.get_mut(&pid) else { return };
        let is_over = owner.done.is_some();
        // It may be done by now, and its process at the next.
        let Some(place) = owner.running.get_mut(&number) else { return };
        if is_over {
            drop(table);
            cancel();
        } else {
            *place = Some(cancel);
        }
    }

    /// The resource that a value names.
    pub fn get(&self, operation: HostOperation, value: &Value) -> Result<Held, Fault> {
        let Value::Resource(resource) = *value else { return Err(mismatch(operation, "a resource", value)) };
        let table = self.0.lock();
        let entry = table.entries.get(&resource).ok_or_else(|| is_closed(operation, resource))?;
        Ok(Held { resource, object: Arc::clone(&entry.object), alive: entry.alive.subscribe() })
    }

    /// `TCP_CLOSE`. To close what is closed does nothing.
    pub fn close(&self, operation: HostOperation, value: &Value) -> Result<(), Fault> {
        let Value::Resource(resource) = *value else { return Err(mismatch(operation, "a resource", value)) };
        self.forget(resource);
        Ok(())
    }

    /// Closes a resource, if it is still open.
    pub fn forget(&self, resource: Resource) {
        let mut table = self.0.lock();
        let Some(entry) = table.entries.remove(&resource) else { return };
        if let Some(pid) = entry.owner
            && let Some(owner) = table.owners.get_mut(&pid)
        {
            owner.held.remove(&resource);
            if owner.is_idle() {
                table.owners.remove(&pid);
            }
        }
        drop(table);
        dispose(vec![entry], None);
    }

    /// Takes a resource from its owner, to be given to another.
    ///
    /// # Errors
    /// If the process is not the owner.
    pub fn detach(&self, operation: &'static str, resource: Resource, from: Pid) -> Result<(), Fault> {
        let mut table = self.0.lock();
        let error = match table.entries.get_mut(&resource) {
            None => format!("{resource} is closed"),
            Some(entry) if entry.owner != Some(from) => format!("{resource} belongs to another process"),
            Some(entry) => {
                entry.owner = None;
                if let Some(owner) = table.owners.get_mut(&from) {
                    owner.held.remove(&resource);
                }
                return Ok(());
            }
        };
        Err(Fault::Host { operation, error })
    }

    /// Gives a resource that was taken from its owner to a process that has not ended.
    pub fn attach(&self, resource: Resource, to: Pid) {
        let mut table = self.0.lock();
        if let Some(entry) = table.entries.get_mut(&resource) {
            entry.owner = Some(to);
            table.owners.entry(to).or_default().held.insert(resource);
        }
    }

    /// Closes all that a process owns, ends what it has under way, and calls `done` when all that is over.
    pub fn release(&self, pid: Pid, done: Done) {
        let mut table = self.0.lock();
        let Some(owner) = table.owners.get_mut(&pid) else {
            drop(table);
            return done();
        };
        if !owner.running.is_empty() {
            owner.done = Some(done);
            let cancels: Vec<Cancel> = owner.running.values_mut().filter_map(Option::take).collect();
            drop(table);
            cancels.into_iter().for_each(|cancel| cancel());
            return;
        }
        let entries = table.take_all(pid);
        drop(table);
        dispose(entries, Some(done));
    }
}

impl Table {
    /// Takes an owner out, with all that it has.
    fn take_all(&mut self, pid: Pid) -> Vec<Entry> {
        let Some(owner) = self.owners.remove(&pid) else { return Vec::new() };
        owner.held.iter().filter_map(|resource| self.entries.remove(resource)).collect()
    }
}

/// An operation that is under way.
pub(crate) struct Running {
    resources: Arc<Resources>,
    pid: Pid,
    number: u64,
}

impl Running {
    /// See [`Resources::set_cancel`].
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Enters something that was opened; it belongs to the process.
    pub fn insert(&self, object: Object) -> Value {
        let mut table = self.resources.0.lock();
        table.made += 1;
        let resource = Resource::new(object.kind(), table.made);
        let (alive, _) = watch::channel(());
        table.entries.insert(resource, Entry { owner: Some(self.pid), object: Arc::new(object), alive });
        table.owners.entry(self.pid).or_default().held.insert(resource);
        Value::Resource(resource)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut table = self.resources.0.lock();
        let Some(owner) = table.owners.get_mut(&self.pid) else { return };
        let cancel = owner.running.remove(&self.number);
        if !owner.running.is_empty() {
            drop(table);
            return;
        }
        let done = owner.done.take();
        let is_over = done.is_some() || owner.is_idle();
        let entries = if is_over { table.take_all(self.pid) } else { Vec::new() };
        drop(table);
        drop(cancel);
        dispose(entries, done);
    }
}

/// Closes what was taken out of the table. Databases may have to write: on a thread where that disturbs nobody.
fn dispose(entries: Vec<Entry>, done: Option<Done>) {
    let may_block = entries.iter().any(|entry| matches!(*entry.object, Object::Database(_)));
    let finish = move || {
        drop(entries);
        if let Some(done) = done {
            done();
        }
    };
    if may_block { jobs::run(finish) } else { finish() }
}

fn is_closed(operation: HostOperation, resource: Resource) -> Fault {
    host_fault(operation, format_args!("{resource} is closed"))
}
