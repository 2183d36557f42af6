//! What a country's rules make of one campaign: content that is not allowed, characters that operators add, hours that
//! are closed.

use std::collections::BTreeSet;

use super::network::Network;
use super::traffic::Traffic;
use super::{Findings, at};
use crate::catalogue::{
    self, Country, Day, MutationTarget, RuleAction, RuleScope, SegmentSizes, TimeRestriction, WindowAction, WindowScope,
};
use crate::model::content::ContentTrait;
use crate::model::country::CountryCode;
use crate::model::encoding::{SegmentLimits, segment};
use crate::model::hours::{Hours, Window};
use crate::model::sender::SenderType;
use crate::model::terms::{SenderClass, Shown};
use crate::model::{CampaignHours, Channel, ContentVerdict, Kind, QuietHours};
use crate::scenario::spec::Scenario;

/// What rules ask of a campaign.
pub(super) struct Traits {
    /// What it is for.
    pub kind: Kind,
    /// Over what it goes: rules for text messages do not hold for WhatsApp.
    pub channel: Channel,
    /// Whether senders that count as the country's own may send it, by country index.
    pub domestic: Vec<bool>,
    /// Whether people write it: rules for applications do not hold.
    pub person_to_person: bool,
    /// What it contains.
    pub content: Vec<ContentTrait>,
    /// How risky filters find it, whatever the rules say.
    pub risk: f64,
}

impl Traits {
    fn is_marketing(&self) -> bool {
        self.kind == Kind::Marketing && !self.person_to_person
    }

    fn contains(&self, wanted: ContentTrait) -> bool {
        self.content.contains(&wanted)
    }

    /// Whether a rule for these kinds of traffic holds for the campaign when a sender of this class sends it.
    fn falls_under(&self, scopes: &[RuleScope], class: SenderClass) -> bool {
        use SenderClass as Class;
        let marketing = self.is_marketing();
        scopes.iter().any(|scope| match scope {
            RuleScope::All => true,
            RuleScope::Numbers => matches!(class, Class::LongCode | Class::ForeignNumber | Class::TollFree),
            RuleScope::Alphanumeric => matches!(class, Class::Name | Class::RegisteredName),
            RuleScope::LongCode => class == Class::LongCode,
            RuleScope::InternationalLongCode => class == Class::ForeignNumber,
            RuleScope::TollFree => class == Class::TollFree,
            RuleScope::Domestic => class.is_domestic(),
            RuleScope::International => !class.is_domestic(),
            RuleScope::Marketing => marketing,
            RuleScope::DomesticMarketing => marketing && class.is_domestic(),
            RuleScope::InternationalMarketing => marketing && !class.is_domestic(),
            RuleScope::OneTimePassword => self.kind == Kind::Otp,
            RuleScope::NotOneTimePassword => self.kind != Kind::Otp,
            RuleScope::Finance => self.contains(ContentTrait::Finance),
        })
    }
}

/// What the country's content rules make of the campaign, by class of sender. Rules of text messages do not hold for
/// WhatsApp, and most not for what people write.
pub(super) fn content(facts: &Country, traits: &Traits) -> [ContentVerdict; SenderClass::COUNT] {
    SenderClass::ALL.map(|class| {
        let mut verdict = ContentVerdict { risk: traits.risk, ..ContentVerdict::default() };
        if class == SenderClass::Whatsapp {
            return verdict;
        }
        for rule in facts.content_rules.iter().filter(|rule| rule.between_people || !traits.person_to_person) {
            let Some(when) = &rule.when else { continue };
            let broken = when.is_empty() || when.iter().any(|wanted| traits.contains(*wanted));
            if !broken || !traits.falls_under(&rule.applies_to, class) {
                continue;
            }
            match rule.action {
                RuleAction::Block
                | RuleAction::BlockOrLabel
                | RuleAction::Fail
                | RuleAction::Reject
                | RuleAction::RejectOrOverwrite
                | RuleAction::TruncateOrFail => verdict.blocked = true,
                RuleAction::Filter | RuleAction::FilterAndFee | RuleAction::FilterAndFine => verdict.risk = 1.0,
                RuleAction::Label => verdict.shown = Some(Shown::Labelled),
                RuleAction::Overwrite => verdict.shown = Some(Shown::Overwritten),
                RuleAction::Advice
                | RuleAction::Degrade
                | RuleAction::Deprovision
                | RuleAction::Fine
                | RuleAction::Legal
                | RuleAction::Nothing
                | RuleAction::RandomLoss
                | RuleAction::Split => {}
            }
        }
        verdict
    })
}

/// Segments that operators add to a text, by class of sender.
pub(super) fn added_segments(facts: &Country, traits: &Traits, text: &str) -> [u32; SenderClass::COUNT] {
    SenderClass::ALL.map(|class| {
        let acting = |mutation: &&catalogue::OperatorMutation| {
            let of_text = mutation.target == MutationTarget::Text && class != SenderClass::Whatsapp;
            let needless = mutation.unless_opt_out && names_opt_out(facts, text);
            of_text && !needless && traits.falls_under(&mutation.applies_to, class)
        };
        let mutations: Vec<_> = facts.operator_mutations.iter().filter(acting).collect();
        if mutations.is_empty() {
            return 0;
        }
        let mut longer = text.to_owned();
        for mutation in mutations {
            // Any character of GSM-7, or any that is none: only their number and alphabet count.
            let filler = if mutation.ucs2 { '个' } else { 'x' };
            longer.extend(std::iter::repeat_n(filler, usize::from(mutation.extra_characters)));
        }
        let limits = limits(facts, sender_type(class));
        segment(&longer, limits).segments.saturating_sub(segment(text, limits).segments)
    })
}

/// Whether a text tells how to opt out: one of the country's words, or STOP.
fn names_opt_out(facts: &Country, text: &str) -> bool {
    let words = || facts.opt_out.stop_words.iter().map(String::as_str).chain(["STOP"]);
    text.split(|c: char| !c.is_alphanumeric()).any(|word| words().any(|stop| word.eq_ignore_ascii_case(stop)))
}

/// The type of sender whose segment sizes hold for a class.
fn sender_type(class: SenderClass) -> SenderType {
    match class {
        SenderClass::ShortCode => SenderType::ShortCode,
        SenderClass::Name | SenderClass::RegisteredName => SenderType::Alphanumeric,
        SenderClass::LongCode | SenderClass::ForeignNumber => SenderType::LongCode,
        SenderClass::TollFree => SenderType::TollFree,
        SenderClass::Whatsapp => SenderType::Whatsapp,
    }
}

/// How much fits into a segment.
pub(super) fn limits(facts: &Country, kind: SenderType) -> SegmentLimits {
    limits_of(facts.segment_sizes(kind))
}

/// Whether segment sizes make sense.
pub(super) fn consistent_limits(sizes: &SegmentSizes) -> bool {
    limits_of(sizes).are_consistent()
}

fn limits_of(sizes: &SegmentSizes) -> SegmentLimits {
    SegmentLimits {
        gsm7_single: sizes.gsm7_single,
        gsm7_multi: sizes.gsm7_part,
        ucs2_single: sizes.ucs2_single,
        ucs2_multi: sizes.ucs2_part,
    }
}

/// Refuses hours that nobody could wait for: closed for weeks on end while the service or the carriers hold messages until
/// they open.
pub(super) fn check_open(findings: &mut Findings, spec: &Scenario, network: &Network, traffic: &Traffic) {
    let mut seen = BTreeSet::new();
    for campaign in &traffic.campaigns {
        let Some(population) = traffic.population(campaign) else { continue };
        for country in &population.country_index {
            let hours = &campaign.hours[*country];
            let holding = campaign.service.filter(|_| campaign.quiet_hours == QuietHours::Hold);
            let by_service = hours.legal.zip(holding).map(|(hours, service)| (hours, Some(service)));
            let by_carriers = hours.held.map(|hours| (hours, None));
            for (hours, service) in by_service.into_iter().chain(by_carriers) {
                if seen.insert((*country, service, hours))
                    && let Some(place) = closed_place(network, *country, hours)
                {
                    refuse_closed(findings, spec, (network.countries[*country].code, &place), service);
                }
            }
        }
    }
}

/// Where in a country these hours stay closed: all of it, or its regions in words.
fn closed_place(network: &Network, country: usize, hours: usize) -> Option<String> {
    let Country { code, .. } = *network.facts[country];
    let regions: BTreeSet<_> = network.countries[country].places.list.iter().map(|place| place.region).collect();
    let (closed, open): (Vec<_>, Vec<_>) =
        regions.into_iter().partition(|region| network.hours[hours].stays_closed(*region));
    if closed.is_empty() {
        return None;
    }
    let names = Network::regions(code);
    let closed: Vec<&str> = closed.into_iter().flatten().map(|region| names[region as usize]).collect();
    Some(if open.is_empty() { code.to_string() } else { format!("{code} ({})", closed.join(", ")) })
}

fn refuse_closed(findings: &mut Findings, spec: &Scenario, (code, place): (CountryCode, &str), service: Option<usize>) {
    let message = format!("the hours of {place} stay closed for weeks on end");
    let facts = at(&at("overrides.countries", code.as_str()), "time_restrictions");
    let (path, remedy) = match findings.document.value(&facts) {
        Some(_) => (facts, "leave some hours of the week open"),
        None => (at("clock.public_holidays", code.as_str()), "list fewer holidays in a row"),
    };
    match service {
        Some(service) => {
            let (name, _) = spec.services.get_index(service).expect("a service that exists");
            let holds = at(&at(&at("services", name), "features"), "quiet_hours");
            findings.related_error(
                &path,
                (&holds, "holds its messages"),
                format!("{message}, and the service `{name}` holds messages until they open"),
                format!("{remedy}, or write `quiet_hours: fail`"),
            );
        }
        None => findings.error(
            &path,
            format!("{message}, and carriers hold messages until they open"),
            format!("{remedy}, or replace the hours by some with `action: block`"),
        ),
    }
}

/// The hours that a campaign meets in a country. A service keeps to all of them that are more than advice; carriers act
/// on those that say so.
pub(super) fn hours(network: &mut Network, country: usize, traits: &Traits) -> CampaignHours {
    if traits.channel == Channel::Whatsapp {
        return CampaignHours::default();
    }
    let facts = network.facts[country].clone();
    let regions = Network::regions(facts.code);
    let holidays = network.holidays_of(country);
    let mut set = |wanted: &dyn Fn(&TimeRestriction) -> bool| {
        let windows = facts.time_restrictions.iter().filter(|row| !row.alternative && wanted(row));
        let windows = windows.map(|row| window(row, &regions)).collect();
        network.hours_index(Hours { windows, holidays: holidays.clone() })
    };
    let holds = |row: &TimeRestriction| in_scope(row.scope, traits);
    let domestic = |row: &TimeRestriction| row.scope == WindowScope::DomesticMarketing;
    CampaignHours {
        legal: set(&|row| {
            row.action != WindowAction::Advisory && holds(row) && (traits.domestic[country] || !domestic(row))
        }),
        held: set(&|row| row.action == WindowAction::Queue && holds(row)),
        dropped: set(&|row| row.action == WindowAction::Block && holds(row) && !domestic(row)),
        dropped_domestic: set(&|row| row.action == WindowAction::Block && holds(row) && domestic(row)),
    }
}

fn in_scope(scope: WindowScope, traits: &Traits) -> bool {
    let marketing = traits.is_marketing();
    match scope {
        WindowScope::All => true,
        WindowScope::Marketing | WindowScope::DomesticMarketing => marketing,
        WindowScope::MarketingAndDebtCollection => marketing || traits.contains(ContentTrait::DebtCollection),
        WindowScope::FinancialSector => traits.contains(ContentTrait::Finance) || traits.contains(ContentTrait::Loans),
    }
}

fn window(row: &TimeRestriction, regions: &[&str]) -> Window {
    const WEEK: [Day; 7] =
        [Day::Monday, Day::Tuesday, Day::Wednesday, Day::Thursday, Day::Friday, Day::Saturday, Day::Sunday];
    let index = |name: &String| regions.iter().position(|region| region == name).and_then(|at| u32::try_from(at).ok());
    Window {
        weekdays: WEEK.map(|day| row.days.contains(&day)),
        holidays: row.days.contains(&Day::PublicHoliday),
        from: row.blocked_from.seconds(),
        to: row.blocked_to.seconds(),
        regions: (!row.only_in.is_empty()).then(|| row.only_in.iter().filter_map(index).collect()),
    }
}
