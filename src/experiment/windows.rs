//! The windows of promises over several replications: pooled delays, and counts and sketches by replication.

use std::collections::BTreeMap;

use crate::metrics::delay::Delay;
use crate::metrics::sketch::Sketch;
use crate::metrics::totals::Totals;
use crate::metrics::windows::{Watched, Window};

use super::{Censored, Part, Sample};

/// One window of one promise, over all replications.
#[derive(Clone, Debug, Default)]
pub struct PooledWindow {
    delay: Delay,
    /// By replication; shorter while those that come later have shown nothing yet.
    totals: Vec<Totals>,
    sketches: Vec<Sketch>,
}

impl PooledWindow {
    fn add(&mut self, replication: usize, window: &Window) {
        self.reach(replication);
        self.delay.merge(&window.delay);
        self.totals.push(window.totals.clone());
        self.sketches.push(Sketch::of(&window.delay));
    }

    /// Replications without a message in this window have counts of nothing.
    fn reach(&mut self, replications: usize) {
        self.totals.resize(replications, Totals::default());
        self.sketches.resize(replications, Sketch::default());
    }
}

/// Everything seen from one window to another, both included, of one promise.
#[derive(Clone, Debug, Default)]
pub struct Stretch {
    /// Counts by replication.
    pub totals: Vec<Totals>,
    delay: Delay,
    sketches: Vec<Vec<Sketch>>,
}

impl Stretch {
    /// The delays, with what the horizon hid of `part`.
    pub fn sample(&self, part: Part) -> Sample {
        let unfinished: Vec<u64> = self.totals.iter().map(|totals| part.unfinished(totals)).collect();
        let pooled = Censored { delay: self.delay.clone(), unfinished: unfinished.iter().sum() };
        let replications = self.sketches.iter().map(|sketches| sketches.iter().collect()).zip(unfinished);
        Sample::new(pooled, replications)
    }

    /// Adds a later window.
    pub fn extend(&mut self, other: &Stretch) {
        self.totals.iter_mut().zip(&other.totals).for_each(|(sum, totals)| sum.add(totals));
        self.delay.merge(&other.delay);
        self.sketches.iter_mut().zip(&other.sketches).for_each(|(all, more)| all.extend(more.iter().cloned()));
    }
}

/// The windows of all promises that have some.
#[derive(Clone, Debug, Default)]
pub struct WatchedResults {
    promises: Vec<BTreeMap<u64, PooledWindow>>,
    replications: usize,
}

impl WatchedResults {
    pub(super) fn add(&mut self, watched: &Watched) {
        self.promises.resize(self.promises.len().max(watched.len()), BTreeMap::new());
        for (pooled, windows) in self.promises.iter_mut().zip(watched) {
            for (number, window) in windows {
                pooled.entry(*number).or_default().add(self.replications, window);
            }
        }
        self.replications += 1;
    }

    /// The windows of the promise that is the `index`th among those with windows, in order.
    pub fn windows(&self, index: usize) -> impl Iterator<Item = (u64, Stretch)> + '_ {
        self.promises.get(index).into_iter().flatten().map(|(number, window)| {
            let mut window = window.clone();
            window.reach(self.replications);
            let sketches = window.sketches.into_iter().map(|sketch| vec![sketch]).collect();
            (*number, Stretch { totals: window.totals, delay: window.delay, sketches })
        })
    }
}
