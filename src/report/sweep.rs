//! A sweep on paper: `sweep.json`, `sweep.csv`, `sweep.md`, charts, and the table on the screen.
//!
//! Every column says its unit. A value is what a run of the cell would say; beside it stand the smallest and the largest
//! of its replications, and its 95 % interval.

mod pictures;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use crate::model::metric::Kind;
use crate::model::threshold::{Aggregation, Measure};
use crate::sweep::{Grid, Outcome, Value, best};

use super::html::study::{self, Study, Table, compact};
use super::intervals::IntervalFacts;
use super::pictures::Picture;
use super::summary::Tool;
use super::terminal::{COLUMNS, wrap};
use super::{OutputFile, file, html, words};

/// Version of the format of `sweep.json`.
pub const FORMAT: u32 = 1;

/// What was swept and what came out.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The scenario's name.
    pub name: String,
    /// The question it answers.
    pub question: String,
    /// Digest of everything that was asked.
    pub digest: String,
    /// The values.
    pub grid: Grid,
    /// What each axis is called.
    pub labels: Vec<String>,
    /// What was asked of each cell.
    pub measures: Vec<Measure>,
    /// Whether losses are shown by error code.
    pub shows_losses: bool,
    /// The cells, in the order of the grid.
    pub cells: Vec<Cell>,
}

/// One cell.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Its values, one for each axis.
    pub values: Vec<String>,
    /// Digest of its scenario.
    pub digest: String,
    /// The command that repeats it.
    pub command: String,
    /// How many replications it has.
    pub replications: u32,
    /// What it showed.
    pub outcome: Outcome,
}

/// `sweep.json`.
#[derive(Debug, Serialize)]
struct Facts<'a> {
    format: u32,
    tool: Tool,
    name: &'a str,
    question: &'a str,
    digest: &'a str,
    axes: Vec<AxisFacts<'a>>,
    columns: Vec<ColumnFacts>,
    /// Index of the cell that keeps the most promises, of those the one with the cheapest delivered message.
    best: Option<usize>,
    cells: Vec<CellFacts<'a>>,
}

#[derive(Debug, Serialize)]
struct AxisFacts<'a> {
    label: &'a str,
    paths: &'a [String],
    values: &'a [String],
}

#[derive(Debug, Serialize)]
struct ColumnFacts {
    name: String,
    unit: &'static str,
    meaning: &'static str,
}

#[derive(Debug, Serialize)]
struct CellFacts<'a> {
    values: &'a [String],
    digest: &'a str,
    command: &'a str,
    replications: u32,
    /// In the order of the columns.
    results: Vec<ValueFacts>,
    losses: Vec<LossFacts>,
    promises: usize,
    promises_kept: usize,
    broken: &'a [String],
    rents_dollars_per_month: f64,
    trajectory: String,
}

#[derive(Debug, Serialize)]
struct ValueFacts {
    value: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<IntervalFacts>,
}

#[derive(Debug, Serialize)]
struct LossFacts {
    code: u16,
    messages: f64,
    share: f64,
}

impl Sweep {
    /// All files of the sweep's folder but `run.json` and the dress, the same bytes for the same question and version.
    ///
    /// # Panics
    /// Never.
    pub fn files(&self) -> Vec<OutputFile> {
        vec![file("sweep.json", self.json()), self.table(), file("sweep.md", self.markdown())]
    }

    /// `sweep.csv`, one row for each cell there is.
    pub fn table(&self) -> OutputFile {
        file("sweep.csv", self.csv())
    }

    /// What the sweep looks like: charts, also as PNG where `png` asks for it, and the page.
    ///
    /// # Panics
    /// Never.
    pub fn dress(&self, png: bool) -> Vec<OutputFile> {
        let pictures = pictures::pictures(self);
        let mut files = super::pictures::drawn(&pictures, png);
        files.push(self.page(pictures));
        files
    }

    fn page(&self, pictures: Vec<Picture>) -> OutputFile {
        let study = Study {
            title: format!("{}: sweep over {}", self.name, self.labels.join(" and ")),
            question: self.question.clone(),
            facts: format!(
                "{}, {}, the same seed in all of them.",
                words::plural(self.cells.len() as u64, "cell", "cells"),
                self.replications()
            ),
            conclusion: self.best_in_words(),
            explained: String::new(),
            pictures,
            tables: vec![Table {
                title: String::new(),
                heads: self.heads(),
                rows: self.cells.iter().map(|cell| self.row_with(cell, text_with_interval)).collect(),
                best: self.best(),
                note: "A value is that of all replications together; in brackets stands its 95 % interval, where it has one \
                       with a width. `-` stands for what is not identified, such as the drain of a run that its horizon cut."
                    .to_owned(),
            }],
            commands: self.cells.iter().map(|cell| cell.command.clone()).collect(),
            data: compact(&self.json()),
        };
        study::page(&study, html::run::FILE)
    }

    /// `sweep.json`.
    ///
    /// # Panics
    /// Never.
    pub fn json(&self) -> String {
        let columns = self.measures.iter().map(|measure| ColumnFacts {
            name: measure.to_string(),
            unit: unit_of(measure),
            meaning: measure.metric.definition().meaning,
        });
        let axes = self.grid.axes.iter().zip(&self.labels);
        let facts = Facts {
            format: FORMAT,
            tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
            name: &self.name,
            question: &self.question,
            digest: &self.digest,
            axes: axes.map(|(axis, label)| AxisFacts { label, paths: &axis.paths, values: &axis.values }).collect(),
            columns: columns.collect(),
            best: self.best(),
            cells: self.cells.iter().map(CellFacts::of).collect(),
        };
        let mut json = serde_json::to_string_pretty(&facts).expect("facts are plain data");
        json.push('\n');
        json
    }

    /// `sweep.csv`: one row a cell.
    fn csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut write = |row: Vec<String>| writer.write_record(row).expect("writing to memory does not fail");
        let codes = self.codes();
        let mut header: Vec<String> = self.grid.axes.iter().flat_map(|axis| axis.paths.clone()).collect();
        header.push("replications".to_owned());
        for measure in &self.measures {
            let name = format!("{measure} ({})", unit_of(measure));
            header.extend(["", " min", " max", " low 95 %", " high 95 %"].map(|what| format!("{name}{what}")));
        }
        header.extend(codes.iter().map(|code| format!("lost with {code} (share)")));
        header.extend(["promises kept", "promises", "rents (dollars a month)", "trajectory"].map(str::to_owned));
        write(header);
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        for cell in &self.cells {
            let pairs = self.grid.axes.iter().zip(&cell.values);
            let mut row: Vec<String> =
                pairs.flat_map(|(axis, value)| axis.paths.iter().map(|_| value.clone())).collect();
            row.push(cell.replications.to_string());
            for value in &cell.outcome.values {
                let (low, high) = value.interval.map_or((None, None), |interval| (interval.low, interval.high));
                row.extend([value.value, value.min, value.max, low, high].map(number));
            }
            let share = |code: &u16| cell.outcome.losses.get(code).map_or(0.0, |loss| loss.share);
            row.extend(codes.iter().map(|code| share(code).to_string()));
            row.push(cell.outcome.kept.to_string());
            row.push(cell.promises().to_string());
            row.push(cell.outcome.rents_dollars_per_month.to_string());
            row.push(format!("{:016x}", cell.outcome.trajectory));
            write(row);
        }
        writer.into_inner().expect("writing to memory does not fail")
    }

    fn markdown(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "# {}: sweep\n", self.name);
        if !self.question.trim().is_empty() {
            let _ = writeln!(out, "{}\n", self.question.trim());
        }
        let _ = writeln!(
            out,
            "{}, {}, the same seed in all of them. {} {}, digest `{}`.\n",
            words::plural(self.cells.len() as u64, "cell", "cells"),
            self.replications(),
            env!("CARGO_PKG_NAME"),
            env!("CARGO_PKG_VERSION"),
            self.digest
        );
        for (axis, label) in self.grid.axes.iter().zip(&self.labels) {
            let paths: Vec<String> = axis.paths.iter().map(|path| format!("`{path}`")).collect();
            let _ = writeln!(out, "- {label}: {}", paths.join(", "));
        }
        let _ = writeln!(out, "\n{}\n", self.best_in_words());
        let heads = self.heads();
        let _ = writeln!(out, "| {} |  |", heads.join(" | "));
        let _ = writeln!(out, "|{}", " --- |".repeat(heads.len() + 1));
        let best = self.best();
        for (index, cell) in self.cells.iter().enumerate() {
            let mark = if best == Some(index) { "**best**" } else { "" };
            let _ = writeln!(out, "| {} | {mark} |", self.row_with(cell, text_with_interval).join(" | "));
        }
        let _ = writeln!(
            out,
            "\nA value is that of all replications together; in brackets stands its 95 % interval, where it has one \
             with a width; `sweep.csv` has the smallest and the largest of its replications beside it. `-` stands for what is not identified, such as the drain of a run that its horizon cut."
        );
        self.broken_promises(&mut out);
        let _ = writeln!(out, "\n## Commands\n\nEach repeats one cell, in the order of the table.\n\n```console");
        for cell in &self.cells {
            let _ = writeln!(out, "$ {}", cell.command);
        }
        let _ = writeln!(out, "```");
        out
    }

    /// In how many cells each promise is broken.
    fn broken_promises(&self, out: &mut String) {
        let mut broken: BTreeMap<&str, usize> = BTreeMap::new();
        for promise in self.cells.iter().flat_map(|cell| &cell.outcome.broken) {
            *broken.entry(promise).or_default() += 1;
        }
        if broken.is_empty() {
            return;
        }
        let _ = writeln!(out, "\n## Broken promises\n\n| Promise | Broken in |\n| --- | --- |");
        for (promise, count) in broken {
            let _ = writeln!(out, "| `{promise}` | {count} of {} cells |", self.cells.len());
        }
    }

    /// The table for a terminal; the best cell is marked by an arrow.
    pub fn terminal(&self) -> String {
        let best = self.best();
        let heads: Vec<Vec<String>> = self.heads().iter().map(|head| head_lines(head)).collect();
        let rows: Vec<Vec<String>> = self.cells.iter().map(|cell| self.row(cell)).collect();
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            heads[column].iter().map(|line| line.chars().count()).chain(cells).max().unwrap_or(0)
        };
        // A table too wide for a terminal says once what all cells have alike, apart from what is varied.
        let is_wide = 2 + (0..heads.len()).map(|column| width(column) + 2).sum::<usize>() > COLUMNS + 2;
        let is_alike = |column: usize| rows.windows(2).all(|pair| pair[0][column] == pair[1][column]);
        let left_out: Vec<usize> = (self.labels.len()..heads.len().saturating_sub(1))
            .filter(|column| is_wide && rows.len() > 1 && is_alike(*column))
            .collect();
        let alike = left_out.iter().map(|column| format!("{} {}", self.heads()[*column], rows[0][*column]));
        let alike = alike.collect::<Vec<_>>().join(", ");
        let keep = |cells: Vec<String>| -> Vec<String> {
            let cells = cells.into_iter().enumerate().filter(|(column, _)| !left_out.contains(column));
            cells.map(|(_, cell)| cell).collect()
        };
        let widths: Vec<usize> = (0..heads.len()).filter(|column| !left_out.contains(column)).map(width).collect();
        let heads: Vec<Vec<String>> = heads
            .iter()
            .enumerate()
            .filter(|(column, _)| !left_out.contains(column))
            .map(|(_, lines)| lines.clone())
            .collect();
        let rows: Vec<Vec<String>> = rows.iter().map(|row| keep(row.clone())).collect();
        let mut out = format!(
            "{}: {}, {}\n\n",
            self.name,
            words::plural(self.cells.len() as u64, "cell", "cells"),
            self.replications()
        );
        let mut line = |mark: &str, cells: &[&str]| {
            let cells = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}"));
            let text = format!("{mark} {}", cells.collect::<Vec<_>>().join("  "));
            let _ = writeln!(out, "{}", text.trim_end());
        };
        let tallest = heads.iter().map(Vec::len).max().unwrap_or(0);
        for row in 0..tallest {
            // Heads end on the same line.
            let cell = |lines: &'_ Vec<String>| (row + lines.len()).checked_sub(tallest).map(|at| lines[at].clone());
            let cells: Vec<String> = heads.iter().map(|lines| cell(lines).unwrap_or_default()).collect();
            line(" ", &cells.iter().map(String::as_str).collect::<Vec<_>>());
        }
        for (index, row) in rows.iter().enumerate() {
            let mark = if best == Some(index) { "→" } else { " " };
            line(mark, &row.iter().map(String::as_str).collect::<Vec<_>>());
        }
        out.push('\n');
        if !alike.is_empty() {
            wrap(&format!("Alike in all cells: {alike}."), COLUMNS).iter().for_each(|line| out.extend([line, "\n"]));
        }
        wrap(&self.best_in_words(), COLUMNS).iter().for_each(|line| out.extend([line, "\n"]));
        out
    }

    /// Index of the best cell.
    fn best(&self) -> Option<usize> {
        let outcomes: Vec<Outcome> = self.cells.iter().map(|cell| cell.outcome.clone()).collect();
        best(&outcomes)
    }

    fn best_in_words(&self) -> String {
        let Some(cell) = self.best().map(|index| &self.cells[index]) else { return String::new() };
        let pairs: Vec<String> =
            self.labels.iter().zip(&cell.values).map(|(label, value)| format!("{label} = {value}")).collect();
        let cost = cell.outcome.cost_per_delivered.map_or_else(
            || "nothing is delivered".to_owned(),
            |cost| format!("{} per delivered message", words::dollars(cost)),
        );
        let (kept, rule) = match cell.promises() {
            0 => (String::new(), "the cheapest delivered message"),
            all => (
                format!("{} of {all} promises kept, ", cell.outcome.kept),
                "the most promises, then the cheapest delivered message",
            ),
        };
        format!("Best: {}: {kept}{cost} without rents ({rule}).", pairs.join(", "))
    }

    /// How many replications the cells have.
    fn replications(&self) -> String {
        let counts: BTreeSet<u32> = self.cells.iter().map(|cell| cell.replications).collect();
        match (counts.first(), counts.last()) {
            (Some(least), Some(most)) if least != most => format!("{least} to {most} replications each"),
            (Some(count), _) => format!("{} each", words::plural(u64::from(*count), "replication", "replications")),
            _ => String::new(),
        }
    }

    /// Error codes that any cell has losses with.
    fn codes(&self) -> Vec<u16> {
        let codes: BTreeSet<u16> = self.cells.iter().flat_map(|cell| cell.outcome.losses.keys().copied()).collect();
        codes.into_iter().collect()
    }

    /// Codes with columns of their own in tables for people.
    fn shown_codes(&self) -> Vec<u16> {
        if self.shows_losses { self.codes() } else { Vec::new() }
    }

    /// The heads of the tables for people.
    fn heads(&self) -> Vec<String> {
        let mut heads = self.labels.clone();
        heads.extend(self.measures.iter().map(Measure::to_string));
        heads.extend(self.shown_codes().iter().map(|code| format!("lost with {code}")));
        heads.push("promises kept".to_owned());
        heads
    }

    /// The row of a cell below [`Sweep::heads`].
    fn row(&self, cell: &Cell) -> Vec<String> {
        self.row_with(cell, |measure, _, value| text(measure, value))
    }

    fn row_with(&self, cell: &Cell, words: fn(&Measure, &Value, f64) -> String) -> Vec<String> {
        let mut row = cell.values.clone();
        let values = self.measures.iter().zip(&cell.outcome.values);
        row.extend(
            values.map(|(measure, value)| {
                value.value.map_or_else(|| "-".to_owned(), |found| words(measure, value, found))
            }),
        );
        let share = |code: &u16| cell.outcome.losses.get(code).map_or(0.0, |loss| loss.share);
        row.extend(self.shown_codes().iter().map(|code| super::words::percent(share(code))));
        row.push(format!("{} of {}", cell.outcome.kept, cell.promises()));
        row
    }
}

impl Cell {
    /// How many promises its scenario makes.
    fn promises(&self) -> usize {
        self.outcome.kept + self.outcome.broken.len()
    }
}

impl<'a> CellFacts<'a> {
    fn of(cell: &'a Cell) -> CellFacts<'a> {
        let outcome = &cell.outcome;
        let values = outcome.values.iter().map(|value| ValueFacts {
            value: value.value,
            min: value.min,
            max: value.max,
            interval: value.interval.map(IntervalFacts::new),
        });
        let losses = outcome.losses.iter();
        CellFacts {
            values: &cell.values,
            digest: &cell.digest,
            command: &cell.command,
            replications: cell.replications,
            results: values.collect(),
            losses: losses
                .map(|(code, loss)| LossFacts { code: *code, messages: loss.messages, share: loss.share })
                .collect(),
            promises: cell.promises(),
            promises_kept: outcome.kept,
            broken: &outcome.broken,
            rents_dollars_per_month: outcome.rents_dollars_per_month,
            trajectory: format!("{:016x}", outcome.trajectory),
        }
    }
}

fn is_share(measure: &Measure) -> bool {
    measure.metric.definition().kind == Kind::Share && measure.aggregation == Aggregation::Rate
}

fn unit_of(measure: &Measure) -> &'static str {
    words::unit_name(measure.metric.definition().unit, is_share(measure))
}

/// `value [low, high]`, where the interval says more than the value.
fn text_with_interval(measure: &Measure, value: &Value, found: f64) -> String {
    let shown = text(measure, found);
    let end = |end: Option<f64>| end.map_or_else(|| "?".to_owned(), |end| text(measure, end));
    match value.interval.map(|interval| (end(interval.low), end(interval.high))) {
        Some((low, high)) if low != high || low == "?" => format!("{shown} [{low}, {high}]"),
        _ => shown,
    }
}

fn text(measure: &Measure, value: f64) -> String {
    words::in_unit(value, measure.metric.definition().unit, is_share(measure))
}

/// A head in short lines: words, and the tags of a metric.
fn head_lines(head: &str) -> Vec<String> {
    let spaced = head.replace('{', " {").replace("_", " ");
    if head.contains('.') {
        return vec![head.to_owned()];
    }
    spaced.split_whitespace().map(str::to_owned).collect()
}
