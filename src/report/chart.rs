//! Charts for the report, as SVG, as PNG and as part of a page: percentiles of durations, levels and rates over the time of
//! day, bars of parts that add up, and what a sweep shows as curves over the values of one field or as heat maps over those
//! of two.
//!
//! Plain data in, bytes out: the same data gives the same bytes on every machine, and no font or library of the
//! system is used. Not here: statistics of any kind, and the scripts of a page.

mod axis;
mod bars;
mod curves;
mod heat;
mod inline;
mod multiples;
mod page;
mod percentile;
mod scene;
mod text;
mod time;

#[cfg(test)]
mod tests;

use scene::Scene;

pub use inline::Inline;
pub use scene::{PNG_HEIGHT, PNG_WIDTH, escape};
pub use text::{BOLD as FONT_BOLD, REGULAR as FONT_REGULAR};

/// Durations by percentile: each nine of the percentile takes the same room, so that the tail can be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PercentileChart {
    pub title: String,
    pub subtitle: String,
    /// Up to eight have colours of their own.
    pub curves: Vec<Curve>,
    /// Promises to be kept: seconds, and what is promised.
    pub limit_lines: Vec<(f64, String)>,
}

/// One curve of a [`PercentileChart`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    pub label: String,
    /// Quantile from 0 to 1 (1 is the maximum) and seconds, both never falling. What is not finite is left out.
    pub points: Vec<(f64, f64)>,
    /// Quantile, and the lower and upper end in seconds of an interval there. What is not finite is left out.
    pub intervals: Vec<(f64, f64, f64)>,
}

/// What is drawn over the time of day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeQuantity {
    /// Segments.
    #[default]
    Backlog,
    /// Segments a second.
    SegmentRate,
    /// Messages a second.
    MessageRate,
}

/// A level or rates over the time of day, with instants such as that of the drain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeChart {
    pub title: String,
    pub subtitle: String,
    pub quantity: TimeQuantity,
    /// The time of day at 0 seconds.
    pub start: CalendarStart,
    /// Up to eight have colours of their own.
    pub lines: Vec<TimeLine>,
    /// Values not to be passed, and what they are.
    pub limits: Vec<(f64, String)>,
    /// When all is sent, in seconds since the start, and what to say there.
    pub drain: Option<(f64, String)>,
    /// Other instants, in seconds since the start, and what happens then.
    pub markers: Vec<(f64, String)>,
}

/// One line of a [`TimeChart`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeLine {
    pub label: String,
    /// Seconds since the start, ascending, and the value. What is not finite is left out.
    pub points: Vec<(f64, f64)>,
    /// Seconds since the start, ascending, with the lower and upper edge of a shaded band.
    pub band: Option<Vec<(f64, f64, f64)>>,
}

/// The wall clock at the start of a run. The axis keeps its offset and knows no change of clocks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CalendarStart {
    /// Seconds since local midnight of the first day.
    pub seconds_of_day: u32,
    /// The first day, as in 2026-11-27.
    pub date: String,
    /// The zone, as in UTC-05:00.
    pub zone: String,
}

impl CalendarStart {
    /// The wall clock `seconds` after the start, on an axis of `span` seconds.
    pub fn text(&self, seconds: f64, span: f64) -> String {
        axis::clock_text(self, seconds, span)
    }

    /// Labels for `steps` steps of `span` seconds: round times at the steps that hold them, and nothing at the others.
    pub fn labels(&self, steps: usize, span: f64) -> Vec<String> {
        let mut labels = vec![String::new(); steps];
        for tick in axis::ClockAxis::new(self, steps as f64 * span).ticks {
            if let Some(label) = labels.get_mut((tick.at / span) as usize) {
                *label = tick.day.map_or_else(|| tick.label.clone(), |day| format!("{day} {}", tick.label));
            }
        }
        labels
    }
}

/// What a value in a chart of bars or of a sweep is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    Seconds,
    /// From 0 to 1.
    Share,
    Count,
    Dollars,
}

/// Curves over the values of one field, a panel for each kind of number.
#[derive(Clone, Debug, PartialEq)]
pub struct CurvesChart {
    pub title: String,
    pub subtitle: String,
    /// What was varied.
    pub x_title: String,
    /// The values it took, as written. Numbers that grow stand on a scale.
    pub values: Vec<String>,
    pub panels: Vec<CurvesPanel>,
}

/// One panel of a [`CurvesChart`].
#[derive(Clone, Debug, PartialEq)]
pub struct CurvesPanel {
    pub title: String,
    pub quantity: Quantity,
    /// Up to eight have colours of their own.
    pub curves: Vec<VariedCurve>,
    /// Whether the highest point of each curve is marked.
    pub mark_highest: bool,
}

/// One curve of a [`CurvesPanel`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VariedCurve {
    pub label: String,
    /// One for each value, finite and not negative.
    pub points: Vec<Option<f64>>,
    /// Lower and upper edge of a shaded band, one for each value.
    pub bands: Vec<Option<(f64, f64)>>,
    /// What is to be told from the curve, such as what was found in truth.
    pub rings: Vec<Ring>,
}

/// A ring at a value of a [`VariedCurve`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ring {
    /// Index of the value.
    pub at: usize,
    /// How high it stands, finite and not negative.
    pub value: f64,
    /// What stands beside it if there is room.
    pub label: String,
}

/// A map of fields over the values of two fields of a scenario, a panel for each number.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatChart {
    pub title: String,
    pub subtitle: String,
    pub x_title: String,
    pub y_title: String,
    /// Values from left to right.
    pub columns: Vec<String>,
    /// Values from top to bottom.
    pub rows: Vec<String>,
    pub panels: Vec<HeatPanel>,
    /// Column and row of the field to frame.
    pub best: Option<(usize, usize)>,
    /// Whether shades follow the values themselves however far they lie apart, from zero on, and panels take the whole width
    /// one below the other: for what is drawn over time.
    pub is_linear: bool,
}

/// One panel of a [`HeatChart`].
#[derive(Clone, Debug, PartialEq)]
pub struct HeatPanel {
    pub title: String,
    /// Row by row.
    pub values: Vec<Option<f64>>,
    /// The same for people.
    pub texts: Vec<String>,
    /// What the darkest shade stands for where shades are linear, and how that reads; else it is the largest value.
    pub darkest: Option<(f64, String)>,
}

/// Bars made of parts that add up, one a row.
#[derive(Clone, Debug, PartialEq)]
pub struct BarsChart {
    pub title: String,
    pub subtitle: String,
    /// What the length of a bar is.
    pub x_title: String,
    pub quantity: Quantity,
    /// What the parts are; up to eight have colours of their own.
    pub parts: Vec<String>,
    pub rows: Vec<BarsRow>,
}

/// One row of a [`BarsChart`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BarsRow {
    pub label: String,
    /// One for each part, finite and not negative.
    pub values: Vec<f64>,
    /// What stands behind the bar.
    pub text: String,
}

/// A chart of any kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Chart {
    Percentile(PercentileChart),
    Time(TimeChart),
    Bars(BarsChart),
    Curves(CurvesChart),
    Heat(HeatChart),
}

impl Chart {
    /// The chart as an SVG document that may stand alone.
    pub fn svg(&self) -> String {
        self.scene().svg(self.title())
    }

    /// The chart as a PNG of [`PNG_WIDTH`] pixels across: [`PNG_HEIGHT`] high, or as its rows and panels need.
    pub fn png(&self) -> Vec<u8> {
        self.scene().png()
    }

    /// The chart as part of a page, in which `id` is unique.
    pub fn inline(&self, id: &str) -> Inline {
        inline::inline(&self.scene(), id, self.title())
    }

    /// What it shows.
    pub fn title(&self) -> &str {
        match self {
            Chart::Percentile(chart) => &chart.title,
            Chart::Time(chart) => &chart.title,
            Chart::Bars(chart) => &chart.title,
            Chart::Curves(chart) => &chart.title,
            Chart::Heat(chart) => &chart.title,
        }
    }

    fn scene(&self) -> Scene {
        match self {
            Chart::Percentile(chart) => percentile::scene(chart),
            Chart::Time(chart) => time::scene(chart),
            Chart::Bars(chart) => bars::scene(chart),
            Chart::Curves(chart) => curves::scene(chart),
            Chart::Heat(chart) => heat::scene(chart),
        }
    }
}
