//! A distribution of delays: an HDR histogram in microseconds with three significant digits, and exact count, sum,
//! smallest and largest value in nanoseconds.

use hdrhistogram::Histogram;

use crate::units::SimDuration;

/// Significant decimal digits of the histogram.
pub const SIGNIFICANT_DIGITS: u8 = 3;

/// A distribution of delays.
#[derive(Clone, Debug)]
pub struct Delay {
    histogram: Histogram<u64>,
    sum_nanos: u128,
    min: SimDuration,
    max: SimDuration,
}

impl Default for Delay {
    fn default() -> Self {
        Delay {
            histogram: Histogram::new(SIGNIFICANT_DIGITS).expect("three digits are allowed"),
            sum_nanos: 0,
            min: SimDuration::from_nanos(u64::MAX),
            max: SimDuration::ZERO,
        }
    }
}

impl Delay {
    /// Adds one value.
    pub fn record(&mut self, value: SimDuration) {
        self.histogram.record(value.as_nanos() / 1_000).expect("the histogram grows as needed");
        self.sum_nanos += u128::from(value.as_nanos());
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Adds all values of another.
    pub fn merge(&mut self, other: &Delay) {
        self.histogram.add(&other.histogram).expect("the histogram grows as needed");
        self.sum_nanos += other.sum_nanos;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// How many values.
    pub fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// The mean in seconds; `None` of nothing.
    pub fn mean_seconds(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.sum_nanos as f64 / self.count() as f64 / 1e9)
    }

    /// The smallest value; `None` of nothing.
    pub fn min(&self) -> Option<SimDuration> {
        (self.count() > 0).then_some(self.min)
    }

    /// The largest value; `None` of nothing.
    pub fn max(&self) -> Option<SimDuration> {
        (self.count() > 0).then_some(self.max)
    }

    /// The smallest recorded value that at least the share `q` of all values does not exceed: nearest rank, to three
    /// significant digits and never above the largest value; `None` of nothing.
    pub fn quantile(&self, q: f64) -> Option<SimDuration> {
        if self.count() == 0 {
            return None;
        }
        let micros = self.histogram.value_at_quantile(q);
        Some(SimDuration::from_nanos(micros * 1_000).min(self.max))
    }

    /// The histogram in microseconds.
    pub fn histogram(&self) -> &Histogram<u64> {
        &self.histogram
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_agree_with_sorted_values_to_three_digits() {
        let mut delay = Delay::default();
        let mut values: Vec<u64> = (0..10_000u64).map(|n| n * n * 1_700 + 5_000).collect();
        values.iter().for_each(|nanos| delay.record(SimDuration::from_nanos(*nanos)));
        values.sort_unstable();
        for q in [0.01f64, 0.5, 0.9, 0.99, 0.999, 1.0] {
            let exact = values[((q * 10_000.0).ceil() as usize).max(1) - 1] as f64;
            let found = delay.quantile(q).unwrap().as_nanos() as f64;
            assert!((found - exact).abs() <= exact * 1e-3 + 1_000.0, "{q}: {found} {exact}");
        }
        assert_eq!(delay.max(), Some(SimDuration::from_nanos(values[9_999])));
    }

    #[test]
    fn merging_is_adding() {
        let (mut left, mut right, mut both) = (Delay::default(), Delay::default(), Delay::default());
        for n in 1..1_000u64 {
            let value = SimDuration::from_nanos(n * 12_345_678);
            if n % 3 == 0 {
                left.record(value)
            } else {
                right.record(value)
            }
            both.record(value);
        }
        left.merge(&right);
        assert_eq!(left.count(), both.count());
        assert_eq!(left.mean_seconds(), both.mean_seconds());
        assert_eq!((left.min(), left.max()), (both.min(), both.max()));
        assert_eq!(left.histogram(), both.histogram());
    }

    #[test]
    fn nothing_has_no_quantiles() {
        assert_eq!(Delay::default().quantile(0.5), None);
        assert_eq!(Delay::default().max(), None);
    }
}
