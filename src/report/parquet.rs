//! Tables as Apache Parquet: one column after the other, in groups of rows, so that memory is bounded by a group.
//! Compressed with Snappy; the same rows give the same bytes.
//!
//! Not here: what the columns mean.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

/// Rows of a group.
const GROUP: usize = 65_536;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// UTF-8.
    Text,
    /// Signed, of 64 bits.
    Integer,
    /// Microseconds since 1970 in UTC.
    Timestamp,
    /// Of double precision.
    Float,
}

/// A value of a row; `Integer` is also a timestamp.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Null,
    Text(Vec<u8>),
    Integer(i64),
    Float(f64),
}

/// A file in the making.
pub(super) struct Table<W: Write + Send> {
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

fn schema(row: &str, columns: &[(&str, Kind)]) -> Type {
    let field = |(name, kind): &(&str, Kind)| {
        let (physical, logical) = match kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Integer => (Physical::INT64, None),
            Kind::Timestamp => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
            Kind::Float => (Physical::DOUBLE, None),
        };
        let field = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
        Arc::new(field.with_logical_type(logical).build().expect("the types fit"))
    };
    let fields = columns.iter().map(field).collect();
    Type::group_type_builder(row).with_fields(fields).build().expect("a list of fields")
}

impl<W: Write + Send> Table<W> {
    /// Begins a file of rows that are called `row`.
    pub(super) fn new(row: &str, columns: &[(&str, Kind)], file: W) -> io::Result<Table<W>> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!(env!("CARGO_PKG_NAME"), " version ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let schema = Arc::new(schema(row, columns));
        let file = SerializedFileWriter::new(file, schema, Arc::new(properties)).map_err(failed)?;
        let columns = columns.iter().map(|(_, kind)| Cells { present: Vec::new(), values: Values::of(*kind) });
        Ok(Table { file, columns: columns.collect(), rows: 0 })
    }

    /// Adds a row: as many cells as there are columns, of their kinds.
    pub(super) fn write(&mut self, row: impl IntoIterator<Item = Cell>) -> io::Result<()> {
        for (cells, cell) in self.columns.iter_mut().zip(row) {
            cells.present.push(i16::from(!matches!(cell, Cell::Null)));
            match (&mut cells.values, cell) {
                (_, Cell::Null) => {}
                (Values::Text(list), Cell::Text(text)) => list.push(ByteArray::from(text)),
                (Values::Integers(list), Cell::Integer(number)) => list.push(number),
                (Values::Floats(list), Cell::Float(number)) => list.push(number),
                (_, other) => unreachable!("{other:?} in a column of another kind"),
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

    /// Ends the file and gives back what it was written to.
    pub(super) fn finish(mut self) -> io::Result<W> {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.file.into_inner().map_err(failed)
    }
}

impl Values {
    fn of(kind: Kind) -> Values {
        match kind {
            Kind::Text => Values::Text(Vec::new()),
            Kind::Integer | Kind::Timestamp => Values::Integers(Vec::new()),
            Kind::Float => Values::Floats(Vec::new()),
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
