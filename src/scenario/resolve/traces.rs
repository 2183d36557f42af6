//! The files that campaigns replay: each read once, with an account of what is left out. How their bytes come is the
//! caller's.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use super::{Findings, at};
use crate::model::country::CountryCode;
use crate::scenario::spec::{Scenario, TraceFile};
use crate::trace::{self, Limits, Trace};
use crate::units::thousands;

/// Rejected records that are told in full.
const REJECTED_TOLD: usize = 3;

/// How the bytes of a file come, by its name as the scenario has it.
pub type Files<'f> = &'f dyn Fn(&str) -> io::Result<Box<dyn Read>>;

/// A file that was read.
struct Source {
    name: String,
    digest: [u8; 32],
    /// `None` when there was something wrong with it, which has been told.
    trace: Option<Trace>,
}

/// The files of a scenario.
pub(super) struct Traces {
    sources: Vec<Source>,
}

impl Traces {
    /// Reads the files that campaigns name.
    pub(super) fn read(findings: &mut Findings, spec: &Scenario, files: Files) -> Traces {
        let mut traces = Traces { sources: Vec::new() };
        for (name, campaign) in &spec.campaigns {
            let Some(written) = &campaign.arrivals.trace else { continue };
            let TraceFile { file, .. } = written.part();
            if traces.sources.iter().all(|source| source.name != file) {
                let path = at(&at(&at("campaigns", name), "arrivals"), "trace");
                traces.sources.push(read(findings, &path, file, files));
            }
        }
        traces
    }

    /// What a file holds; `None` when there was something wrong with it.
    pub(super) fn get(&self, file: &str) -> Option<&Trace> {
        self.sources.iter().find(|source| source.name == file)?.trace.as_ref()
    }

    /// The countries that messages of all files go to.
    pub(super) fn countries(&self) -> Vec<CountryCode> {
        self.sources.iter().filter_map(|source| source.trace.as_ref()).flat_map(Trace::countries).collect()
    }

    /// Names of the files and digests of their bytes.
    pub(super) fn digests(&self) -> Vec<(String, [u8; 32])> {
        self.sources.iter().map(|source| (source.name.clone(), source.digest)).collect()
    }
}

fn read(findings: &mut Findings, path: &str, file: String, files: Files) -> Source {
    let failed = |digest| Source { name: file.clone(), digest, trace: None };
    let input = match files(&file) {
        Ok(input) => input,
        Err(error) => {
            let hint = "paths are relative to the scenario file";
            findings.error(path, format!("cannot read `{file}`: {error}"), hint);
            return failed([0; 32]);
        }
    };
    let mut input = Hashed { input, hash: Sha256::new() };
    let trace = trace::read_within(&mut input, &file, Limits { known_places: true, ..Limits::default() });
    // What stands behind the last record counts too; of what is no trace, nothing does, and it may never end.
    let rest = if trace.is_ok() { io::copy(&mut input, &mut io::sink()) } else { Ok(0) };
    let digest = input.hash.finalize().into();
    match (trace, rest) {
        (Ok(mut trace), Ok(_)) => {
            trace.rows.shrink_to_fit();
            tell(findings, path, &trace);
            Source { name: file, digest, trace: Some(trace) }
        }
        (Err(error), _) => {
            let hint = "a trace is CSV or JSON with a time in every record: see docs/reference.md";
            findings.error(path, format!("`{file}` is no trace: {error}"), hint);
            failed(digest)
        }
        (_, Err(error)) => {
            findings.error(path, format!("cannot read `{file}`: {error}"), "is it still being written?");
            failed(digest)
        }
    }
}

/// What is not replayed.
fn tell(findings: &mut Findings, path: &str, trace: &Trace) {
    let (name, account) = (&trace.name, &trace.account);
    let count = |n: u64| thousands(u128::from(n));
    if account.rejected > 0 {
        let mut lines: Vec<String> = account.rejections.iter().take(REJECTED_TOLD).map(ToString::to_string).collect();
        let more = account.rejected - lines.len() as u64;
        if more > 0 {
            lines.push(format!("and {} more", count(more)));
        }
        findings.warning(
            path,
            format!("{} of {} records of `{name}` cannot be replayed", count(account.rejected), count(account.records)),
            lines.join("; "),
        );
    }
    if account.inbound > 0 {
        let message = format!("{} records of `{name}` come from people: they are not replayed", count(account.inbound));
        findings.note(path, message, "people of a run answer by themselves: see `replies` and `opt_out`");
    }
}

/// An input whose bytes are hashed on their way.
struct Hashed<R> {
    input: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}
