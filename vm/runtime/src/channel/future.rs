//! A future: a process that waits for the answer of the world outside, and hands it to the first who awaits it.

use ttvm_isa::HostOperation;
use ttvm_value::{Pid, Ref, SharedValue};

use super::Asked;
use crate::{
    context::Context,
    native::{NativeProcess, NativeStep},
    signal::SharedAnswer,
    terms::text,
};

/// The process of a future.
pub(crate) struct FutureProcess {
    maker: Pid,
    stage: Stage,
}

enum Stage {
    New { operation: HostOperation, arguments: Vec<SharedValue> },
    Asked { monitor: Ref },
    Done { monitor: Ref, answer: SharedAnswer },
    Over,
}

impl FutureProcess {
    /// A future that will say what comes of a host operation, unless its maker ends before.
    pub fn new(maker: Pid, operation: HostOperation, arguments: Vec<SharedValue>) -> Self {
        Self { maker, stage: Stage::New { operation, arguments } }
    }

    /// Hands the answer to whoever asked first. The others are told at the end that the future is over.
    fn hand_over(&mut self, monitor: Ref, answer: SharedAnswer, context: &mut Context<'_, '_>) -> NativeStep {
        if let Some((caller, Asked::Await)) = context.next_asked() {
            context.answer(caller, answer.map(SharedValue::into_value));
            return NativeStep::End(text("normal"));
        }
        if context.has_ended(monitor) {
            return NativeStep::End(text("normal"));
        }
        self.stage = Stage::Done { monitor, answer };
        NativeStep::Wait
    }
}

impl NativeProcess for FutureProcess {
    fn name(&self) -> &str {
        "future"
    }

    fn run(&mut self, context: &mut Context<'_, '_>) -> NativeStep {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::New { operation, arguments } => {
                self.stage = Stage::Asked { monitor: context.monitor(self.maker) };
                context.perform_later(operation, arguments);
                NativeStep::Again
            }
            Stage::Asked { monitor } => match context.take_answer() {
                Some(answer) => self.hand_over(monitor, answer, context),
                None => NativeStep::End(text("normal")),
            },
            Stage::Done { monitor, answer } => self.hand_over(monitor, answer, context),
            Stage::Over => NativeStep::End(text("normal")),
        }
    }
}
