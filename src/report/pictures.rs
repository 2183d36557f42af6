//! The charts of a run: backlog and rates over time, percentile curves, where the time went, what is lost where, how busy
//! each sender is, what receipts say, what it costs. Each is left out where it would say nothing.

mod senders;
mod snowshoe;

use rayon::prelude::*;

use crate::experiment::{Censored, Part, Results};
use crate::metrics::backlog_names;
use crate::metrics::timeline::Flow;
use crate::model::Model;
use crate::model::metric::Metric;
use crate::model::threshold::{Aggregation, Comparison, Scope};
use crate::simulation::stage::Stage;
use crate::units::{SimTime, thousands};

use super::chart::{
    BarsChart, BarsRow, CalendarStart, Chart, Curve, PercentileChart, Quantity, TimeChart, TimeLine, TimeQuantity,
};
use super::summary::{DelayFacts, LossFacts, Named, ScopeFacts, Summary};
use super::words;
use super::{OutputFile, file};

/// Curves and lines beyond this many make a chart unreadable.
const MAX_SERIES: usize = 8;
/// Rows of bars beyond this many do.
const MAX_ROWS: usize = 20;
/// Whoever loses a smaller part of all that is lost, one in so many, has no row.
const LOST_SHARE_MIN: f64 = 200.0;
/// Points of a line of rates: finer ones show the noise of arrivals and hide the rate.
const RATE_POINTS: u64 = 200;
/// Messages that a step of a rate holds on average, if there are enough for [`STEPS_MIN`] steps.
const STEP_MESSAGES: u64 = 20;
const STEPS_MIN: u64 = 12;
/// A level this many times lower than the highest is quiet.
const QUIET: u64 = 500;

/// A chart and the name of its files.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Without folder and ending.
    pub name: String,
    /// What is drawn.
    pub chart: Chart,
}

/// The files of pictures, in their order: each as SVG, and as PNG where that is asked for.
pub fn drawn(pictures: &[Picture], png: bool) -> Vec<OutputFile> {
    let files = pictures.par_iter().flat_map_iter(|Picture { name, chart }| {
        let svg = file(format!("charts/{name}.svg"), chart.svg());
        let png = png.then(|| file(format!("charts/{name}.png"), chart.png()));
        std::iter::once(svg).chain(png)
    });
    files.collect()
}

/// All charts of a run.
///
/// # Panics
/// Never on results of `model`.
pub fn of_run(model: &Model, results: &Results, summary: &Summary) -> Vec<Picture> {
    let picture = |name: &str, chart| Picture { name: name.to_owned(), chart };
    let percentiles = |name: &str, part, metric, what| {
        picture(name, Chart::Percentile(percentiles(model, results, summary, (part, metric), what)))
    };
    let mut pictures = vec![
        picture("backlog", Chart::Time(backlog(model, results, summary))),
        picture("rates", Chart::Time(rates(model, results, summary))),
        picture("messages", Chart::Time(messages(model, results))),
        percentiles("end_to_end", Part::EndToEnd, Metric::EndToEnd, "delay from intended time to handset"),
        percentiles("queue_wait", Part::QueueWait, Metric::QueueWait, "wait from accepted to sent"),
    ];
    let others = [
        ("time_spent", time_spent(summary)),
        ("lost_by_carrier", losses(summary, "carrier", &summary.carriers)),
        ("lost_by_country", losses(summary, "country", &summary.countries).filter(|_| summary.countries.len() > 1)),
        ("receipts", receipts(summary)),
        ("cost", cost(summary)),
    ];
    pictures.extend(others.into_iter().filter_map(|(name, bars)| Some(picture(name, Chart::Bars(bars?)))));
    pictures.extend(senders::map(model, results, summary).map(|map| picture("senders", Chart::Heat(map))));
    pictures.extend(snowshoe::chart(model, results).map(|curves| picture("snowshoe", Chart::Curves(curves))));
    pictures
}

fn start(model: &Model) -> CalendarStart {
    CalendarStart {
        seconds_of_day: model.calendar.start_second_of_day(),
        date: model.calendar.start_date(),
        zone: model.calendar.zone_label(),
    }
}

/// `mean of 20 replications`, or what there is instead.
fn replications(results: &Results, of: &str) -> String {
    match results.series.replications {
        1 => "one replication".to_owned(),
        n => format!("{of} of {n} replications"),
    }
}

fn percentiles(
    model: &Model,
    results: &Results,
    summary: &Summary,
    (part, metric): (Part, Metric),
    what: &str,
) -> PercentileChart {
    let intervals = |list: &[Named<ScopeFacts>], name: &str| {
        let delays = list.iter().find(|named| named.name == name).and_then(|named| named.facts.delays.as_ref());
        let facts =
            delays.and_then(|delays| if part == Part::QueueWait { delays.queue_wait } else { delays.end_to_end });
        facts.map_or_else(Vec::new, |facts| intervals(&facts))
    };
    let mut curves: Vec<Curve> = Vec::new();
    let (mut total, mut hidden) = (0, 0);
    for (index, campaign) in model.campaigns.iter().enumerate() {
        let scope = Scope { campaign: Some(index), ..Scope::default() };
        let delay = results.delay_of(model, &scope, part);
        total += delay.recorded().count();
        hidden += delay.unfinished();
        if delay.recorded().count() > 0 && curves.len() < MAX_SERIES {
            let intervals = intervals(&summary.campaigns, &campaign.name);
            curves.push(Curve { label: campaign.name.clone(), points: points(&delay), intervals });
        }
    }
    // One campaign says more when it is split by country.
    if model.campaigns.len() == 1 && model.countries.len() > 1 {
        let countries = model.countries.iter().enumerate();
        for (index, country) in countries.take(MAX_SERIES - 1) {
            let scope = Scope { country: Some(index), ..Scope::default() };
            let delay = results.delay_of(model, &scope, part);
            if delay.recorded().count() > 0 {
                let intervals = intervals(&summary.countries, country.code.as_str());
                curves.push(Curve { label: format!("to {}", country.code), points: points(&delay), intervals });
            }
        }
    }
    let limits = model.thresholds.iter().filter(|threshold| {
        threshold.metric == metric
            && is_upper(threshold.comparison)
            && matches!(threshold.aggregation, Aggregation::Quantile(_) | Aggregation::Max)
    });
    PercentileChart {
        title: format!("{}: {what}", model.name),
        subtitle: format!(
            "{} in {}{}; {}",
            words::plural(total, "message", "messages"),
            words::plural(u64::from(summary.scenario.replications), "replication", "replications"),
            if hidden > 0 {
                format!(", {} unfinished at the horizon", thousands(u128::from(hidden)))
            } else {
                String::new()
            },
            if curves.iter().any(|curve| !curve.intervals.is_empty()) {
                "bars are 95 % intervals at p50, p90, p95, p99 and p99.9"
            } else {
                "percentiles by nearest rank, 3 significant digits"
            },
        ),
        curves,
        limit_lines: limits.map(|threshold| (threshold.limit, threshold.condition.clone())).collect(),
    }
}

/// Where percentiles have intervals with both ends: quantile, low, high.
fn intervals(facts: &DelayFacts) -> Vec<(f64, f64, f64)> {
    [
        (0.5, facts.p50_interval),
        (0.9, facts.p90_interval),
        (0.95, facts.p95_interval),
        (0.99, facts.p99_interval),
        (0.999, facts.p99_9_interval),
    ]
    .into_iter()
    .filter_map(|(quantile, interval)| interval.and_then(|ends| Some((quantile, ends.low?, ends.high?))))
    .collect()
}

/// The curve's points, from the histogram's own steps; what the horizon hid lies beyond its end.
pub(super) fn points(censored: &Censored) -> Vec<(f64, f64)> {
    let delay = censored.recorded();
    let longest = delay.max().map_or(0.0, |max| max.as_secs_f64());
    let share = delay.count() as f64 / (delay.count() + censored.unfinished()) as f64;
    let mut points: Vec<(f64, f64)> = Vec::new();
    let Some(histogram) = delay.histogram() else { return points };
    for step in histogram.iter_quantiles(10) {
        let seconds = (step.value_iterated_to() as f64 / 1e6).min(longest);
        let quantile = step.quantile_iterated_to() * share;
        if points.last().is_none_or(|(last, _)| quantile > *last) {
            points.push((quantile, seconds));
        }
    }
    points
}

fn backlog(model: &Model, results: &Results, summary: &Summary) -> TimeChart {
    let series = &results.series;
    let width = series.width.as_secs_f64();
    let names = backlog_names(model);
    let mut order: Vec<usize> = (0..names.len()).collect();
    let peak = |index: &usize| series.backlogs[*index].iter().map(|spread| spread.max).max().unwrap_or(0);
    order.retain(|index| peak(index) > 0);
    order.sort_by_key(|index| std::cmp::Reverse(peak(index)));
    order.truncate(MAX_SERIES);
    let replications_kept = series.replications as f64;
    let lines = order.iter().map(|index| {
        let bins = series.backlogs[*index].iter().enumerate();
        let time = |bin: usize| bin as f64 * width;
        TimeLine {
            label: names[*index].clone(),
            points: bins.clone().map(|(bin, spread)| (time(bin), spread.sum as f64 / replications_kept)).collect(),
            band: (series.replications > 1)
                .then(|| bins.map(|(bin, spread)| (time(bin), spread.min as f64, spread.max as f64)).collect()),
        }
    });
    let lines: Vec<TimeLine> = lines.collect();
    let shown = shown_until(results);
    // Beyond twice the highest backlog a limit would only flatten the lines.
    let capacities = order.iter().filter_map(|index| {
        let capacity = capacity(summary, &names[*index])?;
        let near = peak(index).saturating_mul(2) >= capacity;
        near.then(|| (capacity as f64, format!("{} holds {}", names[*index], thousands(u128::from(capacity)))))
    });
    let bin = words::seconds(width);
    TimeChart {
        title: format!("{}: segments waiting in the queues", model.name),
        subtitle: format!("level every {bin}, {}{}", replications(results, "mean and range"), rest(results, shown)),
        quantity: TimeQuantity::Backlog,
        start: start(model),
        limits: capacities.collect(),
        lines: cut(lines, shown),
        drain: summary.overall.drained_at_seconds.filter(|drained| drained.max <= shown).map(|drained| {
            let at = SimTime::from_nanos((drained.max * 1e9).round() as u64);
            let latest = if series.replications > 1 { "drained at the latest" } else { "drained" };
            (drained.max, format!("{latest} {}", model.calendar.nearest_clock(at)))
        }),
        markers: markers(model, results, summary),
    }
}

/// Until when charts over time are drawn, in seconds: where nearly all happened long before the last straggler, not much
/// longer than that.
fn shown_until(results: &Results) -> f64 {
    let series = &results.series;
    let width = series.width.as_secs_f64();
    let (sent, offered) = (flow(results, Flow::SegmentsSent), flow(results, Flow::Offered));
    let waiting: Vec<u64> =
        (0..series.bins()).map(|bin| series.backlogs.iter().map(|queue| queue[bin].sum).sum()).collect();
    let busy = |levels: &[u64]| {
        let most = levels.iter().copied().max().unwrap_or(0);
        levels.iter().rposition(|level| level.saturating_mul(QUIET) > most).map_or(0, |last| last + 1)
    };
    let end = series.bins() as f64 * width;
    let busy = [busy(sent), busy(offered), busy(&waiting)].into_iter().max().unwrap_or(0) as f64 * width;
    if busy * 1.5 < end { (busy * 1.1).max(width) } else { end }
}

/// What is said of the time that is not drawn.
fn rest(results: &Results, shown: f64) -> String {
    let end = results.series.bins() as f64 * results.series.width.as_secs_f64();
    if shown >= end {
        return String::new();
    }
    format!("; the quiet last {} not shown", words::seconds((end - shown).round()))
}

/// The points until `shown`.
fn cut(mut lines: Vec<TimeLine>, shown: f64) -> Vec<TimeLine> {
    for line in &mut lines {
        line.points.retain(|(at, _)| *at <= shown);
        line.band.iter_mut().for_each(|band| band.retain(|(at, ..)| *at <= shown));
    }
    lines
}

/// The segments that the queues of a sender hold together.
fn capacity(summary: &Summary, group: &str) -> Option<u64> {
    let lanes = summary.lanes.iter().filter(|lane| lane.group == group);
    lanes.map(|lane| lane.capacity_segments).sum()
}

/// When faults begin, and until when everything was promised to be drained; what lies on the chart.
fn markers(model: &Model, results: &Results, summary: &Summary) -> Vec<(f64, String)> {
    let end = shown_until(results);
    let faults = model.faults.iter().filter(|fault| fault.at > SimTime::ZERO);
    let faults = faults.map(|fault| (fault.at.as_secs_f64(), fault.words.clone()));
    let overall = &summary.overall;
    let first = overall.drained_at_seconds.zip(overall.drain_seconds).map(|(at, drain)| at.mean - drain.mean);
    let promised = model.thresholds.iter().filter(|threshold| {
        threshold.metric == Metric::DrainTime && is_upper(threshold.comparison) && threshold.scope == Scope::default()
    });
    let promised = first.into_iter().flat_map(|first| {
        promised.clone().map(move |threshold| (first + threshold.limit, format!("promised: {}", threshold.condition)))
    });
    faults.chain(promised).filter(|(at, _)| *at <= end * 1.3).take(MAX_SERIES).collect()
}

fn is_upper(comparison: Comparison) -> bool {
    matches!(comparison, Comparison::Below | Comparison::AtMost)
}

/// How many bins together make a step of a rate: so many that the noise of single messages does not hide it, and that few
/// enough points remain.
fn together(results: &Results) -> usize {
    let series = &results.series;
    let bins = (shown_until(results) / series.width.as_secs_f64()).ceil() as u64;
    let sent: u64 = flow(results, Flow::Sent).iter().sum();
    let calm = (STEP_MESSAGES * bins * series.replications).div_ceil(sent.max(1)).min(bins / STEPS_MIN);
    usize::try_from(calm.max(bins.div_ceil(RATE_POINTS)).max(1)).expect("there are few bins")
}

/// A flow as a rate: seconds since the start, and so many a second. A rate holds until the next one.
fn rate(results: &Results, counts: &[u64]) -> Vec<(f64, f64)> {
    let (series, together) = (&results.series, together(results));
    let span = series.width.as_secs_f64() * together as f64;
    let step = |(step, counts): (usize, &[u64])| {
        let rate = counts.iter().sum::<u64>() as f64 / series.replications as f64 / span;
        [(step as f64 * span, rate), ((step + 1) as f64 * span, rate)]
    };
    let shown = shown_until(results);
    counts.chunks(together).enumerate().flat_map(step).filter(|(at, _)| *at <= shown + span).collect()
}

/// What flowed of `flow`.
fn flow(results: &Results, flow: Flow) -> &[u64] {
    &results.series.flows[flow as usize]
}

fn step(results: &Results) -> String {
    words::seconds(results.series.width.as_secs_f64() * together(results) as f64)
}

fn rates(model: &Model, results: &Results, summary: &Summary) -> TimeChart {
    let points = rate(results, flow(results, Flow::SegmentsSent));
    let peak = points.iter().map(|&(_, rate)| rate).fold(0.0, f64::max);
    let capacity: f64 = summary.lanes.iter().map(|lane| lane.segments_per_second).sum();
    let words = words::count(capacity);
    // Far above what is sent a limit would only flatten the line.
    let near = capacity <= 3.0 * peak;
    let share = match capacity > 0.0 {
        true => format!(
            "; at the busiest {} of the {words}/s of all queues in use",
            words::rough_percent((peak / capacity).min(1.0))
        ),
        false => String::new(),
    };
    TimeChart {
        title: format!("{}: segments sent a second, and what the queues can send", model.name),
        subtitle: format!(
            "every {}, {}{share}{}",
            step(results),
            replications(results, "mean"),
            rest(results, shown_until(results))
        ),
        quantity: TimeQuantity::SegmentRate,
        start: start(model),
        lines: vec![TimeLine { label: "segments handed to carriers".to_owned(), points, band: None }],
        limits: if near && capacity > 0.0 {
            vec![(capacity, format!("all queues in use: {words} segments a second"))]
        } else {
            Vec::new()
        },
        drain: None,
        markers: markers(model, results, summary)
            .into_iter()
            .filter(|(_, text)| !text.starts_with("promised"))
            .collect(),
    }
}

fn messages(model: &Model, results: &Results) -> TimeChart {
    let lost: Vec<u64> = (flow(results, Flow::Undelivered).iter().zip(flow(results, Flow::Failed)))
        .map(|(undelivered, failed)| undelivered + failed)
        .collect();
    let mut lines: Vec<TimeLine> = [
        ("meant to be sent", flow(results, Flow::Offered)),
        ("handed to carriers", flow(results, Flow::Sent)),
        ("delivered", flow(results, Flow::Delivered)),
        ("lost", &lost),
    ]
    .into_iter()
    .filter(|(_, counts)| counts.iter().any(|count| *count > 0))
    .map(|(label, counts)| TimeLine { label: label.to_owned(), points: rate(results, counts), band: None })
    .collect();
    // A burst is drawn as high as half above everything else; else nothing else could be read.
    let peak = |line: &TimeLine| line.points.iter().map(|&(_, rate)| rate).fold(0.0, f64::max);
    let others = lines.iter().skip(1).map(peak).fold(0.0, f64::max);
    let burst = lines.first().map(peak).filter(|burst| others > 0.0 && *burst > 4.0 * others);
    if let (Some(_), Some(line)) = (burst, lines.first_mut()) {
        line.points.iter_mut().for_each(|(_, rate)| *rate = rate.min(1.5 * others));
    }
    let above = burst.map_or_else(String::new, |burst| {
        format!("; cut off above: up to {}/s are meant to be sent", words::count(burst.round()))
    });
    TimeChart {
        title: format!("{}: messages a second, from the plan to the handset", model.name),
        subtitle: format!(
            "every {}, {}{above}{}",
            step(results),
            replications(results, "mean"),
            rest(results, shown_until(results))
        ),
        quantity: TimeQuantity::MessageRate,
        start: start(model),
        lines,
        ..TimeChart::default()
    }
}

fn time_spent(summary: &Summary) -> Option<BarsChart> {
    let spent = |facts: &ScopeFacts, stage: Stage| {
        facts.time_spent.iter().find(|spent| spent.stage == stage.name()).map_or(0.0, |spent| spent.mean_seconds)
    };
    let stages: Vec<Stage> = Stage::ALL.into_iter().filter(|stage| spent(&summary.overall, *stage) > 0.0).collect();
    let row = |label: &str, facts: &ScopeFacts| {
        let values: Vec<f64> = stages.iter().map(|stage| spent(facts, *stage)).collect();
        BarsRow { label: label.to_owned(), text: words::seconds(values.iter().sum()), values }
    };
    let campaigns = summary.campaigns.iter().filter(|campaign| !campaign.facts.time_spent.is_empty());
    let mut rows: Vec<BarsRow> =
        campaigns.take(MAX_ROWS).map(|campaign| row(&campaign.name, &campaign.facts)).collect();
    if rows.len() > 1 {
        rows.insert(0, row("all campaigns", &summary.overall));
    }
    (!stages.is_empty()).then(|| BarsChart {
        title: format!("{}: where the time of delivered messages goes", summary.scenario.name),
        subtitle: "mean from the intended time to the handset, by stage of the way".to_owned(),
        x_title: "Time per delivered message".to_owned(),
        quantity: Quantity::Seconds,
        parts: stages.iter().map(|stage| words::stage(*stage).to_owned()).collect(),
        rows,
    })
}

/// What is lost of the messages to each of `list`, those that lose most messages first.
fn losses(summary: &Summary, what: &str, list: &[Named<ScopeFacts>]) -> Option<BarsChart> {
    let lost = |facts: &ScopeFacts| facts.losses.iter().map(|loss| loss.messages).sum::<f64>();
    let all = lost(&summary.overall);
    let mut worst: Vec<&Named<ScopeFacts>> = list.iter().filter(|named| !named.facts.losses.is_empty()).collect();
    worst.sort_by(|a, b| lost(&b.facts).total_cmp(&lost(&a.facts)));
    let losing = worst.len();
    // A handful of messages that are all lost would shorten every other bar.
    worst.retain(|named| lost(&named.facts) * LOST_SHARE_MIN > all);
    worst.truncate(MAX_ROWS);
    let left_out = losing - worst.len();
    let left = all - worst.iter().map(|named| lost(&named.facts)).sum::<f64>();
    let mut kinds: Vec<&LossFacts> = summary.overall.losses.iter().collect();
    kinds.sort_by(|a, b| b.messages.total_cmp(&a.messages));
    let named = if kinds.len() > MAX_SERIES { MAX_SERIES - 1 } else { kinds.len() };
    let kind = |loss: &LossFacts| {
        let same = |known: &&&LossFacts| known.code == loss.code && known.reason == loss.reason;
        kinds.iter().take(named).position(|known| same(&known)).unwrap_or(named)
    };
    let mut parts: Vec<String> =
        kinds.iter().take(named).map(|loss| format!("{} {}", loss.code, loss.reason)).collect();
    parts.extend((kinds.len() > named).then(|| "other reasons".to_owned()));
    let row = |named: &&Named<ScopeFacts>| {
        let mut values = vec![0.0; parts.len()];
        named.facts.losses.iter().for_each(|loss| values[kind(loss)] += loss.share);
        let share = words::percent(lost(&named.facts) / named.facts.offered);
        let text = format!("{share}, {} lost", words::count(lost(&named.facts).round()));
        BarsRow { label: named.name.clone(), values, text }
    };
    let rows: Vec<BarsRow> = worst.iter().map(row).collect();
    let rest = match left_out {
        0 => String::new(),
        _ => format!("; {left_out} more lose {} of all that is lost", words::rough_percent((left / all).max(0.0))),
    };
    (!rows.is_empty()).then(|| BarsChart {
        title: format!("{}: messages lost, by {what} and reason", summary.scenario.name),
        subtitle: format!("share of the messages meant for each {what}; where most are lost first{rest}"),
        x_title: "Lost messages by messages meant to be sent".to_owned(),
        quantity: Quantity::Share,
        parts,
        rows,
    })
}

/// How far receipts tell what happened.
fn receipts(summary: &Summary) -> Option<BarsChart> {
    let mut ends: Vec<_> = summary.truth_and_report.iter().collect();
    let all = |facts: &super::summary::TruthFacts| {
        facts.reported_same + facts.reported_delivered + facts.reported_otherwise + facts.unreported
    };
    ends.sort_by(|a, b| all(b).total_cmp(&all(a)));
    ends.truncate(MAX_ROWS);
    let rows: Vec<BarsRow> = (ends.iter().filter(|facts| all(facts) > 0.0))
        .map(|facts| BarsRow {
            label: match facts.true_error_code {
                Some(code) => format!("{code} {}", facts.true_reason),
                None => facts.true_reason.to_owned(),
            },
            values: [facts.reported_same, facts.reported_delivered, facts.reported_otherwise, facts.unreported]
                .map(|count| count / all(facts))
                .into(),
            text: words::plural(all(facts).round() as u64, "message", "messages"),
        })
        .collect();
    (!rows.is_empty()).then(|| BarsChart {
        title: format!("{}: what receipts make of what happened", summary.scenario.name),
        subtitle: "each bar is one true end of messages, cut by what receipts report; messages are of one run"
            .to_owned(),
        x_title: "Share of the messages that truly ended so".to_owned(),
        quantity: Quantity::Share,
        parts: ["reported as it was", "reported as delivered", "reported with another code", "no receipt"]
            .map(str::to_owned)
            .into(),
        rows,
    })
}

/// What a run costs, by country where there are several, else by campaign.
fn cost(summary: &Summary) -> Option<BarsChart> {
    let (what, list) = match summary.countries.len() {
        0 | 1 => ("campaign", &summary.campaigns),
        _ => ("country", &summary.countries),
    };
    let mut dearest: Vec<&Named<ScopeFacts>> =
        list.iter().filter(|named| named.facts.cost_dollars.total > 0.0).collect();
    dearest.sort_by(|a, b| b.facts.cost_dollars.total.total_cmp(&a.facts.cost_dollars.total));
    let left_out = dearest.len().saturating_sub(MAX_ROWS);
    dearest.truncate(MAX_ROWS);
    let row = |named: &&Named<ScopeFacts>| {
        let cost = &named.facts.cost_dollars;
        let each = cost.per_delivered.map_or_else(String::new, |each| format!(", {} each", words::dollars(each)));
        BarsRow {
            label: named.name.clone(),
            values: vec![cost.base, cost.carrier_fees, cost.failed_fees],
            text: format!("{}{each}", words::dollars(cost.total)),
        }
    };
    let rows: Vec<BarsRow> = dearest.iter().map(row).collect();
    let rest = if left_out > 0 { format!("; {left_out} more cost less each") } else { String::new() };
    (!rows.is_empty()).then(|| BarsChart {
        title: format!("{}: what a run costs, by {what}", summary.scenario.name),
        subtitle: format!("US dollars, and dollars per delivered message; rents are not in it{rest}"),
        x_title: "Charges of one run (US dollars)".to_owned(),
        quantity: Quantity::Dollars,
        parts: ["list price", "carrier fees", "fees for failed messages"].map(str::to_owned).into(),
        rows,
    })
}
