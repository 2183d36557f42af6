//! What a bare loop takes: one recursion, xoshiro256++, the samplers of rand_distr, next-free times and a logarithmic histogram. It
//! knows no events, no rules and no names, and is what an engine's cost a message is compared with.
//!
//! Not here: exactness. Times are floating point and draws are taken in turn.

use rand::SeedableRng;
use rand_distr::{Distribution, Exp1, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A histogram with 128 buckets to each power of two of microseconds.
pub struct Histogram(Vec<u64>);

impl Histogram {
    fn new() -> Histogram {
        Histogram(vec![0; 64 * 128])
    }

    #[inline]
    fn record(&mut self, seconds: f64) {
        let micros = (seconds * 1e6) as u64 | 128;
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

fn segments(random: &mut Xoshiro256PlusPlus) -> f64 {
    let bits = rand::Rng::next_u64(random) >> 32;
    match bits {
        0..3_006_477_107 => 1.0,
        3_006_477_107..3_865_470_566 => 2.0,
        _ => 3.0,
    }
}

/// The earliest of 21 unequal senders at 1.2 times their capacity.
pub fn w2(messages: u64) -> u64 {
    let mut random = generator();
    let latency = LogNormal::new(2.5f64.ln(), 0.8).expect("a law");
    let (mut waits, mut ends) = (Histogram::new(), Histogram::new());
    let mut free = [0.0f64; 21];
    let slot: [f64; 21] = std::array::from_fn(|sender| if sender == 0 { 0.01 } else { 1.0 });
    let mut now = 0.0;
    for _ in 0..messages {
        let gap: f64 = Exp1.sample(&mut random);
        now += gap * (1.4 / 144.0);
        let mut best = 0;
        for sender in 1..21 {
            if free[sender] < free[best].max(now) {
                best = sender;
            }
        }
        let start = now.max(free[best]);
        free[best] = start + segments(&mut random) * slot[best];
        waits.record(start - now);
        ends.record(start - now + latency.sample(&mut random));
    }
    waits.digest() ^ ends.digest()
}

/// A random one of 10,000 senders at load 0.8.
pub fn w3(messages: u64) -> u64 {
    let mut random = generator();
    let latency = LogNormal::new(2.5f64.ln(), 0.8).expect("a law");
    let (mut waits, mut ends) = (Histogram::new(), Histogram::new());
    let mut free = vec![0.0f64; 10_000];
    let mut now = 0.0;
    for _ in 0..messages {
        let gap: f64 = Exp1.sample(&mut random);
        now += gap * (1.4 / 8_000.0);
        let bits = rand::Rng::next_u64(&mut random) >> 32;
        let sender = (bits * 10_000 >> 32) as usize;
        let start = now.max(free[sender]);
        free[sender] = start + segments(&mut random);
        waits.record(start - now);
        ends.record(start - now + latency.sample(&mut random));
    }
    waits.digest() ^ ends.digest()
}
