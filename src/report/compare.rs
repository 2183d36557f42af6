//! A comparison on paper: `compare.json`, `compare.md`, charts with the curves of all designs, and the table on the screen.

use std::fmt::Write as _;

use serde::Serialize;

use crate::compare::{Difference, Outcome, Row};
use crate::experiment::{Part, Results};
use crate::model::Model;
use crate::model::metric::{Kind, Unit};
use crate::model::threshold::{Aggregation, Measure, Scope};
use crate::statistics::{Estimate, FEW_REPLICATIONS};

use super::chart::{CalendarStart, Chart, Curve, PercentileChart, TimeChart, TimeLine};
use super::html::study::{self, Study, Table, compact};
use super::intervals::IntervalFacts;
use super::pictures::{Picture, drawn, points};
use super::summary::Tool;
use super::terminal::{COLUMNS, shorten_middle, wrap};
use super::{OutputFile, file, html, words};

/// Version of the format of `compare.json`.
pub const FORMAT: u32 = 1;

/// One design.
#[derive(Clone, Debug, Serialize)]
pub struct DesignFacts {
    /// Its name.
    pub name: String,
    /// Digest of its scenario.
    pub digest: String,
    /// The command that runs it alone.
    pub command: String,
    /// How many promises its scenario makes.
    pub promises: usize,
    /// How many of them it keeps.
    pub promises_kept: usize,
    /// Digest of what happened in all replications.
    pub trajectory: String,
}

/// What was compared and what came out.
#[derive(Debug)]
pub struct Comparison<'a> {
    /// The designs, the baseline first.
    pub designs: Vec<DesignFacts>,
    /// Digest of everything that was asked.
    pub digest: String,
    /// The command that compares them.
    pub command: String,
    /// The seed of all.
    pub seed: u64,
    /// The replications of each.
    pub replications: u32,
    /// The margin of equivalence, as a share of the baseline's figure.
    pub equivalence: Option<f64>,
    /// The figures.
    pub rows: Vec<Row>,
    /// The models and what they showed, for the charts.
    pub runs: Vec<(&'a Model, &'a Results)>,
}

#[derive(Debug, Serialize)]
struct Facts<'a> {
    format: u32,
    tool: Tool,
    digest: &'a str,
    seed: u64,
    replications: u32,
    /// Of the intervals of differences.
    confidence: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    equivalence_share: Option<f64>,
    designs: &'a [DesignFacts],
    figures: Vec<FigureFacts>,
}

#[derive(Debug, Serialize)]
struct FigureFacts {
    name: String,
    unit: &'static str,
    /// By design.
    values: Vec<ValueFacts>,
    /// By design without the baseline.
    differences: Vec<DifferenceFacts>,
}

#[derive(Debug, Serialize)]
struct ValueFacts {
    value: Option<f64>,
    interval: Option<IntervalFacts>,
}

#[derive(Debug, Serialize)]
struct DifferenceFacts {
    difference: Option<f64>,
    interval: Option<IntervalFacts>,
    /// Variance of independent runs by that of pairs.
    variance_reduction: Option<f64>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    equivalent: Option<bool>,
}

impl Comparison<'_> {
    /// All files of the folder but `run.json` and the dress, the same bytes for the same question and version.
    pub fn files(&self) -> Vec<OutputFile> {
        vec![file("compare.json", self.json()), file("compare.md", self.markdown())]
    }

    /// What the comparison looks like: charts, also as PNG where `png` asks for it, and the page.
    pub fn dress(&self, png: bool) -> Vec<OutputFile> {
        let pictures = self.pictures();
        let mut files = drawn(&pictures, png);
        files.push(self.page(pictures));
        files
    }

    fn page(&self, pictures: Vec<Picture>) -> OutputFile {
        let kept = self
            .designs
            .iter()
            .map(|design| format!("{} keeps {} of {} promises", design.name, design.promises_kept, design.promises));
        let of = |outcome: Outcome| self.differences().filter(|found| found.outcome == outcome).count() as u64;
        let tables = self.designs.iter().enumerate().skip(1).map(|(index, design)| {
            let mut heads: Vec<String> =
                ["Figure", "Baseline", "Here", "Difference", "Interval", "Variance by pairs", "Verdict"]
                    .map(str::to_owned)
                    .into();
            heads.extend(self.equivalence.map(|_| "Equivalent".to_owned()));
            let row = |row: &Row| {
                let cells = Cells::new(row, index);
                let mut texts = vec![
                    row.measure.to_string(),
                    cells.baseline,
                    cells.here,
                    cells.difference,
                    cells.interval,
                    cells.reduction,
                    cells.verdict.to_owned(),
                ];
                texts.extend(self.equivalence.map(|_| cells.equivalent.to_owned()));
                texts
            };
            Table {
                title: format!("{} against {}", design.name, self.designs[0].name),
                heads,
                rows: self.rows.iter().map(row).collect(),
                best: None,
                note: "A difference is this design minus the baseline, replication by replication. Of twenty figures that do \
                       not differ, one is shown as different on average."
                    .to_owned(),
            }
        });
        let study = Study {
            title: format!("Comparison with {}", self.designs[0].name),
            question: String::new(),
            facts: format!("{}.", self.head()),
            conclusion: format!("{}.", kept.collect::<Vec<_>>().join("; ")),
            explained: format!(
                "Of the figures, {} shown better than the baseline's and {} worse.",
                words::plural(of(Outcome::Better), "is", "are"),
                of(Outcome::Worse)
            ),
            pictures,
            tables: tables.collect(),
            commands: [&self.command]
                .into_iter()
                .chain(self.designs.iter().map(|design| &design.command))
                .cloned()
                .collect(),
            data: compact(&self.json()),
        };
        study::page(&study, html::run::FILE)
    }

    fn pictures(&self) -> Vec<Picture> {
        let curves = |name: &str, part, what| Picture {
            name: name.to_owned(),
            chart: Chart::Percentile(self.percentiles(part, what)),
        };
        vec![
            Picture { name: "backlog".to_owned(), chart: Chart::Time(self.backlog()) },
            curves("end_to_end", Part::EndToEnd, "delay from intended time to handset"),
            curves("queue_wait", Part::QueueWait, "wait from accepted to sent"),
        ]
    }

    /// `compare.json`.
    ///
    /// # Panics
    /// Never.
    pub fn json(&self) -> String {
        let facts = Facts {
            format: FORMAT,
            tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
            digest: &self.digest,
            seed: self.seed,
            replications: self.replications,
            confidence: self.confidence(),
            equivalence_share: self.equivalence,
            designs: &self.designs,
            figures: self.rows.iter().map(figure).collect(),
        };
        let mut json = serde_json::to_string_pretty(&facts).expect("facts are plain data");
        json.push('\n');
        json
    }

    /// Whether any figure of any design is worse than the baseline's, or it keeps fewer of the same number of promises. A
    /// figure that nobody knows may hide the worst, but the promise about it is broken all the same.
    pub fn any_worse(&self) -> bool {
        let keeps_less = |design: &DesignFacts| {
            let base = &self.designs[0];
            design.promises == base.promises && design.promises_kept < base.promises_kept
        };
        self.differences().any(|difference| difference.outcome == Outcome::Worse) || self.designs.iter().any(keeps_less)
    }

    /// Whether every figure that can be tested is equivalent, and there is one.
    pub fn all_equivalent(&self) -> bool {
        let mut tested = self.differences().filter_map(|difference| difference.equivalent).peekable();
        tested.peek().is_some() && tested.all(|equivalent| equivalent)
    }

    fn differences(&self) -> impl Iterator<Item = &Difference> {
        self.rows.iter().flat_map(|row| row.differences.iter().flatten())
    }

    fn confidence(&self) -> f64 {
        1.0 - 0.05 / (self.designs.len() as f64 - 1.0).max(1.0)
    }

    /// The head of what people read.
    fn head(&self) -> String {
        let baseline = &self.designs[0].name;
        let note = match self.replications as usize {
            1 => "; one replication has no intervals".to_owned(),
            few if few < FEW_REPLICATIONS => format!("; of {few} replications those of percentiles are too narrow"),
            _ => String::new(),
        };
        let confidence = words::percent(self.confidence());
        format!(
            "{} against {baseline}: {} of each, seed {}, common random numbers; intervals of differences {confidence}{note}",
            words::plural(self.designs.len() as u64 - 1, "design", "designs"),
            words::plural(u64::from(self.replications), "replication", "replications"),
            self.seed,
        )
    }

    /// `compare.md`.
    pub fn markdown(&self) -> String {
        let mut out = format!("# Comparison with {}\n\n{}.\n\n", self.designs[0].name, self.head());
        let _ = writeln!(out, "| Design | Promises kept | Command |\n| --- | --- | --- |");
        for design in &self.designs {
            let kept = format!("{} of {}", design.promises_kept, design.promises);
            let _ = writeln!(out, "| {} | {kept} | `{}` |", escaped(&design.name), escaped(&design.command));
        }
        for (index, design) in self.designs.iter().enumerate().skip(1) {
            let _ = writeln!(out, "\n## {}\n", design.name);
            let equivalent = if self.equivalence.is_some() { " Equivalent |" } else { "" };
            let rule = if self.equivalence.is_some() { " --- |" } else { "" };
            let _ = writeln!(
                out,
                "| Figure | Baseline | Here | Difference | Interval | Variance by pairs | Verdict |{equivalent}\n| --- | --- | --- | --- | --- | --- | --- |{rule}"
            );
            for row in &self.rows {
                let cells = Cells::new(row, index);
                let verdict =
                    if cells.stands_out { format!("**{}**", cells.verdict) } else { cells.verdict.to_owned() };
                let last = if self.equivalence.is_some() { format!(" {} |", cells.equivalent) } else { String::new() };
                let _ = writeln!(
                    out,
                    "| `{}` | {} | {} | {} | {} | {} | {verdict} |{last}",
                    row.measure, cells.baseline, cells.here, cells.difference, cells.interval, cells.reduction
                );
            }
        }
        let _ = writeln!(
            out,
            "\nA difference is this design minus the baseline, replication by replication. `Variance by pairs` says how many \
             times larger the variance of the difference would be had the runs not shared their draws. Figures are not \
             corrected for each other: of twenty that do not differ, one is shown as different on average."
        );
        out
    }

    /// The table for a terminal: times in two units, names cut in their middle where they leave the figures no room.
    pub fn terminal(&self) -> String {
        let mut out = wrap(&self.head(), COLUMNS).join("\n");
        out.push('\n');
        for (index, design) in self.designs.iter().enumerate().skip(1) {
            let _ = writeln!(out, "\n{}  keeps {} of {} promises", design.name, design.promises_kept, design.promises);
            let heads = ["baseline", "here", "difference", "±", "verdict"].map(str::to_owned);
            let mut rows: Vec<Line> = vec![(String::new(), heads)];
            rows.extend(self.rows.iter().map(|row| {
                let cells = Cells::with(row, index, short_seconds);
                let verdict = match cells.equivalent {
                    "" => cells.verdict.to_owned(),
                    word => format!("{}, {word}", cells.verdict),
                };
                let figures = [cells.baseline, cells.here, cells.difference, cells.half_width, verdict];
                (row.measure.to_string(), figures)
            }));
            let widest = |of: &dyn Fn(&Line) -> usize| rows.iter().map(of).max().unwrap_or(0);
            let widths = [0, 1, 2, 3, 4].map(|column| widest(&|(_, cells)| cells[column].chars().count()));
            let figures: usize = widths.iter().map(|width| width + 2).sum();
            let longest = widest(&|(name, _)| name.chars().count());
            let names = COLUMNS.saturating_sub(2 + figures).clamp(24, 44).min(longest);
            for (name, [baseline, here, difference, half_width, verdict]) in &rows {
                let [w1, w2, w3, w4, _] = widths.map(|width| width + 2);
                let name = shorten_middle(name, names);
                let figures = format!("{baseline:>w1$}{here:>w2$}{difference:>w3$}{half_width:>w4$}");
                let _ = writeln!(out, "  {name:<names$}{figures}  {verdict}");
            }
        }
        out
    }

    fn percentiles(&self, part: Part, what: &str) -> PercentileChart {
        let everything = Scope::default();
        let curve = |(design, (model, results)): (&DesignFacts, &(&Model, &Results))| Curve {
            label: design.name.clone(),
            points: points(&results.delay_of(model, &everything, part)),
            intervals: Vec::new(),
        };
        PercentileChart {
            title: format!("Designs compared: {what}"),
            subtitle: format!(
                "{} of each on common random numbers; percentiles by nearest rank, 3 significant digits",
                words::plural(u64::from(self.replications), "replication", "replications")
            ),
            curves: self.designs.iter().zip(&self.runs).map(curve).collect(),
            limit_lines: Vec::new(),
        }
    }

    /// The queues of each design together.
    fn backlog(&self) -> TimeChart {
        let line = |(design, (_, results)): (&DesignFacts, &(&Model, &Results))| {
            let series = &results.series;
            let width = series.width.as_secs_f64();
            let level = |bin: usize| series.backlogs.iter().map(|queue| queue[bin].sum).sum::<u64>();
            let mean = |bin: usize| level(bin) as f64 / series.replications as f64;
            TimeLine {
                label: design.name.clone(),
                points: (0..series.bins()).map(|bin| (bin as f64 * width, mean(bin))).collect(),
                band: None,
            }
        };
        let (model, _) = self.runs[0];
        TimeChart {
            title: "Designs compared: segments waiting in all queues".to_owned(),
            subtitle: "all queues together, mean over replications".to_owned(),
            start: CalendarStart {
                seconds_of_day: model.calendar.start_second_of_day(),
                date: model.calendar.start_date(),
                zone: model.calendar.zone_label(),
            },
            lines: self.designs.iter().zip(&self.runs).map(line).collect(),
            ..TimeChart::default()
        }
    }
}

/// A line of the table for a terminal: a figure's name and its cells.
type Line = (String, [String; 5]);

/// One figure of one design, in words.
struct Cells {
    baseline: String,
    here: String,
    difference: String,
    interval: String,
    half_width: String,
    reduction: String,
    verdict: &'static str,
    equivalent: &'static str,
    stands_out: bool,
}

/// Seconds in at most two units.
fn short_seconds(value: f64) -> String {
    if value.abs() < 60.0 { words::seconds(value) } else { super::terminal::compact(value) }
}

impl Cells {
    fn new(row: &Row, design: usize) -> Cells {
        Cells::with(row, design, words::seconds)
    }

    /// With other words for times.
    fn with(row: &Row, design: usize, seconds: fn(f64) -> String) -> Cells {
        let (unit, share) = (row.measure.metric.definition().unit, is_share(&row.measure));
        let in_unit = |value: f64| match unit {
            Unit::Time => seconds(value),
            _ => words::in_unit(value, unit, share),
        };
        let value = |found: &Result<Estimate, &'static str>| match found {
            Ok(estimate) => in_unit(estimate.value),
            Err(_) => "not identified".to_owned(),
        };
        let signed = |value: f64| words::signed(value, in_unit(value.abs()));
        let found = row.differences[design - 1].as_ref();
        let interval = found.and_then(|found| found.estimate.interval);
        let ends = interval.map(|interval| [interval.low, interval.high]);
        let dash = || "-".to_owned();
        let outcome = found.map_or(Outcome::NotKnown, |found| found.outcome);
        Cells {
            baseline: value(&row.values[0]),
            here: value(&row.values[design]),
            difference: found.map_or_else(dash, |found| signed(found.estimate.value)),
            interval: ends.map_or_else(dash, |ends| {
                let [low, high] = ends.map(|end| end.map_or_else(|| "?".to_owned(), signed));
                format!("{low} to {high}")
            }),
            half_width: found.and_then(|found| found.estimate.half_width()).map_or_else(dash, in_unit),
            reduction: found.and_then(|found| found.variance_reduction).map_or_else(dash, |by| format!("{by:.1}×")),
            verdict: outcome.as_str(),
            equivalent: match found.and_then(|found| found.equivalent) {
                Some(true) => "equivalent",
                Some(false) => "not shown to be equivalent",
                None => "",
            },
            stands_out: matches!(outcome, Outcome::Better | Outcome::Worse),
        }
    }
}

fn figure(row: &Row) -> FigureFacts {
    let value = |found: &Result<Estimate, &'static str>| ValueFacts {
        value: found.as_ref().ok().map(|estimate| estimate.value),
        interval: found.as_ref().ok().and_then(IntervalFacts::of),
    };
    let difference = |found: &Option<Difference>| DifferenceFacts {
        difference: found.as_ref().map(|found| found.estimate.value),
        interval: found.as_ref().and_then(|found| IntervalFacts::of(&found.estimate)),
        variance_reduction: found.as_ref().and_then(|found| found.variance_reduction),
        verdict: found.as_ref().map_or(Outcome::NotKnown, |found| found.outcome).as_str(),
        equivalent: found.as_ref().and_then(|found| found.equivalent),
    };
    FigureFacts {
        name: row.measure.to_string(),
        unit: words::unit_name(row.measure.metric.definition().unit, is_share(&row.measure)),
        values: row.values.iter().map(value).collect(),
        differences: row.differences.iter().map(difference).collect(),
    }
}

fn is_share(measure: &Measure) -> bool {
    measure.metric.definition().kind == Kind::Share && measure.aggregation == Aggregation::Rate
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}
