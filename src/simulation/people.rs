//! Recipients, regenerated from keys: what belongs to a person is drawn by (seed, replication, population, number of
//! the person), so the same person looks the same to every campaign and every design.

use crate::kernel::draws::Draws;
use crate::kernel::permutation::Permutation;
use crate::model::{Model, People, Pick, Population};

use super::observer::Message;
use super::purpose;

/// A recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// Index of the carrier, and with it of the country.
    pub carrier: usize,
    /// Whether the number does not exist.
    pub invalid: bool,
    /// Whether the carrier takes short codes to this person.
    pub short_code_reached: bool,
    /// Whether the carrier takes toll-free numbers to this person.
    pub toll_free_reached: bool,
    /// Whether the number is a fixed line.
    pub landline: bool,
    /// Whether they are on WhatsApp.
    pub on_whatsapp: bool,
    /// Who it is, if anybody can meet them again.
    pub identity: Option<Identity>,
    /// Stream and number of their draws.
    key: (u32, u64),
}

impl Person {
    /// Stream and number of their draws.
    pub fn key(&self) -> (u32, u64) {
        self.key
    }
}

/// A person of an audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// Index of the audience.
    pub audience: u32,
    /// Number within it.
    pub number: u64,
}

/// The recipient of message `number` of campaign `campaign`; repetitions and answers go to the same person.
pub fn recipient(model: &Model, draws: Draws, campaign: usize, number: u64) -> Person {
    let number = number & ((1 << Message::ORIGIN_BITS) - 1);
    let stream = model.campaign_stream(campaign);
    match &model.campaigns[campaign].people {
        People::Fresh(population) => person(model, draws, population, stream, number),
        People::Audience { audience: index, pick } => {
            let audience = &model.audiences[*index];
            let picked = match pick {
                Pick::EachOnce => Permutation::new(draws, stream, purpose::PICK, audience.size).apply(number),
                Pick::Uniform => {
                    let bits = draws.block(stream, purpose::PICK, number).bits64(0);
                    u64::try_from((u128::from(bits) * u128::from(audience.size)) >> 64).expect("below the size")
                }
            };
            let mut person = person(model, draws, &audience.population, audience.stream, picked);
            if audience.met_again {
                let audience = u32::try_from(*index).expect("the number of audiences is limited");
                person.identity = Some(Identity { audience, number: picked });
            }
            person
        }
    }
}

fn person(model: &Model, draws: Draws, population: &Population, stream: u32, number: u64) -> Person {
    let block = draws.block(stream, purpose::PERSON, number);
    let place = population.countries.pick(block.bits32(0));
    let (choice, carriers) = &population.carriers[place];
    let carrier = carriers[choice.pick(block.bits32(1))];
    let reach = draws.block(stream, purpose::REACH, number);
    let terms = &model.carriers[carrier];
    Person {
        carrier,
        invalid: population.invalid[place].hits(block.bits32(2)),
        landline: population.landline.hits(block.bits32(3)),
        on_whatsapp: population.whatsapp.hits(reach.bits32(2)),
        short_code_reached: terms.short_code.0.hits(reach.bits32(0)),
        toll_free_reached: terms.toll_free.0.hits(reach.bits32(1)),
        identity: None,
        key: (stream, number),
    }
}

/// Where a person lives: the index of the place within their country. Only drawn when somebody asks.
pub fn place(model: &Model, draws: Draws, person: &Person) -> usize {
    let places = &model.countries[model.carriers[person.carrier].country].places;
    if places.list.len() == 1 {
        return 0;
    }
    let (stream, number) = person.key;
    places.choice.pick(draws.block(stream, purpose::PLACE, number).bits32(0))
}
