//! Which campaigns share something, so that they cannot be simulated apart; and that runs on several threads are the same runs.
//!
//! That parts tell what the whole tells is held against the plain engine on random scenarios: see `equal`.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use sendpool::experiment::{Kept, Progress, Replication, run_kept, threads_for};
use sendpool::metrics::Collector;
use sendpool::model::Model;
use sendpool::simulation::parts::{Paused, split};
use sendpool::simulation::simulate;

use crate::support::model;

/// A Canadian number.
const CANADIAN: &str = "type: long_code, country: CA";

/// A scenario with campaign `one` through service `a` and `two` through service `b`, each of which has a number.
struct Two {
    head: &'static str,
    senders: [&'static str; 2],
    campaigns: [&'static str; 2],
}

/// Nothing in common.
const APART: Two = Two {
    head: "",
    senders: [CANADIAN; 2],
    campaigns: ["service: a, segments: 1, recipients: { CA: 1 }", "service: b, segments: 1, recipients: { CA: 1 }"],
};

const AT_ONCE: &str = "arrivals: { phases: [ { duration: 0, arrival_count: 10 } ] }";

impl Two {
    fn yaml(&self) -> String {
        let Two { head, senders: [na, nb], campaigns: [one, two] } = self;
        let arrivals = |campaign: &str| if campaign.contains("arrivals") { "" } else { AT_ONCE };
        format!(
            "{head}\nservices:\n  a: {{ senders: [ {{ id: na, {na} }} ] }}\n  b: {{ senders: [ {{ id: nb, {nb} }} ] }}\n\
             campaigns:\n  one: {{ {one}, {} }}\n  two: {{ {two}, {} }}\n",
            arrivals(one),
            arrivals(two)
        )
    }

    fn parts(&self) -> Vec<Vec<usize>> {
        let log = "time,to,country\n0,+14155550101,CA\n1,+14155550102,CA\n";
        let open = |name: &str| -> io::Result<Box<dyn Read>> {
            let other = if name == "same.csv" { log.to_owned() } else { log.replace("+1415", "+1416") };
            Ok(Box::new(Cursor::new(other.into_bytes())))
        };
        let text = format!("version: 1\nname: parts\n{}", self.yaml());
        let reading = sendpool::scenario::read_with("parts.yaml", text.clone().into_bytes(), &[], &[], &open);
        let findings = reading.render(false);
        split(&reading.model.unwrap_or_else(|| panic!("{findings}\n{text}")))
    }
}

fn coupled(name: &str, two: &Two) {
    assert_eq!(two.parts(), [[0, 1]], "{name}\n{}", two.yaml());
}

fn independent(name: &str, two: &Two) {
    assert_eq!(two.parts(), [[0], [1]], "{name}\n{}", two.yaml());
}

/// Aim: what shares a service or a sender is one part. Method: by hand, each beside a pair that is as like it as can be and
/// shares nothing.
#[test]
fn services_and_senders_couple() {
    independent("nothing in common", &APART);
    let through = |campaigns| Two { campaigns, ..APART };
    let [to_a, to_b] = APART.campaigns;
    coupled("one service", &through([to_a, to_a]));
    coupled("a service and one of its numbers", &through([to_a, "from: na, segments: 1, recipients: { CA: 1 }"]));
    independent("a service and another's number", &through(["from: nb, segments: 1, recipients: { CA: 1 }", to_a]));
    coupled(
        "one number, though in no country in common",
        &through(["from: na, segments: 1, recipients: { CA: 1 }", "from: na, segments: 1, recipients: { GB: 1 }"]),
    );
    let numbers =
        |campaigns| Two { senders: ["type: long_code, country: CA, count: 3", CANADIAN], ..through(campaigns) };
    let [first, second, all] = [
        "from: na-1, segments: 1, recipients: { CA: 1 }",
        "from: na-2, segments: 1, recipients: { CA: 1 }",
        "from: na, segments: 1, recipients: { CA: 1 }",
    ];
    coupled("the same number of a group", &numbers([first, first]));
    coupled("a number and its group", &numbers([first, all]));
    independent("two numbers of a group", &numbers([first, second]));
    independent("the service and a group of another", &numbers([all, to_b]));
}

/// Aim: what is shared above senders couples: an account's ceiling, a brand, a lane of several numbers. Method: as above.
#[test]
fn ceilings_and_brands_couple() {
    let ceiling = |head| Two { head, ..APART };
    coupled("a ceiling", &ceiling("account: { ceilings: [ { country: CA, type: long_code, rate: 10 } ] }"));
    independent(
        "a ceiling over others",
        &ceiling("account: { ceilings: [ { country: CA, type: short_code, rate: 10 } ] }"),
    );
    let gb = "service: b, segments: 1, recipients: { GB: 1 }";
    independent(
        "a ceiling over one of them",
        &Two {
            campaigns: [APART.campaigns[0], gb],
            ..ceiling("account: { ceilings: [ { country: CA, type: long_code, rate: 10 } ] }")
        },
    );
    independent("each sender's own rate", &ceiling("account: { ceilings: [], traffic_shaping: {} }"));
    let us = |senders| Two {
        senders,
        campaigns: ["service: a, segments: 1, recipients: { US: 1 }", "service: b, segments: 1, recipients: { US: 1 }"],
        ..APART
    };
    let first = "type: long_code, country: US, ten_dlc: { brand: x, campaign: p, trust_score: 80 }";
    let second = "type: long_code, country: US, ten_dlc: { brand: x, campaign: q, trust_score: 80 }";
    let other = "type: long_code, country: US, ten_dlc: { brand: y, campaign: p, trust_score: 80 }";
    coupled("a brand and its campaign", &us([first, first]));
    coupled("a brand", &us([first, second]));
    independent("two brands", &us([first, other]));
}

/// Aim: what carriers remember couples: a content where there are filters, what they take in a second, suspensions that cost the
/// account. Method: as above.
#[test]
fn what_carriers_remember_couples() {
    let with = |head| Two {
        head,
        campaigns: ["service: a, body: hello, recipients: { CA: 1 }", "service: b, body: hello, recipients: { CA: 1 }"],
        ..APART
    };
    coupled("one content", &with(""));
    independent("one content that nobody filters", &with("overrides: { filter: off }"));
    let other = "service: b, body: good bye, recipients: { CA: 1 }";
    let two_contents = |head| Two { campaigns: [APART.campaigns[0], other], ..with(head) };
    independent("two contents", &two_contents(""));
    coupled(
        "suspensions that cost the account",
        &two_contents("overrides: { filter: { suspensions: { account_after: 2 } } }"),
    );
    independent(
        "suspensions that would",
        &two_contents("overrides: { filter: { suspensions: { account_after: 2, enabled: false } } }"),
    );
    let fault = |head| Two { head, ..APART };
    coupled("a carrier without room", &fault("faults: [ { at: 1s, country: CA, mode: congestion, capacity: 1/s } ]"));
    independent("a carrier that is slow", &fault("faults: [ { at: 1s, country: CA, mode: fail } ]"));
    independent(
        "a carrier without room for one of them",
        &Two {
            campaigns: [APART.campaigns[0], "service: b, segments: 1, recipients: { GB: 1 }"],
            ..fault("faults: [ { at: 1s, country: CA, mode: congestion, capacity: 1/s } ]")
        },
    );
}

/// Aim: people who are met again couple, and the account's limit of scheduled messages. Method: as above.
#[test]
fn people_and_schedules_couple() {
    let people = |head, campaigns| Two { head, campaigns, ..APART };
    let one = "audiences: { x: { size: 99, recipients: { CA: 1 } } }";
    coupled(
        "one audience",
        &people(
            one,
            [
                "service: a, segments: 1, audience: x, pick: uniform",
                "service: b, segments: 1, audience: x, pick: each_once",
            ],
        ),
    );
    independent(
        "one audience, everybody once",
        &people(
            one,
            [
                "service: a, segments: 1, audience: x, pick: each_once",
                "service: b, segments: 1, audience: x, pick: each_once",
            ],
        ),
    );
    let two = "audiences: { x: { size: 99, recipients: { CA: 1 } }, y: { size: 99, recipients: { CA: 1 } } }";
    independent(
        "two audiences",
        &people(
            two,
            [
                "service: a, segments: 1, audience: x, pick: uniform",
                "service: b, segments: 1, audience: y, pick: uniform",
            ],
        ),
    );
    let [first, second] = [
        "service: a, segments: 1, arrivals: { trace: same.csv }",
        "service: b, segments: 1, arrivals: { trace: same.csv }",
    ];
    coupled("people of a trace", &people("", [first, second]));
    independent(
        "people of two traces",
        &people("", [first, "service: b, segments: 1, arrivals: { trace: other.csv }"]),
    );
    let later = "service: b, segments: 1, recipients: { CA: 1 }, schedule: { lead: 20m }";
    let also = "service: a, segments: 1, recipients: { CA: 1 }, schedule: { lead: 1h }";
    coupled("scheduled", &people("", [also, later]));
    independent("one of them scheduled", &people("", [APART.campaigns[0], later]));
}

/// Aim: belonging together goes on from one to the next, and each campaign is in one part. Method: a chain of three by two
/// different causes, and one beside it, in an order in which the middle one comes last.
#[test]
fn parts_are_chains() {
    let service = |name: &str, country: &str| {
        format!("  {name}: {{ senders: [ {{ id: n{name}, type: long_code, country: {country} }} ] }}\n")
    };
    let campaign =
        |name: &str, service: &str, what: &str| format!("  {name}: {{ service: {service}, {what}, {AT_ONCE} }}\n");
    let yaml = format!(
        "account: {{ ceilings: [ {{ country: GB, type: long_code, rate: 10 }} ] }}\nservices:\n{}{}{}{}campaigns:\n{}{}{}{}",
        service("a", "CA"),
        service("b", "GB"),
        service("c", "GB"),
        service("d", "CA"),
        campaign("first", "a", "body: hello, recipients: { CA: 1 }"),
        campaign("alone", "d", "body: good bye, recipients: { CA: 1 }"),
        campaign("third", "c", "body: third, recipients: { GB: 1 }"),
        campaign("middle", "b", "body: hello, recipients: { GB: 1 }"),
    );
    assert_eq!(split(&model(&yaml)), [vec![0, 2, 3], vec![1]]);
}

/// Two campaigns through services of their own, the one long over when the other ends: its numbers do not exist, and its sender is
/// suspended five minutes later.
const LATE_REVIEW: &str = "services:
  a: { senders: [ { id: na, type: long_code, country: CA, mps: 100 } ] }
  b: { senders: [ { id: nb, type: long_code, country: GB } ] }
campaigns:
  dead: { service: a, segments: 1, recipients: { CA: 1 }, invalid: 100%, arrivals: { phases: [ { duration: 0, arrival_count: 150 } ] } }
  long: { service: b, segments: 1, recipients: { GB: 1 }, arrivals: { phases: [ { duration: 10m, arrival_count: 600 } ] } }
";

/// Aim: a part that has nothing to do any more sees what happens until the whole run ends. Method: a review that ends before the
/// other part does, and after it where that is taken away.
#[test]
fn a_part_lasts_as_long_as_the_whole() {
    let model = model(LATE_REVIEW);
    let parts = split(&model);
    assert_eq!(parts, [[0], [1]]);
    let run = |part: &Vec<usize>| Paused::run(&model, 0, part.iter().copied(), Collector::new(&model));
    let suspensions = |collector: Collector| collector.finish(&Collector::scopes(&model)).totals[0].suspensions;
    let [dead, long] = [run(&parts[0]), run(&parts[1])];
    assert!(dead.lasts_until() < long.lasts_until());
    let end = long.lasts_until();
    let (mut seen, _) = dead.finish(end);
    seen.join(long.finish(end).0);
    assert_eq!(suspensions(seen), 1);
    assert_eq!(suspensions(simulate(&model, 0, Collector::new(&model)).0), 1);
    let alone = run(&parts[0]);
    let end = alone.lasts_until();
    assert_eq!(suspensions(alone.finish(end).0), 0, "alone it ends before the review does");
}

/// Three services that share nothing, the first as large as the others together, with promises that have windows.
const LARGE: &str = "seed: 5
services:
  a: { senders: [ { id: na, type: long_code, country: CA, mps: 100 } ] }
  b: { senders: [ { id: nb, type: long_code, country: CA, count: 3, mps: 7 } ] }
  c: { senders: [ { id: nc, type: short_code, country: CA } ] }
thresholds: { queue_wait: { threshold: \"p(90) < 5s\", window: 10m } }
campaigns:
  one: { service: a, segments: 1, recipients: { CA: 1 }, arrivals: { process: poisson, phases: [ { duration: 20m, arrival_count: 100000 } ] } }
  two: { service: b, segments: { 1: 0.5, 2: 0.5 }, recipients: { CA: 1 }, arrivals: { phases: [ { duration: 50m, arrival_count: 40000 } ] } }
  three: { service: c, segments: 1, recipients: { CA: 1 }, arrivals: { process: poisson, phases: [ { duration: 10m, arrival_count: 60000 } ] } }
";

/// Keeps the bytes of replications.
#[derive(Default)]
struct Bytes(Mutex<BTreeMap<u32, Vec<u8>>>);

impl Kept for Bytes {
    fn find(&self, _index: u32) -> Option<Replication> {
        None
    }

    fn keep(&self, index: u32, replication: &Replication) {
        self.0.lock().expect("nobody panics").insert(index, replication.to_bytes());
    }
}

/// The bytes of replications, which say all that is known of them, and how far the run said it was.
fn ran(model: &Model, replications: u32, threads: usize) -> (BTreeMap<u32, Vec<u8>>, [u64; 2]) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    let (progress, kept) = (Progress::default(), Bytes::default());
    assert!(pool.install(|| run_kept(model, replications, &progress, &kept)).complete);
    let counts = [&progress.messages, &progress.replications].map(|count| count.load(Ordering::Relaxed));
    (kept.0.into_inner().expect("nobody panics"), counts)
}

/// Aim: a replication that several threads share is the same, and so is what is told of its progress. Method: one and three
/// replications with one to four threads; of three replications with two threads the last is shared.
#[test]
fn threads_that_share_a_replication_do_not_show() {
    let model = model(LARGE);
    assert_eq!(split(&model).len(), 3);
    for replications in [1, 3] {
        let alone = ran(&model, replications, 1);
        assert_eq!(alone.1, [200_000 * u64::from(replications), u64::from(replications)]);
        for threads in 2..=4 {
            assert!(ran(&model, replications, threads) == alone, "{threads} threads");
        }
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().expect("threads");
    assert_eq!([0, 1, 2, 3, 4, 9].map(|tasks| pool.install(|| threads_for(tasks))), [4, 4, 2, 1, 1, 1]);
}

/// Asks a run to stop when its first replication begins.
struct StopAtOnce<'p>(&'p Progress);

impl Kept for StopAtOnce<'_> {
    fn find(&self, _index: u32) -> Option<Replication> {
        self.0.stop.store(true, Ordering::Relaxed);
        None
    }

    fn keep(&self, _index: u32, _replication: &Replication) {
        panic!("nothing is finished");
    }
}

/// Aim: a replication that several threads share is given up when the run is asked to stop. Method: asked after it has begun.
#[test]
fn threads_that_share_a_replication_stop() {
    let model = model(LARGE);
    for threads in 1..=3 {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let progress = Progress::default();
        let ran = pool.install(|| run_kept(&model, 1, &progress, &StopAtOnce(&progress)));
        assert!(!ran.complete && ran.results.replications == 0);
        assert!(progress.messages.load(Ordering::Relaxed) < 100_000, "it was given up early");
    }
}
