//! Results that were kept, and what has moved since.
//!
//! Simulated figures have no noise: a scenario with its seed gives the same bytes until somebody changes the scenario, the
//! catalogue or the program. So a baseline is compared exactly, by a digest over the figures, the series and the
//! histograms; when it differs, the figures that moved are told one by one. Names, comments and versions are no figures.
//!
//! Not here: whether a change is good. See [`crate::compare`] for that, which knows intervals.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::report::{OutputFile, words};

/// Version of the format of a baseline: what its digest is over and how figures are called belong to it.
pub const FORMAT: u32 = 2;
/// Changes that are told; the others are counted.
const TOLD_MAX: usize = 25;
/// What a summary holds beside figures.
const NO_FIGURES: [&str; 8] = [
    "format",
    "tool",
    "scenario.digest",
    "scenario.question",
    "scenario.intervals_note",
    "notes",
    "assumptions",
    "overrides",
];

/// Parts of a summary in the order in which like changes are told: the whole run, then what it is divided into.
const WHOLE_FIRST: [&str; 10] = [
    "overall",
    "campaigns",
    "services",
    "tags",
    "countries",
    "carriers",
    "sender_types",
    "campaigns_by_country",
    "lanes",
    "truth_and_report",
];

/// Results of one scenario, as kept in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Baseline {
    /// Version of this format.
    pub format: u32,
    /// The scenario's name.
    pub name: String,
    /// The version of the program that made it.
    pub tool_version: String,
    /// The scenario file, as it was called.
    pub file: String,
    /// Digest of the figures, series and histograms.
    pub figures_digest: String,
    /// The summary.
    pub summary: Value,
}

/// One figure that moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// Which, such as `countries.CA.delivered_share`.
    pub figure: String,
    /// What it was; `None` where it was absent.
    pub before: Option<Value>,
    /// What it is.
    pub after: Option<Value>,
    /// What it is counted in, such as `seconds`, `share`, `dollars`, `segments` or `messages`; `None` of texts and of numbers
    /// that are names, such as the seed.
    pub unit: Option<String>,
}

impl Moved {
    /// The change by the old value, of numbers.
    fn relative(&self) -> Option<f64> {
        let number = |value: &Option<Value>| value.as_ref().and_then(Value::as_f64);
        let (before, after) = (number(&self.before)?, number(&self.after)?);
        (before != 0.0).then(|| (after - before) / before.abs())
    }

    /// What is told first: promises, then figures that came or went or changed their kind, then the largest changes. Of changes
    /// that are the same to two digits, those of the whole run come before those of its parts.
    fn rank(&self) -> (bool, bool, f64, usize, f64) {
        let relative = self.relative().map(f64::abs);
        let size = relative.unwrap_or(0.0);
        let rough = format!("{size:.1e}").parse().unwrap_or(size);
        let part = WHOLE_FIRST.iter().position(|part| self.figure.split('.').next() == Some(*part));
        let promise = self.figure.starts_with("thresholds.");
        (!promise, relative.is_some(), -rough, part.unwrap_or(WHOLE_FIRST.len()), -size)
    }
}

impl Baseline {
    /// From the files of a run folder.
    ///
    /// # Panics
    /// When there is no summary among the files.
    pub fn new(name: &str, file: &str, files: &[OutputFile]) -> Baseline {
        let summary = files.iter().find(|file| file.path == "summary.json").expect("every run has a summary");
        let summary: Value = serde_json::from_slice(&summary.bytes).expect("a summary is JSON");
        let figures: BTreeMap<String, Value> = figures(&summary);
        let mut parts =
            vec![OutputFile { path: "figures".to_owned(), bytes: serde_json::to_vec(&figures).expect("plain data") }];
        let data = |file: &&OutputFile| file.path == "series.csv" || file.path.starts_with("hist/");
        parts.extend(files.iter().filter(data).cloned());
        Baseline {
            format: FORMAT,
            name: name.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            file: file.to_owned(),
            figures_digest: crate::report::digest(&parts),
            summary,
        }
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// When it is not one, or of another version of the format.
    pub fn parse(bytes: &[u8]) -> Result<Baseline, String> {
        let found: Baseline = serde_json::from_slice(bytes).map_err(|error| format!("it is no baseline: {error}"))?;
        if found.format != FORMAT {
            return Err(format!("its format is {} and this version reads {FORMAT}: save it anew", found.format));
        }
        Ok(found)
    }

    /// The bytes of its file.
    ///
    /// # Panics
    /// Never.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("plain data");
        bytes.push(b'\n');
        bytes
    }

    /// What moved since: nothing when the digests are the same.
    pub fn moved(&self, now: &Baseline) -> Option<Vec<Moved>> {
        if self.figures_digest == now.figures_digest {
            return None;
        }
        let (before, after) = (figures(&self.summary), figures(&now.summary));
        let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let mut moved: Vec<Moved> = names
            .into_iter()
            .filter(|name| before.get(*name) != after.get(*name))
            .map(|name| Moved {
                figure: name.clone(),
                before: before.get(name).cloned(),
                after: after.get(name).cloned(),
                unit: unit_of(name, &after).or_else(|| unit_of(name, &before)),
            })
            .collect();
        moved.sort_by(|a, b| {
            let ((a1, a2, a3, a4, a5), (b1, b2, b3, b4, b5)) = (a.rank(), b.rank());
            let first = (a1, a2).cmp(&(b1, b2)).then(a3.total_cmp(&b3)).then(a4.cmp(&b4));
            first.then(a5.total_cmp(&b5)).then(a.figure.cmp(&b.figure))
        });
        Some(moved)
    }
}

/// What moved, for people.
pub fn account(moved: &[Moved]) -> String {
    let mut out = String::new();
    let told: Vec<&Moved> = moved.iter().filter(|moved| !is_derived(&moved.figure)).collect();
    for one in told.iter().take(TOLD_MAX) {
        let (before, after) = texts(one);
        let change = match one.relative() {
            Some(change) if change.abs() >= 5e-5 => format!("  ({:+.2} %)", change * 100.0),
            _ => String::new(),
        };
        let _ = writeln!(out, "  {}: {before} → {after}{change}", one.figure);
    }
    let rest = moved.len() - told.len().min(TOLD_MAX);
    match (told.is_empty(), rest) {
        (true, 0) => out.push_str("  no figure of the summary: series or histograms\n"),
        (_, 0) => {}
        (_, rest) => {
            let _ = writeln!(out, "  and {rest} more, intervals and the slowest messages among them");
        }
    }
    out
}

/// Whether a figure moves with another: an interval or a text with its figure, the slowest messages with the delays.
fn is_derived(figure: &str) -> bool {
    let derived = |part: &str| figure.starts_with(part);
    figure.contains("interval") || figure.ends_with("_text") || derived("slowest.") || derived("run.")
}

/// What a figure was and is, as people write its unit; as the numbers are where that would hide the difference.
fn texts(moved: &Moved) -> (String, String) {
    let text = |value: &Option<Value>, told: &dyn Fn(f64) -> String| match value {
        None => "absent".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.as_f64().map_or_else(|| other.to_string(), told),
    };
    let both = |told: &dyn Fn(f64) -> String| (text(&moved.before, told), text(&moved.after, told));
    let unit = moved.unit.as_deref();
    let words = both(&|value| match unit {
        Some("seconds") => words::seconds(value),
        Some("share") => words::percent(value),
        Some("dollars") => words::dollars(value),
        Some(unit) => format!("{} {unit}", words::count(value)),
        None => value.to_string(),
    });
    if words.0 != words.1 {
        return words;
    }
    both(&|value| match unit {
        Some("seconds") => format!("{value} s"),
        Some("dollars") => format!("${value}"),
        Some("share") | None => value.to_string(),
        Some(unit) => format!("{value} {unit}"),
    })
}

/// What a figure is counted in, by its path; promises say it beside their value.
fn unit_of(figure: &str, figures: &BTreeMap<String, Value>) -> Option<String> {
    let (parent, leaf) = figure.rsplit_once('.').unwrap_or(("", figure));
    if figure.starts_with("thresholds.") && matches!(leaf, "value" | "limit" | "margin") {
        let said = |unit: &Value| unit.as_str().map(str::to_owned);
        return figures.get(&format!("{parent}.unit")).and_then(said);
    }
    let group = parent.rsplit('.').next().unwrap_or_default();
    let is_count = matches!(leaf, "n" | "unfinished");
    let counted = COUNTED.iter().find(|(_, names)| names.contains(&leaf)).map(|(unit, _)| *unit);
    let unit = if group == "cost_dollars" || leaf.contains("dollars") {
        "dollars"
    } else if leaf.ends_with("_seconds") || group.ends_with("_seconds") {
        "seconds"
    } else if parent.contains(".delays.") {
        if is_count { "messages" } else { "seconds" }
    } else if leaf == "share" || leaf.ends_with("_share") || leaf == "confidence" {
        "share"
    } else if leaf == "segments_per_second" {
        "segments per second"
    } else if leaf.contains("segments") {
        "segments"
    } else {
        counted?
    };
    Some(unit.to_owned())
}

/// Figures that do not say in their name what they count, by what that is.
const COUNTED: [(&str, &[&str]); 7] = [
    (
        "messages",
        &[
            "offered",
            "accepted",
            "sent",
            "delivered",
            "delivered_reported",
            "canceled",
            "in_progress",
            "not_handed_over",
            "repeated",
            "on_time",
            "replies",
            "opt_outs",
            "opt_ins",
            "helps",
            "helped",
            "unheard",
            "duplicated",
            "messages",
            "expired",
            "overflowed",
            "reported_delivered",
            "reported_same",
            "reported_otherwise",
            "unreported",
        ],
    ),
    ("blocks", &["content_blocks", "evasions"]),
    ("senders", &["suspensions"]),
    ("findings", &["findings"]),
    ("replications", &["replications", "replications_to_decide"]),
    ("windows", &["windows", "windows_broken"]),
    ("units", &["count"]),
];

/// The figures of a summary by their path; parts of lists are called by their name, promise or code where they have one.
fn figures(summary: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    flatten(summary, "", &mut found);
    found.retain(|path, _| {
        !NO_FIGURES
            .iter()
            .any(|left_out| path.strip_prefix(left_out).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    });
    found
}

fn flatten(value: &Value, path: &str, found: &mut BTreeMap<String, Value>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| flatten(value, &below(key), found)),
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                let mut name = name_of(value).unwrap_or_else(|| index.to_string());
                // Two of one name would be one figure.
                if list[..index].iter().any(|other| name_of(other).as_ref() == Some(&name)) {
                    name = format!("{name}#{index}");
                }
                flatten(value, &below(&name), found);
            }
        }
        leaf => {
            found.insert(path.to_owned(), leaf.clone());
        }
    }
}

fn name_of(value: &Value) -> Option<String> {
    let text = |key: &str| value[key].as_str();
    if let Some(metric) = text("metric") {
        return Some(format!("{metric} {}", text("condition").unwrap_or_default()));
    }
    if let Some(code) = value["code"].as_u64() {
        return Some(format!("{code} {}", text("reason").unwrap_or_default()));
    }
    let names = ["name", "item", "stage", "shown", "true_reason"];
    names.into_iter().find_map(text).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(summary: &Value) -> Baseline {
        let bytes = serde_json::to_vec(summary).unwrap();
        Baseline::new("a", "a.yaml", &[OutputFile { path: "summary.json".to_owned(), bytes }])
    }

    #[test]
    fn figures_are_compared_and_words_are_not() {
        let summary = json!({
            "tool": { "version": "1" },
            "scenario": { "digest": "a", "question": "why?", "seed": 1 },
            "thresholds": [{ "metric": "sent", "condition": "count > 1", "passed": true }],
            "countries": [{ "name": "CA", "offered": 100.0 }, { "name": "US", "offered": 5.0 }],
        });
        let before = of(&summary);
        let mut other = summary.clone();
        other["tool"]["version"] = "2".into();
        other["scenario"]["question"] = "why not?".into();
        other["scenario"]["digest"] = "b".into();
        assert_eq!(before.moved(&of(&other)), None);
        other["thresholds"][0]["passed"] = false.into();
        other["countries"][0]["offered"] = 90.0.into();
        let text = account(&before.moved(&of(&other)).unwrap());
        assert_eq!(
            text,
            "  thresholds.sent count > 1.passed: true → false\n  countries.CA.offered: 100 messages → 90 messages  (-10.00 %)\n"
        );
        // A country more is not a change of the others.
        other = summary.clone();
        other["countries"].as_array_mut().unwrap().insert(0, json!({ "name": "AE", "offered": 1.0 }));
        let moved = before.moved(&of(&other)).unwrap();
        assert_eq!(moved.len(), 2);
        assert!(moved.iter().all(|moved| moved.figure.starts_with("countries.AE.")));
    }

    #[test]
    fn a_baseline_is_read_as_it_was_written() {
        let before = of(&json!({ "overall": { "offered": 0.1 } }));
        let again = Baseline::parse(&before.bytes()).unwrap();
        assert_eq!(before.moved(&again), None);
        assert!(Baseline::parse(b"{}").unwrap_err().contains("no baseline"));
    }

    /// Aim: what moved can be read. Method: all that runs say which use much of what there is; of every number that is told it is
    /// known what it counts, but of those that are names.
    #[test]
    fn every_number_says_its_unit() {
        let names = ["scenario.seed", ".exit_code", ".true_error_code", ".code"];
        let mut seen = std::collections::BTreeSet::new();
        for scenario in ["two-way", "snowshoe", "forty-countries"] {
            let file = format!("{}/scenarios/{scenario}.yaml", env!("CARGO_MANIFEST_DIR"));
            let settings = [
                ("replications".to_owned(), "2".to_owned()),
                ("thresholds.sent".to_owned(), "{ threshold: count > 1, window: 1h }".to_owned()),
            ];
            let reading = crate::scenario::read(&file, std::fs::read(&file).unwrap(), &settings);
            let model = reading.model.as_ref().unwrap_or_else(|| panic!("{}", reading.render(false)));
            let results = crate::experiment::run(model, 2, &crate::experiment::Progress::default());
            let verdicts = crate::verdict::judge(model, &results);
            let summary = crate::report::summary::Summary::new(model, &results, &verdicts, &reading.digest);
            let figures = figures(&serde_json::to_value(&summary).unwrap());
            for (name, value) in &figures {
                let is_name = names.iter().any(|ending| name.ends_with(ending));
                let told = value.is_number() && !is_name && !is_derived(name);
                assert!(!told || unit_of(name, &figures).is_some(), "{name}: {value} of what?");
                seen.extend(Some(name.rsplit('.').next().unwrap_or_default().to_owned()).filter(|_| told));
            }
        }
        for leaf in ["replies", "duplicated", "segments_per_second", "suspensions", "windows", "count", "unreported"] {
            assert!(seen.contains(leaf), "{leaf} is not among {seen:?}");
        }
    }

    /// Of like changes that of the whole is told first, of others the larger.
    #[test]
    fn the_whole_is_told_before_its_parts() {
        let summary = |all: f64, us: f64, ca: f64| {
            let countries = [("CA", ca), ("US", us)].map(|(name, sent)| json!({ "name": name, "sent": sent }));
            of(
                &json!({ "carriers": [{ "name": "a", "sent": all }], "countries": countries, "overall": { "sent": all } }),
            )
        };
        let before = summary(1_000_000.0, 900_000.0, 100_000.0);
        let order = |now: &Baseline| -> Vec<String> {
            before.moved(now).unwrap().into_iter().map(|moved| moved.figure).collect()
        };
        // 10 %, 10.0001 % and 10 %: the same to two digits.
        let like = order(&summary(1_100_000.0, 990_001.0, 110_000.0));
        assert_eq!(like, ["overall.sent", "countries.US.sent", "countries.CA.sent", "carriers.a.sent"]);
        let larger = order(&summary(1_100_000.0, 990_000.0, 115_000.0));
        assert_eq!(larger, ["countries.CA.sent", "overall.sent", "countries.US.sent", "carriers.a.sent"]);
    }

    #[test]
    fn what_moved_is_told_in_its_unit() {
        let summary = |delivered: f64, p95: f64, value: f64, cost: f64, drain: f64| {
            of(&json!({
                "thresholds": [{ "metric": "end_to_end", "condition": "p(95) < 0.5s", "unit": "seconds", "value": value }],
                "overall": {
                    "delivered": delivered,
                    "delivered_share": delivered / 2_000.0,
                    "delays": { "end_to_end": { "n": 7, "p95": p95 } },
                    "cost_dollars": { "total": cost },
                    "drain_seconds": { "mean": drain },
                },
            }))
        };
        let before = summary(1_900.0, 83.0, 0.25, 12.5, 3_600.0);
        let text = account(&before.moved(&summary(1_000.0, 84.0, 0.5, 13.0, 7_200.0)).unwrap());
        for line in [
            "thresholds.end_to_end p(95) < 0.5s.value: 250 ms → 500 ms  (+100.00 %)",
            "overall.delivered: 1,900 messages → 1,000 messages",
            "overall.delivered_share: 95 % → 50 %",
            "overall.delays.end_to_end.p95: 1 min 23 s → 1 min 24 s",
            "overall.cost_dollars.total: $12.50 → $13.00",
            "overall.drain_seconds.mean: 1 h → 2 h",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        // What reads the same is told in full.
        let text = account(&before.moved(&summary(1_900.0, 83.000_1, 0.25, 12.5, 3_600.0)).unwrap());
        assert!(text.contains("p95: 83 s → 83.0001 s"), "{text}");
    }
}
