//! The memory of carriers' filters: what each has seen of a content since its midnight, which contents it blocks as a
//! whole, and which senders are suspended for what their recipients did.
//!
//! The formula is the model's. A content's frailty is drawn once for each carrier and day, so that its messages fare
//! alike. Blocks act at the gate alone; what is done to a sender takes effect after a review.

use rustc_hash::FxHashSet;

use super::fate::Fate;
use super::observer::Message;
use super::purpose;
use crate::kernel::draws::{Block, Draws};
use crate::kernel::samplers::exponential;
use crate::model::Model;
use crate::model::ending::Ending;
use crate::model::filter::{Exposure, FilterClass, FilterCoefficients, Suspension};
use crate::model::terms::{SenderClass, Terms};
use crate::units::SimTime;

const DAY: u64 = 86_400;

/// What filters remember.
pub(super) struct FilterState {
    /// By fingerprint and carrier.
    seen: Vec<Seen>,
    /// Messages in a row that looked bad, and blocks; by fingerprint, carrier and class of sender.
    runs: Vec<Run>,
    /// By zone: midnights so far.
    days: Vec<u32>,
    /// By carrier: what tells it from others in keys.
    keys: Vec<u64>,
    /// By sender: who is suspended with it.
    units: Vec<u32>,
    /// By unit.
    conduct: Vec<Conduct>,
    /// Units suspended now.
    suspended: u32,
    /// Seconds between the midnight before the start, in the scenario's zone, and the start.
    start: u64,
}

/// One content at one carrier today.
#[derive(Clone, Debug, Default)]
struct Seen {
    messages: u64,
    opt_outs: u64,
    numbers: FxHashSet<u32>,
    /// What multiplies the odds, once drawn.
    frailty: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Run {
    messages: u32,
    until: SimTime,
    /// What the probability was last worked out from, and what it was.
    known: Option<(FilterClass, Exposure, f64)>,
}

/// What a sender's recipients did today.
#[derive(Clone, Copy, Debug, Default)]
struct Conduct {
    day: u64,
    messages: u64,
    opt_outs: u64,
    errors: u64,
    /// Under review, or suspended.
    accused: bool,
    suspended: bool,
}

/// What a filter makes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Judgement {
    /// How it ends, if it does here.
    pub ending: Option<Ending>,
    /// Whether a block of its content began with it, and whether for being spread over too many numbers.
    pub block_began: Option<bool>,
}

impl FilterState {
    pub(super) fn new(model: &Model) -> FilterState {
        let units: Vec<u32> = model
            .senders
            .iter()
            .enumerate()
            .map(|(index, sender)| {
                // The numbers of a 10DLC campaign stand and fall together.
                let first = if sender.brand.is_some() { model.groups[sender.group].first } else { index };
                u32::try_from(first).expect("the number of senders is limited")
            })
            .collect();
        FilterState {
            seen: vec![Seen::default(); model.fingerprints * model.carriers.len()],
            runs: vec![Run::default(); model.fingerprints * model.carriers.len() * SenderClass::COUNT],
            days: vec![0; model.day_zones.len()],
            keys: model.carriers.iter().map(|carrier| super::fate::stable_hash(&carrier.id)).collect(),
            conduct: vec![Conduct::default(); units.len()],
            units,
            suspended: 0,
            start: u64::from(model.calendar.start_second_of_day()),
        }
    }

    /// Midnight in `zone`: its carriers forget what they have seen, but not what they block.
    pub(super) fn start_day(&mut self, model: &Model, zone: usize) {
        self.days[zone] += 1;
        for (index, seen) in self.seen.iter_mut().enumerate() {
            if model.carriers[index % model.carriers.len()].day_zone == zone {
                *seen = Seen::default();
            }
        }
    }

    /// Whether the filter passes a message that nothing else refused.
    pub(super) fn judge(
        &mut self,
        model: &Model,
        draws: Draws,
        message: &Message,
        fate: Option<&Fate>,
        terms: &Terms,
        risk: f64,
    ) -> Judgement {
        let Some(class) = &terms.filter else { return Judgement { ending: None, block_began: None } };
        let carrier = message.carrier as usize;
        let fingerprint = model.campaigns[message.campaign as usize].fingerprint;
        let memory = &model.filter_memory;
        let seen = &mut self.seen[fingerprint * model.carriers.len() + carrier];
        seen.messages += 1;
        if terms.counts_as_number {
            seen.numbers.insert(message.sender);
        }
        let frailty = *seen.frailty.get_or_insert_with(|| {
            let day = self.days[model.carriers[carrier].day_zone];
            let key = self.keys[carrier] ^ (fingerprint as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let drawn = exponential(draws.block(day, purpose::FRAILTY, key).uniform(0));
            1.0 - memory.frailty + memory.frailty * drawn
        });
        let judged = seen.messages >= model.filter.opt_out_after;
        let exposure = Exposure {
            messages: seen.messages,
            senders: seen.numbers.len() as u64,
            risk,
            opt_outs: if judged { seen.opt_outs as f64 / seen.messages as f64 } else { 0.0 },
            frailty,
        };
        let place = (fingerprint * model.carriers.len() + carrier) * SenderClass::COUNT + terms.class as usize;
        let run = &mut self.runs[place];
        let probability = run.probability(&model.filter, class, exposure);
        let mut block_began = None;
        if let Some(block) = memory.block {
            if message.sent < run.until {
                return Judgement { ending: Some(Ending::ContentBlocked), block_began: None };
            }
            if probability > block.above {
                run.messages += 1;
                if run.messages == block.messages {
                    (run.messages, run.until) = (0, message.sent.saturating_add(block.lasts));
                    block_began = Some(class.free_senders.is_some_and(|free| exposure.senders as f64 > free));
                }
            } else {
                run.messages = 0;
            }
        }
        let filtered = below(probability, fate.map(|fate| fate.filter), || {
            draws.block(message.campaign, purpose::MESSAGE, message.number)
        });
        Judgement { ending: filtered.then_some(Ending::Filtered), block_began }
    }

    /// How what is sent ends because its sender, or too many of the account's, are suspended.
    pub(super) fn suspension(&self, model: &Model, message: &Message) -> Option<Ending> {
        if self.suspended == 0 {
            return None;
        }
        let account = model.filter_memory.suspension.and_then(|rule| rule.account_after);
        if account.is_some_and(|most| self.suspended >= most) {
            return Some(Ending::AccountSuspended);
        }
        let unit = self.units[message.sender as usize] as usize;
        self.conduct[unit].suspended.then(|| model.senders[message.sender as usize].when_suspended())
    }

    /// The conduct of a sender today.
    fn today(&mut self, sender: u32, at: SimTime) -> &mut Conduct {
        let day = (self.start + at.as_nanos() / 1_000_000_000) / DAY;
        let conduct = &mut self.conduct[self.units[sender as usize] as usize];
        if conduct.day != day {
            *conduct = Conduct { day, accused: conduct.accused, suspended: conduct.suspended, ..Conduct::default() };
        }
        conduct
    }

    /// A message reached a carrier.
    pub(super) fn note_sent(&mut self, message: &Message) {
        self.today(message.sender, message.sent).messages += 1;
    }

    /// It went to a number that does not exist or takes no text. Returns whether its sender is now to be reviewed.
    pub(super) fn note_error(&mut self, rule: &Suspension, message: &Message) -> bool {
        let conduct = self.today(message.sender, message.sent);
        conduct.errors += 1;
        conduct.accuse(rule)
    }

    /// Its recipient opted out at `at`. Returns whether its sender is now to be reviewed.
    pub(super) fn note_opt_out(&mut self, model: &Model, message: &Message, at: SimTime) -> bool {
        let fingerprint = model.campaigns[message.campaign as usize].fingerprint;
        self.seen[fingerprint * model.carriers.len() + message.carrier as usize].opt_outs += 1;
        let Some(rule) = &model.filter_memory.suspension else { return false };
        let conduct = self.today(message.sender, at);
        conduct.opt_outs += 1;
        conduct.accuse(rule)
    }

    /// The review is over: the sender is suspended.
    pub(super) fn suspend(&mut self, sender: u32) {
        self.conduct[self.units[sender as usize] as usize].suspended = true;
        self.suspended += 1;
    }

    /// The suspension is over, and what led to it forgotten.
    pub(super) fn resume(&mut self, sender: u32) {
        let conduct = &mut self.conduct[self.units[sender as usize] as usize];
        *conduct = Conduct { day: conduct.day, ..Conduct::default() };
        self.suspended -= 1;
    }
}

/// Whether a message's uniform number lies below `probability`. Its 32 highest bits, where they are known, tell nearly always.
#[inline]
fn below(probability: f64, highest: Option<u32>, block: impl FnOnce() -> Block) -> bool {
    if let Some(highest) = highest {
        // Below the number, and above it: 32 bits of 52.
        let step = 1.0 / (1u64 << 32) as f64;
        let least = f64::from(highest) * step;
        if probability <= least {
            return false;
        }
        if probability >= least + step {
            return true;
        }
    }
    block().uniform(1) < probability
}

impl Run {
    /// The probability that a filter stops a message, worked out anew only when something has changed that it depends on.
    #[inline]
    fn probability(&mut self, filter: &FilterCoefficients, class: &FilterClass, exposure: Exposure) -> f64 {
        let counts = filter.what_counts(class, &exposure);
        match self.known {
            Some((known, exposure, probability)) if known == *class && exposure == counts => probability,
            _ => {
                let probability = filter.probability(class, &exposure);
                self.known = Some((*class, counts, probability));
                probability
            }
        }
    }
}

impl Conduct {
    fn accuse(&mut self, rule: &Suspension) -> bool {
        let messages = self.messages as f64;
        let bad = self.opt_outs as f64 >= rule.opt_outs * messages || self.errors as f64 >= rule.errors * messages;
        let accused = !self.accused && self.messages >= rule.messages && bad;
        self.accused |= accused;
        accused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Aim: the highest bits tell what the number tells. Method: probabilities at the number, right beside it, and at the ends
    /// of what the bits leave open, which random scenarios never meet.
    #[test]
    fn the_highest_bits_tell_what_the_number_tells() {
        let draws = Draws::new(3, 0);
        for number in 0..2_000 {
            let block = draws.block(1, purpose::MESSAGE, number);
            let (uniform, highest) = (block.uniform(1), block.bits32(3));
            let step = 1.0 / (1u64 << 32) as f64;
            let least = f64::from(highest) * step;
            let beside = |p: f64, ulps: i64| f64::from_bits(p.to_bits().wrapping_add_signed(ulps));
            let around = [uniform, least, least + step].into_iter().filter(|p| *p > 0.0);
            for p in around.flat_map(|p| [-2, -1, 0, 1, 2].map(|ulps| beside(p, ulps))).chain([0.0, 1.0]) {
                assert_eq!(below(p, Some(highest), || block), uniform < p, "{number} {p}");
                assert_eq!(below(p, None, || block), uniform < p, "{number} {p}");
            }
        }
    }
}
