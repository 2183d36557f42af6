//! Draws a [`TimeChart`].

use super::axis::{ClockAxis, ValueAxis, clock_text, count_axis, rate_axis};
use super::inline::{edges, evenly};
use super::page::{self, AXIS, Flag, FlagPlace, Frame, GRID, INK, LABEL, MARGIN, MIDNIGHT, ROW, SOFT, STROKE, TICK};
use super::percentile::{axis_title, draw_limits, tick_width, value_axis};
use super::scene::{Align, HEIGHT, Hover, Item, Mark, Point, Scene, WIDTH};
use super::text::{self, Weight};
use super::{CalendarStart, TimeChart, TimeLine, TimeQuantity};
use crate::report::words;

/// Places across the plot at which a page tells values.
const PLACES: u32 = 150;

pub fn scene(chart: &TimeChart) -> Scene {
    let mut scene = Scene::default();
    let top = page::heading(&mut scene, &chart.title, &chart.subtitle);
    if chart.lines.iter().all(|line| line_points(line).is_empty()) {
        page::no_data(&mut scene);
        return scene;
    }
    let entries: Vec<_> =
        chart.lines.iter().enumerate().map(|(i, line)| (line.label.as_str(), page::color(i))).collect();
    let top = page::legend(&mut scene, &entries, top);

    let y = match chart.quantity {
        TimeQuantity::Backlog => count_axis(&counts(chart)),
        TimeQuantity::SegmentRate | TimeQuantity::MessageRate => rate_axis(&counts(chart)),
    };
    let quantity = chart.quantity.title();
    // A little room, so that the instant of drain does not lie on the edge.
    let x = ClockAxis::new(&chart.start, last_instant(chart) * 1.02);
    let mut frame =
        Frame { left: MARGIN + tick_width(&y.ticks) + 8.0, top, right: WIDTH - MARGIN - 14.0, bottom: HEIGHT - 58.0 };
    let has_days = x.ticks.iter().any(|tick| tick.day.is_some());
    if has_days {
        frame.bottom -= ROW - 2.0;
    }
    let flags = flags(chart, &frame, &x);
    // The title of the axis stands beside the first row of flags, or above all rows if a line would cross it.
    let title_end = MARGIN + text::width(quantity, TICK, Weight::Regular);
    let crossed = flags.iter().any(|flag| flag.x < title_end + 4.0);
    let taken = if crossed { 0.0 } else { title_end };
    let places = page::place_flags(&flags, frame.left, WIDTH - 8.0, taken);
    let flag_rows = places.iter().map(|place| place.row + 1).max().unwrap_or(0);
    let title_row = if crossed { flag_rows } else { 0 };
    let above = ROW * flag_rows.max(title_row + 1) as f64;
    frame.top += 14.0 + above;

    value_axis(&mut scene, &frame, &y);
    axis_title(&mut scene, frame.top - ROW * title_row as f64, quantity);
    clock_axis(&mut scene, &frame, &x, chart);
    draw_flags(&mut scene, &frame, &flags, &places);
    scene.items.extend([Item::Mark(Mark::Clip), Item::Mark(Mark::Plot)]);
    draw_bands(&mut scene, &frame, chart, &x, &y);
    let lines = draw_lines(&mut scene, &frame, chart, &x, &y);
    scene.items.extend([Item::Mark(Mark::End), Item::Mark(Mark::End)]);
    draw_limits(&mut scene, &chart.limits, &frame, &y, &lines);
    scene.hover = Some(hover(chart, &frame, &x, &y));
    scene
}

/// The values at places across the plot: those of the points before them.
fn hover(chart: &TimeChart, frame: &Frame, x: &ClockAxis, y: &ValueAxis) -> Hover {
    let instants: Vec<f64> = evenly(PLACES).map(|share| share * x.end()).collect();
    let values = |line: &TimeLine| {
        let (points, band) = (line_points(line), band_points(line));
        let value = |at: &f64| {
            let next = points.partition_point(|(t, _)| t <= at);
            // Nothing is known before the first point, and beyond the last bin.
            let ends = points.last().is_none_or(|(last, _)| at > last);
            let (_, value) = *points.get(next.checked_sub(1)?).filter(|_| !ends)?;
            let text = chart.quantity.text(value);
            // Where the replications differ, how far.
            let inside = band.partition_point(|(t, ..)| t <= at).checked_sub(1).and_then(|before| band.get(before));
            let range = inside.map(|&(_, low, high)| chart.quantity.range(low, high)).unwrap_or_default();
            Some((frame.at(0.0, y.position(value)).1, format!("{text}{range}")))
        };
        (line.label.clone(), instants.iter().map(value).collect())
    };
    Hover {
        frame: edges(frame),
        columns: instants
            .iter()
            .map(|&at| (frame.at(x.position(at), 0.0).0, clock_text(&chart.start, at, x.end())))
            .collect(),
        series: chart.lines.iter().map(values).collect(),
        clock: Some((chart.start.seconds_of_day, x.end())),
    }
}

impl TimeQuantity {
    fn title(self) -> &'static str {
        match self {
            TimeQuantity::Backlog => "Backlog (segments)",
            TimeQuantity::SegmentRate => "Segments a second",
            TimeQuantity::MessageRate => "Messages a second",
        }
    }

    /// ` (low to high)` behind a value, where they read differently.
    fn range(self, low: f64, high: f64) -> String {
        let text = |value: f64| words::count(if self == TimeQuantity::Backlog { value.round() } else { value });
        let (low, high) = (text(low), text(high));
        if low == high { String::new() } else { format!(" ({low} to {high})") }
    }

    fn text(self, value: f64) -> String {
        match self {
            TimeQuantity::Backlog => format!("{} segments", words::count(value.round())),
            TimeQuantity::SegmentRate | TimeQuantity::MessageRate => format!("{}/s", words::count(value)),
        }
    }
}

fn line_points(line: &TimeLine) -> Vec<(f64, f64)> {
    line.points
        .iter()
        .filter(|(t, segments)| t.is_finite() && segments.is_finite())
        .map(|&(t, segments)| (t.max(0.0), segments.max(0.0)))
        .collect()
}

fn band_points(line: &TimeLine) -> Vec<(f64, f64, f64)> {
    line.band
        .iter()
        .flatten()
        .filter(|(t, low, high)| t.is_finite() && low.is_finite() && high.is_finite())
        .map(|&(t, low, high)| (t.max(0.0), low.max(0.0), high.max(0.0)))
        .collect()
}

fn counts(chart: &TimeChart) -> Vec<f64> {
    let points = chart.lines.iter().flat_map(line_points);
    let bands = chart.lines.iter().flat_map(band_points);
    let limits = chart.limits.iter().map(|&(at, _)| at).filter(|at| at.is_finite());
    points.map(|(_, segments)| segments).chain(bands.map(|(_, _, high)| high)).chain(limits).collect()
}

fn last_instant(chart: &TimeChart) -> f64 {
    let points = chart.lines.iter().flat_map(line_points);
    let bands = chart.lines.iter().flat_map(band_points);
    let drain = chart.drain.iter().map(|&(t, _)| t);
    let markers = chart.markers.iter().map(|&(t, _)| t);
    points
        .map(|(t, _)| t)
        .chain(bands.map(|(t, ..)| t))
        .chain(drain.chain(markers).filter(|t| t.is_finite()))
        .fold(0.0, f64::max)
}

/// The drain first, so that it gets the best place.
fn flags(chart: &TimeChart, frame: &Frame, axis: &ClockAxis) -> Vec<Flag> {
    let flag = |(t, label): &(f64, String), bold| {
        let weight = if bold { Weight::Bold } else { Weight::Regular };
        let room = (frame.right - frame.left) / 2.0;
        Flag { x: frame.at(axis.position(t.max(0.0)), 0.0).0, label: text::fit(label, LABEL, weight, room), bold }
    };
    let drain = chart.drain.iter().filter(|(t, _)| t.is_finite());
    let markers = chart.markers.iter().filter(|(t, _)| t.is_finite());
    drain.map(|drain| flag(drain, true)).chain(markers.map(|marker| flag(marker, false))).collect()
}

fn draw_flags(scene: &mut Scene, frame: &Frame, flags: &[Flag], places: &[FlagPlace]) {
    for (flag, place) in flags.iter().zip(places) {
        scene.items.push(Item::Mark(Mark::Flag(flag.x)));
        let baseline = frame.top - 12.0 - ROW * place.row as f64;
        let (pattern, width, color) = if flag.bold { ((6.0, 4.0), 1.6, INK) } else { ((2.0, 3.0), 1.2, SOFT) };
        scene.items.push(Item::Dashes {
            from: (flag.x, frame.bottom),
            to: (flag.x, baseline - LABEL * 0.8),
            pattern,
            width,
            color,
        });
        // Anchored at the line, so that a viewer's wider font does not run into it.
        let (x, align) = if place.right < flag.x { (place.right, Align::Right) } else { (place.left, Align::Left) };
        if flag.bold {
            scene.bold_text((x, baseline), &flag.label, LABEL, align, INK);
        } else {
            scene.text((x, baseline), &flag.label, LABEL, align, SOFT);
        }
        scene.items.push(Item::Mark(Mark::End));
    }
}

fn clock_axis(scene: &mut Scene, frame: &Frame, axis: &ClockAxis, chart: &TimeChart) {
    scene.items.push(Item::Mark(Mark::Ticks));
    for tick in &axis.ticks {
        let (x, foot) = frame.at(axis.position(tick.at), 0.0);
        let marked = tick.midnight && tick.day.is_some();
        let (width, color) = if marked { (1.2, MIDNIGHT) } else { (0.8, GRID) };
        scene.line(vec![(x, frame.top), (x, foot)], width, color);
        scene.line(vec![(x, foot), (x, foot + 4.0)], 1.0, AXIS);
        scene.text((x, foot + 18.0), &tick.label, TICK, Align::Center, SOFT);
        if let Some(day) = &tick.day {
            scene.bold_text((x, foot + 18.0 + ROW - 2.0), day, TICK, Align::Center, SOFT);
        }
    }
    scene.items.push(Item::Mark(Mark::End));
    let days = axis.ticks.iter().any(|tick| tick.midnight && tick.at > 0.0);
    let from = if days { "from" } else { "on" };
    let CalendarStart { date, zone, .. } = &chart.start;
    let title = format!("Local time {from} {date} ({zone})");
    let at = ((frame.left + frame.right) / 2.0, HEIGHT - 18.0);
    scene.text(at, &title, TICK, Align::Center, SOFT);
}

fn draw_bands(scene: &mut Scene, frame: &Frame, chart: &TimeChart, x: &ClockAxis, y: &ValueAxis) {
    for (i, line) in chart.lines.iter().enumerate() {
        let band = band_points(line);
        let place = |t: f64, segments: f64| frame.at(x.position(t), y.position(segments));
        let upper = band.iter().map(|&(t, _, high)| place(t, high));
        let lower = band.iter().rev().map(|&(t, low, _)| place(t, low));
        let points: Vec<Point> = upper.chain(lower).collect();
        if !points.is_empty() {
            let area = Item::Area { points, color: page::color(i), opacity: 0.2 };
            scene.marked(Mark::Series(i), |scene| scene.items.push(area));
        }
    }
}

fn draw_lines(scene: &mut Scene, frame: &Frame, chart: &TimeChart, x: &ClockAxis, y: &ValueAxis) -> Vec<Vec<Point>> {
    let place = |(t, value): (f64, f64)| frame.at(x.position(t), y.position(value));
    let lines: Vec<Vec<Point>> =
        chart.lines.iter().map(|line| line_points(line).into_iter().map(place).collect()).collect();
    for (i, points) in lines.iter().enumerate() {
        scene.marked(Mark::Series(i), |scene| {
            if let [center] = points[..] {
                scene.items.push(Item::Dot { center, radius: 3.4, color: page::color(i) });
            }
            scene.line(points.clone(), STROKE, page::color(i));
        });
    }
    lines
}
