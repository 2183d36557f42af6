//! The list of countries: one line each, at most 100 columns.
//!
//! Not here: the whole truth about a country, which its own page tells.

use std::fmt::Write as _;

use crate::catalogue::{
    AlphanumericMode, ApplicationTraffic, Country, Region, Support, TimeOfDay, Unregistered, WindowScope,
};
use crate::report::terminal::{Style, shorten};
use crate::report::words;
use crate::units::Rate;

/// The list under its header, with the number of countries and the meaning of its columns below.
pub fn render(countries: &[&Country], style: Style) -> String {
    let header =
        row(&["cc", "country", "region", "net", "short c.", "long code", "names", "t-free", "quiet hours", "$/seg."]);
    let mut out = format!("{}\n", style.bold(&header));
    for country in countries {
        let _ = writeln!(out, "{}", line(country));
    }
    let count = words::plural(countries.len() as u64, "country", "countries");
    let _ = writeln!(out, "\n{}", style.bold(&format!("{count}.")));
    for line in LEGEND {
        let _ = writeln!(out, "{}", style.dim(line));
    }
    out
}

/// What the columns mean, and where to read on.
const LEGEND: [&str; 7] = [
    "net: carriers. short code, long code, toll-free: whether offered or what applications may send, and",
    "segments per second of one sender. names: registration (none: not carried), then what becomes of an",
    "unregistered one. quiet hours: local; mkt marketing, dom domestic marketing, fin finance; + more of",
    "them. $/seg.: list price of an outbound segment, without carrier fees that are listed apart.",
    "",
    "One country in full: sendpool catalogue FR",
    "What holds everywhere: sendpool catalogue --defaults",
];

fn line(country: &Country) -> String {
    let senders = &country.senders;
    row(&[
        country.code.as_str(),
        &shorten(&country.name, 17),
        region(country.region),
        &country.carriers.len().to_string(),
        &offered(senders.short_code.offered, senders.short_code.mps),
        &long_code(country),
        &format!("{} {}", mode(senders.alphanumeric.mode), unregistered(senders.alphanumeric.unregistered)),
        &offered(senders.toll_free.offered, senders.toll_free.mps),
        &quiet_hours(country),
        &country.price.outbound_segment.newest().to_decimal(),
    ])
}

fn row(cells: &[&str; 10]) -> String {
    let [code, name, region, networks, short_code, long_code, names, toll_free, hours, price] = cells;
    format!(
        "{code:<2} {name:<17} {region:<9} {networks:>3} {short_code:<8} {long_code:<11} {names:<14} {toll_free:<6} \
         {hours:<14} {price:>7}"
    )
}

fn region(region: Region) -> &'static str {
    match region {
        Region::NorthAmerica => "N America",
        Region::LatinAmerica => "L America",
        Region::MiddleEast => "Mid East",
        other => other.as_str(),
    }
}

/// Whether a sender is offered, with the rate of one.
fn offered(support: Support, rate: Option<Rate>) -> String {
    match support {
        Support::Yes => with_rate("yes", rate),
        Support::Partial => with_rate("part", rate),
        Support::No => "no".to_owned(),
        Support::Unknown => "?".to_owned(),
    }
}

fn with_rate(word: &str, rate: Option<Rate>) -> String {
    rate.map_or_else(|| word.to_owned(), |rate| format!("{word} {}", rate.as_f64()))
}

fn long_code(country: &Country) -> String {
    let long_code = &country.senders.long_code;
    let word = match (long_code.offered, long_code.application_traffic) {
        (Support::No, _) | (_, ApplicationTraffic::NotOffered) => return "no".to_owned(),
        (Support::Unknown, _) => return "?".to_owned(),
        (_, ApplicationTraffic::Allowed) => "allowed",
        (_, ApplicationTraffic::RegisteredOnly) => "register",
        (_, ApplicationTraffic::StrictlyFiltered) => "filtered",
        (_, ApplicationTraffic::PersonToPersonOnly) => "p2p only",
        (_, ApplicationTraffic::OneTimePasswordOnly) => "otp only",
        (_, ApplicationTraffic::AllowedNoMarketing) => "no mktg",
    };
    with_rate(word, long_code.mps)
}

fn mode(mode: AlphanumericMode) -> &'static str {
    match mode {
        AlphanumericMode::NotCarried => "none",
        AlphanumericMode::Dynamic => "any",
        AlphanumericMode::RegistrationRequired => "needed",
        AlphanumericMode::RegistrationOptional => "option",
        AlphanumericMode::MixedByCarrier => "mixed",
        AlphanumericMode::MixedByOrigin => "origin",
    }
}

fn unregistered(unregistered: Unregistered) -> &'static str {
    match unregistered {
        Unregistered::Delivered => "kept",
        Unregistered::BestEffort => "perhaps",
        Unregistered::Refused => "refused",
        Unregistered::Blocked => "blocked",
        Unregistered::Labelled => "label",
        Unregistered::Overwritten => "swapped",
        Unregistered::BlockedOrOverwritten => "lost?",
        Unregistered::MixedByCarrier => "varies",
    }
}

/// The first window that holds everywhere; a `+` says that there are more.
fn quiet_hours(country: &Country) -> String {
    let windows: Vec<_> = country.time_restrictions.iter().filter(|window| !window.alternative).collect();
    let Some(first) = windows.iter().find(|window| window.only_in.is_empty()).or(windows.first()) else {
        return "-".to_owned();
    };
    let scope = match first.scope {
        WindowScope::All => "all",
        WindowScope::Marketing | WindowScope::MarketingAndDebtCollection => "mkt",
        WindowScope::DomesticMarketing => "dom",
        WindowScope::FinancialSector => "fin",
    };
    let more = if windows.len() > 1 { "+" } else { "" };
    format!("{scope} {}-{}{more}", short(first.blocked_from), short(first.blocked_to))
}

/// `08` or, where it is no full hour, `0830`.
fn short(time: TimeOfDay) -> String {
    time.to_string().trim_end_matches(":00").replace(':', "")
}
