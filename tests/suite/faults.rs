//! Faults by hand: what stops, what fails, what comes late, and that everything else goes its way.

use sendpool::model::ending::Ending;
use sendpool::simulation::observer::Report;
use sendpool::units::SimTime;

use crate::support::{Run, Seen, ms, run, s, totals};

/// One queue at `rate` to the test bench, `count` messages at once, and these faults.
fn bench(rate: &str, count: u32, rest: &str, faults: &str) -> Run {
    run(&format!(
        "services: {{ s: {{ {rest} senders: [ {{ id: n, type: long_code, country: XX, mps: {rate} }} ] }} }}\n\
         campaigns: {{ c: {{ service: s, segments: 1, recipients: {{ XX: 1 }}, arrivals: {{ phases: [ {{ duration: 0, arrival_count: {count} }} ] }} }} }}\n\
         faults: [ {faults} ]\n"
    ))
}

fn endings(run: &Run) -> Vec<(u64, SimTime, Ending)> {
    let mut ends: Vec<_> =
        run.trace.ends().into_iter().map(|(at, message, ending)| (message.number, at, ending)).collect();
    ends.sort_by_key(|(number, ..)| *number);
    ends
}

/// Aim: a hold starts no slot in [3 s, 8 s); the queue drains after it. By hand at 1/s: 0, 1, 2, then 8 to 14.
#[test]
fn a_hold_stops_slots_and_the_drain_goes_on_after_it() {
    for target in ["", "carrier: xx/ideal, mode: hold", "country: XX, mode: hold", "sender: n"] {
        let comma = if target.is_empty() { "" } else { ", " };
        let run = bench("1/s", 10, "", &format!("{{ at: 3s, for: 5s{comma}{target} }}"));
        let expected: Vec<SimTime> = [0, 1, 2, 8, 9, 10, 11, 12, 13, 14].map(s).into();
        assert_eq!(run.trace.sent_at(0), expected, "{target}");
        assert!(endings(&run).iter().all(|(_, _, ending)| *ending == Ending::Delivered));
        let held = &run.trace.sent()[3];
        assert_eq!((held.ready, held.slot_end), (s(8), s(9)), "what stopped the lane counts as waiting in it");
    }
}

/// Aim: what waits under a hold may expire, at its time, and the next goes on when the hold ends. By hand: validity 4 s, hold
/// [1 s, 7 s): message 0 is sent at 0; 1 and 2, of 1.25 and 2.5 s, expire 4 s later, and 3 of 3.75 s goes at 7 s; of a burst
/// at 5 s the second has then waited 4 s when its turn comes, and is sent.
#[test]
fn what_is_held_may_expire() {
    let run = run(
        "services: { s: { validity_period: 4s, senders: [ { id: n, type: long_code, country: XX, mps: 1 } ] } }\n\
         campaigns: { c: { service: s, segments: 1, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 5s, arrival_count: 4 } ] } },\n\
         \x20 d: { service: s, segments: 1, recipients: { XX: 1 }, start_time: 5s, arrivals: { phases: [ { duration: 0, arrival_count: 2 } ] } } }\n\
         faults: [ { at: 1s, for: 6s } ]\n",
    );
    // Arrivals at 0, 1.25, 2.5 and 3.75 s.
    let ends: Vec<_> =
        run.trace.ends().iter().map(|(at, message, ending)| (message.campaign, message.number, *at, *ending)).collect();
    assert_eq!(
        ends,
        [
            (0, 0, s(0), Ending::Delivered),
            (0, 1, ms(5_250), Ending::Expired),
            (0, 2, ms(6_500), Ending::Expired),
            (0, 3, s(7), Ending::Delivered),
            (1, 0, s(8), Ending::Delivered),
            (1, 1, s(9), Ending::Delivered),
        ]
    );
}

/// Aim: in one queue for all carriers a held carrier blocks those behind its head, and no longer than the head lives; with
/// queues by carrier the others go their way untouched. Method: the departures of the other carriers with and without the
/// fault.
#[test]
fn a_held_carrier_blocks_its_queue_and_no_other() {
    let scenario = |lanes: &str, faults: &str| {
        run(&format!(
            "queue: {{ lanes: {lanes} }}\n\
             services: {{ s: {{ senders: [ {{ id: n, type: short_code, country: US, mps: 10 }} ] }} }}\n\
             campaigns: {{ c: {{ service: s, segments: 1, recipients: {{ US: 1 }}, carriers: {{ us/att: 1, us/t-mobile: 1 }}, \
             arrivals: {{ phases: [ {{ duration: 10s, arrival_count: 100 }} ] }} }} }}\n\
             overrides: {{ network: ideal }}\nfaults: [ {faults} ]\n"
        ))
    };
    let fault = "{ at: 2s, for: 30s, carrier: us/att, mode: hold }";
    let others = |run: &Run| -> Vec<(u64, SimTime)> {
        let att = run.model.carriers.iter().position(|carrier| carrier.id == "us/att").expect("a carrier") as u32;
        run.trace
            .sent()
            .iter()
            .filter(|sent| sent.message.carrier != att)
            .map(|sent| (sent.message.number, sent.message.sent))
            .collect()
    };
    let (calm, hit) = (scenario("market", ""), scenario("market", fault));
    assert_eq!(others(&calm), others(&hit), "queues by carrier");
    assert!(hit.trace.sent().iter().any(|sent| sent.message.sent == s(32)), "and the held one goes on at the end");
    let (calm, hit) = (scenario("sender", ""), scenario("sender", fault));
    assert_ne!(others(&calm), others(&hit), "one queue for all");
    let blocked = hit.trace.sent().iter().filter(|sent| (s(3)..s(32)).contains(&sent.message.sent)).count();
    assert_eq!(blocked, 0, "behind the head nothing moves");
}

/// Aim: a failing carrier takes the slot and the message fails at once with 30410, costs the fee for failed messages and
/// nothing else, and gets no receipt. By hand at 1/s, fail in [2 s, 5 s): messages 2, 3, 4.
#[test]
fn an_outage_fails_what_it_gets() {
    let run = bench("1/s", 7, "", "{ at: 2s, for: 3s, carrier: xx/ideal }");
    let ends = endings(&run);
    for (number, at, ending) in ends {
        let fails = (2..5).contains(&number);
        assert_eq!((at, ending), (s(number), if fails { Ending::ProviderTimeout } else { Ending::Delivered }));
    }
    let receipts = run.trace.seen.iter().filter(|(_, seen)| matches!(seen, Seen::Receipt(..))).count();
    assert_eq!(receipts, 4);
}

/// Aim: a changed rate holds from the next slot on, and a new busy period begins with it. By hand: 10/s, from 1 s to 3 s 2/s:
/// every 0.1 s up to 0.9 s, then 1, 1.5, 2, 2.5, then 3, 3.1, ... An odd change at 0.25 s lets the slot in progress end as it
/// was planned, at 0.3 s.
#[test]
fn a_rate_changes_with_the_next_slot() {
    let sent = bench("10/s", 20, "", "{ at: 1s, for: 2s, sender: n, mode: rate, mps: 2/s }").trace.sent_at(0);
    let mut expected: Vec<u64> = (0..10).map(|n| 100 * n).collect();
    expected.extend([1_000, 1_500, 2_000, 2_500]);
    expected.extend((0..6).map(|n| 3_000 + 100 * n));
    assert_eq!(sent, expected.into_iter().map(ms).collect::<Vec<_>>());
    let sent = bench("10/s", 6, "", "{ at: 250ms, sender: n, mode: rate, mps: 1/s }").trace.sent_at(0);
    assert_eq!(sent, [0, 100, 200, 300, 1_300, 2_300].map(ms));
}

/// Aim: a late carrier delivers as the fault says, for what is sent while it lasts. By hand: sigma 0, median 8 s.
#[test]
fn a_slow_carrier_delivers_late() {
    let fault = "{ at: 1s, for: 2s, carrier: xx/ideal, mode: delay, latency: { lognormal: { median: 8s, sigma: 0 } } }";
    for (number, at, ending) in endings(&bench("1/s", 5, "", fault)) {
        assert_eq!(ending, Ending::Delivered);
        let late = if (1..3).contains(&number) { 8 } else { 0 };
        let off = at.since(s(number)).as_nanos().abs_diff(late * 1_000_000_000);
        assert!(off <= 1_000, "{number}: {at}, the logarithm and back cost less than a microsecond");
    }
}

/// Aim: receipts are lost, or come when the outage is over; what happened stays what it was. By hand at 1/s, [2 s, 5 s).
#[test]
fn receipts_are_lost_or_late() {
    let receipts = |mode: &str| -> Vec<(SimTime, u64)> {
        let run = bench("1/s", 7, "", &format!("{{ at: 2s, for: 3s, carrier: xx/ideal, mode: {mode} }}"));
        assert!(endings(&run).iter().all(|(_, _, ending)| *ending == Ending::Delivered));
        let receipt = |(at, seen): &(SimTime, Seen)| match seen {
            Seen::Receipt(message, Report::Delivered) => Some((*at, message.number)),
            _ => None,
        };
        run.trace.seen.iter().filter_map(receipt).collect()
    };
    assert_eq!(receipts("receipts_lost"), [(s(0), 0), (s(1), 1), (s(5), 5), (s(6), 6)]);
    assert_eq!(
        receipts("receipts_late"),
        [(s(0), 0), (s(1), 1), (s(5), 2), (s(5), 3), (s(5), 4), (s(5), 5), (s(6), 6)]
    );
}

/// Aim: a carrier takes so many segments in each second of the clock. By hand: 20 messages at 10/s, 4 a second taken: the
/// first four of each second.
#[test]
fn a_congested_carrier_takes_what_it_can() {
    let run = bench("10/s", 20, "", "{ at: 0s, carrier: xx/ideal, mode: congestion, capacity: 4/s }");
    for (number, _, ending) in endings(&run) {
        let expected = if number % 10 < 4 { Ending::Delivered } else { Ending::Congested };
        assert_eq!(ending, expected, "{number}");
    }
    // Messages of two segments come five a second, and two of them are taken.
    let yaml = "services: { s: { senders: [ { id: n, type: long_code, country: XX, mps: 10/s } ] } }\n\
                campaigns: { c: { service: s, segments: 2, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 0, arrival_count: 10 } ] } } }\n\
                faults: [ { at: 0s, carrier: xx/ideal, mode: congestion, capacity: 4/s } ]\n";
    for (number, _, ending) in endings(&self::run(yaml)) {
        let expected = if number % 5 < 2 { Ending::Delivered } else { Ending::Congested };
        assert_eq!(ending, expected, "{number}");
    }
}

/// Aim: who is suspended. A 10DLC number 30033, another sender 30007, the account 30002; calls to a platform that is out are
/// refused with 20503.
#[test]
fn suspensions_and_a_platform_that_is_out() {
    let one = |pool: &str, fault: &str| {
        let run = run(&format!(
            "services: {{ s: {{ senders: [ {pool} ] }} }}\n\
             campaigns: {{ c: {{ service: s, segments: 1, recipients: {{ US: 1 }}, carriers: {{ us/verizon: 1 }}, \
             arrivals: {{ phases: [ {{ duration: 0, arrival_count: 3 }} ] }} }} }}\n\
             overrides: {{ network: ideal }}\nfaults: [ {fault} ]\n"
        ));
        endings(&run).into_iter().map(|(_, _, ending)| ending).collect::<Vec<_>>()
    };
    let number = "{ id: n, type: long_code, country: US, ten_dlc: { brand: b, campaign: c, trust_score: 80 } }";
    let code = "{ id: n, type: short_code, country: US }";
    assert_eq!(one(number, "{ at: 0s, sender: n, mode: suspend }"), [Ending::CampaignSuspended; 3]);
    assert_eq!(one(code, "{ at: 0s, sender: n, mode: suspend }"), [Ending::SenderSuspended; 3]);
    assert_eq!(one(code, "{ at: 0s, mode: suspend }"), [Ending::AccountSuspended; 3]);
    assert_eq!(one(code, "{ at: 0s, mode: fail }"), [Ending::RefusedUnavailable; 3]);
    assert_eq!(
        one(code, "{ at: 5ms, sender: n, mode: suspend }"),
        [Ending::Delivered, Ending::SenderSuspended, Ending::SenderSuspended]
    );
}

/// Aim: an hour's outage of one carrier in a million messages. Queues by carrier, 100/s each, carrier weights 1 to 4:
/// 200,000 and 800,000 messages. The small one is held from 10 min to 1 h 10 min: before it 60,000 have left; the rest of
/// 140,000 needs 1,400 s from 4,200 s on, so it is drained at 5,600 s. The large one drains at 8,000 s as if nothing had been.
/// Nothing is lost.
#[test]
fn an_hours_outage_in_a_million_messages() {
    let scenario = |faults: &str| {
        format!(
            "queue: {{ lanes: market }}\n\
             services: {{ s: {{ senders: [ {{ id: n, type: short_code, country: US }} ] }} }}\n\
             campaigns: {{ c: {{ service: s, segments: 1, recipients: {{ US: 1 }}, carriers: {{ us/att: 1, us/t-mobile: 4 }}, \
             arrivals: {{ phases: [ {{ duration: 0, arrival_count: 1000000 }} ] }} }} }}\n\
             overrides: {{ network: ideal }}\nfaults: [ {faults} ]\n"
        )
    };
    let (calm_model, calm) = totals(&scenario(""));
    let (hit_model, hit) = totals(&scenario("{ at: 10m, for: 1h, carrier: us/att, mode: hold }"));
    assert_eq!(calm_model.lanes.len(), hit_model.lanes.len());
    assert_eq!(hit.ends[Ending::Delivered as usize], 1_000_000);
    for (index, lane) in hit_model.lanes.iter().enumerate().filter(|(index, _)| calm.sent[*index] > 0) {
        let (before, after) = (calm.drained[index], hit.drained[index]);
        let messages = calm.sent[index];
        assert_eq!(messages, hit.sent[index]);
        assert_eq!(before, ms(messages * 10), "{}", lane.name);
        let outage = if lane.name.contains("att") || lane.name.contains("AT&T") { s(3_600) } else { s(0) };
        assert_eq!(after, before + outage.since(SimTime::ZERO), "{}", lane.name);
    }
}

/// Aim: what waits behind a held head waits in its queue, and at no ceiling: nobody has one. By hand: 1/s, AT&T held from the
/// start; its message of 0 s expires at 20 s, and one to T-Mobile that came at 1 s goes then.
#[test]
fn waiting_behind_a_held_head_is_waiting_in_the_queue() {
    let run = run(
        "services: { s: { validity_period: 20s, senders: [ { id: n, type: short_code, country: US, mps: 1 } ] } }\n\
         campaigns: { a: { service: s, segments: 1, recipients: { US: 1 }, carriers: { us/att: 1 }, arrivals: { phases: [ { duration: 0, arrival_count: 1 } ] } },\n\
         \x20 b: { service: s, segments: 1, recipients: { US: 1 }, carriers: { us/t-mobile: 1 }, start_time: 1s, arrivals: { phases: [ { duration: 0, arrival_count: 1 } ] } } }\n\
         overrides: { network: ideal }\nfaults: [ { at: 0s, carrier: us/att, mode: hold } ]\n",
    );
    let sent = run.trace.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].message.sent, sent[0].ready), (s(20), s(20)));
}

/// Aim: a shared queue has the lowest rate that a fault gives any of its numbers. By hand: two numbers of one 10DLC campaign at
/// 4/s; a at 1/s for [0, 10 s), b at 2/s for [5 s, 20 s): 10 messages by 10 s, 20 more by 20 s, then four a second.
#[test]
fn a_shared_queue_has_the_lowest_rate() {
    let number = |id: &str| {
        format!("{{ id: {id}, type: long_code, country: US, ten_dlc: {{ brand: b, campaign: c, trust_score: 10 }} }}")
    };
    let run = run(&format!(
        "services: {{ s: {{ senders: [ {}, {} ] }} }}\n\
         campaigns: {{ c: {{ service: s, segments: 1, recipients: {{ US: 1 }}, carriers: {{ us/verizon: 1 }}, arrivals: {{ phases: [ {{ duration: 0, arrival_count: 50 }} ] }} }} }}\n\
         overrides: {{ network: ideal }}\n\
         faults: [ {{ at: 0s, for: 10s, sender: a, mode: rate, mps: 1/s }}, {{ at: 5s, for: 15s, sender: b, mode: rate, mps: 2/s }} ]\n",
        number("a"),
        number("b"),
    ));
    let sent = run.trace.sent_at(0);
    let by = |second: u64| sent.iter().filter(|at| **at < s(second)).count();
    assert_eq!([by(5), by(10), by(20), by(21)], [5, 10, 30, 34]);
}
