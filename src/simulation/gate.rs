//! The carrier's gate at `sent`.
//!
//! The gate asks in this order: suspension, registration of the sender, type not carried, the brand's day cap, the carrier's
//! own rate for a 10DLC campaign, landline, unknown number, outage and congestion, rules of the country (traffic, content,
//! hours), filter.

use crate::kernel::draws::Draws;
use crate::model::ending::Ending;
use crate::model::terms::{Terms, TrafficRule};
use crate::model::{Campaign, Kind, Model};

use super::clocks::Clocks;
use super::fate::Fate;
use super::faults::Faults;
use super::filter::FilterState;
use super::observer::{Message, Report};
use super::purpose;

/// What carriers have seen today, and how slow each of them is.
pub(super) struct Gate {
    draws: Draws,
    /// What filters remember.
    pub filter: FilterState,
    /// What the last message brought about, until the engine asks.
    pub notices: Vec<Notice>,
    /// Segments sent today, by 10DLC brand and carrier.
    brand_day: Vec<u64>,
    /// By campaign, group of senders and carrier: what there is to ask, once it was looked up. Empty where that would be large.
    passages: Vec<Passage>,
    groups: usize,
    carriers: usize,
    /// Segments that the carrier took in the current minute of the clock, by lane.
    minutes: Vec<(i64, u64)>,
}

/// How much there is to ask at a carrier about messages of a campaign and sender.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Passage {
    /// Nobody has looked.
    #[default]
    Unknown,
    /// Nothing but what lies with the recipient.
    Clear,
    /// That, and the filter.
    Filtered,
    /// Anything.
    Asked,
}

/// The largest table of passages.
const PASSAGES_MAX: usize = 1 << 20;

/// What a message brings about beside its own end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// The carrier blocks its content for a while.
    ContentBlocked {
        /// For being spread over too many numbers.
        spread: bool,
    },
    /// Its sender is to be reviewed.
    Review,
}

impl Gate {
    pub(super) fn new(model: &Model, draws: Draws) -> Gate {
        let (groups, carriers) = (model.groups.len(), model.carriers.len());
        let passages = model.campaigns.len() * groups * carriers;
        Gate {
            draws,
            passages: if passages > PASSAGES_MAX { Vec::new() } else { vec![Passage::Unknown; passages] },
            groups,
            carriers,
            filter: FilterState::new(model),
            notices: Vec::new(),
            brand_day: vec![0; model.brands.len() * model.carriers.len()],
            minutes: vec![(0, 0); model.lanes.len()],
        }
    }

    /// Midnight in `zone`: its carriers forget.
    pub(super) fn start_day(&mut self, model: &Model, zone: usize) {
        self.filter.start_day(model, zone);
        for (index, used) in self.brand_day.iter_mut().enumerate() {
            if model.carriers[index % model.carriers.len()].day_zone == zone {
                *used = 0;
            }
        }
    }

    /// Why the carrier does not deliver the message; `None` when it does.
    pub(super) fn admit(
        &mut self,
        model: &Model,
        clocks: &mut Clocks,
        faults: &mut Faults,
        message: &Message,
        group: u32,
        fate: Option<&Fate>,
    ) -> Option<Ending> {
        let carrier = message.carrier as usize;
        let suspended = faults.suspension(model, message).or_else(|| self.filter.suspension(model, message));
        if suspended.is_some() {
            return suspended;
        }
        let place = (message.campaign as usize * self.groups + group as usize) * self.carriers + carrier;
        let known = self.passages.get(place).copied();
        if known == Some(Passage::Clear) {
            return at_the_recipient(message).or_else(|| faults.outage(message));
        }
        let terms = model.terms(group as usize, carrier).expect("a sender with a lane has terms");
        let passage = match known {
            Some(Passage::Unknown) => {
                let Message { campaign, sender, lane, .. } = *message;
                self.passages[place] = passage_of(model, campaign as usize, carrier, sender, lane);
                self.passages[place]
            }
            Some(known) => known,
            None => Passage::Asked,
        };
        if terms.filter.is_some() && model.filter_memory.suspension.is_some() {
            self.filter.note_sent(message);
        }
        let asked = passage == Passage::Asked;
        if asked && terms.refusal.is_some() {
            return terms.refusal;
        }
        if !message.carried {
            return Some(Ending::TypeNotCarried);
        }
        if asked {
            if self.exceeds_day_cap(model, message) {
                return Some(Ending::BrandDayCap);
            }
            if self.exceeds_window(model, message) {
                return Some(Ending::CarrierWindow);
            }
        }
        if message.landline || message.invalid {
            self.note_error(model, message, terms.filter.is_some());
            return Some(if message.landline { Ending::Landline } else { Ending::UnknownNumber });
        }
        if let Some(ending) = faults.outage(message) {
            return Some(ending);
        }
        let campaign = &model.campaigns[message.campaign as usize];
        if asked && let Some(ending) = against_rules(model, clocks, message, campaign, terms) {
            return Some(ending);
        }
        let risk = campaign.content[model.carriers[carrier].country][terms.class as usize].risk;
        let judgement = self.filter.judge(model, self.draws, message, fate, terms, risk);
        if let Some(spread) = judgement.block_began {
            self.notices.push(Notice::ContentBlocked { spread });
        }
        judgement.ending
    }

    /// The message goes to a number that takes none: carriers count them against its sender.
    fn note_error(&mut self, model: &Model, message: &Message, filtered: bool) {
        let Some(rule) = model.filter_memory.suspension.as_ref().filter(|_| filtered) else { return };
        if self.filter.note_error(rule, message) {
            self.notices.push(Notice::Review);
        }
    }

    /// Whether the carrier has taken as much of this 10DLC campaign as it takes in a minute of the clock. What it refuses
    /// is not counted.
    fn exceeds_window(&mut self, model: &Model, message: &Message) -> bool {
        let Some(most) = model.lanes[message.lane as usize].carrier_window else { return false };
        let minute = model.calendar.minute(message.sent);
        let (current, used) = &mut self.minutes[message.lane as usize];
        if *current != minute {
            (*current, *used) = (minute, 0);
        }
        let wanted = *used + u64::from(message.segments);
        if wanted > most.0 {
            return true;
        }
        *used = wanted;
        false
    }

    /// Whether the brand's cap at the carrier is reached today. Messages count whole; one that does not fit is not
    /// charged, so a smaller one may still fit, and one that fails later stays charged.
    fn exceeds_day_cap(&mut self, model: &Model, message: &Message) -> bool {
        let Some(brand) = model.senders[message.sender as usize].brand else { return false };
        let Some(cap) = model.brands[brand].day_caps[message.carrier as usize] else { return false };
        let used = &mut self.brand_day[brand * model.carriers.len() + message.carrier as usize];
        let wanted = *used + u64::from(message.segments);
        if wanted > cap {
            return true;
        }
        *used = wanted;
        false
    }

    /// What the receipt of an undelivered message says: truth and report are two things.
    pub(super) fn report(&self, model: &Model, draws: Draws, message: &Message, ending: Ending) -> Report {
        let code = ending.code().expect("an undelivered message has a code");
        if !matches!(ending, Ending::Filtered | Ending::ContentBlocked) {
            return Report::Undelivered(code);
        }
        let bits = draws.block(message.campaign, purpose::RECEIPT, message.number).bits32(1);
        match model.filter_report.choice.pick(bits) {
            0 => Report::Undelivered(code),
            1 => Report::Undelivered(30003),
            _ => Report::Delivered,
        }
    }
}

/// Whether carriers ask nothing about messages of a campaign from a sender by a lane but what lies with the recipient.
pub(super) fn is_clear(model: &Model, campaign: usize, carrier: usize, sender: u32, lane: u32) -> bool {
    passage_of(model, campaign, carrier, sender, lane) == Passage::Clear
}

/// How much there is to ask about messages of a campaign from a sender by a lane.
fn passage_of(model: &Model, campaign: usize, carrier: usize, sender: u32, lane: u32) -> Passage {
    let campaign = &model.campaigns[campaign];
    let country = model.carriers[carrier].country;
    let hours = &campaign.hours[country];
    let sender = &model.senders[sender as usize];
    let terms = model.terms(sender.group, carrier).expect("a sender with a lane has terms");
    let nothing = terms.refusal.is_none()
        && sender.brand.is_none()
        && model.lanes[lane as usize].carrier_window.is_none()
        && takes(terms.rule, campaign)
        && !campaign.content[country][terms.class as usize].blocked
        && hours.dropped.is_none()
        && hours.dropped_domestic.is_none();
    match (nothing, terms.filter) {
        (true, None) => Passage::Clear,
        (true, Some(_)) => Passage::Filtered,
        (false, _) => Passage::Asked,
    }
}

/// Why the carrier cannot deliver a message to its recipient, whatever it is.
#[inline]
fn at_the_recipient(message: &Message) -> Option<Ending> {
    match (message.carried, message.landline, message.invalid) {
        (true, false, false) => None,
        (false, ..) => Some(Ending::TypeNotCarried),
        (true, true, _) => Some(Ending::Landline),
        (true, false, true) => Some(Ending::UnknownNumber),
    }
}

/// The rule of the country that a message breaks.
fn against_rules(
    model: &Model,
    clocks: &mut Clocks,
    message: &Message,
    campaign: &Campaign,
    terms: &Terms,
) -> Option<Ending> {
    if !takes(terms.rule, campaign) {
        return Some(Ending::CountryRule);
    }
    let country = model.carriers[message.carrier as usize].country;
    if campaign.content[country][terms.class as usize].blocked {
        return Some(Ending::ContentRule);
    }
    let hours = &campaign.hours[country];
    let domestic = hours.dropped_domestic.filter(|_| terms.class.is_domestic());
    for hours in [hours.dropped, domestic].into_iter().flatten() {
        let place = model.countries[country].places.list[usize::from(message.place)];
        if clocks.closed_until(model, hours, place, message.sent).is_some() {
            return Some(Ending::CarrierHours);
        }
    }
    None
}

/// Whether traffic of this campaign passes the rule.
fn takes(rule: TrafficRule, campaign: &Campaign) -> bool {
    match rule {
        TrafficRule::Any => true,
        TrafficRule::PersonToPerson => campaign.person_to_person,
        TrafficRule::OneTimeCodes => campaign.kind == Kind::Otp,
        TrafficRule::NoMarketing => !campaign.is_marketing(),
    }
}
