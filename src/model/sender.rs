//! What a sender is: its type. Rates, lanes and registrations are worked out when a scenario is resolved.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kinds of sender a pool can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SenderType {
    /// A number of five or six digits, approved by the carriers of one country, for that country only.
    ShortCode,
    /// A name of up to 11 characters: one-way, and not carried everywhere.
    Alphanumeric,
    /// An ordinary telephone number (10DLC in the United States).
    LongCode,
    /// A toll-free number of the United States and Canada.
    TollFree,
}

impl SenderType {
    /// All types, in the order in which reports list them.
    pub const ALL: [SenderType; 4] =
        [SenderType::ShortCode, SenderType::Alphanumeric, SenderType::LongCode, SenderType::TollFree];

    /// The word for it in scenario files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            SenderType::ShortCode => "short_code",
            SenderType::Alphanumeric => "alphanumeric",
            SenderType::LongCode => "long_code",
            SenderType::TollFree => "toll_free",
        }
    }
}

impl fmt::Display for SenderType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
