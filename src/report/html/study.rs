//! The page of what sets several runs side by side: a conclusion, charts, tables, commands.
//!
//! Plain data in; comparisons, sweeps and overlays say what stands in it. Not here: what is compared.

use super::super::pictures::Picture;
use super::super::{OutputFile, file};
use super::{Column, Html, Page, note, table, verdict};

/// A longer document is not inlined: it stands beside the page.
const DATA_BYTES_MAX: usize = 200_000;

/// What a page shows.
#[derive(Clone, Debug, Default)]
pub struct Study {
    /// What was studied.
    pub title: String,
    /// The question it answers; may be empty.
    pub question: String,
    /// How it was run, in a sentence.
    pub facts: String,
    /// What came out, in a few words.
    pub conclusion: String,
    /// The same at length.
    pub explained: String,
    /// The charts, in order.
    pub pictures: Vec<Picture>,
    /// The tables, in order.
    pub tables: Vec<Table>,
    /// Commands that repeat it.
    pub commands: Vec<String>,
    /// What the page is made from, as JSON.
    pub data: String,
}

/// A table of texts. The first column names its row; the others are figures.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// What it shows.
    pub title: String,
    /// The titles of the columns.
    pub heads: Vec<String>,
    /// A text for each column.
    pub rows: Vec<Vec<String>>,
    /// The row to be seen first.
    pub best: Option<usize>,
    /// What is to be said of it; may be empty.
    pub note: String,
}

/// The page as a file named `name`.
pub fn page(study: &Study, name: &str) -> OutputFile {
    let mut page = Page::default();
    if !study.pictures.is_empty() {
        page.section("charts", "Charts", "");
        study.pictures.iter().for_each(|picture| page.picture(picture));
    }
    page.section("figures", "Figures", "");
    for shown in &study.tables {
        if !shown.title.is_empty() {
            page.add(&Html::wrapped("h3", &Html::text(&shown.title)));
        }
        page.add(&texts(shown));
        if !shown.note.is_empty() {
            page.note(&shown.note);
        }
    }
    page.section(
        "repeat",
        "How to repeat it",
        "The same command with the same version gives the same figures, to the byte.",
    );
    if !study.commands.is_empty() {
        let commands = Html::wrapped("pre", &Html::wrapped("code", &Html::text(&study.commands.join("\n"))));
        match study.commands.len() {
            0..=12 => page.add(&commands),
            many => page.folded(&format!("All {many} commands"), &commands),
        }
    }
    page.list(&[format!("version: {} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))]);
    let mut head = Html::default();
    if !study.question.trim().is_empty() {
        head.push(&Html::wrapped(r#"p class="question""#, &Html::text(study.question.trim())));
    }
    head.push(&note(&study.facts));
    if !study.conclusion.is_empty() {
        head.push(&verdict("", &study.conclusion, &study.explained, &[]));
    }
    let data = if study.data.len() <= DATA_BYTES_MAX { study.data.as_str() } else { "null" };
    if data == "null" {
        page.note(
            "The figures are too many to stand within this page as JSON (`#data`): the files beside it have them.",
        );
    }
    file(name, page.finish(&study.title, &head, data))
}

/// JSON without its line breaks and indents.
///
/// # Panics
/// When `json` is none.
pub fn compact(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).expect("what was written as JSON is JSON");
    value.to_string()
}

fn texts(shown: &Table) -> Html {
    let column = |index: usize| if index == 0 { Column::Words } else { Column::Number };
    let heads: Vec<(&str, Column)> =
        shown.heads.iter().enumerate().map(|(index, head)| (head.as_str(), column(index))).collect();
    let rows: Vec<Vec<Html>> = (shown.rows.iter().enumerate())
        .map(|(row, cells)| {
            let bold = shown.best == Some(row);
            let cell = |text: &String| if bold { Html::wrapped("b", &Html::text(text)) } else { Html::text(text) };
            cells.iter().map(cell).collect()
        })
        .collect();
    table(&heads, &rows)
}
