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
    /// A WhatsApp sender: it counts messages and not segments, and reaches people on WhatsApp only.
    Whatsapp,
}

impl SenderType {
    /// All types, in the order in which reports list them.
    pub const ALL: [SenderType; SenderType::COUNT] = [
        SenderType::ShortCode,
        SenderType::Alphanumeric,
        SenderType::LongCode,
        SenderType::TollFree,
        SenderType::Whatsapp,
    ];
    /// How many there are.
    pub const COUNT: usize = 5;

    /// Its place in [`SenderType::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// The word for it in scenario files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            SenderType::ShortCode => "short_code",
            SenderType::Alphanumeric => "alphanumeric",
            SenderType::LongCode => "long_code",
            SenderType::TollFree => "toll_free",
            SenderType::Whatsapp => "whatsapp",
        }
    }
}

impl fmt::Display for SenderType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_stand_in_the_order_of_the_enum_under_their_own_words() {
        for (index, kind) in SenderType::ALL.into_iter().enumerate() {
            assert_eq!(kind.index(), index);
            assert_eq!(serde_json::to_value(kind).expect("a word"), kind.as_str());
        }
    }
}
