//! A fit written as a scenario to start from, with what was measured, on how many rows, and what no log tells.
//!
//! Not here: whether the scenario is a good one. It is read without errors; what `validate` warns of is for its owner.

use std::fmt::Write;

use super::{Cycle, Fitted, Group, Mix, PhaseFit, Quantiles, SenderFit};
use crate::catalogue;
use crate::model::country::CountryCode;
use crate::model::sender::SenderType;
use crate::units::{SimDuration, thousands};

/// The longest time that a scenario takes, in seconds: ten years.
const SECONDS_MAX: u64 = 10 * 366 * 86_400;

/// Senders that are listed each by itself.
const LISTED_MAX: usize = 20;
/// Senders whose measured rates are shown.
const SHOWN_MAX: usize = 10;
/// Messages with a final status below which shares of numbers that do not exist rest on too little.
const FINAL_MIN: u64 = 100;
/// The highest rate that a scenario takes, a second.
const RATE_MAX: f64 = 1e6;
/// The lowest: one a day.
const RATE_MIN: f64 = 1.0 / 86_400.0;
/// Where arrivals are more even than a Poisson process by this much, they are written as even.
const EVEN_BELOW: f64 = 0.5;

impl Fitted {
    /// A scenario file of this name (letters, digits, `-`, `_` and `.`; others are replaced).
    pub fn scenario_yaml(&self, name: &str) -> String {
        let mut writer = Writer { fitted: self, text: String::new() };
        writer.head(name);
        writer.audience();
        writer.service();
        writer.campaigns();
        writer.outcome();
        writer.text
    }

    /// The audience, if people were met often enough to tell its size.
    fn audience(&self) -> Option<u64> {
        // A size that rests on half of the messages would say nothing of the others.
        self.people.audience.filter(|_| self.people.n * 10 >= self.total.arrivals.messages * 9)
    }

    /// The share of numbers that do not exist, and the messages that it rests on.
    fn invalid(&self) -> Option<(f64, u64)> {
        (self.codes.n >= FINAL_MIN).then(|| (self.codes.share("30005"), self.codes.n))
    }
}

/// Writes a scenario.
struct Writer<'f> {
    fitted: &'f Fitted,
    text: String,
}

/// An entry of the sender pool.
struct Entry {
    id: String,
    kind: SenderType,
    home: Option<CountryCode>,
    count: usize,
    /// A code's digits or a name.
    label: Option<String>,
    /// Whether the country is that of its recipients, since its id tells none.
    guessed: bool,
    /// Whether one of them sends most to its own country.
    domestic: bool,
    /// The most segments that one of them was seen to be done with in a minute.
    most_done_in_a_minute: u64,
}

impl Entry {
    /// Whether they are numbers that US carriers take when they are registered, and whose rate follows from that.
    fn is_ten_dlc(&self) -> bool {
        self.kind == SenderType::LongCode && self.home == Some(CountryCode::US) && self.domestic
    }
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// A comment, in lines of at most 118 characters.
    fn note(&mut self, indent: usize, text: &str) {
        let mut line = String::new();
        let begin = format!("{}#", " ".repeat(indent));
        for word in plain(text).split(' ') {
            if !line.is_empty() && begin.len() + line.chars().count() + word.chars().count() > 117 {
                self.line(&format!("{begin}{line}"));
                line.clear();
            }
            line.push(' ');
            line.push_str(word);
        }
        self.line(&format!("{begin}{line}"));
    }

    fn head(&mut self, name: &str) {
        let fitted = self.fitted;
        let records = fitted.records;
        let span = SimDuration::from_nanos((fitted.span_seconds * 1e9) as u64);
        let from_to = match (&fitted.first, &fitted.last) {
            (Some(first), Some(last)) => format!("{first} to {last} ({span})"),
            _ => span.to_string(),
        };
        self.note(
            0,
            &format!("Made by `sendpool fit` from {}: {}, {from_to}.", fitted.trace, messages(records.messages)),
        );
        self.note(
            0,
            &format!(
                "Records: {}; messages to people {}, from people {}, rejected {}.",
                n(records.all),
                n(records.messages),
                n(records.inbound),
                n(records.rejected)
            ),
        );
        self.note(0, "n is how many messages a figure rests on. What is marked `a guess` cannot be told from a log: write what you know.");
        self.line("version: 1");
        let name = run_name(name);
        self.line(&format!("name: {}", quoted(&name)));
        self.line(&format!("description: {}", quoted(&format!("Traffic fitted to {}", plain(&fitted.trace)))));
        match (&fitted.start, fitted.total.arrivals.cycle) {
            (Some(start), Cycle::AsItWent) => self.line(&format!("clock: {{ start: {} }}", quoted(start))),
            (Some(start), Cycle::MeanDay) => {
                self.line(&format!(
                    "clock: {{ start: {} }} # midnight of one of the days: the phases are a mean day",
                    quoted(start)
                ));
            }
            (None, _) => {
                self.note(0, "clock: the log has no dates, so the time of day and the day of the week cannot be told.")
            }
        }
    }

    fn audience(&mut self) {
        let Some(size) = self.fitted.audience() else { return };
        let people = self.fitted.people;
        let total = &self.fitted.total;
        self.line("");
        self.line("audiences:");
        self.note(
            2,
            &format!(
                "{} different people got n = {} messages: as many as {} people, each as likely as another, would give.",
                n(people.distinct),
                n(people.n),
                n(size)
            ),
        );
        let mut keys = format!("size: {size}, recipients: {}", recipients(total));
        if let Some(carriers) = carriers(total) {
            let _ = write!(keys, ", carriers: {carriers}");
        }
        if let Some((share, rests_on)) = self.fitted.invalid() {
            self.note(2, &format!("invalid: the share of 30005 (unknown number), n = {}.", n(rests_on)));
            let _ = write!(keys, ", invalid: {}", percent(share));
        }
        self.line(&format!("  people: {{ {keys} }}"));
    }

    fn service(&mut self) {
        self.line("");
        self.line("services:");
        self.line("  fitted:");
        let entries = self.entries();
        let untold = self.fitted.senders.iter().filter(|sender| sender.kind.is_none()).count();
        if untold > 0 {
            self.note(4, &format!("{} senders of a type that cannot be told are left out.", n(untold as u64)));
        }
        self.line("    senders:");
        if self.fitted.senders.is_empty() {
            self.note(6, "The log names no sender: a guess.");
        } else {
            self.rates();
        }
        for entry in &entries {
            let mut keys = format!("id: {}, type: {}", entry.id, entry.kind);
            if let Some(home) = entry.home {
                let _ = write!(keys, ", country: {home}");
            }
            if let Some(label) = &entry.label {
                let key = if entry.kind == SenderType::Alphanumeric { "name" } else { "number" };
                let _ = write!(keys, ", {key}: {}", quoted(label));
            }
            if entry.count > 1 {
                let _ = write!(keys, ", count: {}", entry.count);
            }
            let mut why = if entry.guessed { " # its country: a guess" } else { "" };
            match self.rate(entry).filter(|_| !entry.is_ten_dlc()) {
                Some(rate) => {
                    let _ = write!(keys, ", mps: {rate}/s");
                    why = " # the catalogue has none for a country, or less than was seen";
                }
                None if entry.is_ten_dlc() => {
                    keys.push_str(", ten_dlc: { brand: fitted, campaign: fitted }");
                    why = match entry.guessed {
                        true => " # its country, registration and trust score: a guess",
                        false => " # registration and trust score: a guess",
                    };
                }
                None => {}
            }
            self.line(&format!("      - {{ {keys} }}{why}"));
        }
    }

    /// What the busiest senders were seen to send.
    fn rates(&mut self) {
        let senders = &self.fitted.senders;
        self.note(6, "Rates are those of the catalogue. Seen in the log, so granted at least (segments handed to carriers by one sender):");
        for sender in senders.iter().take(SHOWN_MAX) {
            let seen = match sender.n {
                0 => "times of sending not in the log".to_owned(),
                rests_on => format!(
                    "at most {} in a second, {} in a minute, n = {}",
                    n(sender.most_in_a_second),
                    n(sender.most_in_a_minute),
                    n(rests_on)
                ),
            };
            self.note(6, &format!("  {}: {}; {seen}", sender.id, messages(sender.messages)));
        }
        if senders.len() > SHOWN_MAX {
            self.note(6, &format!("  and {} more", n((senders.len() - SHOWN_MAX) as u64)));
        }
    }

    /// Countries of recipients, the most frequent first.
    fn destinations(&self) -> Vec<CountryCode> {
        countries(&self.fitted.total)
    }

    /// The sender pool: like numbers together, codes and names each by itself unless there are many.
    fn entries(&self) -> Vec<Entry> {
        let destinations = self.destinations();
        let named = |sender: &&SenderFit| matches!(sender.kind, Some(SenderType::ShortCode | SenderType::Alphanumeric));
        let list = self.fitted.senders.iter().filter(named).count() <= LISTED_MAX;
        let mut entries: Vec<Entry> = Vec::new();
        for sender in &self.fitted.senders {
            let Some(kind) = sender.kind else { continue };
            let of_recipients = sender.main_destination.unwrap_or(destinations[0]);
            let home = match kind {
                SenderType::Alphanumeric | SenderType::Whatsapp => None,
                SenderType::ShortCode => Some(of_recipients),
                SenderType::TollFree => Some(CountryCode::US),
                // A log may have names of its own for numbers.
                SenderType::LongCode => Some(sender.country.unwrap_or(of_recipients)),
            };
            let guessed = kind == SenderType::LongCode && sender.country.is_none();
            let domestic = sender.main_destination.is_none_or(|most| Some(most) == home);
            let by_itself = list && named(&sender);
            let label = Some(sender.id.clone()).filter(|id| by_itself && can_be_shown(kind, id));
            let like = |entry: &&mut Entry| !by_itself && entry.kind == kind && entry.home == home;
            if let Some(entry) = entries.iter_mut().find(like) {
                entry.count += 1;
                entry.guessed |= guessed;
                entry.domestic |= domestic;
                entry.most_done_in_a_minute = entry.most_done_in_a_minute.max(sender.most_done_in_a_minute);
                continue;
            }
            let place = home.map_or_else(|| "any".to_owned(), |home| home.as_str().to_lowercase());
            let number = if by_itself { format!("-no{}", entries.len() + 1) } else { String::new() };
            let id = format!("{}-{place}{number}", kind.as_str().replace('_', "-"));
            let most_done_in_a_minute = sender.most_done_in_a_minute;
            entries.push(Entry { id, kind, home, count: 1, label, guessed, domestic, most_done_in_a_minute });
        }
        if entries.is_empty() {
            let home = destinations[0];
            let id = format!("long-code-{}", home.as_str().to_lowercase());
            entries.push(Entry {
                id,
                kind: SenderType::LongCode,
                home: Some(home),
                count: 1,
                label: None,
                guessed: true,
                domestic: true,
                most_done_in_a_minute: 0,
            });
        }
        entries
    }

    /// The rate of an entry, where the catalogue has none for one of the countries or less than was seen.
    fn rate(&self, entry: &Entry) -> Option<u64> {
        let destinations = self.destinations();
        let serves = |country: &&CountryCode| match entry.kind {
            SenderType::ShortCode => Some(**country) == entry.home,
            SenderType::TollFree => [CountryCode::US, CountryCode::CA].contains(*country),
            SenderType::LongCode | SenderType::Alphanumeric | SenderType::Whatsapp => true,
        };
        let rate_to = |country: &CountryCode| {
            catalogue::country(*country)?.default_rate(entry.kind, entry.home.unwrap_or(*country))
        };
        let rates: Vec<_> = destinations.iter().filter(serves).map(rate_to).collect();
        let known: Vec<f64> = rates.iter().flatten().map(|rate| rate.as_f64()).collect();
        // Times of a trace are cut to the millisecond.
        let seen = entry.most_done_in_a_minute as f64 / 60.002;
        let highest = known.iter().copied().fold(0.0, f64::max);
        // A sender has its rate in each country: what it sent to several tells of none. And a minute of a log in whole
        // seconds may hold 61 seconds' worth.
        let exceeded = rates.len() == 1 && known.len() == 1 && seen > highest * 61.0 / 60.0;
        let lacking = known.len() < rates.len();
        (lacking || exceeded).then(|| (seen.max(highest).ceil() as u64).max(1))
    }

    fn campaigns(&mut self) {
        self.line("");
        self.line("campaigns:");
        let mut names: Vec<String> = Vec::new();
        for group in &self.fitted.groups {
            let name = unique(campaign_name(group), &names);
            self.campaign(&name, group);
            names.push(name);
        }
    }

    fn campaign(&mut self, name: &str, group: &Group) {
        let fitted = self.fitted;
        self.line(&format!("  {}:", quoted(name)));
        self.line("    service: fitted");
        if group.whatsapp {
            self.line("    channel: whatsapp");
        }
        self.line("    kind: informational # a guess");
        self.content(group);
        if fitted.audience().is_some() {
            self.line("    audience: people");
            self.line("    pick: uniform");
        } else {
            self.recipients(group);
        }
        self.habits();
        if (1..=SECONDS_MAX).contains(&fitted.start_time_seconds) {
            self.line(&format!("    start_time: {}s", fitted.start_time_seconds));
        }
        self.arrivals(group);
    }

    fn content(&mut self, group: &Group) {
        let segments = &group.segments;
        if let Some(texts) = group.texts {
            self.note(
                4,
                &format!(
                    "Texts: n = {}, {:.1} characters in the mean, {} in UCS-2. Segments are taken instead of a text.",
                    n(texts.n),
                    texts.mean_characters,
                    percent(texts.ucs2)
                ),
            );
        }
        if segments.n == 0 {
            self.line("    segments: 1 # a guess: the log does not tell");
        } else {
            self.line(&format!("    segments: {} # n = {}", weights(segments, |name| name.to_owned()), n(segments.n)));
        }
    }

    fn recipients(&mut self, group: &Group) {
        let countries = &group.countries;
        let told = match countries.n {
            0 => "a guess: no message tells its country".to_owned(),
            known => format!("n = {}{}", n(known), untold(countries.unknown, "country")),
        };
        self.line(&format!("    recipients: {} # {told}", recipients(group)));
        if let Some(carriers) = carriers(group) {
            let told = format!("n = {}{}", n(group.carriers.n), untold(group.carriers.unknown, "carrier"));
            self.line(&format!("    carriers: {carriers} # {told}"));
        }
        if let Some((share, rests_on)) = self.fitted.invalid() {
            self.line(&format!("    invalid: {} # code 30005, n = {}", percent(share), n(rests_on)));
        }
    }

    fn habits(&mut self) {
        let feedback = self.fitted.feedback;
        if feedback.inbound == 0 || feedback.answerable == 0 {
            self.note(4, "The log has no messages from people: replies and opt-outs are the catalogue's.");
            return;
        }
        let share = |count: u64| percent(count as f64 / feedback.answerable as f64);
        let counted =
            |count: u64| format!("{} within a day of n = {} messages not lost", n(count), n(feedback.answerable));
        self.line(&format!("    replies: {} # {}", share(feedback.answered), counted(feedback.answered)));
        self.line(&format!("    opt_out: {} # {}", share(feedback.opted_out), counted(feedback.opted_out)));
        if let Some(delay) = feedback.delay {
            self.note(4, &format!("The first answers came after {}.", in_words(&delay)));
        }
        self.note(4, "What people wrote after the log ends is not in these shares: they are low where it is short.");
    }

    fn arrivals(&mut self, group: &Group) {
        let arrivals = &group.arrivals;
        for dispersion in &arrivals.dispersion {
            if let Some(raw) = dispersion.raw {
                let within = |index: Option<f64>, what: &str| index.map(|index| format!(", within {what} {index:.2}"));
                let within = within(dispersion.within_phases, "phases").or(within(dispersion.within_hours, "hours"));
                self.note(
                    4,
                    &format!(
                        "Burstiness in windows of {} s: {raw:.2}{}, n = {} windows (1: Poisson, 0: even).",
                        dispersion.window_seconds,
                        within.unwrap_or_default(),
                        n(dispersion.n)
                    ),
                );
            }
        }
        let index = arrivals.dispersion.iter().find_map(|dispersion| dispersion.left().or(dispersion.raw));
        let even = index.is_some_and(|index| index < EVEN_BELOW);
        if arrivals.cycle == Cycle::MeanDay {
            self.note(
                4,
                "A mean day of the log: what differs from day to day, and from weekday to weekday, is not in it.",
            );
        }
        self.line("    arrivals:");
        self.line(&format!("      process: {}", if even { "constant" } else { "poisson" }));
        if let Some(bursts) = arrivals.bursts {
            // A phase has at most so many windows.
            let longest = arrivals.phases.iter().map(|phase| phase.duration_seconds).max().unwrap_or(0);
            let window = bursts.window_seconds.max(longest.div_ceil(100_000));
            self.line(&format!(
                "      burstiness: {{ dispersion: {:.2}, window: {}s }} # n = {} windows of {} s",
                bursts.dispersion,
                window,
                n(bursts.n),
                bursts.measured_in_seconds
            ));
        }
        self.line("      phases:");
        let last = arrivals.phases.iter().rposition(|phase| phase.messages > 0).unwrap_or(0);
        for phase in &arrivals.phases[..=last] {
            self.line(&format!(
                "        - {{ {} }} # from {}, n = {}",
                load(phase),
                clock(phase.from_seconds),
                n(phase.messages)
            ));
        }
    }

    /// What a run can be compared with.
    fn outcome(&mut self) {
        let fitted = self.fitted;
        self.line("");
        self.note(0, "What became of the messages, to compare a run with:");
        let shares = |mix: &Mix| {
            let parts = mix.parts.iter().take(12).map(|part| format!("{} {}", part.name, percent(part.share)));
            parts.collect::<Vec<_>>().join(", ")
        };
        if fitted.statuses.n > 0 {
            self.note(0, &format!("  statuses: {}; n = {}", shares(&fitted.statuses), n(fitted.statuses.n)));
        }
        if !fitted.codes.parts.is_empty() {
            self.note(
                0,
                &format!("  error codes: {}; n = {} messages that are over", shares(&fitted.codes), n(fitted.codes.n)),
            );
        }
        for (what, quantiles) in [
            ("from the call to the carrier", fitted.created_to_sent),
            ("from the carrier to the receipt, if delivered", fitted.sent_to_delivered),
        ] {
            match quantiles {
                Some(quantiles) => self.note(0, &format!("  {what}: {}", in_words(&quantiles))),
                None => self.note(0, &format!("  {what}: not told")),
            }
        }
        if let Some(price) = &fitted.price {
            self.note(
                0,
                &format!(
                    "  price of a segment: {} {} in the mean; n = {}",
                    price.per_segment.to_decimal(),
                    price.unit,
                    n(price.n)
                ),
            );
        }
        if fitted.feedback.refused > 0 {
            self.note(0, &format!("  to people who had opted out (21610): {}", n(fitted.feedback.refused)));
        }
        self.note(
            0,
            "Not told by a log: registrations and trust scores, other vendors' load, what campaigns are for, how risky carriers \
             find their content, queue capacities, validity periods, and why carriers filtered.",
        );
    }
}

fn n(count: u64) -> String {
    thousands(u128::from(count))
}

fn messages(count: u64) -> String {
    if count == 1 { "1 message".to_owned() } else { format!("{} messages", n(count)) }
}

fn untold(count: u64, what: &str) -> String {
    if count == 0 { String::new() } else { format!("; of {} the {what} cannot be told", messages(count)) }
}

/// Countries that the catalogue has, the most frequent first; the test bench where none is told.
fn countries(group: &Group) -> Vec<CountryCode> {
    let known: Vec<CountryCode> = group.countries.parts.iter().filter_map(|part| part.name.parse().ok()).collect();
    if known.is_empty() { vec![CountryCode::BENCH] } else { known }
}

fn recipients(group: &Group) -> String {
    if group.countries.n == 0 {
        return format!("{{ {}: 1 }}", CountryCode::BENCH);
    }
    weights(&group.countries, |name| name.to_owned())
}

fn carriers(group: &Group) -> Option<String> {
    (group.carriers.n > 0).then(|| weights(&group.carriers, quoted))
}

/// The counts of a mix as weights.
fn weights(mix: &Mix, key: impl Fn(&str) -> String) -> String {
    let parts: Vec<String> = mix.parts.iter().map(|part| format!("{}: {}", key(&part.name), part.count)).collect();
    format!("{{ {} }}", parts.join(", "))
}

/// The load of a phase.
fn load(phase: &PhaseFit) -> String {
    let duration = phase.duration_seconds;
    let expected = (phase.rate * duration as f64).round() as u64;
    let out_of_bounds = !(RATE_MIN..=RATE_MAX).contains(&phase.rate);
    if phase.messages == 0 || (out_of_bounds && expected == 0) {
        return format!("pause: {duration}s");
    }
    if out_of_bounds {
        return format!("duration: {duration}s, arrival_count: {expected}");
    }
    let units = [(1.0, "s"), (60.0, "min"), (3_600.0, "h"), (86_400.0, "day")];
    let (seconds, unit) = units.into_iter().find(|(seconds, _)| phase.rate * seconds >= 1.0).unwrap_or(units[3]);
    // A rate of once a day may round to less.
    let rate = (phase.rate * seconds * 1e4).round().max(1e4) / 1e4;
    format!("duration: {duration}s, arrival_rate: {rate}/{unit}")
}

/// A time since the start of the phases, as on a clock.
fn clock(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// A share as a percentage of four digits.
fn percent(share: f64) -> String {
    let percent = (share * 100.0).clamp(0.0, 100.0);
    let places = if percent >= 10.0 { 2 } else { 4 };
    let text = format!("{percent:.places$}");
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

fn in_words(quantiles: &Quantiles) -> String {
    format!(
        "median {} s, 90 % {} s, 95 % {} s, 99 % {} s, most {} s; n = {}",
        quantiles.p50,
        quantiles.p90,
        quantiles.p95,
        quantiles.p99,
        quantiles.max,
        n(quantiles.n)
    )
}

/// Whether a scenario takes this name or code as it is.
fn can_be_shown(kind: SenderType, id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '+' | '_' | '&');
    match kind {
        SenderType::Alphanumeric => {
            (1..=11).contains(&id.len()) && id.chars().all(allowed) && id.chars().any(|c| c.is_ascii_alphabetic())
        }
        _ => id.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// A text of the log with nothing in it that could end a comment or a value.
fn plain(text: &str) -> String {
    let tame = |c: char| if c.is_alphanumeric() || c.is_ascii_graphic() || c == ' ' { c } else { '_' };
    text.chars().map(tame).collect()
}

/// A text in double quotes, whatever is in it.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text is plain data")
}

/// A name that a scenario takes: it names the run's folder.
fn run_name(name: &str) -> String {
    let tame = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let name: String = name.chars().map(tame).take(64).collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() { "fitted".to_owned() } else { name.to_owned() }
}

fn campaign_name(group: &Group) -> String {
    let name = group.campaign.as_deref().map(plain).unwrap_or_default();
    let name = if name.trim().is_empty() { "traffic".to_owned() } else { name };
    let name: String = name.chars().take(48).collect();
    if group.whatsapp { format!("{name}-whatsapp") } else { name }
}

/// A name that none of the others has.
fn unique(name: String, others: &[String]) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.clone())
        .chain(numbered)
        .find(|candidate| !others.contains(candidate))
        .expect("there are more numbers than names")
}
