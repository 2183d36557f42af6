//! A serde deserializer over a tree of YAML values, made for good errors.
//!
//! It differs from the one of `serde_yaml` in three ways: errors are data and carry the path they
//! arose at; nodes of the tree can be edited away without touching the tree, so that paths stay
//! those of the file; keys are always text, which number types parse.
//! It neither reports nor mends anything: that is the work of `structural`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{self, DeserializeSeed, Expected, IntoDeserializer, Unexpected, Visitor};
use serde_yaml::Value;

use super::path::Segment;
use super::span_index::cut;
use crate::suggestion;

/// What is wrong, before it is put in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    UnknownField {
        field: String,
        expected: &'static [&'static str],
    },
    MissingField(&'static str),
    DuplicateField(&'static str),
    UnknownVariant {
        variant: String,
        expected: &'static [&'static str],
    },
    /// `found` is in plain words, `expected` in those of serde or of a visitor.
    WrongType {
        found: String,
        expected: String,
    },
    WrongValue {
        found: String,
        expected: String,
    },
    WrongLength {
        found: usize,
        expected: String,
    },
    Custom(String),
}

/// A fault and where it arose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReadError(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    fault: Fault,
    /// Innermost first.
    path: Vec<Segment>,
    at_key: bool,
    exact: bool,
    vague: bool,
    made_up: bool,
}

impl ReadError {
    fn new(fault: Fault) -> Self {
        Self(Box::new(Inner { fault, path: Vec::new(), at_key: false, exact: false, vague: false, made_up: false }))
    }

    pub(super) fn fault(&self) -> &Fault {
        &self.0.fault
    }

    pub(super) fn path(&self) -> Vec<Segment> {
        self.0.path.iter().rev().cloned().collect()
    }

    /// The fault is in the last key of the path and not in its value.
    pub(super) fn at_key(&self) -> bool {
        self.0.at_key
    }

    /// serde read the value at the path as a whole before it looked into it (tagged and untagged
    /// enums, `flatten`): the fault may lie deeper.
    pub(super) fn vague(&self) -> bool {
        self.0.vague
    }

    /// The fault is in a value that [`Edits`] made up.
    pub(super) fn made_up(&self) -> bool {
        self.0.made_up
    }

    fn under(mut self, segment: Segment) -> Self {
        self.0.path.push(segment);
        self
    }

    fn in_key(mut self) -> Self {
        self.0.at_key = true;
        self
    }

    /// The fault arose while the value itself was visited, with nothing buffered.
    fn exactly_here(mut self) -> Self {
        self.0.exact |= self.0.path.is_empty();
        self
    }

    /// Called where the reading of a value ends.
    fn leave(mut self, reader: &Reader<'_>) -> Self {
        let container = matches!(reader.source, Source::Tree(Value::Sequence(_) | Value::Mapping(_)));
        self.0.vague |= container && !self.0.exact && self.0.path.is_empty();
        self
    }

    fn of_placeholder(mut self) -> Self {
        self.0.made_up = true;
        self
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.fault {
            Fault::Custom(message) => f.write_str(message),
            fault => write!(f, "{fault:?}"),
        }
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let message = message.to_string();
        // This is how derived code with `flatten` and `deny_unknown_fields` says it.
        let field = message.strip_prefix("unknown field `").and_then(|rest| rest.strip_suffix('`'));
        Self::new(match field {
            Some(field) => Fault::UnknownField { field: field.to_owned(), expected: &[] },
            None => Fault::Custom(message),
        })
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let (found, expected) = (in_words(found), expected.to_string());
        Self::new(Fault::WrongType { found, expected })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let (found, expected) = (in_words(found), expected.to_string());
        Self::new(Fault::WrongValue { found, expected })
    }

    fn invalid_length(found: usize, expected: &dyn Expected) -> Self {
        Self::new(Fault::WrongLength { found, expected: expected.to_string() })
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Fault::UnknownVariant { variant: variant.to_owned(), expected })
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Fault::UnknownField { field: field.to_owned(), expected })
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Fault::MissingField(field))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(Fault::DuplicateField(field))
    }
}

/// A value in the words that an error would use for it.
pub(super) fn value_in_words(value: &Value) -> String {
    let number = |number: &serde_yaml::Number| match (number.as_u64(), number.as_i64()) {
        (Some(number), _) => Unexpected::Unsigned(number),
        (None, Some(number)) => Unexpected::Signed(number),
        _ => Unexpected::Float(number.as_f64().unwrap_or_default()),
    };
    in_words(match value {
        Value::Null => Unexpected::Unit,
        Value::Bool(value) => Unexpected::Bool(*value),
        Value::Number(value) => number(value),
        Value::String(text) => Unexpected::Str(text),
        Value::Sequence(_) => Unexpected::Seq,
        Value::Mapping(_) => Unexpected::Map,
        Value::Tagged(tagged) => return value_in_words(&tagged.value),
    })
}

fn in_words(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Unsigned(number) => format!("the number `{number}`"),
        Unexpected::Signed(number) => format!("the number `{number}`"),
        Unexpected::Float(number) => format!("the number `{number}`"),
        Unexpected::Char(text) => format!("the text `{text}`"),
        Unexpected::Str(text) => format!("the text `{}`", cut(text)),
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a mapping".to_owned(),
        Unexpected::UnitVariant => "a name alone".to_owned(),
        Unexpected::Other(words) => words.to_owned(),
        other => other.to_string(),
    }
}

/// How a node is read instead of as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    /// As a harmless value of whatever type is wanted, to go on behind a value that is wrong.
    Placeholder,
    /// Not at all.
    Excised,
    /// As the text [`SENTINEL`], to learn what the node is used for.
    Sentinel,
}

/// A text that is no name of anything.
pub(super) const SENTINEL: &str = "\u{0}sentinel";

/// Edits of a tree, kept beside it.
///
/// Nodes are known by their address. The tree does not change while edits of it exist, and the
/// addresses are compared, never followed and never ordered.
#[derive(Debug, Clone, Default)]
pub(super) struct Edits {
    nodes: BTreeMap<*const Value, Edit>,
    /// Keys added to mappings, each with a placeholder.
    added: BTreeMap<*const Value, BTreeSet<&'static str>>,
}

impl Edits {
    pub(super) fn get(&self, node: &Value) -> Option<Edit> {
        self.nodes.get(&std::ptr::from_ref(node)).copied()
    }

    pub(super) fn set(&mut self, node: &Value, edit: Edit) -> Option<Edit> {
        self.nodes.insert(std::ptr::from_ref(node), edit)
    }

    pub(super) fn unset(&mut self, node: &Value) {
        self.nodes.remove(&std::ptr::from_ref(node));
    }

    /// Adds a key to a mapping; false if it is there.
    pub(super) fn add(&mut self, mapping: &Value, key: &'static str) -> bool {
        let added = self.added.entry(std::ptr::from_ref(mapping)).or_default();
        added.insert(key)
    }

    pub(super) fn take_back(&mut self, mapping: &Value, key: &'static str) {
        if let Some(added) = self.added.get_mut(&std::ptr::from_ref(mapping)) {
            added.remove(key);
        }
    }

    fn added(&self, mapping: &Value) -> Vec<&'static str> {
        let added = self.added.get(&std::ptr::from_ref(mapping));
        added.map_or_else(Vec::new, |keys| keys.iter().copied().collect())
    }
}

/// Reads a `T` from the tree as edited.
pub(super) fn read<'a, T: de::Deserialize<'a>>(tree: &'a Value, edits: &'a Edits) -> Result<T, ReadError> {
    let reader = Reader::new(tree, edits);
    T::deserialize(reader).map_err(|error| error.leave(&reader))
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    source: Source<'a>,
    edits: &'a Edits,
}

#[derive(Clone, Copy)]
enum Source<'a> {
    Tree(&'a Value),
    Placeholder,
    Sentinel,
}

impl<'a> Reader<'a> {
    /// The reader of a node that is not excised.
    fn new(value: &'a Value, edits: &'a Edits) -> Self {
        let source = match edits.get(value) {
            Some(Edit::Placeholder) => Source::Placeholder,
            Some(Edit::Sentinel) => Source::Sentinel,
            Some(Edit::Excised) | None => Source::Tree(value),
        };
        Self { source, edits }
    }

    fn visit<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.source {
            // Quantities of every kind can be read from a one; as a whole number it would be the index of a variant.
            Source::Placeholder => visitor.visit_f64(1.0).map_err(ReadError::of_placeholder),
            Source::Sentinel => visitor.visit_str(SENTINEL),
            Source::Tree(value) => self.visit_tree(value, visitor),
        }
    }

    fn visit_exact<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.visit(visitor).map_err(ReadError::exactly_here)
    }

    fn visit_tree<V: Visitor<'a>>(self, value: &'a Value, visitor: V) -> Result<V::Value, ReadError> {
        match value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => visit_number(number, visitor),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Sequence(list) => visit_list(list, self.edits, visitor),
            Value::Mapping(_) => visit_mapping(value, self.edits, visitor),
            Value::Tagged(tagged) => Reader::new(&tagged.value, self.edits).visit(visitor),
        }
    }

    /// Reads a node that holds nothing as an empty collection.
    fn visit_collection<V: Visitor<'a>>(self, visitor: V, list: bool) -> Result<V::Value, ReadError> {
        match self.source {
            Source::Placeholder | Source::Tree(Value::Null) if list => visit_list(&[], self.edits, visitor),
            Source::Placeholder => {
                let empty = de::value::MapDeserializer::new(std::iter::empty::<(&str, &str)>());
                visitor.visit_map(empty).map_err(ReadError::of_placeholder)
            }
            Source::Tree(value @ Value::Null) => visit_mapping(value, self.edits, visitor),
            _ => self.visit(visitor),
        }
    }
}

fn visit_number<'a, V: Visitor<'a>>(number: &serde_yaml::Number, visitor: V) -> Result<V::Value, ReadError> {
    match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(number), _, _) => visitor.visit_u64(number),
        (_, Some(number), _) => visitor.visit_i64(number),
        (_, _, Some(number)) => visitor.visit_f64(number),
        _ => Err(de::Error::custom("this number cannot be represented")),
    }
}

fn visit_list<'a, V: Visitor<'a>>(list: &'a [Value], edits: &'a Edits, visitor: V) -> Result<V::Value, ReadError> {
    let mut elements = Elements { rest: list.iter().enumerate(), edits };
    let value = visitor.visit_seq(&mut elements)?;
    if elements.next().is_some() {
        return Err(de::Error::invalid_length(list.len(), &"a shorter list"));
    }
    Ok(value)
}

struct Elements<'a> {
    rest: std::iter::Enumerate<std::slice::Iter<'a, Value>>,
    edits: &'a Edits,
}

impl<'a> Elements<'a> {
    fn next(&mut self) -> Option<(usize, &'a Value)> {
        let edits = self.edits;
        self.rest.find(|(_, value)| edits.get(value) != Some(Edit::Excised))
    }
}

impl<'a> de::SeqAccess<'a> for &mut Elements<'a> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, ReadError> {
        let Some((index, value)) = self.next() else {
            return Ok(None);
        };
        let reader = Reader::new(value, self.edits);
        seed.deserialize(reader).map(Some).map_err(|error| error.leave(&reader).under(Segment::Index(index)))
    }
}

fn visit_mapping<'a, V: Visitor<'a>>(mapping: &'a Value, edits: &'a Edits, visitor: V) -> Result<V::Value, ReadError> {
    visitor.visit_map(Entries {
        rest: mapping.as_mapping().map(|entries| entries.iter()),
        added: edits.added(mapping).into_iter(),
        current: None,
        edits,
    })
}

struct Entries<'a> {
    rest: Option<serde_yaml::mapping::Iter<'a>>,
    added: std::vec::IntoIter<&'static str>,
    /// The entry whose key has been read.
    current: Option<(&'a str, Reader<'a>)>,
    edits: &'a Edits,
}

impl<'a> Entries<'a> {
    fn next(&mut self) -> Option<(&'a str, Reader<'a>)> {
        let edits = self.edits;
        let kept = self.rest.as_mut().and_then(|rest| rest.find(|(_, value)| edits.get(value) != Some(Edit::Excised)));
        match kept {
            Some((key, value)) => Some((key.as_str().unwrap_or(""), Reader::new(value, edits))),
            None => self.added.next().map(|key| {
                let source = Source::Placeholder;
                (key, Reader { source, edits })
            }),
        }
    }
}

impl<'a> de::MapAccess<'a> for Entries<'a> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        self.current = self.next();
        let Some((key, _)) = self.current else {
            return Ok(None);
        };
        seed.deserialize(Key(key)).map(Some).map_err(|error| error.in_key().under(Segment::Key(key.to_owned())))
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let Some((key, reader)) = self.current.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        seed.deserialize(reader).map_err(|error| error.leave(&reader).under(Segment::Key(key.to_owned())))
    }
}

macro_rules! placeholder_number {
    ($($method:ident $visit:ident $value:expr;)*) => {$(
        fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
            match self.source {
                Source::Placeholder => visitor.$visit($value).map_err(ReadError::of_placeholder),
                _ => self.visit_exact(visitor),
            }
        }
    )*};
}

impl<'a> de::Deserializer<'a> for Reader<'a> {
    type Error = ReadError;

    placeholder_number! {
        deserialize_bool visit_bool false;
        deserialize_i8 visit_u64 1;
        deserialize_i16 visit_u64 1;
        deserialize_i32 visit_u64 1;
        deserialize_i64 visit_u64 1;
        deserialize_i128 visit_u64 1;
        deserialize_u8 visit_u64 1;
        deserialize_u16 visit_u64 1;
        deserialize_u32 visit_u64 1;
        deserialize_u64 visit_u64 1;
        deserialize_u128 visit_u64 1;
        deserialize_f32 visit_f64 1.0;
        deserialize_f64 visit_f64 1.0;
        deserialize_char visit_char 'x';
        deserialize_str visit_str "x";
        deserialize_string visit_str "x";
    }

    /// What serde reads here it may buffer and judge later, so the fault may lie deeper.
    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.visit(visitor)
    }

    fn deserialize_identifier<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.visit_exact(visitor)
    }

    fn deserialize_bytes<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.visit_exact(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.visit_exact(visitor)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.source {
            Source::Placeholder | Source::Tree(Value::Null) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.visit_exact(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'a>>(self, _name: &'static str, visitor: V) -> Result<V::Value, ReadError> {
        self.visit_exact(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.visit_collection(visitor, true).map_err(ReadError::exactly_here)
    }

    fn deserialize_tuple<V: Visitor<'a>>(self, len: usize, visitor: V) -> Result<V::Value, ReadError> {
        if let Source::Tree(Value::Sequence(list)) = self.source
            && list.len() > len
        {
            let error: ReadError = de::Error::invalid_length(list.len(), &visitor);
            return Err(error.exactly_here());
        }
        self.visit_exact(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'a>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.visit_exact(visitor)
    }

    fn deserialize_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.visit_collection(visitor, false)
    }

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        if let Source::Tree(Value::Sequence(_)) = self.source {
            // Derived code would take the values of a list for the fields in order.
            let error: ReadError = de::Error::invalid_type(Unexpected::Seq, &visitor);
            return Err(error.exactly_here());
        }
        self.visit_collection(visitor, false).map_err(ReadError::exactly_here)
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        match self.source {
            Source::Placeholder => {
                let name = variants.first().copied().unwrap_or_default();
                visitor.visit_enum(Variant { name, content: None }).map_err(ReadError::of_placeholder)
            }
            Source::Sentinel => visitor.visit_enum(Variant { name: SENTINEL, content: None }),
            Source::Tree(Value::String(name)) => visitor.visit_enum(Variant { name, content: None }),
            Source::Tree(value) => match only_entry(value) {
                Some((name, content)) => {
                    let content = Some(Reader::new(content, self.edits));
                    visitor.visit_enum(Variant { name, content })
                }
                None => {
                    let words = suggestion::list("one of", variants).unwrap_or_else(|| "a name".to_owned());
                    let found = value_in_words(value);
                    Err(ReadError::new(Fault::WrongType { found, expected: words }).exactly_here())
                }
            },
        }
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_unit()
    }
}

fn only_entry(value: &Value) -> Option<(&str, &Value)> {
    let mapping = value.as_mapping().filter(|mapping| mapping.len() == 1)?;
    let (key, content) = mapping.iter().next()?;
    Some((key.as_str()?, content))
}

/// A variant of an enum: its name, or a mapping from its name to its content.
struct Variant<'a> {
    name: &'a str,
    content: Option<Reader<'a>>,
}

impl<'a> de::EnumAccess<'a> for Variant<'a> {
    type Error = ReadError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'a>>(self, seed: V) -> Result<(V::Value, Self), ReadError> {
        let name = seed.deserialize(Key(self.name)).map_err(|error| match self.content {
            Some(_) => error.in_key().under(Segment::Key(self.name.to_owned())),
            None => error,
        })?;
        Ok((name, self))
    }
}

impl<'a> Variant<'a> {
    fn with_content<T>(
        self,
        expected: &str,
        read: impl FnOnce(Reader<'a>) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        match self.content {
            Some(content) => {
                read(content).map_err(|error| error.leave(&content).under(Segment::Key(self.name.to_owned())))
            }
            None => Err(de::Error::invalid_type(Unexpected::UnitVariant, &expected)),
        }
    }
}

impl<'a> de::VariantAccess<'a> for Variant<'a> {
    type Error = ReadError;

    fn unit_variant(self) -> Result<(), ReadError> {
        match self.content {
            None => Ok(()),
            Some(_) => self.with_content("a name alone", de::Deserialize::deserialize),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'a>>(self, seed: T) -> Result<T::Value, ReadError> {
        self.with_content("a name with its value", |content| seed.deserialize(content))
    }

    fn tuple_variant<V: Visitor<'a>>(self, len: usize, visitor: V) -> Result<V::Value, ReadError> {
        self.with_content("a name with a list", |content| de::Deserializer::deserialize_tuple(content, len, visitor))
    }

    fn struct_variant<V: Visitor<'a>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.with_content("a name with a mapping", |content| {
            de::Deserializer::deserialize_struct(content, "", fields, visitor)
        })
    }
}

/// The key of a mapping, which is text in the tree; number types parse it.
#[derive(Clone, Copy)]
struct Key<'a>(&'a str);

macro_rules! parsed_key {
    ($($method:ident $visit:ident $type:ty;)*) => {$(
        fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
            match self.0.parse::<$type>() {
                Ok(value) => visitor.$visit(value),
                Err(_) => visitor.visit_borrowed_str(self.0),
            }
        }
    )*};
}

impl<'a> de::Deserializer<'a> for Key<'a> {
    type Error = ReadError;

    parsed_key! {
        deserialize_bool visit_bool bool;
        deserialize_i8 visit_i64 i64;
        deserialize_i16 visit_i64 i64;
        deserialize_i32 visit_i64 i64;
        deserialize_i64 visit_i64 i64;
        deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u64 u64;
        deserialize_u16 visit_u64 u64;
        deserialize_u32 visit_u64 u64;
        deserialize_u64 visit_u64 u64;
        deserialize_u128 visit_u128 u128;
        deserialize_f32 visit_f64 f64;
        deserialize_f64 visit_f64 f64;
    }

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'a>>
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}
