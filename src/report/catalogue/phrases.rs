//! How the catalogue's words and quantities read in a sentence.
//!
//! Not here: the words themselves, which the catalogue defines.

use crate::catalogue::{AlphanumericMode, ApplicationTraffic, CarrierAlphanumeric, Day, Unregistered, WindowKind};
use crate::model::sender::SenderType;
use crate::units::{Money, Rate};

/// A word of the data files as people write it.
pub(super) fn plain(word: &str) -> String {
    word.replace('_', " ")
}

/// Words joined by commas.
pub(super) fn joined(words: impl IntoIterator<Item = &'static str>) -> String {
    words.into_iter().map(plain).collect::<Vec<_>>().join(", ")
}

/// A sender type as people write it.
pub(super) fn sender(kind: SenderType) -> &'static str {
    match kind {
        SenderType::ShortCode => "short code",
        SenderType::Alphanumeric => "name",
        SenderType::LongCode => "long code",
        SenderType::TollFree => "toll-free",
        SenderType::Whatsapp => "WhatsApp",
    }
}

/// `10 segments/s`, or `-` where there is no rate.
pub(super) fn rate(rate: Option<Rate>, what: &str) -> String {
    let Some(rate) = rate else { return "-".to_owned() };
    let text = rate.to_string();
    let (count, unit) = text.split_once('/').expect("a rate is displayed with its unit");
    let plural = if count == "1" { "" } else { "s" };
    format!("{count} {what}{plural}/{unit}")
}

/// Dollars, to the last digit known.
pub(super) fn dollars(amount: Money) -> String {
    format!("${}", amount.to_decimal())
}

/// What applications may send.
pub(super) fn traffic(traffic: ApplicationTraffic) -> &'static str {
    match traffic {
        ApplicationTraffic::Allowed => "application traffic allowed",
        ApplicationTraffic::RegisteredOnly => "application traffic after registration only",
        ApplicationTraffic::StrictlyFiltered => "application traffic strictly filtered",
        ApplicationTraffic::PersonToPersonOnly => "traffic between people only",
        ApplicationTraffic::OneTimePasswordOnly => "one-time passwords only",
        ApplicationTraffic::AllowedNoMarketing => "application traffic allowed, no marketing",
        ApplicationTraffic::NotOffered => "no such number is offered",
    }
}

/// How the country treats names.
pub(super) fn mode(mode: AlphanumericMode) -> &'static str {
    match mode {
        AlphanumericMode::NotCarried => "the networks carry no names",
        AlphanumericMode::Dynamic => "any proper name, without registration",
        AlphanumericMode::RegistrationRequired => "names have to be registered",
        AlphanumericMode::RegistrationOptional => "registered names are kept",
        AlphanumericMode::MixedByCarrier => "it depends on the carrier whether names have to be registered",
        AlphanumericMode::MixedByOrigin => "domestic and foreign names are treated differently",
    }
}

/// What an unregistered name meets.
pub(super) fn unregistered(unregistered: Unregistered) -> &'static str {
    match unregistered {
        Unregistered::Delivered => "delivered",
        Unregistered::BestEffort => "delivered, under the name or not",
        Unregistered::Refused => "refused by the platform",
        Unregistered::Blocked => "dropped by the networks",
        Unregistered::Labelled => "delivered under a warning label",
        Unregistered::Overwritten => "delivered under another sender",
        Unregistered::BlockedOrOverwritten => "dropped or delivered under another sender",
        Unregistered::MixedByCarrier => "treated as each carrier likes",
    }
}

/// Who set blocked hours.
pub(super) fn set_by(kind: WindowKind) -> &'static str {
    match kind {
        WindowKind::Legal => "set by law",
        WindowKind::Operator => "set by the operators",
        WindowKind::Vendor => "set by a vendor",
        WindowKind::BestPractice => "good practice",
    }
}

/// How a carrier treats names, in a column.
pub(super) fn carrier_names(names: CarrierAlphanumeric) -> String {
    match names {
        CarrierAlphanumeric::NotCarried => "not carried".to_owned(),
        other => plain(other.as_str()),
    }
}

/// Days of the week, `mon to sat` where they follow each other.
pub(super) fn days(days: &[Day]) -> String {
    let week = &Day::ALL[..7];
    if week.iter().all(|day| days.contains(day)) {
        let holidays = if days.contains(&Day::PublicHoliday) { ", public holidays included" } else { "" };
        return format!("every day{holidays}");
    }
    let start = week.iter().position(|day| days.contains(day)).unwrap_or(0);
    let run = week[start..].iter().take_while(|day| days.contains(day)).count();
    let in_a_row = run >= 3 && week.iter().filter(|day| days.contains(day)).count() == run;
    if in_a_row {
        let span = format!("{} to {}", week[start], week[start + run - 1]);
        return if days.contains(&Day::PublicHoliday) { format!("{span}, public holidays") } else { span };
    }
    joined(days.iter().map(|day| day.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_read_as_people_say_them() {
        let all = &Day::ALL[..7];
        assert_eq!(days(all), "every day");
        assert_eq!(days(Day::ALL), "every day, public holidays included");
        assert_eq!(days(&Day::ALL[..6]), "mon to sat");
        assert_eq!(days(&[Day::Sunday, Day::PublicHoliday]), "sun, public holidays");
        assert_eq!(days(&[Day::Monday, Day::Tuesday, Day::Friday]), "mon, tue, fri");
        assert_eq!(days(&[Day::Saturday, Day::Friday, Day::Sunday, Day::PublicHoliday]), "fri to sun, public holidays");
        assert_eq!(days(&[Day::PublicHoliday]), "public holidays");
    }

    #[test]
    fn quantities_have_their_unit() {
        assert_eq!(rate(Some(Rate::new(5, 4)), "segment"), "75 segments/min");
        assert_eq!(rate(Some(Rate::per_second(1)), "message"), "1 message/s");
        assert_eq!(rate(None, "segment"), "-");
        assert_eq!(dollars("0.00225".parse().unwrap()), "$0.00225");
    }
}
