//! The run folder. Everything is written to a temporary folder beside it and renamed at the end, so a run leaves the old
//! results or the new, never half.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use serde_json::{Value, json};

use super::Failure;
use crate::report::OutputFile;

/// The only file with times and facts of the machine.
const RUN_FILE: &str = "run.json";

/// A folder that may be written.
#[derive(Debug)]
pub(super) struct Target {
    path: PathBuf,
}

/// What `run.json` tells.
pub(super) struct RunFacts<'a> {
    /// Digest of the scenario.
    pub digest: &'a str,
    /// Digest of the results.
    pub result: &'a str,
    /// Threads used.
    pub threads: usize,
    /// Time spent simulating.
    pub simulated: Duration,
    /// Time spent in all.
    pub total: Duration,
    /// Messages simulated.
    pub messages: f64,
}

/// `run.json`.
pub(super) fn run_file(facts: &RunFacts) -> OutputFile {
    let content = json!({
        "tool": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "scenario_digest": facts.digest,
        "result_digest": facts.result,
        "command": std::env::args().collect::<Vec<String>>(),
        "host": { "os": std::env::consts::OS, "arch": std::env::consts::ARCH },
        "threads": facts.threads,
        "simulated_seconds": facts.simulated.as_secs_f64(),
        "total_seconds": facts.total.as_secs_f64(),
        "messages_per_second": facts.messages / facts.simulated.as_secs_f64().max(1e-9),
    });
    let mut bytes = serde_json::to_vec_pretty(&content).expect("plain data");
    bytes.push(b'\n');
    OutputFile { path: RUN_FILE.to_owned(), bytes }
}

impl Target {
    /// A folder that does not exist, is empty, or holds a run of the same scenario; any folder with `force`.
    pub(super) fn new(path: &Path, digest: &str, force: bool) -> Result<Target, Failure> {
        let target = Target { path: path.to_owned() };
        let refused = |why: &str| {
            Failure::usage(format!(
                "the folder {} {why}: choose another with --out-dir, or replace it with --force",
                path.display()
            ))
        };
        if path.file_name().is_none() {
            return Err(Failure::usage(format!(
                "{} is not a folder that can be replaced: name one below it",
                path.display()
            )));
        }
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(target),
            Err(error) => return Err(Failure::usage(format!("cannot look at {}: {error}", path.display()))),
            Ok(found) if !found.is_dir() => {
                return Err(Failure::usage(format!("{} is not a folder", path.display())));
            }
            Ok(_) if force => return Ok(target),
            Ok(_) => {}
        }
        let run = fs::read(path.join(RUN_FILE)).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        match run {
            Some(run) if run["scenario_digest"] == digest => Ok(target),
            Some(_) => Err(refused("holds the results of another scenario")),
            None => {
                let mut entries = fs::read_dir(path)
                    .map_err(|error| Failure::usage(format!("cannot look into {}: {error}", path.display())))?;
                if entries.next().is_none() { Ok(target) } else { Err(refused("is not a run folder")) }
            }
        }
    }

    /// Writes all files and puts them in place.
    pub(super) fn write(&self, files: &[OutputFile]) -> Result<PathBuf, Failure> {
        let failed = |what: &str, path: &Path, error: &io::Error| {
            Failure::internal(format!("cannot {what} {}: {error}", path.display()))
        };
        let parent = match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        fs::create_dir_all(&parent).map_err(|error| failed("create", &parent, &error))?;
        let name = self.path.file_name().map_or_else(|| "run".into(), |name| name.to_string_lossy().into_owned());
        let fresh = parent.join(format!(".{name}.new-{}", std::process::id()));
        let old = parent.join(format!(".{name}.old-{}", std::process::id()));
        let outcome = write_all(&fresh, files).and_then(|()| {
            if self.path.exists() {
                fs::rename(&self.path, &old)?;
            }
            fs::rename(&fresh, &self.path)
        });
        if let Err(error) = outcome {
            // What was there before comes back, and nothing half-written stays.
            if old.exists() && !self.path.exists() {
                let _ = fs::rename(&old, &self.path);
            }
            let _ = fs::remove_dir_all(&fresh);
            return Err(failed("write", &self.path, &error));
        }
        let _ = fs::remove_dir_all(&old);
        Ok(self.path.clone())
    }
}

fn write_all(folder: &Path, files: &[OutputFile]) -> io::Result<()> {
    // A leftover of a killed process with the same number.
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir(folder)?;
    for file in files {
        let path = folder.join(&file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, &file.bytes)?;
    }
    Ok(())
}
