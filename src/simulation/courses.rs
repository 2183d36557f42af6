//! What is the same for messages of a plain campaign to people of one carrier who are reached in the same way: who may send them, by
//! which lane, and what each kind of sender means for them. It is looked up with the first such message, and does not change: faults
//! that come and go have all messages leave in the order of time, so that nothing is certain in any course.
//!
//! Not here: the choice of a sender, and what differs from message to message.

use std::sync::Arc;

use crate::model::sender::SenderType;
use crate::model::terms::SenderClass;
use crate::model::{Campaign, Distribution, Model, SegmentCount, Sender, Unreached};

use super::candidates::Row;
use super::people::Person;

/// What there is to know of a course.
#[derive(Debug)]
pub(super) struct Course<'m> {
    /// Of whom it is.
    carrier: usize,
    short_code_reached: bool,
    /// How a sender is chosen.
    pub distribution: Distribution,
    /// Who may be: nobody, where no sender reaches them.
    pub pool: Option<Pool<'m>>,
    /// Whether messages take as long as chance has said, and receipts come when it has.
    pub is_usual: bool,
}

/// Senders of a course.
#[derive(Debug)]
pub(super) struct Pool<'m> {
    /// The index of their set.
    pub set: usize,
    /// Who they are.
    pub senders: &'m [u32],
    /// Their lanes.
    pub row: Arc<Row>,
    /// The ways of their messages, each with the place of the first of the senders that follow one another and have it.
    ways: Vec<(usize, Way<'m>)>,
}

/// What a sender means for its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way<'m> {
    /// How many segments they have.
    pub segments: &'m SegmentCount,
    /// Whether the carrier takes its type.
    pub carried: Carried,
    /// Whether nothing that they meet depends on what is sent, but what lies with the recipient.
    pub is_certain: bool,
}

/// To whom a carrier takes messages of a sender's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carried {
    /// To everybody.
    Always,
    /// To people whom short codes reach.
    ToShortCodeReached,
    /// To people whom toll-free numbers reach.
    ToTollFreeReached,
}

impl Carried {
    /// Of messages from senders of a group to people of a carrier.
    #[inline]
    pub(super) fn of(model: &Model, kind: SenderType, group: usize, carrier: usize) -> Carried {
        match kind {
            SenderType::ShortCode => Carried::ToShortCodeReached,
            // Abroad it is a number like others.
            SenderType::TollFree => {
                let terms = model.terms(group, carrier).expect("a selected sender has terms");
                if terms.class == SenderClass::TollFree { Carried::ToTollFreeReached } else { Carried::Always }
            }
            SenderType::Alphanumeric | SenderType::LongCode | SenderType::Whatsapp => Carried::Always,
        }
    }

    /// Whether this person gets them.
    #[inline(always)]
    pub(super) fn to(self, person: &Person) -> bool {
        match self {
            Carried::Always => true,
            Carried::ToShortCodeReached => person.short_code_reached,
            Carried::ToTollFreeReached => person.toll_free_reached,
        }
    }
}

impl Course<'_> {
    /// Whether it is that of a person.
    #[inline(always)]
    pub(super) fn leads_to(&self, person: &Person) -> bool {
        (person.carrier, person.short_code_reached) == (self.carrier, self.short_code_reached)
    }
}

impl<'m> Course<'m> {
    /// The course of messages of a campaign to people like this one. `row` gives the lanes of a set's senders. `asked`: whether what
    /// messages of a lane meet is known beforehand, and whether carriers ask nothing of a sender's messages by a lane.
    pub(super) fn new(
        model: &'m Model,
        campaign: &'m Campaign,
        person: &Person,
        is_usual: bool,
        row: impl FnOnce(usize) -> Arc<Row>,
        asked: (impl Fn(u32) -> bool, impl Fn(u32, u32) -> bool),
    ) -> Course<'m> {
        let Person { carrier, short_code_reached, .. } = *person;
        let country = model.carriers[carrier].country;
        let service = &model.services[campaign.service.expect("a plain campaign has a service")];
        let route = &service.routes[country];
        let set = match (short_code_reached, route.unreached) {
            (true, _) | (false, Unreached::SendAnyway) => route.set,
            (false, Unreached::Set(other)) => route.set.and(Some(other)),
            (false, Unreached::NoSender) => None,
        };
        let pool = set.map(|set| Pool::new(model, campaign, (carrier, country), set, row(set), asked));
        Course { carrier, short_code_reached, distribution: service.distribution, pool, is_usual }
    }
}

impl<'m> Pool<'m> {
    fn new(
        model: &'m Model,
        campaign: &'m Campaign,
        (carrier, country): (usize, usize),
        set: usize,
        row: Arc<Row>,
        (is_ahead, is_clear): (impl Fn(u32) -> bool, impl Fn(u32, u32) -> bool),
    ) -> Pool<'m> {
        debug_assert!(campaign.replay().is_none(), "a trace says how many segments, and people of one are met again");
        let senders = &model.candidate_sets[set].senders[..];
        let mut ways: Vec<(usize, Way)> = Vec::new();
        let mut last = None;
        for (place, (sender, lane)) in senders.iter().zip(&row.lanes).enumerate() {
            let Sender { group, kind, .. } = model.senders[*sender as usize];
            // Senders of a group follow one another, and carriers ask the same of all of them.
            let key = (group, is_ahead(*lane));
            if last.replace(key) == Some(key) {
                continue;
            }
            let way = Way {
                segments: &campaign.segments[country][kind.index()],
                carried: Carried::of(model, kind, group, carrier),
                is_certain: key.1 && is_clear(*sender, *lane),
            };
            if ways.last().is_none_or(|(_, known)| *known != way) {
                ways.push((place, way));
            }
        }
        Pool { set, senders, row, ways }
    }

    /// The way of the sender at a place.
    #[inline(always)]
    pub(super) fn way(&self, place: usize) -> &Way<'m> {
        match &self.ways[..] {
            [(_, only)] => only,
            ways => &ways[ways.partition_point(|(first, _)| *first <= place) - 1].1,
        }
    }
}

/// The courses that are known.
#[derive(Debug, Default)]
pub(super) struct Courses<'m> {
    /// By campaign, then by carrier and whether short codes reach; empty where none was looked up.
    known: Vec<Vec<Option<Box<Course<'m>>>>>,
    carriers: usize,
}

impl<'m> Courses<'m> {
    /// None.
    pub(super) fn new(model: &Model) -> Courses<'m> {
        Courses { known: model.campaigns.iter().map(|_| Vec::new()).collect(), carriers: model.carriers.len() }
    }

    /// That of messages of a campaign to people like this one.
    #[inline]
    pub(super) fn get(&self, campaign: usize, person: &Person) -> Option<&Course<'m>> {
        self.known[campaign].get(Courses::place(person))?.as_deref()
    }

    /// Learns it.
    pub(super) fn learn(&mut self, campaign: usize, person: &Person, course: Course<'m>) {
        let known = &mut self.known[campaign];
        if known.is_empty() {
            known.resize_with(self.carriers * 2, || None);
        }
        known[Courses::place(person)] = Some(Box::new(course));
    }

    #[inline]
    fn place(person: &Person) -> usize {
        person.carrier * 2 + usize::from(person.short_code_reached)
    }
}
