//! The countries recipients live in, and their carriers: the catalogue with the scenario's overrides.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::facts::{self, Replaced};
use super::filter::Filter;
use super::pool::Pool;
use super::prices::Prices;
use super::traces::Traces;
use super::traffic::Traffic;
use super::{Findings, at};
use crate::catalogue::{self, Landline, Reach as Known};
use crate::kernel::samplers::{Categorical, Chance};
use crate::model::country::CountryCode;
use crate::model::handset::{Handsets, RetryClock};
use crate::model::hours::Hours;
use crate::model::latency::{Latency, LogNormal as ModelLogNormal};
use crate::model::sender::SenderType;
use crate::model::{Carrier, Country, NO_AREA, Place, Places, Price, Reach};
use crate::scenario::quantity::Written;
use crate::scenario::spec::{CarrierOverride, NetworkOverride, ReachWord, Scenario};
use crate::units::{Money, SimDuration};

/// The network of a scenario.
pub(super) struct Network {
    /// Countries by code.
    pub countries: Vec<Country>,
    /// What the catalogue says of each, with what the scenario replaced.
    pub facts: Vec<Cow<'static, catalogue::Country>>,
    /// Carriers by country and id.
    pub carriers: Vec<Carrier>,
    /// Each carrier's share of its country, in millionths of the catalogue's whole.
    pub shares: Vec<u64>,
    /// Zones in which carriers' days begin.
    pub day_zones: Vec<TimeZone>,
    /// Zones in which people live.
    pub zones: Vec<TimeZone>,
    /// Sets of hours, each once.
    pub hours: Vec<Hours>,
    /// Public holidays by country.
    holidays: BTreeMap<CountryCode, Vec<Date>>,
    /// What is charged, apart from the fees of carriers.
    pub prices: Prices,
    /// How carriers filter.
    pub filter: Filter,
    /// The day of which prices, fees and fines are.
    day: Date,
    /// Facts of countries that were replaced, in words.
    changes: Vec<String>,
    ideal: bool,
    /// What carriers and handsets are like.
    kind: NetworkOverride,
}

impl Network {
    /// Resolves the countries that campaigns and audiences name. Prices, fees and fines are those of `day`.
    pub(super) fn resolve(findings: &mut Findings, spec: &Scenario, traces: &Traces, day: Date) -> Network {
        let kind = spec.overrides.network.unwrap_or_default();
        let ideal = kind == NetworkOverride::Ideal;
        let mut network = Network {
            countries: Vec::new(),
            facts: Vec::new(),
            carriers: Vec::new(),
            shares: Vec::new(),
            day_zones: Vec::new(),
            zones: Vec::new(),
            hours: Vec::new(),
            holidays: BTreeMap::new(),
            prices: Prices::resolve(findings, spec, day),
            filter: Filter::resolve(findings, spec),
            day,
            changes: Vec::new(),
            ideal,
            kind,
        };
        network.read_holidays(findings, spec);
        let mut replaced = facts::replaced(findings, spec);
        // Later code would stumble over wrong facts; the catalogue's own serve to find what else is wrong.
        if findings.has_errors() {
            replaced.clear();
        }
        for code in recipient_countries(spec, traces) {
            if let Some(facts) = network.facts_of(&mut replaced, code) {
                network.add_country(spec, facts);
            }
        }
        network.check_overrides(findings, spec);
        network
    }

    /// What the catalogue says of a country, with what the scenario puts in its place.
    fn facts_of(&mut self, replaced: &mut Replaced, code: CountryCode) -> Option<Cow<'static, catalogue::Country>> {
        let Some((mut facts, list)) = replaced.remove(&code) else {
            let known = catalogue::country(code)?;
            let mut facts = known.clone();
            return Some(if facts.keep(self.day) { Cow::Owned(facts) } else { Cow::Borrowed(known) });
        };
        facts.keep(self.day);
        self.changes.extend(list.into_iter().map(|change| {
            let before = change.before.unwrap_or_else(|| "nothing".to_owned());
            format!("{code} {}: {} instead of {before}", change.path, change.after)
        }));
        Some(Cow::Owned(facts))
    }

    fn read_holidays(&mut self, findings: &mut Findings, spec: &Scenario) {
        for (code, dates) in &spec.clock.public_holidays {
            let path = at("clock.public_holidays", code);
            if let Some((message, hint)) = catalogue::unknown_country(code) {
                findings.key_error(&path, message, hint);
                continue;
            }
            findings.limited(&path, dates.len());
            for (index, text) in dates.iter().enumerate() {
                match (text.parse::<Date>(), code.parse()) {
                    (Ok(date), Ok(code)) => self.holidays.entry(code).or_default().push(date),
                    _ => findings.error(
                        &crate::scenario::path::index(&path, index),
                        format!("`{text}` is not a date"),
                        "write year, month and day, such as 2026-12-25",
                    ),
                }
            }
        }
    }

    /// The public holidays of a country.
    pub(super) fn holidays_of(&self, country: usize) -> Vec<Date> {
        self.holidays.get(&self.countries[country].code).cloned().unwrap_or_default()
    }

    /// The index of a set of hours; those without a window are none.
    pub(super) fn hours_index(&mut self, hours: Hours) -> Option<usize> {
        if hours.windows.is_empty() {
            return None;
        }
        let known = self.hours.iter().position(|other| *other == hours);
        Some(known.unwrap_or_else(|| {
            self.hours.push(hours);
            self.hours.len() - 1
        }))
    }

    /// The regions of a country, in the order of their indexes.
    pub(super) fn regions(code: CountryCode) -> Vec<&'static str> {
        let groups = catalogue::area_plan(code).map_or(&[][..], |plan| &plan.groups);
        let mut regions: Vec<&str> = groups.iter().map(|group| group.region.as_str()).collect();
        regions.sort_unstable();
        regions.dedup();
        regions
    }

    /// The area of an area code, the same number for codes that overlay each other.
    pub(super) fn area(code: CountryCode, area_code: &str) -> Option<u32> {
        let group = catalogue::area_plan(code)?.group_of(area_code)?;
        Some(area_number(code, group))
    }

    /// Where the people of a country live: by area code where those are known, else by time zone.
    fn places(&mut self, facts: &catalogue::Country) -> Places {
        let regions = Network::regions(facts.code);
        let mut weights = Vec::new();
        let mut list = Vec::new();
        if let Some(plan) = catalogue::area_plan(facts.code) {
            for (group, area) in plan.groups.iter().enumerate() {
                let region = regions.binary_search(&area.region.as_str()).expect("made from the same groups");
                weights.push(area.weight);
                list.push(Place {
                    zone: self.zone(&area.zone),
                    region: Some(u32::try_from(region).expect("a country has few regions")),
                    area: area_number(facts.code, group),
                });
            }
        } else {
            for share in &facts.time_zones.shares {
                weights.push(u64::from(share.share.ppm()));
                list.push(Place { zone: self.zone(&share.zone), region: None, area: NO_AREA });
            }
        }
        Places { choice: Categorical::new(&weights).expect("people live somewhere"), list }
    }

    fn zone(&mut self, name: &str) -> usize {
        zone_index(&mut self.zones, name)
    }

    fn add_country(&mut self, spec: &Scenario, facts: Cow<'static, catalogue::Country>) {
        let country = self.countries.len();
        let places = self.places(&facts);
        self.countries.push(Country {
            code: facts.code,
            name: facts.name.clone(),
            calling_code: facts.calling_codes.first().cloned().unwrap_or_default(),
            reroute: facts.code == CountryCode::US || facts.code == CountryCode::CA,
            // Nothing costs anything on the test bench.
            failed_message_fee: if facts.ideal {
                Money::ZERO
            } else {
                self.prices.everywhere.failed_message.amount.newest()
            },
            landlines_tried: facts.delivery.landline == Landline::Attempted,
            places,
        });
        let mut carriers: Vec<&catalogue::Carrier> = facts.carriers.iter().collect();
        carriers.sort_by(|a, b| a.id.cmp(&b.id));
        let overridden = |id: &str| spec.overrides.carriers.get(id).copied().unwrap_or_default();
        let fixed: u64 =
            carriers.iter().filter_map(|carrier| overridden(&carrier.id).share).map(|w| w.0.billionths()).sum();
        let free: u64 = carriers
            .iter()
            .filter(|carrier| overridden(&carrier.id).share.is_none())
            .map(|carrier| u64::from(carrier.share.ppm()))
            .sum();
        for known in carriers {
            let changed = overridden(&known.id);
            let share = match changed.share {
                Some(Written(share)) => share.billionths(),
                // What the named carriers leave, in the proportions of the catalogue.
                None => u64::try_from(
                    u128::from(known.share.ppm()) * u128::from(1_000_000_000u64.saturating_sub(fixed))
                        / u128::from(free.max(1)),
                )
                .expect("a share of a billion"),
            };
            let carrier = self.carrier(country, &facts, known, changed);
            self.carriers.push(carrier);
            self.shares.push(share);
        }
        self.facts.push(facts);
    }

    fn carrier(
        &mut self,
        country: usize,
        facts: &catalogue::Country,
        known: &catalogue::Carrier,
        changed: CarrierOverride,
    ) -> Carrier {
        let short_code = changed.short_code.map_or(known.short_code, known_reach);
        let toll_free = changed.toll_free.map_or(known.toll_free, known_reach);
        // Partial reach of Canadian toll-free numbers means strict filters, not people who cannot be reached.
        let strict = facts.code == CountryCode::CA && toll_free == Known::Partial;
        let base = self.prices.segments.get(&facts.code).copied();
        let base = base.unwrap_or_else(|| facts.price.outbound_segment.newest());
        let price = SenderType::ALL.map(|kind| match kind {
            SenderType::Whatsapp if !facts.ideal => {
                Price { base: self.prices.everywhere.whatsapp_message.amount.newest(), fee: Money::ZERO }
            }
            _ => Price { base, fee: changed.fees.of(kind).unwrap_or_else(|| facts.carrier_fee(known, kind)) },
        });
        let evasion_fine = match changed.fines.programme_evasion {
            Some(Written(fine)) => fine,
            None => known.fines.as_ref().map_or(Money::ZERO, |fines| fines.programme_evasion.newest()),
        };
        Carrier {
            id: known.id.clone(),
            name: known.name.clone(),
            country,
            short_code: Reach(reach_chance(short_code)),
            toll_free: Reach(if strict { Chance::ALWAYS } else { reach_chance(toll_free) }),
            latency: (!self.ideal && !facts.ideal).then(default_latency),
            day_zone: self.day_zone(facts.carrier_day_zone(known)),
            price,
            evasion_fine,
        }
    }

    fn day_zone(&mut self, name: &str) -> usize {
        zone_index(&mut self.day_zones, name)
    }

    fn check_overrides(&self, findings: &mut Findings, spec: &Scenario) {
        let all_ids = || {
            catalogue::codes()
                .iter()
                .filter_map(|code| catalogue::country(*code))
                .flat_map(|country| country.carriers.iter().map(|carrier| carrier.id.as_str()))
        };
        for id in spec.overrides.carriers.keys() {
            let path = at("overrides.carriers", id);
            if !all_ids().any(|known| known == id) {
                let known: Vec<&str> = all_ids().collect();
                findings.unknown_key(&path, "carrier", id, known.iter().copied());
            } else if !self.carriers.iter().any(|carrier| carrier.id == *id) {
                findings.warning(
                    &path,
                    format!("no recipient of this scenario is in the country of `{id}`"),
                    "the override has no effect",
                );
            }
        }
        for (country, facts) in self.countries.iter().zip(&self.facts) {
            let shares = facts.carriers.iter().filter_map(|carrier| spec.overrides.carriers.get(&carrier.id)?.share);
            let sum: u64 = shares.map(|Written(share)| share.billionths()).sum();
            if sum > 1_000_000_000 {
                findings.key_error(
                    "overrides.carriers",
                    format!("the carriers' shares of {} add up to more than one", country.code),
                    "shares lie within 0 and 1 and the carriers not named keep the rest",
                );
            }
        }
        for code in spec.overrides.countries.keys() {
            if let Some((message, hint)) = catalogue::unknown_country(code) {
                findings.key_error(&at("overrides.countries", code), message, hint);
            }
        }
        let prices = self.prices.segments.keys().map(|code| ("overrides.prices", code.as_str()));
        let known = spec.overrides.countries.keys().filter(|code| catalogue::unknown_country(code).is_none());
        let countries = known.map(|code| ("overrides.countries", code.as_str()));
        for (place, code) in prices.chain(countries).filter(|(_, code)| self.country(code).is_none()) {
            let hint = "the override has no effect";
            findings.warning(&at(place, code), format!("no recipient lives in {code}"), hint);
        }
    }

    /// Whether every handset is on and nobody does anything of their own accord.
    pub(super) fn is_attended(&self) -> bool {
        matches!(self.kind, NetworkOverride::Attended | NetworkOverride::Ideal)
    }

    /// The name of the preset of handsets, if they are ever out of reach.
    fn preset(&self) -> Option<&'static str> {
        match self.kind {
            NetworkOverride::Default => Some("default"),
            NetworkOverride::TestHandset => Some("test_handset"),
            NetworkOverride::Anacom2005 => Some("anacom_2005"),
            NetworkOverride::Legacy2005 => Some("legacy_2005"),
            NetworkOverride::Etsi2006 => Some("etsi_2006"),
            NetworkOverride::Attended | NetworkOverride::Ideal => None,
        }
    }

    /// How handsets are out of reach.
    pub(super) fn handsets(&self) -> Option<Handsets> {
        let model = &catalogue::defaults().handsets;
        let known = model.preset(self.preset()?).expect("the catalogue has every preset");
        let chance = |share: catalogue::Share| Chance::new(f64::from(share.ppm()) / 1e6);
        let law = |median: f64, sigma: f64| ModelLogNormal { ln_median: crate::kernel::elementary::ln(median), sigma };
        let shares: Vec<u64> = known.latency.iter().map(|part| u64::from(part.share.ppm())).collect();
        let laws = known.latency.iter().map(|part| law(part.median_seconds, part.sigma)).collect();
        let clock = &model.retry_clock;
        Some(Handsets {
            brief: chance(known.brief_share),
            brief_mean: known.brief_mean_seconds,
            off: chance(known.off_share),
            off_absence: law(known.off_median_seconds, known.off_sigma),
            abandoned: chance(known.abandoned_share),
            denied: chance(known.denied_share),
            alert: chance(known.alert_share),
            alert_delay: SimDuration::from_secs(known.alert_seconds.into()),
            duplicate: chance(known.duplicates),
            latency: Categorical::new(&shares).map(|choice| (choice, laws)),
            clock: RetryClock {
                first: clock.first,
                gap: clock.gap,
                longest_gap: clock.longest_gap,
                give_up: clock.give_up,
            },
            store: usize::from(model.store.messages),
        })
    }

    /// Whether nothing goes wrong and nothing takes time.
    pub(super) fn is_ideal(&self) -> bool {
        self.ideal || self.facts.iter().all(|facts| facts.ideal)
    }

    /// Whether a country is free of filters and loss.
    pub(super) fn is_ideal_in(&self, country: usize) -> bool {
        self.ideal || self.facts[country].ideal
    }

    /// The index of a country.
    pub(super) fn country(&self, code: &str) -> Option<usize> {
        self.countries.iter().position(|country| country.code.as_str() == code)
    }

    /// Whether a carrier of Canada takes toll-free numbers, but filters them strictly.
    pub(super) fn filters_toll_free(&self, spec: &Scenario, carrier: usize) -> bool {
        let carrier = &self.carriers[carrier];
        let facts = &self.facts[carrier.country];
        let changed = spec.overrides.carriers.get(&carrier.id).and_then(|changed| changed.toll_free).map(known_reach);
        let known = || facts.carrier(&carrier.id).map(|known| known.toll_free);
        facts.code == CountryCode::CA && changed.or_else(known) == Some(Known::Partial)
    }

    /// The guesses that this run rests on: those of the catalogue about what is modelled and used, and the reach of
    /// carriers of which nobody says it.
    pub(super) fn assumptions(&self, pool: &Pool, traffic: &Traffic) -> Vec<String> {
        let mut list = Vec::new();
        let matches_areas = pool.services.iter().any(|service| service.area_code_match);
        if !self.is_ideal() {
            list.extend(
                catalogue::defaults()
                    .assumptions_with(&self.prices.everywhere)
                    .into_iter()
                    .filter(|guess| self.plays_a_part(&guess.subject, traffic) && pool.uses(&guess.subject))
                    .map(words),
            );
        }
        let is_named = |subject: &str| {
            subject.strip_prefix("arrivals.profiles ").is_some_and(|name| traffic.profiles.contains(name))
        };
        let everywhere = catalogue::defaults().assumptions().into_iter();
        list.extend(everywhere.filter(|guess| is_named(&guess.subject)).map(words));
        for (country, facts) in self.facts.iter().enumerate().filter(|(_, facts)| !facts.ideal) {
            let meets_hours = traffic.campaigns.iter().any(|campaign| campaign.meets_hours(country));
            let uses = |subject: &str| {
                let of_hours = subject.contains("time_restrictions");
                let of_places = subject.contains("time_zones") || subject.contains("area_codes");
                let plays_a_part = if of_hours {
                    meets_hours
                } else if of_places {
                    let several = self.countries[country].places.list.len() > 1;
                    several && (meets_hours || (matches_areas && catalogue::area_plan(facts.code).is_some()))
                } else {
                    true
                };
                plays_a_part && pool.uses(subject)
            };
            let plan = catalogue::area_plan(facts.code).map(catalogue::AreaPlan::assumptions).unwrap_or_default();
            let guesses = facts.assumptions().into_iter().chain(plan);
            list.extend(guesses.filter(|guess| uses(&guess.subject)).map(words));
        }
        for (kind, reach) in [
            (SenderType::ShortCode, (|carrier| carrier.short_code) as fn(&catalogue::Carrier) -> Known),
            (SenderType::TollFree, |carrier| carrier.toll_free),
        ] {
            if pool.groups.iter().all(|group| group.kind != kind) {
                continue;
            }
            for (word, meaning) in [(Known::Partial, "half of its people"), (Known::Unknown, "all of its people")] {
                let carriers = self.facts.iter().flat_map(|facts| &facts.carriers);
                let ids: Vec<&str> = carriers.filter(|carrier| reach(carrier) == word).map(|c| c.id.as_str()).collect();
                if !ids.is_empty() {
                    let verb = if ids.len() == 1 { "has" } else { "have" };
                    list.push(format!("{} {verb} {word} {kind} reach: taken as {meaning}", ids.join(", ")));
                }
            }
        }
        list
    }

    /// Whether a run under this network touches what a guess about handsets and people is about.
    fn plays_a_part(&self, subject: &str, traffic: &Traffic) -> bool {
        if subject.starts_with("reply_words.") {
            return false; // only advice looks at the words that are guessed
        }
        if subject.starts_with("arrivals.") {
            return false; // told whatever the network is like
        }
        if subject == "handsets.opt_ins" {
            return traffic.campaigns.iter().any(|campaign| campaign.opt_in.is_some());
        }
        match (subject.strip_prefix("handsets."), self.preset()) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(rest), Some(preset)) => rest.strip_prefix("presets ").is_none_or(|name| name == preset),
        }
    }

    /// What the scenario replaced, in words.
    pub(super) fn overrides(&self, spec: &Scenario) -> Vec<String> {
        let mut list = self.changes.clone();
        list.extend(self.filter.changes.iter().cloned());
        if self.ideal {
            list.push(
                "network: ideal (no latency, filter or invalid numbers; carriers' rules and reach stay)".to_owned(),
            );
        } else if self.kind == NetworkOverride::Attended {
            list.push("network: attended (every handset is on, nobody answers of their own accord)".to_owned());
        } else if let Some(preset) = self.preset().filter(|preset| *preset != "default") {
            list.push(format!("network: {preset} instead of default"));
        }
        for (id, changed) in &spec.overrides.carriers {
            let facts = catalogue::codes()
                .iter()
                .filter_map(|code| catalogue::country(*code)?.carrier(id))
                .next()
                .expect("an override of a known carrier");
            if let Some(reach) = changed.short_code {
                list.push(format!("{id} short_code: {} instead of {}", known_reach(reach), facts.short_code));
            }
            if let Some(reach) = changed.toll_free {
                list.push(format!("{id} toll_free: {} instead of {}", known_reach(reach), facts.toll_free));
            }
            if let Some(Written(share)) = changed.share {
                list.push(format!("{id} share: {} instead of {}", share.as_f64(), f64::from(facts.share.ppm()) / 1e6));
            }
            list.extend(self.replaced_amounts(id, changed));
        }
        for (code, price) in &self.prices.segments {
            let Some(facts) = self.facts.iter().find(|facts| facts.code == *code) else { continue };
            let known = facts.price.outbound_segment.newest();
            list.push(format!("{code} price per segment: {} instead of {}", dollars(*price), dollars(known)));
        }
        list.extend(self.prices.changes.iter().cloned());
        list
    }

    /// The fees and fines of a carrier that the scenario replaced, in words.
    fn replaced_amounts(&self, id: &str, changed: &CarrierOverride) -> Vec<String> {
        let carriers = self.facts.iter().filter_map(|facts| Some((facts, facts.carrier(id)?)));
        let mut list = Vec::new();
        for (facts, carrier) in carriers {
            for kind in SenderType::ALL {
                if let Some(fee) = changed.fees.of(kind) {
                    let known = dollars(facts.carrier_fee(carrier, kind));
                    list.push(format!("{id} fee of {kind}: {} instead of {known}", dollars(fee)));
                }
            }
            if let Some(Written(fine)) = changed.fines.programme_evasion {
                let known = carrier.fines.as_ref().map(|fines| dollars(fines.programme_evasion.newest()));
                let known = known.unwrap_or_else(|| "nothing".to_owned());
                list.push(format!("{id} fine for programme evasion: {} instead of {known}", dollars(fine)));
            }
        }
        list
    }
}

/// All countries that campaigns and audiences name, sorted.
fn recipient_countries(spec: &Scenario, traces: &Traces) -> Vec<CountryCode> {
    let of_campaigns = spec.campaigns.values().filter_map(|campaign| campaign.recipients.as_ref());
    let of_audiences = spec.audiences.values().map(|audience| &audience.recipients);
    let mut codes: Vec<CountryCode> =
        of_campaigns.chain(of_audiences).flat_map(|map| map.keys()).filter_map(|code| code.parse().ok()).collect();
    codes.extend(traces.countries());
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Dollars to the last digit.
fn dollars(amount: Money) -> String {
    format!("${}", amount.to_decimal())
}

fn known_reach(word: ReachWord) -> Known {
    match word {
        ReachWord::Yes => Known::Yes,
        ReachWord::No => Known::No,
        ReachWord::Partial => Known::Partial,
        ReachWord::Unknown => Known::Unknown,
    }
}

/// Partial reach is drawn at one half and unknown reach taken as yes: assumptions.
fn reach_chance(reach: Known) -> Chance {
    match reach {
        Known::Yes | Known::Unknown => Chance::ALWAYS,
        Known::Partial => Chance::new(0.5),
        Known::No => Chance::NEVER,
    }
}

fn default_latency() -> Latency {
    let model = &catalogue::defaults().latency;
    let leg = |leg: &catalogue::LogNormal| ModelLogNormal {
        ln_median: crate::kernel::elementary::ln(leg.median_seconds),
        sigma: leg.sigma,
    };
    Latency {
        hand_off: leg(&model.hand_off),
        handset: leg(&model.handset),
        receipt: leg(&model.receipt),
        carrier_sigma: model.carrier_offset.sigma,
        receipt_lost: f64::from(model.receipt_never.share.ppm()) / 1e6,
    }
}

/// The index of a zone, added if it is new.
fn zone_index(zones: &mut Vec<TimeZone>, name: &str) -> usize {
    let known = zones.iter().position(|zone| zone.iana_name() == Some(name));
    known.unwrap_or_else(|| {
        zones.push(TimeZone::get(name).expect("the catalogue names zones of the time zone database"));
        zones.len() - 1
    })
}

/// Areas of several countries have different numbers.
fn area_number(code: CountryCode, group: usize) -> u32 {
    let offset = if code == CountryCode::CA { 10_000 } else { 0 };
    offset + u32::try_from(group).expect("a country has few area codes")
}

/// A guess as one line.
fn words(guess: catalogue::Assumption) -> String {
    format!("{}: {}", guess.subject, guess.why)
}
