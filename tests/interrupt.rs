//! Runs that are stopped, killed or cannot write: nothing is lost, nothing is half, and who goes on comes to the same bytes.

#![expect(clippy::disallowed_methods, reason = "instants are what is tested; no result depends on the clock")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

mod support;

use support::{Scratch, files_of, text};

/// One test at a time: they are about instants, and a busy machine has other ones.
static ALONE: Mutex<()> = Mutex::new(());

/// A folder with what the tests run, and the right to be alone.
fn prepared(name: &str) -> (Scratch, MutexGuard<'static, ()>) {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let scratch = Scratch::new(name);
    scratch.write("some.yaml", &scenario(40, 1_500));
    scratch.write("more.yaml", &scenario(200, 1_500));
    scratch.write("long.yaml", &scenario(400, 1_500));
    (scratch, alone)
}

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in files_of(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().expect("inside")).expect("writable");
        fs::write(path, bytes).expect("writable");
    }
}

fn scenario(replications: u32, messages: u32) -> String {
    format!(
        r#"
version: 1
name: some
replications: {replications}
services: {{ hello: {{ senders: [{{ id: desk, type: short_code, country: US, mps: 50/s }}] }} }}
campaigns:
  greeting:
    service: hello
    body: "Hello"
    recipients: {{ US: 1 }}
    arrivals: {{ process: poisson, phases: [{{ duration: 10s, arrival_count: {messages} }}] }}
thresholds: {{ drain_time: "max < 1h", queue_wait: "p(95) < 30m" }}
"#
    )
}

/// SplitMix64: instants that are the same in every run of the test, up to the speed of the machine.
struct Instants(u64);

impl Instants {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Aim: killed at any instant, a run leaves the old folder or the new, never half, and the same command then comes to the bytes
/// of a run that nobody killed. Method: 100 runs over an old folder of another seed, each killed (SIGKILL) at a seeded share of
/// the time that a run takes: 50 at any, 50 within the last quarter of a shorter run, where folders are written and exchanged;
/// each then run to its end. Also counted: kills that came in time, and runs that found something to go on from, without which
/// the test would show nothing.
#[test]
fn killed_at_any_instant_nothing_is_half_and_the_rest_is_run() {
    let (scratch, _alone) = prepared("kill");
    let mut instants = Instants(2026);
    for (file, from) in [("more.yaml", 0.0), ("some.yaml", 0.75)] {
        assert_eq!(scratch.run(&["run", file, "--seed", "7", "--quiet", "--out-dir", "old"]).status.code(), Some(0));
        // The shortest of three: what comes too late shows nothing.
        let took = |_| {
            let started = Instant::now();
            assert_eq!(scratch.run(&["run", file, "--quiet", "--out-dir", "new"]).status.code(), Some(0));
            started.elapsed()
        };
        let mut whole = (0..3).map(took).min().expect("three");
        let (old, new) = (scratch.files("old"), scratch.files("new"));
        assert_ne!(old, new);
        let command = ["run", file, "--quiet", "--force", "--out-dir", "out"];
        let (mut in_time, mut after, mut went_on) = (0, 0, 0);
        for _ in 0..50 {
            let _ = fs::remove_dir_all(scratch.path("out"));
            copy(&scratch.path("old"), &scratch.path("out"));
            let share = from + (1.05 - from) * instants.next();
            let mut child = scratch.command(&command).stderr(Stdio::null()).spawn().expect("the program starts");
            std::thread::sleep(whole.mul_f64(share));
            child.kill().expect("it can be killed");
            let late = child.wait().expect("it ends").code().is_some();
            in_time += u32::from(!late);
            // The machine has less to do than when the runs were timed.
            whole = if late && share < 1.0 { whole.mul_f64(0.95) } else { whole };
            let found = scratch.files("out");
            assert!(found == old || found == new, "killed after {share:.3} of {whole:?}: half a folder");
            after += u32::from(found == new);
            went_on += u32::from(scratch.path("out.work").exists());
            assert_eq!(scratch.run(&command).status.code(), Some(0));
            assert!(scratch.files("out") == new, "killed after {share:.3} of {whole:?}: other bytes at the end");
            let names = ["long.yaml", "more.yaml", "new", "old", "out", "some.yaml"];
            assert_eq!(scratch.names(), names, "something is left lying about");
        }
        println!(
            "{file}: of 50, {in_time} killed in time, {after} after the exchange, {went_on} went on from something"
        );
        assert!(in_time >= 10, "{in_time} of 50: the kills come too late");
        assert!(from > 0.0 || went_on >= 3, "{went_on} of 50: too few had kept anything");
        fs::remove_dir_all(scratch.path("new")).expect("there");
        fs::remove_dir_all(scratch.path("old")).expect("there");
    }
}

/// Waits until a run has kept something, at most a minute.
fn wait_for_work(folder: &Path) {
    let until = Instant::now() + Duration::from_secs(60);
    while !fs::read_dir(folder).is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|entry| entry.path().extension().is_some_and(|ending| ending == "kept")))
    }) {
        assert!(Instant::now() < until, "nothing was kept in {}", folder.display());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Stops a command by a signal once it has kept something; what it says.
fn stop(scratch: &Scratch, arguments: &[&str], signal: &str, folder: &str) -> String {
    let mut command = scratch.command(arguments);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
    wait_for_work(&scratch.path(&format!("{folder}.work")));
    let process = child.id().to_string();
    assert!(Command::new("kill").args([signal, &process]).status().expect("kill is there").success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(105), "{}", text(&output.stderr));
    text(&output.stderr)
}

/// Aim: Ctrl-C and SIGTERM write what is complete and end with 105, and the same command goes on to the same bytes. Method: each
/// of the four commands, stopped once it has kept something, then run to its end, against one that nobody stopped.
#[cfg(unix)]
#[test]
fn stopped_runs_write_what_is_complete_and_go_on() {
    let (scratch, _alone) = prepared("stop");
    let vary = "services.hello.senders[0].mps=40/s,60/s,80/s,100/s";
    let commands: [(&str, &str, &[&str], &str); 5] = [
        ("run", "-INT", &["run", "long.yaml", "--quiet"], "summary.json"),
        ("term", "-TERM", &["run", "long.yaml", "--quiet", "--threads", "1"], "summary.json"),
        ("sweep", "-INT", &["sweep", "long.yaml", "--quiet", "--replications", "100", "--vary", vary], ""),
        (
            "compare",
            "-INT",
            &["compare", "long.yaml", "--quiet", "--with", "services.hello.senders[0].mps=60/s"],
            "compare.json",
        ),
        ("steady", "-TERM", &["steady", "long.yaml", "--warm-up", "2s", "--replications", "300"], "steady.json"),
    ];
    for (name, signal, arguments, partial) in commands {
        let with = |folder: &'static str| [arguments, &["--out-dir", folder]].concat();
        let said = stop(&scratch, &with("stopped"), signal, "stopped");
        assert!(said.contains("interrupted: ") && said.contains("kept in stopped.work"), "{name}: {said}");
        assert!(!scratch.path("stopped").exists(), "{name}");
        if !partial.is_empty() {
            assert!(said.contains("what they show is in stopped.partial"), "{name}: {said}");
            let summary = fs::read(scratch.path("stopped.partial").join(partial)).expect("what is complete is written");
            serde_json::from_slice::<serde_json::Value>(&summary).expect("JSON");
        }
        let resumed = scratch.run(&with("stopped"));
        assert_eq!(resumed.status.code(), Some(0), "{name}: {}", text(&resumed.stderr));
        assert_eq!(scratch.run(&with("whole")).status.code(), Some(0));
        assert!(scratch.files("stopped") == scratch.files("whole"), "{name}: other bytes after going on");
        assert!(!scratch.path("stopped.work").exists() && !scratch.path("stopped.partial").exists(), "{name}");
        fs::remove_dir_all(scratch.path("stopped")).expect("there");
        fs::remove_dir_all(scratch.path("whole")).expect("there");
    }
}

/// Aim: what a stopped comparison shows is what a comparison of so many pairs shows. Method: the figures that it wrote, against
/// a comparison that is asked for as many.
#[cfg(unix)]
#[test]
fn what_a_stopped_comparison_shows_is_one_of_fewer_pairs() {
    let (scratch, _alone) = prepared("pairs");
    let compare = ["compare", "long.yaml", "--quiet", "--with", "services.hello.senders[0].mps=60/s", "--out-dir"];
    stop(&scratch, &[&compare[..], &["out"]].concat(), "-INT", "out");
    let read = |folder: &str| -> serde_json::Value {
        let bytes = fs::read(scratch.path(folder).join("compare.json")).expect("written");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    let partial = read("out.partial");
    let count = partial["replications"].as_u64().expect("a number");
    assert!((1..400).contains(&count), "{count}");
    let asked = count.to_string();
    scratch.run(&[&compare[..], &["fewer", "--replications", &asked]].concat());
    let fewer = read("fewer");
    assert_eq!(fewer["figures"], partial["figures"]);
    let trajectories = |facts: &serde_json::Value| -> Vec<serde_json::Value> {
        facts["designs"].as_array().expect("a list").iter().map(|design| design["trajectory"].clone()).collect()
    };
    assert_eq!(trajectories(&fewer), trajectories(&partial));
}

/// Aim: a baseline that is stopped says what is done and what is not, and leaves no half of one. Method: two scenarios, the second
/// longer than the time to the signal, then the same command for the second alone.
#[cfg(unix)]
#[test]
fn a_stopped_baseline_is_not_half_kept() {
    let (scratch, _alone) = prepared("baseline");
    fs::write(scratch.path("first.yaml"), scenario(1, 10).replace("name: some", "name: first")).expect("writable");
    fs::write(scratch.path("second.yaml"), scenario(100_000, 1_500).replace("name: some", "name: second"))
        .expect("writable");
    let mut command = scratch.command(&["baseline", "save", "first.yaml", "second.yaml"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let until = Instant::now() + Duration::from_secs(60);
    while !scratch.path("baselines/first.json").exists() {
        assert!(Instant::now() < until, "the first is not kept");
        std::thread::sleep(Duration::from_millis(5));
    }
    let process = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &process]).status().expect("kill is there").success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(105), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("interrupted: while second.yaml ran; nothing of it is kept"));
    assert_eq!(text(&output.stdout), "first: kept in baselines/first.json\n");
    let names: Vec<PathBuf> = files_of(&scratch.path("baselines")).into_keys().collect();
    assert_eq!(names, [Path::new("first.json")]);
    assert_eq!(scratch.run(&["baseline", "check", "first.yaml"]).status.code(), Some(0));
}

/// Aim: what a stopped run shows is what a run of so many replications shows. Method: the summary that it wrote, against a run
/// that is asked for as many.
#[cfg(unix)]
#[test]
fn what_a_stopped_run_shows_is_a_run_of_fewer() {
    let (scratch, _alone) = prepared("fewer");
    stop(&scratch, &["run", "long.yaml", "--quiet", "--out-dir", "out"], "-INT", "out");
    let read = |folder: &str| -> serde_json::Value {
        let bytes = fs::read(scratch.path(folder).join("summary.json")).expect("written");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    let partial = read("out.partial");
    let run: serde_json::Value =
        serde_json::from_slice(&fs::read(scratch.path("out.partial/run.json")).unwrap()).expect("JSON");
    assert_eq!(run["interrupted"], true);
    let count = partial["scenario"]["replications"].as_u64().expect("a number");
    assert!((1..400).contains(&count), "{count}");
    let asked = count.to_string();
    scratch.run(&["run", "long.yaml", "--quiet", "--out-dir", "fewer", "--replications", &asked]);
    let fewer = read("fewer");
    assert_eq!(fewer["overall"], partial["overall"]);
    assert_eq!(fewer["run"]["trajectory"], partial["run"]["trajectory"]);
}

/// Aim: work that is damaged or of another build is run again, never believed. Method: one kept file with a changed byte.
#[cfg(unix)]
#[test]
fn damaged_work_is_run_again() {
    let (scratch, _alone) = prepared("damaged");
    let arguments = ["run", "long.yaml", "--out-dir", "out"];
    stop(&scratch, &arguments, "-INT", "out");
    let kept = fs::read_dir(scratch.path("out.work")).expect("there").next().expect("a file").expect("readable").path();
    let mut bytes = fs::read(&kept).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&kept, bytes).expect("writable");
    let resumed = scratch.run(&arguments);
    assert_eq!(resumed.status.code(), Some(0));
    let said = text(&resumed.stderr);
    assert!(said.contains("is cut off or damaged") && said.contains("is run again"), "{said}");
    scratch.run(&["run", "long.yaml", "--quiet", "--out-dir", "whole"]);
    assert!(scratch.files("out") == scratch.files("whole"));
}

/// A folder that cannot be written is refused before anything runs, with the reason. A file in the way stands for a read-only
/// folder: whoever is root may write everywhere else.
#[test]
fn folders_that_cannot_be_written_are_refused_at_once() {
    let (scratch, _alone) = prepared("refused");
    fs::write(scratch.path("file"), "in the way").expect("writable");
    for arguments in [
        &["run", "long.yaml", "--out-dir", "file/out"][..],
        &["run", "long.yaml", "--out-dir", "file/out", "--shard", "1/2"],
        &["steady", "long.yaml", "--warm-up", "1s", "--out-dir", "file/out"],
    ] {
        let started = Instant::now();
        let output = scratch.run(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("file") && (said.contains("Not a directory") || said.contains("not a folder")), "{said}");
        assert!(!said.contains("panicked") && started.elapsed() < Duration::from_secs(20), "{said}");
    }
    // Where somebody else is the reader, read-only folders are refused alike.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::create_dir(scratch.path("locked")).expect("writable");
        fs::set_permissions(scratch.path("locked"), fs::Permissions::from_mode(0o555)).expect("its owner may");
        if fs::write(scratch.path("locked/probe"), "").is_ok() {
            println!("skipped: this user may write into read-only folders");
            return;
        }
        let output = scratch.run(&["run", "long.yaml", "--out-dir", "locked/out"]);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("cannot write into locked: Permission denied"));
    }
}

/// Aim: a full disk ends a run with a clear error, the old folder whole, and what was run kept if anything was. Method: a limit
/// on the size of files (`ulimit -f`) that the charts exceed, as a disk that fills up would.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_results() {
    let (scratch, _alone) = prepared("full");
    assert_eq!(scratch.run(&["run", "some.yaml", "--seed", "7", "--quiet", "--out-dir", "out"]).status.code(), Some(0));
    let old = scratch.files("out");
    let program = env!("CARGO_BIN_EXE_sendpool");
    for blocks in ["0", "24"] {
        // Beyond the limit a write fails, once the signal that would end the program is ignored.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec '{program}' run some.yaml --force --out-dir out");
        let output = Command::new("sh").args(["-c", &script]).current_dir(&scratch.0).output().expect("a shell");
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("error: cannot write out: File too large"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
        assert!(scratch.files("out") == old, "the old results are not whole");
        let kept = scratch.path("out.work").exists();
        assert_eq!(said.contains("the same command goes on from there"), kept, "{said}");
        assert!(said.contains("cannot keep finished replications") || kept, "{said}");
        assert!(scratch.names().iter().all(|name| !name.contains(".new-")), "{:?}", scratch.names());
    }
    assert_eq!(scratch.run(&["run", "some.yaml", "--quiet", "--force", "--out-dir", "out"]).status.code(), Some(0));
    assert!(scratch.files("out") != old);
}

/// Standard output that is full is an error; one that nobody reads any more is none. The results are in their place either way.
#[cfg(target_os = "linux")]
#[test]
fn output_that_nobody_takes_loses_no_results() {
    let (scratch, _alone) = prepared("output");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let output = scratch.command(&["run", "some.yaml", "--out-dir", "full"]).stdout(full).output().expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("cannot write to standard output: No space left"),
        "{}",
        text(&output.stderr)
    );

    let mut command = scratch.command(&["run", "some.yaml", "--json", "--out-dir", "closed"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(!text(&output.stderr).contains("panicked"));

    // As `| head -c 1` does: reads a little, then leaves.
    let mut command = scratch.command(&["catalogue", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut one = [0];
    child.stdout.take().expect("piped").read_exact(&mut one).expect("there is something");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(scratch.files("full") == scratch.files("closed"));
}

/// Folders of the user that are called like those of a run are left alone.
#[cfg(unix)]
#[test]
fn folders_of_others_are_left_alone() {
    let (scratch, _alone) = prepared("others");
    for folder in ["out.work", "out.partial"] {
        fs::create_dir(scratch.path(folder)).expect("writable");
        fs::write(scratch.path(folder).join("mine.txt"), "mine").expect("writable");
    }
    assert_eq!(scratch.run(&["run", "long.yaml", "--quiet", "--out-dir", "out"]).status.code(), Some(0));
    for folder in ["out.work", "out.partial"] {
        assert_eq!(files_of(&scratch.path(folder)).len(), 1, "{folder}");
    }
}

/// Inputs that are gone are told with their names, and nothing runs.
#[test]
fn inputs_that_are_gone_are_told() {
    let (scratch, _alone) = prepared("gone");
    let traced = scenario(1, 10).replace(
        "arrivals: { process: poisson, phases: [{ duration: 10s, arrival_count: 10 }] }",
        "arrivals: { trace: gone.csv }",
    );
    assert!(traced.contains("gone.csv"));
    fs::write(scratch.path("traced.yaml"), traced).expect("writable");
    for (arguments, told) in [
        (&["run", "gone.yaml"][..], "gone.yaml: No such file"),
        (&["run", "traced.yaml"], "gone.csv"),
        (&["run", "."], "Is a directory"),
        (&["validate", "gone.yaml"], "gone.yaml: No such file"),
        (&["sweep", "gone.yaml", "--vary", "seed=1,2"], "gone.yaml: No such file"),
        (&["compare", "some.yaml", "gone.yaml"], "gone.yaml: No such file"),
        (&["steady", "gone.yaml", "--warm-up", "1s"], "gone.yaml: No such file"),
        (&["baseline", "check", "gone.yaml"], "gone.yaml: No such file"),
        (&["explain", "gone.yaml"], "gone.yaml: No such file"),
        (&["merge", "gone"], "gone: No such file"),
        (&["report", "gone"], "gone is not a folder"),
        (&["fit", "gone.csv"], "gone.csv"),
    ] {
        let output = scratch.run(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(told) && !said.contains("panicked"), "{arguments:?}: {said}");
    }
    assert_eq!(scratch.names(), ["long.yaml", "more.yaml", "some.yaml", "traced.yaml"]);
}
