//! Traces as campaigns: what a file says is sent again, and what cannot be is told.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::path::Path;

use sendpool::model::Model;
use sendpool::records::{Selection, record};
use sendpool::report::records::{Kind, RecordFile};
use sendpool::scenario::{self, Reading};
use sendpool::simulation::observer::Observer;
use sendpool::simulation::simulate;
use sendpool::units::SimTime;

use crate::support::{Run, Seen, run_model};

/// Reads a scenario beside which these files lie.
fn read(yaml: &str, files: &[(&str, &str)]) -> Reading {
    let text = format!("version: 1\nname: replay\n{yaml}");
    let open = |name: &str| -> io::Result<Box<dyn Read>> {
        let found = files.iter().find(|(known, _)| *known == name);
        let (_, text) = found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file"))?;
        Ok(Box::new(Cursor::new(text.to_string().into_bytes())))
    };
    scenario::read_with("replay.yaml", text.into_bytes(), &[], &[], &open)
}

/// Runs a scenario that is sound.
fn run(yaml: &str, files: &[(&str, &str)]) -> Run {
    let reading = read(yaml, files);
    let findings = reading.render(false);
    run_model(reading.model.unwrap_or_else(|| panic!("{findings}")))
}

/// One campaign with this trace and more, through three senders in turn.
fn campaign(more: &str) -> String {
    format!(
        "overrides: {{ network: ideal }}
services: {{ s: {{ senders: [ {{ id: a, type: short_code, country: US, count: 3, mps: 1000 }} ] }} }}
campaigns: {{ c: {{ service: s, segments: 4, arrivals: {{ trace: log.csv }}, {more} }} }}"
    )
}

/// Instants in milliseconds and carriers of what was offered.
fn offered(run: &Run) -> Vec<(u64, &str)> {
    let carrier = |index: u32| run.model.carriers[index as usize].id.as_str();
    let seen = run.trace.seen.iter().filter_map(|(at, seen)| match seen {
        Seen::Offered { carrier: index, .. } => Some((at.as_nanos() / 1_000_000, carrier(*index))),
        _ => None,
    });
    seen.collect()
}

/// Aim: rows come at their times, to their carriers, with their segments; where one has none the campaign's count. Method:
/// by hand. The rows are out of order, and one is an answer from a person.
#[test]
fn rows_come_as_they_are() {
    let log = "time,to,country,carrier,segments,direction\n\
        2.5,+14155550101,US,us/t-mobile,2,\n\
        0,+14155550102,US,us/att,,\n\
        1,+14155550101,US,us/verizon,9,inbound\n\
        2.5,+33612345678,,fr/orange,1,outbound-api\n";
    let run = run(&campaign("start_time: 1m"), &[("log.csv", log)]);
    assert_eq!(offered(&run), [(60_000, "us/att"), (62_500, "us/t-mobile"), (62_500, "fr/orange")]);
    let segments: Vec<u32> = run.trace.sent().iter().map(|sent| sent.message.segments).collect();
    assert_eq!(segments, [4, 2], "nobody sends to France");
    assert_eq!(run.model.campaigns[0].expected_messages(), 3);
}

/// Aim: the same recipient is the same person, also in another campaign: known to the sender, on one carrier. Method: three
/// people, five messages, three senders in turn; the second campaign begins with the last of them.
#[test]
fn people_are_met_again() {
    let yaml = "overrides: { network: ideal }
services: { s: { senders: [ { id: a, type: toll_free, country: US, count: 3, mps: 1000 } ] } }
campaigns:
  c: { service: s, segments: 1, arrivals: { trace: { file: log.csv, campaign: first } } }
  d: { service: s, segments: 1, arrivals: { trace: { file: log.csv, campaign: second } } }";
    let log = "time,recipient,country,campaign\n0,ann,US,first\n1,bob,US,first\n2,ann,US,first\n3,cid,US,first\n\
        4,bob,US,first\n10,cid,US,second\n11,ann,US,second\n12,,US,second\n";
    let run = run(yaml, &[("log.csv", log)]);
    assert_eq!(run.senders(0), ["a-1", "a-2", "a-1", "a-3", "a-2"]);
    assert_eq!(run.senders(1), ["a-3", "a-1", "a-1"], "a stranger has the next in turn");
    let carriers: Vec<&str> = offered(&run).iter().map(|(_, carrier)| *carrier).collect();
    assert_eq!([carriers[0], carriers[1], carriers[3]], [carriers[2], carriers[4], carriers[5]]);
    assert_eq!(carriers[6], carriers[0]);
}

/// Aim: who has left a service is met as such by the next message, in another campaign of the same file. Method: all opt out
/// of the first, at once as far as they are delivered, and nothing of the second is sent to them a month later.
#[test]
fn opt_outs_are_remembered() {
    let yaml = "overrides: { network: ideal }
services: { s: { senders: [ { id: a, type: short_code, country: XX, mps: 1000 } ] } }
campaigns:
  c: { service: s, segments: 1, opt_out: 100%, arrivals: { trace: { file: log.csv, campaign: first } } }
  d: { service: s, segments: 1, arrivals: { trace: { file: log.csv, campaign: second } } }";
    let log = "time,recipient,country,campaign\n0,ann,XX,first\n1,bob,XX,first\n\
        3000000,ann,XX,second\n3000001,cid,XX,second\n3000002,bob,XX,second\n";
    let run = run(yaml, &[("log.csv", log)]);
    assert_eq!(run.trace.codes(1), [21_610, 0, 21_610]);
}

/// Aim: carriers that the trace does not tell are drawn by market share, countries by `recipients`. Method: 20,000 rows, of
/// which half tell the country; shares by interval at 99.9 %.
#[test]
fn what_is_not_told_is_drawn() {
    let rows: String = (0..20_000).map(|n| format!("{n},{}\n", if n % 2 == 0 { "US" } else { "" })).collect();
    let log = format!("time,country\n{rows}");
    let run = run(&campaign("recipients: { CA: 3, GB: 1 }"), &[("log.csv", &log)]);
    let offered = offered(&run);
    let share = |of: &dyn Fn(&str) -> bool| offered.iter().filter(|(_, id)| of(id)).count() as f64;
    assert_eq!(share(&|id| id.starts_with("us/")), 10_000.0);
    let canada = share(&|id| id.starts_with("ca/"));
    assert!((canada - 7_500.0).abs() < 3.291 * (10_000.0f64 * 0.75 * 0.25).sqrt(), "{canada}");
    let facts = sendpool::catalogue::country("US".parse().unwrap()).unwrap();
    for carrier in &facts.carriers {
        let p = f64::from(carrier.share.ppm()) / 1e6;
        let found = share(&|id| id == carrier.id);
        assert!(
            (found - 10_000.0 * p).abs() <= 3.9 * (10_000.0 * p * (1.0 - p)).sqrt() + 1.0,
            "{}: {found}",
            carrier.id
        );
    }
}

/// Aim: a trace with dates keeps them where the scenario has a start, and begins with its first record where it has none or
/// is told to; what lies before the start is told and left out. Method: by hand.
#[test]
fn dates_are_kept_or_shifted() {
    let log = "time,country\n2026-11-27T14:00:00Z,XX\n2026-11-27T09:30:00-05:00,XX\n2026-11-27T15:00:00Z,XX\n";
    let yaml = |start: &str, align: &str| {
        format!(
            "{start}
services: {{ s: {{ senders: [ {{ id: a, type: short_code, country: XX, mps: 1000 }} ] }} }}
campaigns: {{ c: {{ service: s, segments: 1, arrivals: {{ trace: {{ file: log.csv{align} }} }} }} }}"
        )
    };
    let minutes = |start: &str, align: &str| -> Vec<u64> {
        let run = run(&yaml(start, align), &[("log.csv", log)]);
        offered(&run).iter().map(|(millis, _)| millis / 60_000).collect()
    };
    let morning = "clock: { start: 2026-11-27T08:00:00-05:00 }";
    assert_eq!(minutes(morning, ""), [60, 90, 120]);
    assert_eq!(minutes(morning, ", align: first"), [0, 30, 60]);
    assert_eq!(minutes("", ""), [0, 30, 60]);
    assert_eq!(minutes("clock: { start: 2026-11-27T09:20:00-05:00 }", ""), [10, 40]);
    assert_eq!(minutes("clock: { start: 2026-11-27T08:00:00-05:00, horizon: 90m }", ""), [60], "the horizon is open");
    let late = read(&yaml("clock: { start: 2026-11-27T09:20:00-05:00 }", ""), &[("log.csv", log)]).render(false);
    assert!(
        late.contains("1 message of `log.csv` are meant before") || late.contains("1 message of `log.csv`"),
        "{late}"
    );
    let never = read(&yaml("clock: { start: 2027-11-27T09:20:00-05:00 }", ""), &[("log.csv", log)]);
    assert!(never.model.is_none() && never.render(false).contains("there is no message to replay in `log.csv`"));
    let undated = read(&yaml(morning, ", align: dates"), &[("log.csv", "time,country\n1,XX\n")]);
    assert!(undated.model.is_none() && undated.render(false).contains("dates can be kept only where"));
}

/// Aim: every record that is not replayed is told, with line and reason; nothing is guessed. Method: a file with one good
/// record; each fault stands on a line that is known.
#[test]
fn what_cannot_be_replayed_is_told() {
    let log = "time,to,country,carrier\n\
        1,+14155550101,US,us/att\n\
        soon,+14155550101,US,us/att\n\
        3,+14155550101,AQ,\n\
        4,+14155550101,US,us/at\n\
        5,+14155550101,US,ca/bell\n\
        6,,,\n";
    let reading = read(&campaign(""), &[("log.csv", log)]);
    let text = reading.render(false);
    assert!(text.contains("warning: 4 of 6 records of `log.csv` cannot be replayed"), "{text}");
    for told in [
        "line 3: time `soon` is not a time",
        "line 4: country `AQ` is not in the catalogue",
        "line 5: carrier `us/at` is not in the catalogue",
        "and 1 more",
        "at `campaigns.c.arrivals.trace`",
        "1 message of `log.csv` tells no country: left out",
    ] {
        assert!(text.contains(told), "{told} in\n{text}");
    }
    let run = run_model(reading.model.expect("one record is good"));
    assert_eq!(offered(&run), [(1_000, "us/att")]);
}

/// Aim: a trace that cannot be used is an error in words of its own. Method: each kind once.
#[test]
fn useless_traces_are_errors() {
    let good = "time,country,campaign\n1,US,sale\n";
    let part = |part: &str| campaign("").replace("trace: log.csv", &format!("trace: {part}"));
    for (yaml, log, says) in [
        (campaign("").replace("log.csv", "other.csv"), good, "cannot read `other.csv`: no such file"),
        (campaign(""), "", "`log.csv` is no trace: there is nothing in it"),
        (campaign(""), "name,country\na,US\n", "`log.csv` is no trace: no column tells the time"),
        (campaign(""), "time,country\n", "there is no message to replay in `log.csv`"),
        (campaign(""), "time\n1\n2\n", "2 messages of `log.csv` tell no country: left out"),
        (campaign(""), "time,country\nnow,US\n", "line 2: time `now` is not a time"),
        (part("{ file: log.csv, campaign: sail }"), good, "did you mean `sale`?"),
        (part("{ file: log.csv, aline: first }"), good, "did you mean `align`?"),
        (part("{ campaign: sale }"), good, "missing key `file`"),
        (campaign("audience: people"), good, "the trace says who the recipients are"),
        (campaign("pick: uniform"), good, "the trace says who the recipients are"),
        (campaign("recipients: { US: 0 }"), "time\n1\n", "add up to zero"),
        (campaign("recipients: { USA: 1 }"), "time\n1\n", "USA"),
        (
            campaign("").replace("trace: log.csv", "trace: log.csv, phases: [ { duration: 1s, arrival_count: 1 } ]"),
            good,
            "the trace says when messages are meant",
        ),
        (campaign("").replace("trace: log.csv", "process: constant"), good, "there are no `phases`, and no `trace`"),
    ] {
        let reading = read(&yaml, &[("log.csv", log)]);
        let text = reading.render(false);
        assert!(reading.model.is_none() && text.contains(says), "{says} in\n{text}");
    }
    let unread = scenario::read("a.yaml", format!("version: 1\nname: a\n{}", campaign("")).into_bytes(), &[]);
    assert!(unread.render(false).contains("cannot read `log.csv`: files cannot be read here"));
}

/// Aim: the digest of a scenario tells contents of its trace apart, to the last byte. Method: the same, another, and one
/// more line break at the end.
#[test]
fn the_digest_covers_the_trace() {
    let digest = |log: &str| read(&campaign(""), &[("log.csv", log)]).digest;
    let first = digest("time,country\n1,US\n");
    assert_eq!(first, digest("time,country\n1,US\n"));
    assert_ne!(first, digest("time,country\n2,US\n"));
    assert_ne!(first, digest("time,country\n1,US\n\n"));
}

/// What was offered, by campaign, country, carrier and minute.
type Load = BTreeMap<(String, String, String, u64), u64>;

struct Offers<'m> {
    model: &'m Model,
    load: Load,
}

impl Observer for Offers<'_> {
    fn offered(&mut self, at: SimTime, _intended: SimTime, campaign: u32, carrier: u32) {
        let carrier = &self.model.carriers[carrier as usize];
        let country = self.model.countries[carrier.country].code.to_string();
        let campaign = self.model.campaigns[campaign as usize].name.clone();
        let key = (campaign, country, carrier.id.clone(), at.as_nanos() / 60_000_000_000);
        *self.load.entry(key).or_default() += 1;
    }
}

fn load(model: &Model) -> Load {
    simulate(model, 0, Offers { model, load: Load::new() }).0.load
}

/// Aim: replaying the records of a run offers the same load. Method: the shipped scenario with everything that people do,
/// recorded as CSV and packed JSON lines and replayed campaign by campaign; offered messages by campaign, country, carrier
/// and minute are equal, codes asked for again and answers among them.
#[test]
fn records_replay_the_load_of_their_run() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/two-way.yaml");
    let original = scenario::read("two-way.yaml", std::fs::read(path).expect("shipped"), &[]).model.expect("sound");
    let expected = load(&original);
    let planned: u64 = original.campaigns.iter().map(|campaign| campaign.expected_messages()).sum();
    assert!(expected.values().sum::<u64>() > planned, "codes asked for again and answers are offered too");
    let yaml = "clock: { start: \"2026-11-27T09:00:00-05:00[America/New_York]\" }
services:
  sales: { senders: [ { id: sale, type: short_code, country: US } ] }
campaigns:
  first-sale: { service: sales, segments: 1, arrivals: { trace: { file: records, campaign: first-sale } } }
  second-sale: { service: sales, segments: 1, arrivals: { trace: { file: records, campaign: second-sale } } }
  talk: { service: sales, segments: 1, arrivals: { trace: { file: records, campaign: talk } } }
  reminders: { service: sales, segments: 1, schedule: { lead: 6h }, arrivals: { trace: { file: records, campaign: reminders } } }
  login: { service: sales, segments: 1, arrivals: { trace: { file: records, campaign: login } } }
";
    for name in ["records.csv", "records.jsonl.gz"] {
        let mut file = RecordFile::new(Kind::of(Path::new(name)).expect("a known ending"), Vec::new()).expect("memory");
        record(&original, 0, Selection::All, |record| file.write(record)).expect("memory");
        let bytes = file.finish().expect("memory");
        let open = |_: &str| -> io::Result<Box<dyn Read>> { Ok(Box::new(Cursor::new(bytes.clone()))) };
        let text = format!("version: 1\nname: again\n{yaml}");
        let reading = scenario::read_with("again.yaml", text.into_bytes(), &[], &[], &open);
        let findings = reading.render(false);
        let model = reading.model.unwrap_or_else(|| panic!("{findings}"));
        assert!(!findings.contains("cannot be replayed") && findings.contains("come from people"), "{findings}");
        let found = load(&model);
        assert_eq!(found.values().sum::<u64>(), expected.values().sum::<u64>(), "{name}");
        let first = found.iter().zip(&expected).find(|(found, expected)| found != expected);
        assert_eq!(first, None, "{name}");
        assert_eq!(found, expected);
    }
}

/// Aim: the platform's own log is a trace. Method: its JSON with a refused number, an inbound message and a UCS-2 text; by
/// hand.
#[test]
fn the_platforms_log_is_a_trace() {
    let log = r#"{"messages": [
        {"sid": "SM1", "direction": "outbound-api", "to": "+14155550101", "from": "36179", "status": "delivered",
         "date_created": "Fri, 27 Nov 2026 18:00:10 +0000", "num_segments": "3", "body": "x"},
        {"sid": "SM2", "direction": "inbound", "from": "+14155550101", "to": "36179", "status": "received",
         "date_created": "Fri, 27 Nov 2026 18:00:05 +0000", "num_segments": "1", "body": "STOP"},
        {"sid": "SM3", "direction": "outbound-api", "to": "+15145550101", "from": "36179", "status": "failed",
         "error_code": 21610, "date_created": "Fri, 27 Nov 2026 18:00:00 +0000", "num_segments": "0", "body": "schön ☀"}
    ]}"#;
    let run = run(&campaign(""), &[("log.csv", log)]);
    let offered: Vec<(u64, &str)> = offered(&run).iter().map(|(at, id)| (*at, id.split('/').next().unwrap())).collect();
    assert_eq!(offered, [(0, "ca"), (10_000, "us")]);
}

/// Aim: a million rows are read and run within the time of a test. Method: all are offered, each person twice.
#[test]
fn a_million_rows() {
    let rows: String = (0..1_000_000u32).map(|n| format!("{},XX,{}\n", n / 1_000, n % 500_000)).collect();
    let log = format!("time,country,recipient\n{rows}");
    let yaml = "services: { s: { senders: [ { id: a, type: short_code, country: XX, mps: 1000 } ] } }
campaigns: { c: { service: s, segments: 1, arrivals: { trace: log.csv } } }";
    let model = read(yaml, &[("log.csv", &log)]).model.expect("sound");
    let replay = model.campaigns[0].replay().expect("a trace");
    assert!(replay.rows.len() == 1_000_000 && replay.rows.iter().all(|row| row.is_met_again()));
    assert_eq!(load(&model).values().sum::<u64>(), 1_000_000);
}
