//! Tests of the segmentation: boundaries by hand, and random texts against a second
//! implementation that cuts real septets, and against the crate `sms_splitter`.

use super::*;

const STANDARD: SegmentLimits = SegmentLimits::STANDARD;

/// The characters of the default alphabet that are not ASCII, gathered by script and not by code.
const NOT_ASCII: &str = "ΓΔΘΛΞΠΣΦΨΩ¡¿§¤¥£ÇÄÖÑÜàäöñüèéùìòÅåÆæØøßÉ";

fn segmentation(encoding: Encoding, units: u32, segments: u32) -> Segmentation {
    Segmentation { encoding, units, segments }
}

/// Checks a text under the standard limits.
fn check(body: &str, encoding: Encoding, units: u32, segments: u32) {
    let expected = segmentation(encoding, units, segments);
    assert_eq!(segment(body, STANDARD), expected, "{body:?}");
}

fn check_gsm7(body: &str, units: u32, segments: u32) {
    check(body, Encoding::Gsm7, units, segments);
}

fn check_ucs2(body: &str, units: u32, segments: u32) {
    check(body, Encoding::Ucs2, units, segments);
}

/// Whether `c` is a basic character, told from ASCII and its exceptions and not from the table.
fn naive_is_basic(c: char) -> bool {
    match c {
        '\n' | '\r' => true,
        ' '..='~' => !"`^{}\\[~]|".contains(c),
        _ => NOT_ASCII.contains(c),
    }
}

/// The codes on the wire, 0x1B before each extension code. Other codes are all written as 0,
/// because only the escape matters to the cut.
fn naive_septets(body: &str) -> Option<Vec<u16>> {
    let mut codes = Vec::new();
    for c in body.chars() {
        if naive_is_basic(c) {
            codes.push(0);
        } else if "\u{C}^{}\\[~]|€".contains(c) {
            codes.extend([0x1B, 0]);
        } else {
            return None;
        }
    }
    Some(codes)
}

/// Cuts codes into parts of `room`, then gives a leading half at the end of a part back.
fn naive_parts(codes: &[u16], room: usize, leads: fn(u16) -> bool) -> Vec<Vec<u16>> {
    let mut parts = Vec::new();
    let mut rest = codes;
    while !rest.is_empty() {
        let mut end = room.min(rest.len());
        if leads(rest[end - 1]) {
            end -= 1;
        }
        parts.push(rest[..end].to_vec());
        rest = &rest[end..];
    }
    parts
}

fn naive_segment(body: &str, limits: SegmentLimits) -> Segmentation {
    let (encoding, codes, single, multi, leads): (_, _, _, _, fn(u16) -> bool) = match naive_septets(body) {
        Some(codes) => (Encoding::Gsm7, codes, limits.gsm7_single, limits.gsm7_multi, |code| code == 0x1B),
        None => (Encoding::Ucs2, body.encode_utf16().collect(), limits.ucs2_single, limits.ucs2_multi, |code| {
            (0xD800..0xDC00).contains(&code)
        }),
    };
    let segments = if codes.len() <= usize::from(single) {
        1
    } else {
        let parts = naive_parts(&codes, usize::from(multi), leads);
        assert_eq!(parts.concat(), codes, "nothing is lost");
        parts.len()
    };
    segmentation(encoding, codes.len().try_into().unwrap(), segments.try_into().unwrap())
}

/// SplitMix64 (Steele, Lea, Flood 2014), enough to draw test texts.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }

    /// A text of up to 500 characters from a random choice among the four kinds of character,
    /// so that texts without UCS-2 characters are as frequent as texts with them.
    fn text(&mut self) -> String {
        let kinds = [
            ["a", "Z", "é", "Ω", "\n", "@", "7", " "],
            ["€", "^", "{", "}", "\\", "[", "|", "\u{C}"],
            ["ж", "ç", "\u{2019}", "中", "`", "\t", "한", "א"],
            ["😀", "🇩", "👍", "𝔸", "🎉", "👨", "🏽", "𐍈"],
        ];
        let chosen = 1 + self.below(15);
        let present: Vec<_> = (0..4).filter(|kind| chosen >> kind & 1 == 1).collect();
        let length = self.below(501);
        (0..length).map(|_| kinds[present[self.below(present.len())]][self.below(8)]).collect()
    }
}

#[test]
fn basic_table_has_127_characters_of_one_septet_and_the_escape() {
    let characters: Vec<char> = BASIC.into_iter().filter(|&c| c != ESCAPE).collect();
    assert_eq!(BASIC.len(), 128);
    assert_eq!(characters.len(), 127);
    for (index, &c) in characters.iter().enumerate() {
        assert_eq!(septets(c), Some(1), "{c:?}");
        assert!(naive_is_basic(c), "{c:?}");
        assert!(!characters[..index].contains(&c), "{c:?} stands there twice");
        assert!(!EXTENSION.contains(&c), "{c:?} is in both tables");
    }
    let from_rules = ('\0'..=char::MAX).filter(|&c| naive_is_basic(c)).count();
    assert_eq!(from_rules, 127);
}

/// Most ASCII characters keep their code in GSM-7; the table is in code order only if they do.
#[test]
fn basic_table_is_in_code_order() {
    for (code, &c) in BASIC.iter().enumerate() {
        let moved = ['@', '$', '_', ESCAPE].contains(&c);
        if c.is_ascii() && !moved {
            assert_eq!(code, c as usize, "{c:?}");
        }
    }
    for (code, c) in [
        (0x00, '@'),
        (0x02, '$'),
        (0x10, 'Δ'),
        (0x11, '_'),
        (0x1B, ESCAPE),
        (0x1F, 'É'),
        (0x24, '¤'),
        (0x40, '¡'),
        (0x5B, 'Ä'),
        (0x5C, 'Ö'),
        (0x5D, 'Ñ'),
        (0x5E, 'Ü'),
        (0x5F, '§'),
        (0x60, '¿'),
        (0x7B, 'ä'),
        (0x7C, 'ö'),
        (0x7D, 'ñ'),
        (0x7E, 'ü'),
        (0x7F, 'à'),
    ] {
        assert_eq!(BASIC[code], c);
    }
}

#[test]
fn extension_characters_are_two_septets() {
    assert_eq!(EXTENSION.len(), 10);
    for c in EXTENSION {
        check_gsm7(&c.to_string(), 2, 1);
    }
}

#[test]
fn every_other_character_is_ucs2() {
    let gsm7 = ('\0'..=char::MAX).filter(|&c| septets(c).is_some()).count();
    assert_eq!(gsm7, 137);
    for body in ["`", "ç", "\t", "\u{1B}", "\0", "\u{2019}", "–", "Á", "ı"] {
        check_ucs2(body, 1, 1);
    }
    // U+2126 and U+2206 look like two Greek capitals of GSM-7 and are not.
    check_gsm7("ΩΔ", 2, 1);
    check_ucs2("\u{2126}\u{2206}", 2, 1);
}

#[test]
fn empty_body_is_one_segment() {
    check_gsm7("", 0, 1);
}

#[test]
fn line_feed_is_one_and_crlf_two() {
    check_gsm7("\n", 1, 1);
    check_gsm7("\r\n", 2, 1);
    check_ucs2("ж\r\n", 3, 1);
}

#[test]
fn gsm7_boundaries() {
    for (length, segments) in [
        (1, 1),
        (153, 1),
        (159, 1),
        (160, 1),
        (161, 2),
        (306, 2),
        (307, 3),
        (459, 3),
        (460, 4),
        (1_530, 10),
        (1_531, 11),
        (1_600, 11),
    ] {
        check_gsm7(&"a".repeat(length as usize), length, segments);
    }
}

#[test]
fn ucs2_boundaries() {
    for (length, segments) in [
        (1, 1),
        (67, 1),
        (70, 1),
        (71, 2),
        (134, 2),
        (135, 3),
        (201, 3),
        (202, 4),
        (1_541, 23),
        (1_542, 24),
        (1_600, 24),
    ] {
        check_ucs2(&"ж".repeat(length as usize), length, segments);
    }
}

#[test]
fn an_escape_is_never_the_last_septet_of_a_part() {
    let a = |count| "a".repeat(count);
    // A text in one SMS has no boundary: 158 + 2 fits, 159 + 2 does not.
    check_gsm7(&(a(158) + "€"), 160, 1);
    check_gsm7(&(a(159) + "€"), 161, 2);
    // 151 + 2 fills the first part, and 153 the second.
    check_gsm7(&(a(151) + "€" + &a(153)), 306, 2);
    // The first part carries 152, the second 2 + 151, and one septet is left over.
    check_gsm7(&(a(152) + "€" + &a(151)), 305, 2);
    check_gsm7(&(a(152) + "€" + &a(152)), 306, 3);
    // Nothing but pairs: 76 in a part.
    check_gsm7(&"€".repeat(80), 160, 1);
    check_gsm7(&"€".repeat(81), 162, 2);
    check_gsm7(&"€".repeat(152), 304, 2);
    check_gsm7(&"€".repeat(153), 306, 3);
    check_gsm7(&"€".repeat(1_600), 3_200, 22);
}

#[test]
fn a_surrogate_pair_is_never_cut() {
    let zhe = |count| "ж".repeat(count);
    check_ucs2(&"😀".repeat(35), 70, 1);
    check_ucs2(&"😀".repeat(36), 72, 2);
    // 33 in a part, which carries 66.
    check_ucs2(&"😀".repeat(66), 132, 2);
    check_ucs2(&"😀".repeat(67), 134, 3);
    check_ucs2(&(zhe(65) + "😀" + &zhe(67)), 134, 2);
    check_ucs2(&(zhe(66) + "😀" + &zhe(65)), 133, 2);
    check_ucs2(&(zhe(66) + "😀" + &zhe(66)), 134, 3);
}

#[test]
fn one_foreign_character_turns_the_whole_text() {
    check_gsm7(&"a".repeat(71), 71, 1);
    check_ucs2(&("a".repeat(70) + "ж"), 71, 2);
    // Extension characters are one unit once the text is UCS-2.
    check_gsm7(&"€".repeat(70), 140, 1);
    check_ucs2(&("€".repeat(69) + "ж"), 70, 1);
}

#[test]
fn smart_encoding_saves_a_segment() {
    let body = "a".repeat(160) + "\u{2019}";
    check_ucs2(&body, 161, 3);
    check_gsm7(&smart_encode(&body), 161, 2);
}

#[test]
fn limits_are_a_parameter() {
    // 136 septets are 952 bits; a header of 48 leaves 904, which is 129 septets.
    let canada = SegmentLimits { gsm7_single: 136, gsm7_multi: 129, ..STANDARD };
    let segments = |body: &str| segment(body, canada).segments;
    assert_eq!(segments(&"a".repeat(136)), 1);
    assert_eq!(segments(&"a".repeat(137)), 2);
    assert_eq!(segments(&"a".repeat(258)), 2);
    assert_eq!(segments(&"a".repeat(259)), 3);
    assert_eq!(segments(&"ж".repeat(70)), 1);
    assert_eq!(segments(&"ж".repeat(71)), 2);
}

#[test]
fn consistent_limits() {
    assert!(STANDARD.are_consistent());
    let tiny = SegmentLimits { gsm7_single: 2, gsm7_multi: 2, ucs2_single: 2, ucs2_multi: 2 };
    assert!(tiny.are_consistent());
    assert_eq!(segment("a€a", tiny).segments, 3);
    for broken in [
        SegmentLimits { gsm7_multi: 1, ..STANDARD },
        SegmentLimits { ucs2_multi: 1, ..STANDARD },
        SegmentLimits { gsm7_single: 152, ..STANDARD },
        SegmentLimits { ucs2_single: 66, ..STANDARD },
    ] {
        assert!(!broken.are_consistent(), "{broken:?}");
    }
}

#[test]
#[should_panic(expected = "no segments under")]
fn inconsistent_limits_panic() {
    segment("a", SegmentLimits { gsm7_single: 136, ..STANDARD });
}

#[test]
fn body_length_counts_utf16_units() {
    assert_eq!(body_length(""), 0);
    assert_eq!(body_length("a€ж\r\n"), 5);
    assert_eq!(body_length("😀"), 2);
    // Four emoji of two units and three joiners.
    assert_eq!(body_length("👨\u{200D}👩\u{200D}👧\u{200D}👦"), 11);
    // The longest bodies the limit admits.
    let emoji = "😀".repeat(800);
    assert_eq!(body_length(&emoji), BODY_LIMIT_CHARACTERS);
    check_ucs2(&emoji, 1_600, 25);
}

#[test]
fn encoding_names() {
    assert_eq!(Encoding::Gsm7.to_string(), "GSM-7");
    assert_eq!(format!("[{:>7}]", Encoding::Ucs2), "[  UCS-2]");
}

/// Aim: no character, boundary or mixture is counted otherwise than by cutting the encoded text.
/// Limits vary too, since small ones have many boundaries.
#[test]
fn random_texts_agree_with_cutting_the_encoded_text() {
    let mut draws = Draws(1);
    let mut padded = 0;
    for round in 0..5_000 {
        let body = draws.text();
        let multi = 2 + u16::try_from(draws.below(60)).unwrap();
        let single = multi + u16::try_from(draws.below(9)).unwrap();
        let small = SegmentLimits { gsm7_single: single, gsm7_multi: multi, ucs2_single: single, ucs2_multi: multi };
        for limits in [STANDARD, small] {
            let found = segment(&body, limits);
            let expected = naive_segment(&body, limits);
            assert_eq!(found, expected, "round {round}, {limits:?}: {body:?}");
        }
        let tight = segment(&body, small);
        let without_gaps = tight.units.div_ceil(u32::from(multi));
        padded += usize::from(tight.segments > without_gaps);
    }
    assert!(padded > 500, "only {padded} texts had a pair at a boundary");
}

/// Aim: the tables agree with those of a crate made from another source (`sms_splitter`, a port
/// of the npm package `split-sms`). It cannot split an empty text.
#[test]
fn random_texts_agree_with_sms_splitter() {
    let oracle = sms_splitter::SplitSms::default();
    let split = |body: &str| {
        let result = oracle.split(String::from(body));
        let (encoding, octets) = match result.character_set.as_str() {
            "GSM" => (Encoding::Gsm7, 1),
            _ => (Encoding::Ucs2, 2),
        };
        let units = result.bytes / octets;
        segmentation(encoding, units.try_into().unwrap(), result.parts.len().try_into().unwrap())
    };
    let mut draws = Draws(2);
    for round in 0..3_000 {
        let body = draws.text();
        if !body.is_empty() {
            let expected = split(&body);
            assert_eq!(segment(&body, STANDARD), expected, "{round}: {body:?}");
        }
    }
    for c in '\0'..='\u{FFFF}' {
        let body = c.to_string();
        assert_eq!(segment(&body, STANDARD), split(&body), "{c:?}");
    }
}
