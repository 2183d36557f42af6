//! The countries recipients live in, and their carriers: the catalogue with the scenario's overrides.

use jiff::tz::TimeZone;

use super::pool::Pool;
use super::{Findings, at};
use crate::catalogue::{self, Reach as Known};
use crate::kernel::samplers::Chance;
use crate::model::country::CountryCode;
use crate::model::latency::{Latency, LogNormal};
use crate::model::sender::SenderType;
use crate::model::{Carrier, Country, Price, Reach};
use crate::scenario::quantity::Written;
use crate::scenario::spec::{CarrierOverride, NetworkOverride, ReachWord, Scenario};
use crate::units::Money;

/// The network of a scenario.
pub(super) struct Network {
    /// Countries by code.
    pub countries: Vec<Country>,
    /// What the catalogue says of each.
    pub facts: Vec<&'static catalogue::Country>,
    /// Carriers by country and id.
    pub carriers: Vec<Carrier>,
    /// Each carrier's share of its country, in millionths of the catalogue's whole.
    pub shares: Vec<u64>,
    /// Zones in which carriers' days begin.
    pub day_zones: Vec<TimeZone>,
    ideal: bool,
}

impl Network {
    /// Resolves the countries that campaigns and audiences name.
    pub(super) fn resolve(findings: &mut Findings, spec: &Scenario) -> Network {
        let ideal = spec.overrides.network == Some(NetworkOverride::Ideal);
        let mut network = Network {
            countries: Vec::new(),
            facts: Vec::new(),
            carriers: Vec::new(),
            shares: Vec::new(),
            day_zones: Vec::new(),
            ideal,
        };
        for code in recipient_countries(spec) {
            if let Some(facts) = catalogue::country(code) {
                network.add_country(spec, facts);
            }
        }
        network.check_overrides(findings, spec);
        network
    }

    fn add_country(&mut self, spec: &Scenario, facts: &'static catalogue::Country) {
        let country = self.countries.len();
        self.countries.push(Country {
            code: facts.code,
            name: facts.name.clone(),
            reroute: facts.code == CountryCode::US || facts.code == CountryCode::CA,
            // Nothing costs anything on the test bench.
            failed_message_fee: if facts.ideal {
                Money::ZERO
            } else {
                catalogue::defaults().prices.failed_message.amount
            },
        });
        self.facts.push(facts);
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
            let carrier = self.carrier(spec, country, facts, known, changed);
            self.carriers.push(carrier);
            self.shares.push(share);
        }
    }

    fn carrier(
        &mut self,
        spec: &Scenario,
        country: usize,
        facts: &'static catalogue::Country,
        known: &catalogue::Carrier,
        changed: CarrierOverride,
    ) -> Carrier {
        let short_code = changed.short_code.map_or(known.short_code, known_reach);
        let toll_free = changed.toll_free.map_or(known.toll_free, known_reach);
        let as_unregistered = facts.code == CountryCode::CA && toll_free == Known::Partial;
        let base = match spec.overrides.prices.get(facts.code.as_str()) {
            Some(Written(price)) => *price,
            None => facts.price.outbound_segment,
        };
        let price = SenderType::ALL.map(|kind| Price { base, fee: facts.carrier_fee(known, kind) });
        Carrier {
            id: known.id.clone(),
            name: known.name.clone(),
            country,
            short_code: Reach(reach_chance(short_code)),
            toll_free: Reach(if as_unregistered { Chance::ALWAYS } else { reach_chance(toll_free) }),
            toll_free_as_unregistered: as_unregistered,
            latency: (!self.ideal && !facts.ideal).then(default_latency),
            day_zone: self.day_zone(facts.carrier_day_zone(known)),
            price,
        }
    }

    fn day_zone(&mut self, name: &str) -> usize {
        let known = self.day_zones.iter().position(|zone| zone.iana_name() == Some(name));
        known.unwrap_or_else(|| {
            self.day_zones.push(TimeZone::get(name).expect("the catalogue names zones of the time zone database"));
            self.day_zones.len() - 1
        })
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
        for code in spec.overrides.prices.keys() {
            if let Some((message, hint)) = catalogue::unknown_country(code) {
                findings.key_error(&at("overrides.prices", code), message, hint);
            }
        }
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

    /// The guesses that this run rests on: those of the catalogue about what is modelled and used, and the reach of
    /// carriers of which nobody says it.
    pub(super) fn assumptions(&self, pool: &Pool) -> Vec<String> {
        let mut list = Vec::new();
        if !self.is_ideal() {
            list.extend(
                catalogue::defaults().assumptions().into_iter().filter(|guess| pool.uses(&guess.subject)).map(words),
            );
        }
        for facts in self.facts.iter().filter(|facts| !facts.ideal) {
            list.extend(facts.assumptions().into_iter().filter(|guess| pool.uses(&guess.subject)).map(words));
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

    /// What the scenario replaced, in words.
    pub(super) fn overrides(&self, spec: &Scenario) -> Vec<String> {
        let mut list = Vec::new();
        if self.ideal {
            list.push(
                "network: ideal (no latency, filter or invalid numbers; carriers' rules and reach stay)".to_owned(),
            );
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
        }
        for (code, Written(price)) in &spec.overrides.prices {
            let known = code
                .parse()
                .ok()
                .and_then(catalogue::country)
                .map_or(Money::ZERO, |facts| facts.price.outbound_segment);
            list.push(format!("{code} price per segment: {price} instead of {known}"));
        }
        list
    }
}

/// All countries that campaigns and audiences name, sorted.
fn recipient_countries(spec: &Scenario) -> Vec<CountryCode> {
    let of_campaigns = spec.campaigns.values().filter_map(|campaign| campaign.recipients.as_ref());
    let of_audiences = spec.audiences.values().map(|audience| &audience.recipients);
    let mut codes: Vec<CountryCode> =
        of_campaigns.chain(of_audiences).flat_map(|map| map.keys()).filter_map(|code| code.parse().ok()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
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
    let leg = |leg: &catalogue::LogNormal| LogNormal {
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

/// A guess as one line.
fn words(guess: catalogue::Assumption) -> String {
    format!("{}: {}", guess.subject, guess.why)
}
