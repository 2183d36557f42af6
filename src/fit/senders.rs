//! Who sends, and how fast at most. Not here: what a sender may send, which no log tells: a rate that was seen is at most
//! the one that is granted.

use serde::Serialize;

use crate::model::country::CountryCode;
use crate::model::sender::SenderType;
use crate::trace::{Row, Trace};
use crate::units::{SimDuration, SimTime};

/// A sender of a trace.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SenderFit {
    /// Number, code or name.
    pub id: String,
    /// Its type, as far as can be told.
    #[serde(rename = "type")]
    pub kind: Option<SenderType>,
    /// Its country, if its number tells.
    pub country: Option<CountryCode>,
    /// The country it sends to most.
    pub main_destination: Option<CountryCode>,
    /// Its messages.
    pub messages: u64,
    /// Messages of which it is known when they were handed to the carrier: the rates rest on them.
    pub n: u64,
    /// The most segments handed over within any one second; a log in whole seconds shows up to twice the rate.
    pub most_in_a_second: u64,
    /// The most segments handed over within any one minute.
    pub most_in_a_minute: u64,
    /// The most segments handed over within any one minute before its last message, whose slot may end later: what the
    /// rate did within the minute.
    pub most_done_in_a_minute: u64,
}

/// The senders, the busiest first.
pub(super) fn fit(trace: &Trace) -> Vec<SenderFit> {
    let mut sent: Vec<Vec<(SimTime, u64)>> = vec![Vec::new(); trace.senders.len()];
    let mut countries: Vec<Vec<(CountryCode, u64)>> = vec![Vec::new(); trace.senders.len()];
    let mut messages = vec![0; trace.senders.len()];
    for row in &trace.rows {
        let Some(sender) = row.sender() else { continue };
        messages[sender] += 1;
        sent[sender].extend(row.sent().map(|at| (at, row.segments().map_or(1, u64::from))));
        if let Some(country) = Row::country(row) {
            match countries[sender].iter_mut().find(|(other, _)| *other == country) {
                Some((_, count)) => *count += 1,
                None => countries[sender].push((country, 1)),
            }
        }
    }
    let mut found: Vec<SenderFit> = Vec::with_capacity(sent.len());
    for (index, sender) in trace.senders.iter().enumerate() {
        let times = &mut sent[index];
        times.sort_unstable();
        let most = countries[index].iter().max_by_key(|(country, count)| (*count, std::cmp::Reverse(*country)));
        let (most_in_a_minute, most_done_in_a_minute) = most_within(times, SimDuration::from_secs(60));
        found.push(SenderFit {
            id: sender.id.clone(),
            kind: sender.kind,
            country: sender.country,
            main_destination: most.map(|(country, _)| *country),
            messages: messages[index],
            n: times.len() as u64,
            most_in_a_second: most_within(times, SimDuration::from_secs(1)).0,
            most_in_a_minute,
            most_done_in_a_minute,
        });
    }
    found.sort_by(|a, b| b.messages.cmp(&a.messages).then_with(|| a.id.cmp(&b.id)));
    found
}

/// The most segments in any window [t, t + span), with those of its last message and without.
fn most_within(times: &[(SimTime, u64)], span: SimDuration) -> (u64, u64) {
    let (mut most, mut most_before, mut within, mut first) = (0, 0, 0, 0);
    for (at, segments) in times {
        within += segments;
        while at.since(times[first].0) >= span {
            within -= times[first].1;
            first += 1;
        }
        most = most.max(within);
        most_before = most_before.max(within - segments);
    }
    (most, most_before)
}
