//! Where a message's time goes: the stages of its way, one after the other, from its intended time to its end.
//!
//! One table names them, for reports, records and lives of messages. Not here: what a stage means as a metric.

use crate::units::SimDuration;

/// A stage of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The client has not handed it over.
    Api,
    /// The platform keeps it until its hours open.
    Hold,
    /// It waits in its sender's queue.
    Lane,
    /// It waits at a ceiling above the queue.
    Ceiling,
    /// The carriers of its country keep it for the hour.
    CarrierHold,
    /// It is on its way through the networks.
    Network,
    /// It waits for a handset that is out of reach.
    Handset,
}

impl Stage {
    /// All stages, in their order.
    pub const ALL: [Stage; 7] =
        [Stage::Api, Stage::Hold, Stage::Lane, Stage::Ceiling, Stage::CarrierHold, Stage::Network, Stage::Handset];
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The name of its delay, in files and thresholds.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Api => "api_wait",
            Stage::Hold => "hold_wait",
            Stage::Lane => "lane_wait",
            Stage::Ceiling => "ceiling_wait",
            Stage::CarrierHold => "carrier_hold",
            Stage::Network => "network_latency",
            Stage::Handset => "handset_wait",
        }
    }
}

/// The time spent at each stage, in the order of [`Stage::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent(pub [SimDuration; Stage::COUNT]);

impl Spent {
    /// The time spent at one stage.
    pub fn at(&self, stage: Stage) -> SimDuration {
        self.0[stage as usize]
    }

    /// All of it.
    pub fn total(&self) -> SimDuration {
        self.0.iter().fold(SimDuration::ZERO, |sum, span| sum + *span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::observer::Message;
    use crate::units::SimTime;

    fn message() -> Message {
        Message {
            intended: SimTime::from_nanos(100),
            accepted: SimTime::from_nanos(110),
            released: SimTime::from_nanos(130),
            segments: 1,
            ..Message::BLANK
        }
    }

    fn nanos(message: &Message, end: u64) -> [u64; Stage::COUNT] {
        message.spent(SimTime::from_nanos(end)).0.map(SimDuration::as_nanos)
    }

    #[test]
    fn stages_follow_each_other_without_gaps() {
        let mut message = message();
        assert_eq!(nanos(&message, 170), [10, 20, 40, 0, 0, 0, 0], "it expired in its queue");
        message.ready = SimTime::from_nanos(170);
        message.sent = SimTime::from_nanos(220);
        assert_eq!(nanos(&message, 220), [10, 20, 40, 50, 0, 0, 0], "it was lost as it was sent");
        message.carried_on = SimTime::from_nanos(280);
        message.attempted = SimTime::from_nanos(350);
        assert_eq!(nanos(&message, 430), [10, 20, 40, 50, 60, 70, 80]);
        assert_eq!(message.spent(SimTime::from_nanos(430)).total().as_nanos(), 330);
    }

    #[test]
    fn what_is_scheduled_waits_from_its_due_time() {
        let mut message = message();
        message.accepted = SimTime::from_nanos(10);
        message.released = SimTime::from_nanos(10);
        assert_eq!(nanos(&message, 50), [0; Stage::COUNT], "it was taken back before it was due");
        message.released = SimTime::from_nanos(100);
        assert_eq!(nanos(&message, 105), [0, 0, 5, 0, 0, 0, 0]);
    }
}
