//! `summary.md`: the summary for people, in Markdown that stands alone and can be read next to the scenario.

use std::fmt::Write as _;

use super::intervals::IntervalFacts;
use super::summary::{CostFacts, DelayFacts, Named, PerReplication, ScopeFacts, SpentFacts, Summary, TruthFacts};
use super::terminal::{blocked, loss_cell, people_words, reasons, undecided};
use super::words;
use crate::model::terms::Shown;
use crate::simulation::stage::Stage;
use crate::units::thousands;

/// The page.
pub fn render(summary: &Summary) -> String {
    let mut out = String::new();
    let scenario = &summary.scenario;
    let _ = writeln!(out, "# {}\n", scenario.name);
    if !scenario.question.trim().is_empty() {
        let _ = writeln!(out, "{}\n", scenario.question.trim());
    }
    let _ = writeln!(
        out,
        "{} of {}, seed {}, start {} ({}), {} {}. Scenario digest `{}`, trajectory `{}`.\n",
        words::plural(u64::from(scenario.replications), "replication", "replications"),
        words::plural(summary.overall.offered.round() as u64, "message", "messages"),
        scenario.seed,
        scenario.start,
        scenario.zone,
        summary.tool.name,
        summary.tool.version,
        scenario.digest,
        summary.run.trajectory,
    );
    let note = scenario.intervals_note.map_or_else(String::new, |note| format!(" Note: {note}."));
    if scenario.replications > 1 {
        let _ = writeln!(
            out,
            "In brackets stand 95 % intervals, by Student's t over {} replications.{note}\n",
            scenario.replications
        );
    } else {
        let _ = writeln!(out, "{}\n", note.trim_start());
    }
    if let Some(precision) = &summary.precision {
        let _ = writeln!(out, "Run until precise: {}.\n", precision.text());
    }
    promises(&mut out, summary);
    headline(&mut out, summary);
    waits(&mut out, summary);
    time_spent(&mut out, summary);
    slowest(&mut out, summary);
    losses(&mut out, summary);
    truth(&mut out, summary);
    scopes(&mut out, "By campaign", &summary.campaigns);
    scopes(&mut out, "By tag", &summary.tags);
    scopes(&mut out, "By country", &summary.countries);
    scopes(&mut out, "By campaign and country", &summary.campaigns_by_country);
    scopes(&mut out, "By carrier", &summary.carriers);
    scopes(&mut out, "By sender type", &summary.sender_types);
    shown(&mut out, summary);
    lanes(&mut out, summary);
    money(&mut out, summary);
    list(&mut out, "Notes", &summary.notes);
    list(&mut out, "Faults", &summary.faults);
    list(&mut out, "Overrides", &summary.overrides);
    list(&mut out, "Assumptions that the figures rest on", &summary.assumptions);
    out
}

fn promises(out: &mut String, summary: &Summary) {
    if summary.thresholds.is_empty() {
        return;
    }
    let verdict = if summary.passed { "all kept" } else { "broken" };
    let _ = writeln!(out, "## Promises: {verdict}\n");
    table_head(out, &["", "Promise", "Condition", "Value", "95 % interval", "Margin"]);
    let mut thresholds: Vec<_> = summary.thresholds.iter().collect();
    thresholds.sort_by_key(|threshold| threshold.passed);
    for threshold in thresholds {
        let margin = match threshold.margin_text.as_str() {
            "" => threshold.note.unwrap_or_default().to_owned(),
            margin if threshold.passed => margin.to_owned(),
            margin => format!("misses by {margin}"),
        };
        let margin = match &threshold.window_text {
            Some(text) => format!("{margin}; {text}"),
            None => margin,
        };
        table_row(
            out,
            &[
                match (threshold.passed, threshold.undecided) {
                    (true, false) => "kept",
                    (false, false) => "**broken**",
                    (true, true) => "kept, undecided",
                    (false, true) => "**broken**, undecided",
                },
                &format!("`{}`", threshold.metric),
                &format!("`{}`", threshold.condition),
                &threshold.value_text,
                threshold.interval_text.as_deref().unwrap_or("-"),
                &margin,
            ],
        );
    }
    out.push('\n');
    for threshold in summary.thresholds.iter().filter(|threshold| threshold.undecided) {
        let _ = writeln!(out, "- `{}` `{}`: {}.", threshold.metric, threshold.condition, undecided(threshold));
    }
    if summary.thresholds.iter().any(|threshold| threshold.undecided) {
        out.push('\n');
    }
    if !summary.passed {
        let reasons = reasons(summary);
        if !reasons.is_empty() {
            list_of(out, "Behind it:\n", &reasons);
        }
    }
}

fn headline(out: &mut String, summary: &Summary) {
    let overall = &summary.overall;
    let _ = writeln!(out, "## Answers\n");
    let drain = overall.drain_seconds.map_or_else(
        || "not identified".to_owned(),
        |drain| {
            let [mean, most] = [bracket(drain.interval.as_ref(), words::seconds), nine_in_ten(&drain)];
            let mean = format!("; mean {}{mean}, ", words::seconds(drain.mean));
            let spread = drain.earliest().map_or_else(String::new, |earliest| format!("{mean}{earliest}{most}"));
            format!("{}{spread}", drain.drain_words(None).concat())
        },
    );
    let _ = writeln!(out, "- Drain: {drain}.");
    if let Some(last) = overall.last_sent_seconds {
        let _ = writeln!(out, "- The last message leaves {} after the start.", spread(&last));
    }
    let share = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), words::percent);
    let _ = writeln!(
        out,
        "- Delivered: {}{} of {} messages; receipts say {}{}.",
        share(overall.delivered_share),
        bracket(overall.intervals.get("delivered_share"), words::percent),
        words::count(overall.offered),
        share(overall.delivered_reported_share),
        bracket(overall.intervals.get("delivered_reported_share"), words::percent),
    );
    if let Some(text) = people_words(overall) {
        let _ = writeln!(out, "- People: {text}.");
    }
    if overall.opt_ins > 0.0 {
        let _ = writeln!(out, "- Opted in again: {} of them.", words::count(overall.opt_ins));
    }
    if overall.helps > 0.0 {
        let _ = writeln!(
            out,
            "- Asked for help: {}, of whom the platform answers {} by itself.",
            words::count(overall.helps),
            words::count(overall.helped),
        );
    }
    if let Some(text) = blocked(overall) {
        let _ = writeln!(out, "- Carriers: {text}.");
    }
    if overall.repeated > 0.0 {
        let planned = overall.offered - overall.repeated;
        let _ = writeln!(
            out,
            "- Asked for again or answered: {} messages beside {} planned.",
            words::count(overall.repeated),
            words::count(planned),
        );
    }
    for campaign in summary.campaigns.iter().filter(|campaign| campaign.facts.on_time > 0.0) {
        let planned = campaign.facts.offered - campaign.facts.repeated;
        let _ = writeln!(
            out,
            "- On time in {}: {} of {} planned messages ({}).",
            campaign.name,
            words::count(campaign.facts.on_time),
            words::count(planned),
            words::percent(campaign.facts.on_time / planned),
        );
    }
    if overall.canceled > 0.0 {
        let _ = writeln!(out, "- Taken back before they were due: {} messages.", words::count(overall.canceled));
    }
    if overall.segments_added > 0.0 {
        let _ = writeln!(
            out,
            "- Operators add {} segments to the {} sent, neither paced nor billed here.",
            words::count(overall.segments_added),
            words::count(overall.segments_sent),
        );
    }
    if overall.not_handed_over + overall.in_progress > 0.0 {
        let _ = writeln!(
            out,
            "- At the horizon {} messages were not handed over and {} in progress.",
            words::count(overall.not_handed_over),
            words::count(overall.in_progress),
        );
    }
    let cost = &overall.cost_dollars;
    let per = cost.per_delivered.map_or_else(String::new, |each| {
        let interval = bracket(overall.intervals.get("cost_per_delivered"), words::dollars);
        format!(", {}{interval} per delivered message", words::dollars(each))
    });
    let once = match summary.charges_once_dollars {
        0.0 => String::new(),
        once => format!("; {} once to register", words::dollars(once)),
    };
    let _ = writeln!(
        out,
        "- Money: {}{} a run{per}; rents {} a month{once}.",
        words::dollars(cost.total),
        bracket(overall.intervals.get("cost_total"), words::dollars),
        words::dollars(summary.rents_dollars_per_month),
    );
    for fine in &summary.fines {
        let _ = writeln!(
            out,
            "- Exposed to a fine of {}: {} for {}, per finding, since {}; {} findings a run by its own filter. It is in no cost.",
            fine.carrier,
            words::dollars(fine.dollars_per_finding),
            fine.item,
            fine.why,
            words::count(fine.findings),
        );
    }
    out.push('\n');
}

fn spread(value: &PerReplication) -> String {
    if value.max <= value.min {
        return words::seconds(value.mean);
    }
    let mean = bracket(value.interval.as_ref(), words::seconds);
    let range = format!("{} to {} over replications", words::seconds(value.min), words::seconds(value.max));
    format!("{}{mean}, {range}{}", words::seconds(value.mean), nine_in_ten(value))
}

fn nine_in_ten(value: &PerReplication) -> String {
    value.nine_in_ten.map_or_else(String::new, |most| {
        let interval = bracket(value.nine_in_ten_interval.as_ref(), words::seconds);
        format!(", nine in ten at most {}{interval}", words::seconds(most))
    })
}

/// ` [low, high]`, with `?` for an end that is not identified; nothing for no interval, or one whose ends
/// read the same.
fn bracket(interval: Option<&IntervalFacts>, words: fn(f64) -> String) -> String {
    let end = |end: Option<f64>| end.map_or_else(|| "?".to_owned(), words);
    let Some(interval) = interval else { return String::new() };
    let (low, high) = (end(interval.low), end(interval.high));
    if low == high && low != "?" { String::new() } else { format!(" [{low}, {high}]") }
}

fn waits(out: &mut String, summary: &Summary) {
    let _ = writeln!(out, "## Waits\n");
    table_head(
        out,
        &["Scope", "Delay", "n", "mean", "p50", "p90", "p95", "p99", "p99.9", "max", "p95 in nine runs of ten"],
    );
    let mut add = |scope: &str, name: &str, facts: Option<DelayFacts>| {
        let Some(facts) = facts else { return };
        let n = thousands(u128::from(facts.n));
        let values = [
            (facts.mean, facts.mean_interval),
            (facts.p50, facts.p50_interval),
            (facts.p90, facts.p90_interval),
            (facts.p95, facts.p95_interval),
            (facts.p99, facts.p99_interval),
            (facts.p99_9, facts.p99_9_interval),
            (facts.max, None),
        ];
        let values = values.map(|(value, interval)| match value {
            Some(value) => format!("{}{}", words::seconds(value), bracket(interval.as_ref(), words::seconds)),
            None => "not identified".to_owned(),
        });
        let most = facts.p95_nine_in_ten.map_or_else(
            || "-".to_owned(),
            |most| {
                format!("{}{}", words::seconds(most), bracket(facts.p95_nine_in_ten_interval.as_ref(), words::seconds))
            },
        );
        let mut cells = vec![scope, name, n.as_str()];
        cells.extend(values.iter().map(String::as_str));
        cells.push(&most);
        table_row(out, &cells);
    };
    let lists = [("campaign", &summary.campaigns), ("tag", &summary.tags), ("country", &summary.countries)];
    for (what, list) in lists {
        for named in list {
            let Some(delays) = &named.facts.delays else { continue };
            let scope = format!("{what} {}", named.name);
            add(&scope, "api_wait", delays.api_wait);
            add(&scope, "queue_wait", delays.queue_wait);
            add(&scope, "hold_wait", delays.hold_wait);
            add(&scope, "ceiling_wait", delays.ceiling_wait);
            add(&scope, "carrier_latency", delays.carrier_latency);
            add(&scope, "carrier_hold", delays.carrier_hold);
            add(&scope, "handset_wait", delays.handset_wait);
            add(&scope, "end_to_end", delays.end_to_end);
        }
    }
    let _ = writeln!(
        out,
        "\nOver all replications; percentiles by nearest rank, three significant digits, the ends of their intervals rounded outwards; `?` is an end that so many replications do not identify. Nine runs of ten have a p95 at or below that of the last column, known to 0.4 %. Waits are of messages that were sent.\n"
    );
}

/// Where the time of delivered messages went, by campaign.
fn time_spent(out: &mut String, summary: &Summary) {
    let spent = |facts: &ScopeFacts, stage: Stage| -> Option<SpentFacts> {
        facts.time_spent.iter().find(|spent| spent.stage == stage.name()).cloned()
    };
    let stages: Vec<Stage> = Stage::ALL.into_iter().filter(|stage| spent(&summary.overall, *stage).is_some()).collect();
    if stages.is_empty() {
        return;
    }
    let _ = writeln!(out, "## Where the time went\n");
    let mut head = vec!["Delivered messages of", "mean"];
    head.extend(stages.iter().map(|stage| stage.name()));
    table_head(out, &head);
    let mut add = |name: &str, facts: &ScopeFacts| {
        let mean: f64 = facts.time_spent.iter().map(|spent| spent.mean_seconds).sum();
        let mut cells = vec![name.to_owned(), words::seconds(mean)];
        cells.extend(stages.iter().map(|stage| match spent(facts, *stage) {
            Some(spent) => format!("{} ({})", words::seconds(spent.mean_seconds), words::rough_percent(spent.share)),
            None => "-".to_owned(),
        }));
        table_row(out, &cells.iter().map(String::as_str).collect::<Vec<_>>());
    };
    if summary.campaigns.len() > 1 {
        add("all campaigns", &summary.overall);
    }
    for campaign in summary.campaigns.iter().filter(|campaign| !campaign.facts.time_spent.is_empty()) {
        add(&campaign.name, &campaign.facts);
    }
    let _ = writeln!(out, "\nMeans from the intended time to the handset; the stages add up to the mean.\n");
}

/// The slowest messages, and why.
fn slowest(out: &mut String, summary: &Summary) {
    let lists = [
        ("The slowest to a handset", &summary.slowest.end_to_end),
        ("The slowest to a carrier", &summary.slowest.to_carrier),
    ];
    for (title, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        let _ = writeln!(out, "## {title}\n");
        table_head(out, &["Replication", "Message", "To", "From", "To a carrier", "To the handset", "Why"]);
        for slow in list {
            table_row(
                out,
                &[
                    &slow.replication.to_string(),
                    &slow.name(),
                    &slow.carrier,
                    &slow.sender,
                    &words::seconds(slow.to_carrier_seconds),
                    &words::seconds(slow.end_to_end_seconds),
                    &slow.why,
                ],
            );
        }
        out.push('\n');
    }
}

fn losses(out: &mut String, summary: &Summary) {
    if summary.overall.losses.is_empty() {
        return;
    }
    let _ = writeln!(out, "## Losses\n");
    table_head(out, &["Code", "Status", "Why", "Messages", "Share of offered"]);
    for loss in &summary.overall.losses {
        table_row(
            out,
            &[
                &loss.code.to_string(),
                loss.status,
                loss.reason,
                &words::count(loss.messages),
                &format!("{}{}", words::percent(loss.share), bracket(loss.share_interval.as_ref(), words::percent)),
            ],
        );
    }
    out.push('\n');
}

/// What receipts make of what happened.
fn truth(out: &mut String, summary: &Summary) {
    let misleading = |facts: &&TruthFacts| facts.reported_delivered + facts.reported_otherwise + facts.unreported > 0.0;
    let rows: Vec<_> = summary.truth_and_report.iter().filter(misleading).collect();
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "## Truth and report\n");
    table_head(out, &["In truth", "Reported so", "Reported delivered", "With another code", "Never reported"]);
    for facts in rows {
        let code = facts.true_error_code.map_or_else(String::new, |code| format!("{code} "));
        table_row(
            out,
            &[
                &format!("{code}{}", facts.true_reason),
                &words::count(facts.reported_same),
                &words::count(facts.reported_delivered),
                &words::count(facts.reported_otherwise),
                &words::count(facts.unreported),
            ],
        );
    }
    out.push('\n');
}

fn scopes(out: &mut String, title: &str, list: &[Named<ScopeFacts>]) {
    if list.is_empty() {
        return;
    }
    let _ = writeln!(out, "## {title}\n");
    table_head(
        out,
        &[
            "",
            "Offered",
            "Sent",
            "Segments",
            "Delivered",
            "Reported",
            "Drain at the latest",
            "Cost",
            "Per delivered",
            "Main losses",
        ],
    );
    for named in list {
        let facts = &named.facts;
        let share = |value: Option<f64>, name: &str| {
            let interval = bracket(facts.intervals.get(name), words::percent);
            value.map_or_else(String::new, |value| format!("{}{interval}", words::percent(value)))
        };
        table_row(
            out,
            &[
                &named.name,
                &words::count(facts.offered),
                &words::count(facts.sent),
                &words::count(facts.segments_sent),
                &share(facts.delivered_share, "delivered_share"),
                &share(facts.delivered_reported_share, "delivered_reported_share"),
                &facts.drain_seconds.map_or_else(String::new, |drain| words::seconds(drain.max)),
                &words::dollars(facts.cost_dollars.total),
                &facts.cost_dollars.per_delivered.map_or_else(String::new, words::dollars),
                &loss_cell(facts),
            ],
        );
    }
    out.push('\n');
}

/// What recipients see instead of the sender, by country.
fn shown(out: &mut String, summary: &Summary) {
    let changed: Vec<_> = summary.countries.iter().filter(|country| !country.facts.shown.is_empty()).collect();
    if changed.is_empty() {
        return;
    }
    let _ = writeln!(out, "## What recipients see as sender\n");
    let ways = Shown::ALL.map(Shown::as_str);
    let mut head = vec!["Delivered messages to"];
    head.extend(["the sender used", "in another notation", "another sender", "a warning label", "nobody says"]);
    table_head(out, &head);
    for country in changed {
        let share = |way: &str| {
            let found = country.facts.shown.iter().find(|facts| facts.shown == way);
            found.map_or_else(|| "-".to_owned(), |facts| words::percent(facts.share))
        };
        let mut cells = vec![country.name.clone()];
        cells.extend(ways.iter().map(|way| share(way)));
        table_row(out, &cells.iter().map(String::as_str).collect::<Vec<_>>());
    }
    out.push('\n');
}

fn lanes(out: &mut String, summary: &Summary) {
    let _ = writeln!(out, "## Queues\n");
    table_head(
        out,
        &[
            "Queue",
            "Rate",
            "Capacity",
            "Segments sent",
            "Peak backlog",
            "Expired",
            "Overflowed",
            "Mean wait",
            "Longest wait",
            "Busy",
            "Drained after",
        ],
    );
    for lane in &summary.lanes {
        table_row(
            out,
            &[
                &lane.sender.as_ref().map_or_else(|| lane.name.clone(), |sender| format!("{} ({sender})", lane.name)),
                &lane.rate,
                &lane
                    .capacity_segments
                    .map_or_else(|| "unlimited".to_owned(), |capacity| thousands(u128::from(capacity))),
                &words::count(lane.segments_sent),
                &thousands(u128::from(lane.peak_backlog_segments)),
                &words::count(lane.expired),
                &words::count(lane.overflowed),
                &lane.mean_wait_seconds.map_or_else(|| "-".to_owned(), words::seconds),
                &words::seconds(lane.longest_wait_seconds),
                &lane.busy_share.map_or_else(|| "-".to_owned(), words::percent),
                &lane.drained_at_seconds.map_or_else(|| "-".to_owned(), words::seconds),
            ],
        );
    }
    out.push('\n');
}

/// What a run costs and of what that is made, and what is charged beside it.
fn money(out: &mut String, summary: &Summary) {
    let total = &summary.overall.cost_dollars;
    if total.total > 0.0 {
        let _ = writeln!(out, "## Money\n");
        table_head(out, &["A run", "List price", "Carrier fees", "Failed-message fees", "Total", "Per delivered"]);
        for (what, list) in [("campaign", &summary.campaigns), ("country", &summary.countries)] {
            for named in list {
                cost_row(out, &format!("{what} {}", named.name), &named.facts.cost_dollars);
            }
        }
        cost_row(out, "**all**", total);
        out.push('\n');
        if summary.scenario.replications > 1 {
            let _ = writeln!(out, "Means over replications, each rounded by itself.\n");
        }
    }
    let charging: Vec<_> =
        summary.carriers.iter().filter(|named| named.facts.cost_dollars.carrier_fees > 0.0).collect();
    if !charging.is_empty() {
        let _ = writeln!(out, "Carrier fees:\n");
        table_head(out, &["Carrier", "Segments", "Fees"]);
        for named in charging {
            let fees = words::exact_dollars(named.facts.cost_dollars.carrier_fees);
            table_row(out, &[&named.name, &words::count(named.facts.segments_sent), &fees]);
        }
        out.push('\n');
    }
    if !summary.rents.is_empty() {
        let _ = writeln!(out, "## Rents\n");
        table_head(out, &["Item", "Count", "A month"]);
        for rent in &summary.rents {
            table_row(out, &[&rent.item, &rent.count.to_string(), &words::dollars(rent.dollars_per_month)]);
        }
        out.push('\n');
    }
    if !summary.charges_once.is_empty() {
        let _ = writeln!(out, "## Charged once\n");
        table_head(out, &["Item", "Count", "Once"]);
        for charge in &summary.charges_once {
            table_row(out, &[&charge.item, &charge.count.to_string(), &words::dollars(charge.dollars)]);
        }
        out.push('\n');
    }
}

fn cost_row(out: &mut String, what: &str, cost: &CostFacts) {
    let [base, fees, failed, total] =
        [cost.base, cost.carrier_fees, cost.failed_fees, cost.total].map(words::exact_dollars);
    let per_delivered = cost.per_delivered.map_or_else(String::new, words::dollars);
    table_row(out, &[what, &base, &fees, &failed, &total, &per_delivered]);
}

fn list(out: &mut String, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    list_of(out, &format!("## {title}\n"), items);
}

fn list_of(out: &mut String, head: &str, items: &[String]) {
    let _ = writeln!(out, "{head}");
    for item in items {
        let _ = writeln!(out, "- {item}");
    }
    out.push('\n');
}

fn table_head(out: &mut String, cells: &[&str]) {
    table_row(out, cells);
    table_row(out, &vec!["---"; cells.len()]);
}

fn table_row(out: &mut String, cells: &[&str]) {
    let escaped: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
    let _ = writeln!(out, "| {} |", escaped.join(" | "));
}
