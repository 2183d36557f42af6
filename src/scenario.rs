//! Scenario files: YAML as written, to a typed spec, to the resolved model; all errors at once, each at its place.
//!
//! - `document`: text to tree, with the place of every value.
//! - [`spec`]: the words of the file as types; the JSON Schema comes from them.
//! - `resolve`: what the words mean.

pub mod diagnostic;
pub mod document;
mod path;
pub mod quantity;
mod reader;
mod resolve;
mod span_index;
pub mod spec;
mod structural;

use std::io;

use sha2::{Digest, Sha256};

use diagnostic::{Diagnostic, Severity, render};
use document::Document;

use crate::model::Model;

pub use resolve::{DEFAULT_START, Files, MAX_MESSAGES, MAX_REPLICATIONS, MAX_SENDERS};

/// Words that users may expect and that this version does not know.
const PLANNED: &[(&str, &str)] = &[
    ("tags", "tags stand with a campaign or an audience"),
    ("maxVusers", "sending is an open model: messages never wait for each other, so there are no virtual users"),
    ("sweep", "sweeps belong to the command line: `sendpool sweep FILE --vary PATH=VALUES`"),
];

/// A scenario that was read: its model, or why there is none.
#[derive(Debug)]
pub struct Reading {
    /// The name of the file.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The model, if there was no error.
    pub model: Option<Model>,
    /// Everything found: errors, warnings and notes.
    pub findings: Vec<Diagnostic>,
    /// What tells scenarios apart: the text, what replaced parts of it, the bytes of the files it names, and the version of
    /// the program.
    pub digest: String,
}

impl Reading {
    /// The findings as text, in the manner of a compiler.
    pub fn render(&self, color: bool) -> String {
        render(&self.file, &self.text, &self.findings, color)
    }

    /// How many errors and warnings there are; notes are neither.
    pub fn counts(&self) -> (usize, usize) {
        let count = |severity| self.findings.iter().filter(|finding| finding.severity == severity).count();
        (count(Severity::Error), count(Severity::Warning))
    }
}

/// Reads a scenario from the bytes of a file. `settings` are `(path, value)` pairs that replace what the file says. Files
/// that it names, such as traces, are not to be had: see [`read_with`].
pub fn read(file: &str, bytes: Vec<u8>, settings: &[(String, String)]) -> Reading {
    read_with(file, bytes, settings, &[], &|_| Err(io::Error::other("files cannot be read here")))
}

/// As [`read`], and asks for numbers beside the promises, such as `end_to_end{campaign:otp} p(95)`: they change nothing
/// else, and so not the digest. The files that the scenario names come from `files`, by their names as it has them; their
/// bytes are part of the digest.
pub fn read_with(
    file: &str,
    bytes: Vec<u8>,
    settings: &[(String, String)],
    measures: &[String],
    files: Files,
) -> Reading {
    let mut document = match Document::parse(file, bytes) {
        Ok(document) => document,
        Err(rejected) => {
            let digest = digest(&rejected.text, settings, &[]);
            return Reading {
                file: rejected.name,
                text: rejected.text,
                model: None,
                findings: rejected.diagnostics,
                digest,
            };
        }
    };
    let mut findings = Vec::new();
    for (path, value) in settings {
        if let Err(why) = document.set(path, value) {
            findings.push(Diagnostic::new(Severity::Error, path.clone(), format!("--set {path}={value}: {why}")));
        }
    }
    let mut model = None;
    let mut named = Vec::new();
    if findings.is_empty() {
        let (spec, structural) = document.deserialize_with::<spec::Scenario>(PLANNED);
        findings = structural;
        if let Some(spec) = spec {
            let (resolved, more) = resolve::resolve(&document, &spec, measures, files, &mut named);
            findings.extend(more);
            model = resolved;
        }
    }
    let digest = digest(document.text(), settings, &named);
    Reading { file: document.name().to_owned(), text: document.text().to_owned(), model, findings, digest }
}

fn digest(text: &str, settings: &[(String, String)], files: &[(String, [u8; 32])]) -> String {
    let mut hash = Sha256::new();
    for part in [env!("CARGO_PKG_VERSION"), text] {
        hash.update(format!("{}:{part}", part.len()));
    }
    for (path, value) in settings {
        hash.update(format!("{}:{path}={}:{value}", path.len(), value.len()));
    }
    for (name, content) in files {
        hash.update(format!("{}:{name}", name.len()));
        hash.update(content);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The JSON Schema of scenario files.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(spec::Scenario).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".to_owned(), "Sendpool scenario".into());
    }
    schema
}
