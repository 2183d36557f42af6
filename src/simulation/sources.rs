//! What always happens next in the same way: each campaign's next hand-over and each lane's next slot.
//!
//! A lane or a campaign has at most one thing pending, so a small heap of keys holds them all, beside the event list, which
//! keeps what is rare. A key is (time, rank, who) in one number, so that comparing is one comparison.
//!
//! The one that happens is most often followed by the next of the same lane or campaign: its place at the top is left open
//! until then, and filled without moving the others twice.
//!
//! Not here: what the ranks mean.

use crate::units::SimTime;

/// When, in which rank of the instant, and who.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u128);

impl Key {
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

/// Children of a place.
const ARITY: usize = 4;

/// The heap.
#[derive(Debug, Default)]
pub(super) struct Sources {
    heap: Vec<Key>,
    /// Whether the top was taken and nothing has come in its place.
    open: bool,
}

impl Sources {
    /// The first.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<Key> {
        if self.open {
            self.open = false;
            let last = self.heap.pop().expect("the top is open");
            if !self.heap.is_empty() {
                self.sink(last);
            }
        }
        self.heap.first().copied()
    }

    /// Takes the first, which was looked at before.
    #[inline]
    pub(super) fn take(&mut self) {
        debug_assert!(!self.open && !self.heap.is_empty(), "only what was seen is taken");
        self.open = true;
    }

    /// Adds one.
    #[inline]
    pub(super) fn push(&mut self, key: Key) {
        if self.open {
            self.open = false;
            return self.sink(key);
        }
        let mut place = self.heap.len();
        self.heap.push(key);
        while place > 0 {
            let parent = (place - 1) / ARITY;
            if self.heap[parent] <= key {
                break;
            }
            self.heap[place] = self.heap[parent];
            place = parent;
        }
        self.heap[place] = key;
    }

    /// Puts `key` in the place of the top.
    #[inline]
    fn sink(&mut self, key: Key) {
        let mut place = 0;
        loop {
            let first = place * ARITY + 1;
            let children = self.heap.get(first..self.heap.len().min(first + ARITY)).unwrap_or(&[]);
            let Some((child, least)) = children.iter().copied().enumerate().min_by_key(|(_, key)| *key) else { break };
            if key <= least {
                break;
            }
            self.heap[place] = least;
            place = first + child;
        }
        self.heap[place] = key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn keys_keep_their_parts_and_order() {
        let key = |at, rank, who| Key::new(SimTime::from_nanos(at), rank, who);
        let parts = |key: Key| (key.at().as_nanos(), key.rank(), key.who());
        assert_eq!(parts(key(u64::MAX, 255, u32::MAX)), (u64::MAX, 255, u32::MAX));
        assert_eq!(parts(key(5, 70, 3)), (5, 70, 3));
        assert!(
            key(1, 255, u32::MAX) < key(2, 0, 0) && key(2, 1, u32::MAX) < key(2, 2, 0) && key(2, 2, 0) < key(2, 2, 1)
        );
    }

    /// Aim: the first is the least, however takes and pushes follow each other. Method: a sorted set beside it.
    #[test]
    fn it_agrees_with_a_sorted_set() {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut dice = |n: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % n
        };
        let (mut sources, mut set) = (Sources::default(), BTreeSet::new());
        for who in 0..200_000 {
            if dice(100) < 52 {
                let key = Key::new(SimTime::from_nanos(dice(1_000)), dice(3) as u8, who);
                sources.push(key);
                set.insert(key);
            } else {
                let first = sources.peek();
                assert_eq!(first, set.first().copied());
                if let Some(first) = first {
                    sources.take();
                    set.remove(&first);
                }
            }
        }
        assert!(set.len() > 100, "the heap has been deep");
    }
}
