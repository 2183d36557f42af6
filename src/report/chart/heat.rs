//! Draws a [`HeatChart`]: a field for each combination of two values, the darker the larger.

use super::multiples::{Layout, panel_heading};
use super::page::{self, Frame, GROUND, INK, SHADE, SOFT, TICK};
use super::scene::{Align, Color, Item, Mark, Point, Scene};
use super::text::{self, Weight};
use super::{HeatChart, HeatPanel};

/// How opaque the lightest shade is: a ramp of one hue, whose steps differ in lightness for everyone.
const LIGHTEST: f64 = 0.07;
/// The frame around the best field.
const BEST: Color = (213, 94, 0);
/// A longer span, largest by smallest, is coloured by powers.
const LINEAR_SPAN_MAX: f64 = 50.0;
/// Height of a row of a map over time, if there is room.
const ROW_HEIGHT: f64 = 24.0;
/// Width and number of the steps of a scale of shades.
const SCALE: (f64, usize) = (16.0, 6);
/// Size of the texts in the fields.
const FIELD: f64 = 10.5;

pub fn scene(chart: &HeatChart) -> Scene {
    let top = page::heading(&mut Scene::default(), &chart.title, &chart.subtitle);
    let layout = match chart.is_linear {
        true => Layout::stacked(chart.panels.len(), top, chart.rows.len(), ROW_HEIGHT),
        false => Layout::new(chart.panels.len(), top),
    };
    let mut scene = Scene::of_height(layout.page_height());
    page::heading(&mut scene, &chart.title, &chart.subtitle);
    for (index, panel) in chart.panels.iter().enumerate() {
        draw_panel(&mut scene, &layout.panel(index), chart, panel);
    }
    layout.foot(&mut scene, &format!("across: {}; down: {}", chart.x_title, chart.y_title));
    scene
}

fn draw_panel(scene: &mut Scene, panel_frame: &Frame, chart: &HeatChart, panel: &HeatPanel) {
    let top = panel_heading(scene, panel_frame, &panel.title, &[]);
    let room = (panel_frame.right - panel_frame.left) / 3.0;
    let fit = |labels: &[String]| -> Vec<String> {
        labels.iter().map(|label| text::fit(label, TICK, Weight::Regular, room)).collect()
    };
    let (columns, rows) = (fit(&chart.columns), fit(&chart.rows));
    let widest = rows.iter().map(|label| text::width(label, TICK, Weight::Regular)).fold(0.0, f64::max);
    let frame = Frame {
        left: panel_frame.left + widest + 8.0,
        top: top + 6.0,
        right: panel_frame.right,
        bottom: panel_frame.bottom - 34.0,
    };
    let field = Field { frame, columns: columns.len() as f64, rows: rows.len() as f64 };
    let mut shades = Shades::of(&panel.values, chart.is_linear);
    if let Some((most, text)) = &panel.darkest {
        shades.most = *most;
        draw_scale(scene, panel_frame.right, top - 2.0, text);
    }
    for (index, value) in panel.values.iter().enumerate() {
        // Where shades begin at zero, nothing is as white as the ground.
        if chart.is_linear && value.is_none() {
            continue;
        }
        let corners = field.corners(index % columns.len(), index / columns.len());
        let shade = value.map(|value| shades.of_value(value));
        let (row, column) = (&chart.rows[index / columns.len()], &chart.columns[index % columns.len()]);
        let tip = match column.as_str() {
            "" => format!("{row}, {}", panel.texts[index]),
            _ if chart.is_linear => format!("{row}, {}", panel.texts[index]),
            column => format!("{row}, {column}: {}", panel.texts[index]),
        };
        let (color, opacity) = shade.map_or((GROUND, 1.0), |shade| (SHADE, LIGHTEST + (1.0 - LIGHTEST) * shade));
        scene.marked(Mark::Tip(tip), |scene| {
            scene.items.push(Item::Area { points: corners.to_vec(), color, opacity });
        });
        draw_value(scene, &field, index, columns.len(), &panel.texts[index], shade);
    }
    if let Some((column, row)) = chart.best {
        let [a, b, c, d] = field.corners(column, row);
        scene.line(vec![a, b, c, d, a], 2.6, BEST);
    }
    draw_labels(scene, &field, &columns, &rows);
}

/// Draws from left to right what shades mean, from nothing to the darkest, and ends at `right`.
fn draw_scale(scene: &mut Scene, right: f64, baseline: f64, darkest: &str) {
    let (width, steps) = SCALE;
    scene.text((right, baseline), darkest, TICK, Align::Right, SOFT);
    let end = right - text::width(darkest, TICK, Weight::Regular) - 6.0;
    let begin = end - width * steps as f64;
    for step in 0..steps {
        let left = begin + width * step as f64;
        let opacity = LIGHTEST + (1.0 - LIGHTEST) * step as f64 / (steps - 1) as f64;
        let (top, foot) = (baseline - TICK * 0.8, baseline + TICK * 0.1);
        let points = vec![(left, top), (left + width, top), (left + width, foot), (left, foot)];
        scene.items.push(Item::Area { points, color: SHADE, opacity });
    }
    scene.text((begin - 6.0, baseline), "0", TICK, Align::Right, SOFT);
}

/// Writes a value into its field if there is room.
fn draw_value(scene: &mut Scene, field: &Field, index: usize, columns: usize, value: &str, shade: Option<f64>) {
    let (width, height) = field.size();
    if text::width(value, FIELD, Weight::Regular) > width - 4.0 || height < FIELD + 3.0 {
        return;
    }
    let corners = field.corners(index % columns, index / columns);
    let center = ((corners[0].0 + corners[2].0) / 2.0, (corners[0].1 + corners[2].1) / 2.0 + FIELD * 0.36);
    let color = if shade.is_some_and(|shade| shade > 0.5) { GROUND } else { INK };
    scene.text(center, value, FIELD, Align::Center, color);
}

/// Writes the values that were varied below and beside the fields, as many as there is room for.
fn draw_labels(scene: &mut Scene, field: &Field, columns: &[String], rows: &[String]) {
    let center = |column: usize, row: usize| {
        let corners = field.corners(column, row);
        ((corners[0].0 + corners[2].0) / 2.0, (corners[0].1 + corners[2].1) / 2.0)
    };
    // A column without label needs no room for it.
    let labels: Vec<(&String, f64)> = (columns.iter().enumerate())
        .filter(|(_, label)| !label.is_empty())
        .map(|(column, label)| (label, center(column, 0).0))
        .collect();
    let widths: Vec<(f64, f64)> =
        labels.iter().map(|(label, x)| (*x, text::width(label, TICK, Weight::Regular))).collect();
    for ((label, x), shown) in labels.iter().zip(page::without_overlap(&widths, 6.0)) {
        if shown {
            scene.text((*x, field.frame.bottom + 16.0), label, TICK, Align::Center, SOFT);
        }
    }
    let heights: Vec<(f64, f64)> = (0..rows.len()).map(|row| (center(0, row).1, TICK)).collect();
    for ((label, (y, _)), shown) in rows.iter().zip(&heights).zip(page::without_overlap(&heights, 1.0)) {
        if shown {
            scene.text((field.frame.left - 6.0, y + TICK * 0.35), label, TICK, Align::Right, SOFT);
        }
    }
}

/// A rectangle cut into fields.
struct Field {
    frame: Frame,
    columns: f64,
    rows: f64,
}

impl Field {
    fn size(&self) -> (f64, f64) {
        ((self.frame.right - self.frame.left) / self.columns, (self.frame.bottom - self.frame.top) / self.rows)
    }

    /// The corners of a field, clockwise from the upper left.
    fn corners(&self, column: usize, row: usize) -> [Point; 4] {
        let (width, height) = self.size();
        let (left, top) = (self.frame.left + width * column as f64, self.frame.top + height * row as f64);
        [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
    }
}

/// How values become shades.
struct Shades {
    least: f64,
    most: f64,
    is_log: bool,
}

impl Shades {
    fn of(values: &[Option<f64>], is_linear: bool) -> Shades {
        let known = || values.iter().flatten().copied();
        let (least, most) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
        if is_linear {
            return Shades { least: 0.0, most, is_log: false };
        }
        Shades { least, most, is_log: least > 0.0 && most / least > LINEAR_SPAN_MAX }
    }

    /// From 0, the lightest, to 1.
    fn of_value(&self, value: f64) -> f64 {
        let at = |value: f64| if self.is_log { libm::log10(value) } else { value };
        let span = at(self.most) - at(self.least);
        if span > 0.0 { ((at(value) - at(self.least)) / span).clamp(0.0, 1.0) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_follow_the_values_and_long_spans_their_powers() {
        let shades = Shades::of(&[Some(10.0), None, Some(20.0), Some(30.0)], false);
        assert_eq!([10.0, 20.0, 30.0].map(|value| shades.of_value(value)), [0.0, 0.5, 1.0]);
        let shades = Shades::of(&[Some(1.0), Some(100.0)], false);
        assert!((shades.of_value(10.0) - 0.5).abs() < 1e-12);
        assert_eq!(Shades::of(&[Some(7.0)], false).of_value(7.0), 0.0);
    }
}
