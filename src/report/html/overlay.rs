//! Several finished runs laid over each other: one page, made from what their folders hold.
//!
//! It reads `summary.json`, and where they are there `series.csv` and `hist/*.hgrm`. Not here: opening files, and paired
//! differences, which need the runs themselves (`sendpool compare`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde_json::Value;

use super::super::chart::{
    BarsChart, BarsRow, CalendarStart, Chart, Curve, PercentileChart, Quantity, TimeChart, TimeLine, TimeQuantity,
};
use super::super::hgrm::safe;
use super::super::pictures::Picture;
use super::super::summary::FORMAT;
use super::super::{OutputFile, words};
use super::study::{self, Study, Table};
use crate::model::calendar::Calendar;
use crate::simulation::stage::Stage;

/// More runs than colours cannot be told apart.
pub const RUNS_MAX: usize = 8;
/// Campaigns with curves of their own.
const CAMPAIGNS_MAX: usize = 4;
/// Points of a line of rates.
const RATE_POINTS: usize = 200;
/// A level this many times lower than the highest is quiet.
const QUIET: f64 = 500.0;
/// Kinds of loss with colours of their own.
const KINDS_MAX: usize = 7;

/// What a run folder holds, as text.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// What the run is called on the page.
    pub name: String,
    /// `summary.json`.
    pub summary: String,
    /// `series.csv`, if there is one.
    pub series: Option<String>,
    /// `hist/*.hgrm` by name without folder and ending.
    pub curves: BTreeMap<String, String>,
    /// The command of `run.json`, if there is one.
    pub command: Option<String>,
}

/// A run that has been read.
#[derive(Debug)]
struct Run {
    name: String,
    summary: Value,
    /// Columns of the series by name.
    series: BTreeMap<String, Vec<f64>>,
    /// Quantile and seconds, by name.
    curves: BTreeMap<String, Vec<(f64, f64)>>,
}

/// The page of these runs, as a file named `file`.
///
/// # Errors
/// When a folder does not hold what this version writes: which, and what is wrong with it.
pub fn page(folders: &[Folder], file: &str) -> Result<OutputFile, String> {
    let runs: Vec<Run> = folders.iter().map(Run::read).collect::<Result<_, _>>()?;
    let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
    let data: Vec<Value> = (runs.iter())
        .map(|run| serde_json::json!({ "run": run.name, "scenario": run.summary["scenario"], "overall": run.summary["overall"] }))
        .collect();
    let study = Study {
        title: match &names[..] {
            [one] => format!("{one}: what the sender pool will do"),
            _ => format!("{} runs side by side", names.len()),
        },
        question: String::new(),
        facts: format!(
            "{}. Each is shown as it was run; whether a difference is more than chance is told by `sendpool compare`, which \
             runs designs on common random numbers.",
            names.join(", ")
        ),
        conclusion: conclusion(&runs),
        explained: String::new(),
        pictures: pictures(&runs),
        tables: tables(&runs),
        commands: folders.iter().filter_map(|folder| folder.command.clone()).collect(),
        data: Value::from(data).to_string(),
    };
    Ok(study::page(&study, file))
}

impl Run {
    fn read(folder: &Folder) -> Result<Run, String> {
        let name = folder.name.clone();
        let summary: Value = serde_json::from_str(&folder.summary)
            .map_err(|error| format!("{name}: summary.json is no JSON: {error}"))?;
        match summary["format"].as_u64() {
            Some(format) if format == u64::from(FORMAT) => {}
            Some(format) => {
                return Err(format!("{name}: summary.json is of format {format}, and this version reads {FORMAT}"));
            }
            None => return Err(format!("{name}: summary.json does not say its format: it is no summary of a run")),
        }
        for key in ["scenario", "overall", "campaigns", "thresholds"] {
            if summary[key].is_null() {
                return Err(format!("{name}: summary.json lacks `{key}`"));
            }
        }
        let series = folder.series.as_deref().map_or(Ok(BTreeMap::new()), read_series);
        let series = series.map_err(|error| format!("{name}: series.csv: {error}"))?;
        let curves = folder.curves.iter().map(|(curve, text)| (curve.clone(), read_curve(text))).collect();
        Ok(Run { name, summary, series, curves })
    }

    fn number(&self, pointer: &str) -> Option<f64> {
        self.summary.pointer(pointer).and_then(Value::as_f64)
    }

    fn text(&self, pointer: &str) -> String {
        match self.summary.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(value) if !value.is_null() => value.to_string(),
            _ => "-".to_owned(),
        }
    }

    fn list(&self, key: &str) -> &[Value] {
        self.summary.pointer(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn start(&self) -> CalendarStart {
        let at: Option<Timestamp> = self.text("/scenario/start").parse().ok();
        let label = self.text("/scenario/zone");
        let calendar = Calendar::new(at.unwrap_or(Timestamp::UNIX_EPOCH), zone(&label));
        CalendarStart { seconds_of_day: calendar.start_second_of_day(), date: calendar.start_date(), zone: label }
    }

    fn promises_kept(&self) -> String {
        let all = self.list("/thresholds");
        let kept = all.iter().filter(|threshold| threshold["passed"] == true).count();
        if all.is_empty() { "none made".to_owned() } else { format!("{kept} of {}", all.len()) }
    }
}

/// A zone by the label that a summary gives it: its name, or an offset such as `UTC-05:00`.
fn zone(label: &str) -> TimeZone {
    let fixed = label.strip_prefix("UTC").and_then(|offset| {
        let (hours, minutes) = offset.get(1..)?.split_once(':')?;
        let seconds = hours.parse::<i32>().ok()? * 3_600 + minutes.parse::<i32>().ok()? * 60;
        Offset::from_seconds(if offset.starts_with('-') { -seconds } else { seconds }).ok()
    });
    match fixed {
        Some(offset) => TimeZone::fixed(offset),
        None => TimeZone::get(label).unwrap_or(TimeZone::UTC),
    }
}

/// The columns of `series.csv`.
fn read_series(text: &str) -> Result<BTreeMap<String, Vec<f64>>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads: Vec<String> = reader.headers().map_err(|error| error.to_string())?.iter().map(str::to_owned).collect();
    let mut columns = vec![Vec::new(); heads.len()];
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        for (column, field) in columns.iter_mut().zip(&record) {
            column.push(field.parse::<f64>().map_err(|_| format!("`{field}` is no number"))?);
        }
    }
    Ok(heads.into_iter().zip(columns).collect())
}

/// Quantiles and seconds of a `.hgrm`; its values are milliseconds.
fn read_curve(text: &str) -> Vec<(f64, f64)> {
    let numbers = |line: &str| -> Option<(f64, f64)> {
        let mut fields = line.split_whitespace();
        let (millis, quantile) = (fields.next()?.parse::<f64>().ok()?, fields.next()?.parse::<f64>().ok()?);
        Some((quantile, millis / 1_000.0))
    };
    text.lines().filter_map(numbers).collect()
}

fn conclusion(runs: &[Run]) -> String {
    let kept = runs.iter().map(|run| format!("{}: promises kept {}", run.name, run.promises_kept()));
    format!("{}.", kept.collect::<Vec<_>>().join("; "))
}

fn pictures(runs: &[Run]) -> Vec<Picture> {
    let mut pictures = Vec::new();
    let mut add = |name: &str, chart: Option<Chart>| {
        pictures.extend(chart.map(|chart| Picture { name: name.to_owned(), chart }));
    };
    add("backlog", over_time(runs, "segments waiting in all queues", TimeQuantity::Backlog, backlog).map(Chart::Time));
    let rate = |run: &Run| rate(run, "segments_sent_mean");
    add("rates", over_time(runs, "segments sent a second", TimeQuantity::SegmentRate, rate).map(Chart::Time));
    for campaign in campaigns(runs).iter().take(CAMPAIGNS_MAX) {
        for (key, what) in
            [("end_to_end", "delay from intended time to handset"), ("queue_wait", "wait from accepted to sent")]
        {
            let name = format!("campaign-{}.{key}", safe(campaign));
            let title = format!("{campaign}: {what}");
            add(&format!("{key}-{campaign}"), percentiles(runs, &name, title).map(Chart::Percentile));
        }
    }
    add("time_spent", time_spent(runs).map(Chart::Bars));
    add("lost", losses(runs).map(Chart::Bars));
    add("cost", cost(runs).map(Chart::Bars));
    // Names become ids of a page: whatever a campaign is called, an id is plain.
    for (index, picture) in pictures.iter_mut().enumerate() {
        if !picture.name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
            picture.name = format!("chart-{index}");
        }
    }
    pictures
}

/// All campaigns, in the order in which runs name them.
fn campaigns(runs: &[Run]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for campaign in runs.iter().flat_map(|run| run.list("/campaigns")) {
        let name = campaign["name"].as_str().unwrap_or_default();
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

fn over_time(
    runs: &[Run],
    what: &str,
    quantity: TimeQuantity,
    points: impl Fn(&Run) -> Vec<(f64, f64)>,
) -> Option<TimeChart> {
    let line = |run: &Run| TimeLine { label: run.name.clone(), points: points(run), band: None };
    let mut lines: Vec<TimeLine> = runs.iter().map(line).filter(|line| !line.points.is_empty()).collect();
    // A straggler days later would leave no room for what counts.
    let busy = lines.iter().map(|line| busy_until(&line.points)).fold(0.0, f64::max) * 1.1;
    if busy > 0.0 {
        lines.iter_mut().for_each(|line| line.points.retain(|(at, _)| *at <= busy));
    }
    let start = runs.first()?.start();
    let apart = runs.iter().any(|run| run.start() != start);
    (!lines.is_empty()).then(|| TimeChart {
        title: format!("Runs side by side: {what}"),
        subtitle: if apart {
            format!("mean over replications; each from its own start, on the clock of {}", runs[0].name)
        } else {
            "mean over replications".to_owned()
        },
        quantity,
        start,
        lines,
        ..TimeChart::default()
    })
}

/// When a line was last more than a trace of its highest value.
fn busy_until(points: &[(f64, f64)]) -> f64 {
    let most = points.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    points.iter().rfind(|(_, value)| value * QUIET > most).map_or(0.0, |(at, _)| *at)
}

/// The queues of a run together.
fn backlog(run: &Run) -> Vec<(f64, f64)> {
    let Some(times) = run.series.get("time_seconds") else { return Vec::new() };
    let queues: Vec<&Vec<f64>> = (run.series.iter())
        .filter(|(name, _)| name.starts_with("backlog_segments[") && name.ends_with("_mean"))
        .map(|(_, levels)| levels)
        .collect();
    times.iter().enumerate().map(|(bin, at)| (*at, queues.iter().map(|levels| levels[bin]).sum())).collect()
}

/// A flow of a run a second, over as many bins together as make a line of few points.
fn rate(run: &Run, column: &str) -> Vec<(f64, f64)> {
    let found = run.series.get("time_seconds").zip(run.series.get("bin_seconds")).zip(run.series.get(column));
    let Some(((times, widths), counts)) = found else { return Vec::new() };
    let together = counts.len().div_ceil(RATE_POINTS).max(1);
    let steps = counts.chunks(together).zip(times.chunks(together)).zip(widths.chunks(together));
    steps
        .flat_map(|((counts, times), widths)| {
            let (begin, span) = (times[0], widths[0] * together as f64);
            let rate = counts.iter().sum::<f64>() / span;
            [(begin, rate), (begin + span, rate)]
        })
        .collect()
}

fn percentiles(runs: &[Run], name: &str, title: String) -> Option<PercentileChart> {
    let curves: Vec<Curve> = (runs.iter())
        .filter_map(|run| {
            let points = run.curves.get(name)?.clone();
            Some(Curve { label: run.name.clone(), points, intervals: intervals(run, name) })
        })
        .collect();
    let bars = curves.iter().any(|curve| !curve.intervals.is_empty());
    (!curves.is_empty()).then(|| PercentileChart {
        title,
        subtitle: format!(
            "of all replications of each run, to 3 significant digits{}",
            if bars { "; bars are 95 % intervals" } else { "" }
        ),
        curves,
        limit_lines: Vec::new(),
    })
}

/// The intervals that the summary of a run has of a curve such as `campaign-otp.end_to_end`: quantile, low and high in
/// seconds. An end that is not identified has no bar.
fn intervals(run: &Run, name: &str) -> Vec<(f64, f64, f64)> {
    const QUANTILES: [(&str, f64); 5] = [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99_9", 0.999)];
    let of_curve = |campaign: &&Value| {
        let name = name.strip_prefix("campaign-").and_then(|name| name.rsplit_once('.'));
        let own = campaign["name"].as_str().map(safe);
        name.is_some_and(|(name, _)| own.as_deref() == Some(name))
    };
    let Some((_, delay)) = name.rsplit_once('.') else { return Vec::new() };
    let Some(campaign) = run.list("/campaigns").iter().find(of_curve) else { return Vec::new() };
    let found = QUANTILES.iter().filter_map(|(key, quantile)| {
        let interval = &campaign["delays"][delay][format!("{key}_interval")];
        Some((*quantile, interval["low"].as_f64()?, interval["high"].as_f64()?))
    });
    found.collect()
}

fn time_spent(runs: &[Run]) -> Option<BarsChart> {
    let spent = |run: &Run, stage: Stage| {
        let found = run.list("/overall/time_spent").iter().find(|spent| spent["stage"] == stage.name());
        found.and_then(|spent| spent["mean_seconds"].as_f64()).unwrap_or(0.0)
    };
    let stages: Vec<Stage> =
        Stage::ALL.into_iter().filter(|stage| runs.iter().any(|run| spent(run, *stage) > 0.0)).collect();
    let row = |run: &Run| {
        let values: Vec<f64> = stages.iter().map(|stage| spent(run, *stage)).collect();
        BarsRow { label: run.name.clone(), text: words::seconds(values.iter().sum()), values }
    };
    (!stages.is_empty()).then(|| BarsChart {
        title: "Runs side by side: where the time of delivered messages goes".to_owned(),
        subtitle: "mean from the intended time to the handset, by stage of the way".to_owned(),
        x_title: "Time per delivered message".to_owned(),
        quantity: Quantity::Seconds,
        parts: stages.iter().map(|stage| words::stage(*stage).to_owned()).collect(),
        rows: runs.iter().map(row).collect(),
    })
}

fn losses(runs: &[Run]) -> Option<BarsChart> {
    let mut kinds: BTreeMap<String, f64> = BTreeMap::new();
    let name = |loss: &Value| format!("{} {}", loss["code"], loss["reason"].as_str().unwrap_or_default());
    let share = |loss: &Value| loss["share"].as_f64().unwrap_or(0.0);
    for loss in runs.iter().flat_map(|run| run.list("/overall/losses")) {
        *kinds.entry(name(loss)).or_default() += share(loss);
    }
    let mut order: Vec<(String, f64)> = kinds.into_iter().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let more = order.len() > KINDS_MAX;
    let mut parts: Vec<String> = order.into_iter().take(KINDS_MAX).map(|(kind, _)| kind).collect();
    parts.extend(more.then(|| "other reasons".to_owned()));
    let row = |run: &Run| {
        let mut values = vec![0.0; parts.len()];
        for loss in run.list("/overall/losses") {
            let kind = name(loss);
            values[parts.iter().position(|part| *part == kind).unwrap_or(parts.len() - 1)] += share(loss);
        }
        BarsRow { label: run.name.clone(), text: words::percent(values.iter().sum()), values }
    };
    let rows = runs.iter().map(row).collect();
    (!parts.is_empty()).then_some(BarsChart {
        title: "Runs side by side: messages lost, by reason".to_owned(),
        subtitle: "share of the messages meant to be sent".to_owned(),
        x_title: "Lost messages by messages meant to be sent".to_owned(),
        quantity: Quantity::Share,
        rows,
        parts,
    })
}

fn cost(runs: &[Run]) -> Option<BarsChart> {
    let keys = ["base", "carrier_fees", "failed_fees"];
    let row = |run: &Run| {
        let part = |key: &str| run.number(&format!("/overall/cost_dollars/{key}")).unwrap_or(0.0);
        let each = run.number("/overall/cost_dollars/per_delivered");
        let each = each.map_or_else(String::new, |each| format!(", {} each", words::dollars(each)));
        BarsRow {
            label: run.name.clone(),
            values: keys.map(part).into(),
            text: format!("{}{each}", words::dollars(part("total"))),
        }
    };
    let rows: Vec<BarsRow> = runs.iter().map(row).collect();
    rows.iter().any(|row| row.values.iter().sum::<f64>() > 0.0).then(|| BarsChart {
        title: "Runs side by side: what a run costs".to_owned(),
        subtitle: "US dollars, and dollars per delivered message; rents are not in it".to_owned(),
        x_title: "Charges of one run (US dollars)".to_owned(),
        quantity: Quantity::Dollars,
        parts: ["list price", "carrier fees", "fees for failed messages"].map(str::to_owned).into(),
        rows,
    })
}

fn tables(runs: &[Run]) -> Vec<Table> {
    let heads =
        |first: &str| std::iter::once(first.to_owned()).chain(runs.iter().map(|run| run.name.clone())).collect();
    let row = |title: &str, cell: &dyn Fn(&Run) -> String| -> Vec<String> {
        std::iter::once(title.to_owned()).chain(runs.iter().map(cell)).collect()
    };
    let figure = |title: &str, pointer: &str, words: fn(f64) -> String| {
        row(title, &|run| run.number(pointer).map_or_else(|| "not identified".to_owned(), words))
    };
    let mut rows = vec![
        row("Promises kept", &Run::promises_kept),
        figure("Drain, mean over replications", "/overall/drain_seconds/mean", words::seconds),
        figure("Messages meant to be sent, a run", "/overall/offered", words::count),
        figure("Delivered", "/overall/delivered_share", words::percent),
        figure("Delivered according to receipts", "/overall/delivered_reported_share", words::percent),
    ];
    for campaign in campaigns(runs) {
        for (quantile, key) in [("p50", "p50"), ("p95", "p95"), ("p99", "p99")] {
            rows.push(row(&format!("{campaign}: end to end, {quantile}"), &|run| {
                let found = run.list("/campaigns").iter().find(|named| named["name"] == campaign.as_str());
                let value = found.and_then(|named| named["delays"]["end_to_end"][key].as_f64());
                value.map_or_else(|| "-".to_owned(), words::seconds)
            }));
        }
    }
    rows.extend([
        figure("Charges of a run", "/overall/cost_dollars/total", words::dollars),
        figure("Charges per delivered message", "/overall/cost_dollars/per_delivered", words::dollars),
        figure("Rents a month", "/rents_dollars_per_month", words::dollars),
        row("Replications", &|run| run.text("/scenario/replications")),
        row("Seed", &|run| run.text("/scenario/seed")),
        row("Start", &|run| format!("{} ({})", run.text("/scenario/start"), run.text("/scenario/zone"))),
        row("Scenario digest", &|run| run.text("/scenario/digest").chars().take(16).collect()),
        row("Version", &|run| run.text("/tool/version")),
    ]);
    let mut tables = vec![Table { heads: heads(""), rows, ..Table::default() }];
    let mut promises: Vec<(String, String)> = Vec::new();
    for threshold in runs.iter().flat_map(|run| run.list("/thresholds")) {
        let text = |key: &str| threshold[key].as_str().unwrap_or_default().to_owned();
        let promise = (text("metric"), text("condition"));
        if !promises.contains(&promise) {
            promises.push(promise);
        }
    }
    let rows: Vec<Vec<String>> = (promises.iter())
        .map(|(metric, condition)| {
            row(&format!("{metric} {condition}"), &|run| {
                let same = |threshold: &&Value| {
                    threshold["metric"] == metric.as_str() && threshold["condition"] == condition.as_str()
                };
                let Some(found) = run.list("/thresholds").iter().find(same) else { return "not promised".to_owned() };
                let mark = if found["passed"] == true { "✓" } else { "✗" };
                format!("{mark} {}", found["value_text"].as_str().unwrap_or_default())
            })
        })
        .collect();
    if !rows.is_empty() {
        tables.push(Table { title: "Promises".to_owned(), heads: heads("Promise"), rows, ..Table::default() });
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(summary: &str) -> Folder {
        Folder { name: "a".to_owned(), summary: summary.to_owned(), ..Folder::default() }
    }

    #[test]
    fn what_is_no_run_is_told() {
        for (summary, words) in [
            ("{", "a: summary.json is no JSON"),
            ("{}", "a: summary.json does not say its format"),
            ("{\"format\": 99}", "a: summary.json is of format 99, and this version reads 1"),
            ("{\"format\": 1}", "a: summary.json lacks `scenario`"),
        ] {
            let error = page(&[folder(summary)], "x.html").expect_err(summary);
            assert!(error.starts_with(words), "{error}");
        }
    }

    #[test]
    fn series_and_curves_are_read_back() {
        let series = read_series("time_seconds,bin_seconds,sent_mean\n0,2,10\n2,2,6\n").expect("well formed");
        let run = Run { name: String::new(), summary: Value::Null, series, curves: BTreeMap::new() };
        assert_eq!(rate(&run, "sent_mean"), [(0.0, 5.0), (2.0, 5.0), (2.0, 3.0), (4.0, 3.0)]);
        assert!(read_series("a,b\n1,x\n").expect_err("no number").contains("`x` is no number"));
        let text =
            " Value Percentile TotalCount 1/(1-Percentile)\n\n 581.119 0.5 1 1.00\n 900.000 1.0 2\n#[Mean = 1]\n";
        assert_eq!(read_curve(text), [(0.5, 0.581119), (1.0, 0.9)]);
    }

    #[test]
    fn zones_are_read_from_their_labels() {
        let offset = |label: &str| zone(label).to_offset(Timestamp::UNIX_EPOCH).seconds();
        assert_eq!([offset("UTC-05:00"), offset("UTC+05:30"), offset("UTC")], [-18_000, 19_800, 0]);
        assert_eq!(offset("America/New_York"), -18_000);
    }
}
