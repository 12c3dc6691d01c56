//! HTTP servers on the loopback interface, each on a thread of its own: they answer as they were told, byte by byte,
//! and keep what they were asked.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, TcpListener, TcpStream},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Longer than any program here takes.
const PATIENCE: Duration = Duration::from_secs(300);

/// A server that takes as many connections as it was told, one after the other.
pub struct Server {
    pub port: u16,
    thread: JoinHandle<Vec<String>>,
}

impl Server {
    /// Gives one answer to each connection.
    pub fn answering<A: Into<Vec<u8>>>(answers: impl IntoIterator<Item = A>) -> Self {
        let answers: Vec<Vec<u8>> = answers.into_iter().map(Into::into).collect();
        let mut left = answers.clone().into_iter();
        Self::talking(answers.len(), move |stream| {
            let asked = read_request(stream)?;
            stream.write_all(&left.next().expect("there are as many answers as connections"))?;
            Ok(asked)
        })
    }

    /// Does something with each of so many connections and keeps what that gives.
    pub fn talking(count: usize, talk: impl FnMut(&mut TcpStream) -> io::Result<String> + Send + 'static) -> Self {
        Self::talking_at(Ipv4Addr::LOCALHOST.into(), count, talk)
    }

    /// The same at another address of this machine.
    pub fn talking_at(
        address: IpAddr,
        count: usize,
        mut talk: impl FnMut(&mut TcpStream) -> io::Result<String> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind((address, 0)).expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let thread = thread::spawn(move || {
            let one = |_| {
                let mut stream = accept(&listener);
                // A peer that goes away is one of the things to be shown.
                talk(&mut stream).unwrap_or_else(|error| format!("error: {:?}", error.kind()))
            };
            (0..count).map(one).collect()
        });
        Self { port, thread }
    }

    /// What it was asked, once all its connections are over.
    pub fn asked(self) -> Vec<String> {
        self.thread.join().expect("the server was content")
    }
}

/// The next connection; a panic if none comes.
fn accept(listener: &TcpListener) -> TcpStream {
    listener.set_nonblocking(true).expect("listeners can be asked without waiting");
    let begin = Instant::now();
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).expect("streams can wait");
                stream.set_read_timeout(Some(PATIENCE)).expect("streams can wait for a while");
                return stream;
            }
            Err(error) => assert!(begin.elapsed() < PATIENCE, "nobody connects: {error}"),
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// A whole request, with its body.
pub fn read_request(stream: &mut impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a length is a number"))];
    stream.read_exact(&mut body)?;
    Ok(head.replace("\r\n", "\n") + &String::from_utf8_lossy(&body))
}

/// An answer with a length.
pub fn ok(headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{headers}\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    answer
}
