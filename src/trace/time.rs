//! Times as inputs write them: seconds since a start, RFC 3339, or RFC 2822.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// An instant of the input in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Since the input's own start.
    Relative(i64),
    /// Since 1970.
    Absolute(i64),
}

/// Seconds from which a number is not a time since a start but Unix time: 1,000,000,000 is 2001, or 31 years.
const UNIX_FROM: u64 = 1_000_000_000;

static RFC_2822: DateTimeParser = DateTimeParser::new();

impl When {
    /// Reads a time, or says why it is none.
    pub(super) fn read(text: &[u8]) -> Result<When, &'static str> {
        if text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') {
            return decimal(text);
        }
        if let [b'-', rest @ ..] = text
            && rest.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        {
            return Err("is before the start");
        }
        let text = std::str::from_utf8(text).map_err(|_| "is not UTF-8")?;
        let instant = match text.as_bytes() {
            [_, _, _, _, b'-', ..] => rfc_3339(text)?,
            _ => RFC_2822.parse_timestamp(text).map_err(
                |_| "is not a time: write seconds, 2026-11-27T18:00:00Z, or Fri, 27 Nov 2026 18:00:00 +0000",
            )?,
        };
        i64::try_from(instant.as_nanosecond()).map(When::Absolute).map_err(|_| "is not within the years 1678 to 2261")
    }

    /// Nanoseconds from `earlier`, if the two count from the same start.
    pub(super) fn since(self, earlier: When) -> Option<i64> {
        match (earlier, self) {
            (When::Relative(a), When::Relative(b)) | (When::Absolute(a), When::Absolute(b)) => b.checked_sub(a),
            _ => None,
        }
    }

    pub(super) fn nanos(self) -> i64 {
        match self {
            When::Relative(nanos) | When::Absolute(nanos) => nanos,
        }
    }
}

/// With an offset, or with `UTC` behind it as consoles write it.
fn rfc_3339(text: &str) -> Result<Timestamp, &'static str> {
    let utc = text.strip_suffix(" UTC").or_else(|| text.strip_suffix(" GMT"));
    let parsed = match utc {
        Some(wall) => wall
            .parse::<jiff::civil::DateTime>()
            .ok()
            .and_then(|wall| wall.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok())
            .map(|zoned| zoned.timestamp()),
        None => text.parse().ok(),
    };
    match parsed {
        Some(instant) => Ok(instant),
        None if utc.is_none() && text.parse::<jiff::civil::DateTime>().is_ok() => {
            Err("has no offset: write Z behind it for UTC, or the like of -05:00")
        }
        None => Err("is not a time such as 2026-11-27T18:00:00Z"),
    }
}

/// Seconds with at most nine decimal places that count.
fn decimal(text: &[u8]) -> Result<When, &'static str> {
    const WRONG: &str = "is not a number of seconds";
    let text = std::str::from_utf8(text).map_err(|_| WRONG)?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || fraction.contains('.') {
        return Err(WRONG);
    }
    let seconds: u64 = whole.parse().map_err(|_| "is too large")?;
    let mut nanos = 0;
    for place in 0..9 {
        nanos = nanos * 10 + i64::from(fraction.as_bytes().get(place).map_or(0, |digit| digit - b'0'));
    }
    let nanos = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| seconds.checked_mul(1_000_000_000)?.checked_add(nanos))
        .ok_or("is too large: times are seconds, not milliseconds")?;
    Ok(if seconds >= UNIX_FROM { When::Absolute(nanos) } else { When::Relative(nanos) })
}
