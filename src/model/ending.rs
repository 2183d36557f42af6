//! How a message ends: every end is a status with a code. One table, from which counters, reports and docs are made.
//!
//! Codes and their meaning: the platform's error dictionary (2023) and its newer error pages.

/// The final status of a message, or the refusal of the call that would have made one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// On the handset.
    Delivered,
    /// Sent, and not delivered by the carrier.
    Undelivered,
    /// Accepted and never sent.
    Failed,
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
    /// 30005: a number that does not exist.
    UnknownNumber,
    /// 30006: the carrier does not take this type of sender.
    TypeNotCarried,
    /// 30007: filtered by the carrier.
    Filtered,
    /// 30007: refused by a rule of the country, such as person-to-person only.
    CountryRule,
    /// 30023: the brand's day cap at the carrier.
    BrandDayCap,
    /// 30032: toll-free number without verification.
    TollFreeUnverified,
    /// 30034: US long code without 10DLC registration.
    TenDlcUnregistered,
    /// 30001: the queue was full, through a service.
    QueueOverflow,
    /// 30036: waited longer than its validity period.
    Expired,
    /// 21703: no sender of the service can reach the recipient.
    NoUsableSender,
    /// 21611: the queue was full, with an explicit sender.
    RefusedQueueFull,
    /// 21612: the explicit sender cannot reach the recipient.
    RefusedUnreachable,
    /// 21617: a body of more than 1,600 characters.
    RefusedBodyTooLong,
    /// 21704: the service has no sender.
    RefusedEmptyPool,
}

impl Ending {
    /// All endings, in the order of reports.
    pub const ALL: [Ending; 15] = [
        Ending::Delivered,
        Ending::UnknownNumber,
        Ending::TypeNotCarried,
        Ending::Filtered,
        Ending::CountryRule,
        Ending::BrandDayCap,
        Ending::TollFreeUnverified,
        Ending::TenDlcUnregistered,
        Ending::QueueOverflow,
        Ending::Expired,
        Ending::NoUsableSender,
        Ending::RefusedQueueFull,
        Ending::RefusedUnreachable,
        Ending::RefusedBodyTooLong,
        Ending::RefusedEmptyPool,
    ];
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Status, code (0 for none) and a short reason.
    fn row(self) -> (Status, u16, &'static str) {
        match self {
            Ending::Delivered => (Status::Delivered, 0, "delivered"),
            Ending::UnknownNumber => (Status::Undelivered, 30005, "unknown number"),
            Ending::TypeNotCarried => (Status::Undelivered, 30006, "carrier does not take this sender type"),
            Ending::Filtered => (Status::Undelivered, 30007, "filtered by the carrier"),
            Ending::CountryRule => (Status::Undelivered, 30007, "against a rule of the country"),
            Ending::BrandDayCap => (Status::Undelivered, 30023, "the brand's day cap at the carrier"),
            Ending::TollFreeUnverified => (Status::Undelivered, 30032, "toll-free number not verified"),
            Ending::TenDlcUnregistered => (Status::Undelivered, 30034, "long code not registered for 10DLC"),
            Ending::QueueOverflow => (Status::Failed, 30001, "queue overflow"),
            Ending::Expired => (Status::Failed, 30036, "validity period expired in the queue"),
            Ending::NoUsableSender => (Status::Failed, 21703, "no sender of the service can reach the recipient"),
            Ending::RefusedQueueFull => (Status::Refused, 21611, "queue of the sender full"),
            Ending::RefusedUnreachable => (Status::Refused, 21612, "the sender cannot reach the recipient"),
            Ending::RefusedBodyTooLong => (Status::Refused, 21617, "body over 1,600 characters"),
            Ending::RefusedEmptyPool => (Status::Refused, 21704, "the service has no sender"),
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
