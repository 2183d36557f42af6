//! A log beside a run of a scenario, figure by figure: whether the scenario behaves as what was measured.
//!
//! Both sides are fits, read from rows of one kind by one reader. Not here: a verdict. One run has its own luck, and a log is
//! one day.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::terminal::Style;
use super::words;
use crate::fit::{Fitted, Mix, Quantiles};
use crate::units::thousands;

/// Kinds of a mix that are shown.
const KINDS_MAX: usize = 12;
/// The width of the first column.
const FIRST: usize = 44;

/// The log, the run, and what the run has of the log's.
pub fn beside(log: &Fitted, run: &Fitted, scenario: &str, style: Style) -> String {
    let mut table = Table { text: String::new(), style };
    table.text(&format!("{} beside one run of {scenario}", log.trace), true);
    table.head("traffic", "");
    table.counts("messages", log.total.arrivals.messages, run.total.arrivals.messages);
    table.numbers("segments a message, mean", mean(&log.total.segments), mean(&run.total.segments), 3);
    table.numbers("seconds from first to last", Some(log.span_seconds), Some(run.span_seconds), 0);
    for (a, b) in log.total.arrivals.dispersion.iter().zip(&run.total.arrivals.dispersion) {
        let name = format!("burstiness in windows of {} s (Poisson: 1)", a.window_seconds);
        table.numbers(&name, a.raw, b.raw, 2);
    }
    table.mix("countries", &log.total.countries, &run.total.countries);
    table.mix("carriers", &log.total.carriers, &run.total.carriers);
    table.quantiles("from the call to the carrier, seconds", log.created_to_sent, run.created_to_sent);
    let delivered = "from the carrier to delivered, seconds";
    table.quantiles(delivered, log.sent_to_delivered, run.sent_to_delivered);
    table.mix("statuses", &log.statuses, &run.statuses);
    table.mix("error codes, of what is over", &log.codes, &run.codes);
    let share = |fitted: &Fitted, count: u64| {
        let feedback = fitted.feedback;
        (feedback.inbound > 0 && feedback.answerable > 0).then(|| count as f64 / feedback.answerable as f64)
    };
    table.head("people, within a day, of messages not lost", "");
    table.shares("answer", share(log, log.feedback.answered), share(run, run.feedback.answered));
    table.shares("opt out", share(log, log.feedback.opted_out), share(run, run.feedback.opted_out));
    table.text
}

/// One of the quantiles.
type Of = fn(Quantiles) -> f64;

fn mean(segments: &Mix) -> Option<f64> {
    let sum: u64 = segments.parts.iter().filter_map(|part| Some(part.name.parse::<u64>().ok()? * part.count)).sum();
    (segments.n > 0).then(|| sum as f64 / segments.n as f64)
}

/// Rows of a name and three columns.
struct Table {
    text: String,
    style: Style,
}

impl Table {
    fn text(&mut self, text: &str, bold: bool) {
        let text = if bold { self.style.bold(text) } else { text.to_owned() };
        let _ = writeln!(self.text, "{text}");
    }

    /// Begins a part of the table; `unit` says what its numbers are.
    fn head(&mut self, name: &str, unit: &str) {
        let line = format!("{name:<FIRST$}{:>14}{:>14}{:>10}  {unit}", "log", "run", "run / log");
        let line = format!("\n{}", self.style.bold(line.trim_end()));
        self.text(&line, false);
    }

    fn row(&mut self, name: &str, log: &str, run: &str, ratio: &str) {
        let line = format!("  {name:<width$}{log:>14}{run:>14}{ratio:>10}", width = FIRST - 2);
        self.text(line.trim_end(), false);
    }

    fn numbers(&mut self, name: &str, log: Option<f64>, run: Option<f64>, places: usize) {
        if log.is_none() && run.is_none() {
            return;
        }
        let shown = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.places$}"));
        self.row(name, &shown(log), &shown(run), &ratio(log, run));
    }

    fn counts(&mut self, name: &str, log: u64, run: u64) {
        let shown = |count: u64| thousands(u128::from(count));
        self.row(name, &shown(log), &shown(run), &ratio(Some(log as f64), Some(run as f64)));
    }

    fn shares(&mut self, name: &str, log: Option<f64>, run: Option<f64>) {
        let shown = |share: Option<f64>| share.map_or_else(|| "not told".to_owned(), words::percent);
        self.row(name, &shown(log), &shown(run), &ratio(log, run));
    }

    fn quantiles(&mut self, name: &str, log: Option<Quantiles>, run: Option<Quantiles>) {
        self.head(name, "");
        let n = |side: Option<Quantiles>| side.map_or(0, |quantiles| quantiles.n);
        self.counts("messages", n(log), n(run));
        let rows: [(&str, Of); 8] = [
            ("p10", |q| q.p10),
            ("p25", |q| q.p25),
            ("p50", |q| q.p50),
            ("p75", |q| q.p75),
            ("p90", |q| q.p90),
            ("p95", |q| q.p95),
            ("p99", |q| q.p99),
            ("largest", |q| q.max),
        ];
        for (name, of) in rows {
            self.numbers(name, log.map(of), run.map(of), 3);
        }
    }

    /// Shares of the kinds that either side has, the log's most frequent first.
    fn mix(&mut self, name: &str, log: &Mix, run: &Mix) {
        if log.parts.is_empty() && run.parts.is_empty() {
            return;
        }
        self.head(name, "");
        let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        log.parts.iter().for_each(|part| counts.entry(&part.name).or_default().0 += part.count);
        run.parts.iter().for_each(|part| counts.entry(&part.name).or_default().1 += part.count);
        let mut kinds: Vec<(&str, (u64, u64))> = counts.into_iter().collect();
        kinds.sort_by_key(|(_, counts)| std::cmp::Reverse(*counts));
        let share = |mix: &Mix, name: &str| (mix.n > 0).then(|| mix.share(name));
        for (kind, _) in kinds.iter().take(KINDS_MAX) {
            self.shares(kind, share(log, kind), share(run, kind));
        }
        if kinds.len() > KINDS_MAX {
            let more = words::plural((kinds.len() - KINDS_MAX) as u64, "kind", "kinds");
            self.text(&format!("  and {more} more"), false);
        }
    }
}

fn ratio(log: Option<f64>, run: Option<f64>) -> String {
    match (log, run) {
        (Some(log), Some(run)) if log > 0.0 => format!("{:.3}", run / log),
        _ => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::{fit, trace};

    fn fitted(log: &str) -> Fitted {
        fit::fit(&trace::read(Cursor::new(log), "log.csv").expect("a log"), &TimeZone::UTC).expect("rows")
    }

    /// Aim: each figure stands in its row, with the right ratio. Method: two logs of a few rows, by hand.
    #[test]
    fn figures_stand_side_by_side() {
        let head = "time,segments,country\n";
        let log = fitted(&format!("{head}0,1,US\n10,3,US\n20,2,CA\n30,2,CA\n"));
        let run = fitted(&format!("{head}0,1,US\n10,1,US\n"));
        let text = beside(&log, &run, "x.yaml", Style { color: false });
        let row = |name: &str| -> Vec<String> {
            let line =
                text.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_else(|| panic!("{text}"));
            line.trim_start()[name.len()..].split_whitespace().map(str::to_owned).collect()
        };
        assert_eq!(row("messages"), ["4", "2", "0.500"]);
        assert_eq!(row("segments a message, mean"), ["2.000", "1.000", "0.500"]);
        assert_eq!(row("US"), ["50", "%", "100", "%", "2.000"]);
        assert_eq!(row("CA"), ["50", "%", "0", "%", "0.000"]);
        assert_eq!(row("answer"), ["not", "told", "not", "told", "-"]);
    }
}
