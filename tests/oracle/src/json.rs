//! JSON, read and written the plain way.

use num_bigint::BigInt;
use ttvm_isa::{Fault, limits};

use crate::{
    text::Debugged,
    value::{Object, Value},
};

/// Reads one JSON value.
pub(crate) fn parse(text: &str) -> Result<Value, Fault> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.skip_space();
    if reader.at < text.len() { Err(reader.problem("something after the value")) } else { Ok(value) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn problem(&self, what: &str) -> Fault {
        let before = &self.text[..self.at];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|character| *character != '\n').count() + 1;
        Fault::Json { error: format!("{what} at line {line} column {column}") }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        let space = self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\r', '\n']).len();
        self.at += space;
    }

    fn take(&mut self, word: &str) -> bool {
        let is_there = self.rest().starts_with(word);
        self.at += if is_there { word.len() } else { 0 };
        is_there
    }

    fn value(&mut self, depth: usize) -> Result<Value, Fault> {
        if depth > limits::JSON_DEPTH_MAX {
            return Err(self.problem("nested too deeply"));
        }
        self.skip_space();
        match self.rest().chars().next() {
            Some('{') => self.object(depth),
            Some('[') => self.list(depth),
            Some('"') => self.string().map(Value::str),
            Some('-' | '0'..='9') => self.number(),
            _ if self.take("true") => Ok(Value::Bool(true)),
            _ if self.take("false") => Ok(Value::Bool(false)),
            _ if self.take("null") => Ok(Value::Null),
            _ => Err(self.problem("no value")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Fault> {
        self.take("{");
        let mut object = Object::default();
        self.skip_space();
        if self.take("}") {
            return Ok(Value::Object(object.into()));
        }
        loop {
            self.skip_space();
            let name = self.string()?;
            self.skip_space();
            if !self.take(":") {
                return Err(self.problem("no colon"));
            }
            object.set(&name, self.value(depth + 1)?);
            self.skip_space();
            if self.take("}") {
                return Ok(Value::Object(object.into()));
            }
            if !self.take(",") {
                return Err(self.problem("neither comma nor closing brace"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, Fault> {
        self.take("[");
        let mut items = Vec::new();
        self.skip_space();
        if self.take("]") {
            return Ok(Value::list(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if self.take("]") {
                return Ok(Value::list(items));
            }
            if !self.take(",") {
                return Err(self.problem("neither comma nor closing bracket"));
            }
        }
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let count = self.rest().chars().take_while(char::is_ascii_digit).count();
        self.at += count;
        if count == 0 { Err(self.problem("no digit")) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let start = self.at;
        self.take("-");
        if !self.take("0") {
            self.digits()?;
        }
        let mut is_float = false;
        if self.take(".") {
            is_float = true;
            self.digits()?;
        }
        if self.take("e") || self.take("E") {
            is_float = true;
            let _ = self.take("+") || self.take("-");
            self.digits()?;
        }
        let text = &self.text[start..self.at];
        if is_float {
            let float: f64 = text.parse().expect("JSON's floats are Rust's");
            return if float.is_finite() { Ok(Value::Float(float)) } else { Err(self.problem("too large a number")) };
        }
        Ok(Value::Int(text.parse::<BigInt>().expect("JSON's ints are decimal")))
    }

    fn string(&mut self) -> Result<String, Fault> {
        if !self.take("\"") {
            return Err(self.problem("no string"));
        }
        let mut string = String::new();
        loop {
            let Some(character) = self.rest().chars().next() else { return Err(self.problem("an open string")) };
            self.at += character.len_utf8();
            match character {
                '"' => return Ok(string),
                '\\' => string.push(self.escape()?),
                '\0'..='\u{1F}' => return Err(self.problem("a control character in a string")),
                other => string.push(other),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let Some(character) = self.rest().chars().next() else { return Err(self.problem("an open string")) };
        self.at += character.len_utf8();
        Ok(match character {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{C}',
            '"' | '\\' | '/' => character,
            'u' => return self.unicode_escape(),
            _ => return Err(self.problem("an unknown escape")),
        })
    }

    fn four_digits(&mut self) -> Result<u32, Fault> {
        let digits = self.rest().get(..4).filter(|digits| digits.chars().all(|digit| digit.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let number = number.ok_or_else(|| self.problem("no four hexadecimal digits"))?;
        self.at += 4;
        Ok(number)
    }

    fn unicode_escape(&mut self) -> Result<char, Fault> {
        let mut number = self.four_digits()?;
        if (0xD800..0xDC00).contains(&number) && self.take("\\u") {
            let low = self.four_digits()?;
            if !(0xDC00..0xE000).contains(&low) {
                return Err(self.problem("half a surrogate pair"));
            }
            number = 0x10000 + ((number - 0xD800) << 10) + (low - 0xDC00);
        }
        char::from_u32(number).ok_or_else(|| self.problem("half a surrogate pair"))
    }
}

/// Writes a value as compact JSON.
pub(crate) fn stringify(value: &Value) -> Result<String, Fault> {
    let mut text = String::new();
    write(&mut text, value, 0)?;
    Ok(text)
}

fn refused(what: &str) -> Fault {
    Fault::Json { error: format!("{what} has no JSON form") }
}

fn write(text: &mut String, value: &Value, depth: usize) -> Result<(), Fault> {
    let is_container =
        matches!(value, Value::List(_) | Value::I64Array(_) | Value::F64Array(_) | Value::Object(_) | Value::Map(_));
    if is_container && depth >= limits::JSON_DEPTH_MAX {
        return Err(Fault::Json { error: format!("nested deeper than {} levels", limits::JSON_DEPTH_MAX) });
    }
    match value {
        Value::Int(int) => text.push_str(&int.to_string()),
        Value::Float(float) => write_float(text, *float)?,
        Value::Bool(bool) => text.push_str(if *bool { "true" } else { "false" }),
        Value::Null => text.push_str("null"),
        Value::Str(string) => write_string(text, string),
        Value::List(items) => write_items(text, items.iter().cloned(), depth)?,
        Value::I64Array(array) => write_items(text, array.iter().copied().map(Value::int), depth)?,
        Value::F64Array(array) => write_items(text, array.iter().copied().map(Value::Float), depth)?,
        Value::Object(object) => write_fields(text, object.iter().map(|(name, value)| (name.as_str(), value)), depth)?,
        Value::Map(map) => {
            let mut fields = Vec::new();
            for (key, value) in map.iter() {
                let Value::Str(name) = &key.0 else {
                    return Err(refused(&format!("a map with the key {}, which is no string,", Debugged(&key.0))));
                };
                fields.push((name.as_str(), value));
            }
            write_fields(text, fields.into_iter(), depth)?;
        }
        Value::Bytes(_) | Value::Pid(_) | Value::Reference(_) | Value::Function(_) | Value::Exception(_) => {
            return Err(refused(&format!("a value of type {}", value.type_name())));
        }
    }
    Ok(())
}

/// Floats keep a fraction or an exponent, so that reading them gives floats again.
fn write_float(text: &mut String, float: f64) -> Result<(), Fault> {
    if !float.is_finite() {
        return Err(refused(&format!("the float {float}")));
    }
    let scientific = format!("{float:e}");
    let (digits, exponent) = scientific.split_once('e').expect("scientific notation has an exponent");
    let exponent: i32 = exponent.parse().expect("an exponent is a small int");
    if float != 0.0 && !(-5..=15).contains(&exponent) {
        text.push_str(&format!("{digits}e{exponent:+}"));
        return Ok(());
    }
    let plain = float.to_string();
    text.push_str(&plain);
    text.push_str(if plain.contains('.') { "" } else { ".0" });
    Ok(())
}

fn write_items(text: &mut String, items: impl Iterator<Item = Value>, depth: usize) -> Result<(), Fault> {
    text.push('[');
    for (index, item) in items.enumerate() {
        text.push_str(if index > 0 { "," } else { "" });
        write(text, &item, depth + 1)?;
    }
    text.push(']');
    Ok(())
}

fn write_fields<'a>(
    text: &mut String,
    fields: impl Iterator<Item = (&'a str, &'a Value)>,
    depth: usize,
) -> Result<(), Fault> {
    text.push('{');
    for (index, (name, value)) in fields.enumerate() {
        text.push_str(if index > 0 { "," } else { "" });
        write_string(text, name);
        text.push(':');
        write(text, value, depth + 1)?;
    }
    text.push('}');
    Ok(())
}

fn write_string(text: &mut String, string: &str) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{C}' => text.push_str("\\f"),
            '\0'..='\u{1F}' => text.push_str(&format!("\\u{:04x}", u32::from(character))),
            other => text.push(other),
        }
    }
    text.push('"');
}
