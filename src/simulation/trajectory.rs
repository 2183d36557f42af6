//! A digest of everything that happens: two runs with the same digest went the same way. A change that moves results without
//! moving the trajectory changed only how they are counted.
//!
//! What happens to each message is folded into a number, and the numbers are added up, so that the digest does not depend on
//! when somebody is told of it. A 64-bit mix, to notice differences; not a cryptographic hash.

use super::observer::{Feedback, Message, Observer, Report};
use crate::model::ending::Ending;
use crate::units::SimTime;

/// The digest so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trajectory(u64);

impl Default for Trajectory {
    fn default() -> Self {
        Trajectory(Trajectory::START)
    }
}

/// Multiply and fold, after wyhash's mixing step.
#[inline]
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ 0xa076_1d64_78bd_642f) * u128::from(b ^ 0xe703_7ed1_a0b4_28db);
    (product as u64) ^ ((product >> 64) as u64)
}

impl Trajectory {
    /// The digest of nothing.
    const START: u64 = 0x9e37_79b9_7f4a_7c15;

    /// Adds what happened to messages of other campaigns in the same replication.
    pub fn join(&mut self, other: Trajectory) {
        self.0 = self.0.wrapping_add(other.0).wrapping_sub(Trajectory::START);
    }

    /// The digest.
    pub fn digest(self) -> u64 {
        self.0
    }

    /// Adds a number that follows all before it: order counts.
    pub fn add(&mut self, value: u64) {
        self.0 = mix(self.0 ^ value, value.rotate_left(23));
    }

    /// Something happened to a message. `detail` tells what else there is to know.
    #[inline]
    fn message(&mut self, at: SimTime, what: u64, message: &Message, detail: u64) {
        let who = u64::from(message.campaign) << 50 ^ message.number ^ what << 56;
        let how = u64::from(message.lane) << 32 | u64::from(message.sender);
        let place = how.wrapping_mul(0x9fb2_1c65_1e98_df25) ^ detail.rotate_left(32);
        self.0 = self.0.wrapping_add(mix(at.as_nanos() ^ place, who));
    }
}

impl Observer for Trajectory {
    const ORDERED: bool = false;

    #[inline]
    fn offered(&mut self, at: SimTime, intended: SimTime, campaign: u32, carrier: u32) {
        let who = 1 << 56 | u64::from(campaign) << 32 | u64::from(carrier);
        self.0 = self.0.wrapping_add(mix(at.as_nanos() ^ intended.as_nanos().rotate_left(32), who));
    }

    fn refused(&mut self, at: SimTime, message: &Message, ending: Ending) {
        self.message(at, 2, message, ending as u64);
    }

    #[inline]
    fn accepted(&mut self, at: SimTime, message: &Message) {
        self.message(at, 3, message, 0);
    }

    fn released(&mut self, at: SimTime, message: &Message) {
        self.message(at, 8, message, 0);
    }

    #[inline]
    fn sent(&mut self, at: SimTime, message: &Message, slot_end: SimTime) {
        self.message(at, 4, message, slot_end.as_nanos());
    }

    #[inline]
    fn ended(&mut self, at: SimTime, message: &Message, ending: Ending) {
        self.message(at, 6, message, ending as u64);
    }

    fn feedback(&mut self, at: SimTime, message: &Message, feedback: Feedback, heard: bool) {
        self.message(at, 0x20, message, (feedback as u64) << 1 | u64::from(heard));
    }

    fn helped(&mut self, at: SimTime, message: &Message) {
        self.message(at, 9, message, 0);
    }

    #[inline]
    fn receipt(&mut self, at: SimTime, message: &Message, report: Report, _ending: Ending) {
        let code = match report {
            Report::Delivered => 0,
            Report::Undelivered(code) => u64::from(code),
        };
        self.message(at, 7, message, code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_content_count() {
        let digest = |values: &[u64]| {
            let mut trajectory = Trajectory::default();
            values.iter().for_each(|value| trajectory.add(*value));
            trajectory.digest()
        };
        assert_ne!(digest(&[1, 2]), digest(&[2, 1]));
        assert_ne!(digest(&[1]), digest(&[1, 0]));
        assert_eq!(digest(&[1, 2]), digest(&[1, 2]));
    }

    /// Each part of what happens counts, and when it is told does not.
    #[test]
    fn parts_count_and_the_order_of_telling_does_not() {
        let at = SimTime::from_nanos;
        let digest = |calls: &[(u64, u32, u64)]| {
            let mut trajectory = Trajectory::default();
            for (when, campaign, carrier) in calls {
                trajectory.offered(at(*when), at(*when), *campaign, *carrier as u32);
            }
            trajectory.digest()
        };
        assert_eq!(digest(&[(1, 2, 3), (4, 5, 6)]), digest(&[(4, 5, 6), (1, 2, 3)]));
        let others = [(2, 2, 3), (1, 3, 3), (1, 2, 4)];
        assert!(others.iter().all(|other| digest(&[*other]) != digest(&[(1, 2, 3)])));
        assert_ne!(digest(&[(1, 2, 3), (1, 2, 3)]), digest(&[]));
    }
}
