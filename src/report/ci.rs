//! A run for machines of continuous integration: JUnit XML, `bench.json` for github-action-benchmark, `bmf.json` in
//! Bencher's metric format, and annotations of a workflow's log.
//!
//! Nothing of it has times or facts of the machine, so the bytes are those of the scenario, seed and version.

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::intervals::IntervalFacts;
use super::summary::{ScopeFacts, Summary, ThresholdFacts};
use super::{OutputFile, file};

/// Annotations that a step may show.
const ANNOTATIONS_MAX: usize = 10;

/// All files.
pub fn files(summary: &Summary) -> Vec<OutputFile> {
    let figures = figures(summary);
    vec![
        file("junit.xml", junit(summary)),
        file("bench.json", bench(summary, &figures)),
        file("bmf.json", bmf(&figures)),
    ]
}

/// What a threshold showed, in a sentence: some readers show nothing else.
fn sentence(threshold: &ThresholdFacts) -> String {
    let interval = threshold.interval_text.as_ref().map_or_else(String::new, |text| format!(", 95 % interval {text}"));
    let margin = match (threshold.passed, threshold.margin_text.as_str()) {
        (_, "") => threshold.note.map_or_else(String::new, |note| format!(", {note}")),
        (true, margin) => format!(", margin {margin}"),
        (false, margin) => format!(", misses by {margin}"),
    };
    let window = threshold.window_text.as_ref().map_or_else(String::new, |text| format!("; {text}"));
    let open = if threshold.undecided { "; undecided" } else { "" };
    format!("{} {}: {}{margin}{interval}{window}{open}", threshold.metric, threshold.condition, threshold.value_text)
}

/// One suite for the scenario, one case for each threshold; a suite without cases where there is none.
fn junit(summary: &Summary) -> String {
    let scenario = &summary.scenario;
    let mut suite = TestSuite::new(&*scenario.name);
    for (name, value) in [
        ("seed", scenario.seed.to_string()),
        ("replications", scenario.replications.to_string()),
        ("scenario_digest", scenario.digest.clone()),
        ("trajectory", summary.run.trajectory.clone()),
        ("sendpool", summary.tool.version.to_owned()),
    ] {
        suite.add_property(Property::new(name, value));
    }
    let mut names: Vec<String> = Vec::new();
    for threshold in &summary.thresholds {
        let mut status = TestCaseStatus::success();
        if !threshold.passed {
            status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type("threshold").set_message(sentence(threshold)).set_description(format!(
                "{}\nscenario {}, seed {}, {} replications, digest {}",
                sentence(threshold),
                scenario.name,
                scenario.seed,
                scenario.replications,
                scenario.digest
            ));
        }
        let mut case = TestCase::new(name_of(threshold, &mut names), status);
        case.set_classname(&*scenario.name).set_system_out(sentence(threshold));
        suite.add_test_case(case);
    }
    let mut report = Report::new("sendpool");
    report.add_test_suite(suite);
    report.to_string().expect("writing to memory does not fail")
}

/// The name of a promise's test case: of conditions that read alike but for their windows each has its own, since readers tell
/// cases apart by their names.
fn name_of(threshold: &ThresholdFacts, names: &mut Vec<String>) -> String {
    let name = format!("{} {}", threshold.metric, threshold.condition);
    let same = names.iter().filter(|other| **other == name).count();
    names.push(name.clone());
    if same == 0 { name } else { format!("{name} ({})", same + 1) }
}

/// A figure that is followed from commit to commit; all are better when smaller.
struct Figure {
    name: String,
    unit: &'static str,
    value: f64,
    interval: Option<IntervalFacts>,
}

fn figures(summary: &Summary) -> Vec<Figure> {
    let mut list = Vec::new();
    let name = &summary.scenario.name;
    add_scope(&mut list, name, &summary.overall);
    if summary.campaigns.len() > 1 {
        summary.campaigns.iter().for_each(|one| add_scope(&mut list, &format!("{name}/{}", one.name), &one.facts));
    }
    list
}

fn add_scope(list: &mut Vec<Figure>, scope: &str, facts: &ScopeFacts) {
    let mut add = |what: &str, unit, value: Option<f64>, interval: Option<IntervalFacts>| {
        list.extend(value.map(|value| Figure { name: format!("{scope}/{what}"), unit, value, interval }));
    };
    let drain = facts.drain_seconds;
    add("drain_time", "seconds", drain.map(|drain| drain.mean), drain.and_then(|drain| drain.interval));
    let delays = facts.delays.as_ref();
    let waits = delays.and_then(|delays| delays.queue_wait);
    let whole = delays.and_then(|delays| delays.end_to_end);
    for (what, delay) in [("queue_wait", waits), ("end_to_end", whole)] {
        let Some(delay) = delay else { continue };
        add(&format!("{what}_p95"), "seconds", delay.p95, delay.p95_interval);
        add(&format!("{what}_p99"), "seconds", delay.p99, delay.p99_interval);
    }
    // What is not delivered, so that less is better here too.
    let lost = facts.intervals.get("delivered_share").map(|interval| IntervalFacts {
        low: interval.high.map(|high| 1.0 - high),
        high: interval.low.map(|low| 1.0 - low),
    });
    add("not_delivered", "share", facts.delivered_share.map(|share| 1.0 - share), lost);
    add("cost", "dollars", Some(facts.cost_dollars.total), facts.intervals.get("cost_total").copied());
}

/// For github-action-benchmark's `customSmallerIsBetter`.
#[derive(Serialize)]
struct Bench {
    name: String,
    unit: &'static str,
    value: f64,
    range: String,
    extra: String,
}

fn bench(summary: &Summary, figures: &[Figure]) -> String {
    let scenario = &summary.scenario;
    let list: Vec<Bench> = figures
        .iter()
        .map(|figure| Bench {
            name: figure.name.clone(),
            unit: figure.unit,
            value: figure.value,
            range: figure
                .interval
                .and_then(|interval| interval.half_width(figure.value))
                .map_or_else(String::new, |half| format!("± {half}")),
            extra: format!(
                "seed {}, {} replications, digest {}",
                scenario.seed, scenario.replications, scenario.digest
            ),
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&list).expect("plain data");
    text.push('\n');
    text
}

/// `{ benchmark: { measure: { value, lower_value, upper_value } } }`.
fn bmf(figures: &[Figure]) -> String {
    let entry = |figure: &Figure| {
        let mut measure = Map::from_iter([("value".to_owned(), json!(figure.value))]);
        let ends = figure.interval.map(|interval| [("lower_value", interval.low), ("upper_value", interval.high)]);
        for (name, end) in ends.into_iter().flatten() {
            measure.extend(end.map(|end| (name.to_owned(), json!(end))));
        }
        (figure.name.clone(), json!({ figure.unit: measure }))
    };
    let all: Map<String, Value> = figures.iter().map(entry).collect();
    let mut text = serde_json::to_string_pretty(&all).expect("plain data");
    text.push('\n');
    text
}

/// Annotations of broken thresholds for the log of a workflow: one line each, the ten that miss their limit by most. `path`
/// and `text` are those of the scenario file.
pub fn annotations(summary: &Summary, path: &str, text: &str) -> Vec<String> {
    let mut broken: Vec<&ThresholdFacts> = summary.thresholds.iter().filter(|threshold| !threshold.passed).collect();
    let miss = |threshold: &ThresholdFacts| match (threshold.margin, threshold.limit) {
        (Some(margin), limit) if limit != 0.0 => (margin / limit).abs(),
        _ => f64::INFINITY,
    };
    broken.sort_by(|a, b| miss(b).total_cmp(&miss(a)));
    let one = |threshold: &&ThresholdFacts| {
        format!(
            "::error file={},line={},title={}::{}",
            property(path),
            line_of(text, &threshold.metric),
            property("threshold broken"),
            data(&sentence(threshold))
        )
    };
    broken.iter().take(ANNOTATIONS_MAX).map(one).collect()
}

/// The line of the threshold's key, or the first.
fn line_of(text: &str, subject: &str) -> usize {
    let start = text.lines().position(|line| line.trim_start().starts_with("thresholds")).unwrap_or(0);
    let found = text.lines().enumerate().skip(start).find(|(_, line)| line.contains(subject));
    found.map_or(1, |(index, _)| index + 1)
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_are_escaped_and_find_their_line() {
        let text = "name: a\nthresholds:\n  sent: [ \"rate > 0.5\" ]\n  failed{campaign:c}: [ \"rate < 1%\" ]\n";
        assert_eq!(line_of(text, "failed{campaign:c}"), 4);
        assert_eq!(line_of(text, "absent"), 1);
        assert_eq!(data("99 % of\nall"), "99 %25 of%0Aall");
        assert_eq!(property("a:b,c"), "a%3Ab%2Cc");
    }
}
