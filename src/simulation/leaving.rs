//! How messages come to lanes whose slots are known beforehand, and how they leave them: at once where what they meet is known as
//! well, else in the order of time over all lanes.
//!
//! A message that nobody has been told of yet, because it came as planned ([`super::plain`]), is told of as a whole when its life
//! is certain.
//!
//! Not here: when slots begin and end ([`super::early`]), and what a carrier makes of a message ([`super::gate`]).

use crate::kernel::line::Line;
use crate::model::ending::{Ending, Status};
use crate::units::{Segments, SimDuration, SimTime};

use super::fate::Fate;
use super::faults::ReceiptFate;
use super::lane::Waiting;
use super::observer::{Life, Message, Observer, Report};
use super::sources::Key;
use super::{Engine, as_u32, rank};

/// A message that waits for its slot.
#[derive(Clone, Copy, Debug)]
struct Departure {
    waiting: Waiting,
    start: SimTime,
    slot_end: SimTime,
    /// Whether its entry has been told.
    told: bool,
}

/// The messages of a lane that wait for their slots.
#[derive(Clone, Debug, Default)]
pub(super) struct Leaving {
    line: Line<Departure>,
}

impl Leaving {
    /// The messages as they stand in lane number `lane`, for the census.
    pub(super) fn messages(&self, lane: u32) -> impl Iterator<Item = Message> {
        self.line.iter().map(move |departure| departure.waiting.message(lane))
    }

    /// What comes next of lane number `lane`.
    #[inline]
    fn key(&self, lane: usize) -> Key {
        self.line.first().map_or(Key::NEVER, |next| Key::new(next.start, rank::SLOT_START, as_u32(lane)))
    }
}

impl<O: Observer> Engine<'_, O> {
    /// A message enters a lane whose slots are known beforehand. `told`: whether its entry has been told.
    pub(super) fn enter_early(
        &mut self,
        lane: usize,
        message: &Message,
        fate: Option<Fate>,
        validity: SimDuration,
        told: bool,
    ) {
        self.early.advance(lane, self.now);
        let expires = message.released.saturating_add(validity);
        let slot = self.early.enter(lane, self.now, message.segments, expires);
        let Some((start, slot_end)) = slot else {
            self.tell_entry(message, told);
            if !self.is_cut(expires, message) {
                self.finish(expires, message, Ending::Expired);
            }
            return;
        };
        self.known_until = self.known_until.max(slot_end);
        if self.is_cut(start, message) {
            return self.tell_entry(message, told);
        }
        if self.without_memory[lane] {
            let message = Message { ready: start, sent: start, ..*message };
            return self.leave(message, fate.as_ref(), slot_end, told);
        }
        let leaving = &mut self.leaving[lane];
        let was_empty = leaving.line.is_empty();
        leaving.line.push(Departure { waiting: Waiting::new(message, fate, 0), start, slot_end, told });
        if was_empty {
            self.slots.set(lane, leaving.key(lane));
        }
    }

    /// The slot of the first message in a lane begins.
    #[inline]
    pub(super) fn leave_early(&mut self, lane: usize) {
        let leaving = &mut self.leaving[lane];
        let Departure { waiting, start, slot_end, told } = leaving.line.pop().expect("a slot begins for a message");
        self.slots.set(lane, leaving.key(lane));
        let message = Message { ready: start, sent: start, ..waiting.message(as_u32(lane)) };
        self.leave(message, waiting.fate.as_ref(), slot_end, told);
    }

    /// A message leaves into its slot.
    #[inline]
    fn leave(&mut self, mut message: Message, fate: Option<&Fate>, slot_end: SimTime, told: bool) {
        let now = message.sent;
        if told {
            self.tell_sent(&message, slot_end);
            return self.pass_gate(now, &mut message, fate);
        }
        let fate = fate.expect("what came as planned has a fate");
        let refused = self.refused_at_gate(&message, Some(fate));
        let end = match refused {
            None => {
                self.set_off(now, &mut message, Some(fate));
                Some((message.attempted, Ending::Delivered)).filter(|_| fate.ordinary)
            }
            Some(ending) => Some((now, ending)).filter(|_| ending.status() == Status::Undelivered),
        };
        if let Some(life) = end.and_then(|(end, ending)| self.life(&message, slot_end, end, ending, fate)) {
            return self.tell(life);
        }
        Life::tell_entry(&mut self.observer, &message);
        let sent = Message { carried_on: SimTime::MAX, attempted: SimTime::MAX, ..message };
        self.tell_sent(&sent, slot_end);
        match refused {
            None => self.go_on_to_handset(now, &message, Some(fate)),
            Some(ending) => self.turn_away(now, &message, ending, Some(fate)),
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
