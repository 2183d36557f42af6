//! Percentile distributions as HdrHistogram's text (`.hgrm`): the columns Value, Percentile, TotalCount and
//! 1/(1-Percentile), values in milliseconds. Other tools and the online plotter read it.

use std::fmt::Write as _;

use crate::experiment::Results;
use crate::metrics::delay::Delay;
use crate::model::Model;

use super::{OutputFile, file};

/// Steps per halving of the distance to 100 %.
const TICKS: u32 = 5;

/// One file per campaign and delay, and per country.
pub fn files(model: &Model, results: &Results) -> Vec<OutputFile> {
    let named = distributions(model, results);
    named.into_iter().map(|(name, delay)| file(format!("hist/{name}.hgrm"), text(delay))).collect()
}

/// The distributions of a run that are not empty, with names that are fit for files: by campaign, then by country.
pub(super) fn distributions<'r>(model: &Model, results: &'r Results) -> Vec<(String, &'r Delay)> {
    let mut named = Vec::new();
    for (campaign, delays) in model.campaigns.iter().zip(&results.delays) {
        let name = safe(&campaign.name);
        named.push((format!("campaign-{name}.queue_wait"), &delays.queue_wait));
        named.push((format!("campaign-{name}.carrier_latency"), &delays.carrier_latency));
        named.push((format!("campaign-{name}.end_to_end"), &delays.end_to_end));
    }
    for (country, delays) in model.countries.iter().zip(&results.country_delays) {
        named.push((format!("country-{}.queue_wait", country.code), &delays.queue_wait));
        named.push((format!("country-{}.end_to_end", country.code), &delays.end_to_end));
    }
    named.retain(|(_, delay)| delay.count() > 0);
    named
}

/// A name as part of a file name: other characters than letters, digits, `-`, `_` and `.` as their code, so that no two
/// names become one.
pub(super) fn safe(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    name.chars().map(|c| if plain(c) { c.to_string() } else { format!("%{:02X}", u32::from(c)) }).collect()
}

fn text(delay: &Delay) -> String {
    let Some(histogram) = delay.histogram() else { return String::new() };
    let millis = |micros: f64| micros / 1_000.0;
    let mut out = format!("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    let mut total = 0;
    for step in histogram.iter_quantiles(TICKS) {
        total += step.count_since_last_iteration();
        let value = millis(step.value_iterated_to() as f64);
        let percentile = step.quantile_iterated_to();
        if percentile < 1.0 {
            let _ = writeln!(out, "{value:>12.3} {percentile:>14.12} {total:>10} {:>14.2}", 1.0 / (1.0 - percentile));
        } else {
            let _ = writeln!(out, "{value:>12.3} {percentile:>14.12} {total:>10}");
        }
    }
    let _ = writeln!(
        out,
        "#[Mean    = {:>12.3}, StdDeviation   = {:>12.3}]\n#[Max     = {:>12.3}, Total count    = {:>12}]\n#[Buckets = {:>12}, SubBuckets     = {:>12}]",
        millis(histogram.mean()),
        millis(histogram.stdev()),
        millis(histogram.max() as f64),
        histogram.len(),
        histogram.buckets(),
        2_048,
    );
    out
}
