//! The scaling curve: what a message costs, and the most memory that was in use, by messages, senders and threads; and how long it
//! takes from the start of a process to the first simulated messages. Each point is a process of its own, so that peaks do not mix.
//!
//! Not here: the workloads (see the crate's root).

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sendpool::experiment::{Progress, run};

use crate::model;

/// Messages of a replication; more are several replications.
const REPLICATION: u64 = 10_000_000;

/// A point of the curve.
#[derive(Clone, Copy, Debug)]
struct Point {
    senders: u64,
    /// In one replication.
    messages: u64,
    replications: u32,
    threads: u32,
}

impl Point {
    fn new(senders: u64, messages: u64, threads: u32) -> Point {
        let replications = u32::try_from(messages.div_ceil(REPLICATION)).expect("a few replications");
        Point { senders, messages: messages.min(REPLICATION), replications, threads }
    }

    /// A pool as in W3, of any size: senders of 1 segment/s, a random one each, loaded to 0.8.
    fn scenario(self) -> String {
        // 1.4 segments a message.
        let millis = self.messages * 1_400 * 10 / 8 / self.senders;
        format!(
            r#"
version: 1
name: curve
queue: {{ capacity: unlimited }}
services:
  pool:
    selection: {{ distribution: random, priority: none }}
    senders:
      - {{ id: number, type: long_code, country: XX, mps: 1/s, count: {senders} }}
campaigns:
  load:
    service: pool
    segments: {{ 1: 0.7, 2: 0.2, 3: 0.1 }}
    recipients: {{ XX: 1 }}
    arrivals: {{ process: poisson, phases: [{{ duration: {millis}ms, arrival_count: {messages} }}] }}
faults:
  - {{ at: 0s, carrier: xx/ideal, mode: delay, latency: {{ lognormal: {{ median: 2500ms, sigma: 0.8 }} }} }}
"#,
            senders = self.senders,
            messages = self.messages,
        )
    }
}

#[expect(clippy::disallowed_methods, reason = "benches are about the clock")]
fn now() -> Instant {
    Instant::now()
}

/// Prints the curve as CSV; with `long` up to 10⁹ messages.
///
/// # Panics
/// When a point cannot be measured.
pub fn print(long: bool) {
    println!("messages,senders,replications,threads,seconds,ns_a_message,peak_mib");
    let by_messages = [100_000, 1_000_000, 10_000_000].map(|messages| Point::new(10_000, messages, 1));
    let by_senders = [1, 10, 100, 1_000, 10_000, 100_000].map(|senders| Point::new(senders, 1_000_000, 1));
    let by_threads = [1, 2].map(|threads| Point { replications: 8, ..Point::new(10_000, 1_000_000, threads) });
    let many = [(100_000_000, 1), (100_000_000, 2), (1_000_000_000, 2)];
    let many = many.map(|(messages, threads)| Point::new(10_000, messages, threads));
    let many = if long { &many[..] } else { &[] };
    for point in by_messages.iter().chain(&by_senders).chain(&by_threads).chain(many) {
        let Point { senders, messages, replications, threads } = *point;
        let shape = [senders, messages, replications.into()].map(|number| number.to_string());
        let all = messages * u64::from(replications);
        let (mut seconds, mut kib) = (f64::INFINITY, 0.0f64);
        // The best time of several on a machine that others use too; the long ones once.
        for _ in 0..if all <= REPLICATION { 3 } else { 1 } {
            let (said, _) = child(&["point", &shape[0], &shape[1], &shape[2]], threads);
            let mut words = said.split_whitespace().map(|word| word.parse::<f64>().expect("a number"));
            seconds = seconds.min(words.next().expect("seconds"));
            kib = kib.max(words.next().expect("a peak"));
        }
        let (each, mib) = (seconds * 1e9 / all as f64, kib / 1_024.0);
        println!("{all},{senders},{replications},{threads},{seconds:.3},{each:.1},{mib:.1}");
    }
    let mut starts: Vec<f64> = (0..21).map(|_| child(&["start"], 1).1.as_secs_f64() * 1e3).collect();
    starts.sort_by(f64::total_cmp);
    println!("\nstart to the end of the first ten messages: {:.1} ms at best, median {:.1} ms", starts[0], starts[10]);
}

/// What a child of this program says, and how long it lived.
fn child(arguments: &[&str], threads: u32) -> (String, Duration) {
    let begin = now();
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(arguments)
        .env("RAYON_NUM_THREADS", threads.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child starts");
    let mut said = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut said).expect("a child says something");
    assert!(child.wait().expect("a child ends").success());
    (said, begin.elapsed())
}

/// Measures a point in this process, and says seconds and peak KiB.
///
/// # Panics
/// When the arguments are not senders, messages and replications.
pub fn measure(arguments: &[String]) {
    let number = |index: usize| arguments[index].parse::<u64>().expect("a number");
    let replications = u32::try_from(number(2)).expect("a few replications");
    let point = Point { senders: number(0), messages: number(1), replications, threads: 0 };
    let model = model(&point.scenario());
    let begin = now();
    run(&model, point.replications, &Progress::default());
    println!("{} {}", begin.elapsed().as_secs_f64(), peak_kib());
}

/// Simulates ten messages in this process.
pub fn start() {
    let model = model(include_str!("../../scenarios/first-send.yaml"));
    println!("{}", crate::run(&model, 0).messages);
}

/// The most memory that this process had in use, in KiB; 0 where the system does not say.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
