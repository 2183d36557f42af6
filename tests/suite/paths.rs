//! Sample paths known to the tick: bursts on one server, Lindley's recursion, a ceiling as a token bucket. The expected
//! values are closed forms computed elsewhere (`tests/fixtures/queueing_paths.csv`); nothing here knows how they came.

use std::collections::BTreeMap;

use sendpool::experiment::{self, Part, Progress, Results};
use sendpool::model::Model;
use sendpool::model::ending::Ending;
use sendpool::model::threshold::Scope;

use crate::support::model;

/// One row: its parameters, the quantity and its value.
struct Row {
    parameters: BTreeMap<String, String>,
    quantity: String,
    value: f64,
}

impl Row {
    fn number(&self, name: &str) -> Option<f64> {
        self.parameters.get(name).map(|text| text.parse().expect("a number"))
    }
}

/// The rows of one kind of model, by case.
fn cases(kind: &str) -> BTreeMap<String, Vec<Row>> {
    let mut cases: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for line in include_str!("../fixtures/queueing_paths.csv").lines() {
        let fields: Vec<&str> = line.split(',').collect();
        if fields.len() < 5 || fields[1] != kind {
            continue;
        }
        let parameters: BTreeMap<String, String> = fields[2]
            .split(';')
            .map(|pair| pair.split_once('=').expect("name=value"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let case = parameters.get("case").cloned().unwrap_or_else(|| fields[2].to_owned());
        let row = Row { parameters, quantity: fields[3].to_owned(), value: fields[4].parse().expect("a number") };
        cases.entry(case).or_default().push(row);
    }
    assert!(!cases.is_empty(), "no rows of {kind}");
    cases
}

fn run(yaml: &str) -> (Model, Results) {
    let model = model(yaml);
    let results = experiment::run(&model, 1, &Progress::default());
    (model, results)
}

fn burst(count: f64, rest: &str, sender: &str) -> String {
    format!(
        "{rest}
services: {{ s: {{ senders: [ {{ id: a, type: long_code, country: XX, {sender} }} ] }} }}
campaigns: {{ c: {{ service: s, segments: 1, recipients: {{ XX: 1 }}, VALIDITY arrivals: {{ phases: [ {{ duration: 0s, arrival_count: {count} }} ] }} }} }}"
    )
}

/// What a burst gives, by the names of the rows.
fn quantity(model: &Model, results: &Results, name: &str) -> f64 {
    let everything = Scope::default();
    let totals = &results.totals_of(&everything).expect("kept")[0];
    let waits = results.delay_of(model, &everything, Part::QueueWait);
    match name {
        "sent" => totals.sent as f64,
        "rejected_on_entry" => totals.ended(Ending::QueueOverflow) as f64,
        "expired_in_queue" => totals.ended(Ending::Expired) as f64,
        "last_dispatch_s" | "last_grant_s" => totals.last_sent.expect("something was sent").as_secs_f64(),
        "mean_wait_of_sent_s" | "mean_wait_s" => waits.mean_seconds().expect("something was sent"),
        _ => {
            let q = name.strip_prefix("wait_p").and_then(|rest| rest.strip_suffix("_of_sent_s")).expect("a quantile");
            waits.quantile(q.parse().expect("a number")).expect("identified").as_secs_f64()
        }
    }
}

/// The worst relative disagreement of a case with its rows; percentiles count from a thousandth on, their precision.
fn disagreement(rows: &[Row], model: &Model, results: &Results) -> (f64, String) {
    let mut worst = (0.0, String::new());
    for row in rows {
        let found = quantity(model, results, &row.quantity);
        let tolerance = if row.quantity.starts_with("wait_p") { 1e-3 } else { 1e-8 };
        let off = ((found - row.value).abs() / row.value.abs().max(1e-9) - tolerance).max(0.0);
        if off > worst.0 {
            worst = (off, format!("{}: {found} instead of {}", row.quantity, row.value));
        }
    }
    worst
}

/// Aim: bursts of N on rate r with a validity and a queue. Method: D/D/1, message k leaves at (k − 1)/r.
#[test]
fn bursts_leave_as_d_d_1() {
    for (case, rows) in cases("D/D/1 burst") {
        let of = |name| rows[0].number(name);
        let rate = of("r").expect("a rate");
        let capacity = match of("queue_cap") {
            None => "unlimited",
            Some(14_400.0) => "4h",
            Some(36_000.0) => "10h",
            Some(other) => panic!("a queue of {other}"),
        };
        let validity = of("validity_s").map_or(String::new(), |seconds| format!("validity_period: {seconds}s,"));
        let yaml = |rate: f64| {
            burst(of("N").expect("a count"), &format!("queue: {{ capacity: {capacity} }}"), &format!("mps: {rate}"))
                .replace("VALIDITY", &validity)
        };
        let (model, results) = run(&yaml(rate));
        let (off, what) = disagreement(&rows, &model, &results);
        assert!(off == 0.0, "{case}: {what}");
        // The test can fail: two in a hundred slower is noticed.
        let (model, results) = run(&yaml(rate * 0.98));
        assert!(disagreement(&rows, &model, &results).0 > 0.0, "{case}: a rate that is 2 % off goes unnoticed");
    }
}

/// Aim: an account ceiling paces like a token bucket whose depth is one message. Method: message k of a burst is granted
/// at (k − 1)/r; the sender below is a hundred times as fast.
#[test]
fn a_ceiling_is_a_token_bucket_of_depth_one() {
    for (case, rows) in cases("token bucket burst") {
        let of = |name| rows[0].number(name).expect("a parameter");
        let yaml = |rate: f64| {
            let ceiling = format!(
                "queue: {{ capacity: unlimited }}\naccount: {{ ceilings: [ {{ country: XX, type: long_code, rate: {rate} }} ] }}"
            );
            burst(of("N"), &ceiling, "mps: 100").replace("VALIDITY", "")
        };
        let (model, results) = run(&yaml(of("rate")));
        let (off, what) = disagreement(&rows, &model, &results);
        assert!(off == 0.0, "{case}: {what}");
        let (model, results) = run(&yaml(of("rate") * 0.98));
        assert!(disagreement(&rows, &model, &results).0 > 0.0, "{case}: a rate that is 2 % off goes unnoticed");
    }
}

/// Aim: any sequence of arrivals and lengths. Method: Lindley's recursion W' = max(0, W + S − T), message by message; the
/// services are multiples of half a second, so a segment takes half a second. Each message is a campaign of its own.
#[test]
fn waits_follow_lindley() {
    for (case, rows) in cases("Lindley") {
        let yaml = |mps: &str| {
            let mut yaml = format!(
                "services: {{ s: {{ senders: [ {{ id: a, type: long_code, country: XX, mps: {mps} }} ] }} }}\ncampaigns:\n"
            );
            for (index, row) in rows.iter().enumerate() {
                let (at, service) = (row.number("A").expect("an arrival"), row.number("S").expect("a service"));
                yaml += &format!(
                    "  c{index}: {{ service: s, segments: {}, recipients: {{ XX: 1 }}, start_time: {at}s, arrivals: {{ phases: [ {{ duration: 0s, arrival_count: 1 }} ] }} }}\n",
                    service * 2.0
                );
            }
            yaml
        };
        let waits = |mps: &str| -> Vec<f64> {
            let (model, results) = run(&yaml(mps));
            let of = |campaign| {
                let scope = Scope { campaign: Some(campaign), ..Scope::default() };
                results.delay_of(&model, &scope, Part::QueueWait).max().expect("sent").as_secs_f64()
            };
            (0..rows.len()).map(of).collect()
        };
        let expected: Vec<f64> = rows.iter().map(|row| row.value).collect();
        assert_eq!(waits("2"), expected, "{case}");
        assert_ne!(waits("1.96"), expected, "{case}: a rate that is 2 % off goes unnoticed");
    }
}
