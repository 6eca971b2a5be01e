//! Seeds turned into calendars and events.

use chrono_tz::Tz;

use super::{
    PASSWORD,
    book::{Book, Calendar},
};
use crate::seed::{
    Bulk, Moments, SeedAccess, SeedAccount, SeedCalendar, SeedEvent, SeedException, Span, When,
};

pub fn plant(book: &mut Book, account: &SeedAccount, moments: &Moments) {
    let user = account.email.as_str();
    book.passwords.insert(user.to_owned(), PASSWORD.to_owned());
    for seed in &account.calendars {
        let name = seed.id.clone().unwrap_or_else(|| seed.name.to_lowercase());
        let read_only = matches!(seed.access, SeedAccess::Reader | SeedAccess::FreeBusy);
        let calendar = Calendar::new(&seed.name, seed.color.as_deref(), read_only);
        book.calendars.insert((user.to_owned(), name.clone()), calendar);
        let zone = seed.zone.unwrap_or(account.zone);
        for (key, text) in texts(seed, zone, moments) {
            book.put(user, &name, &format!("{key}.ics"), text);
        }
    }
}

fn texts(seed: &SeedCalendar, zone: Tz, moments: &Moments) -> Vec<(String, String)> {
    let events =
        seed.events.iter().map(|event| (event.key.clone(), text(event, event.zone.unwrap_or(zone), moments)));
    events.chain(seed.bulk.into_iter().flat_map(|bulk| many(bulk, moments))).collect()
}

fn many(bulk: Bulk, moments: &Moments) -> Vec<(String, String)> {
    let days = (bulk.to_day - bulk.from_day).max(1);
    let one = |at: u32| {
        let day = moments.today + chrono::TimeDelta::days(bulk.from_day + i64::from(at) % days);
        let start = format!("{}T{:02}0000Z", day.format("%Y%m%d"), 8 + at % 10);
        let event = format!("UID:bulk{at}\r\nSUMMARY:Plain {at}\r\nDTSTART:{start}\r\nDURATION:PT30M\r\n");
        (format!("bulk{at}"), calendar(&component(&event)))
    };
    (0..bulk.count).map(one).collect()
}

fn text(event: &SeedEvent, zone: Tz, moments: &Moments) -> String {
    let mut own =
        format!("UID:{}\r\nSUMMARY:{}\r\n{}", event.key, event.title, times(event.when, zone, moments));
    own.extend(event.location.iter().map(|place| format!("LOCATION:{}\r\n", place.replace(',', "\\,"))));
    own.extend(event.notes.iter().map(|notes| format!("DESCRIPTION:{}\r\n", notes.replace(',', "\\,"))));
    own.extend(event.tentative.then(|| "STATUS:TENTATIVE\r\n".to_owned()));
    own.extend(event.free.then(|| "TRANSP:TRANSPARENT\r\n".to_owned()));
    own.extend(event.private.then(|| "CLASS:PRIVATE\r\n".to_owned()));
    own.extend(event.repeat.iter().map(|line| format!("{line}\r\n")));
    own.extend(event.attendees.iter().map(|who| format!("ATTENDEE:mailto:{who}\r\n")));
    own.extend(event.reminders_min.iter().map(|before| {
        format!(
            "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT{before}M\r\nDESCRIPTION:Bell\r\nEND:VALARM\r\n"
        )
    }));
    let exceptions = event.exceptions.iter().map(|it| component(&exception(event, it, zone, moments)));
    let body: String = std::iter::once(component(&own)).chain(exceptions).collect();
    calendar(&body)
}

fn exception(event: &SeedEvent, it: &SeedException, zone: Tz, moments: &Moments) -> String {
    let day = moments.day(it.on).format("%Y%m%d");
    let place = match moments.span(event.when) {
        Span::Timed { start, .. } => format!("RECURRENCE-ID;TZID={zone}:{day}T{}", start.format("%H%M%S")),
        Span::AllDay { .. } => format!("RECURRENCE-ID;VALUE=DATE:{day}"),
    };
    let when = it.moved.map_or_else(
        || place.replace("RECURRENCE-ID", "DTSTART") + "\r\n",
        |when| times(when, zone, moments),
    );
    let title = it.title.as_ref().unwrap_or(&event.title);
    let status = if it.cancelled { "STATUS:CANCELLED\r\n" } else { "" };
    format!("UID:{}\r\n{place}\r\nSUMMARY:{title}\r\n{when}{status}", event.key)
}

fn times(when: When, zone: Tz, moments: &Moments) -> String {
    match moments.span(when) {
        Span::Timed { start, end } => {
            let (start, end) = (start.format("%Y%m%dT%H%M%S"), end.format("%Y%m%dT%H%M%S"));
            format!("DTSTART;TZID={zone}:{start}\r\nDTEND;TZID={zone}:{end}\r\n")
        }
        Span::AllDay { start, end } => {
            let (start, end) = (start.format("%Y%m%d"), end.format("%Y%m%d"));
            format!("DTSTART;VALUE=DATE:{start}\r\nDTEND;VALUE=DATE:{end}\r\n")
        }
    }
}

fn component(own: &str) -> String {
    format!("BEGIN:VEVENT\r\nDTSTAMP:20260101T000000Z\r\n{own}END:VEVENT\r\n")
}

fn calendar(body: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Sandbox//Seed//EN\r\n{body}END:VCALENDAR\r\n")
}
