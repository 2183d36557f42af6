//! How handsets are out of reach and when a network tries again: inert laws, and the retry clock as a pure function.

use super::latency::LogNormal;
use crate::kernel::samplers::{Categorical, Chance};
use crate::units::SimDuration;

/// How often and how long handsets are out of reach.
#[derive(Clone, Debug)]
pub struct Handsets {
    /// First attempts that fail for a moment.
    pub brief: Chance,
    /// How long, on average, in seconds (exponential).
    pub brief_mean: f64,
    /// First attempts, of those that do not fail for a moment, that find the handset off.
    pub off: Chance,
    /// For how long it stays off.
    pub off_absence: LogNormal,
    /// People whose handset never comes back.
    pub abandoned: Chance,
    /// Messages that the network refuses for reasons of its own.
    pub denied: Chance,
    /// Handsets whose return the network notices.
    pub alert: Chance,
    /// How long after the return it then delivers.
    pub alert_delay: SimDuration,
    /// Messages that are delivered twice.
    pub duplicate: Chance,
    /// The time from hand-over to the first attempt, as a mixture, in place of the common latency.
    pub latency: Option<(Categorical, Vec<LogNormal>)>,
    /// When attempts are repeated.
    pub clock: RetryClock,
    /// The most messages that wait for one handset.
    pub store: usize,
}

/// When attempts are repeated: after `first`, then after `gap` and ever doubled gaps up to `longest_gap`, until `give_up`
/// after the first attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryClock {
    /// From the first attempt to the second.
    pub first: SimDuration,
    /// From the second to the third.
    pub gap: SimDuration,
    /// The longest gap.
    pub longest_gap: SimDuration,
    /// From the first attempt to the end.
    pub give_up: SimDuration,
}

impl RetryClock {
    /// The first repetition, counted from the first attempt, that comes at or after `absence`; `None` when the network has
    /// given up by then.
    pub fn first_at_or_after(&self, absence: SimDuration) -> Option<SimDuration> {
        let mut at = self.first;
        let mut gap = self.gap;
        while at < absence {
            at = at + gap;
            gap = (gap + gap).min(self.longest_gap);
            if at > self.give_up {
                return None;
            }
        }
        (at <= self.give_up).then_some(at)
    }
}

/// How long people take, as a table of shares and seconds that is interpolated on the logarithm of time.
#[derive(Clone, Debug, PartialEq)]
pub struct DelayTable {
    /// Shares within 0 and 1, rising, and the logarithm of seconds.
    pub points: Vec<(f64, f64)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> SimDuration = SimDuration::from_secs;

    /// The attempts of the message centre whose gaps the clock has, with its own first gap of 20 s: as computed elsewhere.
    #[test]
    fn the_clock_is_that_of_the_message_centre() {
        let clock = RetryClock { first: S(20), gap: S(300), longest_gap: S(86_400), give_up: S(72 * 3_600) };
        let mut found = Vec::new();
        let mut from = SimDuration::ZERO;
        while let Some(at) = clock.first_at_or_after(from) {
            found.push(at.as_nanos() / 1_000_000_000);
            from = at + SimDuration::from_nanos(1);
        }
        assert_eq!(found, [20, 320, 920, 2_120, 4_520, 9_320, 18_920, 38_120, 76_520, 153_320, 239_720]);
    }

    #[test]
    fn an_attempt_at_the_very_return_succeeds() {
        let clock = RetryClock { first: S(60), gap: S(300), longest_gap: S(86_400), give_up: S(3_600) };
        assert_eq!(clock.first_at_or_after(S(60)), Some(S(60)));
        assert_eq!(clock.first_at_or_after(S(60) + SimDuration::from_nanos(1)), Some(S(360)));
        assert_eq!(clock.first_at_or_after(S(3_000)), None);
    }
}
