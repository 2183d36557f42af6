//! A second splitter of texts, slow and plain: it writes out every part. It shares nothing with the program's: the tables
//! are typed from the standard's, characters are told apart by search, and a part is found by growing it until the next
//! character would no longer fit.

/// The default alphabet of 3GPP TS 23.038 without its escape, in the order of a keyboard and not of codes.
const ONE_SEPTET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 \n\r\
    !\"#%&'()*+,-./:;<=>?@_$£¥¤§¡¿àäåæèéìñòöøùüßÄÅÆÇÉÑÖØÜΔΦΓΛΩΠΨΣΘΞ";

/// Its extension table: two septets each.
const TWO_SEPTETS: &str = "{}[]~\\|^€\u{c}";

/// What fits one message alone, and each part of several.
#[derive(Clone, Copy)]
pub struct Rooms {
    pub single: usize,
    pub part: usize,
}

pub struct Part {
    pub text: String,
    pub units: usize,
}

pub struct Split {
    pub gsm7: bool,
    pub parts: Vec<Part>,
}

pub fn split(text: &str, gsm7: Rooms, ucs2: Rooms) -> Split {
    let is_gsm7 = text.chars().all(|c| ONE_SEPTET.contains(c) || TWO_SEPTETS.contains(c));
    let rooms = if is_gsm7 { gsm7 } else { ucs2 };
    let size = |piece: &str| {
        if is_gsm7 {
            piece.chars().count() + piece.chars().filter(|c| TWO_SEPTETS.contains(*c)).count()
        } else {
            piece.encode_utf16().count()
        }
    };
    let whole = Part { text: text.to_owned(), units: size(text) };
    if whole.units <= rooms.single {
        return Split { gsm7: is_gsm7, parts: vec![whole] };
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8());
        let end = ends.take_while(|end| size(&rest[..*end]) <= rooms.part).last().expect("a character fits");
        let (piece, behind) = rest.split_at(end);
        parts.push(Part { text: piece.to_owned(), units: size(piece) });
        rest = behind;
    }
    Split { gsm7: is_gsm7, parts }
}
