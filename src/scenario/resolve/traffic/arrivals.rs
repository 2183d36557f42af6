//! Arrivals as written: phases with their loads, and how hours, flash crowds and bursts shape them.

use super::CampaignResolver;
use crate::catalogue;
use crate::model::arrivals::{ArrivalRate, Bursts, Load, Phase, Piece, Shape};
use crate::model::calendar::Calendar;
use crate::scenario::path;
use crate::scenario::quantity::{Count, Written, ZeroRate};
use crate::scenario::resolve::{MAX_DURATION, at};
use crate::scenario::spec;
use crate::units::{NANOS_PER_SECOND, SimDuration, SimTime, thousands};

/// The most windows of bursts in a phase: each is drawn anew in every replication.
const MAX_WINDOWS: u64 = 100_000;

/// The weights of a day's hours.
type Shares = [u128; 24];

/// What shapes the phases of a campaign.
struct Shapes {
    /// Of phases without a profile of their own.
    profile: Option<Shares>,
    flash: Option<Crowd>,
}

/// A flash crowd, within the run.
struct Crowd {
    from: SimTime,
    until: SimTime,
    /// By how much it multiplies the rate, as numerator and denominator.
    times: (u128, u128),
}

impl CampaignResolver<'_, '_> {
    /// The phases, one after the other.
    pub(super) fn phases(&mut self) -> Vec<Phase> {
        let list = at(&at(self.base, "arrivals"), "phases");
        if self.written.arrivals.phases.is_empty() {
            let hint = "add one such as { duration: 10m, arrival_rate: 50/s }";
            match self.findings.document.value(&list) {
                Some(_) => self.findings.error(&list, "there is no phase", hint),
                None => self.findings.key_error(
                    &at(self.base, "arrivals"),
                    "there are no `phases`, and no `trace`",
                    "add `phases: [ { duration: 10m, arrival_rate: 50/s } ]`, or `trace: log.csv`",
                ),
            }
        }
        self.findings.limited(&list, self.written.arrivals.phases.len());
        let mut clock = self.written.start_time.map_or(SimDuration::ZERO, |Written(shift)| shift);
        self.findings.bounded(&at(self.base, "start_time"), clock);
        let mut each_fits = clock <= MAX_DURATION;
        let shapes = self.shapes(clock.min(MAX_DURATION));
        let mut phases = Vec::new();
        for (index, written) in self.written.arrivals.phases.iter().enumerate() {
            let path = path::index(&list, index);
            if clock > MAX_DURATION {
                break;
            }
            if let Some(Written(pause)) = written.pause {
                if written.duration.is_some() || written.arrival_count.is_some() || written.arrival_rate.is_some() {
                    self.findings.key_error(
                        &at(&path, "pause"),
                        "a pause sends nothing and lasts as long as it says",
                        "put it into a phase of its own",
                    );
                }
                self.findings.bounded(&at(&path, "pause"), pause);
                each_fits &= pause <= MAX_DURATION;
                clock = clock + pause.min(MAX_DURATION);
                continue;
            }
            let Some(Written(duration)) = written.duration else {
                self.findings.key_error(&path, "the phase has no duration", "add `duration: 10m`, or 0 for a burst");
                continue;
            };
            self.findings.bounded(&at(&path, "duration"), duration);
            let fits = duration <= MAX_DURATION;
            each_fits &= fits;
            let duration = duration.min(MAX_DURATION);
            let start = SimTime::ZERO + clock;
            let shape = self.shape(&path, written, &shapes, start, duration);
            if let Some(load) = self.load(&path, written, duration) {
                let mut phase = Phase { name: written.name.clone(), start, duration, load, shape, bursts: None };
                // Random arrivals are drawn in floating point, which holds them all.
                let exact = self.written.arrivals.process == spec::Process::Constant;
                if fits && exact && phase.constant_count().is_none() {
                    self.findings.key_error(
                        &path,
                        "the phase is too long or too fine for exact arithmetic",
                        "split it into shorter phases, or use rounder rates",
                    );
                }
                phase.bursts = self.bursts(&phase);
                phases.push(phase);
            }
            clock = clock + duration;
        }
        self.check_flash(&shapes, &phases);
        if each_fits && clock > MAX_DURATION {
            self.findings.key_error(
                &list,
                "the phases together are too long",
                "a campaign lasts at most ten years from the start of the run",
            );
        }
        phases
    }

    fn load(&mut self, path: &str, written: &spec::Phase, duration: SimDuration) -> Option<Load> {
        let rate = |written: Written<ZeroRate>| match written.0.0 {
            None => ArrivalRate { numerator: 0, denominator: 1 },
            Some(rate) => ArrivalRate { numerator: rate.numerator(), denominator: rate.denominator() },
        };
        for key in [("arrival_rate", written.arrival_rate), ("ramp_to", written.ramp_to)] {
            if let (name, Some(Written(ZeroRate(Some(value))))) = key {
                self.findings.bounded_rate(&at(path, name), value);
            }
        }
        match (written.arrival_count, written.arrival_rate, written.ramp_to) {
            (Some(_), Some(_), _) | (Some(_), None, Some(_)) => {
                self.findings.key_error(
                    &at(path, "arrival_count"),
                    "a phase has a count or a rate, not both",
                    "keep one of them",
                );
                None
            }
            (Some(Written(Count(count))), None, None) => Some(Load::Count(count)),
            (None, None, Some(_)) => {
                self.findings.key_error(
                    &at(path, "ramp_to"),
                    "a ramp needs the rate it starts from",
                    "add `arrival_rate`",
                );
                None
            }
            (None, None, None) => {
                self.findings.key_error(
                    path,
                    "the phase says nothing about its load",
                    "add `arrival_count`, `arrival_rate`, or make it a `pause`",
                );
                None
            }
            (None, Some(from), to) => {
                if duration == SimDuration::ZERO {
                    self.findings.error(
                        &at(path, "duration"),
                        "a rate sends nothing in no time",
                        "give the phase a duration, or a burst an `arrival_count`",
                    );
                    return None;
                }
                Some(Load::Rate(rate(from), rate(to.unwrap_or(from))))
            }
        }
    }

    /// What shapes all phases.
    fn shapes(&mut self, start: SimDuration) -> Shapes {
        let base = at(self.base, "arrivals");
        let written = &self.written.arrivals;
        let profile = written.profile.as_ref().and_then(|profile| self.profile(&at(&base, "profile"), profile));
        let flash = written.flash.map(|flash| {
            let path = at(&base, "flash");
            self.findings.bounded(&at(&path, "at"), flash.at.0);
            self.findings.bounded(&at(&path, "for"), flash.length.0);
            if flash.times.0.billionths() == 0 {
                let hint = "write how much busier it is, such as 20, or a `pause` for silence";
                self.findings.error(&at(&path, "times"), "a flash crowd of nobody", hint);
            }
            let from = (SimTime::ZERO + start).saturating_add(flash.at.0);
            let (times, whole) = (u128::from(flash.times.0.billionths()), 1_000_000_000);
            let common = gcd(times, whole).max(1);
            Crowd { from, until: from.saturating_add(flash.length.0), times: (times / common, whole / common) }
        });
        Shapes { profile, flash }
    }

    /// The weights of a day's hours, as small as their ratios allow.
    fn profile(&mut self, path: &str, written: &spec::Profile) -> Option<Shares> {
        let shares: Shares = match written {
            spec::Profile::Shares(shares) => shares.map(|Written(share)| u128::from(share.billionths())),
            spec::Profile::Named(name) => {
                let known = &catalogue::defaults().arrivals;
                let Some(profile) = known.profile(name) else {
                    let names = known.profiles.iter().map(|profile| profile.name.as_str());
                    self.findings.unknown(path, "profile", name, names);
                    return None;
                };
                profile.shares.map(u128::from)
            }
        };
        let common = shares.iter().copied().fold(0, gcd);
        if common == 0 {
            self.findings.error(path, "the weights of the hours add up to zero", "give at least one hour a weight");
            return None;
        }
        Some(shares.map(|share| share / common))
    }

    /// How the rate of a phase varies beside its load.
    fn shape(
        &mut self,
        path: &str,
        written: &spec::Phase,
        shapes: &Shapes,
        start: SimTime,
        duration: SimDuration,
    ) -> Shape {
        let own = written.profile.as_ref().map(|profile| self.profile(&at(path, "profile"), profile));
        if duration == SimDuration::ZERO || duration > MAX_DURATION {
            if own.is_some() && duration == SimDuration::ZERO {
                self.findings.key_error(&at(path, "profile"), "a burst has no hours", "give the phase a duration");
            }
            return Shape::even(duration);
        }
        let profile = own.unwrap_or(shapes.profile);
        let Some(calendar) = self.calendar else { return Shape::even(duration) };
        let mut shape = match &profile {
            Some(shares) => by_hour(shares, calendar, start, duration),
            None => Shape::even(duration),
        };
        if shape.unit.1 == 0 {
            let place = if written.profile.is_some() { at(path, "profile") } else { path.to_owned() };
            let hint = "write a longer phase, or another profile";
            self.findings.key_error(&place, "the profile has no share for the hours of this phase", hint);
            return Shape::even(duration);
        }
        if let Some(crowd) = &shapes.flash {
            crowd.press(&mut shape, start);
        }
        shape
    }

    /// A flash crowd that comes when nothing is sent is a mistake.
    fn check_flash(&mut self, shapes: &Shapes, phases: &[Phase]) {
        let Some(crowd) = &shapes.flash else { return };
        let meets = |phase: &Phase| phase.start.max(crowd.from) < (phase.start + phase.duration).min(crowd.until);
        if !phases.iter().any(meets) {
            self.findings.key_error(
                &at(&at(self.base, "arrivals"), "flash"),
                "the flash crowd meets no phase",
                "`at` counts from the start of the arrivals; `for` must be longer than 0",
            );
        }
    }

    /// The bursts of a phase. Those of a phase that sends nothing need no shape.
    fn bursts(&mut self, phase: &Phase) -> Option<Bursts> {
        let written = self.written.arrivals.burstiness?;
        let calendar = self.calendar?;
        let base = at(&at(self.base, "arrivals"), "burstiness");
        let (Written(window), dispersion) = (written.window, written.dispersion.0.billionths() as f64 / 1e9);
        if self.written.arrivals.process != spec::Process::Poisson {
            let hint = "add `process: poisson`, or leave it out";
            self.findings.key_error(&base, "only random arrivals come in bursts", hint);
            return None;
        }
        if dispersion <= 1.0 {
            let hint = "write a number above 1, which is that of a Poisson process";
            let message = "arrivals cannot be more even than a Poisson process's";
            self.findings.error(&at(&base, "dispersion"), message, hint);
            return None;
        }
        self.findings.bounded(&at(&base, "window"), window);
        let windows = phase.duration.as_nanos().checked_div(window.as_nanos());
        if windows.is_none_or(|windows| windows > MAX_WINDOWS) {
            self.findings.error(
                &at(&base, "window"),
                format!("the windows are too short for a phase of {}", phase.duration),
                format!("a phase has at most {} of them", thousands(u128::from(MAX_WINDOWS))),
            );
            return None;
        }
        let per_window = phase.mean() / phase.duration.as_secs_f64() * window.as_secs_f64();
        let since_midnight = u64::from(calendar.start_second_of_day()) * NANOS_PER_SECOND;
        let bursts = Bursts {
            window,
            offset: SimDuration::from_nanos(since_midnight % window.as_nanos()),
            shape: per_window / (dispersion - 1.0),
        };
        (per_window > 0.0 && per_window.is_finite()).then_some(bursts)
    }
}

impl Crowd {
    /// Multiplies the weights within the crowd by its numerator, and all others by its denominator.
    fn press(&self, shape: &mut Shape, start: SimTime) {
        let (times, whole) = self.times;
        let offset = |at: SimTime| if at <= start { SimDuration::ZERO } else { at.since(start) };
        let (from, until) = (offset(self.from), offset(self.until));
        let mut pieces = Vec::with_capacity(shape.pieces.len() + 2);
        let mut begin = SimDuration::ZERO;
        for piece in &shape.pieces {
            for edge in [from, until, piece.until] {
                let end = edge.clamp(begin, piece.until);
                if end > begin {
                    let within = begin >= from && end <= until;
                    pieces.push(Piece { until: end, weight: piece.weight * if within { times } else { whole } });
                    begin = end;
                }
            }
        }
        shape.pieces = pieces;
        shape.unit.1 *= whole;
    }
}

/// The hours of a phase with their weights; hours of one weight that follow each other are one piece. A weight of one
/// multiplies a rate by the phase's length by the sum of weights times lengths, so that a steady rate keeps its mean; the
/// denominator is zero where all weights are.
fn by_hour(shares: &Shares, calendar: &Calendar, start: SimTime, duration: SimDuration) -> Shape {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut sum = 0;
    let mut begin = start;
    for (hour, end) in calendar.hours(start, start + duration) {
        let weight = shares[hour];
        sum += weight * u128::from(end.since(begin).as_nanos());
        let until = end.since(start);
        match pieces.last_mut() {
            Some(last) if last.weight == weight => last.until = until,
            _ => pieces.push(Piece { until, weight }),
        }
        begin = end;
    }
    let length = u128::from(duration.as_nanos());
    let common = gcd(length, sum).max(1);
    Shape { pieces, unit: (length / common, sum / common) }
}

/// The greatest common divisor.
fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}
