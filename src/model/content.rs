//! What a message contains, as far as rules of countries ask: links, telephone numbers, subjects. Some of it can be read
//! off the text; the rest a scenario says.
//!
//! Not here: which country minds (see the catalogue), and how risky a filter finds it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something a message contains or lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContentTrait {
    /// A web address.
    Url,
    /// A web address that is on no carrier's list of allowed ones.
    UrlNotAllowlisted,
    /// A web address of a public shortener.
    UrlShortener,
    /// A link into a chat.
    ChatLink,
    /// A telephone number.
    PhoneNumber,
    /// No name of the firm.
    NoBrand,
    /// No way to opt out.
    NoOptOut,
    /// A text other than the registered template.
    NoTemplate,
    /// A request for personal data.
    PersonalData,
    /// Adult content.
    Adult,
    /// Alcohol.
    Alcohol,
    /// Tobacco.
    Tobacco,
    /// Cannabis and other drugs.
    Cannabis,
    /// Firearms.
    Firearms,
    /// Gambling, betting and lotteries.
    Gambling,
    /// Contests and prizes.
    Contest,
    /// Loans and credit.
    Loans,
    /// Investments, crypto currencies and other finance of high risk.
    Crypto,
    /// Debts collected for others.
    DebtCollection,
    /// Leads for others.
    LeadGeneration,
    /// Banks and insurers.
    Finance,
    /// Real estate.
    RealEstate,
    /// Medicine.
    Medical,
    /// Politics.
    Political,
    /// Religion.
    Religious,
    /// The state.
    Government,
    /// Energy renovation of homes.
    HomeRenovation,
    /// Offers of telephone companies.
    Telecom,
}

impl ContentTrait {
    /// The word for it in scenario files and in the catalogue.
    pub fn as_str(self) -> &'static str {
        match self {
            ContentTrait::Url => "url",
            ContentTrait::UrlNotAllowlisted => "url_not_allowlisted",
            ContentTrait::UrlShortener => "url_shortener",
            ContentTrait::ChatLink => "chat_link",
            ContentTrait::PhoneNumber => "phone_number",
            ContentTrait::NoBrand => "no_brand",
            ContentTrait::NoOptOut => "no_opt_out",
            ContentTrait::NoTemplate => "no_template",
            ContentTrait::PersonalData => "personal_data",
            ContentTrait::Adult => "adult",
            ContentTrait::Alcohol => "alcohol",
            ContentTrait::Tobacco => "tobacco",
            ContentTrait::Cannabis => "cannabis",
            ContentTrait::Firearms => "firearms",
            ContentTrait::Gambling => "gambling",
            ContentTrait::Contest => "contest",
            ContentTrait::Loans => "loans",
            ContentTrait::Crypto => "crypto",
            ContentTrait::DebtCollection => "debt_collection",
            ContentTrait::LeadGeneration => "lead_generation",
            ContentTrait::Finance => "finance",
            ContentTrait::RealEstate => "real_estate",
            ContentTrait::Medical => "medical",
            ContentTrait::Political => "political",
            ContentTrait::Religious => "religious",
            ContentTrait::Government => "government",
            ContentTrait::HomeRenovation => "home_renovation",
            ContentTrait::Telecom => "telecom",
        }
    }
}

/// Public shorteners of web addresses.
const SHORTENERS: [&str; 14] = [
    "bit.ly",
    "buff.ly",
    "cutt.ly",
    "goo.gl",
    "is.gd",
    "lnkd.in",
    "ow.ly",
    "rb.gy",
    "rebrand.ly",
    "shorturl.at",
    "t.co",
    "t.ly",
    "tiny.cc",
    "tinyurl.com",
];
/// Hosts that lead into a chat.
const CHATS: [&str; 6] = ["wa.me", "api.whatsapp.com", "t.me", "m.me", "line.me", "viber.me"];
/// Endings of hosts that are written without a scheme.
const TOP_LEVEL: [&str; 26] = [
    "com", "net", "org", "info", "biz", "io", "co", "app", "shop", "store", "me", "link", "ly", "gl", "gy", "cc", "gd",
    "at", "in", "de", "fr", "uk", "us", "eu", "es", "it",
];
/// Digits from which on a run of them is a telephone number.
const PHONE_DIGITS: usize = 9;

/// How risky a text looks: what a public shortener, mostly capital letters, and each of the words adds; at most 1. Words are
/// in small letters and found whole.
pub fn risk_of(body: &str, words: &[String], [shortener, shouting, word]: [f64; 3]) -> f64 {
    let mut risk = 0.0;
    if traits_of(body).contains(&ContentTrait::UrlShortener) {
        risk += shortener;
    }
    let letters = body.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = body.chars().filter(|c| c.is_uppercase()).count();
    if letters >= SHOUTED_LETTERS && 2 * capitals > letters {
        risk += shouting;
    }
    let spaced = |text: &str| {
        let plain: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
        format!(" {} ", plain.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
    };
    let text = spaced(body);
    risk += word * words.iter().filter(|word| text.contains(&spaced(word))).count() as f64;
    risk.min(1.0)
}

/// Letters from which on a text can shout: short ones are codes and names.
const SHOUTED_LETTERS: usize = 15;

/// What a text can be seen to contain.
pub fn traits_of(body: &str) -> Vec<ContentTrait> {
    let mut found = Vec::new();
    for host in body.split_whitespace().filter_map(host) {
        found.push(ContentTrait::Url);
        if SHORTENERS.contains(&host.as_str()) {
            found.push(ContentTrait::UrlShortener);
        }
        if CHATS.contains(&host.as_str()) {
            found.push(ContentTrait::ChatLink);
        }
    }
    if has_phone_number(body) {
        found.push(ContentTrait::PhoneNumber);
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The host of a word that is a web address.
fn host(word: &str) -> Option<String> {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    // "tomorrow.It" lacks a space; hosts are hardly ever written so.
    let sentence = word.split('.').skip(1).any(|label| label.starts_with(char::is_uppercase));
    let word = word.to_lowercase();
    let (explicit, rest) = match word.split_once("://") {
        Some((scheme, rest)) => (scheme == "http" || scheme == "https", rest),
        None => (word.starts_with("www."), word.as_str()),
    };
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let labels: Vec<&str> = host.split('.').collect();
    let well_formed = labels.len() >= 2
        && labels.iter().all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'));
    let top = labels.last().copied().unwrap_or_default();
    let bare =
        !sentence && TOP_LEVEL.contains(&top) && labels.iter().all(|label| label.chars().any(char::is_alphabetic));
    (well_formed && (explicit || bare)).then(|| host.to_owned())
}

/// Whether a run of digits, with what people put between them, is long enough for a telephone number and no date.
fn has_phone_number(body: &str) -> bool {
    let between = |c: char| matches!(c, ' ' | '-' | '(' | ')' | '.' | '/');
    let mut run = String::new();
    let is_number = |run: &str| {
        let digits: Vec<char> = run.chars().filter(char::is_ascii_digit).collect();
        let date = run.len() >= 5 && (run.starts_with("19") || run.starts_with("20")) && run.as_bytes()[4] == b'-';
        digits.len() >= PHONE_DIGITS && !date
    };
    for c in body.chars().chain(std::iter::once('\n')) {
        if c.is_ascii_digit() || (!run.is_empty() && between(c)) {
            run.push(c);
        } else {
            if is_number(&run) {
                return true;
            }
            run.clear();
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::ContentTrait::{ChatLink, PhoneNumber, Url, UrlShortener};
    use super::*;

    #[test]
    fn words_are_those_of_the_files() {
        for word in ["url", "url_not_allowlisted", "no_opt_out", "home_renovation", "telecom"] {
            let known: ContentTrait = serde_json::from_value(word.into()).expect("a word of the files");
            assert_eq!(known.as_str(), word);
        }
    }

    #[test]
    fn risk_is_what_is_seen_in_the_text() {
        let words = ["free".to_owned(), "gift card".to_owned()];
        let risk = |body: &str| risk_of(body, &words, [0.5, 0.2, 0.1]);
        let near = |body: &str, expected: f64| assert!((risk(body) - expected).abs() < 1e-12, "{body}: {}", risk(body));
        near("Your code is 123456", 0.0);
        near("ACME: your order is on its way", 0.0);
        near("Get it FREE, freely", 0.1);
        near("A free Gift-Card waits", 0.2);
        near("EVERYTHING MUST GO TODAY", 0.2);
        near("OTP 123", 0.0);
        near("FREE GIFT CARD NOW: bit.ly/x", 0.9);
        near("Details at acme.com/free-delivery", 0.1);
    }

    #[test]
    fn links_and_numbers_are_seen() {
        for (body, expected) in [
            ("Your code is 123456. Valid for 10 minutes.", vec![]),
            ("Sale ends 2026-11-27 10:00, from 1,000,000.00 to 5.50", vec![]),
            ("Order 12345678 is on its way.See you", vec![]),
            ("Ready tomorrow.It waits in the shop.In time", vec![]),
            ("Details: https://acme.example/a?b=1.", vec![Url]),
            ("see www.acme.example now", vec![Url]),
            ("see acme.com, now", vec![Url]),
            ("go to bit.ly/x1", vec![Url, UrlShortener]),
            ("chat: https://wa.me/15551234567", vec![Url, ChatLink, PhoneNumber]),
            ("call +1 (415) 555-2671", vec![PhoneNumber]),
            ("appelez le 01 23 45 67 89", vec![PhoneNumber]),
            ("Reply STOP to 36179", vec![]),
        ] {
            assert_eq!(traits_of(body), expected, "{body}");
        }
    }
}
