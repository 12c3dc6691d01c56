//! UDP: datagrams.

use std::{net::SocketAddr, time::Duration};

use tokio::net::UdpSocket;
use ttvm_isa::{Fault, HostOperation};
use ttvm_value::{SharedValue, Value};

use crate::{
    arguments::{bad_argument, host_fault, new_object, new_text, new_text_or_bytes, text_or_bytes},
    network::{Address, Made},
    resources::{Held, Object},
};

/// More than any datagram has.
const DATAGRAM_BYTES_MAX: usize = 1 << 16;

fn socket(operation: HostOperation, held: &Held) -> Result<&UdpSocket, Fault> {
    match held.object() {
        Object::Udp(socket) => Ok(socket),
        Object::Connection(_) | Object::Listener(_) | Object::Database(_) => {
            Err(bad_argument(operation, "this is no socket for datagrams".to_owned()))
        }
    }
}

/// `UDP_BIND`
pub(crate) async fn bind(operation: HostOperation, address: SocketAddr) -> Result<Made, Fault> {
    match UdpSocket::bind(address).await {
        Ok(socket) => Ok(Made::Object(Object::Udp(socket))),
        Err(error) => Err(host_fault(operation, format_args!("cannot open a socket on {address}: {error}"))),
    }
}

/// `UDP_SEND`
pub(crate) async fn send(
    operation: HostOperation,
    held: Held,
    address: Address,
    data: SharedValue,
    timeout: Option<Duration>,
) -> Result<Made, Fault> {
    let socket = socket(operation, &held)?;
    let work = held.during(operation, timeout, async {
        let data = text_or_bytes(operation, data.value())?;
        let sent = socket.send_to(data, (&*address.host, address.port)).await;
        sent.map_err(|error| host_fault(operation, format_args!("cannot send to {address}: {error}")))
    });
    work.await.map(Made::count)
}

/// `UDP_RECV`
pub(crate) async fn receive(
    operation: HostOperation,
    held: Held,
    count: usize,
    timeout: Option<Duration>,
) -> Result<Made, Fault> {
    let socket = socket(operation, &held)?;
    let work = held.during(operation, timeout, async {
        let mut bytes = vec![0; count.min(DATAGRAM_BYTES_MAX)];
        let received = socket.recv_from(&mut bytes).await;
        let (count, from) = received.map_err(|error| host_fault(operation, error))?;
        bytes.truncate(count);
        Ok((bytes, from))
    });
    let (bytes, from) = work.await?;
    let fields = [
        ("data", new_text_or_bytes(&bytes)?),
        ("host", new_text(&from.ip().to_string())?),
        ("port", Value::Int(i64::from(from.port()))),
    ];
    new_object(fields).map(Made::Value)
}
