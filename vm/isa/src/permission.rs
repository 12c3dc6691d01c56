//! What a program may ask of the world outside.
//!
//! Here: what was permitted, as data, and how processes come to less of it. Never here: looking at files and addresses
//! (`vm/host/src/guard.rs`), which alone decides.

use std::{net::IpAddr, path::PathBuf, str::FromStr, sync::Arc};

use crate::limits::RIGHTS_MAX;

/// What may be asked for: everything, or what lies within one of these.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reach<T> {
    /// Everything.
    Everything,
    /// Only this; nothing, if it is empty.
    Only(Vec<T>),
}

/// What a program, or a process, is permitted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Permissions {
    /// Files that may be read, and directories whose files may be.
    pub read: Reach<PathBuf>,
    /// Files that may be written, made and deleted, and directories whose files may be.
    pub write: Reach<PathBuf>,
    /// Hosts that may be connected to, looked up, and listened on.
    pub net: Reach<Endpoint>,
    /// Whether other programs may be run, which may then do whatever the user may.
    pub exec: bool,
    /// Whether environment variables may be read and set.
    pub env: bool,
}

impl Permissions {
    /// Everything is permitted.
    #[must_use]
    pub const fn all() -> Self {
        Self { read: Reach::Everything, write: Reach::Everything, net: Reach::Everything, exec: true, env: true }
    }

    /// Nothing is permitted.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            read: Reach::Only(Vec::new()),
            write: Reach::Only(Vec::new()),
            net: Reach::Only(Vec::new()),
            exec: false,
            env: false,
        }
    }
}

/// A host of the network, with all its ports or one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    host: String,
    port: Option<u16>,
}

impl Endpoint {
    /// Whether a host and a port, or the host at all, are this.
    #[must_use]
    pub fn includes(&self, host: &str, port: Option<u16>) -> bool {
        self.host == plain_host(host) && (self.port.is_none() || port.is_none() || self.port == port)
    }
}

/// What is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoEndpoint;

impl std::fmt::Display for NoEndpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a host is written as HOST, HOST:PORT or [ADDRESS]:PORT")
    }
}

impl std::error::Error for NoEndpoint {}

impl FromStr for Endpoint {
    type Err = NoEndpoint;

    fn from_str(text: &str) -> Result<Self, NoEndpoint> {
        let whole = |host: &str| Self { host: plain_host(host), port: None };
        let endpoint = if text.parse::<IpAddr>().is_ok() {
            whole(text)
        } else if let Some((host, port)) = text.rsplit_once(':') {
            Self { host: plain_host(host), port: Some(port.parse().map_err(|_| NoEndpoint)?) }
        } else {
            whole(text)
        };
        // An IPv6 address with a port needs its brackets, or nobody knows where it ends.
        let is_address = endpoint.host.parse::<IpAddr>().is_ok();
        let is_name = !endpoint.host.is_empty() && !endpoint.host.contains([':', '/', '[', ']', ' ']);
        if is_address || is_name { Ok(endpoint) } else { Err(NoEndpoint) }
    }
}

/// A host as it is compared: names without case and final dot, addresses in their shortest form.
fn plain_host(host: &str) -> String {
    let inner = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    match inner.parse::<IpAddr>() {
        Ok(address) => address.to_string(),
        Err(_) => host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase(),
    }
}

/// What a process has left of what its machine permits: everything that all of these permit.
///
/// It can only become less: to say more than there was changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rights(Vec<Arc<Permissions>>);

impl Rights {
    /// These rights, as far as they are permitted. `None` if they were lessened [`RIGHTS_MAX`] times before.
    #[must_use]
    pub fn lessened(&self, permissions: Permissions) -> Option<Self> {
        if self.0.iter().any(|known| **known == permissions) {
            return Some(self.clone());
        }
        if self.0.len() >= RIGHTS_MAX {
            return None;
        }
        Some(Self(self.0.iter().cloned().chain([Arc::new(permissions)]).collect()))
    }

    /// What both permit.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let new = other.0.iter().filter(|permissions| !self.0.contains(permissions));
        Self(self.0.iter().chain(new).cloned().collect())
    }

    /// All that must permit something.
    pub fn iter(&self) -> impl Iterator<Item = &Permissions> {
        self.0.iter().map(|permissions| &**permissions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn includes(endpoint: &str, host: &str, port: Option<u16>) -> bool {
        endpoint.parse::<Endpoint>().expect("it is written well").includes(host, port)
    }

    #[test]
    fn an_endpoint_is_a_host_with_one_port_or_all() {
        assert!(includes("example.com", "example.com", Some(80)));
        assert!(includes("Example.com.", "EXAMPLE.COM", Some(80)));
        assert!(includes("example.com:443", "example.com", Some(443)));
        assert!(!includes("example.com:443", "example.com", Some(80)));
        assert!(!includes("example.com", "www.example.com", Some(80)));
        assert!(!includes("example.com", "example.com.evil.org", Some(80)));
        assert!(includes("127.0.0.1:0", "127.0.0.1", Some(0)));
        assert!(includes("[::1]:80", "0:0:0:0:0:0:0:1", Some(80)));
        assert!(includes("::1", "::1", Some(9)));
        assert!(!includes("127.0.0.1", "localhost", Some(9)));
        assert!(includes("example.com:443", "example.com", None), "the name may be looked up");
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        for text in ["", ":80", "a:b", "a:65536", "a:80:90", "http://a", "[::1", "a b"] {
            assert_eq!(text.parse::<Endpoint>(), Err(NoEndpoint), "{text}");
        }
    }

    #[test]
    fn rights_grow_less_up_to_a_limit_and_the_same_words_count_once() {
        let mut rights = Rights::default();
        for port in 0..RIGHTS_MAX {
            let net = Reach::Only(vec![format!("a:{port}").parse().expect("it is an endpoint")]);
            let permissions = Permissions { net, ..Permissions::all() };
            rights = rights.lessened(permissions.clone()).expect("it is within the limit");
            rights = rights.lessened(permissions).expect("it was said before");
        }
        assert_eq!(rights.iter().count(), RIGHTS_MAX);
        assert_eq!(rights.lessened(Permissions::none()), None);
    }
}
