//! The delivered messages that took longest: a bounded list, so that reports can name them and say why.
//!
//! Two of them: the longest from the intended time to the handset, and the longest until they were handed to a carrier.
//! What a recipient waits is mostly their own handset; what the pool makes them wait is the second.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::model::ending::Ending;
use crate::simulation::observer::{Message, Observer};
use crate::units::{SimDuration, SimTime};

/// How many are kept.
pub const KEPT: usize = 10;

/// A delivered message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slow {
    /// In which replication.
    pub replication: u32,
    /// The message.
    pub message: Message,
    /// When it reached the handset.
    pub end: SimTime,
}

impl Slow {
    /// Larger is slower; of equals the first replication, campaign and number is taken to be slower.
    fn rank(&self, delay: SimDuration) -> (SimDuration, Reverse<(u32, u32, u64)>) {
        (delay, Reverse((self.replication, self.message.campaign, self.message.number)))
    }

    /// From the intended time to the handset.
    pub fn end_to_end(&self) -> SimDuration {
        self.end.since(self.message.intended)
    }

    /// From the intended time to the hand-over to a carrier.
    pub fn to_carrier(&self) -> SimDuration {
        self.message.sent.since(self.message.intended)
    }
}

/// The slowest so far, each list from the slowest on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slowest {
    /// By the time to the handset.
    pub end_to_end: Vec<Slow>,
    /// By the time to the hand-over.
    pub to_carrier: Vec<Slow>,
    /// Messages that may belong there: where a queue grows, nearly every one is slower than all before it.
    #[serde(skip)]
    fresh: Vec<Slow>,
    /// The delays of the last in each list.
    #[serde(skip)]
    least: (SimDuration, SimDuration),
    /// Their delays, while they are compared.
    #[serde(skip)]
    delays: Vec<SimDuration>,
}

/// So many are looked at together.
const FRESH: usize = 256;

impl Slowest {
    /// A message was delivered at `end`.
    #[inline]
    pub fn offer(&mut self, message: &Message, end: SimTime) {
        if self.asks_for(end.since(message.intended), message.sent.since(message.intended)) {
            self.take(message, end);
        }
    }

    /// Whether a message with these delays may be among the slowest: of most there are slower ones already.
    #[inline]
    pub fn asks_for(&self, end_to_end: SimDuration, to_carrier: SimDuration) -> bool {
        end_to_end >= self.least.0 || to_carrier >= self.least.1
    }

    /// A message that may be.
    pub fn take(&mut self, message: &Message, end: SimTime) {
        self.fresh.push(Slow { replication: 0, message: *message, end });
        if self.fresh.len() == FRESH {
            self.settle();
        }
    }

    /// All that were offered are in their places.
    pub fn finish(mut self) -> Slowest {
        self.settle();
        self.delays = Vec::new();
        self.least = Default::default();
        self
    }

    fn settle(&mut self) {
        for (list, delay) in [
            (&mut self.end_to_end, Slow::end_to_end as fn(&Slow) -> SimDuration),
            (&mut self.to_carrier, Slow::to_carrier),
        ] {
            // The delays first: only messages that are among the slowest of these are looked at further.
            self.delays.clear();
            self.delays.extend(self.fresh.iter().map(delay));
            let least = if self.delays.len() > KEPT {
                let last = self.delays.len() - KEPT;
                *self.delays.select_nth_unstable(last).1
            } else {
                SimDuration::ZERO
            };
            self.fresh.iter().filter(|slow| delay(slow) >= least).for_each(|slow| keep(list, *slow, delay));
        }
        // What is as slow as the last of them may still come before it.
        let last = |list: &[Slow], delay: fn(&Slow) -> SimDuration| list.get(KEPT - 1).map_or(SimDuration::ZERO, delay);
        self.least = (last(&self.end_to_end, Slow::end_to_end), last(&self.to_carrier, Slow::to_carrier));
        self.fresh.clear();
    }

    /// Adds those of other campaigns in the same replication.
    pub fn join(&mut self, other: Slowest) {
        self.merge(&other.finish(), 0);
    }

    /// Adds another replication's.
    pub fn merge(&mut self, other: &Slowest, replication: u32) {
        other.end_to_end.iter().for_each(|slow| keep(&mut self.end_to_end, at(slow, replication), Slow::end_to_end));
        other.to_carrier.iter().for_each(|slow| keep(&mut self.to_carrier, at(slow, replication), Slow::to_carrier));
    }
}

fn at(slow: &Slow, replication: u32) -> Slow {
    Slow { replication, ..*slow }
}

fn keep(list: &mut Vec<Slow>, slow: Slow, delay: fn(&Slow) -> SimDuration) {
    let rank = slow.rank(delay(&slow));
    if list.len() == KEPT && list[KEPT - 1].rank(delay(&list[KEPT - 1])) >= rank {
        return;
    }
    let place = list.partition_point(|other| other.rank(delay(other)) > rank);
    list.insert(place, slow);
    list.truncate(KEPT);
}

/// Alone it can watch a replication, too.
impl Observer for Slowest {
    const ORDERED: bool = false;

    fn ended(&mut self, at: SimTime, message: &Message, ending: Ending) {
        if ending == Ending::Delivered {
            self.offer(message, at);
        }
    }
}
