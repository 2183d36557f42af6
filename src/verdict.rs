//! Thresholds of a run: kept or broken, and by how much.
//!
//! A threshold is judged by its point estimate over all replications. What the data cannot carry is not identified, and
//! a promise about it counts as broken: nobody has shown that it is kept. A threshold whose 95 % interval covers the limit
//! is *undecided* beside that: more replications may turn it.

use crate::experiment::{Censored, Part, Results, Sample, Stretch};
use crate::metrics::totals::Totals;
use crate::model::Model;
use crate::model::ending::{Ending, Status};
use crate::model::metric::{Kind, Metric};
use crate::model::threshold::{Aggregation, Measure, Scope, Threshold, Watch};
use crate::statistics::{Estimate, Interval, is_precise, mean, ratio, replications_for};
use crate::units::{SimDuration, SimTime};

/// The exit code of a broken threshold that names none (k6's).
pub const EXIT_CODE: u8 = 99;

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
    /// Whether it is kept and nobody can say how surely: it has no interval, though figures of its kind have one. A smallest or
    /// largest value never has.
    pub unproven: bool,
    /// How many replications would decide it, if the value stays where it is; `None` where it is decided, or nobody can
    /// tell.
    pub replications_to_decide: Option<u64>,
    /// Of a threshold with windows: how many were judged, and which one the value is of.
    pub windows: Option<Judged>,
    /// Whether it is kept.
    pub passed: bool,
}

/// The windows of a threshold that were judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// How many had messages.
    pub count: usize,
    /// How many broke the threshold.
    pub broken: usize,
    /// Start and end of the window that the value is of: the first that broke it, or the one that came closest. The end is
    /// `None` of a threshold that is judged once.
    pub shown: Option<(SimTime, Option<SimTime>)>,
}

impl Verdict {
    /// When it was known to be broken: the end of the first window that broke it.
    pub fn first_breach(&self) -> Option<SimTime> {
        self.windows.filter(|_| !self.passed)?.shown?.1
    }
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
    let mut watched = 0;
    let mut one = |threshold: &Threshold| match &threshold.watch {
        None => judge_one(threshold, &Whole { model, results, scope: &threshold.scope }),
        Some(watch) => {
            watched += 1;
            judge_windows(threshold, watch, results, watched - 1)
        }
    };
    model.thresholds.iter().map(&mut one).collect()
}

/// The part of a run that a figure is of.
trait Seen {
    fn totals(&self) -> &[Totals];
    fn delay(&self, part: Part) -> Censored;
    fn sample(&self, part: Part) -> Sample;
}

/// All of it.
struct Whole<'a> {
    model: &'a Model,
    results: &'a Results,
    scope: &'a Scope,
}

impl Seen for Whole<'_> {
    fn totals(&self) -> &[Totals] {
        self.results.totals_of(self.scope).expect("totals are kept for the scope of every measure and threshold")
    }

    fn delay(&self, part: Part) -> Censored {
        self.results.delay_of(self.model, self.scope, part)
    }

    fn sample(&self, part: Part) -> Sample {
        self.results.sample_of(self.model, self.scope, part)
    }
}

impl Seen for Stretch {
    fn totals(&self) -> &[Totals] {
        &self.totals
    }

    fn delay(&self, part: Part) -> Censored {
        self.sample(part).pooled().clone()
    }

    fn sample(&self, part: Part) -> Sample {
        Stretch::sample(self, part)
    }
}

fn judge_one(threshold: &Threshold, seen: &impl Seen) -> Verdict {
    let (value, note) = match value(seen, threshold) {
        Ok(value) => (Some(value), None),
        Err(note) => (None, Some(note)),
    };
    let passed = value.is_some_and(|value| threshold.comparison.holds(value, threshold.limit));
    let interval = value.and_then(|_| estimated(seen, &threshold.measure()).ok()?.interval);
    let decision = value.and_then(|_| decision(seen, threshold));
    let undecided = decision.as_ref().is_some_and(|(estimate, limit)| is_open(estimate, *limit));
    let extreme = matches!(threshold.aggregation, Aggregation::Min | Aggregation::Max);
    let has_interval = decision.as_ref().is_some_and(|(estimate, _)| estimate.interval.is_some());
    let unproven = passed && !extreme && !has_interval;
    let replications = seen.totals().len();
    let replications_to_decide = decision.filter(|_| undecided).and_then(|(estimate, limit)| {
        let wanted = replications_for(estimate.half_width()?, (limit - estimate.value).abs(), replications)?;
        Some(wanted.max(replications as u64 + 1))
    });
    let windows = None;
    let threshold = threshold.clone();
    Verdict { threshold, value, note, interval, undecided, unproven, replications_to_decide, windows, passed }
}

/// Judges each window that has messages, or at the end of each all that was meant so far. Kept when every one keeps it; the
/// value is that of the first that does not, or of the one that comes closest to the limit.
fn judge_windows(threshold: &Threshold, watch: &Watch, results: &Results, index: usize) -> Verdict {
    let mut so_far: Option<Stretch> = None;
    let mut shown: Option<(u64, Verdict)> = None;
    let (mut count, mut broken) = (0, 0);
    // Whether the intervals of any window leave it open, and whether any breaks beyond doubt.
    let (mut open, mut certain) = (false, false);
    for (number, window) in results.watched.windows(index) {
        let verdict = match (&mut so_far, watch.so_far) {
            (Some(sum), true) => {
                sum.extend(&window);
                judge_one(threshold, sum)
            }
            (none, true) => judge_one(threshold, none.insert(window)),
            (_, false) => judge_one(threshold, &window),
        };
        let early = watch.end_of(number).is_some_and(|end| end < watch.not_before);
        // A window of nothing but refused calls has no delays to judge.
        if verdict.note == Some(NO_DATA) || (early && !verdict.passed) {
            continue;
        }
        count += 1;
        broken += usize::from(!verdict.passed);
        open |= verdict.undecided;
        certain |= !verdict.passed && !verdict.undecided;
        let margin = |verdict: &Verdict| verdict.margin().unwrap_or(f64::NEG_INFINITY);
        let first = |(_, known): &(u64, Verdict)| match (known.passed, verdict.passed) {
            (true, true) => margin(&verdict) < margin(known),
            (known, new) => known && !new,
        };
        if shown.as_ref().is_none_or(first) {
            shown = Some((number, verdict));
        }
    }
    let Some((number, verdict)) = shown else {
        let nothing = Stretch::default();
        return Verdict { windows: Some(Judged { count, broken, shown: None }), ..judge_one(threshold, &nothing) };
    };
    let start = match watch.window {
        Some(width) if !watch.so_far => {
            SimTime::from_nanos(watch.from.as_nanos().saturating_add(number.saturating_mul(width.as_nanos())))
        }
        _ => watch.from,
    };
    let judged = Judged { count, broken, shown: Some((start, watch.end_of(number))) };
    // One window that breaks beyond doubt decides; a promise that all windows seem to keep is as open as any of them.
    let undecided = open && !certain;
    let replications_to_decide = verdict.replications_to_decide.filter(|_| undecided);
    Verdict { windows: Some(judged), undecided, replications_to_decide, ..verdict }
}

/// The figure and the limit whose order decides a threshold: those of the threshold, but for quantiles the share of messages
/// within the limit, and the share that is asked for.
fn decision(seen: &impl Seen, threshold: &Threshold) -> Option<(Estimate, f64)> {
    match threshold.aggregation {
        Aggregation::Quantile(q) => Some((seen.sample(part_of(threshold.metric)).share_within(threshold.limit)?, q)),
        _ => Some((estimated(seen, &threshold.measure()).ok()?, threshold.limit)),
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
    measured(&Whole { model, results, scope: &measure.scope }, measure)
}

fn measured(seen: &impl Seen, measure: &Measure) -> Result<f64, &'static str> {
    match measure.metric.definition().kind {
        Kind::Distribution => distribution(seen, measure, None),
        Kind::PerReplication => per_replication(measure, seen.totals()),
        Kind::Share => share(measure, seen.totals()).map(|(least, _)| least),
    }
}

/// The same with its interval, and how far each replication moves it. A smallest or largest value has none.
///
/// # Errors
/// Why it is not identified.
pub fn estimate(model: &Model, results: &Results, measure: &Measure) -> Result<Estimate, &'static str> {
    estimated(&Whole { model, results, scope: &measure.scope }, measure)
}

fn estimated(seen: &impl Seen, measure: &Measure) -> Result<Estimate, &'static str> {
    let value = measured(seen, measure)?;
    let totals = seen.totals();
    let found = match (measure.metric.definition().kind, measure.aggregation) {
        (_, Aggregation::Min | Aggregation::Max) => None,
        (Kind::Distribution, aggregation) => {
            let sample = seen.sample(part_of(measure.metric));
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

fn value(seen: &impl Seen, threshold: &Threshold) -> Result<f64, &'static str> {
    let asked = threshold.measure();
    match asked.metric.definition().kind {
        Kind::Distribution => distribution(seen, &asked, Some(threshold.limit)),
        Kind::PerReplication => per_replication(&asked, seen.totals()),
        Kind::Share => {
            let (least, most) = share(&asked, seen.totals())?;
            let holds = |value| threshold.comparison.holds(value, threshold.limit);
            if holds(least) == holds(most) { Ok(least) } else { Err(OPEN) }
        }
    }
}

fn distribution(seen: &impl Seen, measure: &Measure, limit: Option<f64>) -> Result<f64, &'static str> {
    let delay = seen.delay(part_of(measure.metric));
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

/// What a look at a run in progress shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// After how many replications.
    pub replications: u32,
    /// The figures that are not as precise as wanted.
    pub imprecise: Vec<String>,
}

/// Looks whether the main figures, and those that thresholds ask for, are known to a relative precision. Figures that are
/// not identified at all, and largest and smallest values, which no number of replications makes precise, are left out.
pub fn look(model: &Model, results: &Results, precision: f64) -> Look {
    let main = [
        (Metric::DrainTime, Aggregation::Avg, "avg"),
        (Metric::Delivered, Aggregation::Rate, "rate"),
        (Metric::QueueWait, Aggregation::Quantile(0.95), "p(95)"),
        (Metric::EndToEnd, Aggregation::Quantile(0.95), "p(95)"),
        (Metric::Cost, Aggregation::Avg, "avg"),
    ];
    let main = main.map(|(metric, aggregation, asked)| Measure {
        subject: metric.name().to_owned(),
        asked: asked.to_owned(),
        metric,
        scope: Scope::default(),
        code: None,
        aggregation,
    });
    let whole = model.thresholds.iter().filter(|threshold| threshold.watch.is_none());
    let imprecise = main
        .into_iter()
        .chain(whole.map(Threshold::measure))
        .filter(|measure| !matches!(measure.aggregation, Aggregation::Min | Aggregation::Max))
        .filter(|measure| estimate(model, results, measure).is_ok_and(|found| !is_precise(&found, precision)))
        .map(|measure| measure.to_string())
        .collect();
    Look { replications: results.replications, imprecise }
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
