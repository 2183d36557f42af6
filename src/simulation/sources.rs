//! What always happens next in the same way: each campaign's next hand-over and each lane's next slot.
//!
//! A lane or a campaign has at most one thing pending, so each has a place of its own in a tournament: a tree in which every
//! node holds the earlier of its two. What is rare is in the event list beside it. A key is (time, rank, who) in one number, so
//! that comparing is one comparison.
//!
//! Not here: what the ranks mean.

use crate::kernel::event_list::Instant;
use crate::units::SimTime;

/// When, in which rank of the instant, and who.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u128);

impl Key {
    /// Later than everything.
    pub(super) const NEVER: Key = Key(u128::MAX);

    /// The key of `who` in `rank` at `at`.
    #[inline]
    pub(super) fn new(at: SimTime, rank: u8, who: u32) -> Key {
        Key(u128::from(at.as_nanos()) << 64 | u128::from(rank) << 32 | u128::from(who))
    }

    /// When.
    #[inline]
    pub(super) fn at(self) -> SimTime {
        SimTime::from_nanos((self.0 >> 64) as u64)
    }

    /// When, and in which rank.
    #[inline]
    pub(super) fn instant(self) -> Instant {
        Instant::new(self.at(), self.rank())
    }

    /// The rank.
    #[inline]
    pub(super) fn rank(self) -> u8 {
        (self.0 >> 32) as u8
    }

    /// Who.
    #[inline]
    pub(super) fn who(self) -> u32 {
        self.0 as u32
    }
}

/// The tournament.
#[derive(Debug)]
pub(super) struct Sources {
    /// The pairs that meet: the final at 1, and the winners of 2n and 2n + 1 at n. The places are those of the lowest rounds.
    pairs: Vec<[Key; 2]>,
    /// Half the places, a power of two.
    half: usize,
    first: Key,
}

impl Sources {
    /// So many places with nothing pending.
    pub(super) fn new(places: usize) -> Sources {
        let half = places.next_power_of_two().max(2) / 2;
        Sources { pairs: vec![[Key::NEVER; 2]; 2 * half], half, first: Key::NEVER }
    }

    /// The first.
    #[inline]
    pub(super) fn first(&self) -> Key {
        self.first
    }

    /// The first but for the one at a place.
    #[inline]
    pub(super) fn first_beside(&self, place: usize) -> Key {
        let mut node = 2 * self.half + place;
        let mut least = Key::NEVER;
        while node > 1 {
            least = least.min(self.pairs[node / 2][(node % 2) ^ 1]);
            node /= 2;
        }
        least
    }

    /// What is pending at a place.
    #[inline]
    pub(super) fn set(&mut self, place: usize, key: Key) {
        let mut node = 2 * self.half + place;
        let mut winner = key;
        while node > 1 {
            let pair = &mut self.pairs[node / 2];
            pair[node % 2] = winner;
            // The other one only: what has just been written need not be read again.
            winner = winner.min(pair[(node % 2) ^ 1]);
            node /= 2;
        }
        self.first = winner;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::dice::dice;

    #[test]
    fn keys_keep_their_parts_and_order() {
        let key = |at, rank, who| Key::new(SimTime::from_nanos(at), rank, who);
        let parts = |key: Key| (key.at().as_nanos(), key.rank(), key.who());
        assert_eq!(parts(key(u64::MAX, 254, u32::MAX)), (u64::MAX, 254, u32::MAX));
        assert_eq!(parts(key(5, 70, 3)), (5, 70, 3));
        assert!(
            key(1, 255, u32::MAX) < key(2, 0, 0) && key(2, 1, u32::MAX) < key(2, 2, 0) && key(2, 2, 0) < key(2, 2, 1)
        );
        assert!(key(u64::MAX, 254, 0) < Key::NEVER);
    }

    /// Aim: the first is the least of all places. Method: a look at all of them, as they change at random.
    #[test]
    fn the_first_is_the_least() {
        let mut dice = dice(0x2545_f491_4f6c_dd1d);
        for places in [1, 2, 3, 22, 64, 100] {
            let mut sources = Sources::new(places);
            let mut all = vec![Key::NEVER; places];
            for _ in 0..5_000 {
                let place = dice(places as u64) as usize;
                let key = Key::new(SimTime::from_nanos(dice(1_000)), dice(3) as u8, place as u32);
                let key = if dice(4) == 0 { Key::NEVER } else { key };
                sources.set(place, key);
                all[place] = key;
                assert_eq!(Some(&sources.first()), all.iter().min());
                let others = all.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, key)| *key);
                assert_eq!(sources.first_beside(place), others.min().unwrap_or(Key::NEVER));
            }
        }
    }
}
