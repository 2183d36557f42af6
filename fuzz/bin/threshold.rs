#![no_main]
//! See `targets::threshold`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    sendpool_fuzz::targets::threshold(data);
});
