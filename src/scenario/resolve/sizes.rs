//! Limits of what a model takes together: numbers that are harmless alone and multiply. Each keeps a run within some GiB
//! (docs/limits.md has what was measured).

use super::{Findings, MAX_ENTRIES};
use crate::model::Model;
use crate::model::sender::SenderType;
use crate::model::threshold::Threshold;
use crate::units::{SimTime, thousands};

/// The most queues: of every sender one for each country or carrier that it sends to.
pub(super) const LANES_MAX: usize = 1_000_000;
/// The most windows of all promises together: each has a histogram of its own.
const WINDOWS_MAX: u64 = 10_000;
/// The most sets of counts that are kept: one for each replication and each campaign, service, country, carrier, type, tag,
/// promise and window.
const COUNTS_MAX: u64 = 5_000_000;

/// Holds a model against the limits.
pub(super) fn check(findings: &mut Findings, model: &Model) {
    let promises = model.thresholds.len();
    if promises > MAX_ENTRIES {
        let hint = format!("at most {} are judged", count(MAX_ENTRIES as u64));
        findings.key_error("thresholds", format!("{} promises are too many", count(promises as u64)), hint);
        return;
    }
    let windows: u64 = model.thresholds.iter().map(|threshold| windows(model, threshold)).fold(0, u64::saturating_add);
    if windows > WINDOWS_MAX {
        let hint = format!("all promises together have at most {}: write wider windows", count(WINDOWS_MAX));
        findings.key_error("thresholds", format!("{} windows are too many", count(windows)), hint);
        return;
    }
    let pairs = model.campaigns.len().saturating_mul(model.countries.len()).min(200);
    let scopes = 1
        + model.campaigns.len()
        + model.services.len()
        + model.countries.len()
        + model.carriers.len()
        + SenderType::ALL.len()
        + pairs
        + model.tags.len()
        + promises
        + model.measures.len();
    let each = scopes as u64 + windows;
    let counts = each.saturating_mul(u64::from(model.replications));
    if counts > COUNTS_MAX {
        let most = COUNTS_MAX / each;
        let message = format!(
            "{} replications are too many for {} campaigns, countries, carriers, promises and windows together",
            count(u64::from(model.replications)),
            count(each)
        );
        findings.key_error("replications", message, format!("at most {} are run", count(most)));
    }
}

/// Windows of a promise, at the most.
fn windows(model: &Model, threshold: &Threshold) -> u64 {
    let Some(watch) = &threshold.watch else { return 0 };
    let Some(width) = watch.window else { return 1 };
    let in_scope = (0..model.campaigns.len()).filter(|campaign| model.is_in_scope(*campaign, &threshold.scope));
    let ends = in_scope.flat_map(|campaign| model.campaigns[campaign].spans()).map(|(_, end)| end);
    let end = ends.max().unwrap_or(SimTime::ZERO).max(watch.from);
    end.since(watch.from).as_nanos() / width.as_nanos().max(1) + 1
}

fn count(number: u64) -> String {
    thousands(u128::from(number))
}
