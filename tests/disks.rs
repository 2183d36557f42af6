//! Disks that are full or may only be read, and output that cannot go anywhere: each command ends with a clear error and leaves
//! nothing half-written.
//!
//! A small disk in memory is mounted where only the command sees it, in a namespace of its own. Where the system does not allow
//! that, the tests of disks say on standard error that they are skipped.

#![cfg(target_os = "linux")]

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

mod support;

use support::{Scratch, files_of, text};

const SCENARIO: &str = r#"
version: 1
name: some
replications: 4
services: { hello: { senders: [{ id: desk, type: short_code, country: US, mps: 50/s }] } }
campaigns:
  greeting:
    service: hello
    body: "Hello"
    recipients: { US: 1 }
    arrivals: { process: poisson, phases: [{ duration: 10s, arrival_count: 1000 }] }
"#;

/// What is written, and by which command. All of it is on the disk already, from another seed; but shards, manual pages and
/// records.
const WRITERS: [&[&str]; 10] = [
    &["run", "some.yaml", "--force", "--out-dir", "disk/out"],
    &["run", "some.yaml", "--shard", "1/2", "--out-dir", "disk/shards"],
    &["run", "some.yaml", "--force", "--out-dir", "elsewhere", "--records", "disk/sent.csv"],
    &["merge", "shards", "--force", "--out-dir", "disk/out"],
    &["sweep", "some.yaml", "--vary", "seed=1,2", "--force", "--out-dir", "disk/sweep"],
    &["compare", "some.yaml", "--with", "seed=2", "--force", "--out-dir", "disk/compare"],
    &["steady", "some.yaml", "--warm-up", "2s", "--force", "--out-dir", "disk/steady"],
    &["baseline", "update", "some.yaml", "--dir", "disk/baselines"],
    &["report", "before/out", "--output", "disk/report.html"],
    &["fit", "sent.csv", "--force", "--out", "disk/fitted.yaml"],
];
const MANUAL: &[&str] = &["man", "--out-dir", "disk/man"];

/// A folder with inputs, and `before`: what stands on the disk.
fn prepared(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write("some.yaml", SCENARIO);
    fs::create_dir(scratch.path("disk")).expect("writable");
    for arguments in [
        &["run", "some.yaml", "--seed", "7", "--out-dir", "before/out", "--records", "sent.csv"][..],
        &["run", "some.yaml", "--shard", "1/1", "--out-dir", "shards"],
        &["sweep", "some.yaml", "--vary", "seed=7,8", "--out-dir", "before/sweep"],
        &["compare", "some.yaml", "--with", "seed=7", "--out-dir", "before/compare"],
        &["steady", "some.yaml", "--warm-up", "3s", "--out-dir", "before/steady"],
        &["baseline", "save", "some.yaml", "--set", "seed=7", "--dir", "before/baselines"],
        &["report", "before/out", "--output", "before/report.html"],
        &["fit", "sent.csv", "--name", "other", "--out", "before/fitted.yaml"],
    ] {
        let output = scratch.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    }
    scratch
}

/// Runs a script of the shell in which `disk` is a disk of its own, with `options` of the mount and what `before` holds.
fn with_disk(scratch: &Scratch, options: &str, script: &str, arguments: &[&str]) -> Output {
    let mount = format!("mount -t tmpfs -o {options} none disk && cp -r before/. disk/ || exit 77\n{script}");
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &mount, "sh"]);
    command.arg(env!("CARGO_BIN_EXE_sendpool")).args(arguments).current_dir(&scratch.0).stdin(Stdio::null());
    command.env_remove("GITHUB_STEP_SUMMARY").env_remove("GITHUB_ACTIONS").output().expect("unshare starts")
}

/// Whether there can be such a disk; says so if not.
fn there_are_disks(scratch: &Scratch) -> bool {
    let tried = Command::new("unshare").arg("--help").stdout(Stdio::null()).status().is_ok()
        && with_disk(scratch, "size=8m", "exit 0", &[]).status.success();
    if !tried {
        // Past the test's own output, which nobody sees of a test that passes.
        let _ = writeln!(io::stderr(), "SKIPPED: no disk can be mounted here, so none is full");
    }
    tried
}

/// Aim: on a disk that is full each command ends with 1 and the reason, and what stood there stands there. Method: a disk filled
/// to the last page, or with 64 KiB left, on which some files of a folder find room and others do not.
#[test]
fn a_full_disk_leaves_what_was_there() {
    let scratch = prepared("full");
    if !there_are_disks(&scratch) {
        return;
    }
    let before = files_of(&scratch.path("before"));
    assert_eq!(scratch.run(&["man", "--out-dir", "manual"]).status.code(), Some(0));
    let manual = files_of(&scratch.path("manual"));
    let small = WRITERS.iter().chain([&MANUAL]).map(|arguments| (0, *arguments));
    let larger = [WRITERS[0], WRITERS[3], WRITERS[8], MANUAL].map(|arguments| (64, arguments));
    for (room, arguments) in small.chain(larger) {
        let script = format!(
            "head -c {room}K /dev/zero > disk/room; cat /dev/zero > disk/ballast 2> /dev/null; rm disk/room
             \"$@\"; code=$?
             rm disk/ballast; rm -rf after; cp -r disk after; exit $code"
        );
        let output = with_disk(&scratch, "size=8m", &script, arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{room} {arguments:?}: {said}");
        assert!(said.contains("cannot write") && said.contains("No space left on device"), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{arguments:?}: {said}");
        let mut after = files_of(&scratch.path("after"));
        // Finished replications may be kept, and pages of a manual that are whole.
        after.retain(|path, _| !path.starts_with("out.work") && !path.starts_with("man"));
        assert!(after == before, "{room} {arguments:?}: {:?}", after.keys().collect::<Vec<_>>());
        assert!(half_written(&scratch.path("after")).is_empty(), "{arguments:?}");
        if arguments == MANUAL {
            let written = files_of(&scratch.path("after/man"));
            assert!(room == 0 || !written.is_empty(), "there was room for some");
            assert!(written.iter().all(|(name, page)| manual[name] == *page), "{:?}", written.keys());
        }
    }
}

/// Names of files and folders in the making, anywhere below.
fn half_written(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("readable") {
        let entry = entry.expect("readable");
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            found.extend(half_written(&entry.path()));
        }
        if name.contains(".new-") {
            found.push(name);
        }
    }
    found
}

/// Aim: a disk that may only be read is refused, even to root, and where a folder of results is asked for before anything runs.
#[test]
fn a_read_only_disk_is_refused() {
    let scratch = prepared("locked");
    if !there_are_disks(&scratch) {
        return;
    }
    let script = "mount -o remount,ro disk || exit 77; exec \"$@\"";
    for arguments in WRITERS.iter().chain([&MANUAL]) {
        let output = with_disk(&scratch, "size=8m", script, arguments);
        let said = text(&output.stderr);
        assert!(matches!(output.status.code(), Some(1 | 2)), "{arguments:?}: {:?} {said}", output.status);
        assert!(said.contains("cannot write") && said.contains("Read-only file system"), "{arguments:?}: {said}");
        assert!(!said.contains("panicked") && text(&output.stdout).is_empty(), "{arguments:?}: {said}");
    }
    // What only reads is content.
    let checked =
        with_disk(&scratch, "size=8m", script, &["baseline", "check", "some.yaml", "--dir", "disk/baselines"]);
    assert_eq!(checked.status.code(), Some(96), "{}", text(&checked.stderr));
}

/// What is printed, by each command that prints.
const PRINTERS: [&[&str]; 15] = [
    &["--help"],
    &["run", "--help"],
    &["validate", "some.yaml"],
    &["validate", "some.yaml", "--format", "sarif"],
    &["run", "some.yaml", "--force", "--out-dir", "out", "--json"],
    &["sweep", "some.yaml", "--vary", "seed=7,8", "--out-dir", "sweep"],
    &["compare", "some.yaml", "--with", "seed=7", "--out-dir", "compare"],
    &["steady", "some.yaml", "--warm-up", "3s", "--out-dir", "steady"],
    &["report", "before/out", "--output", "-"],
    &["baseline", "check", "some.yaml", "--set", "seed=7", "--dir", "before/baselines"],
    &["explain", "some.yaml"],
    &["fit", "sent.csv"],
    &["catalogue", "US"],
    &["completions", "bash"],
    &["man", "run"],
];

/// Aim: a reader who has gone is no error, a full disk behind standard output is one. Method: each command into a pipe that is
/// closed, and into `/dev/full`.
#[test]
fn output_that_cannot_go_anywhere_is_told() {
    let scratch = prepared("output");
    for arguments in PRINTERS {
        let (reader, writer) = io::pipe().expect("a pipe");
        drop(reader);
        let gone = scratch.command(arguments).stdout(writer).output().expect("the program starts");
        assert_eq!(gone.status.code(), Some(0), "{arguments:?}: {}", text(&gone.stderr));
        assert!(!text(&gone.stderr).contains("panicked") && !text(&gone.stderr).contains("error"), "{arguments:?}");

        let full = OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
        let full = scratch.command(arguments).stdout(full).output().expect("the program starts");
        let said = text(&full.stderr);
        assert!(!said.contains("panicked"), "{arguments:?}: {said}");
        if !arguments.contains(&"--help") {
            assert_eq!(full.status.code(), Some(1), "{arguments:?}: {said}");
            assert!(said.contains("cannot write to standard output: No space left on device"), "{arguments:?}: {said}");
        }
    }
    // Nor is it one when nobody reads what is said beside.
    let (reader, writer) = io::pipe().expect("a pipe");
    drop(reader);
    let deaf = scratch.command(&["run", "some.yaml", "--out-dir", "deaf"]).stderr(writer).status();
    assert_eq!(deaf.expect("the program starts").code(), Some(0));
}
