//! The future event list: events leave by (time, rank, first key, second key).
//!
//! The order is by content alone. Two entries that agree in all four parts must be interchangeable; nothing is ever
//! ordered by insertion or at random, so results cannot depend on how events came to be scheduled.
//!
//! It is a ladder in the manner of the radix heap (Ahuja, Mehlhorn, Orlin and Tarjan, "Faster algorithms for the shortest
//! path problem", 1990): a time waits in the rung of the highest byte in which it differs from the present, in the bucket
//! of that byte. When the next bucket is small it is sorted and becomes what leaves next; when it is large its entries
//! climb down to lower rungs first. What is scheduled into the stretch that is leaving goes to a heap beside it. So most
//! entries are moved a few times between short lists and sorted once among few, and what lies days ahead costs nothing
//! until then.
//!
//! Events lie in a slab and stay where they are; what moves is a key and a place in the slab, 32 bytes.
//!
//! Not here: what the events and ranks are (see the simulation).

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::units::SimTime;

/// A bucket of at most so many entries is sorted as it is.
const SORTED_MAX: usize = 512;
/// Buckets of a rung: the values of a byte.
const BUCKETS: usize = 256;
/// Bytes of a time.
const RUNGS: usize = 8;
/// A list that was once longer gives its memory back when it is empty.
const KEPT_MAX: usize = 1 << 15;

/// When an event happens, and its place among the events of that instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKey {
    /// The instant.
    pub at: SimTime,
    /// The kind's place within an instant, lowest first.
    pub rank: u8,
    /// First tie-breaker within a rank.
    pub first: u64,
    /// Second tie-breaker.
    pub second: u64,
}

/// A key, and where its event lies.
#[derive(Clone, Copy, Debug)]
struct Entry {
    at: u64,
    first: u64,
    second: u64,
    rank: u8,
    place: u32,
}

const _: () = assert!(size_of::<Entry>() == 32, "what moves is small");

impl Entry {
    fn key(&self) -> EventKey {
        EventKey { at: SimTime::from_nanos(self.at), rank: self.rank, first: self.first, second: self.second }
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        // The instant tells nearly always.
        self.at
            .cmp(&other.at)
            .then_with(|| (self.rank, self.first, self.second).cmp(&(other.rank, other.first, other.second)))
    }
}

/// The entries that do not leave yet.
#[derive(Clone, Debug)]
struct Ladder {
    /// By rung, then by the value of its byte.
    buckets: Vec<Vec<Entry>>,
    /// By rung, which buckets hold anything: a bit each.
    filled: [[u64; BUCKETS / 64]; RUNGS],
    /// The time from which differences are counted: all entries are later, or have just come down to it.
    base: u64,
}

impl Ladder {
    fn new() -> Ladder {
        Ladder { buckets: vec![Vec::new(); RUNGS * BUCKETS], filled: [[0; BUCKETS / 64]; RUNGS], base: 0 }
    }

    #[inline]
    fn push(&mut self, entry: Entry) {
        let rung = (63 - ((entry.at ^ self.base) | 1).leading_zeros() as usize) / 8;
        let byte = (entry.at >> (8 * rung)) as usize % BUCKETS;
        self.filled[rung][byte / 64] |= 1 << (byte % 64);
        self.buckets[rung * BUCKETS + byte].push(entry);
    }

    /// The lowest rung that holds anything, and the first bucket there: what is next.
    fn first(&self) -> Option<(usize, usize)> {
        self.filled.iter().enumerate().find_map(|(rung, words)| {
            let word = words.iter().position(|word| *word != 0)?;
            Some((rung, word * 64 + words[word].trailing_zeros() as usize))
        })
    }

    /// Takes the next stretch into `next`, which is empty, sorted with the earliest last. Returns the last instant of it, or
    /// `None` when there is nothing.
    fn take(&mut self, next: &mut Vec<Entry>) -> Option<u64> {
        loop {
            let (rung, byte) = self.first()?;
            self.filled[rung][byte / 64] &= !(1 << (byte % 64));
            let below = (1_u64 << (8 * rung)) - 1;
            let lower = below << 8 | 0xff;
            self.base = self.base & !lower | (byte as u64) << (8 * rung);
            let bucket = rung * BUCKETS + byte;
            if rung == 0 || self.buckets[bucket].len() <= SORTED_MAX {
                std::mem::swap(next, &mut self.buckets[bucket]);
                next.sort_unstable_by_key(|entry| Reverse(*entry));
                return Some(self.base | below);
            }
            let mut coming = std::mem::take(&mut self.buckets[bucket]);
            coming.drain(..).for_each(|entry| self.push(entry));
            if coming.capacity() <= KEPT_MAX {
                self.buckets[bucket] = coming;
            }
        }
    }
}

/// Pending events in the order in which they will happen.
#[derive(Clone, Debug)]
pub struct EventList<E> {
    /// What leaves next, the earliest last.
    leaving: Vec<Entry>,
    /// What was scheduled into the same stretch since.
    fresh: BinaryHeap<Reverse<Entry>>,
    /// The last instant of that stretch.
    until: u64,
    later: Ladder,
    /// The events; places that are free hold none.
    slab: Vec<Option<E>>,
    /// Free places; the last is taken first, as it was used last.
    free: Vec<u32>,
    now: SimTime,
    /// Instant and rank of the next event.
    first: Instant,
}

/// An instant and a rank in it, in one number: earlier ones are smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(u128);

impl Instant {
    /// Later than everything.
    pub const NEVER: Instant = Instant(u128::MAX);

    /// This rank of this instant.
    #[inline]
    pub fn new(at: SimTime, rank: u8) -> Instant {
        Instant(u128::from(at.as_nanos()) << 64 | u128::from(rank))
    }

    /// When it is.
    #[inline]
    pub fn at(self) -> SimTime {
        SimTime::from_nanos((self.0 >> 64) as u64)
    }
}

impl<E> Default for EventList<E> {
    fn default() -> Self {
        EventList {
            leaving: Vec::new(),
            fresh: BinaryHeap::new(),
            until: 0,
            later: Ladder::new(),
            slab: Vec::new(),
            free: Vec::new(),
            now: SimTime::ZERO,
            first: Instant::NEVER,
        }
    }
}

impl<E> EventList<E> {
    /// Adds an event.
    ///
    /// # Panics
    /// When the event lies before the last one taken: the clock never goes back.
    #[inline]
    pub fn schedule(&mut self, key: EventKey, event: E) {
        assert!(key.at >= self.now, "an event cannot be scheduled in the past");
        let place = match self.free.pop() {
            Some(place) => {
                self.slab[place as usize] = Some(event);
                place
            }
            None => {
                self.slab.push(Some(event));
                u32::try_from(self.slab.len() - 1).expect("fewer events are pending than memory holds")
            }
        };
        let EventKey { at, rank, first, second } = key;
        self.first = self.first.min(Instant::new(at, rank));
        let entry = Entry { at: at.as_nanos(), first, second, rank, place };
        if entry.at <= self.until {
            self.fresh.push(Reverse(entry));
        } else {
            self.later.push(entry);
        }
    }

    /// Takes the next event, and moves the clock to it.
    #[inline]
    pub fn pop(&mut self) -> Option<(EventKey, E)> {
        self.refill();
        let entry = match (self.leaving.last(), self.fresh.peek()) {
            (Some(old), Some(Reverse(new))) if new < old => self.fresh.pop().map(|Reverse(entry)| entry),
            (None, _) => self.fresh.pop().map(|Reverse(entry)| entry),
            (Some(_), _) => self.leaving.pop(),
        }?;
        self.now = SimTime::from_nanos(entry.at);
        self.free.push(entry.place);
        self.first = self.peek().map_or(Instant::NEVER, |key| Instant::new(key.at, key.rank));
        Some((entry.key(), self.slab[entry.place as usize].take().expect("what is pending has its event")))
    }

    /// Instant and rank of the next event.
    #[inline]
    pub fn first_instant(&self) -> Instant {
        self.first
    }

    /// The key of the next event.
    #[inline]
    pub fn peek(&mut self) -> Option<EventKey> {
        self.refill();
        let next = match (self.leaving.last(), self.fresh.peek()) {
            (Some(old), Some(Reverse(new))) => Some(old.min(new)),
            (old, new) => old.or(new.map(|Reverse(entry)| entry)),
        };
        next.map(Entry::key)
    }

    /// Takes the next stretch when this one has left.
    #[inline]
    fn refill(&mut self) {
        if self.leaving.is_empty() && self.fresh.is_empty() {
            self.until = self.later.take(&mut self.leaving).unwrap_or(self.until);
        }
    }

    /// Pending events in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &E> {
        self.slab.iter().flatten()
    }

    /// How many events are pending.
    pub fn len(&self) -> usize {
        self.slab.len() - self.free.len()
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::dice::dice;

    fn key(at: u64, rank: u8, first: u64, second: u64) -> EventKey {
        EventKey { at: SimTime::from_nanos(at), rank, first, second }
    }

    #[test]
    fn events_leave_by_content_whatever_the_order_of_insertion() {
        let mut keys = vec![key(5, 1, 0, 0), key(5, 0, 9, 9), key(1, 7, 0, 0), key(5, 1, 0, 1), key(5, 1, 1, 0)];
        let sorted = {
            let mut sorted = keys.clone();
            sorted.sort();
            sorted
        };
        for _ in 0..keys.len() {
            keys.rotate_left(1);
            let mut list = EventList::default();
            keys.iter().for_each(|key| list.schedule(*key, ()));
            let popped: Vec<EventKey> = std::iter::from_fn(|| list.pop().map(|(key, ())| key)).collect();
            assert_eq!(popped, sorted);
        }
    }

    /// Aim: the order is that of the keys, whatever is scheduled while events leave. Method: a sorted set beside it, on delays
    /// from nothing to days, in crowds that overflow a bucket and with ties in every part of the key.
    #[test]
    fn it_agrees_with_a_sorted_set() {
        let mut dice = dice(88_172_645_463_325_252);
        for round in 0..40 {
            let mut list = EventList::default();
            let mut set = std::collections::BTreeSet::new();
            let mut now = 0;
            let mut number = 0_u64;
            for step in 0..20_000 {
                let crowd = if step % 5_000 == 0 { 3_000 } else { dice(3) };
                for _ in 0..crowd {
                    let spread = [1, 3, 1_000, 1 << 20, 1 << 33, 1 << 48][dice(6) as usize];
                    let at = if round == 0 { u64::MAX - dice(9) } else { now + dice(spread) };
                    let key = key(at.max(now), dice(3) as u8, dice(2), number);
                    number += 1;
                    list.schedule(key, number);
                    set.insert((key, number));
                }
                assert_eq!(list.len(), set.len());
                assert_eq!(list.peek().map(|key| key.at), set.first().map(|(key, _)| key.at));
                let popped = list.pop();
                assert_eq!(popped, set.pop_first());
                now = popped.map_or(now, |(key, _)| key.at.as_nanos());
            }
            assert_eq!(list.iter().count(), set.len());
        }
    }

    #[test]
    #[should_panic(expected = "in the past")]
    fn the_past_is_closed() {
        let mut list = EventList::default();
        list.schedule(key(5, 0, 0, 0), ());
        list.pop();
        list.schedule(key(4, 0, 0, 0), ());
    }
}
