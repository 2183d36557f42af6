//! The snowshoe curve: how many messages of one content a pool of numbers delivers within an hour, worked out from the
//! formula of the filter without a simulation, and simulated.
//!
//! The plain calculation puts expected values in the place of chance. Of n numbers at r segments a second, min(20,000,
//! n (3,600 r + 1)) messages leave within the validity period of an hour. A carrier with share s sees every s-th of them:
//! the m-th it sees is message M = m of the content, and n (1 - (1 - 1/n)^m) numbers have carried it by then. The chance
//! that it is filtered is 1 / (1 + e^-x) with x = A + 1.1 ln max(1, M / m₀) + 1.5 ln max(1, k / k₀); what is not filtered
//! is delivered, since here all numbers exist and all handsets are on.

use std::path::Path;

use sendpool::experiment::{self, Progress, Results};
use sendpool::model::Model;
use sendpool::model::ending::{Ending, Status};
use sendpool::model::sender::SenderType;
use sendpool::model::threshold::Scope;
use sendpool::report::chart::{Chart, CurvesChart};
use sendpool::report::pictures;
use sendpool::report::summary::Summary;
use sendpool::verdict;

use crate::support::mean_and_half_width;

const REPLICATIONS: u32 = 30;
const AUDIENCE: f64 = 20_000.0;
/// The published exponent of the number of numbers.
const SPREAD: f64 = 1.5;
/// Expected values in the place of chance are worth this much of a result.
const ROUGHNESS: f64 = 0.004;

/// What the plain formula lacks, switched off: handsets out of reach and numbers that do not exist. What a filter remembers
/// beyond content and day is off in the scenario itself.
const PLAIN: [(&str, &str); 3] =
    [("overrides.network", "attended"), ("audiences.canada.invalid", "0%"), ("audiences.states.invalid", "0%")];

/// A pool of the shipped scenario, and its numbers in the eyes of carriers.
struct Pool {
    campaign: &'static str,
    service: &'static str,
    /// The carriers that are sent to, with their shares; none for all of Canada with theirs.
    carriers: &'static [(&'static str, f64)],
    /// Segments a second of one number.
    rate: f64,
    /// A: the logit without volume and spread.
    base: f64,
    /// m₀: messages a day above which volume counts.
    free_volume: Option<f64>,
}

const LONG_CODES: Pool = Pool {
    campaign: "long-codes-ca",
    service: "long-codes",
    carriers: &[],
    rate: 1.0,
    base: -3.5,
    free_volume: Some(200.0),
};

const TOLL_FREE: Pool = Pool {
    campaign: "toll-free-us",
    service: "toll-free",
    // Those that take toll-free numbers without reserve.
    carriers: &[("us/verizon", 0.4), ("us/t-mobile", 0.35), ("us/att", 0.25)],
    rate: 3.0,
    base: -6.0,
    free_volume: None,
};

impl Pool {
    /// Messages of `numbers` numbers that leave within the hour.
    fn leave(&self, numbers: u32) -> f64 {
        AUDIENCE.min(f64::from(numbers) * (3_600.0 * self.rate + 1.0))
    }

    /// Messages that are delivered, by the formula alone.
    fn expected(&self, numbers: u32, spread: f64) -> f64 {
        let at = |share: f64| self.expected_at(share * self.leave(numbers), f64::from(numbers), spread);
        match self.carriers {
            [] => canadian_shares().into_iter().map(at).sum(),
            carriers => carriers.iter().map(|(_, share)| at(*share)).sum(),
        }
    }

    /// The same at a carrier that sees so many messages; a part of a message counts as that part.
    fn expected_at(&self, seen: f64, numbers: f64, spread: f64) -> f64 {
        let passes = |m: f64| {
            let volume = self.free_volume.map_or(0.0, |free| 1.1 * (m / free).max(1.0).ln());
            let carried = numbers * (1.0 - (1.0 - 1.0 / numbers).powf(m));
            1.0 / (1.0 + (self.base + volume + spread * carried.max(1.0).ln()).exp())
        };
        let whole = seen.floor();
        (1..=whole as u64).map(|m| passes(m as f64)).sum::<f64>() + (seen - whole) * passes(whole + 1.0)
    }

    /// The size of the pool that delivers the most.
    fn best(&self, spread: f64) -> u32 {
        let delivered = |numbers: &u32| self.expected(*numbers, spread);
        (1..=100).max_by(|a, b| delivered(a).total_cmp(&delivered(b))).expect("there are sizes")
    }

    /// Mean and half of the 99.9 % interval of the messages that the simulation delivers.
    fn simulated(&self, numbers: u32) -> (f64, f64) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/snowshoe-curve.yaml");
        let bytes = std::fs::read(path).expect("the scenario is part of the project");
        let mut settings: Vec<(String, String)> = PLAIN.map(|(path, value)| (path.to_owned(), value.to_owned())).into();
        settings.push((format!("services.{}.senders[0].count", self.service), numbers.to_string()));
        if !self.carriers.is_empty() {
            let shares: Vec<String> = self.carriers.iter().map(|(id, share)| format!("{id}: {share}")).collect();
            settings.push(("audiences.states.carriers".to_owned(), format!("{{ {} }}", shares.join(", "))));
        }
        for other in ["long-codes-ca", "10dlc-us", "toll-free-us", "short-code-ca"] {
            if other != self.campaign {
                let one = "{ phases: [{ duration: 0s, arrival_count: 1 }] }";
                settings.push((format!("campaigns.{other}.arrivals"), one.to_owned()));
            }
        }
        let reading = sendpool::scenario::read("snowshoe-curve.yaml", bytes, &settings);
        let findings = reading.render(false);
        let model = reading.model.unwrap_or_else(|| panic!("{findings}"));
        let results = experiment::run(&model, REPLICATIONS, &Progress::default());
        let campaign = model.campaigns.iter().position(|campaign| campaign.name == self.campaign);
        let totals = results.totals_of(&Scope { campaign, ..Scope::default() }).expect("kept by campaign");
        for totals in totals {
            assert_eq!(totals.sent as f64, self.leave(numbers), "{} numbers of {}", numbers, self.campaign);
            let ends = totals.with_status(Status::Delivered) + totals.with_status(Status::Undelivered);
            assert_eq!(ends, totals.sent, "nothing is under way at the end");
        }
        let delivered: Vec<f64> = totals.iter().map(|totals| totals.with_status(Status::Delivered) as f64).collect();
        mean_and_half_width(&delivered)
    }
}

/// The market shares of Canada's carriers.
fn canadian_shares() -> Vec<f64> {
    let code = "CA".parse().expect("a country");
    let carriers = &sendpool::catalogue::country(code).expect("in the catalogue").carriers;
    let shares: Vec<f64> = carriers.iter().map(|carrier| f64::from(carrier.share.ppm())).collect();
    let sum: f64 = shares.iter().sum();
    shares.iter().map(|share| share / sum).collect()
}

/// Aim: simulation and formula agree on the curve and on the place of its maximum. Method: at some sizes, the expected
/// count lies in the interval of 30 replications; the size that delivers the most by the formula, among all up to 100,
/// delivers more than its neighbours in the simulation, by intervals that do not touch.
fn agree(pool: &Pool, best: u32, sizes: &[u32]) {
    assert_eq!(pool.best(SPREAD), best, "the formula alone");
    let simulated: Vec<(f64, f64)> = sizes.iter().map(|numbers| pool.simulated(*numbers)).collect();
    for (numbers, (mean, half)) in sizes.iter().zip(&simulated) {
        let expected = pool.expected(*numbers, SPREAD);
        println!("| {numbers} {} | {expected:.0} | {mean:.0} | {half:.0} |", pool.service);
        assert!((mean - expected).abs() <= half + ROUGHNESS * expected, "{numbers}: {mean} ± {half}, {expected}");
        assert!(*half < 0.05 * expected, "too wide to mean anything");
    }
    let at = |numbers: u32| simulated[sizes.iter().position(|size| *size == numbers).expect("it is simulated")];
    let (most, half) = at(best);
    for neighbour in [best - 1, best + 1] {
        let (mean, other) = at(neighbour);
        assert!(most - half > mean + other, "{best} delivers {most} ± {half}, {neighbour} {mean} ± {other}");
    }
    assert!(simulated.iter().all(|(mean, _)| *mean <= most), "{simulated:?}");
    // A filter that minded numbers a little less would be told from this one.
    let differs = |(numbers, (mean, half)): (&u32, &(f64, f64))| {
        let other = pool.expected(*numbers, SPREAD - 0.1);
        (mean - other).abs() > half + ROUGHNESS * other
    };
    assert!(sizes.iter().zip(&simulated).any(differs), "the test cannot fail");
}

#[test]
fn long_codes_deliver_the_most_with_three_numbers() {
    agree(&LONG_CODES, 3, &[1, 2, 3, 4, 6, 10, 30, 100]);
}

#[test]
fn toll_free_numbers_deliver_the_most_with_two() {
    agree(&TOLL_FREE, 2, &[1, 2, 3, 30]);
}

/// The chart of a run, or none.
fn drawn(model: &Model, results: &Results) -> Option<CurvesChart> {
    let summary = Summary::new(model, results, &verdict::judge(model, results), "");
    let pictures = pictures::of_run(model, results, &summary);
    let charts = pictures.into_iter().filter(|picture| picture.name == "snowshoe");
    charts
        .map(|picture| picture.chart)
        .find_map(|chart| if let Chart::Curves(curves) = chart { Some(curves) } else { None })
}

fn shipped(name: &str, settings: &[(&str, &str)]) -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{name}.yaml"));
    let bytes = std::fs::read(path).expect("the scenario is part of the project");
    let settings: Vec<(String, String)> =
        settings.iter().map(|(at, to)| ((*at).to_owned(), (*to).to_owned())).collect();
    let reading = sendpool::scenario::read(name, bytes, &settings);
    let findings = reading.render(false);
    reading.model.unwrap_or_else(|| panic!("{findings}"))
}

/// Aim: the chart of a run with three numbers tells of every other number what a run with it would deliver. Method: its points
/// against the sum over messages, from which simulations of 1 to 100 numbers differ by their chance alone (above).
#[test]
fn the_chart_of_one_pool_knows_the_others() {
    let carriers = ("audiences.states.carriers", "{ us/verizon: 0.4, us/t-mobile: 0.35, us/att: 0.25 }");
    let model = shipped("snowshoe-curve", &[&PLAIN[..], &[carriers]].concat());
    let results = experiment::run(&model, 3, &Progress::default());
    let chart = drawn(&model, &results).expect("three numbers are spread");
    for pool in [LONG_CODES, TOLL_FREE] {
        let curve = |panel: usize| {
            let curves = &chart.panels[panel].curves;
            curves.iter().find(|curve| curve.label.starts_with(pool.campaign)).expect("the pool is drawn")
        };
        for (at, numbers) in chart.values.iter().enumerate() {
            let numbers: u32 = numbers.parse().expect("a number");
            let (delivered, leave) = (pool.expected(numbers, SPREAD), pool.leave(numbers));
            let found = curve(1).points[at].expect("a point");
            assert!((found / delivered - 1.0).abs() < 0.01, "{numbers} of {}: {found} {delivered}", pool.campaign);
            let found = curve(0).points[at].expect("a point");
            assert!((found - (1.0 - delivered / leave)).abs() < 0.005, "{numbers} of {}: {found}", pool.campaign);
            // What leaves within the hour is what this run sends: all at once, and nothing is worth anything later.
            let found = curve(2).points[at].expect("a point");
            assert!((found / delivered - 1.0).abs() < 0.01, "{numbers} of {}: {found} {delivered}", pool.campaign);
        }
        let ring = &curve(1).rings[0];
        let scope = Scope {
            campaign: model.campaigns.iter().position(|known| known.name == pool.campaign),
            ..Scope::default()
        };
        let totals = results.totals_of(&scope).expect("kept by campaign");
        let delivered = totals.iter().map(|totals| totals.with_status(Status::Delivered)).sum::<u64>() as f64 / 3.0;
        assert_eq!((chart.values[ring.at].as_str(), ring.value), ("3", delivered), "{ring:?}");
    }
}

/// Aim: with luck and blocks, the line is the mean of what runs find. Method: the share filtered of pools of 1, 10 and 50
/// numbers in 30 replications, whose 99.9 % interval holds the line.
#[test]
fn luck_and_blocks_are_expected() {
    let model = shipped("snowshoe", &[("overrides", "{ network: attended }"), ("audiences.members.invalid", "0%")]);
    let results = experiment::run(&model, REPLICATIONS, &Progress::default());
    let chart = drawn(&model, &results).expect("fifty numbers are spread");
    assert_eq!(chart.panels[0].curves.len(), 1, "like contents have one line");
    let line = &chart.panels[0].curves[0];
    for (campaign, numbers) in [(0, "1"), (1, "10"), (2, "50")] {
        let totals = results.totals_of(&Scope { campaign: Some(campaign), ..Scope::default() }).expect("kept");
        let stopped = totals.iter().map(|totals| totals.ended(Ending::Filtered) + totals.ended(Ending::ContentBlocked));
        let shares: Vec<f64> = stopped.zip(totals).map(|(count, totals)| count as f64 / totals.sent as f64).collect();
        let (mean, half) = mean_and_half_width(&shares);
        let at = chart.values.iter().position(|value| value == numbers).expect("a pool of the run");
        let expected = line.points[at].expect("a point");
        println!("{numbers}: expected {expected:.4}, found {mean:.4} ± {half:.4}");
        assert!((expected - mean).abs() < half + 0.003, "{numbers}: {expected}, {mean} ± {half}");
        assert!(half < 0.12, "too wide to mean anything");
        assert!(
            (line.rings[campaign].value - mean).abs() < 1e-9
                || line.rings.iter().any(|ring| (ring.value - mean).abs() < 1e-9)
        );
    }
}

/// Aim: where short codes carry the most and numbers the rest, at a carrier that short codes reach in part, the chart counts what
/// numbers deliver. Method: the curve at the pool of the run against what the run counts by type of sender, with filters that
/// go by chance of single messages alone; and the title says that it is expected, and whose part it is.
#[test]
fn a_carrier_reached_in_part_counts_in_part() {
    let off = "{ filter: { frailty: { weight: 0 }, blocks: { enabled: false }, suspensions: { enabled: false } } }";
    for name in ["carrier-outage", "black-friday"] {
        let model = shipped(name, &[("replications", "1"), ("overrides", off)]);
        let results = experiment::run(&model, 1, &Progress::default());
        let chart = drawn(&model, &results).expect("numbers are spread");
        let scope = Scope { sender_type: Some(SenderType::LongCode), ..Scope::default() };
        let totals = &results.totals_of(&scope).expect("kept by type")[0];
        let [filtered, delivered] = [0, 1].map(|panel| chart.panels[panel].curves[0].rings[0].value);
        let judged = delivered / (1.0 - filtered);
        println!("{name}: {delivered:.0} of {judged:.0}, {totals:?}; {}", chart.title);
        let found = totals.with_status(Status::Delivered) as f64;
        assert!((delivered / found - 1.0).abs() < 0.04, "{name}: {delivered} {found}");
        let stopped = totals.ended(Ending::Filtered) as f64 / totals.sent as f64;
        assert!((filtered - stopped).abs() < 0.01, "{name}: {filtered} {stopped}");
        assert!(chart.title.contains("expected") && chart.title.contains("local's part of blast"), "{}", chart.title);
    }
}

/// Aim: the chart is left out where it would say nothing. Method: filters off; one number; numbers that carriers do not mind.
#[test]
fn no_numbers_no_chart() {
    let pools = "[{ id: lc, type: long_code, country: CA, count: 1 }]";
    let short = ("replications", "1");
    let cases: [(&str, &[(&str, &str)]); 3] = [
        ("snowshoe-curve", &[short, ("overrides.filter", "off")]),
        (
            "snowshoe-curve",
            &[
                short,
                ("services.long-codes.senders", pools),
                ("services.toll-free.senders[0].count", "1"),
                ("services.ten-dlc.senders[0].count", "5"),
            ],
        ),
        ("france-alpha", &[short]),
    ];
    for (name, settings) in cases {
        let model = shipped(name, settings);
        let results = experiment::run(&model, 1, &Progress::default());
        assert!(drawn(&model, &results).is_none(), "{name}, {settings:?}");
    }
}
