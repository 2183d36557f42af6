//! Several replications of one model, in parallel, merged in the order of their index.
//!
//! The unit of inference is the replication. Everything that is merged is an integer, so the result is the same bytes
//! with one thread or many; what a single replication says once (a drain time, a cost) is kept per replication, and so is
//! a sketch of its delays, from which intervals follow (`sample`). Where there are more threads than replications, several may
//! share one (`parts`).
//!
//! A run can be asked to stop: it then gives what the first so many replications showed. Replications that are kept somewhere
//! ([`Kept`]) are taken from there instead of being run, and add up to the same bytes.
//!
//! Not here: which figures matter, comparison of designs, and where replications are kept.

mod kept;
mod parts;
mod sample;
mod windows;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::metrics::delay::Delay;
use crate::metrics::sketch::Sketch;
use crate::metrics::slowest::Slowest;
use crate::metrics::timeline::{Flow, Timeline};
use crate::metrics::totals::Totals;
use crate::metrics::windows::Watched;
use crate::metrics::{Collector, CountryDelays, Delays, LaneCounters, Observations, Reports};
use crate::model::ending::{ByEnding, Ending};
use crate::model::threshold::Scope;
use crate::model::{Campaign, Model};
use crate::simulation::lives::Straight;
use crate::simulation::observer::{Message, Observer};
use crate::simulation::trajectory::Trajectory;
use crate::units::{SimDuration, SimTime};

pub use kept::{FORMAT, Kept, Nothing};
pub use parts::threads_for;
pub use sample::Sample;
pub use windows::{Stretch, WatchedResults};

/// Replications of which series over time are kept: the first so many.
pub const SERIES_REPLICATIONS: usize = 100;

/// How far a run has come, for whoever shows it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Messages that are final, over all replications.
    pub messages: AtomicU64,
    /// Replications that are done.
    pub replications: AtomicU64,
    /// Whether somebody asks the run to end where it is. Replications under way are given up within some thousand messages.
    pub stop: Arc<AtomicBool>,
}

impl Progress {
    /// Whether the run is asked to end.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// What all replications showed.
#[derive(Debug)]
pub struct Results {
    /// How many replications there were.
    pub replications: u32,
    /// What [`Results::totals`] are of.
    pub scopes: Vec<Scope>,
    /// By scope, then by replication.
    pub totals: Vec<Vec<Totals>>,
    /// By campaign, over all replications.
    pub delays: Vec<Delays>,
    /// By country, over all replications.
    pub country_delays: Vec<CountryDelays>,
    /// Sketches of delays by campaign, then by replication, then by [`Part`].
    sketches: Vec<Vec<[Sketch; Part::ALL.len()]>>,
    /// The same by country, of the parts that are kept by country.
    country_sketches: Vec<Vec<[Sketch; Part::BY_COUNTRY.len()]>>,
    /// What promises with windows ask for.
    pub watched: WatchedResults,
    /// By lane: sums, but the highest peak and the latest drain.
    pub lanes: Vec<LaneCounters>,
    /// Series over time.
    pub series: Series,
    /// The delivered messages that took longest.
    pub slowest: Slowest,
    /// How each true end shows in receipts, over all replications.
    pub reports: ByEnding<Reports>,
    /// Digest of what happened in all replications.
    pub trajectory: u64,
}

/// Series over the replications that were kept: sums of flows; sum, least and greatest of backlogs.
#[derive(Debug, PartialEq, Eq)]
pub struct Series {
    /// Width of a bin.
    pub width: SimDuration,
    /// How many replications went in.
    pub replications: u64,
    /// By flow, then by bin.
    pub flows: Vec<Vec<u64>>,
    /// By backlog, then by bin.
    pub backlogs: Vec<Vec<Spread>>,
    /// By backlog, then by bin: segments sent from it, summed like flows.
    pub segments: Vec<Vec<u64>>,
}

/// A value over replications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// Sum.
    pub sum: u64,
    /// Least.
    pub min: u64,
    /// Greatest.
    pub max: u64,
}

/// How many messages one replication is expected to offer.
pub fn expected_messages(model: &Model) -> u64 {
    model.campaigns.iter().map(Campaign::expected_messages).fold(0, u64::saturating_add)
}

/// Runs replications `0..replications` of `model` on the current rayon pool.
pub fn run(model: &Model, replications: u32, progress: &Progress) -> Results {
    run_kept(model, replications, progress, &Nothing).results
}

/// What a run came to that could be stopped.
#[derive(Debug)]
pub struct Ran {
    /// What the first replications showed: all that were asked for, or fewer when the run was stopped; perhaps none.
    pub results: Results,
    /// Whether the run came to its end.
    pub complete: bool,
}

/// As [`run`], without those replications that are kept already; what is run is kept, too.
pub fn run_kept(model: &Model, replications: u32, progress: &Progress, kept: &impl Kept) -> Ran {
    let mut merge = Merge::new(model);
    let complete = advance(model, &mut merge, replications, progress, kept);
    Ran { results: merge.finish(), complete }
}

/// Runs replications until a checkpoint at which `enough` is content, at the latest until the last one. Checkpoints are
/// numbers of replications, ascending; what is looked at are the first so many, never those that happen to be ready.
///
/// # Panics
/// When there is no checkpoint.
pub fn run_until(
    model: &Model,
    checkpoints: &[u32],
    progress: &Progress,
    kept: &impl Kept,
    mut enough: impl FnMut(&Results) -> bool,
) -> Ran {
    let (last, before) = checkpoints.split_last().expect("there is a last checkpoint");
    let mut merge = Merge::new(model);
    for checkpoint in before {
        if !advance(model, &mut merge, *checkpoint, progress, kept) {
            return Ran { results: merge.finish(), complete: false };
        }
        let results = merge.clone().finish();
        if enough(&results) {
            return Ran { results, complete: true };
        }
    }
    let complete = advance(model, &mut merge, *last, progress, kept);
    let results = merge.finish();
    if complete {
        enough(&results);
    }
    Ran { results, complete }
}

/// Adds replications up to `replications`; whether it came so far. Those that were finished after one that was given up are
/// not added, since what is looked at are always the first so many.
fn advance(model: &Model, merge: &mut Merge, replications: u32, progress: &Progress, kept: &impl Kept) -> bool {
    // Observations are large; a batch at a time keeps memory bounded, and merging integers makes the size irrelevant.
    let batch = u32::try_from(rayon::current_num_threads()).unwrap_or(64);
    let mut next = merge.replications;
    while next < replications {
        let end = replications.min(next.saturating_add(batch));
        let threads = threads_for((end - next) as usize);
        let one = |index| kept_or_run(model, index, &merge.scopes, progress, kept, threads);
        let done: Vec<Option<Replication>> = (next..end).into_par_iter().map(one).collect();
        for replication in done {
            let Some(replication) = replication else { return false };
            merge.add(&replication);
        }
        next = end;
    }
    true
}

/// One replication's results.
#[derive(Debug, Serialize, Deserialize)]
pub struct Replication {
    observations: Observations,
    watched: Watched,
    trajectory: u64,
}

impl Replication {
    /// Digest of what happened.
    pub fn trajectory(&self) -> u64 {
        self.trajectory
    }
}

/// One replication, run unless it is kept, and kept; `None` when the run was stopped. `scopes` are those of
/// [`Collector::scopes`]. It may use so many `threads` of the current rayon pool: see [`threads_for`].
pub fn kept_or_run(
    model: &Model,
    index: u32,
    scopes: &[Scope],
    progress: &Progress,
    kept: &impl Kept,
    threads: usize,
) -> Option<Replication> {
    if progress.is_stopped() {
        return None;
    }
    if let Some(replication) = kept.find(index) {
        let offered = replication.observations.totals.first().map_or(0, |totals| totals.offered);
        progress.messages.fetch_add(offered, Ordering::Relaxed);
        progress.replications.fetch_add(1, Ordering::Relaxed);
        return Some(replication);
    }
    // The engine has no way out in the middle: the observer that is asked to stop unwinds. No hook is called and nothing of
    // the replication is looked at afterwards.
    match catch_unwind(AssertUnwindSafe(|| parts::replicate(model, index, scopes, progress, threads))) {
        Ok(replication) => {
            kept.keep(index, &replication);
            Some(replication)
        }
        Err(payload) if payload.is::<Stopped>() => None,
        Err(payload) => resume_unwind(payload),
    }
}

/// What a replication unwinds with that was asked to stop.
struct Stopped;

/// Runs one replication on this thread; `scopes` are those of [`Collector::scopes`]. Unwinds when it is asked to stop: see
/// [`kept_or_run`].
pub fn replicate(model: &Model, index: u32, scopes: &[Scope], progress: &Progress) -> Replication {
    parts::replicate(model, index, scopes, progress, 1)
}

/// Tells the progress now and then.
struct Ticker<'p> {
    progress: &'p Progress,
    pending: u64,
}

impl<'p> Ticker<'p> {
    fn new(progress: &'p Progress) -> Ticker<'p> {
        Ticker { progress, pending: 0 }
    }

    fn tick(&mut self, messages: u64) {
        self.pending += messages;
        if self.pending >= 8_192 {
            self.progress.messages.fetch_add(self.pending, Ordering::Relaxed);
            self.pending = 0;
            if self.progress.is_stopped() {
                resume_unwind(Box::new(Stopped));
            }
        }
    }

    fn flush(self) {
        self.progress.messages.fetch_add(self.pending, Ordering::Relaxed);
    }
}

impl Observer for Ticker<'_> {
    const ORDERED: bool = false;

    fn refused(&mut self, _at: SimTime, _message: &Message, _ending: Ending) {
        self.tick(1);
    }

    fn ended(&mut self, _at: SimTime, _message: &Message, _ending: Ending) {
        self.tick(1);
    }

    fn lives(&mut self, lives: &[Straight]) {
        self.tick(lives.len() as u64);
    }
}

/// The merge of a model's replications in progress.
#[derive(Clone, Debug)]
pub struct Merge {
    scopes: Vec<Scope>,
    totals: Vec<Vec<Totals>>,
    delays: Vec<Delays>,
    country_delays: Vec<CountryDelays>,
    sketches: Vec<Vec<[Sketch; Part::ALL.len()]>>,
    country_sketches: Vec<Vec<[Sketch; Part::BY_COUNTRY.len()]>>,
    watched: WatchedResults,
    lanes: Vec<LaneCounters>,
    timelines: Vec<Timeline>,
    slowest: Slowest,
    reports: ByEnding<Reports>,
    replications: u32,
    trajectory: Trajectory,
}

impl Merge {
    /// Nothing merged yet.
    pub fn new(model: &Model) -> Merge {
        let scopes = Collector::scopes(model);
        Merge {
            totals: vec![Vec::new(); scopes.len()],
            scopes,
            delays: vec![Delays::default(); model.campaigns.len()],
            country_delays: vec![CountryDelays::default(); model.countries.len()],
            sketches: vec![Vec::new(); model.campaigns.len()],
            country_sketches: vec![Vec::new(); model.countries.len()],
            watched: WatchedResults::default(),
            lanes: vec![LaneCounters::default(); model.lanes.len()],
            timelines: Vec::new(),
            slowest: Slowest::default(),
            reports: ByEnding::default(),
            replications: 0,
            trajectory: Trajectory::default(),
        }
    }

    /// Adds the next replication, in the order of their index.
    pub fn add(&mut self, replication: &Replication) {
        let seen = &replication.observations;
        for (list, totals) in self.totals.iter_mut().zip(&seen.totals) {
            list.push(totals.clone());
        }
        for (sum, delays) in self.delays.iter_mut().zip(&seen.delays) {
            sum.merge(delays);
        }
        for (sum, delays) in self.country_delays.iter_mut().zip(&seen.country_delays) {
            sum.merge(delays);
        }
        for (list, delays) in self.sketches.iter_mut().zip(&seen.delays) {
            list.push(Part::ALL.map(|part| Sketch::of(part.in_campaign(delays))));
        }
        for (list, delays) in self.country_sketches.iter_mut().zip(&seen.country_delays) {
            list.push(Part::BY_COUNTRY.map(|part| Sketch::of(part.in_country(delays))));
        }
        self.watched.add(&replication.watched);
        for (sum, lane) in self.lanes.iter_mut().zip(&seen.lanes) {
            sum.merge(lane);
        }
        if self.timelines.len() < SERIES_REPLICATIONS {
            self.timelines.push(seen.timeline.clone());
        }
        self.slowest.merge(&seen.slowest, self.replications);
        Ending::ALL.into_iter().for_each(|ending| self.reports[ending].merge(&seen.reports[ending]));
        self.replications += 1;
        self.trajectory.add(replication.trajectory);
    }

    /// What all that were added showed.
    pub fn finish(self) -> Results {
        Results {
            replications: self.replications,
            scopes: self.scopes,
            totals: self.totals,
            delays: self.delays,
            country_delays: self.country_delays,
            sketches: self.sketches,
            country_sketches: self.country_sketches,
            watched: self.watched,
            lanes: self.lanes,
            series: Series::of(self.timelines),
            slowest: self.slowest,
            reports: self.reports,
            trajectory: self.trajectory.digest(),
        }
    }
}

impl Series {
    /// All timelines on the widest bins among them.
    fn of(mut timelines: Vec<Timeline>) -> Series {
        let width = timelines.iter().map(Timeline::width).max().unwrap_or_default();
        timelines.iter_mut().for_each(|timeline| timeline.widen_to(width));
        let bins = timelines.iter().map(Timeline::len).max().unwrap_or(0);
        let flow = |flow: Flow| (0..bins).map(|bin| timelines.iter().map(|t| t.flow_in(flow, bin)).sum()).collect();
        let spreads = |backlog: usize| {
            let mut spreads = vec![Spread::default(); bins];
            for (index, timeline) in timelines.iter().enumerate() {
                // A backlog is what it is at the end, for as long as others go on.
                let mut level = 0;
                let mut levels = timeline.levels(backlog);
                for spread in &mut spreads {
                    level = levels.next().unwrap_or(level);
                    spread.sum += level;
                    spread.min = if index == 0 { level } else { spread.min.min(level) };
                    spread.max = spread.max.max(level);
                }
            }
            spreads
        };
        let segments = |backlog: usize| {
            let mut sums = vec![0; bins];
            for timeline in &timelines {
                sums.iter_mut().zip(timeline.segments(backlog)).for_each(|(sum, count)| *sum += count);
            }
            sums
        };
        let backlogs = timelines.first().map_or(0, Timeline::backlogs);
        Series {
            width,
            replications: timelines.len() as u64,
            flows: Flow::ALL.map(flow).into(),
            backlogs: (0..backlogs).map(spreads).collect(),
            segments: (0..backlogs).map(segments).collect(),
        }
    }

    /// How many bins there are.
    pub fn bins(&self) -> usize {
        self.flows.first().map_or(0, Vec::len)
    }
}

/// Which delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Accepted minus intended.
    ApiWait,
    /// Sent minus accepted.
    QueueWait,
    /// Of that, kept at the platform until its hours opened.
    HoldWait,
    /// Of that, in the lane.
    LaneWait,
    /// Of that, at a ceiling.
    CeilingWait,
    /// Handset minus sent.
    CarrierLatency,
    /// Of that, kept by the carriers for the hour.
    CarrierHold,
    /// Of that, on the way through the networks.
    NetworkLatency,
    /// Of that, waiting for a handset out of reach.
    HandsetWait,
    /// Handset minus intended.
    EndToEnd,
}

impl Part {
    /// All parts, in the order of their declaration.
    pub const ALL: [Part; 10] = [
        Part::ApiWait,
        Part::QueueWait,
        Part::HoldWait,
        Part::LaneWait,
        Part::CeilingWait,
        Part::CarrierLatency,
        Part::CarrierHold,
        Part::NetworkLatency,
        Part::HandsetWait,
        Part::EndToEnd,
    ];
    /// Those that are kept by country.
    pub const BY_COUNTRY: [Part; 2] = [Part::QueueWait, Part::EndToEnd];

    fn in_campaign(self, delays: &Delays) -> &Delay {
        match self {
            Part::ApiWait => &delays.api_wait,
            Part::QueueWait => &delays.queue_wait,
            Part::HoldWait => &delays.hold_wait,
            Part::LaneWait => &delays.lane_wait,
            Part::CeilingWait => &delays.ceiling_wait,
            Part::CarrierLatency => &delays.carrier_latency,
            Part::CarrierHold => &delays.carrier_hold,
            Part::NetworkLatency => &delays.network_latency,
            Part::HandsetWait => &delays.handset_wait,
            Part::EndToEnd => &delays.end_to_end,
        }
    }

    fn in_country(self, delays: &CountryDelays) -> &Delay {
        match self {
            Part::QueueWait => &delays.queue_wait,
            Part::EndToEnd => &delays.end_to_end,
            _ => unreachable!("other delays are not kept by country, and scenarios cannot ask for them"),
        }
    }

    /// Messages whose delay the horizon hid: those that had not come so far.
    fn unfinished(self, totals: &Totals) -> u64 {
        match self {
            Part::ApiWait => totals.not_handed_over(),
            Part::QueueWait | Part::HoldWait | Part::LaneWait | Part::CeilingWait => totals.waiting(),
            Part::CarrierLatency | Part::CarrierHold | Part::NetworkLatency | Part::HandsetWait => totals.in_progress(),
            Part::EndToEnd => totals.not_handed_over() + totals.in_progress(),
        }
    }
}

/// A distribution of delays of which the horizon may have hidden some. What is hidden is taken to
/// be longer than what is recorded, so a quantile is identified only up to the share that is recorded, and a mean or maximum only when nothing is hidden.
#[derive(Clone, Debug)]
pub struct Censored {
    delay: Delay,
    unfinished: u64,
}

impl Censored {
    /// The recorded delays.
    pub fn recorded(&self) -> &Delay {
        &self.delay
    }

    /// How many were hidden.
    pub fn unfinished(&self) -> u64 {
        self.unfinished
    }

    /// The quantile among all messages, recorded and hidden; `None` when it is not identified.
    pub fn quantile(&self, q: f64) -> Option<SimDuration> {
        self.delay.quantile_among(q, self.unfinished)
    }

    /// The mean in seconds; `None` when it is not identified.
    pub fn mean_seconds(&self) -> Option<f64> {
        self.delay.mean_seconds().filter(|_| self.unfinished == 0)
    }

    /// The largest delay; `None` when it is not identified.
    pub fn max(&self) -> Option<SimDuration> {
        self.delay.max().filter(|_| self.unfinished == 0)
    }
}

impl Results {
    /// The totals of a scope, by replication; `None` when they are not kept.
    pub fn totals_of(&self, scope: &Scope) -> Option<&[Totals]> {
        let index = self.scopes.iter().position(|kept| kept == scope)?;
        Some(&self.totals[index])
    }

    /// A delay's distribution in a scope (everything, one campaign, one service, tags or one country), over all replications.
    pub fn delay_of(&self, model: &Model, scope: &Scope, part: Part) -> Censored {
        let unfinished = self.totals_of(scope).map_or(0, |totals| totals.iter().map(|one| part.unfinished(one)).sum());
        Censored { delay: self.recorded(model, scope, part), unfinished }
    }

    /// The same with what each replication added.
    pub fn sample_of(&self, model: &Model, scope: &Scope, part: Part) -> Sample {
        let totals = self.totals_of(scope).unwrap_or_default();
        let in_scope = |index: &usize| model.is_in_scope(*index, scope);
        let campaigns: Vec<usize> = (0..model.campaigns.len()).filter(in_scope).collect();
        let sketches = |replication: usize| match scope.country {
            Some(country) => {
                let kept = Part::BY_COUNTRY.iter().position(|kept| *kept == part).expect("kept by country");
                vec![&self.country_sketches[country][replication][kept]]
            }
            None => campaigns.iter().map(|index| &self.sketches[*index][replication][part as usize]).collect(),
        };
        let unfinished = |replication: usize| totals.get(replication).map_or(0, |one| part.unfinished(one));
        let replications = (0..self.replications as usize).map(|index| (sketches(index), unfinished(index)));
        Sample::new(self.delay_of(model, scope, part), replications)
    }

    fn recorded(&self, model: &Model, scope: &Scope, part: Part) -> Delay {
        let mut sum = Delay::default();
        if let Some(country) = scope.country {
            sum.merge(part.in_country(&self.country_delays[country]));
            return sum;
        }
        for (index, delays) in self.delays.iter().enumerate() {
            if model.is_in_scope(index, scope) {
                sum.merge(part.in_campaign(delays));
            }
        }
        sum
    }
}
