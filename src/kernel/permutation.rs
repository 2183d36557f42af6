//! A keyed permutation of `0..n` in constant memory: a four-round Feistel network over the next even power of two,
//! walked until the value falls into range (cycle walking; fewer than four steps on average).
//!
//! For walking through an audience in a random order without storing it. Not a cipher.

use super::draws::Draws;

const ROUNDS: u8 = 4;

/// A permutation of `0..size`.
#[derive(Clone, Copy, Debug)]
pub struct Permutation {
    draws: Draws,
    stream: u32,
    purpose: u8,
    size: u64,
    half_bits: u32,
}

impl Permutation {
    /// The permutation of `0..size` that belongs to this stream and purpose.
    ///
    /// # Panics
    /// When `size` is zero or above 2⁶².
    pub fn new(draws: Draws, stream: u32, purpose: u8, size: u64) -> Permutation {
        assert!(size > 0 && size <= 1 << 62, "a permutation has 1 to 2^62 elements");
        let bits = 64 - (size - 1).leading_zeros();
        Permutation { draws, stream, purpose, size, half_bits: bits.div_ceil(2).max(1) }
    }

    /// Where `index` goes.
    ///
    /// # Panics
    /// When `index` is not below the size.
    pub fn apply(&self, index: u64) -> u64 {
        assert!(index < self.size, "an index lies in the permutation");
        let mut value = index;
        loop {
            value = self.scramble(value);
            if value < self.size {
                return value;
            }
        }
    }

    fn scramble(&self, value: u64) -> u64 {
        let mask = (1u64 << self.half_bits) - 1;
        let (mut left, mut right) = (value >> self.half_bits, value & mask);
        for round in 0..ROUNDS {
            let mixed = self.draws.block(self.stream, self.purpose, right << 2 | u64::from(round)).bits64(0) & mask;
            (left, right) = (right, left ^ mixed);
        }
        left << self.half_bits | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_appears_once() {
        for size in [1u64, 2, 3, 10, 64, 1_000, 4_097] {
            let permutation = Permutation::new(Draws::new(9, 0), 1, 2, size);
            let mut seen = vec![false; size as usize];
            for index in 0..size {
                let image = permutation.apply(index) as usize;
                assert!(!seen[image], "{image} twice among {size}");
                seen[image] = true;
            }
        }
    }

    /// The first element of many permutations of ten is spread evenly: chi-squared with 9 degrees of freedom, 99.9 %.
    #[test]
    fn images_are_spread_evenly_over_seeds() {
        let mut cells = [0u32; 10];
        for seed in 0..10_000 {
            cells[Permutation::new(Draws::new(seed, 0), 1, 2, 10).apply(0) as usize] += 1;
        }
        let chi_squared: f64 = cells.iter().map(|c| (f64::from(*c) - 1_000.0).powi(2) / 1_000.0).sum();
        assert!(chi_squared < 27.88, "{chi_squared} {cells:?}");
    }
}
