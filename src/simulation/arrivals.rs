//! Arrivals, one at a time: the walk through a campaign's phases, or through the trace that it replays. Nothing is stored but the place reached, so a
//! campaign of 10⁹ messages costs no more memory than one of ten.
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
use crate::kernel::elementary::exp_minus_one;
use crate::kernel::gamma::gamma_of_mean_one;
use crate::kernel::wide::{self, Blocks, Instructions, Numbers, Reals, WIDTH};
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
    random: Exponentials,
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

/// Exponential variates of a campaign's arrivals by their number, worked out many at a time.
#[derive(Clone, Debug)]
struct Exponentials {
    draws: Draws,
    stream: u32,
    how: Instructions,
    blocks: Blocks,
    values: Reals,
    /// The number of the first.
    first: Option<u64>,
}

impl Exponentials {
    fn new(draws: Draws, stream: u32) -> Exponentials {
        let (how, values) = (Instructions::best(), [0.0; WIDTH]);
        Exponentials { draws, stream, how, blocks: Blocks::default(), values, first: None }
    }

    #[inline]
    fn at(&mut self, number: u64) -> f64 {
        let known = self.first.map(|first| number.wrapping_sub(first) as usize).filter(|place| *place < WIDTH);
        let place = known.unwrap_or_else(|| {
            self.blocks.draw(self.how, &self.draws, self.stream, purpose::ARRIVAL, &Numbers::from(number));
            self.blocks.uniform(self.how, 0, &mut self.values);
            wide::exponentials(self.how, &mut self.values);
            self.first = Some(number);
            0
        });
        self.values[place]
    }
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
            random: Exponentials::new(draws, stream),
            phase: 0,
            walk: None,
            within: 0,
            number: 0,
            last: SimTime::ZERO,
        }))
    }
}

impl Planned<'_> {
    /// The offset of the next arrival within the phase, rounded up to whole nanoseconds; `None` at its end.
    fn next_offset(&mut self) -> Option<u64> {
        let k = self.within;
        let number = (self.phase as u64) << 44 | k;
        match self.walk.as_mut().expect("a phase has been entered") {
            Walk::Constant(exact, count) => (k < *count).then(|| exact.exceeding(k)),
            Walk::PoissonCount(random, count, total, log_rest) => (k < *count).then(|| {
                *log_rest -= self.random.at(number) / (*count - k) as f64;
                // Rounding may carry the last ones over the end.
                random.exceeding(-exp_minus_one(*log_rest) * *total).unwrap_or(random.end)
            }),
            Walk::PoissonRate(random, level) => {
                *level += self.random.at(number);
                random.exceeding(*level)
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

    /// Where Λ begins to exceed `level`; `None` when it never does. Levels never fall.
    fn exceeding(&mut self, level: f64) -> Option<u64> {
        loop {
            let Slope { begin, end, from, to, added } = self.current?;
            let wanted = level - self.before;
            if wanted < added {
                return Some(begin + self.line.first_reaching(from, to, end - begin, wanted.max(0.0)));
            }
            self.before += added;
            if added > 0.0 {
                self.end = end;
            }
            self.current = self.next_slope();
        }
    }

    /// Λ at the end.
    fn total(mut self) -> f64 {
        let _ = self.exceeding(f64::INFINITY);
        self.before
    }
}

impl Iterator for Arrivals<'_> {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        match self {
            Arrivals::Planned(planned) => planned.next(),
            Arrivals::Replayed(rows, number) => {
                let (first, rest) = rows.split_first()?;
                let arrival = Arrival { intended: first.at, number: *number };
                (*rows, *number) = (rest, *number + 1);
                Some(arrival)
            }
        }
    }
}

impl Planned<'_> {
    fn next(&mut self) -> Option<Arrival> {
        loop {
            let phase = self.phases.get(self.phase)?;
            if self.walk.is_none() {
                self.walk = Some(Walk::new(self.process, phase, self.random.draws, self.random.stream));
                self.within = 0;
            }
            if let Some(offset) = self.next_offset() {
                // Rounded floats must not turn the clock back by a nanosecond.
                let intended = (phase.start + SimDuration::from_nanos(offset)).max(self.last);
                let arrival = Arrival { intended, number: self.number };
                self.last = intended;
                self.within += 1;
                self.number += 1;
                return Some(arrival);
            }
            self.phase += 1;
            self.walk = None;
        }
    }
}
