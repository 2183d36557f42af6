//! Figures for Prometheus, and so for Grafana: what a run came to as a text file of today's figures, and its series over
//! simulated time as OpenMetrics that is loaded into a database afterwards.
//!
//! Names end in their unit and, where they count, in `_total`; every sample carries `run`, the name of the scenario and the
//! first eight digits of its digest, so that several runs stand side by side. Counts, charges and series are means over
//! replications and may be fractions; quantiles are of all replications together. Times are those of the scenario's
//! calendar: no other clock is asked.
//!
//! Scopes overlap (a message is of a campaign, of a country and of a carrier), so each has metrics of its own and not a label. A
//! sum over one is the run, but for sender types, which those without a sender lack, and tags, of which a message may have many.

use std::fmt::Write as _;

use crate::experiment::{Results, Spread};
use crate::metrics::backlog_names;
use crate::metrics::timeline::Flow;
use crate::model::Model;
use crate::units::{SimDuration, SimTime};

use super::summary::{DelayFacts, Named, ScopeFacts, Summary};

/// What kind of metric it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Summary,
    Info,
}

/// A sample: what follows the family's name, labels, value, and where it stands in time, in milliseconds since 1970.
struct Sample {
    suffix: &'static str,
    labels: Vec<(&'static str, String)>,
    value: f64,
    at: Option<i64>,
}

/// A metric: one name, one meaning.
struct Family {
    name: String,
    kind: Kind,
    help: String,
    samples: Vec<Sample>,
}

impl Family {
    fn new(name: impl Into<String>, kind: Kind, help: impl Into<String>) -> Family {
        Family { name: name.into(), kind, help: help.into(), samples: Vec::new() }
    }

    fn add(&mut self, labels: &[(&'static str, &str)], value: f64) {
        self.add_part("", labels, value);
    }

    fn add_part(&mut self, suffix: &'static str, labels: &[(&'static str, &str)], value: f64) {
        let labels = labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.samples.push(Sample { suffix, labels, value, at: None });
    }
}

/// The two formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// Prometheus' text format, version 0.0.4.
    Text,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

/// What the run came to, in Prometheus' text format and without times, for whatever takes the figures of now: a
/// textfile collector, a push gateway, a file that is served.
pub fn text(summary: &Summary) -> Vec<u8> {
    write(&outcome(summary), &run_name(summary), Format::Text)
}

/// The series over simulated time and, at their end, what the run came to, as OpenMetrics. Samples are a second apart, or a bin
/// where bins are wider, from the scenario's start on. Counters have one more at the end of the last bin, which follows the one
/// before after less than a second where narrow bins end within one.
pub fn open_metrics(model: &Model, results: &Results, summary: &Summary) -> Vec<u8> {
    let end = millis(model, results, results.series.bins());
    let mut families = series(model, results);
    families.extend(outcome(summary).into_iter().map(|mut family| {
        family.samples.iter_mut().for_each(|sample| sample.at = Some(end));
        family
    }));
    write(&families, &run_name(summary), Format::OpenMetrics)
}

/// As the default run folder is called.
fn run_name(summary: &Summary) -> String {
    format!("{}-{}", summary.scenario.name, &summary.scenario.digest[..8])
}

/// The beginning of a bin, in milliseconds since 1970.
fn millis(model: &Model, results: &Results, bin: usize) -> i64 {
    let since = SimDuration::from_nanos(results.series.width.as_nanos() * bin as u64);
    model.calendar.instant(SimTime::ZERO + since).as_millisecond()
}

/// What was counted until the beginning of each of these bins.
fn since_the_start(counts: &[u64], bins: &[usize]) -> impl Iterator<Item = (usize, u64)> {
    let (mut sum, mut counted) = (0, 0);
    bins.iter().map(move |bin| {
        sum += counts[counted..*bin].iter().sum::<u64>();
        counted = *bin;
        (*bin, sum)
    })
}

fn series(model: &Model, results: &Results) -> Vec<Family> {
    let series = &results.series;
    let mean = |sum: u64| sum as f64 / series.replications as f64;
    // Bins are halves, quarters, ... of a second or whole seconds. The last sample is the end, a whole second or not.
    let stride = (1_000_000_000 / series.width.as_nanos()).max(1) as usize;
    let bins: Vec<usize> = (0..series.bins()).step_by(stride).chain([series.bins()]).collect();
    let sample = |labels: &[(&'static str, &str)], bin: usize, value: f64| Sample {
        suffix: "",
        labels: labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        value,
        at: Some(millis(model, results, bin)),
    };
    let mut families = Vec::new();
    for (flow, counts) in Flow::ALL.into_iter().zip(&series.flows) {
        let (name, what) = match flow {
            Flow::Offered => ("messages_offered", "Messages that campaigns mean to send"),
            Flow::Accepted => ("messages_accepted", "Messages that the platform accepted"),
            Flow::Sent => ("messages_sent", "Messages handed to a carrier"),
            Flow::SegmentsSent => ("segments_sent", "Segments handed to a carrier"),
            Flow::Delivered => ("messages_delivered", "Messages that reached the handset"),
            Flow::Undelivered => ("messages_undelivered", "Messages that were sent and did not reach the handset"),
            Flow::Failed => ("messages_failed", "Messages that were accepted and never sent"),
        };
        let help = format!("{what} since the start, mean over replications");
        let mut family = Family::new(format!("sendpool_{name}"), Kind::Counter, help);
        family.samples.extend(since_the_start(counts, &bins).map(|(bin, sum)| sample(&[], bin, mean(sum))));
        families.push(family);
    }
    // Apart from the sum of all, or whoever adds up the one would count each twice.
    let help = "Segments that a sender handed to carriers since the start, mean over replications";
    let mut family = Family::new("sendpool_sender_segments_sent", Kind::Counter, help);
    for (sender, counts) in backlog_names(model).iter().zip(&series.segments) {
        let samples = since_the_start(counts, &bins).map(|(bin, sum)| sample(&[("sender", sender)], bin, mean(sum)));
        family.samples.extend(samples);
    }
    families.push(family);
    let backlogs = [
        ("sendpool_backlog_segments", "mean over replications"),
        ("sendpool_backlog_min_segments", "the least of all replications"),
        ("sendpool_backlog_max_segments", "the greatest of all replications"),
    ];
    let values = |level: &Spread| [mean(level.sum), level.min as f64, level.max as f64];
    for (which, (name, of)) in backlogs.into_iter().enumerate() {
        let mut family = Family::new(name, Kind::Gauge, format!("Segments that wait at a sender, {of}"));
        for (sender, levels) in backlog_names(model).iter().zip(&series.backlogs) {
            // A bin has the level at its beginning; of the end there is none.
            for bin in bins.iter().filter(|bin| **bin < levels.len()) {
                family.samples.push(sample(&[("sender", sender)], *bin, values(&levels[*bin])[which]));
            }
        }
        families.push(family);
    }
    families
}

/// The parts of a scope by name; everything together has none.
type Parts<'s> = Vec<(Option<&'s str>, &'s ScopeFacts)>;

/// The scopes: what their metrics and their label are called, and their parts.
fn scopes(summary: &Summary) -> Vec<(&'static str, Parts<'_>)> {
    fn named(list: &[Named<ScopeFacts>]) -> Parts<'_> {
        list.iter().map(|named| (Some(named.name.as_str()), &named.facts)).collect()
    }
    vec![
        ("run", vec![(None, &summary.overall)]),
        ("campaign", named(&summary.campaigns)),
        ("service", named(&summary.services)),
        ("country", named(&summary.countries)),
        ("carrier", named(&summary.carriers)),
        ("sender_type", named(&summary.sender_types)),
        ("tag", named(&summary.tags)),
    ]
}

/// What the run came to.
fn outcome(summary: &Summary) -> Vec<Family> {
    let scenario = &summary.scenario;
    let mut info = Family::new("sendpool_scenario", Kind::Info, "What was run");
    let (seed, replications) = (scenario.seed.to_string(), scenario.replications.to_string());
    info.add(
        &[
            ("scenario", &scenario.name),
            ("digest", &scenario.digest),
            ("seed", &seed),
            ("replications", &replications),
            ("version", summary.tool.version),
        ],
        1.0,
    );
    let mut families = vec![info];
    families.extend(promises(summary));
    for (scope, parts) in scopes(summary) {
        families.extend(of_scope(scope, &parts));
    }
    families.extend(queues(summary));
    families.retain(|family| !family.samples.is_empty());
    families
}

fn promises(summary: &Summary) -> [Family; 2] {
    let mut kept = Family::new("sendpool_promise_kept", Kind::Gauge, "Whether a promise was kept, 1 or 0");
    let mut open = Family::new(
        "sendpool_promise_undecided",
        Kind::Gauge,
        "Whether the interval of a promise's value covers its limit, 1 or 0",
    );
    for (index, threshold) in summary.thresholds.iter().enumerate() {
        // The number tells promises apart that differ in their window or phase alone.
        let number = (index + 1).to_string();
        let mut labels =
            vec![("number", number.as_str()), ("promise", &threshold.metric), ("condition", &threshold.condition)];
        labels.extend(threshold.part.as_deref().map(|part| ("part", part)));
        kept.add(&labels, f64::from(u8::from(threshold.passed)));
        open.add(&labels, f64::from(u8::from(threshold.undecided)));
    }
    [kept, open]
}

fn of_scope(scope: &'static str, parts: &[(Option<&str>, &ScopeFacts)]) -> Vec<Family> {
    let family = |name: &str, kind, help: &str| Family::new(format!("sendpool_{scope}_{name}"), kind, help);
    let mut messages = family("messages", Kind::Counter, "Messages by what became of them; all of them were offered");
    let mut lost = family("lost_messages", Kind::Counter, "Messages that were not delivered, by error code and reason");
    let mut segments = family("segments_sent", Kind::Counter, "Segments handed to a carrier");
    let mut cost = family("cost_dollars", Kind::Counter, "Message charges by kind");
    let mut drain = family("drain_seconds", Kind::Gauge, "From the first message to the end of the last slot");
    let mut waits = [
        family("queue_wait_seconds", Kind::Summary, "From accepted to handed to a carrier"),
        family("carrier_latency_seconds", Kind::Summary, "From handed to a carrier to the handset"),
        family("end_to_end_seconds", Kind::Summary, "From the intended time to the handset"),
    ];
    for (name, facts) in parts {
        let own: Vec<(&'static str, &str)> = name.map(|name| (scope, name)).into_iter().collect();
        let with = |more: &[(&'static str, &'static str)]| -> Vec<(&'static str, &str)> { [&own, more].concat() };
        let lost_as = |status: &str| {
            let losses = facts.losses.iter().filter(|loss| loss.status == status);
            // The sum of nothing is a zero with a sign.
            losses.map(|loss| loss.messages).sum::<f64>() + 0.0
        };
        let ends = [
            ("delivered", facts.delivered),
            ("undelivered", lost_as("undelivered")),
            ("failed", lost_as("failed")),
            ("refused", lost_as("refused")),
            ("canceled", facts.canceled),
            ("in_progress", facts.in_progress),
            ("not_handed_over", facts.not_handed_over),
        ];
        for (status, count) in ends {
            messages.add(&with(&[("status", status)]), count);
        }
        for loss in &facts.losses {
            let code = loss.code.to_string();
            let mut labels = with(&[("status", loss.status), ("reason", loss.reason)]);
            labels.push(("code", &code));
            lost.add(&labels, loss.messages);
        }
        segments.add(&own, facts.segments_sent);
        let charges = &facts.cost_dollars;
        let charges = [
            ("list_price", charges.base),
            ("carrier_fees", charges.carrier_fees),
            ("failed_fees", charges.failed_fees),
        ];
        for (kind, dollars) in charges {
            cost.add(&with(&[("kind", kind)]), dollars);
        }
        if let Some(seconds) = facts.drain_seconds {
            drain.add(&own, seconds.mean);
        }
        let Some(delays) = &facts.delays else { continue };
        for (family, delay) in waits.iter_mut().zip([delays.queue_wait, delays.carrier_latency, delays.end_to_end]) {
            if let Some(delay) = delay {
                add_delay(family, &own, &delay);
            }
        }
    }
    [messages, lost, segments, cost, drain].into_iter().chain(waits).collect()
}

fn add_delay(family: &mut Family, own: &[(&'static str, &str)], delay: &DelayFacts) {
    let quantiles =
        [("0.5", delay.p50), ("0.9", delay.p90), ("0.95", delay.p95), ("0.99", delay.p99), ("0.999", delay.p99_9)];
    for (quantile, seconds) in quantiles {
        if let Some(seconds) = seconds {
            family.add(&[own, &[("quantile", quantile)]].concat(), seconds);
        }
    }
    if let Some(mean) = delay.mean {
        family.add_part("_sum", own, mean * delay.n as f64);
    }
    family.add_part("_count", own, delay.n as f64);
}

fn queues(summary: &Summary) -> [Family; 4] {
    let mut rate = Family::new("sendpool_queue_rate_segments_per_second", Kind::Gauge, "What a queue may send");
    let mut busy = Family::new(
        "sendpool_queue_busy_ratio",
        Kind::Gauge,
        "Share of the time from its first message to the end of its last slot for which a queue was busy",
    );
    let mut peak = Family::new("sendpool_queue_peak_segments", Kind::Gauge, "Largest backlog of any replication");
    let mut lost = Family::new("sendpool_queue_lost_messages", Kind::Counter, "Messages that expired or found no room");
    for lane in &summary.lanes {
        let own = [("queue", lane.name.as_str()), ("sender", lane.group.as_str())];
        rate.add(&own, lane.segments_per_second);
        if let Some(share) = lane.busy_share {
            busy.add(&own, share);
        }
        peak.add(&own, lane.peak_backlog_segments as f64);
        for (reason, messages) in [("expired", lane.expired), ("overflowed", lane.overflowed)] {
            lost.add(&[&own[..], &[("reason", reason)]].concat(), messages);
        }
    }
    [rate, busy, peak, lost]
}

fn write(families: &[Family], run: &str, format: Format) -> Vec<u8> {
    let mut out = String::new();
    let open = format == Format::OpenMetrics;
    for family in families {
        let suffix = match family.kind {
            Kind::Counter => "_total",
            Kind::Info => "_info",
            Kind::Gauge | Kind::Summary => "",
        };
        let kind = match family.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Summary => "summary",
            Kind::Info if open => "info",
            Kind::Info => "gauge",
        };
        // OpenMetrics names the family, the older format the samples.
        let (name, told) = (&family.name, if open { "" } else { suffix });
        let _ = writeln!(out, "# HELP {name}{told} {}", family.help);
        let _ = writeln!(out, "# TYPE {name}{told} {kind}");
        for sample in &family.samples {
            let _ = write!(out, "{name}{suffix}{}{{run=\"{}\"", sample.suffix, escaped(run));
            for (label, value) in &sample.labels {
                let _ = write!(out, ",{label}=\"{}\"", escaped(value));
            }
            let _ = write!(out, "}} {}", sample.value);
            if let Some(at) = sample.at {
                let _ = write!(out, " {}.{:03}", at.div_euclid(1_000), at.rem_euclid(1_000));
            }
            out.push('\n');
        }
    }
    if open {
        out.push_str("# EOF\n");
    }
    out.into_bytes()
}

/// The value of a label.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_of_a_counter() {
        let mut family = Family::new("sendpool_x", Kind::Counter, "What it is");
        family.add(&[("queue", "a \"b\" \\ c")], 2.5);
        let text = String::from_utf8(write(&[family], "r", Format::Text)).expect("UTF-8");
        let expected = "# HELP sendpool_x_total What it is\n# TYPE sendpool_x_total counter\n\
                        sendpool_x_total{run=\"r\",queue=\"a \\\"b\\\" \\\\ c\"} 2.5\n";
        assert_eq!(text, expected);
        let mut family = Family::new("sendpool_x", Kind::Counter, "What it is");
        family.samples.push(Sample { suffix: "", labels: Vec::new(), value: 3.0, at: Some(1_500) });
        let text = String::from_utf8(write(&[family], "r", Format::OpenMetrics)).expect("UTF-8");
        let expected =
            "# HELP sendpool_x What it is\n# TYPE sendpool_x counter\nsendpool_x_total{run=\"r\"} 3 1.500\n# EOF\n";
        assert_eq!(text, expected);
    }
}
