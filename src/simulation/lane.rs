//! The state of one lane: first in, first out, one slot at a time, and messages that leave the line when they have waited
//! longer than their validity.
//!
//! Most lanes hold messages of one validity, whose expiries come in the order of the line. Others hold a few: for each
//! validity a cursor points at the first waiting message that has it, so finding the next expiry costs nothing per
//! message.

use crate::kernel::line::Line;
use crate::units::{Rate, Segments, SimDuration, SimTime};

use super::fate::Fate;
use super::observer::Message;
use super::pacer::Pacer;

/// The state of a lane.
#[derive(Clone, Debug)]
pub struct LaneState {
    id: u32,
    /// Its pace.
    pub pacer: Pacer,
    /// The line; a message that expired in the middle stays as a gap until it gets to the front.
    line: Line<Waiting>,
    /// Places that have left the front since the start.
    gone: u64,
    /// Segments whose slot has not ended.
    pub backlog: Segments,
    /// The most there were after something had entered.
    pub peak: Segments,
    /// Segments of the slot in progress.
    in_slot: Segments,
    /// One cursor per validity seen.
    cursors: Vec<Cursor>,
    /// When the pending expiry timer rings, and for which message.
    pub timer: Option<Expiry>,
    /// Whether a slot start is scheduled for this instant.
    pub starting: bool,
    /// The ceiling it waits at, and since when it has been ready.
    pub parked: Option<(usize, SimTime)>,
    /// When a fault that had stopped it was over.
    pub woken: SimTime,
}

/// A message in the line, without what it gets when it leaves.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    intended: SimTime,
    accepted: SimTime,
    /// When it may leave: see [`Message::released`].
    pub released: SimTime,
    number: u64,
    /// What chance says of it, where it was asked beforehand.
    fate: Option<Fate>,
    campaign: u32,
    /// Index of the recipient's carrier.
    pub carrier: u32,
    /// Index of its sender.
    pub sender: u32,
    /// Its segments.
    pub segments: u32,
    place: u16,
    invalid: bool,
    landline: bool,
    carried: bool,
    expired: bool,
    /// Index of its validity's cursor.
    class: u16,
}

impl Waiting {
    fn new(message: &Message, fate: Option<Fate>, class: u16) -> Waiting {
        let Message { intended, accepted, released, number, campaign, carrier, sender, segments, .. } = *message;
        let Message { place, invalid, landline, carried, .. } = *message;
        Waiting {
            intended,
            accepted,
            released,
            number,
            fate,
            campaign,
            carrier,
            sender,
            segments,
            place,
            invalid,
            landline,
            carried,
            expired: false,
            class,
        }
    }

    /// The message as it stands in lane number `lane`.
    #[inline]
    fn message(&self, lane: u32) -> Message {
        Message {
            intended: self.intended,
            accepted: self.accepted,
            released: self.released,
            number: self.number,
            campaign: self.campaign,
            carrier: self.carrier,
            sender: self.sender,
            lane,
            segments: self.segments,
            invalid: self.invalid,
            landline: self.landline,
            carried: self.carried,
            place: self.place,
            ..Message::BLANK
        }
    }
}

/// The first place (counted since the start) that may hold a waiting message of this validity.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    validity: SimDuration,
    place: u64,
}

/// The next expiry of a lane, ordered as events are: instant, stream, number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expiry {
    /// When.
    pub at: SimTime,
    /// The message's campaign.
    pub campaign: u32,
    /// Its number.
    pub number: u64,
}

impl LaneState {
    /// Lane number `id`, empty.
    pub fn new(id: u32, rate: Rate) -> LaneState {
        LaneState {
            id,
            pacer: Pacer::new(rate),
            line: Line::default(),
            gone: 0,
            backlog: Segments(0),
            peak: Segments(0),
            in_slot: Segments(0),
            cursors: Vec::new(),
            timer: None,
            starting: false,
            parked: None,
            woken: SimTime::ZERO,
        }
    }

    /// Whether a slot is in progress.
    pub fn is_busy(&self) -> bool {
        self.in_slot.0 > 0
    }

    /// Segments not yet started.
    pub fn waiting(&self) -> Segments {
        self.backlog - self.in_slot
    }

    /// The message at the front.
    #[inline]
    pub fn head(&self) -> Option<&Waiting> {
        self.line.first()
    }

    /// When the lane is ready for its head: at the end of its last slot, when the head came, or when what stopped the lane
    /// was over, whichever is latest.
    #[inline]
    pub fn ready_for(&self, head: &Waiting) -> SimTime {
        self.pacer.busy_until().max(head.released).max(self.woken)
    }

    /// A message joins the line.
    #[inline]
    pub fn push(&mut self, message: &Message, fate: Option<Fate>, validity: SimDuration) {
        self.backlog += Segments(u64::from(message.segments));
        self.peak = self.peak.max(self.backlog);
        let class = self.cursors.iter().position(|cursor| cursor.validity == validity).unwrap_or_else(|| {
            let place = self.gone + self.line.len() as u64;
            self.cursors.push(Cursor { validity, place });
            self.cursors.len() - 1
        });
        let class = u16::try_from(class).expect("a scenario has fewer validity periods than campaigns are allowed");
        self.line.push(Waiting::new(message, fate, class));
    }

    /// The head leaves into its slot, which ends by the lane's own pace, or at `until` where a ceiling of its sender paces it.
    ///
    /// # Panics
    /// When the lane is busy or empty.
    #[inline]
    pub fn start_slot(&mut self, at: SimTime, until: Option<SimTime>) -> (Message, Option<Fate>, SimTime) {
        assert!(!self.is_busy(), "one slot at a time");
        let head = self.line.pop().expect("a slot is started for a message");
        let mut message = head.message(self.id);
        message.ready = self.ready_for(&head);
        message.sent = at;
        self.gone += 1;
        self.drop_gaps();
        self.in_slot = Segments(u64::from(message.segments));
        let end = match until {
            None => self.pacer.start(at, self.in_slot),
            Some(until) => {
                self.pacer.follow(until);
                until
            }
        };
        (message, head.fate, end)
    }

    /// The slot in progress ends. Returns its segments.
    pub fn end_slot(&mut self) -> Segments {
        let segments = std::mem::take(&mut self.in_slot);
        self.backlog = self.backlog - segments;
        if self.line.is_empty() {
            self.pacer.idle();
        }
        segments
    }

    /// The next message to expire.
    pub fn next_expiry(&mut self) -> Option<Expiry> {
        self.next_expiring().map(|(expiry, _)| expiry)
    }

    /// Removes the next message to expire if it does so at `at` or before.
    pub fn expire(&mut self, at: SimTime) -> Option<Message> {
        let (expiry, place) = self.next_expiring()?;
        if expiry.at > at {
            return None;
        }
        let index = usize::try_from(place - self.gone).expect("a place in memory");
        let entry = self.line.get_mut(index).expect("a place in the line");
        entry.expired = true;
        let message = entry.message(self.id);
        self.backlog = self.backlog - Segments(u64::from(message.segments));
        self.drop_gaps();
        if self.line.is_empty() && !self.is_busy() {
            self.pacer.idle();
        }
        Some(message)
    }

    /// Messages that wait, for the census.
    pub fn waiting_messages(&self) -> impl Iterator<Item = Message> {
        self.line.iter().filter(|place| !place.expired).map(|place| place.message(self.id))
    }

    fn next_expiring(&mut self) -> Option<(Expiry, u64)> {
        let mut next = None;
        for (class, cursor) in self.cursors.iter_mut().enumerate() {
            cursor.place = cursor.place.max(self.gone);
            let mut index = usize::try_from(cursor.place - self.gone).expect("a place in memory");
            while self.line.get(index).is_some_and(|place| place.expired || usize::from(place.class) != class) {
                index += 1;
            }
            cursor.place = self.gone + index as u64;
            let Some(place) = self.line.get(index) else { continue };
            let expiry = Expiry {
                at: place.released.saturating_add(cursor.validity),
                campaign: place.campaign,
                number: place.number,
            };
            if next.is_none_or(|(best, _)| expiry < best) {
                next = Some((expiry, cursor.place));
            }
        }
        next
    }

    fn drop_gaps(&mut self) {
        while self.line.first().is_some_and(|place| place.expired) {
            self.line.pop();
            self.gone += 1;
        }
    }
}
