//! The filter: the catalogue's, a named way in which it is other, and single figures that the scenario replaces.

use serde_yaml::{Mapping, Value};

use super::{Findings, at};
use crate::catalogue::{self, FilterModel};
use crate::model::filter::{Block, FilterCoefficients, FilterMemory, Suspension};
use crate::scenario::spec::{FilterOverride, Scenario};

const BASE: &str = "overrides.filter";

/// The filter of a run.
pub(super) struct Filter {
    /// Its figures.
    pub model: FilterModel,
    /// What was replaced, in words.
    pub changes: Vec<String>,
}

impl Filter {
    pub(super) fn resolve(findings: &mut Findings, spec: &Scenario) -> Filter {
        let typical = || Filter { model: catalogue::defaults().filter.clone(), changes: Vec::new() };
        let (preset, written) = match &spec.overrides.filter {
            None => return typical(),
            Some(FilterOverride::Preset(name)) => (Some((BASE.to_owned(), name.clone())), Mapping::new()),
            Some(FilterOverride::Changes(changes)) => {
                let mut changes = changes.clone();
                let named = changes.remove("preset");
                let named = named.map(|name| (at(BASE, "preset"), name.as_str().unwrap_or_default().to_owned()));
                (named, changes)
            }
        };
        let mut changes = Mapping::new();
        if let Some((place, name)) = &preset {
            let presets = catalogue::filter_presets();
            let Some(preset) = presets.get(name) else {
                findings.unknown(place, "filter", name, presets.keys().map(String::as_str));
                return typical();
            };
            changes.clone_from(preset);
        }
        merge(&mut changes, &written);
        let changed = catalogue::changed_filter(&changes);
        let hint =
            |_: &str| "`sendpool catalogue --defaults --json` shows the filter in the words to use here".to_owned();
        let Some(model) = findings.read_under::<FilterModel>(BASE, &changed.facts, hint) else { return typical() };
        if let Some((key, message, hint)) = fault(&model) {
            findings.error(&at(BASE, key), message, hint);
            return typical();
        }
        let mut words: Vec<String> = preset.iter().map(|(_, name)| format!("filter: {name}")).collect();
        words.extend(changed.list.into_iter().map(|change| {
            let before = change.before.unwrap_or_else(|| "nothing".to_owned());
            format!("filter {}: {} instead of {before}", change.path, change.after)
        }));
        Filter { model, changes: words }
    }

    /// The coefficients of the formula.
    pub(super) fn coefficients(&self) -> FilterCoefficients {
        let of = &self.model.coefficients;
        FilterCoefficients {
            volume: of.volume,
            spread: of.numbers,
            risk: of.risk,
            opt_out: of.opt_out,
            opt_out_tolerated: of.opt_out_tolerated,
            opt_out_after: u64::from(of.opt_out_after),
        }
    }

    /// What is done beyond judging single messages.
    pub(super) fn memory(&self) -> FilterMemory {
        let (blocks, suspensions) = (&self.model.blocks, &self.model.suspensions);
        let on = self.model.enabled;
        FilterMemory {
            frailty: self.model.frailty.weight,
            block: (on && blocks.enabled).then_some(Block {
                above: blocks.above,
                messages: blocks.messages,
                lasts: blocks.lasts,
            }),
            suspension: (on && suspensions.enabled).then(|| Suspension {
                opt_outs: f64::from(suspensions.opt_outs.ppm()) / 1e6,
                errors: f64::from(suspensions.errors.ppm()) / 1e6,
                messages: u64::from(suspensions.messages),
                review: suspensions.review,
                lasts: suspensions.lasts,
                account_after: Some(suspensions.account_after).filter(|count| *count > 0),
            }),
        }
    }

    /// How risky a body is.
    pub(super) fn risk_of(&self, body: &str) -> f64 {
        let of = &self.model.content;
        crate::model::content::risk_of(body, &of.words, [of.shortener, of.shouting, of.word])
    }
}

/// What the scenario says goes over what the preset says, key by key.
fn merge(into: &mut Mapping, over: &Mapping) {
    for (key, value) in over {
        match (into.get_mut(key), value) {
            (Some(Value::Mapping(inner)), Value::Mapping(changes)) => merge(inner, changes),
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

/// What no filter can be: a key, what is wrong and what to write.
fn fault(model: &FilterModel) -> Option<(&'static str, String, &'static str)> {
    let weight = model.frailty.weight;
    if !(0.0..=1.0).contains(&weight) {
        return Some(("frailty", format!("a weight of {weight} is out of bounds"), "write a number from 0 to 1"));
    }
    if !(model.blocks.above > 0.0 && model.blocks.above < 1.0) || model.blocks.messages == 0 {
        let hint = "`above` lies between 0 and 1, and `messages` is at least 1; `enabled: false` takes blocks away";
        return Some(("blocks", "this would block everything or nothing".to_owned(), hint));
    }
    if model.suspensions.messages == 0 {
        let message = "a share of no messages says nothing".to_owned();
        return Some(("suspensions", message, "write `messages: 1` or more"));
    }
    let content = &model.content;
    let risks = [content.shortener, content.shouting, content.word];
    if risks.iter().any(|risk| !(0.0..=1.0).contains(risk)) {
        return Some(("content", "a risk lies within 0 and 1".to_owned(), "write numbers from 0 to 1"));
    }
    let coefficients = &model.coefficients;
    let numbers = [
        coefficients.volume,
        coefficients.numbers,
        coefficients.risk,
        coefficients.opt_out,
        coefficients.opt_out_tolerated,
    ];
    if numbers.iter().any(|number| !(0.0..=1e6).contains(number)) {
        let message = "a coefficient is below zero or far too large".to_owned();
        return Some(("coefficients", message, "more of anything never makes a filter milder: write 0 or more"));
    }
    let odd = |number: f64| !(-50.0..=50.0).contains(&number);
    if model.classes.values().any(|class| odd(class.intercept) || odd(class.intercept_frail)) {
        return Some(("classes", "an intercept is out of bounds".to_owned(), "write numbers from -50 to 50"));
    }
    let missing = catalogue::FilterClass::ALL.iter().find(|class| !model.classes.contains_key(class));
    missing.map(|class| ("classes", format!("`{class}` is missing"), "leave the classes that do not change out"))
}
