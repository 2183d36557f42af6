//! A digest of everything that happens, in order: two runs with the same digest went the same way. A change that moves
//! results without moving the trajectory changed only how they are counted.
//!
//! A 64-bit mix, to notice differences; not a cryptographic hash.

use super::observer::{Feedback, Message, Observer, Report};
use crate::model::ending::Ending;
use crate::units::{Segments, SimTime};

/// The digest so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trajectory(u64);

impl Default for Trajectory {
    fn default() -> Self {
        Trajectory(0x9e37_79b9_7f4a_7c15)
    }
}

impl Trajectory {
    /// The digest.
    pub fn digest(self) -> u64 {
        self.0
    }

    /// Adds a number: multiply and fold, after wyhash's mixing step.
    #[inline]
    pub fn add(&mut self, value: u64) {
        let product = u128::from(self.0 ^ value) * 0xa076_1d64_78bd_642f_u128;
        self.0 = (product as u64) ^ ((product >> 64) as u64) ^ value.rotate_left(23);
    }

    fn message(&mut self, at: SimTime, what: u64, message: &Message) {
        self.add(at.as_nanos());
        self.add(what << 48 ^ u64::from(message.campaign) << 36 ^ message.number);
        self.add(u64::from(message.lane) << 32 | u64::from(message.sender));
    }
}

impl Observer for Trajectory {
    fn offered(&mut self, at: SimTime, intended: SimTime, campaign: u32, carrier: u32) {
        self.add(at.as_nanos());
        if intended != at {
            self.add(intended.as_nanos());
        }
        self.add(1 << 56 | u64::from(campaign) << 32 | u64::from(carrier));
    }

    fn refused(&mut self, at: SimTime, message: &Message, ending: Ending) {
        self.message(at, 0x200 | ending as u64, message);
    }

    fn accepted(&mut self, at: SimTime, message: &Message) {
        self.message(at, 3, message);
    }

    fn released(&mut self, at: SimTime, message: &Message) {
        self.message(at, 8, message);
    }

    fn sent(&mut self, at: SimTime, message: &Message, slot_end: SimTime) {
        self.message(at, 4, message);
        self.add(slot_end.as_nanos());
    }

    fn slot_ended(&mut self, at: SimTime, lane: u32, segments: Segments) {
        self.add(at.as_nanos());
        self.add(5 << 56 | u64::from(lane) << 24 | segments.0);
    }

    fn ended(&mut self, at: SimTime, message: &Message, ending: Ending) {
        self.message(at, 0x600 | ending as u64, message);
    }

    fn feedback(&mut self, at: SimTime, message: &Message, feedback: Feedback, heard: bool) {
        self.message(at, 0x20 | (feedback as u64) << 1 | u64::from(heard), message);
    }

    fn helped(&mut self, at: SimTime, message: &Message) {
        self.message(at, 9, message);
    }

    fn receipt(&mut self, at: SimTime, message: &Message, report: Report, _ending: Ending) {
        let code = match report {
            Report::Delivered => 0,
            Report::Undelivered(code) => u64::from(code),
        };
        self.message(at, 7, message);
        self.add(code);
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
}
