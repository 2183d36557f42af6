//! A distribution of delays: an HDR histogram in microseconds with three significant digits, and exact count, sum,
//! smallest and largest value in nanoseconds.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::exact;
use crate::units::SimDuration;

/// Significant decimal digits of the histogram.
pub const SIGNIFICANT_DIGITS: u8 = 3;

/// A distribution of delays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delay {
    /// Made with the first value: most scopes see none.
    #[serde(with = "exact::histogram")]
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

/// Collects the delays of one replication: counts in an array, in the buckets of the histogram that they become.
#[derive(Clone, Debug)]
pub struct Recorder {
    /// By bucket, as far as they are in use: half as wide as counts can be, since there are many and each is looked for in memory.
    counts: Vec<u32>,
    /// Counts that were put by, before any could come to 2³², which is seldom.
    carried: BTreeMap<usize, u64>,
    /// Values in `counts`: as long as they are fewer than 2³², no counter overflows.
    counted: u64,
    /// Delays of nothing at all, which are most of those of some kinds.
    zeros: u64,
    sum_nanos: u128,
    min: u64,
    max: u64,
}

impl Default for Recorder {
    fn default() -> Self {
        Recorder {
            counts: Vec::new(),
            carried: BTreeMap::new(),
            counted: 0,
            zeros: 0,
            sum_nanos: 0,
            min: u64::MAX,
            max: 0,
        }
    }
}

/// A value and its bucket, which are the same in all distributions.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    nanos: u64,
    bucket: usize,
}

impl Placed {
    /// Looks up the bucket.
    #[inline]
    pub fn new(value: SimDuration) -> Placed {
        let nanos = value.as_nanos();
        Placed { nanos, bucket: bucket(nanos / 1_000) }
    }
}

/// So many values are added together at most.
pub(super) const TOGETHER: usize = 64;

/// Buckets of a power of two, for three significant digits.
const HALF: u64 = 1_024;

impl Recorder {
    /// Adds one value.
    #[inline]
    pub fn record(&mut self, value: SimDuration) {
        self.record_placed(Placed::new(value));
    }

    /// Adds one value whose bucket is known.
    #[inline]
    pub fn record_placed(&mut self, value: Placed) {
        let Placed { nanos, bucket } = value;
        if nanos == 0 {
            self.zeros += 1;
            return;
        }
        self.count_in(bucket);
        self.sum_nanos += u128::from(nanos);
        self.min = self.min.min(nanos);
        self.max = self.max.max(nanos);
    }

    /// Adds values, [`TOGETHER`] at most, but for their part in the sum: see [`Recorder::add_sum`].
    #[inline]
    pub(super) fn record_unsummed(&mut self, values: impl Iterator<Item = SimDuration>) {
        // First the buckets of all, then the counters: so they are waited for all at once where they are far away.
        let mut buckets = [0u32; TOGETHER];
        let (mut min, mut max, mut count) = (self.min, self.max, 0);
        for value in values {
            let Placed { nanos, bucket } = Placed::new(value);
            buckets[count] = bucket as u32;
            count += 1;
            min = min.min(nanos);
            max = max.max(nanos);
        }
        (self.min, self.max) = (min, max);
        self.count_all(&buckets[..count]);
    }

    /// The sum of values that were counted without.
    pub fn add_sum(&mut self, nanos: u128) {
        self.sum_nanos += nanos;
    }

    /// Takes the sum of values away that another has.
    pub fn take_sum(&mut self, other: &Recorder) {
        self.sum_nanos -= other.sum_nanos;
    }

    #[inline]
    fn count_in(&mut self, bucket: usize) {
        match self.counts.get_mut(bucket) {
            Some(count) if self.counted < u64::from(u32::MAX) => {
                *count += 1;
                self.counted += 1;
            }
            _ => self.count_many(bucket, 1),
        }
    }

    #[inline]
    fn count_all(&mut self, buckets: &[u32]) {
        if self.counted + buckets.len() as u64 > u64::from(u32::MAX) {
            self.carry();
        }
        self.counted += buckets.len() as u64;
        for bucket in buckets {
            let bucket = *bucket as usize;
            if self.counts.len() <= bucket {
                self.make_room(bucket);
            }
            self.counts[bucket] = self.counts[bucket].wrapping_add(1);
        }
    }

    /// Room for a bucket, and up to the end of its power of two.
    #[cold]
    fn make_room(&mut self, bucket: usize) {
        self.counts.resize((bucket / HALF as usize + 1) * HALF as usize, 0);
    }

    /// Puts all counts by, so that the counters begin again.
    #[cold]
    fn carry(&mut self) {
        for (bucket, count) in self.counts.iter_mut().enumerate().filter(|(_, count)| **count > 0) {
            *self.carried.entry(bucket).or_default() += u64::from(std::mem::take(count));
        }
        self.counted = 0;
    }

    /// Counts so many in a bucket, which may not be in use yet.
    #[cold]
    fn count_many(&mut self, bucket: usize, count: u64) {
        if self.counts.len() <= bucket {
            self.make_room(bucket);
        }
        if self.counted + count > u64::from(u32::MAX) {
            self.carry();
        }
        match u32::try_from(count) {
            Ok(few) => {
                self.counts[bucket] += few;
                self.counted += count;
            }
            Err(_) => *self.carried.entry(bucket).or_default() += count,
        }
    }

    /// The buckets that are in use, and their counts.
    fn buckets(&self) -> impl Iterator<Item = (usize, u64)> {
        let carried = |bucket| self.carried.get(&bucket).copied().unwrap_or(0);
        let counts =
            self.counts.iter().enumerate().map(move |(bucket, count)| (bucket, carried(bucket) + u64::from(*count)));
        counts.filter(|(_, count)| *count > 0)
    }

    /// How many values.
    pub fn values(&self) -> u64 {
        self.zeros + self.counted + self.carried.values().sum::<u64>()
    }

    /// Adds so many delays of nothing at all.
    pub fn record_zeros(&mut self, count: u64) {
        self.zeros += count;
    }

    /// Adds all values of another.
    pub fn add(&mut self, other: &Recorder) {
        other.buckets().for_each(|(bucket, count)| self.count_many(bucket, count));
        self.zeros += other.zeros;
        self.sum_nanos += other.sum_nanos;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// What was recorded.
    pub fn finish(self) -> Delay {
        let mut delay = Delay { sum_nanos: self.sum_nanos, ..Delay::default() };
        let zeros = Some((0, self.zeros)).filter(|(_, count)| *count > 0);
        for (bucket, count) in zeros.into_iter().chain(self.buckets()) {
            delay.counts().record_n(least_of(bucket), count).expect("the histogram grows as needed");
        }
        if delay.histogram.is_some() {
            delay.min = SimDuration::from_nanos(if self.zeros > 0 { 0 } else { self.min });
            delay.max = SimDuration::from_nanos(self.max);
        }
        delay
    }
}

/// The bucket of a value: one each below 2048, then 1024 for each power of two.
#[inline]
fn bucket(micros: u64) -> usize {
    let shift = (micros | HALF).ilog2() - HALF.ilog2();
    (HALF * u64::from(shift) + (micros >> shift)) as usize
}

/// The smallest value of a bucket.
fn least_of(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let shift = (bucket / HALF).saturating_sub(1);
    (bucket - HALF * shift) << shift
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

    /// Aim: counts are not lost where 32 bits end. Method: recorders added to themselves until there are 2³³ values in a bucket.
    #[test]
    fn counts_go_on_beyond_32_bits() {
        let (second, third) = (SimDuration::from_secs(2), SimDuration::from_secs(3));
        let mut recorder = Recorder::default();
        recorder.record(second);
        for _ in 0..33 {
            let same = recorder.clone();
            recorder.add(&same);
        }
        (0..3).for_each(|_| recorder.record(third));
        assert_eq!(recorder.values(), (1 << 33) + 3);
        let delay = recorder.finish();
        assert_eq!(delay.count(), (1 << 33) + 3);
        assert_eq!((delay.min(), delay.max()), (Some(second), Some(third)));
        // Ten fewer than there can be, one by one and together.
        for together in [false, true] {
            let mut recorder = Recorder::default();
            recorder.record(second);
            recorder.counts[bucket(2_000_000)] = u32::MAX - 10;
            recorder.counted = u64::from(u32::MAX - 10);
            if together {
                (0..2).for_each(|_| recorder.record_unsummed([second; TOGETHER].into_iter()));
            } else {
                (0..2 * TOGETHER).for_each(|_| recorder.record(second));
            }
            let wanted = u64::from(u32::MAX - 10) + 2 * TOGETHER as u64;
            assert_eq!((recorder.values(), recorder.finish().count()), (wanted, wanted), "{together}");
        }
    }

    #[test]
    fn nothing_has_no_quantiles() {
        assert_eq!(Delay::default().quantile(0.5), None);
        assert_eq!(Delay::default().max(), None);
    }

    /// Aim: what is collected in an array is the histogram that it becomes. Method: the same values recorded in it one by one,
    /// over all powers of two, with the values beside each.
    #[test]
    fn collecting_and_recording_are_the_same() {
        let mut values: Vec<u64> = vec![0, 0, 1, 999, 1_000];
        for power in 0..54 {
            values.extend([-1i64, 0, 1].map(|beside| ((1i64 << power) + beside).unsigned_abs() * 1_000 + 7));
        }
        for values in [&values[..], &values[..1], &values[2..], &[]] {
            let (mut collected, mut recorded) = (Recorder::default(), Delay::default());
            for nanos in values {
                collected.record(SimDuration::from_nanos(*nanos));
                recorded.record(SimDuration::from_nanos(*nanos));
            }
            let collected = collected.finish();
            let facts = |delay: &Delay| (delay.count(), delay.mean_seconds(), delay.min(), delay.max());
            assert_eq!(facts(&collected), facts(&recorded));
            assert_eq!(collected.histogram(), recorded.histogram());
            let ends = |delay: &Delay| delay.histogram().map(|histogram| (histogram.min(), histogram.max()));
            assert_eq!(ends(&collected).map(|ends| ends.1), ends(&recorded).map(|ends| ends.1));
            for q in [0.0, 0.001, 0.5, 0.99, 1.0] {
                assert_eq!(collected.quantile(q), recorded.quantile(q), "{q}");
            }
        }
    }
}
