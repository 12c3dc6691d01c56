//! The constant table of a module: every literal and name of its code, once each.

use std::collections::HashMap;

use ttvm_bytecode::VerifiedModule;
use ttvm_isa::{HostOperand, OpCode, Text};

use crate::module::Constant;

/// Constants and their indexes.
#[derive(Default)]
pub(crate) struct Constants {
    list: Vec<Constant>,
    indexes: HashMap<Constant, u32>,
}

impl Constants {
    /// Adds what the module's instructions carry. Afterwards every look-up of them succeeds.
    pub fn add_all(&mut self, verified: &VerifiedModule) {
        self.add(Constant::Null);
        for flag in [false, true] {
            self.add(Constant::Bool(flag));
        }
        for op in &verified.module().code {
            if let Some(constant) = constant_of(op) {
                self.add(constant);
            }
            if let Some(operand) = op.host_operand() {
                self.add(constant_of_operand(operand));
            }
            if let OpCode::ReceiveMatch { table } = op {
                crate::receive::constants_of(table).into_iter().for_each(|constant| self.add(constant));
            }
            if let OpCode::ArrayF64 { count: Some(count) } | OpCode::ArrayI64 { count: Some(count) } = op {
                self.add(Constant::Integer(i64::from(*count).into()));
            }
        }
        for function in verified.functions() {
            for name in function.parameters.iter() {
                self.add(Constant::Text(name.clone()));
            }
        }
    }

    fn add(&mut self, constant: Constant) {
        let next = u32::try_from(self.list.len()).expect("V1: a module has fewer than 2^32 literals");
        if let std::collections::hash_map::Entry::Vacant(slot) = self.indexes.entry(constant.clone()) {
            slot.insert(next);
            self.list.push(constant);
        }
    }

    /// The constants of a module that has been lowered.
    pub fn of_list(list: &[Constant]) -> Self {
        let indexes = (0u32..).zip(list).map(|(index, constant)| (constant.clone(), index)).collect();
        Self { list: list.to_vec(), indexes }
    }

    pub fn index(&self, constant: &Constant) -> u32 {
        *self.indexes.get(constant).expect("add_all has added every constant of the module")
    }

    pub fn text(&self, text: &Text) -> u32 {
        self.index(&Constant::Text(text.clone()))
    }

    pub fn get(&self, index: u32) -> &Constant {
        &self.list[index as usize]
    }

    pub fn into_list(self) -> Vec<Constant> {
        self.list
    }
}

/// The constant that is the last argument of a host operation.
pub(crate) fn constant_of_operand(operand: HostOperand<'_>) -> Constant {
    match operand {
        HostOperand::Text(text) => Constant::Text(text.clone()),
        HostOperand::Count(count) => Constant::Integer(i64::from(count).into()),
    }
}

/// The constant an instruction pushes or names.
pub(crate) fn constant_of(op: &OpCode) -> Option<Constant> {
    match op {
        OpCode::PushInt { value } => Some(Constant::Integer(value.clone())),
        OpCode::PushFloat { value } => Some(Constant::Float(*value)),
        OpCode::PushStr { value } => Some(Constant::Text(value.clone())),
        OpCode::PushBool { value } => Some(Constant::Bool(*value)),
        OpCode::True {} => Some(Constant::Bool(true)),
        OpCode::False {} => Some(Constant::Bool(false)),
        OpCode::Null {} => Some(Constant::Null),
        OpCode::Store { name }
        | OpCode::Load { name }
        | OpCode::Delete { name }
        | OpCode::Capture { name }
        | OpCode::Export { name }
        | OpCode::SetField { name }
        | OpCode::GetField { name }
        | OpCode::HasField { name }
        | OpCode::DeleteField { name } => Some(Constant::Text(name.clone())),
        OpCode::Import { path } => Some(Constant::Text(path.clone())),
        _ => None,
    }
}
