//! Relations between runs: what must happen to the answers when the question is changed in a known way.

use sendpool::model::filter::{Exposure, FilterClass, FilterCoefficients};

use crate::support::{Run, run};

/// Waits in nanoseconds by campaign and number.
fn waits(run: &Run) -> Vec<(u32, u64, u64)> {
    let mut waits: Vec<(u32, u64, u64)> = run
        .trace
        .sent()
        .iter()
        .map(|sent| {
            let message = &sent.message;
            (message.campaign, message.number, message.sent.since(message.accepted).as_nanos())
        })
        .collect();
    waits.sort_unstable();
    waits
}

/// Three kinds of traffic on the test bench: random, in bursts and ramped, over senders of several rates. `fast` doubles
/// every rate and halves every duration.
fn bench(fast: bool, distribution: &str, senders: &str) -> String {
    let (unit, scale) = if fast { (1, 2) } else { (2, 1) };
    format!(
        "
services:
  s: {{ validity_period: {validity}s, selection: {{ distribution: {distribution} }}, senders: [ {senders} ] }}
campaigns:
  random: {{ service: s, segments: {{ 1: 0.6, 2: 0.3, 3: 0.1 }}, recipients: {{ XX: 1 }}, arrivals: {{ process: poisson, phases: [ {{ duration: {long}s, arrival_count: 400 }} ] }} }}
  burst: {{ service: s, segments: 2, recipients: {{ XX: 1 }}, start_time: {short}s, arrivals: {{ phases: [ {{ duration: 0s, arrival_count: 100 }} ] }} }}
  ramp: {{ service: s, segments: 1, recipients: {{ XX: 1 }}, arrivals: {{ phases: [ {{ duration: {long}s, arrival_rate: {low}/s, ramp_to: {high}/s }} ] }} }}
",
        validity = 10 * unit,
        long = 20 * unit,
        short = 4 * unit,
        low = 2 * scale,
        high = 8 * scale,
    )
}

/// Aim: only ratios count. Method: all rates doubled and all durations halved, every wait is half as long, to the
/// nanoseconds that rounding up may add.
#[test]
fn doubled_rates_and_halved_durations_halve_every_wait() {
    let senders = |mps: &[u32]| {
        let list = mps.iter().enumerate();
        list.map(|(index, mps)| format!("{{ id: n{index}, type: long_code, country: XX, mps: {mps} }}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    for distribution in ["round_robin", "first", "least_segments", "earliest", "random"] {
        let slow = run(&bench(false, distribution, &senders(&[4, 8, 16])));
        let fast = run(&bench(true, distribution, &senders(&[8, 16, 32])));
        let (slow, fast) = (waits(&slow), waits(&fast));
        assert_eq!(slow.len(), fast.len(), "{distribution}: as many are sent");
        assert!(slow.iter().any(|(_, _, wait)| *wait > 1_000_000_000), "{distribution}: somebody waits");
        for (slow, fast) in slow.iter().zip(&fast) {
            assert_eq!((slow.0, slow.1), (fast.0, fast.1));
            assert!(slow.2.abs_diff(2 * fast.2) <= 8, "{distribution}: {slow:?} {fast:?}");
        }
    }
}

/// Aim: like senders are interchangeable. Method: the entries of equal rate in another order give the same waits.
#[test]
fn the_order_of_like_senders_does_not_matter() {
    let sender = |id: &str| format!("{{ id: {id}, type: long_code, country: XX, mps: 7 }}");
    let pool = |ids: &[&str]| ids.iter().map(|id| sender(id)).collect::<Vec<_>>().join(", ");
    for distribution in ["round_robin", "least_segments", "earliest", "random"] {
        let one = run(&bench(false, distribution, &pool(&["a", "b", "c"])));
        let other = run(&bench(false, distribution, &pool(&["c", "a", "b"])));
        assert_eq!(waits(&one), waits(&other), "{distribution}");
    }
}

/// Aim: more capacity never hurts anybody. Method: under `earliest`, with equal senders and single segments, a further
/// sender raises no message's wait; validities are long, so the same messages are sent.
#[test]
fn one_more_sender_under_earliest_raises_no_wait() {
    for count in [1, 2, 3, 7] {
        let pool = |count: u32| {
            format!(
                "
queue: {{ capacity: unlimited }}
services: {{ s: {{ selection: {{ distribution: earliest }}, senders: [ {{ id: n, type: long_code, country: XX, mps: 3, count: {count} }} ] }} }}
campaigns:
  random: {{ service: s, segments: 1, recipients: {{ XX: 1 }}, arrivals: {{ process: poisson, phases: [ {{ duration: 30s, arrival_count: 500 }} ] }} }}
  burst: {{ service: s, segments: 1, recipients: {{ XX: 1 }}, start_time: 7s, arrivals: {{ phases: [ {{ duration: 0s, arrival_count: 60 }} ] }} }}
"
            )
        };
        let (fewer, more) = (waits(&run(&pool(count))), waits(&run(&pool(count + 1))));
        assert_eq!(fewer.len(), 560);
        for (fewer, more) in fewer.iter().zip(&more) {
            // Rounding up may move a slot by a nanosecond.
            assert!(more.2 <= fewer.2 + 1, "with {count} senders {fewer:?}, with one more {more:?}");
        }
    }
}

/// Aim: spreading a campaign over more numbers never lowers the chance of being filtered. Method: the formula over a grid
/// of classes, volumes and risks.
#[test]
fn more_numbers_never_lower_the_filter() {
    let coefficients = FilterCoefficients {
        volume: 1.1,
        spread: 1.5,
        risk: 4.65,
        opt_out: 40.0,
        opt_out_tolerated: 0.02,
        opt_out_after: 100,
    };
    for free_senders in [None, Some(1.0), Some(5.0)] {
        for base in [-7.0, -5.5, -3.5] {
            let class = FilterClass { base, free_volume: Some(200.0), free_senders };
            for messages in [1, 200, 5_000, 1_000_000] {
                for risk in [0.0, 0.5, 1.0] {
                    let p = |senders| {
                        coefficients
                            .probability(&class, &Exposure { messages, senders, risk, opt_outs: 0.0, frailty: 1.0 })
                    };
                    let steps: Vec<f64> = (1..=400).map(p).collect();
                    assert!(steps.windows(2).all(|pair| pair[1] >= pair[0]), "{class:?} {messages} {risk}");
                    assert!(steps.iter().all(|p| *p > 0.0 && *p < 1.0));
                }
            }
        }
    }
}

/// Aim: the same in a whole run. Method: one campaign of 2,000 messages over 1, 2, 5, 20 and 60 Canadian long codes: the
/// filter takes no fewer of them with more numbers. The same messages meet the same chance, so no interval is needed.
#[test]
fn a_wider_pool_loses_no_less_to_the_filter() {
    let lost = |count: u32| {
        let run = run(&format!(
            "
services: {{ s: {{ senders: [ {{ id: n, type: long_code, country: CA, mps: 100, count: {count} }} ] }} }}
campaigns: {{ c: {{ service: s, segments: 1, invalid: 0, recipients: {{ CA: 1 }}, arrivals: {{ phases: [ {{ duration: 200s, arrival_count: 2000 }} ] }} }} }}
"
        ));
        use sendpool::model::ending::Ending;
        run.trace.count(Ending::Filtered) + run.trace.count(Ending::ContentBlocked)
    };
    let losses: Vec<usize> = [1, 2, 5, 20, 60].map(lost).into();
    assert!(losses.windows(2).all(|pair| pair[1] >= pair[0]), "{losses:?}");
    assert!(losses[4] > 2 * losses[0], "{losses:?}");
}
