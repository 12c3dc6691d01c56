//! Operations that are started and answer later: what each is asked, on which thread it waits, and whom its result
//! belongs to.

use std::{
    fmt::{self, Display},
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use ttvm_isa::{Fault, HostOperation};
use ttvm_platform::{jobs, sync::Mutex};
use ttvm_value::{Pid, SharedValue, Value};

use crate::{
    arguments::{bad_argument, exactly, host_fault, mismatch, new_object, new_text, new_texts, text, text_or_bytes},
    database,
    environment::Environment,
    guard::Guard,
    http::{self, Trust, TrustSource},
    reactor::{Reactor, within},
    resources::{Object, Resources, Running},
    tcp, udp,
};

/// How long `DNS_RESOLVE` looks, unless the program says it.
const LOOK_UP_TIMEOUT: Duration = Duration::from_secs(30);

/// Takes an answer, on any thread.
pub type Answering = Box<dyn FnOnce(Result<Value, Fault>) + Send>;

/// What an operation comes to.
pub(crate) enum Made {
    Value(Value),
    /// Something that the process owns from now on.
    Object(Object),
    /// A value that takes long to make.
    Later(Later),
}

/// Makes a value, on the thread that answers: so it is the asker's from the beginning, and counts for its subtree.
pub(crate) type Later = Box<dyn FnOnce() -> Result<Value, Fault> + Send>;

impl Made {
    /// How many bytes were sent.
    pub fn count(bytes: usize) -> Self {
        Self::Value(Value::Int(i64::try_from(bytes).expect("a value has less than 2^63 bytes")))
    }
}

/// A host and a port as the program wrote them.
pub(crate) struct Address {
    pub host: String,
    pub port: u16,
}

impl Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// The network and the databases of one machine.
#[derive(Debug)]
pub(crate) struct Network {
    pub resources: Arc<Resources>,
    environment: Arc<Mutex<Environment>>,
    trust: Arc<Trust>,
    // After the table: what is under way uses it.
    reactor: Reactor,
}

impl Network {
    /// Nothing is open yet. The environment says whom to trust.
    pub fn new(environment: Arc<Mutex<Environment>>) -> Self {
        Self { resources: Arc::default(), environment, trust: Arc::default(), reactor: Reactor::default() }
    }

    /// Starts an operation of a process.
    pub fn start(&self, pid: Pid, guard: Guard, operation: HostOperation, arguments: Vec<Value>, answer: Answering) {
        let request = Request { pid, guard, operation, answer };
        if let Err((answer, fault)) = self.dispatch(request, arguments) {
            answer(Err(fault));
        }
    }

    fn dispatch(&self, request: Request, arguments: Vec<Value>) -> Result<(), (Answering, Fault)> {
        let operation = request.operation;
        match operation {
            HostOperation::DbConnect | HostOperation::DbQuery | HostOperation::DbExec => {
                match database::prepare(operation, arguments, &self.resources, request.pid, &request.guard) {
                    Ok(work) => self.work(request, work),
                    Err(fault) => return Err((request.answer, fault)),
                }
            }
            HostOperation::SocketInfo => {
                let [value] = exactly(arguments);
                (request.answer)(self.information(operation, &value));
            }
            HostOperation::TcpClose => {
                let [value] = exactly(arguments);
                (request.answer)(self.resources.close(operation, &value).map(|()| Value::Null));
            }
            _ => return self.dispatch_network(request, &arguments),
        }
        Ok(())
    }

    fn dispatch_network(&self, request: Request, arguments: &[Value]) -> Result<(), (Answering, Fault)> {
        let guard = request.guard.clone();
        let asked = Asked { operation: request.operation, guard: &guard, arguments, resources: &self.resources };
        macro_rules! start {
            ($count:literal, |$timeout:ident| $work:expr) => {{
                match asked.timeout($count).and_then(|$timeout| $work) {
                    Ok(work) => self.spawn(request, work),
                    Err(fault) => return Err((request.answer, fault)),
                }
            }};
        }
        let operation = request.operation;
        match operation {
            HostOperation::DnsResolve => {
                start!(1, |timeout| asked.name().map(|name| resolve(operation, name, timeout)));
            }
            HostOperation::HttpGet => {
                start!(1, |timeout| asked.request(None).map(|request| self.http(
                    operation,
                    guard.clone(),
                    request,
                    timeout
                )));
            }
            HostOperation::HttpPost => {
                start!(2, |timeout| asked.request(Some(1)).map(|request| self.http(
                    operation,
                    guard.clone(),
                    request,
                    timeout
                )));
            }
            HostOperation::TcpConnect => {
                start!(2, |timeout| asked.address(0).map(|address| tcp::connect(operation, address, timeout)));
            }
            HostOperation::TcpListen => {
                start!(2, |_timeout| asked.local_address().map(|address| tcp::listen(operation, address)));
            }
            HostOperation::TcpAccept => {
                start!(1, |timeout| asked.held().map(|held| tcp::accept(operation, held, timeout)));
            }
            HostOperation::TcpSend => start!(2, |timeout| {
                asked.held().and_then(|held| Ok(tcp::send(operation, held, asked.data(1)?, timeout)))
            }),
            HostOperation::TcpRecv => start!(2, |timeout| {
                asked.held().and_then(|held| Ok(tcp::receive(operation, held, asked.count()?, timeout)))
            }),
            HostOperation::UdpBind => {
                start!(2, |_timeout| asked.local_address().map(|address| udp::bind(operation, address)));
            }
            HostOperation::UdpSend => start!(4, |timeout| asked
                .held()
                .and_then(|held| { Ok(udp::send(operation, held, asked.address(1)?, asked.data(3)?, timeout)) })),
            HostOperation::UdpRecv => start!(2, |timeout| {
                asked.held().and_then(|held| Ok(udp::receive(operation, held, asked.count()?, timeout)))
            }),
            other => unreachable!("{} is performed, not started", other.mnemonic()),
        }
        Ok(())
    }

    /// `HTTP_GET` and `HTTP_POST`
    fn http(
        &self,
        operation: HostOperation,
        guard: Guard,
        request: http::Request,
        timeout: Option<Duration>,
    ) -> impl Future<Output = Result<Made, Fault>> + Send + use<> {
        let trust = Arc::clone(&self.trust);
        let source = TrustSource::of(&self.environment.lock());
        async move { http::perform(operation, &guard, request, &trust, &source, timeout).await }
    }

    /// On the reactor.
    fn spawn(&self, request: Request, work: impl Future<Output = Result<Made, Fault>> + Send + 'static) {
        let Request { pid, operation, answer, .. } = request;
        let handle = match self.reactor.handle() {
            Ok(handle) => handle,
            Err(error) => return answer(Err(host_fault(operation, error))),
        };
        let running = self.resources.begin(pid);
        let number = running.number();
        let cancel = handle.spawn(run(Task { work, running }, answer)).abort_handle();
        self.resources.set_cancel(pid, number, Box::new(move || cancel.abort()));
    }

    /// On a thread where blocking disturbs nobody.
    fn work(&self, request: Request, work: database::Work) {
        let Request { pid, operation, answer, .. } = request;
        let running = self.resources.begin(pid);
        let number = running.number();
        let database::Work { perform, cancel } = work;
        jobs::run(move || {
            let failed = |panicked| Err(host_fault(operation, panicked));
            let made = jobs::caught(perform).unwrap_or_else(failed);
            finish(made, running, answer);
        });
        self.resources.set_cancel(pid, number, cancel);
    }

    /// `SOCKET_INFO`
    fn information(&self, operation: HostOperation, value: &Value) -> Result<Value, Fault> {
        let held = self.resources.get(operation, value)?;
        let addresses = match held.object() {
            Object::Connection(connection) => connection.addresses().map(|(here, peer)| (here, Some(peer))),
            Object::Listener(listener) => listener.local_addr().map(|here| (here, None)),
            Object::Udp(socket) => socket.local_addr().map(|here| (here, None)),
            Object::Database(_) => return Err(bad_argument(operation, "a database has no address".to_owned())),
        };
        let (here, peer) = addresses.map_err(|error: io::Error| host_fault(operation, error))?;
        let host = |address: &SocketAddr| new_text(&address.ip().to_string());
        let port = |address: SocketAddr| Value::Int(i64::from(address.port()));
        new_object([
            ("host", host(&here)?),
            ("port", port(here)),
            ("peer_host", peer.as_ref().map_or(Ok(Value::Null), host)?),
            ("peer_port", peer.map_or(Value::Null, port)),
        ])
    }
}

/// Who asked for what.
struct Request {
    pid: Pid,
    guard: Guard,
    operation: HostOperation,
    answer: Answering,
}

/// Dropped in this order: what is used is let go before it counts as over.
struct Task<W> {
    work: W,
    running: Running,
}

async fn run<W: Future<Output = Result<Made, Fault>>>(task: Task<W>, answer: Answering) {
    let Task { running, work } = task;
    match work.await {
        Ok(Made::Later(make)) => jobs::run(move || finish(Ok(Made::Later(make)), running, answer)),
        made => finish(made, running, answer),
    }
}

fn finish(made: Result<Made, Fault>, running: Running, answer: Answering) {
    let value = made.and_then(|made| match made {
        Made::Value(value) => Ok(value),
        Made::Object(object) => Ok(running.insert(object)),
        Made::Later(make) => make(),
    });
    // Before the process may begin its next operation.
    drop(running);
    answer(value);
}

/// `DNS_RESOLVE`
async fn resolve(operation: HostOperation, name: String, timeout: Option<Duration>) -> Result<Made, Fault> {
    let work = async {
        let found = tokio::net::lookup_host((&*name, 0)).await;
        found.map_err(|error| host_fault(operation, format_args!("cannot resolve {name}: {error}")))
    };
    let mut addresses: Vec<String> = Vec::new();
    for address in within(operation, timeout.or(Some(LOOK_UP_TIMEOUT)), work).await? {
        let address = address.ip().to_string();
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    new_texts(&addresses).map(Made::Value)
}

/// The arguments of an operation.
struct Asked<'a> {
    operation: HostOperation,
    guard: &'a Guard,
    arguments: &'a [Value],
    resources: &'a Resources,
}

impl Asked<'_> {
    fn text(&self, index: usize) -> Result<String, Fault> {
        text(self.operation, &self.arguments[index]).map(str::to_owned)
    }

    /// The name of a host that may be looked up, which is the first argument.
    fn name(&self) -> Result<String, Fault> {
        let name = self.text(0)?;
        self.guard.check_network(self.operation.mnemonic(), &name, None)?;
        Ok(name)
    }

    /// The resource, which is the first argument.
    fn held(&self) -> Result<crate::resources::Held, Fault> {
        self.resources.get(self.operation, &self.arguments[0])
    }

    /// A request to an HTTP server, which is the first argument, with the body at this place.
    fn request(&self, body: Option<usize>) -> Result<http::Request, Fault> {
        http::Request::new(self.operation, &self.arguments[0], body.map(|index| &self.arguments[index]))
    }

    /// A host and a port, at this place and the next.
    fn address(&self, index: usize) -> Result<Address, Fault> {
        let (host, port) = (self.text(index)?, self.port(index + 1)?);
        self.guard.check_network(self.operation.mnemonic(), &host, Some(port))?;
        Ok(Address { host, port })
    }

    fn port(&self, index: usize) -> Result<u16, Fault> {
        match &self.arguments[index] {
            Value::Int(port) => u16::try_from(*port)
                .map_err(|_| bad_argument(self.operation, format!("a port is from 0 to 65535, not {port}"))),
            other => Err(mismatch(self.operation, "an integer", other)),
        }
    }

    /// A port and perhaps an address of this machine.
    fn local_address(&self) -> Result<SocketAddr, Fault> {
        let port = self.port(0)?;
        let address = match self.arguments.get(1) {
            None => Ipv4Addr::LOCALHOST.into(),
            Some(address) => {
                let address = text(self.operation, address)?;
                let parsed: Result<IpAddr, _> = address.parse();
                parsed.map_err(|_| bad_argument(self.operation, format!("{address:?} is no IP address")))?
            }
        };
        self.guard.check_network(self.operation.mnemonic(), &address.to_string(), Some(port))?;
        Ok((address, port).into())
    }

    /// How many bytes, which is the second argument.
    fn count(&self) -> Result<usize, Fault> {
        match &self.arguments[1] {
            Value::Int(count @ 1..) => Ok(usize::try_from(*count).unwrap_or(usize::MAX)),
            Value::Int(count) => Err(bad_argument(self.operation, format!("the count is at least 1, not {count}"))),
            other => Err(mismatch(self.operation, "an integer", other)),
        }
    }

    fn data(&self, index: usize) -> Result<SharedValue, Fault> {
        let value = &self.arguments[index];
        text_or_bytes(self.operation, value)?;
        Ok(SharedValue::new(value.clone()).0)
    }

    /// The time-out behind so many arguments, if one is written.
    fn timeout(&self, arguments: usize) -> Result<Option<Duration>, Fault> {
        Ok(match self.arguments.get(arguments) {
            Some(Value::Int(milliseconds)) => Some(Duration::from_millis(u64::try_from(*milliseconds).unwrap_or(0))),
            Some(_) | None => None,
        })
    }
}
