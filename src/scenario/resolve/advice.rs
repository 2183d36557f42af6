//! Advice: what a scenario may say, but what platform, carriers or experience hold against. Each finding is a warning, or
//! a note where there is nothing to mend.

use indexmap::IndexMap;

use super::{Findings, at, reply_words};
use crate::catalogue;
use crate::kernel::samplers::Chance;
use crate::model::country::CountryCode;
use crate::model::ending::Ending;
use crate::model::metric::Metric;
use crate::model::reply_word::ReplyWord;
use crate::model::sender::SenderType;
use crate::model::terms::{SenderClass, Shown, Terms, TrafficRule};
use crate::model::threshold::Aggregation;
use crate::model::{Campaign, Channel, Distribution, Due, Kind, Model, Place, QuietHours, Schedule, Unreached};
use crate::scenario::path;
use crate::scenario::quantity::Written;
use crate::scenario::spec::Scenario;
use crate::units::SimTime;

/// Senders in one pool that the platform allows by default.
const POOL_SIZE: usize = 400;

pub(super) fn advise(findings: &mut Findings, spec: &Scenario, model: &Model) {
    for (index, name) in spec.services.keys().enumerate() {
        advise_service(findings, spec, model, index, &at("services", name));
    }
    advise_rates(findings, spec);
    for (index, name) in spec.campaigns.keys().enumerate() {
        advise_campaign(findings, model, index, &at("campaigns", name));
        advise_opt_out_word(findings, spec, model, index, &at("campaigns", name));
        if model.campaigns[index].body_too_long {
            findings.warning(
                &at(&at("campaigns", name), "body"),
                "the body is longer than the 1,600 characters that the platform takes",
                format!("every call will be refused ({})", code(Ending::RefusedBodyTooLong)),
            );
        }
    }
    advise_codes(findings, model);
    advise_thresholds(findings, model);
    for lane in model.lanes.iter().filter(|lane| lane.capacity.is_some_and(|capacity| capacity.0 == 0)).take(3) {
        findings.warning(
            "services",
            format!("the queue `{}` at {} holds no segment", lane.name, lane.rate),
            "every message will overflow: a queue holds as many seconds of its rate as `queue: { capacity }` says",
        );
    }
}

fn advise_service(findings: &mut Findings, spec: &Scenario, model: &Model, service: usize, path: &str) {
    let named: Vec<usize> =
        (0..model.campaigns.len()).filter(|campaign| model.campaigns[*campaign].service == Some(service)).collect();
    // A campaign that names its sender only uses the service's other features.
    let used: Vec<usize> = named.iter().copied().filter(|campaign| model.campaigns[*campaign].from.is_none()).collect();
    if used.is_empty() && !named.is_empty() {
        return;
    }
    if used.is_empty() {
        let has_senders = model.groups.iter().any(|group| group.service == Some(service));
        if has_senders && !spec.campaigns.values().any(|campaign| campaign.from.is_some()) {
            findings.warning(path, "no campaign sends through this service", "remove it, or name it in a campaign");
        }
        return;
    }
    let groups = || model.groups.iter().filter(|group| group.service == Some(service));
    let senders_path = at(path, "senders");
    let total: usize = groups().map(|group| group.count).sum();
    if total == 0 {
        findings.warning(
            path,
            "the service has no sender",
            format!("every call will be refused ({})", code(Ending::RefusedEmptyPool)),
        );
    }
    if total > POOL_SIZE {
        findings.warning(
            &senders_path,
            format!("{total} senders in one pool"),
            format!("the platform allows {POOL_SIZE} unless asked (21714)"),
        );
    }
    let toll_free: usize = groups().filter(|group| group.kind == SenderType::TollFree).map(|group| group.count).sum();
    if toll_free > 1 {
        findings.warning(
            &senders_path,
            format!("{toll_free} toll-free numbers in one pool"),
            "carriers take several for snowshoeing; ask for one upgraded number instead",
        );
    }
    let mut grouped = Grouped::default();
    for (country, route) in model.services[service].routes.iter().enumerate() {
        let over = |channel| {
            let fits = |campaign: &&usize| model.campaigns[**campaign].channel == channel;
            used.iter().filter(fits).any(|campaign| reaches(model, *campaign, country))
        };
        if over(Channel::Sms) {
            advise_route(&mut grouped, model, service, country, route);
        }
        if over(Channel::Whatsapp) && route.whatsapp.is_none() {
            grouped.add(
                model.countries[country].code.as_str(),
                "no sender of this service can reach people on WhatsApp in {}",
                format!("messages there will fail ({})", code(Ending::NoUsableSender)),
            );
        }
    }
    grouped.give(findings, path);
}

/// Whether a campaign has recipients in a country.
fn reaches(model: &Model, campaign: usize, country: usize) -> bool {
    model.population(campaign).country_index.contains(&country)
}

/// Warnings of one service that differ in the country alone: given once for all countries.
#[derive(Default)]
struct Grouped {
    /// Message and hint, with `{}` for the countries or carriers.
    list: IndexMap<(String, String), Vec<String>>,
}

impl Grouped {
    /// Countries or carriers that are named; of the rest the number.
    const NAMED: usize = 12;

    fn add(&mut self, place: &str, message: impl Into<String>, hint: impl Into<String>) {
        let places = self.list.entry((message.into(), hint.into())).or_default();
        if !places.iter().any(|known| known == place) {
            places.push(place.to_owned());
        }
    }

    fn give(self, findings: &mut Findings, path: &str) {
        for ((message, hint), places) in self.list {
            let mut named = places.iter().take(Grouped::NAMED).cloned().collect::<Vec<_>>().join(", ");
            if places.len() > Grouped::NAMED {
                named.push_str(&format!(" and {} more", places.len() - Grouped::NAMED));
            }
            findings.warning(path, message.replace("{}", &named), hint.replace("{}", &named));
        }
    }
}

fn advise_route(grouped: &mut Grouped, model: &Model, service: usize, country: usize, route: &crate::model::Route) {
    let code_of = model.countries[country].code.as_str();
    let Some(set) = route.set else {
        grouped.add(
            code_of,
            "no sender of this service can reach {}",
            format!("messages there will fail ({})", code(Ending::NoUsableSender)),
        );
        return;
    };
    let senders = &model.candidate_sets[set].senders;
    let sender = |index: &u32| &model.senders[*index as usize];
    let mut groups: Vec<usize> = senders.iter().map(|index| sender(index).group).collect();
    groups.dedup();
    let carriers: Vec<usize> =
        (0..model.carriers.len()).filter(|carrier| model.carriers[*carrier].country == country).collect();
    let sends = |campaign: &Campaign| {
        campaign.service == Some(service) && campaign.from.is_none() && campaign.channel == Channel::Sms
    };
    advise_treatment(grouped, model, &sends, country, &groups, &carriers);
    let long_codes = senders.iter().filter(|index| sender(index).kind == SenderType::LongCode).count();
    let spread = groups.iter().flat_map(|group| carriers.iter().filter_map(|carrier| model.terms(*group, *carrier)));
    let spread = spread.into_iter().any(|terms| terms.filter.is_some_and(|class| class.free_senders == Some(1.0)));
    if long_codes > 1 && spread {
        grouped.add(
            code_of,
            format!("{long_codes} long codes share the traffic to {{}}"),
            "carriers punish snowshoeing by filtering: use a short code or one verified toll-free number",
        );
    }
    let reached = |carrier: &&usize| model.carriers[**carrier].short_code.0 == Chance::ALWAYS;
    let gap: Vec<&str> = carriers
        .iter()
        .filter(|carrier| !reached(carrier))
        .map(|carrier| model.carriers[*carrier].id.as_str())
        .collect();
    let by_short_code = senders.iter().any(|index| sender(index).kind == SenderType::ShortCode);
    if by_short_code && !gap.is_empty() && matches!(route.unreached, Unreached::NoSender | Unreached::SendAnyway) {
        let hint = match route.unreached {
            Unreached::NoSender => format!(
                "keep a few long codes of {{}} in the pool for Short Code Reroute; until then these messages fail ({})",
                code(Ending::NoUsableSender)
            ),
            _ => format!("their messages are sent and refused ({})", code(Ending::TypeNotCarried)),
        };
        let message = format!("some carriers of {{}} do not take short codes: {}", gap.join(", "));
        grouped.add(code_of, message, hint);
    }
    if model.services[service].distribution == Distribution::RoundRobin {
        let carrier = (0..model.carriers.len()).find(|carrier| model.carriers[*carrier].country == country);
        let rate = |index: &u32| Some(model.lanes[model.lane(*index as usize, carrier?, 0)?].rate);
        let mut rates: Vec<_> = senders.iter().filter_map(rate).collect();
        rates.sort_unstable();
        rates.dedup();
        if let [slowest, .., fastest] = rates.as_slice() {
            grouped.add(
                code_of,
                format!("round robin to {{}} over senders of {slowest} and {fastest}"),
                "the fast ones idle while the slow ones drain: choose `distribution: earliest`, or put them into services of their own",
            );
        }
    }
}

/// What carriers do to messages of these groups: refuse them, show another sender, or take other traffic only.
fn advise_treatment(
    grouped: &mut Grouped,
    model: &Model,
    sends: &dyn Fn(&Campaign) -> bool,
    country: usize,
    groups: &[usize],
    carriers: &[usize],
) {
    let code_of = model.countries[country].code;
    let campaigns = || {
        let reached = move |campaign: &usize| reaches(model, *campaign, country);
        let through = move |campaign: &usize| sends(&model.campaigns[*campaign]);
        (0..model.campaigns.len()).filter(through).filter(reached).map(|campaign| &model.campaigns[campaign])
    };
    // The country when all its carriers do it, else those that do.
    let mut add = |of: &[usize], message: String, hint: &str| {
        if of.len() == carriers.len() {
            return grouped.add(code_of.as_str(), message, hint);
        }
        for carrier in of {
            grouped.add(&model.carriers[*carrier].id, message.clone(), hint);
        }
    };
    for group in groups {
        let id = &model.groups[*group].id;
        let that = |test: &dyn Fn(&Terms) -> bool| -> Vec<usize> {
            carriers.iter().copied().filter(|carrier| model.terms(*group, *carrier).is_some_and(test)).collect()
        };
        for ending in Ending::ALL {
            let refusing = that(&|terms| terms.refusal == Some(ending));
            if !refusing.is_empty() {
                let message = format!("carriers will refuse `{id}` in {{}}: {}", ending.reason());
                add(&refusing, message, &format!("its messages there end as {}{}", code(ending), remedy(ending)));
            }
        }
        for shown in [Shown::Labelled, Shown::Overwritten] {
            let changing = that(&|terms| terms.refusal.is_none() && terms.shown == shown);
            if !changing.is_empty() {
                let unregistered = that(&|terms| terms.class == SenderClass::Name).len() == carriers.len();
                let registers = catalogue::country(code_of).is_some_and(|facts| {
                    use catalogue::AlphanumericMode as Mode;
                    !matches!(facts.senders.alphanumeric.mode, Mode::NotCarried | Mode::Dynamic)
                });
                let what = if shown == Shown::Labelled { "a warning label" } else { "another sender" };
                let hint = if unregistered && registers {
                    "register it there and list the countries under `registered`"
                } else {
                    "recipients will not see who writes"
                };
                add(&changing, format!("carriers will show {what} instead of `{id}` in {{}}"), hint);
            }
        }
        for (rule, only) in [
            (TrafficRule::PersonToPerson, "what people write"),
            (TrafficRule::OneTimeCodes, "one-time codes"),
            (TrafficRule::NoMarketing, "what is no marketing"),
        ] {
            let strict = that(&|terms| terms.refusal.is_none() && terms.rule == rule);
            let broken = campaigns().any(|campaign| match rule {
                TrafficRule::Any => false,
                TrafficRule::PersonToPerson => !campaign.person_to_person,
                TrafficRule::OneTimeCodes => campaign.kind != Kind::Otp,
                TrafficRule::NoMarketing => campaign.is_marketing(),
            });
            if broken && !strict.is_empty() {
                let hint = format!("other messages end as {}", code(Ending::CountryRule));
                add(&strict, format!("carriers take only {only} from `{id}` in {{}}"), &hint);
            }
        }
        let deaf = that(&|terms| !terms.two_way);
        if deaf.len() == carriers.len() && campaigns().any(|campaign| campaign.kind == Kind::Conversation) {
            let hint = "conversations need a number or short code of the country, or WhatsApp";
            add(&deaf, format!("nobody can answer `{id}` in {{}}"), hint);
        }
    }
}

/// What helps against a refusal.
fn remedy(ending: Ending) -> &'static str {
    match ending {
        Ending::NumberUnregistered => "; register it: `ten_dlc` in the United States, `registered: true` elsewhere",
        Ending::NameUnregistered => "; register the name there and list the country under `registered`",
        Ending::TollFreeUnverified => "; have it verified",
        _ => "",
    }
}

/// Content and hours of one campaign.
fn advise_campaign(findings: &mut Findings, model: &Model, index: usize, path: &str) {
    let campaign = &model.campaigns[index];
    advise_explicit_sender(findings, model, index, path);
    let is_blocked = |country: &usize| {
        let verdicts = &campaign.content[*country];
        classes(model, campaign, *country).into_iter().any(|class| verdicts[class as usize].blocked)
    };
    let blocked: Vec<&str> = (0..model.countries.len())
        .filter(|country| reaches(model, index, *country))
        .filter(is_blocked)
        .map(|country| model.countries[country].code.as_str())
        .collect();
    if !blocked.is_empty() {
        findings.warning(
            path,
            format!("the content breaks a rule of {}", blocked.join(", ")),
            format!(
                "carriers there drop it ({}); `sendpool catalogue {}` has the rules",
                code(Ending::ContentRule),
                blocked[0],
            ),
        );
    }
    if let Some(Schedule { due: Due::After(lead), .. }) = campaign.schedule
        && (lead <= Schedule::LEAST || lead > Schedule::MOST)
    {
        findings.warning(
            &at(&at(path, "schedule"), "lead"),
            format!("scheduled {lead} ahead: the platform takes more than 5 minutes and at most 35 days"),
            format!("every call will be refused ({})", code(Ending::RefusedSchedule)),
        );
    }
    if campaign.quiet_hours != QuietHours::Ignore {
        return;
    }
    let closed = (0..model.countries.len()).filter(|country| reaches(model, index, *country));
    let closed: Vec<(&str, SimTime)> = closed
        .filter_map(|country| Some((model.countries[country].code.as_str(), first_closed(model, campaign, country)?)))
        .collect();
    if let Some((_, at)) = closed.iter().min_by_key(|(_, at)| *at) {
        let codes: Vec<&str> = closed.iter().map(|(code, _)| *code).collect();
        findings.warning(
            path,
            format!(
                "messages fall into hours that are closed in {}, from {} on",
                codes.join(", "),
                model.calendar.wall_clock(*at)
            ),
            "`features: { quiet_hours: hold }` of the service keeps them until the hours open, `fail` fails them (30610)",
        );
    }
}

/// One-time codes for logins belong to a product that is made for them: said once for all campaigns.
fn advise_codes(findings: &mut Findings, model: &Model) {
    let names: Vec<String> = model
        .campaigns
        .iter()
        .filter(|campaign| campaign.kind == Kind::Otp)
        .map(|campaign| format!("`{}`", campaign.name))
        .collect();
    let Some(first) = model.campaigns.iter().find(|campaign| campaign.kind == Kind::Otp) else { return };
    let mut named = names.iter().take(Grouped::NAMED).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > Grouped::NAMED {
        named.push_str(&format!(" and {} more", names.len() - Grouped::NAMED));
    }
    findings.note(
        &at(&at("campaigns", &first.name), "kind"),
        format!("{named}: one-time codes for logins belong to a verification product"),
        "it resends codes, falls back to another channel and guards against traffic that fraudsters order; here they are \
         messages like others",
    );
}

/// A marketing body that tells people a word to opt out by: one that the sender understands.
fn advise_opt_out_word(findings: &mut Findings, spec: &Scenario, model: &Model, index: usize, path: &str) {
    let campaign = &model.campaigns[index];
    let body = spec.campaigns[index].body.as_deref().unwrap_or_default();
    let service = campaign.service.map(|service| &model.services[service]);
    if !campaign.is_marketing() || service.is_some_and(|service| !service.keeps_opt_outs) {
        return;
    }
    let words = service.map_or_else(reply_words::standard, |service| service.words.clone());
    let mut grouped = Grouped::default();
    for country in (0..model.countries.len()).filter(|country| reaches(model, index, *country)) {
        let code = model.countries[country].code;
        let named = opt_out_words(body, code);
        let works = named.iter().any(|word| words.classify(word, code) == ReplyWord::Stop);
        if let Some(word) = named.first().filter(|_| !works) {
            grouped.add(
                code.as_str(),
                format!("the body names `{word}`, which opts nobody out in {{}}"),
                "add it to `opt_out_words` of the service, or name STOP: it always works",
            );
        }
    }
    grouped.give(findings, &at(path, "body"));
}

/// The words in capitals by which a body seems to offer a way out: those that the platform, the country or everyday language
/// knows, and those of phrases such as "reply LEAVE to opt out".
fn opt_out_words(body: &str, country: CountryCode) -> Vec<&str> {
    let known = &catalogue::defaults().reply_words;
    let of_country = catalogue::country(country).map(|facts| facts.opt_out.stop_words.as_slice()).unwrap_or_default();
    let is_known = |word: &str| {
        let lists = [&known.standard.stop, &known.familiar.stop];
        lists.into_iter().flatten().chain(of_country).any(|stop| stop == word)
    };
    let words: Vec<&str> = body.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_offered = |at: usize| {
        let before = at.checked_sub(1).map(|before| words[before].to_lowercase());
        let asks = before.is_some_and(|before| ["reply", "text", "send"].contains(&before.as_str()));
        let after = words.get(at + 1).zip(words.get(at + 2)).map(|(to, end)| (to.to_lowercase(), end.to_lowercase()));
        let ends = ["stop", "opt", "unsubscribe", "end", "quit", "cancel", "leave"];
        asks && after.is_some_and(|(to, end)| to == "to" && ends.contains(&end.as_str()))
    };
    let in_capitals = |word: &str| word == word.to_uppercase() && word.chars().any(char::is_alphabetic);
    let offers = |at: &usize| in_capitals(words[*at]) && (is_known(words[*at]) || is_offered(*at));
    (0..words.len()).filter(offers).map(|at| words[at]).collect()
}

/// What platform and carriers make of the sender that a campaign names.
fn advise_explicit_sender(findings: &mut Findings, model: &Model, index: usize, path: &str) {
    let campaign = &model.campaigns[index];
    let Some(set) = campaign.from else { return };
    let mut groups: Vec<usize> =
        model.candidate_sets[set].senders.iter().map(|sender| model.senders[*sender as usize].group).collect();
    groups.dedup();
    let mut grouped = Grouped::default();
    for country in (0..model.countries.len()).filter(|country| reaches(model, index, *country)) {
        let carriers: Vec<usize> =
            (0..model.carriers.len()).filter(|carrier| model.carriers[*carrier].country == country).collect();
        for group in &groups {
            if carriers.first().is_some_and(|carrier| model.terms(*group, *carrier).is_none()) {
                grouped.add(
                    model.countries[country].code.as_str(),
                    format!("`{}` cannot reach {{}}", model.groups[*group].id),
                    format!("calls there will be refused ({})", code(Ending::RefusedUnreachable)),
                );
            }
        }
        let sends = |other: &Campaign| other.name == campaign.name;
        advise_treatment(&mut grouped, model, &sends, country, &groups, &carriers);
    }
    grouped.give(findings, path);
}

/// What the senders are to a country that may send a campaign there.
fn classes(model: &Model, campaign: &Campaign, country: usize) -> Vec<SenderClass> {
    let carriers = (0..model.carriers.len()).filter(|carrier| model.carriers[*carrier].country == country);
    let Some(carrier) = carriers.min() else { return Vec::new() };
    let senders =
        model.sets(campaign, country).into_iter().flatten().flat_map(|set| &model.candidate_sets[set].senders);
    let mut classes: Vec<SenderClass> =
        senders.filter_map(|sender| Some(model.terms_of_sender(*sender, carrier)?.class)).collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

/// The first time at which this campaign meets closed hours in a country, within the first weeks of each phase.
fn first_closed(model: &Model, campaign: &Campaign, country: usize) -> Option<SimTime> {
    let hours = &model.hours[campaign.hours[country].legal?];
    let places = &model.countries[country].places.list;
    let mut seen = Vec::new();
    let distinct = places.iter().filter(|place| {
        let new = !seen.contains(&(place.zone, place.region));
        seen.push((place.zone, place.region));
        new
    });
    let spans = campaign.spans().into_iter().map(|(start, end)| match campaign.schedule.map(|schedule| schedule.due) {
        None => (start, end),
        Some(Due::After(lead)) => (start.saturating_add(lead), end.saturating_add(lead)),
        Some(Due::At(at)) => (at, at),
    });
    let spans: Vec<(SimTime, SimTime)> = spans.collect();
    let first_in = |place: &Place, (start, end): (SimTime, SimTime)| {
        let stretch = |at| hours.stretch(&model.calendar, &model.zones[place.zone], place.region, at);
        let now = stretch(start);
        // What is open now is closed when this stretch ends.
        let closes = if now.blocked { start } else { now.until };
        (closes == start || closes < end).then_some(closes)
    };
    distinct.flat_map(|place| spans.iter().filter_map(move |span| first_in(place, *span))).min()
}

/// Rates that the platform does not sell.
fn advise_rates(findings: &mut Findings, spec: &Scenario) {
    let of_services = spec.services.iter().flat_map(|(name, service)| {
        let base = at(&at("services", name), "senders");
        service.senders.iter().enumerate().map(move |(index, sender)| (path::index(&base, index), sender))
    });
    let others = spec.senders.iter().enumerate().map(|(index, sender)| (path::index("senders", index), sender));
    let mut whatsapp = 0.0;
    let standard = catalogue::defaults().sender_types.rate_rule(SenderType::Whatsapp, CountryCode::US);
    let standard = standard.map(|rule| Written(rule.rate));
    for (path, sender) in of_services.chain(others) {
        let count = sender.count.map_or(1, |Written(count)| count.0);
        if sender.kind == SenderType::Whatsapp {
            whatsapp += sender.mps.or(standard).map_or(0.0, |Written(rate)| rate.as_f64()) * count as f64;
        }
        let Some(Written(rate)) = sender.mps else { continue };
        let home = sender.country.map_or(CountryCode::US, |country| country.0);
        let Some(rule) = catalogue::defaults().sender_types.rate_rule(sender.kind, home) else { continue };
        let most = rule.upgrade_to.unwrap_or(rule.rate);
        // Names are raised country by country, on request: nobody publishes how far.
        if rate > most && home != CountryCode::BENCH && sender.kind != SenderType::Alphanumeric {
            findings.warning(
                &at(&path, "mps"),
                format!("a {} of {home} at {rate}: the platform sells up to {most}", sender.kind),
                "check with the platform before counting on it",
            );
        }
    }
    // Error 63017 of the platform.
    if whatsapp > 2_000.0 {
        findings.warning(
            "services",
            "the WhatsApp senders together exceed 2,000 messages/s",
            "an account's WhatsApp traffic is limited to that (63017)",
        );
    }
}

fn advise_thresholds(findings: &mut Findings, model: &Model) {
    let on_wait = |metric| matches!(metric, Metric::QueueWait | Metric::EndToEnd | Metric::LaneWait);
    let waits = model
        .thresholds
        .iter()
        .find(|threshold| on_wait(threshold.metric) && !matches!(threshold.aggregation, Aggregation::Min));
    let counts_lost = model.thresholds.iter().any(|threshold| {
        matches!(
            threshold.metric,
            Metric::Expired | Metric::Failed | Metric::Delivered | Metric::Sent | Metric::DeliveredReported
        )
    });
    if let Some(threshold) = waits
        && !counts_lost
    {
        let path = at("thresholds", &threshold.subject);
        findings.warning(
            &path,
            "waits are of messages that were sent; those that expired are not among them",
            "add a threshold on `expired` or `delivered` beside it",
        );
    }
}

fn code(ending: Ending) -> u16 {
    ending.code().expect("a loss has a code")
}
