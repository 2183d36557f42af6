//! Facts replaced by others of the same form: merging what somebody writes into what a data file says.

use serde_yaml::Value;

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

/// Keys that say what a file is about, and lists that are changed elsewhere.
const FIXED: [&str; 3] = ["code", "ideal", "carriers"];

/// Merges `changes` into `facts`: mappings key by key, anything else as a whole. What was replaced is added to `list`.
///
/// # Errors
/// What is wrong with the changes.
pub(super) fn merge(facts: &mut Value, changes: &Value, path: &str, list: &mut Vec<Change>) -> Result<(), String> {
    let (Value::Mapping(facts), Value::Mapping(changes)) = (&mut *facts, changes) else {
        let after = like(facts, changes);
        let before = Some(one_line(facts));
        list.push(Change { path: path.to_owned(), before, after: one_line(&after) });
        *facts = after;
        return Ok(());
    };
    for (key, value) in changes {
        let Some(name) = key.as_str() else { return Err("keys are words".to_owned()) };
        if path.is_empty() && FIXED.contains(&name) {
            return Err(format!("`{name}` cannot be replaced here"));
        }
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match facts.get_mut(key) {
            Some(known) => merge(known, value, &path, list)?,
            None => {
                list.push(Change { path, before: None, after: one_line(value) });
                facts.insert(key.clone(), value.clone());
            }
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(facts: &str, changes: &str) -> Result<(Value, Vec<Change>), String> {
        let mut facts: Value = serde_yaml::from_str(facts).unwrap();
        let mut list = Vec::new();
        merge(&mut facts, &serde_yaml::from_str(changes).unwrap(), "", &mut list).map(|()| (facts, list))
    }

    #[test]
    fn mappings_merge_and_everything_else_is_replaced() {
        let (facts, list) = merged(
            "{a: {b: 'yes', c: 10/s, keep: 1}, hours: [{x: 1}, {x: 2}]}",
            "{a: {b: false, c: 20, d: new}, hours: []}",
        )
        .unwrap();
        let expected: Value = serde_yaml::from_str("{a: {b: 'no', c: '20', keep: 1, d: new}, hours: []}").unwrap();
        assert_eq!(facts, expected);
        let texts: Vec<String> = list
            .iter()
            .map(|change| format!("{} {:?} {}", change.path, change.before.as_deref().unwrap_or("-"), change.after))
            .collect();
        assert_eq!(texts, ["a.b \"yes\" no", "a.c \"10/s\" 20", "a.d \"-\" new", "hours \"[{x: 1}, {x: 2}]\" []"]);
    }

    #[test]
    fn what_a_file_is_about_stays() {
        assert!(merged("{code: FR}", "{code: DE}").unwrap_err().contains("`code`"));
        assert!(merged("{carriers: []}", "{carriers: []}").is_err());
        assert!(merged("{a: {code: 1}}", "{a: {code: 2}}").is_ok());
    }
}
