//! Counts of one scope in one replication.

use serde::{Deserialize, Serialize};

use crate::model::ending::{ByEnding, Ending, Status};
use crate::model::terms::Shown;
use crate::simulation::stage::{Spent, Stage};
use crate::units::{Money, SimDuration, SimTime};

use super::{Cost, exact};

/// Counts of one scope. Adding totals of disjoint scopes gives those of their union.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Messages that campaigns meant to send.
    pub offered: u64,
    /// Messages for which the selection was asked: the base of shares per sender type.
    pub assigned: u64,
    /// Messages accepted.
    pub accepted: u64,
    /// Messages kept at the platform, scheduled or for their hours, that have not gone on.
    pub held: u64,
    /// Messages that entered a lane.
    pub queued: u64,
    /// Messages handed to a carrier.
    pub sent: u64,
    /// Segments handed to a carrier.
    pub segments_sent: u64,
    /// Segments that operators added on the way.
    pub segments_added: u64,
    /// Delivered messages by what the handset shows as sender, in the order of [`Shown::ALL`].
    pub shown: [u64; Shown::COUNT],
    /// Messages offered that repeat or answer another.
    pub repeated: u64,
    /// Planned messages that reached the handset, they or a repetition, within the campaign's deadline.
    pub on_time: u64,
    /// Replies that a sender received.
    pub replies: u64,
    /// Opt-outs that a sender received.
    pub opt_outs: u64,
    /// Opt-ins of people who had opted out that a sender received.
    pub opt_ins: u64,
    /// Requests for help that a sender received.
    pub helps: u64,
    /// Requests for help that the platform answered by itself.
    pub helped: u64,
    /// What people sent to senders that cannot receive.
    pub unheard: u64,
    /// Messages that the network delivered twice.
    pub duplicated: u64,
    /// Times that a carrier began to block a content.
    pub blocks: u64,
    /// Of them, for coming from too many numbers.
    pub evasions: u64,
    /// What carriers fine for those.
    #[serde(with = "exact::money")]
    pub fines: Money,
    /// Senders suspended.
    pub suspensions: u64,
    /// Messages by their [`Ending`].
    pub ended: ByEnding<u64>,
    /// Where the time of delivered messages went.
    pub spent: SpentNanos,
    /// Receipts that said delivered.
    pub reported_delivered: u64,
    /// Receipts that said undelivered.
    pub reported_undelivered: u64,
    /// Message charges.
    pub cost: Cost,
    /// The first intended time.
    pub first_intended: Option<SimTime>,
    /// The last intended time.
    pub last_intended: Option<SimTime>,
    /// The last hand-over to a carrier.
    pub last_sent: Option<SimTime>,
    /// The end of the last slot.
    pub last_slot_end: Option<SimTime>,
    /// Whether the horizon cut the drain.
    pub drain_cut: bool,
}

/// Sums of the time spent at each stage, in nanoseconds, in the order of [`Stage::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpentNanos(pub [u128; Stage::COUNT]);

impl SpentNanos {
    /// Adds to one stage.
    #[inline]
    pub fn add_to(&mut self, stage: Stage, span: SimDuration) {
        self.0[stage as usize] += u128::from(span.as_nanos());
    }

    /// Adds one message's.
    pub fn add(&mut self, spent: &Spent) {
        for (sum, span) in self.0.iter_mut().zip(spent.0) {
            *sum += u128::from(span.as_nanos());
        }
    }
}

impl Totals {
    /// The selection was asked for a message meant at `intended`.
    pub fn assign(&mut self, intended: SimTime) {
        self.assigned += 1;
        self.meant_at(intended);
    }

    /// A message was meant at `at`.
    pub fn meant_at(&mut self, at: SimTime) {
        self.first_intended = Some(self.first_intended.map_or(at, |first| first.min(at)));
        self.last_intended = self.last_intended.max(Some(at));
    }

    /// Adds another scope's counts.
    pub fn add(&mut self, other: &Totals) {
        self.offered += other.offered;
        self.assigned += other.assigned;
        self.accepted += other.accepted;
        self.held += other.held;
        self.queued += other.queued;
        self.sent += other.sent;
        self.segments_sent += other.segments_sent;
        self.segments_added += other.segments_added;
        self.repeated += other.repeated;
        self.on_time += other.on_time;
        self.replies += other.replies;
        self.opt_outs += other.opt_outs;
        self.opt_ins += other.opt_ins;
        self.helps += other.helps;
        self.helped += other.helped;
        self.unheard += other.unheard;
        self.duplicated += other.duplicated;
        self.blocks += other.blocks;
        self.evasions += other.evasions;
        self.fines += other.fines;
        self.suspensions += other.suspensions;
        for (sum, count) in self.shown.iter_mut().zip(other.shown) {
            *sum += count;
        }
        for ending in Ending::ALL {
            self.ended[ending] += other.ended[ending];
        }
        for (sum, nanos) in self.spent.0.iter_mut().zip(other.spent.0) {
            *sum += nanos;
        }
        self.reported_delivered += other.reported_delivered;
        self.reported_undelivered += other.reported_undelivered;
        self.cost.base += other.cost.base;
        self.cost.carrier_fees += other.cost.carrier_fees;
        self.cost.failed_fees += other.cost.failed_fees;
        self.first_intended = match (self.first_intended, other.first_intended) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.last_intended = self.last_intended.max(other.last_intended);
        self.last_sent = self.last_sent.max(other.last_sent);
        self.last_slot_end = self.last_slot_end.max(other.last_slot_end);
        self.drain_cut |= other.drain_cut;
    }

    /// Messages that ended with this status.
    pub fn with_status(&self, status: Status) -> u64 {
        Ending::ALL.into_iter().filter(|ending| ending.status() == status).map(|ending| self.ended(ending)).sum()
    }

    /// Messages that ended so.
    pub fn ended(&self, ending: Ending) -> u64 {
        self.ended[ending]
    }

    /// Messages that the client has not handed over yet.
    pub fn not_handed_over(&self) -> u64 {
        self.offered - self.assigned
    }

    /// Accepted messages that are not final.
    pub fn in_progress(&self) -> u64 {
        let ended: u64 = [Status::Delivered, Status::Undelivered, Status::Failed, Status::Canceled]
            .map(|status| self.with_status(status))
            .iter()
            .sum();
        self.accepted - ended
    }

    /// Accepted messages that still wait to be sent: in a queue, or kept at the platform.
    pub fn waiting(&self) -> u64 {
        self.held + self.queued - self.sent - self.ended(Ending::Expired)
    }

    /// Whether the horizon cut the drain: messages wait or have not been handed over, or the last slot ends later.
    pub fn is_cut(&self) -> bool {
        self.drain_cut || self.waiting() > 0 || self.not_handed_over() > 0
    }

    /// End of the last slot minus first intended time; `None` when nothing was sent or the horizon cut it.
    pub fn drain_time(&self) -> Option<SimDuration> {
        self.drained().zip(self.first_intended).map(|(end, first)| end.since(first))
    }

    /// End of the last slot minus last intended time, zero when the queue was empty before.
    pub fn drain_after_last(&self) -> Option<SimDuration> {
        self.drained().zip(self.last_intended).map(|(end, last)| end.since(last.min(end)))
    }

    /// The end of the last slot, if everything has left.
    pub fn drained(&self) -> Option<SimTime> {
        self.last_slot_end.filter(|_| !self.is_cut())
    }
}
