//! A CalDAV server's multistatus, with the calendar resources in it.

#![no_main]

use daymark_core::ics::Reader;
use daymark_fuzz::{HOME, take_in};
use daymark_remotes::caldav::decode;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let calendar = url::Url::parse("https://dav.example/calendars/maya/main/").expect("an address");
    let owner = ["maya@example.org".to_owned()];
    if let Ok(items) = decode(data, &calendar, &Reader { zone: HOME, owner: &owner }) {
        take_in(items);
    }
});
