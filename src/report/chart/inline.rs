//! A scene as SVG within a page: its colours are the page's, light or dark, its series and ticks are groups that a script
//! can find, and the values at a pointer stand beside it as JSON.
//!
//! The shapes are those of the picture (`scene.rs`). Not here: the script and the style sheet, which are the page's.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::page::{self, AXIS, FAINT, GRID, INK, MIDNIGHT, SOFT};
use super::scene::{Align, Color, DEVICE, Hover, Item, Mark, Scene, Told, WIDTH, escape, simplified};
use super::text::{Weight, one_line};

/// A chart for a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Inline {
    /// The SVG element.
    pub svg: String,
    /// What its script reads; `null` where a pointer finds nothing.
    pub data: Value,
}

/// The scene as an SVG element; `id` is unique in its page, `name` is what a screen reader calls it.
pub fn inline(scene: &Scene, id: &str, name: &str) -> Inline {
    let mut svg = format!(
        r#"<svg viewBox="0 0 {WIDTH} {}" role="img" aria-label="{}">"#,
        scene.height(),
        escape(&one_line(name))
    );
    if let Some(Hover { frame: [left, top, right, bottom], .. }) = scene.hover {
        let (width, height) = (number(right - left), number(bottom - top));
        let (left, top) = (number(left), number(top));
        let _ = write!(
            svg,
            r#"<clipPath id="{id}-plot"><rect x="{left}" y="{top}" width="{width}" height="{height}"/></clipPath>"#
        );
    }
    scene.items.iter().for_each(|item| write_item(&mut svg, item, id));
    svg.push_str("</svg>");
    Inline { svg, data: scene.hover.as_ref().map_or(Value::Null, data) }
}

fn write_item(svg: &mut String, item: &Item, id: &str) {
    // Writing to a string does not fail.
    let _ = match item {
        Item::Line { points, width, color } => {
            let path = simplified(points);
            if path.len() < 2 {
                return;
            }
            write!(svg, r#"<polyline points="{}" {} {}/>"#, places(&path), stroke(*color), stroke_width(*width))
        }
        Item::Dashes { from, to, pattern: (dash, gap), width, color } => {
            let [(x1, y1), (x2, y2)] = [from, to].map(|point| (number(point.0), number(point.1)));
            write!(
                svg,
                r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke-dasharray="{dash} {gap}" {} {}/>"#,
                stroke(*color),
                stroke_width(*width)
            )
        }
        Item::Area { points, color, opacity } => {
            let opacity =
                if *opacity < 1.0 { format!(r#" fill-opacity="{}""#, number(*opacity)) } else { String::new() };
            write!(svg, r#"<polygon points="{}" {}{opacity}/>"#, places(&simplified(points)), fill(*color))
        }
        Item::Dot { center: (x, y), radius, color } => {
            write!(svg, r#"<circle cx="{}" cy="{}" r="{}" {}/>"#, number(*x), number(*y), number(*radius), fill(*color))
        }
        Item::Text { at: (x, y), text, size, weight, align, color } => {
            let anchor = match align {
                Align::Left => "",
                Align::Center => r#" text-anchor="middle""#,
                Align::Right => r#" text-anchor="end""#,
            };
            let bold = if *weight == Weight::Bold { r#" font-weight="bold""# } else { "" };
            let (x, y) = (number(*x), number(*y));
            write!(
                svg,
                r#"<text x="{x}" y="{y}" font-size="{size}"{anchor}{bold} {}>{}</text>"#,
                fill(*color),
                escape(text)
            )
        }
        Item::Mark(mark) => match mark {
            Mark::Series(series) => write!(svg, r#"<g class="series" data-series="{series}">"#),
            Mark::Clip => write!(svg, r##"<g clip-path="url(#{id}-plot)">"##),
            Mark::Plot => write!(svg, r#"<g class="plot">"#),
            Mark::Ticks => write!(svg, r#"<g class="ticks">"#),
            Mark::Flag(x) => write!(svg, r#"<g class="flag" data-x="{}">"#, number(*x)),
            Mark::Tip(text) => write!(svg, "<g><title>{}</title>", escape(text)),
            Mark::End => write!(svg, "</g>"),
        },
    };
}

/// The points of a path, in units.
fn places(path: &[(i32, i32)]) -> String {
    let unit = |device: i32| number(f64::from(device) / f64::from(DEVICE));
    let places: Vec<String> = path.iter().map(|&(x, y)| format!("{},{}", unit(x), unit(y))).collect();
    places.join(" ")
}

/// To the tenth, which is a third of a pixel on a page twice as wide; without zeros that say nothing.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = if value.abs() < 1.0 { format!("{value:.2}") } else { text };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn stroke(color: Color) -> String {
    format!(r#"fill="none" stroke="{}""#, css(color))
}

fn stroke_width(width: f64) -> String {
    format!(r#"stroke-width="{}""#, number(width))
}

fn fill(color: Color) -> String {
    format!(r#"fill="{}""#, css(color))
}

/// What the page calls a colour: its names are those of its style sheet.
fn css(color: Color) -> String {
    let named = [
        (INK, "ink"),
        (SOFT, "soft"),
        (AXIS, "axis"),
        (GRID, "grid"),
        (MIDNIGHT, "midnight"),
        (FAINT, "faint"),
        (page::GROUND, "ground"),
        (page::SHADE, "shade"),
    ];
    if let Some((_, name)) = named.iter().find(|(known, _)| *known == color) {
        return format!("var(--{name})");
    }
    match page::series(color) {
        Some(series) => format!("var(--series-{series})"),
        None => format!("#{:02x}{:02x}{:02x}", color.0, color.1, color.2),
    }
}

fn data(hover: &Hover) -> Value {
    let places: Vec<Value> = hover.columns.iter().map(|(x, _)| tenth(*x)).collect();
    let names: Vec<&str> = hover.columns.iter().map(|(_, text)| text.as_str()).collect();
    let series: Vec<Value> = hover.series.iter().map(|(name, points)| points_of(name, points)).collect();
    json!({ "frame": hover.frame.map(tenth), "x": places, "at": names, "series": series, "clock": hover.clock })
}

fn points_of(name: &str, points: &[Told]) -> Value {
    let heights: Vec<Option<Value>> = points.iter().map(|point| point.as_ref().map(|(y, _)| tenth(*y))).collect();
    let texts: Vec<Option<&str>> = points.iter().map(|point| point.as_ref().map(|(_, text)| text.as_str())).collect();
    json!({ "name": name, "y": heights, "text": texts })
}

/// To the tenth; as a whole number where it is one.
fn tenth(value: f64) -> Value {
    serde_json::from_str(&number(value)).unwrap_or(Value::Null)
}

/// Shares from 0 to 1 across a frame, evenly, both ends among them: where values are looked up for a pointer.
pub fn evenly(count: u32) -> impl Iterator<Item = f64> {
    (0..=count).map(move |index| f64::from(index) / f64::from(count))
}

/// A place in a frame as [`Hover`] has it.
pub fn edges(frame: &page::Frame) -> [f64; 4] {
    [frame.left, frame.top, frame.right, frame.bottom]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(["0", "0.2", "12.3", "100"], [0.0, 0.2, 12.34, 100.0].map(number).each_ref().map(String::as_str));
        assert_eq!(tenth(120.0), json!(120));
    }

    /// Text of a scenario reaches the page through here.
    #[test]
    fn what_a_scenario_says_is_text() {
        let mut scene = Scene::default();
        let bad = "<script>alert(1)</script> & \"x\"";
        scene.marked(Mark::Tip(bad.to_owned()), |scene| scene.text((1.0, 2.0), bad, 12.0, Align::Left, INK));
        let svg = inline(&scene, "a", bad).svg;
        assert!(!svg.contains("<script"), "{svg}");
        let document = roxmltree::Document::parse(&svg).expect("well-formed");
        let text = document.descendants().find(|node| node.has_tag_name("text")).expect("a text");
        assert_eq!(text.text(), Some(bad));
        assert_eq!(text.attribute("fill"), Some("var(--ink)"));
    }
}
