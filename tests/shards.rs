//! A run in parts: the parts together are the run, to the byte, and nothing else passes for it.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

mod support;

use support::{Scratch, text};

const SCENARIO: &str = r#"
version: 1
name: parts
replications: 9
audiences: { people: { size: 800, recipients: { US: 0.7, CA: 0.2, GB: 0.1 } } }
services:
  shop:
    senders:
      - { id: sc, type: short_code, country: US }
      - { id: local, type: long_code, country: US, count: 3 }
      - { id: ca, type: long_code, country: CA, count: 2 }
campaigns:
  first:
    service: shop
    body: "Sale"
    audience: people
    pick: each_once
    replies: 5%
    opt_out: 2%
    arrivals: { process: poisson, phases: [{ duration: 10m, arrival_count: 700 }] }
  second:
    service: shop
    body: "Sale, again"
    recipients: { US: 1 }
    arrivals: { phases: [{ duration: 30m, arrival_rate: 20/min }] }
thresholds:
  end_to_end: [{ threshold: "p(95) < 10h", window: 5m }]
"#;

/// A folder with what the tests run.
fn prepared(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write("parts.yaml", SCENARIO);
    scratch
}

/// Runs a shard into `folder`; its path.
fn shard(scratch: &Scratch, part: &str, folder: &str, more: &[&str]) -> String {
    let arguments = [&["run", "parts.yaml", "--quiet", "--shard", part, "--out-dir", folder], more].concat();
    let output = scratch.run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout).trim().to_owned()
}

fn all_shards(scratch: &Scratch, count: u32, folder: &str) -> Vec<String> {
    (1..=count).map(|number| shard(scratch, &format!("{number}/{count}"), folder, &[])).collect()
}

fn merge(scratch: &Scratch, shards: &[String], out: &str) -> Output {
    let mut arguments = vec!["merge", "--quiet", "--force", "--out-dir", out];
    arguments.extend(shards.iter().map(String::as_str));
    scratch.run(&arguments)
}

/// What a merge that must be refused says.
fn refused(scratch: &Scratch, shards: &[String]) -> String {
    let output = merge(scratch, shards, "refused");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(98), "{said}");
    assert!(said.contains("nothing was merged") && !scratch.0.join("refused").exists(), "{said}");
    said
}

/// Aim: shards together are the run. Method: 1, 2, 7 and 12 shards of 9 replications, given in another order, with one shard run
/// twice, with one thread and with several; all files against those of one run, byte by byte.
#[test]
fn shards_together_are_the_run() {
    let scratch = prepared("together");
    assert_eq!(scratch.run(&["run", "parts.yaml", "--quiet", "--out-dir", "whole"]).status.code(), Some(0));
    let whole = scratch.files("whole");
    assert!(whole.len() > 10);
    for count in [1, 2, 7, 12] {
        let mut shards = all_shards(&scratch, count, &format!("of-{count}"));
        // Shuffled: every fifth, which visits all of 2, 7 and 12.
        shards = (0..shards.len()).map(|at| shards[(at * 5 + 1) % shards.len()].clone()).collect();
        let again = shard(&scratch, &format!("{count}/{count}"), &format!("again-{count}"), &["--threads", "1"]);
        let (one, other) = (fs::read(scratch.0.join(&again)).unwrap(), last_of(&scratch, count));
        assert!(one == other, "a shard is the same bytes whoever runs it");
        shards.insert(0, again);
        let merged = merge(&scratch, &shards, "merged");
        assert_eq!(merged.status.code(), Some(0), "{}", text(&merged.stderr));
        assert!(scratch.files("merged") == whole, "{count} shards");
    }
    // A folder stands for its shards; other seeds are other runs.
    let folder = scratch.run(&["merge", "of-7", "--quiet", "--out-dir", "folder"]);
    assert_eq!(folder.status.code(), Some(0), "{}", text(&folder.stderr));
    assert!(scratch.files("folder") == whole);
    let seeded: Vec<String> = ["1/2", "2/2"].map(|part| shard(&scratch, part, "seeded", &["--seed", "5"])).into();
    assert_eq!(merge(&scratch, &seeded, "merged").status.code(), Some(0));
    assert!(scratch.files("merged") != whole);
    scratch.run(&["run", "parts.yaml", "--quiet", "--seed", "5", "--out-dir", "seed-5"]);
    assert!(scratch.files("merged") == scratch.files("seed-5"));
}

/// The last shard of so many, as it was run first.
fn last_of(scratch: &Scratch, count: u32) -> Vec<u8> {
    let entries = fs::read_dir(scratch.0.join(format!("of-{count}"))).expect("there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    fs::read(paths.last().expect("there are some")).expect("readable")
}

#[test]
fn holes_and_overlaps_are_refused() {
    let scratch = prepared("holes");
    let shards = all_shards(&scratch, 3, "three");
    let said = refused(&scratch, &[shards[0].clone(), shards[2].clone()]);
    assert!(said.contains("no shard has replications 3 to 5"), "{said}");
    let said = refused(&scratch, &shards[1..2]);
    assert!(said.contains("no shard has replications 0 to 2") && said.contains("replications 6 to 8, of 9"), "{said}");
    let halves = all_shards(&scratch, 2, "two");
    let said = refused(&scratch, &[halves[0].clone(), shards[1].clone(), shards[2].clone()]);
    assert!(said.contains(&halves[0]) && said.contains(&shards[1]), "{said}");
    assert!(said.contains("overlap: both have replication 3"), "{said}");
}

#[test]
fn mixtures_are_refused() {
    let scratch = prepared("mixtures");
    let one = shard(&scratch, "1/2", "one", &[]);
    for (name, more) in [
        ("seed", &["--seed", "5"][..]),
        ("value", &["--set", "services.shop.senders[0].mps=50/s"]),
        ("longer", &["--replications", "10"]),
    ] {
        let other = shard(&scratch, "2/2", name, more);
        let said = refused(&scratch, &[one.clone(), other.clone()]);
        assert!(said.contains(&one) && said.contains(&other) && said.matches("digest ").count() == 2, "{said}");
    }
}

/// Aim: a file that is not what was written is refused by name. Method: a shard cut to half, to nothing, with one bit changed,
/// with a byte more; a text file; and all that is wrong at once.
#[test]
fn damaged_shards_are_refused() {
    let scratch = prepared("damaged");
    let shards = all_shards(&scratch, 2, "shards");
    let whole = fs::read(scratch.0.join(&shards[1])).expect("readable");
    let flipped = |at: usize| {
        let mut other = whole.clone();
        other[at] ^= 4;
        other
    };
    let damaged = [
        ("cut off", whole[..whole.len() / 2].to_vec()),
        ("cut off", whole[..whole.len() - 1].to_vec()),
        ("no file of replications", Vec::new()),
        ("cut off or damaged", flipped(whole.len() / 2)),
        ("cut off or damaged", flipped(whole.len() - 1)),
        ("cut off or damaged", [&whole[..], &[0]].concat()),
        ("no file of replications", SCENARIO.as_bytes().to_vec()),
    ];
    for (why, bytes) in damaged {
        fs::write(scratch.0.join(&shards[1]), bytes).expect("writable");
        let said = refused(&scratch, &shards);
        assert!(said.contains(&shards[1]) && said.contains(why) && !said.contains(&shards[0]), "{said}");
    }
    fs::write(scratch.0.join(&shards[0]), "").expect("writable");
    let said = refused(&scratch, &shards);
    assert!(said.contains(&shards[0]) && said.contains(&shards[1]), "both are told: {said}");
    assert_eq!(merge(&scratch, &["gone.shard".to_owned()], "refused").status.code(), Some(2));
}

/// Aim: shards of one range that differ are refused. Method: the replications of another seed in a file that says it is of this
/// one: built from both, since no command would write it.
#[test]
fn shards_that_differ_are_refused() {
    use sha2::{Digest, Sha256};
    let scratch = prepared("differ");
    let shards = all_shards(&scratch, 2, "shards");
    let mut bytes = fs::read(scratch.0.join(&shards[0])).expect("readable");
    let body = bytes.len() - 32;
    bytes[body - 1] ^= 1;
    let checksum = Sha256::digest(&bytes[..body]);
    bytes[body..].copy_from_slice(&checksum);
    fs::write(scratch.0.join("other.shard"), bytes).expect("writable");
    let said = refused(&scratch, &[shards[0].clone(), shards[1].clone(), "other.shard".to_owned()]);
    assert!(said.contains("other.shard") && said.contains("differ in replication 3"), "{said}");
}

/// A shard of another build is refused, whatever it says.
#[test]
fn shards_of_another_build_are_refused() {
    use sha2::{Digest, Sha256};
    let scratch = prepared("build");
    let shards = all_shards(&scratch, 2, "shards");
    let mut bytes = fs::read(scratch.0.join(&shards[0])).expect("readable");
    // Behind magic, format and length: a length byte and the version, a length byte and the fingerprint.
    let at = 22 + 4 + 4 + 1 + env!("CARGO_PKG_VERSION").len() + 1;
    bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
    let body = bytes.len() - 32;
    let checksum = Sha256::digest(&bytes[..body]);
    bytes[body..].copy_from_slice(&checksum);
    fs::write(scratch.0.join(&shards[0]), bytes).expect("writable");
    let said = refused(&scratch, &shards);
    assert!(said.contains(&shards[0]) && said.contains("run all shards with one build"), "{said}");
}

/// A trace goes with the scenario: where it is another one, nothing is merged.
#[test]
fn traces_are_looked_for_where_they_are() {
    let scratch = prepared("traces");
    let trace = "to,date_created\n+15005550006,2026-01-01T00:00:00Z\n+15005550007,2026-01-01T00:00:05Z\n";
    fs::write(scratch.0.join("log.csv"), trace).expect("writable");
    let scenario = r#"
version: 1
name: parts
replications: 2
services: { shop: { senders: [{ id: sc, type: short_code, country: US }] } }
campaigns:
  first: { service: shop, body: "Sale", recipients: { US: 1 }, arrivals: { trace: log.csv } }
"#;
    fs::write(scratch.0.join("parts.yaml"), scenario).expect("writable");
    let shards = all_shards(&scratch, 2, "shards");
    assert_eq!(merge(&scratch, &shards, "merged").status.code(), Some(0));
    fs::write(scratch.0.join("log.csv"), trace.replace("00:05Z", "00:06Z")).expect("writable");
    assert!(refused(&scratch, &shards).contains("others here"));
    fs::create_dir(scratch.0.join("there")).expect("writable");
    fs::write(scratch.0.join("there/log.csv"), trace).expect("writable");
    let arguments = ["merge", "shards", "--quiet", "--scenario", "there/parts.yaml", "--out-dir", "there/merged"];
    let output = scratch.run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(scratch.files("there/merged") == scratch.files("merged"));
}

/// Array jobs: the variables of the environment, as schedulers set them.
#[test]
fn array_jobs_need_no_numbers() {
    let scratch = prepared("array");
    scratch.run(&["run", "parts.yaml", "--quiet", "--out-dir", "whole"]);
    for task in 1..=3u32 {
        let mut command = scratch.command(&["run", "parts.yaml", "--quiet", "--shard", "auto", "--out-dir", "slurm"]);
        command.env("SLURM_ARRAY_TASK_ID", (10 * task).to_string());
        for (name, value) in [("MIN", "10"), ("MAX", "30"), ("STEP", "10"), ("COUNT", "3")] {
            command.env(format!("SLURM_ARRAY_TASK_{name}"), value);
        }
        assert_eq!(command.output().expect("it starts").status.code(), Some(0));
        let mut command =
            scratch.command(&["run", "parts.yaml", "--quiet", "--shard", "auto/3", "--out-dir", "indexed"]);
        command.env("JOB_COMPLETION_INDEX", (task - 1).to_string());
        assert_eq!(command.output().expect("it starts").status.code(), Some(0));
    }
    for folder in ["slurm", "indexed"] {
        assert_eq!(merge(&scratch, &[folder.to_owned()], "merged").status.code(), Some(0));
        assert!(scratch.files("merged") == scratch.files("whole"), "{folder}");
    }
    let output = scratch.run(&["run", "parts.yaml", "--shard", "auto"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("this is no array job"), "{}", text(&output.stderr));
}

/// What a shard cannot do is refused: one replication cannot say when a figure is precise.
#[test]
fn shards_take_no_question_about_all() {
    let scratch = prepared("question");
    for more in [&["--precision", "2%"][..], &["--verify"], &["--json"], &["--records", "a.csv"]] {
        let output = scratch.run(&[&["run", "parts.yaml", "--shard", "1/2"], more].concat());
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("cannot be used with"), "{}", text(&output.stderr));
    }
}
