//! Results in, bytes out; computes nothing.

pub mod chart;
