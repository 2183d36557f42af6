//! A rate above the lanes: paced like a lane without a queue. Lanes wait for it in classes of service; among the classes
//! that wait, each gets its share of the rate (start-time fair queueing, so a class without work leaves its share to the
//! others), and within a class the lane that has been ready longest goes first.
//!
//! Every lane that is ready at an instant has to be waiting before [`CeilingState::next`] is asked: a class that came a
//! moment later would forfeit its turn.

use std::collections::BTreeSet;

use super::pacer::Pacer;
use sendpool::model::SERVICE_LEVELS;
use sendpool::units::{Rate, Segments, SimTime};

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
