//! A message's life in words and as JSON.

use std::fmt::Write as _;

use indexmap::IndexMap;
use serde::Serialize;

use super::terminal::{self, Style, wrap};
use super::words;
use crate::explain::{Event, Life};
use crate::model::ending::{Ending, Status};
use crate::model::fault::{Effect, Fault, Target};
use crate::model::{Due, Model};
use crate::records::Record;
use crate::records::column::{COLUMNS, Value};
use crate::simulation::observer::{Feedback, Message, Report};
use crate::simulation::stage::Stage;
use crate::units::{SimDuration, SimTime, thousands};

/// A life as plain data.
#[derive(Clone, Debug, Serialize)]
pub struct LifeFacts {
    /// Its campaign.
    pub campaign: String,
    /// The number of the planned message that it is, repeats or goes on from.
    pub message: u64,
    /// How often it had been asked for before.
    pub repetition: u64,
    /// Which answer of a conversation it is.
    pub turn: u64,
    /// In which replication.
    pub replication: u32,
    /// The id that its record has.
    pub sid: Option<String>,
    /// The recipient.
    pub recipient: String,
    /// Their carrier.
    pub carrier: String,
    /// Its sender.
    pub sender: Option<String>,
    /// Its queue.
    pub queue: Option<String>,
    /// Its segments.
    pub segments: u32,
    /// What it costs in dollars.
    pub charge_dollars: Option<f64>,
    /// The status that the platform shows.
    pub status: &'static str,
    /// The error code that the platform shows.
    pub error_code: Option<u16>,
    /// How it truly ended.
    pub true_status: Option<&'static str>,
    /// The code of that.
    pub true_error_code: Option<u16>,
    /// That in words.
    pub true_reason: Option<&'static str>,
    /// From the intended time to its true end.
    pub total_seconds: Option<f64>,
    /// Where that time went: seconds by stage.
    pub spent_seconds: IndexMap<&'static str, f64>,
    /// What happened, in order.
    pub steps: Vec<StepFacts>,
}

/// A step as plain data.
#[derive(Clone, Debug, Serialize)]
pub struct StepFacts {
    /// When, in UTC.
    pub at: String,
    /// Seconds after the scenario's start.
    pub at_seconds: f64,
    /// Seconds after the intended time; negative for what is handed over ahead of it.
    pub after_seconds: f64,
    /// What happened.
    pub what: String,
    /// The status that a webhook is then told.
    pub callback: Option<&'static str>,
}

/// Lives as JSON.
pub fn json(model: &Model, lives: &[Life]) -> String {
    let facts: Vec<LifeFacts> = lives.iter().map(|life| LifeFacts::new(model, life)).collect();
    let mut text = serde_json::to_string_pretty(&facts).expect("plain data");
    text.push('\n');
    text
}

/// Lives as text.
pub fn text(model: &Model, lives: &[Life], style: Style) -> String {
    let pages: Vec<String> = lives.iter().map(|life| page(model, life, style)).collect();
    pages.join("\n")
}

fn cell(record: &Record, name: &str) -> Option<String> {
    let column = COLUMNS.iter().find(|column| column.name == name).expect("a column of the records");
    match (column.value)(record) {
        Value::Text(text) => Some(text.into_owned()),
        _ => None,
    }
}

impl LifeFacts {
    fn new(model: &Model, life: &Life) -> LifeFacts {
        let record = &life.record;
        let message = &record.message;
        let spent = record.ended.map(|(at, _)| message.spent(at));
        LifeFacts {
            campaign: model.campaigns[message.campaign as usize].name.clone(),
            message: message.origin(),
            repetition: message.repetition(),
            turn: message.turn(),
            replication: record.replication,
            sid: cell(record, "sid"),
            recipient: cell(record, "recipient").expect("every message has a recipient"),
            carrier: model.carriers[message.carrier as usize].id.clone(),
            sender: cell(record, "sender"),
            queue: (message.lane != Message::NONE).then(|| model.lanes[message.lane as usize].name.clone()),
            segments: message.segments,
            charge_dollars: record.charge().map(|charge| charge.as_dollars_f64()),
            status: record.status(),
            error_code: record.code(),
            true_status: record.ended.map(|(_, ending)| ending.status().as_str()),
            true_error_code: record.ended.and_then(|(_, ending)| ending.code()),
            true_reason: record.ended.map(|(_, ending)| ending.reason()),
            total_seconds: spent.map(|spent| spent.total().as_secs_f64()),
            spent_seconds: spent.map_or_else(IndexMap::new, |spent| {
                Stage::ALL.iter().map(|stage| (stage.name(), spent.at(*stage).as_secs_f64())).collect()
            }),
            steps: life
                .steps
                .iter()
                .map(|step| StepFacts {
                    at: model.calendar.instant(step.at).to_string(),
                    at_seconds: step.at.as_secs_f64(),
                    after_seconds: step.at.as_secs_f64() - message.intended.as_secs_f64(),
                    what: what(model, record, step.event, step.at),
                    callback: step.callback,
                })
                .collect(),
        }
    }
}

/// What the message is called: campaign and number, and which repetition or answer it is.
fn name(model: &Model, message: &Message) -> String {
    let campaign = &model.campaigns[message.campaign as usize].name;
    words::message(campaign, message.origin(), message.repetition(), message.turn())
}

fn page(model: &Model, life: &Life, style: Style) -> String {
    let record = &life.record;
    let message = &record.message;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{}  to {} at {}, replication {}",
        style.bold(&name(model, message)),
        cell(record, "recipient").expect("every message has a recipient"),
        model.carriers[message.carrier as usize].name,
        record.replication,
    );
    let head = format!("{:>23} {:>20}  what happened", "time", "after");
    let _ = writeln!(out, "{}", style.dim(&head));
    for step in &life.steps {
        let after = if step.at < message.intended {
            format!("-{}", short(message.intended.since(step.at)))
        } else {
            short(step.at.since(message.intended))
        };
        let line = format!("{:>23} {after:>20}  {}", clock(model, step.at), what(model, record, step.event, step.at));
        let _ = writeln!(out, "{line}");
        if let Some(callback) = step.callback {
            let _ = writeln!(out, "{:>23} {:>20}  {}", "", "", style.dim(&format!("  webhook: {callback}")));
        }
    }
    for (what, text) in [("where the time went", ended(model, record)), ("the dashboard shows", shown(record))] {
        for (index, line) in wrap(&text, terminal::COLUMNS - 24).iter().enumerate() {
            let _ = writeln!(out, "{:>23} {line}", if index == 0 { what } else { "" });
        }
    }
    out
}

/// Where the time went, or that it goes on.
fn ended(model: &Model, record: &Record) -> String {
    let message = &record.message;
    let Some((at, _)) = record.ended else {
        let until = model.horizon.unwrap_or(record.updated).max(message.intended);
        return format!("unfinished after {}", short(until.since(message.intended)));
    };
    let spent = message.spent(at);
    let stages: Vec<String> = Stage::ALL
        .into_iter()
        .filter(|stage| spent.at(*stage) > SimDuration::ZERO)
        .map(|stage| format!("{} {}", short(spent.at(stage)), words::stage(stage)))
        .collect();
    match stages.as_slice() {
        [] => "no time at all".to_owned(),
        [one] => one.clone(),
        several => format!("{} = {}", short(spent.total()), several.join(" + ")),
    }
}

/// What the platform shows, with the truth beside it where they differ.
fn shown(record: &Record) -> String {
    let code = |code: Option<u16>| code.map_or_else(String::new, |code| format!(" {code}"));
    let mut text = format!("{}{}", record.status(), code(record.code()));
    if let Some((_, ending)) = record.ended
        && ending == Ending::Delivered
        && record.status() != "delivered"
    {
        text.push_str("; in truth delivered");
    } else if let Some((_, ending)) = record.ended
        && (ending.status().as_str(), ending.code()) != (record.status(), record.code())
    {
        let _ = write!(text, "; in truth {}{}: {}", ending.status().as_str(), code(ending.code()), ending.reason());
    }
    if let Some(charge) = record.charge() {
        let _ = write!(text, "; costs ${}", charge.to_decimal());
    }
    text
}

fn what(model: &Model, record: &Record, event: Event, at: SimTime) -> String {
    let message = &record.message;
    let campaign = &model.campaigns[message.campaign as usize];
    let carrier = &model.carriers[message.carrier as usize];
    match event {
        Event::Intended if message.turn() > 0 => "the service answers".to_owned(),
        Event::Intended if message.repetition() > 0 => "asked for again".to_owned(),
        Event::Intended if campaign.schedule.is_some() => "the client calls ahead of time".to_owned(),
        Event::Intended => "the campaign means to send it".to_owned(),
        Event::Refused(ending) => format!("the call is refused{}: {}", code(ending), ending.reason()),
        Event::Accepted => match (campaign.submit_rate, message.api_wait()) {
            (Some(rate), wait) if wait > SimDuration::ZERO => {
                format!("accepted {} late: the client hands over {rate}", short(wait))
            }
            _ => "accepted".to_owned(),
        },
        Event::Kept => match campaign.schedule.map(|schedule| schedule.due) {
            Some(Due::After(_) | Due::At(_)) => {
                format!("scheduled: kept until it is due at {}", clock(model, message.intended))
            }
            None => "kept until the hours open where the recipient lives".to_owned(),
        },
        Event::Released => "let go".to_owned(),
        Event::Queued { ahead } => queued(model, message, ahead),
        Event::Sent => sent(model, message),
        Event::CarriedOn => format!("the carriers of {} pass it on", model.countries[carrier.country].name),
        Event::Missed => "the first attempt finds the handset out of reach".to_owned(),
        Event::Ended(Ending::Delivered) => format!("on the handset, through {}", carrier.name),
        Event::Ended(ending) => {
            let lost = match ending.status() {
                Status::Canceled => "called off",
                Status::Failed => "fails",
                _ => "lost",
            };
            format!("{lost}{}: {}", code(ending), ending.reason())
        }
        Event::Receipt(report) => {
            let end = record.ended.map_or(at, |(end, _)| end);
            let says = match report {
                Report::Delivered => "delivered".to_owned(),
                Report::Undelivered(code) => format!("undelivered, {code}"),
            };
            format!("the receipt comes {} later and says {says}", short(at.since(end)))
        }
        Event::Unreported => "no receipt of this will ever come".to_owned(),
        Event::Duplicated => "the network delivers it a second time".to_owned(),
        Event::OnTime => "within the campaign's deadline".to_owned(),
        Event::Feedback(feedback, heard) => {
            let does = match feedback {
                Feedback::Reply => "the recipient answers",
                Feedback::Stop => "the recipient sends STOP",
                Feedback::Help => "the recipient asks for HELP",
                Feedback::Start => "the recipient opts in again",
            };
            if heard { does.to_owned() } else { format!("{does}, to a sender that cannot receive") }
        }
    }
}

fn code(ending: Ending) -> String {
    ending.code().map_or_else(String::new, |code| format!(" ({code})"))
}

fn queued(model: &Model, message: &Message, ahead: u64) -> String {
    let lane = &model.lanes[message.lane as usize];
    let own = words::plural(u64::from(message.segments), "segment", "segments");
    let mut text = format!("{own} to the queue {} ({})", lane.name, lane.rate);
    if ahead > 0 {
        let work = SimDuration::from_nanos((ahead as f64 / lane.rate.as_f64() * 1e9) as u64);
        let _ = write!(text, ", {} ahead: {} of work", thousands(u128::from(ahead)), short(work));
    } else {
        text.push_str(", nobody ahead");
    }
    text
}

fn sent(model: &Model, message: &Message) -> String {
    let carrier = &model.carriers[message.carrier as usize];
    let spent = message.spent(message.sent);
    let mut text = format!("handed to {}", carrier.name);
    let waits = [(Stage::Lane, "in the queue"), (Stage::Ceiling, "at a ceiling above it")];
    let waits: Vec<String> = waits
        .into_iter()
        .filter(|(stage, _)| spent.at(*stage) > SimDuration::ZERO)
        .map(|(stage, place)| format!("{} {place}", short(spent.at(stage))))
        .collect();
    if !waits.is_empty() {
        let _ = write!(text, " after {}", waits.join(" and "));
    }
    for fault in held_by(model, message) {
        let _ = write!(text, "; {fault}");
    }
    text
}

/// The faults that stopped a message on its way to the carrier, in words.
pub(super) fn held_by<'m>(model: &'m Model, message: &Message) -> impl Iterator<Item = &'m str> {
    model.faults.iter().filter(|fault| held(fault, message)).map(|fault| fault.words.as_str())
}

/// Whether a fault stopped a message's queue, or its carrier, while it waited there.
fn held(fault: &Fault, message: &Message) -> bool {
    let hits = match &fault.target {
        Target::Platform => true,
        Target::Carriers(list) => list.contains(&(message.carrier as usize)),
        Target::Senders(list) => list.contains(&message.sender),
    };
    hits && fault.effect == Effect::Hold && fault.at < message.sent && message.released < fault.until
}

/// A span to the millisecond.
fn short(span: SimDuration) -> String {
    let millis = (span.as_nanos() + 500_000) / 1_000_000;
    match millis {
        0 if span > SimDuration::ZERO => "< 1 ms".to_owned(),
        _ => SimDuration::from_nanos(millis * 1_000_000).to_string(),
    }
}

/// The local time to the millisecond.
fn clock(model: &Model, at: SimTime) -> String {
    let millis = at.as_nanos() / 1_000_000 % 1_000;
    let start = model.calendar.instant(SimTime::ZERO).subsec_nanosecond();
    debug_assert!(start >= 0, "starts after 1970");
    let millis = (millis + u64::from(start.unsigned_abs()) / 1_000_000) % 1_000;
    format!("{}.{millis:03}", model.calendar.wall_clock(at))
}
