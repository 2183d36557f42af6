//! The ledger: no message vanishes or counts twice. At every instant, by message and by segment,
//! offered = not handed over + refused + accepted, and
//! accepted = delivered + undelivered + failed + canceled + in progress.
//!
//! It counts what it is told, and compares that with a census of the state, so neither can be wrong alone. A segment
//! counts once its sender, and so its encoding, is known.

use crate::model::ending::{ByEnding, Ending, Status};
use crate::units::SimTime;

use super::lives::Straight;
use super::observer::{Census, Message, Observer};

/// Counts of messages and segments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Messages.
    pub messages: u64,
    /// Segments.
    pub segments: u64,
}

impl Count {
    fn one(segments: u32) -> Count {
        Count { messages: 1, segments: u64::from(segments) }
    }

    fn add(&mut self, other: Count) {
        self.messages += other.messages;
        self.segments += other.segments;
    }
}

/// The books of one replication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Messages that campaigns meant to send.
    pub offered: u64,
    /// Calls handed over.
    pub handed_over: u64,
    /// Messages accepted.
    pub accepted: Count,
    /// Ends by [`Ending`].
    pub ended: ByEnding<Count>,
}

impl Ledger {
    /// Adds the books of other campaigns of the same replication.
    pub fn join(&mut self, other: &Ledger) {
        self.offered += other.offered;
        self.handed_over += other.handed_over;
        self.accepted.add(other.accepted);
        Ending::ALL.into_iter().for_each(|ending| self.ended[ending].add(other.ended[ending]));
    }

    /// Sum of the ends with this status.
    pub fn with_status(&self, status: Status) -> Count {
        let mut sum = Count::default();
        for ending in Ending::ALL.into_iter().filter(|ending| ending.status() == status) {
            sum.messages += self.ended[ending].messages;
            sum.segments += self.ended[ending].segments;
        }
        sum
    }

    /// Messages that the client has not handed over yet.
    pub fn not_handed_over(&self) -> u64 {
        self.offered - self.handed_over
    }

    /// Accepted messages that are not final.
    pub fn in_progress(&self) -> Count {
        let mut rest = self.accepted;
        for status in [Status::Delivered, Status::Undelivered, Status::Failed, Status::Canceled] {
            let ended = self.with_status(status);
            rest.messages = rest.messages.checked_sub(ended.messages).expect("no message ends twice");
            rest.segments = rest.segments.checked_sub(ended.segments).expect("no segment ends twice");
        }
        rest
    }

    /// Holds the books against the state.
    ///
    /// # Panics
    /// When they do not balance: a bug of the simulation.
    pub fn balance(&self, at: SimTime, census: Census) {
        let refused = self.with_status(Status::Refused).messages;
        assert!(self.offered >= self.handed_over, "handed over before it was offered, at {at}");
        assert_eq!(self.handed_over, refused + self.accepted.messages, "every call is refused or accepted, at {at}");
        let rest = self.in_progress();
        assert_eq!(rest.messages, census.messages, "messages in progress, at {at}");
        assert_eq!(rest.segments, census.segments, "segments in progress, at {at}");
    }
}

impl Observer for Ledger {
    const ORDERED: bool = false;

    fn offered(&mut self, _at: SimTime, _intended: SimTime, _campaign: u32, _carrier: u32) {
        self.offered += 1;
    }

    fn refused(&mut self, _at: SimTime, message: &Message, ending: Ending) {
        assert_eq!(ending.status(), Status::Refused, "a refused call leaves no message");
        self.handed_over += 1;
        self.ended[ending].add(Count::one(message.segments));
    }

    fn accepted(&mut self, _at: SimTime, message: &Message) {
        self.handed_over += 1;
        self.accepted.add(Count::one(message.segments));
    }

    fn released(&mut self, _at: SimTime, message: &Message) {
        self.accepted.segments += u64::from(message.segments);
    }

    fn ended(&mut self, _at: SimTime, message: &Message, ending: Ending) {
        assert_ne!(ending.status(), Status::Refused, "a message cannot be refused any more");
        self.ended[ending].add(Count::one(message.segments));
    }

    fn lives(&mut self, lives: &[Straight]) {
        self.offered += lives.len() as u64;
        self.handed_over += lives.len() as u64;
        for life in lives {
            assert_ne!(life.ending.status(), Status::Refused, "a message cannot be refused any more");
            let one = Count::one(life.segments);
            self.accepted.add(one);
            self.ended[life.ending].add(one);
        }
    }
}

/// A ledger that balances the books after every event. For tests: the census walks through the whole state.
#[derive(Clone, Debug, Default)]
pub struct CheckedLedger {
    /// The books.
    pub ledger: Ledger,
    /// How often they were balanced.
    pub checks: u64,
}

impl Observer for CheckedLedger {
    const CHECKS: bool = true;

    fn offered(&mut self, at: SimTime, intended: SimTime, campaign: u32, carrier: u32) {
        self.ledger.offered(at, intended, campaign, carrier);
    }

    fn refused(&mut self, at: SimTime, message: &Message, ending: Ending) {
        self.ledger.refused(at, message, ending);
    }

    fn accepted(&mut self, at: SimTime, message: &Message) {
        self.ledger.accepted(at, message);
    }

    fn released(&mut self, at: SimTime, message: &Message) {
        self.ledger.released(at, message);
    }

    fn ended(&mut self, at: SimTime, message: &Message, ending: Ending) {
        self.ledger.ended(at, message, ending);
    }

    fn check(&mut self, at: SimTime, census: Census) {
        self.ledger.balance(at, census);
        self.checks += 1;
    }
}
