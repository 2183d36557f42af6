//! Traces: what was sent in truth, read from a file into compact rows, with an account of every record that is not a row.
//!
//! Three kinds of input are told apart by their content, packed by gzip or not:
//!
//! - a plain trace as CSV: `time` and any of `recipient` (or `to`), `country`, `carrier`, `segments`, `body`, `campaign`,
//!   `direction`;
//! - the platform's message log as CSV, or this program's own: `To`, `From`, `DateCreated`, `DateSent`, `NumSegments` and so
//!   on, in any spelling (capitals, `_`, `-` and spaces do not count);
//! - the platform's JSON: a list of message resources, list pages with `messages`, or one resource a line.
//!
//! A record is a row, a message from a person (see [`Reply`]), or rejected with its line, field and reason: the three add
//! up to the records, so nothing is lost in silence. Fields that are no fault of the record (a country or carrier that
//! the catalogue does not know, unless [`Limits`] say otherwise) are counted and left empty. Numbers of recipients are kept as hashes only.
//!
//! Not here: files (the command line opens them), statistics, and telling duplicates: a message that two pages of a log
//! both have counts twice.

mod csv_form;
mod field;
mod json_form;
mod names;
mod places;
mod record;
mod row;
#[cfg(test)]
mod tests;
mod time;

use std::fmt;
use std::io::{self, Cursor, Read};

use flate2::read::MultiGzDecoder;
use jiff::Timestamp;

pub use names::Names;
pub use places::country_of_number;
pub use row::{Body, Reply, Row, Sender, Status};

use crate::model::country::CountryCode;
use crate::units::SimDuration;

/// How much is read. The defaults are those of [`read`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest record in bytes: a CSV record with its line breaks, or a JSON object.
    pub record_bytes: usize,
    /// The most records.
    pub records: u64,
    /// The most bytes, unpacked.
    pub bytes: u64,
    /// Whether a country or carrier that the catalogue does not have is a fault of the record.
    pub known_places: bool,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { record_bytes: 1 << 20, records: 100_000_000, bytes: 64 << 30, known_places: false }
    }
}

/// Rejected records that are kept; the others are counted.
pub const REJECTED_KEPT: usize = 100;
/// How much is looked at to tell the kinds of input apart.
const PEEK_BYTES: usize = 64 << 10;

/// The kind of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Columns named by the first line.
    Csv,
    /// JSON objects, in a list or one a line.
    Json,
}

/// What was sent.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The name of the input, for people.
    pub name: String,
    /// The kind of input.
    pub form: Form,
    /// The instant of time zero, which is the first row's or reply's; `None` when the input counts seconds from a start
    /// of its own, which then is time zero.
    pub start: Option<Timestamp>,
    /// Messages to people in order of time; at one time in the order of the input.
    pub rows: Vec<Row>,
    /// Messages from people, in the same order.
    pub replies: Vec<Reply>,
    /// The senders that rows point to.
    pub senders: Vec<Sender>,
    /// The names of the campaigns that rows point to.
    pub campaigns: Vec<String>,
    /// The ids of the carriers that rows point to.
    pub carriers: Vec<String>,
    /// The error codes that rows point to.
    pub codes: Vec<u32>,
    /// The currency of the prices: that of the first price.
    pub price_unit: Option<String>,
    /// What became of the records.
    pub account: Account,
}

/// What became of the records of an input: `records` = rows + replies + `rejected`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Records in all, without the line that names the columns and without blank lines.
    pub records: u64,
    /// Records that are no rows for what is wrong with them.
    pub rejected: u64,
    /// The first of them.
    pub rejections: Vec<Rejected>,
    /// Messages from people: no rows, and nothing wrong with them.
    pub inbound: u64,
    /// Records earlier than one before them; the platform lists the newest first.
    pub out_of_order: u64,
    /// Rows whose country is not told, or is not in the catalogue.
    pub without_country: u64,
    /// Rows whose carrier is told and is not in the catalogue, or not in the row's country.
    pub unknown_carriers: u64,
    /// Rows sent before they were made, or updated before they were sent: the delay is left empty.
    pub negative_delays: u64,
    /// Rows whose price is in another currency than the first: it is left empty.
    pub other_currencies: u64,
    /// Rows whose sender, campaign or error code is one too many to be told apart: it is left empty.
    pub names_beyond_limit: u64,
}

/// A record that is no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The line of the input on which it begins, from 1.
    pub line: u64,
    /// The field that is wrong, as the input spells it; empty when it is the record as a whole.
    pub field: String,
    /// What stands there, cut.
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if !self.field.is_empty() {
            write!(f, "{} ", self.field)?;
        }
        if !self.value.is_empty() {
            write!(f, "`{}` ", self.value)?;
        }
        f.write_str(&self.reason)
    }
}

/// Why an input cannot be read at all.
#[derive(Debug)]
pub enum TraceError {
    /// The bytes cannot be had: a disk, or a broken archive.
    Unreadable {
        /// The line reached.
        line: u64,
        /// What the system says.
        error: io::Error,
    },
    /// There is nothing in it.
    Empty,
    /// It is something else than text.
    NotText {
        /// What it seems to be, and what to do.
        advice: &'static str,
    },
    /// No column tells the time.
    NoTime {
        /// The columns there are, cut.
        columns: String,
    },
    /// A record is too long.
    TooLong {
        /// The line on which it begins.
        line: u64,
        /// The longest record in bytes.
        limit: usize,
    },
    /// There are too many records.
    TooMany {
        /// The most records.
        limit: u64,
    },
    /// The JSON document is broken, so that nothing behind the place can be told apart.
    Json {
        /// The line of the place.
        line: u64,
        /// What is wrong.
        reason: String,
    },
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TraceError::Unreadable { line, error } => write!(f, "{error} (reached line {line})"),
            TraceError::Empty => f.write_str("there is nothing in it"),
            TraceError::NotText { advice } => f.write_str(advice),
            TraceError::NoTime { columns } => write!(
                f,
                "no column tells the time: the first line has to name `time` or `date_created`; it has {columns}"
            ),
            TraceError::TooLong { line, limit } => {
                write!(f, "the record on line {line} is longer than {limit} bytes")
            }
            TraceError::TooMany { limit } => write!(f, "there are more than {limit} records"),
            TraceError::Json { line, reason } => write!(f, "line {line}: {reason}"),
        }
    }
}

impl std::error::Error for TraceError {}

impl Trace {
    /// The time from the first row to the last.
    pub fn span(&self) -> SimDuration {
        match (self.rows.first(), self.rows.last()) {
            (Some(first), Some(last)) => last.at.since(first.at),
            _ => SimDuration::ZERO,
        }
    }

    /// The id of a row's carrier, such as `us/t-mobile`.
    pub fn carrier(&self, row: &Row) -> Option<&str> {
        row.carrier().map(|index| self.carriers[index].as_str())
    }

    /// The name of a row's campaign.
    pub fn campaign(&self, row: &Row) -> Option<&str> {
        row.campaign().map(|index| self.campaigns[index].as_str())
    }

    /// Who sent a row.
    pub fn sender(&self, row: &Row) -> Option<&Sender> {
        row.sender().map(|index| &self.senders[index])
    }

    /// A row's error code.
    pub fn code(&self, row: &Row) -> Option<u32> {
        row.code().map(|index| self.codes[index])
    }

    /// The countries that rows go to, sorted.
    pub fn countries(&self) -> Vec<CountryCode> {
        let mut countries: Vec<CountryCode> = self.rows.iter().filter_map(Row::country).collect();
        countries.sort_unstable();
        countries.dedup();
        countries
    }
}

/// Reads a trace; `name` is what people call the input.
///
/// # Errors
/// When the input as a whole is no trace: see [`TraceError`]. A bad record is no error: see [`Account`].
pub fn read(input: impl Read, name: &str) -> Result<Trace, TraceError> {
    read_within(input, name, Limits::default())
}

/// Reads a trace within limits of one's own.
///
/// # Errors
/// As [`read`].
pub fn read_within(mut input: impl Read, name: &str, limits: Limits) -> Result<Trace, TraceError> {
    let magic = peek(&mut input, 4)?;
    let packed = magic.starts_with(&[0x1f, 0x8b]);
    let input = Cursor::new(magic).chain(input);
    if packed {
        read_plain(Bounded::new(Unpacked(MultiGzDecoder::new(input)), limits.bytes), name, limits)
    } else {
        read_plain(Bounded::new(input, limits.bytes), name, limits)
    }
}

/// An input that fails beyond a number of bytes: a small archive may unpack to more than any disk holds.
struct Bounded<R> {
    input: R,
    left: u64,
    limit: u64,
}

impl<R> Bounded<R> {
    fn new(input: R, limit: u64) -> Bounded<R> {
        Bounded { input, left: limit, limit }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::other(format!("it has more than {} bytes, which is the limit", self.limit)))?;
        Ok(read)
    }
}

fn read_plain(mut input: impl Read, name: &str, limits: Limits) -> Result<Trace, TraceError> {
    let mut beginning = peek(&mut input, PEEK_BYTES)?;
    if let Some(advice) = not_text(&beginning) {
        return Err(TraceError::NotText { advice });
    }
    if beginning.starts_with(b"\xef\xbb\xbf") {
        beginning.drain(..3);
    }
    let form = match beginning.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None if beginning.len() < PEEK_BYTES - 3 => return Err(TraceError::Empty),
        Some(b'{' | b'[') => Form::Json,
        _ => Form::Csv,
    };
    let delimiter = csv_form::delimiter(&beginning);
    let mut input = Cursor::new(beginning).chain(input);
    let mut builder = record::Builder::new(limits.records, limits.known_places);
    match form {
        Form::Csv => csv_form::read(&mut input, delimiter, limits.record_bytes, &mut builder)?,
        Form::Json => json_form::read(&mut input, limits.record_bytes, &mut builder)?,
    }
    Ok(builder.finish(name, form))
}

/// The first bytes of an input, fewer where it ends.
fn peek(input: &mut impl Read, most: usize) -> Result<Vec<u8>, TraceError> {
    let mut bytes = Vec::with_capacity(most);
    input.take(most as u64).read_to_end(&mut bytes).map_err(|error| TraceError::Unreadable { line: 1, error })?;
    Ok(bytes)
}

/// What to do about an input that is no text.
fn not_text(beginning: &[u8]) -> Option<&'static str> {
    const OTHER_ARCHIVES: [&[u8]; 3] = [b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\0", b"BZh"];
    if beginning.starts_with(b"PK\x03\x04") {
        Some("it is a zip archive or a spreadsheet: unpack it, or export it as CSV")
    } else if beginning.starts_with(b"PAR1") {
        Some("it is Parquet, which is written and not read: write the records as .csv.gz or .jsonl.gz")
    } else if beginning.starts_with(&[0xff, 0xfe]) || beginning.starts_with(&[0xfe, 0xff]) {
        Some("it is UTF-16: save it as UTF-8")
    } else if OTHER_ARCHIVES.iter().any(|magic| beginning.starts_with(magic)) {
        Some("it is packed by something else than gzip: unpack it")
    } else {
        None
    }
}

/// An archive that says of itself what is wrong with it; faults of the disk pass as they are.
struct Unpacked<R>(MultiGzDecoder<R>);

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| {
            let words = error.to_string();
            match error.kind() {
                // The decoder has two words for it.
                _ if words.contains("incomplete deflate stream") => cut_short(),
                io::ErrorKind::UnexpectedEof => cut_short(),
                kind @ (io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
                    io::Error::new(kind, format!("the gzip archive is damaged: {words}"))
                }
                _ => error,
            }
        })
    }
}

fn cut_short() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the gzip archive ends too early: it was cut short, or is still being written",
    )
}

/// At most so many characters of a text, for messages: control characters are replaced.
fn cut(text: &[u8]) -> String {
    const SHOWN: usize = 40;
    // A character has at most four bytes.
    let head = &text[..text.len().min(4 * SHOWN + 4)];
    let text = String::from_utf8_lossy(head);
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut shown: String = plain.clone().take(SHOWN).collect();
    if plain.count() > SHOWN {
        shown.push('…');
    }
    shown
}
