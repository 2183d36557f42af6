//! The resolved model: inert values, every reference an index, every rate positive, nothing left to check.
//!
//! A [`Model`] is what a scenario means. It holds no clock, no state and no chance; one replication of it is run by the
//! simulation. Later code asserts and does not check.

pub mod arrivals;
pub mod calendar;
pub mod country;
pub mod encoding;
pub mod ending;
pub mod filter;
pub mod latency;
pub mod metric;
pub mod sender;
pub mod threshold;

use jiff::tz::TimeZone;

use crate::kernel::samplers::{Categorical, Chance};
use crate::units::{Money, Rate, Segments, SimDuration, SimTime};

use arrivals::{Phase, Process};
use calendar::Calendar;
use country::CountryCode;
use filter::{FilterClass, FilterCoefficients};
use latency::Latency;
use sender::SenderType;
use threshold::Threshold;

/// A scenario, ready to run.
#[derive(Clone, Debug)]
pub struct Model {
    /// The scenario's name.
    pub name: String,
    /// The question it answers.
    pub description: String,
    /// The seed of all draws.
    pub seed: u64,
    /// How many replications are asked for.
    pub replications: u32,
    /// Start and zone.
    pub calendar: Calendar,
    /// The end of the run, exclusive; without one a run ends when every message is final.
    pub horizon: Option<SimTime>,
    /// Countries that recipients live in, by code.
    pub countries: Vec<Country>,
    /// Their carriers, by country and then id.
    pub carriers: Vec<Carrier>,
    /// Time zones in which carriers' days begin.
    pub day_zones: Vec<TimeZone>,
    /// Messaging services in file order.
    pub services: Vec<Service>,
    /// All senders in file order, groups expanded.
    pub senders: Vec<Sender>,
    /// The entries of the file that the senders came from.
    pub groups: Vec<SenderGroup>,
    /// All queues, by id.
    pub lanes: Vec<Lane>,
    /// The lane of (sender, carrier), or [`NO_LANE`]: row `sender`, as wide as there are carriers.
    pub lane_of: Vec<u32>,
    /// Rates above the lanes.
    pub ceilings: Vec<Ceiling>,
    /// 10DLC brands.
    pub brands: Vec<Brand>,
    /// Sets of senders among which a policy chooses.
    pub candidate_sets: Vec<CandidateSet>,
    /// Charges a month that do not depend on traffic.
    pub rents: Vec<Rent>,
    /// Populations that are drawn from by name.
    pub audiences: Vec<Audience>,
    /// Campaigns in file order; the index is the stream of their draws.
    pub campaigns: Vec<Campaign>,
    /// How many different contents the campaigns send.
    pub fingerprints: usize,
    /// How filters weigh what they see.
    pub filter: FilterCoefficients,
    /// How a filtered message shows in receipts.
    pub filter_report: FilterReport,
    /// Promises to keep.
    pub thresholds: Vec<Threshold>,
    /// Unproven facts that the run rests on, for the report.
    pub assumptions: Vec<String>,
    /// Facts of the catalogue that the scenario replaced, for the report.
    pub overrides: Vec<String>,
}

/// No lane: the sender cannot serve that country.
pub const NO_LANE: u32 = u32::MAX;

/// A country as far as this run needs it.
#[derive(Clone, Debug)]
pub struct Country {
    /// Its code.
    pub code: CountryCode,
    /// Its name.
    pub name: String,
    /// Whether an unreachable short code may be replaced by a long code here.
    pub reroute: bool,
    /// Charged for each message to it that ends as failed.
    pub failed_message_fee: Money,
}

/// Whether a carrier takes a type of sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach(pub Chance);

/// A carrier as far as this run needs it.
#[derive(Clone, Debug)]
pub struct Carrier {
    /// Its id, such as `us/t-mobile`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Index of its country.
    pub country: usize,
    /// The share of recipients that a short code reaches.
    pub short_code: Reach,
    /// The share of recipients that a toll-free number reaches.
    pub toll_free: Reach,
    /// Whether toll-free numbers are filtered like unregistered ones here (Canadian carriers of partial reach).
    pub toll_free_as_unregistered: bool,
    /// From `sent` to the handset; `None` takes no time.
    pub latency: Option<Latency>,
    /// Index of the zone whose midnight ends its day.
    pub day_zone: usize,
    /// Charge per segment sent, by [`SenderType`] in the order of [`SenderType::ALL`]: list price and carrier fee.
    pub price: [Price; 4],
}

/// What a segment costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// The platform's list price.
    pub base: Money,
    /// The carrier's surcharge.
    pub fee: Money,
}

/// A messaging service: senders and the features of delivery.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Whether a person keeps the sender they first heard from.
    pub sticky_sender: bool,
    /// How a sender is chosen within a set.
    pub distribution: Distribution,
    /// Whether it has any sender at all.
    pub is_empty: bool,
    /// How it reaches each country, by country index.
    pub routes: Vec<Route>,
}

/// How a service reaches one country.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// The first set to choose from, when a short code reaches the recipient. `None`: no usable sender.
    pub set: Option<usize>,
    /// What to do when the chosen type is a short code that does not reach the recipient.
    pub unreached: Unreached,
}

/// What becomes of a recipient whom the short code does not reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unreached {
    /// Nothing to do: the route has no short code, or it is sent all the same and refused by the carrier.
    #[default]
    SendAnyway,
    /// Choose from this set instead.
    Set(usize),
    /// No sender can reach them.
    NoSender,
}

/// How a sender is chosen within a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Each in turn.
    RoundRobin,
    /// By chance.
    Random,
    /// Always the first of the set.
    First,
    /// The least backlog in segments.
    LeastSegments,
    /// The least unfinished time.
    Earliest,
}

/// Senders among which a policy chooses, in file order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateSet {
    /// Sender indexes.
    pub senders: Vec<u32>,
}

/// One sender.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Its id; number k of a group is `id-k`.
    pub id: String,
    /// Its type.
    pub kind: SenderType,
    /// Its country; names have none.
    pub country: Option<CountryCode>,
    /// Index of its entry in the file.
    pub group: usize,
    /// Index of its 10DLC brand.
    pub brand: Option<usize>,
    /// What the carriers of each country do with it, by country index; `None` where it cannot be used at all.
    pub terms: Vec<Option<Terms>>,
}

/// A 10DLC brand.
#[derive(Clone, Debug)]
pub struct Brand {
    /// Its name.
    pub name: String,
    /// By carrier: the most segments a day, over all its campaigns; `None` is unlimited.
    pub day_caps: Vec<Option<u64>>,
}

/// How the carriers of one country treat a sender.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// A refusal that every message meets.
    pub refusal: Option<Refusal>,
    /// Class in the eyes of the filter; `None` is not filtered.
    pub filter: Option<FilterClass>,
    /// Class at carriers that reach this type only in part (Canadian toll-free).
    pub filter_partial: Option<FilterClass>,
    /// Whether its number counts as one of those that a content is spread over.
    pub counts_as_number: bool,
}

/// Why a carrier refuses every message of a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// US long code without 10DLC registration (30034).
    TenDlcUnregistered,
    /// Toll-free number without verification (30032).
    TollFreeUnverified,
    /// Application traffic where only person-to-person is allowed (30007).
    PersonToPersonOnly,
    /// Anything but one-time codes where only these are allowed (30007).
    OneTimeCodesOnly,
}

/// An entry of the file: one sender, or a group of like ones.
#[derive(Clone, Debug)]
pub struct SenderGroup {
    /// Its id.
    pub id: String,
    /// Its type.
    pub kind: SenderType,
    /// Its country.
    pub country: Option<CountryCode>,
    /// Index of its service.
    pub service: Option<usize>,
    /// Index of its first sender.
    pub first: usize,
    /// How many senders it has.
    pub count: usize,
}

/// A charge a month that does not depend on traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rent {
    /// For what.
    pub item: String,
    /// How many.
    pub count: u64,
    /// A month, for all of them.
    pub per_month: Money,
}

/// A queue: first in, first out, one rate, one capacity.
#[derive(Clone, Debug)]
pub struct Lane {
    /// What it is called in reports.
    pub name: String,
    /// Index of the file entry it is counted under.
    pub group: usize,
    /// Segments per second.
    pub rate: Rate,
    /// The most segments it holds; `None` is unlimited.
    pub capacity: Option<Segments>,
}

/// A rate above the lanes: one account, country and type.
#[derive(Clone, Debug)]
pub struct Ceiling {
    /// Index of the country.
    pub country: usize,
    /// Type of sender.
    pub kind: SenderType,
    /// Segments per second.
    pub rate: Rate,
}

/// A named population.
#[derive(Clone, Debug)]
pub struct Audience {
    /// Its name.
    pub name: String,
    /// The stream of its people's draws.
    pub stream: u32,
    /// How many people.
    pub size: u64,
    /// Who they are.
    pub population: Population,
    /// Whether anybody in it can be met twice.
    pub met_again: bool,
}

/// Who recipients are: where they live and whether their number exists.
#[derive(Clone, Debug)]
pub struct Population {
    /// Choice of a country.
    pub countries: Categorical,
    /// The countries chosen among, as indexes.
    pub country_index: Vec<usize>,
    /// For each of them, the choice of a carrier.
    pub carriers: Vec<(Categorical, Vec<usize>)>,
    /// The share of numbers that do not exist, for each of them.
    pub invalid: Vec<Chance>,
}

/// How a campaign meets its recipients.
#[derive(Clone, Debug)]
pub enum People {
    /// Every message meets a new person.
    Fresh(Population),
    /// People of an audience.
    Audience {
        /// Its index.
        audience: usize,
        /// How they are picked.
        pick: Pick,
    },
}

/// How people are picked from an audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// In a random order, nobody twice.
    EachOnce,
    /// Independently, with equal chances.
    Uniform,
}

/// How many segments a message has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SegmentCount {
    /// Always so many.
    Fixed(u32),
    /// By chance.
    Mix(Categorical, Vec<u32>),
}

/// Traffic: who, when, what.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Its name.
    pub name: String,
    /// Index of the service it sends through.
    pub service: Option<usize>,
    /// The set of explicit senders, which skips the selection.
    pub from: Option<usize>,
    /// Whether the content exceeds what the platform takes.
    pub body_too_long: bool,
    /// Segments by country index and [`SenderType::ALL`] order.
    pub segments: Vec<[SegmentCount; 4]>,
    /// Even or random.
    pub process: Process,
    /// When and how much.
    pub phases: Vec<Phase>,
    /// How fast the client hands over, in messages per second.
    pub submit_rate: Option<Rate>,
    /// To whom.
    pub people: People,
    /// The longest wait in the queue.
    pub validity: SimDuration,
    /// Which content it is.
    pub fingerprint: usize,
    /// How risky the content is, within 0 and 1.
    pub content_risk: f64,
    /// Whether people write it, so that application rules do not apply.
    pub person_to_person: bool,
    /// Whether it carries one-time codes.
    pub one_time_codes: bool,
}

impl Campaign {
    /// How many messages it means to send, or on average means to when its arrivals are random.
    pub fn expected_messages(&self) -> u64 {
        self.phases.iter().map(|phase| phase.expected_count(self.process)).fold(0, u64::saturating_add)
    }
}

/// How a filtered message shows in receipts; the shares add up to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterReport {
    /// As 30007, as 30003, as delivered.
    pub choice: Categorical,
}

impl Model {
    /// The lane of a sender's messages to a carrier.
    #[inline]
    pub fn lane(&self, sender: usize, carrier: usize) -> Option<usize> {
        let lane = self.lane_of[sender * self.carriers.len() + carrier];
        (lane != NO_LANE).then_some(lane as usize)
    }

    /// The stream of keyed draws of audience number `index`: a range of its own, so that another campaign makes nobody in
    /// an audience anybody else.
    pub fn audience_stream(index: usize) -> u32 {
        (1 << 23) + u32::try_from(index).expect("the number of audiences is limited")
    }

    /// The stream of keyed draws of campaign number `index`.
    pub fn campaign_stream(&self, index: usize) -> u32 {
        u32::try_from(index).expect("the number of campaigns is limited")
    }
}
