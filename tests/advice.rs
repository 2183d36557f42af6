//! What `validate` warns about: each warning from a scenario that deserves it, and none from one that does not.

use sendpool::scenario;
use sendpool::scenario::diagnostic::Severity;

/// The warnings of a scenario, each as message and hint.
fn warnings(yaml: &str) -> Vec<String> {
    findings(yaml, Severity::Warning)
}

fn findings(yaml: &str, severity: Severity) -> Vec<String> {
    let text = format!("version: 1\nname: advice\n{yaml}");
    let reading = scenario::read("advice.yaml", text.into_bytes(), &[]);
    assert!(reading.model.is_some(), "the scenario has errors:\n{}", reading.render(false));
    let found = reading.findings.iter().filter(|finding| finding.severity == severity);
    found.map(|finding| format!("{} | {}", finding.message, finding.hint.clone().unwrap_or_default())).collect()
}

/// A pool and one campaign to `recipients`.
fn pool(senders: &str, recipients: &str, campaign: &str) -> String {
    format!(
        "clock: {{ start: \"2026-11-27T15:00:00Z\" }}\nservices: {{ s: {{ senders: [ {senders} ] }} }}\ncampaigns: {{ c: \
         {{ service: s, recipients: {recipients}, {campaign}, arrivals: {{ phases: [ {{ duration: 10s, arrival_count: 10 }} ] }} }} }}\n"
    )
}

/// Aim: a pool that breaks a rule of thumb is told so, in words that name what to do. Method: one pool per rule; exactly
/// one warning holds all the words, and the pool beside it that keeps the rule gets no such warning.
#[test]
fn each_warning_has_its_scenario() {
    let registered = "ten_dlc: { brand: b, campaign: c, trust_score: 80 }";
    let cases = [
        // Snowshoeing: several numbers where carriers filter by spread.
        (
            pool("{ id: n, type: long_code, country: CA, count: 10 }", "{ CA: 1 }", "segments: 1"),
            vec!["10 long codes share the traffic to CA", "snowshoeing"],
            pool("{ id: n, type: long_code, country: CA }", "{ CA: 1 }", "segments: 1"),
        ),
        // More than one toll-free number in a pool.
        (
            pool("{ id: t, type: toll_free, country: US, count: 3 }", "{ US: 1 }", "segments: 1"),
            vec!["3 toll-free numbers in one pool", "upgraded"],
            pool("{ id: t, type: toll_free, country: US }", "{ US: 1 }", "segments: 1"),
        ),
        // A pool larger than the platform's.
        (
            pool(
                &format!("{{ id: n, type: long_code, country: US, count: 401, {registered} }}"),
                "{ US: 1 }",
                "segments: 1",
            ),
            vec!["401 senders in one pool", "400", "21714"],
            pool(
                &format!("{{ id: n, type: long_code, country: US, count: 400, {registered} }}"),
                "{ US: 1 }",
                "segments: 1",
            ),
        ),
        // Short codes leave a gap at small carriers.
        (
            pool("{ id: sc, type: short_code, country: US }", "{ US: 1 }", "segments: 1"),
            vec!["some carriers of US do not take short codes: us/", "few long codes", "21703"],
            pool(
                &format!(
                    "{{ id: sc, type: short_code, country: US }}, {{ id: n, type: long_code, country: US, {registered} }}"
                ),
                "{ US: 1 }",
                "segments: 1",
            ),
        ),
        // A number that is not registered.
        (
            pool("{ id: n, type: long_code, country: US }", "{ US: 1 }", "segments: 1"),
            vec!["carriers will refuse `n` in US", "30034", "ten_dlc"],
            pool(&format!("{{ id: n, type: long_code, country: US, {registered} }}"), "{ US: 1 }", "segments: 1"),
        ),
        // A name that is not registered where it has to be.
        (
            pool("{ id: a, type: alphanumeric, name: ACME }", "{ SG: 1 }", "segments: 1"),
            vec!["carriers will show a warning label instead of `a` in SG", "`registered`"],
            pool("{ id: a, type: alphanumeric, name: ACME, registered: [SG] }", "{ SG: 1 }", "segments: 1"),
        ),
        (
            pool("{ id: a, type: alphanumeric, name: ACME }", "{ AE: 1 }", "kind: alert, segments: 1"),
            vec!["carriers will refuse `a` in AE", "30007", "registered"],
            pool(
                "{ id: a, type: alphanumeric, name: ACME, registered: true }",
                "{ AE: 1 }",
                "kind: alert, segments: 1",
            ),
        ),
        // Traffic that the country does not take from such a sender.
        (
            pool("{ id: n, type: long_code, country: FR }", "{ FR: 1 }", "segments: 1"),
            vec!["carriers take only what people write from `n` in FR", "30007"],
            pool("{ id: n, type: long_code, country: FR }", "{ FR: 1 }", "traffic: p2p, segments: 1"),
        ),
        // Nobody can answer.
        (
            pool("{ id: a, type: alphanumeric, name: ACME }", "{ GB: 1 }", "kind: conversation, segments: 1"),
            vec!["nobody can answer `a` in GB", "WhatsApp"],
            pool("{ id: n, type: long_code, country: GB }", "{ GB: 1 }", "kind: conversation, segments: 1"),
        ),
        // A rate that nobody sells.
        (
            pool("{ id: t, type: toll_free, country: US, mps: 400 }", "{ US: 1 }", "segments: 1"),
            vec!["a toll_free of US at 400/s", "up to 150/s"],
            pool("{ id: t, type: toll_free, country: US, mps: 150 }", "{ US: 1 }", "segments: 1"),
        ),
        (
            pool("{ id: n, type: long_code, country: GB, mps: 11 }", "{ GB: 1 }", "segments: 1"),
            vec!["a long_code of GB at 11/s", "up to 10/s"],
            pool("{ id: n, type: long_code, country: GB, mps: 10 }", "{ GB: 1 }", "segments: 1"),
        ),
        (
            pool("{ id: w, type: whatsapp, mps: 1000, count: 3 }", "{ GB: 1 }", "channel: whatsapp, segments: 1"),
            vec!["WhatsApp senders together exceed", "63017"],
            pool("{ id: w, type: whatsapp, mps: 1000, count: 2 }", "{ GB: 1 }", "channel: whatsapp, segments: 1"),
        ),
        // A sender that a campaign names.
        (
            pool("{ id: sc, type: short_code, country: US }", "{ GB: 1 }", "from: sc, segments: 1"),
            vec!["`sc` cannot reach GB", "21612"],
            pool("{ id: sc, type: short_code, country: GB }", "{ GB: 1 }", "from: sc, segments: 1"),
        ),
        (
            pool("{ id: n, type: long_code, country: US }", "{ US: 1 }", "from: n, segments: 1"),
            vec!["carriers will refuse `n` in US", "30034"],
            pool(
                &format!("{{ id: n, type: long_code, country: US, {registered} }}"),
                "{ US: 1 }",
                "from: n, segments: 1",
            ),
        ),
        // Hours that close ten minutes after the start, and a call at night for the day.
        (
            pool("{ id: a, type: alphanumeric, name: ACME, registered: true }", "{ TW: 1 }", "segments: 1")
                .replace("15:00:00Z", "04:25:00Z")
                .replace("duration: 10s", "duration: 10m"),
            vec!["hours that are closed in TW", "from 04:30:00 on"],
            pool(
                "{ id: a, type: alphanumeric, name: ACME, registered: true }",
                "{ TW: 1 }",
                "segments: 1, schedule: { lead: 2h }",
            )
            .replace("15:00:00Z", "04:25:00Z"),
        ),
        // WhatsApp where there is none, or without a sender for it.
        (
            pool("{ id: w, type: whatsapp }", "{ CN: 1 }", "channel: whatsapp, segments: 1"),
            vec!["no sender of this service can reach people on WhatsApp in CN", "21703"],
            pool("{ id: w, type: whatsapp }", "{ GB: 1 }", "channel: whatsapp, segments: 1"),
        ),
        // Too far ahead.
        (
            pool("{ id: n, type: long_code, country: GB }", "{ GB: 1 }", "segments: 1, schedule: { lead: 36d }"),
            vec!["scheduled", "35 days", "35115"],
            pool("{ id: n, type: long_code, country: GB }", "{ GB: 1 }", "segments: 1, schedule: { lead: 35d }"),
        ),
        // Content that a country drops.
        (
            pool(
                "{ id: a, type: alphanumeric, name: ACME }",
                "{ MY: 1 }",
                "kind: alert, body: \"See https://acme.example\"",
            ),
            vec!["the content breaks a rule of MY", "30007", "sendpool catalogue MY"],
            pool("{ id: a, type: alphanumeric, name: ACME }", "{ MY: 1 }", "kind: alert, body: \"See our shop\""),
        ),
        // Hours that are closed: 15:00 in London is 23:00 in Singapore and 16:00 in Paris.
        (
            pool("{ id: a, type: alphanumeric, name: ACME, registered: true }", "{ IN: 1, FR: 1 }", "segments: 1")
                .replace("15:00:00Z", "18:00:00Z"),
            vec!["hours that are closed in IN", "quiet_hours: hold"],
            pool(
                "{ id: a, type: alphanumeric, name: ACME, registered: true }",
                "{ IN: 1, FR: 1 }",
                "kind: otp, segments: 1",
            )
            .replace("15:00:00Z", "18:00:00Z"),
        ),
        // Nothing in the pool reaches the country.
        (
            pool("{ id: sc, type: short_code, country: US }", "{ GB: 1 }", "segments: 1"),
            vec!["no sender of this service can reach GB", "21703"],
            pool("{ id: sc, type: short_code, country: GB }", "{ GB: 1 }", "segments: 1"),
        ),
        // A body that names a way out which leads nowhere.
        (
            pool("{ id: n, type: long_code, country: CA }", "{ CA: 1, FR: 1 }", "body: \"Soldes! Répondez ARRET\""),
            vec!["the body names `ARRET`, which opts nobody out in CA, FR", "opt_out_words", "name STOP"],
            pool("{ id: n, type: long_code, country: CA }", "{ CA: 1, FR: 1 }", "body: \"Soldes! Répondez STOP\""),
        ),
        (
            pool("{ id: n, type: long_code, country: CA }", "{ CA: 1, FR: 1 }", "body: \"Soldes! Répondez ARRET\"")
                .replace("s: { senders", "s: { opt_out_words: { FR: { stop: [ARRET] } }, senders"),
            vec!["the body names `ARRET`, which opts nobody out in CA |"],
            pool("{ id: n, type: long_code, country: CA }", "{ CA: 1, FR: 1 }", "body: \"Soldes! Répondez ARRET\"")
                .replace("s: { senders", "s: { opt_out_words: { default: { stop: [arret] } }, senders"),
        ),
        (
            pool("{ id: n, type: long_code, country: GB }", "{ GB: 1 }", "body: \"Sale! Text BYE to opt out\""),
            vec!["the body names `BYE`, which opts nobody out in GB"],
            pool("{ id: n, type: long_code, country: GB }", "{ GB: 1 }", "body: \"Sale! Text SALE to win\""),
        ),
        // A word of the platform's that the service has replaced.
        (
            pool("{ id: n, type: long_code, country: GB }", "{ GB: 1 }", "body: \"Sale! QUIT ends it\"")
                .replace("s: { senders", "s: { opt_out_words: { GB: { stop: [LEAVE] } }, senders"),
            vec!["the body names `QUIT`, which opts nobody out in GB"],
            pool("{ id: n, type: long_code, country: GB }", "{ GB: 1 }", "body: \"Sale! QUIT ends it\""),
        ),
        // Round robin over unequal senders.
        (
            pool(
                "{ id: x, type: long_code, country: XX, mps: 1 }, { id: y, type: long_code, country: XX, mps: 10 }",
                "{ XX: 1 }",
                "segments: 1",
            ),
            vec!["round robin to XX over senders of 1/s and 10/s", "earliest"],
            pool("{ id: x, type: long_code, country: XX, mps: 10, count: 2 }", "{ XX: 1 }", "segments: 1"),
        ),
    ];
    for (deserving, words, innocent) in &cases {
        let holds_all = |text: &&String| words.iter().all(|word| text.contains(word));
        let found = warnings(deserving);
        assert_eq!(found.iter().filter(holds_all).count(), 1, "{words:?} not among {found:#?} of\n{deserving}");
        let found = warnings(innocent);
        assert_eq!(found.iter().filter(holds_all).count(), 0, "{words:?} among {found:#?} of\n{innocent}");
    }
}

/// Aim: who sends one-time codes is told once that a product is made for them; there is nothing to mend, so it is no
/// warning. Method: two campaigns of codes and one of alerts, and alerts alone; the note stands in the model for reports.
#[test]
fn codes_for_logins_get_one_note() {
    let number = "{ id: n, type: long_code, country: GB }";
    let alert = pool(number, "{ GB: 1 }", "kind: alert, segments: 1");
    let campaign = |name: &str, kind: &str| {
        format!(
            "  {name}: {{ service: s, kind: {kind}, segments: 1, recipients: {{ GB: 1 }}, arrivals: {{ phases: [ {{ duration: 10s, \
             arrival_count: 10 }} ] }} }}\n"
        )
    };
    let head = alert.split_once("campaigns").expect("campaigns").0;
    let both =
        [head, "campaigns:\n", &campaign("login", "otp"), &campaign("news", "alert"), &campaign("payment", "otp")];
    let both = both.concat();
    let notes = findings(&both, Severity::Note);
    assert_eq!(notes.len(), 1, "{notes:?}");
    for words in ["`login`, `payment`: one-time codes", "verification product", "resends", "channel", "fraud"] {
        assert!(notes[0].contains(words), "{notes:?} without {words}");
    }
    assert!(!notes[0].contains("news"), "{notes:?}");
    assert_eq!(warnings(&both), Vec::<String>::new());
    assert_eq!(findings(&alert, Severity::Note), Vec::<String>::new());
    let text = format!("version: 1\nname: advice\n{both}");
    let reading = scenario::read("advice.yaml", text.into_bytes(), &[]);
    assert_eq!(reading.counts(), (0, 0), "a note is neither");
    assert!(reading.render(false).starts_with("note: `login`"), "{}", reading.render(false));
    assert_eq!(reading.model.expect("valid").notes, [notes[0].replace(" | ", "; ")]);
}

/// Aim: a sound scenario is left in peace. Method: the shipped ones that keep all rules of thumb.
#[test]
fn a_sound_scenario_gets_no_warning() {
    let sound =
        pool("{ id: a, type: alphanumeric, name: ACME, mps: 40 }", "{ GB: 0.5, DE: 0.5 }", "body: \"Sale starts now\"");
    assert_eq!(warnings(&sound), Vec::<String>::new());
}
