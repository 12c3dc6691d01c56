//! `https`: certificates that are trusted and that are not.

use std::{
    fs,
    io::{self, Write as _},
    net::TcpStream,
    path::Path,
    sync::Arc,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring, pki_types::PrivateKeyDer};
use ttvm_tests::{failing, printed, talking_tiers};

use crate::server::{Server, ok, read_request};

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// An authority of our own, and its certificate in a file.
fn authority(folder: &Path, name: &str) -> (Issuer, String) {
    let mut parameters = CertificateParams::new([]).expect("no names are fine");
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("there is entropy");
    let issuer = CertifiedIssuer::self_signed(parameters, key).expect("it can be signed");
    let file = folder.join(format!("{name}.pem"));
    fs::write(&file, issuer.pem()).expect("the folder can be written to");
    (issuer, file.to_str().expect("the path is UTF-8").to_owned())
}

/// A server with a certificate by an authority, for a name, that says hello to whoever trusts it.
fn server(issuer: &Issuer, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Server {
    let mut parameters = CertificateParams::new([name.to_owned()]).expect("it is a name");
    change(&mut parameters);
    let key = KeyPair::generate().expect("there is entropy");
    let certificate = parameters.signed_by(&key, issuer).expect("it can be signed");
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let configuration = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring knows them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("key and certificate belong together");
    let configuration = Arc::new(configuration);
    Server::talking(1, move |stream| hello(Arc::clone(&configuration), stream.try_clone()?))
}

fn hello(configuration: Arc<ServerConfig>, stream: TcpStream) -> io::Result<String> {
    let connection = ServerConnection::new(configuration).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    let asked = read_request(&mut stream)?;
    stream.write_all(&ok("", "hello"))?;
    stream.conn.send_close_notify();
    stream.flush()?;
    Ok(asked)
}

/// A program that trusts a file alone and asks a host.
fn program(file: &str, host: &str) -> String {
    let get = format!("PUSH_STR \"https://{host}:PORT/x\"\nHTTP_GET\nGET_FIELD body\nPRINT\nHALT");
    let trust = format!("PUSH_STR SSL_CERT_DIR\nNULL\nSET_ENV\nPUSH_STR SSL_CERT_FILE\nPUSH_STR \"{file}\"\nSET_ENV\n");
    trust + &failing("a", &get)
}

// Rules: L3.90
#[test]
fn a_server_with_a_trusted_certificate_is_asked() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (issuer, file) = authority(folder.path(), "ours");
    for tier in talking_tiers() {
        for host in ["localhost", "127.0.0.1"] {
            let server = server(&issuer, host, |_| {});
            assert_eq!(printed(&program(&file, host), server.port, &tier), "hello\n", "{}", tier.name);
            assert!(server.asked()[0].starts_with("GET /x HTTP/1.1\n"));
        }
    }
}

/// What a program is told of a server that it must not trust.
fn refused(server: Server, file: &str) -> String {
    let port = server.port;
    let told = printed(&program(file, "localhost"), port, &talking_tiers()[1]);
    assert!(server.asked()[0].starts_with("error: "), "nothing was asked");
    let begin = format!("host\nHTTP_GET: cannot connect to localhost:{port}: invalid peer certificate: ");
    told.strip_prefix(&begin).unwrap_or_else(|| panic!("{told}")).to_owned()
}

// Rules: L3.90
#[test]
fn a_certificate_that_is_not_trusted_is_an_error_that_says_why() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (issuer, file) = authority(folder.path(), "ours");
    let (_, other) = authority(folder.path(), "another");
    assert_eq!(refused(server(&issuer, "localhost", |_| {}), &other), "UnknownIssuer\n");
    let wrong_name = refused(server(&issuer, "example.org", |_| {}), &file);
    assert!(wrong_name.starts_with("certificate not valid for name \"localhost\""), "{wrong_name}");
    let expired = refused(server(&issuer, "localhost", |new| new.not_after = date_time_ymd(2020, 1, 1)), &file);
    assert!(expired.starts_with("certificate expired"), "{expired}");
    let early = refused(server(&issuer, "localhost", |new| new.not_before = date_time_ymd(4000, 1, 1)), &file);
    assert!(early.starts_with("certificate not valid yet"), "{early}");
}

// Rules: L3.90
#[test]
fn nobody_to_trust_is_an_error() {
    let told = printed(&program("/nowhere/at/all.pem", "localhost"), 1, &talking_tiers()[0]);
    assert!(told.starts_with("host\nHTTP_GET: there are no trusted certificates: "), "{told}");
    assert!(told.contains("/nowhere/at/all.pem"), "{told}");
}

// Rules: L3.90
#[test]
fn a_server_without_tls_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (_issuer, file) = authority(folder.path(), "ours");
    let server = Server::talking(1, |stream| {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")?;
        Ok(String::new())
    });
    let port = server.port;
    let told = printed(&program(&file, "localhost"), port, &talking_tiers()[0]);
    let expected = format!("host\nHTTP_GET: cannot connect to localhost:{port}: received corrupt message of type ");
    assert!(told.starts_with(&expected), "{told}");
    server.asked();
}
