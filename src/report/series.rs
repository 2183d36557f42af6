//! `series.csv`: what flowed and what waited over time, one row per bin.

use crate::experiment::Results;
use crate::metrics::backlog_names;
use crate::metrics::timeline::Flow;
use crate::model::Model;

/// The table. Flows are messages (or segments) per bin, means over replications; backlogs are the level at the
/// beginning of the bin in segments: mean, least and greatest over replications.
pub fn csv(model: &Model, results: &Results) -> Vec<u8> {
    let series = &results.series;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = vec!["time_seconds".to_owned(), "bin_seconds".to_owned()];
    header.extend(Flow::ALL.map(|flow| format!("{}_mean", flow.as_str())));
    for name in backlog_names(model) {
        header.extend(["mean", "min", "max"].map(|of| format!("backlog_segments[{name}]_{of}")));
    }
    write(&mut writer, &header);
    let width = series.width.as_secs_f64();
    let mean = |sum: u64| (sum as f64 / series.replications as f64).to_string();
    for bin in 0..series.bins() {
        let mut row = vec![(bin as f64 * width).to_string(), width.to_string()];
        row.extend(series.flows.iter().map(|flow| mean(flow[bin])));
        for backlog in &series.backlogs {
            let spread = backlog[bin];
            row.extend([mean(spread.sum), spread.min.to_string(), spread.max.to_string()]);
        }
        write(&mut writer, &row);
    }
    writer.into_inner().expect("writing to memory does not fail")
}

fn write(writer: &mut csv::Writer<Vec<u8>>, row: &[String]) {
    writer.write_record(row).expect("writing to memory does not fail");
}
