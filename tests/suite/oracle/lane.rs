//! The state of one lane: first in, first out, one slot at a time, and messages that leave the line when they have waited
//! longer than their validity.
//!
//! Most lanes hold messages of one validity, whose expiries come in the order of the line. Others hold a few: for each
//! validity a cursor points at the first waiting message that has it, so finding the next expiry costs nothing per
//! message.

use std::collections::VecDeque;

use sendpool::units::{Rate, Segments, SimDuration, SimTime};

use super::pacer::Pacer;
use sendpool::simulation::observer::Message;

/// The state of a lane.
#[derive(Clone, Debug)]
pub struct LaneState {
    /// Its pace.
    pub pacer: Pacer,
    /// The line; a message that expired in the middle stays as a gap until it gets to the front.
    line: VecDeque<Place>,
    /// Places that have left the front since the start.
    gone: u64,
    /// Segments whose slot has not ended.
    pub backlog: Segments,
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

/// A place in the line.
#[derive(Clone, Copy, Debug)]
struct Place {
    message: Message,
    /// Index of its validity's cursor.
    class: u16,
    expired: bool,
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
    /// An empty lane.
    pub fn new(rate: Rate) -> LaneState {
        LaneState {
            pacer: Pacer::new(rate),
            line: VecDeque::new(),
            gone: 0,
            backlog: Segments(0),
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
    pub fn head(&self) -> Option<&Message> {
        self.line.front().map(|place| &place.message)
    }

    /// When the lane is ready for its head: at the end of its last slot, when the head came, or when what stopped the lane
    /// was over, whichever is latest.
    pub fn ready_for(&self, head: &Message) -> SimTime {
        self.pacer.busy_until().max(head.released).max(self.woken)
    }

    /// A message joins the line.
    pub fn push(&mut self, message: Message, validity: SimDuration) {
        self.backlog += Segments(u64::from(message.segments));
        let class = self.cursors.iter().position(|cursor| cursor.validity == validity).unwrap_or_else(|| {
            let place = self.gone + self.line.len() as u64;
            self.cursors.push(Cursor { validity, place });
            self.cursors.len() - 1
        });
        let class = u16::try_from(class).expect("a scenario has fewer validity periods than campaigns are allowed");
        self.line.push_back(Place { message, class, expired: false });
    }

    /// The head leaves into its slot, which ends by the lane's own pace, or at `until` where a ceiling of its sender paces it.
    ///
    /// # Panics
    /// When the lane is busy or empty.
    pub fn start_slot(&mut self, at: SimTime, until: Option<SimTime>) -> (Message, SimTime) {
        assert!(!self.is_busy(), "one slot at a time");
        let mut message = self.line.pop_front().expect("a slot is started for a message").message;
        message.ready = self.ready_for(&message);
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
        (message, end)
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
        let entry = &mut self.line[index];
        entry.expired = true;
        let message = entry.message;
        self.backlog = self.backlog - Segments(u64::from(message.segments));
        self.drop_gaps();
        if self.line.is_empty() && !self.is_busy() {
            self.pacer.idle();
        }
        Some(message)
    }

    /// Messages that wait, for the census.
    pub fn waiting_messages(&self) -> impl Iterator<Item = &Message> {
        self.line.iter().filter(|place| !place.expired).map(|place| &place.message)
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
                at: place.message.released.saturating_add(cursor.validity),
                campaign: place.message.campaign,
                number: place.message.number,
            };
            if next.is_none_or(|(best, _)| expiry < best) {
                next = Some((expiry, cursor.place));
            }
        }
        next
    }

    fn drop_gaps(&mut self) {
        while self.line.front().is_some_and(|place| place.expired) {
            self.line.pop_front();
            self.gone += 1;
        }
    }
}
