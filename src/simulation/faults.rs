//! Which faults are on, by carrier and sender. What is on at one instant is worked out when a fault begins or ends, since
//! every message asks; without faults nothing is kept and nothing asked.

use super::lane::Waiting;
use super::observer::Message;
use crate::model::Model;
use crate::model::ending::Ending;
use crate::model::fault::{Effect, Target};
use crate::model::latency::LogNormal;
use crate::units::{Rate, SimDuration, SimTime};

/// What is on.
#[derive(Debug, Default)]
pub(super) struct Faults {
    active: Vec<bool>,
    platform: State,
    carriers: Vec<State>,
    senders: Vec<State>,
    /// By carrier: segments taken in the current second of the clock.
    seconds: Vec<(u64, u64)>,
    /// Whether there are any of receipts.
    of_receipts: bool,
}

/// What is on for one carrier or sender. Of two faults that replace the same thing the later one in the file counts.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    held: bool,
    fails: bool,
    suspended: bool,
    latency: Option<LogNormal>,
    capacity: Option<Rate>,
    rate: Option<Rate>,
}

/// What becomes of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReceiptFate {
    /// It comes then.
    Comes(SimTime),
    /// It is lost.
    Lost,
}

impl Faults {
    pub(super) fn new(model: &Model) -> Faults {
        if model.faults.is_empty() {
            return Faults::default();
        }
        let about_senders = model.faults.iter().any(|fault| matches!(fault.target, Target::Senders(_)));
        Faults {
            active: vec![false; model.faults.len()],
            platform: State::default(),
            carriers: vec![State::default(); model.carriers.len()],
            senders: if about_senders { vec![State::default(); model.senders.len()] } else { Vec::new() },
            seconds: vec![(0, 0); model.carriers.len()],
            of_receipts: model.faults.iter().any(|fault| is_of_receipts(fault.effect)),
        }
    }

    /// Fault number `index` begins or ends.
    pub(super) fn turn(&mut self, model: &Model, index: usize, on: bool) {
        self.active[index] = on;
        self.platform = State::default();
        self.carriers.fill(State::default());
        self.senders.fill(State::default());
        let active = model.faults.iter().zip(&self.active).filter(|(_, active)| **active);
        for (fault, _) in active {
            match &fault.target {
                Target::Platform => self.platform.add(fault.effect),
                Target::Carriers(list) => list.iter().for_each(|carrier| self.carriers[*carrier].add(fault.effect)),
                Target::Senders(list) => {
                    list.iter().for_each(|sender| self.senders[*sender as usize].add(fault.effect));
                }
            }
        }
    }

    #[inline]
    fn states(&self, carrier: u32, sender: u32) -> Option<[&State; 3]> {
        let carrier = self.carriers.get(carrier as usize)?;
        Some([&self.platform, carrier, self.senders.get(sender as usize).unwrap_or(&self.platform)])
    }

    /// Whether the head of a lane may not start its slot.
    #[inline]
    pub(super) fn holds(&self, head: &Waiting) -> bool {
        self.states(head.carrier, head.sender).is_some_and(|states| states.iter().any(|state| state.held))
    }

    /// Whether the platform takes no calls.
    pub(super) fn refuses(&self) -> bool {
        self.platform.fails
    }

    /// The rate that a sender's queues have now; `None` for their own.
    pub(super) fn rate(&self, sender: u32) -> Option<Rate> {
        self.senders.get(sender as usize)?.rate
    }

    /// How what is sent ends because account or sender are suspended.
    pub(super) fn suspension(&self, model: &Model, message: &Message) -> Option<Ending> {
        if self.active.is_empty() {
            return None;
        }
        let [platform, _, sender] = self.states(message.carrier, message.sender)?;
        if platform.suspended {
            return Some(Ending::AccountSuspended);
        }
        sender.suspended.then(|| model.senders[message.sender as usize].when_suspended())
    }

    /// How what is sent ends because its carrier is out or has no room.
    pub(super) fn outage(&mut self, message: &Message) -> Option<Ending> {
        let state = *self.carriers.get(message.carrier as usize)?;
        if state.fails {
            return Some(Ending::ProviderTimeout);
        }
        let room = state.capacity?.whole_segments_in(SimDuration::from_secs(1)).0;
        let second = message.sent.as_nanos() / 1_000_000_000;
        let (current, used) = &mut self.seconds[message.carrier as usize];
        if *current != second {
            (*current, *used) = (second, 0);
        }
        let wanted = *used + u64::from(message.segments);
        if wanted > room {
            return Some(Ending::Congested);
        }
        *used = wanted;
        None
    }

    /// What replaces a carrier's latency to the handset.
    pub(super) fn latency(&self, carrier: usize) -> Option<LogNormal> {
        self.carriers.get(carrier)?.latency
    }

    /// Whether all receipts come when they would.
    pub(super) fn let_receipts_be(&self) -> bool {
        !self.of_receipts
    }

    /// What becomes of a receipt that would come at `at`. Looks ahead: faults are known in advance.
    pub(super) fn receipt(&self, model: &Model, message: &Message, at: SimTime) -> ReceiptFate {
        let hits = |target: &Target| match target {
            Target::Platform => true,
            Target::Carriers(list) => list.contains(&(message.carrier as usize)),
            Target::Senders(list) => list.contains(&message.sender),
        };
        let mut at = at;
        // A receipt that comes at the end of one outage may fall into another one.
        loop {
            let fault = model
                .faults
                .iter()
                .find(|fault| is_of_receipts(fault.effect) && fault.covers(at) && hits(&fault.target));
            match fault {
                None => return ReceiptFate::Comes(at),
                Some(fault) if fault.effect == Effect::ReceiptsLate && fault.until < SimTime::MAX => at = fault.until,
                Some(_) => return ReceiptFate::Lost,
            }
        }
    }
}

fn is_of_receipts(effect: Effect) -> bool {
    matches!(effect, Effect::ReceiptsLost | Effect::ReceiptsLate)
}

impl State {
    fn add(&mut self, effect: Effect) {
        match effect {
            Effect::Hold => self.held = true,
            Effect::Fail => self.fails = true,
            Effect::Suspend => self.suspended = true,
            Effect::Delay(latency) => self.latency = Some(latency),
            Effect::Capacity(capacity) => self.capacity = Some(capacity),
            Effect::Rate(rate) => self.rate = Some(rate),
            Effect::ReceiptsLost | Effect::ReceiptsLate => {}
        }
    }
}
