//! Units as types: the only place where times, segments, rates and money are calculated with.
//!
//! Everything here is an exact integer or an exact rational. Nanoseconds are the tick of the simulation: a `u64` of
//! them lasts 584 years, and 1 ns is far below anything a sender pool can show. There are no floats but for display.
//!
//! Rounding is named at each place: a slot boundary is rounded up to the next whole nanosecond, a capacity is rounded
//! down to whole segments.
//!
//! Not here: calendar time (see [`crate::model::calendar`]) and random draws.

use std::fmt;
use std::ops::{Add, AddAssign, Mul, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

/// Nanoseconds in a second.
pub const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// An instant: whole nanoseconds since the scenario's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SimTime(u64);

/// A span of time in whole nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SimDuration(u64);

/// A number of message segments: what is paced, counted and billed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segments(pub u64);

/// A rate as an exact rational: events (segments or messages) per second, never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    numerator: u64,
    denominator: u64,
}

/// US dollars in whole billionths (10⁻⁹ USD), so that list prices such as 0.0083 are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i128);

impl SimTime {
    /// The scenario's start.
    pub const ZERO: SimTime = SimTime(0);
    /// Later than everything that happens.
    pub const MAX: SimTime = SimTime(u64::MAX);

    /// The instant `nanos` nanoseconds after the start.
    pub const fn from_nanos(nanos: u64) -> SimTime {
        SimTime(nanos)
    }

    /// Nanoseconds since the start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the start, for display and charts.
    pub fn as_secs_f64(self) -> f64 {
        SimDuration(self.0).as_secs_f64()
    }

    /// The span since `earlier`.
    ///
    /// # Panics
    /// When `earlier` is later than `self`: the simulation's clock never goes back.
    pub fn since(self, earlier: SimTime) -> SimDuration {
        SimDuration(self.0.checked_sub(earlier.0).expect("the clock never goes back"))
    }

    /// The instant `span` later, or [`SimTime::MAX`] when that lies beyond 584 years.
    pub fn saturating_add(self, span: SimDuration) -> SimTime {
        SimTime(self.0.saturating_add(span.0))
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: SimDuration = SimDuration(0);

    /// A span of `nanos` nanoseconds.
    pub const fn from_nanos(nanos: u64) -> SimDuration {
        SimDuration(nanos)
    }

    /// A span of `seconds`, rounded up to whole nanoseconds, at most 584 years.
    #[inline]
    pub fn from_secs_f64_up(seconds: f64) -> SimDuration {
        let nanos = seconds * 1e9;
        let whole = nanos as u64;
        // By hand: not every processor has an instruction for it.
        SimDuration(whole.saturating_add(u64::from((whole as f64) < nanos)))
    }

    /// A span of `secs` whole seconds.
    pub const fn from_secs(secs: u64) -> SimDuration {
        SimDuration(secs * NANOS_PER_SECOND)
    }

    /// Whole nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds, for display and charts.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }
}

impl Add<SimDuration> for SimTime {
    type Output = SimTime;
    fn add(self, span: SimDuration) -> SimTime {
        SimTime(self.0.checked_add(span.0).expect("an instant lies within 584 years of the start"))
    }
}

impl Add for SimDuration {
    type Output = SimDuration;
    fn add(self, other: SimDuration) -> SimDuration {
        SimDuration(self.0.checked_add(other.0).expect("a span is shorter than 584 years"))
    }
}

impl Add for Segments {
    type Output = Segments;
    fn add(self, other: Segments) -> Segments {
        Segments(self.0 + other.0)
    }
}

impl AddAssign for Segments {
    fn add_assign(&mut self, other: Segments) {
        self.0 += other.0;
    }
}

impl Sub for Segments {
    type Output = Segments;
    fn sub(self, other: Segments) -> Segments {
        Segments(self.0.checked_sub(other.0).expect("segments are never taken away twice"))
    }
}

impl Rate {
    /// `numerator / denominator` per second, in lowest terms.
    ///
    /// # Panics
    /// When either is zero.
    pub fn new(numerator: u64, denominator: u64) -> Rate {
        assert!(numerator > 0 && denominator > 0, "a rate is positive");
        let divisor = gcd(numerator, denominator);
        Rate { numerator: numerator / divisor, denominator: denominator / divisor }
    }

    /// `n` per second.
    pub fn per_second(n: u64) -> Rate {
        Rate::new(n, 1)
    }

    /// The numerator in lowest terms.
    pub const fn numerator(self) -> u64 {
        self.numerator
    }

    /// The denominator in lowest terms.
    pub const fn denominator(self) -> u64 {
        self.denominator
    }

    /// Per second, for display and charts.
    pub fn as_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// How long `work` takes at this rate, rounded up to the next whole nanosecond.
    ///
    /// Slots are computed by this from the origin of a busy period and never by adding rounded slots.
    ///
    /// # Panics
    /// When the answer exceeds 584 years; the scenario's limits keep work and rates far below that.
    pub fn time_for(self, work: Segments) -> SimDuration {
        let nanos = (u128::from(work.0) * u128::from(NANOS_PER_SECOND) * u128::from(self.denominator))
            .div_ceil(u128::from(self.numerator));
        SimDuration(u64::try_from(nanos).expect("work ends within 584 years"))
    }

    /// The time of one segment, exactly.
    pub fn pace(self) -> Pace {
        let nanos = u128::from(NANOS_PER_SECOND) * u128::from(self.denominator);
        let whole = nanos / u128::from(self.numerator);
        let rest = nanos % u128::from(self.numerator);
        Pace {
            whole: u64::try_from(whole).unwrap_or(u64::MAX),
            rest: u64::try_from(rest).expect("less than what it is the rest of"),
            of: self.numerator,
        }
    }

    /// How many whole segments fit into `span`, rounded down (saturating at `u64::MAX`).
    pub fn whole_segments_in(self, span: SimDuration) -> Segments {
        let segments = u128::from(span.0) * u128::from(self.numerator)
            / (u128::from(NANOS_PER_SECOND) * u128::from(self.denominator));
        Segments(u64::try_from(segments).unwrap_or(u64::MAX))
    }

    /// The smaller of two rates.
    pub fn min(self, other: Rate) -> Rate {
        if other < self { other } else { self }
    }
}

/// The time of one segment at a rate: whole nanoseconds and a rest, as a fraction of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    whole: u64,
    rest: u64,
    of: u64,
}

impl Pace {
    /// Whether a segment takes whole nanoseconds.
    #[inline]
    pub const fn is_whole(self) -> bool {
        self.rest == 0
    }

    /// The whole nanoseconds of a segment.
    #[inline]
    pub const fn whole(self) -> u64 {
        self.whole
    }

    /// The time of a segment in fractions of a nanosecond, of which [`Pace::denominator`] are one.
    #[inline]
    pub fn numerator(self) -> u128 {
        u128::from(self.whole) * u128::from(self.of) + u128::from(self.rest)
    }

    /// What the rests of a time of work are fractions of.
    #[inline]
    pub const fn denominator(self) -> u64 {
        self.of
    }

    /// How long `work` takes: whole nanoseconds, and a rest in fractions of one, less than [`Pace::denominator`].
    #[inline]
    pub fn time_of(self, work: Segments) -> (u128, u64) {
        let whole = u128::from(self.whole) * u128::from(work.0);
        if self.rest == 0 {
            return (whole, 0);
        }
        let rest = u128::from(self.rest) * u128::from(work.0);
        let of = u128::from(self.of);
        (whole + rest / of, u64::try_from(rest % of).expect("less than what it is the rest of"))
    }
}

impl PartialOrd for Rate {
    fn partial_cmp(&self, other: &Rate) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rate {
    fn cmp(&self, other: &Rate) -> std::cmp::Ordering {
        (u128::from(self.numerator) * u128::from(other.denominator))
            .cmp(&(u128::from(other.numerator) * u128::from(self.denominator)))
    }
}

impl Money {
    /// No money.
    pub const ZERO: Money = Money(0);

    /// From whole billionths of a dollar.
    pub const fn from_nanos(nanos: i128) -> Money {
        Money(nanos)
    }

    /// Whole billionths of a dollar.
    pub const fn as_nanos(self) -> i128 {
        self.0
    }

    /// Dollars, for display.
    pub fn as_dollars_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Dollars exactly, with two decimals or as many as it takes: `1000.00`, `0.0083`.
    pub fn to_decimal(self) -> String {
        let nanos = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let text = format!("{sign}{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
        let unused = text.bytes().rev().take_while(|digit| *digit == b'0').count().min(7);
        text[..text.len() - unused].to_owned()
    }

    /// This amount divided by `n`, rounded down; `None` when `n` is zero.
    pub fn per(self, n: u64) -> Option<Money> {
        (n > 0).then(|| Money(self.0.div_euclid(i128::from(n))))
    }
}

impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0 - other.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        self.0 += other.0;
    }
}

impl Mul<u64> for Money {
    type Output = Money;
    fn mul(self, times: u64) -> Money {
        Money(self.0 * i128::from(times))
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::ZERO, Add::add)
    }
}

/// The greatest common divisor of two positive numbers.
fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// What is wrong with a quantity as written, in words for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantityError(pub String);

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for QuantityError {}

/// A non-negative decimal number as `mantissa / 10^places`, exactly as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Decimal {
    mantissa: u64,
    places: u32,
}

impl Decimal {
    /// Reads digits with `_` separators, at most one point and an optional exponent (`1e6`).
    fn parse(text: &str) -> Option<Decimal> {
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() || (digits.contains('.') && fraction.is_empty()) {
            return None;
        }
        let mut mantissa: u64 = 0;
        for c in whole.chars().chain(fraction.chars()).filter(|c| *c != '_') {
            mantissa = mantissa.checked_mul(10)?.checked_add(u64::from(c.to_digit(10)?))?;
        }
        let mut places = i32::try_from(fraction.chars().filter(|c| *c != '_').count()).ok()?.checked_sub(exponent)?;
        while places < 0 {
            mantissa = mantissa.checked_mul(10)?;
            places += 1;
        }
        while places > 0 && mantissa.is_multiple_of(10) && mantissa > 0 {
            mantissa /= 10;
            places -= 1;
        }
        (places <= 18).then_some(Decimal { mantissa, places: places.unsigned_abs() })
    }

    /// The value times `unit`, if it is a whole number that fits.
    fn times(self, unit: u64) -> Option<u64> {
        let scaled = u128::from(self.mantissa) * u128::from(unit);
        let scale = 10u128.pow(self.places);
        if !scaled.is_multiple_of(scale) {
            return None;
        }
        u64::try_from(scaled / scale).ok()
    }
}

/// Splits `1.5h` into number and unit.
fn split_unit(text: &str) -> (&str, &str) {
    let end = text
        .char_indices()
        .find(|(at, c)| {
            !(c.is_ascii_digit() || *c == '.' || *c == '_' || (matches!(c, 'e' | 'E') && exponent_follows(text, *at)))
        })
        .map_or(text.len(), |(at, _)| at);
    (&text[..end], text[end..].trim_start())
}

/// Whether the `e` at byte `at` starts an exponent (`1e6`), not a unit.
fn exponent_follows(text: &str, at: usize) -> bool {
    at > 0 && text[at + 1..].starts_with(|c: char| c.is_ascii_digit())
}

impl FromStr for SimDuration {
    type Err = QuantityError;

    /// Reads `250ms`, `30s`, `5m`, `1h30m`, `6h`, `2d`; a bare number is seconds.
    fn from_str(text: &str) -> Result<SimDuration, QuantityError> {
        let wrong = || {
            QuantityError(format!(
                "`{text}` is not a duration: write a number with a unit, such as 250ms, 30s, 5m, 6h or 2d"
            ))
        };
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(wrong());
        }
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let (number, tail) = split_unit(rest);
            let decimal = Decimal::parse(number).ok_or_else(wrong)?;
            let unit_end = tail.find(|c: char| !c.is_ascii_alphabetic() && c != 'µ').unwrap_or(tail.len());
            let unit = match &tail[..unit_end] {
                "ns" => 1,
                "us" | "µs" => 1_000,
                "ms" => 1_000_000,
                "s" | "" => NANOS_PER_SECOND,
                "m" | "min" => 60 * NANOS_PER_SECOND,
                "h" => 3_600 * NANOS_PER_SECOND,
                "d" | "day" | "days" => 86_400 * NANOS_PER_SECOND,
                _ => return Err(wrong()),
            };
            let part = decimal.times(unit).ok_or_else(|| {
                QuantityError(format!("`{text}` is not a whole number of nanoseconds below 584 years"))
            })?;
            total =
                total.checked_add(part).ok_or_else(|| QuantityError(format!("`{text}` is longer than 584 years")))?;
            rest = tail[unit_end..].trim_start();
        }
        Ok(SimDuration(total))
    }
}

impl FromStr for Rate {
    type Err = QuantityError;

    /// Reads `100/s`, `75/min`, `500/h`, `10000/day`; a bare number is per second.
    fn from_str(text: &str) -> Result<Rate, QuantityError> {
        let wrong = || {
            QuantityError(format!(
                "`{text}` is not a rate: write a number with a unit, such as 100/s, 75/min or 10000/day"
            ))
        };
        let (number, unit) = match text.trim().split_once('/') {
            Some((number, unit)) => (number.trim(), unit.trim()),
            None => (text.trim(), "s"),
        };
        let seconds: u64 = match unit {
            "s" | "sec" | "second" => 1,
            "m" | "min" | "minute" => 60,
            "h" | "hour" => 3_600,
            "d" | "day" => 86_400,
            _ => return Err(wrong()),
        };
        let decimal = Decimal::parse(number).ok_or_else(wrong)?;
        if decimal.mantissa == 0 {
            return Err(QuantityError(format!("`{text}` is not a rate: it must be more than zero")));
        }
        let scale = 10u64
            .checked_pow(decimal.places)
            .and_then(|scale| scale.checked_mul(seconds))
            .ok_or_else(|| QuantityError(format!("`{text}` has too many decimal places")))?;
        Ok(Rate::new(decimal.mantissa, scale))
    }
}

impl FromStr for Money {
    type Err = QuantityError;

    /// Reads dollars such as `0.0083` or `1000`, at most nine decimal places.
    fn from_str(text: &str) -> Result<Money, QuantityError> {
        Decimal::parse(text.trim())
            .and_then(|decimal| decimal.times(1_000_000_000))
            .map(|nanos| Money(i128::from(nanos)))
            .ok_or_else(|| QuantityError(format!("`{text}` is not an amount in US dollars such as 0.0083")))
    }
}

impl fmt::Display for SimDuration {
    /// As a person says it: `2 h 46 min 40 s`, `9.25 s`, `310 ms`; to the second from a minute on.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SECOND: u64 = NANOS_PER_SECOND;
        let nanos = self.0;
        if nanos == 0 {
            return f.write_str("0 s");
        }
        if nanos < 1_000_000 {
            return write!(f, "{} µs", trim_zeros(nanos as f64 / 1e3, 3));
        }
        if nanos < SECOND {
            return write!(f, "{} ms", trim_zeros(nanos as f64 / 1e6, 1));
        }
        if nanos < 60 * SECOND {
            return write!(f, "{} s", trim_zeros(nanos as f64 / 1e9, 2));
        }
        let seconds = (nanos + SECOND / 2) / SECOND;
        let (days, hours, minutes, rest) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
        // From the largest unit to the smallest that is not zero, those between included: "4 h 0 min 16 s".
        let parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")];
        let used = |part: &(u64, &str)| part.0 > 0;
        let first = parts.iter().position(used).unwrap_or(3);
        let last = parts.iter().rposition(used).unwrap_or(3);
        let words: Vec<String> = parts[first..=last].iter().map(|(value, unit)| format!("{value} {unit}")).collect();
        f.write_str(&words.join(" "))
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SimDuration(self.0).fmt(f)
    }
}

impl fmt::Display for Rate {
    /// `100/s`, `75/min`, `10000/day`: the largest unit in which the number is whole, else a decimal per second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (seconds, unit) in [(1, "s"), (60, "min"), (3_600, "h"), (86_400, "day")] {
            if (self.numerator * seconds).is_multiple_of(self.denominator) {
                return write!(f, "{}/{unit}", self.numerator * seconds / self.denominator);
            }
        }
        write!(f, "{}/s", trim_zeros(self.as_f64(), 6))
    }
}

impl fmt::Display for Money {
    /// Dollars to the cent, or to the ten-thousandth below one dollar.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places: u32 = if self.0.unsigned_abs() < 1_000_000_000 && self.0 != 0 { 4 } else { 2 };
        let unit = 10u128.pow(9 - places);
        let rounded = (self.0.unsigned_abs() + unit / 2) / unit;
        let whole = rounded / 10u128.pow(places);
        let fraction = rounded % 10u128.pow(places);
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}${}.{fraction:0width$}", thousands(whole), width = places as usize)
    }
}

impl Serialize for Rate {
    /// As it is displayed: exact for every rate that is a whole number a second, minute, hour or day.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Money {
    /// As an exact decimal in a string, which no reader rounds.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_decimal())
    }
}

/// A whole number with a comma between groups of three digits: `1,000,000`.
pub fn thousands(n: u128) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `value` with at most `places` decimals and no trailing zeros.
fn trim_zeros(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> f64 {
        text.parse::<SimDuration>().unwrap().as_secs_f64()
    }

    #[test]
    fn durations_are_read_with_their_units() {
        assert_eq!(seconds("30s"), 30.0);
        assert_eq!(seconds("30"), 30.0);
        assert_eq!(seconds("250ms"), 0.25);
        assert_eq!(seconds("1h30m"), 5_400.0);
        assert_eq!(seconds("1h 30m"), 5_400.0);
        assert_eq!(seconds("1.5h"), 5_400.0);
        assert_eq!(seconds("2d"), 172_800.0);
        assert_eq!(seconds("1_000s"), 1_000.0);
        assert_eq!(seconds("1e3s"), 1_000.0);
        for bad in ["", "h", "5x", "-1s", "1.s", "1..2s", "600y", "1e30d", "5 5x"] {
            assert!(bad.parse::<SimDuration>().is_err(), "{bad}");
        }
    }

    #[test]
    fn rates_are_exact_rationals() {
        assert_eq!("100/s".parse::<Rate>().unwrap(), Rate::new(100, 1));
        assert_eq!("75/min".parse::<Rate>().unwrap(), Rate::new(5, 4));
        assert_eq!("1.25/s".parse::<Rate>().unwrap(), Rate::new(5, 4));
        assert_eq!("10000/day".parse::<Rate>().unwrap(), Rate::new(10_000, 86_400));
        assert_eq!("3".parse::<Rate>().unwrap(), Rate::new(3, 1));
        for bad in ["0/s", "-1/s", "fast", "1/fortnight", "", "/s", "1e-9999/s"] {
            assert!(bad.parse::<Rate>().is_err(), "{bad}");
        }
        assert!(Rate::new(5, 4) < Rate::new(4, 3));
    }

    #[test]
    fn slots_round_up_and_capacities_down() {
        let third = Rate::per_second(3);
        assert_eq!(third.time_for(Segments(1)).as_nanos(), 333_333_334);
        assert_eq!(third.time_for(Segments(3)).as_nanos(), 1_000_000_000);
        assert_eq!(Rate::new(5, 4).whole_segments_in(SimDuration::from_secs(2)), Segments(2));
        assert_eq!(third.whole_segments_in(SimDuration::from_secs(36_000)), Segments(108_000));
    }

    #[test]
    fn quantities_print_as_people_say_them() {
        let show = |nanos: u64| SimDuration::from_nanos(nanos).to_string();
        assert_eq!(show(0), "0 s");
        assert_eq!(show(1_500), "1.5 µs");
        assert_eq!(show(310_000_000), "310 ms");
        assert_eq!(show(9_250_000_000), "9.25 s");
        assert_eq!(show(10_000 * NANOS_PER_SECOND), "2 h 46 min 40 s");
        assert_eq!(show(172_800 * NANOS_PER_SECOND), "2 d");
        assert_eq!(show(14_416 * NANOS_PER_SECOND), "4 h 0 min 16 s");
        assert_eq!(Rate::new(5, 4).to_string(), "75/min");
        assert_eq!(Rate::per_second(100).to_string(), "100/s");
        assert_eq!("0.0083".parse::<Money>().unwrap().to_string(), "$0.0083");
        assert_eq!("1234567.891".parse::<Money>().unwrap().to_string(), "$1,234,567.89");
        assert_eq!(thousands(1_000_000), "1,000,000");
        assert_eq!(thousands(999), "999");
    }

    #[test]
    fn money_is_exact() {
        let price: Money = "0.0083".parse().unwrap();
        assert_eq!((price * 1_000_000).to_string(), "$8,300.00");
        for (written, decimal) in [("0.0083", "0.0083"), ("1000", "1000.00"), ("4.5", "4.50"), ("0", "0.00")] {
            assert_eq!(written.parse::<Money>().unwrap().to_decimal(), decimal);
        }
        assert_eq!(Money::from_nanos(-1).to_decimal(), "-0.000000001");
        assert_eq!(Money::from_nanos(10).per(3), Some(Money::from_nanos(3)));
        assert_eq!(Money::from_nanos(10).per(0), None);
    }
}
