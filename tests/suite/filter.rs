//! Filters with memory: how uneven they are, what they block and for how long, and whom they suspend.

use sendpool::metrics::Collector;
use sendpool::model::ending::Ending;
use sendpool::model::threshold::Scope;
use sendpool::simulation::observer::{Feedback, Message, Observer};
use sendpool::simulation::simulate;
use sendpool::units::{SimDuration, SimTime};

use crate::support::{model, s};

/// What carriers do to messages and senders, with its time.
#[derive(Default)]
struct Watch {
    ends: Vec<(SimTime, Message, Ending)>,
    opt_outs: Vec<SimTime>,
    sent: u64,
    suspended: Vec<SimTime>,
    blocked: Vec<(SimTime, bool)>,
}

impl Observer for Watch {
    fn sent(&mut self, _at: SimTime, _message: &Message, _slot_end: SimTime) {
        self.sent += 1;
    }
    fn ended(&mut self, at: SimTime, message: &Message, ending: Ending) {
        self.ends.push((at, *message, ending));
    }
    fn feedback(&mut self, at: SimTime, _message: &Message, feedback: Feedback, heard: bool) {
        if feedback == Feedback::Stop && heard {
            self.opt_outs.push(at);
        }
    }
    fn suspended(&mut self, at: SimTime, _message: &Message) {
        self.suspended.push(at);
    }
    fn content_blocked(&mut self, at: SimTime, _message: &Message, spread: bool) {
        self.blocked.push((at, spread));
    }
}

impl Watch {
    fn count(&self, ending: Ending) -> usize {
        self.ends.iter().filter(|(.., other)| *other == ending).count()
    }
}

fn watch(yaml: &str, replication: u32) -> Watch {
    simulate(&model(yaml), replication, Watch::default()).0
}

/// Alerts to AT&T from one sender, on a network that loses nothing by itself.
fn to_att(sender: &str, campaign: &str, filter: &str) -> String {
    format!(
        "clock: {{ start: \"2026-06-01T08:00:00-04:00[America/New_York]\" }}\n\
         services: {{ s: {{ senders: [ {{ id: n, country: US, {sender} }} ] }} }}\n\
         campaigns: {{ c: {{ service: s, kind: alert, segments: 1, recipients: {{ US: 1 }}, carriers: {{ us/att: 1 }}, {campaign} }} }}\n\
         overrides: {{ network: attended, filter: {{ {filter} }} }}\n"
    )
}

const TEN_DLC: &str = "type: long_code, ten_dlc: { brand: b, campaign: c, trust_score: 80 }";

/// Aim: the filter catches a content or does not: shares of replications scatter as the frailty says, around the mean of the
/// plain formula. Method: risk 1, registered: mean 0.299; the variance of G A / (1 + G A) over the exponential law by its
/// quantiles, plus that of 400 coins; 300 replications, four standard errors.
#[test]
fn a_contents_messages_fare_alike() {
    let yaml = to_att(
        TEN_DLC,
        "invalid: 0%, content_risk: 1, arrivals: { phases: [ { duration: 100s, arrival_count: 400 } ] }",
        "blocks: { enabled: false }",
    );
    let model = model(&yaml);
    let shares: Vec<f64> = (0..300)
        .map(|replication| simulate(&model, replication, Watch::default()).0.count(Ending::Filtered) as f64 / 400.0)
        .collect();
    let mean = shares.iter().sum::<f64>() / 300.0;
    let variance = shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / 299.0;
    let odds = (-5.214f64 + 4.65).exp();
    let p = |step: i32| {
        let drawn = -((f64::from(step) + 0.5) / 100_000.0).ln();
        drawn * odds / (1.0 + drawn * odds)
    };
    let expected = (0..100_000).map(p).sum::<f64>() / 100_000.0;
    let spread = (0..100_000).map(|step| (p(step) - expected).powi(2)).sum::<f64>() / 100_000.0;
    let coins = (0..100_000).map(|step| p(step) * (1.0 - p(step))).sum::<f64>() / 100_000.0 / 400.0;
    assert!((expected - 0.299).abs() < 0.001, "{expected}");
    let error = ((spread + coins) / 300.0).sqrt();
    assert!((mean - expected).abs() < 4.0 * error, "{mean} {expected} {error}");
    assert!((variance / (spread + coins) - 1.0).abs() < 0.35, "{variance} {spread} {coins}");
    assert!(variance > 20.0 * coins, "coins alone scatter far less");
}

/// Aim: a block begins after so many bad ones in a row, lasts as said, and begins again. By hand: p is as good as 1; ten in a
/// row block for 60 s. One message a second: 0..9 are filtered one by one, those of 10 s to 68 s are blocked (the block runs
/// from 9 s to 69 s), then ten more one by one, and so on: 200 messages = 10 + 59 + 10 + 59 + 10 + 52.
#[test]
fn a_block_begins_lasts_and_begins_again() {
    let yaml = to_att(
        "type: short_code",
        "invalid: 0%, arrivals: { phases: [ { duration: 200s, arrival_count: 200 } ] }",
        "frailty: { weight: 0 }, classes: { short_code: { intercept: 40 } }, blocks: { messages: 10, lasts: 60s }",
    );
    let seen = watch(&yaml, 0);
    assert_eq!(seen.blocked, [(s(9), false), (s(78), false), (s(147), false)]);
    assert_eq!((seen.count(Ending::Filtered), seen.count(Ending::ContentBlocked)), (30, 170));
    for (at, _, ending) in &seen.ends {
        let second = at.as_nanos() / 1_000_000_000;
        let one_by_one = second % 69 < 10;
        assert_eq!(*ending == Ending::Filtered, one_by_one, "{second}");
    }
}

/// Aim: a block for coming from too many numbers is told as evasion, and fined where the carrier fines it. Unregistered numbers of Canada, 30 of them: k grows to 30
/// and p above one half.
#[test]
fn a_block_for_spreading_is_told() {
    let yaml = "services: { s: { senders: [ { id: n, type: long_code, country: CA, count: 30 } ] } }\n\
                campaigns: { c: { service: s, kind: alert, segments: 1, recipients: { CA: 1 }, carriers: { ca/bell: 1 }, invalid: 0%, \
                arrivals: { phases: [ { duration: 60s, arrival_count: 600 } ] } } }\n\
                overrides: { network: attended, carriers: { ca/bell: { fines: { programme_evasion: 250 } } }, \
                filter: { frailty: { weight: 0 } } }\n";
    let seen = watch(yaml, 0);
    assert_eq!(seen.blocked.len(), 1);
    assert!(seen.blocked[0].1, "k is 30 where 1 does no harm");
    assert!(seen.count(Ending::ContentBlocked) > 300);
    let model = model(yaml);
    let totals = simulate(&model, 0, Collector::new(&model)).0.finish(&[Scope::default()]).totals;
    assert_eq!(totals[0].fines.as_dollars_f64(), 250.0);
}

/// Aim: opt-outs suspend a sender after the review, for as long as said. Method: 200 people get a message, half opt out in
/// their own time; the suspension comes 300 s after the opt-out that makes a tenth of 200, and not before; what is sent an
/// hour later meets it, what is sent after a day does not.
#[test]
fn opt_outs_suspend_after_a_review() {
    let yaml = "clock: { start: \"2026-06-01T01:00:00-04:00[America/New_York]\" }\n\
                services: { s: { senders: [ { id: n, type: short_code, country: US } ] } }\n\
                campaigns:\n\
                \x20 first: { service: s, kind: alert, segments: 1, recipients: { US: 1 }, carriers: { us/att: 1 }, invalid: 0%, opt_out: 50%, replies: 0, \
                arrivals: { phases: [ { duration: 2s, arrival_count: 200 } ] } }\n\
                \x20 soon: { service: s, kind: alert, segments: 1, recipients: { US: 1 }, carriers: { us/att: 1 }, invalid: 0%, opt_out: 0, replies: 0, start_time: 3h, \
                arrivals: { phases: [ { duration: 0, arrival_count: 50 } ] } }\n\
                \x20 later: { service: s, kind: alert, segments: 1, recipients: { US: 1 }, carriers: { us/att: 1 }, invalid: 0%, opt_out: 0, replies: 0, start_time: 50h, \
                arrivals: { phases: [ { duration: 0, arrival_count: 50 } ] } }\n\
                overrides: { network: attended, filter: { classes: { short_code: { intercept: -40, intercept_frail: -40 } } } }\n";
    let seen = watch(yaml, 0);
    let first = seen.suspended[0];
    assert_eq!(first.since(seen.opt_outs[19]), SimDuration::from_secs(300), "the 20th of 200");
    for (_, message, ending) in &seen.ends {
        let expected = if message.campaign == 1 { Ending::SenderSuspended } else { Ending::Delivered };
        assert_eq!(*ending, expected, "{message:?}");
    }
}

/// Aim: numbers that do not exist suspend a sender, too. Method: half of the numbers are dead: the hundredth message of the
/// day is the first at which the share counts; the review takes 300 s.
#[test]
fn dead_numbers_suspend_after_a_review() {
    let yaml = to_att(
        "type: short_code",
        "invalid: 50%, arrivals: { phases: [ { duration: 1000s, arrival_count: 1000 } ] }",
        "classes: { short_code: { intercept: -40, intercept_frail: -40 } }",
    );
    let seen = watch(&yaml, 0);
    let dead = |at: SimTime| seen.ends.iter().any(|(end, _, ending)| *end == at && *ending == Ending::UnknownNumber);
    let cause = (99..).map(s).find(|at| dead(*at)).expect("half of them are dead");
    assert_eq!(seen.suspended, [cause + SimDuration::from_secs(300)]);
    for (_, message, ending) in seen.ends.iter().filter(|(.., ending)| *ending != Ending::UnknownNumber) {
        let expected = if message.sent < seen.suspended[0] { Ending::Delivered } else { Ending::SenderSuspended };
        assert_eq!(*ending, expected, "{message:?}");
    }
}

/// Aim: presets are ordered, and `off` filters nothing. Method: the same coins: whoever the milder filter catches the stricter
/// one does, as long as it is a matter of coins.
#[test]
fn presets_are_ordered() {
    let caught = |filter: &str| {
        let yaml = to_att(
            TEN_DLC,
            "invalid: 0%, content_risk: 0.5, arrivals: { phases: [ { duration: 100s, arrival_count: 2000 } ] }",
            filter,
        );
        let seen = watch(&yaml, 1);
        seen.count(Ending::Filtered) + seen.count(Ending::ContentBlocked)
    };
    let [off, lenient, typical, strict] = [
        "preset: off",
        "preset: lenient, frailty: { weight: 1 }",
        "preset: typical",
        "preset: strict, coefficients: { risk: 6 }",
    ]
    .map(caught);
    assert_eq!(off, 0);
    assert!(0 < lenient && lenient <= typical && typical < strict, "{lenient} {typical} {strict}");
}

/// Aim: the same message, the same fate under two designs unless the design touches it. Method: a second sender for Canada
/// changes nothing in the United States, message by message, and more numbers for Canada change Canada alone.
#[test]
fn a_design_touches_only_what_it_touches() {
    let fates = |canada: &str| {
        let yaml = format!(
            "services: {{ s: {{ senders: [ {{ id: us, type: short_code, country: US }}, {{ id: ca, type: long_code, country: CA, count: {canada} }} ] }} }}\n\
             campaigns: {{ c: {{ service: s, kind: marketing, body: \"FREE PRIZES FOR EVERYBODY bit.ly/x\", recipients: {{ US: 0.5, CA: 0.5 }}, \
             arrivals: {{ process: poisson, phases: [ {{ duration: 60s, arrival_count: 2000 }} ] }} }} }}\n"
        );
        let model = model(&yaml);
        let seen = simulate(&model, 0, Watch::default()).0;
        let of = |code: &str| {
            let mut ends: Vec<_> = seen
                .ends
                .iter()
                .filter(|(_, message, _)| model.carriers[message.carrier as usize].id.starts_with(code))
                .map(|(at, message, ending)| (message.number, *at, *ending))
                .collect();
            ends.sort_by_key(|(number, ..)| *number);
            ends
        };
        (of("us/"), of("ca/"))
    };
    let (few, many) = (fates("2"), fates("40"));
    assert_eq!(few.0, many.0);
    assert_ne!(few.1, many.1);
}

/// Aim: what a carrier has seen of a content is forgotten at its own midnight. By hand: nothing is filtered up to 100 messages
/// a day and everything above. One message a minute from 21:00 in New York on: at AT&T the 180th comes at its midnight; at
/// T-Mobile, whose day is that of Los Angeles, the 360th.
#[test]
fn what_was_seen_is_forgotten_at_the_carriers_midnight() {
    let campaign = |carrier: &str| {
        format!(
            "{{ service: s, kind: alert, segments: 1, recipients: {{ US: 1 }}, carriers: {{ {carrier}: 1 }}, invalid: 0%, \
             arrivals: {{ phases: [ {{ duration: 8h, arrival_count: 480 }} ] }} }}"
        )
    };
    let yaml = format!(
        "clock: {{ start: \"2026-06-01T21:00:00-04:00[America/New_York]\" }}\n\
         services: {{ s: {{ senders: [ {{ id: n, country: US, type: long_code, ten_dlc: {{ brand: b, campaign: c, trust_score: 80 }} }} ] }} }}\n\
         campaigns: {{ a: {}, t: {} }}\n\
         overrides: {{ network: attended, filter: {{ frailty: {{ weight: 0 }}, blocks: {{ enabled: false }}, coefficients: {{ volume: 1000000 }}, \
         classes: {{ ten_dlc_registered: {{ intercept: -50, free_volume: 100 }} }} }} }}\n",
        campaign("us/att"),
        campaign("us/t-mobile"),
    );
    let seen = watch(&yaml, 0);
    for (campaign, midnight) in [(0, 180), (1, 360)] {
        let ends: Vec<_> = seen.ends.iter().filter(|(_, message, _)| message.campaign == campaign).collect();
        assert_eq!(ends.len(), 480);
        for (_, message, ending) in ends {
            let number = message.number;
            let of_day = if number < midnight { number } else { number - midnight };
            let expected = if of_day < 100 { Ending::Delivered } else { Ending::Filtered };
            assert_eq!(*ending, expected, "{number} of {campaign}");
        }
    }
}

/// Aim: the numbers of a 10DLC campaign are suspended together, those of other senders each by itself. Method: dead numbers
/// bring one of two into review; the other has sent nothing until then.
#[test]
fn the_numbers_of_a_campaign_are_suspended_together() {
    let second = |registration: &str, kind: &str| {
        let yaml = format!(
            "services: {{ s: {{ senders: [ {{ id: n, country: US, type: {kind}, count: 2{registration} }} ] }} }}\n\
             campaigns:\n\
             \x20 dead: {{ from: n-1, kind: alert, segments: 1, recipients: {{ US: 1 }}, carriers: {{ us/att: 1 }}, invalid: 50%, \
             arrivals: {{ phases: [ {{ duration: 1000s, arrival_count: 1000 }} ] }} }}\n\
             \x20 other: {{ from: n-2, kind: alert, segments: 1, recipients: {{ US: 1 }}, carriers: {{ us/att: 1 }}, invalid: 0%, start_time: 2000s, \
             arrivals: {{ phases: [ {{ duration: 10s, arrival_count: 10 }} ] }} }}\n\
             overrides: {{ network: attended, filter: {{ classes: {{ ten_dlc_registered: {{ intercept: -40, intercept_frail: -40 }}, \
             toll_free_verified: {{ intercept: -40, intercept_frail: -40 }} }} }} }}\n"
        );
        let seen = watch(&yaml, 0);
        assert_eq!(seen.suspended.len(), 1);
        let of_second = seen.ends.iter().filter(|(_, message, _)| message.campaign == 1);
        of_second.map(|(.., ending)| *ending).collect::<Vec<_>>()
    };
    let together = second(", ten_dlc: { brand: b, campaign: c, trust_score: 80 }", "long_code");
    assert_eq!(together, [Ending::CampaignSuspended; 10]);
    assert_eq!(second("", "toll_free"), [Ending::Delivered; 10]);
}

/// Aim: the same on the smallest subgroup: what hits one small carrier changes the fates of its people alone, although they
/// share a sender, a content and a filter with all others. Method: with a queue for each carrier, an outage of U.S. Cellular;
/// everybody else's fate is the same to the nanosecond.
#[test]
fn a_small_carriers_outage_touches_its_people_alone() {
    let fates = |faults: &str| {
        let yaml = format!(
            "queue: {{ lanes: market }}\n\
             services: {{ s: {{ senders: [ {{ id: us, type: short_code, country: US }} ] }} }}\n\
             campaigns: {{ c: {{ service: s, kind: marketing, body: \"FREE PRIZES FOR EVERYBODY bit.ly/x\", recipients: {{ US: 1 }}, \
             arrivals: {{ process: poisson, phases: [ {{ duration: 60s, arrival_count: 20000 }} ] }} }} }}\n\
             faults: [ {faults} ]\n"
        );
        let model = model(&yaml);
        let seen = simulate(&model, 0, Watch::default()).0;
        let is_small = |message: &Message| model.carriers[message.carrier as usize].id == "us/us-cellular";
        let mut ends: Vec<_> =
            seen.ends.iter().map(|(at, message, ending)| (message.number, *at, *ending, is_small(message))).collect();
        ends.sort_by_key(|(number, ..)| *number);
        let (small, others): (Vec<_>, Vec<_>) = ends.into_iter().partition(|(.., is_small)| *is_small);
        (small, others)
    };
    let (calm, hit) = (fates(""), fates("{ at: 0s, carrier: us/us-cellular, mode: fail }"));
    assert!(calm.0.len() > 100 && calm.1.len() > 19_000, "{} of {}", calm.0.len(), calm.1.len());
    assert_eq!(calm.1, hit.1);
    assert_eq!(calm.0.len(), hit.0.len());
    for ((number, _, before, _), (same, _, ending, _)) in calm.0.iter().zip(&hit.0) {
        // A number that does not exist is found out before the carrier is asked.
        let expected = if *before == Ending::UnknownNumber { *before } else { Ending::ProviderTimeout };
        assert_eq!((same, *ending), (number, expected), "its people are the same");
    }
}
