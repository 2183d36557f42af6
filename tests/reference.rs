//! The page `docs/reference.md`, made from the types themselves: the words of the scenario file from the JSON Schema, the
//! metrics and the ends of messages from their tables. `UPDATE_REPORTS=1 cargo test --release --test reference` rewrites
//! it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use sendpool::model::ending::Ending;
use sendpool::model::metric::{DEFINITIONS, Kind, Unit};
use sendpool::records::column::{COLUMNS, Type};
use serde_json::Value;

/// The page.
fn page() -> String {
    let schema = sendpool::scenario::schema();
    let mut out = String::from(
        "# Reference\n\nMade from the program's own types by `tests/reference.rs`.\n\n- [The scenario file](#the-scenario-file)\n- \
         [Metrics](#metrics)\n- [How messages end](#how-messages-end)\n- [Records](#records)\n\n# The scenario file\n\n",
    );
    let mut order = vec!["Scenario".to_owned()];
    let mut next = 0;
    while next < order.len() {
        let name = order[next].clone();
        let found = if name == "Scenario" { &schema } else { &schema["$defs"][&name] };
        references(found, &mut order);
        section(&mut out, &name, found);
        next += 1;
    }
    metrics(&mut out);
    endings(&mut out);
    records(&mut out);
    out
}

/// Adds the types that a schema names, in the order of the file's keys.
fn references(schema: &Value, order: &mut Vec<String>) {
    match schema {
        Value::Object(map) => {
            if let Some(name) = map.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next())
                && !order.iter().any(|known| known == name)
            {
                order.push(name.to_owned());
            }
            map.iter().filter(|(key, _)| *key != "$defs").for_each(|(_, value)| references(value, order));
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, order)),
        _ => {}
    }
}

fn section(out: &mut String, name: &str, schema: &Value) {
    let text = |value: &Value| value["description"].as_str().unwrap_or_default().replace('\n', " ");
    let _ = writeln!(out, "## {name}\n\n{}\n", capital(&text(schema)));
    if let Some(properties) = schema["properties"].as_object() {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let _ = writeln!(out, "| Key | Value | Meaning |\n| --- | --- | --- |");
        for (key, property) in properties {
            let must = if required.contains(&key.as_str()) { " (required)" } else { "" };
            let default = match &property["default"] {
                Value::Bool(_) | Value::Number(_) => format!(" Default: `{}`.", property["default"]),
                Value::String(word) => format!(" Default: `{word}`."),
                Value::Array(list) if !list.is_empty() => format!(" Default: `{}`.", property["default"]),
                _ => String::new(),
            };
            let _ = writeln!(out, "| `{key}`{must} | {} | {}{default} |", kind(property), escaped(&text(property)));
        }
        out.push('\n');
    }
    for words in ["oneOf", "anyOf"] {
        let choices: Vec<&Value> = schema[words].as_array().into_iter().flatten().collect();
        for choice in choices.iter().filter(|choice| choice.get("const").is_some()) {
            let _ = writeln!(out, "- `{}`: {}", choice["const"].as_str().unwrap_or_default(), text(choice));
        }
        for choice in choices.iter().filter(|choice| choice.get("const").is_none()) {
            let meaning = text(choice);
            let meaning = if meaning.is_empty() { String::new() } else { format!(": {meaning}") };
            let _ = writeln!(out, "- {}{meaning}", kind(choice));
        }
        if !choices.is_empty() {
            out.push('\n');
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect();
        let _ = writeln!(out, "{}\n", words.join(", "));
    }
}

/// What a value looks like.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let kinds: Vec<String> = choices.iter().filter(|choice| choice["type"] != "null").map(kind).collect();
        return kinds.join(" or ");
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect();
        return words.join(", ");
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect(),
        _ => Vec::new(),
    };
    match types.as_slice() {
        ["array"] => format!("list of {}", kind(&schema["items"])),
        ["object"] if schema["additionalProperties"].is_object() => {
            format!("mapping of names to {}", kind(&schema["additionalProperties"]))
        }
        ["object"] => "mapping".to_owned(),
        ["string"] => "text".to_owned(),
        ["integer"] => "whole number".to_owned(),
        ["boolean"] => "`true` or `false`".to_owned(),
        other => other.join(" or "),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

fn metrics(out: &mut String) {
    let _ = writeln!(
        out,
        "# Metrics\n\nWhat thresholds and summaries speak of. A distribution takes `avg`, `min`, `max`, `med` and `p(N)`; one value a\n\
         replication takes `avg`, `min` and `max`; messages take `count` (a mean per replication) and `rate` (by offered).\n\n\
         | Metric | Shape | Unit | Meaning |\n| --- | --- | --- | --- |"
    );
    for row in &DEFINITIONS {
        let shape = match row.kind {
            Kind::Distribution => "a value a message",
            Kind::PerReplication => "a value a replication",
            Kind::Share => "messages",
        };
        let unit = match row.unit {
            Unit::Time => "time",
            Unit::Messages => "messages",
            Unit::Segments => "segments",
            Unit::Dollars => "US dollars",
        };
        let _ = writeln!(out, "| `{}` | {shape} | {unit} | {} |", row.name, row.meaning);
    }
    out.push('\n');
}

fn records(out: &mut String) {
    let _ = writeln!(
        out,
        "# Records\n\n`run --records FILE` writes one row a message of one replication. Columns that the platform's message \
         resource has mean what they mean there; what nobody sees on the platform stands behind them.\n"
    );
    let _ = writeln!(out, "| Column | Value | Meaning |\n| --- | --- | --- |");
    for column in &COLUMNS {
        let kind = match column.kind {
            Type::Text => "text",
            Type::Json => "JSON object",
            Type::Integer => "whole number",
            Type::Time => "time, UTC",
            Type::Seconds => "seconds",
            Type::Dollars => "US dollars",
        };
        let _ = writeln!(out, "| `{}` | {kind} | {} |", column.name, escaped(column.meaning));
    }
    out.push('\n');
}

fn endings(out: &mut String) {
    let _ = writeln!(
        out,
        "# How messages end\n\nEvery end is a status with a code of the platform. `refused`: no message was made; `failed`: accepted and never\n\
         sent; `undelivered`: sent and not delivered; `canceled`: scheduled and taken back.\n\n\
         | Status | Code | Why |\n| --- | --- | --- |"
    );
    for ending in Ending::ALL {
        let code = ending.code().map_or_else(|| "-".to_owned(), |code| code.to_string());
        let _ = writeln!(out, "| {} | {code} | {} |", ending.status().as_str(), ending.reason());
    }
}

#[test]
fn the_page_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference.md");
    if std::env::var_os("UPDATE_REPORTS").is_some() {
        fs::write(&path, page()).expect("the docs can be written");
    }
    let found = fs::read_to_string(&path).expect("the page is part of the project");
    assert!(found == page(), "docs/reference.md has moved; see the head of this test");
}

/// Aim: no key without a word about it. Method: every property of every type has a description.
#[test]
fn every_key_is_explained() {
    let schema = sendpool::scenario::schema();
    let types = schema["$defs"].as_object().expect("types").values().chain([&schema]);
    for schema in types {
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            assert!(property["description"].is_string(), "{key} has no description");
        }
    }
    let page = page();
    for name in schema["$defs"].as_object().expect("types").keys() {
        assert!(page.contains(&format!("## {name}\n")), "{name} is missing");
    }
}
