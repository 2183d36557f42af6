//! Records as JSON objects: in a list, in the `messages` of list pages, or one a line. The input is cut into objects
//! first, so that one of them is held at a time and a broken line costs only itself. Not here: what the fields mean.

use std::borrow::Cow;
use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::TraceError;
use super::field::{FIELDS, Field, content};
use super::record::Builder;

/// How much is read at once.
const BUFFER_BYTES: u64 = 64 << 10;
/// The key of a list page under which its messages are.
const MESSAGES: &[u8] = b"\"messages\"";

/// Reads all records.
pub(super) fn read(input: &mut impl Read, record_bytes: usize, builder: &mut Builder) -> Result<(), TraceError> {
    let mut cutter = Cutter::new(input, record_bytes);
    while let Some(piece) = cutter.next()? {
        match piece.broken {
            Some(reason) => builder.reject(piece.line, &cutter.piece, reason.to_owned())?,
            None => take(piece.line, &cutter.piece, builder)?,
        }
    }
    Ok(())
}

fn take(line: u64, object: &[u8], builder: &mut Builder) -> Result<(), TraceError> {
    let mut reader = serde_json::Deserializer::from_slice(object);
    match FieldsSeed.deserialize(&mut reader) {
        Ok(values) => {
            let fields = std::array::from_fn(|field| content(field, values[field].as_deref()?.as_bytes()));
            builder.take(line, &fields)
        }
        Err(error) => {
            // The place is one within the object.
            let error = error.to_string();
            let words = error.split(" at line ").next().unwrap_or("");
            builder.reject(line, object, format!("is not JSON: {words}"))
        }
    }
}

/// Where the cutter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Between the values of the file.
    Outside,
    /// In a list, perhaps that of a page.
    List { in_page: bool },
    /// In an object that is to be cut out; `in_list` tells what surrounds it.
    Object { in_list: bool, in_page: bool },
    /// In the rest of a page behind its messages.
    RestOfPage,
    /// In something that is no object.
    Junk { in_list: bool, in_page: bool },
}

/// A piece that was cut out, or why it is none.
struct Piece {
    line: u64,
    broken: Option<&'static str>,
}

/// Cuts objects out of an input.
struct Cutter<R> {
    input: R,
    /// What was read of it, and how much of that is used up.
    buffer: Vec<u8>,
    used: usize,
    limit: usize,
    /// The piece that was cut out last, or as much of it as was met.
    piece: Vec<u8>,
    place: Place,
    line: u64,
    /// The line on which the piece begins.
    began: u64,
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// Whether every line is an object: then the end of a line ends a broken one.
    by_line: bool,
}

impl<R: Read> Cutter<R> {
    fn new(input: R, limit: usize) -> Cutter<R> {
        Cutter {
            input,
            buffer: Vec::new(),
            used: 0,
            limit,
            piece: Vec::new(),
            place: Place::Outside,
            line: 1,
            began: 1,
            depth: 0,
            in_string: false,
            escaped: false,
            by_line: false,
        }
    }

    /// The next piece, which is then in `self.piece`.
    fn next(&mut self) -> Result<Option<Piece>, TraceError> {
        self.piece.clear();
        loop {
            if self.used == self.buffer.len() && !self.refill()? {
                return self.end();
            }
            let byte = self.buffer[self.used];
            // A byte that ends junk is looked at again.
            let (found, consumed) = self.step(byte)?;
            if consumed {
                self.line += u64::from(byte == b'\n');
                self.used += 1;
            }
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Reads on; false at the end of the input.
    fn refill(&mut self) -> Result<bool, TraceError> {
        self.buffer.clear();
        self.used = 0;
        let part = self.input.by_ref().take(BUFFER_BYTES).read_to_end(&mut self.buffer);
        part.map_err(|error| TraceError::Unreadable { line: self.line, error })?;
        Ok(!self.buffer.is_empty())
    }

    /// The input is over.
    fn end(&mut self) -> Result<Option<Piece>, TraceError> {
        let place = std::mem::replace(&mut self.place, Place::Outside);
        match place {
            Place::Outside => Ok(None),
            Place::Junk { in_list: false, .. } => Ok(Some(self.broken("is not a JSON object"))),
            Place::Object { in_list: false, .. } if self.by_line => Ok(Some(self.broken("ends within the object"))),
            Place::Object { .. } => {
                Err(TraceError::Json { line: self.began, reason: "the file ends within this object".to_owned() })
            }
            Place::List { .. } | Place::Junk { .. } | Place::RestOfPage => {
                Err(TraceError::Json { line: self.line, reason: "the file ends within the list".to_owned() })
            }
        }
    }

    fn broken(&self, reason: &'static str) -> Piece {
        Piece { line: self.began, broken: Some(reason) }
    }

    /// Goes on by one byte: a piece that it ends, and whether the byte is used up.
    fn step(&mut self, byte: u8) -> Result<(Option<Piece>, bool), TraceError> {
        match self.place {
            Place::Outside => self.between(byte, false, false),
            Place::List { in_page } => self.between(byte, true, in_page),
            Place::Object { in_list, in_page } => self.in_object(byte, in_list, in_page).map(|piece| (piece, true)),
            Place::Junk { in_list, in_page } => self.in_junk(byte, in_list, in_page),
            Place::RestOfPage => {
                self.track(byte);
                if self.depth == 0 {
                    self.place = Place::Outside;
                }
                Ok((None, true))
            }
        }
    }

    /// Between objects.
    fn between(&mut self, byte: u8, in_list: bool, in_page: bool) -> Result<(Option<Piece>, bool), TraceError> {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {}
            b'{' => {
                self.begin();
                self.depth = 1;
                self.piece.push(byte);
                self.place = Place::Object { in_list, in_page };
            }
            b'[' if !in_list => self.place = Place::List { in_page: false },
            b']' if in_list && in_page => {
                self.depth = 1;
                self.place = Place::RestOfPage;
            }
            b']' if in_list => self.place = Place::Outside,
            _ => {
                self.begin();
                self.piece.push(byte);
                self.place = Place::Junk { in_list, in_page };
            }
        }
        Ok((None, true))
    }

    fn begin(&mut self) {
        self.began = self.line;
        self.in_string = false;
        self.escaped = false;
    }

    fn in_object(&mut self, byte: u8, in_list: bool, in_page: bool) -> Result<Option<Piece>, TraceError> {
        if byte == b'\n' && !in_list && (self.by_line || self.in_string) {
            self.by_line = true;
            self.place = Place::Outside;
            return Ok(Some(self.broken("ends within the object")));
        }
        if byte == b'\n' && self.in_string {
            return Err(TraceError::Json { line: self.line, reason: "the line ends within a text".to_owned() });
        }
        if self.piece.len() >= self.limit {
            return Err(TraceError::TooLong { line: self.began, limit: self.limit });
        }
        if byte == b'[' && !in_list && !self.in_string && self.depth == 1 && ends_with_messages(&self.piece) {
            self.piece.clear();
            self.place = Place::List { in_page: true };
            return Ok(None);
        }
        self.piece.push(byte);
        self.track(byte);
        if self.depth > 0 {
            return Ok(None);
        }
        self.by_line |= !in_list && self.began == self.line;
        self.place = if in_list { Place::List { in_page } } else { Place::Outside };
        Ok(Some(Piece { line: self.began, broken: None }))
    }

    fn in_junk(&mut self, byte: u8, in_list: bool, in_page: bool) -> Result<(Option<Piece>, bool), TraceError> {
        let ends = if in_list { matches!(byte, b',' | b']' | b'\n' | b'{') } else { byte == b'\n' };
        if ends {
            self.place = if in_list { Place::List { in_page } } else { Place::Outside };
            return Ok((Some(self.broken("is not a JSON object")), false));
        }
        if self.piece.len() >= self.limit {
            return Err(TraceError::TooLong { line: self.began, limit: self.limit });
        }
        self.piece.push(byte);
        Ok((None, true))
    }

    /// Follows texts and brackets.
    fn track(&mut self, byte: u8) {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }
}

/// Whether the beginning of an object ends with the key of the messages and a colon. The value of a key is never followed
/// by a colon, so it is a key.
fn ends_with_messages(beginning: &[u8]) -> bool {
    let Some(key) = beginning.trim_ascii_end().strip_suffix(b":") else { return false };
    let key = key.trim_ascii_end();
    key.ends_with(MESSAGES) && !key[..key.len() - MESSAGES.len()].ends_with(b"\\")
}

/// The values of the known fields; numbers as texts.
type Values<'de> = [Option<Cow<'de, str>>; FIELDS];

/// Reads the known fields of an object; nested values are passed over.
struct FieldsSeed;

impl<'de> DeserializeSeed<'de> for FieldsSeed {
    type Value = Values<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Values<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FieldsSeed {
    type Value = Values<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Values<'de>, A::Error> {
        let mut values = [const { None }; FIELDS];
        while let Some(key) = map.next_key_seed(TextSeed)? {
            let value = map.next_value_seed(TextSeed)?;
            let field = key.and_then(|key| Field::named(key.as_bytes()));
            if let Some(field) = field
                && values[field as usize].is_none()
            {
                values[field as usize] = value;
            }
        }
        Ok(values)
    }
}

/// Reads a text, or a number as text; nothing from everything else.
struct TextSeed;

impl<'de> DeserializeSeed<'de> for TextSeed {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TextSeed {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(if value { "true" } else { "false" })))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}
