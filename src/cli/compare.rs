//! `sendpool compare`: reads all designs, runs them on common random numbers and writes one folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Instant;

use clap::Args;

use super::sweep::quoted;
use super::{
    Exit, Failure, Writing, files_beside, folder, interrupt, interrupted, kept, overrides, print, progress, read_file,
    read_settings, result_folder, say, thread_pool, work,
};
use crate::compare::{self, compare};
use crate::experiment::Results;
use crate::model::Model;
use crate::report::compare::{Comparison, DesignFacts};
use crate::scenario::diagnostic::{Diagnostic, Severity};
use crate::scenario::{self, Reading};
use crate::sweep::{self, DEFAULT_MEASURES};
use crate::verdict;

/// Campaigns, countries or carriers up to which each has figures of its own.
const SUBGROUPS_MAX: usize = 12;

#[derive(Debug, Args)]
pub(super) struct CompareArgs {
    /// Scenario files: the baseline, then other designs
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// A design more: the baseline with other values, such as services.promo.validity_period=2h, joined by ' & ' (repeatable)
    #[arg(long = "with", value_name = "PATH=VALUE")]
    with: Vec<String>,
    /// A number to compare, such as "end_to_end{campaign:otp} p(95)", instead of the usual ones (repeatable)
    #[arg(long, value_name = "METRIC AGGREGATION")]
    metric: Vec<String>,
    /// Ends with exit code 96 unless every figure is shown to be within this share of the baseline's, such as 1%
    #[arg(long, value_name = "SHARE")]
    equivalent: Option<String>,
    /// Ends with exit code 96 when any figure is worse than the baseline's
    #[arg(long)]
    fail_on_worse: bool,
    /// How many replications of each design, instead of what the baseline says
    #[arg(long, value_name = "N")]
    replications: Option<u32>,
    /// The seed of all designs, instead of what the baseline says
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How many threads; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Where the results go
    #[arg(long, value_name = "DIR", help = "Where the results go [default: comparisons/<name>-<digest>]")]
    out_dir: Option<PathBuf>,
    #[command(flatten)]
    writing: Writing,
    /// Prints compare.json instead of a table
    #[arg(long)]
    json: bool,
    /// Prints nothing but errors
    #[arg(long, short)]
    quiet: bool,
    /// Replaces a value of the scenario in all designs (repeatable)
    #[arg(long = "set", value_name = "PATH=VALUE")]
    settings: Vec<String>,
}

/// A design before it is read.
struct Planned {
    name: String,
    file: PathBuf,
    bytes: Vec<u8>,
    settings: Vec<(String, String)>,
}

impl Planned {
    fn read(&self, measures: &[String]) -> Reading {
        let name = self.file.display().to_string();
        scenario::read_with(&name, self.bytes.clone(), &self.settings, measures, &files_beside(&self.file))
    }

    fn command(&self) -> String {
        let mut words = vec!["sendpool run".to_owned(), quoted(&self.file.display().to_string())];
        words.extend(self.settings.iter().map(|(path, value)| format!("--set {}", quoted(&format!("{path}={value}")))));
        words.join(" ")
    }
}

/// Runs a comparison.
pub(super) fn show(args: &CompareArgs) -> Result<Exit, Failure> {
    let equivalence = args.equivalent.as_deref().map(read_share).transpose()?;
    let mut designs = plan(args)?;
    if designs.len() < 2 {
        return Err(Failure::usage(
            "there is nothing to compare: name another file, or a change with --with PATH=VALUE",
        ));
    }
    let threads = thread_pool(args.threads)?;
    let mut first: Vec<Reading> = designs.iter().map(|design| design.read(&[])).collect();
    if !sound(&mut first, args.quiet) {
        return Ok(Exit::Usage);
    }
    // Designs of other files run as often and with the seed of the baseline.
    let models: Vec<&Model> = first.iter().filter_map(|reading| reading.model.as_ref()).collect();
    let (seed, replications) = (models[0].seed, models[0].replications);
    for (design, model) in designs.iter_mut().zip(&models) {
        if model.seed != seed {
            design.settings.push(("seed".to_owned(), seed.to_string()));
        }
        if model.replications != replications {
            design.settings.push(("replications".to_owned(), replications.to_string()));
        }
    }
    let measures = match &args.metric[..] {
        [] => usual_measures(&designs, &models),
        asked => asked.to_vec(),
    };
    let mut readings: Vec<Reading> = designs.iter().map(|design| design.read(&measures)).collect();
    if !sound(&mut readings, true) {
        return Ok(Exit::Usage);
    }
    let models: Vec<Model> =
        readings.iter_mut().map(|reading| reading.model.take().expect("a sound reading has a model")).collect();
    let parts = readings.iter().map(|reading| &reading.digest).chain(&measures).chain(&args.equivalent);
    let digest = sweep::digest(parts.map(String::as_str));
    let path = result_folder(args.out_dir.as_deref(), "comparisons", &models[0], &digest);
    let target = folder::Target::new(&path, &digest, args.writing.force)?;

    let key = |reading: &Reading| kept::Key::new(&reading.digest, measures.iter().map(String::as_str));
    let keys: Vec<kept::Key> = readings.iter().map(key).collect();
    // The same design twice, under two names or by mistake, is run once.
    let first_alike: Vec<usize> = readings
        .iter()
        .map(|reading| readings.iter().position(|other| other.digest == reading.digest).expect("it is like itself"))
        .collect();
    let is_first = |index: usize| first_alike[index] == index;
    for (index, first) in first_alike.iter().enumerate().filter(|(index, _)| !args.quiet && !is_first(*index)) {
        say(&format!("note: {} and {} are the same design: it is run once", designs[*first].name, designs[index].name));
    }
    let keys: Vec<kept::Key> = (0..keys.len()).filter(|index| is_first(*index)).map(|index| keys[index]).collect();
    let different = || models.iter().enumerate().filter(|(index, _)| is_first(*index)).map(|(_, model)| model);
    let all = || keys.iter().flat_map(|key| (0..replications).map(|index| (*key, index)));
    let work = work::Work::open(&target.beside("work"));
    if !args.quiet {
        work.announce(all());
    }
    interrupt::watch()?;
    #[expect(clippy::disallowed_methods, reason = "run.json tells how long a comparison took; no result does")]
    let started = Instant::now();
    let extent = progress::Extent::of(different().map(|model| (model, replications)));
    let shelves: Vec<_> = keys.iter().map(|key| work.shelf(*key)).collect();
    let (ran, messages) = progress::shown(&extent, progress::visible(args.quiet), |progress| {
        let models: Vec<&Model> = different().collect();
        let ran = threads.install(|| compare::run(&models, replications, progress, &shelves));
        (ran, progress.messages.load(Ordering::Relaxed))
    });
    let complete = ran.iter().all(|ran| ran.complete);
    let results: Vec<Results> = ran.into_iter().map(|ran| ran.results).collect();
    let pairs = results[0].replications;
    if pairs == 0 {
        return Err(interrupted(work.count(all()), extent.replications, work.settle().ok(), None));
    }
    let simulated = started.elapsed();
    let different: Vec<usize> = (0..models.len()).filter(|index| is_first(*index)).collect();
    let results_of = |first: &usize| {
        let place = different.iter().position(|index| index == first).expect("every design was run, or one like it");
        &results[place]
    };
    let runs: Vec<_> = models.iter().zip(first_alike.iter().map(results_of)).collect();
    let facts = designs.iter().zip(&readings).zip(&runs).map(|((design, reading), (model, results))| {
        let verdicts = verdict::judge(model, results);
        DesignFacts {
            name: design.name.clone(),
            digest: reading.digest.clone(),
            command: design.command(),
            promises: verdicts.len(),
            promises_kept: verdicts.iter().filter(|verdict| verdict.passed).count(),
            trajectory: format!("{:016x}", results.trajectory),
        }
    });
    let comparison = Comparison {
        designs: facts.collect(),
        digest: digest.clone(),
        command: command(args),
        seed,
        replications: pairs,
        equivalence,
        rows: compare(&runs, equivalence),
        runs,
    };
    let mut files = comparison.files();
    let result = crate::report::digest(&files);
    files.extend(comparison.dress(args.writing.png));
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
        let partial = target.write_partial(&files)?;
        return Err(interrupted(work.count(all()), extent.replications, work.settle().ok(), Some(&partial)));
    }
    let folder = target.write(&files).map_err(|failure| failure.with_work(&work))?;
    target.forget_partial();
    work.finish();
    if args.json {
        print(&comparison.json())?;
    } else if !args.quiet {
        let end = format!("\nresult {}  written to {}\n", &result[..16], folder.display());
        print(&format!("{}{end}", comparison.terminal()))?;
    }
    super::ci::append_summary(&comparison.markdown())?;
    let worse = args.fail_on_worse && comparison.any_worse();
    let apart = equivalence.is_some() && !comparison.all_equivalent();
    Ok(if worse || apart { Exit::Baseline } else { Exit::Passed })
}

/// The command that asks the same.
fn command(args: &CompareArgs) -> String {
    let mut words = vec!["sendpool compare".to_owned()];
    words.extend(args.files.iter().map(|file| quoted(&file.display().to_string())));
    words.extend(args.with.iter().map(|change| format!("--with {}", quoted(change))));
    words.extend(args.settings.iter().map(|setting| format!("--set {}", quoted(setting))));
    words.extend(args.metric.iter().map(|measure| format!("--metric {}", quoted(measure))));
    words.extend(args.seed.map(|seed| format!("--seed {seed}")));
    words.extend(args.replications.map(|count| format!("--replications {count}")));
    words.extend(args.equivalent.iter().map(|share| format!("--equivalent {}", quoted(share))));
    words.join(" ")
}

fn read_share(text: &str) -> Result<f64, Failure> {
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
        None => text.parse::<f64>(),
    };
    share.ok().filter(|share| *share > 0.0 && *share < 1.0).ok_or_else(|| {
        Failure::usage(format!("--equivalent {text}: write a share of the baseline's figure, such as 1%"))
    })
}

fn plan(args: &CompareArgs) -> Result<Vec<Planned>, Failure> {
    let mut common = read_settings(&args.settings)?;
    common.extend(overrides(args.seed, args.replications));
    let read = |file: &Path| {
        read_file(file).map_err(|error| Failure::usage(format!("cannot read {}: {error}", file.display())))
    };
    let stems: BTreeSet<_> = args.files.iter().map(|file| file.file_stem()).collect();
    let name = |file: &Path| match file.file_stem() {
        Some(stem) if stems.len() == args.files.len() => stem.to_string_lossy().into_owned(),
        _ => file.display().to_string(),
    };
    let mut designs = Vec::new();
    for file in &args.files {
        designs.push(Planned { name: name(file), file: file.clone(), bytes: read(file)?, settings: common.clone() });
    }
    for change in &args.with {
        let pairs: Vec<String> = change.split(" & ").map(|pair| pair.trim().to_owned()).collect();
        let pairs = pairs.iter().map(|pair| {
            pair.split_once('=').map(|(path, value)| (path.to_owned(), value.to_owned())).ok_or_else(|| {
                Failure::usage(format!("--with {change}: write PATH=VALUE, such as services.promo.queue.capacity=4h"))
            })
        });
        let mut settings = common.clone();
        settings.extend(pairs.collect::<Result<Vec<_>, Failure>>()?);
        let bytes = designs[0].bytes.clone();
        designs.push(Planned { name: change.clone(), file: args.files[0].clone(), bytes, settings });
    }
    Ok(designs)
}

/// Shows what was found, once where several designs have it, as those of one file do; whether all designs have models.
fn sound(readings: &mut [Reading], quiet: bool) -> bool {
    let wrong = readings.iter().any(|reading| reading.model.is_none());
    let mut told: Vec<(String, Diagnostic)> = Vec::new();
    for reading in readings {
        if reading.model.is_none() || (!quiet && !wrong) {
            let file = &reading.file;
            reading.findings.retain(|finding| !told.iter().any(|(of, other)| of == file && other == finding));
            told.extend(reading.findings.iter().map(|finding| (file.clone(), finding.clone())));
            let text = reading.render(true);
            if !text.is_empty() {
                say(text.trim_end());
                say("");
            }
        }
    }
    !wrong
}

/// What is compared when nothing else is said: the usual figures, what promises ask for, and a few by campaign, country
/// and carrier; all that every design has.
fn usual_measures(designs: &[Planned], models: &[&Model]) -> Vec<String> {
    let mut list: Vec<String> = DEFAULT_MEASURES.map(str::to_owned).into();
    list.extend(models.iter().flat_map(|model| &model.thresholds).map(|threshold| threshold.measure().to_string()));
    let base = models[0];
    let campaigns: Vec<&str> = base.campaigns.iter().map(|campaign| campaign.name.as_str()).collect();
    let countries: Vec<&str> = base.countries.iter().map(|country| country.code.as_str()).collect();
    let carriers: Vec<&str> = base.carriers.iter().map(|carrier| carrier.id.as_str()).collect();
    let several = |names: &[&str]| names.len() > 1 && names.len() <= SUBGROUPS_MAX;
    for name in campaigns.iter().filter(|_| several(&campaigns)) {
        list.extend([format!("queue_wait{{campaign:{name}}} p(95)"), format!("delivered{{campaign:{name}}} rate")]);
    }
    for name in countries.iter().filter(|_| several(&countries)) {
        list.extend([format!("end_to_end{{country:{name}}} p(95)"), format!("delivered{{country:{name}}} rate")]);
    }
    for name in carriers.iter().filter(|_| several(&carriers)) {
        list.push(format!("delivered{{carrier:{name}}} rate"));
    }
    let mut known = BTreeSet::new();
    list.retain(|text| known.insert(text.clone()));
    let wrong: BTreeSet<String> = designs
        .iter()
        .flat_map(|design| design.read(&list).findings)
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.path)
        .collect();
    list.retain(|text| !wrong.contains(&format!("--metric {text}")));
    list
}
