//! Campaigns whose messages are handed over as planned, where nothing is asked but who sends: of every message the same
//! questions would have the same answers, so they are asked once. Messages for which that does not hold after all (fixed lines,
//! people whom no sender reaches) go the way of all others.
//!
//! Not here: what becomes of a message in its lane.

use std::hint::black_box;

use crate::kernel::samplers::index_below;
use crate::model::ending::Ending;
use crate::model::{Campaign, Channel, Distribution, Model, Unreached};

use super::drafts::Draft;
use super::observer::{Message, Observer};
use super::people::Person;
use super::{Engine, as_u32, is_alone};

/// Whether a campaign is of this kind: by SMS through a service with senders that it may use, at once, at any hour and at the
/// client's own pace, to people whom nobody meets again and whose place nobody asks for.
pub(super) fn is_plain(model: &Model, campaign: &Campaign) -> bool {
    let through_a_pool = campaign.from.is_none()
        && campaign.service.is_some_and(|service| {
            let service = &model.services[service];
            !service.is_empty && !service.area_code_match
        });
    is_alone(model, campaign)
        && through_a_pool
        && campaign.channel == Channel::Sms
        && campaign.schedule.is_none()
        && campaign.submit_rate.is_none()
        && !campaign.body_too_long
        && !(0..model.countries.len()).any(|country| campaign.meets_hours(country))
}

impl<O: Observer> Engine<'_, O> {
    /// The policy and the set of senders for a message to somebody; `None` when no sender reaches them.
    #[inline]
    fn candidates_of(&self, campaign: &Campaign, person: &Person) -> Option<(Distribution, usize)> {
        let country = self.model.carriers[person.carrier].country;
        let service = &self.model.services[campaign.service.expect("a plain campaign has a service")];
        let route = &service.routes[country];
        let set = match (person.short_code_reached, route.unreached) {
            (true, _) | (false, Unreached::SendAnyway) => route.set,
            (false, Unreached::Set(other)) => route.set.and(Some(other)),
            (false, Unreached::NoSender) => None,
        };
        set.map(|set| (service.distribution, set))
    }

    /// Looks at the lanes that the next messages of a campaign will enter, where chance alone chooses them, so that their memory is
    /// at hand when they do: all at once it is waited for once.
    pub(super) fn foresee(&self, index: usize) {
        let campaign = &self.model.campaigns[index];
        let mut seen = 0;
        for Draft { person, words, .. } in self.clients[index].drafts.coming() {
            let Some((Distribution::Random, set)) = self.candidates_of(campaign, person) else { continue };
            let senders = &self.model.candidate_sets[set].senders;
            let sender = senders[index_below(words[1], senders.len())];
            seen ^= self.early.look_at(self.lane_of(sender, person, campaign));
        }
        black_box(seen);
    }

    /// Admission of a message of such a campaign. Returns whether it is done: where not, nothing has happened.
    pub(super) fn hand_over_plain(&mut self, index: usize, draft: &Draft) -> bool {
        let Draft { arrival, person, words: [for_segments, for_sender], fate } = draft;
        let campaign = &self.model.campaigns[index];
        if person.landline || self.faults.refuses() {
            return false;
        }
        let Some((distribution, set)) = self.candidates_of(campaign, person) else { return false };
        let sender = self.choose(distribution, set, campaign, person.carrier, *for_sender);
        let lane = self.lane_of(sender, person, campaign);
        let country = self.model.carriers[person.carrier].country;
        let mut message = Message {
            intended: arrival.intended,
            accepted: self.now,
            released: self.now,
            number: arrival.number,
            campaign: as_u32(index),
            carrier: as_u32(person.carrier),
            sender,
            lane: as_u32(lane),
            segments: self.segments_of(campaign, country, sender, arrival.number, *for_segments),
            invalid: person.invalid,
            carried: self.is_carried(sender, person),
            ..Message::BLANK
        };
        if self.has_room(lane, message.segments) {
            self.open += 1;
            self.enter_early(lane, &mut message, Some(*fate), campaign.validity, false);
        } else {
            self.observer.offered(self.now, message.intended, message.campaign, message.carrier);
            self.accept_and_fail(&message, Ending::QueueOverflow);
        }
        true
    }
}
