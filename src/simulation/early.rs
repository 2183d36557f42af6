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

use std::cmp::Ordering;
use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::kernel::marks::Marks;
use crate::kernel::wide::{self, Instructions};
use crate::model::fault::{Effect, Fault, Target};
use crate::model::terms::SenderClass;
use crate::model::{Campaign, Model};
use crate::selection::Unfinished;
use crate::units::{Pace, Rate, Segments, SimDuration, SimTime};

use super::candidates::Row;
use super::pacer::slot_end;

/// The state of such a lane: as little as can be, since there may be very many.
#[derive(Clone, Debug, Default)]
#[repr(align(64))]
struct EarlyLane {
    /// Where messages end in the row of all segments that it has taken. In a busy period slots follow one another without a gap, so
    /// this and the end of the last slot say all there is to know of the others.
    marks: Marks,
    /// How much of the nanosecond at the end of the last slot belongs to it, as in [`super::pacer`].
    rest: u64,
    /// The most segments whose slot had not ended, or that would expire, after something had entered.
    peak: Segments,
    /// The most it may hold.
    capacity: Segments,
    /// Time of a segment, among the few different ones.
    pace: u32,
}

const _: () = assert!(size_of::<EarlyLane>() == 64);

/// All of them.
#[derive(Clone, Debug)]
pub(super) struct EarlyLanes {
    lanes: Vec<EarlyLane>,
    /// By lane: when its last slot ends. Apart from the rest, since policies look at many.
    busy_until: Vec<SimTime>,
    paces: Vec<Pace>,
    /// By lane: messages that will expire; empty as long as nobody does.
    doomed: Vec<Doomed>,
    /// Whether all segments take whole nanoseconds.
    is_whole: bool,
    how: Instructions,
    /// Room to put lanes side by side.
    row: Vec<SimTime>,
}

/// How a message comes to a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// Not at all: there is no room.
    Full,
    /// It will expire before its slot would begin.
    Doomed,
    /// It leaves into this slot: its beginning and its end.
    Slot(SimTime, SimTime),
}

/// Messages of a lane that will expire.
#[derive(Clone, Debug, Default)]
struct Doomed {
    /// When, and their segments.
    line: VecDeque<(SimTime, u32)>,
    segments: Segments,
}

impl Doomed {
    fn push(&mut self, expires: SimTime, segments: u32) {
        self.line.push_back((expires, segments));
        self.segments += Segments(u64::from(segments));
    }

    /// The segments of those that expire at `now` or later; the others are forgotten.
    fn segments(&mut self, now: SimTime) -> Segments {
        // Within an instant messages expire after anything enters.
        while let Some((expires, segments)) = self.line.front()
            && *expires < now
        {
            self.segments = self.segments - Segments(u64::from(*segments));
            self.line.pop_front();
        }
        self.segments
    }
}

impl EarlyLanes {
    /// Empty lanes of these rates, which hold so many segments at most.
    pub(super) fn new(lanes: impl Iterator<Item = (Rate, Segments)>) -> EarlyLanes {
        let mut early = EarlyLanes {
            lanes: Vec::new(),
            busy_until: Vec::new(),
            paces: Vec::new(),
            doomed: Vec::new(),
            is_whole: true,
            how: Instructions::best(),
            row: Vec::new(),
        };
        let mut known: FxHashMap<(u64, u64), u32> = FxHashMap::default();
        for (rate, capacity) in lanes {
            let next = early.paces.len() as u32;
            let pace = *known.entry((rate.numerator(), rate.denominator())).or_insert(next);
            if pace == next {
                early.paces.push(rate.pace());
                early.is_whole &= rate.pace().is_whole();
            }
            early.lanes.push(EarlyLane { pace, capacity, ..EarlyLane::default() });
            early.busy_until.push(SimTime::ZERO);
        }
        early
    }

    /// Segments whose slot has not ended at `now`, and those that will expire then or later.
    #[inline]
    pub(super) fn backlog(&mut self, lane: usize, now: SimTime) -> Segments {
        let waiting = self.waiting(lane, now);
        match self.doomed.get_mut(lane) {
            None => waiting,
            Some(doomed) => waiting + doomed.segments(now),
        }
    }

    /// Segments whose slot has not ended at `now`.
    #[inline]
    fn waiting(&self, lane: usize, now: SimTime) -> Segments {
        let state = &self.lanes[lane];
        let first = state.first_unfinished(self.paces[state.pace as usize], self.busy_until[lane], now);
        Segments(state.marks.end() - first)
    }

    /// Asks for a lane that will be entered soon.
    #[inline]
    pub(super) fn fetch(&self, lane: usize) {
        wide::fetch(&self.lanes[lane]);
        wide::fetch(&self.busy_until[lane]);
    }

    /// Whether their state is more than a first-level cache of 32 KiB holds.
    pub(super) fn are_many(&self) -> bool {
        self.lanes.len() * size_of::<EarlyLane>() > 1 << 15
    }

    /// The largest backlog of each lane, after something had entered it.
    pub(super) fn peaks(&self) -> impl Iterator<Item = Segments> {
        self.lanes.iter().map(|lane| lane.peak)
    }

    /// Unfinished work at `now`: what is left of the slot in progress, and the time of all segments behind it.
    fn unfinished(&mut self, lane: usize, now: SimTime) -> Unfinished {
        let doomed = self.doomed.get_mut(lane).map_or(Segments(0), |doomed| doomed.segments(now));
        let state = &self.lanes[lane];
        let (pace, busy_until) = (self.paces[state.pace as usize], self.busy_until[lane]);
        if pace.is_whole() || busy_until <= now {
            // Without fractions, all that is left ends with the last slot.
            return Unfinished::new(busy_until.max(now).since(now), doomed, pace);
        }
        let end = state.marks.end();
        let slot_begins = state.first_unfinished(pace, busy_until, now);
        let slot_ends = state.marks.first_after(slot_begins);
        let end_of = |place: u64| slot_end_before(pace, busy_until, state.rest, end - place);
        // At the instant in which a slot begins it has not: slots start after everything that enters.
        if end_of(slot_begins) < now {
            Unfinished::new(end_of(slot_ends).since(now), Segments(end - slot_ends) + doomed, pace)
        } else {
            Unfinished::new(SimDuration::ZERO, Segments(end - slot_begins) + doomed, pace)
        }
    }

    /// The place of the lane with the least unfinished work, of equals the first.
    pub(super) fn first_free(&mut self, Row { lanes, consecutive }: &Row, now: SimTime) -> usize {
        if !self.doomed.is_empty() {
            return self.first_free_by_work(lanes, SimTime::MAX, now);
        }
        // What is looked at stands side by side, or is put there.
        let row = if *consecutive {
            &self.busy_until[lanes[0] as usize..][..lanes.len()]
        } else {
            self.row.clear();
            self.row.extend(lanes.iter().map(|lane| self.busy_until[*lane as usize]));
            &self.row
        };
        let mut least = SimTime::MAX;
        wide::earliest(self.how, row, &mut least);
        // What is free already is as good as what becomes free now. Else work lasts until the end of the last slot, but for what is
        // rounded up: less than a nanosecond.
        let near = SimDuration::from_nanos(if least <= now || self.is_whole { 0 } else { 2 });
        let until = least.max(now).saturating_add(near);
        let mut candidates = row.iter().enumerate().filter(|(_, at)| **at <= until).map(|(place, _)| place);
        let place = candidates.next().expect("one of them is the earliest");
        if near == SimDuration::ZERO || candidates.next().is_none() {
            return place;
        }
        self.first_free_by_work(lanes, until, now)
    }

    /// The same by comparing unfinished work itself, to fractions of a nanosecond, of lanes whose last slot ends by `until`.
    #[cold]
    fn first_free_by_work(&mut self, lanes: &[u32], until: SimTime, now: SimTime) -> usize {
        let mut best: Option<(usize, u32, Unfinished)> = None;
        for (place, lane) in lanes.iter().enumerate() {
            // Senders may share a lane.
            if self.busy_until[*lane as usize] > until || best.as_ref().is_some_and(|(_, other, _)| other == lane) {
                continue;
            }
            let unfinished = self.unfinished(*lane as usize, now);
            if best.as_ref().is_none_or(|(.., least)| unfinished.compare(least) == Ordering::Less) {
                best = Some((place, *lane, unfinished));
            }
        }
        best.expect("one of them is the earliest").0
    }

    /// The place of the lane with the smallest backlog, of equals the first.
    pub(super) fn least_loaded(&mut self, Row { lanes, .. }: &Row, now: SimTime) -> usize {
        let backlogs = lanes.iter().map(|lane| self.backlog(*lane as usize, now));
        backlogs.enumerate().min_by_key(|(_, backlog)| *backlog).expect("a candidate set has a sender").0
    }

    /// Whether a lane has room for so many segments at `now`.
    pub(super) fn has_room(&mut self, lane: usize, now: SimTime, segments: u32) -> bool {
        let backlog = self.backlog(lane, now) + Segments(u64::from(segments));
        self.lanes[lane].holds(backlog)
    }

    /// A message enters at `now`, if there is room; it leaves into a slot unless that begins after `expires`.
    #[inline]
    pub(super) fn enter(&mut self, lane: usize, now: SimTime, segments: u32, expires: SimTime) -> Entry {
        let work = Segments(u64::from(segments));
        let doomed = self.doomed.get_mut(lane).map_or(Segments(0), |doomed| doomed.segments(now));
        let state = &mut self.lanes[lane];
        let busy_until = self.busy_until[lane];
        let pace = self.paces[state.pace as usize];
        let first = state.first_unfinished(pace, busy_until, now);
        let backlog = Segments(state.marks.end() - first) + work + doomed;
        if !state.holds(backlog) {
            return Entry::Full;
        }
        state.peak = state.peak.max(backlog);
        let start = busy_until.max(now);
        if start > expires {
            self.doomed.resize(self.lanes.len(), Doomed::default());
            self.doomed[lane].push(expires, segments);
            return Entry::Doomed;
        }
        // If its last slot has ended, with nobody behind it, a busy period begins.
        let rest = if busy_until <= now { 0 } else { state.rest };
        state.marks.add(work.0, first);
        let end;
        (end, state.rest) = slot_end(pace, start, rest, work);
        self.busy_until[lane] = end;
        Entry::Slot(start, end)
    }
}

impl EarlyLane {
    /// Whether it can hold so many segments.
    #[inline]
    fn holds(&self, backlog: Segments) -> bool {
        backlog <= self.capacity
    }

    /// Where the first message begins whose slot has not ended at `now`, or the end of the row.
    #[inline]
    fn first_unfinished(&self, pace: Pace, busy_until: SimTime, now: SimTime) -> u64 {
        if busy_until <= now {
            return self.marks.end();
        }
        self.marks.last_up_to(self.marks.end() - unfinished_segments(pace, busy_until, self.rest, now))
    }
}

/// How many of a lane's segments have not been sent in full at `now`, which lies before the end of the last slot: those whose exact
/// ends lie after it. `rest` is as in [`super::pacer`].
#[inline]
fn unfinished_segments(pace: Pace, busy_until: SimTime, rest: u64, now: SimTime) -> u64 {
    let left = busy_until.since(now).as_nanos();
    if pace.is_whole() {
        return left.div_ceil(pace.whole());
    }
    let of = u128::from(pace.denominator());
    let early = before_whole(pace, rest);
    let (left, each) = (u128::from(left) * of - early, pace.numerator());
    let count = match (u64::try_from(left), u64::try_from(each)) {
        (Ok(left), Ok(each)) => u128::from(left.div_ceil(each)),
        _ => left.div_ceil(each),
    };
    u64::try_from(count).expect("segments are counted in 64 bits")
}

/// How much before the whole nanosecond a slot ends, in fractions of the pace.
fn before_whole(pace: Pace, rest: u64) -> u128 {
    if rest > 0 { u128::from(pace.denominator()) - u128::from(rest) } else { 0 }
}

/// When the slot ends after which so many segments follow until the end of the last slot, in the same busy period.
fn slot_end_before(pace: Pace, busy_until: SimTime, rest: u64, segments: u64) -> SimTime {
    let of = u128::from(pace.denominator());
    let early = before_whole(pace, rest);
    let exact = u128::from(busy_until.as_nanos()) * of - early - u128::from(segments) * pace.numerator();
    SimTime::from_nanos(u64::try_from(exact.div_ceil(of)).expect("before the end of the last slot"))
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
    use crate::kernel::dice::dice;

    const FOREVER: SimTime = SimTime::MAX;
    const MUCH: Segments = Segments(1_000_000);

    fn enter(lanes: &mut EarlyLanes, now: SimTime, segments: u32, expires: SimTime) -> Option<(SimTime, SimTime)> {
        match lanes.enter(0, now, segments, expires) {
            Entry::Slot(begin, end) => Some((begin, end)),
            Entry::Doomed => None,
            Entry::Full => panic!("there is room"),
        }
    }

    /// At an instant in which one slot ends and the next begins, all that waits is still to be done, to the fraction.
    #[test]
    fn a_slot_is_in_progress_after_the_instant_of_its_start() {
        let rate = Rate::per_second(3);
        let mut lanes = EarlyLanes::new(std::iter::once((rate, MUCH)));
        let (at, work) = (SimTime::from_nanos, |segments| (Segments(segments), rate.pace()));
        let unfinished = |lanes: &mut EarlyLanes, now, left: u64, (waiting, pace)| {
            let wanted = Unfinished::new(SimDuration::from_nanos(left), waiting, pace);
            assert_eq!(lanes.unfinished(0, at(now)), wanted, "{now}");
        };
        let second = 1_000_000_000;
        enter(&mut lanes, at(0), 3, FOREVER);
        unfinished(&mut lanes, 0, 0, work(3));
        enter(&mut lanes, at(0), 2, FOREVER);
        unfinished(&mut lanes, 1, second - 1, work(2));
        unfinished(&mut lanes, second, 0, work(2));
        unfinished(&mut lanes, second + 1, 666_666_666, work(0));
    }

    /// A message that expires at an instant still takes room from what enters in it.
    #[test]
    fn room_is_freed_after_the_instant_of_an_expiry() {
        let mut lanes = EarlyLanes::new(std::iter::once((Rate::per_second(1), MUCH)));
        let at = SimTime::from_nanos;
        assert!(enter(&mut lanes, at(0), 1, at(5)).is_some() && enter(&mut lanes, at(0), 2, at(5)).is_none());
        for (now, backlog) in [(4, 3), (5, 3), (6, 1), (999_999_999, 1), (1_000_000_000, 0)] {
            assert_eq!(lanes.backlog(0, at(now)), Segments(backlog), "{now}");
        }
    }

    /// Aim: what is worked out from marks is what a list of all slots says. Method: both beside each other at whole and other paces,
    /// with messages of one to ten segments that come in bursts and with pauses.
    #[test]
    fn marks_say_what_a_list_of_slots_says() {
        let mut dice = dice(88_172_645_463_325_252);
        for rate in [Rate::per_second(1), Rate::per_second(3), Rate::per_second(7), Rate::new(75, 60)] {
            let mut lanes = EarlyLanes::new(std::iter::once((rate, MUCH)));
            let mut slots: Vec<(SimTime, SimTime, u64)> = Vec::new();
            let (mut now, mut peak) = (0, 0);
            for _ in 0..20_000 {
                now += if dice(3) == 0 { dice(20_000_000_000) } else { 0 };
                let at = SimTime::from_nanos(now);
                slots.retain(|(_, end, _)| *end > at);
                let backlog: u64 = slots.iter().map(|slot| slot.2).sum();
                assert_eq!(lanes.backlog(0, at), Segments(backlog));
                let in_progress = slots.first().filter(|(begin, ..)| *begin < at);
                let (left, in_slot) = in_progress.map_or((SimDuration::ZERO, 0), |slot| (slot.1.since(at), slot.2));
                let wanted = Unfinished::new(left, Segments(backlog - in_slot), rate.pace());
                assert_eq!(lanes.unfinished(0, at), wanted);
                let segments = 1 + dice(10);
                let (begin, end) = enter(&mut lanes, at, segments as u32, FOREVER).expect("nothing expires");
                slots.push((begin, end, segments));
                peak = peak.max(backlog + segments);
            }
            assert_eq!(lanes.peaks().collect::<Vec<_>>(), [Segments(peak)]);
        }
    }
}
