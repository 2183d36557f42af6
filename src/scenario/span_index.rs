//! The walk over a YAML text that comes before everything else.
//!
//! It refuses, in time and memory bounded by the limits below, what must not reach the YAML
//! reader proper (deep nesting, alias bombs) or what that reader would let pass (duplicate keys of
//! free maps, a second document), and it remembers where each key and value stands.
//! It does not interpret scalars and knows nothing of scenarios.

use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::{ErrorKind, Event, Parser, ScanError, Span, Tag};

use super::diagnostic::{Diagnostic, Severity};
use super::path::{self, Segment};

/// Largest nesting of lists and mappings, aliases followed.
pub(super) const DEPTH_MAX: usize = 64;
/// Largest number of values in a document, aliases followed.
pub(super) const NODES_MAX: usize = 1_000_000;
/// Largest sum of the text of all scalars in bytes, aliases followed.
pub(super) const EXPANDED_BYTES_MAX: usize = 64 << 20;
/// Findings after which the walk stops.
const FINDINGS_MAX: usize = 50;

/// Where the keys and values of a document stand in its text.
#[derive(Debug)]
pub(super) struct SpanIndex {
    nodes: Vec<Node>,
    root: u32,
    expanded: usize,
}

/// A byte range in 8 bytes; texts are far below 4 GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bytes {
    start: u32,
    end: u32,
}

impl Bytes {
    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

#[derive(Debug)]
struct Node {
    bytes: Bytes,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Scalar,
    List(Vec<u32>),
    Mapping(Vec<Entry>),
    Alias(u32),
}

#[derive(Debug)]
struct Entry {
    key: Box<str>,
    key_bytes: Bytes,
    value: u32,
}

/// Where one value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    /// Its key, if it is the value of a mapping.
    pub key: Option<Range<usize>>,
    /// The value as written; the `*name` of an alias; the key, if nothing is written.
    pub value: Range<usize>,
    /// For an alias, the text it stands for.
    pub origin: Option<Range<usize>>,
    /// The first key of a mapping that is not empty, aliases followed.
    pub first_key: Option<Range<usize>>,
}

/// One document node, for walks in step with the tree of values.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    index: &'a SpanIndex,
    node: u32,
}

impl<'a> Cursor<'a> {
    /// The elements of a list, or none.
    pub(super) fn elements(self) -> impl ExactSizeIterator<Item = Cursor<'a>> {
        let elements = match &self.index.resolved(self.node).content {
            Content::List(elements) => elements.as_slice(),
            _ => &[],
        };
        elements.iter().map(move |node| Cursor { node: *node, ..self })
    }

    /// The keys and values of a mapping, or none.
    pub(super) fn entries(self) -> impl ExactSizeIterator<Item = (&'a str, Cursor<'a>)> {
        let entries = match &self.index.resolved(self.node).content {
            Content::Mapping(entries) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(move |entry| {
            let cursor = Cursor { node: entry.value, ..self };
            (&*entry.key, cursor)
        })
    }

    /// Where it stands.
    pub(super) fn span(self) -> Range<usize> {
        self.index.node(self.node).bytes.range()
    }
}

impl SpanIndex {
    /// Walks over a text without byte-order mark.
    ///
    /// # Errors
    /// Everything that makes the text unfit to be read, at least one finding.
    pub(super) fn build(text: &str) -> Result<Self, Vec<Diagnostic>> {
        Walk::new(text).run()
    }

    /// Number of values, aliases followed.
    pub(super) fn expanded(&self) -> usize {
        self.expanded
    }

    /// The root.
    pub(super) fn cursor(&self) -> Cursor<'_> {
        Cursor { index: self, node: self.root }
    }

    /// Where the value of this path stands, merge keys and aliases followed.
    pub(super) fn find(&self, path: &[Segment]) -> Option<Location> {
        let mut at = (None, self.root);
        for segment in path {
            at = self.child(at.1, segment)?;
        }
        Some(self.location(at.0, at.1))
    }

    fn node(&self, id: u32) -> &Node {
        &self.nodes[id as usize]
    }

    /// The node itself, or what the alias stands for; an anchor is never itself an alias.
    fn resolved(&self, id: u32) -> &Node {
        match self.node(id).content {
            Content::Alias(target) => self.node(target),
            _ => self.node(id),
        }
    }

    fn child(&self, id: u32, segment: &Segment) -> Option<(Option<Bytes>, u32)> {
        match (&self.resolved(id).content, segment) {
            (Content::List(list), Segment::Index(index)) => Some((None, *list.get(*index)?)),
            (Content::Mapping(entries), Segment::Key(key)) => self.entry(entries, key),
            _ => None,
        }
    }

    fn entry(&self, entries: &[Entry], key: &str) -> Option<(Option<Bytes>, u32)> {
        if let Some(entry) = entries.iter().find(|entry| *entry.key == *key) {
            return Some((Some(entry.key_bytes), entry.value));
        }
        let merge = entries.iter().find(|entry| *entry.key == *"<<")?;
        let segment = Segment::Key(key.to_owned());
        match &self.resolved(merge.value).content {
            Content::List(list) => list.iter().find_map(|id| self.child(*id, &segment)),
            _ => self.child(merge.value, &segment),
        }
    }

    fn location(&self, key: Option<Bytes>, id: u32) -> Location {
        let node = self.node(id);
        let resolved = self.resolved(id);
        let key = key.map(Bytes::range);
        let value = match (&key, node.bytes.range()) {
            (Some(key), empty) if empty.is_empty() && matches!(node.content, Content::Scalar) => key.clone(),
            (_, bytes) => bytes,
        };
        Location {
            key,
            value,
            origin: matches!(node.content, Content::Alias(_)).then(|| resolved.bytes.range()),
            first_key: match &resolved.content {
                Content::Mapping(entries) => entries.first().map(|e| e.key_bytes.range()),
                _ => None,
            },
        }
    }
}

/// What an anchor stands for, aliases inside it followed.
#[derive(Clone, Copy)]
struct Anchor {
    node: u32,
    weight: Weight,
    height: usize,
}

/// Values and scalar bytes, aliases followed.
#[derive(Clone, Copy, Default)]
struct Weight {
    nodes: usize,
    bytes: usize,
}

/// A list or mapping whose end has not been seen.
struct Open {
    node: u32,
    anchor: usize,
    flow: bool,
    /// The total before it.
    before: Weight,
    /// Levels of lists and mappings in it, itself included.
    height: usize,
    mapping: bool,
    key: Option<(Box<str>, Bytes)>,
    /// First position of each key, for duplicates.
    seen: BTreeMap<Box<str>, Bytes>,
}

struct Walk<'a> {
    text: &'a str,
    nodes: Vec<Node>,
    open: Vec<Open>,
    root: Option<u32>,
    /// Complete anchors by their number; one that is missing here encloses the current place.
    anchors: BTreeMap<usize, Anchor>,
    total: Weight,
    documents: usize,
    findings: Vec<Diagnostic>,
}

/// The walk cannot go on; why is among the findings.
struct Stop;

impl<'a> Walk<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            nodes: Vec::new(),
            open: Vec::new(),
            root: None,
            anchors: BTreeMap::new(),
            total: Weight::default(),
            documents: 0,
            findings: Vec::new(),
        }
    }

    fn run(mut self) -> Result<SpanIndex, Vec<Diagnostic>> {
        let mut options = granit_parser::options! {
            flow_nesting_limit: DEPTH_MAX + 1,
            block_nesting_limit: DEPTH_MAX + 1,
            emit_unresolved_aliases: true,
        };
        options.set_emit_comments(false);
        for event in Parser::new_from_str_with_options(self.text, options) {
            let step = match event {
                Ok((event, span)) => self.step(event, span),
                Err(error) => self.syntax_error(&error),
            };
            if step.is_err() || self.findings.len() >= FINDINGS_MAX {
                return Err(self.findings);
            }
        }
        match self.root {
            _ if !self.findings.is_empty() => Err(self.findings),
            Some(root) if !self.nothing_written(root) => {
                Ok(SpanIndex { nodes: self.nodes, root, expanded: self.total.nodes })
            }
            _ => Err(vec![Diagnostic::new(Severity::Error, "", "the file is empty").at(0..0)]),
        }
    }

    fn nothing_written(&self, root: u32) -> bool {
        let node = &self.nodes[root as usize];
        matches!(node.content, Content::Scalar) && node.bytes.start == node.bytes.end
    }

    fn step(&mut self, event: Event<'_>, span: Span) -> Result<(), Stop> {
        let bytes = self.bytes(span);
        match event {
            Event::DocumentStart(..) => self.document(bytes),
            Event::Scalar(value, _, anchor, tag) => {
                self.check_tag(tag.as_deref(), span);
                self.scalar(&value, anchor, bytes)
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), span);
                let flow = style == granit_parser::StructureStyle::Flow;
                self.begin(false, flow, anchor, bytes)
            }
            Event::MappingStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), span);
                let flow = style == granit_parser::StructureStyle::Flow;
                self.begin(true, flow, anchor, bytes)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.end(bytes);
                Ok(())
            }
            Event::Alias(anchor) => self.alias(anchor, bytes),
            Event::UnresolvedAlias(name) => self.unknown_anchor(&name, bytes),
            _ => Ok(()),
        }
    }

    fn document(&mut self, bytes: Bytes) -> Result<(), Stop> {
        self.documents += 1;
        if self.documents == 1 {
            return Ok(());
        }
        let finding = self
            .finding(bytes, "a second document begins here")
            .hint("a file holds one document: remove the line `---`, or use two files");
        self.stop(finding)
    }

    fn scalar(&mut self, value: &str, anchor: usize, bytes: Bytes) -> Result<(), Stop> {
        let is_key = self.expects_key();
        let weight = Weight { nodes: usize::from(!is_key), bytes: value.len() };
        self.add(weight, bytes)?;
        if !is_key || anchor != 0 {
            let node = self.push(bytes, Content::Scalar)?;
            if anchor != 0 {
                let weight = Weight { nodes: 1, ..weight };
                self.anchors.insert(anchor, Anchor { node, weight, height: 0 });
            }
            if !is_key {
                self.attach(node);
            }
        }
        if is_key { self.key(value, bytes) } else { Ok(()) }
    }

    fn key(&mut self, key: &str, bytes: Bytes) -> Result<(), Stop> {
        if bytes.start == bytes.end {
            let finding = self.finding(bytes, "a key is missing before `:`").hint("write `key: value`");
            return self.stop(finding);
        }
        let top = self.open.last_mut().expect("a key stands in a mapping");
        let first = top.seen.get(key).copied();
        if first.is_none() {
            top.seen.insert(key.into(), bytes);
        }
        top.key = Some((key.into(), bytes));
        if let Some(first) = first {
            let finding = self
                .finding(bytes, &format!("the key `{}` is given twice", cut(key)))
                .label("given again here")
                .related(first.range(), "first given here")
                .hint("keep one of the two");
            self.findings.push(finding);
        }
        Ok(())
    }

    fn begin(&mut self, mapping: bool, flow: bool, anchor: usize, bytes: Bytes) -> Result<(), Stop> {
        self.refuse_as_key(bytes)?;
        if self.open.len() >= DEPTH_MAX {
            return self.too_deep(bytes);
        }
        let before = self.total;
        let content = if mapping { Content::Mapping(Vec::new()) } else { Content::List(Vec::new()) };
        let node = self.push(bytes, content)?;
        self.add(Weight { nodes: 1, bytes: 0 }, bytes)?;
        self.attach(node);
        self.open.push(Open { node, anchor, flow, before, height: 1, mapping, key: None, seen: BTreeMap::new() });
        Ok(())
    }

    fn end(&mut self, bytes: Bytes) {
        let Some(done) = self.open.pop() else { return };
        let node = &mut self.nodes[done.node as usize];
        // The end of a block collection is reported at the token after it.
        let end = if done.flow { bytes.end } else { bytes.start };
        node.bytes.end = end.max(node.bytes.end);
        if let Some(parent) = self.open.last_mut() {
            parent.height = parent.height.max(done.height + 1);
        }
        if done.anchor != 0 {
            let weight =
                Weight { nodes: self.total.nodes - done.before.nodes, bytes: self.total.bytes - done.before.bytes };
            let anchor = Anchor { node: done.node, weight, height: done.height };
            self.anchors.insert(done.anchor, anchor);
        }
    }

    fn alias(&mut self, anchor: usize, bytes: Bytes) -> Result<(), Stop> {
        self.refuse_as_key(bytes)?;
        let Some(anchor) = self.anchors.get(&anchor).copied() else {
            let name = self.text.get(bytes.range()).unwrap_or_default().to_owned();
            let finding = self
                .finding(bytes, &format!("`{}` stands inside what it names", cut(&name)))
                .hint("an anchor cannot contain itself");
            return self.stop(finding);
        };
        if self.open.len() + anchor.height > DEPTH_MAX {
            return self.too_deep(bytes);
        }
        if let Some(parent) = self.open.last_mut() {
            parent.height = parent.height.max(anchor.height + 1);
        }
        let node = self.push(bytes, Content::Alias(anchor.node))?;
        self.add(anchor.weight, bytes)?;
        self.attach(node);
        Ok(())
    }

    fn unknown_anchor(&mut self, name: &str, bytes: Bytes) -> Result<(), Stop> {
        self.refuse_as_key(bytes)?;
        let finding = self
            .finding(bytes, &format!("unknown anchor `{}`", cut(name)))
            .hint(format!("name the value first: `&{0}`, and then use `*{0}`", cut(name)));
        self.findings.push(finding);
        let node = self.push(bytes, Content::Scalar)?;
        self.attach(node);
        Ok(())
    }

    fn refuse_as_key(&mut self, bytes: Bytes) -> Result<(), Stop> {
        if !self.expects_key() {
            return Ok(());
        }
        let finding = self
            .finding(bytes, "a key must be plain text")
            .hint("lists, mappings and aliases cannot be keys; quote a key that begins with `[`, `{` or `*`");
        self.stop(finding)
    }

    fn check_tag(&mut self, tag: Option<&Tag>, span: Span) {
        let known = ["str", "int", "float", "bool", "null", "seq", "map"];
        let Some(tag) = tag else { return };
        if tag.core_suffix().is_some_and(|suffix| known.contains(&suffix)) {
            return;
        }
        let bytes = self.bytes(span.tag_span().unwrap_or(span));
        let written = cut(&tag.original());
        let finding = self
            .finding(bytes, &format!("the tag `{written}` has no meaning here"))
            .hint("remove it; a text that begins with `!` needs quotes");
        self.findings.push(finding);
    }

    fn too_deep(&mut self, bytes: Bytes) -> Result<(), Stop> {
        let message = format!("lists and mappings are nested deeper than {DEPTH_MAX} levels");
        let finding = Diagnostic::new(Severity::Error, "", message).at(bytes.range());
        self.stop(finding)
    }

    fn syntax_error(&mut self, error: &ScanError) -> Result<(), Stop> {
        let marker = error.marker();
        let start = marker.byte_offset().unwrap_or_else(|| {
            let at = self.text.char_indices().nth(marker.index());
            at.map_or(self.text.len(), |(at, _)| at)
        });
        let mut start = self.text.floor_char_boundary(start);
        let line = self.text[start..].lines().next().unwrap_or_default();
        let unprintable = line
            .find(|c: char| c.is_control() && c != '\t')
            .filter(|_| matches!(error.kind(), ErrorKind::UnexpectedCharacter { .. }));
        start += unprintable.unwrap_or(0);
        let end = start + self.text[start..].chars().next().map_or(0, char::len_utf8);
        let bytes = bytes(start, end);
        if *error.kind() == ErrorKind::RecursionLimitExceeded {
            return self.too_deep(bytes);
        }
        let (message, hint) = match unprintable {
            Some(_) => (
                "a control character stands here".to_owned(),
                Some("remove it; in a text in double quotes it is written `\\x07` or the like"),
            ),
            None => explain(error),
        };
        let mut finding = Diagnostic::new(Severity::Error, self.path(), message).at(bytes.range());
        finding.hint = hint.map(str::to_owned);
        if let Some(open) = self.open.iter().rev().find(|open| open.flow) {
            let start = self.nodes[open.node as usize].bytes.range().start;
            finding = finding.related(start..start + 1, "not closed before this");
        }
        let quoted = matches!(
            error.kind(),
            ErrorKind::InvalidTrailingDoubleQuotedScalar
                | ErrorKind::InvalidTrailingSingleQuotedScalar
                | ErrorKind::UnclosedQuotedScalar
        );
        if let Some((_, key)) = self.open.last().and_then(|open| open.key.as_ref()).filter(|_| quoted) {
            finding = finding.related(key.range(), "in the text of this key");
        }
        self.stop(finding)
    }

    fn expects_key(&self) -> bool {
        self.open.last().is_some_and(|open| open.mapping && open.key.is_none())
    }

    fn push(&mut self, bytes: Bytes, content: Content) -> Result<u32, Stop> {
        if self.nodes.len() >= NODES_MAX {
            return self.too_many(bytes);
        }
        self.nodes.push(Node { bytes, content });
        Ok(u32::try_from(self.nodes.len() - 1).expect("NODES_MAX fits in 32 bits"))
    }

    /// Counts what has been read, aliases followed, against the limits.
    fn add(&mut self, weight: Weight, bytes: Bytes) -> Result<(), Stop> {
        self.total.nodes = self.total.nodes.saturating_add(weight.nodes);
        self.total.bytes = self.total.bytes.saturating_add(weight.bytes);
        if self.total.nodes > NODES_MAX {
            return self.too_many(bytes);
        }
        if self.total.bytes > EXPANDED_BYTES_MAX {
            let message =
                format!("the document holds more than {} MiB of text, aliases followed", EXPANDED_BYTES_MAX >> 20);
            let finding = self.finding(bytes, &message);
            return self.stop(finding);
        }
        Ok(())
    }

    fn too_many<T>(&mut self, bytes: Bytes) -> Result<T, Stop> {
        let finding = self.finding(bytes, "the document holds more than 1,000,000 values, aliases followed");
        self.stop(finding)
    }

    /// Makes the node the next child of the innermost open collection, or the root.
    fn attach(&mut self, node: u32) {
        let Some(parent) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return;
        };
        let key = parent.key.take();
        match (&mut self.nodes[parent.node as usize].content, key) {
            (Content::List(elements), _) => elements.push(node),
            (Content::Mapping(entries), Some((key, key_bytes))) => {
                entries.push(Entry { key, key_bytes, value: node });
            }
            _ => {}
        }
    }

    fn bytes(&self, span: Span) -> Bytes {
        let range = span.byte_range().unwrap_or(0..0);
        let start = self.text.floor_char_boundary(range.start);
        let end = self.text.floor_char_boundary(range.end).max(start);
        // A block scalar is reported with the line break that ends it.
        let written = self.text[start..end].trim_end_matches(['\n', '\r', ' ', '\t']);
        bytes(start, start + written.len())
    }

    fn finding(&self, bytes: Bytes, message: &str) -> Diagnostic {
        Diagnostic::new(Severity::Error, self.path(), message).at(bytes.range())
    }

    fn stop<T>(&mut self, finding: Diagnostic) -> Result<T, Stop> {
        self.findings.push(finding);
        Err(Stop)
    }

    /// The path of the place the walk has reached.
    fn path(&self) -> String {
        let segments: Vec<Segment> = self
            .open
            .iter()
            .enumerate()
            .filter_map(|(depth, open)| self.segment(open, depth + 1 == self.open.len()))
            .collect();
        path::format(&segments)
    }

    fn segment(&self, open: &Open, innermost: bool) -> Option<Segment> {
        match &self.nodes[open.node as usize].content {
            // The children of the outer ones are attached already, those of the innermost not.
            Content::List(elements) if innermost => Some(Segment::Index(elements.len())),
            Content::List(elements) => elements.len().checked_sub(1).map(Segment::Index),
            Content::Mapping(_) if innermost => {
                let (key, _) = open.key.as_ref()?;
                Some(Segment::Key(key.to_string()))
            }
            Content::Mapping(entries) => Some(Segment::Key(entries.last()?.key.to_string())),
            _ => None,
        }
    }
}

fn bytes(start: usize, end: usize) -> Bytes {
    let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Bytes { start: narrow(start), end: narrow(end) }
}

/// A text short enough for a message.
pub(super) fn cut(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    let mut shown: String = text.chars().take(CHARS_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// Plain words for the mistakes people make; the parser's words for the rest.
fn explain(error: &ScanError) -> (String, Option<&'static str>) {
    use ErrorKind as K;
    let (message, hint) = match error.kind() {
        K::TabNotAllowed
        | K::TabInBlockIndentation
        | K::TabInIndentation
        | K::TabAtBlockScalarStart
        | K::TabInPlainScalar => ("a tab stands where YAML wants spaces", "indent with spaces"),
        K::InvalidIndentation
        | K::ExpectedBlockMappingKey
        | K::ExpectedBlockSequenceEntry
        | K::InvalidFlowScalarIndent => (
            "this line does not fit the ones above it",
            "keys of one mapping, and the `-` of one list, begin in the same column",
        ),
        K::MappingValueNotAllowed => {
            ("`:` cannot stand here", "the line above has a value already, or a text with `: ` in it needs quotes")
        }
        K::SimpleKeyExpected | K::InvalidSimpleKey => {
            ("this is not a key with a value", "write `key: value`, with a blank after the colon")
        }
        K::UnclosedFlowCollection { .. }
        | K::UnexpectedEofFlowSequence
        | K::UnexpectedEofFlowMapping
        | K::UnexpectedEofImplicitFlowMapping
        | K::ExpectedFlowSequenceSeparator
        | K::ExpectedFlowMappingSeparator
        | K::InvalidColonPlacement => (
            "a bracket is not closed, or a comma is missing",
            "close `[` by `]` and `{` by `}`, and put `,` between the items",
        ),
        K::MisplacedFlowCollectionEnd | K::MismatchedFlowCollectionEnd { .. } => {
            ("this bracket closes nothing", "brackets come in pairs: `[ ]` and `{ }`")
        }
        K::UnclosedQuotedScalar => ("this quote is not closed", "add the closing quote"),
        K::BlockEntryInFlowCollection => (
            "`-` cannot stand here",
            "a `{` or `[` above it is not closed, or a text that begins with `-` needs quotes",
        ),
        K::InvalidTrailingDoubleQuotedScalar | K::InvalidTrailingSingleQuotedScalar => (
            "something follows the closing quote",
            "close the quote where the text ends; within the text write `\\\"` between double quotes, `''` between single ones",
        ),
        K::UnexpectedCharacter { .. } => ("a text cannot begin with this character", "put quotes around the text"),
        kind => return (format!("this is not valid YAML: {kind}"), None),
    };
    (message.to_owned(), Some(hint))
}
