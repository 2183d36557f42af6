//! What must hold of the data files, and some of their values against figures worked out or known from elsewhere.

use std::collections::BTreeSet;

use super::*;
use crate::model::sender::SenderType;
use crate::units::{Money, Rate, SimDuration};

fn code(text: &str) -> CountryCode {
    text.parse().unwrap()
}

fn get(text: &str) -> &'static Country {
    country(code(text)).unwrap()
}

fn dollars(text: &str) -> Money {
    text.parse().unwrap()
}

/// Aim: a file that breaks a rule of the form is found with its name. Method: load all, check every rule.
#[test]
fn every_country_keeps_the_rules() {
    assert!(codes().is_sorted() && codes().len() == codes().iter().collect::<BTreeSet<_>>().len());
    for code in codes() {
        let country = country(*code).unwrap();
        assert_eq!(country.code, *code, "a file under another country's name");
        check_basics(country);
        check_senders(country);
        check_carriers(country);
        check_delivery(country);
        check_rules(country);
    }
}

fn check_basics(country: &Country) {
    let code = country.code;
    assert_eq!(country.ideal, code == CountryCode::BENCH, "{code}");
    assert!(!country.calling_codes.is_empty() && !country.mcc.is_empty() && !country.languages.is_empty(), "{code}");
    assert!(country.calling_codes.iter().chain(&country.mcc).all(|digits| all_digits(digits)), "{code}");
    assert!(country.calling_codes.iter().any(|prefix| country.numbers.example[1..].starts_with(prefix)), "{code}");
    let zones: u64 = country.time_zones.shares.iter().map(|zone| u64::from(zone.share.ppm())).sum();
    assert_eq!(zones, u64::from(WHOLE_PPM), "{code}: zones");
    assert!(country.time_zones.shares.iter().all(|zone| zone.zone.contains('/') && zone.share.ppm() > 0), "{code}");
    assert!(country.price.outbound_segment.steps().iter().all(|step| sane(step.amount)), "{code}: price");
}

fn check_senders(country: &Country) {
    let (code, senders) = (country.code, &country.senders);
    for (name, offered, mps) in [
        ("long_code", senders.long_code.offered, senders.long_code.mps),
        ("international_long_code", senders.international_long_code.offered, senders.international_long_code.mps),
        ("short_code", senders.short_code.offered, senders.short_code.mps),
        ("alphanumeric", senders.alphanumeric.offered, senders.alphanumeric.mps),
    ] {
        let wanted = offered != Support::No && !country.ideal;
        assert_eq!(wanted, mps.is_some(), "{code}: {name}: a rate stands where the sender is offered");
    }
    // A rate is positive by its type; here, that countries and defaults tell the same.
    for sender in SenderType::ALL {
        if let Some(rate) = country.default_rate(sender, code) {
            let rule = defaults().sender_types.rate_rule(sender, code).unwrap();
            assert_eq!(rule.rate, rate, "{code}: {sender}");
        }
    }
    if senders.short_code.offered == Support::Yes {
        let [low, high] = senders.short_code.provisioning_weeks.expect("a short code takes weeks");
        assert!(low <= high, "{code}");
    }
    let long_code = &senders.long_code;
    let not_offered = long_code.application_traffic == ApplicationTraffic::NotOffered;
    assert!(!not_offered || long_code.offered == Support::No, "{code}: long code");
    let names = &senders.alphanumeric;
    assert_eq!(names.unregistered == Unregistered::Labelled, names.label.is_some(), "{code}: label");
    assert!(names.overwritten_by.is_empty() || names.unregistered == Unregistered::Overwritten, "{code}");
    assert!((1..=11).contains(&names.max_characters), "{code}");
}

fn check_carriers(country: &Country) {
    let code = country.code;
    let shares: u64 = country.carriers.iter().map(|carrier| u64::from(carrier.share.ppm())).sum();
    assert_eq!(shares, u64::from(WHOLE_PPM), "{code}: carriers");
    let ids: BTreeSet<&str> = country.carriers.iter().map(|carrier| carrier.id.as_str()).collect();
    assert_eq!(ids.len(), country.carriers.len(), "{code}: two carriers of one id");
    let prefix = format!("{}/", code.as_str().to_lowercase());
    for carrier in &country.carriers {
        let slug = carrier.id.strip_prefix(&prefix).unwrap_or_else(|| panic!("{code}: {}", carrier.id));
        let plain = slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        assert!(plain && !slug.is_empty() && !slug.starts_with('-') && !slug.ends_with('-'), "{}", carrier.id);
        assert!(!carrier.name.is_empty(), "{}", carrier.id);
        assert!(carrier.mccmnc.iter().all(|digits| all_digits(digits)), "{}", carrier.id);
        assert!(SenderType::ALL.iter().all(|sender| sane(country.carrier_fee(carrier, *sender))), "{}", carrier.id);
        assert!(carrier.toll_free == Reach::No || country.carrier_evidence.toll_free.is_some(), "{}", carrier.id);
        assert!(country.carrier_day_zone(carrier).contains('/'), "{}", carrier.id);
    }
}

fn check_delivery(country: &Country) {
    let code = country.code;
    let for_all = country.delivery.segments.iter().filter(|sizes| sizes.senders.is_empty()).count();
    assert_eq!(for_all, 1, "{code}: one entry of segment sizes for all senders");
    for sizes in &country.delivery.segments {
        assert!(sizes.gsm7_part <= sizes.gsm7_single && sizes.gsm7_single <= 160 && sizes.gsm7_part > 0, "{code}");
        assert!(sizes.ucs2_part <= sizes.ucs2_single && sizes.ucs2_single <= 70 && sizes.ucs2_part > 0, "{code}");
    }
}

fn check_rules(country: &Country) {
    let code = country.code;
    for window in &country.time_restrictions {
        assert!(!window.days.is_empty() && window.blocked_from != window.blocked_to, "{code}: {window:?}");
    }
    let rules: BTreeSet<&str> = country.content_rules.iter().map(|rule| rule.rule.as_str()).collect();
    assert_eq!(rules.len(), country.content_rules.len(), "{code}: a rule twice");
    assert!(country.content_rules.iter().all(|rule| !rule.applies_to.is_empty()), "{code}");
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn sane(price: Money) -> bool {
    (Money::ZERO..dollars("1")).contains(&price)
}

/// Aim: no fact without a source and no source without a fact. Method: collect the keys of every block and compare.
#[test]
fn sources_are_exactly_those_used() {
    let areas = WITH_AREA_CODES.iter().flat_map(|code| area_plan(*code).unwrap().evidence());
    let countries = codes().iter().flat_map(|code| country(*code).unwrap().evidence());
    let blocks = countries.chain(areas).chain(defaults().evidence());
    let mut used = BTreeSet::new();
    let mut paths = BTreeSet::new();
    for (path, evidence) in blocks {
        assert!((2005..=2026).contains(&evidence.as_of.year()), "{path}: {}", evidence.as_of);
        used.extend(evidence.sources.iter().map(String::as_str));
        assert!(paths.insert(path.clone()), "two blocks have the path {path}");
    }
    let defined: BTreeSet<&str> = sources().keys().map(String::as_str).collect();
    assert_eq!(used, defined);
    assert!(sources().values().all(|source| !source.title.is_empty()));
}

/// Aim: the lists that evidence is collected by leave no block out. Method: count the dates in the files.
#[test]
fn evidence_is_collected_from_every_block() {
    for entry in &ENTRIES {
        let written = entry.text.matches("as_of:").count();
        let found = country(code(entry.code)).unwrap().evidence().len();
        assert_eq!(found, written, "{}", entry.code);
    }
    let files = [
        include_str!("sender_types.yaml"),
        include_str!("ten_dlc.yaml"),
        include_str!("latency.yaml"),
        include_str!("handsets.yaml"),
        include_str!("reply_words.yaml"),
        include_str!("filter.yaml"),
        include_str!("prices.yaml"),
    ];
    let written: usize = files.iter().map(|text| text.matches("as_of:").count()).sum();
    assert_eq!(defaults().evidence().len(), written);
    let written = include_str!("area_codes.yaml").matches("as_of:").count();
    assert_eq!(WITH_AREA_CODES.iter().map(|code| area_plan(*code).unwrap().evidence().len()).sum::<usize>(), written);
}

#[test]
fn assumptions_say_what_and_why() {
    let of_us = get("US").assumptions();
    assert!(of_us.iter().any(|a| a.subject == "US carriers.shares" && a.source == "unverified"));
    assert!(!of_us.iter().any(|a| a.subject == "US us/t-mobile day"), "T-Mobile's day is published");
    assert!(get("XX").assumptions().is_empty(), "the bench rests on nothing but its definition");
    let everywhere = defaults().assumptions();
    assert!(everywhere.iter().any(|a| a.subject == "filter.reported"));
    assert!(!everywhere.iter().any(|a| a.subject.starts_with("sender_types")));
    let areas = area_plan(CountryCode::US).unwrap().assumptions();
    let subjects: Vec<&str> = areas.iter().map(|a| a.subject.as_str()).collect();
    assert_eq!(subjects, ["US area_codes.zones", "US area_codes.overlays", "US area_codes.spread"]);
    assert!(of_us.iter().chain(&everywhere).chain(&areas).all(|a| !a.why.is_empty() && !a.source.is_empty()));
}

#[test]
fn a_country_outside_the_catalogue_is_none_and_a_wrong_key_an_error() {
    assert!(country(code("ZZ")).is_none());
    let text = ENTRIES[0].text.replacen("region:", "regoin:", 1);
    assert!(serde_yaml::from_str::<Country>(&text).unwrap_err().to_string().contains("regoin"));
    for bad in [
        "{source: [], as_of: '2026', confidence: high}",
        "{source: [a], as_of: '26', confidence: high}",
        "{source: [a], as_of: '2026-13', confidence: high}",
        "{source: [a], confidence: high}",
        "{source: [unverified], as_of: '2026', confidence: low}",
        "{source: [a], as_of: '2026', confidence: low, assumption: true}",
        "{source: [a], as_of: '2026', confidence: low, why: so}",
    ] {
        assert!(serde_yaml::from_str::<Evidence>(bad).is_err(), "{bad}");
    }
    assert!(serde_yaml::from_str::<Evidence>("{source: [a], as_of: '2026-05-01', confidence: high}").is_ok());
}

#[test]
fn rates_and_queues_are_the_published_ones() {
    let rate = |sender, to: &str, home: &str| get(to).default_rate(sender, code(home));
    let per_second = |n| Some(Rate::per_second(n));
    assert_eq!(rate(SenderType::LongCode, "US", "US"), per_second(1));
    assert_eq!(rate(SenderType::LongCode, "CA", "CA"), per_second(1));
    assert_eq!(rate(SenderType::LongCode, "CA", "US"), per_second(1));
    assert_eq!(rate(SenderType::LongCode, "GB", "GB"), per_second(10));
    assert_eq!(rate(SenderType::LongCode, "FR", "US"), per_second(10));
    assert_eq!(rate(SenderType::LongCode, "US", "GB"), None);
    assert_eq!(rate(SenderType::TollFree, "CA", "US"), per_second(3));
    assert_eq!(rate(SenderType::ShortCode, "GB", "GB"), per_second(100));
    assert_eq!(rate(SenderType::ShortCode, "CA", "US"), None);
    assert_eq!(rate(SenderType::Alphanumeric, "FR", "FR"), per_second(10));
    assert_eq!(rate(SenderType::Alphanumeric, "US", "US"), None);
    for sender in SenderType::ALL {
        assert_eq!(rate(sender, "XX", "XX"), None, "the scenario gives the bench's rates");
    }
    assert_eq!(defaults().sender_types.queue.depth, SimDuration::from_secs(36_000));
}

/// The carriers named in the 10DLC tables, here spelled out anew.
const NAMED: [&str; 4] = ["us/att", "us/t-mobile", "us/us-cellular", "us/verizon"];

#[test]
fn ten_dlc_names_four_carriers_everywhere() {
    let ten_dlc = &defaults().ten_dlc;
    for code in codes() {
        let marked: BTreeSet<&str> = country(*code)
            .unwrap()
            .carriers
            .iter()
            .filter(|carrier| carrier.ten_dlc.is_some())
            .map(|carrier| carrier.id.as_str())
            .collect();
        let expected = if *code == ten_dlc.country { BTreeSet::from(NAMED) } else { BTreeSet::new() };
        assert_eq!(marked, expected, "{code}");
    }
    let tables = ten_dlc.tiers.iter().map(|tier| &tier.grants).chain(ten_dlc.campaigns.iter().map(|c| &c.grants));
    for grants in tables {
        assert_eq!(grants.keys().map(String::as_str).collect::<BTreeSet<_>>(), BTreeSet::from(NAMED));
        // US Cellular grants what the others do, at most 8 per second.
        assert_eq!(grants["us/us-cellular"].rate, grants["us/t-mobile"].rate.min(Rate::per_second(8)));
    }
    for tier in &ten_dlc.tiers {
        assert!(tier.daily_caps.keys().all(|id| id == "us/t-mobile"));
    }
}

#[test]
fn ten_dlc_grants_are_the_published_ones() {
    let ten_dlc = &defaults().ten_dlc;
    let grant = |brand, score, campaign, carrier: &str| {
        let grant = ten_dlc.grant(brand, score, campaign, carrier).unwrap();
        format!("{} {}", grant.rate, grant.shared_by)
    };
    let standard = |score, carrier| grant(BrandKind::Standard, score, CampaignKind::Ordinary, carrier);
    for major in ["us/att", "us/t-mobile", "us/verizon"] {
        assert_eq!(standard(82, major), "75/s campaign");
        assert_eq!(standard(75, major), "75/s campaign");
        assert_eq!(standard(74, major), "40/s campaign");
        assert_eq!(standard(50, major), "40/s campaign");
        assert_eq!(standard(49, major), "4/s campaign");
        assert_eq!(standard(0, major), "4/s campaign");
        assert_eq!(grant(BrandKind::LowVolumeStandard, 0, CampaignKind::Ordinary, major), "4/s campaign");
        assert_eq!(grant(BrandKind::Standard, 90, CampaignKind::LowVolumeMixed, major), "75/min campaign");
    }
    assert_eq!(standard(82, "us/us-cellular"), "8/s campaign");
    assert_eq!(standard(82, "us/c-spire"), "1/s number");
    assert_eq!(grant(BrandKind::SoleProprietor, 0, CampaignKind::LowVolumeMixed, "us/att"), "15/min campaign");
    assert_eq!(grant(BrandKind::SoleProprietor, 0, CampaignKind::Ordinary, "us/t-mobile"), "1/s number");
    let cap = |brand, score| ten_dlc.daily_cap(brand, score, "us/t-mobile");
    for (score, segments) in [(100, 200_000), (75, 200_000), (74, 40_000), (49, 10_000), (25, 10_000), (24, 2_000)] {
        assert_eq!(cap(BrandKind::Standard, score), Some(segments), "{score}");
    }
    assert_eq!(cap(BrandKind::LowVolumeStandard, 0), Some(2_000));
    assert_eq!(cap(BrandKind::SoleProprietor, 0), Some(1_000));
    assert_eq!(ten_dlc.daily_cap(BrandKind::Standard, 82, "us/verizon"), None);
}

/// Aim: every trust score has exactly one tier. Method: count for each of the 101 scores.
#[test]
fn every_trust_score_has_one_tier() {
    for score in 0..=100 {
        let fits = defaults().ten_dlc.tiers.iter().filter(|tier| tier.brand == BrandKind::Standard);
        let count =
            fits.filter(|tier| tier.trust_scores.is_some_and(|[low, high]| low <= score && score <= high)).count();
        assert_eq!(count, 1, "{score}");
    }
    assert!(defaults().ten_dlc.tier(BrandKind::Standard, 101).is_none());
}

#[test]
fn prices_and_fees_are_the_published_ones() {
    let fee = |country: &str, carrier, sender| {
        let country = get(country);
        country.carrier_fee(country.carrier(carrier).unwrap(), sender)
    };
    assert_eq!(fee("US", "us/t-mobile", SenderType::LongCode), dollars("0.0045"));
    assert_eq!(fee("US", "us/verizon", SenderType::TollFree), dollars("0.0045"));
    assert_eq!(fee("US", "us/att", SenderType::ShortCode), dollars("0.0035"));
    assert_eq!(fee("US", "us/cellcom", SenderType::ShortCode), dollars("0.0035"));
    assert_eq!(fee("CA", "ca/bell", SenderType::ShortCode), dollars("0.0087"));
    assert_eq!(fee("CA", "ca/rogers", SenderType::ShortCode), dollars("0.003"));
    assert_eq!(fee("GB", "gb/ee", SenderType::ShortCode), Money::ZERO);
    let price = |country| get(country).price.outbound_segment.newest();
    assert_eq!(price("US"), dollars("0.0083"));
    assert_eq!(price("CA"), dollars("0.0083"));
    assert_eq!(price("GB"), dollars("0.0524"));
    assert_eq!(price("FR"), dollars("0.0798"));
    assert_eq!(price("XX"), Money::ZERO);
    let prices = &defaults().prices;
    assert_eq!(prices.failed_message.amount.newest(), dollars("0.001"));
    let rent = |sender| prices.rents.of(sender).per_month.newest();
    assert_eq!(rent(SenderType::ShortCode), dollars("1000"));
    assert_eq!(rent(SenderType::TollFree), dollars("2.15"));
    assert_eq!(rent(SenderType::LongCode), dollars("1.15"));
    let brand = |kind| prices.ten_dlc_brands.of(kind).once.newest();
    assert_eq!(brand(BrandKind::Standard), dollars("46"));
    assert_eq!(brand(BrandKind::SoleProprietor), dollars("4.5"));
    let campaign = |brand, campaign| prices.ten_dlc_campaigns.of(brand, campaign).per_month.newest();
    assert_eq!(campaign(BrandKind::Standard, CampaignKind::Ordinary), dollars("10"));
    assert_eq!(campaign(BrandKind::Standard, CampaignKind::LowVolumeMixed), dollars("1.5"));
    assert_eq!(campaign(BrandKind::SoleProprietor, CampaignKind::Ordinary), dollars("2"));
    assert_eq!(prices.ten_dlc_campaign_review.amount.newest(), dollars("15"));
    assert_eq!(prices.short_code_start.submission.once.newest(), dollars("500"));
    assert_eq!(prices.short_code_start.t_mobile_activation.once.newest(), dollars("500"));
    let t_mobile = get("US").carrier("us/t-mobile").unwrap().fines.as_ref().unwrap();
    assert_eq!(t_mobile.programme_evasion.newest(), dollars("1000"));
    assert_eq!(t_mobile.content_violation.as_ref().unwrap().newest(), dollars("10000"));
}

/// Aim: a day has the prices of that day, with the guesses that these rest on and no others. Method: published amounts by
/// year, spelled out anew.
#[test]
fn prices_are_those_of_the_day() {
    let on = |day: &str| {
        let mut us = get("US").clone();
        let mut prices = defaults().prices.clone();
        assert!(us.keep(day.parse().unwrap()));
        prices.keep(day.parse().unwrap());
        (us, prices)
    };
    // List price; fees of long codes at Verizon, T-Mobile and AT&T, of toll-free at Verizon; rent of a short code.
    for (day, expected) in [
        ("2021-06-01", "0.0075 0.004 0.003 0.003 0.0025 500"),
        ("2023-12-31", "0.0079 0.004 0.003 0.003 0.0025 500"),
        ("2025-07-01", "0.0083 0.004 0.003 0.003 0.0025 1000"),
        ("2026-04-30", "0.0083 0.004 0.0045 0.0035 0.004 1000"),
        ("2026-05-01", "0.0083 0.0045 0.0045 0.0035 0.0045 1000"),
    ] {
        let (us, prices) = on(day);
        let fee = |carrier, sender| us.carrier_fee(us.carrier(carrier).unwrap(), sender);
        let amounts = [
            us.price.outbound_segment.newest(),
            fee("us/verizon", SenderType::LongCode),
            fee("us/t-mobile", SenderType::LongCode),
            fee("us/att", SenderType::LongCode),
            fee("us/verizon", SenderType::TollFree),
            prices.rents.short_code.per_month.newest(),
        ];
        let expected: Vec<Money> = expected.split(' ').map(dollars).collect();
        assert_eq!(amounts.as_slice(), expected, "{day}");
    }
    let guesses = |day: &str| on(day).0.assumptions().iter().map(|guess| guess.subject.clone()).collect::<Vec<_>>();
    let of_2022 = "US price.outbound_segment from 2022-01-01".to_owned();
    assert!(guesses("2022-05-01").contains(&of_2022) && !guesses("2026-05-01").contains(&of_2022));
    assert!(guesses("2025-05-01").contains(&"US us/att fees.long_code at first".to_owned()));
    assert!(!get("FR").clone().keep("2025-05-01".parse().unwrap()), "one price, as far as known");
}

#[test]
fn carriers_and_senders_are_as_known() {
    let us = get("US");
    assert_eq!(us.carrier("us/t-mobile").map(|c| us.carrier_day_zone(c)), Some("America/Los_Angeles"));
    assert_eq!(us.carrier("us/verizon").map(|c| us.carrier_day_zone(c)), Some("America/New_York"));
    assert_eq!(us.carrier("us/other-rural").map(|c| c.short_code), Some(Reach::No));
    assert_eq!(us.carrier("us/google-voice").map(|c| c.short_code), Some(Reach::Partial));
    assert!(us.carrier("ca/bell").is_none());
    assert_eq!(us.senders.long_code.application_traffic, ApplicationTraffic::RegisteredOnly);
    assert_eq!(get("CA").senders.long_code.application_traffic, ApplicationTraffic::StrictlyFiltered);
    assert_eq!(get("FR").senders.long_code.application_traffic, ApplicationTraffic::PersonToPersonOnly);
    assert_eq!(get("GB").senders.long_code.application_traffic, ApplicationTraffic::Allowed);
    assert_eq!(get("CA").segment_sizes(SenderType::LongCode).gsm7_single, 136);
    assert_eq!(get("CA").segment_sizes(SenderType::ShortCode).gsm7_single, 160);
    assert_eq!(get("CA").senders.short_code.provisioning_weeks, Some([12, 16]));
    assert_eq!(get("FR").delivery.landline, Landline::Refused);
    let night = &get("US").time_restrictions[0];
    assert_eq!((night.blocked_from.minutes(), night.blocked_to.minutes()), (21 * 60, 8 * 60));
}

/// Aim: the filter's numbers are those the anchors were worked out with. Method: the published probabilities at no
/// volume, one number and no opt-outs, and those of pools, are recomputed to the printed digits.
#[test]
fn filter_coefficients_give_the_anchors() {
    let filter = &defaults().filter;
    let shared = &filter.coefficients;
    let p = |class, volume: f64, numbers: f64, risk: f64| {
        let entry = filter.class(class);
        let over = |value: f64, free: Option<u32>| free.map_or(0.0, |free| (value / f64::from(free)).max(1.0).ln());
        let score = entry.intercept
            + shared.volume * over(volume, entry.free_volume)
            + shared.numbers * over(numbers, entry.free_numbers)
            + shared.risk * risk;
        1.0 / (1.0 + (-score).exp())
    };
    let near =
        |value: f64, printed: f64, half_digit: f64| assert!((value - printed).abs() <= half_digit, "{value} {printed}");
    near(p(FilterClass::ShortCode, 1.0, 1.0, 0.0), 0.0009, 5e-5);
    near(p(FilterClass::ShortCode, 1.0, 1.0, 1.0), 0.087, 5e-4);
    near(p(FilterClass::Alphanumeric, 1.0, 1.0, 0.5), 0.025, 5e-4);
    near(p(FilterClass::TollFreeVerified, 1.0, 10.0, 0.0), 0.073, 5e-4);
    near(p(FilterClass::TollFreeVerified, 1.0, 100.0, 0.0), 0.713, 5e-4);
    near(p(FilterClass::TenDlcRegistered, 1.0, 5.0, 1.0), 0.299, 5e-4);
    near(p(FilterClass::TenDlcRegistered, 1.0, 50.0, 0.0), 0.114, 5e-4);
    near(p(FilterClass::Unregistered, 200.0, 1.0, 0.0), 0.029, 5e-4);
    near(p(FilterClass::Unregistered, 1_000.0, 1.0, 0.0), 0.151, 5e-4);
    near(p(FilterClass::Unregistered, 10_000.0, 1.0, 0.0), 0.691, 5e-4);
    near(p(FilterClass::Unregistered, 200.0, 50.0, 0.0), 0.91, 5e-3);
    assert_eq!((shared.opt_out, shared.opt_out_tolerated), (40.0, 0.02));
    let report = &filter.reported;
    assert_eq!(report.filtered.ppm() + report.unreachable.ppm() + report.delivered.ppm(), WHOLE_PPM);
    assert_eq!(report.filtered.ppm(), 850_000);
    assert_eq!(filter.classes.keys().copied().collect::<BTreeSet<_>>(), FilterClass::ALL.iter().copied().collect());
}

/// Aim: where frailty has its full weight, the intercepts are such that the mean over it at risk 1 is what the plain formula
/// gives. Method: the integral of G eˢ / (1 + G eˢ) over the exponential law of G, by a million steps of its quantiles.
#[test]
fn frailty_leaves_the_mean_at_full_risk() {
    let filter = &defaults().filter;
    for (name, class) in &filter.classes {
        let plain = 1.0 / (1.0 + (-(class.intercept + filter.coefficients.risk)).exp());
        let odds = (class.intercept_frail + filter.coefficients.risk).exp();
        let steps = 1_000_000;
        let sum: f64 = (0..steps)
            .map(|step| {
                let drawn = -((f64::from(step) + 0.5) / f64::from(steps)).ln();
                drawn * odds / (1.0 + drawn * odds)
            })
            .sum();
        let mean = sum / f64::from(steps);
        assert!((mean / plain - 1.0).abs() < 1e-3, "{name}: {mean} {plain}");
    }
}

/// Aim: the latencies are those meant. Method: the mean of a log-normal, by its formula, is the measured 2.49 s.
#[test]
fn latencies_have_the_mean_they_were_chosen_for() {
    let latency = &defaults().latency;
    let mean = latency.handset.median_seconds * (latency.handset.sigma.powi(2) / 2.0).exp();
    assert!((mean - 2.49).abs() < 0.005, "{mean}");
    assert_eq!((latency.hand_off.median_seconds, latency.hand_off.sigma), (0.35, 0.30));
    assert_eq!((latency.receipt.median_seconds, latency.receipt.sigma), (1.0, 0.5));
    assert_eq!((latency.carrier_offset.mean, latency.carrier_offset.sigma), (0.0, 0.30));
    assert_eq!((latency.receipt_never.share.ppm(), latency.invalid.share.ppm()), (20_000, 30_000));
}

#[test]
fn words_are_read_as_they_are_printed() {
    for traffic in ApplicationTraffic::ALL {
        assert_eq!(serde_yaml::from_str::<ApplicationTraffic>(traffic.as_str()).unwrap(), *traffic);
    }
    assert_eq!(Confidence::High.as_str(), "high");
    assert!(Confidence::Low < Confidence::High);
}

/// The countries whose short codes the platform's own list names, here spelled out anew.
#[test]
fn short_codes_are_offered_in_fourteen_countries() {
    let offered: Vec<&str> = codes()
        .iter()
        .map(|code| country(*code).unwrap())
        .filter(|country| country.senders.short_code.offered == Support::Yes && !country.ideal)
        // Italy was added later; Puerto Rico has the numbering plan of the United States.
        .filter(|country| !["IT", "PR"].contains(&country.code.as_str()))
        .map(|country| country.code.as_str())
        .collect();
    let list = ["AR", "BR", "CA", "CO", "DE", "DO", "ES", "FR", "GB", "IN", "MX", "NZ", "SE", "US"];
    assert_eq!(offered, list);
}

#[test]
fn upgrades_are_the_published_ones() {
    let rule = |sender, to: &str| defaults().sender_types.rate_rule(sender, code(to)).unwrap();
    let toll_free = rule(SenderType::TollFree, "US");
    assert_eq!(
        (toll_free.upgrade_from, toll_free.upgrade_to),
        (Some(Rate::per_second(25)), Some(Rate::per_second(150)))
    );
    assert_eq!(rule(SenderType::LongCode, "GB").upgrade_to, None);
    assert_eq!(rule(SenderType::ShortCode, "US").upgrade_to, Some(Rate::per_second(3_000)));
}

#[test]
fn names_are_one_way_and_whatsapp_two_way() {
    for code in codes() {
        let senders = &country(*code).unwrap().senders;
        assert_ne!(senders.alphanumeric.two_way, Support::Yes, "{code}");
        assert!(senders.whatsapp.offered == Support::No || senders.whatsapp.two_way == Support::Yes, "{code}");
    }
}

#[test]
fn opt_out_words_are_kept_by_country() {
    let words = |code: &str| get(code).opt_out.stop_words.join(" ");
    assert!(
        words("US").split(' ').any(|word| word == "STOP") && words("US").contains("UNSUBSCRIBE"),
        "{}",
        words("US")
    );
    assert_eq!(words("FR"), "STOP");
    assert!(words("CA").contains("ARRET"), "{}", words("CA"));
}

/// Aim: no country closes its hours for good. Method: every hour of the week, in the country's first zone.
#[test]
fn hours_open_every_week() {
    for code in codes() {
        let country = country(*code).unwrap();
        let windows = country.time_restrictions.iter().filter(|row| !row.alternative && row.only_in.is_empty());
        let covers = |window: &&TimeRestriction, day: Day, second: u32| {
            let (from, to) = (window.blocked_from.seconds(), window.blocked_to.seconds());
            let now = if from > to { second < to || second >= from } else { (from..to).contains(&second) };
            window.days.contains(&day) && now
        };
        let windows: Vec<&TimeRestriction> = windows.collect();
        let open = Day::ALL[..7]
            .iter()
            .any(|day| (0..24).any(|hour| !windows.iter().any(|window| covers(window, *day, hour * 3_600 + 1_800))));
        assert!(open, "{code}");
    }
}
