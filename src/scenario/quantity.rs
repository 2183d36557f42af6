//! Quantities as users write them: durations, rates, shares and amounts with their units, read exactly, with an error
//! that says what to write instead. Each has its JSON Schema.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::span_index::cut;
use crate::catalogue::{Lookup, lookup};
use crate::model::SERVICE_LEVELS;
use crate::model::country::CountryCode;
use crate::units::{Money, QuantityError, Rate, SimDuration};

/// A quantity as written: its value and the words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written<T>(pub T);

/// A kind of quantity: how it is read and described.
pub trait Quantity: FromStr<Err = QuantityError> {
    /// Name in the schema.
    const NAME: &'static str;
    /// What to write.
    const EXPECTED: &'static str;
    /// The pattern of its text in the schema.
    const PATTERN: &'static str;
}

impl Quantity for SimDuration {
    const NAME: &'static str = "Duration";
    const EXPECTED: &'static str = "a duration such as 250ms, 30s, 5m, 6h or 2d (a bare number is seconds)";
    const PATTERN: &'static str = r"^\s*([0-9][0-9_.eE]*\s*(ns|us|µs|ms|s|m|min|h|d|day|days)?\s*)+$";
}

impl Quantity for Rate {
    const NAME: &'static str = "Rate";
    const EXPECTED: &'static str = "a rate such as 100/s, 75/min or 10000/day (a bare number is per second)";
    const PATTERN: &'static str = r"^\s*[0-9][0-9_.eE]*\s*(/\s*(s|sec|second|m|min|minute|h|hour|d|day))?\s*$";
}

impl Quantity for Money {
    const NAME: &'static str = "Dollars";
    const EXPECTED: &'static str = "an amount in US dollars such as 0.0083";
    const PATTERN: &'static str = r"^\s*[0-9][0-9_.]*\s*$";
}

/// An arrival rate, which unlike others may be zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZeroRate(pub Option<Rate>);

impl FromStr for ZeroRate {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<ZeroRate, QuantityError> {
        let number = text.split('/').next().unwrap_or("").trim();
        if !number.is_empty() && number.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'_')) && number.contains('0') {
            return Ok(ZeroRate(None));
        }
        text.parse().map(|rate| ZeroRate(Some(rate)))
    }
}

impl Quantity for ZeroRate {
    const NAME: &'static str = "ArrivalRate";
    const EXPECTED: &'static str = "a rate such as 50/s, 75/min or 0";
    const PATTERN: &'static str = Rate::PATTERN;
}

/// A share within 0 and 1, in billionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u64);

impl Share {
    /// Billionths.
    pub fn billionths(self) -> u64 {
        self.0
    }

    /// As a number within 0 and 1.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl FromStr for Share {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Share, QuantityError> {
        let (number, divisor) = match text.trim().strip_suffix('%') {
            Some(percent) => (percent.trim(), 100.0),
            None => (text.trim(), 1.0),
        };
        match number.parse::<f64>() {
            Ok(share) if (0.0..=divisor).contains(&share) => Ok(Share((share / divisor * 1e9).round() as u64)),
            _ => Err(QuantityError(format!(
                "`{text}` is not a share: write a number within 0 and 1, or a percentage such as 3%"
            ))),
        }
    }
}

impl Quantity for Share {
    const NAME: &'static str = "Share";
    const EXPECTED: &'static str = "a share within 0 and 1, or a percentage such as 3%";
    const PATTERN: &'static str = r"^\s*[0-9][0-9_.]*\s*%?\s*$";
}

/// A weight: a share or any non-negative number; only its ratio to the other weights counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight(u64);

impl Weight {
    /// In billionths of the unit written.
    pub fn billionths(self) -> u64 {
        self.0
    }

    /// A weight of so many billionths.
    pub fn from_billionths(billionths: u64) -> Weight {
        Weight(billionths)
    }
}

impl FromStr for Weight {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Weight, QuantityError> {
        let (number, divisor) = match text.trim().strip_suffix('%') {
            Some(percent) => (percent.trim(), 100.0),
            None => (text.trim(), 1.0),
        };
        match number.parse::<f64>() {
            Ok(weight) if (0.0..=1e9).contains(&weight) => Ok(Weight((weight / divisor * 1e9).round() as u64)),
            _ => Err(QuantityError(format!(
                "`{text}` is not a weight: write a number from 0 to 1000000000, or a percentage"
            ))),
        }
    }
}

impl Quantity for Weight {
    const NAME: &'static str = "Weight";
    const EXPECTED: &'static str = "a weight such as 0.85, 85% or 3";
    const PATTERN: &'static str = Share::PATTERN;
}

/// A trust score of a 10DLC brand, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustScore(pub u8);

impl FromStr for TrustScore {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<TrustScore, QuantityError> {
        match text.trim().parse() {
            Ok(score @ 0..=100) => Ok(TrustScore(score)),
            _ => Err(QuantityError(format!("`{text}` is not a trust score: write a whole number from 0 to 100"))),
        }
    }
}

impl Quantity for TrustScore {
    const NAME: &'static str = "TrustScore";
    const EXPECTED: &'static str = "a trust score, a whole number from 0 to 100";
    const PATTERN: &'static str = r"^\s*[0-9]+\s*$";
}

/// A whole number that people also write as `1_000_000` or `1e6`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count(pub u64);

impl FromStr for Count {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Count, QuantityError> {
        let plain: String = text.trim().chars().filter(|c| *c != '_').collect();
        let whole = plain.parse::<u64>().ok().or_else(|| {
            plain.parse::<f64>().ok().filter(|n| (0.0..=1e15).contains(n) && n.fract() == 0.0).map(|n| n as u64)
        });
        whole.map(Count).ok_or_else(|| QuantityError(format!("`{text}` is not a whole number such as 1000000 or 1e6")))
    }
}

impl Quantity for Count {
    const NAME: &'static str = "Count";
    const EXPECTED: &'static str = "a whole number such as 1000000, 1_000_000 or 1e6";
    const PATTERN: &'static str = r"^\s*[0-9][0-9_.eE]*\s*$";
}

impl<'de, T: Quantity> Deserialize<'de> for Written<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Written<T>, D::Error> {
        deserializer.deserialize_any(QuantityVisitor(PhantomData))
    }
}

struct QuantityVisitor<T>(PhantomData<T>);

impl<T: Quantity> Visitor<'_> for QuantityVisitor<T> {
    type Value = Written<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Written<T>, E> {
        text.parse().map(Written).map_err(|error: QuantityError| E::custom(error.0.replace(text, &cut(text))))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Written<T>, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Written<T>, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Written<T>, E> {
        let plain = number.to_string();
        // 1e308 in full has 309 digits.
        if plain.len() > 24 { self.visit_str(&format!("{number:e}")) } else { self.visit_str(&plain) }
    }
}

impl<T: Quantity> JsonSchema for Written<T> {
    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": T::EXPECTED,
            "anyOf": [{ "type": "number", "minimum": 0 }, { "type": "string", "pattern": T::PATTERN }],
        })
    }
}

/// Digits as written: leading zeros stay, and so do texts that look like numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digits(pub String);

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Digits, D::Error> {
        struct DigitsVisitor;

        impl Visitor<'_> for DigitsVisitor {
            type Value = Digits;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("digits such as 36179 or \"+14155552671\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Digits, E> {
                let plain = text.strip_prefix('+').unwrap_or(text);
                if (2..=15).contains(&plain.len()) && plain.bytes().all(|byte| byte.is_ascii_digit()) {
                    Ok(Digits(text.to_owned()))
                } else {
                    let text = cut(text);
                    Err(E::custom(format!(
                        "`{text}` is not a number: write 2 to 15 digits without anything between them"
                    )))
                }
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Digits, E> {
                self.visit_str(&number.to_string())
            }
        }

        deserializer.deserialize_any(DigitsVisitor)
    }
}

impl JsonSchema for Digits {
    fn schema_name() -> Cow<'static, str> {
        "Digits".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "2 to 15 digits; in quotes where they begin with a zero or a plus",
            "anyOf": [{ "type": "integer", "minimum": 10 }, { "type": "string", "pattern": "^[+]?[0-9]{2,15}$" }],
        })
    }
}

/// The shares of the three classes of service, in whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ClassShares(pub [u32; SERVICE_LEVELS]);

impl<'de> Deserialize<'de> for ClassShares {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ClassShares, D::Error> {
        struct SharesVisitor;

        impl<'de> Visitor<'de> for SharesVisitor {
            type Value = ClassShares;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "whole numbers for three classes (one-time codes first, marketing last) such as [50, 30, 20]",
                )
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<ClassShares, A::Error> {
                let list: Vec<u32> = Vec::deserialize(SeqAccessDeserializer::new(seq))?;
                let shares = list.try_into().map_err(|list: Vec<u32>| A::Error::invalid_length(list.len(), &self))?;
                Ok(ClassShares(shares))
            }
        }

        deserializer.deserialize_seq(SharesVisitor)
    }
}

impl JsonSchema for ClassShares {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ClassShares".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        <[u32; SERVICE_LEVELS]>::json_schema(generator)
    }
}

/// A country code as written; YAML's `NO` stays Norway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country(pub CountryCode);

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Country, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Country).map_err(|why: String| match lookup(&text) {
            Lookup::Code(code) | Lookup::Named(code) => {
                D::Error::custom(format!("`{}` is not a country code: write {code}", cut(&text)))
            }
            Lookup::Similar(code) => {
                D::Error::custom(format!("`{}` is not a country code; did you mean {code}?", cut(&text)))
            }
            Lookup::Unknown => D::Error::custom(why.replace(&text, &cut(&text))),
        })
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl JsonSchema for Country {
    fn schema_name() -> Cow<'static, str> {
        "Country".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "a country code after ISO 3166-1, such as US; XX is the test bench",
            "type": "string",
            "pattern": "^[A-Z]{2}$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_mean_the_same() {
        let rate = |yaml| serde_yaml::from_str::<Written<Rate>>(yaml).map(|written| written.0);
        assert_eq!(rate("100").unwrap(), Rate::per_second(100));
        assert_eq!(rate("1.25").unwrap(), Rate::new(5, 4));
        assert_eq!(rate("'75/min'").unwrap(), Rate::new(5, 4));
        assert!(rate("-3").unwrap_err().to_string().contains("`-3` is not a rate"));
        assert!(rate("1e308").unwrap_err().to_string().contains("`1e308` is not a rate"));
        let long = "x".repeat(5_000);
        assert!(rate(&long).unwrap_err().to_string().len() < 200);
        assert!(rate("[1]").unwrap_err().to_string().contains("a rate such as"));
        let count = |yaml| serde_yaml::from_str::<Written<Count>>(yaml).map(|written| written.0.0);
        assert_eq!(count("1_000_000").unwrap(), 1_000_000);
        assert_eq!(count("1e6").unwrap(), 1_000_000);
        assert!(count("1.5").is_err() && count("-1").is_err());
        let share = |yaml| serde_yaml::from_str::<Written<Share>>(yaml).map(|written| written.0.billionths());
        assert_eq!(share("3%").unwrap(), 30_000_000);
        assert_eq!(share("0.85").unwrap(), 850_000_000);
        assert!(share("85").is_err());
        let zero = |yaml| serde_yaml::from_str::<Written<ZeroRate>>(yaml).map(|written| written.0.0);
        assert_eq!(zero("0").unwrap(), None);
        assert_eq!(zero("0/s").unwrap(), None);
        assert_eq!(zero("5/s").unwrap(), Some(Rate::per_second(5)));
    }

    #[test]
    fn a_country_by_its_name_is_answered_with_its_code() {
        let why = |yaml: &str| serde_yaml::from_str::<Country>(yaml).unwrap_err().to_string();
        assert_eq!(serde_yaml::from_str::<Country>("NO").unwrap().0.as_str(), "NO");
        assert!(why("Norway").ends_with("write NO") && why("no").ends_with("write NO"));
        assert!(why("Norwya").ends_with("did you mean NO?"));
        assert!(why("Atlantis").contains("two capital letters"));
        assert!(why(&"x".repeat(5_000)).len() < 300);
    }

    #[test]
    fn three_classes_have_three_shares() {
        let shares = |yaml| serde_yaml::from_str::<ClassShares>(yaml).map(|shares| shares.0);
        assert_eq!(shares("[50, 30, 20]").unwrap(), [50, 30, 20]);
        for wrong in ["[50, 50]", "[40, 30, 20, 10]", "[]", "50", "[50, 30, -1]"] {
            assert!(shares(wrong).is_err(), "{wrong}");
        }
    }
}
