//! The table of metrics: name, kind, unit and meaning. Summaries, files, thresholds and docs are made from it.

/// What shape a metric's values have, and so which aggregations make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A value per message: `avg`, `min`, `max`, `med`, `p(N)`.
    Distribution,
    /// One value per replication: `avg`, `min`, `max`.
    PerReplication,
    /// Messages, as a mean per replication (`count`) and as a share of those offered (`rate`).
    Share,
}

/// What a metric is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Time; limits need a unit, such as `45m`.
    Time,
    /// Messages.
    Messages,
    /// Message segments.
    Segments,
    /// US dollars.
    Dollars,
}

/// The metrics of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Hand-over by the client minus intended time.
    ApiWait,
    /// Sent minus accepted.
    QueueWait,
    /// The part of the queue wait for which the service kept the message until its hours opened.
    HoldWait,
    /// The part of the queue wait spent in the sender's own queue.
    LaneWait,
    /// The part of the queue wait spent at a ceiling above the queues.
    CeilingWait,
    /// Handset minus sent.
    CarrierLatency,
    /// The part of the carrier latency for which the carriers of a country kept the message for the hour.
    CarrierHold,
    /// The part of the carrier latency on the way through the networks.
    NetworkLatency,
    /// The part of the carrier latency spent waiting for a handset out of reach.
    HandsetWait,
    /// Handset minus intended time.
    EndToEnd,
    /// End of the last slot minus first intended time.
    DrainTime,
    /// End of the last slot minus last intended time.
    DrainAfterLast,
    /// Messages offered.
    Offered,
    /// Messages handed to a carrier.
    Sent,
    /// Messages truly delivered.
    Delivered,
    /// Messages delivered according to receipts.
    DeliveredReported,
    /// Messages sent and not delivered.
    Undelivered,
    /// Messages accepted and never sent.
    Failed,
    /// Messages that waited longer than their validity period.
    Expired,
    /// Messages that met a full queue.
    Overflowed,
    /// Messages filtered by a carrier.
    Filtered,
    /// Scheduled messages that were taken back.
    Canceled,
    /// Planned messages that arrived within their deadline, they or a repetition.
    OnTime,
    /// Replies that a sender received.
    Replies,
    /// Opt-outs that a sender received.
    OptOuts,
    /// Opt-ins of people who had opted out that a sender received.
    OptIns,
    /// Requests for help that a sender received.
    Helps,
    /// Calls refused.
    Refused,
    /// Messages unfinished at the horizon.
    InProgress,
    /// Segments handed to carriers.
    SegmentsSent,
    /// Message charges.
    Cost,
    /// Message charges by truly delivered messages.
    CostPerDelivered,
    /// What carriers fine for the contents that they blocked as spread over many numbers.
    Fines,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Which metric.
    pub metric: Metric,
    /// Its name in scenario files, reports and data.
    pub name: &'static str,
    /// Its shape.
    pub kind: Kind,
    /// Its unit.
    pub unit: Unit,
    /// What it says.
    pub meaning: &'static str,
}

const fn row(metric: Metric, name: &'static str, kind: Kind, unit: Unit, meaning: &'static str) -> Definition {
    Definition { metric, name, kind, unit, meaning }
}

/// All metrics.
pub const DEFINITIONS: [Definition; 33] = [
    row(
        Metric::ApiWait,
        "api_wait",
        Kind::Distribution,
        Unit::Time,
        "accepted minus intended: what the client's own submit rate delays",
    ),
    row(
        Metric::QueueWait,
        "queue_wait",
        Kind::Distribution,
        Unit::Time,
        "sent minus accepted, or minus due for a message that was scheduled",
    ),
    row(
        Metric::HoldWait,
        "hold_wait",
        Kind::Distribution,
        Unit::Time,
        "the part of the queue wait for which the service kept the message until its hours opened",
    ),
    row(
        Metric::LaneWait,
        "lane_wait",
        Kind::Distribution,
        Unit::Time,
        "the part of the queue wait spent in the sender's own queue",
    ),
    row(
        Metric::CeilingWait,
        "ceiling_wait",
        Kind::Distribution,
        Unit::Time,
        "the part of the queue wait spent at a ceiling above the queues",
    ),
    row(Metric::CarrierLatency, "carrier_latency", Kind::Distribution, Unit::Time, "handset minus sent"),
    row(
        Metric::CarrierHold,
        "carrier_hold",
        Kind::Distribution,
        Unit::Time,
        "the part of the carrier latency for which the carriers of a country kept the message for the hour",
    ),
    row(
        Metric::NetworkLatency,
        "network_latency",
        Kind::Distribution,
        Unit::Time,
        "the part of the carrier latency on the way through the networks, to the first attempt at the handset",
    ),
    row(
        Metric::HandsetWait,
        "handset_wait",
        Kind::Distribution,
        Unit::Time,
        "the part of the carrier latency spent waiting for a handset out of reach",
    ),
    row(
        Metric::EndToEnd,
        "end_to_end",
        Kind::Distribution,
        Unit::Time,
        "handset minus intended: what the recipient waits",
    ),
    row(
        Metric::DrainTime,
        "drain_time",
        Kind::PerReplication,
        Unit::Time,
        "end of the last slot minus the first intended time",
    ),
    row(
        Metric::DrainAfterLast,
        "drain_after_last",
        Kind::PerReplication,
        Unit::Time,
        "end of the last slot minus the last intended time",
    ),
    row(Metric::Offered, "offered", Kind::Share, Unit::Messages, "messages that the campaigns meant to send"),
    row(
        Metric::Sent,
        "sent",
        Kind::Share,
        Unit::Messages,
        "messages handed to a carrier, those among them that it did not take",
    ),
    row(Metric::Delivered, "delivered", Kind::Share, Unit::Messages, "messages truly delivered"),
    row(
        Metric::DeliveredReported,
        "delivered_reported",
        Kind::Share,
        Unit::Messages,
        "messages delivered according to their receipts",
    ),
    row(Metric::Undelivered, "undelivered", Kind::Share, Unit::Messages, "messages sent and not delivered"),
    row(
        Metric::Failed,
        "failed",
        Kind::Share,
        Unit::Messages,
        "messages accepted and given up by the platform, in its queues or as it handed them over",
    ),
    row(
        Metric::Expired,
        "expired",
        Kind::Share,
        Unit::Messages,
        "messages that outwaited their validity period (30036)",
    ),
    row(Metric::Overflowed, "overflowed", Kind::Share, Unit::Messages, "messages that met a full queue (30001, 21611)"),
    row(
        Metric::Filtered,
        "filtered",
        Kind::Share,
        Unit::Messages,
        "messages filtered by a carrier, one by one or with a blocked content (30007)",
    ),
    row(Metric::Canceled, "canceled", Kind::Share, Unit::Messages, "scheduled messages that were taken back"),
    row(
        Metric::OnTime,
        "on_time",
        Kind::Share,
        Unit::Messages,
        "planned messages that reached the handset, they or a repetition, within the campaign's deadline",
    ),
    row(Metric::Replies, "replies", Kind::Share, Unit::Messages, "replies that a sender received"),
    row(Metric::OptOuts, "opt_outs", Kind::Share, Unit::Messages, "opt-outs that a sender received"),
    row(
        Metric::OptIns,
        "opt_ins",
        Kind::Share,
        Unit::Messages,
        "opt-ins of people who had opted out that a sender received",
    ),
    row(Metric::Helps, "helps", Kind::Share, Unit::Messages, "requests for help that a sender received"),
    row(Metric::Refused, "refused", Kind::Share, Unit::Messages, "calls refused, so that no message exists"),
    row(Metric::InProgress, "in_progress", Kind::Share, Unit::Messages, "messages unfinished at the horizon"),
    row(Metric::SegmentsSent, "segments_sent", Kind::PerReplication, Unit::Segments, "segments handed to carriers"),
    row(
        Metric::Cost,
        "cost",
        Kind::PerReplication,
        Unit::Dollars,
        "message charges and carrier fees of a run, without rents",
    ),
    row(
        Metric::CostPerDelivered,
        "cost_per_delivered",
        Kind::PerReplication,
        Unit::Dollars,
        "message charges and carrier fees by delivered messages",
    ),
    row(
        Metric::Fines,
        "fines",
        Kind::PerReplication,
        Unit::Dollars,
        "what carriers that fine it may pass on, once for each block of a content that came from too many numbers; in no cost",
    ),
];

/// Which way a metric is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The less the better, as of waits, losses and costs.
    Less,
    /// The more the better.
    More,
}

impl Metric {
    /// Which way is better; `None` where neither is, as of what was offered or of answers.
    pub fn better(self) -> Option<Better> {
        match self {
            Metric::Sent | Metric::Delivered | Metric::DeliveredReported | Metric::OnTime => Some(Better::More),
            Metric::Offered
            | Metric::Canceled
            | Metric::Replies
            | Metric::OptOuts
            | Metric::OptIns
            | Metric::Helps
            | Metric::SegmentsSent => None,
            _ => Some(Better::Less),
        }
    }

    /// Its row of the table.
    pub fn definition(self) -> &'static Definition {
        DEFINITIONS.iter().find(|row| row.metric == self).expect("every metric has a row")
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// The metric called `name`.
    pub fn named(name: &str) -> Option<Metric> {
        DEFINITIONS.iter().find(|row| row.name == name).map(|row| row.metric)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        for row in &DEFINITIONS {
            assert_eq!(Metric::named(row.name), Some(row.metric), "{}", row.name);
            assert_eq!(row.metric.definition().name, row.name);
        }
        assert_eq!(Metric::named("latency"), None);
    }
}
