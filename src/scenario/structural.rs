//! All structural errors of a document at once.
//!
//! serde stops at the first error. So the document is read again and again, each time without
//! what was found wrong before:
//!
//! 1. Read the tree. If that works, stop.
//! 2. Find the node at fault. The path of the error names it, except where serde reads a value
//!    as a whole before it looks into it (tagged and untagged enums, `flatten`). There the path
//!    ends too early, and the children are left out one by one to see which of them matters.
//! 3. Report the fault, unless it is only a consequence of an earlier repair: it lies in a made-up
//!    value, in a mapping or list with repaired nodes inside, or is the lack of a key that was
//!    taken out or misspelt.
//! 4. Repair: an unknown key is taken out; a wrong value is replaced by a harmless placeholder,
//!    and taken out if the placeholder will not do; a missing key is added with a placeholder, and
//!    the mapping that lacks it is taken out if that will not do. Where serde reads as a whole it
//!    does not tell which type it wants: a one stands there, which quantities accept. What is taken out
//!    already passes the repair on to the node around it; at the root the search ends.
//!
//! Each round repairs at least one node further, so the search ends. It also ends after
//! [`REPORTED_MAX`] findings, and after a number of readings that depends on the size of the
//! document only. The tree itself is never changed: repairs are kept beside it ([`Edits`]), so
//! that list positions stay those of the file. A value is returned only if there was no error.

use serde::de::DeserializeOwned;
use serde_yaml::Value;

use super::diagnostic::{Diagnostic, Severity};
use super::document::{self, Document};
use super::path::{self, Segment};
use super::reader::{self, Edit, Edits, Fault, ReadError, SENTINEL};
use super::span_index::cut;
use crate::suggestion;

/// Findings after which the search ends.
const REPORTED_MAX: usize = 50;
/// Values to be visited in all readings together; one visit takes some 100 ns.
const VISITS_MAX: usize = 50_000_000;
/// Readings allowed for a document of any size.
const READINGS_MIN: usize = 2 * REPORTED_MAX;
/// Readings allowed for a small document.
const READINGS_MAX: usize = 20_000;

/// See [`Document::deserialize_with`].
pub(super) fn deserialize<T: DeserializeOwned>(
    document: &Document,
    planned: &[(&str, &str)],
) -> (Option<T>, Vec<Diagnostic>) {
    deserialize_tree(document, document.tree(), &[], document.size(), planned)
}

/// See [`Document::deserialize_under`].
pub(super) fn deserialize_under<T: DeserializeOwned>(
    document: &Document,
    tree: &Value,
    base: &[Segment],
) -> (Option<T>, Vec<Diagnostic>) {
    deserialize_tree(document, tree, base, size(tree), &[])
}

fn deserialize_tree<T: DeserializeOwned>(
    document: &Document,
    tree: &Value,
    base: &[Segment],
    size: usize,
    planned: &[(&str, &str)],
) -> (Option<T>, Vec<Diagnostic>) {
    match reader::read::<T>(tree, &Edits::default()) {
        Ok(value) => (Some(value), Vec::new()),
        Err(first) => {
            let read = |edits: &Edits| reader::read::<T>(tree, edits).err();
            let readings = VISITS_MAX / size.max(1);
            let search = Search {
                document,
                tree,
                base,
                planned,
                read: &read,
                readings: readings.clamp(READINGS_MIN, READINGS_MAX),
                edits: Edits::default(),
                repaired: Vec::new(),
                unknown: Vec::new(),
                misspelt: Vec::new(),
                findings: Vec::new(),
            };
            (None, search.run(first))
        }
    }
}

/// The number of values in a tree.
fn size(tree: &Value) -> usize {
    1 + match tree {
        Value::Sequence(list) => list.iter().map(size).sum(),
        Value::Mapping(mapping) => mapping.values().map(size).sum(),
        _ => 0,
    }
}

type Path = Vec<Segment>;

struct Search<'a> {
    /// Where findings are shown.
    document: &'a Document,
    /// What is read; all paths here begin at its root.
    tree: &'a Value,
    /// Where the document has it.
    base: &'a [Segment],
    planned: &'a [(&'a str, &'a str)],
    /// Reads the tree as edited.
    read: &'a dyn Fn(&Edits) -> Option<ReadError>,
    /// Readings left.
    readings: usize,
    edits: Edits,
    /// Every node repaired so far.
    repaired: Vec<Path>,
    /// The unknown keys among them.
    unknown: Vec<Path>,
    /// Keys that are missing only because they are misspelt.
    misspelt: Vec<Path>,
    findings: Vec<Diagnostic>,
}

/// Where a fault lies: in a value, or in the key that leads to it.
struct Place {
    path: Path,
    at_key: bool,
}

impl<'a> Search<'a> {
    fn node(&self, path: &[Segment]) -> Option<&'a Value> {
        document::node(self.tree, path)
    }

    /// The path from the root of the document.
    fn in_document(&self, path: &[Segment]) -> Path {
        [self.base, path].concat()
    }

    fn run(mut self, first: ReadError) -> Vec<Diagnostic> {
        let mut next = Some(first);
        while let Some(error) = next {
            let goes_on = match error.fault() {
                Fault::MissingField(key) => self.missing(&error, key),
                Fault::DuplicateField(key) => self.twice(&error, key),
                _ => self.wrong(&error),
            };
            if !goes_on || self.findings.len() >= REPORTED_MAX {
                break;
            }
            next = self.read();
        }
        self.findings
    }

    /// Reads the tree as edited; no error if no readings are left.
    fn read(&mut self) -> Option<ReadError> {
        self.readings = self.readings.checked_sub(1)?;
        (self.read)(&self.edits)
    }

    fn wrong(&mut self, error: &ReadError) -> bool {
        let place = self.locate(error);
        let unknown = matches!(error.fault(), Fault::UnknownField { .. });
        let consequence = error.made_up() || !unknown && self.holds_repairs(&place.path);
        if !consequence {
            let finding = self.describe(error.fault(), &place);
            self.report(finding);
        }
        if unknown && place.at_key {
            self.unknown.push(place.path.clone());
        }
        self.repair(place.path, unknown || place.at_key || consequence || error.vague())
    }

    /// A key that is there under two names: without either of them the error goes away.
    fn twice(&mut self, error: &ReadError, key: &str) -> bool {
        let mapping = self.locate(error).path;
        let mut places = Vec::new();
        for (segment, node) in self.children(&mapping) {
            if self.changes(error, &[(node, Edit::Excised)]) {
                let mut path = mapping.clone();
                path.push(segment);
                places.push(path);
            }
        }
        let last = places.pop().unwrap_or(mapping);
        let message = format!("the key `{key}` is given twice, under two names");
        let mut finding = self.document.key_error(&path::format(&self.in_document(&last)), message);
        let first = places.first().and_then(|path| self.document.location(&self.in_document(path))?.key);
        if let Some(first) = first {
            finding = finding.related(first, "first given here");
        }
        self.report(finding.hint("keep one of the two"));
        self.repair(last, true)
    }

    fn missing(&mut self, error: &ReadError, key: &'static str) -> bool {
        let mapping = self.locate_missing(error, key);
        let node = self.node(&mapping);
        let Some(node) = node.filter(|_| !error.made_up()) else {
            return self.repair(mapping, true);
        };
        let mut missing = mapping.clone();
        missing.push(Segment::Key(key.to_owned()));
        if !self.misspelt.contains(&missing) && !self.was_taken_out(&mapping, key) {
            let finding = self.describe_missing(&mapping, key);
            self.report(finding);
        }
        let open = matches!(node, Value::Mapping(_) | Value::Null) && !error.vague();
        if open && self.edits.add(node, key) {
            self.repaired.push(missing);
            return true;
        }
        self.repair(mapping, true)
    }

    /// Anchored text is read at each use, and reported once.
    fn report(&mut self, finding: Diagnostic) {
        let same =
            |other: &Diagnostic| other.span.is_some() && other.span == finding.span && other.message == finding.message;
        if !self.findings.iter().any(same) {
            self.findings.push(finding);
        }
    }

    fn holds_repairs(&self, path: &[Segment]) -> bool {
        self.repaired.iter().any(|repaired| repaired.starts_with(path))
    }

    /// The key is there, perhaps in another spelling, and was taken out because of its value.
    /// (A missing key with an alias of other letters is reported all the same.)
    fn was_taken_out(&self, mapping: &[Segment], key: &str) -> bool {
        self.repaired.iter().any(|path| match path.split_last() {
            Some((Segment::Key(repaired), above)) => {
                above == mapping && suggestion::same_letters(repaired, key) && !self.unknown.contains(path)
            }
            _ => false,
        })
    }

    /// Repairs the node, or the nearest one around it that can still be repaired.
    fn repair(&mut self, mut path: Path, take_out: bool) -> bool {
        let mut take_out = take_out;
        while !path.is_empty() {
            if let Some(node) = self.node(&path) {
                let edit = match self.edits.get(node) {
                    None if !take_out => Some(Edit::Placeholder),
                    Some(Edit::Excised) => None,
                    _ => Some(Edit::Excised),
                };
                if let Some(edit) = edit {
                    self.edits.set(node, edit);
                    self.repaired.push(path);
                    return true;
                }
            }
            take_out = true;
            path.pop();
        }
        false
    }
}

/// Finding the node at fault.
impl<'a> Search<'a> {
    fn locate(&mut self, error: &ReadError) -> Place {
        let path = error.path();
        if !error.vague() || error.made_up() {
            return Place { path, at_key: error.at_key() };
        }
        let path = self.deeper(path, error);
        let at_key = match (error.fault(), path.last()) {
            (Fault::UnknownField { field, .. }, Some(Segment::Key(key))) => field == key,
            _ => false,
        };
        Place { path, at_key }
    }

    fn deeper(&mut self, mut path: Path, error: &ReadError) -> Path {
        while let Some(segment) = self.culprit(&path, error) {
            path.push(segment);
            if let (Fault::UnknownField { field, .. }, Some(Segment::Key(key))) = (error.fault(), path.last())
                && field == key
            {
                break;
            }
        }
        path
    }

    /// The one child of the node without which the error would be another one, if there is
    /// exactly one such child. If several children have the same fault, it is the first of them.
    fn culprit(&mut self, path: &[Segment], error: &ReadError) -> Option<Segment> {
        let mut suspects = self.children(path);
        suspects.retain(|(segment, node)| is_suspect(error.fault(), segment, node));
        let at = self.peel(&suspects, error)?;
        for (other, (_, node)) in suspects.iter().enumerate() {
            let matters = other != at && self.changes(error, &[(node, Edit::Excised)]) && !self.is_tag(node, error);
            if matters {
                return None;
            }
        }
        Some(suspects.swap_remove(at).0)
    }

    /// Leaves out the suspects from the last one on until the error changes.
    fn peel(&mut self, suspects: &[(Segment, &Value)], error: &ReadError) -> Option<usize> {
        let mut left_out: Vec<(&Value, Edit)> = Vec::new();
        for (at, (_, node)) in suspects.iter().enumerate().rev() {
            left_out.push((node, Edit::Excised));
            if !self.changes(error, &left_out) {
                continue;
            }
            if !self.is_tag(node, error) {
                return Some(at);
            }
            left_out.pop();
        }
        None
    }

    /// Whether the node is what an enum is told apart by: the error changes without it, but it is
    /// not at fault.
    fn is_tag(&mut self, node: &Value, error: &ReadError) -> bool {
        if !node.is_string() || matches!(error.fault(), Fault::UnknownVariant { .. }) {
            return false;
        }
        let other = self.read_with(&[(node, Edit::Sentinel)]);
        other.is_some_and(|other| matches!(other.fault(), Fault::UnknownVariant { variant, .. } if variant == SENTINEL))
    }

    fn changes(&mut self, error: &ReadError, edits: &[(&Value, Edit)]) -> bool {
        self.readings > READINGS_MIN && self.read_with(edits).as_ref() != Some(error)
    }

    /// Reads the tree with further edits and takes these back.
    fn read_with(&mut self, edits: &[(&Value, Edit)]) -> Option<ReadError> {
        let before: Vec<Option<Edit>> = edits.iter().map(|(node, edit)| self.edits.set(node, *edit)).collect();
        let error = self.read();
        for ((node, _), before) in edits.iter().zip(before) {
            match before {
                Some(edit) => drop(self.edits.set(node, edit)),
                None => self.edits.unset(node),
            }
        }
        error
    }

    /// The children of a node that have not been taken out.
    fn children(&self, path: &[Segment]) -> Vec<(Segment, &'a Value)> {
        let kept = |node: &Value| self.edits.get(node) != Some(Edit::Excised);
        match self.node(path) {
            Some(Value::Sequence(list)) => list
                .iter()
                .enumerate()
                .filter(|(_, node)| kept(node))
                .map(|(index, node)| (Segment::Index(index), node))
                .collect(),
            Some(Value::Mapping(mapping)) => mapping
                .iter()
                .filter(|(_, node)| kept(node))
                .filter_map(|(key, node)| Some((Segment::Key(key.as_str()?.to_owned()), node)))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The mapping that lacks the key: adding the key there changes the error, and not to one
    /// that calls the key unknown.
    fn locate_missing(&mut self, error: &ReadError, key: &'static str) -> Path {
        let root = error.path();
        if !error.vague() || error.made_up() {
            return root;
        }
        let mut candidates = vec![root.clone()];
        while let Some(path) = candidates.pop() {
            if self.is_missing_at(&path, error, key) {
                return path;
            }
            for (segment, node) in self.children(&path).into_iter().rev() {
                if matches!(node, Value::Mapping(_) | Value::Sequence(_)) {
                    let mut child = path.clone();
                    child.push(segment);
                    candidates.push(child);
                }
            }
        }
        root
    }

    fn is_missing_at(&mut self, path: &[Segment], error: &ReadError, key: &'static str) -> bool {
        let Some(node @ Value::Mapping(mapping)) = self.node(path) else {
            return false;
        };
        let kept = |node: &Value| self.edits.get(node) != Some(Edit::Excised);
        if self.readings <= READINGS_MIN || mapping.get(key).is_some_and(kept) {
            return false;
        }
        if !self.edits.add(node, key) {
            return false;
        }
        let other = self.read();
        self.edits.take_back(node, key);
        match other.as_ref().map(ReadError::fault) {
            Some(Fault::UnknownField { field, .. }) => field != key,
            _ => other.as_ref() != Some(error),
        }
    }
}

/// Whether the fault may lie in this child, judged by what the error says was found.
fn is_suspect(fault: &Fault, segment: &Segment, node: &Value) -> bool {
    if matches!(node, Value::Sequence(_) | Value::Mapping(_)) {
        return true;
    }
    match (fault, segment) {
        (Fault::UnknownField { field, .. }, Segment::Key(key)) => field == key,
        (Fault::UnknownField { .. }, Segment::Index(_)) => false,
        (Fault::UnknownVariant { variant, .. }, _) => node.as_str() == Some(variant),
        (Fault::WrongType { found, .. } | Fault::WrongValue { found, .. }, _) => {
            let ours = ["the text ", "the number ", "`", "nothing", "a list", "a mapping"];
            !ours.iter().any(|words| found.starts_with(words)) || *found == reader::value_in_words(node)
        }
        _ => true,
    }
}

/// Putting faults in words.
impl Search<'_> {
    fn describe(&mut self, fault: &Fault, place: &Place) -> Diagnostic {
        match fault {
            Fault::UnknownField { field, expected } => self.describe_unknown(field, expected, place),
            Fault::UnknownVariant { variant, expected } => {
                let message = format!("unknown value `{}`", cut(variant));
                let mut finding = self.at(place, message);
                finding.hint =
                    did_you_mean(variant, expected).or_else(|| suggestion::list("the values here are", expected));
                finding
            }
            Fault::WrongType { found, expected } | Fault::WrongValue { found, expected } => {
                let strict = matches!(fault, Fault::WrongValue { .. });
                let wanted = wanted(expected, strict);
                let found = self.found(place, found);
                let mut finding = self.at(place, format!("expected {wanted}, found {found}"));
                finding.hint = self.punctuation_hint(expected, place);
                finding
            }
            Fault::WrongLength { found, expected } => {
                let wanted = wanted(expected, false);
                self.at(place, format!("expected {wanted}, found {found} values"))
            }
            Fault::Custom(message) => self.at(place, message.clone()),
            // `missing` and `twice` have their own words; these serve should they be by-passed.
            Fault::MissingField(key) | Fault::DuplicateField(key) => {
                self.at(place, format!("missing or repeated key `{key}`"))
            }
        }
    }

    fn at(&self, place: &Place, message: String) -> Diagnostic {
        let path = path::format(&self.in_document(&place.path));
        match place.at_key {
            true => self.document.key_error(&path, message),
            false => self.document.error(&path, message),
        }
    }

    fn describe_unknown(&mut self, field: &str, expected: &[&str], place: &Place) -> Diagnostic {
        let mut finding = self.at(place, format!("unknown key `{}`", cut(field)));
        let planned = self.planned.iter().find(|(key, _)| *key == field);
        finding.hint = match planned {
            Some((_, hint)) => Some((*hint).to_owned()),
            None => did_you_mean(field, expected).or_else(|| {
                let names = suggestion::without_other_spellings(expected);
                suggestion::list("the keys here are", &names)
            }),
        };
        if let (Some(name), Some((_, above))) =
            (suggestion::closest(field, expected.iter().copied()), place.path.split_last())
        {
            let mut misspelt = above.to_vec();
            misspelt.push(Segment::Key(name.to_owned()));
            self.misspelt.push(misspelt);
        }
        finding
    }

    fn describe_missing(&self, mapping: &[Segment], key: &str) -> Diagnostic {
        let mapping = self.in_document(mapping);
        let path = path::format(&mapping);
        let message = format!("missing key `{key}`");
        let Some(location) = self.document.location(&mapping) else {
            return self.document.error(&path, message);
        };
        let at = location.first_key.or(location.key).unwrap_or(location.value.clone());
        let finding = Diagnostic::new(Severity::Error, path, message).at(at).label("in this mapping");
        match location.origin {
            Some(_) => finding.related(location.value, "used here"),
            None => finding,
        }
    }

    /// What is there, as written.
    fn found(&self, place: &Place, in_words: &str) -> String {
        if let (true, Some(Segment::Key(key))) = (place.at_key, place.path.last()) {
            return format!("the key `{}`", cut(key));
        }
        let node = self.node(&place.path);
        let written = self.written(&place.path);
        match (node, written) {
            (Some(Value::Null), _) => "nothing".to_owned(),
            (Some(Value::Bool(_)), Some(text)) => format!("`{text}`"),
            (Some(Value::Number(_)), Some(text)) => format!("the number `{text}`"),
            (Some(Value::String(_)), Some(text)) => format!("the text `{text}`"),
            _ => in_words.to_owned(),
        }
    }

    /// The first line of a value as it stands in the file, aliases followed.
    fn written(&self, path: &[Segment]) -> Option<String> {
        let location = self.document.location(&self.in_document(path))?;
        let text = self.document.text().get(location.origin.unwrap_or(location.value))?;
        let line = text.lines().next().unwrap_or_default();
        Some(cut(line))
    }

    /// For a text that would be right without quotes, a number that would be with them, or a value that a list may lack
    /// the brackets of.
    fn punctuation_hint(&self, expected: &str, place: &Place) -> Option<String> {
        if place.at_key {
            return None;
        }
        match (self.node(&place.path)?, kind(expected)) {
            (Value::String(text), Kind::Whole(_) | Kind::Number) => {
                let plain = text.replace('_', "");
                let right = match kind(expected) {
                    Kind::Number => plain.parse::<f64>().is_ok_and(f64::is_finite),
                    _ => plain.parse::<i64>().is_ok(),
                };
                right.then(|| format!("write it as `{plain}`"))
            }
            (Value::String(_) | Value::Number(_) | Value::Bool(_), Kind::List) => {
                let written = self.written(&place.path)?;
                Some(format!("lists stand in brackets, such as `[{written}]`; an empty one is `[]`"))
            }
            (Value::Number(_) | Value::Bool(_), Kind::Text) => {
                let written = self.written(&place.path)?;
                Some(format!("put quotes around it: `\"{written}\"`"))
            }
            _ => None,
        }
    }
}

fn did_you_mean(word: &str, known: &[&str]) -> Option<String> {
    let name = suggestion::closest(word, known.iter().copied())?;
    Some(format!("did you mean `{name}`?"))
}

/// What serde's own words for an expectation stand for.
enum Kind {
    /// With its range in words.
    Whole(&'static str),
    Number,
    Text,
    Boolean,
    List,
    Mapping,
    Name,
    Other,
}

fn kind(expected: &str) -> Kind {
    match expected {
        "u8" => Kind::Whole("from 0 to 255"),
        "u16" => Kind::Whole("from 0 to 65535"),
        "u32" => Kind::Whole("from 0 to 4294967295"),
        "u64" | "u128" | "usize" => Kind::Whole("of 0 or more"),
        "i8" => Kind::Whole("from -128 to 127"),
        "i16" => Kind::Whole("from -32768 to 32767"),
        "i32" => Kind::Whole("from -2147483648 to 2147483647"),
        "i64" | "i128" | "isize" => Kind::Whole("in the range of 64 bits"),
        words if words.starts_with("a nonzero ") => Kind::Whole("other than 0"),
        "f32" | "f64" => Kind::Number,
        "a string" | "string" | "a borrowed string" => Kind::Text,
        "a boolean" => Kind::Boolean,
        "a sequence" => Kind::List,
        "a map" | "a YAML mapping" => Kind::Mapping,
        "variant identifier" => Kind::Name,
        words if words.starts_with("struct ") || words.starts_with("internally tagged enum ") => Kind::Mapping,
        words if words.starts_with("enum ") => Kind::Name,
        _ => Kind::Other,
    }
}

/// What was expected, in plain words; those of a visitor of our own are kept. `ranged` tells
/// which numbers are meant.
fn wanted(expected: &str, ranged: bool) -> String {
    match kind(expected) {
        Kind::Whole(range) if ranged => format!("a whole number {range}"),
        Kind::Whole(_) => "a whole number".to_owned(),
        Kind::Number => "a number".to_owned(),
        Kind::Text => "a text".to_owned(),
        Kind::Boolean => "`true` or `false`".to_owned(),
        Kind::List => "a list".to_owned(),
        Kind::Mapping => "a mapping of keys and values".to_owned(),
        Kind::Name => "a name".to_owned(),
        Kind::Other => match tuple_len(expected) {
            Some(len) => format!("a list of {len} values"),
            None => expected.to_owned(),
        },
    }
}

/// The length in serde's `a tuple of size 2`, `an array of length 2` and `tuple struct Pair with 2 elements`.
fn tuple_len(expected: &str) -> Option<&str> {
    let of_size = expected.strip_prefix("a tuple of size ").or_else(|| expected.strip_prefix("an array of length "));
    of_size.or_else(|| {
        let rest = expected.strip_prefix("tuple struct ")?;
        let (_, count) = rest.rsplit_once(" with ")?;
        count.split(' ').next()
    })
}
