//! Audiences and campaigns: who, when, what.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::network::Network;
use super::pool::{MAX_VALIDITY, Pool, check_validity};
use super::rules::{self, Traits};
use super::{Findings, MAX_DURATION, MAX_MESSAGES, at, reply_words, start};
use crate::catalogue;
use crate::kernel::samplers::{Categorical, Chance};
use crate::model::arrivals::{ArrivalRate, Load, Phase, Process};
use crate::model::calendar::Calendar;
use crate::model::content::traits_of;
use crate::model::encoding::{BODY_LIMIT_CHARACTERS, body_length, segment, smart_encode};
use crate::model::reply_word::ReplyWord;
use crate::model::sender::SenderType;
use crate::model::terms::SenderClass;
use crate::model::{
    Audience, Campaign, Channel, Conversation, Due, Habits, Kind, Model, OptIn, People, Pick, Population, QuietHours,
    Resend, Schedule, SegmentCount,
};
use crate::scenario::path;
use crate::scenario::quantity::{Count, Share, Weight, Written, ZeroRate};
use crate::scenario::spec::{self, Scenario, SegmentsSpec};
use crate::units::{SimDuration, SimTime, thousands};

/// The most segments a message can have.
const MAX_SEGMENTS: u32 = 255;

/// Recipients and what they are sent.
#[derive(Default)]
pub(super) struct Traffic {
    pub audiences: Vec<Audience>,
    pub campaigns: Vec<Campaign>,
    pub fingerprints: usize,
}

type Weights = IndexMap<String, Written<Weight>>;

impl Traffic {
    pub(super) fn resolve(
        findings: &mut Findings,
        spec: &Scenario,
        network: &mut Network,
        pool: &Pool,
        calendar: Option<&Calendar>,
    ) -> Traffic {
        let mut traffic = Traffic::default();
        if spec.campaigns.is_empty() {
            findings.key_error("campaigns", "there is no campaign", "add one: without traffic there is nothing to run");
        }
        for (index, (name, written)) in spec.audiences.iter().enumerate() {
            let base = at("audiences", name);
            let size = written.size.0.0;
            if size == 0 || size > 1 << 40 {
                findings.error(
                    &at(&base, "size"),
                    format!("an audience of {}", thousands(u128::from(size))),
                    "write a size from 1 to 1,099,511,627,776",
                );
            }
            let numbers = Numbers { invalid: written.invalid, landline: written.landline, whatsapp: written.whatsapp };
            let carriers = Some(&written.carriers);
            let population = population(findings, &base, network, &written.recipients, carriers, numbers);
            let stream = Model::audience_stream(index);
            if let Some(population) = population {
                traffic.audiences.push(Audience { name: name.clone(), stream, size, population, met_again: false });
            }
        }
        let mut contents: BTreeMap<String, usize> = BTreeMap::new();
        let mut uses: BTreeMap<(usize, Option<usize>), u32> = BTreeMap::new();
        for (name, written) in &spec.campaigns {
            let base = at("campaigns", name);
            let campaign = CampaignResolver {
                findings: &mut *findings,
                spec,
                network: &mut *network,
                pool,
                audiences: &traffic.audiences,
                calendar,
                base: &base,
                written,
            };
            if let Some((mut campaign, content)) = campaign.resolve(name) {
                let next = contents.len();
                campaign.fingerprint = *contents.entry(content).or_insert(next);
                if let People::Audience { audience, pick } = &campaign.people {
                    // A sticky sender is remembered by service: others meet strangers.
                    let count = uses.entry((*audience, campaign.service)).or_default();
                    *count += 1;
                    let again = *pick == Pick::Uniform || *count > 1;
                    if let Some(audience) = traffic.audiences.get_mut(*audience) {
                        audience.met_again |= again;
                    }
                }
                traffic.campaigns.push(campaign);
            }
        }
        traffic.fingerprints = contents.len();
        traffic.check_size(findings);
        rules::check_open(findings, spec, network, &traffic);
        traffic
    }

    /// The people that a campaign reaches; `None` when there is something wrong with its audience.
    pub(super) fn population<'a>(&'a self, campaign: &'a Campaign) -> Option<&'a Population> {
        match &campaign.people {
            People::Fresh(population) => Some(population),
            People::Audience { audience, .. } => Some(&self.audiences.get(*audience)?.population),
        }
    }

    fn check_size(&self, findings: &mut Findings) {
        let total = self.campaigns.iter().map(Campaign::expected_messages).fold(0, u64::saturating_add);
        if total > MAX_MESSAGES {
            findings.key_error(
                "campaigns",
                format!("{} messages are too many for one replication", thousands(u128::from(total))),
                format!("at most {} are run", thousands(u128::from(MAX_MESSAGES))),
            );
        }
    }
}

/// Shares of numbers that are not what a text message needs.
#[derive(Clone, Copy)]
struct Numbers {
    invalid: Option<Written<Share>>,
    landline: Option<Written<Share>>,
    whatsapp: Option<Written<Share>>,
}

/// Weights of countries and carriers as choices.
fn population(
    findings: &mut Findings,
    base: &str,
    network: &Network,
    recipients: &Weights,
    carriers: Option<&Weights>,
    numbers: Numbers,
) -> Option<Population> {
    let path = at(base, "recipients");
    let mut sound = true;
    for code in recipients.keys() {
        if let Some((message, hint)) = catalogue::unknown_country(code) {
            findings.key_error(&at(&path, code), message, hint);
            sound = false;
        }
    }
    let weights: Vec<u64> = recipients.values().map(|Written(weight)| weight.billionths()).collect();
    let countries = Categorical::new(&weights);
    if countries.is_none() {
        findings.key_error(
            &path,
            "the weights of the recipients' countries add up to zero",
            "give at least one country a weight",
        );
    }
    if let Some(carriers) = carriers {
        let path = at(base, "carriers");
        for id in carriers.keys() {
            let known = network.carriers.iter().find(|carrier| carrier.id == *id);
            let lives =
                known.is_some_and(|carrier| recipients.contains_key(network.countries[carrier.country].code.as_str()));
            if lives {
                continue;
            }
            sound = false;
            if is_carrier(id) {
                let message = format!("no recipient lives in the country of `{id}`");
                findings.key_error(&at(&path, id), message, "leave it out, or add its country to `recipients`");
            } else {
                let ids = network.carriers.iter().map(|carrier| carrier.id.as_str());
                findings.unknown_key(&at(&path, id), "carrier", id, ids);
            }
        }
    }
    if !sound {
        return None;
    }
    let default_invalid = f64::from(catalogue::defaults().latency.invalid.share.ppm()) / 1e6;
    let chance = |share: Option<Written<Share>>, otherwise: Chance| {
        share.map_or(otherwise, |Written(share)| Chance::new(share.as_f64()))
    };
    let mut population = Population {
        countries: countries?,
        country_index: Vec::new(),
        carriers: Vec::new(),
        invalid: Vec::new(),
        landline: chance(numbers.landline, Chance::NEVER),
        whatsapp: chance(numbers.whatsapp, Chance::ALWAYS),
    };
    for code in recipients.keys() {
        let country = network.country(code).expect("a country of the catalogue that recipients name");
        let members: Vec<usize> =
            (0..network.carriers.len()).filter(|carrier| network.carriers[*carrier].country == country).collect();
        let named =
            |carrier: usize| carriers?.get(&network.carriers[carrier].id).map(|Written(weight)| weight.billionths());
        let any_named = members.iter().any(|carrier| named(*carrier).is_some());
        let weights: Vec<u64> = members
            .iter()
            .map(|carrier| if any_named { named(*carrier).unwrap_or(0) } else { network.shares[*carrier] })
            .collect();
        let Some(choice) = Categorical::new(&weights) else {
            // Without weights of its own the population has those of the catalogue, as overridden.
            let path = if any_named { at(base, "carriers") } else { "overrides.carriers".to_owned() };
            findings.key_error(
                &path,
                format!("the weights of the carriers of {code} add up to zero"),
                "give one of them a weight",
            );
            return None;
        };
        let share = match numbers.invalid {
            None if network.is_ideal_in(country) => 0.0,
            Some(Written(share)) => share.as_f64(),
            None => default_invalid,
        };
        population.country_index.push(country);
        population.carriers.push((choice, members));
        population.invalid.push(Chance::new(share));
    }
    Some(population)
}

/// Whether the catalogue has a carrier of this id, in any country.
fn is_carrier(id: &str) -> bool {
    catalogue::codes().iter().filter_map(|code| catalogue::country(*code)).any(|country| country.carrier(id).is_some())
}

/// What a campaign sends.
struct Content {
    /// Segments by country and type.
    segments: Vec<[SegmentCount; SenderType::COUNT]>,
    /// The text as handed to carriers, if the scenario has one.
    text: Option<String>,
    /// What tells it from other contents.
    fingerprint: String,
    /// Whether the platform refuses it for its length.
    too_long: bool,
}

/// What is needed to resolve one campaign.
struct CampaignResolver<'a, 'd> {
    findings: &'a mut Findings<'d>,
    spec: &'a Scenario,
    network: &'a mut Network,
    pool: &'a Pool,
    audiences: &'a [Audience],
    calendar: Option<&'a Calendar>,
    base: &'a str,
    written: &'a spec::Campaign,
}

impl CampaignResolver<'_, '_> {
    /// The campaign and what tells its content apart.
    fn resolve(mut self, name: &str) -> Option<(Campaign, String)> {
        let service = self.service();
        let from = self.from();
        if self.written.service.is_none() && self.written.from.is_none() {
            self.findings.key_error(
                self.base,
                format!("the campaign `{name}` says neither `service` nor `from`"),
                "name the service or the sender that sends it",
            );
        }
        let people = self.people();
        let phases = self.phases();
        let features = service.map(|index| self.spec.services[index].features).unwrap_or_default();
        let channel = self.channel(from);
        let schedule = self.schedule(service);
        let Content { segments, text, fingerprint: content, too_long } = self.content(name, features.smart_encoding)?;
        let traits = self.traits(channel, service, from);
        let service_validity = service.and_then(|index| self.spec.services[index].validity_period).map(|Written(v)| v);
        let validity = match self.written.validity_period {
            Some(written) => check_validity(self.findings, &at(self.base, "validity_period"), Some(written)),
            None => service_validity.unwrap_or(MAX_VALIDITY),
        };
        if let Some(Written(rate)) = self.written.submit_rate {
            self.findings.bounded_rate(&at(self.base, "submit_rate"), rate);
        }
        let process = match self.written.arrivals.process {
            spec::Process::Constant => Process::Constant,
            spec::Process::Poisson => Process::Poisson,
        };
        let people = people?;
        self.check_audience_size(&people, &phases, process);
        let opt_in = self.opt_in(service, &people);
        let facts = &self.network.facts;
        let verdicts = facts.iter().map(|facts| rules::content(facts, &traits)).collect();
        let added =
            |facts| text.as_deref().map_or([0; SenderClass::COUNT], |text| rules::added_segments(facts, &traits, text));
        let added_segments = facts.iter().map(|facts| added(facts)).collect();
        let countries = 0..self.network.countries.len();
        let hours = countries.map(|country| rules::hours(self.network, country, &traits)).collect();
        let campaign = Campaign {
            name: name.to_owned(),
            service,
            from,
            channel,
            body_too_long: too_long,
            segments,
            added_segments,
            process,
            phases,
            submit_rate: self.written.submit_rate.map(|Written(rate)| rate),
            schedule,
            quiet_hours: match features.quiet_hours {
                spec::QuietHours::Advise => QuietHours::Ignore,
                spec::QuietHours::Hold => QuietHours::Hold,
                spec::QuietHours::Fail => QuietHours::Fail,
            },
            hours,
            people,
            validity,
            fingerprint: 0,
            content: verdicts,
            kind: traits.kind,
            person_to_person: traits.person_to_person,
            habits: self.habits(traits.kind),
            help: self.written.help.map_or(Chance::NEVER, |Written(share)| Chance::new(share.as_f64())),
            opt_in,
            conversation: self.conversation(),
            resend: self.resend(),
            deadline: self.written.deadline.map(|Written(deadline)| deadline),
            level: match traits.kind {
                Kind::Otp | Kind::Alert => 0,
                Kind::Reminder | Kind::Conversation | Kind::Informational => 1,
                Kind::Marketing => 2,
            },
        };
        Some((campaign, content))
    }

    /// What rules ask of the campaign. What its body shows need not be said again.
    fn traits(&self, channel: Channel, service: Option<usize>, from: Option<usize>) -> Traits {
        let mut content = self.written.body.as_deref().map(traits_of).unwrap_or_default();
        content.extend(&self.written.content);
        Traits {
            kind: match self.written.kind {
                spec::Kind::Marketing => Kind::Marketing,
                spec::Kind::Alert => Kind::Alert,
                spec::Kind::Informational => Kind::Informational,
                spec::Kind::Otp => Kind::Otp,
                spec::Kind::Conversation => Kind::Conversation,
                spec::Kind::Reminder => Kind::Reminder,
            },
            channel,
            domestic: (0..self.network.countries.len())
                .map(|country| self.pool.serves_domestically(self.network, country, service, from))
                .collect(),
            person_to_person: self.written.traffic == spec::Traffic::P2p,
            content,
            risk: match (self.written.content_risk, &self.written.body) {
                (Some(Written(share)), _) => share.as_f64(),
                (None, Some(body)) => self.network.filter.risk_of(body),
                (None, None) => 0.0,
            },
        }
    }

    /// What people do in each country: what the campaign says, else what the catalogue knows of its kind. Where the network
    /// is ideal or attended, nobody does anything of their own accord.
    fn habits(&self, kind: Kind) -> Vec<Habits> {
        let known = &catalogue::defaults().handsets;
        let opt_out = if kind == Kind::Marketing { known.opt_outs.marketing } else { known.opt_outs.other };
        let reply = match kind {
            Kind::Marketing => known.replies.marketing,
            Kind::Conversation => known.replies.conversation,
            Kind::Alert | Kind::Informational | Kind::Otp | Kind::Reminder => known.replies.other,
        };
        let chance = |written: Option<Written<Share>>, known: catalogue::Share, quiet: bool| match written {
            Some(Written(share)) => Chance::new(share.as_f64()),
            None if quiet => Chance::NEVER,
            None => Chance::new(f64::from(known.ppm()) / 1e6),
        };
        let habits = |country: usize| {
            let quiet = self.network.is_attended() || self.network.is_ideal_in(country);
            Habits {
                opt_out: chance(self.written.opt_out, opt_out, quiet),
                reply: chance(self.written.replies, reply, quiet),
            }
        };
        (0..self.network.countries.len()).map(habits).collect()
    }

    /// Who comes back, and whether by a word that is understood wherever the campaign reaches people.
    fn opt_in(&mut self, service: Option<usize>, people: &People) -> Option<OptIn> {
        let written = self.written;
        let known = catalogue::defaults();
        if written.opt_in.is_none() {
            for (key, present) in
                [("opt_in_after", written.opt_in_after.is_some()), ("opt_in_word", written.opt_in_word.is_some())]
            {
                if present {
                    self.findings.key_error(
                        &at(self.base, key),
                        format!("`{key}` needs a share of people who opt in again"),
                        "add `opt_in: 10%`, or leave it out",
                    );
                }
            }
        }
        let Written(share) = written.opt_in?;
        let after = written.opt_in_after.map_or(known.handsets.opt_ins.after, |Written(after)| after);
        self.findings.bounded(&at(self.base, "opt_in_after"), after);
        let word = written.opt_in_word.as_deref().unwrap_or("START");
        self.check_opt_in_word(word, service, people);
        Some(OptIn {
            share: Chance::new(share.as_f64()),
            after,
            lifts_network_block: known.reply_words.toll_free_network.lists().classify(word) == ReplyWord::Start,
        })
    }

    fn check_opt_in_word(&mut self, word: &str, service: Option<usize>, people: &People) {
        let words = service.map_or_else(reply_words::standard, |index| self.pool.words[index].clone());
        let population = match people {
            People::Fresh(population) => Some(population),
            People::Audience { audience, .. } => self.audiences.get(*audience).map(|audience| &audience.population),
        };
        let reached = population.into_iter().flat_map(|population| &population.country_index);
        let codes = reached.map(|country| self.network.countries[*country].code);
        let deaf: Vec<String> =
            codes.filter(|code| words.classify(word, *code) != ReplyWord::Start).map(|code| code.to_string()).collect();
        if !deaf.is_empty() {
            self.findings.error(
                &at(self.base, "opt_in_word"),
                format!("`{word}` opts nobody in again in {}", deaf.join(", ")),
                "write START, or a word that the service knows there (`opt_out_words`)",
            );
        }
    }

    fn conversation(&mut self) -> Option<Conversation> {
        let written = self.written.conversation?;
        let base = at(self.base, "conversation");
        self.findings.bounded(&at(&base, "answer_after"), written.answer_after.0);
        self.count(&at(&base, "turns"), written.turns);
        Some(Conversation { turns: written.turns, answer_after: written.answer_after.0 })
    }

    fn resend(&mut self) -> Option<Resend> {
        let written = self.written.resend?;
        let base = at(self.base, "resend");
        self.findings.bounded(&at(&base, "after"), written.after.0);
        self.count(&at(&base, "at_most"), written.at_most);
        if self.written.schedule.is_some() {
            self.findings.key_error(
                &base,
                "nobody asks again for a message that is scheduled",
                "leave `resend` or `schedule` out",
            );
        }
        Some(Resend { after: written.after.0, share: Chance::new(written.share.0.as_f64()), at_most: written.at_most })
    }

    /// Repetitions and answers of one message.
    fn count(&mut self, path: &str, count: u32) {
        if !(1..=100).contains(&count) {
            self.findings.error(path, format!("{count} is out of bounds"), "write a whole number from 1 to 100");
        }
    }

    /// Over what the campaign reaches people; an explicit sender decides it.
    fn channel(&mut self, from: Option<usize>) -> Channel {
        let written = self.written.channel.map(|channel| match channel {
            spec::Channel::Sms => Channel::Sms,
            spec::Channel::Whatsapp => Channel::Whatsapp,
        });
        let of_sender = from.map(|set| {
            let first = self.pool.candidate_sets[set].senders[0];
            let by_whatsapp = self.pool.senders[first as usize].kind == SenderType::Whatsapp;
            if by_whatsapp { Channel::Whatsapp } else { Channel::Sms }
        });
        if let (Some(written), Some(of_sender)) = (written, of_sender)
            && written != of_sender
        {
            let (wanted, other) = match written {
                Channel::Sms => ("text message", "WhatsApp"),
                Channel::Whatsapp => ("WhatsApp", "text message"),
            };
            self.findings.clash(
                &at(self.base, "channel"),
                &at(self.base, "from"),
                format!("the sender named by `from` reaches people by {other}, not by {wanted}"),
                "leave `channel` out, or name another sender",
            );
        }
        of_sender.or(written).unwrap_or(Channel::Sms)
    }

    fn schedule(&mut self, service: Option<usize>) -> Option<Schedule> {
        let written = self.written.schedule.as_ref()?;
        let base = at(self.base, "schedule");
        if service.is_none() {
            self.findings.key_error(
                &base,
                "only messages through a service can be scheduled (35118)",
                "name the `service`; `from` may stand beside it",
            );
        }
        let cancel = written.cancel.map(|cancel| {
            self.findings.bounded(&at(&at(&base, "cancel"), "after"), cancel.after.0);
            (Chance::new(cancel.share.0.as_f64()), cancel.after.0)
        });
        let due = match (written.lead, &written.send_at) {
            (Some(Written(lead)), None) => {
                self.findings.bounded(&at(&base, "lead"), lead);
                Due::After(lead)
            }
            (None, Some(text)) => match start::read(text) {
                Ok(instant) => {
                    let due = self.calendar?.since_start(&instant);
                    if due.is_none() {
                        self.findings.clash(
                            &at(&base, "send_at"),
                            "clock.start",
                            "the messages are due before the scenario starts",
                            "write a later `send_at`, or an earlier `start`",
                        );
                    }
                    Due::At(due.unwrap_or(SimTime::ZERO))
                }
                Err((message, hint)) => {
                    self.findings.error(&at(&base, "send_at"), message, hint);
                    return None;
                }
            },
            (Some(_), Some(_)) => {
                self.findings.clash(
                    &at(&base, "send_at"),
                    &at(&base, "lead"),
                    "`lead` and `send_at` both say when the messages are due",
                    "keep one of them",
                );
                return None;
            }
            (None, None) => {
                self.findings.key_error(
                    &base,
                    "the schedule does not say when the messages are due",
                    "add `lead: 2h`, or `send_at` with a date and time such as 2026-11-28T09:00:00-05:00",
                );
                return None;
            }
        };
        Some(Schedule { due, cancel })
    }

    fn service(&mut self) -> Option<usize> {
        let name = self.written.service.as_ref()?;
        let index = self.spec.services.get_index_of(name);
        if index.is_none() {
            let known: Vec<&str> = self.spec.services.keys().map(String::as_str).collect();
            self.findings.unknown(&at(self.base, "service"), "service", name, known.iter().copied());
        }
        index
    }

    fn from(&mut self) -> Option<usize> {
        let id = self.written.from.as_ref()?;
        let set = self.pool.from_sets.get(id).copied();
        if set.is_none() {
            let path = at(self.base, "from");
            match self.pool.numbers_like(id) {
                Some(numbers) => self.findings.error(&path, format!("unknown sender `{id}`"), numbers),
                None => {
                    let known = self.pool.groups.iter().map(|group| group.id.as_str());
                    self.findings.unknown(&path, "sender", id, known);
                }
            }
        }
        set
    }

    fn people(&mut self) -> Option<People> {
        let written = self.written;
        let path = |key: &str| at(self.base, key);
        match (&written.audience, &written.recipients) {
            (Some(_), Some(_)) => {
                self.findings.key_error(
                    &path("recipients"),
                    "the audience already says who the recipients are",
                    "keep `audience` or `recipients`",
                );
                None
            }
            (None, None) => {
                self.findings.key_error(
                    self.base,
                    "the campaign says neither `recipients` nor `audience`",
                    "add `recipients: { US: 1 }` or the name of an audience",
                );
                None
            }
            (None, Some(recipients)) => {
                if written.pick.is_some() {
                    self.findings.key_error(
                        &path("pick"),
                        "`pick` needs an audience to pick from",
                        "leave it out: every message meets a new person",
                    );
                }
                population(
                    self.findings,
                    self.base,
                    self.network,
                    recipients,
                    written.carriers.as_ref(),
                    Numbers { invalid: written.invalid, landline: written.landline, whatsapp: written.whatsapp },
                )
                .map(People::Fresh)
            }
            (Some(name), None) => {
                for (key, present) in [
                    ("carriers", written.carriers.is_some()),
                    ("invalid", written.invalid.is_some()),
                    ("landline", written.landline.is_some()),
                    ("whatsapp", written.whatsapp.is_some()),
                ] {
                    if present {
                        self.findings.key_error(
                            &path(key),
                            format!("`{key}` belongs to the audience"),
                            format!("move it to audiences.{name}"),
                        );
                    }
                }
                let Some(audience) = self.spec.audiences.get_index_of(name) else {
                    let known: Vec<&str> = self.spec.audiences.keys().map(String::as_str).collect();
                    self.findings.unknown(&path("audience"), "audience", name, known.iter().copied());
                    return None;
                };
                let pick = match written.pick {
                    Some(spec::Pick::Uniform) => Pick::Uniform,
                    Some(spec::Pick::EachOnce) | None => Pick::EachOnce,
                };
                Some(People::Audience { audience, pick })
            }
        }
    }

    /// Nobody can be picked twice from an audience that is too small.
    fn check_audience_size(&mut self, people: &People, phases: &[Phase], process: Process) {
        let People::Audience { audience, pick: Pick::EachOnce } = people else { return };
        let random = process == Process::Poisson && phases.iter().any(|phase| matches!(phase.load, Load::Rate(..)));
        let mean = phases.iter().map(|phase| phase.expected_count(process)).fold(0, u64::saturating_add);
        // A random number of messages exceeds its mean by more than ten standard deviations once in 10^23 runs.
        let margin = if random { (10.0 * (mean as f64).sqrt()).ceil() as u64 + 10 } else { 0 };
        let needed = mean.saturating_add(margin);
        let (name, written) = self.spec.audiences.get_index(*audience).expect("an audience that exists");
        let Count(size) = written.size.0;
        if needed > size && size > 0 {
            let about = if random { "may send up to " } else { "sends " };
            self.findings.error(
                &at(self.base, "audience"),
                format!(
                    "{about}{} messages, and nobody of the {} people of `{name}` is picked twice",
                    thousands(u128::from(needed)),
                    thousands(u128::from(size))
                ),
                "enlarge the audience, or write `pick: uniform`",
            );
        }
    }

    fn phases(&mut self) -> Vec<Phase> {
        let list = at(&at(self.base, "arrivals"), "phases");
        if self.written.arrivals.phases.is_empty() {
            self.findings.error(&list, "there is no phase", "add one such as { duration: 10m, arrival_rate: 50/s }");
        }
        self.findings.limited(&list, self.written.arrivals.phases.len());
        let mut clock = self.written.start_time.map_or(SimDuration::ZERO, |Written(shift)| shift);
        self.findings.bounded(&at(self.base, "start_time"), clock);
        let mut each_fits = clock <= MAX_DURATION;
        let mut phases = Vec::new();
        for (index, written) in self.written.arrivals.phases.iter().enumerate() {
            let path = path::index(&list, index);
            if clock > MAX_DURATION {
                break;
            }
            if let Some(Written(pause)) = written.pause {
                if written.duration.is_some() || written.arrival_count.is_some() || written.arrival_rate.is_some() {
                    self.findings.key_error(
                        &at(&path, "pause"),
                        "a pause sends nothing and lasts as long as it says",
                        "put it into a phase of its own",
                    );
                }
                self.findings.bounded(&at(&path, "pause"), pause);
                each_fits &= pause <= MAX_DURATION;
                clock = clock + pause.min(MAX_DURATION);
                continue;
            }
            let Some(Written(duration)) = written.duration else {
                self.findings.key_error(&path, "the phase has no duration", "add `duration: 10m`, or 0 for a burst");
                continue;
            };
            self.findings.bounded(&at(&path, "duration"), duration);
            let fits = duration <= MAX_DURATION;
            each_fits &= fits;
            let duration = duration.min(MAX_DURATION);
            if let Some(load) = self.load(&path, written, duration) {
                let phase = Phase { name: written.name.clone(), start: SimTime::ZERO + clock, duration, load };
                // Random arrivals are drawn in floating point, which holds them all.
                let exact = self.written.arrivals.process == spec::Process::Constant;
                if fits && exact && phase.constant_count().is_none() {
                    self.findings.key_error(
                        &path,
                        "the phase is too long or too fine for exact arithmetic",
                        "split it into shorter phases, or use rounder rates",
                    );
                }
                phases.push(phase);
            }
            clock = clock + duration;
        }
        if each_fits && clock > MAX_DURATION {
            self.findings.key_error(
                &list,
                "the phases together are too long",
                "a campaign lasts at most ten years from the start of the run",
            );
        }
        phases
    }

    fn load(&mut self, path: &str, written: &spec::Phase, duration: SimDuration) -> Option<Load> {
        let rate = |written: Written<ZeroRate>| match written.0.0 {
            None => ArrivalRate { numerator: 0, denominator: 1 },
            Some(rate) => ArrivalRate { numerator: rate.numerator(), denominator: rate.denominator() },
        };
        for key in [("arrival_rate", written.arrival_rate), ("ramp_to", written.ramp_to)] {
            if let (name, Some(Written(ZeroRate(Some(value))))) = key {
                self.findings.bounded_rate(&at(path, name), value);
            }
        }
        match (written.arrival_count, written.arrival_rate, written.ramp_to) {
            (Some(_), Some(_), _) | (Some(_), None, Some(_)) => {
                self.findings.key_error(
                    &at(path, "arrival_count"),
                    "a phase has a count or a rate, not both",
                    "keep one of them",
                );
                None
            }
            (Some(Written(Count(count))), None, None) => Some(Load::Count(count)),
            (None, None, Some(_)) => {
                self.findings.key_error(
                    &at(path, "ramp_to"),
                    "a ramp needs the rate it starts from",
                    "add `arrival_rate`",
                );
                None
            }
            (None, None, None) => {
                self.findings.key_error(
                    path,
                    "the phase says nothing about its load",
                    "add `arrival_count`, `arrival_rate`, or make it a `pause`",
                );
                None
            }
            (None, Some(from), to) => {
                if duration == SimDuration::ZERO {
                    self.findings.error(
                        &at(path, "duration"),
                        "a rate sends nothing in no time",
                        "give the phase a duration, or a burst an `arrival_count`",
                    );
                    return None;
                }
                Some(Load::Rate(rate(from), rate(to.unwrap_or(from))))
            }
        }
    }

    /// What is sent, and how many segments it has.
    fn content(&mut self, name: &str, smart: bool) -> Option<Content> {
        match (&self.written.body, &self.written.segments) {
            (Some(_), Some(_)) => {
                self.findings.key_error(
                    &at(self.base, "segments"),
                    "the body already says how many segments there are",
                    "keep `body` or `segments`",
                );
                None
            }
            (None, None) => {
                let body = at(self.base, "body");
                if self.findings.document.value(&body).is_some() {
                    let hint = "write a text in quotes: without them one that begins with `#` is a comment";
                    self.findings.error(&body, "the body is empty", hint);
                } else {
                    self.findings.key_error(
                        self.base,
                        format!("the campaign `{name}` has no content"),
                        "add `body: \"...\"`, or `segments: 1`",
                    );
                }
                None
            }
            (Some(body), None) if body.is_empty() => {
                self.findings.error(&at(self.base, "body"), "the body is empty", "write a text, or `segments: 1`");
                None
            }
            (Some(body), None) => {
                let text = if smart { smart_encode(body) } else { body.as_str().into() };
                let counts = self.network.facts.iter().map(|facts| {
                    SenderType::ALL.map(|kind| match kind {
                        SenderType::Whatsapp => SegmentCount::Fixed(1),
                        _ => SegmentCount::Fixed(segment(&text, rules::limits(facts, kind)).segments),
                    })
                });
                Some(Content {
                    segments: counts.collect(),
                    fingerprint: format!("body {body}"),
                    too_long: body_length(&text) > BODY_LIMIT_CHARACTERS,
                    text: Some(text.into_owned()),
                })
            }
            (None, Some(segments)) => {
                let count = self.segment_count(segments)?;
                let row = SenderType::ALL.map(|kind| match kind {
                    SenderType::Whatsapp => SegmentCount::Fixed(1),
                    _ => count.clone(),
                });
                Some(Content {
                    segments: vec![row; self.network.countries.len()],
                    fingerprint: format!("campaign {name}"),
                    too_long: false,
                    text: None,
                })
            }
        }
    }

    fn segment_count(&mut self, written: &SegmentsSpec) -> Option<SegmentCount> {
        let path = at(self.base, "segments");
        let valid = |segments: &u32| (1..=MAX_SEGMENTS).contains(segments);
        match written {
            SegmentsSpec::Fixed(segments) if valid(segments) => Some(SegmentCount::Fixed(*segments)),
            SegmentsSpec::Fixed(segments) => {
                self.findings.error(
                    &path,
                    format!("a message of {segments} segments"),
                    format!("write 1 to {MAX_SEGMENTS}"),
                );
                None
            }
            SegmentsSpec::Mix(weights) => {
                let mut numbers = Vec::new();
                for key in weights.keys() {
                    match key.parse::<u32>().ok().filter(valid) {
                        Some(segments) if numbers.contains(&segments) => self.findings.key_error(
                            &at(&path, key),
                            format!("the number of segments {segments} is given twice"),
                            "keep one of the two",
                        ),
                        Some(segments) => numbers.push(segments),
                        None => self.findings.key_error(
                            &at(&path, key),
                            format!("`{key}` is not a number of segments"),
                            format!("write 1 to {MAX_SEGMENTS}"),
                        ),
                    }
                }
                let billionths: Vec<u64> = weights.values().map(|Written(weight)| weight.billionths()).collect();
                match Categorical::new(&billionths) {
                    Some(choice) => (numbers.len() == billionths.len()).then_some(SegmentCount::Mix(choice, numbers)),
                    None => {
                        self.findings.error(
                            &path,
                            "the weights add up to zero",
                            "give at least one number of segments a weight",
                        );
                        None
                    }
                }
            }
        }
    }
}
