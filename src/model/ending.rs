//! How a message ends: every end is a status with a code. One table, from which counters, reports and docs are made.
//!
//! Codes and their meaning: the platform's error dictionary (2023) and its newer error pages.

use std::ops::{Index, IndexMut};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The final status of a message, or the refusal of the call that would have made one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// On the handset.
    Delivered,
    /// Sent, and not delivered by the carrier.
    Undelivered,
    /// Accepted, and given up by the platform before a carrier took it.
    Failed,
    /// Scheduled and taken back.
    Canceled,
    /// Never a message: the call was refused.
    Refused,
}

impl Status {
    /// The platform's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Delivered => "delivered",
            Status::Undelivered => "undelivered",
            Status::Failed => "failed",
            Status::Canceled => "canceled",
            Status::Refused => "refused",
        }
    }
}

/// The ways in which a message of this model can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Ending {
    /// Delivered.
    Delivered,
    /// 30006: a fixed line that takes no text.
    Landline,
    /// 30003: the handset was out of reach until the network gave up, or its store was full.
    HandsetUnreachable,
    /// 30004: the network keeps messages of this toll-free number from a person who sent it STOP.
    Blocked,
    /// 30005: a number that does not exist.
    UnknownNumber,
    /// 30006: the carrier does not take this type of sender.
    TypeNotCarried,
    /// 30008: refused by the network for reasons of its own.
    Denied,
    /// 30017: the carrier takes no more at the moment.
    Congested,
    /// 30007: the carrier suspended the sender.
    SenderSuspended,
    /// 30007: filtered by the carrier.
    Filtered,
    /// 30007: the carrier blocks the content for a while.
    ContentBlocked,
    /// 30007: refused by a rule of the country, such as person-to-person only.
    CountryRule,
    /// 30007: content that a rule of the country blocks, such as a URL or gambling.
    ContentRule,
    /// 30007: dropped by the carriers because of the hour.
    CarrierHours,
    /// 30007: a name that the carrier takes only when it is registered.
    NameUnregistered,
    /// 30022: the carrier's own rate for the 10DLC campaign, which other vendors use too.
    CarrierWindow,
    /// 30023: the brand's day cap at the carrier.
    BrandDayCap,
    /// 30032: toll-free number without verification.
    TollFreeUnverified,
    /// 30034: a long code without the registration its country demands, such as 10DLC.
    NumberUnregistered,
    /// 30035: the number is still being registered for 10DLC.
    TenDlcPending,
    /// 30001: the queue was full, through a service.
    QueueOverflow,
    /// 30036: waited longer than its validity period.
    Expired,
    /// 30610: outside the legal hours, when the service fails such messages.
    QuietHours,
    /// 21610: the recipient opted out of the service.
    OptedOut,
    /// 21703: no sender of the service can reach the recipient.
    NoUsableSender,
    /// 63003: the recipient is not on WhatsApp.
    NotOnChannel,
    /// 30410: the carrier does not answer.
    ProviderTimeout,
    /// 30033: the 10DLC campaign is suspended.
    CampaignSuspended,
    /// 30002: the account is suspended.
    AccountSuspended,
    /// A scheduled message that was taken back.
    Canceled,
    /// 21610: the recipient opted out of the explicit sender.
    RefusedOptedOut,
    /// 21611: the queue was full, with an explicit sender.
    RefusedQueueFull,
    /// 21612: the explicit sender cannot reach the recipient.
    RefusedUnreachable,
    /// 21614: a fixed line, in a country whose fixed lines are refused.
    RefusedLandline,
    /// 21617: a body of more than 1,600 characters.
    RefusedBodyTooLong,
    /// 21704: the service has no sender.
    RefusedEmptyPool,
    /// 20503: the platform takes no calls.
    RefusedUnavailable,
    /// 35115: scheduled less than five minutes or more than 35 days ahead.
    RefusedSchedule,
    /// 35125: the account has as many scheduled messages as it may.
    RefusedScheduledLimit,
}

impl Ending {
    /// All endings, in the order of reports.
    pub const ALL: [Ending; 39] = [
        Ending::Delivered,
        Ending::Landline,
        Ending::HandsetUnreachable,
        Ending::Blocked,
        Ending::UnknownNumber,
        Ending::TypeNotCarried,
        Ending::Denied,
        Ending::Congested,
        Ending::SenderSuspended,
        Ending::Filtered,
        Ending::ContentBlocked,
        Ending::CountryRule,
        Ending::ContentRule,
        Ending::CarrierHours,
        Ending::NameUnregistered,
        Ending::CarrierWindow,
        Ending::BrandDayCap,
        Ending::TollFreeUnverified,
        Ending::NumberUnregistered,
        Ending::TenDlcPending,
        Ending::QueueOverflow,
        Ending::Expired,
        Ending::QuietHours,
        Ending::OptedOut,
        Ending::NoUsableSender,
        Ending::NotOnChannel,
        Ending::ProviderTimeout,
        Ending::CampaignSuspended,
        Ending::AccountSuspended,
        Ending::Canceled,
        Ending::RefusedOptedOut,
        Ending::RefusedQueueFull,
        Ending::RefusedUnreachable,
        Ending::RefusedLandline,
        Ending::RefusedBodyTooLong,
        Ending::RefusedEmptyPool,
        Ending::RefusedUnavailable,
        Ending::RefusedSchedule,
        Ending::RefusedScheduledLimit,
    ];
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Status, code (0 for none) and a short reason.
    fn row(self) -> (Status, u16, &'static str) {
        match self {
            Ending::Delivered => (Status::Delivered, 0, "delivered"),
            Ending::Landline => (Status::Undelivered, 30006, "a landline"),
            Ending::HandsetUnreachable => {
                (Status::Undelivered, 30003, "handset out of reach until the network gave up")
            }
            Ending::Blocked => (Status::Undelivered, 30004, "kept from a person who sent STOP to the toll-free number"),
            Ending::UnknownNumber => (Status::Undelivered, 30005, "unknown number"),
            Ending::TypeNotCarried => (Status::Undelivered, 30006, "carrier does not take this sender type"),
            Ending::Denied => (Status::Undelivered, 30008, "refused by the network, no reason given"),
            Ending::Congested => (Status::Undelivered, 30017, "the carrier takes no more at the moment"),
            Ending::SenderSuspended => (Status::Undelivered, 30007, "sender suspended by the carrier"),
            Ending::Filtered => (Status::Undelivered, 30007, "filtered by the carrier"),
            Ending::ContentBlocked => (Status::Undelivered, 30007, "content blocked by the carrier for a while"),
            Ending::CountryRule => (Status::Undelivered, 30007, "against a rule of the country"),
            Ending::ContentRule => (Status::Undelivered, 30007, "content that the country does not allow"),
            Ending::CarrierHours => (Status::Undelivered, 30007, "outside the hours that the country's carriers allow"),
            Ending::NameUnregistered => (Status::Undelivered, 30007, "sender name not registered"),
            Ending::CarrierWindow => (Status::Undelivered, 30022, "the carrier's rate for the 10DLC campaign"),
            Ending::BrandDayCap => (Status::Undelivered, 30023, "the brand's day cap at the carrier"),
            Ending::TollFreeUnverified => (Status::Undelivered, 30032, "toll-free number not verified"),
            Ending::NumberUnregistered => {
                (Status::Undelivered, 30034, "number not registered where it has to be (10DLC in the US)")
            }
            Ending::TenDlcPending => (Status::Undelivered, 30035, "10DLC registration of the number pending"),
            Ending::QueueOverflow => (Status::Failed, 30001, "queue overflow"),
            Ending::Expired => (Status::Failed, 30036, "validity period expired in the queue"),
            Ending::QuietHours => (Status::Failed, 30610, "outside the hours that the law allows"),
            Ending::OptedOut => (Status::Failed, 21610, "recipient opted out"),
            Ending::NoUsableSender => (Status::Failed, 21703, "no sender of the service can reach the recipient"),
            Ending::NotOnChannel => (Status::Failed, 63003, "recipient not on WhatsApp"),
            Ending::ProviderTimeout => (Status::Failed, 30410, "the carrier does not answer"),
            Ending::CampaignSuspended => (Status::Failed, 30033, "10DLC campaign suspended"),
            Ending::AccountSuspended => (Status::Failed, 30002, "account suspended"),
            Ending::Canceled => (Status::Canceled, 0, "canceled before it was due"),
            Ending::RefusedOptedOut => (Status::Refused, 21610, "recipient opted out of this sender"),
            Ending::RefusedQueueFull => (Status::Refused, 21611, "queue of the sender full"),
            Ending::RefusedUnreachable => (Status::Refused, 21612, "the sender cannot reach the recipient"),
            Ending::RefusedLandline => (Status::Refused, 21614, "not a mobile number"),
            Ending::RefusedBodyTooLong => (Status::Refused, 21617, "body over 1,600 characters"),
            Ending::RefusedEmptyPool => (Status::Refused, 21704, "the service has no sender"),
            Ending::RefusedUnavailable => (Status::Refused, 20503, "the platform takes no calls"),
            Ending::RefusedSchedule => (Status::Refused, 35115, "scheduled too soon or too far ahead"),
            Ending::RefusedScheduledLimit => (Status::Refused, 35125, "too many scheduled messages"),
        }
    }

    /// The status.
    pub fn status(self) -> Status {
        self.row().0
    }

    /// The platform's error code, if it has one.
    pub fn code(self) -> Option<u16> {
        Some(self.row().1).filter(|code| *code > 0)
    }

    /// Why, in a few words.
    pub fn reason(self) -> &'static str {
        self.row().2
    }
}

/// A value for each ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByEnding<T>([T; Ending::COUNT]);

impl<T: Copy + Default> Default for ByEnding<T> {
    fn default() -> Self {
        ByEnding([T::default(); Ending::COUNT])
    }
}

impl<T> Index<Ending> for ByEnding<T> {
    type Output = T;
    fn index(&self, ending: Ending) -> &T {
        &self.0[ending as usize]
    }
}

impl<T> IndexMut<Ending> for ByEnding<T> {
    fn index_mut(&mut self, ending: Ending) -> &mut T {
        &mut self.0[ending as usize]
    }
}

/// As a list in the order of [`Ending::ALL`]: serde knows arrays of up to 32 elements only.
impl<T: Serialize> Serialize for ByEnding<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_slice().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ByEnding<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ByEnding<T>, D::Error> {
        let list = Vec::deserialize(deserializer)?;
        let wrong = |list: Vec<T>| D::Error::invalid_length(list.len(), &"one for each ending");
        list.try_into().map(ByEnding).map_err(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (index, ending) in Ending::ALL.iter().enumerate() {
            assert_eq!(*ending as usize, index);
        }
    }

    #[test]
    fn codes_are_the_platforms() {
        assert_eq!(Ending::Expired.code(), Some(30036));
        assert_eq!(Ending::Delivered.code(), None);
        assert_eq!(Ending::RefusedQueueFull.status(), Status::Refused);
    }
}
