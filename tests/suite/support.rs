//! What the tests share: from the text of a scenario to a run, and observers that write down what they see.

use sendpool::model::Model;
use sendpool::model::ending::Ending;
use sendpool::simulation::ledger::CheckedLedger;
use sendpool::simulation::observer::{Message, Observer, Report};
use sendpool::simulation::{Finished, simulate};
use sendpool::units::{Segments, SimDuration, SimTime};

/// The model of a scenario. Version and name are put before the text, since every scenario needs them and no test is
/// about them.
///
/// # Panics
/// When the scenario has errors; they are printed.
pub fn model(yaml: &str) -> Model {
    let text = format!("version: 1\nname: suite\n{yaml}");
    let reading = sendpool::scenario::read("suite.yaml", text.clone().into_bytes(), &[]);
    let findings = reading.render(false);
    reading.model.unwrap_or_else(|| panic!("the scenario has errors:\n{findings}\n{text}"))
}

/// A small run: everything that happened, with the books balanced after every event.
pub struct Run {
    pub model: Model,
    pub trace: Trace,
    pub finished: Finished,
}

/// Runs replication 0 of a small scenario and writes everything down.
pub fn run(yaml: &str) -> Run {
    run_model(model(yaml))
}

/// Runs replication 0 of a model and writes everything down.
pub fn run_model(model: Model) -> Run {
    let ((trace, checked), finished) = simulate(&model, 0, (Trace::default(), CheckedLedger::default()));
    assert_eq!(checked.checks, finished.steps, "the books are balanced after every event");
    assert_eq!(checked.ledger, finished.ledger);
    Run { model, trace, finished }
}

/// Runs replication 0 of a large scenario and keeps sums.
pub fn totals(yaml: &str) -> (Model, Totals) {
    let model = model(yaml);
    let totals = simulate(&model, 0, Totals::new(model.lanes.len())).0;
    (model, totals)
}

/// `nanos` nanoseconds after the start.
pub fn ns(nanos: u64) -> SimTime {
    SimTime::from_nanos(nanos)
}

/// `millis` milliseconds after the start.
pub fn ms(millis: u64) -> SimTime {
    SimTime::from_nanos(millis * 1_000_000)
}

/// `secs` seconds after the start.
pub fn s(secs: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(secs)
}

/// One thing that was observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Offered { campaign: u32, carrier: u32 },
    Refused(Message, Ending),
    Accepted(Message),
    Kept(Message),
    Released(Message),
    Queued(Message),
    Sent { message: Message, ready: SimTime, slot_end: SimTime },
    SlotEnded { lane: u32, segments: Segments },
    Ended(Message, Ending),
    Receipt(Message, Report),
}

/// A message as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct Departure {
    pub message: Message,
    pub ready: SimTime,
    pub slot_end: SimTime,
}

/// Everything that was observed, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    pub seen: Vec<(SimTime, Seen)>,
}

impl Trace {
    /// All departures in order.
    pub fn sent(&self) -> Vec<Departure> {
        let departure = |(_, seen): &(SimTime, Seen)| match *seen {
            Seen::Sent { message, ready, slot_end } => Some(Departure { message, ready, slot_end }),
            _ => None,
        };
        self.seen.iter().filter_map(departure).collect()
    }

    /// The instants at which messages of a campaign were sent, in order.
    pub fn sent_at(&self, campaign: u32) -> Vec<SimTime> {
        self.sent().iter().filter(|sent| sent.message.campaign == campaign).map(|sent| sent.message.sent).collect()
    }

    /// All ends and refusals in order.
    pub fn ends(&self) -> Vec<(SimTime, Message, Ending)> {
        let end = |(at, seen): &(SimTime, Seen)| match *seen {
            Seen::Ended(message, ending) | Seen::Refused(message, ending) => Some((*at, message, ending)),
            _ => None,
        };
        self.seen.iter().filter_map(end).collect()
    }

    /// How many messages ended so.
    pub fn count(&self, ending: Ending) -> usize {
        self.ends().iter().filter(|(_, _, found)| *found == ending).count()
    }

    /// How many messages campaigns meant to send.
    pub fn offered(&self) -> usize {
        self.seen.iter().filter(|(_, seen)| matches!(seen, Seen::Offered { .. })).count()
    }

    /// The ends of a campaign's messages, in the order of their numbers: code or 0.
    pub fn codes(&self, campaign: u32) -> Vec<u16> {
        let mut ends: Vec<(u64, u16)> = self
            .ends()
            .iter()
            .filter(|(_, message, _)| message.campaign == campaign)
            .map(|(_, message, ending)| (message.number, ending.code().unwrap_or(0)))
            .collect();
        ends.sort_unstable();
        ends.into_iter().map(|(_, code)| code).collect()
    }
}

impl Run {
    /// The ids of the senders that a campaign's messages were given, in the order of their numbers; `-` for none.
    pub fn senders(&self, campaign: u32) -> Vec<&str> {
        let mut chosen: Vec<(u64, u32)> = Vec::new();
        for (_, seen) in &self.trace.seen {
            if let Seen::Accepted(message) | Seen::Refused(message, _) | Seen::Released(message) = seen
                && message.campaign == campaign
            {
                chosen.retain(|(number, _)| *number != message.number || !matches!(seen, Seen::Released(_)));
                chosen.push((message.number, message.sender));
            }
        }
        chosen.sort_unstable();
        let id = |sender: u32| self.model.senders.get(sender as usize).map_or("-", |sender| sender.id.as_str());
        chosen.into_iter().map(|(_, sender)| id(sender)).collect()
    }
}

impl Observer for Trace {
    fn offered(&mut self, at: SimTime, _intended: SimTime, campaign: u32, carrier: u32) {
        self.seen.push((at, Seen::Offered { campaign, carrier }));
    }

    fn refused(&mut self, at: SimTime, message: &Message, ending: Ending) {
        self.seen.push((at, Seen::Refused(*message, ending)));
    }

    fn accepted(&mut self, at: SimTime, message: &Message) {
        self.seen.push((at, Seen::Accepted(*message)));
    }

    fn kept(&mut self, at: SimTime, message: &Message) {
        self.seen.push((at, Seen::Kept(*message)));
    }

    fn released(&mut self, at: SimTime, message: &Message) {
        self.seen.push((at, Seen::Released(*message)));
    }

    fn queued(&mut self, at: SimTime, message: &Message) {
        self.seen.push((at, Seen::Queued(*message)));
    }

    fn sent(&mut self, at: SimTime, message: &Message, slot_end: SimTime) {
        self.seen.push((at, Seen::Sent { message: *message, ready: message.ready, slot_end }));
    }

    fn slot_ended(&mut self, at: SimTime, lane: u32, segments: Segments) {
        self.seen.push((at, Seen::SlotEnded { lane, segments }));
    }

    fn ended(&mut self, at: SimTime, message: &Message, ending: Ending) {
        self.seen.push((at, Seen::Ended(*message, ending)));
    }

    fn receipt(&mut self, at: SimTime, message: &Message, report: Report, _ending: Ending) {
        self.seen.push((at, Seen::Receipt(*message, report)));
    }
}

/// Sums of a large run.
#[derive(Clone, Debug)]
pub struct Totals {
    pub offered: u64,
    /// Messages by end or refusal.
    pub ends: [u64; Ending::COUNT],
    /// The first and the last instant of each end.
    pub span: [(SimTime, SimTime); Ending::COUNT],
    /// Messages sent, by lane.
    pub sent: Vec<u64>,
    /// The last instant of a departure, by lane.
    pub last_sent: Vec<SimTime>,
    /// The end of the last slot, by lane.
    pub drained: Vec<SimTime>,
}

impl Totals {
    pub fn new(lanes: usize) -> Totals {
        Totals {
            offered: 0,
            ends: [0; Ending::COUNT],
            span: [(SimTime::MAX, SimTime::ZERO); Ending::COUNT],
            sent: vec![0; lanes],
            last_sent: vec![SimTime::ZERO; lanes],
            drained: vec![SimTime::ZERO; lanes],
        }
    }

    /// Messages that ended so.
    pub fn count(&self, ending: Ending) -> u64 {
        self.ends[ending as usize]
    }

    fn end(&mut self, at: SimTime, ending: Ending) {
        self.ends[ending as usize] += 1;
        let (first, last) = &mut self.span[ending as usize];
        *first = at.min(*first);
        *last = at.max(*last);
    }
}

impl Observer for Totals {
    fn offered(&mut self, _at: SimTime, _intended: SimTime, _campaign: u32, _carrier: u32) {
        self.offered += 1;
    }

    fn refused(&mut self, at: SimTime, _message: &Message, ending: Ending) {
        self.end(at, ending);
    }

    fn sent(&mut self, at: SimTime, message: &Message, slot_end: SimTime) {
        let lane = message.lane as usize;
        self.sent[lane] += 1;
        self.last_sent[lane] = at;
        self.drained[lane] = slot_end;
    }

    fn ended(&mut self, at: SimTime, _message: &Message, ending: Ending) {
        self.end(at, ending);
    }
}

/// A small generator for tests (SplitMix64): it must not be the simulation's own.
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn within(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: u64) -> bool {
        self.within(1, n) == 1
    }

    /// One of them.
    pub fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.within(0, choices.len() as u64 - 1) as usize]
    }
}

/// Mean and half width of the two-sided 99.9 % t-interval of 30 values.
pub fn mean_and_half_width(values: &[f64]) -> (f64, f64) {
    assert_eq!(values.len(), 30, "the quantile below is for 29 degrees of freedom");
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, 3.659 * (variance / n).sqrt())
}
