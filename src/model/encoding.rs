//! From a text to its encoding, its size and its number of message segments.
//!
//! A text travels as GSM-7 if every character is in the GSM 7-bit default alphabet or its
//! extension table (3GPP TS 23.038, 6.2.1 and 6.2.1.1); a single other character turns the whole
//! text into UCS-2. One SMS carries 140 octets: 160 septets or 70 UTF-16 code units. A longer text
//! is cut into parts that each give 6 octets to the concatenation header, which leaves 153 septets
//! or 67 units. An extension character is two septets (escape and code) and a character beyond
//! U+FFFF is two units (a surrogate pair); neither is cut, so a part may carry 152 or 66.
//! Parts are filled greedily, as Twilio's public calculator does
//! (<https://github.com/TwilioDevEd/message-segment-calculator> at a50230f).
//!
//! Left out:
//! - Grapheme clusters. The calculator also keeps joined emoji and combining sequences whole at a
//!   part boundary, which now and then costs a segment more than counted here.
//! - National shift tables (3GPP TS 23.038, annex A). The platform is taken not to use them, so a
//!   Turkish or Portuguese letter means UCS-2.
//! - The 16-bit reference in the concatenation header (152 or 66 per part), and operators that cut
//!   a text again. Pass other [`SegmentLimits`] for the first.
//!
//! The text is taken as handed to the carrier: apply [`smart_encode`] first where it is on.

use std::fmt;

pub use smart::smart_encode;

mod smart;
#[cfg(test)]
mod tests;

/// Longest body the platform takes, as counted by [`body_length`]; a longer one is error 21617.
/// Source: Twilio's OpenAPI description, `twilio_api_v2010.json` of 2026-04-14.
pub const BODY_LIMIT_CHARACTERS: usize = 1_600;

/// The GSM 7-bit default alphabet: the character of code `n` stands at index `n`.
#[rustfmt::skip] // rows of sixteen codes, as the standard's table has columns
const BASIC: [char; 128] = [
    /* 0x00 */ '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å',
    /* 0x10 */ 'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', ESCAPE, 'Æ', 'æ', 'ß', 'É',
    /* 0x20 */ ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
    /* 0x30 */ '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
    /* 0x40 */ '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
    /* 0x50 */ 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§',
    /* 0x60 */ '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    /* 0x70 */ 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// Code 0x1B announces a code of the extension table. It is not a character: a text that holds
/// U+001B is not GSM-7.
const ESCAPE: char = '\u{1B}';

/// The extension table: form feed and nine more, at 0x0A, 0x14, 0x28, 0x29, 0x2F, 0x3C, 0x3D,
/// 0x3E, 0x40 and 0x65. Each is sent as the escape and its code.
const EXTENSION: [char; 10] = ['\u{C}', '^', '{', '}', '\\', '[', '~', ']', '|', '€'];

/// How the characters of a text are written into an SMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// Seven bits per character, two codes for an extension character.
    Gsm7,
    /// Sixteen bits per UTF-16 code unit, so that in truth it is UTF-16.
    Ucs2,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Encoding::Gsm7 => "GSM-7",
            Encoding::Ucs2 => "UCS-2",
        })
    }
}

/// How much one segment holds, in septets or UTF-16 code units. A country or a sender type may
/// differ from [`SegmentLimits::STANDARD`]: Canada's guidelines name 136 septets for one SMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentLimits {
    /// Septets of a text that fits one SMS.
    pub gsm7_single: u16,
    /// Septets of each part of a longer text.
    pub gsm7_multi: u16,
    /// UTF-16 code units of a text that fits one SMS.
    pub ucs2_single: u16,
    /// UTF-16 code units of each part of a longer text.
    pub ucs2_multi: u16,
}

impl SegmentLimits {
    /// 140 octets, less a header of 6 octets in each part of several (3GPP TS 23.040).
    pub const STANDARD: Self = Self { gsm7_single: 160, gsm7_multi: 153, ucs2_single: 70, ucs2_multi: 67 };

    /// Whether these limits make sense: a part takes the largest character (two units), and is
    /// not larger than an SMS on its own. Check limits that a user wrote with it.
    pub const fn are_consistent(self) -> bool {
        self.gsm7_multi >= 2
            && self.ucs2_multi >= 2
            && self.gsm7_multi <= self.gsm7_single
            && self.ucs2_multi <= self.ucs2_single
    }
}

/// The size of a text as it is paced and billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segmentation {
    /// What the text as a whole is written in.
    pub encoding: Encoding,
    /// Septets, escapes included, or UTF-16 code units; headers and unused room do not count.
    pub units: u32,
    /// Message segments, at least 1.
    pub segments: u32,
}

/// Chooses the encoding of `body` and counts its segments.
///
/// An empty body is one segment of no units: an SMS without text is still an SMS, and whoever
/// sends one occupies a slot of the sender. That the platform refuses it is for the caller.
///
/// # Panics
///
/// If the limits are not [consistent](SegmentLimits::are_consistent).
pub fn segment(body: &str, limits: SegmentLimits) -> Segmentation {
    assert!(limits.are_consistent(), "no segments under {limits:?}");
    let (encoding, sizes, single, multi) = match gsm7_sizes(body) {
        Some(sizes) => (Encoding::Gsm7, sizes, limits.gsm7_single, limits.gsm7_multi),
        None => (Encoding::Ucs2, ucs2_sizes(body), limits.ucs2_single, limits.ucs2_multi),
    };
    let units = sizes.iter().sum();
    let segments = if units <= u32::from(single) { 1 } else { count_parts(&sizes, u32::from(multi)) };
    Segmentation { encoding, units, segments }
}

/// Length of a body for [`BODY_LIMIT_CHARACTERS`], in UTF-16 code units: `€` is 1, an emoji is at
/// least 2.
///
/// The platform says "characters" and leaves open which. UTF-16 units are chosen because UCS-2
/// parts are counted in them: the limit then bounds the parts, to 24 (1,600 / 67 rounded up), or
/// 25 (1,600 / 66) if surrogate pairs leave gaps. Counted in scalar values, 1,600 emoji would pass
/// as 49 parts.
pub fn body_length(body: &str) -> usize {
    body.encode_utf16().count()
}

/// Septets of each character, or `None` if one is outside GSM-7.
fn gsm7_sizes(body: &str) -> Option<Vec<u32>> {
    body.chars().map(septets).collect()
}

/// Septets of one character, or `None` if it is outside GSM-7.
fn septets(c: char) -> Option<u32> {
    if c == ESCAPE {
        None
    } else if BASIC.contains(&c) {
        Some(1)
    } else if EXTENSION.contains(&c) {
        Some(2)
    } else {
        None
    }
}

/// UTF-16 code units of each character.
fn ucs2_sizes(body: &str) -> Vec<u32> {
    body.chars().map(|c| if c > '\u{FFFF}' { 2 } else { 1 }).collect()
}

/// Parts of at most `room` units that hold characters of these sizes in order, each whole.
fn count_parts(sizes: &[u32], room: u32) -> u32 {
    let mut parts = 1;
    let mut used = 0;
    for size in sizes {
        if used + size > room {
            parts += 1;
            used = 0;
        }
        used += size;
    }
    parts
}
