//! Messages before they are handed over: when, to whom, and what chance says of them, for many of a campaign at once.
//!
//! All of it depends on keys alone, so it makes no difference that it is known before its time.
//!
//! Not here: what becomes of them.

use crate::kernel::draws::Draws;
use crate::kernel::wide::{Instructions, WIDTH};
use crate::model::{Campaign, Model};

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

/// A campaign's messages, in the order in which they are meant.
pub(super) struct Drafts<'m> {
    campaign: usize,
    arrivals: Arrivals<'m>,
    ready: Vec<Draft>,
    next: usize,
}

/// Messages that are lent.
pub(super) struct Lent {
    ready: Vec<Draft>,
    next: usize,
}

impl Lent {
    /// The message that [`Drafts::next`] gave last.
    #[inline]
    pub(super) fn last(&self) -> &Draft {
        &self.ready[self.next - 1]
    }
}

/// What drafts are made with, for all campaigns.
pub(super) struct Desk<'m> {
    how: Instructions,
    crowd: Crowd<'m>,
    fates: Fates<'m>,
    due: Vec<Arrival>,
}

impl<'m> Desk<'m> {
    /// A desk with nothing on it.
    pub(super) fn new(model: &'m Model, draws: Draws) -> Desk<'m> {
        Desk {
            how: Instructions::best(),
            crowd: Crowd::new(model, draws),
            fates: Fates::new(model, draws),
            due: Vec::new(),
        }
    }
}

impl<'m> Drafts<'m> {
    /// The messages of campaign number `index`.
    pub(super) fn new(index: usize, campaign: &'m Campaign, draws: Draws, stream: u32) -> Drafts<'m> {
        let arrivals = Arrivals::new(campaign, draws, stream);
        Drafts { campaign: index, arrivals, ready: Vec::new(), next: 0 }
    }

    /// The walk through its arrivals, if none has been taken.
    pub(super) fn arrivals(&self) -> Arrivals<'m> {
        self.arrivals.clone()
    }

    /// The next message.
    #[inline]
    pub(super) fn next(&mut self, desk: &mut Desk<'m>, network: &Network) -> Option<&Draft> {
        if self.next == self.ready.len() {
            self.fill(desk, network);
        }
        let draft = self.ready.get(self.next)?;
        self.next += 1;
        Some(draft)
    }

    /// The messages that are known and have not been given, if none has been given since they are: else nothing.
    #[inline]
    pub(super) fn coming(&self) -> &[Draft] {
        if self.next == 1 { &self.ready } else { &[] }
    }

    /// Lends the messages, the one that [`Drafts::next`] gave last among them, until they are given back.
    #[inline]
    pub(super) fn lend(&mut self) -> Lent {
        Lent { ready: std::mem::take(&mut self.ready), next: self.next }
    }

    /// Gives back what was lent.
    #[inline]
    pub(super) fn give_back(&mut self, lent: Lent) {
        self.ready = lent.ready;
    }

    fn fill(&mut self, desk: &mut Desk<'m>, network: &Network) {
        let Desk { how, crowd, fates, due } = desk;
        due.clear();
        due.extend(self.arrivals.by_ref().take(WIDTH));
        let Some(first) = due.first().map(|arrival| arrival.number) else { return };
        crowd.look_up(*how, self.campaign, first, due.len());
        self.next = 0;
        self.ready.clear();
        let draft = |(index, arrival): (usize, &Arrival)| Draft {
            arrival: *arrival,
            person: crowd.person(index),
            words: [0; 2],
            fate: Fate::NONE,
        };
        self.ready.extend(due.iter().enumerate().map(draft));
        fates.draw(*how, network, self.campaign, first, &mut self.ready);
    }
}
