//! The fields that records may have, and how inputs spell them.

/// A field of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Field {
    Time,
    Intended,
    Created,
    Sent,
    Updated,
    Recipient,
    To,
    From,
    Sender,
    SenderType,
    Country,
    Carrier,
    Segments,
    Body,
    Campaign,
    Direction,
    Status,
    ErrorCode,
    Price,
    PriceUnit,
    Inbound,
}

/// How many there are.
pub(super) const FIELDS: usize = Field::Inbound as usize + 1;

/// The fields of one record: what stands there, without space around it. Empty texts and `null` are `None`.
pub(super) type Fields<'a> = [Option<&'a [u8]>; FIELDS];

/// Names as the platform spells them, in the order of [`Field`].
pub(super) const NAMES: [&str; FIELDS] = [
    "time",
    "intended",
    "date_created",
    "date_sent",
    "date_updated",
    "recipient",
    "to",
    "from",
    "sender",
    "sender_type",
    "country",
    "carrier",
    "num_segments",
    "body",
    "campaign",
    "direction",
    "status",
    "error_code",
    "price",
    "price_unit",
    "inbound",
];

/// The fields that can say when a message was meant, the best first.
pub(super) const TIMES: [Field; 4] = [Field::Time, Field::Intended, Field::Created, Field::Sent];

impl Field {
    /// The field of a name in any spelling: capitals, `_`, `-` and spaces do not count.
    pub(super) fn named(name: &[u8]) -> Option<Field> {
        let mut letters = [0; 16];
        let mut length = 0;
        for byte in name.iter().filter(|byte| !matches!(byte, b'_' | b'-' | b' ')) {
            *letters.get_mut(length)? = byte.to_ascii_lowercase();
            length += 1;
        }
        Some(match &letters[..length] {
            b"time" | b"timestamp" => Field::Time,
            b"intended" | b"intendedat" => Field::Intended,
            b"datecreated" | b"createddate" | b"createdat" => Field::Created,
            b"datesent" | b"sentdate" | b"sentat" => Field::Sent,
            b"dateupdated" | b"updateddate" | b"updatedat" => Field::Updated,
            b"recipient" => Field::Recipient,
            b"to" => Field::To,
            b"from" => Field::From,
            b"sender" => Field::Sender,
            b"sendertype" => Field::SenderType,
            b"country" => Field::Country,
            b"carrier" => Field::Carrier,
            b"segments" | b"numsegments" => Field::Segments,
            b"body" => Field::Body,
            b"campaign" => Field::Campaign,
            b"direction" => Field::Direction,
            b"status" | b"messagestatus" => Field::Status,
            b"errorcode" => Field::ErrorCode,
            b"price" => Field::Price,
            b"priceunit" => Field::PriceUnit,
            b"inbound" => Field::Inbound,
            _ => return None,
        })
    }
}

/// What stands in a field, nothing where it says so. Space around it does not count, but in a text.
pub(super) fn content(field: usize, text: &[u8]) -> Option<&[u8]> {
    let inner = text.trim_ascii();
    let given = !inner.is_empty() && !inner.eq_ignore_ascii_case(b"null");
    given.then_some(if field == Field::Body as usize { text } else { inner })
}
