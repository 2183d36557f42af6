//! Fines that a design may draw upon its owner: what carriers pass on when they find one content spread over many numbers.
//!
//! An exposure and no cost: nobody can say how often a carrier finds it. Not here: what filters make of the same design,
//! and fines for what a scenario does not show.

use std::collections::BTreeSet;

use crate::kernel::samplers::Chance;
use crate::model::sender::SenderType;
use crate::model::{Campaign, Channel, Fine, Model};
use crate::units::Money;

/// Numbers that one content may come from before it is taken for evasion: as many as the catalogue's filter takes for
/// harmless where they are registered. No carrier publishes a figure.
const HANDFUL: usize = 5;

/// What the carriers of these countries may pass on, by content, carrier and type of number.
pub(super) fn exposures(model: &Model) -> Vec<Fine> {
    let mut fines = Vec::new();
    for fingerprint in 0..model.fingerprints {
        let texts: Vec<usize> =
            (0..model.campaigns.len()).filter(|index| spreads(&model.campaigns[*index], fingerprint)).collect();
        for carrier in 0..model.carriers.len() {
            let amount = model.carriers[carrier].evasion_fine;
            if amount == Money::ZERO {
                continue;
            }
            for kind in [SenderType::LongCode, SenderType::TollFree] {
                let (campaigns, numbers) = numbers(model, &texts, carrier, kind);
                if numbers.len() > HANDFUL {
                    let names = campaigns.iter().map(|index| model.campaigns[*index].name.as_str());
                    let names = names.collect::<Vec<_>>().join(", ");
                    let kind = if kind == SenderType::LongCode { "long codes" } else { "toll-free numbers" };
                    let why = format!("the content of {names} comes from {} {kind}", numbers.len());
                    let carrier = model.carriers[carrier].id.clone();
                    fines.push(Fine { carrier, item: "programme evasion (snowshoeing)", amount, why });
                }
            }
        }
    }
    fines
}

/// Whether a campaign sends this content from numbers, as an application.
fn spreads(campaign: &Campaign, fingerprint: usize) -> bool {
    campaign.fingerprint == fingerprint && campaign.channel == Channel::Sms && !campaign.person_to_person
}

/// The campaigns that meet people of a carrier, and their numbers of one type that it lets through.
fn numbers(model: &Model, texts: &[usize], carrier: usize, kind: SenderType) -> (Vec<usize>, BTreeSet<u32>) {
    let country = model.carriers[carrier].country;
    let meets = |index: &usize| {
        let people = model.population(*index);
        let at = people.country_index.iter().position(|other| *other == country);
        at.filter(|at| people.countries.allows(*at)).is_some_and(|at| {
            let (choice, carriers) = &people.carriers[at];
            carriers.iter().position(|other| *other == carrier).is_some_and(|other| choice.allows(other))
        })
    };
    let campaigns: Vec<usize> = texts.iter().copied().filter(meets).collect();
    // Where the short code reaches everybody, nobody is given a long code instead.
    let all_reached = model.carriers[carrier].short_code.0 == Chance::ALWAYS;
    let sets = campaigns.iter().flat_map(|index| {
        let [first, other] = model.sets(&model.campaigns[*index], country);
        [first, other.filter(|_| !all_reached)].into_iter().flatten()
    });
    let senders = sets.flat_map(|set| &model.candidate_sets[set].senders).copied();
    let counts = |sender: &u32| {
        let taken = model.terms_of_sender(*sender, carrier).is_some_and(|terms| terms.refusal.is_none());
        model.senders[*sender as usize].kind == kind && taken
    };
    let numbers = senders.filter(counts).collect();
    (campaigns, numbers)
}
