//! Pacing at an exact rate. Within a busy period the slot after work w starts at origin + ⌈w / rate⌉ whole nanoseconds:
//! computed from the origin, because rounded slots added up would drift.

use sendpool::units::{Rate, Segments, SimTime};

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
