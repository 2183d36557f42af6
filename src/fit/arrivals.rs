//! When messages come: by hour of the day and by day, how bursty, and as phases of constant rate.
//!
//! **Index of dispersion** (Cox and Lewis, 1966): the window counts N_1 .. N_k of whole windows of w seconds between the
//! first and the last message have the index I(w) = s² / m with their variance s² (by k - 1) and mean m. It is 1 for a
//! Poisson process of constant rate, 0 for an even stream. A rate that follows the day raises it; to see what is left, the
//! windows are put into groups g by their hour of the day (of the week, for two weeks and more), and
//!
//! ```text
//! I'(w) = [ Σ_g Σ_{i in g} (N_i - m_g)² / (k - G) ] / m      with m_g the mean and G the number of the groups
//! ```
//!
//! is again 1 for a Poisson process whose rate depends on the hour alone. What is left within phases instead of hours is
//! taken in the same way, each window held against the mean of its phase.
//!
//! **Bursts** as a scenario has them multiply the rate of each window of u seconds by a gamma variate of mean one. The index
//! then is D for windows of u and more, and 1 + (D - 1) w/u below. So the first window length whose index does not clearly
//! grow any more gives D, and the index of the shortest windows gives u.
//!
//! **Phases** minimise Σ over phases of -2 [N ln(N / T) - N], the deviance of a Poisson process of N messages in T seconds,
//! plus a penalty of 3 ln(bins) for each phase (times the index of dispersion of neighbouring bins where that is above 1,
//! as in quasi-likelihood, so that bursts make no phases), over all ways to cut the bins of a grid; found exactly by dynamic
//! programming (Jackson et al., "An algorithm for optimal partitioning of data on an interval", 2005). So a phase begins
//! where the data show another rate, and noise makes none.
//!
//! Not here: what a scenario can say of it.

use std::collections::BTreeMap;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use serde::Serialize;

use super::{later, seconds};
use crate::kernel::elementary::ln;
use crate::trace::{Row, Trace};
use crate::units::{NANOS_PER_SECOND, SimTime};

/// Windows of the index of dispersion, in seconds.
const WINDOWS: [u64; 3] = [60, 600, 3_600];
const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;
/// Traces up to this long are fitted as they went; longer ones by a mean day.
const AS_IT_WENT: u64 = 2 * DAY;
/// Steps of the grid of phases in seconds.
const STEPS: [u64; 7] = [1, 5, 15, 60, 300, 900, HOUR];
/// The most bins of the grid.
const BINS_MAX: u64 = 600;
/// The most phases, so that people can read them.
const PHASES_MAX: usize = 96;

/// When messages come.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Arrivals {
    /// How many messages.
    pub messages: u64,
    /// Messages a day, by the time from the first to the last; `None` below a day, from which no day can be told.
    pub per_day: Option<f64>,
    /// The days of the trace.
    pub days: Vec<Day>,
    /// The hours of the day, from midnight (or from the start of a trace without dates).
    pub hours: Vec<Hour>,
    /// Burstiness.
    pub dispersion: Vec<Dispersion>,
    /// What the phases are: the trace as it went, or a mean day.
    pub cycle: Cycle,
    /// Phases of constant rate.
    pub phases: Vec<PhaseFit>,
    /// How messages come in bursts within the phases, if they clearly do.
    pub bursts: Option<BurstFit>,
}

/// Bursts as a scenario has them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BurstFit {
    /// D.
    pub dispersion: f64,
    /// u: how long a window is in which the rate is the same, in seconds.
    pub window_seconds: u64,
    /// The length of the windows that D was measured in, in seconds.
    pub measured_in_seconds: u64,
    /// How many of those.
    pub n: u64,
}

/// What phases cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cycle {
    /// The time from the first message to the last.
    AsItWent,
    /// A day that is the mean of all.
    MeanDay,
}

/// A day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Day {
    /// Its date, or its number from 1 in a trace without dates.
    pub date: String,
    /// How many messages.
    pub messages: u64,
}

/// An hour of the day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Hour {
    /// 0 to 23.
    pub hour: usize,
    /// How many messages.
    pub messages: u64,
    /// Their share of all.
    pub share: f64,
    /// How long the trace has lasted within this hour, in seconds.
    pub observed_seconds: u64,
}

/// Burstiness within windows of one length.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Dispersion {
    /// The length of a window.
    pub window_seconds: u64,
    /// Whole windows.
    pub n: u64,
    /// I: with the changes of the rate over the day.
    pub raw: Option<f64>,
    /// I': without them.
    pub within_hours: Option<f64>,
    /// What is left within phases, if they are those of the trace as it went.
    pub within_phases: Option<f64>,
}

impl Dispersion {
    /// What the phases leave.
    pub fn left(&self) -> Option<f64> {
        self.within_phases.or(self.within_hours)
    }
}

/// A phase of constant rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PhaseFit {
    /// From the origin of the phases, in seconds.
    pub from_seconds: u64,
    /// How long it lasts.
    pub duration_seconds: u64,
    /// The messages it rests on: of the whole trace, also where it is part of a mean day.
    pub messages: u64,
    /// Messages a second.
    pub rate: f64,
}

/// The grid that all campaigns of a trace are fitted on.
pub(super) struct Grid<'z> {
    zone: &'z TimeZone,
    start: Option<Timestamp>,
    /// The first and the last second of the trace.
    from: u64,
    to: u64,
    /// Seconds by which the first hour of the zone is ahead of time zero.
    hour_shift: u64,
    cycle: Cycle,
    /// Seconds of a bin of the phases.
    step: u64,
    /// By hour: when it begins, and its hour of the week (of the day and week from the start without dates).
    hours: Vec<(u64, usize)>,
}

impl<'z> Grid<'z> {
    /// The grid of a trace with rows.
    pub(super) fn new(trace: &Trace, zone: &'z TimeZone) -> Grid<'z> {
        let from = trace.rows.first().map_or(0, |row| seconds(row.at));
        let to = trace.rows.last().map_or(0, |row| seconds(row.at));
        let span = to - from + 1;
        let mut grid = Grid {
            zone,
            start: trace.start,
            from,
            to,
            hour_shift: 0,
            cycle: if span <= AS_IT_WENT { Cycle::AsItWent } else { Cycle::MeanDay },
            step: *STEPS.iter().find(|step| span.div_ceil(**step) <= BINS_MAX).unwrap_or(&HOUR),
            hours: Vec::new(),
        };
        if let Some(local) = grid.local(0) {
            let past = i64::from(local.minute()) * 60 + i64::from(local.second());
            grid.hour_shift = u64::try_from(past).unwrap_or(0) % HOUR;
        }
        grid.hours = (grid.hour(from)..=grid.hour(to)).map(|hour| (hour, grid.hour_of_week(hour))).collect();
        grid
    }

    /// The number of the hour of a second, from the one in which time zero is.
    fn hour(&self, second: u64) -> u64 {
        (second + self.hour_shift) / HOUR
    }

    /// The wall clock at a second.
    fn local(&self, second: u64) -> Option<ZonedDateTime> {
        let at = SimTime::from_nanos(second.saturating_mul(NANOS_PER_SECOND));
        Some(later(self.start?, at)?.to_zoned_datetime(self.zone.clone()))
    }

    fn hour_of_week(&self, hour: u64) -> usize {
        let begins = (hour * HOUR).saturating_sub(self.hour_shift);
        match self.local(begins) {
            // The first hour may begin before time zero.
            Some(local) => {
                let day = local.weekday().to_monday_zero_offset();
                usize::try_from(i32::from(day) * 24 + i32::from(local.hour())).unwrap_or(0)
            }
            None => usize::try_from(hour % (7 * 24)).unwrap_or(0),
        }
    }

    /// The start of a scenario with these phases: that of the trace, or a midnight for a mean day.
    pub(super) fn start(&self) -> Option<String> {
        let local = match self.cycle {
            Cycle::AsItWent => self.local(0)?,
            Cycle::MeanDay => {
                let tomorrow = self.local(self.from)?.date().tomorrow().ok()?;
                tomorrow.to_datetime(Time::midnight()).to_zoned_datetime(self.zone.clone()).ok()?
            }
        };
        let in_utc = *local.time_zone() == TimeZone::UTC;
        Some(if in_utc { local.timestamp().to_string() } else { local.to_string() })
    }

    /// From that start to the first phase, in seconds.
    pub(super) fn start_time(&self) -> u64 {
        if self.cycle == Cycle::AsItWent { self.from } else { 0 }
    }

    /// The arrivals of rows in order of time.
    pub(super) fn fit(&self, rows: &[&Row]) -> Arrivals {
        let times: Vec<u64> = rows.iter().map(|row| seconds(row.at)).collect();
        let messages = times.len() as u64;
        let span = self.to - self.from + 1;
        let hours = self.by_hour(&times);
        let phases = match self.cycle {
            Cycle::AsItWent => self.as_it_went(&times),
            Cycle::MeanDay => mean_day(&hours),
        };
        let dispersion = WINDOWS.map(|window| Dispersion {
            within_phases: (self.cycle == Cycle::AsItWent)
                .then(|| self.within_phases(&times, &phases, window))
                .flatten(),
            ..self.dispersion(&times, window)
        });
        Arrivals {
            messages,
            per_day: (span >= DAY).then(|| messages as f64 * DAY as f64 / span as f64),
            days: self.by_day(&times),
            bursts: bursts(&dispersion),
            dispersion: dispersion.into(),
            cycle: self.cycle,
            phases,
            hours,
        }
    }

    fn by_hour(&self, times: &[u64]) -> Vec<Hour> {
        let mut messages = [0; 24];
        let mut observed = [0; 24];
        for (hour, of_week) in &self.hours {
            let begins = (hour * HOUR).saturating_sub(self.hour_shift);
            let ends = (hour + 1) * HOUR - self.hour_shift;
            observed[of_week % 24] += ends.min(self.to + 1).saturating_sub(begins.max(self.from));
        }
        for time in times {
            messages[self.group_of(*time) % 24] += 1;
        }
        let all = times.len() as f64;
        (0..24)
            .map(|hour| Hour {
                hour,
                messages: messages[hour],
                share: messages[hour] as f64 / all,
                observed_seconds: observed[hour],
            })
            .collect()
    }

    /// The hour of the week of a second of the trace.
    fn group_of(&self, second: u64) -> usize {
        let index = usize::try_from(self.hour(second) - self.hours[0].0).unwrap_or(0);
        self.hours[index].1
    }

    fn by_day(&self, times: &[u64]) -> Vec<Day> {
        let mut days: BTreeMap<String, u64> = BTreeMap::new();
        // Rows of one hour are of one day.
        let mut last: Option<(u64, String)> = None;
        for time in times {
            let hour = self.hour(*time);
            let date = match last.take() {
                Some((other, date)) if other == hour => date,
                _ => match self.local(*time) {
                    Some(local) => local.date().to_string(),
                    None => format!("{:06}", time / DAY + 1),
                },
            };
            *days.entry(date.clone()).or_default() += 1;
            last = Some((hour, date));
        }
        let plain = |date: String| if self.start.is_some() { date } else { date.trim_start_matches('0').to_owned() };
        days.into_iter().map(|(date, messages)| Day { date: plain(date), messages }).collect()
    }

    /// The index of dispersion: see the module.
    fn dispersion(&self, times: &[u64], window: u64) -> Dispersion {
        let number = |second: u64| (second + self.hour_shift) / window;
        // Whole windows: the first begins at or after the first message, the last ends at or before the last one.
        let first = (self.from + self.hour_shift).div_ceil(window);
        let end = number(self.to);
        let n = end.saturating_sub(first);
        let weekly = n * window >= 14 * DAY;
        let group = |of_week: usize| if weekly { of_week } else { of_week % 24 };
        // Windows, messages and squares by group.
        let mut sums = [(0_u64, 0_u64, 0_u64); 7 * 24];
        for (hour, of_week) in &self.hours {
            let (begins, ends) = (hour * (HOUR / window), (hour + 1) * (HOUR / window));
            sums[group(*of_week)].0 += ends.min(end).saturating_sub(begins.max(first));
        }
        for run in times.chunk_by(|a, b| number(*a) == number(*b)) {
            if (first..end).contains(&number(run[0])) {
                let count = run.len() as u64;
                let sums = &mut sums[group(self.group_of(run[0]))];
                sums.1 += count;
                sums.2 += count * count;
            }
        }
        let all = sums.iter().fold((0, 0, 0), |a, b| (a.0 + b.0, a.1 + b.1, a.2 + b.2));
        let groups = sums.iter().filter(|sums| sums.0 > 0).count() as u64;
        let mean = all.1 as f64 / all.0 as f64;
        let index = |spread: f64, degrees: u64| (degrees > 0 && all.1 > 0).then(|| spread / degrees as f64 / mean);
        Dispersion {
            window_seconds: window,
            n,
            raw: index(spread(all), n.saturating_sub(1)),
            within_hours: index(sums.into_iter().map(spread).sum(), n.saturating_sub(groups)),
            within_phases: None,
        }
    }

    /// The index within phases, over the windows of the clock that lie wholly in one of them.
    fn within_phases(&self, times: &[u64], phases: &[PhaseFit], window: u64) -> Option<f64> {
        let (mut squares, mut expected) = (0.0, 0.0);
        for phase in phases {
            let begins = self.from + phase.from_seconds + self.hour_shift;
            let windows = begins.div_ceil(window)..(begins + phase.duration_seconds) / window;
            let edge = |number: u64| times.partition_point(|time| time + self.hour_shift < number * window);
            let count = |number: u64| (edge(number + 1) - edge(number)) as u64;
            let sums = windows.map(count).fold((0, 0, 0), |sum, n| (sum.0 + 1, sum.1 + n, sum.2 + n * n));
            if sums.0 > 1 {
                squares += spread(sums);
                expected += (sums.0 - 1) as f64 * sums.1 as f64 / sums.0 as f64;
            }
        }
        (expected > 0.0).then(|| squares / expected)
    }

    fn as_it_went(&self, times: &[u64]) -> Vec<PhaseFit> {
        let bins = (self.to - self.from) / self.step + 1;
        let mut counts = vec![0; usize::try_from(bins).expect("a grid is small")];
        for time in times {
            counts[usize::try_from((time - self.from) / self.step).expect("a grid is small")] += 1;
        }
        let whole = self.to - self.from + 1;
        let bins = counts.into_iter().zip(0_u64..).map(|(messages, bin)| {
            // The last bin ends with the trace.
            let seconds = self.step.min(whole - bin * self.step);
            Bin { messages, seconds, lasts: seconds }
        });
        phases(&bins.collect::<Vec<Bin>>())
    }
}

/// Windows below which an index of dispersion tells nothing.
const WINDOWS_MIN: u64 = 20;

/// The bursts that indexes by window length show.
fn bursts(dispersion: &[Dispersion]) -> Option<BurstFit> {
    let told: Vec<(u64, u64, f64)> = dispersion
        .iter()
        .filter(|dispersion| dispersion.n >= WINDOWS_MIN)
        .filter_map(|dispersion| Some((dispersion.window_seconds, dispersion.n, dispersion.left()?)))
        .collect();
    // The standard error of an index of n windows, as a part of it.
    let error = |n: u64| (2.0 / n as f64).sqrt();
    let (shortest, _, shortest_index) = *told.first()?;
    let mut found = *told.first()?;
    for longer in &told[1..] {
        if longer.2 > found.2 * (1.0 + 3.0 * error(longer.1)) {
            found = *longer;
        }
    }
    let (measured_in_seconds, n, index) = found;
    if index < 1.2 || index < 1.0 + 4.0 * error(n) {
        return None;
    }
    let window = shortest as f64 * (index - 1.0) / (shortest_index - 1.0).max(1e-3);
    Some(BurstFit {
        dispersion: index,
        window_seconds: (window.round() as u64).clamp(shortest, measured_in_seconds),
        measured_in_seconds,
        n,
    })
}

/// Σ (N - m)² from windows, sum and sum of squares.
fn spread((windows, messages, squares): (u64, u64, u64)) -> f64 {
    if windows == 0 { 0.0 } else { squares as f64 - (messages as f64) * (messages as f64) / windows as f64 }
}

/// The phases of a mean day.
fn mean_day(hours: &[Hour]) -> Vec<PhaseFit> {
    let bin = |hour: &Hour| Bin { messages: hour.messages, seconds: hour.observed_seconds.max(1), lasts: HOUR };
    phases(&hours.iter().map(bin).collect::<Vec<Bin>>())
}

/// A bin of the grid: what was seen in it, for how many seconds, and how long it lasts among the phases.
#[derive(Clone, Copy)]
struct Bin {
    messages: u64,
    seconds: u64,
    lasts: u64,
}

/// The best cut of bins into phases.
fn phases(bins: &[Bin]) -> Vec<PhaseFit> {
    let mut penalty = 3.0 * ln(bins.len().max(2) as f64) * roughness(bins);
    let mut cuts = partition(bins, penalty);
    while cuts.len() > PHASES_MAX {
        penalty *= 1.5;
        cuts = partition(bins, penalty);
    }
    let mut first = 0;
    let mut from_seconds = 0;
    let mut found = Vec::new();
    for end in cuts {
        let sum = |part: fn(&Bin) -> u64| bins[first..end].iter().map(part).sum::<u64>();
        let (messages, seconds, duration_seconds) =
            (sum(|bin| bin.messages), sum(|bin| bin.seconds), sum(|bin| bin.lasts));
        found.push(PhaseFit { from_seconds, duration_seconds, messages, rate: messages as f64 / seconds as f64 });
        from_seconds += duration_seconds;
        first = end;
    }
    found
}

/// Neighbouring bins below which their dispersion tells nothing.
const PAIRS_MIN: usize = 20;
/// Messages below which the dispersion of a pair of bins tells nothing.
const PAIR_MESSAGES_MIN: u64 = 10;

/// The index of dispersion of neighbouring bins of one length, 1 at least: (a - b)² / (a + b) has the mean D and, near the
/// normal, the median 0.455 D, which a few steps of the rate do not move.
fn roughness(bins: &[Bin]) -> f64 {
    let alike = bins.windows(2).filter(|pair| pair[0].seconds == pair[1].seconds);
    let mut pairs: Vec<f64> = alike
        .map(|pair| (pair[0].messages.abs_diff(pair[1].messages) as f64, pair[0].messages + pair[1].messages))
        .filter(|(_, sum)| *sum >= PAIR_MESSAGES_MIN)
        .map(|(difference, sum)| difference * difference / sum as f64)
        .collect();
    if pairs.len() < PAIRS_MIN {
        return 1.0;
    }
    pairs.sort_unstable_by(f64::total_cmp);
    (pairs[pairs.len() / 2] / 0.455).max(1.0)
}

/// The ends of the phases that cost least.
fn partition(bins: &[Bin], penalty: f64) -> Vec<usize> {
    let mut sums = vec![(0, 0)];
    for bin in bins {
        let (messages, seconds) = sums[sums.len() - 1];
        sums.push((messages + bin.messages, seconds + bin.seconds));
    }
    let cost = |from: usize, to: usize| {
        let (messages, seconds) = (sums[to].0 - sums[from].0, sums[to].1 - sums[from].1);
        if messages == 0 { 0.0 } else { -2.0 * messages as f64 * (ln(messages as f64 / seconds as f64) - 1.0) }
    };
    // The least cost of the bins up to each, and where its last phase begins.
    let mut best: Vec<(f64, usize)> = vec![(0.0, 0)];
    for to in 1..=bins.len() {
        let candidates = (0..to).map(|from| (best[from].0 + cost(from, to) + penalty, from));
        best.push(candidates.min_by(|a, b| a.0.total_cmp(&b.0)).expect("there is a bin before"));
    }
    let mut cuts = Vec::new();
    let mut to = bins.len();
    while to > 0 {
        cuts.push(to);
        to = best[to].1;
    }
    cuts.reverse();
    cuts
}
