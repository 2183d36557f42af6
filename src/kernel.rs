//! The discrete-event core: clockwork and chance. It has never heard of SMS.
//!
//! - [`event_list`]: the future event list, ordered by content and never by insertion.
//! - [`mod@line`]: first in, first out, block by block.
//! - [`marks`]: where things end in a long row, a bit each.
//! - [`philox`]: the published counter-based generator behind every random draw.
//! - [`draws`]: draws addressed by key, so that one entity's chance does not depend on any other's.
//! - [`elementary`]: logarithm, exponential and inverse normal whose bits depend on nothing but IEEE `+ - * / sqrt`.
//! - [`samplers`]: distributions by inversion, probabilities as integer thresholds.
//! - [`gamma`]: the gamma law by inversion.
//! - [`permutation`]: a keyed permutation of `0..n` in constant memory.
//! - [`wide`]: draws and variates by the hundred, in vector registers where there are any.

#[cfg(test)]
pub(crate) mod dice;
pub mod draws;
pub mod elementary;
pub mod event_list;
pub mod gamma;
pub mod line;
pub mod marks;
pub mod permutation;
pub mod philox;
pub mod samplers;
pub mod wide;
