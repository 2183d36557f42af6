//! A progress bar on the terminal while a run is under way.

use std::fmt;
use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};

use super::interrupt;
use crate::experiment::{Progress, expected_messages};
use crate::model::Model;

/// What there is to do.
pub(super) struct Extent {
    /// Messages of all replications, as expected.
    pub messages: u64,
    /// Replications.
    pub replications: u64,
}

impl Extent {
    /// That of so many replications of each of these.
    pub(super) fn of<'m>(runs: impl IntoIterator<Item = (&'m Model, u32)>) -> Extent {
        runs.into_iter().fold(Extent { messages: 0, replications: 0 }, |sum, (model, replications)| {
            let replications = u64::from(replications);
            let messages = expected_messages(model).saturating_mul(replications);
            Extent { messages: sum.messages.saturating_add(messages), replications: sum.replications + replications }
        })
    }
}

/// Whether anybody wants to see it.
pub(super) fn visible(quiet: bool) -> bool {
    !quiet && io::stderr().is_terminal()
}

/// Does `work`, which signals ask to stop, and shows how far it is if `show`.
pub(super) fn shown<T>(extent: &Extent, show: bool, work: impl FnOnce(&Progress) -> T) -> T {
    let progress = Progress { stop: interrupt::stop(), ..Progress::default() };
    if !show {
        return work(&progress);
    }
    let total = extent.messages;
    let bar = ProgressBar::new(total.max(1));
    let style = ProgressStyle::with_template("{bar:40} {percent:>3} % of {human_len} messages{msg}{left}")
        .expect("the template is well-formed")
        // Nobody knows before the first message.
        .with_key("left", |state: &ProgressState, out: &mut dyn fmt::Write| {
            if state.pos() > 0 {
                let _ = write!(out, ", {:#} left", HumanDuration(state.eta()));
            }
        });
    bar.set_style(style);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                let replications = progress.replications.load(Ordering::Relaxed);
                bar.set_message(format!(", replication {} of {}", replications, extent.replications));
                bar.set_position(progress.messages.load(Ordering::Relaxed).min(total));
                std::thread::park_timeout(Duration::from_millis(100));
            }
            bar.finish_and_clear();
        });
        // Also when the work panics: nobody waits for a bar that nobody moves.
        let _done = Finally(&done);
        work(&progress)
    })
}

/// Sets a flag when it goes out of scope.
struct Finally<'a>(&'a AtomicBool);

impl Drop for Finally<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}
