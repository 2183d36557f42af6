//! A campaign that repeats what a trace tells: one row a message, packed. Not here: how traces are read.

use super::Population;
use crate::kernel::samplers::Categorical;
use crate::units::SimTime;

/// What stands for nothing in a packed index.
const NONE: u16 = u16::MAX;

/// The messages of a trace.
#[derive(Clone, Debug)]
pub struct Replay {
    /// In order of time: message number k is row k.
    pub rows: Vec<Row>,
    /// Who recipients are as far as rows do not tell.
    pub population: Population,
    /// The choice of a country of the population, for rows that tell none.
    pub drawn: Option<Categorical>,
}

impl Replay {
    /// The segments that the trace has for a message, if it has any. Repetitions and answers are not in it.
    pub fn segments(&self, number: u64) -> Option<u32> {
        self.rows.get(usize::try_from(number).ok()?)?.segments()
    }
}

/// What a trace tells of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// When it is meant.
    pub at: SimTime,
    /// Who it is for; zero is a stranger.
    person: u64,
    place: u16,
    carrier: u16,
    segments: u8,
    again: bool,
}

const _: () = assert!(size_of::<Row>() == 24);

impl Row {
    /// A row: the person's number (not zero), the place of their country in [`Population::country_index`], the index of
    /// their carrier, and segments, each if the trace tells.
    ///
    /// # Panics
    /// When an index does not fit into 16 bits.
    pub fn new(
        at: SimTime,
        person: Option<u64>,
        place: Option<usize>,
        carrier: Option<usize>,
        segments: Option<u8>,
    ) -> Row {
        let packed = |index: Option<usize>| {
            let index = index.map(|index| u16::try_from(index).expect("countries and carriers are few"));
            index.unwrap_or(NONE)
        };
        Row {
            at,
            person: person.unwrap_or(0),
            place: packed(place),
            carrier: packed(carrier),
            segments: segments.unwrap_or(0),
            again: false,
        }
    }

    /// Who it is for, if the trace tells.
    pub fn person(&self) -> Option<u64> {
        (self.person != 0).then_some(self.person)
    }

    /// The place of the recipient's country in [`Population::country_index`].
    pub fn place(&self) -> Option<usize> {
        (self.place != NONE).then_some(usize::from(self.place))
    }

    /// The index of the recipient's carrier.
    pub fn carrier(&self) -> Option<usize> {
        (self.carrier != NONE).then_some(usize::from(self.carrier))
    }

    /// Segments.
    pub fn segments(&self) -> Option<u32> {
        (self.segments > 0).then_some(u32::from(self.segments))
    }

    /// Whether the person is met in another row too.
    pub fn is_met_again(&self) -> bool {
        self.again
    }
}

/// Marks the rows whose people are met more than once in all these replays.
pub fn mark_people_met_again<'a>(replays: impl Iterator<Item = &'a mut Replay>) {
    let mut replays: Vec<&mut Replay> = replays.collect();
    let mut people: Vec<u64> = replays.iter().flat_map(|replay| &replay.rows).filter_map(|row| row.person()).collect();
    people.sort_unstable();
    people.shrink_to_fit();
    let again = |person: u64| {
        let first = people.partition_point(|other| *other < person);
        people.get(first + 1) == Some(&person)
    };
    for row in replays.iter_mut().flat_map(|replay| &mut replay.rows) {
        row.again = row.person().is_some_and(again);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_met_again_in_any_replay() {
        let row = |person| Row::new(SimTime::ZERO, person, None, None, None);
        let population = || Population {
            countries: Categorical::new(&[1]).unwrap(),
            country_index: vec![0],
            carriers: Vec::new(),
            invalid: Vec::new(),
            landline: crate::kernel::samplers::Chance::NEVER,
            whatsapp: crate::kernel::samplers::Chance::ALWAYS,
        };
        let replay = |people: &[Option<u64>]| Replay {
            rows: people.iter().map(|person| row(*person)).collect(),
            population: population(),
            drawn: None,
        };
        let mut two = [replay(&[Some(1), Some(2), None, None]), replay(&[Some(3), Some(2), Some(4), Some(4)])];
        mark_people_met_again(two.iter_mut());
        let met = |replay: &Replay| replay.rows.iter().map(Row::is_met_again).collect::<Vec<_>>();
        assert_eq!(met(&two[0]), [false, true, false, false]);
        assert_eq!(met(&two[1]), [false, true, true, true]);
    }
}
