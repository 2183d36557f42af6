//! Replications that are kept, so that nobody runs them twice: after an interruption, or on another machine. A replication is
//! written down whole and exactly, so what is read back adds up to the same bytes.
//!
//! Not here: files. Whoever implements [`Kept`] says where replications are, and vouches that they are of the same model and
//! the same program: nothing in the bytes of a replication tells.

use super::Replication;

/// Version of the form in which a replication is written down. It moves when a type within [`Replication`] does; bytes of
/// another program are refused before anyone looks at it.
pub const FORMAT: u32 = 2;

/// Where finished replications of one model are kept.
pub trait Kept: Sync {
    /// The replication, if it is there.
    fn find(&self, index: u32) -> Option<Replication>;

    /// Keeps a replication that was run. Called from several threads, in no particular order.
    fn keep(&self, index: u32, replication: &Replication);
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl Kept for Nothing {
    fn find(&self, _index: u32) -> Option<Replication> {
        None
    }

    fn keep(&self, _index: u32, _replication: &Replication) {}
}

impl Replication {
    /// Everything that the replication showed, as bytes.
    ///
    /// # Panics
    /// Never: all of it is plain data.
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("plain data")
    }

    /// What [`Replication::to_bytes`] wrote.
    ///
    /// # Errors
    /// Says that the bytes are not those of a replication.
    pub fn from_bytes(bytes: &[u8]) -> Result<Replication, String> {
        match postcard::take_from_bytes(bytes) {
            Ok((replication, [])) => Ok(replication),
            Ok((_, rest)) => Err(format!("{} bytes are left over", rest.len())),
            Err(error) => Err(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use super::super::{Progress, Results, run, run_kept};
    use super::*;
    use crate::model::Model;

    /// Everything that a replication can hold: several campaigns and countries, windows, people who answer, faults, a horizon.
    const RICH: &str = r#"
version: 1
name: rich
replications: 9
clock: { start: 2026-03-02T15:00:00Z, horizon: 2h }
audiences: { people: { size: 2000, recipients: { US: 0.7, CA: 0.2, GB: 0.1 } } }
services:
  shop:
    senders:
      - { id: sc, type: short_code, country: US }
      - { id: local, type: long_code, country: US, count: 3 }
      - { id: ca, type: long_code, country: CA, count: 2 }
campaigns:
  first:
    service: shop
    body: "Sale"
    audience: people
    pick: each_once
    replies: 5%
    opt_out: 2%
    arrivals: { process: poisson, phases: [{ duration: 10m, arrival_count: 1500 }] }
  second:
    service: shop
    body: "Sale, again"
    recipients: { US: 1 }
    arrivals: { phases: [{ duration: 1h, arrival_rate: 20/min }] }
faults: [{ at: 5m, for: 10m, carrier: us/t-mobile, mode: fail }]
thresholds:
  end_to_end: [{ threshold: "p(95) < 10m", window: 5m }]
  delivered: [{ threshold: "rate > 0.5", window: 10m }]
"#;

    fn model() -> Model {
        let reading = crate::scenario::read("rich.yaml", RICH.into(), &[]);
        reading.model.unwrap_or_else(|| panic!("{:?}", reading.findings))
    }

    /// Keeps bytes, of every second replication.
    #[derive(Default)]
    struct EverySecond(Mutex<BTreeMap<u32, Vec<u8>>>, Mutex<u32>);

    impl Kept for EverySecond {
        fn find(&self, index: u32) -> Option<Replication> {
            let found =
                self.0.lock().unwrap().get(&index).map(|bytes| Replication::from_bytes(bytes).expect("its own"));
            *self.1.lock().unwrap() += u32::from(found.is_some());
            found
        }

        fn keep(&self, index: u32, replication: &Replication) {
            if index.is_multiple_of(2) {
                self.0.lock().unwrap().insert(index, replication.to_bytes());
            }
        }
    }

    /// All files of the run folder but that of the machine: counts, series, slowest messages, distributions, promises with
    /// windows. A histogram that is read back knows its largest value to its digits only, so `Debug` would tell it apart;
    /// no figure does.
    fn shown(model: &Model, results: &Results) -> Vec<crate::report::OutputFile> {
        let verdicts = crate::verdict::judge(model, results);
        let summary = crate::report::summary::Summary::new(model, results, &verdicts, "digest");
        crate::report::files(model, results, &summary)
    }

    /// What [`shown`] does not show to the last digit.
    fn exact(results: &Results) -> String {
        let distributions: Vec<_> = (results.delays.iter())
            .map(|parts| {
                let ends = |delay: &crate::metrics::delay::Delay| (delay.sum_nanos(), delay.min(), delay.max());
                (ends(&parts.queue_wait), ends(&parts.end_to_end), ends(&parts.network_latency))
            })
            .collect();
        format!(
            "{:?}",
            (&results.totals, &results.lanes, &results.series, &results.slowest, &results.reports, distributions)
        )
    }

    /// Aim: what is read back is what was kept. Method: a run of which half comes from bytes, against one without; reports by
    /// their bytes, integers by all their digits.
    #[test]
    fn what_is_read_back_adds_up_to_the_same() {
        let model = model();
        let plain = run(&model, 9, &Progress::default());
        let kept = EverySecond::default();
        let first = run_kept(&model, 9, &Progress::default(), &kept);
        assert_eq!(kept.0.lock().unwrap().keys().copied().collect::<Vec<_>>(), [0, 2, 4, 6, 8]);
        let again = run_kept(&model, 9, &Progress::default(), &kept);
        assert_eq!(*kept.1.lock().unwrap(), 5, "five were found");
        assert!(first.complete && again.complete);
        for results in [&first.results, &again.results] {
            assert_eq!(exact(results), exact(&plain));
            assert!(shown(&model, results) == shown(&model, &plain));
            for (delays, other) in results.delays.iter().zip(&plain.delays) {
                assert_eq!(delays.end_to_end.histogram(), other.end_to_end.histogram());
            }
        }
    }

    #[test]
    fn bytes_that_are_no_replication_are_refused() {
        let model = model();
        let kept = EverySecond::default();
        run_kept(&model, 1, &Progress::default(), &kept);
        let bytes = kept.0.lock().unwrap()[&0].clone();
        assert!(Replication::from_bytes(&bytes).is_ok());
        assert!(Replication::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(Replication::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
        assert!(Replication::from_bytes(&[]).is_err());
    }

    /// Aim: a run that is asked to stop gives the first so many replications, whole. Method: asked while the third is kept, by
    /// one thread; the results are those of three.
    #[test]
    fn a_stopped_run_gives_what_is_complete() {
        struct StopAt<'p>(u32, &'p Progress);
        impl Kept for StopAt<'_> {
            fn find(&self, _index: u32) -> Option<Replication> {
                None
            }
            fn keep(&self, index: u32, _replication: &Replication) {
                self.1.stop.store(index == self.0, std::sync::atomic::Ordering::Relaxed);
            }
        }
        let model = model();
        let single = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let progress = Progress::default();
        let stopped = single.install(|| run_kept(&model, 9, &progress, &StopAt(2, &progress)));
        assert!(!stopped.complete);
        assert_eq!(stopped.results.replications, 3);
        let three = run(&model, 3, &Progress::default());
        assert_eq!(exact(&stopped.results), exact(&three));
        assert!(shown(&model, &stopped.results) == shown(&model, &three));
    }
}
