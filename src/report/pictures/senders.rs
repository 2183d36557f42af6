//! The map of senders over time: how busy each entry of the pool is, and below it how much work waits for it.
//!
//! An entry is busy to the share that it sends of what its queues in use can send in that time, by the rates that hold then:
//! the mean of how long its queues are in a slot, each weighed by its rate, as `busy_share` of a queue is of the queue alone.
//! What ceilings or hours keep it from is time in which it is not busy.

use crate::experiment::Results;
use crate::metrics::{SERIES_GROUPS, backlog_names};
use crate::model::Model;
use crate::model::fault::{Effect, Target};
use crate::report::chart::{HeatChart, HeatPanel};
use crate::report::summary::{LaneFacts, Summary};
use crate::report::words;
use crate::units::SimTime;

use super::{rest, shown_until, start};

/// Steps of time.
const COLUMNS: usize = 48;
/// Who is busy for so much of a step is busy all the time.
const ALWAYS: f64 = 0.995;

/// The map; nothing where there is one sender.
pub(super) fn map(model: &Model, results: &Results, summary: &Summary) -> Option<HeatChart> {
    let series = &results.series;
    let names = backlog_names(model);
    let queues: Vec<Queue> = (0..names.len()).filter_map(|index| Queue::of(model, results, index)).collect();
    if queues.len() < 2 || series.bins() < 2 {
        return None;
    }
    let width = series.width.as_secs_f64();
    let bins = ((shown_until(results) / width).ceil() as usize).clamp(1, series.bins());
    let together = bins.div_ceil(COLUMNS);
    let span = width * together as f64;
    let columns = bins.div_ceil(together);
    let busy: Vec<Option<f64>> = queues.iter().flat_map(|queue| queue.busy(results, bins, together)).collect();
    let waiting: Vec<Option<f64>> = queues.iter().flat_map(|queue| queue.waiting(results, bins, together)).collect();
    let clock = start(model);
    let at = |index: usize| clock.text((index % columns) as f64 * span, span * columns as f64);
    let texts = |values: &[Option<f64>], text: &dyn Fn(f64) -> String| -> Vec<String> {
        let told = values.iter().enumerate().map(|(index, value)| Some(format!("{}: {}", at(index), text((*value)?))));
        told.map(Option::unwrap_or_default).collect()
    };
    let longest = waiting.iter().flatten().copied().fold(0.0, f64::max);
    let lanes = |queue: &Queue| lanes_of(summary, &names, queue.index);
    let row = |queue: &Queue| {
        let most = lanes(queue).filter_map(|lane| lane.busy_share).fold(0.0, f64::max);
        format!("{} (busy {:.0} %)", names[queue.index], most * 100.0)
    };
    let mut panels = vec![HeatPanel {
        title: "Busy: sent, of what its queues could send".to_owned(),
        texts: texts(&busy, &|share| format!("busy {}", words::rough_percent(share))),
        values: busy,
        darkest: Some((1.0, "100 %".to_owned())),
    }];
    if longest > 0.0 {
        // Series are kept by entry, so one full queue among idle ones looks smaller here than it is.
        panels.push(HeatPanel {
            title: "Mean work waiting, as the time all its queues take to send it".to_owned(),
            texts: texts(&waiting, &|seconds| format!("{} of work on average", words::seconds(seconds))),
            values: waiting.clone(),
            darkest: Some((longest, format!("mean {}", words::seconds(longest)))),
        });
    }
    Some(HeatChart {
        title: format!("{}: {}", model.name, finding(summary, &queues, &names, &panels[0].values, &waiting, columns)),
        subtitle: format!(
            "in brackets how busy its busiest queue is, from first message to last slot{}",
            rest(results, shown_until(results))
        ),
        x_title: format!("local time ({}), in steps of {}", model.calendar.zone_label(), words::seconds(span)),
        y_title: "senders in file order".to_owned(),
        columns: clock.labels(columns, span),
        rows: queues.iter().map(row).collect(),
        panels,
        best: None,
        is_linear: true,
    })
}

/// Who keeps everybody waiting, in words.
fn finding(
    summary: &Summary,
    queues: &[Queue],
    names: &[String],
    busy: &[Option<f64>],
    waiting: &[Option<f64>],
    columns: usize,
) -> String {
    let sum = |values: &[Option<f64>], row: usize| values[row * columns..][..columns].iter().flatten().sum::<f64>();
    // Of the steps with work that waits, half at least.
    let full = |row: usize| {
        let pairs = busy[row * columns..][..columns].iter().zip(&waiting[row * columns..][..columns]);
        let waits: Vec<f64> =
            pairs.filter(|(_, waiting)| waiting.is_some()).map(|(busy, _)| busy.unwrap_or(0.0)).collect();
        waits.len() <= 2 * waits.iter().filter(|share| **share >= ALWAYS).count()
    };
    let all = (0..queues.len()).filter(|row| sum(waiting, *row) > 0.0).flat_map(|row| {
        let lanes: Vec<&LaneFacts> = lanes_of(summary, names, queues[row].index).collect();
        let is_only = lanes.len() == 1;
        lanes.into_iter().map(move |lane| (row, is_only, lane))
    });
    let worst = all.reduce(|worst, other| if lasts(other.2) > lasts(worst.2) { other } else { worst });
    if let Some((row, is_only, lane)) = worst.filter(|(.., lane)| lasts(lane) > 0.0) {
        let name = if is_only { &names[queues[row].index] } else { &lane.name };
        let work = words::seconds(lane.backlog_seconds());
        return match full(row) {
            true => format!("{name} is the bottleneck, with up to {work} of work"),
            false if lane.longest_wait_seconds > 0.0 => {
                format!("the longest wait is for {name}: {}", words::seconds(lane.longest_wait_seconds))
            }
            false => format!("most work waits for {name}, up to {work}"),
        };
    }
    let busiest = (0..queues.len()).map(|row| (row, sum(busy, row)));
    let busiest = busiest.reduce(|best, other| if other.1 > best.1 { other } else { best });
    match busiest.filter(|(_, sum)| *sum > 0.0) {
        Some((row, _)) => format!("no work waits, and {} is the busiest sender", names[queues[row].index]),
        None => "how busy each sender is over time".to_owned(),
    }
}

/// How long what waits in a queue lasts: what holds a queue up counts, which its backlog by its rate does not know. What is
/// left at the end waits on, for its turn at least.
fn lasts(lane: &LaneFacts) -> f64 {
    let left = if lane.drained_at_seconds.is_none() { lane.backlog_seconds() } else { 0.0 };
    lane.longest_wait_seconds.max(left)
}

/// The queues in use of one series: those of one entry of the pool, or of all others.
fn lanes_of<'s>(summary: &'s Summary, names: &'s [String], index: usize) -> impl Iterator<Item = &'s LaneFacts> {
    let known = move |group: &str| names.iter().take(SERIES_GROUPS).any(|name| name == group);
    summary.lanes.iter().filter(move |lane| match index < SERIES_GROUPS {
        true => lane.group == names[index],
        false => !known(&lane.group),
    })
}

/// The queues of one series.
struct Queue {
    /// Which series.
    index: usize,
    /// The rates that its queues can send at, together: segments a second from an instant on.
    rates: Vec<(SimTime, f64)>,
}

impl Queue {
    fn of(model: &Model, results: &Results, index: usize) -> Option<Queue> {
        let is_used = |lane: &usize| results.lanes[*lane].queued + results.lanes[*lane].overflowed > 0;
        let is_own = |lane: &usize| model.lanes[*lane].group.min(SERIES_GROUPS) == index;
        let used: Vec<usize> = (0..model.lanes.len()).filter(is_own).filter(is_used).collect();
        // Where traffic is shaped, the queues of a sender share one rate.
        let mut paced: Vec<usize> = used.clone();
        paced.sort_by_key(|lane| (model.lanes[*lane].shaper, *lane));
        paced.dedup_by(|a, b| model.lanes[*a].shaper.is_some() && model.lanes[*a].shaper == model.lanes[*b].shaper);
        if paced.is_empty() {
            return None;
        }
        let lowered = |lane: usize| {
            let faults = model.faults.iter().filter_map(move |fault| match (&fault.target, fault.effect) {
                (Target::Senders(senders), Effect::Rate(rate)) => Some((fault, senders, rate)),
                _ => None,
            });
            faults.filter(move |(_, senders, _)| senders.iter().any(|sender| has_lane(model, *sender, lane)))
        };
        let changes: Vec<Vec<_>> = paced.iter().map(|lane| lowered(*lane).collect()).collect();
        let mut instants: Vec<SimTime> =
            changes.iter().flatten().flat_map(|(fault, ..)| [fault.at, fault.until]).chain([SimTime::ZERO]).collect();
        instants.sort_unstable();
        instants.dedup();
        let rate = |at: SimTime| {
            let lanes = paced.iter().zip(&changes);
            let rates = lanes.map(|(lane, changes)| {
                let lowest = changes.iter().filter(|(fault, ..)| fault.covers(at)).map(|(_, _, rate)| *rate).min();
                lowest.unwrap_or(model.lanes[*lane].rate).as_f64()
            });
            rates.sum::<f64>()
        };
        let rates = instants.into_iter().map(|at| (at, rate(at))).collect();
        Some(Queue { index, rates })
    }

    /// Segments that its queues can send between two instants, in seconds.
    fn could_send(&self, from: f64, until: f64) -> f64 {
        let ends = self.rates.iter().skip(1).map(|(at, _)| at.as_secs_f64()).chain([f64::INFINITY]);
        let pieces = self.rates.iter().zip(ends).map(|((begin, rate), end)| {
            let seconds = until.min(end) - from.max(begin.as_secs_f64());
            seconds.max(0.0) * rate
        });
        pieces.sum()
    }

    /// How busy it is in each step; nothing where it sends nothing. What is counted at the beginning of a slot that goes on
    /// beyond the step is left to the next.
    fn busy(&self, results: &Results, bins: usize, together: usize) -> Vec<Option<f64>> {
        let series = &results.series;
        let width = series.width.as_secs_f64();
        let mut over = 0.0;
        let steps = series.segments[self.index][..bins].chunks(together).enumerate();
        let share = |(step, counts): (usize, &[u64])| {
            let from = (step * together) as f64 * width;
            let could = self.could_send(from, from + counts.len() as f64 * width);
            let work = over + counts.iter().sum::<u64>() as f64 / series.replications as f64;
            over = (work - could).max(0.0);
            (work > 0.0 && could > 0.0).then(|| (work / could).min(1.0))
        };
        steps.map(share).collect()
    }

    /// How long it would still send in each step, by the rate at its beginning; nothing where nothing waits.
    fn waiting(&self, results: &Results, bins: usize, together: usize) -> Vec<Option<f64>> {
        let series = &results.series;
        let steps = series.backlogs[self.index][..bins].chunks(together).enumerate();
        let level = |(step, levels): (usize, &[crate::experiment::Spread])| {
            let from = (step * together) as f64 * series.width.as_secs_f64();
            let waits = levels.iter().map(|spread| spread.sum).sum::<u64>();
            let rate = self.could_send(from, from + 1.0);
            let segments = waits as f64 / series.replications as f64 / levels.len() as f64;
            (waits > 0 && rate > 0.0).then(|| segments / rate)
        };
        steps.map(level).collect()
    }
}

/// Whether a sender uses a lane for any carrier and class of service.
fn has_lane(model: &Model, sender: u32, lane: usize) -> bool {
    let levels = 0..crate::model::SERVICE_LEVELS;
    (0..model.carriers.len())
        .any(|carrier| levels.clone().any(|level| model.lane(sender as usize, carrier, level) == Some(lane)))
}
