//! The words that people send back to opt out, to opt in again and to ask for help, as the platform understands them
//! without being told otherwise.
//!
//! Not here: how a text is compared with them (see the model), and words that single countries demand (see the countries).

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use crate::model::reply_word::WordLists;

/// Words and rules.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyWordFacts {
    /// What is understood unless a service has words of its own.
    pub standard: WordsOf,
    /// What is understood whatever a service says.
    pub kept: WordsOf,
    /// How a text is compared.
    pub matching: Rule,
    /// For whom an opt-out counts.
    pub scope: OptOutScope,
    /// Who gets an answer to HELP.
    pub help_answers: Rule,
    /// What the network of a toll-free number understands by itself.
    pub toll_free_network: WordsOf,
    /// Words that texts in other languages tell people to send, and that no standard list knows.
    pub familiar: WordsOf,
}

/// Words by what they mean.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WordsOf {
    /// They opt out.
    pub stop: Vec<String>,
    /// They opt in again.
    #[serde(default)]
    pub start: Vec<String>,
    /// They ask for help.
    #[serde(default)]
    pub help: Vec<String>,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// A rule in words.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What it says.
    pub rule: String,
    /// What this rests on.
    pub evidence: Evidence,
}

/// For whom an opt-out counts, in words.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OptOutScope {
    /// Through a service.
    pub service: String,
    /// From a sender outside any service.
    pub sender: String,
    /// What this rests on.
    pub evidence: Evidence,
}

impl WordsOf {
    /// The words as the model compares them.
    pub fn lists(&self) -> WordLists {
        WordLists { stop: self.stop.clone(), start: self.start.clone(), help: self.help.clone() }
    }
}

impl ReplyWordFacts {
    pub(super) fn evidence(&self) -> Vec<(String, &Evidence)> {
        [
            ("standard", &self.standard.evidence),
            ("kept", &self.kept.evidence),
            ("matching", &self.matching.evidence),
            ("scope", &self.scope.evidence),
            ("help_answers", &self.help_answers.evidence),
            ("toll_free_network", &self.toll_free_network.evidence),
            ("familiar", &self.familiar.evidence),
        ]
        .map(|(name, evidence)| (format!("reply_words.{name}"), evidence))
        .into()
    }
}
