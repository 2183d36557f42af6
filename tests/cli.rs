//! The command as a user types it: exit codes, streams, the run folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder of its own for each test, gone at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("sendpool-cli-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a temporary folder");
        Scratch(path)
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.0.join(name), text).expect("writable");
        name.to_owned()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_sendpool"))
            .args(arguments)
            .current_dir(&self.0)
            .stdin(Stdio::null())
            .output()
            .expect("the program starts")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn scenario(threshold: &str) -> String {
    format!(
        r#"
version: 1
name: small
replications: 3
services: {{ hello: {{ senders: [{{ id: desk, type: short_code, country: US, mps: 50/s }}] }} }}
campaigns:
  greeting:
    service: hello
    body: "Hello"
    recipients: {{ US: 1 }}
    arrivals: {{ process: poisson, phases: [{{ duration: 10s, arrival_count: 1000 }}] }}
thresholds: {{ drain_time: "{threshold}" }}
"#
    )
}

/// All files below a folder, with their contents.
fn files_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("inside").to_string_lossy().into_owned();
                found.push((name, fs::read(&path).expect("readable")));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_run_keeps_its_promises_and_writes_its_folder() {
    let scratch = Scratch::new("kept");
    scratch.write("small.yaml", &scenario("max < 1h"));
    let output = scratch.run(&["run", "small.yaml", "--out-dir", "out"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    for word in
        ["DRAIN", "WAIT", "LOSS", "MONEY", "QUEUES", "PROMISES", "KEPT (1 of 1 kept)", "result ", "written to out"]
    {
        assert!(shown.contains(word), "{word} is missing in\n{shown}");
    }
    assert!(!shown.contains('\u{1b}'), "no colours where nobody can see them");
    assert!(shown.lines().all(|line| line.chars().count() <= 120), "{shown}");
    let names: Vec<String> = files_in(&scratch.0.join("out")).into_iter().map(|(name, _)| name).collect();
    for name in [
        "run.json",
        "summary.json",
        "summary.md",
        "series.csv",
        "charts/backlog.svg",
        "charts/backlog.png",
        "charts/end_to_end.svg",
        "charts/end_to_end.png",
        "hist/campaign-greeting.end_to_end.hgrm",
    ] {
        assert!(names.contains(&name.to_owned()), "{name} is missing among {names:?}");
    }
}

#[test]
fn a_broken_promise_is_exit_code_99() {
    let scratch = Scratch::new("broken");
    scratch.write("small.yaml", &scenario("max < 1s"));
    let output = scratch.run(&["run", "small.yaml", "--quiet"]);
    assert_eq!(output.status.code(), Some(99));
    assert_eq!(text(&output.stdout), "", "quiet is quiet");
    assert!(text(&output.stderr).contains("broken: drain_time"), "{}", text(&output.stderr));
}

#[test]
fn a_wrong_scenario_is_exit_code_2_and_writes_nothing() {
    let scratch = Scratch::new("wrong");
    scratch.write("small.yaml", &scenario("max < 1").replace("mps: 50/s", "mps: 0.000001/s"));
    let output = scratch.run(&["run", "small.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    let shown = text(&output.stderr);
    assert!(shown.contains("small.yaml:5:") && shown.contains("small.yaml:12:"), "both errors at once:\n{shown}");
    assert!(shown.contains("too low") && shown.contains("has no unit"), "{shown}");
    assert!(!scratch.0.join("runs").exists());
}

#[test]
fn what_cannot_be_read_is_exit_code_2() {
    let scratch = Scratch::new("absent");
    for arguments in
        [&["run", "absent.yaml"][..], &["validate", "absent.yaml"], &["run"], &["fly"], &["run", "x", "--threads", "0"]]
    {
        let output = scratch.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn threads_change_no_byte_but_in_the_run_file() {
    let scratch = Scratch::new("threads");
    scratch.write("small.yaml", &scenario("max < 1h"));
    let mut folders = Vec::new();
    for threads in ["1", "2", "3"] {
        let output = scratch.run(&["run", "small.yaml", "--quiet", "--threads", threads, "--out-dir", threads]);
        assert_eq!(output.status.code(), Some(0));
        let mut files = files_in(&scratch.0.join(threads));
        files.retain(|(name, _)| name != "run.json");
        folders.push(files);
    }
    assert!(folders[0].len() >= 10);
    assert!(folders[0] == folders[1] && folders[0] == folders[2]);
}

#[test]
fn seed_and_settings_replace_what_the_file_says() {
    let scratch = Scratch::new("settings");
    scratch.write("small.yaml", &scenario("max < 1h"));
    let json = |arguments: &[&str]| -> serde_json::Value {
        let output =
            scratch.run(&[&["run", "small.yaml", "--json", "--out-dir", "out", "--force"][..], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("standard output is JSON")
    };
    let plain = json(&[]);
    assert_eq!(plain["scenario"]["seed"], 42);
    assert_eq!(plain["overall"]["offered"], 1000.0);
    let changed = json(&[
        "--seed",
        "7",
        "--replications",
        "2",
        "--set",
        "campaigns.greeting.arrivals.phases[0].arrival_count=500",
    ]);
    assert_eq!(changed["scenario"]["seed"], 7);
    assert_eq!(changed["scenario"]["replications"], 2);
    assert_eq!(changed["overall"]["offered"], 500.0);
    let wrong = scratch.run(&["run", "small.yaml", "--set", "campaigns.greting.body=x"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("did you mean `greeting`?"), "{}", text(&wrong.stderr));
}

#[test]
fn a_folder_of_something_else_is_not_replaced() {
    let scratch = Scratch::new("folder");
    scratch.write("small.yaml", &scenario("max < 1h"));
    fs::create_dir(scratch.0.join("mine")).expect("writable");
    fs::write(scratch.0.join("mine/thesis.txt"), "ten years").expect("writable");
    let run = |arguments: &[&str]| {
        scratch.run(&[&["run", "small.yaml", "--quiet", "--out-dir", "mine"][..], arguments].concat())
    };
    let refused = run(&[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("--force"), "{}", text(&refused.stderr));
    assert_eq!(fs::read(scratch.0.join("mine/thesis.txt")).expect("untouched"), b"ten years");
    assert_eq!(run(&["--force"]).status.code(), Some(0));
    assert_eq!(run(&[]).status.code(), Some(0), "the same scenario replaces its own results");
    assert_eq!(run(&["--seed", "2"]).status.code(), Some(2), "another one does not");
    let left: Vec<_> =
        fs::read_dir(&scratch.0).expect("readable").map(|entry| entry.expect("readable").file_name()).collect();
    assert_eq!(left.len(), 2, "nothing temporary stays: {left:?}");
}

#[test]
fn validate_tells_valid_from_wrong() {
    let scratch = Scratch::new("validate");
    scratch.write("good.yaml", &scenario("max < 1h"));
    scratch.write("bad.yaml", "version: 1\nname: x\n");
    let output = scratch.run(&["validate", "good.yaml", "bad.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stdout).contains("good.yaml: valid (0 errors, 1 warning)"), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("bad.yaml: wrong (1 error, 0 warnings)"), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("missing key `campaigns`"), "{}", text(&output.stderr));
    assert_eq!(scratch.run(&["validate", "good.yaml"]).status.code(), Some(0));
    assert_eq!(scratch.run(&["validate", "good.yaml", "--strict"]).status.code(), Some(2));
}

/// Notes are shown and never in the way.
#[test]
fn a_note_is_no_warning() {
    let scratch = Scratch::new("note");
    let codes = scenario("max < 1h").replace("short_code, country: US", "long_code, country: XX");
    scratch.write(
        "codes.yaml",
        &codes.replace("US: 1", "XX: 1").replace("service: hello", "service: hello\n    kind: otp"),
    );
    let output = scratch.run(&["validate", "codes.yaml", "--strict"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stderr).starts_with("note: `greeting`: one-time codes"), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("codes.yaml: valid (0 errors, 0 warnings)"), "{}", text(&output.stdout));
    let output = scratch.run(&["run", "codes.yaml", "--strict", "--out-dir", "out"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let read = |name: &str| fs::read_to_string(scratch.0.join("out").join(name)).expect("written");
    let summary: serde_json::Value = serde_json::from_str(&read("summary.json")).expect("JSON");
    let note = summary["notes"][0].as_str().expect("a note");
    assert!(note.contains("verification product"), "{note}");
    assert!(read("summary.md").contains(&format!("## Notes\n\n- {note}\n")));
}

/// `sendpool schema | head -1`: a reader who has seen enough is no error.
#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sendpool"))
        .arg("schema")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn schema_and_completions_are_printed() {
    let scratch = Scratch::new("print");
    let schema = scratch.run(&["schema"]);
    let value: serde_json::Value = serde_json::from_slice(&schema.stdout).expect("the schema is JSON");
    assert_eq!(value["title"], "Sendpool scenario");
    for shell in ["bash", "zsh", "fish"] {
        assert!(text(&scratch.run(&["completions", shell]).stdout).contains("sendpool"));
    }
}

/// What users see, word for word. `INSTA_UPDATE=always cargo test --release --test cli` rewrites `tests/snapshots`.
#[test]
fn what_is_shown_is_pinned() {
    let scratch = Scratch::new("shown");
    for (name, arguments) in
        [("help", &["--help"][..]), ("help-run", &["run", "--help"]), ("help-validate", &["validate", "--help"])]
    {
        insta::assert_snapshot!(name, text(&scratch.run(arguments).stdout));
    }
    let first_send = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/first-send.yaml");
    insta::assert_snapshot!("first-send", text(&scratch.run(&["run", first_send, "--out-dir", "out"]).stdout));
    scratch.write("typo.yaml", &scenario("max < 1h").replace("short_code", "shortcode"));
    insta::assert_snapshot!("typo", text(&scratch.run(&["validate", "typo.yaml"]).stderr));
    scratch.write("gap.yaml", &scenario("max < 1h"));
    insta::assert_snapshot!("advice", text(&scratch.run(&["validate", "gap.yaml"]).stderr));
}
