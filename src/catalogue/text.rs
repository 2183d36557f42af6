//! Quantities written as text in the data files: rates, money, shares and times of day.
//!
//! Text and not YAML numbers, so that 0.0045 and 1.2 % are exactly that. They are written back in the same form.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::units::{Money, NANOS_PER_SECOND, SimDuration};

/// One whole in parts per million.
pub const WHOLE_PPM: u32 = 1_000_000;

/// Reads a value by its `FromStr`, for `deserialize_with`.
pub(super) fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// As [`parsed`], for a value that may be absent.
pub(super) fn parsed_option<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let text: Option<String> = Option::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}

/// Writes a span as the files do, `10h` or `90s`, for `serialize_with`.
pub(super) fn written_duration<S: Serializer>(span: &SimDuration, serializer: S) -> Result<S::Ok, S::Error> {
    let nanos = span.as_nanos();
    let units = [("h", 3_600 * NANOS_PER_SECOND), ("m", 60 * NANOS_PER_SECOND), ("s", NANOS_PER_SECOND), ("ns", 1)];
    let (unit, size) = units.into_iter().find(|(_, size)| nanos.is_multiple_of(*size)).expect("1 ns divides all");
    serializer.collect_str(&format_args!("{}{unit}", nanos / size))
}

/// A part of a whole in exact parts per million; written in percent, such as `47` or `0.12`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u32);

impl Share {
    /// Parts per million.
    pub const fn ppm(self) -> u32 {
        self.0
    }
}

impl FromStr for Share {
    type Err = String;

    /// Reads percent with at most four decimals.
    fn from_str(text: &str) -> Result<Share, String> {
        // Money is the crate's exact decimal reader: 1 % is 10,000 ppm, so 10^9 units of it are 10,000 ppm.
        text.parse::<Money>()
            .ok()
            .map(Money::as_nanos)
            .filter(|nanos| nanos % 100_000 == 0)
            .and_then(|nanos| u32::try_from(nanos / 100_000).ok())
            .filter(|ppm| *ppm <= WHOLE_PPM)
            .map(Share)
            .ok_or_else(|| format!("`{text}` is not a share in percent such as 47 or 0.12"))
    }
}

impl Display for Share {
    /// Percent without a sign, as in the files.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 10_000, self.0 % 10_000);
        if rest == 0 {
            return write!(f, "{whole}");
        }
        f.write_str(format!("{whole}.{rest:04}").trim_end_matches('0'))
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Share, D::Error> {
        parsed(deserializer)
    }
}

/// A time of day in whole minutes after midnight, `00:00` to `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Minutes after midnight, 0 to 1,440.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// Seconds after midnight, 0 to 86,400.
    pub const fn seconds(self) -> u32 {
        self.0 as u32 * 60
    }
}

impl FromStr for TimeOfDay {
    type Err = String;

    fn from_str(text: &str) -> Result<TimeOfDay, String> {
        let wrong = || format!("`{text}` is not a time of day such as 08:30");
        let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
        if hours.len() != 2 || minutes.len() != 2 {
            return Err(wrong());
        }
        let hours: u16 = hours.parse().map_err(|_| wrong())?;
        let minutes: u16 = minutes.parse().map_err(|_| wrong())?;
        let total = hours * 60 + minutes;
        if minutes < 60 && total <= 1_440 { Ok(TimeOfDay(total)) } else { Err(wrong()) }
    }
}

impl Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TimeOfDay, D::Error> {
        parsed(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact_parts_per_million() {
        assert_eq!("100".parse::<Share>().unwrap().ppm(), 1_000_000);
        assert_eq!("0.12".parse::<Share>().unwrap().ppm(), 1_200);
        assert_eq!("0.0001".parse::<Share>().unwrap().ppm(), 1);
        for written in ["100", "20.5", "0.12", "0.0001", "0"] {
            assert_eq!(written.parse::<Share>().unwrap().to_string(), written);
        }
        for bad in ["100.1", "0.00001", "-1", "", "1%"] {
            assert!(bad.parse::<Share>().is_err(), "{bad}");
        }
    }

    #[test]
    fn times_of_day_are_minutes() {
        assert_eq!("21:30".parse::<TimeOfDay>().unwrap().minutes(), 1_290);
        assert_eq!("24:00".parse::<TimeOfDay>().unwrap().minutes(), 1_440);
        for written in ["00:00", "08:05", "24:00"] {
            assert_eq!(written.parse::<TimeOfDay>().unwrap().to_string(), written);
        }
        for bad in ["24:01", "9:00", "12:60", "noon", ""] {
            assert!(bad.parse::<TimeOfDay>().is_err(), "{bad}");
        }
    }
}
