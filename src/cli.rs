//! The command line. Only this module touches files, the clock and the environment.
//!
//! Data goes to standard output, talk to standard error. Exit codes: see [`Exit`].

mod baseline;
mod catalogue;
mod ci;
mod compare;
mod explain;
mod fit;
mod folder;
mod progress;
mod records;
mod steady;
mod sweep;

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use crate::experiment::{self, Progress, Results};
use crate::model::Model;
use crate::report::summary::{Summary, ThresholdFacts};
use crate::report::terminal::Style;
use crate::report::{self, terminal};
use crate::scenario::{self, Reading};
use crate::statistics;
use crate::verdict::{self, EXIT_CODE};
use clap::{Args, CommandFactory, Parser, Subcommand};

/// The most threads a run may have; more never help.
const MAX_THREADS: usize = 1_024;

/// How the command ends. Of several ends the one with the highest code counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Everything ran and every promise was kept. A sweep judges none.
    Passed,
    /// Something failed that is not the user's doing, such as a full disk.
    Internal,
    /// The command line or a scenario is wrong.
    Usage,
    /// A threshold with this exit code of its own, 90 to 95, was broken, and none with a higher one.
    Threshold(u8),
    /// Results are worse than the baseline, or other than it.
    Baseline,
    /// Two runs of the same scenario differed.
    NotReproducible,
    /// A threshold was broken (k6's code); with `--strict` also one that is undecided.
    ThresholdFailed,
}

impl Exit {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Exit::Passed => 0,
            Exit::Internal => 1,
            Exit::Usage => 2,
            Exit::Threshold(code) => code,
            Exit::Baseline => 96,
            Exit::NotReproducible => 97,
            Exit::ThresholdFailed => EXIT_CODE,
        }
    }

    /// That of a run with these thresholds.
    fn of(summary: &Summary, strict: bool) -> Exit {
        let undecided = strict && summary.thresholds.iter().any(|threshold| threshold.undecided);
        let broken = summary.thresholds.iter().filter(|threshold| !threshold.passed);
        let exits = broken.map(|threshold| match threshold.exit_code {
            EXIT_CODE => Exit::ThresholdFailed,
            code => Exit::Threshold(code),
        });
        exits.chain(undecided.then_some(Exit::ThresholdFailed)).max().unwrap_or(Exit::Passed)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// Simulates SMS sender pools: how long until a campaign is drained, who waits, what is lost, what it costs.
#[derive(Debug, Parser)]
#[command(name = "sendpool", version, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs scenarios and judges their thresholds (exit code 99 when one is broken)
    Run(RunArgs),
    /// Checks scenarios and shows everything that is wrong or unwise (exit code 2 when one is wrong)
    Validate(ValidateArgs),
    /// Runs a scenario with other values in some of its fields and shows what each combination gives
    Sweep(sweep::SweepArgs),
    /// Compares designs on common random numbers: which is better, by how much, how sure
    Compare(compare::CompareArgs),
    /// Shows what messages wait once the start is forgotten, and whether that can be said
    Steady(steady::SteadyArgs),
    /// Keeps results in a folder and tells what moved since (exit code 96)
    Baseline(baseline::BaselineArgs),
    /// Tells the life of one message, or of the slowest: each step, wait and cause
    Explain(explain::ExplainArgs),
    /// Shows what is known of countries, their senders and carriers, and what holds everywhere
    Catalogue(catalogue::CatalogueArgs),
    /// Makes a scenario of a log of what was sent (exit code 2 when the log cannot be read)
    Fit(fit::FitArgs),
    /// Prints the JSON Schema of scenario files
    Schema,
    /// Prints a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
struct RunArgs {
    /// Scenario files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// How many replications, instead of what the scenario says
    #[arg(long, value_name = "N")]
    replications: Option<u32>,
    /// The seed of all random draws, instead of what the scenario says
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How many threads; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Where the results go
    #[arg(long, value_name = "DIR", help = "Where the results go [default: runs/<name>-<digest>]")]
    out_dir: Option<PathBuf>,
    /// Replaces a folder that holds something else, and a file of records
    #[arg(long)]
    force: bool,
    /// Prints the summary as JSON instead of text
    #[arg(long)]
    json: bool,
    /// Prints nothing but errors and broken promises
    #[arg(long, short)]
    quiet: bool,
    /// Runs twice, with all threads and with one, and ends with exit code 97 when the results differ
    #[arg(long)]
    verify: bool,
    /// Writes one record a message of one replication: .csv, .jsonl (both also .gz) or .parquet
    #[arg(long, value_name = "FILE")]
    records: Option<PathBuf>,
    /// Which messages are recorded: all, failures, or a share such as 1%
    #[arg(long, value_name = "WHICH", default_value = "all", requires = "records")]
    records_of: String,
    /// Which replication is recorded
    #[arg(long, value_name = "N", default_value_t = 0, requires = "records")]
    records_replication: u32,
    /// Treats warnings about the scenario as errors, and undecided thresholds as broken
    #[arg(long)]
    strict: bool,
    /// Runs until the main figures are known to this share, such as 2%; --replications is then the most
    #[arg(long, value_name = "SHARE")]
    precision: Option<String>,
    /// Replaces a value of the scenario, such as campaigns.blast.submit_rate=200/s (repeatable)
    #[arg(long = "set", value_name = "PATH=VALUE")]
    settings: Vec<String>,
}

#[derive(Debug, Args)]
struct ValidateArgs {
    /// Scenario files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Treats warnings as errors
    #[arg(long)]
    strict: bool,
    /// Prints nothing but errors
    #[arg(long, short)]
    quiet: bool,
    /// How findings are printed; sarif goes to standard output, for code scanning
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Replaces a value of the scenario (repeatable)
    #[arg(long = "set", value_name = "PATH=VALUE")]
    settings: Vec<String>,
}

/// How findings about scenarios are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// In the manner of a compiler
    Text,
    /// SARIF 2.1.0
    Sarif,
}

/// Why a command stopped, for the user.
#[derive(Debug)]
struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    fn usage(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Usage, message: message.into() }
    }

    fn internal(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Internal, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Runs the command that the process was called with.
pub fn main() -> ExitCode {
    let command = Cli::parse().command;
    match std::panic::catch_unwind(|| obey(command)) {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(failure)) => {
            say(&format!("error: {failure}"));
            failure.exit.into()
        }
        // The panic has told what and where.
        Err(_) => {
            say("error: this is a bug in sendpool: please report it with the scenario");
            Exit::Internal.into()
        }
    }
}

fn obey(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Run(args) => run_all(&args),
        Command::Validate(args) => validate(&args),
        Command::Sweep(args) => sweep::sweep(&args),
        Command::Compare(args) => compare::show(&args),
        Command::Steady(args) => steady::show(&args),
        Command::Baseline(args) => baseline::obey(&args),
        Command::Explain(args) => explain::show(&args),
        Command::Catalogue(args) => catalogue::show(&args),
        Command::Fit(args) => fit::fit(&args),
        Command::Schema => print_schema(),
        Command::Completions { shell } => print_completions(shell),
    }
}

/// Tells the user something on standard error; if nobody listens, nothing is lost.
fn say(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Writes data to standard output. A reader who has gone is no error.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::internal(format!("cannot write to standard output: {error}"))),
        Ok(()) => Ok(()),
    }
}

fn print_schema() -> Result<Exit, Failure> {
    let schema = serde_json::to_string_pretty(&scenario::schema()).expect("a schema is plain data");
    print(&format!("{schema}\n"))?;
    Ok(Exit::Passed)
}

fn print_completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "sendpool", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Passed)
}

/// Reads a scenario and shows what was found.
fn read(path: &Path, settings: &[(String, String)], quiet: bool) -> Result<Reading, Failure> {
    read_shown(path, settings, quiet, true)
}

/// As [`read`]; shows nothing unless `shown`.
fn read_shown(path: &Path, settings: &[(String, String)], quiet: bool, shown: bool) -> Result<Reading, Failure> {
    let name = path.display().to_string();
    let bytes = read_file(path).map_err(|error| Failure::usage(format!("cannot read {name}: {error}")))?;
    let reading = scenario::read_with(&name, bytes, settings, &[], &files_beside(path));
    if shown && (reading.model.is_none() || !quiet) {
        let text = reading.render(true);
        if !text.is_empty() {
            say(text.trim_end());
            say("");
        }
    }
    Ok(reading)
}

/// Opens the files that a scenario names: their paths are relative to its own.
fn files_beside(scenario: &Path) -> impl Fn(&str) -> io::Result<Box<dyn io::Read>> {
    let folder = scenario.parent().unwrap_or(Path::new("")).to_owned();
    move |file| Ok(Box::new(std::fs::File::open(folder.join(file))?))
}

/// Reads a file as far as scenarios go: one byte more than the limit is enough to refuse it.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    use io::Read;
    let mut bytes = Vec::new();
    let limit = scenario::document::FILE_BYTES_MAX as u64 + 1;
    std::fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read_settings(written: &[String]) -> Result<Vec<(String, String)>, Failure> {
    written
        .iter()
        .map(|setting| {
            setting
                .split_once('=')
                .map(|(path, value)| (path.to_owned(), value.to_owned()))
                .ok_or_else(|| Failure::usage(format!("--set {setting}: write PATH=VALUE, such as seed=7")))
        })
        .collect()
}

fn validate(args: &ValidateArgs) -> Result<Exit, Failure> {
    let settings = read_settings(&args.settings)?;
    let mut exit = Exit::Passed;
    let mut readings = Vec::new();
    let sarif = args.format == Format::Sarif;
    for path in &args.files {
        let reading = match read_shown(path, &settings, args.quiet, !sarif) {
            Ok(reading) => reading,
            Err(failure) => {
                say(&format!("error: {failure}"));
                exit = exit.max(failure.exit);
                continue;
            }
        };
        let (errors, warnings) = reading.counts();
        if errors > 0 || (args.strict && warnings > 0) {
            exit = Exit::Usage;
        }
        if sarif {
            readings.push(reading);
        } else if !args.quiet {
            let verdict = if errors > 0 { "wrong" } else { "valid" };
            let errors = report::words::plural(errors as u64, "error", "errors");
            let warnings = report::words::plural(warnings as u64, "warning", "warnings");
            print(&format!("{}: {verdict} ({errors}, {warnings})\n", path.display()))?;
        }
    }
    if sarif {
        print(&report::sarif::log(&readings))?;
    }
    Ok(exit)
}

fn run_all(args: &RunArgs) -> Result<Exit, Failure> {
    if args.out_dir.is_some() && args.files.len() > 1 {
        return Err(Failure::usage("--out-dir takes the results of one scenario: run them one by one"));
    }
    if args.records.is_some() && args.files.len() > 1 {
        return Err(Failure::usage("--records takes the messages of one scenario: run them one by one"));
    }
    let threads = thread_pool(args.threads)?;
    let mut exit = Exit::Passed;
    for path in &args.files {
        exit = exit.max(run_one(args, path, &threads)?);
    }
    Ok(exit)
}

/// As many threads as asked for, or one for each core.
fn thread_pool(threads: Option<usize>) -> Result<rayon::ThreadPool, Failure> {
    if let Some(threads) = threads
        && !(1..=MAX_THREADS).contains(&threads)
    {
        return Err(Failure::usage(format!("--threads {threads}: write 1 to {MAX_THREADS}")));
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.unwrap_or(0))
        .build()
        .map_err(|error| Failure::internal(format!("cannot start threads: {error}")))
}

fn run_one(args: &RunArgs, path: &Path, threads: &rayon::ThreadPool) -> Result<Exit, Failure> {
    let order = match &args.records {
        None => None,
        Some(path) => Some(records::Order::new(path, &args.records_of, args.records_replication, args.force)?),
    };
    let mut settings = read_settings(&args.settings)?;
    settings.extend(args.seed.map(|seed| ("seed".to_owned(), seed.to_string())));
    settings.extend(args.replications.map(|count| ("replications".to_owned(), count.to_string())));
    let reading = read(path, &settings, args.quiet)?;
    let (_, warnings) = reading.counts();
    if args.strict && warnings > 0 {
        return Err(Failure::usage(format!("{}: {warnings} warnings with --strict", path.display())));
    }
    let Some(model) = reading.model else { return Ok(Exit::Usage) };
    let text = reading.text;
    let precision = args.precision.as_deref().map(|text| Precision::new(text, args.replications)).transpose()?;
    // What is run until it is precise is another question than a run of so many replications.
    let digest = match &args.precision {
        Some(text) => crate::sweep::digest([reading.digest.as_str(), "precision", text].into_iter()),
        None => reading.digest,
    };
    let target = match &args.out_dir {
        Some(folder) => folder.clone(),
        None => PathBuf::from("runs").join(format!("{}-{}", model.name, &digest[..8])),
    };
    // Refused now and not after an hour of work.
    if let Some(order) = &order {
        order.check(&model, path, &target)?;
    }
    let target = folder::Target::new(&target, &digest, args.force)?;

    #[expect(clippy::disallowed_methods, reason = "run.json tells how long a run took; no result does")]
    let started = Instant::now();
    let show = !args.quiet && io::stderr().is_terminal();
    let most = precision.as_ref().map_or(model.replications, |precision| precision.most);
    let extent = progress::Extent {
        messages: experiment::expected_messages(&model).saturating_mul(u64::from(most)),
        replications: u64::from(most),
    };
    let mut looks = Vec::new();
    let results = progress::shown(&extent, show, |progress| {
        threads.install(|| match &precision {
            None => experiment::run(&model, model.replications, progress),
            Some(precision) => {
                let enough = |results: &Results| {
                    looks.push(verdict::look(&model, results, precision.share));
                    looks.last().is_some_and(|look| look.imprecise.is_empty())
                };
                let checkpoints = statistics::checkpoints(precision.most);
                experiment::run_until(&model, &checkpoints, progress, &experiment::Nothing, enough).results
            }
        })
    });
    let simulated = started.elapsed();
    let verdicts = verdict::judge(&model, &results);
    let mut summary = Summary::new(&model, &results, &verdicts, &digest);
    if let Some(precision) = &precision {
        summary.precision = Some(report::summary::PrecisionFacts::new(precision.share, &looks));
    }
    let mut files = report::files(&model, &results, &summary);
    let result = report::digest(&files);
    if args.verify {
        let single = thread_pool(Some(1))?;
        let again = single.install(|| experiment::run(&model, results.replications, &Progress::default()));
        let mut other = Summary::new(&model, &again, &verdict::judge(&model, &again), &digest);
        other.precision.clone_from(&summary.precision);
        if let Err(why) = same_files(&files, &report::files(&model, &again, &other)) {
            return Err(Failure { exit: Exit::NotReproducible, message: format!("two runs differ: {why}") });
        }
    }
    files.push(folder::run_file(&folder::RunFacts {
        digest: &digest,
        result: &result,
        threads: threads.current_num_threads(),
        simulated,
        total: started.elapsed(),
        messages: summary.overall.offered * f64::from(results.replications),
    }));
    let folder = target.write(&files)?;
    show_outcome(args, &model, &summary, &result, &folder)?;
    ci::annotate(&summary, &path.display().to_string(), &text);
    ci::append_summary(&report::markdown::render(&summary))?;
    if let (Some(order), Some(path)) = (&order, &args.records) {
        let rows = order.write(&model)?;
        if !args.quiet {
            let rows = report::words::plural(rows, "record", "records");
            say(&format!("{rows} of replication {} written to {}", args.records_replication, path.display()));
        }
    }
    Ok(Exit::of(&summary, args.strict))
}

/// Whether two runs wrote the same bytes; if not, where they part.
fn same_files(first: &[report::OutputFile], second: &[report::OutputFile]) -> Result<(), String> {
    if first.len() != second.len() {
        return Err(format!("{} files and {}", first.len(), second.len()));
    }
    for (one, other) in first.iter().zip(second) {
        if one.path != other.path {
            return Err(format!("{} is {} the second time", one.path, other.path));
        }
        if one.bytes != other.bytes {
            let at = one.bytes.iter().zip(&other.bytes).take_while(|(a, b)| a == b).count();
            return Err(format!("{} from byte {at} on; please report it with the scenario", one.path));
        }
    }
    Ok(())
}

/// How precise a run has to be.
struct Precision {
    /// Half-width by value.
    share: f64,
    /// The most replications.
    most: u32,
}

/// The most replications of a run with `--precision` that names no other number.
const PRECISION_REPLICATIONS: u32 = 2_000;

impl Precision {
    fn new(text: &str, most: Option<u32>) -> Result<Precision, Failure> {
        let share = match text.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
            None => text.parse::<f64>(),
        };
        match share {
            Ok(share) if share > 0.0 && share < 1.0 => {
                Ok(Precision { share, most: most.unwrap_or(PRECISION_REPLICATIONS) })
            }
            _ => Err(Failure::usage(format!("--precision {text}: write a share of the figures, such as 2% or 0.02"))),
        }
    }
}

fn show_outcome(args: &RunArgs, model: &Model, summary: &Summary, result: &str, folder: &Path) -> Result<(), Failure> {
    if args.json {
        let json = serde_json::to_string_pretty(summary).expect("a summary is plain data");
        return print(&format!("{json}\n"));
    }
    if args.quiet {
        let told = |threshold: &&ThresholdFacts| !threshold.passed || (args.strict && threshold.undecided);
        for threshold in summary.thresholds.iter().filter(told) {
            let what = if threshold.passed { "undecided" } else { "broken" };
            say(&format!(
                "{}: {what}: {}: {}: {}",
                summary.scenario.name, threshold.metric, threshold.condition, threshold.value_text
            ));
        }
        return Ok(());
    }
    // anstream takes the colours out again where nobody can see them.
    print(&format!("{}\n", terminal::render(model, summary, Style { color: true })))?;
    print(&format!(
        "result {}  trajectory {}  written to {}\n",
        &result[..16],
        summary.run.trajectory,
        folder.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, bytes: &[u8]) -> report::OutputFile {
        report::OutputFile { path: path.to_owned(), bytes: bytes.to_vec() }
    }

    /// No scenario differs from itself, so the comparison is held here, and the code that a difference ends with.
    #[test]
    fn what_differs_is_told_with_its_place() {
        let first = [file("a", b"same"), file("b", b"12345")];
        assert_eq!(same_files(&first, &first), Ok(()));
        let why = same_files(&first, &[file("a", b"same"), file("b", b"12945")]).unwrap_err();
        assert!(why.starts_with("b from byte 2 on"), "{why}");
        assert!(same_files(&first, &first[..1]).is_err());
        assert!(same_files(&first, &[file("a", b"same"), file("c", b"12345")]).is_err());
        assert_eq!(Exit::NotReproducible.code(), 97);
    }
}
