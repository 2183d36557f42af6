//! What flowed and what waited over time, one row per bin: `series.csv`, and the same as Parquet on request.

use crate::experiment::Results;
use crate::metrics::backlog_names;
use crate::metrics::timeline::Flow;
use crate::model::Model;
use crate::units::{SimDuration, SimTime};

use super::parquet::{Cell, Kind, Table};

/// A column: its name and a value for each bin.
struct Column {
    name: String,
    values: Values,
}

enum Values {
    Floats(Vec<f64>),
    Integers(Vec<u64>),
}

/// The table. Flows are messages (or segments) per bin, means over replications; backlogs are the level at the
/// beginning of the bin in segments: mean, least and greatest over replications. What each of them sent follows, as flows.
fn columns(model: &Model, results: &Results) -> Vec<Column> {
    let series = &results.series;
    let width = series.width.as_secs_f64();
    let mean = |sum: u64| sum as f64 / series.replications as f64;
    let mut columns = Vec::new();
    let mut add = |name: String, values: Values| columns.push(Column { name, values });
    add("time_seconds".to_owned(), Values::Floats((0..series.bins()).map(|bin| bin as f64 * width).collect()));
    add("bin_seconds".to_owned(), Values::Floats(vec![width; series.bins()]));
    for (flow, counts) in Flow::ALL.iter().zip(&series.flows) {
        let means = counts.iter().map(|count| mean(*count)).collect();
        add(format!("{}_mean", flow.as_str()), Values::Floats(means));
    }
    for (name, levels) in backlog_names(model).iter().zip(&series.backlogs) {
        let named = |of: &str| format!("backlog_segments[{name}]_{of}");
        add(named("mean"), Values::Floats(levels.iter().map(|level| mean(level.sum)).collect()));
        add(named("min"), Values::Integers(levels.iter().map(|level| level.min).collect()));
        add(named("max"), Values::Integers(levels.iter().map(|level| level.max).collect()));
    }
    for (name, counts) in backlog_names(model).iter().zip(&series.segments) {
        let means = counts.iter().map(|count| mean(*count)).collect();
        add(format!("segments_sent[{name}]_mean"), Values::Floats(means));
    }
    columns
}

/// As comma-separated values.
pub fn csv(model: &Model, results: &Results) -> Vec<u8> {
    let columns = columns(model, results);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |row: Vec<String>| writer.write_record(&row).expect("writing to memory does not fail");
    write(columns.iter().map(|column| column.name.clone()).collect());
    for bin in 0..results.series.bins() {
        let text = |column: &Column| match &column.values {
            Values::Floats(list) => list[bin].to_string(),
            Values::Integers(list) => list[bin].to_string(),
        };
        write(columns.iter().map(text).collect());
    }
    writer.into_inner().expect("writing to memory does not fail")
}

/// As Parquet: the same columns, and before them `time`, the beginning of the bin on the calendar.
pub fn parquet(model: &Model, results: &Results) -> Vec<u8> {
    let columns = columns(model, results);
    let kinds = columns.iter().map(|column| match column.values {
        Values::Floats(_) => (column.name.as_str(), Kind::Float),
        Values::Integers(_) => (column.name.as_str(), Kind::Integer),
    });
    let kinds: Vec<_> = std::iter::once(("time", Kind::Timestamp)).chain(kinds).collect();
    let whole = "writing to memory does not fail";
    let mut table = Table::new("bin", &kinds, Vec::new()).expect(whole);
    for bin in 0..results.series.bins() {
        let at = SimTime::ZERO + SimDuration::from_nanos(results.series.width.as_nanos() * bin as u64);
        let time = Cell::Integer(model.calendar.instant(at).as_microsecond());
        let cells = columns.iter().map(|column| match &column.values {
            Values::Floats(list) => Cell::Float(list[bin]),
            Values::Integers(list) => Cell::Integer(i64::try_from(list[bin]).expect("backlogs are below 2^63")),
        });
        table.write(std::iter::once(time).chain(cells)).expect(whole);
    }
    table.finish().expect(whole)
}
