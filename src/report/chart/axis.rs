//! Axes: which values get a tick, what the tick says and where on the axis a value lies.
//!
//! Every step comes from a short list of steps people count in (1, 2, 5 of anything; 15 and 30 seconds;
//! 6 hours), and every label is made from integers, so none reads "0.30000000000000004".
//! Not here: pixels, and zones with their clock changes (an axis keeps the offset it starts with).

use super::CalendarStart;

/// One tick: a value in the units of the data, and its label.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    pub at: f64,
    pub label: String,
}

/// The y axis of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueAxis {
    /// What stands above the axis in brackets, such as `min` or `log scale`.
    pub unit: String,
    /// Ticks with labels, ascending.
    pub ticks: Vec<Tick>,
    /// Values that get a fainter line and no label, ascending.
    pub minor: Vec<f64>,
    scale: Scale,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Scale {
    /// From 0 to `top`.
    Linear { top: f64 },
    /// From `floor` to `top` by powers; `zero` decades below the floor are kept for zeros.
    Log { floor: f64, top: f64, zero: f64 },
}

impl ValueAxis {
    /// How far up the axis `value` lies: 0 at the foot, 1 at the top. Values beyond either end are held there.
    pub fn position(&self, value: f64) -> f64 {
        let share = match self.scale {
            Scale::Linear { top } => value / top,
            Scale::Log { floor, top, zero } => {
                let decades = libm::log10(top / floor) + zero;
                if value < floor { 0.0 } else { (libm::log10(value / floor) + zero) / decades }
            }
        };
        share.clamp(0.0, 1.0)
    }
}

/// A longer span is drawn on a log scale.
const LINEAR_SPAN_MAX: f64 = 50.0;
/// Decades below the floor of a log scale at which zeros are drawn, when there are any.
const ZERO_DECADES: f64 = 0.7;

/// The axis for durations in seconds (finite, not negative), such as waits and limits. `typical` is the least value that
/// a reader must be able to tell from zero; a span of more than fifty times it is drawn on a log scale.
pub fn duration_axis(seconds: &[f64], typical: f64) -> ValueAxis {
    let max = seconds.iter().copied().fold(0.0, f64::max);
    let min_positive = seconds.iter().copied().filter(|&s| s > 0.0).fold(max, f64::min);
    if max > 0.0 && typical > 0.0 && max / typical > LINEAR_SPAN_MAX {
        let has_zero = seconds.contains(&0.0);
        log_duration_axis(min_positive, max, has_zero)
    } else {
        linear_duration_axis(if max > 0.0 { max } else { 1.0 })
    }
}

/// The axis for counts (finite, not negative), such as segments.
pub fn count_axis(counts: &[f64]) -> ValueAxis {
    let max = counts.iter().copied().fold(0.0, f64::max);
    let max = if max > 0.0 { max } else { 1.0 };
    let (unit, suffix) = if max < 1e6 {
        (1.0, "")
    } else if max < 1e9 {
        (1e6, "M")
    } else {
        (1e9, "G")
    };
    let least_exponent = if unit > 1.0 { -3 } else { 0 };
    let step = decimal_steps(least_exponent, 12)
        .find(|step| max / unit <= step.value() * INTERVALS)
        .expect("the largest step is larger than any count");
    linear_axis(max, unit, step, "", suffix)
}

/// The axis for rates a second (finite, not negative): as counts, but below one they are not whole.
pub fn rate_axis(rates: &[f64]) -> ValueAxis {
    let max = rates.iter().copied().fold(0.0, f64::max);
    if max >= INTERVALS || max <= 0.0 {
        return count_axis(rates);
    }
    let step = decimal_steps(-9, 1).find(|step| max <= step.value() * INTERVALS).expect("a step of ten is enough");
    linear_axis(max, 1.0, step, "", "")
}

/// The axis for durations in seconds that are parts of a sum, so never on a log scale.
pub fn sum_axis(seconds: &[f64]) -> ValueAxis {
    let max = seconds.iter().copied().fold(0.0, f64::max);
    linear_duration_axis(if max > 0.0 { max } else { 1.0 })
}

/// The axis for shares from 0 to 1.
pub fn share_axis(shares: &[f64]) -> ValueAxis {
    let max = shares.iter().copied().fold(0.0, f64::max);
    let max = if max > 0.0 { max } else { 1.0 };
    let step = decimal_steps(-4, 2)
        .find(|step| max * 100.0 <= step.value() * INTERVALS)
        .unwrap_or(Step { mantissa: 5, exponent: 2 });
    linear_axis(max, 0.01, step, "", "%")
}

/// The axis for amounts of money in US dollars (finite, not negative).
pub fn dollar_axis(dollars: &[f64]) -> ValueAxis {
    let max = dollars.iter().copied().fold(0.0, f64::max);
    let max = if max > 0.0 { max } else { 1.0 };
    let step = decimal_steps(-6, 12)
        .find(|step| max <= step.value() * INTERVALS)
        .expect("the largest step is larger than any amount");
    let mut axis = linear_axis(max, 1.0, step, "", "");
    for tick in axis.ticks.iter_mut().filter(|tick| tick.at > 0.0) {
        tick.label.insert(0, '$');
    }
    axis
}

/// A linear axis has at most this many intervals below its largest value.
const INTERVALS: f64 = 6.0;

/// `mantissa` x 10^`exponent`: a step that can be multiplied without rounding.
#[derive(Clone, Copy)]
struct Step {
    mantissa: u64,
    exponent: i32,
}

impl Step {
    fn value(self) -> f64 {
        self.times(1)
    }

    fn times(self, n: u64) -> f64 {
        let mantissa = (self.mantissa * n) as f64;
        let power = libm::pow(10.0, f64::from(self.exponent.abs()));
        if self.exponent < 0 { mantissa / power } else { mantissa * power }
    }

    /// `n` steps as text with as many decimals as the step has, and commas between thousands.
    fn label(self, n: u64) -> String {
        let digits = self.mantissa * n;
        if digits == 0 {
            return "0".to_owned();
        }
        if self.exponent >= 0 {
            let power = 10u64.pow(self.exponent.unsigned_abs());
            return thousands(digits * power);
        }
        let power = 10u64.pow(self.exponent.unsigned_abs());
        let decimals = self.exponent.unsigned_abs() as usize;
        format!("{}.{:0decimals$}", thousands(digits / power), digits % power)
    }
}

/// 1, 2 and 5 times each power of ten from 10^`from` to 10^`to`.
fn decimal_steps(from: i32, to: i32) -> impl Iterator<Item = Step> {
    (from..=to).flat_map(|exponent| [1, 2, 5].map(|mantissa| Step { mantissa, exponent }))
}

fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Ticks at multiples of `step` (in `unit`s of the data) from 0 to a little above `max`.
fn linear_axis(max: f64, unit: f64, step: Step, unit_name: &str, suffix: &str) -> ValueAxis {
    let at = |n: u64| step.times(n) * unit;
    let whole = (0..).find(|&n| at(n) >= max).expect("steps are positive");
    // A tick closes the axis if that leaves a little room above the data, and not more than an eighth.
    let top = if (max * 1.02..=max * 1.14).contains(&at(whole)) { at(whole) } else { max * 1.06 };
    let ticks = (0..=whole)
        .filter(|&n| at(n) <= top)
        .map(|n| Tick { at: at(n), label: if n == 0 { "0".to_owned() } else { format!("{}{suffix}", step.label(n)) } })
        .collect();
    ValueAxis { unit: unit_name.to_owned(), ticks, minor: Vec::new(), scale: Scale::Linear { top } }
}

fn linear_duration_axis(max: f64) -> ValueAxis {
    let (unit, name) = match max {
        m if m < 1e-3 => (1e-6, "µs"),
        m if m < 1.0 => (1e-3, "ms"),
        m if m < 120.0 => (1.0, "s"),
        m if m < 7_200.0 => (60.0, "min"),
        m if m < 172_800.0 => (3_600.0, "h"),
        _ => (86_400.0, "d"),
    };
    let fits = |step: &Step| max / unit <= step.value() * INTERVALS;
    let whole = |mantissa| Step { mantissa, exponent: 0 };
    let step = match name {
        "s" | "min" => decimal_steps(-3, 0).chain([10, 15, 20, 30].map(whole)).find(fits),
        "h" => decimal_steps(-3, -1).chain([1, 2, 3, 6, 12].map(whole)).find(fits),
        _ => decimal_steps(-3, 12).find(fits),
    }
    .expect("the largest step of each unit fits the largest value of that unit");
    linear_axis(max, unit, step, name, "")
}

/// The durations a log axis may mark: seconds, label, and whether it is marked on a long axis too.
const LADDER: &[(f64, &str, bool)] = &[
    (1e-6, "1 µs", true),
    (2e-6, "2 µs", false),
    (5e-6, "5 µs", false),
    (1e-5, "10 µs", true),
    (2e-5, "20 µs", false),
    (5e-5, "50 µs", false),
    (1e-4, "100 µs", true),
    (2e-4, "200 µs", false),
    (5e-4, "500 µs", false),
    (1e-3, "1 ms", true),
    (2e-3, "2 ms", false),
    (5e-3, "5 ms", false),
    (0.01, "10 ms", true),
    (0.02, "20 ms", false),
    (0.05, "50 ms", false),
    (0.1, "100 ms", true),
    (0.2, "200 ms", false),
    (0.5, "500 ms", false),
    (1.0, "1 s", true),
    (2.0, "2 s", false),
    (5.0, "5 s", false),
    (10.0, "10 s", true),
    (20.0, "20 s", false),
    (30.0, "30 s", false),
    (60.0, "1 min", true),
    (120.0, "2 min", false),
    (300.0, "5 min", false),
    (600.0, "10 min", true),
    (1_200.0, "20 min", false),
    (1_800.0, "30 min", false),
    (3_600.0, "1 h", true),
    (7_200.0, "2 h", false),
    (10_800.0, "3 h", false),
    (21_600.0, "6 h", true),
    (43_200.0, "12 h", false),
    (86_400.0, "1 d", true),
    (172_800.0, "2 d", false),
    (432_000.0, "5 d", false),
    (864_000.0, "10 d", true),
    (2_592_000.0, "30 d", false),
    (8_640_000.0, "100 d", true),
    (86_400_000.0, "1,000 d", true),
];

fn log_duration_axis(min: f64, max: f64, has_zero: bool) -> ValueAxis {
    let floor = LADDER.iter().rev().map(|&(at, ..)| at).find(|&at| at <= min).unwrap_or(LADDER[0].0);
    // Half as much again, so that the longest wait does not lie on the frame.
    let top = max * 1.5;
    let in_range = || LADDER.iter().filter(move |&&(at, ..)| at >= floor && at <= top);
    let zero = (has_zero || min < floor).then(|| Tick { at: 0.0, label: "0".to_owned() });
    let zero_decades = if zero.is_some() { ZERO_DECADES } else { 0.0 };
    let ticks = zero
        .into_iter()
        .chain(in_range().filter(|rung| rung.2).map(|&(at, label, _)| Tick { at, label: label.to_owned() }))
        .collect();
    ValueAxis {
        unit: "log scale".to_owned(),
        ticks,
        minor: in_range().filter(|rung| !rung.2).map(|&(at, ..)| at).collect(),
        scale: Scale::Log { floor, top, zero: zero_decades },
    }
}

/// The axis of quantiles: x is -log10(1 - q), so each nine takes the same room.
#[derive(Clone, Debug, PartialEq)]
pub struct NinesAxis {
    /// Labelled ticks; `at` is a number of nines.
    pub ticks: Vec<Tick>,
    /// Ticks to label if there is room: 50 %, 95 %.
    pub optional: Vec<Tick>,
    end: f64,
    max_at: Option<f64>,
}

/// Quantiles nearer to 1 than this are drawn as the maximum.
const NINES_MAX: f64 = 9.0;

impl NinesAxis {
    /// An axis as long as the quantiles (0 to 1) reach, and one nine at least.
    pub fn new(quantiles: &[f64]) -> Self {
        let finite = quantiles.iter().filter_map(|&q| nines(q));
        // 1 - 0.99999 is not quite 0.00001: what is all but a whole nine reaches it.
        let reach = finite.fold(1.0, f64::max) + 1e-9;
        let max_at = quantiles.iter().any(|&q| nines(q).is_none()).then_some(reach + 0.4);
        let mut ticks: Vec<Tick> = [(0.0, "0%"), (1.0, "90%"), (2.0, "99%")]
            .into_iter()
            .map(|(at, label)| Tick { at, label: label.to_owned() })
            .chain((3..=9).map(|n| Tick { at: f64::from(n), label: format!("99.{}%", "9".repeat(n as usize - 2)) }))
            .filter(|tick| tick.at <= reach)
            .collect();
        ticks.extend(max_at.map(|at| Tick { at, label: "max".to_owned() }));
        let optional = [(0.5, "50%"), (0.95, "95%")]
            .into_iter()
            .filter_map(|(q, label)| Some(Tick { at: nines(q)?, label: label.to_owned() }))
            .filter(|tick| tick.at <= reach)
            .collect();
        NinesAxis { ticks, optional, end: max_at.unwrap_or(reach), max_at }
    }

    /// The quantile this far along the axis, 0 to 1: the other way round than [`NinesAxis::position`].
    pub fn quantile(&self, share: f64) -> f64 {
        let nines = share * self.end;
        match self.max_at {
            Some(max_at) if nines >= max_at => 1.0,
            // Between the last nine and the maximum lies nothing.
            Some(max_at) => 1.0 - libm::pow(10.0, -nines.min(max_at - 0.4)),
            None => 1.0 - libm::pow(10.0, -nines),
        }
    }

    /// How far along the axis the quantile lies, 0 to 1.
    pub fn position(&self, quantile: f64) -> f64 {
        let at = nines(quantile).or(self.max_at).unwrap_or(self.end);
        self.tick_position(at)
    }

    /// How far along the axis a tick lies, 0 to 1.
    pub fn tick_position(&self, at: f64) -> f64 {
        (at / self.end).clamp(0.0, 1.0)
    }
}

/// -log10(1 - q), or `None` for the maximum.
fn nines(quantile: f64) -> Option<f64> {
    let tail = 1.0 - quantile.clamp(0.0, 1.0);
    // Subtracting from 0.0 and not negating keeps a negative zero out.
    let nines = 0.0 - libm::log10(tail);
    (nines <= NINES_MAX + 1e-6).then_some(nines)
}

/// The axis of wall-clock time.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockAxis {
    /// `at` is in seconds since the start.
    pub ticks: Vec<ClockTick>,
    end: f64,
}

/// A tick of the clock.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockTick {
    pub at: f64,
    pub label: String,
    /// The date under the label, where a day begins on an axis of hours.
    pub day: Option<String>,
    /// Whether a day begins here.
    pub midnight: bool,
}

/// Steps between ticks of the clock, in milliseconds.
const CLOCK_STEPS: &[u64] = &[
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    5 * DAY,
    10 * DAY,
    20 * DAY,
    50 * DAY,
    100 * DAY,
    200 * DAY,
    500 * DAY,
    1_000 * DAY,
];
const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// At most this many labels along the clock.
const CLOCK_TICKS_MAX: f64 = 10.0;

impl ClockAxis {
    /// An axis from the start to `seconds` later; a run of no length gets one second.
    pub fn new(start: &CalendarStart, seconds: f64) -> Self {
        let end = if seconds > 0.0 { seconds } else { 1.0 };
        let span = end * 1_000.0;
        let step =
            CLOCK_STEPS.iter().copied().find(|&step| span / step as f64 <= CLOCK_TICKS_MAX).unwrap_or(1_000 * DAY);
        let origin = u64::from(start.seconds_of_day) * SECOND;
        let mut ticks: Vec<ClockTick> = (origin.div_ceil(step)..)
            .map(|n| n * step)
            .take_while(|&clock| (clock - origin) as f64 <= span)
            .map(|clock| clock_tick(start, clock, origin, step))
            .collect();
        // Once a day changes on the axis, the first tick says which day it starts from.
        let changes = ticks.iter().any(|tick| tick.day.is_some());
        if let Some(first) = ticks.first_mut().filter(|_| changes) {
            first.day.get_or_insert_with(|| day_name(&start.date, 0));
        }
        ClockAxis { ticks, end }
    }

    /// Seconds from the start to the right edge.
    pub fn end(&self) -> f64 {
        self.end
    }

    /// How far along the axis the instant (seconds since the start) lies, 0 to 1.
    pub fn position(&self, seconds: f64) -> f64 {
        (seconds / self.end).clamp(0.0, 1.0)
    }
}

/// The tick at `clock`, in milliseconds since midnight of the first day.
fn clock_tick(start: &CalendarStart, clock: u64, origin: u64, step: u64) -> ClockTick {
    let midnight = clock.is_multiple_of(DAY);
    let date = day_name(&start.date, clock / DAY);
    let (h, m) = (clock % DAY / HOUR, clock % HOUR / MINUTE);
    let (s, ms) = (clock % MINUTE / SECOND, clock % SECOND);
    let label = match step {
        _ if step >= DAY => date.clone(),
        _ if step >= MINUTE => format!("{h:02}:{m:02}"),
        _ if step >= SECOND => format!("{h:02}:{m:02}:{s:02}"),
        _ => format!("{h:02}:{m:02}:{s:02}.{ms:03}").trim_end_matches('0').trim_end_matches('.').to_owned(),
    };
    ClockTick { at: (clock - origin) as f64 / 1_000.0, label, day: (midnight && step < DAY).then_some(date), midnight }
}

/// An instant in seconds since the start as the wall clock has it, on an axis of `span` seconds: with its day where there
/// are several, and with the parts of a second that a short axis tells apart.
pub fn clock_text(start: &CalendarStart, at: f64, span: f64) -> String {
    let clock = u64::from(start.seconds_of_day) * SECOND + (at * 1_000.0).round() as u64;
    let (h, m) = (clock % DAY / HOUR, clock % HOUR / MINUTE);
    let (s, ms) = (clock % MINUTE / SECOND, clock % SECOND);
    let time = if span < 20.0 { format!("{h:02}:{m:02}:{s:02}.{ms:03}") } else { format!("{h:02}:{m:02}:{s:02}") };
    let several = (u64::from(start.seconds_of_day) * SECOND + (span * 1_000.0) as u64) / DAY > 0;
    if several { format!("{} {time}", day_name(&start.date, clock / DAY)) } else { time }
}

/// The day `later` days after `date` as "Nov 28", or as "day 2" when the date is not of the form 2026-11-27.
fn day_name(date: &str, later: u64) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Some((mut year, mut month, mut day)) = parse_date(date) else {
        return format!("day {}", later + 1);
    };
    for _ in 0..later {
        day += 1;
        if day > days_in_month(year, month) {
            day = 1;
            month += 1;
        }
        if month > 12 {
            month = 1;
            year += 1;
        }
    }
    format!("{} {day}", MONTHS[month as usize - 1])
}

fn parse_date(date: &str) -> Option<(u32, u32, u32)> {
    let mut parts = date.split('-').map(|part| part.parse().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let valid = parts.next().is_none() && (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    valid.then_some((year, month, day))
}

fn days_in_month(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    fn start(seconds_of_day: u32) -> CalendarStart {
        CalendarStart { seconds_of_day, date: "2026-12-31".to_owned(), zone: "UTC-05:00".to_owned() }
    }

    fn clock(seconds_of_day: u32, seconds: f64) -> Vec<(f64, String, Option<String>)> {
        ClockAxis::new(&start(seconds_of_day), seconds)
            .ticks
            .into_iter()
            .map(|tick| (tick.at, tick.label, tick.day))
            .collect()
    }

    #[test]
    fn linear_durations_take_the_unit_and_round_steps() {
        let cases: [(f64, &str, &[&str]); 9] = [
            (0.000_012, "µs", &["0", "2", "4", "6", "8", "10", "12"]),
            (0.35, "ms", &["0", "100", "200", "300"]),
            (1.1, "s", &["0", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2"]),
            (45.0, "s", &["0", "10", "20", "30", "40", "50"]),
            (100.0, "s", &["0", "20", "40", "60", "80", "100"]),
            (2_400.0, "min", &["0", "10", "20", "30", "40"]),
            (5_400.0, "min", &["0", "15", "30", "45", "60", "75", "90"]),
            (36_000.0, "h", &["0", "2", "4", "6", "8", "10"]),
            (2_592_000.0, "d", &["0", "5", "10", "15", "20", "25", "30"]),
        ];
        for (max, unit, expected) in cases {
            let axis = duration_axis(&[max / 2.0, max], max / 2.0);
            assert_eq!(axis.unit, unit, "unit for {max}");
            assert_eq!(labels(&axis.ticks), expected, "ticks for {max}");
        }
    }

    #[test]
    fn ticks_lie_where_their_labels_say() {
        let axis = duration_axis(&[2_400.0], 2_400.0);
        let at: Vec<f64> = axis.ticks.iter().map(|tick| tick.at).collect();
        assert_eq!(at, [0.0, 600.0, 1_200.0, 1_800.0, 2_400.0]);
        // The axis ends at 2,400 s x 1.06.
        assert!((axis.position(1_272.0) - 0.5).abs() < 1e-12);
        assert_eq!(axis.position(9_999.0), 1.0);
    }

    #[test]
    fn a_long_span_goes_to_a_log_scale_of_mixed_units() {
        let axis = duration_axis(&[0.5, 2_400.0], 0.5);
        assert_eq!(axis.unit, "log scale");
        assert_eq!(labels(&axis.ticks), ["1 s", "10 s", "1 min", "10 min", "1 h"]);
        // From 0.5 s to 3600 s; 42.43 s is the geometric middle.
        assert!((axis.position(42.426_406_9) - 0.5).abs() < 1e-6);
        assert_eq!(axis.position(0.5), 0.0);
        assert_eq!(axis.position(3_600.0), 1.0);
    }

    #[test]
    fn fifty_times_the_typical_value_is_still_linear() {
        assert_eq!(duration_axis(&[0.001, 50.0], 1.0).unit, "s");
        assert_eq!(duration_axis(&[0.001, 51.0], 1.0).unit, "log scale");
    }

    #[test]
    fn zeros_have_their_own_place_below_a_log_scale() {
        let axis = duration_axis(&[0.0, 0.01, 600.0], 0.01);
        assert_eq!(axis.ticks[0].label, "0");
        assert_eq!(axis.ticks[1].label, "10 ms");
        assert_eq!(axis.position(0.0), 0.0);
        assert!(axis.position(0.01) > 0.05);
    }

    #[test]
    fn all_zero_gets_an_axis() {
        assert_eq!(labels(&duration_axis(&[0.0], 0.0).ticks), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(&count_axis(&[0.0]).ticks), ["0", "1"]);
        assert_eq!(labels(&count_axis(&[]).ticks), ["0", "1"]);
    }

    #[test]
    fn counts_have_separators_then_suffixes() {
        let cases: [(f64, &[&str]); 4] = [
            (3.0, &["0", "1", "2", "3"]),
            (940_000.0, &["0", "200,000", "400,000", "600,000", "800,000", "1,000,000"]),
            (1_000_000.0, &["0", "0.2M", "0.4M", "0.6M", "0.8M", "1.0M"]),
            (52e6, &["0", "10M", "20M", "30M", "40M", "50M"]),
        ];
        for (max, expected) in cases {
            assert_eq!(labels(&count_axis(&[max]).ticks), expected, "for {max}");
        }
    }

    #[test]
    fn nines_go_as_far_as_the_data() {
        let axis = NinesAxis::new(&[0.0, 0.5, 0.9995]);
        assert_eq!(labels(&axis.ticks), ["0%", "90%", "99%", "99.9%"]);
        assert_eq!(labels(&axis.optional), ["50%", "95%"]);
        assert_eq!(axis.position(0.0), 0.0);
        assert!((axis.position(0.9995) - 1.0).abs() < 1e-6);
        // log10(0.1) / log10(0.0005) = 1 / 3.30103
        assert!((axis.position(0.9) - 0.302_936).abs() < 1e-6);
    }

    #[test]
    fn the_maximum_has_a_tick_of_its_own() {
        let axis = NinesAxis::new(&[0.0, 0.99, 1.0]);
        assert_eq!(labels(&axis.ticks), ["0%", "90%", "99%", "max"]);
        assert_eq!(axis.position(1.0), 1.0);
        assert!(axis.position(0.99) < 0.9);
    }

    #[test]
    fn nines_reach_five_exactly() {
        let axis = NinesAxis::new(&[0.999_99]);
        assert_eq!(labels(&axis.ticks), ["0%", "90%", "99%", "99.9%", "99.99%", "99.999%"]);
        assert!((axis.position(0.9) - 0.2).abs() < 1e-6);
    }

    #[test]
    fn the_clock_ticks_on_round_times_of_day() {
        let ticks = clock(12 * 3_600 + 50 * 60, 3_600.0);
        let labels: Vec<&str> = ticks.iter().map(|(_, label, _)| label.as_str()).collect();
        assert_eq!(labels, ["12:50", "13:00", "13:10", "13:20", "13:30", "13:40", "13:50"]);
        assert_eq!(ticks[1].0, 600.0);
    }

    #[test]
    fn a_short_run_shows_seconds_and_less() {
        let ten = clock(13 * 3_600, 10.0);
        assert_eq!(ten.len(), 11);
        assert_eq!(ten[10].1, "13:00:10");
        let tenth = clock(13 * 3_600, 0.1);
        assert_eq!(tenth[0].1, "13:00:00");
        assert_eq!(tenth[1].1, "13:00:00.01");
    }

    #[test]
    fn a_new_day_is_marked_across_the_year() {
        let ticks = clock(22 * 3_600, 4.0 * 3_600.0);
        let days: Vec<(&str, Option<&str>)> =
            ticks.iter().map(|(_, label, day)| (label.as_str(), day.as_deref())).collect();
        assert_eq!(days[0], ("22:00", Some("Dec 31")));
        assert_eq!(days[4], ("00:00", Some("Jan 1")));
        assert_eq!(days[5], ("00:30", None));
    }

    #[test]
    fn a_month_is_labelled_by_days() {
        let ticks = clock(13 * 3_600, 30.0 * 86_400.0);
        let labels: Vec<&str> = ticks.iter().map(|(_, label, _)| label.as_str()).collect();
        assert_eq!(labels, ["Jan 5", "Jan 10", "Jan 15", "Jan 20", "Jan 25", "Jan 30"]);
    }

    #[test]
    fn dates_follow_the_calendar() {
        assert_eq!(day_name("2028-02-28", 1), "Feb 29");
        assert_eq!(day_name("2027-02-28", 1), "Mar 1");
        assert_eq!(day_name("2100-02-28", 1), "Mar 1");
        assert_eq!(day_name("2026-11-27", 400), "Jan 1");
        assert_eq!(day_name("day zero", 2), "day 3");
        assert_eq!(day_name("2026-13-01", 0), "day 1");
    }
}
