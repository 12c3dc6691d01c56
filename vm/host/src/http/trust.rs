//! Whose certificates a server's may be signed by: those whom the operating system trusts, or `SSL_CERT_FILE` and
//! `SSL_CERT_DIR` name.
//!
//! They are read once for a machine, and again when a program has set these variables anew.

use std::{env::split_paths, ffi::OsString, path::PathBuf, sync::Arc};

use rustls_native_certs::{CertificateResult, load_certs_from_paths, load_native_certs};
use tokio::sync::Mutex;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};
use ttvm_isa::{Fault, HostOperation};

use crate::{arguments::host_fault, environment::Environment, reactor::elsewhere};

/// Where the certificates are, if the environment says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrustSource {
    file: Option<PathBuf>,
    /// As `PATH` has several.
    folders: Option<OsString>,
}

impl TrustSource {
    /// What a program's environment says.
    pub fn of(environment: &Environment) -> Self {
        let file = environment.variable("SSL_CERT_FILE").map(PathBuf::from);
        Self { file, folders: environment.variable("SSL_CERT_DIR") }
    }
}

/// What was read, and from where.
#[derive(Debug, Default)]
pub(crate) struct Trust(Mutex<Option<(TrustSource, Arc<ClientConfig>)>>);

impl Trust {
    /// How to begin TLS as a client.
    ///
    /// # Errors
    /// If there is nobody to trust.
    pub async fn configuration(
        &self,
        operation: HostOperation,
        source: &TrustSource,
    ) -> Result<Arc<ClientConfig>, Fault> {
        // Held while they are read: many processes that begin together wait for one reading. Nobody waits on a thread.
        let mut known = self.0.lock().await;
        if let Some((known_source, configuration)) = &*known
            && known_source == source
        {
            return Ok(Arc::clone(configuration));
        }
        let wanted = source.clone();
        let read = elsewhere(move || read(&wanted)).await.map_err(|panicked| host_fault(operation, panicked))?;
        let nobody = |error| host_fault(operation, format_args!("there are no trusted certificates: {error}"));
        let configuration = read.map_err(nobody)?;
        *known = Some((source.clone(), Arc::clone(&configuration)));
        Ok(configuration)
    }
}

/// The certificates of a source; what is wrong if there are none.
fn read(source: &TrustSource) -> Result<Arc<ClientConfig>, String> {
    let CertificateResult { certs, errors, .. } = certificates(source);
    let mut roots = RootCertStore::empty();
    // Systems have some that nobody can read any more: the others are as good.
    let (count, _unreadable) = roots.add_parsable_certificates(certs);
    if count == 0 {
        return Err(errors.first().map_or_else(|| "none were found".to_owned(), ToString::to_string));
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    let mut configuration = builder.with_root_certificates(roots).with_no_client_auth();
    configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(configuration))
}

fn certificates(source: &TrustSource) -> CertificateResult {
    let TrustSource { file, folders } = source;
    if file.is_none() && folders.is_none() {
        return load_native_certs();
    }
    let mut all = load_certs_from_paths(file.as_deref(), None);
    let folders = folders.iter().flat_map(split_paths).filter(|folder| !folder.as_os_str().is_empty());
    for folder in folders {
        let more = load_certs_from_paths(None, Some(&folder));
        all.certs.extend(more.certs);
        all.errors.extend(more.errors);
    }
    all
}
