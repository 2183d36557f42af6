//! Prices: the catalogue's of the day the scenario starts, with those that the scenario replaces.
//!
//! Not here: the fees of carriers, which stand with them, and what is done with prices.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_yaml::{Mapping, Value};

use super::{Findings, at};
use crate::catalogue::{self, Lookup};
use crate::model::country::CountryCode;
use crate::scenario::quantity::Written;
use crate::scenario::spec::Scenario;
use crate::units::Money;

const BASE: &str = "overrides.prices";

/// What is charged, apart from the fees of carriers.
pub(super) struct Prices {
    /// What does not depend on the country.
    pub everywhere: catalogue::Prices,
    /// List prices per segment that the scenario replaces.
    pub segments: BTreeMap<CountryCode, Money>,
    /// What was replaced of the former, in words.
    pub changes: Vec<String>,
}

impl Prices {
    /// Reads what the scenario replaces; the others are those of `day`.
    pub(super) fn resolve(findings: &mut Findings, spec: &Scenario, day: Date) -> Prices {
        let written = spec.overrides.prices.iter();
        let (of_countries, others): (Vec<_>, Vec<_>) = written.partition(|(key, _)| names_country(key));
        let segments =
            of_countries.into_iter().filter_map(|(key, price)| segment_price(findings, key, price)).collect();
        let others: Mapping = others.into_iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        let replaced = if others.is_empty() { None } else { read(findings, &others) };
        let (mut everywhere, changes) = replaced.unwrap_or_else(|| (catalogue::defaults().prices.clone(), Vec::new()));
        everywhere.keep(day);
        Prices { everywhere, segments, changes }
    }
}

/// Whether a key is meant for a country: in capitals, or the name of one.
fn names_country(key: &Value) -> bool {
    let key = key.as_str().unwrap_or_default();
    let capitals = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_uppercase());
    capitals || matches!(catalogue::lookup(key), Lookup::Code(_) | Lookup::Named(_))
}

fn segment_price(findings: &mut Findings, key: &Value, price: &Value) -> Option<(CountryCode, Money)> {
    let key = key.as_str()?;
    let path = at(BASE, key);
    if let Some((message, hint)) = catalogue::unknown_country(key) {
        findings.key_error(&path, message, hint);
        return None;
    }
    let hint = |_: &str| "write the list price of a segment in US dollars".to_owned();
    let Written(price) = findings.read_under(&path, price, hint)?;
    Some((key.parse().ok()?, price))
}

/// Reads the prices with changes merged into them.
fn read(findings: &mut Findings, changes: &Mapping) -> Option<(catalogue::Prices, Vec<String>)> {
    let changed = catalogue::changed_prices(changes);
    for key in &changed.refused {
        findings.key_error(&at(BASE, key), format!("`{key}` is no price"), "leave it out");
    }
    let prices = findings.read_under(BASE, &changed.facts, |_| {
        "`sendpool catalogue --defaults --json` shows the prices in the words to use here".to_owned()
    })?;
    let words = changed.list.into_iter().map(|change| {
        let before = change.before.unwrap_or_else(|| "nothing".to_owned());
        format!("prices {}: {} instead of {before}", change.path, change.after)
    });
    Some((prices, words.collect()))
}
