//! What holds in every country unless the country says otherwise: rates, queues, 10DLC grants, latencies, the filter's
//! coefficients, prices. One data file each.
//!
//! Not here: the formulas that use these numbers, nor error codes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::dated::Dated;
use super::evidence::{Assumption, Evidence, assumptions};
use super::handsets::HandsetModel;
use super::reply_words::ReplyWordFacts;
use super::text::{Share, parsed, parsed_option, written_duration};
use crate::model::country::CountryCode;
use crate::model::sender::SenderType;
use crate::units::{Rate, SimDuration};

/// All that holds everywhere.
#[derive(Clone, Debug, Serialize)]
pub struct Defaults {
    /// Rates and queues by sender type.
    pub sender_types: SenderTypes,
    /// Throughput of 10DLC campaigns.
    pub ten_dlc: TenDlc,
    /// Latencies and lost receipts.
    pub latency: LatencyModel,
    /// Handsets out of reach, opt-outs, replies.
    pub handsets: HandsetModel,
    /// Words that opt out, opt in again and ask for help.
    pub reply_words: ReplyWordFacts,
    /// Carrier filters.
    pub filter: FilterModel,
    /// Prices that do not depend on the country.
    pub prices: Prices,
}

impl Defaults {
    /// Every block's evidence with the block's path.
    pub fn evidence(&self) -> Vec<(String, &Evidence)> {
        let mut blocks = self.evidence_but_prices();
        blocks.extend(self.prices.evidence());
        blocks
    }

    fn evidence_but_prices(&self) -> Vec<(String, &Evidence)> {
        let mut blocks = self.sender_types.evidence();
        blocks.extend(self.ten_dlc.evidence());
        blocks.extend(self.latency.evidence());
        blocks.extend(self.handsets.evidence());
        blocks.extend(self.reply_words.evidence());
        blocks.extend(self.filter.evidence());
        blocks
    }

    /// Everything guessed in the defaults, in the order of the files; of the prices those given.
    pub fn assumptions_with(&self, prices: &Prices) -> Vec<Assumption> {
        let mut list = assumptions(self.evidence_but_prices().into_iter());
        list.extend(prices.assumptions());
        list
    }

    /// Everything guessed in the defaults, in the order of the files.
    pub fn assumptions(&self) -> Vec<Assumption> {
        self.assumptions_with(&self.prices)
    }
}

/// Rates and queues by sender type.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SenderTypes {
    /// The queue in front of a sender.
    pub queue: Queue,
    /// Default rates; the first rule that fits holds.
    pub rates: Vec<RateRule>,
}

/// The queue in front of a sender.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// A queue holds as many segments as the sender sends in this time; also the longest and default validity period.
    #[serde(deserialize_with = "parsed", serialize_with = "written_duration")]
    pub depth: SimDuration,
    /// What this rests on.
    pub evidence: Evidence,
}

/// A default rate of one sender.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RateRule {
    /// The type of sender.
    pub sender: SenderType,
    /// Destinations; absent: all that no rule above names (for a short code its own country alone).
    #[serde(default)]
    pub to: Option<Vec<CountryCode>>,
    /// Segments per second.
    #[serde(deserialize_with = "parsed")]
    pub rate: Rate,
    /// The lowest rate sold as an upgrade.
    #[serde(default, deserialize_with = "parsed_option")]
    pub upgrade_from: Option<Rate>,
    /// The highest rate sold as an upgrade.
    #[serde(default, deserialize_with = "parsed_option")]
    pub upgrade_to: Option<Rate>,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

impl SenderTypes {
    /// The rule for a sender type and a destination. Whether the sender reaches it at all stands with the country.
    pub fn rate_rule(&self, sender: SenderType, to: CountryCode) -> Option<&RateRule> {
        self.rates
            .iter()
            .find(|rule| rule.sender == sender && rule.to.as_ref().is_none_or(|countries| countries.contains(&to)))
    }

    fn evidence(&self) -> Vec<(String, &Evidence)> {
        let rules = self.rates.iter().map(|rule| {
            let places = match &rule.to {
                Some(countries) => countries.iter().map(CountryCode::as_str).collect::<Vec<_>>().join(" "),
                None => "elsewhere".to_owned(),
            };
            (format!("sender_types.rates {} {places}", rule.sender), &rule.evidence)
        });
        std::iter::once(("sender_types.queue".to_owned(), &self.queue.evidence)).chain(rules).collect()
    }
}

words! {
    /// Kinds of brand registered for 10DLC.
    pub enum BrandKind {
        /// A firm with a trust score.
        Standard = "standard",
        /// A firm without vetting, for little traffic.
        LowVolumeStandard = "low_volume_standard",
        /// A person without a tax number: one campaign, one number.
        SoleProprietor = "sole_proprietor",
    }

    /// Kinds of campaign registered for 10DLC, as far as throughput tells them apart.
    pub enum CampaignKind {
        /// A declared or mixed use case.
        Ordinary = "ordinary",
        /// Low-volume mixed.
        LowVolumeMixed = "low_volume_mixed",
    }

    /// Among what a granted rate is shared.
    pub enum SharedBy {
        /// All numbers of the campaign share it.
        Campaign = "campaign",
        /// Each number has it.
        Number = "number",
    }
}

/// Throughput of 10DLC campaigns.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TenDlc {
    /// The country it holds in.
    pub country: CountryCode,
    /// What each carrier grants that has no mark of its own.
    pub other_carriers: OtherCarriers,
    /// Grants by brand and trust score for ordinary campaigns.
    pub tiers: Vec<TenDlcTier>,
    /// Grants for special kinds of campaign, whatever the brand (save sole proprietors).
    pub campaigns: Vec<TenDlcCampaign>,
}

/// What each carrier without a mark grants.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OtherCarriers {
    /// The grant.
    pub grant: Grant,
    /// What this rests on.
    pub evidence: Evidence,
}

/// A rate and who shares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Segments per second at this carrier.
    #[serde(deserialize_with = "parsed")]
    pub rate: Rate,
    /// Who shares it.
    pub shared_by: SharedBy,
}

/// Grants of the named carriers for one kind of brand.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TenDlcTier {
    /// The kind of brand.
    pub brand: BrandKind,
    /// Lowest and highest trust score, for brands that have one.
    #[serde(default)]
    pub trust_scores: Option<[u8; 2]>,
    /// The grant by carrier id.
    pub grants: BTreeMap<String, Grant>,
    /// Segments per day and brand, over all its campaigns and vendors, by carrier id; no entry: no cap.
    pub daily_caps: BTreeMap<String, u64>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// Grants of the named carriers for one kind of campaign.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TenDlcCampaign {
    /// The kind of campaign.
    pub campaign: CampaignKind,
    /// The grant by carrier id.
    pub grants: BTreeMap<String, Grant>,
    /// What this rests on.
    pub evidence: Evidence,
}

impl TenDlc {
    /// The tier of a brand. `trust_score` is 0 to 100 and counts for standard brands alone; one that was never scored
    /// has 0.
    pub fn tier(&self, brand: BrandKind, trust_score: u8) -> Option<&TenDlcTier> {
        self.tiers.iter().find(|tier| {
            tier.brand == brand && tier.trust_scores.is_none_or(|[low, high]| (low..=high).contains(&trust_score))
        })
    }

    /// What a carrier grants a campaign of a brand; `None` when no tier has such a brand and score.
    pub fn grant(&self, brand: BrandKind, trust_score: u8, campaign: CampaignKind, carrier: &str) -> Option<Grant> {
        let tier = self.tier(brand, trust_score)?;
        let special = self.campaigns.iter().find(|c| c.campaign == campaign && brand != BrandKind::SoleProprietor);
        let grants = special.map_or(&tier.grants, |campaign| &campaign.grants);
        Some(grants.get(carrier).copied().unwrap_or(self.other_carriers.grant))
    }

    /// Segments a brand may send to a carrier's subscribers in a day of the carrier; `None`: as many as it likes.
    pub fn daily_cap(&self, brand: BrandKind, trust_score: u8, carrier: &str) -> Option<u64> {
        self.tier(brand, trust_score)?.daily_caps.get(carrier).copied()
    }

    fn evidence(&self) -> Vec<(String, &Evidence)> {
        let mut blocks = vec![("ten_dlc.other_carriers".to_owned(), &self.other_carriers.evidence)];
        for tier in &self.tiers {
            let scores = tier.trust_scores.map_or(String::new(), |[low, high]| format!(" {low}-{high}"));
            blocks.push((format!("ten_dlc.tiers {}{scores}", tier.brand), &tier.evidence));
        }
        for campaign in &self.campaigns {
            blocks.push((format!("ten_dlc.campaigns {}", campaign.campaign), &campaign.evidence));
        }
        blocks
    }
}

/// Latencies after a message has left its queue, and what never arrives.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LatencyModel {
    /// From the queue to the carrier.
    pub hand_off: LogNormal,
    /// From the carrier to the handset.
    pub handset: LogNormal,
    /// Added to the logarithm of the handset's latency, drawn once per carrier.
    pub carrier_offset: Normal,
    /// From the handset to the receipt.
    pub receipt: LogNormal,
    /// Delivered messages whose receipt never arrives.
    pub receipt_never: ShareOfMessages,
    /// Recipients of a kept list whose number is dead or a fixed line.
    pub invalid: ShareOfMessages,
}

/// A log-normal latency.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LogNormal {
    /// Median in seconds.
    pub median_seconds: f64,
    /// Standard deviation of the natural logarithm.
    pub sigma: f64,
    /// What this rests on.
    pub evidence: Evidence,
}

/// A normal variate.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Normal {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sigma: f64,
    /// What this rests on.
    pub evidence: Evidence,
}

/// A share of the messages or of the recipients.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ShareOfMessages {
    /// The share.
    pub share: Share,
    /// What this rests on.
    pub evidence: Evidence,
}

impl LatencyModel {
    fn evidence(&self) -> Vec<(String, &Evidence)> {
        vec![
            ("latency.hand_off".to_owned(), &self.hand_off.evidence),
            ("latency.handset".to_owned(), &self.handset.evidence),
            ("latency.carrier_offset".to_owned(), &self.carrier_offset.evidence),
            ("latency.receipt".to_owned(), &self.receipt.evidence),
            ("latency.receipt_never".to_owned(), &self.receipt_never.evidence),
            ("latency.invalid".to_owned(), &self.invalid.evidence),
        ]
    }
}

words! {
    /// How a carrier's filter sees a sender.
    pub enum FilterClass {
        /// A short code.
        ShortCode = "short_code",
        /// A name.
        Alphanumeric = "alphanumeric",
        /// A verified toll-free number.
        TollFreeVerified = "toll_free_verified",
        /// A long code of a registered 10DLC campaign.
        TenDlcRegistered = "ten_dlc_registered",
        /// A long code without registration where it is still carried, and every Canadian long code.
        Unregistered = "unregistered",
        /// A long code where application traffic is allowed without registration.
        LongCodeAllowed = "long_code_allowed",
    }
}

/// Carrier filters: p = 1 / (1 + e^-s), where
/// s = A + volume ln max(1, M / m0) + numbers ln max(1, k / k0) + risk r + opt_out max(0, o - tolerated).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FilterModel {
    /// Whether carriers filter at all.
    pub enabled: bool,
    /// What all classes share.
    pub coefficients: FilterCoefficients,
    /// By class.
    pub classes: BTreeMap<FilterClass, FilterClassModel>,
    /// How uneven filters are.
    pub frailty: Frailty,
    /// Contents that are blocked as a whole.
    pub blocks: Blocks,
    /// Senders that are suspended.
    pub suspensions: Suspensions,
    /// What a body adds to its risk.
    pub content: ContentRisk,
    /// How a filtered message is reported.
    pub reported: FilterReport,
}

/// The coefficients of the score that all classes share.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FilterCoefficients {
    /// Of the logarithm of the volume M over m0.
    pub volume: f64,
    /// Of the logarithm of the distinct numbers k over k0.
    pub numbers: f64,
    /// Of the content's risk r, 0 to 1.
    pub risk: f64,
    /// Of the day's opt-out share o above the tolerated one.
    pub opt_out: f64,
    /// The opt-out share that does no harm.
    pub opt_out_tolerated: f64,
    /// Messages of the day with this content before which the opt-out share says nothing.
    pub opt_out_after: u32,
    /// What this rests on.
    pub evidence: Evidence,
}

/// What the filter holds against one class of sender.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FilterClassModel {
    /// A, the score of harmless traffic.
    pub intercept: f64,
    /// A where frailty has its full weight.
    pub intercept_frail: f64,
    /// m0: messages per fingerprint, carrier and day that do no harm; absent: volume does not count.
    #[serde(default)]
    pub free_volume: Option<u32>,
    /// k0: distinct numbers per fingerprint, carrier and day that do no harm; absent: they do not count.
    #[serde(default)]
    pub free_numbers: Option<u32>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// How uneven filters are: odds are multiplied by (1 - weight) + weight G, G exponential with mean 1.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Frailty {
    /// Within 0 and 1.
    pub weight: f64,
    /// What this rests on.
    pub evidence: Evidence,
}

/// Contents that are blocked as a whole for a while.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Blocks {
    /// Whether they are.
    pub enabled: bool,
    /// The probability above which a message counts.
    pub above: f64,
    /// So many such messages in a row begin a block.
    pub messages: u32,
    /// How long it lasts.
    #[serde(deserialize_with = "parsed", serialize_with = "written_duration")]
    pub lasts: SimDuration,
    /// What this rests on.
    pub evidence: Evidence,
}

/// Senders that are suspended for what their recipients did in a day.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Suspensions {
    /// Whether they are.
    pub enabled: bool,
    /// The share of opt-outs.
    pub opt_outs: Share,
    /// The share of numbers that do not exist or take no text.
    pub errors: Share,
    /// Messages of the day before which shares say nothing.
    pub messages: u32,
    /// From the cause to the effect.
    #[serde(deserialize_with = "parsed", serialize_with = "written_duration")]
    pub review: SimDuration,
    /// How long it lasts.
    #[serde(deserialize_with = "parsed", serialize_with = "written_duration")]
    pub lasts: SimDuration,
    /// So many senders suspended at once cost the account; 0 for never.
    pub account_after: u32,
    /// What this rests on.
    pub evidence: Evidence,
}

/// What a body adds to its risk.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ContentRisk {
    /// A public shortener of web addresses.
    pub shortener: f64,
    /// Mostly capital letters.
    pub shouting: f64,
    /// Each of the words.
    pub word: f64,
    /// The words, in small letters.
    pub words: Vec<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// How a filtered message is reported; the shares are 100 % in all.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FilterReport {
    /// As filtered: undelivered with error 30007.
    pub filtered: Share,
    /// As an unreachable handset: undelivered with error 30003.
    pub unreachable: Share,
    /// As delivered, though it never was.
    pub delivered: Share,
    /// What this rests on.
    pub evidence: Evidence,
}

impl FilterModel {
    /// The entry of a class.
    pub fn class(&self, class: FilterClass) -> &FilterClassModel {
        self.classes.get(&class).expect("the reader demands every class")
    }

    fn evidence(&self) -> Vec<(String, &Evidence)> {
        let classes = self.classes.iter().map(|(class, entry)| (format!("filter.classes {class}"), &entry.evidence));
        let parts = [
            ("filter.coefficients", &self.coefficients.evidence),
            ("filter.frailty", &self.frailty.evidence),
            ("filter.blocks", &self.blocks.evidence),
            ("filter.suspensions", &self.suspensions.evidence),
            ("filter.content", &self.content.evidence),
        ];
        let parts = parts.into_iter().map(|(name, evidence)| (name.to_owned(), evidence));
        parts.chain(classes).chain(std::iter::once(("filter.reported".to_owned(), &self.reported.evidence))).collect()
    }
}

/// Prices that do not depend on the country, in US dollars.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Per message that ends as `failed`.
    pub failed_message: Amount,
    /// Per WhatsApp message.
    pub whatsapp_message: Amount,
    /// Per sender and month.
    pub rents: Rents,
    /// Once per short code of the United States.
    pub short_code_start: ShortCodeStart,
    /// Once per brand.
    pub ten_dlc_brands: BrandFees,
    /// Once per campaign.
    pub ten_dlc_campaign_review: Amount,
    /// Per campaign and month.
    pub ten_dlc_campaigns: CampaignFees,
}

/// An amount on its own.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// US dollars.
    pub amount: Dated,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// The rents of senders, by type; those of the United States.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rents {
    /// Of a long code.
    pub long_code: Monthly,
    /// Of a toll-free number.
    pub toll_free: Monthly,
    /// Of a short code.
    pub short_code: Monthly,
    /// Of a WhatsApp sender.
    pub whatsapp: Monthly,
    /// Of a name.
    pub alphanumeric: Monthly,
    /// Why these rents stand in for other countries.
    pub elsewhere: Evidence,
}

impl Rents {
    /// The rent of one type.
    pub fn of(&self, sender: SenderType) -> &Monthly {
        match sender {
            SenderType::LongCode => &self.long_code,
            SenderType::TollFree => &self.toll_free,
            SenderType::ShortCode => &self.short_code,
            SenderType::Whatsapp => &self.whatsapp,
            SenderType::Alphanumeric => &self.alphanumeric,
        }
    }
}

/// An amount for each month.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Monthly {
    /// US dollars per month.
    pub per_month: Dated,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// An amount that is charged once.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Once {
    /// US dollars, once.
    pub once: Dated,
    /// In short, what else matters.
    #[serde(default)]
    pub note: Option<String>,
    /// What this rests on.
    pub evidence: Evidence,
}

/// What carriers charge before a short code works.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ShortCodeStart {
    /// The programme is submitted to the carriers.
    pub submission: Once,
    /// T-Mobile activates the code.
    pub t_mobile_activation: Once,
}

/// The fees for registering a brand, by its kind.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BrandFees {
    /// Of [`BrandKind::Standard`].
    pub standard: Once,
    /// Of [`BrandKind::LowVolumeStandard`].
    pub low_volume_standard: Once,
    /// Of [`BrandKind::SoleProprietor`].
    pub sole_proprietor: Once,
}

impl BrandFees {
    /// The fee for one kind.
    pub fn of(&self, brand: BrandKind) -> &Once {
        match brand {
            BrandKind::Standard => &self.standard,
            BrandKind::LowVolumeStandard => &self.low_volume_standard,
            BrandKind::SoleProprietor => &self.sole_proprietor,
        }
    }
}

/// The fees of a running campaign: those of a sole proprietor, then by the kind of campaign.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CampaignFees {
    /// Any campaign of a sole proprietor.
    pub sole_proprietor: Monthly,
    /// Low-volume mixed.
    pub low_volume_mixed: Monthly,
    /// Any other.
    pub ordinary: Monthly,
}

impl CampaignFees {
    /// The fee for one kind of brand and campaign.
    pub fn of(&self, brand: BrandKind, campaign: CampaignKind) -> &Monthly {
        match (brand, campaign) {
            (BrandKind::SoleProprietor, _) => &self.sole_proprietor,
            (_, CampaignKind::LowVolumeMixed) => &self.low_volume_mixed,
            (_, CampaignKind::Ordinary) => &self.ordinary,
        }
    }
}

impl Prices {
    /// Keeps the prices of a day alone.
    pub fn keep(&mut self, day: Date) {
        let Prices {
            failed_message,
            whatsapp_message,
            rents,
            short_code_start: start,
            ten_dlc_brands: brands,
            ten_dlc_campaign_review: review,
            ten_dlc_campaigns: campaigns,
        } = self;
        let monthly = [
            &mut rents.long_code,
            &mut rents.toll_free,
            &mut rents.short_code,
            &mut rents.whatsapp,
            &mut rents.alphanumeric,
            &mut campaigns.sole_proprietor,
            &mut campaigns.low_volume_mixed,
            &mut campaigns.ordinary,
        ];
        let once = [
            &mut start.submission,
            &mut start.t_mobile_activation,
            &mut brands.standard,
            &mut brands.low_volume_standard,
            &mut brands.sole_proprietor,
        ];
        let single = [failed_message, whatsapp_message, review].map(|price| &mut price.amount);
        let monthly = monthly.map(|price| &mut price.per_month);
        for amount in single.into_iter().chain(monthly).chain(once.map(|price| &mut price.once)) {
            amount.keep(day);
        }
    }

    fn assumptions(&self) -> Vec<Assumption> {
        assumptions(self.evidence().into_iter())
    }

    fn evidence(&self) -> Vec<(String, &Evidence)> {
        let (rents, start, campaigns) = (&self.rents, &self.short_code_start, &self.ten_dlc_campaigns);
        let single = [
            ("failed_message", &self.failed_message),
            ("whatsapp_message", &self.whatsapp_message),
            ("ten_dlc_campaign_review", &self.ten_dlc_campaign_review),
        ];
        let single = single.map(|(path, price)| (path.to_owned(), &price.amount, &price.evidence));
        let rented = SenderType::ALL.map(|sender| (format!("rents {sender}"), rents.of(sender)));
        let running = [
            ("sole_proprietor", &campaigns.sole_proprietor),
            ("low_volume_mixed", &campaigns.low_volume_mixed),
            ("ordinary", &campaigns.ordinary),
        ];
        let running = running.map(|(kind, price)| (format!("ten_dlc_campaigns {kind}"), price));
        let monthly = rented.into_iter().chain(running).map(|(path, price)| (path, &price.per_month, &price.evidence));
        let started = [("submission", &start.submission), ("t_mobile_activation", &start.t_mobile_activation)];
        let started = started.map(|(fee, price)| (format!("short_code_start {fee}"), price));
        let brands = BrandKind::ALL.iter();
        let brands = brands.map(|kind| (format!("ten_dlc_brands {kind}"), self.ten_dlc_brands.of(*kind)));
        let once = started.into_iter().chain(brands).map(|(path, price)| (path, &price.once, &price.evidence));
        let mut blocks = vec![("prices.rents elsewhere".to_owned(), &rents.elsewhere)];
        for (path, amount, evidence) in single.into_iter().chain(monthly).chain(once) {
            let path = format!("prices.{path}");
            blocks.extend(amount.evidence(&path));
            blocks.push((path, evidence));
        }
        blocks
    }
}
