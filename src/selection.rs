//! Sender selection: who sends this message.
//!
//! Which senders may send to a country stands in the model as candidate sets ([`crate::model::Route`]); a policy chooses
//! within a set. Policies look at work on the lane that the message would use, never at message counts and never at
//! room: a chosen lane may be full. Ties go to the order in the file.

use std::cmp::Ordering;

use crate::kernel::samplers::index_below;
use crate::model::Distribution;
use crate::units::{Pace, Segments, SimDuration};

/// What a policy may see: the work on the lane that this message would use with a given sender.
pub trait LaneView {
    /// Segments whose slot has not ended, those that will expire included.
    fn backlog(&self, sender: u32) -> Segments;
    /// What is left of the slot in progress, and the segments behind it.
    fn unfinished(&self, sender: u32) -> Unfinished;
}

/// Unfinished work of a lane: time = left of the slot in progress + waiting / rate, in whole nanoseconds and a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    whole: u128,
    rest: u64,
    of: u64,
}

impl Unfinished {
    /// What is left of the slot in progress, and the segments behind it at the lane's pace.
    #[inline]
    pub fn new(slot_left: SimDuration, waiting: Segments, pace: Pace) -> Unfinished {
        let (whole, rest) = pace.time_of(waiting);
        Unfinished { whole: whole + u128::from(slot_left.as_nanos()), rest, of: pace.denominator() }
    }

    /// Compares unfinished times exactly: whole nanoseconds first, then the fractions.
    #[inline]
    pub fn compare(&self, other: &Unfinished) -> Ordering {
        self.whole.cmp(&other.whole).then_with(|| {
            let product = |rest: u64, of: u64| u128::from(rest) * u128::from(of);
            product(self.rest, other.of).cmp(&product(other.rest, self.of))
        })
    }
}

/// Chooses a sender of `set`, and returns its place there. `cursor` is the set's own and advances at every choice of [`Distribution::RoundRobin`];
/// `bits` are the message's own random bits.
///
/// # Panics
/// When the set is empty: the model holds no empty set.
pub fn choose(policy: Distribution, set: &[u32], cursor: &mut usize, bits: u32, view: &impl LaneView) -> usize {
    assert!(!set.is_empty(), "a candidate set has a sender");
    match policy {
        Distribution::First => 0,
        Distribution::Random => index_below(bits, set.len()),
        Distribution::RoundRobin => {
            let chosen = *cursor;
            *cursor = (*cursor + 1) % set.len();
            chosen
        }
        Distribution::LeastSegments => first_least(set, |a, b| view.backlog(a).cmp(&view.backlog(b))),
        Distribution::Earliest => first_least(set, |a, b| view.unfinished(a).compare(&view.unfinished(b))),
    }
}

/// The first of the smallest.
fn first_least(set: &[u32], compare: impl Fn(u32, u32) -> Ordering) -> usize {
    let mut best = 0;
    for (place, candidate) in set.iter().enumerate().skip(1) {
        if compare(*candidate, set[best]) == Ordering::Less {
            best = place;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Rate;

    struct Table(Vec<(u64, u64, u64)>);

    impl LaneView for Table {
        fn backlog(&self, sender: u32) -> Segments {
            Segments(self.0[sender as usize].1)
        }

        fn unfinished(&self, sender: u32) -> Unfinished {
            let (slot_left, waiting, rate) = self.0[sender as usize];
            Unfinished::new(SimDuration::from_nanos(slot_left), Segments(waiting), Rate::per_second(rate).pace())
        }
    }

    #[test]
    fn policies_choose_by_their_definition() {
        // Unfinished: 10/1 = 10 s, 500/100 + 0.5 = 5.5 s, 10/1 = 10 s, 11/2 = 5.5 s (a tie with the second).
        let table = Table(vec![(0, 10, 1), (500_000_000, 500, 100), (0, 10, 1), (0, 11, 2)]);
        let set = [0, 1, 2, 3];
        let mut cursor = 0;
        let mut next = |policy, bits| choose(policy, &set, &mut cursor, bits, &table);
        assert_eq!(next(Distribution::First, 0), 0);
        assert_eq!(next(Distribution::LeastSegments, 0), 0);
        assert_eq!(next(Distribution::Earliest, 0), 1);
        assert_eq!(next(Distribution::Random, u32::MAX), 3);
        assert_eq!(next(Distribution::Random, 1 << 30), 1);
        let turns: Vec<usize> = (0..6).map(|_| next(Distribution::RoundRobin, 0)).collect();
        assert_eq!(turns, [0, 1, 2, 3, 0, 1]);
    }
}
