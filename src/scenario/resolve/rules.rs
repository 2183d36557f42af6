//! What a country's rules make of one campaign: content that is not allowed, characters that operators add, hours that
//! are closed.

use super::network::Network;
use crate::catalogue::{
    self, Country, Day, MutationTarget, RuleAction, RuleScope, TimeRestriction, WindowAction, WindowScope,
};
use crate::model::content::ContentTrait;
use crate::model::encoding::{SegmentLimits, segment};
use crate::model::hours::{Hours, Window};
use crate::model::sender::SenderType;
use crate::model::terms::{SenderClass, Shown};
use crate::model::{CampaignHours, ContentVerdict, Kind};

/// What rules ask of a campaign.
pub(super) struct Traits {
    /// What it is for.
    pub kind: Kind,
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
            of_text && traits.falls_under(&mutation.applies_to, class)
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
    let sizes = facts.segment_sizes(kind);
    SegmentLimits {
        gsm7_single: sizes.gsm7_single,
        gsm7_multi: sizes.gsm7_part,
        ucs2_single: sizes.ucs2_single,
        ucs2_multi: sizes.ucs2_part,
    }
}

/// The hours that a campaign meets in a country. A service keeps to all of them that are more than advice; carriers act
/// on those that say so.
pub(super) fn hours(network: &mut Network, country: usize, traits: &Traits) -> CampaignHours {
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
        legal: set(&|row| row.action != WindowAction::Advisory && holds(row)),
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
