//! `run --shard k/n`: a part of a run's replications, into a file that `merge` puts together with the others.
//!
//! Shard k of n, counted from 1, has the replications from ⌊R (k - 1) / n⌋ to ⌊R k / n⌋ of R. A shard needs nothing but the
//! scenario, so any scheduler will do; `auto` reads which part of an array job this is.

use std::env;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::kept::{self, Entry, Key, Origin};
use super::work::Work;
use super::{Exit, Failure, folder, interrupt, print, progress, say};
use crate::experiment::{Progress, kept_or_run, threads_for};
use crate::metrics::Collector;
use crate::model::Model;
use crate::report::words::plural;

/// The most shards of a run: as many as it may have replications.
const SHARDS_MAX: u32 = crate::scenario::MAX_REPLICATIONS;

/// A part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    /// Which, from 1.
    number: u32,
    /// Of how many.
    count: u32,
}

impl Shard {
    /// `k/n`, `auto` or `auto/n`.
    pub(super) fn parse(text: &str) -> Result<Shard, Failure> {
        Shard::read(text, &|name| env::var(name).ok()).map_err(|why| Failure::usage(format!("--shard {text}: {why}")))
    }

    fn read(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Shard, String> {
        let (number, count) = match text.split_once('/') {
            None if text == "auto" => (None, None),
            Some(("auto", count)) => (None, Some(count)),
            Some((number, count)) => (Some(number), Some(count)),
            None => return Err("write which of how many, such as 2/7, or auto within an array job".to_owned()),
        };
        let count = count.map(whole).transpose()?;
        let shard = match number {
            Some(number) => Shard { number: whole(number)?, count: count.ok_or("of how many?")? },
            None => automatic(count, variable)?,
        };
        if !(1..=SHARDS_MAX).contains(&shard.count) {
            return Err(format!("a run has 1 to {SHARDS_MAX} shards"));
        }
        if !(1..=shard.count).contains(&shard.number) {
            return Err(format!("shards are counted from 1: write 1/{0} to {0}/{0}", shard.count));
        }
        Ok(shard)
    }

    /// Its replications of so many.
    fn range(self, replications: u32) -> Range<u32> {
        let bound = |shards: u32| (u64::from(replications) * u64::from(shards) / u64::from(self.count)) as u32;
        bound(self.number - 1)..bound(self.number)
    }
}

fn whole(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("`{text}` is no whole number"))
}

/// An array job's variables: the index of this part and, where the scheduler tells, the first, the last and the step.
struct Scheduler {
    name: &'static str,
    index: &'static str,
    first: Base,
    last: Option<&'static str>,
    step: Option<&'static str>,
    /// Number of parts.
    count: Option<&'static str>,
}

/// Where indices begin.
enum Base {
    /// Always at 0.
    Zero,
    /// At what this variable says.
    Told(&'static str),
    /// Nobody says.
    Unknown,
}

/// After the schedulers' manuals: Slurm's sbatch, Kubernetes' Indexed Jobs, AWS Batch's array jobs, Grid Engine's qsub -t,
/// PBS Professional's qsub -J, Torque's qsub -t, LSF's bsub -J.
const SCHEDULERS: [Scheduler; 7] = [
    Scheduler {
        name: "Slurm",
        index: "SLURM_ARRAY_TASK_ID",
        first: Base::Told("SLURM_ARRAY_TASK_MIN"),
        last: Some("SLURM_ARRAY_TASK_MAX"),
        step: Some("SLURM_ARRAY_TASK_STEP"),
        count: Some("SLURM_ARRAY_TASK_COUNT"),
    },
    Scheduler {
        name: "Kubernetes",
        index: "JOB_COMPLETION_INDEX",
        first: Base::Zero,
        last: None,
        step: None,
        count: None,
    },
    Scheduler {
        name: "AWS Batch",
        index: "AWS_BATCH_JOB_ARRAY_INDEX",
        first: Base::Zero,
        last: None,
        step: None,
        count: Some("AWS_BATCH_JOB_ARRAY_SIZE"),
    },
    Scheduler {
        name: "Grid Engine",
        index: "SGE_TASK_ID",
        first: Base::Told("SGE_TASK_FIRST"),
        last: Some("SGE_TASK_LAST"),
        step: Some("SGE_TASK_STEPSIZE"),
        count: None,
    },
    Scheduler { name: "PBS", index: "PBS_ARRAY_INDEX", first: Base::Unknown, last: None, step: None, count: None },
    Scheduler { name: "Torque", index: "PBS_ARRAYID", first: Base::Unknown, last: None, step: None, count: None },
    Scheduler { name: "LSF", index: "LSB_JOBINDEX", first: Base::Unknown, last: None, step: None, count: None },
];

/// Which part of an array job this is.
fn automatic(given: Option<u32>, variable: &dyn Fn(&str) -> Option<String>) -> Result<Shard, String> {
    // Grid Engine says `undefined` and LSF 0 outside array jobs.
    let index = |scheduler: &Scheduler| {
        variable(scheduler.index).filter(|value| value != "undefined" && !(value == "0" && scheduler.name == "LSF"))
    };
    let found: Vec<(&Scheduler, String)> =
        SCHEDULERS.iter().filter_map(|scheduler| Some((scheduler, index(scheduler)?))).collect();
    let (scheduler, index) = match &found[..] {
        [] => {
            let names: Vec<&str> = SCHEDULERS.iter().map(|scheduler| scheduler.index).collect();
            return Err(format!("this is no array job: none of {} is set; write which of how many", names.join(", ")));
        }
        [(scheduler, index)] => (*scheduler, whole(index).map_err(|why| format!("{}: {why}", scheduler.index))?),
        several => {
            let names: Vec<&str> = several.iter().map(|(scheduler, _)| scheduler.index).collect();
            return Err(format!("{} are all set: write which of how many", names.join(" and ")));
        }
    };
    let number = |name: &str| match variable(name) {
        Some(value) => whole(&value).map(Some).map_err(|why| format!("{name}: {why}")),
        None => Ok(None),
    };
    let told = |name: Option<&'static str>| name.map_or(Ok(None), number);
    let ask = |why: String| {
        Err(format!("{}={index}, but {why}: write which of how many, such as --shard 2/7", scheduler.index))
    };
    let first = match scheduler.first {
        Base::Zero => Some(0),
        Base::Told(name) => number(name)?,
        Base::Unknown => None,
    };
    let Some(first) = first else {
        return ask(format!("{} does not tell where the indices begin, nor how many there are", scheduler.name));
    };
    let step = told(scheduler.step)?.filter(|step| *step > 0).unwrap_or(1);
    let by_ends = told(scheduler.last)?.and_then(|last| Some(last.checked_sub(first)? / step + 1));
    let count = match (told(scheduler.count)?, by_ends) {
        (Some(count), Some(by_ends)) if count != by_ends => {
            return ask(format!("the {count} indices of the array have gaps"));
        }
        (count, by_ends) => count.or(by_ends),
    };
    let count = match (count, given) {
        (Some(count), Some(given)) if count != given => {
            return ask(format!("the array has {count} parts and not {given}"));
        }
        (count, given) => count.or(given),
    };
    let Some(count) = count else {
        return Err(format!(
            "{}={index}, but {} does not tell how many parts there are: write --shard auto/7 for seven",
            scheduler.index, scheduler.name
        ));
    };
    let Some(number) = index.checked_sub(first).filter(|past| past.is_multiple_of(step)).map(|past| past / step + 1)
    else {
        return ask(format!("the indices begin at {first} and go up by {step}"));
    };
    Ok(Shard { number, count })
}

/// What a shard is run with.
pub(super) struct Order<'a> {
    pub shard: Shard,
    pub model: &'a Model,
    /// All but the range.
    pub origin: Origin,
    /// Where the shard goes, instead of a folder of its own.
    pub out_dir: Option<&'a Path>,
    pub quiet: bool,
}

/// Runs a shard and writes its file.
pub(super) fn run(order: Order, threads: &rayon::ThreadPool) -> Result<Exit, Failure> {
    let Order { shard, model, mut origin, out_dir, quiet } = order;
    let range = shard.range(model.replications);
    (origin.first, origin.end) = (range.start, range.end);
    let stem = format!("{}-{}", model.name, &origin.digest[..8]);
    let folder = out_dir.map_or_else(|| PathBuf::from("shards").join(&stem), Path::to_owned);
    let path = folder.join(format!("{stem}-{:06}-{:06}.shard", range.start, range.end));
    folder::probe(&folder, &folder.join(format!(".{stem}.new-{}", std::process::id())), "--out-dir")?;

    let key = Key::new(&origin.digest, std::iter::empty());
    let work = Work::open(&path.with_extension("work"));
    if !quiet {
        work.announce(range.clone().map(|index| (key, index)));
    }
    interrupt::watch()?;
    let (shelf, scopes) = (work.shelf(key), Collector::scopes(model));
    let extent = progress::Extent::of([(model, range.end - range.start)]);
    let each = threads.install(|| threads_for(range.len()));
    let one = |index: u32, progress: &Progress| kept_or_run(model, index, &scopes, progress, &shelf, each).is_some();
    let complete = progress::shown(&extent, progress::visible(quiet), |progress| {
        threads.install(|| range.clone().into_par_iter().all(|index| one(index, progress)))
    });
    let settled = work.settle().map(Path::to_owned);
    if !complete {
        let done = work.count(range.clone().map(|index| (key, index)));
        return Err(super::interrupted(done, range.len() as u64, settled.as_deref().ok(), None));
    }
    let failed = |why: String| Failure::internal(format!("cannot write {}: {why}", path.display()));
    settled.map_err(failed)?;
    let entries = range.clone().map(|index| Ok(Entry { key, index, bytes: work.bytes(key, index)? }));
    kept::write_shard(&path, &origin, entries).map_err(|error| failed(error.to_string()))?;
    work.finish();
    if !quiet {
        let what = match range.len() {
            0 => "no replication: there are fewer than shards".to_owned(),
            _ => format!(
                "{} ({} to {} of 0 to {})",
                plural(range.len() as u64, "replication", "replications"),
                range.start,
                range.end - 1,
                model.replications - 1
            ),
        };
        say(&format!(
            "shard {}/{}: {what}; merge all with `sendpool merge {}`",
            shard.number,
            shard.count,
            folder.display()
        ));
    }
    print(&format!("{}\n", path.display()))?;
    Ok(Exit::Passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, variables: &[(&str, &str)]) -> Result<(u32, u32), String> {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Shard::read(text, &variable).map(|shard| (shard.number, shard.count))
    }

    #[test]
    fn shards_are_counted_from_one() {
        assert_eq!(read("2/7", &[]), Ok((2, 7)));
        assert_eq!(read("1/1", &[]), Ok((1, 1)));
        for wrong in ["0/7", "8/7", "7", "/7", "2/", "2/0", "-1/7", "a/b", "2/7/9", "", "1/100001"] {
            read(wrong, &[]).expect_err(wrong);
        }
    }

    /// Every replication is in one shard, and shards differ by one at most.
    #[test]
    fn shards_cover_a_run() {
        for (replications, count) in [(20, 1), (20, 2), (20, 7), (3, 7), (100_000, 99_999), (1, 1)] {
            let mut next = 0;
            for number in 1..=count {
                let range = Shard { number, count }.range(replications);
                assert_eq!(range.start, next);
                let share = replications / count;
                assert!((share..=share + 1).contains(&(range.end - range.start)));
                next = range.end;
            }
            assert_eq!(next, replications);
        }
    }

    #[test]
    fn array_jobs_tell_which_part_they_are() {
        let slurm = |id, min, max, step, count| {
            let variables = [
                ("SLURM_ARRAY_TASK_ID", id),
                ("SLURM_ARRAY_TASK_MIN", min),
                ("SLURM_ARRAY_TASK_MAX", max),
                ("SLURM_ARRAY_TASK_STEP", step),
                ("SLURM_ARRAY_TASK_COUNT", count),
            ];
            read("auto", &variables)
        };
        assert_eq!(slurm("0", "0", "6", "1", "7"), Ok((1, 7)));
        assert_eq!(slurm("7", "1", "7", "1", "7"), Ok((7, 7)));
        assert_eq!(slurm("11", "1", "21", "5", "5"), Ok((3, 5)));
        assert!(slurm("3", "1", "9", "1", "3").unwrap_err().contains("gaps"));
        assert!(slurm("12", "1", "21", "5", "5").unwrap_err().contains("go up by 5"));

        let batch = [("AWS_BATCH_JOB_ARRAY_INDEX", "4"), ("AWS_BATCH_JOB_ARRAY_SIZE", "10")];
        assert_eq!(read("auto", &batch), Ok((5, 10)));
        assert_eq!(read("auto/10", &batch), Ok((5, 10)));
        assert!(read("auto/9", &batch).unwrap_err().contains("10 parts and not 9"));

        let engine =
            [("SGE_TASK_ID", "21"), ("SGE_TASK_FIRST", "1"), ("SGE_TASK_LAST", "91"), ("SGE_TASK_STEPSIZE", "10")];
        assert_eq!(read("auto", &engine), Ok((3, 10)));

        let kubernetes = [("JOB_COMPLETION_INDEX", "0")];
        assert!(read("auto", &kubernetes).unwrap_err().contains("auto/7"));
        assert_eq!(read("auto/7", &kubernetes), Ok((1, 7)));
        assert_eq!(read("auto/7", &[("JOB_COMPLETION_INDEX", "6")]), Ok((7, 7)));
        read("auto/7", &[("JOB_COMPLETION_INDEX", "7")]).expect_err("there are seven");
    }

    #[test]
    fn what_is_not_told_is_asked_for() {
        assert!(read("auto", &[("PBS_ARRAY_INDEX", "3")]).unwrap_err().contains("where the indices begin"));
        assert!(read("auto/7", &[("PBS_ARRAYID", "3")]).unwrap_err().contains("--shard 2/7"));
        assert!(read("auto", &[]).unwrap_err().contains("no array job"));
        assert!(
            read("auto", &[("SGE_TASK_ID", "undefined"), ("LSB_JOBINDEX", "0")]).unwrap_err().contains("no array job")
        );
        let two = [("SLURM_ARRAY_TASK_ID", "1"), ("JOB_COMPLETION_INDEX", "1")];
        assert!(read("auto", &two).unwrap_err().contains("all set"));
        assert!(read("auto", &[("JOB_COMPLETION_INDEX", "x")]).unwrap_err().contains("no whole number"));
    }
}
