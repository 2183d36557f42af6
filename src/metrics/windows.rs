//! What promises with a window ask for: counts and delays of the messages of one scope, by the window in which each was
//! *meant* to be sent. A message belongs to its window wherever and whenever it ends, so a window's figures are complete
//! when the run is.
//!
//! Windows are wide compared with events and only those with messages exist. Nothing is kept for promises about the whole
//! run: [`super::Collector`] does that.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Model;
use crate::model::ending::{Ending, Status};
use crate::model::metric::Metric;
use crate::model::threshold::{Threshold, Watch};
use crate::simulation::lives::Straight;
use crate::simulation::observer::{Feedback, Message, Observer, Report};
use crate::simulation::stage::Stage;
use crate::units::{SimDuration, SimTime};

use super::delay::Delay;
use super::totals::Totals;

/// One window of one promise in one replication.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Counts. Times, charges and stages are not kept.
    pub totals: Totals,
    /// The delay that the promise is about, if it is about one.
    pub delay: Delay,
}

impl Window {
    /// Adds the same window's of other campaigns.
    fn join(&mut self, other: &Window) {
        self.totals.add(&other.totals);
        self.delay.merge(&other.delay);
    }
}

/// The windows of all promises that ask for them, in the order of the model's, by number.
pub type Watched = Vec<BTreeMap<u64, Window>>;

/// Watches a replication for promises with windows.
#[derive(Debug)]
pub struct Windows<'m> {
    model: &'m Model,
    watches: Vec<(&'m Threshold, &'m Watch)>,
    windows: Watched,
    /// When the last message was meant that was offered.
    offered: SimTime,
}

impl<'m> Windows<'m> {
    /// Nothing seen yet.
    pub fn new(model: &'m Model) -> Windows<'m> {
        let watches: Vec<_> = model
            .thresholds
            .iter()
            .filter_map(|threshold| threshold.watch.as_ref().map(|watch| (threshold, watch)))
            .collect();
        Windows { model, windows: vec![BTreeMap::new(); watches.len()], watches, offered: SimTime::ZERO }
    }

    /// Adds what another saw of other campaigns in the same replication.
    pub fn join(&mut self, other: &Windows) {
        for (windows, others) in self.windows.iter_mut().zip(&other.windows) {
            others.iter().for_each(|(number, window)| windows.entry(*number).or_default().join(window));
        }
    }

    /// What was seen.
    pub fn finish(self) -> Watched {
        self.windows
    }

    /// Changes the windows that a message of this campaign and carrier, meant at `intended`, belongs to.
    #[inline]
    fn change(&mut self, intended: SimTime, campaign: u32, carrier: u32, change: impl Fn(&mut Window, Metric)) {
        // Most runs have no promise with a window.
        if !self.watches.is_empty() {
            self.change_watched(intended, campaign, carrier, change);
        }
    }

    #[cold]
    fn change_watched(&mut self, intended: SimTime, campaign: u32, carrier: u32, change: impl Fn(&mut Window, Metric)) {
        let country = self.model.carriers[carrier as usize].country;
        for ((threshold, watch), windows) in self.watches.iter().zip(&mut self.windows) {
            let scope = &threshold.scope;
            let inside = self.model.is_in_scope(campaign as usize, scope)
                && scope.country.is_none_or(|wanted| wanted == country)
                && scope.carrier.is_none_or(|wanted| wanted == carrier as usize);
            if inside && let Some(number) = watch.window_of(campaign as usize, intended) {
                change(windows.entry(number).or_default(), threshold.metric);
            }
        }
    }

    #[inline]
    fn of(&mut self, message: &Message, change: impl Fn(&mut Window, Metric)) {
        self.change(message.intended, message.campaign, message.carrier, change);
    }

    #[inline]
    fn count(&mut self, message: &Message, count: impl Fn(&mut Totals)) {
        self.of(message, |window, _| count(&mut window.totals));
    }
}

impl Observer for Windows<'_> {
    const ORDERED: bool = false;

    #[inline]
    fn offered(&mut self, _at: SimTime, intended: SimTime, campaign: u32, carrier: u32) {
        self.offered = intended;
        self.change(intended, campaign, carrier, |window, _| window.totals.offered += 1);
    }

    fn repeated(&mut self, _at: SimTime, campaign: u32, carrier: u32) {
        self.change(self.offered, campaign, carrier, |window, _| window.totals.repeated += 1);
    }

    fn on_time(&mut self, _at: SimTime, message: &Message) {
        self.count(message, |totals| totals.on_time += 1);
    }

    fn feedback(&mut self, _at: SimTime, message: &Message, feedback: Feedback, heard: bool) {
        self.count(message, |totals| match feedback {
            _ if !heard => totals.unheard += 1,
            Feedback::Reply => totals.replies += 1,
            Feedback::Stop => totals.opt_outs += 1,
            Feedback::Start => totals.opt_ins += 1,
            Feedback::Help => totals.helps += 1,
        });
    }

    fn refused(&mut self, _at: SimTime, message: &Message, ending: Ending) {
        self.count(message, |totals| {
            totals.assigned += 1;
            totals.ended[ending] += 1;
        });
    }

    #[inline]
    fn accepted(&mut self, _at: SimTime, message: &Message) {
        self.of(message, |window, metric| {
            window.totals.assigned += 1;
            window.totals.accepted += 1;
            if metric == Metric::ApiWait {
                window.delay.record(message.api_wait());
            }
        });
    }

    fn kept(&mut self, _at: SimTime, message: &Message) {
        self.count(message, |totals| totals.held += 1);
    }

    fn released(&mut self, _at: SimTime, message: &Message) {
        self.count(message, |totals| totals.held -= 1);
    }

    #[inline]
    fn queued(&mut self, _at: SimTime, message: &Message) {
        self.count(message, |totals| totals.queued += 1);
    }

    #[inline]
    fn sent(&mut self, at: SimTime, message: &Message, _slot_end: SimTime) {
        self.of(message, |window, metric| {
            window.totals.sent += 1;
            let stage = |stage: Stage| message.spent(at).at(stage);
            let wait: Option<SimDuration> = match metric {
                Metric::QueueWait => Some(at.since(message.waits_since())),
                Metric::HoldWait => Some(stage(Stage::Hold)),
                Metric::LaneWait => Some(stage(Stage::Lane)),
                Metric::CeilingWait => Some(stage(Stage::Ceiling)),
                _ => None,
            };
            if let Some(wait) = wait {
                window.delay.record(wait);
            }
        });
    }

    #[inline]
    fn ended(&mut self, at: SimTime, message: &Message, ending: Ending) {
        self.of(message, |window, metric| {
            window.totals.ended[ending] += 1;
            if ending.status() == Status::Canceled {
                window.totals.held -= 1;
            }
            if ending.status() != Status::Delivered {
                return;
            }
            let stage = |stage: Stage| message.spent(at).at(stage);
            let delay: Option<SimDuration> = match metric {
                Metric::CarrierLatency => Some(at.since(message.sent)),
                Metric::CarrierHold => Some(stage(Stage::CarrierHold)),
                Metric::NetworkLatency => Some(stage(Stage::Network)),
                Metric::HandsetWait => Some(stage(Stage::Handset)),
                Metric::EndToEnd => Some(at.since(message.intended)),
                _ => None,
            };
            if let Some(delay) = delay {
                window.delay.record(delay);
            }
        });
    }

    fn lives(&mut self, lives: &[Straight]) {
        if !self.watches.is_empty() {
            lives.iter().for_each(|life| life.tell(self));
        }
    }

    #[inline]
    fn receipt(&mut self, _at: SimTime, message: &Message, report: Report, _ending: Ending) {
        self.count(message, |totals| match report {
            Report::Delivered => totals.reported_delivered += 1,
            Report::Undelivered(_) => totals.reported_undelivered += 1,
        });
    }
}
