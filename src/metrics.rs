//! Watches a replication and counts: histograms, totals, series. All accumulators are integers, so merging replications
//! gives the same bytes in any grouping. Metrics never reach back into the simulation.
//!
//! Histograms are kept per campaign and part of the delay, and per country; lanes and senders have counters only.

pub mod delay;
mod exact;
pub mod sketch;
pub mod slowest;
mod straight;
pub mod timeline;
pub mod totals;
pub mod windows;

use serde::{Deserialize, Serialize};

use crate::kernel::wide::fetch;
use crate::model::ending::{ByEnding, Ending, Status};
use crate::model::sender::SenderType;
use crate::model::threshold::Scope;
use crate::model::{Model, Price, Sender};
use crate::simulation::lives::Straight;
use crate::simulation::observer::{Feedback, Message, Observer, Report};
use crate::simulation::stage::Stage;
use crate::units::{Money, Segments, SimDuration, SimTime};

use delay::{Delay, Placed, Recorder};
use slowest::Slowest;
use straight::StraightCounts;
use timeline::Timeline;
use totals::Totals;

/// The parts of a campaign's delays, collected ([`Recorder`]) or known ([`Delay`]).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Parts<D> {
    /// Accepted minus intended.
    pub api_wait: D,
    /// Sent minus accepted (or due, when handed over ahead of time).
    pub queue_wait: D,
    /// Of that, kept at the platform until its hours opened.
    pub hold_wait: D,
    /// Of that, spent in the lane.
    pub lane_wait: D,
    /// Of that, spent at a ceiling.
    pub ceiling_wait: D,
    /// Handset minus sent.
    pub carrier_latency: D,
    /// Of that, kept by the carriers for the hour.
    pub carrier_hold: D,
    /// Of that, on the way through the networks.
    pub network_latency: D,
    /// Of that, waiting for a handset out of reach.
    pub handset_wait: D,
    /// Handset minus intended.
    pub end_to_end: D,
}

/// The parts of a campaign's delays.
pub type Delays = Parts<Delay>;

impl Parts<Recorder> {
    fn add(&mut self, other: &Parts<Recorder>) {
        self.api_wait.add(&other.api_wait);
        self.queue_wait.add(&other.queue_wait);
        self.hold_wait.add(&other.hold_wait);
        self.lane_wait.add(&other.lane_wait);
        self.ceiling_wait.add(&other.ceiling_wait);
        self.carrier_latency.add(&other.carrier_latency);
        self.carrier_hold.add(&other.carrier_hold);
        self.network_latency.add(&other.network_latency);
        self.handset_wait.add(&other.handset_wait);
        self.end_to_end.add(&other.end_to_end);
    }

    fn finish(self) -> Delays {
        Delays {
            api_wait: self.api_wait.finish(),
            queue_wait: self.queue_wait.finish(),
            hold_wait: self.hold_wait.finish(),
            lane_wait: self.lane_wait.finish(),
            ceiling_wait: self.ceiling_wait.finish(),
            carrier_latency: self.carrier_latency.finish(),
            carrier_hold: self.carrier_hold.finish(),
            network_latency: self.network_latency.finish(),
            handset_wait: self.handset_wait.finish(),
            end_to_end: self.end_to_end.finish(),
        }
    }
}

impl Delays {
    /// Adds another replication's.
    pub fn merge(&mut self, other: &Delays) {
        self.api_wait.merge(&other.api_wait);
        self.queue_wait.merge(&other.queue_wait);
        self.hold_wait.merge(&other.hold_wait);
        self.lane_wait.merge(&other.lane_wait);
        self.ceiling_wait.merge(&other.ceiling_wait);
        self.carrier_latency.merge(&other.carrier_latency);
        self.carrier_hold.merge(&other.carrier_hold);
        self.network_latency.merge(&other.network_latency);
        self.handset_wait.merge(&other.handset_wait);
        self.end_to_end.merge(&other.end_to_end);
    }
}

/// The delays that are kept per country, collected or known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CountryParts<D> {
    /// Sent minus accepted.
    pub queue_wait: D,
    /// Handset minus intended.
    pub end_to_end: D,
}

/// The delays that are kept per country.
pub type CountryDelays = CountryParts<Delay>;

impl CountryParts<Recorder> {
    fn add(&mut self, other: &CountryParts<Recorder>) {
        self.queue_wait.add(&other.queue_wait);
        self.end_to_end.add(&other.end_to_end);
    }

    fn finish(self) -> CountryDelays {
        CountryDelays { queue_wait: self.queue_wait.finish(), end_to_end: self.end_to_end.finish() }
    }
}

impl CountryDelays {
    /// Adds another replication's.
    pub fn merge(&mut self, other: &CountryDelays) {
        self.queue_wait.merge(&other.queue_wait);
        self.end_to_end.merge(&other.end_to_end);
    }
}

/// What one lane did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneCounters {
    /// Messages that entered.
    pub queued: u64,
    /// Messages sent.
    pub sent: u64,
    /// Segments sent.
    pub segments: u64,
    /// Messages that expired in it.
    pub expired: u64,
    /// Messages that found it full.
    pub overflowed: u64,
    /// The largest backlog.
    pub peak_backlog: u64,
    /// End of the last slot.
    pub drained: SimTime,
    /// Time for which a slot was in progress.
    pub busy_nanos: u128,
    /// Sum of the waits of its sent messages.
    pub wait_nanos: u128,
    /// Time from the first message's entry to the end of the last slot.
    pub span_nanos: u128,
    /// The longest of them.
    pub longest_wait: SimDuration,
}

/// What is counted of a lane with every message: as little as can be, since there may be very many.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct LaneTally {
    sent: u64,
    segments: u64,
    wait_nanos: u128,
    /// Slots of a lane do not overlap, so this is less than the longest time there is.
    busy_nanos: u64,
    longest_wait: SimDuration,
    drained: SimTime,
    first_queued: SimTime,
}

impl LaneTally {
    const NONE: LaneTally = LaneTally {
        sent: 0,
        segments: 0,
        wait_nanos: 0,
        busy_nanos: 0,
        longest_wait: SimDuration::ZERO,
        drained: SimTime::ZERO,
        first_queued: SimTime::MAX,
    };

    fn add(&mut self, other: &LaneTally) {
        self.sent += other.sent;
        self.segments += other.segments;
        self.wait_nanos += other.wait_nanos;
        self.busy_nanos += other.busy_nanos;
        self.longest_wait = self.longest_wait.max(other.longest_wait);
        self.drained = self.drained.max(other.drained);
        self.first_queued = self.first_queued.min(other.first_queued);
    }

    #[inline(always)]
    fn sent(&mut self, at: SimTime, slot_end: SimTime, segments: u64, wait: SimDuration) {
        self.sent += 1;
        self.segments += segments;
        self.wait_nanos += u128::from(wait.as_nanos());
        self.busy_nanos += slot_end.since(at).as_nanos();
        self.longest_wait = self.longest_wait.max(wait);
        self.drained = self.drained.max(slot_end);
    }
}

impl LaneCounters {
    /// With what was counted of its messages; until now [`LaneCounters::queued`] are those beside the messages sent.
    fn finish(self, tally: &LaneTally) -> LaneCounters {
        let span = if tally.sent > 0 { tally.drained.since(tally.first_queued) } else { SimDuration::ZERO };
        LaneCounters {
            queued: self.queued.wrapping_add(tally.sent),
            sent: tally.sent,
            segments: tally.segments,
            drained: tally.drained,
            busy_nanos: u128::from(tally.busy_nanos),
            wait_nanos: tally.wait_nanos,
            span_nanos: u128::from(span.as_nanos()),
            longest_wait: tally.longest_wait,
            ..self
        }
    }

    /// Whether the horizon cut the drain: messages wait, or the last slot ends later.
    pub fn cut_by(&self, horizon: Option<SimTime>) -> bool {
        horizon.is_some_and(|horizon| self.drained > horizon || self.queued > self.sent + self.expired)
    }

    /// Adds another replication's counts; peak and drain are the largest of any.
    pub fn merge(&mut self, other: &LaneCounters) {
        self.queued += other.queued;
        self.sent += other.sent;
        self.segments += other.segments;
        self.expired += other.expired;
        self.overflowed += other.overflowed;
        self.peak_backlog = self.peak_backlog.max(other.peak_backlog);
        self.drained = self.drained.max(other.drained);
        self.busy_nanos += other.busy_nanos;
        self.span_nanos += other.span_nanos;
        self.wait_nanos += other.wait_nanos;
        self.longest_wait = self.longest_wait.max(other.longest_wait);
    }
}

/// What one replication showed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observations {
    /// By campaign.
    pub delays: Vec<Delays>,
    /// By country.
    pub country_delays: Vec<CountryDelays>,
    /// By lane.
    pub lanes: Vec<LaneCounters>,
    /// Series over time.
    pub timeline: Timeline,
    /// By [`Collector::scopes`].
    pub totals: Vec<Totals>,
    /// The delivered messages that took longest.
    pub slowest: Slowest,
    /// How each true end shows in receipts.
    pub reports: ByEnding<Reports>,
}

/// How messages that ended in one way show in receipts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reports {
    /// As delivered.
    pub delivered: u64,
    /// With the code of what happened.
    pub same: u64,
    /// With another code.
    pub otherwise: u64,
    /// Not at all.
    pub nothing: u64,
}

impl Reports {
    /// Adds another replication's.
    pub fn merge(&mut self, other: &Reports) {
        self.delivered += other.delivered;
        self.same += other.same;
        self.otherwise += other.otherwise;
        self.nothing += other.nothing;
    }
}

/// What is asked of a sender with every message, side by side.
#[derive(Clone, Copy, Debug)]
struct SenderFacts {
    group: u32,
    kind: u8,
}

impl SenderFacts {
    fn new(sender: &Sender) -> SenderFacts {
        let group = u32::try_from(sender.group).expect("the number of senders is limited");
        SenderFacts { group, kind: sender.kind as u8 }
    }
}

/// The observer that fills [`Observations`].
pub struct Collector<'m> {
    model: &'m Model,
    delays: Vec<Parts<Recorder>>,
    country_delays: Vec<CountryParts<Recorder>>,
    lanes: Vec<LaneCounters>,
    tallies: Vec<LaneTally>,
    /// By lane: the series that its backlog is in.
    series_of: Vec<u8>,
    senders: Vec<SenderFacts>,
    /// How many carriers there are.
    carriers: usize,
    timeline: Timeline,
    /// By campaign, carrier and sender type (the last for none).
    cells: Vec<Totals>,
    /// Messages that went straight through, which are counted apart and added at the end.
    straight: StraightCounts,
    /// Of the segments sent in each cell, those that the platform took back.
    unbilled: Vec<u64>,
    slowest: Slowest,
    reports: ByEnding<Reports>,
    /// The last instant at which anything happened at the platform.
    end: SimTime,
}

/// Entries of the file whose backlog has a series of its own; the rest share one.
pub const SERIES_GROUPS: usize = 16;

/// The names of the backlog series.
pub fn backlog_names(model: &Model) -> Vec<String> {
    let mut names: Vec<String> = model.groups.iter().take(SERIES_GROUPS).map(|group| group.id.clone()).collect();
    if model.groups.len() > SERIES_GROUPS {
        names.push("all other senders".to_owned());
    }
    names
}

/// Pairs of campaign and country of which totals are kept, if there are no more.
const PAIRS_MAX: usize = 200;

/// The tallies of so many lanes fit into a first-level cache of 32 KiB.
const TALLIES_NEAR: usize = (1 << 15) / size_of::<LaneTally>();

/// Places per (campaign, carrier): the types, and none.
const KINDS: usize = SenderType::ALL.len() + 1;

impl<'m> Collector<'m> {
    /// A collector for one replication of `model`.
    pub fn new(model: &'m Model) -> Collector<'m> {
        Collector {
            model,
            delays: vec![Parts::default(); model.campaigns.len()],
            country_delays: vec![CountryParts::default(); model.countries.len()],
            lanes: vec![LaneCounters::default(); model.lanes.len()],
            series_of: model.lanes.iter().map(|lane| lane.group.min(SERIES_GROUPS) as u8).collect(),
            tallies: vec![LaneTally::NONE; model.lanes.len()],
            senders: model.senders.iter().map(SenderFacts::new).collect(),
            carriers: model.carriers.len(),
            timeline: Timeline::new(backlog_names(model).len()),
            cells: vec![Totals::default(); model.campaigns.len() * model.carriers.len() * KINDS],
            unbilled: vec![0; model.campaigns.len() * model.carriers.len() * KINDS],
            straight: StraightCounts::new(model),
            slowest: Slowest::default(),
            reports: ByEnding::default(),
            end: SimTime::ZERO,
        }
    }

    /// How many things are counted, each by several numbers: campaigns by carrier and sender type, and lanes.
    pub fn counts(model: &Model) -> usize {
        model.campaigns.len() * model.carriers.len() * KINDS + model.lanes.len()
    }

    /// The scopes for which totals are kept: everything, each campaign, service, country, carrier and sender type,
    /// each tag, each campaign in each country, and whatever thresholds and measures ask for beside.
    pub fn scopes(model: &Model) -> Vec<Scope> {
        let everything = Scope::default();
        let mut scopes = vec![everything.clone()];
        scopes.extend((0..model.campaigns.len()).map(|index| Scope { campaign: Some(index), ..everything.clone() }));
        scopes.extend((0..model.services.len()).map(|index| Scope { service: Some(index), ..everything.clone() }));
        scopes.extend((0..model.countries.len()).map(|index| Scope { country: Some(index), ..everything.clone() }));
        scopes.extend((0..model.carriers.len()).map(|index| Scope { carrier: Some(index), ..everything.clone() }));
        scopes.extend(SenderType::ALL.map(|kind| Scope { sender_type: Some(kind), ..everything.clone() }));
        scopes.extend(Collector::pairs(model));
        scopes.extend((0..model.tags.len()).map(|index| Scope { tags: vec![index], ..everything.clone() }));
        let thresholds = model.thresholds.iter().map(|threshold| &threshold.scope);
        for scope in thresholds.chain(model.measures.iter().map(|measure| &measure.scope)) {
            if !scopes.contains(scope) {
                scopes.push(scope.clone());
            }
        }
        scopes
    }

    /// The scopes of each campaign in each country, where there are several of both and not too many.
    pub fn pairs(model: &Model) -> Vec<Scope> {
        let (campaigns, countries) = (model.campaigns.len(), model.countries.len());
        if campaigns < 2 || countries < 2 || campaigns * countries > PAIRS_MAX {
            return Vec::new();
        }
        let pair = |index: usize| Scope {
            campaign: Some(index / countries),
            country: Some(index % countries),
            ..Scope::default()
        };
        (0..campaigns * countries).map(pair).collect()
    }

    /// Adds what another counted of other campaigns in the same replication, which use none of the lanes of these: the result is
    /// that of one that watches all of them. What follows from several counts is worked out at the end.
    pub fn join(&mut self, mut other: Collector) {
        other.add_straight();
        self.delays.iter_mut().zip(&other.delays).for_each(|(sum, delays)| sum.add(delays));
        self.country_delays.iter_mut().zip(&other.country_delays).for_each(|(sum, delays)| sum.add(delays));
        for (sum, lane) in self.lanes.iter_mut().zip(&other.lanes) {
            // Less those that are sent, until the end.
            sum.queued = sum.queued.wrapping_add(lane.queued);
            sum.expired += lane.expired;
            sum.overflowed += lane.overflowed;
            sum.peak_backlog = sum.peak_backlog.max(lane.peak_backlog);
        }
        self.tallies.iter_mut().zip(&other.tallies).for_each(|(sum, tally)| sum.add(tally));
        self.timeline.join(other.timeline);
        self.cells.iter_mut().zip(&other.cells).for_each(|(sum, cell)| sum.add(cell));
        self.unbilled.iter_mut().zip(&other.unbilled).for_each(|(sum, segments)| *sum += segments);
        self.slowest.join(other.slowest);
        Ending::ALL.into_iter().for_each(|ending| self.reports[ending].merge(&other.reports[ending]));
        self.end = self.end.max(other.end);
    }

    /// Closes the books of the replication.
    pub fn finish(mut self, scopes: &[Scope]) -> Observations {
        self.add_straight();
        self.timeline.finish(self.end);
        self.charge();
        let totals = scopes.iter().map(|scope| self.totals_of(scope)).collect();
        Observations {
            delays: self.delays.into_iter().map(Parts::finish).collect(),
            country_delays: self.country_delays.into_iter().map(CountryParts::finish).collect(),
            lanes: self.lanes.into_iter().zip(&self.tallies).map(|(lane, tally)| lane.finish(tally)).collect(),
            timeline: self.timeline,
            totals,
            slowest: self.slowest.finish(),
            reports: self.reports,
        }
    }

    fn totals_of(&self, scope: &Scope) -> Totals {
        let mut sum = Totals::default();
        for (index, cell) in self.cells.iter().enumerate() {
            let (kind, rest) = (index % KINDS, index / KINDS);
            let (carrier, campaign) = (rest % self.model.carriers.len(), rest / self.model.carriers.len());
            let matches = self.model.is_in_scope(campaign, scope)
                && scope.country.is_none_or(|wanted| self.model.carriers[carrier].country == wanted)
                && scope.carrier.is_none_or(|wanted| wanted == carrier)
                && scope.sender_type.is_none_or(|wanted| wanted as usize == kind);
            if matches {
                sum.add(cell);
            }
        }
        if scope.sender_type.is_some() {
            sum.offered = sum.assigned;
        }
        if self.model.horizon.is_some_and(|horizon| sum.last_slot_end.is_some_and(|end| end > horizon)) {
            sum.drain_cut = true;
        }
        sum
    }

    #[inline(always)]
    fn index(&self, campaign: u32, carrier: u32, sender: u32) -> usize {
        // Nobody is beyond the end of the table.
        let kind = self.senders.get(sender as usize).map_or(KINDS - 1, |sender| usize::from(sender.kind));
        (campaign as usize * self.carriers + carrier as usize) * KINDS + kind
    }

    #[inline(always)]
    fn cell(&mut self, campaign: u32, carrier: u32, sender: u32) -> &mut Totals {
        let index = self.index(campaign, carrier, sender);
        &mut self.cells[index]
    }

    #[inline(always)]
    fn cell_of(&mut self, message: &Message) -> &mut Totals {
        self.cell(message.campaign, message.carrier, message.sender)
    }

    /// What messages cost, worked out from segments: prices are the same for each of a cell.
    fn charge(&mut self) {
        for (index, (cell, unbilled)) in self.cells.iter_mut().zip(&self.unbilled).enumerate() {
            let (kind, carrier) = (index % KINDS, index / KINDS % self.carriers);
            let carrier = &self.model.carriers[carrier];
            if let Some(Price { base, fee }) = carrier.price.get(kind) {
                // What no carrier took is not billed.
                let billed = cell.segments_sent - unbilled;
                cell.cost.base = *base * billed;
                cell.cost.carrier_fees = *fee * billed;
            }
            let failed = Ending::ALL.into_iter().filter(|ending| ending.status() == Status::Failed);
            let fee = self.model.countries[carrier.country].failed_message_fee;
            cell.cost.failed_fees = fee * failed.map(|ending| cell.ended[ending]).sum();
        }
    }

    #[inline]
    fn leave_backlog(&mut self, at: SimTime, lane: u32, segments: u64) {
        self.timeline.backlog(at, self.series(lane), -i64::try_from(segments).expect("a message is small"));
    }

    /// The series that a lane's backlog is in.
    #[inline]
    fn series(&self, lane: u32) -> usize {
        usize::from(self.series_of[lane as usize])
    }

    fn count_overflow(&mut self, message: &Message, ending: Ending) {
        if matches!(ending, Ending::QueueOverflow | Ending::RefusedQueueFull) {
            self.lanes[message.lane as usize].overflowed += 1;
        }
    }
}

impl Observer for Collector<'_> {
    const ORDERED: bool = false;

    #[inline]
    fn offered(&mut self, at: SimTime, intended: SimTime, campaign: u32, carrier: u32) {
        self.end = self.end.max(at);
        let cell = self.cell(campaign, carrier, Message::NONE);
        cell.offered += 1;
        cell.meant_at(intended);
        self.timeline.flow(at, timeline::Flow::Offered, 1);
    }

    fn repeated(&mut self, _at: SimTime, campaign: u32, carrier: u32) {
        self.cell(campaign, carrier, Message::NONE).repeated += 1;
    }

    fn on_time(&mut self, _at: SimTime, message: &Message) {
        self.cell_of(message).on_time += 1;
    }

    fn duplicated(&mut self, _at: SimTime, message: &Message) {
        self.cell_of(message).duplicated += 1;
    }

    fn feedback(&mut self, _at: SimTime, message: &Message, feedback: Feedback, heard: bool) {
        let cell = self.cell_of(message);
        match feedback {
            _ if !heard => cell.unheard += 1,
            Feedback::Reply => cell.replies += 1,
            Feedback::Stop => cell.opt_outs += 1,
            Feedback::Start => cell.opt_ins += 1,
            Feedback::Help => cell.helps += 1,
        }
    }

    fn helped(&mut self, _at: SimTime, message: &Message) {
        self.cell_of(message).helped += 1;
    }

    fn refused(&mut self, at: SimTime, message: &Message, ending: Ending) {
        self.end = self.end.max(at);
        let cell = self.cell_of(message);
        cell.assign(message.intended);
        cell.ended[ending] += 1;
        self.count_overflow(message, ending);
    }

    #[inline]
    fn accepted(&mut self, at: SimTime, message: &Message) {
        self.end = self.end.max(at);
        let cell = self.cell_of(message);
        cell.assign(message.intended);
        cell.accepted += 1;
        self.delays[message.campaign as usize].api_wait.record(message.api_wait());
        self.timeline.flow(at, timeline::Flow::Accepted, 1);
    }

    fn kept(&mut self, _at: SimTime, message: &Message) {
        self.cell_of(message).held += 1;
    }

    /// The message moves from the cell of those without a sender to that of its sender's type.
    fn released(&mut self, _at: SimTime, message: &Message) {
        let none = self.cell(message.campaign, message.carrier, Message::NONE);
        none.held -= 1;
        none.accepted -= 1;
        none.assigned -= 1;
        let cell = self.cell_of(message);
        cell.accepted += 1;
        cell.assign(message.intended);
    }

    #[inline]
    fn queued(&mut self, at: SimTime, message: &Message) {
        self.cell_of(message).queued += 1;
        // Less those that are sent.
        let lane = &mut self.lanes[message.lane as usize];
        lane.queued = lane.queued.wrapping_add(1);
        let tally = &mut self.tallies[message.lane as usize];
        tally.first_queued = tally.first_queued.min(at);
        let series = self.series(message.lane);
        self.timeline.backlog(at, series, i64::from(message.segments));
    }

    fn peak(&mut self, lane: u32, backlog: Segments) {
        self.lanes[lane as usize].peak_backlog = backlog.0;
    }

    #[inline]
    fn sent(&mut self, at: SimTime, message: &Message, slot_end: SimTime) {
        self.end = self.end.max(at);
        let segments = u64::from(message.segments);
        let carrier = &self.model.carriers[message.carrier as usize];
        let group = self.senders[message.sender as usize].group;
        let country = carrier.country;
        let terms = self.model.terms(group as usize, message.carrier as usize).expect("what is sent has terms");
        let added = &self.model.campaigns[message.campaign as usize].added_segments[country];
        let added = u64::from(added[terms.class as usize]);
        let cell = self.cell_of(message);
        cell.sent += 1;
        cell.segments_sent += segments;
        cell.segments_added += added;
        cell.last_slot_end = cell.last_slot_end.max(Some(slot_end));
        cell.last_sent = cell.last_sent.max(Some(at));
        let wait = at.since(message.waits_since());
        let lane = &mut self.lanes[message.lane as usize];
        lane.queued = lane.queued.wrapping_sub(1);
        self.tallies[message.lane as usize].sent(at, slot_end, segments, wait);
        let delays = &mut self.delays[message.campaign as usize];
        let wait = Placed::new(wait);
        delays.queue_wait.record_placed(wait);
        self.country_delays[country].queue_wait.record_placed(wait);
        if message.ready == at && message.released == message.waits_since() {
            // Mostly all of the wait is spent in the lane.
            delays.lane_wait.record_placed(wait);
            delays.hold_wait.record(SimDuration::ZERO);
            delays.ceiling_wait.record(SimDuration::ZERO);
        } else {
            let spent = message.spent(at);
            delays.hold_wait.record(spent.at(Stage::Hold));
            delays.lane_wait.record(spent.at(Stage::Lane));
            delays.ceiling_wait.record(spent.at(Stage::Ceiling));
        }
        self.timeline.sent(at, self.series(message.lane), segments);
    }

    #[inline]
    fn slot_ended(&mut self, at: SimTime, lane: u32, segments: Segments) {
        self.end = self.end.max(at);
        self.leave_backlog(at, lane, segments.0);
    }

    #[inline]
    fn ended(&mut self, at: SimTime, message: &Message, ending: Ending) {
        let country = self.model.carriers[message.carrier as usize].country;
        let shown = (ending == Ending::Delivered).then(|| {
            let group = self.senders[message.sender as usize].group as usize;
            self.model.shown_of_group(message.campaign, group, message.carrier)
        });
        let cell = self.cell_of(message);
        cell.ended[ending] += 1;
        if let Some(shown) = shown {
            cell.shown[shown as usize] += 1;
        }
        match ending.status() {
            Status::Delivered => {
                let end_to_end = Placed::new(at.since(message.intended));
                // Mostly all the time is spent in the queue and on the way through the networks.
                let straight = message.attempted == at
                    && message.carried_on == message.sent
                    && message.ready == message.sent
                    && message.released == message.intended
                    && message.accepted <= message.intended;
                let latency = Placed::new(at.since(message.sent));
                if straight {
                    cell.spent.add_to(Stage::Lane, message.sent.since(message.intended));
                    cell.spent.add_to(Stage::Network, at.since(message.sent));
                } else {
                    cell.spent.add(&message.spent(at));
                }
                self.slowest.offer(message, at);
                let delays = &mut self.delays[message.campaign as usize];
                delays.carrier_latency.record_placed(latency);
                if straight {
                    delays.network_latency.record_placed(latency);
                    delays.carrier_hold.record(SimDuration::ZERO);
                    delays.handset_wait.record(SimDuration::ZERO);
                } else {
                    let spent = message.spent(at);
                    delays.carrier_hold.record(spent.at(Stage::CarrierHold));
                    delays.network_latency.record(spent.at(Stage::Network));
                    delays.handset_wait.record(spent.at(Stage::Handset));
                }
                delays.end_to_end.record_placed(end_to_end);
                self.country_delays[country].end_to_end.record_placed(end_to_end);
                self.timeline.outcome(at, timeline::Flow::Delivered, 1);
            }
            Status::Undelivered => self.timeline.outcome(at, timeline::Flow::Undelivered, 1),
            Status::Failed => {
                self.end = self.end.max(at);
                if message.sent < SimTime::MAX {
                    let index = self.index(message.campaign, message.carrier, message.sender);
                    self.unbilled[index] += u64::from(message.segments);
                }
                self.timeline.flow(at, timeline::Flow::Failed, 1);
            }
            Status::Canceled => cell.held -= 1,
            Status::Refused => unreachable!("a refused call leaves no message"),
        }
        if ending == Ending::Expired {
            self.lanes[message.lane as usize].expired += 1;
            self.leave_backlog(at, message.lane, u64::from(message.segments));
        }
        self.count_overflow(message, ending);
    }

    fn lives(&mut self, lives: &[Straight]) {
        // Of many lanes each is far away.
        if self.tallies.len() > TALLIES_NEAR {
            lives.iter().for_each(|life| fetch(&self.tallies[life.lane as usize]));
        }
        self.count_lives(lives);
    }

    fn unreported(&mut self, _at: SimTime, _message: &Message, ending: Ending) {
        self.reports[ending].nothing += 1;
    }

    fn content_blocked(&mut self, _at: SimTime, message: &Message, spread: bool) {
        let fine = self.model.carriers[message.carrier as usize].evasion_fine;
        let cell = self.cell_of(message);
        cell.blocks += 1;
        if spread {
            cell.evasions += 1;
            cell.fines += fine;
        }
    }

    fn suspended(&mut self, _at: SimTime, message: &Message) {
        self.cell_of(message).suspensions += 1;
    }

    #[inline]
    fn receipt(&mut self, _at: SimTime, message: &Message, report: Report, ending: Ending) {
        let reported = &mut self.reports[ending];
        match report {
            Report::Delivered => reported.delivered += 1,
            Report::Undelivered(code) if Some(code) == ending.code() => reported.same += 1,
            Report::Undelivered(_) => reported.otherwise += 1,
        }
        let cell = self.cell_of(message);
        match report {
            Report::Delivered => cell.reported_delivered += 1,
            Report::Undelivered(_) => cell.reported_undelivered += 1,
        }
    }
}

/// What messages cost, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// The platform's list price.
    #[serde(with = "exact::money")]
    pub base: Money,
    /// Carriers' surcharges.
    #[serde(with = "exact::money")]
    pub carrier_fees: Money,
    /// Fees for failed messages.
    #[serde(with = "exact::money")]
    pub failed_fees: Money,
}

impl Cost {
    /// All of it.
    pub fn total(&self) -> Money {
        self.base + self.carrier_fees + self.failed_fees
    }
}
