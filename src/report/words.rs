//! How numbers are written for people: one way everywhere.

use crate::model::metric::Unit;
use crate::simulation::stage::{Spent, Stage};
use crate::units::{SimDuration, thousands};

/// Seconds as a person says them.
pub fn seconds(value: f64) -> String {
    if value < 0.0 {
        return format!("-{}", seconds(-value));
    }
    SimDuration::from_nanos((value * 1e9).round() as u64).to_string()
}

/// What a message is called: campaign and number, and which repetition or answer it is.
pub fn message(campaign: &str, number: u64, repetition: u64, turn: u64) -> String {
    let mut name = format!("{campaign} {number}");
    if repetition > 0 {
        name.push_str(&format!(", repetition {repetition}"));
    }
    if turn > 0 {
        name.push_str(&format!(", answer {turn}"));
    }
    name
}

/// A share as a percentage with two decimals, fewer when they are zero, and more where two would make it 0 or 100.
pub fn percent(share: f64) -> String {
    let distance = share.abs().min((1.0 - share).abs());
    let places = match distance {
        d if d == 0.0 || d >= 5e-5 => 2,
        d if d >= 5e-7 => 4,
        _ => 8,
    };
    let text = format!("{:.places$}", share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A share of something that nobody needs to the hundredth: one decimal.
pub fn rough_percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A mean count: whole when it is whole or large.
pub fn count(value: f64) -> String {
    if value.fract() == 0.0 || value.abs() >= 1_000.0 {
        thousands(value.round() as u128)
    } else {
        format!("{value:.1}")
    }
}

/// Dollars to the cent, or to the hundredth of a cent below ten cents.
pub fn dollars(value: f64) -> String {
    dollars_to(if value != 0.0 && value.abs() < 0.1 { 4 } else { 2 }, value)
}

/// Dollars to the hundredth of a cent, so that the parts of a sum add up.
pub fn exact_dollars(value: f64) -> String {
    dollars_to(4, value)
}

fn dollars_to(places: usize, value: f64) -> String {
    let text = format!("{:.places$}", value.abs());
    let (whole, fraction) = text.split_once('.').expect("two or four decimals");
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}${}.{fraction}", thousands(whole.parse().unwrap_or(0)))
}

/// A value in the unit of its metric; `share` for rates.
pub fn in_unit(value: f64, unit: Unit, share: bool) -> String {
    match unit {
        Unit::Time => seconds(value),
        Unit::Dollars => dollars(value),
        Unit::Messages if share => percent(value),
        Unit::Messages | Unit::Segments => count(value),
    }
}

/// The sign of a value before its size in words.
pub fn signed(value: f64, size: String) -> String {
    match value {
        v if v > 0.0 => format!("+{size}"),
        v if v < 0.0 => format!("−{size}"),
        _ => size,
    }
}

/// What a value of a metric is measured in, for data; `share` for rates.
pub fn unit_name(unit: Unit, share: bool) -> &'static str {
    match unit {
        Unit::Time => "seconds",
        Unit::Dollars => "dollars",
        Unit::Segments => "segments",
        Unit::Messages if share => "share",
        Unit::Messages => "messages",
    }
}

/// `1 message`, `2 messages`.
pub fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(u128::from(n)), if n == 1 { one } else { many })
}

/// What a stage of the way is, for people.
pub fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Api => "handed over late by the client",
        Stage::Hold => "kept until its hours open",
        Stage::Lane => "in its sender's queue",
        Stage::Ceiling => "at a ceiling above the queue",
        Stage::CarrierHold => "kept by carriers for the hour",
        Stage::Network => "on its way through the networks",
        Stage::Handset => "handset out of reach",
    }
}

/// Where the time went: the stages that took a tenth of it or more, the longest first.
pub fn spent(spent: &Spent) -> String {
    let total = spent.total().as_secs_f64();
    let mut stages: Vec<Stage> = Stage::ALL.into_iter().filter(|stage| spent.at(*stage) > SimDuration::ZERO).collect();
    stages.sort_by_key(|stage| std::cmp::Reverse(spent.at(*stage)));
    let told = stages.into_iter().filter(|stage| spent.at(*stage).as_secs_f64() >= 0.1 * total);
    let told: Vec<String> = told.map(|one| format!("{} {}", spent.at(one), stage(one))).collect();
    if told.is_empty() { "no time at all".to_owned() } else { told.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(percent(0.9571), "95.71 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(0.99997), "99.997 %");
        assert_eq!(percent(0.00003), "0.003 %");
        assert_eq!(count(1_099_500.4), "1,099,500");
        assert_eq!(count(0.25), "0.2");
        assert_eq!(dollars(0.0149), "$0.0149");
        assert_eq!(dollars(14_312.2), "$14,312.20");
        assert_eq!(exact_dollars(14_312.2), "$14,312.2000");
        assert_eq!(seconds(10_000.0), "2 h 46 min 40 s");
        assert_eq!(seconds(-2.5), "-2.5 s");
        assert_eq!(plural(1, "message", "messages"), "1 message");
    }
}
