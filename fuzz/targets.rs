//! The four targets. Each takes any bytes, panics when the program breaks its word, and says whether the input got through:
//! inputs that are all refused at the door would hold nothing.

#[path = "splitter.rs"]
mod splitter;

use std::fmt::Write as _;
use std::io::{self, Read};

use jiff::tz::TimeZone;
use sendpool::fit;
use sendpool::model::encoding::{self, Encoding, SegmentLimits, smart_encode};
use sendpool::model::metric::{DEFINITIONS, Metric, Unit};
use sendpool::model::threshold::{Aggregation, Comparison, Condition};
use sendpool::scenario::{self, Reading};
use sendpool::trace::{self, Limits, REJECTED_KEPT, Row, Trace, TraceError};

/// A name, a function, and the longest input that is worth its time, in bytes.
pub type Target = (&'static str, fn(&[u8]) -> bool, usize);

pub const ALL: [Target; 4] = [
    ("scenario", scenario, 16 << 10),
    ("trace", trace, 8 << 10),
    ("threshold", threshold, 256),
    ("segments", segments, 4 << 10),
];

/// The most findings in one scenario, and bytes that tell of them: each has a bounded excerpt of the text.
const FINDINGS_MAX: usize = 500;
const RENDERED_MAX: usize = 4 << 20;

/// The trace that every scenario finds under any name but `none`.
const BESIDE: &str = "time,country,carrier,segments,campaign\n0,US,us/verizon,1,a\n1.5,FR,fr/orange,2,b\n";

/// The reader of scenarios. Behind a zero byte, which no text has, may stand a setting: `campaigns.c.body=Hi`.
///
/// Holds: an error or a model, never both or none; findings are few, bounded and point into the text; colour changes
/// nothing but colour.
pub fn scenario(data: &[u8]) -> bool {
    let (text, settings) = match data.iter().rposition(|byte| *byte == 0) {
        None => (data, Vec::new()),
        Some(at) => {
            let setting = String::from_utf8_lossy(&data[at + 1..]).into_owned();
            let (path, value) = setting.split_once('=').unwrap_or((&setting, ""));
            (&data[..at], vec![(path.to_owned(), value.to_owned())])
        }
    };
    let files = |name: &str| -> io::Result<Box<dyn Read>> {
        match name {
            "none" => Err(io::Error::other("there is none")),
            _ => Ok(Box::new(io::Cursor::new(BESIDE))),
        }
    };
    let reading = scenario::read_with("fuzz.yaml", text.to_vec(), &settings, &[], &files);
    check_reading(&reading);
    reading.model.is_some()
}

fn check_reading(reading: &Reading) {
    let (errors, _) = reading.counts();
    assert_eq!(errors == 0, reading.model.is_some(), "{errors} errors and a model: {}", reading.model.is_some());
    assert!(reading.findings.len() <= FINDINGS_MAX, "{} findings", reading.findings.len());
    for finding in &reading.findings {
        let places = finding.span.iter().chain(finding.related.iter().map(|(place, _)| place));
        for place in places {
            assert!(place.start <= place.end && place.end <= reading.text.len(), "{place:?} is outside the text");
            assert!(reading.text.get(place.clone()).is_some(), "{place:?} cuts a character");
        }
    }
    let shown = reading.render(false);
    assert!(shown.len() <= RENDERED_MAX, "{} bytes of findings", shown.len());
    assert_eq!(shown.is_empty(), reading.findings.is_empty());
    let loose: Vec<char> = shown.chars().filter(|c| c.is_control() && *c != '\n').collect();
    assert!(loose.is_empty(), "control characters reach the terminal: {loose:?}");
    assert_eq!(reading.digest.len(), 64);
}

/// A source that hands over a few bytes at a time, as pipes may.
struct Drips<'a>(&'a [u8]);

impl Read for Drips<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.0.len()).min(7);
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

/// The reader of traces, and what is fitted to them. The lowest bit of the first byte says whether unknown places are
/// faults of a record; the rest is the input.
///
/// Holds: records = rows + replies + rejected; rows stand in the order of time and point to what is there; messages are
/// short; the same input in small pieces gives the same; a scenario made of a trace is a scenario.
pub fn trace(data: &[u8]) -> bool {
    let Some((options, input)) = data.split_first() else { return false };
    let limits = Limits { record_bytes: 2 << 10, records: 2_000, bytes: 1 << 20, known_places: options & 1 == 1 };
    let whole = trace::read_within(input, "fuzz", limits);
    let pieces = trace::read_within(Drips(input), "fuzz", limits);
    match (whole, pieces) {
        (Ok(trace), Ok(again)) => {
            assert_eq!(
                (&trace.account, &trace.rows, &trace.replies, trace.start),
                (&again.account, &again.rows, &again.replies, again.start)
            );
            check_trace(&trace);
            !trace.rows.is_empty()
        }
        (Err(error), Err(again)) => {
            assert_eq!(error.to_string(), again.to_string());
            assert!(error.to_string().len() <= 4 << 10, "{} bytes of an error", error.to_string().len());
            if let TraceError::Unreadable { line, .. }
            | TraceError::TooLong { line, .. }
            | TraceError::Json { line, .. } = error
            {
                assert!(line >= 1);
            }
            false
        }
        (whole, _) => panic!("in pieces an input is another one; whole: {whole:?}"),
    }
}

fn check_trace(trace: &Trace) {
    let account = &trace.account;
    let (rows, replies) = (trace.rows.len() as u64, trace.replies.len() as u64);
    assert_eq!(account.records, rows + account.inbound + account.rejected, "{account:?}");
    assert_eq!(account.inbound, replies);
    assert!(account.records <= 2_000);
    assert_eq!(account.rejections.len(), REJECTED_KEPT.min(account.rejected as usize));
    for rejection in &account.rejections {
        assert!(rejection.line >= 1);
        let shown = rejection.to_string();
        assert!(shown.len() <= 1 << 10, "{} bytes of a rejection", shown.len());
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
    }
    assert!(trace.rows.is_sorted_by_key(|row| row.at));
    for row in &trace.rows {
        let _ = (trace.carrier(row), trace.campaign(row), trace.sender(row), trace.code(row));
        let told = (Row::country(row), row.segments(), row.body(), row.status(), row.price(), row.person());
        let _ = (told, row.created(), row.sent(), row.created_to_sent(), row.sent_to_updated(), row.is_answer());
    }
    let Some(fitted) = fit::fit(trace, &TimeZone::UTC) else { return };
    let yaml = fitted.scenario_yaml("fuzz");
    let reading = scenario::read("fitted.yaml", yaml.clone().into_bytes(), &[]);
    check_reading(&reading);
    assert_eq!(reading.counts().0, 0, "{}\n{yaml}", reading.render(false));
}

/// The grammar of thresholds. The input is `subject`, a line break and `condition`, as they stand in a scenario.
///
/// Holds: a condition that is read for some metric has a limit and a quantile within their bounds, written out again it
/// means the same, and what a second reading of the operator says agrees; within a scenario nothing panics.
pub fn threshold(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let (subject, condition) = text.split_once('\n').unwrap_or(("end_to_end", &text));
    for definition in &DEFINITIONS {
        let metric = Metric::named(definition.name).expect("a metric has a name");
        match Condition::parse(metric, condition) {
            Ok(parsed) => check_condition(metric, condition, parsed),
            Err(error) => assert!(!error.message.is_empty() && !error.hint.is_empty()),
        }
        if let Ok(Aggregation::Quantile(share)) = Aggregation::parse(metric, condition) {
            assert!((0.0..=1.0).contains(&share), "{share}");
        }
    }
    let quoted = |text: &str| serde_json::to_string(text).expect("a text");
    let yaml = format!(
        "version: 1\nname: t\nservices: {{ s: {{ senders: [ {{ id: d, type: long_code, country: XX, mps: 1 }} ] }} }}\n\
         campaigns: {{ c: {{ service: s, body: Hi, tags: {{ team: red }}, recipients: {{ XX: 1 }}, \
         arrivals: {{ phases: [ {{ duration: 9s, arrival_count: 9 }} ] }} }} }}\n\
         thresholds: {{ {}: [ {}, {{ threshold: {}, window: 3s }} ] }}\n",
        quoted(subject),
        quoted(condition),
        quoted(condition)
    );
    // A number that is asked for is a condition without its end.
    let asked = condition.split(['<', '>', '=', '!', '≤']).next().unwrap_or_default();
    let measures = [format!("{subject} {}", asked.trim())];
    let nothing = |_: &str| -> io::Result<Box<dyn Read>> { Err(io::Error::other("no files")) };
    let reading = scenario::read_with("t.yaml", yaml.into_bytes(), &[], &measures, &nothing);
    check_reading(&reading);
    if let Some(model) = &reading.model {
        for threshold in &model.thresholds {
            assert!(threshold.limit.is_finite() && threshold.limit >= 0.0, "{}", threshold.limit);
            assert_eq!(threshold.condition, condition);
        }
    }
    reading.model.is_some()
}

fn check_condition(metric: Metric, text: &str, parsed: Condition) {
    let Condition { aggregation, comparison, limit } = parsed;
    assert!(limit.is_finite() && limit >= 0.0, "`{text}` has the limit {limit}");
    // The operator, read a second time: what stands between the first of its characters and the limit.
    let behind = &text[text.find(['<', '>', '=', '!', '≤']).expect("an operator")..];
    let operator: String = behind.chars().take_while(|c| "<>=!≤".contains(*c)).collect();
    let expected = match operator.as_str() {
        "<" => Comparison::Below,
        "<=" | "≤" => Comparison::AtMost,
        ">" => Comparison::Above,
        ">=" => Comparison::AtLeast,
        "==" | "===" => Comparison::Equal,
        "!=" => Comparison::Unequal,
        other => panic!("`{text}` is read, with the operator `{other}`"),
    };
    assert_eq!(comparison, expected, "{text}");
    let mut again = match aggregation {
        Aggregation::Avg => "avg".to_owned(),
        Aggregation::Min => "min".to_owned(),
        Aggregation::Max => "max".to_owned(),
        Aggregation::Count => "count".to_owned(),
        Aggregation::Rate => "rate".to_owned(),
        Aggregation::Quantile(share) => {
            assert!((0.0..=1.0).contains(&share), "`{text}` asks for the quantile {share}");
            format!("p({})", share * 100.0)
        }
    };
    again.push_str(&operator);
    // A limit of a duration or of money is a whole number of nanoseconds or parts of a dollar, as far as `f64` shows them.
    if limit > 1e6 || (limit != 0.0 && limit < 1e-6) {
        return;
    }
    match (metric.definition().unit, aggregation) {
        (_, Aggregation::Rate) => write!(again, "{limit}"),
        (Unit::Time, _) => write!(again, "{limit}s"),
        (Unit::Dollars, _) => write!(again, "${limit}"),
        _ => write!(again, "{limit}"),
    }
    .expect("memory");
    let second = Condition::parse(metric, &again).unwrap_or_else(|why| panic!("`{text}` as `{again}`: {why:?}"));
    assert_eq!(second.comparison, comparison, "`{text}` as `{again}`");
    let near = |one: f64, other: f64| (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1e-6);
    assert!(near(second.limit, limit), "`{text}` as `{again}`: {} and {limit}", second.limit);
    match (aggregation, second.aggregation) {
        (Aggregation::Quantile(one), Aggregation::Quantile(other)) => {
            assert!(near(one, other), "`{text}` as `{again}`")
        }
        (one, other) => assert_eq!(one, other, "`{text}` as `{again}`"),
    }
}

/// Segments, against a splitter that writes out every part. The first byte chooses the limits, the rest is the text.
///
/// Holds: the same encoding, units and number of parts; smart encoding is at its end after one turn and never takes a text
/// out of GSM-7.
pub fn segments(data: &[u8]) -> bool {
    let Some((choice, text)) = data.split_first() else { return false };
    let text = String::from_utf8_lossy(text);
    let limits = match choice % 8 {
        0..4 => SegmentLimits::STANDARD,
        4 => SegmentLimits { gsm7_single: 136, gsm7_multi: 130, ucs2_single: 60, ucs2_multi: 57 },
        // Two units are the least that takes every character.
        5 => SegmentLimits { gsm7_single: 2, gsm7_multi: 2, ucs2_single: 2, ucs2_multi: 2 },
        6 => SegmentLimits { gsm7_single: 10, gsm7_multi: 3, ucs2_single: 5, ucs2_multi: 3 },
        _ => {
            let room = 3 + u16::from(choice >> 3);
            SegmentLimits { gsm7_single: room, gsm7_multi: room - 1, ucs2_single: room, ucs2_multi: room - 1 }
        }
    };
    compare_splits(&text, limits);
    let smart = smart_encode(&text);
    compare_splits(&smart, limits);
    assert_eq!(smart_encode(&smart), smart);
    let before = encoding::segment(&text, limits).encoding;
    if before == Encoding::Gsm7 {
        assert_eq!(smart, text, "what is GSM-7 already stays");
    }
    assert_eq!(encoding::body_length(&text), text.chars().map(char::len_utf16).sum::<usize>());
    encoding::segment(&text, limits).segments > 1
}

fn compare_splits(text: &str, limits: SegmentLimits) {
    let got = encoding::segment(text, limits);
    let gsm7 = splitter::Rooms { single: limits.gsm7_single.into(), part: limits.gsm7_multi.into() };
    let ucs2 = splitter::Rooms { single: limits.ucs2_single.into(), part: limits.ucs2_multi.into() };
    let naive = splitter::split(text, gsm7, ucs2);
    assert_eq!(got.encoding == Encoding::Gsm7, naive.gsm7, "{text:?}");
    assert_eq!(got.units as usize, naive.parts.iter().map(|part| part.units).sum::<usize>(), "{text:?}");
    assert_eq!(got.segments as usize, naive.parts.len(), "{text:?} under {limits:?}");
    let joined: String = naive.parts.iter().map(|part| part.text.as_str()).collect();
    assert_eq!(joined, text, "a splitter loses nothing");
}
