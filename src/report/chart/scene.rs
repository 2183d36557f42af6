//! A scene: shapes and texts on a page of 800 x 450 units, or one as wide of another height, and the page as SVG or PNG.
//!
//! Both formats are drawn by `plotters` from the same list of shapes at the same device coordinates, so they
//! show the same picture. The PNG is drawn at [`DEVICE`] pixels per unit and averaged down, which smooths lines.
//! A scene may also carry marks (what belongs to which series, what a shape tells when pointed at) and the values to show
//! at a pointer; pictures leave them out, and pages use them (`inline.rs`).
//! Not here: data, axes, and the decision what goes where.

use plotters::prelude::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters_backend::text_anchor::HPos;
use plotters_backend::{BackendColor, BackendStyle, DrawingErrorKind};

use super::text::{self, Style, Weight};

/// Width of the page in units.
pub const WIDTH: f64 = 800.0;
/// Height of the usual page in units.
pub const HEIGHT: f64 = 450.0;
/// Device pixels per unit while drawing.
pub const DEVICE: u32 = 6;
/// Device pixels averaged into one pixel of the PNG, in each direction: 1600 x 900 remain.
const AVERAGED: u32 = 3;
const DEVICE_WIDTH: u32 = WIDTH as u32 * DEVICE;
/// Width of the PNG in pixels.
pub const PNG_WIDTH: u32 = DEVICE_WIDTH / AVERAGED;
/// Height of the PNG of the usual page in pixels.
pub const PNG_HEIGHT: u32 = HEIGHT as u32 * DEVICE / AVERAGED;

/// A colour: red, green, blue.
pub type Color = (u8, u8, u8);
/// x to the right and y downwards, in units.
pub type Point = (f64, f64);

/// A shape or text.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Line {
        points: Vec<Point>,
        width: f64,
        color: Color,
    },
    /// A straight line of dashes.
    Dashes {
        from: Point,
        to: Point,
        /// Length of a dash and of the gap after it.
        pattern: (f64, f64),
        width: f64,
        color: Color,
    },
    Area {
        points: Vec<Point>,
        color: Color,
        opacity: f64,
    },
    Dot {
        center: Point,
        radius: f64,
        color: Color,
    },
    Text {
        /// Where the text is anchored, on its baseline.
        at: Point,
        text: String,
        size: f64,
        weight: Weight,
        align: Align,
        color: Color,
    },
    /// Says what the shapes that follow are; nothing is drawn.
    Mark(Mark),
}

/// What shapes are, for a page that can be pointed at.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// Those of the series with this number begin.
    Series(usize),
    /// What is cut off at the plot's edges begins.
    Clip,
    /// What is stretched with time begins.
    Plot,
    /// The ticks of time begin.
    Ticks,
    /// An instant's line and its label begin, at this x.
    Flag(f64),
    /// A shape begins that tells this when pointed at.
    Tip(String),
    /// What began last ends.
    End,
}

/// A value at a place: how far down the page it is drawn, and its text; `None` where there is none.
pub type Told = Option<(f64, String)>;

/// What a page shows at a pointer: values by place across the plot, already as text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hover {
    /// The rectangle inside the axes: left, top, right, bottom.
    pub frame: [f64; 4],
    /// Where across the page, ascending, and what is there.
    pub columns: Vec<(f64, String)>,
    /// Series with their values, one for each column.
    pub series: Vec<(String, Vec<Told>)>,
    /// Where the axis is one of time: seconds since local midnight at the left edge, and seconds from left to right.
    pub clock: Option<(u32, f64)>,
}

/// Which part of a text its position names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Align {
    Left,
    Center,
    Right,
}

/// What is drawn, in order: later items lie above earlier ones.
#[derive(Clone, Debug)]
pub struct Scene {
    pub items: Vec<Item>,
    /// What is shown at a pointer, if anything.
    pub hover: Option<Hover>,
    /// Height of the page in units.
    height: u32,
}

impl Default for Scene {
    fn default() -> Scene {
        Scene::of_height(HEIGHT as u32)
    }
}

impl Scene {
    /// An empty page of this height in units.
    pub fn of_height(height: u32) -> Scene {
        Scene { items: Vec::new(), hover: None, height }
    }

    /// Height of the page in units.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Draws what `shapes` draws as one thing of the kind `mark`.
    pub fn marked(&mut self, mark: Mark, shapes: impl FnOnce(&mut Scene)) {
        self.items.push(Item::Mark(mark));
        shapes(self);
        self.items.push(Item::Mark(Mark::End));
    }

    pub fn line(&mut self, points: Vec<Point>, width: f64, color: Color) {
        self.items.push(Item::Line { points, width, color });
    }

    /// A text in the regular weight.
    pub fn text(&mut self, at: Point, text: &str, size: f64, align: Align, color: Color) {
        self.weighted_text(at, text, size, Weight::Regular, align, color);
    }

    pub fn bold_text(&mut self, at: Point, text: &str, size: f64, align: Align, color: Color) {
        self.weighted_text(at, text, size, Weight::Bold, align, color);
    }

    fn weighted_text(&mut self, at: Point, text: &str, size: f64, weight: Weight, align: Align, color: Color) {
        if !text.is_empty() {
            self.items.push(Item::Text { at, text: text::one_line(text), size, weight, align, color });
        }
    }

    /// The page as an SVG document; `name` is what a screen reader calls it.
    pub fn svg(&self, name: &str) -> String {
        let mut drawn = String::new();
        let height = self.height * DEVICE;
        {
            let mut backend = SVGBackend::with_string(&mut drawn, (DEVICE_WIDTH, height));
            draw(&self.items, &mut backend).expect("writing to a string does not fail");
            backend.present().expect("writing to a string does not fail");
        }
        let body = drawn
            .split_once("<svg")
            .and_then(|(_, rest)| rest.split_once('>'))
            .map(|(_, body)| body.trim_start())
            .expect("the backend opens with an svg element");
        format!(
            concat!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" width="{}" height="{}" "#,
                r#"style="max-width:100%;height:auto" stroke-linejoin="round" role="img" aria-label="{}">"#,
                "\n<rect width=\"100%\" height=\"100%\" fill=\"#FFFFFF\"/>\n{}"
            ),
            DEVICE_WIDTH,
            height,
            PNG_WIDTH,
            height / AVERAGED,
            escape(&text::one_line(name)),
            body
        )
    }

    /// The page as a PNG of [`PNG_WIDTH`] pixels across and two for each unit of its height.
    pub fn png(&self) -> Vec<u8> {
        let height = self.height * DEVICE;
        let mut pixels = vec![255; DEVICE_WIDTH as usize * height as usize * 3];
        {
            let size = (DEVICE_WIDTH, height);
            let mut backend = BitMapBackend::with_buffer(&mut pixels, size);
            draw(&self.items, &mut backend).expect("drawing in memory does not fail");
            backend.present().expect("drawing in memory does not fail");
        }
        encode(&averaged(&pixels), height / AVERAGED)
    }
}

/// `text` as the content of an element or attribute of SVG or HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Averages squares of [`AVERAGED`] x [`AVERAGED`] pixels of three bytes.
fn averaged(pixels: &[u8]) -> Vec<u8> {
    let row = DEVICE_WIDTH as usize * 3;
    let side = AVERAGED as usize;
    let area = AVERAGED * AVERAGED;
    let mut out = Vec::with_capacity(pixels.len() / area as usize);
    let mut sums = vec![0u32; row / side];
    for rows in pixels.chunks_exact(row * side) {
        sums.fill(0);
        for line in rows.chunks_exact(row) {
            for (sum, square) in sums.chunks_exact_mut(3).zip(line.chunks_exact(3 * side)) {
                for pixel in square.chunks_exact(3) {
                    for (total, &channel) in sum.iter_mut().zip(pixel) {
                        *total += u32::from(channel);
                    }
                }
            }
        }
        out.extend(sums.iter().map(|&sum| u8::try_from((sum + area / 2) / area).expect("the mean of bytes is a byte")));
    }
    out
}

fn encode(pixels: &[u8], height: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, PNG_WIDTH, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("writing to memory does not fail");
    writer.write_image_data(pixels).expect("the buffer has the size of the image");
    writer.finish().expect("writing to memory does not fail");
    out
}

/// A stroke or fill in device pixels.
struct Ink {
    color: BackendColor,
    width: u32,
}

impl BackendStyle for Ink {
    fn color(&self) -> BackendColor {
        self.color
    }

    fn stroke_width(&self) -> u32 {
        self.width
    }
}

fn ink(rgb: Color, alpha: f64, width: f64) -> Ink {
    Ink { color: BackendColor { alpha, rgb }, width: device(width).max(1).unsigned_abs() }
}

fn device(units: f64) -> i32 {
    (units * f64::from(DEVICE)).round() as i32
}

fn device_point((x, y): Point) -> (i32, i32) {
    (device(x), device(y))
}

type DrawResult<DB> = Result<(), DrawingErrorKind<<DB as DrawingBackend>::ErrorType>>;

fn draw<DB: DrawingBackend>(items: &[Item], backend: &mut DB) -> DrawResult<DB> {
    items.iter().try_for_each(|item| draw_item(item, backend))
}

fn draw_item<DB: DrawingBackend>(item: &Item, backend: &mut DB) -> DrawResult<DB> {
    match item {
        Item::Line { points, width, color } => {
            let path = simplified(points);
            if path.len() > 1 {
                backend.draw_path(path, &ink(*color, 1.0, *width))?;
            }
            Ok(())
        }
        Item::Dashes { from, to, pattern, width, color } => {
            let ink = ink(*color, 1.0, *width);
            dashes(*from, *to, *pattern)
                .into_iter()
                .try_for_each(|dash| backend.draw_path(dash.map(device_point), &ink))
        }
        Item::Area { points, color, opacity } => backend.fill_polygon(simplified(points), &ink(*color, *opacity, 0.0)),
        Item::Dot { center, radius, color } => {
            let radius = device(*radius).unsigned_abs();
            backend.draw_circle(device_point(*center), radius, &ink(*color, 1.0, 0.0), true)
        }
        Item::Text { at: (x, baseline), text, size, weight, align, color } => {
            let style = Style {
                size: size * f64::from(DEVICE),
                weight: *weight,
                align: match align {
                    Align::Left => HPos::Left,
                    Align::Center => HPos::Center,
                    Align::Right => HPos::Right,
                },
                color: BackendColor { alpha: 1.0, rgb: *color },
            };
            let top = baseline - size * text::ASCENT;
            backend.draw_text(text, &style, device_point((*x, top)))
        }
        Item::Mark(_) => Ok(()),
    }
}

/// The dashes of a straight line.
fn dashes(from: Point, to: Point, (dash, gap): (f64, f64)) -> Vec<[Point; 2]> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = (dx * dx + dy * dy).sqrt();
    let at = |along: f64| {
        let share = (along / length).min(1.0);
        (from.0 + dx * share, from.1 + dy * share)
    };
    (0u32..)
        .map(|n| f64::from(n) * (dash + gap))
        .take_while(|&along| along < length)
        .map(|along| [at(along), at(along + dash)])
        .collect()
}

/// The points in device pixels, without those that lie within a pixel of the line between their neighbours
/// (Ramer, Douglas and Peucker): a line of thousands of points becomes a few hundred bytes that look the same.
pub fn simplified(points: &[Point]) -> Vec<(i32, i32)> {
    let mut points: Vec<(i32, i32)> = points.iter().copied().map(device_point).collect();
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let mut kept = vec![false; points.len()];
    kept[0] = true;
    kept[points.len() - 1] = true;
    let mut open = vec![(0, points.len() - 1)];
    while let Some((first, last)) = open.pop() {
        let farthest = (first + 1..last)
            .map(|i| (off_line(points[i], points[first], points[last]), i))
            .max_by_key(|&(off, i)| (off, std::cmp::Reverse(i)));
        if let Some((off, i)) = farthest
            && off > 0
        {
            kept[i] = true;
            open.push((first, i));
            open.push((i, last));
        }
    }
    let mut keep = kept.into_iter();
    points.retain(|_| keep.next().expect("one mark for each point"));
    points
}

/// The square of the distance of `p` from the segment from `a` to `b`, rounded down.
fn off_line(p: (i32, i32), a: (i32, i32), b: (i32, i32)) -> i64 {
    let vector = |from: (i32, i32), to: (i32, i32)| (i64::from(to.0 - from.0), i64::from(to.1 - from.1));
    let (ab, ap, bp) = (vector(a, b), vector(a, p), vector(b, p));
    let along = ab.0 * ap.0 + ab.1 * ap.1;
    let length2 = ab.0 * ab.0 + ab.1 * ab.1;
    if along <= 0 {
        return ap.0 * ap.0 + ap.1 * ap.1;
    }
    if along >= length2 {
        return bp.0 * bp.0 + bp.1 * bp.1;
    }
    let cross = ab.0 * ap.1 - ab.1 * ap.0;
    cross * cross / length2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straight_runs_lose_their_inner_points() {
        let ramp: Vec<Point> = (0..=1_000).map(|i| (f64::from(i) * 0.5, f64::from(i) * 0.1)).collect();
        assert_eq!(simplified(&ramp), [(0, 0), (3_000, 600)]);
    }

    #[test]
    fn corners_and_spikes_stay() {
        let path = [(0.0, 0.0), (10.0, 0.0), (10.0, 50.0), (10.0, 0.0), (20.0, 0.0)];
        let expected = [(0, 0), (60, 0), (60, 300), (60, 0), (120, 0)];
        assert_eq!(simplified(&path), expected);
    }

    #[test]
    fn dashes_end_where_the_line_ends() {
        let dashes = dashes((0.0, 0.0), (10.0, 0.0), (4.0, 3.0));
        assert_eq!(dashes, [[(0.0, 0.0), (4.0, 0.0)], [(7.0, 0.0), (10.0, 0.0)]]);
        assert!(super::dashes((1.0, 1.0), (1.0, 1.0), (4.0, 3.0)).is_empty());
    }

    #[test]
    fn averaging_rounds_the_mean_of_nine() {
        let mut pixels = vec![255; DEVICE_WIDTH as usize * (PNG_HEIGHT * AVERAGED) as usize * 3];
        // Two of the nine red values of the first square are 0: 7 x 255 / 9 = 198.3.
        pixels[0] = 0;
        pixels[DEVICE_WIDTH as usize * 3] = 0;
        let small = averaged(&pixels);
        assert_eq!(small.len(), PNG_WIDTH as usize * PNG_HEIGHT as usize * 3);
        assert_eq!(&small[..4], [198, 255, 255, 255]);
    }
}
