//! How messages come to lanes whose slots are known beforehand, and how they leave them: at once where what they meet is known as
//! well, else in the order of time over all lanes.
//!
//! A message that nobody has been told of yet, because it came as planned ([`super::plain`]), is told of as a whole when its life
//! is certain.
//!
//! Not here: when slots begin and end ([`super::early`]), and what a carrier makes of a message ([`super::gate`]).

use std::collections::VecDeque;

use crate::kernel::line::Line;
use crate::kernel::wide::fetch;
use crate::model::ending::{Ending, Status};
use crate::units::{Segments, SimDuration, SimTime};

use super::early::Entry;
use super::fate::Fate;
use super::faults::ReceiptFate;
use super::lives::Life;
use super::observer::{Message, Observer, Report};
use super::sources::Key;
use super::{Engine, as_u32, rank};

/// A message that waits for its slot: in 64 bytes, since there may be very many.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Departure {
    intended: SimTime,
    slot_end: SimTime,
    number: u64,
    latency: SimDuration,
    receipt: SimDuration,
    filter: u32,
    sender: u32,
    carrier: u32,
    campaign: u32,
    segments: u32,
    place: u16,
    flags: u8,
}

const _: () = assert!(size_of::<Departure>() == 64);

/// Bits of [`Departure::flags`].
mod flag {
    pub const INVALID: u8 = 1;
    pub const LANDLINE: u8 = 2;
    pub const CARRIED: u8 = 4;
    pub const ORDINARY: u8 = 8;
    pub const HAS_FATE: u8 = 16;
    /// Its entry has been told; it may have been accepted at another time than it was meant.
    pub const TOLD: u8 = 32;
}

/// The messages of a lane that wait for their slots.
#[derive(Clone, Debug, Default)]
pub(super) struct Leaving {
    line: Line<Departure>,
    /// Of those whose entry has been told: when they were accepted and released.
    apart: VecDeque<[SimTime; 2]>,
    /// When the last slot ends that has begun.
    busy_until: SimTime,
}

impl Leaving {
    #[inline]
    fn push(&mut self, message: &Message, fate: Option<Fate>, slot_end: SimTime, told: bool) {
        let Message { intended, number, sender, carrier, campaign, segments, place, .. } = *message;
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        let given = fate.unwrap_or(Fate::NONE);
        self.line.push(Departure {
            intended,
            slot_end,
            number,
            latency: given.latency,
            receipt: given.receipt,
            filter: given.filter,
            sender,
            carrier,
            campaign,
            segments,
            place,
            flags: flag(message.invalid, flag::INVALID)
                | flag(message.landline, flag::LANDLINE)
                | flag(message.carried, flag::CARRIED)
                | flag(given.ordinary, flag::ORDINARY)
                | flag(fate.is_some(), flag::HAS_FATE)
                | flag(told, flag::TOLD),
        });
        if told {
            self.apart.push_back([message.accepted, message.released]);
        }
    }

    /// The first message leaves lane number `lane` into its slot.
    #[inline]
    fn pop(&mut self, lane: usize) -> (Message, Option<Fate>, SimTime, bool) {
        let departure = self.line.pop().expect("a slot begins for a message");
        let told = departure.flags & flag::TOLD != 0;
        let apart = if told { self.apart.pop_front() } else { None };
        let Departure { intended, slot_end, latency, receipt, filter, flags, .. } = departure;
        let [accepted, released] = apart.unwrap_or([intended; 2]);
        let start = self.busy_until.max(released);
        self.busy_until = slot_end;
        let ordinary = flags & flag::ORDINARY != 0;
        let fate = (flags & flag::HAS_FATE != 0).then_some(Fate { latency, receipt, filter, ordinary });
        let message = Message { accepted, released, ready: start, sent: start, ..departure.message(as_u32(lane)) };
        (message, fate, slot_end, told)
    }

    /// The messages as they stand in lane number `lane`, for the census.
    pub(super) fn messages(&self, lane: u32) -> impl Iterator<Item = Message> {
        self.line.iter().map(move |departure| departure.message(lane))
    }

    /// What comes next of lane number `lane`: its first message has been released, and so leaves when the lane is free, or now.
    #[inline]
    fn key(&self, lane: usize, now: SimTime) -> Key {
        let Some(next) = self.line.first() else { return Key::NEVER };
        fetch(next);
        Key::new(self.busy_until.max(now), rank::SLOT_START, as_u32(lane))
    }
}

impl Departure {
    /// The message, accepted when it was meant.
    #[inline]
    fn message(&self, lane: u32) -> Message {
        Message {
            intended: self.intended,
            accepted: self.intended,
            released: self.intended,
            number: self.number,
            campaign: self.campaign,
            carrier: self.carrier,
            sender: self.sender,
            lane,
            segments: self.segments,
            invalid: self.flags & flag::INVALID != 0,
            landline: self.flags & flag::LANDLINE != 0,
            carried: self.flags & flag::CARRIED != 0,
            place: self.place,
            ..Message::BLANK
        }
    }
}

impl<O: Observer> Engine<'_, O> {
    /// A message enters a lane whose slots are known beforehand. `told`: whether its entry has been told.
    pub(super) fn enter_early(
        &mut self,
        lane: usize,
        message: &mut Message,
        fate: Option<Fate>,
        validity: SimDuration,
        told: bool,
    ) {
        let expires = message.released.saturating_add(validity);
        let entry = self.early.enter(lane, self.now, message.segments, expires);
        self.entered_early(lane, message, entry, expires, fate, told);
    }

    /// A message has come to such a lane, which had room for it.
    pub(super) fn entered_early(
        &mut self,
        lane: usize,
        message: &mut Message,
        entry: Entry,
        expires: SimTime,
        fate: Option<Fate>,
        told: bool,
    ) {
        let (start, slot_end) = match entry {
            Entry::Slot(start, slot_end) => (start, slot_end),
            Entry::Doomed => {
                self.tell_entry(message, told);
                if !self.is_cut(expires, message) {
                    self.finish(expires, message, Ending::Expired);
                }
                return;
            }
            Entry::Full => unreachable!("the lane has room"),
        };
        self.known_until = self.known_until.max(slot_end);
        if self.is_cut(start, message) {
            return self.tell_entry(message, told);
        }
        if self.without_memory[lane] {
            (message.ready, message.sent) = (start, start);
            return self.leave(message, fate.as_ref(), slot_end, told);
        }
        let leaving = &mut self.leaving[lane];
        let was_empty = leaving.line.is_empty();
        leaving.push(message, fate, slot_end, told);
        if was_empty {
            self.slots.set(lane, leaving.key(lane, self.now));
        }
    }

    /// The slot of the first message in a lane begins.
    #[inline]
    pub(super) fn leave_early(&mut self, lane: usize) {
        let leaving = &mut self.leaving[lane];
        let (mut message, fate, slot_end, told) = leaving.pop(lane);
        self.slots.set(lane, leaving.key(lane, self.now));
        self.leave(&mut message, fate.as_ref(), slot_end, told);
    }

    /// A message leaves into its slot.
    #[inline]
    fn leave(&mut self, message: &mut Message, fate: Option<&Fate>, slot_end: SimTime, told: bool) {
        let now = message.sent;
        if told {
            self.tell_sent(message, slot_end);
            return self.pass_gate(now, message, fate);
        }
        let fate = fate.expect("what came as planned has a fate");
        let refused = self.refused_at_gate(message, Some(fate));
        let end = match refused {
            None => {
                self.set_off(now, message, Some(fate));
                Some(self.handset_ahead(message.attempted, message, Some(fate)))
            }
            // What the platform itself gives up needs no receipt.
            Some(ending) => Some((now, ending)).filter(|_| ending.status() == Status::Undelivered),
        };
        if let Some(life) = end.and_then(|(end, ending)| self.life(message, slot_end, end, ending, fate)) {
            if life.ending == Ending::Delivered && !fate.ordinary {
                self.hear_from(life.end, message);
            }
            return self.tell(&life);
        }
        Life::tell_entry(&mut self.observer, message);
        let sent = Message { carried_on: SimTime::MAX, attempted: SimTime::MAX, ..*message };
        self.tell_sent(&sent, slot_end);
        match refused {
            None => self.go_on_to_handset(now, message, Some(fate)),
            Some(ending) => self.turn_away(now, message, ending, Some(fate)),
        }
    }

    /// The life of a message that ends so; `None` where the horizon cuts it.
    #[inline]
    fn life(
        &mut self,
        message: &Message,
        slot_end: SimTime,
        end: SimTime,
        ending: Ending,
        fate: &Fate,
    ) -> Option<Life> {
        let report = match ending {
            Ending::Delivered => Report::Delivered,
            other => self.gate.report(self.model, self.draws, message, other),
        };
        let comes = |delay| match self.faults.receipt(self.model, message, end + delay) {
            ReceiptFate::Comes(at) => Some((at, report)),
            ReceiptFate::Lost => None,
        };
        let receipt = fate.receipt().and_then(comes);
        let last = receipt.map_or(end, |(at, _)| at).max(slot_end);
        if self.is_beyond(last) {
            return None;
        }
        self.known_until = self.known_until.max(last);
        self.open -= 1;
        Some(Life { message: *message, slot_end, end, ending, receipt })
    }

    fn tell_entry(&mut self, message: &Message, told: bool) {
        if !told {
            Life::tell_entry(&mut self.observer, message);
        }
    }

    fn tell_sent(&mut self, message: &Message, slot_end: SimTime) {
        self.observer.sent(message.sent, message, slot_end);
        if !self.is_beyond(slot_end) {
            self.observer.slot_ended(slot_end, message.lane, Segments(u64::from(message.segments)));
        }
    }
}
