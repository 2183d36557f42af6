//! The answers of a run against sums done by hand: waits, drain, loss, money, promises. Everything from the scenario's
//! text to the summary takes part.

use sendpool::experiment::{self, Progress};
use sendpool::report::markdown;
use sendpool::report::summary::Summary;
use sendpool::{scenario, verdict};

fn answers(yaml: &str) -> Summary {
    let reading = scenario::read("test.yaml", yaml.into(), &[]);
    let model = reading.model.as_ref().unwrap_or_else(|| panic!("{}", reading.render(false)));
    let results = experiment::run(model, model.replications, &Progress::default());
    let verdicts = verdict::judge(model, &results);
    Summary::new(model, &results, &verdicts, &reading.digest)
}

fn near(value: f64, expected: f64) {
    assert!((value - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{value} instead of {expected}");
}

/// Ten two-segment messages to T-Mobile at 0.0083 + 0.0045 USD a segment, and ten to Verizon at the same fee; five more
/// meet a full queue and cost 0.001 each.
#[test]
fn money_is_counted_by_segment_carrier_and_failure() {
    let summary = answers(
        r#"
version: 1
name: money
overrides: { network: ideal }
queue: { capacity: validity }
services:
  s:
    validity_period: 40s # so the queue holds 40 segments of 1/s
    senders: [{ id: sc, type: short_code, country: US, mps: 1/s }]
campaigns:
  first: &c
    service: s
    segments: 2
    recipients: { US: 1 }
    carriers: { us/t-mobile: 1 }
    arrivals: { phases: [{ duration: 0s, arrival_count: 10 }] }
  second: { <<: *c, carriers: { us/verizon: 1 } }
  third: { <<: *c, arrivals: { phases: [{ duration: 0s, arrival_count: 5 }] } }
"#,
    );
    let cost = &summary.overall.cost_dollars;
    near(cost.base, 40.0 * 0.0083);
    near(cost.carrier_fees, 40.0 * 0.0045);
    near(cost.failed_fees, 5.0 * 0.001);
    near(cost.total, 40.0 * 0.0128 + 0.005);
    near(cost.per_delivered.unwrap(), (40.0 * 0.0128 + 0.005) / 20.0);
    near(summary.campaigns[1].facts.cost_dollars.total, 20.0 * 0.0128);
    assert_eq!(summary.overall.losses.len(), 1);
    assert_eq!((summary.overall.losses[0].code, summary.overall.losses[0].messages), (30001, 5.0));
    near(summary.overall.delivered_share.unwrap(), 0.8);
    near(summary.rents_dollars_per_month, 1_000.0);
    near(summary.overall.drain_seconds.unwrap().mean, 40.0);
    near(summary.overall.last_sent_seconds.unwrap().mean, 38.0);
}

/// A client that hands over one message in two seconds to a sender of one segment in four: of three messages meant at
/// once, the k-th is accepted at 2k and sent at 4k. Every delay is the sum of its parts.
#[test]
fn delays_are_the_sum_of_their_parts() {
    let summary = answers(
        r#"
version: 1
name: parts
services: { s: { senders: [{ id: n, type: long_code, country: XX, mps: 15/min }] } }
campaigns:
  c:
    service: s
    segments: 1
    recipients: { XX: 1 }
    submit_rate: 30/min
    arrivals: { phases: [{ duration: 0s, arrival_count: 3 }] }
"#,
    );
    let delays = summary.campaigns[0].facts.delays.as_ref().unwrap();
    let of = |facts: Option<sendpool::report::summary::DelayFacts>| {
        let facts = facts.unwrap();
        (facts.min, facts.mean.unwrap(), facts.max.unwrap())
    };
    assert_eq!(of(delays.api_wait), (0.0, 2.0, 4.0));
    assert_eq!(of(delays.queue_wait), (0.0, 2.0, 4.0));
    assert_eq!(of(delays.end_to_end), (0.0, 4.0, 8.0));
    let overall = &summary.overall;
    near(overall.drain_seconds.unwrap().mean, 12.0);
    near(overall.drain_after_last_seconds.unwrap().mean, 12.0);
    let lane = &summary.lanes[0];
    assert_eq!((lane.mean_wait_seconds, lane.longest_wait_seconds), (Some(2.0), 4.0));
    assert_eq!(lane.busy_share, Some(1.0));
}

/// Two senders of 10/s under a ceiling of 10/s: twenty messages take 2 s, and half of the wait is spent at the ceiling.
#[test]
fn waits_at_a_ceiling_are_told_apart() {
    let summary = answers(
        r#"
version: 1
name: ceiling
account: { ceilings: [{ country: XX, type: short_code, rate: 10/s }] }
services: { s: { senders: [{ id: sc, type: short_code, country: XX, mps: 10/s, count: 2 }] } }
campaigns:
  c:
    service: s
    segments: 1
    recipients: { XX: 1 }
    arrivals: { phases: [{ duration: 0s, arrival_count: 20 }] }
"#,
    );
    let delays = summary.campaigns[0].facts.delays.as_ref().unwrap();
    let (queue, ceiling) = (delays.queue_wait.unwrap(), delays.ceiling_wait.unwrap());
    // Message k is sent at k/10 s. Its lane has been ready since its last slot ended, 0.1 s before; the first lane's first
    // message waits for nothing, the second lane's first one since the start.
    near(queue.mean.unwrap(), 0.95);
    near(queue.max.unwrap(), 1.9);
    near(ceiling.mean.unwrap(), (0.0 + 19.0 * 0.1) / 20.0);
    near(summary.overall.drain_seconds.unwrap().mean, 2.0);
}

/// Ten messages a second apart on 2/s: each slot takes half of its second, the last one ends at 9.5 s.
#[test]
fn a_queue_says_how_busy_it_is() {
    let summary = answers(
        r#"
version: 1
name: busy
services: { s: { senders: [{ id: n, type: long_code, country: XX, mps: 2/s }] } }
campaigns:
  c:
    service: s
    segments: 1
    recipients: { XX: 1 }
    arrivals: { phases: [{ duration: 10s, arrival_rate: 1/s }] }
"#,
    );
    near(summary.lanes[0].busy_share.unwrap(), 5.0 / 9.5);
    assert_eq!(summary.lanes[0].mean_wait_seconds, Some(0.0));
    assert_eq!(summary.lanes[0].rate, "2/s");
}

/// A tenth of the messages lies beyond the horizon: percentiles are of all messages or not identified.
#[test]
fn what_the_horizon_hides_is_not_identified() {
    let summary = answers(
        r#"
version: 1
name: horizon
clock: { horizon: 9s }
services: { s: { senders: [{ id: n, type: long_code, country: XX, mps: 1/s }] } }
campaigns:
  c:
    service: s
    segments: 1
    recipients: { XX: 1 }
    arrivals: { phases: [{ duration: 0s, arrival_count: 10 }] }
thresholds:
  queue_wait: ["p(90) <= 8s", "p(91) < 1h", "avg < 1h", "min == 0s"]
  drain_time: "max < 1h"
  in_progress: "count == 1"
"#,
    );
    let waits = summary.campaigns[0].facts.delays.as_ref().unwrap().queue_wait.unwrap();
    assert_eq!((waits.n, waits.unfinished), (9, 1));
    // Percentiles are known to three significant digits.
    let close = |value: Option<f64>, expected: f64| value.is_some_and(|value| (value / expected - 1.0).abs() < 1e-3);
    assert!(close(waits.p50, 4.0) && close(waits.p90, 8.0), "{waits:?}");
    assert_eq!((waits.p95, waits.p99, waits.max, waits.mean), (None, None, None, None));
    let passed: Vec<bool> = summary.thresholds.iter().map(|threshold| threshold.passed).collect();
    assert_eq!(passed, [true, false, false, true, false, true]);
    assert!(!summary.passed);
    assert!(summary.overall.drain_seconds.is_none());
}

/// Truth and receipts are two columns: with a filter that takes nearly everything, some losses are reported as delivered,
/// and some receipts never come. 50,000 messages of content risk 1 from an unregistered class.
#[test]
fn receipts_are_not_the_truth() {
    let summary = answers(
        r#"
version: 1
name: truth
services: { s: { senders: [{ id: n, type: long_code, country: CA, mps: 1000/s }] } }
campaigns:
  c:
    service: s
    segments: 1
    content_risk: 1
    invalid: 0
    recipients: { CA: 1 }
    arrivals: { phases: [{ duration: 50s, arrival_count: 50000 }] }
overrides: { network: attended }
"#,
    );
    let overall = &summary.overall;
    let filtered: f64 = overall.losses.iter().filter(|loss| loss.code == 30007).map(|loss| loss.messages).sum();
    near(filtered + overall.delivered, 50_000.0);
    assert!(filtered > 45_000.0);
    // 98 % of the delivered and of 5 % of the filtered, within four standard deviations.
    let expected = 0.98 * (overall.delivered + 0.05 * filtered);
    let deviation = (0.05 * 0.95 * filtered + 0.02 * 0.98 * overall.delivered).sqrt();
    assert!(
        (overall.delivered_reported - expected).abs() < 4.0 * deviation,
        "{} {expected}",
        overall.delivered_reported
    );
    // Each true end is split over what receipts make of it, and the splits add up to the reports.
    let truth = &summary.truth_and_report;
    let rows = |code| truth.iter().filter(move |row| row.true_error_code == code);
    let all = |code| -> f64 {
        rows(code).map(|row| row.reported_same + row.reported_delivered + row.reported_otherwise + row.unreported).sum()
    };
    near(all(Some(30007)), filtered);
    near(all(None), overall.delivered);
    let claimed: f64 = rows(Some(30007)).map(|row| row.reported_delivered).sum();
    near(claimed + rows(None).map(|row| row.reported_same).sum::<f64>(), overall.delivered_reported);
    let disguised: f64 = rows(Some(30007)).map(|row| row.reported_otherwise).sum();
    assert!((disguised - 0.98 * 0.10 * filtered).abs() < 4.0 * (0.1 * 0.9 * filtered).sqrt(), "{disguised}");
}

/// Replications are independent, counts are means over them, and a drain keeps its range.
#[test]
fn replications_are_averaged() {
    let summary = answers(
        r#"
version: 1
name: average
replications: 8
services: { s: { senders: [{ id: n, type: long_code, country: XX, mps: 5/s }] } }
campaigns:
  c:
    service: s
    segments: { 1: 0.5, 3: 0.5 }
    recipients: { XX: 1 }
    arrivals: { process: poisson, phases: [{ duration: 10s, arrival_rate: 10/s }] }
"#,
    );
    assert_eq!(summary.scenario.replications, 8);
    // 800 messages in all, standard deviation 28 / 8.
    assert!((summary.overall.offered - 100.0).abs() < 4.0 * 3.6, "{}", summary.overall.offered);
    assert!((summary.overall.segments_sent / summary.overall.sent - 2.0).abs() < 0.15);
    let drain = summary.overall.drain_seconds.unwrap();
    assert!(drain.min < drain.mean && drain.mean < drain.max);
}

/// The platform's worked case of a brand's day cap: at trust score 80, 170,000 segments leave 30,000 of T-Mobile's 200,000
/// for the second lot of the same day; at midnight in Los Angeles the count starts again. Refused messages are sent and
/// use their slots, but are not charged, so smaller ones may still fit.
#[test]
fn a_brand_has_a_cap_per_day_at_t_mobile() {
    let summary = answers(
        r#"
version: 1
name: cap
clock: { start: "2026-11-02T00:00:00-08:00[America/Los_Angeles]" }
overrides: { network: ideal }
services:
  s: { senders: [{ id: n, type: long_code, country: US, ten_dlc: { brand: b, campaign: c, trust_score: 80 } }] }
campaigns:
  first: &c
    service: s
    segments: 2
    recipients: { US: 1 }
    carriers: { us/t-mobile: 1 }
    arrivals: { phases: [{ duration: 0s, arrival_count: 85000 }] }
  second: { <<: *c, start_time: 2h, segments: 7 }
  evening: { <<: *c, start_time: 20h, segments: 1, arrivals: { phases: [{ duration: 0s, arrival_count: 3 }] } }
  tomorrow: { <<: *c, start_time: 24h, arrivals: { phases: [{ duration: 0s, arrival_count: 5 }] } }
"#,
    );
    let capped: Vec<f64> = summary
        .campaigns
        .iter()
        .map(|campaign| campaign.facts.losses.iter().find(|loss| loss.code == 30023).map_or(0.0, |loss| loss.messages))
        .collect();
    // 4,285 messages of seven segments leave five segments, enough for three of one.
    assert_eq!(capped, [0.0, 85_000.0 - 4_285.0, 0.0, 0.0]);
    assert_eq!(summary.campaigns[1].facts.sent, 85_000.0);
    near(summary.campaigns[1].facts.drain_seconds.unwrap().mean, (595_000.0f64 / 75.0 * 1e9).ceil() / 1e9);
}

/// Segments follow from the sender that was selected: 150 characters are one segment from a Canadian short code and two
/// from a Canadian long code, whose single segment holds 136.
#[test]
fn segments_follow_from_the_selected_sender() {
    let body = "x".repeat(150);
    let summary = answers(&format!(
        r#"
version: 1
name: segments
overrides: {{ network: ideal }}
services:
  code: {{ senders: [{{ id: sc, type: short_code, country: CA }}] }}
  number: {{ senders: [{{ id: n, type: long_code, country: CA }}] }}
campaigns:
  from-code: &c
    service: code
    body: "{body}"
    recipients: {{ CA: 1 }}
    carriers: {{ ca/rogers: 1 }}
    arrivals: {{ phases: [{{ duration: 0s, arrival_count: 5 }}] }}
  from-number: {{ <<: *c, service: number }}
"#
    ));
    let segments: Vec<f64> = summary.campaigns.iter().map(|campaign| campaign.facts.segments_sent).collect();
    assert_eq!(segments, [5.0, 10.0]);
}

/// The platform's worked numbers in one file: 10DLC at trust score 80, a Canadian long code, and a validity of a minute. A
/// pool for the test bench may stand beside pools of real numbers, which have no rate there.
#[test]
fn worked_numbers_stand_side_by_side() {
    let summary = answers(
        r#"
version: 1
name: worked
overrides: { network: ideal }
services:
  dlc: { senders: [{ id: n, type: long_code, country: US, ten_dlc: { brand: b, campaign: c, trust_score: 80 } }] }
  ca: { senders: [{ id: ca, type: long_code, country: CA }] }
  xx: { validity_period: 60s, senders: [{ id: x, type: short_code, country: XX, mps: 100/s }] }
campaigns:
  dlc:
    service: dlc
    segments: 1
    recipients: { US: 1 }
    carriers: { us/verizon: 34, us/t-mobile: 34, us/att: 28, us/c-spire: 4 }
    arrivals: { phases: [{ duration: 0s, arrival_count: 500000 }] }
  ca: { service: ca, segments: 2, recipients: { CA: 1 }, arrivals: { phases: [{ duration: 0s, arrival_count: 40000 }] } }
  xx: { service: xx, segments: 1, recipients: { XX: 1 }, arrivals: { phases: [{ duration: 0s, arrival_count: 10000 }] } }
"#,
    );
    // Carriers are drawn, so drains lie near those of the exact shares: within four standard deviations.
    for (name, share, rate) in [
        ("b/c to us/verizon", 0.34, 75.0),
        ("b/c to us/t-mobile", 0.34, 75.0),
        ("b/c to us/att", 0.28, 75.0),
        ("n to other US carriers", 0.04, 1.0),
    ] {
        let lane = summary.lanes.iter().find(|lane| lane.name == name).unwrap();
        let deviation = (500_000.0f64 * share * (1.0 - share)).sqrt();
        let drained = lane.drained_at_seconds.unwrap();
        assert!((drained - 500_000.0 * share / rate).abs() < 4.0 * deviation / rate, "{name}: {drained} s");
        near(drained, (lane.segments_sent / rate * 1e9).ceil() / 1e9);
    }
    let of = |index: usize| {
        let facts = &summary.campaigns[index].facts;
        (facts.sent, facts.losses[0].code, facts.losses[0].messages)
    };
    assert_eq!(of(1), (18_000.0, 30001, 22_000.0));
    assert_eq!(of(2), (6_001.0, 30036, 3_999.0));
}

/// A pool for three campaigns whose costs are sums that fit on a napkin.
const THREE_CAMPAIGNS: &str = r#"
version: 1
name: money
queue: { capacity: validity }
services:
  codes:
    validity_period: 40s # so a queue holds 40 segments of 1/s
    senders:
      - { id: us, type: short_code, country: US, mps: 1/s }
      - { id: ca, type: short_code, country: CA, mps: 1/s }
  numbers:
    senders:
      - { id: n, type: long_code, country: US, ten_dlc: { brand: acme, campaign: news, trust_score: 80 } }
      - { id: m, type: long_code, country: US, ten_dlc: { brand: acme, campaign: sale, trust_score: 80 } }
campaigns:
  sale: &c
    service: codes
    segments: 2
    recipients: { US: 1 }
    carriers: { us/verizon: 1 }
    arrivals: { phases: [{ duration: 0s, arrival_count: 25 }] }
  news: { <<: *c, segments: 1, recipients: { CA: 1 }, carriers: { ca/bell: 1 }, arrivals: { phases: [{ duration: 0s, arrival_count: 10 }] } }
  notice: { <<: *c, service: numbers, segments: 3, carriers: { us/att: 1 }, arrivals: { phases: [{ duration: 0s, arrival_count: 10 }] } }
"#;

fn three_campaigns(more: &str) -> Summary {
    answers(&format!("{THREE_CAMPAIGNS}{more}"))
}

/// Aim: money by campaign and country, with fees by carrier and type of sender, is what the price lists say. Method: 20 of
/// 25 two-segment messages fit into Verizon's queue of a short code, 5 fail; 10 go to Bell from a Canadian short code; 10
/// of three segments to AT&T from long codes.
#[test]
fn money_by_campaign_and_country_is_a_sum_done_by_hand() {
    let summary = three_campaigns("overrides: { network: ideal }\n");
    let sale = [40.0 * 0.0083, 40.0 * 0.0045, 5.0 * 0.001];
    let news = [10.0 * 0.0083, 10.0 * 0.0087, 0.0];
    let notice = [30.0 * 0.0083, 30.0 * 0.0035, 0.0];
    let plus = |a: [f64; 3], b: [f64; 3]| [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
    let us = plus(sale, notice);
    let check = |facts: &sendpool::report::summary::ScopeFacts, parts: [f64; 3], delivered: f64| {
        let cost = &facts.cost_dollars;
        near(cost.base, parts[0]);
        near(cost.carrier_fees, parts[1]);
        near(cost.failed_fees, parts[2]);
        near(cost.total, parts.iter().sum());
        near(facts.delivered, delivered);
        // Kept in whole billionths of a dollar.
        assert!((cost.per_delivered.unwrap() - parts.iter().sum::<f64>() / delivered).abs() < 1e-9);
    };
    for (index, (parts, delivered)) in [(sale, 20.0), (news, 10.0), (notice, 10.0)].into_iter().enumerate() {
        check(&summary.campaigns[index].facts, parts, delivered);
    }
    let country = |code: &str| &summary.countries.iter().find(|named| named.name == code).unwrap().facts;
    check(country("US"), us, 30.0);
    check(country("CA"), news, 10.0);
    check(&summary.overall, plus(us, news), 40.0);
    near(summary.overall.cost_dollars.total, 0.517 + 0.17 + 0.354);
    let carrier = |id: &str| &summary.carriers.iter().find(|named| named.name == id).unwrap().facts;
    near(carrier("us/att").cost_dollars.carrier_fees, notice[1]);
    let page = markdown::render(&summary);
    assert!(page.contains("| campaign sale | $0.3320 | $0.1800 | $0.0050 | $0.5170 |"), "{page}");
    assert!(page.contains("| country US | $0.5810 | $0.2850 | $0.0050 | $0.8710 |"), "{page}");
    assert!(page.contains("| **all** | $0.6640 | $0.3720 | $0.0050 | $1.0410 |"), "{page}");
    assert!(page.contains("| us/att | 30 | $0.1050 |"), "{page}");
}

/// Rents and what is due once, by the list: two long codes of one brand and two campaigns, and two short codes of which
/// only that of the United States is known to cost something at first. None of it is in the cost of a run.
#[test]
fn charges_beside_the_run_are_listed_and_in_no_cost() {
    let summary = three_campaigns("overrides: { network: ideal }\n");
    near(summary.rents_dollars_per_month, 2.0 * 1_000.0 + 2.0 * 1.15 + 2.0 * 10.0);
    let once: Vec<(&str, u64, f64)> =
        summary.charges_once.iter().map(|charge| (charge.item.as_str(), charge.count, charge.dollars)).collect();
    assert_eq!(
        once,
        [
            ("us short_code, submission", 1, 500.0),
            ("us short_code, activation by T-Mobile", 1, 500.0),
            ("10DLC brand acme", 1, 46.0),
            ("10DLC campaign acme/news, review", 1, 15.0),
            ("10DLC campaign acme/sale, review", 1, 15.0),
        ]
    );
    near(summary.charges_once_dollars, 1_076.0);
    near(summary.overall.cost_dollars.total, 1.041);
    let page = markdown::render(&summary);
    assert!(page.contains("rents $2,022.30 a month; $1,076.00 once to register."), "{page}");
    assert!(page.contains("| 10DLC brand acme | 1 | $46.00 |"), "{page}");
}

/// Aim: a run pays what is charged on the day it starts. Method: the same run on days on both sides of changes: Verizon's
/// fee of 2026-05-01, other carriers' of 2026, the list price and the rent of 2024. Without a start the newest hold.
#[test]
fn prices_are_those_of_the_day_the_run_starts() {
    let on = |start: &str| {
        let clock = if start.is_empty() { String::new() } else { format!("clock: {{ start: \"{start}\" }}\n") };
        three_campaigns(&format!("overrides: {{ network: ideal }}\n{clock}"))
    };
    for (start, list, verizon, att, rent) in [
        ("2023-12-31T23:59:59-05:00", 0.0079, 0.0040, 0.0030, 500.0),
        ("2024-01-01T00:00:00-05:00", 0.0083, 0.0040, 0.0030, 1_000.0),
        ("2026-04-30T12:00:00-04:00", 0.0083, 0.0040, 0.0035, 1_000.0),
        // In the scenario's zone it is still April.
        ("2026-04-30T21:00:00-04:00[America/New_York]", 0.0083, 0.0040, 0.0035, 1_000.0),
        ("2026-05-01T00:00:00-04:00", 0.0083, 0.0045, 0.0035, 1_000.0),
        ("", 0.0083, 0.0045, 0.0035, 1_000.0),
    ] {
        let summary = on(start);
        let cost = |index: usize| summary.campaigns[index].facts.cost_dollars;
        near(cost(0).base, 40.0 * list);
        near(cost(0).carrier_fees, 40.0 * verizon);
        near(cost(2).carrier_fees, 30.0 * att);
        near(summary.rents.iter().find(|rent| rent.item == "us short_code").unwrap().dollars_per_month, rent);
    }
    let names = |summary: &Summary, guess: &str| summary.assumptions.iter().any(|text| text.contains(guess));
    assert!(names(&on("2023-12-31T00:00:00Z"), "the price of 2022 and 2023 from memory"));
    assert!(!names(&on("2026-06-01T00:00:00Z"), "the price of 2022 and 2023 from memory"));
}

/// Aim: whatever is charged can be replaced, and the report says by what. Method: every amount is another one, and the sums
/// of the run are done again.
#[test]
fn every_amount_can_be_replaced() {
    let summary = three_campaigns(
        r#"
clock: { start: "2026-06-01T12:00:00Z" }
overrides:
  network: ideal
  carriers:
    us/verizon: { fees: { short_code: 0.02 } }
    us/att: { fees: { long_code: 0.03 }, fines: { programme_evasion: 5 } }
  countries:
    CA: { price: { outbound_segment: [ { amount: 7 }, { from: 2026-06-01, amount: 0.05 }, { from: 2026-06-02, amount: 9 } ] } }
  prices:
    US: 0.01
    failed_message: { amount: 0.002 }
    rents: { short_code: { per_month: 600 }, long_code: { per_month: 0 } }
    short_code_start: { submission: { once: 0 }, t_mobile_activation: { once: 100 } }
    ten_dlc_brands: { standard: { once: 40 } }
    ten_dlc_campaign_review: { amount: 10.5 }
    ten_dlc_campaigns: { ordinary: { per_month: 8 } }
"#,
    );
    let cost = |index: usize| summary.campaigns[index].facts.cost_dollars;
    near(cost(0).base, 40.0 * 0.01);
    near(cost(0).carrier_fees, 40.0 * 0.02);
    near(cost(0).failed_fees, 5.0 * 0.002);
    near(cost(1).base, 10.0 * 0.05);
    near(cost(2).carrier_fees, 30.0 * 0.03);
    near(summary.rents_dollars_per_month, 2.0 * 600.0 + 2.0 * 8.0);
    near(summary.charges_once_dollars, 100.0 + 40.0 + 2.0 * 10.5);
    for replaced in [
        "CA price.outbound_segment: 7, 0.05 from 2026-06-01, 9 from 2026-06-02 instead of 0.0083",
        "us/verizon fee of short_code: $0.02 instead of $0.0045",
        "us/att fee of long_code: $0.03 instead of $0.0035",
        "us/att fine for programme evasion: $5.00 instead of nothing",
        "US price per segment: $0.01 instead of $0.0083",
        "prices failed_message.amount: 0.002 instead of 0.001",
        "prices rents.short_code.per_month: 600 instead of 500, 1000 from 2024-01-01",
        "prices short_code_start.submission.once: 0 instead of 500",
        "prices ten_dlc_campaigns.ordinary.per_month: 8 instead of 10",
    ] {
        assert!(summary.overrides.iter().any(|text| text == replaced), "{replaced}: {:#?}", summary.overrides);
    }
}

/// Aim: a content that goes out from more than a handful of numbers names the fine, and no other does; it is in no cost.
/// Method: six and five numbers, other carriers, one content in two pools, an amount replaced.
#[test]
fn a_content_from_many_numbers_is_exposed_to_a_fine() {
    let run = |pools: &str, more: &str| {
        let arrivals = "arrivals: { phases: [{ duration: 0s, arrival_count: 1 }] }";
        let campaigns: String = pools
            .lines()
            .enumerate()
            .map(|(at, _)| {
                format!("  c{at}: {{ service: s{at}, body: One offer, recipients: {{ US: 1 }}, {arrivals} }}\n")
            })
            .collect();
        let services: String =
            pools.lines().enumerate().map(|(at, pool)| format!("  s{at}: {{ senders: [{pool}] }}\n")).collect();
        answers(&format!("version: 1\nname: fines\n{more}\nservices:\n{services}campaigns:\n{campaigns}"))
    };
    let long_codes = |id: &str, count: usize| {
        format!("{{ id: {id}, type: long_code, country: US, count: {count}, ten_dlc: {{ brand: b, campaign: c }} }}")
    };
    let toll_free = |count: usize| format!("{{ id: t, type: toll_free, count: {count} }}");
    let six = run(&long_codes("n", 6), "");
    let fines: Vec<String> =
        six.fines.iter().map(|fine| format!("{} {} {}", fine.carrier, fine.dollars_per_finding, fine.why)).collect();
    assert_eq!(fines, ["us/t-mobile 1000 the content of c0 comes from 6 long codes"]);
    assert!(six.overall.cost_dollars.total < 1.0);
    assert!(markdown::render(&six).contains("- Exposed to a fine of us/t-mobile: $1,000.00 for programme evasion"));
    let whys = |summary: Summary| summary.fines.into_iter().map(|fine| fine.why).collect::<Vec<_>>();
    assert_eq!(whys(run(&long_codes("n", 5), "")), [""; 0]);
    assert_eq!(whys(run(&toll_free(6), "")), ["the content of c0 comes from 6 toll-free numbers"]);
    // Everybody at T-Mobile is reached by the short code, and nobody needs the long codes.
    let pool = format!("{}, {{ id: sc, type: short_code, country: US }}", long_codes("n", 6));
    assert_eq!(whys(run(&pool, "")), [""; 0]);
    let gap = "overrides: { carriers: { us/t-mobile: { short_code: partial } } }";
    assert_eq!(whys(run(&pool, gap)), ["the content of c0 comes from 6 long codes"]);
    // Refused numbers send nothing that could be found.
    assert_eq!(whys(run("{ id: n, type: long_code, country: US, count: 6 }", "")), [""; 0]);
    let two = format!("{}\n{}", long_codes("n", 3), long_codes("m", 3));
    assert_eq!(whys(run(&two, "")), ["the content of c0, c1 comes from 6 long codes"]);
    let fined = |amount: &str| {
        format!("overrides: {{ carriers: {{ us/t-mobile: {{ fines: {{ programme_evasion: {amount} }} }} }} }}")
    };
    near(run(&long_codes("n", 6), &fined("250")).fines[0].dollars_per_finding, 250.0);
    assert_eq!(whys(run(&long_codes("n", 6), &fined("0"))), [""; 0]);
    let elsewhere =
        run(&long_codes("n", 6), "overrides: { carriers: { us/verizon: { fines: { programme_evasion: 7 } } } }");
    assert_eq!(elsewhere.fines.len(), 2);
    assert_eq!(whys(people_of_verizon(&long_codes("n", 6))), [""; 0]);
}

fn people_of_verizon(senders: &str) -> Summary {
    answers(&format!(
        "version: 1\nname: fines\nservices: {{ s: {{ senders: [{senders}] }} }}\ncampaigns: {{ c: {{ service: s, segments: 1, \
         recipients: {{ US: 1 }}, carriers: {{ us/verizon: 1 }}, arrivals: {{ phases: [{{ duration: 0s, arrival_count: 1 }}] }} }} }}\n"
    ))
}
