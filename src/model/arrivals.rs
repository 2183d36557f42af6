//! When a campaign means to send: its arrival process and phases, as resolved. The walk through them is the
//! simulation's.

use crate::units::{SimDuration, SimTime};

/// How arrivals are spread over a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Process {
    /// Evenly.
    Constant,
    /// As a Poisson process of the phase's rate, or as uniform instants when the phase has a count.
    Poisson,
}

/// Arrivals per second as an exact ratio that may be zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArrivalRate {
    /// Numerator.
    pub numerator: u64,
    /// Denominator, never zero.
    pub denominator: u64,
}

impl ArrivalRate {
    /// Arrivals per second, for display and for sampling.
    pub fn as_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }
}

/// How much a phase sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// Exactly this many messages.
    Count(u64),
    /// A rate that goes linearly from the first to the second value.
    Rate(ArrivalRate, ArrivalRate),
}

/// A stretch of a campaign with one kind of load. Pauses are gaps between phases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// When it starts.
    pub start: SimTime,
    /// How long it lasts; zero is a burst.
    pub duration: SimDuration,
    /// What it sends.
    pub load: Load,
}

impl Phase {
    /// How many arrivals a constant process has in this phase: the count, or the whole part of the rate's integral.
    /// `None` when the numbers are too large for exact arithmetic.
    pub fn constant_count(&self) -> Option<u64> {
        match self.load {
            Load::Count(count) => Some(count),
            Load::Rate(from, to) => {
                let ramp = Ramp::new(from, to, self.duration)?;
                u64::try_from(ramp.scaled_integral(self.duration.as_nanos())? / ramp.scale).ok()
            }
        }
    }
}

impl Phase {
    /// How many arrivals the phase has, or on average has when it is random.
    pub fn expected_count(&self, process: Process) -> u64 {
        match self.load {
            Load::Count(count) => count,
            Load::Rate(from, to) => {
                let mean = || ((from.as_f64() + to.as_f64()) / 2.0 * self.duration.as_secs_f64()).ceil() as u64;
                let exact = if process == Process::Constant { self.constant_count() } else { None };
                exact.unwrap_or_else(mean)
            }
        }
    }
}

/// The integral of a linear rate in exact integers: Λ(t) = [2·T·pₐ·q_b·t + (p_b·qₐ − pₐ·q_b)·t²] / (2·T·qₐ·q_b·10⁹),
/// with t and T in nanoseconds and the rates a = pₐ/qₐ, b = p_b/q_b per second.
#[derive(Clone, Copy, Debug)]
pub struct Ramp {
    linear: i128,
    square: i128,
    /// The common denominator.
    pub scale: i128,
    duration: u64,
}

impl Ramp {
    /// `None` when the coefficients do not fit into 128 bits.
    pub fn new(from: ArrivalRate, to: ArrivalRate, duration: SimDuration) -> Option<Ramp> {
        let (pa, qa) = (i128::from(from.numerator), i128::from(from.denominator));
        let (pb, qb) = (i128::from(to.numerator), i128::from(to.denominator));
        let twice = 2 * i128::from(duration.as_nanos());
        if from == to {
            // Without a slope 2·T cancels, and long phases stay within 128 bits.
            let scale = qa.checked_mul(1_000_000_000)?;
            let ramp = Ramp { linear: pa, square: 0, scale, duration: duration.as_nanos() };
            ramp.scaled_integral(duration.as_nanos())?;
            return Some(ramp);
        }
        let ramp = Ramp {
            linear: twice.checked_mul(pa)?.checked_mul(qb)?,
            square: pb.checked_mul(qa)?.checked_sub(pa.checked_mul(qb)?)?,
            scale: twice.checked_mul(qa)?.checked_mul(qb)?.checked_mul(1_000_000_000)?,
            duration: duration.as_nanos(),
        };
        ramp.scaled_integral(duration.as_nanos())?;
        ramp.scaled_integral(duration.as_nanos() / 2)?;
        (ramp.scale > 0).then_some(ramp)
    }

    /// Λ(t) times [`Ramp::scale`].
    pub fn scaled_integral(&self, nanos: u64) -> Option<i128> {
        let t = i128::from(nanos);
        self.linear.checked_mul(t)?.checked_add(self.square.checked_mul(t)?.checked_mul(t)?)
    }

    /// The first whole nanosecond of the phase at which the integral reaches `target` / scale; the end when it never does.
    pub fn first_reaching(&self, target: i128) -> u64 {
        let reaches = |nanos: u64| self.scaled_integral(nanos).expect("checked when the ramp was made") >= target;
        let (mut low, mut high) = (0, self.duration);
        while low < high {
            let middle = low + (high - low) / 2;
            if reaches(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(numerator: u64, denominator: u64) -> ArrivalRate {
        ArrivalRate { numerator, denominator }
    }

    fn phase(load: Load, secs: u64) -> Phase {
        Phase { name: None, start: SimTime::ZERO, duration: SimDuration::from_secs(secs), load }
    }

    #[test]
    fn counts_are_the_whole_part_of_the_integral() {
        assert_eq!(phase(Load::Rate(rate(1, 1), rate(1, 1)), 10).constant_count(), Some(10));
        // Linear from 50/s to 5/s over 30 min: 1800 x 27.5.
        assert_eq!(phase(Load::Rate(rate(50, 1), rate(5, 1)), 1_800).constant_count(), Some(49_500));
        assert_eq!(phase(Load::Rate(rate(1, 3), rate(1, 3)), 10).constant_count(), Some(3));
        assert_eq!(phase(Load::Count(7), 10).constant_count(), Some(7));
        assert_eq!(phase(Load::Rate(rate(u64::MAX, 1), rate(1, u64::MAX)), 1 << 30).constant_count(), None);
    }

    #[test]
    fn a_ramp_from_zero_reaches_k_at_the_square_root() {
        // 0 -> 10/s over 10 s: integral t^2/2, so the k-th arrival is at sqrt(2k) s.
        let ramp = Ramp::new(rate(0, 1), rate(10, 1), SimDuration::from_secs(10)).unwrap();
        for k in 0..50u32 {
            let at = ramp.first_reaching(i128::from(k) * ramp.scale) as f64 / 1e9;
            let exact = f64::from(2 * k).sqrt();
            assert!(at >= exact - 1e-12 && at - exact < 2e-9, "{k}: {at} {exact}");
        }
    }
}
