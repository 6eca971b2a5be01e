//! A page of Microsoft Graph's `calendarView/delta`, with series as they are read whole.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(items) = daymark_remotes::microsoft::decode(data, daymark_fuzz::HOME) {
        daymark_fuzz::take_in(items);
    }
});
