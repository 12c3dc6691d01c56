//! Truth, choices, loops in place, and `try`.
//!
//! Only `#f` and `nil` are false in Lisp; the machine's jumps take int 0 for false as well. Where a value may be
//! 0, a jump that was not taken for truth looks again.

use super::{Generator, TESTED, Want};
use crate::{
    builtin::Gives,
    source::Span,
    tree::{Constant, Expression, ExpressionKind, FunctionId, VariableId},
    writer::Label,
};

/// Whether an expression gives a bool, or int 1 or 0 for one: then the machine's truth is ours.
fn is_flag(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Constant(Constant::Flag(_)) | ExpressionKind::Not(_) => true,
        ExpressionKind::Field { mnemonic, .. } => *mnemonic == "HAS_FIELD",
        ExpressionKind::Builtin { builtin, .. } => matches!(builtin.gives, Gives::Flag | Gives::Bool),
        ExpressionKind::Constant(_)
        | ExpressionKind::Variable(_)
        | ExpressionKind::Function(_)
        | ExpressionKind::Branch { .. }
        | ExpressionKind::And(_)
        | ExpressionKind::Or(_)
        | ExpressionKind::Sequence(_)
        | ExpressionKind::Store { .. }
        | ExpressionKind::Assign { .. }
        | ExpressionKind::While { .. }
        | ExpressionKind::Loop { .. }
        | ExpressionKind::Call { .. }
        | ExpressionKind::CallValue { .. }
        | ExpressionKind::Fields { .. }
        | ExpressionKind::FieldOr { .. }
        | ExpressionKind::Try { .. } => false,
    }
}

impl<'p> Generator<'p> {
    /// Pushes a bool, or int 1 or 0 for one, if [`is_flag`]; else the value.
    pub(super) fn flag(&mut self, expression: &'p Expression) {
        let span = expression.span;
        match &expression.kind {
            ExpressionKind::Builtin { builtin, arguments } => self.builtin_code(span, builtin, arguments),
            ExpressionKind::Field { mnemonic, object, name } => {
                self.expression(object, Want::Value);
                self.writer.named(span, mnemonic, name);
            }
            _ => self.expression(expression, Want::Value),
        }
    }

    /// Makes a bool of int 1 or 0.
    pub(super) fn flag_to_bool(&mut self, span: Span) {
        self.writer.plain(span, "NOT");
        self.writer.plain(span, "NOT");
    }

    /// Goes to the label if the truth of the expression is `when`, else on.
    pub(super) fn test(&mut self, expression: &'p Expression, label: Label, when: bool) {
        let span = expression.span;
        match &expression.kind {
            ExpressionKind::Constant(constant) => {
                if constant.is_true() == when {
                    self.writer.jump(span, "JMP", label);
                }
            }
            ExpressionKind::Not(part) => self.test(part, label, !when),
            ExpressionKind::And(parts) => self.test_parts(parts, label, when, false),
            ExpressionKind::Or(parts) => self.test_parts(parts, label, when, true),
            ExpressionKind::Sequence(parts) if !parts.is_empty() => {
                let (last, before) = parts.split_last().expect("it is not empty");
                before.iter().for_each(|part| self.expression(part, Want::Effect));
                self.test(last, label, when);
            }
            ExpressionKind::Branch { clauses, otherwise } => self.test_branch(span, clauses, otherwise, label, when),
            ExpressionKind::Variable(id) if self.program.variable(*id).inlined().is_none() => {
                self.check_known(span, *id);
                self.test_variable(span, &self.program.variable(*id).assembly_name, label, when);
            }
            _ if is_flag(expression) => {
                self.flag(expression);
                self.writer.jump(span, if when { "JNZ" } else { "JZ" }, label);
            }
            _ => {
                self.expression(expression, Want::Value);
                self.writer.named(span, "STORE", TESTED);
                self.test_variable(span, TESTED, label, when);
            }
        }
    }

    /// `and` (where one false part decides) or `or` (where one true part does).
    fn test_parts(&mut self, parts: &'p [Expression], label: Label, when: bool, decisive: bool) {
        let Some((last, before)) = parts.split_last() else {
            if when != decisive {
                self.writer.jump(self.program.function(self.function).span, "JMP", label);
            }
            return;
        };
        let decided = if when == decisive { label } else { self.writer.new_label() };
        before.iter().for_each(|part| self.test(part, decided, decisive));
        self.test(last, label, when);
        if when != decisive {
            self.writer.place(decided);
        }
    }

    fn test_branch(
        &mut self,
        span: Span,
        clauses: &'p [(Expression, Expression)],
        otherwise: &'p Expression,
        label: Label,
        when: bool,
    ) {
        let end = self.writer.new_label();
        for (test, body) in clauses {
            let next = self.writer.new_label();
            self.test(test, next, false);
            self.test(body, label, when);
            self.writer.jump(span, "JMP", end);
            self.writer.place(next);
        }
        self.test(otherwise, label, when);
        self.writer.place(end);
    }

    /// A value that may be 0, which is true.
    fn test_variable(&mut self, span: Span, name: &str, label: Label, when: bool) {
        let is_true = if when { label } else { self.writer.new_label() };
        self.writer.named(span, "LOAD", name);
        self.writer.jump(span, "JNZ", is_true);
        self.writer.named(span, "LOAD", name);
        self.writer.plain(span, "PUSH_INT 0");
        self.writer.plain(span, "EQ");
        self.writer.jump(span, if when { "JNZ" } else { "JZ" }, label);
        if !when {
            self.writer.place(is_true);
        }
    }

    pub(super) fn branch(
        &mut self,
        span: Span,
        clauses: &'p [(Expression, Expression)],
        otherwise: &'p Expression,
        want: Want,
    ) {
        let end = self.writer.new_label();
        for (test, body) in clauses {
            let next = self.writer.new_label();
            self.test(test, next, false);
            self.expression(body, want);
            self.leave(span, want, end);
            self.writer.place(next);
        }
        self.expression(otherwise, want);
        self.place_end(want, end);
    }

    /// Goes to the end of a choice, unless the function has returned.
    fn leave(&mut self, span: Span, want: Want, end: Label) {
        if want != Want::Return {
            self.writer.jump(span, "JMP", end);
        }
    }

    fn place_end(&mut self, want: Want, end: Label) {
        if want != Want::Return {
            self.writer.place(end);
        }
    }

    /// The last value if no part is false, else `#f`.
    pub(super) fn and(&mut self, span: Span, parts: &'p [Expression], want: Want) {
        let (end, is_false) = (self.writer.new_label(), self.writer.new_label());
        let Some((last, before)) = parts.split_last() else { return self.give_nothing(span, want) };
        before.iter().for_each(|part| self.test(part, is_false, false));
        self.expression(last, want);
        if !before.is_empty() {
            self.leave(span, want, end);
            self.writer.place(is_false);
            if want != Want::Effect {
                self.writer.plain(span, "FALSE");
                self.give(span, want);
            }
        }
        self.place_end(want, end);
    }

    /// The first value that is not false, else the last.
    pub(super) fn or(&mut self, span: Span, parts: &'p [Expression], want: Want) {
        let (end, is_true) = (self.writer.new_label(), self.writer.new_label());
        let Some((last, before)) = parts.split_last() else { return self.give_nothing(span, want) };
        for part in before {
            if want == Want::Effect || is_flag(part) {
                self.test(part, is_true, true);
                continue;
            }
            let next = self.writer.new_label();
            self.expression(part, Want::Value);
            self.writer.named(part.span, "STORE", TESTED);
            self.test_variable(part.span, TESTED, next, false);
            self.writer.named(part.span, "LOAD", TESTED);
            self.give(part.span, want);
            self.leave(part.span, want, end);
            self.writer.place(next);
        }
        self.expression(last, want);
        if before.iter().any(is_flag) || want == Want::Effect {
            self.leave(span, want, end);
            self.writer.place(is_true);
            if want != Want::Effect {
                self.writer.plain(span, "TRUE");
                self.give(span, want);
            }
        }
        self.place_end(want, end);
    }

    pub(super) fn not(&mut self, span: Span, part: &'p Expression, want: Want) {
        if is_flag(part) {
            self.flag(part);
            self.writer.plain(span, "NOT");
            return self.give(span, want);
        }
        let (end, is_true) = (self.writer.new_label(), self.writer.new_label());
        self.test(part, is_true, true);
        for (answer, label) in [("TRUE", Some(is_true)), ("FALSE", None)] {
            if want != Want::Effect {
                self.writer.plain(span, answer);
                self.give(span, want);
            }
            if let Some(label) = label {
                self.leave(span, want, end);
                self.writer.place(label);
            }
        }
        self.place_end(want, end);
    }

    pub(super) fn while_loop(&mut self, span: Span, test: &'p Expression, body: &'p Expression, want: Want) {
        let (round, end) = (self.writer.new_label(), self.writer.new_label());
        self.writer.place(round);
        self.test(test, end, false);
        self.expression(body, Want::Effect);
        self.writer.jump(span, "JMP", round);
        self.writer.place(end);
        self.give_nothing(span, want);
    }

    /// Enters a named `let`, `do` or `dotimes`: in place, or as a function.
    pub(super) fn enter_loop(&mut self, span: Span, id: FunctionId, arguments: &'p [Expression], want: Want) {
        if !self.in_place[id.0 as usize] {
            return self.call(span, id, arguments, want);
        }
        let entered = self.program.function(id);
        for (variable, argument) in entered.parameters.iter().zip(arguments) {
            self.expression(argument, Want::Value);
            self.writer.named(argument.span, "STORE", &self.program.variable(*variable).assembly_name);
            self.know(*variable);
        }
        let round = self.writer.new_label();
        self.loops[id.0 as usize] = Some(round);
        self.writer.place(round);
        self.expression(&entered.body, want);
    }

    /// The next round of a loop in place, or of a function that calls itself last.
    pub(super) fn next_round(&mut self, span: Span, id: FunctionId, arguments: &'p [Expression], round: Label) {
        let parameters = &self.program.function(id).parameters;
        let is_same = |variable: &VariableId, argument: &Expression| matches!(&argument.kind, ExpressionKind::Variable(same) if same == variable);
        let pairs = || parameters.iter().zip(arguments).filter(|(variable, argument)| !is_same(variable, argument));
        for (_, argument) in pairs() {
            self.expression(argument, Want::Value);
        }
        let changed: Vec<VariableId> = pairs().map(|(variable, _)| *variable).collect();
        for variable in changed.iter().rev() {
            self.writer.named(span, "STORE", &self.program.variable(*variable).assembly_name);
        }
        self.writer.jump(span, "JMP", round);
    }

    pub(super) fn try_form(
        &mut self,
        span: Span,
        body: &'p Expression,
        variable: VariableId,
        handler: &'p Expression,
        want: Want,
    ) {
        let (caught, end) = (self.writer.new_label(), self.writer.new_label());
        self.writer.arm(span, caught);
        self.expression(body, if want == Want::Effect { Want::Effect } else { Want::Value });
        self.writer.plain(span, "END_TRY");
        if want == Want::Return {
            self.writer.plain(span, "RET");
        }
        self.leave(span, want, end);
        self.writer.place(caught);
        self.writer.plain(handler.span, "CATCH");
        self.writer.named(handler.span, "STORE", &self.program.variable(variable).assembly_name);
        self.know(variable);
        // The handler has ended its own try: this only says so.
        self.writer.plain(handler.span, "END_TRY");
        self.expression(handler, want);
        self.place_end(want, end);
    }
}
