//! The simulation held against what is known without it: hand arithmetic, books, a naive second implementation of the
//! queues, exact fractions, and queueing theory. Everything goes through the public library: the text of a scenario is
//! read, run, and watched by observers of this suite.
//!
//! Not here: reports but for figures that charts alone draw, statistics over replications, the command line.

#![allow(clippy::disallowed_methods, reason = "theory is worked out with the platform's mathematics")]

mod arrivals;
mod determinism;
mod ends;
mod equal;
mod exact;
mod faults;
mod filter;
mod ledger;
mod life;
mod metamorphic;
mod oracle;
mod parts;
mod paths;
mod senders;
mod snowshoe;
mod support;
mod theory;
mod traces;
mod world;
