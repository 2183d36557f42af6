//! `--export`: results once more, in the formats of other programs. Nobody gets them who does not ask.

use crate::experiment::Results;
use crate::model::Model;
use crate::report::summary::Summary;
use crate::report::{OutputFile, hlog, prometheus, series};

/// A format that others read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Export {
    // Comments and not documentation, so that help stays in its compact form.
    // All delays as one HdrHistogram log.
    Hlog,
    // The series over time as Parquet.
    Parquet,
    // Figures for Prometheus and Grafana.
    Prometheus,
}

impl Export {
    /// Its files, with their paths within the run folder.
    pub(super) fn files(self, model: &Model, results: &Results, summary: &Summary) -> Vec<OutputFile> {
        let file = |name: &str, bytes: Vec<u8>| OutputFile { path: format!("export/{name}"), bytes };
        match self {
            Export::Hlog => vec![file("delays.hlog", hlog::log(model, results))],
            Export::Parquet => vec![file("series.parquet", series::parquet(model, results))],
            Export::Prometheus => vec![
                file("metrics.prom", prometheus::text(summary)),
                file("series.openmetrics", prometheus::open_metrics(model, results, summary)),
            ],
        }
    }

    /// Those that were asked for, each once and in one order.
    pub(super) fn all(asked: &[Export]) -> Vec<Export> {
        [Export::Hlog, Export::Parquet, Export::Prometheus].into_iter().filter(|kind| asked.contains(kind)).collect()
    }
}
