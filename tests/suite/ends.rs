//! Every way in which a message can end, from a scenario of its own: so many messages end so, by hand, and the others as
//! said. A new end without a scenario here fails the last test.
//!
//! Not here: why each rule is as it is; the tests of the rules say that.

use std::collections::BTreeSet;

use sendpool::kernel::samplers::Chance;
use sendpool::model::Model;
use sendpool::model::ending::Ending;
use sendpool::simulation::simulate;

use crate::support::{Totals, model};

/// A scenario that brings one end about.
struct Case {
    ending: Ending,
    yaml: String,
    /// What no file can say.
    makes_certain: fn(&mut Model),
    /// All ends, with their number.
    expected: Vec<(Ending, u64)>,
}

impl Case {
    /// All messages end so, or all but `others`.
    fn new(ending: Ending, count: u64, others: &[(Ending, u64)], yaml: String) -> Case {
        let mut expected = vec![(ending, count)];
        expected.extend(others);
        Case { ending, yaml, makes_certain: |_| {}, expected }
    }

    fn certain(self, makes_certain: fn(&mut Model)) -> Case {
        Case { makes_certain, ..self }
    }
}

/// A service `s`, its only sender, and campaigns on an ideal network.
fn one(sender: &str, campaigns: &[String]) -> String {
    format!(
        "clock: {{ start: \"2026-11-24T12:00:00Z\" }}\noverrides: {{ network: ideal }}\nservices: {{ s: {{ senders: [ {{ id: n, {sender} }} ] \
         }} }}\ncampaigns:\n{}",
        campaigns.concat()
    )
}

/// So many alerts at once, unless `what` says otherwise.
fn send(name: &str, count: u64, what: &str) -> String {
    let kind = if what.contains("kind:") { "" } else { "kind: alert, " };
    let content = if what.contains("body:") { "" } else { "segments: 1, " };
    let phases = format!("phases: [ {{ duration: 0, arrival_count: {count} }} ]");
    format!("  {name}: {{ {kind}{content}{what}, arrivals: {{ {phases} }} }}\n")
}

/// Two campaigns to the same people, days apart; all of them opt out after the first.
fn twice(people: u64, recipients: &str, through: &str, head: &str) -> String {
    let each =
        |name: &str, more: &str| send(name, people, &format!("{through}, audience: people, pick: each_once, {more}"));
    format!(
        "{head}\noverrides: {{ network: ideal }}\naudiences: {{ people: {{ size: {people}, invalid: 0, {recipients} }} }}\ncampaigns:\n{}{}",
        each("first", "opt_out: 1"),
        each("second", "start_time: 8d, opt_out: 0")
    )
}

fn unfiltered(model: &mut Model) {
    model.terms.iter_mut().for_each(|terms| terms.filter = None);
}

const NUMBER: &str = "type: long_code, country: XX, mps: 1";
const FAST: &str = "type: long_code, country: XX, mps: 1000000";
const NAME: &str = "type: alphanumeric, name: ACME, mps: 100";
const BENCH: &str = "service: s, recipients: { XX: 1 }";

/// To people at one carrier of the United States.
fn to(carrier: &str) -> String {
    format!("service: s, recipients: {{ {}: 1 }}, carriers: {{ {carrier}: 1 }}", carrier[..2].to_uppercase())
}

/// A 10DLC number.
fn ten_dlc(more: &str) -> String {
    format!("type: long_code, country: US, ten_dlc: {{ brand: b, campaign: c, {more} }}")
}

/// What happens at the platform, before anything is sent.
fn at_the_platform() -> Vec<Case> {
    use Ending::*;
    let queue = |validity: &str| format!("{NUMBER}, queue: {{ capacity: {validity} }}");
    let brief = |through: &str| format!("{through}, validity_period: 10s, recipients: {{ XX: 1 }}");
    let scheduled = |lead: &str| format!("{BENCH}, schedule: {{ {lead} }}");
    let emirates = "service: s, kind: marketing, recipients: { AE: 1 }, start_time: 36000s";
    let british = "type: long_code, country: GB, mps: 1000";
    vec![
        // Ten seconds of one a second are ten segments: two of twelve find no room.
        Case::new(
            QueueOverflow,
            2,
            &[(Delivered, 10)],
            one(&queue("validity"), &[send("c", 12, BENCH)])
                .replace("services: { s: {", "services: { s: { validity_period: 10s,"),
        ),
        Case::new(
            RefusedQueueFull,
            2,
            &[(Delivered, 10)],
            one(&queue("validity"), &[send("c", 12, "from: n, recipients: { XX: 1 }")])
                .replace("services: { s: {", "services: { s: { validity_period: 10s,"),
        ),
        // Message k would wait k seconds: the eleventh still goes at 10 s.
        Case::new(Expired, 4, &[(Delivered, 11)], one(NUMBER, &[send("c", 15, &brief("service: s"))])),
        // Ten hours after noon in Greenwich it is 02:00 in Dubai, where hours are closed from 21:00 to 07:00.
        Case::new(
            QuietHours,
            5,
            &[],
            one("type: alphanumeric, name: ACME, registered: true", &[send("c", 5, emirates)])
                .replace("services: { s: {", "services: { s: { features: { quiet_hours: fail },"),
        ),
        Case::new(
            OptedOut,
            20,
            &[(Delivered, 20)],
            twice(
                20,
                "recipients: { GB: 1 }",
                "service: s",
                &format!("services: {{ s: {{ senders: [ {{ id: n, {british} }} ] }} }}"),
            ),
        ),
        Case::new(
            RefusedOptedOut,
            20,
            &[(Delivered, 20)],
            twice(20, "recipients: { GB: 1 }", "from: n", &format!("senders: [ {{ id: n, {british} }} ]")),
        ),
        Case::new(
            NoUsableSender,
            5,
            &[],
            one("type: short_code, country: GB", &[send("c", 5, "service: s, recipients: { FR: 1 }")]),
        ),
        Case::new(
            NotOnChannel,
            5,
            &[],
            one(
                "type: whatsapp",
                &[send("c", 5, "service: s, channel: whatsapp, recipients: { DE: 1 }, whatsapp: 0%")],
            ),
        ),
        Case::new(
            Canceled,
            5,
            &[],
            one(NUMBER, &[send("c", 5, &scheduled("lead: 600s, cancel: { share: 1, after: 60s }"))]),
        ),
        Case::new(
            RefusedUnreachable,
            5,
            &[],
            one("type: short_code, country: GB", &[send("c", 5, "from: n, recipients: { FR: 1 }")]),
        ),
        Case::new(
            RefusedLandline,
            5,
            &[],
            one(NAME, &[send("c", 5, "service: s, recipients: { DE: 1 }, landline: 1")]),
        ),
        Case::new(
            RefusedBodyTooLong,
            5,
            &[],
            one(NUMBER, &[send("c", 5, &format!("{BENCH}, body: \"{}\"", "x".repeat(1_601)))]),
        ),
        Case::new(RefusedEmptyPool, 5, &[], one("", &[send("c", 5, BENCH)]).replace("{ id: n,  }", "")),
        Case::new(RefusedSchedule, 5, &[], one(NUMBER, &[send("c", 5, &scheduled("lead: 300s"))])),
        Case::new(
            RefusedScheduledLimit,
            3,
            &[],
            one(FAST, &[send("c", 500_003, &scheduled("lead: 600s"))]).replace("Z\" }", "Z\", horizon: 1s }"),
        ),
    ]
}

/// What happens at the carrier and behind it.
fn behind_the_platform() -> Vec<Case> {
    use Ending::*;
    let malaysia = "service: s, recipients: { MY: 1 }";
    let to_handsets = |network: &str| {
        one(
            "type: alphanumeric, name: ACME, mps: 100",
            &[send("c", 10, "service: s, recipients: { GB: 1 }, invalid: 0")],
        )
        .replace("ideal", network)
    };
    let unheard =
        "services: { s: { features: { opt_outs: false }, senders: [ { id: n, type: toll_free, country: US } ] } }";
    vec![
        Case::new(Delivered, 10, &[], one(NUMBER, &[send("c", 10, BENCH)])),
        Case::new(Landline, 5, &[], one(NAME, &[send("c", 5, "service: s, recipients: { GB: 1 }, landline: 1")])),
        Case::new(HandsetUnreachable, 10, &[], to_handsets("default")).certain(|model| {
            unfiltered(model);
            model.handsets.as_mut().expect("not ideal").abandoned = Chance::ALWAYS;
        }),
        Case::new(Denied, 10, &[], to_handsets("default")).certain(|model| {
            unfiltered(model);
            model.handsets.as_mut().expect("not ideal").denied = Chance::ALWAYS;
        }),
        Case::new(
            Blocked,
            20,
            &[(Delivered, 20)],
            twice(20, "recipients: { CA: 1 }, carriers: { ca/rogers: 1 }", "service: s", unheard),
        ),
        Case::new(UnknownNumber, 5, &[], one(NAME, &[send("c", 5, "service: s, recipients: { GB: 1 }, invalid: 1")])),
        Case::new(
            TypeNotCarried,
            5,
            &[],
            one(
                "type: short_code, country: US",
                &[send("c", 5, &to("us/other-rural").replace("service: s", "from: n"))],
            ),
        ),
        Case::new(Filtered, 10, &[], to_handsets("attended").replace("invalid: 0", "invalid: 0, content_risk: 1"))
            .certain(|model| model.filter.risk = 1e6),
        Case::new(
            CountryRule,
            5,
            &[],
            one("type: long_code, country: FR", &[send("c", 5, "service: s, recipients: { FR: 1 }")]),
        ),
        Case::new(
            ContentRule,
            5,
            &[],
            one(NAME, &[send("c", 5, &format!("{malaysia}, body: \"See https://example.com\""))]),
        ),
        // Noon in Greenwich is 20:00 in Kuala Lumpur.
        Case::new(CarrierHours, 5, &[], one(NAME, &[send("c", 5, &format!("{malaysia}, kind: marketing"))])),
        Case::new(NameUnregistered, 5, &[], one(NAME, &[send("c", 5, &to("cz/t-mobile-cz"))])),
        // Of 4 a second another vendor uses 1: of 240 in the first minute 180 pass.
        Case::new(
            CarrierWindow,
            60,
            &[(Delivered, 180)],
            one(&ten_dlc("trust_score: 30, other_vendor_load: 1/s"), &[send("c", 240, &to("us/att"))]),
        ),
        // A sole proprietor has 1,000 a day; at one a second from 04:00 in Los Angeles the day does not end.
        Case::new(
            BrandDayCap,
            3,
            &[(Delivered, 1_000)],
            one(&ten_dlc("brand_type: sole_proprietor"), &[send("c", 1_003, &to("us/t-mobile"))]),
        ),
        Case::new(
            TollFreeUnverified,
            5,
            &[],
            one("type: toll_free, country: US, verified: false", &[send("c", 5, &to("us/att"))]),
        ),
        Case::new(NumberUnregistered, 5, &[], one("type: long_code, country: US", &[send("c", 5, &to("us/att"))])),
        Case::new(
            TenDlcPending,
            5,
            &[],
            one(&ten_dlc("trust_score: 80, status: pending"), &[send("c", 5, &to("us/att"))]),
        ),
    ]
}

/// A content that is as good as always found bad: five in a row block it.
fn a_blocked_content() -> Case {
    let filter = "overrides: { network: attended, filter: { frailty: { weight: 0 }, \
                  classes: { short_code: { intercept: 40 } }, blocks: { messages: 5 } } }";
    let yaml = one("type: short_code, country: US", &[send("c", 12, &to("us/att"))]);
    let yaml = yaml.replace("overrides: { network: ideal }", filter);
    Case::new(Ending::ContentBlocked, 7, &[(Ending::Filtered, 5)], yaml).certain(|model| {
        // Numbers that do not exist are refused before.
        for campaign in &mut model.campaigns {
            if let sendpool::model::People::Fresh(population) = &mut campaign.people {
                population.invalid.fill(Chance::NEVER);
            }
        }
    })
}

/// What goes wrong.
fn by_faults() -> Vec<Case> {
    use Ending::*;
    let with = |yaml: String, fault: &str| format!("{yaml}faults: [ {fault} ]\n");
    let bench = |fault: &str| with(one(NUMBER, &[send("c", 5, BENCH)]), fault);
    let short_code = || one("type: short_code, country: US", &[send("c", 5, &to("us/att"))]);
    vec![
        // One a second: those of 1 s and 2 s meet the outage.
        Case::new(ProviderTimeout, 2, &[(Delivered, 3)], bench("{ at: 1s, for: 2s, carrier: xx/ideal }")),
        // A hundred a second: all five come within one second, of which two are taken.
        Case::new(
            Congested,
            3,
            &[(Delivered, 2)],
            with(short_code(), "{ at: 0s, carrier: us/att, mode: congestion, capacity: 2/s }"),
        )
        .certain(unfiltered),
        Case::new(SenderSuspended, 5, &[], with(short_code(), "{ at: 0s, sender: n, mode: suspend }")),
        Case::new(
            CampaignSuspended,
            5,
            &[],
            with(
                one(&ten_dlc("trust_score: 80"), &[send("c", 5, &to("us/att"))]),
                "{ at: 0s, sender: n, mode: suspend }",
            ),
        ),
        Case::new(AccountSuspended, 4, &[(Delivered, 1)], bench("{ at: 1s, mode: suspend }")),
        Case::new(RefusedUnavailable, 5, &[], bench("{ at: 0s, for: 1s, mode: fail }")),
    ]
}

fn cases() -> Vec<Case> {
    [at_the_platform(), behind_the_platform(), by_faults(), vec![a_blocked_content()]].into_iter().flatten().collect()
}

/// Aim: each end comes about in the way that is said, so often as said, and nothing else does. Method: by hand, above.
#[test]
fn each_end_has_its_scenario() {
    for case in cases() {
        let mut model = model(&case.yaml);
        (case.makes_certain)(&mut model);
        let totals = simulate(&model, 0, Totals::new(model.lanes.len())).0;
        for ending in Ending::ALL {
            let expected = case.expected.iter().find(|(other, _)| *other == ending).map_or(0, |(_, count)| *count);
            assert_eq!(totals.count(ending), expected, "{ending:?} in the scenario of {:?}", case.ending);
        }
    }
}

/// Aim: no end is without a scenario.
#[test]
fn no_end_is_left_out() {
    let cases: Vec<Ending> = cases().into_iter().map(|case| case.ending).collect();
    assert_eq!(cases.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from(Ending::ALL));
    assert_eq!(cases.len(), Ending::COUNT, "one each");
}
