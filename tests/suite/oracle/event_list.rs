//! The future event list: a binary heap ordered by (time, rank, first key, second key).
//!
//! The order is by content alone. Two entries that agree in all four parts must be interchangeable; nothing is ever
//! ordered by insertion or at random, so results cannot depend on how events came to be scheduled.
//!
//! Not here: what the events and ranks are (see the simulation).

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use sendpool::units::SimTime;

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

/// An entry of the heap, inverted so that the smallest key is on top.
#[derive(Clone, Debug)]
struct Entry<E> {
    key: EventKey,
    event: E,
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key.cmp(&self.key)
    }
}

/// Pending events in the order in which they will happen.
#[derive(Clone, Debug)]
pub struct EventList<E> {
    heap: BinaryHeap<Entry<E>>,
    now: SimTime,
}

impl<E> Default for EventList<E> {
    fn default() -> Self {
        EventList { heap: BinaryHeap::new(), now: SimTime::ZERO }
    }
}

impl<E> EventList<E> {
    /// Adds an event.
    ///
    /// # Panics
    /// When the event lies before the last one taken: the clock never goes back.
    pub fn schedule(&mut self, key: EventKey, event: E) {
        assert!(key.at >= self.now, "an event cannot be scheduled in the past");
        self.heap.push(Entry { key, event });
    }

    /// Takes the next event, and moves the clock to it.
    pub fn pop(&mut self) -> Option<(EventKey, E)> {
        let Entry { key, event } = self.heap.pop()?;
        self.now = key.at;
        Some((key, event))
    }

    /// When the next event happens.
    pub fn next_at(&self) -> Option<SimTime> {
        self.heap.peek().map(|entry| entry.key.at)
    }

    /// Pending events in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &E> {
        self.heap.iter().map(|entry| &entry.event)
    }
}
