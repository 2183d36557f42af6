//! `report.html`: the page of one run. It tells what `summary.json` holds, in the order in which people ask.
//!
//! Not here: figures of its own. Every figure of the summary that the page shows names its place there.

use super::super::intervals::IntervalFacts;
use super::super::pictures::Picture;
use super::super::summary::{DelayFacts, LossFacts, Named, ScopeFacts, Summary};
use super::super::terminal::{loss_cell, reasons, undecided, worst_first};
use super::super::{OutputFile, file, words};
use super::{Column, Html, Page, card, cards, figure_at, mark, table, verdict, with_small};
use crate::model::Model;
use crate::units::SimTime;

/// The page's file.
pub const FILE: &str = "report.html";
/// A longer summary is inlined without the intervals and times of carriers and countries, which make up most of it; one
/// that is then still longer, without carriers, then without pairs of campaign and country, then without countries. `summary.json` beside the page has them all.
const DATA_BYTES_MAX: usize = 130_000;
/// Campaigns whose percentiles stand in the headline.
const HEADLINE_CAMPAIGNS: usize = 5;
/// Longer lists are folded.
const LIST_MAX: usize = 12;

/// The page. `command` repeats the run; `pictures` are those of [`super::super::pictures::of_run`].
///
/// # Panics
/// Never on a summary of `model`.
pub fn page(model: &Model, summary: &Summary, pictures: &[Picture], command: &str) -> OutputFile {
    let mut page = Page::default();
    promises(&mut page, summary);
    page.section("backlog", "Backlog over time", "When do the queues fill, and when is the last one empty?");
    page.pictures(pictures, &["backlog"]);
    page.section("rates", "Rates", "Do the senders work at what they can, and does the plan ask for more?");
    page.pictures(pictures, &["rates", "messages"]);
    page.section("waits", "Waits", "How long does a message take, and how long do the unlucky ones?");
    page.pictures(pictures, &["end_to_end", "queue_wait"]);
    waits(&mut page, summary);
    page.section("time", "Where the time goes", "Is it the queue, the hours, the networks or the handset?");
    if !page.pictures(pictures, &["time_spent"]) {
        page.note("No message was delivered.");
    }
    losses(&mut page, summary, pictures);
    senders(&mut page, summary, pictures);
    filters(&mut page, summary, pictures);
    page.section(
        "receipts",
        "Truth and receipts",
        "What does a dashboard show that counts receipts, and what really happened?",
    );
    if !page.pictures(pictures, &["receipts"]) {
        page.note("No message came to an end.");
    }
    money(&mut page, summary, pictures);
    rests_on(&mut page, summary);
    let (data, left_out) = data(summary);
    repeat(&mut page, summary, command, &left_out);
    let title = format!("{}: what the sender pool will do", summary.scenario.name);
    file(FILE, page.finish(&title, &head(model, summary), &data))
}

/// `summary.json` on one line, or as much of it as keeps the page small; and what of it is left out, in words. The data say
/// the same under `left_out`.
fn data(summary: &Summary) -> (String, Vec<&'static str>) {
    let text = |summary: &Summary| serde_json::to_string(summary).expect("a summary is plain data");
    let whole = text(summary);
    if whole.len() <= DATA_BYTES_MAX {
        return (whole, Vec::new());
    }
    let mut short = summary.clone();
    for list in [&mut short.carriers, &mut short.campaigns_by_country, &mut short.countries] {
        for named in list.iter_mut() {
            named.facts.intervals.clear();
            named.facts.time_spent.clear();
            named.facts.drain_seconds = None;
            named.facts.drain_after_last_seconds = None;
            named.facts.last_sent_seconds = None;
            named.facts.drained_at_seconds = None;
            named.facts.losses.iter_mut().for_each(|loss| loss.share_interval = None);
        }
    }
    let mut left_out = vec!["intervals, drains and times spent by carrier and country"];
    for what in ["carriers", "campaigns by country", "countries"] {
        if text(&short).len() <= DATA_BYTES_MAX {
            break;
        }
        match what {
            "carriers" => short.carriers.clear(),
            "campaigns by country" => short.campaigns_by_country.clear(),
            _ => short.countries.clear(),
        }
        left_out.push(what);
    }
    let mut value = serde_json::to_value(&short).expect("a summary is plain data");
    value["left_out"] = left_out.clone().into();
    (value.to_string(), left_out)
}

fn head(model: &Model, summary: &Summary) -> Html {
    let scenario = &summary.scenario;
    let mut head = Html::default();
    if !scenario.question.trim().is_empty() {
        head.push(&Html::wrapped(r#"p class="question""#, &Html::text(scenario.question.trim())));
    }
    let facts = format!(
        "{} of {} each, starting {}, in {}. {}",
        words::plural(u64::from(scenario.replications), "replication", "replications"),
        words::plural(summary.overall.offered.round() as u64, "message", "messages"),
        scenario.start,
        scenario.zone,
        match scenario.intervals_note {
            Some(note) => format!("Intervals are 95 %; {note}."),
            None => "Intervals are 95 %, over replications.".to_owned(),
        }
    );
    head.push(&Html::wrapped(r#"p class="note""#, &Html::text(&facts)));
    head.push(&conclusion(summary));
    head.push(&cards(&[drain(model, summary), slow(summary), lost(summary), cost(summary)]));
    head
}

fn conclusion(summary: &Summary) -> Html {
    let all = summary.thresholds.len();
    let broken = summary.thresholds.iter().filter(|threshold| !threshold.passed).count();
    let open = summary.thresholds.iter().filter(|threshold| threshold.undecided).count();
    let promises = |count: usize| words::plural(count as u64, "promise", "promises");
    let undecided = match open {
        0 => String::new(),
        _ => format!("{open} of them so near to the limit that more replications are needed to decide."),
    };
    match (all, broken) {
        (0, _) => verdict("", "No promises.", "The scenario names no thresholds, so there is nothing to keep.", &[]),
        (_, 0) => {
            let kind = if open > 0 { "open" } else { "kept" };
            verdict(kind, &format!("Kept: {} of {}.", all, promises(all)), &undecided, &[])
        }
        _ => verdict("broken", &format!("Broken: {broken} of {}.", promises(all)), &undecided, &reasons(summary)),
    }
}

fn drain(model: &Model, summary: &Summary) -> Html {
    let Some((at, drain)) = summary.overall.drained_at_seconds.zip(summary.overall.drain_seconds) else {
        return card(
            "Drained",
            &Html::text("not identified"),
            &Html::text("the horizon comes before the last slot ends"),
        );
    };
    let clock = model.calendar.nearest_clock(SimTime::from_nanos((at.max * 1e9).round() as u64));
    let [before, latest, behind] = drain.drain_words(None);
    let mut more = Html::text(&before);
    more.push(&figure_at("/overall/drain_seconds/max", &latest));
    more.push(&Html::text(&behind));
    if let Some(earliest) = drain.earliest() {
        more.push(&Html::text("; mean "));
        more.push(&figure_at("/overall/drain_seconds/mean", &words::seconds(drain.mean)));
        more.push(&Html::text(&format!(", {earliest}")));
    }
    card("Drained", &Html::text(&clock), &more)
}

/// The title of what is known of those that arrive alone.
const SLOW: &str = "Of those that arrive, 99 of 100 within";

fn slow(summary: &Summary) -> Html {
    let rows: Vec<[Html; 3]> = (summary.campaigns.iter().enumerate())
        .filter_map(|(index, campaign)| {
            let p99 = campaign.facts.delays.as_ref()?.end_to_end?.p99;
            let value = p99.map_or_else(
                || Html::text("not identified"),
                |p99| figure_at(&format!("/campaigns/{index}/delays/end_to_end/p99"), &words::seconds(p99)),
            );
            let share = campaign.facts.delivered_share.map_or_else(Html::default, |share| {
                let mut text = figure_at(&format!("/campaigns/{index}/delivered_share"), &words::percent(share));
                text.push(&Html::text(" arrive"));
                text
            });
            Some([Html::text(&campaign.name), Html::wrapped("b", &value), share])
        })
        .collect();
    if rows.is_empty() {
        return card(SLOW, &Html::text("none arrives"), &Html::default());
    }
    let left = rows.len().saturating_sub(HEADLINE_CAMPAIGNS);
    let rows: String = rows
        .iter()
        .take(HEADLINE_CAMPAIGNS)
        .map(|[name, value, share]| {
            format!("<tr><td>{}</td><td>{}<br><small>{}</small></td></tr>", name.0, value.0, share.0)
        })
        .collect();
    let more = if left > 0 { format!("and {left} more campaigns below") } else { String::new() };
    card(SLOW, &Html::default(), &Html(format!("<table>{rows}</table>{more}")))
}

fn lost(summary: &Summary) -> Html {
    let overall = &summary.overall;
    let Some(delivered) = overall.delivered_share else {
        return card("Delivered", &Html::text("nothing was meant to be sent"), &Html::default());
    };
    let mut more = Html::text(&format!("delivered, of {} messages", words::count(overall.offered.round())));
    let mut worst: Vec<&LossFacts> = overall.losses.iter().collect();
    worst.sort_by(|a, b| b.messages.total_cmp(&a.messages));
    let lost: f64 = worst.iter().map(|loss| loss.messages).sum();
    more.push(&Html::text(&format!("; {} lost", words::count(lost.round()))));
    if let Some(worst) = worst.first() {
        more.push(&Html::text(&format!(", most to {} ({})", worst.reason, worst.code)));
    }
    card("Delivered", &figure_at("/overall/delivered_share", &words::percent(delivered)), &more)
}

fn cost(summary: &Summary) -> Html {
    let cost = &summary.overall.cost_dollars;
    let mut more = Html::text("a run");
    if let Some(each) = cost.per_delivered {
        more.push(&Html::text(", "));
        more.push(&figure_at("/overall/cost_dollars/per_delivered", &words::dollars(each)));
        more.push(&Html::text(" a delivered message"));
    }
    if summary.rents_dollars_per_month > 0.0 {
        more.push(&Html::text("; rents "));
        more.push(&figure_at("/rents_dollars_per_month", &words::dollars(summary.rents_dollars_per_month)));
        more.push(&Html::text(" a month"));
    }
    card("Charges", &figure_at("/overall/cost_dollars/total", &words::dollars(cost.total)), &more)
}

/// The worst first, as everywhere.
fn promises(page: &mut Page, summary: &Summary) {
    if summary.thresholds.is_empty() {
        return;
    }
    page.section("promises", "Promises", "Which were broken, and which were nearly? The worst stands first.");
    let all = &summary.thresholds;
    let rows: Vec<Vec<Html>> = worst_first(all)
        .into_iter()
        .map(|index| {
            let threshold = &all[index];
            let value = match threshold.value {
                Some(_) => figure_at(&format!("/thresholds/{index}/value"), &threshold.value_text),
                None => Html::text(&threshold.value_text),
            };
            let margin = match threshold.margin_text.as_str() {
                "" => threshold.note.unwrap_or_default().to_owned(),
                _ if threshold.passed && threshold.margin == Some(0.0) => "met exactly".to_owned(),
                margin if threshold.passed => format!("{margin} to spare"),
                margin => format!("misses by {margin}"),
            };
            let mut more: Vec<String> = threshold.window_text.iter().cloned().collect();
            more.extend(threshold.undecided.then(|| undecided(threshold)));
            vec![
                mark(threshold.passed, threshold.undecided),
                Html::wrapped("code", &Html::text(&threshold.metric)),
                Html::wrapped("code", &Html::text(&threshold.condition)),
                with_small(&value, threshold.interval_text.as_deref().unwrap_or_default()),
                with_small(&Html::text(&margin), &more.join("; ")),
            ]
        })
        .collect();
    let words = Column::Words;
    page.add(&table(
        &[("", words), ("Promise", words), ("Condition", words), ("Found, 95 % interval", words), ("Margin", words)],
        &rows,
    ));
}

/// ` low to high`, in words; nothing for no interval, or one whose ends read the same.
fn ends(interval: Option<IntervalFacts>, words: fn(f64) -> String) -> String {
    let Some(interval) = interval else { return String::new() };
    let end = |end: Option<f64>| end.map_or_else(|| "?".to_owned(), words);
    let (low, high) = (end(interval.low), end(interval.high));
    if low == high && low != "?" { String::new() } else { format!("{low} to {high}") }
}

fn waits(page: &mut Page, summary: &Summary) {
    let mut rows = Vec::new();
    for (index, campaign) in summary.campaigns.iter().enumerate() {
        let Some(delays) = &campaign.facts.delays else { continue };
        for (key, name, facts) in
            [("end_to_end", "to the handset", delays.end_to_end), ("queue_wait", "in the queue", delays.queue_wait)]
        {
            let Some(facts) = facts else { continue };
            let mut row = vec![Html::text(&campaign.name), Html::text(name)];
            row.extend(percentiles(&facts, &format!("/campaigns/{index}/delays/{key}")));
            rows.push(row);
        }
    }
    if rows.is_empty() {
        page.note("No message was sent.");
        return;
    }
    let mut head = vec![("Campaign", Column::Words), ("Time", Column::Words)];
    head.extend(["mean", "p50", "p90", "p95", "p99", "p99.9", "longest"].map(|title| (title, Column::Number)));
    page.add(&table(&head, &rows));
    page.note(
        "Percentiles are over all replications, by nearest rank to three significant digits; below them stands half of the \
         95 % interval, the wider side, or `?` where so many replications do not identify an end. Waits are of messages that were sent.",
    );
}

fn percentiles(facts: &DelayFacts, pointer: &str) -> Vec<Html> {
    [
        ("mean", facts.mean, facts.mean_interval),
        ("p50", facts.p50, facts.p50_interval),
        ("p90", facts.p90, facts.p90_interval),
        ("p95", facts.p95, facts.p95_interval),
        ("p99", facts.p99, facts.p99_interval),
        ("p99_9", facts.p99_9, facts.p99_9_interval),
        ("max", facts.max, None),
    ]
    .map(|(key, value, interval)| match value {
        Some(value) => {
            let half = interval.map(|interval| match interval.half_width(value) {
                Some(0.0) => String::new(),
                Some(half) => format!("± {}", words::seconds(half)),
                None => "± ?".to_owned(),
            });
            with_small(&figure_at(&format!("{pointer}/{key}"), &words::seconds(value)), &half.unwrap_or_default())
        }
        None => Html::text("not identified"),
    })
    .into()
}

fn losses(page: &mut Page, summary: &Summary, pictures: &[Picture]) {
    page.section("outcomes", "Outcomes by carrier and country", "Who does not get the message, and why?");
    if !page.pictures(pictures, &["lost_by_country", "lost_by_carrier"]) {
        page.note("Nothing was lost.");
    }
    if !summary.overall.losses.is_empty() {
        let rows: Vec<Vec<Html>> = (summary.overall.losses.iter().enumerate())
            .map(|(index, loss)| {
                let at = |key: &str, text: &str| figure_at(&format!("/overall/losses/{index}/{key}"), text);
                vec![
                    Html::text(&loss.code.to_string()),
                    Html::text(loss.reason),
                    Html::text(loss.status),
                    at("messages", &words::count(loss.messages)),
                    with_small(&at("share", &words::percent(loss.share)), &ends(loss.share_interval, words::percent)),
                ]
            })
            .collect();
        let (words, number) = (Column::Words, Column::Number);
        page.add(&table(
            &[("Code", words), ("Reason", words), ("Ends as", words), ("Messages a run", number), ("Of all", number)],
            &rows,
        ));
    }
    for (title, key, list) in
        [("All countries", "countries", &summary.countries), ("All carriers", "carriers", &summary.carriers)]
    {
        page.folded(&format!("{title}, as a table"), &outcomes(key, list));
    }
}

fn outcomes(key: &str, list: &[Named<ScopeFacts>]) -> Html {
    let rows: Vec<Vec<Html>> = (list.iter().enumerate())
        .map(|(index, named)| {
            let facts = &named.facts;
            let share = |name: &str, value: Option<f64>| {
                value.map_or_else(
                    || Html::text("-"),
                    |value| figure_at(&format!("/{key}/{index}/{name}"), &words::percent(value)),
                )
            };
            vec![
                Html::text(&named.name),
                Html::text(&words::count(facts.offered)),
                share("delivered_share", facts.delivered_share),
                share("delivered_reported_share", facts.delivered_reported_share),
                Html::text(&loss_cell(facts)),
            ]
        })
        .collect();
    let (words, number) = (Column::Words, Column::Number);
    table(
        &[
            ("", words),
            ("Messages a run", number),
            ("Delivered", number),
            ("By receipts", number),
            ("Lost most to", words),
        ],
        &rows,
    )
}

fn senders(page: &mut Page, summary: &Summary, pictures: &[Picture]) {
    page.section("senders", "Senders", "Which sender is the bottleneck, and which has time to spare?");
    page.pictures(pictures, &["senders"]);
    if summary.lanes.is_empty() {
        page.note("No message entered a queue.");
        return;
    }
    let rows: Vec<Vec<Html>> = (summary.lanes.iter().enumerate())
        .map(|(index, lane)| {
            let at = |key: &str, text: &str| figure_at(&format!("/lanes/{index}/{key}"), text);
            let lost = [(lane.expired, "expired"), (lane.overflowed, "found it full")]
                .into_iter()
                .filter(|(count, _)| *count > 0.0)
                .map(|(count, what)| format!("{} {what}", words::count(count)))
                .collect::<Vec<_>>()
                .join(", ");
            vec![
                Html::text(&lane.name),
                Html::text(&lane.rate),
                at("segments_sent", &words::count(lane.segments_sent)),
                lane.busy_share.map_or_else(|| Html::text("-"), |share| at("busy_share", &words::percent(share))),
                at("longest_wait_seconds", &words::seconds(lane.longest_wait_seconds)),
                Html::text(&lost),
            ]
        })
        .collect();
    let (words, number) = (Column::Words, Column::Number);
    let queues = table(
        &[
            ("Queue", words),
            ("Segments a second", words),
            ("Segments a run", number),
            ("Busy", number),
            ("Longest wait", number),
            ("Messages lost in it", words),
        ],
        &rows,
    );
    match summary.lanes.len() {
        0..=LIST_MAX => page.add(&queues),
        many => page.folded(&format!("All {many} queues, as a table"), &queues),
    }
    page.note("Busy is the share of the time from a queue's first message to the end of its last slot.");
}

/// What carriers' filters make of the pool; nothing where they did nothing.
fn filters(page: &mut Page, summary: &Summary, pictures: &[Picture]) {
    const FILTERED: u16 = 30007;
    let filtered = |facts: &ScopeFacts| {
        facts.losses.iter().filter(|loss| loss.code == FILTERED).map(|loss| loss.share).sum::<f64>()
    };
    let rows: Vec<Vec<Html>> = (summary.carriers.iter().enumerate())
        .filter(|(_, carrier)| {
            filtered(&carrier.facts) > 0.0 || carrier.facts.content_blocks + carrier.facts.suspensions > 0.0
        })
        .map(|(index, carrier)| {
            let facts = &carrier.facts;
            let at = |key: &str, value: f64| figure_at(&format!("/carriers/{index}/{key}"), &words::count(value));
            vec![
                Html::text(&carrier.name),
                Html::text(&words::percent(filtered(facts))),
                at("content_blocks", facts.content_blocks),
                at("evasions", facts.evasions),
                at("suspensions", facts.suspensions),
            ]
        })
        .collect();
    let curves = pictures.iter().any(|picture| picture.name == "snowshoe");
    if rows.is_empty() && summary.fines.is_empty() && !curves {
        return;
    }
    page.section(
        "filters",
        "Filters and snowshoeing",
        "Do carriers take the pool for a spammer's because it spreads one content over many numbers, what does that cost, and \
         how many numbers would deliver the most?",
    );
    if page.pictures(pictures, &["snowshoe"]) {
        page.note(
            "Each line is what the filter's formula leads one to expect of so many numbers, with contents, recipients and \
             everything else as in this run: the mean over the messages of a carrier's day, whose suspicion grows with each, \
             and over the luck of a content, with the blocks that follow. Opt-outs, suspensions and other contents are left \
             out. Rings are this pool: what `run` found, which has its own luck where replications are few, or what is expected where \
             the run cannot tell, since other senders carry the content, too.",
        );
    }
    let (words_, number) = (Column::Words, Column::Number);
    if !rows.is_empty() {
        page.add(&table(
            &[
                ("Carrier", words_),
                ("Filtered (30007)", number),
                ("Contents blocked a run", number),
                ("for too many numbers", number),
                ("Senders suspended a run", number),
            ],
            &rows,
        ));
    }
    for fine in &summary.fines {
        page.note(&format!(
            "Exposed to a fine of {}: {} for {}, per finding, since {}; {} findings a run by its own filter. It is in no cost.",
            fine.carrier,
            words::dollars(fine.dollars_per_finding),
            fine.item,
            fine.why,
            words::count(fine.findings),
        ));
    }
    page.note(
        "Filter probabilities are assumptions: read their shape, not their digits. `sendpool sweep` over the number of senders \
         runs each pool instead of expecting what it does.",
    );
}

fn money(page: &mut Page, summary: &Summary, pictures: &[Picture]) {
    page.section("money", "Money", "What does a run cost, and what is due whatever is sent?");
    if !page.pictures(pictures, &["cost"]) {
        page.note("Messages cost nothing.");
    }
    let mut rows: Vec<Vec<Html>> = (summary.rents.iter())
        .map(|rent| {
            vec![
                Html::text(&rent.item),
                Html::text(&rent.count.to_string()),
                Html::text(&format!("{} a month", words::dollars(rent.dollars_per_month))),
            ]
        })
        .collect();
    rows.extend(summary.charges_once.iter().map(|charge| {
        vec![
            Html::text(&charge.item),
            Html::text(&charge.count.to_string()),
            Html::text(&format!("{} once", words::dollars(charge.dollars))),
        ]
    }));
    if rows.is_empty() {
        return;
    }
    page.add(&table(&[("Beside it", Column::Words), ("Count", Column::Number), ("US dollars", Column::Number)], &rows));
}

fn rests_on(page: &mut Page, summary: &Summary) {
    let lists = [
        ("What goes wrong, as the scenario says", &summary.faults),
        ("Facts that the scenario replaced", &summary.overrides),
        ("Notes on the design", &summary.notes),
        ("Assumptions", &summary.assumptions),
    ];
    if lists.iter().all(|(_, list)| list.is_empty()) {
        return;
    }
    page.section(
        "assumptions",
        "What the figures rest on",
        "Nobody publishes some of the facts: they are assumptions, and a scenario can replace each.",
    );
    for (title, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        page.add(&Html::wrapped("h3", &Html::text(title)));
        if list.len() <= LIST_MAX {
            page.list(list);
        } else {
            let mut inner = Page::default();
            inner.list(list);
            page.folded(&format!("All {}", list.len()), &inner.body);
        }
    }
}

fn repeat(page: &mut Page, summary: &Summary, command: &str, left_out: &[&str]) {
    page.section(
        "repeat",
        "How to repeat it",
        "The same command with the same version gives the same figures, to the byte.",
    );
    page.add(&Html::wrapped("pre", &Html::wrapped("code", &Html::text(command))));
    let scenario = &summary.scenario;
    page.list(&[
        format!("version: {} {}", summary.tool.name, summary.tool.version),
        format!("scenario digest: {}", scenario.digest),
        format!("seed: {}; replications: {}", scenario.seed, scenario.replications),
        format!("trajectory digest: {}", summary.run.trajectory),
    ]);
    if !left_out.is_empty() {
        page.note(&format!(
            "The figures are within this page as JSON (`#data`), to keep it small without {}: `summary.json` beside it has all.",
            left_out.join(", ")
        ));
    }
}
