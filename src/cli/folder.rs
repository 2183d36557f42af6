//! The run folder. Everything is written to a temporary folder beside it, which is exchanged with the old one in a single step
//! at the end, so a run leaves the old results or the new, never half, whenever it is killed.
//!
//! Where the system cannot exchange folders the old one is moved away first; when the run is killed between the two steps,
//! the next one brings it back.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use rayon::prelude::*;
use serde_json::{Value, json};

use super::Failure;
use super::kept::sync_folder;
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
    /// Whether these are the results of fewer replications than were asked for.
    pub interrupted: bool,
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
        "messages": facts.messages,
        "messages_per_second": facts.messages / facts.simulated.as_secs_f64().max(1e-9),
        "interrupted": facts.interrupted,
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
        target.recover();
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return target.writable(),
            Err(error) => return Err(Failure::usage(format!("cannot look at {}: {error}", path.display()))),
            Ok(found) if !found.is_dir() => {
                return Err(Failure::usage(format!("{} is not a folder", path.display())));
            }
            Ok(_) if force => return target.writable(),
            Ok(_) => {}
        }
        let run = fs::read(path.join(RUN_FILE)).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        match run {
            Some(run) if run["scenario_digest"] == digest => target.writable(),
            Some(_) => Err(refused("holds the results of another scenario")),
            None => {
                let mut entries = fs::read_dir(path)
                    .map_err(|error| Failure::usage(format!("cannot look into {}: {error}", path.display())))?;
                if entries.next().is_none() { target.writable() } else { Err(refused("is not a run folder")) }
            }
        }
    }

    /// A path beside the folder, such as that of the work under way.
    pub(super) fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.file_name().map(ToOwned::to_owned).unwrap_or_default();
        name.push(format!(".{ending}"));
        self.path.with_file_name(name)
    }

    /// Writes all files and puts them in place.
    pub(super) fn write(&self, files: &[OutputFile]) -> Result<PathBuf, Failure> {
        let fresh = self.hidden("new");
        let outcome = write_all(&fresh, files).and_then(|()| self.put_in_place(&fresh));
        // Nothing half-written stays, and nothing of runs that were killed.
        let _ = fs::remove_dir_all(&fresh);
        self.sweep_up();
        match outcome {
            Ok(()) => Ok(self.path.clone()),
            Err(error) => Err(Failure::internal(format!("cannot write {}: {error}", self.path.display()))),
        }
    }

    /// Writes what an interrupted run has so far: beside the folder, which keeps what it holds.
    pub(super) fn write_partial(&self, files: &[OutputFile]) -> Result<PathBuf, Failure> {
        let path = self.beside("partial");
        if path.exists() && !is_partial(&path) {
            let message = format!("cannot write {}: it holds something else", path.display());
            return Err(Failure::internal(message));
        }
        Target { path }.write(files)
    }

    /// What an interrupted run left goes when the whole is in its place.
    pub(super) fn forget_partial(&self) {
        let path = self.beside("partial");
        if is_partial(&path) {
            let _ = fs::remove_dir_all(path);
        }
    }

    fn put_in_place(&self, fresh: &Path) -> io::Result<()> {
        if !self.path.exists() {
            fs::rename(fresh, &self.path)?;
        } else if !exchange(fresh, &self.path) {
            let old = self.hidden("old");
            fs::rename(&self.path, &old)?;
            if let Err(error) = fs::rename(fresh, &self.path) {
                let _ = fs::rename(&old, &self.path);
                return Err(error);
            }
            let _ = fs::remove_dir_all(&old);
        }
        sync_folder(&self.parent())
    }

    /// Refuses now and not after an hour of work when nothing can be written there.
    fn writable(self) -> Result<Target, Failure> {
        probe(&self.parent(), &self.hidden("new"), "--out-dir")?;
        Ok(self)
    }

    fn parent(&self) -> PathBuf {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        }
    }

    fn name(&self) -> String {
        self.path.file_name().map_or_else(|| "run".into(), |name| name.to_string_lossy().into_owned())
    }

    /// A folder beside it that only this process uses.
    fn hidden(&self, what: &str) -> PathBuf {
        self.parent().join(format!(".{}.{what}-{}", self.name(), std::process::id()))
    }

    /// Such folders of processes that are gone.
    fn leftovers(&self, what: &str) -> Vec<PathBuf> {
        let prefix = format!(".{}.{what}-", self.name());
        let process = |path: &PathBuf| path.file_name()?.to_str()?.strip_prefix(&prefix)?.parse().ok();
        let entries = fs::read_dir(self.parent()).into_iter().flatten().flatten().map(|entry| entry.path());
        entries.filter(|path| process(path).is_some_and(|process| !is_alive(process))).collect()
    }

    /// Brings back what was moved away by a run that was killed before it put its own in place.
    fn recover(&self) {
        if !self.path.exists()
            && let Some(old) = self.leftovers("old").first()
        {
            let _ = fs::rename(old, &self.path);
        }
    }

    fn sweep_up(&self) {
        for path in ["new", "old"].iter().flat_map(|what| self.leftovers(what)) {
            let _ = fs::remove_dir_all(path);
        }
    }
}

/// Whether a folder holds what an interrupted run left, and nothing that anybody would miss.
fn is_partial(folder: &Path) -> bool {
    let run = fs::read(folder.join(RUN_FILE)).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    run.is_some_and(|run| run["interrupted"] == true)
}

/// Whether something can be written into a folder, by writing `name`; makes the folder. `option` names another one.
pub(super) fn probe(folder: &Path, name: &Path, option: &str) -> Result<(), Failure> {
    let tried = fs::create_dir_all(folder).and_then(|()| File::create(name)).and_then(|_| fs::remove_file(name));
    tried.map_err(|error| {
        Failure::usage(format!("cannot write into {}: {error}: choose another folder with {option}", folder.display()))
    })
}

/// Exchanges two folders in one step; false where that cannot be done.
fn exchange(one: &Path, other: &Path) -> bool {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok()
    }
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    {
        let _ = (one, other);
        false
    }
}

/// Whether a process runs; yes where that cannot be known.
fn is_alive(process: i32) -> bool {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, test_kill_process};
        Pid::from_raw(process).is_none_or(|pid| test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
    }
    #[cfg(not(unix))]
    {
        let _ = process;
        true
    }
}

fn write_all(folder: &Path, files: &[OutputFile]) -> io::Result<()> {
    // A leftover of a killed process with the same number.
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir(folder)?;
    for parent in files.iter().filter_map(|file| Path::new(&file.path).parent()) {
        fs::create_dir_all(folder.join(parent))?;
    }
    // Side by side: most of the time is waiting for the disk.
    files.par_iter().try_for_each(|file| {
        let mut out = File::create(folder.join(&file.path))?;
        out.write_all(&file.bytes)?;
        out.sync_all()
    })?;
    sync_folder(folder)
}
