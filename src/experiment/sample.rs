//! The delays of one scope as several replications saw them: the pooled distribution, and beside it what each replication
//! added, from which intervals follow.
//!
//! A quantile is that of all messages of all replications ("99 % of messages wait at most ..."). Its interval is
//! Woodruff's: how the share below it varies between replications, carried back through the pooled histogram, ends rounded
//! outwards to the histogram's buckets. What the horizon hid counts as longer than anything recorded.

use crate::metrics::sketch::{Sketch, cell_of, start_of};
use crate::statistics::{Estimate, Interval, ratio, woodruff};
use crate::units::SimDuration;

use super::Censored;

/// One replication's share of a sample.
#[derive(Clone, Debug, Default)]
struct Part {
    count: u64,
    sum_nanos: u128,
    unfinished: u64,
    cells: Vec<(u32, u64)>,
}

impl Part {
    fn size(&self) -> f64 {
        (self.count + self.unfinished) as f64
    }

    /// How many lie in cells before `cell`, and how many in it.
    fn around(&self, cell: u32) -> (u64, u64) {
        let at = self.cells.partition_point(|(known, _)| *known < cell);
        let before = self.cells[..at].iter().map(|(_, count)| count).sum();
        let within = self.cells.get(at).filter(|(known, _)| *known == cell).map_or(0, |(_, count)| *count);
        (before, within)
    }

    /// The quantile among its own messages, as the middle of its cell.
    fn quantile(&self, q: f64) -> Option<f64> {
        let target = (q * self.size() - 1e-9).ceil().max(1.0) as u64;
        let mut below = 0;
        let cell = self.cells.iter().find(|(_, count)| {
            below += count;
            below >= target
        })?;
        let (start, end) = (start_of(cell.0), start_of(cell.0 + 1));
        Some(if start == 0 { 0.0 } else { (start + end) as f64 / 2e6 })
    }
}

/// The delays of one scope.
#[derive(Clone, Debug)]
pub struct Sample {
    pooled: Censored,
    parts: Vec<Part>,
    cells: Vec<(u32, u64)>,
}

impl Sample {
    /// From the pooled delays, and for each replication what was recorded (disjoint sketches) and how many the horizon hid.
    pub(super) fn new<'a>(pooled: Censored, replications: impl Iterator<Item = (Vec<&'a Sketch>, u64)>) -> Sample {
        let parts: Vec<Part> = replications
            .map(|(sketches, unfinished)| Part {
                count: sketches.iter().map(|sketch| sketch.count()).sum(),
                sum_nanos: sketches.iter().map(|sketch| sketch.sum_nanos()).sum(),
                unfinished,
                cells: merged(sketches.iter().flat_map(|sketch| sketch.cells()).collect()),
            })
            .collect();
        let cells = merged(parts.iter().flat_map(|part| part.cells.iter().copied()).collect());
        Sample { pooled, parts, cells }
    }

    /// All replications together.
    pub fn pooled(&self) -> &Censored {
        &self.pooled
    }

    /// The mean in seconds, as a ratio of sums; `None` when it is not identified.
    pub fn mean(&self) -> Option<Estimate> {
        let value = self.pooled.mean_seconds()?;
        let sums: Vec<f64> = self.parts.iter().map(|part| part.sum_nanos as f64 / 1e9).collect();
        let counts: Vec<f64> = self.parts.iter().map(|part| part.count as f64).collect();
        Some(Estimate { value, ..ratio(&sums, &counts)?.within(0.0, f64::INFINITY) })
    }

    /// A quantile in seconds; `None` when it is not identified.
    pub fn quantile(&self, q: f64) -> Option<Estimate> {
        let value = self.pooled.quantile(q)?.as_secs_f64();
        let sizes: Vec<f64> = self.parts.iter().map(Part::size).collect();
        let below = self.below(q);
        let Some((least, most)) = woodruff(q, &below, &sizes) else { return Some(Estimate::bare(value)) };
        let edges = |q: f64| self.pooled.quantile(q).and_then(|value| self.pooled.recorded().bucket_of(value));
        // No delay is below zero, so a share at or below zero has an end nevertheless.
        let low = if least <= 0.0 { Some(SimDuration::ZERO) } else { edges(least).map(|(low, _)| low) };
        // At or beyond 1 the largest value seen is no limit: the next replication may exceed it.
        let high = if most >= 1.0 && most > q { None } else { edges(most.min(1.0)).map(|(_, high)| high) };
        let mut interval =
            Interval { low: low.map(SimDuration::as_secs_f64), high: high.map(SimDuration::as_secs_f64) };
        // Within one bucket the histogram's digits are all there is to say.
        let bucket = self.pooled.quantile(q).and_then(|value| self.pooled.recorded().bucket_of(value));
        if bucket.is_some() && bucket == low.zip(high) {
            interval = Interval { low: Some(value), high: Some(value) };
        }
        Some(Estimate {
            value,
            interval: Some(interval),
            influence: influence(&below, &sizes, q, least, most, interval),
        })
    }

    /// The share of messages, recorded and hidden, whose delay is at most `seconds`, to the width of a cell; `None` of
    /// nothing. Where a promise about a quantile stands close to what is known, this decides and not the quantile's own
    /// interval, whose upper end may not be identified.
    pub fn share_within(&self, seconds: f64) -> Option<Estimate> {
        let micros = (seconds * 1e6).max(0.0) as u64;
        let cell = cell_of(micros);
        let (start, end) = (start_of(cell), start_of(cell + 1));
        let share = (micros - start) as f64 / (end - start) as f64;
        let below = |part: &Part| {
            let (before, within) = part.around(cell);
            before as f64 + share * within as f64
        };
        let (below, sizes): (Vec<f64>, Vec<f64>) = self.parts.iter().map(|part| (below(part), part.size())).unzip();
        Some(ratio(&below, &sizes)?.within(0.0, 1.0))
    }

    /// By replication, how many of its messages lie below the pooled quantile. Within the cell that holds it every
    /// replication's are taken to lie as the pooled ones do.
    fn below(&self, q: f64) -> Vec<f64> {
        let target = q * self.parts.iter().map(Part::size).sum::<f64>();
        let mut before = 0;
        let mut found = None;
        for (cell, count) in &self.cells {
            if (before + count) as f64 >= target {
                found = Some((*cell, (target - before as f64) / *count as f64));
                break;
            }
            before += count;
        }
        let Some((cell, share)) = found else { return self.parts.iter().map(|part| part.count as f64).collect() };
        let one = |part: &Part| {
            let (before, within) = part.around(cell);
            before as f64 + share * within as f64
        };
        self.parts.iter().map(one).collect()
    }

    /// Each replication's own quantile in seconds, to 0.4 %; without those of which it is not identified.
    pub fn quantile_by_replication(&self, q: f64) -> Vec<f64> {
        self.parts.iter().filter_map(|part| part.quantile(q)).collect()
    }

    /// Each replication's own mean in seconds; without those that have nothing.
    pub fn means_by_replication(&self) -> Vec<f64> {
        let recorded = self.parts.iter().filter(|part| part.count > 0);
        recorded.map(|part| part.sum_nanos as f64 / part.count as f64 / 1e9).collect()
    }
}

/// How far each replication moves the quantile: what it has too many below, by the density there. The density is that of
/// the interval itself: the share between its ends by the time between them.
fn influence(below: &[f64], sizes: &[f64], q: f64, least: f64, most: f64, interval: Interval) -> Option<Vec<f64>> {
    let (low, high) = (interval.low?, interval.high?);
    let base: f64 = sizes.iter().sum();
    let slope = if most > least { (high - low) / (most - least) } else { 0.0 };
    Some(below.iter().zip(sizes).map(|(x, n)| -(x - q * n) / base * slope).collect())
}

/// Counts by cell, cells ascending and each once.
fn merged(mut cells: Vec<(u32, u64)>) -> Vec<(u32, u64)> {
    cells.sort_unstable();
    cells.dedup_by(|(next, more), (kept, count)| {
        let same = next == kept;
        if same {
            *count += *more;
        }
        same
    });
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::delay::Delay;

    fn sample(replications: &[Vec<u64>], unfinished: &[u64]) -> Sample {
        let delays = replications.iter().map(|values| {
            let mut delay = Delay::default();
            values.iter().for_each(|millis| delay.record(SimDuration::from_nanos(millis * 1_000_000)));
            delay
        });
        let delays: Vec<Delay> = delays.collect();
        let mut pooled = Delay::default();
        delays.iter().for_each(|delay| pooled.merge(delay));
        let sketches: Vec<Sketch> = delays.iter().map(Sketch::of).collect();
        let parts = sketches.iter().zip(unfinished).map(|(sketch, hidden)| (vec![sketch], *hidden));
        Sample::new(Censored { delay: pooled, unfinished: unfinished.iter().sum() }, parts)
    }

    /// By hand: of 400 messages in four runs the median is 200 ms. The runs have 60, 50, 50 and 40 below it, so
    /// s² = 4/3 · (100 + 0 + 0 + 100) / 400² and t(0.975, 3) = 3.18245 times s is 0.12991: the interval goes from the quantile
    /// 0.37009 to 0.62991, that is from rank 149 to rank 252 of 400.
    #[test]
    fn the_interval_of_a_median_is_that_of_the_hand() {
        let runs: Vec<Vec<u64>> = [60u64, 50, 50, 40]
            .iter()
            .map(|below| {
                let low = (0..*below).map(|n| 101 + n * 99 / below);
                let high = (0..100 - below).map(|n| 201 + n * 99 / (100 - below));
                low.chain(high).collect()
            })
            .collect();
        let mut all: Vec<u64> = runs.concat();
        all.sort_unstable();
        assert_eq!((all[199] <= 200, all[200] > 200), (true, true));
        let found = sample(&runs, &[0; 4]).quantile(0.5).unwrap();
        let interval = found.interval.unwrap();
        let near = |found: Option<f64>, rank: usize| {
            let (found, expected) = (found.unwrap(), all[rank - 1] as f64 / 1e3);
            assert!((found - expected).abs() <= 0.002, "{found} {expected}");
        };
        near(interval.low, 149);
        near(interval.high, 252);
        // Symmetric in shares, so the standard error is a fourth of what lies between the ends by 2 t.
        let error = (interval.high.unwrap() - interval.low.unwrap()) / 2.0 / 3.182_446_305;
        assert!((found.standard_error().unwrap() - error).abs() < 1e-6);
    }

    #[test]
    fn what_cannot_be_said_is_not_said() {
        // One run has no interval; what the horizon hid has no quantile.
        let one = sample(&[vec![1, 2, 3]], &[0]);
        assert_eq!(one.quantile(0.5).unwrap().interval, None);
        let hidden = sample(&[vec![1, 2, 3], vec![1, 2, 3]], &[3, 3]);
        assert_eq!(hidden.quantile(0.6), None);
        assert!(hidden.mean().is_none());
        // The share below the largest of few messages reaches 1: no upper end.
        let few = sample(&[vec![1, 2, 30], vec![1, 2, 3], vec![4, 5, 6]], &[0; 3]);
        assert_eq!(few.quantile(0.95).unwrap().interval.unwrap().high, None);
        assert_eq!(few.quantile(0.95).unwrap().influence, None);
    }

    #[test]
    fn equal_runs_have_no_width() {
        let same = sample(&[vec![100, 200, 300, 400], vec![100, 200, 300, 400]], &[0; 2]);
        let found = same.quantile(0.5).unwrap();
        let interval = found.interval.unwrap();
        assert_eq!(interval.high, interval.low);
        assert_eq!(same.share_within(0.25).unwrap().value, 0.5);
        assert_eq!(found.standard_error(), Some(0.0));
        assert_eq!(same.mean().unwrap().half_width(), Some(0.0));
    }
}
