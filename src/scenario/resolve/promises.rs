//! Thresholds: each key is a metric with tags, each value one condition or several. Beside them, numbers that are asked
//! for in the same words.

use std::collections::BTreeSet;

use super::network::Network;
use super::tags::BUILT_IN;
use super::{Findings, at};
use crate::model::Tag;
use crate::model::ending::Ending;
use crate::model::metric::{DEFINITIONS, Kind, Metric};
use crate::model::sender::SenderType;
use crate::model::threshold::{Aggregation, Condition, Measure, Scope, Threshold};
use crate::scenario::path;
use crate::scenario::spec::{Conditions, Scenario};

/// What tags may name.
#[derive(Clone, Copy)]
struct Known<'a> {
    spec: &'a Scenario,
    network: &'a Network,
    tags: &'a [Tag],
}

pub(super) fn resolve(findings: &mut Findings, spec: &Scenario, network: &Network, tags: &[Tag]) -> Vec<Threshold> {
    let known = Known { spec, network, tags };
    let mut thresholds = Vec::new();
    for (subject, conditions) in &spec.thresholds {
        let base = at("thresholds", subject);
        let Some((metric, Tags { scope, code })) = read_subject(findings, known, &base, subject) else {
            continue;
        };
        let list: Vec<(String, &String)> = match conditions {
            Conditions::One(text) => vec![(base.clone(), text)],
            Conditions::Many(texts) => {
                texts.iter().enumerate().map(|(index, text)| (path::index(&base, index), text)).collect()
            }
        };
        if list.is_empty() {
            findings.key_error(
                &base,
                "the threshold has no condition",
                "write one such as \"p(95) < 10s\", or leave it out",
            );
        }
        for (path, text) in list {
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
                }),
                Err(error) => findings.error(&path, error.message, error.hint),
            }
        }
    }
    thresholds
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
