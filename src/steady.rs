//! Steady state, for those who ask for it: what messages wait once the start is forgotten. Nearly every question about a
//! campaign is about a run that begins and ends, and needs none of this; a load that never ends does.
//!
//! Replication and deletion: messages meant before the warm-up ends are left out, figures and intervals are over
//! replications as anywhere else. Checks, which warn and change nothing:
//!
//! - MSER-5 (White, Cobb and Spratt 2000): of the mean wait over replications in windows of the run, in batches of five,
//!   d* = argmin over d of Σ (Z_i − Z̄_d)² / (k − d)². When it lies in the second half the run is too short; when it is later
//!   than the warm-up, the warm-up is. From an empty start at high load it may itself mislead, so it never sets the warm-up.
//! - Growth: a load above capacity has no steady state; the wait of the last third then exceeds that of the middle third in
//!   nearly every replication, by an interval above zero and by more than a quarter.
//!
//! Not here: batch means of a single long run.

use crate::experiment::{Part, Results};
use crate::model::Model;
use crate::model::metric::Metric;
use crate::model::threshold::{Aggregation, Comparison, Scope, Threshold, Watch};
use crate::statistics::{Estimate, mean};
use crate::units::{SimDuration, SimTime};

/// Windows into which a run is cut for the checks and the chart.
const WINDOWS: u64 = 1_000;
/// Windows of a batch.
const BATCH: usize = 5;

/// Which delay is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    /// Sent minus accepted.
    QueueWait,
    /// Handset minus intended.
    EndToEnd,
}

impl Delay {
    fn metric(self) -> Metric {
        match self {
            Delay::QueueWait => Metric::QueueWait,
            Delay::EndToEnd => Metric::EndToEnd,
        }
    }

    /// The metric's name.
    pub fn name(self) -> &'static str {
        self.metric().name()
    }

    fn part(self) -> Part {
        match self {
            Delay::QueueWait => Part::QueueWait,
            Delay::EndToEnd => Part::EndToEnd,
        }
    }
}

/// What is to be doubted.
#[derive(Clone, Debug, PartialEq)]
pub enum Warning {
    /// MSER-5 would leave out more than the warm-up, up to this instant.
    WarmUpShort(SimTime),
    /// MSER-5 finds its point in the second half.
    RunShort,
    /// The wait still grows.
    Growing,
    /// Hardly anything is left after the warm-up.
    FewMessages(u64),
}

/// What steady state looks like.
#[derive(Clone, Debug)]
pub struct Steady {
    /// Which delay.
    pub delay: Delay,
    /// The end of the warm-up.
    pub warm_up: SimTime,
    /// Messages after it, over all replications.
    pub messages: u64,
    /// The mean in seconds.
    pub mean: Option<Estimate>,
    /// Quantiles in seconds.
    pub quantiles: Vec<(f64, Option<Estimate>)>,
    /// Welch's series: the end of each batch of windows, and the mean over replications of its mean delay in seconds.
    pub series: Vec<(SimTime, f64)>,
    /// Where MSER-5 would cut.
    pub mser_5: Option<SimTime>,
    /// What is to be doubted.
    pub warnings: Vec<Warning>,
}

/// Makes a model watch for steady state, instead of its promises. `extent`: from the start to the last intended time.
pub fn watch(model: &mut Model, delay: Delay, warm_up: SimDuration, extent: SimDuration) {
    let promise = |watch: Watch| Threshold {
        subject: delay.name().to_owned(),
        condition: "avg >= 0".to_owned(),
        metric: delay.metric(),
        scope: Scope::default(),
        code: None,
        aggregation: Aggregation::Avg,
        comparison: Comparison::AtLeast,
        limit: 0.0,
        watch: Some(watch),
        phase: None,
        after: None,
        exit_code: None,
    };
    let width = SimDuration::from_nanos((extent.as_nanos() / WINDOWS).max(1));
    let all =
        Watch { from: SimTime::ZERO, phases: None, window: Some(width), so_far: false, not_before: SimTime::ZERO };
    let late = Watch { from: SimTime::ZERO + warm_up, window: None, ..all.clone() };
    model.thresholds = vec![promise(all), promise(late)];
}

/// The last instant at which a model means to send anything.
pub fn extent(model: &Model) -> SimDuration {
    let spans = model.campaigns.iter().flat_map(|campaign| campaign.spans());
    let end = spans.map(|(_, end)| end).max().unwrap_or(SimTime::ZERO);
    model.horizon.map_or(end, |horizon| horizon.min(end)).since(SimTime::ZERO)
}

/// Reads what a model that [`watch`] changed has seen.
pub fn read(results: &Results, delay: Delay, warm_up: SimDuration, extent: SimDuration) -> Steady {
    let part = delay.part();
    let width = (extent.as_nanos() / WINDOWS).max(1);
    let windows: Vec<(u64, Vec<f64>)> = results
        .watched
        .windows(0)
        .map(|(number, window)| (number, window.sample(part).means_by_replication()))
        .collect();
    let series: Vec<(SimTime, f64)> = windows
        .chunks(BATCH)
        .filter_map(|batch| {
            let values: Vec<f64> = batch.iter().flat_map(|(_, means)| means.iter().copied()).collect();
            let end = batch.last()?.0 + 1;
            (!values.is_empty())
                .then(|| (SimTime::from_nanos(end * width), values.iter().sum::<f64>() / values.len() as f64))
        })
        .collect();
    let late = results.watched.windows(1).next().map(|(_, stretch)| stretch.sample(part));
    let messages = late.as_ref().map_or(0, |sample| sample.pooled().recorded().count());
    let quantiles = [0.5, 0.9, 0.95, 0.99, 0.999];
    let mut steady = Steady {
        delay,
        warm_up: SimTime::ZERO + warm_up,
        messages,
        mean: late.as_ref().and_then(|sample| sample.mean()),
        quantiles: quantiles.map(|q| (q, late.as_ref().and_then(|sample| sample.quantile(q)))).into(),
        mser_5: None,
        series,
        warnings: Vec::new(),
    };
    let values: Vec<f64> = steady.series.iter().map(|(_, value)| *value).collect();
    if let Some(cut) = mser(&values) {
        let at = if cut == 0 { SimTime::ZERO } else { steady.series[cut - 1].0 };
        steady.mser_5 = Some(at);
        if cut + 1 >= values.len() / 2 {
            steady.warnings.push(Warning::RunShort);
        } else if at > steady.warm_up {
            steady.warnings.push(Warning::WarmUpShort(at));
        }
    }
    if grows(&windows, (SimTime::ZERO + warm_up).as_nanos() / width) {
        steady.warnings.push(Warning::Growing);
    }
    if messages < 1_000 {
        steady.warnings.push(Warning::FewMessages(messages));
    }
    steady
}

/// How many values MSER leaves out, looked for in the first half; `None` of fewer than ten.
fn mser(values: &[f64]) -> Option<usize> {
    let count = values.len();
    if count < 10 {
        return None;
    }
    let spread = |cut: usize| {
        let rest = &values[cut..];
        let mean = rest.iter().sum::<f64>() / rest.len() as f64;
        let squares: f64 = rest.iter().map(|value| (value - mean) * (value - mean)).sum();
        squares / (rest.len() as f64 * rest.len() as f64)
    };
    (0..count / 2).min_by(|a, b| spread(*a).total_cmp(&spread(*b)))
}

/// Whether the last third after the warm-up waits longer than the middle third, replication by replication.
fn grows(windows: &[(u64, Vec<f64>)], warm: u64) -> bool {
    // Windows in which a replication has nothing would put others in its place.
    let replications = windows.iter().map(|(_, means)| means.len()).max().unwrap_or(0);
    let full = windows.iter().filter(|(number, means)| *number >= warm && means.len() == replications);
    let late: Vec<&Vec<f64>> = full.map(|(_, means)| means).collect();
    let third = late.len() / 3;
    if third == 0 || replications < 2 {
        return false;
    }
    let over =
        |part: &[&Vec<f64>], index: usize| part.iter().map(|means| means[index]).sum::<f64>() / part.len() as f64;
    let middle = |index: usize| over(&late[third..2 * third], index);
    let last = |index: usize| over(&late[2 * third..], index);
    let differences: Vec<f64> = (0..replications).map(|index| last(index) - middle(index)).collect();
    let level = (0..replications).map(middle).sum::<f64>() / replications as f64;
    let low = mean(&differences).and_then(|found| found.interval).and_then(|interval| interval.low);
    low.is_some_and(|low| low > level / 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 10 nines, then ones and twos in turn: cutting all nines and no more has the least squares by n².
    #[test]
    fn mser_cuts_a_start_that_differs() {
        let mut values = vec![9.0; 10];
        values.extend((0..90).map(|n| 1.0 + f64::from(n % 2)));
        assert_eq!(mser(&values), Some(10));
        let steady: Vec<f64> = (0..100).map(|n| 1.0 + f64::from(n % 2)).collect();
        assert_eq!(mser(&steady), Some(0));
        let growing: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(mser(&growing), Some(49), "as late as it may");
        assert_eq!(mser(&[1.0; 9]), None);
    }
}
