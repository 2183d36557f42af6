//! Delays as a HdrHistogram log (`.hlog`, version 1.3): what the HdrHistogram libraries of Java, Python and JavaScript and
//! the tools around them read.
//!
//! One line a distribution, tagged with its name, and all of one interval, the run. Histograms are the ones that
//! percentiles are computed from, bucket by bucket: whole microseconds to three significant digits; the column of
//! maxima is in milliseconds. The log begins at the scenario's start, by the scenario's calendar and no other clock.

use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};
use jiff::SignedDuration;

use crate::experiment::Results;
use crate::model::Model;
use crate::units::SimTime;

use super::hgrm::distributions;

/// Microseconds in the unit of the column of maxima.
const MICROS_PER_MILLI: f64 = 1_000.0;

/// The log.
pub fn log(model: &Model, results: &Results) -> Vec<u8> {
    let whole = "writing to memory does not fail";
    // The library wants the standard library's types of time: they are made of the calendar's, and of no clock.
    let start = model.calendar.instant(SimTime::ZERO).try_into().expect("clocks know every year of the calendar");
    let length = results.series.width.as_nanos() * results.series.bins() as u64;
    let length = SignedDuration::from_nanos(i64::try_from(length).expect("a run ends within 292 years"));
    let mut bytes = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    let mut builder = IntervalLogWriterBuilder::new();
    builder
        .add_comment("[Histogram log format version 1.3]")
        .add_comment("[Values are microseconds, maxima milliseconds; tags name campaign or country, and delay]")
        .with_start_time(start)
        .with_base_time(start)
        .with_max_value_divisor(MICROS_PER_MILLI);
    let mut log = builder.begin_log_with(&mut bytes, &mut serializer).expect(whole);
    for (name, delay) in distributions(model, results) {
        let Some(histogram) = delay.histogram() else { continue };
        let tag = Tag::new(&name).expect("names for files have no comma, space or line end");
        log.write_histogram(histogram, Default::default(), length.unsigned_abs(), Some(tag)).expect(whole);
    }
    bytes
}
