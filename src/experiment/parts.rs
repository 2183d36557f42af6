//! One replication on several threads, where campaigns share nothing: parts of it side by side, put together to the same bytes as
//! without. Every way to group parts gives the same, so how many threads there are cannot show.
//!
//! Not here: what campaigns share ([`crate::simulation::parts`]).

use std::cmp::Reverse;
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use super::{Progress, Replication, Ticker, expected_messages};
use crate::metrics::Collector;
use crate::metrics::windows::Windows;
use crate::model::Model;
use crate::model::threshold::Scope;
use crate::simulation::parts::{Paused, split};
use crate::simulation::simulate;
use crate::simulation::trajectory::Trajectory;

/// A thread of its own is worth it from so many messages on.
const MESSAGES_MIN: u64 = 10_000;

/// Of a thread's own counts, each is worth so many messages: they are set up and added at the end.
const MESSAGES_PER_COUNT: u64 = 4;

/// And so are as many counts of it for each campaign: an engine keeps messages to come for each, also those that are silent in it.
const COUNTS_PER_CAMPAIGN: usize = 100;

/// More groups than these would take memory rather than save time.
const GROUPS_MAX: usize = 16;

/// How many threads each of so many replications may use, that are run side by side.
pub fn threads_for(replications: usize) -> usize {
    (rayon::current_num_threads() / replications.max(1)).max(1)
}

/// Who watches a replication, or some of its parts.
type Watchers<'a> = (Collector<'a>, (Windows<'a>, (Trajectory, Ticker<'a>)));

fn watchers<'a>(model: &'a Model, progress: &'a Progress) -> Watchers<'a> {
    (Collector::new(model), (Windows::new(model), (Trajectory::default(), Ticker::new(progress))))
}

/// What was seen of two groups of parts.
fn joined<'a>(mut seen: Watchers<'a>, other: Watchers<'a>) -> Watchers<'a> {
    let (collector, (windows, (trajectory, ticker))) = other;
    seen.0.join(collector);
    seen.1.0.join(&windows);
    seen.1.1.0.join(trajectory);
    ticker.flush();
    seen
}

/// Runs one replication on so many threads at most. See [`super::replicate`].
pub(super) fn replicate(
    model: &Model,
    index: u32,
    scopes: &[Scope],
    progress: &Progress,
    threads: usize,
) -> Replication {
    let groups = if threads > 1 { groups(model, threads) } else { Vec::new() };
    let seen = if groups.is_empty() {
        simulate(model, index, watchers(model, progress)).0
    } else {
        apart(model, index, progress, &groups)
    };
    let (collector, (windows, (trajectory, ticker))) = seen;
    ticker.flush();
    progress.replications.fetch_add(1, Ordering::Relaxed);
    Replication { observations: collector.finish(scopes), watched: windows.finish(), trajectory: trajectory.digest() }
}

/// Runs groups of parts side by side.
fn apart<'a>(model: &'a Model, index: u32, progress: &'a Progress, groups: &[Vec<usize>]) -> Watchers<'a> {
    let run = |campaigns: &Vec<usize>| Paused::run(model, index, campaigns.iter().copied(), watchers(model, progress));
    // A group that is asked to stop unwinds, and so does the replication then.
    let paused: Vec<Paused<Watchers>> = groups.par_iter().map(run).collect();
    let end = paused.iter().map(Paused::lasts_until).max().unwrap_or_default();
    let seen: Vec<Watchers> = paused.into_par_iter().map(|group| group.finish(end).0).collect();
    seen.into_iter().reduce(joined).expect("there are groups")
}

/// Campaigns in at most so many groups, each of whole parts, with about the same number of expected messages; fewer where a
/// group would not be worth a thread.
fn groups(model: &Model, threads: usize) -> Vec<Vec<usize>> {
    let counts = (Collector::counts(model) + model.campaigns.len() * COUNTS_PER_CAMPAIGN) as u64;
    let least = MESSAGES_MIN.saturating_add(MESSAGES_PER_COUNT.saturating_mul(counts));
    let most = usize::try_from(expected_messages(model) / least).unwrap_or(usize::MAX).min(threads).min(GROUPS_MAX);
    if most < 2 || model.campaigns.len() < 2 {
        return Vec::new();
    }
    let expected = |campaign: &usize| model.campaigns[*campaign].expected_messages();
    let parts = split(model).into_iter().map(|part| (part.iter().map(expected).fold(0, u64::saturating_add), part));
    balanced(parts.collect(), most, least)
}

/// Parts with their sizes in at most so many groups of at least a size: from the largest on, each goes to the smallest group.
fn balanced(mut parts: Vec<(u64, Vec<usize>)>, most: usize, least: u64) -> Vec<Vec<usize>> {
    parts.sort_by_key(|(size, _)| Reverse(*size));
    let mut count = most.min(parts.len());
    while count > 1 {
        let mut groups: Vec<(u64, Vec<usize>)> = vec![(0, Vec::new()); count];
        for (size, part) in &parts {
            let smallest = groups.iter_mut().min_by_key(|(size, _)| *size).expect("there are groups");
            smallest.0 = smallest.0.saturating_add(*size);
            smallest.1.extend(part);
        }
        let large = groups.iter().filter(|(size, _)| *size >= least).count();
        if large == count {
            return groups.into_iter().map(|(_, campaigns)| campaigns).collect();
        }
        count = large.max(count / 2);
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    /// What two threads would share of a scenario with two services of which each sends so many messages.
    fn of_two_services(messages: [u64; 2]) -> Vec<Vec<usize>> {
        let service =
            |name| format!("{name}: {{ senders: [ {{ id: n{name}, type: long_code, country: XX, mps: 10 }} ] }}");
        let campaign = |name, messages: u64| {
            let arrivals = format!("phases: [ {{ duration: 1h, arrival_count: {messages} }} ]");
            format!("{name}: {{ service: {name}, segments: 1, recipients: {{ XX: 1 }}, arrivals: {{ {arrivals} }} }}")
        };
        let (services, campaigns) =
            ([service("a"), service("b")], [campaign("a", messages[0]), campaign("b", messages[1])]);
        let yaml = format!(
            "version: 1\nname: two\nservices: {{ {} }}\ncampaigns: {{ {} }}\n",
            services.join(", "),
            campaigns.join(", ")
        );
        groups(&scenario::read("two.yaml", yaml.into_bytes(), &[]).model.expect("it is sound"), 2)
    }

    #[test]
    fn threads_share_what_is_worth_it() {
        assert_eq!(of_two_services([20_000, 30_000]), [[1], [0]]);
        assert!(of_two_services([20_000, 5_000]).is_empty() && of_two_services([8_000, 8_000]).is_empty());
    }

    /// By hand: who is the largest goes first, each to who has least; a group that would be too small is none.
    #[test]
    fn groups_are_balanced_and_worth_it() {
        let parts = |sizes: &[u64]| sizes.iter().enumerate().map(|(index, size)| (*size, vec![index])).collect();
        let groups = |sizes, most, least| balanced(parts(sizes), most, least);
        assert_eq!(groups(&[3, 9, 4, 5], 2, 1), [vec![1, 0], vec![3, 2]]);
        assert_eq!(groups(&[3, 9, 4, 5], 3, 1), [vec![1], vec![3], vec![2, 0]]);
        assert_eq!(groups(&[3, 9, 4, 5], 3, 6), [vec![1, 0], vec![3, 2]]);
        assert_eq!(groups(&[3, 9, 4, 5], 9, 9), [vec![1, 0], vec![3, 2]]);
        assert_eq!(groups(&[3, 9, 4, 5], 9, 1).len(), 4);
        assert!(groups(&[3, 9, 4, 5], 9, 10).is_empty() && groups(&[100], 9, 1).is_empty());
    }
}
