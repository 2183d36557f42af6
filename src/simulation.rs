//! One replication: campaigns in, endings out. Each rule stands where the contract says it; what is computed ahead of its time
//! is computed where nothing that happens later could change it:
//!
//! - Who a recipient is and what chance says of a message is known when its campaign comes to it, for many messages at once
//!   (`drafts`, `fate`).
//! - Lanes that nothing disturbs know a message's slot when it enters (`early`). Where filters, caps or faults remember what is
//!   sent, messages still leave in the order of time over all lanes (`leaving`). Under ceilings, and faults that stop lanes, slots
//!   start one after the other.
//! - What follows from a hand-over is told at once, where nobody can meet its recipient again and the observer does not
//!   insist on the order of time ([`observer::Observer::ORDERED`]).
//! - The rest are events.
//!
//! The same model as plain events is the tests' oracle; both tell their observers the same.
//!
//! At one instant the order is: faults; day resets; slot ends; carrier events and receipts; what people do; cancellations;
//! releases; offers and arrivals; slot starts; awards of ceilings; expiries; then stream, then message number (lanes and
//! ceilings: ready time, then id). Ties are never broken by insertion or at random.
//!
//! Memory is O(lanes + queued messages + people met again, and their messages in flight): 128 messages to come per
//! campaign, one pending expiry per lane, and everything that belongs to a message or a person is regenerated from keys.
//!
//! Not here: statistics (observers keep them), intervals, several replications.

pub mod arrivals;
mod candidates;
mod carriage;
mod ceiling;
mod clocks;
mod courses;
mod drafts;
mod early;
mod fate;
mod faults;
mod filter;
mod gate;
mod handsets;
mod lane;
mod leaving;
pub mod ledger;
pub mod lives;
pub mod observer;
mod pacer;
pub mod parts;
pub mod people;
mod plain;
mod replies;
mod sources;
pub mod stage;
pub mod trajectory;

use std::cmp::Ordering;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::kernel::draws::Draws;
use crate::kernel::event_list::{EventKey, EventList};
use crate::model::ending::{Ending, Status};
use crate::model::fault::{Effect, Target};
use crate::model::sender::SenderType;
use crate::model::{
    Campaign, Channel, Distribution, Due, Model, NO_AREA, People, QuietHours, SERVICE_LEVELS, Schedule, Unreached,
};
use crate::selection::{self, LaneView, Unfinished};
use crate::units::{Rate, Segments, SimDuration, SimTime};

use arrivals::{Arrival, OneByOne};
use candidates::Candidates;
use ceiling::CeilingState;
use clocks::Clocks;
use courses::{Carried, Courses};
use drafts::{Desk, Draft, Drafts};
use early::{EarlyLanes, are_early, lanes_without_memory};
use fate::{Fate, Network};
use faults::Faults;
use gate::Gate;
use handsets::HandsetState;
use lane::{Expiry, LaneState, Waiting};
use leaving::Leaving;
use ledger::Ledger;
use lives::{Life, Straight};
use observer::{Census, Feedback, Message, Observer, Report};
use pacer::Pacer;
use parts::Paused;
use people::{Identity, Person};
use sources::{Key, Sources};

/// What a draw is for: the purpose byte of its key. A value is never given a second meaning.
pub mod purpose {
    /// Gap to the next arrival of a campaign.
    pub const ARRIVAL: u8 = 0;
    /// Who a person is.
    pub const PERSON: u8 = 1;
    /// Whom a campaign picks from an audience.
    pub const PICK: u8 = 2;
    /// What belongs to a message: segments, policy, filter.
    pub const MESSAGE: u8 = 3;
    /// A message's latency.
    pub const LATENCY: u8 = 4;
    /// A message's receipt.
    pub const RECEIPT: u8 = 5;
    /// A carrier's offset of the latency.
    pub const CARRIER: u8 = 6;
    /// Which sender types reach a person.
    pub const REACH: u8 = 7;
    /// Where a person lives.
    pub const PLACE: u8 = 8;
    /// Whether a scheduled message is taken back.
    pub const CANCEL: u8 = 9;
    /// Whether a first attempt reaches the handset.
    pub const HANDSET: u8 = 10;
    /// How long a handset is out of reach.
    pub const ABSENCE: u8 = 11;
    /// What belongs to a person beside where they live: an abandoned handset.
    pub const HABIT: u8 = 12;
    /// What a person does with a message.
    pub const FEEDBACK: u8 = 13;
    /// Whether a person asks for a code again.
    pub const PATIENCE: u8 = 14;
    /// The id of a message, for records.
    pub const MESSAGE_ID: u8 = 15;
    /// The id of what comes in, for records.
    pub const INBOUND_ID: u8 = 16;
    /// Whether a person asks for help.
    pub const HELP: u8 = 17;
    /// Whether a person who opted out opts in again.
    pub const OPT_IN: u8 = 18;
    /// Whether a message is recorded.
    pub const SAMPLE: u8 = 19;
    /// The id of a service, for records.
    pub const SERVICE_ID: u8 = 20;
    /// By how much a window of a campaign's clock is busier than others.
    pub const BURST: u8 = 21;
    /// How a content fares with a carrier's filter on a day.
    pub const FRAILTY: u8 = 22;
}

/// Messages that an account may have scheduled at once. Source: the platform's error 35125 (dictionary of 2023).
const SCHEDULED_MAX: u64 = 500_000;

/// So many lives are told together.
const LIVES: usize = 64;

/// Reviews come after all faults of their instant.
const REVIEWS: u64 = u64::MAX;

/// Ranks within an instant.
mod rank {
    pub const FAULT: u8 = 5;
    pub const DAY_RESET: u8 = 10;
    pub const SLOT_END: u8 = 20;
    pub const CARRIER: u8 = 30;
    pub const RECEIPT: u8 = 31;
    pub const FEEDBACK: u8 = 40;
    pub const FOLLOW_UP: u8 = 41;
    pub const CANCEL: u8 = 45;
    pub const RELEASE: u8 = 50;
    pub const OFFER: u8 = 60;
    pub const ARRIVAL: u8 = 61;
    pub const SLOT_START: u8 = 70;
    pub const AWARD: u8 = 71;
    pub const EXPIRY: u8 = 80;
}

/// The events of the model.
#[derive(Clone, Debug)]
enum Event {
    /// A fault begins, or ends.
    Fault(usize, bool),
    /// A carrier's day begins in this zone.
    DayReset(usize),
    /// A review is over: the sender of this message is suspended.
    Suspend(Message),
    /// The suspension of this sender is over.
    Resume(u32),
    /// A ceiling can admit again.
    CeilingFree(usize),
    /// A message reaches the handset's network.
    Handset(Message),
    /// The network reaches a handset that was out of reach.
    Return(Message),
    /// The network gives up on a handset.
    GiveUp(Message),
    /// A receipt reaches the platform.
    Receipt(Message, Report, Ending),
    /// A person does something with a delivered message.
    Feedback(Message, Feedback),
    /// The service answers a reply.
    Answer(Message),
    /// A person has waited long enough for a code.
    Patience(usize, u64),
    /// A scheduled message is taken back.
    Cancel(Message),
    /// A message that was kept, scheduled or for its hours, may go.
    Release(Message),
    /// A lane that has been ready for some time may start a slot.
    SlotStart(usize),
    /// All lanes that are ready at this instant have come: a ceiling admits the one whose turn it is.
    Award(usize),
    /// A message in a lane may have waited too long.
    Expiry(usize, Expiry),
}

/// How a replication went, beside what its observer saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The books, balanced at the end.
    pub ledger: Ledger,
    /// How many steps it took: how often something was the next to happen.
    pub steps: u64,
}

/// Runs one replication of `model`.
///
/// # Panics
/// When the books do not balance: a bug.
pub fn simulate<O: Observer>(model: &Model, replication: u32, observer: O) -> (O, Finished) {
    let whole = Paused::run(model, replication, 0..model.campaigns.len(), observer);
    let until = whole.lasts_until();
    whole.finish(until)
}

/// What is asked of a sender with every message: the rest of it is seldom looked at.
#[derive(Clone, Copy, Debug)]
struct SenderFacts {
    group: u32,
    kind: SenderType,
}

impl SenderFacts {
    fn new(sender: &crate::model::Sender) -> SenderFacts {
        SenderFacts { group: as_u32(sender.group), kind: sender.kind }
    }
}

/// A campaign's state: its messages to come, and the client that hands them over.
struct Client<'m> {
    drafts: Drafts<'m>,
    /// A second walk through the instants at which messages are meant, when handing over takes time of its own, and the next
    /// of them.
    offers: Option<OneByOne<'m>>,
    offer: Option<Arrival>,
    pacer: Option<Pacer>,
}

struct Engine<'m, O> {
    model: &'m Model,
    draws: Draws,
    observer: O,
    /// What is next of each lane, by lane; empty where everything is known as it enters.
    slots: Sources,
    /// What is next of each campaign: hand-overs by campaign, then offers.
    calls: Sources,
    /// Everything else.
    events: EventList<Event>,
    now: SimTime,
    /// The horizon, or the end of time.
    end: SimTime,
    /// Until when something is known to happen that nobody waits for.
    known_until: SimTime,
    /// Lanes whose slots start one after the other; empty where they are known beforehand.
    lanes: Vec<LaneState>,
    /// Lanes whose slots are known beforehand, if they are.
    early: EarlyLanes,
    /// Whether they are.
    is_early: bool,
    /// By lane: whether what its messages meet is known with their slot.
    without_memory: Vec<bool>,
    /// The lanes of candidates.
    candidates: Candidates,
    /// What is known of courses of plain campaigns.
    courses: Courses<'m>,
    /// Whether it pays to look at lanes before they are needed.
    foresees: bool,
    /// Messages that wait in the others for their slot.
    leaving: Vec<Leaving>,
    /// Lives that are to be told.
    lives: Vec<Straight>,
    ceilings: Vec<CeilingState>,
    /// Index of the ceiling over (country, type), by country and [`SenderType::ALL`].
    ceiling_over: Vec<[Option<usize>; SenderType::COUNT]>,
    clients: Vec<Client<'m>>,
    desk: Desk<'m>,
    network: Network,
    cursors: Vec<usize>,
    /// The sender that a person knows, by service and channel.
    sticky: FxHashMap<(usize, Channel, Identity), u32>,
    gate: Gate,
    clocks: Clocks,
    faults: Faults,
    handsets: HandsetState,
    /// Messages that wait for a handset.
    waiting_for_handset: FxHashMap<(u32, u64), Message>,
    /// By lane whose slots start one after the other; without limit the largest there is.
    capacities: Vec<Segments>,
    /// Whether any campaign meets hours anywhere.
    meets_hours: bool,
    /// What is asked of senders with every message, side by side.
    senders: Vec<SenderFacts>,
    /// By campaign: nobody meets its recipients again, and nobody waits for its messages.
    alone: Vec<bool>,
    /// By campaign: nothing but its recipients asks anything of a message that is handed over.
    plain: Vec<bool>,
    /// Who opted out, of a service or of a sender outside any.
    opted_out: FxHashSet<(Scope, Identity)>,
    /// Whom the network keeps messages of a toll-free number from.
    blocked: FxHashSet<(u32, Identity)>,
    /// Messages of campaigns with a deadline or resends that have not arrived, by campaign and planned number, with their
    /// intended time.
    awaited: FxHashMap<(u32, u64), SimTime>,
    /// Messages that are scheduled and not due.
    scheduled: u64,
    /// Things that must still happen before the run is over: arrivals, messages in progress, slots, receipts.
    open: u64,
    /// Messages that are known to be in progress at the horizon.
    cut: Census,
    steps: u64,
}

/// The lanes as a policy sees them, for messages to one carrier, where their slots start one after the other.
struct View<'a> {
    model: &'a Model,
    lanes: &'a [LaneState],
    carrier: usize,
    level: usize,
    now: SimTime,
}

impl View<'_> {
    #[inline]
    fn lane(&self, sender: u32) -> usize {
        self.model.lane(sender as usize, self.carrier, self.level).expect("a candidate has a lane to the recipient")
    }
}

impl LaneView for View<'_> {
    fn backlog(&self, sender: u32) -> Segments {
        self.lanes[self.lane(sender)].backlog
    }

    fn unfinished(&self, sender: u32) -> Unfinished {
        let lane = &self.lanes[self.lane(sender)];
        let left = if lane.is_busy() { lane.pacer.busy_until().since(self.now) } else { SimDuration::ZERO };
        Unfinished::new(left, lane.waiting(), lane.pacer.pace())
    }
}

/// Who keeps a list of people who opted out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Scope {
    /// A service, for all its senders.
    Service(usize),
    /// A sender outside any service.
    Sender(u32),
}

impl Scope {
    /// Where an opt-out in answer to this message counts.
    fn of(campaign: &Campaign, message: &Message) -> Scope {
        campaign.service.map_or(Scope::Sender(message.sender), Scope::Service)
    }
}

/// How a message comes to its lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// At once.
    Direct,
    /// After it was kept.
    Kept,
    /// As an answer, from the sender that was written to.
    Answer(u32),
}

/// Who sends a message, or why nobody does.
enum Selected {
    /// This sender.
    Sender(u32),
    /// The message is accepted and fails.
    Fails(Ending),
    /// The call is refused.
    Refused(Ending),
}

impl<'m, O: Observer> Engine<'m, O> {
    /// An engine in which some campaigns send; the others are silent.
    fn new(model: &'m Model, replication: u32, campaigns: impl Iterator<Item = usize>, observer: O) -> Self {
        let draws = Draws::new(model.seed, replication);
        let mut ceiling_over = vec![[None; SenderType::COUNT]; model.countries.len()];
        for (index, ceiling) in model.ceilings.iter().enumerate() {
            if let Some((country, kind)) = ceiling.over {
                ceiling_over[country][kind.index()] = Some(index);
            }
        }
        let client = |(index, campaign): (usize, &'m Campaign)| {
            let drafts = Drafts::new(index, campaign, draws, model.campaign_stream(index));
            Client {
                offers: campaign.submit_rate.map(|_| drafts.arrivals().into_iter()),
                offer: None,
                drafts,
                pacer: campaign.submit_rate.map(Pacer::new),
            }
        };
        let lane = |(id, lane): (usize, &crate::model::Lane)| LaneState::new(as_u32(id), lane.rate);
        // Whoever must be told in order is told of each slot when it comes.
        let is_early = !O::ORDERED && are_early(model);
        let without_memory = if is_early { lanes_without_memory(model) } else { Vec::new() };
        let (in_order, beforehand) = if is_early { (0, model.lanes.len()) } else { (model.lanes.len(), 0) };
        let leaves_in_order = !is_early || without_memory.contains(&false);
        let capacity = |lane: &crate::model::Lane| lane.capacity.unwrap_or(Segments(u64::MAX));
        let early = EarlyLanes::new(model.lanes[..beforehand].iter().map(|lane| (lane.rate, capacity(lane))));
        let mut engine = Engine {
            model,
            draws,
            observer,
            slots: Sources::new(if leaves_in_order { model.lanes.len() } else { 0 }),
            calls: Sources::new(model.campaigns.len() * 2),
            events: EventList::default(),
            now: SimTime::ZERO,
            end: model.horizon.unwrap_or(SimTime::MAX),
            known_until: SimTime::ZERO,
            lanes: model.lanes[..in_order].iter().enumerate().map(lane).collect(),
            foresees: early.are_many(),
            early,
            is_early,
            candidates: Candidates::new(model),
            courses: Courses::new(model),
            leaving: vec![Leaving::default(); if is_early && leaves_in_order { model.lanes.len() } else { 0 }],
            without_memory,
            lives: Vec::with_capacity(LIVES),
            ceilings: model.ceilings.iter().map(|ceiling| CeilingState::new(ceiling.rate, ceiling.shares)).collect(),
            ceiling_over,
            clients: model.campaigns.iter().enumerate().map(client).collect(),
            desk: Desk::new(model, draws),
            network: Network::new(model, draws),
            cursors: vec![0; model.candidate_sets.len()],
            sticky: FxHashMap::default(),
            gate: Gate::new(model, draws),
            clocks: Clocks::default(),
            faults: Faults::new(model),
            handsets: HandsetState::default(),
            waiting_for_handset: FxHashMap::default(),
            capacities: model.lanes[..in_order].iter().map(capacity).collect(),
            meets_hours: model
                .campaigns
                .iter()
                .any(|campaign| (0..model.countries.len()).any(|country| campaign.meets_hours(country))),
            senders: model.senders.iter().map(SenderFacts::new).collect(),
            alone: model.campaigns.iter().map(|campaign| is_alone(model, campaign)).collect(),
            plain: model.campaigns.iter().map(|campaign| is_early && plain::is_plain(model, campaign)).collect(),
            opted_out: FxHashSet::default(),
            blocked: FxHashSet::default(),
            awaited: FxHashMap::default(),
            scheduled: 0,
            open: 0,
            cut: Census::default(),
            steps: 0,
        };
        for campaign in campaigns {
            engine.schedule_next_offer(campaign);
            engine.schedule_next_arrival(campaign);
        }
        for zone in 0..model.day_zones.len() {
            engine.schedule_day_reset(zone);
        }
        for (index, fault) in model.faults.iter().enumerate() {
            engine.schedule(fault.at, rank::FAULT, index as u64, 1, Event::Fault(index, true));
            if fault.until < SimTime::MAX {
                engine.schedule(fault.until, rank::FAULT, index as u64, 0, Event::Fault(index, false));
            }
        }
        engine
    }

    /// A run lasts until nothing is open any more; what else happens in its last instant still belongs to it. Of a part it goes on
    /// up to the end of the whole, where that is known.
    fn run(&mut self, whole: SimTime) {
        loop {
            let source = self.slots.first().min(self.calls.first());
            let is_source = self.comes_first(source);
            let at = if is_source { source.at() } else { self.events.first_instant().at() };
            if at >= self.end || (self.open == 0 && at > self.known_until.max(self.now).max(whole)) {
                break;
            }
            self.now = at;
            self.steps += 1;
            if is_source {
                self.go_on(source);
            } else {
                let (_, event) = self.events.pop().expect("an event is pending");
                self.handle(event);
            }
            if O::CHECKS {
                let census = self.census();
                self.observer.check(self.now, census);
            }
        }
        assert!(self.open == 0 || self.model.horizon.is_some(), "what is open has an event");
    }

    /// Tells what is left to tell.
    fn conclude(&mut self) {
        self.tell_lives();
        let in_order = self.lanes.iter().map(|lane| lane.peak);
        for (lane, peak) in in_order.chain(self.early.peaks()).enumerate().filter(|(_, peak)| peak.0 > 0) {
            self.observer.peak(as_u32(lane), peak);
        }
    }

    #[inline]
    fn tell(&mut self, life: &Life) {
        match Straight::of(life) {
            Some(straight) => self.tell_straight(straight),
            None => life.tell(&mut self.observer),
        }
    }

    #[inline]
    fn tell_straight(&mut self, life: Straight) {
        self.lives.push(life);
        if self.lives.len() == LIVES {
            self.tell_lives();
        }
    }

    fn tell_lives(&mut self) {
        self.observer.lives(&self.lives);
        self.lives.clear();
    }

    /// Whether a source comes before the first event.
    #[inline]
    fn comes_first(&mut self, source: Key) -> bool {
        match source.instant().cmp(&self.events.first_instant()) {
            Ordering::Less => true,
            Ordering::Greater => false,
            // The same rank of the same instant: the rest of the keys tells. Where both are never, nothing does.
            Ordering::Equal => self.events.peek().is_some_and(|event| {
                let first = match source.rank() {
                    // A slot starts in a lane that has just become ready.
                    rank::SLOT_START => source.at().as_nanos(),
                    rank::SLOT_END => 0,
                    _ => u64::from(source.who()),
                };
                (first, u64::from(source.who())) < (event.first, event.second)
            }),
        }
    }

    /// Whether an instant lies at the horizon or after it, where nothing is told any more.
    #[inline]
    fn is_beyond(&self, at: SimTime) -> bool {
        at >= self.end
    }

    /// The next of a lane or campaign, which sets what comes after it.
    #[inline]
    fn go_on(&mut self, key: Key) {
        let who = key.who() as usize;
        match key.rank() {
            rank::SLOT_END => self.end_slot(who),
            rank::SLOT_START if self.is_early => self.leave_early(who),
            rank::SLOT_START => self.start_slot(who),
            rank::OFFER => {
                let arrival = self.clients[who].offer.expect("an offer is pending");
                let person = people::recipient(self.model, self.draws, who, arrival.number);
                let intended = self.due(who, &arrival).unwrap_or(arrival.intended);
                self.observer.offered(self.now, intended, as_u32(who), as_u32(person.carrier));
                self.open -= 1;
                self.schedule_next_offer(who);
            }
            _ => {
                let (sheet, place) = self.clients[who].drafts.lend();
                let next = if self.plain[who] {
                    self.hand_over_plain(who, &sheet, place)
                } else {
                    self.hand_over_draft(who, &sheet.draft(place));
                    place + 1
                };
                self.clients[who].drafts.give_back(sheet, next);
                self.open -= 1;
                self.schedule_next_arrival(who);
            }
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::DayReset(zone) => {
                self.gate.start_day(self.model, zone);
                self.schedule_day_reset(zone);
            }
            Event::Fault(index, on) => self.turn_fault(index, on),
            Event::Suspend(message) => self.suspend(&message),
            Event::Resume(sender) => self.gate.filter.resume(sender),
            Event::CeilingFree(ceiling) => self.schedule_award(ceiling),
            Event::Handset(message) => self.try_handset(self.now, &message),
            Event::Return(message) => self.leave_store(&message, Ending::Delivered),
            Event::GiveUp(message) => self.leave_store(&message, Ending::HandsetUnreachable),
            Event::Feedback(message, feedback) => {
                self.open -= 1;
                self.hear(&message, feedback);
            }
            Event::Answer(message) => {
                self.open -= 1;
                self.follow_up(message.campaign as usize, message.number, Some(message.sender));
            }
            Event::Patience(campaign, number) => {
                self.open -= 1;
                self.lose_patience(campaign, number);
            }
            Event::Receipt(message, report, ending) => {
                self.open -= 1;
                self.observer.receipt(self.now, &message, report, ending);
            }
            Event::Cancel(message) => {
                self.scheduled -= 1;
                self.finish(self.now, &message, Ending::Canceled);
            }
            Event::Release(message) => self.release(message),
            Event::SlotStart(lane) => self.start_slot(lane),
            Event::Award(ceiling) => self.award(ceiling),
            Event::Expiry(lane, expiry) => self.expire(lane, expiry),
        }
    }

    // --- arrivals -------------------------------------------------------------------------------------------------

    fn schedule_next_offer(&mut self, campaign: usize) {
        let place = self.clients.len() + campaign;
        let client = &mut self.clients[campaign];
        client.offer = client.offers.as_mut().and_then(Iterator::next);
        let Some(arrival) = client.offer else { return self.calls.set(place, Key::NEVER) };
        self.open += 1;
        self.calls.set(place, Key::new(arrival.intended, rank::OFFER, as_u32(campaign)));
    }

    fn schedule_next_arrival(&mut self, campaign: usize) {
        let client = &mut self.clients[campaign];
        let Some(intended) = client.drafts.upcoming(&mut self.desk, &self.network) else {
            return self.calls.set(campaign, Key::NEVER);
        };
        let handed_over = match &mut client.pacer {
            None => intended,
            Some(pacer) => {
                let start = intended.max(pacer.busy_until());
                // The client's rate counts messages, whatever their segments.
                pacer.start(start, Segments(1));
                start
            }
        };
        self.open += 1;
        self.calls.set(campaign, Key::new(handed_over, rank::ARRIVAL, as_u32(campaign)));
    }

    /// Admission of a planned message.
    fn hand_over_draft(&mut self, campaign: usize, draft: &Draft) {
        self.hand_over(campaign, draft.arrival, &draft.person, Some(draft), None);
    }

    /// When a message of a campaign that hands over ahead of time is due.
    fn due(&self, campaign: usize, arrival: &Arrival) -> Option<SimTime> {
        let schedule = self.model.campaigns[campaign].schedule?;
        Some(match schedule.due {
            Due::After(lead) => arrival.intended + lead,
            Due::At(at) => at,
        })
    }

    /// Admission of one message, at the instant at which it is handed over.
    /// `draft`: what is known of it, where it is planned; `answers`: the sender that an answer comes from; `None` for what is
    /// planned or asked for again.
    fn hand_over(
        &mut self,
        index: usize,
        arrival: Arrival,
        person: &Person,
        draft: Option<&Draft>,
        answers: Option<u32>,
    ) {
        let campaign = &self.model.campaigns[index];
        let is_planned = arrival.number >> Message::ORIGIN_BITS == 0;
        // Answers and repetitions go at once.
        let due = self.due(index, &arrival).filter(|_| is_planned);
        let intended = due.unwrap_or(arrival.intended);
        if self.clients[index].offers.is_none() || !is_planned {
            self.observer.offered(self.now, intended, as_u32(index), as_u32(person.carrier));
        }
        if !is_planned {
            self.observer.repeated(self.now, as_u32(index), as_u32(person.carrier));
        }
        self.await_message(campaign, index, intended, arrival.number);
        let country = self.model.carriers[person.carrier].country;
        let message = Message {
            intended,
            accepted: self.now,
            released: self.now,
            number: arrival.number,
            campaign: as_u32(index),
            carrier: as_u32(person.carrier),
            invalid: person.invalid,
            landline: person.landline,
            place: self.place(campaign, country, person),
            ..Message::BLANK
        };
        if self.faults.refuses() {
            return self.refuse(&message, Ending::RefusedUnavailable);
        }
        if campaign.body_too_long {
            return self.refuse(&message, Ending::RefusedBodyTooLong);
        }
        let by_sms = campaign.channel == Channel::Sms;
        if person.landline && by_sms && !self.model.countries[country].landlines_tried {
            return self.refuse(&message, Ending::RefusedLandline);
        }
        if self.has_left_service(campaign, person) {
            return match campaign.from {
                Some(_) => self.refuse(&message, Ending::RefusedOptedOut),
                None => self.accept_and_fail(&message, Ending::OptedOut),
            };
        }
        if let Some(sender) = answers {
            return self.dispatch(message, person, draft, Way::Answer(sender));
        }
        if let Some(due) = due {
            return self.accept_scheduled(campaign, message, due);
        }
        match self.closed_until(campaign, &message) {
            Some(until) if campaign.quiet_hours == QuietHours::Hold => self.keep(message, until),
            Some(_) => self.accept_and_fail(&message, Ending::QuietHours),
            None => self.dispatch(message, person, draft, Way::Direct),
        }
    }

    /// Where the recipient lives, if anything that this campaign meets depends on it.
    fn place(&self, campaign: &Campaign, country: usize, person: &Person) -> u16 {
        let by_hours = self.meets_hours && campaign.meets_hours(country);
        let by_area = campaign.service.is_some_and(|service| self.model.services[service].area_code_match);
        if by_hours || by_area {
            u16::try_from(people::place(self.model, self.draws, person)).expect("a country has few places")
        } else {
            0
        }
    }

    /// Until when the law closes the hours to this message, if its service minds.
    fn closed_until(&mut self, campaign: &Campaign, message: &Message) -> Option<SimTime> {
        if !self.meets_hours || campaign.quiet_hours == QuietHours::Ignore {
            return None;
        }
        let country = self.model.carriers[message.carrier as usize].country;
        let hours = campaign.hours[country].legal?;
        let place = self.model.countries[country].places.list[usize::from(message.place)];
        self.clocks.closed_until(self.model, hours, place, self.now)
    }

    /// A call ahead of time: refused outside the window or beyond the account's limit, else kept until it is due or taken
    /// back before.
    fn accept_scheduled(&mut self, campaign: &Campaign, message: Message, due: SimTime) {
        let earliest = self.now.saturating_add(Schedule::LEAST);
        if due <= earliest || due > self.now.saturating_add(Schedule::MOST) {
            return self.refuse(&message, Ending::RefusedSchedule);
        }
        if self.scheduled >= SCHEDULED_MAX {
            return self.refuse(&message, Ending::RefusedScheduledLimit);
        }
        self.scheduled += 1;
        let stream = self.model.campaign_stream(message.campaign as usize);
        let cancel = campaign
            .schedule
            .and_then(|schedule| schedule.cancel)
            .filter(|(share, _)| share.hits(self.draws.block(stream, purpose::CANCEL, message.number).bits32(0)));
        match cancel.map(|(_, after)| self.now.saturating_add(after)).filter(|at| *at < due) {
            None => self.keep(message, due),
            Some(at) => {
                self.count_kept(&message);
                self.schedule(at, rank::CANCEL, u64::from(message.campaign), message.number, Event::Cancel(message));
            }
        }
    }

    fn count_kept(&mut self, message: &Message) {
        self.observer.accepted(self.now, message);
        self.observer.kept(self.now, message);
        self.open += 1;
    }

    /// The message is accepted and waits at the platform, in no lane, until `until`.
    fn keep(&mut self, message: Message, until: SimTime) {
        self.count_kept(&message);
        self.schedule_release(message, until);
    }

    fn schedule_release(&mut self, message: Message, until: SimTime) {
        self.schedule(until, rank::RELEASE, u64::from(message.campaign), message.number, Event::Release(message));
    }

    /// A kept message goes on its way, unless the hours are closed when its schedule lets it go.
    fn release(&mut self, mut message: Message) {
        let index = message.campaign as usize;
        let campaign = &self.model.campaigns[index];
        if campaign.schedule.is_some() && message.released == message.accepted {
            self.scheduled -= 1;
        }
        if let Some(until) = self.closed_until(campaign, &message) {
            if campaign.quiet_hours == QuietHours::Hold {
                message.released = self.now;
                return self.schedule_release(message, until);
            }
            self.observer.released(self.now, &message);
            return self.finish(self.now, &message, Ending::QuietHours);
        }
        message.released = self.now;
        let person = people::recipient(self.model, self.draws, index, message.number);
        self.dispatch(message, &person, None, Way::Kept);
    }

    /// Selection, encoding and lane of one message. One that was kept has been accepted before: what would refuse the
    /// call fails the message.
    fn dispatch(&mut self, mut message: Message, person: &Person, draft: Option<&Draft>, way: Way) {
        let kept = way == Way::Kept;
        let campaign = &self.model.campaigns[message.campaign as usize];
        let [for_segments, for_sender] = draft.map_or_else(
            || {
                let stream = self.model.campaign_stream(message.campaign as usize);
                let block = self.draws.block(stream, purpose::MESSAGE, message.number);
                [block.bits32(0), block.bits32(1)]
            },
            |draft| draft.words,
        );
        let selected = match way {
            Way::Answer(sender) => Selected::Sender(sender),
            Way::Direct | Way::Kept => self.select(campaign, person, message.place, for_sender),
        };
        let sender = match selected {
            Selected::Sender(sender) => sender,
            Selected::Fails(ending) | Selected::Refused(ending) if kept => {
                let failed = ending.status() == Status::Failed;
                self.observer.released(self.now, &message);
                return self.finish(self.now, &message, if failed { ending } else { Ending::NoUsableSender });
            }
            Selected::Fails(ending) => return self.accept_and_fail(&message, ending),
            Selected::Refused(ending) => return self.refuse(&message, ending),
        };
        if campaign.service.is_none() && self.has_left(Scope::Sender(sender), person.identity) {
            return self.refuse(&message, Ending::RefusedOptedOut);
        }
        let country = self.model.carriers[person.carrier].country;
        let lane = self.lane_of(sender, person, campaign);
        message.sender = sender;
        message.lane = as_u32(lane);
        message.carried = self.is_carried(sender, person);
        message.segments = self.segments_of(campaign, country, sender, message.number, for_segments);
        if kept {
            self.observer.released(self.now, &message);
        }
        if !self.has_room(lane, message.segments) {
            return match campaign.from {
                _ if kept => self.finish(self.now, &message, Ending::QueueOverflow),
                Some(_) => self.refuse(&message, Ending::RefusedQueueFull),
                None => self.accept_and_fail(&message, Ending::QueueOverflow),
            };
        }
        self.remember_sender(campaign, person, sender);
        if !kept {
            self.observer.accepted(self.now, &message);
            self.open += 1;
        }
        self.enter_lane(lane, &message, draft.map(|draft| draft.fate), campaign.validity);
    }

    /// The lane that a selected sender's messages to somebody use.
    #[inline(always)]
    fn lane_of(&self, sender: u32, person: &Person, campaign: &Campaign) -> usize {
        let lane = self.model.lane(sender as usize, person.carrier, campaign.level);
        lane.expect("a selected sender has a lane")
    }

    /// Whether the recipient's carrier takes the type of a selected sender.
    #[inline(always)]
    fn is_carried(&self, sender: u32, person: &Person) -> bool {
        let SenderFacts { group, kind } = self.senders[sender as usize];
        Carried::of(self.model, kind, group as usize, person.carrier).to(person)
    }

    /// The segments of message `number` of a campaign, sent by this sender.
    #[inline(always)]
    fn segments_of(&self, campaign: &Campaign, country: usize, sender: u32, number: u64, bits: u32) -> u32 {
        let kind = self.senders[sender as usize].kind;
        if let Some(replay) = campaign.replay()
            && kind != SenderType::Whatsapp
            && let Some(segments) = replay.segments(number)
        {
            return segments;
        }
        campaign.segments[country][kind.index()].pick(bits)
    }

    /// Whether a lane has room for so many segments more.
    #[inline]
    fn has_room(&mut self, lane: usize, segments: u32) -> bool {
        if self.is_early {
            return self.early.has_room(lane, self.now, segments);
        }
        self.lanes[lane].backlog + Segments(u64::from(segments)) <= self.capacities[lane]
    }

    fn select(&mut self, campaign: &Campaign, person: &Person, place: u16, bits: u32) -> Selected {
        let country = self.model.carriers[person.carrier].country;
        if campaign.channel == Channel::Whatsapp && (person.landline || !person.on_whatsapp) {
            return Selected::Fails(Ending::NotOnChannel);
        }
        if let Some(set) = campaign.from {
            let sender = self.choose(Distribution::RoundRobin, set, campaign, person.carrier, bits);
            let usable = self.model.terms_of_sender(sender, person.carrier).is_some();
            return if usable { Selected::Sender(sender) } else { Selected::Refused(Ending::RefusedUnreachable) };
        }
        let index = campaign.service.expect("a campaign has a service or an explicit sender");
        let service = &self.model.services[index];
        if service.is_empty {
            return Selected::Refused(Ending::RefusedEmptyPool);
        }
        if let Some(sender) = self.sticky_sender(campaign, person) {
            return Selected::Sender(sender);
        }
        let route = &service.routes[country];
        let set = match (campaign.channel, route.set) {
            (Channel::Whatsapp, _) => route.whatsapp,
            (Channel::Sms, Some(set)) => match (person.short_code_reached, route.unreached) {
                (true, _) | (false, Unreached::SendAnyway) => Some(set),
                (false, Unreached::Set(other)) => Some(other),
                (false, Unreached::NoSender) => None,
            },
            (Channel::Sms, None) => None,
        };
        let Some(mut set) = set else { return Selected::Fails(Ending::NoUsableSender) };
        if service.area_code_match {
            let area = self.model.countries[country].places.list[usize::from(place)].area;
            if let Some(near) = self.model.area_sets.get(&(set, area)).filter(|_| area != NO_AREA) {
                set = *near;
            }
        }
        Selected::Sender(self.choose(service.distribution, set, campaign, person.carrier, bits))
    }

    fn choose(&mut self, policy: Distribution, set: usize, campaign: &Campaign, carrier: usize, bits: u32) -> u32 {
        let place = self.choose_place(policy, set, campaign, carrier, bits);
        self.model.candidate_sets[set].senders[place]
    }

    /// The place in its set of the sender that is chosen.
    fn choose_place(
        &mut self,
        policy: Distribution,
        set: usize,
        campaign: &Campaign,
        carrier: usize,
        bits: u32,
    ) -> usize {
        let senders = &self.model.candidate_sets[set].senders;
        if senders.len() == 1 {
            return 0;
        }
        if self.is_early && matches!(policy, Distribution::Earliest | Distribution::LeastSegments) {
            let row = self.candidates.row(self.model, set, carrier, campaign.level);
            let earliest = policy == Distribution::Earliest;
            let look = if earliest { EarlyLanes::first_free } else { EarlyLanes::least_loaded };
            return look(&mut self.early, row, self.now);
        }
        let view = View { model: self.model, lanes: &self.lanes, carrier, level: campaign.level, now: self.now };
        selection::choose(policy, senders, &mut self.cursors[set], bits, &view)
    }

    /// The sender this person knows, if it can still reach them.
    fn sticky_sender(&self, campaign: &Campaign, person: &Person) -> Option<u32> {
        let sender = *self.sticky.get(&(campaign.service?, campaign.channel, person.identity?))?;
        let short_code = self.model.senders[sender as usize].kind == SenderType::ShortCode;
        (person.short_code_reached || !short_code).then_some(sender)
    }

    /// Written when a message is admitted to a lane, for people who can be met again.
    fn remember_sender(&mut self, campaign: &Campaign, person: &Person, sender: u32) {
        let (Some(service), Some(identity), None) = (campaign.service, person.identity, campaign.from) else { return };
        if self.model.services[service].sticky_sender {
            self.sticky.insert((service, campaign.channel, identity), sender);
        }
    }

    /// A sender that failed a check of its registration is forgotten: the next message selects afresh.
    fn forget_sender(&mut self, message: &Message) {
        let index = message.campaign as usize;
        let campaign = &self.model.campaigns[index];
        let (Some(service), None) = (campaign.service, campaign.from) else { return };
        let person = people::recipient(self.model, self.draws, index, message.number);
        if let Some(identity) = person.identity {
            let key = (service, campaign.channel, identity);
            if self.sticky.get(&key) == Some(&message.sender) {
                self.sticky.remove(&key);
            }
        }
    }

    fn enter_lane(&mut self, lane: usize, message: &Message, fate: Option<Fate>, validity: SimDuration) {
        self.observer.queued(self.now, message);
        if self.is_early {
            return self.enter_early(lane, &mut message.clone(), fate, validity, true);
        }
        let was_empty = self.lanes[lane].head().is_none();
        self.lanes[lane].push(message, fate, validity);
        let expiry = Expiry {
            at: message.released.saturating_add(validity),
            campaign: message.campaign,
            number: message.number,
        };
        if self.lanes[lane].timer.is_none_or(|timer| expiry < timer) {
            self.set_timer(lane, expiry);
        }
        if was_empty && !self.lanes[lane].is_busy() {
            self.schedule_slot_start(lane);
        }
    }

    /// Whether what comes next for a message at `at`, lies beyond the horizon; it is then in progress at the end.
    fn is_cut(&mut self, at: SimTime, message: &Message) -> bool {
        self.known_until = self.known_until.max(at);
        let cut = self.is_beyond(at);
        if cut {
            self.open -= 1;
            self.cut.messages += 1;
            self.cut.segments += u64::from(message.segments);
        }
        cut
    }

    fn refuse(&mut self, message: &Message, ending: Ending) {
        debug_assert_eq!(ending.status(), Status::Refused);
        self.observer.refused(self.now, message, ending);
    }

    fn accept_and_fail(&mut self, message: &Message, ending: Ending) {
        self.observer.accepted(self.now, message);
        self.observer.ended(self.now, message, ending);
    }

    // --- lanes and ceilings ---------------------------------------------------------------------------------------

    fn schedule_slot_start(&mut self, lane: usize) {
        let state = &mut self.lanes[lane];
        if state.starting {
            return;
        }
        let Some(head) = state.head() else { return };
        let ready = state.ready_for(head);
        state.starting = true;
        if ready == self.now {
            self.slots.set(lane, Key::new(self.now, rank::SLOT_START, as_u32(lane)));
        } else {
            self.schedule(self.now, rank::SLOT_START, ready.as_nanos(), lane as u64, Event::SlotStart(lane));
        }
    }

    /// The head of a lane leaves, or waits for the ceilings above it: for one that is busy, else for the first.
    fn start_slot(&mut self, lane: usize) {
        self.lanes[lane].starting = false;
        let Some(head) = self.lanes[lane].head().filter(|head| !self.faults.holds(head)) else {
            return self.slots.set(lane, Key::NEVER);
        };
        if self.ceilings.is_empty() {
            return self.leave_lane(lane, [None; 2]);
        }
        let above = self.ceilings_over(lane, head);
        let mut ceilings = above.into_iter().flatten();
        match ceilings.clone().find(|index| self.ceilings[*index].is_busy(self.now)).or_else(|| ceilings.next()) {
            None => self.leave_lane(lane, above),
            Some(ceiling) => {
                self.slots.set(lane, Key::NEVER);
                self.park(lane, ceiling);
            }
        }
    }

    fn park(&mut self, lane: usize, ceiling: usize) {
        let head = self.lanes[lane].head().expect("only a lane with a head waits");
        let ready = self.lanes[lane].ready_for(head);
        self.ceilings[ceiling].park(self.model.lanes[lane].level, ready, lane);
        self.lanes[lane].parked = Some((ceiling, ready));
        self.schedule_award(ceiling);
    }

    /// A ceiling that admits somebody and is waited for will do so when all that are ready at this instant have come; those
    /// of single senders before those of the account.
    fn schedule_award(&mut self, ceiling: usize) {
        if !self.ceilings[ceiling].is_busy(self.now) && self.ceilings[ceiling].is_awaited() {
            let of_account = u64::from(self.model.ceilings[ceiling].over.is_some());
            self.schedule(self.now, rank::AWARD, of_account, ceiling as u64, Event::Award(ceiling));
        }
    }

    /// The lane whose turn it is passes this ceiling. If another one above it is busy, it waits there and the next may go;
    /// if there is one that decides after this one, it waits for that decision.
    fn award(&mut self, ceiling: usize) {
        while !self.ceilings[ceiling].is_busy(self.now) {
            let Some(lane) = self.ceilings[ceiling].next() else { return };
            self.lanes[lane].parked = None;
            let head = self.lanes[lane].head().expect("a lane that waits has a head");
            if self.faults.holds(head) {
                continue;
            }
            let above = self.ceilings_over(lane, head);
            let ceilings = || above.into_iter().flatten();
            let busy = ceilings().find(|index| self.ceilings[*index].is_busy(self.now));
            let last = ceilings().last().filter(|last| *last != ceiling);
            match busy.or(last) {
                Some(other) => self.park(lane, other),
                None => self.leave_lane(lane, above),
            }
        }
    }

    /// The head of a lane is handed to the carrier, and charged to lane and ceilings.
    fn leave_lane(&mut self, lane: usize, above: [Option<usize>; 2]) {
        let head = self.lanes[lane].head().expect("a slot is started for a message");
        let segments = Segments(u64::from(head.segments));
        let mut paced_until = None;
        for index in above.into_iter().flatten() {
            let crate::model::Lane { level, shaper, .. } = self.model.lanes[lane];
            let free = self.ceilings[index].pass(level, self.now, segments);
            self.schedule(free, rank::SLOT_END, 1, index as u64, Event::CeilingFree(index));
            // The classes of a sender have one pace: a class whose slot ended a nanosecond later would miss its turn.
            paced_until = paced_until.or(Some(free).filter(|_| shaper == Some(index)));
        }
        let (mut message, fate, slot_end) = self.lanes[lane].start_slot(self.now, paced_until);
        self.open += 1;
        self.slots.set(lane, Key::new(slot_end, rank::SLOT_END, as_u32(lane)));
        self.observer.sent(self.now, &message, slot_end);
        self.pass_gate(self.now, &mut message, fate.as_ref());
    }

    #[inline]
    fn end_slot(&mut self, lane: usize) {
        let segments = self.lanes[lane].end_slot();
        self.observer.slot_ended(self.now, as_u32(lane), segments);
        self.open -= 1;
        if self.lanes[lane].head().is_none() {
            return self.slots.set(lane, Key::NEVER);
        }
        // Where nothing comes before it, the next slot starts without further ado.
        let next = Key::new(self.now, rank::SLOT_START, as_u32(lane));
        let others = self.slots.first_beside(lane).min(self.calls.first());
        if next < others && next.instant() < self.events.first_instant() && !O::CHECKS {
            self.steps += 1;
            return self.start_slot(lane);
        }
        self.slots.set(lane, Key::NEVER);
        self.schedule_slot_start(lane);
    }

    /// The ceilings that a message has to pass: that of its lane's sender and that of account, country and type.
    #[inline]
    fn ceilings_over(&self, lane: usize, head: &Waiting) -> [Option<usize>; 2] {
        if self.ceilings.is_empty() {
            return [None; 2];
        }
        let country = self.model.carriers[head.carrier as usize].country;
        let kind = self.model.senders[head.sender as usize].kind;
        [self.model.lanes[lane].shaper, self.ceiling_over[country][kind.index()]]
    }

    fn set_timer(&mut self, lane: usize, expiry: Expiry) {
        self.lanes[lane].timer = Some(expiry);
        self.schedule(expiry.at, rank::EXPIRY, u64::from(expiry.campaign), expiry.number, Event::Expiry(lane, expiry));
    }

    /// The timer of a lane rings: its message may have left, may expire now, and another one is next.
    fn expire(&mut self, lane: usize, timer: Expiry) {
        let state = &mut self.lanes[lane];
        // An earlier timer took the place of this one.
        if state.timer != Some(timer) {
            return;
        }
        state.timer = None;
        let Some(next) = state.next_expiry() else { return };
        if next != timer {
            return self.set_timer(lane, next);
        }
        let stopped = state.head().is_some_and(|head| self.faults.holds(head));
        let message = state.expire(self.now).expect("the next expiry is due");
        // The next one waited for its lane as long as the lane was stopped.
        if stopped {
            state.woken = self.now;
        }
        if let Some(after) = state.next_expiry() {
            self.set_timer(lane, after);
        }
        self.finish(self.now, &message, Ending::Expired);
        // A lane that waits at a ceiling may have a new head, ready at another time or for another ceiling.
        if let Some((ceiling, ready)) = self.lanes[lane].parked.take() {
            self.ceilings[ceiling].leave(self.model.lanes[lane].level, ready, lane);
        }
        // It may also have waited for a carrier that is out, which holds nothing against the next one.
        if !self.lanes[lane].is_busy() {
            self.schedule_slot_start(lane);
        }
    }

    // --- faults ---------------------------------------------------------------------------------------------------

    /// A fault begins or ends: rates change, and lanes that were stopped go on.
    fn turn_fault(&mut self, index: usize, on: bool) {
        let held: Vec<usize> = (0..self.lanes.len()).filter(|lane| self.is_held(*lane)).collect();
        self.faults.turn(self.model, index, on);
        if let (Effect::Rate(_), Target::Senders(senders)) =
            (self.model.faults[index].effect, &self.model.faults[index].target)
        {
            self.set_rates(senders);
        }
        for lane in held {
            if self.is_held(lane) {
                continue;
            }
            let state = &mut self.lanes[lane];
            state.woken = self.now;
            if !state.is_busy() && state.parked.is_none() {
                self.schedule_slot_start(lane);
            }
        }
    }

    /// Whether a lane's head may not leave because of a fault.
    fn is_held(&self, lane: usize) -> bool {
        self.lanes[lane].head().is_some_and(|head| self.faults.holds(head))
    }

    /// The rates that these senders' lanes have from their next slot on: the lowest that a fault gives any of the senders
    /// that share one.
    fn set_rates(&mut self, senders: &[u32]) {
        let mut lowest: FxHashMap<usize, Rate> = FxHashMap::default();
        for sender in 0..as_u32(self.model.senders.len()) {
            let Some(rate) = self.faults.rate(sender) else { continue };
            for lane in lanes_of(self.model, sender) {
                lowest.entry(lane).and_modify(|known| *known = rate.min(*known)).or_insert(rate);
            }
        }
        for lane in senders.iter().flat_map(|sender| lanes_of(self.model, *sender)) {
            let facts = &self.model.lanes[lane];
            let changed = lowest.get(&lane).copied();
            self.lanes[lane].pacer.set_rate(changed.unwrap_or(facts.rate));
            if let Some(shaper) = facts.shaper {
                self.ceilings[shaper].set_rate(changed.unwrap_or(self.model.ceilings[shaper].rate));
            }
        }
    }

    // --- the rest -------------------------------------------------------------------------------------------------

    fn schedule_day_reset(&mut self, zone: usize) {
        if let Some(midnight) = self.model.calendar.next_midnight(&self.model.day_zones[zone], self.now) {
            self.schedule(midnight, rank::DAY_RESET, 0, zone as u64, Event::DayReset(zone));
        }
    }

    fn schedule_message(&mut self, delay: SimDuration, rank: u8, message: &Message, event: Event) {
        self.schedule(self.now + delay, rank, u64::from(message.campaign), message.number, event);
    }

    fn schedule(&mut self, at: SimTime, rank: u8, first: u64, second: u64, event: Event) {
        self.events.schedule(EventKey { at, rank, first, second }, event);
    }

    /// Counts what is in progress by walking through lanes and events.
    fn census(&self) -> Census {
        let leaving = self.leaving.iter().enumerate().flat_map(|(lane, leaving)| leaving.messages(as_u32(lane)));
        let waiting = self.lanes.iter().flat_map(LaneState::waiting_messages).chain(leaving);
        let in_flight = self.events.iter().filter_map(|event| match event {
            Event::Handset(message) | Event::Cancel(message) | Event::Release(message) => Some(message),
            _ => None,
        });
        let in_flight = in_flight.chain(self.waiting_for_handset.values()).copied();
        waiting.chain(in_flight).fold(self.cut, |sum, message| Census {
            messages: sum.messages + 1,
            segments: sum.segments + u64::from(message.segments),
        })
    }
}

/// Whether nobody meets the recipients of a campaign again, and nobody waits for its messages.
fn is_alone(model: &Model, campaign: &Campaign) -> bool {
    let met_again = match &campaign.people {
        People::Fresh(_) => false,
        People::Audience { audience, .. } => model.audiences[*audience].met_again,
        People::Trace(_) => true,
    };
    !met_again && campaign.deadline.is_none() && campaign.resend.is_none()
}

/// All lanes of a sender.
fn lanes_of(model: &Model, sender: u32) -> impl Iterator<Item = usize> {
    let carriers = 0..model.carriers.len();
    carriers
        .flat_map(|carrier| (0..SERVICE_LEVELS).map(move |level| (carrier, level)))
        .filter_map(move |(carrier, level)| model.lane(sender as usize, carrier, level))
}

fn as_u32(index: usize) -> u32 {
    u32::try_from(index).expect("indexes of a model fit into 32 bits")
}
