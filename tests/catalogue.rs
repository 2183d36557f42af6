//! `sendpool catalogue` as a user types it: held word for word, and against the data files themselves.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sendpool"))
        .arg("catalogue")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

fn shown(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "data goes to standard output and nothing else");
    String::from_utf8(output.stdout).expect("text")
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&shown(&[arguments, &["--json"]].concat())).expect("JSON")
}

fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    String::from_utf8(output.stderr).expect("text")
}

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalogue").join(path)
}

/// A data file as plain YAML, read without the catalogue's types.
fn yaml(path: &Path) -> Value {
    serde_yaml::from_str(&fs::read_to_string(path).expect("readable")).expect("YAML")
}

/// All country files, by code.
fn country_files() -> Vec<Value> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(data("countries")).expect("readable").map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    files.iter().map(|path| yaml(path)).collect()
}

fn codes(countries: &Value) -> Vec<&str> {
    countries.as_array().expect("a list").iter().map(|country| country["code"].as_str().expect("text")).collect()
}

/// Everything in a data file stands in the JSON under the same keys, and nothing else but what the file leaves out.
fn assert_same(path: &str, written: &Value, printed: &Value) {
    match (written, printed) {
        (Value::Object(written), Value::Object(printed)) => {
            for key in written.keys() {
                assert!(printed.contains_key(key), "{path}.{key} is not printed");
            }
            for (key, value) in printed {
                match written.get(key) {
                    Some(fact) => assert_same(&format!("{path}.{key}"), fact, value),
                    None => {
                        let absent =
                            *value == Value::Null || *value == Value::Bool(false) || *value == Value::Array(vec![]);
                        assert!(absent, "{path}.{key} is not in the file: {value}");
                    }
                }
            }
        }
        (Value::Array(written), Value::Array(printed)) => {
            assert_eq!(written.len(), printed.len(), "{path}");
            for (at, (fact, value)) in written.iter().zip(printed).enumerate() {
                assert_same(&format!("{path}[{at}]"), fact, value);
            }
        }
        (Value::String(written), Value::String(printed)) => {
            // `0.0030` may be printed as `0.003`.
            let same_number = written.parse::<f64>().is_ok_and(|number| printed.parse() == Ok(number));
            assert!(written == printed || same_number, "{path}: {written} became {printed}");
        }
        (Value::Number(written), Value::Number(printed)) => assert_eq!(written.as_f64(), printed.as_f64(), "{path}"),
        _ => assert_eq!(written, printed, "{path}"),
    }
}

#[test]
fn json_holds_every_fact_of_every_country() {
    let printed = json(&[]);
    let files = country_files();
    let countries = printed["countries"].as_array().expect("a list");
    assert_eq!(countries.len(), files.len());
    for (file, country) in files.iter().zip(countries) {
        assert_same(file["code"].as_str().expect("a code"), file, country);
    }
    let sources = yaml(&data("sources.yaml"));
    for (key, source) in printed["sources"].as_object().expect("a mapping") {
        assert_same(key, &sources[key], source);
    }
}

#[test]
fn json_holds_every_fact_that_holds_everywhere() {
    let printed = json(&["--defaults"]);
    let defaults = printed["defaults"].as_object().expect("a mapping");
    let names: BTreeSet<&str> = defaults.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        BTreeSet::from([
            "sender_types",
            "ten_dlc",
            "latency",
            "handsets",
            "reply_words",
            "arrivals",
            "filter",
            "prices"
        ])
    );
    for (name, value) in defaults {
        assert_same(name, &yaml(&data(&format!("{name}.yaml"))), value);
    }
    assert!(printed["sources"]["twilio_queue_article"]["title"].is_string());
}

#[test]
fn json_has_the_values_known() {
    let printed = json(&["FR", "CA"]);
    assert_eq!(codes(&printed["countries"]), ["FR", "CA"], "in the order asked for");
    let [france, canada] = [&printed["countries"][0], &printed["countries"][1]];
    assert_eq!(france["senders"]["long_code"]["application_traffic"], "p2p_only");
    assert_eq!(france["senders"]["short_code"]["mps"], "100/s");
    assert_eq!(france["price"]["outbound_segment"], "0.0798");
    assert_eq!(france["time_restrictions"][0]["blocked_from"], "22:00");
    assert_eq!(canada["delivery"]["segments"][1]["gsm7_single"], 136);
    assert_eq!(canada["carriers"][1]["id"], "ca/bell");
    assert_eq!(canada["carriers"][1]["share"], "28");
    assert_eq!(canada["carriers"][1]["fees"]["short_code"], "0.0087");
    assert_eq!(canada["carrier_evidence"]["shares"]["confidence"], "medium");
    assert!(printed["sources"]["short_code_fee_list"]["title"].is_string());
    assert!(printed["sources"]["carrier_penalty_page"].is_null(), "only the sources of the countries asked for");
}

#[test]
fn filters_leave_the_countries_that_the_files_say() {
    let files = country_files();
    let expect = |keep: &dyn Fn(&Value) -> bool| -> Vec<String> {
        let kept = files.iter().filter(|file| keep(file));
        kept.map(|file| file["code"].as_str().expect("a code").to_owned()).collect()
    };
    let europe = |file: &Value| file["region"] == "europe";
    let short = |file: &Value| ["yes", "partial"].map(Value::from).contains(&file["senders"]["short_code"]["offered"]);
    let both = json(&["--region", "europe", "--short-codes"]);
    assert_eq!(codes(&both["countries"]), expect(&|file| europe(file) && short(file)));
    let region = json(&["--region", "europe"]);
    assert_eq!(codes(&region["countries"]), expect(&europe));
    assert!(codes(&region["countries"]).len() >= 2);
    let list = shown(&["--region", "bench"]);
    assert!(list.contains("\nXX ") && list.contains("1 country.") && !list.contains("\nFR "), "{list}");
}

#[test]
fn a_country_is_understood_by_code_and_by_name() {
    let page = shown(&["GB"]);
    for written in [&["gb"][..], &["UK"], &["united kingdom"], &["Great Britain"], &["GB", "uk"]] {
        assert_eq!(shown(written), page, "{written:?}");
    }
}

#[test]
fn what_is_wrong_is_told_all_at_once_with_a_suggestion() {
    let message = refused(&["FR", "Frnace", "ZZ"]);
    insta::assert_snapshot!("wrong", message);
    assert!(refused(&["FR", "--defaults"]).contains("cannot be used with"));
    assert!(refused(&["FR", "--region", "europe"]).contains("cannot be used with"));
    assert!(refused(&["--region", "eurpe"]).contains("'europe'"));
}

/// Every page of every country, so that a long word in a new file shows.
#[test]
fn pages_are_a_hundred_columns_wide() {
    let all = json(&[]);
    let all = codes(&all["countries"]);
    for text in [shown(&[]), shown(&all), shown(&["--defaults"])] {
        for line in text.lines() {
            assert!(line.chars().count() <= 100 || line.contains("https://"), "{line}");
        }
    }
}

#[test]
fn colours_are_shown_where_they_can_be_seen() {
    let colored = |name: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sendpool"));
        let output = command.args(["catalogue", "XX"]).env(name, "1").output().expect("the program starts");
        String::from_utf8(output.stdout).expect("text").contains('\u{1b}')
    };
    assert!(colored("CLICOLOR_FORCE") && !colored("NO_COLOR"));
    assert!(!shown(&["XX"]).contains('\u{1b}'));
}

/// Word for word. `INSTA_UPDATE=always cargo test --release --test catalogue` rewrites `tests/snapshots`.
#[test]
fn what_is_shown_is_pinned() {
    insta::assert_snapshot!("list", shown(&[]));
    insta::assert_snapshot!("bench", shown(&["XX"]));
    insta::assert_snapshot!("canada", shown(&["CA"]));
    insta::assert_snapshot!("everywhere", shown(&["--defaults"]));
    insta::assert_snapshot!("help", shown(&["--help"]));
}
