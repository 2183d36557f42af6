//! How a carrier treats the senders of one entry of the pool: the facts of country and carrier, applied to what the entry
//! says about its type, home and registrations.

use std::ops::Deref;

use super::network::Network;
use super::pool::{Entry, lane_mode, lane_rate};
use crate::catalogue::{
    ApplicationTraffic, CarrierAlphanumeric, Country, FilterClass as Class, FilterModel, MutationTarget, RuleScope,
    ShownAs, Support, Unregistered,
};
use crate::model::ending::Ending;
use crate::model::filter::FilterClass;
use crate::model::sender::SenderType;
use crate::model::terms::{SenderClass, Shown, Terms, TrafficRule};
use crate::scenario::spec::{Registered, RegistrationStatus, Scenario};

/// The terms of an entry at a carrier; `None` when its senders cannot be used there at all.
pub(super) fn terms(spec: &Scenario, entry: &Entry, network: &Network, carrier: usize) -> Option<Terms> {
    let country = network.carriers[carrier].country;
    let facts = &Place { facts: &network.facts[country], filter: &network.filter.model };
    // The test bench has no rates of its own: a foreign sender that names none is not meant for it.
    let foreign = entry.home.is_some_and(|home| home != facts.code);
    if foreign && lane_rate(entry, network, country, lane_mode(entry)).is_none() {
        return None;
    }
    let mut terms = match entry.spec.kind {
        SenderType::ShortCode => short_code(entry, facts),
        SenderType::Alphanumeric => name(entry, facts, &network.carriers[carrier].id),
        SenderType::LongCode if foreign => foreign_number(facts),
        SenderType::LongCode => long_code(entry, facts),
        SenderType::TollFree if offered(facts.senders.toll_free.offered) => {
            Some(toll_free(entry, facts, network.filters_toll_free(spec, carrier)))
        }
        SenderType::TollFree => foreign_number(facts),
        SenderType::Whatsapp => whatsapp(facts),
    }?;
    if network.is_ideal_in(country) {
        terms.filter = None;
    }
    Some(terms)
}

fn offered(support: Support) -> bool {
    support != Support::No
}

/// A country and how its carriers filter.
struct Place<'a> {
    facts: &'a Country,
    filter: &'a FilterModel,
}

impl Deref for Place<'_> {
    type Target = Country;
    fn deref(&self) -> &Country {
        self.facts
    }
}

impl Place<'_> {
    fn plain(&self, class: SenderClass, filter: Option<Class>, two_way: Support) -> Terms {
        Terms {
            class,
            refusal: None,
            rule: TrafficRule::Any,
            filter: filter.filter(|_| self.filter.enabled).map(|class| self.filter_class(class)),
            counts_as_number: matches!(
                class,
                SenderClass::LongCode | SenderClass::ForeignNumber | SenderClass::TollFree
            ),
            shown: Shown::AsSent,
            two_way: two_way != Support::No,
        }
    }

    /// The more of the odds is drawn, the more of the intercept is the one that makes up for it.
    fn filter_class(&self, class: Class) -> FilterClass {
        let known = self.filter.class(class);
        let weight = self.filter.frailty.weight;
        FilterClass {
            base: known.intercept + weight * (known.intercept_frail - known.intercept),
            free_volume: known.free_volume.map(f64::from),
            free_senders: known.free_numbers.map(f64::from),
        }
    }
}

/// A short code reaches its own country alone.
fn short_code(entry: &Entry, facts: &Place) -> Option<Terms> {
    let known = &facts.senders.short_code;
    let home = entry.home == Some(facts.code);
    let usable = home && offered(known.offered);
    usable.then(|| facts.plain(SenderClass::ShortCode, Some(Class::ShortCode), known.two_way))
}

/// A long code of the country.
fn long_code(entry: &Entry, facts: &Place) -> Option<Terms> {
    let known = &facts.senders.long_code;
    if !offered(known.offered) {
        return None;
    }
    let ten_dlc = entry.spec.ten_dlc.as_ref();
    let demanded = known.application_traffic == ApplicationTraffic::RegisteredOnly;
    let registered = ten_dlc.is_some() || is_registered(entry, facts);
    let class = match known.application_traffic {
        _ if ten_dlc.is_some() => Class::TenDlcRegistered,
        ApplicationTraffic::StrictlyFiltered => Class::Unregistered,
        ApplicationTraffic::RegisteredOnly if !registered => Class::Unregistered,
        _ => Class::LongCodeAllowed,
    };
    let mut terms = facts.plain(SenderClass::LongCode, Some(class), known.two_way);
    terms.refusal = match ten_dlc.map(|registration| registration.status) {
        Some(RegistrationStatus::Pending) => Some(Ending::TenDlcPending),
        Some(RegistrationStatus::Approved) => None,
        None => (demanded && !registered).then_some(Ending::NumberUnregistered),
    };
    terms.rule = match known.application_traffic {
        ApplicationTraffic::PersonToPersonOnly => TrafficRule::PersonToPerson,
        ApplicationTraffic::OneTimePasswordOnly => TrafficRule::OneTimeCodes,
        ApplicationTraffic::AllowedNoMarketing => TrafficRule::NoMarketing,
        _ => TrafficRule::Any,
    };
    Some(terms)
}

/// A number of another country, or a toll-free number where it is none.
fn foreign_number(facts: &Place) -> Option<Terms> {
    let known = &facts.senders.international_long_code;
    let always_refused = known.shown_as == [ShownAs::Refused];
    if !offered(known.offered) || always_refused {
        return None;
    }
    let strict = matches!(
        facts.senders.long_code.application_traffic,
        ApplicationTraffic::StrictlyFiltered | ApplicationTraffic::RegisteredOnly
    );
    let class = if strict { Class::Unregistered } else { Class::LongCodeAllowed };
    let mut terms = facts.plain(SenderClass::ForeignNumber, Some(class), known.two_way);
    // Several entries mean that it depends on the carrier; the first is the usual one.
    terms.shown = known.shown_as.first().map_or(Shown::Unknown, |shown| match shown {
        ShownAs::Original => Shown::AsSent,
        ShownAs::OriginalRewritten => Shown::Rewritten,
        ShownAs::ShortCode | ShownAs::LongCode | ShownAs::Alphanumeric | ShownAs::Numeric => Shown::Overwritten,
        ShownAs::Label => Shown::Labelled,
        ShownAs::Refused | ShownAs::BestEffort | ShownAs::Unknown => Shown::Unknown,
    });
    Some(terms)
}

/// A toll-free number where it is one.
fn toll_free(entry: &Entry, facts: &Place, strict: bool) -> Terms {
    let known = &facts.senders.toll_free;
    let class = if strict { Class::Unregistered } else { Class::TollFreeVerified };
    let mut terms = facts.plain(SenderClass::TollFree, Some(class), known.two_way);
    let unverified = known.verification_required && entry.spec.verified == Some(false);
    terms.refusal = unverified.then_some(Ending::TollFreeUnverified);
    terms
}

fn whatsapp(facts: &Place) -> Option<Terms> {
    let known = &facts.senders.whatsapp;
    offered(known.offered).then(|| facts.plain(SenderClass::Whatsapp, None, known.two_way))
}

/// What becomes of a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Shown(Shown),
    Ends(Ending),
}

/// A name: the carrier's own way with it first, then the country's.
fn name(entry: &Entry, facts: &Place, carrier: &str) -> Option<Terms> {
    let known = &facts.senders.alphanumeric;
    let meant = entry.spec.countries.is_empty() || entry.spec.countries.iter().any(|country| country.0 == facts.code);
    let registered = is_registered(entry, facts);
    if !meant || !offered(known.offered) || (known.unregistered == Unregistered::Refused && !registered) {
        return None;
    }
    let class = if registered { SenderClass::RegisteredName } else { SenderClass::Name };
    let mut terms = facts.plain(class, Some(Class::Alphanumeric), Support::No);
    let word = facts.carrier(carrier).expect("a carrier of this country").alphanumeric;
    let elsewhere = unregistered(known.unregistered);
    let unless_registered = |fate| if registered { Fate::Shown(Shown::AsSent) } else { fate };
    let fate = match word {
        CarrierAlphanumeric::Kept | CarrierAlphanumeric::KeptWithDenyList => Fate::Shown(Shown::AsSent),
        CarrierAlphanumeric::KeptIfRegistered
        | CarrierAlphanumeric::RegistrationPossible
        | CarrierAlphanumeric::NationalRegisterOnly
        | CarrierAlphanumeric::DomesticRegistrationOnly => unless_registered(elsewhere),
        CarrierAlphanumeric::BlockedUnlessRegistered => unless_registered(Fate::Ends(Ending::NameUnregistered)),
        CarrierAlphanumeric::OverwrittenUnlessRegistered => unless_registered(Fate::Shown(Shown::Overwritten)),
        CarrierAlphanumeric::Overwritten
        | CarrierAlphanumeric::OverwrittenByShortCode
        | CarrierAlphanumeric::OverwrittenByLongCode => Fate::Shown(Shown::Overwritten),
        CarrierAlphanumeric::RegisteredOneTimePasswordOnly => {
            terms.rule = TrafficRule::OneTimeCodes;
            unless_registered(Fate::Ends(Ending::NameUnregistered))
        }
        CarrierAlphanumeric::RegisteredTransactionalOnly => {
            terms.rule = TrafficRule::NoMarketing;
            unless_registered(Fate::Ends(Ending::NameUnregistered))
        }
        CarrierAlphanumeric::NotCarried if elsewhere == Fate::Shown(Shown::Overwritten) => elsewhere,
        CarrierAlphanumeric::NotCarried => Fate::Ends(Ending::TypeNotCarried),
    };
    let prefixed = facts.operator_mutations.iter().any(|mutation| {
        mutation.target == MutationTarget::Sender && mutation.applies_to.contains(&RuleScope::Alphanumeric)
    });
    match fate {
        Fate::Shown(Shown::AsSent) if prefixed => terms.shown = Shown::Rewritten,
        Fate::Shown(shown) => terms.shown = shown,
        Fate::Ends(ending) => terms.refusal = Some(ending),
    }
    Some(terms)
}

/// What the country does with an unregistered name. Where it is dropped or replaced, it is taken as dropped: a planner
/// has to reckon with that.
fn unregistered(word: Unregistered) -> Fate {
    match word {
        Unregistered::Delivered | Unregistered::MixedByCarrier => Fate::Shown(Shown::AsSent),
        Unregistered::BestEffort => Fate::Shown(Shown::Unknown),
        Unregistered::Labelled => Fate::Shown(Shown::Labelled),
        Unregistered::Overwritten => Fate::Shown(Shown::Overwritten),
        Unregistered::Blocked | Unregistered::BlockedOrOverwritten | Unregistered::Refused => {
            Fate::Ends(Ending::NameUnregistered)
        }
    }
}

/// Whether the entry is registered with the country.
fn is_registered(entry: &Entry, facts: &Place) -> bool {
    match &entry.spec.registered {
        Some(Registered::All(everywhere)) => *everywhere,
        Some(Registered::In(countries)) => countries.iter().any(|country| country.0 == facts.code),
        None => false,
    }
}
