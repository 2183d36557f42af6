//! A page of text under headings, at most 100 columns wide, whose facts name their sources by number.
//!
//! Not here: what stands on a page.

use std::fmt::Write as _;

use crate::catalogue::{self, Assumption, Dated, Evidence};
use crate::report::terminal::{Style, wrap};

use super::phrases::dollars;

/// The widest line, in characters.
pub(super) const WIDTH: usize = 100;

/// A page that is being written.
pub(super) struct Page {
    out: String,
    style: Style,
    /// Keys of the sources named so far; the number of a source is its place here, from one.
    sources: Vec<String>,
}

impl Page {
    /// A page with a title and a line below it.
    pub(super) fn new(style: Style, title: &str, about: &str) -> Page {
        let mut page = Page { out: format!("{}\n", style.bold(title)), style, sources: Vec::new() };
        for line in wrap(about, WIDTH) {
            let _ = writeln!(page.out, "{}", style.dim(&line));
        }
        page
    }

    /// Begins a part; `columns` is the head of the table that follows, if one does.
    pub(super) fn section(&mut self, title: &str, columns: &str) {
        let head = format!("{}{}", self.style.bold(title), self.style.dim(columns));
        let _ = writeln!(self.out, "\n{head}");
    }

    /// A row of a table as it is.
    pub(super) fn row(&mut self, text: &str) {
        let _ = writeln!(self.out, "  {}", text.trim_end());
    }

    /// A paragraph.
    pub(super) fn text(&mut self, text: &str) {
        self.indented("  ", "  ", text);
    }

    /// A paragraph that belongs to the row above.
    pub(super) fn detail(&mut self, text: &str) {
        self.indented("      ", "      ", text);
    }

    /// An entry of a list.
    pub(super) fn item(&mut self, text: &str) {
        self.indented("  - ", "    ", text);
    }

    /// A list, or the word that it is empty.
    pub(super) fn items(&mut self, texts: &[String]) {
        if texts.is_empty() {
            self.text("none listed");
        }
        for text in texts {
            self.item(text);
        }
    }

    fn indented(&mut self, first: &str, rest: &str, text: &str) {
        for (at, line) in wrap(text, WIDTH - first.len()).iter().enumerate() {
            let _ = writeln!(self.out, "{}{line}", if at == 0 { first } else { rest });
        }
    }

    /// What a block rests on: numbers of its sources, confidence and date.
    pub(super) fn cite(&mut self, evidence: &Evidence) -> String {
        let numbers: Vec<String> = evidence.sources.iter().map(|key| self.number(key).to_string()).collect();
        let assumed = if evidence.why_assumed.is_some() { "assumed, " } else { "" };
        format!("[{}; {assumed}{}, {}]", numbers.join(" "), evidence.confidence.as_str(), evidence.as_of)
    }

    /// An amount, since when, and what it was before, with the sources of amounts that have their own.
    /// `unit` follows the newest amount.
    pub(super) fn history(&mut self, amount: &Dated, unit: &str) -> String {
        let mut texts = Vec::new();
        for step in amount.steps().iter().rev() {
            let mut text = dollars(step.amount);
            if texts.is_empty() {
                text.push_str(unit);
            }
            if let Some(from) = step.from {
                let _ = write!(text, " since {from}");
            }
            if let Some(evidence) = &step.evidence {
                let _ = write!(text, " {}", self.cite(evidence));
            }
            texts.push(text);
        }
        if texts.len() == 1 {
            return texts.remove(0);
        }
        format!("{} (before: {})", texts[0], texts[1..].join(", "))
    }

    fn number(&mut self, key: &str) -> usize {
        let known = self.sources.iter().position(|known| known == key);
        known.unwrap_or_else(|| {
            self.sources.push(key.to_owned());
            self.sources.len() - 1
        }) + 1
    }

    /// Ends the page with what is assumed and the titles of the sources.
    pub(super) fn finish(mut self, assumptions: &[Assumption]) -> String {
        self.section("ASSUMPTIONS", "");
        let guesses: Vec<String> =
            assumptions.iter().map(|guess| format!("{}: {}", guess.subject, guess.why)).collect();
        self.items(&guesses);
        self.section("SOURCES", "  numbers in brackets above; confidence and date are those of the fact");
        for (at, key) in std::mem::take(&mut self.sources).iter().enumerate() {
            let Some(source) = catalogue::sources().get(key) else { continue };
            let about = if source.undated { ", undated" } else { "" };
            let address = source.url.as_ref().map_or_else(String::new, |url| format!(" {url}"));
            let number = format!("  [{}] ", at + 1);
            let rest = " ".repeat(number.len());
            self.indented(&number, &rest, &format!("{} ({}{about}){address}", source.title, source.as_of));
        }
        self.out
    }
}
