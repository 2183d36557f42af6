//! Promises to keep: `end_to_end{campaign:otp}: "p(95) < 10s"`. The words are k6's; times and money carry units. Without
//! comparison and limit the same words ask for a number, see [`Measure`].
//!
//! Here is the grammar and what a threshold asks for; whether a run keeps it is for the verdict.

use std::fmt;

use crate::units::{Money, SimDuration, SimTime};

use super::metric::{Kind, Metric, Unit};

/// What is asked of a metric's values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aggregation {
    /// The mean.
    Avg,
    /// The smallest value.
    Min,
    /// The largest value.
    Max,
    /// A quantile within 0 and 1; `med` is one half.
    Quantile(f64),
    /// Messages per replication.
    Count,
    /// The share of the messages offered.
    Rate,
}

/// How value and limit are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
}

impl Comparison {
    const SPELLINGS: [(&'static str, Comparison); 8] = [
        ("<=", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("===", Comparison::Equal),
        ("==", Comparison::Equal),
        ("!=", Comparison::Unequal),
        ("<", Comparison::Below),
        (">", Comparison::Above),
        ("≤", Comparison::AtMost),
    ];

    /// Whether `value` meets `limit`.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Comparison::Below => value < limit,
            Comparison::AtMost => value <= limit,
            Comparison::Above => value > limit,
            Comparison::AtLeast => value >= limit,
            Comparison::Equal => value == limit,
            Comparison::Unequal => value != limit,
        }
    }
}

/// A selection of messages by tag, as indexes into the model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only this campaign.
    pub campaign: Option<usize>,
    /// Only this service.
    pub service: Option<usize>,
    /// Only recipients in this country.
    pub country: Option<usize>,
    /// Only recipients at this carrier.
    pub carrier: Option<usize>,
    /// Only messages sent from this type of sender.
    pub sender_type: Option<super::sender::SenderType>,
    /// Only campaigns that carry all of these tags, as indexes of the model's, sorted.
    pub tags: Vec<usize>,
}

/// One number that is asked of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// As written: `end_to_end{campaign:otp}`.
    pub subject: String,
    /// As written: `p(95)`.
    pub asked: String,
    /// The metric.
    pub metric: Metric,
    /// Which messages.
    pub scope: Scope,
    /// Only those that ended with this error code, of a metric that counts losses.
    pub code: Option<u16>,
    /// What is asked of them.
    pub aggregation: Aggregation,
}

/// Which part of a run a threshold is about, when it is not about all of it. Messages count by their intended time.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// Only messages meant from here on.
    pub from: SimTime,
    /// Only messages meant in these phases: campaign, start and end. A burst has the same start and end.
    pub phases: Option<Vec<(usize, SimTime, SimTime)>>,
    /// Judged window by window of this width, from [`Watch::from`] on; otherwise all at once.
    pub window: Option<SimDuration>,
    /// Judged at the end of every window, on all that was meant so far.
    pub so_far: bool,
    /// Breaches at the end of a window before this instant do not count.
    pub not_before: SimTime,
}

impl Watch {
    /// The most windows that a promise may divide a campaign's arrivals into.
    pub const WINDOWS_MAX: u64 = 2_000;

    /// The number of the window that a campaign's message meant at `intended` belongs to; `None` when it is outside.
    pub fn window_of(&self, campaign: usize, intended: SimTime) -> Option<u64> {
        let in_phase = |(of, start, end): &(usize, SimTime, SimTime)| {
            *of == campaign && *start <= intended && (intended < *end || start == end && intended == *start)
        };
        let inside = intended >= self.from && self.phases.as_ref().is_none_or(|phases| phases.iter().any(in_phase));
        let past = |width: SimDuration| intended.since(self.from).as_nanos() / width.as_nanos();
        inside.then(|| self.window.map_or(0, past))
    }

    /// When a window ends; `None` when there are no windows.
    pub fn end_of(&self, number: u64) -> Option<SimTime> {
        let end = (number + 1).saturating_mul(self.window?.as_nanos());
        Some(SimTime::from_nanos(self.from.as_nanos().saturating_add(end)))
    }
}

/// One condition on one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// As written: `end_to_end{campaign:otp}`.
    pub subject: String,
    /// As written: `p(95) < 10s`.
    pub condition: String,
    /// The metric.
    pub metric: Metric,
    /// Which messages.
    pub scope: Scope,
    /// Only those that ended with this error code, of a metric that counts losses.
    pub code: Option<u16>,
    /// What is asked of them.
    pub aggregation: Aggregation,
    /// How it is compared.
    pub comparison: Comparison,
    /// The limit: seconds, messages, share, segments or dollars.
    pub limit: f64,
    /// Which part of the run it is about; `None` for all of it.
    pub watch: Option<Watch>,
    /// The name of the phases that it is about, where it names some.
    pub phase: Option<String>,
    /// What it leaves out, from the start of those phases or of the run.
    pub after: Option<SimDuration>,
    /// The exit code when it is broken, instead of 99.
    pub exit_code: Option<u8>,
}

/// A condition as parsed from its text, before it is tied to messages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition {
    /// What is asked.
    pub aggregation: Aggregation,
    /// How it is compared.
    pub comparison: Comparison,
    /// The limit in the unit of [`Threshold::limit`].
    pub limit: f64,
}

/// What is wrong with a condition, with advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionError {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

fn wrong(message: String, hint: impl Into<String>) -> ConditionError {
    ConditionError { message, hint: hint.into() }
}

impl Aggregation {
    /// Reads `p(95)` as what is asked of a metric.
    ///
    /// # Errors
    /// When there is no such aggregation, or it does not suit the metric.
    pub fn parse(metric: Metric, text: &str) -> Result<Aggregation, ConditionError> {
        parse_aggregation(metric, text)
    }
}

impl Condition {
    /// Reads `p(95) < 10s` as a condition on `metric`.
    ///
    /// # Errors
    /// When the text is not `aggregation operator limit`, the aggregation does not suit the metric, or the limit lacks
    /// the metric's unit.
    pub fn parse(metric: Metric, text: &str) -> Result<Condition, ConditionError> {
        let at = text.find(['<', '>', '=', '!', '≤']).ok_or_else(|| {
            wrong(
                format!("`{text}` is not a threshold"),
                "write `aggregation operator limit`, such as \"p(95) < 10s\" or \"rate > 0.95\"",
            )
        })?;
        let (left, right) = text.split_at(at);
        let (spelling, comparison) = Comparison::SPELLINGS
            .iter()
            .find(|(spelling, _)| right.starts_with(spelling))
            .copied()
            .ok_or_else(|| wrong(format!("`{text}` has no comparison"), "use one of < <= > >= == !="))?;
        let aggregation = parse_aggregation(metric, left.trim())?;
        let limit = parse_limit(metric, aggregation, right[spelling.len()..].trim())?;
        Ok(Condition { aggregation, comparison, limit })
    }
}

fn parse_aggregation(metric: Metric, text: &str) -> Result<Aggregation, ConditionError> {
    let (allowed, aggregation) = match metric.definition().kind {
        Kind::Distribution => ("avg, min, max, med, p(N)", parse_distribution(text)?),
        Kind::PerReplication => {
            ("avg, min, max", parse_distribution(text)?.filter(|found| !matches!(found, Aggregation::Quantile(_))))
        }
        Kind::Share => (
            "count, rate",
            match text {
                "count" => Some(Aggregation::Count),
                "rate" => Some(Aggregation::Rate),
                _ => None,
            },
        ),
    };
    aggregation.ok_or_else(|| {
        wrong(format!("`{text}` does not suit the metric `{}`", metric.name()), format!("it takes {allowed}"))
    })
}

fn parse_distribution(text: &str) -> Result<Option<Aggregation>, ConditionError> {
    Ok(Some(match text {
        "avg" => Aggregation::Avg,
        "min" => Aggregation::Min,
        "max" => Aggregation::Max,
        "med" => Aggregation::Quantile(0.5),
        _ => {
            let Some(percent) = text.strip_prefix("p(").and_then(|rest| rest.strip_suffix(')')) else {
                return Ok(None);
            };
            match percent.trim().parse::<f64>() {
                Ok(percent) if (0.0..=100.0).contains(&percent) => Aggregation::Quantile(percent / 100.0),
                _ => {
                    return Err(wrong(
                        format!("`{text}` is not a percentile"),
                        "write p(N) with N between 0 and 100, such as p(99.9)",
                    ));
                }
            }
        }
    }))
}

fn parse_limit(metric: Metric, aggregation: Aggregation, text: &str) -> Result<f64, ConditionError> {
    if text.is_empty() {
        return Err(wrong(
            "the threshold has no limit".to_owned(),
            "write one behind the comparison, such as \"p(95) < 10s\"",
        ));
    }
    let number = || {
        text.parse::<f64>().ok().filter(|limit| limit.is_finite() && *limit >= 0.0).ok_or_else(|| {
            wrong(format!("`{text}` is not a number"), "write the limit as a plain number such as 0.95 or 1000")
        })
    };
    match (metric.definition().unit, aggregation) {
        (Unit::Time, _) => {
            if text.parse::<f64>().is_ok_and(|limit| limit != 0.0) {
                return Err(wrong(
                    format!("the limit `{text}` has no unit"),
                    format!("other tools read a bare number as milliseconds or as seconds: write {text}s or {text}ms"),
                ));
            }
            let limit: SimDuration = text.parse().map_err(|error: crate::units::QuantityError| {
                wrong(error.0, "write the limit with a unit, such as 10s or 45m")
            })?;
            Ok(limit.as_secs_f64())
        }
        (Unit::Dollars, _) => {
            let limit: Money = text.trim_start_matches('$').parse().map_err(|error: crate::units::QuantityError| {
                wrong(error.0, "write the limit in US dollars, such as 0.012")
            })?;
            Ok(limit.as_dollars_f64())
        }
        (_, Aggregation::Rate) => {
            let share = match text.strip_suffix('%') {
                Some(percent) => percent.trim().parse::<f64>().ok().map(|percent| percent / 100.0),
                None => text.parse::<f64>().ok(),
            };
            share.filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| {
                wrong(format!("`{text}` is not a share"), "a rate lies within 0 and 1: write 0.95 or 95%")
            })
        }
        _ => number(),
    }
}

impl Threshold {
    /// The number that is compared with the limit.
    pub fn measure(&self) -> Measure {
        let asked = self.condition.split(['<', '>', '=', '!', '≤']).next().unwrap_or_default();
        Measure {
            subject: self.subject.clone(),
            asked: asked.trim().to_owned(),
            metric: self.metric,
            scope: self.scope.clone(),
            code: self.code,
            aggregation: self.aggregation,
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.subject, self.asked)
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.condition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_in_the_unit_of_their_metric() {
        let read = |metric, text| Condition::parse(metric, text).unwrap();
        assert_eq!(
            read(Metric::EndToEnd, "p(95) < 45m"),
            Condition { aggregation: Aggregation::Quantile(0.95), comparison: Comparison::Below, limit: 2_700.0 }
        );
        assert_eq!(read(Metric::EndToEnd, "med<=500ms").limit, 0.5);
        assert_eq!(read(Metric::Delivered, "rate > 94%").limit, 0.94);
        assert_eq!(read(Metric::Delivered, "rate>=0.94").comparison, Comparison::AtLeast);
        assert_eq!(read(Metric::Expired, "count == 0").aggregation, Aggregation::Count);
        assert_eq!(read(Metric::CostPerDelivered, "avg < $0.012").limit, 0.012);
        assert_eq!(read(Metric::DrainTime, "max < 3h").limit, 10_800.0);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_advice() {
        let hint = |metric, text| Condition::parse(metric, text).unwrap_err().hint;
        assert!(hint(Metric::EndToEnd, "p(95) < 500").contains("500ms"));
        assert!(hint(Metric::EndToEnd, "p(101) < 5s").contains("between 0 and 100"));
        assert!(hint(Metric::EndToEnd, "rate > 0.5").contains("p(N)"));
        assert!(hint(Metric::Delivered, "p(95) < 1").contains("count, rate"));
        assert!(
            hint(Metric::Delivered, "rate > 94").contains("94%")
                || hint(Metric::Delivered, "rate > 94").contains("95%")
        );
        assert!(hint(Metric::DrainTime, "p(95) < 5s").contains("avg, min, max"));
        assert!(hint(Metric::Delivered, "rate > NaN%").contains("within 0 and 1"));
        assert!(hint(Metric::Delivered, "rate < 200%").contains("within 0 and 1"));
        assert!(hint(Metric::Expired, "count > -5").contains("plain number"));
        assert!(hint(Metric::EndToEnd, "p(95) <").contains("behind the comparison"));
        assert!(hint(Metric::EndToEnd, "fast").contains("aggregation operator limit"));
    }
}
