//! Recipients, regenerated from keys: what belongs to a person is drawn by (seed, replication, population, number of
//! the person), so the same person looks the same to every campaign and every design.

use crate::kernel::draws::Draws;
use crate::kernel::permutation::Permutation;
use crate::kernel::samplers::Categorical;
use crate::kernel::wide::{Blocks, Instructions, Numbers, WIDTH};
use crate::model::replay::Replay;
use crate::model::{Audience, Campaign, Model, People, Pick, Population};

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

    /// Whether a trace names them.
    pub fn is_of_a_trace(&self) -> bool {
        self.key.0 == Model::TRACE_STREAM
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
            let picked = picked(draws, audience, *pick, stream, number);
            let mut person = person(model, draws, &audience.population, (audience.stream, picked), Told::default());
            person.identity = identity(audience, *index, picked);
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
    let words = |purpose| draws.block(stream, purpose, number).words();
    of_words(model, population, key, told, words(purpose::PERSON), words(purpose::REACH))
}

/// A stranger, or the person of an audience, from the words that are drawn of them.
#[inline(always)]
fn of_words(
    model: &Model,
    population: &Population,
    key: (u32, u64),
    told: Told,
    who: [u32; 4],
    reach: [u32; 4],
) -> Person {
    let countries = told.drawn.unwrap_or(&population.countries);
    let place = told.place.unwrap_or_else(|| countries.pick(who[0]));
    let (choice, carriers) = &population.carriers[place];
    let carrier = told.carrier.unwrap_or_else(|| carriers[choice.pick(who[1])]);
    let terms = &model.carriers[carrier];
    Person {
        carrier,
        invalid: population.invalid[place].hits(who[2]),
        landline: population.landline.hits(who[3]),
        on_whatsapp: population.whatsapp.hits(reach[2]),
        short_code_reached: terms.short_code.0.hits(reach[0]),
        toll_free_reached: terms.toll_free.0.hits(reach[1]),
        identity: None,
        key,
    }
}

/// Whom a campaign writes to with many of its messages, one after the other.
pub(super) struct Crowd<'m> {
    model: &'m Model,
    draws: Draws,
    who: Blocks,
    reach: Blocks,
    /// By campaign: whether chance has a say in who its recipients are, and in what reaches them.
    asked: Vec<[bool; 2]>,
}

impl<'m> Crowd<'m> {
    /// Nobody yet.
    pub(super) fn new(model: &'m Model, draws: Draws) -> Crowd<'m> {
        let asked = model.campaigns.iter().map(|campaign| asks_chance(model, campaign)).collect();
        Crowd { model, draws, who: Blocks::default(), reach: Blocks::default(), asked }
    }

    /// Looks up the recipients of message `first` of `campaign` and of those that follow it, `count` in all, in the place of those
    /// that were there. Returns whether they are of one carrier.
    pub(super) fn look_up(
        &mut self,
        how: Instructions,
        campaign: usize,
        first: u64,
        count: usize,
        into: &mut Vec<Person>,
    ) -> bool {
        into.clear();
        let (model, draws, asked) = (self.model, self.draws, self.asked[campaign]);
        let stream = model.campaign_stream(campaign);
        match &model.campaigns[campaign].people {
            People::Trace(_) => {
                into.extend((0..count as u64).map(|index| recipient(model, draws, campaign, first + index)));
                false
            }
            People::Fresh(population) => {
                if asked == [false; 2] {
                    // Whatever the words are, it is the same person but for the number.
                    let somebody = of_words(model, population, (stream, first), Told::default(), [0; 4], [0; 4]);
                    into.extend((0..count as u64).map(|index| Person { key: (stream, first + index), ..somebody }));
                    return true;
                }
                let numbers = Numbers::from(first);
                self.draw(how, stream, asked, &numbers);
                into.extend((0..count).map(|index| self.person(population, stream, &numbers, index)));
                !asked[0]
            }
            People::Audience { audience: which, pick } => {
                let audience = &model.audiences[*which];
                // Beyond the campaign's messages there may be nobody left in the audience.
                let picked = |index: usize| {
                    if index < count { picked(draws, audience, *pick, stream, first + index as u64) } else { 0 }
                };
                let numbers = Numbers::of(picked);
                self.draw(how, audience.stream, asked, &numbers);
                into.extend((0..count).map(|index| Person {
                    identity: identity(audience, *which, numbers.get(index)),
                    ..self.person(&audience.population, audience.stream, &numbers, index)
                }));
                !asked[0]
            }
        }
    }

    /// Draws words where chance has a say; where it has none, those drawn last serve as well as any.
    fn draw(&mut self, how: Instructions, stream: u32, [who, reach]: [bool; 2], numbers: &Numbers) {
        if who {
            self.who.draw(how, &self.draws, stream, purpose::PERSON, numbers);
        }
        if reach {
            self.reach.draw(how, &self.draws, stream, purpose::REACH, numbers);
        }
    }

    #[inline(always)]
    fn person(&self, population: &Population, stream: u32, numbers: &Numbers, index: usize) -> Person {
        let at = index % WIDTH;
        let words = |blocks: &Blocks| [0, 1, 2, 3].map(|word| blocks.bits32(word)[at]);
        let key = (stream, numbers.get(at));
        of_words(self.model, population, key, Told::default(), words(&self.who), words(&self.reach))
    }
}

/// Whether chance has a say in who the recipients of a campaign are, and in what reaches them.
fn asks_chance(model: &Model, campaign: &Campaign) -> [bool; 2] {
    let population = match &campaign.people {
        People::Fresh(population) => population,
        People::Audience { audience, .. } => &model.audiences[*audience].population,
        People::Trace(_) => return [true; 2],
    };
    let carriers =
        || population.carriers.iter().flat_map(|(_, carriers)| carriers).map(|index| &model.carriers[*index]);
    let who = population.countries.len() > 1
        || population.carriers.iter().any(|(choice, _)| choice.len() > 1)
        || !population.invalid.iter().all(|chance| chance.is_certain())
        || !population.landline.is_certain();
    let reach = !population.whatsapp.is_certain()
        || carriers().any(|carrier| !carrier.short_code.0.is_certain() || !carrier.toll_free.0.is_certain());
    [who, reach]
}

/// The number, within its audience, of the recipient of a message.
fn picked(draws: Draws, audience: &Audience, pick: Pick, stream: u32, number: u64) -> u64 {
    match pick {
        Pick::EachOnce => Permutation::new(draws, stream, purpose::PICK, audience.size).apply(number),
        Pick::Uniform => {
            let bits = draws.block(stream, purpose::PICK, number).bits64(0);
            u64::try_from((u128::from(bits) * u128::from(audience.size)) >> 64).expect("below the size")
        }
    }
}

/// Who somebody of an audience is, if they can be met again.
fn identity(audience: &Audience, index: usize, number: u64) -> Option<Identity> {
    let index = u32::try_from(index).expect("the number of audiences is limited");
    audience.met_again.then_some(Identity { audience: index, number })
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
