//! Messages before they are handed over: when, to whom, and what chance says of them, for many of a campaign at once.
//!
//! All of it depends on keys alone, so it makes no difference that it is known before its time.
//!
//! Not here: what becomes of them.

use crate::kernel::draws::Draws;
use crate::kernel::wide::{Instructions, Nanos, WIDTH};
use crate::model::{Campaign, Model};
use crate::units::{SimDuration, SimTime};

use super::arrivals::{Arrival, Arrivals};
use super::fate::{Fate, Fates, Network};
use super::people::{Crowd, Person};

/// A message that a campaign will hand over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draft {
    /// When it is meant, and its number.
    pub arrival: Arrival,
    /// To whom.
    pub person: Person,
    /// Words that choose its segments and its sender.
    pub words: [u32; 2],
    /// What chance says of it.
    pub fate: Fate,
}

/// Messages that follow one another, side by side.
#[derive(Debug)]
pub(super) struct Sheet {
    /// The number of the first.
    pub number: u64,
    /// When they are meant. So many are there; of the rest, what stands beyond means nothing.
    pub intended: Vec<SimTime>,
    /// To whom.
    pub people: Vec<Person>,
    /// Words that choose their segments, and their senders.
    pub for_segments: [u32; WIDTH],
    pub for_sender: [u32; WIDTH],
    /// As in [`Fate`].
    pub latency: Nanos,
    pub receipt: Nanos,
    pub filter: [u32; WIDTH],
    pub ordinary: [bool; WIDTH],
}

impl Sheet {
    fn new() -> Sheet {
        Sheet {
            number: 0,
            intended: Vec::with_capacity(WIDTH),
            people: Vec::with_capacity(WIDTH),
            for_segments: [0; WIDTH],
            for_sender: [0; WIDTH],
            latency: [0; WIDTH],
            receipt: [0; WIDTH],
            filter: [0; WIDTH],
            ordinary: [true; WIDTH],
        }
    }

    /// What chance says of the message at a place.
    #[inline]
    pub(super) fn fate(&self, place: usize) -> Fate {
        Fate {
            latency: SimDuration::from_nanos(self.latency[place]),
            receipt: SimDuration::from_nanos(self.receipt[place]),
            filter: self.filter[place],
            ordinary: self.ordinary[place],
        }
    }

    /// The message at a place.
    #[inline]
    pub(super) fn draft(&self, place: usize) -> Draft {
        Draft {
            arrival: Arrival { intended: self.intended[place], number: self.number + place as u64 },
            person: self.people[place],
            words: [self.for_segments[place], self.for_sender[place]],
            fate: self.fate(place),
        }
    }
}

/// A campaign's messages, in the order in which they are meant.
pub(super) struct Drafts<'m> {
    campaign: usize,
    arrivals: Arrivals<'m>,
    /// Those that are known; nothing while they are lent.
    sheet: Option<Box<Sheet>>,
    /// The place of the one that is next.
    next: usize,
}

/// What drafts are made with, for all campaigns.
pub(super) struct Desk<'m> {
    how: Instructions,
    crowd: Crowd<'m>,
    fates: Fates<'m>,
}

impl<'m> Desk<'m> {
    /// A desk with nothing on it.
    pub(super) fn new(model: &'m Model, draws: Draws) -> Desk<'m> {
        Desk { how: Instructions::best(), crowd: Crowd::new(model, draws), fates: Fates::new(model, draws) }
    }
}

impl<'m> Drafts<'m> {
    /// The messages of campaign number `index`.
    pub(super) fn new(index: usize, campaign: &'m Campaign, draws: Draws, stream: u32) -> Drafts<'m> {
        let arrivals = Arrivals::new(campaign, draws, stream);
        Drafts { campaign: index, arrivals, sheet: Some(Box::new(Sheet::new())), next: 0 }
    }

    /// The walk through its arrivals, if none has been taken.
    pub(super) fn arrivals(&self) -> Arrivals<'m> {
        self.arrivals.clone()
    }

    /// When the next message is meant; `None` when there are no more.
    #[inline]
    pub(super) fn upcoming(&mut self, desk: &mut Desk<'m>, network: &Network) -> Option<SimTime> {
        let (mut sheet, mut next) = self.lend();
        if next == sheet.intended.len() {
            self.fill(&mut sheet, desk, network);
            next = 0;
        }
        let intended = sheet.intended.get(next).copied();
        self.give_back(sheet, next);
        intended
    }

    /// Lends the messages that are known, until they are given back, and tells the place of the next.
    #[inline]
    pub(super) fn lend(&mut self) -> (Box<Sheet>, usize) {
        (self.sheet.take().expect("what was lent was given back"), self.next)
    }

    /// Gives back what was lent, of which the message at a place is next, or nothing is left.
    #[inline]
    pub(super) fn give_back(&mut self, sheet: Box<Sheet>, next: usize) {
        self.sheet = Some(sheet);
        self.next = next;
    }

    fn fill(&mut self, sheet: &mut Sheet, desk: &mut Desk<'m>, network: &Network) {
        let Desk { how, crowd, fates } = desk;
        sheet.number = self.arrivals.take(&mut sheet.intended);
        let count = sheet.intended.len();
        if count > 0 {
            let alike = crowd.look_up(*how, self.campaign, sheet.number, count, &mut sheet.people);
            fates.draw(*how, network, self.campaign, alike, sheet);
        }
    }
}
