//! What the charts share: colours, the heading, the legend, and labels that keep out of each other's way.
//!
//! Not here: anything that knows what is plotted.

use super::scene::{Align, Color, HEIGHT, Item, Point, Scene, WIDTH};
use super::text::{self, Weight};

/// Text that is to be read first.
pub const INK: Color = (33, 37, 43);
/// Axis labels and subtitles.
pub const SOFT: Color = (88, 96, 105);
/// The foot of the plot.
pub const AXIS: Color = (140, 147, 155);
/// Lines at labelled ticks.
pub const GRID: Color = (225, 229, 233);
/// The line at midnight.
pub const MIDNIGHT: Color = (184, 190, 197);
/// Lines at ticks without label.
pub const FAINT: Color = (240, 242, 244);

/// What lies below text, so that lines do not strike it through.
pub const GROUND: Color = (255, 255, 255);
/// The darkest shade of a map of values.
pub const SHADE: Color = (0, 60, 110);

/// Space left free at the edges of the page.
pub const MARGIN: f64 = 24.0;
/// Size of labels and legends.
pub const LABEL: f64 = 12.5;
/// Size of ticks and axis titles.
pub const TICK: f64 = 12.0;
/// Height of one row of labels.
pub const ROW: f64 = 17.0;
/// Width of the line of a series.
pub const STROKE: f64 = 2.4;

const TITLE: f64 = 19.0;
const SUBTITLE: f64 = 13.0;

/// The palette of Okabe and Ito (Color Universal Design, 2008), which the colour-blind can tell apart, in an
/// order that keeps neighbours distinct; grey stands for their yellow, which cannot be seen on white.
const PALETTE: [Color; 8] = [
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (230, 159, 0),
    (86, 180, 233),
    (0, 0, 0),
    (140, 140, 140),
];

/// The colour of the series with this number; the ninth begins again.
pub fn color(series: usize) -> Color {
    PALETTE[series % PALETTE.len()]
}

/// Which series a colour stands for.
pub fn series(color: Color) -> Option<usize> {
    PALETTE.iter().position(|known| *known == color)
}

/// The rectangle inside the axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Frame {
    /// The point at these shares (0 to 1) of the width, from the left, and of the height, from the foot.
    pub fn at(&self, across: f64, up: f64) -> Point {
        (self.left + across * (self.right - self.left), self.bottom - up * (self.bottom - self.top))
    }
}

/// Draws title and subtitle; returns how far down they reach.
pub fn heading(scene: &mut Scene, title: &str, subtitle: &str) -> f64 {
    let room = WIDTH - 2.0 * MARGIN;
    let title = text::fit(title, TITLE, Weight::Bold, room);
    scene.bold_text((MARGIN, 37.0), &title, TITLE, Align::Left, INK);
    if subtitle.is_empty() {
        return 46.0;
    }
    let subtitle = text::fit(subtitle, SUBTITLE, Weight::Regular, room);
    scene.text((MARGIN, 58.0), &subtitle, SUBTITLE, Align::Left, SOFT);
    66.0
}

/// Draws a legend that flows over as many rows as it needs; returns how far down it reaches.
pub fn legend(scene: &mut Scene, entries: &[(&str, Color)], top: f64) -> f64 {
    legend_between(scene, entries, (MARGIN, WIDTH - MARGIN), top)
}

/// As [`legend`], between a left and a right edge.
pub fn legend_between(scene: &mut Scene, entries: &[(&str, Color)], (left, right): (f64, f64), top: f64) -> f64 {
    const SWATCH: f64 = 20.0;
    const GAP: f64 = 22.0;
    let mut x = left;
    let mut baseline = top + ROW;
    for &(label, color) in entries.iter().filter(|(label, _)| !label.is_empty()) {
        let room = right - left - SWATCH - 6.0;
        let label = text::fit(label, LABEL, Weight::Regular, room);
        let width = SWATCH + 6.0 + text::width(&label, LABEL, Weight::Regular);
        if x > left && x + width > right {
            x = left;
            baseline += ROW + 2.0;
        }
        let middle = baseline - LABEL * 0.34;
        scene.line(vec![(x, middle), (x + SWATCH, middle)], 3.2, color);
        scene.text((x + SWATCH + 6.0, baseline), &label, LABEL, Align::Left, INK);
        x += width + GAP;
    }
    if x > left { baseline + 5.0 } else { top }
}

/// Draws a page that says there is nothing to show.
pub fn no_data(scene: &mut Scene) {
    let middle = (WIDTH / 2.0, HEIGHT / 2.0 + 20.0);
    let foot = HEIGHT - 2.0 * MARGIN;
    scene.line(vec![(MARGIN, foot), (WIDTH - MARGIN, foot)], 1.0, AXIS);
    scene.text(middle, "no data", 16.0, Align::Center, SOFT);
}

/// Which labels, each given by its centre and length along an axis, can stand `gap` apart; earlier ones go first.
pub fn without_overlap(labels: &[(f64, f64)], gap: f64) -> Vec<bool> {
    let mut placed: Vec<(f64, f64)> = Vec::new();
    labels
        .iter()
        .map(|&(x, width)| {
            let free = placed.iter().all(|&(other, w)| (x - other).abs() >= (width + w) / 2.0 + gap);
            if free {
                placed.push((x, width));
            }
            free
        })
        .collect()
}

/// Moves labels apart: as near to the `wanted` heights as a distance of `gap` and the bounds allow.
pub fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    /// Labels that touch: the sum of where each would like the first of them to be, and how many they are.
    struct Block {
        sum: f64,
        count: usize,
    }
    let first = |block: &Block| {
        let wanted = block.sum / block.count as f64;
        let highest = high - gap * (block.count - 1) as f64;
        wanted.min(highest).max(low)
    };
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    let mut blocks: Vec<Block> = Vec::new();
    for &label in &order {
        let mut block = Block { sum: wanted[label], count: 1 };
        while let Some(before) = blocks.pop() {
            let end = first(&before) + gap * before.count as f64;
            if end <= first(&block) {
                blocks.push(before);
                break;
            }
            block.sum += before.sum - gap * (before.count * block.count) as f64;
            block.count += before.count;
        }
        blocks.push(block);
    }
    let places = blocks.iter().flat_map(|block| (0..block.count).map(|i| first(block) + gap * i as f64));
    let mut moved = vec![0.0; wanted.len()];
    for (label, place) in order.into_iter().zip(places) {
        moved[label] = place;
    }
    moved
}

/// A vertical line with its label above the plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Flag {
    pub x: f64,
    pub label: String,
    pub bold: bool,
}

/// Where a flag's label stands: its left edge and its row, counted upwards from the plot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlagPlace {
    pub left: f64,
    pub right: f64,
    pub row: usize,
}

/// At most this many rows of flags.
const FLAG_ROWS: usize = 4;
/// Attempts before the search for places gives up; eight flags need a few hundred at most.
const FLAG_ATTEMPTS: u32 = 10_000;

/// A flag's line and its label.
type Placed = (f64, FlagPlace);

/// Places the labels of `flags` between `left` and `right`, in as few rows as will do, so that no label touches
/// another, the line of another flag, or the text that fills the first row up to `taken`. Flags too many for that
/// are put one row each in turn.
pub fn place_flags(flags: &[Flag], left: f64, right: f64, taken: f64) -> Vec<FlagPlace> {
    let mut order: Vec<usize> = (0..flags.len()).collect();
    order.sort_by(|&a, &b| flags[b].x.total_cmp(&flags[a].x));
    let spots = |rows: usize| -> Vec<Vec<Placed>> {
        let of_flag = |&i: &usize| {
            let in_bounds = |(_, spot): &Placed| {
                spot.left >= left && spot.right <= right && (spot.row > 0 || spot.left > taken + FLAG_GAP)
            };
            (0..rows).flat_map(|row| flag_sides(&flags[i], row)).filter(in_bounds).collect()
        };
        order.iter().map(of_flag).collect()
    };
    let found = (1..=FLAG_ROWS).find_map(|rows| {
        let mut placed = Vec::new();
        let mut attempts = FLAG_ATTEMPTS;
        place_rest(&spots(rows), &mut placed, &mut attempts).then_some(placed)
    });
    let placed = found.unwrap_or_else(|| {
        let in_turn = |(n, &i): (usize, &usize)| {
            let (x, mut spot) = flag_sides(&flags[i], n % FLAG_ROWS)[0];
            let shift = (spot.right - right).max(0.0);
            spot.left -= shift;
            spot.right -= shift;
            (x, spot)
        };
        order.iter().enumerate().map(in_turn).collect()
    });
    let mut places: Vec<(usize, FlagPlace)> =
        order.into_iter().zip(placed.into_iter().map(|(_, place)| place)).collect();
    places.sort_by_key(|&(i, _)| i);
    places.into_iter().map(|(_, place)| place).collect()
}

/// The label to the right of its line, and to the left.
fn flag_sides(flag: &Flag, row: usize) -> [Placed; 2] {
    let weight = if flag.bold { Weight::Bold } else { Weight::Regular };
    let width = text::width(&flag.label, LABEL, weight);
    [flag.x + 5.0, flag.x - 5.0 - width].map(|left| {
        let place = FlagPlace { left, right: left + width, row };
        (flag.x, place)
    })
}

/// Finds a spot for each flag not yet placed, going back when one has none.
fn place_rest(spots: &[Vec<Placed>], placed: &mut Vec<Placed>, attempts: &mut u32) -> bool {
    let Some(choices) = spots.get(placed.len()) else {
        return true;
    };
    for spot in choices {
        if *attempts == 0 {
            return false;
        }
        *attempts -= 1;
        if placed.iter().any(|other| flags_clash(spot, other)) {
            continue;
        }
        placed.push(*spot);
        if place_rest(spots, placed, attempts) {
            return true;
        }
        placed.pop();
    }
    false
}

const FLAG_GAP: f64 = 8.0;

/// Whether two labels touch, or one stands on the line that rises to the other.
fn flags_clash((a_x, a): &Placed, (b_x, b): &Placed) -> bool {
    let covers = |place: &FlagPlace, x: f64| place.left - 3.0 < x && x < place.right + 3.0;
    let touch = a.left < b.right + FLAG_GAP && b.left < a.right + FLAG_GAP;
    (a.row == b.row && touch) || (a.row <= b.row && covers(a, *b_x)) || (b.row <= a.row && covers(b, *a_x))
}

/// A rectangle that text fills.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patch {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Patch {
    /// The patch of a text whose baseline begins at `at`.
    pub fn of_text(at: Point, width: f64, size: f64) -> Self {
        Patch { left: at.0, right: at.0 + width, top: at.1 - size * 0.8, bottom: at.1 + size * 0.25 }
    }

    /// The patch of a round shape.
    pub fn around((x, y): Point, radius: f64) -> Self {
        Patch { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius }
    }

    pub fn meets(&self, other: &Patch) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    /// Whether a line that never goes back in x passes through the patch or within 4 units of it.
    pub fn meets_line(&self, line: &[Point]) -> bool {
        const CLEAR: f64 = 4.0;
        let at = |a: Point, b: Point, x: f64| {
            if b.0 > a.0 { a.1 + (b.1 - a.1) * ((x - a.0) / (b.0 - a.0)).clamp(0.0, 1.0) } else { a.1 }
        };
        line.windows(2).any(|pair| {
            let (a, b) = (pair[0], pair[1]);
            if b.0 < self.left || a.0 > self.right {
                return false;
            }
            // A vertical piece covers all between its ends.
            let (from, to) = if a.0 == b.0 { (a.1, b.1) } else { (at(a, b, self.left), at(a, b, self.right)) };
            from.min(to) < self.bottom + CLEAR && from.max(to) > self.top - CLEAR
        })
    }

    /// A white ground, so that no grid line strikes the text through.
    pub fn ground(&self) -> Item {
        Item::Area {
            points: vec![
                (self.left - 2.0, self.top),
                (self.right + 2.0, self.top),
                (self.right + 2.0, self.bottom),
                (self.left - 2.0, self.bottom),
            ],
            color: GROUND,
            opacity: 0.85,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_apart_stay_where_they_are() {
        assert_eq!(spread(&[50.0, 10.0], 15.0, 0.0, 100.0), [50.0, 10.0]);
    }

    #[test]
    fn labels_that_touch_share_the_shift() {
        assert_eq!(spread(&[50.0, 50.0], 10.0, 0.0, 100.0), [45.0, 55.0]);
        // The pair at 20 and 22 takes 16 and 26; the third at 28 pushes all: mean of 20, 12 and 8 is 13.33.
        let three = spread(&[20.0, 22.0, 28.0], 10.0, 0.0, 100.0);
        let mean = 40.0 / 3.0;
        for (place, expected) in three.iter().zip([mean, mean + 10.0, mean + 20.0]) {
            assert!((place - expected).abs() < 1e-9, "{three:?}");
        }
    }

    #[test]
    fn labels_stay_between_the_bounds() {
        assert_eq!(spread(&[99.0, 99.0], 10.0, 0.0, 100.0), [90.0, 100.0]);
        assert_eq!(spread(&[1.0, 2.0], 10.0, 0.0, 100.0), [0.0, 10.0]);
        assert_eq!(spread(&[85.0, 100.0, 100.0], 10.0, 0.0, 100.0), [80.0, 90.0, 100.0]);
    }

    #[test]
    fn crowded_ticks_lose_labels() {
        assert_eq!(without_overlap(&[(0.0, 20.0), (28.0, 20.0), (30.0, 20.0)], 9.0), [true, false, true]);
    }

    fn flag(x: f64, label: &str) -> Flag {
        Flag { x, label: label.to_owned(), bold: false }
    }

    #[test]
    fn flags_never_cross() {
        let flags = [
            flag(300.0, "first event"),
            flag(310.0, "second event"),
            flag(320.0, "third event"),
            flag(790.0, "at the right edge"),
            flag(155.0, "near the axis title"),
        ];
        let places = place_flags(&flags, 50.0, 800.0, 140.0);
        for (i, (a, flag)) in places.iter().zip(&flags).enumerate() {
            assert!(a.left >= 50.0 && a.right <= 800.0, "{flag:?} at {a:?}");
            for (j, (b, other)) in places.iter().zip(&flags).enumerate() {
                if i == j {
                    continue;
                }
                let overlap = a.row == b.row && a.left < b.right && b.left < a.right;
                assert!(!overlap, "{flag:?} over {other:?}");
                let crossed = b.row >= a.row && a.left < other.x && other.x < a.right;
                assert!(!crossed, "{flag:?} crossed by {other:?}");
            }
        }
        assert!(places[3].right < 790.0, "the label turns to the left");
        // Of the three close ones the first turns left, the last right, and the second stands above.
        assert_eq!(places.iter().map(|place| place.row).max(), Some(1));
    }

    #[test]
    fn one_flag_stands_in_the_first_row_clear_of_what_is_there() {
        let place = place_flags(&[flag(130.0, "early")], 50.0, 800.0, 140.0)[0];
        assert_eq!((place.row, place.left), (1, 135.0));
        let place = place_flags(&[flag(150.0, "early")], 50.0, 800.0, 140.0)[0];
        assert_eq!((place.row, place.left), (0, 155.0));
    }

    #[test]
    fn too_many_flags_still_get_places_on_the_page() {
        let flags = vec![flag(795.0, "all at one instant"); 9];
        let places = place_flags(&flags, 50.0, 800.0, 140.0);
        assert_eq!(places.len(), 9);
        assert!(places.iter().all(|place| place.right <= 800.0));
    }

    #[test]
    fn a_patch_knows_the_lines_through_it() {
        let patch = Patch { left: 10.0, right: 20.0, top: 10.0, bottom: 20.0 };
        assert!(patch.meets_line(&[(0.0, 0.0), (30.0, 30.0)]));
        assert!(patch.meets_line(&[(15.0, 0.0), (15.0, 100.0)]));
        assert!(!patch.meets_line(&[(0.0, 40.0), (30.0, 30.0)]));
        assert!(!patch.meets_line(&[(21.0, 0.0), (30.0, 30.0)]));
    }

    #[test]
    fn a_legend_breaks_its_rows() {
        let mut scene = Scene::default();
        let one = legend(&mut scene, &[("short", INK)], 60.0);
        let label = "a label of some length that fills its part of the row";
        let four = legend(&mut scene, &[(label, INK); 4], 60.0);
        assert_eq!(one, 82.0);
        assert_eq!(four, 82.0 + ROW + 2.0);
        assert_eq!(legend(&mut scene, &[], 60.0), 60.0);
    }
}
