//! Strings in headers: quoted, with the escapes of the assembly language that headers need.

/// The text between quotes; `None` if a quote or an escape is wrong.
pub(crate) fn unquote(quoted: &str) -> Option<String> {
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    let mut rest = inner.chars();
    while let Some(character) = rest.next() {
        text.push(match character {
            '\\' => match rest.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '\\' => '\\',
                '"' => '"',
                _ => return None,
            },
            '"' => return None,
            other => other,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::unquote;

    #[test]
    fn escapes_are_read() {
        assert_eq!(unquote(r#""a\n\"b\"\\""#).as_deref(), Some("a\n\"b\"\\"));
    }

    #[test]
    fn what_is_not_quoted_or_has_an_unknown_escape_is_refused() {
        for wrong in ["a", "\"a", r#""\q""#, r#""a"b""#, "\""] {
            assert_eq!(unquote(wrong), None, "{wrong}");
        }
    }
}
