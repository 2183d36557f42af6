//! What independent replications say of a figure: estimates with 95 % intervals, by Student's t over replications.
//!
//! The unit of inference is the replication: messages of one run share its queues, so an interval made from messages is far
//! too narrow. An estimate keeps its *influence*, one number a replication that says how far that replication moves it; the
//! sum of their squares is its variance, and the difference of two estimates under common random numbers has the difference
//! of their influences. Means and ratios are standard (delta method); the interval of a quantile is Woodruff's: an interval
//! for the share of messages below it, carried back through the distribution.
//!
//! Everything is `+ - * /`, square roots and the kernel's own logarithm, so the digits do not depend on the platform. Not
//! here: any knowledge of messages, and what is compared with what.

mod distributions;

pub use distributions::{binomial_at_most, t_quantile};

/// The confidence of all intervals.
pub const CONFIDENCE: f64 = 0.95;

/// From so few replications on, intervals of quantiles are known to be too narrow: measured coverage of 64 to 96 % with
/// ten replications, 87 to 97 % from thirty on.
pub const FEW_REPLICATIONS: usize = 30;

/// An interval; an end is `None` when the data cannot carry it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

impl Interval {
    /// Whether `value` may be the true one, as far as the interval says.
    pub fn covers(&self, value: f64) -> bool {
        self.low.is_none_or(|low| low <= value) && self.high.is_none_or(|high| value <= high)
    }

    /// The larger distance from `value` to an end; `None` when an end is not identified.
    pub fn half_width(&self, value: f64) -> Option<f64> {
        Some((value - self.low?).max(self.high? - value))
    }
}

/// A figure that several replications say.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Its 95 % interval; `None` of one replication, or where no interval is known for this kind of figure.
    pub interval: Option<Interval>,
    /// By replication: how far it moves the figure, adding up to zero. `None` where that is not known.
    pub influence: Option<Vec<f64>>,
}

impl Estimate {
    /// A figure without an interval, such as a maximum.
    pub fn bare(value: f64) -> Estimate {
        Estimate { value, interval: None, influence: None }
    }

    /// A figure with its influences; the interval is that of Student's t.
    fn from_influence(value: f64, influence: Vec<f64>, confidence: f64) -> Estimate {
        let interval = half_width(&influence, confidence)
            .map(|half| Interval { low: Some(value - half), high: Some(value + half) });
        Estimate { value, interval, influence: Some(influence) }
    }

    /// The standard error; `None` of fewer than two replications.
    pub fn standard_error(&self) -> Option<f64> {
        standard_error(self.influence.as_ref()?)
    }

    /// Half the width of the interval on its wider side; `None` when it has none.
    pub fn half_width(&self) -> Option<f64> {
        self.interval?.half_width(self.value)
    }

    /// The same figure with an interval that stays within `low` and `high`, where the figure itself must lie.
    pub fn within(mut self, low: f64, high: f64) -> Estimate {
        if let Some(interval) = &mut self.interval {
            interval.low = interval.low.map(|end| end.max(low));
            interval.high = interval.high.map(|end| end.min(high));
        }
        self
    }

    /// This figure minus `other`, from replications that shared their draws one by one, with an interval of the given
    /// confidence. Figures without influences have a difference without an interval.
    pub fn minus(&self, other: &Estimate, confidence: f64) -> Estimate {
        let value = self.value - other.value;
        match (&self.influence, &other.influence) {
            (Some(a), Some(b)) if a.len() == b.len() => {
                let influence = a.iter().zip(b).map(|(a, b)| a - b).collect();
                Estimate::from_influence(value, influence, confidence)
            }
            _ => Estimate::bare(value),
        }
    }
}

/// Root of R/(R − 1) · Σ e²: for a mean S/√R, for a ratio the delta method.
fn standard_error(influence: &[f64]) -> Option<f64> {
    let count = influence.len();
    let squares: f64 = influence.iter().map(|e| e * e).sum();
    (count > 1).then(|| (squares * count as f64 / (count - 1) as f64).sqrt())
}

fn half_width(influence: &[f64], confidence: f64) -> Option<f64> {
    let error = standard_error(influence)?;
    // No need for a quantile, and no rounding, where nothing varies.
    if error == 0.0 {
        return Some(0.0);
    }
    Some(t_quantile(0.5 + confidence / 2.0, influence.len() - 1) * error)
}

/// The mean of one value a replication; `None` of nothing.
pub fn mean(values: &[f64]) -> Option<Estimate> {
    ratio(values, &vec![1.0; values.len()])
}

/// The ratio of two sums over replications, such as delivered by offered: ± t √V with
/// V = R/(R − 1) · Σ (x − θ n)² / (Σ n)². `None` when the denominators add up to nothing.
pub fn ratio(numerators: &[f64], denominators: &[f64]) -> Option<Estimate> {
    let (sum, base) = (numerators.iter().sum::<f64>(), denominators.iter().sum::<f64>());
    if base <= 0.0 {
        return None;
    }
    let value = sum / base;
    let influence = numerators.iter().zip(denominators).map(|(x, n)| (x - value * n) / base).collect();
    Some(Estimate::from_influence(value, influence, CONFIDENCE))
}

/// The 95 % interval for the share of messages below a quantile that the pooled messages put at `share`: share ± t s.
/// `below`: by replication, how many of its messages are below the quantile; `sizes`: how many it has. `None` of fewer
/// than two replications.
pub fn woodruff(share: f64, below: &[f64], sizes: &[f64]) -> Option<(f64, f64)> {
    let base: f64 = sizes.iter().sum();
    let influence: Vec<f64> = below.iter().zip(sizes).map(|(x, n)| (x - share * n) / base).collect();
    let half = half_width(&influence, CONFIDENCE)?;
    Some((share - half, share + half))
}

/// Ranks l < u, counted from 1, of the shortest interval [Y(l), Y(u)] of order statistics that covers the quantile `share`
/// of independent values with at least 95 %: P(l ≤ Bin(n, share) ≤ u − 1) ≥ 0.95. `None` when n is too small for any.
pub fn order_ranks(count: usize, share: f64) -> Option<(usize, usize)> {
    let at_most = binomial_at_most(count, share);
    let covered = |l: usize, u: usize| at_most[u - 1] - at_most[l - 1];
    for width in 1..count {
        let starts = 1..=count - width;
        let best = starts.map(|l| (covered(l, l + width), l)).max_by(|a, b| a.0.total_cmp(&b.0))?;
        if best.0 >= CONFIDENCE {
            return Some((best.1, best.1 + width));
        }
    }
    None
}

/// The value that a share `share` of replications stays at or below (nearest rank), with its 95 % interval where the
/// replications suffice. `None` of fewer than ten: nine in ten of three runs mean nothing.
pub fn between_replications(values: &[f64], share: f64) -> Option<(f64, Option<Interval>)> {
    let count = values.len();
    if count < 10 {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = ((share * count as f64 - 1e-9).ceil() as usize).clamp(1, count);
    let interval =
        order_ranks(count, share).map(|(l, u)| Interval { low: Some(sorted[l - 1]), high: Some(sorted[u - 1]) });
    Some((sorted[rank - 1], interval))
}

/// How many replications would shrink a half-width to `wanted`, by the root of their number.
pub fn replications_for(half_width: f64, wanted: f64, replications: usize) -> Option<u64> {
    (wanted > 0.0 && half_width.is_finite()).then(|| {
        let factor = half_width / wanted;
        (replications as f64 * factor * factor).ceil().min(1e12) as u64
    })
}

/// The checkpoints at which a sequential rule may look: ⌈30 · 1.5ᵏ⌉, and `cap` as the last. They depend on nothing that
/// happened, so the replications used are the same on every machine.
pub fn checkpoints(cap: u32) -> Vec<u32> {
    let mut list = Vec::new();
    let (mut numerator, mut denominator) = (30u128, 1u128);
    loop {
        let next = u32::try_from(numerator.div_ceil(denominator)).unwrap_or(u32::MAX);
        if next >= cap {
            list.push(cap);
            return list;
        }
        list.push(next);
        (numerator, denominator) = (numerator * 3, denominator * 2);
    }
}

/// Whether an estimate is as precise as wanted: half-width / |value| ≤ γ / (1 + γ), which keeps the true relative error
/// below γ (Law, Simulation Modeling and Analysis, 5th edition, 9.4.1). A value that does not vary is; one whose interval
/// is not identified is not.
pub fn is_precise(estimate: &Estimate, relative: f64) -> bool {
    match estimate.half_width() {
        Some(half) => half <= relative / (1.0 + relative) * estimate.value.abs(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{found} {expected}");
    }

    /// By hand: values 1, 2, 3, 6 have mean 3 and variance 14/3, so the standard error is √(14/12); t(0.975, 3) = 3.182446305.
    #[test]
    fn a_mean_has_the_interval_of_the_textbook() {
        let found = mean(&[1.0, 2.0, 3.0, 6.0]).unwrap();
        near(found.value, 3.0);
        let half = 3.182_446_305_284_263 * (14.0f64 / 12.0).sqrt();
        near(found.interval.unwrap().low.unwrap(), 3.0 - half);
        near(found.interval.unwrap().high.unwrap(), 3.0 + half);
        assert_eq!(mean(&[5.0]).unwrap().interval, None);
        assert_eq!(mean(&[]), None);
    }

    /// By hand: 1/2, 2/4 and 6/6: θ = 9/12 = 0.75, residuals −0.5, −1, 1.5, V = 3/2 · 3.5 / 144.
    #[test]
    fn a_ratio_has_the_interval_of_the_delta_method() {
        let found = ratio(&[1.0, 2.0, 6.0], &[2.0, 4.0, 6.0]).unwrap();
        near(found.value, 0.75);
        near(found.standard_error().unwrap(), (1.5f64 * 3.5 / 144.0).sqrt());
        near(found.half_width().unwrap(), 4.302_652_729_749_462 * (1.5f64 * 3.5 / 144.0).sqrt());
        assert_eq!(ratio(&[0.0], &[0.0]), None);
        let within = found.within(0.0, 1.0).interval.unwrap();
        assert_eq!((within.low, within.high), (Some(0.0), Some(1.0)));
    }

    /// Paired: what moves both alike moves the difference not at all.
    #[test]
    fn a_figure_minus_itself_is_exactly_nothing() {
        let a = mean(&[0.1, 0.7, 0.4]).unwrap();
        let nothing = a.minus(&a, 0.95);
        assert_eq!(nothing.value, 0.0);
        assert_eq!(nothing.interval, Some(Interval { low: Some(0.0), high: Some(0.0) }));
        let shifted = mean(&[1.1, 1.7, 1.4]).unwrap().minus(&a, 0.95);
        near(shifted.value, 1.0);
        assert!(shifted.half_width().unwrap() < 1e-12);
    }

    /// Thirty values give (22, 30), a hundred (84, 96), two hundred (172, 189): all pairs tried with `scipy.stats.binom.cdf`
    /// of scipy 1.17.1. Of 28 values the largest is above nine in ten with 94.8 % only.
    #[test]
    fn order_statistics_bound_nine_runs_in_ten() {
        for (count, ranks) in [(30, (22, 30)), (100, (84, 96)), (200, (172, 189))] {
            assert_eq!(order_ranks(count, 0.9), Some(ranks));
        }
        assert_eq!(order_ranks(28, 0.9), None);
        let values: Vec<f64> = (1..=30).map(f64::from).collect();
        let (value, interval) = between_replications(&values, 0.9).unwrap();
        assert_eq!(value, 27.0);
        assert_eq!(interval.unwrap().high, Some(30.0));
        assert_eq!(between_replications(&values[..9], 0.9), None);
    }

    #[test]
    fn checkpoints_are_fixed_and_end_at_the_cap() {
        assert_eq!(checkpoints(200), [30, 45, 68, 102, 152, 200]);
        assert_eq!(checkpoints(20), [20]);
        assert_eq!(checkpoints(30), [30]);
    }

    /// 100 ± 1.9 is within two per cent by γ/(1 + γ) = 1.96 %, 100 ± 1.97 is not.
    #[test]
    fn precision_follows_laws_correction() {
        let with = |half: f64| Estimate {
            value: 100.0,
            interval: Some(Interval { low: Some(100.0 - half), high: Some(100.0 + half) }),
            influence: None,
        };
        assert!(is_precise(&with(1.9), 0.02));
        assert!(!is_precise(&with(1.97), 0.02));
        assert!(!is_precise(&Estimate::bare(100.0), 0.02));
        assert_eq!(replications_for(4.0, 1.0, 20), Some(320));
        assert_eq!(replications_for(4.0, 0.0, 20), None);
    }
}
