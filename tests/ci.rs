//! What continuous integration reads, as files and through the environment; and `steady`, as a user types it.

use std::fs;

use serde_json::Value;

mod support;

use support::{Scratch, told};

/// Exit code, standard output and standard error, with more in the environment.
fn run_in(scratch: &Scratch, arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String, String) {
    told(scratch.command(arguments).envs(environment.iter().copied()).output().expect("the program starts"))
}

/// A hundred at once on one segment a second: the last waits 99 s.
fn burst(thresholds: &str) -> String {
    format!(
        "version: 1
name: burst
replications: 3
overrides: {{ network: ideal }}
services: {{ s: {{ senders: [{{ id: a, type: long_code, country: XX, mps: 1/s }}] }} }}
campaigns: {{ c: {{ service: s, segments: 1, recipients: {{ XX: 1 }}, arrivals: {{ phases: [{{ duration: 0s, arrival_count: 100 }}] }} }} }}
thresholds:
{thresholds}
"
    )
}

/// Read by an XML parser that knows nothing of JUnit, and counted: one case a threshold, a failure for each broken one, and
/// the facts in message and body, since some readers show only one of them.
#[test]
fn junit_has_a_case_for_each_threshold() {
    let scratch = Scratch::new("junit");
    let text = burst("  queue_wait: [\"max < 99.5s\", \"avg < 10s\"]\n  delivered: \"rate > 0.5\"");
    fs::write(scratch.0.join("it.yaml"), text).unwrap();
    assert_eq!(run_in(&scratch, &["run", "it.yaml", "--quiet", "--out-dir", "out"], &[]).0, Some(99));
    let text = scratch.read("out/junit.xml");
    let document = roxmltree::Document::parse(&text).expect("XML");
    let named = |name: &'static str| document.descendants().filter(move |node| node.has_tag_name(name));
    let suite = named("testsuite").next().unwrap();
    let attribute = |name: &str| suite.attribute(name).unwrap_or_default().to_owned();
    assert_eq!(
        (attribute("name"), attribute("tests"), attribute("failures")),
        ("burst".into(), "3".into(), "1".into())
    );
    let cases: Vec<_> = named("testcase").map(|case| case.attribute("name").unwrap().to_owned()).collect();
    assert_eq!(cases, ["queue_wait max < 99.5s", "queue_wait avg < 10s", "delivered rate > 0.5"]);
    let failure = named("failure").next().unwrap();
    // (0 + ... + 99) / 100 = 49.5 s.
    let message = failure.attribute("message").unwrap();
    assert!(message.contains("49.5 s") && message.contains("misses by 39.5 s"), "{message}");
    assert!(failure.text().unwrap().contains("49.5 s"));
    assert!(!text.contains("time="), "no clock in results");
    fs::write(scratch.0.join("none.yaml"), burst("").replace("thresholds:\n", "")).unwrap();
    assert_eq!(run_in(&scratch, &["run", "none.yaml", "--quiet", "--out-dir", "none"], &[]).0, Some(0));
    let text = scratch.read("none/junit.xml");
    let document = roxmltree::Document::parse(&text).expect("XML");
    assert!(document.descendants().any(|node| node.has_tag_name("testsuite")), "an empty suite is a suite");
}

#[test]
fn benchmarks_have_their_formats() {
    let scratch = Scratch::new("bench");
    fs::write(scratch.0.join("it.yaml"), burst("  delivered: \"rate > 0.5\"")).unwrap();
    assert_eq!(run_in(&scratch, &["run", "it.yaml", "--quiet", "--out-dir", "out"], &[]).0, Some(0));
    let bench: Value = serde_json::from_str(&scratch.read("out/bench.json")).unwrap();
    let find = |name: &str| {
        bench.as_array().unwrap().iter().find(|entry| entry["name"] == name).unwrap_or_else(|| panic!("{name}")).clone()
    };
    assert_eq!(
        (&find("burst/drain_time")["value"], &find("burst/drain_time")["unit"]),
        (&100.0.into(), &"seconds".into())
    );
    assert_eq!(find("burst/not_delivered")["value"], 0.0);
    let bmf: Value = serde_json::from_str(&scratch.read("out/bmf.json")).unwrap();
    assert_eq!(bmf["burst/drain_time"]["seconds"]["value"], 100.0);
    assert_eq!(bmf["burst/drain_time"]["seconds"]["upper_value"], 100.0);
}

#[test]
fn a_workflow_gets_its_page_and_its_annotations() {
    let scratch = Scratch::new("workflow");
    fs::write(scratch.0.join("it.yaml"), burst("  delivered: \"rate > 0.5\"\n  queue_wait: \"avg < 10s\"")).unwrap();
    fs::write(scratch.0.join("page.md"), "before\n").unwrap();
    let page = scratch.0.join("page.md").display().to_string();
    let environment = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", page.as_str())];
    let (exit, shown, told) = run_in(&scratch, &["run", "it.yaml", "--json", "--out-dir", "out"], &environment);
    assert_eq!(exit, Some(99));
    serde_json::from_str::<Value>(&shown).expect("standard output stays JSON");
    let annotations: Vec<&str> = told.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(annotations.len(), 1, "{told}");
    // The key stands in line 9 of the file.
    assert!(
        annotations[0].starts_with("::error file=it.yaml,line=9,title=threshold broken::queue_wait avg < 10s: 49.5 s")
    );
    let page = scratch.read("page.md");
    assert!(page.starts_with("before\n# burst\n") && page.contains("**broken**"), "{page}");
    let (_, _, told) = run_in(&scratch, &["run", "it.yaml", "--quiet", "--out-dir", "out"], &[]);
    assert!(!told.contains("::error"), "only where there is a workflow");
}

#[test]
fn findings_go_to_code_scanning() {
    let scratch = Scratch::new("sarif");
    fs::write(scratch.0.join("it.yaml"), burst("  delivered: \"rate > 0.5\"").replace("service: s,", "servise: s,"))
        .unwrap();
    let (exit, shown, _) = run_in(&scratch, &["validate", "it.yaml", "--format", "sarif"], &[]);
    assert_eq!(exit, Some(2));
    let log: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["level"], "error");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "it.yaml");
    assert_eq!(place["region"]["startLine"], 6);
    assert!(result["message"]["text"].as_str().unwrap().contains("did you mean `service`?"), "{result}");
}

/// A queue at load 0.8: the mean wait of steady state is 2 services (M/D/1: ρ / (2 (1 − ρ))), here 2 s. One at 1.1 grows, and
/// is told so.
#[test]
fn steady_state_is_shown_and_doubted() {
    let scratch = Scratch::new("steady");
    let text = |rate: &str| {
        format!(
            "version: 1
name: line
replications: 20
queue: {{ capacity: unlimited }}
services: {{ s: {{ senders: [{{ id: a, type: long_code, country: XX, mps: 1/s }}] }} }}
campaigns: {{ c: {{ service: s, segments: 1, recipients: {{ XX: 1 }}, arrivals: {{ process: poisson, phases: [{{ duration: 5000s, arrival_rate: {rate} }}] }} }} }}
"
        )
    };
    fs::write(scratch.0.join("it.yaml"), text("0.8/s")).unwrap();
    let (exit, shown, told) =
        run_in(&scratch, &["steady", "it.yaml", "--warm-up", "300s", "--json", "--out-dir", "out"], &[]);
    assert_eq!(exit, Some(0), "{told}");
    let facts: Value = serde_json::from_str(&shown).expect("JSON");
    let end = |end: &str| facts["mean_seconds"]["interval"][end].as_f64().unwrap();
    assert!(end("low") < 2.0 && 2.0 < end("high") && end("high") - end("low") < 0.6, "{facts}");
    assert!(!facts["warnings"].to_string().contains("grows"), "{facts}");
    assert!(scratch.0.join("out/charts/welch.svg").exists());
    fs::write(scratch.0.join("it.yaml"), text("1.1/s")).unwrap();
    let (_, shown, _) =
        run_in(&scratch, &["steady", "it.yaml", "--warm-up", "300s", "--out-dir", "out", "--force"], &[]);
    assert!(shown.contains("warning: the delay still grows"), "{shown}");
    let (exit, _, told) = run_in(&scratch, &["steady", "it.yaml", "--warm-up", "2h"], &[]);
    assert_eq!(exit, Some(2));
    assert!(told.contains("nothing is left"), "{told}");
}
