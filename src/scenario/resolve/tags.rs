//! Tags: what campaigns and audiences are labelled with, such as `team: growth`.
//!
//! A campaign carries its own tags and those of its audience; where both name one key, its own value holds.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::{Findings, at};
use crate::model::Tag;
use crate::scenario::path;
use crate::scenario::span_index::cut;
use crate::scenario::spec::Scenario;

/// Tags that thresholds know anyway.
pub(super) const BUILT_IN: [&str; 6] = ["campaign", "service", "country", "carrier", "sender_type", "code"];
/// The most tags of a campaign or audience. Source: what the platform takes with a message, as generally known.
const TAGS_MAX: usize = 10;
/// The most characters of a key or value, by the same source.
const CHARS_MAX: usize = 128;

/// All tags with the campaigns that carry them, by key and value.
pub(super) fn resolve(findings: &mut Findings, spec: &Scenario) -> Vec<Tag> {
    for (name, audience) in &spec.audiences {
        check(findings, &at(&at("audiences", name), "tags"), &audience.tags);
    }
    let mut campaigns: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (index, (name, campaign)) in spec.campaigns.iter().enumerate() {
        check(findings, &at(&at("campaigns", name), "tags"), &campaign.tags);
        let audience = campaign.audience.as_ref().and_then(|audience| spec.audiences.get(audience));
        let inherited = audience.into_iter().flat_map(|audience| &audience.tags);
        let all: BTreeMap<&str, &str> =
            inherited.chain(&campaign.tags).map(|(key, value)| (key.as_str(), value.as_str())).collect();
        for tag in all {
            campaigns.entry(tag).or_default().push(index);
        }
    }
    campaigns
        .into_iter()
        .map(|((key, value), campaigns)| Tag { key: key.to_owned(), value: value.to_owned(), campaigns })
        .collect()
}

fn check(findings: &mut Findings, base: &str, tags: &IndexMap<String, String>) {
    if tags.len() > TAGS_MAX {
        findings.key_error(base, format!("{} tags are too many", tags.len()), format!("at most {TAGS_MAX} are taken"));
    }
    for (key, value) in tags {
        let place = path::key(base, key);
        if BUILT_IN.contains(&key.as_str()) {
            let hint = "thresholds and tables know it already; use another key, such as team";
            findings.key_error(&place, format!("`{key}` cannot be a tag"), hint);
        } else if !is_plain(key) || key.contains(':') {
            let hint = format!("use 1 to {CHARS_MAX} characters without : , {{ }}, such as team");
            findings.key_error(&place, format!("`{}` cannot be the key of a tag", cut(key)), hint);
        }
        if !is_plain(value) {
            let hint = format!("use 1 to {CHARS_MAX} characters without , {{ }}, such as growth");
            findings.error(&place, format!("`{}` cannot be the value of a tag", cut(value)), hint);
        }
    }
}

/// Whether thresholds can name it.
fn is_plain(text: &str) -> bool {
    let odd = |c: char| c.is_control() || matches!(c, ',' | '{' | '}');
    (1..=CHARS_MAX).contains(&text.chars().count()) && !text.contains(odd) && text.trim() == text
}
