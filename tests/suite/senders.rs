//! The map of senders over time, against times known by hand: who is busy, for how long, and how much.

use std::path::Path;

use sendpool::experiment::{self, Progress};
use sendpool::model::Model;
use sendpool::report::chart::{Chart, HeatChart};
use sendpool::report::pictures;
use sendpool::report::summary::Summary;
use sendpool::verdict;

use crate::support::model;

/// How busy each entry is in each step, and how many seconds a step has.
struct Busy {
    rows: Vec<Vec<f64>>,
    step: f64,
    /// How long the last step is.
    last: f64,
    summary: Summary,
}

impl Busy {
    fn of(model: &Model) -> Busy {
        let results = experiment::run(model, 2, &Progress::default());
        let summary = Summary::new(model, &results, &verdict::judge(model, &results), "");
        let pictures = pictures::of_run(model, &results, &summary);
        let chart = pictures.iter().find(|picture| picture.name == "senders").map(|picture| &picture.chart);
        let Some(Chart::Heat(HeatChart { columns, panels, .. })) = chart else { panic!("a map of senders") };
        let values: Vec<f64> = panels[0].values.iter().map(|value| value.unwrap_or(0.0)).collect();
        let step = results.series.bins().div_ceil(48) as f64 * results.series.width.as_secs_f64();
        let end = results.series.bins() as f64 * results.series.width.as_secs_f64();
        let last = end - (columns.len() - 1) as f64 * step;
        assert!(last > 0.0 && last <= step, "{last} of {step} s");
        Busy { rows: values.chunks(columns.len()).map(<[f64]>::to_vec).collect(), step, last, summary }
    }

    fn seconds(&self, row: usize) -> f64 {
        let (last, others) = self.rows[row].split_last().expect("there are steps");
        others.iter().sum::<f64>() * self.step + last * self.last
    }

    /// Busy all the time until then, and never after.
    fn is_full_until(&self, row: usize, seconds: f64) {
        for (step, share) in self.rows[row].iter().enumerate() {
            let end = (step + 1) as f64 * self.step;
            if end <= seconds {
                assert!(*share > 0.999, "{share} until {end} s");
            }
            if end - self.step >= seconds {
                assert_eq!(*share, 0.0, "from {} s", end - self.step);
            }
        }
    }
}

fn two(account: &str, first: &str, faults: &str) -> Model {
    model(&format!(
        "{account}
services:
  a: {{ senders: [ {{ id: a, type: long_code, country: XX, {first} }} ] }}
  b: {{ senders: [ {{ id: b, type: long_code, country: XX, mps: 1/s }} ] }}
campaigns:
  all: {{ service: a, segments: 1, recipients: {{ XX: 1 }}, arrivals: {{ phases: [ {{ duration: 0s, arrival_count: 120 }} ] }} }}
  half: {{ service: b, segments: 1, recipients: {{ XX: 1 }}, arrivals: {{ phases: [ {{ duration: 120s, arrival_count: 60 }} ] }} }}
{faults}"
    ))
}

/// Aim: what is shown is the time in slots. Method: 120 segments at 2 a second take 60 s, one every two seconds of a queue that
/// sends one a second half of 120 s; the same from `busy_share` of the queues, which is measured otherwise.
#[test]
fn a_sender_is_busy_while_it_sends() {
    let busy = Busy::of(&two("", "mps: 2/s", ""));
    busy.is_full_until(0, 60.0);
    for row in [0, 1] {
        assert!((busy.seconds(row) - 60.0).abs() < 1e-6, "{row}: {} s", busy.seconds(row));
    }
    let calm = busy.rows[1].iter().take(20);
    assert!(calm.clone().all(|share| (share - 0.5).abs() < 0.35), "{:?}", busy.rows[1]);
    for (row, lane) in busy.summary.lanes.iter().enumerate() {
        let span = if row == 0 { 60.0 } else { 119.0 };
        let measured = lane.busy_share.expect("it sends") * span;
        assert!((busy.seconds(row) - measured).abs() < 1.5, "{row}: {measured}");
    }
}

/// Aim: a sender of several numbers is busy when all are. Method: four numbers of half a segment a second, each with its queue.
#[test]
fn numbers_count_together() {
    Busy::of(&two("", "mps: 30/min, count: 4", "")).is_full_until(0, 60.0);
}

/// Aim: a sender that is slowed down is busy all the same. Method: 2 a second for 20 s, 1 a second for 20 s, and the 60 left
/// take 30 s more: 70 s.
#[test]
fn a_lowered_rate_is_a_full_one() {
    let slow = "faults: [ { at: 20s, for: 20s, sender: a, mode: rate, mps: 1/s } ]";
    Busy::of(&two("", "mps: 2/s", slow)).is_full_until(0, 70.0);
}

/// Aim: the queues of a sender whose traffic is shaped have one rate together. Method: three of them, of which one is used by
/// each of two campaigns: 2 a second is all that they send.
#[test]
fn shaped_queues_share_one_rate() {
    let classes = "services: { s: { senders: [ { id: a, type: long_code, country: XX, mps: 2/s } ] }, t: { senders: [ { id: b, type: long_code, country: XX, mps: 1/s } ] } }
account: { traffic_shaping: {} }
campaigns:
  code: { service: s, kind: otp, segments: 1, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 0s, arrival_count: 60 } ] } }
  sale: { service: s, kind: marketing, segments: 1, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 0s, arrival_count: 60 } ] } }
  other: { service: t, kind: otp, segments: 1, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 0s, arrival_count: 60 } ] } }
";
    let busy = Busy::of(&model(classes));
    busy.is_full_until(0, 60.0);
    busy.is_full_until(1, 60.0);
}

/// Aim: one queue that is held up is found among the idle ones of its entry, although all of them together could send what it
/// holds in no time, and its longest wait is told. Method: the shipped outage, where by hand 190,000 segments to one
/// carrier wait for an hour and then take 475 s; what waits for the other entry is done before.
#[test]
fn a_queue_that_is_held_up_is_the_worst() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/carrier-outage.yaml");
    let bytes = std::fs::read(path).expect("the scenario is part of the project");
    let model = sendpool::scenario::read("carrier-outage", bytes, &[]).model.expect("it is right");
    let results = experiment::run(&model, 1, &Progress::default());
    let summary = Summary::new(&model, &results, &verdict::judge(&model, &results), "");
    let pictures = pictures::of_run(&model, &results, &summary);
    let chart = pictures.iter().find(|picture| picture.name == "senders").map(|picture| &picture.chart);
    let Some(Chart::Heat(HeatChart { title, .. })) = chart else { panic!("a map of senders") };
    let held = model.lanes.iter().position(|lane| lane.name == "sc to us/t-mobile").expect("it has a queue");
    let last = results.lanes.iter().map(|lane| lane.drained).max().expect("there are queues");
    assert_eq!(results.lanes[held].drained, last, "it is the last to end");
    let work = results.lanes[held].peak_backlog as f64 / 400.0;
    assert!((work - 475.0).abs() < 5.0, "{work}");
    // The last to be held waits for the hour's rest and for those before it.
    let wait = results.lanes[held].longest_wait;
    assert_eq!(Some(wait), results.lanes.iter().map(|lane| lane.longest_wait).max());
    let told = format!("for sc to us/t-mobile: 1 h 7 min {:.0} s", wait.as_secs_f64() - 67.0 * 60.0);
    assert!(title.contains(&told), "{title}, not {told}");
}
