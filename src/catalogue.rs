//! The catalogue: facts of the world as data. Countries with their carriers, and what holds everywhere; each block of
//! facts with its source, date and confidence, and a reason where it is a guess.
//!
//! The files are embedded and read on first use, each country by itself, so that a run pays only for the countries it
//! names. A scenario overrides facts when it is resolved; nothing here knows of scenarios.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::de::DeserializeOwned;

use crate::model::country::CountryCode;

#[macro_use]
mod words;
mod country;
mod defaults;
mod evidence;
mod lookup;
mod text;

#[cfg(test)]
mod tests;

pub use country::{
    Alphanumeric, Carrier, CarrierDay, CarrierEvidence, CarrierFees, CarrierTenDlc, ContentRule, Country, Delivery,
    InternationalLongCode, LongCode, Numbers, OperatorMutation, OptOut, Price, SegmentSizes, Senders, ShortCode,
    TimeRestriction, TimeZones, TollFree, Whatsapp, ZoneShare,
};
pub use defaults::{
    Amount, BrandFee, BrandKind, CampaignFee, CampaignKind, Defaults, FilterClass, FilterClassModel,
    FilterCoefficients, FilterModel, FilterReport, Grant, LatencyModel, LogNormal, Normal, OtherCarriers, Prices,
    Queue, RateRule, Rent, SenderTypes, ShareOfMessages, SharedBy, TenDlc, TenDlcCampaign, TenDlcTier,
};
pub use evidence::{AsOf, Assumption, Confidence, Evidence, Source, UNVERIFIED};
pub use lookup::{Lookup, lookup, unknown_country};
pub use text::{Share, TimeOfDay, WHOLE_PPM};
pub use words::*;

/// A country's embedded file and, once asked for, what it says.
struct Entry {
    code: &'static str,
    text: &'static str,
    country: OnceLock<Country>,
}

/// Declares the table of countries from codes and file names.
macro_rules! countries {
    ($($code:literal $file:literal,)+) => {
        /// All countries, sorted by code.
        static ENTRIES: [Entry; [$($code),+].len()] = [$(Entry {
            code: $code,
            text: include_str!(concat!("catalogue/countries/", $file)),
            country: OnceLock::new(),
        },)+];
    };
}

countries! {
    "CA" "ca.yaml",
    "FR" "fr.yaml",
    "GB" "gb.yaml",
    "US" "us.yaml",
    "XX" "xx.yaml",
}

/// What is known about a country; `None` for one that is not in the catalogue.
pub fn country(code: CountryCode) -> Option<&'static Country> {
    let at = ENTRIES.binary_search_by(|entry| entry.code.cmp(code.as_str())).ok()?;
    let entry = &ENTRIES[at];
    Some(entry.country.get_or_init(|| embedded(entry.code, entry.text)))
}

/// The codes of all countries, sorted. Reads no country.
pub fn codes() -> &'static [CountryCode] {
    static CODES: OnceLock<Vec<CountryCode>> = OnceLock::new();
    CODES.get_or_init(|| {
        ENTRIES.iter().map(|entry| entry.code.parse().expect("the table holds well-formed codes")).collect()
    })
}

/// What holds everywhere.
pub fn defaults() -> &'static Defaults {
    static DEFAULTS: OnceLock<Defaults> = OnceLock::new();
    DEFAULTS.get_or_init(|| Defaults {
        sender_types: embedded("sender_types", include_str!("catalogue/sender_types.yaml")),
        ten_dlc: embedded("ten_dlc", include_str!("catalogue/ten_dlc.yaml")),
        latency: embedded("latency", include_str!("catalogue/latency.yaml")),
        filter: embedded("filter", include_str!("catalogue/filter.yaml")),
        prices: embedded("prices", include_str!("catalogue/prices.yaml")),
    })
}

/// The sources that evidence names, by key.
pub fn sources() -> &'static BTreeMap<String, Source> {
    static SOURCES: OnceLock<BTreeMap<String, Source>> = OnceLock::new();
    SOURCES.get_or_init(|| embedded("sources", include_str!("catalogue/sources.yaml")))
}

/// Reads an embedded file.
///
/// # Panics
/// When it is malformed, which the catalogue's test excludes.
fn embedded<T: DeserializeOwned>(name: &str, text: &str) -> T {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("catalogue file {name}: {error}"))
}
