//! The world by scenario: what countries, carriers, registrations, hours and features of a service do to messages, held
//! against the contract of the model and the published facts. Counts are exact wherever chance can be excluded.
//!
//! Not here: pacing, capacity and policies by themselves (see `exact`), and which facts the catalogue holds.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use sendpool::kernel::draws::Draws;
use sendpool::metrics::Collector;
use sendpool::metrics::totals::Totals as Books;
use sendpool::model::ending::{Ending, Status};
use sendpool::model::terms::{SenderClass, Shown};
use sendpool::model::{Model, NO_AREA};
use sendpool::simulation::observer::Message;
use sendpool::simulation::{people, simulate};
use sendpool::units::SimTime;

use crate::support::{Run, Seen, model, ms, ns, run, s, totals};

/// No latency, filter or dead numbers.
const IDEAL: &str = "overrides: { network: ideal }";
/// A 10DLC registration of the highest tier.
const TEN_DLC: &str = "ten_dlc: { brand: b, campaign: c, trust_score: 80 }";

/// A campaign that sends `count` messages at once.
fn campaign(name: &str, what: &str, count: u64) -> String {
    format!("  {name}: {{ {what}, arrivals: {{ phases: [ {{ duration: 0, arrival_count: {count} }} ] }} }}\n")
}

/// Keys of a campaign of single segments through service `s` that no rule about marketing concerns.
fn to(country: &str) -> String {
    format!("service: s, kind: alert, segments: 1, recipients: {{ {country}: 1 }}")
}

/// The same to one carrier, whose id begins with its country's code.
fn at(carrier: &str) -> String {
    format!("{}, carriers: {{ {carrier}: 1 }}", to(&carrier[..2].to_uppercase()))
}

/// The text of a scenario with one service `s`.
fn scenario(head: &str, service: &str, campaigns: &[String]) -> String {
    format!("{head}\nservices: {{ s: {{ {service} }} }}\ncampaigns:\n{}", campaigns.concat())
}

/// A run of a scenario with one service `s`.
fn world(head: &str, service: &str, campaigns: &[String]) -> Run {
    run(&scenario(head, service, campaigns))
}

/// A start, and a network without chance.
fn ideal_at(start: &str) -> String {
    format!("clock: {{ start: \"{start}\" }}\n{IDEAL}")
}

/// The books of a scenario by campaign.
fn books(yaml: &str) -> Vec<Books> {
    let model = model(yaml);
    let all = simulate(&model, 0, Collector::new(&model)).0.finish(&Collector::scopes(&model)).totals;
    all[1..=model.campaigns.len()].to_vec()
}

fn shown(books: &Books, how: Shown) -> u64 {
    books.shown[how as usize]
}

fn carrier_index(model: &Model, id: &str) -> usize {
    model.carriers.iter().position(|carrier| carrier.id == id).unwrap_or_else(|| panic!("{id} is used"))
}

/// ⌈k / rate⌉ for a rate of `num` / `den` segments a second.
fn slot(k: u64, num: u64, den: u64) -> SimTime {
    ns((k * den * 1_000_000_000).div_ceil(num))
}

fn released(run: &Run) -> Vec<(SimTime, Message)> {
    let released = |(at, seen): &(SimTime, Seen)| match *seen {
        Seen::Released(message) => Some((*at, message)),
        _ => None,
    };
    run.trace.seen.iter().filter_map(released).collect()
}

/// When messages of a campaign ended, in order.
fn ended_at(run: &Run, campaign: u32) -> Vec<SimTime> {
    run.trace.ends().iter().filter(|(_, message, _)| message.campaign == campaign).map(|(at, ..)| *at).collect()
}

// --- France -----------------------------------------------------------------------------------------------------------

/// Aim: French long codes carry what people write and nothing else, and a name in the pool goes before them. Method: by
/// rule, ten messages each; alone, through the service and by name of the sender, application traffic meets 30007.
#[test]
fn france_keeps_long_codes_for_people() {
    let long_code = "{ id: lc, type: long_code, country: FR }";
    let people = "service: s, kind: conversation, traffic: p2p, segments: 1, recipients: { FR: 1 }";
    let alone = world(
        IDEAL,
        &format!("senders: [ {long_code} ]"),
        &[
            campaign("app", &to("FR"), 10),
            campaign("people", people, 10),
            campaign("explicit", &to("FR").replace("service: s", "from: lc"), 10),
        ],
    );
    assert_eq!(alone.trace.codes(0), [30007; 10]);
    assert_eq!(alone.trace.codes(1), [0; 10]);
    assert_eq!(alone.trace.codes(2), [30007; 10]);
    assert_eq!(alone.trace.count(Ending::CountryRule), 20);

    let name = "{ id: name, type: alphanumeric, name: ACME }";
    let with_name = world(IDEAL, &format!("senders: [ {long_code}, {name} ]"), &[campaign("app", &to("FR"), 10)]);
    assert_eq!(with_name.senders(0), ["name"; 10]);
    assert_eq!(with_name.trace.codes(0), [0; 10]);
}

/// Aim: French carriers keep marketing on Sundays, on public holidays and at night until the next morning, and nothing
/// else. Method: sent on Sunday 29 November 2026 and on Friday 25 December at noon, marketing arrives at 08:00 of the
/// next day, 20 h later; alerts arrive at once. Without a list of holidays Christmas is a Friday.
#[test]
fn france_keeps_marketing_until_the_morning() {
    for (day, holidays, arrives) in [
        ("2026-11-29", "", s(72_000)),
        ("2026-12-25", ", public_holidays: { FR: [ 2026-12-25 ] }", s(72_000)),
        ("2026-12-25", "", s(0)),
    ] {
        let run = world(
            &format!("clock: {{ start: \"{day}T12:00:00+01:00[Europe/Paris]\"{holidays} }}\n{IDEAL}"),
            "senders: [ { id: name, type: alphanumeric, name: ACME } ]",
            &[campaign("sale", &to("FR").replace("alert", "marketing"), 1), campaign("alert", &to("FR"), 1)],
        );
        assert_eq!(run.trace.sent_at(0), [s(0)], "{day}");
        assert_eq!((run.trace.codes(0), ended_at(&run, 0)), (vec![0], vec![arrives]), "{day}");
        assert_eq!((run.trace.codes(1), ended_at(&run, 1)), (vec![0], vec![ms(100)]), "{day}");
    }
}

// --- Canada -----------------------------------------------------------------------------------------------------------

/// Mean and standard deviation of how many of `n` messages of harmless content from one number are filtered, by the
/// published formula: s = A + 1.1 ln max(1, M / m₀), p = 1 / (1 + e⁻ˢ), for the M-th message.
fn expected_filtered(base: f64, free_volume: Option<f64>, n: u64) -> (f64, f64) {
    let probability = |m: u64| {
        let volume = free_volume.map_or(0.0, |free| 1.1 * (m as f64 / free).max(1.0).ln());
        1.0 / (1.0 + (-(base + volume)).exp())
    };
    let chances: Vec<f64> = (1..=n).map(probability).collect();
    (chances.iter().sum(), chances.iter().map(|p| p * (1.0 - p)).sum::<f64>().sqrt())
}

/// Aim: Canadian long codes are filtered as unregistered numbers; toll-free numbers as verified ones where a carrier
/// takes them or nobody knows, as long codes where it takes them in part, and not at all (30006) where it does not.
/// Method: 2,000 messages of one content each, against the sum of the published probabilities, within four deviations.
#[test]
fn canadian_carriers_filter_by_type_and_reach() {
    let strict = (-3.5, Some(200.0));
    let verified = (-6.0, None);
    let long_code = "{ id: n, type: long_code, country: CA }";
    let toll_free = "{ id: n, type: toll_free, country: US }";
    for (sender, carrier, class) in [
        (long_code, "ca/rogers", strict),
        (toll_free, "ca/rogers", verified),
        (toll_free, "ca/bell", strict),
        (toll_free, "ca/eastlink", verified),
    ] {
        let (_, totals) = totals(&scenario(
            "clock: { start: \"2026-11-24T10:00:00-05:00[America/Toronto]\" }\noverrides: { network: attended, filter: { frailty: { weight: 0 }, blocks: { enabled: false } } }",
            &format!("senders: [ {sender} ]"),
            &[campaign("c", &format!("{}, invalid: 0", at(carrier)), 2_000)],
        ));
        let filtered = totals.count(Ending::Filtered);
        assert_eq!(filtered + totals.count(Ending::Delivered), 2_000, "{sender} to {carrier}");
        let (mean, deviation) = expected_filtered(class.0, class.1, 2_000);
        assert!(
            (filtered as f64 - mean).abs() < 4.0 * deviation,
            "{sender} to {carrier}: {filtered} filtered, {mean:.1} ± {deviation:.1} expected"
        );
    }
    let refused = world(
        "overrides: { network: ideal, carriers: { ca/rogers: { toll_free: no } } }",
        &format!("senders: [ {toll_free} ]"),
        &[campaign("c", &at("ca/rogers"), 10)],
    );
    assert_eq!(refused.trace.codes(0), [30006; 10]);
    assert_eq!(refused.trace.count(Ending::TypeNotCarried), 10);
}

/// Aim: a service that has both sends to Canada from the toll-free number, at 3 segments a second, and a short code of
/// the country goes before it. Method: by rule, whatever the order in the file.
#[test]
fn canada_takes_short_code_then_toll_free_then_long_code() {
    let long_code = "{ id: lc, type: long_code, country: CA }";
    let toll_free = "{ id: tf, type: toll_free, country: US }";
    let short_code = "{ id: sc, type: short_code, country: CA }";
    for (senders, chosen, rate) in [
        (vec![long_code, toll_free], "tf", 3),
        (vec![toll_free, long_code], "tf", 3),
        (vec![long_code, toll_free, short_code], "sc", 100),
        (vec![long_code], "lc", 1),
    ] {
        let run = world(IDEAL, &format!("senders: [ {} ]", senders.join(", ")), &[campaign("c", &at("ca/rogers"), 7)]);
        assert_eq!(run.senders(0), [chosen; 7]);
        assert_eq!(run.trace.sent_at(0), (0..7).map(|k| slot(k, rate, 1)).collect::<Vec<_>>(), "{chosen}");
        assert_eq!(run.trace.codes(0), [0; 7]);
    }
}

// --- abroad -----------------------------------------------------------------------------------------------------------

/// Aim: a toll-free number is toll-free in the United States and Canada only; elsewhere it is a long code from abroad,
/// at 10 segments a second, verified or not, shown as the country shows those. Method: by the facts of Germany (shown as
/// sent) and France (replaced), whose carriers know no toll-free numbers of their own.
#[test]
fn a_toll_free_number_abroad_is_a_foreign_long_code() {
    let senders = "senders: [ { id: tf, type: toll_free, country: US, verified: false } ]";
    let campaigns = [campaign("de", &to("DE"), 21), campaign("fr", &to("FR"), 21)];
    let run = world(IDEAL, senders, &campaigns);
    for abroad in [0, 1] {
        assert_eq!(run.trace.sent_at(abroad), (0..21).map(|k| ms(100 * k)).collect::<Vec<_>>());
        assert_eq!(run.trace.codes(abroad), [0; 21]);
    }
    let books = books(&scenario(IDEAL, senders, &campaigns));
    assert_eq!((shown(&books[0], Shown::AsSent), shown(&books[1], Shown::Overwritten)), (21, 21));
}

/// Aim: filters abroad do not see a toll-free number in it. Method: its class in Germany and France against that at home.
#[test]
fn a_toll_free_number_abroad_is_filtered_as_what_it_is_there() {
    let model = model(&scenario(
        "",
        "senders: [ { id: tf, type: toll_free, country: US } ]",
        &[campaign("us", &at("us/verizon"), 1), campaign("de", &to("DE"), 1), campaign("fr", &to("FR"), 1)],
    ));
    let terms = |id: &str| model.terms_of_sender(0, carrier_index(&model, id)).expect("it can be used there");
    let home = terms("us/verizon");
    assert_eq!(home.class, SenderClass::TollFree);
    for abroad in ["de/telekom-deutschland", "fr/orange"] {
        assert_eq!(terms(abroad).class, SenderClass::ForeignNumber);
        assert_ne!(terms(abroad).filter, home.filter);
    }
}

/// Aim: where numbers from abroad are not offered, a toll-free number is none of a service's senders (21703), and named
/// it is refused (21612). Method: the United Kingdom takes none.
#[test]
fn a_toll_free_number_is_refused_where_foreign_numbers_are() {
    let gb = world(
        IDEAL,
        "senders: [ { id: tf, type: toll_free, country: US } ]",
        &[campaign("through", &to("GB"), 3), campaign("explicit", &to("GB").replace("service: s", "from: tf"), 3)],
    );
    assert_eq!(gb.trace.codes(0), [21703; 3]);
    assert_eq!(gb.trace.codes(1), [21612; 3]);
    assert_eq!(gb.trace.sent().len(), 0);
}

/// Aim: a short code serves its own country only. Method: a US short code beside a US number: Canada gets the number;
/// alone, the service has no sender (21703); named, it is refused (21612). A Canadian one beside it serves Canada.
#[test]
fn a_short_code_never_crosses_a_border() {
    let us = "{ id: us, type: short_code, country: US }";
    let abroad = [campaign("ca", &to("CA"), 4), campaign("gb", &to("GB"), 4)];
    let alone = world(IDEAL, &format!("senders: [ {us} ]"), &abroad);
    let explicit =
        world(IDEAL, &format!("senders: [ {us} ]"), &abroad.clone().map(|text| text.replace("service: s", "from: us")));
    for country in [0, 1] {
        assert_eq!(alone.trace.codes(country), [21703; 4]);
        assert_eq!(explicit.trace.codes(country), [21612; 4]);
    }
    assert_eq!(explicit.finished.ledger.accepted.messages, 0);
    let number = format!("{{ id: lc, type: long_code, country: US, {TEN_DLC} }}");
    let with_number = world(IDEAL, &format!("senders: [ {us}, {number} ]"), &abroad[..1]);
    assert_eq!(with_number.senders(0), ["lc"; 4]);
    let both = world(
        IDEAL,
        &format!("senders: [ {us}, {{ id: ca, type: short_code, country: CA }} ]"),
        &[campaign("ca", &at("ca/rogers"), 4), campaign("us", &at("us/att"), 4)],
    );
    assert_eq!((both.senders(0), both.senders(1)), (vec!["ca"; 4], vec!["us"; 4]));
}

/// Aim: a name goes before a short code by the scaling guide and after it by the newer pages; in both it never gives way
/// to a number, whatever waits. Method: British messages at 10/s: of 360,003 at once 360,000 fit into ten hours, three
/// fail (30001), and the idle long code gets none.
#[test]
fn a_name_never_gives_way_to_a_number() {
    let name = "{ id: name, type: alphanumeric, name: ACME }";
    let long_code = "{ id: lc, type: long_code, country: GB }";
    let short_code = "{ id: sc, type: short_code, country: GB }";
    for (priority, first) in [("guide", "name"), ("platform", "sc")] {
        let selection = format!("selection: {{ priority: {priority} }}");
        let run = world(
            IDEAL,
            &format!("{selection}, senders: [ {long_code}, {short_code}, {name} ]"),
            &[campaign("c", &at("gb/o2"), 5)],
        );
        assert_eq!(run.senders(0), [first; 5], "{priority}");
        let (model, totals) = totals(&scenario(
            IDEAL,
            &format!("{selection}, senders: [ {long_code}, {name} ]"),
            &[campaign("c", &to("GB"), 360_003)],
        ));
        assert_eq!(totals.count(Ending::QueueOverflow), 3, "{priority}");
        assert_eq!(totals.count(Ending::Delivered), 360_000, "{priority}");
        for carrier in 0..model.carriers.len() {
            let lane = model.lane(0, carrier, 0).expect("British numbers send to Great Britain");
            assert_eq!(totals.sent[lane], 0, "nothing from the long code");
        }
    }
}

// --- long codes and 10DLC ---------------------------------------------------------------------------------------------

/// Aim: outside the United States and Canada every long code adds 10 segments a second. Method: bursts of 40 from one,
/// two and three numbers in turn: message k leaves at ⌊k / n⌋ / 10 s.
#[test]
fn long_codes_add_up_outside_north_america() {
    for (country, count) in [("GB", 1u64), ("GB", 2), ("DE", 3), ("SE", 2)] {
        let run = world(
            IDEAL,
            &format!("senders: [ {{ id: lc, type: long_code, country: {country}, count: {count} }} ]"),
            &[campaign("c", &to(country), 40)],
        );
        let expected: Vec<SimTime> = (0..40u64).map(|k| ms(100 * (k / count))).collect();
        assert_eq!(run.trace.sent_at(0), expected, "{count} in {country}");
        assert_eq!(run.trace.codes(0), [0; 40]);
    }
}

/// Aim: the numbers of one 10DLC campaign share its rate at AT&T, T-Mobile and Verizon, and each has one segment a second
/// for small carriers. Method: bursts of 30 from one and from three numbers: the k-th leaves at ⌈k / 75⌉, or at ⌊k / n⌋.
#[test]
fn long_codes_add_nothing_at_the_large_carriers_of_the_united_states() {
    let large = ["us/att", "us/t-mobile", "us/verizon"];
    for count in [1u64, 3] {
        let mut campaigns: Vec<String> =
            large.iter().enumerate().map(|(i, id)| campaign(&format!("c{i}"), &at(id), 30)).collect();
        campaigns.push(campaign("small", &at("us/c-spire"), 30));
        let run = world(
            IDEAL,
            &format!("senders: [ {{ id: lc, type: long_code, country: US, count: {count}, {TEN_DLC} }} ]"),
            &campaigns,
        );
        for index in 0..3 {
            assert_eq!(
                run.trace.sent_at(index),
                (0..30).map(|k| slot(k, 75, 1)).collect::<Vec<_>>(),
                "{count} numbers"
            );
        }
        assert_eq!(run.trace.sent_at(3), (0..30).map(|k| s(k / count)).collect::<Vec<_>>(), "{count} numbers");
    }
}

/// A kind of registration; its rates at AT&T, T-Mobile, Verizon and US Cellular as numerator and denominator; and
/// T-Mobile's cap of a day.
type Grant = (&'static str, [(u64, u64); 4], u64);

/// What the platform publishes, and US Cellular's rate for sole proprietors as the catalogue assumes it.
const GRANTS: [Grant; 7] = [
    ("trust_score: 80", [(75, 1), (75, 1), (75, 1), (8, 1)], 200_000),
    ("trust_score: 60", [(40, 1), (40, 1), (40, 1), (8, 1)], 40_000),
    ("trust_score: 30", [(4, 1), (4, 1), (4, 1), (4, 1)], 10_000),
    ("trust_score: 10", [(4, 1), (4, 1), (4, 1), (4, 1)], 2_000),
    ("brand_type: low_volume_standard", [(4, 1), (4, 1), (4, 1), (4, 1)], 2_000),
    ("brand_type: sole_proprietor", [(1, 4), (1, 1), (1, 1), (1, 1)], 1_000),
    ("trust_score: 80, campaign_type: low_volume_mixed", [(5, 4), (5, 4), (5, 4), (5, 4)], 200_000),
];

/// Aim: the rate of a 10DLC campaign at each carrier follows its brand's score and kind. Method: bursts of 301 drain at
/// ⌈301 / rate⌉, and at 301 s at a carrier without a rate of its own.
#[test]
fn ten_dlc_rates_follow_the_registration() {
    for (registration, rates, _) in GRANTS {
        let carriers = ["us/att", "us/t-mobile", "us/verizon", "us/us-cellular", "us/c-spire"];
        let campaigns: Vec<String> =
            carriers.iter().enumerate().map(|(i, id)| campaign(&format!("c{i}"), &at(id), 301)).collect();
        let run = world(
            IDEAL,
            &format!(
                "senders: [ {{ id: lc, type: long_code, country: US, ten_dlc: {{ brand: b, campaign: c, {registration} }} }} ]"
            ),
            &campaigns,
        );
        let sent = run.trace.sent();
        for (index, (num, den)) in (0u32..).zip(rates.into_iter().chain([(1, 1)])) {
            let last = sent.iter().rev().find(|departure| departure.message.campaign == index).expect("all are sent");
            assert_eq!(last.slot_end, slot(301, num, den), "{registration} at {}", carriers[index as usize]);
            assert_eq!(run.trace.codes(index), [0; 301]);
        }
    }
}

/// Aim: T-Mobile takes so many segments of a brand a day and refuses the rest (30023), which have used their slots; other
/// carriers know no cap. Method: seven more than the cap within one Pacific day.
#[test]
fn t_mobile_caps_a_brand_by_its_tier() {
    for (registration, rates, cap) in GRANTS {
        if registration.contains("low_volume_mixed") {
            continue; // at its rate a day is too short for the cap
        }
        for (carrier, capped) in [("us/t-mobile", 7), ("us/verizon", 0)] {
            let (_, totals) = totals(&scenario(
                &ideal_at("2026-11-02T00:00:00-08:00[America/Los_Angeles]"),
                &format!(
                    "senders: [ {{ id: lc, type: long_code, country: US, ten_dlc: {{ brand: b, campaign: c, {registration} }} }} ]"
                ),
                &[campaign("c", &at(carrier), cap + 7)],
            ));
            assert_eq!(totals.count(Ending::BrandDayCap), capped, "{registration} at {carrier}");
            assert_eq!(totals.count(Ending::Delivered), cap + 7 - capped, "{registration} at {carrier}");
            let (num, den) = rates[1];
            assert_eq!(totals.drained.iter().max(), Some(&slot(cap + 7, num, den)), "{registration} at {carrier}");
        }
    }
}

/// Aim: campaigns of one brand share T-Mobile's cap, which begins anew at midnight in Los Angeles, also on the days of 23
/// and 25 hours; other brands and carriers are not concerned. Method: brand b may send 2,000 a day. The first campaign
/// sends 1,500; of 600 of the second 500 pass. One second before midnight a message is refused; at midnight 2,000 pass.
#[test]
fn a_brands_cap_begins_anew_at_pacific_midnight() {
    for (start, midnight) in [
        ("2026-11-24T00:00:00-08:00", 24 * 3_600), // an ordinary day
        ("2027-03-14T00:00:00-08:00", 23 * 3_600), // 02:00 is skipped
        ("2026-11-01T00:00:00-07:00", 25 * 3_600), // 01:00 comes twice
        ("2026-11-02T07:00:00Z", 3_600),           // the last hour of the 25, told in UTC
    ] {
        let service = |name: &str, brand: &str, campaign: &str| {
            format!(
                "{name}: {{ senders: [ {{ id: {name}-n, type: long_code, country: US, ten_dlc: {{ brand: {brand}, campaign: {campaign}, trust_score: 10 }} }} ] }}"
            )
        };
        let send = |name: &str, service: &str, carrier: &str, at: u64, count: u64| {
            campaign(
                name,
                &format!(
                    "service: {service}, kind: alert, segments: 1, start_time: {at}s, recipients: {{ US: 1 }}, carriers: {{ {carrier}: 1 }}"
                ),
                count,
            )
        };
        let run = run(&format!(
            "{}\nservices: {{ {}, {}, {} }}\ncampaigns:\n{}",
            ideal_at(start),
            service("one", "b", "c1"),
            service("two", "b", "c2"),
            service("three", "other", "c3"),
            [
                send("first", "one", "us/t-mobile", 0, 1_500),
                send("second", "two", "us/t-mobile", 1_000, 600),
                send("verizon", "two", "us/verizon", 2_000, 5),
                send("other", "three", "us/t-mobile", 2_000, 5),
                send("before", "two", "us/t-mobile", midnight - 1, 1),
                send("after", "two", "us/t-mobile", midnight, 2_001),
            ]
            .concat()
        ));
        assert_eq!(run.trace.codes(0), [0; 1_500], "{start}");
        assert_eq!(run.trace.codes(1), [[0; 500].as_slice(), &[30023; 100]].concat(), "{start}");
        assert_eq!((run.trace.codes(2), run.trace.codes(3)), (vec![0; 5], vec![0; 5]), "{start}");
        assert_eq!(run.trace.codes(4), [30023], "{start}: a second before midnight");
        assert_eq!(run.trace.codes(5), [[0; 2_000].as_slice(), &[30023]].concat(), "{start}: at midnight");
        assert_eq!(run.trace.sent_at(5)[0], s(midnight), "{start}");
    }
}

/// Aim: the gate asks for the registration before it charges a brand's cap, and for the rest after: what has no
/// registration yet is not charged, what turns out to be a fixed line is. Method: brand b may send 2,000 a day. 2,000 from
/// a pending number leave all of it; after 2,000 to fixed lines nothing is left.
#[test]
fn what_a_brands_cap_is_charged_for() {
    let number = |id: &str, status: &str| {
        format!(
            "{{ id: {id}, type: long_code, country: US, ten_dlc: {{ brand: b, campaign: {id}, trust_score: 10, status: {status} }} }}"
        )
    };
    let send = |from: &str, more: &str| at("us/t-mobile").replace("service: s", &format!("from: {from}{more}"));
    for (first, code, rest) in [(send("pending", ""), 30035, 0), (send("ready", ", landline: 100%"), 30006, 30023)] {
        let run = world(
            &ideal_at("2026-11-24T00:00:00-08:00[America/Los_Angeles]"),
            &format!("senders: [ {}, {} ]", number("pending", "pending"), number("ready", "approved")),
            &[campaign("first", &first, 2_000), campaign("then", &send("ready", ", start_time: 1h"), 5)],
        );
        assert_eq!(run.trace.codes(0), [code; 2_000]);
        assert_eq!(run.trace.codes(1), [rest; 5], "after {code}");
    }
}

/// Aim: what is missing at a registration shows as its own code, when the message is sent. Method: by rule: no 10DLC
/// 30034, pending 30035, toll-free number not verified 30032, in Canada too; verified or approved passes.
#[test]
fn missing_registrations_have_codes_of_their_own() {
    for (sender, carrier, code, ending) in [
        ("type: long_code, country: US", "us/att", 30034, Ending::NumberUnregistered),
        ("type: long_code, country: US", "us/c-spire", 30034, Ending::NumberUnregistered),
        (
            "type: long_code, country: US, ten_dlc: { brand: b, campaign: c, trust_score: 80, status: pending }",
            "us/att",
            30035,
            Ending::TenDlcPending,
        ),
        ("type: toll_free, country: US, verified: false", "us/att", 30032, Ending::TollFreeUnverified),
        ("type: toll_free, country: US, verified: false", "ca/rogers", 30032, Ending::TollFreeUnverified),
        ("type: toll_free, country: US, verified: true", "ca/rogers", 0, Ending::Delivered),
        (
            "type: long_code, country: US, ten_dlc: { brand: b, campaign: c, trust_score: 80, status: approved }",
            "us/att",
            0,
            Ending::Delivered,
        ),
    ] {
        let run = world(IDEAL, &format!("senders: [ {{ id: n, {sender} }} ]"), &[campaign("c", &at(carrier), 4)]);
        assert_eq!(run.trace.codes(0), [code; 4], "{sender} to {carrier}");
        assert_eq!(run.trace.count(ending), 4);
        assert_eq!(ended_at(&run, 0), run.trace.sent_at(0), "{sender} to {carrier}");
    }
}

/// Aim: a carrier counts what other vendors send under the same 10DLC campaign, by the minute of the clock, and refuses
/// what exceeds its rate (30022). Method: 4/s are 240 a minute, of which another vendor's 1/s takes 60. Of our 240 a
/// minute the first 180 pass. Half a minute past the full minute the first window sees 120 of ours.
#[test]
fn other_vendors_use_the_carriers_minute() {
    for (second, carrier) in
        [(0u64, "us/att"), (0, "us/t-mobile"), (0, "us/verizon"), (30, "us/att"), (59, "us/verizon")]
    {
        let run = world(
            &ideal_at(&format!("2026-11-24T12:00:{second:02}Z")),
            "senders: [ { id: lc, type: long_code, country: US, ten_dlc: { brand: b, campaign: c, trust_score: 30, other_vendor_load: 1/s } } ]",
            &[campaign("c", &at(carrier), 720)],
        );
        // Message k is sent k / 4 s after the start; its place in the minute is counted in quarters of a second.
        let first = 4 * second;
        let mut passed = [0u64; 5];
        let expected: Vec<u16> = (0..720u64)
            .map(|k| {
                let minute = ((first + k) / 240) as usize;
                passed[minute] += 1;
                if passed[minute] > 180 { 30022 } else { 0 }
            })
            .collect();
        assert_eq!(run.trace.codes(0), expected, "{carrier} from second {second}");
        assert_eq!(run.trace.sent_at(0), (0..720).map(|k| ms(250 * k)).collect::<Vec<_>>(), "slots are used");
    }
    let alone = world(
        IDEAL,
        "senders: [ { id: lc, type: long_code, country: US, ten_dlc: { brand: b, campaign: c, trust_score: 30 } } ]",
        &[campaign("c", &at("us/att"), 720)],
    );
    assert_eq!(alone.trace.codes(0), [0; 720], "alone one keeps within the rate");
}

// --- short codes out of reach -----------------------------------------------------------------------------------------

/// Aim: in the United States and Canada a long code of the recipient's country steps in where the short code does not
/// reach, and is a long code in every respect; a toll-free number never does, nor a long code of the other country, nor
/// any number elsewhere. Method: a carrier without short codes each: whom the service chooses, and how it ends.
#[test]
fn a_long_code_steps_in_for_a_short_code() {
    let sc = |country: &str| format!("{{ id: sc, type: short_code, country: {country} }}");
    let lc = |country: &str, more: &str| format!("{{ id: lc, type: long_code, country: {country}{more} }}");
    let tf = "{ id: tf, type: toll_free, country: US }".to_owned();
    let dlc = format!(", {TEN_DLC}");
    let us = "us/other-rural";
    let ca = "ca/ice";
    let on = "";
    let off = "features: { short_code_reroute: false }, ";
    for (features, senders, carrier, through, chosen, code) in [
        (on, vec![sc("US"), tf.clone(), lc("US", &dlc)], us, "service: s", "lc", 0),
        (on, vec![sc("US"), lc("US", "")], us, "service: s", "lc", 30034),
        (on, vec![sc("US"), tf.clone()], us, "service: s", "-", 21703),
        (on, vec![sc("US"), lc("CA", "")], us, "service: s", "-", 21703),
        (on, vec![sc("US")], us, "service: s", "-", 21703),
        (off, vec![sc("US"), lc("US", &dlc)], us, "service: s", "sc", 30006),
        (off, vec![sc("US")], us, "service: s", "sc", 30006),
        (on, vec![sc("US"), lc("US", &dlc)], us, "from: sc", "sc", 30006),
        (on, vec![sc("CA"), tf.clone(), lc("CA", "")], ca, "service: s", "lc", 0),
        (on, vec![sc("CA"), tf.clone()], ca, "service: s", "-", 21703),
        (on, vec![sc("CA"), lc("US", &dlc)], ca, "service: s", "-", 21703),
        (on, vec![sc("DE"), lc("DE", "")], "de/vodafone-germany", "service: s", "sc", 30006),
    ] {
        let run = world(
            "overrides: { network: ideal, carriers: { de/vodafone-germany: { short_code: no } } }",
            &format!("{features}senders: [ {} ]", senders.join(", ")),
            &[campaign("c", &at(carrier).replace("service: s", through), 5)],
        );
        let case = format!("{features}{senders:?} {carrier} {through}");
        assert_eq!(run.senders(0), [chosen; 5], "{case}");
        assert_eq!(run.trace.codes(0), [code; 5], "{case}");
        let expected: Vec<SimTime> = match chosen {
            "lc" => (0..5).map(s).collect(),
            "sc" => (0..5).map(|k| ms(10 * k)).collect(),
            _ => Vec::new(),
        };
        assert_eq!(run.trace.sent_at(0), expected, "{case}");
    }
}

// --- countries with rules of their own --------------------------------------------------------------------------------

/// Aim: Singapore delivers a name that is not registered under a warning, and a registered one as it is. Method: by rule.
#[test]
fn singapore_labels_unregistered_names() {
    let books = books(&scenario(
        &format!(
            "{IDEAL}\nsenders: [ {{ id: plain, type: alphanumeric, name: ACME }}, {{ id: known, type: alphanumeric, name: ACME, registered: [ SG ] }}, {{ id: elsewhere, type: alphanumeric, name: ACME, registered: [ GB ] }} ]"
        ),
        "senders: []",
        &["plain", "known", "elsewhere"]
            .map(|id| campaign(id, &to("SG").replace("service: s", &format!("from: {id}")), 10)),
    ));
    for (index, how) in [(0, Shown::Labelled), (1, Shown::AsSent), (2, Shown::Labelled)] {
        assert_eq!(books[index].ended(Ending::Delivered), 10);
        assert_eq!(shown(&books[index], how), 10, "{index}");
    }
}

/// Aim: Malaysian operators put four characters before every text, which may need one more segment on their side; the
/// platform paces and bills its own. Method: 157 to 160 GSM characters and 303 to 306 are 161 to 164 and 307 to 310 there.
#[test]
fn malaysia_adds_characters() {
    let cases =
        [(156, 1, 0), (157, 1, 1), (160, 1, 1), (161, 2, 0), (302, 2, 0), (303, 2, 1), (306, 2, 1), (307, 3, 0)];
    let campaigns: Vec<String> = cases
        .iter()
        .map(|(length, ..)| {
            let body = "x".repeat(*length);
            campaign(
                &format!("c{length}"),
                &format!("service: s, kind: otp, body: {body}, recipients: {{ MY: 1 }}, carriers: {{ my/maxis: 1 }}"),
                10,
            )
        })
        .collect();
    let text = scenario(IDEAL, "senders: [ { id: name, type: alphanumeric, name: ACME } ]", &campaigns);
    let run = run(&text);
    let books = books(&text);
    for (index, (length, paced, added)) in cases.into_iter().enumerate() {
        let segments: Vec<u32> = run
            .trace
            .sent()
            .iter()
            .filter(|departure| departure.message.campaign as usize == index)
            .map(|departure| departure.message.segments)
            .collect();
        assert_eq!(segments, [paced; 10], "{length} characters");
        assert_eq!(books[index].segments_sent, u64::from(paced) * 10, "{length} characters");
        assert_eq!(books[index].segments_added, added * 10, "{length} characters");
        assert_eq!(books[index].cost.base, books[0].cost.base * u64::from(paced), "{length} characters");
        assert_eq!(shown(&books[index], Shown::Overwritten), 10, "a random short code");
    }
}

/// Aim: Malaysian operators drop texts with web addresses, telephone numbers or questions for personal data, and
/// marketing from 20:00 to 08:00. Method: by rule; noon in Kuala Lumpur is 04:00 UTC.
#[test]
fn malaysia_drops_links_and_marketing_at_night() {
    let send = |name: &str, what: &str| campaign(name, &format!("service: s, recipients: {{ MY: 1 }}, {what}"), 1);
    let run = world(
        &ideal_at("2026-11-24T12:00:00+08:00[Asia/Kuala_Lumpur]"),
        "senders: [ { id: name, type: alphanumeric, name: ACME, mps: 100 } ]",
        &[
            send("plain", "kind: alert, body: Your parcel is here"),
            send("link", "kind: alert, body: \"Your parcel: https://example.com/p\""),
            send("number", "kind: alert, body: Call +60123456789"),
            send("personal", "kind: alert, body: Who are you, content: [ personal_data ]"),
            send("noon", "kind: marketing, segments: 1"),
            send("evening", "kind: marketing, segments: 1, start_time: 28799s"),
            send("night", "kind: marketing, segments: 1, start_time: 28800s"),
            send("dawn", "kind: marketing, segments: 1, start_time: 71999s"),
            send("morning", "kind: marketing, segments: 1, start_time: 72000s"),
            send("code", "kind: otp, segments: 1, start_time: 28800s"),
        ],
    );
    let codes: Vec<u16> = (0..10).flat_map(|index| run.trace.codes(index)).collect();
    assert_eq!(codes, [0, 30007, 30007, 30007, 0, 0, 30007, 30007, 0, 0]);
    assert_eq!((run.trace.count(Ending::ContentRule), run.trace.count(Ending::CarrierHours)), (3, 2));
}

/// Aim: the Malaysian rule on web addresses holds between people too. Method: as the facts have it, from a Malaysian long
/// code, which people may use.
#[test]
fn malaysia_drops_links_between_people() {
    let run = world(
        IDEAL,
        "senders: [ { id: lc, type: long_code, country: MY } ]",
        &["look: https://example.com", "look here"].map(|body| {
            campaign(
                &format!("c{}", body.len()),
                &format!("service: s, kind: conversation, traffic: p2p, body: \"{body}\", recipients: {{ MY: 1 }}"),
                3,
            )
        }),
    );
    assert_eq!((run.trace.codes(0), run.trace.codes(1)), (vec![30007; 3], vec![0; 3]));
}

/// Aim: India has two routes. A name registered there keeps itself under a prefix, its texts have to match their
/// template, and its marketing is dropped from 21:00 to 10:00; any other name is replaced and bars marketing at all hours,
/// knows no template. Method: by rule, from 20:59:59 on a day in November to the next morning.
#[test]
fn india_has_two_routes() {
    let head = format!(
        "{}\nsenders: [ {{ id: home, type: alphanumeric, name: ACMECO, registered: [ IN ], mps: 100 }}, {{ id: abroad, type: alphanumeric, name: ACMECO, mps: 100 }} ]",
        ideal_at("2026-11-24T20:59:59+05:30[Asia/Kolkata]")
    );
    let mut campaigns = Vec::new();
    for from in ["home", "abroad"] {
        let keys = |what: &str| format!("from: {from}, segments: 1, recipients: {{ IN: 1 }}, {what}");
        for (name, what) in [
            ("alert", "kind: alert, start_time: 2h"),
            ("free", "kind: alert, start_time: 2h, content: [ no_template ]"),
            ("evening", "kind: marketing"),
            ("night", "kind: marketing, start_time: 1s"),
            ("dawn", "kind: marketing, start_time: 46800s"), // 09:59:59
            ("morning", "kind: marketing, start_time: 46801s"), // 10:00:00
        ] {
            campaigns.push(campaign(&format!("{from}-{name}"), &keys(what), 1));
        }
    }
    let text = scenario(&head, "senders: []", &campaigns);
    let run = run(&text);
    let codes: Vec<u16> = (0..12).flat_map(|index| run.trace.codes(index)).collect();
    assert_eq!(codes[..6], [0, 30007, 0, 30007, 30007, 0], "registered");
    assert_eq!(codes[6..], [0, 0, 30007, 30007, 30007, 30007], "from abroad");
    let books = books(&text);
    assert_eq!(shown(&books[0], Shown::Overwritten), 0, "registered");
    assert_eq!(shown(&books[6], Shown::Overwritten), 1, "a random code");
}

/// Aim: a name registered in India is shown in another notation, with two letters and a hyphen before it. Method: as the
/// facts have it.
#[test]
fn india_prefixes_registered_names() {
    let books = books(&scenario(
        IDEAL,
        "senders: [ { id: home, type: alphanumeric, name: ACMECO, registered: [ IN ] } ]",
        &[campaign("alert", &to("IN"), 5)],
    ));
    assert_eq!(shown(&books[0], Shown::Rewritten), 5, "{:?}", books[0].shown);
}

/// Aim: a service that keeps marketing for the legal hours keeps that of a name registered in India until 10:00. Method:
/// sent at 22:00 it is released 12 h later.
#[test]
fn india_can_be_waited_for() {
    let run = world(
        &ideal_at("2026-11-24T22:00:00+05:30[Asia/Kolkata]"),
        "features: { quiet_hours: hold }, senders: [ { id: home, type: alphanumeric, name: ACMECO, registered: [ IN ] } ]",
        &[campaign("sale", &to("IN").replace("alert", "marketing"), 3)],
    );
    assert_eq!(run.trace.codes(0), [0; 3]);
    assert_eq!(run.trace.sent_at(0), [ms(43_200_000), ms(43_200_100), ms(43_200_200)]);
}

/// The night in the Emirates: 22:00 in Dubai; their morning begins 9 h later.
const DUBAI: &str = "2026-11-24T22:00:00+04:00[Asia/Dubai]";
/// A name registered in the Emirates that says what marketing has to say, and keeps within 11 characters.
const PROMO: &str = "{ id: name, type: alphanumeric, name: AD-ACME, registered: [ AE ] }";

/// Aim: marketing that a service keeps over the night of the Emirates is released at 07:00 all at once, drains at the
/// sender's 10 segments a second in the order of campaigns, and its validity counts from the release; codes are not
/// kept. Method: 120 and 80 messages of the night, 5 s of validity for the second lot; 07:00 is 32,400 s after the start.
#[test]
fn the_emirates_wake_up_to_a_burst() {
    let sale = to("AE").replace("alert", "marketing");
    let run = world(
        &ideal_at(DUBAI),
        &format!("features: {{ quiet_hours: hold }}, senders: [ {PROMO} ]"),
        &[
            campaign("evening", &format!("{sale}, start_time: 1h"), 120),
            campaign("late", &format!("{sale}, start_time: 32399s, validity_period: 15s"), 80),
            campaign("code", &to("AE").replace("alert", "otp"), 2),
        ],
    );
    let morning = |k: u64| ms(32_400_000 + 100 * k);
    assert_eq!(run.trace.sent_at(0), (0..120).map(morning).collect::<Vec<_>>());
    assert_eq!(run.trace.codes(0), [0; 120]);
    // The second lot is in places 120 to 199; a wait of 15 s is place 150.
    assert_eq!(run.trace.sent_at(1), (120..=150).map(morning).collect::<Vec<_>>());
    assert_eq!(run.trace.codes(1), [[0; 31].as_slice(), &[30036; 49]].concat());
    let expired: Vec<SimTime> =
        run.trace.ends().iter().filter(|(.., ending)| *ending == Ending::Expired).map(|(at, ..)| *at).collect();
    assert_eq!(expired, vec![s(32_415); 49]);
    assert_eq!(run.trace.sent_at(2), [ms(0), ms(100)]);
    let at: Vec<SimTime> = released(&run).iter().map(|(at, _)| *at).collect();
    assert_eq!(at, vec![s(32_400); 200]);
}

/// Aim: a service may fail such messages instead (30610), or do nothing, and then the carriers keep them until 07:00.
/// Method: by rule, at the seconds around 21:00 and 07:00.
#[test]
fn the_emirates_hours_are_failed_or_left_to_the_carriers() {
    let at_times = ["0s", "1s", "36000s", "36001s"]; // 20:59:59, 21:00:00, 06:59:59, 07:00:00
    let campaigns: Vec<String> = (0..4)
        .map(|i| {
            campaign(
                &format!("c{i}"),
                &format!("{}, start_time: {}", to("AE").replace("alert", "marketing"), at_times[i]),
                1,
            )
        })
        .collect();
    let head = ideal_at("2026-11-24T20:59:59+04:00[Asia/Dubai]");
    let failed = world(&head, &format!("features: {{ quiet_hours: fail }}, senders: [ {PROMO} ]"), &campaigns);
    let codes: Vec<u16> = (0..4).flat_map(|index| failed.trace.codes(index)).collect();
    assert_eq!(codes, [0, 30610, 30610, 0]);
    assert_eq!(failed.trace.sent().len(), 2, "what fails is not sent");
    assert_eq!(Ending::QuietHours.status(), Status::Failed);

    let advised = world(&head, &format!("senders: [ {PROMO} ]"), &campaigns);
    assert_eq!((0..4).flat_map(|index| advised.trace.codes(index)).collect::<Vec<u16>>(), [0; 4]);
    assert_eq!(
        (0..4).flat_map(|index| advised.trace.sent_at(index)).collect::<Vec<_>>(),
        [s(0), s(1), s(36_000), s(36_001)]
    );
    assert_eq!(
        (0..4).flat_map(|index| ended_at(&advised, index)).collect::<Vec<_>>(),
        [s(0), s(36_001), s(36_001), s(36_001)]
    );
}

/// Aim: for a message handed over ahead of time the hours of its due time count, not those of the call. Method: calls at
/// 20:00 and 22:00 in Dubai for 22:00 and for 08:00, by what the service does.
#[test]
fn hours_are_asked_when_a_message_is_due() {
    let sale = to("AE").replace("alert", "marketing");
    for (feature, code, first) in [("hold", 0, vec![s(39_600)]), ("fail", 30610, vec![])] {
        let run = world(
            &ideal_at("2026-11-24T20:00:00+04:00[Asia/Dubai]"),
            &format!("features: {{ quiet_hours: {feature} }}, senders: [ {PROMO} ]"),
            &[
                campaign("closed", &format!("{sale}, schedule: {{ lead: 2h }}"), 1),
                campaign("open", &format!("{sale}, start_time: 2h, schedule: {{ lead: 10h }}"), 1),
            ],
        );
        assert_eq!((run.trace.codes(0), run.trace.sent_at(0)), (vec![code], first), "{feature}");
        assert_eq!((run.trace.codes(1), run.trace.sent_at(1)), (vec![0], vec![s(43_200)]), "{feature}");
    }
}

/// Aim: only hours that the law closes are kept or failed; advice of a vendor is none. Method: marketing at midnight in
/// Nigeria (law: 20:00 to 08:00), Germany and Norway (advice), by what the service does.
#[test]
fn advice_is_not_law() {
    let sale = |country: &str| to(country).replace("alert", "marketing");
    let campaigns = [campaign("ng", &sale("NG"), 2), campaign("de", &sale("DE"), 2), campaign("no", &sale("NO"), 2)];
    for (feature, code) in [("fail", 30610), ("hold", 0)] {
        let run = world(
            &ideal_at("2026-11-24T00:00:00+01:00[Africa/Lagos]"),
            &format!(
                "features: {{ quiet_hours: {feature} }}, senders: [ {{ id: name, type: alphanumeric, name: ACME, registered: true }} ]"
            ),
            &campaigns,
        );
        assert_eq!(run.trace.codes(0), [code; 2], "{feature}");
        assert_eq!((run.trace.codes(1), run.trace.codes(2)), (vec![0; 2], vec![0; 2]), "{feature}");
        assert_eq!((run.trace.sent_at(1), run.trace.sent_at(2)), (vec![ms(0), ms(100)], vec![ms(0), ms(100)]));
        if feature == "hold" {
            assert_eq!(run.trace.sent_at(0), [ms(28_800_000), ms(28_800_100)], "08:00 in Lagos");
        }
    }
}

/// Aim: one name fares differently by carrier. Method: by rule: in Czechia T-Mobile and O2 drop names that are not
/// registered and Vodafone keeps them; in Bangladesh all but Banglalink drop them.
#[test]
fn a_name_fares_differently_by_carrier() {
    for (carrier, unregistered) in [
        ("cz/t-mobile-cz", 30007),
        ("cz/o2-czech", 30007),
        ("cz/vodafone-cz", 0),
        ("bd/grameenphone", 30007),
        ("bd/robi", 30007),
        ("bd/teletalk", 30007),
        ("bd/banglalink", 0),
    ] {
        let country = carrier[..2].to_uppercase();
        for (registered, code) in [("".to_owned(), unregistered), (format!(", registered: [ {country} ]"), 0)] {
            let text = scenario(
                IDEAL,
                &format!("senders: [ {{ id: name, type: alphanumeric, name: ACME{registered} }} ]"),
                &[campaign("c", &at(carrier), 10)],
            );
            let run = run(&text);
            assert_eq!(run.trace.codes(0), [code; 10], "{carrier}{registered}");
            assert_eq!(run.trace.sent().len(), 10);
            let dropped = if code == 0 { 0 } else { 10 };
            assert_eq!(run.trace.count(Ending::NameUnregistered), dropped, "{carrier}{registered}");
            assert_eq!(shown(&books(&text)[0], Shown::AsSent), 10 - dropped as u64, "{carrier}{registered}");
        }
    }
}

// --- hours in the zones of the United States --------------------------------------------------------------------------

/// A US short code that is never busy, in a service that keeps marketing for the legal hours.
const KEEPING: &str =
    "features: { quiet_hours: hold }, senders: [ { id: sc, type: short_code, country: US, mps: 1000000 } ]";
const PEOPLE: u64 = 20_000;

/// The share of people that are so.
fn share(count: usize) -> f64 {
    count as f64 / PEOPLE as f64
}

/// Aim: marketing kept over the night goes out at 08:00 where its recipient lives, in Connecticut at 09:00, in Texas at
/// 09:00 or on Sundays at noon; one-time codes are not kept. Method: 20,000 people of one carrier at 03:00 in New York,
/// when all of the country is closed, on a Tuesday and on the Sunday of March on which clocks go forward. Each release is
/// read off the clock of the person's zone; shares of zones are the catalogue's within three points, those of the two
/// states the census's (3.6 and 29.1 of 331.4 million) within one.
#[test]
fn the_united_states_wake_up_zone_by_zone() {
    let connecticut = 3_605_944.0 / 331_449_281.0;
    let texas = 29_145_505.0 / 331_449_281.0;
    // By hand, after the start: on the Tuesday 08:00 in New York is 5 h, in Chicago 6, Denver and Phoenix 7, Los Angeles 8,
    // Anchorage 9, Honolulu 10; 09:00 in Connecticut 6, in Texas 7 or, around El Paso, 8. On the Sunday 08:00 is 5 h in
    // New York, 6 in Chicago, 7 in Denver, 8 in Phoenix and Los Angeles, 9 in Anchorage, 11 in Honolulu; 09:00 in
    // Connecticut 6, noon in Texas 10 or 11.
    for (start, late, last) in [
        ("2026-11-24T03:00:00-05:00", [(9, connecticut + texas), (12, 0.0)], 10),
        ("2027-03-14T03:00:00-04:00", [(9, connecticut), (12, texas)], 11),
    ] {
        let sale = at("us/verizon").replace("alert", "marketing");
        let run = world(
            &ideal_at(&format!("{start}[America/New_York]")),
            KEEPING,
            &[campaign("sale", &sale, PEOPLE), campaign("code", &at("us/verizon").replace("alert", "otp"), 100)],
        );
        assert!(run.trace.sent_at(1).iter().all(|at| *at < ms(200)), "codes are not kept");
        let all = released(&run);
        assert_eq!(all.len() as u64, PEOPLE);
        assert_eq!(run.trace.count(Ending::Delivered) as u64, PEOPLE + 100);
        let us = run.model.countries.iter().position(|country| country.code.as_str() == "US").expect("they live there");
        let zone = |message: &Message| {
            let place = run.model.countries[us].places.list[usize::from(message.place)];
            &run.model.zones[place.zone]
        };
        let mut at_hour = [0; 24];
        for (at, message) in &all {
            let local = run.model.calendar.instant(*at).to_zoned_datetime(TimeZone::clone(zone(message)));
            assert_eq!((local.minute(), local.second(), local.subsec_nanosecond()), (0, 0, 0), "{local}");
            at_hour[usize::try_from(local.hour()).expect("of a day")] += 1;
        }
        let rest: usize = [8, 9, 12].iter().map(|hour| at_hour[*hour]).sum();
        assert_eq!(rest as u64, PEOPLE, "{at_hour:?}");
        for (hour, expected) in late {
            assert!((share(at_hour[hour]) - expected).abs() < 0.01, "{start}, {hour}: {}", share(at_hour[hour]));
        }
        for (name, expected) in [
            ("America/New_York", 0.47),
            ("America/Chicago", 0.29),
            ("America/Los_Angeles", 0.166),
            ("America/Denver", 0.046),
            ("America/Phoenix", 0.022),
            ("Pacific/Honolulu", 0.004),
            ("America/Anchorage", 0.002),
        ] {
            let found = share(all.iter().filter(|(_, message)| zone(message).iana_name() == Some(name)).count());
            assert!((found - expected).abs() < 0.03 && found > expected / 2.0, "{name}: {found}");
        }
        let hours: BTreeSet<u64> = all.iter().map(|(at, _)| at.as_nanos()).collect();
        let expected: Vec<u64> = (5..=last).map(|hour| s(hour * 3_600).as_nanos()).collect();
        assert_eq!(hours.into_iter().collect::<Vec<_>>(), expected, "{start}");
    }
}

/// Aim: Florida, Maryland and Connecticut close an hour before the rest of their zone. Method: marketing at 20:30 in New
/// York: only people of these states are kept (the census: 21.5, 6.2 and 3.6 of 331.4 million, less the part of Florida
/// in the next zone), until 08:00, in Connecticut 09:00. Half an hour before eight nobody is.
#[test]
fn florida_goes_to_bed_early() {
    let sale = at("us/verizon").replace("alert", "marketing");
    let at_time = |time: &str| {
        world(
            &ideal_at(&format!("2026-11-24T{time}-05:00[America/New_York]")),
            KEEPING,
            &[campaign("sale", &sale, PEOPLE), campaign("code", &at("us/verizon").replace("alert", "otp"), 100)],
        )
    };
    assert_eq!(released(&at_time("19:30:00")).len(), 0);
    let run = at_time("20:30:00");
    let kept = released(&run);
    assert!((0.08..0.102).contains(&share(kept.len())), "{}", share(kept.len()));
    let until = |at| kept.iter().filter(|(released, _)| *released == at).count();
    let (eight, nine) = (until(s(41_400)), until(s(45_000)));
    assert_eq!(eight + nine, kept.len(), "08:00 and 09:00 in New York");
    assert!((share(nine) - 3_605_944.0 / 331_449_281.0).abs() < 0.004, "{}", share(nine));
    assert!(kept.iter().all(|(_, message)| message.campaign == 0), "codes are not kept");
    assert_eq!(run.trace.count(Ending::Delivered) as u64, PEOPLE + 100);
}

// --- fixed lines and WhatsApp -----------------------------------------------------------------------------------------

/// Aim: fixed lines are tried in the United States, Canada and the United Kingdom and fail at the carrier (30006); in
/// other countries the call is refused (21614). Method: nobody has a mobile number.
#[test]
fn fixed_lines() {
    for (sender, country, refused) in [
        ("{ id: n, type: short_code, country: US }", "US", false),
        ("{ id: n, type: toll_free, country: US }", "CA", false),
        ("{ id: n, type: alphanumeric, name: ACME }", "GB", false),
        ("{ id: n, type: alphanumeric, name: ACME }", "DE", true),
        ("{ id: n, type: alphanumeric, name: ACME }", "FR", true),
    ] {
        for through in ["service: s", "from: n"] {
            let keys = format!("{}, landline: 100%", to(country).replace("service: s", through));
            let run = world(IDEAL, &format!("senders: [ {sender} ]"), &[campaign("c", &keys, 5)]);
            let (code, ending, sent) =
                if refused { (21614, Ending::RefusedLandline, 0) } else { (30006, Ending::Landline, 5) };
            assert_eq!(run.trace.codes(0), [code; 5], "{country} {through}");
            assert_eq!(run.trace.count(ending), 5, "{country} {through}");
            assert_eq!(run.trace.sent().len(), sent, "{country} {through}");
        }
    }
}

/// Aim: a WhatsApp sender sends 80 messages a second to all countries together, whatever their length; who is not on
/// WhatsApp gets none (63003); and text messages never come from it, nor WhatsApp messages from other senders. Method:
/// bursts to Germany and France from one queue: the k-th leaves at k / 80 s.
#[test]
fn whatsapp_has_one_queue_of_messages() {
    let wa = "{ id: wa, type: whatsapp }";
    let name = "{ id: name, type: alphanumeric, name: ACME }";
    let chat = |name: &str, country: &str, more: &str, count: u64| {
        let body = "x".repeat(500); // four segments as a text message
        campaign(
            name,
            &format!("service: s, channel: whatsapp, kind: alert, body: {body}, recipients: {{ {country}: 1 }}{more}"),
            count,
        )
    };
    let run = world(
        IDEAL,
        &format!("senders: [ {name}, {wa} ]"),
        &[
            chat("de", "DE", "", 81),
            chat("fr", "FR", "", 81),
            chat("off", "DE", ", whatsapp: 0%", 10),
            campaign("text", &to("DE"), 10),
        ],
    );
    assert_eq!(run.trace.sent_at(0), (0..81).map(|k| slot(k, 80, 1)).collect::<Vec<_>>());
    assert_eq!(run.trace.sent_at(1), (81..162).map(|k| slot(k, 80, 1)).collect::<Vec<_>>());
    assert_eq!((run.senders(0), run.senders(1)), (vec!["wa"; 81], vec!["wa"; 81]));
    assert_eq!((run.trace.codes(0), run.trace.codes(1)), (vec![0; 81], vec![0; 81]));
    assert_eq!((run.trace.codes(2), run.trace.sent_at(2)), (vec![63003; 10], vec![]));
    assert_eq!((run.senders(3), run.trace.codes(3)), (vec!["name"; 10], vec![0; 10]));

    let only_wa = world(IDEAL, &format!("senders: [ {wa} ]"), &[campaign("text", &to("DE"), 5)]);
    assert_eq!(only_wa.trace.codes(0), [21703; 5]);
    let only_name = world(IDEAL, &format!("senders: [ {name} ]"), &[chat("chat", "DE", "", 5)]);
    assert_eq!(only_name.trace.codes(0), [21703; 5]);
    let any = world(
        IDEAL,
        &format!("selection: {{ priority: none }}, senders: [ {wa}, {name} ]"),
        &[campaign("text", &to("DE"), 5)],
    );
    assert_eq!(any.senders(0), ["name"; 5]);
}

// --- ahead of time ----------------------------------------------------------------------------------------------------

/// Aim: a message is taken ahead of time by more than 300 s and at most 35 days (else 35115), and then waits like any
/// other from when it is due. Method: at both edges; three messages at 1/s with a validity of 1 s, due 600 s after the
/// call.
#[test]
fn messages_are_scheduled_from_five_minutes_to_five_weeks_ahead() {
    let sender = "{ id: n, type: long_code, country: XX, mps: 1 }";
    for (lead, taken) in [
        ("301s", true),
        ("300s", false),
        ("1s", false),
        ("3024000s", true), // 35 days
        ("3024001s", false),
        ("3110400s", false), // 36 days
    ] {
        let run = world(
            "",
            &format!("senders: [ {sender} ]"),
            &[campaign("c", &format!("{}, schedule: {{ lead: {lead} }}", to("XX")), 1)],
        );
        assert_eq!(run.trace.codes(0), [if taken { 0 } else { 35115 }], "{lead}");
        assert_eq!(run.finished.ledger.accepted.messages, u64::from(taken), "{lead}");
    }
    let run = world(
        "",
        &format!("validity_period: 1s, senders: [ {sender} ]"),
        &[campaign("c", &format!("{}, schedule: {{ lead: 600s }}", to("XX")), 3)],
    );
    let sent: Vec<_> =
        run.trace.sent().iter().map(|d| (d.message.accepted, d.message.waits_since(), d.message.sent)).collect();
    assert_eq!(sent, [(s(0), s(600), s(600)), (s(0), s(600), s(601))]);
    assert_eq!(run.trace.codes(0), [0, 0, 30036]);
    assert_eq!(ended_at(&run, 0), [s(600), s(601), s(601)]);
}

/// Aim: calls for one date are taken as long as it is more than five minutes off. Method: a call every 100 s from 13:00,
/// all due at 14:00: those of 0 to 3,200 s are taken, those of 3,300 s on are not.
#[test]
fn calls_for_one_date() {
    let run = run("clock: { start: \"2026-11-27T13:00:00-05:00\" }
services: { s: { senders: [ { id: n, type: long_code, country: XX, mps: 1 } ] } }
campaigns: { c: { service: s, segments: 1, recipients: { XX: 1 }, schedule: { send_at: \"2026-11-27T14:00:00-05:00\" },
  arrivals: { phases: [ { duration: 3600s, arrival_count: 36 } ] } } }");
    assert_eq!(run.trace.codes(0), [[0; 33].as_slice(), &[35115; 3]].concat());
    assert_eq!(run.trace.sent_at(0), (3_600..3_633).map(s).collect::<Vec<_>>());
}

/// Aim: what is taken back before it is due is canceled then; what is due by then is sent. Method: all of three messages
/// that are due after 600 s.
#[test]
fn scheduled_messages_are_taken_back() {
    for (after, canceled) in [(60u64, true), (599, true), (600, false), (601, false)] {
        let run = world(
            "",
            "senders: [ { id: n, type: long_code, country: XX, mps: 1 } ]",
            &[campaign(
                "c",
                &format!("{}, schedule: {{ lead: 600s, cancel: {{ share: 100%, after: {after}s }} }}", to("XX")),
                3,
            )],
        );
        let expected = if canceled { (3, 0, vec![s(after); 3]) } else { (0, 3, vec![s(600), s(601), s(602)]) };
        let found = (run.trace.count(Ending::Canceled), run.trace.sent().len(), ended_at(&run, 0));
        assert_eq!(found, expected, "after {after} s");
    }
    assert_eq!(Ending::Canceled.status(), Status::Canceled);
}

/// Aim: an account has at most 500,000 messages scheduled at once; what goes or is taken back makes room. Method: of
/// 500,002 two are refused (35125). One more is refused a second before they go, and taken after.
#[test]
fn an_account_schedules_half_a_million() {
    let sender = "senders: [ { id: n, type: long_code, country: XX, mps: 1000000 } ]";
    let keys = |more: &str| format!("{}, {more}", to("XX"));
    for (cancel, gone) in [("", 600), (", cancel: { share: 100%, after: 60s }", 60)] {
        let (_, totals) = totals(&scenario(
            "",
            sender,
            &[
                campaign("many", &keys(&format!("schedule: {{ lead: 600s{cancel} }}")), 500_002),
                campaign("before", &keys(&format!("start_time: {}s, schedule: {{ lead: 301s }}", gone - 1)), 1),
                campaign("after", &keys(&format!("start_time: {}s, schedule: {{ lead: 301s }}", gone + 1)), 10),
            ],
        ));
        assert_eq!(totals.count(Ending::RefusedScheduledLimit), 3, "{cancel}");
        assert_eq!(Ending::RefusedScheduledLimit.code(), Some(35125));
        let (delivered, canceled) = if cancel.is_empty() { (500_010, 0) } else { (10, 500_000) };
        assert_eq!((totals.count(Ending::Delivered), totals.count(Ending::Canceled)), (delivered, canceled));
    }
}

// --- people and their senders -----------------------------------------------------------------------------------------

/// Aim: with `area_code_match` a number of the recipient's area code or of one that overlays it goes first, else each in
/// turn. Method: Manhattan (212), Houston (713) and San Francisco (415) with 646, 832 and 628 as overlays, which are the
/// same areas; each of 5,000 messages against where its recipient lives.
#[test]
fn numbers_of_the_recipients_area_go_first() {
    let pool = |feature: &str| {
        world(
            IDEAL,
            &format!(
                "features: {{ area_code_match: {feature} }}, senders: [ {{ id: lc, type: long_code, country: US, count: 3, area_codes: [ \"212\", \"713\", \"415\" ], {TEN_DLC} }}, {{ id: over, type: long_code, country: US, count: 3, area_codes: [ \"646\", \"832\", \"628\" ], {TEN_DLC} }} ]"
            ),
            &[campaign("c", &at("us/verizon"), 5_000)],
        )
    };
    let run = pool("true");
    let area: Vec<u32> = run.model.senders.iter().map(|sender| sender.area).collect();
    assert_eq!(area[..3], area[3..], "overlays");
    assert!(area[0] != area[1] && area[1] != area[2] && area[0] != area[2] && !area.contains(&NO_AREA));
    let draws = Draws::new(run.model.seed, 0);
    let us = run.model.countries.iter().position(|country| country.code.as_str() == "US").expect("they live there");
    let home = |number: u64| {
        let person = people::recipient(&run.model, draws, 0, number);
        run.model.countries[us].places.list[people::place(&run.model, draws, &person)].area
    };
    let (mut matched, mut others) = ([0u32; 6], [0u32; 6]);
    for (number, sender) in run.senders(0).iter().enumerate() {
        let sender = run.model.senders.iter().position(|known| known.id == *sender).expect("one of the pool");
        let home = home(number as u64);
        if area[..3].contains(&home) {
            assert_eq!(area[sender], home, "message {number}");
            matched[sender] += 1;
        } else {
            others[sender] += 1;
        }
    }
    assert!(matched.iter().all(|count| *count > 0), "{matched:?}");
    let (least, most) = (others.iter().min(), others.iter().max());
    assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1), "in turn: {others:?}");

    let off = pool("false");
    let in_turn: Vec<&str> =
        ["lc-1", "lc-2", "lc-3", "over-1", "over-2", "over-3"].into_iter().cycle().take(5_000).collect();
    assert_eq!(off.senders(0), in_turn);
}

/// Aim: a person who has a sender keeps it, area code or not. Method: 40 people, ten messages each on average, over
/// numbers of three areas.
#[test]
fn a_known_sender_goes_before_the_area() {
    let run = run(&format!(
        "{IDEAL}
audiences: {{ people: {{ size: 40, recipients: {{ US: 1 }}, carriers: {{ us/verizon: 1 }} }} }}
services: {{ s: {{ features: {{ area_code_match: true }}, senders: [ {{ id: lc, type: long_code, country: US, count: 6, area_codes: [ \"212\", \"713\", \"415\" ], {TEN_DLC} }} ] }} }}
campaigns: {{ c: {{ service: s, kind: alert, segments: 1, audience: people, pick: uniform, arrivals: {{ phases: [ {{ duration: 400s, arrival_count: 400 }} ] }} }} }}"
    ));
    let draws = Draws::new(run.model.seed, 0);
    let mut first = vec![""; 40];
    for (number, sender) in run.senders(0).iter().enumerate() {
        let person =
            people::recipient(&run.model, draws, 0, number as u64).identity.expect("met again").number as usize;
        if first[person].is_empty() {
            first[person] = sender;
        }
        assert_eq!(first[person], *sender, "message {number}");
    }
    let used: BTreeSet<&str> = first.into_iter().collect();
    assert!(used.len() > 3, "{used:?}");
}

/// Aim: a person's sender is forgotten when its registration fails, and the next one chosen afresh. Method: one person,
/// four messages ten seconds apart, two numbers in turn of which the first is not registered (30034) or not yet (30035):
/// the second message comes from the second number, and so do the rest. With the failure left out all come from the first.
#[test]
fn a_sender_without_registration_is_forgotten() {
    let scenario = |first: &str| {
        run(&format!(
            "{IDEAL}
audiences: {{ one: {{ size: 1, recipients: {{ US: 1 }}, carriers: {{ us/verizon: 1 }} }} }}
services: {{ s: {{ senders: [ {{ id: a, type: long_code, country: US{first} }}, {{ id: b, type: long_code, country: US, {TEN_DLC} }} ] }} }}
campaigns: {{ c: {{ service: s, kind: alert, segments: 1, audience: one, pick: uniform, arrivals: {{ phases: [ {{ duration: 40s, arrival_count: 4 }} ] }} }} }}"
        ))
    };
    for (first, code) in
        [("", 30034), (", ten_dlc: { brand: b, campaign: d, trust_score: 80, status: pending }", 30035)]
    {
        let run = scenario(first);
        assert_eq!(run.senders(0), ["a", "b", "b", "b"], "{first}");
        assert_eq!(run.trace.codes(0), [code, 0, 0, 0], "{first}");
    }
    let run = scenario(", ten_dlc: { brand: b, campaign: d, trust_score: 80 }");
    assert_eq!(run.senders(0), ["a"; 4]);
}

// --- classes of service -----------------------------------------------------------------------------------------------

/// A campaign to the test bench.
fn bench(name: &str, kind: &str, segments: u32, count: u64) -> String {
    campaign(name, &to("XX").replace("alert", kind).replace("segments: 1", &format!("segments: {segments}")), count)
}

/// Sends 3,000 segments of each of three classes at once from a sender of 100/s and holds what leaves against shares in
/// percent. The k-th segment leaves at k / 100 s, so work is conserved and the rate never exceeded; while all classes
/// with a share wait, every prefix has segments of each within three times the largest message of its share.
fn classes(head: &str, kinds: [&str; 3], segments: [u32; 3], shares: [u64; 3]) {
    let campaigns: Vec<String> = (0..3)
        .filter(|i| shares[*i] > 0)
        .map(|i| bench(&format!("c{i}"), kinds[i], segments[i], 3_000 / u64::from(segments[i])))
        .collect();
    let names: Vec<usize> = (0..3).filter(|i| shares[*i] > 0).collect();
    let run = world(head, "senders: [ { id: n, type: short_code, country: XX, mps: 100 } ]", &campaigns);
    let largest = u64::from(*segments.iter().max().expect("three"));
    let mut left = [0u64; 3];
    let mut worst: Option<([u64; 3], u64)> = None;
    for departure in run.trace.sent() {
        let total: u64 = left.iter().sum();
        assert_eq!(departure.message.sent, ms(10 * total), "work is conserved and the rate kept");
        left[names[departure.message.campaign as usize]] += u64::from(departure.message.segments);
        if left.iter().all(|segments| *segments < 3_000) {
            let total: u64 = left.iter().sum();
            let off = (0..3).map(|i| (left[i] * 100).abs_diff(shares[i] * total)).max().expect("three");
            if worst.is_none_or(|(_, most)| off > most) {
                worst = Some((left, off));
            }
        }
    }
    assert_eq!(left.iter().sum::<u64>(), 3_000 * names.len() as u64);
    let (left, off) = worst.expect("some left");
    let total: u64 = left.iter().sum();
    assert!(off <= 300 * largest, "{head}, {segments:?}: {left:?} of {total} segments, {shares:?} % expected");
}

/// Aim: three classes that all wait share a sender's rate 50 to 30 to 20. Method: see [`classes`], single segments, each
/// kind of campaign in its class.
#[test]
fn three_classes_share_a_rate() {
    let shaping = "account: { traffic_shaping: {} }";
    for kinds in [
        ["otp", "reminder", "marketing"],
        ["alert", "conversation", "marketing"],
        ["otp", "informational", "marketing"],
    ] {
        classes(shaping, kinds, [1; 3], [50, 30, 20]);
    }
}

/// Aim: what a class does not use goes to the others. Method: see [`classes`], with one class idle: 30 to 20, 50 to 20 and
/// 50 to 30 of the full rate; alone a class has all of it.
#[test]
fn an_idle_class_leaves_its_share() {
    let shaping = |shares: &str| format!("account: {{ traffic_shaping: {shares} }}");
    let kinds = ["otp", "reminder", "marketing"];
    classes(&shaping("{}"), kinds, [1; 3], [0, 60, 40]);
    classes(&shaping("{ shares: [ 40, 30, 40 ] }"), kinds, [1; 3], [50, 0, 50]);
    classes(&shaping("{}"), kinds, [1; 3], [0, 0, 100]);
    classes(&shaping("{}"), kinds, [1; 3], [100, 0, 0]);
}

/// Aim: a class may have more than half of the rate. Method: see [`classes`], shares of 60 and 80 percent.
#[test]
fn a_class_may_have_most_of_the_rate() {
    let kinds = ["otp", "reminder", "marketing"];
    classes("account: { traffic_shaping: { shares: [ 60, 30, 10 ] } }", kinds, [1; 3], [60, 30, 10]);
    classes("account: { traffic_shaping: { shares: [ 80, 10, 10 ] } }", kinds, [1; 3], [80, 10, 10]);
}

/// Aim: shares are of segments, not of messages. Method: see [`classes`], messages of unlike sizes.
#[test]
fn classes_share_segments() {
    let kinds = ["otp", "reminder", "marketing"];
    for segments in [[1, 2, 3], [3, 2, 1], [1, 3, 3], [6, 1, 1]] {
        classes("account: { traffic_shaping: {} }", kinds, segments, [50, 30, 20]);
    }
}

/// Aim: one-time codes wait far less behind a burst of marketing when traffic is shaped, also when the third class is
/// idle; 10DLC traffic is not shaped. Method: 3,000 messages of marketing at once on 100/s, and ten codes a second from
/// second 1 on, a tenth of the rate: shaped, each waits for about the slot in progress; not shaped, for all 3,000.
#[test]
fn codes_overtake_marketing() {
    let codes = "  code: { service: s, kind: otp, segments: 1, start_time: 1s, recipients: { XX: 1 }, arrivals: { phases: [ { duration: 10s, arrival_count: 100 } ] } }\n".to_owned();
    let wait = |head: &str| {
        let run = world(
            head,
            "senders: [ { id: n, type: short_code, country: XX, mps: 100 } ]",
            &[bench("sale", "marketing", 1, 3_000), codes.clone()],
        );
        let mut last: Option<SimTime> = None;
        for departure in run.trace.sent() {
            assert!(last.is_none_or(|last| departure.message.sent.since(last).as_nanos() >= 10_000_000), "10 ms apart");
            last = Some(departure.message.sent);
        }
        let waits: Vec<u64> = run
            .trace
            .sent()
            .iter()
            .filter(|departure| departure.message.campaign == 1)
            .map(|departure| departure.message.sent.since(departure.message.intended).as_nanos() / 1_000_000)
            .collect();
        assert_eq!(waits.len(), 100);
        (*waits.iter().min().expect("100"), *waits.iter().max().expect("100"))
    };
    assert!(wait("account: { traffic_shaping: {} }").1 <= 20, "{:?}", wait("account: { traffic_shaping: {} }"));
    assert!(wait("").0 >= 20_000);

    let ten_dlc = |head: &str| {
        let run = world(
            &format!("{head}\n{IDEAL}"),
            &format!("senders: [ {{ id: lc, type: long_code, country: US, {TEN_DLC} }} ]"),
            &[
                campaign("sale", &at("us/verizon").replace("alert", "marketing"), 750),
                campaign("code", &format!("{}, start_time: 1s", at("us/verizon").replace("alert", "otp")), 5),
            ],
        );
        run.trace.sent_at(1)
    };
    let fifo: Vec<SimTime> = (750..755).map(|k| slot(k, 75, 1)).collect();
    assert_eq!(ten_dlc("account: { traffic_shaping: {} }"), fifo);
    assert_eq!(ten_dlc(""), fifo);
}

// --- words of the file ------------------------------------------------------------------------------------------------

/// Aim: `NO` is Norway wherever a country stands, and leading zeros of numbers stay. Method: as key and as value, in maps
/// and lists; digits with and without quotes.
#[test]
fn norway_and_leading_zeros() {
    let run = run("overrides: { network: ideal, countries: { NO: { name: Northland } } }
account: { ceilings: [ { country: NO, type: long_code, rate: 5/s } ] }
services: { s: { senders: [ { id: lc, type: long_code, country: NO, number: 012345 }, { id: quoted, type: long_code, country: NO, number: \"012345\" } ] } }
senders: [ { id: name, type: alphanumeric, name: ACME, countries: [ NO ], registered: [ NO ] } ]
campaigns:
  c: { service: s, kind: alert, segments: 1, recipients: { NO: 1 }, arrivals: { phases: [ { duration: 0, arrival_count: 4 } ] } }
  n: { from: name, kind: alert, segments: 1, recipients: { NO: 1 }, arrivals: { phases: [ { duration: 0, arrival_count: 4 } ] } }
  d: { from: name, kind: alert, segments: 1, recipients: { DE: 1 }, arrivals: { phases: [ { duration: 0, arrival_count: 4 } ] } }");
    assert_eq!(run.trace.codes(0), [0; 4]);
    assert_eq!(run.trace.sent_at(0), [ms(0), ms(200), ms(400), ms(600)], "the ceiling is over Norway");
    assert_eq!((run.trace.codes(1), run.trace.codes(2)), (vec![0; 4], vec![21612; 4]));
    let labels: Vec<Option<&str>> = run.model.groups.iter().map(|group| group.label.as_deref()).collect();
    assert_eq!(labels[..2], [Some("012345"); 2]);
    let names: Vec<(&str, &str)> =
        run.model.countries.iter().map(|country| (country.code.as_str(), country.name.as_str())).collect();
    assert!(names.contains(&("NO", "Northland")), "{names:?}");
}

/// Aim: a scenario replaces facts of a country, lists as a whole, and says so. Method: France lets applications use long
/// codes, sends from them at 20/s, and loses its hours; Germany gets legal ones.
#[test]
fn a_scenario_replaces_facts() {
    let facts = "clock: { start: \"2026-11-29T23:00:00+01:00[Europe/Paris]\" }
overrides:
  network: ideal
  countries:
    FR: { senders: { long_code: { application_traffic: allowed } }, time_restrictions: [] }
    DE:
      time_restrictions:
        - scope: marketing
          days: [ mon, tue, wed, thu, fri, sat, sun ]
          blocked_from: \"22:00\"
          blocked_to: \"06:00\"
          action: block
          kind: legal
          evidence: { source: [ unverified ], as_of: \"2026\", confidence: low, assumption: true, why: a test }";
    let run = world(
        facts,
        "features: { quiet_hours: hold }, senders: [ { id: fr, type: long_code, country: FR }, { id: de, type: long_code, country: DE } ]",
        &[
            campaign("fr", &to("FR").replace("alert", "marketing"), 3),
            campaign("de", &to("DE").replace("alert", "marketing"), 3),
        ],
    );
    assert_eq!((run.trace.codes(0), run.trace.codes(1)), (vec![0; 3], vec![0; 3]));
    assert_eq!(ended_at(&run, 0), [ms(0), ms(100), ms(200)], "no rule, no Sunday");
    assert_eq!(run.trace.sent_at(1), [ms(25_200_000), ms(25_200_100), ms(25_200_200)], "06:00 is 7 h later");
    let listed = run.model.overrides.join("\n");
    for fact in ["FR", "application_traffic", "DE", "time_restrictions"] {
        assert!(listed.contains(fact), "{fact} is not in:\n{listed}");
    }
}

/// Aim: a fact that cannot be is an error at its place. Method: line and word of each.
#[test]
fn wrong_facts_are_errors_at_their_place() {
    for (facts, word) in [
        ("FR: { senders: { long_code: { application_traffic: alowed } } }", "alowed"),
        ("FR: { senders: { long_cod: { mps: 1/s } } }", "long_cod"),
        ("FR: { price: { outbound_segment: many } }", "many"),
        ("QQ: { name: Nowhere }", "QQ"),
        ("FR: { time_restrictions: [ { scope: marketing } ] }", "time_restrictions"),
        ("FR: { carriers: [] }", "carriers"),
    ] {
        let text = format!(
            "version: 1\nname: wrong\noverrides:\n  countries:\n    {facts}\nservices: {{ s: {{ senders: [ {{ id: lc, type: long_code, country: FR }} ] }} }}\ncampaigns:\n{}",
            campaign("c", &to("FR"), 1)
        );
        let reading = sendpool::scenario::read("wrong.yaml", text.into_bytes(), &[]);
        let shown = reading.render(false);
        assert!(reading.model.is_none() && reading.counts().0 > 0, "{facts} is taken:\n{shown}");
        assert!(shown.contains("wrong.yaml:5"), "{facts}:\n{shown}");
        assert!(shown.contains(word), "{facts}:\n{shown}");
    }
}

// --- worked numbers of the platform -----------------------------------------------------------------------------------

/// Aim: the worked case of a second half million of a brand on the same day. Method: of each lot 34 % go to T-Mobile,
/// 170,000; of the second 30,000 are left below 200,000, and 140,000 get 30023. At 75/s each lot takes 2,267 s.
#[test]
fn a_second_half_million_on_the_same_day() {
    let (model, totals) = totals(&scenario(
        &ideal_at("2026-11-24T08:00:00-08:00[America/Los_Angeles]"),
        &format!("senders: [ {{ id: lc, type: long_code, country: US, {TEN_DLC} }} ]"),
        &[
            campaign("first", &at("us/t-mobile"), 170_000),
            campaign("second", &format!("{}, start_time: 2h", at("us/t-mobile")), 170_000),
        ],
    ));
    assert_eq!(totals.count(Ending::BrandDayCap), 140_000);
    assert_eq!(totals.count(Ending::Delivered), 200_000);
    let lane = model.lane(0, carrier_index(&model, "us/t-mobile"), 0).expect("it reaches T-Mobile");
    assert_eq!(totals.drained[lane].since(s(7_200)), slot(170_000, 75, 1).since(s(0)));
}

/// Aim: the platform's worked texts have their segments on the way through a run. Method: 161 GSM characters 2; 158 and a
/// euro 1, 159 and a euro 2; 71 units of UCS-2 2; 160 and a curly quote 3, with smart encoding 2.
#[test]
fn worked_texts() {
    let x = |count: usize| "x".repeat(count);
    for (smart, body, segments) in [
        (false, x(160), 1u32),
        (false, x(161), 2),
        (false, x(158) + "€", 1),
        (false, x(159) + "€", 2),
        (false, "ж".repeat(70), 1),
        (false, "ж".repeat(71), 2),
        (false, x(160) + "”", 3),
        (true, x(160) + "”", 2),
    ] {
        let run = world(
            "",
            &format!(
                "features: {{ smart_encoding: {smart} }}, senders: [ {{ id: n, type: long_code, country: XX, mps: 1 }} ]"
            ),
            &[campaign("c", &format!("service: s, body: \"{body}\", recipients: {{ XX: 1 }}"), 2)],
        );
        let sent: Vec<_> = run.trace.sent().iter().map(|d| (d.message.segments, d.message.sent)).collect();
        assert_eq!(sent, [(segments, s(0)), (segments, s(u64::from(segments)))], "{body}, smart {smart}");
    }
}

/// Aim: where there is no WhatsApp its senders reach nobody, through a service (21703) and by name (21612). Method: China,
/// which the catalogue has without WhatsApp.
#[test]
fn there_is_no_whatsapp_everywhere() {
    let campaign = |name: &str, by: &str| {
        format!(
            "  {name}: {{ {by}, segments: 1, recipients: {{ CN: 1 }}, invalid: 0, arrivals: {{ phases: [ {{ duration: 1s, \
             arrival_count: 4 }} ] }} }}\n"
        )
    };
    let yaml = format!(
        "services: {{ s: {{ senders: [ {{ id: w, type: whatsapp }} ] }} }}\ncampaigns:\n{}{}",
        campaign("pool", "service: s, channel: whatsapp"),
        campaign("name", "from: w")
    );
    let run = crate::support::run(&yaml);
    assert_eq!(run.trace.codes(0), [21703; 4]);
    assert_eq!(run.trace.codes(1), [21612; 4]);
}
