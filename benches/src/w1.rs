//! W1: one queue, Poisson arrivals, exponential service, load 0.9, of the pieces that the simulation is made of: keyed draws in
//! batches, whole nanoseconds, the recorder of delays.
//!
//! Not here: a scenario. There are no senders, segments or messages; it is what the kernel alone takes.

use sendpool::kernel::draws::Draws;
use sendpool::kernel::wide::{Blocks, Instructions, Numbers, Reals, WIDTH, exponentials};
use sendpool::metrics::delay::{Delay, Recorder};
use sendpool::units::SimDuration;

/// Mean time between customers in nanoseconds.
const MEAN_GAP: f64 = 10e6;
/// Mean service in nanoseconds.
const MEAN_SERVICE: f64 = 9e6;

/// Waits of so many customers, from an empty queue on.
pub fn waits(how: Instructions, replication: u32, customers: u64) -> Delay {
    let draws = Draws::new(42, replication);
    let mut blocks = Blocks::default();
    let (mut gaps, mut services) = ([0.0; WIDTH], [0.0; WIDTH]);
    let mut waits = Recorder::default();
    let (mut wait, mut service_before) = (0i64, 0i64);
    for first in (0..customers).step_by(WIDTH) {
        blocks.draw(how, &draws, 0, 0, &Numbers::from(first));
        blocks.uniform(how, 0, &mut gaps);
        blocks.uniform(how, 1, &mut services);
        exponentials(how, &mut gaps);
        exponentials(how, &mut services);
        let (gaps, services) = (nanos(&gaps, MEAN_GAP), nanos(&services, MEAN_SERVICE));
        let present = (customers - first).min(WIDTH as u64) as usize;
        for (gap, service) in gaps.into_iter().zip(services).take(present) {
            // Lindley's recursion.
            wait = (wait + service_before - gap).max(0);
            service_before = service;
            waits.record(SimDuration::from_nanos(wait as u64));
        }
    }
    waits.finish()
}

/// Numbers below 2⁵² / `scale`, scaled and rounded.
fn nanos(values: &Reals, scale: f64) -> [i64; WIDTH] {
    // A number next to 2⁵² has no digits after the point, and its last bits are its whole part.
    const ANCHOR: f64 = (1u64 << 52) as f64;
    std::array::from_fn(|index| (values[index] * scale + ANCHOR).to_bits().wrapping_sub(ANCHOR.to_bits()) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Aim: W1 is the queue that it claims to be. Method: mean wait and share of those who do not wait against M/M/1; from empty,
    /// the standard error of the mean of 20 million is about 0.06 of mean services.
    #[test]
    fn waits_are_those_of_an_m_m_1_queue() {
        let customers = 20_000_000;
        let waits = waits(Instructions::best(), 0, customers);
        assert_eq!(waits.count(), customers);
        // ρ / (1 − ρ) services.
        let mean = waits.mean_seconds().unwrap() * 1e9 / MEAN_SERVICE;
        assert!((mean - 9.0).abs() < 0.25, "{mean}");
        let at_once = waits.histogram().unwrap().count_at(0) as f64 / customers as f64;
        assert!((at_once - 0.1).abs() < 0.002, "{at_once}");
    }

    #[test]
    fn instructions_change_nothing() {
        let all = Instructions::all();
        let sums: Vec<u128> = all.iter().map(|how| waits(*how, 3, 100_001).sum_nanos()).collect();
        assert!(sums.iter().all(|sum| *sum == sums[0]), "{sums:?}");
    }
}
