//! The same scenario gives the same run, everywhere and always; and what chance decides about a message does not depend
//! on the design it meets.

use std::collections::BTreeMap;

use sendpool::kernel::draws::Draws;
use sendpool::model::ending::Ending;
use sendpool::simulation::observer::{Message, Report};
use sendpool::simulation::people;

use crate::support::{Run, Seen, run};

/// Traffic of every sort to four countries. `SELECTION` and `MORE` stand for the pool's selection and for
/// further senders.
const RICH: &str = "seed: 11
clock: { start: \"2026-03-07T23:58:00-05:00\", horizon: 10m }
account: { ceilings: [ { country: US, type: short_code, rate: 8/s } ] }
audiences: { people: { size: 300, recipients: { US: 3, CA: 1, GB: 1 }, invalid: 5% } }
services:
  promo:
    validity_period: 90s
    selection: { SELECTION }
    senders:
      - { id: sc, type: short_code, country: US, count: 2, mps: 5 }
      - { id: local, type: long_code, country: US, count: 2, ten_dlc: { brand: acme, campaign: promo, trust_score: 60 } }
      - { id: ca, type: toll_free, country: CA }
      - { id: brand, type: alphanumeric, name: ACME, mps: 0.7, queue: { capacity: validity } }
      MORE
campaigns:
  blast: { service: promo, body: \"Sale starts now 🎉 reply STOP to opt out\", audience: people, pick: uniform,
    arrivals: { process: poisson, phases: [ { duration: 60s, arrival_count: 400 }, { duration: 60s, arrival_rate: 5/s, ramp_to: 0 } ] } }
  codes: { service: promo, kind: otp, segments: { 1: 0.7, 2: 0.2, 7: 0.1 }, validity_period: 10s, submit_rate: 3/s,
    recipients: { US: 1, FR: 1, GB: 1 }, content_risk: 0.5, arrivals: { phases: [ { duration: 100s, arrival_rate: 1/s, ramp_to: 4/s } ] } }
  own: { from: sc, segments: 2, recipients: { US: 2, GB: 1 }, arrivals: { process: poisson, phases: [ { duration: 100s, arrival_rate: 30/min } ] } }
";

/// The digest of [`RICH`] by round robin. It changes when any instant, draw or ending does: a change of results, which
/// must be a decision. It is the same in debug and release and on every platform.
const PINNED: u64 = 0x850a_6a5d_44f8_964a;

fn rich(selection: &str, more: &str) -> Run {
    run(&RICH.replace("SELECTION", selection).replace("MORE", more))
}

/// The same with every handset on: how long one stays off is remembered, so that it depends on what came before.
fn attended(selection: &str, more: &str) -> Run {
    let text = RICH.replace("SELECTION", selection).replace("MORE", more);
    run(&format!("overrides: {{ network: attended }}\n{text}"))
}

/// FNV-1a over every field of everything that was observed, in order.
fn digest(run: &Run) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut add = |word: u64| {
        for byte in word.to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for (at, seen) in &run.trace.seen {
        add(at.as_nanos());
        match seen {
            Seen::Offered { campaign, carrier } => {
                add(1);
                add(u64::from(*campaign));
                add(u64::from(*carrier));
            }
            Seen::Refused(message, ending) => {
                add(2);
                fields(message, &mut add);
                add(*ending as u64);
            }
            Seen::Accepted(message) => {
                add(3);
                fields(message, &mut add);
            }
            Seen::Kept(message) => {
                add(9);
                fields(message, &mut add);
            }
            Seen::Released(message) => {
                add(10);
                fields(message, &mut add);
            }
            Seen::Queued(message) => {
                add(4);
                fields(message, &mut add);
            }
            Seen::Sent { message, ready, slot_end } => {
                add(5);
                fields(message, &mut add);
                add(ready.as_nanos());
                add(slot_end.as_nanos());
            }
            Seen::SlotEnded { lane, segments } => {
                add(6);
                add(u64::from(*lane));
                add(segments.0);
            }
            Seen::Ended(message, ending) => {
                add(7);
                fields(message, &mut add);
                add(*ending as u64);
            }
            Seen::Receipt(message, report) => {
                add(8);
                fields(message, &mut add);
                add(match report {
                    Report::Delivered => 0,
                    Report::Undelivered(code) => u64::from(*code),
                });
            }
        }
    }
    hash
}

fn fields(message: &Message, add: &mut impl FnMut(u64)) {
    for word in [
        message.intended.as_nanos(),
        message.accepted.as_nanos(),
        message.sent.as_nanos(),
        message.number,
        u64::from(message.campaign),
        u64::from(message.carrier),
        u64::from(message.sender),
        u64::from(message.lane),
        u64::from(message.segments),
        u64::from(message.invalid),
        u64::from(message.carried),
    ] {
        add(word);
    }
}

/// Aim: a run is repeated to the last bit, and is the one pinned above. Method: run twice, compare every observation,
/// then the digest.
#[test]
fn a_run_is_repeated_bit_for_bit() {
    let first = rich("distribution: round_robin", "");
    let second = rich("distribution: round_robin", "");
    assert!(first.trace == second.trace, "two runs of one scenario differ");
    assert_eq!(first.finished, second.finished);
    let met: Vec<Ending> = Ending::ALL.into_iter().filter(|ending| first.trace.count(*ending) > 0).collect();
    assert!(met.len() >= 6, "the scenario is rich: {met:?}");
    assert_eq!(digest(&first), PINNED, "the results of a scenario changed: {:#x}", digest(&first));
}

/// Aim: another seed, and only that, gives another run. Method: compare digests.
#[test]
fn the_seed_matters() {
    let other = run(&RICH
        .replace("seed: 11", "seed: 12")
        .replace("SELECTION", "distribution: round_robin")
        .replace("MORE", ""));
    assert_ne!(digest(&rich("distribution: round_robin", "")), digest(&other));
}

/// What chance decides about each message: when, for whom, how slow the carrier is and what the receipt takes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Fate {
    intended: u64,
    carrier: u32,
    invalid: bool,
    segments: Option<u32>,
    latency: Option<u64>,
    receipt_delay: Option<u64>,
}

fn fates(run: &Run) -> BTreeMap<(u32, u64), Fate> {
    let mut fates: BTreeMap<(u32, u64), Fate> = BTreeMap::new();
    let mut delivered = BTreeMap::new();
    for (at, seen) in &run.trace.seen {
        match seen {
            Seen::Accepted(message) | Seen::Refused(message, _) => {
                let fate = fates.entry((message.campaign, message.number)).or_default();
                fate.intended = message.intended.as_nanos();
                fate.carrier = message.carrier;
                fate.invalid = message.invalid;
                fate.segments = Some(message.segments).filter(|segments| *segments > 0);
            }
            Seen::Ended(message, Ending::Delivered) => {
                let key = (message.campaign, message.number);
                delivered.insert(key, *at);
                fates.entry(key).or_default().latency = Some(at.since(message.sent).as_nanos());
            }
            Seen::Receipt(message, _) => {
                let key = (message.campaign, message.number);
                if let Some(end) = delivered.get(&key) {
                    fates.entry(key).or_default().receipt_delay = Some(at.since(*end).as_nanos());
                }
            }
            _ => {}
        }
    }
    fates
}

/// Aim: designs are compared with common random numbers: another policy, more senders or another validity change who
/// sends a message and when, and not its recipient, its arrival, its carrier's latency or the delay of its receipt.
/// Method: compare each message over five designs; what only one design has (a message not delivered) is left out.
#[test]
fn another_design_meets_the_same_chance() {
    let base = attended("distribution: round_robin", "");
    let known = fates(&base);
    let mut compared = 0;
    for (selection, more) in [
        ("distribution: earliest", ""),
        ("distribution: random, priority: none", ""),
        ("distribution: first", "- { id: more, type: short_code, country: US, count: 5, mps: 50 }"),
        ("priority: guide", "- { id: gb, type: long_code, country: GB, count: 3 }"),
    ] {
        let other = fates(&attended(selection, more));
        assert_eq!(known.len(), other.len(), "the same messages are handed over");
        for (key, fate) in &known {
            let there = &other[key];
            assert_eq!(
                (fate.intended, fate.carrier, fate.invalid),
                (there.intended, there.carrier, there.invalid),
                "{selection}: message {key:?}"
            );
            for (here, there) in [(fate.latency, there.latency), (fate.receipt_delay, there.receipt_delay)] {
                if let (Some(here), Some(there)) = (here, there) {
                    assert_eq!(here, there, "{selection}: message {key:?}");
                    compared += 1;
                }
            }
            // Segments are drawn for the second campaign; the first one's depend on the type of sender.
            if let (1, Some(here), Some(there)) = (key.0, fate.segments, there.segments) {
                assert_eq!(here, there, "{selection}: message {key:?}");
            }
        }
    }
    assert!(compared > 1_000, "{compared} delays compared");
}

/// Aim: a campaign's chance is its own: traffic that comes after it in the file changes nothing about it. Method: the
/// recipients and arrivals of a campaign alone and before others. (People of an audience do not pass this test: audiences
/// are numbered after all campaigns, so one more campaign makes other people of them.)
#[test]
fn further_campaigns_leave_the_first_alone() {
    let head = "services: { s: { senders: [ { id: sc, type: short_code, country: US } ] } }
campaigns:
  first: { service: s, segments: 1, recipients: { US: 2, CA: 1 }, invalid: 5%, arrivals: { process: poisson, phases: [ { duration: 60s, arrival_rate: 5 } ] } }\n";
    let other = "  other: { service: s, segments: 1, recipients: { US: 1, GB: 1 }, arrivals: { process: poisson, phases: [ { duration: 60s, arrival_rate: 5 } ] } }\n";
    let first = |run: &Run| -> Vec<(u64, String, bool)> {
        let draws = Draws::new(run.model.seed, 0);
        let mut all = Vec::new();
        for (at, seen) in &run.trace.seen {
            if let Seen::Offered { campaign: 0, carrier } = seen {
                let person = people::recipient(&run.model, draws, 0, all.len() as u64);
                assert_eq!(person.carrier, *carrier as usize, "the observer is told what the draws say");
                all.push((at.as_nanos(), run.model.carriers[person.carrier].id.clone(), person.invalid));
            }
        }
        all
    };
    let alone = first(&run(head));
    assert!(alone.len() > 200);
    assert_eq!(alone, first(&run(&format!("{head}{other}"))));
}
