//! Draws a [`BarsChart`]: a bar for each row, made of parts that add up.

use super::axis::{ValueAxis, count_axis, dollar_axis, share_axis, sum_axis};
use super::page::{self, AXIS, Frame, GRID, INK, LABEL, MARGIN, SOFT, TICK};
use super::scene::{Align, Item, Mark, Scene, WIDTH};
use super::text::{self, Weight};
use super::{BarsChart, BarsRow, Quantity};

/// Room for a row, and how much of it its bar fills.
const ROW: f64 = 27.0;
const BAR: f64 = 17.0;
/// Below the rows: ticks and the title of the axis.
const FOOT: f64 = 52.0;
/// Names of rows have no more room than this.
const NAME_MAX: f64 = 270.0;
/// What stands behind the bars has no more room than this.
const TEXT_MAX: f64 = 230.0;

pub fn scene(chart: &BarsChart) -> Scene {
    // The heading is drawn twice: once to learn how much room it takes, which the height of the page depends on.
    let top = heading(&mut Scene::default(), chart);
    if chart.rows.iter().all(|row| row.values.iter().all(|value| *value <= 0.0)) {
        let mut scene = Scene::default();
        page::heading(&mut scene, &chart.title, &chart.subtitle);
        page::no_data(&mut scene);
        return scene;
    }
    let bottom = top + 12.0 + ROW * chart.rows.len() as f64;
    let mut scene = Scene::of_height((bottom + FOOT).ceil() as u32);
    heading(&mut scene, chart);
    let widest = |texts: &mut dyn Iterator<Item = &String>, weight, most: f64| {
        texts.map(|text| text::width(text, LABEL, weight)).fold(0.0, f64::max).min(most)
    };
    let names = widest(&mut chart.rows.iter().map(|row| &row.label), Weight::Regular, NAME_MAX);
    let texts = widest(&mut chart.rows.iter().map(|row| &row.text), Weight::Bold, TEXT_MAX);
    let frame = Frame {
        left: MARGIN + names + 10.0,
        top: top + 8.0,
        right: WIDTH - MARGIN - texts - 10.0,
        bottom: bottom + 4.0,
    };
    let axis = axis(chart);
    draw_axis(&mut scene, &frame, &axis, chart);
    for (index, row) in chart.rows.iter().enumerate() {
        draw_row(&mut scene, &frame, &axis, chart, row, frame.top + ROW * (index as f64 + 0.5));
    }
    scene
}

fn heading(scene: &mut Scene, chart: &BarsChart) -> f64 {
    let top = page::heading(scene, &chart.title, &chart.subtitle);
    let entries: Vec<_> =
        chart.parts.iter().enumerate().map(|(part, name)| (name.as_str(), page::color(part))).collect();
    page::legend(scene, &entries, top)
}

/// Sums never stand on a log scale: half of a bar would not be half of it.
fn axis(chart: &BarsChart) -> ValueAxis {
    let sums: Vec<f64> = chart.rows.iter().map(|row| row.values.iter().sum()).collect();
    match chart.quantity {
        Quantity::Seconds => sum_axis(&sums),
        Quantity::Share => share_axis(&sums),
        Quantity::Count => count_axis(&sums),
        Quantity::Dollars => dollar_axis(&sums),
    }
}

fn draw_axis(scene: &mut Scene, frame: &Frame, axis: &ValueAxis, chart: &BarsChart) {
    let places: Vec<(f64, f64)> = (axis.ticks.iter())
        .map(|tick| (frame.at(axis.position(tick.at), 0.0).0, text::width(&tick.label, TICK, Weight::Regular)))
        .collect();
    for ((tick, (x, _)), shown) in axis.ticks.iter().zip(&places).zip(page::without_overlap(&places, 8.0)) {
        scene.line(vec![(*x, frame.top), (*x, frame.bottom)], 0.8, GRID);
        if shown {
            scene.text((*x, frame.bottom + 16.0), &tick.label, TICK, Align::Center, SOFT);
        }
    }
    scene.line(vec![(frame.left, frame.top), (frame.left, frame.bottom)], 1.2, AXIS);
    let title = if axis.unit.is_empty() { chart.x_title.clone() } else { format!("{} ({})", chart.x_title, axis.unit) };
    let middle = (frame.left + frame.right) / 2.0;
    scene.text((middle, frame.bottom + 36.0), &title, TICK, Align::Center, SOFT);
}

fn draw_row(scene: &mut Scene, frame: &Frame, axis: &ValueAxis, chart: &BarsChart, row: &BarsRow, middle: f64) {
    let baseline = middle + LABEL * 0.35;
    let name = text::fit(&row.label, LABEL, Weight::Regular, NAME_MAX);
    scene.text((frame.left - 8.0, baseline), &name, LABEL, Align::Right, INK);
    let (top, bottom) = (middle - BAR / 2.0, middle + BAR / 2.0);
    let mut sum = 0.0;
    for (part, value) in row.values.iter().enumerate().filter(|(_, value)| **value > 0.0) {
        let left = frame.at(axis.position(sum), 0.0).0;
        sum += value;
        // A part that is there is never too thin to be seen.
        let right = frame.at(axis.position(sum), 0.0).0.max(left + 0.6);
        let points = vec![(left, top), (right, top), (right, bottom), (left, bottom)];
        let tip = format!("{}: {}, {}", row.label, chart.parts[part], chart.quantity.text(*value));
        scene.marked(Mark::Tip(tip), |scene| {
            scene.items.push(Item::Area { points, color: page::color(part), opacity: 1.0 });
        });
    }
    let right = frame.at(axis.position(sum), 0.0).0;
    let text = text::fit(&row.text, LABEL, Weight::Bold, TEXT_MAX);
    scene.bold_text((right + 8.0, baseline), &text, LABEL, Align::Left, INK);
}
