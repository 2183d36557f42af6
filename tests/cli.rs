//! The command as a user types it: exit codes, streams, the run folder.

use std::fs;
use std::path::Path;
use std::process::Stdio;

mod support;

use support::{Scratch, files_of, text};

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
    let names: Vec<String> =
        files_of(&scratch.path("out")).keys().map(|name| name.to_string_lossy().into_owned()).collect();
    for name in [
        "run.json",
        "summary.json",
        "summary.md",
        "series.csv",
        "charts/backlog.svg",
        "report.html",
        "charts/end_to_end.svg",
        "hist/campaign-greeting.end_to_end.hgrm",
    ] {
        assert!(names.contains(&name.to_owned()), "{name} is missing among {names:?}");
    }
}

/// Six messages of a log, one of them with a status that is none, and an answer.
const LOG: &str = "\
From,To,Body,Status,DateCreated,DateSent,NumSegments,Direction
12345,+12125550100,a,delivered,2026-03-02T09:00:00Z,2026-03-02T09:00:01Z,1,outbound-api
12345,+12125550101,a,delivered,2026-03-02T09:00:01Z,2026-03-02T09:00:02Z,1,outbound-api
12345,+12125550102,a,lost,2026-03-02T09:00:02Z,2026-03-02T09:00:03Z,1,outbound-api
12345,+14165550103,a,sent,2026-03-02T09:00:03Z,2026-03-02T09:00:04Z,2,outbound-api
+12125550100,12345,STOP,received,2026-03-02T09:00:09Z,2026-03-02T09:00:09Z,1,inbound
";

#[test]
fn a_log_becomes_a_scenario_that_runs() {
    let scratch = Scratch::new("fit");
    scratch.write("march.log.csv", LOG);
    let output = scratch.run(&["fit", "march.log.csv", "--zone", "America/New_York"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(
        text(&output.stderr),
        "march.log.csv: 5 records: 3 messages to people, 1 message from a person, 1 rejected\n  \
         rejected: line 4: Status `lost` is not a status of the platform\n"
    );
    insta::assert_snapshot!("fit", text(&output.stdout));
    scratch.write("march.yaml", &text(&output.stdout));
    let output = scratch.run(&["run", "march.yaml", "--quiet"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let output = scratch.run(&["fit", "march.log.csv", "--json", "--zone", "UTC"]);
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(figures["total"]["arrivals"]["messages"], 3);
    assert_eq!(figures["senders"][0]["type"], "short_code");
}

/// The records of a scenario beside a run of it: the same seed gives the same figures, to the digit; a file of another name is
/// compared as well, and one with errors is told.
#[test]
fn a_log_is_compared_with_a_run() {
    let scratch = Scratch::new("compare");
    scratch.write("it.yaml", &scenario("max < 1h"));
    let run = scratch.run(&["run", "it.yaml", "--quiet", "--records", "it.csv"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let same = scratch.run(&["fit", "it.csv", "--compare=it.yaml"]);
    assert_eq!(same.status.code(), Some(0), "{}", text(&same.stderr));
    let shown = text(&same.stdout);
    let ratios: Vec<&str> = shown.lines().filter_map(|line| line.split_whitespace().last()).collect();
    let ratios: Vec<&str> = ratios.into_iter().filter(|word| word.parse::<f64>().is_ok()).collect();
    assert!(ratios.len() > 20 && ratios.iter().all(|ratio| *ratio == "1.000"), "{shown}");
    let made = scratch.run(&["fit", "it.csv", "--compare", "--json"]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    let figures: serde_json::Value = serde_json::from_slice(&made.stdout).expect("JSON");
    assert_eq!(figures["log"]["records"]["messages"], 1000);
    let messages = figures["run"]["records"]["messages"].as_f64().expect("a number");
    assert!((900.0..1_100.0).contains(&messages), "{messages}");
    scratch.write("wrong.yaml", "version: 1\n");
    assert_eq!(scratch.run(&["fit", "it.csv", "--compare=wrong.yaml"]).status.code(), Some(2));
}

/// A trace lies beside its scenario, wherever the command runs; the run's folder is another when it changes.
#[test]
fn a_trace_is_read_beside_its_scenario() {
    let scratch = Scratch::new("trace");
    fs::create_dir(scratch.0.join("inner")).expect("writable");
    scratch.write("inner/march.csv", LOG);
    let replay = scenario("max < 1h")
        .replace("    recipients: { US: 1 }\n", "")
        .replace("{ process: poisson, phases: [{ duration: 10s, arrival_count: 1000 }] }", "{ trace: march.csv }");
    scratch.write("inner/replay.yaml", &replay);
    let run = || {
        let output = scratch.run(&["run", "inner/replay.yaml", "--json"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let summary: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        (summary["overall"]["offered"].as_f64(), text(&output.stderr))
    };
    let (offered, said) = run();
    assert_eq!(offered, Some(3.0));
    assert!(said.contains("1 of 5 records of `march.csv` cannot be replayed"), "{said}");
    assert!(said.contains("line 4: Status `lost` is not a status of the platform"), "{said}");
    scratch.write("inner/march.csv", &LOG.replace(",lost,", ",sent,"));
    assert_eq!(run().0, Some(4.0));
    let folders = fs::read_dir(scratch.0.join("runs")).expect("the runs").count();
    assert_eq!(folders, 2);
    fs::remove_file(scratch.0.join("inner/march.csv")).expect("there");
    let output = scratch.run(&["validate", "inner/replay.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("cannot read `march.csv`: "), "{}", text(&output.stderr));
}

#[test]
fn a_fit_replaces_no_file_unless_told_to() {
    let scratch = Scratch::new("fit-out");
    scratch.write("log.csv", LOG);
    let fit = |arguments: &[&str]| scratch.run(&[&["fit", "log.csv", "--out", "fitted.yaml"][..], arguments].concat());
    assert_eq!(fit(&[]).status.code(), Some(0));
    let written = fs::read_to_string(scratch.0.join("fitted.yaml")).expect("written");
    assert!(written.contains("name: \"log\""), "{written}");
    let again = fit(&["--name", "other"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("is there already"), "{}", text(&again.stderr));
    assert_eq!(fs::read_to_string(scratch.0.join("fitted.yaml")).expect("kept"), written);
    assert_eq!(fit(&["--name", "other", "--force"]).status.code(), Some(0));
    assert!(fs::read_to_string(scratch.0.join("fitted.yaml")).expect("replaced").contains("name: \"other\""));
}

#[test]
fn a_log_that_cannot_be_read_is_exit_code_2() {
    let scratch = Scratch::new("fit-wrong");
    scratch.write("empty.csv", "");
    scratch.write("columns.csv", "a,b\n1,2\n");
    scratch.write("inbound.csv", "date_created,direction\n2026-03-02T09:00:00Z,inbound\n");
    scratch.write("good.csv", LOG);
    for (arguments, words) in [
        (&["absent.csv"][..], "cannot read absent.csv"),
        (&["empty.csv"], "cannot read empty.csv: there is nothing in it"),
        (&["columns.csv"], "no column tells the time"),
        (&["inbound.csv"], "no message to a person"),
        (&["good.csv", "--zone", "America/Gotham"], "unknown time zone `America/Gotham`"),
    ] {
        let output = scratch.run(&[&["fit"][..], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(words), "{arguments:?}: {}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "");
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
    // One replication of campaigns that share nothing: threads share it.
    let service = |name: &str, count: u32| {
        format!("  {name}: {{ senders: [ {{ id: n{name}, type: long_code, country: CA, count: {count} }} ] }}\n")
    };
    let campaign = |name: &str| {
        let arrivals = "process: poisson, phases: [ { duration: 1h, arrival_count: 20000 } ]";
        format!("  {name}: {{ service: {name}, segments: 1, recipients: {{ CA: 1 }}, arrivals: {{ {arrivals} }} }}\n")
    };
    scratch.write(
        "apart.yaml",
        &format!(
            "version: 1\nname: apart\nservices:\n{}{}{}campaigns:\n{}{}{}",
            service("a", 3),
            service("b", 5),
            service("c", 9),
            campaign("a"),
            campaign("b"),
            campaign("c")
        ),
    );
    for file in ["small", "apart"] {
        let mut folders = Vec::new();
        for threads in ["1", "2", "3"] {
            let (scenario, folder) = (format!("{file}.yaml"), format!("{file}-{threads}"));
            let output = scratch.run(&["run", &scenario, "--quiet", "--threads", threads, "--out-dir", &folder]);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            folders.push(scratch.files(&folder));
        }
        assert!(folders[0].len() >= 10);
        assert!(folders[0] == folders[1] && folders[0] == folders[2], "{file}");
    }
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
    let mut child = support::sendpool(Path::new("."), &["schema"])
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
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("help-run", &["run", "--help"]),
        ("help-validate", &["validate", "--help"]),
        ("help-fit", &["fit", "--help"]),
    ] {
        insta::assert_snapshot!(name, text(&scratch.run(arguments).stdout));
    }
    let first_send = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/first-send.yaml");
    insta::assert_snapshot!("first-send", text(&scratch.run(&["run", first_send, "--out-dir", "out"]).stdout));
    scratch.write("typo.yaml", &scenario("max < 1h").replace("short_code", "shortcode"));
    insta::assert_snapshot!("typo", text(&scratch.run(&["validate", "typo.yaml"]).stderr));
    scratch.write("gap.yaml", &scenario("max < 1h"));
    insta::assert_snapshot!("advice", text(&scratch.run(&["validate", "gap.yaml"]).stderr));
}

/// Records in the format that the name says, whole or not at all.
#[test]
fn records_are_written_beside_the_run() {
    let scratch = Scratch::new("records");
    let file = "small.yaml";
    scratch.write(file, &scenario("max < 1h"));
    let ran = scratch.run(&["run", file, "--records", "out/all.csv", "--records-replication", "2"]);
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    assert!(text(&ran.stderr).contains("records of replication 2 written to out/all.csv"), "{}", text(&ran.stderr));
    let rows = fs::read_to_string(scratch.0.join("out/all.csv")).expect("the records");
    assert!(rows.starts_with("sid,messaging_service_sid,direction,from,to,status,"));
    assert_eq!(rows.lines().filter(|line| line.contains(",outbound-api,")).count(), 1_000);
    let left: Vec<_> = fs::read_dir(scratch.0.join("out")).expect("the folder").collect();
    assert_eq!(left.len(), 1, "no temporary file stays");

    for (arguments, says) in [
        (["--records", "all.xlsx"].as_slice(), "the name must end in .csv, .csv.gz, .jsonl"),
        (&["--records", "a.csv", "--records-of", "some"], "write all, failures or a share"),
        (&["--records", "a.csv", "--records-of", "0%"], "write all, failures or a share"),
        (&["--records", "a.csv", "--records-replication", "3"], "the replications are 0 to 2"),
        (&["--records", "out"], "the name must end in"),
    ] {
        let mut command = vec!["run", file, "--quiet"];
        command.extend(arguments);
        let ran = scratch.run(&command);
        assert_eq!(ran.status.code(), Some(2), "{arguments:?}");
        assert!(text(&ran.stderr).contains(says), "{arguments:?}: {}", text(&ran.stderr));
    }
    assert!(!scratch.0.join("a.csv").exists());
    for (arguments, code) in [
        (["--records", "out/all.csv"].as_slice(), 2),
        (&["--records", "out/all.csv", "--force"], 0),
        (&["--records", "here/all.csv", "--out-dir", "here"], 2),
    ] {
        let mut command = vec!["run", file, "--quiet"];
        command.extend(arguments);
        assert_eq!(scratch.run(&command).status.code(), Some(code), "{arguments:?}");
    }
    fs::copy(scratch.0.join("small.yaml"), scratch.0.join("small.csv")).expect("a copy");
    let itself = scratch.run(&["run", "small.csv", "--quiet", "--force", "--records", "small.csv"]);
    assert_eq!(itself.status.code(), Some(2), "{}", text(&itself.stderr));
    let blocked = scratch.run(&["run", file, "--quiet", "--records", "small.yaml/a.csv"]);
    assert_eq!(blocked.status.code(), Some(1));
    assert!(text(&blocked.stderr).contains("cannot write small.yaml/a.csv"), "{}", text(&blocked.stderr));
}

/// A life in words, and what is said when there is none.
#[test]
fn a_message_is_explained() {
    let scratch = Scratch::new("explain");
    let life = "version: 1\nname: life\nservices: { s: { senders: [ { id: n, type: long_code, country: XX, mps: 1 } ] } }\n\
                campaigns: { c: { service: s, segments: 1, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 0, arrival_count: 3 } ] } } }\n";
    let file = "life.yaml";
    scratch.write(file, life);
    let told = scratch.run(&["explain", file, "--campaign", "c", "--message", "2"]);
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    insta::assert_snapshot!("life", text(&told.stdout));
    let slowest = scratch.run(&["explain", file, "--slowest", "1"]);
    assert_eq!(text(&slowest.stdout), text(&told.stdout));
    let json = scratch.run(&["explain", file, "--slowest-to-carrier", "2", "--json"]);
    let lives: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(lives[0]["spent_seconds"]["lane_wait"], 2.0);
    assert_eq!(lives[1]["message"], 1);
    for (arguments, says) in [
        (["--campaign", "d", "--message", "2"].as_slice(), "unknown campaign `d`"),
        (&["--campaign", "c", "--message", "3"], "hands over no message 3"),
        (&["--campaign", "c"], "--message <N>"),
        (&["--slowest", "11"], "write 1 to 10"),
    ] {
        let mut command = vec!["explain", file];
        command.extend(arguments);
        let ran = scratch.run(&command);
        assert_eq!(ran.status.code(), Some(2), "{arguments:?}");
        assert!(text(&ran.stderr).contains(says), "{arguments:?}: {}", text(&ran.stderr));
    }
}

/// Colours are for terminals, unless told otherwise; what others read has none. A terminal is looked at in
/// `tests/peer/terminal.py`.
#[test]
fn colours_are_for_who_wants_them() {
    let scratch = Scratch::new("colours");
    scratch.write("small.yaml", &scenario("max < 1h"));
    let shown = |more: &[&str]| {
        let output = scratch.run(&[&["run", "small.yaml", "--force", "--out-dir", "out"], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let plain = shown(&[]);
    assert!(!plain.contains('\u{1b}'));
    assert_eq!(shown(&["--color", "never"]), plain);
    let colored = shown(&["--color", "always"]);
    assert!(colored.contains("\u{1b}[1m") && colored.contains("PROMISES"));
    assert!(!shown(&["--color", "always", "--json"]).contains('\u{1b}'));
}
