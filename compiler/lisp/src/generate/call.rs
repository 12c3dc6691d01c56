//! Calls, functions as values, and objects.

use ttvm_isa::spelling::push_name;

use super::{Generator, Want};
use crate::{
    problem::Problem,
    source::Span,
    tree::{Expression, FunctionId},
};

impl<'p> Generator<'p> {
    pub(super) fn call(&mut self, span: Span, id: FunctionId, arguments: &'p [Expression], want: Want) {
        if self.in_place[id.0 as usize] {
            let round = self.loops[id.0 as usize].expect("a loop that stays is called in its rounds only");
            return self.next_round(span, id, arguments, round);
        }
        if want == Want::Return && id == self.function {
            return self.next_round(span, id, arguments, self.start);
        }
        self.arguments(arguments);
        self.check_needs(span, id);
        let captured = &self.needs.functions[id.0 as usize].captured;
        for variable in captured {
            self.writer.named(span, "LOAD", &self.program.variable(*variable).assembly_name);
        }
        let count = arguments.len() + captured.len();
        if want == Want::Return {
            self.call_named(span, "TAIL_CALL", id, count);
        } else {
            self.call_named(span, "CALL", id, count);
            self.give(span, want);
        }
    }

    /// Writes a call of a function whose arguments are on the stack.
    pub(super) fn call_named(&mut self, span: Span, mnemonic: &str, id: FunctionId, count: usize) {
        let mut text = format!("{mnemonic} ");
        push_name(&mut text, &self.program.function(id).assembly_name);
        self.writer.gathering(span, &text, count);
    }

    pub(super) fn call_value(&mut self, span: Span, callee: &'p Expression, arguments: &'p [Expression], want: Want) {
        self.arguments(arguments);
        self.expression(callee, Want::Value);
        self.writer.gathering(span, &format!("CALL_FUNCTION {}", arguments.len()), arguments.len() + 1);
        self.give(span, want);
    }

    pub(super) fn arguments(&mut self, arguments: &'p [Expression]) {
        for argument in arguments {
            self.expression(argument, Want::Value);
        }
    }

    /// Pushes a function with what it captures.
    pub(super) fn function_value(&mut self, span: Span, id: FunctionId) {
        self.check_needs(span, id);
        let program = self.program;
        let need = &self.needs.functions[id.0 as usize];
        let name = need.value_name.as_deref().unwrap_or(&program.function(id).assembly_name);
        if need.captured.is_empty() {
            return self.writer.named(span, "MAKE_FUNCTION", name);
        }
        for variable in &need.captured {
            self.writer.named(span, "CAPTURE", &program.variable(*variable).assembly_name);
        }
        self.writer.named(span, "MAKE_LAMBDA", name);
    }

    /// What a function needs must have its values when it is called or made a value.
    fn check_needs(&mut self, span: Span, id: FunctionId) {
        let captured = &self.needs.functions[id.0 as usize].captured;
        let Some(missing) = captured.iter().find(|variable| !self.is_known(**variable)) else { return };
        let variable = self.program.variable(*missing);
        let function = self.program.function(id).name.clone();
        let problem = Problem::NeededBefore { function, name: variable.name.clone() };
        self.errors.report_related(span, problem, &[(variable.span, "defined here")]);
    }

    pub(super) fn fields(&mut self, span: Span, base: Option<&'p Expression>, fields: &'p [(String, Expression)]) {
        match base {
            Some(base) => self.expression(base, Want::Value),
            None => self.writer.plain(span, "MAKE_OBJECT"),
        }
        for (name, value) in fields {
            self.expression(value, Want::Value);
            self.writer.named(value.span, "SET_FIELD", name);
        }
    }

    /// The field, or the other value where there is none.
    pub(super) fn field_or(&mut self, span: Span, object: &'p Expression, name: &str, otherwise: &'p Expression) {
        let (missing, end) = (self.writer.new_label(), self.writer.new_label());
        self.expression(object, Want::Value);
        self.writer.plain(span, "DUP");
        self.writer.named(span, "HAS_FIELD", name);
        self.writer.jump(span, "JZ", missing);
        self.writer.named(span, "GET_FIELD", name);
        self.writer.jump(span, "JMP", end);
        self.writer.place(missing);
        self.writer.plain(span, "POP");
        self.expression(otherwise, Want::Value);
        self.writer.place(end);
    }
}
