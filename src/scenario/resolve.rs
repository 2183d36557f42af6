//! From the file as written to the model: what the words mean, with all that is wrong found at once.
//!
//! Everything here reports by path through the document, so each finding stands at its place in the file. After
//! resolving, ids are indexes, references exist, rates are positive, and later code checks nothing again.

mod advice;
mod facts;
mod faults;
mod filter;
mod fines;
mod network;
mod pool;
mod prices;
mod promises;
mod reply_words;
mod rules;
mod sizes;
mod start;
mod tags;
mod traces;
mod traffic;
mod treatment;

use jiff::civil::Date;
use serde::de::DeserializeOwned;

use super::diagnostic::{Diagnostic, Severity};
use super::document::Document;
use super::path;
use super::quantity::Written;
use super::span_index::cut;
use super::spec::Scenario;
use crate::kernel::samplers::Categorical;
use crate::model::calendar::Calendar;
use crate::model::handset::DelayTable;
use crate::model::{FilterReport, Model};
use crate::units::{Rate, SimDuration, SimTime};

use network::Network;
use pool::Pool;
use traces::Traces;
use traffic::Traffic;

pub use traces::Files;

/// The format this version reads.
pub const VERSION: u32 = 1;
/// The most replications of a run.
pub const MAX_REPLICATIONS: u32 = 100_000;
/// The most senders of a scenario.
pub const MAX_SENDERS: u64 = 100_000;
/// The most campaigns, services and audiences each.
pub const MAX_ENTRIES: usize = 1_000;
/// The most messages of one replication.
pub const MAX_MESSAGES: u64 = 10_000_000_000;
/// The longest duration.
pub const MAX_DURATION: SimDuration = SimDuration::from_secs(10 * 366 * 86_400);
/// Errors, and warnings, that are reported; the others are counted.
const REPORTED_MAX: usize = 50;
/// The start when none is given.
pub const DEFAULT_START: &str = "2026-01-01T00:00:00Z";

/// What a document means: the model, unless there is an error among the findings. `measures` are the numbers that are
/// asked for, as written. The files that it names come from `files`; their names and digests are put into `read`.
pub fn resolve(
    document: &Document,
    spec: &Scenario,
    measures: &[String],
    files: Files,
    read: &mut Vec<(String, [u8; 32])>,
) -> (Option<Model>, Vec<Diagnostic>) {
    let mut findings = Findings { document, list: Vec::new(), left_out: 0 };
    entries(&mut findings, spec);
    if findings.has_errors() {
        return (None, findings.close());
    }
    let traces = Traces::read(&mut findings, spec, files);
    *read = traces.digests();
    let calendar = head(&mut findings, spec);
    // A scenario that names no start is not of a day, and pays what is charged now.
    let day = spec.clock.start.as_ref().and(calendar.as_ref()).map_or(Date::MAX, Calendar::start_day);
    let mut network = Network::resolve(&mut findings, spec, &traces, day);
    let pool = Pool::resolve(&mut findings, spec, &network);
    let traffic = Traffic::resolve(&mut findings, spec, &traces, &mut network, &pool, calendar.as_ref());
    let tags = tags::resolve(&mut findings, spec);
    let faults = faults::resolve(&mut findings, spec, &network, &pool);
    let thresholds = promises::resolve(&mut findings, spec, &network, &tags, &traffic.campaigns);
    let measures = promises::measures(&mut findings, spec, &network, &tags, measures);
    if findings.has_errors() {
        return (None, findings.close());
    }
    let report = &network.filter.model.reported;
    let shares = [&report.filtered, &report.unreachable, &report.delivered].map(|share| u64::from(share.ppm()));
    let mut model = Model {
        name: spec.name.clone(),
        description: spec.description.clone().unwrap_or_default(),
        seed: spec.seed,
        replications: spec.replications.unwrap_or(1),
        calendar: calendar.expect("a scenario without errors has a calendar"),
        horizon: spec.clock.horizon.map(|Written(span)| SimTime::ZERO + span),
        filter: network.filter.coefficients(),
        filter_memory: network.filter.memory(),
        filter_report: FilterReport {
            choice: Categorical::new(&shares).expect("the catalogue's shares add up to one"),
        },
        handsets: network.handsets(),
        reply_delays: reply_delays(),
        assumptions: network.assumptions(&pool, &traffic),
        notes: Vec::new(),
        overrides: network.overrides(spec),
        countries: network.countries,
        carriers: network.carriers,
        day_zones: network.day_zones,
        zones: network.zones,
        hours: network.hours,
        services: pool.services,
        senders: pool.senders,
        groups: pool.groups,
        lanes: pool.lanes,
        lane_of: pool.lane_of,
        terms: pool.terms,
        terms_of: pool.terms_of,
        area_sets: pool.area_sets,
        ceilings: pool.ceilings,
        brands: pool.brands,
        candidate_sets: pool.candidate_sets,
        rents: pool.rents,
        charges_once: pool.charges_once,
        fines: Vec::new(),
        audiences: traffic.audiences,
        campaigns: traffic.campaigns,
        tags,
        faults,
        fingerprints: traffic.fingerprints,
        thresholds,
        measures,
    };
    pool::bound_work(&mut findings, &model);
    sizes::check(&mut findings, &model);
    if findings.has_errors() {
        return (None, findings.close());
    }
    model.fines = fines::exposures(&model);
    advice::advise(&mut findings, spec, &model);
    model.notes = findings.notes();
    if spec.clock.start.is_none() {
        model
            .assumptions
            .insert(0, format!("the scenario names no start: {DEFAULT_START} is taken, with the newest prices"));
    }
    (Some(model), findings.close())
}

/// How long people take to answer: a message out of the blue, and within a conversation.
fn reply_delays() -> [DelayTable; 2] {
    let known = &crate::catalogue::defaults().handsets.reply_delays;
    let table = |rows: &Vec<[u32; 2]>| DelayTable {
        points: rows
            .iter()
            .map(|[percent, seconds]| (f64::from(*percent) / 100.0, crate::kernel::elementary::ln(f64::from(*seconds))))
            .collect(),
    };
    [table(&known.opening), table(&known.turn)]
}

/// What has been found, and the document it was found in.
struct Findings<'d> {
    document: &'d Document,
    list: Vec<Diagnostic>,
    /// Findings beyond the limit.
    left_out: usize,
}

impl Findings<'_> {
    /// An error at a value.
    fn error(&mut self, path: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.push(Severity::Error, |document| document.error(path, message).hint(hint));
    }

    /// An error at a key.
    fn key_error(&mut self, path: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.push(Severity::Error, |document| document.key_error(path, message).hint(hint));
    }

    /// An error at a value that contradicts another one.
    fn clash(&mut self, path: &str, other: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.related_error(path, (other, "the other one"), message, hint);
    }

    /// An error at a value that another one has to do with, which is shown with a few words.
    fn related_error(
        &mut self,
        path: &str,
        (other, words): (&str, &str),
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(Severity::Error, |document| {
            let finding = document.error(path, message).hint(hint);
            match document.span(other) {
                Some(span) => finding.related(span, words),
                None => finding,
            }
        });
    }

    /// A warning at a value.
    fn warning(&mut self, path: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.push(Severity::Warning, |document| document.warning(path, message).hint(hint));
    }

    /// A note at a value: nothing to mend.
    fn note(&mut self, path: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.push(Severity::Note, |document| document.note(path, message).hint(hint));
    }

    /// The notes, each in one line.
    fn notes(&self) -> Vec<String> {
        let notes = self.list.iter().filter(|finding| finding.severity == Severity::Note);
        notes
            .map(|note| match &note.hint {
                Some(hint) => format!("{}; {hint}", note.message),
                None => note.message.clone(),
            })
            .collect()
    }

    /// Makes a finding; those beyond the limit are only counted, since finding their places takes time.
    fn push(&mut self, severity: Severity, finding: impl FnOnce(&Document) -> Diagnostic) {
        let alike = self.list.iter().filter(|other| other.severity == severity).count();
        if alike < REPORTED_MAX {
            self.list.push(finding(self.document));
        } else {
            self.left_out += 1;
        }
    }

    /// The findings, and how many were left out.
    fn close(mut self) -> Vec<Diagnostic> {
        if self.left_out > 0 {
            let severity = if self.has_errors() { Severity::Error } else { Severity::Warning };
            self.list.push(Diagnostic::new(severity, "", format!("{} more findings are not shown", self.left_out)));
        }
        self.list
    }

    fn has_errors(&self) -> bool {
        self.list.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// An error about a value that names nothing known.
    fn unknown<'n>(&mut self, path: &str, what: &str, name: &str, known: impl IntoIterator<Item = &'n str> + Clone) {
        let hint = Self::close_or_known(what, name, known);
        self.error(path, format!("unknown {what} `{name}`"), hint);
    }

    /// An error about a key that names nothing known.
    fn unknown_key<'n>(
        &mut self,
        path: &str,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'n str> + Clone,
    ) {
        let hint = Self::close_or_known(what, name, known);
        self.key_error(path, format!("unknown {what} `{name}`"), hint);
    }

    /// The known name that is meant, or all of them.
    fn close_or_known<'n>(what: &str, name: &str, known: impl IntoIterator<Item = &'n str> + Clone) -> String {
        match crate::suggestion::closest(name, known.clone()) {
            Some(close) => format!("did you mean `{close}`?"),
            None => {
                let names: Vec<&str> = known.into_iter().take(20).collect();
                if names.is_empty() {
                    format!("there is no {what} in this file")
                } else {
                    format!("known: {}", names.join(", "))
                }
            }
        }
    }

    /// Reads a tree that was made from the value at a path; `hint` has the words for findings without a hint of their own.
    fn read_under<T: DeserializeOwned>(
        &mut self,
        path: &str,
        tree: &serde_yaml::Value,
        hint: impl Fn(&str) -> String,
    ) -> Option<T> {
        let segments = path::parse(path).expect("paths are written in the notation that is read");
        let (value, found) = self.document.deserialize_under(&segments, tree);
        for finding in found {
            let hint = finding.hint.clone().unwrap_or_else(|| hint(&finding.message));
            self.push(Severity::Error, |_| finding.hint(hint));
        }
        value
    }

    /// Holds a duration against its bounds.
    fn bounded(&mut self, path: &str, span: SimDuration) {
        if span > MAX_DURATION {
            self.error(path, format!("{span} is too long"), "durations are limited to ten years");
        }
    }

    /// Holds a rate against its bounds: one a day to a million a second.
    fn bounded_rate(&mut self, path: &str, rate: Rate) {
        let written = self.written(path).unwrap_or_else(|| rate.to_string());
        if rate < Rate::new(1, 86_400) {
            self.error(path, format!("the rate `{written}` is too low"), "rates are at least 1/day");
        } else if rate > Rate::per_second(1_000_000) {
            self.error(path, format!("the rate `{written}` is too high"), "rates are at most 1000000/s");
        } else if rate.denominator() > 86_400_000_000 {
            self.error(path, "the rate has too many decimal places", "six places are enough");
        }
    }

    /// A text or number as the file has it: one that is out of bounds may round to something else when printed.
    fn written(&self, path: &str) -> Option<String> {
        match self.document.value(path)? {
            serde_yaml::Value::String(text) => Some(cut(text)),
            serde_yaml::Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Holds a list or mapping against the limit of entries.
    fn limited(&mut self, path: &str, len: usize) {
        if len > MAX_ENTRIES {
            self.key_error(path, format!("{len} entries are too many"), format!("at most {MAX_ENTRIES} are read"));
        }
    }
}

/// How many entries there are, and what they are called: names become tags and parts of file names.
fn entries(findings: &mut Findings, spec: &Scenario) {
    for (key, len) in [
        ("campaigns", spec.campaigns.len()),
        ("services", spec.services.len()),
        ("audiences", spec.audiences.len()),
        ("senders", spec.senders.len()),
        ("account.ceilings", spec.account.ceilings.len()),
        ("thresholds", spec.thresholds.len()),
    ] {
        findings.limited(key, len);
    }
    let campaigns = spec.campaigns.keys().map(|name| ("campaigns", name));
    let services = spec.services.keys().map(|name| ("services", name));
    let audiences = spec.audiences.keys().map(|name| ("audiences", name));
    for (key, name) in campaigns.chain(services).chain(audiences) {
        if !(1..=64).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            findings.key_error(
                &at(key, name),
                format!("`{}` cannot be a name", cut(name)),
                "use 1 to 64 characters, such as welcome or promo-2",
            );
        }
    }
}

/// Version, name, replications and clock.
fn head(findings: &mut Findings, spec: &Scenario) -> Option<Calendar> {
    if spec.version != VERSION {
        findings.error(
            "version",
            format!("version {} is not known", spec.version),
            format!("this program reads version {VERSION}"),
        );
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if spec.name.is_empty() || spec.name.len() > 64 || spec.name.starts_with('.') || !spec.name.chars().all(plain) {
        findings.error(
            "name",
            format!("`{}` cannot name a run folder", spec.name),
            "use up to 64 letters, digits, `-`, `_` and `.`, such as black-friday",
        );
    }
    if let Some(replications) = spec.replications
        && !(1..=MAX_REPLICATIONS).contains(&replications)
    {
        findings.error(
            "replications",
            format!("{replications} replications cannot be run"),
            format!("write a number from 1 to {MAX_REPLICATIONS}"),
        );
    }
    if let Some(Written(horizon)) = spec.clock.horizon {
        findings.bounded("clock.horizon", horizon);
        if horizon == SimDuration::ZERO {
            findings.error(
                "clock.horizon",
                "a horizon of zero leaves nothing to run",
                "leave it out to run until every message is final",
            );
        }
    }
    let text = spec.clock.start.as_deref().unwrap_or(DEFAULT_START);
    match start::read(text) {
        Ok(calendar) => Some(calendar),
        Err((message, hint)) => {
            findings.error("clock.start", message, hint);
            None
        }
    }
}

/// The path of `key` under `parent`.
fn at(parent: &str, key: &str) -> String {
    path::key(parent, key)
}
