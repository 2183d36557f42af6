//! `sendpool fit`: a log in, a scenario out, and an account of what could not be read.
//!
//! Not here: how logs are read, which is the trace's, and what is made of them, which is the fit's.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;

use clap::Args;
use jiff::tz::TimeZone;

use super::{Exit, Failure, print, say, whole};
use crate::fit::{self, Fitted};
use crate::model::Model;
use crate::records::{self, Selection};
use crate::report::fit::beside;
use crate::report::records::{Format, Kind, RecordFile};
use crate::report::terminal::Style;
use crate::report::words::plural;
use crate::scenario;
use crate::trace::{self, Trace};
use crate::units::thousands;

#[derive(Debug, Args)]
pub(super) struct FitArgs {
    /// The log: CSV or JSON, packed by gzip or not; `-` reads standard input
    log: PathBuf,
    /// Writes to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replaces the file
    #[arg(long, requires = "out")]
    force: bool,
    /// The time zone of hours and days, such as America/New_York
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    zone: String,
    /// The scenario's name [default: that of the log]
    #[arg(long, value_name = "NAME", help = "The scenario's name [default: that of the log]")]
    name: Option<String>,
    /// Runs the scenario once, or another one, and shows its figures beside those of the log instead of the scenario
    #[arg(long, value_name = "SCENARIO", num_args = 0..=1, require_equals = true)]
    compare: Option<Option<PathBuf>>,
    /// Gives all figures as JSON instead
    #[arg(long)]
    json: bool,
}

/// Fits a log.
pub(super) fn fit(args: &FitArgs) -> Result<Exit, Failure> {
    let zone = TimeZone::get(&args.zone).map_err(|_| {
        Failure::usage(format!("unknown time zone `{}`: use a name such as America/New_York", args.zone))
    })?;
    // What is wrong with other files is told now and not after an hour of reading.
    if let Some(out) = args.out.as_deref().filter(|_| !args.force)
        && out.symlink_metadata().is_ok()
    {
        return Err(there_already(out));
    }
    let other = match &args.compare {
        Some(Some(file)) => Some((read_scenario(file)?, file.display().to_string())),
        _ => None,
    };
    let trace = read(&args.log)?;
    tell(&trace);
    let Some(fitted) = fit::fit(&trace, &zone) else {
        return Err(Failure::usage(format!("{}: there is no message to a person in it", trace.name)));
    };
    let yaml = || fitted.scenario_yaml(args.name.as_deref().unwrap_or(&stem(&args.log)));
    if args.compare.is_some() {
        let yaml = yaml();
        let (model, scenario) = match other {
            Some(other) => other,
            None => (read_made(&yaml)?, "the scenario made of it".to_owned()),
        };
        let run = run_once(model, &zone)?;
        if let Some(out) = &args.out {
            write(out, &yaml, args.force)?;
        }
        return print(&if args.json {
            json(&serde_json::json!({ "log": fitted, "run": run }))
        } else {
            beside(&fitted, &run, &scenario, Style { color: true })
        })
        .map(|()| Exit::Passed);
    }
    let text = if args.json { json(&fitted) } else { yaml() };
    match &args.out {
        Some(out) => write(out, &text, args.force)?,
        None => print(&text)?,
    }
    Ok(Exit::Passed)
}

fn json(figures: &impl serde::Serialize) -> String {
    format!("{}\n", serde_json::to_string_pretty(figures).expect("figures are plain data"))
}

/// The model of a scenario in a file.
fn read_scenario(file: &Path) -> Result<Model, Failure> {
    let reading = super::read(file, &[], true)?;
    reading.model.ok_or_else(|| Failure::usage(format!("{} cannot be run", file.display())))
}

/// The model of a scenario made of a log.
fn read_made(yaml: &str) -> Result<Model, Failure> {
    let reading = scenario::read("made of the log", yaml.as_bytes().to_vec(), &[]);
    let text = reading.render(true);
    reading.model.ok_or_else(|| Failure::internal(format!("the scenario made of the log has errors\n{text}")))
}

/// The first replication of a model, fitted as a log: its records go through the same reader as any log.
fn run_once(model: Model, zone: &TimeZone) -> Result<Fitted, Failure> {
    let failed =
        |error: &dyn std::fmt::Display| Failure::internal(format!("cannot read the records of the run: {error}"));
    let (reader, writer) = io::pipe().map_err(|error| failed(&error))?;
    let kind = Kind { format: Format::Csv, gzip: false };
    let run = || -> io::Result<()> {
        let mut file = RecordFile::new(kind, BufWriter::with_capacity(1 << 16, writer))?;
        records::record(&model, 0, Selection::All, |record| file.write(record))?;
        file.finish()?.flush()
    };
    let (written, trace) = thread::scope(|scope| {
        let run = scope.spawn(run);
        let trace = trace::read(reader, "the run");
        (run.join(), trace)
    });
    let trace = trace.map_err(|error| failed(&error))?;
    match written {
        Ok(outcome) => outcome.map_err(|error| failed(&error))?,
        Err(panic) => std::panic::resume_unwind(panic),
    }
    fit::fit(&trace, zone).ok_or_else(|| Failure::usage("the run has no message to a person"))
}

fn read(log: &Path) -> Result<Trace, Failure> {
    let name = log.display().to_string();
    let failed = |error: &dyn std::fmt::Display| Failure::usage(format!("cannot read {name}: {error}"));
    let input: Box<dyn Read> = if log == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(log).map_err(|error| failed(&error))?)
    };
    let shown = log.file_name().map_or_else(|| name.clone(), |name| name.to_string_lossy().into_owned());
    trace::read(input, &shown).map_err(|error| failed(&error))
}

/// The name of a log without its endings.
fn stem(log: &Path) -> String {
    let name = log.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    match name.split('.').next() {
        Some("" | "-") | None => "fitted".to_owned(),
        Some(stem) => stem.to_owned(),
    }
}

/// What became of the records.
fn tell(trace: &Trace) {
    let account = &trace.account;
    let count = |count: u64, one: &str, many: &str| plural(count, one, many);
    say(&format!(
        "{}: {}: {}, {}, {} rejected",
        trace.name,
        count(account.records, "record", "records"),
        count(trace.rows.len() as u64, "message to a person", "messages to people"),
        count(account.inbound, "message from a person", "messages from people"),
        thousands(u128::from(account.rejected)),
    ));
    for (number, what) in [
        (account.out_of_order, "came later than one with a later time: they are sorted"),
        (account.without_country, "of no known country"),
        (account.unknown_carriers, "of a carrier that the catalogue does not have"),
        (
            account.negative_delays,
            "sent before they were made, or updated before they were sent: that delay is left out",
        ),
        (account.other_currencies, "in another currency than the first: their price is left out"),
        (account.names_beyond_limit, "of more senders, campaigns or codes than are told apart"),
    ] {
        if number > 0 {
            say(&format!("  {} {what}", count(number, "record", "records")));
        }
    }
    for rejected in &account.rejections {
        say(&format!("  rejected: {rejected}"));
    }
    let more = account.rejected - account.rejections.len() as u64;
    if more > 0 {
        say(&format!("  and {} more rejected", thousands(u128::from(more))));
    }
}

fn there_already(out: &Path) -> Failure {
    Failure::usage(format!("{} is there already: choose another name, or replace it with --force", out.display()))
}

fn write(out: &Path, text: &str, force: bool) -> Result<(), Failure> {
    if !force && out.exists() {
        return Err(there_already(out));
    }
    whole::write(out, text.as_bytes())
        .map_err(|error| Failure::internal(format!("cannot write {}: {error}", out.display())))?;
    say(&format!("written to {}", out.display()));
    Ok(())
}
