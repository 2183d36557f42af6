//! Smart Encoding: replacing look-alikes that would force UCS-2.
//!
//! One curly quote pasted from a word processor turns a GSM-7 text into UCS-2 and shrinks its
//! parts from 153 to 67 characters. The platform can replace such characters before it chooses
//! the encoding. This file knows what replaces what, and nothing about segments.
//!
//! The platform documents families, not a normative list; the table here is built by family from
//! the Unicode names. Families and replacement lengths follow what Twilio documents and what its
//! public calculator does (<https://www.twilio.com/docs/messaging/services>,
//! <https://github.com/TwilioDevEd/message-segment-calculator> at a50230f). A rare look-alike may
//! be replaced here and not there, or the other way round, or by another sign of the same length.
//! Known differences: the calculator also replaces some fifteen combining marks, ideographic stop
//! and comma, and one asterisk that is an emoji; five C1 controls become spaces there and vanish
//! here.
//!
//! Never touched: letters with accents outside GSM-7 (no transliteration), emoji, and letters of
//! other scripts. The joiners U+200C and U+200D and the variation selectors stay too, because
//! emoji sequences and several scripts change their meaning without them.

use std::borrow::Cow;

/// Printable ASCII, U+0020 to U+007E in code order, to slice replacements from.
const ASCII: &str = concat!(
    " !\"#$%&'()*+,-./0123456789:;<=>?@",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`",
    "abcdefghijklmnopqrstuvwxyz{|}~",
);

/// Replaces typographic look-alikes by GSM-7 text, character by character.
///
/// Borrows when there is nothing to replace. A second application changes nothing, since every
/// replacement is GSM-7 and no GSM-7 character is ever replaced. The result may be longer than
/// the body (`…` becomes three characters) or shorter (a zero-width space vanishes), and it is
/// still UCS-2 if any other character needs that.
pub fn smart_encode(body: &str) -> Cow<'_, str> {
    if !body.chars().any(|c| replacement(c).is_some()) {
        return Cow::Borrowed(body);
    }
    let mut encoded = String::with_capacity(body.len());
    for c in body.chars() {
        match replacement(c) {
            Some(text) => encoded.push_str(text),
            None => encoded.push(c),
        }
    }
    Cow::Owned(encoded)
}

/// What stands in for `c`; `None` if it stays.
fn replacement(c: char) -> Option<&'static str> {
    quote(c)
        .or_else(|| dash_or_bullet(c))
        .or_else(|| punctuation(c))
        .or_else(|| small_form(c))
        .or_else(|| fullwidth(c))
        .or_else(|| small_capital(c))
        .or_else(|| space(c))
        .or_else(|| invisible(c))
}

/// Quotation marks, primes, and the accents that are typed as quotation marks.
fn quote(c: char) -> Option<&'static str> {
    match c {
        // Backtick (the one printable ASCII character outside GSM-7), acute accent.
        '`' | '\u{B4}' => Some("'"),
        // Modifier letters: prime; turned comma, apostrophe, reversed comma; vertical line,
        // acute, grave.
        '\u{2B9}' | '\u{2BB}'..='\u{2BD}' | '\u{2C8}' | '\u{2CA}' | '\u{2CB}' => Some("'"),
        // Curly: left, right, low-9, high-reversed-9.
        '\u{2018}'..='\u{201B}' => Some("'"),
        // Prime and reversed prime; angle quotation marks.
        '\u{2032}' | '\u{2035}' | '\u{2039}' | '\u{203A}' => Some("'"),
        // Heavy ornaments: turned comma, comma, low comma; angle.
        '\u{275B}' | '\u{275C}' | '\u{275F}' | '\u{276E}' | '\u{276F}' => Some("'"),

        // Guillemets.
        '\u{AB}' | '\u{BB}' => Some("\""),
        // Modifier letters: double prime, double acute, double apostrophe.
        '\u{2BA}' | '\u{2DD}' | '\u{2EE}' => Some("\""),
        // Curly: left, right, low-9, high-reversed-9.
        '\u{201C}'..='\u{201F}' => Some("\""),
        // Double prime and reversed double prime.
        '\u{2033}' | '\u{2036}' => Some("\""),
        // Heavy ornaments: turned comma, comma, low comma.
        '\u{275D}' | '\u{275E}' | '\u{2760}' => Some("\""),
        // Double prime quotation marks.
        '\u{301D}'..='\u{301F}' => Some("\""),
        _ => None,
    }
}

/// Hyphens, dashes, minus signs and bullets.
fn dash_or_bullet(c: char) -> Option<&'static str> {
    match c {
        // Hyphen, non-breaking hyphen, figure dash, en dash, em dash, horizontal bar.
        '\u{2010}'..='\u{2015}' => Some("-"),
        // Modifier letter minus, superscript minus, subscript minus, minus sign.
        '\u{2D7}' | '\u{207B}' | '\u{208B}' | '\u{2212}' => Some("-"),
        // Bullet, triangular bullet, hyphen bullet, bullet operator, white bullet.
        '\u{2022}' | '\u{2023}' | '\u{2043}' | '\u{2219}' | '\u{25E6}' => Some("-"),
        _ => None,
    }
}

/// Dots, fractions, asterisks and other doubles of ASCII punctuation.
fn punctuation(c: char) -> Option<&'static str> {
    match c {
        // One, two and three dots (leaders and the ellipsis).
        '\u{2024}' => Some("."),
        '\u{2025}' => Some(".."),
        '\u{2026}' => Some("..."),
        '\u{BC}' => Some("1/4"),
        '\u{BD}' => Some("1/2"),
        '\u{BE}' => Some("3/4"),
        // Low asterisk, flower mark, asterisk operator.
        '\u{204E}' | '\u{2055}' | '\u{2217}' => Some("*"),
        // Dingbats: four-spoked; heavy and open centre; teardrop-spoked, sixteen-pointed.
        // U+2733 and U+2734 are emoji and stay.
        '\u{2722}'..='\u{2725}' | '\u{2731}' | '\u{2732}' | '\u{273A}'..='\u{273D}' => Some("*"),
        // Fraction slash, division slash.
        '\u{2044}' | '\u{2215}' => Some("/"),
        // Set minus, reverse solidus operator.
        '\u{2216}' | '\u{29F5}' => Some("\\"),
        // Ratio.
        '\u{2236}' => Some(":"),
        // Divides, light vertical bar.
        '\u{2223}' | '\u{2758}' => Some("|"),
        // Modifier circumflex; small tilde, swung dash, tilde operator.
        '\u{2C6}' => Some("^"),
        '\u{2DC}' | '\u{2053}' | '\u{223C}' => Some("~"),
        // Double low line.
        '\u{2017}' => Some("_"),
        _ => None,
    }
}

/// Small form variants, U+FE50 to U+FE6B.
fn small_form(c: char) -> Option<&'static str> {
    match c {
        // Comma and ideographic comma.
        '\u{FE50}' | '\u{FE51}' => Some(","),
        '\u{FE52}' => Some("."),
        '\u{FE54}' => Some(";"),
        '\u{FE55}' => Some(":"),
        '\u{FE56}' => Some("?"),
        '\u{FE57}' => Some("!"),
        // Em dash and hyphen-minus.
        '\u{FE58}' | '\u{FE63}' => Some("-"),
        // Parentheses and tortoise shell brackets.
        '\u{FE59}' | '\u{FE5D}' => Some("("),
        '\u{FE5A}' | '\u{FE5E}' => Some(")"),
        '\u{FE5B}' => Some("{"),
        '\u{FE5C}' => Some("}"),
        '\u{FE5F}' => Some("#"),
        '\u{FE60}' => Some("&"),
        '\u{FE61}' => Some("*"),
        '\u{FE62}' => Some("+"),
        '\u{FE64}' => Some("<"),
        '\u{FE65}' => Some(">"),
        '\u{FE66}' => Some("="),
        '\u{FE68}' => Some("\\"),
        '\u{FE69}' => Some("$"),
        '\u{FE6A}' => Some("%"),
        '\u{FE6B}' => Some("@"),
        _ => None,
    }
}

/// Full-width forms U+FF01 to U+FF5E, which mirror ASCII U+0021 to U+007E.
fn fullwidth(c: char) -> Option<&'static str> {
    match c {
        // Full-width backtick: its ASCII twin is outside GSM-7.
        '\u{FF40}' => Some("'"),
        '\u{FF01}'..='\u{FF5E}' => {
            let index = usize::try_from(u32::from(c) - 0xFF00).expect("at most 0x5E");
            Some(&ASCII[index..=index])
        }
        _ => None,
    }
}

/// Latin small capitals. Unicode has none for X.
fn small_capital(c: char) -> Option<&'static str> {
    match c {
        '\u{1D00}' => Some("A"),
        '\u{299}' => Some("B"),
        '\u{1D04}' => Some("C"),
        '\u{1D05}' => Some("D"),
        '\u{1D07}' => Some("E"),
        '\u{A730}' => Some("F"),
        '\u{262}' => Some("G"),
        '\u{29C}' => Some("H"),
        '\u{26A}' => Some("I"),
        '\u{1D0A}' => Some("J"),
        '\u{1D0B}' => Some("K"),
        '\u{29F}' => Some("L"),
        '\u{1D0D}' => Some("M"),
        '\u{274}' => Some("N"),
        '\u{1D0F}' => Some("O"),
        '\u{1D18}' => Some("P"),
        '\u{A7AF}' => Some("Q"),
        '\u{280}' => Some("R"),
        '\u{A731}' => Some("S"),
        '\u{1D1B}' => Some("T"),
        '\u{1D1C}' => Some("U"),
        '\u{1D20}' => Some("V"),
        '\u{1D21}' => Some("W"),
        '\u{28F}' => Some("Y"),
        '\u{1D22}' => Some("Z"),
        _ => None,
    }
}

/// White space other than the space, line feed, carriage return and form feed of GSM-7.
///
/// Seven spaces for a tab, two for the no-break space and its kin, and one for the em quad alone
/// are odd numbers; they are those of the published calculator's table.
fn space(c: char) -> Option<&'static str> {
    match c {
        '\t' => Some("       "),
        // No-break space; en quad.
        '\u{A0}' | '\u{2000}' => Some("  "),
        // En and em space down to hair space; narrow no-break, medium mathematical, ideographic.
        '\u{2002}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => Some("  "),
        // Ogham space mark; em quad; line separator, paragraph separator.
        '\u{1680}' | '\u{2001}' | '\u{2028}' | '\u{2029}' => Some(" "),
        _ => None,
    }
}

/// Characters that print nothing: they vanish.
fn invisible(c: char) -> Option<&'static str> {
    match c {
        // C0 controls; tab is a space, and line feed, form feed and carriage return are GSM-7.
        // The escape U+001B is a code of GSM-7, not a character of it.
        '\0'..='\u{8}' | '\u{B}' | '\u{E}'..='\u{1F}' => Some(""),
        // Delete and the C1 controls.
        '\u{7F}'..='\u{9F}' => Some(""),
        // Soft hyphen; zero-width space; word joiner and the invisible operators; byte order mark.
        '\u{AD}' | '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' => Some(""),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SegmentLimits, segment, septets};
    use super::*;

    fn entries() -> impl Iterator<Item = (char, &'static str)> {
        ('\0'..=char::MAX).filter_map(|c| replacement(c).map(|text| (c, text)))
    }

    /// Counted by hand from the ranges above, so that one that swallows its neighbours does not go
    /// unseen.
    #[test]
    fn size_of_each_family() {
        let size =
            |family: fn(char) -> Option<&'static str>| ('\0'..=char::MAX).filter(|&c| family(c).is_some()).count();
        let sizes = [
            size(quote),
            size(dash_or_bullet),
            size(punctuation),
            size(small_form),
            size(fullwidth),
            size(small_capital),
            size(space),
            size(invisible),
        ];
        assert_eq!(sizes, [39, 15, 31, 26, 94, 25, 19, 69]);
        // No character is in two families.
        assert_eq!(entries().count(), sizes.iter().sum::<usize>());
    }

    #[test]
    fn every_replacement_is_gsm7_and_stays() {
        for (c, text) in entries() {
            assert!(text.chars().all(|r| septets(r).is_some()), "{c:?}: {text:?}");
            let once = smart_encode(text);
            assert_eq!(once, text, "{c:?} is replaced twice");
        }
    }

    #[test]
    fn no_gsm7_character_is_replaced() {
        for (c, _) in entries() {
            assert_eq!(septets(c), None, "{c:?}");
        }
    }

    /// The only printable ASCII character outside GSM-7 is the backtick.
    #[test]
    fn printable_ascii_ends_up_as_gsm7() {
        let printable: String = (' '..='~').collect();
        assert_eq!(printable, ASCII);
        assert_eq!(smart_encode(&printable), printable.replace('`', "'"));
    }

    #[test]
    fn examples_of_each_family() {
        for (body, expected) in [
            ("“It’s” ‘so’ «la» ‹la› „da‚", "\"It's\" 'so' \"la\" 'la' \"da'"),
            ("5′ 6″ ` ´", "5' 6\" ' '"),
            ("a‐b‑c–d—e−f • g", "a-b-c-d-e-f - g"),
            ("wait… ½ ¼ ¾", "wait... 1/2 1/4 3/4"),
            ("∗✱✽＊﹡", "*****"),
            ("ＡＺａｚ０９！～＠［｀", "AZaz09!~@['"),
            ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "ABCDEFGHIJKLMNOPQRSTUVWYZ"),
            ("﹐﹑﹒﹔﹕﹖﹗﹘﹙﹚﹛﹜﹝﹞", ",,.;:?!-(){}()"),
            ("﹟﹠﹡﹢﹣﹤﹥﹦﹨﹩﹪﹫", "#&*+-<>=\\$%@"),
            ("․‥…⁄∕∖∶∣❘ˆ˜∼‗", "......//\\:||^~~_"),
            ("a\u{A0}b\u{2009}c\u{3000}d", "a  b  c  d"),
            ("a\tb", "a       b"),
            ("a\u{200B}b\u{FEFF}c\u{0}d\u{7F}e\u{9F}f\u{1B}", "abcdef"),
        ] {
            assert_eq!(smart_encode(body), expected);
            assert_eq!(smart_encode(expected), expected);
        }
    }

    /// Full-width forms lie 0xFEE0 above their ASCII twins, by Unicode's layout.
    #[test]
    fn fullwidth_mirrors_ascii() {
        for code in 0x21..0x7F_u32 {
            let twin = char::from_u32(code).unwrap();
            let wide = char::from_u32(code + 0xFEE0).unwrap();
            let expected = if twin == '`' { '\'' } else { twin };
            assert_eq!(replacement(wide), Some(expected.to_string().as_str()));
        }
        assert_eq!(replacement('\u{FF00}'), None);
        assert_eq!(replacement('\u{FF5F}'), None);
    }

    #[test]
    fn the_rest_is_borrowed_as_it_is() {
        for body in [
            "",
            "Plain text, 100% GSM-7: {ok} €5 ÇÑÜ\r\n\u{C}",
            "çáíóú ăşğ ñ",
            "n\u{303}",
            "👍🏽 👨\u{200D}👩\u{200D}👧 ❤\u{FE0F} ✳",
            "中文。",
            "한국어 العربية עברית кириллица ελληνικά",
        ] {
            assert!(matches!(smart_encode(body), Cow::Borrowed(same) if same == body));
        }
    }

    #[test]
    fn idempotent_on_mixtures() {
        let mixed: String = entries().map(|(c, _)| c).chain("é😀中€".chars()).collect();
        let once = smart_encode(&mixed).into_owned();
        assert_ne!(once, mixed);
        assert!(matches!(smart_encode(&once), Cow::Borrowed(same) if same == once));
    }

    /// Encoding smartly may cost a segment: 54 ellipses are one UCS-2 segment of 54 units, or 162
    /// septets in two.
    #[test]
    fn longer_is_possible() {
        let dots = "…".repeat(54);
        let segments = |body: &str| segment(body, SegmentLimits::STANDARD).segments;
        assert_eq!(segments(&dots), 1);
        assert_eq!(segments(&smart_encode(&dots)), 2);
    }
}
