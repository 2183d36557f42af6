//! The columns of a record: name, kind, meaning and value. Every format and the docs are made from this one table.
//!
//! Names and meanings of the first columns are those of the platform's message resource (its API description of
//! 2026-04); what nobody sees on the platform stands behind them.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::{Kind, Record};
use crate::model::sender::SenderType;
use crate::model::{Channel, People};
use crate::simulation::observer::{Feedback, Message};
use crate::simulation::purpose;
use crate::simulation::stage::Stage;
use crate::units::{Money, SimDuration, SimTime};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// A JSON object of texts.
    Json,
    /// A whole number.
    Integer,
    /// An instant.
    Time,
    /// Seconds.
    Seconds,
    /// US dollars.
    Dollars,
}

/// A value of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// None.
    Null,
    /// Text, or JSON.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(u64),
    /// An instant.
    Time(SimTime),
    /// A span.
    Seconds(SimDuration),
    /// An amount.
    Dollars(Money),
}

/// One column.
#[derive(Clone, Copy)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Type,
    /// What it says.
    pub meaning: &'static str,
    /// Its value in a record.
    pub value: for<'m> fn(&Record<'m>) -> Value<'m>,
}

const fn column(
    name: &'static str,
    kind: Type,
    meaning: &'static str,
    value: for<'m> fn(&Record<'m>) -> Value<'m>,
) -> Column {
    Column { name, kind, meaning, value }
}

/// All columns, in their order.
pub const COLUMNS: [Column; 39] = [
    column(
        "sid",
        Type::Text,
        "the message's id, made from seed, replication, campaign and number; none for a refused call",
        sid,
    ),
    column(
        "messaging_service_sid",
        Type::Text,
        "the service's id, made from the seed and its name's place",
        service_sid,
    ),
    column("direction", Type::Text, "outbound-api, outbound-reply (an answer in a conversation) or inbound", direction),
    column(
        "from",
        Type::Text,
        "the sender's number or name as the scenario has it, else its id; inbound: the recipient's number",
        from,
    ),
    column(
        "to",
        Type::Text,
        "the recipient's number, made up, and not to be dialled: the country's code, a 0, two digits of the population and the person's number; inbound: the sender",
        to,
    ),
    column(
        "status",
        Type::Text,
        "what the platform shows at the end of the run; `refused` where the call made no message",
        |record| text(record.status()),
    ),
    column("error_code", Type::Integer, "the error code that the platform shows", |record| {
        integer(record.code().map(u64::from))
    }),
    column("num_segments", Type::Integer, "segments; 0 while no sender is known", segments),
    column("date_created", Type::Time, "when the platform took it, or refused the call", |record| {
        Value::Time(created(record))
    }),
    column("date_sent", Type::Time, "when it was handed to the carrier", |record| instant(sent(record))),
    column("date_updated", Type::Time, "the last change of what the platform shows", |record| {
        Value::Time(record.updated)
    }),
    column(
        "price",
        Type::Dollars,
        "what is billed, as a negative amount: list price and carrier fees of what was sent, the fee of what failed",
        price,
    ),
    column("price_unit", Type::Text, "USD", |_| text("USD")),
    column("tags", Type::Json, "the tags of campaign and audience", tags),
    column("replication", Type::Integer, "which replication", |record| Value::Integer(u64::from(record.replication))),
    column("campaign", Type::Text, "the campaign", |record| {
        Value::Text(Cow::Borrowed(&record.model.campaigns[record.message.campaign as usize].name))
    }),
    column(
        "message",
        Type::Integer,
        "the number of the planned message that it is, repeats or goes on from",
        |record| Value::Integer(record.message.origin()),
    ),
    column("repetition", Type::Integer, "how often it had been asked for before", |record| {
        Value::Integer(record.message.repetition())
    }),
    column("turn", Type::Integer, "which answer of a conversation it is; 0 for what opens one", |record| {
        Value::Integer(record.message.turn())
    }),
    column("inbound", Type::Text, "what came in: reply, stop, help or start", inbound),
    column("service", Type::Text, "the service", service),
    column("sender", Type::Text, "the sender's id", sender),
    column("sender_type", Type::Text, "the sender's type", sender_type),
    column("recipient", Type::Text, "who it is: the audience, or the campaign of a stranger, and a number", recipient),
    column("country", Type::Text, "the recipient's country", |record| {
        text(record.model.countries[country(record)].code.as_str())
    }),
    column("carrier", Type::Text, "the recipient's carrier", |record| {
        Value::Text(Cow::Borrowed(&record.model.carriers[record.message.carrier as usize].id))
    }),
    column("true_status", Type::Text, "how it truly ended; none while it is in progress", |record| {
        record.ended.map_or(Value::Null, |(_, ending)| text(ending.status().as_str()))
    }),
    column("true_error_code", Type::Integer, "the code of how it truly ended", |record| {
        integer(record.ended.and_then(|(_, ending)| ending.code()).map(u64::from))
    }),
    column("true_reason", Type::Text, "how it truly ended, in words", |record| {
        record.ended.map_or(Value::Null, |(_, ending)| text(ending.reason()))
    }),
    column("intended", Type::Time, "when the campaign meant to send it; every delay counts from here", intended),
    column("api_wait_seconds", Type::Seconds, "until the client handed it over", |record| stage(record, Stage::Api)),
    column("hold_wait_seconds", Type::Seconds, "kept at the platform until its hours opened", |record| {
        stage(record, Stage::Hold)
    }),
    column("lane_wait_seconds", Type::Seconds, "in its sender's queue", |record| stage(record, Stage::Lane)),
    column("ceiling_wait_seconds", Type::Seconds, "at a ceiling above the queue", |record| {
        stage(record, Stage::Ceiling)
    }),
    column("carrier_hold_seconds", Type::Seconds, "kept by the carriers for the hour", |record| {
        stage(record, Stage::CarrierHold)
    }),
    column(
        "network_latency_seconds",
        Type::Seconds,
        "on its way through the networks, to the first attempt",
        |record| stage(record, Stage::Network),
    ),
    column("handset_wait_seconds", Type::Seconds, "waiting for a handset out of reach", |record| {
        stage(record, Stage::Handset)
    }),
    column(
        "total_seconds",
        Type::Seconds,
        "from the intended time to its true end: the sum of the seven before",
        total,
    ),
    column("receipt_seconds", Type::Seconds, "from its true end to its receipt", receipt),
];

fn text(text: &str) -> Value<'_> {
    Value::Text(Cow::Borrowed(text))
}

fn integer(value: Option<u64>) -> Value<'static> {
    value.map_or(Value::Null, Value::Integer)
}

fn instant(at: Option<SimTime>) -> Value<'static> {
    at.map_or(Value::Null, Value::Time)
}

fn country(record: &Record) -> usize {
    record.model.carriers[record.message.carrier as usize].country
}

/// Two letters and 128 bits.
fn id(letters: &str, block: crate::kernel::draws::Block) -> Value<'static> {
    Value::Text(Cow::Owned(format!("{letters}{:016x}{:016x}", block.bits64(0), block.bits64(1))))
}

fn sid<'m>(record: &Record<'m>) -> Value<'m> {
    let refused = record.status() == crate::model::ending::Status::Refused.as_str();
    let stream = record.model.campaign_stream(record.message.campaign as usize);
    let (stream, purpose) = match record.kind {
        Kind::Outbound if refused => return Value::Null,
        Kind::Outbound => (stream, purpose::MESSAGE_ID),
        // One message may be answered in several ways. Campaigns are fewer than 2^16.
        Kind::Inbound(feedback) => (stream | (feedback as u32) << 16, purpose::INBOUND_ID),
    };
    id("SM", record.draws.block(stream, purpose, record.message.number))
}

fn service_sid<'m>(record: &Record<'m>) -> Value<'m> {
    match record.model.campaigns[record.message.campaign as usize].service {
        None => Value::Null,
        // The same in every replication.
        Some(service) => id("MG", record.draws.of_replication(0).block(0, purpose::SERVICE_ID, service as u64)),
    }
}

fn direction<'m>(record: &Record<'m>) -> Value<'m> {
    text(match record.kind {
        Kind::Inbound(_) => "inbound",
        Kind::Outbound if record.message.turn() > 0 => "outbound-reply",
        Kind::Outbound => "outbound-api",
    })
}

fn from<'m>(record: &Record<'m>) -> Value<'m> {
    match record.kind {
        Kind::Outbound => sender_number(record),
        Kind::Inbound(_) => recipient_number(record),
    }
}

fn to<'m>(record: &Record<'m>) -> Value<'m> {
    match record.kind {
        Kind::Outbound => recipient_number(record),
        Kind::Inbound(_) => sender_number(record),
    }
}

fn sender_number<'m>(record: &Record<'m>) -> Value<'m> {
    if record.message.sender == Message::NONE {
        return Value::Null;
    }
    let sender = &record.model.senders[record.message.sender as usize];
    let Some(label) = &record.model.groups[sender.group].label else { return Value::Text(Cow::Borrowed(&sender.id)) };
    match sender.kind {
        SenderType::Whatsapp => Value::Text(Cow::Owned(format!("whatsapp:+{}", label.trim_start_matches('+')))),
        SenderType::LongCode | SenderType::TollFree if !label.starts_with('+') => {
            Value::Text(Cow::Owned(format!("+{label}")))
        }
        _ => Value::Text(Cow::Borrowed(label)),
    }
}

/// The country's code, a zero, two digits of the population and up to nine of the person: 15 digits at most.
fn recipient_number<'m>(record: &Record<'m>) -> Value<'m> {
    let (stream, number) = record.person().key();
    let code = match record.model.countries[country(record)].calling_code.as_str() {
        "" => "999",
        code => code,
    };
    let digits = 12usize.saturating_sub(code.len()).min(9);
    let mut to = String::with_capacity(26);
    if record.model.campaigns[record.message.campaign as usize].channel == Channel::Whatsapp {
        to.push_str("whatsapp:");
    }
    let person = number % 10u64.pow(u32::try_from(digits).expect("at most nine"));
    let _ = write!(to, "+{code}0{:02}{person:0digits$}", stream % 100);
    Value::Text(Cow::Owned(to))
}

fn segments<'m>(record: &Record<'m>) -> Value<'m> {
    Value::Integer(match record.kind {
        Kind::Outbound => u64::from(record.message.segments),
        Kind::Inbound(_) => 1,
    })
}

fn created(record: &Record) -> SimTime {
    match record.kind {
        Kind::Outbound => record.message.accepted,
        Kind::Inbound(_) => record.updated,
    }
}

fn sent(record: &Record) -> Option<SimTime> {
    Some(record.message.sent).filter(|sent| *sent < SimTime::MAX && record.kind == Kind::Outbound)
}

fn price<'m>(record: &Record<'m>) -> Value<'m> {
    match record.charge() {
        Some(charge) => Value::Dollars(Money::from_nanos(-charge.as_nanos())),
        None => Value::Null,
    }
}

fn tags<'m>(record: &Record<'m>) -> Value<'m> {
    let tags = record.model.tags_of(record.message.campaign as usize);
    let pairs: serde_json::Map<String, serde_json::Value> =
        tags.map(|tag| (tag.key.clone(), serde_json::Value::from(tag.value.as_str()))).collect();
    if pairs.is_empty() {
        return Value::Null;
    }
    Value::Text(Cow::Owned(serde_json::to_string(&pairs).expect("texts")))
}

fn inbound<'m>(record: &Record<'m>) -> Value<'m> {
    match record.kind {
        Kind::Outbound => Value::Null,
        Kind::Inbound(Feedback::Reply) => text("reply"),
        Kind::Inbound(Feedback::Stop) => text("stop"),
        Kind::Inbound(Feedback::Help) => text("help"),
        Kind::Inbound(Feedback::Start) => text("start"),
    }
}

fn service<'m>(record: &Record<'m>) -> Value<'m> {
    match record.model.campaigns[record.message.campaign as usize].service {
        None => Value::Null,
        Some(service) => Value::Text(Cow::Borrowed(&record.model.services[service].name)),
    }
}

fn sender<'m>(record: &Record<'m>) -> Value<'m> {
    match record.message.sender {
        Message::NONE => Value::Null,
        sender => Value::Text(Cow::Borrowed(&record.model.senders[sender as usize].id)),
    }
}

fn sender_type<'m>(record: &Record<'m>) -> Value<'m> {
    match record.message.sender {
        Message::NONE => Value::Null,
        sender => text(record.model.senders[sender as usize].kind.as_str()),
    }
}

fn recipient<'m>(record: &Record<'m>) -> Value<'m> {
    let campaign = &record.model.campaigns[record.message.campaign as usize];
    let population = match &campaign.people {
        People::Fresh(_) => &campaign.name,
        People::Audience { audience, .. } => &record.model.audiences[*audience].name,
    };
    Value::Text(Cow::Owned(format!("{population}/{}", record.person().key().1)))
}

fn intended<'m>(record: &Record<'m>) -> Value<'m> {
    match record.kind {
        Kind::Outbound => Value::Time(record.message.intended),
        Kind::Inbound(_) => Value::Null,
    }
}

/// The end of an outbound message.
fn end(record: &Record) -> Option<SimTime> {
    record.ended.filter(|_| record.kind == Kind::Outbound).map(|(at, _)| at)
}

fn stage(record: &Record, stage: Stage) -> Value<'static> {
    end(record).map_or(Value::Null, |end| Value::Seconds(record.message.spent(end).at(stage)))
}

fn total<'m>(record: &Record<'m>) -> Value<'m> {
    end(record).map_or(Value::Null, |end| Value::Seconds(record.message.spent(end).total()))
}

fn receipt<'m>(record: &Record<'m>) -> Value<'m> {
    match (end(record), record.receipt) {
        (Some(end), Some((at, _))) => Value::Seconds(at.since(end)),
        _ => Value::Null,
    }
}
