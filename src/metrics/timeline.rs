//! Series over time in at most 2,000 bins: flows as counts per bin, backlogs as the highest level within a bin. Bins
//! start 1/64 s wide and double as the run grows, so widths are whole seconds from 1 s on.
//!
//! What happens at the platform makes the series grow. Deliveries do not: a handset that comes back after three days must
//! not make the bins of a campaign of ten minutes as wide as the campaign. The series end with the last event at the
//! platform, or when 19 of 20 outcomes are known if that is later; what comes after is not in them.

use std::collections::BTreeMap;

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
    /// Segments sent.
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

/// The series of one replication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    width: u64,
    bins: usize,
    flows: [Vec<u64>; Flow::ALL.len()],
    levels: Vec<Level>,
    /// Outcomes beyond the last bin that there could be, by bin and flow.
    beyond: BTreeMap<u64, [u64; Flow::ALL.len()]>,
}

/// A backlog over time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Level {
    now: u64,
    /// Highest level within each bin, as far as bins have been reached.
    peaks: Vec<u64>,
}

impl Level {
    /// Makes sure that bin `bin` exists; the level has been as it is since the last one.
    fn reach(&mut self, bin: usize) {
        let now = self.now;
        self.peaks.resize(self.peaks.len().max(bin + 1), now);
    }
}

impl Timeline {
    /// Series of flows and of `backlogs` backlogs.
    pub fn new(backlogs: usize) -> Timeline {
        Timeline {
            width: FIRST_WIDTH,
            bins: 0,
            flows: Default::default(),
            levels: vec![Level::default(); backlogs],
            beyond: BTreeMap::new(),
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
        self.levels.len()
    }

    /// A flow's count in a bin.
    pub fn flow_in(&self, flow: Flow, bin: usize) -> u64 {
        self.flows[flow as usize].get(bin).copied().unwrap_or(0)
    }

    /// A backlog's highest level in a bin.
    pub fn peak_in(&self, backlog: usize, bin: usize) -> u64 {
        self.levels[backlog].peaks.get(bin).copied().unwrap_or(0)
    }

    /// Counts a flow.
    pub fn flow(&mut self, at: SimTime, flow: Flow, count: u64) {
        let bin = self.bin(at);
        let counts = &mut self.flows[flow as usize];
        if counts.len() <= bin {
            counts.resize(bin + 1, 0);
        }
        counts[bin] += count;
    }

    /// Counts a flow that happens away from the platform, and so does not make the series grow.
    pub fn outcome(&mut self, at: SimTime, flow: Flow, count: u64) {
        let bin = at.as_nanos() / self.width;
        self.outcome_in(bin, flow, count);
    }

    fn outcome_in(&mut self, bin: u64, flow: Flow, count: u64) {
        if bin >= MAX_BINS as u64 {
            self.beyond.entry(bin).or_default()[flow as usize] += count;
            return;
        }
        let bin = usize::try_from(bin).expect("few bins");
        let counts = &mut self.flows[flow as usize];
        if counts.len() <= bin {
            counts.resize(bin + 1, 0);
        }
        counts[bin] += count;
    }

    /// Changes a backlog.
    pub fn backlog(&mut self, at: SimTime, backlog: usize, change: i64) {
        let bin = self.bin(at);
        let level = &mut self.levels[backlog];
        level.reach(bin);
        level.now = level.now.checked_add_signed(change).expect("a backlog is never below zero");
        level.peaks[bin] = level.peaks[bin].max(level.now);
    }

    /// Ends the series at `at`.
    pub fn finish(&mut self, at: SimTime) {
        self.bin(at);
        self.bins = self.bins.max(self.outcomes_known());
        let last = self.bins - 1;
        self.levels.iter_mut().for_each(|level| level.reach(last));
    }

    /// The number of bins within which 19 of 20 outcomes lie.
    fn outcomes_known(&self) -> usize {
        let outcomes = [Flow::Delivered, Flow::Undelivered].map(|flow| &self.flows[flow as usize]);
        let beyond: u64 = self.beyond.values().flatten().sum();
        let total = outcomes.iter().copied().flatten().sum::<u64>() + beyond;
        let mut known = 0;
        let bins = outcomes.iter().map(|counts| counts.len()).max().unwrap_or(0);
        for bin in 0..bins {
            known += outcomes.iter().filter_map(|counts| counts.get(bin)).sum::<u64>();
            if known * 20 >= total * 19 {
                return bin + 1;
            }
        }
        bins
    }

    /// Doubles the bins' width until it is `width`.
    ///
    /// # Panics
    /// When `width` is not this width doubled some times.
    pub fn widen_to(&mut self, width: SimDuration) {
        while self.width < width.as_nanos() {
            self.widen();
        }
        assert_eq!(self.width, width.as_nanos(), "widths are doublings of the first");
    }

    fn bin(&mut self, at: SimTime) -> usize {
        loop {
            let bin = at.as_nanos() / self.width;
            if bin < MAX_BINS as u64 {
                let bin = usize::try_from(bin).expect("few bins");
                self.bins = self.bins.max(bin + 1);
                return bin;
            }
            self.widen();
        }
    }

    fn widen(&mut self) {
        for counts in &mut self.flows {
            *counts = counts.chunks(2).map(|pair| pair.iter().sum()).collect();
        }
        for level in &mut self.levels {
            let now = level.now;
            // Half a pair that time has not reached yet will be at least as high as now.
            level.peaks = level
                .peaks
                .chunks(2)
                .map(|pair| if pair.len() == 2 { pair[0].max(pair[1]) } else { pair[0].max(now) })
                .collect();
        }
        self.width *= 2;
        self.bins = self.bins.div_ceil(2);
        for (bin, counts) in std::mem::take(&mut self.beyond) {
            for flow in Flow::ALL {
                let count = counts[flow as usize];
                if count > 0 {
                    self.outcome_in(bin / 2, flow, count);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    #[test]
    fn bins_double_and_keep_sums_and_peaks() {
        let mut timeline = Timeline::new(1);
        for second in 0..10_000 {
            timeline.flow(at(second), Flow::Sent, 2);
            timeline.backlog(at(second), 0, if second < 5_000 { 3 } else { -3 });
        }
        timeline.finish(at(10_000));
        assert_eq!(timeline.width(), SimDuration::from_secs(8));
        assert_eq!(timeline.len(), 1_251);
        assert_eq!((0..timeline.len()).map(|bin| timeline.flow_in(Flow::Sent, bin)).sum::<u64>(), 20_000);
        assert_eq!(timeline.flow_in(Flow::Sent, 0), 16);
        let peak = (0..timeline.len()).map(|bin| timeline.peak_in(0, bin)).max();
        assert_eq!(peak, Some(15_000));
        assert_eq!(timeline.peak_in(0, 1), 16 * 3);
        assert_eq!(timeline.peak_in(0, 1_250), 0);
    }

    #[test]
    fn late_outcomes_do_not_widen_the_bins() {
        let mut timeline = Timeline::new(0);
        for second in 0..1_000 {
            timeline.flow(at(second), Flow::Sent, 1);
            let delay = if second % 50 == 0 { 250_000 } else { 5 };
            timeline.outcome(at(second + delay), Flow::Delivered, 1);
        }
        timeline.finish(at(999));
        assert_eq!(timeline.width(), SimDuration::from_nanos(500_000_000));
        let shown: u64 = (0..timeline.len()).map(|bin| timeline.flow_in(Flow::Delivered, bin)).sum();
        assert!(timeline.len() == 2_000 - 1 && shown == 975, "{} {shown}", timeline.len());
        // Once the platform goes on, what was beyond is in the series.
        timeline.flow(at(300_000), Flow::Sent, 1);
        timeline.finish(at(300_000));
        let shown: u64 = (0..timeline.len()).map(|bin| timeline.flow_in(Flow::Delivered, bin)).sum();
        assert_eq!(shown, 1_000);
    }

    #[test]
    fn a_level_lasts_until_it_changes() {
        let mut timeline = Timeline::new(1);
        timeline.backlog(at(0), 0, 5);
        timeline.backlog(at(1), 0, -5);
        let half = 32; // bins of 1/64 s
        assert_eq!(timeline.peak_in(0, half), 5);
        assert_eq!(timeline.peak_in(0, 64), 5, "the bin in which it falls still began at 5");
        timeline.finish(at(2));
        assert_eq!(timeline.peak_in(0, 65), 0);
    }
}
