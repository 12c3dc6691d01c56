//! Mailboxes, and how many messages there may be in one (rule P80).

use ttvm_isa::{Fault, OpCode};

use super::table::{Processes, Wait, object};
use crate::{
    machine::{Ending, Interruption, Oracle, Step},
    operations::mismatch,
    text::Printed,
    value::Value,
};

/// The messages of a process.
#[derive(Default)]
pub(super) struct Mailbox {
    /// Oldest first.
    pub messages: Vec<Message>,
    max: Option<usize>,
    policy: Policy,
}

/// A message in a mailbox.
pub(super) struct Message {
    pub value: Value,
    /// The machine made it, no program: no limit drops it.
    pub is_system: bool,
}

/// What is done with a message that a full mailbox cannot take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Policy {
    #[default]
    Exit,
    DropNew,
    DropOld,
}

impl Processes {
    /// Adds a program's message to a mailbox, if its limit allows that; to nobody's if the process has ended (rule P4).
    pub(super) fn deliver(&mut self, to: u64, value: Value) {
        let Some(process) = self.table.get_mut(&to) else { return };
        let mailbox = &mut process.mailbox;
        let is_full = mailbox.max.is_some_and(|max| mailbox.messages.len() >= max);
        if is_full {
            match mailbox.policy {
                Policy::Exit => return self.end(to, object([("limit", Value::str("mailbox"))])),
                Policy::DropNew => return,
                Policy::DropOld => {
                    while mailbox.max.is_some_and(|max| mailbox.messages.len() >= max) {
                        let Some(oldest) = mailbox.messages.iter().position(|message| !message.is_system) else {
                            return;
                        };
                        mailbox.messages.remove(oldest);
                    }
                }
            }
        }
        self.add_message(to, Message { value, is_system: false });
    }

    /// Adds a message that the machine makes.
    pub(super) fn deliver_system(&mut self, to: u64, value: Value) {
        self.add_message(to, Message { value, is_system: true });
    }

    fn add_message(&mut self, to: u64, message: Message) {
        if let Some(process) = self.table.get_mut(&to) {
            process.mailbox.messages.push(message);
            if process.wait == Wait::Message {
                process.wait = Wait::Nothing;
            }
        }
    }
}

impl Oracle {
    /// `SET_LIMIT`, for mailboxes.
    pub(super) fn set_limit(&mut self, op: &OpCode) -> Result<Step, Interruption> {
        let operation = op.mnemonic();
        let argument = |error| Interruption::Fault(Fault::Argument { operation, error });
        let operands = self.pop_operands(operation, 2)?;
        let [limit, value] = &operands[..] else { unreachable!("two operands were asked for") };
        let Value::Str(limit) = limit else {
            return Err(mismatch(operation, "the name of a limit", &[limit]).into());
        };
        let mailbox = &mut self.processes.current_mut().mailbox;
        match limit.as_str() {
            "mailbox_policy" => {
                mailbox.policy = match value {
                    Value::Str(word) if word.as_str() == "exit" => Policy::Exit,
                    Value::Str(word) if word.as_str() == "drop_new" => Policy::DropNew,
                    Value::Str(word) if word.as_str() == "drop_old" => Policy::DropOld,
                    other => {
                        let other = Printed(other);
                        let error = format!("the mailbox policy must be exit, drop_new or drop_old, not {other}");
                        return Err(argument(error));
                    }
                };
            }
            "mailbox" => {
                let wrong =
                    || argument(format!("a limit must be an int from 0 up, or null for none, not {}", Printed(value)));
                mailbox.max = match value {
                    Value::Null => None,
                    Value::Int(max) => Some(usize::try_from(max).map_err(|_| wrong())?),
                    _ => return Err(wrong()),
                };
            }
            _ => return Err(Interruption::End(Ending::Unsupported("a limit other than of a mailbox"))),
        }
        Ok(Step::Next)
    }
}
