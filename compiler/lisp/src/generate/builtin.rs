//! Built-in functions.

use super::{Generator, Want};
use crate::{
    builtin::{Builtin, Code, Gives},
    source::Span,
    tree::Expression,
};

impl<'p> Generator<'p> {
    pub(super) fn builtin(&mut self, span: Span, builtin: &'static Builtin, arguments: &'p [Expression], want: Want) {
        self.builtin_code(span, builtin, arguments);
        match builtin.gives {
            Gives::Nothing => return self.give_nothing(span, want),
            Gives::Flag if want != Want::Effect => self.flag_to_bool(span),
            Gives::Flag | Gives::Value | Gives::Bool => {}
        }
        self.give(span, want);
    }

    /// The function's instructions; they leave what its row says.
    pub(super) fn builtin_code(&mut self, span: Span, builtin: &'static Builtin, arguments: &'p [Expression]) {
        match builtin.code {
            Code::Plain(instructions) => {
                self.arguments(arguments);
                self.instructions(span, instructions);
            }
            Code::Fold { operator, nothing, single } => self.fold(span, arguments, operator, nothing, single),
            Code::Compare(operator) => self.compare(span, arguments, operator),
            Code::Gather(mnemonic) => {
                self.arguments(arguments);
                self.writer.gathering(span, &format!("{mnemonic} {}", arguments.len()), arguments.len());
            }
            Code::Display => {
                for argument in arguments {
                    self.expression(argument, Want::Value);
                    self.writer.plain(argument.span, "WRITE");
                }
            }
            Code::Print => self.print(span, arguments),
            Code::Error => {
                self.message(span, arguments);
                self.writer.plain(span, "THROW");
            }
            Code::Map => {
                self.writer.plain(span, "MAP_NEW");
                for pair in arguments.chunks(2) {
                    self.arguments(pair);
                    self.writer.plain(span, "MAP_PUT");
                }
            }
            Code::Format => {
                self.arguments(arguments);
                let count = arguments.len().saturating_sub(1);
                self.writer.gathering(span, &format!("MAKE_LIST {count}"), count);
                self.writer.plain(span, "FORMAT");
            }
        }
    }

    fn instructions(&mut self, span: Span, instructions: &[&str]) {
        for instruction in instructions {
            self.writer.plain(span, instruction);
        }
    }

    fn fold(&mut self, span: Span, arguments: &'p [Expression], operator: &[&str], nothing: &str, single: &[&str]) {
        let Some((first, rest)) = arguments.split_first() else { return self.writer.plain(span, nothing) };
        self.expression(first, Want::Value);
        if rest.is_empty() {
            self.instructions(span, single);
        }
        for argument in rest {
            self.expression(argument, Want::Value);
            self.instructions(span, operator);
        }
    }

    /// All arguments are computed once, whatever the comparisons say.
    fn compare(&mut self, span: Span, arguments: &'p [Expression], operator: &[&str]) {
        if let [_] | [_, _] = arguments {
            self.arguments(arguments);
            if arguments.len() == 1 {
                self.instructions(span, &["POP", "TRUE"]);
            } else {
                self.instructions(span, operator);
            }
            return;
        }
        let before = self.temporaries;
        let mut names = Vec::with_capacity(arguments.len());
        for argument in arguments {
            self.expression(argument, Want::Value);
            self.temporaries += 1;
            names.push(format!("#{}", self.temporaries));
            self.writer.named(argument.span, "STORE", &names[names.len() - 1]);
        }
        self.temporaries_max = self.temporaries_max.max(self.temporaries);
        for (index, pair) in names.windows(2).enumerate() {
            self.writer.named(span, "LOAD", &pair[0]);
            self.writer.named(span, "LOAD", &pair[1]);
            self.instructions(span, operator);
            if index > 0 {
                self.writer.plain(span, "AND");
            }
        }
        self.temporaries = before;
    }

    fn print(&mut self, span: Span, arguments: &'p [Expression]) {
        let Some((last, before)) = arguments.split_last() else {
            return self.instructions(span, &["PUSH_STR \"\"", "PRINT"]);
        };
        if before.is_empty() {
            self.expression(last, Want::Value);
        } else {
            // One PRINT writes a whole line, even among many processes.
            self.message(span, arguments);
        }
        self.writer.plain(span, "PRINT");
    }

    /// The texts of all arguments with blanks between; a single one as it is.
    fn message(&mut self, span: Span, arguments: &'p [Expression]) {
        self.arguments(arguments);
        if arguments.len() > 1 {
            self.writer.gathering(span, &format!("MAKE_LIST {}", arguments.len()), arguments.len());
            self.instructions(span, &["PUSH_STR \" \"", "JOIN"]);
        }
    }
}
