//! Steady state on paper: `steady.json`, Welch's chart, and the screen.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::statistics::Estimate;
use crate::steady::{Steady, Warning};

use super::chart::{Chart, CurvesChart, CurvesPanel, Quantity, VariedCurve};
use super::intervals::IntervalFacts;
use super::pictures::{Picture, drawn};
use super::{OutputFile, file, words};

/// Points of the chart.
const POINTS_MAX: usize = 100;

/// What is shown, of which scenario.
#[derive(Debug)]
pub struct Page<'a> {
    /// The scenario's name.
    pub name: &'a str,
    /// Its digest.
    pub digest: &'a str,
    /// Its seed.
    pub seed: u64,
    /// How many replications.
    pub replications: u32,
    /// What was found.
    pub steady: &'a Steady,
}

impl Page<'_> {
    /// All files but `run.json` and the chart.
    pub fn files(&self) -> Vec<OutputFile> {
        vec![file("steady.json", self.json())]
    }

    /// Welch's chart, also as PNG where `png` asks for it.
    pub fn dress(&self, png: bool) -> Vec<OutputFile> {
        drawn(&[Picture { name: "welch".to_owned(), chart: Chart::Curves(self.chart()) }], png)
    }

    /// `steady.json`; times are seconds.
    ///
    /// # Panics
    /// Never.
    pub fn json(&self) -> String {
        let figure = |found: &Option<Estimate>| {
            json!({
                "value": found.as_ref().map(|found| found.value),
                "interval": found.as_ref().and_then(IntervalFacts::of),
            })
        };
        let quantiles: Vec<Value> = (self.steady.quantiles.iter())
            .map(|(q, found)| json!({ "quantile": q, "seconds": figure(found) }))
            .collect();
        let facts = json!({
            "format": 1,
            "name": self.name,
            "digest": self.digest,
            "seed": self.seed,
            "replications": self.replications,
            "delay": self.steady.delay.name(),
            "warm_up_seconds": self.steady.warm_up.as_secs_f64(),
            "messages": self.steady.messages,
            "mean_seconds": figure(&self.steady.mean),
            "quantiles": quantiles,
            "mser_5_seconds": self.steady.mser_5.map(|at| at.as_secs_f64()),
            "warnings": self.steady.warnings.iter().map(warning).collect::<Vec<String>>(),
        });
        let mut text = serde_json::to_string_pretty(&facts).expect("plain data");
        text.push('\n');
        text
    }

    /// The screen.
    pub fn terminal(&self) -> String {
        let steady = self.steady;
        let mut out = format!(
            "{}: {} in steady state, {} of {} after a warm-up of {}\n\n",
            self.name,
            steady.delay.name(),
            words::plural(steady.messages, "message", "messages"),
            words::plural(u64::from(self.replications), "replication", "replications"),
            words::seconds(steady.warm_up.as_secs_f64()),
        );
        let named = std::iter::once(("mean".to_owned(), &steady.mean))
            .chain(steady.quantiles.iter().map(|(q, found)| (format!("p{}", q * 100.0), found)));
        for (name, found) in named {
            let Some(found) = found else {
                let _ = writeln!(out, "  {name:<6} not identified");
                continue;
            };
            let end = |end: Option<f64>| end.map_or_else(|| "not identified".to_owned(), words::seconds);
            let interval = found.interval.map_or_else(
                || "no interval".to_owned(),
                |interval| format!("{} to {}", end(interval.low), end(interval.high)),
            );
            let _ = writeln!(out, "  {name:<6} {:>16}   95 %: {interval}", words::seconds(found.value));
        }
        let cut = steady.mser_5.map_or_else(
            || "MSER-5 has too little to look at".to_owned(),
            |at| format!("MSER-5 would leave out the first {}", words::seconds(at.as_secs_f64())),
        );
        let _ = writeln!(out, "\n  {cut}");
        for one in &steady.warnings {
            let _ = writeln!(out, "  warning: {}", warning(one));
        }
        out
    }

    fn chart(&self) -> CurvesChart {
        let steady = self.steady;
        let step = steady.series.len().div_ceil(POINTS_MAX).max(1);
        let points: Vec<(f64, f64)> = steady
            .series
            .chunks(step)
            .map(|part| {
                let mean = part.iter().map(|(_, value)| value).sum::<f64>() / part.len() as f64;
                (part[part.len() - 1].0.as_secs_f64(), mean)
            })
            .collect();
        CurvesChart {
            title: format!("{}: {} by intended time", self.name, steady.delay.name()),
            subtitle: format!(
                "Welch: mean over {}; the warm-up ends at {} s",
                words::plural(u64::from(self.replications), "replication", "replications"),
                steady.warm_up.as_secs_f64()
            ),
            x_title: "Intended time (seconds)".to_owned(),
            values: points.iter().map(|(at, _)| format!("{:.0}", at)).collect(),
            panels: vec![CurvesPanel {
                title: format!("Mean {}", steady.delay.name()),
                quantity: Quantity::Seconds,
                curves: vec![VariedCurve {
                    label: steady.delay.name().to_owned(),
                    points: points.iter().map(|(_, value)| Some(*value)).collect(),
                    bands: vec![None; points.len()],
                    ..VariedCurve::default()
                }],
                mark_highest: false,
            }],
        }
    }
}

fn warning(warning: &Warning) -> String {
    match warning {
        Warning::WarmUpShort(at) => format!(
            "MSER-5 would leave out the first {}, more than the warm-up: look at the chart, and lengthen --warm-up",
            words::seconds(at.as_secs_f64())
        ),
        Warning::RunShort => {
            "MSER-5 finds its point in the second half of the run: the run is too short, or there is no steady state"
                .to_owned()
        }
        Warning::Growing => {
            "the delay still grows: what is offered may exceed what the queues carry, and then there is \
                             no steady state"
                .to_owned()
        }
        Warning::FewMessages(count) => format!(
            "only {} after the warm-up: run longer, or shorten --warm-up",
            words::plural(*count, "message is meant", "messages are meant")
        ),
    }
}
