#![no_main]
//! See `targets::scenario`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    sendpool_fuzz::targets::scenario(data);
});
