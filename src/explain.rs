//! One message's life: every step from one replication, and what the platform would have told about it.
//!
//! A second observer beside the recorder writes the steps down; a life is a record with its steps. Which words they get
//! is the report's.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use crate::metrics::slowest::Slowest;
use crate::model::Model;
use crate::model::ending::{Ending, Status};
use crate::records::{Kind, Record, Recorder, Selection};
use crate::simulation::observer::{Feedback, Message, Observer, Report};
use crate::simulation::simulate;
use crate::units::{Segments, SimTime};

/// Something that happened to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The campaign meant to send it.
    Intended,
    /// The call was refused.
    Refused(Ending),
    /// The platform took it.
    Accepted,
    /// The platform keeps it until it is due or its hours open.
    Kept,
    /// The platform lets it go.
    Released,
    /// It entered its lane behind so many segments, those of the slot in progress among them.
    Queued {
        /// Segments before it.
        ahead: u64,
    },
    /// It was handed to the carrier.
    Sent,
    /// The carriers passed it on, after they had kept it for the hour.
    CarriedOn,
    /// The first attempt did not reach the handset.
    Missed,
    /// It ended.
    Ended(Ending),
    /// A receipt came.
    Receipt(Report),
    /// No receipt will come.
    Unreported,
    /// The network delivered it a second time.
    Duplicated,
    /// It arrived within the campaign's deadline.
    OnTime,
    /// The recipient did something, and a sender heard it or not.
    Feedback(Feedback, bool),
}

/// A step of a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: SimTime,
    /// What.
    pub event: Event,
    /// The status that the platform then tells a service's webhook. It does not tell the first status of a message.
    pub callback: Option<&'static str>,
}

/// A message's life.
#[derive(Clone, Debug)]
pub struct Life<'m> {
    /// What became of it.
    pub record: Record<'m>,
    /// All steps, in order.
    pub steps: Vec<Step>,
}

/// Runs one replication and tells the lives of the chosen planned messages, by campaign and number, and of all messages
/// that repeat or go on from them. One that was never handed over has no life.
pub fn explain(model: &Model, replication: u32, chosen: BTreeSet<(u32, u64)>) -> Vec<Life<'_>> {
    let biographer =
        Biographer { model, chosen: chosen.clone(), backlog: vec![0; model.lanes.len()], steps: BTreeMap::new() };
    let mut records: Vec<Record> = Vec::new();
    let recorder = Recorder::new(model, replication, Selection::Only(chosen), |record: &Record<'_>| {
        records.push(*record);
        Ok::<(), Infallible>(())
    });
    let ((recorder, mut biographer), _) = simulate(model, replication, (recorder, biographer));
    let Ok(()) = recorder.finish();
    records.retain(|record| record.kind == Kind::Outbound);
    records.sort_by_key(|record| (record.message.campaign, record.message.origin(), record.message.accepted));
    let steps = |record: &Record| biographer.steps.remove(&(record.message.campaign, record.message.number));
    let mut steps = steps;
    records.into_iter().map(|record| Life { steps: steps(&record).unwrap_or_default(), record }).collect()
}

/// Runs one replication and finds its slowest delivered messages, to the handset and to a carrier.
pub fn slowest(model: &Model, replication: u32) -> Slowest {
    let mut found = Slowest::default();
    found.merge(&simulate(model, replication, Slowest::default()).0.finish(), replication);
    found
}

/// The observer that writes steps down.
struct Biographer<'m> {
    model: &'m Model,
    chosen: BTreeSet<(u32, u64)>,
    /// Segments in each lane.
    backlog: Vec<u64>,
    steps: BTreeMap<(u32, u64), Vec<Step>>,
}

impl Biographer<'_> {
    fn note(&mut self, at: SimTime, message: &Message, event: Event, callback: Option<&'static str>) {
        if self.chosen.contains(&(message.campaign, message.origin())) {
            let steps = self.steps.entry((message.campaign, message.number)).or_default();
            steps.push(Step { at, event, callback });
        }
    }
}

impl Observer for Biographer<'_> {
    fn refused(&mut self, at: SimTime, message: &Message, ending: Ending) {
        self.note(message.intended.min(at), message, Event::Intended, None);
        self.note(at, message, Event::Refused(ending), None);
    }

    fn accepted(&mut self, at: SimTime, message: &Message) {
        // What is handed over ahead of time is meant later.
        self.note(message.intended.min(at), message, Event::Intended, None);
        self.note(at, message, Event::Accepted, None);
    }

    fn kept(&mut self, at: SimTime, message: &Message) {
        self.note(at, message, Event::Kept, None);
    }

    fn released(&mut self, at: SimTime, message: &Message) {
        self.note(at, message, Event::Released, None);
    }

    fn queued(&mut self, at: SimTime, message: &Message) {
        let ahead = self.backlog[message.lane as usize];
        self.backlog[message.lane as usize] += u64::from(message.segments);
        // Without a service it is the first status.
        let by_service = self.model.campaigns[message.campaign as usize].service.is_some();
        self.note(at, message, Event::Queued { ahead }, by_service.then_some("queued"));
    }

    fn sent(&mut self, at: SimTime, message: &Message, _slot_end: SimTime) {
        self.note(at, message, Event::Sent, Some("sent"));
    }

    fn slot_ended(&mut self, _at: SimTime, lane: u32, segments: Segments) {
        self.backlog[lane as usize] -= segments.0;
    }

    fn ended(&mut self, at: SimTime, message: &Message, ending: Ending) {
        if ending == Ending::Expired {
            self.backlog[message.lane as usize] -= u64::from(message.segments);
        }
        if message.attempted < SimTime::MAX {
            if message.carried_on > message.sent {
                self.note(message.carried_on, message, Event::CarriedOn, None);
            }
            if at > message.attempted {
                self.note(message.attempted, message, Event::Missed, None);
            }
        }
        let told = matches!(ending.status(), Status::Failed | Status::Canceled);
        self.note(at, message, Event::Ended(ending), told.then(|| ending.status().as_str()));
    }

    fn receipt(&mut self, at: SimTime, message: &Message, report: Report, _ending: Ending) {
        let status = match report {
            Report::Delivered => Status::Delivered,
            Report::Undelivered(_) => Status::Undelivered,
        };
        self.note(at, message, Event::Receipt(report), Some(status.as_str()));
    }

    fn unreported(&mut self, at: SimTime, message: &Message, _ending: Ending) {
        self.note(at, message, Event::Unreported, None);
    }

    fn duplicated(&mut self, at: SimTime, message: &Message) {
        self.note(at, message, Event::Duplicated, None);
    }

    fn on_time(&mut self, at: SimTime, message: &Message) {
        self.note(at, message, Event::OnTime, None);
    }

    fn feedback(&mut self, at: SimTime, message: &Message, feedback: Feedback, heard: bool) {
        self.note(at, message, Event::Feedback(feedback, heard), None);
    }
}
