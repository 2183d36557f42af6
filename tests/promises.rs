//! Promises in full: windows, phases, what breaks so far, exit codes, undecided ones, and the spellings of k6 and Artillery.
//! Waits are those of the hand: one sender of one segment a second on the test bench.

use std::fs;
use std::path::Path;

use sendpool::experiment::{self, Progress, Results};
use sendpool::model::Model;
use sendpool::units::SimTime;
use sendpool::verdict::{self, Verdict};
use serde_json::Value;

mod support;

use support::{Scratch, told};

fn model(text: &str) -> Model {
    let reading = sendpool::scenario::read("promises.yaml", text.to_owned().into_bytes(), &[]);
    let findings = reading.render(false);
    reading.model.unwrap_or_else(|| panic!("{findings}"))
}

fn run(text: &str) -> (Model, Results) {
    let model = model(text);
    let results = experiment::run(&model, model.replications, &Progress::default());
    (model, results)
}

/// A minute of one message a second, which wait nothing; at 5 min a hundred at once, of which the k-th waits k seconds.
fn calm_and_rush(thresholds: &str) -> String {
    format!(
        "version: 1
name: rush
replications: 2
services: {{ s: {{ senders: [{{ id: a, type: long_code, country: XX, mps: 1/s }}] }} }}
campaigns:
  c:
    service: s
    segments: 1
    recipients: {{ XX: 1 }}
    arrivals: {{ phases: [{{ name: calm, duration: 60s, arrival_rate: 1/s }}, {{ pause: 4m }}, {{ name: rush, duration: 0s, arrival_count: 100 }}] }}
thresholds: {{ {thresholds} }}
"
    )
}

fn verdict(threshold: &str) -> Verdict {
    let (model, results) = run(&calm_and_rush(threshold));
    verdict::judge(&model, &results).remove(0)
}

fn at(seconds: u64) -> SimTime {
    SimTime::from_nanos(seconds * 1_000_000_000)
}

/// The mean over the run is 4,950 s / 160 messages = 30.94 s; that of the rush alone 49.5 s.
#[test]
fn a_window_is_judged_by_its_own_messages() {
    let whole = verdict(r#"queue_wait: "avg < 40s""#);
    assert!(whole.passed && whole.windows.is_none());
    assert!((whole.value.unwrap() - 4_950.0 / 160.0).abs() < 1e-9);
    let windows = verdict(r#"queue_wait: { threshold: "avg < 40s", window: 1m }"#);
    assert!(!windows.passed);
    assert!((windows.value.unwrap() - 49.5).abs() < 1e-9);
    let judged = windows.windows.unwrap();
    assert_eq!((judged.count, judged.broken), (2, 1), "windows without messages are none");
    assert_eq!(judged.shown, Some((at(300), Some(at(360)))));
    assert_eq!(windows.first_breach(), Some(at(360)));
    let kept = verdict(r#"queue_wait: { threshold: "avg < 50s", window: 1m }"#);
    assert!(kept.passed && kept.first_breach().is_none());
    assert_eq!(kept.windows.unwrap().shown, Some((at(300), Some(at(360)))), "the barest window is shown");
}

/// Aim: a promise is decided when one window breaks it beyond doubt, though the first one that does is in doubt. Method: a
/// minute whose percentile lies at the limit, alone and followed by one that is far above it.
#[test]
fn one_window_beyond_doubt_decides() {
    let judged = |threshold: &str| {
        let text = format!(
            r#"
version: 1
name: doubt
replications: 30
services: {{ s: {{ senders: [{{ id: n, type: short_code, country: XX, mps: 10/s }}] }} }}
campaigns:
  c:
    service: s
    segments: 1
    recipients: {{ XX: 1 }}
    arrivals:
      process: poisson
      phases: [{{ name: first, duration: 1m, arrival_rate: 9/s }}, {{ duration: 1m, arrival_rate: 30/s }}]
thresholds: {{ queue_wait: {threshold} }}
"#
        );
        let (model, results) = run(&text);
        sendpool::verdict::judge(&model, &results).remove(0)
    };
    let alone = judged(r#"{ threshold: "p(95) < 1h", phase: first }"#);
    // A little below what the first minute shows.
    let limit = format!("{}us", (alone.value.unwrap() * 0.99 * 1e6) as u64);
    let alone = judged(&format!(r#"{{ threshold: "p(95) < {limit}", phase: first }}"#));
    assert!(!alone.passed && alone.undecided, "the first minute leaves it open");
    let both = judged(&format!(r#"{{ threshold: "p(95) < {limit}", window: 1m }}"#));
    let windows = both.windows.as_ref().unwrap();
    assert_eq!((windows.count, windows.broken), (2, 2));
    assert!(!both.undecided && both.replications_to_decide.is_none(), "the second does not");
    assert_eq!(both.value, alone.value, "the first is shown");
}

#[test]
fn early_messages_and_other_phases_do_not_count() {
    for threshold in [
        r#"queue_wait: { threshold: "avg < 50s", after: 5m }"#,
        r#"queue_wait: { threshold: "avg < 50s", phase: rush }"#,
        r#"queue_wait: { threshold: "avg < 50s", phase: rush, after: 0s }"#,
        r#""queue_wait{campaign:c}": { threshold: "avg < 50s", phase: rush, window: 30s }"#,
    ] {
        let found = verdict(threshold);
        assert!((found.value.unwrap() - 49.5).abs() < 1e-9 && found.passed, "{threshold}");
    }
    let calm = verdict(r#"queue_wait: { threshold: "max < 1ms", phase: calm }"#);
    assert_eq!((calm.value, calm.passed), (Some(0.0), true));
    let sent = verdict(r#"sent: { threshold: "count >= 60", phase: calm }"#);
    assert_eq!(sent.value, Some(60.0));
    let nothing = verdict(r#"queue_wait: { threshold: "avg < 1h", after: 6m }"#);
    assert!(!nothing.passed && nothing.note.is_some(), "nobody has shown that it is kept");
}

/// So far: 0 s at the end of the first minute, 30.94 s at the end of the sixth.
#[test]
fn what_breaks_so_far_names_its_time() {
    let kept = verdict(r#"queue_wait: { threshold: "avg < 40s", abort_on_fail: true }"#);
    assert!(kept.passed);
    let broken = verdict(r#"queue_wait: { threshold: "avg < 30s", abort_on_fail: true }"#);
    assert_eq!((broken.passed, broken.first_breach()), (false, Some(at(360))));
    let late = verdict(r#"queue_wait: { threshold: "avg < 30s", abort_on_fail: true, delay_abort_eval: 10m }"#);
    assert!(late.passed, "what breaks before does not count");
}

/// A count of each kind, so that windows of shares are held against the whole run: they add up to it.
#[test]
fn windows_count_what_the_run_counts() {
    let names = ["offered", "sent", "delivered", "delivered_reported", "undelivered", "failed", "refused", "opt_outs"];
    let thresholds: Vec<String> = names
        .iter()
        .flat_map(|name| [format!("{name}: [\"count >= 0\", {{ threshold: \"count >= 0\", after: 0s }}]")])
        .collect();
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/otp-burst.yaml")).expect("readable");
    let text =
        format!("{}\nthresholds: {{ {} }}\n", text.split("\nthresholds:").next().unwrap(), thresholds.join(", "));
    let (model, results) = run(&text);
    let verdicts = verdict::judge(&model, &results);
    for pair in verdicts.chunks(2) {
        assert_eq!(pair[0].value, pair[1].value, "{}", pair[0].threshold);
        assert_eq!(pair[0].interval, pair[1].interval, "{}", pair[0].threshold);
    }
    assert!(verdicts[0].value.unwrap() > 0.0);
}

/// Pasted from Artillery (phases) and k6 (thresholds) as they stand there, and in our own words.
#[test]
fn artillery_and_k6_spellings_mean_the_same() {
    let with = |phases: &str, thresholds: &str| {
        format!(
            "version: 1
name: pasted
services: {{ s: {{ senders: [{{ id: a, type: short_code, country: US }}] }} }}
campaigns:
  c:
    service: s
    body: Hello
    recipients: {{ US: 1 }}
    arrivals:
      phases:
{phases}
thresholds:
{thresholds}
"
        )
    };
    let pasted = with(
        "        - duration: 60
          arrivalRate: 5
          rampTo: 50
          name: Warm up
        - duration: 600
          arrivalRate: 50
          name: Sustained load
        - pause: 30
        - duration: 120
          arrivalCount: 500",
        "  'end_to_end{campaign:c}':
    - threshold: 'p(99) < 300s'
      abortOnFail: true
      delayAbortEval: '10s'
    - 'p(95)<60s'
  delivered: ['rate>0.9']
  failed: ['count<100']",
    );
    let ours = with(
        "        - { name: Warm up, duration: 1m, arrival_rate: 5/s, ramp_to: 50/s }
        - { name: Sustained load, duration: 10m, arrival_rate: 50/s }
        - { pause: 30s }
        - { duration: 2m, arrival_count: 500 }",
        "  end_to_end{campaign:c}:
    - { threshold: \"p(99) < 300s\", abort_on_fail: true, delay_abort_eval: 10s }
    - p(95)<60s
  delivered: rate>0.9
  failed: count<100",
    );
    let (pasted, ours) = (model(&pasted), model(&ours));
    assert_eq!(pasted.thresholds, ours.thresholds);
    assert_eq!(format!("{:?}", pasted.campaigns), format!("{:?}", ours.campaigns));
    assert_eq!(pasted.thresholds.len(), 4);
    // (5 + 50) / 2 · 60 + 50 · 600 + 500, as Artillery says.
    assert_eq!(pasted.campaigns[0].expected_messages(), 1_650 + 30_000 + 500);
}

/// Exit code and standard output of a run of this text.
fn run_text(scratch: &Scratch, text: &str, arguments: &[&str]) -> (Option<i32>, String) {
    scratch.write("it.yaml", text);
    let (exit, shown, _) = told(scratch.run(&[&["run", "it.yaml", "--force", "--out-dir", "out"], arguments].concat()));
    (exit, shown)
}

/// Each of a threshold's own codes, the highest of several, and 99 of one without.
#[test]
fn a_broken_threshold_has_its_exit_code() {
    let scratch = Scratch::new("codes");
    let broken = |codes: &[&str]| {
        let list: Vec<String> = codes.iter().map(|code| format!("{{ threshold: \"avg < 1s\"{code} }}")).collect();
        calm_and_rush(&format!("queue_wait: [{}]", list.join(", ")))
    };
    for code in 90..=95 {
        let (exit, _) = run_text(&scratch, &broken(&[&format!(", exit_code: {code}")]), &["--quiet"]);
        assert_eq!(exit, Some(code));
    }
    assert_eq!(run_text(&scratch, &broken(&[", exitCode: 91", ", exitCode: 94"]), &["--quiet"]).0, Some(94));
    assert_eq!(run_text(&scratch, &broken(&[", exit_code: 91", ""]), &["--quiet"]).0, Some(99));
    let (exit, shown) = run_text(&scratch, &broken(&[", window: 1m, exit_code: 92"]), &[]);
    assert_eq!(exit, Some(92));
    assert!(shown.contains("1 of 2 windows break it, the first from 00:05:00 to 00:06:00"), "{shown}");
}

/// A limit at the very value is within the interval of any random figure: kept, but undecided. A wide one is decided.
#[test]
fn an_undecided_promise_is_a_mark_and_broken_only_when_strict() {
    let scratch = Scratch::new("undecided");
    let text = |limit: f64| {
        format!(
            "version: 1
name: random
replications: 10
services: {{ s: {{ senders: [{{ id: a, type: long_code, country: XX, mps: 10/s }}] }} }}
campaigns: {{ c: {{ service: s, segments: 1, recipients: {{ XX: 1 }}, arrivals: {{ process: poisson, phases: [{{ duration: 300s, arrival_rate: 8/s }}] }} }} }}
thresholds: {{ queue_wait: [\"avg < {limit:.6}s\", \"p(95) < {:.6}s\"], expired: \"count < 1\" }}
",
            limit * 10.0
        )
    };
    let json = |shown: &str| serde_json::from_str::<Value>(shown).expect("JSON");
    let (exit, first) = run_text(&scratch, &text(3_600.0), &["--json"]);
    let first = json(&first);
    assert_eq!(exit, Some(0));
    assert_eq!(first["thresholds"][0]["undecided"], false);
    let value = first["thresholds"][0]["value"].as_f64().unwrap();
    let near = text(value * 1.001);
    let (exit, shown) = run_text(&scratch, &near, &["--json"]);
    let threshold = json(&shown)["thresholds"][0].clone();
    assert_eq!((exit, &threshold["passed"], &threshold["undecided"]), (Some(0), &true.into(), &true.into()));
    // (half-width / distance)² · 10, as far as the distance of a thousandth goes.
    let high = threshold["interval"]["high"].as_f64().unwrap();
    let factor = (high - value) / (value * 1.001 - value);
    let expected = 10.0 * factor * factor;
    let found = threshold["replications_to_decide"].as_f64().unwrap();
    assert!((found / expected - 1.0).abs() < 0.05, "{found} {expected}");
    assert_eq!(run_text(&scratch, &near, &["--quiet", "--strict"]).0, Some(99));
    assert_eq!(run_text(&scratch, &text(3_600.0), &["--quiet", "--strict"]).0, Some(0));
    // One that is broken as nearly says so, with `--quiet` too.
    scratch.write("it.yaml", &text(value * 0.999));
    let (exit, _, said) = told(scratch.run(&["run", "it.yaml", "--force", "--quiet", "--out-dir", "out"]));
    assert_eq!(exit, Some(99));
    assert!(said.contains("broken, undecided: queue_wait: avg < "), "{said}");
}

/// It stops at the first checkpoint that is precise enough, and then is what a run of so many replications is.
#[test]
fn a_run_until_precise_stops_at_a_checkpoint() {
    let scratch = Scratch::new("precise");
    let text = "version: 1
name: random
services: { s: { senders: [{ id: a, type: long_code, country: XX, mps: 10/s }] } }
campaigns: { c: { service: s, segments: 1, recipients: { XX: 1 }, arrivals: { process: poisson, phases: [{ duration: 300s, arrival_rate: 8/s }] } } }
";
    let json = |arguments: &[&str]| {
        let (exit, shown) = run_text(&scratch, text, arguments);
        assert_eq!(exit, Some(0));
        serde_json::from_str::<Value>(&shown).expect("JSON")
    };
    let precise = json(&["--json", "--precision", "4%"]);
    let looks = precise["precision"]["looks"].as_array().unwrap().clone();
    assert_eq!(precise["precision"]["reached"], true);
    assert!(looks.len() > 1, "{looks:?}");
    let last = looks.last().unwrap().as_u64().unwrap();
    assert_eq!(precise["scenario"]["replications"], last);
    let fixed = json(&["--json", "--replications", &last.to_string()]);
    assert_eq!(precise["overall"], fixed["overall"]);
    let delays = &precise["overall"]["delays"]["queue_wait"];
    let half = delays["p95_interval"]["high"].as_f64().unwrap() - delays["p95"].as_f64().unwrap();
    assert!(half <= 0.04 / 1.04 * delays["p95"].as_f64().unwrap());
    let capped = json(&["--json", "--precision", "0.1%", "--replications", "40"]);
    assert_eq!(capped["precision"]["looks"], serde_json::json!([30, 40]));
    assert_eq!(capped["precision"]["reached"], false);
    assert_eq!(run_text(&scratch, text, &["--precision", "2"]).0, Some(2));
}

/// What a file's promises are warned or noted of, by their place.
fn findings(thresholds: &str) -> String {
    let text = calm_and_rush(thresholds);
    sendpool::scenario::read("promises.yaml", text.into_bytes(), &[]).render(false)
}

/// The last message is planned for 5 min, all at once.
#[test]
fn a_part_without_messages_is_warned_of() {
    for (threshold, words) in [
        (r#"queue_wait: { threshold: "max < 1h", after: 6m }"#, "no message is planned in the part of the run"),
        (r#"queue_wait: { threshold: "max < 1h", after: 301s }"#, "the last in scope is planned for 5 min after"),
        (r#"queue_wait: { threshold: "max < 1h", phase: calm, after: 1m }"#, "no message is planned"),
        (
            r#"queue_wait: { threshold: "max < 1h", abort_on_fail: true, delay_abort_eval: 7m }"#,
            "it looks only after everything is over",
        ),
    ] {
        let found = findings(threshold);
        assert!(found.contains(words), "{threshold}\n{found}");
    }
    for threshold in [
        r#"queue_wait: { threshold: "max < 1h", after: 5m }"#,
        r#"queue_wait: { threshold: "max < 1h", phase: calm, after: 59s }"#,
        r#"queue_wait: { threshold: "max < 1h", phase: rush }"#,
        r#"queue_wait: { threshold: "max < 1h", abort_on_fail: true, delay_abort_eval: 5m }"#,
        r#"queue_wait: { threshold: "max < 1h", window: 4m }"#,
    ] {
        let found = findings(threshold);
        assert!(!found.contains("planned") && !found.contains("over"), "{threshold}\n{found}");
    }
    let cut = calm_and_rush(r#"queue_wait: { threshold: "max < 1h", after: 4m }"#)
        .replace("replications: 2", "replications: 2\nclock: { horizon: 4m }");
    let found = sendpool::scenario::read("promises.yaml", cut.into_bytes(), &[]).render(false);
    assert!(found.contains("no message is planned"), "{found}");
}

#[test]
fn a_promise_says_which_part_of_the_run_it_is_about() {
    let scratch = Scratch::new("part");
    let text = calm_and_rush(
        r#"queue_wait: ["max < 1h", { threshold: "max < 1s", phase: rush, window: 1m }, { threshold: "avg < 1h", after: 30s }]"#,
    );
    let (exit, shown) = run_text(&scratch, &text, &["--json"]);
    let summary: Value = serde_json::from_str(&shown).expect("JSON");
    let part = |index: usize, key: &str| summary["thresholds"][index][key].clone();
    assert_eq!(exit, Some(99));
    assert_eq!((part(0, "part"), part(0, "phase"), part(0, "window_seconds")), (Value::Null, Value::Null, Value::Null));
    assert_eq!(part(1, "part"), "phase rush, windows of 1 min");
    assert_eq!((part(1, "phase"), part(1, "window_seconds")), ("rush".into(), 60.0.into()));
    assert_eq!((part(2, "part"), part(2, "after_seconds")), ("after 30 s".into(), 30.0.into()));
    let (_, shown) = run_text(&scratch, &text, &[]);
    assert!(shown.contains("phase rush, windows of 1 min: 1 of 1 windows break it"), "{shown}");
}

/// One replication has no intervals, so nothing shows how sure a kept promise is; largest values never have one.
#[test]
fn strict_refuses_what_has_no_interval() {
    let scratch = Scratch::new("unproven");
    let text = |promise: &str, replications: u32| {
        calm_and_rush(promise).replace("replications: 2", &format!("replications: {replications}"))
    };
    for (promise, replications, expected) in [
        (r#"delivered: "rate > 0.5""#, 1, 99),
        (r#"sent: "count > 1""#, 1, 99),
        (r#"drain_time: "avg < 2h""#, 1, 99),
        (r#"drain_time: "max < 2h""#, 1, 0),
        (r#"delivered: "rate > 0.5""#, 2, 0),
        (r#"drain_time: "avg < 2h""#, 2, 0),
    ] {
        let (exit, _) = run_text(&scratch, &text(promise, replications), &["--strict", "--quiet"]);
        assert_eq!(exit, Some(expected), "{promise}, {replications}");
        assert_eq!(run_text(&scratch, &text(promise, replications), &["--quiet"]).0, Some(0));
    }
}
