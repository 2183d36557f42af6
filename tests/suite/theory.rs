//! Mean waits against queueing theory, by interval. A lane with Poisson arrivals of single segments is M/D/1: its slot is
//! the service, 1 / MPS. Messages of several segments make it M/G/1. Equal senders in turn are M/D/c: with equal services
//! the turn is the order in which servers get free, so nobody waits for one sender while another is idle.
//!
//! Time is counted in services of one segment. The interval is Student's at 99.9 % over 30 replications; a test is void
//! when the interval is wide. Replications start empty: messages of the first 2,000 services are left out, by intended
//! time, which is 20 to 100 times the longest time in which these queues forget.

use std::thread;

use sendpool::model::Model;
use sendpool::simulation::observer::{Message, Observer};
use sendpool::simulation::simulate;
use sendpool::units::{SimDuration, SimTime};

use crate::support::{mean_and_half_width, model};

const REPLICATIONS: u32 = 30;

/// Sums the waits of messages that were meant after the warm-up.
struct Waits {
    warm_up: SimTime,
    service: u64,
    messages: u64,
    nanos: u128,
    at_once: u64,
    within_one: u64,
}

/// What one replication says: the mean wait in services, and the shares that wait nothing and at most one service.
struct Outcome {
    mean: f64,
    at_once: f64,
    within_one: f64,
}

impl Observer for Waits {
    fn sent(&mut self, at: SimTime, message: &Message, _slot_end: SimTime) {
        if message.intended >= self.warm_up {
            let wait = at.since(message.accepted).as_nanos();
            self.messages += 1;
            self.nanos += u128::from(wait);
            self.at_once += u64::from(wait == 0);
            self.within_one += u64::from(wait <= self.service);
        }
    }
}

/// Runs the replications on two threads; a service of one segment takes 1 / `mps` seconds.
fn replications(model: &Model, mps: f64) -> Vec<Outcome> {
    let service = 1e9 / mps;
    let warm_up = SimTime::ZERO + SimDuration::from_nanos((2_000.0 * service) as u64);
    let one = |replication: u32| {
        let waits = Waits { warm_up, service: service as u64, messages: 0, nanos: 0, at_once: 0, within_one: 0 };
        let (waits, finished) = simulate(model, replication, waits);
        assert_eq!(finished.ledger.offered, finished.ledger.accepted.messages);
        let n = waits.messages as f64;
        Outcome {
            mean: waits.nanos as f64 / n / service,
            at_once: waits.at_once as f64 / n,
            within_one: waits.within_one as f64 / n,
        }
    };
    let half = |from: u32| (from..REPLICATIONS).step_by(2).map(one).collect::<Vec<Outcome>>();
    thread::scope(|scope| {
        let odd = scope.spawn(|| half(1));
        let mut all = half(0);
        all.extend(odd.join().expect("a thread ends"));
        all
    })
}

/// The test bench: `senders` of `mps`, Poisson arrivals at `rate` a second for `seconds`.
fn bench(senders: u32, mps: f64, segments: &str, rate: &str, seconds: u64) -> Model {
    model(&format!(
        "seed: 2026
queue: {{ capacity: unlimited }}
services: {{ s: {{ senders: [ {{ id: a, type: long_code, country: XX, count: {senders}, mps: {mps} }} ] }} }}
campaigns: {{ c: {{ service: s, segments: {segments}, recipients: {{ XX: 1 }}, arrivals: {{ process: poisson, phases: [ {{ duration: {seconds}s, arrival_rate: {rate} }} ] }} }} }}"
    ))
}

/// Mean and half-width of the interval, and whether theory's value lies inside.
fn compare(outcomes: &[Outcome], value: impl Fn(&Outcome) -> f64, expected: f64) -> (f64, f64, bool) {
    let values: Vec<f64> = outcomes.iter().map(value).collect();
    let (mean, half_width) = mean_and_half_width(&values);
    (mean, half_width, (mean - expected).abs() <= half_width)
}

fn check(what: &str, outcomes: &[Outcome], value: impl Fn(&Outcome) -> f64, expected: f64) {
    let (mean, half_width, agrees) = compare(outcomes, value, expected);
    println!("{what} | {expected:.6} | {mean:.6} | {half_width:.6}");
    assert!(agrees, "{what}: {mean} ± {half_width}, theory says {expected}");
    assert!(half_width < 0.05 * expected, "{what}: ± {half_width} is too wide to mean anything beside {expected}");
}

/// Senders that are 2 % slower than theory believes.
fn check_slow_is_noticed(what: &str, senders: u32, segments: &str, rate: &str, seconds: u64, believed: (f64, f64)) {
    let (mps, expected) = believed;
    let slow = bench(senders, mps * 0.98, segments, rate, seconds);
    let (mean, half_width, agrees) = compare(&replications(&slow, mps), |run| run.mean, expected);
    assert!(!agrees, "{what}: a rate that is 2 % off goes unnoticed: {mean} ± {half_width}, theory {expected}");
}

/// Aim: the wait of a lane of single segments. Method: M/D/1 at load ρ: Wq = ρ / (2 (1 − ρ)) services (0.5 at ρ = 0.5,
/// 2 at ρ = 0.8), P(no wait) = 1 − ρ, and P(wait ≤ t) = (1 − ρ) exp(ρ t) for t up to one service (Erlang 1909).
#[test]
fn one_lane_of_single_segments_is_m_d_1() {
    for (load, rate, expected) in [(0.5, "5/s", 0.5), (0.8, "8/s", 2.0)] {
        // 100,000 messages a replication.
        let seconds = (100_000.0 / (10.0 * load)) as u64;
        let outcomes = replications(&bench(1, 10.0, "1", rate, seconds), 10.0);
        check(&format!("M/D/1 at {load}, mean wait"), &outcomes, |run| run.mean, expected);
        check(&format!("M/D/1 at {load}, no wait"), &outcomes, |run| run.at_once, 1.0 - load);
        let within = (1.0 - load) * f64::exp(load);
        check(&format!("M/D/1 at {load}, within a service"), &outcomes, |run| run.within_one, within);
        check_slow_is_noticed("M/D/1", 1, "1", rate, seconds, (10.0, expected));
    }
}

/// Aim: the mean wait of a lane of messages of one to three segments. Method: M/G/1 (Pollaczek and Khinchine):
/// Wq = λ E[S²] / (2 (1 − ρ)). With weights 0.5, 0.3, 0.2: E[S] = 1.7 and E[S²] = 3.5 segments; at λ = 7/s on 17 MPS
/// ρ = 0.7 and Wq = (7/17) · 3.5 / (2 · 0.3) = 2.40196 services.
#[test]
fn one_lane_of_mixed_messages_is_m_g_1() {
    // 100,000 messages a replication.
    let outcomes = replications(&bench(1, 17.0, "{ 1: 0.5, 2: 0.3, 3: 0.2 }", "7/s", 14_300), 17.0);
    check("M/G/1, mean wait", &outcomes, |run| run.mean, 7.0 / 17.0 * 3.5 / 0.6);
    check("M/G/1, no wait", &outcomes, |run| run.at_once, 0.3);
    let believed = (17.0, 7.0 / 17.0 * 3.5 / 0.6);
    check_slow_is_noticed("M/G/1", 1, "{ 1: 0.5, 2: 0.3, 3: 0.2 }", "7/s", 14_300, believed);
}

/// Aim: the wait behind several equal senders in turn. Method: M/D/c with a = cρ, in services: with z₁ … z_c₋₁ the roots
/// of zᶜ = exp(a(z − 1)) inside the unit circle, Wq = [Σ 1/(1 − z_k) + (a² − c(c − 1)) / (2 (c − a))] / a, and
/// P(no wait) = (c − a) / Π (1 − z_k).
#[test]
fn equal_senders_in_turn_are_m_d_c() {
    for (senders, rate, load, mean, at_once) in [
        (2, "10/s", 0.5, 0.176_741_057_112_84, 0.676_741_057_112_84),
        (2, "16/s", 0.8, 0.903_283_879_416_68, 0.298_101_682_826_67),
        (10, "80/s", 0.8, 0.109_827_789_712_6, 0.615_282_606_677_9),
    ] {
        // 100,000 messages a replication.
        let seconds = (100_000.0 / (10.0 * load * f64::from(senders))) as u64;
        let outcomes = replications(&bench(senders, 10.0, "1", rate, seconds), 10.0);
        check(&format!("M/D/{senders} at {load}, mean wait"), &outcomes, |run| run.mean, mean);
        check(&format!("M/D/{senders} at {load}, no wait"), &outcomes, |run| run.at_once, at_once);
        check_slow_is_noticed(&format!("M/D/{senders}"), senders, "1", rate, seconds, (10.0, mean));
    }
}
