//! Fits of logs whose parameters are known: by hand, and drawn; and the scenarios made of them, read again.

use std::io::Cursor;

use jiff::tz::TimeZone;

use super::*;
use crate::kernel::draws::Draws;
use crate::kernel::samplers::exponential;
use crate::model::arrivals::Load;
use crate::scenario;
use crate::trace;

fn fitted_in(text: &str, zone: &str) -> Fitted {
    let trace = trace::read(Cursor::new(text), "log.csv").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(trace.account.rejected, 0, "{:?}", trace.account.rejections);
    fit(&trace, &TimeZone::get(zone).expect("a zone")).expect("there are rows")
}

fn fitted(text: &str) -> Fitted {
    fitted_in(text, "UTC")
}

/// The scenario made of a fit, which has to be free of errors, and the messages that it expects.
fn scenario(fitted: &Fitted) -> (String, crate::model::Model, u64) {
    let yaml = fitted.scenario_yaml("made of a log");
    let reading = scenario::read("fitted.yaml", yaml.clone().into_bytes(), &[]);
    let findings = reading.render(false);
    let model = reading.model.unwrap_or_else(|| panic!("{findings}\n{yaml}"));
    let expected = model.campaigns.iter().map(|campaign| campaign.expected_messages()).sum();
    (yaml, model, expected)
}

fn parts(mix: &Mix) -> Vec<(&str, u64)> {
    mix.parts.iter().map(|part| (part.name.as_str(), part.count)).collect()
}

/// Draws of a log, each by its number.
struct Chance {
    draws: Draws,
    number: u64,
}

impl Chance {
    fn new(seed: u64) -> Chance {
        Chance { draws: Draws::new(seed, 0), number: 0 }
    }

    fn uniform(&mut self) -> f64 {
        self.number += 1;
        self.draws.block(1, 1, self.number).uniform(0)
    }

    /// The times of a Poisson process of a rate within `[from, to)`.
    fn poisson(&mut self, rate: f64, from: f64, to: f64) -> Vec<f64> {
        let mut times = Vec::new();
        let mut at = from;
        loop {
            at += exponential(self.uniform()) / rate;
            if at >= to {
                return times;
            }
            times.push(at);
        }
    }
}

/// Twelve messages, counted by hand.
const LOG: &str = "\
from,to,status,date_created,date_sent,date_updated,num_segments,price,price_unit,error_code,direction,body
12345,+12125550100,delivered,2026-03-02T13:00:00Z,2026-03-02T13:00:01Z,2026-03-02T13:00:03Z,1,-0.01,USD,,outbound-api,a
12345,+12125550101,delivered,2026-03-02T13:00:00Z,2026-03-02T13:00:01Z,2026-03-02T13:00:04Z,2,-0.02,USD,,outbound-api,a
12345,+12125550102,undelivered,2026-03-02T13:00:00Z,2026-03-02T13:00:02Z,2026-03-02T13:00:09Z,1,-0.01,USD,30005,outbound-api,a
12345,+14165550103,delivered,2026-03-02T13:00:01Z,2026-03-02T13:00:02Z,2026-03-02T13:00:05Z,1,-0.01,USD,,outbound-api,a
12345,+12125550100,failed,2026-03-02T13:00:59Z,,2026-03-02T13:01:00Z,1,,USD,21610,outbound-api,a
ACME,+447700900123,sent,2026-03-02T14:30:00Z,2026-03-02T14:30:10Z,2026-03-02T14:30:10Z,1,-0.04,USD,,outbound-api,a
+12125550100,12345,received,2026-03-02T13:00:30Z,,,1,,,,inbound,STOP
+12125550101,12345,received,2026-03-02T13:10:00Z,,,1,,,,inbound,who is this?
+12125550101,12345,received,2026-03-02T13:11:00Z,,,1,,,,inbound,hello?
+12125550199,12345,received,2026-03-02T13:10:00Z,,,1,,,,inbound,never messaged
";

#[test]
fn a_log_is_counted() {
    let fitted = fitted_in(LOG, "America/New_York");
    assert_eq!((fitted.records.messages, fitted.records.inbound), (6, 4));
    assert_eq!(fitted.first.as_deref(), Some("2026-03-02T13:00:00Z"));
    assert_eq!(fitted.span_seconds, 5_400.0);
    let total = &fitted.total;
    assert_eq!(parts(&total.segments), [("1", 5), ("2", 1)]);
    assert_eq!(parts(&total.countries), [("US", 4), ("CA", 1), ("GB", 1)]);
    assert_eq!((total.carriers.n, total.carriers.unknown), (0, 6));
    assert_eq!(parts(&fitted.statuses), [("delivered", 3), ("failed", 1), ("sent", 1), ("undelivered", 1)]);
    assert_eq!(parts(&fitted.codes), [("21610", 1), ("30005", 1)]);
    assert_eq!((fitted.codes.n, fitted.codes.share("30005")), (5, 0.2));
    let hours: Vec<(usize, u64, u64)> = total
        .arrivals
        .hours
        .iter()
        .filter(|h| h.messages > 0)
        .map(|h| (h.hour, h.messages, h.observed_seconds))
        .collect();
    assert_eq!(hours, [(8, 5, 3_600), (9, 1, 1_801)], "New York is five hours behind");
    assert_eq!(total.arrivals.days, [Day { date: "2026-03-02".to_owned(), messages: 6 }]);
    let created_to_sent = fitted.created_to_sent.expect("five were sent");
    assert_eq!((created_to_sent.n, created_to_sent.p50, created_to_sent.max), (5, 1.0, 10.0));
    let delivered = fitted.sent_to_delivered.expect("three were delivered");
    assert_eq!((delivered.n, delivered.p10, delivered.p50, delivered.p90), (3, 2.0, 3.0, 3.0));
    let feedback = fitted.feedback;
    assert_eq!(
        (feedback.n, feedback.inbound, feedback.answered, feedback.opted_out, feedback.refused),
        (6, 4, 1, 1, 1)
    );
    assert_eq!(feedback.answerable, 3, "two are lost, and nobody can write to ACME");
    assert_eq!(feedback.delay.expect("one answered").p50, 600.0);
    assert_eq!((fitted.people.n, fitted.people.distinct), (6, 5));
    let price = fitted.price.as_ref().expect("five have a price");
    assert_eq!((price.n, price.per_segment.to_decimal().as_str()), (5, "0.015"), "0.09 / 6");
    let senders: Vec<_> = fitted.senders.iter().map(|s| (s.id.as_str(), s.kind, s.messages, s.n)).collect();
    assert_eq!(senders, [("12345", Some(SenderType::ShortCode), 5, 4), ("ACME", Some(SenderType::Alphanumeric), 1, 1)]);
    assert_eq!((fitted.senders[0].most_in_a_second, fitted.senders[0].most_in_a_minute), (3, 5));
    let (yaml, model, expected) = scenario(&fitted);
    // Expectations are rounded up by the phase.
    assert!((6..=7).contains(&expected), "{yaml}");
    for part in [
        "clock: { start: \"2026-03-02T08:00:00-05:00[America/New_York]\" }",
        "number: \"12345\"",
        "name: \"ACME\"",
        "recipients: { US: 4, CA: 1, GB: 1 }",
        "segments: { 1: 5, 2: 1 } # n = 6",
        "replies: 33.33%",
        "opt_out: 33.33%",
    ] {
        assert!(yaml.contains(part), "{part} is missing in\n{yaml}");
    }
    assert_eq!(model.name, "made-of-a-log");
}

/// Aim: what a log was drawn from is found again. Method: a Poisson process whose rate changes at known times, with known
/// mixes; each estimate within four standard deviations of a binomial or Poisson count.
#[test]
fn the_parameters_of_a_drawn_log_are_found_again() {
    let mut chance = Chance::new(11);
    let rates = [(2.0, 0.0, 7_200.0), (20.0, 7_200.0, 9_000.0), (0.5, 9_000.0, 36_000.0)];
    let times: Vec<f64> = rates.iter().flat_map(|(rate, from, to)| chance.poisson(*rate, *from, *to)).collect();
    let mut text = String::from("time,to,segments,carrier,campaign\n");
    for at in &times {
        let to = if chance.uniform() < 0.8 { "+12125550100" } else { "+14165550100" };
        let carrier = match (to, chance.uniform() < 0.3) {
            ("+12125550100", true) => "us/verizon",
            ("+12125550100", false) => "us/t-mobile",
            _ => "",
        };
        let segments = if chance.uniform() < 0.7 { 1 } else { 3 };
        text += &format!("{at:.6},{to},{segments},{carrier},\n");
    }
    let fitted = fitted(&text);
    let all = times.len() as f64;
    let close = |found: f64, truth: f64, n: f64| (found - truth).abs() < 4.0 * (truth * (1.0 - truth) / n).sqrt();
    let total = &fitted.total;
    assert!(close(total.segments.share("1"), 0.7, all));
    assert!(close(total.countries.share("US"), 0.8, all));
    assert!(close(total.carriers.share("us/verizon"), 0.3, total.carriers.n as f64));
    assert_eq!(total.carriers.n, total.countries.parts[0].count);
    // Phases: three, their bounds within a step of the grid or two, their rates within four standard deviations.
    let phases = &total.arrivals.phases;
    assert_eq!(phases.len(), 3, "{phases:?}");
    for (phase, (rate, from, _)) in phases.iter().zip(rates) {
        assert!((phase.from_seconds as f64 - from).abs() <= 120.0, "{phases:?}");
        assert!(
            (phase.rate - rate).abs() < 4.0 * (rate / phase.duration_seconds as f64).sqrt() + 0.01 * rate,
            "{phases:?}"
        );
    }
    // Hours: 10 of them; 2 h, half an hour and the rest of known rates.
    let expected = |hour: usize| match hour {
        0 | 1 => 7_200.0,
        2 => 36_000.0 + 900.0,
        3..10 => 1_800.0,
        _ => 0.0,
    };
    for hour in &total.arrivals.hours {
        let truth: f64 = expected(hour.hour);
        assert!((hour.messages as f64 - truth).abs() <= 4.0 * truth.sqrt(), "{hour:?}");
    }
    // Within hours the process is Poisson but for the third, in which the rate changes.
    let (yaml, model, expected) = scenario(&fitted);
    assert_eq!(model.campaigns.len(), 1);
    assert!((expected as f64 - all).abs() <= 0.001 * all + 3.0, "{expected} of {all}\n{yaml}");
    assert!(yaml.contains("process: poisson"), "{yaml}");
}

/// Aim: the index of dispersion is what it is defined to be. Method: processes of known index. Even arrivals: 0. Poisson: 1.
/// Poisson in clumps of k at one instant: k. A day whose rate changes by the hour: raw far above 1, within hours 1. The
/// index of k windows has a standard deviation of about sqrt(2 / k) (times the index).
#[test]
fn burstiness_is_found_again() {
    let index = |times: &[f64], window: u64| {
        let text: String = times.iter().map(|at| format!("{at:.6}\n")).collect();
        let fitted = fitted(&format!("time\n{text}"));
        let found = fitted.total.arrivals.dispersion.iter().find(|d| d.window_seconds == window).copied().unwrap();
        (found.raw.unwrap(), found.within_hours.unwrap_or(f64::NAN), found.n as f64)
    };
    let even: Vec<f64> = (0..72_000).map(|number| f64::from(number) * 0.5 + 0.25).collect();
    assert!(index(&even, 60).0 < 1e-9, "{:?}", index(&even, 60));
    let mut chance = Chance::new(5);
    let poisson = chance.poisson(1.0, 0.0, 86_400.0 * 5.0);
    for window in [60, 600, 3_600] {
        let (raw, within, n) = index(&poisson, window);
        let error = 4.0 * (2.0 / (n - 24.0)).sqrt();
        assert!((raw - 1.0).abs() < error && (within - 1.0).abs() < error, "{window}: {raw} {within} {n}");
    }
    let clumps: Vec<f64> = chance.poisson(0.2, 0.0, 86_400.0).into_iter().flat_map(|at| [at; 5]).collect();
    let (raw, within, n) = index(&clumps, 60);
    assert!((raw / 5.0 - 1.0).abs() < 4.0 * (2.0 / n).sqrt() && (within / 5.0 - 1.0).abs() < 4.0 * (2.0 / n).sqrt());
    let daily: Vec<f64> = (0..10 * 24)
        .flat_map(|hour| {
            let rate = if hour % 24 < 12 { 0.1 } else { 2.0 };
            chance.poisson(rate, f64::from(hour) * 3_600.0, f64::from(hour + 1) * 3_600.0)
        })
        .collect();
    let (raw, within, n) = index(&daily, 600);
    assert!(raw > 100.0, "{raw}");
    assert!((within - 1.0).abs() < 4.0 * (2.0 / n).sqrt(), "{within}");
}

/// Times of a process whose rate is multiplied in each window by a gamma variate of mean one, of shape 1 / (D - 1) messages:
/// the sum of as many exponential variates as the shape, which is taken to be whole.
fn bursty(chance: &mut Chance, rate: f64, window: f64, shape: u32, ends: f64) -> Vec<f64> {
    let mut times = Vec::new();
    let mut begins = 0.0;
    while begins < ends {
        let factor = (0..shape).map(|_| exponential(chance.uniform())).sum::<f64>() / f64::from(shape);
        times.extend(chance.poisson(rate * factor, begins, begins + window));
        begins += window;
    }
    times
}

/// Aim: bursts are found as a scenario has them, a Poisson process has none, and bursts make no phases. Method: gamma
/// variates as sums of exponential ones. With m messages in a window and shape k, D = 1 + m/k. The index of n windows has a
/// relative standard deviation of about sqrt((2 + 6/k) / n).
#[test]
fn bursts_are_found_again() {
    let mut chance = Chance::new(21);
    for (rate, window, shape, ends) in [
        (2.0, 60.0, 4, 86_400.0),
        (5.0, 60.0, 30, 86_400.0),
        (1.0, 300.0, 3, 6.0 * 86_400.0),
        (1.0, 600.0, 6, 6.0 * 86_400.0),
    ] {
        let times = bursty(&mut chance, rate, window, shape, ends);
        let text: String = times.iter().map(|at| format!("{at:.6}\n")).collect();
        let fitted = fitted(&format!("time\n{text}"));
        let truth = 1.0 + rate * window / f64::from(shape);
        let found = fitted.total.arrivals.bursts.unwrap_or_else(|| panic!("{:?}", fitted.total.arrivals.dispersion));
        let error = 4.0 * ((2.0 + 6.0 / f64::from(shape)) / found.n as f64).sqrt();
        assert!((found.dispersion / truth - 1.0).abs() < error, "{truth}: {found:?}");
        assert!((found.window_seconds as f64 / window - 1.0).abs() < 0.35, "{window}: {found:?}");
        let phases = fitted.total.arrivals.phases.len();
        assert!(phases <= 3, "{phases} phases of one rate");
        let (yaml, model, expected) = scenario(&fitted);
        assert!(model.campaigns[0].phases.iter().all(|phase| phase.bursts.is_some()), "{yaml}");
        let per_day = if ends > 2.0 * 86_400.0 { ends / 86_400.0 } else { 1.0 };
        assert!((expected as f64 * per_day / times.len() as f64 - 1.0).abs() < 0.01, "{expected}\n{yaml}");
    }
    let poisson = chance.poisson(3.0, 0.0, 86_400.0);
    let text: String = poisson.iter().map(|at| format!("{at:.6}\n")).collect();
    assert_eq!(fitted(&format!("time\n{text}")).total.arrivals.bursts, None);
}

/// Aim: a log of weeks becomes a mean day, hour by hour in the zone of the reader.
#[test]
fn a_long_log_becomes_a_mean_day() {
    let mut chance = Chance::new(3);
    let mut text = String::from("date_created\n");
    let start: Timestamp = "2026-05-04T00:00:00Z".parse().unwrap();
    for day in 0..21 {
        // Ten messages a minute from 12:00 to 18:00 UTC, which is 08:00 to 14:00 in New York in May.
        let begins = f64::from(day) * 86_400.0 + 43_200.0;
        for at in chance.poisson(1.0 / 6.0, begins, begins + 21_600.0) {
            let instant = Timestamp::from_millisecond(start.as_millisecond() + (at * 1e3) as i64).unwrap();
            text += &format!("{instant}\n");
        }
    }
    let fitted = fitted_in(&text, "America/New_York");
    let arrivals = &fitted.total.arrivals;
    assert_eq!((arrivals.cycle, arrivals.days.len()), (Cycle::MeanDay, 21));
    let phases: Vec<(u64, u64)> =
        arrivals.phases.iter().map(|p| (p.from_seconds / 3_600, p.duration_seconds / 3_600)).collect();
    assert_eq!(phases, [(0, 8), (8, 6), (14, 10)]);
    let (yaml, model, expected) = scenario(&fitted);
    assert!((expected as f64 - 3_600.0).abs() < 4.0 * (3_600.0_f64 / 21.0).sqrt() + 20.0, "{expected}\n{yaml}");
    assert_eq!(model.calendar.start_second_of_day(), 0);
    assert_eq!(model.calendar.zone_label(), "America/New_York");
    let hour = arrivals.hours[10];
    assert!((hour.messages as f64 - 12_600.0).abs() < 4.0 * 12_600.0_f64.sqrt(), "{hour:?}");
    // 20 or 21 days are observed at 08:00 to 14:00: all but what is left of the first and last hour.
    assert_eq!(hour.observed_seconds, 21 * 3_600);
}

/// Aim: the last bin ends with the log, or its rate would be too low. Method: one message a second for 1,000 s.
#[test]
fn an_even_log_is_one_phase_to_its_end() {
    let text: String = (0..1_000).map(|second| format!("{second}\n")).collect();
    let fitted = fitted(&format!("time\n{text}"));
    let whole = PhaseFit { from_seconds: 0, duration_seconds: 1_000, messages: 1_000, rate: 1.0 };
    assert_eq!(fitted.total.arrivals.phases, [whole]);
    let (yaml, _, expected) = scenario(&fitted);
    assert_eq!(expected, 1_000);
    assert!(yaml.contains("process: constant") && yaml.contains("{ duration: 1000s, arrival_rate: 1/s }"), "{yaml}");
}

/// Aim: a burst stays a burst. Method: 5,000 messages within ten seconds in a quiet hour.
#[test]
fn a_burst_is_not_smeared() {
    let quiet = (0..60).map(|minute| format!("{}\n", minute * 60));
    let burst = (0..5_000).map(|number| format!("1800.{number:04}\n"));
    let fitted = fitted(&format!("time\n{}{}", quiet.collect::<String>(), burst.collect::<String>()));
    let (yaml, model, expected) = scenario(&fitted);
    assert!((5_059..=5_061).contains(&expected), "{expected}\n{yaml}");
    let rates = model.campaigns[0].phases.iter().filter_map(|phase| match phase.load {
        Load::Rate(rate, _) => Some(rate.as_f64()),
        Load::Count(_) => None,
    });
    let top = rates.fold(0.0, f64::max);
    assert!(top >= 5_000.0 / 15.0, "{top}\n{yaml}");
}

/// Aim: the size of an audience is found again. Method: draws with replacement from 2,000 people; the standard deviation of
/// the number of different people is below sqrt(2,000), and the curve has a slope near 0.26 there.
#[test]
fn the_size_of_an_audience_is_found_again() {
    let mut chance = Chance::new(9);
    let mut text = String::from("time,recipient,country\n");
    for row in 0..3_000 {
        text += &format!("{row},person {},US\n", (chance.uniform() * 2_000.0) as u32);
    }
    let fitted = fitted(&text);
    let size = fitted.people.audience.expect("many were met twice") as f64;
    assert!((size - 2_000.0).abs() < 4.0 * 2_000.0_f64.sqrt() / 0.26 / 2.0, "{size}");
    let (yaml, model, _) = scenario(&fitted);
    assert_eq!(model.audiences[0].size as f64, size, "{yaml}");
    assert_eq!(audience(1_000, 1_000), None);
    assert_eq!(audience(1_000, 971), None);
    assert_eq!(audience(0, 0), None);
}

/// Aim: rates of senders. Method: by hand, with windows that are not those of the clock.
#[test]
fn the_most_in_a_second_and_a_minute_are_found() {
    let at = |second: f64| format!("{second:.3},{second:.3},12345,2\n");
    let times = [0.0, 0.5, 0.9, 1.4, 1.5, 30.0, 60.0, 61.3];
    let text: String = times.iter().map(|second| at(*second)).collect();
    let fitted = fitted(&format!("date_created,date_sent,from,segments\n{text}"));
    // [0.5, 1.5) has three messages; [0.5, 60.5) has 0.5, 0.9, 1.4, 1.5, 30, 60.
    assert_eq!((fitted.senders[0].most_in_a_second, fitted.senders[0].most_in_a_minute), (6, 12));
    assert_eq!(fitted.senders[0].most_done_in_a_minute, 10, "the last one's slot may end later");
}

/// Aim: a pool is found again, with its rates. Method: a code of 400 segments a second, messages of three, for two minutes at
/// instants cut to the millisecond; two numbers that the log has under names of its own. By hand: 60 s hold the beginnings of
/// 8,000 messages, so at most 24,003 segments, of which 24,000 are done.
#[test]
fn a_pool_is_found_again() {
    let mut text = "date_created,date_sent,from,sender_type,segments,country\n".to_owned();
    for message in 0..16_000_u32 {
        let sent = f64::from(message * 3_000 / 400) / 1e3;
        text += &format!("0,{sent:.3},code,short_code,3,US\n");
    }
    for message in 0..10_u32 {
        text += &format!("0,{message},local-{},long_code,1,US\n", 1 + message % 2);
    }
    // The catalogue has no rate for long codes from abroad there, which takes nothing from the registered ones.
    text += "0,11,ACME,alphanumeric,1,GB\n";
    let (yaml, model, _) = scenario(&fitted(&text));
    let [code, local, _] = &model.groups[..] else { panic!("{yaml}") };
    assert_eq!((code.count, local.count), (1, 2), "{yaml}");
    assert!(yaml.contains("type: short_code, country: US, mps: 400/s }"), "{yaml}");
    assert!(yaml.contains("type: long_code, country: US, count: 2, ten_dlc: "), "{yaml}");
    assert!(yaml.contains("# its country, registration and trust score: a guess"), "{yaml}");
}

/// Aim: whatever a log holds, the scenario made of it is free of errors. Method: all countries with all kinds of senders,
/// names that break files, one message, messages at one instant, and rates beyond the bounds of scenarios.
#[test]
fn every_fit_makes_a_scenario_without_errors() {
    let mut logs: Vec<String> = Vec::new();
    let everywhere: String =
        crate::catalogue::codes().iter().enumerate().map(|(at, code)| format!("{at},{code}\n")).collect();
    logs.push(format!("time,country\n{everywhere}"));
    let senders =
        ["12345", "ACME", "+14155550100", "+18885550123", "whatsapp:+14155550100", "+33757000000", "+85366123456"];
    for sender in senders {
        let rows: String =
            crate::catalogue::codes().iter().enumerate().map(|(at, code)| format!("{at},{code},{sender}\n")).collect();
        logs.push(format!("time,country,from\n{rows}"));
        logs.push(format!("time,country,from\n0,XX,{sender}\n"));
        logs.push(format!("time,country,from\n0,,{sender}\n5,FR,{sender}\n"));
        logs.push(format!("time,from,segments,country\n{}", format!("0,{sender},3,US\n").repeat(2_000)));
    }
    let many: String = (0..50).map(|at| format!("{at},US,{}\n", 20_000 + at)).collect();
    logs.push(format!("time,country,from\n{many}"));
    for campaign in
        ["a: {b", "- #x", "\"\"q'", "null", "é ☃ \u{2028}\u{feff}", &"long ".repeat(50), "*a", "&a", "~", "1"]
    {
        let quoted = campaign.replace('"', "\"\"");
        logs.push(format!("time,campaign,from\n0,\"{quoted}\",\"{quoted}\"\n1,other,12345\n2,,\n"));
    }
    logs.push("time\n7\n".to_owned());
    logs.push("time\n999999999\n".to_owned());
    logs.push("time\n0\n999999999\n".to_owned());
    logs.push(format!("time\n{}", "3\n".repeat(100_000)));
    logs.push("date_created\n1700-01-01T00:00:00Z\n1760-01-01T00:00:00Z\n".to_owned());
    logs.push(
        "date_created,direction,from\n2026-03-02T09:00:00Z,in,+12125550100\n2026-03-02T10:00:00Z,,12345\n".to_owned(),
    );
    for log in &logs {
        for zone in ["UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia"] {
            let (yaml, _, expected) = scenario(&fitted_in(log, zone));
            assert!(expected > 0 || log.contains("999999999\n") || log.contains("1760"), "{yaml}");
            assert!(
                yaml.lines().all(|line| line.chars().count() <= 400 || !line.trim_start().starts_with('#')),
                "{yaml}"
            );
        }
    }
}

/// Aim: campaigns and channels become campaigns of their own; more than a dozen become one.
#[test]
fn campaigns_are_fitted_each_by_itself() {
    let text = "time,campaign,from,segments\n0,otp,12345,1\n10,sale,12345,2\n20,sale,whatsapp:+14155550100,1\n30,otp,12345,1\n";
    let fitted_few = fitted(text);
    let names: Vec<_> =
        fitted_few.groups.iter().map(|g| (g.campaign.as_deref().unwrap(), g.whatsapp, g.arrivals.messages)).collect();
    assert_eq!(names, [("otp", false, 2), ("sale", false, 1), ("sale", true, 1)]);
    let (_, model, _) = scenario(&fitted_few);
    let names: Vec<&str> = model.campaigns.iter().map(|campaign| campaign.name.as_str()).collect();
    assert_eq!(names, ["otp", "sale", "sale-whatsapp"]);
    let many: String = (0..13).map(|number| format!("{number},c{number}\n")).collect();
    assert_eq!(fitted(&format!("time,campaign\n{many}")).groups.len(), 1);
}
