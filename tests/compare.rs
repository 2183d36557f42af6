//! `compare` and `baseline` as a user types them, and their figures against sums made here.

use std::fs;

use sendpool::experiment::{self, Progress};
use sendpool::model::threshold::Scope;
use serde_json::Value;

mod support;

use support::{Scratch, told};

/// Exit code, standard output and standard error.
fn run(scratch: &Scratch, arguments: &[&str]) -> (Option<i32>, String, String) {
    told(scratch.run(arguments))
}

fn json(scratch: &Scratch, arguments: &[&str]) -> Value {
    let (exit, shown, told) = run(scratch, arguments);
    assert_eq!(exit, Some(0), "{told}");
    serde_json::from_str(&shown).expect("JSON")
}

/// Two senders of unequal rates: in turn the slow one queues while the fast one idles.
fn unequal(distribution: &str, rate: u32) -> String {
    format!(
        "version: 1
name: unequal
seed: 11
replications: 10
overrides: {{ network: ideal }}
services:
  s:
    features: {{ sticky_sender: false }}
    selection: {{ distribution: {distribution} }}
    senders:
      - {{ id: fast, type: short_code, country: US, mps: 30/s }}
      - {{ id: slow, type: short_code, country: US, mps: 5/s }}
      - {{ id: ca, type: short_code, country: CA, mps: 20/s }}
campaigns:
  c: {{ service: s, segments: 1, recipients: {{ US: 0.9, CA: 0.1 }}, arrivals: {{ process: poisson, phases: [{{ duration: 120s, arrival_rate: {rate}/s }}] }} }}
thresholds: {{ queue_wait: \"p(95) < 5s\" }}
"
    )
}

fn figure<'a>(facts: &'a Value, name: &str) -> &'a Value {
    let figures = facts["figures"].as_array().expect("figures");
    figures.iter().find(|figure| figure["name"] == name).unwrap_or_else(|| panic!("no {name} in {figures:?}"))
}

/// Aim: the paired difference. Method: both designs run here, their drain times subtracted replication by replication, and
/// the interval by the textbook, t(0.975, 9) = 2.262157163.
#[test]
fn differences_are_those_of_pairs() {
    let scratch = Scratch::new("pairs");
    scratch.write("turn.yaml", &unequal("round_robin", 20));
    scratch.write("earliest.yaml", &unequal("earliest", 20));
    let facts = json(&scratch, &["compare", "turn.yaml", "earliest.yaml", "--json", "--out-dir", "out"]);
    let drains = |distribution: &str| -> Vec<f64> {
        let reading = sendpool::scenario::read("a.yaml", unequal(distribution, 20).into_bytes(), &[]);
        let model = reading.model.expect("sound");
        let results = experiment::run(&model, 10, &Progress::default());
        let totals = results.totals_of(&Scope::default()).unwrap();
        totals.iter().map(|totals| totals.drain_time().unwrap().as_secs_f64()).collect()
    };
    let pairs: Vec<f64> = drains("earliest").iter().zip(drains("round_robin")).map(|(a, b)| a - b).collect();
    let mean = pairs.iter().sum::<f64>() / 10.0;
    let deviation = (pairs.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / 9.0).sqrt();
    let half = 2.262_157_163 * deviation / 10f64.sqrt();
    let found = &figure(&facts, "drain_time avg")["differences"][0];
    let near = |found: &Value, expected: f64| {
        let found = found.as_f64().unwrap();
        assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{found} {expected}");
    };
    near(&found["difference"], mean);
    near(&found["interval"]["low"], mean - half);
    near(&found["interval"]["high"], mean + half);
    assert_eq!(found["verdict"], "better");
    // What changes nothing in Canada is shown as nothing there, and as a gain where it matters.
    let verdict = |name: &str| figure(&facts, name)["differences"][0]["verdict"].clone();
    assert_eq!(verdict("queue_wait p(95)"), "better");
    assert_eq!(verdict("end_to_end{country:CA} p(95)"), "no difference at all");
    assert_eq!(verdict("delivered{country:CA} rate"), "no difference at all");
    assert_eq!(verdict("end_to_end{country:US} p(95)"), "better");
    assert_eq!(facts["designs"][0]["promises_kept"], 0);
    assert_eq!(facts["designs"][1]["promises_kept"], 1);
    for name in ["compare.json", "compare.md", "charts/end_to_end.svg", "charts/backlog.svg", "report.html", "run.json"]
    {
        assert!(scratch.0.join("out").join(name).exists(), "{name}");
    }
    let chart = fs::read_to_string(scratch.0.join("out/charts/queue_wait.svg")).unwrap();
    assert!(chart.contains("turn") && chart.contains("earliest"), "both curves are named");
    // Pairs help: arrivals are the same in both.
    let reduction = figure(&facts, "queue_wait p(95)")["differences"][0]["variance_reduction"].as_f64().unwrap();
    assert!(reduction > 0.5 && reduction.is_finite(), "{reduction}");
}

/// A design against itself: exactly nothing, in every figure, and equivalent whatever the margin.
#[test]
fn a_design_does_not_differ_from_itself() {
    let scratch = Scratch::new("itself");
    scratch.write("a.yaml", &unequal("round_robin", 20));
    let arguments = ["compare", "a.yaml", "a.yaml", "--json", "--equivalent", "0.01%", "--fail-on-worse"];
    let facts = json(&scratch, &arguments);
    for figure in facts["figures"].as_array().unwrap() {
        let difference = &figure["differences"][0];
        if figure["values"][0]["value"].is_null() {
            continue;
        }
        assert_eq!(difference["difference"], 0.0, "{figure}");
        assert_eq!(difference["verdict"], "no difference at all", "{figure}");
    }
    assert_eq!(facts["designs"][0]["trajectory"], facts["designs"][1]["trajectory"]);
}

/// Aim: a design that is named twice is run once, and what is to be said of it is said once. Method: messages that were simulated
/// are counted by `run.json`; a run of the design alone says how many it has, and two designs have twice as many.
#[test]
fn a_design_that_is_named_twice_is_run_once() {
    let scratch = Scratch::new("twice");
    // An advice on the scenario, for the note: codes for logins.
    let coded = |distribution| unequal(distribution, 20).replace("segments: 1,", "segments: 1, kind: otp,");
    scratch.write("a.yaml", &coded("round_robin"));
    scratch.write("b.yaml", &coded("earliest"));
    let messages = |folder: &str| -> f64 {
        let run: Value = serde_json::from_str(&scratch.read(&format!("{folder}/run.json"))).expect("JSON");
        run["messages"].as_f64().expect("a number")
    };
    assert_ne!(run(&scratch, &["run", "a.yaml", "--quiet", "--out-dir", "alone"]).0, Some(2));
    let summary: Value = serde_json::from_str(&scratch.read("alone/summary.json")).expect("JSON");
    let offered = summary["overall"]["offered"].as_f64().expect("a number") * 10.0;
    let (_, _, said) = run(&scratch, &["compare", "a.yaml", "a.yaml", "--out-dir", "same"]);
    assert!(said.contains("a.yaml and a.yaml are the same design: it is run once"), "{said}");
    assert_eq!(said.matches("one-time codes for logins").count(), 1, "{said}");
    assert!((messages("same") - offered).abs() < 0.5, "{} of {offered}", messages("same"));
    // Of two files each has its own advice, and both are run.
    let (_, _, said) = run(&scratch, &["compare", "a.yaml", "b.yaml", "--out-dir", "both"]);
    assert_eq!(said.matches("one-time codes for logins").count(), 2, "{said}");
    assert!((messages("both") - 2.0 * offered).abs() < 0.5, "{} of {offered}", messages("both"));
}

#[test]
fn several_designs_are_corrected_and_worse_ones_end_with_96() {
    let scratch = Scratch::new("several");
    scratch.write("a.yaml", &unequal("earliest", 20));
    let turn = "services.s.selection.distribution=round_robin";
    let same = "services.s.selection.distribution=earliest";
    let facts = json(&scratch, &["compare", "a.yaml", "--with", turn, "--with", same, "--json"]);
    assert_eq!(facts["confidence"], 0.975, "1 − 0.05 / 2");
    assert_eq!(facts["designs"][1]["name"], turn);
    assert_eq!(figure(&facts, "queue_wait p(95)")["differences"][0]["verdict"], "worse");
    assert_eq!(figure(&facts, "queue_wait p(95)")["differences"][1]["verdict"], "no difference at all");
    assert_eq!(run(&scratch, &["compare", "a.yaml", "--with", turn, "--quiet", "--fail-on-worse"]).0, Some(96));
    assert_eq!(run(&scratch, &["compare", "a.yaml", "--with", turn, "--quiet", "--equivalent", "1%"]).0, Some(96));
    assert_eq!(run(&scratch, &["compare", "a.yaml", "--with", turn, "--quiet"]).0, Some(0));
    // Its page says how to ask the same again.
    let asked = ["compare", "a.yaml", "--with", turn, "--seed", "12", "--equivalent", "50%", "--out-dir", "asked"];
    run(&scratch, &asked);
    let page = scratch.read("asked/report.html");
    let command = format!("sendpool compare a.yaml --with {turn} --seed 12 --equivalent 50%");
    assert!(page.contains(&command), "{command}");
    let (exit, shown, _) = run(&scratch, &["compare", "a.yaml", "--with", turn]);
    assert_eq!(exit, Some(0));
    assert!(shown.contains("worse") && shown.contains("common random numbers"), "{shown}");
    let (exit, _, told) = run(&scratch, &["compare", "a.yaml"]);
    assert_eq!(exit, Some(2));
    assert!(told.contains("--with PATH=VALUE"), "{told}");
    assert_eq!(run(&scratch, &["compare", "a.yaml", "--with", "nonsense"]).0, Some(2));
}

/// The pipeline: a design changes, the check fails and says what moved; the baseline is updated, and the check passes.
#[test]
fn a_pipeline_fails_until_the_baseline_is_updated() {
    let scratch = Scratch::new("pipeline");
    scratch.write("it.yaml", &unequal("round_robin", 10));
    assert_eq!(run(&scratch, &["baseline", "check", "it.yaml"]).0, Some(2), "there is none yet");
    assert_eq!(run(&scratch, &["baseline", "save", "it.yaml"]).0, Some(0));
    assert_eq!(run(&scratch, &["baseline", "save", "it.yaml"]).0, Some(2), "nothing is replaced unasked");
    assert_eq!(run(&scratch, &["baseline", "check", "it.yaml", "--threads", "1"]).0, Some(0));
    // A comment is no change of the design.
    scratch.write("it.yaml", &format!("# the same\n{}", unequal("round_robin", 10)));
    assert_eq!(run(&scratch, &["baseline", "check", "it.yaml"]).0, Some(0));
    scratch.write("it.yaml", &unequal("round_robin", 20));
    let (exit, shown, _) = run(&scratch, &["baseline", "check", "it.yaml"]);
    assert_eq!(exit, Some(96), "{shown}");
    assert!(shown.contains("thresholds.queue_wait p(95) < 5s.passed: true → false"), "{shown}");
    assert!(shown.contains("baseline update it.yaml"), "{shown}");
    assert_eq!(run(&scratch, &["baseline", "update", "it.yaml"]).0, Some(0));
    assert_eq!(run(&scratch, &["baseline", "check", "it.yaml"]).0, Some(0));
    let (_, shown, _) = run(&scratch, &["baseline", "list"]);
    assert!(shown.starts_with("unequal ") && shown.contains("promises broken"), "{shown}");
    scratch.write("baselines/unequal.json", "{}");
    let (exit, _, told) = run(&scratch, &["baseline", "check", "it.yaml"]);
    assert_eq!(exit, Some(2));
    assert!(told.contains("no baseline"), "{told}");
}

#[test]
fn a_run_may_be_verified() {
    let scratch = Scratch::new("verify");
    scratch.write("it.yaml", &unequal("earliest", 10));
    let (exit, _, told) = run(&scratch, &["run", "it.yaml", "--verify", "--quiet"]);
    assert_eq!(exit, Some(0), "{told}");
}
