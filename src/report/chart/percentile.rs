//! Draws a [`PercentileChart`].

use super::axis::{NinesAxis, Tick, ValueAxis, duration_axis};
use super::inline::{edges, evenly};
use super::page::{self, AXIS, FAINT, Frame, GRID, INK, LABEL, MARGIN, Patch, ROW, SOFT, STROKE, TICK};
use super::scene::{Align, Color, HEIGHT, Hover, Item, Mark, Point, Scene, WIDTH};
use super::text::{self, Weight};
use super::{Curve, PercentileChart};
use crate::report::words;

/// Places across the plot at which a page tells values.
const PLACES: u32 = 120;
/// Labels wider than this go to a legend and not beside the curves.
const SIDE_LABEL_MAX: f64 = 190.0;
/// From the plot to the labels beside it.
const LEADER: f64 = 22.0;

/// A curve with drawable points only.
struct Cleaned<'a> {
    label: &'a str,
    points: Vec<(f64, f64)>,
}

pub fn scene(chart: &PercentileChart) -> Scene {
    let mut scene = Scene::default();
    let top = page::heading(&mut scene, &chart.title, &chart.subtitle);
    let curves = cleaned(chart);
    if curves.iter().all(|curve| curve.points.is_empty()) {
        page::no_data(&mut scene);
        return scene;
    }
    let quantiles: Vec<f64> = points(&curves).map(|(q, _)| q).collect();
    let limits = chart.limit_lines.iter().map(|&(at, _)| at);
    let highs = chart.curves.iter().flat_map(|curve| &curve.intervals).map(|&(_, _, high)| high);
    let values: Vec<f64> = points(&curves)
        .map(|(_, seconds)| seconds)
        .chain(limits.chain(highs).filter(|at| at.is_finite()).map(|at| at.max(0.0)))
        .collect();
    let (x, y) = (NinesAxis::new(&quantiles), duration_axis(&values, least_median(&curves)));

    let widest = curves.iter().map(|curve| text::width(curve.label, LABEL, Weight::Regular)).fold(0.0, f64::max);
    let beside = widest <= SIDE_LABEL_MAX;
    let entries: Vec<_> = curves.iter().enumerate().map(|(i, curve)| (curve.label, page::color(i))).collect();
    let top = if beside { top } else { page::legend(&mut scene, &entries, top) };
    let frame = Frame {
        left: MARGIN + tick_width(&y.ticks) + 8.0,
        top: top + ROW + 14.0,
        right: if beside && widest > 0.0 { WIDTH - MARGIN - LEADER - widest } else { WIDTH - MARGIN - 12.0 },
        bottom: HEIGHT - 58.0,
    };
    value_axis(&mut scene, &frame, &y);
    let title = format!("Time ({})", y.unit);
    axis_title(&mut scene, frame.top, &title);
    nines_axis(&mut scene, &frame, &x);
    let lines: Vec<Vec<Point>> = curves
        .iter()
        .map(|curve| {
            let place = |&(q, seconds): &(f64, f64)| frame.at(x.position(q), y.position(seconds));
            curve.points.iter().map(place).collect()
        })
        .collect();
    draw_limits(&mut scene, &chart.limit_lines, &frame, &y, &lines);
    for (i, line) in lines.iter().enumerate() {
        scene.marked(Mark::Series(i), |scene| {
            draw_bars(scene, &frame, &chart.curves[i], (&x, &y), page::color(i));
            scene.line(line.clone(), STROKE, page::color(i));
            if let Some(&center) = line.last() {
                scene.items.push(Item::Dot { center, radius: 3.4, color: page::color(i) });
            }
        });
    }
    if beside {
        side_labels(&mut scene, &frame, &curves, &lines);
    }
    scene.hover = Some(hover(&curves, &frame, &x, &y));
    scene
}

/// The values at places across the plot: those of the first points at or beyond them.
fn hover(curves: &[Cleaned<'_>], frame: &Frame, x: &NinesAxis, y: &ValueAxis) -> Hover {
    let quantiles: Vec<f64> = evenly(PLACES).map(|share| x.quantile(share)).collect();
    let values = |curve: &Cleaned<'_>| {
        let value = |at: &f64| {
            // Nines taken and given back are off by a rounding.
            let before = |(q, _): &(f64, f64)| 1.0 - q > (1.0 - at) * (1.0 + 1e-6);
            let (_, seconds) = *curve.points.get(curve.points.partition_point(before))?;
            Some((frame.at(0.0, y.position(seconds)).1, words::seconds(seconds)))
        };
        (curve.label.to_owned(), quantiles.iter().map(value).collect())
    };
    let name = |quantile: &f64| match *quantile {
        1.0 => "maximum".to_owned(),
        quantile => format!("{} of messages", words::percent(quantile)),
    };
    Hover {
        frame: edges(frame),
        columns: quantiles.iter().map(|q| (frame.at(x.position(*q), 0.0).0, name(q))).collect(),
        series: curves.iter().map(values).collect(),
        clock: None,
    }
}

/// Intervals as upright bars with feet.
fn draw_bars(scene: &mut Scene, frame: &Frame, curve: &Curve, (x, y): (&NinesAxis, &ValueAxis), color: Color) {
    const FOOT: f64 = 4.0;
    for &(quantile, low, high) in curve.intervals.iter().filter(|(_, low, high)| low.is_finite() && high.is_finite()) {
        let at = |seconds: f64| frame.at(x.position(quantile), y.position(seconds.max(0.0)));
        let (from, to) = (at(low), at(high));
        scene.line(vec![from, to], 1.4, color);
        for (x, y) in [from, to] {
            scene.line(vec![(x - FOOT, y), (x + FOOT, y)], 1.4, color);
        }
    }
}

fn cleaned(chart: &PercentileChart) -> Vec<Cleaned<'_>> {
    chart
        .curves
        .iter()
        .map(|curve| Cleaned {
            label: &curve.label,
            points: curve
                .points
                .iter()
                .filter(|(q, seconds)| q.is_finite() && seconds.is_finite())
                .map(|&(q, seconds)| (q, seconds.max(0.0)))
                .collect(),
        })
        .collect()
}

/// The smallest median that is not zero: below it lie the lucky few, who need no room.
fn least_median(curves: &[Cleaned<'_>]) -> f64 {
    let median = |curve: &Cleaned<'_>| curve.points.iter().find(|(q, _)| *q >= 0.5).map(|(_, seconds)| *seconds);
    let medians = curves.iter().filter_map(median).filter(|&seconds| seconds > 0.0);
    medians.fold(f64::INFINITY, f64::min)
}

fn points(curves: &[Cleaned<'_>]) -> impl Iterator<Item = (f64, f64)> {
    curves.iter().flat_map(|curve| curve.points.iter().copied())
}

/// The width of the widest tick label.
pub fn tick_width(ticks: &[Tick]) -> f64 {
    ticks.iter().map(|tick| text::width(&tick.label, TICK, Weight::Regular)).fold(0.0, f64::max)
}

/// Draws the grid and the labels of a y axis, and the foot of the plot.
pub fn value_axis(scene: &mut Scene, frame: &Frame, axis: &ValueAxis) {
    let across = |at: f64| {
        let up = axis.position(at);
        vec![frame.at(0.0, up), frame.at(1.0, up)]
    };
    for &at in &axis.minor {
        scene.line(across(at), 0.7, FAINT);
    }
    // From the top, so that of two labels too close the rounder one above stays.
    let ticks: Vec<(&Tick, Point)> =
        axis.ticks.iter().rev().map(|tick| (tick, frame.at(0.0, axis.position(tick.at)))).collect();
    let heights: Vec<(f64, f64)> = ticks.iter().map(|&(_, (_, y))| (y, TICK)).collect();
    for ((tick, (x, y)), labelled) in ticks.into_iter().zip(page::without_overlap(&heights, 1.0)) {
        scene.line(across(tick.at), 0.8, GRID);
        if labelled {
            let at = (x - 8.0, y + TICK * 0.35);
            scene.text(at, &tick.label, TICK, Align::Right, SOFT);
        }
    }
    scene.line(vec![frame.at(0.0, 0.0), frame.at(1.0, 0.0)], 1.2, AXIS);
}

/// Writes the title of a y axis above what begins at `top`.
pub fn axis_title(scene: &mut Scene, top: f64, title: &str) {
    scene.text((MARGIN, top - 12.0), title, TICK, Align::Left, SOFT);
}

fn nines_axis(scene: &mut Scene, frame: &Frame, axis: &NinesAxis) {
    // The last tick comes first, so that "max" is never the label that has to go.
    let ticks: Vec<&Tick> =
        axis.ticks.iter().rev().take(1).chain(axis.ticks.iter().rev().skip(1).rev()).chain(&axis.optional).collect();
    let x = |tick: &Tick| frame.at(axis.tick_position(tick.at), 0.0).0;
    let places: Vec<(f64, f64)> =
        ticks.iter().map(|tick| (x(tick), text::width(&tick.label, TICK, Weight::Regular))).collect();
    for (tick, labelled) in ticks.iter().zip(page::without_overlap(&places, 9.0)) {
        let x = x(tick);
        let color = if labelled { GRID } else { FAINT };
        scene.line(vec![(x, frame.top), (x, frame.bottom)], 0.8, color);
        if labelled {
            scene.line(vec![(x, frame.bottom), (x, frame.bottom + 4.0)], 1.0, AXIS);
            let at = (x, frame.bottom + 18.0);
            scene.text(at, &tick.label, TICK, Align::Center, SOFT);
        }
    }
    let middle = (frame.left + frame.right) / 2.0;
    let at = (middle, HEIGHT - 18.0);
    scene.text(at, "Percentile of messages", TICK, Align::Center, SOFT);
}

/// Limits are dashed lines; each label keeps clear of the curves and the other labels if it can.
pub fn draw_limits(scene: &mut Scene, limits: &[(f64, String)], frame: &Frame, axis: &ValueAxis, lines: &[Vec<Point>]) {
    let limits: Vec<(f64, &str)> = limits
        .iter()
        .filter(|(at, _)| at.is_finite())
        .map(|(at, label)| (frame.at(0.0, axis.position(*at)).1, label.as_str()))
        .collect();
    for &(y, _) in &limits {
        scene.items.push(Item::Dashes {
            from: (frame.left, y),
            to: (frame.right, y),
            pattern: (6.0, 4.0),
            width: 1.4,
            color: INK,
        });
    }
    let mut taken: Vec<Patch> = limits
        .iter()
        .map(|&(y, _)| Patch { left: frame.left, right: frame.right, top: y - 1.0, bottom: y + 1.0 })
        .collect();
    for (y, label) in limits {
        let label = text::fit(label, LABEL, Weight::Bold, frame.right - frame.left - 16.0);
        let (at, patch) = limit_place(&label, y, frame, lines, &taken);
        scene.items.push(patch.ground());
        scene.bold_text(at, &label, LABEL, Align::Left, INK);
        taken.push(patch);
    }
}

/// Where the label of a limit at height `y` stands: clear of everything there, or else at the left.
fn limit_place(label: &str, y: f64, frame: &Frame, lines: &[Vec<Point>], taken: &[Patch]) -> (Point, Patch) {
    let width = text::width(label, LABEL, Weight::Bold);
    let (first, last) = (frame.left + 8.0, frame.right - 8.0 - width);
    let across = (0..=8).map(|i| first + (last - first) * f64::from(i) / 8.0);
    let spots: Vec<(Point, Patch)> = [y - 5.0, y + LABEL + 2.0]
        .into_iter()
        .flat_map(|baseline| across.clone().map(move |x| (x, baseline)))
        .map(|at| (at, Patch::of_text(at, width, LABEL)))
        .filter(|(_, patch)| patch.top >= frame.top - 14.0 && patch.bottom <= frame.bottom)
        .collect();
    let clear = spots.iter().find(|(_, patch)| {
        !taken.iter().any(|other| patch.meets(other)) && !lines.iter().any(|line| patch.meets_line(line))
    });
    clear.copied().unwrap_or_else(|| {
        let at = (first, y - 5.0);
        (at, Patch::of_text(at, width, LABEL))
    })
}

/// Names each curve at the right of the plot, as near to its end as the other names allow.
fn side_labels(scene: &mut Scene, frame: &Frame, curves: &[Cleaned<'_>], lines: &[Vec<Point>]) {
    let ends: Vec<(usize, Point)> = lines
        .iter()
        .enumerate()
        .filter(|&(i, _)| !curves[i].label.is_empty())
        .filter_map(|(i, line)| Some((i, *line.last()?)))
        .collect();
    let wanted: Vec<f64> = ends.iter().map(|&(_, (_, y))| y).collect();
    let places = page::spread(&wanted, ROW, frame.top, frame.bottom - 4.0);
    for (&(i, (x, y)), place) in ends.iter().zip(places) {
        let color = page::color(i);
        if x < frame.right - 1.0 {
            scene.items.push(Item::Dashes {
                from: (x, y),
                to: (frame.right, y),
                pattern: (1.5, 3.0),
                width: 1.0,
                color,
            });
        }
        let elbow = vec![(frame.right, y), (frame.right + LEADER - 11.0, place), (frame.right + LEADER - 5.0, place)];
        scene.line(elbow, 1.2, color);
        let at = (frame.right + LEADER, place + LABEL * 0.35);
        scene.text(at, curves[i].label, LABEL, Align::Left, INK);
    }
}
