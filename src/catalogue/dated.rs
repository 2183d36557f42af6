//! Amounts of money that change on a date: what is charged now, what was charged before, and since when.
//!
//! Not here: what the amounts are for, nor the date that a scenario asks for.

use std::fmt;

use jiff::civil::Date;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::evidence::Evidence;
use crate::units::Money;

/// An amount in US dollars with its history. In the files it is a text such as `"0.0083"`, or a list of [`Step`]s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// The oldest first, never empty.
    steps: Vec<Step>,
}

/// An amount and the day from which it holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its first day; absent in the first step alone, which also stands for all days before it.
    #[serde(default, deserialize_with = "read_day", serialize_with = "written_day")]
    pub from: Option<Date>,
    /// US dollars.
    #[serde(deserialize_with = "dollars")]
    pub amount: Money,
    /// What it rests on, where the evidence of the block does not cover it.
    #[serde(default)]
    pub evidence: Option<Evidence>,
}

impl Dated {
    /// The newest amount.
    pub fn newest(&self) -> Money {
        self.steps.last().expect("never empty").amount
    }

    /// The steps, the oldest first.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Keeps the step that holds on this day alone, or the oldest if the day is before all. Whether there were others.
    pub(super) fn keep(&mut self, day: Date) -> bool {
        let several = self.steps.len() > 1;
        let begun = self.steps.partition_point(|step| step.from.is_none_or(|from| from <= day));
        self.steps = vec![self.steps.swap_remove(begun.saturating_sub(1))];
        several
    }

    /// The evidence of steps that have their own, each with the path of the amount and its first day.
    pub(super) fn evidence(&self, path: &str) -> Vec<(String, &Evidence)> {
        let since = |step: &Step| step.from.map_or_else(|| "at first".to_owned(), |from| format!("from {from}"));
        self.steps
            .iter()
            .filter_map(|step| Some((format!("{path} {}", since(step)), step.evidence.as_ref()?)))
            .collect()
    }

    fn new(steps: Vec<Step>) -> Result<Dated, String> {
        if steps.is_empty() {
            return Err("a list of amounts without any".to_owned());
        }
        match steps.windows(2).find(|pair| pair[0].from >= pair[1].from) {
            // An absent day is before all others.
            Some(pair) => Err(match pair[1].from {
                Some(from) => format!("the amount from {from} stands after one that is not earlier"),
                None => "only the first amount of a list goes without `from`".to_owned(),
            }),
            None => Ok(Dated { steps }),
        }
    }
}

impl From<Money> for Dated {
    fn from(amount: Money) -> Dated {
        Dated { steps: vec![Step { from: None, amount, evidence: None }] }
    }
}

impl Serialize for Dated {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.steps.as_slice() {
            [Step { from: None, amount, evidence: None }] => amount.serialize(serializer),
            steps => steps.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Dated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Dated, D::Error> {
        struct Amounts;

        impl<'de> Visitor<'de> for Amounts {
            type Value = Dated;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Dollars.expecting(f)?;
                f.write_str(", or a list such as [{ from: 2026-05-01, amount: 0.0045 }]")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Dated, E> {
                Dollars.visit_str(text).map(Dated::from)
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Dated, E> {
                Dollars.visit_u64(number).map(Dated::from)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Dated, E> {
                Dollars.visit_i64(number).map(Dated::from)
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Dated, E> {
                Dollars.visit_f64(number).map(Dated::from)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Dated, A::Error> {
                let steps = Vec::deserialize(SeqAccessDeserializer::new(list))?;
                Dated::new(steps).map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_any(Amounts)
    }
}

/// Reads dollars: text in the files, numbers too in what people write in their place.
struct Dollars;

impl Visitor<'_> for Dollars {
    type Value = Money;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount in US dollars such as 0.0083")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Money, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Money, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Money, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Money, E> {
        self.visit_str(&number.to_string())
    }
}

/// Reads dollars, for `deserialize_with`.
fn dollars<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    deserializer.deserialize_any(Dollars)
}

/// Reads a day, for `deserialize_with`.
fn read_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    let day = |text: String| {
        text.parse().map_err(|_| D::Error::custom(format_args!("`{text}` is not a day such as 2026-05-01")))
    };
    text.map(day).transpose()
}

/// Writes a day as the files do, for `serialize_with`.
fn written_day<S: Serializer>(day: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    match day {
        Some(day) => serializer.collect_str(day),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Dated, String> {
        serde_yaml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_amount_in_force_is_the_last_that_has_begun() {
        let rising = "[{amount: '1'}, {from: '2024-01-01', amount: '2'}, {from: '2026-05-01', amount: '3'}]";
        let on = |text: &str, day: &str| {
            let mut dated = read(text).unwrap();
            dated.keep(day.parse().unwrap());
            dated.newest().to_decimal()
        };
        for (day, amount) in [
            ("1999-01-01", "1.00"),
            ("2023-12-31", "1.00"),
            ("2024-01-01", "2.00"),
            ("2026-04-30", "2.00"),
            ("2026-05-01", "3.00"),
        ] {
            assert_eq!(on(rising, day), amount, "{day}");
        }
        assert_eq!(read(rising).unwrap().newest().to_decimal(), "3.00");
        let late = "[{from: '2024-01-01', amount: '2'}, {from: '2026-05-01', amount: '3'}]";
        assert_eq!(on(late, "2020-02-29"), "2.00", "the oldest known stands in for what was before");
        assert_eq!(on("'0.5'", "2020-02-29"), "0.50");
        assert_eq!(read("0.5"), read("'0.5'"));
    }

    #[test]
    fn a_list_out_of_order_is_refused() {
        for (text, words) in [
            ("[]", "without any"),
            ("[{amount: '1'}, {amount: '2'}]", "only the first"),
            ("[{from: '2024-01-01', amount: '1'}, {amount: '2'}]", "only the first"),
            ("[{from: '2024-01-01', amount: '1'}, {from: '2024-01-01', amount: '2'}]", "not earlier"),
            ("[{from: '2024-01-01', amount: '1'}, {from: '2023-01-01', amount: '2'}]", "not earlier"),
            ("[{from: '2024-13-01', amount: '1'}]", "`2024-13-01` is not a day"),
            ("[{since: '2024-01-01', amount: '1'}]", "since"),
            ("cheap", "not an amount"),
            ("-1", "not an amount"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn it_is_written_as_it_was_read() {
        for text in [
            "0.0083",
            "[{from: null, amount: '1.00', evidence: null}, {from: 2024-01-01, amount: '2.00', evidence: null}]",
        ] {
            let written = serde_yaml::to_value(read(text).unwrap()).unwrap();
            let known: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
            let known = if known.is_number() { serde_yaml::Value::from(text) } else { known };
            assert_eq!(written, known);
        }
    }
}
