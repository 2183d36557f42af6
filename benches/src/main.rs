//! Workloads by the clock: nanoseconds a message of the product with all metrics, beside the bare loop in the same run.
//!
//! `cargo run --release -p sendpool-benches -- [ROUNDS] [WORKLOAD...]`

use std::hint::black_box;
use std::time::Instant;

use sendpool::experiment::expected_messages;
use sendpool_benches::{model, run, scenario, yardstick};

#[expect(clippy::disallowed_methods, reason = "benches are about the clock")]
fn nanos_each(count: u64, work: impl FnOnce() -> u64) -> f64 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_nanos() as f64 / count as f64
}

/// A row: the least of several rounds, taken in turn.
fn row(name: &str, rounds: u32, count: u64, product: impl Fn() -> u64, bare: Option<&dyn Fn() -> u64>) {
    let (mut ours, mut theirs) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..rounds {
        ours = ours.min(nanos_each(count, &product));
        theirs = bare.map_or(theirs, |bare| theirs.min(nanos_each(count, bare)));
    }
    match bare {
        None => println!("{name:<14} {count:>10} {ours:>10.1}"),
        Some(_) => println!("{name:<14} {count:>10} {ours:>10.1} {theirs:>10.1} {:>8.2}", ours / theirs),
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rounds = arguments.next().map_or(5, |rounds| rounds.parse().expect("a number of rounds"));
    let chosen: Vec<String> = arguments.collect();
    let is_chosen = |name: &str| chosen.is_empty() || chosen.iter().any(|other| other == name);
    println!("{:<14} {:>10} {:>10} {:>10} {:>8}", "workload", "messages", "ns each", "bare loop", "ratio");
    let bare: [(&str, fn(u64) -> u64); 2] = [("w2", yardstick::w2), ("w3", yardstick::w3)];
    for name in ["w2", "w3", "w4", "w4-met-again"].into_iter().filter(|name| is_chosen(name)) {
        let model = model(&scenario(name));
        let count = expected_messages(&model);
        let bare = bare.iter().find(|(other, _)| *other == name).map(|(_, bare)| move || bare(count));
        row(name, rounds, count, || run(&model, 0), bare.as_ref().map(|bare| bare as &dyn Fn() -> u64));
    }
}
