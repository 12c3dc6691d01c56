//! Texts that the machine itself puts into values: names of fields, words of messages, reasons.
//!
//! There is one object for each, which constants of programs with the same text are too (`LiteralPool`). So a pattern, and
//! a name of a field, mostly fits by its address. Not here: what the words mean (`ttvm-runtime`).

use crate::{heap::literal::StaticStr, text::Str};

macro_rules! known_texts {
    ($($name:ident $text:literal)*) => {
        $(
            #[doc = concat!("`", $text, "`.")]
            pub static $name: StaticStr<{ $text.len() }> = StaticStr::new($text);
        )*

        /// The str of a text, if it is one of these: it takes no memory.
        #[must_use]
        pub fn find(text: &str) -> Option<Str> {
            match text {
                $($text => Some(Str::from_static(&$name)),)*
                _ => None,
            }
        }
    };
}

known_texts! {
    NORMAL "normal"
    NOPROC "noproc"
    SHUTDOWN "shutdown"
    KILLED "killed"
    SIGNAL "signal"
    DOWN "down"
    REF "ref"
    PID "pid"
    REASON "reason"
    EXIT "exit"
    FROM "from"
    REQUEST "request"
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{LiteralPool, Value};

    #[test]
    fn a_constant_with_a_known_text_is_that_object() {
        let mut pool = LiteralPool::new();
        let index = pool.add_text(&Arc::from("reason")).expect("there is memory");
        // SAFETY: the pool outlives the value.
        #[expect(unsafe_code, reason = "the pool outlives the value")]
        let constant = unsafe { pool.get(index) };
        let Value::Str(constant) = &constant else { panic!("{constant:?}") };
        assert!(constant.is_same(&Str::from_static(&REASON)));
        assert_eq!(find("reason").as_deref().map(AsRef::as_ref), Some("reason".as_bytes()));
        assert!(find("reasons").is_none());
    }
}
