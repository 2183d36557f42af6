//! Records as files: CSV, JSON lines and Parquet, of the columns that the records name.
//!
//! Rows are written as they come; nothing is held back but what a block of the format needs. The same records give the
//! same bytes. Times are RFC 3339 in UTC to the microsecond, spans are seconds and amounts dollars, exact to the
//! nanosecond and the billionth in the texts and as floating point numbers in Parquet.

use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::model::calendar::Calendar;
use crate::records::Record;
use crate::records::column::{COLUMNS, Type, Value};
use crate::units::SimDuration;

use super::parquet::{self, Cell, Table};

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a line of names.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// Apache Parquet, compressed with Snappy.
    Parquet,
}

/// Format and compression of a file, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The format.
    pub format: Format,
    /// Whether the whole file is compressed with gzip.
    pub gzip: bool,
}

impl Kind {
    /// What names may end in.
    pub const ENDINGS: &str = ".csv, .csv.gz, .jsonl, .jsonl.gz or .parquet";

    /// The kind that the name of a file says; `None` when it says none.
    pub fn of(path: &Path) -> Option<Kind> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let (name, gzip) = name.strip_suffix(".gz").map_or((name.as_str(), false), |name| (name, true));
        let format = match name.rsplit_once('.')?.1 {
            "csv" => Format::Csv,
            "jsonl" | "ndjson" => Format::JsonLines,
            "parquet" if !gzip => Format::Parquet,
            _ => return None,
        };
        Some(Kind { format, gzip })
    }
}

/// A file of records in the making.
pub struct RecordFile<W: Write + Send> {
    rows: Rows<Packed<W>>,
}

/// A file as it is, or compressed.
enum Packed<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
}

impl<W: Write> Write for Packed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Packed::Plain(file) => file.write(bytes),
            Packed::Gzip(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Packed::Plain(file) => file.flush(),
            Packed::Gzip(file) => file.flush(),
        }
    }
}

impl<W: Write> Packed<W> {
    fn finish(self) -> io::Result<W> {
        match self {
            Packed::Plain(file) => Ok(file),
            Packed::Gzip(file) => file.finish(),
        }
    }
}

enum Rows<W: Write + Send> {
    Csv(Box<csv::Writer<W>>),
    JsonLines { file: W, line: Vec<u8> },
    Parquet(Box<Table<W>>),
}

impl<W: Write + Send> RecordFile<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn new(kind: Kind, file: W) -> io::Result<RecordFile<W>> {
        let file =
            if kind.gzip { Packed::Gzip(GzEncoder::new(file, Compression::fast())) } else { Packed::Plain(file) };
        let rows = match kind.format {
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(file);
                writer.write_record(COLUMNS.iter().map(|column| column.name))?;
                Rows::Csv(Box::new(writer))
            }
            Format::JsonLines => Rows::JsonLines { file, line: Vec::new() },
            Format::Parquet => {
                let columns: Vec<_> = COLUMNS.iter().map(|column| (column.name, parquet_kind(column.kind))).collect();
                Rows::Parquet(Box::new(Table::new("record", &columns, file)?))
            }
        };
        Ok(RecordFile { rows })
    }

    /// Adds a record.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        let calendar = &record.model.calendar;
        match &mut self.rows {
            Rows::Csv(writer) => {
                for column in &COLUMNS {
                    match (column.value)(record) {
                        Value::Null => writer.write_field("")?,
                        Value::Text(text) => writer.write_field(text.as_bytes())?,
                        other => writer.write_field(plain(&other, calendar))?,
                    }
                }
                writer.write_record(None::<&[u8]>)?;
                Ok(())
            }
            Rows::JsonLines { file, line } => {
                line.clear();
                json_line(line, record);
                file.write_all(line)
            }
            Rows::Parquet(table) => {
                table.write(COLUMNS.iter().map(|column| parquet_cell((column.value)(record), calendar)))
            }
        }
    }

    /// Ends the file and gives back what it was written to.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(self) -> io::Result<W> {
        let packed = match self.rows {
            Rows::Csv(writer) => writer.into_inner().map_err(csv::IntoInnerError::into_error)?,
            Rows::JsonLines { file, .. } => file,
            Rows::Parquet(table) => table.finish()?,
        };
        packed.finish()
    }
}

fn json_line(line: &mut Vec<u8>, record: &Record) {
    let calendar = &record.model.calendar;
    for (index, column) in COLUMNS.iter().enumerate() {
        line.push(if index == 0 { b'{' } else { b',' });
        line.push(b'"');
        line.extend(column.name.as_bytes());
        line.extend(b"\":");
        match (column.value)(record) {
            Value::Null => line.extend(b"null"),
            Value::Text(text) if column.kind == Type::Json => line.extend(text.as_bytes()),
            Value::Text(text) => serde_json::to_writer(&mut *line, &text).expect("memory takes text"),
            time @ Value::Time(_) => {
                line.push(b'"');
                line.extend(plain(&time, calendar).as_bytes());
                line.push(b'"');
            }
            number => line.extend(plain(&number, calendar).as_bytes()),
        }
    }
    line.extend(b"}\n");
}

/// Numbers and times as text.
fn plain(value: &Value, calendar: &Calendar) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => text.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Time(at) => format!("{:.6}", calendar.instant(*at)),
        Value::Seconds(span) => decimal_seconds(*span),
        Value::Dollars(amount) => amount.to_decimal(),
    }
}

/// Seconds exactly, with as many decimals as it takes.
fn decimal_seconds(span: SimDuration) -> String {
    let nanos = span.as_nanos();
    let (whole, fraction) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    if fraction == 0 {
        return whole.to_string();
    }
    let text = format!("{whole}.{fraction:09}");
    text.trim_end_matches('0').to_owned()
}

fn parquet_kind(kind: Type) -> parquet::Kind {
    match kind {
        Type::Text | Type::Json => parquet::Kind::Text,
        Type::Integer => parquet::Kind::Integer,
        Type::Time => parquet::Kind::Timestamp,
        Type::Seconds | Type::Dollars => parquet::Kind::Float,
    }
}

fn parquet_cell(value: Value, calendar: &Calendar) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Text(text) => Cell::Text(text.as_bytes().to_vec()),
        Value::Integer(number) => Cell::Integer(i64::try_from(number).expect("numbers of messages are below 2^63")),
        Value::Time(at) => Cell::Integer(calendar.instant(at).as_microsecond()),
        Value::Seconds(span) => Cell::Float(span.as_secs_f64()),
        Value::Dollars(amount) => Cell::Float(amount.as_dollars_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_format() {
        let kind = |name: &str| Kind::of(Path::new(name));
        assert_eq!(kind("out/a.csv"), Some(Kind { format: Format::Csv, gzip: false }));
        assert_eq!(kind("a.JSONL.gz"), Some(Kind { format: Format::JsonLines, gzip: true }));
        assert_eq!(kind("a.parquet"), Some(Kind { format: Format::Parquet, gzip: false }));
        assert_eq!(kind("a.parquet.gz"), None);
        assert_eq!(kind("a.xlsx"), None);
        assert_eq!(kind("csv"), None);
    }

    #[test]
    fn spans_are_exact() {
        let show = |nanos| decimal_seconds(SimDuration::from_nanos(nanos));
        assert_eq!(show(0), "0");
        assert_eq!(show(1), "0.000000001");
        assert_eq!(show(2_500_000_000), "2.5");
        assert_eq!(show(36_000_000_000_000), "36000");
    }
}
