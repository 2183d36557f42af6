//! Workloads by the clock: nanoseconds a message of the product with all metrics, beside the bare loop in the same run.
//!
//! - `cargo run --release -p sendpool-benches -- [ROUNDS] [WORKLOAD...]`: the table.
//! - `... -- curve [--long]`: how cost and memory grow.
//! - `... -- count WORKLOAD`: a short run of one workload, whose instructions `benches/instructions.py` counts.

use std::hint::black_box;
use std::time::Instant;

use sendpool::experiment::expected_messages;
use sendpool::kernel::wide::Instructions;
use sendpool_benches::{counted_work, curve, model, run, scenario, short_scenario, w1, yardstick};

/// The workloads, and the bare loops that each is compared with.
const WORKLOADS: [(&str, &[BareLoop]); 5] = [
    ("w1", &[("", yardstick::w1)]),
    ("w2", &[("", yardstick::w2), ("a tournament", yardstick::w2_by_tournament)]),
    ("w3", &[("", yardstick::w3)]),
    ("w4", &[]),
    ("w4-met-again", &[]),
];

/// What is special about it, and what it takes messages through.
type BareLoop = (&'static str, fn(u64) -> u64);

const W1_CUSTOMERS: u64 = 1_000_000;
const W1_CUSTOMERS_COUNTED: u64 = 100_000;

fn w1_waits(customers: u64) -> u64 {
    w1::waits(Instructions::best(), 0, customers).sum_nanos() as u64
}

#[expect(clippy::disallowed_methods, reason = "benches are about the clock")]
fn nanos_each(count: u64, work: impl FnOnce() -> u64) -> f64 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_nanos() as f64 / count as f64
}

/// A row, and one for each further bare loop: the least of several rounds, taken in turn.
fn row(name: &str, rounds: u32, count: u64, product: impl Fn() -> u64, bare: &[BareLoop]) {
    let mut ours = f64::INFINITY;
    let mut theirs = vec![f64::INFINITY; bare.len()];
    for _ in 0..rounds {
        ours = ours.min(nanos_each(count, &product));
        for (least, (_, bare)) in theirs.iter_mut().zip(bare) {
            *least = least.min(nanos_each(count, || bare(count)));
        }
    }
    print!("{name:<14} {count:>10} {ours:>10.1}");
    for (index, ((special, _), theirs)) in bare.iter().zip(theirs).enumerate() {
        let indent = if index == 0 { String::new() } else { format!("\n{:36}", "") };
        print!("{indent} {theirs:>10.1} {:>8.2}", ours / theirs);
        if !special.is_empty() {
            print!("  {special}");
        }
    }
    println!();
}

fn table(arguments: &[String]) {
    let rounds = arguments.first().map_or(5, |rounds| rounds.parse().expect("a number of rounds"));
    let chosen = arguments.get(1..).unwrap_or_default();
    println!("{:<14} {:>10} {:>10} {:>10} {:>8}", "workload", "messages", "ns each", "bare loop", "ratio");
    for (name, bare) in WORKLOADS {
        if !chosen.is_empty() && !chosen.iter().any(|other| other == name) {
            continue;
        }
        if name == "w1" {
            // It is short: more rounds.
            row(name, rounds * 5, W1_CUSTOMERS, || w1_waits(W1_CUSTOMERS), bare);
            continue;
        }
        let model = model(&scenario(name));
        row(name, rounds, expected_messages(&model), || run(&model, 0).trajectory, bare);
    }
}

/// A short run; says how many messages it had.
fn count(name: &str) {
    if name == "w1" {
        counted_work(&|| w1_waits(W1_CUSTOMERS_COUNTED));
        println!("{W1_CUSTOMERS_COUNTED}");
        return;
    }
    let model = model(&short_scenario(name));
    println!("{}", counted_work(&|| run(&model, 0).messages));
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rest = arguments.get(1..).unwrap_or_default();
    match arguments.first().map(String::as_str) {
        Some("curve") => curve::print(rest.iter().any(|word| word == "--long")),
        Some("point") => curve::measure(rest),
        Some("start") => curve::start(),
        Some("count") => count(rest.first().expect("a workload")),
        _ => table(&arguments),
    }
}
