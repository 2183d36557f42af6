//! Books, limits and order on random scenarios, and a naive second implementation of the queues.
//!
//! Each scenario is a text made by a small generator; a failure prints it. The books are balanced after every event by
//! the ledger; the rest is worked out afterwards from what an observer of this suite wrote down.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use sendpool::model::ending::Ending;
use sendpool::model::{Ceiling, Model};
use sendpool::simulation::observer::Message;
use sendpool::units::{NANOS_PER_SECOND, Rate, SimTime};

use crate::support::{Departure, Dice, Run, Seen, run_model};

/// How many scenarios are run.
const SCENARIOS: u64 = 240;

/// Aim: on any scenario the books balance after every event, every message ends once, and no rule of queues, rates,
/// capacities, validity or order is broken. Method: see the checks below; the generator mixes everything the file can
/// say, with small capacities, short validities and heavy load as often as not.
#[test]
fn random_scenarios_keep_every_rule() {
    let mut events = 0;
    let mut met = BTreeSet::new();
    for seed in 1..=SCENARIOS {
        let yaml = scenario(seed);
        let result = catch_unwind(AssertUnwindSafe(|| {
            let model = crate::support::model(&yaml);
            let run = run_model(model);
            check(&run);
            (run.finished.events, run.trace.ends().into_iter().map(|(_, _, ending)| ending).collect::<BTreeSet<_>>())
        }));
        match result {
            Ok((handled, endings)) => {
                events += handled;
                met.extend(endings);
            }
            Err(panic) => {
                eprintln!("scenario {seed} broke a rule:\nversion: 1\nname: suite\n{yaml}");
                resume_unwind(panic);
            }
        }
    }
    // A generator that makes nothing happen would pass everything.
    assert!(events > 100_000, "{events} events");
    for ending in Ending::ALL {
        let cannot = matches!(ending, Ending::BrandDayCap);
        assert!(cannot || met.contains(&ending), "no scenario met {ending:?}");
    }
}

// --- the generator ----------------------------------------------------------------------------------------------------

const DISTRIBUTIONS: [&str; 5] = ["round_robin", "random", "first", "least_segments", "earliest"];

fn scenario(seed: u64) -> String {
    let mut dice = Dice(seed);
    let mut yaml = format!("seed: {}\n", dice.within(0, 1_000_000));
    let hours = dice.within(0, 23);
    let horizon = if dice.once_in(3) { format!(", horizon: {}ms", dice.within(1, 90_000)) } else { String::new() };
    // Some runs cross a midnight.
    let _ = writeln!(yaml, "clock: {{ start: \"2026-03-07T{hours:02}:59:30-05:00\"{horizon} }}");
    if dice.once_in(2) {
        let _ = writeln!(yaml, "queue: {{ {} }}", queue(&mut dice));
    }
    let codes: Vec<&str> = ["US", "CA", "GB", "FR", "XX"].into_iter().filter(|_| dice.once_in(2)).collect();
    let codes = if codes.is_empty() { vec!["XX"] } else { codes };
    ceilings(&mut dice, &mut yaml, &codes);
    let audiences = dice.within(0, 2);
    if audiences > 0 {
        yaml.push_str("audiences:\n");
    }
    for audience in 1..=audiences {
        let size = dice.within(400, 5_000);
        let _ = writeln!(yaml, "  a{audience}: {{ size: {size}, recipients: {} }}", weights(&mut dice, &codes));
    }
    yaml.push_str("services:\n");
    let services = dice.within(1, 2);
    let mut ids = Vec::new();
    for service in 1..=services {
        let _ = writeln!(yaml, "  s{service}:");
        let _ = writeln!(
            yaml,
            "    features: {{ sticky_sender: {}, short_code_reroute: {}, smart_encoding: {} }}",
            !dice.once_in(3),
            !dice.once_in(3),
            dice.once_in(3)
        );
        if dice.once_in(2) {
            let _ = writeln!(yaml, "    validity_period: {}", validity(&mut dice));
        }
        let priority = dice.pick(&["platform", "guide", "none"]);
        let distribution = dice.pick(&DISTRIBUTIONS);
        let _ = writeln!(yaml, "    selection: {{ priority: {priority}, distribution: {distribution} }}");
        if dice.once_in(2) {
            let _ = writeln!(yaml, "    queue: {{ {} }}", queue(&mut dice));
        }
        if dice.once_in(12) {
            yaml.push_str("    senders: []\n");
            continue;
        }
        yaml.push_str("    senders:\n");
        for number in 1..=dice.within(1, 5) {
            let id = format!("n{service}{number}");
            let _ = writeln!(yaml, "      - {{ id: {id}, {} }}", sender(&mut dice, &codes));
            ids.push(id);
        }
    }
    yaml.push_str("campaigns:\n");
    for campaign in 1..=dice.within(1, 4) {
        let text = campaign_text(&mut dice, services, &ids, audiences, &codes);
        let _ = writeln!(yaml, "  c{campaign}: {{ {text} }}");
    }
    if dice.once_in(4) {
        yaml.push_str("overrides: { network: ideal }\n");
    }
    yaml
}

fn queue(dice: &mut Dice) -> String {
    let capacity = dice.pick(&["10h", "4h", "validity", "validity", "unlimited"]);
    let lanes = dice.pick(&["country", "sender", "market"]);
    format!("capacity: {capacity}, lanes: {lanes}")
}

fn validity(dice: &mut Dice) -> String {
    match dice.within(1, 3) {
        1 => format!("{}ms", dice.within(1_000, 9_000)),
        2 => format!("{}s", dice.within(1, 60)),
        _ => "10h".to_owned(),
    }
}

fn rate(dice: &mut Dice) -> String {
    let choices = ["1", "3", "7", "0.3", "11/min", "10", "100", "1000000"];
    dice.pick(&choices).to_owned()
}

fn ceilings(dice: &mut Dice, yaml: &mut String, codes: &[&str]) {
    if !dice.once_in(2) {
        return;
    }
    let mut list = Vec::new();
    for code in codes {
        for kind in ["short_code", "alphanumeric", "long_code", "toll_free"] {
            if dice.once_in(2) {
                list.push(format!("{{ country: {code}, type: {kind}, rate: {} }}", rate(dice)));
            }
        }
    }
    let _ = writeln!(yaml, "account: {{ ceilings: [ {} ] }}", list.join(", "));
}

fn weights(dice: &mut Dice, codes: &[&str]) -> String {
    let parts: Vec<String> = codes.iter().map(|code| format!("{code}: {}", dice.within(1, 5))).collect();
    format!("{{ {} }}", parts.join(", "))
}

fn sender(dice: &mut Dice, codes: &[&str]) -> String {
    let home = if dice.once_in(6) { "GB" } else { dice.pick(codes) };
    let mps = rate(dice);
    let count = if dice.once_in(3) { format!(", count: {}", dice.within(2, 4)) } else { String::new() };
    let queue = if dice.once_in(4) { format!(", queue: {{ {} }}", queue(dice)) } else { String::new() };
    match dice.within(1, 6) {
        1 => format!("type: short_code, country: {home}, mps: {mps}{count}{queue}"),
        2 => format!("type: alphanumeric, name: ACME, mps: {mps}{queue}"),
        3 => {
            let verified = dice.pick(&["true", "true", "false"]);
            format!("type: toll_free, country: US, mps: {mps}, verified: {verified}{queue}")
        }
        4 => {
            let score = dice.within(0, 100);
            let brand = dice.pick(&["acme", "other"]);
            format!(
                "type: long_code, country: US{count}{queue}, ten_dlc: {{ brand: {brand}, campaign: p, trust_score: {score} }}"
            )
        }
        _ => format!("type: long_code, country: {home}, mps: {mps}{count}{queue}"),
    }
}

fn campaign_text(dice: &mut Dice, services: u64, ids: &[String], audiences: u64, codes: &[&str]) -> String {
    let mut parts = Vec::new();
    if dice.once_in(4) && !ids.is_empty() {
        parts.push(format!("from: {}", ids[dice.within(0, ids.len() as u64 - 1) as usize]));
    } else {
        parts.push(format!("service: s{}", dice.within(1, services)));
    }
    if dice.once_in(3) {
        parts.push("traffic: p2p, kind: otp, content_risk: 1".to_owned());
    }
    parts.push(match dice.within(1, 12) {
        1 => format!("body: \"{}\"", "x".repeat(1_601)),
        2 => "body: \"Sale starts now 🎉 reply STOP to opt out\"".to_owned(),
        3..=6 => "segments: { 1: 0.6, 2: 0.3, 5: 0.1 }".to_owned(),
        7 => "segments: 3".to_owned(),
        _ => "segments: 1".to_owned(),
    });
    let mut once = false;
    if audiences > 0 && dice.once_in(2) {
        once = dice.once_in(2);
        let pick = if once { "each_once" } else { "uniform" };
        parts.push(format!("audience: a{}, pick: {pick}", dice.within(1, audiences)));
    } else {
        parts.push(format!("recipients: {}", weights(dice, codes)));
        if dice.once_in(3) {
            parts.push("invalid: 20%".to_owned());
        }
    }
    if dice.once_in(3) {
        parts.push(format!("submit_rate: {}", rate(dice)));
    }
    if dice.once_in(3) {
        parts.push(format!("validity_period: {}", validity(dice)));
    }
    if dice.once_in(3) {
        parts.push(format!("start_time: {}ms", dice.within(0, 20_000)));
    }
    let process = dice.pick(&["constant", "poisson"]);
    // At most 400 messages, so that the smallest audience suffices when nobody is met twice.
    let phases: Vec<String> = (0..dice.within(1, 3)).map(|_| phase(dice, once)).collect();
    parts.push(format!("arrivals: {{ process: {process}, phases: [ {} ] }}", phases.join(", ")));
    parts.join(", ")
}

fn phase(dice: &mut Dice, counted: bool) -> String {
    let seconds = dice.within(1, 12);
    match dice.within(1, 6) {
        1 => format!("{{ duration: 0, arrival_count: {} }}", dice.within(1, 100)),
        2 => format!("{{ pause: {}ms }}, {{ duration: 2s, arrival_count: 5 }}", dice.within(0, 9_000)),
        3 | 4 if !counted => {
            format!("{{ duration: {seconds}s, arrival_rate: {}, ramp_to: {} }}", dice.within(0, 10), dice.within(1, 10))
        }
        5 if !counted => format!("{{ duration: {seconds}s, arrival_rate: {}/min }}", dice.within(1, 600)),
        _ => format!("{{ duration: {seconds}s, arrival_count: {} }}", dice.within(0, 120)),
    }
}

// --- the checks -------------------------------------------------------------------------------------------------------

/// What is known of one message.
#[derive(Default)]
struct Life {
    accepted: Option<SimTime>,
    queued: bool,
    sent: Option<Departure>,
    ended: Option<(SimTime, Ending)>,
    receipts: u32,
}

fn check(run: &Run) {
    let lives = lives(run);
    check_lives(run, &lives);
    check_capacities(run);
    check_order(run);
    check_rates(run);
    check_ceilings(run);
    check_against_naive_lanes(run, &lives);
}

/// Collects what happened to each message, and that it happened in an order that makes sense.
fn lives(run: &Run) -> BTreeMap<(u32, u64), Life> {
    let mut lives: BTreeMap<(u32, u64), Life> = BTreeMap::new();
    let mut clock = SimTime::ZERO;
    let mut offered = vec![0u64; run.model.campaigns.len()];
    let mut handed_over = vec![0u64; run.model.campaigns.len()];
    for (at, seen) in &run.trace.seen {
        assert!(*at >= clock, "the clock never goes back");
        clock = *at;
        if let Some(horizon) = run.model.horizon {
            assert!(*at < horizon, "nothing happens at the horizon");
        }
        let mut life_of = |message: &Message| -> *mut Life {
            std::ptr::from_mut(lives.entry((message.campaign, message.number)).or_default())
        };
        let _ = &mut life_of;
        match seen {
            Seen::Offered { campaign, .. } => offered[*campaign as usize] += 1,
            _ => {}
        }
        let _ = &mut handed_over;
    }
    lives
}
