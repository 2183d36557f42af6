//! The summary on one screen of a terminal: drain, wait, loss, money, promises, queues; at most 100 columns.

use std::fmt::Write as _;

use crate::model::Model;
use crate::simulation::stage::Stage;
use crate::units::{SimTime, thousands};

use super::intervals::IntervalFacts;
use super::summary::{DelayFacts, PerReplication, ScopeFacts, Summary, ThresholdFacts};
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

/// Rows of a list that are shown before the rest is only counted.
const ROWS: usize = 6;
/// Campaigns up to which each row of waits has its interval below it.
const INTERVAL_ROWS: usize = 3;

/// The screen.
pub fn render(model: &Model, summary: &Summary, style: Style) -> String {
    let mut out = String::new();
    head(&mut out, summary, style);
    drain(&mut out, model, summary, style);
    waits(&mut out, summary, style);
    losses(&mut out, summary, style);
    faults(&mut out, summary, style);
    people(&mut out, summary, style);
    money(&mut out, summary, style);
    queues(&mut out, model, summary, style);
    promises(&mut out, summary, style);
    out
}

fn heading(out: &mut String, style: Style, title: &str, text: &str) {
    let _ = writeln!(out, "{} {text}", style.bold(&format!("{title:<9}")));
}

fn row(out: &mut String, text: &str) {
    let _ = writeln!(out, "          {text}");
}

fn head(out: &mut String, summary: &Summary, style: Style) {
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
            let note = note.map_or_else(String::new, |note| format!("; {note}"));
            format!("± half of the 95 % interval, the wider side{note}")
        }
    };
    let _ = writeln!(out, "{}", style.dim(&intervals));
    if let Some(precision) = &summary.precision {
        let _ = writeln!(out, "{}", style.dim(&precision.text()));
    }
    if let Some(question) = scenario.question.split("\n\n").next().filter(|text| !text.trim().is_empty()) {
        for line in wrap(question, 98).into_iter().take(3) {
            let _ = writeln!(out, "{}", style.dim(&line));
        }
    }
    out.push('\n');
}

fn drain(out: &mut String, model: &Model, summary: &Summary, style: Style) {
    let overall = &summary.overall;
    match (overall.drained_at_seconds, overall.drain_seconds) {
        (Some(drained), Some(drain)) => {
            let at = SimTime::from_nanos((drained.mean * 1e9).round() as u64);
            let text = format!(
                "the last slot ends {} after the first message, at {}{}",
                words::seconds(drain.mean),
                model.calendar.wall_clock(at),
                range(&drain),
            );
            heading(out, style, "DRAIN", &text);
        }
        _ if overall.sent == 0.0 => heading(out, style, "DRAIN", "nothing was sent"),
        _ => heading(out, style, "DRAIN", "not identified: the horizon came before the queues were empty"),
    }
    if summary.services.len() > 1 {
        for service in &summary.services {
            if let Some(drain) = &service.facts.drain_seconds {
                row(out, &format!("{:<24} {}{}", service.name, words::seconds(drain.mean), range(drain)));
            }
        }
    }
    out.push('\n');
}

/// The range over replications, unless all agree.
fn range(value: &PerReplication) -> String {
    if value.max > value.min {
        let half = value.interval.and_then(|interval| interval.half_width(value.mean));
        let mean = half.map_or_else(String::new, |half| format!(", mean ± {}", compact(half)));
        format!(" ({} to {}{mean})", words::seconds(value.min), words::seconds(value.max))
    } else {
        String::new()
    }
}

fn waits(out: &mut String, summary: &Summary, style: Style) {
    heading(out, style, "WAIT", &style.dim(&format!("{:<34}{}", "", delay_header())));
    let several = summary.campaigns.len() > 1;
    // A second line under each row, as long as that leaves one screen.
    let plus_minus = |out: &mut String, facts: &DelayFacts| {
        if summary.campaigns.len() <= INTERVAL_ROWS
            && let Some(line) = half_width_row(facts)
        {
            row(out, &style.dim(&format!("{:<18} {:<14}{line}", "", "")));
        }
    };
    for campaign in summary.campaigns.iter().take(ROWS) {
        let Some(delays) = &campaign.facts.delays else { continue };
        let name = shorten(&campaign.name, 18);
        if let Some(facts) = delays.api_wait {
            row(out, &format!("{:<18} {:<14}{}", name, "before API", delay_row(&facts)));
        }
        if let Some(facts) = delays.hold_wait {
            row(out, &format!("{:<18} {:<14}{}", name, "kept (hours)", delay_row(&facts)));
        }
        if let Some(facts) = delays.queue_wait {
            row(out, &format!("{:<18} {:<14}{}", name, "in the queue", delay_row(&facts)));
            plus_minus(out, &facts);
        }
        if let Some(facts) = delays.end_to_end {
            row(out, &format!("{:<18} {:<14}{}", name, "end to end", delay_row(&facts)));
            plus_minus(out, &facts);
        }
    }
    if let Some(longest) = spent_mostly(summary) {
        row(out, &style.dim(&longest));
    }
    if !several && summary.countries.len() > 1 {
        let delays = |facts: &ScopeFacts| facts.delays.as_ref().and_then(|delays| delays.end_to_end);
        let mut slowest: Vec<_> =
            summary.countries.iter().filter_map(|country| Some((country, delays(&country.facts)?))).collect();
        let hidden = slowest.len().saturating_sub(ROWS);
        if hidden > 0 {
            let last = |facts: &DelayFacts| facts.p99.unwrap_or(f64::INFINITY);
            slowest.sort_by(|(_, a), (_, b)| last(b).total_cmp(&last(a)));
        }
        for (country, facts) in slowest.iter().take(ROWS) {
            row(out, &format!("{:<18} {:<14}{}", format!("to {}", country.name), "end to end", delay_row(facts)));
        }
        if hidden > 0 {
            row(out, &style.dim(&format!("and {hidden} countries that are faster")));
        }
    }
    out.push('\n');
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

fn losses(out: &mut String, summary: &Summary, style: Style) {
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
    for loss in worst.iter().take(ROWS) {
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
    out.push('\n');
}

/// What the scenario lets go wrong.
fn faults(out: &mut String, summary: &Summary, style: Style) {
    if summary.faults.is_empty() {
        return;
    }
    heading(out, style, "FAULTS", &words::plural(summary.faults.len() as u64, "fault", "faults"));
    for fault in summary.faults.iter().take(ROWS) {
        row(out, &shorten(fault, 88));
    }
    out.push('\n');
}

/// What people do with what reaches them.
fn people(out: &mut String, summary: &Summary, style: Style) {
    let overall = &summary.overall;
    let done = overall.replies + overall.opt_outs + overall.helps + overall.unheard;
    if done + overall.repeated + overall.on_time == 0.0 {
        return;
    }
    let mut text = format!("{} replies, {} opt-outs", words::count(overall.replies), words::count(overall.opt_outs));
    if overall.unheard > 0.0 {
        let _ = write!(text, "; {} more to senders that cannot receive", words::count(overall.unheard));
    }
    heading(out, style, "PEOPLE", &text);
    if overall.opt_ins > 0.0 {
        row(out, &format!("{} of those who opted out opt in again", words::count(overall.opt_ins)));
    }
    if overall.helps > 0.0 {
        let (asked, answered) = (words::count(overall.helps), words::count(overall.helped));
        row(out, &format!("{asked} ask for help; the platform answers {answered} by itself"));
    }
    if overall.repeated > 0.0 {
        row(out, &format!("{} messages asked for again, or answers", words::count(overall.repeated)));
    }
    for campaign in summary.campaigns.iter().filter(|campaign| campaign.facts.on_time > 0.0).take(ROWS) {
        let planned = campaign.facts.offered - campaign.facts.repeated;
        let share = words::percent(campaign.facts.on_time / planned);
        row(out, &format!("{}: {share} arrive within the deadline", shorten(&campaign.name, 40)));
    }
    out.push('\n');
}

fn money(out: &mut String, summary: &Summary, style: Style) {
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
    for fine in summary.fines.iter().take(ROWS) {
        let amount = words::dollars(fine.dollars_per_finding);
        let text = format!("exposed to fines of {} ({amount} a finding): {}", fine.carrier, fine.why);
        row(out, &style.bad(&shorten(&text, 88)));
    }
    out.push('\n');
}

fn queues(out: &mut String, model: &Model, summary: &Summary, style: Style) {
    let mut lanes: Vec<_> = summary.lanes.iter().collect();
    // Those that lose messages first, then those that drain last.
    lanes.sort_by(|a, b| {
        let lost = |lane: &super::summary::LaneFacts| lane.expired + lane.overflowed;
        lost(b).total_cmp(&lost(a)).then(latest(b).total_cmp(&latest(a)))
    });
    let title = format!("{:<28}{:>9}{:>8}{:>14}{:>11}{:>20}", "", "rate", "busy", "peak backlog", "lost", "drained at");
    heading(out, style, "QUEUES", &style.dim(&title));
    for lane in lanes.iter().take(ROWS) {
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
    if lanes.len() > ROWS {
        row(out, &style.dim(&format!("and {} more, see summary.md", lanes.len() - ROWS)));
    }
    out.push('\n');
}

fn promises(out: &mut String, summary: &Summary, style: Style) {
    if summary.thresholds.is_empty() {
        return;
    }
    let kept = summary.thresholds.iter().filter(|threshold| threshold.passed).count();
    let verdict = if summary.passed { style.good("KEPT") } else { style.bad("BROKEN") };
    let open = match summary.thresholds.iter().filter(|threshold| threshold.undecided).count() {
        0 => String::new(),
        open => format!(", {open} undecided"),
    };
    heading(out, style, "PROMISES", &format!("{verdict} ({kept} of {} kept{open})", summary.thresholds.len()));
    let mut thresholds: Vec<_> = summary.thresholds.iter().collect();
    thresholds.sort_by_key(|threshold| threshold.passed);
    for threshold in thresholds.iter().take(2 * ROWS) {
        let mark = if threshold.passed { style.good("✓") } else { style.bad("✗") };
        let margin = match (threshold.passed, threshold.margin_text.as_str()) {
            (_, "") => threshold.note.unwrap_or_default().to_owned(),
            (true, margin) => format!("margin {margin}"),
            (false, margin) => format!("misses by {margin}"),
        };
        // A subject with several tags gets a line of its own: its end tells promises apart.
        let long = threshold.metric.chars().count() > 32;
        if long {
            row(out, &format!("{mark} {}", shorten(&threshold.metric, 86)));
        }
        let (mark, subject) = if long { (" ".to_owned(), "") } else { (mark, threshold.metric.as_str()) };
        row(
            out,
            &format!(
                "{mark} {subject:<32} {:<16} {:<20} {}",
                shorten(&threshold.condition, 16),
                threshold.value_text,
                style.dim(&margin),
            ),
        );
        if let Some(text) = &threshold.window_text {
            row(out, &style.dim(&format!("  {text}")));
        }
        if threshold.undecided {
            row(out, &style.dim(&format!("  {}", undecided(threshold))));
        }
    }
    if !summary.passed {
        explain(out, summary, style);
    }
}

/// That the interval covers the limit, and what would decide it.
pub fn undecided(threshold: &ThresholdFacts) -> String {
    let decide = threshold.replications_to_decide.map_or_else(
        || "more replications may tell".to_owned(),
        |count| format!("about {} replications would decide", thousands(u128::from(count))),
    );
    format!("undecided: 95 % interval {}; {decide}", threshold.interval_text.as_deref().unwrap_or_default())
}

/// Where the trouble is: queues that lose messages, and the one that drains last.
fn explain(out: &mut String, summary: &Summary, style: Style) {
    for line in reasons(summary) {
        row(out, &style.bad(&line));
    }
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
        assert_eq!(compact(10_000.0), "2 h 46 min");
        assert_eq!(compact(61.4), "1 min 01 s");
        assert_eq!(compact(0.254), "250 ms");
        assert_eq!(wrap("a bb ccc", 4), ["a bb", "ccc"]);
    }
}
