//! What chance alone says of a message after it is sent: how long it takes, when its receipt comes, and whether anything
//! out of the ordinary happens. It depends on the keys of the message and its recipient, and on nothing that happens in the
//! run, so it can be known beforehand, for many messages side by side.
//!
//! Not here: what the run makes of it (handsets that are met again, faults, filters).

use crate::kernel::draws::Draws;
use crate::kernel::elementary::inverse_normal;
use crate::kernel::samplers::{Chance, log_normal};
use crate::kernel::wide::{self, Blocks, Instructions, Numbers, Reals, WIDTH};
use crate::model::fault::{Effect, Target};
use crate::model::latency::LogNormal;
use crate::model::{Campaign, Model};
use crate::units::{SimDuration, SimTime};

use super::drafts::Sheet;
use super::observer::Message;
use super::people::Person;
use super::purpose;

/// The replication under which facts of the world are drawn that are the same in all replications.
const WORLD: u32 = u32::MAX;

/// What chance says of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fate {
    /// From `sent` to the first attempt at the handset, by the law that [`Network::usual`] names.
    pub latency: SimDuration,
    /// From the final event to its receipt; [`Fate::NO_RECEIPT`] when it is lost. See [`Fate::receipt`].
    pub receipt: SimDuration,
    /// The 32 highest bits of the uniform number that a filter compares.
    pub filter: u32,
    /// Whether the first attempt reaches a handset that nothing else is known of, the network delivers once, and the
    /// recipient does nothing.
    pub ordinary: bool,
}

impl Fate {
    /// Of nothing that matters.
    pub const NONE: Fate = Fate { latency: SimDuration::ZERO, receipt: SimDuration::ZERO, filter: 0, ordinary: false };
    /// The receipt is lost.
    const NO_RECEIPT: SimDuration = SimDuration::from_nanos(u64::MAX);

    /// From the final event to its receipt; `None` when it is lost.
    #[inline]
    pub(super) fn receipt(&self) -> Option<SimDuration> {
        Some(self.receipt).filter(|delay| *delay != Fate::NO_RECEIPT)
    }
}

/// How slow each carrier is.
pub(super) struct Network {
    /// By carrier.
    carriers: Vec<CarrierLaw>,
    /// Whether any carrier takes time.
    takes_time: bool,
    /// Whether any has a leg to it, and whether any receipt comes late or not at all.
    hands_off: bool,
    reports_late: bool,
    /// By campaign: whether its recipients may do anything, or get a message twice.
    answered: Vec<bool>,
}

#[derive(Clone, Copy, Debug)]
struct CarrierLaw {
    /// The leg to the carrier, if there is one.
    hand_off: LogNormal,
    /// The leg to the handset; where a fault replaces the latency for the whole run, the fault's.
    handset: LogNormal,
    /// What replaces the latency for the whole run.
    usual: Option<LogNormal>,
    /// Whether it has a latency of its own.
    own: bool,
    receipt: LogNormal,
    receipt_lost: Chance,
}

/// A leg that takes no time: the exponential of its logarithm is zero.
const NO_TIME: LogNormal = LogNormal { ln_median: -1e9, sigma: 0.0 };

impl Network {
    /// The carriers of a model.
    pub(super) fn new(model: &Model, draws: Draws) -> Network {
        let world = draws.of_replication(WORLD);
        let mixture = model.handsets.as_ref().is_some_and(|handsets| handsets.latency.is_some());
        let law = |(index, carrier): (usize, &crate::model::Carrier)| {
            let usual = usual_delay(model, index);
            let mut law = CarrierLaw {
                hand_off: NO_TIME,
                handset: usual.unwrap_or(NO_TIME),
                usual,
                own: carrier.latency.is_some(),
                receipt: NO_TIME,
                receipt_lost: Chance::NEVER,
            };
            if let Some(latency) = &carrier.latency {
                let uniform = world.block(0, purpose::CARRIER, stable_hash(&carrier.id)).uniform(0);
                let offset = latency.carrier_sigma * inverse_normal(uniform);
                if usual.is_none() && !mixture {
                    law.hand_off = latency.hand_off;
                    law.handset = LogNormal { ln_median: latency.handset.ln_median + offset, ..latency.handset };
                }
                law.receipt = latency.receipt;
                law.receipt_lost = Chance::new(latency.receipt_lost);
            }
            law
        };
        let carriers: Vec<CarrierLaw> = model.carriers.iter().enumerate().map(law).collect();
        let twice = model.handsets.as_ref().is_some_and(|handsets| handsets.duplicate != Chance::NEVER);
        let answered = |campaign: &Campaign| {
            let habits =
                |habits: &crate::model::Habits| habits.opt_out != Chance::NEVER || habits.reply != Chance::NEVER;
            twice || campaign.help != Chance::NEVER || campaign.habits.iter().any(habits)
        };
        Network {
            takes_time: carriers.iter().any(|law| law.own || law.usual.is_some()),
            hands_off: carriers.iter().any(|law| law.hand_off != NO_TIME),
            reports_late: carriers.iter().any(|law| law.own),
            carriers,
            answered: model.campaigns.iter().map(answered).collect(),
        }
    }

    /// What replaces a carrier's latency for the whole run: the law of [`Fate::latency`].
    #[inline]
    pub(super) fn usual(&self, carrier: u32) -> Option<LogNormal> {
        self.carriers[carrier as usize].usual
    }

    /// From `sent` to the first attempt at the handset, one by one; `replaced` by a fault.
    pub(super) fn latency(
        &self,
        model: &Model,
        draws: Draws,
        replaced: Option<LogNormal>,
        message: &Message,
    ) -> SimDuration {
        let law = &self.carriers[message.carrier as usize];
        let block = draws.block(message.campaign, purpose::LATENCY, message.number);
        if let Some(law) = replaced {
            return SimDuration::from_secs_f64_up(log_normal(law.ln_median, law.sigma, block.uniform(1)));
        }
        let Some(latency) = &model.carriers[message.carrier as usize].latency else { return SimDuration::ZERO };
        if let Some((choice, laws)) = model.handsets.as_ref().and_then(|handsets| handsets.latency.as_ref()) {
            let law = &laws[choice.pick(block.bits32(0))];
            return SimDuration::from_secs_f64_up(log_normal(law.ln_median, law.sigma, block.uniform(1)));
        }
        let hand_off = log_normal(latency.hand_off.ln_median, latency.hand_off.sigma, block.uniform(0));
        // A fault that holds for the whole run has the place of the handset's leg; here it is over.
        let handset =
            if law.usual.is_some() { self.own_handset_leg(model, draws, message.carrier) } else { law.handset };
        SimDuration::from_secs_f64_up(hand_off + log_normal(handset.ln_median, handset.sigma, block.uniform(1)))
    }

    fn own_handset_leg(&self, model: &Model, draws: Draws, carrier: u32) -> LogNormal {
        let carrier = &model.carriers[carrier as usize];
        let latency = carrier.latency.as_ref().expect("asked only where there is one");
        let uniform = draws.of_replication(WORLD).block(0, purpose::CARRIER, stable_hash(&carrier.id)).uniform(0);
        let offset = latency.carrier_sigma * inverse_normal(uniform);
        LogNormal { ln_median: latency.handset.ln_median + offset, ..latency.handset }
    }

    /// From the final event of a message to its receipt, one by one; `None` when the receipt is lost.
    pub(super) fn receipt_delay(&self, draws: Draws, message: &Message) -> Option<SimDuration> {
        let law = &self.carriers[message.carrier as usize];
        if !law.own {
            return Some(SimDuration::ZERO);
        }
        let block = draws.block(message.campaign, purpose::RECEIPT, message.number);
        if law.receipt_lost.hits(block.bits32(0)) {
            return None;
        }
        let seconds = log_normal(law.receipt.ln_median, law.receipt.sigma, block.uniform(1));
        Some(SimDuration::from_secs_f64_up(seconds))
    }
}

/// The law of the last fault in the file that delays a carrier, if it does so for the whole run.
fn usual_delay(model: &Model, carrier: usize) -> Option<LogNormal> {
    let mut delays = model.faults.iter().filter_map(|fault| match (&fault.target, fault.effect) {
        (Target::Carriers(list), Effect::Delay(law)) if list.contains(&carrier) => Some((fault, law)),
        _ => None,
    });
    let (fault, law) = delays.next_back()?;
    (fault.at == SimTime::ZERO && fault.until == SimTime::MAX).then_some(law)
}

/// FNV-1a over the bytes: a key that depends on the id alone.
pub(super) fn stable_hash(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Draws the fates of many messages side by side.
pub(super) struct Fates<'m> {
    model: &'m Model,
    draws: Draws,
    message: Blocks,
    latency: Blocks,
    receipt: Blocks,
    handset: Blocks,
    habit: Blocks,
    feedback: Blocks,
    spans: Box<[Reals; 3]>,
}

impl<'m> Fates<'m> {
    /// None yet.
    pub(super) fn new(model: &'m Model, draws: Draws) -> Fates<'m> {
        let blocks = Blocks::default;
        Fates {
            model,
            draws,
            message: blocks(),
            latency: blocks(),
            receipt: blocks(),
            handset: blocks(),
            habit: blocks(),
            feedback: blocks(),
            spans: Box::new([[0.0; WIDTH]; 3]),
        }
    }

    /// Draws the fates of the messages of `campaign` on a sheet, whose arrivals and recipients are known, and the words that choose
    /// segments and sender. `alike`: all recipients are of one carrier.
    pub(super) fn draw(
        &mut self,
        how: Instructions,
        network: &Network,
        campaign: usize,
        alike: bool,
        sheet: &mut Sheet,
    ) {
        let (model, draws) = (self.model, self.draws);
        let stream = model.campaign_stream(campaign);
        let numbers = Numbers::from(sheet.number);
        self.message.draw(how, &draws, stream, purpose::MESSAGE, &numbers);
        sheet.for_segments = *self.message.bits32(0);
        sheet.for_sender = *self.message.bits32(1);
        sheet.filter = *self.message.bits32(3);
        sheet.ordinary = [true; WIDTH];
        if network.takes_time {
            self.latency.draw(how, &draws, stream, purpose::LATENCY, &numbers);
            if network.reports_late {
                self.receipt.draw(how, &draws, stream, purpose::RECEIPT, &numbers);
            }
            self.spans(how, network, alike, sheet);
            // Handsets out of reach are those of carriers that take time of their own.
            if let Some(handsets) = model.handsets.as_ref().filter(|_| network.reports_late) {
                self.handset.draw(how, &draws, stream, purpose::HANDSET, &numbers);
                self.habits(how, &sheet.people);
                let [denied, brief, off] = [0, 1, 2].map(|word| self.handset.bits32(word));
                let abandoned = self.habit.bits32(0);
                for (index, person) in sheet.people.iter().enumerate() {
                    let reached = !handsets.denied.hits(denied[index])
                        & !handsets.brief.hits(brief[index])
                        & !handsets.off.hits(off[index])
                        & !handsets.abandoned.hits(abandoned[index]);
                    sheet.ordinary[index] = reached | !network.carriers[person.carrier].own;
                }
            }
        }
        if network.answered[campaign] {
            self.feedback.draw(how, &draws, stream, purpose::FEEDBACK, &numbers);
            self.answers(network, &model.campaigns[campaign], sheet);
        }
    }

    /// Who does something with a message, or gets it twice.
    fn answers(&self, network: &Network, campaign: &Campaign, sheet: &mut Sheet) {
        let model = self.model;
        let (first, second) = (self.feedback.bits32(0), self.feedback.bits32(1));
        let duplicate = model.handsets.as_ref().map_or(Chance::NEVER, |handsets| handsets.duplicate);
        // Who asks for help is looked up one by one.
        let nobody_asks = campaign.help == Chance::NEVER;
        for (index, person) in sheet.people.iter().enumerate() {
            let habits = &campaign.habits[model.carriers[person.carrier].country];
            let twice = network.carriers[person.carrier].own & duplicate.hits(first[index].rotate_left(16));
            let answers = habits.opt_out.hits(first[index]) | habits.reply.hits(second[index]);
            sheet.ordinary[index] &= !twice & !answers & nobody_asks;
        }
    }

    /// Latencies and receipts.
    fn spans(&mut self, how: Instructions, network: &Network, alike: bool, sheet: &mut Sheet) {
        let [first, second, receipt] = &mut *self.spans;
        self.latency.uniform(how, 1, second);
        wide::normals(how, second);
        // Of what takes no time the normal variate does not matter.
        if network.hands_off {
            self.latency.uniform(how, 0, first);
            wide::normals(how, first);
        }
        if network.reports_late {
            self.receipt.uniform(how, 1, receipt);
            wide::normals(how, receipt);
        }
        let mixture = self.model.handsets.as_ref().and_then(|handsets| handsets.latency.as_ref());
        if alike && mixture.is_none() {
            let law = &network.carriers[sheet.people[0].carrier];
            let line = |values: &mut Reals, law: &LogNormal| wide::lines(how, values, law.ln_median, law.sigma);
            line(first, &law.hand_off);
            line(second, &law.handset);
            line(receipt, &law.receipt);
        } else {
            let leg = |normal: &mut f64, law: &LogNormal| *normal = law.ln_median + law.sigma * *normal;
            for (index, person) in sheet.people.iter().enumerate() {
                let law = &network.carriers[person.carrier];
                let handset = match mixture {
                    Some((choice, laws)) if law.own && law.usual.is_none() => {
                        &laws[choice.pick(self.latency.bits32(0)[index])]
                    }
                    _ => &law.handset,
                };
                leg(&mut first[index], &law.hand_off);
                leg(&mut second[index], handset);
                leg(&mut receipt[index], &law.receipt);
            }
        }
        if network.hands_off {
            wide::spans(how, first, second);
            wide::nanos(how, first, &mut sheet.latency);
        } else {
            wide::exponents(how, second);
            wide::nanos(how, second, &mut sheet.latency);
        }
        if network.reports_late {
            wide::exponents(how, receipt);
            wide::nanos(how, receipt, &mut sheet.receipt);
            for (index, person) in sheet.people.iter().enumerate() {
                if network.carriers[person.carrier].receipt_lost.hits(self.receipt.bits32(0)[index]) {
                    sheet.receipt[index] = Fate::NO_RECEIPT.as_nanos();
                }
            }
        }
    }

    /// The words that tell whether people's handsets are abandoned. People are of one stream, but for those of a trace.
    fn habits(&mut self, how: Instructions, people: &[Person]) {
        let stream = people[0].key().0;
        if people.iter().all(|person| person.key().0 == stream) {
            let numbers = Numbers::of(|index| people.get(index).map_or(0, |person| person.key().1));
            self.habit.draw(how, &self.draws, stream, purpose::HABIT, &numbers);
        } else {
            for (index, person) in people.iter().enumerate() {
                let (stream, number) = person.key();
                self.habit.set(index, self.draws.block(stream, purpose::HABIT, number).words());
            }
        }
    }
}
