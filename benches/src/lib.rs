//! Benchmarks of Sendpool; see the bench files.
