//! "Did you mean": the known name that a misspelt one stands for, for files and command lines alike.
//!
//! Not here: which names are known.

/// The closest of the known names, or none if all are too far.
///
/// Spellings that differ only in `_`, `-` and capitals (`arrivalRate`, `arrival_rate`) are equal.
/// A beginning of three letters or more counts as close (`per_sec`, `per_second`).
/// Otherwise the Damerau-Levenshtein distance may be 1 plus a quarter of the length of the word
/// in characters; of equally close names those without capitals are preferred, then the first.
pub fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = bare(word);
    let limit = 1 + word.chars().count() / 4;
    // A word far longer than any name is no misspelling, and the distance takes quadratic time.
    if letters.len() > 200 {
        return None;
    }
    known
        .into_iter()
        .map(|name| match bare(name) == letters {
            true => (0, name),
            false if letters.len() >= 3 && name.starts_with(word) => (limit, name),
            false => (strsim::damerau_levenshtein(word, name), name),
        })
        .filter(|(distance, name)| *distance <= limit && *distance < name.chars().count())
        .min_by_key(|(distance, name)| (*distance, has_capitals(name)))
        .map(|(_, name)| name)
}

/// Whether two words differ in `_`, `-` and capitals only.
pub fn same_letters(a: &str, b: &str) -> bool {
    bare(a) == bare(b)
}

fn bare(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

fn has_capitals(name: &str) -> bool {
    name.chars().any(char::is_uppercase)
}

/// The names without those in `camelCase` that stand in the list in `snake_case` too.
pub fn without_other_spellings<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let twin = |name: &str| {
        let same = |other: &&str| !has_capitals(other) && bare(other) == bare(name);
        has_capitals(name) && names.iter().any(same)
    };
    names.iter().copied().filter(|name| !twin(name)).collect()
}

/// A hint that lists names, cut short after 30.
pub fn list(what: &str, names: &[&str]) -> Option<String> {
    const SHOWN_MAX: usize = 30;
    if names.is_empty() {
        return None;
    }
    let shown: Vec<String> = names.iter().take(SHOWN_MAX).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > SHOWN_MAX { ", ..." } else { "" };
    Some(format!("{what} {}{more}", shown.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 5] = ["arrival_rate", "mps", "ramp_to", "kind", "king"];

    #[test]
    fn typos_are_found() {
        for (word, name) in [
            ("arival_rate", "arrival_rate"),
            ("arrivalRate", "arrival_rate"),
            ("Arrival-Rate", "arrival_rate"),
            ("rampTo", "ramp_to"),
            ("mp", "mps"),
            ("pms", "mps"),
            ("kin", "kind"),
            ("arrival", "arrival_rate"),
        ] {
            assert_eq!(closest(word, KNOWN), Some(name), "{word}");
        }
    }

    #[test]
    fn strangers_are_not() {
        // `rate` is 8 insertions from `arrival_rate`; `m` is 2 from `mps` and 1 is the limit.
        for word in ["rate", "m", "", "colour", &"a".repeat(5000)] {
            assert_eq!(closest(word, KNOWN), None, "{word:.20}");
        }
    }

    #[test]
    fn a_name_of_one_letter_is_not_offered_for_anything() {
        assert_eq!(closest("x", ["y"]), None);
    }

    #[test]
    fn only_one_spelling_is_offered() {
        let names = ["rampTo", "ramp_to", "onlyThis", "mps"];
        assert_eq!(without_other_spellings(&names), ["ramp_to", "onlyThis", "mps"]);
        assert_eq!(closest("RampTo", names), Some("ramp_to"));
    }

    #[test]
    fn long_lists_are_cut() {
        let names = vec!["a"; 31];
        let hint = list("the keys here are", &names).expect("not empty");
        assert_eq!(hint.matches("`a`").count(), 30);
        assert!(hint.ends_with(", ..."));
        assert_eq!(list("one of", &["a", "b"]).as_deref(), Some("one of `a`, `b`"));
        assert_eq!(list("one of", &[]), None);
    }
}
