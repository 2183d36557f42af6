#![no_main]
//! See `targets::trace`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    sendpool_fuzz::targets::trace(data);
});
