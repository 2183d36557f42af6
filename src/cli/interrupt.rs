//! Ctrl-C and the wish of a scheduler to end (SIGTERM): the first asks the run to stop where it is and write what is
//! complete, the second ends the program at once.
//!
//! Before [`watch`] is called both end the program at once, as they do everywhere.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::{Exit, Failure};

static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Whether somebody asked to stop.
pub(super) fn stop() -> Arc<AtomicBool> {
    Arc::clone(STOP.get_or_init(Arc::default))
}

/// The same, looked at now.
pub(super) fn is_stopped() -> bool {
    stop().load(Ordering::Relaxed)
}

/// From now on signals are a wish.
pub(super) fn watch() -> Result<(), Failure> {
    let code = i32::from(Exit::Interrupted.code());
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the flag unset, the second set.
        flag::register_conditional_shutdown(signal, code, stop())
            .and_then(|_| flag::register(signal, stop()))
            .map_err(|error| Failure::internal(format!("cannot listen to signals: {error}")))?;
    }
    Ok(())
}
