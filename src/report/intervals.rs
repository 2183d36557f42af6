//! Intervals as the summary holds them: plain ends, beside the figure that they belong to.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::metrics::totals::Totals;
use crate::statistics::{Estimate, Interval, mean, ratio};

/// A 95 % interval; an end that the data cannot carry is absent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct IntervalFacts {
    /// Lower end.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

impl IntervalFacts {
    /// The ends of an interval.
    pub fn new(interval: Interval) -> IntervalFacts {
        IntervalFacts { low: interval.low, high: interval.high }
    }

    /// The ends of an estimate's interval, if it has one.
    pub fn of(estimate: &Estimate) -> Option<IntervalFacts> {
        estimate.interval.map(IntervalFacts::new)
    }

    /// The larger distance from `value` to an end; `None` when an end is absent.
    pub fn half_width(&self, value: f64) -> Option<f64> {
        Some((value - self.low?).max(self.high? - value))
    }
}

/// Intervals by the name of the figure that they belong to.
pub type Intervals = BTreeMap<&'static str, IntervalFacts>;

/// Collects the intervals of one scope's figures from its totals by replication.
pub(super) struct Collected<'a> {
    totals: &'a [Totals],
    intervals: Intervals,
}

impl<'a> Collected<'a> {
    pub(super) fn new(totals: &'a [Totals]) -> Collected<'a> {
        Collected { totals, intervals: Intervals::new() }
    }

    /// The mean over replications of a count or an amount.
    pub(super) fn mean(&mut self, name: &'static str, of: impl Fn(&Totals) -> f64) {
        let values: Vec<f64> = self.totals.iter().map(of).collect();
        self.keep(name, mean(&values).map(|found| found.within(0.0, f64::INFINITY)));
    }

    /// The ratio of two sums.
    pub(super) fn ratio(
        &mut self,
        name: &'static str,
        most: f64,
        of: impl Fn(&Totals) -> f64,
        by: impl Fn(&Totals) -> f64,
    ) {
        let (above, below): (Vec<f64>, Vec<f64>) = self.totals.iter().map(|totals| (of(totals), by(totals))).unzip();
        self.keep(name, ratio(&above, &below).map(|found| found.within(0.0, most)));
    }

    fn keep(&mut self, name: &'static str, estimate: Option<Estimate>) {
        if let Some(facts) = estimate.as_ref().and_then(IntervalFacts::of) {
            self.intervals.insert(name, facts);
        }
    }

    pub(super) fn finish(self) -> Intervals {
        self.intervals
    }
}

/// The interval of a share of messages, such as one reason of loss.
pub(super) fn share(totals: &[Totals], of: impl Fn(&Totals) -> u64) -> Option<IntervalFacts> {
    let counts: Vec<f64> = totals.iter().map(|totals| of(totals) as f64).collect();
    let bases: Vec<f64> = totals.iter().map(|totals| totals.offered as f64).collect();
    IntervalFacts::of(&ratio(&counts, &bases)?.within(0.0, 1.0))
}
