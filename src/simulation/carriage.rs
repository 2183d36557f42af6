//! From a message's slot to its end and its receipt: the carrier's gate, the network, the handset.
//!
//! Not here: what the gate asks ([`super::gate`]), what a handset is found to be ([`super::handsets`]), and what people do with
//! what they get ([`super::replies`]).

use crate::kernel::elementary::exp;
use crate::kernel::samplers::interpolated;
use crate::model::ending::{Ending, Status};
use crate::units::{SimDuration, SimTime};

use super::fate::Fate;
use super::faults::ReceiptFate;
use super::gate::Notice;
use super::handsets::Attempt;
use super::observer::{Feedback, Message, Observer, Report};
use super::{Engine, Event, REVIEWS, people, purpose, rank};

impl<O: Observer> Engine<'_, O> {
    /// A message meets its carrier at `now`.
    pub(super) fn pass_gate(&mut self, now: SimTime, message: &mut Message, fate: Option<&Fate>) {
        match self.refused_at_gate(message, fate) {
            None => {
                self.set_off(now, message, fate);
                self.go_on_to_handset(now, message, fate);
            }
            Some(ending) => self.turn_away(now, message, ending, fate),
        }
    }

    /// How the carrier ends a message, if it does.
    pub(super) fn refused_at_gate(&mut self, message: &Message, fate: Option<&Fate>) -> Option<Ending> {
        if self.is_blocked(message) {
            return Some(Ending::Blocked);
        }
        let (clocks, faults) = (&mut self.clocks, &mut self.faults);
        let group = self.senders[message.sender as usize].group;
        let refused = self.gate.admit(self.model, clocks, faults, message, group, fate);
        self.heed_notices(message);
        refused
    }

    /// A message that its carrier takes: when it reaches the handset's network.
    pub(super) fn set_off(&mut self, now: SimTime, message: &mut Message, fate: Option<&Fate>) {
        message.carried_on = now + self.held_by_carriers(message);
        let replaced = self.faults.latency(message.carrier as usize);
        let latency = match fate {
            Some(fate) if replaced == self.network.usual(message.carrier) => fate.latency,
            _ => self.network.latency(self.model, self.draws, replaced, message),
        };
        message.attempted = message.carried_on + latency;
    }

    pub(super) fn go_on_to_handset(&mut self, now: SimTime, message: &Message, fate: Option<&Fate>) {
        if !O::ORDERED && self.is_stranger(message) {
            return self.try_handset_ahead(message.attempted, message, fate);
        }
        let (mut rank, mut first, mut second) = (rank::CARRIER, u64::from(message.campaign), message.number);
        if message.attempted == now && self.without_memory.get(message.lane as usize) == Some(&true) {
            // The slot has not started: what takes no time comes with its start, not before.
            (rank, first, second) = (rank::SLOT_START, now.as_nanos(), u64::from(message.lane));
        }
        self.schedule(message.attempted, rank, first, second, Event::Handset(*message));
    }

    /// The carrier does not take a message.
    pub(super) fn turn_away(&mut self, now: SimTime, message: &Message, ending: Ending, fate: Option<&Fate>) {
        let failed_check = [Ending::NumberUnregistered, Ending::TenDlcPending, Ending::TollFreeUnverified];
        if failed_check.contains(&ending) {
            self.forget_sender(message);
        }
        self.lose(now, message, ending, fate);
    }

    /// Whether nothing that happens after this message is sent depends on what happens to others: nobody meets its recipient
    /// again, and nobody waits for it.
    #[inline]
    pub(super) fn is_stranger(&self, message: &Message) -> bool {
        self.alone[message.campaign as usize]
    }

    /// The way of a stranger's message from the first attempt on, told ahead of time: nothing else can change it.
    pub(super) fn try_handset_ahead(&mut self, now: SimTime, message: &Message, fate: Option<&Fate>) {
        if self.is_cut(now, message) {
            return;
        }
        let (at, ending) = self.handset_ahead(now, message, fate);
        if at > now && self.is_cut(at, message) {
            return;
        }
        match ending {
            Ending::Delivered if fate.is_some_and(|fate| fate.ordinary) => {
                self.finish(at, message, ending);
                self.schedule_receipt(at, message, Report::Delivered, ending, fate);
            }
            Ending::Delivered => self.deliver(at, message),
            other => self.lose(at, message, other, None),
        }
    }

    /// When and how a stranger's message ends, which comes to the handset's network at `now`.
    #[inline]
    pub(super) fn handset_ahead(&mut self, now: SimTime, message: &Message, fate: Option<&Fate>) -> (SimTime, Ending) {
        if fate.is_some_and(|fate| fate.ordinary) {
            return (now, Ending::Delivered);
        }
        match self.attempt(now, message) {
            Attempt::Reached => (now, Ending::Delivered),
            Attempt::Denied => (now, Ending::Denied),
            Attempt::ReachedAt(at) => (at, Ending::Delivered),
            Attempt::GivenUpAt(at) => (at, Ending::HandsetUnreachable),
        }
    }

    pub(super) fn attempt(&mut self, now: SimTime, message: &Message) -> Attempt {
        let model = self.model;
        let timed = model.carriers[message.carrier as usize].latency.is_some();
        let Some(handsets) = model.handsets.as_ref().filter(|_| timed) else { return Attempt::Reached };
        let person = people::recipient(model, self.draws, message.campaign as usize, message.number);
        self.handsets.attempt(handsets, self.draws, &person, message, now)
    }

    /// What the carrier does beside: it blocks a content, or has a sender reviewed.
    pub(super) fn heed_notices(&mut self, message: &Message) {
        while let Some(notice) = self.gate.notices.pop() {
            match notice {
                Notice::ContentBlocked { spread } => self.observer.content_blocked(self.now, message, spread),
                Notice::Review => self.review(message),
            }
        }
    }

    /// The sender is suspended when the review is over.
    pub(super) fn review(&mut self, message: &Message) {
        let rule = self.model.filter_memory.suspension.expect("only a rule has a sender reviewed");
        let at = self.now.saturating_add(rule.review);
        self.schedule(at, rank::FAULT, REVIEWS, u64::from(message.sender), Event::Suspend(*message));
    }

    pub(super) fn suspend(&mut self, message: &Message) {
        let rule = self.model.filter_memory.suspension.expect("only a rule suspends a sender");
        self.gate.filter.suspend(message.sender);
        self.observer.suspended(self.now, message);
        let at = self.now.saturating_add(rule.lasts);
        self.schedule(at, rank::FAULT, REVIEWS, u64::from(message.sender), Event::Resume(message.sender));
    }

    /// Whether the network keeps messages of this toll-free number from this person, who sent it STOP.
    pub(super) fn is_blocked(&self, message: &Message) -> bool {
        if self.blocked.is_empty() {
            return false;
        }
        let person = people::recipient(self.model, self.draws, message.campaign as usize, message.number);
        person.identity.is_some_and(|identity| self.blocked.contains(&(message.sender, identity)))
    }

    /// How long the country's carriers keep a message back because of the hour.
    pub(super) fn held_by_carriers(&mut self, message: &Message) -> SimDuration {
        if !self.meets_hours {
            return SimDuration::ZERO;
        }
        let country = self.model.carriers[message.carrier as usize].country;
        let Some(hours) = self.model.campaigns[message.campaign as usize].hours[country].held else {
            return SimDuration::ZERO;
        };
        let place = self.model.countries[country].places.list[usize::from(message.place)];
        let until = self.clocks.closed_until(self.model, hours, place, self.now);
        until.map_or(SimDuration::ZERO, |until| until.since(self.now))
    }

    /// The first attempt to reach the handset.
    pub(super) fn try_handset(&mut self, now: SimTime, message: &Message) {
        let (at, event) = match self.attempt(now, message) {
            Attempt::Reached => return self.deliver(now, message),
            Attempt::Denied => return self.lose(now, message, Ending::Denied, None),
            Attempt::ReachedAt(at) => (at, Event::Return(*message)),
            Attempt::GivenUpAt(at) => (at, Event::GiveUp(*message)),
        };
        self.schedule(at, rank::CARRIER, u64::from(message.campaign), message.number, event);
        self.waiting_for_handset.insert((message.campaign, message.number), *message);
        let person = people::recipient(self.model, self.draws, message.campaign as usize, message.number);
        let handsets = self.model.handsets.as_ref().expect("somebody is out of reach");
        if let Some(oldest) = self.handsets.store(handsets, &person, message) {
            let oldest = self.waiting_for_handset.remove(&oldest).expect("what is stored waits");
            self.lose(now, &oldest, Ending::HandsetUnreachable, None);
        }
    }

    /// A message leaves the network's store, unless it was dropped from it before.
    pub(super) fn leave_store(&mut self, message: &Message, ending: Ending) {
        let person = people::recipient(self.model, self.draws, message.campaign as usize, message.number);
        self.waiting_for_handset.remove(&(message.campaign, message.number));
        match ending {
            _ if !self.handsets.leave(&person, message) => {}
            Ending::Delivered => self.deliver(self.now, message),
            other => self.lose(self.now, message, other, None),
        }
    }

    pub(super) fn lose(&mut self, now: SimTime, message: &Message, ending: Ending, fate: Option<&Fate>) {
        self.finish(now, message, ending);
        // What the platform itself gives up needs no receipt.
        if ending.status() == Status::Failed {
            return;
        }
        let report = self.gate.report(self.model, self.draws, message, ending);
        self.schedule_receipt(now, message, report, ending, fate);
    }

    pub(super) fn deliver(&mut self, now: SimTime, message: &Message) {
        self.finish(now, message, Ending::Delivered);
        self.schedule_receipt(now, message, Report::Delivered, Ending::Delivered, None);
        let model = self.model;
        let campaign = &model.campaigns[message.campaign as usize];
        if let Some(intended) = self.awaited.remove(&(message.campaign, message.origin()))
            && campaign.deadline.is_some_and(|deadline| now.since(intended) <= deadline)
        {
            self.observer.on_time(now, message);
        }
        self.hear_from(now, message);
    }

    /// What the recipient of a message that was delivered at `now` does, and whether they get it twice.
    pub(super) fn hear_from(&mut self, now: SimTime, message: &Message) {
        let model = self.model;
        let campaign = &model.campaigns[message.campaign as usize];
        let country = model.carriers[message.carrier as usize].country;
        let block = self.draws.block(message.campaign, purpose::FEEDBACK, message.number);
        if let Some(handsets) =
            model.handsets.as_ref().filter(|_| model.carriers[message.carrier as usize].latency.is_some())
            && handsets.duplicate.hits(block.bits32(0).rotate_left(16))
        {
            self.observer.duplicated(now, message);
        }
        let habits = &campaign.habits[country];
        let feedback = if habits.opt_out.hits(block.bits32(0)) {
            Feedback::Stop
        } else if self.asks_for_help(campaign, message) {
            Feedback::Help
        } else if habits.reply.hits(block.bits32(1)) {
            Feedback::Reply
        } else {
            return;
        };
        let table = &model.reply_delays[usize::from(message.turn() > 0)];
        let seconds = exp(interpolated(&table.points, block.uniform(1)));
        let after = SimDuration::from_secs_f64_up(seconds);
        self.open += 1;
        let (first, second) = (u64::from(message.campaign), message.number);
        self.schedule(now + after, rank::FEEDBACK, first, second, Event::Feedback(*message, feedback));
    }

    #[inline]
    pub(super) fn finish(&mut self, now: SimTime, message: &Message, ending: Ending) {
        self.observer.ended(now, message, ending);
        self.known_until = self.known_until.max(now);
        self.open -= 1;
    }

    #[inline]
    pub(super) fn schedule_receipt(
        &mut self,
        now: SimTime,
        message: &Message,
        report: Report,
        ending: Ending,
        fate: Option<&Fate>,
    ) {
        let delay = fate.map_or_else(|| self.network.receipt_delay(self.draws, message), Fate::receipt);
        let Some(delay) = delay else { return self.observer.unreported(now, message, ending) };
        match self.faults.receipt(self.model, message, now + delay) {
            ReceiptFate::Lost => self.observer.unreported(now, message, ending),
            ReceiptFate::Comes(at) if O::ORDERED => {
                self.open += 1;
                let (first, second) = (u64::from(message.campaign), message.number);
                self.schedule(at, rank::RECEIPT, first, second, Event::Receipt(*message, report, ending));
            }
            // Nothing depends on it but what is told.
            ReceiptFate::Comes(at) => {
                self.known_until = self.known_until.max(at);
                if !self.is_beyond(at) {
                    self.observer.receipt(at, message, report, ending);
                }
            }
        }
    }
}
