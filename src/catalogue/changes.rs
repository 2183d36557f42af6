//! Facts and prices replaced by others of the same form: merging what somebody writes into what a data file says.

use serde_yaml::{Mapping, Value};

/// One fact that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it stands: `senders.long_code.mps`.
    pub path: String,
    /// What stood there, as one line; `None` for something new.
    pub before: Option<String>,
    /// What stands there now.
    pub after: String,
}

/// The facts of a country with some replaced, not yet read.
#[derive(Clone, Debug)]
pub struct Changed {
    /// All facts, in the form of the country's file.
    pub facts: Value,
    /// What was replaced.
    pub list: Vec<Change>,
    /// Keys that cannot be replaced and stayed as they were.
    pub refused: Vec<String>,
}

/// Keys that say what a file is about, and lists that are changed elsewhere.
const FIXED: [&str; 3] = ["code", "ideal", "carriers"];

/// Puts `changes` into `facts`: mappings are merged key by key (nothing in the place of one changes nothing), anything
/// else is replaced as a whole.
pub(super) fn change(mut facts: Value, changes: &Mapping) -> Changed {
    let is_fixed = |key: &Value| key.as_str().is_some_and(|key| FIXED.contains(&key));
    let (fixed, allowed): (Vec<_>, Vec<_>) = changes.clone().into_iter().partition(|(key, _)| is_fixed(key));
    let refused = fixed.iter().map(|(key, _)| one_line(key)).collect();
    let mut list = Vec::new();
    merge(&mut facts, &Value::Mapping(allowed.into_iter().collect()), "", &mut list);
    Changed { facts, list, refused }
}

fn merge(facts: &mut Value, changes: &Value, path: &str, list: &mut Vec<Change>) {
    if facts.is_mapping() && changes.is_null() {
        return;
    }
    let (Value::Mapping(facts), Value::Mapping(changes)) = (&mut *facts, changes) else {
        let after = like(facts, changes);
        let before = Some(one_line(facts));
        list.push(Change { path: path.to_owned(), before, after: one_line(&after) });
        *facts = after;
        return;
    };
    for (key, value) in changes {
        let name = one_line(key);
        let path = if path.is_empty() { name } else { format!("{path}.{name}") };
        match facts.get_mut(key) {
            Some(known) => merge(known, value, &path, list),
            None => {
                list.push(Change { path, before: None, after: one_line(value) });
                facts.insert(key.clone(), value.clone());
            }
        }
    }
}

/// `value` in the form of `known`: where the files have a word or a quantity with its unit, people write booleans and bare
/// numbers.
fn like(known: &Value, value: &Value) -> Value {
    match (known, value) {
        (Value::String(_), Value::Bool(yes)) => Value::from(if *yes { "yes" } else { "no" }),
        (Value::String(_), Value::Number(number)) => Value::from(number.to_string()),
        _ => value.clone(),
    }
}

fn one_line(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Sequence(list) if !list.is_empty() && list.iter().all(|step| step.get("amount").is_some()) => {
            list.iter().map(amount).collect::<Vec<_>>().join(", ")
        }
        Value::Sequence(list) => format!("[{}]", list.iter().map(one_line).collect::<Vec<_>>().join(", ")),
        Value::Mapping(entries) => {
            let entry = |(key, value): (&Value, &Value)| format!("{}: {}", one_line(key), one_line(value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Tagged(_) => "null".to_owned(),
    }
}

/// A step of an amount of money: `0.0045 from 2026-05-01`.
fn amount(step: &Value) -> String {
    let amount = step.get("amount").map_or_else(String::new, one_line);
    step.get("from").map_or_else(|| amount.clone(), |from| format!("{amount} from {}", one_line(from)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(facts: &str, changes: &str) -> Changed {
        change(serde_yaml::from_str(facts).unwrap(), &serde_yaml::from_str(changes).unwrap())
    }

    #[test]
    fn mappings_merge_and_everything_else_is_replaced() {
        let Changed { facts, list, refused } = changed(
            "{a: {b: 'yes', c: 10/s, keep: 1}, hours: [{x: 1}, {x: 2}], empty: {y: 1}}",
            "{a: {b: false, c: 20, d: new}, hours: [], empty: null}",
        );
        let expected: Value =
            serde_yaml::from_str("{a: {b: 'no', c: '20', keep: 1, d: new}, hours: [], empty: {y: 1}}").unwrap();
        assert_eq!((facts, refused.len()), (expected, 0));
        let texts: Vec<String> = list
            .iter()
            .map(|change| format!("{} {:?} {}", change.path, change.before.as_deref().unwrap_or("-"), change.after))
            .collect();
        assert_eq!(texts, ["a.b \"yes\" no", "a.c \"10/s\" 20", "a.d \"-\" new", "hours \"[{x: 1}, {x: 2}]\" []"]);
    }

    #[test]
    fn amounts_that_changed_read_as_such() {
        let facts = "{fee: [{amount: '1', evidence: {source: [a]}}, {from: '2024-01-01', amount: '2'}]}";
        let Changed { list, .. } = changed(facts, "{fee: 0.5}");
        assert_eq!(list[0].before.as_deref(), Some("1, 2 from 2024-01-01"));
        assert_eq!(list[0].after, "0.5");
    }

    #[test]
    fn what_a_file_is_about_stays_and_the_rest_is_changed() {
        let facts = "{code: FR, carriers: [], a: {code: 1}}";
        let Changed { facts, list, refused } = changed(facts, "{carriers: [1], a: {code: 2}, code: DE}");
        assert_eq!(refused, ["carriers", "code"]);
        assert_eq!(list.len(), 1);
        assert_eq!(facts, serde_yaml::from_str::<Value>("{code: FR, carriers: [], a: {code: 2}}").unwrap());
    }
}
