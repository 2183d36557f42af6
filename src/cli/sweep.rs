//! `sendpool sweep`: reads all cells of a grid, tells what is wrong with any of them, runs them and writes one folder.
//!
//! A sweep judges nothing: its exit code is 0 whatever promises its cells break.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Instant;

use clap::Args;

use super::{
    Exit, Failure, Writing, files_beside, folder, interrupt, interrupted, kept, overrides, print, progress, read_file,
    read_settings, result_folder, say, thread_pool, work,
};
use crate::model::Model;
use crate::report::sweep::{Cell, Sweep};
use crate::report::words::plural;
use crate::scenario::diagnostic::{Diagnostic, Severity, render};
use crate::scenario::{self, Reading};
use crate::sweep::{self, Axis, DEFAULT_MEASURES, Grid};
use crate::units::thousands;

/// Distinct findings that are shown; the others are counted.
const FINDINGS_MAX: usize = 20;
/// Cells that are named beside a finding.
const NAMED_MAX: usize = 3;

#[derive(Debug, Args)]
pub(super) struct SweepArgs {
    /// Scenario file
    file: PathBuf,
    /// Values of a field, such as seed=1,2,3 or 1..100/10 (repeatable: all combinations)
    #[arg(
        long,
        required = true,
        value_name = "PATH=VALUES",
        long_help = "Values of a field, such as campaigns.blast.submit_rate=50/s,200/s. Whole numbers may be a range: \
                     1..10, every third with 1..10/3, powers with 1..64*2. Paths joined by + get the same value. Given \
                     several times, all combinations are run: at most 1000 cells"
    )]
    vary: Vec<String>,
    /// What the values of a --vary are called in tables and charts, in the order of --vary (repeatable)
    #[arg(long, value_name = "TEXT")]
    label: Vec<String>,
    /// A number to ask for, such as "end_to_end{campaign:otp} p(95)", instead of the usual ones (repeatable)
    #[arg(long, value_name = "METRIC AGGREGATION")]
    metric: Vec<String>,
    /// How many replications of each cell, instead of what the scenario says
    #[arg(long, value_name = "N")]
    replications: Option<u32>,
    /// The seed of all cells, instead of what the scenario says
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How many threads; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Where the results go
    #[arg(long, value_name = "DIR", help = "Where the results go [default: sweeps/<name>-<digest>]")]
    out_dir: Option<PathBuf>,
    #[command(flatten)]
    writing: Writing,
    /// Prints sweep.json instead of a table
    #[arg(long)]
    json: bool,
    /// Prints nothing but errors
    #[arg(long, short)]
    quiet: bool,
    /// Replaces a value of the scenario in all cells (repeatable)
    #[arg(long = "set", value_name = "PATH=VALUE")]
    settings: Vec<String>,
}

/// A cell that was read.
struct Planned {
    values: Vec<String>,
    command: String,
    reading: Reading,
}

/// Runs a sweep.
pub(super) fn sweep(args: &SweepArgs) -> Result<Exit, Failure> {
    let settings = read_settings(&args.settings)?;
    let grid = read_grid(args, &settings)?;
    let labels = labels(args, &grid)?;
    let threads = thread_pool(args.threads)?;
    let measures: Vec<String> = match &args.metric[..] {
        [] => DEFAULT_MEASURES.map(str::to_owned).into(),
        asked => asked.to_vec(),
    };
    let mut planned = read_cells(args, &grid, &settings, &measures)?;
    if !show_findings(&labels, &planned, args.quiet) {
        return Ok(Exit::Usage);
    }
    let take = |cell: &mut Planned| cell.reading.model.take().expect("a cell without errors has a model");
    let models: Vec<Model> = planned.iter_mut().map(take).collect();
    let digests = planned.iter().map(|cell| &cell.reading.digest);
    let digest = sweep::digest(digests.chain(&labels).chain(&measures).map(String::as_str));
    let path = result_folder(args.out_dir.as_deref(), "sweeps", &models[0], &digest);
    let target = folder::Target::new(&path, &digest, args.writing.force)?;

    let key = |cell: &Planned| kept::Key::new(&cell.reading.digest, measures.iter().map(String::as_str));
    let keys: Vec<kept::Key> = planned.iter().map(key).collect();
    let all = || {
        let cells = keys.iter().zip(&models);
        cells.flat_map(|(key, model)| (0..model.replications).map(|index| (*key, index)))
    };
    let work = work::Work::open(&target.beside("work"));
    if !args.quiet {
        work.announce(all());
    }
    let shelves: Vec<_> = keys.iter().map(|key| work.shelf(*key)).collect();
    let extent = progress::Extent::of(models.iter().map(|model| (model, model.replications)));
    interrupt::watch()?;
    #[expect(clippy::disallowed_methods, reason = "run.json tells how long a sweep took; no result does")]
    let started = Instant::now();
    let (outcomes, messages) = progress::shown(&extent, progress::visible(args.quiet), |progress| {
        let outcomes = threads.install(|| sweep::run(&models, progress, &shelves));
        (outcomes, progress.messages.load(Ordering::Relaxed))
    });
    let simulated = started.elapsed();
    let complete = outcomes.len() == models.len();
    let cells = planned.into_iter().zip(outcomes).zip(&models).map(|((cell, outcome), model)| Cell {
        values: cell.values,
        digest: cell.reading.digest,
        command: cell.command,
        replications: model.replications,
        outcome,
    });
    let swept = Sweep {
        name: models[0].name.clone(),
        question: models[0].description.clone(),
        digest: digest.clone(),
        labels,
        measures: models[0].measures.clone(),
        shows_losses: args.metric.is_empty(),
        cells: cells.collect(),
        grid,
    };
    // Charts need all cells; the table is of those that are complete.
    let mut files = if complete { swept.files() } else { vec![swept.table()] };
    let result = crate::report::digest(&files);
    if complete {
        files.extend(swept.dress(args.writing.png));
    }
    files.push(folder::run_file(&folder::RunFacts {
        digest: &digest,
        result: &result,
        threads: threads.current_num_threads(),
        simulated,
        total: started.elapsed(),
        messages: messages as f64,
        interrupted: !complete,
    }));
    if !complete {
        let partial = if swept.cells.is_empty() { None } else { Some(target.write_partial(&files)?) };
        return Err(interrupted(work.count(all()), extent.replications, work.settle().ok(), partial.as_deref()));
    }
    let folder = target.write(&files).map_err(|failure| failure.with_work(&work))?;
    target.forget_partial();
    work.finish();
    if args.json {
        print(&swept.json())?;
    } else if !args.quiet {
        print(&format!("{}result {}  written to {}\n", swept.terminal(), &result[..16], folder.display()))?;
    }
    Ok(Exit::Passed)
}

fn read_grid(args: &SweepArgs, settings: &[(String, String)]) -> Result<Grid, Failure> {
    let axis = |text: &String| Axis::parse(text).map_err(|why| Failure::usage(format!("--vary {text}: {why}")));
    let axes = args.vary.iter().map(axis).collect::<Result<Vec<Axis>, Failure>>()?;
    let seed = args.seed.map(|_| "seed").into_iter().chain(args.replications.map(|_| "replications"));
    let mut set: Vec<&str> = settings.iter().map(|(path, _)| path.as_str()).chain(seed).collect();
    // What --set says twice is not the grid's to judge: the later one holds, as in `run`.
    set.sort_unstable();
    set.dedup();
    Grid::new(axes, &set).map_err(|why| Failure::usage(format!("--vary: {why}")))
}

/// What each axis is called: as told, or by its paths.
fn labels(args: &SweepArgs, grid: &Grid) -> Result<Vec<String>, Failure> {
    if args.label.len() > grid.axes.len() {
        return Err(Failure::usage(format!("there are {} labels for {} --vary", args.label.len(), grid.axes.len())));
    }
    let by_path = |axis: &Axis| match &axis.paths[..] {
        [path] => path.clone(),
        paths => format!("{} and {} more", paths[0], paths.len() - 1),
    };
    let told = args.label.iter().cloned().map(Some).chain(std::iter::repeat(None));
    Ok(grid.axes.iter().zip(told).map(|(axis, told)| told.unwrap_or_else(|| by_path(axis))).collect())
}

fn read_cells(
    args: &SweepArgs,
    grid: &Grid,
    settings: &[(String, String)],
    measures: &[String],
) -> Result<Vec<Planned>, Failure> {
    let name = args.file.display().to_string();
    let bytes = read_file(&args.file).map_err(|error| Failure::usage(format!("cannot read {name}: {error}")))?;
    let plan = |cell: Vec<&str>| {
        let mut all = settings.to_vec();
        all.extend(grid.settings(&cell));
        let command = command(args, &name, &all);
        all.extend(overrides(args.seed, args.replications));
        let reading = scenario::read_with(&name, bytes.clone(), &all, measures, &files_beside(&args.file));
        Planned { values: cell.into_iter().map(str::to_owned).collect(), command, reading }
    };
    Ok(grid.cells().into_iter().map(plan).collect())
}

/// The command that runs one cell alone.
fn command(args: &SweepArgs, file: &str, settings: &[(String, String)]) -> String {
    let mut words = vec!["sendpool run".to_owned(), quoted(file)];
    words.extend(settings.iter().map(|(path, value)| format!("--set {}", quoted(&format!("{path}={value}")))));
    words.extend(args.seed.map(|seed| format!("--seed {seed}")));
    words.extend(args.replications.map(|count| format!("--replications {count}")));
    words.join(" ")
}

/// A word as a shell takes it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Shows each finding once, with the cells that have it; whether all cells are sound.
fn show_findings(labels: &[String], cells: &[Planned], quiet: bool) -> bool {
    let wrong = cells.iter().filter(|cell| cell.reading.model.is_none()).count();
    if quiet && wrong == 0 {
        return true;
    }
    // Findings that differ in numbers alone are one.
    let alike = |a: &Diagnostic, b: &Diagnostic| {
        a.severity == b.severity && a.path == b.path && without_numbers(&a.message) == without_numbers(&b.message)
    };
    let mut distinct: Vec<(&Diagnostic, Vec<&Planned>)> = Vec::new();
    for cell in cells {
        let shown = |finding: &&Diagnostic| wrong == 0 || finding.severity == Severity::Error;
        for finding in cell.reading.findings.iter().filter(shown) {
            match distinct.iter_mut().find(|(known, _)| alike(known, finding)) {
                Some((_, with)) => with.push(cell),
                None => distinct.push((finding, vec![cell])),
            }
        }
    }
    for (finding, with) in distinct.iter().take(FINDINGS_MAX) {
        let reading = &with[0].reading;
        say(render(&reading.file, &reading.text, std::slice::from_ref(*finding), true).trim_end());
        say(&where_found(labels, with, cells.len()));
        say("");
    }
    if distinct.len() > FINDINGS_MAX {
        let more = plural((distinct.len() - FINDINGS_MAX) as u64, "more finding is", "more findings are");
        say(&format!("{more} not shown\n"));
    }
    if wrong > 0 {
        say(&format!(
            "error: {} of {} cannot be run; nothing was run",
            thousands(wrong as u128),
            plural(cells.len() as u64, "cell", "cells")
        ));
    }
    wrong == 0
}

fn without_numbers(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn where_found(labels: &[String], with: &[&Planned], all: usize) -> String {
    if with.len() == all {
        return if all == 1 { "  in the only cell".to_owned() } else { format!("  in all {all} cells") };
    }
    let name = |cell: &&Planned| {
        let pairs = labels.iter().zip(&cell.values).map(|(label, value)| format!("{label} = {value}"));
        pairs.collect::<Vec<_>>().join(", ")
    };
    let named: Vec<String> = with.iter().take(NAMED_MAX).map(name).collect();
    let more = with.len().saturating_sub(NAMED_MAX);
    let more =
        if more > 0 { format!("; and {}", plural(more as u64, "more cell", "more cells")) } else { String::new() };
    format!("  in {}{more}", named.join("; "))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_for_shells() {
        assert_eq!(quoted("scenarios/a.yaml"), "scenarios/a.yaml");
        assert_eq!(quoted("a.b[0]=1"), "'a.b[0]=1'");
        assert_eq!(quoted("body=it's"), r"'body=it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
