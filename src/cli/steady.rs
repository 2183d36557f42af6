//! `sendpool steady`: figures of steady state, after a warm-up that the user names. Thresholds are not judged.

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};

use super::{
    Exit, Failure, Runs, Writing, folder, interrupt, interrupted, kept, overrides, print, progress, read,
    read_settings, result_folder, thread_pool, work,
};
use crate::experiment;
use crate::report::steady::Page;
use crate::steady::{self, Delay};
use crate::sweep;
use crate::units::SimDuration;

#[derive(Debug, Args)]
pub(super) struct SteadyArgs {
    /// Scenario file
    file: PathBuf,
    /// Messages meant before this time are left out, such as 10m
    #[arg(long, value_name = "TIME")]
    warm_up: String,
    /// Which delay
    #[arg(long, value_enum, default_value_t = Which::QueueWait)]
    delay: Which,
    #[command(flatten)]
    runs: Runs,
    /// Where the results go
    #[arg(long, value_name = "DIR", help = "Where the results go [default: steady/<name>-<digest>]")]
    out_dir: Option<PathBuf>,
    #[command(flatten)]
    writing: Writing,
    /// Prints steady.json instead of text
    #[arg(long)]
    json: bool,
    /// Prints nothing but errors
    #[arg(long, short)]
    quiet: bool,
    /// Replaces a value of the scenario (repeatable)
    #[arg(long = "set", value_name = "PATH=VALUE")]
    settings: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    /// Sent minus accepted
    #[value(name = "queue_wait")]
    QueueWait,
    /// Handset minus intended
    #[value(name = "end_to_end")]
    EndToEnd,
}

/// Runs and shows.
pub(super) fn show(args: &SteadyArgs) -> Result<Exit, Failure> {
    let warm_up: SimDuration = args.warm_up.parse().map_err(|error: crate::units::QuantityError| {
        Failure::usage(format!("--warm-up {}: {}", args.warm_up, error.0))
    })?;
    let delay = match args.delay {
        Which::QueueWait => Delay::QueueWait,
        Which::EndToEnd => Delay::EndToEnd,
    };
    let mut settings = read_settings(&args.settings)?;
    settings.extend(overrides(args.runs.seed, args.runs.replications));
    let reading = read(&args.file, &settings, args.quiet)?;
    let Some(mut model) = reading.model else { return Ok(Exit::Usage) };
    let extent = steady::extent(&model);
    if warm_up >= extent {
        return Err(Failure::usage(format!(
            "--warm-up {}: the last message is meant after {extent}, so nothing is left",
            args.warm_up
        )));
    }
    let digest = sweep::digest([reading.digest.as_str(), "steady", delay.name(), &args.warm_up].into_iter());
    let path = result_folder(args.out_dir.as_deref(), "steady", &model, &digest);
    let target = folder::Target::new(&path, &digest, args.writing.force)?;
    let threads = thread_pool(args.runs.threads)?;
    steady::watch(&mut model, delay, warm_up, extent);
    let key = kept::Key::new(&digest, std::iter::empty());
    let all = || (0..model.replications).map(|index| (key, index));
    let work = work::Work::open(&target.beside("work"));
    if !args.quiet {
        work.announce(all());
    }
    interrupt::watch()?;
    #[expect(clippy::disallowed_methods, reason = "run.json tells how long it took; no result does")]
    let started = Instant::now();
    let amount = progress::Extent::of([(&model, model.replications)]);
    let shelf = work.shelf(key);
    let ran = progress::shown(&amount, progress::visible(args.quiet), |progress| {
        threads.install(|| experiment::run_kept(&model, model.replications, progress, &shelf))
    });
    let (results, done) = (ran.results, work.count(all()));
    if results.replications == 0 {
        return Err(interrupted(done, u64::from(model.replications), work.settle().ok(), None));
    }
    let simulated = started.elapsed();
    let found = steady::read(&results, delay, warm_up, extent);
    let page = Page {
        name: &model.name,
        digest: &digest,
        seed: model.seed,
        replications: results.replications,
        steady: &found,
    };
    let mut files = page.files();
    let result = crate::report::digest(&files);
    files.extend(page.dress(args.writing.png));
    files.push(folder::run_file(&folder::RunFacts {
        digest: &digest,
        result: &result,
        threads: threads.current_num_threads(),
        simulated,
        total: started.elapsed(),
        messages: found.messages as f64,
        interrupted: !ran.complete,
    }));
    if !ran.complete {
        let partial = target.write_partial(&files)?;
        return Err(interrupted(done, u64::from(model.replications), work.settle().ok(), Some(&partial)));
    }
    let folder = target.write(&files).map_err(|failure| failure.with_work(&work))?;
    target.forget_partial();
    work.finish();
    if args.json {
        print(&page.json())?;
    } else if !args.quiet {
        print(&format!("{}\nresult {}  written to {}\n", page.terminal(), &result[..16], folder.display()))?;
    }
    Ok(Exit::Passed)
}
