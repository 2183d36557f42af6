//! Arrivals, one at a time: the walk through a campaign's phases. Nothing is stored but the place reached, so a
//! campaign of 10⁹ messages costs no more memory than one of ten.
//!
//! - A constant phase with a count N: the k-th at k × duration / N.
//! - A constant phase with a rate: the k-th at the first instant at which the integral of the rate reaches k, k = 0, 1, …;
//!   in exact integers.
//! - A Poisson phase with a count N: the order statistics of N uniform instants, each from the one before:
//!   1 − U₍ₖ₊₁₎ = (1 − U₍ₖ₎) · V^(1/(N − k)).
//! - A Poisson phase with a rate: a unit-rate process through the inverse of the rate's integral (time change), which is
//!   exact for linear rates.
//!
//! Every arrival is the first whole nanosecond at or after its exact time.

use crate::kernel::draws::Draws;
use crate::kernel::elementary::exp_minus_one;
use crate::kernel::samplers::exponential;
use crate::model::Campaign;
use crate::model::arrivals::{ArrivalRate, Load, Phase, Process, Ramp};
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
pub struct Arrivals<'m> {
    process: Process,
    phases: &'m [Phase],
    draws: Draws,
    stream: u32,
    /// Index of the phase reached.
    phase: usize,
    /// Its shape.
    shape: Option<Shape>,
    /// Arrivals of this phase so far.
    within: u64,
    number: u64,
    last: SimTime,
}

/// The state of one phase.
#[derive(Clone, Debug)]
enum Shape {
    /// Evenly, so many.
    ConstantCount(u64),
    /// By the exact integral, so many.
    ConstantRate(Ramp, u64),
    /// So many order statistics; the logarithm of 1 − U of the last one.
    PoissonCount(u64, f64),
    /// From, to (per second) and the integral reached.
    PoissonRate(f64, f64, f64),
}

impl<'m> Arrivals<'m> {
    /// The arrivals of `campaign` with the draws of one replication.
    pub fn new(campaign: &'m Campaign, draws: Draws, stream: u32) -> Arrivals<'m> {
        Arrivals {
            process: campaign.process,
            phases: &campaign.phases,
            draws,
            stream,
            phase: 0,
            shape: None,
            within: 0,
            number: 0,
            last: SimTime::ZERO,
        }
    }

    /// The exact offset of the next arrival within the phase, rounded up to whole nanoseconds; `None` at its end.
    fn next_offset(&mut self, duration: SimDuration) -> Option<u64> {
        let k = self.within;
        let uniform = || {
            let number = (self.phase as u64) << 44 | k;
            self.draws.block(self.stream, purpose::ARRIVAL, number).uniform(0)
        };
        let nanos = duration.as_nanos();
        match self.shape.as_mut().expect("a phase has been entered") {
            Shape::ConstantCount(count) => (k < *count).then(|| {
                let offset = (u128::from(k) * u128::from(nanos)).div_ceil(u128::from(*count));
                u64::try_from(offset).expect("within the phase")
            }),
            Shape::ConstantRate(ramp, count) => (k < *count).then(|| ramp.first_reaching(i128::from(k) * ramp.scale)),
            Shape::PoissonCount(count, log_rest) => (k < *count).then(|| {
                *log_rest -= exponential(uniform()) / (*count - k) as f64;
                ((-exp_minus_one(*log_rest) * nanos as f64).ceil() as u64).min(nanos)
            }),
            Shape::PoissonRate(from, to, reached) => {
                *reached += exponential(uniform());
                let seconds = duration.as_secs_f64();
                let slope = (*to - *from) / seconds;
                if *reached >= (*from + *to) / 2.0 * seconds {
                    return None;
                }
                let discriminant = (*from * *from + 2.0 * slope * *reached).max(0.0);
                let offset = 2.0 * *reached / (*from + discriminant.sqrt());
                Some(((offset * 1e9).ceil() as u64).min(nanos))
            }
        }
    }
}

impl Shape {
    fn of(process: Process, phase: &Phase) -> Shape {
        let as_f64 = |rate: ArrivalRate| rate.as_f64();
        match (process, phase.load) {
            // A burst has no time to be random in.
            (Process::Constant, Load::Count(count)) => Shape::ConstantCount(count),
            (Process::Poisson, Load::Count(count)) if phase.duration == SimDuration::ZERO => {
                Shape::ConstantCount(count)
            }
            (Process::Poisson, Load::Count(count)) => Shape::PoissonCount(count, 0.0),
            (Process::Poisson, Load::Rate(from, to)) => Shape::PoissonRate(as_f64(from), as_f64(to), 0.0),
            (Process::Constant, Load::Rate(from, to)) => {
                let ramp = Ramp::new(from, to, phase.duration).expect("checked when the scenario was resolved");
                let count = phase.constant_count().expect("checked when the scenario was resolved");
                Shape::ConstantRate(ramp, count)
            }
        }
    }
}

impl Iterator for Arrivals<'_> {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        loop {
            let phase = self.phases.get(self.phase)?;
            if self.shape.is_none() {
                self.shape = Some(Shape::of(self.process, phase));
                self.within = 0;
            }
            if let Some(offset) = self.next_offset(phase.duration) {
                // Rounded floats must not turn the clock back by a nanosecond.
                let intended = (phase.start + SimDuration::from_nanos(offset)).max(self.last);
                let arrival = Arrival { intended, number: self.number };
                self.last = intended;
                self.within += 1;
                self.number += 1;
                return Some(arrival);
            }
            self.phase += 1;
            self.shape = None;
        }
    }
}
