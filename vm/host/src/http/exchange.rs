//! One exchange with one server: a connection, a request, an answer, the end of the connection.
//!
//! The connection is driven by the task that asked, not by one of its own: it cannot outlive the request. How much a
//! server may send is bounded here.

use std::{future::poll_fn, pin::pin};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    Response, StatusCode,
    body::{Body as _, Bytes, Incoming},
    client::conn::http1::{Builder, SendRequest},
    header,
    rt::{Read, Write},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};
use ttvm_isa::{
    Fault, HostOperation,
    limits::{HTTP_BODY_BYTES_MAX, HTTP_HEAD_BYTES_MAX, HTTP_HEADERS_MAX},
};

use super::{
    answer::{Answer, header_text},
    causes,
    request::Request,
    trust::{Trust, TrustSource},
};
use crate::{
    arguments::{bad_argument, host_fault},
    guard::Guard,
};

/// What a server makes of a request.
pub(crate) enum Exchanged {
    Answer(Answer),
    /// The answer is elsewhere.
    Redirect {
        status: StatusCode,
        location: String,
    },
}

/// Asks the server of the request's URL.
pub(crate) async fn exchange(
    operation: HostOperation,
    guard: &Guard,
    request: &Request,
    trust: &Trust,
    source: &TrustSource,
) -> Result<Exchanged, Fault> {
    let (host, port) = request.address();
    // Here, so that servers cannot send us where the program may not go.
    guard.check_network(operation.mnemonic(), host, Some(port))?;
    // Before anything is opened.
    let trusted = if request.is_secure() {
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|error| bad_argument(operation, format!("{host:?} names no server: {error}")))?;
        Some((name, TlsConnector::from(trust.configuration(operation, source).await?)))
    } else {
        None
    };
    let cannot = |error: &dyn std::error::Error| {
        host_fault(operation, format_args!("cannot connect to {host}:{port}: {}", causes(error)))
    };
    let stream = TcpStream::connect((host, port)).await.map_err(|error| cannot(&error))?;
    stream.set_nodelay(true).map_err(|error| cannot(&error))?;
    match trusted {
        Some((name, connector)) => {
            let stream = connector.connect(name, stream).await.map_err(|error| cannot(&error))?;
            converse(operation, request, TokioIo::new(stream)).await
        }
        None => converse(operation, request, TokioIo::new(stream)).await,
    }
}

/// Sends the request over a connection, and drives both until the answer is there.
async fn converse(
    operation: HostOperation,
    request: &Request,
    stream: impl Read + Write + Unpin,
) -> Result<Exchanged, Fault> {
    let mut builder = Builder::new();
    builder.max_headers(HTTP_HEADERS_MAX).max_buf_size(HTTP_HEAD_BYTES_MAX);
    let (sender, connection) =
        builder.handshake(stream).await.map_err(|error| host_fault(operation, causes(&error)))?;
    let mut connection = pin!(connection);
    let mut answer = pin!(ask(operation, request, sender));
    let mut is_connected = true;
    poll_fn(|context| {
        // Each wakes this task when the other has something to do. What ends the connection is told to the answer too.
        is_connected = is_connected && connection.as_mut().poll(context).is_pending();
        answer.as_mut().poll(context)
    })
    .await
}

async fn ask(
    operation: HostOperation,
    request: &Request,
    mut sender: SendRequest<Full<Bytes>>,
) -> Result<Exchanged, Fault> {
    let sent = sender.send_request(request.on_the_wire(operation)?).await;
    let response = sent.map_err(|error| host_fault(operation, causes(&error)))?;
    let status = response.status();
    if request.follows(status)
        && let Some(location) = response.headers().get(header::LOCATION)
    {
        // What it says besides is not for programs.
        return Ok(Exchanged::Redirect { status, location: header_text(location) });
    }
    let (head, body) = Response::into_parts(response);
    let body = read(operation, body).await?;
    Ok(Exchanged::Answer(Answer { status, headers: head.headers, body, decodes: request.decodes }))
}

/// All of a body, unless it is too long.
async fn read(operation: HostOperation, mut body: Incoming) -> Result<Vec<u8>, Fault> {
    let too_much = || Fault::Limit { what: "bytes of an HTTP body", max: HTTP_BODY_BYTES_MAX as u64 };
    if body.size_hint().lower() > HTTP_BODY_BYTES_MAX as u64 {
        return Err(too_much());
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| host_fault(operation, causes(&error)))?;
        // Trailers are the only other kind.
        let Some(data) = frame.data_ref() else { continue };
        if data.len() > HTTP_BODY_BYTES_MAX - bytes.len() {
            return Err(too_much());
        }
        bytes.extend_from_slice(data);
    }
    Ok(bytes)
}
