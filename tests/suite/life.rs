//! What happens to a message after a carrier took it: handsets out of reach, replies, opt-outs, codes asked for again.
//! Shares and delays against figures measured or computed elsewhere, within stated intervals; rules by exact counts.

use sendpool::kernel::samplers::Chance;
use sendpool::metrics::Collector;
use sendpool::metrics::totals::Totals as Books;
use sendpool::model::Model;
use sendpool::model::ending::Ending;
use sendpool::simulation::observer::{Feedback, Message, Observer};
use sendpool::simulation::simulate;
use sendpool::units::{SimDuration, SimTime};

use crate::support::{model, run, s};

/// Delays from `sent` of the delivered, in seconds, and how many messages ended how.
#[derive(Default)]
struct Delays {
    seconds: Vec<f64>,
    ends: sendpool::model::ending::ByEnding<u64>,
    feedback: Vec<(SimTime, Feedback, bool)>,
}

impl Observer for Delays {
    fn ended(&mut self, at: SimTime, message: &Message, ending: Ending) {
        self.ends[ending] += 1;
        if ending == Ending::Delivered {
            self.seconds.push(at.since(message.sent).as_secs_f64());
        }
    }

    fn feedback(&mut self, at: SimTime, message: &Message, feedback: Feedback, heard: bool) {
        assert!(at > message.sent);
        self.feedback.push((at, feedback, heard));
    }
}

impl Delays {
    fn of(model: &Model) -> Delays {
        simulate(model, 0, Delays::default()).0
    }

    fn count(&self, ending: Ending) -> f64 {
        self.ends[ending] as f64
    }

    /// The share of the delivered within so many seconds.
    fn within(&self, seconds: f64) -> f64 {
        self.seconds.iter().filter(|delay| **delay <= seconds).count() as f64 / self.seconds.len() as f64
    }

    fn quantile(&mut self, q: f64) -> f64 {
        self.seconds.sort_by(f64::total_cmp);
        self.seconds[(q * self.seconds.len() as f64).ceil() as usize - 1]
    }

    fn mean(&self) -> f64 {
        self.seconds.iter().sum::<f64>() / self.seconds.len() as f64
    }
}

const COUNT: u64 = 200_000;

/// So many one-segment alerts to British handsets by one fast name, under a preset of the network.
fn handsets(network: &str) -> Model {
    model(&format!(
        "services: {{ s: {{ senders: [ {{ id: a, type: alphanumeric, name: ACME, mps: 100000 }} ] }} }}\ncampaigns:\n  c: {{ service: s, \
         kind: alert, segments: 1, invalid: 0, recipients: {{ GB: 1 }}, opt_out: 0, replies: 0, arrivals: {{ phases: [ {{ duration: 2s, \
         arrival_count: {COUNT} }} ] }} }}\noverrides: {{ network: {network} }}\n"
    ))
}

/// `found` lies within four standard deviations of a share `p` of `n`.
fn share(found: f64, n: f64, p: f64, what: &str) {
    let deviation = (p * (1.0 - p) / n).sqrt();
    assert!((found / n - p).abs() <= 4.0 * deviation + 1e-9, "{what}: {} instead of {p}", found / n);
}

/// Prints a row of the table in `docs/checks.md`: `cargo test --release --test suite life -- --nocapture`.
fn row(what: &str, target: &str, found: f64) {
    println!("| {what} | {target} | {found:.4} |");
}

/// Messages that were not filtered: the filter is none of the handset's.
fn taken(delays: &Delays) -> f64 {
    COUNT as f64 - delays.count(Ending::Filtered)
}

/// ANACOM 2005: 99.7 % delivered without error, mean 12 s, more than 99 % under 20 s.
#[test]
fn the_regulators_figures_of_2005() {
    let delays = Delays::of(&handsets("anacom_2005"));
    let people = taken(&delays);
    row("2005, regulator: delivered", "0.997", delays.seconds.len() as f64 / people);
    row("2005, regulator: mean seconds", "12", delays.mean());
    row("2005, regulator: within 20 s", "over 0.99", delays.within(20.0));
    row("2005, regulator: within 175 s", "1", delays.within(175.0));
    share(delays.seconds.len() as f64, people, 0.997, "delivered");
    assert!((delays.mean() - 12.0).abs() < 0.1, "{}", delays.mean());
    assert!(delays.within(20.0) > 0.985 && delays.within(175.0) == 1.0, "{}", delays.within(20.0));
}

/// The nationwide trace of 2005: 94.9 % delivered, 3.5 % expired, 1.6 % denied; of the delivered 73.2 % within 10 s, 17 %
/// over a minute, 5 % over an hour and a half.
#[test]
fn the_nationwide_trace_of_2005() {
    let delays = Delays::of(&handsets("legacy_2005"));
    let people = taken(&delays);
    row("2005, nationwide: delivered", "0.949", delays.seconds.len() as f64 / people);
    row("2005, nationwide: expired", "0.035", delays.count(Ending::HandsetUnreachable) / people);
    row("2005, nationwide: denied", "0.016", delays.count(Ending::Denied) / people);
    share(delays.count(Ending::Denied), people, 0.016, "denied");
    share(delays.count(Ending::HandsetUnreachable), people * (1.0 - 0.016), 0.035, "expired");
    let n = delays.seconds.len() as f64;
    for (seconds, expected) in [(10.0, 0.732), (60.0, 0.83), (5_400.0, 0.95)] {
        // The points are quoted to three digits.
        let found = delays.within(seconds);
        row(&format!("2005, nationwide: within {seconds} s"), &expected.to_string(), found);
        assert!(
            (found - expected).abs() < 0.0005 + 4.0 * (expected * (1.0 - expected) / n).sqrt(),
            "{seconds}: {found}"
        );
    }
}

/// ETSI 2006: 38 % not delivered at the first attempt, 98 % in the end, six to eight seconds from handset to handset.
#[test]
fn the_first_attempts_of_2006() {
    let delays = Delays::of(&handsets("etsi_2006"));
    let people = taken(&delays);
    // 2 % abandoned, and 36 % of the others off; what returns does so a minute later at the earliest, or 2 s after.
    let first = delays.seconds.iter().filter(|delay| **delay < 20.0).count() as f64;
    row("2006, ETSI: at the first attempt", "0.62", first / people);
    assert!((first / people - 0.62).abs() < 0.01, "{}", first / people);
    let delivered = delays.seconds.len() as f64 / people;
    row("2006, ETSI: in the end", "0.98", delivered);
    assert!((delivered - 0.98).abs() < 0.002, "{delivered}");
    let mut at_once: Vec<f64> = delays.seconds.iter().copied().filter(|delay| *delay < 20.0).collect();
    at_once.sort_by(f64::total_cmp);
    let median = at_once[at_once.len() / 2];
    row("2006, ETSI: seconds, first attempt", "6 to 8", median);
    assert!((6.0..8.0).contains(&median), "{median}");
}

/// Test handsets: p99 8.0 s, 0.18 % over a minute. The carriers' offsets of the latency are drawn, so p99 has a wide interval.
#[test]
fn test_handsets_are_hardly_ever_away() {
    let mut delays = Delays::of(&handsets("test_handset"));
    let late = 1.0 - delays.within(60.0);
    row("test handsets: over 60 s", "0.0018", late);
    assert!((late - 0.0018).abs() < 0.0006, "{late}");
    let p99 = delays.quantile(0.99);
    row("test handsets: p99 seconds", "8.0", p99);
    assert!((6.0..11.0).contains(&p99), "{p99}");
}

/// The default, over handsets that are not abandoned: 4.1 % over 10 s, 3.5 % over a minute, 1.0 % over an hour and a half,
/// p50 2.75 s, as the study that chose it worked out.
#[test]
fn the_default_is_that_of_the_study() {
    let mut delays = Delays::of(&handsets("default"));
    let people = taken(&delays);
    // 0.7 % abandoned, and a handful away for three days.
    let lost = delays.count(Ending::HandsetUnreachable) / people;
    row("default: never delivered", "0.0073", lost);
    assert!((lost - 0.0073).abs() < 0.001, "{lost}");
    for (seconds, expected, within) in [(10.0, 0.041, 0.006), (60.0, 0.035, 0.002), (5_400.0, 0.010, 0.001)] {
        let found = 1.0 - delays.within(seconds);
        row(&format!("default: over {seconds} s"), &expected.to_string(), found);
        assert!((found - expected).abs() < within, "over {seconds} s: {found}");
    }
    let p50 = delays.quantile(0.5);
    row("default: p50 seconds", "2.75", p50);
    assert!((2.2..3.4).contains(&p50), "{p50}");
}

/// Aim: retries come when the clock says. Method: every first attempt fails, absences are exponential, nobody notices a
/// return, first gap 20 s: mean delay of the delivered and share given up as computed exactly for that clock.
#[test]
fn the_retry_clock_gives_the_exact_delays() {
    for (hours, mean, given_up) in
        [(1u32, 5_318.312_936, 0.0), (12, 59_563.250_215, 0.003_891), (48, 121_681.510_886, 0.249_757)]
    {
        let mut model = handsets("default");
        let handsets = model.handsets.as_mut().expect("the default has handsets");
        handsets.brief = Chance::ALWAYS;
        handsets.brief_mean = f64::from(hours) * 3_600.0;
        handsets.abandoned = Chance::NEVER;
        handsets.alert = Chance::NEVER;
        handsets.clock.first = SimDuration::from_secs(20);
        let waits = simulate(&model, 0, Waits::default()).0;
        let n = waits.seconds.len() as f64;
        let found = waits.seconds.iter().sum::<f64>() / n;
        row(&format!("retry clock, away {hours} h on average: mean seconds"), &mean.to_string(), found);
        let variance = waits.seconds.iter().map(|wait| (wait - found).powi(2)).sum::<f64>() / n;
        assert!((found - mean).abs() < 4.0 * (variance / n).sqrt(), "{hours} h: {found} instead of {mean}");
        share(waits.given_up as f64, n + waits.given_up as f64, given_up, "given up");
    }
}

/// Waits for the handset.
#[derive(Default)]
struct Waits {
    seconds: Vec<f64>,
    given_up: u64,
}

impl Observer for Waits {
    fn ended(&mut self, at: SimTime, message: &Message, ending: Ending) {
        match ending {
            Ending::Delivered => self.seconds.push(at.since(message.attempted).as_secs_f64()),
            Ending::HandsetUnreachable => self.given_up += 1,
            _ => {}
        }
    }
}

/// A pool of one British number and an audience that everybody of is written to by each campaign.
fn to_everybody(head: &str, campaigns: &[(&str, &str)]) -> String {
    let campaigns: Vec<String> = campaigns
        .iter()
        .map(|(name, rest)| {
            format!(
                "  {name}: {{ audience: people, pick: each_once, segments: 1, arrivals: {{ phases: [ {{ duration: 0, arrival_count: 1000 }} \
                 ] }}, {rest} }}\n"
            )
        })
        .collect();
    format!(
        "audiences: {{ people: {{ size: 1000, recipients: {{ GB: 1 }}, invalid: 0 }} }}\n{head}\ncampaigns:\n{}",
        campaigns.concat()
    )
}

const POOL: &str = "services: { s: { senders: [ { id: n, type: long_code, country: GB, mps: 1000 } ] } }";
const LATER: &str = "start_time: 8d";

fn books(yaml: &str) -> Vec<Books> {
    let model = model(yaml);
    let all = simulate(&model, 0, Collector::new(&model)).0.finish(&Collector::scopes(&model)).totals;
    all[1..=model.campaigns.len()].to_vec()
}

/// Aim: who opted out of a service hears no more of it: not from its other campaign (21610, failed), but from another
/// service; and every opt-out blocks exactly one later message. Method: everybody gets everything; the counts are equal.
#[test]
fn a_second_campaign_meets_the_opt_outs_of_the_first() {
    let two = POOL.replace(
        "services: { s:",
        "services: { other: { senders: [ { id: m, type: long_code, country: GB, mps: 1000 } ] }, s:",
    );
    let found = books(&to_everybody(
        &format!("{two}\noverrides: {{ network: attended }}"),
        &[
            ("first", "service: s, opt_out: 30%"),
            ("second", &format!("service: s, {LATER}")),
            ("elsewhere", &format!("service: other, {LATER}")),
        ],
    ));
    let stopped = found[0].opt_outs;
    assert!((250..350).contains(&stopped), "{stopped} of those whom the filter let through");
    assert_eq!(found[1].ended(Ending::OptedOut), stopped);
    assert_eq!(found[2].ended(Ending::OptedOut), 0);
    assert_eq!(found[1].accepted, 1_000, "through a service the call is accepted and fails");
}

/// Aim: an explicit sender's opt-outs are its own, and its calls are refused. Method: as above, outside any service.
#[test]
fn an_explicit_senders_opt_outs_refuse_the_call() {
    let found = books(&to_everybody(
        "senders: [ { id: n, type: long_code, country: GB, mps: 1000 }, { id: m, type: long_code, country: GB, mps: 1000 } ]\noverrides: { network: attended }",
        &[
            ("first", "from: n, opt_out: 50%"),
            ("second", &format!("from: n, {LATER}")),
            ("third", &format!("from: m, {LATER}")),
        ],
    ));
    assert!(found[0].opt_outs > 400);
    assert_eq!(found[1].ended(Ending::RefusedOptedOut), found[0].opt_outs);
    assert_eq!(found[2].ended(Ending::RefusedOptedOut), 0);
}

/// Aim: an opt-out from one number of a group leaves the others. Method: everybody opts out of number 2. Of the group's next
/// 1,000 messages every other one comes from it and is refused; so are all that name it, and none that names number 1.
#[test]
fn an_opt_out_is_of_the_number_that_was_written_to() {
    let later = |from: &str| format!("from: {from}, opt_out: 0, {LATER}");
    let found = books(&to_everybody(
        "senders: [ { id: n, type: long_code, country: GB, mps: 1000, count: 2 } ]\noverrides: { network: ideal }",
        &[("first", "from: n-2, opt_out: 1"), ("any", &later("n")), ("same", &later("n-2")), ("other", &later("n-1"))],
    ));
    assert_eq!((found[0].ended(Ending::Delivered), found[0].opt_outs), (1_000, 1_000));
    for (books, refused) in found[1..].iter().zip([500, 1_000, 0]) {
        assert_eq!((books.ended(Ending::RefusedOptedOut), books.ended(Ending::Delivered)), (refused, 1_000 - refused));
    }
}

/// Aim: a campaign meets the opt-outs of those before it until people opt in again. Method: all 1,000 get the first
/// message and opt out within a day; ten days later they come back: the campaign of day 8 fails for all, that of day 20
/// reaches all.
#[test]
fn who_opts_in_again_is_written_to_again() {
    let found = books(&to_everybody(
        &format!("{POOL}\noverrides: {{ network: ideal }}"),
        &[
            ("first", "service: s, opt_out: 1, opt_in: 1, opt_in_after: 10d"),
            ("second", &format!("service: s, opt_out: 0, {LATER}")),
            ("third", "service: s, opt_out: 0, start_time: 20d"),
        ],
    ));
    assert_eq!((found[0].ended(Ending::Delivered), found[0].opt_outs, found[0].opt_ins), (1_000, 1_000, 1_000));
    assert_eq!((found[1].ended(Ending::OptedOut), found[1].ended(Ending::Delivered)), (1_000, 0));
    assert_eq!((found[2].ended(Ending::OptedOut), found[2].ended(Ending::Delivered)), (0, 1_000));
}

/// Aim: as many come back as said, after a day unless said otherwise, and the others stay away. Method: 40 % of 1,000; the
/// second campaign fails for the rest, one by one; STOP lies a day before START, for each.
#[test]
fn some_opt_in_again_after_a_day() {
    let yaml = to_everybody(
        &format!("{POOL}\noverrides: {{ network: ideal }}"),
        &[("first", "service: s, opt_out: 1, opt_in: 40%"), ("second", &format!("service: s, opt_out: 0, {LATER}"))],
    );
    let found = books(&yaml);
    share(found[0].opt_ins as f64, 1_000.0, 0.4, "opt-ins");
    assert_eq!(found[1].ended(Ending::OptedOut), 1_000 - found[0].opt_ins);
    assert_eq!(found[1].ended(Ending::Delivered), found[0].opt_ins);
    let delays = Delays::of(&model(&yaml));
    let times = |what: Feedback| delays.feedback.iter().filter(move |(_, other, _)| *other == what).map(|(at, ..)| *at);
    let stops: Vec<SimTime> = times(Feedback::Stop).collect();
    let day = SimDuration::from_secs(86_400);
    assert!(times(Feedback::Start).all(|at| stops.iter().any(|stop| *stop + day == at)));
}

/// Aim: YES opts in again with the platform, and a toll-free number's network does not hear it; START and UNSTOP reach
/// both. Method: everybody whom the first campaign reaches opts out and comes back; the second is blocked for as many
/// (30004) or for nobody, and fails for nobody.
#[test]
fn a_toll_free_networks_block_goes_by_start_alone() {
    for (word, blocks) in [("START", false), ("unstop", false), ("YES", true)] {
        let scenario = to_everybody(
            "services: { s: { senders: [ { id: t, type: toll_free, country: US, mps: 1000 } ] } }\noverrides: { network: attended }",
            &[
                ("first", &format!("service: s, opt_out: 1, opt_in: 1, opt_in_word: {word}")),
                ("second", &format!("service: s, opt_out: 0, {LATER}")),
            ],
        );
        let found = books(&scenario.replace("GB: 1", "CA: 1"));
        assert!(found[0].opt_outs > 800 && found[0].opt_ins == found[0].opt_outs, "{word}");
        assert_eq!(found[1].ended(Ending::OptedOut), 0, "{word}");
        assert_eq!(found[1].ended(Ending::Blocked), if blocks { found[0].opt_outs } else { 0 }, "{word}");
    }
}

/// Aim: help is asked for as often as said and answered by the platform itself: no message of the campaign. Method: 30 %
/// of 1,000 ask; 1,000 messages are sent all the same. Where the client keeps opt-outs nobody answers, and a name hears
/// nothing.
#[test]
fn help_is_answered_by_the_platform() {
    let campaigns = [("first", "service: s, opt_out: 0, replies: 0, help: 30%")];
    let ideal =
        |pool: &str| books(&to_everybody(&format!("{pool}\noverrides: {{ network: ideal }}"), &campaigns)).remove(0);
    let found = ideal(POOL);
    share(found.helps as f64, 1_000.0, 0.3, "requests for help");
    assert_eq!((found.helped, found.sent, found.offered, found.replies), (found.helps, 1_000, 1_000, 0));
    assert_eq!(sendpool::verdict::count_of(sendpool::model::metric::Metric::Helps, &found), found.helps);
    let own = ideal(&POOL.replace("{ s: {", "{ s: { features: { opt_outs: false },"));
    assert_eq!((own.helps, own.helped), (found.helps, 0));
    let name = ideal("services: { s: { senders: [ { id: a, type: alphanumeric, name: ACME, mps: 1000 } ] } }");
    assert_eq!((name.helps, name.helped, name.unheard), (0, 0, found.helps));
}

/// Who sent what, and whom the platform answered.
#[derive(Default)]
struct Hotline {
    heard: Vec<(SimTime, Feedback, u32, u64)>,
    helped: Vec<(SimTime, u64)>,
}

impl Observer for Hotline {
    fn feedback(&mut self, at: SimTime, message: &Message, feedback: Feedback, _heard: bool) {
        self.heard.push((at, feedback, message.campaign, message.number));
    }

    fn helped(&mut self, at: SimTime, message: &Message) {
        self.helped.push((at, message.number));
    }
}

/// Aim: who has opted out gets no answer to HELP. Method: two messages to each of 1,000 people at once; after one they
/// opt out, after the other they ask for help, whichever comes first: those who asked first are answered, the others not.
#[test]
fn who_opted_out_gets_no_help() {
    let model = model(&to_everybody(
        &format!("{POOL}\noverrides: {{ network: ideal }}"),
        &[("stops", "service: s, opt_out: 1"), ("asks", "service: s, opt_out: 0, help: 1")],
    ));
    let seen = simulate(&model, 0, Hotline::default()).0;
    let draws = sendpool::kernel::draws::Draws::new(model.seed, 0);
    let person = |campaign: u32, number: u64| {
        sendpool::simulation::people::recipient(&model, draws, campaign as usize, number).identity.expect("met again")
    };
    let did = |what: Feedback| seen.heard.iter().filter(move |(_, other, ..)| *other == what);
    let stopped: std::collections::BTreeMap<_, SimTime> =
        did(Feedback::Stop).map(|(at, _, campaign, number)| (person(*campaign, *number), *at)).collect();
    assert_eq!((stopped.len(), did(Feedback::Help).count()), (1_000, 1_000));
    let expected: Vec<(SimTime, u64)> = did(Feedback::Help)
        .filter(|(at, _, campaign, number)| *at < stopped[&person(*campaign, *number)])
        .map(|(at, _, _, number)| (*at, *number))
        .collect();
    assert!((400..600).contains(&expected.len()), "{}", expected.len());
    assert_eq!(seen.helped, expected);
}

/// Aim: where a service does not keep opt-outs, the network of a toll-free number does (30004), and no other. Method: the
/// same people by a toll-free number and by a short code.
#[test]
fn a_toll_free_networks_stop_is_its_own() {
    let scenario = |sender: &str| {
        to_everybody(
            &format!("services: {{ s: {{ features: {{ opt_outs: false }}, senders: [ {sender} ] }} }}\noverrides: {{ network: attended }}"),
            &[("first", "service: s, opt_out: 30%"), ("second", &format!("service: s, {LATER}"))],
        )
        .replace("GB: 1", "CA: 1")
    };
    let found = books(&scenario("{ id: t, type: toll_free, country: US, mps: 1000 }"));
    assert!(found[0].opt_outs > 200);
    assert_eq!(found[1].ended(Ending::Blocked), found[0].opt_outs);
    let found = books(&scenario("{ id: sc, type: short_code, country: CA, mps: 1000 }"));
    assert!(found[0].opt_outs > 200);
    assert_eq!(found[1].ended(Ending::Blocked), 0);
}

/// Aim: nobody can answer a name: what people try is counted as unheard and has no effect.
#[test]
fn a_name_hears_nothing() {
    let found = books(&to_everybody(
        "services: { s: { senders: [ { id: a, type: alphanumeric, name: ACME, mps: 1000 } ] } }\noverrides: { network: attended }",
        &[("first", "service: s, opt_out: 30%, replies: 50%"), ("second", &format!("service: s, {LATER}"))],
    ));
    assert_eq!((found[0].opt_outs, found[0].replies, found[1].ended(Ending::OptedOut)), (0, 0, 0));
    assert!(found[0].unheard > 500);
}

/// Aim: a conversation goes on from the sender that was written to, so often and so soon as said. Method: everybody
/// answers everything; two turns: every reply but the last is answered after 5 s by the same number.
#[test]
fn conversations_are_answered_by_the_same_number() {
    let run = run(
        "services: { s: { senders: [ { id: n, type: long_code, country: GB, mps: 1000, count: 7 } ] } }\ncampaigns:\n  c: { service: s, \
         kind: conversation, segments: 1, recipients: { GB: 1 }, replies: 1, opt_out: 0, conversation: { turns: 2, answer_after: 5s }, \
         arrivals: { phases: [ { duration: 0, arrival_count: 40 } ] } }\noverrides: { network: ideal }\n",
    );
    let sent = run.trace.sent();
    assert_eq!(sent.len(), 3 * 40);
    for turn in 1..=2 {
        let answers = sent.iter().filter(|departure| departure.message.turn() == turn);
        for answer in answers {
            let opening =
                sent.iter().find(|departure| departure.message.number == answer.message.origin()).expect("it opened");
            assert_eq!(opening.message.sender, answer.message.sender);
            assert!(answer.message.sent >= opening.message.sent + SimDuration::from_secs(5 * turn));
        }
    }
    // One of five numbers at random would not be the same 80 times.
    assert_eq!(run.trace.count(Ending::Delivered), 120);
}

/// Aim: who waits in vain asks again, as often as allowed and never after a code came; being on time counts the first that
/// arrives. Method: a number of 1 segment/s and ten codes at once: by hand, code k leaves after k seconds.
#[test]
fn codes_are_asked_for_again() {
    let scenario = |share: &str| {
        format!(
            "services: {{ s: {{ senders: [ {{ id: n, type: long_code, country: CA }} ] }} }}\ncampaigns:\n  c: {{ service: s, kind: otp, \
             segments: 1, recipients: {{ CA: 1 }}, resend: {{ after: 4500ms, share: {share}, at_most: 1 }}, deadline: 6s, arrivals: {{ phases: \
             [ {{ duration: 0, arrival_count: 10 }} ] }} }}\noverrides: {{ network: ideal }}\n"
        )
    };
    let patient = run(&scenario("0"));
    assert_eq!(patient.trace.sent().len(), 10);
    let run = run(&scenario("1"));
    // Codes 0 to 4 arrive at 0 to 4 s; at 4.5 s five people ask again, behind the five that still wait.
    let sent = run.trace.sent();
    assert_eq!(sent.len(), 15);
    let again: Vec<(SimTime, SimTime)> = sent
        .iter()
        .filter(|departure| departure.message.repetition() == 1)
        .map(|departure| (departure.message.accepted, departure.message.sent))
        .collect();
    assert_eq!(again.len(), 5);
    for (index, (accepted, left)) in again.iter().enumerate() {
        assert_eq!(*accepted, SimTime::from_nanos(4_500_000_000));
        assert_eq!(*left, s(10 + index as u64));
    }
    let books = books(&scenario("1"));
    assert_eq!((books[0].offered, books[0].repeated, books[0].on_time), (15, 5, 7), "codes 0 to 6 within 6 s");
}

/// Aim: a handset that is away is away for every message to it, keeps a hundred and drops the oldest. Method: one person,
/// 150 messages in 150 s, whose handset is off for good: the first fifty are dropped in turn, the others given up.
#[test]
fn a_handsets_store_drops_the_oldest() {
    let mut model = model(
        "audiences: { one: { size: 1, recipients: { GB: 1 }, invalid: 0 } }\nservices: { s: { senders: [ { id: n, type: long_code, country: GB \
         } ] } }\ncampaigns:\n  c: { service: s, kind: alert, segments: 1, audience: one, pick: uniform, arrivals: { phases: [ { duration: 150s, \
         arrival_count: 150 } ] } }\noverrides: { network: legacy_2005 }\n",
    );
    let handsets = model.handsets.as_mut().expect("handsets");
    handsets.abandoned = Chance::ALWAYS;
    handsets.denied = Chance::NEVER;
    model.carriers.iter_mut().for_each(|carrier| carrier.latency.as_mut().expect("a real country").receipt_lost = 0.0);
    let run = crate::support::run_model(model);
    let ends = run.trace.ends();
    let lost: Vec<&(SimTime, Message, Ending)> =
        ends.iter().filter(|(_, _, ending)| *ending == Ending::HandsetUnreachable).collect();
    let waited = |end: &(SimTime, Message, Ending)| end.0.since(end.1.attempted);
    let three_days = SimDuration::from_secs(72 * 3_600);
    let given_up = lost.iter().filter(|end| waited(end) == three_days).count();
    assert_eq!(given_up, 100);
    assert_eq!(lost.len() + run.trace.count(Ending::Filtered), 150);
    let dropped: Vec<SimTime> = lost.iter().filter(|end| waited(end) < three_days).map(|end| end.1.attempted).collect();
    assert!(dropped.is_sorted(), "the oldest first");
}

/// Aim: answers come as late as people take. Method: half of 20,000 answers to messages out of the blue come within 612 s,
/// a tenth within 37 s, nine tenths within 14,142 s, by the study's table.
#[test]
fn people_take_their_time() {
    let model = model(
        "services: { s: { senders: [ { id: n, type: long_code, country: GB, mps: 100000 } ] } }\ncampaigns:\n  c: { service: s, kind: alert, \
         segments: 1, recipients: { GB: 1 }, replies: 1, opt_out: 0, arrivals: { phases: [ { duration: 0, arrival_count: 20000 } ] } }\noverrides: \
         { network: ideal }\n",
    );
    let delays = Delays::of(&model);
    assert!(
        delays.feedback.len() == 20_000
            && delays.feedback.iter().all(|(_, what, heard)| *what == Feedback::Reply && *heard)
    );
    for (seconds, expected) in [(37.0, 0.1), (612.0, 0.5), (14_142.0, 0.9)] {
        // All are sent within a fifth of a second.
        let found = delays.feedback.iter().filter(|(at, _, _)| at.as_secs_f64() <= seconds + 0.1).count();
        share(found as f64, 20_000.0, expected, "answers");
    }
}
