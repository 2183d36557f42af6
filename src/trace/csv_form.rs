//! Records as CSV. Not here: what the fields mean.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{ByteRecord, ReaderBuilder, Terminator};

use super::field::{FIELDS, Field, TIMES, content};
use super::record::Builder;
use super::{TraceError, cut};

/// A line of its own behind the input. A quote that is opened and never closed swallows it with all before it, which
/// would otherwise pass for a field.
const END: &[u8] = b"\n\0end";

/// What separates fields: whichever of comma, semicolon and tab the first line has most of.
pub(super) fn delimiter(beginning: &[u8]) -> u8 {
    let line = beginning.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or(&[]);
    let count = |delimiter: u8| line.iter().filter(|byte| **byte == delimiter).count();
    // Of equals the last counts.
    [b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

/// Reads all records.
pub(super) fn read(
    input: &mut impl Read,
    delimiter: u8,
    record_bytes: usize,
    builder: &mut Builder,
) -> Result<(), TraceError> {
    let left = Rc::new(Cell::new(0));
    let metered = Metered { input: input.chain(END), left: Rc::clone(&left) };
    // A carriage return before the line feed ends up in the last field, and is taken off there.
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .terminator(Terminator::Any(b'\n'))
        .from_reader(metered);
    let mut record = ByteRecord::new();
    let mut columns: Option<Vec<Option<Field>>> = None;
    loop {
        left.set(record_bytes);
        let (line, from) = (reader.position().line(), reader.position().byte());
        let found = reader.read_byte_record(&mut record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(_) if left.get() == 0 => TraceError::TooLong { line, limit: record_bytes },
            csv::ErrorKind::Io(error) => TraceError::Unreadable { line, error },
            other => TraceError::Unreadable { line, error: io::Error::other(format!("{other:?}")) },
        })?;
        let unclosed = record.iter().next_back().and_then(|last| last.strip_suffix(END));
        // The reader passes over blank lines before it begins, so lines are counted back from the end.
        let breaks = record.iter().map(line_breaks).sum::<u64>();
        let line = reader.position().line() - breaks - u64::from(unclosed.is_none());
        if reader.position().byte() - from > record_bytes as u64 {
            return Err(TraceError::TooLong { line, limit: record_bytes });
        }
        if !found || (record.len() == 1 && first(&record) == &END[1..]) {
            return Ok(());
        }
        let blank = record.len() == 1 && first(&record).trim_ascii().is_empty();
        match (&columns, unclosed) {
            (None, Some(_)) => return Err(no_time(&record)),
            (None, None) => columns = Some(header(&record, builder)?),
            (Some(_), Some(lost)) => {
                let lines = line_breaks(lost.strip_suffix(b"\n").unwrap_or(lost));
                let behind = match lines {
                    0 => "it is lost".to_owned(),
                    1 => "it and the line behind it are lost".to_owned(),
                    _ => format!("it and the {lines} lines behind it are lost"),
                };
                let reason = format!("has a quote that is never closed: {behind}");
                builder.reject(line, first(&record), reason)?;
            }
            (Some(_), None) if blank => {}
            (Some(columns), None) => take(line, &record, columns, builder)?,
        }
    }
}

fn line_breaks(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Which column is which field; of several for one field the first that is not empty counts.
fn header(record: &ByteRecord, builder: &mut Builder) -> Result<Vec<Option<Field>>, TraceError> {
    let columns: Vec<Option<Field>> = record.iter().map(|name| Field::named(name.trim_ascii())).collect();
    for (column, name) in columns.iter().zip(record) {
        if let Some(field) = column {
            builder.label(*field, name.trim_ascii());
        }
    }
    // Else the whole file would pass for its first line, and for a file without records.
    let ends_a_line = |pair: &[u8]| pair[0] == b'\r' && pair[1] != b'\n';
    if record.iter().any(|name| name.windows(2).any(ends_a_line)) {
        return Err(TraceError::NotText {
            advice: "its lines end with carriage returns alone: save it with line feeds",
        });
    }
    if !columns.iter().flatten().any(|field| TIMES.contains(field)) {
        return Err(no_time(record));
    }
    Ok(columns)
}

fn no_time(record: &ByteRecord) -> TraceError {
    let is_text = |name: &[u8]| std::str::from_utf8(name).is_ok() && !name.contains(&0);
    if !record.iter().all(is_text) {
        return TraceError::NotText { advice: "it is neither CSV nor JSON: its first line is no text in UTF-8" };
    }
    let names: Vec<&[u8]> = record.iter().collect();
    TraceError::NoTime { columns: format!("`{}`", cut(&names.join(&b", "[..]))) }
}

fn first(record: &ByteRecord) -> &[u8] {
    record.get(0).unwrap_or(b"")
}

fn take(line: u64, record: &ByteRecord, columns: &[Option<Field>], builder: &mut Builder) -> Result<(), TraceError> {
    if record.len() != columns.len() {
        let reason = format!("begins a record of {} fields, and the first line names {}", record.len(), columns.len());
        return builder.reject(line, first(record), reason);
    }
    let mut fields = [None; FIELDS];
    for (index, (column, value)) in columns.iter().zip(record).enumerate() {
        if let Some(field) = column
            && fields[*field as usize].is_none()
        {
            let last = index + 1 == columns.len();
            let value = value.strip_suffix(b"\r").filter(|_| last).unwrap_or(value);
            fields[*field as usize] = content(*field as usize, value);
        }
    }
    builder.take(line, &fields)
}

/// An input that refuses to go on when a record takes more than it may.
struct Metered<R> {
    input: R,
    left: Rc<Cell<usize>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            return Err(io::Error::other("the record is too long"));
        }
        let count = self.input.read(buffer)?;
        self.left.set(self.left.get().saturating_sub(count));
        Ok(count)
    }
}
