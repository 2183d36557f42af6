//! From a trace to what it says of traffic: how much and when, to whom, from whom, what became of it. Each figure comes
//! with the number of rows that it rests on. [`Fitted::scenario_yaml`] writes it as a scenario to start from.
//!
//! Not here: reading logs (see [`crate::trace`]), and what no log tells: registrations, trust scores, what a campaign is
//! for, the carriers' reasons.

mod arrivals;
mod feedback;
mod senders;
#[cfg(test)]
mod tests;
mod yaml;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

pub use arrivals::{Arrivals, Cycle, Day, Dispersion, Hour, PhaseFit};
pub use feedback::Feedback;
pub use senders::SenderFit;

use crate::model::encoding::Encoding;
use crate::model::sender::SenderType;
use crate::trace::{Row, Status, Trace};
use crate::units::{Money, NANOS_PER_SECOND, SimDuration, SimTime};

/// Campaigns that are fitted each by itself; more are taken together.
pub const CAMPAIGNS_MAX: usize = 12;

/// Repetitions below which the size of an audience rests on too little.
const REPETITIONS_MIN: u64 = 30;

/// What a trace says of traffic.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fitted {
    /// The name of the trace.
    pub trace: String,
    /// The zone of all hours and days; empty when the trace counts from a start of its own.
    pub zone: String,
    /// The first and the last message, if the trace has dates.
    pub first: Option<String>,
    /// See `first`.
    pub last: Option<String>,
    /// When the phases of the arrivals begin: their time zero.
    pub start: Option<String>,
    /// How long after that the first phase of a trace as it went begins, in whole seconds.
    pub start_time_seconds: u64,
    /// From the first message to the last, in seconds.
    pub span_seconds: f64,
    /// What became of the records of the input.
    pub records: Records,
    /// All messages.
    pub total: Group,
    /// The same by campaign and channel.
    pub groups: Vec<Group>,
    /// Statuses, the most frequent first.
    pub statuses: Mix,
    /// Error codes by all messages whose status is final.
    pub codes: Mix,
    /// From the call to the carrier: the platform's queues are in it.
    pub created_to_sent: Option<Quantiles>,
    /// From the carrier to the last change of status, of delivered messages: networks, handsets and receipts.
    pub sent_to_delivered: Option<Quantiles>,
    /// People.
    pub people: People,
    /// What people wrote back.
    pub feedback: Feedback,
    /// Senders, the busiest first.
    pub senders: Vec<SenderFit>,
    /// Mean price of a segment.
    pub price: Option<PriceFit>,
}

/// What became of the records of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Records {
    /// All.
    pub all: u64,
    /// Those that are messages to people.
    pub messages: u64,
    /// Those that are messages from people.
    pub inbound: u64,
    /// Those that were rejected.
    pub rejected: u64,
}

/// Messages of one campaign and channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// The campaign's name, if the trace has campaigns and there are few.
    pub campaign: Option<String>,
    /// Whether they went over WhatsApp.
    pub whatsapp: bool,
    /// When.
    pub arrivals: Arrivals,
    /// Segments of a message.
    pub segments: Mix,
    /// Texts, if the trace has them.
    pub texts: Option<Texts>,
    /// Countries of recipients.
    pub countries: Mix,
    /// Carriers of recipients, as the trace names them.
    pub carriers: Mix,
}

/// Shares of kinds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Mix {
    /// How many rows the shares rest on.
    pub n: u64,
    /// How many rows say nothing of it.
    pub unknown: u64,
    /// The kinds.
    pub parts: Vec<Part>,
}

/// One kind of a mix.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// The kind.
    pub name: String,
    /// How many rows.
    pub count: u64,
    /// `count` by the `n` of the mix.
    pub share: f64,
}

/// What is known of texts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Texts {
    /// How many.
    pub n: u64,
    /// The mean length in UTF-16 code units.
    pub mean_characters: f64,
    /// The share written in UCS-2.
    pub ucs2: f64,
}

/// Quantiles by nearest rank, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names say all")]
pub struct Quantiles {
    pub n: u64,
    pub p10: f64,
    pub p25: f64,
    pub p50: f64,
    pub p75: f64,
    pub p90: f64,
    pub p95: f64,
    pub p99: f64,
    pub max: f64,
}

/// How many people there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct People {
    /// Messages whose recipient is known.
    pub n: u64,
    /// Different people among them.
    pub distinct: u64,
    /// The size of the audience from which n draws with replacement meet so many different people: the S that solves
    /// distinct = S (1 - e^(-n/S)). `None` when few were met twice: then it may be any large number.
    pub audience: Option<u64>,
}

/// What segments cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PriceFit {
    /// Rows with a price and a number of segments.
    pub n: u64,
    /// The currency.
    pub unit: String,
    /// The mean price of a segment.
    pub per_segment: Money,
}

/// Fits a trace; hours and days are those of `zone`. `None` when the trace has no row.
pub fn fit(trace: &Trace, zone: &TimeZone) -> Option<Fitted> {
    let (first, last) = (trace.rows.first()?, trace.rows.last()?);
    let all: Vec<&Row> = trace.rows.iter().collect();
    let grid = arrivals::Grid::new(trace, zone);
    let instant = |at: SimTime| Some(later(trace.start?, at)?.to_string());
    let delays = |delay: fn(&Row) -> Option<SimDuration>, wanted: fn(&Row) -> bool| {
        quantiles(trace.rows.iter().filter(|row| wanted(row)).filter_map(delay).collect())
    };
    Some(Fitted {
        trace: trace.name.clone(),
        zone: trace.start.map(|_| zone.iana_name().unwrap_or("UTC").to_owned()).unwrap_or_default(),
        first: instant(first.at),
        last: instant(last.at),
        start: grid.start(),
        start_time_seconds: grid.start_time(),
        span_seconds: trace.span().as_secs_f64(),
        records: Records {
            all: trace.account.records,
            messages: trace.rows.len() as u64,
            inbound: trace.account.inbound,
            rejected: trace.account.rejected,
        },
        groups: groups(trace, &grid),
        total: group(trace, &grid, None, false, &all),
        statuses: mix(all.iter().map(|row| row.status()), |status| status.as_str().to_owned()).by_count(),
        codes: codes(trace),
        created_to_sent: delays(Row::created_to_sent, |_| true),
        sent_to_delivered: delays(Row::sent_to_updated, |row| row.status().is_some_and(Status::is_delivered)),
        people: people(trace),
        feedback: feedback::fit(trace),
        senders: senders::fit(trace),
        price: price(trace),
    })
}

impl Mix {
    /// The share of a kind; zero if there is none.
    pub fn share(&self, name: &str) -> f64 {
        self.parts.iter().find(|part| part.name == name).map_or(0.0, |part| part.share)
    }

    /// The most frequent kinds first; equals by name.
    fn by_count(mut self) -> Mix {
        self.parts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        self
    }
}

/// The mix of kinds, in their order.
fn mix<T: Ord>(kinds: impl Iterator<Item = Option<T>>, name: impl Fn(&T) -> String) -> Mix {
    let mut counts: BTreeMap<T, u64> = BTreeMap::new();
    let mut mix = Mix::default();
    for kind in kinds {
        match kind {
            Some(kind) => {
                *counts.entry(kind).or_default() += 1;
                mix.n += 1;
            }
            None => mix.unknown += 1,
        }
    }
    let whole = mix.n as f64;
    let part = |(kind, count): (&T, &u64)| Part { name: name(kind), count: *count, share: *count as f64 / whole };
    mix.parts = counts.iter().map(part).collect();
    mix
}

/// Quantiles of spans; `None` of none.
fn quantiles(mut spans: Vec<SimDuration>) -> Option<Quantiles> {
    spans.sort_unstable();
    let max = spans.last()?.as_secs_f64();
    let n = spans.len();
    let at = |percent: usize| spans[(n * percent).div_ceil(100).max(1) - 1].as_secs_f64();
    Some(Quantiles {
        n: n as u64,
        p10: at(10),
        p25: at(25),
        p50: at(50),
        p75: at(75),
        p90: at(90),
        p95: at(95),
        p99: at(99),
        max,
    })
}

fn is_whatsapp(trace: &Trace, row: &Row) -> bool {
    trace.sender(row).is_some_and(|sender| sender.kind == Some(SenderType::Whatsapp))
}

/// Rows by campaign, if there are few, and by channel; in the order of their first rows.
fn groups(trace: &Trace, grid: &arrivals::Grid) -> Vec<Group> {
    let by_campaign = (1..=CAMPAIGNS_MAX).contains(&trace.campaigns.len());
    let mut groups: IndexMap<(Option<usize>, bool), Vec<&Row>> = IndexMap::new();
    for row in &trace.rows {
        let key = (row.campaign().filter(|_| by_campaign), is_whatsapp(trace, row));
        groups.entry(key).or_default().push(row);
    }
    let named = |campaign: Option<usize>| campaign.map(|index| trace.campaigns[index].clone());
    groups
        .into_iter()
        .map(|((campaign, whatsapp), rows)| group(trace, grid, named(campaign), whatsapp, &rows))
        .collect()
}

fn group(trace: &Trace, grid: &arrivals::Grid, campaign: Option<String>, whatsapp: bool, rows: &[&Row]) -> Group {
    Group {
        campaign,
        whatsapp,
        arrivals: grid.fit(rows),
        segments: mix(rows.iter().map(|row| row.segments()), u8::to_string),
        texts: texts(rows),
        countries: mix(rows.iter().map(|row| row.country()), ToString::to_string).by_count(),
        carriers: mix(rows.iter().map(|row| trace.carrier(row)), |id| (*id).to_owned()).by_count(),
    }
}

fn texts(rows: &[&Row]) -> Option<Texts> {
    let texts: Vec<_> = rows.iter().filter_map(|row| row.body()).collect();
    if texts.is_empty() {
        return None;
    }
    let n = texts.len() as f64;
    let characters: u64 = texts.iter().map(|text| u64::from(text.characters)).sum();
    let ucs2 = texts.iter().filter(|text| text.encoding == Encoding::Ucs2).count();
    Some(Texts { n: texts.len() as u64, mean_characters: characters as f64 / n, ucs2: ucs2 as f64 / n })
}

/// Error codes by the messages whose status is final, or that have a code.
fn codes(trace: &Trace) -> Mix {
    let is_over = |row: &&Row| row.code().is_some() || row.status().is_some_and(Status::is_final);
    let over = trace.rows.iter().filter(is_over);
    let mut mix = mix(over.map(|row| Some(trace.code(row))), |code| code.map_or_else(String::new, |c| c.to_string()));
    // Those without a code count in the shares and are no kind.
    mix.parts.retain(|part| !part.name.is_empty());
    mix.unknown = trace.rows.len() as u64 - mix.n;
    mix.by_count()
}

fn people(trace: &Trace) -> People {
    let mut people: Vec<u64> = trace.rows.iter().filter_map(Row::person).collect();
    let n = people.len() as u64;
    people.sort_unstable();
    people.dedup();
    let distinct = people.len() as u64;
    People { n, distinct, audience: audience(n, distinct) }
}

/// See [`People::audience`]; the left side grows with S, so the root is found by halving.
fn audience(n: u64, distinct: u64) -> Option<u64> {
    // Of r repetitions the size has a standard error of about 1 / sqrt(r).
    if n - distinct < REPETITIONS_MIN {
        return None;
    }
    let expected = |size: f64| -size * crate::kernel::elementary::exp_minus_one(-(n as f64) / size);
    // With so few repetitions the size is at most about n² / 2r.
    let (mut low, mut high) = (distinct as f64, n as f64 * n as f64);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if expected(middle) < distinct as f64 { low = middle } else { high = middle }
    }
    Some(high.round() as u64)
}

fn price(trace: &Trace) -> Option<PriceFit> {
    let priced: Vec<(Money, u64)> =
        trace.rows.iter().filter_map(|row| Some((row.price()?, u64::from(row.segments()?)))).collect();
    let segments: u64 = priced.iter().map(|(_, segments)| segments).sum();
    Some(PriceFit {
        n: priced.len() as u64,
        unit: trace.price_unit.clone().unwrap_or_else(|| "USD".to_owned()),
        per_segment: priced.iter().map(|(price, _)| *price).sum::<Money>().per(segments)?,
    })
}

/// An instant of the trace on the calendar.
fn later(start: Timestamp, at: SimTime) -> Option<Timestamp> {
    Timestamp::from_nanosecond(start.as_nanosecond() + i128::from(at.as_nanos())).ok()
}

/// Whole seconds, rounded down.
fn seconds(at: SimTime) -> u64 {
    at.as_nanos() / NANOS_PER_SECOND
}
