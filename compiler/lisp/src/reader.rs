//! Text to data: lists, quotes and comments. Words are read in `reader/lexer.rs` and `reader/atom.rs`.
//!
//! Nothing here recurs, whatever the nesting of the text.

mod atom;
mod lexer;

use self::lexer::{Lexer, Token};
use crate::{
    datum::{Datum, DatumKind},
    error::Errors,
    problem::Problem,
    source::Span,
};

/// How deeply lists may nest: later steps recur, and must fit on a thread's stack of 2 MiB.
pub(crate) const NESTING_MAX: usize = 200;

/// What became of a text.
pub(crate) struct Reading {
    pub data: Vec<Datum>,
    /// Whether all lists began and ended where they should.
    pub is_whole: bool,
}

/// Reads a text, whatever it is.
pub(crate) fn read(text: &str, errors: &mut Errors) -> Reading {
    let mut reader = Reader { errors, data: Vec::new(), pending: Vec::new(), is_whole: true };
    let mut lexer = Lexer::new(text);
    let mut is_cut_off = false;
    while let Some((token, span)) = lexer.next(reader.errors) {
        is_cut_off |= token == Token::Unclosed;
        if reader.pending.len() >= NESTING_MAX {
            reader.errors.report(span, Problem::TooDeep);
            return Reading { data: Vec::new(), is_whole: false };
        }
        reader.token(token, span);
    }
    if !is_cut_off {
        reader.finish();
    }
    Reading { data: reader.data, is_whole: reader.is_whole }
}

/// Something begun and not yet ended.
enum Pending {
    List {
        opening: char,
        span: Span,
        items: Vec<Datum>,
    },
    Quote(Span),
    /// `#;`: the next datum is left out.
    Skip(Span),
}

struct Reader<'e> {
    errors: &'e mut Errors,
    data: Vec<Datum>,
    pending: Vec<Pending>,
    is_whole: bool,
}

impl Reader<'_> {
    fn token(&mut self, token: Token, span: Span) {
        match token {
            Token::Open(opening) => self.pending.push(Pending::List { opening, span, items: Vec::new() }),
            Token::Close(closing) => self.close(closing, span),
            Token::Quote => self.pending.push(Pending::Quote(span)),
            Token::Skip => self.pending.push(Pending::Skip(span)),
            Token::Atom(kind) => self.datum(Datum { span, kind }),
            Token::Unclosed => self.is_whole = false,
        }
    }

    /// A whole datum: belongs to whatever was begun last.
    fn datum(&mut self, mut datum: Datum) {
        loop {
            match self.pending.last_mut() {
                None => return self.data.push(datum),
                Some(Pending::List { items, .. }) => return items.push(datum),
                Some(Pending::Skip(_)) => {
                    self.pending.pop();
                    return;
                }
                Some(Pending::Quote(span)) => {
                    let span = span.up_to(datum.span.end);
                    self.pending.pop();
                    datum = Datum { span, kind: DatumKind::Quote(Box::new(datum)) };
                }
            }
        }
    }

    fn close(&mut self, closing: char, closing_span: Span) {
        self.drop_prefixes();
        let Some(Pending::List { opening, span, items }) = self.pending.pop() else {
            self.errors.report(closing_span, Problem::StrayClose { closing });
            self.is_whole = false;
            return;
        };
        let expected = partner(opening);
        if closing != expected {
            let problem = Problem::WrongClose { found: closing, opening, expected };
            self.errors.report_related(closing_span, problem, &[(span, "the list begins")]);
        }
        self.datum(Datum { span: span.up_to(closing_span.end), kind: DatumKind::List(items) });
    }

    /// Reports quotes and datum comments that nothing followed.
    fn drop_prefixes(&mut self) {
        loop {
            let (span, prefix) = match self.pending.last() {
                Some(Pending::Quote(span)) => (*span, "'"),
                Some(Pending::Skip(span)) => (*span, "#;"),
                Some(Pending::List { .. }) | None => return,
            };
            self.errors.report(span, Problem::NothingBehind { prefix });
            self.pending.pop();
        }
    }

    /// The end of the text: what is open now stays open.
    fn finish(&mut self) {
        self.drop_prefixes();
        let outermost = self.pending.iter().find_map(|pending| match pending {
            Pending::List { opening, span, items } => Some((*opening, *span, items)),
            Pending::Quote(_) | Pending::Skip(_) => None,
        });
        let Some((opening, span, items)) = outermost else { return };
        // A list at the margin inside another one was hardly meant to be there.
        let at_margin = |item: &&Datum| item.span.column == 1 && item.list().is_some();
        let related = items.iter().find(at_margin).map(|item| (item.span, "it takes in the form that begins"));
        let (opening, closing) = if opening == '[' { ("[", "]") } else { ("(", ")") };
        self.errors.report_related(span, Problem::Unclosed { opening, closing }, related.as_slice());
        self.is_whole = false;
    }
}

const fn partner(opening: char) -> char {
    if opening == '[' { ']' } else { ')' }
}
