//! Text: the embedded font, how wide a text is, and glyphs as pixels.
//!
//! Glyphs are placed here and not by the chart library, which leaves out each glyph's side bearing and so
//! spaces letters unevenly. In SVG the text stays text; only its measured width comes from here, so a viewer
//! without Noto Sans shows another face at slightly different widths.
//! Not here: shaping and scripts beyond Latin; a character the font lacks is drawn as a box in PNG.

use std::convert::Infallible;
use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, Glyph, point};
use plotters_backend::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendTextStyle, FontFamily, FontStyle};

/// Noto Sans Regular, cut to Latin-1, dashes, quotes, arrows and comparison signs (SIL Open Font License 1.1).
pub const REGULAR: &[u8] = include_bytes!("../fonts/NotoSans-Regular.ttf");
/// Noto Sans Bold, cut in the same way.
pub const BOLD: &[u8] = include_bytes!("../fonts/NotoSans-Bold.ttf");
/// The font family as CSS and SVG name it.
pub const FAMILY: &str = "Noto Sans, sans-serif";

static REGULAR_FACE: LazyLock<FontRef<'static>> = LazyLock::new(|| face(REGULAR));
static BOLD_FACE: LazyLock<FontRef<'static>> = LazyLock::new(|| face(BOLD));

fn face(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(bytes).expect("the embedded font is well formed")
}

/// The two weights of the charts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Weight {
    Regular,
    Bold,
}

impl Weight {
    fn face(self) -> &'static FontRef<'static> {
        match self {
            Weight::Regular => &REGULAR_FACE,
            Weight::Bold => &BOLD_FACE,
        }
    }
}

/// The width of `text` at font size `size`, in the unit of `size`.
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let face = weight.face();
    let units: f64 = text.chars().map(|c| f64::from(face.h_advance_unscaled(face.glyph_id(c)))).sum();
    units * size / units_per_em(face)
}

fn units_per_em(face: &FontRef<'static>) -> f64 {
    f64::from(face.units_per_em().expect("the embedded font names its units"))
}

/// `text` if it is no wider than `room`, else as much of it as fits with an ellipsis.
pub fn fit(text: &str, size: f64, weight: Weight, room: f64) -> String {
    if width(text, size, weight) <= room {
        return text.to_owned();
    }
    let mut cut: Vec<char> = text.chars().collect();
    while cut.pop().is_some() {
        let shorter: String = cut.iter().collect();
        let shorter = format!("{}…", shorter.trim_end());
        if width(&shorter, size, weight) <= room {
            return shorter;
        }
    }
    String::new()
}

/// `text` on one line: XML has no place for control characters, and a label none for line breaks.
pub fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| {
            let unwanted = c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}');
            if unwanted { ' ' } else { c }
        })
        .collect()
}

/// A text style as the drawing backends ask for it; positions are the top of the text, as [`ASCENT`] has it.
pub struct Style {
    /// Font size (em) in device pixels.
    pub size: f64,
    pub weight: Weight,
    pub align: HPos,
    pub color: BackendColor,
}

/// The top of the text lies this many em above its baseline: the figure the SVG backend uses.
pub const ASCENT: f64 = 0.76;

impl BackendTextStyle for Style {
    type FontError = Infallible;

    fn color(&self) -> BackendColor {
        self.color
    }

    /// The SVG backend divides by 1.24 to get the em.
    fn size(&self) -> f64 {
        self.size * 1.24
    }

    fn style(&self) -> FontStyle {
        match self.weight {
            Weight::Regular => FontStyle::Normal,
            Weight::Bold => FontStyle::Bold,
        }
    }

    fn anchor(&self) -> Pos {
        Pos::new(self.align, VPos::Top)
    }

    fn family(&self) -> FontFamily<'_> {
        FontFamily::Name(FAMILY)
    }

    fn layout_box(&self, text: &str) -> Result<(BackendCoord, BackendCoord), Infallible> {
        let width = width(text, self.size, self.weight).round() as i32;
        Ok(((0, 0), (width, self.size.round() as i32)))
    }

    fn draw<E, DrawFunc: FnMut(i32, i32, BackendColor) -> Result<(), E>>(
        &self,
        text: &str,
        (x, y): BackendCoord,
        mut draw: DrawFunc,
    ) -> Result<Result<(), E>, Infallible> {
        for glyph in self.glyphs(text) {
            let Some(outline) = self.weight.face().outline_glyph(glyph) else {
                continue;
            };
            let corner = outline.px_bounds().min;
            let (left, top) = (x + corner.x as i32, y + corner.y as i32);
            let mut covered = Vec::new();
            outline.draw(|dx, dy, coverage| covered.push((dx, dy, coverage)));
            for (dx, dy, coverage) in covered {
                let alpha = self.color.alpha * f64::from(coverage.min(1.0));
                let color = BackendColor { alpha, ..self.color };
                if let Err(error) = draw(left + dx as i32, top + dy as i32, color) {
                    return Ok(Err(error));
                }
            }
        }
        Ok(Ok(()))
    }
}

impl Style {
    /// The glyphs of `text`, the first with its origin at x = 0, on the baseline that [`ASCENT`] gives.
    fn glyphs(&self, text: &str) -> Vec<Glyph> {
        let face = self.weight.face();
        let per_unit = self.size / units_per_em(face);
        // The font crate scales by the height of the line, not by the em.
        let scale = (f64::from(face.height_unscaled()) * per_unit) as f32;
        let baseline = (self.size * ASCENT) as f32;
        let mut x = 0.0;
        text.chars()
            .map(|c| {
                let id = face.glyph_id(c);
                let glyph = id.with_scale_and_position(scale, point(x as f32, baseline));
                x += f64::from(face.h_advance_unscaled(id)) * per_unit;
                glyph
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_font() {
        // Noto Sans: each digit advances 572 of 1000 units, "i" 258 (Regular), 305 (Bold).
        assert!((width("0123", 10.0, Weight::Regular) - 22.88).abs() < 1e-9);
        assert!((width("i", 100.0, Weight::Regular) - 25.8).abs() < 1e-9);
        assert!((width("i", 100.0, Weight::Bold) - 30.5).abs() < 1e-9);
    }

    #[test]
    fn the_font_has_the_signs_the_charts_use() {
        for face in [&*REGULAR_FACE, &*BOLD_FACE] {
            for c in "AZaz09µ–—…≤≥≠×→←↑↓±·°%é'’“”".chars() {
                assert_ne!(face.glyph_id(c).0, 0, "no glyph for {c}");
            }
        }
    }

    #[test]
    fn a_long_text_is_cut_with_an_ellipsis() {
        assert_eq!(fit("short", 10.0, Weight::Regular, 100.0), "short");
        let cut = fit("a text that is far too long", 10.0, Weight::Regular, 60.0);
        assert!(cut.ends_with('…') && cut.starts_with("a text"), "{cut}");
        assert!(width(&cut, 10.0, Weight::Regular) <= 60.0);
        assert_eq!(fit("mmm", 10.0, Weight::Regular, 1.0), "");
    }

    #[test]
    fn control_characters_become_spaces() {
        assert_eq!(one_line("a\nb\u{0}c\td"), "a b c d");
    }
}
