//! Pacing at an exact rate. Within a busy period the slot after work w starts at origin + ⌈w / rate⌉ whole nanoseconds:
//! computed from the origin, because rounded slots added up would drift.

use crate::units::{Rate, Segments, SimTime};

/// One thing that is paced: a lane, a ceiling, or a client that hands over.
#[derive(Clone, Debug)]
pub struct Pacer {
    rate: Rate,
    origin: SimTime,
    work: Segments,
    busy_until: SimTime,
    /// Whether the busy period goes on if the next slot starts right at its end.
    busy: bool,
}

impl Pacer {
    /// A pacer that has never been busy.
    pub fn new(rate: Rate) -> Pacer {
        Pacer { rate, origin: SimTime::ZERO, work: Segments(0), busy_until: SimTime::ZERO, busy: false }
    }

    /// Its rate.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// From the next slot on it has another rate; a new busy period begins with it.
    pub fn set_rate(&mut self, rate: Rate) {
        if rate != self.rate {
            self.rate = rate;
            self.busy = false;
        }
    }

    /// The end of its last slot.
    pub fn busy_until(&self) -> SimTime {
        self.busy_until
    }

    /// Starts a slot for `work` at `at` and returns its end.
    ///
    /// # Panics
    /// When the last slot has not ended.
    pub fn start(&mut self, at: SimTime, work: Segments) -> SimTime {
        assert!(at >= self.busy_until, "one slot at a time");
        if !self.busy || at > self.busy_until {
            self.origin = at;
            self.work = Segments(0);
            self.busy = true;
        }
        self.work += work;
        self.busy_until = self.origin + self.rate.time_for(self.work);
        self.busy_until
    }

    /// Takes a slot until `end` from whatever paces it instead.
    pub fn follow(&mut self, end: SimTime) {
        self.busy_until = end;
        self.busy = false;
    }

    /// Ends the busy period: nothing is waiting at the end of the last slot.
    pub fn idle(&mut self) {
        self.busy = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_do_not_drift_within_a_busy_period() {
        let mut pacer = Pacer::new(Rate::per_second(3));
        let mut at = SimTime::from_nanos(5);
        for n in 1..=3_000u64 {
            at = pacer.start(at, Segments(1));
            assert_eq!(at.as_nanos(), 5 + (n * 1_000_000_000).div_ceil(3));
        }
        // After a pause a new period starts where it starts.
        let later = SimTime::from_nanos(at.as_nanos() + 7);
        assert_eq!(pacer.start(later, Segments(1)).as_nanos(), later.as_nanos() + 333_333_334);
    }

    #[test]
    fn a_lane_that_was_empty_for_no_time_starts_a_new_period() {
        let mut pacer = Pacer::new(Rate::per_second(3));
        let end = pacer.start(SimTime::ZERO, Segments(1));
        pacer.idle();
        assert_eq!(pacer.start(end, Segments(1)).as_nanos(), 2 * 333_333_334);
    }
}
