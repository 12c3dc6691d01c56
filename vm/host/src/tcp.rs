//! TCP: connections and what accepts them.
//!
//! Several processes may use one connection: receiving and sending do not wait for each other, and what one process sends
//! is never torn apart by what another does.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::Mutex,
};
use ttvm_isa::{Fault, HostOperation};
use ttvm_value::{SharedValue, Value};

use crate::{
    arguments::{bad_argument, host_fault, new_text_or_bytes, text_or_bytes},
    network::{Address, Made},
    reactor::within,
    resources::{Held, Object},
};

/// The most that one `TCP_RECV` gives, so that a program cannot ask for a huge buffer.
const RECEIVED_BYTES_MAX: usize = 1 << 16;

/// How long `TCP_CONNECT` tries, unless the program says it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// A connection.
pub(crate) struct Connection {
    stream: TcpStream,
    /// Held while one process's data is sent.
    sending: Mutex<()>,
}

impl Connection {
    fn of(stream: TcpStream) -> io::Result<Object> {
        // Programs that send little by little wait for answers: nothing is gained by collecting it.
        stream.set_nodelay(true)?;
        Ok(Object::Connection(Self { stream, sending: Mutex::new(()) }))
    }

    /// Where it lies, and its peer.
    pub fn addresses(&self) -> io::Result<(SocketAddr, SocketAddr)> {
        Ok((self.stream.local_addr()?, self.stream.peer_addr()?))
    }

    async fn send(&self, data: &[u8]) -> io::Result<()> {
        let _alone = self.sending.lock().await;
        let mut rest = data;
        while !rest.is_empty() {
            self.stream.writable().await?;
            match self.stream.try_write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Up to so many bytes; none at the end.
    async fn receive(&self, count: usize) -> io::Result<Vec<u8>> {
        loop {
            self.stream.readable().await?;
            let mut bytes = vec![0; count.min(RECEIVED_BYTES_MAX)];
            match self.stream.try_read(&mut bytes) {
                Ok(count) => {
                    bytes.truncate(count);
                    return Ok(bytes);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn connection(operation: HostOperation, held: &Held) -> Result<&Connection, Fault> {
    match held.object() {
        Object::Connection(connection) => Ok(connection),
        Object::Listener(_) | Object::Udp(_) | Object::Database(_) => {
            Err(bad_argument(operation, "this is no connection".to_owned()))
        }
    }
}

/// `TCP_CONNECT`
pub(crate) async fn connect(
    operation: HostOperation,
    address: Address,
    timeout: Option<Duration>,
) -> Result<Made, Fault> {
    let work = async {
        let stream = TcpStream::connect((&*address.host, address.port)).await;
        stream
            .and_then(Connection::of)
            .map_err(|error| host_fault(operation, format_args!("cannot connect to {address}: {error}")))
    };
    within(operation, timeout.or(Some(CONNECT_TIMEOUT)), work).await.map(Made::Object)
}

/// `TCP_LISTEN`
pub(crate) async fn listen(operation: HostOperation, address: SocketAddr) -> Result<Made, Fault> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(Made::Object(Object::Listener(listener))),
        Err(error) => Err(host_fault(operation, format_args!("cannot listen on {address}: {error}"))),
    }
}

/// `TCP_ACCEPT`
pub(crate) async fn accept(operation: HostOperation, held: Held, timeout: Option<Duration>) -> Result<Made, Fault> {
    let Object::Listener(listener) = held.object() else {
        return Err(bad_argument(operation, "this does not listen".to_owned()));
    };
    let work = held.during(operation, timeout, async {
        let accepted = listener.accept().await;
        accepted.and_then(|(stream, _)| Connection::of(stream)).map_err(|error| host_fault(operation, error))
    });
    work.await.map(Made::Object)
}

/// `TCP_SEND`
pub(crate) async fn send(
    operation: HostOperation,
    held: Held,
    data: SharedValue,
    timeout: Option<Duration>,
) -> Result<Made, Fault> {
    let connection = connection(operation, &held)?;
    let work = held.during(operation, timeout, async {
        let data = text_or_bytes(operation, data.value())?;
        connection.send(data).await.map_err(|error| host_fault(operation, error))?;
        Ok(data.len())
    });
    work.await.map(Made::count)
}

/// `TCP_RECV`
pub(crate) async fn receive(
    operation: HostOperation,
    held: Held,
    count: usize,
    timeout: Option<Duration>,
) -> Result<Made, Fault> {
    let connection = connection(operation, &held)?;
    let work = held.during(operation, timeout, async {
        connection.receive(count).await.map_err(|error| host_fault(operation, error))
    });
    let bytes = work.await?;
    if bytes.is_empty() {
        return Ok(Made::Value(Value::Null));
    }
    new_text_or_bytes(&bytes).map(Made::Value)
}
