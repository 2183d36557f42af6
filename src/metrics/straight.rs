//! Messages that went straight through, as most do: handed over when they were meant, queued, sent when their lane was ready,
//! and delivered or not. Whatever [`super::Collector`] counts of them is said by a few sums, which are taken here and
//! spread at the end; the result is the same as of each told step by step.

use crate::model::Model;
use crate::model::ending::{Ending, Status};
use crate::model::terms::Shown;
use crate::simulation::observer::{Life, Message, Observer};
use crate::simulation::stage::Stage;
use crate::units::{SimDuration, SimTime};

use super::delay::{Placed, Recorder};
use super::timeline::Flow;
use super::{Collector, KINDS};

/// The sums.
#[derive(Debug)]
pub(super) struct Straight {
    /// By campaign, group of senders and carrier: what is the same for all messages, once it was looked up. Empty where that
    /// would be large.
    routes: Vec<Option<Route>>,
    groups: usize,
    countries: usize,
    /// As the collector's cells.
    cells: Vec<Sums>,
    /// By campaign and country.
    delays: Vec<Delays>,
    last_slot_end: SimTime,
}

/// The largest table of routes.
const ROUTES_MAX: usize = 1 << 18;

/// What is the same for messages of a campaign, by senders of a group, to a carrier.
#[derive(Clone, Copy, Debug)]
struct Route {
    cell: u32,
    delays: u32,
    added: u8,
    shown: Shown,
}

/// Sums of a cell.
#[derive(Clone, Debug)]
struct Sums {
    messages: u64,
    segments: u64,
    added: u64,
    delivered: u64,
    reported: u64,
    shown: [u64; Shown::COUNT],
    lane_nanos: u128,
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

impl Straight {
    pub(super) fn new(model: &Model) -> Straight {
        let none = Sums {
            messages: 0,
            segments: 0,
            added: 0,
            delivered: 0,
            reported: 0,
            shown: [0; Shown::COUNT],
            lane_nanos: 0,
            network_nanos: 0,
            handset_nanos: 0,
            first_intended: SimTime::MAX,
            last_intended: SimTime::ZERO,
            last_sent: SimTime::ZERO,
            last_slot_end: SimTime::ZERO,
        };
        let (campaigns, groups) = (model.campaigns.len(), model.groups.len());
        let routes = campaigns * groups * model.carriers.len();
        Straight {
            routes: vec![None; if routes > ROUTES_MAX { 0 } else { routes }],
            groups,
            countries: model.countries.len(),
            cells: vec![none; campaigns * model.carriers.len() * KINDS],
            delays: vec![Delays::default(); campaigns * model.countries.len()],
            last_slot_end: SimTime::ZERO,
        }
    }
}

impl Collector<'_> {
    /// Counts a life, if it is of this kind; returns whether.
    #[inline]
    pub(super) fn count_straight(&mut self, life: &Life) -> bool {
        let Life { message, slot_end, end, ending, receipt } = life;
        let Message { intended, sent, .. } = *message;
        let delivered = *ending == Ending::Delivered;
        let straight = (delivered && message.carried_on == sent || ending.status() == Status::Undelivered)
            && message.ready == sent
            && message.released == intended
            && message.accepted == intended;
        if !straight {
            return false;
        }
        let route = self.route(message);
        let segments = u64::from(message.segments);
        let times = [intended, sent, *slot_end, *end];
        let outcome = if delivered { Flow::Delivered } else { Flow::Undelivered };
        if !self.timeline.straight(times, segments, self.series(message.lane), outcome) {
            return false;
        }
        let wait = sent.since(intended);
        let tally = &mut self.tallies[message.lane as usize];
        tally.sent(sent, *slot_end, segments, wait);
        tally.first_queued = tally.first_queued.min(intended);
        let straight = &mut self.straight;
        straight.last_slot_end = straight.last_slot_end.max(*slot_end);
        let sums = &mut straight.cells[route.cell as usize];
        sums.messages += 1;
        sums.segments += segments;
        sums.added += u64::from(route.added);
        sums.first_intended = sums.first_intended.min(intended);
        sums.last_intended = sums.last_intended.max(intended);
        sums.last_sent = sums.last_sent.max(sent);
        sums.last_slot_end = sums.last_slot_end.max(*slot_end);
        let delays = &mut straight.delays[route.delays as usize];
        delays.wait.record_placed(Placed::new(wait));
        if !delivered {
            self.cells[route.cell as usize].ended[*ending] += 1;
            match receipt {
                Some((at, report)) => self.receipt(*at, message, *report, *ending),
                None => self.unreported(*end, message, *ending),
            }
            return true;
        }
        let (latency, away) = (end.since(sent), end.since(message.attempted));
        sums.delivered += 1;
        sums.shown[route.shown as usize] += 1;
        sums.lane_nanos += u128::from(wait.as_nanos());
        sums.network_nanos += u128::from(latency.as_nanos() - away.as_nanos());
        sums.handset_nanos += u128::from(away.as_nanos());
        sums.reported += u64::from(receipt.is_some());
        if away == SimDuration::ZERO {
            delays.latency.record_placed(Placed::new(latency));
        } else {
            let parts = [latency, message.attempted.since(sent), away];
            delays.absent.iter_mut().zip(parts).for_each(|(recorder, part)| recorder.record(part));
        }
        delays.end_to_end.record_placed(Placed::new(end.since(intended)));
        self.slowest.offer(message, *end);
        true
    }

    #[inline]
    fn route(&mut self, message: &Message) -> Route {
        let group = self.senders[message.sender as usize].group as usize;
        let place =
            (message.campaign as usize * self.straight.groups + group) * self.carriers + message.carrier as usize;
        match self.straight.routes.get(place) {
            Some(Some(route)) => *route,
            _ => self.look_up(message, group, place),
        }
    }

    #[cold]
    fn look_up(&mut self, message: &Message, group: usize, place: usize) -> Route {
        let model = self.model;
        let country = model.carriers[message.carrier as usize].country;
        let terms = model.terms(group, message.carrier as usize).expect("what is sent has terms");
        let added = model.campaigns[message.campaign as usize].added_segments[country][terms.class as usize];
        let small = |count: usize| u32::try_from(count).expect("tables of a model are small");
        let route = Route {
            cell: small(self.index(message.campaign, message.carrier, message.sender)),
            delays: small(message.campaign as usize * self.straight.countries + country),
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
            cell.spent.0[Stage::Lane as usize] += sums.lane_nanos;
            cell.spent.0[Stage::Network as usize] += sums.network_nanos;
            cell.spent.0[Stage::Handset as usize] += sums.handset_nanos;
            cell.reported_delivered += sums.reported;
            let parts = &mut self.delays[index / KINDS / self.carriers];
            for zeros in [&mut parts.api_wait, &mut parts.hold_wait, &mut parts.ceiling_wait] {
                zeros.record_zeros(count);
            }
            parts.carrier_hold.record_zeros(sums.delivered);
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
            parts.carrier_latency.add(&delays.latency);
            parts.network_latency.add(&delays.latency);
            let [latency, network, away] = &delays.absent;
            parts.carrier_latency.add(latency);
            parts.network_latency.add(network);
            parts.handset_wait.add(away);
            parts.handset_wait.record_zeros(delays.latency.count());
            parts.end_to_end.add(&delays.end_to_end);
            let parts = &mut self.country_delays[country];
            parts.queue_wait.add(&delays.wait);
            parts.end_to_end.add(&delays.end_to_end);
        }
    }
}
