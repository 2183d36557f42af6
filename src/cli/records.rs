//! `run --records`: which file, which messages, and a file that is whole or not there.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{Exit, Failure, interrupt};
use crate::kernel::samplers::Chance;
use crate::model::Model;
use crate::records::{self, Selection};
use crate::report::records::{Kind, RecordFile};

/// What was asked for, checked before anything runs.
pub(super) struct Order {
    path: PathBuf,
    /// The file in the making, under another name.
    fresh: PathBuf,
    kind: Kind,
    selection: Selection,
    replication: u32,
}

impl Order {
    /// Reads file name, selection and replication.
    pub(super) fn new(path: &Path, selection: &str, replication: u32, force: bool) -> Result<Order, Failure> {
        let kind = Kind::of(path).ok_or_else(|| {
            Failure::usage(format!("--records {}: the name must end in {}", path.display(), Kind::ENDINGS))
        })?;
        if path.is_dir() {
            return Err(Failure::usage(format!("--records {}: this is a folder", path.display())));
        }
        if path.exists() && !force {
            return Err(Failure::usage(format!(
                "--records {}: the file exists: choose another, or replace it with --force",
                path.display()
            )));
        }
        let name = path.file_name().expect("its ending was read").to_string_lossy();
        let fresh = path.with_file_name(format!(".{name}.new-{}", std::process::id()));
        Ok(Order { path: path.to_owned(), fresh, kind, selection: read_selection(selection)?, replication })
    }

    /// Whether the model has the replication that was asked for, and the file can be written, beside the scenario and
    /// outside the folder of the run.
    pub(super) fn check(&self, model: &Model, scenario: &Path, folder: &Path) -> Result<(), Failure> {
        let same =
            |other: &Path| fs::canonicalize(other).ok().is_some_and(|it| fs::canonicalize(&self.path).ok() == Some(it));
        if same(scenario) {
            return Err(Failure::usage(format!("--records {}: this is the scenario", self.path.display())));
        }
        if self.path.starts_with(folder) {
            return Err(Failure::usage(format!(
                "--records {}: the folder of the run is replaced by every run: name a file elsewhere",
                self.path.display()
            )));
        }
        if self.replication < model.replications {
            // Known now and not after an hour of work.
            self.create().map_err(|error| self.failed(&error))?;
            let _ = fs::remove_file(&self.fresh);
            return Ok(());
        }
        Err(Failure::usage(format!(
            "--records-replication {}: the replications are 0 to {}",
            self.replication,
            model.replications - 1
        )))
    }

    /// Runs the replication and writes the file, under another name until it is whole.
    pub(super) fn write(&self, model: &Model) -> Result<u64, Failure> {
        let outcome = self.write_to(model).and_then(|rows| {
            fs::rename(&self.fresh, &self.path)?;
            Ok(rows)
        });
        if outcome.is_err() {
            let _ = fs::remove_file(&self.fresh);
        }
        outcome.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &std::io::Error) -> Failure {
        if interrupt::is_stopped() {
            let message = format!("the results are in their place, {} is not written", self.path.display());
            return Failure { exit: Exit::Interrupted, message };
        }
        Failure::internal(format!("cannot write {}: {error}", self.path.display()))
    }

    fn create(&self) -> std::io::Result<File> {
        if let Some(parent) = self.path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent)?;
        }
        File::create(&self.fresh)
    }

    fn write_to(&self, model: &Model) -> std::io::Result<u64> {
        let mut file = RecordFile::new(self.kind, BufWriter::new(self.create()?))?;
        let mut rows = 0;
        records::record(model, self.replication, self.selection.clone(), |record| {
            if interrupt::is_stopped() {
                return Err(std::io::Error::other("the run was stopped"));
            }
            rows += 1;
            file.write(record)
        })?;
        let mut written = file.finish()?;
        written.flush()?;
        Ok(rows)
    }
}

fn read_selection(text: &str) -> Result<Selection, Failure> {
    let wrong =
        || Failure::usage(format!("--records-of {text}: write all, failures or a share of the messages, such as 1%"));
    match text {
        "all" => Ok(Selection::All),
        "failures" => Ok(Selection::Failures),
        _ => {
            let percent = text.strip_suffix('%').and_then(|percent| percent.parse::<f64>().ok()).ok_or_else(wrong)?;
            if !(percent > 0.0 && percent <= 100.0) {
                return Err(wrong());
            }
            Ok(Selection::Sample(Chance::new(percent / 100.0)))
        }
    }
}
