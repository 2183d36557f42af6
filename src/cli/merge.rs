//! `sendpool merge`: shards in, the run folder out, to the byte as if one machine had run it all.
//!
//! A shard carries its scenario and settings, so nothing else is needed but the files that the scenario names. Everything
//! that is wrong with the shards is told at once, with their names; nothing is merged unless they are one run, each
//! replication once. The same shard twice is no mistake as long as it says the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::kept::{self, KeptFile, Origin};
use super::{Exit, Failure, Outcome, Show, Writing, files_beside, folder, result_folder, say};
use crate::experiment::Merge;
use crate::model::Model;
use crate::report::words::plural;
use crate::scenario::{self, Reading};

/// Mistakes that are told; the others are counted.
const TOLD_MAX: usize = 20;

#[derive(Debug, Args)]
pub(super) struct MergeArgs {
    /// Shards, or folders of shards
    #[arg(required = true)]
    shards: Vec<PathBuf>,
    /// Where the scenario is here, if it names files such as traces [default: where it was]
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Where the results go
    #[arg(long, value_name = "DIR", help = "Where the results go [default: runs/<name>-<digest>]")]
    out_dir: Option<PathBuf>,
    #[command(flatten)]
    writing: Writing,
    /// Writes results for other programs too, into the folder's `export`; several separated by commas
    #[arg(long, value_enum, value_name = "KIND", value_delimiter = ',')]
    export: Vec<super::export::Export>,
    /// Prints the summary as JSON instead of text
    #[arg(long)]
    json: bool,
    /// Prints nothing but errors and broken promises
    #[arg(long, short)]
    quiet: bool,
    /// Treats thresholds as broken that are undecided or have no interval
    #[arg(long)]
    strict: bool,
}

/// A shard that is whole.
struct Shard {
    path: PathBuf,
    origin: Origin,
    places: Vec<kept::Place>,
}

/// Merges and writes.
pub(super) fn merge(args: &MergeArgs) -> Result<Exit, Failure> {
    #[expect(clippy::disallowed_methods, reason = "run.json tells how long it took; no result does")]
    let started = Instant::now();
    let shards = read_shards(&list(&args.shards)?)?;
    let ordered = one_run(&shards).map_err(unmerged)?;
    let origin = &shards[0].origin;
    let (reading, model) = read_scenario(args, origin)?;
    let path = result_folder(args.out_dir.as_deref(), "runs", &model, &origin.digest);
    let target = folder::Target::new(&path, &origin.digest, args.writing.force)?;
    let mut merge = Merge::new(&model);
    for shard in ordered {
        for place in &shard.places {
            let replication = kept::replication_at(&shard.path, place).map_err(|error| {
                unmerged(vec![format!("{}: replication {}: {error}", shard.path.display(), place.index)])
            })?;
            merge.add(&replication);
        }
    }
    let outcome = Outcome {
        model: &model,
        results: merge.finish(),
        digest: &origin.digest,
        precision: None,
        threads: 1,
        simulated: started.elapsed(),
        started,
        show: Show { json: args.json, quiet: args.quiet, strict: args.strict },
        command: origin.command.clone(),
        png: args.writing.png,
        export: &args.export,
        file: origin.file.clone(),
        text: &reading.text,
    };
    outcome.write(&target)
}

fn unmerged(mut mistakes: Vec<String>) -> Failure {
    let more = mistakes.len().saturating_sub(TOLD_MAX);
    mistakes.truncate(TOLD_MAX);
    if more > 0 {
        mistakes.push(format!("and {}", plural(more as u64, "more mistake", "more mistakes")));
    }
    let message = format!("the shards are not one run; nothing was merged\n  {}", mistakes.join("\n  "));
    Failure { exit: Exit::Unmerged, message }
}

/// The files that were named, and those of folders by name.
fn list(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in named {
        let cannot = |error| Failure::usage(format!("cannot read {}: {error}", path.display()));
        if !fs::metadata(path).map_err(cannot)?.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = fs::read_dir(path).map_err(cannot)?.collect::<Result<Vec<_>, _>>().map_err(cannot)?;
        let found = entries.into_iter().map(|entry| entry.path());
        let mut found: Vec<_> = found.filter(|path| path.extension().is_some_and(|ending| ending == "shard")).collect();
        if found.is_empty() {
            return Err(Failure::usage(format!("there is no .shard file in {}", path.display())));
        }
        found.sort();
        files.append(&mut found);
    }
    Ok(files)
}

fn read_shards(paths: &[PathBuf]) -> Result<Vec<Shard>, Failure> {
    let (mut shards, mut mistakes) = (Vec::new(), Vec::new());
    for path in paths {
        match kept::open(path).and_then(shard_of) {
            Ok(shard) => shards.push(shard),
            Err(why) => mistakes.push(format!("{} {why}", path.display())),
        }
    }
    if mistakes.is_empty() { Ok(shards) } else { Err(unmerged(mistakes)) }
}

fn shard_of(file: KeptFile) -> Result<Shard, String> {
    let origin = file.origin.ok_or("is of the work folder of a run, and no shard")?;
    let mut indices = file.places.iter().map(|place| place.index);
    let (range, replications) = (origin.first..origin.end, origin.replications);
    if !indices.by_ref().eq(range) || origin.first > origin.end || origin.end > replications {
        return Err("does not hold the replications that it names".to_owned());
    }
    Ok(Shard { path: file.path, origin, places: file.places })
}

/// The shards that make one run, in the order of their replications; or all that keeps them from it.
fn one_run(shards: &[Shard]) -> Result<Vec<&Shard>, Vec<String>> {
    let mut runs: BTreeMap<(&str, u64, u32), Vec<&Shard>> = BTreeMap::new();
    for shard in shards {
        let run = (shard.origin.digest.as_str(), shard.origin.seed, shard.origin.replications);
        runs.entry(run).or_default().push(shard);
    }
    if runs.len() > 1 {
        let told = |((digest, seed, replications), shards): (&(&str, u64, u32), &Vec<&Shard>)| {
            let file = &shards[0].origin.file;
            let names: Vec<String> = shards.iter().map(|shard| shard.path.display().to_string()).collect();
            let run = format!("{file} (digest {}, seed {seed}, {replications} replications)", &digest[..8]);
            format!("of {run}: {}", names.join(", "))
        };
        return Err(runs.iter().map(told).collect());
    }
    let replications = shards[0].origin.replications;
    let mut sorted: Vec<&Shard> = shards.iter().collect();
    sorted.sort_by_key(|shard| (shard.origin.first, shard.origin.end, &shard.path));
    let mut ordered: Vec<&Shard> = Vec::new();
    let mut mistakes = Vec::new();
    let mut next = 0;
    for shard in sorted {
        let origin = &shard.origin;
        if origin.first == origin.end {
            continue;
        }
        match ordered.last() {
            Some(last) if (last.origin.first, last.origin.end) == (origin.first, origin.end) => {
                mistakes.extend(unlike(last, shard));
                continue;
            }
            Some(last) if origin.first < last.origin.end => {
                let both = format!("{} and {}", last.path.display(), shard.path.display());
                let shared = span(origin.first, origin.end.min(last.origin.end));
                mistakes.push(format!("{both} overlap: both have {shared}"));
            }
            _ if origin.first > next => mistakes.push(format!("no shard has {}", span(next, origin.first))),
            _ => {}
        }
        next = next.max(origin.end);
        ordered.push(shard);
    }
    if next < replications {
        mistakes.push(format!("no shard has {}, of {replications}", span(next, replications)));
    }
    if mistakes.is_empty() { Ok(ordered) } else { Err(mistakes) }
}

fn span(first: u32, end: u32) -> String {
    if end - first == 1 { format!("replication {first}") } else { format!("replications {first} to {}", end - 1) }
}

/// Where two shards of the same replications differ.
fn unlike(one: &Shard, other: &Shard) -> Option<String> {
    let bytes = |shard: &Shard, at: usize| kept::bytes_at(&shard.path, &shard.places[at]).ok();
    let differs = |at: &usize| bytes(one, *at) != bytes(other, *at);
    (0..one.places.len()).find(differs).map(|at| {
        let both = format!("{} and {}", one.path.display(), other.path.display());
        format!("{both} differ in replication {}: one machine is faulty, or one file was changed", one.places[at].index)
    })
}

/// The scenario that the shards carry.
fn read_scenario(args: &MergeArgs, origin: &Origin) -> Result<(Reading, Model), Failure> {
    let beside = args.scenario.as_deref().unwrap_or(Path::new(&origin.file));
    let bytes = origin.text.clone().into_bytes();
    let mut reading = scenario::read_with(&origin.file, bytes, &origin.settings, &[], &files_beside(beside));
    let hint = "give the scenario's place here with --scenario, with the files that it names beside it";
    let Some(model) = reading.model.take() else {
        say(reading.render(true).trim_end());
        return Err(Failure::usage(format!("the scenario of the shards cannot be read here: {hint}")));
    };
    if reading.digest != origin.digest {
        let file = &origin.file;
        let why = format!("{file} names files that are others here than where the shards were run: {hint}");
        return Err(unmerged(vec![why]));
    }
    Ok((reading, model))
}
