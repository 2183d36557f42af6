//! The pages as a user gets them: `report.html` of a run, `sendpool report`, charts as PNG on request, and what each says of
//! folders that hold no run. What they look like in a browser is held by `tests/browser`.

use std::fs;
use std::path::Path;

use serde_json::Value;

mod support;

use support::Scratch;

/// A folder with what the tests run.
fn prepared(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write("small.yaml", SMALL);
    scratch
}

/// Two senders, losses of several kinds, a promise that is kept and one that is broken, and a name that is markup.
const SMALL: &str = r#"
version: 1
name: small
description: "Is 3 < 5 & \"quoted\"?"
replications: 3
services:
  hello:
    validity_period: 60s
    senders: [{ id: desk, type: long_code, country: CA, mps: 5/s, count: 2 }, { id: other, type: short_code, country: CA }]
campaigns:
  greeting:
    service: hello
    body: "Hello"
    recipients: { CA: 1 }
    arrivals: { process: poisson, phases: [{ duration: 60s, arrival_count: 1500 }] }
thresholds: { drain_time: "max < 90s", delivered: "rate > 0.999" }
"#;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn listed(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("readable")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The JSON that a page holds, which a reader of pages would find.
fn data(page: &str) -> Value {
    let data = page.split("id=\"data\">").nth(1).and_then(|rest| rest.split("</script>").next()).expect("data");
    serde_json::from_str(data).expect("JSON")
}

/// Aim: the page is the same bytes with one thread and two, says what the summary says, and how to repeat it. Method: both
/// runs; the inlined summary against the file; the command that the page shows is obeyed and gives the same trajectory.
#[test]
fn a_page_is_the_same_each_time_and_says_how_to_repeat_it() {
    let scratch = prepared("same");
    for threads in ["1", "2"] {
        let run = scratch.run(&["run", "small.yaml", "--seed", "5", "--threads", threads, "--out-dir", threads]);
        assert_eq!(run.status.code(), Some(99), "{}", text(&run.stderr));
    }
    let page = scratch.read("1/report.html");
    assert_eq!(page, scratch.read("2/report.html"));
    assert!(page.len() < 500_000);
    let summary: Value = serde_json::from_str(&scratch.read("1/summary.json")).expect("JSON");
    assert_eq!(data(&page), summary);
    assert!(page.contains("Is 3 &lt; 5 &amp; &quot;quoted&quot;?"));
    let broken = page.find("✗ broken").expect("a broken promise");
    assert!(broken < page.find("✓ kept").expect("a kept promise"), "the worst stands first");
    let command = page.split("<pre><code>").nth(1).and_then(|rest| rest.split('<').next()).expect("a command");
    assert_eq!(command, "sendpool run small.yaml --seed 5");
    let words: Vec<&str> = command.split(' ').skip(1).chain(["--json", "--out-dir", "again"]).collect();
    let again: Value = serde_json::from_slice(&scratch.run(&words).stdout).expect("JSON");
    assert_eq!(again["run"]["trajectory"], summary["run"]["trajectory"]);
}

/// Aim: pictures cost what they cost only when they are asked for, and are no part of the results. Method: the folders and
/// digests of a run with `--png` and one without.
#[test]
fn png_is_drawn_when_asked_for_and_moves_no_digest() {
    let scratch = prepared("png");
    scratch.run(&["run", "small.yaml", "--out-dir", "plain"]);
    scratch.run(&["run", "small.yaml", "--out-dir", "drawn", "--png", "--verify"]);
    let (plain, drawn) = (listed(&scratch.0.join("plain/charts")), listed(&scratch.0.join("drawn/charts")));
    assert!(plain.len() >= 8 && plain.iter().all(|name| name.ends_with(".svg")), "{plain:?}");
    assert_eq!(drawn.len(), 2 * plain.len(), "{drawn:?}");
    for svg in &plain {
        assert!(drawn.contains(&svg.replace(".svg", ".png")), "{svg} among {drawn:?}");
        assert_eq!(scratch.read(&format!("plain/charts/{svg}")), scratch.read(&format!("drawn/charts/{svg}")));
    }
    let digest = |folder: &str| -> Value {
        let run: Value = serde_json::from_str(&scratch.read(&format!("{folder}/run.json"))).expect("JSON");
        run["result_digest"].clone()
    };
    assert_eq!(digest("plain"), digest("drawn"));
}

/// Aim: several runs stand on one page with the figures of each. Method: the figures of both summaries are looked for in the
/// page's table.
#[test]
fn runs_are_laid_over_each_other() {
    let scratch = prepared("overlay");
    let faster = "services.hello.senders[0].mps=10/s";
    scratch.run(&["run", "small.yaml", "--out-dir", "slow"]);
    scratch.run(&["run", "small.yaml", "--set", faster, "--out-dir", "fast"]);
    let made = scratch.run(&["report", "slow", "fast", "-o", "both.html"]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    assert_eq!(text(&made.stdout), "", "data goes to the file");
    let page = scratch.read("both.html");
    let runs = data(&page);
    for (index, folder) in ["slow", "fast"].into_iter().enumerate() {
        let summary: Value = serde_json::from_str(&scratch.read(&format!("{folder}/summary.json"))).expect("JSON");
        assert_eq!((&runs[index]["run"], &runs[index]["overall"]), (&Value::from(folder), &summary["overall"]));
        let digest: String = summary["scenario"]["digest"].as_str().expect("a digest").chars().take(16).collect();
        assert!(page.contains(&format!("<td class=\"n\">{digest}</td>")), "{folder}");
        let drain = summary["thresholds"][0]["value_text"].as_str().expect("a text");
        assert!(page.contains(drain), "{folder}: {drain}");
    }
    assert!(page.contains("sendpool run small.yaml --set &#39;") || page.contains("--set 'services"), "the command");
    assert!(page.contains("data-chart=\"backlog\"") && page.contains("data-chart=\"end_to_end-greeting\""));
    let shown = scratch.run(&["report", "slow", "-o", "-"]);
    assert!(text(&shown.stdout).starts_with("<!doctype html>"));
    assert_eq!(scratch.run(&["report", "slow", "fast", "-o", "both.html"]).status.code(), Some(0), "the same again");
}

/// Aim: whatever is no run is told by its name, and nothing is written. Method: by list.
#[test]
fn what_is_no_run_is_exit_code_2() {
    let scratch = prepared("wrong");
    scratch.run(&["run", "small.yaml", "--out-dir", "good"]);
    scratch.run(&["sweep", "small.yaml", "--vary", "seed=1,2", "--out-dir", "swept"]);
    fs::create_dir(scratch.0.join("empty")).expect("writable");
    for (folder, summary) in [("broken", "{"), ("other", "{\"format\": 7}"), ("half", "{\"format\": 1}")] {
        fs::create_dir(scratch.0.join(folder)).expect("writable");
        fs::write(scratch.0.join(folder).join("summary.json"), summary).expect("writable");
    }
    fs::create_dir_all(scratch.0.join("cut")).expect("writable");
    fs::copy(scratch.0.join("good/summary.json"), scratch.0.join("cut/summary.json")).expect("copied");
    fs::write(scratch.0.join("cut/series.csv"), "time_seconds\nnoon\n").expect("writable");
    fs::write(scratch.0.join("mine.html"), "<p>dear diary</p>").expect("writable");
    let nine = ["report", "good", "good", "good", "good", "good", "good", "good", "good", "good"];
    for (arguments, words) in [
        (&["report", "nowhere"][..], "nowhere is not a folder"),
        (&["report", "small.yaml"], "small.yaml is not a folder"),
        (&["report", "empty"], "empty is not a run folder: it has no summary.json"),
        (&["report", "good", "swept"], "swept holds a sweep and no run"),
        (&["report", "broken"], "broken: summary.json is no JSON"),
        (&["report", "other"], "other: summary.json is of format 7, and this version reads 1"),
        (&["report", "half"], "half: summary.json lacks `scenario`"),
        (&["report", "cut"], "cut: series.csv: `noon` is no number"),
        (&nine, "9 runs are too many to tell apart: at most 8"),
        (&["report", "good", "-o", "mine.html"], "mine.html is no page of sendpool"),
    ] {
        let made = scratch.run(arguments);
        assert_eq!(made.status.code(), Some(2), "{arguments:?}");
        assert!(text(&made.stderr).contains(words), "{arguments:?}: {}", text(&made.stderr));
        assert!(!scratch.0.join("report.html").exists(), "{arguments:?}");
    }
    assert_eq!(scratch.read("mine.html"), "<p>dear diary</p>");
    // A run from before there were series is shown with what it has.
    fs::remove_file(scratch.0.join("cut/series.csv")).expect("removed");
    let made = scratch.run(&["report", "cut"]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    assert!(!scratch.read("report.html").contains("data-chart=\"backlog\""));
}
