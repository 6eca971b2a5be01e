//! Facts about series that begin in the hour which a clock change leaves out: shown, changed, and written.

use super::*;
use crate::event::{Event, Field};

const PEN: Pen<'static> = Pen { now: Instant::UNIX_EPOCH, zone: Tz::Europe__Berlin, owner: &[] };
const NEW_YORK: &str = "America/New_York";
const BEGINS: &str = "20260308T023000";

/// Half an hour, with what Daymark does not know.
fn series(zone: &str, start: &str, lines: &[&str]) -> String {
    let more: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Round\r\n\
         DTSTART;TZID={zone}:{start}\r\nDURATION:PT30M\r\n{more}X-THEIRS;X-P=1:kept\r\nEND:VEVENT\r\n\
         END:VCALENDAR\r\n"
    )
}

fn with(text: &str, exception: &str) -> String {
    let lines = format!("BEGIN:VEVENT\r\nUID:a\r\n{exception}\r\nEND:VEVENT\r\nEND:VCALENDAR");
    text.replace("END:VCALENDAR", &lines)
}

fn named(place: &str, start: &str) -> String {
    format!(
        "RECURRENCE-ID;TZID={NEW_YORK}:{place}\r\nDTSTART;TZID={NEW_YORK}:{start}\r\nDURATION:PT30M\r\nSUMMARY:Own"
    )
}

fn listed(text: &str, from: &str, to: &str) -> Vec<Line> {
    let shown = expand(text, from.parse().unwrap(), to.parse().unwrap(), Tz::UTC).unwrap();
    assert_eq!(shown.problems, [""; 0]);
    shown.lines
}

fn starts(text: &str, from: &str, to: &str) -> Vec<String> {
    listed(text, from, to).into_iter().map(|line| line.start).collect()
}

fn daily(lines: &[&str]) -> String {
    series(NEW_YORK, BEGINS, &[&["RRULE:FREQ=DAILY"], lines].concat())
}

fn week(text: &str) -> Vec<String> {
    starts(text, "2026-03-07", "2026-03-12")
}

fn of(text: &str) -> Resource {
    read(text, &Reader { zone: PEN.zone, owner: &[] }).unwrap()
}

fn at(text: &str) -> Original {
    Original::At(text.parse().unwrap())
}

const GAP_DAY: &str = "2026-03-08T07:30:00Z";
const NEXT_DAY: &str = "2026-03-09T06:30:00Z";
const THIRD_DAY: &str = "2026-03-10T06:30:00Z";
const FOURTH_DAY: &str = "2026-03-11T06:30:00Z";

#[test]
fn the_first_occurrence_stands_after_the_gap_and_the_others_at_the_time_that_was_named() {
    for (zone, start, first, second) in [
        (NEW_YORK, BEGINS, GAP_DAY, NEXT_DAY),
        ("Europe/Berlin", "20260329T023000", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"),
        ("Australia/Lord_Howe", "20261004T021500", "2026-10-03T15:45:00Z", "2026-10-04T15:15:00Z"),
        ("Africa/Cairo", "20260424T003000", "2026-04-23T22:30:00Z", "2026-04-24T21:30:00Z"),
        ("America/Santiago", "20260906T003000", "2026-09-06T04:30:00Z", "2026-09-07T03:30:00Z"),
        // The gap ends with the day.
        ("America/Nuuk", "20260328T233000", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"),
    ] {
        let text = series(zone, start, &["RRULE:FREQ=DAILY;COUNT=2"]);
        assert_eq!(starts(&text, "2026-01-01", "2027-01-01"), [first, second], "{zone}");
        let Event { fields, .. } = of(&text).master;
        assert_eq!(fields.span.bounds(Tz::UTC).0, first.parse::<Instant>().unwrap());
        assert_eq!(fields.recurrence, [format!("DTSTART:{start}"), "RRULE:FREQ=DAILY;COUNT=2".to_owned()]);
    }
}

#[test]
fn whole_days_and_what_does_not_repeat_are_left_as_they_are() {
    let whole = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART;VALUE=DATE:20260424\r\nRRULE:FREQ=DAILY;COUNT=2\r\n\
                 END:VEVENT\r\nEND:VCALENDAR\r\n";
    assert_eq!(starts(whole, "2026-01-01", "2027-01-01"), ["2026-04-24", "2026-04-25"]);
    assert_eq!(of(whole).master.fields.recurrence, ["RRULE:FREQ=DAILY;COUNT=2"]);
    let single = series(NEW_YORK, BEGINS, &[]);
    assert_eq!((week(&single), of(&single).master.fields.recurrence), (vec![GAP_DAY.into()], vec![]));
    let floating = daily(&[]).replace(&format!(";TZID={NEW_YORK}"), "");
    assert_eq!(of(&floating).master.fields.recurrence, ["RRULE:FREQ=DAILY"]);
}

#[test]
fn an_end_is_counted_from_the_time_that_was_named() {
    let ending = |end: &str| series(NEW_YORK, BEGINS, &[&format!("RRULE:FREQ=DAILY;{end}")]);
    let three = [GAP_DAY, NEXT_DAY, THIRD_DAY];
    for end in ["COUNT=3", "UNTIL=20260310T063000Z", "UNTIL=20260310"] {
        assert_eq!(week(&ending(end)), three, "{end}");
    }
    assert_eq!(week(&ending("UNTIL=20260310T062959Z")), three[..2]);
    assert_eq!(week(&ending("UNTIL=20260308T073000Z")), three[..1]);
}

#[test]
fn rules_of_weeks_months_and_years_keep_the_day_and_the_time_that_were_named() {
    let shown = |zone: &str, start: &str, rule: &str| {
        let text = series(zone, start, &[&format!("RRULE:{rule}")]);
        starts(&text, "2026-01-01", "2048-01-01")
    };
    assert_eq!(shown(NEW_YORK, BEGINS, "FREQ=WEEKLY;COUNT=2"), [GAP_DAY, "2026-03-15T06:30:00Z"]);
    assert_eq!(shown(NEW_YORK, BEGINS, "FREQ=MONTHLY;COUNT=2"), [GAP_DAY, "2026-04-08T06:30:00Z"]);
    let hours = ["2026-03-08T07:30:00Z", "2026-03-08T08:30:00Z"];
    // 02:30 and 03:30 are the same instant on that day.
    assert_eq!(shown(NEW_YORK, BEGINS, "FREQ=HOURLY;COUNT=3"), hours);
    // 8 March is the day of the change again in 2037: the years between are at half past two.
    let years = shown(NEW_YORK, BEGINS, "FREQ=YEARLY;UNTIL=20370401T000000Z");
    // Half past two in winter, and half past three in the years of a gap.
    let days: Vec<String> = (2026..=2037).map(|year| format!("{year}-03-08T07:30:00Z")).collect();
    assert_eq!(years, days);
    // Saturday’s 23:30 is Sunday’s 00:30 in that night alone, and the weeks are counted from the Saturday.
    let nuuk = shown("America/Nuuk", "20260328T233000", "FREQ=WEEKLY;INTERVAL=2;COUNT=3;WKST=SU");
    assert_eq!(nuuk, ["2026-03-29T01:30:00Z", "2026-04-12T00:30:00Z", "2026-04-26T00:30:00Z"]);
}

#[test]
fn a_series_that_begins_in_the_gap_of_each_year_stands_behind_each() {
    let text = series(NEW_YORK, BEGINS, &["RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU;COUNT=3"]);
    let all = ["2026-03-08T07:30:00Z", "2027-03-14T07:30:00Z", "2028-03-12T07:30:00Z"];
    assert_eq!(starts(&text, "2026-01-01", "2030-01-01"), all);
}

#[test]
fn an_exception_of_any_day_replaces_its_occurrence() {
    let later = with(&daily(&[]), &named("20260310T023000", "20260310T110000"));
    assert_eq!(week(&later), [GAP_DAY, NEXT_DAY, "2026-03-10T15:00:00Z", FOURTH_DAY]);
    let on_gap_day = with(&daily(&[]), &named(BEGINS, "20260308T110000"));
    assert_eq!(week(&on_gap_day), ["2026-03-08T15:00:00Z", NEXT_DAY, THIRD_DAY, FOURTH_DAY]);
    for (text, place) in [(later, THIRD_DAY), (on_gap_day, GAP_DAY)] {
        let read = of(&text);
        assert_eq!(read.exceptions[0].series.as_ref().unwrap().original, at(place));
        assert!(read.occurrence(at(place), PEN.zone).unwrap().fields.title == "Own");
    }
    // Some name a day alone.
    let of_day = with(&daily(&[]), "RECURRENCE-ID;VALUE=DATE:20260310\r\nDTSTART:20260310T150000Z");
    assert_eq!(week(&of_day), [GAP_DAY, NEXT_DAY, "2026-03-10T15:00:00Z", FOURTH_DAY]);
}

#[test]
fn what_follows_a_moved_occurrence_goes_as_far_by_the_clock() {
    for (place, start, moved) in
        [(BEGINS, "20260308T043000", "2026-03-08T08:30:00Z"), ("20260309T023000", "20260309T043000", GAP_DAY)]
    {
        let own = named(place, start).replace("RECURRENCE-ID", "RECURRENCE-ID;RANGE=THISANDFUTURE");
        let shown = week(&with(&daily(&[]), &own));
        assert_eq!(
            (shown[0].as_str(), &shown[2..]),
            (moved, ["2026-03-10T08:30:00Z".to_owned(), "2026-03-11T08:30:00Z".to_owned()].as_slice())
        );
    }
}

#[test]
fn an_excluded_date_leaves_out_the_occurrence_of_its_day_and_no_other() {
    for (gone, left) in [
        ("EXDATE;TZID=America/New_York:20260308T023000", [NEXT_DAY, THIRD_DAY, FOURTH_DAY]),
        ("EXDATE:20260308T073000Z", [NEXT_DAY, THIRD_DAY, FOURTH_DAY]),
        ("EXDATE;TZID=America/New_York:20260310T023000", [GAP_DAY, NEXT_DAY, FOURTH_DAY]),
        ("EXDATE;VALUE=DATE:20260310", [GAP_DAY, NEXT_DAY, FOURTH_DAY]),
    ] {
        assert_eq!(week(&daily(&[gone])), left, "{gone}");
    }
    let extra = series(
        NEW_YORK,
        BEGINS,
        &["RDATE;TZID=America/New_York:20260310T023000", "RDATE;VALUE=DATE:20260311"],
    );
    assert_eq!(week(&extra), [GAP_DAY, THIRD_DAY, FOURTH_DAY]);
}

/// Lines of one text that the other lacks, without those that every write brings.
fn only_in(one: &str, other: &str) -> Vec<String> {
    let stamped = ["DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "TZ", "BEGIN", "END"];
    let is_new = |line: &&str| !other.contains(*line) && !stamped.iter().any(|it| line.starts_with(it));
    let zone = |text: &str| text.find("BEGIN:VTIMEZONE").zip(text.find("END:VTIMEZONE\r\n"));
    let text = zone(one).map_or(one.to_owned(), |(from, to)| [&one[..from], &one[to + 15..]].concat());
    text.split("\r\n").filter(is_new).map(str::to_owned).collect()
}

fn changed(
    text: &str,
    place: Place,
    fields: &[Field],
    make: impl FnOnce(&mut crate::event::Fields),
) -> String {
    let resource = of(text);
    let mut wanted = match place {
        Place::Master => resource.master.fields,
        Place::Occurrence(original) => resource.occurrence(original, PEN.zone).unwrap().fields,
    };
    make(&mut wanted);
    let written = change(text, place, &wanted, fields, &PEN).unwrap();
    let read = of(&written);
    if place == Place::Master {
        let read = read.master.fields;
        assert!(fields.iter().all(|field| read.agrees(&wanted, *field)), "{written}");
    }
    written
}

#[test]
fn an_exception_is_named_by_the_time_of_day_of_its_series_on_the_day_of_the_gap_too() {
    let text = daily(&[]);
    for (place, day) in [(GAP_DAY, "20260308"), (THIRD_DAY, "20260310")] {
        let own = changed(&text, Place::Occurrence(at(place)), &[Field::Title], |it| it.title = "Own".into());
        assert!(own.contains(&format!("RECURRENCE-ID;TZID={NEW_YORK}:{day}T023000\r\n")), "{own}");
        assert_eq!((week(&own).len(), of(&own).exceptions.len()), (4, 1));
        let Cancelled::Now(gone) = cancel(&text, at(place), &PEN).unwrap() else { panic!() };
        assert_eq!(only_in(&gone, &text), [format!("EXDATE;TZID={NEW_YORK}:{day}T023000")]);
        assert_eq!((week(&gone).len(), of(&gone).cancelled), (3, vec![at(place)]));
        assert_eq!(cancel(&gone, at(place), &PEN).unwrap(), Cancelled::Already);
    }
}

#[test]
fn a_later_occurrence_in_a_gap_is_named_by_the_time_of_day_of_its_series() {
    let text = series(NEW_YORK, "20260306T023000", &["RRULE:FREQ=DAILY"]);
    let Cancelled::Now(gone) = cancel(&text, at(GAP_DAY), &PEN).unwrap() else { panic!() };
    assert_eq!(only_in(&gone, &text), [format!("EXDATE;TZID={NEW_YORK}:{BEGINS}")]);
    assert_eq!(week(&gone), ["2026-03-07T07:30:00Z", NEXT_DAY, THIRD_DAY, FOURTH_DAY]);
}

#[test]
fn a_new_title_or_a_new_end_leaves_the_start_as_it_is_written() {
    let text = daily(&[]);
    let titled = changed(&text, Place::Master, &[Field::Title], |it| it.title = "New".into());
    assert_eq!(only_in(&titled, &text), ["SUMMARY:New"]);
    let ended = text.replace("DURATION:PT30M", &format!("DTEND;TZID={NEW_YORK}:20260308T030000"));
    let longer = changed(&ended, Place::Master, &[Field::Span], |it| {
        let Span::Timed { end, .. } = &mut it.span else { panic!() };
        *end += TimeDelta::minutes(45);
    });
    assert_eq!(only_in(&longer, &ended), ["DURATION:PT1H15M"]);
    assert_eq!(only_in(&ended, &longer), [format!("DTEND;TZID={NEW_YORK}:20260308T030000")]);
    assert_eq!(listed(&longer, "2026-03-08", "2026-03-09")[0].end, "2026-03-08T08:45:00Z");
}

#[test]
fn a_new_rule_keeps_the_start_and_a_start_at_the_shown_time_is_written_as_one() {
    let text = daily(&[]);
    let weekly = changed(&text, Place::Master, &[Field::Recurrence], |it| {
        it.recurrence[1] = "RRULE:FREQ=WEEKLY".into();
    });
    assert_eq!(only_in(&weekly, &text), ["RRULE:FREQ=WEEKLY"]);
    // The same instant, and another time on all other days.
    let shown = changed(&text, Place::Master, &[Field::Recurrence], |it| drop(it.recurrence.remove(0)));
    assert!(shown.contains(&format!("DTSTART;TZID={NEW_YORK}:20260308T033000\r\n")), "{shown}");
    assert_eq!(week(&shown)[1], "2026-03-09T07:30:00Z");
    let back = changed(&shown, Place::Master, &[Field::Recurrence], |it| {
        it.recurrence = of(&text).master.fields.recurrence
    });
    assert_eq!(week(&back), week(&text));
}

#[test]
fn what_is_made_anew_or_exported_begins_at_the_time_that_was_named() {
    let read = of(&with(&daily(&[]), &named("20260310T023000", "20260310T110000")));
    let made = create("b", &read.master.fields, &PEN).unwrap();
    assert!(made.contains(&format!("DTSTART;TZID={NEW_YORK}:{BEGINS}\r\nDURATION:PT30M\r\n")), "{made}");
    assert_eq!((of(&made).master.fields, week(&made).len()), (read.master.fields.clone(), 4));
    let cancelled = |original: &str| {
        let series = crate::event::SeriesRef { master: read.master.id.clone(), original: at(original) };
        Event { status: Status::Cancelled, series: Some(series), ..read.master.clone() }
    };
    let all =
        [std::slice::from_ref(&read.master), read.exceptions.as_slice(), &[cancelled(GAP_DAY)]].concat();
    let file = export("Round", &all.into_iter().map(Exported::from).collect::<Vec<_>>(), PEN.now);
    for line in ["DTSTART", "EXDATE"] {
        assert!(file.contains(&format!("{line};TZID={NEW_YORK}:{BEGINS}\r\n")), "{file}");
    }
    assert_eq!(file.matches("DTSTART:20260308").count(), 0, "{file}");
    assert_eq!(week(&file), [NEXT_DAY, "2026-03-10T15:00:00Z", FOURTH_DAY]);
}
