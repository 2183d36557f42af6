//! Cases whose answer can be worked out by hand, to the nanosecond and to the message.

use sendpool::kernel::draws::Draws;
use sendpool::model::ending::Ending;
use sendpool::simulation::people;
use sendpool::units::SimTime;

use crate::support::{Run, Trace, ms, ns, run, s, totals};

/// The default capacity of a queue is 36,000 s of its rate.
const TOLL_FREE_CAPACITY: u64 = 3 * 36_000;

// --- large bursts -----------------------------------------------------------------------------------------------------

/// Aim: a million single segments at once drain through a 100-MPS short code in 10,000 s. Method: message k is sent at
/// k / 100 s, so the last at 9,999.99 s, and its slot ends at 10,000 s.
#[test]
fn a_million_messages_leave_a_short_code_in_ten_thousand_seconds() {
    for (country, more) in [("XX", ""), ("US", ", carriers: { us/verizon: 1 }")] {
        let (_, totals) = totals(&format!(
            "services: {{ s: {{ senders: [ {{ id: sc, type: short_code, country: {country}, mps: 100 }} ] }} }}
campaigns: {{ c: {{ service: s, segments: 1, recipients: {{ {country}: 1 }}{more},
  arrivals: {{ phases: [ {{ duration: 0, arrival_count: 1000000 }} ] }} }} }}
overrides: {{ network: ideal }}"
        ));
        assert_eq!(totals.last_sent, [ms(9_999_990)], "{country}");
        assert_eq!(totals.drained, [s(10_000)], "{country}");
        assert_eq!(totals.count(Ending::Delivered), 1_000_000, "{country}");
    }
}

/// Aim: the queue of a toll-free number holds ten hours of its rate, and what does not fit is lost. Method: 3 x 36,000
/// of a million enter at once; through a service the rest is accepted and fails, with an explicit sender it is refused.
#[test]
fn a_toll_free_number_takes_ten_hours_of_its_rate() {
    for (through, lost) in [("service: s", Ending::QueueOverflow), ("from: tf", Ending::RefusedQueueFull)] {
        let (_, totals) = totals(&format!(
            "services: {{ s: {{ senders: [ {{ id: tf, type: toll_free, country: US }} ] }} }}
campaigns: {{ c: {{ {through}, segments: 1, recipients: {{ US: 1 }}, carriers: {{ us/verizon: 1 }},
  arrivals: {{ phases: [ {{ duration: 0, arrival_count: 1000000 }} ] }} }} }}
overrides: {{ network: ideal }}"
        ));
        assert_eq!(totals.count(Ending::Delivered), TOLL_FREE_CAPACITY);
        assert_eq!(totals.count(lost), 1_000_000 - TOLL_FREE_CAPACITY);
        assert_eq!(totals.span[lost as usize], (SimTime::ZERO, SimTime::ZERO), "at once");
        assert_eq!(lost.code(), Some(if through.starts_with("from") { 21611 } else { 30001 }));
        // The last to enter waits one slot less than the validity period, so nothing expires.
        assert_eq!(totals.drained, [s(36_000)]);
    }
}

/// Aim: capacity counts segments. Method: 36,000 segments of a Canadian long code hold 18,000 messages of two.
#[test]
fn a_canadian_long_code_takes_eighteen_thousand_texts_of_two_segments() {
    let (_, totals) = totals(
        "services: { s: { senders: [ { id: lc, type: long_code, country: CA } ] } }
campaigns: { c: { service: s, segments: 2, recipients: { CA: 1 },
  arrivals: { phases: [ { duration: 0, arrival_count: 40000 } ] } } }
overrides: { network: ideal }",
    );
    assert_eq!(totals.count(Ending::Delivered), 18_000);
    assert_eq!(totals.count(Ending::QueueOverflow), 22_000);
    assert_eq!((totals.last_sent[0], totals.drained[0]), (s(35_998), s(36_000)));
}

/// Aim: a wait of exactly the validity period is sent, a longer one expires at that instant. Method: at 100 MPS messages
/// 0 to 6,000 are sent within 60 s, both ends included; the other 3,999 fail at 60 s sharp.
#[test]
fn sixty_seconds_of_validity_let_six_thousand_and_one_messages_through() {
    let (_, totals) = totals(
        "services: { s: { validity_period: 60s, senders: [ { id: sc, type: short_code, country: XX, mps: 100 } ] } }
campaigns: { c: { service: s, segments: 1, recipients: { XX: 1 },
  arrivals: { phases: [ { duration: 0, arrival_count: 10000 } ] } } }",
    );
    assert_eq!(totals.sent, [6_001]);
    assert_eq!(totals.count(Ending::Expired), 3_999);
    assert_eq!(Ending::Expired.code(), Some(30036));
    assert_eq!(totals.span[Ending::Expired as usize], (s(60), s(60)));
    assert_eq!(totals.last_sent, [s(60)]);
    assert_eq!(totals.drained, [ms(60_010)]);
}

/// Aim: a registered campaign has one queue per named carrier at the rate of its trust score, and one slow queue for all
/// other carriers. Method: recipients' carriers are drawn, so each queue's drain is exact for the number it got (n / 75 s,
/// n / 1 s), and the number lies within four standard deviations of its binomial mean (2,267, 2,267, 1,867 and 20,000 s).
#[test]
fn half_a_million_texts_over_10dlc_drain_by_carrier() {
    let (model, totals) = totals(
        "services: { s: { senders: [ { id: lc, type: long_code, country: US,
  ten_dlc: { brand: acme, campaign: promo, trust_score: 80 } } ] } }
campaigns: { c: { service: s, segments: 1, recipients: { US: 1 },
  carriers: { us/verizon: 34, us/t-mobile: 34, us/att: 28, us/c-spire: 4 },
  arrivals: { phases: [ { duration: 0, arrival_count: 500000 } ] } } }
overrides: { network: ideal }",
    );
    let n = 500_000.0;
    let mut all = 0;
    for (carrier, share, rate) in
        [("us/verizon", 0.34, 75), ("us/t-mobile", 0.34, 75), ("us/att", 0.28, 75), ("us/c-spire", 0.04, 1)]
    {
        let index = model.carriers.iter().position(|known| known.id == carrier).expect("a carrier of the catalogue");
        let lane = model.lane(0, index, 0).expect("the number reaches every carrier");
        let sent = totals.sent[lane];
        all += sent;
        assert_eq!(totals.drained[lane], ns((sent * 1_000_000_000).div_ceil(rate)), "{carrier}");
        let drain = sent as f64 / rate as f64;
        let expected = n * share / rate as f64;
        let deviation = (n * share * (1.0 - share)).sqrt() / rate as f64;
        assert!(
            (drain - expected).abs() < 4.0 * deviation,
            "{carrier}: {drain} s, {expected} ± {deviation} s expected"
        );
    }
    assert_eq!(all, 500_000);
}

// --- pacing -----------------------------------------------------------------------------------------------------------

fn bench(senders: &str, campaigns: &str) -> Run {
    run(&format!("services: {{ s: {{ senders: [ {senders} ] }} }}\ncampaigns: {{ {campaigns} }}"))
}

fn burst(count: u64) -> String {
    format!("arrivals: {{ phases: [ {{ duration: 0, arrival_count: {count} }} ] }}, recipients: {{ XX: 1 }}")
}

/// Aim and method: three messages on 1 MPS leave at 0, 1 and 2 s.
#[test]
fn three_messages_on_one_mps() {
    let run = bench(
        "{ id: a, type: long_code, country: XX, mps: 1 }",
        &format!("c: {{ service: s, segments: 1, {} }}", burst(3)),
    );
    assert_eq!(run.trace.sent_at(0), [s(0), s(1), s(2)]);
    assert_eq!(run.trace.sent()[2].slot_end, s(3));
}

/// Aim: slots are computed from the start of the busy period and do not drift. Method: the k-th of 3,001 messages on
/// 3 MPS leaves at ⌈k × 10⁹ / 3⌉ ns.
#[test]
fn thirds_of_a_second_do_not_drift() {
    let run = bench(
        "{ id: a, type: long_code, country: XX, mps: 3 }",
        &format!("c: {{ service: s, segments: 1, {} }}", burst(3_001)),
    );
    let expected: Vec<SimTime> = (0..=3_000u64).map(|k| ns((k * 1_000_000_000).div_ceil(3))).collect();
    assert_eq!(run.trace.sent_at(0), expected);
    assert_eq!(run.trace.sent_at(0)[3_000], s(1_000));
}

/// Aim: a queue is first in, first out whatever the sizes, and a message holds it for its segments. Method: at 2 MPS
/// messages of 3, 1 and 2 segments that come in this order leave at 0, 1.5 and 2 s, and the line is empty at 3 s.
#[test]
fn messages_of_several_segments_leave_in_order() {
    let run = bench(
        "{ id: a, type: long_code, country: XX, mps: 2 }",
        &format!(
            "x: {{ service: s, segments: 3, {one} }}, y: {{ service: s, segments: 1, {one} }}, z: {{ service: s, segments: 2, {one} }}",
            one = burst(1)
        ),
    );
    let sent: Vec<_> = run.trace.sent().iter().map(|d| (d.message.segments, d.message.sent, d.slot_end)).collect();
    assert_eq!(sent, [(3, s(0), ms(1_500)), (1, ms(1_500), s(2)), (2, s(2), s(3))]);
}

/// Aim: an arrival at the instant at which a slot ends finds an empty lane, and a new busy period starts. Method: at
/// 3 MPS the first slot ends at 333,333,334 ns; a message that arrives then leaves then, and its slot is rounded from
/// there (666,666,668), not from zero (666,666,667). One that arrives a nanosecond earlier waits and goes on from zero.
#[test]
fn an_arrival_at_the_end_of_a_slot() {
    for (arrival, slot_end) in [(333_333_334u64, 666_666_668), (333_333_333, 666_666_667)] {
        let run = bench(
            "{ id: a, type: long_code, country: XX, mps: 3 }",
            &format!(
                "x: {{ service: s, segments: 1, {one} }}, y: {{ service: s, segments: 1, start_time: {arrival}ns, {one} }}",
                one = burst(1)
            ),
        );
        let second = run.trace.sent()[1];
        assert_eq!((second.message.sent, second.slot_end), (ns(333_333_334), ns(slot_end)));
    }
}

// --- validity and capacity --------------------------------------------------------------------------------------------

/// Aim: impatient messages behind patient ones expire in the middle of the line, and free room only then. Method: 1 MPS
/// and room for 5 segments. At 0 s three patient messages (0, 1, 2 s) and two of 1.5 s validity, which cannot leave
/// before 3 s. At 1.4 s there is room for one (the first slot has ended), and none for a second. At 1.5 s two expire: at
/// that instant arrivals still come first, so one is lost; at 1.6 s two fit. Then the line goes on: 3, 4 and 5 s.
#[test]
fn an_expiry_in_the_middle_of_the_line_frees_room_when_it_happens() {
    let campaign = |name: &str, at: u64, count: u64, validity: &str| {
        format!(
            "{name}: {{ service: s, segments: 1, start_time: {at}ms, validity_period: {validity}, {} }}, ",
            burst(count)
        )
    };
    let run = run(&format!(
        "services: {{ s: {{ validity_period: 5s, queue: {{ capacity: validity }},
  senders: [ {{ id: a, type: long_code, country: XX, mps: 1 }} ] }} }}
campaigns: {{ {}{}{}{}{} }}",
        campaign("patient", 0, 3, "10h"),
        campaign("impatient", 0, 2, "1500ms"),
        campaign("before", 1_400, 2, "10h"),
        campaign("at", 1_500, 1, "10h"),
        campaign("after", 1_600, 3, "10h"),
    ));
    assert_eq!(run.trace.codes(0), [0, 0, 0]);
    assert_eq!(run.trace.codes(1), [30036, 30036]);
    let expired: Vec<SimTime> =
        run.trace.ends().iter().filter(|(_, _, ending)| *ending == Ending::Expired).map(|(at, ..)| *at).collect();
    assert_eq!(expired, [ms(1_500), ms(1_500)]);
    assert_eq!(run.trace.codes(2), [0, 30001]);
    assert_eq!(run.trace.codes(3), [30001], "arrivals come before expiries");
    assert_eq!(run.trace.codes(4), [0, 0, 30001]);
    assert_eq!(run.trace.sent_at(0), [s(0), s(1), s(2)]);
    assert_eq!(run.trace.sent_at(2), [s(3)]);
    assert_eq!(run.trace.sent_at(4), [s(4), s(5)]);
}

/// Aim: what waits exactly as long as its validity is sent, however the line got there. Method: 1 MPS, a message of two
/// segments ahead: validity 2 s leaves at 2 s; 1,999,999,999 ns is one too few, and the next one takes its place.
#[test]
fn a_wait_of_exactly_the_validity_period_is_sent() {
    for (validity, codes, sent) in [
        ("2s", [0u16, 30036], vec![s(0), s(2)]),
        ("1999999999ns", [30036, 30036], vec![s(0)]),
        ("3s", [0, 0], vec![s(0), s(2), s(3)]),
    ] {
        let run = bench(
            "{ id: a, type: long_code, country: XX, mps: 1 }",
            &format!(
                "x: {{ service: s, segments: 2, {} }}, y: {{ service: s, segments: 1, validity_period: {validity}, {} }}",
                burst(1),
                burst(2)
            ),
        );
        assert_eq!(run.trace.codes(1), codes, "{validity}");
        let all: Vec<SimTime> = run.trace.sent().iter().map(|departure| departure.message.sent).collect();
        assert_eq!(all, sent, "{validity}");
    }
}

/// Aim: a message enters when backlog plus its segments equal the capacity and not when they exceed it by one; a smaller
/// one behind it may. Method: room for 5; after 3 segments one of 3 is lost, one of 2 enters, one of 1 is lost.
#[test]
fn capacity_is_met_exactly() {
    let campaign =
        |name: &str, segments: u64| format!("{name}: {{ service: s, segments: {segments}, {} }}, ", burst(1));
    let run = run(&format!(
        "services: {{ s: {{ validity_period: 5s, queue: {{ capacity: validity }},
  senders: [ {{ id: a, type: long_code, country: XX, mps: 1 }} ] }} }}
campaigns: {{ {}{}{}{} }}",
        campaign("three", 3),
        campaign("too-many", 3),
        campaign("two", 2),
        campaign("one", 1),
    ));
    let codes: Vec<u16> = (0..4).flat_map(|campaign| run.trace.codes(campaign)).collect();
    assert_eq!(codes, [0, 30001, 0, 30001]);
    assert_eq!(run.model.lanes[0].capacity.map(|capacity| capacity.0), Some(5));
}

/// Aim: room is freed when a slot ends, whole, and not when it starts. Method: room for 5 at 1 MPS, filled at 0 s by a
/// message of 2 and three of 1. Arrivals at 1 s and 1,999,999,999 ns are lost; two at 2 s enter, for slot ends come first.
#[test]
fn room_is_freed_at_the_end_of_a_slot() {
    let campaign = |name: &str, at: u64, segments: u64, count: u64| {
        format!("{name}: {{ service: s, segments: {segments}, start_time: {at}ns, {} }}, ", burst(count))
    };
    let run = run(&format!(
        "services: {{ s: {{ validity_period: 5s, queue: {{ capacity: validity }},
  senders: [ {{ id: a, type: long_code, country: XX, mps: 1 }} ] }} }}
campaigns: {{ {}{}{}{}{} }}",
        campaign("big", 0, 2, 1),
        campaign("small", 0, 1, 3),
        campaign("early", 1_000_000_000, 1, 1),
        campaign("late", 1_999_999_999, 1, 1),
        campaign("then", 2_000_000_000, 1, 3),
    ));
    assert_eq!(run.trace.codes(2), [30001]);
    assert_eq!(run.trace.codes(3), [30001]);
    assert_eq!(run.trace.codes(4), [0, 0, 30001]);
}

/// Aim: capacities follow `queue.capacity`, whatever the validity of the campaign. Method: by definition.
#[test]
fn capacities_by_name() {
    for (written, expected) in
        [("10h", Some(36_000 * 7 / 2)), ("4h", Some(14_400 * 7 / 2)), ("validity", Some(24)), ("unlimited", None)]
    {
        let run = run(&format!(
            "services: {{ s: {{ validity_period: 7s, senders: [ {{ id: a, type: long_code, country: XX, mps: 3.5 }} ] }} }}
queue: {{ capacity: {written} }}
campaigns: {{ c: {{ service: s, segments: 1, {} }} }}",
            burst(1)
        ));
        assert_eq!(run.model.lanes[0].capacity.map(|capacity| capacity.0), expected, "{written}");
    }
}

// --- ceilings, clients, horizon ---------------------------------------------------------------------------------------

/// Aim: senders of 10 MPS under a ceiling of 10/s send 10/s together, in the order in which they got ready, and what they
/// lose is counted as wait at the ceiling. Method: message k leaves at k / 10 s, from n senders in turn; the slot before of
/// its lane began n messages earlier, so the lane has been ready since (k − n + 1) / 10 s, or since the start.
#[test]
fn a_ceiling_is_shared_by_the_earliest_ready() {
    for lanes in [2u64, 3, 5] {
        let run = run(&format!(
            "account: {{ ceilings: [ {{ country: XX, type: short_code, rate: 10/s }} ] }}
services: {{ s: {{ senders: [ {{ id: sc, type: short_code, country: XX, count: {lanes}, mps: 10 }}, {{ id: free, type: long_code, country: XX, mps: 10 }} ] }} }}
campaigns: {{ c: {{ service: s, segments: 1, {} }}, other: {{ from: free, segments: 1, {} }} }}",
            burst(40),
            burst(3)
        ));
        let sent: Vec<_> = run.trace.sent().into_iter().filter(|departure| departure.message.campaign == 0).collect();
        assert_eq!(sent.len(), 40);
        for (k, departure) in (0u64..).zip(&sent) {
            assert_eq!(departure.message.sent, ms(100 * k));
            assert_eq!(departure.ready, ms(100 * (k + 1).saturating_sub(lanes)), "message {k} of {lanes} lanes");
            assert_eq!(u64::from(departure.message.sender), k % lanes);
            assert_eq!(departure.slot_end, ms(100 * (k + 1)));
        }
        assert_eq!(run.trace.sent_at(1), [ms(0), ms(100), ms(200)], "another type is not held back");
    }
}

/// Aim: a ceiling is charged by segments, and a lane that it blocks does not block lanes of other countries. Method:
/// ceiling 2/s over one sender of 10 MPS: messages of 3 segments leave 1.5 s apart; those to another country every 0.3 s.
#[test]
fn a_ceiling_counts_segments_and_holds_back_only_its_own() {
    let run = run("account: { ceilings: [ { country: XX, type: alphanumeric, rate: 2/s } ] }
services: { s: { senders: [ { id: a, type: alphanumeric, name: ACME, mps: 10 } ] } }
overrides: { network: ideal }
campaigns:
  bench: { service: s, segments: 3, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 0, arrival_count: 3 } ] } }
  gb: { service: s, segments: 3, recipients: { GB: 1 }, arrivals: { phases: [ { duration: 0, arrival_count: 3 } ] } }");
    assert_eq!(run.trace.sent_at(0), [ms(0), ms(1_500), ms(3_000)]);
    assert_eq!(run.trace.sent_at(1), [ms(0), ms(300), ms(600)]);
}

/// Aim: when a head that waits at a ceiling expires, the next in its lane may go at once. Method: one queue of 1 MPS for
/// two countries, a ceiling of 6/min over France. The first French message leaves at 0 s; the second is ready at 1 s, has
/// to wait until 10 s and expires at 3 s; then the British one behind it leaves.
#[test]
fn a_head_that_expires_at_a_ceiling_makes_way() {
    let run = run("account: { ceilings: [ { country: FR, type: alphanumeric, rate: 6/min } ] }
queue: { lanes: sender }
overrides: { network: ideal }
services: { s: { senders: [ { id: a, type: alphanumeric, name: ACME, mps: 1 } ] } }
campaigns:
  first: { service: s, segments: 1, recipients: { FR: 1 }, arrivals: { phases: [ { duration: 0, arrival_count: 1 } ] } }
  second: { service: s, segments: 1, validity_period: 3s, recipients: { FR: 1 }, arrivals: { phases: [ { duration: 0, arrival_count: 1 } ] } }
  third: { service: s, segments: 1, recipients: { GB: 1 }, arrivals: { phases: [ { duration: 0, arrival_count: 1 } ] } }
  fourth: { service: s, segments: 1, recipients: { FR: 1 }, arrivals: { phases: [ { duration: 0, arrival_count: 1 } ] } }");
    assert_eq!(run.trace.sent_at(0), [s(0)]);
    assert_eq!(run.trace.codes(1), [30036]);
    assert_eq!(run.trace.sent_at(2), [s(3)]);
    assert_eq!(run.trace.sent_at(3), [s(10)]);
}

/// Aim: a ceiling as fast as the only lane below it changes nothing. Method: 3 MPS under 3/s leave as without a ceiling,
/// the k-th at ⌈k × 10⁹ / 3⌉ ns, and none waits at the ceiling.
///
/// Found: the ceiling forgot its busy period whenever no lane was waiting at the end of its slot, so rounded slots added
/// up (2 ns a second here).
#[test]
fn a_ceiling_as_fast_as_its_only_lane_changes_nothing() {
    let run = run(&format!(
        "account: {{ ceilings: [ {{ country: XX, type: short_code, rate: 3/s }} ] }}
services: {{ s: {{ senders: [ {{ id: a, type: short_code, country: XX, mps: 3 }} ] }} }}
campaigns: {{ c: {{ service: s, segments: 1, {} }} }}",
        burst(301)
    ));
    for (k, departure) in run.trace.sent().iter().enumerate() {
        let expected = ns((k as u64 * 1_000_000_000).div_ceil(3));
        assert_eq!((departure.ready, departure.message.sent), (expected, expected), "message {k}");
    }
    assert_eq!(run.trace.sent_at(0).last(), Some(&s(100)));
}

/// Aim: several lanes under a ceiling that they fill leave at its exact rate. Method: three lanes of 3 MPS under 7/s
/// with 50 messages each: the k-th of all leaves at ⌈k × 10⁹ / 7⌉ ns for as long as two lanes are loaded.
#[test]
fn a_full_ceiling_does_not_drift() {
    let run = run(&format!(
        "account: {{ ceilings: [ {{ country: XX, type: short_code, rate: 7/s }} ] }}
services: {{ s: {{ senders: [ {{ id: a, type: short_code, country: XX, count: 3, mps: 3 }} ] }} }}
campaigns: {{ c: {{ service: s, segments: 1, {} }} }}",
        burst(150)
    ));
    let expected: Vec<SimTime> = (0..145u64).map(|k| ns((k * 1_000_000_000).div_ceil(7))).collect();
    assert_eq!(run.trace.sent_at(0)[..145], expected);
}

/// Aim: a client hands over at its own rate, and what is meant but not handed over counts as offered at its intended
/// time. Method: a burst of 4 at 2/s is accepted at 0, 0.5, 1 and 1.5 s; with a horizon of 1 s, two of four offered are.
#[test]
fn a_submit_rate_delays_the_hand_over() {
    let scenario = |horizon: &str| {
        format!(
            "{horizon}
services: {{ s: {{ senders: [ {{ id: a, type: long_code, country: XX, mps: 100 }} ] }} }}
campaigns: {{ c: {{ service: s, segments: 1, submit_rate: 2/s, {} }} }}",
            burst(4)
        )
    };
    let whole = run(&scenario(""));
    let times: Vec<_> = whole.trace.sent().iter().map(|d| (d.message.intended, d.message.accepted)).collect();
    assert_eq!(times, [(s(0), ms(0)), (s(0), ms(500)), (s(0), ms(1_000)), (s(0), ms(1_500))]);
    assert_eq!(whole.finished.ledger.not_handed_over(), 0);
    let cut = run(&scenario("clock: { horizon: 1s }"));
    assert_eq!(cut.finished.ledger.offered, 4);
    assert_eq!(cut.finished.ledger.not_handed_over(), 2);
    assert_eq!(cut.trace.sent_at(0), [ms(0), ms(500)]);
    let offered_at: Vec<SimTime> = cut
        .trace
        .seen
        .iter()
        .filter(|(_, seen)| matches!(seen, crate::support::Seen::Offered { .. }))
        .map(|(at, _)| *at)
        .collect();
    assert_eq!(offered_at, [s(0); 4]);
}

/// Aim: a submit rate that is fast enough delays nothing, and thirds do not drift. Method: one message a second at 2/s;
/// a burst at 3/s is accepted at ⌈k × 10⁹ / 3⌉ ns.
#[test]
fn a_submit_rate_is_exact() {
    let run = run("services: { s: { senders: [ { id: a, type: long_code, country: XX, mps: 100 } ] } }
campaigns:
  slow: { service: s, segments: 1, submit_rate: 2/s, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 5s, arrival_rate: 1/s } ] } }
  burst: { service: s, segments: 1, submit_rate: 3/s, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 0, arrival_count: 100 } ] } }");
    let accepted = |campaign: u32| -> Vec<SimTime> {
        let mut all: Vec<SimTime> = run
            .trace
            .sent()
            .iter()
            .filter(|departure| departure.message.campaign == campaign)
            .map(|departure| departure.message.accepted)
            .collect();
        all.sort_unstable();
        all
    };
    assert_eq!(accepted(0), [s(0), s(1), s(2), s(3), s(4)]);
    let expected: Vec<SimTime> = (0..100u64).map(|k| ns((k * 1_000_000_000).div_ceil(3))).collect();
    assert_eq!(accepted(1), expected);
}

/// Aim: a run covers [0, horizon). Method: one message a second and a horizon of 3 s: those at 0, 1 and 2 s are offered,
/// the one at 3 s is not. At 1/2 MPS they leave at 0 and 2 s, and one is in progress at the end.
#[test]
fn the_horizon_is_half_open() {
    let run = run("clock: { horizon: 3s }
services: { s: { senders: [ { id: a, type: long_code, country: XX, mps: 0.5 } ] } }
campaigns: { c: { service: s, segments: 1, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 10s, arrival_rate: 1/s } ] } } }");
    assert_eq!(run.trace.offered(), 3);
    assert_eq!(run.trace.sent_at(0), [s(0), s(2)]);
    assert_eq!(run.finished.ledger.in_progress().messages, 1);
    assert!(run.trace.seen.iter().all(|(at, _)| *at < s(3)), "nothing happens at the horizon or after it");
}

// --- lanes ------------------------------------------------------------------------------------------------------------

/// Aim: `queue.lanes` cuts a sender's queue by country, not at all, or by carrier. Method: one message to each of two
/// carriers in two countries at once, 1 MPS: messages that share a lane leave a second apart.
#[test]
fn lanes_are_cut_as_asked() {
    let lanes = |mode: &str| {
        let one = |name: &str, country: &str, carrier: &str| {
            format!(
                "  {name}: {{ service: s, segments: 1, recipients: {{ {country}: 1 }}, carriers: {{ {carrier}: 1 }}, arrivals: {{ phases: [ {{ duration: 0, arrival_count: 1 }} ] }} }}\n"
            )
        };
        let run = run(&format!(
            "queue: {{ lanes: {mode} }}
overrides: {{ network: ideal }}
services: {{ s: {{ senders: [ {{ id: a, type: alphanumeric, name: ACME, mps: 1 }} ] }} }}
campaigns:\n{}{}{}{}",
            one("o2", "GB", "gb/o2"),
            one("ee", "GB", "gb/ee"),
            one("orange", "FR", "fr/orange"),
            one("sfr", "FR", "fr/sfr"),
        ));
        (0..4).flat_map(|campaign| run.trace.sent_at(campaign)).collect::<Vec<SimTime>>()
    };
    assert_eq!(lanes("country"), [s(0), s(1), s(0), s(1)]);
    assert_eq!(lanes("sender"), [s(0), s(1), s(2), s(3)]);
    assert_eq!(lanes("market"), [s(0), s(0), s(0), s(0)]);
}

const TEN_DLC: &str = "ten_dlc: { brand: acme, campaign: promo, trust_score: 80 }";

/// Aim: numbers of one 10DLC campaign share its queue at the named carriers, so that more numbers add nothing there, and
/// add at other carriers, which share one queue per number. Method: three numbers in turn; nine texts to T-Mobile leave
/// 1/75 s apart, nine to two small carriers from three queues of 1 MPS at 0, 1 and 2 s.
#[test]
fn more_numbers_add_nothing_at_named_carriers() {
    let run = run(&format!(
        "overrides: {{ network: ideal }}
services: {{ s: {{ senders: [ {{ id: lc, type: long_code, country: US, count: 3, {TEN_DLC} }} ] }} }}
campaigns:
  big: {{ service: s, segments: 1, recipients: {{ US: 1 }}, carriers: {{ us/t-mobile: 1 }}, arrivals: {{ phases: [ {{ duration: 0, arrival_count: 9 }} ] }} }}
  small: {{ service: s, segments: 1, recipients: {{ US: 1 }}, carriers: {{ us/c-spire: 1, us/gci: 1 }}, arrivals: {{ phases: [ {{ duration: 0, arrival_count: 9 }} ] }} }}"
    ));
    let expected: Vec<SimTime> = (0..9u64).map(|k| ns((k * 1_000_000_000).div_ceil(75))).collect();
    assert_eq!(run.trace.sent_at(0), expected);
    assert_eq!(run.trace.sent_at(1), [s(0), s(0), s(0), s(1), s(1), s(1), s(2), s(2), s(2)]);
    assert_eq!(run.senders(0)[..4], ["lc-1", "lc-2", "lc-3", "lc-1"]);
}

/// Aim and method: US Cellular grants 8 segments a second at a high trust score.
#[test]
fn us_cellular_grants_eight_a_second() {
    let run = run(&format!(
        "overrides: {{ network: ideal }}
services: {{ s: {{ senders: [ {{ id: lc, type: long_code, country: US, {TEN_DLC} }} ] }} }}
campaigns: {{ c: {{ service: s, segments: 2, recipients: {{ US: 1 }}, carriers: {{ us/us-cellular: 1 }}, arrivals: {{ phases: [ {{ duration: 0, arrival_count: 5 }} ] }} }} }}"
    ));
    assert_eq!(run.trace.sent_at(0), [ms(0), ms(250), ms(500), ms(750), ms(1_000)]);
}

// --- the gate ---------------------------------------------------------------------------------------------------------

/// A run of ten messages of one campaign to one carrier over the network of the catalogue, without invalid numbers.
fn ten(senders: &str, country: &str, carrier: &str, through: &str) -> Run {
    run(&format!(
        "services: {{ s: {{ senders: [ {senders} ] }} }}
campaigns: {{ c: {{ {through}, segments: 1, invalid: 0, recipients: {{ {country}: 1 }}, carriers: {{ {carrier}: 1 }}, arrivals: {{ phases: [ {{ duration: 0, arrival_count: 10 }} ] }} }} }}"
    ))
}

fn only(trace: &Trace, ending: Ending) -> bool {
    trace.ends().len() == 10 && trace.count(ending) == 10
}

/// Aim: an unregistered US long code sends at 1 MPS, and every message meets 30034 when it is sent. Method: by rule; one
/// queue for all carriers of the country.
#[test]
fn an_unregistered_long_code_is_refused_at_the_gate() {
    let run = ten("{ id: lc, type: long_code, country: US }", "US", "us/verizon: 1, us/c-spire", "service: s");
    assert!(only(&run.trace, Ending::NumberUnregistered));
    assert_eq!(Ending::NumberUnregistered.code(), Some(30034));
    assert_eq!(run.trace.sent_at(0), (0..10).map(s).collect::<Vec<_>>(), "the slot is used all the same");
    let ended: Vec<SimTime> = run.trace.ends().iter().map(|(at, ..)| *at).collect();
    assert_eq!(ended, run.trace.sent_at(0));
}

/// Aim and method: an unverified toll-free number meets 30032, at 3 MPS; a verified one does not.
#[test]
fn an_unverified_toll_free_number_is_refused_at_the_gate() {
    let no = ten("{ id: tf, type: toll_free, country: US, verified: false }", "US", "us/verizon", "service: s");
    assert!(only(&no.trace, Ending::TollFreeUnverified));
    assert_eq!(no.trace.sent_at(0)[9], s(3));
    let yes = ten("{ id: tf, type: toll_free, country: US }", "US", "us/verizon", "service: s");
    assert_eq!(yes.trace.count(Ending::TollFreeUnverified), 0);
}

/// Aim: French long codes are for people: application traffic meets 30007 by the country's rule, person-to-person passes
/// it. Method: by rule; what passes may still be filtered.
#[test]
fn french_long_codes_are_for_people() {
    let sender = "{ id: lc, type: long_code, country: FR }";
    let a2p = ten(sender, "FR", "fr/orange", "service: s");
    assert!(only(&a2p.trace, Ending::CountryRule));
    assert_eq!(Ending::CountryRule.code(), Some(30007));
    let p2p = ten(sender, "FR", "fr/orange", "service: s, traffic: p2p, kind: conversation");
    assert_eq!(p2p.trace.count(Ending::CountryRule), 0);
    assert_eq!(p2p.trace.count(Ending::Delivered) + p2p.trace.count(Ending::Filtered), 10);
}

/// Aim and method: nobody has a number that does not exist, with `invalid: 100%`: 30005 for all.
#[test]
fn numbers_that_do_not_exist() {
    let run = run("services: { s: { senders: [ { id: a, type: short_code, country: US } ] } }
campaigns: { c: { service: s, segments: 1, invalid: 100%, recipients: { US: 1 }, carriers: { us/att: 1 }, arrivals: { phases: [ { duration: 0, arrival_count: 10 } ] } } }");
    assert!(only(&run.trace, Ending::UnknownNumber));
}

// --- selection --------------------------------------------------------------------------------------------------------

/// Aim: a short code that does not reach a carrier is replaced by a long code of the pool when the feature is on; without
/// the feature it is sent and refused (30006); without a long code no sender is left (21703), and a toll-free number
/// never steps in; an explicit short code is sent and refused. Method: a US carrier that no short code reaches.
#[test]
fn short_code_reroute() {
    let scenario = |feature: &str, senders: &str, through: &str| {
        run(&format!(
            "overrides: {{ network: ideal }}
services: {{ s: {{ features: {{ short_code_reroute: {feature} }}, senders: [ {{ id: sc, type: short_code, country: US }}{senders} ] }} }}
campaigns: {{ c: {{ {through}, segments: 1, recipients: {{ US: 1 }}, carriers: {{ us/other-rural: 1 }}, arrivals: {{ phases: [ {{ duration: 0, arrival_count: 10 }} ] }} }} }}"
        ))
    };
    let long_code = format!(", {{ id: lc, type: long_code, country: US, {TEN_DLC} }}");
    let toll_free = ", { id: tf, type: toll_free, country: US }";
    let both = format!("{toll_free}{long_code}");

    let on = scenario("true", &both, "service: s");
    assert!(only(&on.trace, Ending::Delivered));
    assert_eq!(on.senders(0), ["lc"; 10]);
    assert_eq!(on.trace.sent_at(0), (0..10).map(s).collect::<Vec<_>>(), "the lane of the long code");

    let off = scenario("false", &both, "service: s");
    assert!(only(&off.trace, Ending::TypeNotCarried));
    assert_eq!(off.senders(0), ["sc"; 10]);

    for none in ["", toll_free] {
        let run = scenario("true", none, "service: s");
        assert!(only(&run.trace, Ending::NoUsableSender));
        assert_eq!(run.trace.sent().len(), 0);
    }
    let explicit = scenario("true", &both, "from: sc");
    assert!(only(&explicit.trace, Ending::TypeNotCarried));
    assert_eq!((Ending::TypeNotCarried.code(), Ending::NoUsableSender.code()), (Some(30006), Some(21703)));
}

/// Aim: the first sender type of the priority that the pool has is the only one used. Method: Great Britain with a short
/// code, a name and a long code; `platform` takes the short code, `guide` the name, `none` each in turn, and without a
/// short code the name goes before the long code even when its queue is full.
#[test]
fn sender_types_have_a_priority() {
    let scenario = |priority: &str, senders: &[&str]| {
        let run = run(&format!(
            "overrides: {{ network: ideal }}
services: {{ s: {{ validity_period: 2s, queue: {{ capacity: validity }}, selection: {{ priority: {priority} }}, senders: [ {} ] }} }}
campaigns: {{ c: {{ service: s, segments: 1, recipients: {{ GB: 1 }}, arrivals: {{ phases: [ {{ duration: 0, arrival_count: 6 }} ] }} }} }}",
            senders.join(", ")
        ));
        (run.senders(0).join(" "), run.trace.count(Ending::QueueOverflow))
    };
    let long_code = "{ id: lc, type: long_code, country: GB, mps: 10 }";
    let name = "{ id: name, type: alphanumeric, name: ACME, mps: 2 }";
    let short_code = "{ id: sc, type: short_code, country: GB, mps: 10 }";
    let all = [long_code, name, short_code];
    assert_eq!(scenario("platform", &all), ("sc sc sc sc sc sc".to_owned(), 0));
    assert_eq!(scenario("guide", &all), ("name name name name name name".to_owned(), 2));
    assert_eq!(scenario("none", &all), ("lc name sc lc name sc".to_owned(), 0));
    assert_eq!(scenario("platform", &[long_code, name]), ("name name name name name name".to_owned(), 2));
}

/// Aim: with `priority: none` a short code that does not reach the recipient leaves the set, and nothing else changes.
/// Method: a US carrier without short codes.
#[test]
fn without_priority_an_unreachable_short_code_leaves_the_set() {
    let run = run(&format!(
        "overrides: {{ network: ideal }}
services: {{ s: {{ selection: {{ priority: none }}, senders: [ {{ id: sc, type: short_code, country: US }}, {{ id: tf, type: toll_free, country: US }}, {{ id: lc, type: long_code, country: US, {TEN_DLC} }} ] }} }}
campaigns:
  reached: {{ service: s, segments: 1, recipients: {{ US: 1 }}, carriers: {{ us/att: 1 }}, arrivals: {{ phases: [ {{ duration: 0, arrival_count: 4 }} ] }} }}
  not: {{ service: s, segments: 1, recipients: {{ US: 1 }}, carriers: {{ us/other-rural: 1 }}, arrivals: {{ phases: [ {{ duration: 0, arrival_count: 4 }} ] }} }}"
    ));
    assert_eq!(run.senders(0), ["sc", "tf", "lc", "sc"]);
    assert_eq!(run.senders(1), ["tf", "lc", "tf", "lc"]);
}

/// Aim: in Canada toll-free numbers go before long codes; in the United States they are one set. Method: one pool.
#[test]
fn canada_takes_toll_free_numbers_first() {
    let run = run(&format!(
        "overrides: {{ network: ideal }}
services: {{ s: {{ senders: [ {{ id: ca, type: long_code, country: CA }}, {{ id: us, type: long_code, country: US, {TEN_DLC} }}, {{ id: tf, type: toll_free, country: US }} ] }} }}
campaigns:
  north: {{ service: s, segments: 1, recipients: {{ CA: 1 }}, arrivals: {{ phases: [ {{ duration: 0, arrival_count: 4 }} ] }} }}
  south: {{ service: s, segments: 1, recipients: {{ US: 1 }}, arrivals: {{ phases: [ {{ duration: 0, arrival_count: 4 }} ] }} }}"
    ));
    assert_eq!(run.senders(0), ["tf"; 4]);
    assert_eq!(run.senders(1), ["us", "tf", "us", "tf"]);
}

/// Aim: without a number of the country a US number goes first, then any. Method: messages to France.
#[test]
fn a_foreign_number_is_a_us_number_if_there_is_one() {
    let to_france = |senders: &str| {
        let run = run(&format!(
            "overrides: {{ network: ideal }}
services: {{ s: {{ senders: [ {senders} ] }} }}
campaigns: {{ c: {{ service: s, segments: 1, recipients: {{ FR: 1 }}, arrivals: {{ phases: [ {{ duration: 0, arrival_count: 3 }} ] }} }} }}"
        ));
        run.senders(0).join(" ")
    };
    let gb = "{ id: gb, type: long_code, country: GB }, ";
    let ca = "{ id: ca, type: long_code, country: CA }, ";
    let us = "{ id: us, type: long_code, country: US }, ";
    let fr = "{ id: fr, type: long_code, country: FR }, ";
    assert_eq!(to_france(&format!("{gb}{us}{ca}{fr}")), "fr fr fr");
    assert_eq!(to_france(&format!("{gb}{us}{ca}")), "us us us");
    assert_eq!(to_france(&format!("{gb}{ca}")), "gb ca gb");
}

/// Aim: the turn goes on when a message fails, and campaigns of a service share it. Method: `a` holds one segment, so its
/// second and third turn are lost, and `b` gets no more for it. Two campaigns that alternate in time alternate in turn.
#[test]
fn the_round_robin_turn_goes_on_when_a_message_fails() {
    let run1 = run(&format!(
        "services: {{ s: {{ validity_period: 1s, senders: [ {{ id: a, type: long_code, country: XX, mps: 1, queue: {{ capacity: validity }} }}, {{ id: b, type: long_code, country: XX, mps: 1, queue: {{ capacity: unlimited }} }} ] }} }}
campaigns: {{ c: {{ service: s, segments: 1, validity_period: 10h, {} }} }}",
        burst(5)
    ));
    assert_eq!(run1.senders(0), ["a", "b", "a", "b", "a"]);
    assert_eq!(run1.trace.codes(0), [0, 0, 30001, 0, 30001]);

    let shared = run("services: { s: { senders: [ { id: a, type: long_code, country: XX, count: 3, mps: 1 } ] } }
campaigns:
  x: { service: s, segments: 1, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 4s, arrival_rate: 1/s } ] } }
  y: { service: s, segments: 1, start_time: 500ms, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 4s, arrival_rate: 1/s } ] } }");
    assert_eq!(shared.senders(0), ["a-1", "a-3", "a-2", "a-1"]);
    assert_eq!(shared.senders(1), ["a-2", "a-1", "a-3", "a-2"]);
}

/// Aim: `least_segments` looks at whole messages in line, `earliest` at the time left. Method: explicit campaigns load
/// the lanes, then one message is selected. At 0 s: slow holds 1 segment (1 s), fast 5 (0.5 s). At 0.75 s: fast is in a
/// slot of ten segments that ends at 1 s (0.25 s left), slow in one of one segment that ends at 1.5 s (0.75 s left).
#[test]
fn least_segments_and_earliest_on_cases_made_by_hand() {
    let chosen = |policy: &str, fast: u64, slow_at: u64, at: u64| {
        let run = run(&format!(
            "services: {{ s: {{ selection: {{ distribution: {policy} }}, senders: [ {{ id: slow, type: long_code, country: XX, mps: 1 }}, {{ id: fast, type: long_code, country: XX, mps: 10 }} ] }} }}
campaigns:
  load-slow: {{ from: slow, segments: 1, start_time: {slow_at}ms, {one} }}
  load-fast: {{ from: fast, segments: {fast}, {one} }}
  asked: {{ service: s, segments: 1, start_time: {at}ms, {one} }}",
            one = burst(1)
        ));
        run.senders(2).join("")
    };
    assert_eq!(chosen("least_segments", 5, 0, 0), "slow");
    assert_eq!(chosen("earliest", 5, 0, 0), "fast");
    assert_eq!(chosen("least_segments", 10, 500, 750), "slow");
    assert_eq!(chosen("earliest", 10, 500, 750), "fast");
    assert_eq!(chosen("earliest", 10, 0, 0), "slow", "one second each: the order in the file");
    assert_eq!(chosen("least_segments", 1, 0, 0), "slow", "one segment each: the order in the file");
    assert_eq!(chosen("first", 1, 0, 0), "slow");
    assert_eq!(chosen("earliest", 11, 0, 0), "slow");
}

/// Aim: a policy looks at work, never at room. Method: the fast lane holds one segment, and gets all the same the message
/// that it cannot hold.
#[test]
fn a_chosen_lane_may_be_full() {
    let run = run(&format!(
        "services: {{ s: {{ validity_period: 1s, selection: {{ distribution: earliest }}, senders: [ {{ id: slow, type: long_code, country: XX, mps: 1, queue: {{ capacity: unlimited }} }}, {{ id: fast, type: long_code, country: XX, mps: 3, queue: {{ capacity: validity }} }} ] }} }}
campaigns:
  load-slow: {{ from: slow, segments: 2, {one} }}
  load-fast: {{ from: fast, segments: 3, {one} }}
  asked: {{ service: s, segments: 1, validity_period: 10h, {one} }}",
        one = burst(1)
    ));
    assert_eq!((run.senders(2), run.trace.codes(2)), (vec!["fast"], vec![30001]));
}

/// Aim: a person keeps the sender they first heard from, unless the feature is off. Method: 300 messages to five people
/// over three senders in turn; who a message is for is asked of the simulation's own draws.
#[test]
fn a_person_keeps_their_sender() {
    for sticky in [true, false] {
        let run = run(&format!(
            "audiences: {{ people: {{ size: 5, recipients: {{ XX: 1 }} }} }}
services: {{ s: {{ features: {{ sticky_sender: {sticky} }}, senders: [ {{ id: a, type: long_code, country: XX, count: 3, mps: 10 }} ] }} }}
campaigns: {{ c: {{ service: s, segments: 1, audience: people, pick: uniform, arrivals: {{ phases: [ {{ duration: 60s, arrival_count: 300 }} ] }} }} }}"
        ));
        let draws = Draws::new(run.model.seed, 0);
        let mut heard_from = [[0u32; 3]; 5];
        let mut turns = Vec::new();
        for (number, sender) in run.senders(0).iter().enumerate() {
            let person = people::recipient(&run.model, draws, 0, number as u64).identity.expect("met again").number;
            let known = &mut heard_from[person as usize];
            let place = ["a-1", "a-2", "a-3"].iter().position(|id| id == sender).expect("one of the group");
            if *known == [0; 3] {
                turns.push(place);
            }
            known[place] += 1;
        }
        let loyal = heard_from.iter().filter(|senders| senders.iter().filter(|count| **count > 0).count() == 1).count();
        assert_eq!(loyal, if sticky { 5 } else { 0 }, "sticky {sticky}: {heard_from:?}");
        if sticky {
            assert_eq!(turns, [0, 1, 2, 0, 1], "a message to a known person takes no turn");
        }
    }
}

/// Aim: the sender a person knows is written down when a message enters a lane, not when it is chosen. Method: `a` is
/// full for the first message to a person, which fails; the second gets the next sender and is remembered, so that all
/// later ones come from there.
#[test]
fn a_sender_that_failed_is_not_remembered() {
    let run = run("audiences: { one: { size: 1, recipients: { XX: 1 } } }
services: { s: { validity_period: 1s, senders: [ { id: a, type: long_code, country: XX, mps: 1, queue: { capacity: validity } }, { id: b, type: long_code, country: XX, mps: 1, queue: { capacity: unlimited } } ] } }
campaigns:
  fill: { from: a, segments: 1, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 0, arrival_count: 1 } ] } }
  c: { service: s, segments: 1, validity_period: 10h, audience: one, pick: uniform, arrivals: { phases: [ { duration: 0, arrival_count: 4 } ] } }");
    assert_eq!(run.senders(1), ["a", "b", "b", "b"]);
    assert_eq!(run.trace.codes(1), [30001, 0, 0, 0]);
}

/// Aim: `each_once` meets nobody twice and, at the audience's size, everybody. Method: two campaigns over one audience
/// of 1,000 (so that people have names); each is a permutation, and not the same one.
#[test]
fn each_once_meets_everybody_once() {
    let run = run("audiences: { people: { size: 1000, recipients: { XX: 1 } } }
services: { s: { senders: [ { id: a, type: long_code, country: XX, mps: 1000 } ] } }
campaigns:
  x: { service: s, segments: 1, audience: people, pick: each_once, arrivals: { phases: [ { duration: 0, arrival_count: 1000 } ] } }
  y: { service: s, segments: 1, audience: people, arrivals: { phases: [ { duration: 0, arrival_count: 1000 } ] } }");
    let draws = Draws::new(run.model.seed, 0);
    let order = |campaign: usize| -> Vec<u64> {
        let person =
            |number| people::recipient(&run.model, draws, campaign, number).identity.expect("met again").number;
        (0..1_000).map(person).collect()
    };
    let (first, second) = (order(0), order(1));
    assert_ne!(first, second);
    for mut met in [first, second] {
        met.sort_unstable();
        assert_eq!(met, (0..1_000).collect::<Vec<u64>>());
    }
}

/// Aim: `from` with a group takes its numbers in turn, and `id-k` one of them. Method: by definition; also beside a
/// service whose selection it skips.
#[test]
fn from_a_group_goes_in_turn() {
    let run = run(&format!(
        "services: {{ s: {{ senders: [ {{ id: sc, type: short_code, country: XX, mps: 10 }}, {{ id: g, type: long_code, country: XX, count: 3, mps: 10 }} ] }} }}
senders: [ {{ id: own, type: long_code, country: XX, mps: 10 }} ]
campaigns:
  group: {{ from: g, service: s, segments: 1, {all} }}
  one: {{ from: g-2, segments: 1, {all} }}
  outside: {{ from: own, segments: 1, {all} }}",
        all = burst(5)
    ));
    assert_eq!(run.senders(0), ["g-1", "g-2", "g-3", "g-1", "g-2"]);
    assert_eq!(run.senders(1), ["g-2"; 5]);
    assert_eq!(run.senders(2), ["own"; 5]);
}

/// Aim: an explicit sender that cannot reach the country is refused (21612); through the service there is none (21703).
/// Method: a British short code for French recipients.
#[test]
fn a_sender_out_of_reach() {
    let explicit = ten("{ id: sc, type: short_code, country: GB }", "FR", "fr/orange", "from: sc");
    assert!(only(&explicit.trace, Ending::RefusedUnreachable));
    let through = ten("{ id: sc, type: short_code, country: GB }", "FR", "fr/orange", "service: s");
    assert!(only(&through.trace, Ending::NoUsableSender));
    assert_eq!((explicit.finished.ledger.accepted.messages, through.finished.ledger.accepted.messages), (0, 10));
}

/// Aim: 1,600 characters are taken, 1,601 refused (21617). Method: by definition; 1,600 GSM-7 characters are ⌈1600 / 153⌉
/// = 11 segments.
#[test]
fn a_body_that_is_too_long() {
    for (length, codes, sent) in [(1_600, [0, 0], 2), (1_601, [21617, 21617], 0)] {
        let run = bench(
            "{ id: a, type: long_code, country: XX, mps: 10 }",
            &format!("c: {{ service: s, body: \"{}\", {} }}", "x".repeat(length), burst(2)),
        );
        assert_eq!(run.trace.codes(0), codes);
        let segments: Vec<u32> = run.trace.sent().iter().map(|departure| departure.message.segments).collect();
        assert_eq!(segments, vec![11; sent]);
    }
}

/// Aim and method: a service without senders refuses every call (21704).
#[test]
fn an_empty_pool() {
    let run = run(&format!(
        "services: {{ s: {{ senders: [] }} }}\ncampaigns: {{ c: {{ service: s, segments: 1, {} }} }}",
        burst(2)
    ));
    assert_eq!(run.trace.codes(0), [21704, 21704]);
    assert_eq!(run.finished.ledger.accepted.messages, 0);
}

/// Aim: within an instant all arrivals come before any slot starts. Method: two lanes under a ceiling of one a second; the
/// campaign that is first in the file sends from the lane with the higher id. Both are ready at 0, so the lower id goes
/// first, though its message arrived second.
#[test]
fn slots_start_after_all_arrivals_of_an_instant() {
    let run = run(
        "
account: { ceilings: [ { country: XX, type: long_code, rate: 1 } ] }
services: { s: { senders: [ { id: low, type: long_code, country: XX, mps: 10 }, { id: high, type: long_code, country: XX, mps: 10 } ] } }
campaigns:
  early: { from: high, segments: 1, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 0s, arrival_count: 1 } ] } }
  late: { from: low, segments: 1, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 0s, arrival_count: 1 } ] } }
",
    );
    assert_eq!(run.trace.sent_at(1), [s(0)]);
    assert_eq!(run.trace.sent_at(0), [s(1)]);
}
