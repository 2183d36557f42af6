//! The summary on one screen of a terminal: drain, wait, loss, money, queues, promises, in [`LINES`] lines of at most
//! [`COLUMNS`] columns. Where there is more to say than that, lists become shorter step by step, the least important first,
//! and say how much they leave out; all of it is in `summary.md`.

use std::fmt::Write as _;

use crate::model::Model;
use crate::simulation::stage::Stage;
use crate::units::{SimTime, thousands};

use super::intervals::IntervalFacts;
use super::summary::{DelayFacts, DelayTable, PerReplication, ScopeFacts, Summary, ThresholdFacts};
use super::words;

/// Colours of a terminal, or none.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether to use ANSI colours.
    pub color: bool,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Text that stands out.
    pub(super) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// Text that stands back.
    pub(super) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    fn bad(self, text: &str) -> String {
        self.paint("1;31", text)
    }
}

/// The most lines of the screen, so that with what the command adds below it there are 40.
pub const LINES: usize = 37;
/// The most columns.
pub const COLUMNS: usize = 100;
/// What rows are set in by.
const INDENT: usize = 10;
/// Campaigns up to which each row of waits has its interval below it.
const INTERVAL_ROWS: usize = 3;

/// How much of everything is shown before the rest is only counted.
#[derive(Clone, Copy, Debug)]
struct Room {
    /// Lines of the scenario's question.
    question: usize,
    /// Whether rows of waits have their intervals below them.
    intervals: bool,
    /// Whether every delay of a campaign has a row, and not only the one from end to end.
    parts: bool,
    /// Whether sections are set apart by a line.
    spaced: bool,
    services: usize,
    campaigns: usize,
    countries: usize,
    losses: usize,
    queues: usize,
    promises: usize,
    /// Rows of other lists.
    others: usize,
}

/// All that a screen without end would show.
const AMPLE: Room = Room {
    question: 3,
    intervals: true,
    parts: true,
    spaced: true,
    services: 6,
    campaigns: 6,
    countries: 6,
    losses: 6,
    queues: 6,
    promises: 12,
    others: 6,
};

/// What is given up, one after the other, until the screen holds the rest.
const STEPS: [fn(&mut Room); 21] = [
    |room| room.intervals = false,
    |room| room.countries = 3,
    |room| room.queues = 4,
    |room| room.others = 3,
    |room| room.losses = 4,
    |room| room.question = 2,
    |room| room.queues = 3,
    |room| room.services = 2,
    |room| room.promises = 8,
    |room| room.countries = 2,
    |room| room.parts = false,
    |room| room.losses = 3,
    |room| room.others = 2,
    |room| room.question = 1,
    |room| room.promises = 6,
    |room| room.campaigns = 4,
    |room| room.queues = 2,
    |room| room.promises = 4,
    |room| room.campaigns = 3,
    |room| room.spaced = false,
    |room| (room.losses, room.countries, room.services, room.others) = (2, 1, 1, 1),
];

/// The screen.
pub fn render(model: &Model, summary: &Summary, style: Style) -> String {
    let mut room = AMPLE;
    let mut text = screen(model, summary, style, room);
    for give_up in STEPS {
        if text.lines().count() <= LINES {
            break;
        }
        give_up(&mut room);
        text = screen(model, summary, style, room);
    }
    text
}

fn screen(model: &Model, summary: &Summary, style: Style, room: Room) -> String {
    let mut out = String::new();
    head(&mut out, summary, style, room);
    let sections = [
        drain(model, summary, style, room),
        waits(summary, style, room),
        losses(summary, style, room),
        faults(summary, style, room),
        people(summary, style, room),
        money(summary, style, room),
        queues(model, summary, style, room),
        promises(summary, style, room),
    ];
    for section in sections.iter().filter(|section| !section.is_empty()) {
        if room.spaced {
            out.push('\n');
        }
        section.lines().for_each(|line| {
            out.push_str(&clipped(line, COLUMNS));
            out.push('\n');
        });
    }
    out
}

/// A line with what is beyond the last column cut off, colours not counted.
fn clipped(line: &str, width: usize) -> String {
    let is_code = |(index, part): (usize, &str)| index > 0 && part.contains('m');
    // Behind each escape stands its code, which ends with an `m`.
    let plain: usize = line
        .split('\u{1b}')
        .enumerate()
        .map(|(index, part)| {
            let shown = if is_code((index, part)) { part.split_once('m').map_or("", |(_, text)| text) } else { part };
            shown.chars().count()
        })
        .sum();
    if plain <= width {
        return line.to_owned();
    }
    let (mut out, mut shown, mut in_code) = (String::new(), 0, false);
    for c in line.chars() {
        if c == '\u{1b}' {
            in_code = true;
        }
        if in_code {
            out.push(c);
            in_code = c != 'm';
            continue;
        }
        shown += 1;
        match shown.cmp(&width) {
            std::cmp::Ordering::Less => out.push(c),
            std::cmp::Ordering::Equal => out.push('…'),
            // Codes go on, so that what was switched on is switched off.
            std::cmp::Ordering::Greater => {}
        }
    }
    out
}

fn heading(out: &mut String, style: Style, title: &str, text: &str) {
    let _ = writeln!(out, "{} {text}", style.bold(&format!("{title:<9}")));
}

fn row(out: &mut String, text: &str) {
    let _ = writeln!(out, "          {text}");
}

fn head(out: &mut String, summary: &Summary, style: Style, room: Room) {
    let scenario = &summary.scenario;
    let _ = writeln!(
        out,
        "{}  {} · {} each · seed {}",
        style.bold(&scenario.name),
        words::plural(u64::from(scenario.replications), "replication", "replications"),
        words::plural(summary.overall.offered.round() as u64, "message", "messages"),
        scenario.seed,
    );
    let intervals = match (scenario.intervals_note, scenario.replications) {
        (Some(note), 1) => note.to_owned(),
        (note, _) => {
            // Both do not fit in a line.
            let note = note.map_or_else(|| ", the wider side".to_owned(), |note| format!("; {note}"));
            format!("± half of the 95 % interval{note}")
        }
    };
    for line in wrap(&intervals, COLUMNS) {
        let _ = writeln!(out, "{}", style.dim(&line));
    }
    if let Some(precision) = &summary.precision {
        for line in wrap(&precision.text(), COLUMNS) {
            let _ = writeln!(out, "{}", style.dim(&line));
        }
    }
    if let Some(question) = scenario.question.split("\n\n").next().filter(|text| !text.trim().is_empty()) {
        let lines = wrap(question, COLUMNS - 2);
        for (index, line) in lines.iter().take(room.question).enumerate() {
            let cut = if index + 1 == room.question && lines.len() > room.question { " …" } else { "" };
            let _ = writeln!(out, "{}", style.dim(&format!("{line}{cut}")));
        }
    }
}

fn drain(model: &Model, summary: &Summary, style: Style, room: Room) -> String {
    let mut out = String::new();
    let out = &mut out;
    let overall = &summary.overall;
    match (overall.drained_at_seconds, overall.drain_seconds) {
        (Some(drained), Some(drain)) => {
            let at = SimTime::from_nanos((drained.mean * 1e9).round() as u64);
            let (after, at) = (words::seconds(drain.mean), model.calendar.wall_clock(at));
            let text = format!("the last slot ends {after} after the first message, at {at}");
            heading(out, style, "DRAIN", &with_range(&text, &drain));
        }
        _ if overall.sent == 0.0 => heading(out, style, "DRAIN", "nothing was sent"),
        _ => heading(out, style, "DRAIN", "not identified: the horizon came before the queues were empty"),
    }
    if summary.services.len() > 1 {
        let drained = |service: &super::summary::Named<ScopeFacts>| {
            service.facts.drain_seconds.map(|drain| (service.name.clone(), drain))
        };
        let mut drains: Vec<_> = summary.services.iter().filter_map(drained).collect();
        let count = shown(drains.len(), room.services);
        let hidden = drains.len().saturating_sub(count);
        if hidden > 0 {
            drains.sort_by(|(_, a), (_, b)| b.mean.total_cmp(&a.mean));
        }
        for (name, drain) in drains.iter().take(count) {
            let text = format!("{:<24} {}", shorten(name, 24), words::seconds(drain.mean));
            row(out, &with_range(&text, drain));
        }
        more(out, style, hidden, "service that drains", "services that drain", " sooner");
    }
    std::mem::take(out)
}

/// How much of a list is left out.
fn more(out: &mut String, style: Style, hidden: usize, one: &str, many: &str, ending: &str) {
    if hidden > 0 {
        row(out, &style.dim(&format!("and {}{ending}", words::plural(hidden as u64, one, many))));
    }
}

/// A text and behind it the range over replications, unless all agree, as much of it as there is room for.
fn with_range(text: &str, value: &PerReplication) -> String {
    let half = value.interval.and_then(|interval| interval.half_width(value.mean));
    let mean = half.map_or_else(String::new, |half| format!(", mean ± {}", compact(half)));
    let ends = format!("{} to {}", words::seconds(value.min), words::seconds(value.max));
    let ranges = [format!("{text} ({ends}{mean})"), format!("{text} ({ends})")];
    let fits = |line: &String| line.chars().count() <= COLUMNS - INDENT;
    ranges.into_iter().find(|line| value.max > value.min && fits(line)).unwrap_or_else(|| text.to_owned())
}

/// How many of a list are shown: one more than there is room for, where saying so takes as much.
fn shown(length: usize, room: usize) -> usize {
    if length == room + 1 { length } else { room }
}

fn waits(summary: &Summary, style: Style, room: Room) -> String {
    let mut out = String::new();
    let out = &mut out;
    heading(out, style, "WAIT", &style.dim(&format!("{:<34}{}", "", delay_header())));
    let several = summary.campaigns.len() > 1;
    // A second line under each row, as long as that leaves one screen.
    let plus_minus = |out: &mut String, facts: &DelayFacts| {
        if room.intervals
            && summary.campaigns.len() <= INTERVAL_ROWS
            && let Some(line) = half_width_row(facts)
        {
            row(out, &style.dim(&format!("{:<18} {:<14}{line}", "", "")));
        }
    };
    let mut campaigns: Vec<_> =
        summary.campaigns.iter().filter_map(|it| Some((it, it.facts.delays.as_ref()?))).collect();
    let count = shown(campaigns.len(), room.campaigns);
    let hidden = campaigns.len().saturating_sub(count);
    if hidden > 0 {
        // Those that take longest; what the horizon hides is longest of all.
        let last = |delays: &DelayTable| delays.end_to_end.map_or(0.0, |facts| facts.p99.unwrap_or(f64::INFINITY));
        campaigns.sort_by(|(_, a), (_, b)| last(b).total_cmp(&last(a)));
    }
    for (campaign, delays) in campaigns.into_iter().take(count) {
        let name = shorten(&campaign.name, 18);
        let rows = [
            ("before API", delays.api_wait, false),
            ("kept (hours)", delays.hold_wait, false),
            ("in the queue", delays.queue_wait, true),
            ("end to end", delays.end_to_end, true),
        ];
        let last = rows.iter().rposition(|(_, facts, _)| facts.is_some());
        for (index, (what, facts, has_interval)) in rows.into_iter().enumerate() {
            let Some(facts) = facts.filter(|_| room.parts || !several || Some(index) == last) else { continue };
            row(out, &format!("{name:<18} {what:<14}{}", delay_row(&facts)));
            if has_interval {
                plus_minus(out, &facts);
            }
        }
    }
    more(out, style, hidden, "campaign that is", "campaigns that are", " faster");
    if let Some(longest) = spent_mostly(summary) {
        wrap(&longest, COLUMNS - INDENT).iter().for_each(|line| row(out, &style.dim(line)));
    }
    if !several && summary.countries.len() > 1 {
        let delays = |facts: &ScopeFacts| facts.delays.as_ref().and_then(|delays| delays.end_to_end);
        let mut slowest: Vec<_> =
            summary.countries.iter().filter_map(|country| Some((country, delays(&country.facts)?))).collect();
        let count = shown(slowest.len(), room.countries);
        let hidden = slowest.len().saturating_sub(count);
        if hidden > 0 {
            let last = |facts: &DelayFacts| facts.p99.unwrap_or(f64::INFINITY);
            slowest.sort_by(|(_, a), (_, b)| last(b).total_cmp(&last(a)));
        }
        for (country, facts) in slowest.iter().take(count) {
            row(out, &format!("{:<18} {:<14}{}", format!("to {}", country.name), "end to end", delay_row(facts)));
        }
        more(out, style, hidden, "country that is", "countries that are", " faster");
    }
    std::mem::take(out)
}

/// Where the time of the delivered messages went: the stages that took a hundredth of it or more, the longest first.
fn spent_mostly(summary: &Summary) -> Option<String> {
    let mean: f64 = summary.overall.time_spent.iter().map(|spent| spent.mean_seconds).sum();
    let mut spent: Vec<_> = summary.overall.time_spent.iter().filter(|spent| spent.share >= 0.01).collect();
    spent.sort_by(|a, b| b.share.total_cmp(&a.share));
    let words = spent.iter().map(|spent| {
        let stage = Stage::ALL.into_iter().find(|stage| stage.name() == spent.stage).expect("a stage of the table");
        format!("{:.0} % {}", spent.share * 100.0, words::stage(stage))
    });
    let words: Vec<String> = words.collect();
    (mean > 0.0).then(|| format!("mean {}: {}", words::seconds(mean), words.join(", ")))
}

fn delay_header() -> String {
    ["p50", "p90", "p99", "max"].map(|name| format!("{name:>14}")).concat()
}

fn delay_row(facts: &DelayFacts) -> String {
    let cell = |value: Option<f64>| value.map_or_else(|| "not known".to_owned(), compact);
    [facts.p50, facts.p90, facts.p99, facts.max].map(|value| format!("{:>14}", cell(value))).concat()
}

/// Half of the intervals of [`delay_row`]; a maximum has none. `None` when there are none at all.
fn half_width_row(facts: &DelayFacts) -> Option<String> {
    let cells = [(facts.p50, facts.p50_interval), (facts.p90, facts.p90_interval), (facts.p99, facts.p99_interval)];
    cells.iter().any(|(_, interval)| interval.is_some()).then(|| {
        let cell = |(value, interval): (Option<f64>, Option<IntervalFacts>)| match value.zip(interval) {
            Some((value, interval)) => match interval.half_width(value) {
                Some(half) => format!("± {}", compact(half)),
                None => "± not known".to_owned(),
            },
            None => String::new(),
        };
        cells.map(|pair| format!("{:>14}", cell(pair))).concat()
    })
}

/// Seconds in one or two units, short enough for a column.
fn compact(value: f64) -> String {
    let seconds = value.round() as u64;
    match seconds {
        0..60 => words::seconds((value * 100.0).round() / 100.0),
        60..3_600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        3_600..360_000 => format!("{} h {:02} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d {:02} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// `± x`, where there is an interval that is not a point.
fn half_width(facts: &ScopeFacts, name: &str, value: Option<f64>, words: fn(f64) -> String) -> String {
    let half = facts.intervals.get(name).zip(value).and_then(|(interval, value)| interval.half_width(value));
    // What rounds to nothing is not worth a word.
    let text = half.map(words).filter(|text| text.contains(|c: char| c.is_ascii_digit() && c != '0'));
    text.map_or_else(String::new, |half| format!(" ± {half}"))
}

fn losses(summary: &Summary, style: Style, room: Room) -> String {
    let mut out = String::new();
    let out = &mut out;
    let overall = &summary.overall;
    let share = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), words::percent);
    heading(
        out,
        style,
        "LOSS",
        &format!(
            "{} delivered{}, {} according to receipts{}",
            share(overall.delivered_share),
            half_width(overall, "delivered_share", overall.delivered_share, words::percent),
            share(overall.delivered_reported_share),
            half_width(overall, "delivered_reported_share", overall.delivered_reported_share, words::percent),
        ),
    );
    let mut worst: Vec<_> = overall.losses.iter().collect();
    worst.sort_by(|a, b| b.messages.total_cmp(&a.messages).then(a.code.cmp(&b.code)));
    let count = shown(worst.len(), room.losses);
    for loss in worst.iter().take(count) {
        row(
            out,
            &format!(
                "{:>12} {:>8}  {} {}",
                words::count(loss.messages),
                words::percent(loss.share),
                loss.code,
                loss.reason
            ),
        );
    }
    more(out, style, worst.len().saturating_sub(count), "reason", "reasons", " more, see summary.md");
    if overall.content_blocks + overall.suspensions > 0.0 {
        row(
            out,
            &format!(
                "{:>12}           contents blocked by carriers for a while, {} senders suspended",
                words::count(overall.content_blocks),
                words::count(overall.suspensions)
            ),
        );
    }
    if overall.canceled > 0.0 {
        row(out, &format!("{:>12}           taken back before they were due", words::count(overall.canceled)));
    }
    let other = overall.shown.iter().filter(|facts| facts.shown == "overwritten" || facts.shown == "labelled");
    for facts in other {
        let what = if facts.shown == "labelled" { "a warning label" } else { "another sender" };
        row(
            out,
            &format!(
                "{:>12} {:>8}  of the delivered show {what} instead of yours",
                words::count(facts.messages),
                words::percent(facts.share)
            ),
        );
    }
    if overall.not_handed_over > 0.0 {
        row(
            out,
            &format!(
                "{:>12}           not handed over by the client at the horizon",
                words::count(overall.not_handed_over)
            ),
        );
    }
    if overall.in_progress > 0.0 {
        row(out, &format!("{:>12}           still in progress at the horizon", words::count(overall.in_progress)));
    }
    std::mem::take(out)
}

/// What the scenario lets go wrong.
fn faults(summary: &Summary, style: Style, room: Room) -> String {
    let mut out = String::new();
    if summary.faults.is_empty() {
        return out;
    }
    heading(&mut out, style, "FAULTS", &words::plural(summary.faults.len() as u64, "fault", "faults"));
    let count = shown(summary.faults.len(), room.others);
    for fault in summary.faults.iter().take(count) {
        row(&mut out, &shorten(fault, COLUMNS - INDENT));
    }
    more(&mut out, style, summary.faults.len().saturating_sub(count), "fault", "faults", " more");
    out
}

/// What people do with what reaches them.
fn people(summary: &Summary, style: Style, room: Room) -> String {
    let mut out = String::new();
    let overall = &summary.overall;
    let done = overall.replies + overall.opt_outs + overall.helps + overall.unheard;
    if done + overall.repeated + overall.on_time == 0.0 {
        return out;
    }
    let mut text = format!("{} replies, {} opt-outs", words::count(overall.replies), words::count(overall.opt_outs));
    if overall.unheard > 0.0 {
        let _ = write!(text, "; {} more to senders that cannot receive", words::count(overall.unheard));
    }
    heading(&mut out, style, "PEOPLE", &text);
    if overall.opt_ins > 0.0 {
        row(&mut out, &format!("{} of those who opted out opt in again", words::count(overall.opt_ins)));
    }
    if overall.helps > 0.0 {
        let (asked, answered) = (words::count(overall.helps), words::count(overall.helped));
        row(&mut out, &format!("{asked} ask for help; the platform answers {answered} by itself"));
    }
    if overall.repeated > 0.0 {
        row(&mut out, &format!("{} messages asked for again, or answers", words::count(overall.repeated)));
    }
    for campaign in summary.campaigns.iter().filter(|campaign| campaign.facts.on_time > 0.0).take(room.others) {
        let planned = campaign.facts.offered - campaign.facts.repeated;
        let share = words::percent(campaign.facts.on_time / planned);
        row(&mut out, &format!("{}: {share} arrive within the deadline", shorten(&campaign.name, 40)));
    }
    out
}

fn money(summary: &Summary, style: Style, room: Room) -> String {
    let mut out = String::new();
    let out = &mut out;
    let cost = &summary.overall.cost_dollars;
    let overall = &summary.overall;
    let per_delivered = cost.per_delivered.map_or_else(String::new, |each| {
        let half = half_width(overall, "cost_per_delivered", cost.per_delivered, words::dollars);
        format!(", {}{half} per delivered message", words::dollars(each))
    });
    let half = half_width(overall, "cost_total", Some(cost.total), words::dollars);
    heading(out, style, "MONEY", &format!("{}{half} a run{per_delivered}", words::dollars(cost.total)));
    row(
        out,
        &format!(
            "{} list price, {} carrier fees, {} failed-message fees",
            words::dollars(cost.base),
            words::dollars(cost.carrier_fees),
            words::dollars(cost.failed_fees),
        ),
    );
    let rents = words::dollars(summary.rents_dollars_per_month);
    let once = words::dollars(summary.charges_once_dollars);
    match (summary.rents_dollars_per_month > 0.0, summary.charges_once_dollars > 0.0) {
        (true, true) => row(out, &format!("beside it rents of {rents} a month, once {once} to register")),
        (true, false) => row(out, &format!("beside it rents of {rents} a month")),
        (false, true) => row(out, &format!("beside it once {once} to register")),
        (false, false) => {}
    }
    for fine in summary.fines.iter().take(room.others) {
        let amount = words::dollars(fine.dollars_per_finding);
        let text = format!("exposed to fines of {} ({amount} a finding): {}", fine.carrier, fine.why);
        row(out, &style.bad(&shorten(&text, COLUMNS - INDENT)));
    }
    std::mem::take(out)
}

fn queues(model: &Model, summary: &Summary, style: Style, room: Room) -> String {
    let mut out = String::new();
    let out = &mut out;
    let mut lanes: Vec<_> = summary.lanes.iter().collect();
    // Those that lose messages first, then those that drain last.
    lanes.sort_by(|a, b| {
        let lost = |lane: &super::summary::LaneFacts| lane.expired + lane.overflowed;
        lost(b).total_cmp(&lost(a)).then(latest(b).total_cmp(&latest(a)))
    });
    let title = format!("{:<28}{:>9}{:>8}{:>14}{:>11}{:>20}", "", "rate", "busy", "peak backlog", "lost", "drained at");
    heading(out, style, "QUEUES", &style.dim(&title));
    let count = shown(lanes.len(), room.queues);
    for lane in lanes.iter().take(count) {
        let drained = lane.drained_at_seconds.map_or_else(
            || "-".to_owned(),
            |seconds| model.calendar.wall_clock(SimTime::from_nanos((seconds * 1e9).round() as u64)),
        );
        row(
            out,
            &format!(
                "{:<28}{:>9}{:>8}{:>14}{:>11}{:>20}",
                shorten(&lane.name, 27),
                lane.rate,
                lane.busy_share.map_or_else(|| "-".to_owned(), |share| format!("{:.0} %", share * 100.0)),
                thousands(u128::from(lane.peak_backlog_segments)),
                words::count(lane.expired + lane.overflowed),
                drained,
            ),
        );
    }
    more(out, style, lanes.len().saturating_sub(count), "queue", "queues", " more, see summary.md");
    std::mem::take(out)
}

fn promises(summary: &Summary, style: Style, room: Room) -> String {
    let mut out = String::new();
    if summary.thresholds.is_empty() {
        return out;
    }
    let kept = summary.thresholds.iter().filter(|threshold| threshold.passed).count();
    let verdict = if summary.passed { style.good("KEPT") } else { style.bad("BROKEN") };
    let open = match summary.thresholds.iter().filter(|threshold| threshold.undecided).count() {
        0 => String::new(),
        open => format!(", {open} undecided"),
    };
    let text = format!("{verdict} ({kept} of {} kept{open})", summary.thresholds.len());
    heading(&mut out, style, "PROMISES", &text);
    let mut thresholds: Vec<_> = summary.thresholds.iter().collect();
    thresholds.sort_by_key(|threshold| (threshold.passed, !threshold.undecided));
    let count = shown(thresholds.len(), room.promises);
    for threshold in thresholds.iter().take(count) {
        let mark = if threshold.passed { style.good("✓") } else { style.bad("✗") };
        let margin = match (threshold.passed, threshold.margin_text.as_str()) {
            (_, "") => threshold.note.unwrap_or_default().to_owned(),
            (true, margin) => format!("margin {margin}"),
            (false, margin) => format!("misses by {margin}"),
        };
        let (condition, value) = (shorten(&threshold.condition, 16), &threshold.value_text);
        // A long margin takes its room from the value's column first.
        let beyond = (2 + 34 + 1 + 14 + 1 + 18 + 1 + margin.chars().count()).saturating_sub(COLUMNS - INDENT);
        let value_column = 18_usize.saturating_sub(beyond);
        let rest = format!("{condition:<14} {value:<value_column$} ");
        // What is left beside the mark and the rest, and what the column would be if there were enough.
        let taken = 3 + rest.chars().count() + margin.chars().count();
        let width = (COLUMNS - INDENT).saturating_sub(taken).max(12);
        let subject = shorten_middle(&threshold.metric, width);
        let column = width.min(34);
        row(&mut out, &format!("{mark} {subject:<column$} {rest}{}", style.dim(&margin)));
        if let Some(text) = &threshold.window_text {
            row(&mut out, &style.dim(&format!("  {text}")));
        }
        if threshold.undecided {
            row(&mut out, &style.dim(&format!("  {}", undecided(threshold))));
        }
    }
    let hidden = thresholds.iter().skip(count);
    let (hidden, broken) = (hidden.clone().count(), hidden.filter(|threshold| !threshold.passed).count());
    let which = if broken > 0 { format!(" more, {broken} of them broken, see summary.md") } else { " more".to_owned() };
    more(&mut out, style, hidden, "promise", "promises", &which);
    if !summary.passed {
        // Where the trouble is: queues that lose messages, and the one that drains last.
        for reason in reasons(summary).iter().take(room.others) {
            wrap(reason, COLUMNS - INDENT).iter().for_each(|line| row(&mut out, &style.bad(line)));
        }
    }
    out
}

/// That the interval covers the limit, and what would decide it.
pub fn undecided(threshold: &ThresholdFacts) -> String {
    let decide = threshold.replications_to_decide.map_or_else(
        || "more replications may tell".to_owned(),
        |count| format!("about {} replications would decide", thousands(u128::from(count))),
    );
    format!("undecided: 95 % interval {}; {decide}", threshold.interval_text.as_deref().unwrap_or_default())
}

/// What stands behind broken promises: the largest losses with the country that suffers most, and the queues that are
/// busy longest.
pub fn reasons(summary: &Summary) -> Vec<String> {
    let mut losses: Vec<_> = summary.overall.losses.iter().filter(|loss| loss.status != "undelivered").collect();
    losses.sort_by(|a, b| b.messages.total_cmp(&a.messages).then(a.code.cmp(&b.code)));
    let losses = losses.into_iter().take(2).map(|loss| {
        let messages_in = |facts: &ScopeFacts| {
            facts.losses.iter().find(|other| other.reason == loss.reason).map_or(0.0, |other| other.messages)
        };
        let worst = summary
            .countries
            .iter()
            .max_by(|a, b| messages_in(&a.facts).total_cmp(&messages_in(&b.facts)))
            .filter(|_| summary.countries.len() > 1);
        let place = worst.map_or_else(String::new, |country| {
            format!(", {} of them to {}", words::count(messages_in(&country.facts)), country.name)
        });
        format!("{} messages lost ({}): {}{place}", words::count(loss.messages), loss.code, loss.reason)
    });
    let mut lanes: Vec<_> = summary.lanes.iter().collect();
    lanes.sort_by(|a, b| latest(b).total_cmp(&latest(a)));
    let lanes = lanes.into_iter().take(2).map(|lane| {
        let until = lane.drained_at_seconds.map_or_else(
            || "beyond the horizon".to_owned(),
            |seconds| format!("until {} after the start", words::seconds(seconds)),
        );
        format!("{}: {} segments at {} keep it busy {until}", lane.name, words::count(lane.segments_sent), lane.rate,)
    });
    losses.chain(lanes).collect()
}

/// When a queue is drained; one that the horizon cut is the latest of all.
fn latest(lane: &super::summary::LaneFacts) -> f64 {
    lane.drained_at_seconds.unwrap_or(f64::INFINITY)
}

/// A name cut to a column, with an ellipsis.
pub(super) fn shorten(name: &str, width: usize) -> String {
    if name.chars().count() <= width {
        return name.to_owned();
    }
    let mut text: String = name.chars().take(width - 1).collect();
    text.push('…');
    text
}

/// A name with its middle cut out: the ends tell names with tags apart.
fn shorten_middle(name: &str, width: usize) -> String {
    let length = name.chars().count();
    if length <= width {
        return name.to_owned();
    }
    let head = width / 2;
    let tail = width - 1 - head;
    name.chars().take(head).chain(['…']).chain(name.chars().skip(length - tail)).collect()
}

/// A text in lines of at most `width` characters.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// What a scope lost, in one cell.
pub fn loss_cell(facts: &ScopeFacts) -> String {
    let mut worst: Vec<_> = facts.losses.iter().collect();
    worst.sort_by(|a, b| b.messages.total_cmp(&a.messages).then(a.code.cmp(&b.code)));
    // A code that stands for several reasons says little without them.
    let ambiguous = |code: u16| facts.losses.iter().filter(|loss| loss.code == code).count() > 1;
    let text = |loss: &&super::summary::LossFacts| {
        let why = if ambiguous(loss.code) { format!(" {}", loss.reason) } else { String::new() };
        format!("{}{why} {}", loss.code, words::percent(loss.share))
    };
    worst.iter().take(3).map(text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_kept() {
        assert_eq!(shorten("abcdef", 4), "abc…");
        assert_eq!(shorten("abcd", 4), "abcd");
        assert_eq!(shorten_middle("delivered{a:b}", 8), "deli…:b}");
        assert_eq!(shorten_middle("abcd", 4), "abcd");
        assert_eq!(clipped("a\u{1b}[1mbcdef\u{1b}[0m", 4), "a\u{1b}[1mbc…\u{1b}[0m");
        assert_eq!(clipped("a\u{1b}[1mbcd\u{1b}[0m", 4), "a\u{1b}[1mbcd\u{1b}[0m");
        assert_eq!(compact(10_000.0), "2 h 46 min");
        assert_eq!(compact(61.4), "1 min 01 s");
        assert_eq!(compact(0.254), "250 ms");
        assert_eq!(wrap("a bb ccc", 4), ["a bb", "ccc"]);
    }
}
