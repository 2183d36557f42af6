//! Faults: what goes wrong, from words to indexes.

use super::network::Network;
use super::pool::Pool;
use super::{Findings, MAX_DURATION, at};
use crate::kernel::elementary::ln;
use crate::model::fault::{Effect, Fault, Target};
use crate::model::latency::LogNormal;
use crate::scenario::path;
use crate::scenario::quantity::Written;
use crate::scenario::spec::{self, FaultMode, Scenario};
use crate::units::{SimDuration, SimTime};

/// The most faults of a scenario.
const FAULTS_MAX: usize = 1_000;

pub(super) fn resolve(findings: &mut Findings, spec: &Scenario, network: &Network, pool: &Pool) -> Vec<Fault> {
    let horizon = spec.clock.horizon.map(|Written(horizon)| SimTime::ZERO.saturating_add(horizon));
    if spec.faults.len() > FAULTS_MAX {
        let message = format!("{} faults are too many", spec.faults.len());
        findings.key_error("faults", message, format!("at most {FAULTS_MAX} are read"));
        return Vec::new();
    }
    let mut faults = Vec::new();
    for (index, written) in spec.faults.iter().enumerate() {
        let base = path::index("faults", index);
        faults.extend(resolve_one(findings, written, (network, pool), horizon, &base));
    }
    faults
}

fn resolve_one(
    findings: &mut Findings,
    written: &spec::Fault,
    (network, pool): (&Network, &Pool),
    horizon: Option<SimTime>,
    base: &str,
) -> Option<Fault> {
    let Written(from) = written.at;
    findings.bounded(&at(base, "at"), from);
    let length = written.length.map(|Written(length)| length);
    if let Some(length) = length {
        findings.bounded(&at(base, "for"), length);
        if length == SimDuration::ZERO {
            findings.error(&at(base, "for"), "a fault of no length does nothing", "leave `for` out to make it last");
        }
    }
    let target = target(findings, written, network, pool, base);
    // What is wrong with the rest is told even when nobody knows whom it hits.
    let kind = target.as_ref().map_or_else(|| kind_of(written), |(target, _)| target.clone());
    let effect = effect(findings, written, &kind, base);
    let ((target, named), effect) = (target?, effect?);
    if from > MAX_DURATION || length.is_some_and(|length| length > MAX_DURATION) {
        return None;
    }
    let begin = SimTime::ZERO.saturating_add(from);
    if horizon.is_some_and(|horizon| begin >= horizon) {
        findings.warning(&at(base, "at"), "the fault begins after the end of the run", "it changes nothing");
    }
    let until = length.map_or(SimTime::MAX, |length| begin.saturating_add(length));
    let lasts = match length {
        Some(_) => format!("from {from} to {}", until.since(SimTime::ZERO)),
        None => format!("from {from} on"),
    };
    let words = format!("{named} {}, {lasts} after the start", effect_words(effect));
    Some(Fault { at: begin, until, target, effect, words })
}

/// The kind of target that is meant.
fn kind_of(written: &spec::Fault) -> Target {
    if written.carrier.is_some() || written.country.is_some() {
        Target::Carriers(Vec::new())
    } else if written.sender.is_some() {
        Target::Senders(Vec::new())
    } else {
        Target::Platform
    }
}

/// Whom it hits, and what that is called.
fn target(
    findings: &mut Findings,
    written: &spec::Fault,
    network: &Network,
    pool: &Pool,
    base: &str,
) -> Option<(Target, String)> {
    let named = [
        ("carrier", written.carrier.is_some()),
        ("country", written.country.is_some()),
        ("sender", written.sender.is_some()),
    ];
    let mut named = named.iter().filter(|(_, is)| *is).map(|(name, _)| *name);
    if let (Some(first), Some(second)) = (named.next(), named.next()) {
        let message = format!("a fault hits a `{first}` or a `{second}`, not both");
        findings.clash(&at(base, second), &at(base, first), message, "write two faults");
        return None;
    }
    if let Some(carrier) = &written.carrier {
        let Some(index) = network.carriers.iter().position(|known| known.id == *carrier) else {
            let known = network.carriers.iter().map(|carrier| carrier.id.as_str());
            findings.unknown(&at(base, "carrier"), "carrier", carrier, known);
            return None;
        };
        return Some((Target::Carriers(vec![index]), carrier.clone()));
    }
    if let Some(country) = written.country {
        let code = country.0;
        let Some(index) = network.countries.iter().position(|known| known.code == code) else {
            let known: Vec<&str> = network.countries.iter().map(|country| country.code.as_str()).collect();
            let message = format!("no recipient of this scenario lives in {code}");
            findings.error(&at(base, "country"), message, format!("they live in {}", known.join(", ")));
            return None;
        };
        let carriers = 0..network.carriers.len();
        let hit = carriers.filter(|carrier| network.carriers[*carrier].country == index).collect();
        return Some((Target::Carriers(hit), format!("every carrier of {code}")));
    }
    if let Some(sender) = &written.sender {
        let Some(senders) = pool.senders_named(sender) else {
            match pool.numbers_like(sender) {
                Some(numbers) => {
                    findings.error(&at(base, "sender"), format!("there is no number `{sender}`"), numbers);
                }
                None => {
                    let known = pool.groups.iter().map(|group| group.id.as_str());
                    findings.unknown(&at(base, "sender"), "sender", sender, known);
                }
            }
            return None;
        };
        return Some((Target::Senders(senders), format!("sender {sender}")));
    }
    Some((Target::Platform, "the platform".to_owned()))
}

fn effect(findings: &mut Findings, written: &spec::Fault, target: &Target, base: &str) -> Option<Effect> {
    let mode = written.mode.unwrap_or(match target {
        Target::Carriers(_) => FaultMode::Fail,
        Target::Platform | Target::Senders(_) => FaultMode::Hold,
    });
    let suits = match target {
        Target::Platform => !matches!(mode, FaultMode::Delay | FaultMode::Congestion | FaultMode::Rate),
        Target::Carriers(_) => !matches!(mode, FaultMode::Rate | FaultMode::Suspend),
        Target::Senders(_) => !matches!(mode, FaultMode::Fail | FaultMode::Delay | FaultMode::Congestion),
    };
    if !suits {
        let (what, hint) = match target {
            Target::Platform => (
                "the platform",
                "name a `carrier`, `country` or `sender`; the platform takes hold, fail, suspend, receipts_lost and receipts_late",
            ),
            Target::Carriers(_) => {
                ("a carrier", "carriers take fail, hold, delay, congestion, receipts_lost and receipts_late")
            }
            Target::Senders(_) => ("a sender", "senders take hold, rate, suspend, receipts_lost and receipts_late"),
        };
        let place = if written.mode.is_some() { at(base, "mode") } else { base.to_owned() };
        findings.error(&place, format!("{what} cannot have a fault of this mode"), hint);
        return None;
    }
    let values = [
        ("latency", FaultMode::Delay, written.latency.is_some()),
        ("mps", FaultMode::Rate, written.mps.is_some()),
        ("capacity", FaultMode::Congestion, written.capacity.is_some()),
    ];
    let mut sound = true;
    for (key, wanted, is) in values {
        if is && mode != wanted {
            let hint = format!("`{key}` belongs to `mode: {}`", wanted.as_str());
            findings.key_error(&at(base, key), format!("`{key}` has no meaning here"), hint);
            sound = false;
        } else if !is && mode == wanted {
            findings.error(base, format!("`mode: {}` needs `{key}`", mode.as_str()), format!("add `{key}`"));
            sound = false;
        }
    }
    if !sound {
        return None;
    }
    Some(match mode {
        FaultMode::Hold => Effect::Hold,
        FaultMode::Fail => Effect::Fail,
        FaultMode::Suspend => Effect::Suspend,
        FaultMode::ReceiptsLost => Effect::ReceiptsLost,
        FaultMode::ReceiptsLate => Effect::ReceiptsLate,
        FaultMode::Rate => {
            let Written(rate) = written.mps?;
            findings.bounded_rate(&at(base, "mps"), rate);
            Effect::Rate(rate)
        }
        FaultMode::Congestion => {
            let Written(rate) = written.capacity?;
            findings.bounded_rate(&at(base, "capacity"), rate);
            if rate.denominator() != 1 {
                let hint = "a carrier takes whole segments in each second of the clock: write 1/s, 2/s, ...";
                findings.error(
                    &at(base, "capacity"),
                    format!("a capacity of {rate} cannot be kept by the second"),
                    hint,
                );
            }
            Effect::Capacity(rate)
        }
        FaultMode::Delay => {
            let law = &written.latency.as_ref()?.lognormal;
            let Written(median) = law.median;
            let place = at(&at(base, "latency"), "lognormal");
            if median == SimDuration::ZERO || median > SimDuration::from_secs(86_400) {
                findings.error(
                    &at(&place, "median"),
                    format!("a median of {median} is out of bounds"),
                    "write a time above zero, up to 1d",
                );
                return None;
            }
            if !(0.0..=3.0).contains(&law.sigma) {
                findings.error(
                    &at(&place, "sigma"),
                    format!("a sigma of {} is out of bounds", law.sigma),
                    "write a number from 0 to 3, such as 0.6",
                );
                return None;
            }
            Effect::Delay(LogNormal { ln_median: ln(median.as_secs_f64()), sigma: law.sigma })
        }
    })
}

fn effect_words(effect: Effect) -> String {
    match effect {
        Effect::Hold => "is held: nothing leaves".to_owned(),
        Effect::Fail => "fails what it gets (30410; calls 20503)".to_owned(),
        Effect::Suspend => "is suspended".to_owned(),
        Effect::ReceiptsLost => "loses receipts".to_owned(),
        Effect::ReceiptsLate => "keeps receipts back".to_owned(),
        Effect::Rate(rate) => format!("drains at {rate}"),
        Effect::Capacity(rate) => format!("takes {rate} from this account (30017 above)"),
        Effect::Delay(law) => {
            let median = crate::kernel::elementary::exp(law.ln_median);
            let median = SimDuration::from_nanos((median * 1e6).round() as u64 * 1_000);
            format!("delivers late, in {median} at the median")
        }
    }
}
