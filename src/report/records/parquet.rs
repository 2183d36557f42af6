//! Records as Parquet: one column after the other, in groups of rows, so that memory is bounded by a group.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::micros;
use crate::records::Record;
use crate::records::column::{COLUMNS, Type, Value};

/// Rows of a group.
const GROUP: usize = 65_536;

/// A Parquet file in the making.
pub(super) struct Writer<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Vec<Cells>,
    rows: usize,
}

/// The cells of one column that wait for their group: the values, and for each row whether it has one.
struct Cells {
    present: Vec<i16>,
    values: Values,
}

enum Values {
    Text(Vec<ByteArray>),
    Integers(Vec<i64>),
    Floats(Vec<f64>),
}

fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}

/// The schema in Parquet's own notation.
fn schema() -> String {
    let mut text = String::from("message record {\n");
    for column in &COLUMNS {
        let (physical, logical) = match column.kind {
            Type::Text | Type::Json => ("BYTE_ARRAY", " (UTF8)"),
            Type::Integer => ("INT64", ""),
            Type::Time => ("INT64", " (TIMESTAMP(MICROS,true))"),
            Type::Seconds | Type::Dollars => ("DOUBLE", ""),
        };
        let _ = writeln!(text, "OPTIONAL {physical} {}{logical};", column.name);
    }
    text.push('}');
    text
}

impl<W: Write + Send> Writer<W> {
    pub(super) fn new(file: W) -> io::Result<Writer<W>> {
        let schema = parse_message_type(&schema()).expect("the schema is well-formed");
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!(env!("CARGO_PKG_NAME"), " version ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let file = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).map_err(failed)?;
        let columns = COLUMNS.iter().map(|column| Cells { present: Vec::new(), values: Values::of(column.kind) });
        Ok(Writer { file, columns: columns.collect(), rows: 0 })
    }

    pub(super) fn write(&mut self, record: &Record) -> io::Result<()> {
        for (cells, column) in self.columns.iter_mut().zip(&COLUMNS) {
            let value = (column.value)(record);
            cells.present.push(i16::from(value != Value::Null));
            match (&mut cells.values, value) {
                (_, Value::Null) => {}
                (Values::Text(list), Value::Text(text)) => list.push(ByteArray::from(text.as_bytes().to_vec())),
                (Values::Integers(list), Value::Integer(number)) => {
                    list.push(i64::try_from(number).expect("numbers of messages are below 2^63"));
                }
                (Values::Integers(list), Value::Time(at)) => list.push(micros(at, &record.model.calendar)),
                (Values::Floats(list), Value::Seconds(span)) => list.push(span.as_secs_f64()),
                (Values::Floats(list), Value::Dollars(amount)) => list.push(amount.as_dollars_f64()),
                (_, other) => unreachable!("{other:?} in the column {}", column.name),
            }
        }
        self.rows += 1;
        if self.rows == GROUP { self.write_group() } else { Ok(()) }
    }

    fn write_group(&mut self) -> io::Result<()> {
        let mut group = self.file.next_row_group().map_err(failed)?;
        for cells in &mut self.columns {
            match &mut cells.values {
                Values::Text(list) => write_column::<_, ByteArrayType>(&mut group, list, &cells.present),
                Values::Integers(list) => write_column::<_, Int64Type>(&mut group, list, &cells.present),
                Values::Floats(list) => write_column::<_, DoubleType>(&mut group, list, &cells.present),
            }
            .map_err(failed)?;
            cells.present.clear();
        }
        group.close().map_err(failed)?;
        self.rows = 0;
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.file.into_inner().map_err(failed)
    }
}

impl Values {
    fn of(kind: Type) -> Values {
        match kind {
            Type::Text | Type::Json => Values::Text(Vec::new()),
            Type::Integer | Type::Time => Values::Integers(Vec::new()),
            Type::Seconds | Type::Dollars => Values::Floats(Vec::new()),
        }
    }
}

fn write_column<W: Write + Send, T: DataType>(
    group: &mut SerializedRowGroupWriter<W>,
    values: &mut Vec<T::T>,
    present: &[i16],
) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.expect("as many columns as the schema has");
    column.typed::<T>().write_batch(values, Some(present), None)?;
    values.clear();
    column.close()
}
