//! A distribution of delays: an HDR histogram in microseconds with three significant digits, and exact count, sum,
//! smallest and largest value in nanoseconds.

use hdrhistogram::Histogram;

use crate::units::SimDuration;

/// Significant decimal digits of the histogram.
pub const SIGNIFICANT_DIGITS: u8 = 3;

/// A distribution of delays.
#[derive(Clone, Debug)]
pub struct Delay {
    /// Made with the first value: most scopes see none.
    histogram: Option<Histogram<u64>>,
    sum_nanos: u128,
    min: SimDuration,
    max: SimDuration,
}

impl Default for Delay {
    fn default() -> Self {
        Delay { histogram: None, sum_nanos: 0, min: SimDuration::from_nanos(u64::MAX), max: SimDuration::ZERO }
    }
}

impl Delay {
    /// Adds one value.
    pub fn record(&mut self, value: SimDuration) {
        self.counts().record(value.as_nanos() / 1_000).expect("the histogram grows as needed");
        self.sum_nanos += u128::from(value.as_nanos());
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Adds all values of another.
    pub fn merge(&mut self, other: &Delay) {
        let Some(histogram) = &other.histogram else { return };
        self.counts().add(histogram).expect("the histogram grows as needed");
        self.sum_nanos += other.sum_nanos;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    fn counts(&mut self) -> &mut Histogram<u64> {
        self.histogram.get_or_insert_with(|| Histogram::new(SIGNIFICANT_DIGITS).expect("three digits are allowed"))
    }

    /// How many values.
    pub fn count(&self) -> u64 {
        self.histogram.as_ref().map_or(0, Histogram::len)
    }

    /// The mean in seconds; `None` of nothing.
    pub fn mean_seconds(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.sum_nanos as f64 / self.count() as f64 / 1e9)
    }

    /// The sum in nanoseconds.
    pub fn sum_nanos(&self) -> u128 {
        self.sum_nanos
    }

    /// The smallest value; `None` of nothing.
    pub fn min(&self) -> Option<SimDuration> {
        (self.count() > 0).then_some(self.min)
    }

    /// The largest value; `None` of nothing.
    pub fn max(&self) -> Option<SimDuration> {
        (self.count() > 0).then_some(self.max)
    }

    /// The value of rank ⌈q·(n + hidden)⌉ among n recorded values and `hidden` larger ones: nearest rank. Known to three
    /// significant digits, as the middle of its histogram's bucket, and never outside the smallest and largest value.
    /// `None` when it is hidden, or of nothing.
    pub fn quantile_among(&self, q: f64, hidden: u64) -> Option<SimDuration> {
        let histogram = self.histogram.as_ref()?;
        let count = histogram.len();
        let exact = q * (count + hidden) as f64;
        // A product such as 0.07 · 100 is a little above the whole number that is meant.
        let rank = ((exact - exact * 1e-12).ceil() as u64).max(1);
        if rank > count {
            return None;
        }
        // Half a rank below, so that the histogram's own rounding up hits the rank.
        let micros = histogram.value_at_quantile((rank as f64 - 0.5) / count as f64);
        let middle = histogram.median_equivalent(micros);
        Some(SimDuration::from_nanos(middle * 1_000).clamp(self.min, self.max))
    }

    /// The quantile among recorded values.
    pub fn quantile(&self, q: f64) -> Option<SimDuration> {
        self.quantile_among(q, 0)
    }

    /// The edges of the histogram's bucket that holds a value, within the smallest and largest value.
    pub fn bucket_of(&self, value: SimDuration) -> Option<(SimDuration, SimDuration)> {
        let histogram = self.histogram.as_ref()?;
        let micros = value.as_nanos() / 1_000;
        let edge = |micros: u64| SimDuration::from_nanos(micros.saturating_mul(1_000)).clamp(self.min, self.max);
        Some((edge(histogram.lowest_equivalent(micros)), edge(histogram.next_non_equivalent(micros))))
    }

    /// Whether two values are the same to the histogram's digits.
    pub fn equivalent(&self, a: SimDuration, b: SimDuration) -> bool {
        let micros = |span: SimDuration| span.as_nanos() / 1_000;
        self.histogram.as_ref().is_some_and(|histogram| histogram.equivalent(micros(a), micros(b)))
    }

    /// The histogram in microseconds; `None` of nothing.
    pub fn histogram(&self) -> Option<&Histogram<u64>> {
        self.histogram.as_ref()
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
            assert!((found - exact).abs() <= exact * 5e-4 + 1_000.0, "{q}: {found} {exact}");
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

    /// Waits of 0, 1, ..., 99 s: the rank of p(N) is N, whatever 0.07 · 100 is in binary.
    #[test]
    fn ranks_are_exact() {
        let mut delay = Delay::default();
        (0..100).for_each(|second| delay.record(SimDuration::from_secs(second)));
        for percent in 1..=100u32 {
            let found = delay.quantile(f64::from(percent) / 100.0).unwrap().as_secs_f64();
            assert_eq!(found.round() as u32, percent - 1, "p({percent}) = {found}");
        }
        assert_eq!(delay.quantile_among(0.5, 100).unwrap().as_secs_f64().round(), 99.0);
        assert_eq!(delay.quantile_among(0.51, 100), None);
        assert!(delay.equivalent(SimDuration::from_secs(49), delay.quantile(0.5).unwrap()));
    }

    #[test]
    fn nothing_has_no_quantiles() {
        assert_eq!(Delay::default().quantile(0.5), None);
        assert_eq!(Delay::default().max(), None);
    }
}
