//! Sender selection: who sends this message.
//!
//! Which senders may send to a country stands in the model as candidate sets ([`sendpool::model::Route`]); a policy chooses
//! within a set. Policies look at work on the lane that the message would use, never at message counts and never at
//! room: a chosen lane may be full. Ties go to the order in the file.

use std::cmp::Ordering;

use sendpool::kernel::samplers::index_below;
use sendpool::model::Distribution;
use sendpool::units::{NANOS_PER_SECOND, Rate, Segments, SimDuration};

/// What a policy may see: the work on the lane that this message would use with a given sender.
pub trait LaneView {
    /// Segments whose slot has not ended, those that will expire included.
    fn backlog(&self, sender: u32) -> Segments;
    /// What is left of the slot in progress, and the segments behind it.
    fn unfinished(&self, sender: u32) -> Unfinished;
}

/// Unfinished work of a lane: time = left of the slot in progress + waiting / rate.
#[derive(Clone, Copy, Debug)]
pub struct Unfinished {
    /// What is left of the slot in progress.
    pub slot_left: SimDuration,
    /// Segments not yet started.
    pub waiting: Segments,
    /// The lane's rate.
    pub rate: Rate,
}

impl Unfinished {
    /// Compares unfinished times exactly: whole nanoseconds first, then what is left as fractions.
    pub fn compare(&self, other: &Unfinished) -> Ordering {
        let parts = |work: &Unfinished| {
            let segments = u128::from(work.waiting.0) * u128::from(NANOS_PER_SECOND);
            let scaled = segments * u128::from(work.rate.denominator());
            let numerator = u128::from(work.rate.numerator());
            (u128::from(work.slot_left.as_nanos()) + scaled / numerator, scaled % numerator, numerator)
        };
        let ((whole, rest, per), (other_whole, other_rest, other_per)) = (parts(self), parts(other));
        whole.cmp(&other_whole).then((rest * other_per).cmp(&(other_rest * per)))
    }
}

/// Chooses a sender of `set`. `cursor` is the set's own and advances at every choice of [`Distribution::RoundRobin`];
/// `bits` are the message's own random bits.
///
/// # Panics
/// When the set is empty: the model holds no empty set.
pub fn choose(policy: Distribution, set: &[u32], cursor: &mut usize, bits: u32, view: &impl LaneView) -> u32 {
    assert!(!set.is_empty(), "a candidate set has a sender");
    match policy {
        Distribution::First => set[0],
        Distribution::Random => set[index_below(bits, set.len())],
        Distribution::RoundRobin => {
            let chosen = set[*cursor];
            *cursor = (*cursor + 1) % set.len();
            chosen
        }
        Distribution::LeastSegments => first_least(set, |a, b| view.backlog(a).cmp(&view.backlog(b))),
        Distribution::Earliest => first_least(set, |a, b| view.unfinished(a).compare(&view.unfinished(b))),
    }
}

/// The first of the smallest.
fn first_least(set: &[u32], compare: impl Fn(u32, u32) -> Ordering) -> u32 {
    let mut best = set[0];
    for candidate in &set[1..] {
        if compare(*candidate, best) == Ordering::Less {
            best = *candidate;
        }
    }
    best
}
