//! The words that a service understands: those of the scenario in the place of the platform's.
//!
//! Not here: how a text is compared with them (see the model).

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::{Findings, at};
use crate::catalogue;
use crate::model::country::CountryCode;
use crate::model::reply_word::{ReplyWord, ReplyWords, WordLists, folded};
use crate::scenario::path;
use crate::scenario::spec;

/// The key of the words for countries without words of their own.
const DEFAULT: &str = "default";
/// The longest word, in characters.
const LONGEST: usize = 40;

type Written = IndexMap<String, spec::ReplyWordLists>;

/// The words that senders outside any service understand.
pub(super) fn standard() -> ReplyWords {
    words_of(&WordLists::default(), &BTreeMap::new())
}

/// The words of the service at `base`.
pub(super) fn resolve(findings: &mut Findings, base: &str, written: &spec::Service) -> ReplyWords {
    let path = at(base, "opt_out_words");
    let lists = &written.opt_out_words;
    if !lists.is_empty() && !written.features.opt_outs {
        findings.key_error(
            &path,
            "a service with `opt_outs: false` leaves opt-outs to its client",
            "leave `opt_out_words` or `features.opt_outs` out",
        );
    }
    for (place, words) in lists {
        let path = at(&path, place);
        if place != DEFAULT
            && let Some((message, hint)) = catalogue::unknown_country(place)
        {
            findings.key_error(&path, message, format!("{hint}; `{DEFAULT}` stands for all others"));
        }
        check(findings, &path, place, words);
    }
    let default = lists.get(DEFAULT).map(model_lists).unwrap_or_default();
    words_of(&default, &by_country(lists))
}

fn words_of(default: &WordLists, countries: &BTreeMap<CountryCode, WordLists>) -> ReplyWords {
    let known = &catalogue::defaults().reply_words;
    ReplyWords::new(&known.kept.lists(), &known.standard.lists(), default, countries)
}

/// The lists of countries; those of unknown ones have been reported.
fn by_country(lists: &Written) -> BTreeMap<CountryCode, WordLists> {
    lists.iter().filter_map(|(place, words)| Some((place.parse().ok()?, model_lists(words)))).collect()
}

fn model_lists(words: &spec::ReplyWordLists) -> WordLists {
    let list = |words: &Option<Vec<String>>| words.clone().unwrap_or_default();
    WordLists { stop: list(&words.stop), start: list(&words.start), help: list(&words.help) }
}

/// Each word has letters, stands once, and means nothing else to the platform.
fn check(findings: &mut Findings, base: &str, place: &str, words: &spec::ReplyWordLists) {
    let kept = catalogue::defaults().reply_words.kept.lists();
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (key, meaning, list) in [
        ("stop", ReplyWord::Stop, &words.stop),
        ("start", ReplyWord::Start, &words.start),
        ("help", ReplyWord::Help, &words.help),
    ] {
        let Some(list) = list else { continue };
        let path = at(base, key);
        if list.is_empty() {
            findings.error(&path, "the list has no word", "leave it out for the platform's words, or name one");
        }
        findings.limited(&path, list.len());
        for (index, word) in list.iter().enumerate().take(super::MAX_ENTRIES) {
            let path = path::index(&path, index);
            if !is_word(word) {
                findings.error(
                    &path,
                    "this cannot be a word that people send",
                    format!("write 1 to {LONGEST} characters without blanks around them"),
                );
                continue;
            }
            if let Some(other) = seen.get(&folded(word)) {
                findings.clash(
                    &path,
                    other,
                    format!("`{word}` stands twice in the words of `{place}`"),
                    "a word means one thing: keep one of them",
                );
                continue;
            }
            let always = kept.classify(word);
            if always != ReplyWord::Other && always != meaning {
                let what = phrase(always);
                findings.error(&path, format!("`{word}` always {what}"), "this cannot be changed: choose another word");
            }
            seen.insert(folded(word), path);
        }
    }
}

fn is_word(word: &str) -> bool {
    let length = word.chars().count();
    word.trim() == word && (1..=LONGEST).contains(&length) && !word.chars().any(char::is_control)
}

/// What a word does, in words.
fn phrase(meaning: ReplyWord) -> &'static str {
    match meaning {
        ReplyWord::Stop => "opts out",
        ReplyWord::Start => "opts in",
        ReplyWord::Help => "asks for help",
        ReplyWord::Other => "is a reply",
    }
}
