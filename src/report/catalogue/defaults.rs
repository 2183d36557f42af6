//! What holds everywhere, on one page of text: rates, queues, 10DLC, latencies, the filter, prices.
//!
//! Not here: the formulas that use these numbers.

use std::collections::BTreeMap;

use crate::catalogue::{
    Amount, BrandKind, Dated, Defaults, Evidence, FilterModel, Grant, HandsetModel, LatencyModel, LogNormal, Monthly,
    Once, Prices, RateRule, ReplyWordFacts, TenDlc, TenDlcTier, WordsOf,
};
use crate::model::country::CountryCode;
use crate::model::sender::SenderType;
use crate::report::terminal::Style;
use crate::units::thousands;

use super::page::Page;
use super::phrases::{plain, rate, sender};

/// The page.
pub fn render(defaults: &Defaults, style: Style) -> String {
    let about = "What holds unless a country or a scenario says otherwise.";
    let mut page = Page::new(style, "Everywhere", about);
    page.section("QUEUE", "");
    let queue = &defaults.sender_types.queue;
    let cited = page.cite(&queue.evidence);
    page.text(&format!(
        "a sender's queue holds what it sends in {}; that is also the longest and the default validity period {cited}",
        queue.depth
    ));
    page.section("SENDERS", "  default rate of one; the first line that fits holds");
    let rules = &defaults.sender_types.rates;
    for rule in rules {
        let alone = rules.iter().filter(|other| other.sender == rule.sender).count() == 1;
        rate_rule(&mut page, rule, alone);
    }
    ten_dlc(&mut page, &defaults.ten_dlc);
    latency(&mut page, &defaults.latency);
    handsets(&mut page, &defaults.handsets);
    reply_words(&mut page, &defaults.reply_words);
    filter(&mut page, &defaults.filter);
    prices(&mut page, &defaults.prices);
    page.finish(&defaults.assumptions())
}

/// `alone`: whether it is the only rule for its type of sender.
fn rate_rule(page: &mut Page, rule: &RateRule, alone: bool) {
    let places = match &rule.to {
        Some(countries) => countries.iter().map(CountryCode::as_str).collect::<Vec<_>>().join(", "),
        None if alone => "everywhere".to_owned(),
        None => "elsewhere".to_owned(),
    };
    let speed = rate(Some(rule.rate), if rule.sender == SenderType::Whatsapp { "message" } else { "segment" });
    page.row(&format!("{:<18}{places:<14}{speed}", sender(rule.sender)));
    let mut facts = Vec::new();
    match (rule.upgrade_from, rule.upgrade_to) {
        (Some(low), Some(high)) if low == high => facts.push(format!("an upgrade to {high} is sold")),
        (Some(low), Some(high)) => facts.push(format!("upgrades from {low} to {high} are sold")),
        (Some(low), None) => facts.push(format!("upgrades from {low} are sold")),
        (None, Some(high)) => facts.push(format!("upgrades to {high} are sold")),
        (None, None) => {}
    }
    facts.extend(rule.note.clone());
    let cited = page.cite(&rule.evidence);
    page.detail(format!("{} {cited}", facts.join("; ")).trim_start());
}

fn ten_dlc(page: &mut Page, ten_dlc: &TenDlc) {
    let title = format!("  {}: segments at each carrier, shared by the campaign or per number", ten_dlc.country);
    page.section("10DLC", &title);
    for tier in &ten_dlc.tiers {
        let scores = tier.trust_scores.map_or(String::new(), |[low, high]| format!(", trust score {low} to {high}"));
        page.row(&format!("{} brand{scores}", plain(tier.brand.as_str())));
        let cited = page.cite(&tier.evidence);
        page.detail(&format!("{}; {} {cited}", grants(&tier.grants), caps(tier)));
    }
    for campaign in &ten_dlc.campaigns {
        page.row(&format!("{} campaign of any brand but a sole proprietor", plain(campaign.campaign.as_str())));
        let cited = page.cite(&campaign.evidence);
        page.detail(&format!("{} {cited}", grants(&campaign.grants)));
    }
    let cited = page.cite(&ten_dlc.other_carriers.evidence);
    page.row("every other carrier");
    page.detail(&format!("{} {cited}", grant(&ten_dlc.other_carriers.grant)));
}

fn grant(grant: &Grant) -> String {
    format!("{} per {}", grant.rate, grant.shared_by)
}

fn grants(by_carrier: &BTreeMap<String, Grant>) -> String {
    by_carrier.iter().map(|(carrier, granted)| format!("{carrier} {}", grant(granted))).collect::<Vec<_>>().join(", ")
}

fn caps(tier: &TenDlcTier) -> String {
    if tier.daily_caps.is_empty() {
        return "no daily cap".to_owned();
    }
    let caps: Vec<String> =
        tier.daily_caps.iter().map(|(carrier, cap)| format!("{carrier} {}", thousands(u128::from(*cap)))).collect();
    format!("segments a day and brand at most: {}", caps.join(", "))
}

fn latency(page: &mut Page, latency: &LatencyModel) {
    page.section("LATENCY", "  log-normal: median, and standard deviation of the logarithm");
    let legs: [(&str, &LogNormal); 3] = [
        ("queue to carrier", &latency.hand_off),
        ("carrier to handset", &latency.handset),
        ("handset to receipt", &latency.receipt),
    ];
    for (name, leg) in legs {
        let cited = page.cite(&leg.evidence);
        page.row(&format!("{name:<20}{:<8}{:<6}{cited}", format!("{} s", leg.median_seconds), leg.sigma));
    }
    let offset = &latency.carrier_offset;
    let cited = page.cite(&offset.evidence);
    page.text(&format!(
        "carriers differ by a normal factor of mean {} and deviation {} {cited}",
        offset.mean, offset.sigma
    ));
    let cited = page.cite(&latency.receipt_never.evidence);
    page.text(&format!("receipts that never arrive: {} % {cited}", latency.receipt_never.share));
    let cited = page.cite(&latency.invalid.evidence);
    page.text(&format!("dead numbers and fixed lines on a kept list: {} % {cited}", latency.invalid.share));
}

fn handsets(page: &mut Page, model: &HandsetModel) {
    page.section("HANDSETS", "  percent of messages; an absence is exponential when brief, log-normal when off");
    page.row("preset          brief   off  abandoned  denied  twice");
    for preset in &model.presets {
        let cited = page.cite(&preset.evidence);
        page.row(&format!(
            "{:<14}{:>7}{:>6}{:>11}{:>8}{:>7}  {cited}",
            preset.name,
            preset.brief_share.to_string(),
            preset.off_share.to_string(),
            preset.abandoned_share.to_string(),
            preset.denied_share.to_string(),
            preset.duplicates.to_string(),
        ));
    }
    let clock = &model.retry_clock;
    let cited = page.cite(&clock.evidence);
    page.text(&format!(
        "networks try again after {}, then {}, then twice the last gap, at most {}, until {} {cited}",
        clock.first, clock.gap, clock.longest_gap, clock.give_up
    ));
    let cited = page.cite(&model.store.evidence);
    page.text(&format!("a handset's network keeps {} messages {cited}", model.store.messages));
    page.section("PEOPLE", "  percent of recipients");
    let (opt_outs, replies) = (&model.opt_outs, &model.replies);
    let cited = page.cite(&opt_outs.evidence);
    page.text(&format!("opt out of marketing: {}, of anything else: {} {cited}", opt_outs.marketing, opt_outs.other));
    let cited = page.cite(&model.opt_ins.evidence);
    page.text(&format!("who opts in again does so after {} {cited}", model.opt_ins.after));
    let cited = page.cite(&replies.evidence);
    page.text(&format!(
        "answer marketing: {}, a conversation: {}, anything else: {} {cited}",
        replies.marketing, replies.conversation, replies.other
    ));
    let median = |table: &[[u32; 2]]| table.iter().find(|row| row[0] == 50).map_or(0, |row| row[1]);
    let delays = &model.reply_delays;
    let cited = page.cite(&delays.evidence);
    page.text(&format!(
        "half of the answers come within {} s, within a conversation {} s {cited}",
        median(&delays.opening),
        median(&delays.turn)
    ));
}

fn reply_words(page: &mut Page, words: &ReplyWordFacts) {
    page.section("WORDS", "  that people send back; a service may have its own, by country");
    let lists = |of: &WordsOf| {
        let lists = [("opt out", &of.stop), ("opt in again", &of.start), ("help", &of.help)];
        let named = lists.into_iter().filter(|(_, words)| !words.is_empty());
        named.map(|(name, words)| format!("{name} {}", words.join(" "))).collect::<Vec<_>>().join("; ")
    };
    for (name, of) in [
        ("unless a service says otherwise", &words.standard),
        ("always", &words.kept),
        ("by the network of a toll-free number itself", &words.toll_free_network),
        ("in texts of other languages, known to no list", &words.familiar),
    ] {
        let note = of.note.as_ref().map_or_else(String::new, |note| format!("; {note}"));
        let cited = page.cite(&of.evidence);
        page.item(&format!("{name}: {}{note} {cited}", lists(of)));
    }
    let cited = page.cite(&words.matching.evidence);
    page.item(&format!("what is compared: {} {cited}", words.matching.rule));
    let cited = page.cite(&words.scope.evidence);
    page.item(&format!(
        "an opt-out counts for {}, outside a service for {} {cited}",
        words.scope.service, words.scope.sender
    ));
    let cited = page.cite(&words.help_answers.evidence);
    page.item(&format!("{} {cited}", words.help_answers.rule));
}

fn filter(page: &mut Page, filter: &FilterModel) {
    page.section("FILTER", "  p = 1 / (1 + e^-s)");
    let of = &filter.coefficients;
    let cited = page.cite(&of.evidence);
    page.text(&format!(
        "s = intercept + {} ln max(1, messages / free messages) + {} ln max(1, numbers / free numbers) + {} risk + {} \
         max(0, opt-outs - {}), by content, carrier and day {cited}",
        of.volume, of.numbers, of.risk, of.opt_out, of.opt_out_tolerated,
    ));
    let free = |count: Option<u32>| count.map_or_else(|| "-".to_owned(), |count| count.to_string());
    page.row(&format!("{:<22}{:>10}{:>15}{:>14}", "class", "intercept", "free messages", "free numbers"));
    for (name, class) in &filter.classes {
        let cited = page.cite(&class.evidence);
        page.row(&format!(
            "{:<22}{:>10}{:>15}{:>14}  {cited}",
            plain(name.as_str()),
            class.intercept,
            free(class.free_volume),
            free(class.free_numbers),
        ));
    }
    let cited = page.cite(&filter.frailty.evidence);
    page.text(&format!(
        "the odds are multiplied by {} + {} G, G exponential with mean 1 for each content, carrier and day; the intercept is \
         then such that the mean at risk 1 stays {cited}",
        1.0 - filter.frailty.weight,
        filter.frailty.weight,
    ));
    let blocks = &filter.blocks;
    let cited = page.cite(&blocks.evidence);
    page.text(&format!(
        "{} messages in a row with p above {} block the content at the carrier for {} {cited}",
        blocks.messages, blocks.above, blocks.lasts,
    ));
    let of = &filter.suspensions;
    let cited = page.cite(&of.evidence);
    page.text(&format!(
        "{} % opt-outs or {} % dead numbers among a sender's messages of a day, of at least {}, suspend it for {} after a \
         review of {} {cited}",
        of.opt_outs, of.errors, of.messages, of.lasts, of.review,
    ));
    let of = &filter.content;
    let cited = page.cite(&of.evidence);
    page.text(&format!(
        "risk of a body: {} for a public shortener, {} for mostly capitals, {} for each of {} words {cited}",
        of.shortener,
        of.shouting,
        of.word,
        of.words.len(),
    ));
    let report = &filter.reported;
    let cited = page.cite(&report.evidence);
    page.text(&format!(
        "a filtered message is reported as filtered (30007) {} %, as unreachable (30003) {} %, as delivered {} % {cited}",
        report.filtered, report.unreachable, report.delivered,
    ));
}

fn prices(page: &mut Page, prices: &Prices) {
    page.section("PRICES", "  US dollars; segments and carrier fees stand with the countries");
    for kind in SenderType::ALL {
        monthly(page, sender(kind), prices.rents.of(kind));
    }
    let cited = page.cite(&prices.rents.elsewhere);
    page.item(&format!("rents in other countries: the same {cited}"));
    amount(page, "message that ends as failed", &prices.failed_message);
    amount(page, "WhatsApp message", &prices.whatsapp_message);
    let start = &prices.short_code_start;
    once(page, "short code of the United States, submission to carriers", &start.submission);
    once(page, "short code of the United States, activation by T-Mobile", &start.t_mobile_activation);
    for kind in BrandKind::ALL {
        once(page, &format!("10DLC brand, {}", plain(kind.as_str())), prices.ten_dlc_brands.of(*kind));
    }
    let review = &prices.ten_dlc_campaign_review;
    priced(page, "10DLC campaign, review", &review.amount, " once", (review.note.as_ref(), &review.evidence));
    let campaigns = &prices.ten_dlc_campaigns;
    monthly(page, "10DLC campaign, sole proprietor", &campaigns.sole_proprietor);
    monthly(page, "10DLC campaign, low volume mixed", &campaigns.low_volume_mixed);
    monthly(page, "10DLC campaign, any other", &campaigns.ordinary);
}

fn amount(page: &mut Page, what: &str, price: &Amount) {
    priced(page, what, &price.amount, "", (price.note.as_ref(), &price.evidence));
}

fn monthly(page: &mut Page, what: &str, price: &Monthly) {
    priced(page, what, &price.per_month, " a month", (price.note.as_ref(), &price.evidence));
}

fn once(page: &mut Page, what: &str, price: &Once) {
    priced(page, what, &price.once, " once", (price.note.as_ref(), &price.evidence));
}

fn priced(page: &mut Page, what: &str, amount: &Dated, unit: &str, (note, evidence): (Option<&String>, &Evidence)) {
    let amount = page.history(amount, unit);
    let note = note.map_or_else(String::new, |note| format!("; {note}"));
    let cited = page.cite(evidence);
    page.item(&format!("{what}: {amount}{note} {cited}"));
}
