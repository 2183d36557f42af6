//! Results in, bytes out. Computes nothing beyond arranging what experiment and verdict found, and touches no file.

mod behind;
pub mod catalogue;
pub mod chart;
pub mod ci;
pub mod compare;
pub mod explain;
pub mod fit;
pub mod hgrm;
pub mod hlog;
pub mod html;
pub mod intervals;
pub mod markdown;
mod parquet;
pub mod pictures;
pub mod prometheus;
pub mod records;
pub mod sarif;
pub mod series;
pub mod steady;
pub mod summary;
pub mod sweep;
pub mod terminal;
pub mod words;

use sha2::{Digest, Sha256};

use crate::experiment::Results;
use crate::model::Model;

use summary::Summary;

/// One file of the run folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Its path within the folder.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// The digest of all files: their names and bytes.
pub fn digest(files: &[OutputFile]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        hash.update(format!("{}:{}:{}:", file.path.len(), file.path, file.bytes.len()));
        hash.update(&file.bytes);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn file(path: impl Into<String>, content: impl Into<Vec<u8>>) -> OutputFile {
    OutputFile { path: path.into(), bytes: content.into() }
}

/// What a run gives: all files of its folder but [`dress`] and `run.json`, the same bytes for one scenario, seed and
/// version. The digest of results is made from these.
///
/// # Panics
/// Never on results of `model`.
pub fn files(model: &Model, results: &Results, summary: &Summary) -> Vec<OutputFile> {
    let mut json = serde_json::to_vec_pretty(summary).expect("a summary is plain data");
    json.push(b'\n');
    let mut files = vec![
        file("summary.json", json),
        file("summary.md", markdown::render(summary)),
        file("series.csv", series::csv(model, results)),
    ];
    files.extend(ci::files(summary));
    files.extend(hgrm::files(model, results));
    files
}

/// What results look like: charts and the page, the same bytes for one scenario, seed, version and `command`, which repeats
/// the run. Charts are also drawn as PNG where `png` asks for it.
///
/// # Panics
/// Never on results of `model`.
pub fn dress(model: &Model, results: &Results, summary: &Summary, command: &str, png: bool) -> Vec<OutputFile> {
    let pictures = pictures::of_run(model, results, summary);
    let mut files = pictures::drawn(&pictures, png);
    files.push(html::run::page(model, summary, &pictures, command));
    files
}
