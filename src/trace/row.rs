//! The rows of a trace. They are packed, since a log may have a hundred million.

use crate::catalogue;
use crate::model::country::CountryCode;
use crate::model::encoding::Encoding;
use crate::model::reply_word::ReplyWord;
use crate::model::sender::SenderType;
use crate::units::{Money, SimDuration, SimTime};

/// What stands for nothing in a packed index.
const NONE_16: u16 = u16::MAX;
/// What stands for nothing in a packed index or span.
const NONE_32: u32 = u32::MAX;
/// What stands for no country.
const NO_COUNTRY: u8 = u8::MAX;

/// A message to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// When it was meant to be sent: see [`super::Trace::start`].
    pub at: SimTime,
    person: u64,
    sender: u32,
    to_created: u32,
    created_to_sent: u32,
    sent_to_updated: u32,
    price: u32,
    campaign: u16,
    carrier: u16,
    code: u16,
    characters: u16,
    country: u8,
    segments: u8,
    status: u8,
    /// 1: GSM-7, 2: UCS-2; 4: an answer.
    flags: u8,
}

const _: () = assert!(size_of::<Row>() == 48);

/// The status that the log gives for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Taken; no sender yet.
    Accepted,
    /// Due later.
    Scheduled,
    /// Waiting for a slot.
    Queued,
    /// Being handed over.
    Sending,
    /// Handed to the carrier.
    Sent,
    /// Delivered, as far as the receipt says.
    Delivered,
    /// Sent and not delivered.
    Undelivered,
    /// Never sent.
    Failed,
    /// Scheduled and taken back.
    Canceled,
    /// Delivered and read.
    Read,
    /// No message was made.
    Refused,
}

impl Status {
    /// All, in the order of the enum.
    pub const ALL: [Status; 11] = [
        Status::Accepted,
        Status::Scheduled,
        Status::Queued,
        Status::Sending,
        Status::Sent,
        Status::Delivered,
        Status::Undelivered,
        Status::Failed,
        Status::Canceled,
        Status::Read,
        Status::Refused,
    ];

    /// The platform's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Accepted => "accepted",
            Status::Scheduled => "scheduled",
            Status::Queued => "queued",
            Status::Sending => "sending",
            Status::Sent => "sent",
            Status::Delivered => "delivered",
            Status::Undelivered => "undelivered",
            Status::Failed => "failed",
            Status::Canceled => "canceled",
            Status::Read => "read",
            Status::Refused => "refused",
        }
    }

    /// Whether the message reached the handset, as far as is known.
    pub fn is_delivered(self) -> bool {
        matches!(self, Status::Delivered | Status::Read)
    }

    /// Whether nothing more will happen; `sent` may stay for good where carriers give no receipt.
    pub fn is_final(self) -> bool {
        !matches!(self, Status::Accepted | Status::Scheduled | Status::Queued | Status::Sending | Status::Sent)
    }
}

/// What is known of a text that was in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body {
    /// What it is written in.
    pub encoding: Encoding,
    /// Its length in UTF-16 code units.
    pub characters: u16,
}

/// A message from a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// When it came.
    pub at: SimTime,
    /// Who wrote: a hash of the number.
    pub person: Option<u64>,
    /// What it means.
    pub word: ReplyWord,
}

/// A sender of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Number, code or name, as the log has it.
    pub id: String,
    /// Its type, as far as can be told.
    pub kind: Option<SenderType>,
    /// Its country, if its number tells.
    pub country: Option<CountryCode>,
}

/// What a record says, before it is packed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unpacked {
    pub person: Option<u64>,
    pub sender: Option<u32>,
    pub to_created: Option<SimDuration>,
    pub created_to_sent: Option<SimDuration>,
    pub sent_to_updated: Option<SimDuration>,
    /// Millionths of the currency's unit.
    pub price: Option<u32>,
    pub campaign: Option<u32>,
    pub carrier: Option<u32>,
    pub code: Option<u32>,
    pub body: Option<Body>,
    /// Index of the catalogue's codes.
    pub country: Option<u8>,
    pub segments: u8,
    pub status: Option<Status>,
    pub answer: bool,
}

impl Row {
    /// Packs what a record says. Spans are cut to milliseconds; those beyond 49 days are kept as the longest.
    pub(super) fn pack(at: SimTime, facts: &Unpacked) -> Row {
        let index = |index: Option<u32>| index.map_or(NONE_16, |index| u16::try_from(index).unwrap_or(NONE_16));
        let encoding = facts.body.map_or(0, |body| match body.encoding {
            Encoding::Gsm7 => 1,
            Encoding::Ucs2 => 2,
        });
        Row {
            at,
            person: facts.person.unwrap_or(0),
            sender: facts.sender.unwrap_or(NONE_32),
            to_created: millis(facts.to_created),
            created_to_sent: millis(facts.created_to_sent),
            sent_to_updated: millis(facts.sent_to_updated),
            price: facts.price.unwrap_or(NONE_32),
            campaign: index(facts.campaign),
            carrier: index(facts.carrier),
            code: index(facts.code),
            characters: facts.body.map_or(0, |body| body.characters),
            country: facts.country.unwrap_or(NO_COUNTRY),
            segments: facts.segments,
            status: facts.status.map_or(u8::MAX, |status| status as u8),
            flags: encoding | if facts.answer { 4 } else { 0 },
        }
    }

    /// Who it is for: a hash of number or id, the same for the same person.
    pub fn person(&self) -> Option<u64> {
        (self.person != 0).then_some(self.person)
    }

    /// Index of the trace's senders.
    pub fn sender(&self) -> Option<usize> {
        (self.sender != NONE_32).then_some(self.sender as usize)
    }

    /// When the platform took it, if the log tells.
    pub fn created(&self) -> Option<SimTime> {
        Some(self.at.saturating_add(span(self.to_created)?))
    }

    /// When it was handed to the carrier, to the millisecond.
    pub fn sent(&self) -> Option<SimTime> {
        Some(self.created()?.saturating_add(self.created_to_sent()?))
    }

    /// From the call to the carrier.
    pub fn created_to_sent(&self) -> Option<SimDuration> {
        span(self.created_to_sent)
    }

    /// From the carrier to the last change of status.
    pub fn sent_to_updated(&self) -> Option<SimDuration> {
        span(self.sent_to_updated)
    }

    /// What it cost, in the trace's currency; amounts are positive.
    pub fn price(&self) -> Option<Money> {
        (self.price != NONE_32).then(|| Money::from_nanos(i128::from(self.price) * 1_000))
    }

    /// Index of the trace's campaigns.
    pub fn campaign(&self) -> Option<usize> {
        (self.campaign != NONE_16).then_some(usize::from(self.campaign))
    }

    /// Index of the trace's carriers.
    pub fn carrier(&self) -> Option<usize> {
        (self.carrier != NONE_16).then_some(usize::from(self.carrier))
    }

    /// Index of the trace's error codes.
    pub fn code(&self) -> Option<usize> {
        (self.code != NONE_16).then_some(usize::from(self.code))
    }

    /// The recipient's country.
    pub fn country(&self) -> Option<CountryCode> {
        catalogue::codes().get(usize::from(self.country)).copied()
    }

    /// Message segments, as billed or counted from the text.
    pub fn segments(&self) -> Option<u8> {
        (self.segments > 0).then_some(self.segments)
    }

    /// What is known of the text.
    pub fn body(&self) -> Option<Body> {
        let encoding = match self.flags & 3 {
            1 => Encoding::Gsm7,
            2 => Encoding::Ucs2,
            _ => return None,
        };
        Some(Body { encoding, characters: self.characters })
    }

    /// What became of it.
    pub fn status(&self) -> Option<Status> {
        Status::ALL.get(usize::from(self.status)).copied()
    }

    /// Whether it answers a message from the person.
    pub fn is_answer(&self) -> bool {
        self.flags & 4 != 0
    }
}

fn millis(span: Option<SimDuration>) -> u32 {
    let millis = |span: SimDuration| u32::try_from(span.as_nanos() / 1_000_000).unwrap_or(NONE_32 - 1);
    span.map_or(NONE_32, |span| millis(span).min(NONE_32 - 1))
}

fn span(millis: u32) -> Option<SimDuration> {
    (millis != NONE_32).then(|| SimDuration::from_nanos(u64::from(millis) * 1_000_000))
}
