//! When messages are meant: hour shares of a day.
//!
//! Not here: how a run spreads arrivals by them (see the model's phases).

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;

/// Hour shares of a day by kind of traffic.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ArrivalFacts {
    /// The profiles, by name.
    pub profiles: Vec<DayProfile>,
}

/// Hour shares of a day.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DayProfile {
    /// Its name in scenarios.
    pub name: String,
    /// The weights of the 24 hours from midnight on.
    pub shares: [u32; 24],
    /// What this rests on.
    pub evidence: Evidence,
}

impl ArrivalFacts {
    /// The profile of this name.
    pub fn profile(&self, name: &str) -> Option<&DayProfile> {
        self.profiles.iter().find(|profile| profile.name == name)
    }

    pub(super) fn evidence(&self) -> Vec<(String, &Evidence)> {
        self.profiles.iter().map(|profile| (format!("arrivals.profiles {}", profile.name), &profile.evidence)).collect()
    }
}
