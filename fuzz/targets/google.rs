//! A page of Google's `events.list`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(items) = daymark_remotes::google::decode(data) {
        daymark_fuzz::take_in(items);
    }
});
