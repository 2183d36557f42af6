//! The catalogue as JSON: the keys and the notation of its data files, all keys in a fixed order, absent values as
//! `null`, and the sources that the evidence names.
//!
//! Not here: anything worked out of the facts.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::catalogue::{self, Country, Defaults, Evidence, Source};

/// How quantities are written; they are text, so that no reader rounds them.
#[derive(Serialize)]
struct Notation {
    money: &'static str,
    rates: &'static str,
    shares: &'static str,
    times_of_day: &'static str,
}

const NOTATION: Notation = Notation {
    money: "US dollars as decimal text; outbound_segment and carriers' fees are per segment; an amount \
            that changed is a list of amounts, each from its day on",
    rates: "text such as 10/s or 75/min; mps and rate count segments, messages_per_second counts messages",
    shares: "percent as decimal text",
    times_of_day: "HH:MM in the recipient's local time, 00:00 to 24:00",
};

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

const TOOL: Tool = Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };

#[derive(Serialize)]
struct Countries<'a> {
    tool: Tool,
    notation: Notation,
    countries: &'a [&'a Country],
    sources: BTreeMap<&'static str, &'static Source>,
}

#[derive(Serialize)]
struct Everywhere<'a> {
    tool: Tool,
    notation: Notation,
    defaults: &'a Defaults,
    sources: BTreeMap<&'static str, &'static Source>,
}

/// Countries in full.
pub fn countries(countries: &[&Country]) -> String {
    let sources = named(countries.iter().flat_map(|country| country.evidence()));
    text(&Countries { tool: TOOL, notation: NOTATION, countries, sources })
}

/// What holds everywhere.
pub fn defaults(defaults: &Defaults) -> String {
    text(&Everywhere { tool: TOOL, notation: NOTATION, defaults, sources: named(defaults.evidence()) })
}

/// The sources that blocks of facts name.
fn named<'a>(blocks: impl IntoIterator<Item = (String, &'a Evidence)>) -> BTreeMap<&'static str, &'static Source> {
    let keys: BTreeSet<&str> =
        blocks.into_iter().flat_map(|(_, evidence)| evidence.sources.iter().map(String::as_str)).collect();
    let sources = catalogue::sources().iter().map(|(key, source)| (key.as_str(), source));
    sources.filter(|(key, _)| keys.contains(key)).collect()
}

fn text(value: &impl Serialize) -> String {
    let mut json = serde_json::to_string_pretty(value).expect("the catalogue is plain data");
    json.push('\n');
    json
}
