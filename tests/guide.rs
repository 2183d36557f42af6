//! The rules of the platform's guide on scaling, and the test that holds each: the page `docs/guide-rules.md` is made from
//! the table here. `UPDATE_REPORTS=1 cargo test --release --test guide` rewrites it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// How a rule is carried.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// Runs behave by it.
    Model,
    /// `validate` warns who ignores it.
    Warning,
    /// `validate` and reports tell it.
    Note,
    /// The catalogue says it.
    Catalogue,
    /// It is explained to the reader.
    Document,
    /// It waits for a part of the program that is not built yet.
    Later,
}

impl By {
    fn words(self) -> &'static str {
        match self {
            By::Model => "model",
            By::Warning => "warning of `validate`",
            By::Note => "note of `validate` and reports",
            By::Catalogue => "catalogue",
            By::Document => "document",
            By::Later => "later",
        }
    }
}

struct Rule {
    name: &'static str,
    says: &'static str,
    by: &'static [By],
    how: &'static str,
    /// `file::function`.
    tests: &'static [&'static str],
}

const fn rule(
    name: &'static str,
    says: &'static str,
    by: &'static [By],
    how: &'static str,
    tests: &'static [&'static str],
) -> Rule {
    Rule { name, says, by, how, tests }
}

const ADVICE: &str = "tests/advice.rs::each_warning_has_its_scenario";

/// The rules in the order of the guide.
const RULES: [Rule; 44] = [
    rule(
        "G1",
        "one long code is enough to try things out, not to scale",
        &[By::Model],
        "a sender has its rate and its queue: ten messages a minute keep their promise on one number, a campaign does not",
        &["tests/guide.rs::one_long_code_is_enough_to_try_and_too_little_to_scale"],
    ),
    rule(
        "G2",
        "a messaging service holds the senders and the features of delivery",
        &[By::Model],
        "`services`: a pool, features, validity and selection for each",
        &["tests/suite/exact.rs::sender_types_have_a_priority", "tests/suite/exact.rs::an_empty_pool"],
    ),
    rule(
        "G3",
        "a message may name the service instead of a sender",
        &[By::Model],
        "`service` selects a sender, `from` names one; both may stand together",
        &["tests/suite/exact.rs::from_a_group_goes_in_turn", "tests/suite/exact.rs::a_sender_out_of_reach"],
    ),
    rule(
        "G4",
        "one webhook takes the replies to all senders of a service",
        &[By::Model, By::Warning],
        "replies, opt-outs and requests for help belong to the service and not to a number; `validate` warns who cannot be answered",
        &[ADVICE, "tests/suite/life.rs::help_is_answered_by_the_platform"],
    ),
    rule(
        "G5",
        "one set of opt-out words per country for all senders of a service",
        &[By::Model, By::Catalogue, By::Warning],
        "`opt_out_words` of a service; a body that names a word which opts nobody out is warned about; `sendpool catalogue CODE` \
         lists the words a country demands",
        &[
            "src/model/reply_word.rs::a_countrys_list_replaces_the_standard_one",
            "src/catalogue/tests.rs::opt_out_words_are_kept_by_country",
            ADVICE,
        ],
    ),
    rule(
        "G6",
        "features: opt-out handling, sticky sender, short-code reroute, Smart Encoding",
        &[By::Model, By::Catalogue],
        "`features`; opt-outs by word, kept by service, until people opt in again",
        &[
            "tests/suite/life.rs::who_opts_in_again_is_written_to_again",
            "tests/suite/exact.rs::a_person_keeps_their_sender",
            "tests/suite/exact.rs::short_code_reroute",
            "src/model/encoding/tests.rs::smart_encoding_saves_a_segment",
        ],
    ),
    rule(
        "G7",
        "a message is a resource with status, sender, segments, price, code and dates",
        &[By::Model],
        "a message of the simulation has them all; each end is a status with the platform's code",
        &[
            "src/model/ending.rs::codes_are_the_platforms",
            "tests/answers.rs::money_is_counted_by_segment_carrier_and_failure",
        ],
    ),
    rule(
        "G8",
        "one-time codes for logins belong to a verification product",
        &[By::Note],
        "said once for all campaigns of `kind: otp`, with the reasons; `otp-behind-promo` shows what codes wait for here",
        &["tests/advice.rs::codes_for_logins_get_one_note"],
    ),
    rule(
        "G9",
        "replies only reach senders that can receive",
        &[By::Model, By::Warning],
        "carriers' terms say who can be answered; a conversation over senders that cannot is warned about",
        &[ADVICE, "src/catalogue/tests.rs::names_are_one_way_and_whatsapp_two_way"],
    ),
    rule(
        "G10",
        "one-way traffic has more options",
        &[By::Model],
        "names and foreign numbers send one-way traffic without complaint",
        &[ADVICE],
    ),
    rule(
        "G11",
        "rules and sender types differ by country",
        &[By::Model, By::Catalogue],
        "101 countries with their carriers, each fact with source and date",
        &[
            "src/catalogue/tests.rs::every_country_keeps_the_rules",
            "tests/catalogue.rs::json_holds_every_fact_of_every_country",
        ],
    ),
    rule(
        "G12",
        "United States: registered long codes, toll-free numbers, short codes",
        &[By::Model],
        "others are refused by their code",
        &["tests/suite/world.rs::missing_registrations_have_codes_of_their_own"],
    ),
    rule(
        "G13",
        "Canada: no long codes for applications; toll-free on most carriers; short codes",
        &[By::Model],
        "long codes are filtered like unregistered ones, toll-free numbers by the carrier's reach",
        &["tests/suite/world.rs::canadian_carriers_filter_by_type_and_reach"],
    ),
    rule(
        "G14",
        "elsewhere: long codes, names, short codes where offered, WhatsApp",
        &[By::Model],
        "each type has its terms by country and carrier",
        &[
            "tests/suite/world.rs::a_name_fares_differently_by_carrier",
            "tests/suite/world.rs::whatsapp_has_one_queue_of_messages",
        ],
    ),
    rule(
        "G15",
        "toll-free only in the United States and Canada; abroad a foreign long code",
        &[By::Model],
        "rate, filter class and what the handset shows are those of a foreign number",
        &["tests/suite/world.rs::a_toll_free_number_abroad_is_a_foreign_long_code"],
    ),
    rule(
        "G16",
        "a familiar local number is read more, and needed for replies",
        &[By::Later, By::Model],
        "read rates are not modelled; area-code match and country match are",
        &["tests/suite/world.rs::numbers_of_the_recipients_area_go_first"],
    ),
    rule(
        "G17",
        "content decides the sender types",
        &[By::Model, By::Warning],
        "`kind`, `traffic` and `content` meet the rules of country and carrier",
        &["tests/suite/world.rs::malaysia_drops_links_and_marketing_at_night", ADVICE],
    ),
    rule(
        "G18",
        "France: long codes for traffic between people only",
        &[By::Model, By::Warning],
        "other traffic ends as 30007",
        &["tests/suite/world.rs::france_keeps_long_codes_for_people"],
    ),
    rule(
        "G19",
        "MPS counts segments, not messages",
        &[By::Model],
        "a message of g segments holds its queue for g / rate",
        &["tests/suite/exact.rs::messages_of_several_segments_leave_in_order"],
    ),
    rule(
        "G20",
        "a US long code's rate follows its 10DLC registration",
        &[By::Model],
        "grants by kind of brand, trust score, kind of campaign and carrier",
        &["tests/suite/world.rs::ten_dlc_rates_follow_the_registration"],
    ),
    rule(
        "G21",
        "US toll-free: 3 MPS, can be raised",
        &[By::Model, By::Warning],
        "3/s unless `mps` says otherwise; above 150/s `validate` doubts it",
        &["tests/suite/exact.rs::a_toll_free_number_takes_ten_hours_of_its_rate", ADVICE],
    ),
    rule(
        "G22",
        "outside the United States: typically 10 MPS",
        &[By::Model],
        "default rates by type and destination",
        &[
            "src/catalogue/tests.rs::rates_and_queues_are_the_published_ones",
            "tests/suite/world.rs::long_codes_add_up_outside_north_america",
        ],
    ),
    rule(
        "G23",
        "several long codes or toll-free numbers to gain rate in the US or Canada: filtering",
        &[By::Model, By::Warning],
        "the filter counts the numbers that carry a content; more of them never lower it",
        &[
            "src/model/filter.rs::more_senders_never_lower_it_and_throughput_has_a_maximum",
            "tests/suite/snowshoe.rs::toll_free_numbers_deliver_the_most_with_two",
            ADVICE,
        ],
    ),
    rule(
        "G24",
        "US short code: 100 MPS or more",
        &[By::Model],
        "100/s unless `mps` says otherwise",
        &["tests/suite/exact.rs::a_million_messages_leave_a_short_code_in_ten_thousand_seconds"],
    ),
    rule(
        "G25",
        "one toll-free number can be raised to 25 MPS or more",
        &[By::Model, By::Catalogue],
        "`mps`; the catalogue has the range sold, 25 to 150",
        &[ADVICE, "src/catalogue/tests.rs::upgrades_are_the_published_ones"],
    ),
    rule(
        "G26",
        "Canada: only short codes and toll-free numbers for applications",
        &[By::Model],
        "they go first; long codes meet the strict filter",
        &[
            "tests/suite/world.rs::canada_takes_short_code_then_toll_free_then_long_code",
            "tests/suite/world.rs::canadian_carriers_filter_by_type_and_reach",
        ],
    ),
    rule(
        "G27",
        "how to raise MPS depends on direction and on who writes",
        &[By::Warning, By::Document],
        "`kind` and `traffic` decide which senders `validate` accepts without a word",
        &[ADVICE],
    ),
    rule(
        "G28",
        "names: 10 MPS, country by country, raised on request",
        &[By::Model],
        "one queue per name and country; `mps` raises it, `countries` limits a name",
        &["tests/suite/world.rs::a_name_never_gives_way_to_a_number"],
    ),
    rule(
        "G29",
        "long codes elsewhere: 10 MPS each, not to be raised; add numbers",
        &[By::Model, By::Warning],
        "each number has a queue of its own; a higher `mps` is doubted",
        &["tests/suite/world.rs::long_codes_add_up_outside_north_america", ADVICE],
    ),
    rule(
        "G30",
        "submit as fast as you like: the platform queues",
        &[By::Model],
        "what exceeds the rate waits, up to ten hours of it",
        &["tests/suite/exact.rs::three_messages_on_one_mps", "tests/suite/exact.rs::capacity_is_met_exactly"],
    ),
    rule(
        "G31",
        "do not add long codes to spread the load; upgrade the type",
        &[By::Model, By::Warning],
        "numbers of one campaign share its rate, and the filter punishes the spread",
        &[
            "tests/suite/world.rs::long_codes_add_nothing_at_the_large_carriers_of_the_united_states",
            "tests/suite/snowshoe.rs::long_codes_deliver_the_most_with_three_numbers",
            ADVICE,
        ],
    ),
    rule(
        "G32",
        "short codes are offered in 14 countries, from 100 MPS",
        &[By::Catalogue, By::Model],
        "the platform offers them in exactly these",
        &["src/catalogue/tests.rs::short_codes_are_offered_in_fourteen_countries"],
    ),
    rule(
        "G33",
        "carriers approve short codes, which lowers filtering greatly",
        &[By::Model],
        "the class of short codes is filtered least",
        &[
            "src/catalogue/tests.rs::filter_coefficients_give_the_anchors",
            "tests/suite/world.rs::canadian_carriers_filter_by_type_and_reach",
        ],
    ),
    rule(
        "G34",
        "short codes serve their own country only",
        &[By::Model],
        "never selected abroad; named explicitly, refused",
        &["tests/suite/world.rs::a_short_code_never_crosses_a_border"],
    ),
    rule(
        "G35",
        "add numbers or names for countries without short codes",
        &[By::Warning],
        "a country that no sender reaches is warned about",
        &[ADVICE],
    ),
    rule(
        "G36",
        "some small US and Canadian carriers do not take short codes: keep a few long codes",
        &[By::Model, By::Warning],
        "reach by carrier; a pool without long codes is warned",
        &["tests/suite/world.rs::a_long_code_steps_in_for_a_short_code", ADVICE],
    ),
    rule(
        "G37",
        "Short Code Reroute then sends from a long code",
        &[By::Model],
        "decided before sending, with the long code's queue, registration, filter and price",
        &["tests/suite/world.rs::a_long_code_steps_in_for_a_short_code"],
    ),
    rule(
        "G38",
        "without short codes: consult the country's rules and add what fits",
        &[By::Catalogue],
        "`sendpool catalogue CODE`",
        &["tests/catalogue.rs::json_has_the_values_known"],
    ),
    rule(
        "G39",
        "US and Canadian numbers can send one-way to many countries",
        &[By::Model],
        "a number of the country, else a US number, else any",
        &[
            "tests/suite/exact.rs::a_foreign_number_is_a_us_number_if_there_is_one",
            "tests/suite/world.rs::a_toll_free_number_abroad_is_a_foreign_long_code",
        ],
    ),
    rule(
        "G40",
        "a name takes precedence over numbers, even with a queue",
        &[By::Model],
        "`priority: guide` puts it before short codes too, `platform` after them",
        &["tests/suite/world.rs::a_name_never_gives_way_to_a_number"],
    ),
    rule(
        "G41",
        "nothing falls back from a name to long codes",
        &[By::Model],
        "a full queue fails messages, whatever numbers stand by",
        &["tests/suite/world.rs::a_name_never_gives_way_to_a_number"],
    ),
    rule(
        "G42",
        "so request the right rate for the name",
        &[By::Model],
        "the drain of a name's queue answers what rate is right",
        &["tests/reports.rs::every_scenario_gives_its_report"],
    ),
    rule("G43", "move to a messaging service before scaling", &[By::Later], "advice in the report", &[]),
    rule(
        "G44",
        "the questions that choose senders: where to, what, how fast, replies or not",
        &[By::Later],
        "a scenario asks them all; a search for the pool comes later",
        &[],
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn page() -> String {
    let mut out = String::from(
        "# The guide's rules\n\nTwilio's guide on scaling with Messaging Services (2022), rule by rule: how Sendpool carries it, and the test that\n\
         holds it. Made by `tests/guide.rs`, which also checks that the tests exist.\n\n\
         | Rule | It says | Carried by | How | Held by |\n| --- | --- | --- | --- | --- |\n",
    );
    for rule in &RULES {
        let by: Vec<&str> = rule.by.iter().map(|by| by.words()).collect();
        let tests: Vec<String> = rule.tests.iter().map(|test| format!("`{test}`")).collect();
        let tests = if tests.is_empty() { "-".to_owned() } else { tests.join(", ") };
        let _ = writeln!(out, "| {} | {} | {} | {} | {tests} |", rule.name, rule.says, by.join(", "), rule.how);
    }
    out.push_str(
        "\nWhere newer pages of the platform differ from the guide, theirs is the default and the guide's stands behind a\n\
         switch: `selection: { priority: guide }`.\n",
    );
    out
}

#[test]
fn the_page_is_current() {
    let path = root().join("docs/guide-rules.md");
    if std::env::var_os("UPDATE_REPORTS").is_some() {
        fs::write(&path, page()).expect("the docs can be written");
    }
    let found = fs::read_to_string(&path).expect("the page is part of the project");
    assert!(found == page(), "docs/guide-rules.md has moved; see the head of this test");
}

/// Aim: no rule is forgotten and none rests on a test that is not there. Method: names in order; each test named is a
/// function of its file, with the attribute of a test before it. Three rules may wait.
#[test]
fn every_rule_is_held_by_a_test_that_exists() {
    for (index, rule) in RULES.iter().enumerate() {
        assert_eq!(rule.name, format!("G{}", index + 1));
        let may_wait = ["G16", "G43", "G44"].contains(&rule.name);
        assert!(may_wait || !rule.by.contains(&By::Later), "{} does not wait", rule.name);
        assert!(!rule.tests.is_empty() || may_wait, "{} has no test", rule.name);
        for test in rule.tests {
            let (file, function) = test.split_once("::").expect("file::function");
            let text = fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            let at = text.find(&format!("fn {function}()")).unwrap_or_else(|| panic!("{}: no {test}", rule.name));
            let before = text[..at].trim_end();
            assert!(before.ends_with("#[test]"), "{test} is no test that runs");
        }
    }
}

/// G1. Aim: the same number keeps up with a trial and not with a campaign. Method: 60 messages in an hour and 100,000 in
/// an hour over one British long code of 10 segments/s: by hand the first wait nothing, the last waits 100,000 / 10 s
/// less the hour, which exceeds nothing but patience.
#[test]
fn one_long_code_is_enough_to_try_and_too_little_to_scale() {
    let drain = |count: u64| {
        let yaml = format!(
            "version: 1\nname: one\nservices: {{ s: {{ senders: [ {{ id: n, type: long_code, country: GB }} ] }} }}\n\
             campaigns: {{ c: {{ service: s, segments: 1, recipients: {{ GB: 1 }}, arrivals: {{ phases: [ {{ duration: 1h, \
             arrival_count: {count} }} ] }} }} }}\noverrides: {{ network: ideal }}\n"
        );
        let reading = sendpool::scenario::read("one.yaml", yaml.into_bytes(), &[]);
        let model = reading.model.as_ref().unwrap_or_else(|| panic!("{}", reading.render(false)));
        let results = sendpool::experiment::run(model, 1, &sendpool::experiment::Progress::default());
        let totals = &results.totals_of(&sendpool::model::threshold::Scope::default()).expect("kept")[0];
        totals.drain_after_last().expect("drained").as_secs_f64()
    };
    assert_eq!(drain(60), 0.1);
    // The last of 100,000 is meant 36 ms before the hour ends, and leaves when 99,999 others have.
    assert!((drain(100_000) - (10_000.0 - 3_600.0 + 0.036)).abs() < 0.001, "{}", drain(100_000));
}
