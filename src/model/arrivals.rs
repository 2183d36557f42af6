//! When a campaign means to send: its arrival process and phases, as resolved. The walk through them is the
//! simulation's.
//!
//! The rate of a phase is a function of time in pieces: that of its load, which is a straight line, times the weight of the
//! piece. Everything else follows from its integral.

use crate::units::{SimDuration, SimTime};

/// How arrivals are spread over a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Process {
    /// Evenly.
    Constant,
    /// As a Poisson process of the phase's rate, or as random instants of that density when the phase has a count.
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

/// A stretch of a phase with one weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its end, after the phase's start; the next begins there.
    pub until: SimDuration,
    /// How much heavier it is than a piece of weight one.
    pub weight: u128,
}

/// How the rate of a phase varies beside its load: by the hour, in a flash crowd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The pieces in order; the last ends with the phase.
    pub pieces: Vec<Piece>,
    /// What a weight of one multiplies a rate by, as numerator and denominator. A count has its sum given, and does not
    /// need it.
    pub unit: (u128, u128),
}

impl Shape {
    /// One piece of weight one.
    pub fn even(duration: SimDuration) -> Shape {
        Shape { pieces: vec![Piece { until: duration, weight: 1 }], unit: (1, 1) }
    }

    /// By what a rate is multiplied in a piece.
    pub fn factor(&self, weight: u128) -> f64 {
        weight as f64 * (self.unit.0 as f64 / self.unit.1 as f64)
    }
}

/// Bursts of random arrivals: in each window of the clock the rate is multiplied by a gamma variate of mean one.
///
/// With a mean of m arrivals in a window and shape k, their number has variance m + m²/k, so its index of dispersion is
/// D = 1 + m/k.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bursts {
    /// The length of a window.
    pub window: SimDuration,
    /// How far the first window has come when the run starts.
    pub offset: SimDuration,
    /// k.
    pub shape: f64,
}

impl Bursts {
    /// The window that an instant lies in, from 0.
    pub fn window_of(&self, at: SimTime) -> u64 {
        at.saturating_add(self.offset).as_nanos() / self.window.as_nanos()
    }

    /// Where a window ends.
    pub fn end_of(&self, window: u64) -> SimTime {
        let end = (window + 1).saturating_mul(self.window.as_nanos());
        SimTime::from_nanos(end.saturating_sub(self.offset.as_nanos()))
    }
}

/// A stretch of a campaign with one kind of load. Pauses are gaps between phases.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// When it starts.
    pub start: SimTime,
    /// How long it lasts; zero is a burst.
    pub duration: SimDuration,
    /// What it sends.
    pub load: Load,
    /// How that varies.
    pub shape: Shape,
    /// How it comes in bursts, if it does.
    pub bursts: Option<Bursts>,
}

impl Phase {
    /// How many arrivals a constant process has in this phase: the count, or the whole part of the rate's integral.
    /// `None` when the numbers are too large for exact arithmetic.
    pub fn constant_count(&self) -> Option<u64> {
        let integral = Integral::new(self)?;
        match self.load {
            Load::Count(count) => Some(count),
            Load::Rate(..) => u64::try_from(integral.total / integral.scale).ok(),
        }
    }

    /// How many arrivals the phase has on average: the count, or the integral of its rate.
    pub fn mean(&self) -> f64 {
        let line = Line::new(self);
        let mut begin = 0;
        let mut sum = 0.0;
        for piece in &self.shape.pieces {
            let end = piece.until.as_nanos();
            let factor = self.shape.factor(piece.weight);
            sum += line.integral(line.at(begin) * factor, line.at(end) * factor, end - begin);
            begin = end;
        }
        match self.load {
            Load::Count(count) => count as f64,
            Load::Rate(..) => sum,
        }
    }

    /// How many arrivals the phase has, or on average has when it is random.
    pub fn expected_count(&self, process: Process) -> u64 {
        match self.load {
            Load::Count(count) => count,
            Load::Rate(..) => {
                let exact = if process == Process::Constant { self.constant_count() } else { None };
                exact.unwrap_or_else(|| self.mean().ceil() as u64)
            }
        }
    }
}

/// The integral Λ of a phase's rate in exact integers. That of its load alone is R(t) = linear·t + square·t², t in
/// nanoseconds; a piece from b to e adds weight·(R(e) − R(b)) to Λ·scale.
///
/// A rate that goes from a = pₐ/qₐ to b = p_b/q_b per second over T has
/// R(t) = [2·T·pₐ·q_b·t + (p_b·qₐ − pₐ·q_b)·t²] / (2·T·qₐ·q_b·10⁹). A count N has R(t) = N·t, and the sum of all weights
/// times lengths for its scale, so that Λ ends at N.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Integral {
    linear: i128,
    square: i128,
    /// The common denominator of Λ; zero for a burst, which has no time.
    pub scale: i128,
    /// Λ at the phase's end, times `scale`.
    pub total: i128,
}

impl Integral {
    /// `None` when a value does not fit into 128 bits.
    pub fn new(phase: &Phase) -> Option<Integral> {
        let duration = phase.duration;
        let mut integral = match phase.load {
            Load::Count(count) => Integral { linear: i128::from(count), square: 0, scale: 0, total: 0 },
            Load::Rate(from, to) => {
                let line = Integral::of_line(from, to, duration)?;
                let (numerator, denominator) = phase.shape.unit;
                let (numerator, denominator) = (i128::try_from(numerator).ok()?, i128::try_from(denominator).ok()?);
                Integral {
                    linear: line.linear.checked_mul(numerator)?,
                    square: line.square.checked_mul(numerator)?,
                    scale: line.scale.checked_mul(denominator)?,
                    total: 0,
                }
            }
        };
        // A straight line over the whole phase is the largest value that a piece can meet.
        integral.of_load(duration.as_nanos())?;
        let mut begin = 0;
        let mut weighted_length = 0i128;
        for piece in &phase.shape.pieces {
            let end = piece.until.as_nanos();
            let length = i128::from(end - begin);
            weighted_length = weighted_length.checked_add(i128::try_from(piece.weight).ok()?.checked_mul(length)?)?;
            integral.total = integral.total.checked_add(integral.of_piece(begin, end, piece.weight)?)?;
            begin = end;
        }
        if let Load::Count(_) = phase.load {
            integral.scale = weighted_length;
        }
        Some(integral)
    }

    fn of_line(from: ArrivalRate, to: ArrivalRate, duration: SimDuration) -> Option<Integral> {
        let (pa, qa) = (i128::from(from.numerator), i128::from(from.denominator));
        let (pb, qb) = (i128::from(to.numerator), i128::from(to.denominator));
        let twice = 2 * i128::from(duration.as_nanos());
        if from == to {
            // Without a slope 2·T cancels, and long phases stay within 128 bits.
            return Some(Integral { linear: pa, square: 0, scale: qa.checked_mul(1_000_000_000)?, total: 0 });
        }
        let line = Integral {
            linear: twice.checked_mul(pa)?.checked_mul(qb)?,
            square: pb.checked_mul(qa)?.checked_sub(pa.checked_mul(qb)?)?,
            scale: twice.checked_mul(qa)?.checked_mul(qb)?.checked_mul(1_000_000_000)?,
            total: 0,
        };
        (line.scale > 0).then_some(line)
    }

    /// R(t).
    fn of_load(&self, nanos: u64) -> Option<i128> {
        let t = i128::from(nanos);
        self.linear.checked_mul(t)?.checked_add(self.square.checked_mul(t)?.checked_mul(t)?)
    }

    /// What a piece adds to Λ·scale; `None` when it does not fit into 128 bits.
    pub fn of_piece(&self, begin: u64, end: u64, weight: u128) -> Option<i128> {
        let line = self.of_load(end)?.checked_sub(self.of_load(begin)?)?;
        line.checked_mul(i128::try_from(weight).ok()?)
    }

    /// The first whole nanosecond at which the piece from `begin` to `end` has added at least `wanted`, which is less than
    /// all of it.
    pub fn first_reaching(&self, begin: u64, end: u64, weight: u128, wanted: i128) -> u64 {
        let added = |nanos| self.of_piece(begin, nanos, weight).expect("checked when the integral was made");
        if self.square == 0 {
            // A piece that adds anything adds a whole number in every nanosecond.
            let in_a_nano = added(begin + 1);
            let nanos = wanted / in_a_nano + i128::from(wanted % in_a_nano > 0);
            return begin + u64::try_from(nanos).expect("within the piece");
        }
        let (mut low, mut high) = (begin, end);
        while low < high {
            let middle = low + (high - low) / 2;
            if added(middle) >= wanted {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }
}

/// The rate of a phase's load in floating point, for random arrivals: a straight line. A count has the rate one in every
/// nanosecond, of which only ratios count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    from: f64,
    to: f64,
    duration: u64,
    /// Nanoseconds in the unit of time.
    unit: f64,
}

impl Line {
    /// The line of a phase.
    pub fn new(phase: &Phase) -> Line {
        let (from, to, unit) = match phase.load {
            Load::Count(_) => (1.0, 1.0, 1.0),
            Load::Rate(from, to) => (from.as_f64(), to.as_f64(), 1e9),
        };
        Line { from, to, duration: phase.duration.as_nanos(), unit }
    }

    /// Nanoseconds in the unit of time.
    pub fn unit(&self) -> f64 {
        self.unit
    }

    /// The rate after so many nanoseconds.
    pub fn at(&self, nanos: u64) -> f64 {
        // The ends without rounding.
        match nanos {
            0 => self.from,
            _ if nanos == self.duration => self.to,
            _ => self.from + (self.to - self.from) * (nanos as f64 / self.duration as f64),
        }
    }

    /// The integral of a rate that goes from `from` to `to` within so many nanoseconds.
    pub fn integral(&self, from: f64, to: f64, nanos: u64) -> f64 {
        (from + to) / 2.0 * (nanos as f64 / self.unit)
    }

    /// After how many of these nanoseconds, rounded up, the integral reaches `wanted`, which is less than all of it.
    pub fn first_reaching(&self, from: f64, to: f64, nanos: u64, wanted: f64) -> u64 {
        if from == to {
            // What follows comes to the same, bit for bit: the root of a square, and halves of doubles.
            return ((wanted / from * self.unit).ceil() as u64).min(nanos);
        }
        let slope = (to - from) / (nanos as f64 / self.unit);
        let discriminant = (from * from + 2.0 * slope * wanted).max(0.0);
        let offset = 2.0 * wanted / (from + discriminant.sqrt());
        ((offset * self.unit).ceil() as u64).min(nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(numerator: u64, denominator: u64) -> ArrivalRate {
        ArrivalRate { numerator, denominator }
    }

    fn phase(load: Load, secs: u64) -> Phase {
        let duration = SimDuration::from_secs(secs);
        Phase { name: None, start: SimTime::ZERO, duration, load, shape: Shape::even(duration), bursts: None }
    }

    #[test]
    fn counts_are_the_whole_part_of_the_integral() {
        assert_eq!(phase(Load::Rate(rate(1, 1), rate(1, 1)), 10).constant_count(), Some(10));
        // Linear from 50/s to 5/s over 30 min: 1800 x 27.5.
        assert_eq!(phase(Load::Rate(rate(50, 1), rate(5, 1)), 1_800).constant_count(), Some(49_500));
        assert_eq!(phase(Load::Rate(rate(1, 3), rate(1, 3)), 10).constant_count(), Some(3));
        assert_eq!(phase(Load::Count(7), 10).constant_count(), Some(7));
        assert_eq!(phase(Load::Rate(rate(u64::MAX, 1), rate(1, u64::MAX)), 1 << 30).constant_count(), None);
        // Twice the rate for a quarter of the time, half of it for the rest.
        let mut shaped = phase(Load::Rate(rate(8, 1), rate(8, 1)), 100);
        let piece = |secs, weight| Piece { until: SimDuration::from_secs(secs), weight };
        shaped.shape = Shape { pieces: vec![piece(25, 4), piece(100, 1)], unit: (1, 2) };
        assert_eq!((shaped.constant_count(), shaped.mean()), (Some(25 * 16 + 75 * 4), 700.0));
        shaped.load = Load::Count(7);
        assert_eq!((shaped.constant_count(), shaped.mean()), (Some(7), 7.0));
    }

    #[test]
    fn a_ramp_from_zero_reaches_k_at_the_square_root() {
        // 0 -> 10/s over 10 s: integral t^2/2, so the k-th arrival is at sqrt(2k) s.
        let end = 10_000_000_000;
        let ramp = Integral::new(&phase(Load::Rate(rate(0, 1), rate(10, 1)), 10)).unwrap();
        for k in 0..50u32 {
            let at = ramp.first_reaching(0, end, 1, i128::from(k) * ramp.scale) as f64 / 1e9;
            let exact = f64::from(2 * k).sqrt();
            assert!(at >= exact - 1e-12 && at - exact < 2e-9, "{k}: {at} {exact}");
        }
    }

    #[test]
    fn windows_follow_the_clock() {
        // At 09:20 a window of an hour has come 20 minutes far.
        let minutes = |n: u64| SimDuration::from_secs(n * 60);
        let bursts = Bursts { window: minutes(60), offset: minutes(20), shape: 1.0 };
        let at = |n| SimTime::ZERO + minutes(n);
        assert_eq!([0, 39, 40, 99, 100].map(|n| bursts.window_of(at(n))), [0, 0, 1, 1, 2]);
        assert_eq!([0, 1].map(|window| bursts.end_of(window)), [at(40), at(100)]);
    }
}
