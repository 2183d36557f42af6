//! Campaigns that replay a trace: which of its rows, when on the scenario's clock, and who recipients are as far as it does
//! not tell.

use super::{CampaignResolver, Numbers, Weights, population};
use crate::kernel::samplers::Categorical;
use crate::model::country::CountryCode;
use crate::model::replay::{Replay, Row};
use crate::scenario::quantity::{Weight, Written};
use crate::scenario::resolve::{MAX_DURATION, at};
use crate::scenario::spec::{Align, TraceFile};
use crate::trace::{self, Trace};
use crate::units::{SimDuration, SimTime, thousands};

/// Rows are at most a hundred million, so that a billion times their number is within 64 bits.
const BILLION: u64 = 1_000_000_000;

/// Why a row of a trace is left out.
#[derive(Default)]
struct LeftOut {
    before_start: u64,
    too_late: u64,
    without_country: u64,
}

impl CampaignResolver<'_, '_> {
    /// The rows of the trace that the campaign names; `None` when there is something wrong.
    pub(super) fn replay(&mut self, part: &TraceFile) -> Option<Replay> {
        let path = at(&at(self.base, "arrivals"), "trace");
        self.refuse_beside_a_trace();
        let traces = self.traces;
        let trace = traces.get(&part.file)?;
        let wanted = self.wanted_campaign(&path, part, trace)?;
        let of_part = |row: &&trace::Row| wanted.is_none_or(|campaign| row.campaign() == Some(campaign));
        let zero = self.zero(&path, part, trace)?;
        let (weights, drawn) = self.weights(trace.rows.iter().filter(of_part), trace)?;
        if weights.is_empty() {
            return self.nothing_left(&path, part, trace.rows.iter().filter(of_part).count());
        }
        let written = self.written;
        let numbers = Numbers { invalid: written.invalid, landline: written.landline, whatsapp: written.whatsapp };
        let population =
            population(self.findings, self.base, self.network, &weights, written.carriers.as_ref(), numbers)?;

        let place = |code: CountryCode| weights.get_index_of(code.as_str());
        let carriers = &self.network.carriers;
        let carrier_index: Vec<Option<usize>> =
            trace.carriers.iter().map(|id| carriers.iter().position(|carrier| carrier.id == *id)).collect();
        let mut rows = Vec::with_capacity(trace.rows.iter().filter(of_part).count());
        let mut left_out = LeftOut::default();
        for row in trace.rows.iter().filter(of_part) {
            let nanos = zero + i128::from(row.at.as_nanos());
            match u64::try_from(nanos).map(SimTime::from_nanos) {
                Err(_) => left_out.before_start += 1,
                Ok(at) if at > SimTime::ZERO + MAX_DURATION => left_out.too_late += 1,
                Ok(_) if row.country().is_none() && drawn.is_none() => left_out.without_country += 1,
                Ok(at) => {
                    let carrier = row.carrier().and_then(|index| carrier_index[index]);
                    rows.push(Row::new(at, row.person(), row.country().and_then(place), carrier, row.segments()));
                }
            }
        }
        self.tell_left_out(&path, part, &left_out);
        self.tell_answers(trace);
        if rows.is_empty() {
            return self.nothing_left(&path, part, 0);
        }
        Some(Replay { rows, population, drawn })
    }

    /// What a trace tells cannot be told again.
    fn refuse_beside_a_trace(&mut self) {
        let arrivals = at(self.base, "arrivals");
        for key in ["process", "profile", "burstiness", "flash", "phases"] {
            let path = at(&arrivals, key);
            if self.findings.document.value(&path).is_some() {
                let hint = format!("leave `{key}` out, or the trace");
                self.findings.key_error(&path, "the trace says when messages are meant", hint);
            }
        }
        let written = self.written;
        for (key, present) in [("audience", written.audience.is_some()), ("pick", written.pick.is_some())] {
            if present {
                let hint = "leave it out; `recipients` draws the countries that the trace does not tell";
                self.findings.key_error(&at(self.base, key), "the trace says who the recipients are", hint);
            }
        }
    }

    /// The index of the campaign of the trace that is replayed; none means all.
    fn wanted_campaign(&mut self, path: &str, part: &TraceFile, trace: &Trace) -> Option<Option<usize>> {
        let Some(name) = &part.campaign else { return Some(None) };
        let found = trace.campaigns.iter().position(|known| known == name);
        if found.is_none() {
            let known = trace.campaigns.iter().map(String::as_str);
            self.findings.unknown(&at(path, "campaign"), "campaign of the trace", name, known);
        }
        found.map(Some)
    }

    /// The time zero of the trace on the scenario's clock, in nanoseconds.
    fn zero(&mut self, path: &str, part: &TraceFile, trace: &Trace) -> Option<i128> {
        let shift = self.written.start_time.map_or(SimDuration::ZERO, |Written(shift)| shift);
        self.findings.bounded(&at(self.base, "start_time"), shift);
        let calendar = self.calendar?;
        let dated = trace.start.filter(|_| self.spec.clock.start.is_some());
        let start = match (part.align, dated) {
            (Some(Align::First), _) | (None, None) => None,
            (_, Some(start)) => Some(start),
            (Some(Align::Dates), None) => {
                self.findings.error(
                    &at(path, "align"),
                    "dates can be kept only where the trace has dates and the scenario a start",
                    "add `clock: { start: ... }`, or write `align: first`",
                );
                return None;
            }
        };
        let begin = start.map_or(0, |start| start.as_nanosecond() - calendar.instant(SimTime::ZERO).as_nanosecond());
        Some(begin + i128::from(shift.as_nanos()))
    }

    /// The weights of countries: how many rows each has, and its part of those that tell none. With them the choice of a
    /// country for such rows, where there are any.
    fn weights<'t>(
        &mut self,
        rows: impl Iterator<Item = &'t trace::Row>,
        trace: &Trace,
    ) -> Option<(Weights, Option<Categorical>)> {
        let mut weights = Weights::new();
        let codes = trace.countries();
        let mut counts = vec![0u64; codes.len()];
        let mut untold = 0;
        for row in rows {
            match row.country().and_then(|code| codes.binary_search(&code).ok()) {
                Some(place) => counts[place] += 1,
                None => untold += 1,
            }
        }
        for (code, count) in codes.iter().zip(counts).filter(|(_, count)| *count > 0) {
            weights.insert(code.to_string(), Written(Weight::from_billionths(count * BILLION)));
        }
        let Some(written) = &self.written.recipients else { return Some((weights, None)) };
        let path = at(self.base, "recipients");
        if untold == 0 {
            let hint = "leave it out";
            self.findings.warning(
                &path,
                "every message of the trace tells its country: `recipients` is not used",
                hint,
            );
            return Some((weights, None));
        }
        let sum: u128 = written.values().map(|Written(weight)| u128::from(weight.billionths())).sum();
        for (code, Written(weight)) in written {
            let part = u128::from(untold * BILLION) * u128::from(weight.billionths()) / sum.max(1);
            let part = u64::try_from(part).expect("a part of the rows");
            let known = weights.get(code).map_or(0, |Written(known)| known.billionths());
            weights.insert(code.clone(), Written(Weight::from_billionths(known + part)));
        }
        let drawn: Vec<u64> =
            weights.keys().map(|code| written.get(code).map_or(0, |Written(weight)| weight.billionths())).collect();
        let drawn = Categorical::new(&drawn);
        if drawn.is_none() {
            let message = "the weights of the recipients' countries add up to zero";
            self.findings.key_error(&path, message, "give at least one country a weight");
            return None;
        }
        Some((weights, drawn))
    }

    fn nothing_left(&mut self, path: &str, part: &TraceFile, without_country: usize) -> Option<Replay> {
        let without_country = without_country as u64;
        self.tell_left_out(path, part, &LeftOut { without_country, ..LeftOut::default() });
        let message = format!("there is no message to replay in `{}`", part.file);
        self.findings.error(path, message, "it needs a record of a message to a person, with a time and a country");
        None
    }

    /// A log with what people wrote also has what they were answered.
    fn tell_answers(&mut self, trace: &trace::Trace) {
        if trace.account.inbound > 0 && self.written.conversation.is_some() {
            self.findings.warning(
                &at(self.base, "conversation"),
                format!("`{}` has the answers of conversations that took place, and they are sent again", trace.name),
                "leave out `conversation`, or the answers from the file: else they count twice",
            );
        }
    }

    fn tell_left_out(&mut self, path: &str, part: &TraceFile, left_out: &LeftOut) {
        for (count, one, many, hint) in [
            (
                left_out.before_start,
                "is meant before the scenario starts",
                "are meant before the scenario starts",
                "write an earlier `clock: { start: ... }`, or `align: first` to begin with the first record",
            ),
            (
                left_out.too_late,
                "is meant more than ten years after the start",
                "are meant more than ten years after the start",
                "correct the dates",
            ),
            (
                left_out.without_country,
                "tells no country",
                "tell no country",
                "add `recipients`, by whose weights one is drawn",
            ),
        ] {
            if count > 0 {
                let (messages, why) = if count == 1 { ("message", one) } else { ("messages", many) };
                let message = format!("{} {messages} of `{}` {why}: left out", thousands(u128::from(count)), part.file);
                self.findings.warning(path, message, hint);
            }
        }
    }
}
