//! Books, limits and order on random scenarios, and a naive second implementation of the queues.
//!
//! Each scenario is a text made by a small generator; a failure prints it. The books are balanced after every event by
//! the ledger; the rest is worked out afterwards from what an observer of this suite wrote down.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use sendpool::model::ending::Ending;
use sendpool::model::fault::Effect;
use sendpool::model::{Ceiling, Model};
use sendpool::simulation::observer::Message;
use sendpool::units::{NANOS_PER_SECOND, Rate, SimTime};

use crate::support::{Departure, Dice, Run, Seen, run_model};

/// How many scenarios are run.
const SCENARIOS: u64 = 320;

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
            (run.finished.steps, run.trace.ends().into_iter().map(|(_, _, ending)| ending).collect::<BTreeSet<_>>())
        }));
        match result {
            Ok((handled, endings)) => {
                events += handled;
                met.extend(endings);
            }
            Err(panic) => {
                eprintln!(
                    "scenario {seed} broke a rule:\nversion: 1\nname: suite\n{}",
                    yaml.replace(&"x".repeat(1_601), "x (1,601 times)")
                );
                resume_unwind(panic);
            }
        }
    }
    // A generator that makes nothing happen would pass everything.
    assert!(events > 100_000, "{events} events");
    for ending in Ending::ALL {
        // These need more than chance brings together; each has a test of its own.
        let cannot = matches!(
            ending,
            Ending::BrandDayCap | Ending::RefusedScheduledLimit | Ending::Blocked | Ending::RefusedOptedOut
        );
        assert!(cannot || met.contains(&ending), "no scenario met {ending:?}");
    }
}

// --- the generator ----------------------------------------------------------------------------------------------------

const DISTRIBUTIONS: [&str; 5] = ["round_robin", "random", "first", "least_segments", "earliest"];

/// A random scenario without its first two lines.
pub fn scenario(seed: u64) -> String {
    let mut dice = Dice(seed);
    let mut yaml = format!("seed: {}\n", dice.within(0, 1_000_000));
    let hours = dice.within(0, 23);
    let horizon = if dice.once_in(3) { format!(", horizon: {}ms", dice.within(1, 90_000)) } else { String::new() };
    // Some runs cross a midnight.
    let _ = writeln!(yaml, "clock: {{ start: \"2026-03-07T{hours:02}:59:30-05:00\"{horizon} }}");
    if dice.once_in(2) {
        let _ = writeln!(yaml, "queue: {{ {} }}", queue(&mut dice));
    }
    let mut codes: Vec<&str> = ["US", "CA", "GB", "FR", "XX"].into_iter().filter(|_| dice.once_in(2)).collect();
    codes.extend(["AE", "CN", "IN", "MX", "MY", "RO", "SG"].into_iter().filter(|_| dice.once_in(6)));
    let codes = if codes.is_empty() { vec!["XX"] } else { codes };
    ceilings(&mut dice, &mut yaml, &codes);
    let audiences = dice.within(0, 2);
    if audiences > 0 {
        yaml.push_str("audiences:\n");
    }
    for audience in 1..=audiences {
        let size = dice.within(400, 5_000);
        let people = weights(&mut dice, &codes);
        let _ = writeln!(yaml, "  a{audience}: {{ size: {size}, recipients: {people}{} }}", numbers(&mut dice));
    }
    yaml.push_str("services:\n");
    let services = dice.within(1, 2);
    let mut ids = Vec::new();
    for service in 1..=services {
        let _ = writeln!(yaml, "  s{service}:");
        let _ = writeln!(
            yaml,
            "    features: {{ sticky_sender: {}, short_code_reroute: {}, smart_encoding: {}, area_code_match: {}, opt_outs: {}, quiet_hours: {} }}",
            !dice.once_in(3),
            !dice.once_in(3),
            dice.once_in(3),
            dice.once_in(3),
            !dice.once_in(3),
            dice.pick(&["advise", "advise", "hold", "fail"]),
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
    let mut overrides = Vec::new();
    if dice.once_in(2) {
        let network = dice.pick(&["ideal", "attended", "test_handset", "legacy_2005", "etsi_2006"]);
        overrides.push(format!("network: {network}"));
    }
    if dice.once_in(3) {
        let harsh = "{ preset: strict, coefficients: { risk: 20 }, blocks: { messages: 5, lasts: 20s }, \
                     suspensions: { messages: 10, review: 2s, lasts: 30s, account_after: 2 } }";
        overrides.push(format!("filter: {}", dice.pick(&["lenient", "strict", "off", harsh, harsh])));
    }
    if !overrides.is_empty() {
        let _ = writeln!(yaml, "overrides: {{ {} }}", overrides.join(", "));
    }
    let some = if dice.once_in(3) { dice.within(1, 3) } else { 0 };
    let mut faults: Vec<String> = (0..some).map(|_| fault(&mut dice, &ids, &codes)).collect();
    if dice.once_in(8) {
        faults.push(slow_throughout(&mut dice, &codes));
    }
    write_faults(&mut yaml, &faults);
    yaml
}

/// A random scenario with long queues: a few senders, some of them slow, and messages of up to ten segments that come at once,
/// steadily, and after pauses in which the queues may drain.
pub fn deep_scenario(seed: u64) -> String {
    let mut dice = Dice(seed ^ 0x0dee_9dee);
    let mut yaml = format!("seed: {}\n", dice.within(0, 1_000_000));
    if dice.once_in(4) {
        let _ = writeln!(yaml, "clock: {{ horizon: {}s }}", dice.within(1, 3_000));
    }
    let capacity = dice.pick(&["unlimited", "unlimited", "10h", "validity"]);
    let _ = writeln!(yaml, "queue: {{ capacity: {capacity} }}");
    let validity = if dice.once_in(3) { dice.within(20, 1_200) } else { 36_000 };
    let distribution = dice.pick(&DISTRIBUTIONS);
    let _ = writeln!(yaml, "services:\n  s1:\n    validity_period: {validity}s");
    let _ = writeln!(yaml, "    selection: {{ priority: none, distribution: {distribution} }}\n    senders:");
    for number in 1..=dice.within(1, 3) {
        let (mps, many) = (dice.pick(&["1", "3", "7", "0.3", "11/min", "2", "10", "100"]), dice.within(1, 3));
        let _ = writeln!(yaml, "      - {{ id: n{number}, type: long_code, country: XX, mps: {mps}, count: {many} }}");
    }
    yaml.push_str("campaigns:\n");
    for campaign in 1..=dice.within(1, 2) {
        let phases: Vec<String> = (0..dice.within(1, 5))
            .map(|_| match dice.within(0, 2) {
                0 => format!("{{ duration: 0s, arrival_count: {} }}", dice.within(1, 150)),
                1 => format!("{{ duration: {}s, arrival_count: {} }}", dice.within(1, 200), dice.within(1, 150)),
                _ => format!("{{ duration: {}s, arrival_count: 1 }}", dice.within(1, 1_500)),
            })
            .collect();
        let segments = dice.pick(&["1", "{ 1: 0.7, 2: 0.2, 3: 0.1 }", "{ 1: 0.5, 10: 0.5 }", "{ 4: 0.9, 7: 0.1 }"]);
        let process = dice.pick(&["poisson", "constant"]);
        let _ = writeln!(
            yaml,
            "  c{campaign}: {{ service: s1, segments: {segments}, recipients: {{ XX: 1 }}, arrivals: {{ process: {process}, \
             phases: [ {} ] }} }}",
            phases.join(", ")
        );
    }
    yaml
}

/// A random scenario without its first two lines, of the kind in which little comes between most queues and their pace, so
/// that what becomes of a message is known as it enters: hardly a ceiling, a filter or a fault, one validity, and queues that
/// are chosen by their work, at rates that no nanosecond divides.
pub fn calm_scenario(seed: u64) -> String {
    let mut dice = Dice(seed ^ 0x0ca1_0ca1);
    let mut yaml = format!("seed: {}\n", dice.within(0, 1_000_000));
    let horizon = if dice.once_in(3) { format!(", horizon: {}ms", dice.within(1, 60_000)) } else { String::new() };
    let _ = writeln!(yaml, "clock: {{ start: \"2026-03-07T12:59:30-05:00\"{horizon} }}");
    if dice.once_in(2) {
        let _ = writeln!(yaml, "queue: {{ {} }}", queue(&mut dice));
    }
    let codes = ["XX", "GB", "FR", "US"].into_iter().filter(|code| dice.once_in(if *code == "XX" { 1 } else { 3 }));
    let codes: Vec<&str> = codes.collect();
    let audiences = dice.within(0, 1);
    if audiences > 0 {
        let people = weights(&mut dice, &codes);
        let _ = writeln!(yaml, "audiences: {{ a1: {{ size: 800, recipients: {people}{} }} }}", numbers(&mut dice));
    }
    yaml.push_str("services:\n");
    let services = dice.within(1, 2);
    let mut ids = Vec::new();
    for service in 1..=services {
        let distribution = dice.pick(&["earliest", "earliest", "least_segments", "least_segments", "round_robin"]);
        let _ = writeln!(yaml, "  s{service}:");
        let _ = writeln!(yaml, "    features: {{ sticky_sender: {}, quiet_hours: advise }}", dice.once_in(2));
        let _ = writeln!(yaml, "    selection: {{ priority: none, distribution: {distribution} }}");
        yaml.push_str("    senders:\n");
        for number in 1..=dice.within(1, 4) {
            let id = format!("n{service}{number}");
            let kind = dice.pick(&["long_code", "long_code", "long_code", "short_code"]);
            let home = dice.pick(&["XX", "XX", "GB"]);
            let home = if codes.contains(&home) { home } else { "XX" };
            let mps = dice.pick(&["3", "7", "0.3", "11/min", "3", "7", "10", "100"]);
            let (many, queue) = (dice.within(1, 4), queue(&mut dice));
            let queue = if dice.once_in(3) { format!(", queue: {{ {queue} }}") } else { String::new() };
            let _ = writeln!(
                yaml,
                "      - {{ id: {id}, type: {kind}, country: {home}, mps: {mps}, count: {many}{queue} }}"
            );
            ids.push(id);
        }
    }
    yaml.push_str("campaigns:\n");
    let validity = validity(&mut dice);
    for campaign in 1..=dice.within(1, 3) {
        let text = campaign_text(&mut dice, services, &ids, audiences, &codes);
        let others = text.split_once("validity_period: ").and_then(|(before, after)| {
            let (own, after) = after.split_once(", ")?;
            Some(format!("{before}validity_period: {}, {after}", if dice.once_in(8) { own } else { &validity }))
        });
        let text = others.unwrap_or_else(|| format!("validity_period: {validity}, {text}"));
        let _ = writeln!(yaml, "  c{campaign}: {{ {text} }}");
    }
    let network = dice.pick(&["ideal", "ideal", "attended", "test_handset", "legacy_2005", "etsi_2006"]);
    let filter = dice.pick(&["off", "off", "off", "lenient", "strict"]);
    let _ = writeln!(yaml, "overrides: {{ network: {network}, filter: {filter} }}");
    let mut faults = Vec::new();
    if dice.once_in(3) {
        faults.push(slow_throughout(&mut dice, &codes));
    }
    if dice.once_in(6) {
        faults.push(fault(&mut dice, &ids, &codes));
    }
    if dice.once_in(3) {
        let (at, mode) = (dice.within(0, 9_000), dice.pick(&["receipts_lost", "receipts_late"]));
        faults.push(format!("{{ at: {at}ms, for: 9s, country: {}, mode: {mode} }}", dice.pick(&codes)));
    }
    write_faults(&mut yaml, &faults);
    yaml
}

/// A random scenario of several services, of which some share one thing and most nothing, so that it falls into parts: often with
/// filters that remember and suspend, and promises with windows.
pub fn loose_scenario(seed: u64) -> String {
    let mut dice = Dice(seed ^ 0x0100_5e00);
    let mut yaml = format!("seed: {}\n", dice.within(0, 1_000_000));
    let horizon = if dice.once_in(3) { format!(", horizon: {}ms", dice.within(1, 60_000)) } else { String::new() };
    let _ = writeln!(yaml, "clock: {{ start: \"2026-03-07T23:59:30-05:00\"{horizon} }}");
    let codes = ["XX", "US", "CA", "GB", "FR", "MX"];
    if dice.once_in(5) {
        ceilings(&mut dice, &mut yaml, &codes);
    }
    let own_country = dice.once_in(2);
    let services = dice.within(2, 4);
    let mut ids = Vec::new();
    let mut places: Vec<Vec<&str>> = Vec::new();
    let audiences = dice.within(0, 2);
    if audiences > 0 {
        yaml.push_str("audiences:\n");
    }
    for audience in 1..=audiences {
        let people = weights(&mut dice, &codes[..2]);
        let _ = writeln!(yaml, "  a{audience}: {{ size: 5000, recipients: {people}{} }}", numbers(&mut dice));
    }
    yaml.push_str("services:\n");
    for service in 1..=services {
        let own = codes[service as usize - 1];
        let at = if own_country || own == "XX" { vec![own] } else { vec![own, "XX"] };
        let distribution = dice.pick(&DISTRIBUTIONS);
        let _ = writeln!(yaml, "  s{service}:\n    features: {{ sticky_sender: {} }}", dice.once_in(2));
        let _ = writeln!(yaml, "    selection: {{ priority: none, distribution: {distribution} }}\n    senders:");
        for number in 1..=dice.within(1, 3) {
            let id = format!("n{service}{number}");
            let _ = writeln!(yaml, "      - {{ id: {id}, {} }}", sender(&mut dice, &at));
            ids.push(id);
        }
        places.push(at);
    }
    yaml.push_str("campaigns:\n");
    let mut number = 0;
    for service in 1..=services {
        for _ in 0..dice.within(1, 2) {
            number += 1;
            // A few more name what is another's.
            let (audiences, ids) =
                (if dice.once_in(4) { audiences } else { 0 }, if dice.once_in(4) { &ids[..] } else { &[] });
            let text = campaign_text(&mut dice, 1, ids, audiences, &places[service as usize - 1]);
            let text = text.replacen("service: s1", &format!("service: s{service}"), 1);
            let _ = writeln!(yaml, "  c{number}: {{ {text} }}");
        }
    }
    let network = dice.pick(&["", "network: ideal, ", "network: attended, ", "network: test_handset, "]);
    let quick = "{ suspensions: { messages: 10, review: 2s, lasts: 30s } }";
    let slow = "{ suspensions: { messages: 5, review: 40s, lasts: 30s } }";
    let of_account = "{ suspensions: { messages: 10, review: 2s, lasts: 30s, account_after: 2 } }";
    let filter = dice.pick(&["off", "off", "typical", quick, quick, slow, slow, of_account]);
    let _ = writeln!(yaml, "overrides: {{ {network}filter: {filter} }}");
    let mut faults: Vec<String> = (0..dice.within(0, 2)).map(|_| fault(&mut dice, &ids, &codes[..1])).collect();
    if dice.once_in(4) {
        faults.push(slow_throughout(&mut dice, &codes[..1]));
    }
    write_faults(&mut yaml, &faults);
    if dice.once_in(2) {
        yaml.push_str("thresholds: { end_to_end: { threshold: \"p(90) < 5s\", window: 1m } }\n");
    }
    yaml
}

fn write_faults(yaml: &mut String, faults: &[String]) {
    if !faults.is_empty() {
        let _ = writeln!(yaml, "faults: [ {} ]", faults.join(", "));
    }
}

/// A carrier that is slow during the whole run, or from some time on.
fn slow_throughout(dice: &mut Dice, codes: &[&str]) -> String {
    let at = if dice.once_in(4) { dice.within(1, 9_000) } else { 0 };
    let (country, median) = (dice.pick(codes), dice.within(1, 20));
    format!(
        "{{ at: {at}ms, country: {country}, mode: delay, latency: {{ lognormal: {{ median: {median}s, sigma: 0.5 }} }} }}"
    )
}

fn fault(dice: &mut Dice, ids: &[String], codes: &[&str]) -> String {
    let lasts = if dice.once_in(4) { String::new() } else { format!(", for: {}ms", dice.within(1, 60_000)) };
    let country = format!("country: {}", dice.pick(codes));
    let sender = || ids.first().map_or_else(|| "mode: hold".to_owned(), |id| format!("sender: {id}"));
    let what = match dice.within(0, 10) {
        0 => country,
        1 => format!("{country}, mode: hold"),
        2 => format!("{country}, mode: delay, latency: {{ lognormal: {{ median: 4s, sigma: 0.5 }} }}"),
        3 => format!("{country}, mode: congestion, capacity: 1/s"),
        4 => format!("{country}, mode: {}", dice.pick(&["receipts_lost", "receipts_late"])),
        5 => sender(),
        6 if !ids.is_empty() => format!("{}, mode: rate, mps: {}", sender(), rate(dice)),
        7 | 8 if !ids.is_empty() => format!("{}, mode: suspend", sender()),
        9 => "mode: suspend".to_owned(),
        10 => "mode: fail".to_owned(),
        _ => "mode: hold".to_owned(),
    };
    format!("{{ at: {}ms{lasts}, {what} }}", dice.within(0, 40_000))
}

/// Whether lanes may stop or change their rate, so that plain queues say nothing about them.
fn is_disturbed(model: &Model) -> bool {
    model.faults.iter().any(|fault| matches!(fault.effect, Effect::Hold | Effect::Rate(_)))
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

fn numbers(dice: &mut Dice) -> &'static str {
    dice.pick(&["", "", ", landline: 10%", ", landline: 5%, whatsapp: 70%", ", invalid: 20%"])
}

fn ceilings(dice: &mut Dice, yaml: &mut String, codes: &[&str]) {
    let shaping = if dice.once_in(4) { ", traffic_shaping: {}" } else { "" };
    if !dice.once_in(2) {
        if !shaping.is_empty() {
            yaml.push_str("account: { ceilings: []");
            yaml.push_str(shaping);
            yaml.push_str(" }\n");
        }
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
    let _ = writeln!(yaml, "account: {{ ceilings: [ {} ]{shaping} }}", list.join(", "));
}

fn weights(dice: &mut Dice, codes: &[&str]) -> String {
    let parts: Vec<String> = codes.iter().map(|code| format!("{code}: {}", dice.within(1, 5))).collect();
    format!("{{ {} }}", parts.join(", "))
}

fn sender(dice: &mut Dice, codes: &[&str]) -> String {
    let home = if dice.once_in(6) { "GB" } else { dice.pick(codes) };
    let registered = dice.pick(&["", "", ", registered: true", ", registered: [SG, IN]"]);
    let mps = rate(dice);
    let count = if dice.once_in(3) { format!(", count: {}", dice.within(2, 4)) } else { String::new() };
    let queue = if dice.once_in(4) { format!(", queue: {{ {} }}", queue(dice)) } else { String::new() };
    match dice.within(1, 7) {
        7 => format!("type: whatsapp, mps: {mps}{count}{queue}"),
        1 => format!("type: short_code, country: {home}, mps: {mps}{count}{queue}"),
        2 => {
            let countries = dice.pick(&["", "", ", countries: [GB, SG]"]);
            format!("type: alphanumeric, name: ACME, mps: {mps}{queue}{registered}{countries}")
        }
        3 => {
            let verified = dice.pick(&["true", "true", "false"]);
            format!("type: toll_free, country: US, mps: {mps}, verified: {verified}{queue}")
        }
        // The bench has no rates of its own, and a registered number takes none from the file.
        4 if !codes.contains(&"XX") => {
            // A brand has one score, and a campaign one load of other vendors.
            let brand = dice.pick(&[
                "acme, campaign: p, trust_score: 82",
                "acme, campaign: q, trust_score: 82, other_vendor_load: 3/s",
                "acme, campaign: r, trust_score: 82, other_vendor_load: 79/s",
                "other, campaign: p, trust_score: 20",
                "other, campaign: q, trust_score: 20, other_vendor_load: 3/s",
            ]);
            let more = dice.pick(&["", "", "", ", status: pending"]);
            let areas = dice.pick(&["", ", area_codes: [212, 415]", ", area_codes: [\"646\"]"]);
            format!("type: long_code, country: US{count}{queue}{areas}, ten_dlc: {{ brand: {brand}{more} }}")
        }
        _ => format!("type: long_code, country: {home}, mps: {mps}{count}{queue}{registered}"),
    }
}

fn campaign_text(dice: &mut Dice, services: u64, ids: &[String], audiences: u64, codes: &[&str]) -> String {
    let mut parts = Vec::new();
    if dice.once_in(4) && !ids.is_empty() {
        parts.push(format!("from: {}", ids[dice.within(0, ids.len() as u64 - 1) as usize]));
    } else {
        parts.push(format!("service: s{}", dice.within(1, services)));
        if dice.once_in(6) {
            parts.push("channel: whatsapp".to_owned());
        }
        if dice.once_in(5) {
            let due = dice.pick(&[
                "lead: 20m",
                "lead: 1h",
                "lead: 301s",
                "lead: 200s",
                "send_at: \"2026-03-08T12:00:00-05:00\"",
            ]);
            let cancel = dice.pick(&["", ", cancel: { share: 30%, after: 5m }", ", cancel: { share: 1, after: 20m }"]);
            parts.push(format!("schedule: {{ {due}{cancel} }}"));
        }
    }
    if dice.once_in(3) {
        parts.push("traffic: p2p, kind: otp, content_risk: 1".to_owned());
    } else {
        parts.push(format!(
            "kind: {}",
            dice.pick(&["marketing", "marketing", "alert", "otp", "reminder", "conversation"])
        ));
        if dice.once_in(4) {
            parts.push(format!(
                "content: [{}]",
                dice.pick(&["gambling", "url_shortener", "political, url", "phone_number"])
            ));
        }
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
        let numbers = numbers(dice).trim_start_matches(", ");
        if !numbers.is_empty() {
            parts.push(numbers.to_owned());
        }
    }
    let habits = dice.pick(&[
        "",
        "",
        "opt_out: 30%, opt_in: 50%, opt_in_after: 3s",
        "replies: 50%, help: 40%",
        "opt_out: 10%, replies: 60%, conversation: { turns: 3, answer_after: 2s }",
    ]);
    if !habits.is_empty() {
        parts.push(habits.to_owned());
    }
    if dice.once_in(5) && !parts.iter().any(|part| part.starts_with("schedule")) {
        parts.push("resend: { after: 4s, share: 60%, at_most: 2 }, deadline: 10s".to_owned());
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
    let mut arrivals = format!("process: {process}, phases: [ {} ]", phases.join(", "));
    if process == "poisson" && dice.once_in(3) {
        let window = dice.pick(&["250ms", "1s", "30s"]);
        arrivals += &format!(", burstiness: {{ dispersion: {}, window: {window} }}", dice.within(2, 40));
    }
    // A crowd has to meet a phase that lasts.
    if phases[0].starts_with("{ duration: ") && !phases[0].starts_with("{ duration: 0,") && dice.once_in(3) {
        let (at, times) = (dice.within(0, 900), dice.within(2, 6));
        arrivals += &format!(", flash: {{ at: {at}ms, for: {}ms, times: {times} }}", dice.within(1, 4_000));
    }
    parts.push(format!("arrivals: {{ {arrivals} }}"));
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
    kept: Option<SimTime>,
    released: Option<SimTime>,
    queued: Option<Message>,
    sent: Option<Departure>,
    ended: Option<(SimTime, Ending)>,
    ended_as: Option<Message>,
    receipt: Option<SimTime>,
}

type Lives = BTreeMap<(u32, u64), Life>;

fn check(run: &Run) {
    let lives = lives(run);
    for ((campaign, number), life) in &lives {
        check_life(&run.model, *campaign, life, run.model.horizon.is_none(), &format!("message {campaign}/{number}"));
    }
    check_capacities(run);
    check_order(run);
    check_ready(run);
    check_rates(run);
    for (index, ceiling) in run.model.ceilings.iter().enumerate() {
        check_ceiling(run, ceiling, &format!("ceiling {index}"));
    }
    check_against_naive_lanes(run, &lives);
}

/// Collects what happened to each message: nothing happens twice, the clock never goes back, nothing happens at the
/// horizon or later, and messages are offered and handed over in the order of their numbers.
fn lives(run: &Run) -> Lives {
    let mut lives = Lives::new();
    let mut clock = SimTime::ZERO;
    let mut offered = vec![0u64; run.model.campaigns.len()];
    let mut handed_over = vec![0u64; run.model.campaigns.len()];
    let mut repeated = vec![0u64; run.model.campaigns.len()];
    let mut life = |message: &Message, happen: &dyn Fn(&mut Life) -> bool| {
        let life = lives.entry((message.campaign, message.number)).or_default();
        assert!(!happen(life), "something happens twice to {message:?}");
    };
    for (at, seen) in &run.trace.seen {
        assert!(*at >= clock, "the clock never goes back");
        clock = *at;
        assert!(run.model.horizon.is_none_or(|horizon| *at < horizon), "something at the horizon: {seen:?}");
        let mut hand_over = |message: &Message| {
            assert_eq!(message.accepted, *at);
            if !message.is_planned() {
                repeated[message.campaign as usize] += 1;
                return;
            }
            let next = &mut handed_over[message.campaign as usize];
            assert_eq!(message.number, *next, "messages are handed over in order");
            assert!(*next < offered[message.campaign as usize], "offered before it is handed over");
            *next += 1;
        };
        match seen {
            Seen::Offered { campaign, .. } => offered[*campaign as usize] += 1,
            Seen::Refused(message, ending) => {
                hand_over(message);
                life(message, &|life| life.ended.replace((*at, *ending)).is_some());
            }
            Seen::Accepted(message) => {
                hand_over(message);
                life(message, &|life| life.accepted.replace(*at).is_some());
            }
            Seen::Kept(message) => life(message, &|life| life.kept.replace(*at).is_some()),
            Seen::Released(message) => life(message, &|life| life.released.replace(*at).is_some()),
            Seen::Queued(message) => {
                assert_eq!(message.released, *at);
                life(message, &|life| life.queued.replace(*message).is_some())
            }
            Seen::Sent { message, ready, slot_end } => {
                assert_eq!(message.sent, *at);
                let departure = Departure { message: *message, ready: *ready, slot_end: *slot_end };
                life(message, &|life| life.sent.replace(departure).is_some());
            }
            Seen::SlotEnded { .. } => {}
            Seen::Ended(message, ending) => life(message, &|life| {
                life.ended_as = Some(*message);
                life.ended.replace((*at, *ending)).is_some()
            }),
            Seen::Receipt(message, _) => life(message, &|life| life.receipt.replace(*at).is_some()),
        }
    }
    let given: Vec<u64> = handed_over.iter().zip(&repeated).map(|(planned, repeated)| planned + repeated).collect();
    let waits_with_the_client: u64 = offered.iter().zip(&given).map(|(a, b)| a - b).sum();
    assert_eq!(waits_with_the_client, run.finished.ledger.not_handed_over());
    if run.model.horizon.is_none() {
        assert_eq!(waits_with_the_client, 0, "without a horizon everything is handed over");
    }
    lives
}

/// One message: accepted, then queued, sent and ended, with the waits and the end that the rules allow.
fn check_life(model: &Model, campaign: u32, life: &Life, whole: bool, name: &str) {
    let validity = model.campaigns[campaign as usize].validity;
    if whole {
        assert!(life.ended.is_some(), "{name} never ends");
    }
    let Some(accepted) = life.accepted else {
        let (_, ending) = life.ended.expect("refused");
        assert!(life.queued.is_none() && life.sent.is_none() && life.receipt.is_none(), "{name}: no message exists");
        let code = ending.code().expect("a refusal has a code");
        assert!(life.kept.is_none(), "{name}");
        assert!((21_000..22_000).contains(&code) || [35_115, 20_503].contains(&code), "{name}: {ending:?}");
        return;
    };
    assert_eq!(life.kept.is_some(), life.kept == Some(accepted), "{name} is kept when it is accepted or never");
    assert!(life.released.is_none_or(|released| life.kept.is_some_and(|kept| kept < released)), "{name}");
    let left = life.released.unwrap_or(accepted);
    if let Some(sent) = &life.sent {
        let message = &sent.message;
        assert!(message.intended <= message.released && message.accepted == accepted, "{name}");
        assert!(message.released == left && left >= accepted, "{name}");
        assert!(message.released <= sent.ready && sent.ready <= message.sent, "{name}: waits are not negative");
        assert!(message.sent.since(left) <= validity, "{name} waited longer than its validity");
        assert!(sent.slot_end > message.sent, "{name}: a slot takes time");
        assert!(message.segments > 0 && life.queued.is_some(), "{name}");
    }
    let Some((ended, ending)) = life.ended else {
        let waits = life.queued.is_some() || (life.kept.is_some() && life.released.is_none());
        assert!(waits, "{name}: what did not enter a lane ends at once");
        return;
    };
    match ending {
        Ending::Expired => {
            assert!(life.sent.is_none(), "{name} expired after it was sent");
            assert_eq!(ended.since(left), validity, "{name} expires exactly at the end of its validity");
        }
        Ending::QueueOverflow
        | Ending::NoUsableSender
        | Ending::NotOnChannel
        | Ending::QuietHours
        | Ending::OptedOut => {
            assert!(life.queued.is_none() && life.sent.is_none(), "{name}");
            assert_eq!(ended, left, "{name} fails at once");
        }
        Ending::Canceled => {
            assert!(life.kept.is_some() && life.released.is_none() && ended > accepted, "{name}");
        }
        Ending::Delivered => assert!(ended >= life.sent.expect("delivered means sent").message.sent, "{name}"),
        Ending::Denied => assert!(ended > life.sent.expect("denied after it was sent").message.sent, "{name}"),
        Ending::HandsetUnreachable => {
            let attempted = life.ended_as.expect("ended").attempted;
            assert!(attempted > life.sent.expect("it was sent").message.sent && ended >= attempted, "{name}");
        }
        _ => assert_eq!(ended, life.sent.expect("refused by a carrier").message.sent, "{name}: the gate is at `sent`"),
    }
    if let Some(receipt) = life.receipt {
        assert!(life.sent.is_some() && receipt >= ended, "{name}: a receipt comes after the end");
    }
}

/// Backlogs, kept here from entries, slot ends and expiries, never exceed the capacity; and what was turned away would
/// have exceeded it.
fn check_capacities(run: &Run) {
    let mut backlog = vec![0u64; run.model.lanes.len()];
    for (at, seen) in &run.trace.seen {
        match seen {
            Seen::Queued(message) => {
                let lane = message.lane as usize;
                backlog[lane] += u64::from(message.segments);
                if let Some(capacity) = run.model.lanes[lane].capacity {
                    assert!(backlog[lane] <= capacity.0, "{message:?} exceeds the capacity of {}", capacity.0);
                }
            }
            Seen::SlotEnded { lane, segments } => backlog[*lane as usize] -= segments.0,
            Seen::Ended(message, Ending::Expired) => backlog[message.lane as usize] -= u64::from(message.segments),
            Seen::Ended(message, Ending::QueueOverflow) | Seen::Refused(message, Ending::RefusedQueueFull) => {
                let capacity = run.model.lanes[message.lane as usize].capacity.expect("an endless queue is never full");
                let wanted = backlog[message.lane as usize] + u64::from(message.segments);
                assert!(wanted > capacity.0, "at {at}: {wanted} of {} would have fitted: {message:?}", capacity.0);
            }
            _ => {}
        }
    }
    if run.model.horizon.is_none() {
        // A run ends with its last message, whose slot may still be in progress.
        for departure in run.trace.sent() {
            let end = run.trace.seen.last().expect("something was seen").0;
            if departure.slot_end >= end {
                backlog[departure.message.lane as usize] =
                    backlog[departure.message.lane as usize].saturating_sub(u64::from(departure.message.segments));
            }
        }
        assert!(backlog.iter().all(|rest| *rest == 0), "nothing waits at the end: {backlog:?}");
    }
}

/// Messages of a lane are sent in the order in which they entered it.
fn check_order(run: &Run) {
    let mut places = BTreeMap::new();
    let mut last = vec![None; run.model.lanes.len()];
    for (_, seen) in &run.trace.seen {
        match seen {
            Seen::Queued(message) => {
                let next = places.len();
                places.insert((message.campaign, message.number), next);
            }
            Seen::Sent { message, .. } => {
                let place = places[&(message.campaign, message.number)];
                let lane = message.lane as usize;
                assert!(last[lane].is_none_or(|before| before < place), "first in, first out: {message:?}");
                last[lane] = Some(place);
            }
            _ => {}
        }
    }
}

/// No lane and no ceiling sends more segments in any window than rate x time + its largest message. An instant is the
/// first whole nanosecond after the exact one, so a window may seem one nanosecond short.
/// Where there is no ceiling, nobody waits at one, whatever faults do.
fn check_ready(run: &Run) {
    if run.model.ceilings.is_empty() {
        assert!(run.trace.sent().iter().all(|sent| sent.ready == sent.message.sent), "a wait at no ceiling");
    }
}

fn check_rates(run: &Run) {
    if run.model.faults.iter().any(|fault| matches!(fault.effect, Effect::Rate(_))) {
        return;
    }
    let sent = run.trace.sent();
    for (index, lane) in run.model.lanes.iter().enumerate() {
        check_windows(sent.iter().filter(|departure| departure.message.lane as usize == index), lane.rate, &lane.name);
    }
    for ceiling in &run.model.ceilings {
        let under = sent.iter().filter(|departure| is_under(run, ceiling, &departure.message));
        check_windows(under, ceiling.rate, "a ceiling");
    }
}

fn is_under(run: &Run, ceiling: &Ceiling, message: &Message) -> bool {
    let country = run.model.carriers[message.carrier as usize].country;
    let shaper = run.model.lanes[message.lane as usize].shaper;
    match ceiling.over {
        Some(over) => over == (country, run.model.senders[message.sender as usize].kind),
        None => shaper.is_some_and(|index| std::ptr::eq(&run.model.ceilings[index], ceiling)),
    }
}

fn check_windows<'a>(sent: impl Iterator<Item = &'a Departure>, rate: Rate, name: &str) {
    // Everything times 10^9 x the rate's denominator: segments scale by it, time by the numerator.
    let unit = i128::from(NANOS_PER_SECOND) * i128::from(rate.denominator());
    let per_nano = i128::from(rate.numerator());
    let (mut before, mut largest) = (0i128, 0i128);
    let mut lowest = i128::MAX;
    for departure in sent {
        let segments = i128::from(departure.message.segments) * unit;
        let paid = i128::from(departure.message.sent.as_nanos()) * per_nano;
        largest = largest.max(segments);
        lowest = lowest.min(before - paid);
        before += segments;
        // The worst window that ends here; the largest message so far is no larger than the largest of all.
        assert!(before - paid - lowest <= largest + per_nano, "{name} at {rate} sends too much by {departure:?}");
    }
}

/// A ceiling makes nobody wait who could go: a message that waited there goes when the one before it has paid, and before
/// every message whose lane was ready later.
fn check_ceiling(run: &Run, ceiling: &Ceiling, name: &str) {
    if is_disturbed(&run.model) {
        return;
    }
    // Where traffic is shaped, a message may wait for another ceiling, and shares decide the order.
    if run.model.lanes.iter().any(|lane| lane.shaper.is_some()) {
        return;
    }
    let sent: Vec<Departure> =
        run.trace.sent().into_iter().filter(|departure| is_under(run, ceiling, &departure.message)).collect();
    let expired: BTreeSet<(SimTime, u32)> = (run.trace.ends().iter())
        .filter(|(_, _, ending)| *ending == Ending::Expired)
        .map(|(at, message, _)| (*at, message.lane))
        .collect();
    for pair in sent.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        // When a head that waited for another ceiling expires, the next may go at once.
        if after.message.sent > after.ready && !expired.contains(&(after.message.sent, after.message.lane)) {
            let paid = ceiling.rate.time_for(sendpool::units::Segments(u64::from(before.message.segments)));
            let free = before.message.sent + paid;
            // Within a busy period instants are rounded from its origin, so one slot may be a nanosecond shorter.
            let late = after.message.sent.as_nanos() as i128 - free.as_nanos() as i128;
            assert!((-1..=0).contains(&late), "{name}: {after:?} goes {late} ns after the ceiling is free");
        }
    }
    // A lane whose line mixes countries may be blocked by a head that goes elsewhere.
    let countries = run.model.countries.len();
    if countries > 1 {
        return;
    }
    for (index, first) in sent.iter().enumerate() {
        for second in &sent[index + 1..] {
            if second.ready <= first.message.sent && second.message.lane != first.message.lane {
                let order = |departure: &Departure| (departure.ready, departure.message.lane);
                assert!(order(first) <= order(second), "{name}: {first:?} goes before {second:?}");
            }
        }
    }
}

/// A naive lane: for each message in line, the slot starts when the one before has ended or when it arrives; if that is
/// later than its validity allows it expires and uses nothing. Lanes below a ceiling are left out.
fn check_against_naive_lanes(run: &Run, lives: &Lives) {
    if is_disturbed(&run.model) {
        return;
    }
    let horizon = run.model.horizon.unwrap_or(SimTime::MAX);
    let mut lines: BTreeMap<u32, Vec<Message>> = BTreeMap::new();
    for (_, seen) in &run.trace.seen {
        if let Seen::Queued(message) = seen {
            lines.entry(message.lane).or_default().push(*message);
        }
    }
    for (lane, line) in lines {
        if line.iter().any(|message| run.model.ceilings.iter().any(|ceiling| is_under(run, ceiling, message))) {
            continue;
        }
        let rate = run.model.lanes[lane as usize].rate;
        let (mut origin, mut work, mut free) = (0u64, 0u64, 0u64);
        for message in &line {
            let validity = run.model.campaigns[message.campaign as usize].validity.as_nanos();
            let accepted = message.released.as_nanos();
            let life = &lives[&(message.campaign, message.number)];
            let start = free.max(accepted);
            if start > accepted + validity {
                assert!(life.sent.is_none(), "{message:?} should have expired");
                if accepted + validity < horizon.as_nanos() {
                    let expected = (SimTime::from_nanos(accepted + validity), Ending::Expired);
                    assert_eq!(life.ended, Some(expected), "{message:?}");
                }
                continue;
            }
            // A message that comes when the slot ends finds the lane empty: slot ends come first.
            if accepted >= free {
                (origin, work) = (accepted, 0);
            }
            work += u64::from(message.segments);
            let nanos = (u128::from(work) * u128::from(NANOS_PER_SECOND) * u128::from(rate.denominator()))
                .div_ceil(u128::from(rate.numerator()));
            free = origin + nanos as u64;
            if start < horizon.as_nanos() {
                let sent = life.sent.as_ref().unwrap_or_else(|| panic!("{message:?} should be sent at {start} ns"));
                assert_eq!((sent.message.sent.as_nanos(), sent.slot_end.as_nanos()), (start, free), "{message:?}");
                assert_eq!(sent.ready, sent.message.sent, "there is nothing to wait for but the lane");
            } else {
                assert!(life.sent.is_none(), "{message:?} is sent at the horizon or after it");
            }
        }
    }
}
