//! The summary on one screen of a terminal: drain, wait, loss, money, queues, promises, in [`LINES`] lines of at most
//! [`COLUMNS`] columns. Where there is more to say than that, lists become shorter step by step, the least important first,
//! and say how much they leave out; what is then still too long is cut section by section. All of it is in `summary.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::model::Model;
use crate::simulation::stage::Stage;
use crate::units::{SimTime, thousands};

use super::intervals::IntervalFacts;
use super::summary::{
    DelayFacts, DelayTable, LaneFacts, PerReplication, PrecisionFacts, ScopeFacts, Summary, ThresholdFacts,
};
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

/// The lines of all that a run tells.
pub const LINES_OF_ALL: usize = 40;
/// The most lines of the screen, where the command adds three below it.
pub const LINES: usize = LINES_OF_ALL - 3;
/// The most columns.
pub const COLUMNS: usize = 100;
/// Stands before a line that goes on with what the line before it says, until the lines are laid out: no cut comes between them.
const GOES_ON: char = '\u{1f}';
/// What rows are set in by.
const INDENT: usize = 10;
/// The column of campaigns and countries, and those of delays.
const NAME_COLUMN: usize = 20;
const DELAY_COLUMN: usize = 14;
/// Campaigns up to which each row of waits has its interval below it.
const INTERVAL_ROWS: usize = 3;

/// Which rows of waits have their intervals below them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IntervalsOf {
    QueueAndEnd,
    End,
    None,
}

/// Of which promises more is told than their row: their windows, and that they are undecided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DetailsOf {
    All,
    Broken,
    None,
}

/// How much of everything is shown before the rest is only counted.
#[derive(Clone, Copy, Debug)]
struct Room {
    /// Lines of the scenario's question.
    question: usize,
    intervals: IntervalsOf,
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
    /// Of them kept ones.
    kept: usize,
    details: DetailsOf,
    /// What stands behind each broken promise.
    behind: usize,
    /// Rows of other lists.
    others: usize,
}

/// All that a screen without end would show.
const AMPLE: Room = Room {
    question: 3,
    intervals: IntervalsOf::QueueAndEnd,
    parts: true,
    spaced: true,
    services: 6,
    campaigns: 6,
    countries: 6,
    losses: 6,
    queues: 6,
    promises: 12,
    kept: 12,
    details: DetailsOf::All,
    behind: 2,
    others: 6,
};

/// What is given up, one after the other, until the screen holds the rest: first the ends of long lists, then room between
/// sections, then what tells how far figures can be trusted. Why a promise is broken is told of each that is shown.
const STEPS: [fn(&mut Room); 30] = [
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
    |room| room.queues = 2,
    |room| room.spaced = false,
    |room| room.behind = 1,
    |room| room.details = DetailsOf::Broken,
    |room| room.campaigns = 4,
    |room| room.intervals = IntervalsOf::End,
    |room| room.kept = 4,
    |room| room.campaigns = 3,
    |room| (room.losses, room.countries, room.services) = (2, 1, 1),
    |room| room.others = 1,
    |room| room.kept = 2,
    |room| room.intervals = IntervalsOf::None,
    |room| room.kept = 0,
    |room| room.promises = 4,
    |room| room.details = DetailsOf::None,
    |room| room.promises = 2,
];

/// The lines that each section keeps when nothing else helps, in the order of the screen, head first.
const LEAST: [usize; 9] = [3, 3, 6, 5, 2, 2, 3, 3, 9];

/// The screen, in so many lines: [`LINES`], or fewer where more than usual is told below it.
pub fn render(model: &Model, summary: &Summary, style: Style, lines: usize) -> String {
    (0..=STEPS.len())
        .map(|given_up| screen(model, summary, style, room_after(given_up)))
        .find(|sections| height(sections) <= lines)
        .unwrap_or_else(|| cut(screen(model, summary, style, room_after(STEPS.len())), lines, style))
        .concat()
        .iter()
        .fold(String::new(), |text, line| text + line + "\n")
}

/// The room after so many steps.
fn room_after(given_up: usize) -> Room {
    let mut room = AMPLE;
    STEPS.iter().take(given_up).for_each(|give_up| give_up(&mut room));
    room
}

/// The lines of all sections.
fn height(sections: &[Vec<String>]) -> usize {
    sections.iter().map(|entries| lines_of(entries)).sum()
}

/// The lines of some entries.
fn lines_of(entries: &[String]) -> usize {
    entries.iter().map(|entry| entry.matches('\n').count() + 1).sum()
}

/// The sections with the ends of the longest cut off, as far as needed, between entries and never within one.
fn cut(mut sections: Vec<Vec<String>>, lines: usize, style: Style) -> Vec<Vec<String>> {
    let mut uncut: Vec<usize> = (0..sections.len()).collect();
    while height(&sections) > lines {
        let excess = |index: &usize| lines_of(&sections[*index]).saturating_sub(LEAST[*index]);
        let Some(longest) = uncut.iter().copied().max_by_key(excess).filter(|index| excess(index) > 0) else { break };
        uncut.retain(|index| *index != longest);
        let before = lines_of(&sections[longest]);
        let keep = (before + lines).saturating_sub(height(&sections)).max(LEAST[longest]);
        let mut short = sections[longest].clone();
        while short.len() > 1 && lines_of(&short) > keep - 1 {
            short.pop();
        }
        let hidden = (before - lines_of(&short)) as u64;
        let mut last = String::new();
        row(
            &mut last,
            &style.dim(&format!("and {}, see summary.md", words::plural(hidden, "line more", "lines more"))),
        );
        short.push(last.trim_end().to_owned());
        if lines_of(&short) < before {
            sections[longest] = short;
        }
    }
    sections
}

/// The entries of each section, the head first: a line, or several that belong together. A section may have none.
fn screen(model: &Model, summary: &Summary, style: Style, room: Room) -> Vec<Vec<String>> {
    let waits = waits(summary, style, room);
    let sections = [
        drain(model, summary, style, room),
        waits.clone(),
        losses(summary, style, room),
        faults(summary, style, room),
        people(summary, style, room),
        money(summary, style, room),
        queues(model, summary, style, room),
        promises(summary, style, room),
    ];
    let shown = Shown { intervals: sections.iter().any(|text| text.contains('±')), percentiles: waits.contains('±') };
    let lines = |text: &str, space: bool| -> Vec<String> {
        let mut entries: Vec<String> = (space && !text.is_empty()).then(String::new).into_iter().collect();
        for line in text.lines() {
            match (line.strip_prefix(GOES_ON), entries.last_mut()) {
                (Some(rest), Some(entry)) => *entry += &format!("\n{}", clipped(rest, COLUMNS)),
                (rest, _) => entries.push(clipped(rest.unwrap_or(line), COLUMNS)),
            }
        }
        entries
    };
    let head = head(summary, style, room, shown);
    std::iter::once(lines(&head, false)).chain(sections.iter().map(|text| lines(text, room.spaced))).collect()
}

/// What notes are about: whether there are intervals on the screen, and any of percentiles.
#[derive(Clone, Copy, Debug)]
struct Shown {
    intervals: bool,
    percentiles: bool,
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

/// A line that goes on with the row before it.
fn more_of_row(out: &mut String, text: &str) {
    out.push(GOES_ON);
    row(out, text);
}

/// A text in as many lines as it takes, which stay together.
fn told(out: &mut String, text: &str, paint: impl Fn(&str) -> String) {
    for (index, line) in wrap(text, COLUMNS - INDENT).iter().enumerate() {
        if index == 0 { row(out, &paint(line)) } else { more_of_row(out, &paint(line)) }
    }
}

/// The sentences of a text that fit in so many lines; the first has two, and is not there if it needs more.
fn sentences(text: &str, lines: usize) -> Vec<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let ends = text.match_indices(['.', '?', '!']).map(|(at, _)| at + 1);
    let ends = ends.filter(|end| text[*end..].starts_with(' ')).chain([text.len()]);
    let ends: Vec<usize> = ends.collect();
    let fits = |end: &usize, lines: usize| wrap(&text[..*end], COLUMNS).len() <= lines;
    let longest = ends.iter().rfind(|end| fits(end, lines)).or_else(|| ends.first().filter(|end| fits(end, 2)));
    longest.map(|end| wrap(&text[..*end], COLUMNS)).unwrap_or_default()
}

fn head(summary: &Summary, style: Style, room: Room, shown: Shown) -> String {
    let mut out = String::new();
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
        _ if !shown.intervals => String::new(),
        // Both do not fit in a line.
        (Some(note), _) if shown.percentiles => format!("± half of the 95 % interval; {note}"),
        _ => "± half of the 95 % interval, the wider side".to_owned(),
    };
    let precision = summary.precision.as_ref().map(PrecisionFacts::text).unwrap_or_default();
    for text in [intervals, precision].iter().filter(|text| !text.is_empty()) {
        for (index, line) in wrap(text, COLUMNS).iter().enumerate() {
            if index > 0 {
                out.push(GOES_ON);
            }
            let _ = writeln!(out, "{}", style.dim(line));
        }
    }
    if let Some(question) = scenario.question.split("\n\n").next().filter(|text| !text.trim().is_empty()) {
        for (index, line) in sentences(question, room.question).iter().enumerate() {
            if index > 0 {
                out.push(GOES_ON);
            }
            let _ = writeln!(out, "{}", style.dim(line));
        }
    }
    out
}

fn drain(model: &Model, summary: &Summary, style: Style, room: Room) -> String {
    let mut out = String::new();
    let out = &mut out;
    let overall = &summary.overall;
    match (overall.drained_at_seconds, overall.drain_seconds) {
        (Some(drained), Some(drain)) => {
            let at = SimTime::from_nanos((drained.max * 1e9).round() as u64);
            let text = drain.drain_words(Some(&model.calendar.nearest_clock(at))).concat();
            let mut lines = wrap(&text, COLUMNS - INDENT).into_iter();
            heading(out, style, "DRAIN", &lines.next().unwrap_or_default());
            lines.for_each(|line| more_of_row(out, &line));
            drain_spread(&drain).iter().for_each(|text| told(out, text, str::to_owned));
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
            drains.sort_by(|(_, a), (_, b)| b.max.total_cmp(&a.max));
        }
        for (name, drain) in drains.iter().take(count) {
            let range = |words: fn(f64) -> String| match drain.varies() {
                true => format!("{} at the latest, {} at the earliest", words(drain.max), words(drain.min)),
                false => words(drain.max),
            };
            let whole = range(words::seconds);
            let text = if whole.chars().count() <= COLUMNS - INDENT - 25 { whole } else { range(compact) };
            row(out, &format!("{:<24} {text}", shorten_middle(name, 24)));
        }
        more(out, style, hidden, "service that drains", "services that drain", " sooner");
    }
    std::mem::take(out)
}

/// How the replications differ, unless all agree.
fn drain_spread(drain: &PerReplication) -> Option<String> {
    let earliest = drain.earliest()?;
    let half = drain.interval.and_then(|interval| interval.half_width(drain.mean)).filter(|half| *half > 0.0);
    let half = half.map_or_else(String::new, |half| format!(" ± {}", compact(half)));
    Some(format!("mean {}{half}, {earliest}", words::seconds(drain.mean)))
}

/// How much of a list is left out.
fn more(out: &mut String, style: Style, hidden: usize, one: &str, many: &str, ending: &str) {
    if hidden > 0 {
        row(out, &style.dim(&format!("and {}{ending}", words::plural(hidden as u64, one, many))));
    }
}

/// How many of a list are shown: one more than there is room for, where saying so takes as much.
fn shown(length: usize, room: usize) -> usize {
    if length == room + 1 { length } else { room }
}

fn waits(summary: &Summary, style: Style, room: Room) -> String {
    let mut out = String::new();
    let out = &mut out;
    let of = format!("{:<width$}", "end to end: of delivered", width = NAME_COLUMN + 14);
    heading(out, style, "WAIT", &style.dim(&format!("{of}{}", delay_header())));
    let several = summary.campaigns.len() > 1;
    // A second line under each row, as long as that leaves one screen.
    let plus_minus = |out: &mut String, facts: &DelayFacts| {
        if summary.campaigns.len() <= INTERVAL_ROWS
            && let Some(line) = half_width_row(facts)
        {
            row(out, &style.dim(&format!("{:<NAME_COLUMN$} {:<13}{line}", "", "")));
        }
    };
    let both = room.intervals == IntervalsOf::QueueAndEnd;
    let (queue, end) = (both, room.intervals != IntervalsOf::None);
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
        let name = shorten_middle(&campaign.name, NAME_COLUMN);
        let rows = [
            ("before API", delays.api_wait, false),
            ("kept (hours)", delays.hold_wait, false),
            ("in the queue", delays.queue_wait, queue),
            ("end to end", delays.end_to_end, end),
        ];
        let last = rows.iter().rposition(|(_, facts, _)| facts.is_some());
        for (index, (what, facts, has_interval)) in rows.into_iter().enumerate() {
            let Some(facts) = facts.filter(|_| room.parts || !several || Some(index) == last) else { continue };
            row(out, &format!("{name:<NAME_COLUMN$} {what:<13}{}", delay_row(&facts)));
            if has_interval {
                plus_minus(out, &facts);
            }
        }
    }
    more(out, style, hidden, "campaign that is", "campaigns that are", " faster");
    if let Some(longest) = spent_mostly(summary) {
        told(out, &longest, |line| style.dim(line));
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
            let name = format!("to {}", country.name);
            row(out, &format!("{name:<NAME_COLUMN$} {:<13}{}", "end to end", delay_row(facts)));
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
    ["p50", "p90", "p99", "max"].map(|name| format!("{name:>DELAY_COLUMN$}")).concat()
}

fn delay_row(facts: &DelayFacts) -> String {
    let cell = |value: Option<f64>| value.map_or_else(|| "not known".to_owned(), compact);
    [facts.p50, facts.p90, facts.p99, facts.max].map(|value| format!("{:>DELAY_COLUMN$}", cell(value))).concat()
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
        cells.map(|pair| format!("{:>DELAY_COLUMN$}", cell(pair))).concat()
    })
}

/// Seconds in one or two units, short enough for a column.
pub(super) fn compact(value: f64) -> String {
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
    let mut acts = blocked_parts(overall).into_iter();
    if let Some((count, what)) = acts.next() {
        let more = acts.map(|(count, what)| format!(", {} {what}", words::count(count))).collect::<String>();
        row(out, &format!("{:>12}           {what}{more}", words::count(count)));
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

/// What carriers did to contents and senders, without what they did not do.
fn blocked_parts(facts: &ScopeFacts) -> Vec<(f64, String)> {
    let name = |count: f64, one: &str, many: &str| if count == 1.0 { one.to_owned() } else { many.to_owned() };
    let (blocks, suspensions) = (facts.content_blocks, facts.suspensions);
    let parts = [
        (blocks, name(blocks, "content blocked by carriers for a while", "contents blocked by carriers for a while")),
        (suspensions, name(suspensions, "sender suspended", "senders suspended")),
    ];
    parts.into_iter().filter(|(count, _)| *count > 0.0).collect()
}

/// The same as a sentence.
pub fn blocked(facts: &ScopeFacts) -> Option<String> {
    let spread = (facts.evasions > 0.0)
        .then(|| format!("{} of them for coming from too many numbers", words::count(facts.evasions)));
    let parts = blocked_parts(facts).into_iter().map(|(count, what)| format!("{} {what}", words::count(count)));
    // What is said of contents stands behind them.
    let mut parts: Vec<String> = parts.collect();
    parts.splice(parts.len().min(1)..parts.len().min(1), spread);
    Some(parts.join(", ")).filter(|text| !text.is_empty())
}

/// What people answered; nothing where nobody did.
pub fn people_words(facts: &ScopeFacts) -> Option<String> {
    let heard = [(facts.replies, "reply", "replies"), (facts.opt_outs, "opt-out", "opt-outs")];
    let heard = heard.into_iter().filter(|(count, ..)| *count > 0.0);
    let heard =
        heard.map(|(count, one, many)| format!("{} {}", words::count(count), if count == 1.0 { one } else { many }));
    let heard = heard.collect::<Vec<_>>().join(", ");
    let unheard = words::count(facts.unheard);
    match (heard.is_empty(), facts.unheard > 0.0) {
        (true, false) => None,
        (true, true) => Some(format!("{unheard} answers to senders that cannot receive")),
        (false, false) => Some(heard),
        (false, true) => Some(format!("{heard}; {unheard} more to senders that cannot receive")),
    }
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
        told(&mut out, fault, str::to_owned);
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
    let text = people_words(overall).unwrap_or_else(|| "nobody answers".to_owned());
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
    let parts =
        [(cost.base, "list price"), (cost.carrier_fees, "carrier fees"), (cost.failed_fees, "failed-message fees")];
    let parts = parts.into_iter().filter(|(dollars, _)| *dollars > 0.0);
    match &parts.map(|(dollars, what)| format!("{} {what}", words::dollars(dollars))).collect::<Vec<_>>()[..] {
        [] => {}
        [_] if cost.base > 0.0 => row(out, "all of it list price"),
        parts => row(out, &parts.join(", ")),
    }
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
        told(out, &text, |line| style.bad(line));
    }
    std::mem::take(out)
}

fn queues(model: &Model, summary: &Summary, style: Style, room: Room) -> String {
    let mut out = String::new();
    let out = &mut out;
    let mut lanes: Vec<_> = summary.lanes.iter().collect();
    lanes.sort_by(|a, b| {
        let lost = |lane: &LaneFacts| lane.expired + lane.overflowed;
        lost(b).total_cmp(&lost(a)).then(b.backlog_seconds().total_cmp(&a.backlog_seconds())).then(a.name.cmp(&b.name))
    });
    let count = shown(lanes.len(), room.queues);
    // The worst of each sender or group first: one of ten like queues tells of the other nine.
    let mut seen = BTreeSet::new();
    let (worst, others): (Vec<usize>, Vec<usize>) =
        (0..lanes.len()).partition(|index| seen.insert(lanes[*index].group.as_str()));
    let mut picked: Vec<usize> = worst.into_iter().chain(others).take(count).collect();
    picked.sort_unstable();
    let hidden = lanes.len() - picked.len();
    let lanes: Vec<&LaneFacts> = picked.into_iter().map(|index| lanes[index]).collect();
    let drained = |lane: &LaneFacts| {
        let clock = |seconds: f64| model.calendar.nearest_clock(SimTime::from_nanos((seconds * 1e9).round() as u64));
        lane.drained_at_seconds.map_or_else(|| "-".to_owned(), clock)
    };
    let rows = lanes.iter().map(|lane| {
        [
            lane.rate.clone(),
            lane.busy_share.map_or_else(|| "-".to_owned(), |share| format!("{:.0} %", share * 100.0)),
            thousands(u128::from(lane.peak_backlog_segments)),
            compact(lane.backlog_seconds()),
            words::count(lane.expired + lane.overflowed),
            drained(lane),
        ]
    });
    let rows: Vec<[String; 6]> = rows.collect();
    let titles = ["rate", "busy", "peak backlog", "takes", "lost", "drained at"];
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([titles[column].len()]).max().unwrap_or_default() + 2
    };
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();
    // Names have what the figures leave.
    let names = (COLUMNS - INDENT).saturating_sub(widths.iter().sum()).max(8);
    let cells = |cells: &[&str]| -> String {
        cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}")).collect()
    };
    let order = shorten("by loss, then backlog", names);
    heading(out, style, "QUEUES", &style.dim(&format!("{order:<names$}{}", cells(&titles))));
    for (lane, row_cells) in lanes.iter().zip(&rows) {
        let row_cells: Vec<&str> = row_cells.iter().map(String::as_str).collect();
        row(out, &format!("{:<names$}{}", shorten_middle(&lane.name, names), cells(&row_cells)));
    }
    more(out, style, hidden, "queue", "queues", " more, see summary.md");
    std::mem::take(out)
}

/// The order in which promises are told: the broken by how far they miss, then the kept that are undecided, then the other kept, both
/// by how little room is left.
pub fn worst_first(thresholds: &[ThresholdFacts]) -> Vec<usize> {
    let room = |threshold: &ThresholdFacts| match (threshold.margin, threshold.limit) {
        (None, _) => f64::NEG_INFINITY,
        (Some(margin), limit) if limit != 0.0 => margin / limit.abs(),
        (Some(margin), _) => margin,
    };
    let rank = |threshold: &ThresholdFacts| (threshold.passed, threshold.passed && !threshold.undecided);
    let mut order: Vec<usize> = (0..thresholds.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (&thresholds[a], &thresholds[b]);
        rank(a).cmp(&rank(b)).then(room(a).total_cmp(&room(b)))
    });
    order
}

/// How many are broken and how many kept, and which of them are undecided.
fn promises_counted(thresholds: &[ThresholdFacts]) -> String {
    let count = |passed: bool| {
        let those = thresholds.iter().filter(|threshold| threshold.passed == passed);
        let (all, open) = (those.clone().count(), those.filter(|threshold| threshold.undecided).count());
        let open = match open {
            0 => String::new(),
            _ if open == all => ", undecided".to_owned(),
            _ => format!(", {open} of them undecided"),
        };
        (all, open)
    };
    let ((broken, broken_open), (kept, kept_open)) = (count(false), count(true));
    let broken = if broken > 0 { format!("{broken} broken{broken_open}; ") } else { String::new() };
    format!("{broken}{kept} of {} kept{kept_open}", thresholds.len())
}

fn promises(summary: &Summary, style: Style, room: Room) -> String {
    let mut out = String::new();
    if summary.thresholds.is_empty() {
        return out;
    }
    let verdict = if summary.passed { style.good("KEPT") } else { style.bad("BROKEN") };
    heading(&mut out, style, "PROMISES", &format!("{verdict} ({})", promises_counted(&summary.thresholds)));
    let order = worst_first(&summary.thresholds).into_iter().map(|index| &summary.thresholds[index]);
    let (kept, broken): (Vec<_>, Vec<_>) = order.partition(|threshold| threshold.passed);
    // What is broken takes the room first.
    let broken_shown = shown(broken.len(), room.promises).min(broken.len());
    let kept_shown = match broken_shown < broken.len() {
        true => 0,
        false => shown(kept.len(), room.kept.min(room.promises.saturating_sub(broken_shown))).min(kept.len()),
    };
    let told: Vec<&ThresholdFacts> =
        broken.iter().take(broken_shown).chain(kept.iter().take(kept_shown)).copied().collect();
    let rows: Vec<[String; 4]> = told.iter().map(|threshold| promise_cells(threshold)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let [condition, value, margin] = [width(1).min(CONDITION_COLUMN), width(2), width(3)];
    // Subjects have what the rest leaves: it tells how far they are kept.
    let subject = (COLUMNS - INDENT).saturating_sub(2 + 1 + condition + 1 + value + 1 + margin).max(12);
    let labels = labels(&told, subject, condition);
    let subject = labels.iter().flatten().map(|(of, _)| of.chars().count()).max().unwrap_or_default();
    for ((threshold, cells), label) in told.iter().zip(&rows).zip(&labels) {
        let mark = if threshold.passed { style.good("✓") } else { style.bad("✗") };
        let margin = style.dim(&cells[3]);
        if let Some((of, asked)) = label {
            let line = format!("{of:<subject$} {asked:<condition$} {:<value$}", cells[2]);
            row(&mut out, format!("{mark} {line} {margin}").trim_end());
        } else {
            let part = threshold.part.as_ref().map_or_else(String::new, |part| format!(", {part}"));
            let whole = folded(&format!("{} {}{part}", cells[0], cells[1]), COLUMNS - INDENT - 2);
            row(&mut out, &format!("{mark} {}", whole[0]));
            whole.iter().skip(1).for_each(|line| more_of_row(&mut out, &format!("  {line}")));
            more_of_row(&mut out, format!("  {} {margin}", cells[2]).trim_end());
        }
        let is_told = match room.details {
            DetailsOf::All => true,
            DetailsOf::Broken => !threshold.passed,
            DetailsOf::None => false,
        };
        let undecided = threshold.undecided.then(|| undecided(threshold));
        let note = threshold.note.map(str::to_owned);
        let lines = |text: &String| wrap(text, COLUMNS - INDENT - 2).into_iter().map(|line| format!("  {line}"));
        for text in note.iter().chain(&threshold.window_text).chain(&undecided).filter(|_| is_told) {
            lines(text).for_each(|line| more_of_row(&mut out, &style.dim(&line)));
        }
        for reason in threshold.behind.iter().take(room.behind) {
            lines(reason).for_each(|line| more_of_row(&mut out, &style.bad(&line)));
        }
    }
    let hidden = [(broken.len() - broken_shown, "broken"), (kept.len() - kept_shown, "kept")];
    let parts = hidden.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, what)| format!("{count} more {what}")).collect();
    if !parts.is_empty() {
        row(&mut out, &style.dim(&format!("and {}; all in summary.md", parts.join(", "))));
    }
    out
}

/// The longest condition that is shown whole.
const CONDITION_COLUMN: usize = 18;
/// The fewest characters of the value of a tag that still tell something.
const TAG_VALUE_LEAST: usize = 7;

/// What is promised and the condition, each cut to its column; `None` where a cut one would leave a tag out or read like another,
/// so that it has to be told whole.
fn labels(thresholds: &[&ThresholdFacts], subject: usize, condition: usize) -> Vec<Option<(String, String)>> {
    let label = |threshold: &&ThresholdFacts| {
        Some((shorten_subject(&threshold.metric, subject)?, shorten(&threshold.condition, condition)))
    };
    let labels: Vec<Option<(String, String)>> = thresholds.iter().map(label).collect();
    let is_alike = |one: usize, other: usize| match (&labels[one], &labels[other]) {
        (Some(a), Some(b)) => a == b || (a.0 == b.0 && thresholds[one].metric != thresholds[other].metric),
        _ => false,
    };
    let is_alone = |one: usize| (0..labels.len()).all(|other| other == one || !is_alike(one, other));
    (0..labels.len()).map(|index| labels[index].clone().filter(|_| is_alone(index))).collect()
}

/// A metric with the longest values of its tags cut in their middle; `None` where that leaves too little of them.
fn shorten_subject(metric: &str, width: usize) -> Option<String> {
    let length = metric.chars().count();
    if length <= width {
        return Some(metric.to_owned());
    }
    let (name, tags) = metric.strip_suffix('}')?.split_once('{')?;
    let tags: Vec<(&str, &str)> = tags.split(',').map(|tag| tag.split_once(':')).collect::<Option<_>>()?;
    let mut widths: Vec<usize> = tags.iter().map(|(_, value)| value.chars().count()).collect();
    for _ in width..length {
        let longest = widths.iter_mut().max().filter(|width| **width > TAG_VALUE_LEAST)?;
        *longest -= 1;
    }
    let tags = tags.iter().zip(widths).map(|((tag, value), width)| format!("{tag}:{}", shorten_middle(value, width)));
    Some(format!("{name}{{{}}}", tags.collect::<Vec<_>>().join(",")))
}

/// What is promised, the condition, what was found, and by how much it is kept or missed.
fn promise_cells(threshold: &ThresholdFacts) -> [String; 4] {
    let margin = match (threshold.passed, threshold.margin_text.as_str()) {
        (_, "") => String::new(),
        (true, margin) => format!("margin {margin}"),
        (false, margin) => format!("misses by {margin}"),
    };
    let open = threshold.undecided.then(|| "undecided".to_owned());
    let margin = [margin].into_iter().filter(|text| !text.is_empty()).chain(open).collect::<Vec<_>>().join(", ");
    [threshold.metric.clone(), threshold.condition.clone(), threshold.value_text.clone(), margin]
}

/// That the interval covers the limit, and what would decide it.
pub fn undecided(threshold: &ThresholdFacts) -> String {
    let decide = threshold.replications_to_decide.map_or_else(
        || "more replications may tell".to_owned(),
        |count| format!("about {} replications would decide", thousands(u128::from(count))),
    );
    format!("undecided: 95 % interval {}; {decide}", threshold.interval_text.as_deref().unwrap_or_default())
}

/// What stands behind broken promises, each with the promises that it stands behind; the first of them, where there are very many.
pub fn reasons(summary: &Summary) -> Vec<String> {
    let mut found: Vec<(&str, Vec<String>)> = Vec::new();
    let order = worst_first(&summary.thresholds).into_iter().map(|index| &summary.thresholds[index]);
    for threshold in order.filter(|threshold| !threshold.passed) {
        let name = format!("{} {}", threshold.metric, threshold.condition);
        for reason in &threshold.behind {
            match found.iter_mut().find(|(known, _)| known == reason) {
                Some((_, names)) => names.push(name.clone()),
                None => found.push((reason, vec![name.clone()])),
            }
        }
    }
    let text = |(reason, names): &(&str, Vec<String>)| {
        let more = match names.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        format!("{}{more}: {reason}", names[0])
    };
    let hidden = found.len().saturating_sub(REASONS_MAX) as u64;
    let rest = (hidden > 0).then(|| format!("and {}", words::plural(hidden, "reason more", "reasons more")));
    found.iter().take(REASONS_MAX).map(text).chain(rest).collect()
}

/// Reasons of broken promises that are listed.
const REASONS_MAX: usize = 8;

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
pub(super) fn shorten_middle(name: &str, width: usize) -> String {
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

/// The same with words that are longer than a line broken.
fn folded(text: &str, width: usize) -> Vec<String> {
    let lines = wrap(text, width).into_iter();
    let lines = lines.flat_map(|line| {
        let characters: Vec<char> = line.chars().collect();
        characters.chunks(width).map(|part| part.iter().collect()).collect::<Vec<String>>()
    });
    lines.collect()
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
    use crate::experiment::{self, Progress};

    /// More of everything than a screen holds: 8 campaigns through 4 services, 60 promises with windows of which every other one is
    /// broken, faults, people who answer, losses of many kinds, a horizon.
    fn crowded(replications: u32) -> String {
        let mut text = format!(
            "version: 1\nname: crowded\ndescription: {}\nseed: 3\nreplications: {replications}\nclock: {{ horizon: 20m }}\nservices:\n",
            "How much can be said at once? ".repeat(20)
        );
        for service in 0..4 {
            let id = format!("a-sender-with-a-long-name-{service}");
            text += &format!(
                "  service-with-a-long-name-{service}:\n    senders:\n      - {{ id: {id}, type: short_code, country: US, mps: {}/s }}\n      \
                 - {{ id: {id}-ca, type: toll_free, country: CA, count: 3, mps: 1/s }}\n",
                5 + service
            );
        }
        text += "campaigns:\n";
        for campaign in 0..8 {
            text += &format!(
                "  campaign-with-a-long-name-{campaign}:\n    service: service-with-a-long-name-{}\n    segments: 1\n    \
                 validity_period: 5m\n    recipients: {{ US: 0.6, CA: 0.3, GB: 0.1 }}\n    \
                 arrivals: {{ process: poisson, phases: [{{ duration: 5m, arrival_rate: 4/s }}] }}\n",
                campaign % 4
            );
        }
        text += "thresholds:\n";
        for campaign in 0..8 {
            let of = format!("{{campaign:campaign-with-a-long-name-{campaign}}}");
            for (metric, kept, broken) in [
                ("queue_wait", "p(95) < 20h", "p(95) < 1ms"),
                ("delivered", "rate > 0.01", "rate > 0.999"),
                ("end_to_end", "p(50) < 100h", "p(50) < 1ms"),
            ] {
                text += &format!("  {metric}{of}:\n");
                for (condition, width) in [(kept, 60), (broken, 60), (kept, 90), (broken, 90)] {
                    text += &format!("    - {{ threshold: \"{condition}\", window: {width}s }}\n");
                }
            }
        }
        text
    }

    fn summary_of(text: &str) -> (Model, Summary) {
        let reading = crate::scenario::read("crowded.yaml", text.as_bytes().to_vec(), &[]);
        let why = reading.render(false);
        let model = reading.model.unwrap_or_else(|| panic!("{why}"));
        let results = experiment::run(&model, model.replications, &Progress::default());
        let verdicts = crate::verdict::judge(&model, &results);
        let summary = Summary::new(&model, &results, &verdicts, "0123456789abcdef");
        (model, summary)
    }

    /// Aim: whatever the scenario, what is shown fits one screen, tells broken promises first and all of their number, and has no
    /// note on what is not there. Method: a scenario with far too much of everything, at every step of giving up.
    #[test]
    fn a_screen_is_kept_whatever_there_is_to_say() {
        let style = Style { color: false };
        for replications in [1, 3] {
            let (model, summary) = summary_of(&crowded(replications));
            let promises = summary.thresholds.len();
            let broken = summary.thresholds.iter().filter(|threshold| !threshold.passed).count();
            assert!(promises > 60 && broken > 20 && promises - broken > 20, "{broken} of {promises}");
            let mut before = usize::MAX;
            for given_up in 0..=STEPS.len() {
                let sections = screen(&model, &summary, style, room_after(given_up));
                let text = sections.concat().join("\n");
                assert!(height(&sections) <= before, "step {given_up} makes it longer\n{text}");
                before = height(&sections);
                assert!(text.lines().all(|line| line.chars().count() <= COLUMNS), "step {given_up}\n{text}");
                let percentiles = sections[2].concat().contains('±');
                assert_eq!(sections[0].concat().contains("those of percentiles"), percentiles && replications > 1);
                let section = sections.last().expect("promises").join("\n");
                let last_broken = section.rfind('✗').expect("broken ones are shown");
                assert!(section.find('✓').is_none_or(|kept| kept > last_broken), "step {given_up}\n{section}");
                let hidden = |what: &str| -> usize {
                    let found =
                        section.split(&format!(" more {what}")).next().filter(|head| head.len() < section.len());
                    let number = found.and_then(|head| head.rsplit(' ').next());
                    number.map_or(0, |number| number.parse().expect("a number"))
                };
                assert_eq!(section.matches('✗').count() + hidden("broken"), broken, "step {given_up}\n{section}");
                assert_eq!(section.matches('✓').count() + hidden("kept"), promises - broken, "step {given_up}");
            }
            for lines in [LINES, LINES - 1] {
                let text = render(&model, &summary, style, lines);
                assert!(text.lines().count() <= lines, "{text}");
                assert!(text.contains(" more broken, "), "{text}");
            }
        }
    }

    /// Where nothing else helps, the ends of sections go, and each says how much.
    #[test]
    fn sections_are_cut_when_nothing_else_helps() {
        let long = |lines: usize| (0..lines).map(|line| format!("line {line}")).collect::<Vec<_>>();
        let sections = cut(vec![long(30); LEAST.len()], LEAST.iter().sum(), Style { color: false });
        assert_eq!(sections.iter().map(Vec::len).collect::<Vec<_>>(), LEAST);
        for section in &sections {
            let (hidden, last) = (30 - (section.len() - 1), section.last().expect("never empty"));
            assert_eq!(last.trim(), format!("and {hidden} lines more, see summary.md"));
        }
        // What fits is left alone, and one section too long gives up no more than needed.
        assert_eq!(cut(vec![long(4); 9], LINES, Style { color: false }), vec![long(4); 9]);
        let mut sections = vec![long(3); 9];
        sections[3] = long(20);
        assert_eq!(height(&cut(sections, LINES, Style { color: false })), LINES);
        // Lines that belong together go together.
        let mut sections = vec![vec!["line".to_owned()]; 9];
        sections[8] = vec!["a\nb\nc".to_owned(); 12];
        let cut = cut(sections, LINES, Style { color: false });
        assert_eq!((cut[8].len(), lines_of(&cut[8])), (10, 28));
        assert_eq!(cut[8][9].trim(), "and 9 lines more, see summary.md");
    }

    #[test]
    fn zeros_are_left_out() {
        let (_, mut summary) = summary_of(&crowded(1));
        let facts = &mut summary.overall;
        (facts.content_blocks, facts.evasions, facts.suspensions) = (0.0, 0.0, 0.4);
        assert_eq!(blocked(facts).as_deref(), Some("0.4 senders suspended"));
        (facts.content_blocks, facts.evasions, facts.suspensions) = (1.0, 1.0, 0.0);
        let one = "1 content blocked by carriers for a while, 1 of them for coming from too many numbers";
        assert_eq!(blocked(facts).as_deref(), Some(one));
        facts.content_blocks = 0.0;
        facts.evasions = 0.0;
        assert_eq!(blocked(facts), None);
        (facts.replies, facts.opt_outs, facts.unheard) = (0.0, 1.0, 0.0);
        assert_eq!(people_words(facts).as_deref(), Some("1 opt-out"));
        (facts.opt_outs, facts.unheard) = (0.0, 7.0);
        assert_eq!(people_words(facts).as_deref(), Some("7 answers to senders that cannot receive"));
        facts.unheard = 0.0;
        assert_eq!(people_words(facts), None);
    }

    /// The queue that would need longest for its backlog stands first, whatever its size and name; those that lose messages before
    /// it; and one of many like it does not hide others.
    #[test]
    fn the_bottleneck_stands_first() {
        let (model, mut summary) = summary_of(&crowded(1));
        let lane = |name: &str, group: &str, rate: f64, backlog: u64, lost: f64| LaneFacts {
            name: name.to_owned(),
            group: group.to_owned(),
            rate: format!("{rate}/s"),
            segments_per_second: rate,
            peak_backlog_segments: backlog,
            expired: lost,
            ..summary.lanes[0].clone()
        };
        summary.lanes = vec![
            lane("quick", "quick", 100.0, 50_000, 0.0),
            lane("slow-1", "slow", 1.0, 3_602, 0.0),
            lane("slow-2", "slow", 1.0, 3_601, 0.0),
            lane("slow-3", "slow", 1.0, 3_600, 0.0),
            lane("lossy", "lossy", 10.0, 10, 5.0),
        ];
        let text = queues(&model, &summary, Style { color: false }, Room { queues: 3, ..AMPLE });
        let names: Vec<&str> = text.lines().map(|line| line.split_whitespace().next().unwrap_or_default()).collect();
        assert_eq!(names, ["QUEUES", "lossy", "slow-1", "quick", "and"], "{text}");
        assert!(text.contains("3,602  1 h 00 min"), "{text}");
    }

    /// Aim: no two promises read alike, none loses a tag, and one order holds. Method: names that differ where a cut would take it.
    #[test]
    fn promises_are_told_apart() {
        let (_, mut summary) = summary_of(&crowded(1));
        let promise = |metric: &str, condition: &str, part: Option<&str>| ThresholdFacts {
            metric: metric.to_owned(),
            condition: condition.to_owned(),
            part: part.map(str::to_owned),
            ..summary.thresholds[0].clone()
        };
        let (first, second) = ("campaign-of-the-first-week-of-may", "campaign-of-the-other-week-of-may");
        let of = |name: &str| format!("delivered{{campaign:{name},country:CZ}}");
        let list = [
            promise(&of(first), "rate < 0.3", None),
            promise(&of(second), "rate > 0.95", None),
            promise(&of("another-campaign-with-a-long-name"), "rate > 0.9", None),
            promise("sent", "rate > 0.9", Some("windows of 1 min")),
            promise("sent", "rate > 0.9", Some("windows of 2 min")),
        ];
        let shown = labels(&list.iter().collect::<Vec<_>>(), 48, 18);
        let label = shown[2].as_ref().expect("it is like no other");
        assert!(
            label.0.starts_with("delivered{campaign:another") && label.0.ends_with("name,country:CZ}"),
            "{label:?}"
        );
        assert_eq!(label.0.chars().count(), 48);
        // What differs is in the middle, or in the windows.
        assert_eq!([0, 1, 3, 4].map(|index| shown[index].is_none()), [true; 4], "{shown:?}");
        assert_eq!(shorten_subject(&of(first), 20), None);
        summary.thresholds = list.into();
        for threshold in &mut summary.thresholds {
            (threshold.passed, threshold.undecided, threshold.margin, threshold.limit) = (true, false, Some(0.1), 1.0);
        }
        (summary.thresholds[1].passed, summary.thresholds[1].margin) = (false, Some(-0.1));
        (summary.thresholds[4].passed, summary.thresholds[4].margin) = (false, Some(-0.2));
        (summary.thresholds[3].undecided, summary.thresholds[2].margin) = (true, Some(0.05));
        assert_eq!(worst_first(&summary.thresholds), [4, 1, 3, 2, 0]);
        let counted = promises_counted(&summary.thresholds);
        assert_eq!(counted, "2 broken; 3 of 5 kept, 1 of them undecided");
        summary.thresholds[1].undecided = true;
        let text = promises(&summary, Style { color: false }, AMPLE);
        assert!(text.contains("(2 broken, 1 of them undecided; 3 of 5 kept, 1 of them undecided)"), "{text}");
        assert!(text.contains(first) && text.contains(second) && text.contains(", windows of 2 min"), "{text}");
        assert_eq!(text.matches(", undecided\n").count(), 2, "{text}");
    }

    #[test]
    fn sentences_stay_whole() {
        let long = format!("{}?", "word ".repeat(30).trim_end());
        assert_eq!(sentences("One. Two 2.5.", 1), ["One. Two 2.5."]);
        assert_eq!(sentences(&format!("One? {long}"), 1), ["One?"]);
        assert_eq!(sentences(&long, 1).join(" "), long, "two lines");
        assert_eq!(sentences(&long.repeat(3), 1), Vec::<String>::new());
    }

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
