//! What is known about one country: its senders, limits, hours, rules, price and carriers. One file per country under
//! `catalogue/countries/`, all of this form; an unknown key in it is an error.
//!
//! Not here: what holds everywhere (see [`super::Defaults`]), and anything a scenario says.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::dated::Dated;
use super::evidence::{AsOf, Assumption, Evidence, assumptions};
use super::text::{Share, TimeOfDay, parsed_option};
use super::words::*;
use crate::model::content::ContentTrait;
use crate::model::country::CountryCode;
use crate::model::sender::SenderType;
use crate::units::{Money, Rate};

/// A country of the catalogue.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Country {
    /// Two capital letters.
    pub code: CountryCode,
    /// English name.
    pub name: String,
    /// Part of the world.
    pub region: Region,
    /// True for the test bench alone: no registration, filter, latency, loss or missing receipts.
    #[serde(default)]
    pub ideal: bool,
    /// Digits after the `+`; several where one code is shared and the prefix decides.
    pub calling_codes: Vec<String>,
    /// Mobile country codes.
    pub mcc: Vec<String>,
    /// Languages, as two-letter codes, the most used first.
    pub languages: Vec<String>,
    /// How numbers look and whether they move between carriers.
    pub numbers: Numbers,
    /// Where its people live.
    pub time_zones: TimeZones,
    /// Which senders reach it.
    pub senders: Senders,
    /// How texts arrive.
    pub delivery: Delivery,
    /// Hours in which something must not be sent.
    pub time_restrictions: Vec<TimeRestriction>,
    /// What must not be sent.
    pub content_rules: Vec<ContentRule>,
    /// What operators change on the way.
    pub operator_mutations: Vec<OperatorMutation>,
    /// How people opt out.
    pub opt_out: OptOut,
    /// The platform's price.
    pub price: Price,
    /// The zone whose midnight a carrier's day follows, unless the carrier names its own.
    pub carrier_day: CarrierDay,
    /// Fees that carriers do not list themselves; absent where the price includes all fees.
    #[serde(default)]
    pub carrier_fees: Option<CarrierFees>,
    /// What the list of carriers rests on.
    pub carrier_evidence: CarrierEvidence,
    /// Its carriers; their order is the order of results.
    pub carriers: Vec<Carrier>,
    /// Where sources disagree, and which was followed.
    pub disagreements: Vec<String>,
}

/// How numbers look and whether they move between carriers.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Numbers {
    /// A well-formed mobile number that belongs to nobody in particular, with `+`.
    pub example: String,
    /// Digits of a mobile number after the calling code.
    pub national_lengths: Vec<u8>,
    /// Whether people keep their number when they change carrier.
    pub portability: Support,
    /// What this rests on.
    pub evidence: Evidence,
}

/// Where a country's people live, by time zone.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TimeZones {
    /// Zones and shares of the population, 100 % in all.
    pub shares: Vec<ZoneShare>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// A time zone and the share of the population living by it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneShare {
    /// Name in the IANA database.
    pub zone: String,
    /// Share of the population.
    pub share: Share,
}

/// Which senders reach a country.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Senders {
    /// Numbers of the country.
    pub long_code: LongCode,
    /// Numbers of other countries.
    pub international_long_code: InternationalLongCode,
    /// Toll-free numbers of the United States and Canada.
    pub toll_free: TollFree,
    /// Short codes of the country.
    pub short_code: ShortCode,
    /// Names.
    pub alphanumeric: Alphanumeric,
    /// WhatsApp.
    pub whatsapp: Whatsapp,
}

/// Numbers of the country itself.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LongCode {
    /// Whether its networks carry them.
    pub carried: Support,
    /// Whether the platform offers them.
    pub offered: Support,
    /// What applications may send from them.
    pub application_traffic: ApplicationTraffic,
    /// Whether people can answer.
    pub two_way: Support,
    /// Default rate in segments per second of one number.
    #[serde(default, deserialize_with = "parsed_option")]
    pub mps: Option<Rate>,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// Numbers of other countries.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct InternationalLongCode {
    /// Whether its networks carry them.
    pub carried: Support,
    /// Whether the platform offers them.
    pub offered: Support,
    /// What handsets show; several where it depends on the carrier.
    pub shown_as: Vec<ShownAs>,
    /// Whether people can answer.
    pub two_way: Support,
    /// Default rate in segments per second of one number.
    #[serde(default, deserialize_with = "parsed_option")]
    pub mps: Option<Rate>,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// Toll-free numbers of the United States and Canada.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TollFree {
    /// Whether its networks carry them as such; elsewhere they are international long codes.
    pub offered: Support,
    /// Whether unverified numbers are blocked.
    pub verification_required: bool,
    /// Whether people can answer.
    pub two_way: Support,
    /// Default rate in segments per second of one number.
    #[serde(default, deserialize_with = "parsed_option")]
    pub mps: Option<Rate>,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// Short codes of the country.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ShortCode {
    /// Whether its networks carry them.
    pub carried: Support,
    /// Whether the platform offers them.
    pub offered: Support,
    /// Whether they reach this country only.
    pub domestic_only: bool,
    /// Shortest and longest usual wait for a new one, in weeks.
    #[serde(default)]
    pub provisioning_weeks: Option<[u8; 2]>,
    /// Whether people can answer.
    pub two_way: Support,
    /// Default rate in segments per second of one code.
    #[serde(default, deserialize_with = "parsed_option")]
    pub mps: Option<Rate>,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// Names as senders.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Alphanumeric {
    /// How the country's networks treat them.
    pub mode: AlphanumericMode,
    /// Whether the platform accepts them, be it that the networks replace them.
    pub offered: Support,
    /// What becomes of an unregistered one.
    pub unregistered: Unregistered,
    /// What replaces the name where it is replaced.
    #[serde(default)]
    pub overwritten_by: Vec<ShownAs>,
    /// The label where it is labelled.
    #[serde(default)]
    pub label: Option<String>,
    /// Days until a name is registered.
    #[serde(default)]
    pub registration_days: Option<u16>,
    /// Whether people can answer: never yet.
    pub two_way: Support,
    /// Default rate in segments per second of one name.
    #[serde(default, deserialize_with = "parsed_option")]
    pub mps: Option<Rate>,
    /// Longest name.
    pub max_characters: u8,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// WhatsApp, which counts messages and not segments.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Whatsapp {
    /// Whether it is offered.
    pub offered: Support,
    /// Whether people can answer.
    pub two_way: Support,
    /// Default rate in messages per second of one sender.
    #[serde(default, deserialize_with = "parsed_option")]
    pub messages_per_second: Option<Rate>,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// How texts arrive.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Whether handsets put parts together again.
    pub parts_joined: PartsJoined,
    /// How much fits into a segment; the first entry without senders holds for all others.
    pub segments: Vec<SegmentSizes>,
    /// Most parts of a text, where there is a limit of its own.
    #[serde(default)]
    pub max_parts: Option<u8>,
    /// Whether UCS-2 is carried.
    pub ucs2: Support,
    /// Who confirms delivery.
    pub receipt: ReceiptFrom,
    /// What becomes of messages to fixed lines.
    pub landline: Landline,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// How much fits into a segment.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentSizes {
    /// The sender types it holds for; none: all that no other entry names.
    #[serde(default)]
    pub senders: Vec<SenderType>,
    /// Septets of a text of one segment.
    pub gsm7_single: u16,
    /// Septets of each part of a longer text.
    pub gsm7_part: u16,
    /// UTF-16 units of a text of one segment.
    pub ucs2_single: u16,
    /// UTF-16 units of each part of a longer text.
    pub ucs2_part: u16,
    /// What this entry rests on, where the block's evidence does not cover it.
    #[serde(default)]
    pub evidence: Option<Evidence>,
}

/// Hours, in the recipient's local time, in which something must not be sent.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TimeRestriction {
    /// Which traffic.
    pub scope: WindowScope,
    /// States or provinces it is limited to, by their usual abbreviations; none: the whole country.
    #[serde(default)]
    pub only_in: Vec<String>,
    /// On which local days.
    pub days: Vec<Day>,
    /// Where the blocked hours begin. Later than `blocked_to`: blocked before `blocked_to` and from `blocked_from` on.
    pub blocked_from: TimeOfDay,
    /// Where they end.
    pub blocked_to: TimeOfDay,
    /// What happens within them.
    pub action: WindowAction,
    /// Who set them.
    pub kind: WindowKind,
    /// Whether this is another source's version of a window above, not one that holds besides.
    #[serde(default)]
    pub alternative: bool,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// Something that must not be sent, or not in some way.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ContentRule {
    /// A name for the rule, as words joined by `_`.
    pub rule: String,
    /// Which traffic.
    pub applies_to: Vec<RuleScope>,
    /// What happens to it.
    pub action: RuleAction,
    /// What a message contains or lacks that breaks the rule, any of it; empty: every message breaks it that the rule is
    /// for. Absent: whether a message breaks it cannot be told from a scenario, and the rule is for people to read.
    #[serde(default)]
    pub when: Option<Vec<ContentTrait>>,
    /// Whether runs act on it through the facts about senders, registrations and the filter.
    #[serde(default)]
    pub by_sender: bool,
    /// Whether it holds for what people write too.
    #[serde(default)]
    pub between_people: bool,
    /// Since when.
    #[serde(default)]
    pub since: Option<AsOf>,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// Something an operator changes on the way.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorMutation {
    /// What is changed.
    pub target: MutationTarget,
    /// How.
    pub change: MutationChange,
    /// Into or by what, in words.
    pub by: String,
    /// Characters added, which can make one more segment.
    pub extra_characters: u16,
    /// To which texts or senders it happens in runs; none where the segment sizes already leave the characters out, or
    /// where the facts about senders say what is shown.
    #[serde(default)]
    pub applies_to: Vec<RuleScope>,
    /// Whether it is left out where the text tells how to opt out.
    #[serde(default)]
    pub unless_opt_out: bool,
    /// Whether what is added turns the text into UCS-2.
    #[serde(default)]
    pub ucs2: bool,
    /// When, in words.
    pub when: String,
    /// What this rests on.
    pub evidence: Evidence,
}

/// How people opt out.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OptOut {
    /// The way.
    pub mechanism: OptOutMechanism,
    /// Words that must be obeyed.
    #[serde(default)]
    pub stop_words: Vec<String>,
    /// Words that must be answered.
    #[serde(default)]
    pub help_words: Vec<String>,
    /// Words that opt in again.
    #[serde(default)]
    pub start_words: Vec<String>,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// The platform's list price.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// US dollars per outbound segment, without carrier fees where the country lists those apart.
    pub outbound_segment: Dated,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// The zone whose midnight ends a carrier's day: for daily caps and for the filter's memory.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierDay {
    /// Name in the IANA database.
    pub zone: String,
    /// What this rests on.
    pub evidence: Evidence,
}

/// What a carrier charges per outbound segment, on top of the price, in US dollars. A fee that a carrier leaves out is
/// that of [`Country::carrier_fees`]; one left out there too is none.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierFees {
    /// From a long code.
    #[serde(default)]
    pub long_code: Option<Dated>,
    /// From a toll-free number.
    #[serde(default)]
    pub toll_free: Option<Dated>,
    /// From a short code.
    #[serde(default)]
    pub short_code: Option<Dated>,
    /// What this rests on.
    pub evidence: Evidence,
}

impl CarrierFees {
    /// The fee listed for one segment from a sender of this type; names carry no fee of their own.
    pub fn outbound_segment(&self, sender: SenderType) -> Option<&Dated> {
        match sender {
            SenderType::LongCode => self.long_code.as_ref(),
            SenderType::TollFree => self.toll_free.as_ref(),
            SenderType::ShortCode => self.short_code.as_ref(),
            SenderType::Alphanumeric | SenderType::Whatsapp => None,
        }
    }

    fn amounts(&mut self) -> impl Iterator<Item = &mut Dated> {
        [&mut self.long_code, &mut self.toll_free, &mut self.short_code].into_iter().flatten()
    }

    /// The evidence of the block and of its amounts.
    fn evidence<'a>(&'a self, path: &str) -> Vec<(String, &'a Evidence)> {
        let mut blocks = vec![(path.to_owned(), &self.evidence)];
        for (key, fee) in
            [("long_code", &self.long_code), ("toll_free", &self.toll_free), ("short_code", &self.short_code)]
        {
            let path = format!("{path}.{key}");
            blocks.extend(fee.iter().flat_map(|fee| fee.evidence(&path)));
        }
        blocks
    }
}

/// What a carrier fines, per finding and in US dollars; platforms pass it on to whoever sent.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fines {
    /// Evasion of its programme: one content spread over many numbers, numbers changed in turn.
    pub programme_evasion: Dated,
    /// Content that it does not allow.
    #[serde(default)]
    pub content_violation: Option<Dated>,
    /// The gravest abuses, in three classes.
    #[serde(default)]
    pub severity_0: Option<[Dated; 3]>,
    /// A campaign that has had no number for 60 days.
    #[serde(default)]
    pub idle_campaign: Option<Dated>,
    /// A message over a route that is not for applications.
    #[serde(default)]
    pub grey_route_message: Option<Dated>,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

impl Fines {
    fn amounts(&mut self) -> impl Iterator<Item = &mut Dated> {
        let single = [&mut self.content_violation, &mut self.idle_campaign, &mut self.grey_route_message];
        let classes = self.severity_0.iter_mut().flatten();
        std::iter::once(&mut self.programme_evasion).chain(single.into_iter().flatten()).chain(classes)
    }
}

/// What the list of carriers rests on, column by column.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierEvidence {
    /// Names and network codes.
    pub names: Evidence,
    /// Shares of the subscribers.
    pub shares: Evidence,
    /// Reach of short codes.
    pub short_code: Evidence,
    /// Reach of toll-free numbers, where they exist.
    #[serde(default)]
    pub toll_free: Option<Evidence>,
    /// Treatment of names.
    pub alphanumeric: Evidence,
}

/// A carrier of the country.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Carrier {
    /// The country in small letters, a slash and a name in small letters, digits and hyphens: `us/t-mobile`.
    pub id: String,
    /// Name in reports.
    pub name: String,
    /// Share of the country's subscribers, 100 % in all.
    pub share: Share,
    /// Whether short codes reach its subscribers.
    pub short_code: Reach,
    /// Whether toll-free numbers do; `no` outside the countries that have them.
    pub toll_free: Reach,
    /// What it does with names.
    pub alphanumeric: CarrierAlphanumeric,
    /// Codes of its networks.
    #[serde(default)]
    pub mccmnc: Vec<String>,
    /// How it grants throughput to 10DLC.
    #[serde(default)]
    pub ten_dlc: Option<CarrierTenDlc>,
    /// The zone whose midnight its day follows, if it is known to differ from [`Country::carrier_day`].
    #[serde(default)]
    pub day: Option<CarrierDay>,
    /// Its own fees, before those of [`Country::carrier_fees`].
    #[serde(default)]
    pub fees: Option<CarrierFees>,
    /// What it fines.
    #[serde(default)]
    pub fines: Option<Fines>,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
}

/// A US carrier's way with 10DLC.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierTenDlc {
    /// How it grants throughput.
    pub throughput: TenDlcThroughput,
}

impl Country {
    /// The carrier of this id.
    pub fn carrier(&self, id: &str) -> Option<&Carrier> {
        self.carriers.iter().find(|carrier| carrier.id == id)
    }

    /// The default rate, in segments per second, of a sender of this type whose home is `home`. `None`: it cannot
    /// reach this country, or (test bench) the scenario has to say.
    pub fn default_rate(&self, sender: SenderType, home: CountryCode) -> Option<Rate> {
        let at_home = home == self.code;
        match sender {
            SenderType::LongCode if at_home => self.senders.long_code.mps,
            SenderType::LongCode => self.senders.international_long_code.mps,
            SenderType::TollFree => self.senders.toll_free.mps,
            SenderType::ShortCode if at_home || !self.senders.short_code.domestic_only => self.senders.short_code.mps,
            SenderType::ShortCode => None,
            SenderType::Alphanumeric => self.senders.alphanumeric.mps,
            SenderType::Whatsapp => self.senders.whatsapp.messages_per_second,
        }
    }

    /// How much fits into a segment from a sender of this type.
    pub fn segment_sizes(&self, sender: SenderType) -> &SegmentSizes {
        let entries = &self.delivery.segments;
        entries
            .iter()
            .find(|sizes| sizes.senders.contains(&sender))
            .or_else(|| entries.iter().find(|sizes| sizes.senders.is_empty()))
            .expect("the catalogue's test demands an entry for all senders")
    }

    /// What a carrier charges per outbound segment from a sender of this type, on top of the price: the newest fee.
    pub fn carrier_fee(&self, carrier: &Carrier, sender: SenderType) -> Money {
        fn listed(fees: &Option<CarrierFees>, sender: SenderType) -> Option<Money> {
            fees.as_ref()?.outbound_segment(sender).map(Dated::newest)
        }
        listed(&carrier.fees, sender).or_else(|| listed(&self.carrier_fees, sender)).unwrap_or(Money::ZERO)
    }

    /// Keeps the amounts of a day alone: prices, fees and fines as they were then. Whether there were others.
    pub fn keep(&mut self, day: Date) -> bool {
        self.amounts().fold(false, |several, amount| amount.keep(day) | several)
    }

    fn amounts(&mut self) -> impl Iterator<Item = &mut Dated> {
        let fees = std::iter::once(&mut self.carrier_fees);
        let (own, fines): (Vec<_>, Vec<_>) =
            self.carriers.iter_mut().map(|carrier| (&mut carrier.fees, &mut carrier.fines)).unzip();
        let fees = fees.chain(own).flatten().flat_map(CarrierFees::amounts);
        let fines = fines.into_iter().flatten().flat_map(Fines::amounts);
        std::iter::once(&mut self.price.outbound_segment).chain(fees).chain(fines)
    }

    /// The zone whose midnight ends this carrier's day.
    pub fn carrier_day_zone<'a>(&'a self, carrier: &'a Carrier) -> &'a str {
        carrier.day.as_ref().map_or(&self.carrier_day.zone, |day| &day.zone)
    }

    /// Everything guessed about this country, in the order of its file.
    pub fn assumptions(&self) -> Vec<Assumption> {
        assumptions(self.evidence().into_iter())
    }

    /// Every block's evidence with the block's path.
    pub fn evidence(&self) -> Vec<(String, &Evidence)> {
        let mut blocks = Vec::new();
        let mut add = |path: String, evidence| blocks.push((format!("{} {path}", self.code), evidence));
        let senders = &self.senders;
        add("numbers".to_owned(), &self.numbers.evidence);
        add("time_zones".to_owned(), &self.time_zones.evidence);
        add("senders.long_code".to_owned(), &senders.long_code.evidence);
        add("senders.international_long_code".to_owned(), &senders.international_long_code.evidence);
        add("senders.toll_free".to_owned(), &senders.toll_free.evidence);
        add("senders.short_code".to_owned(), &senders.short_code.evidence);
        add("senders.alphanumeric".to_owned(), &senders.alphanumeric.evidence);
        add("senders.whatsapp".to_owned(), &senders.whatsapp.evidence);
        add("delivery".to_owned(), &self.delivery.evidence);
        for sizes in &self.delivery.segments {
            if let Some(evidence) = &sizes.evidence {
                let types: Vec<&str> = sizes.senders.iter().map(|sender| sender.as_str()).collect();
                add(format!("delivery.segments {}", types.join(" ")).trim_end().to_owned(), evidence);
            }
        }
        for (at, window) in self.time_restrictions.iter().enumerate() {
            add(format!("time_restrictions {} {}", at + 1, window.scope), &window.evidence);
        }
        for rule in &self.content_rules {
            add(format!("content_rules {}", rule.rule), &rule.evidence);
        }
        for (at, mutation) in self.operator_mutations.iter().enumerate() {
            add(format!("operator_mutations {} {}", at + 1, mutation.target), &mutation.evidence);
        }
        add("opt_out".to_owned(), &self.opt_out.evidence);
        add("price".to_owned(), &self.price.evidence);
        for (path, evidence) in self.price.outbound_segment.evidence("price.outbound_segment") {
            add(path, evidence);
        }
        add("carrier_day".to_owned(), &self.carrier_day.evidence);
        if let Some(fees) = &self.carrier_fees {
            for (path, evidence) in fees.evidence("carrier_fees") {
                add(path, evidence);
            }
        }
        add("carriers.names".to_owned(), &self.carrier_evidence.names);
        add("carriers.shares".to_owned(), &self.carrier_evidence.shares);
        add("carriers.short_code".to_owned(), &self.carrier_evidence.short_code);
        if let Some(evidence) = &self.carrier_evidence.toll_free {
            add("carriers.toll_free".to_owned(), evidence);
        }
        add("carriers.alphanumeric".to_owned(), &self.carrier_evidence.alphanumeric);
        for carrier in &self.carriers {
            if let Some(day) = &carrier.day {
                add(format!("{} day", carrier.id), &day.evidence);
            }
            if let Some(fees) = &carrier.fees {
                for (path, evidence) in fees.evidence("fees") {
                    add(format!("{} {path}", carrier.id), evidence);
                }
            }
            if let Some(fines) = &carrier.fines {
                add(format!("{} fines", carrier.id), &fines.evidence);
            }
        }
        blocks
    }
}
