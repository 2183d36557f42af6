//! Bad input: every file in `tests/bad` is wrong, and what is said about it stands beside it.
//!
//! `tests/bad/<name>.yaml` is read as `<name>.yaml`; the findings as plain text must be `<name>.txt`, byte for byte.
//! To write the texts anew, and then read what has changed as a user would:
//!
//! ```text
//! UPDATE_EXPECTED=1 cargo test --test bad_input
//! git diff tests/bad
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sendpool::scenario::{Reading, read};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad")
}

/// The names of the files in the folder that end so, without that ending.
fn names(ending: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder()).expect("the folder is readable");
    let names = entries.map(|entry| entry.expect("the folder is readable").file_name().into_string().expect("UTF-8"));
    names.filter_map(|name| name.strip_suffix(ending).map(str::to_owned)).collect()
}

fn read_text(text: impl Into<Vec<u8>>) -> Reading {
    read("scenario.yaml", text.into(), &[])
}

#[test]
fn every_bad_file_is_refused_in_the_expected_words() {
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut wrong = Vec::new();
    for name in names(".yaml") {
        let bytes = fs::read(folder().join(format!("{name}.yaml"))).expect("the file is readable");
        let reading = read(&format!("{name}.yaml"), bytes, &[]);
        if reading.counts().0 == 0 || reading.model.is_some() {
            wrong.push(format!("{name} is not refused:\n{}", reading.render(false)));
            continue;
        }
        let shown = reading.render(false);
        let expected = folder().join(format!("{name}.txt"));
        if update {
            fs::write(&expected, &shown).expect("the text is writable");
        } else if fs::read_to_string(&expected).ok().as_deref() != Some(shown.as_str()) {
            wrong.push(format!("{name} says something else than {}:\n{shown}", expected.display()));
        }
    }
    assert!(wrong.is_empty(), "{} files:\n\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_text_has_its_file_and_there_are_many() {
    let files = names(".yaml");
    assert_eq!(files, names(".txt"));
    assert!(files.len() >= 330, "{}", files.len());
}

/// A scenario of so many campaigns, each of one message.
fn campaigns(count: usize) -> String {
    let mut text = "version: 1\nname: many\n\
        services: { promo: { senders: [ { id: sc, type: short_code, country: XX, mps: 100 } ] } }\ncampaigns:\n"
        .to_owned();
    for number in 0..count {
        text.push_str(&format!(
            "  c{number}: {{ service: promo, body: Hello {number}, recipients: {{ XX: 1 }}, \
             arrivals: {{ phases: [ {{ duration: 0, arrival_count: 1 }} ] }} }}\n"
        ));
    }
    text
}

#[test]
fn nine_hundred_campaigns_are_read_and_a_thousand_and_one_are_not() {
    let reading = read_text(campaigns(900));
    assert_eq!(reading.counts(), (0, 0), "{}", reading.render(false));
    assert_eq!(reading.model.expect("there is no error").campaigns.len(), 900);
    let reading = read_text(campaigns(1_001));
    assert_eq!(reading.counts(), (1, 0), "{}", reading.render(false));
    assert!(reading.render(false).contains("1001 entries are too many"));
}

/// A scenario whose promises, windows, senders and replications are these many.
fn sized(promises: usize, window_seconds: u64, senders: usize, replications: u32, countries: &str) -> String {
    let promise =
        |number: usize| format!("  - {{ threshold: \"p(95) < {}s\", window: {window_seconds}s }}\n", number + 1);
    let promises: String = (0..promises).map(promise).collect();
    format!(
        "version: 1\nname: sized\nreplications: {replications}\n\
         services: {{ s: {{ senders: [ {{ id: n, type: long_code, country: US, count: {senders} }} ] }} }}\n\
         campaigns:\n  c: {{ service: s, body: Hi, recipients: {{ {countries} }}, \
         arrivals: {{ phases: [ {{ duration: 1000s, arrival_count: 10 }} ] }} }}\n\
         thresholds:\n  end_to_end:\n{promises}"
    )
}

/// Numbers that are within their limits alone and too large together: each limit just kept, and passed by one.
#[test]
fn what_multiplies_has_limits() {
    let refused = |text: String, words: &str, line: usize| {
        let reading = read_text(text);
        let shown = reading.render(false);
        assert_eq!(reading.counts().0, 1, "{shown}");
        assert!(shown.contains(words) && shown.contains(&format!("scenario.yaml:{line}:")), "{shown}");
    };
    let taken = |text: String| {
        let reading = read_text(text);
        assert_eq!(reading.counts().0, 0, "{}", reading.render(false));
    };
    // A window of 1,000 s has the whole run, and the last instant has another.
    taken(sized(1_000, 1_000, 1, 1, "US: 1"));
    refused(sized(1_001, 1_000, 1, 1, "US: 1"), "1,001 promises are too many", 7);
    // 1,001 windows of a second each.
    taken(sized(9, 1, 1, 1, "US: 1"));
    refused(sized(10, 1, 1, 1, "US: 1"), "10,010 windows are too many", 7);
    // Eleven countries, each a queue of every sender.
    let eleven = "US: 1, CA: 1, FR: 1, DE: 1, ES: 1, NL: 1, BE: 1, AT: 1, IE: 1, PT: 1, SE: 1";
    taken(sized(1, 1_000, 90_000, 1, eleven));
    refused(sized(1, 1_000, 100_000, 1, eleven), "the queues of 100,000 senders to 11 countries are too many", 4);
    let faults = |count: usize| {
        let list: String =
            (0..count).map(|at| format!("  - {{ at: {at}s, for: 1s, sender: n, mode: hold }}\n")).collect();
        format!("{}faults:\n{list}", sized(1, 1_000, 1, 1, "US: 1"))
    };
    taken(faults(1_000));
    refused(faults(1_001), "1001 faults are too many", 10);
    taken(sized(9, 25, 1, 10_000, "US: 1"));
    refused(sized(9, 1, 1, 10_000, "US: 1"), "10,000 replications are too many", 3);
}

#[test]
fn a_mistake_made_nine_hundred_times_is_not_shown_nine_hundred_times() {
    let reading = read_text(campaigns(900).replace("service: promo,", "service: prom,"));
    assert_eq!(reading.counts().0, 51);
    let shown = reading.render(false);
    assert!(shown.contains("850 more findings are not shown"), "{shown}");
    assert!(shown.len() < 50_000, "{}", shown.len());
}

#[test]
fn a_file_of_a_hundred_megabytes_is_refused_for_its_size() {
    let reading = read_text(vec![b'#'; 100_000_000]);
    assert_eq!(reading.counts(), (1, 0));
    assert!(reading.text.is_empty(), "the text is not kept");
    let shown = reading.render(false);
    assert!(shown.contains("the file has 100000000 bytes; at most 16777216 (16 MiB) are read"), "{shown}");
}

#[test]
fn a_hundred_thousand_brackets_are_refused_for_their_depth() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("[", "")] {
        let text = open.repeat(100_000) + &close.repeat(100_000);
        let reading = read_text(text);
        assert_eq!(reading.counts(), (1, 0));
        let shown = reading.render(false);
        assert!(shown.contains("nested deeper than 64 levels"), "{open}: {shown}");
        assert!(shown.len() < 2_000, "{shown}");
    }
}

#[test]
fn a_hundred_thousand_senders_in_one_list_are_held_against_each_other() {
    let senders: String =
        (0..100_000).map(|number| format!("      - {{ id: s{number}, type: toll_free }}\n")).collect();
    let text = campaigns(1).replace(
        "services: { promo: { senders: [ { id: sc, type: short_code, country: XX, mps: 100 } ] } }\n",
        &format!("services:\n  promo:\n    senders:\n      - {{ id: sc, type: short_code, country: XX, mps: 100 }}\n{senders}"),
    );
    let reading = read_text(text.replace("id: s99998,", "id: s99997,"));
    let shown = reading.render(false);
    assert_eq!(reading.counts().0, 2, "{shown}");
    assert!(shown.contains("100,001 senders are too many") && shown.contains("`s99997` is used twice"), "{shown}");
}

mod mutations {
    //! Scenarios made wrong, or odd, by a machine: whatever the reader accepts must run.

    use std::panic::{AssertUnwindSafe, catch_unwind};

    use sendpool::metrics::Collector;
    use sendpool::model::Model;
    use sendpool::model::arrivals::Load;
    use sendpool::simulation::simulate;

    use super::*;

    /// Values put in the place of others.
    const EXTREMES: [&str; 35] = [
        "0",
        "-1",
        "1",
        "255",
        "0.5",
        "1e308",
        "1e-9",
        ".nan",
        ".inf",
        "''",
        "null",
        "[]",
        "{}",
        "{ a: b }",
        "18446744073709551615",
        "18446744073709551616",
        "1e18",
        "0/s",
        "1/day",
        "1000000/s",
        "1ns",
        "3660d",
        "100000d",
        "100%",
        "true",
        "no",
        "XX",
        "unlimited",
        "poisson",
        "alphanumeric",
        "uniform",
        "*x",
        "[mon]",
        "'07:00'",
        "'24:00'",
    ];

    /// Variants with two replacements.
    const PAIRS: usize = 500;

    /// A small scenario that uses most words.
    const WORDS: &str = r#"version: 1
name: words
seed: 7
replications: 2
clock:
  start: "2026-11-27T23:59:00-05:00[America/New_York]"
  horizon: 3h
  public_holidays: { FR: [ 2026-11-28, 2026-12-25 ] }
queue: { capacity: 10h, lanes: country }
account:
  ceilings:
    - { country: US, type: short_code, rate: 50/s }
  traffic_shaping: { shares: [ 50, 30, 20 ] }
audiences:
  people:
    size: 500
    recipients: { US: 0.7, CA: 0.3 }
    carriers: { us/t-mobile: 1, us/c-spire: 0.5 }
    invalid: 3%
    landline: 2%
    whatsapp: 80%
services:
  promo:
    features:
      sticky_sender: true
      short_code_reroute: true
      smart_encoding: true
      area_code_match: true
      quiet_hours: hold
    validity_period: 4h
    opt_out_words: { default: { stop: [LEAVE], help: [WHO] }, FR: { stop: [ARRET], start: [RETOUR] } }
    selection: { priority: platform, distribution: earliest }
    queue: { capacity: validity, lanes: market }
    senders:
      - { id: sc, type: short_code, country: US, mps: 3 }
      - id: local
        type: long_code
        country: US
        count: 3
        area_codes: [ 212, 415 ]
        ten_dlc: { brand: acme, campaign: promo, trust_score: 82, status: approved, other_vendor_load: 5/s }
      - { id: tf, type: toll_free, verified: true, queue: { capacity: unlimited } }
      - { id: brand, type: alphanumeric, name: ACME, mps: 40, registered: [ FR ], countries: [ FR ] }
      - { id: wa, type: whatsapp, mps: 80 }
senders:
  - { id: alone, type: short_code, country: CA, mps: 2/s, number: 36179 }
campaigns:
  blast:
    service: promo
    kind: marketing
    traffic: a2p
    body: "Sale starts now"
    recipients: { US: 0.8, CA: 0.1, FR: 0.1 }
    arrivals:
      process: constant
      phases:
        - { name: first, duration: 1m, arrival_count: 100 }
        - { pause: 5m }
        - { duration: 1m, arrival_rate: 2/s, ramp_to: 0.5 }
    start_time: 30s
    submit_rate: 5/s
    validity_period: 1h
    content_risk: 0.1
    content: [ alcohol, no_opt_out ]
    opt_out: 5%
    opt_in: 50%
    opt_in_after: 30m
    opt_in_word: START
    help: 1%
    landline: 1%
  again:
    service: promo
    kind: otp
    segments: { 1: 0.7, 2: 0.3 }
    schedule: { lead: 10m, cancel: { share: 10%, after: 5m } }
    audience: people
    pick: each_once
    arrivals: { process: poisson, phases: [ { duration: 1m, arrival_rate: 1/s } ] }
  chat:
    service: promo
    channel: whatsapp
    kind: alert
    body: Ready
    recipients: { FR: 1 }
    whatsapp: 50%
    schedule: { send_at: "2026-11-28T01:00:00-05:00" }
    arrivals: { phases: [ { duration: 0, arrival_count: 5 } ] }
  direct:
    from: alone
    segments: 2
    recipients: { CA: 1 }
    arrivals: { phases: [ { duration: 0, arrival_count: 20 } ] }
overrides:
  carriers: { us/t-mobile: { short_code: partial, toll_free: yes, share: 0.5 } }
  prices: { US: 0.01 }
  countries:
    FR:
      senders: { alphanumeric: { mps: 20/s, unregistered: blocked } }
      time_zones: { shares: [ { zone: Europe/Paris, share: "100" } ] }
      carrier_day: { zone: Europe/Paris }
      delivery:
        segments: [ { gsm7_single: 160, gsm7_part: 153, ucs2_single: 70, ucs2_part: 67 } ]
      time_restrictions:
        - scope: all
          days: [ mon, tue, wed, thu, fri, sat, sun, public_holidays ]
          blocked_from: "06:00"
          blocked_to: "07:00"
          action: queue
          kind: operator
          evidence: { source: [ unverified ], as_of: "2026", confidence: low, assumption: true, why: trial }
thresholds:
  end_to_end{campaign:blast}: "p(95) < 45m"
  expired: [ "count == 0", "rate < 1%" ]
"#;

    /// The places of values in a text: after a colon or a dash, or between brackets and commas.
    fn scalars(text: &str) -> Vec<std::ops::Range<usize>> {
        let mut places = Vec::new();
        for (at, mark) in text.match_indices([':', '-', '[', ',']) {
            let rest = &text[at + mark.len()..];
            let blank = rest.len() - rest.trim_start_matches(' ').len();
            let start = at + mark.len() + blank;
            let end = text[start..].find([',', '}', ']', '\n']).map_or(text.len(), |len| start + len);
            let end = start + text[start..end].trim_end().len();
            if blank > 0 && end > start {
                places.push(start..end);
            }
        }
        places
    }

    /// Messages that a replication will send, about.
    fn messages(model: &Model) -> f64 {
        let of_load = |load: Load, secs: f64| match load {
            Load::Count(count) => count as f64,
            Load::Rate(from, to) => (from.as_f64() + to.as_f64()) / 2.0 * secs,
        };
        let phases = model.campaigns.iter().flat_map(|campaign| &campaign.phases);
        phases.map(|phase| of_load(phase.load, phase.duration.as_secs_f64())).sum()
    }

    /// How many variants were read, were accepted, and ran.
    #[derive(Debug, Default)]
    struct Tally {
        read: usize,
        accepted: usize,
        ran: usize,
        panicked: Vec<String>,
    }

    impl Tally {
        fn try_out(&mut self, text: String) {
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                let reading = read_text(text.as_str());
                let shown = reading.render(false);
                assert_eq!(reading.model.is_none(), reading.counts().0 > 0, "{shown}");
                let Some(model) = reading.model else { return (false, false) };
                let runs = messages(&model) < 10_000.0;
                if runs {
                    simulate(&model, 0, Collector::new(&model));
                }
                (true, runs)
            }));
            self.read += 1;
            match outcome {
                Ok((accepted, ran)) => {
                    self.accepted += usize::from(accepted);
                    self.ran += usize::from(ran);
                }
                Err(_) => self.panicked.push(text),
            }
        }
    }

    /// Each value replaced by each extreme, each line left out, doubled and indented otherwise, and random pairs of
    /// replacements.
    fn mutate(base: &str, tally: &mut Tally) {
        tally.try_out(base.to_owned());
        assert_eq!(tally.ran, 1, "the scenario itself runs");
        let places = scalars(base);
        let mut values: Vec<String> = EXTREMES.map(str::to_owned).to_vec();
        values.push("x".repeat(5_000));
        values.push(format!("'{}'", "é ".repeat(5_000)));
        let with = |text: &str, place: &std::ops::Range<usize>, value: &str| {
            format!("{}{value}{}", &text[..place.start], &text[place.end..])
        };
        for place in &places {
            for value in &values {
                tally.try_out(with(base, place, value));
            }
        }
        let lines: Vec<&str> = base.lines().collect();
        for at in 0..lines.len() {
            let (before, after) = (&lines[..at], &lines[at + 1..]);
            for line in [vec![], vec![lines[at], lines[at]], vec![lines[at].trim_start()]] {
                tally.try_out([before, &line, after].concat().join("\n"));
            }
        }
        // Numerical Recipes' generator: any fixed sequence will do.
        let mut state: u32 = 1;
        let mut below = |bound: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % bound
        };
        for _ in 0..PAIRS {
            let mut text = base.to_owned();
            let mut chosen = [below(places.len()), below(places.len())];
            chosen.sort_unstable();
            // The later place first, so that the earlier one stays where it is; places within places are left alone.
            let mut limit = text.len();
            for place in chosen.iter().rev().map(|place| &places[*place]) {
                if place.end <= limit {
                    text = with(&text, place, &values[below(values.len())]);
                    limit = place.start;
                }
            }
            tally.try_out(text);
        }
    }

    fn assert_sound(tally: &Tally) {
        let panicked = tally.panicked.len();
        assert!(panicked == 0, "{panicked} variants panic, such as:\n{}", tally.panicked[0]);
        assert!(tally.read > 3_000 && tally.accepted > 400 && tally.ran > 400, "{tally:?}");
    }

    #[test]
    fn mutations_of_black_friday_never_panic() {
        let mut small = include_str!("../scenarios/black-friday.yaml").to_owned();
        for (written, less) in
            [("arrival_count: 1000000", "arrival_count: 200"), ("50/s", "0.1/s"), (" 5/s", " 0.05/s")]
        {
            assert!(small.contains(written), "{written}");
            small = small.replace(written, less);
        }
        let mut tally = Tally::default();
        mutate(&small, &mut tally);
        assert_sound(&tally);
    }

    #[test]
    fn mutations_of_many_words_never_panic() {
        let mut tally = Tally::default();
        mutate(WORDS, &mut tally);
        assert_sound(&tally);
    }
}
