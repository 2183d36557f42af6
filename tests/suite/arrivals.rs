//! Counts and instants of arrivals, held against exact fractions for constant processes and against distributions for
//! random ones.

use sendpool::kernel::draws::Draws;
use sendpool::model::Model;
use sendpool::simulation::arrivals::Arrivals;

use crate::support::{Seen, model, run};

/// One campaign with these phases.
fn phases(process: &str, phases: &str) -> Model {
    model(&format!(
        "seed: 7
services: {{ s: {{ senders: [ {{ id: a, type: short_code, country: XX, mps: 1000000 }} ] }} }}
campaigns: {{ c: {{ service: s, segments: 1, recipients: {{ XX: 1 }}, arrivals: {{ process: {process}, phases: [ {phases} ] }} }} }}"
    ))
}

/// Intended instants in nanoseconds.
fn instants(model: &Model, replication: u32) -> Vec<u64> {
    let draws = Draws::new(model.seed, replication);
    Arrivals::new(&model.campaigns[0], draws, model.campaign_stream(0))
        .enumerate()
        .map(|(index, arrival)| {
            assert_eq!(arrival.number, index as u64, "numbered from 0");
            arrival.intended.as_nanos()
        })
        .collect()
}

/// A rate as numerator and denominator per second.
type Fraction = (u128, u128);

/// Whether a rate that goes linearly from `from` to `to` over `duration` has brought at least `k` arrivals after `t`
/// nanoseconds: t·a + t²·(b − a)/(2·T) ≥ k·10⁹, multiplied out, with the positive and negative parts on their sides.
fn reaches(t: u128, k: u128, from: Fraction, to: Fraction, duration: u128) -> bool {
    let (a, b) = (from.0 * to.1, to.0 * from.1);
    let left = 2 * duration * t * a + t * t * b;
    let right = t * t * a + 2 * duration * k * 1_000_000_000 * from.1 * to.1;
    left >= right
}

/// The arrivals of one phase by trying every nanosecond.
fn by_trying(from: Fraction, to: Fraction, duration: u128) -> Vec<u64> {
    let mut all = Vec::new();
    let mut count = 0;
    while reaches(duration, count + 1, from, to, duration) {
        count += 1;
    }
    let mut t = 0;
    for k in 0..count {
        while !reaches(t, k, from, to, duration) {
            t += 1;
        }
        all.push(t as u64);
    }
    all
}

/// Aim: counts are spread evenly from the phase's start, none at its end, and bursts come at once. Method: ⌈k·T/N⌉.
#[test]
fn constant_counts_are_evenly_spread() {
    for (nanos, count) in [
        (1u128, 1u128),
        (10_000_000_000, 3),
        (7, 7),
        (7, 10),
        (999_999_937, 1_009),
        (0, 5),
        (3_600_000_000_000, 86_399),
    ] {
        let found = instants(&phases("constant", &format!("{{ duration: {nanos}ns, arrival_count: {count} }}")), 0);
        let expected: Vec<u64> = (0..count).map(|k| ((k * nanos).div_ceil(count)) as u64).collect();
        assert_eq!(found, expected, "{count} in {nanos} ns");
    }
}

/// Aim: constant rates and ramps have as many arrivals as the integral has whole parts, the k-th at the first nanosecond
/// at which it reaches k. Method: a reference that tries every nanosecond of short phases with exact fractions.
#[test]
fn short_phases_against_a_reference_that_tries_every_nanosecond() {
    let rates: [(&str, Fraction); 6] = [
        ("0", (0, 1)),
        ("1000000", (1_000_000, 1)),
        ("333333.3", (3_333_333, 10)),
        ("59999999/min", (59_999_999, 60)),
        ("7", (7, 1)),
        ("123456.789", (123_456_789, 1_000)),
    ];
    for nanos in [1u128, 999, 100_000, 333_333, 1_000_000] {
        for (from_text, from) in rates {
            for (to_text, to) in rates {
                let phase = format!("{{ duration: {nanos}ns, arrival_rate: {from_text}, ramp_to: {to_text} }}");
                let found = instants(&phases("constant", &phase), 0);
                assert_eq!(found, by_trying(from, to, nanos), "{phase}");
            }
        }
    }
}

/// Aim: the same on long phases, where every nanosecond cannot be tried. Method: each instant reaches k and the
/// nanosecond before it does not; the count is the whole part of the integral.
#[test]
fn long_phases_meet_the_integral_exactly() {
    let second = 1_000_000_000u128;
    for (duration, from, to) in [
        (3_600 * second, (50u128, 1u128), (5u128, 1u128)),
        (1_800 * second, (0, 1), (100, 1)),
        (1_800 * second, (100, 1), (0, 1)),
        (86_400 * second, (1, 60), (10, 60)),
        (601 * second + 1, (75, 60), (75, 60)),
        (10 * second, (1, 1), (1, 1)),
    ] {
        let phase = format!("{{ duration: {duration}ns, arrival_rate: {}, ramp_to: {} }}", text(from), text(to));
        let found = instants(&phases("constant", &phase), 0);
        for (k, t) in found.iter().enumerate() {
            let (k, t) = (k as u128, u128::from(*t));
            assert!(reaches(t, k, from, to, duration), "{phase}: arrival {k} at {t} is early");
            assert!(t == 0 || !reaches(t - 1, k, from, to, duration), "{phase}: arrival {k} at {t} is late");
        }
        let count = found.len() as u128;
        assert!(reaches(duration, count, from, to, duration), "{phase}: {count} are too many");
        assert!(!reaches(duration, count + 1, from, to, duration), "{phase}: {count} are too few");
    }
}

fn text((numerator, denominator): Fraction) -> String {
    match denominator {
        1 => format!("{numerator}/s"),
        60 => format!("{numerator}/min"),
        _ => unreachable!("the cases above"),
    }
}

/// Aim: phases follow each other, pauses and the start time shift them, no fraction is carried over, and k6's spellings
/// mean the same. Method: by hand: 1.5 s at 1/s is one arrival, not one and a half.
#[test]
fn phases_follow_each_other() {
    let run = run("services: { s: { senders: [ { id: a, type: short_code, country: XX, mps: 10 } ] } }
campaigns: { c: { service: s, segments: 1, recipients: { XX: 1 }, startTime: 1s, arrivals: { phases: [
  { duration: 1500ms, arrivalRate: 1/s }, { duration: 1500ms, arrival_rate: 1 }, { pause: 4s }, { duration: 0, arrivalCount: 2 },
  { duration: 1s, arrival_count: 2 }, { duration: 2s, arrivalRate: 0, rampTo: 2 } ] } } }");
    let offered: Vec<u64> = (run.trace.seen.iter())
        .filter(|(_, seen)| matches!(seen, Seen::Offered { .. }))
        .map(|(at, _)| at.as_nanos() / 1_000_000)
        .collect();
    // The ramp's integral is t²/2: 0 at once, 1 at √2 s; 2 only at its end, which counts, as the whole part of 2.
    assert_eq!(offered, [1_000, 2_500, 8_000, 8_000, 8_000, 8_500, 9_000, 10_414]);
}

/// Aim: a Poisson phase with a count has exactly that many arrivals, uniform over the phase. Method: Kolmogorov-Smirnov
/// at 99.9 % (1.949/√n) in each of ten replications together with the order of the instants.
#[test]
fn poisson_counts_are_uniform() {
    let n = 20_000;
    let seconds = 500.0;
    let model = phases("poisson", &format!("{{ pause: 10s }}, {{ duration: 500s, arrival_count: {n} }}"));
    for replication in 0..10 {
        let found = instants(&model, replication);
        assert_eq!(found.len(), n);
        assert!(found.is_sorted());
        let mut largest: f64 = 0.0;
        for (index, instant) in found.iter().enumerate() {
            let u = (*instant as f64 / 1e9 - 10.0) / seconds;
            assert!((0.0..=1.0).contains(&u));
            let (below, above) = (index as f64 / n as f64, (index + 1) as f64 / n as f64);
            largest = largest.max((u - below).abs()).max((above - u).abs());
        }
        let limit = 1.949 / (n as f64).sqrt();
        assert!(largest < limit, "replication {replication}: distance {largest}, limit {limit}");
    }
}

/// Aim: a few uniform instants are uniform too, to the last one of the phase. Method: the k-th of three has mean k/4 and
/// variance k (4 − k) / 80 of the phase (Beta); means of 5,000 replications by interval at 99.9 %.
#[test]
fn a_few_poisson_counts_are_uniform() {
    let n = 5_000;
    let model = phases("poisson", "{ duration: 1s, arrival_count: 3 }");
    let mut sums = [0.0; 3];
    for replication in 0..n {
        for (sum, instant) in sums.iter_mut().zip(instants(&model, replication)) {
            *sum += instant as f64 / 1e9;
        }
    }
    for (k, sum) in (1..).zip(sums) {
        let k = f64::from(k);
        let (mean, expected) = (sum / f64::from(n), k / 4.0);
        let half_width = 3.291 * (k * (4.0 - k) / 80.0 / f64::from(n)).sqrt();
        assert!((mean - expected).abs() < half_width, "arrival {k}: {mean}, expected {expected} ± {half_width}");
    }
}

/// Aim: a Poisson phase with a rate has Poisson counts, also when the rate ramps. Method: mean and variance of the counts
/// of 400 replications against λT by interval at 99.9 %: s² of Poisson counts has variance σ⁴(2/(n−1) + 1/(nσ²)).
#[test]
fn poisson_rates_have_poisson_counts() {
    for (phase, expected) in [
        ("{ duration: 100s, arrival_rate: 2/s }", 200.0),
        ("{ duration: 100s, arrival_rate: 0, ramp_to: 4/s }", 200.0),
        ("{ duration: 30s, arrival_rate: 90/min, ramp_to: 30/min }", 30.0),
    ] {
        let model = phases("poisson", phase);
        let n = 400.0;
        let counts: Vec<f64> = (0..400).map(|replication| instants(&model, replication).len() as f64).collect();
        let mean = counts.iter().sum::<f64>() / n;
        let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let z = 3.291;
        let of_mean = z * (expected / n).sqrt();
        assert!((mean - expected).abs() < of_mean, "{phase}: mean {mean}, expected {expected} ± {of_mean}");
        let of_variance = z * expected * (2.0 / (n - 1.0) + 1.0 / (n * expected)).sqrt();
        assert!((variance - expected).abs() < of_variance, "{phase}: variance {variance} ± {of_variance}");
    }
}

/// Aim: gaps of a Poisson phase are exponential and independent. Method: Kolmogorov-Smirnov of 1 − e^(−λ·gap) at 99.9 %,
/// and the correlation of neighbouring gaps within 3.291/√n.
#[test]
fn poisson_gaps_are_exponential() {
    let found = instants(&phases("poisson", "{ duration: 10000s, arrival_rate: 2/s }"), 0);
    let mut gaps: Vec<f64> = found.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / 1e9).collect();
    let n = gaps.len() as f64;
    let products: f64 = gaps.windows(2).map(|pair| (pair[0] - 0.5) * (pair[1] - 0.5)).sum();
    let correlation = products / n / 0.25;
    assert!(correlation.abs() < 3.291 / n.sqrt(), "correlation {correlation}");
    gaps.sort_by(f64::total_cmp);
    let mut largest: f64 = 0.0;
    for (index, gap) in gaps.iter().enumerate() {
        let u = 1.0 - (-2.0 * gap).exp();
        largest = largest.max((u - index as f64 / n).abs()).max(((index as f64 + 1.0) / n - u).abs());
    }
    assert!(largest < 1.949 / n.sqrt(), "distance {largest}");
}

/// Aim: a random ramp has the shape of its rate. Method: arrivals of 40 replications in 20 bins against the integral's
/// shares; chi-squared with 19 degrees of freedom stays below 43.82 (99.9 %).
#[test]
fn poisson_ramps_have_their_shape() {
    for (from, to) in [(0.0, 100.0), (100.0, 0.0), (20.0, 60.0), (40.0, 40.0)] {
        let model = phases("poisson", &format!("{{ duration: 20s, arrival_rate: {from}, ramp_to: {to} }}"));
        let mut bins = [0.0; 20];
        for replication in 0..40 {
            for instant in instants(&model, replication) {
                bins[(instant / 1_000_000_000).min(19) as usize] += 1.0;
            }
        }
        let total: f64 = bins.iter().sum();
        let chi_squared: f64 = bins
            .iter()
            .enumerate()
            .map(|(bin, count)| {
                // The share of second number `bin`: its rate in the middle over the sum of all.
                let share = (from + (to - from) * (bin as f64 + 0.5) / 20.0) / (10.0 * (from + to));
                let expected = total * share;
                (count - expected) * (count - expected) / expected
            })
            .sum();
        assert!(chi_squared < 43.82, "{from} to {to}: {chi_squared}");
    }
}
