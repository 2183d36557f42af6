//! Small multiples: where the panels of a page stand, what heads them, and the axis of the values that were varied.
//!
//! Not here: what is drawn in a panel.

use super::axis::{ValueAxis, count_axis, dollar_axis, duration_axis, share_axis};
use super::page::{self, AXIS, Frame, GRID, INK, LABEL, MARGIN, ROW, SOFT, TICK};
use super::scene::{Align, Color, Scene, WIDTH};
use super::text::{self, Weight};
use super::{Quantity, percentile};
use crate::report::words;

/// Space between two panels side by side.
const GUTTER: f64 = 26.0;
/// Space below the last row of panels, for the title of the axis.
const FOOT: f64 = 22.0;
/// A longer span, largest by smallest, is drawn on a log scale.
const LINEAR_SPAN_MAX: f64 = 19.0;

/// Least and greatest height of panels that stand one below the other, without what heads them and stands below.
const STACKED: (f64, f64) = (66.0, 288.0);
/// What heads such a panel, and its labels.
const STACKED_AROUND: f64 = 66.0;

/// Where the panels of a page stand.
pub struct Layout {
    columns: usize,
    rows: usize,
    row_height: f64,
    top: f64,
}

impl Layout {
    /// Panels in two columns below `top`, or a single one across the page.
    pub fn new(panels: usize, top: f64) -> Layout {
        let columns = panels.clamp(1, 2);
        let rows = panels.div_ceil(columns).max(1);
        let row_height = match rows {
            1 => 330.0,
            2 => 250.0,
            _ => 216.0,
        };
        Layout { columns, rows, row_height, top }
    }

    /// Panels across the page, one below the other, each with so many rows of `row` units if there is room.
    pub fn stacked(panels: usize, top: f64, rows: usize, row: f64) -> Layout {
        let row_height = (rows as f64 * row).clamp(STACKED.0, STACKED.1) + STACKED_AROUND;
        Layout { columns: 1, rows: panels.max(1), row_height, top }
    }

    /// The height of the page in units.
    pub fn page_height(&self) -> u32 {
        (self.top + self.row_height * self.rows as f64 + FOOT).ceil() as u32
    }

    /// The rectangle of a panel with its heading and ticks.
    pub fn panel(&self, index: usize) -> Frame {
        let width = (WIDTH - 2.0 * MARGIN - GUTTER * (self.columns - 1) as f64) / self.columns as f64;
        let left = MARGIN + (width + GUTTER) * (index % self.columns) as f64;
        let top = self.top + self.row_height * (index / self.columns) as f64;
        Frame { left, top, right: left + width, bottom: top + self.row_height }
    }

    /// Writes what is varied at the foot of the page.
    pub fn foot(&self, scene: &mut Scene, title: &str) {
        let title = text::fit(title, TICK, Weight::Regular, WIDTH - 2.0 * MARGIN);
        let at = (WIDTH / 2.0, f64::from(self.page_height()) - 18.0);
        scene.text(at, &title, TICK, Align::Center, SOFT);
    }
}

/// Heads a panel with its title and, if it needs one, its own legend; returns how far down they reach.
pub fn panel_heading(scene: &mut Scene, panel: &Frame, title: &str, legend: &[(&str, Color)]) -> f64 {
    let title = text::fit(title, LABEL, Weight::Bold, panel.right - panel.left);
    let baseline = panel.top + ROW;
    scene.bold_text((panel.left, baseline), &title, LABEL, Align::Left, INK);
    page::legend_between(scene, legend, (panel.left, panel.right), baseline + 2.0)
}

impl Quantity {
    /// The y axis of these values.
    pub fn axis(self, values: &[f64]) -> ValueAxis {
        match self {
            Quantity::Seconds => {
                let least = values.iter().copied().filter(|value| *value > 0.0).fold(f64::INFINITY, f64::min);
                duration_axis(values, least)
            }
            Quantity::Share => share_axis(values),
            Quantity::Count => count_axis(values),
            Quantity::Dollars => dollar_axis(values),
        }
    }

    /// A value as people write it.
    pub fn text(self, value: f64) -> String {
        match self {
            Quantity::Seconds => words::seconds(value),
            Quantity::Share => words::percent(value),
            Quantity::Count => words::count(value.round()),
            Quantity::Dollars => words::dollars(value),
        }
    }
}

/// The axis of what was varied: a scale of numbers where the values are numbers that grow, else a place for each.
pub struct VariedAxis {
    labels: Vec<String>,
    /// From 0 to 1.
    places: Vec<f64>,
    /// Which labels are written first where there is no room for all.
    ranks: Vec<u32>,
}

impl VariedAxis {
    /// The axis of these values, as written.
    pub fn new(values: &[String]) -> VariedAxis {
        let numbers = numbers(values).filter(|numbers| numbers.windows(2).all(|pair| pair[0] < pair[1]));
        let last = values.len().saturating_sub(1);
        let even = |index: usize| if last == 0 { 0.5 } else { index as f64 / last as f64 };
        let Some(numbers) = numbers.filter(|numbers| numbers.len() > 1) else {
            return VariedAxis {
                labels: values.to_vec(),
                places: (0..values.len()).map(even).collect(),
                ranks: vec![0; values.len()],
            };
        };
        let (first, end) = (numbers[0], numbers[last]);
        let is_log = first > 0.0 && end / first > LINEAR_SPAN_MAX;
        let at = |number: f64| if is_log { libm::log10(number) } else { number };
        let place = |number: &f64| (at(*number) - at(first)) / (at(end) - at(first));
        VariedAxis {
            labels: values.to_vec(),
            places: numbers.iter().map(place).collect(),
            ranks: (0..=last).map(|index| if index == 0 || index == last { 0 } else { rank(numbers[index]) }).collect(),
        }
    }

    /// How far along a plot a value stands, 0 to 1: a little inside at both ends.
    pub fn position(&self, index: usize) -> f64 {
        0.025 + 0.95 * self.places[index]
    }

    /// Writes the values below a plot, as many as there is room for.
    pub fn draw(&self, scene: &mut Scene, frame: &Frame) {
        let mut order: Vec<usize> = (0..self.labels.len()).collect();
        order.sort_by_key(|index| self.ranks[*index]);
        let room = (frame.right - frame.left) / 3.0;
        let fitted: Vec<String> =
            self.labels.iter().map(|label| text::fit(label, TICK, Weight::Regular, room)).collect();
        let x = |index: usize| frame.at(self.position(index), 0.0).0;
        let places: Vec<(f64, f64)> =
            order.iter().map(|&index| (x(index), text::width(&fitted[index], TICK, Weight::Regular))).collect();
        for (&index, shown) in order.iter().zip(page::without_overlap(&places, 7.0)) {
            if shown {
                let foot = frame.at(self.position(index), 0.0);
                scene.line(vec![foot, (foot.0, frame.top)], 0.8, GRID);
                scene.line(vec![foot, (foot.0, foot.1 + 4.0)], 1.0, AXIS);
                scene.text((foot.0, foot.1 + 17.0), &fitted[index], TICK, Align::Center, SOFT);
            }
        }
    }
}

/// The values as numbers, if all are numbers of one unit.
fn numbers(values: &[String]) -> Option<Vec<f64>> {
    let parts = |value: &String| {
        let end = value.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(value.len());
        let number = value[..end].parse::<f64>().ok()?;
        Some((number, value[end..].trim().to_owned()))
    };
    let parts: Vec<(f64, String)> = values.iter().map(parts).collect::<Option<_>>()?;
    let one_unit = parts.windows(2).all(|pair| pair[0].1 == pair[1].1);
    one_unit.then(|| parts.into_iter().map(|(number, _)| number).collect())
}

/// How round a number is: powers of ten, then twice and five times one, then other tens, then the rest.
fn rank(number: f64) -> u32 {
    let power = libm::pow(10.0, libm::floor(libm::log10(number.abs().max(f64::MIN_POSITIVE))));
    let mantissa = number / power;
    let is = |value: f64| (mantissa - value).abs() < 1e-9;
    match () {
        () if is(1.0) => 0,
        () if is(2.0) || is(5.0) => 1,
        () if (mantissa - mantissa.round()).abs() < 1e-9 => 2,
        () => 3,
    }
}

/// Draws the grid and the ticks of a panel and returns its frame.
pub fn panel_axes(scene: &mut Scene, panel: &Frame, top: f64, x: &VariedAxis, y: &ValueAxis) -> Frame {
    let frame = Frame {
        left: panel.left + percentile::tick_width(&y.ticks) + 8.0,
        top: top + 12.0,
        right: panel.right - 4.0,
        bottom: panel.bottom - 34.0,
    };
    x.draw(scene, &frame);
    percentile::value_axis(scene, &frame, y);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(values: &[&str]) -> Vec<f64> {
        VariedAxis::new(&values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>()).places
    }

    #[test]
    fn numbers_stand_on_a_scale_and_words_side_by_side() {
        assert_eq!(places(&["0", "5", "20"]), [0.0, 0.25, 1.0]);
        assert_eq!(places(&["10m", "15m", "30m"]), [0.0, 0.25, 1.0], "numbers of one unit");
        let log = places(&["1", "10", "100"]);
        assert!((log[1] - 0.5).abs() < 1e-12, "a long span is drawn by powers: {log:?}");
        assert_eq!(places(&["5", "20", "0"]), [0.0, 0.5, 1.0], "what does not grow keeps its order");
        assert_eq!(places(&["10s", "5m"]), [0.0, 1.0]);
        assert_eq!(places(&["earliest", "first", "random"]), [0.0, 0.5, 1.0]);
        assert_eq!(places(&["7"]), [0.5]);
    }

    #[test]
    fn rounder_numbers_come_first() {
        assert_eq!([100.0, 20.0, 0.5, 30.0, 17.0].map(rank), [0, 1, 1, 2, 3]);
    }

    #[test]
    fn panels_fill_rows_of_two() {
        let layout = Layout::new(5, 100.0);
        assert_eq!(layout.page_height(), 100 + 3 * 216 + 22);
        let (first, second, third) = (layout.panel(0), layout.panel(1), layout.panel(2));
        assert_eq!((first.left, second.right), (MARGIN, WIDTH - MARGIN));
        assert_eq!(second.left - first.right, GUTTER);
        assert_eq!((third.left, third.top), (first.left, first.bottom));
        let one = Layout::new(1, 100.0).panel(0);
        assert_eq!((one.left, one.right), (MARGIN, WIDTH - MARGIN));
    }
}
