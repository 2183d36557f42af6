//! What is fuzzed. The targets are functions of bytes that panic when something is wrong; libFuzzer calls them with inputs
//! led by coverage (`bash fuzz/run`), and `tests/fuzz.rs` with the kept inputs and mutations of them.

pub mod targets;
