//! The charts of a run: percentile curves and backlog over time, as SVG and PNG.

use crate::experiment::{Censored, Part, Results};
use crate::metrics::backlog_names;
use crate::model::Model;
use crate::model::metric::Metric;
use crate::model::threshold::{Aggregation, Comparison, Scope};
use crate::units::{SimTime, thousands};

use super::chart::{BacklogChart, BacklogLine, CalendarStart, Curve, PercentileChart};
use super::summary::Summary;
use super::words;
use super::{OutputFile, file};

/// Curves and lines beyond this many make a chart unreadable.
const MAX_SERIES: usize = 8;

/// The files of all charts.
pub fn files(model: &Model, results: &Results, summary: &Summary) -> Vec<OutputFile> {
    let mut files = Vec::new();
    for (name, part, metric, what) in [
        ("end_to_end", Part::EndToEnd, Metric::EndToEnd, "from intended time to handset"),
        ("queue_wait", Part::QueueWait, Metric::QueueWait, "from accepted to sent"),
    ] {
        let chart = percentiles(model, results, summary, part, metric, what);
        files.push(file(format!("charts/{name}.svg"), chart.svg()));
        files.push(file(format!("charts/{name}.png"), chart.png()));
    }
    let chart = backlog(model, results, summary);
    files.push(file("charts/backlog.svg", chart.svg()));
    files.push(file("charts/backlog.png", chart.png()));
    files
}

fn percentiles(
    model: &Model,
    results: &Results,
    summary: &Summary,
    part: Part,
    metric: Metric,
    what: &str,
) -> PercentileChart {
    let mut curves: Vec<Curve> = Vec::new();
    let (mut total, mut hidden) = (0, 0);
    for (index, campaign) in model.campaigns.iter().enumerate() {
        let scope = Scope { campaign: Some(index), ..Scope::default() };
        let delay = results.delay_of(model, &scope, part);
        total += delay.recorded().count();
        hidden += delay.unfinished();
        if delay.recorded().count() > 0 && curves.len() < MAX_SERIES {
            curves.push(Curve { label: campaign.name.clone(), points: points(&delay) });
        }
    }
    // One campaign says more when it is split by country.
    if model.campaigns.len() == 1 && model.countries.len() > 1 {
        let countries = model.countries.iter().enumerate();
        for (index, country) in countries.take(MAX_SERIES - 1) {
            let scope = Scope { country: Some(index), ..Scope::default() };
            let delay = results.delay_of(model, &scope, part);
            if delay.recorded().count() > 0 {
                curves.push(Curve { label: format!("to {}", country.code), points: points(&delay) });
            }
        }
    }
    let is_upper = |comparison| matches!(comparison, Comparison::Below | Comparison::AtMost);
    let limits = model.thresholds.iter().filter(|threshold| {
        threshold.metric == metric
            && is_upper(threshold.comparison)
            && matches!(threshold.aggregation, Aggregation::Quantile(_) | Aggregation::Max)
    });
    PercentileChart {
        title: format!("{}: {} {what}", model.name, if part == Part::QueueWait { "wait" } else { "delay" }),
        subtitle: format!(
            "{} in {}{}; percentiles by nearest rank, 3 significant digits",
            words::plural(total, "message", "messages"),
            words::plural(u64::from(summary.scenario.replications), "replication", "replications"),
            if hidden > 0 {
                format!(", {} unfinished at the horizon", thousands(u128::from(hidden)))
            } else {
                String::new()
            },
        ),
        curves,
        limit_lines: limits.map(|threshold| (threshold.limit, threshold.condition.clone())).collect(),
    }
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

fn backlog(model: &Model, results: &Results, summary: &Summary) -> BacklogChart {
    let series = &results.series;
    let width = series.width.as_secs_f64();
    let names = backlog_names(model);
    let mut order: Vec<usize> = (0..names.len()).collect();
    let peak = |index: &usize| series.backlogs[*index].iter().map(|spread| spread.max).max().unwrap_or(0);
    order.retain(|index| peak(index) > 0);
    order.sort_by_key(|index| std::cmp::Reverse(peak(index)));
    order.truncate(MAX_SERIES);
    let replications = series.replications as f64;
    let lines = order.iter().map(|index| {
        let bins = series.backlogs[*index].iter().enumerate();
        let time = |bin: usize| bin as f64 * width;
        BacklogLine {
            label: names[*index].clone(),
            points: bins.clone().map(|(bin, spread)| (time(bin), spread.sum as f64 / replications)).collect(),
            band: (series.replications > 1)
                .then(|| bins.map(|(bin, spread)| (time(bin), spread.min as f64, spread.max as f64)).collect()),
        }
    });
    let band = if series.replications > 1 {
        format!("mean and range of {} replications", series.replications)
    } else {
        "one replication".to_owned()
    };
    let bin = words::seconds(width);
    BacklogChart {
        title: format!("{}: segments waiting in the queues", model.name),
        subtitle: format!("level every {bin}, {band}"),
        start: CalendarStart {
            seconds_of_day: model.calendar.start_second_of_day(),
            date: model.calendar.start_date(),
            zone: model.calendar.zone_label(),
        },
        lines: lines.collect(),
        drain: summary.overall.drained_at_seconds.map(|drained| {
            let at = SimTime::from_nanos((drained.max * 1e9).round() as u64);
            let latest = if series.replications > 1 { "drained at the latest" } else { "drained" };
            (drained.max, format!("{latest} {}", model.calendar.wall_clock(at)))
        }),
        markers: Vec::new(),
    }
}
