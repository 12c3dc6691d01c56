//! Expressions to instructions.
//!
//! Here: functions, variables, and how expressions follow each other. Choices and loops are in
//! `generate/choice.rs`, calls in `generate/call.rs`, built-in functions in `generate/builtin.rs`.

mod builtin;
mod call;
mod choice;

use ttvm_isa::{limits, spelling::push_quoted};

use crate::{
    error::Errors,
    loops::InPlace,
    needs::Needs,
    problem::Problem,
    source::Span,
    tree::{Constant, Expression, ExpressionKind, FunctionId, MAIN, Origin, Program, VariableId},
    writer::{Label, Writer},
};

/// The text of a program without errors. Reports what only the order of the code shows.
pub(crate) fn generate(
    source_name: &str,
    program: &Program,
    in_place: &InPlace,
    needs: &Needs,
    errors: &mut Errors,
) -> String {
    let mut writer = Writer::new(source_name);
    let start = writer.new_label();
    let mut generator = Generator {
        program,
        in_place,
        needs,
        errors,
        writer,
        function: MAIN,
        start,
        loops: vec![None; program.functions.len()],
        known_in: vec![None; program.variables.len()],
        variable_count: 0,
        temporaries: 0,
        temporaries_max: 0,
    };
    // Functions of the program, what they use of the prelude, then what runs.
    for is_prelude in [false, true] {
        for (id, function) in (0u32..).zip(&program.functions).skip(1) {
            if needs.functions[id as usize].is_reached && (function.origin == Origin::Prelude) == is_prelude {
                generator.function(FunctionId(id));
            }
        }
    }
    generator.main();
    if generator.writer.count() > limits::INSTRUCTIONS_MAX as usize {
        generator.errors.report(Span::START, Problem::ProgramTooLarge);
    }
    generator.writer.finish()
}

/// What is to become of an expression's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    /// It stays on the operand stack.
    Value,
    /// Nobody needs it.
    Effect,
    /// The function returns it.
    Return,
}

/// The variable that holds a value while its truth is found out. No program can name it.
const TESTED: &str = "#tested";

struct Generator<'p> {
    program: &'p Program,
    in_place: &'p InPlace,
    needs: &'p Needs,
    errors: &'p mut Errors,
    writer: Writer,
    /// The function whose code is being written.
    function: FunctionId,
    /// Its first instruction.
    start: Label,
    /// Where the rounds of a loop that stays begin.
    loops: Vec<Option<Label>>,
    /// The last function in which each variable has got a value.
    known_in: Vec<Option<FunctionId>>,
    /// How many variables the function has.
    variable_count: usize,
    /// How many values are held in variables of ours, now and at most.
    temporaries: usize,
    temporaries_max: usize,
}

impl<'p> Generator<'p> {
    fn main(&mut self) {
        let main = self.program.function(MAIN);
        self.begin(MAIN);
        self.writer.begin(None, std::iter::empty(), true);
        self.expression(&main.body, Want::Effect);
        let end = match &main.body.kind {
            ExpressionKind::Sequence(parts) => parts.last().map_or(main.span, |last| last.span),
            _ => main.span,
        };
        self.writer.plain(end, "HALT");
        self.check_size(main.span);
    }

    /// Writes a function: one that takes what it needs as arguments if it is called by its name, and one that
    /// captures it if it is used as a value.
    fn function(&mut self, id: FunctionId) {
        let program = self.program;
        let function = program.function(id);
        let need = &self.needs.functions[id.0 as usize];
        let name = |variable: &VariableId| program.variable(*variable).assembly_name.as_str();
        let own = function.parameters.iter().map(name);
        let captured = need.captured.iter().filter(|_| need.is_called).map(name);
        let has_places = function.origin != Origin::Prelude;
        self.begin(id);
        self.writer.begin(Some(&function.assembly_name), own.clone().chain(captured), has_places);
        for variable in function.parameters.iter().chain(&need.captured) {
            self.know(*variable);
        }
        self.expression(&function.body, Want::Return);
        self.check_size(function.span);
        self.writer.end(self.start);
        if let Some(value_name) = &need.value_name {
            self.start = self.writer.new_label();
            self.writer.begin(Some(value_name), own, has_places);
            for variable in function.parameters.iter().chain(&need.captured) {
                self.writer.named(function.span, "LOAD", &program.variable(*variable).assembly_name);
            }
            let count = function.parameters.len() + need.captured.len();
            self.call_named(function.span, "TAIL_CALL", id, count);
            self.writer.end(self.start);
        }
    }

    fn begin(&mut self, id: FunctionId) {
        self.function = id;
        self.start = self.writer.new_label();
        (self.variable_count, self.temporaries, self.temporaries_max) = (0, 0, 0);
    }

    fn check_size(&mut self, span: Span) {
        // One more for `TESTED`.
        let found = self.variable_count + self.temporaries_max + 1 + self.writer.depth_max() as usize;
        let found_max = limits::SLOTS_MAX as usize;
        if found > found_max {
            let name = self.program.function(self.function).name.clone();
            self.errors.report(span, Problem::FunctionTooLarge { name, found, found_max });
        }
    }

    /// Writes what computes an expression, and does with its value what is wanted.
    fn expression(&mut self, expression: &'p Expression, want: Want) {
        let span = expression.span;
        match &expression.kind {
            ExpressionKind::Constant(constant) => {
                if want != Want::Effect {
                    self.constant(span, constant);
                    self.give(span, want);
                }
            }
            ExpressionKind::Variable(variable) => {
                self.load(span, *variable);
                self.give(span, want);
            }
            ExpressionKind::Function(function) => {
                self.function_value(span, *function);
                self.give(span, want);
            }
            ExpressionKind::Branch { clauses, otherwise } => self.branch(span, clauses, otherwise, want),
            ExpressionKind::And(parts) => self.and(span, parts, want),
            ExpressionKind::Or(parts) => self.or(span, parts, want),
            ExpressionKind::Not(part) => self.not(span, part, want),
            ExpressionKind::Sequence(parts) => self.sequence(span, parts, want),
            ExpressionKind::Store { variable, value } => {
                self.store(span, *variable, value);
                self.give_nothing(span, want);
            }
            ExpressionKind::Assign { variable, value } => {
                self.expression(value, Want::Value);
                self.check_known(span, *variable);
                self.writer.named(span, "STORE", &self.program.variable(*variable).assembly_name);
                self.give_nothing(span, want);
            }
            ExpressionKind::While { test, body } => self.while_loop(span, test, body, want),
            ExpressionKind::Loop { function, arguments } => self.enter_loop(span, *function, arguments, want),
            ExpressionKind::Call { function, arguments } => self.call(span, *function, arguments, want),
            ExpressionKind::CallValue { callee, arguments } => self.call_value(span, callee, arguments, want),
            ExpressionKind::Builtin { builtin, arguments } => self.builtin(span, builtin, arguments, want),
            ExpressionKind::Fields { base, fields } => {
                self.fields(span, base.as_deref(), fields);
                self.give(span, want);
            }
            ExpressionKind::Field { mnemonic, .. } => {
                self.flag(expression);
                if *mnemonic == "HAS_FIELD" {
                    self.flag_to_bool(span);
                }
                self.give(span, want);
            }
            ExpressionKind::FieldOr { object, name, otherwise } => {
                self.field_or(span, object, name, otherwise);
                self.give(span, want);
            }
            ExpressionKind::Try { body, variable, handler } => self.try_form(span, body, *variable, handler, want),
        }
    }

    /// Does what is wanted with the value on the stack.
    fn give(&mut self, span: Span, want: Want) {
        match want {
            Want::Value => {}
            Want::Effect => self.writer.plain(span, "POP"),
            Want::Return => self.writer.plain(span, "RET"),
        }
    }

    /// The value is null, and is not on the stack.
    fn give_nothing(&mut self, span: Span, want: Want) {
        if want != Want::Effect {
            self.writer.plain(span, "NULL");
            self.give(span, want);
        }
    }

    fn sequence(&mut self, span: Span, parts: &'p [Expression], want: Want) {
        match parts.split_last() {
            Some((last, before)) => {
                for part in before {
                    self.expression(part, Want::Effect);
                }
                self.expression(last, want);
            }
            None => self.give_nothing(span, want),
        }
    }

    fn constant(&mut self, span: Span, constant: &Constant) {
        match constant {
            Constant::Integer(text) => self.writer.plain(span, &format!("PUSH_INT {text}")),
            Constant::Float(float) => self.writer.plain(span, &format!("PUSH_FLOAT {float:?}")),
            Constant::Text(text) => {
                let mut instruction = String::from("PUSH_STR ");
                push_quoted(&mut instruction, text);
                self.writer.plain(span, &instruction);
            }
            Constant::Flag(true) => self.writer.plain(span, "TRUE"),
            Constant::Flag(false) => self.writer.plain(span, "FALSE"),
            Constant::Null => self.writer.plain(span, "NULL"),
        }
    }

    fn load(&mut self, span: Span, id: VariableId) {
        self.check_known(span, id);
        let variable = self.program.variable(id);
        match variable.inlined() {
            Some(constant) => self.constant(span, constant),
            None => self.writer.named(span, "LOAD", &variable.assembly_name),
        }
    }

    /// A variable's first value.
    fn store(&mut self, span: Span, id: VariableId, value: &'p Expression) {
        let variable = self.program.variable(id);
        if variable.inlined().is_none() {
            self.expression(value, Want::Value);
            self.writer.named(span, "STORE", &variable.assembly_name);
        }
        self.know(id);
    }

    /// The variable has a value from here on.
    fn know(&mut self, id: VariableId) {
        if self.known_in[id.0 as usize].replace(self.function) != Some(self.function) {
            self.variable_count += 1;
        }
    }

    fn is_known(&self, id: VariableId) -> bool {
        self.known_in[id.0 as usize] == Some(self.function)
    }

    fn check_known(&mut self, span: Span, id: VariableId) {
        // What other functions set is captured by those that read it, or stands for a constant.
        if self.needs.owners[id.0 as usize] == Some(self.function) && !self.is_known(id) {
            let variable = self.program.variable(id);
            let problem = Problem::UsedBefore { name: variable.name.clone() };
            self.errors.report_related(span, problem, &[(variable.span, "defined here")]);
        }
    }
}
