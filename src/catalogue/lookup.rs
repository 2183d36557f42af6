//! Which country somebody means: by its code, its English name, another common name, or a misspelt one.
//!
//! Not here: whether another spelling is good enough. A scenario file takes the code alone, the command line all of them.

use super::{codes, country};
use crate::model::country::CountryCode;
use crate::suggestion;

/// Common names that are neither code nor English name, in small letters, and the code meant.
const OTHER_NAMES: [(&str, &str); 25] = [
    ("america", "US"),
    ("britain", "GB"),
    ("czech republic", "CZ"),
    ("czechia", "CZ"),
    ("emirates", "AE"),
    ("england", "GB"),
    ("great britain", "GB"),
    ("holland", "NL"),
    ("hong kong", "HK"),
    ("ivory coast", "CI"),
    ("korea", "KR"),
    ("macau", "MO"),
    ("russia", "RU"),
    ("russian federation", "RU"),
    ("south korea", "KR"),
    ("test bench", "XX"),
    ("turkey", "TR"),
    ("turkiye", "TR"),
    ("türkiye", "TR"),
    ("uae", "AE"),
    ("uk", "GB"),
    ("united states of america", "US"),
    ("usa", "US"),
    ("viet nam", "VN"),
    ("vietnam", "VN"),
];

/// Shorter words are close to too many names.
const MISSPELT_MIN: usize = 3;

/// What a written country turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The code of a country.
    Code(CountryCode),
    /// A country by its code in small letters, or by a name.
    Named(CountryCode),
    /// No country, but perhaps a misspelling of this one.
    Similar(CountryCode),
    /// Nothing the catalogue knows.
    Unknown,
}

/// Which country is meant. Reads every country's file unless a code in capitals was written.
pub fn lookup(written: &str) -> Lookup {
    if let Some(code) = codes().iter().find(|code| code.as_str() == written) {
        return Lookup::Code(*code);
    }
    let letters = written.trim().to_lowercase();
    if let Some(code) = codes().iter().find(|code| code.as_str().eq_ignore_ascii_case(&letters)) {
        return Lookup::Named(*code);
    }
    let names: Vec<(String, CountryCode)> = codes()
        .iter()
        .filter_map(|code| Some((country(*code)?.name.to_lowercase(), *code)))
        .chain(OTHER_NAMES.iter().filter_map(|(name, code)| {
            let known = codes().iter().find(|known| known.as_str() == *code)?;
            Some(((*name).to_owned(), *known))
        }))
        .collect();
    let named = |word: &str| names.iter().find(|(name, _)| name == word).map(|(_, code)| *code);
    if let Some(code) = named(&letters) {
        return Lookup::Named(code);
    }
    if letters.chars().count() < MISSPELT_MIN {
        return Lookup::Unknown;
    }
    let close = suggestion::closest(&letters, names.iter().map(|(name, _)| name.as_str()));
    close.and_then(named).map_or(Lookup::Unknown, Lookup::Similar)
}

/// What to say of a country that was not written as its code: what is wrong, and what to write. `None`: it was.
pub fn unknown_country(written: &str) -> Option<(String, String)> {
    let hint = match lookup(written) {
        Lookup::Code(_) => return None,
        Lookup::Named(code) => format!("write {code}"),
        Lookup::Similar(code) => {
            let name = country(code).map_or("", |country| country.name.as_str());
            format!("did you mean {code} ({name})?")
        }
        Lookup::Unknown => "`sendpool catalogue` lists the countries; XX is the test bench".to_owned(),
    };
    Some((format!("unknown country `{written}`"), hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> CountryCode {
        text.parse().unwrap()
    }

    #[test]
    fn codes_names_and_misspellings_are_told_apart() {
        for (written, found) in [
            ("FR", Lookup::Code(code("FR"))),
            ("fr", Lookup::Named(code("FR"))),
            (" france ", Lookup::Named(code("FR"))),
            ("United Kingdom", Lookup::Named(code("GB"))),
            ("UK", Lookup::Named(code("GB"))),
            ("usa", Lookup::Named(code("US"))),
            ("Frnace", Lookup::Similar(code("FR"))),
            ("United Kindom", Lookup::Similar(code("GB"))),
            ("Canad", Lookup::Similar(code("CA"))),
            ("ZZ", Lookup::Unknown),
            ("Middle-earth", Lookup::Unknown),
            ("", Lookup::Unknown),
        ] {
            assert_eq!(lookup(written), found, "{written}");
        }
    }

    #[test]
    fn other_names_are_small_sorted_and_lead_to_codes() {
        assert!(OTHER_NAMES.is_sorted());
        for (name, code) in OTHER_NAMES {
            assert_eq!(name.to_lowercase(), name);
            assert!(code.parse::<CountryCode>().is_ok(), "{code}");
        }
    }

    #[test]
    fn every_country_is_found_by_its_code_and_its_name() {
        for code in codes() {
            assert_eq!(lookup(code.as_str()), Lookup::Code(*code));
            assert_eq!(lookup(&country(*code).unwrap().name), Lookup::Named(*code));
            assert_eq!(unknown_country(code.as_str()), None);
        }
    }

    #[test]
    fn an_unknown_country_is_answered_with_what_to_write() {
        let hint = |written| unknown_country(written).unwrap().1;
        assert_eq!(hint("us"), "write US");
        assert_eq!(hint("Frnace"), "did you mean FR (France)?");
        assert!(hint("Middle-earth").contains("`sendpool catalogue`"));
    }
}
