//! The charts of a sweep: curves over the values of one axis, heat maps over those of two. More axes make no picture.

use crate::model::metric::{Kind, Metric, Unit};
use crate::model::threshold::{Aggregation, Measure};
use crate::report::chart::{Chart, CurvesChart, CurvesPanel, HeatChart, HeatPanel, Quantity, VariedCurve};
use crate::sweep::Value;

use super::{Sweep, is_share, text};
use crate::report::pictures::Picture;
use crate::report::words;

/// All charts.
pub fn pictures(sweep: &Sweep) -> Vec<Picture> {
    match sweep.grid.axes.len() {
        1 => vec![Picture { name: "curves".to_owned(), chart: Chart::Curves(curves(sweep)) }],
        2 => vec![Picture { name: "heat".to_owned(), chart: Chart::Heat(heat(sweep)) }],
        _ => Vec::new(),
    }
}

/// What belongs in one panel: numbers of one unit and one meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Drain,
    Delay,
    Delivered,
    Lost,
    Feedback,
    Other,
    Segments,
    Cost,
    CostPerDelivered,
}

impl Family {
    fn of(metric: Metric) -> Family {
        match metric {
            Metric::DrainTime | Metric::DrainAfterLast => Family::Drain,
            Metric::Sent | Metric::Delivered | Metric::DeliveredReported | Metric::OnTime => Family::Delivered,
            Metric::Undelivered
            | Metric::Failed
            | Metric::Expired
            | Metric::Overflowed
            | Metric::Filtered
            | Metric::Refused => Family::Lost,
            Metric::Replies | Metric::OptOuts | Metric::OptIns | Metric::Helps => Family::Feedback,
            Metric::Offered | Metric::Canceled | Metric::InProgress => Family::Other,
            Metric::SegmentsSent => Family::Segments,
            Metric::Cost => Family::Cost,
            Metric::CostPerDelivered => Family::CostPerDelivered,
            _ => Family::Delay,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Family::Drain => "Time to drain",
            Family::Delay => "Delays",
            Family::Delivered => "Delivered",
            Family::Lost => "Lost",
            Family::Feedback => "What people answer",
            Family::Other => "Messages",
            Family::Segments => "Segments sent",
            Family::Cost => "Cost of a run",
            Family::CostPerDelivered => "Cost per delivered message",
        }
    }
}

/// Measures of one panel, as indexes.
struct Group {
    family: Family,
    share: bool,
    members: Vec<usize>,
}

fn groups(sweep: &Sweep) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, measure) in sweep.measures.iter().enumerate() {
        let (family, share) = (Family::of(measure.metric), is_share(measure));
        // Losses by code say more than those by cause.
        if sweep.shows_losses && family == Family::Lost {
            continue;
        }
        match groups.iter_mut().find(|group| group.family == family && group.share == share) {
            Some(group) => group.members.push(index),
            None => groups.push(Group { family, share, members: vec![index] }),
        }
    }
    groups
}

fn curves(sweep: &Sweep) -> CurvesChart {
    let mut panels: Vec<CurvesPanel> = groups(sweep).iter().map(|group| panel(sweep, group)).collect();
    let codes = sweep.shown_codes();
    if !codes.is_empty() {
        let share = |code: u16| {
            sweep.cells.iter().map(|cell| Some(cell.outcome.losses.get(&code).map_or(0.0, |loss| loss.share))).collect()
        };
        let curve =
            |code: &u16| VariedCurve { label: code.to_string(), points: share(*code), ..VariedCurve::default() };
        let place = panels.len().min(2);
        panels.insert(
            place,
            CurvesPanel {
                title: "Lost, by error code, of offered".to_owned(),
                quantity: Quantity::Share,
                curves: codes.iter().map(curve).collect(),
                mark_highest: false,
            },
        );
    }
    let axis = &sweep.grid.axes[0];
    CurvesChart {
        title: format!("{} by {}", sweep.name, sweep.labels[0]),
        subtitle: subtitle(sweep),
        x_title: sweep.labels[0].clone(),
        values: axis.values.clone(),
        panels,
    }
}

fn subtitle(sweep: &Sweep) -> String {
    let bands = if sweep.cells.iter().all(|cell| cell.replications > 1) && sweep.grid.axes.len() == 1 {
        "; bands from the least to the largest"
    } else {
        ""
    };
    format!("{}, {}, one seed{bands}", words::plural(sweep.cells.len() as u64, "cell", "cells"), sweep.replications())
}

fn panel(sweep: &Sweep, group: &Group) -> CurvesPanel {
    let measures: Vec<&Measure> = group.members.iter().map(|index| &sweep.measures[*index]).collect();
    let curve = |(position, index): (usize, &usize)| {
        let values: Vec<Value> = sweep.cells.iter().map(|cell| cell.outcome.values[*index]).collect();
        let is_band = |cell: &super::Cell| cell.replications > 1;
        let bands = sweep.cells.iter().zip(&values);
        VariedCurve {
            label: label(&measures, position),
            points: values.iter().map(|value| value.value).collect(),
            bands: bands
                .map(|(cell, value)| value.value.filter(|_| is_band(cell)).and(value.min.zip(value.max)))
                .collect(),
            rings: Vec::new(),
        }
    };
    CurvesPanel {
        title: title(group, &measures),
        quantity: quantity(measures[0]),
        curves: group.members.iter().enumerate().map(curve).collect(),
        mark_highest: group.family == Family::Delivered,
    }
}

fn quantity(measure: &Measure) -> Quantity {
    match measure.metric.definition().unit {
        Unit::Time => Quantity::Seconds,
        Unit::Dollars => Quantity::Dollars,
        Unit::Messages if is_share(measure) => Quantity::Share,
        Unit::Messages | Unit::Segments => Quantity::Count,
    }
}

fn title(group: &Group, measures: &[&Measure]) -> String {
    let one = measures.iter().all(|measure| measure.metric == measures[0].metric);
    let name = if one { capital(&plain(measures[0].metric)) } else { group.family.title().to_owned() };
    let code = measures[0].code.filter(|code| measures.iter().all(|measure| measure.code == Some(*code)));
    let name = code.map_or(name.clone(), |code| format!("{name} with {code}"));
    match measures[0].aggregation {
        Aggregation::Rate => format!("{name}, of offered"),
        Aggregation::Count => format!("{name}, messages a run"),
        _ if one && measures[0].metric.definition().kind == Kind::Distribution => {
            let asked = measures.iter().all(|measure| measure.asked == measures[0].asked);
            if asked { format!("{name}, {}", measures[0].asked) } else { name }
        }
        _ => name,
    }
}

/// What tells a curve from the others of its panel: the metric, what is asked of it, the tags.
fn label(measures: &[&Measure], index: usize) -> String {
    let measure = measures[index];
    let differ = |of: &dyn Fn(&Measure) -> String| measures.iter().any(|other| of(other) != of(measure));
    let mut parts = Vec::new();
    if measures.len() == 1 || differ(&|measure| plain(measure.metric)) {
        parts.push(plain(measure.metric));
    }
    if measure.metric.definition().kind == Kind::Distribution || differ(&|measure| measure.asked.clone()) {
        parts.push(measure.asked.clone());
    }
    if differ(&tags) {
        parts.push(tags(measure));
    }
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "all".to_owned() } else { parts.join(" ") }
}

/// The values of a measure's tags.
fn tags(measure: &Measure) -> String {
    let inner = measure.subject.split_once('{').map_or("", |(_, rest)| rest.trim_end_matches('}'));
    let values: Vec<&str> =
        inner.split(',').filter_map(|tag| tag.split_once(':').map(|(_, value)| value.trim())).collect();
    values.join(" ")
}

fn plain(metric: Metric) -> String {
    metric.name().replace('_', " ")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

fn heat(sweep: &Sweep) -> HeatChart {
    let (down, across) = (&sweep.grid.axes[0], &sweep.grid.axes[1]);
    let mut panels = Vec::new();
    if sweep.cells.iter().any(|cell| cell.promises() > 0) {
        panels.push(HeatPanel {
            title: "Promises kept".to_owned(),
            values: sweep.cells.iter().map(|cell| Some(cell.outcome.kept as f64)).collect(),
            texts: sweep.cells.iter().map(|cell| cell.outcome.kept.to_string()).collect(),
            darkest: None,
        });
    }
    for (index, measure) in sweep.measures.iter().enumerate() {
        let values: Vec<Option<f64>> = sweep.cells.iter().map(|cell| cell.outcome.values[index].value).collect();
        let text = |value: &Option<f64>| value.map_or_else(|| "-".to_owned(), |value| text(measure, value));
        panels.push(HeatPanel {
            title: measure.to_string(),
            texts: values.iter().map(text).collect(),
            values,
            darkest: None,
        });
    }
    HeatChart {
        title: format!("{} by {} and {}", sweep.name, sweep.labels[0], sweep.labels[1]),
        subtitle: format!("{}; the darker, the larger; framed: the best cell", subtitle(sweep)),
        x_title: sweep.labels[1].clone(),
        y_title: sweep.labels[0].clone(),
        columns: across.values.clone(),
        rows: down.values.clone(),
        panels,
        is_linear: false,
        best: sweep.best().map(|index| (index % across.values.len(), index / across.values.len())),
    }
}
