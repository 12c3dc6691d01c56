//! Servers that fail, dawdle or attack; requests that nobody wants any more.

use std::{
    io::{Read, Write as _},
    net::TcpStream,
    thread,
    time::Duration,
};

use ttvm_tests::{failing, printed, talking_tiers};

use crate::server::{Server, ok, read_request};

const GET: &str = "PUSH_STR \"http://127.0.0.1:PORT/\"\nHTTP_GET\n";

/// What comes of an answer that is none, after which the server hangs up.
fn check(answer: impl Into<Vec<u8>>, expected: &str) {
    let answer = answer.into();
    for tier in talking_tiers() {
        let server = Server::answering([answer.clone()]);
        let found = printed(&failing("a", GET), server.port, &tier);
        assert_eq!(found, format!("host\nHTTP_GET: {expected}\n"), "{}", tier.name);
        server.asked();
    }
}

// Rules: L3.90
#[test]
fn an_answer_that_is_cut_off_is_an_error() {
    check("", "connection closed before message completed");
    check("HTTP/1.1 200 OK\r\nContent-", "connection closed before message completed");
    let in_the_body = "error reading a body from connection: end of file before message length reached";
    check("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", in_the_body);
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsho", in_the_body);
}

// Rules: L3.90
#[test]
fn an_answer_that_is_none_is_an_error() {
    check("SSH-2.0-OpenSSH_9.9\r\n", "invalid HTTP version parsed");
    check("HTTP/1.1 2000 OK\r\n\r\n", "invalid HTTP status-code parsed");
    check("HTTP/1.1 200 OK\r\n\0: x\r\n\r\n", "invalid HTTP header parsed");
    check("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "invalid content-length parsed");
    check("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", "invalid content-length parsed");
    let chunked = |chunks: &str| format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
    check(chunked("fffffffffffffffff\r\n"), "error reading a body from connection: invalid chunk size: overflow");
    let no_size = "error reading a body from connection: Invalid chunk size line: missing size digit";
    check(chunked("zz\r\n"), no_size);
}

// Rules: L3.90
#[test]
fn headers_without_end_are_an_error() {
    let many: String = (0..300).map(|number| format!("x-{number}: 1\r\n")).collect();
    check(format!("HTTP/1.1 200 OK\r\n{many}\r\n"), "message head is too large");
    check(format!("HTTP/1.1 200 OK\r\nx: {}", "x".repeat(300_000)), "message head is too large");
}

// Rules: L3.90
#[test]
fn a_silent_server_ends_a_written_time_out() {
    for tier in talking_tiers() {
        let server = Server::talking(1, |stream| {
            let asked = read_request(stream)?;
            // Until the program has gone away.
            stream.read_to_string(&mut String::new())?;
            Ok(asked)
        });
        let found = printed(&failing("a", "PUSH_STR \"http://127.0.0.1:PORT/\"\nHTTP_GET 2000"), server.port, &tier);
        assert_eq!(found, "host\nHTTP_GET: timed out after 2000 ms\n", "{}", tier.name);
        assert!(server.asked()[0].starts_with("GET "));
    }
}

// Rules: L3.90
#[test]
fn a_server_that_sends_a_byte_now_and_then_ends_it_too() {
    let server = Server::talking(1, |stream| {
        read_request(stream)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        while stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(5));
        }
        Ok("gone".to_owned())
    });
    let text = failing("a", "PUSH_STR \"http://127.0.0.1:PORT/\"\nPUSH_STR data\nHTTP_POST 2000");
    assert_eq!(printed(&text, server.port, &talking_tiers()[0]), "host\nHTTP_POST: timed out after 2000 ms\n");
    assert_eq!(server.asked(), ["gone"]);
}

// Rules: L3.90 P44
#[test]
fn the_request_of_a_process_that_is_killed_ends_before_anybody_learns_of_it() {
    let text = "
        .fn ask
            PUSH_STR \"http://127.0.0.1:PORT/\"
            HTTP_GET 86400000
        .end
            MAKE_FUNCTION ask
            SPAWN_MONITOR
            STORE ref
            STORE pid
            PUSH_STR \"http://127.0.0.1:PORT/asked\"
            HTTP_GET
            POP
            PUSH_STR enough
            LOAD pid
            EXIT_PROCESS
            .receive
              case down ^ref _ R -> gone
            .end
        gone:
            LOAD R
            PRINT
            PUSH_STR \"http://127.0.0.1:PORT/is_gone\"
            HTTP_GET
            GET_FIELD body
            PRINT
    ";
    for tier in &talking_tiers()[..2] {
        let (mut silent, mut asking) = (None, None);
        let server = Server::talking(3, move |stream| {
            let asked = read_request(stream)?;
            if asked.starts_with("GET /is_gone ") {
                // The connection is closed, not only going to be.
                let silent: &mut TcpStream = silent.as_mut().expect("main goes on once both have asked");
                silent.set_nonblocking(true)?;
                let end = silent.read(&mut [0]);
                stream.write_all(&ok("", format!("{:?}", end.ok())))?;
                return Ok(asked);
            }
            let place = if asked.starts_with("GET /asked ") { &mut asking } else { &mut silent };
            *place = Some(stream.try_clone()?);
            if silent.is_some()
                && let Some(stream) = &mut asking
            {
                stream.write_all(&ok("", ""))?;
            }
            Ok(asked)
        });
        // If it did not end its request, it would wait for it a day.
        assert_eq!(printed(text, server.port, tier), "enough\nSome(0)\n", "{}", tier.name);
        server.asked();
    }
}

// Rules: L3.88 L3.90
#[test]
fn others_go_on_while_hundreds_of_processes_wait_for_answers() {
    const COUNT: usize = 200;
    let text = "
        .fn ask
            PUSH_STR \"http://127.0.0.1:PORT/\"
            HTTP_GET
            GET_FIELD body
            SENDNAMED main
        .end
            REGISTER main
            PUSH_INT 0
            STORE started
        more:
            MAKE_FUNCTION ask
            SPAWN
            POP
            LOAD started
            PUSH_INT 1
            ADD
            STORE started
            LOAD started
            PUSH_INT COUNT
            LT
            JNZ more
            PUSH_INT 0
            STORE sum
        next:
            RECEIVE
            TO_INT
            LOAD sum
            ADD
            STORE sum
            LOAD started
            PUSH_INT 1
            SUB
            STORE started
            LOAD started
            JNZ next
            LOAD sum
            PRINT
    "
    .replace("COUNT", &COUNT.to_string());
    for tier in &talking_tiers()[..2] {
        let mut waiting = Vec::new();
        // Nobody is answered before all have asked.
        let server = Server::talking(COUNT, move |stream| {
            let asked = read_request(stream)?;
            waiting.push(stream.try_clone()?);
            if waiting.len() == COUNT {
                for stream in &mut waiting {
                    stream.write_all(&ok("", "3"))?;
                }
            }
            Ok(asked)
        });
        assert_eq!(printed(&text, server.port, tier), format!("{}\n", 3 * COUNT), "{}", tier.name);
        server.asked();
    }
}
