//! What a text that people send back means: STOP, START, HELP, or something else. A whole message is compared with lists
//! of words, in capitals or not.
//!
//! Not here: which words the platform knows (the catalogue), and what follows from them (the simulation).

use std::collections::BTreeMap;

use super::country::CountryCode;

/// What a text means to the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReplyWord {
    /// The sender of the text opts out.
    Stop,
    /// They opt in again.
    Start,
    /// They want to know who writes.
    Help,
    /// Anything else: a reply.
    Other,
}

/// Words by what they mean. An empty list says nothing, so that another one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordLists {
    /// Words that opt out.
    pub stop: Vec<String>,
    /// Words that opt in again.
    pub start: Vec<String>,
    /// Words that ask for help.
    pub help: Vec<String>,
}

impl WordLists {
    /// The three lists, each with what it means.
    pub fn lists(&self) -> [(ReplyWord, &[String]); 3] {
        [(ReplyWord::Stop, &self.stop), (ReplyWord::Start, &self.start), (ReplyWord::Help, &self.help)]
    }

    /// What a text means by these lists alone.
    pub fn classify(&self, text: &str) -> ReplyWord {
        let text = folded(text);
        let knows = |words: &[String]| words.iter().any(|word| folded(word) == text);
        self.lists().into_iter().find(|(_, words)| knows(words)).map_or(ReplyWord::Other, |(meaning, _)| meaning)
    }
}

/// A text as words are compared: without blanks around it, in capitals. Accents count.
pub fn folded(text: &str) -> String {
    text.trim().to_uppercase()
}

/// The words that a sender understands, by country.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplyWords {
    elsewhere: BTreeMap<String, ReplyWord>,
    countries: BTreeMap<CountryCode, BTreeMap<String, ReplyWord>>,
}

impl ReplyWords {
    /// Each list of a country takes the place of the same one of `default`, and that of the same one of `standard`; in
    /// doubt the nearer list decides. The words of `kept` are understood whatever the lists say.
    pub fn new(
        kept: &WordLists,
        standard: &WordLists,
        default: &WordLists,
        countries: &BTreeMap<CountryCode, WordLists>,
    ) -> ReplyWords {
        let table = |nearest_first: &[&WordLists]| {
            let mut table = BTreeMap::new();
            let mut settled = Vec::new();
            for level in nearest_first {
                let given: Vec<_> = level.lists().into_iter().filter(|(_, words)| !words.is_empty()).collect();
                let open = given.iter().filter(|(meaning, _)| !settled.contains(meaning));
                for (meaning, word) in open.flat_map(|(meaning, words)| words.iter().map(|word| (*meaning, word))) {
                    table.entry(folded(word)).or_insert(meaning);
                }
                settled.extend(given.iter().map(|(meaning, _)| *meaning));
            }
            for (meaning, word) in
                kept.lists().into_iter().flat_map(|(meaning, words)| words.iter().map(move |word| (meaning, word)))
            {
                table.entry(folded(word)).or_insert(meaning);
            }
            table
        };
        ReplyWords {
            elsewhere: table(&[default, standard]),
            countries: countries.iter().map(|(code, own)| (*code, table(&[own, default, standard]))).collect(),
        }
    }

    /// What a text from a person in this country means.
    pub fn classify(&self, text: &str, country: CountryCode) -> ReplyWord {
        let table = self.countries.get(&country).unwrap_or(&self.elsewhere);
        table.get(&folded(text)).copied().unwrap_or(ReplyWord::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(stop: &[&str], start: &[&str], help: &[&str]) -> WordLists {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        WordLists { stop: list(stop), start: list(start), help: list(help) }
    }

    fn standard() -> WordLists {
        lists(&["STOP", "UNSUBSCRIBE", "END", "QUIT"], &["START", "UNSTOP", "YES"], &["HELP", "INFO"])
    }

    fn words(default: WordLists, countries: &[(&str, WordLists)]) -> ReplyWords {
        let kept = lists(&["STOP"], &["START", "UNSTOP"], &["HELP"]);
        let countries = countries.iter().map(|(code, lists)| (code.parse().unwrap(), lists.clone())).collect();
        ReplyWords::new(&kept, &standard(), &default, &countries)
    }

    fn check(words: &ReplyWords, country: &str, expected: &[(&str, ReplyWord)]) {
        for (text, meaning) in expected {
            assert_eq!(words.classify(text, country.parse().unwrap()), *meaning, "`{text}` in {country}");
        }
    }

    use ReplyWord::{Help, Other, Start, Stop};

    #[test]
    fn whole_messages_count_whatever_their_case() {
        let words = words(WordLists::default(), &[]);
        check(
            &words,
            "US",
            &[
                ("STOP", Stop),
                ("stop", Stop),
                ("sToP", Stop),
                (" Stop\n", Stop),
                ("quit", Stop),
                ("start", Start),
                ("Yes", Start),
                ("info", Help),
                ("", Other),
                ("   ", Other),
                ("STOP please", Other),
                ("please stop", Other),
                ("STOPP", Other),
                ("ST OP", Other),
                ("STOP.", Other),
                ("STOPSTOP", Other),
                ("thanks", Other),
            ],
        );
    }

    /// A list of a country replaces the standard one of the same meaning, and no other; what cannot be removed stays.
    #[test]
    fn a_countrys_list_replaces_the_standard_one() {
        let words = words(WordLists::default(), &[("FR", lists(&["ARRET"], &[], &[]))]);
        check(
            &words,
            "FR",
            &[("arret", Stop), ("STOP", Stop), ("QUIT", Other), ("END", Other), ("YES", Start), ("INFO", Help)],
        );
        check(&words, "DE", &[("arret", Other), ("STOP", Stop), ("QUIT", Stop), ("YES", Start), ("INFO", Help)]);
    }

    #[test]
    fn words_of_the_service_stand_between_standard_and_country() {
        let default = lists(&["LEAVE"], &["JOIN"], &["WHO"]);
        let words = words(default, &[("FR", lists(&["ARRET"], &[], &["AIDE", "CONTACT"]))]);
        check(
            &words,
            "US",
            &[
                ("LEAVE", Stop),
                ("STOP", Stop),
                ("QUIT", Other),
                ("JOIN", Start),
                ("START", Start),
                ("UNSTOP", Start),
                ("YES", Other),
                ("WHO", Help),
                ("HELP", Help),
                ("INFO", Other),
            ],
        );
        check(
            &words,
            "FR",
            &[
                ("ARRET", Stop),
                ("LEAVE", Other),
                ("STOP", Stop),
                ("JOIN", Start),
                ("YES", Other),
                ("aide", Help),
                ("contact", Help),
                ("WHO", Other),
                ("HELP", Help),
            ],
        );
    }

    /// Words of the country are looked up first: one that means something else in a list behind them is theirs.
    #[test]
    fn the_nearer_list_decides() {
        let words = words(lists(&["YES"], &[], &[]), &[("GB", lists(&[], &[], &["YES"]))]);
        check(&words, "US", &[("YES", Stop), ("START", Start)]);
        check(&words, "GB", &[("YES", Help), ("STOP", Stop)]);
    }

    #[test]
    fn letters_of_other_alphabets_have_capitals_too() {
        let words =
            words(WordLists::default(), &[("FR", lists(&["arrêt"], &[], &[])), ("GR", lists(&["ΔΙΑΚΟΠΗΣ"], &[], &[]))]);
        check(&words, "FR", &[("ARRÊT", Stop), ("Arrêt", Stop), ("ARRET", Other)]);
        check(&words, "GR", &[("διακοπης", Stop), ("Διακοπης", Stop), ("διακοπησ", Stop)]);
    }

    #[test]
    fn lists_alone_know_their_own_words() {
        let network = lists(&["STOP"], &["START", "UNSTOP"], &[]);
        let found: Vec<ReplyWord> = ["stop", "Unstop", "YES", "HELP"].map(|text| network.classify(text)).into();
        assert_eq!(found, [Stop, Start, Other, Other]);
    }
}
