//! What a bare loop takes: one recursion, xoshiro256++, the samplers of rand_distr, next-free times and a logarithmic histogram. It
//! knows no events, no rules and no names, and is what an engine's cost a message is compared with.
//!
//! Each loop is as good as plain code makes it: nothing hangs on a branch that chance decides, and the exponential is the platform's
//! own, since the one that rand_distr brings for bare metal takes 8 ns more.
//!
//! Not here: exactness, and vector registers. Times are floating point and draws are taken in turn.

use std::hint::select_unpredictable;

use rand::SeedableRng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A histogram with 128 buckets to each power of two of microseconds.
pub struct Histogram(Vec<u64>);

impl Histogram {
    fn new() -> Histogram {
        Histogram(vec![0; 64 * 128])
    }

    #[inline]
    fn record(&mut self, seconds: f64) {
        let micros = (seconds * 1e6) as i64 as u64 | 128;
        let exponent = 63 - micros.leading_zeros();
        let index = ((exponent - 7) << 7) as usize + (micros >> (exponent - 7)) as usize;
        self.0[index] += 1;
    }

    /// Something that depends on every count.
    fn digest(&self) -> u64 {
        self.0.iter().enumerate().map(|(index, count)| index as u64 * count).sum()
    }
}

fn generator() -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(42)
}

/// One queue: Poisson arrivals, exponential service, load 0.9.
pub fn w1(customers: u64) -> u64 {
    let mut random = generator();
    let mut waits = Histogram::new();
    let (mut now, mut free) = (0.0f64, 0.0f64);
    for _ in 0..customers {
        let gap: f64 = Exp1.sample(&mut random);
        let service: f64 = Exp1.sample(&mut random);
        now += gap;
        let start = now.max(free);
        free = start + 0.9 * service;
        waits.record(start - now);
    }
    waits.digest()
}

/// One, two or three segments with 0.7, 0.2 and 0.1.
#[inline]
fn segments(random: &mut Xoshiro256PlusPlus) -> f64 {
    let bits = rand::Rng::next_u64(random) >> 32;
    (1 + u32::from(bits >= 3_006_477_107) + u32::from(bits >= 3_865_470_566)).into()
}

/// A log-normal latency with median 2.5 s and sigma 0.8.
#[inline]
#[expect(clippy::disallowed_methods, reason = "a yardstick takes the fastest that there is")]
fn latency(random: &mut Xoshiro256PlusPlus) -> f64 {
    const LN_MEDIAN: f64 = 0.916_290_731_874_155;
    let normal: f64 = StandardNormal.sample(random);
    (LN_MEDIAN + 0.8 * normal).exp()
}

/// The earliest of 21 unequal senders at 1.2 times their capacity.
pub fn w2(messages: u64) -> u64 {
    let mut random = generator();
    let (mut waits, mut ends) = (Histogram::new(), Histogram::new());
    let mut free = [0.0f64; 21];
    let slot: [f64; 21] = std::array::from_fn(|sender| if sender == 0 { 0.01 } else { 1.0 });
    let mut now = 0.0;
    for _ in 0..messages {
        let gap: f64 = Exp1.sample(&mut random);
        now += gap * (1.4 / 144.0);
        let (mut best, mut earliest) = (0, free[0]);
        for (sender, at) in free.iter().enumerate().skip(1) {
            let is_earlier = *at < earliest;
            best = select_unpredictable(is_earlier, sender, best);
            earliest = select_unpredictable(is_earlier, *at, earliest);
        }
        let start = now.max(earliest);
        free[best] = start + segments(&mut random) * slot[best];
        waits.record(start - now);
        ends.record(start - now + latency(&mut random));
    }
    waits.digest() ^ ends.digest()
}

/// The same, with a tournament of the senders instead of a look at all: half the time, and no longer what one writes first.
pub fn w2_by_tournament(messages: u64) -> u64 {
    /// The last bits of a time hold the place, which changes times by less than 10⁻¹¹ of them.
    const PLACE: u64 = 31;
    const LEAVES: usize = 32;
    let mut random = generator();
    let (mut waits, mut ends) = (Histogram::new(), Histogram::new());
    // The least of places 2n and 2n + 1 stands at n; positive numbers are ordered as their bits.
    let mut tree = [u64::MAX; 2 * LEAVES];
    for sender in 0..21 {
        tree[LEAVES + sender] = sender as u64;
    }
    for place in (1..LEAVES).rev() {
        tree[place] = tree[2 * place].min(tree[2 * place + 1]);
    }
    let mut now = 0.0;
    for _ in 0..messages {
        let gap: f64 = Exp1.sample(&mut random);
        now += gap * (1.4 / 144.0);
        let best = tree[1] & PLACE;
        let start = now.max(f64::from_bits(tree[1] & !PLACE));
        let end = start + segments(&mut random) * if best == 0 { 0.01 } else { 1.0 };
        let mut place = LEAVES + best as usize;
        let mut least = (end.to_bits() & !PLACE) | best;
        tree[place] = least;
        for _ in 0..LEAVES.ilog2() {
            least = least.min(tree[place ^ 1]);
            place /= 2;
            tree[place % LEAVES] = least;
        }
        waits.record(start - now);
        ends.record(start - now + latency(&mut random));
    }
    waits.digest() ^ ends.digest()
}

/// A random one of 10,000 senders at load 0.8.
pub fn w3(messages: u64) -> u64 {
    let mut random = generator();
    let (mut waits, mut ends) = (Histogram::new(), Histogram::new());
    let mut free = vec![0.0f64; 10_000];
    let mut now = 0.0;
    for _ in 0..messages {
        let gap: f64 = Exp1.sample(&mut random);
        now += gap * (1.4 / 8_000.0);
        let bits = rand::Rng::next_u64(&mut random) >> 32;
        let sender = ((bits * 10_000) >> 32) as usize;
        let start = now.max(free[sender]);
        free[sender] = start + segments(&mut random);
        waits.record(start - now);
        ends.record(start - now + latency(&mut random));
    }
    waits.digest() ^ ends.digest()
}
