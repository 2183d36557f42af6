//! Lanes whose slots are known when a message enters: nothing that happens later changes when it leaves, and nothing that it
//! meets when it leaves depends on what other lanes send. Their messages are told of to the end as they enter, and wait in no
//! line.
//!
//! That is exact for a lane whose state is touched in the order of time, which arrivals are, and never revised:
//! a message leaves at the end of the last slot, or at once; or it expires before, which is known as well, and then it only
//! takes room until it does. Which lanes are of this kind is found when a run starts ([`early_lanes`]).
//!
//! Not here: what is told.

use std::collections::VecDeque;

use crate::model::fault::{Effect, Target};
use crate::model::terms::SenderClass;
use crate::model::{Campaign, Model};
use crate::selection::Unfinished;
use crate::units::{Segments, SimTime};

use super::pacer::Pacer;

/// The state of such a lane.
#[derive(Clone, Debug)]
pub(super) struct EarlyLane {
    pacer: Pacer,
    /// Segments whose slot has not ended, and those that will expire until they do.
    backlog: Segments,
    /// Slots that have not ended: their ends and segments.
    slots: VecDeque<(SimTime, u32)>,
    /// Messages that will expire: when, and their segments.
    doomed: VecDeque<(SimTime, u32)>,
}

impl EarlyLane {
    /// An empty lane that goes at the pace of `pacer`.
    pub(super) fn new(pacer: Pacer) -> EarlyLane {
        EarlyLane { pacer, backlog: Segments(0), slots: VecDeque::new(), doomed: VecDeque::new() }
    }

    /// Lets go of what is over at `now`.
    #[inline]
    pub(super) fn advance(&mut self, now: SimTime) {
        for line in [&mut self.slots, &mut self.doomed] {
            while let Some((end, segments)) = line.front()
                && *end <= now
            {
                self.backlog = self.backlog - Segments(u64::from(*segments));
                line.pop_front();
            }
        }
    }

    /// Segments whose slot has not ended, at the instant to which it was advanced.
    #[inline]
    pub(super) fn backlog(&self) -> Segments {
        self.backlog
    }

    /// Unfinished work, at the instant to which it was advanced.
    pub(super) fn unfinished(&self, now: SimTime) -> Unfinished {
        let (left, in_slot) = self.slots.front().map_or((now, 0), |(end, segments)| (*end, *segments));
        Unfinished::new(left.since(now), self.backlog - Segments(u64::from(in_slot)), self.pacer.pace())
    }

    /// When its work will be done, or `now`.
    #[inline]
    pub(super) fn free_at(&self, now: SimTime) -> SimTime {
        self.pacer.busy_until().max(now)
    }

    /// Whether its work takes whole nanoseconds.
    pub(super) fn is_whole(&self) -> bool {
        self.pacer.pace().is_whole()
    }

    /// A message enters at `now`, which it was advanced to, and leaves into a slot: its beginning and its end. `None` when it
    /// expires before, at `expires`.
    #[inline]
    pub(super) fn enter(&mut self, now: SimTime, segments: u32, expires: SimTime) -> Option<(SimTime, SimTime)> {
        let work = Segments(u64::from(segments));
        self.backlog += work;
        let start = self.free_at(now);
        if start > expires {
            self.doomed.push_back((expires, segments));
            return None;
        }
        if self.pacer.busy_until() <= now {
            // Its last slot has ended, with nobody behind it.
            self.pacer.idle();
        }
        let end = self.pacer.start(start, work);
        self.slots.push_back((end, segments));
        Some((start, end))
    }
}

/// Which lanes are of this kind.
pub(super) fn early_lanes(model: &Model) -> Vec<bool> {
    let mut early = vec![is_undisturbed(model); model.lanes.len()];
    if !early.first().is_some_and(|early| *early) {
        return early;
    }
    for (lane, early) in model.lanes.iter().zip(&mut early) {
        *early &= lane.carrier_window.is_none();
    }
    for (sender, lanes) in model.senders.iter().zip(model.lane_of.chunks(model.carriers.len())) {
        for (carrier, lane) in lanes.iter().enumerate() {
            // Carriers that remember, and opt-outs that a network keeps.
            let Some(terms) = model.terms(sender.group, carrier) else { continue };
            let remembers = terms.filter.is_some() || terms.refusal.is_some() || terms.class == SenderClass::TollFree;
            if let Some(early) = early.get_mut(*lane as usize) {
                *early &= !remembers && sender.brand.is_none();
            }
        }
    }
    early
}

/// Whether nothing in the scenario comes between a lane and its pace: no ceilings, no faults but of latencies and receipts, no
/// suspensions, one validity, and no hours that carriers keep.
fn is_undisturbed(model: &Model) -> bool {
    let harmless = model.faults.iter().all(|fault| match (fault.effect, &fault.target) {
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
    let validity = model.campaigns.first().map(|campaign| campaign.validity);
    model.ceilings.is_empty()
        && harmless
        && !suspends
        && !model.campaigns.iter().any(asks_the_clock)
        && model.campaigns.iter().all(|campaign| Some(campaign.validity) == validity)
}
