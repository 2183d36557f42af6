//! Lanes whose slots are known when a message enters: nothing that happens later changes when it leaves.
//!
//! That is exact for a lane whose state is touched in the order of time, which arrivals are, and never revised:
//! a message leaves at the end of the last slot, or at once; or it expires before, which is known as well, and then it only
//! takes room until it does. In a scenario all lanes are of this kind or none is ([`are_early`]).
//!
//! What a message meets when it leaves may depend on what other lanes send. Where it does not ([`lanes_without_memory`]), all is
//! known as it enters, and it waits in no line. Where it does, messages leave in the order of time over all lanes.
//!
//! Not here: what is told.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::model::fault::{Effect, Fault, Target};
use crate::model::terms::SenderClass;
use crate::model::{Campaign, Model};
use crate::selection::Unfinished;
use crate::units::{Pace, Rate, Segments, SimTime};

use super::pacer::slot_end;

/// The state of such a lane: as little as can be, since there may be very many.
#[derive(Clone, Debug)]
pub(super) struct EarlyLane {
    /// Time of a segment, among the few different ones.
    pace: u32,
    /// How much of the nanosecond at the end of the last slot belongs to it, as in [`super::pacer`].
    rest: u64,
    /// Segments whose slot has not ended, and those that will expire until they do.
    backlog: Segments,
    /// The most there were.
    peak: Segments,
    /// When the first of these slots begins.
    begins: SimTime,
    /// Slots that have not ended: their ends and segments.
    slots: VecDeque<(SimTime, u32)>,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(super) struct EarlyLanes {
    lanes: Vec<EarlyLane>,
    /// By lane: when its last slot ends. Apart from the rest, since policies look at many.
    busy_until: Vec<SimTime>,
    paces: Vec<Pace>,
    /// By lane: messages that will expire, when, and their segments; empty as long as nobody does.
    doomed: Vec<VecDeque<(SimTime, u32)>>,
    /// Whether all work takes whole nanoseconds.
    is_whole: bool,
}

impl EarlyLanes {
    /// Empty lanes of these rates.
    pub(super) fn new(rates: impl Iterator<Item = Rate>) -> EarlyLanes {
        let mut early = EarlyLanes { is_whole: true, ..EarlyLanes::default() };
        let mut known: FxHashMap<(u64, u64), u32> = FxHashMap::default();
        for rate in rates {
            let next = early.paces.len() as u32;
            let pace = *known.entry((rate.numerator(), rate.denominator())).or_insert(next);
            if pace == next {
                early.paces.push(rate.pace());
                early.is_whole &= rate.pace().is_whole();
            }
            let (zero, none, slots) = (SimTime::ZERO, Segments(0), VecDeque::new());
            early.lanes.push(EarlyLane { pace, rest: 0, backlog: none, peak: none, begins: zero, slots });
            early.busy_until.push(zero);
        }
        early
    }

    /// Whether unfinished work is what is left until the end of the last slot: all work takes whole nanoseconds, and nobody
    /// is known to expire.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.is_whole && self.doomed.is_empty()
    }

    /// Lets go of what is over in a lane when something enters at `now`.
    #[inline]
    pub(super) fn advance(&mut self, lane: usize, now: SimTime) {
        let state = &mut self.lanes[lane];
        if let Some(end) = release(&mut state.slots, &mut state.backlog, |end| end <= now) {
            state.begins = end;
        }
        if let Some(doomed) = self.doomed.get_mut(lane) {
            // Within an instant slots end before anything enters, and messages expire after it.
            release(doomed, &mut state.backlog, |end| end < now);
        }
    }

    /// Segments whose slot has not ended, at the instant to which it was advanced.
    #[inline]
    pub(super) fn backlog(&self, lane: usize) -> Segments {
        self.lanes[lane].backlog
    }

    /// Whatever there is to read of a lane, which makes it be at hand.
    #[inline]
    pub(super) fn look_at(&self, lane: usize) -> u64 {
        let state = &self.lanes[lane];
        let front = state.slots.front().map_or(0, |(_, segments)| u64::from(*segments));
        state.peak.0 ^ front ^ self.busy_until[lane].as_nanos()
    }

    /// Whether their state is more than fits near the processor.
    pub(super) fn are_many(&self) -> bool {
        self.lanes.len() > 2_000
    }

    /// The largest backlog of each lane, after something had entered it.
    pub(super) fn peaks(&self) -> impl Iterator<Item = Segments> {
        self.lanes.iter().map(|lane| lane.peak)
    }

    /// Unfinished work, at the instant to which it was advanced.
    pub(super) fn unfinished(&self, lane: usize, now: SimTime) -> Unfinished {
        let state = &self.lanes[lane];
        // At the instant in which a slot begins it has not: slots start after everything that enters.
        let in_progress = state.slots.front().filter(|_| state.begins < now);
        let (left, in_slot) = in_progress.map_or((now, 0), |(end, segments)| (*end, *segments));
        let waiting = state.backlog - Segments(u64::from(in_slot));
        Unfinished::new(left.since(now), waiting, self.paces[state.pace as usize])
    }

    /// The place of the lane that is free first, of those that are by `now` the first, where unfinished work is what is left
    /// ([`EarlyLanes::is_plain`]).
    #[inline]
    pub(super) fn first_free(&self, lanes: &[u32], now: SimTime) -> usize {
        let (mut best, mut least) = (0, SimTime::MAX);
        for (place, lane) in lanes.iter().enumerate() {
            let at = self.busy_until[*lane as usize];
            if at <= now {
                return place;
            }
            // Without a branch: which one it is nobody can guess.
            let earlier = at < least;
            best = if earlier { place } else { best };
            least = if earlier { at } else { least };
        }
        best
    }

    /// A message enters at `now`, which the lane was advanced to, and leaves into a slot: its beginning and its end. `None`
    /// when it expires before, at `expires`.
    #[inline]
    pub(super) fn enter(
        &mut self,
        lane: usize,
        now: SimTime,
        segments: u32,
        expires: SimTime,
    ) -> Option<(SimTime, SimTime)> {
        let work = Segments(u64::from(segments));
        let state = &mut self.lanes[lane];
        state.backlog += work;
        state.peak = state.peak.max(state.backlog);
        let busy_until = &mut self.busy_until[lane];
        let start = (*busy_until).max(now);
        if start > expires {
            self.doomed.resize(self.lanes.len(), VecDeque::new());
            self.doomed[lane].push_back((expires, segments));
            return None;
        }
        if *busy_until <= now {
            // Its last slot has ended, with nobody behind it: a busy period begins.
            state.rest = 0;
        }
        let end;
        (end, state.rest) = slot_end(self.paces[state.pace as usize], start, state.rest, work);
        *busy_until = end;
        if state.slots.is_empty() {
            state.begins = start;
        }
        state.slots.push_back((end, segments));
        Some((start, end))
    }
}

/// Lets go of what is over. Returns when the last of it was.
#[inline]
fn release(
    line: &mut VecDeque<(SimTime, u32)>,
    backlog: &mut Segments,
    is_over: impl Fn(SimTime) -> bool,
) -> Option<SimTime> {
    let mut last = None;
    while let Some((end, segments)) = line.front()
        && is_over(*end)
    {
        *backlog = *backlog - Segments(u64::from(*segments));
        last = Some(*end);
        line.pop_front();
    }
    last
}

/// Whether the lanes of a scenario are of this kind: no ceilings, no faults that stop lanes or change their rates, and one
/// validity, so that messages expire in the order of their line.
pub(super) fn are_early(model: &Model) -> bool {
    let disturbs = |fault: &Fault| matches!(fault.effect, Effect::Hold | Effect::Rate(_));
    let validity = model.campaigns.first().map(|campaign| campaign.validity);
    model.ceilings.is_empty()
        && !model.faults.iter().any(disturbs)
        && model.campaigns.iter().all(|campaign| Some(campaign.validity) == validity)
}

/// Of lanes of this kind, those whose messages meet nothing, when they leave, that depends on the order in which lanes send.
pub(super) fn lanes_without_memory(model: &Model) -> Vec<bool> {
    let mut without = vec![!asks_for_order(model); model.lanes.len()];
    for (lane, without) in model.lanes.iter().zip(&mut without) {
        *without &= lane.carrier_window.is_none();
    }
    for (sender, lanes) in model.senders.iter().zip(model.lane_of.chunks(model.carriers.len())) {
        for (carrier, lane) in lanes.iter().enumerate() {
            // Carriers that remember, and opt-outs that a network keeps.
            let Some(terms) = model.terms(sender.group, carrier) else { continue };
            let remembers = terms.filter.is_some() || terms.refusal.is_some() || terms.class == SenderClass::TollFree;
            if let Some(without) = without.get_mut(*lane as usize) {
                *without &= !remembers && sender.brand.is_none();
            }
        }
    }
    without
}

/// Whether what any message meets depends on when it leaves: faults that come and go, senders that are suspended, and hours that
/// carriers keep.
fn asks_for_order(model: &Model) -> bool {
    let steady = model.faults.iter().all(|fault| match (fault.effect, &fault.target) {
        (Effect::Delay(_), Target::Carriers(_)) => fault.at == SimTime::ZERO && fault.until == SimTime::MAX,
        (Effect::ReceiptsLost | Effect::ReceiptsLate, _) => true,
        _ => false,
    });
    let suspends = model.filter_memory.suspension.is_some() && model.terms.iter().any(|terms| terms.filter.is_some());
    let asks_the_clock = |campaign: &Campaign| {
        campaign
            .hours
            .iter()
            .any(|hours| [hours.held, hours.dropped, hours.dropped_domestic].iter().any(Option::is_some))
    };
    !steady || suspends || model.campaigns.iter().any(asks_the_clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At an instant in which one slot ends and the next begins, all that waits is still to be done, to the fraction.
    #[test]
    fn a_slot_is_in_progress_after_the_instant_of_its_start() {
        let rate = Rate::per_second(3);
        let mut lanes = EarlyLanes::new(std::iter::once(rate));
        let (at, work) = (SimTime::from_nanos, |segments| (Segments(segments), rate.pace()));
        let unfinished = |lanes: &EarlyLanes, now, left: u64, (waiting, pace)| {
            let wanted = Unfinished::new(crate::units::SimDuration::from_nanos(left), waiting, pace);
            assert_eq!(lanes.unfinished(0, at(now)), wanted, "{now}");
        };
        let second = 1_000_000_000;
        lanes.enter(0, at(0), 3, at(u64::MAX));
        unfinished(&lanes, 0, 0, work(3));
        lanes.enter(0, at(0), 2, at(u64::MAX));
        unfinished(&lanes, 1, second - 1, work(2));
        lanes.advance(0, at(second));
        unfinished(&lanes, second, 0, work(2));
        unfinished(&lanes, second + 1, 666_666_666, work(0));
    }

    /// A message that expires at an instant still takes room from what enters in it.
    #[test]
    fn room_is_freed_after_the_instant_of_an_expiry() {
        let mut lanes = EarlyLanes::new(std::iter::once(Rate::per_second(1)));
        let at = SimTime::from_nanos;
        assert!(lanes.enter(0, at(0), 1, at(5)).is_some() && lanes.enter(0, at(0), 2, at(5)).is_none());
        for (now, backlog) in [(4, 3), (5, 3), (6, 1), (999_999_999, 1), (1_000_000_000, 0)] {
            lanes.advance(0, at(now));
            assert_eq!(lanes.backlog(0), Segments(backlog), "{now}");
        }
    }
}
