//! Where a fact comes from: sources, date, confidence, and whether it is a guess. Every block of facts in the data
//! files carries one [`Evidence`].
//!
//! Not here: the facts themselves, and whether a scenario overrode them.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The source key of what was never looked up: a block resting on it alone is an assumption.
pub const UNVERIFIED: &str = "unverified";

/// A published text, price list or table, named in `sources.yaml` by a key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What it is, in a few words.
    pub title: String,
    /// Where it was published, if it has an address.
    #[serde(default)]
    pub url: Option<String>,
    /// The date of the text or of the copy read.
    pub as_of: AsOf,
    /// Whether the text bears no date, so that `as_of` is an estimate.
    #[serde(default)]
    pub undated: bool,
}

/// How far a fact can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Not looked up, old, or the sources conflict.
    Low,
    /// One secondary source, or sources that differ a little.
    Medium,
    /// Read in a text of the platform, an operator or a regulator, or two sources agree.
    High,
}

impl Confidence {
    /// The word for it in data files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

/// The date of a fact: `2026`, `2026-05` or `2026-05-01`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AsOf(String);

impl AsOf {
    /// The date as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The year.
    pub fn year(&self) -> u16 {
        self.0[..4].parse().expect("checked when read")
    }
}

impl FromStr for AsOf {
    type Err = String;

    fn from_str(text: &str) -> Result<AsOf, String> {
        let parts: Vec<&str> = text.split('-').collect();
        let number = |at: usize, digits: usize| -> Option<u16> {
            let part = parts.get(at)?;
            (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
        };
        let year = number(0, 4).is_some_and(|year| (1990..=2100).contains(&year));
        let month = parts.len() < 2 || number(1, 2).is_some_and(|month| (1..=12).contains(&month));
        let day = parts.len() < 3 || number(2, 2).is_some_and(|day| (1..=31).contains(&day));
        if year && month && day && parts.len() <= 3 {
            Ok(AsOf(text.to_owned()))
        } else {
            Err(format!("`{text}` is not a date such as 2026, 2026-05 or 2026-05-01"))
        }
    }
}

impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AsOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<AsOf, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Serialize for AsOf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// What a block of facts rests on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "EvidenceAsWritten", into = "EvidenceAsWritten")]
pub struct Evidence {
    /// Keys of `sources.yaml`, at least one.
    pub sources: Vec<String>,
    /// The date of the facts: that of the newest source.
    pub as_of: AsOf,
    /// How far they can be trusted.
    pub confidence: Confidence,
    /// For an assumption: why this value was taken. `None` for a fact that was read somewhere.
    pub why_assumed: Option<String>,
}

/// [`Evidence`] as it stands in the data files.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct EvidenceAsWritten {
    source: Vec<String>,
    as_of: AsOf,
    confidence: Confidence,
    #[serde(default)]
    assumption: bool,
    #[serde(default)]
    why: Option<String>,
}

impl TryFrom<EvidenceAsWritten> for Evidence {
    type Error = String;

    fn try_from(written: EvidenceAsWritten) -> Result<Evidence, String> {
        if written.source.is_empty() {
            return Err("evidence names no source".to_owned());
        }
        if written.assumption != written.why.is_some() {
            return Err("`assumption: true` and `why` go together".to_owned());
        }
        if !written.assumption && written.source.iter().all(|key| key == UNVERIFIED) {
            return Err("a fact that nobody looked up is an assumption".to_owned());
        }
        Ok(Evidence {
            sources: written.source,
            as_of: written.as_of,
            confidence: written.confidence,
            why_assumed: written.why,
        })
    }
}

impl From<Evidence> for EvidenceAsWritten {
    fn from(evidence: Evidence) -> EvidenceAsWritten {
        EvidenceAsWritten {
            source: evidence.sources,
            as_of: evidence.as_of,
            confidence: evidence.confidence,
            assumption: evidence.why_assumed.is_some(),
            why: evidence.why_assumed,
        }
    }
}

/// A guess that a result may rest on, for the list in reports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Assumption {
    /// What is assumed, as the path of the block: `US senders.whatsapp`, `latency.hand_off`.
    pub subject: String,
    /// Why this value was taken.
    pub why: String,
    /// The keys of the sources that led to it.
    pub source: String,
}

/// The assumptions among blocks of facts, in their order.
pub(super) fn assumptions<'a>(blocks: impl Iterator<Item = (String, &'a Evidence)>) -> Vec<Assumption> {
    blocks
        .filter_map(|(subject, evidence)| {
            let why = evidence.why_assumed.clone()?;
            Some(Assumption { subject, why, source: evidence.sources.join(", ") })
        })
        .collect()
}
