//! Random draws addressed by key.
//!
//! A draw is a pure function of (seed, replication, stream, purpose, number): whose chance it is, for what, and the
//! how-manieth. Nothing depends on the order in which draws are asked for, so two designs that share a key share the
//! draw (common random numbers), and a thread or a refactoring cannot shift anybody's chance.
//!
//! Layout of the Philox block: key = seed; counter words 0 and 1 = number, word 2 = stream (24 bits) and purpose
//! (8 bits), word 3 = replication.

use rand::TryRng;

use super::philox;

/// Streams fit into 24 bits.
pub const MAX_STREAMS: u32 = 1 << 24;

/// The draws of one replication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    key: [u32; 2],
    replication: u32,
}

impl Draws {
    /// The draws of replication number `replication` under `seed`.
    pub fn new(seed: u64, replication: u32) -> Draws {
        Draws { key: [seed as u32, (seed >> 32) as u32], replication }
    }

    /// The key, which is the seed.
    pub(super) fn key(&self) -> [u32; 2] {
        self.key
    }

    /// The number of the replication.
    pub(super) fn replication(&self) -> u32 {
        self.replication
    }

    /// The draws of another replication under the same seed.
    pub fn of_replication(&self, replication: u32) -> Draws {
        Draws { replication, ..*self }
    }

    /// The block of four words for one number of a stream and purpose.
    ///
    /// # Panics
    /// When `stream` exceeds 24 bits.
    #[inline]
    pub fn block(&self, stream: u32, purpose: u8, number: u64) -> Block {
        assert!(stream < MAX_STREAMS, "a stream fits into 24 bits");
        let counter = [number as u32, (number >> 32) as u32, stream << 8 | u32::from(purpose), self.replication];
        Block { words: philox::block(counter, self.key) }
    }

    /// A generator over the blocks `0, 1, 2, ...` of a stream and purpose, for code that speaks rand's traits.
    pub fn generator(&self, stream: u32, purpose: u8) -> Generator {
        Generator { draws: *self, stream, purpose, next: 0, block: Block { words: [0; 4] }, used: 4 }
    }
}

/// Four independent words of 32 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    words: [u32; 4],
}

impl Block {
    /// All four words.
    #[inline]
    pub fn words(&self) -> [u32; 4] {
        self.words
    }

    /// Word `index` (0 to 3) as 32 random bits.
    #[inline]
    pub fn bits32(&self, index: usize) -> u32 {
        self.words[index]
    }

    /// Words `2 index` and `2 index + 1` (`index` 0 or 1) as 64 random bits.
    #[inline]
    pub fn bits64(&self, index: usize) -> u64 {
        u64::from(self.words[2 * index + 1]) << 32 | u64::from(self.words[2 * index])
    }

    /// A uniform number strictly between 0 and 1: (k + 1/2) / 2⁵² for 52 random bits k.
    #[inline]
    pub fn uniform(&self, index: usize) -> f64 {
        ((self.bits64(index) >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)
    }
}

/// rand's view of a stream. Off the hot path; tests compare samplers with rand_distr through it.
#[derive(Clone, Debug)]
pub struct Generator {
    draws: Draws,
    stream: u32,
    purpose: u8,
    next: u64,
    block: Block,
    used: usize,
}

impl TryRng for Generator {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        if self.used == 4 {
            self.block = self.draws.block(self.stream, self.purpose, self.next);
            self.next += 1;
            self.used = 0;
        }
        self.used += 1;
        Ok(self.block.bits32(self.used - 1))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let low = u64::from(self.try_next_u32()?);
        Ok(u64::from(self.try_next_u32()?) << 32 | low)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in bytes.chunks_mut(4) {
            let word = self.try_next_u32()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    /// Pins the layout: a change of it changes every result and must be a decision.
    #[test]
    fn the_layout_is_pinned() {
        let draws = Draws::new(0x299f_31d0_a409_3822, 0x0370_7344);
        let block = draws.block(0x0013_198a, 0x2e, 0x85a3_08d3_243f_6a88);
        let by_hand = philox::block([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]);
        assert_eq!([0, 1, 2, 3].map(|word| block.bits32(word)), by_hand);
        assert_eq!(by_hand[0], 0xd16c_fe09, "the authors' known answer");
        assert_eq!(block.bits64(1), 0x2412_6ea1_5001_e420);
    }

    #[test]
    fn each_part_of_the_key_changes_the_draw() {
        let reference = Draws::new(42, 0).block(1, 2, 3);
        for other in [
            Draws::new(43, 0).block(1, 2, 3),
            Draws::new(42 | 1 << 40, 0).block(1, 2, 3),
            Draws::new(42, 1).block(1, 2, 3),
            Draws::new(42, 0).block(2, 2, 3),
            Draws::new(42, 0).block(1, 3, 3),
            Draws::new(42, 0).block(1, 2, 4),
            Draws::new(42, 0).block(1, 2, 3 | 1 << 40),
        ] {
            assert_ne!(reference, other);
        }
    }

    #[test]
    fn uniforms_lie_strictly_inside_and_fill_the_unit_interval() {
        let draws = Draws::new(7, 0);
        let n = 100_000;
        let mut cells = [0u32; 20];
        for number in 0..n {
            let u = draws.block(0, 0, number).uniform(1);
            assert!(u > 0.0 && u < 1.0);
            cells[(u * 20.0) as usize] += 1;
        }
        let expected = n as f64 / 20.0;
        let chi_squared: f64 = cells.iter().map(|c| (f64::from(*c) - expected).powi(2) / expected).sum();
        assert!(chi_squared < 43.82, "chi-squared {chi_squared}, 19 degrees of freedom, 99.9 %");
    }

    #[test]
    fn the_generator_walks_the_blocks() {
        let draws = Draws::new(1, 2);
        let mut generator = draws.generator(3, 4);
        let first: Vec<u32> = (0..8).map(|_| generator.next_u32()).collect();
        let by_key: Vec<u32> =
            (0..2).flat_map(|number| (0..4).map(move |word| draws.block(3, 4, number).bits32(word))).collect();
        assert_eq!(first, by_key);
    }
}
