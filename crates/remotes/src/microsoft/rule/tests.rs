//! Every pattern in both directions, and what has no counterpart.

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::super::wire::Recurrence;
use super::{lines, recurrence};

const TORONTO: Tz = Tz::America__Toronto;

fn read(pattern: Value, range: Value) -> Result<Vec<String>, String> {
    let recurrence: Recurrence = serde_json::from_value(json!({"pattern": pattern, "range": range})).unwrap();
    lines(&recurrence, Some(TORONTO))
}

fn read_endless(pattern: Value) -> String {
    let range = json!({"type": "noEnd", "startDate": "2026-03-02", "endDate": "0001-01-01"});
    read(pattern, range).unwrap().remove(0)
}

fn start(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn write(rule: &str, first: &str) -> Result<Recurrence, String> {
    recurrence(&[format!("RRULE:{rule}")], start(first), TORONTO, "Eastern Standard Time".into())
}

#[test]
fn all_six_patterns_are_read() {
    let cases = [
        (json!({"type": "daily", "interval": 3}), "FREQ=DAILY;INTERVAL=3"),
        (
            json!({"type": "weekly", "interval": 2, "daysOfWeek": ["monday", "friday"], "firstDayOfWeek": "sunday"}),
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;WKST=SU",
        ),
        (json!({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 15}), "FREQ=MONTHLY;BYMONTHDAY=15"),
        (
            json!({"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["tuesday"], "index": "second"}),
            "FREQ=MONTHLY;BYDAY=2TU",
        ),
        (
            json!({"type": "absoluteYearly", "interval": 1, "month": 7, "dayOfMonth": 4}),
            "FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=4",
        ),
        (
            json!({"type": "relativeYearly", "interval": 1, "month": 11, "daysOfWeek": ["thursday"], "index": "last"}),
            "FREQ=YEARLY;BYMONTH=11;BYDAY=-1TH",
        ),
    ];
    for (pattern, rule) in cases {
        assert_eq!(read_endless(pattern), format!("RRULE:{rule}"));
    }
}

#[test]
fn several_relative_days_mean_the_first_of_any_of_them() {
    let workday = json!({"type": "relativeMonthly", "interval": 1, "index": "first",
        "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"]});
    assert_eq!(read_endless(workday), "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1");
}

#[test]
fn the_31st_is_the_last_day_of_every_month() {
    let on = |day: u32| read_endless(json!({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": day}));
    assert_eq!(on(31), "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1");
    assert_eq!(on(30), "RRULE:FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1");
    assert_eq!(on(28), "RRULE:FREQ=MONTHLY;BYMONTHDAY=28");
}

#[test]
fn an_end_date_includes_its_whole_local_day() {
    let daily = json!({"type": "daily", "interval": 1});
    let range = json!({"type": "endDate", "startDate": "2026-03-02", "endDate": "2026-03-20"});
    assert_eq!(read(daily.clone(), range.clone()).unwrap(), ["RRULE:FREQ=DAILY;UNTIL=20260321T035959Z"]);
    let whole_days: Recurrence = serde_json::from_value(json!({"pattern": daily, "range": range})).unwrap();
    assert_eq!(lines(&whole_days, None).unwrap(), ["RRULE:FREQ=DAILY;UNTIL=20260320"]);
}

#[test]
fn an_unknown_pattern_is_named() {
    let why =
        read(json!({"type": "lunar", "interval": 1}), json!({"type": "noEnd", "startDate": "2026-03-02"}));
    assert!(why.unwrap_err().contains("lunar"));
}

#[test]
fn what_is_written_reads_back_as_the_same_rule() {
    for (rule, first) in [
        ("FREQ=DAILY", "2026-03-02T09:00:00"),
        ("FREQ=DAILY;INTERVAL=4;COUNT=7", "2026-03-02T09:00:00"),
        ("FREQ=WEEKLY;BYDAY=MO,WE", "2026-03-02T09:00:00"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=SU", "2026-03-02T09:00:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=2", "2026-03-02T09:00:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-02-28T09:00:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1", "2026-02-28T09:00:00"),
        ("FREQ=MONTHLY;BYDAY=1MO", "2026-03-02T09:00:00"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-03-31T09:00:00"),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=2", "2026-03-02T09:00:00"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", "2026-02-28T09:00:00"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1FR", "2026-03-27T09:00:00"),
        ("FREQ=DAILY;UNTIL=20260321T035959Z", "2026-03-02T09:00:00"),
    ] {
        let written = write(rule, first).unwrap_or_else(|why| panic!("{rule}: {why}"));
        assert_eq!(lines(&written, Some(TORONTO)).unwrap(), [format!("RRULE:{rule}")]);
    }
}

#[test]
fn a_rule_without_days_takes_them_from_its_start() {
    let weekly = write("FREQ=WEEKLY", "2026-03-03T09:00:00").unwrap();
    assert_eq!(weekly.pattern.days_of_week, ["tuesday"]);
    let yearly = write("FREQ=YEARLY", "2026-03-03T09:00:00").unwrap();
    assert_eq!((yearly.pattern.month, yearly.pattern.day_of_month), (3, 3));
}

#[test]
fn every_weekday_of_a_daily_rule_becomes_a_weekly_one() {
    let made = write("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "2026-03-03T09:00:00").unwrap();
    assert_eq!((made.pattern.kind.as_str(), made.pattern.days_of_week.len()), ("weekly", 5));
}

#[test]
fn an_end_before_the_days_start_time_leaves_that_day_out() {
    let ends = |until: &str| {
        write(&format!("FREQ=DAILY;UNTIL={until}"), "2026-03-02T09:00:00").unwrap().range.end_date.unwrap()
    };
    assert_eq!(ends("20260310T130000Z"), "2026-03-10", "09:00 in Toronto, to the second");
    assert_eq!(ends("20260310T125959Z"), "2026-03-09");
    assert_eq!(ends("20260310"), "2026-03-10");
}

#[test]
fn the_range_starts_where_the_event_does() {
    let made = write("FREQ=DAILY", "2026-03-02T09:00:00").unwrap();
    assert_eq!(made.range.start_date, "2026-03-02");
    assert_eq!(made.range.recurrence_time_zone.as_deref(), Some("Eastern Standard Time"));
}

#[test]
fn rules_that_graph_cannot_hold_are_refused_in_words() {
    for (rule, word) in [
        ("FREQ=HOURLY", "HOURLY"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "one day of the month"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "last day"),
        ("FREQ=MONTHLY;BYDAY=5MO", "fourth"),
        ("FREQ=MONTHLY;BYDAY=MO", "numbered"),
        ("FREQ=YEARLY;BYMONTH=1,7", "one month"),
        ("FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO"),
        ("FREQ=DAILY;BYHOUR=9,15", "BYHOUR"),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=MO", "weekdays"),
        ("FREQ=WEEKLY;BYDAY=TU", "first occurrence"),
        ("FREQ=DAILY;COUNT=0", "at least one"),
        ("FREQ=DAILY;INTERVAL=1000", "999"),
    ] {
        let why = write(rule, "2026-03-02T09:00:00").expect_err(rule);
        assert!(why.contains(word), "{rule}: {why}");
    }
}

#[test]
fn left_out_dates_are_refused_in_words() {
    let lines = ["RRULE:FREQ=DAILY".to_owned(), "EXDATE:20260303T140000Z".to_owned()];
    let why = recurrence(&lines, start("2026-03-02T09:00:00"), TORONTO, "UTC".into()).unwrap_err();
    assert!(why.contains("left-out dates"));
}
