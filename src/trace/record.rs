//! From the fields of a record to a row, a reply or a rejection; the same for all kinds of input.

use std::sync::OnceLock;

use jiff::Timestamp;

use super::field::{FIELDS, Field, Fields, NAMES, TIMES};
use super::names::Names;
use super::places::{self, Digits};
use super::row::{Body, Reply, Row, Sender, Status, Unpacked};
use super::time::When;
use super::{Account, Form, REJECTED_KEPT, Rejected, Trace, TraceError, cut};
use crate::catalogue;
use crate::model::encoding::{SegmentLimits, body_length, segment};
use crate::model::reply_word::{ReplyWord, WordLists};
use crate::model::sender::SenderType;
use crate::units::{SimDuration, SimTime};

/// Senders that are told apart, as many as a scenario may have.
const SENDERS_MAX: usize = 100_000;
/// Campaigns and error codes that are told apart.
const NAMES_MAX: usize = 60_000;
/// The most segments of a message, as in scenarios.
const SEGMENTS_MAX: u32 = 255;
/// Area codes of toll-free numbers within +1.
const TOLL_FREE: [&[u8]; 7] = [b"800", b"833", b"844", b"855", b"866", b"877", b"888"];

/// What is wrong with a record.
struct Wrong<'a> {
    field: Option<Field>,
    value: &'a [u8],
    reason: String,
}

type Outcome<'a, T> = Result<T, Wrong<'a>>;

/// Takes records and becomes a trace.
pub(super) struct Builder {
    rows: Vec<Row>,
    replies: Vec<Reply>,
    senders: Names<Sender>,
    campaigns: Names<String>,
    carriers: Names<String>,
    codes: Names<u32>,
    price_unit: Option<Vec<u8>>,
    account: Account,
    records_max: u64,
    known_places: bool,
    /// Field names as the input spells them.
    labels: [String; FIELDS],
    /// Whether times count from 1970; set by the first row or reply.
    absolute: Option<bool>,
    latest: Option<i64>,
}

impl Builder {
    pub(super) fn new(records_max: u64, known_places: bool) -> Builder {
        Builder {
            rows: Vec::new(),
            replies: Vec::new(),
            senders: Names::new(SENDERS_MAX),
            campaigns: Names::new(NAMES_MAX),
            carriers: Names::new(NAMES_MAX),
            codes: Names::new(NAMES_MAX),
            price_unit: None,
            account: Account::default(),
            records_max,
            known_places,
            labels: NAMES.map(str::to_owned),
            absolute: None,
            latest: None,
        }
    }

    /// What the input calls a field.
    pub(super) fn label(&mut self, field: Field, name: &[u8]) {
        self.labels[field as usize] = cut(name);
    }

    /// Takes a record.
    pub(super) fn take(&mut self, line: u64, fields: &Fields) -> Result<(), TraceError> {
        self.count()?;
        if let Err(wrong) = self.understand(fields) {
            let field = wrong.field.map_or_else(String::new, |field| self.labels[field as usize].clone());
            self.keep_rejected(line, field, wrong.value, wrong.reason);
        }
        Ok(())
    }

    /// Takes a record of which not even the fields can be told.
    pub(super) fn reject(&mut self, line: u64, value: &[u8], reason: String) -> Result<(), TraceError> {
        self.count()?;
        self.keep_rejected(line, String::new(), value, reason);
        Ok(())
    }

    fn count(&mut self) -> Result<(), TraceError> {
        if self.account.records >= self.records_max {
            return Err(TraceError::TooMany { limit: self.records_max });
        }
        self.account.records += 1;
        Ok(())
    }

    fn keep_rejected(&mut self, line: u64, field: String, value: &[u8], reason: String) {
        self.account.rejected += 1;
        if self.account.rejections.len() < REJECTED_KEPT {
            self.account.rejections.push(Rejected { line, field, value: cut(value), reason });
        }
    }

    fn understand<'a>(&mut self, fields: &Fields<'a>) -> Outcome<'a, ()> {
        let status = read(fields, Field::Status, status)?;
        let inbound = match read(fields, Field::Direction, direction)? {
            Some(direction) => direction == Direction::Inbound,
            None => status == Some(Known::Inbound),
        };
        let times = Times::read(fields)?;
        if self.absolute.is_some_and(|absolute| absolute != times.is_absolute()) {
            let (field, value) = times.base(fields);
            let reason = "is of another kind than the times before: seconds since a start, or dates".to_owned();
            return Err(Wrong { field: Some(field), value, reason });
        }
        let at = times.at.nanos();
        if inbound {
            self.replies.push(reply(fields, at));
            self.account.inbound += 1;
        } else {
            let row = self.row(fields, status, &times)?;
            self.rows.push(row);
        }
        // Not before: a record that is rejected says nothing of the others' times.
        self.absolute = Some(times.is_absolute());
        if self.latest.is_some_and(|latest| at < latest) {
            self.account.out_of_order += 1;
        }
        self.latest = self.latest.max(Some(at));
        Ok(())
    }

    /// The row of a message to a person. Tables and counts change only when nothing is wrong with the record.
    fn row<'a>(&mut self, fields: &Fields<'a>, status: Option<Known>, times: &Times) -> Outcome<'a, Row> {
        let segments = read(fields, Field::Segments, segments)?.unwrap_or(0);
        let code = read(fields, Field::ErrorCode, error_code)?.unwrap_or(0);
        let price = read(fields, Field::Price, price)?;
        let kind = read(fields, Field::SenderType, sender_type)?;
        let body = read(fields, Field::Body, body)?;
        let country = read(fields, Field::Country, |word| places::of_word(text(word)?))?.flatten();
        let answer = fields[Field::Direction as usize].is_some_and(|word| word.eq_ignore_ascii_case(b"outbound-reply"));

        let named = country;
        let country = country.or_else(|| {
            let number = fields[Field::To as usize].or(fields[Field::Recipient as usize].filter(|id| is_number(id)))?;
            places::of_digits(&Digits::of(number)?.list)
        });
        if self.known_places {
            require_known_places(fields, named, country)?;
        }
        let (country, carrier) = self.carrier(fields, country);
        self.account.without_country += u64::from(country.is_none());
        let facts = Unpacked {
            person: fields[Field::Recipient as usize].or(fields[Field::To as usize]).and_then(person),
            sender: self.sender(fields, kind),
            to_created: self.delay(Some(times.at), times.created),
            created_to_sent: self.delay(times.created, times.sent),
            sent_to_updated: self.delay(times.sent, times.updated),
            price: price.filter(|_| self.same_currency(fields)),
            campaign: fields[Field::Campaign as usize].and_then(|name| {
                let index = self.campaigns.index_of(name, || String::from_utf8_lossy(name).into_owned());
                self.account.names_beyond_limit += u64::from(index.is_none());
                index
            }),
            carrier,
            code: self.code(code),
            body: body.map(|body| body.0),
            country,
            segments: if segments > 0 { segments } else { body.map_or(0, |body| body.1) },
            status: match status {
                Some(Known::Outbound(status)) => Some(status),
                Some(Known::Inbound) | None => None,
            },
            answer,
        };
        Ok(Row::pack(SimTime::from_nanos(ordered(times.at.nanos())), &facts))
    }

    /// The carrier's index, if the catalogue has it in the row's country; it tells the country where nothing else does.
    fn carrier(&mut self, fields: &Fields, country: Option<u8>) -> (Option<u8>, Option<u32>) {
        let Some(id) = fields[Field::Carrier as usize] else { return (country, None) };
        match carrier_country(id) {
            Some(home) if country.is_none_or(|country| country == home) => {
                (Some(home), self.carriers.index_of(id, || String::from_utf8_lossy(id).into_owned()))
            }
            _ => {
                self.account.unknown_carriers += 1;
                (country, None)
            }
        }
    }

    fn sender(&mut self, fields: &Fields, kind: Option<SenderType>) -> Option<u32> {
        let id = fields[Field::From as usize].or(fields[Field::Sender as usize])?;
        let index = self.senders.index_of(id, || {
            let told = sender(id);
            Sender { kind: kind.or(told.kind), ..told }
        });
        self.account.names_beyond_limit += u64::from(index.is_none());
        index
    }

    fn code(&mut self, code: u32) -> Option<u32> {
        if code == 0 {
            return None;
        }
        let index = self.codes.index_of(&code.to_le_bytes(), || code);
        self.account.names_beyond_limit += u64::from(index.is_none());
        index
    }

    fn delay(&mut self, from: Option<When>, to: Option<When>) -> Option<SimDuration> {
        let nanos = to?.since(from?)?;
        self.account.negative_delays += u64::from(nanos < 0);
        u64::try_from(nanos).ok().map(SimDuration::from_nanos)
    }

    fn same_currency(&mut self, fields: &Fields) -> bool {
        let Some(unit) = fields[Field::PriceUnit as usize] else { return true };
        let same = self.price_unit.get_or_insert_with(|| unit.to_vec()).eq_ignore_ascii_case(unit);
        self.account.other_currencies += u64::from(!same);
        same
    }

    /// The trace: rows and replies in order, counted from time zero.
    pub(super) fn finish(self, name: &str, form: Form) -> Trace {
        let Builder { mut rows, mut replies, .. } = self;
        if self.account.out_of_order > 0 {
            rows.sort_by_key(|row| row.at);
            replies.sort_by_key(|reply| reply.at);
        }
        let first = rows.first().map(|row| row.at).into_iter().chain(replies.first().map(|reply| reply.at)).min();
        let absolute = self.absolute == Some(true);
        let zero = match first {
            Some(first) if absolute => first,
            _ => SimTime::from_nanos(ordered(0)),
        };
        let shifted = |at: SimTime| SimTime::from_nanos(at.since(zero).as_nanos());
        rows.iter_mut().for_each(|row| row.at = shifted(row.at));
        replies.iter_mut().for_each(|reply| reply.at = shifted(reply.at));
        Trace {
            name: name.to_owned(),
            form,
            start: first.filter(|_| absolute).and_then(instant),
            rows,
            replies,
            senders: self.senders.into_list(),
            campaigns: self.campaigns.into_list(),
            carriers: self.carriers.into_list(),
            codes: self.codes.into_list(),
            price_unit: self.price_unit.map(|unit| cut(&unit)),
            account: self.account,
        }
    }
}

/// Nanoseconds before or after 1970 as a number without sign, in the same order.
fn ordered(nanos: i64) -> u64 {
    nanos.cast_unsigned() ^ (1 << 63)
}

/// The instant that [`ordered`] made a number of.
fn instant(at: SimTime) -> Option<Timestamp> {
    let nanos = (at.as_nanos() ^ (1 << 63)).cast_signed();
    Timestamp::from_nanosecond(i128::from(nanos)).ok()
}

/// The times of a record.
struct Times {
    at: When,
    created: Option<When>,
    sent: Option<When>,
    updated: Option<When>,
}

impl Times {
    fn read<'a>(fields: &Fields<'a>) -> Outcome<'a, Times> {
        let time = |field| read(fields, field, When::read);
        let [own, intended, created, sent] = TIMES;
        let (own, intended, created, sent) = (time(own)?, time(intended)?, time(created)?, time(sent)?);
        let updated = time(Field::Updated)?;
        // What is handed over ahead of time is scheduled: it was meant to be handed over then.
        let meant = match (intended, created) {
            (Some(intended), Some(created)) if created.nanos() < intended.nanos() => Some(created),
            _ => intended.or(created),
        };
        match own.or(meant).or(sent) {
            Some(at) => Ok(Times { at, created, sent, updated }),
            None => Err(Wrong { field: None, value: b"", reason: "it has no time".to_owned() }),
        }
    }

    fn is_absolute(&self) -> bool {
        matches!(self.at, When::Absolute(_))
    }

    /// The field that says when the message was meant.
    fn base<'a>(&self, fields: &Fields<'a>) -> (Field, &'a [u8]) {
        let found = TIMES.into_iter().find_map(|field| Some((field, fields[field as usize]?)));
        found.expect("times were read from one of these fields")
    }
}

/// Reads a field, if it is there.
fn read<'a, T>(
    fields: &Fields<'a>,
    field: Field,
    reader: impl FnOnce(&'a [u8]) -> Result<T, &'static str>,
) -> Outcome<'a, Option<T>> {
    let Some(value) = fields[field as usize] else { return Ok(None) };
    reader(value).map(Some).map_err(|reason| Wrong { field: Some(field), value, reason: reason.to_owned() })
}

fn text(bytes: &[u8]) -> Result<&str, &'static str> {
    std::str::from_utf8(bytes).map_err(|_| "is not UTF-8")
}

/// A status: of a message to a person, or from one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Outbound(Status),
    Inbound,
}

fn status(word: &[u8]) -> Result<Known, &'static str> {
    let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
    if is("receiving") || is("received") {
        return Ok(Known::Inbound);
    }
    if is("partially_delivered") {
        return Ok(Known::Outbound(Status::Delivered));
    }
    let known = Status::ALL.into_iter().find(|status| is(status.as_str()));
    known.map(Known::Outbound).ok_or("is not a status of the platform")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Inbound,
    Outbound,
}

fn direction(word: &[u8]) -> Result<Direction, &'static str> {
    let begins = |with: &[u8]| word.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
    if begins(b"in") {
        Ok(Direction::Inbound)
    } else if begins(b"out") {
        Ok(Direction::Outbound)
    } else {
        Err("is neither inbound nor outbound")
    }
}

fn segments(number: &[u8]) -> Result<u8, &'static str> {
    let number: u32 = text(number)?.parse().map_err(|_| "is not a number of segments")?;
    u8::try_from(number).ok().filter(|_| number <= SEGMENTS_MAX).ok_or("segments are too many for one message")
}

fn error_code(number: &[u8]) -> Result<u32, &'static str> {
    text(number)?.parse().map_err(|_| "is not an error code")
}

/// Millionths of a unit of currency, without the sign: the platform writes charges as negative amounts.
fn price(amount: &[u8]) -> Result<u32, &'static str> {
    const WRONG: &str = "is not an amount such as -0.0079";
    let amount = text(amount)?;
    let amount = amount.strip_prefix('-').unwrap_or(amount);
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    if whole.is_empty() && fraction.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|c| c.is_ascii_digit()) {
        return Err(WRONG);
    }
    let whole: u32 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| WRONG)? };
    let mut millionths = 0;
    for place in 0..6 {
        millionths = millionths * 10 + u32::from(fraction.as_bytes().get(place).map_or(0, |digit| digit - b'0'));
    }
    // Four thousand for a message: the largest amount that fits, short of the one that stands for nothing.
    let amount = whole.checked_mul(1_000_000).and_then(|whole| whole.checked_add(millionths));
    amount.filter(|amount| *amount < u32::MAX).ok_or("is too large")
}

fn sender_type(word: &[u8]) -> Result<SenderType, &'static str> {
    let known = SenderType::ALL.into_iter().find(|kind| word.eq_ignore_ascii_case(kind.as_str().as_bytes()));
    known.ok_or("is not a type of sender such as short_code")
}

/// What is known of a text, and its segments by the standard sizes.
fn body(bytes: &[u8]) -> Result<(Body, u8), &'static str> {
    let body = text(bytes)?;
    let size = segment(body, SegmentLimits::STANDARD);
    let segments = u8::try_from(size.segments).map_err(|_| "is longer than 255 segments")?;
    let characters = u16::try_from(body_length(body)).unwrap_or(u16::MAX);
    Ok((Body { encoding: size.encoding, characters }, segments))
}

/// Refuses a country or carrier that the catalogue does not have. `named`: what the country's field means; `country`: that,
/// or what the recipient's number tells.
fn require_known_places<'a>(fields: &Fields<'a>, named: Option<u8>, country: Option<u8>) -> Outcome<'a, ()> {
    let wrong = |field: Field, value, reason: &str| Err(Wrong { field: Some(field), value, reason: reason.to_owned() });
    if let Some(value) = fields[Field::Country as usize].filter(|_| named.is_none()) {
        return wrong(Field::Country, value, "is not in the catalogue");
    }
    let Some(id) = fields[Field::Carrier as usize] else { return Ok(()) };
    match carrier_country(id) {
        None => wrong(Field::Carrier, id, "is not in the catalogue"),
        Some(home) if country.is_some_and(|country| country != home) => {
            wrong(Field::Carrier, id, "is not in the country of the recipient")
        }
        Some(_) => Ok(()),
    }
}

/// The country of a carrier that the catalogue has.
fn carrier_country(id: &[u8]) -> Option<u8> {
    let id = std::str::from_utf8(id).ok()?;
    let code = id.split('/').next()?.to_ascii_uppercase().parse().ok()?;
    catalogue::country(code)?.carrier(id)?;
    places::index(code)
}

/// The platform's words, wherever somebody writes.
fn standard_words() -> &'static WordLists {
    static WORDS: OnceLock<WordLists> = OnceLock::new();
    WORDS.get_or_init(|| catalogue::defaults().reply_words.standard.lists())
}

fn reply(fields: &Fields, at: i64) -> Reply {
    let from = fields[Field::Recipient as usize].or(fields[Field::From as usize]);
    let body = fields[Field::Body as usize].unwrap_or(b"").trim_ascii();
    // This program's records say what came in, and have no bodies.
    let said = fields[Field::Inbound as usize].and_then(|word| match word {
        b"stop" => Some(ReplyWord::Stop),
        b"start" => Some(ReplyWord::Start),
        b"help" => Some(ReplyWord::Help),
        b"reply" => Some(ReplyWord::Other),
        _ => None,
    });
    Reply {
        at: SimTime::from_nanos(ordered(at)),
        person: from.and_then(person),
        word: said.unwrap_or_else(|| standard_words().classify(&String::from_utf8_lossy(body))),
    }
}

/// Whether an id of a recipient is a telephone number.
fn is_number(id: &[u8]) -> bool {
    id.starts_with(b"+") || id.starts_with(b"whatsapp:+") || (id.len() >= 7 && id.iter().all(u8::is_ascii_digit))
}

/// The hash of a person: of the digits of a number, however it is written, or of an id. `None` for numbers that the log hides.
fn person(id: &[u8]) -> Option<u64> {
    if !is_number(id) {
        return Some(hash(id));
    }
    Digits::of(id).filter(|digits| digits.complete).map(|digits| hash(&digits.list))
}

/// 64-bit FNV-1a, never zero (<http://www.isthe.com/chongo/tech/comp/fnv/>): the same on every machine.
fn hash(bytes: &[u8]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash.max(1)
}

/// A sender by what its id looks like: codes have 3 to 6 digits and no `+`, names have a letter.
fn sender(id: &[u8]) -> Sender {
    let name = String::from_utf8_lossy(id);
    let unknown = |kind| Sender { id: cut(id), kind, country: None };
    if id.starts_with(b"whatsapp:") {
        return unknown(Some(SenderType::Whatsapp));
    }
    let is_code = (3..=6).contains(&id.len()) && id.iter().all(u8::is_ascii_digit);
    if is_code {
        return unknown(Some(SenderType::ShortCode));
    }
    if id.contains(&b':') {
        // A channel that is not modelled, such as `rcs:`.
        return unknown(None);
    }
    if name.chars().any(char::is_alphabetic) {
        return unknown(Some(SenderType::Alphanumeric));
    }
    let Some(digits) = Digits::of(id) else { return unknown(None) };
    let toll_free =
        digits.list.strip_prefix(b"1").is_some_and(|rest| TOLL_FREE.iter().any(|code| rest.starts_with(code)));
    let country = places::of_digits(&digits.list).and_then(|at| catalogue::codes().get(usize::from(at)).copied());
    let kind = if toll_free { SenderType::TollFree } else { SenderType::LongCode };
    Sender { id: cut(id), kind: Some(kind), country }
}
