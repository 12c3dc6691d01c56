//! Arbitrary answers and arbitrary requests: nothing that a server sends breaks a program, and nothing that a program asks
//! for breaks the request that carries it.

use proptest::{collection::vec, prelude::*};
use ttvm_tests::{failing, printed, talking_tiers};

use crate::server::{Server, ok};

/// Pieces that make up an answer, so that arbitrary ones are often nearly right.
fn nearly_an_answer() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.0 302 Found\r\n",
        "HTTP/1.1 204 Nothing\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 101 Switching\r\n",
        "content-length: 3\r\n",
        "content-length: 99999999999999999999\r\n",
        "transfer-encoding: chunked\r\n",
        "transfer-encoding: gzip, chunked\r\n",
        "content-encoding: gzip\r\n",
        "content-encoding: zstd\r\n",
        "location: ftp://x/\r\n",
        "set-cookie: a\r\n",
        ": \r\n",
        "x: \u{e9}\r\n",
        "\r\n",
        "\n",
        "3\r\nabc\r\n",
        "0\r\n\r\n",
        "fffffff\r\n",
        "abc",
    ]);
    let piece = prop_oneof![9 => known.prop_map(|text| text.as_bytes().to_vec()), 1 => vec(any::<u8>(), 0..20)];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// A str as it is written in a program, whatever is in it.
fn literal(text: &str) -> String {
    let escaped: String = text.chars().map(|character| format!("\\u{{{:x}}}", u32::from(character))).collect();
    format!("PUSH_STR \"{escaped}\"\n")
}

/// Text in which what HTTP and URLs treat specially is frequent.
fn any_text() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec!["\r", "\n", " ", ":", "/", "?", "#", "%", "@", "\\", "\0", "\u{e9}"]);
    vec(prop_oneof![special.prop_map(str::to_owned), any::<char>().prop_map(String::from)], 0..8)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    // Rules: L3.90
    #[test]
    fn any_answer_is_one_or_an_error(answer in nearly_an_answer()) {
        let server = Server::answering([answer]);
        let text = failing("a", "PUSH_STR \"http://127.0.0.1:PORT/\"\nHTTP_GET 300000\nKEYS\nPRINT\nHALT");
        let told = printed(&text, server.port, &talking_tiers()[0]);
        let is_error = ["host\nHTTP_GET: ", "limit\nLimit reached: "].iter().any(|begin| told.starts_with(begin));
        prop_assert!(told == "[status, headers, body]\n" || is_error, "{told}");
        prop_assert!(!told.contains("timed out") && !told.contains("failed"), "{told}");
        server.asked();
    }

    // Rules: L3.90
    #[test]
    fn any_text_is_part_of_a_url_or_an_error(text in any_text()) {
        // Behind the host: nobody else may be asked.
        let server = Server::answering([ok("", "fine")]);
        let get = format!("PUSH_STR \"http://127.0.0.1:{}/?\"\n{}CONCAT\nHTTP_GET\nGET_FIELD status\nPRINT", server.port, literal(&text));
        prop_assert_eq!(printed(&get, 0, &talking_tiers()[0]), "200\n");
        let asked = server.asked().remove(0);
        let (first, rest) = asked.split_once('\n').expect("a request has a first line");
        prop_assert!(first.starts_with("GET /?") && first.ends_with(" HTTP/1.1"), "{}", first);
        prop_assert_eq!(first.matches(' ').count(), 2, "{}", first);
        prop_assert!(rest.starts_with("host: 127.0.0.1:"), "{}", rest);
        prop_assert_eq!(rest.lines().count(), 6, "{}", rest);
    }

    // Rules: L3.90
    #[test]
    fn any_text_is_one_header_or_an_error(text in any_text()) {
        let headers = format!("MAKE_OBJECT\n{}SET_FIELD x-any\n", literal(&text));
        let get = format!(
            "MAKE_OBJECT\nPUSH_STR \"http://127.0.0.1:PORT/\"\nSET_FIELD url\n{headers}SET_FIELD headers\nHTTP_GET\n"
        );
        let tier = &talking_tiers()[0];
        if text.chars().any(|character| character.is_ascii_control() && character != '\t') {
            let told = printed(&failing("a", &get), 1, tier);
            prop_assert!(told.starts_with("argument\nHTTP_GET: the header x-any cannot be "), "{}", told);
        } else {
            let server = Server::answering([ok("", "fine")]);
            prop_assert_eq!(printed(&(get + "GET_FIELD body\nPRINT\n"), server.port, tier), "fine\n");
            let asked = server.asked().remove(0);
            prop_assert_eq!(asked.lines().count(), 8, "{}", asked);
            prop_assert!(asked.contains(&format!("\nx-any: {text}\n")), "{}", asked);
        }
    }
}
