//! Benchmarks of Sendpool: the workloads that speed is judged by, the bare loops that it is compared with, and how cost and
//! memory grow.

pub mod curve;
pub mod w1;
pub mod yardstick;

use std::sync::atomic::Ordering;

use sendpool::experiment::{Progress, replicate};
use sendpool::metrics::Collector;
use sendpool::model::Model;

/// The scenario of a workload.
///
/// # Panics
/// When there is none of this name.
pub fn scenario(name: &str) -> String {
    match name {
        "w2" => include_str!("../scenarios/w2.yaml"),
        "w3" => include_str!("../scenarios/w3.yaml"),
        "w4" => include_str!("../scenarios/w4.yaml"),
        "w4-met-again" => include_str!("../scenarios/w4-met-again.yaml"),
        _ => panic!("no workload has this name"),
    }
    .to_owned()
}

/// The same rates for a shorter time: a fiftieth of a workload's messages, of the larger ones a twentieth.
///
/// # Panics
/// When the scenario does not say what is shortened.
pub fn short_scenario(name: &str) -> String {
    let shorter: &[(&str, &str)] = match name {
        "w2" => &[("duration: 9722222ms, arrival_count: 1000000", "duration: 194444ms, arrival_count: 20000")],
        "w3" => &[("duration: 1750s, arrival_count: 10000000", "duration: 35s, arrival_count: 200000")],
        _ => &[
            ("duration: 10m, arrival_count: 1000000", "duration: 30s, arrival_count: 50000"),
            ("duration: 30m,", "duration: 90s,"),
        ],
    };
    shorter.iter().fold(scenario(name), |yaml, (long, short)| {
        assert!(yaml.contains(long), "{name} says {long}");
        yaml.replace(long, short)
    })
}

/// A scenario, read.
///
/// # Panics
/// When it has errors.
pub fn model(yaml: &str) -> Model {
    let reading = sendpool::scenario::read("bench.yaml", yaml.as_bytes().to_vec(), &[]);
    reading.model.unwrap_or_else(|| panic!("a bench scenario is sound"))
}

/// What a replication came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Digest of what happened.
    pub trajectory: u64,
    /// Messages that ended.
    pub messages: u64,
}

/// One replication with all metrics, as a run makes it.
pub fn run(model: &Model, replication: u32) -> Outcome {
    let progress = Progress::default();
    let trajectory = replicate(model, replication, &Collector::scopes(model), &progress).trajectory();
    Outcome { trajectory, messages: progress.messages.load(Ordering::Relaxed) }
}

/// Work whose instructions are counted: a counter is switched on and off by the name of this function.
#[inline(never)]
pub fn counted_work(work: &dyn Fn() -> u64) -> u64 {
    work()
}
