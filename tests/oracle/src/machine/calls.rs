//! Calls, tail calls, returns, and the end of a program or module.

use ttvm_isa::{Fault, Names, OpCode, Text};

use super::{Ending, Frame, FrameKind, Interruption, Oracle, Step, set_named};
use crate::value::{Function, Value};

/// What a call enters.
pub(super) struct Callee {
    pub module: usize,
    pub entry: u32,
    pub parameters: Names,
    pub captured: Vec<(Text, Value)>,
}

impl Callee {
    pub(super) fn of_function(function: &Function) -> Self {
        Self {
            module: function.module,
            entry: function.entry,
            parameters: function.parameters.clone(),
            captured: function.captured.clone().unwrap_or_default(),
        }
    }

    /// The frame in which it runs.
    pub(super) fn into_frame(self, region: usize, kind: FrameKind, base: usize, arguments: Vec<Value>) -> Frame {
        let mut frame = Frame::new(self.module, region, kind, base, self.entry);
        frame.variables = self.parameters.iter().cloned().zip(arguments).collect();
        for (name, value) in self.captured {
            if !self.parameters.contains(&name) {
                set_named(&mut frame.variables, &name, value);
            }
        }
        frame
    }
}

impl Oracle {
    /// The function value for a target of the newest frame's module.
    pub(super) fn make_function(
        &self,
        target: u32,
        parameters: &Names,
        captured: Option<Vec<(Text, Value)>>,
    ) -> Function {
        let module = self.frame().module;
        let end = self.modules[module].verified.module().code.len();
        // No module has more than `INSTRUCTIONS_MAX` instructions.
        let entry = target.min(u32::try_from(end).expect("V1: the code's length fits"));
        Function { module, entry, parameters: parameters.clone(), captured }
    }

    pub(super) fn call_target(&mut self, target: u32, parameters: &Names) -> Result<Step, Interruption> {
        let function = self.make_function(target, parameters, None);
        self.call(Callee::of_function(&function))
    }

    /// Calls the function on top of the stack; a written count must be the number it takes.
    pub(super) fn call_function(&mut self, count: Option<u32>) -> Result<Step, Interruption> {
        const OPERATION: &str = "CALL_FUNCTION";
        let function = match self.pop(OPERATION)? {
            Value::Function(function) => function,
            other => return Err(crate::operations::mismatch(OPERATION, "a function", &[&other]).into()),
        };
        let takes = function.parameters.len();
        if let Some(given) = count.filter(|given| *given as usize != takes) {
            let plural = if takes == 1 { "" } else { "s" };
            let verb = if given == 1 { "is" } else { "are" };
            let error = format!("the function takes {takes} argument{plural} but {given} {verb} given");
            return Err(Fault::Argument { operation: OPERATION, error }.into());
        }
        self.call(Callee::of_function(&function))
    }

    /// Makes a frame for the callee, in place of the newest one where nobody could tell.
    pub(super) fn call(&mut self, callee: Callee) -> Result<Step, Interruption> {
        let arguments = self.pop_arguments(callee.parameters.len())?;
        self.code.reductions += 1;
        let (region, kind) = self.region_of(&callee);
        let mut base = self.frame().base;
        if self.is_tail_call() && self.may_be_replaced_by(kind) {
            let replaced = self.code.frames.pop().expect("the newest frame was just looked at");
            if replaced.kind == FrameKind::Body {
                self.code.stack.truncate(replaced.base);
            }
        }
        if kind == FrameKind::Body {
            base = self.code.stack.len();
        }
        self.code.frames.push(callee.into_frame(region, kind, base, arguments));
        Ok(Step::Frame)
    }

    /// The number of the region that a call enters, and what kind of frame it gets.
    pub(super) fn region_of(&self, callee: &Callee) -> (usize, FrameKind) {
        let region = self.modules[callee.module].region_at(callee.entry);
        let is_body = self.modules[callee.module].verified.regions()[region].body.is_some();
        (region, if is_body { FrameKind::Body } else { FrameKind::Label })
    }

    /// Whether the newest frame has nothing to do after its present call but return.
    fn is_tail_call(&self) -> bool {
        let frame = self.frame();
        let verified = &self.modules[frame.module].verified;
        let code = &verified.module().code;
        let body = verified.regions()[frame.region].body;
        let next = ttvm_bytecode::analysis::inside(verified.module(), body, frame.pc + 1);
        matches!(code[frame.pc as usize], OpCode::TailCall { .. })
            || next == Some(frame.pc + 1) && matches!(code[frame.pc as usize + 1], OpCode::Ret {})
    }

    /// A frame stays if an error may come back to it, if returning from it is an error, or if it takes only one of
    /// the values that the callee leaves.
    fn may_be_replaced_by(&self, callee: FrameKind) -> bool {
        let frame = self.frame();
        frame.handlers.is_empty()
            && match frame.kind {
                FrameKind::Main | FrameKind::Module => false,
                FrameKind::Body => callee == FrameKind::Body,
                FrameKind::Label => true,
            }
    }

    /// `RET`, or the end of a body.
    pub(super) fn return_from_frame(&mut self) -> Result<Step, Interruption> {
        if matches!(self.frame().kind, FrameKind::Main | FrameKind::Module) {
            return Err(Fault::NoVariableScope.into());
        }
        if self.code.frames.len() == 1 {
            // The first frame of a process that was spawned.
            return Err(Interruption::End(Ending::Normal));
        }
        let frame = self.code.frames.pop().expect("the newest frame was just looked at");
        if frame.kind == FrameKind::Body {
            let result = if self.code.stack.len() > frame.base { self.code.stack.pop() } else { None };
            self.code.stack.truncate(frame.base);
            self.push(result.unwrap_or(Value::Null));
        }
        self.go_on_after_call();
        Ok(Step::Frame)
    }

    /// Lets the newest frame go on behind the call it made.
    pub(super) fn go_on_after_call(&mut self) {
        let frame = self.frame();
        let call = &self.modules[frame.module].verified.module().code[frame.pc as usize];
        if matches!(call, OpCode::TailCall { .. }) {
            self.frame_mut().is_returning = true;
        } else {
            self.frame_mut().pc += 1;
        }
    }

    /// `HALT`, or the end of the code: ends the newest module being imported, or the program.
    pub(super) fn halt(&mut self) -> Result<Step, Interruption> {
        match self.code.frames.iter().rposition(|frame| frame.kind == FrameKind::Module) {
            Some(index) => {
                self.code.frames.truncate(index + 1);
                self.finish_import();
                Ok(Step::Frame)
            }
            None => Err(Interruption::End(Ending::Normal)),
        }
    }
}
