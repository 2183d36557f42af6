//! The snowshoe chart: what carriers' filters take of a content that several numbers carry, by how many these are; how many
//! messages of the plan that leaves, how fast, and at what price. Curves are the filter's formula with everything else as
//! the run had it; rings are what the run found.
//!
//! Here a [`Spread`] is made from what the model says and the results hold; the formula's mean over a day is the model's.

use rustc_hash::FxHashMap;

use crate::experiment::Results;
use crate::kernel::samplers::{Categorical, Chance};
use crate::metrics::totals::Totals;
use crate::model::ending::{Ending, Status};
use crate::model::snowshoe::{Class, Day, Spread, Watcher};
use crate::model::terms::{SenderClass, Terms};
use crate::model::threshold::Scope;
use crate::model::{Channel, Model, People, Unreached};
use crate::report::chart::{CurvesChart, CurvesPanel, Quantity, Ring, VariedCurve};
use crate::report::words;
use crate::units::SimTime;

/// Curves beyond this many make the chart unreadable.
const MAX_CURVES: usize = 6;
/// Curves nearer to each other than this are one.
const SAME: f64 = 0.04;
/// A pool that delivers so near to the most that any number of numbers would is as good as the best.
const AS_GOOD: f64 = 0.97;
/// Where filters take so little more than they would of one number, the numbers do no harm.
const WORTH: f64 = 0.005;
/// Numbers up to this many are all tried.
const ALL_TRIED: u32 = 20;
/// The chart goes this far at least, and twice as far as the largest pool.
const NUMBERS_MIN: u32 = 10;
/// More entries of the pool are counted instead of named.
const ENTRIES_NAMED: usize = 2;
/// A sending that is longer goes on as it did.
const DAYS_MAX: usize = 100;

/// One content in one country.
struct Content<'m> {
    model: &'m Model,
    label: String,
    /// The entries of the pool that its numbers are of.
    entries: String,
    country: usize,
    /// How many numbers carry it.
    numbers: u32,
    /// Carriers by index, their shares of what filters judge, and who sends it there.
    watchers: Vec<(usize, f64, Vec<Class>)>,
    /// The share of what filters judge that comes from numbers.
    counted: f64,
    /// Messages of a run that carriers' filters judge, and would if no queue lost any.
    judged: f64,
    meant: f64,
    /// Of the messages sent, those that filters judge.
    judged_share: f64,
    /// Of the messages that pass, those that reach the handset.
    reach: f64,
    /// Messages a second of one number, of all numbers together, and above them.
    own_rate: f64,
    shared_rate: f64,
    ceiling: f64,
    /// When it begins, for how many seconds it is handed over, and how many more a message may wait.
    start: SimTime,
    span: f64,
    patience: f64,
    /// Dollars for each message that a filter judges.
    each: f64,
    /// The share filtered and the messages delivered in a run; unknown where others than numbers send it, too.
    found: Option<(f64, f64)>,
}

/// What a pool of some size comes to.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    filtered: f64,
    delivered: f64,
    /// Of the first hour, when all numbers send as fast as they can.
    first_hour: f64,
    cost: f64,
}

impl<'m> Content<'m> {
    fn of(model: &'m Model, results: &Results, fingerprint: usize, country: usize) -> Option<Content<'m>> {
        let campaigns: Vec<usize> = (0..model.campaigns.len())
            .filter(|index| model.campaigns[*index].fingerprint == fingerprint)
            .filter(|index| model.population(*index).country_index.contains(&country))
            .collect();
        let first = &model.campaigns[*campaigns.first()?];
        let mut sum = Totals::default();
        for campaign in &campaigns {
            totals(model, results, *campaign, country)?.iter().for_each(|totals| sum.add(totals));
        }
        let runs = f64::from(results.replications);
        let ended = |endings: &[Ending]| endings.iter().map(|ending| sum.ended(*ending)).sum::<u64>() as f64 / runs;
        let filtered = ended(&[Ending::Filtered, Ending::ContentBlocked]);
        let delivered = sum.with_status(Status::Delivered) as f64 / runs;
        let passed = delivered + ended(&[Ending::HandsetUnreachable, Ending::Blocked]);
        let (judged, sent) = (filtered + passed, sum.sent as f64 / runs);
        let lost = ended(&[Ending::QueueOverflow, Ending::Expired, Ending::RefusedQueueFull]);
        let pool = Pool::of(model, results, &campaigns, country);
        if pool.numbers.is_empty() || judged <= 0.0 {
            return None;
        }
        let watchers = watchers(model, results, &campaigns, country, &pool);
        let counted: f64 = watchers.iter().map(|(_, share, classes)| share * counted_share(classes)).sum();
        let alone = counted > 1.0 - 1e-9;
        let segments = sum.segments_sent as f64 / sum.sent as f64;
        let spans: Vec<(SimTime, SimTime)> =
            campaigns.iter().flat_map(|index| model.campaigns[*index].spans()).collect();
        let (start, end) = (spans.iter().map(|span| span.0).min()?, spans.iter().map(|span| span.1).max()?);
        let names: Vec<&str> = campaigns.iter().map(|index| model.campaigns[*index].name.as_str()).collect();
        Some(Content {
            model,
            label: names.join(", "),
            entries: entries(model, &pool.numbers),
            country,
            numbers: u32::try_from(pool.numbers.len()).ok()?,
            counted,
            judged,
            meant: if alone { judged + lost * (judged / sent) } else { judged },
            judged_share: judged / sent,
            reach: if passed > 0.0 { delivered / passed } else { 1.0 },
            own_rate: pool.own_rate / pool.numbers.len() as f64 / segments,
            shared_rate: pool.shared_rate / segments,
            ceiling: pool.ceiling / segments,
            start: sum.first_intended.unwrap_or(start),
            span: end.since(start).as_secs_f64(),
            patience: first.validity.as_secs_f64(),
            each: sum.cost.total().as_dollars_f64() / runs / judged,
            found: alone.then_some((filtered / judged, delivered)),
            watchers,
        })
    }

    /// Whether carriers mind how many its numbers are.
    fn is_spread(&self) -> bool {
        let numbers = f64::from(self.numbers);
        let minds = |class: &Class| {
            class.counted && class.filter.is_some_and(|class| class.free_senders.is_some_and(|free| numbers > free))
        };
        self.watchers.iter().any(|(_, _, classes)| classes.iter().any(minds))
    }

    /// Messages a second that so many numbers send.
    fn rate(&self, numbers: u32) -> f64 {
        (self.shared_rate + self.own_rate * f64::from(numbers)).min(self.ceiling)
    }

    /// Messages of numbers that filters judge in a run when so many carry the content. Where the run shows that not all leave
    /// in time, they go with the rate; where it does not, fewer numbers may send for as long as a message may wait.
    fn judged(&self, numbers: u32) -> f64 {
        let (judged, meant) = (self.judged * self.counted, self.meant * self.counted);
        match meant > judged {
            true => meant.min(judged * self.rate(numbers) / self.rate(self.numbers)),
            false if numbers >= self.numbers => judged,
            false => {
                let sent = self.rate(numbers) * (self.span + self.patience) + f64::from(numbers);
                judged.min(sent * self.judged_share)
            }
        }
    }

    /// The share that filters take when numbers have so many messages judged, in at least so many seconds.
    fn filtered(&self, numbers: u32, judged: f64, seconds: f64) -> Option<f64> {
        let sending = (judged / self.judged_share / self.rate(numbers)).max(seconds);
        let watchers = self.watchers.iter().map(|(carrier, share, classes)| Watcher {
            share: *share,
            classes: classes.clone(),
            days: days(self.model, *carrier, self.start, sending),
        });
        let spread =
            Spread { filter: self.model.filter, memory: self.model.filter_memory, carriers: watchers.collect() };
        spread.filtered(numbers, judged / self.counted)
    }

    fn outcome(&self, numbers: u32) -> Option<Outcome> {
        let judged = self.judged(numbers);
        let filtered = self.filtered(numbers, judged, self.span)?;
        let hour = (self.rate(numbers) * 3_600.0 * self.judged_share).min(self.meant * self.counted);
        let passing_hour = (1.0 - self.filtered(numbers, hour, 0.0)?) * self.reach;
        let passing = (1.0 - filtered) * self.reach;
        Some(Outcome {
            filtered,
            delivered: judged * passing,
            first_hour: hour * passing_hour,
            cost: self.each / passing,
        })
    }

    /// The same with what the run found where it can tell.
    fn as_found(&self, expected: &Outcome) -> Outcome {
        let Some((filtered, delivered)) = self.found else { return *expected };
        Outcome { filtered, delivered, cost: self.each / ((1.0 - filtered) * self.reach), ..*expected }
    }
}

/// Totals of a campaign in a country, by replication, where they are kept.
fn totals<'r>(model: &Model, results: &'r Results, campaign: usize, country: usize) -> Option<&'r [Totals]> {
    let both = Scope { campaign: Some(campaign), country: Some(country), ..Scope::default() };
    let scope = match (model.campaigns.len(), model.countries.len()) {
        (_, 1) => Scope { country: None, ..both },
        (1, _) => Scope { campaign: None, ..both },
        _ => both,
    };
    results.totals_of(&scope)
}

/// The senders of a content in a country that sent anything.
struct Pool {
    senders: Vec<u32>,
    /// Those that count as numbers.
    numbers: Vec<u32>,
    /// Segments a second of lanes with one number, of lanes that several share, and the most that the account may send.
    own_rate: f64,
    shared_rate: f64,
    ceiling: f64,
}

impl Pool {
    fn of(model: &Model, results: &Results, campaigns: &[usize], country: usize) -> Pool {
        let level = model.campaigns[campaigns[0]].level;
        let carriers: Vec<usize> =
            (0..model.carriers.len()).filter(|carrier| model.carriers[*carrier].country == country).collect();
        let lanes =
            |sender: u32| carriers.iter().filter_map(move |carrier| model.lane(sender as usize, *carrier, level));
        let sets = campaigns.iter().flat_map(|campaign| model.sets(&model.campaigns[*campaign], country)).flatten();
        let mut senders: Vec<u32> = sets.flat_map(|set| model.candidate_sets[set].senders.iter().copied()).collect();
        senders.sort_unstable();
        senders.dedup();
        senders.retain(|sender| lanes(*sender).any(|lane| results.lanes[lane].sent > 0));
        let is_number = |sender: &u32| {
            let mut terms = carriers.iter().filter_map(|carrier| model.terms_of_sender(*sender, *carrier));
            terms.any(|terms| terms.counts_as_number && terms.refusal.is_none())
        };
        let numbers: Vec<u32> = senders.iter().copied().filter(is_number).collect();
        // Each lane once, with how many numbers use it.
        let mut used: Vec<(usize, u32)> = Vec::new();
        for sender in &numbers {
            let own = lanes(*sender).filter(|lane| results.lanes[*lane].sent > 0);
            used.extend(own.map(|lane| (lane, *sender)));
        }
        used.sort_unstable();
        used.dedup();
        let (mut own_rate, mut shared_rate) = (0.0, 0.0);
        for users in used.chunk_by(|a, b| a.0 == b.0) {
            let rate = model.lanes[users[0].0].rate.as_f64();
            *(if users.len() == 1 { &mut own_rate } else { &mut shared_rate }) += rate;
        }
        let kind = numbers.first().map(|sender| model.senders[*sender as usize].kind);
        let over = model
            .ceilings
            .iter()
            .filter(|ceiling| ceiling.over.is_some_and(|over| Some(over) == kind.map(|kind| (country, kind))));
        let ceiling = over.map(|ceiling| ceiling.rate.as_f64()).fold(f64::INFINITY, f64::min);
        Pool { senders, numbers, own_rate, shared_rate, ceiling }
    }
}

/// The entries of the file that numbers are of.
fn entries(model: &Model, numbers: &[u32]) -> String {
    let mut groups: Vec<usize> = numbers.iter().map(|sender| model.senders[*sender as usize].group).collect();
    groups.sort_unstable();
    groups.dedup();
    match groups.len() {
        1..=ENTRIES_NAMED => groups.iter().map(|group| model.groups[*group].id.as_str()).collect::<Vec<_>>().join(", "),
        many => format!("{many} senders"),
    }
}

/// The carriers that judge a content, their shares of it, and what they judge.
fn watchers(
    model: &Model,
    results: &Results,
    campaigns: &[usize],
    country: usize,
    pool: &Pool,
) -> Vec<(usize, f64, Vec<Class>)> {
    let mut watchers: Vec<(usize, f64, Vec<Class>)> = Vec::new();
    for (carrier, share) in carrier_shares(model, results, campaigns, country) {
        let classes = classes(model, results, campaigns, carrier, pool);
        if share > 0.0 && !classes.is_empty() {
            watchers.push((carrier, share, classes));
        }
    }
    let all: f64 = watchers.iter().map(|(_, share, _)| share).sum();
    watchers.iter_mut().for_each(|(_, share, _)| *share /= all);
    watchers
}

/// What comes to a carrier, by class of sender. Counters of queues are of all carriers that share them, so they tell how the
/// senders of a set share its messages; how many messages a set has there, the share that short codes reach tells.
fn classes(model: &Model, results: &Results, campaigns: &[usize], carrier: usize, pool: &Pool) -> Vec<Class> {
    let facts = &model.carriers[carrier];
    let reached = part_of(facts.short_code.0);
    let level = model.campaigns[campaigns[0]].level;
    let mut shared: FxHashMap<usize, u32> = FxHashMap::default();
    for own in pool.senders.iter().filter_map(|sender| model.lane(*sender as usize, carrier, level)) {
        *shared.entry(own).or_default() += 1;
    }
    let mut classes: Vec<Class> = Vec::new();
    for index in campaigns {
        let campaign = &model.campaigns[*index];
        let Some(totals) = totals(model, results, *index, facts.country) else { continue };
        let messages = totals.iter().map(|totals| totals.sent).sum::<u64>() as f64;
        let route = campaign.service.map(|service| model.services[service].routes[facts.country].unreached);
        let [first, instead] = model.sets(campaign, facts.country);
        // Whom short codes do not reach is given another sender, none, or the same.
        let parts = match route.filter(|_| campaign.from.is_none()) {
            Some(Unreached::Set(_) | Unreached::NoSender) if campaign.channel == Channel::Sms => {
                [reached, 1.0 - reached]
            }
            _ => [1.0, 0.0],
        };
        let members = |set: Option<usize>| set.map_or(&[][..], |set| &model.candidate_sets[set].senders);
        for (set, part) in [first, instead].into_iter().zip(parts) {
            // What a sender of both sets sends tells nothing of either; then rates do.
            let is_in_both = |sender: &u32| members(first).contains(sender) && members(instead).contains(sender);
            let by_rate = members(set).iter().any(is_in_both);
            let used = |sender: &u32| {
                let own = model.lane(*sender as usize, carrier, level)?;
                let all = if by_rate { model.lanes[own].rate.as_f64() } else { results.lanes[own].sent as f64 };
                Some((model.terms_of_sender(*sender, carrier)?, all / f64::from(*shared.get(&own)?)))
            };
            let senders: Vec<(&Terms, f64)> = members(set).iter().filter_map(used).collect();
            let all: f64 = senders.iter().map(|(_, weight)| weight).sum();
            for (terms, weight) in senders.iter().filter(|(terms, weight)| terms.refusal.is_none() && *weight > 0.0) {
                // What is sent all the same to whom short codes do not reach is refused.
                let is_taken = terms.class != SenderClass::ShortCode || parts[0] < 1.0;
                let share = messages * part * weight / all * if is_taken { 1.0 } else { reached };
                let class = Class {
                    share,
                    filter: terms.filter,
                    risk: campaign.content[facts.country][terms.class as usize].risk,
                    counted: terms.counts_as_number,
                };
                match classes.iter_mut().find(|known| Class { share, ..**known } == class) {
                    Some(known) => known.share += share,
                    None if share > 0.0 => classes.push(class),
                    None => {}
                }
            }
        }
    }
    let all: f64 = classes.iter().map(|class| class.share).sum();
    classes.iter_mut().for_each(|class| class.share /= all);
    classes
}

/// A probability, to 0.025 %.
fn part_of(chance: Chance) -> f64 {
    (0..4_096_u32).filter(|part| chance.hits(part << 20)).count() as f64 / 4_096.0
}

fn counted_share(classes: &[Class]) -> f64 {
    classes.iter().filter(|class| class.counted).map(|class| class.share).sum()
}

/// The carriers of a country, with their shares of the recipients.
fn carrier_shares(model: &Model, results: &Results, campaigns: &[usize], country: usize) -> Vec<(usize, f64)> {
    let people = model.population(campaigns[0]);
    let at = people.country_index.iter().position(|known| *known == country).expect("the campaign goes there");
    let (choice, carriers) = &people.carriers[at];
    // Whom a trace is for, only its rows tell.
    if matches!(model.campaigns[campaigns[0]].people, People::Trace(_)) {
        let offered = |carrier: &usize| {
            let scope = Scope { carrier: Some(*carrier), ..Scope::default() };
            let totals = results.totals_of(&scope).expect("totals are kept for every carrier");
            (*carrier, totals.iter().map(|totals| totals.offered).sum::<u64>() as f64)
        };
        return carriers.iter().map(offered).collect();
    }
    carriers.iter().copied().zip(shares(choice)).collect()
}

/// The probabilities of a choice, to 0.025 %.
fn shares(choice: &Categorical) -> Vec<f64> {
    let mut shares = vec![0.0; choice.len()];
    (0..4_096_u32).for_each(|part| shares[choice.pick(part << 20)] += 1.0 / 4_096.0);
    shares
}

/// The days of a carrier from `start` on, for so many seconds.
fn days(model: &Model, carrier: usize, start: SimTime, seconds: f64) -> Vec<Day> {
    let zone = &model.day_zones[model.carriers[carrier].day_zone];
    let (mut days, mut at, mut left) = (Vec::new(), start, seconds);
    while days.len() < DAYS_MAX {
        let midnight = model.calendar.next_midnight(zone, at);
        let Some((midnight, day)) = midnight.map(|midnight| (midnight, midnight.since(at).as_secs_f64())) else {
            break;
        };
        if day >= left {
            break;
        }
        days.push(Day { share: day / seconds, seconds: day });
        (at, left) = (midnight, left - day);
    }
    days.push(Day { share: if seconds > 0.0 { left / seconds } else { 1.0 }, seconds: left });
    days
}

/// The sizes of pool that are tried: all small ones, ever coarser large ones, and those of the run.
fn sizes(contents: &[Content]) -> Vec<u32> {
    let largest = contents.iter().map(|content| content.numbers).max().unwrap_or(1);
    let most = (2 * largest).max(NUMBERS_MIN);
    let powers = (0..8).map(|power| 10_u32.pow(power));
    let round = powers.flat_map(|power| [10, 12, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90].map(|tens| tens * power / 10));
    let mut sizes: Vec<u32> =
        (1..=ALL_TRIED).chain(round).chain(contents.iter().map(|content| content.numbers)).collect();
    sizes.retain(|size| (1..=most).contains(size));
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

/// Contents whose curves are one.
struct Line<'m> {
    contents: Vec<Content<'m>>,
    outcomes: Vec<Outcome>,
}

impl Line<'_> {
    fn is_like(&self, outcomes: &[Outcome]) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() <= SAME * a.max(b);
        self.outcomes.iter().zip(outcomes).all(|(a, b)| {
            let filtered = (a.filtered - b.filtered).abs() <= SAME / 4.0;
            filtered && near(a.delivered, b.delivered) && near(a.first_hour, b.first_hour) && near(a.cost, b.cost)
        })
    }

    /// What is expected of the pool as it is.
    fn at(&self, content: &Content, sizes: &[u32]) -> Outcome {
        self.outcomes[sizes.binary_search(&content.numbers).expect("all pools are among the sizes")]
    }

    /// The size that delivers the most of an hour's sending; nothing where more than are drawn may deliver still more.
    fn best(&self) -> Option<usize> {
        let hours = self.outcomes.iter().map(|outcome| outcome.first_hour).enumerate();
        let (best, _) = hours.reduce(|best, other| if other.1 > best.1 { other } else { best })?;
        (best + 1 < self.outcomes.len()).then_some(best)
    }

    fn label(&self, with_country: bool) -> String {
        let mut names: Vec<&str> = self.contents.iter().map(|content| content.label.as_str()).collect();
        names.sort_unstable();
        let first = &self.contents[0];
        let country =
            if with_country { format!(" to {}", first.model.countries[first.country].code) } else { String::new() };
        format!("{}{country}", names.join(", "))
    }
}

/// The chart; nothing where carriers mind the numbers of no content.
pub(super) fn chart(model: &Model, results: &Results) -> Option<CurvesChart> {
    let counts =
        |terms: &Terms| terms.counts_as_number && terms.filter.is_some_and(|class| class.free_senders.is_some());
    if !model.terms.iter().any(counts) {
        return None;
    }
    let pairs =
        (0..model.fingerprints).flat_map(|content| (0..model.countries.len()).map(move |country| (content, country)));
    let mut contents: Vec<Content> =
        pairs.filter_map(|(content, country)| Content::of(model, results, content, country)).collect();
    // Those that lose most come first; a content with one number only stands on another's curve.
    contents.sort_by(|a, b| b.is_spread().cmp(&a.is_spread()).then(b.judged.total_cmp(&a.judged)));
    contents.first().filter(|content| content.is_spread())?;
    let sizes = sizes(&contents);
    let mut lines: Vec<Line> = Vec::new();
    for content in contents {
        let outcomes: Option<Vec<Outcome>> = sizes.iter().map(|numbers| content.outcome(*numbers)).collect();
        let Some(outcomes) = outcomes else { continue };
        let like = lines.iter().position(|line| line.contents[0].country == content.country && line.is_like(&outcomes));
        match like {
            Some(line) => lines[line].contents.push(content),
            None if content.is_spread() && lines.len() < MAX_CURVES => {
                lines.push(Line { contents: vec![content], outcomes });
            }
            None => {}
        }
    }
    // Where carriers would take next to nothing less of one number, there is nothing to tell.
    let costs = |line: &Line| {
        line.contents.iter().any(|content| line.at(content, &sizes).filtered > line.outcomes[0].filtered + WORTH)
    };
    lines.retain(costs);
    lines.first()?;
    let several = lines.iter().any(|line| line.contents[0].country != lines[0].contents[0].country);
    let panel = |title: &str, quantity: Quantity, is_found: bool, of: fn(&Outcome) -> f64| {
        let ring = |line: &Line, content: &Content| {
            let expected = line.at(content, &sizes);
            let known = is_found && content.found.is_some();
            let value = of(&if known { content.as_found(&expected) } else { expected });
            let told = if quantity == Quantity::Share { words::rough_percent(value) } else { quantity.text(value) };
            let whose = if known { "run: " } else { "about " };
            let at = sizes.binary_search(&content.numbers).expect("all pools are among the sizes");
            Ring { at, value, label: format!("{whose}{told} at {}", content.numbers) }
        };
        let curve = |line: &Line| VariedCurve {
            label: line.label(several),
            points: line.outcomes.iter().map(|outcome| Some(of(outcome)).filter(|value| value.is_finite())).collect(),
            bands: Vec::new(),
            rings: (line.contents.iter().map(|content| ring(line, content)))
                .filter(|ring| ring.value.is_finite())
                .collect(),
        };
        CurvesPanel {
            title: title.to_owned(),
            quantity,
            curves: lines.iter().map(curve).collect(),
            mark_highest: quantity == Quantity::Count,
        }
    };
    let mut panels = vec![
        panel("Filtered by carriers, of the numbers' messages", Quantity::Share, true, |outcome| outcome.filtered),
        panel("Delivered in a run", Quantity::Count, true, |outcome| outcome.delivered),
        panel("Delivered of one hour's sending at full rate", Quantity::Count, false, |outcome| outcome.first_hour),
    ];
    if lines.iter().flat_map(|line| &line.contents).any(|content| content.each > 0.0) {
        panels.push(panel("Cost of a delivered message", Quantity::Dollars, true, |outcome| outcome.cost));
    }
    Some(CurvesChart {
        title: format!("{}: {}", model.name, finding(&lines, &sizes)),
        subtitle: "lines: expected by the filter's formula, all else as in this run, mean over messages and luck; rings: this pool".to_owned(),
        x_title: "numbers that carry the content".to_owned(),
        values: sizes.iter().map(u32::to_string).collect(),
        panels,
    })
}

/// What the worst pool could gain, or loses where it could not: as found where the run can tell, and else as expected. The size
/// that it is held against delivers the most of an hour's sending, so that no panel speaks against it.
fn finding(lines: &[Line], sizes: &[u32]) -> String {
    let mut worst: Option<((bool, f64), String)> = None;
    for line in lines {
        let best = line.best().map(|at| (sizes[at], line.outcomes[at].delivered));
        for content in line.contents.iter().filter(|content| content.is_spread()) {
            let own = content.as_found(&line.at(content, sizes));
            let better = best.filter(|(_, delivered)| own.delivered < AS_GOOD * delivered);
            let count = |value: f64| words::count(value.round());
            let taken = words::rough_percent(own.filtered);
            // Titles end where the page does, so what matters comes first.
            let (numbers, entries) = (content.numbers, &content.entries);
            let part = format!("{entries}'s part of {}", content.label);
            let text = match (better, content.found) {
                (Some((size, most)), Some(_)) => {
                    let found = count(own.delivered);
                    format!("{numbers} numbers of {entries} deliver {found}; {size} would about {}", count(most))
                }
                (Some((size, most)), None) => {
                    let (own, most) = (count(own.delivered), count(most));
                    format!("expected: {numbers} numbers deliver about {own} of {part}; {size} about {most}")
                }
                (None, Some(_)) => format!("filters take {taken} from the {numbers} numbers of {entries}"),
                (None, None) => format!("expected: filters take about {taken} of {part}"),
            };
            let weight =
                better.map_or(own.filtered * content.judged * content.counted, |(_, most)| most - own.delivered);
            if worst.as_ref().is_none_or(|(known, _)| (better.is_some(), weight) > *known) {
                worst = Some(((better.is_some(), weight), text));
            }
        }
    }
    worst.map_or_else(String::new, |(_, text)| text)
}
