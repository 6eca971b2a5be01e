//! Facts about calendar files, well-formed and otherwise.

use super::*;
use proptest::prelude::*;

fn calendar(body: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", body.replace('\n', "\r\n"))
}

fn event(body: &str) -> String {
    calendar(&format!("BEGIN:VEVENT\nUID:a\nSUMMARY:Visit\n{body}END:VEVENT\n"))
}

fn expanded(text: &str) -> Expanded {
    let date = |text: &str| text.parse().unwrap();
    expand(text, date("2026-03-01"), date("2026-04-01"), "Europe/Berlin".parse().unwrap()).unwrap()
}

/// Start and end of each line.
fn times(text: &str) -> Vec<String> {
    let expanded = expanded(text);
    assert!(expanded.problems.is_empty(), "{:?}", expanded.problems);
    expanded.lines.iter().map(|line| format!("{} {}", line.start, line.end)).collect()
}

#[test]
fn a_line_is_one_json_object() {
    let text =
        event("DTSTART;TZID=Europe/Berlin:20260302T090000\nDTEND;TZID=Europe/Berlin:20260302T100000\n");
    let line = serde_json::to_string(&expanded(&text).lines[0]).unwrap();
    assert_eq!(
        line,
        r#"{"uid":"a","recurrence_id":null,"start":"2026-03-02T08:00:00Z","end":"2026-03-02T09:00:00Z","all_day":false,"summary":"Visit","status":"confirmed"}"#
    );
}

#[test]
fn missing_ends_get_the_standards_defaults() {
    assert_eq!(times(&event("DTSTART;VALUE=DATE:20260302\n")), ["2026-03-02 2026-03-03"]);
    assert_eq!(times(&event("DTSTART:20260302T090000Z\n")), ["2026-03-02T09:00:00Z 2026-03-02T09:00:00Z"]);
    assert_eq!(times(&event("DTSTART:20260302T090000\n")), ["2026-03-02T09:00:00 2026-03-02T09:00:00"]);
}

/// What is said of an event whose lines cannot be right, and what is shown of it.
fn flawed(body: &str) -> (Vec<String>, usize) {
    let expanded = expanded(&event(body));
    (expanded.problems, expanded.lines.len())
}

#[test]
fn an_end_before_the_start_is_named_and_no_length_is_made_up() {
    let named = (vec!["a: “Visit” has an end before its start".to_owned()], 0);
    let berlin = "TZID=Europe/Berlin";
    for lines in [
        "DTSTART:20260302T090000Z\nDTEND:20260302T080000Z\n",
        "DTSTART:20260302T090000\nDTEND:20260302T080000\n",
        "DTSTART;VALUE=DATE:20260302\nDTEND;VALUE=DATE:20260301\n",
        "DTSTART:20260302T090000Z\nDTEND:20260302T080000Z\nRRULE:FREQ=DAILY\n",
        &format!("DTSTART;{berlin}:20260302T090000\nDTEND;{berlin}:20260302T080000\n"),
        &format!("DTSTART;{berlin}:20260329T025400\nDTEND;{berlin}:20260329T024400\n"),
    ] {
        assert_eq!(flawed(lines), named, "{lines}");
    }
}

#[test]
fn an_end_at_the_start_is_a_whole_day_or_no_length() {
    let moment = "DTSTART:20260302T090000Z\nDTEND:20260302T090000Z\n";
    assert_eq!(times(&event(moment)), ["2026-03-02T09:00:00Z 2026-03-02T09:00:00Z"]);
    let day = "DTSTART;VALUE=DATE:20260302\nDTEND;VALUE=DATE:20260302\n";
    assert_eq!(times(&event(day)), ["2026-03-02 2026-03-03"]);
}

#[test]
fn a_time_without_its_seconds_is_that_minute() {
    let short = "DTSTART:20260302T0905\nDTEND:20260302T1330\n";
    assert_eq!(times(&event(short)), ["2026-03-02T09:05:00 2026-03-02T13:30:00"]);
}

#[test]
fn a_length_that_makes_no_sense_is_named_and_none_is_made_up() {
    for (line, lack) in [
        ("DURATION:P9999999999W", "a length of more than a hundred years"),
        ("DURATION:PT9999999999S", "a length of more than a hundred years"),
        ("DURATION:-PT1H", "a length below zero"),
        ("DURATION:-P1D", "a length below zero"),
        ("DURATION:an hour", "no length that can be read"),
        ("DURATION:PT", "no length that can be read"),
        ("DTEND:later", "no end that can be read"),
        ("DTEND:20260307T133", "no end that can be read"),
        ("DTEND:20260307T13", "no end that can be read"),
        ("DTEND:20260307T1330Z", "no end that can be read"),
        ("DTEND:20261399T090000Z", "no end that can be read"),
    ] {
        for start in ["DTSTART:20260302T090000Z", "DTSTART;VALUE=DATE:20260302"] {
            let named = (vec![format!("a: “Visit” has {lack}")], 0);
            assert_eq!(flawed(&format!("{start}\n{line}\n")), named, "{line}");
        }
    }
}

#[test]
fn a_length_that_says_nothing_is_as_good_as_none() {
    for line in ["DURATION:", "DTEND: ", "DURATION:PT0S", "DURATION:-PT0S", "DTEND:\nDURATION:"] {
        let stands = ["2026-03-02T09:00:00Z 2026-03-02T09:00:00Z"];
        assert_eq!(times(&event(&format!("DTSTART:20260302T090000Z\n{line}\n"))), stands, "{line}");
    }
    let both = event("DTSTART:20260302T090000Z\nDTEND:\nDURATION:PT1H\n");
    assert_eq!(times(&both), ["2026-03-02T09:00:00Z 2026-03-02T10:00:00Z"]);
}

#[test]
fn what_is_cancelled_needs_no_length() {
    let text = calendar(
        "BEGIN:VEVENT\nUID:a\nDTSTART:20260302T090000Z\nDURATION:PT30M\nRRULE:FREQ=DAILY;COUNT=2\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:a\nRECURRENCE-ID:20260303T090000Z\nDTSTART:20260303T090000Z\n\
         DTEND:20260303T080000Z\nSTATUS:CANCELLED\nEND:VEVENT\n",
    );
    assert_eq!(times(&text), ["2026-03-02T09:00:00Z 2026-03-02T09:30:00Z"]);
}

#[test]
fn the_hour_that_comes_twice_on_a_clock_of_the_files_own_is_no_end_before_the_start() {
    let event =
        "BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Office:20261001T013000\nDTEND:20261001T061500Z\nEND:VEVENT\n";
    assert_eq!(starts(MAY_TO_OCTOBER, event, "2026-01-01", "2027-01-01"), ["2026-10-01T05:30:00Z"]);
}

#[test]
fn a_file_that_breaks_off_is_said_to_and_what_it_has_is_shown() {
    let whole = event("DTSTART:20260302T090000Z\nDTEND:20260302T100000Z\n");
    let cut = expanded(whole.trim_end().trim_end_matches("END:VCALENDAR"));
    assert_eq!(cut.problems, ["the file breaks off: it has no END:VCALENDAR"]);
    assert_eq!(cut.lines, expanded(&whole).lines);
    assert_eq!(expanded(&whole.repeat(2)).problems, [""; 0], "calendars may follow each other");
}

#[test]
fn an_interval_that_no_rule_can_have_is_read_as_the_nearest_and_named() {
    for (interval, read, starts) in [("0", "1", 3), ("-2", "2", 2)] {
        let rule = format!("RRULE:FREQ=DAILY;UNTIL=20260304T090000Z;INTERVAL={interval}\n");
        let named = format!("a: “Visit” repeats with INTERVAL={interval}, which is read as {read}");
        assert_eq!(flawed(&format!("DTSTART:20260302T090000Z\n{rule}")), (vec![named], starts));
    }
}

#[test]
fn a_number_that_is_too_large_for_a_rule_is_named_and_never_cut_down() {
    for part in [
        "INTERVAL=70000",
        "INTERVAL=-65536",
        "INTERVAL=99999999999999999999",
        "COUNT=99999999999999999999",
        "BYSECOND=256",
        "BYMINUTE=10,256",
        "BYHOUR=-1",
        "BYMONTHDAY=257",
        "BYYEARDAY=65537",
        "BYWEEKNO=257",
        "BYSETPOS=4294967297;BYDAY=MO",
    ] {
        let (problems, shown) = flawed(&format!("DTSTART:20260302T090000Z\nRRULE:FREQ=YEARLY;{part}\n"));
        let name = part.split(['=', ';']).next().unwrap();
        let said = problems
            .first()
            .is_some_and(|it| it.starts_with("a: ") && it.contains(&format!("{name} cannot be")));
        assert!(problems.len() == 1 && said && shown == 1, "{part}: {problems:?}, {shown}");
    }
}

#[test]
fn a_count_that_no_series_reaches_is_none() {
    for count in ["-1", "0", "4294967297"] {
        let text = event(&format!("DTSTART:20260330T090000Z\nRRULE:FREQ=DAILY;COUNT={count}\n"));
        assert_eq!(times(&text).len(), 2, "{count}");
    }
}

#[test]
fn durations_of_days_follow_the_calendar_and_of_hours_the_clock() {
    // The clocks go forward on 29 March.
    let start = "DTSTART;TZID=Europe/Berlin:20260328T120000\n";
    assert_eq!(
        times(&event(&format!("{start}DURATION:P1D\n"))),
        ["2026-03-28T11:00:00Z 2026-03-29T10:00:00Z"]
    );
    assert_eq!(
        times(&event(&format!("{start}DURATION:PT24H\n"))),
        ["2026-03-28T11:00:00Z 2026-03-29T11:00:00Z"]
    );
}

#[test]
fn a_series_with_moved_cancelled_and_excluded_occurrences() {
    let text = calendar(
        "BEGIN:VEVENT\nUID:a\nSUMMARY:Round\nDTSTART;TZID=Europe/Berlin:20260302T090000\nDURATION:PT30M\n\
         RRULE:FREQ=DAILY;COUNT=5\nEXDATE;TZID=Europe/Berlin:20260304T090000\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:a\nSUMMARY:Later\nRECURRENCE-ID;TZID=Europe/Berlin:20260303T090000\n\
         DTSTART;TZID=Europe/Berlin:20260303T110000\nDURATION:PT1H\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:a\nRECURRENCE-ID:20260305T080000Z\nDTSTART:20260305T080000Z\nSTATUS:CANCELLED\n\
         END:VEVENT\n",
    );
    let lines = expanded(&text).lines;
    let shown: Vec<_> = lines
        .iter()
        .map(|line| (line.start.as_str(), line.recurrence_id.as_deref(), line.summary.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("2026-03-02T08:00:00Z", Some("2026-03-02T08:00:00Z"), "Round"),
            ("2026-03-03T10:00:00Z", Some("2026-03-03T08:00:00Z"), "Later"),
            ("2026-03-06T08:00:00Z", Some("2026-03-06T08:00:00Z"), "Round"),
        ]
    );
}

#[test]
fn an_exception_may_rule_all_that_follow() {
    let text = calendar(
        "BEGIN:VEVENT\nUID:a\nSUMMARY:Round\nDTSTART:20260302T090000Z\nDTEND:20260302T093000Z\n\
         RRULE:FREQ=DAILY;COUNT=4\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:a\nSUMMARY:Later\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260304T090000Z\n\
         DTSTART:20260304T110000Z\nDTEND:20260304T120000Z\nEND:VEVENT\n",
    );
    assert_eq!(
        times(&text),
        [
            "2026-03-02T09:00:00Z 2026-03-02T09:30:00Z",
            "2026-03-03T09:00:00Z 2026-03-03T09:30:00Z",
            "2026-03-04T11:00:00Z 2026-03-04T12:00:00Z",
            "2026-03-05T11:00:00Z 2026-03-05T12:00:00Z",
        ]
    );
}

#[test]
fn of_several_entries_for_one_event_the_newest_counts() {
    let entry = |sequence: u32, hour: u32| {
        format!("BEGIN:VEVENT\nUID:a\nSEQUENCE:{sequence}\nDTSTART:20260302T{hour:02}0000Z\nEND:VEVENT\n")
    };
    for text in [entry(2, 11) + &entry(1, 9), entry(1, 9) + &entry(2, 11)] {
        assert_eq!(times(&calendar(&text)), ["2026-03-02T11:00:00Z 2026-03-02T11:00:00Z"]);
    }
}

#[test]
fn an_exception_without_its_master_is_shown() {
    let text = event("RECURRENCE-ID:20260302T090000Z\nDTSTART:20260303T090000Z\nDTEND:20260303T100000Z\n");
    let lines = expanded(&text).lines;
    assert_eq!(lines[0].recurrence_id.as_deref(), Some("2026-03-02T09:00:00Z"));
    assert_eq!(lines[0].start, "2026-03-03T09:00:00Z");
}

#[test]
fn events_without_a_uid_are_not_taken_for_one() {
    let entry = |hour: u32| format!("BEGIN:VEVENT\nDTSTART:20260302T{hour:02}0000Z\nEND:VEVENT\n");
    assert_eq!(times(&calendar(&(entry(9) + &entry(11)))).len(), 2);
}

#[test]
fn a_day_of_an_all_day_series_is_the_day_that_is_written() {
    let text = calendar(
        "BEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20260302\nRRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;TZID=Asia/Hong_Kong:20260303T000000\n\
         DTSTART;VALUE=DATE:20260310\nEND:VEVENT\n",
    );
    assert_eq!(times(&text), ["2026-03-02 2026-03-03", "2026-03-04 2026-03-05", "2026-03-10 2026-03-11"]);
}

#[test]
fn zones_are_known_by_the_names_of_windows_and_of_libraries() {
    for name in [
        "Eastern Standard Time",
        "\"/freeassociation.sourceforge.net/America/New_York\"",
        "/citadel.org/20070227_1/America/New_York",
        "America/New_York",
    ] {
        let text = event(&format!("DTSTART;TZID={name}:20260302T090000\n"));
        assert_eq!(times(&text), ["2026-03-02T14:00:00Z 2026-03-02T14:00:00Z"], "{name}");
    }
}

fn custom_zone(extra: &str) -> String {
    format!(
        "BEGIN:VTIMEZONE\nTZID:Office\n{extra}BEGIN:STANDARD\nDTSTART:19701101T020000\nTZOFFSETFROM:-0400\n\
         TZOFFSETTO:-0500\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\nEND:STANDARD\n\
         BEGIN:DAYLIGHT\nDTSTART:19700308T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\n\
         RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\nEND:DAYLIGHT\nEND:VTIMEZONE\n"
    )
}

#[test]
fn a_zone_of_the_files_own_is_matched_by_its_rules() {
    let meeting =
        "BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Office:20260307T090000\nRRULE:FREQ=DAILY;COUNT=2\nEND:VEVENT\n";
    let text = calendar(&(custom_zone("") + meeting));
    assert_eq!(
        times(&text),
        ["2026-03-07T14:00:00Z 2026-03-07T14:00:00Z", "2026-03-08T13:00:00Z 2026-03-08T13:00:00Z"]
    );
}

#[test]
fn a_zone_of_the_files_own_may_name_its_place() {
    let meeting = "BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Office:20260307T090000\nEND:VEVENT\n";
    let text = calendar(&(custom_zone("X-LIC-LOCATION:Asia/Tokyo\n") + meeting));
    assert_eq!(times(&text), ["2026-03-07T00:00:00Z 2026-03-07T00:00:00Z"]);
}

/// A zone that changes on 1 May and 1 October, as no place of the database does.
const MAY_TO_OCTOBER: &str = "BEGIN:VTIMEZONE\nTZID:Office\n\
     BEGIN:STANDARD\nDTSTART:20001001T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\n\
     RRULE:FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=1\nEND:STANDARD\n\
     BEGIN:DAYLIGHT\nDTSTART:20000501T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\n\
     RRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1\nEND:DAYLIGHT\nEND:VTIMEZONE\n";

/// The starts between two dates, of a file with a zone of its own.
fn starts(zone: &str, events: &str, from: &str, to: &str) -> Vec<String> {
    let text = calendar(&format!("{zone}{events}"));
    let expanded = expand(&text, from.parse().unwrap(), to.parse().unwrap(), Tz::UTC).unwrap();
    assert!(expanded.problems.is_empty(), "{:?}", expanded.problems);
    expanded.lines.into_iter().map(|line| line.start).collect()
}

#[test]
fn a_zone_that_only_the_file_knows_goes_by_the_files_rules() {
    let event = |start: &str| format!("BEGIN:VEVENT\nUID:{start}\nDTSTART;TZID=Office:{start}\nEND:VEVENT\n");
    let events: String = ["20260301T090000", "20260701T090000", "20261101T090000"].map(event).concat();
    assert_eq!(
        starts(MAY_TO_OCTOBER, &events, "2026-01-01", "2027-01-01"),
        ["2026-03-01T14:00:00Z", "2026-07-01T13:00:00Z", "2026-11-01T14:00:00Z"]
    );
}

#[test]
fn a_series_in_a_zone_of_the_files_own_follows_its_changes() {
    let series = "BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Office:20260401T210000\nDURATION:PT1H\n\
                  RRULE:FREQ=MONTHLY;UNTIL=20260702T010000Z\nEXDATE;TZID=Office:20260501T210000\nEND:VEVENT\n\
                  BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;TZID=Office:20260601T210000\n\
                  DTSTART:20260603T100000Z\nDURATION:PT1H\nEND:VEVENT\n";
    assert_eq!(
        starts(MAY_TO_OCTOBER, series, "2026-01-01", "2027-01-01"),
        ["2026-04-02T02:00:00Z", "2026-06-03T10:00:00Z", "2026-07-02T01:00:00Z"]
    );
}

#[test]
fn in_a_zone_of_the_files_own_a_gap_and_a_fold_are_read_as_the_standard_says() {
    let event = |start: &str| format!("BEGIN:VEVENT\nUID:{start}\nDTSTART;TZID=Office:{start}\nEND:VEVENT\n");
    let events: String = ["20260501T023000", "20261001T013000"].map(event).concat();
    assert_eq!(
        starts(MAY_TO_OCTOBER, &events, "2026-01-01", "2027-01-01"),
        ["2026-05-01T07:30:00Z", "2026-10-01T05:30:00Z"]
    );
}

#[test]
fn an_event_that_starts_in_the_hour_that_spring_leaves_out_keeps_its_length() {
    let zoned =
        event("DTSTART;TZID=Europe/Berlin:20260329T025400\nDTEND;TZID=Europe/Berlin:20260329T034400\n");
    assert_eq!(times(&zoned), ["2026-03-29T01:54:00Z 2026-03-29T02:44:00Z"]);
    let ends_in_it =
        event("DTSTART;TZID=Europe/Berlin:20260329T014400\nDTEND;TZID=Europe/Berlin:20260329T023400\n");
    assert_eq!(times(&ends_in_it), ["2026-03-29T00:44:00Z 2026-03-29T01:34:00Z"]);
    let counted = event("DTSTART;TZID=Europe/Berlin:20260329T025400\nDURATION:PT50M\n");
    assert_eq!(times(&counted), ["2026-03-29T01:54:00Z 2026-03-29T02:44:00Z"]);
}

#[test]
fn an_occurrence_in_the_hour_that_spring_leaves_out_keeps_its_length() {
    let daily = event(
        "DTSTART;TZID=Europe/Berlin:20260328T025400\nDTEND;TZID=Europe/Berlin:20260328T034400\n\
         RRULE:FREQ=DAILY;COUNT=3\n",
    );
    assert_eq!(
        times(&daily),
        [
            "2026-03-28T01:54:00Z 2026-03-28T02:44:00Z",
            "2026-03-29T01:54:00Z 2026-03-29T02:44:00Z",
            "2026-03-30T00:54:00Z 2026-03-30T01:44:00Z"
        ]
    );
    let moved = event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20260328T090000\nDTSTART;TZID=Europe/Berlin:20260329T025400\n\
         DTEND;TZID=Europe/Berlin:20260329T034400\n",
    );
    assert_eq!(times(&moved), ["2026-03-29T01:54:00Z 2026-03-29T02:44:00Z"]);
}

#[test]
fn in_a_zone_of_the_files_own_what_starts_in_the_gap_keeps_its_length() {
    let times = |more: &str, first: &str| {
        let event = format!(
            "BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Office:{first}T025400\n\
             DTEND;TZID=Office:{first}T034400\n{more}END:VEVENT\n"
        );
        let text = calendar(&format!("{MAY_TO_OCTOBER}{event}"));
        let expanded =
            expand(&text, "2026-05-01".parse().unwrap(), "2026-05-02".parse().unwrap(), Tz::UTC).unwrap();
        expanded.lines.into_iter().map(|line| format!("{} {}", line.start, line.end)).collect::<Vec<_>>()
    };
    let stands = ["2026-05-01T07:54:00Z 2026-05-01T08:44:00Z"];
    assert_eq!(times("", "20260501"), stands);
    assert_eq!(times("RRULE:FREQ=DAILY\n", "20260430"), stands);
}

#[test]
fn in_a_zone_of_the_files_own_a_series_keeps_the_time_that_it_names_in_a_gap() {
    let series = |first: &str, more: &str| {
        let events = format!(
            "BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Office:{first}T023000\nRRULE:FREQ=DAILY\nDURATION:PT1H\nEND:VEVENT\n{more}"
        );
        starts(MAY_TO_OCTOBER, &events, "2026-05-01", "2026-05-04")
    };
    let days = ["2026-05-01T07:30:00Z", "2026-05-02T06:30:00Z", "2026-05-03T06:30:00Z"];
    for first in ["20260501", "20260429"] {
        assert_eq!(series(first, ""), days);
        for place in [";TZID=Office:20260501T023000", ":20260501T073000Z"] {
            let moved =
                format!("BEGIN:VEVENT\nUID:a\nRECURRENCE-ID{place}\nDTSTART:20260501T200000Z\nEND:VEVENT\n");
            assert_eq!(series(first, &moved), ["2026-05-01T20:00:00Z", days[1], days[2]], "{first} {place}");
        }
    }
}

#[test]
fn an_offset_that_is_no_whole_hour_counts_to_the_minute() {
    for (offset, start) in [("-0227", "2026-03-02T11:27:00Z"), ("+0019", "2026-03-02T08:41:00Z")] {
        let zone = format!(
            "BEGIN:VTIMEZONE\nTZID:Old\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:{offset}\n\
             TZOFFSETTO:{offset}\nEND:STANDARD\nEND:VTIMEZONE\n"
        );
        let event = "BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Old:20260302T090000\nEND:VEVENT\n";
        assert_eq!(starts(&zone, event, "2026-03-01", "2026-04-01"), [start]);
    }
}

#[test]
fn changes_of_a_zone_may_be_listed_one_by_one() {
    let zone = "BEGIN:VTIMEZONE\nTZID:Listed\nBEGIN:STANDARD\nDTSTART:20260110T000000\nTZOFFSETFROM:+0300\n\
                TZOFFSETTO:+0215\nRDATE:20260320T000000\nEND:STANDARD\n\
                BEGIN:DAYLIGHT\nDTSTART:20260310T000000\nTZOFFSETFROM:+0215\nTZOFFSETTO:+0300\nEND:DAYLIGHT\n\
                END:VTIMEZONE\n";
    let series =
        "BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Listed:20260305T120000\nRRULE:FREQ=WEEKLY;COUNT=4\nEND:VEVENT\n";
    assert_eq!(
        starts(zone, series, "2026-03-01", "2026-04-01"),
        ["2026-03-05T09:45:00Z", "2026-03-12T09:00:00Z", "2026-03-19T09:00:00Z", "2026-03-26T09:45:00Z"]
    );
}

#[test]
fn a_zone_that_nobody_knows_means_the_owners_and_is_named() {
    let text =
        event("DTSTART;TZID=Somewhere Else:20260302T090000\nDTEND;TZID=Somewhere Else:20260302T100000\n");
    let expanded = expanded(&text);
    assert_eq!(expanded.lines[0].start, "2026-03-02T08:00:00Z");
    assert_eq!(
        expanded.problems,
        ["a: the zone “Somewhere Else” is not known; its times are shown as times of Europe/Berlin"]
    );
}

#[test]
fn folded_lines_unknown_parameters_and_other_components_are_passed_over() {
    let text = event(
        "DTSTART;X-WHAT=ever;TZID=Europe/Berlin:2026030\n 2T090000\nX-APPLE:1\nATTENDEE;X-A=\"b:c\":mailto:a@b.example\n\
         BEGIN:VALARM\nTRIGGER:-PT15M\nACTION:DISPLAY\nEND:VALARM\n",
    );
    assert_eq!(times(&text), ["2026-03-02T08:00:00Z 2026-03-02T08:00:00Z"]);
}

#[test]
fn one_bad_event_is_named_and_the_others_are_shown() {
    let text = calendar(
        "BEGIN:VEVENT\nUID:bad\nSUMMARY:x\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:worse\nDTSTART:20260302T090000Z\nRRULE:FREQ=MONTHLY;BYWEEKNO=3\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:good\nDTSTART:20260302T090000Z\nEND:VEVENT\n",
    );
    let expanded = expanded(&text);
    assert_eq!(expanded.lines.iter().map(|line| line.uid.as_str()).collect::<Vec<_>>(), ["good", "worse"]);
    assert!(expanded.problems.iter().any(|problem| problem.starts_with("bad:")));
    assert!(
        expanded.problems.iter().any(|problem| problem.starts_with("worse:") && problem.contains("BYWEEKNO"))
    );
}

#[test]
fn what_is_no_calendar_is_refused() {
    let expand_text = |text: &str| {
        expand(text, "2026-03-01".parse().unwrap(), "2026-03-02".parse().unwrap(), Tz::UTC).unwrap_err()
    };
    assert_eq!(expand_text("hello"), IcsError::NoCalendar);
    assert_eq!(expand_text(""), IcsError::NoCalendar);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_it_stumble(lines in proptest::collection::vec("[A-Z]{3,8}[;:][ -~é]{0,30}", 0..8)) {
        let text = event(&format!("DTSTART:20260302T090000Z\n{}\n", lines.join("\n")));
        let _ = expand(&text, "2026-03-01".parse().unwrap(), "2026-04-01".parse().unwrap(), Tz::UTC);
    }

    #[test]
    fn no_rule_makes_it_stumble(rule in "(FREQ=(YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY))(;(BYDAY|BYMONTHDAY|BYSETPOS|BYHOUR|COUNT|INTERVAL|BYWEEKNO|BYYEARDAY|WKST|UNTIL)=[-+0-9A-Z,]{0,6}){0,4}") {
        let text = event(&format!("DTSTART:20260302T090000Z\nRRULE:{rule}\n"));
        let _ = expand(&text, "2026-03-01".parse().unwrap(), "2026-04-01".parse().unwrap(), Tz::UTC);
    }
}

/// As the mirror shows it: what stands by itself at its very instant.
#[test]
fn a_mirror_shows_a_zone_that_only_the_file_knows_by_the_nearest_it_has() {
    let reader = Reader { zone: Tz::Europe__Berlin, owner: &[] };
    let of = |lines: &str| {
        let event = format!("BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Office:{lines}\nDURATION:PT1H\nEND:VEVENT\n");
        read(&calendar(&format!("{MAY_TO_OCTOBER}{event}")), &reader).unwrap()
    };
    let starts_at =
        |fields: &Fields| fields.span.bounds(Tz::UTC).0.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    for (start, at) in [
        ("20260301T090000", "2026-03-01T14:00:00Z"),
        // The nearest has its summer time then.
        ("20260420T090000", "2026-04-20T14:00:00Z"),
        ("20260701T090000", "2026-07-01T13:00:00Z"),
    ] {
        assert_eq!(starts_at(&of(start).master.fields), at, "{start}");
    }
    let resource = of("20260701T090000\nRRULE:FREQ=DAILY\nEXDATE;TZID=Office:20260702T090000");
    assert_eq!(resource.cancelled, [Original::At("2026-07-02T13:00:00Z".parse().unwrap())]);
    let series = resource.master.fields;
    assert_eq!(starts_at(&series), "2026-07-01T13:00:00Z");
    let Span::Timed { zone, .. } = series.span else { panic!() };
    assert_eq!(
        offset_in(zone, "2026-07-01T13:00:00Z"),
        offset_in(Tz::America__New_York, "2026-07-01T13:00:00Z")
    );
    assert_eq!(
        offset_in(zone, "2026-01-01T13:00:00Z"),
        offset_in(Tz::America__New_York, "2026-01-01T13:00:00Z")
    );
}

fn offset_in(zone: Tz, at: &str) -> i32 {
    let at: Instant = at.parse().unwrap();
    chrono::Offset::fix(&chrono::TimeZone::offset_from_utc_datetime(&zone, &at.naive_utc())).local_minus_utc()
}

#[test]
fn a_file_says_which_of_its_series_go_by_the_nearest_zone() {
    let series = "BEGIN:VEVENT\nUID:a\nSUMMARY:Round\nDTSTART;TZID=Office:20260401T210000\nDURATION:PT1H\nRRULE:FREQ=DAILY\n\
                  END:VEVENT\n";
    let read = deltas(&calendar(&format!("{MAY_TO_OCTOBER}{series}")), Tz::UTC).unwrap();
    let [said] = &read.problems[..] else { panic!("{:?}", read.problems) };
    assert!(
        said.starts_with(
            "a: “Round” repeats in the zone “Office”, which only this file knows; it is shown as in "
        ),
        "{said}"
    );
}
