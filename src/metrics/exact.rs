//! How amounts and histograms are written down when a replication is kept: exactly, and as small as they are. For serde's
//! `with`. What reports show is written elsewhere, for readers.

/// Money as whole billionths of a dollar.
pub(super) mod money {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::units::Money;

    pub fn serialize<S: Serializer>(money: &Money, serializer: S) -> Result<S::Ok, S::Error> {
        money.as_nanos().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
        i128::deserialize(deserializer).map(Money::from_nanos)
    }
}

/// A histogram as its used buckets in ascending order: the step from the smallest value of the bucket before, in
/// microseconds, and the count. Nothing is an empty list.
pub(super) mod histogram {
    use hdrhistogram::Histogram;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::metrics::delay::SIGNIFICANT_DIGITS;

    pub fn serialize<S: Serializer>(histogram: &Option<Histogram<u64>>, serializer: S) -> Result<S::Ok, S::Error> {
        let mut before = 0;
        let mut buckets: Vec<(u64, u64)> = Vec::new();
        for (histogram, step) in histogram.iter().flat_map(|it| it.iter_recorded().map(move |step| (it, step))) {
            let least = histogram.lowest_equivalent(step.value_iterated_to());
            buckets.push((least - before, step.count_at_value()));
            before = least;
        }
        buckets.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Histogram<u64>>, D::Error> {
        let buckets = Vec::<(u64, u64)>::deserialize(deserializer)?;
        if buckets.is_empty() {
            return Ok(None);
        }
        let mut histogram = Histogram::new(SIGNIFICANT_DIGITS).expect("three digits are allowed");
        let mut value = 0u64;
        for (step, count) in buckets {
            value = value.checked_add(step).ok_or_else(|| D::Error::custom("a bucket beyond all values"))?;
            histogram.record_n(value, count).map_err(D::Error::custom)?;
        }
        Ok(Some(histogram))
    }
}
