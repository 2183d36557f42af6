//! What stands behind a broken promise, from the figures of its own messages: what they lost and where, the queue of theirs that
//! would need longest for its backlog, where their time or money went. Of a promise with windows losses and times are those of
//! the window that its value is of; queues are known for the whole run alone.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::experiment::Results;
use crate::metrics::totals::Totals;
use crate::model::ending::{Ending, Status};
use crate::model::metric::{Kind, Metric};
use crate::model::sender::SenderType;
use crate::model::threshold::{Scope, Threshold};
use crate::model::{Model, Sender};
use crate::simulation::stage::Stage;
use crate::units::thousands;
use crate::verdict::Verdict;

use super::words;

/// Reasons of loss that are told of one promise.
const LOSSES_MAX: usize = 2;
/// The share of a promised time that a queue's backlog takes at least to be told of.
const BACKLOG_SHARE: f64 = 0.1;
/// The share of the mean that a stage takes at least to be told of.
const STAGE_SHARE: f64 = 0.05;

/// Broken promises that are explained: more than any report tells of.
const EXPLAINED_MAX: usize = 100;

/// What stands behind each promise; nothing where it is kept.
pub fn reasons(model: &Model, results: &Results, verdicts: &[Verdict]) -> Vec<Vec<String>> {
    let (mut watched, mut explained) = (0.., 0);
    let known = Known::default();
    let mut one = |verdict: &Verdict| {
        let index = verdict.threshold.watch.as_ref().and_then(|_| watched.next());
        explained += usize::from(!verdict.passed);
        if verdict.passed || explained > EXPLAINED_MAX {
            return Vec::new();
        }
        let totals = match index {
            None => results.totals_of(&verdict.threshold.scope).unwrap_or_default().to_vec(),
            Some(index) => totals_of_window(results, verdict, index),
        };
        Broken { model, results, verdict, totals, known: &known }.reasons()
    };
    verdicts.iter().map(&mut one).collect()
}

struct Broken<'a> {
    model: &'a Model,
    results: &'a Results,
    verdict: &'a Verdict,
    /// Counts of its messages by replication.
    totals: Vec<Totals>,
    known: &'a Known,
}

/// What queues are told apart by: the ways of campaigns to senders, then country, carrier and type of sender.
type Key = (BTreeSet<(Option<usize>, Option<usize>, usize)>, Option<usize>, Option<usize>, Option<SenderType>);

/// Queues that were looked up for one promise and serve others.
type Known = RefCell<Vec<(Key, Vec<usize>)>>;

impl Broken<'_> {
    fn threshold(&self) -> &Threshold {
        &self.verdict.threshold
    }

    fn reasons(&self) -> Vec<String> {
        let limit = self.threshold().limit;
        // What is not known may be either.
        let low = self.verdict.value.is_none_or(|value| value < limit);
        let high = self.verdict.value.is_none_or(|value| value > limit);
        let metric = self.threshold().metric;
        let is_time = metric.definition().kind == Kind::Distribution;
        match metric {
            Metric::OnTime if low => [self.losses(), self.times()].concat(),
            Metric::Delivered | Metric::DeliveredReported | Metric::Sent if low => self.losses(),
            Metric::Undelivered
            | Metric::Failed
            | Metric::Refused
            | Metric::Expired
            | Metric::Overflowed
            | Metric::Filtered
                if high =>
            {
                self.losses()
            }
            Metric::EndToEnd if high => [self.times(), self.queues()].concat(),
            Metric::CarrierLatency | Metric::CarrierHold | Metric::NetworkLatency | Metric::HandsetWait if high => {
                self.times()
            }
            Metric::DrainTime | Metric::DrainAfterLast => self.last_queue(),
            _ if is_time && high => self.queues(),
            Metric::Cost | Metric::CostPerDelivered if high => self.charges(),
            _ => Vec::new(),
        }
    }

    /// A count or an amount per replication.
    fn mean(&self, of: impl Fn(&Totals) -> f64) -> f64 {
        self.totals.iter().map(of).sum::<f64>() / self.totals.len().max(1) as f64
    }

    /// The largest losses that the promise counts, each with the country or carrier that suffers most.
    fn losses(&self) -> Vec<String> {
        let mut lost: Vec<(Ending, f64)> = Ending::ALL
            .into_iter()
            .filter(|ending| is_counted(self.threshold(), *ending))
            .map(|ending| (ending, self.mean(|totals| totals.ended(ending) as f64)))
            .filter(|(_, messages)| *messages > 0.0)
            .collect();
        lost.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let text = |(ending, messages): &(Ending, f64)| {
            let window = if self.threshold().watch.is_some() { " in it" } else { "" };
            let code = ending.code().map_or_else(String::new, |code| format!(" ({code})"));
            let place = self.place(*ending, *messages);
            format!("{} messages lost{window}{code}: {}{place}", words::count(*messages), ending.reason())
        };
        lost.iter().take(LOSSES_MAX).map(text).collect()
    }

    /// Where most of a loss is, among the countries of the promise or the carriers of its country, where that is known.
    fn place(&self, ending: Ending, lost: f64) -> String {
        let scope = &self.threshold().scope;
        if scope.carrier.is_some() || self.threshold().watch.is_some() {
            return String::new();
        }
        let lost_in = |part: Scope| -> f64 {
            let alone = Scope { country: part.country, carrier: part.carrier, ..Scope::default() };
            // Counts of a country or carrier are the promise's own where it is about all messages there.
            let all = scope.sender_type.is_none()
                && (0..self.model.campaigns.len()).all(|campaign| self.model.is_in_scope(campaign, scope));
            let alone = if alone.carrier.is_some() { Scope { country: None, ..alone } } else { alone };
            let totals = self.results.totals_of(&part).or_else(|| self.results.totals_of(&alone).filter(|_| all));
            let totals = totals.unwrap_or_default();
            totals.iter().map(|totals| totals.ended(ending) as f64).sum::<f64>() / totals.len().max(1) as f64
        };
        let (preposition, parts): (_, Vec<(f64, &str)>) = match scope.country {
            None => {
                let countries = self.model.countries.iter().enumerate();
                let of = |index| lost_in(Scope { country: Some(index), ..scope.clone() });
                ("to", countries.map(|(index, country)| (of(index), country.code.as_str())).collect())
            }
            Some(country) => {
                let carriers = self.model.carriers.iter().enumerate();
                let inside = carriers.filter(|(_, carrier)| carrier.country == country);
                let of = |index| lost_in(Scope { carrier: Some(index), ..scope.clone() });
                ("at", inside.map(|(index, carrier)| (of(index), carrier.id.as_str())).collect())
            }
        };
        let most = parts.iter().max_by(|(a, _), (b, _)| a.total_cmp(b)).filter(|(most, _)| *most > 0.0);
        match most {
            Some((most, name)) if parts.len() > 1 && *most == lost => format!(", all of them {preposition} {name}"),
            Some((most, name)) if parts.len() > 1 => {
                format!(", {} of them {preposition} {name}", words::count(*most))
            }
            _ => String::new(),
        }
    }

    /// Where the time of its delivered messages went.
    fn times(&self) -> Vec<String> {
        let delivered = self.mean(|totals| totals.with_status(Status::Delivered) as f64);
        let mut spent: Vec<(Stage, f64)> = Stage::ALL
            .into_iter()
            .map(|stage| (stage, self.mean(|totals| totals.spent.0[stage as usize] as f64 / 1e9)))
            .collect();
        let all: f64 = spent.iter().map(|(_, seconds)| seconds).sum();
        if delivered == 0.0 || all == 0.0 {
            return Vec::new();
        }
        spent.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let told = spent.iter().filter(|(_, seconds)| *seconds >= STAGE_SHARE * all);
        let told = told.map(|(stage, seconds)| format!("{:.0} % {}", seconds / all * 100.0, words::stage(*stage)));
        let told = told.collect::<Vec<_>>().join(", ");
        vec![format!("of a mean of {} to the handset: {told}", words::seconds(all / delivered))]
    }

    /// The queue of its messages that would need longest for its backlog.
    fn queues(&self) -> Vec<String> {
        let time = |lane: &usize| {
            self.results.lanes[*lane].peak_backlog as f64 / self.model.lanes[*lane].rate.as_f64().max(f64::MIN_POSITIVE)
        };
        let lanes = self.lanes();
        let matters = |lane: &usize| self.verdict.value.is_none_or(|value| time(lane) >= BACKLOG_SHARE * value);
        let longest = lanes.into_iter().filter(matters).max_by(|a, b| time(a).total_cmp(&time(b)));
        let text = |lane: usize| {
            let (facts, backlog) = (&self.model.lanes[lane], self.results.lanes[lane].peak_backlog);
            let (backlog, needs) = (thousands(u128::from(backlog)), words::seconds(time(&lane)));
            format!("{}: a backlog of {backlog} segments needs {needs} at {}", facts.name, facts.rate)
        };
        longest.filter(|lane| self.results.lanes[*lane].peak_backlog > 0).map(text).into_iter().collect()
    }

    /// The queue of its messages that ends last.
    fn last_queue(&self) -> Vec<String> {
        let facts = |lane: usize| &self.results.lanes[lane];
        let lanes = self.lanes().into_iter().filter(|lane| facts(*lane).sent > 0);
        let last = lanes.max_by_key(|lane| (facts(*lane).cut_by(self.model.horizon), facts(*lane).drained));
        let text = |lane: usize| {
            let ends = match facts(lane).cut_by(self.model.horizon) {
                true => "is not empty at the horizon".to_owned(),
                false => format!("ends last, at {}", self.model.calendar.nearest_clock(facts(lane).drained)),
            };
            let backlog = thousands(u128::from(facts(lane).peak_backlog));
            let lane = &self.model.lanes[lane];
            format!("{} {ends}: a backlog of {backlog} segments at {}", lane.name, lane.rate)
        };
        last.map(text).into_iter().collect()
    }

    /// The queues that its messages may go through.
    fn lanes(&self) -> Vec<usize> {
        let (model, scope) = (self.model, &self.threshold().scope);
        let campaigns = model.campaigns.iter().enumerate().filter(|(index, _)| model.is_in_scope(*index, scope));
        let ways = campaigns.map(|(_, campaign)| (campaign.service, campaign.from, campaign.level)).collect();
        let key: Key = (ways, scope.country, scope.carrier, scope.sender_type);
        if let Some((_, lanes)) = self.known.borrow().iter().find(|(known, _)| *known == key) {
            return lanes.clone();
        }
        let carriers = model.carriers.iter().enumerate().filter(|(index, carrier)| {
            scope.carrier.is_none_or(|wanted| wanted == *index)
                && scope.country.is_none_or(|wanted| wanted == carrier.country)
        });
        let carriers: Vec<usize> = carriers.map(|(index, _)| index).collect();
        let mut found = BTreeSet::new();
        for (service, from, level) in &key.0 {
            let named: Option<BTreeSet<u32>> =
                from.map(|set| model.candidate_sets[set].senders.iter().copied().collect());
            let is_used = |index: usize, sender: &Sender| match &named {
                Some(named) => u32::try_from(index).is_ok_and(|index| named.contains(&index)),
                None => service.is_some() && model.groups[sender.group].service == *service,
            };
            let is_of_type = |sender: &Sender| scope.sender_type.is_none_or(|kind| kind == sender.kind);
            let senders = model.senders.iter().enumerate();
            for (index, _) in senders.filter(|(index, sender)| is_of_type(sender) && is_used(*index, sender)) {
                found.extend(carriers.iter().filter_map(|carrier| model.lane(index, *carrier, *level)));
            }
        }
        let lanes: Vec<usize> = found.into_iter().collect();
        self.known.borrow_mut().push((key, lanes.clone()));
        lanes
    }

    /// What its charges are made of.
    fn charges(&self) -> Vec<String> {
        let parts = [
            ("list price", self.mean(|totals| totals.cost.base.as_dollars_f64())),
            ("carrier fees", self.mean(|totals| totals.cost.carrier_fees.as_dollars_f64())),
            ("failed-message fees", self.mean(|totals| totals.cost.failed_fees.as_dollars_f64())),
        ];
        let told = parts.iter().filter(|(_, dollars)| *dollars > 0.0);
        let told: Vec<String> = told.map(|(name, dollars)| format!("{} {name}", words::dollars(*dollars))).collect();
        if told.is_empty() { Vec::new() } else { vec![format!("charges of {}", told.join(", "))] }
    }
}

/// Counts of the window that a verdict shows, or of all up to it where that is what was judged.
fn totals_of_window(results: &Results, verdict: &Verdict, index: usize) -> Vec<Totals> {
    let watch = verdict.threshold.watch.as_ref().expect("a promise with windows");
    let mut sum: Vec<Totals> = Vec::new();
    let Some((_, end)) = verdict.windows.and_then(|judged| judged.shown) else { return sum };
    for (number, window) in results.watched.windows(index) {
        let is_shown = watch.end_of(number) == end;
        if !(is_shown || watch.so_far) {
            continue;
        }
        sum.resize(sum.len().max(window.totals.len()), Totals::default());
        sum.iter_mut().zip(&window.totals).for_each(|(sum, totals)| sum.add(totals));
        if is_shown {
            break;
        }
    }
    sum
}

/// Whether a promise counts what ended so as lost.
fn is_counted(threshold: &Threshold, ending: Ending) -> bool {
    let status = ending.status();
    let counts = match threshold.metric {
        Metric::Sent => matches!(status, Status::Failed | Status::Refused),
        Metric::Undelivered => status == Status::Undelivered,
        Metric::Failed => status == Status::Failed,
        Metric::Refused => status == Status::Refused,
        Metric::Expired => ending == Ending::Expired,
        Metric::Overflowed => matches!(ending, Ending::QueueOverflow | Ending::RefusedQueueFull),
        Metric::Filtered => matches!(ending, Ending::Filtered | Ending::ContentBlocked),
        _ => !matches!(status, Status::Delivered | Status::Canceled),
    };
    counts && threshold.code.is_none_or(|code| ending.code() == Some(code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{self, Progress};
    use crate::report::summary::{Summary, ThresholdFacts};

    /// Two campaigns: one whose messages wait and expire in a queue of its own, one that only meets numbers that do not exist and
    /// handsets that are off.
    const TWO: &str = "version: 1
name: two
seed: 5
replications: 2
services:
  slow: { senders: [ { id: slow, type: short_code, country: US, mps: 1/s }, { id: slow-ca, type: short_code, country: CA, mps: 50/s } ] }
  fast: { senders: [ { id: fast, type: short_code, country: US, mps: 100/s } ] }
campaigns:
  waits:
    service: slow
    segments: 1
    validity_period: 10m
    recipients: { US: 0.9, CA: 0.1 }
    arrivals: { phases: [ { duration: 10m, arrival_rate: 4/s } ] }
  loses:
    service: fast
    segments: 1
    recipients: { US: 1 }
    arrivals: { phases: [ { duration: 10m, arrival_rate: 20/s } ] }
thresholds:
  delivered{campaign:loses}: [ rate > 0.999, { threshold: rate > 0.999, window: 1m } ]
  delivered{campaign:waits}: rate > 0.999
  undelivered{campaign:waits}: count < 1
  queue_wait{campaign:waits}: p(95) < 1s
  queue_wait{country:CA}: max < 1ms
  end_to_end{campaign:loses}: max < 1s
  delivered: rate < 0.001
  cost: avg < 0.01
  offered: count > 1
  drain_time: max < 1s
";

    fn judged() -> (Summary, impl Fn(&Summary, &str, bool) -> ThresholdFacts) {
        let reading = crate::scenario::read("two.yaml", TWO.as_bytes().to_vec(), &[]);
        let why = reading.render(false);
        let model = reading.model.unwrap_or_else(|| panic!("{why}"));
        let results = experiment::run(&model, model.replications, &Progress::default());
        let verdicts = crate::verdict::judge(&model, &results);
        let of = |summary: &Summary, metric: &str, windows: bool| {
            let found = summary.thresholds.iter().find(|it| it.metric == metric && it.windows.is_some() == windows);
            found.unwrap_or_else(|| panic!("{metric}")).clone()
        };
        (Summary::new(&model, &results, &verdicts, "0123456789abcdef"), of)
    }

    /// Aim: a promise is explained by its own messages alone. Method: what is told is held against the figures of the campaign, which
    /// the summary has from elsewhere; nothing of the other campaign is told.
    #[test]
    fn a_promise_is_explained_by_its_own_messages() {
        let (summary, of) = judged();
        // The largest loss of a campaign, as a promise tells it.
        let lost = |campaign: usize, status: Option<&str>| -> String {
            let losses = summary.campaigns[campaign].facts.losses.iter();
            let losses = losses.filter(|loss| status.is_none_or(|status| loss.status == status));
            let most = losses.max_by(|a, b| a.messages.total_cmp(&b.messages)).expect("some are lost");
            format!("{} messages lost ({}): {}", words::count(most.messages), most.code, most.reason)
        };
        let behind = of(&summary, "delivered{campaign:loses}", false).behind;
        assert!(behind[0].starts_with(&lost(1, None)), "{behind:?}");
        assert!(behind[1].contains("(30005): unknown number"), "undelivered ones are losses too: {behind:?}");
        assert!(!behind.concat().contains("30036"), "{behind:?}");
        let waits = of(&summary, "delivered{campaign:waits}", false).behind;
        assert!(waits[0].starts_with(&lost(0, None)) && waits[0].contains("(30036)"), "{waits:?}");
        assert!(waits[0].ends_with(", all of them to US"), "{waits:?}");
        let undelivered = of(&summary, "undelivered{campaign:waits}", false).behind;
        assert!(undelivered[0].starts_with(&lost(0, Some("undelivered"))), "{undelivered:?}");
        assert!(undelivered[0].ends_with(" of them to US"), "{undelivered:?}");
        // Queues are those of the promise's own service and country.
        let queue = of(&summary, "queue_wait{campaign:waits}", false).behind;
        let lane = summary.lanes.iter().find(|lane| lane.name == "slow to US").expect("it is used");
        let backlog = thousands(u128::from(lane.peak_backlog_segments));
        assert!(queue.len() == 1 && queue[0].starts_with(&format!("slow to US: a backlog of {backlog} ")), "{queue:?}");
        let canada = of(&summary, "queue_wait{country:CA}", false);
        assert!(canada.passed || canada.behind.iter().all(|text| text.starts_with("slow-ca to CA: ")), "{canada:?}");
        // Slow for its handsets, not for its queue.
        let end = of(&summary, "end_to_end{campaign:loses}", false).behind;
        assert!(end.len() == 1 && end[0].contains(" % handset out of reach"), "{end:?}");
        // Too much is delivered: no loss explains that. What is kept has nothing behind it.
        assert_eq!(of(&summary, "delivered", false).behind, Vec::<String>::new());
        assert_eq!(of(&summary, "offered", false).behind, Vec::<String>::new());
        // Canada's queue is quick, and the other campaign's ends with its phase.
        let last = of(&summary, "drain_time", false).behind;
        assert!(last.len() == 1 && last[0].starts_with("slow to US ends last, at "), "{last:?}");
        assert!(of(&summary, "cost", false).behind[0].starts_with("charges of $"));
    }

    /// What is told of a window is a part of what the run has, and less than it.
    #[test]
    fn a_window_is_explained_by_its_own_messages() {
        let (summary, of) = judged();
        let number = |texts: &[String]| -> f64 {
            let first = texts[0].split(' ').next().expect("a number");
            first.replace(',', "").parse().expect("a number")
        };
        let (whole, window) = ("delivered{campaign:loses}", of(&summary, "delivered{campaign:loses}", true).behind);
        assert!(window[0].contains("messages lost in it ("), "{window:?}");
        let (all, part) = (number(&of(&summary, whole, false).behind), number(&window));
        // A tenth, in ten windows alike; 360 messages are known to a tenth or two.
        assert!((part / all - 0.1).abs() < 0.05, "{part} of {all}");
    }
}
