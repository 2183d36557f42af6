//! Campaigns whose messages are handed over as planned, where nothing is asked but who sends: of every message the same
//! questions would have the same answers, so they are asked once. Messages for which that does not hold after all (fixed lines,
//! people whom no sender reaches) go the way of all others.
//!
//! Not here: what becomes of a message in its lane.

use std::sync::Arc;

use crate::kernel::samplers::index_below;
use crate::model::ending::Ending;
use crate::model::{Campaign, Channel, Distribution, Model};
use crate::units::{SimDuration, SimTime};

use super::courses::{Course, Courses};
use super::drafts::Sheet;
use super::early::Entry;
use super::gate::is_clear;
use super::lives::Straight;
use super::observer::{Message, Observer, Report};
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
        && pays(model, campaign)
        && !(0..model.countries.len()).any(|country| campaign.meets_hours(country))
}

/// Whether a campaign has messages enough for a look at all that may send them.
fn pays(model: &Model, campaign: &Campaign) -> bool {
    campaign.expected_messages() >= model.senders.len() as u64 / SENDERS_EACH
}

/// A message is worth a look at so many senders, of which there may be as many as there are carriers.
const SENDERS_EACH: u64 = 16;

impl<'m, O: Observer> Engine<'m, O> {
    #[inline]
    fn course_to<'c>(&mut self, courses: &'c mut Courses<'m>, index: usize, person: &Person) -> &'c Course<'m> {
        if courses.get(index, person).is_none() {
            courses.learn(index, person, self.look_up_course(index, person));
        }
        courses.get(index, person).expect("it is known by now")
    }

    #[cold]
    fn look_up_course(&mut self, index: usize, person: &Person) -> Course<'m> {
        let (model, carrier) = (self.model, person.carrier);
        let campaign = &model.campaigns[index];
        let is_usual =
            self.faults.latency(carrier) == self.network.usual(as_u32(carrier)) && self.faults.let_receipts_be();
        let (candidates, without_memory) = (&mut self.candidates, &self.without_memory);
        let row = |set| Arc::clone(candidates.row(model, set, carrier, campaign.level));
        let is_ahead = |lane| without_memory[lane as usize];
        let is_clear = |sender, lane| is_clear(model, index, carrier, sender, lane);
        Course::new(model, campaign, person, is_usual, row, (is_ahead, is_clear))
    }

    /// Asks for the lanes that the next messages of a campaign will enter, where chance alone chooses them.
    fn foresee(&mut self, courses: &mut Courses<'m>, index: usize, sheet: &Sheet) {
        let mut course = self.course_to(courses, index, &sheet.people[0]);
        for (person, word) in sheet.people.iter().zip(&sheet.for_sender) {
            if !course.leads_to(person) {
                course = self.course_to(courses, index, person);
            }
            if course.distribution == Distribution::Random
                && let Some(pool) = &course.pool
            {
                let lanes = &pool.row.lanes;
                self.early.fetch(lanes[index_below(*word, lanes.len())] as usize);
            }
        }
    }

    /// Admission of a message of such a campaign, at a place of a sheet, and of those that follow it as long as nothing else happens
    /// before they are handed over. Returns the place of the next.
    pub(super) fn hand_over_plain(&mut self, index: usize, sheet: &Sheet, first: usize) -> usize {
        // Nobody else asks for courses meanwhile.
        let mut courses = std::mem::take(&mut self.courses);
        let next = self.hand_over_along(&mut courses, index, sheet, first);
        self.courses = courses;
        next
    }

    #[inline(always)]
    fn hand_over_along(&mut self, courses: &mut Courses<'m>, index: usize, sheet: &Sheet, first: usize) -> usize {
        let campaign = &self.model.campaigns[index];
        if first == 0 && self.foresees {
            self.foresee(courses, index, sheet);
        }
        let mut course = self.course_to(courses, index, &sheet.people[first]);
        let mut place = first;
        let mut until = self.next_beside(index);
        loop {
            let person = &sheet.people[place];
            if !course.leads_to(person) {
                course = self.course_to(courses, index, person);
            }
            if !self.hand_over_on(course, index, campaign, sheet, place) {
                until = self.next_beside(index);
            }
            place += 1;
            match sheet.intended.get(place) {
                Some(at) if *at < until && !O::CHECKS => self.now = *at,
                _ => return place,
            }
            self.steps += 1;
        }
    }

    /// When anything happens next beside the hand-overs of a campaign; the horizon is the last there is.
    #[inline]
    fn next_beside(&self, index: usize) -> SimTime {
        let others = self.slots.first().min(self.calls.first_beside(index)).at();
        others.min(self.events.first_instant().at()).min(self.end)
    }

    /// Hands over one of them. Returns whether it went straight through, and so brings about nothing else.
    #[inline(always)]
    fn hand_over_on(
        &mut self,
        course: &Course,
        index: usize,
        campaign: &Campaign,
        sheet: &Sheet,
        place: usize,
    ) -> bool {
        let person = &sheet.people[place];
        let Some(pool) = course.pool.as_ref().filter(|_| !person.landline && !self.faults.refuses()) else {
            self.hand_over_draft(index, &sheet.draft(place));
            return false;
        };
        let (carrier, number) = (as_u32(person.carrier), sheet.number + place as u64);
        let (for_sender, for_segments) = (sheet.for_sender[place], sheet.for_segments[place]);
        let among = match course.distribution {
            Distribution::Random => index_below(for_sender, pool.senders.len()),
            other => self.choose_place(other, pool.set, campaign, person.carrier, for_sender),
        };
        let (sender, lane, way) = (pool.senders[among], pool.row.lanes[among] as usize, pool.way(among));
        let segments = way.segments.pick(for_segments);
        let carried = way.carried.to(person);
        let expires = self.now.saturating_add(campaign.validity);
        let entry = self.early.enter(lane, self.now, segments, expires);
        let now = self.now;
        let message = || Message {
            intended: now,
            accepted: now,
            released: now,
            number,
            campaign: as_u32(index),
            carrier,
            sender,
            lane: as_u32(lane),
            segments,
            invalid: person.invalid,
            carried,
            ..Message::BLANK
        };
        if entry == Entry::Full {
            let message = message();
            self.observer.offered(now, message.intended, message.campaign, message.carrier);
            self.accept_and_fail(&message, Ending::QueueOverflow);
            return false;
        }
        // Nothing is asked of most messages when they leave.
        let is_certain = course.is_usual & way.is_certain & carried & !person.invalid & sheet.ordinary[place];
        if is_certain && let Entry::Slot(sent, slot_end) = entry {
            let end = sent + SimDuration::from_nanos(sheet.latency[place]);
            let receipt = sheet.fate(place).receipt().map_or(SimTime::MAX, |delay| end + delay);
            let last = slot_end.max(if receipt < SimTime::MAX { receipt } else { end });
            if last < self.end {
                self.known_until = self.known_until.max(last);
                self.tell_straight(Straight {
                    intended: now,
                    sent,
                    attempted: end,
                    slot_end,
                    end,
                    receipt,
                    number,
                    campaign: as_u32(index),
                    carrier,
                    sender,
                    lane: as_u32(lane),
                    segments,
                    report: Report::Delivered,
                    ending: Ending::Delivered,
                    invalid: false,
                    landline: false,
                    carried: true,
                    place: 0,
                });
                return true;
            }
        }
        let mut message = message();
        self.open += 1;
        self.entered_early(lane, &mut message, entry, expires, Some(sheet.fate(place)), false);
        false
    }
}
