//! Series over time in at most 2,000 bins: flows as counts per bin, backlogs as the level at the beginning of a bin, after
//! all that happens in that instant. Bins start 1/64 s wide and double as the run grows, so widths are whole seconds from 1 s
//! on. The last bin begins after the last event at the platform.
//!
//! All of it is sums, so it does not matter when somebody tells of what happened, as long as it is told.
//!
//! What happens at the platform makes the series grow. Deliveries do not: a handset that comes back after three days must
//! not make the bins of a campaign of ten minutes as wide as the campaign. The series end with the last event at the
//! platform, or when 19 of 20 outcomes are known if that is later; what comes after is not in them.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::simulation::lives::Straight;
use crate::units::{SimDuration, SimTime};

/// The most bins a series has.
pub const MAX_BINS: usize = 2_000;
const FIRST_WIDTH: u64 = 15_625_000;

/// What flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Messages offered.
    Offered,
    /// Messages accepted.
    Accepted,
    /// Messages sent.
    Sent,
    /// Segments sent, by whatever queue.
    SegmentsSent,
    /// Messages delivered.
    Delivered,
    /// Messages undelivered.
    Undelivered,
    /// Messages failed.
    Failed,
}

impl Flow {
    /// All flows, in the order of columns.
    pub const ALL: [Flow; 7] = [
        Flow::Offered,
        Flow::Accepted,
        Flow::Sent,
        Flow::SegmentsSent,
        Flow::Delivered,
        Flow::Undelivered,
        Flow::Failed,
    ];

    /// The column's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Flow::Offered => "offered",
            Flow::Accepted => "accepted",
            Flow::Sent => "sent",
            Flow::SegmentsSent => "segments_sent",
            Flow::Delivered => "delivered",
            Flow::Undelivered => "undelivered",
            Flow::Failed => "failed",
        }
    }
}

/// Counts of a bin, by flow.
type Counts = [u64; Flow::ALL.len()];

/// The series of one replication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// How often the bins' width has been doubled, and what it is.
    doublings: u32,
    width: u64,
    bins: usize,
    flows: Vec<Counts>,
    /// By backlog, then by bin: what came since the beginning of the bin before, less what left.
    changes: Vec<Vec<i64>>,
    /// By backlog, then by bin: segments sent from it. Their sum over backlogs becomes [`Flow::SegmentsSent`] at the end.
    segments: Vec<Vec<u64>>,
    /// Outcomes beyond the last bin that there could be, by bin and flow.
    beyond: BTreeMap<u64, Counts>,
    /// The same until the series end: there may be many.
    #[serde(skip)]
    later: FxHashMap<u64, Counts>,
}

impl Timeline {
    /// Series of flows and of `backlogs` backlogs.
    pub fn new(backlogs: usize) -> Timeline {
        Timeline {
            doublings: 0,
            width: FIRST_WIDTH,
            bins: 0,
            flows: Vec::new(),
            changes: vec![Vec::new(); backlogs],
            segments: vec![Vec::new(); backlogs],
            beyond: BTreeMap::new(),
            later: FxHashMap::default(),
        }
    }

    /// The width of a bin.
    pub fn width(&self) -> SimDuration {
        SimDuration::from_nanos(self.width)
    }

    /// How many bins there are.
    pub fn len(&self) -> usize {
        self.bins
    }

    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.bins == 0
    }

    /// How many backlogs there are.
    pub fn backlogs(&self) -> usize {
        self.changes.len()
    }

    /// A flow's count in a bin.
    pub fn flow_in(&self, flow: Flow, bin: usize) -> u64 {
        self.flows.get(bin).map_or(0, |counts| counts[flow as usize])
    }

    /// A backlog's level at the beginning of each bin.
    pub fn levels(&self, backlog: usize) -> impl Iterator<Item = u64> {
        let changes = &self.changes[backlog];
        (0..self.bins).scan(0i64, |level, bin| {
            *level += changes.get(bin).copied().unwrap_or(0);
            Some(u64::try_from(*level).expect("a backlog is never below zero"))
        })
    }

    /// Segments sent from a backlog, in each bin.
    pub fn segments(&self, backlog: usize) -> impl Iterator<Item = u64> {
        let segments = &self.segments[backlog];
        (0..self.bins).map(|bin| segments.get(bin).copied().unwrap_or(0))
    }

    /// Counts a flow.
    #[inline]
    pub fn flow(&mut self, at: SimTime, flow: Flow, count: u64) {
        self.counts(at)[flow as usize] += count;
    }

    /// Counts a message that is sent, of so many segments, from a backlog.
    #[inline]
    pub fn sent(&mut self, at: SimTime, backlog: usize, segments: u64) {
        let bin = self.bin(at);
        at_bin(&mut self.flows, bin)[Flow::Sent as usize] += 1;
        *at_bin(&mut self.segments[backlog], bin) += segments;
    }

    #[inline]
    fn counts(&mut self, at: SimTime) -> &mut Counts {
        let bin = self.bin(at);
        at_bin(&mut self.flows, bin)
    }

    /// Counts a flow that happens away from the platform, and so does not make the series grow.
    #[inline]
    pub fn outcome(&mut self, at: SimTime, flow: Flow, count: u64) {
        let bin = (at.as_nanos() / FIRST_WIDTH) >> self.doublings;
        self.outcome_in(bin, flow, count);
    }

    #[inline]
    fn outcome_in(&mut self, bin: u64, flow: Flow, count: u64) {
        if bin >= MAX_BINS as u64 {
            self.later.entry(bin).or_default()[flow as usize] += count;
            return;
        }
        let bin = usize::try_from(bin).expect("few bins");
        at_bin(&mut self.flows, bin)[flow as usize] += count;
    }

    /// Changes a backlog.
    #[inline]
    pub fn backlog(&mut self, at: SimTime, backlog: usize, change: i64) {
        // It shows in the first bin that begins at this instant or after it: one beyond the bin it lies in, or that one.
        let bin = self.bin(at);
        let bin = bin + usize::from(at.as_nanos() > bin as u64 * self.width);
        *at_bin(&mut self.changes[backlog], bin) += change;
    }

    /// Counts messages that were offered and accepted at once, sent, and delivered or not, and the room that they took until
    /// their slots ended, in the backlog that `series_of` tells of their lane. Returns whether it could: where the bins must become
    /// wider, nothing is counted.
    pub fn straight(&mut self, lives: &[Straight], series_of: &[u8]) -> bool {
        let (doublings, width) = (self.doublings, self.width);
        let bin = |at: SimTime| ((at.as_nanos() / FIRST_WIDTH) >> doublings) as usize;
        let last = lives.iter().map(|life| life.slot_end).max().map_or(0, bin);
        if last >= MAX_BINS {
            return false;
        }
        self.bins = self.bins.max(last + 1);
        self.make_room(last + 1);
        // It shows as in `backlog`.
        let shows_in = |at: SimTime, bin: usize| bin + usize::from(at.as_nanos() > bin as u64 * width);
        let mut last_end = 0;
        let (flows, changes, segments) = (&mut self.flows[..], &mut self.changes[..], &mut self.segments[..]);
        for life in lives {
            let [accepted_in, sent_in, slot_end_in] = [life.intended, life.sent, life.slot_end].map(bin);
            let counts = &mut flows[accepted_in];
            counts[Flow::Offered as usize] += 1;
            counts[Flow::Accepted as usize] += 1;
            flows[sent_in][Flow::Sent as usize] += 1;
            let backlog = usize::from(series_of[life.lane as usize]);
            segments[backlog][sent_in] += u64::from(life.segments);
            let changes = &mut changes[backlog];
            changes[shows_in(life.intended, accepted_in)] += i64::from(life.segments);
            changes[shows_in(life.slot_end, slot_end_in)] -= i64::from(life.segments);
            let end_in = bin(life.end);
            last_end = last_end.max(end_in);
            if let Some(counts) = flows.get_mut(end_in) {
                counts[outcome(life) as usize] += 1;
            }
        }
        // Outcomes do not make the series grow, but may lie where nothing has yet.
        let known = flows.len();
        if last_end >= known {
            lives
                .iter()
                .filter(|life| bin(life.end) >= known)
                .for_each(|life| self.outcome(life.end, outcome(life), 1));
        }
        true
    }

    /// Makes room for so many bins, and in backlogs for one more.
    #[inline]
    fn make_room(&mut self, bins: usize) {
        if self.flows.len() < bins {
            self.flows.resize(bins, Counts::default());
        }
        for changes in self.changes.iter_mut().filter(|changes| changes.len() <= bins) {
            changes.resize(bins + 1, 0);
        }
        for segments in self.segments.iter_mut().filter(|segments| segments.len() < bins) {
            segments.resize(bins, 0);
        }
    }

    /// Adds the series of other campaigns in the same replication; neither is finished.
    pub fn join(&mut self, mut other: Timeline) {
        let width = self.width().max(other.width());
        self.widen_to(width);
        other.widen_to(width);
        self.bins = self.bins.max(other.bins);
        let sum = |counts: &mut Counts, others: &Counts| counts.iter_mut().zip(others).for_each(|(a, b)| *a += b);
        other.flows.iter().enumerate().for_each(|(bin, counts)| sum(at_bin(&mut self.flows, bin), counts));
        for (changes, others) in self.changes.iter_mut().zip(&other.changes) {
            others.iter().enumerate().for_each(|(bin, change)| *at_bin(changes, bin) += change);
        }
        for (segments, others) in self.segments.iter_mut().zip(&other.segments) {
            others.iter().enumerate().for_each(|(bin, count)| *at_bin(segments, bin) += count);
        }
        for (bin, counts) in &other.beyond {
            sum(self.beyond.entry(*bin).or_default(), counts);
        }
    }

    /// Ends the series at `at`.
    pub fn finish(&mut self, at: SimTime) {
        self.bin(at);
        self.keep_beyond();
        for (bin, counts) in self.flows.iter_mut().enumerate() {
            counts[Flow::SegmentsSent as usize] = self.segments.iter().filter_map(|segments| segments.get(bin)).sum();
        }
        // One more, for what is left at the end.
        self.bins = (self.bins + 1).max(self.outcomes_known());
        // Room that was made and is not used.
        let used = self.flows.iter().rposition(|counts| *counts != Counts::default());
        self.flows.truncate(used.map_or(0, |last| last + 1));
        for changes in &mut self.changes {
            let used = changes.iter().rposition(|change| *change != 0);
            changes.truncate(used.map_or(0, |last| last + 1));
        }
        for segments in &mut self.segments {
            let used = segments.iter().rposition(|count| *count != 0);
            segments.truncate(used.map_or(0, |last| last + 1));
        }
    }

    /// The number of bins within which 19 of 20 outcomes lie.
    fn outcomes_known(&self) -> usize {
        let outcomes = |counts: &Counts| counts[Flow::Delivered as usize] + counts[Flow::Undelivered as usize];
        let beyond: u64 = self.beyond.values().flatten().sum();
        let total = self.flows.iter().map(outcomes).sum::<u64>() + beyond;
        let mut known = 0;
        for (bin, counts) in self.flows.iter().enumerate().filter(|(_, counts)| outcomes(counts) > 0) {
            known += outcomes(counts);
            if known * 20 >= total * 19 {
                return bin + 1;
            }
        }
        self.flows.iter().rposition(|counts| outcomes(counts) > 0).map_or(0, |last| last + 1)
    }

    /// Doubles the bins' width until it is `width`.
    ///
    /// # Panics
    /// When `width` is not this width doubled some times.
    pub fn widen_to(&mut self, width: SimDuration) {
        while self.width() < width {
            self.widen();
        }
        assert_eq!(self.width(), width, "widths are doublings of the first");
        self.keep_beyond();
    }

    /// Puts what lies beyond the last bin in order.
    fn keep_beyond(&mut self) {
        for (bin, counts) in self.later.drain() {
            let kept = self.beyond.entry(bin).or_default();
            kept.iter_mut().zip(counts).for_each(|(kept, count)| *kept += count);
        }
    }

    #[inline]
    fn bin(&mut self, at: SimTime) -> usize {
        loop {
            let bin = (at.as_nanos() / FIRST_WIDTH) >> self.doublings;
            if bin < MAX_BINS as u64 {
                let bin = bin as usize;
                self.bins = self.bins.max(bin + 1);
                return bin;
            }
            self.widen();
        }
    }

    #[cold]
    fn widen(&mut self) {
        let both = |pair: &[Counts]| {
            let mut sum = pair[0];
            pair[1..].iter().for_each(|counts| sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count));
            sum
        };
        self.flows = self.flows.chunks(2).map(both).collect();
        for changes in &mut self.changes {
            // What came before the first bin began stays there; then each begins where the second of a pair did.
            let rest = changes.get(1..).unwrap_or(&[]).chunks(2).map(|pair| pair.iter().sum());
            *changes = changes.first().copied().into_iter().chain(rest).collect();
        }
        for segments in &mut self.segments {
            *segments = segments.chunks(2).map(|pair| pair.iter().sum()).collect();
        }
        self.doublings += 1;
        self.width *= 2;
        self.bins = self.bins.div_ceil(2);
        // They only add up, so their order does not count.
        for (bin, counts) in std::mem::take(&mut self.beyond).into_iter().chain(std::mem::take(&mut self.later)) {
            for flow in Flow::ALL {
                let count = counts[flow as usize];
                if count > 0 {
                    self.outcome_in(bin / 2, flow, count);
                }
            }
        }
    }
}

/// The value of a bin, which there may not have been yet.
#[inline]
fn at_bin<T: Clone + Default>(bins: &mut Vec<T>, bin: usize) -> &mut T {
    if bins.len() <= bin {
        bins.resize(bin + 1, T::default());
    }
    &mut bins[bin]
}

/// What became of a message.
#[inline]
fn outcome(life: &Straight) -> Flow {
    if life.is_delivered() { Flow::Delivered } else { Flow::Undelivered }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    fn levels(timeline: &Timeline) -> Vec<u64> {
        timeline.levels(0).collect()
    }

    #[test]
    fn bins_double_and_keep_sums_and_levels() {
        let mut timeline = Timeline::new(2);
        for second in 0..10_000 {
            timeline.sent(at(second), usize::from(second % 8 == 7), 2);
            timeline.backlog(at(second), 0, if second < 5_000 { 3 } else { -3 });
        }
        timeline.finish(at(10_000));
        assert_eq!(timeline.width(), SimDuration::from_secs(8));
        assert_eq!(timeline.len(), 1_252);
        assert_eq!((0..timeline.len()).map(|bin| timeline.flow_in(Flow::SegmentsSent, bin)).sum::<u64>(), 20_000);
        assert_eq!((timeline.flow_in(Flow::Sent, 0), timeline.flow_in(Flow::SegmentsSent, 0)), (8, 16));
        // Of eight messages, seven are of the one and the last of the other.
        let segments = |backlog| timeline.segments(backlog).take(1_251).collect::<Vec<u64>>();
        assert_eq!((&segments(0)[..1_250], segments(0)[1_250]), (&[14; 1_250][..], 0));
        assert_eq!(&segments(1)[..1_250], &[2; 1_250]);
        // At 8k s, 8k + 1 changes have been made.
        let level = |second: u64| if second < 5_000 { 3 * (second + 1) } else { 3 * (9_999 - second.min(9_999)) };
        let wanted: Vec<u64> = (0..timeline.len() as u64).map(|bin| level(8 * bin)).collect();
        assert_eq!(levels(&timeline), wanted);
    }

    /// Aim: it does not matter when somebody tells. Method: the same happenings, in their order and in another one.
    #[test]
    fn the_order_of_telling_does_not_count() {
        let mut happenings: Vec<u64> = (0..5_000).map(|n| n * 1_700_000_017 % 300_000_000_007).collect();
        happenings.sort_unstable();
        let series = |happenings: &[u64]| {
            let mut timeline = Timeline::new(1);
            for nanos in happenings {
                let at = |later: u64| SimTime::from_nanos(nanos + later);
                timeline.flow(at(0), Flow::Accepted, 1);
                timeline.backlog(at(0), 0, 2);
                timeline.backlog(at(5_000_000_000), 0, -2);
                timeline.outcome(at(9_000_000_000), Flow::Delivered, 1);
            }
            timeline.finish(SimTime::from_nanos(400_000_000_000));
            let flows: Vec<_> =
                (0..timeline.len()).map(|bin| Flow::ALL.map(|flow| timeline.flow_in(flow, bin))).collect();
            (timeline.width(), flows, levels(&timeline))
        };
        let in_order = series(&happenings);
        happenings.reverse();
        assert_eq!(series(&happenings), in_order);
        happenings.sort_by_key(|nanos| nanos.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        assert_eq!(series(&happenings), in_order);
    }

    #[test]
    fn late_outcomes_do_not_widen_the_bins() {
        let mut timeline = Timeline::new(1);
        for second in 0..1_000 {
            timeline.sent(at(second), 0, 1);
            let delay = if second % 50 == 0 { 250_000 } else { 5 };
            timeline.outcome(at(second + delay), Flow::Delivered, 1);
        }
        timeline.finish(at(999));
        assert_eq!(timeline.width(), SimDuration::from_nanos(500_000_000));
        let shown: u64 = (0..timeline.len()).map(|bin| timeline.flow_in(Flow::Delivered, bin)).sum();
        assert!(timeline.len() == 2_000 && shown == 975, "{} {shown}", timeline.len());
        // Once the platform goes on, what was beyond is in the series.
        timeline.sent(at(300_000), 0, 1);
        timeline.finish(at(300_000));
        let shown: u64 = (0..timeline.len()).map(|bin| timeline.flow_in(Flow::Delivered, bin)).sum();
        assert_eq!(shown, 1_000);
    }

    #[test]
    fn a_level_is_that_of_the_instant_in_which_a_bin_begins() {
        let mut timeline = Timeline::new(1);
        timeline.backlog(at(0), 0, 5);
        timeline.backlog(at(1), 0, -5);
        timeline.backlog(SimTime::from_nanos(1_000_000_001), 0, 7);
        timeline.finish(at(2));
        // Bins of 1/64 s: 0 to 63, that of the first second, the one after it.
        let levels = levels(&timeline);
        assert_eq!((levels[0], levels[63], levels[64], levels[65], levels[128]), (5, 5, 0, 7, 7));
        assert_eq!(levels.len(), 130);
    }
}
