//! One record a message: what a log of the platform would hold, and beside it what really happened.
//!
//! A [`Recorder`] watches one replication and hands each [`Record`] on as soon as nothing more can change it: a refused
//! call and a failed message at once, a message that was sent with its receipt, or when none will come. What is unfinished
//! at the end comes last, by campaign and number. Memory is bounded by the messages in progress.
//!
//! Which columns there are is in [`mod@column`]; how they are written to files is the report's.

pub mod column;

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::kernel::draws::Draws;
use crate::kernel::samplers::Chance;
use crate::model::Model;
use crate::model::ending::{Ending, Status};
use crate::simulation::observer::{Feedback, Message, Observer, Report};
use crate::simulation::people::{self, Person};
use crate::simulation::purpose;
use crate::simulation::simulate;
use crate::units::{Money, SimTime};

/// Which messages are recorded.
#[derive(Clone, Debug, PartialEq)]
pub enum Selection {
    /// All of them.
    All,
    /// Those that are not delivered, or not reported so.
    Failures,
    /// A share of the planned messages, with all that follow from them.
    Sample(Chance),
    /// These planned messages, by campaign and number, with all that follow from them.
    Only(BTreeSet<(u32, u64)>),
}

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A message of a campaign.
    Outbound,
    /// What a recipient sent back to a sender that receives.
    Inbound(Feedback),
}

/// One record.
#[derive(Clone, Copy, Debug)]
pub struct Record<'m> {
    /// The model that it belongs to.
    pub model: &'m Model,
    /// The draws of its replication.
    pub draws: Draws,
    /// Which replication.
    pub replication: u32,
    /// What it is about.
    pub kind: Kind,
    /// The message; for something inbound, the one that is answered.
    pub message: Message,
    /// Whether the platform keeps it, scheduled or for its hours.
    pub kept: bool,
    /// When and how it truly ended, if it did.
    pub ended: Option<(SimTime, Ending)>,
    /// When and what its receipt said, if one came.
    pub receipt: Option<(SimTime, Report)>,
    /// The last change of what the platform shows.
    pub updated: SimTime,
}

impl Record<'_> {
    /// The recipient.
    pub fn person(&self) -> Person {
        people::recipient(self.model, self.draws, self.message.campaign as usize, self.message.number)
    }

    /// The status that the platform shows. `refused` is no status of a message: the call made none.
    pub fn status(&self) -> &'static str {
        if let Kind::Inbound(_) = self.kind {
            return "received";
        }
        match (self.receipt, self.ended) {
            (Some((_, Report::Delivered)), _) => Status::Delivered.as_str(),
            (Some((_, Report::Undelivered(_))), _) => Status::Undelivered.as_str(),
            (None, Some((_, ending))) if is_known_at_once(ending) => ending.status().as_str(),
            (None, _) if self.message.sent < SimTime::MAX => "sent",
            (None, _) if self.kept => "scheduled",
            (None, _) => "queued",
        }
    }

    /// The error code that the platform shows.
    pub fn code(&self) -> Option<u16> {
        match (self.receipt, self.ended) {
            (Some((_, Report::Undelivered(code))), _) => Some(code),
            (None, Some((_, ending))) if is_known_at_once(ending) => ending.code(),
            _ => None,
        }
    }

    /// What is billed for it: list price and carrier fee of its segments once it was sent, the fee for a failed message,
    /// nothing for others. What comes in is not priced.
    pub fn charge(&self) -> Option<Money> {
        if self.kind != Kind::Outbound {
            return None;
        }
        let carrier = &self.model.carriers[self.message.carrier as usize];
        if self.ended.is_some_and(|(_, ending)| ending.status() == Status::Failed) {
            return Some(self.model.countries[carrier.country].failed_message_fee);
        }
        if self.message.sent < SimTime::MAX {
            let kind = self.model.senders[self.message.sender as usize].kind;
            let price = carrier.price[kind.index()].of(self.message.segments);
            return Some(price.base + price.fee);
        }
        None
    }

    /// Whether it is a failure, in truth or as reported.
    fn is_failure(&self) -> bool {
        let delivered = |status: &str| status == Status::Delivered.as_str();
        self.kind == Kind::Outbound
            && !(self.ended.is_some_and(|(_, ending)| ending == Ending::Delivered) && delivered(self.status()))
    }
}

/// Whether the platform knows of an end by itself, without a receipt.
fn is_known_at_once(ending: Ending) -> bool {
    matches!(ending.status(), Status::Failed | Status::Canceled | Status::Refused)
}

/// Runs one replication and hands on its records. Stops handing on after the first error, and returns it.
///
/// # Errors
/// Whatever `sink` returns.
pub fn record<'m, E>(
    model: &'m Model,
    replication: u32,
    selection: Selection,
    sink: impl FnMut(&Record<'m>) -> Result<(), E>,
) -> Result<(), E> {
    let (recorder, _) = simulate(model, replication, Recorder::new(model, replication, selection, sink));
    recorder.finish()
}

/// The observer that makes records.
pub struct Recorder<'m, S, E> {
    model: &'m Model,
    draws: Draws,
    replication: u32,
    selection: Selection,
    sink: S,
    error: Option<E>,
    /// Messages that may still change, by campaign and number.
    open: FxHashMap<(u32, u64), Record<'m>>,
}

impl<'m, E, S: FnMut(&Record<'m>) -> Result<(), E>> Recorder<'m, S, E> {
    /// An observer of one replication.
    pub fn new(model: &'m Model, replication: u32, selection: Selection, sink: S) -> Self {
        Recorder {
            model,
            draws: Draws::new(model.seed, replication),
            replication,
            selection,
            sink,
            error: None,
            open: FxHashMap::default(),
        }
    }

    fn is_selected(&self, message: &Message) -> bool {
        match &self.selection {
            Selection::All | Selection::Failures => true,
            Selection::Sample(share) => {
                let stream = self.model.campaign_stream(message.campaign as usize);
                share.hits(self.draws.block(stream, purpose::SAMPLE, message.origin()).bits32(0))
            }
            Selection::Only(chosen) => chosen.contains(&(message.campaign, message.origin())),
        }
    }

    fn new_record(&self, at: SimTime, message: &Message, kind: Kind) -> Record<'m> {
        Record {
            model: self.model,
            draws: self.draws,
            replication: self.replication,
            kind,
            message: *message,
            kept: false,
            ended: None,
            receipt: None,
            updated: at,
        }
    }

    fn change(&mut self, at: SimTime, message: &Message, change: impl FnOnce(&mut Record)) {
        if let Some(record) = self.open.get_mut(&(message.campaign, message.number)) {
            record.message = *message;
            record.updated = at;
            change(record);
        }
    }

    fn close(&mut self, message: &Message) {
        if let Some(record) = self.open.remove(&(message.campaign, message.number)) {
            self.hand_on(&record);
        }
    }

    fn hand_on(&mut self, record: &Record<'m>) {
        if self.error.is_none() && (self.selection != Selection::Failures || record.is_failure()) {
            self.error = (self.sink)(record).err();
        }
    }

    /// Hands on what is unfinished, and tells the first error of the sink.
    ///
    /// # Errors
    /// Whatever the sink returned.
    pub fn finish(mut self) -> Result<(), E> {
        let mut rest: Vec<Record> = self.open.drain().map(|(_, record)| record).collect();
        rest.sort_unstable_by_key(|record| (record.message.campaign, record.message.number));
        rest.iter().for_each(|record| self.hand_on(record));
        self.error.map_or(Ok(()), Err)
    }
}

impl<'m, E, S: FnMut(&Record<'m>) -> Result<(), E>> Observer for Recorder<'m, S, E> {
    fn refused(&mut self, at: SimTime, message: &Message, ending: Ending) {
        if self.is_selected(message) {
            let record = self.new_record(at, message, Kind::Outbound);
            self.hand_on(&Record { ended: Some((at, ending)), ..record });
        }
    }

    fn accepted(&mut self, at: SimTime, message: &Message) {
        if self.is_selected(message) {
            let record = self.new_record(at, message, Kind::Outbound);
            self.open.insert((message.campaign, message.number), record);
        }
    }

    fn kept(&mut self, at: SimTime, message: &Message) {
        self.change(at, message, |record| record.kept = true);
    }

    fn released(&mut self, at: SimTime, message: &Message) {
        self.change(at, message, |record| record.kept = false);
    }

    fn queued(&mut self, at: SimTime, message: &Message) {
        self.change(at, message, |_| {});
    }

    fn sent(&mut self, at: SimTime, message: &Message, _slot_end: SimTime) {
        self.change(at, message, |_| {});
    }

    fn ended(&mut self, at: SimTime, message: &Message, ending: Ending) {
        // What the networks do to a message shows only with its receipt.
        let shown = if is_known_at_once(ending) { at } else { message.sent };
        self.change(shown, message, |record| record.ended = Some((at, ending)));
        if matches!(ending.status(), Status::Failed | Status::Canceled) {
            self.close(message);
        }
    }

    fn receipt(&mut self, at: SimTime, message: &Message, report: Report, _ending: Ending) {
        self.change(at, message, |record| record.receipt = Some((at, report)));
        self.close(message);
    }

    fn unreported(&mut self, _at: SimTime, message: &Message, _ending: Ending) {
        self.close(message);
    }

    fn feedback(&mut self, at: SimTime, message: &Message, feedback: Feedback, heard: bool) {
        if heard && self.is_selected(message) {
            let record = self.new_record(at, message, Kind::Inbound(feedback));
            self.hand_on(&record);
        }
    }
}
