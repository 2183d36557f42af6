//! `sendpool report`: one page of several finished runs, laid over each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Args;
use serde_json::Value;

use super::sweep::quoted;
use super::{Exit, Failure, print, say, whole};
use crate::report::html::GENERATOR;
use crate::report::html::overlay::{self, Folder, RUNS_MAX};

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Run folders, at most eight
    #[arg(required = true)]
    dirs: Vec<PathBuf>,
    /// Where the page goes; - is standard output
    #[arg(long, short, value_name = "FILE", default_value = "report.html")]
    output: PathBuf,
    /// Replaces a file that is no page of sendpool
    #[arg(long)]
    force: bool,
}

/// Writes the page.
pub(super) fn write(args: &ReportArgs) -> Result<Exit, Failure> {
    if args.dirs.len() > RUNS_MAX {
        return Err(Failure::usage(format!("{} runs are too many to tell apart: at most {RUNS_MAX}", args.dirs.len())));
    }
    let lasts: BTreeSet<_> = args.dirs.iter().map(|dir| dir.file_name()).collect();
    let short = lasts.len() == args.dirs.len();
    let folders: Vec<Folder> = args.dirs.iter().map(|dir| read(dir, short)).collect::<Result<_, _>>()?;
    let name = args.output.display().to_string();
    let page = overlay::page(&folders, &name).map_err(Failure::usage)?;
    if args.output == Path::new("-") {
        print(&String::from_utf8_lossy(&page.bytes))?;
        return Ok(Exit::Passed);
    }
    if !args.force && fs::read(&args.output).is_ok_and(|old| !is_ours(&old)) {
        return Err(Failure::usage(format!(
            "{name} is no page of sendpool: choose another with -o, or replace it with --force"
        )));
    }
    whole::write(&args.output, &page.bytes)
        .map_err(|error| Failure::internal(format!("cannot write {name}: {error}")))?;
    say(&format!("written to {name}"));
    Ok(Exit::Passed)
}

fn is_ours(page: &[u8]) -> bool {
    page.windows(GENERATOR.len()).any(|part| part == GENERATOR.as_bytes())
}

/// What a run folder holds; `short` is by the last part of its path.
fn read(dir: &Path, short: bool) -> Result<Folder, Failure> {
    let shown = dir.display();
    let name = match dir.file_name() {
        Some(last) if short => last.to_string_lossy().into_owned(),
        _ => shown.to_string(),
    };
    if !dir.is_dir() {
        return Err(Failure::usage(format!("{shown} is not a folder")));
    }
    for (file, what) in [("sweep.json", "a sweep"), ("compare.json", "a comparison"), ("steady.json", "a steady state")]
    {
        if dir.join(file).exists() {
            return Err(Failure::usage(format!("{shown} holds {what} and no run")));
        }
    }
    let text = |file: &Path| -> Result<Option<String>, Failure> {
        match fs::read_to_string(file) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::usage(format!("cannot read {}: {error}", file.display()))),
        }
    };
    let summary = text(&dir.join("summary.json"))?
        .ok_or_else(|| Failure::usage(format!("{shown} is not a run folder: it has no summary.json")))?;
    let mut curves = BTreeMap::new();
    for entry in fs::read_dir(dir.join("hist")).into_iter().flatten().flatten() {
        let path = entry.path();
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let is_curve = path.extension().is_some_and(|extension| extension == "hgrm");
        if let (Some(stem), true, Some(curve)) = (stem, is_curve, text(&path)?) {
            curves.insert(stem, curve);
        }
    }
    let run: Option<Value> = text(&dir.join("run.json"))?.and_then(|text| serde_json::from_str(&text).ok());
    let words = run.as_ref().and_then(|run| run["command"].as_array());
    let command = words.map(|words| {
        // The program's path is of the machine that ran it.
        let rest = words.iter().skip(1).filter_map(Value::as_str).map(quoted);
        std::iter::once("sendpool".to_owned()).chain(rest).collect::<Vec<_>>().join(" ")
    });
    Ok(Folder { name, summary, series: text(&dir.join("series.csv"))?, curves, command })
}
