//! What happens between a network and a handset, and what people do with a message: retry clock, presets of how often
//! handsets are out of reach, opt-outs, replies.
//!
//! Not here: how a run draws by it (see the simulation).

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::text::{Share, parsed, written_duration};
use crate::units::SimDuration;

/// The network's and people's part after a carrier has taken a message.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HandsetModel {
    /// When an attempt is repeated.
    pub retry_clock: RetryTimes,
    /// How many messages wait for a handset.
    pub store: Store,
    /// How often handsets are out of reach, by name.
    pub presets: Vec<HandsetPreset>,
    /// How many people opt out.
    pub opt_outs: OptOutShares,
    /// When people opt in again.
    pub opt_ins: OptIns,
    /// How many people answer.
    pub replies: ReplyShares,
    /// How long they take.
    pub reply_delays: ReplyDelays,
}

/// When an attempt is repeated.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RetryTimes {
    /// After the first attempt.
    #[serde(deserialize_with = "parsed", serialize_with = "written_duration")]
    pub first: SimDuration,
    /// After the second; every further gap is twice the one before.
    #[serde(deserialize_with = "parsed", serialize_with = "written_duration")]
    pub gap: SimDuration,
    /// Until gaps are this long.
    #[serde(deserialize_with = "parsed", serialize_with = "written_duration")]
    pub longest_gap: SimDuration,
    /// How long after the first attempt the carrier gives up.
    #[serde(deserialize_with = "parsed", serialize_with = "written_duration")]
    pub give_up: SimDuration,
    /// What this rests on.
    pub evidence: Evidence,
}

/// How many messages wait for one handset.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// The most; the oldest is dropped.
    pub messages: u16,
    /// What this rests on.
    pub evidence: Evidence,
}

/// How often handsets are out of reach.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HandsetPreset {
    /// Its name in scenarios.
    pub name: String,
    /// Messages whose first attempt fails for a moment.
    pub brief_share: Share,
    /// How long, on average, in seconds (exponential).
    pub brief_mean_seconds: f64,
    /// Messages that find the handset off.
    pub off_share: Share,
    /// For how long it stays off, in seconds: median of a log-normal law.
    pub off_median_seconds: f64,
    /// Standard deviation of its logarithm.
    pub off_sigma: f64,
    /// People whose handset never comes back.
    pub abandoned_share: Share,
    /// Messages that the network refuses for reasons of its own.
    pub denied_share: Share,
    /// Handsets whose return the network notices.
    pub alert_share: Share,
    /// How long after the return it then delivers, in seconds.
    pub alert_seconds: u32,
    /// Messages that are delivered twice.
    pub duplicates: Share,
    /// The time from hand-over to the handset, as a mixture; absent: the common latency.
    #[serde(default)]
    pub latency: Vec<LatencyShare>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// A part of a mixture of log-normal laws.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LatencyShare {
    /// Of the messages.
    pub share: Share,
    /// Median in seconds.
    pub median_seconds: f64,
    /// Standard deviation of the logarithm.
    pub sigma: f64,
}

/// How many people opt out after a message.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OptOutShares {
    /// After marketing.
    pub marketing: Share,
    /// After anything else.
    pub other: Share,
    /// What this rests on.
    pub evidence: Evidence,
}

/// When people opt in again, of those who do.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OptIns {
    /// After they opted out.
    #[serde(deserialize_with = "parsed", serialize_with = "written_duration")]
    pub after: SimDuration,
    /// What this rests on.
    pub evidence: Evidence,
}

/// How many people answer a message.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyShares {
    /// Marketing.
    pub marketing: Share,
    /// A conversation.
    pub conversation: Share,
    /// Anything else.
    pub other: Share,
    /// What this rests on.
    pub evidence: Evidence,
}

/// How long people take to answer: percent of those who do, and seconds.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyDelays {
    /// A message out of the blue.
    pub opening: Vec<[u32; 2]>,
    /// Within a conversation.
    pub turn: Vec<[u32; 2]>,
    /// What this rests on.
    pub evidence: Evidence,
}

impl HandsetModel {
    /// The preset of this name.
    pub fn preset(&self, name: &str) -> Option<&HandsetPreset> {
        self.presets.iter().find(|preset| preset.name == name)
    }

    pub(super) fn evidence(&self) -> Vec<(String, &Evidence)> {
        let mut blocks = vec![
            ("handsets.retry_clock".to_owned(), &self.retry_clock.evidence),
            ("handsets.store".to_owned(), &self.store.evidence),
        ];
        blocks
            .extend(self.presets.iter().map(|preset| (format!("handsets.presets {}", preset.name), &preset.evidence)));
        blocks.push(("handsets.opt_outs".to_owned(), &self.opt_outs.evidence));
        blocks.push(("handsets.opt_ins".to_owned(), &self.opt_ins.evidence));
        blocks.push(("handsets.replies".to_owned(), &self.replies.evidence));
        blocks.push(("handsets.reply_delays".to_owned(), &self.reply_delays.evidence));
        blocks
    }
}
