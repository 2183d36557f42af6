//! Recipients, regenerated from keys: what belongs to a person is drawn by (seed, replication, population, number of
//! the person), so the same person looks the same to every campaign and every design.

use sendpool::kernel::draws::Draws;
use sendpool::kernel::permutation::Permutation;
use sendpool::kernel::samplers::Categorical;
use sendpool::model::replay::Replay;
use sendpool::model::{Model, People, Pick, Population};

use sendpool::simulation::observer::Message;
use sendpool::simulation::purpose;

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

impl Identity {
    /// What stands for an audience with people whom traces name.
    const OF_A_TRACE: u32 = u32::MAX;
}

/// The recipient of message `number` of campaign `campaign`; repetitions and answers go to the same person.
pub fn recipient(model: &Model, draws: Draws, campaign: usize, number: u64) -> Person {
    let number = number & ((1 << Message::ORIGIN_BITS) - 1);
    let stream = model.campaign_stream(campaign);
    match &model.campaigns[campaign].people {
        People::Fresh(population) => person(model, draws, population, (stream, number), Told::default()),
        People::Trace(replay) => of_trace(model, draws, replay, stream, number),
        People::Audience { audience: index, pick } => {
            let audience = &model.audiences[*index];
            let picked = match pick {
                Pick::EachOnce => Permutation::new(draws, stream, purpose::PICK, audience.size).apply(number),
                Pick::Uniform => {
                    let bits = draws.block(stream, purpose::PICK, number).bits64(0);
                    u64::try_from((u128::from(bits) * u128::from(audience.size)) >> 64).expect("below the size")
                }
            };
            let key = (audience.stream, picked);
            let mut person = person(model, draws, &audience.population, key, Told::default());
            if audience.met_again {
                let audience = u32::try_from(*index).expect("the number of audiences is limited");
                person.identity = Some(Identity { audience, number: picked });
            }
            person
        }
    }
}

/// The recipient of row `number`. People whom traces name are the same to every campaign that replays one.
fn of_trace(model: &Model, draws: Draws, replay: &Replay, stream: u32, number: u64) -> Person {
    let row = &replay.rows[usize::try_from(number).expect("a row in memory")];
    let key = row.person().map_or((stream, number), |person| (Model::TRACE_STREAM, person));
    let told = Told { drawn: replay.drawn.as_ref(), place: row.place(), carrier: row.carrier() };
    let mut person = person(model, draws, &replay.population, key, told);
    if row.is_met_again() {
        person.identity = row.person().map(|number| Identity { audience: Identity::OF_A_TRACE, number });
    }
    person
}

/// What is known of a person beforehand.
#[derive(Clone, Copy, Default)]
struct Told<'a> {
    /// How the country is drawn, other than by the population.
    drawn: Option<&'a Categorical>,
    /// The place of their country in the population.
    place: Option<usize>,
    /// The index of their carrier.
    carrier: Option<usize>,
}

fn person(model: &Model, draws: Draws, population: &Population, key: (u32, u64), told: Told) -> Person {
    let (stream, number) = key;
    let block = draws.block(stream, purpose::PERSON, number);
    let countries = told.drawn.unwrap_or(&population.countries);
    let place = told.place.unwrap_or_else(|| countries.pick(block.bits32(0)));
    let (choice, carriers) = &population.carriers[place];
    let carrier = told.carrier.unwrap_or_else(|| carriers[choice.pick(block.bits32(1))]);
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
        key,
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
