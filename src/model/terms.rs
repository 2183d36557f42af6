//! How a carrier treats a sender: what it refuses, what it filters, and what the handset shows. Inert; the carrier's gate
//! in the simulation acts by it.

use super::ending::Ending;
use super::filter::FilterClass;

/// What a sender is to the country it sends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SenderClass {
    /// A short code of the country.
    ShortCode,
    /// A name that is not registered there.
    Name,
    /// A name that is registered there.
    RegisteredName,
    /// A long code of the country.
    LongCode,
    /// A number of another country.
    ForeignNumber,
    /// A toll-free number where it is one.
    TollFree,
    /// A WhatsApp sender.
    Whatsapp,
}

impl SenderClass {
    /// How many there are.
    pub const COUNT: usize = 7;
    /// Every class, in the order of declaration.
    pub const ALL: [SenderClass; SenderClass::COUNT] = [
        SenderClass::ShortCode,
        SenderClass::Name,
        SenderClass::RegisteredName,
        SenderClass::LongCode,
        SenderClass::ForeignNumber,
        SenderClass::TollFree,
        SenderClass::Whatsapp,
    ];

    /// Whether the country takes it for one of its own.
    pub fn is_domestic(self) -> bool {
        use SenderClass::{LongCode, RegisteredName, ShortCode, TollFree};
        matches!(self, ShortCode | RegisteredName | LongCode | TollFree)
    }
}

/// What the handset shows as sender.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shown {
    /// The sender used.
    #[default]
    AsSent,
    /// The sender used, in another notation such as an added prefix.
    Rewritten,
    /// Another sender.
    Overwritten,
    /// A warning label.
    Labelled,
    /// Nobody says.
    Unknown,
}

impl Shown {
    /// How many there are.
    pub const COUNT: usize = 5;
    /// Every way, in the order of reports.
    pub const ALL: [Shown; Shown::COUNT] =
        [Shown::AsSent, Shown::Rewritten, Shown::Overwritten, Shown::Labelled, Shown::Unknown];

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Shown::AsSent => "as_sent",
            Shown::Rewritten => "rewritten",
            Shown::Overwritten => "overwritten",
            Shown::Labelled => "labelled",
            Shown::Unknown => "unknown",
        }
    }
}

/// Which traffic a country or carrier takes from a sender.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrafficRule {
    /// Any.
    #[default]
    Any,
    /// What people write.
    PersonToPerson,
    /// One-time codes.
    OneTimeCodes,
    /// Anything but marketing.
    NoMarketing,
}

/// How one carrier treats one entry of the pool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// What the sender is to the country.
    pub class: SenderClass,
    /// How every message ends that it hands to the carrier, before anything else is looked at; `None`: it passes.
    pub refusal: Option<Ending>,
    /// Which traffic passes.
    pub rule: TrafficRule,
    /// Class in the eyes of the filter; `None` is not filtered.
    pub filter: Option<FilterClass>,
    /// Whether its number counts as one of those that a content is spread over.
    pub counts_as_number: bool,
    /// What the handset shows.
    pub shown: Shown,
    /// Whether people can answer.
    pub two_way: bool,
}
