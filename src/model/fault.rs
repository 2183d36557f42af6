//! What goes wrong and when: outages, slow carriers, lowered rates, lost receipts, suspensions, congestion. Timed data;
//! what they do is the simulation's.

use super::latency::LogNormal;
use crate::units::{Rate, SimTime};

/// Something that goes wrong for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// From when on.
    pub at: SimTime,
    /// Until when, exclusive; [`SimTime::MAX`] for good.
    pub until: SimTime,
    /// For whom.
    pub target: Target,
    /// What.
    pub effect: Effect,
    /// For the report: `us/att fails (30410) from 20 min to 30 min`.
    pub words: String,
}

impl Fault {
    /// Whether it is on at `at`.
    pub fn covers(&self, at: SimTime) -> bool {
        (self.at..self.until).contains(&at)
    }
}

/// Whom a fault hits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The platform: everything.
    Platform,
    /// Messages to these carriers, as indexes.
    Carriers(Vec<usize>),
    /// Messages from these senders, as indexes.
    Senders(Vec<u32>),
}

/// What a fault does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    /// No slot is started; what waits may expire.
    Hold,
    /// Carriers: what is sent fails (30410). The platform: calls are refused (20503).
    Fail,
    /// The latency to the handset is replaced.
    Delay(LogNormal),
    /// The senders' queues drain at this rate.
    Rate(Rate),
    /// Receipts that would come are lost.
    ReceiptsLost,
    /// Receipts that would come come at the end.
    ReceiptsLate,
    /// What is sent fails (the account: 30002, 10DLC: 30033) or is filtered (others: 30007).
    Suspend,
    /// Carriers take so many segments in a second of the clock from this account; more is undelivered (30017).
    Capacity(Rate),
}
