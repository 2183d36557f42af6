//! A rate above the lanes: paced like a lane without a queue. Lanes wait for it in classes of service; among the classes
//! that wait, each gets its share of the rate (start-time fair queueing, so a class without work leaves its share to the
//! others), and within a class the lane that has been ready longest goes first.
//!
//! Every lane that is ready at an instant has to be waiting before [`CeilingState::next`] is asked: a class that came a
//! moment later would forfeit its turn.

use std::collections::BTreeSet;

use super::pacer::Pacer;
use crate::model::SERVICE_LEVELS;
use crate::units::{Rate, Segments, SimTime};

/// A ceiling's state.
pub(super) struct CeilingState {
    pacer: Pacer,
    /// Lanes that wait for it, by class, ready time and id.
    waiting: [BTreeSet<(SimTime, usize)>; SERVICE_LEVELS],
    /// The classes' shares.
    weights: [u32; SERVICE_LEVELS],
    /// Segments by share that each class has had, as fixed point of 32 bits.
    served: [u128; SERVICE_LEVELS],
    /// That of the class that was served last: one that comes back after a pause starts from here.
    reached: u128,
}

impl CeilingState {
    /// A ceiling that nothing has passed.
    pub(super) fn new(rate: Rate, weights: [u32; SERVICE_LEVELS]) -> CeilingState {
        CeilingState {
            pacer: Pacer::new(rate),
            waiting: Default::default(),
            weights,
            served: [0; SERVICE_LEVELS],
            reached: 0,
        }
    }

    /// From the next message on it has another rate.
    pub(super) fn set_rate(&mut self, rate: Rate) {
        self.pacer.set_rate(rate);
    }

    /// Whether it admits nothing at `at`.
    pub(super) fn is_busy(&self, at: SimTime) -> bool {
        self.pacer.busy_until() > at
    }

    /// Whether any lane waits for it.
    pub(super) fn is_awaited(&self) -> bool {
        self.waiting.iter().any(|lanes| !lanes.is_empty())
    }

    /// A lane waits for it.
    pub(super) fn park(&mut self, level: usize, ready: SimTime, lane: usize) {
        if self.waiting[level].is_empty() {
            self.served[level] = self.served[level].max(self.reached);
        }
        self.waiting[level].insert((ready, lane));
    }

    /// A lane waits no longer.
    pub(super) fn leave(&mut self, level: usize, ready: SimTime, lane: usize) {
        self.waiting[level].remove(&(ready, lane));
    }

    /// The lane whose turn it is.
    pub(super) fn next(&mut self) -> Option<usize> {
        let level = (0..SERVICE_LEVELS)
            .filter(|level| !self.waiting[*level].is_empty())
            .min_by_key(|level| self.served[*level])?;
        self.waiting[level].pop_first().map(|(_, lane)| lane)
    }

    /// A message of this class passes at `at`. Returns when the ceiling admits the next one.
    pub(super) fn pass(&mut self, level: usize, at: SimTime, segments: Segments) -> SimTime {
        let start = self.served[level].max(self.reached);
        self.reached = start;
        self.served[level] = start + (u128::from(segments.0) << 32) / u128::from(self.weights[level]);
        self.pacer.start(at, segments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Segments of each class out of 10,000 when the given classes always wait.
    fn shares(busy: &[usize], weights: [u32; SERVICE_LEVELS]) -> [u64; SERVICE_LEVELS] {
        let mut ceiling = CeilingState::new(Rate::per_second(1_000), weights);
        let mut served = [0; SERVICE_LEVELS];
        let mut at = SimTime::ZERO;
        for level in busy {
            ceiling.park(*level, SimTime::ZERO, *level);
        }
        for _ in 0..10_000 {
            let lane = ceiling.next().unwrap();
            served[lane] += 1;
            at = ceiling.pass(lane, at, Segments(1));
            ceiling.park(lane, at, lane);
        }
        served
    }

    #[test]
    fn classes_get_their_shares_and_leave_what_they_do_not_use() {
        let near = |found: [u64; SERVICE_LEVELS], wanted: [u64; SERVICE_LEVELS]| {
            assert!(found.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= 2), "{found:?} {wanted:?}");
        };
        near(shares(&[0, 1, 2], [50, 30, 20]), [5_000, 3_000, 2_000]);
        near(shares(&[1, 2], [50, 30, 20]), [0, 6_000, 4_000]);
        near(shares(&[2], [50, 30, 20]), [0, 0, 10_000]);
    }

    #[test]
    fn a_class_that_paused_is_not_paid_back() {
        let mut ceiling = CeilingState::new(Rate::per_second(1), [50, 30, 20]);
        let mut at = SimTime::ZERO;
        for _ in 0..100 {
            at = ceiling.pass(2, at, Segments(1));
        }
        ceiling.park(0, at, 0);
        ceiling.park(2, at, 2);
        let mut turns = Vec::new();
        for _ in 0..70 {
            let lane = ceiling.next().unwrap();
            at = ceiling.pass(lane, at, Segments(1));
            ceiling.park(lane, at, lane);
            turns.push(lane);
        }
        // 50 to 20 from now on, and not the hundred that the other one had.
        assert!(turns.iter().filter(|lane| **lane == 0).count().abs_diff(50) <= 1, "{turns:?}");
        assert!(turns[..7].contains(&2), "{turns:?}");
    }

    #[test]
    fn within_a_class_the_one_that_has_been_ready_longest_goes_first() {
        let mut ceiling = CeilingState::new(Rate::per_second(1), [1; SERVICE_LEVELS]);
        let at = SimTime::from_nanos;
        ceiling.park(0, at(5), 1);
        ceiling.park(0, at(3), 2);
        ceiling.park(0, at(3), 0);
        ceiling.leave(0, at(3), 0);
        assert_eq!([ceiling.next(), ceiling.next(), ceiling.next()], [Some(2), Some(1), None]);
    }
}
