//! Pacing at an exact rate. Within a busy period the slot after work w starts at origin + ⌈w / rate⌉ whole nanoseconds:
//! computed from the origin, because rounded slots added up would drift.

use crate::units::{Pace, Rate, Segments, SimDuration, SimTime};

/// One thing that is paced: a lane, a ceiling, or a client that hands over.
#[derive(Clone, Debug)]
pub struct Pacer {
    rate: Rate,
    pace: Pace,
    /// See [`slot_end`].
    rest: u64,
    busy_until: SimTime,
    /// Whether the busy period goes on if the next slot starts right at its end.
    busy: bool,
}

/// The end of a slot for `work`, and how much of the nanosecond before it belongs to the slot, in fractions of the pace; none
/// is all of it. `start` and `rest` are those of the slot before, in the same busy period, or the instant at which one begins
/// and none.
///
/// So origin and work of a busy period are carried along without rounding: its n-th slot ends at origin + ⌈work / rate⌉.
#[inline]
pub(super) fn slot_end(pace: Pace, start: SimTime, rest: u64, work: Segments) -> (SimTime, u64) {
    if pace.is_whole() && rest == 0 {
        let nanos = pace.whole().checked_mul(work.0).expect("work ends within 584 years");
        return (start + SimDuration::from_nanos(nanos), 0);
    }
    let span = |nanos| SimDuration::from_nanos(u64::try_from(nanos).expect("work ends within 584 years"));
    let (whole, more) = pace.time_of(work);
    if rest == 0 && more == 0 {
        return (start + span(whole), 0);
    }
    // Where a rest is left, the whole nanoseconds end one before the slot.
    let (sum, of) = (u128::from(rest) + u128::from(more), u128::from(pace.denominator()));
    let (carried, sum) = if sum >= of { (1, sum - of) } else { (0, sum) };
    let whole = whole + carried + u128::from(sum > 0);
    let from = SimTime::from_nanos(start.as_nanos() - u64::from(rest > 0));
    (from + span(whole), u64::try_from(sum).expect("less than the denominator"))
}

impl Pacer {
    /// A pacer that has never been busy.
    pub fn new(rate: Rate) -> Pacer {
        let zero = SimTime::ZERO;
        Pacer { rate, pace: rate.pace(), rest: 0, busy_until: zero, busy: false }
    }

    /// The time of a segment.
    #[inline]
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// From the next slot on it has another rate; a new busy period begins with it.
    pub fn set_rate(&mut self, rate: Rate) {
        if rate != self.rate {
            self.rate = rate;
            self.pace = rate.pace();
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
    #[inline]
    pub fn start(&mut self, at: SimTime, work: Segments) -> SimTime {
        assert!(at >= self.busy_until, "one slot at a time");
        if !self.busy || at > self.busy_until {
            self.rest = 0;
            self.busy = true;
        }
        (self.busy_until, self.rest) = slot_end(self.pace, at, self.rest, work);
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
