//! Numbers for tests that try many cases: quick, the same each time, and apart from the draws that tests are about.

/// Numbers below what is asked for, by xorshift from a seed that is not zero (Marsaglia, "Xorshift RNGs", 2003).
pub(crate) fn dice(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    }
}
