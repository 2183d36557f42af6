//! `sendpool sweep` as a user types it: exit codes, the folder, the same bytes with one thread and two, wrong grids, and the
//! values of a cell against a run of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

mod support;

use support::{Scratch, text};

/// A folder with what the tests run.
fn prepared(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write("small.yaml", SMALL);
    scratch
}

fn sweep(scratch: &Scratch, arguments: &[&str]) -> Output {
    scratch.run(&[&["sweep", "small.yaml"][..], arguments].concat())
}

/// Messages that come by chance and wait, some too long: every default metric has something to say.
const SMALL: &str = r#"
version: 1
name: small
replications: 3
services: { hello: { validity_period: 60s, senders: [{ id: desk, type: long_code, country: CA, mps: 5/s, count: 2 }] } }
campaigns:
  greeting:
    service: hello
    body: "Hello"
    recipients: { CA: 1 }
    arrivals: { process: poisson, phases: [{ duration: 60s, arrival_count: 1500 }] }
thresholds: { drain_time: "max < 90s", filtered: "rate < 0.5" }
"#;

const COUNT: &str = "services.hello.senders[0].count";

/// The rows of a CSV file by column.
fn table(csv: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let owned = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<String>>();
    let heads = owned(reader.headers().expect("a header"));
    (heads, reader.records().map(|record| owned(&record.expect("a row"))).collect())
}

/// The words of a command as a shell parts them: single quotes only.
fn shell_words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for sign in command.chars() {
        match sign {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().expect("one at least").push(sign),
        }
    }
    words
}

/// Aim: what a sweep says of a cell is what `run` with `--set` says of it, to the digit. Method: the command that the sweep
/// names for each cell is obeyed, and its summary compared.
#[test]
fn cells_are_single_runs() {
    let scratch = prepared("cells");
    let vary = format!("{COUNT}=1,2,4");
    let swept = sweep(&scratch, &["--vary", &vary, "--set", "seed=9", "--replications", "2", "--out-dir", "out"]);
    assert_eq!(swept.status.code(), Some(0), "broken promises are no failure: {}", text(&swept.stderr));
    let facts: Value = serde_json::from_str(&scratch.read("out/sweep.json")).expect("JSON");
    let (heads, rows) = table(&scratch.read("out/sweep.csv"));
    assert_eq!(heads[0], COUNT);
    assert_eq!(rows.len(), 3);
    let column = |name: &str| heads.iter().position(|head| head == name).unwrap_or_else(|| panic!("{name}: {heads:?}"));
    let mut kept = Vec::new();
    for (cell, row) in facts["cells"].as_array().expect("cells").iter().zip(&rows) {
        let words = shell_words(cell["command"].as_str().expect("a command"));
        let words: Vec<&str> = words.iter().skip(1).map(String::as_str).chain(["--json"]).collect();
        let run = scratch.run(&words);
        let summary: Value = serde_json::from_slice(&run.stdout).unwrap_or_else(|_| panic!("{}", text(&run.stderr)));
        assert_eq!(summary["scenario"]["digest"], cell["digest"], "it is the same scenario");
        assert_eq!(summary["run"]["trajectory"], cell["trajectory"]);
        assert_eq!(summary["run"]["trajectory"], row[column("trajectory")].as_str());
        let overall = &summary["overall"];
        let lost = |code: u64| {
            let losses = overall["losses"].as_array().expect("losses").iter();
            losses.filter(|loss| loss["code"] == code).map(|loss| loss["share"].as_f64().expect("a share")).sum::<f64>()
        };
        let number = |value: &Value| value.as_f64().expect("a number");
        let drain = &overall["drain_seconds"];
        let expected = [
            ("drain_time avg (seconds)", number(&drain["mean"])),
            ("drain_time avg (seconds) min", number(&drain["min"])),
            ("drain_time avg (seconds) max", number(&drain["max"])),
            ("delivered rate (share)", number(&overall["delivered_share"])),
            ("delivered_reported rate (share)", number(&overall["delivered_reported_share"])),
            ("queue_wait p(95) (seconds)", number(&overall["delays"]["queue_wait"]["p95"])),
            ("end_to_end p(95) (seconds)", number(&overall["delays"]["end_to_end"]["p95"])),
            ("expired rate (share)", lost(30036)),
            ("filtered rate (share)", lost(30007)),
            ("lost with 30007 (share)", lost(30007)),
            ("cost avg (dollars)", number(&overall["cost_dollars"]["total"])),
            ("rents (dollars a month)", number(&summary["rents_dollars_per_month"])),
        ];
        for (name, value) in expected {
            let found: f64 = row[column(name)].parse().unwrap_or_else(|_| panic!("{name}: {row:?}"));
            assert!((found - value).abs() <= 1e-12 * value.abs(), "{name}: {found}, but the run says {value}");
        }
        let promises = summary["thresholds"].as_array().expect("promises");
        let passed = promises.iter().filter(|promise| promise["passed"] == true).count();
        assert_eq!(row[column("promises kept")], passed.to_string());
        assert_eq!(run.status.code(), Some(if passed == 2 { 0 } else { 99 }));
        kept.push(passed);
    }
    // 1,500 segments at 10/s need 150 s, two numbers expire what waits a minute; four send all in 75 s.
    assert_eq!(kept, [1, 1, 2], "the cells differ");
    assert_eq!(facts["best"], 2);
    assert!(scratch.read("out/sweep.md").contains(&format!("Best: {COUNT} = 4: 2 of 2 promises kept")));
    let minimum = |row: &Vec<String>| row[column("queue_wait p(95) (seconds) min")].parse::<f64>().expect("a number");
    let maximum = |row: &Vec<String>| row[column("queue_wait p(95) (seconds) max")].parse::<f64>().expect("a number");
    assert!(rows.iter().all(|row| minimum(row) <= maximum(row)));
    assert!(minimum(&rows[2]) < maximum(&rows[2]), "replications differ");
}

/// Aim: the extremes of a percentile are those of single replications. Method: a sweep of one replication each, whose value
/// is its own smallest and largest.
#[test]
fn extremes_are_of_single_replications() {
    let scratch = prepared("extremes");
    let arguments = |replications: &'static str| {
        [
            "--vary",
            "name=a",
            "--metric",
            "end_to_end{campaign:greeting} p(95)",
            "--replications",
            replications,
            "--json",
        ]
    };
    let result = |replications| {
        let swept = sweep(&scratch, &arguments(replications));
        let facts: Value = serde_json::from_slice(&swept.stdout).expect("JSON");
        ["value", "min", "max"].map(|key| facts["cells"][0]["results"][0][key].as_f64().expect("a number"))
    };
    let one = result("1");
    assert!(one[0] == one[1] && one[0] == one[2], "{one:?}");
    let three = result("3");
    assert!(three[1] < three[0] && three[0] < three[2], "{three:?}");
    assert!(three[1] <= one[0] && one[0] <= three[2], "the first replication is one of three");
}

/// All files below a folder but `run.json`, with their contents.
fn files_in(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("run.json") {
                let name = path.strip_prefix(folder).expect("inside").to_owned();
                found.push((name, fs::read(&path).expect("readable")));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn one_thread_and_two_write_the_same_bytes() {
    let scratch = prepared("threads");
    let vary = format!("{COUNT}=1..3");
    for (threads, folder) in [("1", "one"), ("2", "two")] {
        let lists = ["--vary", &vary, "--vary", "replications=1,5", "--vary", "name=x,y"];
        for (axes, kind) in [(2, "curves"), (4, "heat"), (6, "none")] {
            let out = format!("{folder}/{kind}");
            let swept = sweep(
                &scratch,
                &[&lists[..axes], &["--threads", threads, "--out-dir", &out, "--quiet", "--png"]].concat(),
            );
            assert_eq!(swept.status.code(), Some(0), "{}", text(&swept.stderr));
            assert_eq!(text(&swept.stdout), "", "quiet is quiet");
        }
    }
    let files = files_in(&scratch.0.join("one"));
    assert_eq!(files, files_in(&scratch.0.join("two")));
    let names: Vec<String> = files.iter().map(|(path, _)| path.to_string_lossy().into_owned()).collect();
    for name in
        ["curves/sweep.csv", "curves/sweep.json", "curves/sweep.md", "curves/charts/curves.svg", "curves/report.html"]
    {
        assert!(names.iter().any(|found| found == name), "{name} is missing among {names:?}");
    }
    assert!(names.contains(&"heat/charts/heat.png".to_owned()), "{names:?}");
    assert!(!names.iter().any(|name| name.starts_with("none/charts")), "three axes make no picture");
}

#[test]
fn a_sweep_shows_its_table_and_keeps_its_folder() {
    let scratch = prepared("folder");
    let vary = format!("{COUNT}=2,4");
    let swept = sweep(&scratch, &["--vary", &vary, "--label", "numbers"]);
    assert_eq!(swept.status.code(), Some(0), "{}", text(&swept.stderr));
    let shown = text(&swept.stdout);
    for word in ["small: 2 cells, 3 replications each", "numbers", "→", "Best: numbers = 4", "written to sweeps/small-"]
    {
        assert!(shown.contains(word), "{word} is missing in\n{shown}");
    }
    assert!(shown.lines().all(|line| line.chars().count() <= 160), "{shown}");
    assert_eq!(sweep(&scratch, &["--vary", &vary, "--label", "numbers"]).status.code(), Some(0), "the same again");
    let folder =
        fs::read_dir(scratch.0.join("sweeps")).expect("a folder").next().expect("one").expect("readable").path();
    let folder = folder.to_string_lossy().into_owned();
    let other = sweep(&scratch, &["--vary", &format!("{COUNT}=3"), "--out-dir", &folder]);
    assert_eq!(other.status.code(), Some(2));
    assert!(text(&other.stderr).contains("holds the results of another scenario"), "{}", text(&other.stderr));
    let forced = sweep(&scratch, &["--vary", &format!("{COUNT}=3"), "--out-dir", &folder, "--force"]);
    assert_eq!(forced.status.code(), Some(0));
}

/// Aim: whatever is wrong with a grid is told before anything runs. Method: by list; nothing is written.
#[test]
fn wrong_grids_are_exit_code_2() {
    let scratch = prepared("wrong");
    let count = |values: &str| format!("{COUNT}={values}");
    for (arguments, words) in [
        (vec!["--vary".to_owned(), "seed".to_owned()], "--vary seed: write PATH=VALUES"),
        (vec!["--vary".to_owned(), count("5..1")], "the range 5..1 ends before it begins"),
        (vec!["--vary".to_owned(), count("1,1")], "the value 1 is there twice"),
        (vec!["--vary".to_owned(), count("1..2000")], "more than 1000 values"),
        (
            vec!["--vary".to_owned(), count("1..40"), "--vary".to_owned(), "seed=1..26".to_owned()],
            "40 x 26 make 1040 cells; at most 1000 are run",
        ),
        (vec!["--vary".to_owned(), "seed=1,2".to_owned(), "--seed".to_owned(), "3".to_owned()], "seed is given twice"),
        (vec!["--vary".to_owned(), "seed=1,2".to_owned(), "--set".to_owned(), "seed=3".to_owned()], "given twice"),
        (vec!["--vary".to_owned(), count("1,0,x")], "2 of 3 cells cannot be run; nothing was run"),
        (vec!["--vary".to_owned(), count("1,0,x")], "a group of no senders"),
        (vec!["--vary".to_owned(), count("1,0,x")], "in services.hello.senders[0].count = x"),
        (vec!["--vary".to_owned(), "services.hullo.senders=1".to_owned()], "did you mean `hello`?"),
        (
            vec!["--vary".to_owned(), count("1,2"), "--metric".to_owned(), "filter rate".to_owned()],
            "unknown metric `filter`",
        ),
        (
            vec!["--vary".to_owned(), count("1,2"), "--metric".to_owned(), "filtered".to_owned()],
            "`filtered` does not say what is asked of the metric",
        ),
        (
            vec!["--vary".to_owned(), count("1,2"), "--metric".to_owned(), "filtered p(95)".to_owned()],
            "it takes count, rate",
        ),
        (
            vec!["--vary".to_owned(), count("1,2"), "--metric".to_owned(), "sent{campaign:greetings} rate".to_owned()],
            "did you mean `greeting`?",
        ),
        (vec!["--vary".to_owned(), count("1"), "--threads".to_owned(), "0".to_owned()], "write 1 to 1024"),
        (
            vec!["--vary=seed=1".to_owned(), "--label=a".to_owned(), "--label=b".to_owned()],
            "there are 2 labels for 1 --vary",
        ),
        (vec![], "--vary <PATH=VALUES>"),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let swept = sweep(&scratch, &arguments);
        assert_eq!(swept.status.code(), Some(2), "{arguments:?}");
        assert!(text(&swept.stderr).contains(words), "{arguments:?}: {}", text(&swept.stderr));
        assert_eq!(text(&swept.stdout), "");
    }
    assert!(!scratch.0.join("sweeps").exists());
    let absent = scratch.run(&["sweep", "absent.yaml", "--vary", "seed=1"]);
    assert!(absent.status.code() == Some(2) && text(&absent.stderr).contains("cannot read absent.yaml"));
}

/// A finding that many cells share is told once.
#[test]
fn a_shared_finding_is_told_once() {
    let scratch = prepared("shared");
    let swept = sweep(&scratch, &["--vary", &format!("{COUNT}=1..9"), "--replications", "1"]);
    let told = text(&swept.stderr);
    assert_eq!(told.matches("share the traffic to CA").count(), 1, "{told}");
    assert!(told.contains("count = 2; ") && told.contains("more cells"), "{told}");
    let wrong = sweep(&scratch, &["--vary", &format!("{COUNT}=1..9"), "--set", "campaigns.greeting.service=x"]);
    let told = text(&wrong.stderr);
    assert_eq!((wrong.status.code(), told.matches("unknown service `x`").count()), (Some(2), 1), "{told}");
    assert!(told.contains("in all 9 cells") && told.contains("9 of 9 cells cannot be run"), "{told}");
}

/// Aim: the pictures in the documentation are what their commands draw. `UPDATE_REPORTS=1` draws them anew.
#[test]
fn the_snowshoe_pictures_are_drawn_by_their_commands() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/sweep.md")).expect("the page is part of the project");
    let commands = page.lines().filter_map(|line| line.strip_prefix("$ sendpool sweep scenarios/snowshoe-curve.yaml"));
    let pictures: Vec<&str> =
        page.lines().filter_map(|line| line.split_once("](images/")?.1.strip_suffix(')')).collect();
    let commands: Vec<&str> = commands.collect();
    assert_eq!((commands.len(), &pictures[..]), (2, &["snowshoe-curve.svg", "snowshoe-fines.svg"][..]));
    for (command, picture) in commands.into_iter().zip(pictures) {
        let words = shell_words(&format!("sweep scenarios/snowshoe-curve.yaml{command}"));
        let scratch = prepared(picture);
        let out = scratch.0.join("out");
        let words = words.iter().map(String::as_str).chain(["--quiet", "--out-dir", out.to_str().expect("plain")]);
        let swept = support::sendpool(root, &words.collect::<Vec<&str>>()).output().expect("the program starts");
        assert_eq!(swept.status.code(), Some(0), "{}", text(&swept.stderr));
        let drawn = scratch.read("out/charts/curves.svg");
        let kept = root.join("docs/images").join(picture);
        if std::env::var_os("UPDATE_REPORTS").is_some() {
            fs::write(&kept, &drawn).expect("writable");
        }
        assert!(
            fs::read_to_string(&kept).unwrap_or_default() == drawn,
            "{picture} has moved; see the head of this test"
        );
    }
}
