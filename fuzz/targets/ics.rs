//! iCalendar text: read, expanded, written, and read again.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| daymark_fuzz::round_trip(&String::from_utf8_lossy(data)));
