//! What each instruction does: one arm each, in the order of the instruction table.

use std::rc::Rc;

use num_bigint::BigInt;
use ttvm_isa::{Fault, HostOperation, Integer, OpCode, Text, cost};

use super::{Interruption, Oracle, Step};
use crate::{
    cost::of_data,
    operations::{
        arithmetic, arrays, bits, comparison, convert, exceptions, lists, maps, mathematics, objects, strings, truth,
    },
    value::Value,
};

impl Oracle {
    /// Executes the instruction at the newest frame's `pc`.
    pub(super) fn execute(&mut self, op: &OpCode) -> Result<Step, Interruption> {
        let step = match op {
            // Constants and stack
            OpCode::PushInt { value } => self.push_constant(Value::Int(big(value))),
            OpCode::PushStr { value } => self.push_constant(Value::str(&**value)),
            OpCode::True {} => self.push_constant(Value::Bool(true)),
            OpCode::False {} => self.push_constant(Value::Bool(false)),
            OpCode::Null {} => self.push_constant(Value::Null),
            OpCode::Not {} => self.apply(op, truth::not)?,
            OpCode::And {} => self.apply(op, |operands| truth::both("AND", operands, |a, b| a && b))?,
            OpCode::Or {} => self.apply(op, |operands| truth::both("OR", operands, |a, b| a || b))?,
            OpCode::Dup {} => self.rearrange(op, 1, &[0, 0])?,
            OpCode::PushFloat { value } => self.push_constant(Value::Float(value.get())),
            OpCode::PushBool { value } => self.push_constant(Value::Bool(*value)),
            OpCode::Pop {} => self.rearrange(op, 1, &[])?,
            OpCode::Swap {} => self.rearrange(op, 2, &[1, 0])?,
            OpCode::Over {} => self.rearrange(op, 2, &[0, 1, 0])?,
            OpCode::Rot {} => self.rearrange(op, 3, &[1, 2, 0])?,
            // Arithmetic
            OpCode::Add {} => self.apply(op, arithmetic::add)?,
            OpCode::Sub {} => self.apply(op, arithmetic::sub)?,
            OpCode::Concat {} => self.apply(op, strings::concat)?,
            OpCode::Mul {} => self.apply(op, arithmetic::mul)?,
            OpCode::Div {} => self.apply(op, arithmetic::div)?,
            OpCode::AddF {} => self.apply(op, arithmetic::add_f)?,
            OpCode::SubF {} => self.apply(op, arithmetic::sub_f)?,
            OpCode::MulF {} => self.apply(op, arithmetic::mul_f)?,
            OpCode::DivF {} => self.apply(op, arithmetic::div_f)?,
            OpCode::Mod {} => self.apply(op, arithmetic::modulo)?,
            OpCode::Rem {} => self.apply(op, arithmetic::rem)?,
            OpCode::Neg {} => self.apply(op, arithmetic::neg)?,
            OpCode::Abs {} => self.apply(op, arithmetic::abs)?,
            OpCode::Min {} => self.apply(op, arithmetic::min)?,
            OpCode::Max {} => self.apply(op, arithmetic::max)?,
            OpCode::Pow {} => self.apply(op, arithmetic::pow)?,
            // Comparison
            OpCode::Eq {} => self.apply(op, comparison::eq)?,
            OpCode::Gt {} => self.apply(op, |ab| comparison::ordered("GT", ab, |order| order.is_gt()))?,
            OpCode::Lt {} => self.apply(op, |ab| comparison::ordered("LT", ab, |order| order.is_lt()))?,
            OpCode::Ne {} => self.apply(op, comparison::ne)?,
            OpCode::Ge {} => self.apply(op, |ab| comparison::ordered("GE", ab, |order| order.is_ge()))?,
            OpCode::Le {} => self.apply(op, |ab| comparison::ordered("LE", ab, |order| order.is_le()))?,
            OpCode::EqF {} => self.apply(op, |ab| comparison::floats("EQ_F", ab, comparison::nearly_equal))?,
            OpCode::NeF {} => {
                self.apply(op, |ab| comparison::floats("NE_F", ab, |a, b| !comparison::nearly_equal(a, b)))?
            }
            OpCode::GtF {} => self.apply(op, |ab| comparison::floats("GT_F", ab, |a, b| a > b))?,
            OpCode::LtF {} => self.apply(op, |ab| comparison::floats("LT_F", ab, |a, b| a < b))?,
            OpCode::GeF {} => self.apply(op, |ab| comparison::floats("GE_F", ab, |a, b| a >= b))?,
            OpCode::LeF {} => self.apply(op, |ab| comparison::floats("LE_F", ab, |a, b| a <= b))?,
            OpCode::EqNum {} => self.apply(op, |ab| comparison::ordered("EQ_NUM", ab, |order| order.is_eq()))?,
            OpCode::Cmp {} => self.apply(op, comparison::cmp)?,
            // More mathematics
            OpCode::Sqrt {} => self.apply(op, mathematics::sqrt)?,
            OpCode::Floor {} => self.apply(op, |a| mathematics::to_whole("FLOOR", a, f64::floor))?,
            OpCode::Ceil {} => self.apply(op, |a| mathematics::to_whole("CEIL", a, f64::ceil))?,
            OpCode::Round {} => self.apply(op, |a| mathematics::to_whole("ROUND", a, f64::round))?,
            OpCode::BitAnd {} => self.apply(op, bits::and)?,
            OpCode::BitOr {} => self.apply(op, bits::or)?,
            OpCode::BitXor {} => self.apply(op, bits::xor)?,
            OpCode::Shl {} => self.apply(op, bits::shl)?,
            OpCode::Shr {} => self.apply(op, bits::shr)?,
            OpCode::Random {} => self.push_random(),
            OpCode::RandomSeed {} => self.seed_random()?,
            // Control
            OpCode::Jmp { target } => self.jump(*target),
            OpCode::Jz { target } => self.branch(op, *target, false)?,
            OpCode::Call { target, parameters } => self.call_target(*target, parameters)?,
            OpCode::Ret {} => self.return_from_frame()?,
            OpCode::Jnz { target } => self.branch(op, *target, true)?,
            OpCode::TailCall { target, parameters } => self.call_target(*target, parameters)?,
            OpCode::MakeFunction { target, parameters } => {
                self.push_constant(Value::Function(Rc::new(self.make_function(*target, parameters, None))))
            }
            OpCode::Capture { name } => self.capture(name)?,
            OpCode::MakeLambda { target, parameters } => self.make_lambda(*target, parameters),
            OpCode::CallFunction { count } => self.call_function(*count)?,
            OpCode::Try { target } => self.arm_handler(*target),
            OpCode::Catch {} => Step::Next,
            OpCode::Throw {} => self.throw()?,
            OpCode::EndTry {} => self.end_try(),
            OpCode::CallImport { prefix, name, .. } => self.call_import(prefix, name)?,
            OpCode::LoadImport { prefix, name } => self.load_import(prefix, name),
            // Variables and modules
            OpCode::Store { name } => self.store(name)?,
            OpCode::Load { name } => self.push_constant(self.frame().variable(name)?.clone()),
            OpCode::Delete { name } => self.delete(name),
            OpCode::Import { path } => self.import(path)?,
            OpCode::Export { name } => self.export(name)?,
            OpCode::DumpScope {} => self.dump_scope(),
            // Errors and checks
            OpCode::Assert {} => self.assert()?,
            OpCode::AssertEq {} => self.consume(op, comparison::assert_eq)?,
            OpCode::ErrorMessage {} => {
                self.apply(op, |a| exceptions::part("ERROR_MESSAGE", a, |e| Value::str(e.message.as_str())))?
            }
            OpCode::ErrorKind {} => self.apply(op, |a| exceptions::part("ERROR_KIND", a, |e| Value::str(e.kind)))?,
            OpCode::ErrorTrace {} => self.apply(op, |a| exceptions::part("ERROR_TRACE", a, exceptions::trace))?,
            OpCode::Halt {} => self.halt()?,
            // Input, output, environment and time
            OpCode::Print {} => self.write(op, |oracle, text| oracle.stdout += &format!("{text}\n"))?,
            OpCode::PrintErr {} => self.write(op, |oracle, text| oracle.stderr += &format!("{text}\n"))?,
            OpCode::Write {} => self.write(op, |oracle, text| oracle.stdout += text)?,
            OpCode::ReadLine {} => self.ask_host(HostOperation::ReadLine)?,
            OpCode::ReadChar {} => self.ask_host(HostOperation::ReadChar)?,
            OpCode::ReadInput {} => self.ask_host(HostOperation::ReadInput)?,
            OpCode::GetEnv {} => self.ask_host(HostOperation::GetEnv)?,
            OpCode::SetEnv {} => self.ask_host(HostOperation::SetEnv)?,
            OpCode::GetArgs {} => self.ask_host(HostOperation::GetArgs)?,
            OpCode::Exec {} => self.ask_host(HostOperation::Exec)?,
            OpCode::ExecCapture {} => self.ask_host(HostOperation::ExecCapture)?,
            OpCode::Exit {} => self.exit()?,
            OpCode::GetTime {} => self.ask_host(HostOperation::GetTime)?,
            OpCode::Sleep {} => self.sleep()?,
            OpCode::FormatTime {} => self.ask_host(HostOperation::FormatTime)?,
            OpCode::MonotonicTime {} => self.ask_host(HostOperation::MonotonicTime)?,
            // Files and JSON
            OpCode::ReadFile {} => self.ask_host(HostOperation::ReadFile)?,
            OpCode::WriteFile {} => self.ask_host(HostOperation::WriteFile)?,
            OpCode::AppendFile {} => self.ask_host(HostOperation::AppendFile)?,
            OpCode::ReadBytes {} => self.ask_host(HostOperation::ReadBytes)?,
            OpCode::WriteBytes {} => self.ask_host(HostOperation::WriteBytes)?,
            OpCode::FileExists {} => self.ask_host(HostOperation::FileExists)?,
            OpCode::FileSize {} => self.ask_host(HostOperation::FileSize)?,
            OpCode::DeleteFile {} => self.ask_host(HostOperation::DeleteFile)?,
            OpCode::ListDir {} => self.ask_host(HostOperation::ListDir)?,
            OpCode::JsonParse {} => self.ask_host(HostOperation::JsonParse)?,
            OpCode::JsonStringify {} => self.ask_host(HostOperation::JsonStringify)?,
            // Lists
            OpCode::MakeList { count } => self.make_list(*count)?,
            OpCode::Len {} => self.apply(op, lists::len)?,
            OpCode::Index {} => self.apply(op, lists::index)?,
            OpCode::Append {} => self.apply(op, lists::append)?,
            OpCode::SetIndex {} => self.apply(op, lists::set_index)?,
            OpCode::Slice {} => self.apply(op, lists::slice)?,
            OpCode::ListConcat {} => self.apply(op, lists::concat)?,
            OpCode::Reverse {} => self.apply(op, lists::reverse)?,
            OpCode::Sort {} => self.apply(op, lists::sort)?,
            OpCode::Range {} => self.apply(op, lists::range)?,
            OpCode::Contains {} => self.apply(op, lists::contains)?,
            // Objects
            OpCode::MakeObject {} => self.apply(op, objects::new)?,
            OpCode::SetField { name } => self.apply(op, |operands| objects::set(name, operands))?,
            OpCode::GetField { name } => self.apply(op, |operands| objects::get(name, operands))?,
            OpCode::HasField { name } => self.apply(op, |operands| objects::has(name, operands))?,
            OpCode::DeleteField { name } => self.apply(op, |operands| objects::delete(name, operands))?,
            OpCode::Keys {} => self.apply(op, objects::keys)?,
            // Conversions and strings
            OpCode::TypeOf {} => self.apply(op, convert::type_of)?,
            OpCode::ToStr {} => self.apply(op, convert::to_str)?,
            OpCode::ToInt {} => self.apply(op, convert::to_int)?,
            OpCode::ToFloat {} => self.apply(op, convert::to_float)?,
            OpCode::StrLen {} => self.apply(op, strings::length)?,
            OpCode::Substr {} => self.apply(op, strings::substr)?,
            OpCode::Split {} => self.apply(op, strings::split)?,
            OpCode::Join {} => self.apply(op, strings::join)?,
            OpCode::Find {} => self.apply(op, strings::find)?,
            OpCode::Replace {} => self.apply(op, strings::replace)?,
            OpCode::Upper {} => self.apply(op, |s| strings::changed("UPPER", s, str::to_uppercase))?,
            OpCode::Lower {} => self.apply(op, |s| strings::changed("LOWER", s, str::to_lowercase))?,
            OpCode::Trim {} => self.apply(op, |s| strings::changed("TRIM", s, |text| text.trim().to_owned()))?,
            OpCode::Chars {} => self.apply(op, |[s]| strings::characters("CHARS", &s))?,
            OpCode::BytesOf {} => self.apply(op, strings::bytes_of)?,
            OpCode::Format {} => self.apply(op, strings::format)?,
            // Maps
            OpCode::MapNew {} => self.apply(op, maps::new)?,
            OpCode::MapPut {} => self.apply(op, maps::put)?,
            OpCode::MapGet {} => self.apply(op, maps::get)?,
            OpCode::MapRemove {} => self.apply(op, maps::remove)?,
            OpCode::MapHas {} => self.apply(op, maps::has)?,
            OpCode::MapKeys {} => self.apply(op, maps::keys)?,
            OpCode::MapSize {} => self.apply(op, maps::size)?,
            // Typed arrays
            OpCode::ArrayF64 { count } => self.make_array(op, *count, arrays::zero_floats)?,
            OpCode::ArrayI64 { count } => self.make_array(op, *count, arrays::zero_ints)?,
            OpCode::ArrayGet {} => self.apply(op, arrays::get)?,
            OpCode::ArraySet {} => self.apply(op, arrays::set)?,
            OpCode::ArrayFill {} => self.apply(op, arrays::fill)?,
            OpCode::ArraySum {} => self.apply(op, arrays::sum)?,
            OpCode::ArrayDot {} => self.apply(op, arrays::dot)?,
            OpCode::ArrayAxpy {} => self.apply(op, arrays::axpy)?,
            OpCode::ArrayGather {} => self.apply(op, arrays::gather)?,
            OpCode::ArrayScatterAdd {} => self.apply(op, arrays::scatter_add)?,
            other => return self.execute_process_instruction(other),
        };
        Ok(step)
    }

    pub(crate) fn push_constant(&mut self, value: Value) -> Step {
        self.push(value);
        Step::Next
    }

    /// Takes `count` values and leaves those at `places` of them.
    fn rearrange(&mut self, op: &OpCode, count: usize, places: &[usize]) -> Result<Step, Fault> {
        let operands = self.pop_operands(op.mnemonic(), count)?;
        self.code.stack.extend(places.iter().map(|place| operands[*place].clone()));
        Ok(Step::Next)
    }

    /// Executes a data instruction that leaves nothing.
    fn consume(
        &mut self,
        op: &OpCode,
        operation: impl FnOnce([Value; 2]) -> Result<Value, Fault>,
    ) -> Result<Step, Fault> {
        let step = self.apply(op, operation)?;
        self.code.stack.pop();
        Ok(step)
    }

    /// A jump costs one reduction unless it goes forward.
    fn jump(&mut self, target: u32) -> Step {
        if target <= self.frame().pc {
            self.code.reductions += 1;
        }
        Step::Jump(target)
    }

    fn branch(&mut self, op: &OpCode, target: u32, on: bool) -> Result<Step, Fault> {
        let condition = self.pop(op.mnemonic())?;
        Ok(if condition.is_true() == on { self.jump(target) } else { Step::Next })
    }

    fn make_list(&mut self, count: u32) -> Result<Step, Fault> {
        let items = self.pop_arguments(count as usize)?;
        self.code.reductions += cost::of_elements(u64::from(count));
        Ok(self.push_constant(Value::list(items)))
    }

    fn make_array(&mut self, op: &OpCode, count: Option<u32>, make: fn(usize) -> Value) -> Result<Step, Fault> {
        let count = match count {
            Some(count) => Value::int(count),
            None => self.pop(op.mnemonic())?,
        };
        let array = make(arrays::new_length(op.mnemonic(), &count)?);
        self.code.reductions += of_data(op.info().cost, &[], &array);
        Ok(self.push_constant(array))
    }

    fn call_import(&mut self, prefix: &Text, name: &Text) -> Result<Step, Interruption> {
        let callee = self.imported_callee(prefix, name);
        self.call(callee)
    }
}

fn big(value: &Integer) -> BigInt {
    match value {
        Integer::Small(small) => BigInt::from(*small),
        Integer::Big(big) => (**big).clone(),
    }
}
