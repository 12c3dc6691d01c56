//! How bodies come: in pieces, until the end of the connection, compressed.

use std::io::Write as _;

use ttvm_tests::{failing, printed, talking_tiers};

use crate::server::{Server, ok, read_request};

const GET: &str = "PUSH_STR \"http://127.0.0.1:PORT/\"\nHTTP_GET 300000\n";

/// What a program prints in every tier when a server gives this answer.
fn check(text: &str, answer: &[u8], expected: &str) {
    for tier in talking_tiers() {
        let server = Server::answering([answer]);
        assert_eq!(printed(text, server.port, &tier), expected, "{}", tier.name);
        server.asked();
    }
}

/// Data that the machine itself compressed, so that no compressor is needed here.
fn compressed(format: &str, data: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("compressed");
    let path = file.to_str().expect("the path is UTF-8");
    let text = format!("PUSH_STR \"{data}\"\nCOMPRESS \"{format}\"\nPUSH_STR \"{path}\"\nWRITE_BYTES\n");
    assert_eq!(printed(&text, 0, &talking_tiers()[0]), "");
    std::fs::read(file).expect("the program wrote it")
}

// Rules: L3.90
#[test]
fn pieces_are_put_together() {
    let answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
        3;ignored\r\none\r\n4\r\n two\r\n6\r\n three\r\n0\r\nX-Trailer: left out\r\n\r\n";
    let text = GET.to_owned() + "DUP\nGET_FIELD body\nPRINT\nGET_FIELD headers\nPRINT\n";
    check(&text, answer, "one two three\n{transfer-encoding: chunked}\n");
}

// Rules: L3.90
#[test]
fn a_body_is_a_str_if_it_is_utf_8_and_else_bytes() {
    let text = GET.to_owned() + "GET_FIELD body\nDUP\nTYPE_OF\nPRINT\nLEN\nPRINT\n";
    check(&text, &ok("content-type: image/png\r\n", "caf\u{e9}"), "str\n4\n");
    check(&text, &ok("content-type: text/plain; charset=iso-8859-1\r\n", b"caf\xE9"), "bytes\n4\n");
    check(&text, &ok("", ""), "str\n0\n");
}

// Rules: L3.90
#[test]
fn a_long_body_comes_whole() {
    let body: String = (0..400_000).map(|number| char::from(b'a' + (number % 23) as u8)).collect();
    let text = GET.to_owned() + "GET_FIELD body\nDUP\nLEN\nPRINT\nHASH\nPRINT\n";
    let digest = printed(&format!("PUSH_STR {body}\nHASH\nPRINT\n"), 0, &talking_tiers()[0]);
    check(&text, &ok("", &body), &format!("400000\n{digest}"));
}

// Rules: P85 P80
#[test]
fn a_body_counts_for_the_subtree_of_whoever_asked_however_long_it_is() {
    let text = r#"
.fn asks
    PUSH_STR subtree_heap_bytes
    PUSH_INT 12000
    SET_LIMIT
    PUSH_STR "http://127.0.0.1:PORT/"
    HTTP_GET 300000
    STORE answer
    YIELD
    LOAD answer
    GET_FIELD body
    LEN
    EXIT_SELF
.end
    PUSH_STR asks
    SPAWN_MONITOR
    POP
    POP
    RECEIVE
    GET_FIELD reason
    PRINT
"#;
    check(text, &ok("", "x".repeat(2_000)), "2000\n");
    check(text, &ok("", "x".repeat(15_000)), "{limit: subtree_heap}\n");
    check(text, &ok("", "x".repeat(100_000)), "{limit: subtree_heap}\n");
}

// Rules: L3.90
#[test]
fn what_is_compressed_is_undone_and_says_nothing_of_it() {
    let text = GET.to_owned() + "DUP\nGET_FIELD body\nPRINT\nGET_FIELD headers\nPRINT\n";
    for format in ["gzip", "zstd"] {
        let answer =
            ok(&format!("Content-Encoding: {format}\r\nX-A: 1\r\n"), compressed(format, "hello, hello, hello"));
        check(&text, &answer, "hello, hello, hello\n{x-a: 1}\n");
    }
}

// Rules: L3.90
#[test]
fn a_program_that_asks_for_compression_itself_gets_it() {
    let text = "MAKE_OBJECT\nPUSH_STR \"http://127.0.0.1:PORT/\"\nSET_FIELD url\nMAKE_OBJECT\nPUSH_STR gzip\n\
        SET_FIELD \"accept-encoding\"\nSET_FIELD headers\nHTTP_GET 300000\nDUP\nGET_FIELD headers\nGET_FIELD \"content-encoding\"\n\
        PRINT\nGET_FIELD body\nDECOMPRESS\nPRINT\n";
    check(text, &ok("Content-Encoding: gzip\r\n", compressed("gzip", "hello")), "gzip\nhello\n");
    // A kind that the machine does not know.
    let text = GET.to_owned() + "GET_FIELD body\nPRINT\n";
    check(&text, &ok("Content-Encoding: br\r\n", "as it came"), "as it came\n");
}

// Rules: L3.90
#[test]
fn compressed_data_that_is_damaged_or_too_much_is_an_error() {
    let text = failing("a", GET);
    let answer = ok("Content-Encoding: gzip\r\n", "not at all");
    check(&text, &answer, "host\nHTTP_GET: the data is neither gzip nor zstd\n");
    let mut cut = compressed("gzip", "hello");
    cut.truncate(cut.len() - 4);
    check(
        &text,
        &ok("Content-Encoding: gzip\r\n", cut),
        "host\nHTTP_GET: the data is damaged: unexpected end of file\n",
    );

    // A frame of Zstandard whose blocks each repeat one byte 128 KiB long: 12 KiB that would become 384 MiB.
    let mut bomb = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58];
    for _ in 0..3 * 1024 {
        bomb.extend([0x02, 0x00, 0x10, b'x']);
    }
    let expected = "limit\nLimit reached: at most 268435456 bytes of decompressed data\n";
    check(&text, &ok("Content-Encoding: zstd\r\n", bomb), expected);
}

// Rules: L3.90
#[test]
fn a_body_without_end_is_a_limit_that_was_reached() {
    let expected = "limit\nLimit reached: at most 67108864 bytes of an HTTP body\n";
    let text = failing("a", GET);
    check(&text, b"HTTP/1.1 200 OK\r\nContent-Length: 67108865\r\n\r\nx", expected);
    let server = Server::talking(1, |stream| {
        read_request(stream)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        let piece = vec![b'x'; 1 << 20];
        let mut sent = 0;
        while sent < 200 && stream.write_all(&piece).is_ok() {
            sent += 1;
        }
        Ok(format!("{}", sent < 200))
    });
    assert_eq!(printed(&text, server.port, &talking_tiers()[1]), expected);
    assert_eq!(server.asked(), ["true"], "the rest was not read");
}

// Rules: L3.90
#[test]
fn the_longest_body_comes_whole() {
    let text = GET.to_owned() + "GET_FIELD body\nLEN\nPRINT\n";
    let server = Server::talking(1, |stream| {
        let asked = read_request(stream)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        for _ in 0..64 {
            stream.write_all(&vec![b'x'; 1 << 20])?;
        }
        Ok(asked)
    });
    assert_eq!(printed(&text, server.port, &talking_tiers()[0]), "67108864\n");
    server.asked();
}
