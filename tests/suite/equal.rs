//! The library's engine against the oracle: on random scenarios both tell an observer the same, call by call.
//!
//! `EQUAL=1..100000 cargo test --release --test suite equal -- --nocapture` runs other scenarios than the usual ones, for as
//! long as one likes. A scenario on which the two disagree is made smaller first, and printed.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant, SystemTime};

use sendpool::metrics::timeline::Timeline;
use sendpool::metrics::windows::{Watched, Windows};
use sendpool::metrics::{Collector, Observations, SERIES_GROUPS};
use sendpool::model::Model;
use sendpool::model::ending::Ending;
use sendpool::simulation::ledger::{CheckedLedger, Ledger};
use sendpool::simulation::lives::{Life, Straight};
use sendpool::simulation::observer::{Feedback, Message, Observer, Report};
use sendpool::simulation::parts::{Paused, split};
use sendpool::simulation::trajectory::Trajectory;
use sendpool::simulation::{Finished, simulate};
use sendpool::units::{Segments, SimTime};
use serde_yaml::Value;

use crate::{ledger, oracle};

/// Scenarios of each kind that are compared unless `EQUAL` says others.
const SCENARIOS: std::ops::RangeInclusive<u64> = 1..=3_000;

/// A call of an observer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Call {
    Offered(SimTime, SimTime, u32, u32),
    Repeated(SimTime, u32, u32),
    OnTime(SimTime, Message),
    Refused(SimTime, Message, Ending),
    Accepted(SimTime, Message),
    Kept(SimTime, Message),
    Released(SimTime, Message),
    Queued(SimTime, Message),
    Peak(u32, Segments),
    Sent(SimTime, Message, SimTime),
    SlotEnded(SimTime, u32, Segments),
    Ended(SimTime, Message, Ending),
    Receipt(SimTime, Message, Report, Ending),
    Unreported(SimTime, Message, Ending),
    Duplicated(SimTime, Message),
    Feedback(SimTime, Message, Feedback, bool),
    Helped(SimTime, Message),
    ContentBlocked(SimTime, Message, bool),
    Suspended(SimTime, Message),
}

/// Writes every call down.
#[derive(Default)]
struct Log(Vec<Call>);

impl Observer for Log {
    fn offered(&mut self, at: SimTime, intended: SimTime, campaign: u32, carrier: u32) {
        self.0.push(Call::Offered(at, intended, campaign, carrier));
    }
    fn repeated(&mut self, at: SimTime, campaign: u32, carrier: u32) {
        self.0.push(Call::Repeated(at, campaign, carrier));
    }
    fn on_time(&mut self, at: SimTime, message: &Message) {
        self.0.push(Call::OnTime(at, *message));
    }
    fn refused(&mut self, at: SimTime, message: &Message, ending: Ending) {
        self.0.push(Call::Refused(at, *message, ending));
    }
    fn accepted(&mut self, at: SimTime, message: &Message) {
        self.0.push(Call::Accepted(at, *message));
    }
    fn kept(&mut self, at: SimTime, message: &Message) {
        self.0.push(Call::Kept(at, *message));
    }
    fn released(&mut self, at: SimTime, message: &Message) {
        self.0.push(Call::Released(at, *message));
    }
    fn queued(&mut self, at: SimTime, message: &Message) {
        self.0.push(Call::Queued(at, *message));
    }
    fn peak(&mut self, lane: u32, backlog: Segments) {
        self.0.push(Call::Peak(lane, backlog));
    }
    fn sent(&mut self, at: SimTime, message: &Message, slot_end: SimTime) {
        self.0.push(Call::Sent(at, *message, slot_end));
    }
    fn slot_ended(&mut self, at: SimTime, lane: u32, segments: Segments) {
        self.0.push(Call::SlotEnded(at, lane, segments));
    }
    fn ended(&mut self, at: SimTime, message: &Message, ending: Ending) {
        self.0.push(Call::Ended(at, *message, ending));
    }
    fn receipt(&mut self, at: SimTime, message: &Message, report: Report, ending: Ending) {
        self.0.push(Call::Receipt(at, *message, report, ending));
    }
    fn unreported(&mut self, at: SimTime, message: &Message, ending: Ending) {
        self.0.push(Call::Unreported(at, *message, ending));
    }
    fn duplicated(&mut self, at: SimTime, message: &Message) {
        self.0.push(Call::Duplicated(at, *message));
    }
    fn feedback(&mut self, at: SimTime, message: &Message, feedback: Feedback, heard: bool) {
        self.0.push(Call::Feedback(at, *message, feedback, heard));
    }
    fn helped(&mut self, at: SimTime, message: &Message) {
        self.0.push(Call::Helped(at, *message));
    }
    fn content_blocked(&mut self, at: SimTime, message: &Message, spread: bool) {
        self.0.push(Call::ContentBlocked(at, *message, spread));
    }
    fn suspended(&mut self, at: SimTime, message: &Message) {
        self.0.push(Call::Suspended(at, *message));
    }
}

/// What an engine told, and how it ended.
struct Told {
    calls: Vec<Call>,
    ledger: Ledger,
}

impl Told {
    fn new((log, finished): (Log, Finished)) -> Told {
        Told { calls: log.0, ledger: finished.ledger }
    }
}

/// The same, told in whatever order: what follows from a hand-over may be told before its time.
struct Hasty(Log);

macro_rules! pass_on {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {
        impl Observer for Hasty {
            const ORDERED: bool = false;
            $(fn $name(&mut self, $($argument: $type),*) {
                self.0.$name($($argument),*);
            })*
        }
    };
}

pass_on! {
    offered(at: SimTime, intended: SimTime, campaign: u32, carrier: u32);
    repeated(at: SimTime, campaign: u32, carrier: u32);
    on_time(at: SimTime, message: &Message);
    refused(at: SimTime, message: &Message, ending: Ending);
    accepted(at: SimTime, message: &Message);
    kept(at: SimTime, message: &Message);
    released(at: SimTime, message: &Message);
    queued(at: SimTime, message: &Message);
    peak(lane: u32, backlog: Segments);
    sent(at: SimTime, message: &Message, slot_end: SimTime);
    slot_ended(at: SimTime, lane: u32, segments: Segments);
    ended(at: SimTime, message: &Message, ending: Ending);
    receipt(at: SimTime, message: &Message, report: Report, ending: Ending);
    unreported(at: SimTime, message: &Message, ending: Ending);
    duplicated(at: SimTime, message: &Message);
    feedback(at: SimTime, message: &Message, feedback: Feedback, heard: bool);
    helped(at: SimTime, message: &Message);
    content_blocked(at: SimTime, message: &Message, spread: bool);
    suspended(at: SimTime, message: &Message);
}

/// The first difference between oracle and engine, in words; `None` when there is none. The engine is asked twice: for calls in
/// the order in which things happen, and for calls as soon as they are certain.
fn difference(model: &Model) -> Option<String> {
    let mut expected = Told::new(oracle::simulate(model, 0, Log::default()));
    let in_order = || Told::new(simulate(model, 0, Log::default()));
    if let Some(difference) = first_difference(&expected, in_order) {
        return Some(format!("in order, {difference}"));
    }
    let hasty = || {
        let (hasty, finished) = simulate(model, 0, Hasty(Log::default()));
        let mut told = Told::new((hasty.0, finished));
        told.calls.sort_unstable();
        told
    };
    expected.calls.sort_unstable();
    first_difference(&expected, hasty)
        .map(|difference| format!("ahead of time, {difference}"))
        .or_else(|| first_difference(&expected, || in_parts(model)).map(|difference| format!("in parts, {difference}")))
        .or_else(|| in_sum(model))
}

/// Parts of a model that share nothing, each run as if on a thread of its own.
fn apart<O: Observer>(model: &Model, observer: impl Fn() -> O) -> Vec<(O, Finished)> {
    let parts = split(model).into_iter();
    let paused: Vec<Paused<O>> = parts.map(|campaigns| Paused::run(model, 0, campaigns, observer())).collect();
    let end = paused.iter().map(Paused::lasts_until).max().expect("there is a campaign");
    paused.into_iter().map(|part| part.finish(end)).collect()
}

/// All that parts tell, in the order of sorting.
fn in_parts(model: &Model) -> Told {
    let mut all = Told { calls: Vec::new(), ledger: Ledger::default() };
    for (hasty, finished) in apart(model, || Hasty(Log::default())) {
        all.calls.extend(hasty.0.0);
        all.ledger.join(&finished.ledger);
    }
    all.calls.sort_unstable();
    all
}

/// What is counted, by those who count whole lives in a way of their own, against the same told step by step by the oracle.
fn in_sum(model: &Model) -> Option<String> {
    let watchers = || ((Collector::new(model), Windows::new(model)), Trajectory::default());
    let scopes = Collector::scopes(model);
    let (((expected, expected_windows), expected_trajectory), _) = oracle::simulate(model, 0, watchers());
    let expected = (expected.finish(&scopes), expected_windows.finish(), expected_trajectory);
    let closed = |((found, windows), trajectory): ((Collector, Windows), Trajectory)| {
        (found.finish(&scopes), windows.finish(), trajectory)
    };
    let whole = || closed(simulate(model, 0, watchers()).0);
    // The last part first: the order in which parts are put together does not count.
    let in_parts = || {
        let seen = apart(model, watchers).into_iter().rev().map(|(seen, _)| seen);
        let joined = seen.reduce(|mut all, other| {
            all.0.0.join(other.0.0);
            all.0.1.join(&other.0.1);
            all.1.join(other.1);
            all
        });
        closed(joined.expect("there is a campaign"))
    };
    counted_otherwise(model, &expected, whole)
        .or_else(|| counted_otherwise(model, &expected, in_parts).map(|what| format!("in parts, {what}")))
}

type Counted = (Observations, Watched, Trajectory);

fn counted_otherwise(model: &Model, expected: &Counted, count: impl FnOnce() -> Counted) -> Option<String> {
    let (expected, expected_windows, expected_trajectory) = expected;
    let Ok((found, windows, trajectory)) = catch_unwind(AssertUnwindSafe(count)) else {
        return Some("counting panics".to_owned());
    };
    let parts = [
        ("delays", expected.delays == found.delays && expected.country_delays == found.country_delays),
        ("lanes", expected.lanes == found.lanes),
        ("the timeline", expected.timeline == found.timeline),
        ("segments over time", segments_in_time(&found.timeline) == segments_of_lanes(model, &found)),
        ("totals", expected.totals == found.totals),
        ("the slowest", expected.slowest == found.slowest),
        ("reports", expected.reports == found.reports),
        ("windows", *expected_windows == windows),
        ("the trajectory", *expected_trajectory == trajectory),
    ];
    let wrong: Vec<&str> = parts.iter().filter(|(_, same)| !same).map(|(name, _)| *name).collect();
    (!wrong.is_empty()).then(|| format!("counted otherwise: {}", wrong.join(", ")))
}

/// What each backlog's series says was sent of it.
fn segments_in_time(timeline: &Timeline) -> Vec<u64> {
    (0..timeline.backlogs()).map(|backlog| timeline.segments(backlog).sum()).collect()
}

/// The same, as the lanes counted it.
fn segments_of_lanes(model: &Model, found: &Observations) -> Vec<u64> {
    let mut sums = vec![0; found.timeline.backlogs()];
    for (lane, counters) in model.lanes.iter().zip(&found.lanes) {
        sums[lane.group.min(SERIES_GROUPS)] += counters.segments;
    }
    sums
}

fn first_difference(expected: &Told, run: impl FnOnce() -> Told) -> Option<String> {
    let Ok(found) = catch_unwind(AssertUnwindSafe(run)) else {
        return Some("the engine panics and the oracle does not".to_owned());
    };
    let place = expected.calls.iter().zip(&found.calls).position(|(a, b)| a != b);
    let place = place.unwrap_or(expected.calls.len().min(found.calls.len()));
    if expected.calls.get(place) != found.calls.get(place) {
        let shown =
            |calls: &[Call]| calls.get(place).map_or_else(|| "nothing more".to_owned(), |call| format!("{call:?}"));
        let (oracle, engine) = (shown(&expected.calls), shown(&found.calls));
        return Some(format!("call {place}\n  oracle: {oracle}\n  engine: {engine}"));
    }
    (expected.ledger != found.ledger).then(|| format!("{:?}\n{:?}", expected.ledger, found.ledger))
}

fn read(yaml: &str) -> Option<Model> {
    sendpool::scenario::read("equal.yaml", yaml.as_bytes().to_vec(), &[]).model
}

fn disagrees(yaml: &str) -> bool {
    read(yaml).is_some_and(|model| difference(&model).is_some())
}

/// A smaller scenario on which the two disagree still: whatever can be taken away or halved is.
fn shrunk(yaml: &str) -> String {
    let mut best: Value = serde_yaml::from_str(yaml).expect("the generator writes YAML");
    let text = |value: &Value| serde_yaml::to_string(value).expect("it was YAML");
    loop {
        let mut smaller = candidates(&best).into_iter();
        match smaller.find(|candidate| disagrees(&text(candidate))) {
            Some(candidate) => best = candidate,
            None => return text(&best),
        }
    }
}

/// All values that lack one part of this one, or have a smaller number in it; large parts first.
fn candidates(value: &Value) -> Vec<Value> {
    match value {
        Value::Mapping(map) => {
            let without = map.keys().map(|key| {
                let mut less = map.clone();
                less.shift_remove(key);
                Value::Mapping(less)
            });
            let inner = map.iter().flat_map(|(key, part)| {
                candidates(part).into_iter().map(move |part| {
                    let mut other = map.clone();
                    other.insert(key.clone(), part);
                    Value::Mapping(other)
                })
            });
            without.chain(inner).collect()
        }
        Value::Sequence(list) => {
            let without = (0..list.len()).map(|index| {
                let mut less = list.clone();
                less.remove(index);
                Value::Sequence(less)
            });
            let inner = list.iter().enumerate().flat_map(|(index, part)| {
                candidates(part).into_iter().map(move |part| {
                    let mut other = list.clone();
                    other[index] = part;
                    Value::Sequence(other)
                })
            });
            without.chain(inner).collect()
        }
        Value::Number(number) => match number.as_u64() {
            Some(number) if number > 1 => vec![Value::from(number / 2), Value::from(number - 1)],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn chosen() -> std::ops::RangeInclusive<u64> {
    let Ok(range) = std::env::var("EQUAL") else { return SCENARIOS };
    let (from, to) = range.split_once("..").expect("EQUAL is a range such as 1..100000");
    from.trim().parse().expect("a number")..=to.trim_start_matches('=').trim().parse().expect("a number")
}

/// The scenarios of a seed, by their kind: those that mix everything a file can say, calmer ones, those with long queues, and those
/// of services that have little to do with each other.
const KINDS: [fn(u64) -> String; 4] =
    [ledger::scenario, ledger::calm_scenario, ledger::deep_scenario, ledger::loose_scenario];

/// What agrees.
#[derive(Clone, Copy, Debug, Default)]
struct Agreed {
    calls: usize,
    /// Parts that share nothing, where there are several in which messages are sent.
    parts: usize,
}

/// Compares one scenario.
///
/// # Panics
/// When engine and oracle disagree: with the smaller scenario, and the command that repeats it.
fn agree(kind: fn(u64) -> String, seed: u64) -> Agreed {
    let yaml = format!("version: 1\nname: equal\n{}", kind(seed));
    let model = read(&yaml).unwrap_or_else(|| panic!("scenario {seed} has errors:\n{yaml}"));
    if let Some(difference) = difference(&model) {
        println!("scenario {seed}: {difference}\nmaking it smaller ...");
        let small = shrunk(&yaml);
        let model = read(&small).expect("it was read before");
        let difference = self::difference(&model).expect("they disagree on it");
        panic!(
            "engine and oracle disagree on scenario {seed}: {difference}\nrepeat with EQUAL={seed}..{seed} cargo test \
             --release --test suite equal -- --nocapture\nmade smaller:\n{small}"
        );
    }
    let calls = oracle::simulate(&model, 0, Log::default()).0.0;
    let sends: BTreeSet<u32> = calls
        .iter()
        .filter_map(|call| match call {
            Call::Sent(_, message, _) => Some(message.campaign),
            _ => None,
        })
        .collect();
    let parts = split(&model);
    let busy = parts.iter().filter(|part| part.iter().any(|campaign| sends.contains(&(*campaign as u32)))).count();
    Agreed { calls: calls.len(), parts: if busy > 1 { busy } else { 0 } }
}

/// Aim: the engine does what the contract says, whatever is asked of it. Method: the oracle, on scenarios that mix everything
/// a file can say.
#[test]
fn the_engine_tells_what_the_oracle_tells() {
    let seeds = chosen();
    println!("random scenarios {seeds:?}");
    let agreed: Vec<Agreed> = KINDS.iter().flat_map(|kind| seeds.clone().map(|seed| agree(*kind, seed))).collect();
    let calls: usize = agreed.iter().map(|agreed| agreed.calls).sum();
    let in_parts = agreed.iter().filter(|agreed| agreed.parts > 0).count();
    println!("{calls} calls agree; {in_parts} scenarios fall into parts");
    assert!(calls > 1_000, "a generator that makes nothing happen would pass");
    // As many as one in ten, or nearly so where there are few.
    assert!(in_parts * 10 + 10 > agreed.len(), "a generator that couples everything would pass");
}

/// Random scenarios for as long as `SWARM` says (such as `90s`, `60m`, `8h`), from the seed `SWARM_SEED` on or from one that the
/// clock gives: against the oracle, and with the books balanced after every event.
#[test]
#[ignore = "runs for a given time: SWARM=60m cargo test --release --test suite swarm -- --ignored --nocapture"]
#[expect(clippy::disallowed_methods, reason = "how long a swarm runs is about the clock; what it finds is not")]
fn swarm() {
    let time = std::env::var("SWARM").unwrap_or_else(|_| "60s".to_owned());
    let (number, unit) = time.split_at(time.len().saturating_sub(1));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => panic!("SWARM is a time such as 90s, 60m or 8h"),
    };
    let until = Duration::from_secs(number.parse::<u64>().expect("SWARM is a time such as 90s") * seconds);
    let clock = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(1, |now| now.as_secs());
    let first =
        std::env::var("SWARM_SEED").map_or_else(|_| clock(), |seed| seed.parse().expect("SWARM_SEED is a number"));
    println!("a swarm of {time} from seed {first} on; SWARM_SEED={first} repeats it");
    let (start, mut told) = (Instant::now(), Duration::ZERO);
    let (mut scenarios, mut calls, mut checks, mut in_parts) = (0, 0, 0, 0);
    for seed in first.. {
        for kind in KINDS {
            let agreed = agree(kind, seed);
            calls += agreed.calls;
            in_parts += usize::from(agreed.parts > 0);
            let model = read(&format!("version: 1\nname: equal\n{}", kind(seed))).expect("it was read before");
            checks += simulate(&model, 0, CheckedLedger::default()).0.checks;
            scenarios += 1;
        }
        let elapsed = start.elapsed();
        if elapsed >= until {
            break;
        }
        if elapsed > told + Duration::from_secs(60) {
            told = elapsed;
            println!("{scenarios} scenarios, {calls} calls, {} s", elapsed.as_secs());
        }
    }
    println!(
        "{scenarios} scenarios and {calls} calls agree, {in_parts} of them in parts; the books balanced {checks} times"
    );
    assert!(checks > 0);
}

/// Aim: a life is counted as what it is told as, whatever it is. Method: lives with all kinds of waits, ends and receipts, that a
/// simulation may or may not come to, counted whole and told step by step.
#[test]
fn lives_are_counted_as_they_are_told() {
    let yaml = "version: 1\nname: lives\nservices: { s: { senders: [{ id: n, type: long_code, country: CA, count: 3 }] } }\n\
                campaigns: { c: { service: s, segments: 2, recipients: { CA: 1 }, arrivals: { phases: [{ duration: 1s, \
                arrival_count: 1 }] } } }\n";
    let model = read(yaml).expect("a sound scenario");
    let calls = simulate(&model, 0, Log::default()).0.0;
    let sent = calls.iter().find_map(|call| match call {
        Call::Sent(_, message, _) => Some(*message),
        _ => None,
    });
    let sent = sent.expect("a message is sent");
    let mut dice = 88_172_645_463_325_252_u64;
    let mut within = |n: u64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        if dice.is_multiple_of(3) { 0 } else { (dice >> 8) % n }
    };
    let mut life = |number: u64| {
        let intended = SimTime::from_nanos(within(50_000_000_000));
        let after = |time: SimTime, nanos: u64| SimTime::from_nanos(time.as_nanos() + nanos);
        let accepted = after(intended, within(3) * 1_000_000);
        let released = after(accepted, within(3) * 1_000_000_000);
        let ready = after(released, within(20_000_000_000));
        let at = after(ready, within(3) * 700_000_000);
        let carried_on = after(at, within(2) * 3_600_000_000_000);
        let attempted = after(carried_on, within(9_000_000_000));
        let endings = [Ending::Delivered, Ending::Delivered, Ending::Filtered, Ending::HandsetUnreachable];
        let ending = endings[within(4) as usize];
        let end = if ending == Ending::Filtered { at } else { after(attempted, within(40_000_000_000)) };
        let taken = ending != Ending::Filtered || within(2) > 0;
        let (carried_on, attempted) = if taken { (carried_on, attempted) } else { (SimTime::MAX, SimTime::MAX) };
        let report = if ending == Ending::Delivered { Report::Delivered } else { Report::Undelivered(30_007) };
        let message = Message { intended, accepted, released, ready, sent: at, carried_on, attempted, number, ..sent };
        let receipt = (within(5) > 0).then(|| (after(end, within(5_000_000_000)), report));
        Life { message, slot_end: after(at, 2_000_000_000), end, ending, receipt }
    };
    let lives: Vec<Life> = (0..3_000).map(&mut life).collect();
    let scopes = Collector::scopes(&model);
    let (mut whole, mut told) = (Collector::new(&model), Collector::new(&model));
    let straight: Vec<Straight> = lives.iter().filter_map(Straight::of).collect();
    let others = lives.iter().filter(|life| Straight::of(life).is_none());
    assert!(straight.iter().map(Straight::life).eq(lives.iter().copied().filter(|life| Straight::of(life).is_some())));
    assert!(straight.len() > 100 && others.clone().count() > 100);
    straight.chunks(64).for_each(|lives| whole.lives(lives));
    others.clone().for_each(|life| life.tell(&mut whole));
    lives.iter().for_each(|life| life.tell(&mut told));
    assert!(whole.finish(&scopes) == told.finish(&scopes));
    let (mut whole, mut told) = (Ledger::default(), Ledger::default());
    whole.lives(&straight);
    others.for_each(|life| life.tell(&mut whole));
    lives.iter().for_each(|life| life.tell(&mut told));
    assert_eq!(whole, told);
}
