//! Thresholds: each key is a metric with tags, each value one condition or several. Beside them, numbers that are asked
//! for in the same words.

use std::collections::BTreeSet;

use super::network::Network;
use super::tags::BUILT_IN;
use super::{Findings, at};
use crate::model::ending::Ending;
use crate::model::metric::{DEFINITIONS, Kind, Metric};
use crate::model::sender::SenderType;
use crate::model::threshold::{Aggregation, Condition, Measure, Scope, Threshold, Watch};
use crate::model::{Campaign, Tag};
use crate::scenario::path;
use crate::scenario::spec::{ConditionSpec, Conditions, LongCondition, Scenario};
use crate::units::{NANOS_PER_SECOND, SimDuration, SimTime, thousands};

/// What tags may name.
#[derive(Clone, Copy)]
struct Known<'a> {
    spec: &'a Scenario,
    network: &'a Network,
    tags: &'a [Tag],
}

/// The window of a threshold that is judged as it goes and names none.
const LOOK_EVERY: SimDuration = SimDuration::from_secs(60);
/// A threshold's own exit codes.
const EXIT_CODES: std::ops::RangeInclusive<u8> = 90..=95;

pub(super) fn resolve(
    findings: &mut Findings,
    spec: &Scenario,
    network: &Network,
    tags: &[Tag],
    campaigns: &[Campaign],
) -> Vec<Threshold> {
    let known = Known { spec, network, tags };
    let mut thresholds = Vec::new();
    for (subject, conditions) in &spec.thresholds {
        let base = at("thresholds", subject);
        let Some((metric, Tags { scope, code })) = read_subject(findings, known, &base, subject) else {
            continue;
        };
        let list: Vec<(String, &ConditionSpec)> = match conditions {
            Conditions::One(condition) => vec![(base.clone(), condition)],
            Conditions::Many(list) => {
                list.iter().enumerate().map(|(index, condition)| (path::index(&base, index), condition)).collect()
            }
        };
        if list.is_empty() {
            findings.key_error(
                &base,
                "the threshold has no condition",
                "write one such as \"p(95) < 10s\", or leave it out",
            );
        }
        for (path, written) in list {
            let (text, place) = match written {
                ConditionSpec::Plain(text) => (text, path.clone()),
                ConditionSpec::Long(long) => (&long.threshold, at(&path, "threshold")),
            };
            let (phase, after) = match written {
                ConditionSpec::Plain(_) => (None, None),
                ConditionSpec::Long(long) => (long.phase.clone(), long.after.as_ref().map(|after| after.0)),
            };
            let (watch, exit_code) = match written {
                ConditionSpec::Plain(_) => (None, None),
                ConditionSpec::Long(long) => {
                    let code = read_exit_code(findings, &path, long.exit_code);
                    let horizon = spec.clock.horizon.as_ref().map(|horizon| SimTime::ZERO + horizon.0);
                    let target = Target { metric, scope: &scope, campaigns, horizon };
                    let Some(watch) = read_watch(findings, &path, long, target) else { continue };
                    (watch, code)
                }
            };
            match Condition::parse(metric, text) {
                Ok(condition) => thresholds.push(Threshold {
                    subject: subject.clone(),
                    condition: text.clone(),
                    metric,
                    scope: scope.clone(),
                    code,
                    aggregation: condition.aggregation,
                    comparison: condition.comparison,
                    limit: condition.limit,
                    watch,
                    phase,
                    after,
                    exit_code,
                }),
                Err(error) => findings.error(&place, error.message, error.hint),
            }
        }
    }
    thresholds
}

fn read_exit_code(findings: &mut Findings, path: &str, written: Option<u8>) -> Option<u8> {
    let code = written?;
    if !EXIT_CODES.contains(&code) {
        let hint = "90 to 95 are free for thresholds; 99 is that of all others";
        findings.error(&at(path, "exit_code"), format!("{code} is not an exit code of a threshold"), hint);
    }
    Some(code)
}

/// What a condition is about.
#[derive(Clone, Copy)]
struct Target<'a> {
    metric: Metric,
    scope: &'a Scope,
    campaigns: &'a [Campaign],
    /// The end of the run, if it has one.
    horizon: Option<SimTime>,
}

/// Reads which part of the run a condition is about: `None` in it when it is about all of it, and `None` around it when
/// that is wrong.
fn read_watch(findings: &mut Findings, path: &str, long: &LongCondition, target: Target) -> Option<Option<Watch>> {
    let window = long.window.as_ref().map(|window| window.0);
    let after = long.after.as_ref().map_or(SimDuration::ZERO, |after| after.0);
    let narrowed = window.is_some() || long.after.is_some() || long.phase.is_some();
    if long.delay_abort_eval.is_some() && !long.abort_on_fail {
        let hint = "it says from when on `abort_on_fail` looks: add that, or write `after` to leave early messages out";
        findings.error(&at(path, "delay_abort_eval"), "`delay_abort_eval` does nothing here", hint);
        return None;
    }
    if !narrowed && !long.abort_on_fail {
        return Some(None);
    }
    if target.metric.definition().kind == Kind::PerReplication {
        let message = format!("`{}` is one value of a whole run: it has no windows", target.metric.name());
        findings.error(path, message, "write the condition alone, or promise something about messages");
        return None;
    }
    if target.scope.sender_type.is_some() {
        let hint = "select by campaign, service, country, carrier or tag";
        findings.error(path, "windows are not kept by sender type", hint);
        return None;
    }
    if window == Some(SimDuration::ZERO) {
        findings.error(&at(path, "window"), "a window of no width has no messages", "write one such as 10m");
        return None;
    }
    let phases = match &long.phase {
        None => None,
        Some(name) => Some(read_phase(findings, &at(path, "phase"), name, target)?),
    };
    let start = phases.iter().flatten().map(|(_, start, _)| *start).min().unwrap_or(SimTime::ZERO);
    let from = start + after;
    let span = last_meant(target).max(from).since(from);
    let fits = |window: SimDuration| span.as_nanos() / window.as_nanos() < Watch::WINDOWS_MAX;
    if let Some(window) = window.filter(|window| !fits(*window)) {
        let most = thousands(u128::from(Watch::WINDOWS_MAX));
        let count = thousands(u128::from(span.as_nanos() / window.as_nanos() + 1));
        let least = span.as_nanos() / NANOS_PER_SECOND / Watch::WINDOWS_MAX + 1;
        let hint = format!("a promise has at most {most} of them: write {least}s or more");
        findings.error(&at(path, "window"), format!("{count} windows are too many"), hint);
        return None;
    }
    warn_of_nothing(findings, path, long, target, phases.as_deref(), from);
    // Looks at a run of more than a day and a half are farther apart.
    let mut look = LOOK_EVERY;
    while !fits(look) {
        look = look + look;
    }
    Some(Some(Watch {
        from,
        phases,
        window: window.or(long.abort_on_fail.then_some(look)),
        so_far: long.abort_on_fail && window.is_none(),
        not_before: SimTime::ZERO + long.delay_abort_eval.as_ref().map_or(SimDuration::ZERO, |delay| delay.0),
    }))
}

/// Warns of what leaves nothing to judge: a part of the run in which nothing is planned, and looks after the last message.
/// Answers and repetitions may still be meant there, so it is no error.
fn warn_of_nothing(
    findings: &mut Findings,
    path: &str,
    long: &LongCondition,
    target: Target,
    phases: Option<&[(usize, SimTime, SimTime)]>,
    from: SimTime,
) {
    let until = target.horizon.unwrap_or(SimTime::from_nanos(u64::MAX));
    let in_scope = |index: &usize| target.scope.campaign.is_none_or(|wanted| wanted == *index);
    let planned = |index: usize| {
        let campaign = &target.campaigns[index];
        let phases = campaign.phases.iter().map(move |phase| (phase.start, phase.start.saturating_add(phase.duration)));
        let rows = campaign.replay().into_iter().flat_map(|replay| replay.rows.iter().map(|row| (row.at, row.at)));
        phases.chain(rows)
    };
    let spans: Vec<(SimTime, SimTime)> = match phases {
        Some(phases) => phases.iter().map(|(_, start, end)| (*start, *end)).collect(),
        None => (0..target.campaigns.len()).filter(in_scope).flat_map(planned).collect(),
    };
    // Of a burst, start and end are the instant in which it is meant.
    let is_met = |(start, end): &(SimTime, SimTime)| {
        let begins = (*start).max(from);
        begins < until && (begins < *end || (start == end && begins == *start))
    };
    let last = spans.iter().map(|(_, end)| *end).max().unwrap_or(SimTime::ZERO).min(until);
    let ends = last.since(SimTime::ZERO);
    if !spans.iter().any(is_met) {
        let place = if long.after.is_some() { at(path, "after") } else { path.to_owned() };
        let begins = from.since(SimTime::ZERO);
        let message = format!("no message is planned in the part of the run that this is about, from {begins} on");
        let hint =
            format!("the last in scope is planned for {ends} after the start: a promise about no message is broken");
        findings.warning(&place, message, hint);
    } else if let Some(delay) = &long.delay_abort_eval
        && delay.0 > ends + long.window.as_ref().map_or(LOOK_EVERY, |window| window.0)
    {
        let hint = format!("the last message in scope is planned for {ends} after the start: no breach would count");
        findings.warning(&at(path, "delay_abort_eval"), "it looks only after everything is over", hint);
    }
}

/// When the last planned message in scope is meant, at the latest.
fn last_meant(target: Target) -> SimTime {
    let in_scope = |index: &usize| target.scope.campaign.is_none_or(|wanted| wanted == *index);
    let last = |index: usize| {
        let campaign = &target.campaigns[index];
        let phases = campaign.phases.iter().map(|phase| phase.start.saturating_add(phase.duration)).max();
        let row = campaign.replay().and_then(|replay| replay.rows.last()).map(|row| row.at);
        phases.max(row).unwrap_or(SimTime::ZERO)
    };
    (0..target.campaigns.len()).filter(in_scope).map(last).max().unwrap_or(SimTime::ZERO)
}

/// The phases of a name, of all campaigns in scope.
fn read_phase(
    findings: &mut Findings,
    path: &str,
    name: &str,
    target: Target,
) -> Option<Vec<(usize, SimTime, SimTime)>> {
    let in_scope = |index: &usize| target.scope.campaign.is_none_or(|wanted| wanted == *index);
    let campaigns = || (0..target.campaigns.len()).filter(in_scope);
    let all = || campaigns().flat_map(|index| target.campaigns[index].phases.iter().map(move |phase| (index, phase)));
    let named = all().filter(|(_, phase)| phase.name.as_deref() == Some(name));
    let found: Vec<_> =
        named.map(|(index, phase)| (index, phase.start, phase.start.saturating_add(phase.duration))).collect();
    if found.is_empty() {
        let known: BTreeSet<&str> = all().filter_map(|(_, phase)| phase.name.as_deref()).collect();
        let hint = match crate::suggestion::closest(name, known.iter().copied()) {
            Some(close) => format!("did you mean `{close}`?"),
            None if known.is_empty() => "give the phase a `name`".to_owned(),
            None => format!("known: {}", known.into_iter().collect::<Vec<_>>().join(", ")),
        };
        findings.error(path, format!("no phase in scope is called `{name}`"), hint);
        return None;
    }
    Some(found)
}

/// Reads what is asked for, such as `end_to_end{campaign:otp} p(95)`.
pub(super) fn measures(
    findings: &mut Findings,
    spec: &Scenario,
    network: &Network,
    tags: &[Tag],
    asked: &[String],
) -> Vec<Measure> {
    let known = Known { spec, network, tags };
    asked.iter().filter_map(|text| read_measure(findings, known, text)).collect()
}

fn read_measure(findings: &mut Findings, known: Known, text: &str) -> Option<Measure> {
    // Not in the file: findings name the argument.
    let place = format!("--metric {text}");
    let text = text.trim();
    let end = text.rfind('}').map_or_else(|| text.find(char::is_whitespace), |brace| Some(brace + 1));
    let (subject, asked) = text.split_at(end.unwrap_or(text.len()));
    let asked = asked.trim().to_owned();
    let (metric, Tags { scope, code }) = read_subject(findings, known, &place, subject)?;
    match Aggregation::parse(metric, &asked) {
        Ok(aggregation) => Some(Measure { subject: subject.to_owned(), asked, metric, scope, code, aggregation }),
        Err(error) => {
            let missing = format!("`{text}` does not say what is asked of the metric");
            findings.error(&place, if asked.is_empty() { missing } else { error.message }, error.hint);
            None
        }
    }
}

/// Which messages a threshold is about.
#[derive(Default)]
struct Tags {
    scope: Scope,
    code: Option<u16>,
}

/// Reads `end_to_end{campaign:otp}`.
fn read_subject(findings: &mut Findings, known: Known, path: &str, subject: &str) -> Option<(Metric, Tags)> {
    let (name, tags) = match subject.split_once('{') {
        None => (subject.trim(), ""),
        Some((name, rest)) => match rest.trim_end().strip_suffix('}') {
            Some(tags) => (name.trim(), tags),
            None => {
                findings.key_error(path, format!("`{subject}` has no closing brace"), "write metric{tag:value}");
                return None;
            }
        },
    };
    let Some(metric) = Metric::named(name) else {
        let names: Vec<&str> = DEFINITIONS.iter().map(|row| row.name).collect();
        let hint = match crate::suggestion::closest(name, names.iter().copied()) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("known: {}", names.join(", ")),
        };
        findings.key_error(path, format!("unknown metric `{name}`"), hint);
        return None;
    };
    let mut all = Tags::default();
    for tag in tags.split(',').filter(|tag| !tag.trim().is_empty()) {
        let Some((tag, value)) = tag.split_once(':') else {
            findings.key_error(path, format!("`{tag}` is not a tag"), "write tag:value, such as campaign:otp");
            return None;
        };
        read_tag(findings, known, path, tag.trim(), value.trim(), &mut all)?;
    }
    let scope = &all.scope;
    let met = |index: usize| {
        scope.campaign.is_none_or(|wanted| wanted == index)
            && scope.tags.iter().all(|tag| known.tags[*tag].campaigns.contains(&index))
    };
    if !scope.tags.is_empty() && !(0..known.spec.campaigns.len()).any(met) {
        let hint = "each campaign and audience says its tags under `tags`";
        findings.key_error(path, format!("no campaign has all of the tags in `{subject}`"), hint);
        return None;
    }
    if all.code.is_some() && !matches!(metric, Metric::Undelivered | Metric::Failed | Metric::Refused) {
        let hint = "codes belong to `undelivered`, `failed` and `refused`";
        findings.key_error(path, format!("`{name}` has no error codes"), hint);
        return None;
    }
    let tags = [scope.campaign.is_some(), scope.service.is_some(), scope.country.is_some()];
    let narrow = scope.carrier.is_some() || scope.sender_type.is_some() || tags.iter().filter(|tag| **tag).count() > 1;
    let narrow = narrow || (scope.country.is_some() && !scope.tags.is_empty());
    let by_country = scope.country.is_none() || matches!(metric, Metric::QueueWait | Metric::EndToEnd);
    if metric.definition().kind == Kind::Distribution && (narrow || !by_country) {
        findings.key_error(
            path,
            format!("`{name}` is not kept for this combination of tags"),
            "distributions are kept by campaign, service or tag; queue_wait and end_to_end by country too",
        );
        return None;
    }
    Some((metric, all))
}

fn read_tag(
    findings: &mut Findings,
    Known { spec, network, tags }: Known,
    path: &str,
    tag: &str,
    value: &str,
    all: &mut Tags,
) -> Option<()> {
    let scope = &mut all.scope;
    let taken = match tag {
        "campaign" => scope.campaign.is_some(),
        "service" => scope.service.is_some(),
        "country" => scope.country.is_some(),
        "carrier" => scope.carrier.is_some(),
        "sender_type" => scope.sender_type.is_some(),
        "code" => all.code.is_some(),
        _ => scope.tags.iter().any(|index| tags[*index].key == tag),
    };
    if taken {
        let hint = "a threshold has each tag once; write one threshold for each value";
        findings.key_error(path, format!("the tag `{tag}` is given twice"), hint);
        return None;
    }
    let (known, slot): (Vec<&str>, &mut Option<usize>) = match tag {
        "campaign" => (spec.campaigns.keys().map(String::as_str).collect(), &mut scope.campaign),
        "service" => (spec.services.keys().map(String::as_str).collect(), &mut scope.service),
        "country" => (network.countries.iter().map(|country| country.code.as_str()).collect(), &mut scope.country),
        "carrier" => (network.carriers.iter().map(|carrier| carrier.id.as_str()).collect(), &mut scope.carrier),
        "code" => {
            let mut codes: Vec<u16> = Ending::ALL.into_iter().filter_map(Ending::code).collect();
            codes.sort_unstable();
            codes.dedup();
            all.code = codes.iter().copied().find(|code| code.to_string() == value);
            if all.code.is_some() {
                return Some(());
            }
            let known: Vec<String> = codes.iter().map(u16::to_string).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            unknown_value(findings, path, "error code", value, &known);
            return None;
        }
        "sender_type" => {
            scope.sender_type = SenderType::ALL.into_iter().find(|kind| kind.as_str() == value);
            if scope.sender_type.is_some() {
                return Some(());
            }
            unknown_value(findings, path, tag, value, &SenderType::ALL.map(SenderType::as_str));
            return None;
        }
        _ => {
            let own: BTreeSet<&str> = tags.iter().map(|known| known.key.as_str()).collect();
            if !own.contains(tag) {
                let known: Vec<&str> = own.into_iter().chain(BUILT_IN).collect();
                unknown_value(findings, path, "tag", tag, &known);
                return None;
            }
            let Some(index) = tags.iter().position(|known| known.key == tag && known.value == value) else {
                let values = tags.iter().filter(|known| known.key == tag).map(|known| known.value.as_str());
                unknown_value(findings, path, tag, value, &values.collect::<Vec<_>>());
                return None;
            };
            scope.tags.push(index);
            scope.tags.sort_unstable();
            return Some(());
        }
    };
    *slot = known.iter().position(|name| *name == value);
    if slot.is_none() {
        unknown_value(findings, path, tag, value, &known);
        return None;
    }
    Some(())
}

fn unknown_value(findings: &mut Findings, path: &str, what: &str, value: &str, known: &[&str]) {
    findings.unknown_key(path, what, value, known.iter().copied());
}
