//! What the simulation tells those who watch it. It keeps no statistics itself, and nothing an observer does can reach
//! back. Observers are generic, never `dyn`, so that watching nothing costs nothing.

use serde::{Deserialize, Serialize};

use crate::model::ending::Ending;
use crate::units::{Segments, SimDuration, SimTime};

use super::lives::Straight;
use super::stage::Spent;

/// A message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Message {
    /// When the campaign meant to send it.
    pub intended: SimTime,
    /// When the platform took it.
    pub accepted: SimTime,
    /// When it may leave: when it was accepted, or when the service or its schedule let it go.
    pub released: SimTime,
    /// When its lane was ready for it; [`SimTime::MAX`] before it is sent. From then on it waited at a ceiling.
    pub ready: SimTime,
    /// When it was handed to the carrier; [`SimTime::MAX`] before.
    pub sent: SimTime,
    /// Until when the carriers of the country kept it back for the hour; the same as `sent` when they did not.
    pub carried_on: SimTime,
    /// When the first attempt reached the handset's network; [`SimTime::MAX`] before. What follows is waiting for the handset.
    pub attempted: SimTime,
    /// Number within its campaign, and in the upper bits which repetition and which answer it is: see [`Message::origin`].
    pub number: u64,
    /// Index of its campaign.
    pub campaign: u32,
    /// Index of the recipient's carrier.
    pub carrier: u32,
    /// Index of its sender, or [`Message::NONE`] before the selection.
    pub sender: u32,
    /// Its lane, or [`Message::NONE`].
    pub lane: u32,
    /// Its segments; 0 before the selection.
    pub segments: u32,
    /// Whether the recipient's number does not exist.
    pub invalid: bool,
    /// Whether the recipient's number is a fixed line.
    pub landline: bool,
    /// Whether the recipient's carrier takes the type of its sender.
    pub carried: bool,
    /// Where the recipient lives: an index within their country, or 0 where nobody asked.
    pub place: u16,
}

impl Message {
    /// Bits of [`Message::number`] that count messages of the campaign's own plan.
    pub const ORIGIN_BITS: u32 = 48;

    /// The number, in the campaign's plan, of the message that this one repeats or goes on from; its own number when it is
    /// planned itself.
    pub fn origin(&self) -> u64 {
        self.number & ((1 << Message::ORIGIN_BITS) - 1)
    }

    /// What makes a number that of the next repetition.
    pub const REPETITION: u64 = 1 << Message::ORIGIN_BITS;
    /// What makes a number that of the next answer in a conversation.
    pub const TURN: u64 = 1 << (Message::ORIGIN_BITS + 8);

    /// Whether it stands in the campaign's plan.
    pub fn is_planned(&self) -> bool {
        self.number == self.origin()
    }

    /// Which repetition it is: 0 for the first of its kind.
    pub fn repetition(&self) -> u64 {
        self.number / Message::REPETITION % 256
    }

    /// Which answer of a conversation it is: 0 for what opens one.
    pub fn turn(&self) -> u64 {
        self.number / Message::TURN
    }

    /// Of nobody and from nobody, before it is selected and sent.
    pub const BLANK: Message = Message {
        intended: SimTime::ZERO,
        accepted: SimTime::ZERO,
        released: SimTime::ZERO,
        ready: SimTime::MAX,
        sent: SimTime::MAX,
        carried_on: SimTime::MAX,
        attempted: SimTime::MAX,
        number: 0,
        campaign: 0,
        carrier: 0,
        sender: Message::NONE,
        lane: Message::NONE,
        segments: 0,
        invalid: false,
        landline: false,
        carried: true,
        place: 0,
    };

    /// No sender, no lane.
    pub const NONE: u32 = u32::MAX;

    /// From when on it waits: since it was accepted, or since it was due when it was handed over ahead of time.
    pub fn waits_since(&self) -> SimTime {
        self.accepted.max(self.intended)
    }

    /// What the client's own pace delays it before it is accepted.
    pub fn api_wait(&self) -> SimDuration {
        self.waits_since().since(self.intended)
    }

    /// Where the time from its intended time to `end` went; `end` is when it ended, or any later instant before that. The
    /// stages add up to all of it, exactly. One that ended before it was due took no time.
    pub fn spent(&self, end: SimTime) -> Spent {
        let marks =
            [self.waits_since(), self.released, self.ready, self.sent, self.carried_on, self.attempted, SimTime::MAX];
        let end = end.max(self.intended);
        let mut from = self.intended;
        Spent(marks.map(|mark| {
            let until = mark.min(end).max(from);
            until.since(std::mem::replace(&mut from, until))
        }))
    }
}

/// What a receipt says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Report {
    /// Delivered.
    Delivered,
    /// Undelivered, with this code.
    Undelivered(u16),
}

/// What a person does after a message reached them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feedback {
    /// They answer.
    Reply,
    /// They opt out.
    Stop,
    /// They ask for help.
    Help,
    /// They opted out and opt in again.
    Start,
}

/// What is in progress, counted from the state itself and not from what was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Messages in queues or on their way to a handset.
    pub messages: u64,
    /// Their segments.
    pub segments: u64,
}

/// Somebody who watches one replication.
#[expect(unused_variables, reason = "the default is to look away")]
pub trait Observer {
    /// Whether it must be told in the order in which things happen. Others may be told of what follows from a hand-over as
    /// soon as it is certain; they are told the same, of each message in its order.
    const ORDERED: bool = true;

    /// Whether [`Observer::check`] is to be called after every event.
    const CHECKS: bool = false;

    /// A campaign meant to send a message, due at `intended`, to a recipient of this carrier.
    fn offered(&mut self, at: SimTime, intended: SimTime, campaign: u32, carrier: u32) {}
    /// The message just offered is none of the campaign's own plan: asked for again, or an answer.
    fn repeated(&mut self, at: SimTime, campaign: u32, carrier: u32) {}
    /// The first of a message and its repetitions reached the handset within the campaign's deadline.
    fn on_time(&mut self, at: SimTime, message: &Message) {}
    /// The call was refused: no message exists.
    fn refused(&mut self, at: SimTime, message: &Message, ending: Ending) {}
    /// The platform took the message. Its segments are fixed, or 0 when no sender was found or it is kept for later.
    fn accepted(&mut self, at: SimTime, message: &Message) {}
    /// An accepted message is kept at the platform, in no lane, until it is due or its hours open.
    fn kept(&mut self, at: SimTime, message: &Message) {}
    /// A message that was kept goes on. It has got its sender and its segments, unless it fails for want of one.
    fn released(&mut self, at: SimTime, message: &Message) {}
    /// It entered its lane.
    fn queued(&mut self, at: SimTime, message: &Message) {}
    /// It was handed to the carrier at the start of its slot, which ends at `slot_end`.
    fn sent(&mut self, at: SimTime, message: &Message, slot_end: SimTime) {}
    /// Its slot ended.
    fn slot_ended(&mut self, at: SimTime, lane: u32, segments: Segments) {}
    /// It is final in truth.
    fn ended(&mut self, at: SimTime, message: &Message, ending: Ending) {}
    /// A receipt came, of a message that truly ended so.
    fn receipt(&mut self, at: SimTime, message: &Message, report: Report, ending: Ending) {}
    /// The message ended after it was sent, and no receipt of that will come.
    fn unreported(&mut self, at: SimTime, message: &Message, ending: Ending) {}
    /// The network delivered it a second time.
    fn duplicated(&mut self, at: SimTime, message: &Message) {}
    /// The recipient of a delivered message did something. `heard`: whether the sender can receive it.
    fn feedback(&mut self, at: SimTime, message: &Message, feedback: Feedback, heard: bool) {}
    /// The platform answered by itself somebody who asked for help: no message of any campaign.
    fn helped(&mut self, at: SimTime, message: &Message) {}
    /// A carrier begins to block the content of this message; `spread`: for coming from too many numbers.
    fn content_blocked(&mut self, at: SimTime, message: &Message, spread: bool) {}
    /// The sender of this message, which was the last straw, is suspended.
    fn suspended(&mut self, at: SimTime, message: &Message) {}
    /// The largest backlog that a lane held, after something had entered it; at the end of the run, of each lane that held any.
    fn peak(&mut self, lane: u32, backlog: Segments) {}
    /// Whole lives, told when all of them is certain; never to those who want [`Observer::ORDERED`]. Says the same as the calls
    /// of [`Straight::tell`], one life after the other, which somebody may add up in another way.
    fn lives(&mut self, lives: &[Straight])
    where
        Self: Sized,
    {
        lives.iter().for_each(|life| life.tell(self));
    }
    /// After every event, when [`Observer::CHECKS`].
    fn check(&mut self, at: SimTime, census: Census) {}
}

/// Nobody.
impl Observer for () {
    const ORDERED: bool = false;
}

macro_rules! both {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {
        impl<A: Observer, B: Observer> Observer for (A, B) {
            const ORDERED: bool = A::ORDERED || B::ORDERED;
            const CHECKS: bool = A::CHECKS || B::CHECKS;
            $(fn $name(&mut self, $($argument: $type),*) {
                self.0.$name($($argument),*);
                self.1.$name($($argument),*);
            })*

            fn lives(&mut self, lives: &[Straight]) {
                self.0.lives(lives);
                self.1.lives(lives);
            }
        }
    };
}

both! {
    offered(at: SimTime, intended: SimTime, campaign: u32, carrier: u32);
    repeated(at: SimTime, campaign: u32, carrier: u32);
    on_time(at: SimTime, message: &Message);
    refused(at: SimTime, message: &Message, ending: Ending);
    accepted(at: SimTime, message: &Message);
    kept(at: SimTime, message: &Message);
    released(at: SimTime, message: &Message);
    queued(at: SimTime, message: &Message);
    sent(at: SimTime, message: &Message, slot_end: SimTime);
    slot_ended(at: SimTime, lane: u32, segments: Segments);
    ended(at: SimTime, message: &Message, ending: Ending);
    receipt(at: SimTime, message: &Message, report: Report, ending: Ending);
    unreported(at: SimTime, message: &Message, ending: Ending);
    duplicated(at: SimTime, message: &Message);
    feedback(at: SimTime, message: &Message, feedback: Feedback, heard: bool);
    helped(at: SimTime, message: &Message);
    content_blocked(at: SimTime, message: &Message, spread: bool);
    suspended(at: SimTime, message: &Message);
    peak(lane: u32, backlog: Segments);
    check(at: SimTime, census: Census);
}
