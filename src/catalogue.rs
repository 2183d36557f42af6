//! The catalogue: facts of the world as data. Countries with their carriers, and what holds everywhere; each block of
//! facts with its source, date and confidence, and a reason where it is a guess.
//!
//! The files are embedded and read on first use, each country by itself, so that a run pays only for the countries it
//! names. A scenario overrides facts when it is resolved; nothing here knows of scenarios.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::de::DeserializeOwned;
use serde_yaml::Mapping;

use crate::model::country::CountryCode;

#[macro_use]
mod words;
mod area_codes;
mod changes;
mod country;
mod dated;
mod defaults;
mod evidence;
mod handsets;
mod lookup;
mod reply_words;
mod text;

#[cfg(test)]
mod tests;

pub use area_codes::{AreaEvidence, AreaGroup, AreaPlan};
pub use changes::{Change, Changed};
pub use country::{
    Alphanumeric, Carrier, CarrierDay, CarrierEvidence, CarrierFees, CarrierTenDlc, ContentRule, Country, Delivery,
    Fines, InternationalLongCode, LongCode, Numbers, OperatorMutation, OptOut, Price, SegmentSizes, Senders, ShortCode,
    TimeRestriction, TimeZones, TollFree, Whatsapp, ZoneShare,
};
pub use dated::{Dated, Step};
pub use defaults::{
    Amount, Blocks, BrandFees, BrandKind, CampaignFees, CampaignKind, ContentRisk, Defaults, FilterClass,
    FilterClassModel, FilterCoefficients, FilterModel, FilterReport, Frailty, Grant, LatencyModel, LogNormal, Monthly,
    Normal, Once, OtherCarriers, Prices, Queue, RateRule, Rents, SenderTypes, ShareOfMessages, SharedBy,
    ShortCodeStart, Suspensions, TenDlc, TenDlcCampaign, TenDlcTier,
};
pub use evidence::{AsOf, Assumption, Confidence, Evidence, Source, UNVERIFIED};
pub use handsets::{
    HandsetModel, HandsetPreset, LatencyShare, OptIns, OptOutShares, ReplyDelays, ReplyShares, RetryTimes, Store,
};
pub use lookup::{Lookup, lookup, unknown_country};
pub use reply_words::{OptOutScope, ReplyWordFacts, Rule, WordsOf};
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
    "AE" "ae.yaml",
    "AR" "ar.yaml",
    "AT" "at.yaml",
    "AU" "au.yaml",
    "BD" "bd.yaml",
    "BE" "be.yaml",
    "BG" "bg.yaml",
    "BH" "bh.yaml",
    "BO" "bo.yaml",
    "BR" "br.yaml",
    "CA" "ca.yaml",
    "CH" "ch.yaml",
    "CI" "ci.yaml",
    "CL" "cl.yaml",
    "CN" "cn.yaml",
    "CO" "co.yaml",
    "CR" "cr.yaml",
    "CY" "cy.yaml",
    "CZ" "cz.yaml",
    "DE" "de.yaml",
    "DK" "dk.yaml",
    "DO" "do.yaml",
    "DZ" "dz.yaml",
    "EC" "ec.yaml",
    "EE" "ee.yaml",
    "EG" "eg.yaml",
    "ES" "es.yaml",
    "ET" "et.yaml",
    "FI" "fi.yaml",
    "FR" "fr.yaml",
    "GB" "gb.yaml",
    "GH" "gh.yaml",
    "GR" "gr.yaml",
    "GT" "gt.yaml",
    "HK" "hk.yaml",
    "HN" "hn.yaml",
    "HR" "hr.yaml",
    "HU" "hu.yaml",
    "ID" "id.yaml",
    "IE" "ie.yaml",
    "IL" "il.yaml",
    "IN" "in.yaml",
    "IQ" "iq.yaml",
    "IS" "is.yaml",
    "IT" "it.yaml",
    "JM" "jm.yaml",
    "JO" "jo.yaml",
    "JP" "jp.yaml",
    "KE" "ke.yaml",
    "KH" "kh.yaml",
    "KR" "kr.yaml",
    "KW" "kw.yaml",
    "KZ" "kz.yaml",
    "LB" "lb.yaml",
    "LK" "lk.yaml",
    "LT" "lt.yaml",
    "LU" "lu.yaml",
    "LV" "lv.yaml",
    "MA" "ma.yaml",
    "MM" "mm.yaml",
    "MX" "mx.yaml",
    "MY" "my.yaml",
    "NG" "ng.yaml",
    "NL" "nl.yaml",
    "NO" "no.yaml",
    "NP" "np.yaml",
    "NZ" "nz.yaml",
    "OM" "om.yaml",
    "PA" "pa.yaml",
    "PE" "pe.yaml",
    "PH" "ph.yaml",
    "PK" "pk.yaml",
    "PL" "pl.yaml",
    "PR" "pr.yaml",
    "PT" "pt.yaml",
    "PY" "py.yaml",
    "QA" "qa.yaml",
    "RO" "ro.yaml",
    "RS" "rs.yaml",
    "RU" "ru.yaml",
    "SA" "sa.yaml",
    "SE" "se.yaml",
    "SG" "sg.yaml",
    "SI" "si.yaml",
    "SK" "sk.yaml",
    "SN" "sn.yaml",
    "SV" "sv.yaml",
    "TH" "th.yaml",
    "TN" "tn.yaml",
    "TR" "tr.yaml",
    "TT" "tt.yaml",
    "TW" "tw.yaml",
    "TZ" "tz.yaml",
    "UA" "ua.yaml",
    "UG" "ug.yaml",
    "US" "us.yaml",
    "UY" "uy.yaml",
    "UZ" "uz.yaml",
    "VE" "ve.yaml",
    "VN" "vn.yaml",
    "XX" "xx.yaml",
    "ZA" "za.yaml",
}

/// What is known about a country; `None` for one that is not in the catalogue.
pub fn country(code: CountryCode) -> Option<&'static Country> {
    let at = ENTRIES.binary_search_by(|entry| entry.code.cmp(code.as_str())).ok()?;
    let entry = &ENTRIES[at];
    Some(entry.country.get_or_init(|| embedded(entry.code, entry.text)))
}

/// The facts of a country with some replaced, for whoever wrote the changes to read as a [`Country`]: `changes` is of the
/// form of the country's file. `None` for a country that is not in the catalogue.
pub fn changed_facts(code: CountryCode, changes: &Mapping) -> Option<Changed> {
    let at = ENTRIES.binary_search_by(|entry| entry.code.cmp(code.as_str())).ok()?;
    Some(changes::change(embedded(ENTRIES[at].code, ENTRIES[at].text), changes))
}

/// The prices that do not depend on the country with some replaced: `changes` is of the form of their file.
pub fn changed_prices(changes: &Mapping) -> Changed {
    changes::change(embedded("prices", include_str!("catalogue/prices.yaml")), changes)
}

/// The filter with `changes` merged into it, not yet read.
pub fn changed_filter(changes: &Mapping) -> Changed {
    changes::change(embedded("filter", include_str!("catalogue/filter.yaml")), changes)
}

/// The named ways in which filters may be other than typical, as changes.
pub fn filter_presets() -> &'static BTreeMap<String, Mapping> {
    static PRESETS: OnceLock<BTreeMap<String, Mapping>> = OnceLock::new();
    PRESETS.get_or_init(|| embedded("filter_presets", include_str!("catalogue/filter_presets.yaml")))
}

/// The codes of all countries, sorted. Reads no country.
pub fn codes() -> &'static [CountryCode] {
    static CODES: OnceLock<Vec<CountryCode>> = OnceLock::new();
    CODES.get_or_init(|| {
        ENTRIES.iter().map(|entry| entry.code.parse().expect("the table holds well-formed codes")).collect()
    })
}

/// The countries whose area codes are known, in the order of the file.
const WITH_AREA_CODES: [CountryCode; 2] = [CountryCode::US, CountryCode::CA];

/// The area codes of a country; `None` where they are not known. Reads nothing until such a country is asked for.
pub fn area_plan(country: CountryCode) -> Option<&'static AreaPlan> {
    static PLANS: OnceLock<Vec<AreaPlan>> = OnceLock::new();
    let at = WITH_AREA_CODES.iter().position(|with| *with == country)?;
    Some(&PLANS.get_or_init(|| embedded("area_codes", include_str!("catalogue/area_codes.yaml")))[at])
}

/// What holds everywhere.
pub fn defaults() -> &'static Defaults {
    static DEFAULTS: OnceLock<Defaults> = OnceLock::new();
    DEFAULTS.get_or_init(|| Defaults {
        sender_types: embedded("sender_types", include_str!("catalogue/sender_types.yaml")),
        ten_dlc: embedded("ten_dlc", include_str!("catalogue/ten_dlc.yaml")),
        latency: embedded("latency", include_str!("catalogue/latency.yaml")),
        handsets: embedded("handsets", include_str!("catalogue/handsets.yaml")),
        reply_words: embedded("reply_words", include_str!("catalogue/reply_words.yaml")),
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
