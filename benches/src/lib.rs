//! Benchmarks of Sendpool: the workloads that speed is judged by, and the bare loops that it is compared with.

pub mod yardstick;

use sendpool::experiment::{Progress, replicate};
use sendpool::metrics::Collector;
use sendpool::model::Model;

/// The scenario of a workload.
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

/// A scenario, read.
///
/// # Panics
/// When it has errors.
pub fn model(yaml: &str) -> Model {
    let reading = sendpool::scenario::read("bench.yaml", yaml.as_bytes().to_vec(), &[]);
    reading.model.unwrap_or_else(|| panic!("a bench scenario is sound"))
}

/// One replication with all metrics, as a run makes it.
pub fn run(model: &Model, replication: u32) -> u64 {
    let scopes = Collector::scopes(model);
    replicate(model, replication, &scopes, &Progress::default()).trajectory()
}
