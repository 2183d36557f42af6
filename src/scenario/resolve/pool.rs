//! Services and senders: who may send where, on which lane, at which rate, under which terms.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::network::Network;
use super::sizes::LANES_MAX;
use super::treatment;
use super::{Findings, MAX_SENDERS, at, reply_words};
use crate::catalogue::{self, BrandKind, CampaignKind, SharedBy, Support};
use crate::model::country::CountryCode;
use crate::model::reply_word::ReplyWords;
use crate::model::sender::SenderType;
use crate::model::terms::{SenderClass, Terms};
use crate::model::{
    Brand, CandidateSet, Carrier, Ceiling, Charge, Distribution, Lane, Model, NO_AREA, NO_LANE, NO_TERMS, Rent, Route,
    SERVICE_LEVELS, Sender, SenderGroup, Service, Unreached,
};
use crate::scenario::path;
use crate::scenario::quantity::Written;
use crate::scenario::spec::{self, Capacity, Lanes, Priority, Queue, Scenario};
use crate::units::{Money, Rate, Segments, SimDuration, thousands};

/// The longest and default validity period.
pub(super) const MAX_VALIDITY: SimDuration = SimDuration::from_secs(36_000);
/// The queue depth of the platform before 2023.
const FORMER_DEPTH: SimDuration = SimDuration::from_secs(14_400);

/// The pool of a scenario.
#[derive(Default)]
pub(super) struct Pool {
    pub services: Vec<Service>,
    pub senders: Vec<Sender>,
    pub groups: Vec<SenderGroup>,
    pub lanes: Vec<Lane>,
    pub lane_of: Vec<u32>,
    pub terms: Vec<Terms>,
    pub terms_of: Vec<u32>,
    pub area_sets: FxHashMap<(usize, u32), usize>,
    pub ceilings: Vec<Ceiling>,
    pub brands: Vec<Brand>,
    pub candidate_sets: Vec<CandidateSet>,
    pub rents: Vec<Rent>,
    pub charges_once: Vec<Charge>,
    /// The candidate sets of campaigns that name their sender by `from`, by that name.
    pub from_sets: FxHashMap<String, usize>,
    /// The words that each service understands.
    pub words: Vec<ReplyWords>,
    /// Candidate sets by service and members, so that a set has one cursor.
    known_sets: FxHashMap<(Option<usize>, Vec<u32>), usize>,
    /// The group of each id.
    ids: BTreeMap<String, usize>,
    /// Where each group stands in the file.
    paths: Vec<String>,
    /// The first registration of each 10DLC brand, and of each of its campaigns, with its place.
    brands_seen: BTreeMap<String, (spec::TenDlc, String)>,
    registrations: BTreeMap<(String, String), (spec::TenDlc, String)>,
}

/// What an entry of the file says, with what is inherited.
pub(super) struct Entry<'s> {
    pub spec: &'s spec::Sender,
    pub queue: Queue,
    pub validity: SimDuration,
    pub home: Option<CountryCode>,
}

impl Pool {
    pub(super) fn resolve(findings: &mut Findings, spec: &Scenario, network: &Network) -> Pool {
        let mut pool = Pool::default();
        let mut entries = Vec::new();
        let file_queue = spec.queue.unwrap_or_default();
        for (service, (name, written)) in spec.services.iter().enumerate() {
            let base = at("services", name);
            let validity = check_validity(findings, &at(&base, "validity_period"), written.validity_period);
            let queue = inherit(written.queue.unwrap_or_default(), file_queue);
            pool.words.push(reply_words::resolve(findings, &base, written));
            for (index, sender) in written.senders.iter().enumerate() {
                let path = path::index(&at(&base, "senders"), index);
                pool.add_group(findings, &path, sender, Some(service), queue, validity, &mut entries);
            }
        }
        for (index, sender) in spec.senders.iter().enumerate() {
            let path = path::index("senders", index);
            pool.add_group(findings, &path, sender, None, file_queue, MAX_VALIDITY, &mut entries);
        }
        pool.check_ceilings(findings, spec, network);
        for id in spec.campaigns.values().filter_map(|campaign| campaign.from.as_ref()) {
            if let Some(senders) = pool.senders_named(id) {
                let set = pool.candidate_set(None, senders);
                pool.from_sets.insert(id.clone(), set);
            }
        }
        if !findings.has_errors() {
            pool.build(findings, spec, network, &entries);
        }
        pool
    }

    /// Whether a run of this pool touches what a guess of the catalogue is about: not what is not modelled, and no type
    /// of sender that the pool lacks.
    pub(super) fn uses(&self, subject: &str) -> bool {
        const NOT_MODELLED: [&str; 2] = ["opt_out", "numbers"];
        let of_people = subject.starts_with("handsets.");
        if !of_people && NOT_MODELLED.iter().any(|word| subject.contains(word)) {
            return false;
        }
        let has = |kind| self.groups.iter().any(|group| group.kind == kind);
        let lacks_type = SenderType::ALL.into_iter().any(|kind| subject.contains(kind.as_str()) && !has(kind));
        let of_us = |group: &SenderGroup| group.kind == SenderType::ShortCode && group.country == Some(CountryCode::US);
        if subject.contains("short_code_start") && !self.groups.iter().any(of_us) {
            return false;
        }
        let registered = !self.brands.is_empty();
        !lacks_type && (registered || !subject.contains("ten_dlc"))
    }

    /// The set of senders that `from: id` names: a group, one sender, or number k of a group.
    pub(super) fn senders_named(&self, id: &str) -> Option<Vec<u32>> {
        let range = |first: usize, count: usize| (first..first + count).map(as_u32).collect();
        if let Some(group) = self.ids.get(id) {
            let group = &self.groups[*group];
            return Some(range(group.first, group.count));
        }
        let (group, number) = self.numbered(id)?;
        let group = &self.groups[group];
        (number <= group.count).then(|| range(group.first + number - 1, 1))
    }

    /// The group and number of an id such as `local-3`, if there is such a group; it may have fewer numbers.
    fn numbered(&self, id: &str) -> Option<(usize, usize)> {
        let (group, number) = id.rsplit_once('-')?;
        let group = *self.ids.get(group)?;
        let number: usize = number.parse().ok().filter(|number| *number > 0)?;
        (self.groups[group].count > 1).then_some((group, number))
    }

    /// How the numbers of the group are called that `id` seems to be one of.
    pub(super) fn numbers_like(&self, id: &str) -> Option<String> {
        let group = &self.groups[self.numbered(id)?.0];
        Some(format!("`{0}` has {1} numbers, `{0}-1` to `{0}-{1}`", group.id, group.count))
    }

    /// The group that has this id, or a number with this id, or whose id is that of one of `count` numbers of `id`.
    fn clashing(&self, id: &str, count: u64) -> Option<usize> {
        let as_number = || self.numbered(id).filter(|(group, number)| *number <= self.groups[*group].count);
        let numbers = || {
            let first = format!("{id}-");
            let mut alike = self.ids.range(first.clone()..).take_while(|(other, _)| other.starts_with(&first));
            let is_number = |other: &str| other[first.len()..].parse().is_ok_and(|n: u64| (1..=count).contains(&n));
            alike.find(|(other, _)| count > 1 && is_number(other)).map(|(_, group)| *group)
        };
        self.ids.get(id).copied().or_else(|| as_number().map(|(group, _)| group)).or_else(numbers)
    }

    /// The index of a candidate set, one per service and members.
    fn candidate_set(&mut self, service: Option<usize>, senders: Vec<u32>) -> usize {
        let next = self.candidate_sets.len();
        let set = *self.known_sets.entry((service, senders.clone())).or_insert(next);
        if set == next {
            self.candidate_sets.push(CandidateSet { senders });
        }
        set
    }

    #[expect(clippy::too_many_arguments, reason = "one call site per place where senders can stand")]
    fn add_group<'s>(
        &mut self,
        findings: &mut Findings,
        path: &str,
        written: &'s spec::Sender,
        service: Option<usize>,
        queue: Queue,
        validity: SimDuration,
        entries: &mut Vec<Entry<'s>>,
    ) {
        let count = written.count.map_or(1, |Written(count)| count.0);
        if let Some(other) = self.clashing(&written.id, count) {
            findings.clash(
                &at(path, "id"),
                &at(&self.paths[other], "id"),
                format!("the sender id `{}` is used twice", written.id),
                "ids are unique in the file; the numbers of a group `a` are `a-1`, `a-2` and so on",
            );
        }
        if written.id.is_empty() || written.id.len() > 64 {
            findings.error(
                &at(path, "id"),
                "a sender id has 1 to 64 characters",
                "write a short id such as sc or local",
            );
        }
        let home = check_home(findings, path, written);
        check_kind(findings, path, written);
        if let Some(registration) = &written.ten_dlc {
            self.check_registration(findings, &at(path, "ten_dlc"), registration);
        }
        let total = count.saturating_add(self.senders.len() as u64);
        if count == 0 {
            findings.error(&at(path, "count"), "a group of no senders", "leave the group out");
        } else if total > MAX_SENDERS {
            findings.error(
                &at(path, "count"),
                format!("{} senders are too many", crate::units::thousands(u128::from(total))),
                format!("a scenario holds at most {} senders", crate::units::thousands(u128::from(MAX_SENDERS))),
            );
            return;
        }
        if let Some(Written(rate)) = written.mps {
            findings.bounded_rate(&at(path, "mps"), rate);
        }
        check_lists(findings, path, written);
        let group = SenderGroup {
            id: written.id.clone(),
            label: written.number.as_ref().map(|digits| digits.0.clone()).or_else(|| written.name.clone()),
            kind: written.kind,
            country: home,
            service,
            first: self.senders.len(),
            count: usize::try_from(count).expect("limited above"),
        };
        for number in 1..=count {
            let id = if count == 1 { written.id.clone() } else { format!("{}-{number}", written.id) };
            let codes = &written.area_codes;
            let turn = usize::try_from(number - 1).expect("limited above").checked_rem(codes.len());
            let area = turn.and_then(|turn| Network::area(home?, &codes[turn].0));
            self.senders.push(Sender {
                id,
                kind: written.kind,
                country: home,
                group: self.groups.len(),
                brand: None,
                area: area.unwrap_or(NO_AREA),
            });
        }
        self.ids.entry(written.id.clone()).or_insert(self.groups.len());
        self.paths.push(path.to_owned());
        self.groups.push(group);
        entries.push(Entry { spec: written, queue: inherit(written.queue.unwrap_or_default(), queue), validity, home });
    }

    /// A brand has one trust score and one type, and a campaign one type and one load of other vendors: they share one
    /// rate.
    fn check_registration(&mut self, findings: &mut Findings, path: &str, written: &spec::TenDlc) {
        let first = || (written.clone(), path.to_owned());
        let (other, place) = self.brands_seen.entry(written.brand.clone()).or_insert_with(first);
        let campaign = (written.brand.clone(), written.campaign.clone());
        let (twin, twin_place) = self.registrations.entry(campaign).or_insert_with(first);
        let mut differ = |key: &str, place: &str, of: &str| {
            let message = format!("`{key}` differs from that of the same {of}");
            findings.clash(&at(path, key), &at(place, key), message, format!("a {of} has one `{key}`"));
        };
        if other.trust_score != written.trust_score {
            differ("trust_score", place, "brand");
        }
        if other.brand_type != written.brand_type {
            differ("brand_type", place, "brand");
        }
        if twin.campaign_type != written.campaign_type {
            differ("campaign_type", twin_place, "10DLC campaign");
        }
        if twin.other_vendor_load != written.other_vendor_load {
            differ("other_vendor_load", twin_place, "10DLC campaign");
        }
        if let Some(Written(load)) = written.other_vendor_load {
            findings.bounded_rate(&at(path, "other_vendor_load"), load);
        }
    }

    fn check_ceilings(&mut self, findings: &mut Findings, spec: &Scenario, network: &Network) {
        for (index, written) in spec.account.ceilings.iter().enumerate() {
            let path = path::index("account.ceilings", index);
            findings.bounded_rate(&at(&path, "rate"), written.rate.0);
            let code = written.country.0;
            if let Some((message, hint)) = catalogue::unknown_country(code.as_str()) {
                findings.error(&at(&path, "country"), message, hint);
                continue;
            }
            let Some(country) = network.country(code.as_str()) else {
                findings.warning(
                    &at(&path, "country"),
                    format!("no recipient lives in {code}"),
                    "the ceiling has no effect",
                );
                continue;
            };
            if self.ceilings.iter().any(|other| other.over == Some((country, written.kind))) {
                findings.error(&path, format!("a second ceiling for {} in {code}", written.kind), "keep one of them");
            }
            let over = Some((country, written.kind));
            self.ceilings.push(Ceiling { over, rate: written.rate.0, shares: shares(spec) });
        }
        if let Some(shaping) = &spec.account.traffic_shaping
            && shaping.shares.0.iter().any(|share| !(1..=100).contains(share))
        {
            findings.error(
                "account.traffic_shaping.shares",
                "a class of service without a share would never be served",
                "write three whole numbers from 1 to 100, such as [50, 30, 20]",
            );
        }
    }

    /// Terms, lanes and routes, once the entries are known to be sound.
    fn build(&mut self, findings: &mut Findings, spec: &Scenario, network: &Network, entries: &[Entry]) {
        self.lane_of = vec![NO_LANE; self.senders.len() * network.carriers.len()];
        for entry in entries {
            for carrier in 0..network.carriers.len() {
                let terms = treatment::terms(spec, entry, network, carrier);
                let index = terms.map_or(NO_TERMS, |terms| self.terms_index(terms));
                self.terms_of.push(index);
            }
        }
        let mut shared = FxHashMap::default();
        for sender in 0..self.senders.len() {
            let entry = &entries[self.senders[sender].group];
            self.senders[sender].brand = self.brand(entry, network);
            self.add_lanes(findings, spec, sender, entry, network, &mut shared);
            if self.lanes.len() > LANES_MAX {
                let most = crate::units::thousands(LANES_MAX as u128);
                let path = if spec.services.is_empty() { "senders" } else { "services" };
                let message = format!(
                    "the queues of {} senders to {} countries are too many",
                    crate::units::thousands(self.senders.len() as u128),
                    network.countries.len()
                );
                let hint = format!("at most {most} are run: `queue: {{ lanes: sender }}` gives each sender one");
                findings.key_error(path, message, hint);
                return;
            }
        }
        self.services = spec
            .services
            .iter()
            .enumerate()
            .map(|(index, (name, written))| self.service(index, name, written, network, entries))
            .collect();
        self.add_area_sets();
        self.add_charges(&network.prices.everywhere, entries);
    }

    /// Whether a service, or an explicit sender, may send to a country from what counts as the country's own.
    pub(super) fn serves_domestically(
        &self,
        network: &Network,
        country: usize,
        service: Option<usize>,
        from: Option<usize>,
    ) -> bool {
        let route = || service.and_then(|service| self.services.get(service)).map(|service| &service.routes[country]);
        let sets = match (from, route()) {
            (Some(set), _) => vec![set],
            (None, Some(route)) => match route.unreached {
                Unreached::Set(other) => route.set.into_iter().chain([other]).collect(),
                Unreached::SendAnyway | Unreached::NoSender => route.set.into_iter().collect(),
            },
            (None, None) => Vec::new(),
        };
        let Some(carrier) = network.carriers.iter().position(|carrier| carrier.country == country) else {
            return false;
        };
        let class = |sender: &u32| {
            let terms = self.terms_of.get(self.senders[*sender as usize].group * network.carriers.len() + carrier)?;
            Some(self.terms.get(*terms as usize)?.class)
        };
        sets.iter()
            .flat_map(|set| &self.candidate_sets[*set].senders)
            .any(|sender| class(sender).is_some_and(SenderClass::is_domestic))
    }

    fn terms_index(&mut self, terms: Terms) -> u32 {
        let known = self.terms.iter().position(|other| *other == terms);
        as_u32(known.unwrap_or_else(|| {
            self.terms.push(terms);
            self.terms.len() - 1
        }))
    }

    /// Whether a sender can be used at a carrier at all.
    fn is_usable(&self, sender: usize, carrier: usize, network: &Network) -> bool {
        self.terms_of[self.senders[sender].group * network.carriers.len() + carrier] != NO_TERMS
    }

    /// For services that match area codes: the numbers of each area in each set they choose from.
    fn add_area_sets(&mut self) {
        for service in 0..self.services.len() {
            if !self.services[service].area_code_match {
                continue;
            }
            let routes = &self.services[service].routes;
            let unreached = |route: &Route| match route.unreached {
                Unreached::Set(set) => Some(set),
                Unreached::SendAnyway | Unreached::NoSender => None,
            };
            let sets: BTreeSet<usize> =
                routes.iter().flat_map(|route| [route.set, unreached(route)]).flatten().collect();
            for set in sets {
                let mut areas: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
                for sender in &self.candidate_sets[set].senders {
                    areas.entry(self.senders[*sender as usize].area).or_default().push(*sender);
                }
                areas.remove(&NO_AREA);
                for (area, senders) in areas {
                    let near = self.candidate_set(Some(service), senders);
                    self.area_sets.insert((set, area), near);
                }
            }
        }
    }

    /// The brand of a registered sender. Registrations of one brand share its caps; the first one in the file says what
    /// kind of brand it is.
    fn brand(&mut self, entry: &Entry, network: &Network) -> Option<usize> {
        let registration = entry.spec.ten_dlc.as_ref()?;
        if let Some(known) = self.brands.iter().position(|brand| brand.name == registration.brand) {
            return Some(known);
        }
        let (kind, _) = kinds(registration);
        let score = registration.trust_score.map_or(0, |Written(score)| score.0);
        let rules = &catalogue::defaults().ten_dlc;
        let cap = |carrier: &Carrier| {
            let at_home = network.countries[carrier.country].code == rules.country;
            if at_home { rules.daily_cap(kind, score, &carrier.id) } else { None }
        };
        let day_caps = network.carriers.iter().map(cap).collect();
        self.brands.push(Brand { name: registration.brand.clone(), day_caps });
        Some(self.brands.len() - 1)
    }

    /// The lanes of one sender, by country and carrier id.
    fn add_lanes(
        &mut self,
        findings: &mut Findings,
        spec: &Scenario,
        sender: usize,
        entry: &Entry,
        network: &Network,
        shared: &mut FxHashMap<(String, String, usize), u32>,
    ) {
        let id = self.senders[sender].id.clone();
        let mode = lane_mode(entry);
        let mut own: FxHashMap<LaneKey, u32> = FxHashMap::default();
        for (index, carrier) in network.carriers.iter().enumerate() {
            let code = network.countries[carrier.country].code;
            if !self.is_usable(sender, index, network) {
                continue;
            }
            let grant = ten_dlc_grant(entry, code, &carrier.id);
            let lane = match (&grant, &entry.spec.ten_dlc) {
                (Some(grant), Some(registration)) if grant.named && grant.shared => {
                    let key = (registration.brand.clone(), registration.campaign.clone(), index);
                    let name = format!("{}/{} to {}", registration.brand, registration.campaign, carrier.id);
                    *shared.entry(key).or_insert_with(|| self.push_granted(sender, name, grant, entry))
                }
                (Some(grant), _) => {
                    let (key, name) = if grant.named {
                        (LaneKey::Carrier(index), format!("{id} to {}", carrier.id))
                    } else {
                        (LaneKey::OtherCarriers, format!("{id} to other {code} carriers"))
                    };
                    *own.entry(key).or_insert_with(|| self.push_granted(sender, name, grant, entry))
                }
                (None, _) => {
                    let (key, name) = match mode {
                        Lanes::Country => (LaneKey::Country(carrier.country), format!("{id} to {code}")),
                        Lanes::Sender => (LaneKey::Sender, id.clone()),
                        Lanes::Market => (LaneKey::Carrier(index), format!("{id} to {}", carrier.id)),
                    };
                    let Some(rate) = lane_rate(entry, network, carrier.country, mode) else {
                        // Reported once per country, by the first sender of the group.
                        let group = self.senders[sender].group;
                        let first = self.groups[group].first == sender;
                        if own.insert(key, NO_LANE).is_none() && first {
                            missing_rate(findings, &self.paths[group], entry, code);
                        }
                        continue;
                    };
                    let shaping = spec.account.traffic_shaping.filter(|_| entry.spec.kind != SenderType::Whatsapp);
                    *own.entry(key).or_insert_with(|| match shaping {
                        None => self.push_lane(sender, name, rate, entry),
                        Some(_) => self.push_shaped(spec, sender, &name, rate, entry),
                    })
                }
            };
            self.lane_of[sender * network.carriers.len() + index] = lane;
        }
    }

    fn push_lane(&mut self, sender: usize, name: String, rate: Rate, entry: &Entry) -> u32 {
        let depth = match entry.queue.capacity.unwrap_or(Capacity::TenHours) {
            Capacity::TenHours => Some(catalogue::defaults().sender_types.queue.depth),
            Capacity::FourHours => Some(FORMER_DEPTH),
            Capacity::Validity => Some(entry.validity),
            Capacity::Unlimited => None,
        };
        let capacity = depth.map(|depth| rate.whole_segments_in(depth));
        let group = self.senders[sender].group;
        self.lanes.push(Lane { name, group, rate, capacity, carrier_window: None, level: 0, shaper: None });
        as_u32(self.lanes.len() - 1)
    }

    /// The lane of a 10DLC grant. Where other vendors send under the campaign too, the carrier takes less of ours.
    fn push_granted(&mut self, sender: usize, name: String, grant: &TenDlcGrant, entry: &Entry) -> u32 {
        const MINUTE: SimDuration = SimDuration::from_secs(60);
        let lane = self.push_lane(sender, name, grant.rate, entry);
        let others = entry.spec.ten_dlc.as_ref().and_then(|registration| registration.other_vendor_load);
        if let Some(Written(others)) = others.filter(|_| grant.named) {
            let (granted, taken) = (grant.rate.whole_segments_in(MINUTE), others.whole_segments_in(MINUTE));
            self.lanes[lane as usize].carrier_window = Some(Segments(granted.0.saturating_sub(taken.0)));
        }
        lane
    }

    /// One lane for each class of service, under a ceiling that shares the sender's rate among them. Returns the first.
    fn push_shaped(&mut self, spec: &Scenario, sender: usize, name: &str, rate: Rate, entry: &Entry) -> u32 {
        let shaper = self.ceilings.len();
        self.ceilings.push(Ceiling { over: None, rate, shares: shares(spec) });
        let first = self.lanes.len();
        for level in 0..SERVICE_LEVELS {
            let lane = self.push_lane(sender, format!("{name}, class {}", level + 1), rate, entry) as usize;
            self.lanes[lane].level = level;
            self.lanes[lane].shaper = Some(shaper);
        }
        as_u32(first)
    }

    fn service(
        &mut self,
        index: usize,
        name: &str,
        written: &spec::Service,
        network: &Network,
        entries: &[Entry],
    ) -> Service {
        let members: Vec<usize> = (0..self.senders.len())
            .filter(|sender| self.groups[self.senders[*sender].group].service == Some(index))
            .collect();
        let routes = (0..network.countries.len())
            .map(|country| self.route(index, written, network, country, &members, entries))
            .collect();
        Service {
            name: name.to_owned(),
            sticky_sender: written.features.sticky_sender,
            distribution: match written.selection.distribution {
                spec::Distribution::RoundRobin => Distribution::RoundRobin,
                spec::Distribution::Random => Distribution::Random,
                spec::Distribution::First => Distribution::First,
                spec::Distribution::LeastSegments => Distribution::LeastSegments,
                spec::Distribution::Earliest => Distribution::Earliest,
            },
            area_code_match: written.features.area_code_match,
            keeps_opt_outs: written.features.opt_outs,
            words: self.words[index].clone(),
            is_empty: members.is_empty(),
            routes,
        }
    }

    /// Type priority, then country match: a number of the country, else a US number, else any.
    fn route(
        &mut self,
        service: usize,
        written: &spec::Service,
        network: &Network,
        country: usize,
        members: &[usize],
        entries: &[Entry],
    ) -> Route {
        let code = network.countries[country].code;
        // Whether a sender can be used at all is the same for all carriers of a country.
        let first = network.carriers.iter().position(|carrier| carrier.country == country);
        let first = first.expect("a country has carriers");
        let usable: Vec<u32> = members
            .iter()
            .filter(|sender| self.is_usable(**sender, first, network))
            .map(|sender| as_u32(*sender))
            .collect();
        let of_type = |wanted: &[SenderType]| -> Vec<u32> {
            usable.iter().copied().filter(|sender| wanted.contains(&self.senders[*sender as usize].kind)).collect()
        };
        let short_codes = of_type(&[SenderType::ShortCode]);
        // A name that is meant for this country goes before one that is for all.
        let all_names = of_type(&[SenderType::Alphanumeric]);
        let is_meant = |sender: &u32| !entries[self.senders[*sender as usize].group].spec.countries.is_empty();
        let meant: Vec<u32> = all_names.iter().copied().filter(is_meant).collect();
        let names = if meant.is_empty() { all_names } else { meant };
        let is_home = |sender: u32| {
            let sender = &self.senders[sender as usize];
            match sender.kind {
                SenderType::TollFree => network.facts[country].senders.toll_free.offered != Support::No,
                _ => sender.country == Some(code),
            }
        };
        let matched = |numbers: Vec<u32>| -> Vec<u32> {
            let is_us = |sender: &u32| self.senders[*sender as usize].country == Some(CountryCode::US);
            let home: Vec<u32> = numbers.iter().copied().filter(|sender| is_home(*sender)).collect();
            let us: Vec<u32> = numbers.iter().copied().filter(is_us).collect();
            [home, us, numbers].into_iter().find(|tier| !tier.is_empty()).unwrap_or_default()
        };
        let numbers = if code == CountryCode::CA && !of_type(&[SenderType::TollFree]).is_empty() {
            of_type(&[SenderType::TollFree])
        } else {
            matched(of_type(&[SenderType::LongCode, SenderType::TollFree]))
        };
        let reroute = matched_home_long_codes(&usable, &self.senders, code);
        let everything = || {
            let numbers = matched(of_type(&[SenderType::LongCode, SenderType::TollFree]));
            let foreign = numbers.first().is_some_and(|sender| !is_home(*sender));
            let mut all: Vec<u32> = short_codes.iter().chain(&names).copied().collect();
            // A foreign number is the last resort, here too.
            if all.is_empty() || !foreign {
                all.extend(numbers);
            }
            all.sort_unstable();
            all
        };
        let order = match written.selection.priority {
            Priority::Platform => vec![short_codes.clone(), names, numbers],
            Priority::Guide => vec![names, short_codes.clone(), numbers],
            Priority::None => vec![everything()],
        };
        let on_whatsapp = of_type(&[SenderType::Whatsapp]);
        let whatsapp = (!on_whatsapp.is_empty()).then(|| self.candidate_set(Some(service), on_whatsapp));
        let Some(chosen) = order.into_iter().find(|set| !set.is_empty()) else {
            return Route { whatsapp, ..Route::default() };
        };
        let unreached = if !chosen.iter().any(|sender| short_codes.contains(sender)) {
            Unreached::SendAnyway
        } else if written.selection.priority == Priority::None {
            let rest: Vec<u32> = chosen.iter().copied().filter(|sender| !short_codes.contains(sender)).collect();
            if rest.is_empty() { Unreached::NoSender } else { Unreached::Set(self.candidate_set(Some(service), rest)) }
        } else if !written.features.short_code_reroute || !network.countries[country].reroute {
            Unreached::SendAnyway
        } else if reroute.is_empty() {
            Unreached::NoSender
        } else {
            Unreached::Set(self.candidate_set(Some(service), reroute))
        };
        Route { set: Some(self.candidate_set(Some(service), chosen)), whatsapp, unreached }
    }

    /// What is charged a month and once, whatever is sent.
    fn add_charges(&mut self, prices: &catalogue::Prices, entries: &[Entry]) {
        let mut charges = Charges::default();
        let (mut brands, mut registrations) = (BTreeSet::new(), BTreeSet::new());
        for (group, entry) in self.groups.iter().zip(entries) {
            let count = group.count as u64;
            let item = format!("{} {}", group.id, group.kind);
            if group.country != Some(CountryCode::BENCH) {
                charges.monthly(item.clone(), count, prices.rents.of(group.kind));
            }
            if group.kind == SenderType::ShortCode && group.country == Some(CountryCode::US) {
                let start = &prices.short_code_start;
                charges.once(format!("{item}, submission"), count, &start.submission.once);
                charges.once(format!("{item}, activation by T-Mobile"), count, &start.t_mobile_activation.once);
            }
            let Some(registration) = &entry.spec.ten_dlc else { continue };
            let (brand, campaign) = kinds(registration);
            if brands.insert(&registration.brand) {
                let item = format!("10DLC brand {}", registration.brand);
                charges.once(item, 1, &prices.ten_dlc_brands.of(brand).once);
            }
            if registrations.insert((&registration.brand, &registration.campaign)) {
                let item = format!("10DLC campaign {}/{}", registration.brand, registration.campaign);
                charges.once(format!("{item}, review"), 1, &prices.ten_dlc_campaign_review.amount);
                charges.monthly(item, 1, prices.ten_dlc_campaigns.of(brand, campaign));
            }
        }
        (self.rents, self.charges_once) = (charges.rents, charges.once);
    }
}

/// Charges that do not depend on traffic; those of nothing are left out.
#[derive(Default)]
struct Charges {
    rents: Vec<Rent>,
    once: Vec<Charge>,
}

impl Charges {
    fn monthly(&mut self, item: String, count: u64, price: &catalogue::Monthly) {
        let each = price.per_month.newest();
        if each > Money::ZERO {
            self.rents.push(Rent { item, count, per_month: each * count });
        }
    }

    fn once(&mut self, item: String, count: u64, price: &catalogue::Dated) {
        let each = price.newest();
        if each > Money::ZERO {
            self.once.push(Charge { item, count, amount: each * count });
        }
    }
}

/// What tells the lanes of one sender apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum LaneKey {
    Sender,
    Country(usize),
    Carrier(usize),
    OtherCarriers,
}

/// The long codes of the country itself: the candidates of a rerouted message.
fn matched_home_long_codes(usable: &[u32], senders: &[Sender], code: CountryCode) -> Vec<u32> {
    let is_candidate = |sender: &u32| {
        let sender = &senders[*sender as usize];
        sender.kind == SenderType::LongCode && sender.country == Some(code)
    };
    usable.iter().copied().filter(is_candidate).collect()
}

fn inherit(own: Queue, outer: Queue) -> Queue {
    Queue { capacity: own.capacity.or(outer.capacity), lanes: own.lanes.or(outer.lanes) }
}

/// A validity period within the platform's bounds.
pub(super) fn check_validity(
    findings: &mut Findings,
    path: &str,
    written: Option<Written<SimDuration>>,
) -> SimDuration {
    let Some(Written(validity)) = written else { return MAX_VALIDITY };
    if !(SimDuration::from_secs(1)..=MAX_VALIDITY).contains(&validity) {
        findings.error(
            path,
            format!("a validity period of {validity} is not allowed"),
            "the platform takes 1 s to 36000 s (10 h)",
        );
    }
    validity
}

/// The home of a sender: numbers have one, names have none.
fn check_home(findings: &mut Findings, path: &str, written: &spec::Sender) -> Option<CountryCode> {
    let country = at(path, "country");
    match (written.kind, written.country) {
        (SenderType::Alphanumeric, Some(_)) => {
            findings.error(&country, "an alphanumeric sender belongs to no country", "leave `country` out");
            None
        }
        (SenderType::Alphanumeric | SenderType::Whatsapp, None) => None,
        (SenderType::TollFree, None) => Some(CountryCode::US),
        (kind, None) => {
            findings.key_error(
                path,
                format!("the {kind} sender `{}` names no country", written.id),
                "add `country: US` or where it is from",
            );
            None
        }
        (kind, Some(code)) => {
            let code = code.0;
            let has_toll_free = [CountryCode::US, CountryCode::CA, CountryCode::BENCH].contains(&code);
            if let Some((message, hint)) = catalogue::unknown_country(code.as_str()) {
                findings.error(&country, message, hint);
            } else if kind == SenderType::TollFree && !has_toll_free {
                findings.error(&country, format!("toll-free numbers of {code} are not modelled"), "use US or CA");
            }
            Some(code)
        }
    }
}

/// Keys that do not belong to the type of sender.
fn check_kind(findings: &mut Findings, path: &str, written: &spec::Sender) {
    let is_name = written.kind == SenderType::Alphanumeric;
    match &written.name {
        Some(name) if is_name => {
            let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '+' | '_' | '&');
            let valid = (1..=11).contains(&name.chars().count())
                && name.chars().all(allowed)
                && name.chars().any(|c| c.is_ascii_alphabetic());
            if !valid {
                findings.error(
                    &at(path, "name"),
                    format!("`{name}` cannot be an alphanumeric sender"),
                    "use up to 11 letters, digits, spaces and + - _ &, at least one of them a letter",
                );
            }
        }
        Some(_) => findings.key_error(&at(path, "name"), "only alphanumeric senders have a name", "leave `name` out"),
        None => {}
    }
    if written.verified.is_some() && written.kind != SenderType::TollFree {
        findings.key_error(&at(path, "verified"), "only toll-free numbers are verified", "leave `verified` out");
    }
    if written.number.is_some() && is_name {
        findings.key_error(&at(path, "number"), "a name has no number", "leave `number` out");
    }
    let registers = matches!(written.kind, SenderType::Alphanumeric | SenderType::LongCode);
    if written.registered.is_some() && !registers {
        findings.key_error(
            &at(path, "registered"),
            "only names and long codes are registered with a country",
            "leave `registered` out; toll-free numbers are `verified`",
        );
    }
    let Some(registration) = &written.ten_dlc else { return };
    let base = at(path, "ten_dlc");
    let is_us = written.country.is_some_and(|country| country.0 == CountryCode::US);
    if written.kind != SenderType::LongCode || !is_us {
        findings.key_error(&base, "10DLC is for long codes of the United States", "leave `ten_dlc` out");
    }
    if written.mps.is_some() {
        findings.key_error(
            &at(path, "mps"),
            "the rate of a 10DLC number follows from its registration",
            "leave `mps` out and write the trust score, or leave `ten_dlc` out",
        );
    }
    if registration.trust_score.is_some() && registration.brand_type != spec::BrandType::Standard {
        findings.key_error(&at(&base, "trust_score"), "only standard brands have a trust score", "leave it out");
    }
    let count = written.count.map_or(1, |Written(count)| count.0);
    if registration.brand_type == spec::BrandType::SoleProprietor && count > 1 {
        findings.error(&at(path, "count"), "a sole proprietor has one number", "leave `count` out");
    }
}

/// Countries and area codes that a sender lists.
fn check_lists(findings: &mut Findings, path: &str, written: &spec::Sender) {
    let registered = match &written.registered {
        Some(spec::Registered::In(countries)) => countries.as_slice(),
        Some(spec::Registered::All(_)) | None => &[],
    };
    for (key, countries) in [("countries", written.countries.as_slice()), ("registered", registered)] {
        for (index, country) in countries.iter().enumerate() {
            if let Some((message, hint)) = catalogue::unknown_country(country.0.as_str()) {
                findings.error(&path::index(&at(path, key), index), message, hint);
            }
        }
    }
    if !written.countries.is_empty() && written.kind != SenderType::Alphanumeric {
        let hint = "leave `countries` out: numbers and codes serve by their country";
        findings.key_error(&at(path, "countries"), "only names are limited to countries", hint);
    }
    let home = written.country.map(|country| country.0);
    let plan = home.and_then(catalogue::area_plan);
    let base = at(path, "area_codes");
    let (Some(home), Some(plan)) = (home, plan.filter(|_| written.kind == SenderType::LongCode)) else {
        if !written.area_codes.is_empty() {
            let hint = "leave `area_codes` out";
            findings.key_error(&base, "area codes are those of United States and Canadian long codes", hint);
        }
        return;
    };
    let knows = |country, code| catalogue::area_plan(country).is_some_and(|plan| plan.group_of(code).is_some());
    for (index, digits) in written.area_codes.iter().enumerate() {
        if plan.group_of(&digits.0).is_none() {
            let elsewhere = [CountryCode::US, CountryCode::CA].into_iter().find(|other| knows(*other, &digits.0));
            let hint = match elsewhere {
                Some(other) => format!("it is one of {other}: numbers of two countries are two entries of the pool"),
                None => format!("write three digits, such as {}", plan.groups[0].codes[0]),
            };
            let message = format!("`{}` is not an area code of {home}", digits.0);
            findings.error(&path::index(&base, index), message, hint);
        }
    }
}

/// What a carrier grants a registered number.
struct TenDlcGrant {
    rate: Rate,
    /// Whether the carrier is one of those with a grant of their own.
    named: bool,
    /// Whether all numbers of the campaign share it.
    shared: bool,
}

fn kinds(registration: &spec::TenDlc) -> (BrandKind, CampaignKind) {
    let brand = match registration.brand_type {
        spec::BrandType::Standard => BrandKind::Standard,
        spec::BrandType::LowVolumeStandard => BrandKind::LowVolumeStandard,
        spec::BrandType::SoleProprietor => BrandKind::SoleProprietor,
    };
    let campaign = match registration.campaign_type {
        spec::CampaignType::Ordinary => CampaignKind::Ordinary,
        spec::CampaignType::LowVolumeMixed => CampaignKind::LowVolumeMixed,
    };
    (brand, campaign)
}

/// The 10DLC grant of a sender at a carrier, if it is a registered long code sending within the country.
fn ten_dlc_grant(entry: &Entry, destination: CountryCode, carrier: &str) -> Option<TenDlcGrant> {
    let registration = entry.spec.ten_dlc.as_ref()?;
    let rules = &catalogue::defaults().ten_dlc;
    if destination != rules.country || entry.home != Some(destination) {
        return None;
    }
    let (brand, campaign) = kinds(registration);
    let score = registration.trust_score.map_or(0, |Written(score)| score.0);
    let grant = rules.grant(brand, score, campaign, carrier)?;
    let named = catalogue::country(destination)?.carrier(carrier)?.ten_dlc.is_some();
    Some(TenDlcGrant { rate: grant.rate, named, shared: grant.shared_by == SharedBy::Campaign })
}

/// Which messages of a sender share a queue. A WhatsApp sender has one rate to all the world.
pub(super) fn lane_mode(entry: &Entry) -> Lanes {
    if entry.spec.kind == SenderType::Whatsapp { Lanes::Sender } else { entry.queue.lanes.unwrap_or(Lanes::Country) }
}

/// The shares of the classes of service.
fn shares(spec: &Scenario) -> [u32; SERVICE_LEVELS] {
    spec.account.traffic_shaping.map_or([1; SERVICE_LEVELS], |shaping| shaping.shares.0)
}

/// The rate of a lane: as written, or the default of type and destination (or home, for one queue per sender).
pub(super) fn lane_rate(entry: &Entry, network: &Network, country: usize, mode: Lanes) -> Option<Rate> {
    if let Some(Written(rate)) = entry.spec.mps {
        return Some(rate);
    }
    let facts: &catalogue::Country = match (mode, entry.home) {
        (Lanes::Sender, Some(home)) => match network.country(home.as_str()) {
            Some(home) => &network.facts[home],
            None => catalogue::country(home)?,
        },
        _ => &network.facts[country],
    };
    facts.default_rate(entry.spec.kind, entry.home.unwrap_or(facts.code))
}

fn missing_rate(findings: &mut Findings, path: &str, entry: &Entry, code: CountryCode) {
    findings.error(path, format!("`{}` has no rate to {code}", entry.spec.id), "add `mps: 10/s`, or whatever it sends");
}

/// Refuses scenarios whose queues and clients could take longer than the clock lasts.
pub(super) fn bound_work(findings: &mut Findings, model: &Model) {
    let century = SimDuration::from_secs(100 * 366 * 86_400);
    for campaign in &model.campaigns {
        let messages = campaign.expected_messages();
        // A random number of messages may exceed its mean.
        let most = Segments(messages.saturating_mul(2));
        if campaign.submit_rate.is_some_and(|rate| rate.whole_segments_in(century) < most) {
            let path = at(&at("campaigns", &campaign.name), "submit_rate");
            let message = format!(
                "the client would take more than a century to hand over {} messages",
                thousands(messages.into())
            );
            findings.error(&path, message, "raise the rate, or send less");
        }
    }
}

fn as_u32(index: usize) -> u32 {
    u32::try_from(index).expect("the number of senders is limited")
}
