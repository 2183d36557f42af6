//! A sweep: one scenario with other values in some of its fields, all combinations of them, and what each shows.
//!
//! Every cell has the seed of the scenario, so cells differ by design and not by luck. The unit of work is a replication
//! of a cell; results are merged cell by cell in order, so thread counts cannot show.
//!
//! Not here: a search for the best value, and how a sweep is shown.

mod grid;

use std::collections::BTreeMap;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::experiment::{Kept, Merge, Progress, Replication, Results, kept_or_run, threads_for};
use crate::metrics::Collector;
use crate::model::Model;
use crate::model::ending::{Ending, Status};
use crate::model::threshold::{Measure, Scope};
use crate::statistics::Interval;
use crate::units::Money;
use crate::verdict;

pub use grid::{Axis, Grid, MAX_CELLS};

/// What is asked of every cell when nothing else is said.
pub const DEFAULT_MEASURES: [&str; 10] = [
    "drain_time avg",
    "delivered rate",
    "delivered_reported rate",
    "queue_wait p(95)",
    "end_to_end p(95)",
    "expired rate",
    "overflowed rate",
    "filtered rate",
    "cost avg",
    "cost_per_delivered avg",
];

/// Replications that are under way at once, for each thread: more keep all threads busy where cells differ in size,
/// fewer need less memory.
const BATCH_PER_THREAD: usize = 8;

/// A number that was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Value {
    /// Over all replications, as a run of the cell would say it; `None` where it is not identified.
    pub value: Option<f64>,
    /// The smallest of any replication that has one.
    pub min: Option<f64>,
    /// The largest.
    pub max: Option<f64>,
    /// The 95 % interval of the value.
    pub interval: Option<Interval>,
}

/// What was lost with one error code.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Loss {
    /// Messages per replication.
    pub messages: f64,
    /// By offered.
    pub share: f64,
}

/// What one cell showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// By measure of its model.
    pub values: Vec<Value>,
    /// By error code.
    pub losses: BTreeMap<u16, Loss>,
    /// Promises that were kept.
    pub kept: usize,
    /// Those that were broken, as written.
    pub broken: Vec<String>,
    /// Message charges by delivered messages in dollars, mean over replications.
    pub cost_per_delivered: Option<f64>,
    /// Rents in dollars a month.
    pub rents_dollars_per_month: f64,
    /// Digest of what happened in all replications.
    pub trajectory: u64,
}

/// Runs all replications of all models on the current rayon pool, but those that are kept, by model. Gives the outcomes of the
/// first so many models: fewer than all when the sweep was stopped.
///
/// # Panics
/// When there is no `kept` for each model.
pub fn run(models: &[Model], progress: &Progress, kept: &[impl Kept]) -> Vec<Outcome> {
    assert_eq!(models.len(), kept.len(), "one for each model");
    let tasks: Vec<(usize, u32)> = (models.iter().enumerate())
        .flat_map(|(cell, model)| (0..model.replications).map(move |index| (cell, index)))
        .collect();
    let mut outcomes = Vec::with_capacity(models.len());
    let mut open: Option<Open> = None;
    for batch in tasks.chunks(rayon::current_num_threads() * BATCH_PER_THREAD) {
        let threads = threads_for(batch.len());
        let done: Vec<Option<(Replication, Vec<Option<f64>>)>> = batch
            .par_iter()
            .map(|(cell, index)| one(&models[*cell], *index, progress, &kept[*cell], threads))
            .collect();
        for ((cell, index), done) in batch.iter().zip(done) {
            let Some((replication, values)) = done else { return outcomes };
            let model = &models[*cell];
            let mut current = open.take().unwrap_or_else(|| Open::new(model));
            current.add(&replication, &values);
            if index + 1 == model.replications {
                outcomes.push(current.close(model));
            } else {
                open = Some(current);
            }
        }
    }
    outcomes
}

/// What tells sweeps apart, in one word: the digests of their cells' scenarios and what was asked of them.
pub fn digest<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(format!("{}:{part}", part.len()));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The cell that keeps the most promises; of those the one with the cheapest delivered message; of those the first.
pub fn best(outcomes: &[Outcome]) -> Option<usize> {
    let cost = |outcome: &Outcome| outcome.cost_per_delivered.unwrap_or(f64::INFINITY);
    (0..outcomes.len()).min_by(|&a, &b| {
        let (a, b) = (&outcomes[a], &outcomes[b]);
        b.kept.cmp(&a.kept).then(cost(a).total_cmp(&cost(b)))
    })
}

/// A replication, and what was asked of it alone; `None` when the sweep was stopped.
fn one(
    model: &Model,
    index: u32,
    progress: &Progress,
    kept: &impl Kept,
    threads: usize,
) -> Option<(Replication, Vec<Option<f64>>)> {
    let replication = kept_or_run(model, index, &Collector::scopes(model), progress, kept, threads)?;
    let mut alone = Merge::new(model);
    alone.add(&replication);
    let alone = alone.finish();
    let values = model.measures.iter().map(|measure| verdict::measure(model, &alone, measure).ok()).collect();
    Some((replication, values))
}

/// A cell of which some replications are merged.
struct Open {
    merge: Merge,
    /// The smallest and largest value of any replication, by measure.
    extremes: Vec<Option<(f64, f64)>>,
}

impl Open {
    fn new(model: &Model) -> Open {
        Open { merge: Merge::new(model), extremes: vec![None; model.measures.len()] }
    }

    fn add(&mut self, replication: &Replication, values: &[Option<f64>]) {
        self.merge.add(replication);
        for (extremes, value) in self.extremes.iter_mut().zip(values) {
            if let Some(value) = *value {
                let (min, max) = extremes.unwrap_or((value, value));
                *extremes = Some((min.min(value), max.max(value)));
            }
        }
    }

    fn close(self, model: &Model) -> Outcome {
        let results = self.merge.finish();
        let value = |(measure, extremes): (&Measure, &Option<(f64, f64)>)| {
            let found = verdict::estimate(model, &results, measure).ok();
            Value {
                value: found.as_ref().map(|found| found.value),
                min: extremes.map(|(min, _)| min),
                max: extremes.map(|(_, max)| max),
                interval: found.and_then(|found| found.interval),
            }
        };
        let verdicts = verdict::judge(model, &results);
        let broken = verdicts.iter().filter(|verdict| !verdict.passed);
        let broken: Vec<String> = broken.map(|verdict| verdict.threshold.to_string()).collect();
        Outcome {
            values: model.measures.iter().zip(&self.extremes).map(value).collect(),
            losses: losses(&results),
            kept: verdicts.len() - broken.len(),
            broken,
            cost_per_delivered: cost_per_delivered(&results),
            rents_dollars_per_month: model.rents.iter().map(|rent| rent.per_month).sum::<Money>().as_dollars_f64(),
            trajectory: results.trajectory,
        }
    }
}

fn cost_per_delivered(results: &Results) -> Option<f64> {
    let totals = results.totals_of(&Scope::default()).expect("totals are kept of everything");
    let delivered = totals.iter().map(|totals| totals.with_status(Status::Delivered)).sum();
    totals.iter().map(|totals| totals.cost.total()).sum::<Money>().per(delivered).map(Money::as_dollars_f64)
}

fn losses(results: &Results) -> BTreeMap<u16, Loss> {
    let totals = results.totals_of(&Scope::default()).expect("totals are kept of everything");
    let offered: u64 = totals.iter().map(|totals| totals.offered).sum();
    let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
    for ending in Ending::ALL {
        let lost: u64 = totals.iter().map(|totals| totals.ended(ending)).sum();
        if let Some(code) = ending.code().filter(|_| lost > 0) {
            *counts.entry(code).or_default() += lost;
        }
    }
    let loss = |count: u64| Loss { messages: count as f64 / totals.len() as f64, share: count as f64 / offered as f64 };
    counts.into_iter().map(|(code, count)| (code, loss(count))).collect()
}
