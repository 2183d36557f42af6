//! From the network to the handset: out of reach, retried, given up; and how many messages a handset's network keeps.
//!
//! What belongs to a person who can be met again is remembered while it lasts: a handset that is off is off for every
//! message. Strangers need no memory.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::observer::Message;
use super::people::{Identity, Person};
use super::purpose;
use crate::kernel::draws::Draws;
use crate::kernel::samplers::{exponential, log_normal};
use crate::model::handset::Handsets;
use crate::units::{SimDuration, SimTime};

/// The longest absence, in seconds.
const CENTURY: f64 = 3.2e9;

/// What becomes of a first attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// It reaches the handset.
    Reached,
    /// The network refuses it.
    Denied,
    /// The handset is out of reach; a later attempt reaches it then.
    ReachedAt(SimTime),
    /// The handset is out of reach until the network gives up, then.
    GivenUpAt(SimTime),
}

/// What is known of the handsets of people who can be met again.
#[derive(Default)]
pub(super) struct HandsetState {
    /// Until when a handset is out of reach.
    absent: FxHashMap<Identity, SimTime>,
    /// Messages that wait for a handset, oldest first.
    stored: FxHashMap<Identity, VecDeque<(u32, u64)>>,
    /// Messages that were dropped from a full store while their attempt is still planned.
    dropped: FxHashSet<(u32, u64)>,
}

impl HandsetState {
    /// A first attempt at `now`.
    pub(super) fn attempt(
        &mut self,
        handsets: &Handsets,
        draws: Draws,
        person: &Person,
        message: &Message,
        now: SimTime,
    ) -> Attempt {
        let block = draws.block(message.campaign, purpose::HANDSET, message.number);
        if handsets.denied.hits(block.bits32(0)) {
            return Attempt::Denied;
        }
        let give_up = now.saturating_add(handsets.clock.give_up);
        let (stream, number) = person.key();
        if handsets.abandoned.hits(draws.block(stream, purpose::HABIT, number).bits32(0)) {
            return Attempt::GivenUpAt(give_up);
        }
        let known =
            person.identity.and_then(|identity| self.absent.get(&identity).copied()).filter(|until| *until > now);
        let absence = match known {
            Some(until) => until.since(now),
            None => {
                let lengths = || draws.block(message.campaign, purpose::ABSENCE, message.number).uniform(0);
                let seconds = if handsets.brief.hits(block.bits32(1)) {
                    handsets.brief_mean * exponential(lengths())
                } else if handsets.off.hits(block.bits32(2)) {
                    log_normal(handsets.off_absence.ln_median, handsets.off_absence.sigma, lengths())
                } else {
                    return Attempt::Reached;
                };
                SimDuration::from_secs_f64_up(seconds.min(CENTURY))
            }
        };
        if let Some(identity) = person.identity {
            self.absent.insert(identity, now.saturating_add(absence));
        }
        let retried = handsets.clock.first_at_or_after(absence);
        let noticed = handsets.alert.hits(block.bits32(3)).then(|| absence + handsets.alert_delay);
        let noticed = noticed.filter(|after| *after <= handsets.clock.give_up);
        match [retried, noticed].into_iter().flatten().min() {
            Some(after) => Attempt::ReachedAt(now + after),
            None => Attempt::GivenUpAt(give_up),
        }
    }

    /// Keeps a message for a handset out of reach. Returns the oldest one when the store is full.
    pub(super) fn store(&mut self, handsets: &Handsets, person: &Person, message: &Message) -> Option<(u32, u64)> {
        let line = self.stored.entry(person.identity?).or_default();
        line.push_back((message.campaign, message.number));
        let dropped = if line.len() > handsets.store { line.pop_front() } else { None };
        self.dropped.extend(dropped);
        dropped
    }

    /// A message that waited for the handset leaves; false when it had been dropped before.
    pub(super) fn leave(&mut self, person: &Person, message: &Message) -> bool {
        let key = (message.campaign, message.number);
        if self.dropped.remove(&key) {
            return false;
        }
        if let Some(identity) = person.identity
            && let Some(line) = self.stored.get_mut(&identity)
        {
            line.retain(|other| *other != key);
            if line.is_empty() {
                self.stored.remove(&identity);
                self.absent.remove(&identity);
            }
        }
        true
    }
}
