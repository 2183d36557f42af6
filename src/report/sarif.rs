//! Findings about scenario files as SARIF 2.1.0, which code scanning shows beside the line. Of runs it would say nothing
//! useful: their verdicts are no static analysis.

use serde_json::{Value, json};

use crate::scenario::Reading;
use crate::scenario::diagnostic::{Diagnostic, Severity};

/// One log of all files.
///
/// # Panics
/// Never.
pub fn log(readings: &[Reading]) -> String {
    let results: Vec<Value> = readings
        .iter()
        .flat_map(|reading| reading.findings.iter().map(move |finding| result(reading, finding)))
        .collect();
    let rule =
        |severity: Severity, text: &str| json!({ "id": rule_of(severity), "shortDescription": { "text": text } });
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "rules": [
                    rule(Severity::Error, "the scenario cannot be used"),
                    rule(Severity::Warning, "the scenario can be used, but somebody should look again"),
                    rule(Severity::Note, "good to know; nothing is to be mended"),
                ],
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).expect("plain data");
    text.push('\n');
    text
}

fn rule_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "scenario/error",
        Severity::Warning => "scenario/warning",
        Severity::Note => "scenario/note",
    }
}

fn result(reading: &Reading, finding: &Diagnostic) -> Value {
    let hint = finding.hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
    let place = if finding.path.is_empty() { String::new() } else { format!(" at {}", finding.path) };
    let mut location = json!({ "artifactLocation": { "uri": reading.file.replace('\\', "/") } });
    if let Some(span) = &finding.span {
        let (line, column) = place_of(&reading.text, span.start);
        let (end_line, end_column) = place_of(&reading.text, span.end);
        location["region"] =
            json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column });
    }
    json!({
        "ruleId": rule_of(finding.severity),
        "level": match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": { "text": format!("{}{place}{hint}", finding.message) },
        "locations": [{ "physicalLocation": location }],
    })
}

/// Line and column of a byte, both from 1.
fn place_of(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at.min(text.len())).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The unknown key stands in line 3, column 1, and ends before column 9; the é before it is one column.
    #[test]
    fn findings_stand_at_their_place() {
        let text = "# é\nversion: 1\nnotakey1: 2\n";
        let reading = crate::scenario::read("a.yaml", text.as_bytes().to_vec(), &[]);
        let log: Value = serde_json::from_str(&log(&[reading])).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        let found = results.iter().find(|one| one["message"]["text"].as_str().unwrap().contains("notakey1")).unwrap();
        assert_eq!(found["level"], "error");
        let place = &found["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a.yaml");
        assert_eq!(place["region"], json!({ "startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 9 }));
        assert_eq!(place_of("é: x", 4), (1, 4));
    }
}
