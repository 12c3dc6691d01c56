//! Raising, catching and tracing errors.

use ttvm_isa::{Fault, limits};

use super::{Ending, FrameKind, Handler, Interruption, Oracle, Step};
use crate::{
    text::{Printed, debug_forms},
    value::{Exception, Value},
};

impl Oracle {
    pub(super) fn arm_handler(&mut self, target: u32) -> Step {
        let height = self.code.stack.len();
        self.frame_mut().handlers.push(Handler { target, height });
        Step::Next
    }

    /// `END_TRY` ends the try it belongs to. Which one that is the verifier knows, except where ways with
    /// different armed handlers meet: there it is the newest armed one.
    ///
    /// A handler that has caught is no longer in the list, so a spent one need not be told apart.
    pub(super) fn end_try(&mut self) -> Step {
        let frame = self.frame();
        let region = &self.modules[frame.module].verified.regions()[frame.region];
        let ends_armed = region.has_dynamic_handlers || {
            let point = region.point(frame.pc).expect("the analysis reaches every instruction that runs");
            point.ends_armed
        };
        if ends_armed {
            self.frame_mut().handlers.pop();
        }
        Step::Next
    }

    pub(super) fn throw(&mut self) -> Result<Step, Interruption> {
        let value = self.pop("THROW")?;
        let message = match &value {
            Value::Exception(exception) => return Err(Interruption::Thrown(Box::new((**exception).clone()))),
            Value::Str(_) => Printed(&value).to_string(),
            other => format!("Thrown value: {}", debug_forms(&[other])),
        };
        let instruction = self.frame().pc;
        Err(Interruption::Thrown(Box::new(Exception { message, kind: "thrown", instruction, trace: self.trace() })))
    }

    pub(super) fn assert(&mut self) -> Result<Step, Fault> {
        let value = self.pop("ASSERT")?;
        if value.is_true() { Ok(Step::Next) } else { Err(Fault::AssertionFailed { detail: String::new() }) }
    }

    /// Goes to the newest armed handler of all frames. `Err` is the end of the program if there is none.
    pub(super) fn raise(&mut self, exception: Exception) -> Result<(), Ending> {
        while self.frame().handlers.is_empty() {
            if self.code.frames.len() == 1 {
                return Err(Ending::Uncaught(exception));
            }
            let dropped = self.code.frames.pop().expect("there are two frames or more");
            if dropped.kind == FrameKind::Module {
                // A failed import may be tried again.
                self.code.imports.remove(&dropped.module);
            }
        }
        // A loop that goes round by errors must not be free.
        self.code.reductions += 1;
        let frame = self.frame_mut();
        let handler = frame.handlers.pop().expect("the loop ends at a frame with a handler");
        frame.pc = handler.target;
        frame.is_returning = false;
        self.code.stack.truncate(handler.height);
        self.push(Value::Exception(exception.into()));
        Ok(())
    }

    /// The chain of calls, innermost first; the middle of a long one is left out.
    pub(super) fn trace(&self) -> Vec<String> {
        let half = limits::TRACE_FRAMES_MAX / 2;
        let depth = self.code.frames.len();
        let line = |index: usize| {
            let frame = &self.code.frames[index];
            let verified = &self.modules[frame.module].verified;
            format!("at {} ({})", verified.region_name(frame.region), verified.module().place(frame.pc))
        };
        if depth <= limits::TRACE_FRAMES_MAX {
            return (0..depth).rev().map(line).collect();
        }
        let mut trace: Vec<String> = (depth - half..depth).rev().map(line).collect();
        trace.push(format!("... {} more ...", depth - 2 * half));
        trace.extend((0..half).rev().map(line));
        trace
    }
}
