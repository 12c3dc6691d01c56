//! What a program asks for: from the values of `HTTP_GET` and `HTTP_POST` to a request on the wire.

use std::fmt::Display;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http_body_util::Full;
use hyper::{
    HeaderMap, Method, StatusCode, Uri,
    body::Bytes,
    header::{self, HeaderName, HeaderValue},
};
use percent_encoding::percent_decode_str;
use ttvm_isa::{
    Fault, HostOperation,
    limits::{HTTP_HEAD_BYTES_MAX, HTTP_HEADERS_MAX, HTTP_REDIRECTS_MAX, HTTP_URL_BYTES_MAX},
};
use ttvm_value::{Object, SharedValue, Value};
use url::{Position, Url};

use crate::arguments::{bad_argument, host_fault, mismatch, text, text_or_bytes};

const USER_AGENT: &str = concat!("ttvm/", env!("CARGO_PKG_VERSION"));

/// What the machine can undo.
const ACCEPTED_ENCODINGS: &str = "gzip, zstd";

/// Headers that say how the message itself is carried: two opinions about that are how requests are smuggled.
const OWN_HEADERS: [HeaderName; 8] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Headers that are for the first server only, not for one that it sends us to.
const SECRET_HEADERS: [HeaderName; 3] = [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION];

/// A request as far as the program decides it.
#[derive(Debug)]
pub(crate) struct Request {
    pub method: Method,
    pub url: Url,
    headers: HeaderMap,
    body: Bytes,
    pub redirects_max: u32,
    /// Whether the machine undoes compression, which it asked for itself.
    pub decodes: bool,
}

impl Request {
    /// The request for a URL, or for an object with one, without or with a body.
    ///
    /// # Errors
    /// If one of them cannot be that.
    pub fn new(operation: HostOperation, asked: &Value, body: Option<&Value>) -> Result<Self, Fault> {
        let mut parts = Parts { url: None, method: None, headers: HeaderMap::new(), redirects_max: HTTP_REDIRECTS_MAX };
        match asked {
            Value::Str(url) => parts.url = Some(parse_url(operation, url)?),
            Value::Object(fields) => {
                for (name, value) in fields.iter() {
                    parts.take(operation, name, value)?;
                }
            }
            other => return Err(mismatch(operation, "a URL or an object with one", other)),
        }
        let no_url = || bad_argument(operation, "the request has no field \"url\"".to_owned());
        let Parts { url, method, mut headers, redirects_max } = parts;
        let mut url = url.ok_or_else(no_url)?;
        take_user(operation, &mut url, &mut headers)?;
        let decodes = !headers.contains_key(header::ACCEPT_ENCODING);
        let otherwise = |headers: &mut HeaderMap, name: HeaderName, value| {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        };
        otherwise(&mut headers, header::ACCEPT, "*/*");
        otherwise(&mut headers, header::ACCEPT_ENCODING, ACCEPTED_ENCODINGS);
        otherwise(&mut headers, header::USER_AGENT, USER_AGENT);
        let (otherwise_method, body) = match body {
            None => (Method::GET, Bytes::new()),
            Some(body) => {
                text_or_bytes(operation, body)?;
                let is_text = matches!(body, Value::Str(_));
                let kind = if is_text { "text/plain; charset=utf-8" } else { "application/octet-stream" };
                otherwise(&mut headers, header::CONTENT_TYPE, kind);
                // Not copied, however long it is.
                let data = Data { operation, value: SharedValue::new(body.clone()).0 };
                (Method::POST, Bytes::from_owner(data))
            }
        };
        let method = method.unwrap_or(otherwise_method);
        Ok(Self { method, url, headers, body, redirects_max, decodes })
    }

    /// Where the server listens.
    pub fn address(&self) -> (&str, u16) {
        let host = self.url.host_str().expect("parse_url: URLs of these schemes have a host");
        let port = self.url.port_or_known_default().expect("parse_url: these schemes have a port");
        // Brackets belong to the URL.
        (host.trim_start_matches('[').trim_end_matches(']'), port)
    }

    /// Whether it goes through TLS.
    pub fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// What goes over the wire.
    ///
    /// # Errors
    /// If its URL is longer than the protocol's libraries can write.
    pub fn on_the_wire(&self, operation: HostOperation) -> Result<hyper::Request<Full<Bytes>>, Fault> {
        let unwritable = |error: &dyn Display| bad_argument(operation, format!("the request cannot be sent: {error}"));
        let target = &self.url[Position::BeforePath..Position::AfterQuery];
        let target: Uri = target.parse().map_err(|error| unwritable(&error))?;
        let host = &self.url[Position::BeforeHost..Position::AfterPort];
        let host = HeaderValue::from_str(host).map_err(|error| unwritable(&error))?;
        let mut request = hyper::Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = target;
        // The first, as RFC 9110 recommends.
        request.headers_mut().insert(header::HOST, host);
        request.headers_mut().extend(self.headers.clone());
        request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        Ok(request)
    }

    /// Whether an answer with this status sends us on, if it says where.
    pub fn follows(&self, status: StatusCode) -> bool {
        let is_redirect = [
            StatusCode::MOVED_PERMANENTLY,
            StatusCode::FOUND,
            StatusCode::SEE_OTHER,
            StatusCode::TEMPORARY_REDIRECT,
            StatusCode::PERMANENT_REDIRECT,
        ]
        .contains(&status);
        is_redirect && self.redirects_max > 0
    }

    /// The request that an answer sends us on with.
    ///
    /// # Errors
    /// If that is nowhere.
    pub fn redirected(mut self, operation: HostOperation, status: StatusCode, location: &str) -> Result<Self, Fault> {
        let nowhere = |error: &dyn Display| host_fault(operation, format_args!("redirected to {location:?}: {error}"));
        if location.len() > HTTP_URL_BYTES_MAX {
            return Err(host_fault(operation, format_args!("redirected to a URL of {} bytes", location.len())));
        }
        let mut next = self.url.join(location).map_err(|error| nowhere(&error))?;
        if !is_known(next.scheme()) {
            return Err(nowhere(&format_args!("the scheme is {:?}", next.scheme())));
        }
        // A server has no business to log us in elsewhere.
        let _ = (next.set_username(""), next.set_password(None));
        // What all clients do, and RFC 9110 (15.4) allows for that reason.
        let becomes_get = match status {
            StatusCode::SEE_OTHER => self.method != Method::HEAD,
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => self.method == Method::POST,
            _ => false,
        };
        if becomes_get {
            self.method = Method::GET;
            self.body = Bytes::new();
            self.headers.remove(header::CONTENT_TYPE);
        }
        if next.origin() != self.url.origin() {
            for name in SECRET_HEADERS {
                self.headers.remove(name);
            }
        }
        self.url = next;
        Ok(self)
    }
}

/// The fields of a request, as far as they are read.
struct Parts {
    url: Option<Url>,
    method: Option<Method>,
    headers: HeaderMap,
    redirects_max: u32,
}

impl Parts {
    fn take(&mut self, operation: HostOperation, name: &str, value: &Value) -> Result<(), Fault> {
        match name {
            "url" => self.url = Some(parse_url(operation, text(operation, value)?)?),
            "method" => self.method = Some(parse_method(operation, text(operation, value)?)?),
            "headers" => {
                let Value::Object(fields) = value else {
                    return Err(mismatch(operation, "an object of headers", value));
                };
                self.headers = parse_headers(operation, fields)?;
            }
            "redirects" => {
                let Value::Int(count) = value else { return Err(mismatch(operation, "an integer", value)) };
                let error = || format!("redirects are from 0 to {HTTP_REDIRECTS_MAX}, not {count}");
                let count = u32::try_from(*count).ok().filter(|count| *count <= HTTP_REDIRECTS_MAX);
                self.redirects_max = count.ok_or_else(|| bad_argument(operation, error()))?;
            }
            other => {
                let error = format!("a request has url, method, headers and redirects, not {other:?}");
                return Err(bad_argument(operation, error));
            }
        }
        Ok(())
    }
}

/// A body that is a value.
struct Data {
    operation: HostOperation,
    value: SharedValue,
}

impl AsRef<[u8]> for Data {
    fn as_ref(&self) -> &[u8] {
        text_or_bytes(self.operation, self.value.value()).expect("Request::new: a body is a str or bytes")
    }
}

fn is_known(scheme: &str) -> bool {
    ["http", "https"].contains(&scheme)
}

/// A URL that can be asked for.
fn parse_url(operation: HostOperation, text: &str) -> Result<Url, Fault> {
    if text.len() > HTTP_URL_BYTES_MAX {
        let error = format!("a URL has at most {HTTP_URL_BYTES_MAX} bytes, not {}", text.len());
        return Err(bad_argument(operation, error));
    }
    let url = Url::parse(text).map_err(|error| bad_argument(operation, format!("{text:?} is no URL: {error}")))?;
    if !is_known(url.scheme()) {
        return Err(bad_argument(operation, format!("the scheme is http or https, not {:?}", url.scheme())));
    }
    Ok(url)
}

fn parse_method(operation: HostOperation, text: &str) -> Result<Method, Fault> {
    match Method::from_bytes(text.as_bytes()) {
        // It asks for a tunnel and not for an answer.
        Ok(method) if method != Method::CONNECT => Ok(method),
        Ok(_) | Err(_) => Err(bad_argument(operation, format!("{text:?} cannot be a method"))),
    }
}

/// As much of them as answers may have.
fn parse_headers(operation: HostOperation, fields: &Object) -> Result<HeaderMap, Fault> {
    if fields.len() > HTTP_HEADERS_MAX {
        let error = format!("a request has at most {HTTP_HEADERS_MAX} headers, not {}", fields.len());
        return Err(bad_argument(operation, error));
    }
    let mut headers = HeaderMap::new();
    let mut bytes = 0;
    for (name, value) in fields.iter() {
        let value = text(operation, value)?;
        bytes += name.len() + value.len();
        if bytes > HTTP_HEAD_BYTES_MAX {
            let error = format!("a request has at most {HTTP_HEAD_BYTES_MAX} bytes of headers");
            return Err(bad_argument(operation, error));
        }
        let (name, value) = parse_header(operation, name, value)?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn parse_header(operation: HostOperation, name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Fault> {
    let bad = |error: String| bad_argument(operation, error);
    let parsed: HeaderName = name.parse().map_err(|_| bad(format!("{name:?} cannot be the name of a header")))?;
    if OWN_HEADERS.contains(&parsed) {
        return Err(bad(format!("the header {parsed} is written by the machine")));
    }
    let value = HeaderValue::from_str(value).map_err(|_| bad(format!("the header {parsed} cannot be {value:?}")))?;
    Ok((parsed, value))
}

/// What stands before the `@` of a URL becomes a header.
fn take_user(operation: HostOperation, url: &mut Url, headers: &mut HeaderMap) -> Result<(), Fault> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(());
    }
    let mut user: Vec<u8> = percent_decode_str(url.username()).collect();
    user.push(b':');
    user.extend(percent_decode_str(url.password().unwrap_or_default()));
    let mut value = HeaderValue::from_str(&format!("Basic {}", BASE64_STANDARD.encode(user)))
        .map_err(|error| bad_argument(operation, error.to_string()))?;
    value.set_sensitive(true);
    headers.entry(header::AUTHORIZATION).or_insert(value);
    let _ = (url.set_username(""), url.set_password(None));
    Ok(())
}
