//! Records, tags and lives held against the books, the totals and the raw instants of the same replication.
//!
//! What pandas and DuckDB make of the files is in `tests/peer/records.py`.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::io::Read;
use std::path::Path;

use sendpool::explain::{self, Event};
use sendpool::kernel::samplers::Chance;
use sendpool::metrics::Collector;
use sendpool::model::Model;
use sendpool::model::ending::{Ending, Status};
use sendpool::records::column::COLUMNS;
use sendpool::records::{Kind, Record, Selection, record};
use sendpool::report::records::{Kind as FileKind, RecordFile};
use sendpool::simulation::ledger::Ledger;
use sendpool::simulation::observer::{Feedback, Message, Observer};
use sendpool::simulation::simulate;
use sendpool::simulation::stage::Stage;
use sendpool::units::{Money, SimDuration, SimTime};

fn read(name: &str, text: String, settings: &[(&str, &str)]) -> Model {
    let settings: Vec<_> = settings.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect();
    let reading = sendpool::scenario::read(name, text.into_bytes(), &settings);
    let findings = reading.render(false);
    reading.model.unwrap_or_else(|| panic!("{findings}"))
}

fn shipped(name: &str, settings: &[(&str, &str)]) -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(format!("{name}.yaml"));
    read(name, std::fs::read_to_string(path).expect("a shipped scenario"), settings)
}

fn scenario(yaml: &str) -> Model {
    read("records.yaml", format!("version: 1\nname: records\n{yaml}"), &[])
}

fn each(model: &Model, replication: u32, selection: Selection, mut see: impl FnMut(&Record)) {
    let Ok(()) = record(model, replication, selection, |record| {
        see(record);
        Ok::<(), Infallible>(())
    });
}

fn all(model: &Model, selection: Selection) -> Vec<Record<'_>> {
    let mut records = Vec::new();
    let Ok(()) = record(model, 0, selection, |record| {
        records.push(*record);
        Ok::<(), Infallible>(())
    });
    records
}

fn outbound<'m>(records: &[Record<'m>]) -> Vec<Record<'m>> {
    records.iter().filter(|record| record.kind == Kind::Outbound).copied().collect()
}

/// Aim: rows are the books. Method: by ending, messages and segments of the rows of three scenarios against the ledger that
/// the engine balances, and their price against the sums that the collector makes on its own way.
#[test]
fn counts_and_sums_equal_the_ledger() {
    for (name, horizon) in [("two-way", "26h"), ("two-way", "30d"), ("europe", "20m"), ("otp-burst", "1h")] {
        let model = shipped(name, &[("clock.horizon", horizon), ("seed", "3")]);
        let ((ledger, collector), _) = simulate(&model, 0, (Ledger::default(), Collector::new(&model)));
        let totals = &collector.finish(&Collector::scopes(&model)).totals[0];
        let mut ended = [(0u64, 0u64); Ending::COUNT];
        let mut open = (0, 0);
        let mut cost = Money::ZERO;
        let (mut sids, mut inbound) = (BTreeSet::new(), 0);
        each(&model, 0, Selection::All, |record| {
            if record.kind != Kind::Outbound {
                inbound += 1;
                return;
            }
            let slot = record.ended.map_or(&mut open, |(_, ending)| &mut ended[ending as usize]);
            slot.0 += 1;
            slot.1 += u64::from(record.message.segments);
            cost += record.charge().unwrap_or(Money::ZERO);
            assert!(sids.insert((record.message.campaign, record.message.number)), "{name}: a message has one row");
        });
        for ending in Ending::ALL {
            let books = &ledger.ended[ending];
            assert_eq!(ended[ending as usize], (books.messages, books.segments), "{name} {horizon}: {ending:?}");
        }
        let rest = ledger.in_progress();
        assert_eq!(open, (rest.messages, rest.segments), "{name} {horizon}: in progress");
        assert_eq!(cost, totals.cost.total(), "{name} {horizon}");
        assert_eq!(inbound, totals.replies + totals.opt_outs + totals.helps + totals.opt_ins, "{name} {horizon}");
    }
}

/// Aim: the stages of every message's delay add up to its total, to the nanosecond, over a million messages that meet client
/// pace, quiet hours, queues, ceilings, carriers' hours, networks and handsets. Method: the total is the difference of two
/// instants that the engine tells, and each stage is bounded by instants that were told when they came.
#[test]
fn the_stages_of_a_million_messages_add_up() {
    let model = scenario(
        "clock: { start: \"2026-11-27T07:00:00-05:00[America/New_York]\" }\n\
         account: { ceilings: [ { country: US, type: short_code, rate: 150/s } ] }\n\
         services:\n  s:\n    features: { quiet_hours: hold }\n    selection: { distribution: least_segments }\n    senders:\n\
         \x20     - { id: a, type: short_code, country: US }\n      - { id: b, type: short_code, country: US, mps: 90 }\n\
         \x20     - { id: name, type: alphanumeric, name: ACME, mps: 40 }\n\
         \x20 free: { senders: [ { id: other, type: alphanumeric, name: OTHER, mps: 40, registered: true } ] }\n\
         campaigns:\n  c:\n    service: s\n    segments: { 1: 0.8, 2: 0.2 }\n    recipients: { US: 0.7, FR: 0.2, IN: 0.1 }\n\
         \x20   submit_rate: 400/s\n    arrivals: { process: poisson, phases: [ { duration: 20m, arrival_count: 960000 } ] }\n\
         \x20 night: { service: free, segments: 1, recipients: { AE: 1 }, submit_rate: 100/s, start_time: 6h, \
         arrivals: { phases: [ { duration: 1m, arrival_count: 40000 } ] } }\n",
    );
    let mut seen = [0u64; Stage::COUNT];
    let (mut rows, mut sum) = (0, 0u128);
    let mut told: BTreeMap<(u32, u64), (SimTime, SimTime)> = BTreeMap::new();
    each(&model, 0, Selection::All, |record| {
        if record.kind != Kind::Outbound {
            return;
        }
        rows += 1;
        let Some((end, _)) = record.ended else { panic!("without a horizon every message ends") };
        let message = &record.message;
        let spent = message.spent(end);
        assert_eq!(spent.total(), end.since(message.intended), "{message:?}");
        sum += u128::from(spent.total().as_nanos());
        for stage in Stage::ALL {
            seen[stage as usize] += u64::from(spent.at(stage) > SimDuration::ZERO);
        }
        assert_eq!(spent.at(Stage::Api), message.accepted.since(message.intended));
        if message.sent < SimTime::MAX {
            let platform = spent.at(Stage::Hold) + spent.at(Stage::Lane) + spent.at(Stage::Ceiling);
            assert_eq!(platform, message.sent.since(message.accepted), "{message:?}");
        }
        if message.number.is_multiple_of(1_000) {
            told.insert((message.campaign, message.number), (message.sent, end));
        }
    });
    assert_eq!(rows, 1_000_000);
    assert!(sum > 0);
    assert!(seen.iter().all(|count| *count > 1_000), "every stage is met: {seen:?}");

    /// Instants of some messages as another observer hears of them.
    #[derive(Default)]
    struct Hears(BTreeMap<(u32, u64), (SimTime, SimTime)>);
    impl Observer for Hears {
        fn accepted(&mut self, _at: SimTime, message: &Message) {
            if message.number.is_multiple_of(1_000) {
                self.0.insert((message.campaign, message.number), (SimTime::MAX, SimTime::MAX));
            }
        }
        fn sent(&mut self, at: SimTime, message: &Message, _slot_end: SimTime) {
            if let Some(instants) = self.0.get_mut(&(message.campaign, message.number)) {
                instants.0 = at;
            }
        }
        fn ended(&mut self, at: SimTime, message: &Message, _ending: Ending) {
            if let Some(instants) = self.0.get_mut(&(message.campaign, message.number)) {
                instants.1 = at;
            }
        }
    }
    let heard = simulate(&model, 0, Hears::default()).0.0;
    assert_eq!(told, heard);
}

fn file(model: &Model, name: &str, selection: Selection) -> Vec<u8> {
    let kind = FileKind::of(Path::new(name)).expect("a known ending");
    let mut file = RecordFile::new(kind, Vec::new()).expect("memory");
    record(model, 0, selection, |record| file.write(record)).expect("memory");
    file.finish().expect("memory")
}

/// Aim: the same records in every format, and the same bytes each time. Method: CSV cell by cell against JSON lines; gzip
/// against plain; each format twice.
#[test]
fn formats_agree_and_repeat() {
    let model = shipped("two-way", &[("clock.horizon", "26h")]);
    let plain = file(&model, "a.csv", Selection::All);
    let mut unpacked = Vec::new();
    let packed = file(&model, "a.csv.gz", Selection::All);
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut unpacked).expect("gzip");
    assert!(plain == unpacked, "gzip changes nothing");
    let lines = file(&model, "a.jsonl", Selection::All);
    let mut lines = std::str::from_utf8(&lines).expect("text").lines();
    let mut reader = csv::Reader::from_reader(plain.as_slice());
    let names: Vec<String> = reader.headers().expect("a head").iter().map(str::to_owned).collect();
    assert_eq!(names, COLUMNS.map(|column| column.name.to_owned()));
    let mut rows = 0;
    for row in reader.records() {
        let row = row.expect("well-formed");
        let object: serde_json::Value = serde_json::from_str(lines.next().expect("as many lines")).expect("JSON");
        assert_eq!(object.as_object().expect("an object").len(), COLUMNS.len());
        for (name, cell) in names.iter().zip(&row) {
            let same = match &object[name] {
                serde_json::Value::Null => cell.is_empty(),
                serde_json::Value::String(text) => text == cell,
                serde_json::Value::Number(number) => Some(cell.parse::<f64>().expect("a number")) == number.as_f64(),
                other => cell.parse::<serde_json::Value>().expect("JSON in a cell") == *other,
            };
            assert!(same, "{name}: {cell} and {}", object[name]);
        }
        rows += 1;
    }
    assert!(lines.next().is_none());
    assert!(rows > 40_000, "{rows}");
    for name in ["a.csv", "a.csv.gz", "a.jsonl", "a.parquet"] {
        assert!(file(&model, name, Selection::All) == file(&model, name, Selection::All), "{name} twice");
    }
}

/// Aim: selections are parts of the whole. Method: failures are the rows not delivered in truth or by report; a share of 10 %
/// is near that, and holds all messages of the people it holds; nothing is in it that is not in the whole.
#[test]
fn selections_are_parts_of_the_whole() {
    let model = shipped("two-way", &[]);
    let key = |record: &Record| (record.message.campaign, record.message.number);
    let whole = outbound(&all(&model, Selection::All));
    let keys: BTreeSet<_> = whole.iter().map(key).collect();
    let failures: BTreeSet<_> = all(&model, Selection::Failures).iter().map(key).collect();
    let undelivered = whole.iter().filter(|record| {
        record.status() != "delivered" || record.ended.is_none_or(|(_, ending)| ending != Ending::Delivered)
    });
    assert_eq!(failures, undelivered.map(key).collect());
    let sample: BTreeSet<_> = outbound(&all(&model, Selection::Sample(Chance::new(0.1)))).iter().map(key).collect();
    assert!(sample.is_subset(&keys));
    let share = sample.len() as f64 / keys.len() as f64;
    assert!((share - 0.1).abs() < 4.0 * (0.09 / keys.len() as f64).sqrt() * 1.5, "{share}");
    let origin = |(campaign, number): &(u32, u64)| (*campaign, number & ((1 << Message::ORIGIN_BITS) - 1));
    let origins: BTreeSet<_> = sample.iter().map(origin).collect();
    let expected: BTreeSet<_> = keys.iter().filter(|key| origins.contains(&origin(key))).copied().collect();
    assert_eq!(sample, expected, "repetitions and answers go with what they follow from");
    assert!(sample.iter().any(|key| *key != origin(key)));
}

/// Aim: the status and code that a platform shows, by hand: one sender of 1/s, a queue of three segments, validity 3 s,
/// horizon 2.5 s: of six messages at once through a service three enter, of which the third has waited 2 s when its turn
/// comes, so that all three are sent; three find the queue full.
#[test]
fn statuses_are_what_a_dashboard_shows() {
    let model = scenario(
        "clock: { horizon: 2500ms }\n\
         services: { s: { queue: { capacity: validity }, validity_period: 3s, senders: [ { id: n, type: long_code, country: XX, mps: 1 } ] } }\n\
         campaigns: { c: { service: s, segments: 1, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 0, arrival_count: 6 } ] } },\n\
         \x20 later: { service: s, segments: 1, recipients: { XX: 1 }, schedule: { lead: 10m }, arrivals: { phases: [ { duration: 0, arrival_count: 1 } ] } } }\n",
    );
    let shown: Vec<_> = all(&model, Selection::All)
        .iter()
        .map(|record| (record.message.campaign, record.message.number, record.status(), record.code()))
        .collect();
    // The full queue at once, then the receipts of an ideal network, then what is unfinished.
    assert_eq!(
        shown,
        [
            (0, 3, "failed", Some(30001)),
            (0, 4, "failed", Some(30001)),
            (0, 5, "failed", Some(30001)),
            (0, 0, "delivered", None),
            (0, 1, "delivered", None),
            (0, 2, "delivered", None),
            (1, 0, "scheduled", None),
        ]
    );
}

/// Aim: what the networks do to a message shows with its receipt, and not before. Method: of real people some receipts never
/// come: then the row stays what it was when the message was sent, whatever became of it.
#[test]
fn without_a_receipt_nothing_shows() {
    let model = scenario(
        "services: { s: { senders: [ { id: n, type: short_code, country: US } ] } }\n\
         campaigns: { c: { service: s, kind: alert, segments: 1, recipients: { US: 1 }, arrivals: { phases: [ { duration: 100s, arrival_count: 10000 } ] } } }\n",
    );
    let records = all(&model, Selection::All);
    let silent: Vec<_> = outbound(&records)
        .into_iter()
        .filter(|record| record.message.sent < SimTime::MAX && record.receipt.is_none())
        .collect();
    assert!(silent.len() > 100, "{} receipts never come", silent.len());
    let late = silent.iter().filter(|record| record.ended.is_some_and(|(at, _)| at > record.message.sent)).count();
    assert!(late > 100, "{late} of them end later than they are sent");
    for record in silent {
        assert_eq!((record.status(), record.code()), ("sent", None));
        assert_eq!(record.updated, record.message.sent);
    }
}

/// Aim: an error of the file is told and ends the writing. Method: a sink that fails at the third row.
#[test]
fn the_first_error_of_the_sink_is_returned() {
    let model = shipped("first-send", &[]);
    let mut rows = 0;
    let outcome = record(&model, 0, Selection::All, |_| {
        rows += 1;
        if rows == 3 { Err("full") } else { Ok(()) }
    });
    assert_eq!(outcome, Err("full"));
    assert_eq!(rows, 3);
}

/// Aim: tags select as campaigns do. Method: the totals of a tag are the sum of its campaigns', an audience's tag holds for
/// all campaigns to it, a campaign's own value goes first, and thresholds combine tags.
#[test]
fn tags_are_sums_of_campaigns() {
    let model = scenario(
        "services: { s: { senders: [ { id: n, type: long_code, country: XX, mps: 100 } ] } }\n\
         audiences: { people: { size: 100, recipients: { XX: 1 }, tags: { list: all, team: nobody } } }\n\
         campaigns:\n\
         \x20 a: { service: s, segments: 1, audience: people, tags: { team: growth, wave: \"1\" }, arrivals: { phases: [ { duration: 1s, arrival_count: 10 } ] } }\n\
         \x20 b: { service: s, segments: 1, recipients: { XX: 1 }, tags: { team: growth }, arrivals: { phases: [ { duration: 1s, arrival_count: 20 } ] } }\n\
         \x20 c: { service: s, segments: 1, audience: people, arrivals: { phases: [ { duration: 1s, arrival_count: 40 } ] } }\n\
         thresholds:\n  \"sent{team:growth}\": \"count == 30\"\n  \"sent{list:all}\": \"count == 50\"\n  \"sent{team:nobody}\": \"count == 40\"\n\
         \x20 \"sent{list:all,team:growth}\": \"count == 10\"\n  \"offered{wave:1}\": \"rate == 1\"\n  \"end_to_end{team:growth}\": \"max < 1s\"\n",
    );
    let results = sendpool::experiment::run(&model, 1, &sendpool::experiment::Progress::default());
    for verdict in sendpool::verdict::judge(&model, &results) {
        assert!(verdict.passed, "{}: {:?}", verdict.threshold, verdict.value);
    }
    let tags: Vec<_> =
        model.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str(), tag.campaigns.as_slice())).collect();
    assert_eq!(
        tags,
        [
            ("list", "all", [0, 2].as_slice()),
            ("team", "growth", &[0, 1]),
            ("team", "nobody", &[2]),
            ("wave", "1", &[0])
        ]
    );
    let json = file(&model, "a.jsonl", Selection::All);
    let first: serde_json::Value =
        serde_json::from_slice(json.split(|byte| *byte == b'\n').next().expect("a line")).expect("JSON");
    assert_eq!(first["tags"], serde_json::json!({ "list": "all", "team": "growth", "wave": "1" }));
}

/// Aim: a life tells what happened, by hand: 1 segment/s, message 2 of three at once waits 2 s behind two segments; the
/// network is ideal. A second campaign answers with one turn.
#[test]
fn a_life_has_its_steps_in_order() {
    let model = scenario(
        "services: { s: { senders: [ { id: n, type: long_code, country: XX, mps: 1 } ] } }\n\
         campaigns: { c: { service: s, segments: 1, recipients: { XX: 1 }, deadline: 1s, arrivals: { phases: [ { duration: 0, arrival_count: 3 } ] } } }\n",
    );
    let lives = explain::explain(&model, 0, BTreeSet::from([(0, 2)]));
    assert_eq!(lives.len(), 1);
    let second = |n: u64| SimTime::from_nanos(n * 1_000_000_000);
    let steps: Vec<_> = lives[0].steps.iter().map(|step| (step.at, step.event, step.callback)).collect();
    use sendpool::simulation::observer::Report;
    assert_eq!(
        steps,
        [
            (second(0), Event::Intended, None),
            (second(0), Event::Accepted, None),
            (second(0), Event::Queued { ahead: 2 }, Some("queued")),
            (second(2), Event::Sent, Some("sent")),
            (second(2), Event::Ended(Ending::Delivered), None),
            (second(2), Event::Receipt(Report::Delivered), Some("delivered")),
        ]
    );
    assert!(explain::explain(&model, 0, BTreeSet::from([(0, 3)])).is_empty(), "there is no fourth message");
}

/// Aim: the slowest are the slowest, with ties by campaign and number. Method: all delivered records sorted.
#[test]
fn the_slowest_are_found() {
    let model = shipped("two-way", &[("replications", "3")]);
    let results = sendpool::experiment::run(&model, 3, &sendpool::experiment::Progress::default());
    let mut ends = Vec::new();
    for replication in 0..3 {
        each(&model, replication, Selection::All, |record| {
            if let (Kind::Outbound, Some((end, Ending::Delivered))) = (record.kind, record.ended) {
                let message = &record.message;
                let identity = (replication, message.campaign, message.number);
                ends.push((end.since(message.intended), message.sent.since(message.intended), identity));
            }
        });
    }
    ends.sort_by_key(|(end_to_end, _, identity)| (std::cmp::Reverse(*end_to_end), *identity));
    let found: Vec<_> = results
        .slowest
        .end_to_end
        .iter()
        .map(|slow| (slow.replication, slow.message.campaign, slow.message.number))
        .collect();
    assert_eq!(found, ends[..10].iter().map(|(.., identity)| *identity).collect::<Vec<_>>());
    ends.sort_by_key(|(_, to_carrier, identity)| (std::cmp::Reverse(*to_carrier), *identity));
    let found: Vec<_> = results
        .slowest
        .to_carrier
        .iter()
        .map(|slow| (slow.replication, slow.message.campaign, slow.message.number))
        .collect();
    assert_eq!(found, ends[..10].iter().map(|(.., identity)| *identity).collect::<Vec<_>>());
}

/// Aim: a second campaign to the same audience meets the opt-outs of the first, message by message. Method: from the rows:
/// whoever sent STOP before the second sale was handed over gets 21610 there, and nobody else.
#[test]
fn the_second_campaign_meets_the_opt_outs_of_the_first() {
    let model = shipped("two-way", &[]);
    let records = all(&model, Selection::All);
    let index =
        |name: &str| model.campaigns.iter().position(|campaign| campaign.name == name).expect("a campaign") as u32;
    let (first, second) = (index("first-sale"), index("second-sale"));
    let mut stopped: BTreeMap<(u32, u64), SimTime> = BTreeMap::new();
    for record in records.iter().filter(|record| record.message.campaign == first) {
        if record.kind == Kind::Inbound(Feedback::Stop) {
            stopped.insert(record.person().key(), record.updated);
        }
    }
    assert!(stopped.len() > 300, "{}", stopped.len());
    let mut met = 0;
    for record in records.iter().filter(|record| record.message.campaign == second && record.kind == Kind::Outbound) {
        let out = stopped.get(&record.person().key()).is_some_and(|at| *at <= record.message.accepted);
        let ending = record.ended.expect("all end").1;
        assert_eq!(out, ending == Ending::OptedOut, "{:?}", record.message);
        assert_eq!(ending == Ending::OptedOut, record.code() == Some(21610) && ending.status() == Status::Failed);
        met += u64::from(out);
    }
    assert!(met > 300, "{met}");
}

/// Aim: every row of one run has an id of its own, also what comes in. Method: everybody answers in every way there is.
#[test]
fn ids_are_unique() {
    let model = scenario(
        "services: { s: { senders: [ { id: n, type: long_code, country: GB, mps: 100 } ] } }\n\
         audiences: { people: { size: 500, recipients: { GB: 1 } } }\n\
         campaigns: { c: { service: s, kind: alert, segments: 1, audience: people, pick: uniform, replies: 30%, opt_out: 40%, help: 50%, opt_in: 90%, opt_in_after: 1h, \
         arrivals: { phases: [ { duration: 10h, arrival_count: 3000 } ] } } }\n",
    );
    let lines = file(&model, "a.jsonl", Selection::All);
    let (mut ids, mut rows, mut kinds) = (BTreeSet::new(), 0, BTreeSet::new());
    for line in std::str::from_utf8(&lines).expect("text").lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("JSON");
        rows += 1;
        kinds.insert(row["inbound"].to_string());
        ids.insert(row["sid"].as_str().expect("all were accepted").to_owned());
        assert!(row["to"].as_str().is_some_and(|to| to.len() <= 16), "{line}");
    }
    assert_eq!(ids.len(), rows);
    assert_eq!(kinds.len(), 5, "{kinds:?}");
}

/// Aim: `fit` understands the records of this program: when messages were meant, what came back. Method: a burst of 6,000 that
/// the client hands over at 10/s is a burst; shares of replies and opt-outs are those of the rows.
#[test]
fn records_can_be_fitted() {
    let model = scenario(
        "clock: { start: \"2026-06-01T12:00:00Z\" }\n\
         services: { s: { senders: [ { id: n, type: long_code, country: GB, mps: 1000 } ] } }\n\
         campaigns: { c: { service: s, kind: alert, segments: 1, recipients: { GB: 1 }, submit_rate: 10/s, replies: 20%, opt_out: 10%, help: 10%, \
         arrivals: { phases: [ { duration: 1s, arrival_count: 6000 } ] } } }\n",
    );
    let records = all(&model, Selection::All);
    let within_a_day = |record: &&Record| record.updated.since(record.message.sent) < SimDuration::from_secs(86_400);
    let count = |feedback: Feedback| {
        records.iter().filter(|record| record.kind == Kind::Inbound(feedback)).filter(within_a_day).count() as u64
    };
    for name in ["a.csv.gz", "a.jsonl"] {
        let trace = sendpool::trace::read(file(&model, name, Selection::All).as_slice(), name).expect("a log");
        assert_eq!(trace.account.rejected, 0);
        let last = trace.rows.iter().map(|row| row.at).max().expect("rows");
        assert!(last < SimTime::from_nanos(1_000_000_000), "they were meant within a second: {last}");
        let fitted = sendpool::fit::fit(&trace, &jiff::tz::TimeZone::UTC).expect("rows");
        let yaml = fitted.scenario_yaml("again");
        assert!(sendpool::scenario::read("again.yaml", yaml.clone().into_bytes(), &[]).model.is_some(), "{yaml}");
        let feedback = fitted.feedback;
        assert!(count(Feedback::Help) > 300, "who asks for help answers nothing");
        // A day is counted from the intended time there: a few at its edge may differ.
        assert!(feedback.answered.abs_diff(count(Feedback::Reply)) <= 5, "{feedback:?}");
        assert!(feedback.opted_out.abs_diff(count(Feedback::Stop)) <= 5, "{feedback:?}");
    }
}

/// Aim: a log that this program wrote gives back what its scenario says. Method: shares within four standard deviations of a
/// binomial, rates of a Poisson count, the index of dispersion of n windows within four of sqrt((2 + 6/k) / n) with k the
/// shape; carriers have the catalogue's market shares; waits are those of the run's own statistics. Each error is printed:
/// docs/fit.md has the table.
#[test]
fn a_log_of_a_scenario_gives_back_its_parameters() {
    let model = scenario(
        "seed: 7\nclock: { start: \"2026-06-01T12:00:00Z\" }
services: { s: { senders: [ { id: us, type: short_code, country: US, mps: 40/s }, { id: ca, type: short_code, country: CA, mps: 100/s } ] } }
campaigns:
  steady: &campaign { service: s, kind: alert, segments: { 1: 70, 2: 20, 3: 10 }, recipients: { US: 60, CA: 40 }, invalid: 3%, opt_out: 1%, replies: 4%,
    arrivals: { process: poisson, phases: [ { duration: 30m, arrival_rate: 20/s }, { duration: 10m, arrival_rate: 60/s }, { duration: 140m, arrival_rate: 5/s } ] } }
  bursty: { <<: *campaign, arrivals: { process: poisson, burstiness: { dispersion: 100, window: 60s }, phases: [ { duration: 3h, arrival_rate: 10/s } ] } }
",
    );
    let trace = sendpool::trace::read(file(&model, "own.csv", Selection::All).as_slice(), "own.csv").expect("a log");
    let fitted = sendpool::fit::fit(&trace, &jiff::tz::TimeZone::UTC).expect("rows");
    let close = |what: &str, truth: f64, found: f64, error: f64| {
        println!("| {what} | {truth:.4} | {found:.4} | {error:.4} |");
        assert!((found - truth).abs() <= error, "{what}: {truth} was found as {found}");
    };
    let share = |what: &str, truth: f64, found: f64, n: u64| {
        close(what, truth, found, 4.0 * (truth * (1.0 - truth) / n as f64).sqrt());
    };
    let [steady, bursty] = &fitted.groups[..] else { panic!("two campaigns") };
    for (phase, (rate, from)) in steady.arrivals.phases.iter().zip([(20.0, 0.0), (60.0, 1_800.0), (5.0, 2_400.0)]) {
        let at = format!("steady from {from} s");
        // The grid of a log of three hours has steps of 60 s, from the first message on.
        close(&format!("{at}: begins, s"), from, phase.from_seconds as f64, 60.0);
        let error = 4.0 * (rate / phase.duration_seconds as f64).sqrt();
        close(&format!("{at}: messages a second"), rate, phase.rate, error);
    }
    assert_eq!(steady.arrivals.phases.len(), 3);
    assert_eq!(steady.arrivals.bursts, None);
    let bursts = bursty.arrivals.bursts.expect("bursts");
    let shape: f64 = 600.0 / 99.0;
    close("bursty: dispersion", 100.0, bursts.dispersion, 400.0 * ((2.0 + 6.0 / shape) / bursts.n as f64).sqrt());
    close("bursty: window, s", 60.0, bursts.window_seconds as f64, 0.0);
    let error = 4.0 * (10.0 * 100.0 / 10_800.0_f64).sqrt();
    close("bursty: messages a second", 10.0, bursty.arrivals.phases[0].rate, error);
    assert_eq!(bursty.arrivals.phases.len(), 1);
    for (segments, truth) in [("1", 0.7), ("2", 0.2), ("3", 0.1)] {
        let mix = &fitted.total.segments;
        share(&format!("{segments} segments"), truth, mix.share(segments), mix.n);
    }
    let countries = &fitted.total.countries;
    share("to the United States", 0.6, countries.share("US"), countries.n);
    let facts = sendpool::catalogue::country("US".parse().expect("a code")).expect("a country");
    for id in ["us/verizon", "us/t-mobile", "us/us-cellular"] {
        let market = f64::from(facts.carrier(id).expect("a carrier").share.ppm()) / 1e6;
        share(&format!("of all on {id}"), 0.6 * market, fitted.total.carriers.share(id), fitted.total.carriers.n);
    }
    share("numbers that do not exist", 0.03, fitted.codes.share("30005"), fitted.codes.n);
    // A few answer later than within the day that is counted, and a log takes for sent what is lost without a receipt.
    let of_answerable = |count: u64| count as f64 / fitted.feedback.answerable as f64;
    close("opt out, of messages not lost", 0.01, of_answerable(fitted.feedback.opted_out), 0.0015);
    close("answer, of messages not lost", 0.04, of_answerable(fitted.feedback.answered), 0.003);
    let results = sendpool::experiment::run(&model, 1, &sendpool::experiment::Progress::default());
    let waits =
        results.delay_of(&model, &sendpool::model::threshold::Scope::default(), sendpool::experiment::Part::QueueWait);
    let found = fitted.created_to_sent.expect("sent");
    for (what, q, found) in [("p50", 0.5, found.p50), ("p90", 0.9, found.p90), ("p99", 0.99, found.p99)] {
        let truth = waits.quantile(q).expect("known").as_secs_f64();
        close(&format!("{what} of the queue wait, s"), truth, found, 0.002 + 0.002 * truth);
    }
}
