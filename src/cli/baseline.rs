//! `sendpool baseline`: results of scenarios kept in a folder that lives in version control, and held against later runs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Exit, Failure, folder, interrupt, print, progress, read, read_settings, thread_pool, whole};
use crate::baseline::{Baseline, account};
use crate::experiment;
use crate::report::summary::Summary;
use crate::{report, verdict};

#[derive(Debug, Args)]
pub(super) struct BaselineArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Runs scenarios and keeps their results; refuses to replace what is kept
    Save(RunsArgs),
    /// Runs scenarios and tells which figures moved from what is kept (exit code 96 when any did)
    Check(RunsArgs),
    /// Runs scenarios, tells what moved, and keeps the new results
    Update(RunsArgs),
    /// Lists what is kept
    List {
        /// The folder of baselines
        #[arg(long, value_name = "DIR", default_value = "baselines")]
        dir: PathBuf,
    },
}

#[derive(Debug, Args)]
struct RunsArgs {
    /// Scenario files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The folder of baselines: one file for each scenario, by its name
    #[arg(long, value_name = "DIR", default_value = "baselines")]
    dir: PathBuf,
    /// How many threads; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Prints nothing but errors and what moved
    #[arg(long, short)]
    quiet: bool,
    /// Replaces a value of the scenarios (repeatable)
    #[arg(long = "set", value_name = "PATH=VALUE")]
    settings: Vec<String>,
}

/// Obeys.
pub(super) fn obey(args: &BaselineArgs) -> Result<Exit, Failure> {
    match &args.action {
        Action::Save(runs) => each(runs, true, save),
        Action::Check(runs) => each(runs, false, check),
        Action::Update(runs) => each(runs, true, update),
        Action::List { dir } => list(dir),
    }
}

/// What is done with a result: where its baseline is kept, what it is now, whether to be quiet.
type Deed = fn(&Path, &Baseline, bool) -> Result<Exit, Failure>;

fn each(args: &RunsArgs, writes: bool, obey: Deed) -> Result<Exit, Failure> {
    let settings = read_settings(&args.settings)?;
    let threads = thread_pool(args.threads)?;
    let mut exit = Exit::Passed;
    let mut readings = Vec::new();
    for file in &args.files {
        let reading = read(file, &settings, true)?;
        let Some(model) = reading.model else { return Ok(Exit::Usage) };
        readings.push((file, model, reading.digest));
    }
    // All of them before anything is kept: two of one name would be each other's baseline.
    for (index, (file, model, _)) in readings.iter().enumerate() {
        if let Some((other, ..)) = readings[..index].iter().find(|(_, other, _)| other.name == model.name) {
            let (file, other) = (file.display(), other.display());
            return Err(Failure::usage(format!(
                "{other} and {file} both have the name `{}`, by which a baseline is kept: rename one",
                model.name
            )));
        }
    }
    if writes {
        folder::probe(&args.dir, &args.dir.join(format!(".new-{}", std::process::id())), "--dir")?;
    }
    interrupt::watch()?;
    for (file, model, digest) in readings {
        let extent = progress::Extent::of([(&model, model.replications)]);
        let ran = progress::shown(&extent, progress::visible(args.quiet), |progress| {
            threads.install(|| experiment::run_kept(&model, model.replications, progress, &experiment::Nothing))
        });
        if !ran.complete {
            let message = format!(
                "while {} ran; nothing of it is kept: the same command runs it from its beginning",
                file.display()
            );
            return Err(Failure { exit: Exit::Interrupted, message });
        }
        let results = ran.results;
        let summary = Summary::new(&model, &results, &verdict::judge(&model, &results), &digest);
        let files = report::files(&model, &results, &summary);
        let now = Baseline::new(&model.name, &file.display().to_string(), &files);
        exit = exit.max(obey(&args.dir.join(format!("{}.json", model.name)), &now, args.quiet)?);
    }
    Ok(exit)
}

/// What is kept, if anything.
fn kept(path: &Path) -> Result<Option<Baseline>, Failure> {
    match fs::read(path) {
        Ok(bytes) => Baseline::parse(&bytes)
            .map(Some)
            .map_err(|why| Failure::usage(format!("cannot use {}: {why}", path.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::usage(format!("cannot read {}: {error}", path.display()))),
    }
}

fn write(path: &Path, now: &Baseline) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::internal(format!("cannot write {}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    whole::write(path, &now.bytes()).map_err(failed)
}

fn save(path: &Path, now: &Baseline, quiet: bool) -> Result<Exit, Failure> {
    if kept(path)?.is_some() {
        let path = path.display();
        return Err(Failure::usage(format!("{path} is kept already: `sendpool baseline update` replaces it")));
    }
    write(path, now)?;
    if !quiet {
        print(&format!("{}: kept in {}\n", now.name, path.display()))?;
    }
    Ok(Exit::Passed)
}

fn check(path: &Path, now: &Baseline, quiet: bool) -> Result<Exit, Failure> {
    let Some(before) = kept(path)? else {
        let path = path.display();
        return Err(Failure::usage(format!("there is no baseline {path}: `sendpool baseline save` makes it")));
    };
    match before.moved(now) {
        None => {
            if !quiet {
                print(&format!("{}: as in {}\n", now.name, path.display()))?;
            }
            Ok(Exit::Passed)
        }
        Some(moved) => {
            let path = path.display();
            let text = account(&moved);
            print(&format!(
                "{}: other than in {path}\n{text}  if this is meant: sendpool baseline update {}\n",
                now.name, now.file
            ))?;
            Ok(Exit::Baseline)
        }
    }
}

fn update(path: &Path, now: &Baseline, quiet: bool) -> Result<Exit, Failure> {
    let (text, moved) = match kept(path)?.map(|before| before.moved(now)) {
        Some(None) => (format!("{}: as it was\n", now.name), false),
        Some(Some(moved)) => (format!("{}: moved\n{}", now.name, account(&moved)), true),
        None => (format!("{}: new\n", now.name), false),
    };
    write(path, now)?;
    if moved || !quiet {
        print(&text)?;
    }
    Ok(Exit::Passed)
}

fn list(dir: &Path) -> Result<Exit, Failure> {
    let entries =
        fs::read_dir(dir).map_err(|error| Failure::usage(format!("cannot look into {}: {error}", dir.display())))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    for path in paths {
        let Some(found) = kept(&path)? else { continue };
        let kept = if found.summary["passed"] == true { "promises kept" } else { "promises broken" };
        print(&format!(
            "{:<32} {}  {} replications, {kept}, sendpool {}, {}\n",
            found.name,
            &found.figures_digest[..found.figures_digest.len().min(16)],
            found.summary["scenario"]["replications"],
            found.tool_version,
            found.file
        ))?;
    }
    Ok(Exit::Passed)
}
