//! One finding about a scenario file, and how it is printed.
//!
//! A [`Diagnostic`] says where (path and byte span), what and how to mend it. [`render`] prints
//! in the look of rustc. Nothing here decides what is wrong, and nothing here reads files.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, but the author should look again.
    Warning,
    /// The author may want to know; nothing is to be mended.
    Note,
}

/// One finding about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The place in the document, such as `services.promo.senders[0].mps`; empty for the root.
    pub path: String,
    /// What is wrong, in one line.
    pub message: String,
    /// A few words beside the marked text.
    pub label: Option<String>,
    /// How to mend it.
    pub hint: Option<String>,
    /// The marked text, in bytes from the start of the text; none for a value that is not written
    /// in the file.
    pub span: Option<Range<usize>>,
    /// Other places that matter, each with a few words.
    pub related: Vec<(Range<usize>, String)>,
}

impl Diagnostic {
    /// A finding with neither place nor hint.
    pub fn new(severity: Severity, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity,
            path: path.into(),
            message: message.into(),
            label: None,
            hint: None,
            span: None,
            related: Vec::new(),
        }
    }

    /// Marks these bytes of the text.
    #[must_use]
    pub fn at(mut self, span: Range<usize>) -> Self {
        self.span = Some(span);
        self
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a few words beside the marked text.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds another place that matters.
    #[must_use]
    pub fn related(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }
}

/// A line longer than this many bytes is cut before it is laid out, so that each finding costs
/// the same however long the line is.
const LINE_BYTES_MAX: usize = 4096;
/// Bytes kept on each side of the marked text in a line that is cut.
const LINE_MARGIN: usize = 400;
/// Another place further away than this many lines is named, not shown.
const RELATED_LINES_MAX: usize = 2000;

/// Prints findings in the order of their place; those without a place come last.
///
/// `text` is the text the spans count in. Spans that do not fit it are clipped, so any text is
/// safe. A marked text of several lines is marked on its first line only.
pub fn render(name: &str, text: &str, diagnostics: &[Diagnostic], color: bool) -> String {
    let lines = Lines::new(text);
    let name = &clean(name);
    let mut ordered: Vec<&Diagnostic> = diagnostics.iter().collect();
    ordered.sort_by_key(|d| d.span.as_ref().map_or(usize::MAX, |span| span.start));
    let mut out = String::new();
    for diagnostic in ordered {
        // The renderer replaces the control characters of ASCII in what it quotes and leaves those of Latin-1, which some
        // terminals obey too: U+009B begins a command as escape and bracket do.
        let shown = render_one(name, &lines, diagnostic, color);
        out.extend(shown.chars().map(|c| if matches!(c, '\u{80}'..='\u{9f}') { '\u{fffd}' } else { c }));
        out.push_str("\n\n");
    }
    out
}

fn render_one(name: &str, lines: &Lines<'_>, diagnostic: &Diagnostic, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let excerpt = diagnostic.span.as_ref().map(|span| Excerpt::new(lines, span, diagnostic));
    let mut notes = Vec::new();
    if !diagnostic.path.is_empty() {
        notes.push(clean(&format!("at `{}`", diagnostic.path)));
    }
    if let Some(excerpt) = &excerpt {
        notes.extend(excerpt.far.iter().cloned());
    }
    let first: Element<'_> = match &excerpt {
        Some(excerpt) => excerpt.snippet(name).into(),
        None => Origin::path(name).into(),
    };
    let message = clean(&diagnostic.message);
    let hint = diagnostic.hint.as_deref().map(clean);
    let group = level
        .primary_title(message.as_str())
        .element(first)
        .elements(notes.iter().map(|note| Level::NOTE.message(note.as_str())))
        .elements(hint.iter().map(|hint| Level::HELP.message(hint.as_str())));
    let rendered = renderer.render(&[group]);
    match excerpt.and_then(|excerpt| excerpt.column_fix) {
        Some((line, shown, real)) => {
            rendered.replacen(&format!("{name}:{line}:{shown}\n"), &format!("{name}:{line}:{real}\n"), 1)
        }
        None => rendered,
    }
}

/// Characters of a message, label, path or hint that are printed.
const WORDS_MAX: usize = 1000;

/// Messages quote the file: its control characters must not reach a terminal, and its longest
/// texts must not fill it.
fn clean(text: &str) -> String {
    let mut cleaned = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == WORDS_MAX {
            cleaned.push('…');
            break;
        }
        match c {
            '\n' | '\r' | '\t' => cleaned.push(' '),
            c if c.is_control() => cleaned.extend(c.escape_default()),
            c => cleaned.push(c),
        }
    }
    cleaned
}

/// The lines to show for one finding, long ones cut, with the spans moved accordingly.
struct Excerpt {
    first_line: usize,
    text: String,
    marks: Vec<(AnnotationKind, Range<usize>, Option<String>)>,
    /// Places too far away to show.
    far: Vec<String>,
    /// Line, column in the cut line, column in the file; when the marked line was cut at its
    /// start.
    column_fix: Option<(usize, usize, usize)>,
}

/// A mark as a place in the file: line number from 0 and bytes of the text.
struct Mark {
    kind: AnnotationKind,
    line: usize,
    span: Range<usize>,
    label: Option<String>,
}

impl Excerpt {
    fn new(lines: &Lines<'_>, span: &Range<usize>, diagnostic: &Diagnostic) -> Self {
        let (line, span) = lines.clip(span);
        let mut marks =
            vec![Mark { kind: AnnotationKind::Primary, line, span, label: diagnostic.label.as_deref().map(clean) }];
        let mut far = Vec::new();
        for (span, label) in &diagnostic.related {
            let (other, span) = lines.clip(span);
            if other.abs_diff(line) > RELATED_LINES_MAX {
                far.push(clean(&format!("{label}: line {}", other + 1)));
            } else {
                marks.push(Mark { kind: AnnotationKind::Context, line: other, span, label: Some(clean(label)) });
            }
        }
        Self::lay_out(lines, &marks, far)
    }

    fn lay_out(lines: &Lines<'_>, marks: &[Mark], far: Vec<String>) -> Self {
        let first = marks.iter().map(|m| m.line).min().unwrap_or(0);
        let last = marks.iter().map(|m| m.line).max().unwrap_or(0);
        let mut excerpt = Self { first_line: first + 1, text: String::new(), marks: Vec::new(), far, column_fix: None };
        for line in first..=last {
            if line > first {
                excerpt.text.push('\n');
            }
            excerpt.push_line(lines, line, marks);
        }
        excerpt
    }

    fn push_line(&mut self, lines: &Lines<'_>, line: usize, marks: &[Mark]) {
        let whole = lines.range(line);
        let mut on_line = marks.iter().filter(|m| m.line == line).peekable();
        let window = match on_line.peek() {
            _ if whole.len() <= LINE_BYTES_MAX => whole.clone(),
            Some(mark) => lines.window(&whole, &mark.span),
            None => whole.start..whole.start,
        };
        let base = self.text.len();
        self.text.push_str(&lines.text[window.clone()]);
        for mark in on_line {
            let place = |at: usize| base + at.clamp(window.start, window.end) - window.start;
            let span = place(mark.span.start)..place(mark.span.end);
            if mark.kind == AnnotationKind::Primary && window.start > whole.start {
                let chars = |from: usize| lines.text[from..mark.span.start].chars().count() + 1;
                self.column_fix = Some((line + 1, chars(window.start), chars(whole.start)));
            }
            self.marks.push((mark.kind, span, mark.label.clone()));
        }
    }

    fn snippet<'a>(&'a self, name: &'a str) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        Snippet::source(self.text.as_str())
            .path(name)
            .line_start(self.first_line)
            .annotations(self.marks.iter().map(|(kind, span, label)| kind.span(span.clone()).label(label.as_deref())))
    }
}

/// Where the lines of a text begin.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// The bytes of a line without its line break; `line` counts from 0.
    fn range(&self, line: usize) -> Range<usize> {
        let start = self.starts[line];
        let end = self.starts.get(line + 1).map_or(self.text.len(), |next| next - 1);
        let end = end - usize::from(end > start && self.text.as_bytes()[end - 1] == b'\r');
        start..end
    }

    /// The line a span begins on, and the part of the span on that line without trailing blanks.
    fn clip(&self, span: &Range<usize>) -> (usize, Range<usize>) {
        let start = self.text.floor_char_boundary(span.start);
        let line = self.starts.partition_point(|begin| *begin <= start) - 1;
        let whole = self.range(line);
        let start = start.min(whole.end);
        let end = self.text.floor_char_boundary(span.end).clamp(start, whole.end);
        (line, start..start + self.text[start..end].trim_end().len())
    }

    /// A part of a long line around the start of `mark`.
    fn window(&self, line: &Range<usize>, mark: &Range<usize>) -> Range<usize> {
        let start = mark.start.saturating_sub(LINE_MARGIN).max(line.start);
        let end = (mark.start + LINE_MARGIN).min(line.end);
        self.text.floor_char_boundary(start)..self.text.ceil_char_boundary(end)
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    fn error(span: Range<usize>) -> Diagnostic {
        Diagnostic::new(Severity::Error, "a.b", "this is wrong").at(span)
    }

    /// A file cannot give commands to the terminal that shows its errors.
    #[test]
    fn no_control_character_is_quoted() {
        let text = "x: \"\u{9b}31m\u{1b}[2J\u{85}é\"\n";
        let shown = render("s.yaml", text, &[error(0..1)], false);
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
        assert!(shown.contains('é'));
    }

    #[test]
    fn columns_count_characters_and_not_bytes() {
        let text = "x: 1\nñame: { größe: zehn }\n";
        let at = text.find("zehn").expect("is there");
        let shown = render("s.yaml", text, &[error(at..at + 4).hint("use 10")], false);
        assert_eq!(
            shown,
            "error: this is wrong\n \
             --> s.yaml:2:16\n  \
             |\n\
             2 | ñame: { größe: zehn }\n  \
             |                ^^^^\n  \
             |\n  \
             = note: at `a.b`\n  \
             = help: use 10\n\n"
        );
    }

    #[test]
    fn two_places_are_shown_together() {
        let text = "seed: 42\nname: x\nseed: 43\n";
        let finding = Diagnostic::new(Severity::Warning, "", "twice").at(17..21).label("again").related(0..4, "first");
        assert_eq!(
            render("s.yaml", text, &[finding], false),
            "warning: twice\n \
             --> s.yaml:3:1\n  \
             |\n\
             1 | seed: 42\n  \
             | ---- first\n\
             2 | name: x\n\
             3 | seed: 43\n  \
             | ^^^^ again\n\n"
        );
    }

    #[test]
    fn findings_are_sorted_by_place_and_the_placeless_come_last() {
        let text = "a: 1\nb: 2\n";
        let all = [
            Diagnostic::new(Severity::Error, "c", "third"),
            Diagnostic::new(Severity::Error, "b", "second").at(5..6),
            Diagnostic::new(Severity::Error, "a", "first").at(0..1),
        ];
        let shown = render("s.yaml", text, &all, false);
        let at = |word: &str| shown.find(word).expect("is shown");
        assert!(at("first") < at("second") && at("second") < at("third"));
        assert!(shown.ends_with("error: third\n--> s.yaml\n = note: at `c`\n\n"), "{shown}");
    }

    #[test]
    fn a_line_of_ten_megabytes_is_cut_and_keeps_its_column() {
        let text = format!("a: {} größe\nb: 1\n", "é".repeat(5_000_000));
        let at = text.find("größe").expect("is there");
        let shown = render("s.yaml", &text, &vec![error(at..at + 7); 20], false);
        // 3 characters `a: `, 5,000,000 letters and a blank stand before it.
        assert_eq!(shown.matches("--> s.yaml:1:5000005\n").count(), 20, "{shown:.300}");
        assert!(shown.contains("^^^^^"));
        assert!(shown.lines().all(|line| line.chars().count() < 200));
    }

    #[test]
    fn a_place_far_away_is_named_by_its_line() {
        let text = "x: 1\n".repeat(10_000);
        let last = text.len() - 5;
        let finding = error(last..last + 1).related(0..1, "first given here");
        let shown = render("s.yaml", &text, &[finding], false);
        assert!(shown.contains("--> s.yaml:10000:1\n"), "{shown}");
        assert!(shown.contains("= note: first given here: line 1\n"), "{shown}");
    }

    #[test]
    fn spans_that_do_not_fit_are_clipped() {
        let reversed = Range { start: 9, end: 2 };
        for text in ["", "é", "\n", "a\r\nb", "é\n\u{feff}ü\u{1b}[31m\t€"] {
            for span in [0..0, 1..2, 0..999, 999..1000, usize::MAX..usize::MAX, reversed.clone()] {
                for color in [false, true] {
                    let finding = error(span.clone()).related(span.clone(), "here");
                    let shown = render("s.yaml", text, &[finding], color);
                    assert!(shown.contains("this is wrong"), "{shown}");
                }
            }
        }
    }

    #[test]
    fn long_messages_are_cut() {
        let finding = Diagnostic::new(Severity::Error, "k".repeat(5000), "m".repeat(5000));
        let shown = render("s.yaml", "", &[finding], false);
        for letter in ["k", "m"] {
            assert!(shown.contains(&letter.repeat(996)), "{shown}");
            assert!(!shown.contains(&letter.repeat(1001)), "{shown}");
        }
    }

    #[test]
    fn control_characters_of_the_file_do_not_reach_the_terminal() {
        let text = "a: \u{1b}[31mred\n";
        let finding = Diagnostic::new(Severity::Error, "\u{1b}[2J", "\u{1b}[31m bad").at(3..4);
        let finding = finding.hint("\u{1b}c").label("\u{9b}1m").related(0..1, "\u{1b}c");
        let shown = render("\u{1b}c.yaml", text, &[finding], false);
        assert!(!shown.contains(['\u{1b}', '\u{9b}']), "{shown:?}");
    }
}
