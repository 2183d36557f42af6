//! Facts of countries that a scenario replaces: read in the form of the catalogue's files, with what is wrong found at its
//! place in the scenario.
//!
//! The catalogue's own files are held by its tests; what a scenario puts in their place is held here to the rules that
//! later code relies on. Not here: overrides of carriers (see `network`) and of prices (see `prices`).

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_yaml::Mapping;

use super::network::Network;
use super::rules::consistent_limits;
use super::{Findings, at};
use crate::catalogue::{self, Change, Country, TimeRestriction, WHOLE_PPM};
use crate::model::country::CountryCode;
use crate::scenario::path;
use crate::scenario::spec::Scenario;
use crate::units::Rate;

/// Countries of which the scenario replaces facts, and what it replaces.
pub(super) type Replaced = BTreeMap<CountryCode, (Country, Vec<Change>)>;

/// Reads all facts that the scenario replaces; unknown countries are left to others.
pub(super) fn replaced(findings: &mut Findings, spec: &Scenario) -> Replaced {
    let mut replaced = Replaced::new();
    for (name, changes) in &spec.overrides.countries {
        let Ok(code) = name.parse::<CountryCode>() else { continue };
        if let Some(country) = read(findings, code, changes) {
            replaced.insert(code, country);
        }
    }
    replaced
}

fn read(findings: &mut Findings, code: CountryCode, changes: &Mapping) -> Option<(Country, Vec<Change>)> {
    let base = at("overrides.countries", code.as_str());
    let changed = catalogue::changed_facts(code, changes)?;
    for key in &changed.refused {
        let hint = match key.as_str() {
            "carriers" => "carriers are changed under `overrides.carriers`",
            "ideal" => "leave it out; `overrides: { network: ideal }` takes away latency, filters and invalid numbers",
            _ => "leave it out: the country is named by the key above it",
        };
        findings.key_error(&at(&base, key), format!("`{key}` cannot be replaced here"), hint);
    }
    let country = findings.read_under(&base, &changed.facts, |message| {
        if message == "missing key `evidence`" {
            "new facts say what they rest on, such as `evidence: { source: [unverified], as_of: \"2026\", \
             confidence: low, assumption: true, why: a trial }`"
                .to_owned()
        } else {
            format!("`sendpool catalogue {code} --json` shows the facts of {code} in the words to use here")
        }
    })?;
    check(findings, &base, &country);
    Some((country, changed.list))
}

/// Holds facts to the rules that the types leave open.
fn check(findings: &mut Findings, base: &str, country: &Country) {
    check_rates(findings, &at(base, "senders"), country);
    check_zones(findings, base, country);
    check_segments(findings, &at(&at(base, "delivery"), "segments"), country);
    for (index, row) in country.time_restrictions.iter().enumerate() {
        check_hours(findings, &path::index(&at(base, "time_restrictions"), index), country, row);
    }
}

fn check_rates(findings: &mut Findings, base: &str, country: &Country) {
    let senders = &country.senders;
    let rates: [(&str, &str, Option<Rate>); 6] = [
        ("long_code", "mps", senders.long_code.mps),
        ("international_long_code", "mps", senders.international_long_code.mps),
        ("toll_free", "mps", senders.toll_free.mps),
        ("short_code", "mps", senders.short_code.mps),
        ("alphanumeric", "mps", senders.alphanumeric.mps),
        ("whatsapp", "messages_per_second", senders.whatsapp.messages_per_second),
    ];
    for (sender, key, rate) in rates {
        if let Some(rate) = rate {
            findings.bounded_rate(&at(&at(base, sender), key), rate);
        }
    }
}

fn check_zones(findings: &mut Findings, base: &str, country: &Country) {
    let shares = at(&at(base, "time_zones"), "shares");
    let listed = country.time_zones.shares.iter().enumerate();
    let listed = listed.map(|(index, entry)| (at(&path::index(&shares, index), "zone"), &entry.zone));
    let day = (at(&at(base, "carrier_day"), "zone"), &country.carrier_day.zone);
    for (path, zone) in listed.chain([day]) {
        if TimeZone::get(zone).is_err() {
            let hint = "use a name of the time zone database, such as Europe/Paris";
            findings.error(&path, format!("unknown time zone `{zone}`"), hint);
        }
    }
    let sum: u64 = country.time_zones.shares.iter().map(|entry| u64::from(entry.share.ppm())).sum();
    if sum != u64::from(WHOLE_PPM) {
        let message = format!("the shares of the time zones add up to {} percent", sum as f64 / 1e4);
        findings.error(&shares, message, "shares are in percent here, 100 in all");
    }
}

fn check_segments(findings: &mut Findings, base: &str, country: &Country) {
    if country.delivery.segments.iter().filter(|sizes| sizes.senders.is_empty()).count() != 1 {
        let message = "the segment sizes have not exactly one entry for all senders";
        findings.error(base, message, "keep one entry without `senders`; it holds for all that no other entry names");
    }
    for (index, sizes) in country.delivery.segments.iter().enumerate() {
        if !consistent_limits(sizes) {
            findings.error(
                &path::index(base, index),
                "these segment sizes contradict each other",
                "a part holds at least 2 characters, and no more than a text of one segment",
            );
        }
    }
}

fn check_hours(findings: &mut Findings, base: &str, country: &Country, row: &TimeRestriction) {
    if row.days.is_empty() {
        findings.error(&at(base, "days"), "closed hours on no day", "list the days: [mon, tue, ...]");
    }
    if row.blocked_from == row.blocked_to {
        findings.clash(
            &at(base, "blocked_to"),
            &at(base, "blocked_from"),
            format!("the hours are closed from {} to {0}", row.blocked_from),
            "a whole day is closed from 00:00 to 24:00",
        );
    }
    let regions = Network::regions(country.code);
    for (index, name) in row.only_in.iter().enumerate() {
        let path = path::index(&at(base, "only_in"), index);
        if regions.is_empty() {
            let message = format!("the catalogue does not divide {} into states or regions", country.code);
            findings.error(&path, message, "leave `only_in` out");
        } else if !regions.contains(&name.as_str()) {
            findings.error(
                &path,
                format!("`{name}` is no state, province or territory of {}", country.code),
                format!("these are known: {}", regions.join(", ")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::read;

    /// What is found when these facts of a country are replaced, as `path: message`.
    fn found(code: &str, changes: &str) -> Vec<String> {
        let text = format!(
            "version: 1\nname: facts\n\
             services: {{ promo: {{ senders: [ {{ id: name, type: alphanumeric, name: ACME, mps: 10 }} ] }} }}\n\
             campaigns:\n  c: {{ service: promo, body: Hello, recipients: {{ {code}: 1 }}, \
             arrivals: {{ phases: [ {{ duration: 0, arrival_count: 1 }} ] }} }}\n\
             overrides: {{ countries: {{ {code}: {changes} }} }}\n"
        );
        let reading = read("facts.yaml", text.into_bytes(), &[]);
        let errors = reading.findings.iter().filter(|finding| reading.counts().0 > 0 && finding.hint.is_some());
        let prefix = format!("overrides.countries.{code}.");
        errors
            .map(|finding| {
                assert!(finding.span.is_some(), "{finding:?}");
                format!("{}: {}", finding.path.trim_start_matches(&prefix), finding.message)
            })
            .collect()
    }

    #[test]
    fn everything_wrong_is_found_at_its_own_place() {
        assert_eq!(
            found("FR", "{ code: DE, senders: { longcode: {}, alphanumeric: { unregistered: blockd } } }"),
            [
                "code: `code` cannot be replaced here",
                "senders.alphanumeric.unregistered: unknown value `blockd`",
                "senders.longcode: unknown key `longcode`",
            ]
        );
    }

    #[test]
    fn facts_that_later_code_would_stumble_over_are_refused() {
        let sizes = "gsm7_single: 160, gsm7_part: 153, ucs2_single: 70";
        let cases = [
            ("{ delivery: { segments: [] } }", "delivery.segments: the segment sizes have not"),
            (
                &format!("{{ delivery: {{ segments: [ {{ {sizes}, ucs2_part: 1 }} ] }} }}"),
                "delivery.segments[0]: these segment sizes contradict",
            ),
            ("{ carrier_day: { zone: Europe/Pari } }", "carrier_day.zone: unknown time zone `Europe/Pari`"),
            (
                "{ time_zones: { shares: [ { zone: Europe/Paris, share: '60' } ] } }",
                "time_zones.shares: the shares of the time zones add up to 60 percent",
            ),
            (
                "{ senders: { long_code: { mps: 2000000/s } } }",
                "senders.long_code.mps: the rate `2000000/s` is too high",
            ),
        ];
        for (changes, expected) in cases {
            let found = found("FR", changes);
            assert!(found.len() == 1 && found[0].starts_with(expected), "{changes}: {found:?}");
        }
    }

    #[test]
    fn hours_are_held_to_days_times_and_states() {
        let row = |days: &str, from: &str, only_in: &str| {
            format!(
                "{{ time_restrictions: [ {{ scope: all, days: {days}, blocked_from: \"{from}\", blocked_to: \"08:00\", \
                 action: sender_must_hold, kind: legal, only_in: {only_in}, evidence: {{ source: [unverified], \
                 as_of: \"2026\", confidence: low, assumption: true, why: trial }} }} ] }}"
            )
        };
        assert_eq!(found("US", &row("[mon]", "21:00", "[TX, FL]")), [""; 0]);
        assert_eq!(
            found("US", &row("[]", "08:00", "[TX, Texas]")),
            [
                "time_restrictions[0].days: closed hours on no day",
                "time_restrictions[0].blocked_to: the hours are closed from 08:00 to 08:00",
                "time_restrictions[0].only_in[1]: `Texas` is no state, province or territory of US",
            ]
        );
        let found = found("FR", &row("[mon]", "21:00", "[IDF]"));
        assert!(found.len() == 1 && found[0].contains("does not divide FR"), "{found:?}");
    }
}
