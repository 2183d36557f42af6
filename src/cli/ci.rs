//! What a job of continuous integration sees beside the files: its summary page and annotations of its log. Only where the
//! environment says that there is one.

use std::fs::OpenOptions;
use std::io::Write;

use super::{Failure, say};
use crate::report::ci::annotations;
use crate::report::summary::Summary;

/// A page that is larger is dropped as a whole: the limit is 1 MiB for all of a step.
const PAGE_BYTES_MAX: usize = 200_000;

/// Appends a page in Markdown to the file that `GITHUB_STEP_SUMMARY` names, if it is set.
pub(super) fn append_summary(page: &str) -> Result<(), Failure> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return Ok(()) };
    let mut end = page.len().min(PAGE_BYTES_MAX);
    while !page.is_char_boundary(end) {
        end -= 1;
    }
    // Whole lines, so that no table breaks within a row.
    let shown = if end < page.len() { page[..end].rfind('\n').map_or("", |at| &page[..at]) } else { page };
    let cut = if end < page.len() { "\n\nThe rest is in the run folder.\n" } else { "" };
    let written = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(format!("{shown}{cut}\n").as_bytes()));
    written.map_err(|error| {
        Failure::internal(format!("cannot append to GITHUB_STEP_SUMMARY {}: {error}", path.to_string_lossy()))
    })
}

/// Annotates broken thresholds in the log of a workflow.
pub(super) fn annotate(summary: &Summary, path: &str, text: &str) {
    if std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
        annotations(summary, path, text).iter().for_each(|line| say(line));
    }
}
