//! The command line. Only this module touches files, the clock and the environment.
//!
//! Data goes to standard output, talk to standard error. Exit codes: see [`Exit`].

mod baseline;
mod catalogue;
mod ci;
mod compare;
mod examples;
mod explain;
mod export;
mod fit;
mod folder;
mod interrupt;
mod kept;
mod man;
mod merge;
mod overlay;
mod progress;
mod records;
mod shard;
mod steady;
mod sweep;
mod whole;
mod work;

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::experiment::{self, Progress, Results};
use crate::model::Model;
use crate::report::summary::{Summary, ThresholdFacts};
use crate::report::terminal::Style;
use crate::report::{self, terminal};
use crate::scenario::{self, Reading};
use crate::statistics;
use crate::verdict::{self, EXIT_CODE};
use clap::{Args, FromArgMatches, Parser, Subcommand};

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
    /// Shards do not make one run: some are missing, overlap, are damaged, or are of another one.
    Unmerged,
    /// A threshold was broken (k6's code); with `--strict` also one that is undecided or has no interval.
    ThresholdFailed,
    /// Stopped by Ctrl-C or SIGTERM; what was complete is written.
    Interrupted,
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
            Exit::Unmerged => 98,
            Exit::ThresholdFailed => EXIT_CODE,
            Exit::Interrupted => 105,
        }
    }

    /// That of a run with these thresholds.
    fn of(summary: &Summary, strict: bool) -> Exit {
        let undecided = strict && summary.thresholds.iter().any(|threshold| open(threshold).is_some());
        let broken = summary.thresholds.iter().filter(|threshold| !threshold.passed);
        let exits = broken.map(|threshold| match threshold.exit_code {
            EXIT_CODE => Exit::ThresholdFailed,
            code => Exit::Threshold(code),
        });
        exits.chain(undecided.then_some(Exit::ThresholdFailed)).max().unwrap_or(Exit::Passed)
    }
}

/// Why a kept threshold does not satisfy `--strict`.
fn open(threshold: &ThresholdFacts) -> Option<&'static str> {
    match (threshold.undecided, threshold.unproven) {
        (true, _) => Some("undecided"),
        (false, true) => Some("kept without an interval"),
        (false, false) => None,
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
    /// Whether to colour what is shown; auto asks the terminal and NO_COLOR
    #[arg(long, value_enum, value_name = "WHEN", global = true, default_value_t = Color::Auto)]
    color: Color,
}

/// When what is shown is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Color {
    // Undocumented, so that help stays in its compact form.
    Auto,
    Always,
    Never,
}

impl Color {
    /// Makes it hold for everything that is written from now on.
    fn choose(self) {
        let choice = match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
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
    /// Puts the shards of a run together, to the bytes of one run (exit code 98 when they are not all of one)
    Merge(merge::MergeArgs),
    /// Keeps results in a folder and tells what moved since (exit code 96)
    Baseline(baseline::BaselineArgs),
    /// Makes one page of several finished runs, laid over each other
    Report(overlay::ReportArgs),
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
    /// Prints a manual page, or writes all of them
    Man(man::ManArgs),
}

/// How often, from which seed, on how many threads.
#[derive(Debug, Args)]
struct Runs {
    /// How many replications, instead of what the scenario says
    #[arg(long, value_name = "N")]
    replications: Option<u32>,
    /// The seed of all random draws, instead of what the scenario says
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How many threads; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

/// How a folder of results is written.
#[derive(Debug, Args)]
struct Writing {
    /// Replaces a folder that holds something else
    #[arg(long)]
    force: bool,
    /// Draws the charts as PNG too
    #[arg(long)]
    png: bool,
}

#[derive(Debug, Args)]
struct RunArgs {
    /// Scenario files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    runs: Runs,
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
    /// Treats warnings about the scenario as errors, and thresholds as broken that are undecided or have no interval
    #[arg(long)]
    strict: bool,
    /// Runs until the main figures are known to this share, such as 2%; --replications is then the most
    #[arg(long, value_name = "SHARE")]
    precision: Option<String>,
    /// Runs a part of the replications, such as 2/7, into a file that `merge` takes; auto within an array job
    #[arg(long, value_name = "K/N", conflicts_with_all = ["json", "verify", "records", "precision", "export"])]
    shard: Option<String>,
    /// Writes results for other programs too, into the folder's `export`; several separated by commas
    #[arg(long, value_enum, value_name = "KIND", value_delimiter = ',')]
    export: Vec<export::Export>,
    /// Draws the charts as PNG too
    #[arg(long)]
    png: bool,
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

    /// Says where what was run is kept, though its results could not be written.
    fn with_work(mut self, work: &work::Work) -> Failure {
        if let Ok(folder) = work.settle() {
            let folder = folder.display();
            self.message.push_str(&format!("\nwhat was run is kept in {folder}: the same command goes on from there"));
        }
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Runs the command that the process was called with.
pub fn main() -> ExitCode {
    let Cli { command, color } =
        Cli::from_arg_matches(&examples::command().get_matches()).unwrap_or_else(|error| error.exit());
    color.choose();
    match std::panic::catch_unwind(|| obey(command)) {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(failure)) => {
            let what = if failure.exit == Exit::Interrupted { "interrupted" } else { "error" };
            say(&format!("{what}: {failure}"));
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
        Command::Merge(args) => merge::merge(&args),
        Command::Baseline(args) => baseline::obey(&args),
        Command::Report(args) => overlay::write(&args),
        Command::Explain(args) => explain::show(&args),
        Command::Catalogue(args) => catalogue::show(&args),
        Command::Fit(args) => fit::fit(&args),
        Command::Schema => print_schema(),
        Command::Completions { shell } => print_completions(shell),
        Command::Man(args) => man::man(&args),
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
    clap_complete::generate(shell, &mut examples::command(), "sendpool", &mut script);
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
    if args.shard.is_some() && args.files.len() > 1 {
        return Err(Failure::usage("--shard takes the replications of one scenario: run them one by one"));
    }
    if args.records.is_some() && args.files.len() > 1 {
        return Err(Failure::usage("--records takes the messages of one scenario: run them one by one"));
    }
    let threads = thread_pool(args.runs.threads)?;
    let mut exit = Exit::Passed;
    for path in &args.files {
        exit = exit.max(run_one(args, path, &threads)?);
    }
    Ok(exit)
}

/// What a scenario is set to by `--seed` and `--replications`, as `--set` would.
fn overrides(seed: Option<u64>, replications: Option<u32>) -> impl Iterator<Item = (String, String)> {
    let seed = seed.map(|seed| ("seed".to_owned(), seed.to_string()));
    seed.into_iter().chain(replications.map(|count| ("replications".to_owned(), count.to_string())))
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
    settings.extend(overrides(args.runs.seed, args.runs.replications));
    let reading = read(path, &settings, args.quiet)?;
    let (_, warnings) = reading.counts();
    if args.strict && warnings > 0 {
        return Err(Failure::usage(format!("{}: {warnings} warnings with --strict", path.display())));
    }
    let Some(model) = reading.model else { return Ok(Exit::Usage) };
    let text = reading.text;
    if let Some(shard) = &args.shard {
        let origin = kept::Origin {
            file: path.display().to_string(),
            text,
            command: command(args, path),
            settings,
            digest: reading.digest,
            seed: model.seed,
            replications: model.replications,
            first: 0,
            end: model.replications,
        };
        let (shard, out_dir, quiet) = (shard::Shard::parse(shard)?, args.out_dir.as_deref(), args.quiet);
        return shard::run(shard::Order { shard, model: &model, origin, out_dir, quiet }, threads);
    }
    let precision = args.precision.as_deref().map(|text| Precision::new(text, args.runs.replications)).transpose()?;
    let key = kept::Key::new(&reading.digest, std::iter::empty());
    // What is run until it is precise is another question than a run of so many replications.
    let digest = match &args.precision {
        Some(text) => crate::sweep::digest([reading.digest.as_str(), "precision", text].into_iter()),
        None => reading.digest,
    };
    let target = result_folder(args.out_dir.as_deref(), "runs", &model, &digest);
    // Refused now and not after an hour of work.
    if let Some(order) = &order {
        order.check(&model, path, &target)?;
    }
    let target = folder::Target::new(&target, &digest, args.force)?;
    let most = precision.as_ref().map_or(model.replications, |precision| precision.most);
    let work = work::Work::open(&target.beside("work"));
    if !args.quiet {
        work.announce((0..most).map(|index| (key, index)));
    }

    interrupt::watch()?;
    #[expect(clippy::disallowed_methods, reason = "run.json tells how long a run took; no result does")]
    let started = Instant::now();
    let extent = progress::Extent::of([(&model, most)]);
    let mut looks = Vec::new();
    let shelf = work.shelf(key);
    let ran = progress::shown(&extent, progress::visible(args.quiet), |progress| {
        threads.install(|| match &precision {
            None => experiment::run_kept(&model, model.replications, progress, &shelf),
            Some(precision) => {
                let enough = |results: &Results| {
                    looks.push(verdict::look(&model, results, precision.share));
                    looks.last().is_some_and(|look| look.imprecise.is_empty())
                };
                experiment::run_until(&model, &statistics::checkpoints(precision.most), progress, &shelf, enough)
            }
        })
    });
    let outcome = Outcome {
        model: &model,
        results: ran.results,
        digest: &digest,
        precision: precision.as_ref().map(|precision| report::summary::PrecisionFacts::new(precision.share, &looks)),
        threads: threads.current_num_threads(),
        simulated: started.elapsed(),
        started,
        show: Show { json: args.json, quiet: args.quiet, strict: args.strict },
        command: command(args, path),
        png: args.png,
        export: &args.export,
        file: path.display().to_string(),
        text: &text,
    };
    if !ran.complete {
        return Err(outcome.stopped(&work, &target, u64::from(most), (0..most).map(|index| (key, index))));
    }
    if args.verify {
        outcome.verify()?;
    }
    let exit = match outcome.write(&target) {
        Ok(exit) => exit,
        // Nothing is lost: what was run is kept, if that can be written.
        Err(failure) => return Err(failure.with_work(&work)),
    };
    work.finish();
    if let (Some(order), Some(path)) = (&order, &args.records) {
        let rows = order.write(&model)?;
        if !args.quiet {
            let rows = report::words::plural(rows, "record", "records");
            say(&format!("{rows} of replication {} written to {}", args.records_replication, path.display()));
        }
    }
    Ok(exit)
}

/// Where results go: where `--out-dir` says, or into a folder below `runs` or the like by name and digest.
fn result_folder(asked: Option<&Path>, below: &str, model: &Model, digest: &str) -> PathBuf {
    asked.map_or_else(|| Path::new(below).join(format!("{}-{}", model.name, &digest[..8])), Path::to_owned)
}

/// How much is shown of a run, and what counts as broken.
#[derive(Clone, Copy)]
struct Show {
    json: bool,
    quiet: bool,
    strict: bool,
}

/// A run that is to be written and shown: run here, or merged from shards.
struct Outcome<'a> {
    model: &'a Model,
    results: Results,
    digest: &'a str,
    precision: Option<report::summary::PrecisionFacts>,
    threads: usize,
    simulated: Duration,
    started: Instant,
    show: Show,
    /// The command that repeats the run.
    command: String,
    /// Whether charts are drawn as PNG too.
    png: bool,
    /// What is written for other programs.
    export: &'a [export::Export],
    /// The scenario's file and its text, for annotations.
    file: String,
    text: &'a str,
}

impl Outcome<'_> {
    fn summary(&self, results: &Results) -> Summary {
        let mut summary = Summary::new(self.model, results, &verdict::judge(self.model, results), self.digest);
        summary.precision.clone_from(&self.precision);
        summary
    }

    /// All files of the run folder, and the digest of those that are results.
    fn files(&self, summary: &Summary, interrupted: bool) -> (Vec<report::OutputFile>, String) {
        let mut files = report::files(self.model, &self.results, summary);
        let result = report::digest(&files);
        files.extend(self.dress(&self.results, summary));
        files.push(folder::run_file(&folder::RunFacts {
            digest: self.digest,
            result: &result,
            threads: self.threads,
            simulated: self.simulated,
            total: self.started.elapsed(),
            messages: summary.overall.offered * f64::from(self.results.replications),
            interrupted,
        }));
        (files, result)
    }

    /// What is not of the digest: what results look like, and what other programs read.
    fn dress(&self, results: &Results, summary: &Summary) -> Vec<report::OutputFile> {
        let mut files = report::dress(self.model, results, summary, &self.command, self.png);
        let exports = export::Export::all(self.export).into_iter();
        files.extend(exports.flat_map(|kind| kind.files(self.model, results, summary)));
        files
    }

    /// Runs again with one thread.
    fn verify(&self) -> Result<(), Failure> {
        let progress = Progress { stop: interrupt::stop(), ..Progress::default() };
        let again = thread_pool(Some(1))?
            .install(|| experiment::run_kept(self.model, self.results.replications, &progress, &experiment::Nothing));
        if !again.complete {
            let message = "while the run was verified; nothing was written, and the same command goes on";
            return Err(Failure { exit: Exit::Interrupted, message: message.to_owned() });
        }
        let whole = |results| {
            let summary = self.summary(results);
            let mut files = report::files(self.model, results, &summary);
            files.extend(self.dress(results, &summary));
            files
        };
        same_files(&whole(&self.results), &whole(&again.results))
            .map_err(|why| Failure { exit: Exit::NotReproducible, message: format!("two runs differ: {why}") })
    }

    /// Puts the run folder in its place and tells the user.
    fn write(&self, target: &folder::Target) -> Result<Exit, Failure> {
        let summary = self.summary(&self.results);
        let (files, result) = self.files(&summary, false);
        let folder = target.write(&files)?;
        target.forget_partial();
        show_outcome(self.show, self.model, &summary, &result, &folder)?;
        ci::annotate(&summary, &self.file, self.text);
        ci::append_summary(&report::markdown::render(&summary))?;
        Ok(Exit::of(&summary, self.show.strict))
    }

    /// Writes what a run has that was asked to stop, beside the place of the whole.
    fn stopped(
        &self,
        work: &work::Work,
        target: &folder::Target,
        wanted: u64,
        all: impl Iterator<Item = (kept::Key, u32)>,
    ) -> Failure {
        let done = work.count(all);
        let partial = (self.results.replications > 0).then(|| {
            let (files, _) = self.files(&self.summary(&self.results), true);
            target.write_partial(&files)
        });
        match partial.transpose() {
            Ok(partial) => interrupted(done, wanted, work.settle().ok(), partial.as_deref()),
            Err(failure) => failure,
        }
    }
}

/// How a run ends that was asked to stop: what is finished, where it is kept, and what shows it.
fn interrupted(done: u64, wanted: u64, kept: Option<&Path>, partial: Option<&Path>) -> Failure {
    let mut message = match (done, kept) {
        (0, _) => "before any replication was finished; nothing was written".to_owned(),
        (_, Some(folder)) => format!(
            "{done} of {wanted} replications are finished and kept in {}; the same command goes on from there",
            folder.display()
        ),
        (_, None) => format!("{done} of {wanted} replications were finished, and could not be kept"),
    };
    if let Some(partial) = partial {
        message.push_str(&format!("\nwhat they show is in {}", partial.display()));
    }
    Failure { exit: Exit::Interrupted, message }
}

/// The command that repeats a run: what its results depend on, as it was typed.
fn command(args: &RunArgs, path: &Path) -> String {
    let mut words = vec!["sendpool run".to_owned(), sweep::quoted(&path.display().to_string())];
    words.extend(args.settings.iter().map(|setting| format!("--set {}", sweep::quoted(setting))));
    words.extend(args.runs.seed.map(|seed| format!("--seed {seed}")));
    words.extend(args.runs.replications.map(|count| format!("--replications {count}")));
    words.extend(args.precision.iter().map(|share| format!("--precision {}", sweep::quoted(share))));
    words.join(" ")
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

fn show_outcome(show: Show, model: &Model, summary: &Summary, result: &str, folder: &Path) -> Result<(), Failure> {
    // What decides the exit code is told, with `--quiet` too.
    let tell = |threshold: &ThresholdFacts, what: &str| {
        let part = threshold.part.as_ref().map_or_else(String::new, |part| format!(" ({part})"));
        let (metric, condition, value) = (&threshold.metric, &threshold.condition, &threshold.value_text);
        say(&format!("{}: {what}: {metric}: {condition}{part}: {value}", summary.scenario.name));
    };
    let kept = summary.thresholds.iter().filter(|threshold| threshold.passed && show.strict);
    let open = kept.filter_map(|threshold| Some((threshold, open(threshold)?)));
    if show.json {
        let json = serde_json::to_string_pretty(summary).expect("a summary is plain data");
        print(&format!("{json}\n"))?;
        open.for_each(|(threshold, what)| tell(threshold, &format!("{what}, which --strict refuses")));
        return Ok(());
    }
    if show.quiet {
        for threshold in summary.thresholds.iter().filter(|threshold| !threshold.passed) {
            tell(threshold, if threshold.undecided { "broken, undecided" } else { "broken" });
        }
        open.for_each(|(threshold, what)| tell(threshold, what));
        return Ok(());
    }
    // anstream takes the colours out again where nobody can see them.
    let end =
        format!("result {}  trajectory {}\nwritten to {}", &result[..16], summary.run.trajectory, folder.display());
    // A long path takes lines from the screen.
    let below: usize = end.lines().map(|line| line.chars().count().div_ceil(terminal::COLUMNS)).sum();
    let lines = terminal::LINES_OF_ALL.saturating_sub(1 + below);
    print(&format!("{}\n{end}\n", terminal::render(model, summary, Style { color: true }, lines)))?;
    open.for_each(|(threshold, what)| tell(threshold, &format!("{what}, which --strict refuses")));
    Ok(())
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
