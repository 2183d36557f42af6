//! The work folder of a run: its finished replications, while it is under way. It stands beside the folder that the results go
//! to, and goes when they are there. A run that is stopped, or killed, finds it again and goes on from it.
//!
//! Keeping costs little: what is finished is collected and written at most ten times a second, later once in each hundredth of
//! the time so far, so a run that is killed loses no more than that. When it cannot be written the run goes on without.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::kept::{self, Entry, Key, Place};
use super::say;
use crate::experiment::{Kept, Replication};
use crate::report::words::plural;

const ENDING: &str = "kept";
/// The shortest time between two files.
const PAUSE_MIN: Duration = Duration::from_millis(100);

/// Finished replications of whatever is run.
pub(super) struct Work {
    folder: PathBuf,
    started: Instant,
    state: Mutex<State>,
}

struct State {
    /// Where replications are, by the number of their file.
    places: BTreeMap<(Key, u32), (usize, Place)>,
    files: Vec<PathBuf>,
    pending: Vec<Entry>,
    written: Instant,
    /// Why nothing is kept any more.
    failed: Option<io::Error>,
}

impl Work {
    /// Looks for what an earlier run left in `folder`. Files that are damaged or of another build are passed over.
    #[expect(clippy::disallowed_methods, reason = "the clock decides when a file is written, and no result")]
    pub(super) fn open(folder: &Path) -> Work {
        let now = Instant::now();
        let mut state =
            State { places: BTreeMap::new(), files: Vec::new(), pending: Vec::new(), written: now, failed: None };
        let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        for path in entries.filter(|path| path.extension().is_some_and(|ending| ending == ENDING)) {
            match kept::open(&path) {
                Ok(file) => state.add(file),
                Err(why) => say(&format!("note: {} {why}; what it holds is run again", path.display())),
            }
        }
        Work { folder: folder.to_owned(), started: now, state: Mutex::new(state) }
    }

    /// Of these, how many are kept.
    pub(super) fn count(&self, wanted: impl Iterator<Item = (Key, u32)>) -> u64 {
        let state = self.lock();
        let pending: Vec<(Key, u32)> = state.pending.iter().map(|entry| (entry.key, entry.index)).collect();
        wanted.filter(|it| state.places.contains_key(it) || pending.contains(it)).count() as u64
    }

    /// Tells the user when a run goes on from an earlier one.
    pub(super) fn announce(&self, wanted: impl Iterator<Item = (Key, u32)>) {
        let found = self.count(wanted);
        if found > 0 {
            let found = plural(found, "replication", "replications");
            say(&format!("going on from {}, where a stopped run left {found}", self.folder.display()));
        }
    }

    /// The replications of one scenario.
    pub(super) fn shelf(&self, key: Key) -> Shelf<'_> {
        Shelf { work: self, key }
    }

    /// Writes what is not written yet; the folder, or why nothing is kept.
    pub(super) fn settle(&self) -> Result<&Path, String> {
        let mut state = self.lock();
        self.write(&mut state);
        match &state.failed {
            None => Ok(&self.folder),
            Some(error) => Err(format!("{}: {error}", self.folder.display())),
        }
    }

    /// The bytes of a replication that was found or kept.
    pub(super) fn bytes(&self, key: Key, index: u32) -> io::Result<Vec<u8>> {
        let state = self.lock();
        let (file, place) = state.places.get(&(key, index)).ok_or(io::ErrorKind::NotFound)?;
        kept::bytes_at(&state.files[*file], place)
    }

    /// The results are in their place: the folder goes.
    pub(super) fn finish(self) {
        // Its own files alone: who keeps something else in a folder of this name keeps it. What stays is in nobody's way.
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let is_own = |path: &PathBuf| {
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".new-"));
            hidden || path.extension().is_some_and(|ending| ending == ENDING)
        };
        entries.filter(is_own).for_each(|path| drop(fs::remove_file(path)));
        let _ = fs::remove_dir(&self.folder);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Whoever panicked with the lock changed nothing by halves.
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self, state: &mut State) {
        if state.pending.is_empty() || state.failed.is_some() {
            return;
        }
        let folder = &self.folder;
        let written = fs::create_dir_all(folder).and_then(|()| kept::write_named(folder, ENDING, &mut state.pending));
        match written {
            Ok(file) => state.add(file),
            Err(error) => {
                say(&format!(
                    "warning: cannot keep finished replications in {}: {error}; the run goes on, and starts anew if it is stopped",
                    folder.display()
                ));
                // If it is empty.
                let _ = fs::remove_dir(folder);
                state.pending = Vec::new();
                state.failed = Some(error);
            }
        }
    }
}

impl State {
    fn add(&mut self, file: kept::KeptFile) {
        let number = self.files.len();
        self.files.push(file.path);
        self.places.extend(file.places.into_iter().map(|place| ((place.key, place.index), (number, place))));
    }
}

/// The replications of one scenario in a work folder.
pub(super) struct Shelf<'w> {
    work: &'w Work,
    key: Key,
}

impl Kept for Shelf<'_> {
    fn find(&self, index: u32) -> Option<Replication> {
        let (path, place) = {
            let state = self.work.lock();
            let (file, place) = state.places.get(&(self.key, index))?;
            (state.files[*file].clone(), *place)
        };
        // It was whole when the folder was opened; who takes it away meanwhile has it run again.
        kept::replication_at(&path, &place).ok()
    }

    #[expect(clippy::disallowed_methods, reason = "the clock decides when a file is written, and no result")]
    fn keep(&self, index: u32, replication: &Replication) {
        let entry = Entry { key: self.key, index, bytes: replication.to_bytes() };
        let mut state = self.work.lock();
        if state.failed.is_some() {
            return;
        }
        state.pending.push(entry);
        let pause = PAUSE_MIN.max(self.work.started.elapsed() / 100);
        if state.written.elapsed() >= pause {
            self.work.write(&mut state);
            state.written = Instant::now();
        }
    }
}
