//! Parts of a replication: campaigns that share nothing can be simulated apart from each other, and what is told of all parts is
//! what one engine tells of the whole.
//!
//! That is exact because of what an engine holds (see `Engine`):
//!
//! - Draws are addressed by keys, and what is drawn ahead by campaign; who is what to whom (terms, hours, prices) is the model's.
//! - The order of events is by content, so it is the same among those of one part, whatever lies between them. Midnights and faults
//!   are known beforehand: each part has its own.
//! - State belongs to something with a name: a service, a lane, a person. Campaigns that may touch the same (`Shared`) are in one
//!   part. Tables that are filled as they are asked (candidates, passages, clocks) hold what the model says, whoever asks first.
//! - Which kind of lanes there are, and what is asked of messages ahead of time, follows from the whole model, also in a part.
//! - A run ends when nothing is open any more, which is about all campaigns. What happens to a part after it has nothing to do are
//!   suspensions after reviews; so a part waits ([`Paused`]) until it is known when the whole ends.
//!
//! Not here: which parts are worth a thread, and how what observers saw is put together.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::ledger::Ledger;
use super::observer::Observer;
use super::{Engine, Finished};
use crate::model::fault::{Effect, Target};
use crate::model::{Campaign, Ceiling, Model, NO_LANE, People, Route, Unreached};
use crate::units::SimTime;

/// What campaigns may have in common: the name of some state of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Shared {
    /// A service: sticky senders and opt-outs. (Candidates' turns are its senders'.)
    Service(usize),
    /// A sender: its turn, opt-outs, blocks of a network, conduct.
    Sender(u32),
    /// The lane of a sender at a carrier, of all classes: queue, minutes of the carrier. Lanes of several senders are those of a brand's
    /// campaign, so that the brand couples them already; it does not rest on that.
    Lane(u32),
    /// A rate above lanes.
    Ceiling(usize),
    /// A brand: caps of the day; conduct of its numbers together.
    Brand(usize),
    /// A content, where carriers have filters: what they have seen of it, how it fares, and whether they block it.
    Content(usize),
    /// People who are met again: handsets. Sticky senders and opt-outs are a service's or a sender's besides.
    Audience(usize),
    /// People whom traces name more than once.
    PeopleOfTraces,
    /// How many messages an account may have scheduled at once.
    Schedules,
    /// A carrier that takes only so much in a second.
    Congestion(usize),
    /// All senders, where so many of them suspended cost the account.
    Account,
}

/// The campaigns of a model in parts that share nothing. Each campaign is in one part; campaigns are in the order of their
/// index, and parts in that of their first campaign.
pub fn split(model: &Model) -> Vec<Vec<usize>> {
    let mut couples = Couples::new(model);
    // Campaigns that choose among the same senders share all of them: these are looked at once, for all carriers that any of the
    // campaigns may reach.
    let mut choices: BTreeMap<Choice, (usize, Vec<bool>)> = BTreeMap::new();
    for (index, campaign) in model.campaigns.iter().enumerate() {
        let reached = reached(model, campaign);
        couples.by_account(index, campaign);
        couples.by_people(index, campaign, &reached);
        if let Some(choice) = Choice::of(campaign) {
            let (first, all) = choices.entry(choice).or_insert_with(|| (index, vec![false; reached.len()]));
            couples.join(index, *first);
            all.iter_mut().zip(reached).for_each(|(all, one)| *all |= one);
        }
    }
    // Many scenarios have one service: nobody need look at its senders.
    if couples.are_one() {
        return couples.parts();
    }
    let mut seen = vec![usize::MAX; model.senders.len()];
    for (turn, (choice, (index, reached))) in choices.into_iter().enumerate() {
        for sender in choice.sets(model).into_iter().flat_map(|set| &model.candidate_sets[set].senders) {
            if std::mem::replace(&mut seen[*sender as usize], turn) != turn {
                couples.by_sender(index, *sender, &reached);
            }
        }
    }
    couples.parts()
}

/// Among whom campaigns choose a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Choice {
    /// The senders of a service.
    Service(usize),
    /// Those of a candidate set.
    Set(usize),
}

impl Choice {
    fn of(campaign: &Campaign) -> Option<Choice> {
        campaign.from.map(Choice::Set).or(campaign.service.map(Choice::Service))
    }

    /// The candidate sets. Numbers of an area are among those of a set.
    fn sets(self, model: &Model) -> Vec<usize> {
        match self {
            Choice::Set(set) => vec![set],
            Choice::Service(service) => model.services[service].routes.iter().flat_map(sets_of).collect(),
        }
    }
}

fn sets_of(route: &Route) -> impl Iterator<Item = usize> {
    let unreached = match route.unreached {
        Unreached::Set(set) => Some(set),
        Unreached::SendAnyway | Unreached::NoSender => None,
    };
    [route.set, route.whatsapp, unreached].into_iter().flatten()
}

/// By carrier: whether anybody that a campaign writes to may be there.
fn reached(model: &Model, campaign: &Campaign) -> Vec<bool> {
    let population = match &campaign.people {
        People::Fresh(population) => population,
        People::Audience { audience, .. } => &model.audiences[*audience].population,
        // Its rows may name any.
        People::Trace(_) => return vec![true; model.carriers.len()],
    };
    let mut reached = vec![false; model.carriers.len()];
    population.carriers.iter().flat_map(|(_, carriers)| carriers).for_each(|carrier| reached[*carrier] = true);
    reached
}

/// Which campaigns belong together.
struct Couples<'m> {
    model: &'m Model,
    /// By campaign: itself, or one before it that it belongs to.
    before: Vec<usize>,
    /// One of the campaigns that share something.
    of: FxHashMap<Shared, usize>,
    /// The ceilings over a country and type.
    ceilings: FxHashMap<(usize, usize), usize>,
    has_filters: bool,
}

impl<'m> Couples<'m> {
    fn new(model: &'m Model) -> Couples<'m> {
        let over =
            |(index, ceiling): (usize, &Ceiling)| ceiling.over.map(|(country, kind)| ((country, kind.index()), index));
        Couples {
            model,
            before: (0..model.campaigns.len()).collect(),
            of: FxHashMap::default(),
            ceilings: model.ceilings.iter().enumerate().filter_map(over).collect(),
            has_filters: model.terms.iter().any(|terms| terms.filter.is_some()),
        }
    }

    /// What a campaign shares whoever sends.
    fn by_account(&mut self, index: usize, campaign: &Campaign) {
        if let Some(service) = campaign.service {
            self.share(index, Shared::Service(service));
        }
        if campaign.schedule.is_some() {
            self.share(index, Shared::Schedules);
        }
        if self.has_filters {
            self.share(index, Shared::Content(campaign.fingerprint));
            if self.model.filter_memory.suspension.is_some_and(|rule| rule.account_after.is_some()) {
                self.share(index, Shared::Account);
            }
        }
    }

    /// What it shares because of its recipients, at the carriers that it may reach.
    fn by_people(&mut self, index: usize, campaign: &Campaign, reached: &[bool]) {
        let model = self.model;
        match &campaign.people {
            People::Audience { audience, .. } if model.audiences[*audience].met_again => {
                self.share(index, Shared::Audience(*audience));
            }
            People::Trace(replay) if replay.rows.iter().any(|row| row.is_met_again()) => {
                self.share(index, Shared::PeopleOfTraces);
            }
            People::Fresh(_) | People::Audience { .. } | People::Trace(_) => {}
        }
        for fault in &model.faults {
            if let (Effect::Capacity(_), Target::Carriers(carriers)) = (fault.effect, &fault.target) {
                for carrier in carriers.iter().filter(|carrier| reached[**carrier]) {
                    self.share(index, Shared::Congestion(*carrier));
                }
            }
        }
    }

    /// What it shares with others that use a sender, or one beside it.
    fn by_sender(&mut self, index: usize, sender: u32, reached: &[bool]) {
        let model = self.model;
        self.share(index, Shared::Sender(sender));
        let facts = &model.senders[sender as usize];
        if let Some(brand) = facts.brand {
            self.share(index, Shared::Brand(brand));
        }
        let mut last = NO_LANE;
        for carrier in (0..model.carriers.len()).filter(|carrier| reached[*carrier]) {
            let lane = model.lane_of[sender as usize * model.carriers.len() + carrier];
            if lane == NO_LANE {
                continue;
            }
            if lane != std::mem::replace(&mut last, lane) {
                self.share(index, Shared::Lane(lane));
                if let Some(shaper) = model.lanes[lane as usize].shaper {
                    self.share(index, Shared::Ceiling(shaper));
                }
            }
            let over = (model.carriers[carrier].country, facts.kind.index());
            if let Some(ceiling) = self.ceilings.get(&over) {
                self.share(index, Shared::Ceiling(*ceiling));
            }
        }
    }

    /// A campaign may touch something.
    fn share(&mut self, index: usize, shared: Shared) {
        let other = *self.of.entry(shared).or_insert(index);
        self.join(index, other);
    }

    /// Two campaigns belong together.
    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first(one), self.first(other));
        self.before[one.max(other)] = one.min(other);
    }

    /// The first campaign that one belongs to.
    fn first(&mut self, index: usize) -> usize {
        let mut first = index;
        while self.before[first] != first {
            // Half of the way is spared next time.
            self.before[first] = self.before[self.before[first]];
            first = self.before[first];
        }
        first
    }

    /// Whether all campaigns belong together.
    fn are_one(&mut self) -> bool {
        (0..self.before.len()).all(|index| self.first(index) == 0)
    }

    fn parts(mut self) -> Vec<Vec<usize>> {
        let mut parts: Vec<Vec<usize>> = vec![Vec::new(); self.before.len()];
        for index in 0..self.before.len() {
            let first = self.first(index);
            parts[first].push(index);
        }
        parts.retain(|part| !part.is_empty());
        parts
    }
}

/// A part of a replication that has nothing to do any more, but for what happens until the whole replication ends.
pub struct Paused<'m, O>(Engine<'m, (Ledger, O)>);

impl<'m, O: Observer> Paused<'m, O> {
    /// Runs some campaigns of replication number `replication`, which must be one or several parts of [`split`].
    pub fn run(
        model: &'m Model,
        replication: u32,
        campaigns: impl IntoIterator<Item = usize>,
        observer: O,
    ) -> Paused<'m, O> {
        let mut engine = Engine::new(model, replication, campaigns.into_iter(), (Ledger::default(), observer));
        engine.run(SimTime::ZERO);
        Paused(engine)
    }

    /// Until when it would last alone, this instant included. The whole lasts until the latest of these.
    pub fn lasts_until(&self) -> SimTime {
        let Engine { open, known_until, now, .. } = self.0;
        // What is open at the horizon makes the run last up to it.
        if open > 0 { SimTime::MAX } else { known_until.max(now) }
    }

    /// Runs it on to the end of the whole, and closes its books.
    ///
    /// # Panics
    /// When they do not balance: a bug.
    pub fn finish(self, whole: SimTime) -> (O, Finished) {
        let Paused(mut engine) = self;
        engine.run(whole);
        engine.conclude();
        let census = engine.census();
        let (ledger, observer) = engine.observer;
        ledger.balance(engine.now, census);
        (observer, Finished { ledger, steps: engine.steps })
    }
}
