//! Where a number is: its country from the calling code. The facts are the catalogue's.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::catalogue;
use crate::model::country::CountryCode;

/// What stands for no country in a table of indexes.
const NONE: u8 = u8::MAX;

/// Indexes of the catalogue's countries by what numbers begin with.
struct Plan {
    /// By calling code, with a 1 in front so that leading zeros count. Without +1 and +7.
    codes: FxHashMap<u32, u8>,
    /// +1: by area code.
    areas: Vec<u8>,
    /// +7: by whether the next digit is 6 or 7, which is Kazakhstan's (ITU-T E.164, list of assigned codes).
    sevens: [u8; 2],
    /// By name in small letters.
    names: FxHashMap<String, u8>,
}

/// The index of a country among the catalogue's codes.
pub(super) fn index(code: CountryCode) -> Option<u8> {
    catalogue::codes().binary_search(&code).ok().and_then(|at| u8::try_from(at).ok())
}

/// The country of an E.164 number, with or without `+`: by its calling code, and within +1 by its area code. `None` when it
/// is no number, when its country is not in the catalogue, or when it has no place (toll-free).
pub fn country_of_number(number: &str) -> Option<CountryCode> {
    of_digits(&Digits::of(number.as_bytes())?.list).and_then(|at| catalogue::codes().get(usize::from(at)).copied())
}

/// The digits of a number.
pub(super) struct Digits {
    /// 4 to 15 of them.
    pub list: Vec<u8>,
    /// Whether they are all: logs may hide the end of numbers.
    pub complete: bool,
}

impl Digits {
    /// The digits of a number as logs write it.
    pub(super) fn of(number: &[u8]) -> Option<Digits> {
        let number = number.strip_prefix(b"whatsapp:").unwrap_or(number);
        let number = number.strip_prefix(b"+").unwrap_or(number);
        let is_filler = |byte: &u8| matches!(byte, b' ' | b'-' | b'(' | b')' | b'.');
        let mut rest = number.iter().copied().filter(|byte| !is_filler(byte)).peekable();
        let mut list = Vec::with_capacity(16);
        while let Some(digit) = rest.next_if(u8::is_ascii_digit)
            && list.len() < 16
        {
            list.push(digit);
        }
        (4..=15).contains(&list.len()).then(|| Digits { list, complete: rest.next().is_none() })
    }
}

/// The country of a number's digits.
pub(super) fn of_digits(digits: &[u8]) -> Option<u8> {
    let plan = plan();
    let at = match digits {
        [b'1', area @ ..] => plan.areas[usize::try_from(value(area.get(..3)?)).ok()?],
        [b'7', b'6' | b'7', ..] => plan.sevens[1],
        [b'7', ..] => plan.sevens[0],
        _ => *(1..=4).rev().find_map(|length| plan.codes.get(&key(digits.get(..length)?)))?,
    };
    (at != NONE).then_some(at)
}

/// The country that a word means: a code, or an English name. `Ok(None)`: a code that the catalogue lacks.
pub(super) fn of_word(word: &str) -> Result<Option<u8>, &'static str> {
    let upper = word.to_ascii_uppercase();
    if let Ok(code) = upper.parse::<CountryCode>() {
        return Ok(index(code));
    }
    match plan().names.get(&word.to_lowercase()) {
        Some(at) => Ok(Some(*at)),
        None => Err("is not a country: write a code such as US"),
    }
}

fn value(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value, digit| value * 10 + u32::from(digit.wrapping_sub(b'0') % 10))
}

fn key(digits: &[u8]) -> u32 {
    value(digits) + 10_u32.pow(u32::try_from(digits.len()).unwrap_or(9).min(9))
}

fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| {
        let mut plan = Plan {
            codes: FxHashMap::default(),
            areas: vec![NONE; 1_000],
            sevens: [NONE; 2],
            names: FxHashMap::default(),
        };
        for code in catalogue::codes() {
            let (Some(country), Some(at)) = (catalogue::country(*code), index(*code)) else { continue };
            plan.names.insert(country.name.to_lowercase(), at);
            for calling in &country.calling_codes {
                match calling.as_bytes() {
                    [b'1'] => plan.add_areas(*code, at),
                    [b'1', area @ ..] => plan.areas[value(area) as usize % 1_000] = at,
                    [b'7'] => plan.sevens[usize::from(code.as_str() == "KZ")] = at,
                    digits => {
                        plan.codes.insert(key(digits), at);
                    }
                }
            }
        }
        plan
    })
}

impl Plan {
    fn add_areas(&mut self, code: CountryCode, at: u8) {
        let groups = catalogue::area_plan(code).map_or(&[][..], |plan| &plan.groups);
        for area in groups.iter().flat_map(|group| &group.codes) {
            self.areas[value(area.as_bytes()) as usize % 1_000] = at;
        }
    }
}
