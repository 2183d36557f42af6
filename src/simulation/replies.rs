//! What people do with a delivered message, and what follows from it: opt-outs, help, answers, and codes asked for again.
//!
//! Not here: whether they do it, which their draws say.

use crate::kernel::samplers::Chance;
use crate::model::Campaign;
use crate::model::terms::SenderClass;
use crate::units::SimTime;

use super::arrivals::Arrival;
use super::observer::{Feedback, Message, Observer};
use super::people::{Identity, Person};
use super::{Engine, Event, Scope, as_u32, people, purpose, rank};

impl<O: Observer> Engine<'_, O> {
    /// Whether a person who does not opt out asks for help.
    pub(super) fn asks_for_help(&self, campaign: &Campaign, message: &Message) -> bool {
        campaign.help != Chance::NEVER
            && campaign.help.hits(self.draws.block(message.campaign, purpose::HELP, message.number).bits32(0))
    }

    /// A person does something, if the sender can hear them.
    pub(super) fn hear(&mut self, message: &Message, feedback: Feedback) {
        let terms = self.model.terms_of_sender(message.sender, message.carrier as usize);
        let heard = terms.expect("a sender that delivered has terms").two_way;
        self.observer.feedback(self.now, message, feedback, heard);
        if !heard {
            return;
        }
        match feedback {
            Feedback::Stop => {
                self.opt_out(message);
                self.come_back(message);
            }
            Feedback::Start => self.opt_in(message),
            Feedback::Help => self.help(message),
            Feedback::Reply => self.answer(message),
        }
    }

    pub(super) fn opt_out(&mut self, message: &Message) {
        let index = message.campaign as usize;
        let campaign = &self.model.campaigns[index];
        let terms = self.model.terms_of_sender(message.sender, message.carrier as usize);
        let watched = terms.is_some_and(|terms| terms.filter.is_some());
        if watched && self.gate.filter.note_opt_out(self.model, message, self.now) {
            self.review(message);
        }
        let person = people::recipient(self.model, self.draws, index, message.number);
        let Some(identity) = person.identity else { return };
        self.opted_out.insert((Scope::of(campaign, message), identity));
        if terms.is_some_and(|terms| terms.class == SenderClass::TollFree) {
            self.blocked.insert((message.sender, identity));
        }
    }

    /// Some of those who opted out come back later.
    pub(super) fn come_back(&mut self, message: &Message) {
        let Some(opt_in) = self.model.campaigns[message.campaign as usize].opt_in else { return };
        if opt_in.share.hits(self.draws.block(message.campaign, purpose::OPT_IN, message.number).bits32(0)) {
            self.open += 1;
            let event = Event::Feedback(*message, Feedback::Start);
            self.schedule_message(opt_in.after, rank::FEEDBACK, message, event);
        }
    }

    pub(super) fn opt_in(&mut self, message: &Message) {
        let index = message.campaign as usize;
        let campaign = &self.model.campaigns[index];
        let Some(identity) = people::recipient(self.model, self.draws, index, message.number).identity else { return };
        self.opted_out.remove(&(Scope::of(campaign, message), identity));
        if campaign.opt_in.is_some_and(|opt_in| opt_in.lifts_network_block) {
            self.blocked.remove(&(message.sender, identity));
        }
    }

    /// The platform answers by itself whoever asks for help, but not those who opted out.
    pub(super) fn help(&mut self, message: &Message) {
        let index = message.campaign as usize;
        let campaign = &self.model.campaigns[index];
        let person = people::recipient(self.model, self.draws, index, message.number);
        let answers = campaign.service.is_none_or(|service| self.model.services[service].keeps_opt_outs);
        if answers && !self.has_left(Scope::of(campaign, message), person.identity) {
            self.observer.helped(self.now, message);
        }
    }

    /// Whether the service of this campaign keeps an opt-out of this person.
    pub(super) fn has_left_service(&self, campaign: &Campaign, person: &Person) -> bool {
        let service = campaign.service.filter(|service| self.model.services[*service].keeps_opt_outs);
        service.is_some_and(|service| self.has_left(Scope::Service(service), person.identity))
    }

    pub(super) fn has_left(&self, scope: Scope, identity: Option<Identity>) -> bool {
        identity.is_some_and(|identity| self.opted_out.contains(&(scope, identity)))
    }

    /// The service goes on with a conversation.
    pub(super) fn answer(&mut self, message: &Message) {
        let Some(conversation) = self.model.campaigns[message.campaign as usize].conversation else { return };
        if message.turn() >= u64::from(conversation.turns) {
            return;
        }
        let next = Message { number: message.number + Message::TURN, ..*message };
        self.open += 1;
        self.schedule_message(conversation.answer_after, rank::FOLLOW_UP, &next, Event::Answer(next));
    }

    /// A message that no plan of the campaign holds is handed over now.
    pub(super) fn follow_up(&mut self, campaign: usize, number: u64, answers: Option<u32>) {
        let person = people::recipient(self.model, self.draws, campaign, number);
        self.hand_over(campaign, Arrival { intended: self.now, number }, &person, None, answers);
    }

    /// From when a planned message is handed over it is waited for, where somebody may ask again or be too late.
    pub(super) fn await_message(&mut self, campaign: &Campaign, index: usize, intended: SimTime, number: u64) {
        let origin = number & ((1 << Message::ORIGIN_BITS) - 1);
        if number == origin && (campaign.deadline.is_some() || campaign.resend.is_some()) {
            self.awaited.insert((as_u32(index), origin), intended);
        }
        let Some(resend) = campaign.resend else { return };
        // An answer is nothing that anybody asks for again.
        if number < Message::TURN && number / Message::REPETITION < u64::from(resend.at_most) {
            let at = intended.max(self.now).saturating_add(resend.after);
            self.open += 1;
            self.schedule(at, rank::FOLLOW_UP, index as u64, number, Event::Patience(index, number));
        }
    }

    /// Somebody who still waits for a code asks for another one, or gives up.
    pub(super) fn lose_patience(&mut self, index: usize, number: u64) {
        let resend = self.model.campaigns[index].resend.expect("only those who ask again lose patience");
        let origin = number & ((1 << Message::ORIGIN_BITS) - 1);
        if !self.awaited.contains_key(&(as_u32(index), origin)) {
            return;
        }
        let stream = self.model.campaign_stream(index);
        if resend.share.hits(self.draws.block(stream, purpose::PATIENCE, number).bits32(0)) {
            self.follow_up(index, number + Message::REPETITION, None);
        }
    }
}
