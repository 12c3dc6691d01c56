//! What goes to the server, what comes back, redirects, and what cannot be asked for.

use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

use expect_test::{Expect, expect};
use ttvm_tests::{failing, printed, talking_tiers};

use crate::server::{Server, ok, read_request};

/// What a program prints in every tier when a server gives these answers, and what that server was asked.
fn check(text: &str, answers: &[&str], expected: &str, asked: &Expect) {
    for tier in talking_tiers() {
        let server = Server::answering(answers.to_vec());
        let port = server.port;
        assert_eq!(printed(text, port, &tier), expected, "{}", tier.name);
        asked.assert_eq(&server.asked().join("---\n").replace(&port.to_string(), "PORT"));
    }
}

/// Code that makes a request object with these fields.
fn request(fields: &[(&str, &str)]) -> String {
    let mut code = "MAKE_OBJECT\nPUSH_STR \"http://127.0.0.1:PORT/\"\nSET_FIELD url\n".to_owned();
    for (name, value) in fields {
        code += &format!("{value}\nSET_FIELD {name}\n");
    }
    code
}

// Rules: L3.90
#[test]
fn an_answer_has_a_status_headers_and_a_body() {
    let text = "PUSH_STR \"http://127.0.0.1:PORT/a%20b/../c?q=1&r={x}#part\"\nHTTP_GET\nSTORE r\n\
        LOAD r\nKEYS\nPRINT\nLOAD r\nPRINT\n";
    let answer = "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nX-A: 1\r\nSet-Cookie: a=1, 2\r\nx-a: 2\r\n\
        Set-Cookie: b=3\r\nContent-Length: 5\r\nX-L: caf\u{e9}\r\n\r\nwho\u{e9}";
    let headers = "{content-type: text/plain, x-a: 1, 2, set-cookie: a=1, 2\nb=3, content-length: 5, x-l: caf\u{e9}}";
    let expected = format!("[status, headers, body]\n{{status: 404, headers: {headers}, body: who\u{e9}}}\n");
    check(
        text,
        &[answer],
        &expected,
        &expect![[r#"
            GET /c?q=1&r={x} HTTP/1.1
            host: 127.0.0.1:PORT
            accept: */*
            accept-encoding: gzip, zstd
            user-agent: ttvm/0.1.0
            connection: close

        "#]],
    );
}

// Rules: L3.90
#[test]
fn a_post_says_what_its_body_is() {
    let text = "PUSH_STR \"http://127.0.0.1:PORT\"\nPUSH_STR \"caf\u{e9}\"\nHTTP_POST\nGET_FIELD status\nPRINT\n\
        PUSH_STR \"http://127.0.0.1:PORT\"\nPUSH_STR xyz\nBYTES_OF\nHTTP_POST 300000\nGET_FIELD body\nPRINT\n";
    check(
        text,
        &["HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\nuntil the end"],
        "201\nuntil the end\n",
        &expect![[r#"
            POST / HTTP/1.1
            host: 127.0.0.1:PORT
            accept: */*
            accept-encoding: gzip, zstd
            user-agent: ttvm/0.1.0
            content-type: text/plain; charset=utf-8
            connection: close
            content-length: 5

            café---
            POST / HTTP/1.1
            host: 127.0.0.1:PORT
            accept: */*
            accept-encoding: gzip, zstd
            user-agent: ttvm/0.1.0
            content-type: application/octet-stream
            connection: close
            content-length: 3

            xyz"#]],
    );
}

// Rules: L3.90
#[test]
fn an_object_names_method_and_headers() {
    let headers = "MAKE_OBJECT\nPUSH_STR \"application/json\"\nSET_FIELD \"Content-Type\"\n\
        PUSH_STR me\nSET_FIELD \"user-agent\"\nPUSH_STR \"a; b\"\nSET_FIELD x-own";
    let post = request(&[("method", "PUSH_STR PUT"), ("headers", headers)]) + "PUSH_STR \"{}\"\nHTTP_POST\n";
    let head = request(&[("method", "PUSH_STR HEAD")]) + "HTTP_GET\n";
    let text = post + "GET_FIELD status\nPRINT\n" + &head + "GET_FIELD body\nLEN\nPRINT\n";
    check(
        &text,
        &[
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Encoding: gzip\r\n\r\n",
        ],
        "204\n0\n",
        &expect![[r#"
            PUT / HTTP/1.1
            host: 127.0.0.1:PORT
            content-type: application/json
            user-agent: me
            x-own: a; b
            accept: */*
            accept-encoding: gzip, zstd
            connection: close
            content-length: 2

            {}---
            HEAD / HTTP/1.1
            host: 127.0.0.1:PORT
            accept: */*
            accept-encoding: gzip, zstd
            user-agent: ttvm/0.1.0
            connection: close

        "#]],
    );
}

// Rules: L3.90
#[test]
fn a_user_in_the_url_is_sent_as_a_header() {
    let text = "PUSH_STR \"http://Aladdin:open%20sesame@127.0.0.1:PORT/\"\nHTTP_GET\nGET_FIELD body\nPRINT\n";
    for tier in talking_tiers() {
        let server = Server::answering([ok("", "in")]);
        assert_eq!(printed(text, server.port, &tier), "in\n");
        assert!(server.asked()[0].contains("\nauthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\n"));
    }
}

// Rules: L3.90
#[test]
fn hosts_are_names_and_addresses_of_both_kinds() {
    for tier in talking_tiers() {
        let answer = |stream: &mut std::net::TcpStream| {
            let asked = read_request(stream)?;
            std::io::Write::write_all(stream, &ok("", "here"))?;
            Ok(asked)
        };
        let server = Server::talking_at(Ipv6Addr::LOCALHOST.into(), 1, answer);
        let port = server.port;
        assert_eq!(
            printed("PUSH_STR \"http://[::1]:PORT/\"\nHTTP_GET\nGET_FIELD body\nPRINT\n", port, &tier),
            "here\n"
        );
        assert!(server.asked()[0].contains(&format!("\nhost: [::1]:{port}\n")));
        let server = Server::talking(1, answer);
        let port = server.port;
        let text = "PUSH_STR \"HTTP://LocalHost:PORT/\"\nHTTP_GET\nGET_FIELD body\nPRINT\n";
        assert_eq!(printed(text, port, &tier), "here\n");
        assert!(server.asked()[0].contains(&format!("\nhost: localhost:{port}\n")));
    }
}

/// The answer that sends on to another place.
fn moved(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 9\r\n\r\nelsewhere")
}

/// First lines and bodies of what a server was asked.
fn outlines(server: Server) -> Vec<String> {
    let outline = |asked: String| {
        let (head, body) = asked.split_once("\n\n").expect("a head ends with an empty line");
        format!("{} {body}", head.lines().next().expect("there is a first line"))
    };
    server.asked().into_iter().map(outline).collect()
}

// Rules: L3.90
#[test]
fn redirects_are_followed_as_other_clients_do() {
    let text = "PUSH_STR \"http://127.0.0.1:PORT/a/b?c\"\nPUSH_STR data\nHTTP_POST\nGET_FIELD body\nPRINT\n";
    for tier in talking_tiers() {
        let answers = [moved(307, "../x"), moved(308, "y"), moved(302, "?z"), moved(301, "//127.0.0.1:PORT/w")];
        let server = Server::talking(5, {
            let mut left = answers.into_iter();
            move |stream| {
                let asked = read_request(stream)?;
                let port = stream.local_addr()?.port().to_string();
                let answer = left.next().unwrap_or_else(|| "HTTP/1.0 200 OK\r\n\r\nhere".to_owned());
                std::io::Write::write_all(stream, answer.replace("PORT", &port).as_bytes())?;
                Ok(asked)
            }
        });
        assert_eq!(printed(text, server.port, &tier), "here\n", "{}", tier.name);
        let expected = ["POST /a/b?c HTTP/1.1 data", "POST /x HTTP/1.1 data", "POST /y HTTP/1.1 data"];
        let asked = outlines(server);
        assert_eq!(asked[..3], expected);
        assert_eq!(asked[3..], ["GET /y?z HTTP/1.1 ", "GET /w HTTP/1.1 "]);
    }
}

// Rules: L3.90
#[test]
fn secrets_stay_with_the_server_that_they_are_for() {
    let headers = "MAKE_OBJECT\nPUSH_STR secret\nSET_FIELD authorization\nPUSH_STR secret\nSET_FIELD cookie\nPUSH_STR open\nSET_FIELD x-a";
    let text = request(&[("headers", headers)]) + "HTTP_GET\nGET_FIELD body\nPRINT\n";
    for tier in talking_tiers() {
        let other = Server::answering([ok("", "there")]);
        let first = Server::answering([moved(302, "/again"), moved(302, &format!("http://127.0.0.1:{}/", other.port))]);
        assert_eq!(printed(&text, first.port, &tier), "there\n");
        for asked in first.asked() {
            assert_eq!(asked.matches("secret").count(), 2, "{asked}");
        }
        let asked = other.asked().remove(0);
        assert!(!asked.contains("secret") && asked.contains("x-a: open\n"), "{asked}");
    }
}

// Rules: L3.90
#[test]
fn redirects_without_end_are_an_error_and_may_be_left_to_the_program() {
    let text = failing("a", "PUSH_STR \"http://127.0.0.1:PORT/\"\nHTTP_GET");
    for tier in talking_tiers() {
        let server = Server::answering(vec![moved(302, "/"); 11]);
        assert_eq!(printed(&text, server.port, &tier), "host\nHTTP_GET: more than 10 redirects\n", "{}", tier.name);
        assert_eq!(server.asked().len(), 11);
    }
    let fields = [("redirects", "PUSH_INT 0")];
    let text = request(&fields) + "HTTP_GET\nDUP\nGET_FIELD status\nPRINT\nGET_FIELD body\nPRINT\n";
    let server = Server::answering([moved(303, "/")]);
    assert_eq!(printed(&text, server.port, &talking_tiers()[0]), "303\nelsewhere\n");
    server.asked();
}

// Rules: L3.90
#[test]
fn a_redirect_to_nowhere_is_an_error() {
    let get = |label| failing(label, "PUSH_STR \"http://127.0.0.1:PORT/\"\nHTTP_GET");
    let server = Server::answering([
        moved(302, "file:///etc/passwd"),
        moved(302, "http://"),
        moved(302, &"x".repeat(40_000)),
        "HTTP/1.1 304 Fine\r\n\r\n".into(),
    ]);
    let text =
        get("a") + &get("b") + &get("c") + "PUSH_STR \"http://127.0.0.1:PORT/\"\nHTTP_GET\nGET_FIELD status\nPRINT\n";
    let expected = "host\nHTTP_GET: redirected to \"file:///etc/passwd\": the scheme is \"file\"\n\
        host\nHTTP_GET: redirected to \"http://\": empty host\n\
        host\nHTTP_GET: redirected to a URL of 40000 bytes\n304\n";
    assert_eq!(printed(&text, server.port, &talking_tiers()[0]), expected);
    server.asked();
}

/// Code that makes an object of so many headers with the same value.
fn many_headers(count: usize, value: &str) -> String {
    let headers: String = (0..count).map(|number| format!("PUSH_STR \"{value}\"\nSET_FIELD x-{number}\n")).collect();
    format!("MAKE_OBJECT\n{headers}")
}

// Rules: L3.90
#[test]
fn what_cannot_be_asked_for_is_an_error_that_names_it() {
    let get = |label: &str, url: &str| failing(label, &format!("PUSH_STR \"{url}\"\nHTTP_GET"));
    let object = |label: &str, fields: &[(&str, &str)]| failing(label, &(request(fields) + "HTTP_GET"));
    let header = |label: &str, name: &str, value: &str| {
        object(label, &[("headers", &format!("MAKE_OBJECT\n{value}\nSET_FIELD \"{name}\""))])
    };
    let text = [
        get("a", "localhost/x"),
        get("b", "ftp://localhost/x"),
        get("c", "http://[::1/"),
        failing("d", "PUSH_INT 1\nHTTP_GET"),
        failing("e", "MAKE_OBJECT\nHTTP_GET"),
        failing("f", "PUSH_STR \"http://localhost/\"\nPUSH_INT 1\nHTTP_POST"),
        object("g", &[("method", "PUSH_STR \"GET /\"")]),
        object("h", &[("method", "PUSH_STR CONNECT")]),
        object("i", &[("header", "NULL")]),
        object("j", &[("redirects", "PUSH_INT 11")]),
        object("k", &[("headers", "NULL")]),
        header("l", "a b", "PUSH_STR x"),
        header("m", "a", "PUSH_STR \"x\\r\\nhost: y\""),
        header("n", "Content-Length", "PUSH_STR \"1\""),
        header("o", "a", "PUSH_INT 1"),
        object("q", &[("headers", &many_headers(257, ""))]),
        object("r", &[("headers", &many_headers(2, &"x".repeat(140_000)))]),
        get("p", &("http://localhost/".to_owned() + &"x".repeat(32_768))),
    ];
    let expected = "\
        argument\nHTTP_GET: \"localhost/x\" is no URL: relative URL without a base\n\
        argument\nHTTP_GET: the scheme is http or https, not \"ftp\"\n\
        argument\nHTTP_GET: \"http://[::1/\" is no URL: invalid IPv6 address\n\
        type\nHTTP_GET expects a URL or an object with one but got Int(1)\n\
        argument\nHTTP_GET: the request has no field \"url\"\n\
        type\nHTTP_POST expects a string or bytes but got Int(1)\n\
        argument\nHTTP_GET: \"GET /\" cannot be a method\n\
        argument\nHTTP_GET: \"CONNECT\" cannot be a method\n\
        argument\nHTTP_GET: a request has url, method, headers and redirects, not \"header\"\n\
        argument\nHTTP_GET: redirects are from 0 to 10, not 11\n\
        type\nHTTP_GET expects an object of headers but got Null\n\
        argument\nHTTP_GET: \"a b\" cannot be the name of a header\n\
        argument\nHTTP_GET: the header a cannot be \"x\\r\\nhost: y\"\n\
        argument\nHTTP_GET: the header content-length is written by the machine\n\
        type\nHTTP_GET expects a string but got Int(1)\n\
        argument\nHTTP_GET: a request has at most 256 headers, not 257\n\
        argument\nHTTP_GET: a request has at most 262144 bytes of headers\n\
        argument\nHTTP_GET: a URL has at most 32768 bytes, not 32785\n";
    for tier in talking_tiers() {
        assert_eq!(printed(&text.concat(), 1, &tier), expected, "{}", tier.name);
    }
}

// Rules: L3.90
#[test]
fn nobody_there_is_an_error_in_the_systems_words() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let port = free.local_addr().expect("it is bound").port();
    drop(free);
    let text = failing("a", "PUSH_STR \"http://127.0.0.1:PORT/\"\nHTTP_GET");
    let expected = format!("host\nHTTP_GET: cannot connect to 127.0.0.1:{port}: Connection refused (os error 111)\n");
    assert_eq!(printed(&text, port, &talking_tiers()[1]), expected);
}
