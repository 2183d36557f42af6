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
        .into_iter()
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

/// One campaign with these arrivals, starting at a time of New York.
fn arrivals(start: &str, arrivals: &str) -> Model {
    model(&format!(
        "seed: 7
clock: {{ start: \"{start}[America/New_York]\" }}
services: {{ s: {{ senders: [ {{ id: a, type: short_code, country: XX, mps: 1000000 }} ] }} }}
campaigns: {{ c: {{ service: s, segments: 1, recipients: {{ XX: 1 }}, arrivals: {{ {arrivals} }} }} }}"
    ))
}

/// How many instants lie in each hour of a run, counted from `first` minutes after its start.
fn by_hour(instants: &[u64], first: u64, hours: usize) -> Vec<u64> {
    let mut counts = vec![0; hours];
    for instant in instants {
        let minutes = instant / 60_000_000_000;
        counts[usize::try_from((minutes + 60 - first) / 60).unwrap()] += 1;
    }
    counts
}

/// Weights of the hours that add up to 100, with a night in which nothing is sent.
const DAY: [u64; 24] = [0, 0, 0, 0, 0, 0, 0, 1, 2, 5, 12, 10, 8, 7, 6, 6, 7, 9, 11, 8, 4, 2, 1, 1];

fn list(shares: &[u64]) -> String {
    shares.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

/// Aim: a profile gives each hour of the local day its share, exactly, of a count and of what a mean rate amounts to.
/// Method: by hand: share x count / 100, from 13:00 on, over a day; both processes keep the count.
#[test]
fn hours_have_their_shares_exactly() {
    let from_one: Vec<u64> = DAY[13..].iter().chain(&DAY[..13]).copied().collect();
    let profile = format!("profile: [{}]", list(&DAY));
    let start = "2026-06-10T13:00:00-04:00";
    let counted = arrivals(start, &format!("{profile}, phases: [ {{ duration: 24h, arrival_count: 5000 }} ]"));
    let expected: Vec<u64> = from_one.iter().map(|share| share * 50).collect();
    assert_eq!(by_hour(&instants(&counted, 0), 60, 24), expected);
    // 5/min x 1,440 min.
    let rated = arrivals(start, &format!("phases: [ {{ duration: 24h, arrival_rate: 5/min, {profile} }} ]"));
    let expected: Vec<u64> = from_one.iter().map(|share| share * 72).collect();
    assert_eq!(by_hour(&instants(&rated, 0), 60, 24), expected);
    // Evenly within an hour: 350 at 13:00, so one in every 72/7 s.
    let first: Vec<u64> = instants(&counted, 0)[..350].to_vec();
    let by_hand: Vec<u64> = (0..350u64).map(|k| (k * 3_600_000_000_000).div_ceil(350)).collect();
    assert_eq!(first, by_hand);
    // Random: exactly so many in all, none at night, and each hour by chance; chi-squared, 16 degrees of freedom, 99.9 %.
    let random = format!("process: poisson, {profile}, phases: [ {{ duration: 24h, arrival_count: 5000 }} ]");
    let counts = by_hour(&instants(&arrivals(start, &random), 0), 60, 24);
    assert_eq!(counts.iter().sum::<u64>(), 5_000);
    let mut chi_squared = 0.0;
    for (count, share) in counts.iter().zip(&from_one) {
        let expected = (share * 50) as f64;
        assert!(*share > 0 || *count == 0);
        chi_squared += if *share > 0 { (*count as f64 - expected).powi(2) / expected } else { 0.0 };
    }
    assert!(chi_squared < 39.25, "{chi_squared}");
}

/// Aim: a phase of part of a day has its own count or mean rate, spread by the shares of its hours, and hours begin where
/// the clock says. Method: by hand: from 09:30 to 11:00, half an hour of 5 and an hour of 12, are 2.5 : 12.
#[test]
fn a_part_of_a_day_and_a_day_of_25_hours() {
    let profile = format!("profile: [{}]", list(&DAY));
    let part = |load: &str| {
        let text = format!("{profile}, phases: [ {{ duration: 90m, {load} }} ]");
        by_hour(&instants(&arrivals("2026-06-10T09:30:00-04:00", &text), 0), 30, 2)
    };
    assert_eq!(part("arrival_count: 29"), [5, 24]);
    // 29 in 90 minutes.
    assert_eq!(part("arrival_rate: 464/day"), [5, 24]);
    // Clocks went back at two: the hour from one to two comes twice, and has its share both times.
    let mut night = [0; 24];
    (night[0], night[1], night[2]) = (1, 2, 3);
    let text = format!("profile: [{}], phases: [ {{ duration: 25h, arrival_count: 80 }} ]", list(&night));
    let counts = by_hour(&instants(&arrivals("2026-11-01T00:00:00-04:00", &text), 0), 60, 25);
    assert_eq!(counts[..5], [10, 20, 20, 30, 0]);
}

/// Aim: the profiles of the catalogue are known by name. Method: the political one has 138 of its 1,057 messages between 11
/// and 12, and 1 between 5 and 6.
#[test]
fn profiles_have_names() {
    let text = "profile: a2p_political, phases: [ { duration: 24h, arrival_count: 1057 } ]";
    let counts = by_hour(&instants(&arrivals("2026-06-10T00:00:00-04:00", text), 0), 60, 24);
    assert_eq!((counts[11], counts[5], counts[4], counts.iter().sum::<u64>()), (138, 1, 0, 1_057));
    for name in ["a2p_marketing", "p2p"] {
        let text = format!("phases: [ {{ duration: 24h, arrival_count: 1000, profile: {name} }} ]");
        assert_eq!(instants(&arrivals("2026-06-10T00:00:00-04:00", &text), 0).len(), 1_000);
    }
}

/// Aim: a flash crowd multiplies the rate while it lasts, from the start of the arrivals on, in every phase that it meets;
/// a count stays what it is. Method: by hand: 60 x 20 + 540 at 1/s; the count that a rate comes to has its instants.
#[test]
fn flash_crowds_multiply_the_rate() {
    let start = "2026-06-10T00:00:00-04:00";
    let flash = "flash: { at: 2m, for: 60s, times: 20 }";
    let of = |phases: &str| instants(&arrivals(start, &format!("{flash}, phases: [ {phases} ]")), 0);
    let found = of("{ duration: 10m, arrival_rate: 1/s }");
    assert_eq!(found.len(), 1_740);
    let second = 1_000_000_000;
    let by_hand = (0..120).map(|k| k * second);
    let by_hand = by_hand.chain((0..1_200).map(|k| 120 * second + k * second / 20));
    let by_hand: Vec<u64> = by_hand.chain((180..600).map(|k| k * second)).collect();
    assert_eq!(found, by_hand);
    assert_eq!(of("{ duration: 10m, arrival_count: 1740 }"), found);
    let in_two = of("{ duration: 150s, arrival_rate: 1/s }, { duration: 450s, arrival_rate: 1/s }");
    assert_eq!(in_two, found);
    // A burst and a pause have no rate; twice as dense is every other instant.
    assert_eq!(
        of("{ duration: 0s, arrival_count: 2 }, { pause: 150s }, { duration: 40s, arrival_count: 21 }").len(),
        23
    );
    let shifted = model(&format!(
        "services: {{ s: {{ senders: [ {{ id: a, type: short_code, country: XX, mps: 1000 }} ] }} }}
campaigns: {{ c: {{ service: s, segments: 1, recipients: {{ XX: 1 }}, start_time: 1h, arrivals: {{ {flash}, phases: [ {{ duration: 10m, arrival_rate: 1/s }} ] }} }} }}"
    ));
    let hour = 3_600 * second;
    assert_eq!(instants(&shifted, 0), by_hand.iter().map(|at| at + hour).collect::<Vec<_>>());
}

/// Aim: a ramp under a flash crowd is still met exactly. Method: 0 to 20/s over 20 s; its integral t²/2 s, times 3 from 4 s
/// to 6 s: the k-th is at √2k, then at √(16 + (2k − 16)/3), then at √(36 + 2k − 76).
#[test]
fn ramps_under_a_flash_crowd() {
    let text = "flash: { at: 4s, for: 2s, times: 3 }, phases: [ { duration: 20s, arrival_rate: 0, ramp_to: 20 } ]";
    let found = instants(&arrivals("2026-06-10T00:00:00-04:00", text), 0);
    // 200 + 2 x (18 - 8).
    assert_eq!(found.len(), 220);
    for (k, at) in found.iter().enumerate() {
        let k = k as f64;
        let exact = match k {
            k if k <= 8.0 => (2.0 * k).sqrt(),
            k if k <= 38.0 => (16.0 + (2.0 * k - 16.0) / 3.0).sqrt(),
            k => (36.0 + 2.0 * k - 76.0).sqrt(),
        };
        let at = *at as f64 / 1e9;
        assert!(at >= exact - 1e-12 && at < exact + 2e-9, "{k}: {at} {exact}");
    }
}

/// Mean, variance and correlation of neighbours of numbers, given the mean that is meant.
fn moments(numbers: &[f64], mean: f64) -> (f64, f64, f64) {
    let n = numbers.len() as f64;
    let of_mean = numbers.iter().sum::<f64>() / n;
    let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    let products = numbers.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum::<f64>() / n;
    (of_mean, variance, products / variance)
}

/// Aim: bursts have the index of dispersion that is asked for, the mean rate, and windows that follow the clock and know
/// nothing of each other. Method: numbers in the clock's hours are negative binomial, with κ₂ = m D and
/// κ₄ = κ₂ (1 + 6 (D − 1) D); mean and mean square by interval at 99.9 %, from 09:20 on in 400 replications.
#[test]
fn bursts_have_their_dispersion() {
    for (rate, mean, dispersion) in [("6/min", 360.0, 10.0), ("20/h", 20.0, 3.0), ("2/h", 2.0, 10.0)] {
        let text = format!(
            "process: poisson, burstiness: {{ dispersion: {dispersion}, window: 1h }}, phases: [ {{ duration: 640m, arrival_rate: {rate} }} ]"
        );
        let model = arrivals("2026-06-10T09:20:00-04:00", &text);
        let mut hours = Vec::new();
        for replication in 0..400 {
            let counts = by_hour(&instants(&model, replication), 40, 12);
            hours.extend(counts[1..11].iter().map(|count| *count as f64));
        }
        let n = hours.len() as f64;
        let (found, variance, correlation) = moments(&hours, mean);
        let second: f64 = mean * dispersion;
        let fourth = second * (1.0 + 6.0 * (dispersion - 1.0) * dispersion);
        let of_mean = 3.291 * (second / n).sqrt();
        assert!((found - mean).abs() < of_mean, "{rate}: mean {found}, expected {mean} ± {of_mean}");
        let of_variance = 3.291 * ((fourth + 2.0 * second * second) / n).sqrt();
        assert!((variance - second).abs() < of_variance, "{rate}: {variance}, expected {second} ± {of_variance}");
        assert!(correlation.abs() < 3.291 / n.sqrt(), "{rate}: correlation {correlation}");
    }
}

/// Aim: a count in bursts stays exact, and its parts in windows are as unequal as gamma variates of the shape make them.
/// Method: by hand: the part of one window of ten is Dirichlet, of variance 9 / (100 (10 k + 1)) with k = 100 / 49; the
/// number in it adds multinomial chance. By interval of 4,000 windows, with the fourth moment as measured.
#[test]
fn counts_in_bursts_stay_exact() {
    let text = "process: poisson, burstiness: { dispersion: 50, window: 1h }, phases: [ { duration: 10h, arrival_count: 1000 } ]";
    let model = arrivals("2026-06-10T09:00:00-04:00", text);
    let mut squares = Vec::new();
    for replication in 0..400 {
        let found = instants(&model, replication);
        assert_eq!(found.len(), 1_000);
        assert!(found.is_sorted() && found[999] <= 36_000_000_000_000);
        squares.extend(by_hour(&found, 60, 11)[..10].iter().map(|count| (*count as f64 - 100.0).powi(2)));
    }
    let n = squares.len() as f64;
    let part = 9.0 / (100.0 * (10.0 * 100.0 / 49.0 + 1.0));
    // E[N p (1 - p)] + N² Var p.
    let expected = 1_000.0 * (0.1 - 0.01 - part) + 1_000_000.0 * part;
    let found = squares.iter().sum::<f64>() / n;
    let spread = squares.iter().map(|x| (x - found).powi(2)).sum::<f64>() / n;
    let half_width = 3.291 * (spread / n).sqrt();
    assert!((found - expected).abs() < half_width, "{found}, expected {expected} ± {half_width}");
}

/// Aim: hours, a flash crowd and bursts together have the mean number, and none at night. Method: the mean of 2,000
/// replications of 30 hours against the mean rate, by interval at 99.9 % with the spread as measured.
#[test]
fn all_shapes_together_keep_the_mean() {
    let text = format!(
        "process: poisson, profile: [{}], burstiness: {{ dispersion: 4, window: 25m }}, flash: {{ at: 10h, for: 90m, times: 5 }}, \
         phases: [ {{ duration: 24h, arrival_rate: 5/h }} ]",
        list(&DAY)
    );
    let model = arrivals("2026-06-10T00:00:00-04:00", &text);
    // 1.2 messages a share; four more times those of 10:00 to 11:30.
    let expected = 120.0 + 4.0 * 1.2 * (12.0 + 10.0 / 2.0);
    assert_eq!(model.campaigns[0].expected_messages(), 202);
    let mut counts = Vec::new();
    for replication in 0..2_000 {
        let found = instants(&model, replication);
        assert!(found.iter().all(|at| *at >= 7 * 3_600_000_000_000) && found.is_sorted());
        counts.push(found.len() as f64);
    }
    let (mean, variance, _) = moments(&counts, expected);
    let half_width = 3.291 * (variance / 2_000.0).sqrt();
    assert!((mean - expected).abs() < half_width, "{mean}, expected {expected} ± {half_width}");
    assert!(variance > 4.0 * expected, "bursts of four and more: {variance}");
}
