//! Module to text that assembles to the same module again.
//!
//! Labels keep their names. A target without one gets a label such as `@12`, which the assembler does not record.
//! Line numbers come back by blank lines where that is enough, else by `.line`. What no text can say (two functions
//! of one name, a jump into a body) is written as well as it can be: such modules the verifier refuses anyway.

use std::fmt::Write as _;

use ttvm_bytecode::{Body, BodyKind, Module};
use ttvm_isa::{
    OpCode, OperandKind,
    receive::ReceiveTable,
    spelling::{push_name, push_quoted},
};

use self::{labels::Labels, layout::Layout};
use crate::{
    bodies::function_at,
    columns::aligned,
    operand::{Operand, operands_of},
};

mod computation;
mod labels;
mod layout;
mod supervisor;

const INDENT: &str = "    ";

/// The text of a module in canonical form. For every module that [`assemble`](crate::assemble) can make, assembling
/// the text gives an equal module.
#[must_use]
pub fn disassemble(module: &Module) -> String {
    let mut writer = Writer { module, labels: Labels::of(module), layout: Layout::default() };
    writer.preamble();
    writer.code();
    writer.layout.into_text()
}

struct Writer<'m> {
    module: &'m Module,
    labels: Labels<'m>,
    layout: Layout,
}

impl Writer<'_> {
    /// What concerns the whole file.
    fn preamble(&mut self) {
        let quoted = |start: &str, value: &str| {
            let mut line = start.to_owned();
            push_quoted(&mut line, value);
            line
        };
        self.layout.line(quoted(".source ", &self.module.source));
        for import in &self.module.imports {
            let mut line = quoted(".import ", &import.path);
            line.push_str(" as ");
            push_name(&mut line, &import.prefix);
            self.layout.line(line);
        }
        for export in &self.module.exports {
            let mut line = String::from(".export ");
            push_name(&mut line, export);
            self.layout.line(line);
        }
        for supervisor in &self.module.supervisors {
            supervisor::lines(supervisor).into_iter().for_each(|line| self.layout.line(line));
        }
        for computation in &self.module.computations {
            computation::lines(computation).into_iter().for_each(|line| self.layout.line(line));
        }
    }

    fn code(&mut self) {
        let code = &self.module.code;
        let mut bodies = self.module.bodies.iter().enumerate().peekable();
        let mut open: Option<(usize, &Body)> = None;
        for index in 0..=code.len() {
            let at = u32::try_from(index).unwrap_or(u32::MAX);
            // What stands before the instruction, so that blank lines can go above all of it.
            let mut above = Vec::new();
            loop {
                match open {
                    Some((number, body)) if body.end <= at => {
                        self.push_labels(&mut above, at, Some(number));
                        above.push(String::from(".end"));
                        open = None;
                    }
                    Some((number, _)) => {
                        self.push_labels(&mut above, at, Some(number));
                        break;
                    }
                    None => {
                        let Some((number, body)) = bodies.next_if(|(_, body)| body.start <= at) else {
                            self.push_labels(&mut above, at, None);
                            break;
                        };
                        // The assembler has no labels here, since they move behind bodies; others may. Those in front
                        // of an empty body come behind it.
                        if body.end > at {
                            self.push_labels(&mut above, at, None);
                        }
                        above.push(declaration(body));
                        open = Some((number, body));
                    }
                }
            }
            match code.get(index) {
                Some(op) => {
                    let line = self.module.lines.get(index).copied().unwrap_or(0);
                    if let OpCode::ReceiveMatch { table } = op {
                        self.layout.instruction(above, format!("{INDENT}.receive"), line);
                        let body = open.map(|(number, _)| number);
                        self.cases(table, at, body).into_iter().for_each(|line| self.layout.line(line));
                    } else {
                        let text = self.instruction(op, at, open);
                        self.layout.instruction(above, text, line);
                    }
                }
                None => above.into_iter().for_each(|line| self.layout.line(line)),
            }
        }
        if open.is_some() {
            self.layout.line(String::from(".end"));
        }
    }

    fn push_labels(&self, above: &mut Vec<String>, at: u32, body: Option<usize>) {
        let indent = if body.is_some() { "  " } else { "" };
        for name in self.labels.at(at, body) {
            let mut line = String::from(indent);
            name.push_definition(&mut line);
            above.push(line);
        }
    }

    /// The lines of a `.receive` block behind its first.
    fn cases(&self, table: &ReceiveTable, at: u32, body: Option<usize>) -> Vec<String> {
        let line = |head: String, target: u32| {
            let mut arrow = String::from("-> ");
            self.labels.push_target(&mut arrow, target, at, body, false);
            vec![head, arrow]
        };
        let cases = table.cases.iter().map(|case| line(case.to_string(), case.target));
        let after = table.after.iter().map(|after| line(after.to_string(), after.target));
        let lines: Vec<Vec<String>> = cases.chain(after).collect();
        let aligned = aligned(&lines).into_iter().map(|line| format!("{INDENT}  {line}"));
        aligned.chain([format!("{INDENT}.end")]).collect()
    }

    fn instruction(&self, op: &OpCode, at: u32, open: Option<(usize, &Body)>) -> String {
        let info = op.info();
        let mut text = format!("{INDENT}{}", info.mnemonic);
        let is_call = info.operands.iter().any(|(_, kind)| *kind == OperandKind::Names);
        let function = op.target().filter(|_| is_call).and_then(|target| function_at(self.module, target));
        for (operand, (_, kind)) in operands_of(op).iter().zip(info.operands) {
            match operand {
                Operand::Integer(integer) => write(&mut text, format_args!(" {integer}")),
                Operand::Float(float) => write(&mut text, format_args!(" {:?}", float.get())),
                Operand::Flag(flag) => write(&mut text, format_args!(" {flag}")),
                Operand::Text(value) => {
                    text.push(' ');
                    if *kind == OperandKind::Text { push_quoted(&mut text, value) } else { push_name(&mut text, value) }
                }
                // A declared function brings its own parameters.
                Operand::Names(names) if function.is_some_and(|function| *function.parameters == **names) => {}
                Operand::Names(names) => {
                    for name in names {
                        text.push(' ');
                        push_name(&mut text, name);
                    }
                }
                Operand::Number(target) if *kind == OperandKind::Target => {
                    text.push(' ');
                    match function {
                        Some(function) => push_name(&mut text, &function.name),
                        None => {
                            self.labels.push_target(&mut text, *target, at, open.map(|(number, _)| number), is_call)
                        }
                    }
                }
                Operand::Number(number) | Operand::OptionalNumber(Some(number)) => {
                    write(&mut text, format_args!(" {number}"));
                }
                Operand::OptionalText(Some(value)) => {
                    text.push(' ');
                    push_quoted(&mut text, value);
                }
                Operand::OptionalNumber(None) | Operand::OptionalText(None) => {}
                Operand::Receive(_) => unreachable!("a table is written as a block"),
            }
        }
        text
    }
}

fn write(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments).expect("writing to a String cannot fail");
}

fn declaration(body: &Body) -> String {
    let mut line = String::new();
    match body.kind {
        BodyKind::Function => {
            line.push_str(".fn ");
            push_name(&mut line, &body.name);
            for parameter in body.parameters.iter() {
                line.push(' ');
                push_name(&mut line, parameter);
            }
        }
        BodyKind::Test => {
            line.push_str(".test ");
            push_quoted(&mut line, &body.name);
        }
    }
    line
}
