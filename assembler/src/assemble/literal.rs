//! What operands mean, but for targets: numbers, flags, strings, names, and the constants that stand for them.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use ttvm_isa::{Float, InstructionInfo, Integer, OpCode, OperandKind, Text, spelling::is_plain};

use crate::{
    grammar::{Failure, Instruction, Piece, Word},
    limits::Limits,
    number::{self, IntegerError},
    operand::{OPTIONAL_COUNT_MAX, Operand, build},
    problem::Problem,
    source::Span,
};

/// The value of a `.const`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Constant {
    Integer(Integer),
    Float(Float),
    Flag(bool),
    Text(Text),
}

impl Constant {
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Flag(_) => "true or false",
            Self::Text(_) => "a string",
        }
    }
}

/// An instruction, if it can already be understood.
pub(super) enum Reading {
    Complete(OpCode),
    /// It has a target, or a name that may be defined further down.
    Incomplete,
}

/// Reads operands; knows the constants.
pub(super) struct Literals<'a> {
    limits: &'a Limits,
    constants: HashMap<Cow<'a, str>, (Constant, Span)>,
    /// Names that were used, each once in memory.
    names: HashSet<Text>,
}

impl<'a> Literals<'a> {
    pub(super) fn new(limits: &'a Limits) -> Self {
        Self { limits, constants: HashMap::new(), names: HashSet::new() }
    }

    /// Defines a constant.
    ///
    /// # Errors
    /// The place of an earlier definition, which stays.
    pub(super) fn define(&mut self, name: Cow<'a, str>, constant: Constant, span: Span) -> Result<(), Span> {
        match self.constants.get(&name) {
            Some((_, earlier)) => Err(*earlier),
            None => {
                self.constants.insert(name, (constant, span));
                Ok(())
            }
        }
    }

    /// The value of a constant.
    pub(super) fn value_of(&self, name: &str) -> Option<&Constant> {
        self.constants.get(name).map(|(constant, _)| constant)
    }

    /// The value that a word of a `.const` directive stands for.
    pub(super) fn constant<'w>(&self, word: &Word<'w>) -> Result<Constant, Failure<'w>> {
        if word.is_quoted {
            return Ok(Constant::Text((*word.value).into()));
        }
        match self.integer(word) {
            Ok(Some(integer)) => return Ok(Constant::Integer(integer)),
            Ok(None) => {}
            Err(failure) => return Err(failure),
        }
        match (word.raw, number::float(word.raw)) {
            ("true", _) => Ok(Constant::Flag(true)),
            ("false", _) => Ok(Constant::Flag(false)),
            (_, Some(float)) => Ok(Constant::Float(float)),
            (_, None) => Err(wrong(word, ".const", "a number, true, false or a string in quotes as value")),
        }
    }

    /// The instruction, if it has no targets and no names that may be defined further down.
    ///
    /// # Errors
    /// What is wrong with an operand.
    pub(super) fn read_instruction(&mut self, instruction: &Instruction<'a>) -> Result<Reading, Failure<'a>> {
        if waits_for_imports(instruction) {
            return Ok(Reading::Incomplete);
        }
        let info = instruction.info;
        let mut operands = Vec::with_capacity(info.operands.len());
        for (piece, (_, kind)) in instruction.pieces.iter().zip(info.operands) {
            if *kind == OperandKind::Target {
                return Ok(Reading::Incomplete);
            }
            match self.read_piece(info, *kind, piece, false)? {
                Some(operand) => operands.push(operand),
                None => return Ok(Reading::Incomplete),
            }
        }
        Ok(Reading::Complete(build(info, operands)))
    }

    /// An operand that is no target. None if it may be a constant that is defined further down, but never when the
    /// file has been read to its end.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read_piece(
        &mut self,
        info: &InstructionInfo,
        kind: OperandKind,
        piece: &Piece<'a>,
        is_file_read: bool,
    ) -> Result<Option<Operand>, Failure<'a>> {
        let word = match piece {
            Piece::Absent if kind == OperandKind::OptionalText => return Ok(Some(Operand::OptionalText(None))),
            Piece::Absent => return Ok(Some(Operand::OptionalNumber(None))),
            Piece::Names(words) => return self.parameters(words).map(|names| Some(Operand::Names(names))),
            Piece::Word(word) => word,
        };
        if let Some(operand) = self.literal(info, kind, word)? {
            return Ok(Some(operand));
        }
        if !word.is_quoted && is_plain(word.raw) {
            if let Some((constant, _)) = self.constants.get(word.raw) {
                return convert(info, kind, word, constant).map(Some);
            }
            if !is_file_read {
                return Ok(None);
            }
        }
        match kind {
            OperandKind::Text => Ok(Some(Operand::Text((*word.value).into()))),
            OperandKind::OptionalText => Ok(Some(Operand::OptionalText(Some((*word.value).into())))),
            _ => Err(wrong(word, info.mnemonic, kind.describe())),
        }
    }

    /// The operand that a word is by itself; none if it can only be a constant, or could be one.
    fn literal(
        &mut self,
        info: &InstructionInfo,
        kind: OperandKind,
        word: &Word<'a>,
    ) -> Result<Option<Operand>, Failure<'a>> {
        if kind == OperandKind::Name {
            return Ok(Some(Operand::Text(self.name(&word.value))));
        }
        if word.is_quoted {
            return Ok(match kind {
                OperandKind::Text => Some(Operand::Text((*word.value).into())),
                OperandKind::OptionalText => Some(Operand::OptionalText(Some((*word.value).into()))),
                _ => None,
            });
        }
        Ok(match kind {
            OperandKind::Integer => self.integer(word)?.map(Operand::Integer),
            OperandKind::Float => number::float(word.raw).map(Operand::Float),
            OperandKind::Flag => word.raw.parse().ok().map(Operand::Flag),
            OperandKind::Count | OperandKind::OptionalCount => match self.integer(word)? {
                Some(integer) => Some(count(info.mnemonic, kind, word, &integer)?),
                None => None,
            },
            OperandKind::Text
            | OperandKind::OptionalText
            | OperandKind::Name
            | OperandKind::Names
            | OperandKind::Target
            | OperandKind::Receive => None,
        })
    }

    /// The integer that a word is, if it is one.
    pub(super) fn integer<'w>(&self, word: &Word<'w>) -> Result<Option<Integer>, Failure<'w>> {
        let digits_max = self.limits.integer_digits_max;
        match number::integer(word.raw, digits_max) {
            Ok(integer) => Ok(Some(integer)),
            Err(IntegerError::NotAnInteger) => Ok(None),
            Err(IntegerError::TooLong { digits }) => Err(blame(word, Problem::IntegerTooLong { digits, digits_max })),
        }
    }

    /// Parameter names: not too many, each once.
    pub(super) fn parameters(&mut self, words: &[Word<'a>]) -> Result<Vec<Text>, Failure<'a>> {
        let parameters_max = self.limits.parameters_max;
        if let Some(word) = words.get(parameters_max as usize) {
            return Err(blame(word, Problem::TooManyParameters { found: words.len(), parameters_max }));
        }
        let mut names: Vec<Text> = Vec::with_capacity(words.len());
        for word in words {
            if names.iter().any(|name| **name == *word.value) {
                return Err(blame(word, Problem::DuplicateParameter { name: word.value.to_string() }));
            }
            names.push(self.name(&word.value));
        }
        Ok(names)
    }

    /// A name, shared with all other uses of it.
    pub(super) fn name(&mut self, name: &str) -> Text {
        if let Some(shared) = self.names.get(name) {
            return shared.clone();
        }
        let shared: Text = name.into();
        self.names.insert(shared.clone());
        shared
    }
}

/// Whether an instruction may use an import that is declared further down.
fn waits_for_imports(instruction: &Instruction<'_>) -> bool {
    let takes_prefix = instruction.info.operands.first().is_some_and(|(name, _)| *name == "prefix");
    takes_prefix || (instruction.info.mnemonic == "LOAD" && instruction.words().any(may_be_imported))
}

/// Whether a word may be `prefix.name`.
pub(super) fn may_be_imported(word: &Word<'_>) -> bool {
    !word.is_quoted && word.raw.contains('.')
}

/// The operand of this kind that a constant gives.
fn convert<'a>(
    info: &InstructionInfo,
    kind: OperandKind,
    word: &Word<'a>,
    constant: &Constant,
) -> Result<Operand, Failure<'a>> {
    match (kind, constant) {
        (OperandKind::Integer, Constant::Integer(integer)) => Ok(Operand::Integer(integer.clone())),
        (OperandKind::Count | OperandKind::OptionalCount, Constant::Integer(integer)) => {
            count(info.mnemonic, kind, word, integer)
        }
        (OperandKind::Float, Constant::Float(float)) => Ok(Operand::Float(*float)),
        (OperandKind::Float, Constant::Integer(integer)) => Ok(Operand::Float(number::float_of(integer))),
        (OperandKind::Flag, Constant::Flag(flag)) => Ok(Operand::Flag(*flag)),
        (OperandKind::Text, Constant::Text(text)) => Ok(Operand::Text(text.clone())),
        (OperandKind::OptionalText, Constant::Text(text)) => Ok(Operand::OptionalText(Some(text.clone()))),
        _ => {
            let (name, kind_found) = (word.raw.to_owned(), constant.kind());
            let expected = kind.describe();
            Err(blame(word, Problem::WrongConstant { word: info.mnemonic, expected, name, kind: kind_found }))
        }
    }
}

fn count<'a>(
    mnemonic: &'static str,
    kind: OperandKind,
    word: &Word<'a>,
    integer: &Integer,
) -> Result<Operand, Failure<'a>> {
    let number_max = if kind == OperandKind::OptionalCount { OPTIONAL_COUNT_MAX } else { u32::MAX };
    let number = small_number(integer, number_max).ok_or_else(|| {
        blame(word, Problem::NumberTooLarge { word: mnemonic, number_max, found: word.raw.to_owned() })
    })?;
    Ok(if kind == OperandKind::OptionalCount { Operand::OptionalNumber(Some(number)) } else { Operand::Number(number) })
}

/// An integer from 0 to `number_max`.
pub(super) fn small_number(integer: &Integer, number_max: u32) -> Option<u32> {
    match integer {
        Integer::Small(small) => u32::try_from(*small).ok().filter(|number| *number <= number_max),
        Integer::Big(_) => None,
    }
}

pub(super) fn blame<'a>(word: &Word<'a>, problem: Problem) -> Failure<'a> {
    Failure { at: word.raw, problem: Some(problem) }
}

pub(super) fn wrong<'a>(word: &Word<'a>, taker: &'static str, expected: &'static str) -> Failure<'a> {
    blame(word, Problem::WrongOperand { word: taker, expected, found: word.raw.to_owned() })
}
