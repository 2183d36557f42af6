#![no_main]
//! See `targets::segments`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    sendpool_fuzz::targets::segments(data);
});
