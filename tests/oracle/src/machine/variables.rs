//! The variables of the newest frame and what closures capture of them.

use std::rc::Rc;

use ttvm_isa::{Fault, Names, Text};

use super::{Oracle, Step, set_named};
use crate::{text::debug_forms, value::Value};

impl Oracle {
    pub(super) fn store(&mut self, name: &Text) -> Result<Step, Fault> {
        let value = self.pop("STORE")?;
        self.frame_mut().set_variable(name, value);
        Ok(Step::Next)
    }

    pub(super) fn delete(&mut self, name: &Text) -> Step {
        let variables = &mut self.frame_mut().variables;
        let before = variables.len();
        variables.retain(|(known, _)| known != name);
        if variables.len() == before {
            self.stderr += &format!("Warning: tried to DELETE unknown variable '{name}'\n");
        }
        Step::Next
    }

    pub(super) fn dump_scope(&mut self) -> Step {
        let variables = &self.frame().variables;
        let shown: Vec<String> =
            variables.iter().map(|(name, value)| format!("{:?}: {}", &**name, debug_forms(&[value]))).collect();
        self.stdout += &format!("Current scope: Some({{{}}})\n", shown.join(", "));
        Step::Next
    }

    pub(super) fn capture(&mut self, name: &Text) -> Result<Step, Fault> {
        let value = self.frame().variable(name)?.clone();
        set_named(&mut self.frame_mut().captures, name, value);
        Ok(Step::Next)
    }

    pub(super) fn make_lambda(&mut self, target: u32, parameters: &Names) -> Step {
        let captured = std::mem::take(&mut self.frame_mut().captures);
        let closure = self.make_function(target, parameters, Some(captured));
        self.push_constant(Value::Function(Rc::new(closure)))
    }
}
