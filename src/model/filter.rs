//! The probability that a carrier filters a message, as a pure function.
//!
//! s = A + v·ln max(1, M/m₀) + n·ln max(1, k/k₀) + r·risk + o·max(0, optouts − o₀),  p = 1 / (1 + e⁻ˢ)
//!
//! M is how many messages with this content all senders of the account have sent to this carrier since the carrier's
//! midnight, this one included; k is how many distinct long codes and toll-free numbers carried it, this one included.
//! Splitting a campaign over more numbers leaves M and raises k, so it never lowers p: that is the penalty for
//! snowshoeing. Its exponent is above one, so that the delivered throughput k·(1 − p) of a pool has a maximum.
//!
//! No carrier publishes such a curve. The coefficients stand in the catalogue, marked as assumptions, with the few
//! published anchors they meet.
//!
//! The odds are multiplied by a frailty that a content has at a carrier for a day; contents that look bad for long are
//! blocked, and senders suspended for what their recipients do. Here is only how much; memory of what was sent is the
//! simulation's.

use crate::kernel::elementary::{exp, ln};
use crate::units::SimDuration;

/// The coefficients shared by all classes of sender.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FilterCoefficients {
    /// v: how fast suspicion grows with volume.
    pub volume: f64,
    /// n: how fast it grows with the number of senders.
    pub spread: f64,
    /// r: what risky content adds.
    pub risk: f64,
    /// o: what each unit of opt-out share above the tolerated one adds.
    pub opt_out: f64,
    /// o₀: the tolerated share of opt-outs.
    pub opt_out_tolerated: f64,
    /// Messages before which the share of opt-outs says nothing.
    pub opt_out_after: u64,
}

/// What carriers do beyond judging single messages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FilterMemory {
    /// How much of the odds is drawn for each content, carrier and day: within 0 and 1.
    pub frailty: f64,
    /// When a content is blocked as a whole.
    pub block: Option<Block>,
    /// When a sender is suspended.
    pub suspension: Option<Suspension>,
}

/// When a content is blocked as a whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Block {
    /// The probability above which a message counts.
    pub above: f64,
    /// So many in a row.
    pub messages: u32,
    /// For how long.
    pub lasts: SimDuration,
}

/// When a sender is suspended for what its recipients do in a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suspension {
    /// The share of opt-outs.
    pub opt_outs: f64,
    /// The share of dead numbers.
    pub errors: f64,
    /// Messages before which shares say nothing.
    pub messages: u64,
    /// From the cause to the effect.
    pub review: SimDuration,
    /// For how long.
    pub lasts: SimDuration,
    /// So many senders suspended at once cost the account; `None`: never.
    pub account_after: Option<u32>,
}

/// A class of sender in the eyes of the filter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FilterClass {
    /// A: the logit of p for harmless content and little volume.
    pub base: f64,
    /// m₀: messages a day above which volume counts; `None` when it does not.
    pub free_volume: Option<f64>,
    /// k₀: senders above which spreading counts; `None` when it does not.
    pub free_senders: Option<f64>,
}

/// What the carrier has seen of a content today, this message included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exposure {
    /// M: messages.
    pub messages: u64,
    /// k: distinct numbers.
    pub senders: u64,
    /// Content risk within 0 and 1.
    pub risk: f64,
    /// The day's share of opt-outs.
    pub opt_outs: f64,
    /// What multiplies the odds: 1 on average.
    pub frailty: f64,
}

impl FilterCoefficients {
    /// The probability that a message of this class and exposure is filtered, within 0 and 1.
    pub fn probability(&self, class: &FilterClass, seen: &Exposure) -> f64 {
        let excess = |count: u64, free: Option<f64>| {
            // Nothing below the free number, without its logarithm.
            free.filter(|free| count as f64 > *free).map_or(0.0, |free| ln((count as f64 / free).max(1.0)))
        };
        let logit = class.base
            + self.volume * excess(seen.messages, class.free_volume)
            + self.spread * excess(seen.senders, class.free_senders)
            + self.risk * seen.risk
            + self.opt_out * (seen.opt_outs - self.opt_out_tolerated).max(0.0);
        seen.frailty / (seen.frailty + exp(-logit))
    }

    /// The exposure without what makes no difference to the probability: two that are equal then have the same.
    pub fn what_counts(&self, class: &FilterClass, seen: &Exposure) -> Exposure {
        let above =
            |count: u64, free: Option<f64>| if free.is_some_and(|free| count as f64 > free) { count } else { 0 };
        Exposure {
            messages: above(seen.messages, class.free_volume),
            senders: above(seen.senders, class.free_senders),
            opt_outs: seen.opt_outs.max(self.opt_out_tolerated),
            ..*seen
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COEFFICIENTS: FilterCoefficients = FilterCoefficients {
        volume: 1.1,
        spread: 1.5,
        risk: 4.65,
        opt_out: 40.0,
        opt_out_tolerated: 0.02,
        opt_out_after: 100,
    };
    const UNREGISTERED: FilterClass = FilterClass { base: -3.5, free_volume: Some(200.0), free_senders: Some(1.0) };
    const TEN_DLC: FilterClass = FilterClass { base: -5.5, free_volume: None, free_senders: Some(5.0) };

    fn p(class: FilterClass, messages: u64, senders: u64, risk: f64, opt_outs: f64) -> f64 {
        COEFFICIENTS.probability(&class, &Exposure { messages, senders, risk, opt_outs, frailty: 1.0 })
    }

    /// The worked table of the study that chose the coefficients, to the digits it gives.
    #[test]
    fn meets_its_anchors() {
        let near = |value: f64, expected: f64| assert!((value / expected - 1.0).abs() < 0.02, "{value} {expected}");
        near(p(UNREGISTERED, 200, 1, 0.0, 0.0), 0.029);
        near(p(UNREGISTERED, 200, 1, 0.5, 0.0), 0.236);
        near(p(UNREGISTERED, 200, 1, 1.0, 0.0), 0.760);
        near(p(UNREGISTERED, 1_000, 1, 0.0, 0.0), 0.151);
        near(p(UNREGISTERED, 10_000, 1, 0.0, 0.0), 0.691);
        near(p(UNREGISTERED, 200, 10, 0.0, 0.0), 0.49);
        near(p(UNREGISTERED, 200, 50, 0.0, 0.0), 0.91);
        near(p(UNREGISTERED, 200, 100, 0.0, 0.0), 0.97);
        near(p(TEN_DLC, 1, 1, 1.0, 0.0), 0.299);
        near(p(TEN_DLC, 1, 50, 0.0, 0.0), 0.114);
        near(p(TEN_DLC, 1, 1, 0.0, 0.05), 0.013_4);
        near(p(TEN_DLC, 1, 1, 0.0, 0.10), 0.091);
    }

    #[test]
    fn more_senders_never_lower_it_and_throughput_has_a_maximum() {
        let mut last = 0.0;
        let mut best = (0, 0.0);
        for senders in 1..=100 {
            let filtered = p(UNREGISTERED, 200, senders, 0.0, 0.0);
            assert!(filtered >= last);
            last = filtered;
            let delivered = senders as f64 * (1.0 - filtered);
            if delivered > best.1 {
                best = (senders, delivered);
            }
        }
        assert!((14..=18).contains(&best.0), "the study says about 16: {best:?}");
    }
}
