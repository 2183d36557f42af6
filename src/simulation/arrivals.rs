//! Arrivals, many at a time: the walk through a campaign's phases, or through the trace that it replays. Nothing is stored but the
//! place reached and the next few, so a campaign of 10⁹ messages costs no more memory than one of ten.
//!
//! The rate of a phase has an integral Λ, which rises in pieces. Every arrival is a level of Λ turned into an instant: the
//! first whole nanosecond at or after the one from which on Λ exceeds the level. What differs is the levels:
//!
//! - Constant: k = 0, 1, …, N − 1 where N is the count or the whole part of Λ at the end; in exact integers. A count N
//!   without a shape thus has its k-th arrival at k × duration / N.
//! - Poisson with a count N: the order statistics of N uniforms, times Λ at the end, each from the one before:
//!   1 − U₍ₖ₊₁₎ = (1 − U₍ₖ₎) · V^(1/(N − k)).
//! - Poisson with a rate: a unit-rate Poisson process (time change), which is exact for pieces of straight lines.

use crate::kernel::draws::Draws;
use crate::kernel::gamma::gamma_of_mean_one;
use crate::kernel::wide::{self, Blocks, Instructions, Nanos, Numbers, Reals, WIDTH};
use crate::model::Campaign;
use crate::model::arrivals::{Bursts, Integral, Line, Load, Phase, Process};
use crate::model::replay::Row;
use crate::units::{SimDuration, SimTime};

use super::purpose;

/// One message that a campaign means to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub intended: SimTime,
    /// Its number within the campaign, from 0.
    pub number: u64,
}

/// The walk.
#[derive(Clone, Debug)]
pub enum Arrivals<'m> {
    /// Through phases.
    Planned(Box<Planned<'m>>),
    /// Through the rest of a trace, and the number of its first row.
    Replayed(&'m [Row], u64),
}

/// The walk through phases.
#[derive(Clone, Debug)]
pub struct Planned<'m> {
    process: Process,
    phases: &'m [Phase],
    draws: Draws,
    stream: u32,
    how: Instructions,
    blocks: Blocks,
    /// What is worked out side by side: variates, then levels, then offsets within a phase.
    levels: Reals,
    offsets: Nanos,
    /// Index of the phase reached.
    phase: usize,
    /// The way through it.
    walk: Option<Walk<'m>>,
    /// Arrivals of this phase so far.
    within: u64,
    number: u64,
    last: SimTime,
}

/// The way through one phase.
#[derive(Clone, Debug)]
enum Walk<'m> {
    /// So many.
    Constant(Exact<'m>, u64),
    /// So many order statistics; Λ at the end, and the logarithm of 1 − U of the last one.
    PoissonCount(Random<'m>, u64, f64, f64),
    /// The level reached.
    PoissonRate(Random<'m>, f64),
}

impl<'m> Arrivals<'m> {
    /// The arrivals of `campaign` with the draws of one replication.
    pub fn new(campaign: &'m Campaign, draws: Draws, stream: u32) -> Arrivals<'m> {
        if let Some(replay) = campaign.replay() {
            return Arrivals::Replayed(&replay.rows, 0);
        }
        Arrivals::Planned(Box::new(Planned {
            process: campaign.process,
            phases: &campaign.phases,
            draws,
            stream,
            how: Instructions::best(),
            blocks: Blocks::default(),
            levels: [0.0; WIDTH],
            offsets: [0; WIDTH],
            phase: 0,
            walk: None,
            within: 0,
            number: 0,
            last: SimTime::ZERO,
        }))
    }

    /// The next instants at which messages are meant, at most [`WIDTH`] and none only at the end, in the place of those that were
    /// there. Returns the number of the first message; the others have those that follow.
    pub fn take(&mut self, into: &mut Vec<SimTime>) -> u64 {
        into.clear();
        match self {
            Arrivals::Planned(planned) => planned.take(into),
            Arrivals::Replayed(rows, number) => {
                let (next, rest) = rows.split_at(rows.len().min(WIDTH));
                into.extend(next.iter().map(|row| row.at));
                let first = *number;
                (*rows, *number) = (rest, first + next.len() as u64);
                first
            }
        }
    }
}

impl<'m> IntoIterator for Arrivals<'m> {
    type Item = Arrival;
    type IntoIter = OneByOne<'m>;

    fn into_iter(self) -> OneByOne<'m> {
        OneByOne { arrivals: self, ready: Vec::new(), next: 0, number: 0 }
    }
}

/// The walk, one arrival at a time.
#[derive(Clone, Debug)]
pub struct OneByOne<'m> {
    arrivals: Arrivals<'m>,
    ready: Vec<SimTime>,
    next: usize,
    number: u64,
}

impl Iterator for OneByOne<'_> {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        if self.next == self.ready.len() {
            self.number = self.arrivals.take(&mut self.ready);
            self.next = 0;
        }
        let arrival = Arrival { intended: *self.ready.get(self.next)?, number: self.number };
        self.next += 1;
        self.number += 1;
        Some(arrival)
    }
}

impl Planned<'_> {
    fn take(&mut self, into: &mut Vec<SimTime>) -> u64 {
        let first = self.number;
        while into.len() < WIDTH
            && let Some(phase) = self.phases.get(self.phase)
        {
            if self.walk.is_none() {
                self.walk = Some(Walk::new(self.process, phase, self.draws, self.stream));
                self.within = 0;
            }
            let room = WIDTH - into.len();
            let found = self.find(room);
            for offset in &self.offsets[..found] {
                // Rounded floats must not turn the clock back by a nanosecond.
                self.last = self.last.max(phase.start + SimDuration::from_nanos(*offset));
                into.push(self.last);
            }
            self.within += found as u64;
            self.number += found as u64;
            if found < room {
                self.phase += 1;
                self.walk = None;
            }
        }
        first
    }

    /// The offsets of the next arrivals within the phase, rounded up to whole nanoseconds, at most `room`. Returns how many there
    /// are: fewer than that at its end.
    fn find(&mut self, room: usize) -> usize {
        let (how, k) = (self.how, self.within);
        match self.walk.as_mut().expect("a phase has been entered") {
            Walk::Constant(exact, count) => {
                let left = usize::try_from(*count - k).map_or(room, |left| left.min(room));
                self.offsets[..left].iter_mut().zip(k..).for_each(|(offset, k)| *offset = exact.exceeding(k));
                left
            }
            Walk::PoissonCount(random, count, total, log_rest) => {
                let left = usize::try_from(*count - k).map_or(room, |left| left.min(room));
                let numbers = Numbers::from((self.phase as u64) << 44 | k);
                self.blocks.draw(how, &self.draws, self.stream, purpose::ARRIVAL, &numbers);
                self.blocks.uniform(how, 0, &mut self.levels);
                wide::exponentials(how, &mut self.levels);
                let levels = &mut self.levels[..left];
                levels.iter_mut().zip((0..=*count - k).rev()).for_each(|(value, rest)| *value /= rest as f64);
                for value in levels {
                    *log_rest -= *value;
                    *value = *log_rest;
                }
                wide::parts_of(how, &mut self.levels, *total);
                let found = random.exceeding(how, &self.levels, left, &mut self.offsets);
                // Rounding may carry the last ones over the end.
                self.offsets[found..left].fill(random.end);
                left
            }
            Walk::PoissonRate(random, level) => {
                let numbers = Numbers::from((self.phase as u64) << 44 | k);
                self.blocks.draw(how, &self.draws, self.stream, purpose::ARRIVAL, &numbers);
                self.blocks.uniform(how, 0, &mut self.levels);
                wide::exponentials(how, &mut self.levels);
                for value in &mut self.levels[..room] {
                    *level += *value;
                    *value = *level;
                }
                random.exceeding(how, &self.levels, room, &mut self.offsets)
            }
        }
    }
}

impl<'m> Walk<'m> {
    fn new(process: Process, phase: &'m Phase, draws: Draws, stream: u32) -> Walk<'m> {
        // A burst has no time to be random in.
        if process == Process::Constant || phase.duration == SimDuration::ZERO {
            let count = phase.constant_count().expect("checked when the scenario was resolved");
            return Walk::Constant(Exact::new(phase), count);
        }
        let stretches = Stretches { phase, draws, stream, piece: 0, begin: 0, factor: None };
        match phase.load {
            Load::Count(count) => {
                let total = Random::new(stretches.clone()).total();
                Walk::PoissonCount(Random::new(stretches), count, total, 0.0)
            }
            Load::Rate(..) => Walk::PoissonRate(Random::new(stretches), 0.0),
        }
    }
}

/// The way up an integral in exact integers.
#[derive(Clone, Debug)]
struct Exact<'m> {
    phase: &'m Phase,
    integral: Integral,
    /// Index of the piece reached, where it begins, and Λ·scale there.
    piece: usize,
    begin: u64,
    before: i128,
}

impl<'m> Exact<'m> {
    fn new(phase: &'m Phase) -> Exact<'m> {
        let integral = Integral::new(phase).expect("checked when the scenario was resolved");
        Exact { phase, integral, piece: 0, begin: 0, before: 0 }
    }

    /// Where Λ begins to exceed `level`, which it does before its end; levels never fall.
    fn exceeding(&mut self, level: u64) -> u64 {
        let level = i128::from(level) * self.integral.scale;
        while let Some(piece) = self.phase.shape.pieces.get(self.piece) {
            let end = piece.until.as_nanos();
            let added = self.integral.of_piece(self.begin, end, piece.weight).expect("checked when it was made");
            let wanted = level - self.before;
            if wanted < added {
                return self.integral.first_reaching(self.begin, end, piece.weight, wanted);
            }
            self.piece += 1;
            self.begin = end;
            self.before += added;
        }
        // A burst has no time in which anything could be added.
        self.begin
    }
}

/// A stretch of a phase in which its rate is one straight line.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    begin: u64,
    end: u64,
    factor: f64,
}

/// The stretches of a phase: the pieces of its shape, cut at the windows of its bursts.
#[derive(Clone, Debug)]
struct Stretches<'m> {
    phase: &'m Phase,
    draws: Draws,
    stream: u32,
    piece: usize,
    begin: u64,
    /// The window last met, and its factor.
    factor: Option<(u64, f64)>,
}

impl Stretches<'_> {
    /// The end of the window that the stretch begins in, and its factor.
    fn window(&mut self, bursts: &Bursts) -> (u64, f64) {
        let window = bursts.window_of(self.phase.start + SimDuration::from_nanos(self.begin));
        let end = bursts.end_of(window).since(self.phase.start).as_nanos();
        let factor = match self.factor {
            Some((known, factor)) if known == window => factor,
            _ => {
                let uniform = self.draws.block(self.stream, purpose::BURST, window).uniform(0);
                gamma_of_mean_one(bursts.shape, uniform)
            }
        };
        self.factor = Some((window, factor));
        (end, factor)
    }
}

impl Iterator for Stretches<'_> {
    type Item = Stretch;

    fn next(&mut self) -> Option<Stretch> {
        let piece = self.phase.shape.pieces.get(self.piece)?;
        let begin = self.begin;
        let mut end = piece.until.as_nanos();
        let mut factor = self.phase.shape.factor(piece.weight);
        if let Some(bursts) = &self.phase.bursts {
            let (until, times) = self.window(bursts);
            end = end.min(until);
            factor *= times;
        }
        self.begin = end;
        self.piece += usize::from(end == piece.until.as_nanos());
        Some(Stretch { begin, end, factor })
    }
}

/// The way up an integral in floating point.
#[derive(Clone, Debug)]
struct Random<'m> {
    line: Line,
    stretches: Stretches<'m>,
    current: Option<Slope>,
    /// Λ where the current stretch begins.
    before: f64,
    /// The end of the last stretch passed that added something.
    end: u64,
}

/// So few are worked out one by one as fast as [`WIDTH`] side by side.
const FEW: usize = 16;

/// A stretch with the rates at its ends, and what it adds to Λ.
#[derive(Clone, Copy, Debug)]
struct Slope {
    begin: u64,
    end: u64,
    from: f64,
    to: f64,
    added: f64,
}

impl<'m> Random<'m> {
    fn new(stretches: Stretches<'m>) -> Random<'m> {
        let mut random = Random { line: Line::new(stretches.phase), stretches, current: None, before: 0.0, end: 0 };
        random.current = random.next_slope();
        random
    }

    fn next_slope(&mut self) -> Option<Slope> {
        let Stretch { begin, end, factor } = self.stretches.next()?;
        let (from, to) = (self.line.at(begin) * factor, self.line.at(end) * factor);
        Some(Slope { begin, end, from, to, added: self.line.integral(from, to, end - begin) })
    }

    /// Where Λ begins to exceed the first `count` levels, which never fall. Returns how many of them it ever exceeds.
    fn exceeding(&mut self, how: Instructions, levels: &Reals, count: usize, into: &mut Nanos) -> usize {
        let mut done = 0;
        while done < count
            && let Some(Slope { begin, end, from, to, added }) = self.current
        {
            let rest = &levels[done..count];
            let within = rest.iter().position(|level| *level - self.before >= added).unwrap_or(rest.len());
            let nanos = end - begin;
            if from == to && within >= FEW {
                let mut offsets = [0; WIDTH];
                wide::instants(how, levels, self.before, from, self.line.unit(), nanos, &mut offsets);
                let offsets = &offsets[done..done + within];
                into[done..].iter_mut().zip(offsets).for_each(|(into, offset)| *into = begin + offset);
            } else {
                for (into, level) in into[done..].iter_mut().zip(&rest[..within]) {
                    *into = begin + self.line.first_reaching(from, to, nanos, (level - self.before).max(0.0));
                }
            }
            done += within;
            if within < rest.len() {
                self.go_on();
            }
        }
        done
    }

    /// Goes on to the next stretch.
    fn go_on(&mut self) {
        if let Some(Slope { end, added, .. }) = self.current {
            self.before += added;
            if added > 0.0 {
                self.end = end;
            }
        }
        self.current = self.next_slope();
    }

    /// Λ at the end.
    fn total(mut self) -> f64 {
        while self.current.is_some() {
            self.go_on();
        }
        self.before
    }
}
