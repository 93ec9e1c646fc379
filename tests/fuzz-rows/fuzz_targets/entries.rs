//! `cargo +nightly fuzz run --fuzz-dir tests/fuzz-rows --features libfuzzer entries`
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| responsibility_index::testing::fuzz::entries(bytes));
