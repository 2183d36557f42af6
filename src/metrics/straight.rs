//! Messages that went straight through, as most do: handed over when they were meant, queued, sent when their lane was ready,
//! and delivered or not. Whatever [`super::Collector`] counts of them is said by a few sums, which are taken here and
//! spread at the end; the result is the same as of each told step by step.

use rustc_hash::FxHashMap;

use crate::model::ending::Ending;
use crate::model::sender::SenderType;
use crate::model::terms::Shown;
use crate::model::{Model, Sender};
use crate::simulation::lives::Straight;
use crate::simulation::observer::Observer;
use crate::simulation::stage::Stage;
use crate::units::SimTime;

use super::delay::{Recorder, TOGETHER};
use super::{Collector, KINDS};

/// The sums.
#[derive(Debug)]
pub(super) struct StraightCounts {
    /// By campaign, profile of senders and carrier: what is the same for all messages, once it was looked up. Empty where that
    /// would be large.
    routes: Vec<Option<Route>>,
    /// By sender: a number that is the same for all whose messages are counted alike.
    profile_of: Vec<u32>,
    profiles: usize,
    countries: usize,
    /// As the collector's cells.
    cells: Vec<Sums>,
    /// By campaign and country.
    delays: Vec<Delays>,
    last_slot_end: SimTime,
}

/// The largest table of routes.
const ROUTES_MAX: usize = 1 << 18;

/// What is the same for messages of a campaign, by senders of a profile, to a carrier.
#[derive(Clone, Copy, Debug)]
struct Route {
    cell: u32,
    delays: u32,
    added: u8,
    shown: Shown,
}

/// Sums of a cell.
#[derive(Clone, Copy, Debug)]
struct Sums {
    messages: u64,
    segments: u64,
    added: u64,
    delivered: u64,
    reported: u64,
    shown: [u64; Shown::COUNT],
    /// Waits of all, and of those that were not delivered.
    lane_nanos: u128,
    lost_nanos: u128,
    /// From `sent` to the end of those that were delivered; of that, waiting for a handset.
    network_nanos: u128,
    handset_nanos: u128,
    first_intended: SimTime,
    last_intended: SimTime,
    last_sent: SimTime,
    last_slot_end: SimTime,
}

/// Delays of a campaign in a country.
#[derive(Clone, Debug, Default)]
struct Delays {
    wait: Recorder,
    latency: Recorder,
    end_to_end: Recorder,
    /// Of messages that waited for a handset: the latency, of it the way through the networks, and the rest.
    absent: [Recorder; 3],
}

impl StraightCounts {
    pub(super) fn new(model: &Model) -> StraightCounts {
        let campaigns = model.campaigns.len();
        let (profile_of, profiles) = profiles(model);
        let routes = campaigns * profiles * model.carriers.len();
        StraightCounts {
            routes: vec![None; if routes > ROUTES_MAX { 0 } else { routes }],
            profile_of,
            profiles,
            countries: model.countries.len(),
            cells: vec![Sums::NONE; campaigns * model.carriers.len() * KINDS],
            delays: vec![Delays::default(); campaigns * model.countries.len()],
            last_slot_end: SimTime::ZERO,
        }
    }
}

/// By sender, a number that is the same for all of one type on the same terms with all carriers; and how many numbers there are.
fn profiles(model: &Model) -> (Vec<u32>, usize) {
    let mut known: FxHashMap<(SenderType, &[u32]), u32> = FxHashMap::default();
    let mut of_group: Vec<Option<u32>> = vec![None; model.groups.len()];
    let profile = |sender: &Sender| {
        *of_group[sender.group].get_or_insert_with(|| {
            let next = as_u32(known.len());
            *known.entry((sender.kind, model.all_terms(sender.group))).or_insert(next)
        })
    };
    let profile_of = model.senders.iter().map(profile).collect();
    (profile_of, known.len())
}

impl Sums {
    const NONE: Sums = Sums {
        messages: 0,
        segments: 0,
        added: 0,
        delivered: 0,
        reported: 0,
        shown: [0; Shown::COUNT],
        lane_nanos: 0,
        lost_nanos: 0,
        network_nanos: 0,
        handset_nanos: 0,
        first_intended: SimTime::MAX,
        last_intended: SimTime::ZERO,
        last_sent: SimTime::ZERO,
        last_slot_end: SimTime::ZERO,
    };

    /// With messages of one route. By value, so that sums are taken in registers.
    #[inline]
    fn with(self, lives: &[Straight], route: Route) -> Sums {
        let mut sums = self;
        for life in lives {
            let wait = u128::from(life.wait().as_nanos());
            sums.segments += u64::from(life.segments);
            sums.first_intended = sums.first_intended.min(life.intended);
            sums.last_intended = sums.last_intended.max(life.intended);
            sums.last_sent = sums.last_sent.max(life.sent);
            sums.last_slot_end = sums.last_slot_end.max(life.slot_end);
            sums.lane_nanos += wait;
            if life.is_delivered() {
                sums.delivered += 1;
                sums.reported += u64::from(life.receipt < SimTime::MAX);
                sums.network_nanos += u128::from(life.latency().as_nanos());
                sums.handset_nanos += u128::from(life.away().as_nanos());
            } else {
                sums.lost_nanos += wait;
            }
        }
        sums.messages += lives.len() as u64;
        sums.added += lives.len() as u64 * u64::from(route.added);
        sums.shown[route.shown as usize] += sums.delivered - self.delivered;
        sums
    }
}

impl Collector<'_> {
    /// Counts lives: those that follow one another by the same route together, one thing after the other, so that sums are taken
    /// in registers.
    pub(super) fn count_lives(&mut self, lives: &[Straight]) {
        let mut rest = lives;
        while let Some(first) = rest.first() {
            let key = |life: &Straight| (life.campaign, life.carrier, self.straight.profile_of[life.sender as usize]);
            let wanted = key(first);
            let count = rest.iter().take(TOGETHER).take_while(|life| key(life) == wanted).count();
            let (run, others) = rest.split_at(count);
            if self.timeline.straight(run, &self.series_of) {
                self.count_run(run);
            } else {
                // The series must grow wider.
                run.iter().for_each(|life| life.tell(self));
            }
            rest = others;
        }
    }

    fn count_run(&mut self, run: &[Straight]) {
        for life in run {
            let tally = &mut self.tallies[life.lane as usize];
            tally.sent(life.sent, life.slot_end, u64::from(life.segments), life.wait());
            tally.first_queued = tally.first_queued.min(life.intended);
        }
        let route = self.route(&run[0]);
        let straight = &mut self.straight;
        let before = straight.cells[route.cell as usize];
        let sums = before.with(run, route);
        straight.cells[route.cell as usize] = sums;
        straight.last_slot_end = straight.last_slot_end.max(sums.last_slot_end);
        let delivered = || run.iter().filter(|life| life.is_delivered());
        let delays = &mut straight.delays[route.delays as usize];
        delays.wait.record_unsummed(run.iter().map(Straight::wait));
        delays.end_to_end.record_unsummed(delivered().map(Straight::end_to_end));
        if sums.handset_nanos == before.handset_nanos {
            delays.latency.record_unsummed(delivered().map(Straight::latency));
        } else {
            let (present, absent) =
                (|life: &&Straight| life.attempted == life.end, |life: &&Straight| life.attempted < life.end);
            delays.latency.record_unsummed(delivered().filter(present).map(Straight::latency));
            for life in delivered().filter(absent) {
                let parts = [life.latency(), life.attempted.since(life.sent), life.away()];
                delays.absent.iter_mut().zip(parts).for_each(|(recorder, part)| recorder.record(part));
            }
        }
        for life in delivered() {
            if self.slowest.asks_for(life.end_to_end(), life.wait()) {
                self.slowest.take(&life.message(), life.end);
            }
        }
        if sums.delivered - before.delivered < run.len() as u64 {
            run.iter().filter(|life| !life.is_delivered()).for_each(|life| self.count_lost(life, route));
        }
    }

    /// How a message that was not delivered ended, and what was heard of it.
    fn count_lost(&mut self, life: &Straight, route: Route) {
        self.cells[route.cell as usize].ended[life.ending] += 1;
        let message = life.message();
        match life.receipt() {
            Some((at, report)) => self.receipt(at, &message, report, life.ending),
            None => self.unreported(life.end, &message, life.ending),
        }
    }

    #[inline]
    fn route(&mut self, message: &Straight) -> Route {
        let profile = self.straight.profile_of[message.sender as usize] as usize;
        let place =
            (message.campaign as usize * self.straight.profiles + profile) * self.carriers + message.carrier as usize;
        match self.straight.routes.get(place) {
            Some(Some(route)) => *route,
            _ => self.look_up(message, place),
        }
    }

    #[cold]
    fn look_up(&mut self, message: &Straight, place: usize) -> Route {
        let model = self.model;
        let group = model.senders[message.sender as usize].group;
        let country = model.carriers[message.carrier as usize].country;
        let terms = model.terms(group, message.carrier as usize).expect("what is sent has terms");
        let added = model.campaigns[message.campaign as usize].added_segments[country][terms.class as usize];
        let route = Route {
            cell: as_u32(self.index(message.campaign, message.carrier, message.sender)),
            delays: as_u32(message.campaign as usize * self.straight.countries + country),
            added: u8::try_from(added).expect("operators add few segments"),
            shown: model.shown_of_group(message.campaign, group, message.carrier),
        };
        if let Some(known) = self.straight.routes.get_mut(place) {
            *known = Some(route);
        }
        route
    }

    /// Adds what was counted to everything that it belongs to.
    pub(super) fn add_straight(&mut self) {
        for index in 0..self.cells.len() {
            let sums = &self.straight.cells[index];
            let count = sums.messages;
            if count == 0 {
                continue;
            }
            let none = &mut self.cells[index / KINDS * KINDS + KINDS - 1];
            none.offered += count;
            none.meant_at(sums.first_intended);
            none.meant_at(sums.last_intended);
            let cell = &mut self.cells[index];
            cell.assigned += count;
            cell.meant_at(sums.first_intended);
            cell.meant_at(sums.last_intended);
            cell.accepted += count;
            cell.queued += count;
            cell.sent += count;
            cell.segments_sent += sums.segments;
            cell.segments_added += sums.added;
            cell.last_sent = cell.last_sent.max(Some(sums.last_sent));
            cell.last_slot_end = cell.last_slot_end.max(Some(sums.last_slot_end));
            cell.ended[Ending::Delivered] += sums.delivered;
            cell.shown.iter_mut().zip(sums.shown).for_each(|(sum, count)| *sum += count);
            cell.spent.0[Stage::Lane as usize] += sums.lane_nanos - sums.lost_nanos;
            cell.spent.0[Stage::Network as usize] += sums.network_nanos - sums.handset_nanos;
            cell.spent.0[Stage::Handset as usize] += sums.handset_nanos;
            cell.reported_delivered += sums.reported;
            let parts = &mut self.delays[index / KINDS / self.carriers];
            for zeros in [&mut parts.api_wait, &mut parts.hold_wait, &mut parts.ceiling_wait] {
                zeros.record_zeros(count);
            }
            parts.carrier_hold.record_zeros(sums.delivered);
            let place = (index / KINDS / self.carriers) * self.straight.countries
                + self.model.carriers[index / KINDS % self.carriers].country;
            let delays = &mut self.straight.delays[place];
            delays.wait.add_sum(sums.lane_nanos);
            delays.end_to_end.add_sum(sums.lane_nanos - sums.lost_nanos + sums.network_nanos);
            delays.latency.add_sum(sums.network_nanos);
            let reports = &mut self.reports[Ending::Delivered];
            reports.delivered += sums.reported;
            reports.nothing += sums.delivered - sums.reported;
        }
        self.end = self.end.max(self.straight.last_slot_end);
        for (index, delays) in self.straight.delays.iter().enumerate() {
            let (campaign, country) = (index / self.straight.countries, index % self.straight.countries);
            let parts = &mut self.delays[campaign];
            parts.queue_wait.add(&delays.wait);
            parts.lane_wait.add(&delays.wait);
            let [latency, network, away] = &delays.absent;
            let mut present = delays.latency.clone();
            present.take_sum(latency);
            parts.carrier_latency.add(&present);
            parts.network_latency.add(&present);
            parts.carrier_latency.add(latency);
            parts.network_latency.add(network);
            parts.handset_wait.add(away);
            parts.handset_wait.record_zeros(delays.latency.values());
            parts.end_to_end.add(&delays.end_to_end);
            let parts = &mut self.country_delays[country];
            parts.queue_wait.add(&delays.wait);
            parts.end_to_end.add(&delays.end_to_end);
        }
    }
}

fn as_u32(count: usize) -> u32 {
    u32::try_from(count).expect("tables of a model are small")
}
