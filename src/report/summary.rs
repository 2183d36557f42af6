//! The summary of a run as plain data: what `summary.json` holds, and what text and charts are made from.
//!
//! Every key says its unit. Times are seconds, money is US dollars; values "per replication" are means over replications
//! with the smallest and largest beside them. Intervals are 95 % by Student's t over replications; where there is one
//! replication there are none.

use serde::Serialize;

use crate::experiment::{Part, Results, Sample};
use crate::metrics::slowest::Slow;
use crate::metrics::totals::Totals;
use crate::metrics::{Collector, Reports};
use crate::model::Model;
use crate::model::ending::{Ending, Status};
use crate::model::metric::Kind;
use crate::model::sender::SenderType;
use crate::model::terms::Shown;
use crate::model::threshold::{Aggregation, Scope, Threshold};
use crate::simulation::stage::Stage;
use crate::statistics::{CONFIDENCE, Estimate, FEW_REPLICATIONS, between_replications, mean};
use crate::units::{Money, SimDuration, SimTime};
use crate::verdict::{EXIT_CODE, Look, Verdict};

use super::behind;
use super::explain::held_by;
use super::intervals::{Collected, IntervalFacts, Intervals, share};
use super::words;

/// Version of the summary's format.
pub const FORMAT: u32 = 1;

/// The whole summary.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Version of this format.
    pub format: u32,
    /// The program that made it.
    pub tool: Tool,
    /// What was run.
    pub scenario: ScenarioFacts,
    /// Whether all promises were kept.
    pub passed: bool,
    /// Every promise.
    pub thresholds: Vec<ThresholdFacts>,
    /// Everything together.
    pub overall: ScopeFacts,
    /// By campaign, in file order.
    pub campaigns: Vec<Named<ScopeFacts>>,
    /// By service, in file order.
    pub services: Vec<Named<ScopeFacts>>,
    /// By country.
    pub countries: Vec<Named<ScopeFacts>>,
    /// By campaign and country, where there are several of both.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub campaigns_by_country: Vec<Named<ScopeFacts>>,
    /// By carrier.
    pub carriers: Vec<Named<ScopeFacts>>,
    /// By type of sender.
    pub sender_types: Vec<Named<ScopeFacts>>,
    /// By tag of campaigns and audiences, as `key:value`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Named<ScopeFacts>>,
    /// What receipts made of what happened, by true end: how far a dashboard misleads.
    pub truth_and_report: Vec<TruthFacts>,
    /// Queues that were used, by id.
    pub lanes: Vec<LaneFacts>,
    /// The delivered messages of all replications that took longest.
    pub slowest: SlowestFacts,
    /// Charges that do not depend on traffic.
    pub rents: Vec<RentFacts>,
    /// Sum of the rents in dollars a month.
    pub rents_dollars_per_month: f64,
    /// Charges that are due once, in no cost above.
    pub charges_once: Vec<ChargeFacts>,
    /// Sum of the charges that are due once.
    pub charges_once_dollars: f64,
    /// Fines that carriers may pass on for the design, in no cost above.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fines: Vec<FineFacts>,
    /// What goes wrong, as the scenario says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// Unproven facts that the figures rest on.
    pub assumptions: Vec<String>,
    /// Advice on the scenario that is nothing to mend.
    pub notes: Vec<String>,
    /// Facts of the catalogue that the scenario replaced.
    pub overrides: Vec<String>,
    /// How precise the figures were to be, where the run was to go on until they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<PrecisionFacts>,
    /// What the run itself cost.
    pub run: RunFacts,
}

/// A run until the main figures are precise.
#[derive(Clone, Debug, Serialize)]
pub struct PrecisionFacts {
    /// Half-width by value that was asked for.
    pub share: f64,
    /// Whether all have it.
    pub reached: bool,
    /// The replications at which it was looked.
    pub looks: Vec<u32>,
    /// The figures that lack it at the last look.
    pub imprecise: Vec<String>,
}

impl PrecisionFacts {
    /// From the looks, in order.
    pub fn new(share: f64, looks: &[Look]) -> PrecisionFacts {
        let imprecise = looks.last().map_or_else(Vec::new, |look| look.imprecise.clone());
        PrecisionFacts {
            share,
            reached: imprecise.is_empty(),
            looks: looks.iter().map(|look| look.replications).collect(),
            imprecise,
        }
    }

    /// What came of it, in a sentence.
    pub fn text(&self) -> String {
        let looks: Vec<String> = self.looks.iter().map(u32::to_string).collect();
        let asked = words::percent(self.share);
        match &self.imprecise[..] {
            [] => format!("all main figures are known to {asked}; looked after {} replications", looks.join(", ")),
            open => {
                format!("not known to {asked}: {}; looked after {} replications", open.join(", "), looks.join(", "))
            }
        }
    }
}

/// Name and version of the program.
#[derive(Clone, Debug, Serialize)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// What was run.
#[derive(Clone, Debug, Serialize)]
pub struct ScenarioFacts {
    /// Its name.
    pub name: String,
    /// The question it answers.
    pub question: String,
    /// Digest of file, settings, seed, replications and version.
    pub digest: String,
    /// The seed.
    pub seed: u64,
    /// How many replications.
    pub replications: u32,
    /// The confidence of all intervals.
    pub confidence: f64,
    /// What is to be said of the intervals, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intervals_note: Option<&'static str>,
    /// The start in UTC.
    pub start: String,
    /// The zone in which times of day are shown.
    pub zone: String,
    /// The end of the run, if it has one.
    pub horizon_seconds: Option<f64>,
}

/// Something with a name.
#[derive(Clone, Debug, Serialize)]
pub struct Named<T> {
    /// The name.
    pub name: String,
    /// The rest.
    #[serde(flatten)]
    pub facts: T,
}

/// A promise and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct ThresholdFacts {
    /// The metric with its tags.
    pub metric: String,
    /// The condition.
    pub condition: String,
    /// `seconds`, `messages`, `share`, `segments` or `dollars`.
    pub unit: &'static str,
    /// The value found.
    pub value: Option<f64>,
    /// Its interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<IntervalFacts>,
    /// Whether the interval covers the limit.
    pub undecided: bool,
    /// Whether it is kept without any interval, though figures of its kind have one.
    #[serde(skip)]
    pub unproven: bool,
    /// How many replications would decide it, if the value stays where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replications_to_decide: Option<u64>,
    /// The limit.
    pub limit: f64,
    /// How far inside (positive) or outside (negative) the limit.
    pub margin: Option<f64>,
    /// Which part of the run it is about, in words; absent when it is about all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// The name of the phases that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// What it leaves out, from the start of those phases or of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_seconds: Option<f64>,
    /// The width of its windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_seconds: Option<f64>,
    /// How many windows were judged, where it is judged by windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<usize>,
    /// How many of them broke it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows_broken: Option<usize>,
    /// Start of the window that the value is of, after the scenario's start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_start_seconds: Option<f64>,
    /// The end of the first window that broke it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_breach_seconds: Option<f64>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_text: Option<String>,
    /// The exit code when it is broken.
    pub exit_code: u8,
    /// Whether it is kept.
    pub passed: bool,
    /// Why there is no value.
    pub note: Option<&'static str>,
    /// The value as a person writes it.
    pub value_text: String,
    /// The margin as a person writes it.
    pub margin_text: String,
    /// The interval as a person writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_text: Option<String>,
    /// What stands behind it, where it is broken, in words.
    #[serde(skip)]
    pub behind: Vec<String>,
}

/// Mean, smallest and largest of one value per replication, over the replications that have one.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PerReplication {
    /// Mean.
    pub mean: f64,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// Interval of the mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<IntervalFacts>,
    /// What nine replications in ten stay at or below; absent of fewer than ten.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nine_in_ten: Option<f64>,
    /// Its interval, by order statistics; absent of fewer than 29.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nine_in_ten_interval: Option<IntervalFacts>,
}

/// What happened in one scope. Counts are means per replication.
#[derive(Clone, Debug, Serialize)]
pub struct ScopeFacts {
    /// Messages meant.
    pub offered: f64,
    /// Messages accepted.
    pub accepted: f64,
    /// Messages handed to a carrier.
    pub sent: f64,
    /// Segments handed to a carrier.
    pub segments_sent: f64,
    /// Segments that operators added on the way: neither paced nor billed by the platform.
    pub segments_added: f64,
    /// Messages truly delivered.
    pub delivered: f64,
    /// Truly delivered by offered.
    pub delivered_share: Option<f64>,
    /// Messages delivered according to receipts.
    pub delivered_reported: f64,
    /// The same by offered.
    pub delivered_reported_share: Option<f64>,
    /// What handsets show as sender of the delivered messages; absent where it is always the sender used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<ShownFacts>,
    /// Messages among the offered that repeat or answer another.
    pub repeated: f64,
    /// Planned messages that reached the handset, they or a repetition, within their campaign's deadline.
    pub on_time: f64,
    /// Replies that a sender received.
    pub replies: f64,
    /// Opt-outs that a sender received.
    pub opt_outs: f64,
    /// Opt-ins of people who had opted out that a sender received.
    pub opt_ins: f64,
    /// Requests for help that a sender received.
    pub helps: f64,
    /// Requests for help that the platform answered by itself.
    pub helped: f64,
    /// What people sent to senders that cannot receive.
    pub unheard: f64,
    /// Messages that the network delivered twice.
    pub duplicated: f64,
    /// Times that a carrier began to block a content.
    pub content_blocks: f64,
    /// Of them, for coming from too many numbers.
    pub evasions: f64,
    /// Senders suspended.
    pub suspensions: f64,
    /// Scheduled messages that were taken back.
    pub canceled: f64,
    /// Messages unfinished at the horizon.
    pub in_progress: f64,
    /// Messages that the client had not handed over at the horizon.
    pub not_handed_over: f64,
    /// What was lost, by reason.
    pub losses: Vec<LossFacts>,
    /// End of the last slot after the first intended time; absent when nothing was sent or the horizon cut it.
    pub drain_seconds: Option<PerReplication>,
    /// End of the last slot after the last intended time.
    pub drain_after_last_seconds: Option<PerReplication>,
    /// The last hand-over to a carrier, after the scenario's start.
    pub last_sent_seconds: Option<PerReplication>,
    /// When the last slot ended, after the scenario's start.
    pub drained_at_seconds: Option<PerReplication>,
    /// Delays over all replications, where they are kept.
    pub delays: Option<DelayTable>,
    /// Where the time of the delivered messages went, from intended to handset: stages that took any.
    pub time_spent: Vec<SpentFacts>,
    /// Message charges.
    pub cost_dollars: CostFacts,
    /// Intervals of the figures above, by their name; those of charges begin with `cost_`.
    #[serde(skip_serializing_if = "Intervals::is_empty")]
    pub intervals: Intervals,
}

/// The time spent at one stage.
#[derive(Clone, Debug, Serialize)]
pub struct SpentFacts {
    /// Which: `api_wait`, `hold_wait`, `lane_wait`, `ceiling_wait`, `carrier_hold`, `network_latency` or `handset_wait`.
    pub stage: &'static str,
    /// Seconds per delivered message.
    pub mean_seconds: f64,
    /// Its interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_interval: Option<IntervalFacts>,
    /// By the time spent at all stages.
    pub share: f64,
}

/// The slowest messages, the slowest first.
#[derive(Clone, Debug, Serialize)]
pub struct SlowestFacts {
    /// From the intended time to the handset.
    pub end_to_end: Vec<SlowFacts>,
    /// From the intended time to the hand-over to a carrier.
    pub to_carrier: Vec<SlowFacts>,
}

/// A slow message and why it was slow.
#[derive(Clone, Debug, Serialize)]
pub struct SlowFacts {
    /// In which replication.
    pub replication: u32,
    /// Its campaign.
    pub campaign: String,
    /// Its number within the campaign's plan.
    pub message: u64,
    /// How often it had been asked for before.
    pub repetition: u64,
    /// Which answer of a conversation it is; 0 for what opens one.
    pub turn: u64,
    /// The recipient's carrier.
    pub carrier: String,
    /// Its sender.
    pub sender: String,
    /// Its intended time after the scenario's start.
    pub intended_at_seconds: f64,
    /// From the intended time to the hand-over to a carrier.
    pub to_carrier_seconds: f64,
    /// From the intended time to the handset.
    pub end_to_end_seconds: f64,
    /// Why, in a few words.
    pub why: String,
}

/// How the sender of delivered messages shows.
#[derive(Clone, Debug, Serialize)]
pub struct ShownFacts {
    /// `as_sent`, `rewritten` (in another notation), `overwritten` (by another sender), `labelled` (a warning) or `unknown`.
    pub shown: &'static str,
    /// Messages per replication.
    pub messages: f64,
    /// By delivered.
    pub share: f64,
}

/// One reason of loss.
#[derive(Clone, Debug, Serialize)]
pub struct LossFacts {
    /// `undelivered`, `failed` or `refused`.
    pub status: &'static str,
    /// The platform's error code.
    pub code: u16,
    /// Why.
    pub reason: &'static str,
    /// Messages per replication.
    pub messages: f64,
    /// By offered.
    pub share: f64,
    /// Interval of the share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_interval: Option<IntervalFacts>,
}

/// The delays of a scope, in seconds.
#[derive(Clone, Debug, Serialize)]
pub struct DelayTable {
    /// Accepted minus intended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_wait: Option<DelayFacts>,
    /// Sent minus accepted.
    pub queue_wait: Option<DelayFacts>,
    /// Of that, kept at the platform until the hours opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_wait: Option<DelayFacts>,
    /// Of that, at a ceiling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceiling_wait: Option<DelayFacts>,
    /// Handset minus sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier_latency: Option<DelayFacts>,
    /// Of that, kept by the carriers for the hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier_hold: Option<DelayFacts>,
    /// Of that, waiting for a handset out of reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handset_wait: Option<DelayFacts>,
    /// Handset minus intended.
    pub end_to_end: Option<DelayFacts>,
}

/// A distribution of delays: percentiles by nearest rank to three significant digits, mean, min and max exact. What the
/// horizon hid is not identified and absent.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct DelayFacts {
    /// Values over all replications.
    pub n: u64,
    /// Messages whose delay the horizon hid.
    pub unfinished: u64,
    /// Mean in seconds.
    pub mean: Option<f64>,
    /// Its interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_interval: Option<IntervalFacts>,
    /// Smallest.
    pub min: f64,
    /// 50 %.
    pub p50: Option<f64>,
    /// Its interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_interval: Option<IntervalFacts>,
    /// 90 %.
    pub p90: Option<f64>,
    /// Its interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p90_interval: Option<IntervalFacts>,
    /// 95 %.
    pub p95: Option<f64>,
    /// Its interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_interval: Option<IntervalFacts>,
    /// 99 %.
    pub p99: Option<f64>,
    /// Its interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_interval: Option<IntervalFacts>,
    /// 99.9 %.
    pub p99_9: Option<f64>,
    /// Its interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_9_interval: Option<IntervalFacts>,
    /// Largest.
    pub max: Option<f64>,
    /// What the 95 % of nine replications in ten stay at or below, to 0.4 %; absent of fewer than ten.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_nine_in_ten: Option<f64>,
    /// Its interval, by order statistics; absent of fewer than 29.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_nine_in_ten_interval: Option<IntervalFacts>,
}

/// Message charges per replication in dollars.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CostFacts {
    /// The platform's list price.
    pub base: f64,
    /// Carriers' surcharges.
    pub carrier_fees: f64,
    /// Fees for failed messages.
    pub failed_fees: f64,
    /// All of it.
    pub total: f64,
    /// By truly delivered messages.
    pub per_delivered: Option<f64>,
}

/// What one queue did; counts are means per replication.
#[derive(Clone, Debug, Serialize)]
pub struct LaneFacts {
    /// Its name.
    pub name: String,
    /// The sender or group it is counted under.
    pub group: String,
    /// The number or name that its sender shows, where the scenario gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Its rate as people write it.
    pub rate: String,
    /// Segments per second.
    pub segments_per_second: f64,
    /// The most it holds.
    pub capacity_segments: Option<u64>,
    /// Messages sent.
    pub sent: f64,
    /// Segments sent.
    pub segments_sent: f64,
    /// Messages that expired in it.
    pub expired: f64,
    /// Messages that found it full.
    pub overflowed: f64,
    /// The largest backlog of any replication.
    pub peak_backlog_segments: u64,
    /// Mean wait of its sent messages over all replications.
    pub mean_wait_seconds: Option<f64>,
    /// The longest wait of any of them.
    pub longest_wait_seconds: f64,
    /// The share of the time from its first message to the end of its last slot for which it was busy.
    pub busy_share: Option<f64>,
    /// The latest end of its last slot in any replication; absent when it sent nothing or
    /// the horizon cut it.
    pub drained_at_seconds: Option<f64>,
}

impl LaneFacts {
    /// How long it would need for its largest backlog at its rate.
    pub fn backlog_seconds(&self) -> f64 {
        self.peak_backlog_segments as f64 / self.segments_per_second.max(f64::MIN_POSITIVE)
    }
}

/// A charge a month.
#[derive(Clone, Debug, Serialize)]
pub struct RentFacts {
    /// For what.
    pub item: String,
    /// How many.
    pub count: u64,
    /// Dollars a month for all of them.
    pub dollars_per_month: f64,
}

/// A charge that is due once.
#[derive(Clone, Debug, Serialize)]
pub struct ChargeFacts {
    /// For what.
    pub item: String,
    /// How many.
    pub count: u64,
    /// Dollars for all of them.
    pub dollars: f64,
}

/// How messages that truly ended in one way show in receipts; messages per replication.
#[derive(Clone, Debug, Serialize)]
pub struct TruthFacts {
    /// The true status.
    pub true_status: &'static str,
    /// The true code.
    pub true_error_code: Option<u16>,
    /// That in words.
    pub true_reason: &'static str,
    /// Reported as delivered.
    pub reported_delivered: f64,
    /// Reported as what happened, with its code.
    pub reported_same: f64,
    /// Reported with another code.
    pub reported_otherwise: f64,
    /// Not reported.
    pub unreported: f64,
}

/// A fine that a carrier may pass on.
#[derive(Clone, Debug, Serialize)]
pub struct FineFacts {
    /// The carrier.
    pub carrier: String,
    /// What it fines.
    pub item: &'static str,
    /// Dollars for each finding.
    pub dollars_per_finding: f64,
    /// Blocks of this carrier for coming from too many numbers: what it may take for a finding, per replication.
    pub findings: f64,
    /// What the design does.
    pub why: String,
}

/// What the run itself took, apart from time.
#[derive(Clone, Debug, Serialize)]
pub struct RunFacts {
    /// Digest of everything that happened.
    pub trajectory: String,
}

impl Summary {
    /// Arranges what was found.
    pub fn new(model: &Model, results: &Results, verdicts: &[Verdict], digest: &str) -> Summary {
        let everything = Scope::default();
        let named = |scopes: Vec<(String, Scope)>| -> Vec<Named<ScopeFacts>> {
            scopes
                .into_iter()
                .map(|(name, scope)| Named { name, facts: ScopeFacts::new(model, results, &scope) })
                .filter(|named| named.facts.offered > 0.0)
                .collect()
        };
        let campaigns = model.campaigns.iter().enumerate();
        let services = model.services.iter().enumerate();
        let countries = model.countries.iter().enumerate();
        let carriers = model.carriers.iter().enumerate();
        let rents: Vec<RentFacts> = model
            .rents
            .iter()
            .map(|rent| RentFacts {
                item: rent.item.clone(),
                count: rent.count,
                dollars_per_month: rent.per_month.as_dollars_f64(),
            })
            .collect();
        let slow = |list: &[Slow], until: fn(&Slow) -> SimTime| -> Vec<SlowFacts> {
            list.iter().map(|slow| SlowFacts::new(model, slow, until(slow))).collect()
        };
        let charges = model.charges_once.iter().map(|charge| ChargeFacts {
            item: charge.item.clone(),
            count: charge.count,
            dollars: charge.amount.as_dollars_f64(),
        });
        let fines = model.fines.iter().map(|fine| FineFacts {
            carrier: fine.carrier.clone(),
            item: fine.item,
            dollars_per_finding: fine.amount.as_dollars_f64(),
            findings: evasions_at(model, results, &fine.carrier),
            why: fine.why.clone(),
        });
        let of = |scope: fn(usize) -> Scope, index: usize, name: &str| (name.to_owned(), scope(index));
        Summary {
            format: FORMAT,
            tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
            scenario: ScenarioFacts {
                name: model.name.clone(),
                question: model.description.clone(),
                digest: digest.to_owned(),
                seed: model.seed,
                replications: results.replications,
                confidence: CONFIDENCE,
                intervals_note: match results.replications as usize {
                    0 | 1 => Some("one replication says nothing of how much runs differ: no intervals"),
                    2..FEW_REPLICATIONS => Some("of fewer than 30 replications those of percentiles are too narrow"),
                    _ => None,
                },
                start: model.calendar.start_utc(),
                zone: model.calendar.zone_label(),
                horizon_seconds: model.horizon.map(SimTime::as_secs_f64),
            },
            passed: verdicts.iter().all(|verdict| verdict.passed),
            thresholds: (verdicts.iter().zip(behind::reasons(model, results, verdicts)))
                .map(|(verdict, behind)| ThresholdFacts::new(model, verdict, behind))
                .collect(),
            overall: ScopeFacts::new(model, results, &everything),
            campaigns: named(
                campaigns.map(|(i, c)| of(|i| Scope { campaign: Some(i), ..Scope::default() }, i, &c.name)).collect(),
            ),
            services: named(
                services.map(|(i, s)| of(|i| Scope { service: Some(i), ..Scope::default() }, i, &s.name)).collect(),
            ),
            countries: named(
                countries
                    .map(|(i, c)| of(|i| Scope { country: Some(i), ..Scope::default() }, i, c.code.as_str()))
                    .collect(),
            ),
            campaigns_by_country: named(
                Collector::pairs(model)
                    .into_iter()
                    .map(|scope| {
                        let campaign = &model.campaigns[scope.campaign.expect("a pair")].name;
                        let country = model.countries[scope.country.expect("a pair")].code;
                        (format!("{campaign} to {country}"), scope)
                    })
                    .collect(),
            ),
            carriers: named(
                carriers.map(|(i, c)| of(|i| Scope { carrier: Some(i), ..Scope::default() }, i, &c.id)).collect(),
            ),
            sender_types: named(
                SenderType::ALL
                    .map(|kind| (kind.to_string(), Scope { sender_type: Some(kind), ..Scope::default() }))
                    .into(),
            ),
            tags: named(
                (0..model.tags.len())
                    .map(|index| {
                        let tag = &model.tags[index];
                        (format!("{}:{}", tag.key, tag.value), Scope { tags: vec![index], ..Scope::default() })
                    })
                    .collect(),
            ),
            truth_and_report: TruthFacts::of(results),
            lanes: lanes(model, results),
            slowest: SlowestFacts {
                end_to_end: slow(&results.slowest.end_to_end, |slow| slow.end),
                to_carrier: slow(&results.slowest.to_carrier, |slow| slow.message.sent),
            },
            rents_dollars_per_month: rents.iter().map(|rent| rent.dollars_per_month).sum(),
            rents,
            charges_once: charges.collect(),
            charges_once_dollars: model.charges_once.iter().map(|charge| charge.amount).sum::<Money>().as_dollars_f64(),
            fines: fines.collect(),
            faults: model.faults.iter().map(|fault| fault.words.clone()).collect(),
            assumptions: model.assumptions.clone(),
            notes: model.notes.clone(),
            overrides: model.overrides.clone(),
            precision: None,
            run: RunFacts { trajectory: format!("{:016x}", results.trajectory) },
        }
    }
}

/// Which part of a run a promise is about: `phase rush, after 5 min, windows of 10 min`.
fn part_text(threshold: &Threshold) -> Option<String> {
    let watch = threshold.watch.as_ref()?;
    let window = watch.window.map(|width| match watch.so_far {
        true => format!("so far every {width}"),
        false => format!("windows of {width}"),
    });
    let parts = [
        threshold.phase.as_ref().map(|name| format!("phase {name}")),
        threshold.after.map(|after| format!("after {after}")),
        window,
    ];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// Which window the value is of, and when the threshold was first broken.
fn window_text(model: &Model, verdict: &Verdict) -> Option<String> {
    let part = part_text(&verdict.threshold)?;
    let found = judged_text(model, verdict).unwrap_or_else(|| "nothing to judge".to_owned());
    Some(format!("{part}: {found}"))
}

/// What became of the windows.
fn judged_text(model: &Model, verdict: &Verdict) -> Option<String> {
    let judged = verdict.windows?;
    let (start, end) = judged.shown?;
    let clock = |at: SimTime| model.calendar.wall_clock(at);
    let so_far = verdict.threshold.watch.as_ref().is_some_and(|watch| watch.so_far);
    Some(match (end, verdict.passed) {
        (None, _) => format!("messages meant from {} on", clock(start)),
        (Some(end), false) if so_far => format!("first broken at {} by all that was meant until then", clock(end)),
        (Some(_), true) if so_far => format!("looked at {} times, never broken", judged.count),
        (Some(end), false) => format!(
            "{} of {} windows break it, the first from {} to {}",
            judged.broken,
            judged.count,
            clock(start),
            clock(end)
        ),
        (Some(_), true) => format!("all {} windows keep it, the one from {} on barest", judged.count, clock(start)),
    })
}

impl ThresholdFacts {
    fn new(model: &Model, verdict: &Verdict, behind: Vec<String>) -> ThresholdFacts {
        let threshold = &verdict.threshold;
        let definition = threshold.metric.definition();
        let share = definition.kind == Kind::Share && threshold.aggregation == Aggregation::Rate;
        let text = |value: f64| words::in_unit(value, definition.unit, share);
        ThresholdFacts {
            metric: threshold.subject.clone(),
            condition: threshold.condition.clone(),
            unit: words::unit_name(definition.unit, share),
            value: verdict.value,
            interval: verdict.interval.map(IntervalFacts::new),
            undecided: verdict.undecided,
            unproven: verdict.unproven,
            part: part_text(threshold),
            phase: threshold.phase.clone(),
            after_seconds: threshold.after.map(SimDuration::as_secs_f64),
            window_seconds: threshold.watch.as_ref().and_then(|watch| watch.window).map(SimDuration::as_secs_f64),
            replications_to_decide: verdict.replications_to_decide,
            limit: threshold.limit,
            margin: verdict.margin(),
            windows: verdict.windows.map(|judged| judged.count),
            windows_broken: verdict.windows.map(|judged| judged.broken),
            window_start_seconds: verdict.windows.and_then(|judged| judged.shown).map(|(start, _)| start.as_secs_f64()),
            first_breach_seconds: verdict.first_breach().map(SimTime::as_secs_f64),
            window_text: window_text(model, verdict),
            exit_code: threshold.exit_code.unwrap_or(EXIT_CODE),
            passed: verdict.passed,
            note: verdict.note,
            value_text: verdict.value.map_or_else(|| "not identified".to_owned(), text),
            margin_text: verdict.margin().map_or_else(String::new, |margin| text(margin.abs())),
            interval_text: verdict.interval.map(|interval| {
                let end = |end: Option<f64>| end.map_or_else(|| "not identified".to_owned(), text);
                format!("{} to {}", end(interval.low), end(interval.high))
            }),
            behind,
        }
    }
}

impl PerReplication {
    fn new(values: impl Iterator<Item = Option<f64>>) -> Option<PerReplication> {
        let values: Vec<f64> = values.flatten().collect();
        let all = mean(&values)?.within(0.0, f64::INFINITY);
        let most = between_replications(&values, 0.9);
        Some(PerReplication {
            mean: all.value,
            interval: IntervalFacts::of(&all),
            nine_in_ten: most.map(|(value, _)| value),
            nine_in_ten_interval: most.and_then(|(_, interval)| interval).map(IntervalFacts::new),
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        })
    }
}

impl PerReplication {
    /// When everything has left, in the words of all reports: what stands before the figure, the figure, and what stands behind
    /// it. The figure is the latest of all replications, as in the table of queues; `at` is that on the clock, where it is to be
    /// said.
    pub fn drain_words(&self, at: Option<&str>) -> [String; 3] {
        let latest = if self.varies() { " after the first message at the latest" } else { " after the first message" };
        let at = at.map_or_else(String::new, |at| format!(", at {at}"));
        ["the last slot ends ".to_owned(), words::seconds(self.max), format!("{latest}{at}")]
    }

    /// Whether replications differ by what can be read.
    pub fn varies(&self) -> bool {
        words::seconds(self.min) != words::seconds(self.max)
    }

    /// The other end, in the words of all reports; `None` where replications do not differ.
    pub fn earliest(&self) -> Option<String> {
        self.varies().then(|| format!("{} at the earliest", words::seconds(self.min)))
    }
}

impl ScopeFacts {
    fn new(model: &Model, results: &Results, scope: &Scope) -> ScopeFacts {
        let totals = results.totals_of(scope).expect("totals are kept for every scope of the summary");
        let replications = totals.len() as f64;
        let sum = |of: &dyn Fn(&Totals) -> u64| totals.iter().map(of).sum::<u64>();
        let mean = |of: &dyn Fn(&Totals) -> u64| sum(of) as f64 / replications;
        let offered = sum(&|totals| totals.offered);
        let share_of = |count: u64| (offered > 0).then(|| count as f64 / offered as f64);
        let delivered = sum(&|totals| totals.with_status(Status::Delivered));
        let reported = sum(&|totals| totals.reported_delivered);
        let span = |of: fn(&Totals) -> Option<f64>| PerReplication::new(totals.iter().map(of));
        let cut = totals.iter().any(Totals::is_cut);
        let drain = |of: fn(&Totals) -> Option<f64>| if cut { None } else { span(of) };
        let losses = Ending::ALL.into_iter().filter_map(|ending| {
            let lost = sum(&|totals| totals.ended(ending));
            let code = ending.code().filter(|_| lost > 0)?;
            Some(LossFacts {
                status: ending.status().as_str(),
                code,
                reason: ending.reason(),
                messages: lost as f64 / replications,
                share: share_of(lost).unwrap_or(0.0),
                share_interval: share(totals, |totals| totals.ended(ending)),
            })
        });
        let shown: Vec<ShownFacts> = Shown::ALL
            .into_iter()
            .map(|shown| (shown, sum(&|totals| totals.shown[shown as usize])))
            .filter(|(_, messages)| *messages > 0)
            .map(|(shown, messages)| ShownFacts {
                shown: shown.as_str(),
                messages: messages as f64 / replications,
                share: messages as f64 / delivered as f64,
            })
            .collect();
        ScopeFacts {
            offered: offered as f64 / replications,
            accepted: mean(&|totals| totals.accepted),
            sent: mean(&|totals| totals.sent),
            segments_sent: mean(&|totals| totals.segments_sent),
            segments_added: mean(&|totals| totals.segments_added),
            delivered: delivered as f64 / replications,
            delivered_share: share_of(delivered),
            delivered_reported: reported as f64 / replications,
            delivered_reported_share: share_of(reported),
            shown: if shown.iter().any(|facts| facts.shown != Shown::AsSent.as_str()) { shown } else { Vec::new() },
            repeated: mean(&|totals| totals.repeated),
            on_time: mean(&|totals| totals.on_time),
            replies: mean(&|totals| totals.replies),
            opt_outs: mean(&|totals| totals.opt_outs),
            opt_ins: mean(&|totals| totals.opt_ins),
            helps: mean(&|totals| totals.helps),
            helped: mean(&|totals| totals.helped),
            unheard: mean(&|totals| totals.unheard),
            duplicated: mean(&|totals| totals.duplicated),
            content_blocks: mean(&|totals| totals.blocks),
            evasions: mean(&|totals| totals.evasions),
            suspensions: mean(&|totals| totals.suspensions),
            canceled: mean(&|totals| totals.with_status(Status::Canceled)),
            in_progress: mean(&Totals::in_progress),
            not_handed_over: mean(&Totals::not_handed_over),
            losses: losses.collect(),
            drain_seconds: drain(|totals| totals.drain_time().map(|span| span.as_secs_f64())),
            drain_after_last_seconds: drain(|totals| totals.drain_after_last().map(|span| span.as_secs_f64())),
            last_sent_seconds: span(|totals| totals.last_sent.map(SimTime::as_secs_f64)),
            drained_at_seconds: drain(|totals| totals.drained().map(SimTime::as_secs_f64)),
            delays: DelayTable::new(model, results, scope),
            time_spent: SpentFacts::of(totals, delivered),
            cost_dollars: CostFacts::new(totals, delivered),
            intervals: intervals_of(totals),
        }
    }
}

/// Intervals of a scope's figures, by their names in [`ScopeFacts`].
fn intervals_of(totals: &[Totals]) -> Intervals {
    let mut found = Collected::new(totals);
    let delivered = |totals: &Totals| totals.with_status(Status::Delivered) as f64;
    let offered = |totals: &Totals| totals.offered as f64;
    found.mean("offered", offered);
    found.mean("accepted", |totals| totals.accepted as f64);
    found.mean("sent", |totals| totals.sent as f64);
    found.mean("segments_sent", |totals| totals.segments_sent as f64);
    found.mean("segments_added", |totals| totals.segments_added as f64);
    found.mean("delivered", delivered);
    found.ratio("delivered_share", 1.0, delivered, offered);
    found.mean("delivered_reported", |totals| totals.reported_delivered as f64);
    found.ratio("delivered_reported_share", 1.0, |totals| totals.reported_delivered as f64, offered);
    found.mean("repeated", |totals| totals.repeated as f64);
    found.mean("on_time", |totals| totals.on_time as f64);
    found.mean("replies", |totals| totals.replies as f64);
    found.mean("opt_outs", |totals| totals.opt_outs as f64);
    found.mean("opt_ins", |totals| totals.opt_ins as f64);
    found.mean("helps", |totals| totals.helps as f64);
    found.mean("helped", |totals| totals.helped as f64);
    found.mean("unheard", |totals| totals.unheard as f64);
    found.mean("duplicated", |totals| totals.duplicated as f64);
    found.mean("content_blocks", |totals| totals.blocks as f64);
    found.mean("evasions", |totals| totals.evasions as f64);
    found.mean("suspensions", |totals| totals.suspensions as f64);
    found.mean("canceled", |totals| totals.with_status(Status::Canceled) as f64);
    found.mean("in_progress", |totals| totals.in_progress() as f64);
    found.mean("not_handed_over", |totals| totals.not_handed_over() as f64);
    let cost = |totals: &Totals| totals.cost.total().as_dollars_f64();
    found.mean("cost_base", |totals| totals.cost.base.as_dollars_f64());
    found.mean("cost_carrier_fees", |totals| totals.cost.carrier_fees.as_dollars_f64());
    found.mean("cost_failed_fees", |totals| totals.cost.failed_fees.as_dollars_f64());
    found.mean("cost_total", cost);
    found.ratio("cost_per_delivered", f64::INFINITY, cost, delivered);
    found.finish()
}

/// Contents blocked by a carrier for coming from too many numbers, per replication.
fn evasions_at(model: &Model, results: &Results, carrier: &str) -> f64 {
    let carrier = model.carriers.iter().position(|known| known.id == carrier);
    let scope = Scope { carrier, ..Scope::default() };
    let totals = results.totals_of(&scope).expect("totals are kept for every carrier");
    totals.iter().map(|totals| totals.evasions).sum::<u64>() as f64 / totals.len() as f64
}

impl TruthFacts {
    fn of(results: &Results) -> Vec<TruthFacts> {
        let mean = |count: u64| count as f64 / f64::from(results.replications);
        let rows = Ending::ALL.into_iter().map(|ending| (ending, results.reports[ending]));
        rows.filter(|(_, reports)| *reports != Reports::default())
            .map(|(ending, reports)| TruthFacts {
                true_status: ending.status().as_str(),
                true_error_code: ending.code(),
                true_reason: ending.reason(),
                reported_delivered: mean(if ending == Ending::Delivered { 0 } else { reports.delivered }),
                reported_same: mean(reports.same + if ending == Ending::Delivered { reports.delivered } else { 0 }),
                reported_otherwise: mean(reports.otherwise),
                unreported: mean(reports.nothing),
            })
            .collect()
    }
}

impl SpentFacts {
    fn of(totals: &[Totals], delivered: u64) -> Vec<SpentFacts> {
        let nanos = |stage: Stage| totals.iter().map(|totals| totals.spent.0[stage as usize]).sum::<u128>();
        let all: u128 = Stage::ALL.into_iter().map(nanos).sum();
        Stage::ALL
            .into_iter()
            .map(|stage| (stage, nanos(stage)))
            .filter(|(_, nanos)| *nanos > 0)
            .map(|(stage, nanos)| SpentFacts {
                stage: stage.name(),
                mean_seconds: nanos as f64 / delivered as f64 / 1e9,
                mean_interval: {
                    let mut found = Collected::new(totals);
                    let spent = |totals: &Totals| totals.spent.0[stage as usize] as f64 / 1e9;
                    found.ratio("mean", f64::INFINITY, spent, |totals| totals.with_status(Status::Delivered) as f64);
                    found.finish().remove("mean")
                },
                share: nanos as f64 / all as f64,
            })
            .collect()
    }
}

impl SlowFacts {
    /// `until`: up to when the words say why.
    fn new(model: &Model, slow: &Slow, until: SimTime) -> SlowFacts {
        let message = &slow.message;
        SlowFacts {
            replication: slow.replication,
            campaign: model.campaigns[message.campaign as usize].name.clone(),
            message: message.origin(),
            repetition: message.repetition(),
            turn: message.turn(),
            carrier: model.carriers[message.carrier as usize].id.clone(),
            sender: model.senders[message.sender as usize].id.clone(),
            intended_at_seconds: message.intended.as_secs_f64(),
            to_carrier_seconds: slow.to_carrier().as_secs_f64(),
            end_to_end_seconds: slow.end_to_end().as_secs_f64(),
            why: held_by(model, message)
                .fold(words::spent(&message.spent(until)), |why, fault| format!("{why}; {fault}")),
        }
    }
}

impl SlowFacts {
    /// What the message is called: campaign and number, and which repetition or answer it is.
    pub fn name(&self) -> String {
        words::message(&self.campaign, self.message, self.repetition, self.turn)
    }
}

impl CostFacts {
    fn new(totals: &[Totals], delivered: u64) -> CostFacts {
        let sum = |of: fn(&Totals) -> crate::units::Money| totals.iter().map(of).sum::<crate::units::Money>();
        let mean = |of: fn(&Totals) -> crate::units::Money| sum(of).as_dollars_f64() / totals.len() as f64;
        CostFacts {
            base: mean(|totals| totals.cost.base),
            carrier_fees: mean(|totals| totals.cost.carrier_fees),
            failed_fees: mean(|totals| totals.cost.failed_fees),
            total: mean(|totals| totals.cost.total()),
            per_delivered: sum(|totals| totals.cost.total()).per(delivered).map(|cost| cost.as_dollars_f64()),
        }
    }
}

impl DelayTable {
    /// Delays are kept of everything, and by campaign, service and country.
    fn new(model: &Model, results: &Results, scope: &Scope) -> Option<DelayTable> {
        let pair = scope.campaign.is_some() && scope.country.is_some();
        if scope.carrier.is_some() || scope.sender_type.is_some() || pair {
            return None;
        }
        let of = |part| DelayFacts::new(&results.sample_of(model, scope, part));
        let beside = |part| if scope.country.is_some() { None } else { of(part) };
        Some(DelayTable {
            api_wait: beside(Part::ApiWait).filter(|facts| facts.max != Some(0.0)),
            queue_wait: of(Part::QueueWait),
            hold_wait: beside(Part::HoldWait).filter(|facts| facts.max != Some(0.0)),
            ceiling_wait: beside(Part::CeilingWait).filter(|facts| facts.max != Some(0.0)),
            carrier_latency: beside(Part::CarrierLatency),
            carrier_hold: beside(Part::CarrierHold).filter(|facts| facts.max != Some(0.0)),
            handset_wait: beside(Part::HandsetWait).filter(|facts| facts.max != Some(0.0)),
            end_to_end: of(Part::EndToEnd),
        })
    }
}

impl DelayFacts {
    fn new(sample: &Sample) -> Option<DelayFacts> {
        let delay = sample.pooled();
        let min = delay.recorded().min()?.as_secs_f64();
        let mean = sample.mean();
        let [p50, p90, p95, p99, p99_9] = [0.5, 0.9, 0.95, 0.99, 0.999].map(|q| sample.quantile(q));
        let value = |estimate: &Option<Estimate>| estimate.as_ref().map(|estimate| estimate.value);
        let interval = |estimate: &Option<Estimate>| estimate.as_ref().and_then(IntervalFacts::of);
        let most = between_replications(&sample.quantile_by_replication(0.95), 0.9).filter(|_| p95.is_some());
        Some(DelayFacts {
            n: delay.recorded().count(),
            unfinished: delay.unfinished(),
            mean: value(&mean),
            mean_interval: interval(&mean),
            min,
            p50: value(&p50),
            p50_interval: interval(&p50),
            p90: value(&p90),
            p90_interval: interval(&p90),
            p95: value(&p95),
            p95_interval: interval(&p95),
            p99: value(&p99),
            p99_interval: interval(&p99),
            p99_9: value(&p99_9),
            p99_9_interval: interval(&p99_9),
            max: delay.max().map(|span| span.as_secs_f64()),
            p95_nine_in_ten: most.map(|(value, _)| value),
            p95_nine_in_ten_interval: most.and_then(|(_, interval)| interval).map(IntervalFacts::new),
        })
    }
}

fn lanes(model: &Model, results: &Results) -> Vec<LaneFacts> {
    let mean = |count: u64| count as f64 / f64::from(results.replications);
    let pairs = model.lanes.iter().zip(&results.lanes);
    pairs
        .filter(|(_, lane)| lane.queued + lane.overflowed > 0)
        .map(|(facts, lane)| LaneFacts {
            name: facts.name.clone(),
            group: model.groups[facts.group].id.clone(),
            sender: model.groups[facts.group].label.clone(),
            rate: facts.rate.to_string(),
            segments_per_second: facts.rate.as_f64(),
            capacity_segments: facts.capacity.map(|capacity| capacity.0),
            sent: mean(lane.sent),
            segments_sent: mean(lane.segments),
            expired: mean(lane.expired),
            overflowed: mean(lane.overflowed),
            peak_backlog_segments: lane.peak_backlog,
            mean_wait_seconds: (lane.sent > 0).then(|| lane.wait_nanos as f64 / lane.sent as f64 / 1e9),
            longest_wait_seconds: lane.longest_wait.as_secs_f64(),
            busy_share: (lane.span_nanos > 0).then(|| lane.busy_nanos as f64 / lane.span_nanos as f64),
            drained_at_seconds: (lane.sent > 0 && !lane.cut_by(model.horizon)).then(|| lane.drained.as_secs_f64()),
        })
        .collect()
}
