//! The start of a scenario: a date and time with an offset or a zone, or why a text is none.

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ZonedDateTime};

use super::MAX_DURATION;
use crate::model::calendar::Calendar;
use crate::units::SimTime;

const EXAMPLE: &str = "write 2026-11-27T13:00:00-05:00, or with a zone 2026-11-27T13:00:00-05:00[America/New_York]";

/// Reads a start with a zone in brackets, or with a fixed offset.
///
/// # Errors
/// What is wrong, and what to write.
pub(super) fn read(text: &str) -> Result<Calendar, (String, String)> {
    let zoned = text.parse::<ZonedDateTime>().ok();
    let zoned = zoned.map(|zoned| Calendar::new(zoned.timestamp(), zoned.time_zone().clone()));
    let calendar = zoned.or_else(|| with_offset(text)).ok_or_else(|| explain(text))?;
    match calendar.next_midnight(&TimeZone::UTC, SimTime::ZERO + MAX_DURATION) {
        Some(_) => Ok(calendar),
        None => Err((
            format!("`{text}` is too late: the calendar ends with the year 9999"),
            "start at least ten years before its end".to_owned(),
        )),
    }
}

/// The offset is what the clock on the wall is ahead of UTC.
fn with_offset(text: &str) -> Option<Calendar> {
    // A timestamp would pass over a zone that is unknown or has another offset.
    let start: Timestamp = text.parse().ok().filter(|_| !text.contains('['))?;
    let zone = match text.parse::<DateTime>() {
        Ok(wall) => {
            let ahead = wall.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp().as_second() - start.as_second();
            TimeZone::fixed(Offset::from_seconds(i32::try_from(ahead).ok()?).ok()?)
        }
        // A time in UTC, marked by `Z`, is none on a wall.
        Err(_) => TimeZone::UTC,
    };
    Some(Calendar::new(start, zone))
}

fn explain(text: &str) -> (String, String) {
    let (written, zone) = match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
        Some((written, zone)) => (written, Some(zone)),
        None => (text, None),
    };
    let day = written.get(..10).unwrap_or(written);
    let wall = written.parse::<DateTime>().ok();
    match (zone.map(|name| (name, TimeZone::get(name))), wall) {
        (Some((name, Err(_))), _) => (
            format!("unknown time zone `{name}`"),
            "use a name of the time zone database, such as America/New_York".to_owned(),
        ),
        (Some((name, Ok(zone))), Some(wall)) => {
            let there =
                wall.to_zoned_datetime(zone).map_or_else(|_| EXAMPLE.to_owned(), |there| format!("write {there}"));
            (format!("the offset in `{text}` is not that of {name} at that time"), there)
        }
        (None, Some(wall)) => (
            format!("`{text}` has no offset"),
            format!("write {wall}Z for UTC, {wall}-05:00 or the like, or with a zone {wall}[America/New_York]"),
        ),
        (_, None) if looks_like_a_day(day) && day.parse::<Date>().is_err() => {
            (format!("there is no day `{day}`"), "days are written year, month, day: 2026-11-27".to_owned())
        }
        (_, None) => (format!("`{text}` is not a date and time with an offset"), EXAMPLE.to_owned()),
    }
}

/// Digits as in `2026-11-27`.
fn looks_like_a_day(text: &str) -> bool {
    let mask: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    mask == "0000-00-00"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_zones_are_read() {
        for (text, utc, label) in [
            ("2026-11-27T13:00:00Z", "2026-11-27T13:00:00Z", "UTC"),
            ("2026-11-27T13:00:00-05:00", "2026-11-27T18:00:00Z", "UTC-05:00"),
            ("2026-11-27T13:00:00+0530", "2026-11-27T07:30:00Z", "UTC+05:30"),
            ("2026-11-27T13:00:00-05:00[America/New_York]", "2026-11-27T18:00:00Z", "America/New_York"),
            ("2026-11-27T13:00:00[America/New_York]", "2026-11-27T18:00:00Z", "America/New_York"),
        ] {
            let calendar = read(text).expect(text);
            assert_eq!((calendar.start_utc().as_str(), calendar.zone_label().as_str()), (utc, label), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let (message, hint) = read("2026-11-27T13:00:00+02:00[America/New_York]").unwrap_err();
        assert!(message.contains("offset") && message.contains("America/New_York"), "{message}");
        assert_eq!(hint, "write 2026-11-27T13:00:00-05:00[America/New_York]");
        for (text, words) in [
            ("2026-11-27T13:00:00", "no offset"),
            ("2026-11-27", "no offset"),
            ("2026-02-30T13:00:00Z", "no day `2026-02-30`"),
            ("2026-11-27T13:00:00-05:00[America/Gotham]", "`America/Gotham`"),
            ("9995-01-01T00:00:00Z", "too late"),
            ("2026-11-27T25:00:00Z", "not a date and time"),
            ("", "not a date and time"),
        ] {
            let (message, _) = read(text).unwrap_err();
            assert!(message.contains(words), "{text}: {message}");
        }
    }
}
