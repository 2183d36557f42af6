//! Thresholds of a run: kept or broken, and by how much.
//!
//! A threshold is judged by its point estimate over all replications. What the data cannot carry is not identified, and
//! a promise about it counts as broken: nobody has shown that it is kept. A threshold whose 95 % interval covers the limit
//! is *undecided* beside that: more replications may turn it.

use crate::experiment::{Part, Results};
use crate::metrics::totals::Totals;
use crate::model::Model;
use crate::model::ending::{Ending, Status};
use crate::model::metric::{Kind, Metric};
use crate::model::threshold::{Aggregation, Measure, Threshold};
use crate::statistics::{Estimate, Interval, mean, ratio, replications_for};
use crate::units::SimDuration;

/// What became of one threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The threshold.
    pub threshold: Threshold,
    /// The value found: seconds, messages, share, segments or dollars; `None` when it is not identified.
    pub value: Option<f64>,
    /// Why it is not identified.
    pub note: Option<&'static str>,
    /// The 95 % interval of the value; `None` where there is none.
    pub interval: Option<Interval>,
    /// Whether the replications leave the other verdict as possible.
    pub undecided: bool,
    /// How many replications would decide it, if the value stays where it is; `None` where it is decided, or nobody can
    /// tell.
    pub replications_to_decide: Option<u64>,
    /// Whether it is kept.
    pub passed: bool,
}

impl Verdict {
    /// How far the value is from the limit: positive inside, negative outside.
    pub fn margin(&self) -> Option<f64> {
        let distance = (self.threshold.limit - self.value?).abs();
        Some(if self.passed { distance } else { -distance })
    }
}

const NO_DATA: &str = "no message in this scope";
const CENSORED: &str = "too many are unfinished at the horizon";
const CUT: &str = "the horizon cut the drain";
const OPEN: &str = "the messages unfinished at the horizon decide";

/// Judges all thresholds of the model.
pub fn judge(model: &Model, results: &Results) -> Vec<Verdict> {
    model
        .thresholds
        .iter()
        .map(|threshold| {
            let (value, note) = match value(model, results, threshold) {
                Ok(value) => (Some(value), None),
                Err(note) => (None, Some(note)),
            };
            let passed = value.is_some_and(|value| threshold.comparison.holds(value, threshold.limit));
            let interval = value.and_then(|_| estimate(model, results, &threshold.measure()).ok()?.interval);
            let decision = value.and_then(|_| decision(model, results, threshold));
            let undecided = decision.as_ref().is_some_and(|(estimate, limit)| is_open(estimate, *limit));
            Verdict {
                threshold: threshold.clone(),
                value,
                note,
                interval,
                undecided,
                replications_to_decide: decision.filter(|_| undecided).and_then(|(estimate, limit)| {
                    let half = estimate.half_width()?;
                    let wanted = replications_for(half, (limit - estimate.value).abs(), results.replications as usize)?;
                    Some(wanted.max(u64::from(results.replications) + 1))
                }),
                passed,
            }
        })
        .collect()
}

/// The figure and the limit whose order decides a threshold: those of the threshold, but for quantiles the share of messages
/// within the limit, and the share that is asked for.
fn decision(model: &Model, results: &Results, threshold: &Threshold) -> Option<(Estimate, f64)> {
    match threshold.aggregation {
        Aggregation::Quantile(q) => {
            let sample = results.sample_of(model, &threshold.scope, part_of(threshold.metric));
            Some((sample.share_within(threshold.limit)?, q))
        }
        _ => Some((estimate(model, results, &threshold.measure()).ok()?, threshold.limit)),
    }
}

/// Whether an interval covers the limit. One without width decides, whichever side the limit is on.
fn is_open(estimate: &Estimate, limit: f64) -> bool {
    estimate.interval.is_some_and(|interval| interval.low != interval.high && interval.covers(limit))
}

/// The number that is asked of a run: seconds, messages, share, segments or dollars. What the horizon left open is not
/// counted.
///
/// # Errors
/// Why it is not identified.
pub fn measure(model: &Model, results: &Results, measure: &Measure) -> Result<f64, &'static str> {
    let totals = results.totals_of(&measure.scope).expect("totals are kept for the scope of every measure");
    match measure.metric.definition().kind {
        Kind::Distribution => distribution(model, results, measure, None),
        Kind::PerReplication => per_replication(measure, totals),
        Kind::Share => share(measure, totals).map(|(least, _)| least),
    }
}

/// The same with its interval, and how far each replication moves it. A smallest or largest value has none.
///
/// # Errors
/// Why it is not identified.
pub fn estimate(model: &Model, results: &Results, measure: &Measure) -> Result<Estimate, &'static str> {
    let value = self::measure(model, results, measure)?;
    let totals = results.totals_of(&measure.scope).expect("totals are kept for the scope of every measure");
    let found = match (measure.metric.definition().kind, measure.aggregation) {
        (_, Aggregation::Min | Aggregation::Max) => None,
        (Kind::Distribution, aggregation) => {
            let sample = results.sample_of(model, &measure.scope, part_of(measure.metric));
            match aggregation {
                Aggregation::Quantile(q) => sample.quantile(q),
                _ => sample.mean(),
            }
        }
        (Kind::PerReplication, _) => {
            // A replication without a value has no say in the mean, but keeps its place beside those of other designs.
            let values: Vec<Option<f64>> = totals.iter().map(|totals| of_one(measure.metric, totals)).collect();
            let sums: Vec<f64> = values.iter().map(|value| value.unwrap_or(0.0)).collect();
            let counts: Vec<f64> = values.iter().map(|value| if value.is_some() { 1.0 } else { 0.0 }).collect();
            let several = counts.iter().sum::<f64>() > 1.0;
            ratio(&sums, &counts).filter(|_| several).map(|found| found.within(0.0, f64::INFINITY))
        }
        (Kind::Share, aggregation) => {
            let counts: Vec<f64> = totals.iter().map(|totals| count_in(measure, totals) as f64).collect();
            let most = if may_exceed_one(measure) { f64::INFINITY } else { 1.0 };
            match aggregation {
                Aggregation::Count => mean(&counts).map(|found| found.within(0.0, f64::INFINITY)),
                _ => {
                    let bases: Vec<f64> = totals.iter().map(|totals| base_in(measure, totals) as f64).collect();
                    ratio(&counts, &bases).map(|found| found.within(0.0, most))
                }
            }
        }
    };
    Ok(found.map_or_else(|| Estimate::bare(value), |found| Estimate { value, ..found }))
}

/// Answers may be more than the messages that they answer.
fn may_exceed_one(measure: &Measure) -> bool {
    matches!(measure.metric, Metric::Replies | Metric::OptOuts | Metric::OptIns | Metric::Helps | Metric::Sent)
}

fn value(model: &Model, results: &Results, threshold: &Threshold) -> Result<f64, &'static str> {
    let asked = threshold.measure();
    match asked.metric.definition().kind {
        Kind::Distribution => distribution(model, results, &asked, Some(threshold.limit)),
        Kind::PerReplication => measure(model, results, &asked),
        Kind::Share => {
            let totals = results.totals_of(&asked.scope).expect("totals are kept for the scope of every threshold");
            let (least, most) = share(&asked, totals)?;
            let holds = |value| threshold.comparison.holds(value, threshold.limit);
            if holds(least) == holds(most) { Ok(least) } else { Err(OPEN) }
        }
    }
}

fn distribution(model: &Model, results: &Results, measure: &Measure, limit: Option<f64>) -> Result<f64, &'static str> {
    let delay = results.delay_of(model, &measure.scope, part_of(measure.metric));
    let why = if delay.unfinished() > 0 { CENSORED } else { NO_DATA };
    let seconds = |span: Option<SimDuration>| span.map(|span| span.as_secs_f64()).ok_or(why);
    match measure.aggregation {
        Aggregation::Min => seconds(delay.recorded().min()),
        Aggregation::Max => seconds(delay.max()),
        Aggregation::Avg => delay.mean_seconds().ok_or(why),
        Aggregation::Quantile(q) => {
            let value = delay.quantile(q);
            let limit = limit.map(|limit| SimDuration::from_nanos((limit * 1e9).round() as u64));
            // A quantile is known to three digits: one that cannot be told from the limit is taken to be it.
            let near = |value| limit.filter(|limit| delay.recorded().equivalent(value, *limit));
            seconds(value.map(|value| near(value).unwrap_or(value)))
        }
        Aggregation::Count | Aggregation::Rate => unreachable!("refused when the scenario was read"),
    }
}

/// The part of the delay that a metric is about.
fn part_of(metric: Metric) -> Part {
    match metric {
        Metric::ApiWait => Part::ApiWait,
        Metric::QueueWait => Part::QueueWait,
        Metric::HoldWait => Part::HoldWait,
        Metric::LaneWait => Part::LaneWait,
        Metric::CeilingWait => Part::CeilingWait,
        Metric::CarrierLatency => Part::CarrierLatency,
        Metric::CarrierHold => Part::CarrierHold,
        Metric::NetworkLatency => Part::NetworkLatency,
        Metric::HandsetWait => Part::HandsetWait,
        Metric::EndToEnd => Part::EndToEnd,
        _ => unreachable!("not a distribution"),
    }
}

/// One value per replication, over those that have one.
fn per_replication(measure: &Measure, totals: &[Totals]) -> Result<f64, &'static str> {
    let drains = matches!(measure.metric, Metric::DrainTime | Metric::DrainAfterLast);
    if drains && totals.iter().any(Totals::is_cut) {
        return Err(CUT);
    }
    let values: Vec<f64> = totals.iter().filter_map(|totals| of_one(measure.metric, totals)).collect();
    match measure.aggregation {
        Aggregation::Min => values.iter().copied().reduce(f64::min),
        Aggregation::Max => values.iter().copied().reduce(f64::max),
        _ => (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64),
    }
    .ok_or(NO_DATA)
}

/// What one replication says of a metric of one value per replication.
fn of_one(metric: Metric, totals: &Totals) -> Option<f64> {
    match metric {
        Metric::DrainTime => totals.drain_time().map(|span| span.as_secs_f64()),
        Metric::DrainAfterLast => totals.drain_after_last().map(|span| span.as_secs_f64()),
        Metric::SegmentsSent => Some(totals.segments_sent as f64),
        Metric::Cost => Some(totals.cost.total().as_dollars_f64()),
        Metric::Fines => Some(totals.fines.as_dollars_f64()),
        Metric::CostPerDelivered => {
            totals.cost.total().per(totals.with_status(Status::Delivered)).map(|cost| cost.as_dollars_f64())
        }
        _ => unreachable!("not a metric of one value per replication"),
    }
}

/// A count of messages, or their share of those offered: the least, and the most if all that the horizon left open
/// became one of them.
fn share(measure: &Measure, totals: &[Totals]) -> Result<(f64, f64), &'static str> {
    let count: u64 = totals.iter().map(|totals| count_in(measure, totals)).sum();
    let open: u64 = match measure.metric {
        Metric::Offered | Metric::InProgress => 0,
        Metric::Refused | Metric::Overflowed => totals.iter().map(Totals::not_handed_over).sum(),
        // What was sent can no longer fail.
        Metric::Sent | Metric::Failed | Metric::Expired | Metric::Canceled => {
            totals.iter().map(|totals| totals.waiting() + totals.not_handed_over()).sum()
        }
        _ => totals.iter().map(|totals| totals.in_progress() + totals.not_handed_over()).sum(),
    };
    let base = match measure.aggregation {
        Aggregation::Count => totals.len() as u64,
        _ => totals.iter().map(|totals| base_in(measure, totals)).sum(),
    };
    if base == 0 {
        return Err(NO_DATA);
    }
    Ok((count as f64 / base as f64, (count + open) as f64 / base as f64))
}

/// The messages that a measure counts in one replication.
fn count_in(measure: &Measure, totals: &Totals) -> u64 {
    match measure.code {
        None => count_of(measure.metric, totals),
        Some(code) => with_code(measure.metric, code, totals),
    }
}

/// The messages that its share is of.
fn base_in(measure: &Measure, totals: &Totals) -> u64 {
    // A code asked for again is no further chance of being on time.
    if measure.metric == Metric::OnTime { totals.offered - totals.repeated } else { totals.offered }
}

/// The messages of a metric that ended with one error code.
fn with_code(metric: Metric, code: u16, totals: &Totals) -> u64 {
    let status = match metric {
        Metric::Undelivered => Status::Undelivered,
        Metric::Failed => Status::Failed,
        Metric::Refused => Status::Refused,
        _ => unreachable!("refused when the scenario was read"),
    };
    let fits = |ending: &Ending| ending.status() == status && ending.code() == Some(code);
    Ending::ALL.into_iter().filter(fits).map(|ending| totals.ended(ending)).sum()
}

/// The messages that a share counts.
pub fn count_of(metric: Metric, totals: &Totals) -> u64 {
    match metric {
        Metric::Offered => totals.offered,
        Metric::Sent => totals.sent,
        Metric::Delivered => totals.with_status(Status::Delivered),
        Metric::DeliveredReported => totals.reported_delivered,
        Metric::Undelivered => totals.with_status(Status::Undelivered),
        Metric::Failed => totals.with_status(Status::Failed),
        Metric::Expired => totals.ended(Ending::Expired),
        Metric::Overflowed => totals.ended(Ending::QueueOverflow) + totals.ended(Ending::RefusedQueueFull),
        Metric::Filtered => totals.ended(Ending::Filtered) + totals.ended(Ending::ContentBlocked),
        Metric::OnTime => totals.on_time,
        Metric::Replies => totals.replies,
        Metric::OptOuts => totals.opt_outs,
        Metric::OptIns => totals.opt_ins,
        Metric::Helps => totals.helps,
        Metric::Canceled => totals.with_status(Status::Canceled),
        Metric::Refused => totals.with_status(Status::Refused),
        Metric::InProgress => totals.in_progress(),
        _ => unreachable!("not a share of messages"),
    }
}
