use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{self, Deserializer};

use super::*;

/// A duration such as `30s`; its errors are made by hand.
#[derive(Debug, PartialEq)]
struct Seconds(u64);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.strip_suffix('s')
            .and_then(|digits| digits.parse().ok())
            .map(Self)
            .ok_or_else(|| de::Error::custom(format!("`{text}` is not a duration such as `30s`")))
    }
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    seed: u64,
    #[serde(default)]
    policy: Option<Policy>,
    services: BTreeMap<String, Service>,
    #[serde(default)]
    campaigns: Vec<Campaign>,
    #[serde(default)]
    weights: BTreeMap<String, f64>,
    #[serde(default)]
    by_size: BTreeMap<u8, f64>,
    #[serde(default)]
    window: Option<(u8, u8)>,
    #[serde(default)]
    templates: Option<serde_yaml::Value>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Policy {
    RoundRobin,
    LeastBacklog,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Service {
    senders: Vec<Sender>,
    #[serde(default)]
    sticky: bool,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Sender {
    id: String,
    mps: u32,
    #[serde(default)]
    ttl: Option<Seconds>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Campaign {
    #[serde(alias = "arrivalRate")]
    arrival_rate: f64,
    #[serde(default)]
    arrival: Option<Arrival>,
    #[serde(default)]
    target: Option<Target>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Arrival {
    Poisson { per_second: f64, burst: Option<Burst> },
    Trace { points: Vec<Point> },
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Burst {
    size: u32,
    every: Seconds,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Point {
    at: u64,
    rate: f64,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Target {
    Everyone,
    Share { percent: u8 },
}

const GOOD: &str = "\
name: Größe
seed: 42
policy: least_backlog
services:
  promo:
    sticky: true
    senders:
      - id: a
        mps: 10
        ttl: 30s
      - { id: b, mps: 20 }
campaigns:
  - arrival_rate: 1.5
    arrival: { kind: poisson, per_second: 50, burst: { size: 3, every: 9s } }
  - arrival_rate: 2
    arrival: { points: [ { at: 0, rate: 1 }, { at: 9, rate: 2.5 } ], kind: trace }
    target: { share: { percent: 7 } }
weights: { 1: 0.7, '2': 0.3, us/t-mobile: 1 }
by_size: { 1: 0.7, 2: 0.3 }
window: [8, 21]
";

fn parse(text: &str) -> Document {
    Document::parse("s.yaml", text.into()).unwrap_or_else(|rejected| panic!("{}", rejected.render(false)))
}

fn rejected(text: &[u8]) -> Rejected {
    match Document::parse("s.yaml", text.to_vec()) {
        Ok(document) => panic!("accepted: {:?}", document.tree),
        Err(rejected) => rejected,
    }
}

fn line_column(text: &str, at: usize) -> String {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    format!("{line}:{column}")
}

/// Each finding as `line:column path message`, `-` for none.
fn brief(text: &str, findings: &[Diagnostic]) -> Vec<String> {
    let one = |d: &Diagnostic| {
        let place = d.span.as_ref().map(|span| line_column(text, span.start));
        format!("{} {} {}", place.unwrap_or("-".into()), d.path, d.message)
    };
    findings.iter().map(one).collect()
}

/// The findings of a document read as a scenario.
fn findings(text: &str) -> Vec<Diagnostic> {
    let (value, findings) = parse(text).deserialize::<Scenario>();
    assert_eq!(value.is_none(), !findings.is_empty(), "{findings:?}");
    findings
}

/// `GOOD` with one text put in the place of another, once.
fn with(old: &str, new: &str) -> String {
    assert_eq!(GOOD.matches(old).count(), 1, "{old}");
    GOOD.replacen(old, new, 1)
}

/// The findings of [`with`], in brief.
fn changed(old: &str, new: &str) -> Vec<String> {
    let text = with(old, new);
    brief(&text, &findings(&text))
}

fn hint_of(old: &str, new: &str) -> String {
    let found = findings(&with(old, new));
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].hint.clone().unwrap_or_default()
}

fn refusal(text: &str) -> Vec<String> {
    let rejected = rejected(text.as_bytes());
    assert!(!rejected.render(false).is_empty());
    brief(&rejected.text, &rejected.diagnostics)
}

/// Lone carriage returns end lines for one of the two YAML readers and not for the other.
#[test]
fn places_lie_within_the_text_whatever_ends_its_lines() {
    let mut located = 0;
    for returns in 1..40 {
        let text = format!("a: {{ b: 1, c{}d: 2, e: [ }}\nf: 1\n", "\r".repeat(returns));
        for finding in rejected(text.as_bytes()).diagnostics {
            let Some(span) = finding.span else { continue };
            assert!(span.start <= span.end && text.get(span.clone()).is_some(), "{span:?} of {text:?}");
            located += 1;
        }
        let text = format!("a: {{ b: 1, c{}d: 2 }}\n", "\r".repeat(returns));
        if let Err(rejected) = Document::parse("s.yaml", text.clone().into()) {
            let spans = rejected.diagnostics.into_iter().filter_map(|finding| finding.span);
            spans.for_each(|span| assert!(text.get(span.clone()).is_some(), "{span:?} of {text:?}"));
        }
    }
    assert!(located > 0);
}

#[test]
fn a_good_document_becomes_its_value() {
    let (value, findings) = parse(GOOD).deserialize::<Scenario>();
    assert_eq!(findings, []);
    let value = value.expect("no findings");
    assert_eq!(value.name, "Größe");
    assert_eq!(value.policy, Some(Policy::LeastBacklog));
    assert_eq!(value.services["promo"].senders[0].ttl, Some(Seconds(30)));
    assert_eq!(value.campaigns[1].target, Some(Target::Share { percent: 7 }));
    assert_eq!(value.weights["1"] + value.weights["2"], 1.0);
    assert_eq!(value.by_size[&2], 0.3);
    assert_eq!(value.window, Some((8, 21)));
    // The plain way of serde_yaml agrees, where it can read the document at all.
    let plain = with("target: { share: { percent: 7 } }", "target: everyone");
    let plain = plain.replace("weights: { 1: 0.7", "weights: { '1': 0.7");
    let expected: Scenario = serde_yaml::from_str(&plain).expect("is plain");
    assert_eq!(parse(&plain).deserialize::<Scenario>().0, Some(expected));
}

#[test]
fn unknown_keys_are_located_at_the_key_with_a_suggestion() {
    assert_eq!(changed("seed: 42", "seed: 42\nsede: 43"), ["3:1 sede unknown key `sede`"]);
    assert_eq!(hint_of("seed: 42", "seed: 42\nsede: 43"), "did you mean `seed`?");
    assert_eq!(
        changed("    sticky: true", "    stickyness: true"),
        ["6:5 services.promo.stickyness unknown key `stickyness`"]
    );
    assert_eq!(hint_of("    sticky: true", "    colour: red"), "the keys here are `senders`, `sticky`");
    // The key that it stands for is not missing.
    assert_eq!(
        changed("- arrival_rate: 1.5", "- arival_rate: 1.5"),
        ["13:5 campaigns[0].arival_rate unknown key `arival_rate`"]
    );
    assert_eq!(hint_of("- arrival_rate: 1.5", "- ArrivalRate: 1.5"), "did you mean `arrival_rate`?");
    assert_eq!(hint_of("seed: 42", "seed: 42\nbySize: {}"), "did you mean `by_size`?");
}

#[test]
fn planned_keys_have_their_own_hint() {
    let document = parse("name: x\nseed: 1\nservices: {}\nreplicas: 3\n");
    let planned = [("replicas", "use `--replications`")];
    let (value, findings) = document.deserialize_with::<Scenario>(&planned);
    assert_eq!(value, None);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].hint.as_deref(), Some("use `--replications`"));
}

#[test]
fn wrong_types_are_said_in_plain_words() {
    let cases = [
        ("seed: 42", "seed: forty-two", "2:7 seed expected a whole number, found the text `forty-two`"),
        ("seed: 42", "seed: 4.5", "2:7 seed expected a whole number, found the number `4.5`"),
        ("seed: 42", "seed: -1", "2:7 seed expected a whole number of 0 or more, found the number `-1`"),
        ("seed: 42", "seed:", "2:1 seed expected a whole number, found nothing"),
        ("seed: 42", "seed: [42]", "2:7 seed expected a whole number, found a list"),
        ("seed: 42", "seed: {a: 42}", "2:7 seed expected a whole number, found a mapping"),
        ("seed: 42", "seed: yes", "2:7 seed expected a whole number, found the text `yes`"),
        ("name: Größe", "name: true", "1:7 name expected a text, found `true`"),
        ("name: Größe", "name: 0x1F", "1:7 name expected a text, found the number `0x1F`"),
        (
            "mps: 20",
            "mps: 5000000000",
            "11:23 services.promo.senders[1].mps expected a whole number from 0 to 4294967295, found the number `5000000000`",
        ),
        (
            "sticky: true",
            "sticky: 'true'",
            "6:13 services.promo.sticky expected `true` or `false`, found the text `'true'`",
        ),
        ("weights: { 1: 0.7", "weights: { 1: much", "18:15 weights.1 expected a number, found the text `much`"),
        ("by_size: { 1:", "by_size: { one:", "19:12 by_size.one expected a whole number, found the key `one`"),
        (
            "by_size: { 1:",
            "by_size: { 256:",
            "19:12 by_size.256 expected a whole number from 0 to 255, found the key `256`",
        ),
        ("window: [8, 21]", "window: [8]", "20:9 window expected a list of 2 values, found 1 values"),
        ("window: [8, 21]", "window: [8, 21, 3]", "20:9 window expected a list of 2 values, found 3 values"),
        ("window: [8, 21]", "window: 8", "20:9 window expected a list of 2 values, found the number `8`"),
        (
            "policy: least_backlog",
            "policy: 7",
            "3:9 policy expected one of `round_robin`, `least_backlog`, found the number `7`",
        ),
        (
            "    sticky: true\n",
            "    sticky: &x maybe\n",
            "6:16 services.promo.sticky expected `true` or `false`, found the text `maybe`",
        ),
    ];
    for (old, new, expected) in cases {
        assert_eq!(changed(old, new), [expected], "{new}");
    }
    assert_eq!(hint_of("seed: 42", "seed: 1_000_000"), "write it as `1000000`");
    assert_eq!(hint_of("seed: 42", "seed: '42'"), "write it as `42`");
    assert_eq!(hint_of("name: Größe", "name: 0x1F"), "put quotes around it: `\"0x1F\"`");
}

#[test]
fn a_list_in_the_place_of_a_mapping_is_marked_at_its_key() {
    let text = "name: x\nseed: 1\nservices:\n  - a\n  - b\n";
    assert_eq!(brief(text, &findings(text)), ["3:1 services expected a mapping of keys and values, found a list"]);
}

#[test]
fn custom_errors_pass_as_they_are() {
    assert_eq!(
        changed("ttl: 30s", "ttl: 30 minutes"),
        ["10:14 services.promo.senders[0].ttl `30 minutes` is not a duration such as `30s`"]
    );
}

#[test]
fn missing_keys_are_located_in_their_mapping() {
    assert_eq!(changed("{ id: b, mps: 20 }", "{ id: b }"), ["11:11 services.promo.senders[1] missing key `mps`"]);
    assert_eq!(changed("name: Größe\n", ""), ["1:1  missing key `name`"]);
    // All of them, also in an empty mapping and where nothing is written.
    assert_eq!(
        changed("{ id: b, mps: 20 }", "{}"),
        ["11:9 services.promo.senders[1] missing key `id`", "11:9 services.promo.senders[1] missing key `mps`"]
    );
    assert_eq!(changed("by_size:", "by_sizes:"), ["19:1 by_sizes unknown key `by_sizes`"]);
}

#[test]
fn unknown_values_of_enums_have_a_suggestion() {
    assert_eq!(changed("policy: least_backlog", "policy: least-backlog"), ["3:9 policy unknown value `least-backlog`"]);
    assert_eq!(hint_of("policy: least_backlog", "policy: leastBacklog"), "did you mean `least_backlog`?");
    assert_eq!(
        hint_of("policy: least_backlog", "policy: random"),
        "the values here are `round_robin`, `least_backlog`"
    );
    assert_eq!(
        changed("{ share: { percent: 7 } }", "{ shard: { percent: 7 } }"),
        ["17:15 campaigns[1].target.shard unknown value `shard`"]
    );
    assert_eq!(
        changed("{ share: { percent: 7 } }", "{ share: { percent: 700 } }"),
        ["17:33 campaigns[1].target.share.percent expected a whole number from 0 to 255, found the number `700`"]
    );
}

#[test]
fn faults_inside_tagged_enums_are_found_though_serde_hides_them() {
    let cases = [
        ("kind: poisson", "kind: poison", "14:22 campaigns[0].arrival.kind unknown value `poison`"),
        ("kind: poisson, ", "", "14:16 campaigns[0].arrival missing key `kind`"),
        (
            "per_second: 50",
            "per_second: fifty",
            "14:43 campaigns[0].arrival.per_second expected a number, found the text `fifty`",
        ),
        ("per_second: 50", "per_sec: 50", "14:31 campaigns[0].arrival.per_sec unknown key `per_sec`"),
        ("per_second: 50, ", "", "14:16 campaigns[0].arrival missing key `per_second`"),
        (
            "size: 3",
            "size: many",
            "14:62 campaigns[0].arrival.burst.size expected a whole number, found the text `many`",
        ),
        ("size: 3, ", "", "14:56 campaigns[0].arrival.burst missing key `size`"),
        ("every: 9s", "every: 9", "14:72 campaigns[0].arrival.burst.every expected a text, found the number `9`"),
        ("every: 9s", "every: 9x", "14:72 campaigns[0].arrival.burst.every `9x` is not a duration such as `30s`"),
        ("size: 3, ", "size: 3, sise: 4, ", "14:65 campaigns[0].arrival.burst.sise unknown key `sise`"),
        (
            "{ at: 9, rate: 2.5 }",
            "{ at: 9, rate: poisson }",
            "16:61 campaigns[1].arrival.points[1].rate expected a number, found the text `poisson`",
        ),
        ("{ at: 9, rate: 2.5 }", "{ at: 9 }", "16:48 campaigns[1].arrival.points[1] missing key `rate`"),
    ];
    for (old, new, expected) in cases {
        assert_eq!(changed(old, new), [expected], "{new}");
    }
    assert_eq!(hint_of("per_second: 50", "per_sec: 50"), "did you mean `per_second`?");
}

#[test]
fn all_errors_are_reported_at_once_and_no_consequences() {
    let text = "\
nam: x
seed: many
services:
  promo:
    sticky: 3
    senders:
      - { id: a, mps: x }
      - { id: 1, mp: 2 }
      - { id: c }
      - 7
      - { id: e, mps: 1, ttl: 5 }
  otp: []
  alert:
campaigns:
  - arrival: { kind: poisson, per_second: a, burst: { size: b, every: c } }
  - arrival_rate: 2
    arrival: { points: [ { at: x, rate: 1 }, { at: x, rate: y } ], kind: trace }
  - { arrival_rate: 1, arrivalRate: 2 }
";
    let mut found = brief(text, &findings(text));
    found.sort_by_key(|line| {
        let place = line.split(' ').next().expect("has a place");
        let (line, column) = place.split_once(':').expect("has a colon");
        (line.parse::<usize>().unwrap(), column.parse::<usize>().unwrap())
    });
    assert_eq!(
        found,
        [
            "1:1 nam unknown key `nam`",
            "2:7 seed expected a whole number, found the text `many`",
            "5:13 services.promo.sticky expected `true` or `false`, found the number `3`",
            "7:23 services.promo.senders[0].mps expected a whole number, found the text `x`",
            "8:15 services.promo.senders[1].id expected a text, found the number `1`",
            "8:18 services.promo.senders[1].mp unknown key `mp`",
            "9:11 services.promo.senders[2] missing key `mps`",
            "10:9 services.promo.senders[3] expected a mapping of keys and values, found the number `7`",
            "11:31 services.promo.senders[4].ttl expected a text, found the number `5`",
            "12:8 services.otp expected a mapping of keys and values, found a list",
            "13:3 services.alert missing key `senders`",
            "15:5 campaigns[0] missing key `arrival_rate`",
            "15:43 campaigns[0].arrival.per_second expected a number, found the text `a`",
            "15:61 campaigns[0].arrival.burst.size expected a whole number, found the text `b`",
            "15:71 campaigns[0].arrival.burst.every `c` is not a duration such as `30s`",
            "17:32 campaigns[1].arrival.points[0].at expected a whole number, found the text `x`",
            "17:52 campaigns[1].arrival.points[1].at expected a whole number, found the text `x`",
            "17:61 campaigns[1].arrival.points[1].rate expected a number, found the text `y`",
            "18:24 campaigns[2].arrivalRate the key `arrival_rate` is given twice, under two names",
        ]
    );
}

/// Two faults on different lines are both found, each as if it were alone.
#[test]
fn faults_do_not_hide_each_other() {
    let cases = [
        ("name: Größe", "nam: x"),
        ("name: Größe", "name: [x]"),
        ("seed: 42", "seed: x"),
        ("least_backlog", "random"),
        ("sticky: true", "stick: true"),
        ("sticky: true", "sticky: 1"),
        ("mps: 10", "mps: -10"),
        ("ttl: 30s", "ttl: 30"),
        ("{ id: b, mps: 20 }", "{ id: b }"),
        ("{ id: b, mps: 20 }", "7"),
        ("- arrival_rate: 1.5", "- arrivalrate: x"),
        ("- arrival_rate: 1.5", "- arrival_rate: x"),
        ("kind: poisson", "kind: poison"),
        ("kind: poisson, ", ""),
        ("per_second: 50", "per_second: x"),
        ("size: 3, ", ""),
        ("every: 9s", "every: 9"),
        ("- arrival_rate: 2", "- arrival_rate: many"),
        ("{ at: 9, rate: 2.5 }", "{ at: 9, rate: x }"),
        ("{ at: 9, rate: 2.5 }", "{ at: 9 }"),
        ("percent: 7", "percent: 777"),
        ("1: 0.7, '2'", "1: x, '2'"),
        ("by_size: { 1:", "by_size: { x:"),
        ("window: [8, 21]", "window: [8, 21, 22]"),
    ];
    let line = |old: &str| GOOD[..GOOD.find(old).expect("is there")].matches('\n').count();
    let mut pairs = 0;
    for (at, (old, new)) in cases.iter().enumerate() {
        for (other_old, other_new) in &cases[at + 1..] {
            if line(old) == line(other_old) {
                continue;
            }
            let mut expected = changed(old, new);
            expected.extend(changed(other_old, other_new));
            let text = with(old, new).replacen(other_old, other_new, 1);
            let mut found = brief(&text, &findings(&text));
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{new} and {other_new}");
            pairs += 1;
        }
    }
    assert!(pairs > 200, "{pairs}");
}

#[test]
fn at_most_fifty_errors_are_reported() {
    let mut text = String::from("name: x\nseed: 1\nservices:\n");
    for number in 0..200 {
        text.push_str(&format!("  s{number}: 3\n"));
    }
    assert_eq!(findings(&text).len(), 50);
}

#[test]
fn untagged_and_flattened_values_are_searched_too() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[allow(dead_code, reason = "only read")]
        id: u32,
        #[serde(flatten)]
        #[allow(dead_code, reason = "only read")]
        inner: Inner,
    }
    #[derive(Debug, Deserialize)]
    struct Inner {
        #[allow(dead_code, reason = "only read")]
        rate: f64,
        #[allow(dead_code, reason = "only read")]
        size: u8,
    }
    let text = "a: { id: 1, rate: x, size: 2 }\nb: { id: 1, rate: 1, size: 2, more: 3 }\nc: { id: 1, size: 2 }\n";
    let (_, found) = parse(text).deserialize::<BTreeMap<String, Outer>>();
    assert_eq!(
        brief(text, &found),
        [
            "1:19 a.rate expected a number, found the text `x`",
            "2:31 b.more unknown key `more`",
            "3:6 c missing key `rate`",
        ]
    );
}

#[test]
fn whole_value_checks_stay_at_the_value() {
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "Limits")]
    struct Range;
    #[derive(Debug, Deserialize)]
    struct Limits {
        min: u32,
        max: u32,
    }
    impl TryFrom<Limits> for Range {
        type Error = &'static str;
        fn try_from(limits: Limits) -> Result<Self, &'static str> {
            if limits.min <= limits.max { Ok(Self) } else { Err("`min` is above `max`") }
        }
    }
    let text = "- { min: 1, max: 2 }\n- { min: 3, max: 2 }\n- { min: x, max: 0 }\n";
    let (_, found) = parse(text).deserialize::<Vec<Range>>();
    assert_eq!(
        brief(text, &found),
        [
            "2:3 [1] `min` is above `max`",
            // `max: 0` is not judged against the value that stands in for `x`.
            "3:10 [2].min expected a whole number, found the text `x`",
        ]
    );
}

#[test]
fn anchors_and_aliases_are_followed() {
    let text = "\
name: x
seed: 1
templates: &all
  - &one { id: a, mps: ten }
services:
  promo: { senders: [ *one ] }
  otp: { senders: *all }
";
    let found = findings(text);
    assert_eq!(
        brief(text, &found),
        ["4:24 services.promo.senders[0].mps expected a whole number, found the text `ten`"]
    );
    let text = "name: &n [1]\nseed: 1\nservices: { p: { senders: [ { id: *n, mps: *n } ] } }\n";
    let found = findings(text);
    assert_eq!(
        brief(text, &found),
        [
            "1:10 name expected a text, found a list",
            "3:35 services.p.senders[0].id expected a text, found a list",
            "3:44 services.p.senders[0].mps expected a whole number, found a list",
        ]
    );
    assert_eq!(found[1].related, [(9..12, "which stands for this".to_owned())]);
}

#[test]
fn merge_keys_are_applied_and_located_where_the_value_stands() {
    let text = "\
templates:
  base: &base { mps: 10, ttl: soon }
  fast: &fast { <<: *base, mps: 100 }
name: x
seed: 1
services:
  p:
    senders:
      - { id: a, <<: *fast }
      - { <<: [ { id: b }, *base ], ttl: 3s }
";
    let document = parse(text);
    assert_eq!(document.value("services.p.senders[0].mps"), Some(&Value::from(100)));
    assert_eq!(document.value("services.p.senders[1].mps"), Some(&Value::from(10)));
    assert_eq!(document.key_order("services.p.senders[1]"), ["ttl", "id", "mps"]);
    assert_eq!(brief(text, &findings(text)), ["2:31 services.p.senders[0].ttl `soon` is not a duration such as `30s`"]);
    assert_eq!(refusal("a: { <<: 3 }"), ["1:10  the merge key `<<` takes a mapping or a list of mappings"]);
}

#[test]
fn values_set_from_outside_replace_those_of_the_file() {
    let mut document = parse(GOOD);
    document.set("services.promo.senders[0].mps", "200").expect("exists");
    document.set("services.promo.senders[1].ttl", "7s").expect("is a new last key");
    document.set("services.otp", "{ senders: [] }").expect("is a new last key");
    let value = document.deserialize::<Scenario>().0.expect("is good");
    assert_eq!(value.services["promo"].senders[0].mps, 200);
    assert_eq!(value.services["promo"].senders[1].ttl, Some(Seconds(7)));
    assert_eq!(document.key_order("services"), ["promo", "otp"]);

    document.set("services.promo.senders[0]", "{ id: a, mps: x }").expect("exists");
    document.set("seed", "0x").expect("exists");
    let (_, found) = document.deserialize::<Scenario>();
    assert_eq!(
        brief(GOOD, &found),
        [
            "- seed expected a whole number, found the text `0x`",
            "- services.promo.senders[0].mps expected a whole number, found the text `x`",
        ]
    );
    assert!(found.iter().all(|d| d.span.is_none()));
    let semantic = document.error("services.promo.senders[0].id", "unknown");
    assert_eq!(semantic.span, None);
}

#[test]
fn values_that_cannot_be_set_say_why() {
    let mut document = parse(GOOD);
    for (path, value, why) in [
        ("", "1", "the path is empty"),
        ("a..b", "1", "a key is missing in the path `a..b`"),
        ("service.promo", "1", "the document has no key `service`; did you mean `services`?"),
        ("services.promo.senders[2]", "1", "`services.promo.senders` has 2 elements, counted from 0: no [2]"),
        ("seed.x", "1", "`seed` is not a mapping: no key `x`"),
        ("services[0]", "1", "`services` is not a list: no [0]"),
        ("seed", " ", "the value is empty; write `null` for nothing and `''` for an empty text"),
        ("seed", "[1", "the value cannot be read: a bracket is not closed, or a comma is missing"),
    ] {
        assert_eq!(document.set(path, value), Err(why.to_owned()), "{path}");
    }
    assert!(document.deserialize::<Scenario>().0.is_some(), "nothing has changed");
    parse("a:\n").set("a.b", "1").expect("an empty value becomes a mapping");
}

#[test]
fn semantic_findings_stand_at_the_value_the_key_or_what_is_above() {
    let document = parse(GOOD);
    let place = |d: Diagnostic| line_column(GOOD, d.span.expect("is written").start);
    assert_eq!(place(document.error("services.promo.senders[1].mps", "x")), "11:23");
    assert_eq!(place(document.key_error("services.promo.senders[1].mps", "x")), "11:18");
    assert_eq!(place(document.warning("services.promo", "x")), "5:3");
    assert_eq!(place(document.error("services.promo.senders[0].missing.more", "x")), "8:9");
    assert_eq!(place(document.error("services.none", "x")), "4:1");
    assert_eq!(place(document.error("none", "x")), "1:1");
    assert_eq!(document.error("a..b", "x").span, None);
    assert_eq!(document.warning("seed", "x").severity, Severity::Warning);
    assert_eq!(document.span("seed").map(|span| &GOOD[span]), Some("42"));
}

#[test]
fn key_order_is_that_of_the_file() {
    let document = parse("z: 1\na: { y: 1, b: 2, 10: 3, 9: 4 }\nm: [1]\n");
    assert_eq!(document.key_order(""), ["z", "a", "m"]);
    assert_eq!(document.key_order("a"), ["y", "b", "10", "9"]);
    assert!(document.key_order("m").is_empty() && document.key_order("q").is_empty());
}

#[test]
fn findings_are_shown_like_those_of_rustc() {
    let text = with("per_second: 50", "per_sec: 50").replace("seed: 42", "seed: zweiundvierzig");
    let document = parse(&text);
    let (_, found) = document.deserialize::<Scenario>();
    assert_eq!(
        render(document.name(), document.text(), &found, false),
        "\
error: expected a whole number, found the text `zweiundvierzig`
 --> s.yaml:2:7
  |
2 | seed: zweiundvierzig
  |       ^^^^^^^^^^^^^^
  |
  = note: at `seed`

error: unknown key `per_sec`
  --> s.yaml:14:31
   |
14 |     arrival: { kind: poisson, per_sec: 50, burst: { size: 3, every: 9s } }
   |                               ^^^^^^^
   |
   = note: at `campaigns[0].arrival.per_sec`
   = help: did you mean `per_second`?

"
    );
}

#[test]
fn duplicate_keys_are_shown_with_both_places() {
    let shown = rejected(b"seed: 42\nname: x\nseed: 43\n").render(false);
    assert_eq!(
        shown,
        "\
error: the key `seed` is given twice
 --> s.yaml:3:1
  |
1 | seed: 42
  | ---- first given here
2 | name: x
3 | seed: 43
  | ^^^^ given again here
  |
  = note: at `seed`
  = help: keep one of the two

"
    );
}

#[test]
fn columns_of_utf8_text_count_characters() {
    let text = "name: ok\nseed: 1\nservices: { größe-日本: { senders: [ { id: ü, mps: é } ] } }\n";
    assert_eq!(
        brief(text, &findings(text)),
        ["3:50 services.größe-日本.senders[0].mps expected a whole number, found the text `é`"]
    );
}

#[test]
fn malformed_text_is_refused_with_its_place() {
    let cases: &[(&str, &[&str])] = &[
        ("", &["1:1  the file is empty"]),
        ("# nothing\n\n", &["1:1  the file is empty"]),
        ("---\n", &["1:1  the file is empty"]),
        ("\u{feff}", &["1:1  the file is empty"]),
        ("a: 1\n---\nb: 2\n", &["2:1  a second document begins here"]),
        ("a:\n\tb: 1\n", &["2:2 a a tab stands where YAML wants spaces"]),
        ("a:\n  b: 1\n c: 2\n", &["3:2  this line does not fit the ones above it"]),
        ("a: 1\n  b: 2\n", &["2:4  `:` cannot stand here"]),
        ("a: 'x\nb: 1\n", &["1:4 a this quote is not closed"]),
        ("a: [1, 2\nb: 3\n", &["2:2 a[1] a bracket is not closed, or a comma is missing"]),
        ("a: }\n", &["1:4 a this bracket closes nothing"]),
        ("a: *x\nb: *y\n", &["1:4 a unknown anchor `x`", "2:4 b unknown anchor `y`"]),
        ("a: &x [ *x ]\n", &["1:9 a[0] `*x` stands inside what it names"]),
        (
            "a: { b: 1, c: 2, b: 3 }\nd: 1\nd: 2\n",
            &["1:18 a.b the key `b` is given twice", "3:1 d the key `d` is given twice"],
        ),
        ("a: { 1: x, '1': y }\n", &["1:12 a.1 the key `1` is given twice"]),
        ("? [a]\n: 1\n", &["1:3  a key must be plain text"]),
        ("*x : 1\n", &["1:1  a key must be plain text"]),
        (": 1\n", &["1:1  a key is missing before `:`"]),
        ("a: !custom 1\n", &["1:4 a the tag `!custom` has no meaning here"]),
        ("a: @x\n", &["1:4 a a text cannot begin with this character"]),
    ];
    for (text, expected) in cases {
        assert_eq!(refusal(text), *expected, "{text:?}");
    }
}

#[test]
fn what_is_unusual_but_right_is_accepted() {
    for text in ["\u{feff}a: 1\n", "--- # start\na: 1\n...\n", "%YAML 1.2\n---\na: 1\n", "a: 1", "a: !!int 1\r\n"] {
        assert_eq!(parse(text).value("a"), Some(&Value::from(1)), "{text:?}");
    }
    assert_eq!(parse("a: !!str 1\n").value("a"), Some(&Value::from("1")));
}

#[test]
fn bytes_that_are_not_utf8_are_named_and_shown() {
    let rejected = rejected(b"a: 1\nb: \xff\xfe\n");
    let finding = &rejected.diagnostics[0];
    assert_eq!(finding.message, "the file is not UTF-8: byte 8 (from 0), on line 2, begins no character");
    assert!(rejected.render(false).contains("--> s.yaml:2:4\n"), "{}", rejected.render(false));
}

#[test]
fn utf16_is_recognised() {
    let rejected = rejected(b"\xff\xfea\0:\0");
    assert_eq!(rejected.diagnostics[0].hint.as_deref(), Some("this looks like UTF-16: save the file as UTF-8"));
}

#[test]
fn files_above_the_limit_are_not_looked_at() {
    let rejected = rejected(&vec![b'['; FILE_BYTES_MAX + 1]);
    assert_eq!(rejected.diagnostics[0].message, "the file has 16777217 bytes; at most 16777216 (16 MiB) are read");
    assert!(rejected.render(false).starts_with("error: the file has"));
}

/// The limits keep these from `serde_yaml`, which takes seconds over some of them.
#[test]
fn hostile_documents_are_refused_at_once() {
    let maps: String = (0..20_000).map(|depth| format!("{}a:\n", " ".repeat(depth.min(300)))).collect();
    let bomb = (1..10).fold(String::from("l0: &l0 [x]\n"), |text, level| {
        let uses = vec![format!("*l{}", level - 1); 9].join(", ");
        text + &format!("l{level}: &l{level} [{uses}]\n")
    });
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), vec!["*a"; 100].join(", "));
    let cases = [
        ("flow", "[".repeat(100_000), "nested deeper than 64"),
        ("flow maps", "{a: ".repeat(100_000), "nested deeper than 64"),
        ("inline lists", "- ".repeat(100_000), "nested deeper than 64"),
        ("block maps", maps, "nested deeper than 64"),
        ("alias bomb", bomb, "more than 1,000,000 values"),
        ("alias text", long, "more than 64 MiB of text"),
    ];
    for (name, text, expected) in cases {
        let rejected = rejected(text.as_bytes());
        assert!(rejected.diagnostics[0].message.contains(expected), "{name}: {}", rejected.diagnostics[0].message);
    }
}

#[test]
fn the_limit_of_depth_is_exact_and_follows_aliases() {
    let nest = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    parse(&nest(64));
    assert_eq!(refusal(&nest(65)).len(), 1);
    parse(&format!("a: &a {}\nb: [*a]\n", nest(62)));
    let text = format!("a: &a {}\nb: [[*a]]\n", nest(62));
    assert_eq!(refusal(&text), ["2:6  lists and mappings are nested deeper than 64 levels"]);
}

#[test]
fn the_limit_of_values_is_exact() {
    // The list and its elements.
    parse(&format!("[{}]", "1,".repeat(999_999)));
    let rejected = rejected(format!("[{}]", "1,".repeat(1_000_000)).as_bytes());
    assert!(rejected.diagnostics[0].message.contains("more than 1,000,000 values"));
}

#[test]
fn all_errors_of_a_large_document_are_found() {
    let mut text = String::from("name: x\nseed: 1\nservices: {}\ncampaigns:\n");
    for number in 0..20_000 {
        let rate = if number % 1000 == 999 { "x" } else { "1" };
        text.push_str(&format!("  - {{ arrival_rate: 1, arrival: {{ kind: poisson, per_second: {rate} }} }}\n"));
    }
    assert_eq!(findings(&text).len(), 20);
}

/// Mutations of a good document: whatever comes out, nothing panics, and what is accepted by both
/// readers has its positions inside the text.
#[test]
fn mutated_documents_never_panic() {
    let seeds = [
        GOOD.to_owned(),
        "a: &x { k: [1, 2], <<: { z: 1 } }\nb: *x\nc: |\n  text\n  é\nd: >-\n  x\n\"q\": 'it''s'\n".to_owned(),
    ];
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    let pieces: [&[u8]; 22] = [
        b"[",
        b"]",
        b"{",
        b"}",
        b":",
        b": ",
        b"- ",
        b"\n",
        b"\t",
        b"  ",
        b"&x ",
        b"*x",
        b"!t ",
        b"'",
        b"\"",
        b"|\n",
        b"<<: ",
        b"#",
        b"\xc3",
        b"\xe2\x82\xac",
        b"\r",
        b"? ",
    ];
    let (mut read, mut refused) = (0, 0);
    for round in 0..4000 {
        let mut bytes = seeds[round % seeds.len()].clone().into_bytes();
        for _ in 0..=next(4) {
            let at = next(bytes.len() + 1);
            match next(5) {
                0 => bytes.truncate(at),
                1 => drop(bytes.splice(at..at, pieces[next(pieces.len())].iter().copied())),
                2 => drop(bytes.drain(at..(at + next(9)).min(bytes.len()))),
                3 if at < bytes.len() => bytes[at] = u8::try_from(next(256)).expect("below 256"),
                _ => {
                    let from = next(bytes.len() + 1);
                    let piece = bytes[from..(from + next(30)).min(bytes.len())].to_vec();
                    drop(bytes.splice(at..at, piece));
                }
            }
        }
        match Document::parse("m.yaml", bytes) {
            Ok(document) => {
                read += 1;
                let (value, found) = document.deserialize::<Scenario>();
                assert_eq!(value.is_some(), found.is_empty(), "{}", document.text());
                let spans = found.iter().filter_map(|d| d.span.clone());
                for span in spans {
                    assert!(document.text().get(span.clone()).is_some(), "{span:?} {}", document.text());
                }
                let shown = render("m.yaml", document.text(), &found, false);
                assert!(shown.matches("error: ").count() >= found.len());
            }
            Err(rejected) => {
                refused += 1;
                assert!(!rejected.diagnostics.is_empty());
                assert!(!rejected.render(true).is_empty());
            }
        }
    }
    assert!(read > 500 && refused > 500, "{read} read, {refused} refused");
}
