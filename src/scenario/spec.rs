//! The scenario file as written. Types only: what the words mean is worked out in `resolve`. The JSON Schema is
//! generated from these types, and the doc comments are its descriptions.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::quantity::{ClassShares, Count, Country, Digits, Share, TrustScore, Weight, Written, ZeroRate};
use crate::model::content::ContentTrait;
use crate::model::sender::SenderType;
use crate::units::{Money, Rate, SimDuration};

/// A Sendpool scenario: a sender pool, campaigns and promises to keep.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The version of this format: 1.
    pub version: u32,
    /// The scenario's name, used for the run folder: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// The question it answers.
    #[serde(default)]
    pub description: Option<String>,
    /// The seed of all random draws.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// How many independent replications are run.
    #[serde(default)]
    pub replications: Option<u32>,
    /// When it starts and ends.
    #[serde(default)]
    pub clock: Clock,
    /// How queues are cut and how much they hold, unless a service or sender says otherwise.
    #[serde(default)]
    pub queue: Option<Queue>,
    /// Limits of the whole account.
    #[serde(default)]
    pub account: Account,
    /// Populations that campaigns draw recipients from by name.
    #[serde(default)]
    pub audiences: IndexMap<String, Audience>,
    /// Messaging services, each with its sender pool.
    #[serde(default)]
    pub services: IndexMap<String, Service>,
    /// Senders outside any service, for campaigns that name them by `from`.
    #[serde(default)]
    pub senders: Vec<Sender>,
    /// Traffic: who, when, what.
    pub campaigns: IndexMap<String, Campaign>,
    /// Facts of the catalogue that this scenario replaces.
    #[serde(default)]
    pub overrides: Overrides,
    /// What goes wrong, and when.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// Promises to keep, by `metric` or `metric{tag:value}`; a broken one ends the command with exit code 99.
    #[serde(default)]
    pub thresholds: IndexMap<String, Conditions>,
}

fn default_seed() -> u64 {
    42
}

/// When the scenario starts and ends.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Date, time and offset or zone, such as `2026-11-27T13:00:00-05:00[America/New_York]`.
    #[serde(default)]
    pub start: Option<String>,
    /// The run covers [0, horizon); without it a run ends when every message is final.
    #[serde(default)]
    pub horizon: Option<Written<SimDuration>>,
    /// Public holidays by country, as dates such as 2026-12-25: some countries close their hours on them.
    #[serde(default)]
    pub public_holidays: IndexMap<String, Vec<String>>,
}

/// How queues are cut and how much they hold.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// How many seconds of its own rate a queue holds.
    #[serde(default)]
    pub capacity: Option<Capacity>,
    /// Which messages share a queue.
    #[serde(default)]
    pub lanes: Option<Lanes>,
}

/// How much a queue holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Capacity {
    /// 36,000 s of its rate: the platform's figure since 2023.
    #[serde(rename = "10h")]
    TenHours,
    /// 14,400 s of its rate: the platform's figure before.
    #[serde(rename = "4h")]
    FourHours,
    /// As long as the service's validity period.
    #[serde(rename = "validity")]
    Validity,
    /// Any number.
    #[serde(rename = "unlimited")]
    Unlimited,
}

/// Which messages share a queue. US 10DLC traffic always has one per registered campaign and named carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lanes {
    /// One per sender and destination country.
    Country,
    /// One per sender.
    Sender,
    /// One per sender, country and carrier.
    Market,
}

/// Limits of the whole account.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Rates above the queues.
    #[serde(default)]
    pub ceilings: Vec<Ceiling>,
    /// Three classes of service instead of first come, first served: one-time codes and alerts; reminders, conversations
    /// and informational; marketing. Not for 10DLC.
    #[serde(default)]
    pub traffic_shaping: Option<TrafficShaping>,
}

/// Three classes of service that share each sender's rate. Each has a queue of its own, as deep as the sender's.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrafficShaping {
    /// The shares of the three classes when all of them wait; what one does not use goes to the others.
    #[serde(default = "default_shares")]
    pub shares: ClassShares,
}

/// The platform's shares.
fn default_shares() -> ClassShares {
    ClassShares([50, 30, 20])
}

/// A rate above the queues of one country and sender type.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ceiling {
    /// Destination country.
    pub country: Country,
    /// Type of sender.
    #[serde(rename = "type")]
    pub kind: SenderType,
    /// Segments per second.
    pub rate: Written<Rate>,
}

/// A population.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Audience {
    /// How many people.
    pub size: Written<Count>,
    /// Where they live, by weight.
    pub recipients: IndexMap<String, Written<Weight>>,
    /// Which carriers they use, by weight; countries not named here follow their carriers' market shares.
    #[serde(default)]
    pub carriers: IndexMap<String, Written<Weight>>,
    /// The share of numbers that do not exist.
    #[serde(default)]
    pub invalid: Option<Written<Share>>,
    /// The share of numbers that are fixed lines; none unless given.
    #[serde(default)]
    pub landline: Option<Written<Share>>,
    /// The share of people on WhatsApp; all unless given.
    #[serde(default)]
    pub whatsapp: Option<Written<Share>>,
    /// Labels of every campaign to these people, such as `{ team: growth }`.
    #[serde(default)]
    pub tags: IndexMap<String, String>,
}

/// Something that goes wrong for a while: for a carrier, all carriers of a country, a sender, or the whole platform.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// When it begins, after the start of the run.
    pub at: Written<SimDuration>,
    /// How long it lasts; without it, for good.
    #[serde(default, rename = "for")]
    pub length: Option<Written<SimDuration>>,
    /// The carrier it hits.
    #[serde(default)]
    pub carrier: Option<String>,
    /// The country whose carriers it hits.
    #[serde(default)]
    pub country: Option<Country>,
    /// The sender or group it hits.
    #[serde(default)]
    pub sender: Option<String>,
    /// What it does: `fail` for carriers and `hold` for others, unless given.
    #[serde(default)]
    pub mode: Option<FaultMode>,
    /// The latency to the handset that takes the place of the usual one.
    #[serde(default)]
    pub latency: Option<FaultLatency>,
    /// The rate at which the sender's queues drain.
    #[serde(default)]
    pub mps: Option<Written<Rate>>,
    /// The segments that the carrier takes from this account.
    #[serde(default)]
    pub capacity: Option<Written<Rate>>,
}

/// What a fault does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultMode {
    /// Nothing is handed over; what waits goes on afterwards or expires.
    Hold,
    /// What is handed to the carrier fails (30410); calls to the platform are refused (20503).
    Fail,
    /// Carriers deliver late: by `latency`.
    Delay,
    /// The sender's queues drain at `mps`.
    Rate,
    /// The carrier takes `capacity` segments in each second of the clock; more is undelivered (30017).
    Congestion,
    /// The sender is suspended (10DLC: 30033, others: 30007), or the account (30002).
    Suspend,
    /// Receipts that would come are lost.
    ReceiptsLost,
    /// Receipts that would come come when it is over.
    ReceiptsLate,
}

impl FaultMode {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            FaultMode::Hold => "hold",
            FaultMode::Fail => "fail",
            FaultMode::Delay => "delay",
            FaultMode::Rate => "rate",
            FaultMode::Congestion => "congestion",
            FaultMode::Suspend => "suspend",
            FaultMode::ReceiptsLost => "receipts_lost",
            FaultMode::ReceiptsLate => "receipts_late",
        }
    }
}

/// A latency as a fault gives it.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultLatency {
    /// Log-normal.
    pub lognormal: FaultLogNormal,
}

/// A log-normal law.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultLogNormal {
    /// The median.
    pub median: Written<SimDuration>,
    /// The standard deviation of the logarithm.
    pub sigma: f64,
}

/// A messaging service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Features of delivery.
    #[serde(default)]
    pub features: Features,
    /// Words that people send back, by country code, and under `default` for all others: each list takes the place of the
    /// platform's (see `sendpool catalogue --defaults`).
    #[serde(default)]
    pub opt_out_words: IndexMap<String, ReplyWordLists>,
    /// The longest wait in the queue, 1 to 36000 s (the default).
    #[serde(default)]
    pub validity_period: Option<Written<SimDuration>>,
    /// How a sender is selected.
    #[serde(default)]
    pub selection: Selection,
    /// Queues of this service.
    #[serde(default)]
    pub queue: Option<Queue>,
    /// The sender pool.
    #[serde(default)]
    pub senders: Vec<Sender>,
}

/// Words that people send back, by what they mean; a list that is left out is that of `default` or the platform's.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyWordLists {
    /// They opt out; STOP always does.
    #[serde(default)]
    pub stop: Option<Vec<String>>,
    /// They opt in again; START and UNSTOP always do.
    #[serde(default)]
    pub start: Option<Vec<String>>,
    /// They ask for help; HELP always does.
    #[serde(default)]
    pub help: Option<Vec<String>>,
}

/// Features of delivery.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Features {
    /// A person keeps the sender they first heard from.
    pub sticky_sender: bool,
    /// In the United States and Canada, a recipient whom the short code cannot reach gets a long code.
    pub short_code_reroute: bool,
    /// Characters that would make a text UCS-2 are replaced by like ones.
    pub smart_encoding: bool,
    /// In the United States and Canada, numbers of the recipient's area code, or of one that overlays it, go first.
    pub area_code_match: bool,
    /// Messages to people who opted out are refused (21610); if not, they are sent all the same.
    pub opt_outs: bool,
    /// What becomes of messages in the hours that the law of the recipient's country or state closes.
    pub quiet_hours: QuietHours,
}

impl Default for Features {
    fn default() -> Self {
        Features {
            sticky_sender: true,
            short_code_reroute: true,
            smart_encoding: false,
            area_code_match: false,
            opt_outs: true,
            quiet_hours: QuietHours::Advise,
        }
    }
}

/// What becomes of messages in the hours that the law closes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuietHours {
    /// They are sent; `validate` warns.
    #[default]
    Advise,
    /// They are kept until the hours end.
    Hold,
    /// They fail (30610).
    Fail,
}

/// How a sender is selected.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Selection {
    /// Which type of sender goes first.
    pub priority: Priority,
    /// How a sender is chosen among equals.
    pub distribution: Distribution,
}

/// Which type of sender goes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Short code, alphanumeric, then numbers (in Canada toll-free first): the platform's newer pages.
    #[default]
    Platform,
    /// Alphanumeric first: the platform's scaling guide.
    Guide,
    /// All eligible senders are one set.
    None,
}

/// How a sender is chosen among equals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Each in turn.
    #[default]
    RoundRobin,
    /// By chance.
    Random,
    /// Always the first.
    First,
    /// The least backlog in segments.
    LeastSegments,
    /// The least unfinished time.
    Earliest,
}

/// A sender, or a group of like ones.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// Its id, unique in the file; number k of a group is `id-k`, from 1.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: SenderType,
    /// Its country; alphanumeric senders have none.
    #[serde(default)]
    pub country: Option<Country>,
    /// How many like it.
    #[serde(default)]
    pub count: Option<Written<Count>>,
    /// Segments per second of each, unlike the default of its type and destination.
    #[serde(default)]
    pub mps: Option<Written<Rate>>,
    /// The name that an alphanumeric sender shows, up to 11 characters.
    #[serde(default)]
    pub name: Option<String>,
    /// The digits of a short code or number, for people who read the reports; a leading zero stays.
    #[serde(default)]
    pub number: Option<Digits>,
    /// Where the sender is registered: `true`, or a list of countries. Counts for alphanumeric senders, and for long codes
    /// of countries other than the United States.
    #[serde(default)]
    pub registered: Option<Registered>,
    /// The only countries that an alphanumeric sender serves; one without this key serves the others.
    #[serde(default)]
    pub countries: Vec<Country>,
    /// The area codes of United States and Canadian long codes, in turn.
    #[serde(default)]
    pub area_codes: Vec<Digits>,
    /// Whether a toll-free number is verified (the default).
    #[serde(default)]
    pub verified: Option<bool>,
    /// The 10DLC registration of US long codes; without it US carriers refuse them (30034).
    #[serde(default)]
    pub ten_dlc: Option<TenDlc>,
    /// The queues of this sender.
    #[serde(default)]
    pub queue: Option<Queue>,
}

/// A 10DLC registration.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TenDlc {
    /// The registered brand.
    pub brand: String,
    /// The registered campaign; numbers that share brand and campaign share its rate.
    pub campaign: String,
    /// The brand's trust score, 0 to 100; without one a standard brand counts as unvetted.
    #[serde(default)]
    pub trust_score: Option<Written<TrustScore>>,
    /// The kind of brand.
    #[serde(default)]
    pub brand_type: BrandType,
    /// The kind of 10DLC campaign.
    #[serde(default)]
    pub campaign_type: CampaignType,
    /// Whether the numbers are registered yet.
    #[serde(default)]
    pub status: RegistrationStatus,
    /// What other vendors send under this campaign to each carrier that grants it a rate of its own; the carrier refuses
    /// what exceeds its rate in a minute of the clock (30022).
    #[serde(default)]
    pub other_vendor_load: Option<Written<Rate>>,
}

/// Whether numbers are registered yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationStatus {
    /// They are.
    #[default]
    Approved,
    /// They are still being registered (30035).
    Pending,
}

/// The kind of a 10DLC brand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BrandType {
    /// A company.
    #[default]
    Standard,
    /// A company with little traffic and no vetting.
    LowVolumeStandard,
    /// A person.
    SoleProprietor,
}

/// The kind of a 10DLC campaign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CampaignType {
    /// Declared or mixed use.
    #[default]
    Ordinary,
    /// Low-volume mixed.
    LowVolumeMixed,
}

/// Traffic of one kind.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// The service it sends through.
    #[serde(default)]
    pub service: Option<String>,
    /// The sender or group that sends it, which skips the selection.
    #[serde(default)]
    pub from: Option<String>,
    /// Over what it reaches people: text messages, or WhatsApp.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// Labels for thresholds, tables and records, such as `{ team: growth }`.
    #[serde(default)]
    pub tags: IndexMap<String, String>,
    /// What it is for.
    #[serde(default)]
    pub kind: Kind,
    /// Written by an application or by people.
    #[serde(default)]
    pub traffic: Traffic,
    /// The text; its segments follow from it, the country and the sender's type.
    #[serde(default)]
    pub body: Option<String>,
    /// Segments instead of a text: a number, or weights such as `{ 1: 0.7, 2: 0.3 }`.
    #[serde(default)]
    pub segments: Option<SegmentsSpec>,
    /// Where recipients live, by weight; every message meets a new person.
    #[serde(default)]
    pub recipients: Option<IndexMap<String, Written<Weight>>>,
    /// Which carriers they use, by weight; countries not named here follow their carriers' market shares.
    #[serde(default)]
    pub carriers: Option<IndexMap<String, Written<Weight>>>,
    /// The share of numbers that do not exist.
    #[serde(default)]
    pub invalid: Option<Written<Share>>,
    /// The share of numbers that are fixed lines; none unless given.
    #[serde(default)]
    pub landline: Option<Written<Share>>,
    /// The share of people on WhatsApp; all unless given.
    #[serde(default)]
    pub whatsapp: Option<Written<Share>>,
    /// The audience that recipients come from, instead of `recipients`.
    #[serde(default)]
    pub audience: Option<String>,
    /// How they are picked from it.
    #[serde(default)]
    pub pick: Option<Pick>,
    /// When and how much.
    pub arrivals: Arrivals,
    /// Shifts all phases, or the trace.
    #[serde(default, alias = "startTime")]
    pub start_time: Option<Written<SimDuration>>,
    /// How fast the client hands over, in messages per second; without it, at once.
    #[serde(default, alias = "submitRate")]
    pub submit_rate: Option<Written<Rate>>,
    /// The longest wait in the queue, instead of the service's.
    #[serde(default)]
    pub validity_period: Option<Written<SimDuration>>,
    /// How risky carriers find the content, within 0 (harmless) and 1.
    #[serde(default)]
    pub content_risk: Option<Written<Share>>,
    /// What the content is about, beside what can be read off the body: rules of countries ask for it.
    #[serde(default)]
    pub content: Vec<ContentTrait>,
    /// The share of recipients who opt out, instead of the catalogue's for this kind.
    #[serde(default)]
    pub opt_out: Option<Written<Share>>,
    /// The share of those who opted out that opts in again; none unless given.
    #[serde(default)]
    pub opt_in: Option<Written<Share>>,
    /// How long after they opted out, instead of the catalogue's guess of a day.
    #[serde(default)]
    pub opt_in_after: Option<Written<SimDuration>>,
    /// The word they send: START unless given. A toll-free number's network obeys START and UNSTOP alone.
    #[serde(default)]
    pub opt_in_word: Option<String>,
    /// The share of recipients who ask for help, which the platform answers by itself; none unless given.
    #[serde(default)]
    pub help: Option<Written<Share>>,
    /// The share of recipients who answer, instead of the catalogue's for this kind.
    #[serde(default)]
    pub replies: Option<Written<Share>>,
    /// Replies are answered, from the sender that was written to.
    #[serde(default)]
    pub conversation: Option<Conversation>,
    /// People who wait in vain ask for another message, as for a one-time code.
    #[serde(default)]
    pub resend: Option<Resend>,
    /// How late after its intended time a message is still of use: see the metric `on_time`.
    #[serde(default)]
    pub deadline: Option<Written<SimDuration>>,
    /// Calls are made ahead of time; the arrivals say when.
    #[serde(default)]
    pub schedule: Option<Schedule>,
}

/// How replies are answered.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conversation {
    /// The most answers to one person.
    pub turns: u32,
    /// From a reply to the answer.
    pub answer_after: Written<SimDuration>,
}

/// Messages asked for again.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resend {
    /// How long people wait.
    pub after: Written<SimDuration>,
    /// The share of those who wait in vain that asks again.
    pub share: Written<Share>,
    /// How often one person asks again at most: 1 unless given.
    #[serde(default = "once")]
    pub at_most: u32,
}

fn once() -> u32 {
    1
}

/// Over what a campaign reaches people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Text messages.
    Sms,
    /// WhatsApp.
    Whatsapp,
}

/// When messages are due that are handed over ahead of time: 5 minutes to 35 days.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// So long after the call was meant.
    #[serde(default)]
    pub lead: Option<Written<SimDuration>>,
    /// All at one date and time, such as `2026-11-28T09:00:00-05:00`.
    #[serde(default)]
    pub send_at: Option<String>,
    /// Some are taken back.
    #[serde(default)]
    pub cancel: Option<Cancel>,
}

/// Scheduled messages that are taken back.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// Which share of them.
    pub share: Written<Share>,
    /// How long after the call; what is due by then is sent.
    pub after: Written<SimDuration>,
}

/// What a campaign is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Advertising.
    #[default]
    Marketing,
    /// Something happened.
    Alert,
    /// Something to know.
    Informational,
    /// One-time codes.
    Otp,
    /// Talking with people.
    Conversation,
    /// An appointment.
    Reminder,
}

/// Who writes the messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Traffic {
    /// An application.
    #[default]
    A2p,
    /// People.
    P2p,
}

/// How people are picked from an audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// In random order, nobody twice.
    EachOnce,
    /// Independently.
    Uniform,
}

/// Segments of a message: one number, or weights by number.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(untagged)]
pub enum SegmentsSpec {
    /// Always so many.
    Fixed(u32),
    /// By weight.
    Mix(IndexMap<String, Written<Weight>>),
}

impl<'de> Deserialize<'de> for SegmentsSpec {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = SegmentsSpec;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number of segments from 1 to 255, or weights such as { 1: 0.7, 2: 0.3 }")
            }

            fn visit_u64<E: serde::de::Error>(self, segments: u64) -> Result<SegmentsSpec, E> {
                u32::try_from(segments)
                    .map(SegmentsSpec::Fixed)
                    .map_err(|_| E::custom(format!("{segments} segments are too many for one message")))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<SegmentsSpec, A::Error> {
                IndexMap::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(SegmentsSpec::Mix)
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// When and how much a campaign sends.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrivals {
    /// Evenly or at random.
    #[serde(default)]
    pub process: Process,
    /// How the messages of a phase are spread over the hours of the day, in the scenario's zone; phases may have profiles of
    /// their own. It changes when a phase sends, not how much: its count, or its mean rate.
    #[serde(default)]
    pub profile: Option<Profile>,
    /// Random arrivals that come in bursts.
    #[serde(default)]
    pub burstiness: Option<Burstiness>,
    /// A flash crowd.
    #[serde(default)]
    pub flash: Option<Flash>,
    /// One after the other.
    #[serde(default)]
    pub phases: Vec<Phase>,
    /// What was sent in truth, instead of phases.
    #[serde(default)]
    pub trace: Option<Trace>,
}

/// What was sent in truth: a file, or a part of one. Its messages to people are sent again, each at its time, to its
/// recipient's country and, where it is told, carrier, with the segments it had where they are told.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(untagged)]
pub enum Trace {
    /// The path of a file, relative to the scenario file: CSV or JSON, packed by gzip or not.
    File(String),
    /// A part of a file.
    Part(TraceFile),
}

/// A part of a file of what was sent.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TraceFile {
    /// Its path, relative to the scenario file: CSV or JSON, packed by gzip or not.
    pub file: String,
    /// The campaign whose records are taken, by the file's column `campaign`; all unless given.
    #[serde(default)]
    pub campaign: Option<String>,
    /// When the messages are meant: at their dates where the trace has dates and the scenario a start, else from the
    /// first record on.
    #[serde(default)]
    pub align: Option<Align>,
}

/// Where a trace stands on the scenario's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// Its records keep their dates.
    Dates,
    /// The first record of the file comes at the start; one that counts seconds keeps its own zero.
    First,
}

impl Trace {
    /// The part of a file that is meant.
    pub fn part(&self) -> TraceFile {
        match self {
            Trace::File(file) => TraceFile { file: file.clone(), campaign: None, align: None },
            Trace::Part(part) => part.clone(),
        }
    }
}

impl<'de> Deserialize<'de> for Trace {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Trace;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a path such as log.csv, or a part such as { file: log.csv, campaign: sale }")
            }

            fn visit_str<E: serde::de::Error>(self, file: &str) -> Result<Trace, E> {
                Ok(Trace::File(file.to_owned()))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Trace, A::Error> {
                TraceFile::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(Trace::Part)
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// How much of a day's messages each hour has: a name of the catalogue, or 24 weights from midnight on.
#[derive(Clone, Debug)]
pub enum Profile {
    /// As the catalogue has it.
    Named(String),
    /// As written.
    Shares([Written<Weight>; 24]),
}

impl<'de> Deserialize<'de> for Profile {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Profile;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a name such as p2p, or a list of 24 weights from midnight on")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Profile, E> {
                Ok(Profile::Named(name.to_owned()))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, seq: A) -> Result<Profile, A::Error> {
                let list: Vec<Written<Weight>> = Vec::deserialize(serde::de::value::SeqAccessDeserializer::new(seq))?;
                let shares =
                    list.try_into().map_err(|list: Vec<_>| serde::de::Error::invalid_length(list.len(), &self))?;
                Ok(Profile::Shares(shares))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Profile {
    fn schema_name() -> Cow<'static, str> {
        "Profile".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> =
            crate::catalogue::defaults().arrivals.profiles.iter().map(|profile| profile.name.as_str()).collect();
        let weight = generator.subschema_for::<Written<Weight>>();
        json_schema!({
            "description": "how much of a day's messages each hour has: a name of the catalogue, or 24 weights from midnight on",
            "anyOf": [{ "enum": names }, { "type": "array", "items": weight, "minItems": 24, "maxItems": 24 }],
        })
    }
}

/// Random arrivals that come in bursts: in each window of the clock, counted from local midnight, the rate is multiplied by
/// a gamma variate of mean one. Its shape is m / (D - 1) for an index of dispersion D and m messages in a window at the
/// mean rate of the phase, so that the number in a window has D times the variance of a Poisson number.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Burstiness {
    /// The variance of the number of messages in a window by its mean: above 1, which is a Poisson process.
    pub dispersion: Written<Weight>,
    /// The length of a window.
    pub window: Written<SimDuration>,
}

/// A flash crowd: for a while the rate of all phases is multiplied. A phase with a count keeps it and has more of it then.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flash {
    /// When it begins, after the start of the arrivals.
    pub at: Written<SimDuration>,
    /// How long it lasts.
    #[serde(rename = "for")]
    pub length: Written<SimDuration>,
    /// By how much the rate is multiplied.
    pub times: Written<Weight>,
}

/// Evenly or at random.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Process {
    /// Evenly.
    #[default]
    Constant,
    /// As a Poisson process: a count as so many random instants.
    Poisson,
}

/// A stretch of traffic: a duration with a count, a rate, or a rate that ramps; or a pause.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// How long it lasts; 0 with a count is a burst.
    #[serde(default)]
    pub duration: Option<Written<SimDuration>>,
    /// Exactly so many messages.
    #[serde(default, alias = "arrivalCount")]
    pub arrival_count: Option<Written<Count>>,
    /// Messages per second, or the rate at the start of a ramp.
    #[serde(default, alias = "arrivalRate")]
    pub arrival_rate: Option<Written<ZeroRate>>,
    /// The rate at the end of a ramp.
    #[serde(default, alias = "rampTo")]
    pub ramp_to: Option<Written<ZeroRate>>,
    /// Nothing for so long.
    #[serde(default)]
    pub pause: Option<Written<SimDuration>>,
    /// How its messages are spread over the hours of the day, instead of the profile of all arrivals.
    #[serde(default)]
    pub profile: Option<Profile>,
}

/// Facts that this scenario replaces.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Overrides {
    /// What carriers and handsets are like, other than the default.
    #[serde(default)]
    pub network: Option<NetworkOverride>,
    /// How carriers filter: `lenient`, `typical`, `strict` or `off`; or figures in the words of `sendpool catalogue --defaults
    /// --json`, such as `{ preset: strict, blocks: { lasts: 12h } }`.
    #[serde(default)]
    pub filter: Option<FilterOverride>,
    /// Facts of carriers, by id.
    #[serde(default)]
    pub carriers: IndexMap<String, CarrierOverride>,
    /// List prices per segment by country, such as `US: 0.0083`, and any other price in the words of `sendpool catalogue
    /// --defaults --json`, such as `rents: { long_code: { per_month: 0.5 } }`. Amounts are US dollars.
    #[serde(default)]
    #[schemars(with = "IndexMap<String, serde_json::Value>")]
    pub prices: serde_yaml::Mapping,
    /// Any facts of countries, in the words of `sendpool catalogue CODE --json`: what is written here takes the place of
    /// what stands there, lists as a whole. Carriers are changed under `carriers`.
    #[serde(default)]
    #[schemars(with = "IndexMap<String, serde_json::Map<String, serde_json::Value>>")]
    pub countries: IndexMap<String, serde_yaml::Mapping>,
}

/// How carriers filter.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected `lenient`, `typical`, `strict` or `off`, or figures as a mapping")]
pub enum FilterOverride {
    /// A named way.
    Preset(String),
    /// Figures that are replaced.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    Changes(serde_yaml::Mapping),
}

/// What carriers and handsets are like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NetworkOverride {
    #[default]
    /// Some handsets are off for a while or for good, people answer and opt out: a guess of today.
    Default,
    /// As the default, but every handset is on, and nobody answers or opts out unless a campaign says so.
    Attended,
    /// As the default with test handsets: hardly ever out of reach.
    TestHandset,
    /// As measured by the Portuguese regulator in 2005 with test handsets.
    #[serde(rename = "anacom_2005")]
    Anacom2005,
    /// As one nationwide trace of 2005: one message in twenty fails, one in six takes more than a minute.
    #[serde(rename = "legacy_2005")]
    Legacy2005,
    /// As ETSI reckoned in 2006: 38 % are not delivered at the first attempt, 98 % in the end.
    #[serde(rename = "etsi_2006")]
    Etsi2006,
    /// No latency, filter or invalid numbers, handsets that are always on, and nobody answers; carriers' rules and reach
    /// stay.
    Ideal,
}

/// Facts of one carrier.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CarrierOverride {
    /// Whether it takes short codes: yes, no, partial or unknown.
    #[serde(default)]
    pub short_code: Option<ReachWord>,
    /// Whether it takes toll-free numbers.
    #[serde(default)]
    pub toll_free: Option<ReachWord>,
    /// Its share of the country's recipients; the others keep their proportions.
    #[serde(default)]
    pub share: Option<Written<Share>>,
    /// What it charges per segment on top of the list price.
    #[serde(default)]
    pub fees: CarrierFees,
    /// What it fines.
    #[serde(default)]
    pub fines: CarrierFines,
}

/// What a carrier charges per segment, by type of sender.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CarrierFees {
    /// From a long code.
    #[serde(default)]
    pub long_code: Option<Written<Money>>,
    /// From a toll-free number.
    #[serde(default)]
    pub toll_free: Option<Written<Money>>,
    /// From a short code.
    #[serde(default)]
    pub short_code: Option<Written<Money>>,
}

impl CarrierFees {
    /// The fee for a type of sender, where one is written.
    pub fn of(&self, sender: SenderType) -> Option<Money> {
        let written = match sender {
            SenderType::LongCode => self.long_code,
            SenderType::TollFree => self.toll_free,
            SenderType::ShortCode => self.short_code,
            SenderType::Alphanumeric | SenderType::Whatsapp => None,
        };
        written.map(|Written(fee)| fee)
    }
}

/// What a carrier fines per finding, as far as a scenario shows it.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CarrierFines {
    /// One content from many numbers.
    #[serde(default)]
    pub programme_evasion: Option<Written<Money>>,
}

/// Whether a carrier takes a type of sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReachWord {
    /// To everybody.
    Yes,
    /// To nobody.
    No,
    /// To half of its people (an assumption).
    Partial,
    /// Nobody knows; taken as yes (an assumption).
    Unknown,
}

impl JsonSchema for ReachWord {
    fn schema_name() -> Cow<'static, str> {
        "Reach".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "whether a carrier takes a type of sender; partial is taken as half of its people, unknown as all",
            "anyOf": [{ "type": "boolean" }, { "enum": ["yes", "no", "partial", "unknown"] }],
        })
    }
}

impl<'de> Deserialize<'de> for ReachWord {
    /// YAML's own booleans are accepted for yes and no.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl serde::de::Visitor<'_> for Visitor {
            type Value = ReachWord;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("yes, no, partial or unknown")
            }

            fn visit_bool<E: serde::de::Error>(self, reached: bool) -> Result<ReachWord, E> {
                Ok(if reached { ReachWord::Yes } else { ReachWord::No })
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<ReachWord, E> {
                match word {
                    "yes" => Ok(ReachWord::Yes),
                    "no" => Ok(ReachWord::No),
                    "partial" => Ok(ReachWord::Partial),
                    "unknown" => Ok(ReachWord::Unknown),
                    _ => Err(E::unknown_variant(word, &["yes", "no", "partial", "unknown"])),
                }
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// Where a sender is registered.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(untagged)]
pub enum Registered {
    /// Everywhere or nowhere.
    All(bool),
    /// In these countries.
    In(Vec<Country>),
}

impl<'de> Deserialize<'de> for Registered {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Registered;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("true, false or a list of countries such as [SG, GB]")
            }

            fn visit_bool<E: serde::de::Error>(self, everywhere: bool) -> Result<Registered, E> {
                Ok(Registered::All(everywhere))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, seq: A) -> Result<Registered, A::Error> {
                Vec::deserialize(serde::de::value::SeqAccessDeserializer::new(seq)).map(Registered::In)
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// One condition or several, each alone or with what goes with it.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(untagged)]
pub enum Conditions {
    /// One, such as `"p(95) < 10s"`.
    One(ConditionSpec),
    /// Several.
    Many(Vec<ConditionSpec>),
}

/// A condition.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(untagged)]
pub enum ConditionSpec {
    /// On the whole run, such as `"p(95) < 10s"`.
    Plain(String),
    /// With more.
    Long(LongCondition),
}

/// A condition on a part of the run, or with an exit code of its own. Messages count by their intended time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LongCondition {
    /// The condition, such as `"p(95) < 10s"`.
    pub threshold: String,
    /// Every window of this width has to keep it; the windows follow each other from `after` on.
    #[serde(default)]
    pub window: Option<Written<SimDuration>>,
    /// Messages meant earlier do not count. Since the start of the run, or of the phase that is named.
    #[serde(default)]
    pub after: Option<Written<SimDuration>>,
    /// Only messages meant in the phases of this name.
    #[serde(default)]
    pub phase: Option<String>,
    /// It is broken as soon as it is broken by all messages meant so far, looked at every minute or at the end of every
    /// `window`. The run goes on; the verdict names the time.
    #[serde(default, alias = "abortOnFail")]
    pub abort_on_fail: bool,
    /// What breaks before this time does not count for `abort_on_fail`.
    #[serde(default, alias = "delayAbortEval")]
    pub delay_abort_eval: Option<Written<SimDuration>>,
    /// The exit code when it is broken, 90 to 95, instead of 99.
    #[serde(default, alias = "exitCode")]
    pub exit_code: Option<u8>,
}

impl ConditionSpec {
    /// The condition itself.
    pub fn text(&self) -> &str {
        match self {
            ConditionSpec::Plain(text) => text,
            ConditionSpec::Long(long) => &long.threshold,
        }
    }
}

impl<'de> Deserialize<'de> for ConditionSpec {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = ConditionSpec;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a condition such as \"p(95) < 10s\", or `{ threshold: \"p(95) < 10s\", window: 10m }`")
            }

            fn visit_str<E: serde::de::Error>(self, condition: &str) -> Result<ConditionSpec, E> {
                Ok(ConditionSpec::Plain(condition.to_owned()))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<ConditionSpec, A::Error> {
                LongCondition::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(ConditionSpec::Long)
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl<'de> Deserialize<'de> for Conditions {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Conditions;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a condition such as \"p(95) < 10s\", or a list of them")
            }

            fn visit_str<E: serde::de::Error>(self, condition: &str) -> Result<Conditions, E> {
                Ok(Conditions::One(ConditionSpec::Plain(condition.to_owned())))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Conditions, A::Error> {
                let long = LongCondition::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Conditions::One(ConditionSpec::Long(long)))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, seq: A) -> Result<Conditions, A::Error> {
                Vec::deserialize(serde::de::value::SeqAccessDeserializer::new(seq)).map(Conditions::Many)
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}
