//! How long a carrier takes from `sent` to the handset, and its receipt to come back: log-normal legs.
//!
//! The legs and their medians stand in the catalogue with source; here is only their shape.

/// A log-normal span of time, as the logarithm of its median in seconds and sigma.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogNormal {
    /// ln of the median in seconds.
    pub ln_median: f64,
    /// Standard deviation of the logarithm.
    pub sigma: f64,
}

/// The latency of a network; a carrier shifts the handset leg by its own offset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latency {
    /// From the platform to the carrier.
    pub hand_off: LogNormal,
    /// From the carrier to the handset.
    pub handset: LogNormal,
    /// From the handset back to the platform, as a receipt.
    pub receipt: LogNormal,
    /// Standard deviation of a carrier's offset of the handset leg's logarithm.
    pub carrier_sigma: f64,
    /// The share of receipts that never come.
    pub receipt_lost: f64,
}
