//! Sendpool: a deterministic discrete-event simulator and load-test harness for SMS sender pools.

pub mod catalogue;
pub mod cli;
pub mod experiment;
pub mod kernel;
pub mod metrics;
pub mod model;
pub mod report;
pub mod scenario;
pub mod selection;
pub mod simulation;
pub mod units;
pub mod verdict;
