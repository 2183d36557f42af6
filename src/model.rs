//! The resolved model: inert values, every reference an index, every rate positive, nothing left to check.
//!
//! A [`Model`] is what a scenario means. It holds no clock, no state and no chance; one replication of it is run by the
//! simulation. Later code asserts and does not check.

pub mod arrivals;
pub mod calendar;
pub mod content;
pub mod country;
pub mod encoding;
pub mod ending;
pub mod fault;
pub mod filter;
pub mod handset;
pub mod hours;
pub mod latency;
pub mod metric;
pub mod replay;
pub mod reply_word;
pub mod sender;
pub mod snowshoe;
pub mod terms;
pub mod threshold;

use jiff::tz::TimeZone;
use rustc_hash::FxHashMap;

use crate::kernel::draws::MAX_STREAMS;
use crate::kernel::samplers::{Categorical, Chance};
use crate::units::{Money, Rate, Segments, SimDuration, SimTime};

use arrivals::{Phase, Process};
use calendar::Calendar;
use country::CountryCode;
use ending::Ending;
use fault::Fault;
use filter::{FilterCoefficients, FilterMemory};
use handset::{DelayTable, Handsets};
use hours::Hours;
use latency::Latency;
use replay::Replay;
use reply_word::ReplyWords;
use sender::SenderType;
use terms::{SenderClass, Shown, Terms};
use threshold::{Measure, Scope, Threshold};

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
    /// Time zones in which people live.
    pub zones: Vec<TimeZone>,
    /// Sets of blocked hours that campaigns meet.
    pub hours: Vec<Hours>,
    /// Messaging services in file order.
    pub services: Vec<Service>,
    /// All senders in file order, groups expanded.
    pub senders: Vec<Sender>,
    /// The entries of the file that the senders came from.
    pub groups: Vec<SenderGroup>,
    /// All queues, by id.
    pub lanes: Vec<Lane>,
    /// The lane of (sender, carrier), or [`NO_LANE`]: row `sender`, as wide as there are carriers. Where traffic is shaped
    /// it is the first of as many as there are classes of service.
    pub lane_of: Vec<u32>,
    /// The different ways in which carriers treat senders.
    pub terms: Vec<Terms>,
    /// The terms of (group, carrier), or [`NO_TERMS`]: row `group`, as wide as there are carriers.
    pub terms_of: Vec<u32>,
    /// Rates above the lanes.
    pub ceilings: Vec<Ceiling>,
    /// 10DLC brands.
    pub brands: Vec<Brand>,
    /// Sets of senders among which a policy chooses.
    pub candidate_sets: Vec<CandidateSet>,
    /// The part of a candidate set whose numbers are of an area, by set and area.
    pub area_sets: FxHashMap<(usize, u32), usize>,
    /// Charges a month that do not depend on traffic.
    pub rents: Vec<Rent>,
    /// Charges that are due once, before anything is sent.
    pub charges_once: Vec<Charge>,
    /// Fines that carriers may pass on for this design; never part of a cost.
    pub fines: Vec<Fine>,
    /// Populations that are drawn from by name.
    pub audiences: Vec<Audience>,
    /// Campaigns in file order; the index is the stream of their draws.
    pub campaigns: Vec<Campaign>,
    /// What campaigns are labelled with, by key and value.
    pub tags: Vec<Tag>,
    /// How many different contents the campaigns send.
    pub fingerprints: usize,
    /// How handsets are out of reach; `None`: never.
    pub handsets: Option<Handsets>,
    /// How long people take to answer a message out of the blue, and one within a conversation.
    pub reply_delays: [DelayTable; 2],
    /// How filters weigh what they see.
    pub filter: FilterCoefficients,
    /// What carriers do beyond judging single messages.
    pub filter_memory: FilterMemory,
    /// How a filtered message shows in receipts.
    pub filter_report: FilterReport,
    /// What goes wrong, in file order.
    pub faults: Vec<Fault>,
    /// Promises to keep.
    pub thresholds: Vec<Threshold>,
    /// Numbers that whoever reads the scenario asks for beside.
    pub measures: Vec<Measure>,
    /// Unproven facts that the run rests on, for the report.
    pub assumptions: Vec<String>,
    /// Advice that concerns the whole scenario and is nothing to mend, in words.
    pub notes: Vec<String>,
    /// Facts of the catalogue that the scenario replaced, for the report.
    pub overrides: Vec<String>,
}

/// No lane: the sender cannot serve that country.
pub const NO_LANE: u32 = u32::MAX;

/// No terms: the sender cannot be used there.
pub const NO_TERMS: u32 = u32::MAX;

/// No area: a number without area code, or a person whose area nobody knows.
pub const NO_AREA: u32 = u32::MAX;

/// A country as far as this run needs it.
#[derive(Clone, Debug)]
pub struct Country {
    /// Its code.
    pub code: CountryCode,
    /// Its name.
    pub name: String,
    /// The digits that its telephone numbers begin with; none on the test bench.
    pub calling_code: String,
    /// Whether an unreachable short code may be replaced by a long code here.
    pub reroute: bool,
    /// Charged for each message to it that ends as failed.
    pub failed_message_fee: Money,
    /// Whether fixed lines are tried and fail at the carrier; if not, the platform refuses them.
    pub landlines_tried: bool,
    /// Where its people live.
    pub places: Places,
}

/// Where the people of a country live.
#[derive(Clone, Debug)]
pub struct Places {
    /// Choice among them.
    pub choice: Categorical,
    /// The places.
    pub list: Vec<Place>,
}

/// A part of a country with one time zone and, in the United States and Canada, one set of area codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index of its time zone.
    pub zone: usize,
    /// Index of its state or province within the country.
    pub region: Option<u32>,
    /// Its area: the same number for codes that overlay each other, unique over all countries; [`NO_AREA`] for none.
    pub area: u32,
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
    /// From `sent` to the handset; `None` takes no time.
    pub latency: Option<Latency>,
    /// Index of the zone whose midnight ends its day.
    pub day_zone: usize,
    /// Charge per segment sent, by [`SenderType`] in the order of [`SenderType::ALL`]: list price and carrier fee.
    pub price: [Price; SenderType::COUNT],
    /// What it fines each time that it finds one content spread over many numbers; zero if it does not.
    pub evasion_fine: Money,
}

/// What a segment costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// The platform's list price.
    pub base: Money,
    /// The carrier's surcharge.
    pub fee: Money,
}

impl Price {
    /// What so many segments cost.
    pub fn of(self, segments: u32) -> Price {
        Price { base: self.base * u64::from(segments), fee: self.fee * u64::from(segments) }
    }
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
    /// Whether numbers of the recipient's area go first.
    pub area_code_match: bool,
    /// Whether messages to people who opted out are refused.
    pub keeps_opt_outs: bool,
    /// The words by which people opt out, opt in again and ask for help.
    pub words: ReplyWords,
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
    /// The set of WhatsApp senders, where the country has WhatsApp.
    pub whatsapp: Option<usize>,
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
    /// Its area, or [`NO_AREA`].
    pub area: u32,
}

impl Sender {
    /// How what it sends ends while it is suspended: of a 10DLC number, the campaign is.
    pub fn when_suspended(&self) -> Ending {
        if self.kind == SenderType::LongCode && self.brand.is_some() {
            Ending::CampaignSuspended
        } else {
            Ending::SenderSuspended
        }
    }
}

/// A 10DLC brand.
#[derive(Clone, Debug)]
pub struct Brand {
    /// Its name.
    pub name: String,
    /// By carrier: the most segments a day, over all its campaigns; `None` is unlimited.
    pub day_caps: Vec<Option<u64>>,
}

/// An entry of the file: one sender, or a group of like ones.
#[derive(Clone, Debug)]
pub struct SenderGroup {
    /// Its id.
    pub id: String,
    /// The digits of a short code or the name of an alphanumeric sender, as the file has them.
    pub label: Option<String>,
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

/// A charge that is due once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// For what.
    pub item: String,
    /// How many.
    pub count: u64,
    /// For all of them.
    pub amount: Money,
}

/// What a carrier fines when it finds what a design does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fine {
    /// The carrier's id.
    pub carrier: String,
    /// What it fines.
    pub item: &'static str,
    /// For each finding.
    pub amount: Money,
    /// What the design does.
    pub why: String,
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
    /// The most segments that the carrier takes in a minute of the clock, where other vendors use its rate too.
    pub carrier_window: Option<Segments>,
    /// The class of service of its messages, from 0.
    pub level: usize,
    /// The ceiling that shares its sender's rate among the classes of service.
    pub shaper: Option<usize>,
}

/// Classes of service that traffic shaping tells apart.
pub const SERVICE_LEVELS: usize = 3;

/// A rate above the lanes: one account, country and type; or one sender whose traffic is shaped.
#[derive(Clone, Debug)]
pub struct Ceiling {
    /// The country and type it stands over; `None` for one that lanes name themselves.
    pub over: Option<(usize, SenderType)>,
    /// Segments per second.
    pub rate: Rate,
    /// The shares of the rate that classes of service get when all of them wait.
    pub shares: [u32; SERVICE_LEVELS],
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
    /// The share of fixed lines.
    pub landline: Chance,
    /// The share of people on WhatsApp.
    pub whatsapp: Chance,
}

/// How a campaign meets its recipients.
#[derive(Clone, Debug)]
pub enum People {
    /// Every message meets a new person.
    Fresh(Population),
    /// The messages of a trace, each with its recipient.
    Trace(Replay),
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

impl SegmentCount {
    /// How many that these 32 random bits choose.
    #[inline(always)]
    pub fn pick(&self, bits: u32) -> u32 {
        match self {
            SegmentCount::Fixed(segments) => *segments,
            SegmentCount::Mix(choice, segments) => segments[choice.pick(bits)],
        }
    }
}

/// What a campaign is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Advertising.
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

/// Over what a campaign reaches people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Text messages.
    Sms,
    /// WhatsApp.
    Whatsapp,
}

/// When a scheduled message is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// So long after the call.
    After(SimDuration),
    /// At this instant.
    At(SimTime),
}

/// Calls that are made ahead of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// When messages are due.
    pub due: Due,
    /// The share that is taken back, and how long after the call; what is due by then is sent.
    pub cancel: Option<(Chance, SimDuration)>,
}

impl Schedule {
    /// Messages are scheduled more than so far ahead. Source: the platform's error 35115, newest text (2026).
    pub const LEAST: SimDuration = SimDuration::from_secs(300);
    /// Messages are scheduled at most so far ahead: 35 days, by the same source.
    pub const MOST: SimDuration = SimDuration::from_secs(35 * 86_400);
}

/// What a service does with a message in the hours that the law closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuietHours {
    /// Nothing.
    Ignore,
    /// It keeps it until the hours end.
    Hold,
    /// It fails it (30610).
    Fail,
}

/// The hours that a campaign meets in one country, as indexes of [`Model::hours`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CampaignHours {
    /// Hours that the service keeps.
    pub legal: Option<usize>,
    /// Hours in which the carriers keep messages back.
    pub held: Option<usize>,
    /// Hours in which the carriers drop them.
    pub dropped: Option<usize>,
    /// Hours in which they drop them when the sender is the country's own or registered there.
    pub dropped_domestic: Option<usize>,
}

/// What a country's rules about content make of a campaign sent by one class of sender.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ContentVerdict {
    /// Whether carriers drop it.
    pub blocked: bool,
    /// How risky they find it, within 0 and 1.
    pub risk: f64,
    /// What the handset shows, where the content changes that.
    pub shown: Option<Shown>,
}

/// What people do with a message of a campaign in one country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    /// The share that opts out.
    pub opt_out: Chance,
    /// The share that answers, of those who neither opt out nor ask for help.
    pub reply: Chance,
}

/// People who opted out and come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptIn {
    /// The share of those who opted out.
    pub share: Chance,
    /// How long after that.
    pub after: SimDuration,
    /// Whether their word lifts what the network of a toll-free number keeps from them.
    pub lifts_network_block: bool,
}

/// How a campaign talks with people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// The most answers to one person.
    pub turns: u32,
    /// From a reply to the answer.
    pub answer_after: SimDuration,
}

/// One-time codes asked for again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resend {
    /// How long people wait for a code.
    pub after: SimDuration,
    /// The share that then asks again.
    pub share: Chance,
    /// How often at most.
    pub at_most: u32,
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
    /// Over what it reaches people.
    pub channel: Channel,
    /// Whether the content exceeds what the platform takes.
    pub body_too_long: bool,
    /// Segments by country index and [`SenderType::ALL`] order.
    pub segments: Vec<[SegmentCount; SenderType::COUNT]>,
    /// Segments that operators add on the way, by country index and [`SenderClass`].
    pub added_segments: Vec<[u32; SenderClass::COUNT]>,
    /// Even or random.
    pub process: Process,
    /// When and how much.
    pub phases: Vec<Phase>,
    /// How fast the client hands over, in messages per second.
    pub submit_rate: Option<Rate>,
    /// How far ahead of time it hands over.
    pub schedule: Option<Schedule>,
    /// What its service does in the hours that the law closes.
    pub quiet_hours: QuietHours,
    /// The hours it meets, by country index.
    pub hours: Vec<CampaignHours>,
    /// To whom.
    pub people: People,
    /// The longest wait in the queue.
    pub validity: SimDuration,
    /// Which content it is.
    pub fingerprint: usize,
    /// What countries make of it, by country index and [`SenderClass`].
    pub content: Vec<[ContentVerdict; SenderClass::COUNT]>,
    /// What it is for.
    pub kind: Kind,
    /// Whether people write it, so that application rules do not apply.
    pub person_to_person: bool,
    /// What people do with its messages, by country index.
    pub habits: Vec<Habits>,
    /// The share that asks for help, of those who do not opt out.
    pub help: Chance,
    /// Those who opt in again.
    pub opt_in: Option<OptIn>,
    /// How it goes on with those who answer.
    pub conversation: Option<Conversation>,
    /// What people do who wait in vain.
    pub resend: Option<Resend>,
    /// When a message is too late to be of use, after its intended time.
    pub deadline: Option<SimDuration>,
    /// Its class of service where traffic is shaped, from 0.
    pub level: usize,
}

impl Campaign {
    /// Whether anything in this country depends on the recipient's local time.
    pub fn meets_hours(&self, country: usize) -> bool {
        let hours = &self.hours[country];
        let kept = hours.legal.filter(|_| self.quiet_hours != QuietHours::Ignore);
        [kept, hours.held, hours.dropped, hours.dropped_domestic].iter().any(Option::is_some)
    }

    /// Whether rules about advertising hold for it: what people write is none.
    pub fn is_marketing(&self) -> bool {
        self.kind == Kind::Marketing && !self.person_to_person
    }

    /// The trace that it replays, instead of phases.
    pub fn replay(&self) -> Option<&Replay> {
        match &self.people {
            People::Trace(replay) => Some(replay),
            People::Fresh(_) | People::Audience { .. } => None,
        }
    }

    /// The stretches of time in which it means to send: its phases, or from the first message of its trace to the last.
    pub fn spans(&self) -> Vec<(SimTime, SimTime)> {
        match self.replay().map(|replay| replay.rows.as_slice()) {
            Some([first, .., last]) => vec![(first.at, last.at)],
            Some(rows) => rows.iter().map(|row| (row.at, row.at)).collect(),
            None => self.phases.iter().map(|phase| (phase.start, phase.start.saturating_add(phase.duration))).collect(),
        }
    }

    /// How many messages it means to send, or on average means to when its arrivals are random.
    pub fn expected_messages(&self) -> u64 {
        if let Some(replay) = self.replay() {
            return replay.rows.len() as u64;
        }
        self.phases.iter().map(|phase| phase.expected_count(self.process)).fold(0, u64::saturating_add)
    }
}

/// A label of campaigns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its key, such as `team`.
    pub key: String,
    /// Its value, such as `growth`.
    pub value: String,
    /// The campaigns that carry it, as indexes.
    pub campaigns: Vec<usize>,
}

/// How a filtered message shows in receipts; the shares add up to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterReport {
    /// As 30007, as 30003, as delivered.
    pub choice: Categorical,
}

impl Model {
    /// The tags of a campaign, by key.
    pub fn tags_of(&self, campaign: usize) -> impl Iterator<Item = &Tag> {
        self.tags.iter().filter(move |tag| tag.campaigns.contains(&campaign))
    }

    /// Whether messages of a campaign belong to a scope, as far as that depends on the campaign.
    pub fn is_in_scope(&self, campaign: usize, scope: &Scope) -> bool {
        scope.campaign.is_none_or(|wanted| wanted == campaign)
            && scope.service.is_none_or(|wanted| self.campaigns[campaign].service == Some(wanted))
            && scope.tags.iter().all(|tag| self.tags[*tag].campaigns.contains(&campaign))
    }

    /// Who the recipients of a campaign are.
    pub fn population(&self, campaign: usize) -> &Population {
        match &self.campaigns[campaign].people {
            People::Fresh(population) => population,
            People::Trace(replay) => &replay.population,
            People::Audience { audience, .. } => &self.audiences[*audience].population,
        }
    }

    /// The sets of senders that a campaign may be given in a country: the first one, and the one for people whom the short
    /// code does not reach.
    pub fn sets(&self, campaign: &Campaign, country: usize) -> [Option<usize>; 2] {
        let route = campaign.service.map(|service| &self.services[service].routes[country]);
        let other = route.and_then(|route| match route.unreached {
            Unreached::Set(set) => Some(set),
            Unreached::SendAnyway | Unreached::NoSender => None,
        });
        match (campaign.from, campaign.channel) {
            (Some(set), _) => [Some(set), None],
            (None, Channel::Whatsapp) => [route.and_then(|route| route.whatsapp), None],
            (None, Channel::Sms) => [route.and_then(|route| route.set), other],
        }
    }

    /// The lane of a sender's messages to a carrier, of one class of service.
    #[inline]
    pub fn lane(&self, sender: usize, carrier: usize, level: usize) -> Option<usize> {
        let lane = self.lane_of[sender * self.carriers.len() + carrier];
        if lane == NO_LANE {
            return None;
        }
        let lane = lane as usize;
        // Without ceilings nothing is shaped, and there is no need to look at the lane.
        Some(if level > 0 && !self.ceilings.is_empty() && self.lanes[lane].shaper.is_some() {
            lane + level
        } else {
            lane
        })
    }

    /// How a carrier treats the senders of a group; `None` where they cannot be used at all.
    #[inline]
    pub fn terms(&self, group: usize, carrier: usize) -> Option<&Terms> {
        let terms = self.terms_of[group * self.carriers.len() + carrier];
        (terms != NO_TERMS).then(|| &self.terms[terms as usize])
    }

    /// How carriers treat the senders of a group, as one number for each carrier: the same for the same terms.
    pub fn all_terms(&self, group: usize) -> &[u32] {
        &self.terms_of[group * self.carriers.len()..][..self.carriers.len()]
    }

    /// How a carrier treats a sender.
    #[inline]
    pub fn terms_of_sender(&self, sender: u32, carrier: usize) -> Option<&Terms> {
        self.terms(self.senders[sender as usize].group, carrier)
    }

    /// What the handset shows as sender of a delivered message.
    pub fn shown(&self, campaign: u32, sender: u32, carrier: u32) -> Shown {
        self.shown_of_group(campaign, self.senders[sender as usize].group, carrier)
    }

    /// The same by the group that the sender is in.
    #[inline]
    pub fn shown_of_group(&self, campaign: u32, group: usize, carrier: u32) -> Shown {
        let terms = self.terms(group, carrier as usize).expect("a sender that delivered has terms");
        let country = self.carriers[carrier as usize].country;
        let content = &self.campaigns[campaign as usize].content[country][terms.class as usize];
        content.shown.unwrap_or(terms.shown)
    }

    /// The stream of keyed draws of audience number `index`: a range of its own, so that another campaign makes nobody in
    /// an audience anybody else.
    pub fn audience_stream(index: usize) -> u32 {
        (1 << 23) + u32::try_from(index).expect("the number of audiences is limited")
    }

    /// The stream of the draws of people whom traces name: the last one, so that nobody else has it.
    pub const TRACE_STREAM: u32 = MAX_STREAMS - 1;

    /// The stream of keyed draws of campaign number `index`.
    pub fn campaign_stream(&self, index: usize) -> u32 {
        u32::try_from(index).expect("the number of campaigns is limited")
    }
}
