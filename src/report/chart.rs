//! Charts for the report, as SVG and PNG: percentiles of durations, backlog over the time of day, and what a sweep shows as
//! curves over the values of one field or as heat maps over those of two.
//!
//! Plain data in, bytes out: the same data gives the same bytes on every machine, and no font or library of the
//! system is used. Not here: statistics of any kind, and interactive charts.

mod axis;
mod backlog;
mod curves;
mod heat;
mod multiples;
mod page;
mod percentile;
mod scene;
mod text;

#[cfg(test)]
mod tests;

pub use scene::{PNG_HEIGHT, PNG_WIDTH};
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
}

/// Backlog over the time of day, with the instant it drains.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BacklogChart {
    pub title: String,
    pub subtitle: String,
    /// The time of day at 0 seconds.
    pub start: CalendarStart,
    /// Up to eight have colours of their own.
    pub lines: Vec<BacklogLine>,
    /// When all is sent, in seconds since the start, and what to say there.
    pub drain: Option<(f64, String)>,
    /// Other instants, in seconds since the start, and what happens then.
    pub markers: Vec<(f64, String)>,
}

/// One line of a [`BacklogChart`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BacklogLine {
    pub label: String,
    /// Seconds since the start, ascending, and segments. What is not finite is left out.
    pub points: Vec<(f64, f64)>,
    /// Seconds since the start, ascending, with the lower and upper edge of a shaded band in segments.
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

/// What a value in a chart of a sweep is.
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
}

/// One panel of a [`HeatChart`].
#[derive(Clone, Debug, PartialEq)]
pub struct HeatPanel {
    pub title: String,
    /// Row by row.
    pub values: Vec<Option<f64>>,
    /// The same for people.
    pub texts: Vec<String>,
}

impl CurvesChart {
    /// The chart as an SVG document that may stand alone or in an HTML page.
    pub fn svg(&self) -> String {
        curves::scene(self).svg(&self.title)
    }

    /// The chart as a PNG of [`PNG_WIDTH`] pixels across, as tall as its panels need.
    pub fn png(&self) -> Vec<u8> {
        curves::scene(self).png()
    }
}

impl HeatChart {
    /// The chart as an SVG document that may stand alone or in an HTML page.
    pub fn svg(&self) -> String {
        heat::scene(self).svg(&self.title)
    }

    /// The chart as a PNG of [`PNG_WIDTH`] pixels across, as tall as its panels need.
    pub fn png(&self) -> Vec<u8> {
        heat::scene(self).png()
    }
}

impl PercentileChart {
    /// The chart as an SVG document that may stand alone or in an HTML page.
    pub fn svg(&self) -> String {
        percentile::scene(self).svg(&self.title)
    }

    /// The chart as a PNG of [`PNG_WIDTH`] x [`PNG_HEIGHT`] pixels.
    pub fn png(&self) -> Vec<u8> {
        percentile::scene(self).png()
    }
}

impl BacklogChart {
    /// The chart as an SVG document that may stand alone or in an HTML page.
    pub fn svg(&self) -> String {
        backlog::scene(self).svg(&self.title)
    }

    /// The chart as a PNG of [`PNG_WIDTH`] x [`PNG_HEIGHT`] pixels.
    pub fn png(&self) -> Vec<u8> {
        backlog::scene(self).png()
    }
}
