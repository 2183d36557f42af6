//! Designs against a baseline, on common random numbers: replication r of every design has the same arrivals, people and
//! carriers, so what differs is the design. Each figure's difference has an interval from differences by replication, at a
//! confidence corrected for the number of designs (Bonferroni: 1 − 0.05 / (designs − 1)), and beside it by how much the
//! pairing shrinks the variance.
//!
//! Figures are not corrected for each other: of twenty figures that do not differ one is shown as different on average. Not
//! here: reading scenarios, and a search for the best design.

use rayon::prelude::*;

use crate::experiment::{Kept, Merge, Progress, Ran, Replication, Results, kept_or_run, threads_for};
use crate::metrics::Collector;
use crate::model::Model;
use crate::model::metric::Better;
use crate::model::threshold::{Aggregation, Measure};
use crate::statistics::{CONFIDENCE, Estimate};
use crate::verdict;

/// Runs replications of all designs on the current rayon pool, but those that are kept, by design. All designs run in step, so
/// that of a stopped comparison there are pairs: each design has the same first so many replications.
///
/// # Panics
/// When there is no `kept` for each design.
pub fn run(models: &[&Model], replications: u32, progress: &Progress, kept: &[impl Kept]) -> Vec<Ran> {
    assert_eq!(models.len(), kept.len(), "one for each design");
    let scopes: Vec<_> = models.iter().map(|model| Collector::scopes(model)).collect();
    let mut merges: Vec<Merge> = models.iter().map(|model| Merge::new(model)).collect();
    let tasks: Vec<(u32, usize)> =
        (0..replications).flat_map(|index| (0..models.len()).map(move |design| (index, design))).collect();
    let threads = threads_for(tasks.len());
    let one = |(index, design): &(u32, usize)| {
        kept_or_run(models[*design], *index, &scopes[*design], progress, &kept[*design], threads)
    };
    // Observations are large: a batch at a time keeps memory bounded. One has all designs as often as there are threads, so that quick
    // ones do not wait for slow ones.
    let mut row: Vec<Replication> = Vec::new();
    let mut complete = true;
    'batches: for batch in tasks.chunks(rayon::current_num_threads() * models.len()) {
        let done: Vec<Option<Replication>> = batch.par_iter().map(one).collect();
        for replication in done {
            let Some(replication) = replication else {
                complete = false;
                break 'batches;
            };
            row.push(replication);
            if row.len() == models.len() {
                merges.iter_mut().zip(row.drain(..)).for_each(|(merge, replication)| merge.add(&replication));
            }
        }
    }
    merges.into_iter().map(|merge| Ran { results: merge.finish(), complete }).collect()
}

/// What a difference comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The same in every replication, to the last digit.
    Same,
    /// Better than the baseline.
    Better,
    /// Worse than the baseline.
    Worse,
    /// Different, where neither more nor less is better.
    Different,
    /// The interval covers zero.
    NotShown,
    /// There is no interval: one replication, a maximum, or an end that is not identified.
    NotKnown,
}

impl Outcome {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Same => "no difference at all",
            Outcome::Better => "better",
            Outcome::Worse => "worse",
            Outcome::Different => "different",
            Outcome::NotShown => "no difference shown",
            Outcome::NotKnown => "not known",
        }
    }
}

/// A design's figure minus the baseline's.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The difference with its interval.
    pub estimate: Estimate,
    /// The variance that independent runs would have, by that of the pairs; `None` when the pairs have none.
    pub variance_reduction: Option<f64>,
    /// What it comes to.
    pub outcome: Outcome,
    /// Whether it lies within the margin of equivalence, by two one-sided tests at 5 %; `None` when nobody asked or the
    /// figure is one without a difference that could be tested.
    pub equivalent: Option<bool>,
}

/// One figure of all designs.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was asked.
    pub measure: Measure,
    /// By design, the baseline first; or why it is not identified.
    pub values: Vec<Result<Estimate, &'static str>>,
    /// By design without the baseline; `None` where a figure is not identified.
    pub differences: Vec<Option<Difference>>,
}

/// Compares the designs in all measures of the models, which have the same ones. `equivalence`: the margin as a share of
/// the baseline's figure.
///
/// # Panics
/// When the models have different measures or the results different numbers of replications.
pub fn compare(designs: &[(&Model, &Results)], equivalence: Option<f64>) -> Vec<Row> {
    let (baseline, _) = designs[0];
    let error = (1.0 - CONFIDENCE) / (designs.len() as f64 - 1.0).max(1.0);
    (0..baseline.measures.len())
        .map(|index| {
            let values: Vec<_> = designs
                .iter()
                .map(|(model, results)| verdict::estimate(model, results, &model.measures[index]))
                .collect();
            let measure = baseline.measures[index].clone();
            let against = |(other, (_, results)): (&Result<Estimate, &'static str>, &(&Model, &Results))| {
                let (base, other) = (values[0].as_ref().ok()?, other.as_ref().ok()?);
                // The same events in all replications: the same figures, those without an interval among them.
                let identical = results.trajectory == designs[0].1.trajectory && base.value == other.value;
                Some(difference(&measure, (base, other), identical, error, equivalence))
            };
            let differences = values[1..].iter().zip(&designs[1..]).map(against).collect();
            Row { measure, values, differences }
        })
        .collect()
}

fn difference(
    measure: &Measure,
    (base, other): (&Estimate, &Estimate),
    identical: bool,
    error: f64,
    equivalence: Option<f64>,
) -> Difference {
    let estimate = other.minus(base, 1.0 - error);
    let alike = estimate.value == 0.0 && base.influence.is_some() && base.influence == other.influence;
    let same = identical || alike;
    let paired = estimate.standard_error();
    let apart = base.standard_error().zip(other.standard_error()).map(|(a, b)| a * a + b * b);
    let equivalent = equivalence.filter(|_| same || estimate.interval.is_some()).map(|share| {
        let margin = share * base.value.abs();
        // Two one-sided tests at level α are one interval at 1 − 2 α.
        let interval = other.minus(base, 1.0 - 2.0 * error).interval;
        let inside = |end: Option<f64>| end.is_some_and(|end| end.abs() <= margin);
        same || interval.is_some_and(|interval| inside(interval.low) && inside(interval.high))
    });
    Difference {
        variance_reduction: paired.filter(|se| *se > 0.0).zip(apart).map(|(se, apart)| apart / (se * se)),
        outcome: match outcome(measure, &estimate, same) {
            // Percentiles have three digits: what differs by less may be the histogram's rounding.
            Outcome::Better | Outcome::Worse if rounds_away(measure, base, &estimate) => Outcome::NotShown,
            other => other,
        },
        estimate,
        equivalent,
    }
}

/// Whether a difference of percentiles is within two buckets of the histogram.
fn rounds_away(measure: &Measure, base: &Estimate, difference: &Estimate) -> bool {
    let percentile = matches!(measure.aggregation, Aggregation::Quantile(_));
    percentile && difference.value.abs() <= 0.002 * base.value.abs()
}

fn outcome(measure: &Measure, estimate: &Estimate, same: bool) -> Outcome {
    if same {
        return Outcome::Same;
    }
    match (estimate.interval, measure.metric.better()) {
        (None, _) => Outcome::NotKnown,
        (Some(interval), _) if interval.covers(0.0) => Outcome::NotShown,
        (Some(_), None) => Outcome::Different,
        (Some(_), Some(Better::Less)) if estimate.value < 0.0 => Outcome::Better,
        (Some(_), Some(Better::More)) if estimate.value > 0.0 => Outcome::Better,
        (Some(_), Some(_)) => Outcome::Worse,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::metric::Metric;
    use crate::model::threshold::Scope;
    use crate::statistics::mean;

    fn of(metric: Metric) -> Measure {
        Measure {
            subject: metric.name().to_owned(),
            asked: "avg".to_owned(),
            metric,
            scope: Scope::default(),
            code: None,
            aggregation: Aggregation::Avg,
        }
    }

    /// By hand: costs 10, 20, 30 against 12, 21, 33 differ by 2, 1, 3: mean 2, S = 1, 2 ± 4.30265 / √3. Independent runs
    /// would have variances 100/3 and 111/3, the pairs 1/3.
    #[test]
    fn pairs_are_compared_and_not_means() {
        let (base, other) = (mean(&[10.0, 20.0, 30.0]).unwrap(), mean(&[12.0, 21.0, 33.0]).unwrap());
        let found = difference(&of(Metric::Cost), (&base, &other), false, 0.05, Some(0.5));
        assert!((found.estimate.value - 2.0).abs() < 1e-12);
        let half = found.estimate.half_width().unwrap();
        assert!((half - 4.302_652_729_749_462 / 3.0f64.sqrt()).abs() < 1e-9);
        assert!((found.variance_reduction.unwrap() - 211.0).abs() < 1e-6);
        assert_eq!(found.outcome, Outcome::NotShown);
        // 90 %: 2 ± 2.91999 / √3 reaches 3.69, and the margin is 10.
        assert_eq!(found.equivalent, Some(true));
        assert_eq!(difference(&of(Metric::Cost), (&base, &other), false, 0.05, Some(0.18)).equivalent, Some(false));
    }

    #[test]
    fn better_and_worse_follow_the_metric() {
        let (low, high) = (mean(&[1.0, 2.0, 3.0]).unwrap(), mean(&[11.0, 12.1, 13.0]).unwrap());
        let outcome = |metric, base, other| difference(&of(metric), (base, other), false, 0.05, None).outcome;
        assert_eq!(outcome(Metric::Cost, &low, &high), Outcome::Worse);
        assert_eq!(outcome(Metric::Cost, &high, &low), Outcome::Better);
        assert_eq!(outcome(Metric::Delivered, &low, &high), Outcome::Better);
        assert_eq!(outcome(Metric::SegmentsSent, &low, &high), Outcome::Different);
        assert_eq!(outcome(Metric::Cost, &low, &low), Outcome::Same);
        let (bare, other) = (Estimate::bare(1.0), Estimate::bare(2.0));
        assert_eq!(outcome(Metric::Cost, &bare, &other), Outcome::NotKnown);
        assert_eq!(outcome(Metric::Cost, &bare, &bare), Outcome::NotKnown, "equal by chance, perhaps");
        assert_eq!(difference(&of(Metric::Cost), (&bare, &bare), true, 0.05, None).outcome, Outcome::Same);
    }
}
