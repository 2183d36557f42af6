//! Whole lives of messages, which are told at once where all of one is certain.
//!
//! Not here: what anybody makes of them.

use crate::model::ending::{Ending, Status};
use crate::units::{Segments, SimDuration, SimTime};

use super::observer::{Message, Observer, Report};

/// The whole life of a message: offered and accepted as planned, queued, sent, ended, and reported or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// The message as it ended.
    pub message: Message,
    /// When its slot ended.
    pub slot_end: SimTime,
    /// When it ended.
    pub end: SimTime,
    /// How.
    pub ending: Ending,
    /// When its receipt came and what that said; `None` where none will come.
    pub receipt: Option<(SimTime, Report)>,
}

impl Life {
    /// Tells it step by step.
    pub fn tell(&self, observer: &mut impl Observer) {
        let Life { message, slot_end, end, ending, receipt } = *self;
        Life::tell_entry(observer, &message);
        let sent = Message { carried_on: SimTime::MAX, attempted: SimTime::MAX, ..message };
        observer.sent(message.sent, &sent, slot_end);
        observer.slot_ended(slot_end, message.lane, Segments(u64::from(message.segments)));
        observer.ended(end, &message, ending);
        match receipt {
            Some((at, report)) => observer.receipt(at, &message, report, ending),
            None => observer.unreported(end, &message, ending),
        }
    }

    /// Tells how a message came to its lane, where it went straight there as planned.
    pub fn tell_entry(observer: &mut impl Observer, message: &Message) {
        let entered = Message {
            ready: SimTime::MAX,
            sent: SimTime::MAX,
            carried_on: SimTime::MAX,
            attempted: SimTime::MAX,
            ..*message
        };
        observer.offered(message.accepted, message.intended, message.campaign, message.carrier);
        observer.accepted(message.accepted, &entered);
        observer.queued(message.accepted, &entered);
    }
}

/// The life of a message that went straight through, as most do: handed over and released when it was meant, sent when its lane
/// was ready, and kept by no carrier for the hour. Says what a [`Life`] says in two thirds of the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Straight {
    /// When it was meant.
    pub intended: SimTime,
    /// When it was sent.
    pub sent: SimTime,
    /// When the first attempt reached the handset's network; [`SimTime::MAX`] where no carrier took it.
    pub attempted: SimTime,
    /// When its slot ended.
    pub slot_end: SimTime,
    /// When it ended.
    pub end: SimTime,
    /// When its receipt came; [`SimTime::MAX`] where none will come.
    pub receipt: SimTime,
    /// Its number.
    pub number: u64,
    /// Index of its campaign.
    pub campaign: u32,
    /// Index of its carrier.
    pub carrier: u32,
    /// Index of its sender.
    pub sender: u32,
    /// Its lane.
    pub lane: u32,
    /// Its segments.
    pub segments: u32,
    /// What its receipt said, if one came.
    pub report: Report,
    /// How it ended.
    pub ending: Ending,
    /// Whether the recipient's number does not exist.
    pub invalid: bool,
    /// Whether it is a fixed line.
    pub landline: bool,
    /// Whether the carrier takes the type of its sender.
    pub carried: bool,
    /// Where the recipient lives.
    pub place: u16,
}

impl Straight {
    /// A life, if it is of this kind.
    #[inline]
    pub fn of(life: &Life) -> Option<Straight> {
        let Life { message, slot_end, end, ending, receipt } = *life;
        let Message { intended, sent, carried_on, attempted, .. } = message;
        let kept_by_nobody = carried_on == if attempted == SimTime::MAX { SimTime::MAX } else { sent };
        let straight = message.ready == sent
            && message.released == intended
            && message.accepted == intended
            && matches!(ending.status(), Status::Delivered | Status::Undelivered)
            && kept_by_nobody;
        let (receipt, report) = receipt.unwrap_or((SimTime::MAX, Report::Delivered));
        straight.then_some(Straight {
            intended,
            sent,
            attempted,
            slot_end,
            end,
            receipt,
            number: message.number,
            campaign: message.campaign,
            carrier: message.carrier,
            sender: message.sender,
            lane: message.lane,
            segments: message.segments,
            report,
            ending,
            invalid: message.invalid,
            landline: message.landline,
            carried: message.carried,
            place: message.place,
        })
    }

    /// Whether it was delivered.
    #[inline]
    pub fn is_delivered(&self) -> bool {
        self.ending == Ending::Delivered
    }

    /// From the time it was meant until it was sent.
    #[inline]
    pub fn wait(&self) -> SimDuration {
        self.sent.since(self.intended)
    }

    /// From then until it ended.
    #[inline]
    pub fn latency(&self) -> SimDuration {
        self.end.since(self.sent)
    }

    /// Of that, after the first attempt of those that were delivered: waiting for a handset out of reach.
    #[inline]
    pub fn away(&self) -> SimDuration {
        self.end.since(self.attempted)
    }

    /// From the time it was meant until it ended.
    #[inline]
    pub fn end_to_end(&self) -> SimDuration {
        self.end.since(self.intended)
    }

    /// The message as it ended.
    #[inline]
    pub fn message(&self) -> Message {
        Message {
            intended: self.intended,
            accepted: self.intended,
            released: self.intended,
            ready: self.sent,
            sent: self.sent,
            carried_on: if self.attempted == SimTime::MAX { SimTime::MAX } else { self.sent },
            attempted: self.attempted,
            number: self.number,
            campaign: self.campaign,
            carrier: self.carrier,
            sender: self.sender,
            lane: self.lane,
            segments: self.segments,
            invalid: self.invalid,
            landline: self.landline,
            carried: self.carried,
            place: self.place,
        }
    }

    /// When its receipt came, and what it said.
    #[inline]
    pub fn receipt(&self) -> Option<(SimTime, Report)> {
        (self.receipt < SimTime::MAX).then_some((self.receipt, self.report))
    }

    /// All of it.
    #[inline]
    pub fn life(&self) -> Life {
        let Straight { slot_end, end, ending, .. } = *self;
        Life { message: self.message(), slot_end, end, ending, receipt: self.receipt() }
    }

    /// Tells it step by step.
    #[inline]
    pub fn tell(&self, observer: &mut impl Observer) {
        self.life().tell(observer);
    }
}
