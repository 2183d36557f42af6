//! A YAML document: its text, its tree of values and where in the text each of them stands.
//!
//! Reading goes in three steps. A walk over the text refuses what is malformed or too large and
//! notes every position ([`Document::parse`]); `serde_yaml` builds the tree of values; and
//! [`Document::deserialize`] turns the tree into a typed value, or into all errors at once.
//! Later checks report through [`Document::error`] and its like, by path.
//! This file knows the form of a document and nothing of what scenarios mean.

use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_yaml::{Mapping, Value};

use super::diagnostic::{Diagnostic, Severity, render};
use super::path::{self, Segment};
use super::span_index::{Cursor, Location, SpanIndex};
use super::structural;
use crate::suggestion;

/// Largest file in bytes.
pub const FILE_BYTES_MAX: usize = 16 << 20;

/// A well-formed YAML document.
#[derive(Debug)]
pub struct Document {
    name: String,
    text: String,
    index: SpanIndex,
    tree: Value,
    /// Paths whose values do not come from the text.
    set: Vec<Vec<Segment>>,
}

/// A file that cannot be read as a YAML document, with what is needed to show why.
#[derive(Debug)]
pub struct Rejected {
    /// The name of the file.
    pub name: String,
    /// Its text; bytes that are not UTF-8 are replaced, and a file that is too large is left out.
    pub text: String,
    /// Why, at least one.
    pub diagnostics: Vec<Diagnostic>,
}

impl Rejected {
    /// The findings as text, see [`render`].
    pub fn render(&self, color: bool) -> String {
        render(&self.name, &self.text, &self.diagnostics, color)
    }
}

impl Document {
    /// Reads the bytes of a file; `name` is used in messages only.
    ///
    /// A byte-order mark is accepted; it does not count in spans. Anchors, aliases and merge keys
    /// (`<<`) are followed. All keys become text, as written.
    ///
    /// # Errors
    /// [`Rejected`], if the file is larger than [`FILE_BYTES_MAX`], not UTF-8, empty, not valid
    /// YAML, nested deeper than 64 levels, holds more than 1,000,000 values or 64 MiB of text
    /// (aliases followed), a duplicate key, a second document, a key that is not plain text, an
    /// unknown anchor or a tag that is not one of YAML's own.
    pub fn parse(name: &str, bytes: Vec<u8>) -> Result<Self, Rejected> {
        let rejected = |text, diagnostics| Rejected { name: name.to_owned(), text, diagnostics };
        if bytes.len() > FILE_BYTES_MAX {
            return Err(rejected(String::new(), vec![too_large(bytes.len())]));
        }
        let mut text = String::from_utf8(bytes).map_err(|error| {
            let finding = not_utf8(error.as_bytes(), error.utf8_error().valid_up_to());
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            rejected(text, vec![finding])
        })?;
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let index = match SpanIndex::build(&text) {
            Ok(index) => index,
            Err(findings) => return Err(rejected(text, findings)),
        };
        match build_tree(&text, &index) {
            Ok(tree) => Ok(Self { name: name.to_owned(), text, index, tree, set: Vec::new() }),
            Err(findings) => Err(rejected(text, findings)),
        }
    }

    /// The name given to [`Document::parse`].
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text that spans count in, without byte-order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value at a path, as it stands after [`Document::set`].
    pub fn value(&self, path: &str) -> Option<&Value> {
        self.node(&path::parse(path).ok()?)
    }

    /// The keys of the mapping at a path in the order of the file, those of merge keys last; none
    /// if there is no mapping.
    pub fn key_order(&self, path: &str) -> Vec<String> {
        let keys = self.value(path).and_then(Value::as_mapping);
        keys.into_iter().flat_map(Mapping::keys).filter_map(|key| key.as_str().map(str::to_owned)).collect()
    }

    /// Reads the document as a `T`, or finds everything that keeps it from being one.
    ///
    /// The value is there exactly if there are no findings. See the module `structural` for how
    /// all errors are found, at most 50.
    pub fn deserialize<T: DeserializeOwned>(&self) -> (Option<T>, Vec<Diagnostic>) {
        self.deserialize_with(&[])
    }

    /// As [`Document::deserialize`], with hints for unknown keys that users may well expect:
    /// pairs of key and hint.
    pub fn deserialize_with<T: DeserializeOwned>(&self, planned: &[(&str, &str)]) -> (Option<T>, Vec<Diagnostic>) {
        structural::deserialize(self, planned)
    }

    /// Reads a `T` from a tree that was made from the value at `path` and what it stands for; findings are shown where the
    /// document has what they are about, or at the nearest place around it.
    pub(super) fn deserialize_under<T: DeserializeOwned>(
        &self,
        path: &[Segment],
        tree: &Value,
    ) -> (Option<T>, Vec<Diagnostic>) {
        structural::deserialize_under(self, tree, path)
    }

    /// Puts a value, written in YAML, in the place of another one.
    ///
    /// The last key of the path may be a new one; all before it must exist.
    ///
    /// # Errors
    /// Says in plain words what is wrong with the path or the value.
    pub fn set(&mut self, path: &str, yaml_value: &str) -> Result<(), String> {
        let segments = path::parse(path)?;
        let Some((last, parents)) = segments.split_last() else {
            return Err("the path is empty".to_owned());
        };
        let value = Self::parse(path, yaml_value.into()).map_err(|rejected| wrong_value(yaml_value, &rejected))?.tree;
        let mut node = &mut self.tree;
        for (depth, segment) in parents.iter().enumerate() {
            node = step(node, segment, &parents[..depth])?;
        }
        match (last, &mut *node) {
            (Segment::Key(key), Value::Mapping(mapping)) => {
                mapping.insert(Value::String(key.clone()), value);
            }
            (Segment::Key(key), Value::Null) => {
                let entry = (Value::String(key.clone()), value);
                *node = Value::Mapping(Mapping::from_iter([entry]));
            }
            _ => *step(node, last, parents)? = value,
        }
        self.set.push(segments);
        Ok(())
    }

    /// An error in the value at a path, or in the nearest one above it that is written.
    pub fn error(&self, path: &str, message: impl Into<String>) -> Diagnostic {
        self.finding(Severity::Error, path, message.into(), false)
    }

    /// An error in the key at a path.
    pub fn key_error(&self, path: &str, message: impl Into<String>) -> Diagnostic {
        self.finding(Severity::Error, path, message.into(), true)
    }

    /// A warning about the value at a path.
    pub fn warning(&self, path: &str, message: impl Into<String>) -> Diagnostic {
        self.finding(Severity::Warning, path, message.into(), false)
    }

    /// A warning about the key at a path.
    pub fn key_warning(&self, path: &str, message: impl Into<String>) -> Diagnostic {
        self.finding(Severity::Warning, path, message.into(), true)
    }

    /// A note about the value at a path.
    pub fn note(&self, path: &str, message: impl Into<String>) -> Diagnostic {
        self.finding(Severity::Note, path, message.into(), false)
    }

    /// Where the value at a path stands, to be related to another finding; none for values that
    /// are not written in the text.
    pub fn span(&self, path: &str) -> Option<Range<usize>> {
        let segments = path::parse(path).ok()?;
        Some(self.value_span(&self.location(&segments)?))
    }

    fn finding(&self, severity: Severity, path: &str, message: String, key: bool) -> Diagnostic {
        let mut finding = Diagnostic::new(severity, path, message);
        let Ok(segments) = path::parse(path) else {
            return finding;
        };
        if self.is_set(&segments) {
            return finding;
        }
        if let Some(location) = self.location(&segments) {
            finding.span = Some(match location.key.clone() {
                Some(bytes) if key => bytes,
                _ => self.value_span(&location),
            });
            if let Some(origin) = location.origin.filter(|_| !key) {
                finding = finding.related(origin, "which stands for this");
            }
            return finding;
        }
        let above = (0..segments.len()).rev().map(|len| &segments[..len]);
        let location = above.filter_map(|segments| self.location(segments)).next();
        finding.span = location.map(|at| at.key.or(at.first_key).unwrap_or(at.value));
        finding
    }

    /// The value, or its key if the value begins on a later line.
    fn value_span(&self, location: &Location) -> Range<usize> {
        match &location.key {
            Some(key) if self.text[key.end..location.value.start.max(key.end)].contains('\n') => key.clone(),
            _ => location.value.clone(),
        }
    }

    /// Where a value stands, if it is written in the text.
    pub(super) fn location(&self, path: &[Segment]) -> Option<Location> {
        if self.is_set(path) {
            return None;
        }
        self.index.find(path)
    }

    fn is_set(&self, path: &[Segment]) -> bool {
        self.set.iter().any(|set| path.starts_with(set))
    }

    pub(super) fn tree(&self) -> &Value {
        &self.tree
    }

    /// Number of values in the text, aliases followed.
    pub(super) fn size(&self) -> usize {
        self.index.expanded()
    }

    fn node(&self, path: &[Segment]) -> Option<&Value> {
        node(&self.tree, path)
    }
}

/// The node of a tree at a path.
pub(super) fn node<'a>(tree: &'a Value, path: &[Segment]) -> Option<&'a Value> {
    path.iter().try_fold(tree, child)
}

fn child<'a>(node: &'a Value, segment: &Segment) -> Option<&'a Value> {
    match segment {
        Segment::Key(key) => node.as_mapping()?.get(key.as_str()),
        Segment::Index(index) => node.as_sequence()?.get(*index),
    }
}

fn step<'a>(node: &'a mut Value, segment: &Segment, above: &[Segment]) -> Result<&'a mut Value, String> {
    let place = match above {
        [] => "the document".to_owned(),
        above => format!("`{}`", path::format(above)),
    };
    match (segment, node) {
        (Segment::Key(key), Value::Mapping(mapping)) => {
            let known: Vec<String> = mapping.keys().filter_map(|key| key.as_str().map(str::to_owned)).collect();
            mapping.get_mut(key.as_str()).ok_or_else(|| {
                let hint = suggestion::closest(key, known.iter().map(String::as_str))
                    .map(|name| format!("; did you mean `{name}`?"));
                format!("{place} has no key `{key}`{}", hint.unwrap_or_default())
            })
        }
        (Segment::Index(index), Value::Sequence(list)) => {
            let len = list.len();
            list.get_mut(*index).ok_or_else(|| format!("{place} has {len} elements, counted from 0: no [{index}]"))
        }
        (Segment::Key(key), _) => Err(format!("{place} is not a mapping: no key `{key}`")),
        (Segment::Index(index), _) => Err(format!("{place} is not a list: no [{index}]")),
    }
}

fn wrong_value(value: &str, rejected: &Rejected) -> String {
    if value.trim().is_empty() {
        return "the value is empty; write `null` for nothing and `''` for an empty text".to_owned();
    }
    let why = rejected.diagnostics.first().map_or("", |d| d.message.as_str());
    format!("the value cannot be read: {why}")
}

fn too_large(bytes: usize) -> Diagnostic {
    let message =
        format!("the file has {bytes} bytes; at most {FILE_BYTES_MAX} ({} MiB) are read", FILE_BYTES_MAX >> 20);
    Diagnostic::new(Severity::Error, "", message)
}

fn not_utf8(bytes: &[u8], at: usize) -> Diagnostic {
    let line = 1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count();
    let message = format!("the file is not UTF-8: byte {at} (from 0), on line {line}, begins no character");
    let hint = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "this looks like UTF-16: save the file as UTF-8",
        _ => "save the file as UTF-8",
    };
    // The bytes before it are the same in the text where bad ones are replaced, each by 3 bytes.
    Diagnostic::new(Severity::Error, "", message).at(at..at + char::REPLACEMENT_CHARACTER.len_utf8()).hint(hint)
}

/// Builds the tree by `serde_yaml`, makes all keys text and applies merge keys.
fn build_tree(text: &str, index: &SpanIndex) -> Result<Value, Vec<Diagnostic>> {
    let tree: Value = serde_yaml::from_str(text).map_err(|error| vec![refused(text, &error)])?;
    let mut findings = Vec::new();
    let tree = settle(tree, index.cursor(), &mut findings);
    if findings.is_empty() { Ok(tree) } else { Err(findings) }
}

fn refused(text: &str, error: &serde_yaml::Error) -> Diagnostic {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    // Whole numbers beyond 64 bits are read, but there is no value for them.
    let too_large = message.contains(" as u128") || message.contains(" as i128");
    let finding = match message.split('`').nth(1).filter(|_| too_large) {
        Some(number) => Diagnostic::new(Severity::Error, "", format!("the number `{number}` is too large"))
            .hint(format!("whole numbers go from {} to {}", i64::MIN, u64::MAX)),
        None => Diagnostic::new(Severity::Error, "", format!("this is not valid YAML: {message}")),
    };
    let Some(location) = error.location() else {
        return finding;
    };
    // In bytes, and not by line and column: a lone carriage return ends a line for this reader and for nobody else.
    let start = text.floor_char_boundary(location.index());
    let end = start + text[start..].chars().next().map_or(0, char::len_utf8);
    finding.at(start..end)
}

/// Walks over tree and index in step. Should the two YAML readers disagree about the shape of a
/// document, positions would be wrong, so that is an error as well.
fn settle(value: Value, at: Cursor<'_>, findings: &mut Vec<Diagnostic>) -> Value {
    match value {
        Value::Sequence(list) if list.len() == at.elements().len() => {
            list.into_iter().zip(at.elements()).map(|(value, at)| settle(value, at, findings)).collect()
        }
        Value::Mapping(mapping) if mapping.len() == at.entries().len() => settle_mapping(mapping, at, findings),
        Value::Sequence(_) | Value::Mapping(_) => {
            findings.push(
                at_cursor(at, "this can be read in two ways")
                    .hint("put quotes around texts, and keys on lines of their own"),
            );
            Value::Null
        }
        Value::Tagged(tagged) => settle(tagged.value, at, findings),
        scalar => scalar,
    }
}

fn settle_mapping(mapping: Mapping, at: Cursor<'_>, findings: &mut Vec<Diagnostic>) -> Value {
    let mut settled = Mapping::with_capacity(mapping.len());
    let mut merged = Vec::new();
    for ((_, value), (key, at)) in mapping.into_iter().zip(at.entries()) {
        let value = settle(value, at, findings);
        match (key, value) {
            ("<<", Value::Mapping(source)) => merged.push(source),
            ("<<", Value::Sequence(list)) if list.iter().all(Value::is_mapping) => {
                merged.extend(list.into_iter().filter_map(|source| match source {
                    Value::Mapping(source) => Some(source),
                    _ => None,
                }));
            }
            ("<<", _) => findings.push(
                at_cursor(at, "the merge key `<<` takes a mapping or a list of mappings")
                    .hint("write `<<: *name`, where `&name` stands before a mapping"),
            ),
            (key, value) => {
                settled.insert(Value::String(key.to_owned()), value);
            }
        }
    }
    for (key, value) in merged.into_iter().flatten() {
        settled.entry(key).or_insert(value);
    }
    Value::Mapping(settled)
}

fn at_cursor(at: Cursor<'_>, message: &str) -> Diagnostic {
    Diagnostic::new(Severity::Error, "", message).at(at.span())
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
