//! Draws a [`CurvesChart`].

use super::axis::ValueAxis;
use super::multiples::{Layout, VariedAxis, panel_axes, panel_heading};
use super::page::{self, Frame, GROUND, LABEL, Patch, STROKE};
use super::scene::{Align, Color, Item, Mark, Point, Scene};
use super::text::{self, Weight};
use super::{CurvesChart, CurvesPanel, VariedCurve};

/// Points are drawn as dots where there are no more.
const DOTS_MAX: usize = 40;
/// Radius of a ring.
const RING: f64 = 5.5;
/// A curve that does not fall by this part of its highest value to its end has no highest point worth a mark.
const FLAT: f64 = 0.02;

pub fn scene(chart: &CurvesChart) -> Scene {
    // The heading is drawn twice: once to learn how much room it takes, which the height of the page depends on.
    let top = heading(&mut Scene::default(), chart);
    let layout = Layout::new(chart.panels.len(), top);
    let mut scene = Scene::of_height(layout.page_height());
    heading(&mut scene, chart);
    let x = VariedAxis::new(&chart.values);
    for (index, panel) in chart.panels.iter().enumerate() {
        draw_panel(&mut scene, &layout.panel(index), chart, panel, &x);
    }
    layout.foot(&mut scene, &chart.x_title);
    scene
}

/// Title, subtitle and, where all panels show the same curves, one legend for all.
fn heading(scene: &mut Scene, chart: &CurvesChart) -> f64 {
    let top = page::heading(scene, &chart.title, &chart.subtitle);
    match chart.panels.first().filter(|_| shares_legend(chart)) {
        Some(panel) => page::legend(scene, &entries(panel), top),
        None => top,
    }
}

fn shares_legend(chart: &CurvesChart) -> bool {
    let labels = |panel: &CurvesPanel| panel.curves.iter().map(|curve| curve.label.clone()).collect::<Vec<_>>();
    chart.panels.iter().all(|panel| panel.curves.len() > 1)
        && chart.panels.windows(2).all(|pair| labels(&pair[0]) == labels(&pair[1]))
}

fn entries(panel: &CurvesPanel) -> Vec<(&str, Color)> {
    panel.curves.iter().enumerate().map(|(index, curve)| (curve.label.as_str(), page::color(index))).collect()
}

fn draw_panel(scene: &mut Scene, panel_frame: &Frame, chart: &CurvesChart, panel: &CurvesPanel, x: &VariedAxis) {
    let bands = panel.curves.iter().flat_map(|curve| curve.bands.iter().flatten().map(|(_, high)| *high));
    let rings = panel.curves.iter().flat_map(|curve| curve.rings.iter().map(|ring| ring.value));
    let points = panel.curves.iter().flat_map(|curve| curve.points.iter().flatten().copied());
    let values: Vec<f64> = points.chain(bands).chain(rings).collect();
    let y = panel.quantity.axis(&values);
    let title = if y.unit.is_empty() { panel.title.clone() } else { format!("{} ({})", panel.title, y.unit) };
    let own = panel.curves.len() > 1 && !shares_legend(chart);
    let legend = if own { entries(panel) } else { Vec::new() };
    let top = panel_heading(scene, panel_frame, &title, &legend);
    let frame = panel_axes(scene, panel_frame, top, x, &y);
    for (index, curve) in panel.curves.iter().enumerate() {
        draw_bands(scene, &frame, curve, page::color(index), x, &y);
    }
    let mut lines: Vec<Vec<Point>> = Vec::new();
    for (index, curve) in panel.curves.iter().enumerate() {
        scene.items.push(Item::Mark(Mark::Series(index)));
        for run in runs(curve) {
            let line: Vec<Point> = run.iter().map(|&(at, value)| frame.at(x.position(at), y.position(value))).collect();
            let radius = if line.len() == 1 { 3.4 } else { 2.4 };
            if chart.values.len() <= DOTS_MAX || line.len() == 1 {
                for ((at, value), center) in run.iter().zip(&line) {
                    let found = format!("at {}: {}", chart.values[*at], panel.quantity.text(*value));
                    let tip = if curve.label.is_empty() { found } else { format!("{}, {found}", curve.label) };
                    let dot = Item::Dot { center: *center, radius, color: page::color(index) };
                    scene.marked(Mark::Tip(tip), |scene| scene.items.push(dot));
                }
            }
            scene.line(line.clone(), STROKE, page::color(index));
            lines.push(line);
        }
        scene.items.push(Item::Mark(Mark::End));
    }
    draw_marks(scene, &frame, chart, panel, x, &y, lines);
}

/// Stretches of a curve without a gap: index of the value, and the point.
fn runs(curve: &VariedCurve) -> Vec<Vec<(usize, f64)>> {
    let mut runs: Vec<Vec<(usize, f64)>> = vec![Vec::new()];
    for (index, point) in curve.points.iter().enumerate() {
        match (*point, runs.last_mut()) {
            (Some(value), Some(run)) => run.push((index, value)),
            _ => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

fn draw_bands(scene: &mut Scene, frame: &Frame, curve: &VariedCurve, color: Color, x: &VariedAxis, y: &ValueAxis) {
    let edges: Vec<(usize, (f64, f64))> =
        curve.bands.iter().enumerate().filter_map(|(index, band)| Some((index, (*band)?))).collect();
    let place = |index: usize, value: f64| frame.at(x.position(index), y.position(value));
    let upper = edges.iter().map(|&(index, (_, high))| place(index, high));
    let lower = edges.iter().rev().map(|&(index, (low, _))| place(index, low));
    let points: Vec<Point> = upper.chain(lower).collect();
    if points.len() > 2 {
        scene.items.push(Item::Area { points, color, opacity: 0.2 });
    }
}

/// What is marked on a curve.
struct Spot {
    curve: usize,
    center: Point,
    label: String,
    is_ring: bool,
}

/// Marks the highest point of each curve that has one, says where it is, and draws the rings.
fn draw_marks(
    scene: &mut Scene,
    frame: &Frame,
    chart: &CurvesChart,
    panel: &CurvesPanel,
    x: &VariedAxis,
    y: &ValueAxis,
    lines: Vec<Vec<Point>>,
) {
    let curves = || panel.curves.iter().enumerate();
    let center = |at: usize, value: f64| frame.at(x.position(at), y.position(value));
    let highest = curves().filter(|_| panel.mark_highest).filter_map(|(index, curve)| {
        let (at, value) = highest(curve)?;
        let label = format!("{} at {}", panel.quantity.text(value), chart.values[at]);
        Some(Spot { curve: index, center: center(at, value), label, is_ring: false })
    });
    let rings = curves().flat_map(|(index, curve)| curve.rings.iter().map(move |ring| (index, ring)));
    let rings = rings.map(|(index, ring)| Spot {
        curve: index,
        center: center(ring.at, ring.value),
        label: ring.label.clone(),
        is_ring: true,
    });
    let spots: Vec<Spot> = highest.chain(rings).collect();
    // Rings keep all labels away.
    let rings = || spots.iter().filter(|spot| spot.is_ring);
    let mut taken: Vec<Patch> = rings().map(|spot| Patch::around(spot.center, RING)).collect();
    let mut said: Vec<(usize, &str)> = Vec::new();
    for spot in &spots {
        let width = text::width(&spot.label, LABEL, Weight::Bold);
        let places = [(8.0, -9.0), (-width / 2.0, -11.0), (8.0, 17.0), (-width / 2.0, 21.0), (-width - 8.0, -9.0)];
        let places = places.map(|(right, down)| {
            let left = (spot.center.0 + right).clamp(frame.left + 2.0, frame.right - width);
            ((left, spot.center.1 + down), Patch::of_text((left, spot.center.1 + down), width, LABEL))
        });
        let inside = |patch: &Patch| patch.top > frame.top - 9.0 && patch.bottom < frame.bottom;
        let alone = |patch: &Patch| inside(patch) && !taken.iter().any(|other| patch.meets(other));
        let free = |patch: &Patch| alone(patch) && !lines.iter().any(|line| patch.meets_line(line));
        let place = places.iter().find(|(_, patch)| free(patch)).or(places.iter().find(|(_, patch)| alone(patch)));
        // A ring says enough where there is no room, and where the same is said already.
        let place = place.filter(|_| !spot.is_ring || !said.contains(&(spot.curve, spot.label.as_str())));
        let place = place.or(if spot.is_ring { None } else { Some(&places[0]) });
        scene.items.extend(place.map(|(_, patch)| patch.ground()));
        if !spot.is_ring {
            scene.items.push(Item::Dot { center: spot.center, radius: 5.0, color: page::color(spot.curve) });
        }
        if let Some((place, patch)) = place {
            scene.bold_text(*place, &spot.label, LABEL, Align::Left, page::color(spot.curve));
            taken.push(*patch);
            said.push((spot.curve, spot.label.as_str()));
        }
    }
    for spot in rings() {
        scene.marked(Mark::Tip(spot.label.clone()), |scene| {
            scene.items.push(Item::Dot { center: spot.center, radius: RING, color: page::color(spot.curve) });
            scene.items.push(Item::Dot { center: spot.center, radius: RING - STROKE, color: GROUND });
        });
    }
}

/// The highest point of a curve that falls afterwards; the first of several.
fn highest(curve: &VariedCurve) -> Option<(usize, f64)> {
    let points = || curve.points.iter().enumerate().filter_map(|(index, point)| Some((index, (*point)?)));
    let (_, end) = points().next_back()?;
    let most = points().reduce(|best, other| if other.1 > best.1 { other } else { best })?;
    (most.1 - end > FLAT * most.1).then_some(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_curve_that_falls_has_a_highest_point() {
        let curve =
            |points: &[f64]| VariedCurve { points: points.iter().copied().map(Some).collect(), ..Default::default() };
        assert_eq!(highest(&curve(&[1.0, 3.0, 3.0, 2.0])), Some((1, 3.0)));
        assert_eq!(highest(&curve(&[3.0, 2.0])), Some((0, 3.0)));
        assert_eq!(highest(&curve(&[1.0, 2.0, 3.0])), None);
        assert_eq!(highest(&curve(&[1.0, 3.0, 2.99])), None, "level to the end");
        assert_eq!(highest(&curve(&[])), None);
    }

    #[test]
    fn a_gap_parts_a_curve() {
        let points = vec![None, Some(1.0), Some(2.0), None, None, Some(3.0)];
        let curve = VariedCurve { points, ..Default::default() };
        assert_eq!(runs(&curve), [vec![(1, 1.0), (2, 2.0)], vec![(5, 3.0)]]);
    }
}
