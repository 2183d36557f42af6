//! What one replication's delays were, small enough to keep for each replication: exact count and sum, and how many fell
//! into each *cell*, eight neighbouring buckets of the histogram (0.8 % wide; below 2 ms 8 µs).
//!
//! Intervals of quantiles need, for each replication, how many of its messages lie below a value. Cells that hold nothing
//! take no room: a used cell takes about three bytes. Quantiles themselves come from the pooled histogram, which is finer.

use super::delay::Delay;

/// Bits of a histogram's bucket that tell values of one cell apart.
const CELL_BITS: u32 = 3;
/// A histogram of three digits has 2¹¹ buckets of 1 µs, then 2¹⁰ for each doubling.
const DOUBLING_BITS: u32 = 10;

/// One replication's delays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    count: u64,
    sum_nanos: u128,
    /// Steps between used cells and their counts, in groups of seven bits.
    packed: Box<[u8]>,
}

impl Sketch {
    /// Takes what there is to keep.
    pub fn of(delay: &Delay) -> Sketch {
        let mut cells: Vec<(u32, u64)> = Vec::new();
        let recorded = delay.histogram().into_iter().flat_map(|histogram| histogram.iter_recorded());
        for step in recorded {
            let (cell, count) = (cell_of(step.value_iterated_to()), step.count_at_value());
            match cells.last_mut() {
                Some((last, sum)) if *last == cell => *sum += count,
                _ => cells.push((cell, count)),
            }
        }
        let mut packed = Vec::with_capacity(cells.len() * 3);
        let mut previous = 0;
        for (cell, count) in cells {
            pack(&mut packed, u64::from(cell - previous));
            pack(&mut packed, count);
            previous = cell;
        }
        Sketch { count: delay.count(), sum_nanos: delay.sum_nanos(), packed: packed.into() }
    }

    /// How many values.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their sum in nanoseconds.
    pub fn sum_nanos(&self) -> u128 {
        self.sum_nanos
    }

    /// The used cells in ascending order with their counts.
    pub fn cells(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        let mut rest = &self.packed[..];
        let mut cell = 0;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            cell += u32::try_from(unpack(&mut rest)).expect("packed from cells");
            Some((cell, unpack(&mut rest)))
        })
    }
}

/// The cell of a value in microseconds.
pub fn cell_of(micros: u64) -> u32 {
    let doublings = (63 - (micros | 1).leading_zeros()).saturating_sub(DOUBLING_BITS);
    let bucket = (u64::from(doublings) << DOUBLING_BITS) + (micros >> doublings);
    u32::try_from(bucket >> CELL_BITS).expect("64 doublings of 2¹⁰ buckets")
}

/// The smallest value of a cell, in microseconds.
pub fn start_of(cell: u32) -> u64 {
    let bucket = u64::from(cell) << CELL_BITS;
    let doublings = (bucket >> DOUBLING_BITS).saturating_sub(1);
    (bucket - (doublings << DOUBLING_BITS)) << doublings
}

fn pack(out: &mut Vec<u8>, mut value: u64) {
    while value >= 128 {
        out.push((value % 128) as u8 | 128);
        value /= 128;
    }
    out.push(value as u8);
}

fn unpack(rest: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    while let Some((byte, tail)) = rest.split_first() {
        *rest = tail;
        value |= u64::from(byte & 127) << shift;
        shift += 7;
        if byte & 128 == 0 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimDuration;

    /// Every cell starts where the one before it ends, and is narrower than one in a hundred.
    #[test]
    fn cells_follow_each_other() {
        let mut value = 0;
        for cell in 0..6_000 {
            assert_eq!(start_of(cell), value, "{cell}");
            let next = start_of(cell + 1);
            assert_eq!((cell_of(value), cell_of(next - 1)), (cell, cell));
            assert!(value < 2_048 || (next - value) * 100 < value);
            value = next;
        }
    }

    /// Counted again, value by value.
    #[test]
    fn a_sketch_keeps_counts_and_sums() {
        let mut delay = Delay::default();
        let mut expected = std::collections::BTreeMap::new();
        for n in 0..5_000u64 {
            let micros = n * n * n % 90_000_000_007;
            delay.record(SimDuration::from_nanos(micros * 1_000));
            *expected.entry(cell_of(micros)).or_insert(0u64) += 1;
        }
        let sketch = Sketch::of(&delay);
        assert_eq!(sketch.cells().collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>());
        assert_eq!(sketch.count(), 5_000);
        assert_eq!(Sketch::of(&Delay::default()), Sketch::default());
        assert_eq!(Sketch::default().cells().count(), 0);
    }
}
