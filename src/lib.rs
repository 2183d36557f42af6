//! Sendpool is a deterministic discrete-event simulator and load-test harness for SMS sender pools.
//!
//! It models senders (long codes, toll-free numbers, short codes, alphanumeric IDs), the queues in front of them, the
//! carriers of each country with their filters, and replays campaigns written in YAML: how long until they are drained,
//! who waits how long and why, what is lost to whom, and what it costs.
//!
//! A scenario in ten lines:
//!
//! ```
//! use sendpool::experiment::{self, Progress};
//!
//! let yaml = r#"
//! version: 1
//! name: three
//! services: { hello: { senders: [{ id: desk, type: long_code, country: XX, mps: 1/s }] } }
//! campaigns:
//!   greeting:
//!     service: hello
//!     body: "Hello"
//!     recipients: { XX: 1 }
//!     arrivals: { phases: [{ duration: 0s, arrival_count: 3 }] }
//! "#;
//! let reading = sendpool::scenario::read("three.yaml", yaml.into(), &[]);
//! let model = reading.model.expect("the scenario is sound");
//! let results = experiment::run(&model, 1, &Progress::default());
//! let waits = &results.delays[0].queue_wait;
//! assert_eq!(waits.count(), 3);
//! assert_eq!(waits.max().unwrap().as_secs_f64(), 2.0); // sent at 0, 1 and 2 s
//! ```
//!
//! Modules are listed in the order in which data flows: each uses those above it and none below.

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        reason = "tests compare with the platform's mathematics; the library itself is checked without tests"
    )
)]

pub mod units;

pub mod suggestion;

pub mod kernel;

pub mod statistics;

pub mod model;

pub mod catalogue;

pub mod trace;

pub mod scenario;

pub mod selection;

pub mod simulation;

pub mod metrics;

pub mod fit;

pub mod experiment;

pub mod records;

pub mod explain;

pub mod verdict;

pub mod sweep;

pub mod compare;

pub mod steady;

pub mod report;

pub mod baseline;

pub mod cli;
