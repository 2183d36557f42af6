//! What filters are expected to take of one content that several numbers carry: the filter's formula, averaged over the
//! messages of a day and over the luck of the content.
//!
//! A filter remembers volume, so the first messages of a day fare better than the last: the mean over all of them is what a
//! sender sees. Where a content is blocked as a whole once it has looked bad for long, so it is here. Expected values stand
//! in the place of chance: a carrier gets its share of the messages evenly over the time, and of k numbers k (1 - (1 - 1/k)^m)
//! have carried one of the first m messages.
//!
//! Left out: opt-outs and suspensions of senders, what a content was blocked for before, and other contents.

use super::filter::{Exposure, FilterClass, FilterCoefficients, FilterMemory};
use crate::kernel::samplers::exponential;

/// The luck of a content is averaged over so many like parts of its distribution.
const LUCKS: u32 = 40;
/// Messages are looked at one by one up to this number, and beyond in steps of one in so many.
const FINE: f64 = 50.0;

/// A content, as carriers see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    /// How filters weigh what they see.
    pub filter: FilterCoefficients,
    /// What they do beyond judging single messages.
    pub memory: FilterMemory,
    /// The carriers that judge it.
    pub carriers: Vec<Watcher>,
}

/// A carrier that judges the content.
#[derive(Clone, Debug, PartialEq)]
pub struct Watcher {
    /// Its share of the messages.
    pub share: f64,
    /// The classes of sender that the messages come from.
    pub classes: Vec<Class>,
    /// The days that they come in, one after the other; it forgets what it has seen when one ends.
    pub days: Vec<Day>,
}

/// A part of a carrier's messages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Class {
    /// Its share of the carrier's messages; those of a carrier add up to one.
    pub share: f64,
    /// What the filter makes of its senders; `None` is not filtered.
    pub filter: Option<FilterClass>,
    /// Risk of the content, 0 to 1.
    pub risk: f64,
    /// Whether its senders are among the numbers that the content is spread over.
    pub counted: bool,
}

/// A part of the time in which the content is sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
    /// The share of all messages that are sent in it.
    pub share: f64,
    /// How long it is, in seconds.
    pub seconds: f64,
}

impl Spread {
    /// The share that filters take of the messages that come from numbers, when `numbers` numbers carry the content and all
    /// its senders send so many `messages`; `None` where numbers send nothing.
    pub fn filtered(&self, numbers: u32, messages: f64) -> Option<f64> {
        let (mut stopped, mut sent) = (0.0, 0.0);
        for carrier in &self.carriers {
            let counted = carrier.counted_share();
            sent += carrier.share * counted;
            if counted > 0.0 && messages > 0.0 {
                let seen = messages * carrier.share;
                stopped += self.stopped_at(carrier, numbers, seen) / messages;
            }
        }
        (sent > 0.0).then(|| (stopped / sent).clamp(0.0, 1.0))
    }

    /// Messages of numbers that one carrier stops, of all that it sees.
    fn stopped_at(&self, carrier: &Watcher, numbers: u32, seen: f64) -> f64 {
        let days: Vec<Vec<Step>> =
            carrier.days.iter().map(|day| self.steps(carrier, numbers, seen * day.share)).collect();
        let lucks = if self.memory.frailty > 0.0 { LUCKS } else { 1 };
        let luck = |index: u32| {
            let drawn = if lucks == 1 { 1.0 } else { exponential(1.0 - (f64::from(index) + 0.5) / f64::from(lucks)) };
            1.0 - self.memory.frailty + self.memory.frailty * drawn
        };
        let stopped = |class: usize| {
            let sum: f64 = (0..lucks).map(|index| self.stopped_of(carrier, class, &days, luck(index))).sum();
            sum / f64::from(lucks)
        };
        (0..carrier.classes.len()).filter(|class| carrier.classes[*class].counted).map(stopped).sum()
    }

    /// The day's messages in steps, each with the probability of its middle, by class.
    fn steps(&self, carrier: &Watcher, numbers: u32, messages: f64) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut before = 0.0;
        while before < messages {
            let whole = (before / FINE).floor().max(1.0);
            let count = whole.min(messages - before);
            let middle = before + (whole + 1.0) / 2.0;
            let probabilities = carrier.classes.iter().map(|class| self.probability(carrier, class, numbers, middle));
            steps.push(Step { count, probabilities: probabilities.collect() });
            before += whole;
        }
        steps
    }

    /// The probability that the carrier filters the `nth` message of the day, with average luck.
    fn probability(&self, carrier: &Watcher, class: &Class, numbers: u32, nth: f64) -> f64 {
        let Some(filter) = &class.filter else { return 0.0 };
        let from_numbers = nth * carrier.counted_share();
        let numbers = f64::from(numbers);
        let carried = numbers * (1.0 - libm::pow(1.0 - 1.0 / numbers, from_numbers));
        let of = |senders: f64| {
            let seen = Exposure {
                messages: nth.round() as u64,
                senders: senders as u64,
                risk: class.risk,
                opt_outs: 0.0,
                frailty: 1.0,
            };
            self.filter.probability(filter, &seen)
        };
        // The formula knows whole numbers alone.
        let part = carried - carried.floor();
        of(carried.floor()) * (1.0 - part) + of(carried.ceil()) * part
    }

    /// Messages of one class that are stopped on all days with this luck, whose odds it multiplies.
    fn stopped_of(&self, carrier: &Watcher, class: usize, days: &[Vec<Step>], luck: f64) -> f64 {
        let share = carrier.classes[class].share;
        let (mut stopped, mut bad, mut now, mut blocked_until) = (0.0, 0.0, 0.0, 0.0);
        for (day, steps) in carrier.days.iter().zip(days) {
            let messages: f64 = steps.iter().map(|step| step.count).sum::<f64>() * share;
            // Seconds a message; a burst takes no time.
            let gap = if messages > 0.0 { day.seconds / messages } else { 0.0 };
            for step in steps {
                let average = step.probabilities[class];
                let probability = luck * average / (luck * average + 1.0 - average);
                let mut left = step.count * share;
                while left > 0.0 {
                    if now < blocked_until {
                        let until = if gap > 0.0 { (blocked_until - now) / gap } else { f64::INFINITY };
                        let blocked = left.min(until);
                        (stopped, left) = (stopped + blocked, left - blocked);
                        now = if blocked < until { now + blocked * gap } else { blocked_until };
                        continue;
                    }
                    let block = self.memory.block.filter(|block| probability > block.above);
                    // Blocks that come and go within the step are counted at once.
                    let around = block.filter(|_| bad == 0.0 && gap > 0.0).map(|block| {
                        let judged = f64::from(block.messages);
                        (judged, judged + block.lasts.as_secs_f64() / gap)
                    });
                    if let Some((judged, all)) = around.filter(|(_, all)| *all <= left) {
                        let times = (left / all).floor();
                        stopped += times * (judged * probability + all - judged);
                        (left, now) = (left - times * all, now + times * all * gap);
                        continue;
                    }
                    let judged = block.map_or(left, |block| left.min(f64::from(block.messages) - bad));
                    (stopped, left, now) = (stopped + judged * probability, left - judged, now + judged * gap);
                    bad = if block.is_some() { bad + judged } else { 0.0 };
                    if let Some(block) = block.filter(|block| bad >= f64::from(block.messages)) {
                        (bad, blocked_until) = (0.0, now + block.lasts.as_secs_f64());
                    }
                }
            }
        }
        stopped
    }
}

impl Watcher {
    /// The share of its messages that come from numbers.
    pub fn counted_share(&self) -> f64 {
        self.classes.iter().filter(|class| class.counted).map(|class| class.share).sum()
    }
}

/// Messages that follow each other and fare alike.
struct Step {
    /// How many.
    count: f64,
    /// The probability that the filter stops one, by class.
    probabilities: Vec<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::filter::Block;
    use crate::units::SimDuration;

    const CLASS: FilterClass = FilterClass { base: -3.5, free_volume: Some(200.0), free_senders: Some(1.0) };

    fn spread(frailty: f64, block: Option<Block>) -> Spread {
        Spread {
            filter: FilterCoefficients {
                volume: 1.1,
                spread: 1.5,
                risk: 4.65,
                opt_out: 40.0,
                opt_out_tolerated: 0.02,
                opt_out_after: 100,
            },
            memory: FilterMemory { frailty, block, suspension: None },
            carriers: vec![Watcher {
                share: 1.0,
                classes: vec![Class { share: 1.0, filter: Some(CLASS), risk: 0.0, counted: true }],
                days: vec![Day { share: 1.0, seconds: 3_600.0 }],
            }],
        }
    }

    fn logistic(logit: f64) -> f64 {
        1.0 / (1.0 + libm::exp(-logit))
    }

    /// Aim: steps and whole numbers cost no accuracy. Method: the sum over all messages, written out.
    #[test]
    fn the_mean_is_that_of_all_messages() {
        for (numbers, messages) in [(1, 10.0), (3, 3_000.0), (50, 7_000.0), (100, 120.0)] {
            let of = |m: f64| {
                let carried = f64::from(numbers) * (1.0 - libm::pow(1.0 - 1.0 / f64::from(numbers), m));
                logistic(-3.5 + 1.1 * libm::log((m / 200.0).max(1.0)) + 1.5 * libm::log(carried.max(1.0)))
            };
            let mean = (1..=messages as u32).map(|m| of(f64::from(m))).sum::<f64>() / messages;
            let found = spread(0.0, None).filtered(numbers, messages).expect("numbers send");
            assert!((found / mean - 1.0).abs() < 0.005, "{numbers} {messages}: {found} {mean}");
        }
    }

    /// Aim: luck is averaged over. Method: one number and few messages, where the odds are a constant c: the mean of
    /// c x / (1 + c x) over an exponential x, by a sum over a fine grid.
    #[test]
    fn luck_is_averaged_over() {
        let odds = libm::exp(-3.5);
        let of = |x: f64| odds * x / (1.0 + odds * x) * libm::exp(-x);
        let mean = (0..400_000).map(|index| of((f64::from(index) + 0.5) * 1e-4) * 1e-4).sum::<f64>();
        let found = spread(1.0, None).filtered(1, 100.0).expect("numbers send");
        assert!((found / mean - 1.0).abs() < 0.02, "{found} {mean}");
        assert!(found < logistic(-3.5), "what is bound by one has a smaller mean");
    }

    /// Aim: blocks begin and end as they should. Method: by hand. Every message has a probability of 0.9 or so: of an hour
    /// with 3,600 messages, 100 are judged, then 600 are blocked for ten minutes, and so on: 600 judged in all.
    #[test]
    fn blocks_come_and_go() {
        let block = Block { above: 0.5, messages: 100, lasts: SimDuration::from_secs(600) };
        let mut spread = spread(0.0, Some(block));
        spread.carriers[0].classes[0].filter = Some(FilterClass { base: 2.0, free_volume: None, free_senders: None });
        let expected = (600.0 * logistic(2.0) + 3_000.0) / 3_600.0;
        let found = spread.filtered(1, 3_600.0).expect("numbers send");
        assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        // The same of blocks that are shorter than a step: 100 are judged, 50 blocked in 5 s, 240 times.
        let block = Block { above: 0.5, messages: 100, lasts: SimDuration::from_secs(5) };
        spread.memory.block = Some(block);
        let found = spread.filtered(1, 36_000.0).expect("numbers send");
        assert!((found - (100.0 * logistic(2.0) + 50.0) / 150.0).abs() < 0.001, "{found}");
        // In a burst of no time a block never ends.
        spread.carriers[0].days[0].seconds = 0.0;
        let found = spread.filtered(1, 3_600.0).expect("numbers send");
        assert!((found - (100.0 * logistic(2.0) + 3_500.0) / 3_600.0).abs() < 1e-9);
    }

    /// Aim: what other senders send counts as volume and not as loss of the numbers. Method: half of the messages from a
    /// short code without filter; the numbers lose as if all were theirs, but for how soon all numbers are known.
    #[test]
    fn others_add_volume_alone() {
        let mut mixed = spread(0.0, None);
        mixed.carriers[0].classes = vec![
            Class { share: 0.5, filter: Some(CLASS), risk: 0.0, counted: true },
            Class { share: 0.5, filter: None, risk: 0.0, counted: false },
        ];
        let (alone, found) = (spread(0.0, None).filtered(3, 6_000.0), mixed.filtered(3, 6_000.0));
        let (alone, found) = (alone.expect("numbers send"), found.expect("numbers send"));
        assert!((found / alone - 1.0).abs() < 0.002, "{found} {alone}");
        mixed.carriers[0].classes.remove(0);
        assert_eq!(mixed.filtered(3, 6_000.0), None);
    }
}
