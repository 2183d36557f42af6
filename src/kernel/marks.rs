//! Places in a long row where something ends: a bit for each place, set where it does. The row only grows at its end, and is asked for
//! the last mark up to a place; what lies so far back that nobody asks for it any more is let go.
//!
//! Not here: what the places are.

use std::collections::VecDeque;

/// Bits of a word.
const WORD: u64 = u64::BITS as u64;

/// The row. Its last places are at hand; what is further back is kept apart, where anybody may still ask for it.
#[derive(Clone, Debug)]
pub struct Marks {
    end: u64,
    /// The word that holds the end, and the one before it.
    last: u64,
    before: u64,
    older: Option<Box<Older>>,
}

/// Words before those at hand.
#[derive(Clone, Debug, Default)]
struct Older {
    /// The index of the first of them.
    first: u64,
    words: VecDeque<u64>,
}

impl Default for Marks {
    /// A row of no length, with a mark at its end.
    fn default() -> Self {
        Marks { end: 0, last: 1, before: 0, older: None }
    }
}

impl Marks {
    /// The end, which is a mark.
    #[inline]
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Adds so many places, with a mark at the new end. `asked`: the first mark, up to the present end, that may be asked for
    /// from now on; it never goes back.
    #[inline]
    pub fn add(&mut self, places: u64, asked: u64) {
        let end = self.end + places;
        if end / WORD > self.end / WORD {
            self.turn_over(end / WORD, asked);
        }
        self.end = end;
        self.last |= 1 << (end % WORD);
    }

    /// The word of the end becomes number `last`.
    #[cold]
    fn turn_over(&mut self, last: u64, asked: u64) {
        // What nobody asks for goes first: of what stays none is missing.
        if let Some(older) = &mut self.older {
            while older.first < asked / WORD && older.words.pop_front().is_some() {
                older.first += 1;
            }
            if older.words.is_empty() {
                self.older = None;
            }
        }
        for number in self.end / WORD + 1..=last {
            // The word that was before the last one is no longer at hand.
            if number >= 2 && asked / WORD <= number - 2 {
                let older = self.older.get_or_insert_default();
                if older.words.is_empty() {
                    older.first = number - 2;
                }
                older.words.push_back(self.before);
            }
            (self.before, self.last) = (self.last, 0);
        }
    }

    /// The last mark up to a place, which lies at the end or before it, and not before the first mark that may be asked for.
    #[inline]
    pub fn last_up_to(&self, place: u64) -> u64 {
        let (number, present) = (place / WORD, self.end / WORD);
        let word = if number == present { self.last } else { self.word(number) };
        let up_to = word << (WORD - 1 - place % WORD);
        if up_to != 0 { place - u64::from(up_to.leading_zeros()) } else { self.last_before(number) }
    }

    /// The last mark before a word.
    #[cold]
    fn last_before(&self, mut number: u64) -> u64 {
        loop {
            number = number.checked_sub(1).expect("there is a mark at the first place");
            let word = self.word(number);
            if word != 0 {
                return number * WORD + u64::from(word.ilog2());
            }
        }
    }

    /// The first mark behind a place that lies before the end.
    pub fn first_after(&self, place: u64) -> u64 {
        let mut number = (place + 1) / WORD;
        let mut word = self.word(number) & (u64::MAX << ((place + 1) % WORD));
        while word == 0 {
            number += 1;
            word = self.word(number);
        }
        number * WORD + u64::from(word.trailing_zeros())
    }

    fn word(&self, number: u64) -> u64 {
        match self.end / WORD - number {
            0 => self.last,
            1 => self.before,
            _ => {
                let older = self.older.as_ref().expect("nobody asks for what was let go");
                older.words[usize::try_from(number - older.first).expect("a place in memory")]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::dice::dice;

    /// Aim: it finds what a list of all marks would, however long the row and however far back it is asked. Method: both beside each
    /// other, with rows that lag behind by little, by much, and by nothing.
    #[test]
    fn it_finds_what_a_list_finds() {
        let mut dice = dice(88_172_645_463_325_252);
        for lag in [0, 1, 5, 63, 64, 65, 130, 1_000, 100_000] {
            let (mut marks, mut list) = (Marks::default(), vec![0u64]);
            let mut asked = 0u64;
            for step in 0..5_000 {
                let places = if dice(100) == 0 { 1 + dice(300) } else { 1 + dice(4) };
                marks.add(places, asked);
                list.push(list[list.len() - 1] + places);
                let end = *list.last().unwrap();
                assert_eq!(marks.end(), end);
                let last_up_to = |place: u64| list[list.partition_point(|mark| *mark <= place) - 1];
                // What is asked for never goes back, and begins at a mark.
                asked = asked.max(last_up_to(end.saturating_sub(lag)));
                for place in [asked, end, asked + dice(end - asked + 1), asked + dice(end - asked + 1)] {
                    assert_eq!(marks.last_up_to(place), last_up_to(place), "lag {lag}, step {step}");
                    if place < end {
                        assert_eq!(marks.first_after(place), list[list.partition_point(|mark| *mark <= place)]);
                    }
                }
                let kept = marks.older.as_ref().map_or(0, |older| older.words.len() as u64);
                assert!(kept <= (end - asked) / WORD + 12, "{kept} words for {} places", end - asked);
            }
        }
    }
}
