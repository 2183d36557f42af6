//! A country in full: everything the catalogue says of it on one page of text.
//!
//! Not here: what holds everywhere, which has a page of its own.

use crate::catalogue::{
    Carrier, CarrierFees, ContentRule, Country, Delivery, Fines, Landline, OperatorMutation, ReceiptFrom, SegmentSizes,
    TimeRestriction, WindowAction,
};
use crate::model::sender::SenderType;
use crate::report::terminal::{Style, shorten};
use crate::report::words;

use super::page::Page;
use super::phrases::{carrier_names, days, joined, mode, plain, rate, sender, set_by, traffic, unregistered};

/// The page.
pub fn render(country: &Country, style: Style) -> String {
    let about = format!(
        "{} · calls +{} · MCC {} · languages {}",
        plain(country.region.as_str()),
        country.calling_codes.join(", +"),
        country.mcc.join(" "),
        country.languages.join(" "),
    );
    let mut page = Page::new(style, &format!("{}  {}", country.code, country.name), &about);
    people(&mut page, country);
    senders(&mut page, country);
    delivery(&mut page, &country.delivery);
    page.section("HOURS", "  local time of the recipient");
    let windows: Vec<String> = country.time_restrictions.iter().map(|window| hours(&mut page, window)).collect();
    page.items(&windows);
    page.section("CONTENT", "");
    let rules: Vec<String> = country.content_rules.iter().map(|rule| content(&mut page, rule)).collect();
    page.items(&rules);
    page.section("CHANGES BY OPERATORS", "");
    let changes: Vec<String> = country.operator_mutations.iter().map(|change| mutation(&mut page, change)).collect();
    page.items(&changes);
    opt_out(&mut page, country);
    price(&mut page, country);
    carriers(&mut page, country);
    page.section("DISAGREEMENTS", "  between sources");
    page.items(&country.disagreements);
    page.finish(&country.assumptions())
}

/// A note and what a block rests on, to end a paragraph with.
fn note(page: &mut Page, note: Option<&String>, evidence: &crate::catalogue::Evidence) -> String {
    let cited = page.cite(evidence);
    note.map_or_else(|| format!(" {cited}"), |note| format!("; {note} {cited}"))
}

fn people(page: &mut Page, country: &Country) {
    page.section("NUMBERS AND PEOPLE", "");
    let numbers = &country.numbers;
    let lengths: Vec<String> = numbers.national_lengths.iter().map(u8::to_string).collect();
    let cited = page.cite(&numbers.evidence);
    page.text(&format!(
        "such as {}; {} digits after the calling code; numbers move between carriers: {} {cited}",
        numbers.example,
        lengths.join(" or "),
        numbers.portability,
    ));
    let zones: Vec<String> =
        country.time_zones.shares.iter().map(|zone| format!("{} {} %", zone.zone, zone.share)).collect();
    let cited = page.cite(&country.time_zones.evidence);
    page.text(&format!("by time zone: {} {cited}", zones.join(", ")));
}

/// A row of the table of senders.
fn sender_row(page: &mut Page, cells: [&str; 5]) {
    let [name, carried, offered, two_way, rate] = cells;
    page.row(&format!("{name:<18}{carried:<10}{offered:<10}{two_way:<10}{rate}"));
}

fn senders(page: &mut Page, country: &Country) {
    let columns =
        format!("{:<13}{:<10}{:<10}{:<10}{}", "", "carried", "offered", "two-way", "default rate of one sender");
    page.section("SENDERS", &columns);
    let of = &country.senders;

    let long = &of.long_code;
    let speed = rate(long.mps, "segment");
    sender_row(page, ["long code", long.carried.as_str(), long.offered.as_str(), long.two_way.as_str(), &speed]);
    let rest = note(page, long.note.as_ref(), &long.evidence);
    page.detail(&format!("{}{rest}", traffic(long.application_traffic)));

    let foreign = &of.international_long_code;
    let speed = rate(foreign.mps, "segment");
    let (carried, offered, two_way) = (foreign.carried, foreign.offered, foreign.two_way);
    sender_row(page, ["foreign number", carried.as_str(), offered.as_str(), two_way.as_str(), &speed]);
    let rest = note(page, foreign.note.as_ref(), &foreign.evidence);
    page.detail(&format!("shown as: {}{rest}", joined(foreign.shown_as.iter().map(|shown| shown.as_str()))));

    let free = &of.toll_free;
    let speed = rate(free.mps, "segment");
    sender_row(page, ["toll-free", "", free.offered.as_str(), free.two_way.as_str(), &speed]);
    let rest = note(page, free.note.as_ref(), &free.evidence);
    let verified = if free.verification_required { "unverified numbers are blocked" } else { "no verification" };
    page.detail(&format!("{verified}{rest}"));

    let short = &of.short_code;
    let speed = rate(short.mps, "segment");
    sender_row(page, ["short code", short.carried.as_str(), short.offered.as_str(), short.two_way.as_str(), &speed]);
    let wait = match short.provisioning_weeks {
        Some([low, high]) if low == high => format!("{} to provision", words::plural(low.into(), "week", "weeks")),
        Some([low, high]) => format!("{low} to {high} weeks to provision"),
        None => "weeks to provision not known".to_owned(),
    };
    let home = if short.domestic_only { "reaches its own country only" } else { "reaches other countries too" };
    let rest = note(page, short.note.as_ref(), &short.evidence);
    page.detail(&format!("{wait}; {home}{rest}"));

    names(page, country);

    let whatsapp = &of.whatsapp;
    let speed = rate(whatsapp.messages_per_second, "message");
    sender_row(page, ["WhatsApp", "", whatsapp.offered.as_str(), whatsapp.two_way.as_str(), &speed]);
    let rest = note(page, whatsapp.note.as_ref(), &whatsapp.evidence);
    page.detail(&format!("counts messages, not segments{rest}"));
}

fn names(page: &mut Page, country: &Country) {
    let names = &country.senders.alphanumeric;
    let speed = rate(names.mps, "segment");
    sender_row(page, ["name", "", names.offered.as_str(), names.two_way.as_str(), &speed]);
    let mut facts = vec![
        mode(names.mode).to_owned(),
        format!("an unregistered one is {}", unregistered(names.unregistered)),
        format!("up to {} characters", names.max_characters),
    ];
    if !names.overwritten_by.is_empty() {
        facts.push(format!("replaced by: {}", joined(names.overwritten_by.iter().map(|shown| shown.as_str()))));
    }
    if let Some(label) = &names.label {
        facts.push(format!("labelled \"{label}\""));
    }
    if let Some(days) = names.registration_days {
        facts.push(format!("registered in {}", words::plural(days.into(), "day", "days")));
    }
    let rest = note(page, names.note.as_ref(), &names.evidence);
    page.detail(&format!("{}{rest}", facts.join("; ")));
}

fn delivery(page: &mut Page, delivery: &Delivery) {
    page.section("DELIVERY", "");
    let receipt = match delivery.receipt {
        ReceiptFrom::Handset => "the handset",
        ReceiptFrom::Carrier => "the carrier, when it takes the message",
        ReceiptFrom::MessageCentre => "the message centre, when it takes the message",
    };
    let landline = match delivery.landline {
        Landline::Refused => "refused",
        Landline::Attempted => "tried",
    };
    let parts = delivery.max_parts.map_or_else(String::new, |parts| format!("; at most {parts} parts"));
    let rest = note(page, delivery.note.as_ref(), &delivery.evidence);
    page.text(&format!(
        "parts of a long text are joined: {}{parts}; UCS-2: {}; delivery is confirmed by {receipt}; messages to fixed \
         lines are {landline}{rest}",
        plain(delivery.parts_joined.as_str()),
        delivery.ucs2,
    ));
    for sizes in &delivery.segments {
        segment_sizes(page, sizes, delivery.segments.len() > 1);
    }
}

fn segment_sizes(page: &mut Page, sizes: &SegmentSizes, several: bool) {
    let whose = match (sizes.senders.is_empty(), several) {
        (true, true) => "all other senders".to_owned(),
        (true, false) => "all senders".to_owned(),
        _ => sizes.senders.iter().map(|kind| sender(*kind)).collect::<Vec<_>>().join(", "),
    };
    let cited = sizes.evidence.as_ref().map_or_else(String::new, |evidence| format!(" {}", page.cite(evidence)));
    page.text(&format!(
        "segment from {whose}: GSM-7 {} septets alone, {} as a part; UCS-2 {} units alone, {} as a part{cited}",
        sizes.gsm7_single, sizes.gsm7_part, sizes.ucs2_single, sizes.ucs2_part,
    ));
}

fn hours(page: &mut Page, window: &TimeRestriction) -> String {
    let whole_day = window.blocked_from.minutes() == 0 && window.blocked_to.minutes() == 1_440;
    let span =
        if whole_day { "all day".to_owned() } else { format!("from {} to {}", window.blocked_from, window.blocked_to) };
    let place = if window.only_in.is_empty() { String::new() } else { format!(" in {}", window.only_in.join(", ")) };
    let action = match window.action {
        WindowAction::Advisory => "advice",
        WindowAction::Block => "messages are dropped",
        WindowAction::Queue => "an operator keeps messages until the hours end",
        WindowAction::SenderMustHold => "the sender must hold messages back",
    };
    let other = if window.alternative { "; another source's version of the hours above" } else { "" };
    let rest = note(page, window.note.as_ref(), &window.evidence);
    format!(
        "{}{place}: not {span}, {}; {action}; {}{other}{rest}",
        plain(window.scope.as_str()),
        days(&window.days),
        set_by(window.kind),
    )
}

fn content(page: &mut Page, rule: &ContentRule) -> String {
    let since = rule.since.as_ref().map_or_else(String::new, |since| format!(", since {since}"));
    let rest = note(page, rule.note.as_ref(), &rule.evidence);
    // Rules that runs act on, and those that people have to see to themselves.
    let run = match rule.when.as_deref() {
        None if rule.by_sender => "; simulated through the senders".to_owned(),
        None => "; not simulated".to_owned(),
        Some([]) => "; simulated".to_owned(),
        Some(traits) => format!("; simulated for content: {}", joined(traits.iter().map(|wanted| wanted.as_str()))),
    };
    let people = if rule.between_people { "; holds between people too" } else { "" };
    format!(
        "{} (for: {}): {}{since}{run}{people}{rest}",
        plain(&rule.rule),
        joined(rule.applies_to.iter().map(|scope| scope.as_str())),
        plain(rule.action.as_str()),
    )
}

fn mutation(page: &mut Page, change: &OperatorMutation) -> String {
    let longer = match change.extra_characters {
        0 => String::new(),
        count => format!(" ({} more)", words::plural(count.into(), "character", "characters")),
    };
    let cited = page.cite(&change.evidence);
    let run = if change.applies_to.is_empty() { "" } else { "; simulated" };
    format!("{}, {}: {}{longer}, {}{run} {cited}", change.target, change.change, change.by, change.when)
}

fn opt_out(page: &mut Page, country: &Country) {
    page.section("OPT-OUT", "");
    let opt_out = &country.opt_out;
    let mut facts = vec![plain(opt_out.mechanism.as_str())];
    for (name, words) in [("stop", &opt_out.stop_words), ("help", &opt_out.help_words), ("start", &opt_out.start_words)]
    {
        if !words.is_empty() {
            facts.push(format!("{name} words {}", words.join(" ")));
        }
    }
    let rest = note(page, opt_out.note.as_ref(), &opt_out.evidence);
    page.text(&format!("{}{rest}", facts.join("; ")));
}

fn price(page: &mut Page, country: &Country) {
    page.section("PRICE", "  US dollars per outbound segment");
    let price = &country.price;
    let amount = page.history(&price.outbound_segment, "");
    let rest = note(page, price.note.as_ref(), &price.evidence);
    page.text(&format!("list price {amount}{rest}"));
    match &country.carrier_fees {
        Some(listed) => {
            let amounts = fees(page, listed);
            let cited = page.cite(&listed.evidence);
            page.text(&format!("carriers that list no fee of their own: {amounts} {cited}"));
        }
        None if country.carriers.iter().any(|carrier| carrier.fees.is_some()) => {
            page.text("carrier fees: those of the carriers below");
        }
        None => page.text("no carrier fees are listed apart from the price"),
    }
}

/// The fees listed, by sender type.
fn fees(page: &mut Page, listed: &CarrierFees) -> String {
    let kinds = [SenderType::LongCode, SenderType::TollFree, SenderType::ShortCode];
    let mut texts = Vec::new();
    for kind in kinds {
        if let Some(fee) = listed.outbound_segment(kind) {
            texts.push(format!("{} {}", sender(kind), page.history(fee, "")));
        }
    }
    texts.join(", ")
}

/// What a carrier fines, per finding.
fn fines(page: &mut Page, listed: &Fines) -> String {
    let single = [
        ("evasion of its programme", Some(&listed.programme_evasion)),
        ("a content violation", listed.content_violation.as_ref()),
        ("a campaign without a number for 60 days", listed.idle_campaign.as_ref()),
        ("a message over a grey route", listed.grey_route_message.as_ref()),
    ];
    let mut texts = Vec::new();
    for (what, amount) in single {
        if let Some(amount) = amount {
            texts.push(format!("{what} {}", page.history(amount, "")));
        }
    }
    if let Some(classes) = &listed.severity_0 {
        let amounts = classes.each_ref().map(|amount| page.history(amount, ""));
        texts.push(format!("the gravest abuses {} by class", amounts.join(", ")));
    }
    let rest = note(page, listed.note.as_ref(), &listed.evidence);
    format!("{}{rest}", texts.join(", "))
}

fn carriers(page: &mut Page, country: &Country) {
    let columns = format!("{:<23}{:>8}  {:<12}{:<12}names", "", "share", "short code", "toll-free");
    page.section("CARRIERS", &columns);
    for carrier in &country.carriers {
        carrier_row(page, carrier);
    }
    let evidence = &country.carrier_evidence;
    let mut columns = vec![
        format!("names and codes {}", page.cite(&evidence.names)),
        format!("shares {}", page.cite(&evidence.shares)),
        format!("short codes {}", page.cite(&evidence.short_code)),
    ];
    if let Some(toll_free) = &evidence.toll_free {
        columns.push(format!("toll-free {}", page.cite(toll_free)));
    }
    columns.push(format!("treatment of names {}", page.cite(&evidence.alphanumeric)));
    page.text(&format!("evidence: {}", columns.join(", ")));
    let cited = page.cite(&country.carrier_day.evidence);
    page.text(&format!("a carrier's day ends at midnight in {} {cited}", country.carrier_day.zone));
}

fn carrier_row(page: &mut Page, carrier: &Carrier) {
    page.row(&format!(
        "{:<29}{:>8}  {:<12}{:<12}{}",
        shorten(&carrier.name, 29),
        format!("{} %", carrier.share),
        carrier.short_code,
        carrier.toll_free,
        carrier_names(carrier.alphanumeric),
    ));
    let mut facts = vec![carrier.id.clone()];
    if !carrier.mccmnc.is_empty() {
        facts.push(format!("MCC-MNC {}", carrier.mccmnc.join(" ")));
    }
    if let Some(listed) = &carrier.fees {
        let amounts = fees(page, listed);
        let cited = page.cite(&listed.evidence);
        facts.push(format!("fees: {amounts} {cited}"));
    }
    if let Some(listed) = &carrier.fines {
        let amounts = fines(page, listed);
        facts.push(format!("fines, passed on per finding: {amounts}"));
    }
    if let Some(ten_dlc) = &carrier.ten_dlc {
        facts.push(format!("10DLC throughput: {} (see `sendpool catalogue --defaults`)", ten_dlc.throughput));
    }
    if let Some(day) = &carrier.day {
        let cited = page.cite(&day.evidence);
        facts.push(format!("its day ends at midnight in {} {cited}", day.zone));
    }
    facts.extend(carrier.note.clone());
    page.detail(&facts.join("; "));
}
