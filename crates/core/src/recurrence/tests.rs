//! Facts about series, and rules that hold for every one.

use super::*;
use crate::event::{Answer, Fields, Kind, RemoteId, SeriesRef};
use chrono::NaiveDate;
use chrono_tz::America::New_York;
use chrono_tz::Europe::Berlin;
use proptest::prelude::*;

fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

fn local(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn window(from: &str, to: &str) -> Interval {
    Interval::new(instant(&format!("{from}T00:00:00Z")), instant(&format!("{to}T00:00:00Z"))).unwrap()
}

/// Half an hour from a wall time in a zone.
fn timed(start: &str, zone: Tz) -> Span {
    let start = resolve(local(start), zone);
    Span::Timed { start, end: start + TimeDelta::minutes(30), zone }
}

fn all_day(start: &str, end: &str) -> Span {
    Span::AllDay { start: date(start), end: date(end) }
}

fn show(span: &Span) -> String {
    match span {
        Span::Timed { start, .. } => start.format("%m-%dT%H:%MZ").to_string(),
        Span::AllDay { start, end } => format!("{}+{}", start.format("%m-%d"), (*end - *start).num_days()),
        Span::Floating { start, .. } => start.format("%m-%dT%H:%M").to_string(),
    }
}

fn run(first: &Span, lines: &[&str], exceptions: &[Exception<'_>], window: Interval) -> Expansion {
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    expand(&Series { first, lines: &lines, nominal: None }, exceptions, window, New_York, BUDGET).unwrap()
}

fn starts(first: &Span, lines: &[&str], from: &str, to: &str) -> Vec<String> {
    let expansion = run(first, lines, &[], window(from, to));
    assert_eq!(expansion.truncated, None);
    expansion.occurrences.iter().map(|it| show(&it.span)).collect()
}

#[test]
fn nine_stays_nine_on_both_sides_of_a_clock_change() {
    let first = timed("2026-03-06T09:00:00", New_York);
    assert_eq!(
        starts(&first, &["RRULE:FREQ=DAILY"], "2026-03-06", "2026-03-10"),
        ["03-06T14:00Z", "03-07T14:00Z", "03-08T13:00Z", "03-09T13:00Z"]
    );
}

#[test]
fn an_occurrence_that_lasts_for_ages_is_an_error_and_no_crash() {
    let first = Span::AllDay { start: NaiveDate::MIN, end: NaiveDate::MAX };
    let lines = ["RRULE:FREQ=YEARLY".to_owned()];
    let series = Series { first: &first, lines: &lines, nominal: None };
    let expansion = expand(&series, &[], window("2026-01-01", "2027-01-01"), New_York, BUDGET);
    assert!(matches!(expansion, Err(RecurrenceError::TooLong)));
}

#[test]
fn a_series_of_whole_days_ignores_times_of_day() {
    let first = all_day("2026-03-02", "2026-03-03");
    assert_eq!(
        starts(
            &first,
            &["RRULE:FREQ=DAILY;INTERVAL=2;BYHOUR=9,17;BYMINUTE=0,30;COUNT=3"],
            "2026-03-01",
            "2026-04-01"
        ),
        ["03-02+1", "03-04+1", "03-06+1"]
    );
}

#[test]
fn a_wall_time_that_the_clock_skips_takes_the_offset_before() {
    let first = timed("2026-03-07T02:30:00", New_York);
    assert_eq!(
        starts(&first, &["RRULE:FREQ=DAILY;COUNT=3"], "2026-03-01", "2026-03-20"),
        ["03-07T07:30Z", "03-08T07:30Z", "03-09T06:30Z"]
    );
}

#[test]
fn a_wall_time_that_comes_twice_is_the_first() {
    let first = timed("2026-10-31T01:30:00", New_York);
    assert_eq!(
        starts(&first, &["RRULE:FREQ=DAILY;COUNT=3"], "2026-10-01", "2026-12-01"),
        ["10-31T05:30Z", "11-01T05:30Z", "11-02T06:30Z"]
    );
}

#[test]
fn an_all_day_series_counts_dates() {
    let first = all_day("2026-03-07", "2026-03-09");
    assert_eq!(
        starts(&first, &["RRULE:FREQ=WEEKLY;UNTIL=20260321"], "2026-03-01", "2026-04-20"),
        ["03-07+2", "03-14+2", "03-21+2"]
    );
}

#[test]
fn a_floating_series_stays_floating() {
    let first = Span::Floating { start: local("2026-03-07T02:30:00"), end: local("2026-03-07T03:00:00") };
    assert_eq!(
        starts(&first, &["RRULE:FREQ=DAILY;COUNT=2"], "2026-03-01", "2026-03-20"),
        ["03-07T02:30", "03-08T02:30"]
    );
}

#[test]
fn an_excluded_date_removes_the_occurrence_of_that_local_day() {
    // 23:00 in New York is already the next day in UTC.
    let first = timed("2026-03-02T23:00:00", New_York);
    let lines = ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260303"];
    assert_eq!(starts(&first, &lines, "2026-03-01", "2026-03-20"), ["03-03T04:00Z", "03-05T04:00Z"]);
}

#[test]
fn excluded_times_may_be_utc_or_in_any_zone_and_stand_in_a_list() {
    let first = timed("2026-03-02T09:00:00", New_York);
    let lines = [
        "RRULE:FREQ=DAILY;COUNT=5",
        "EXDATE:20260303T140000Z,20260304T090000",
        "EXDATE;TZID=Europe/Berlin:20260305T150000",
    ];
    assert_eq!(starts(&first, &lines, "2026-03-01", "2026-03-20"), ["03-02T14:00Z", "03-06T14:00Z"]);
}

#[test]
fn extra_dates_are_added_and_periods_bring_their_own_length() {
    let first = timed("2026-03-02T09:00:00", New_York);
    let lines =
        ["RDATE:20260303T200000Z", "RDATE;VALUE=DATE:20260304", "RDATE;VALUE=PERIOD:20260305T200000Z/PT2H"];
    let expansion = run(&first, &lines, &[], window("2026-03-01", "2026-03-20"));
    let shown: Vec<String> = expansion.occurrences.iter().map(|it| show(&it.span)).collect();
    assert_eq!(shown, ["03-02T14:00Z", "03-03T20:00Z", "03-04T14:00Z", "03-05T20:00Z"]);
    let (start, end) = expansion.occurrences[3].span.bounds(New_York);
    assert_eq!(end - start, TimeDelta::hours(2));
}

#[test]
fn an_excluded_rule_removes_what_it_gives() {
    let first = timed("2026-03-02T09:00:00", New_York);
    let lines = ["RRULE:FREQ=DAILY;COUNT=4", "EXRULE:FREQ=DAILY;INTERVAL=2"];
    assert_eq!(starts(&first, &lines, "2026-03-01", "2026-03-20"), ["03-03T14:00Z", "03-05T14:00Z"]);
}

#[test]
fn until_may_be_a_date_a_local_time_or_utc() {
    let first = timed("2026-03-02T21:00:00", New_York);
    for until in ["20260304", "20260304T210000", "20260305T020000Z"] {
        let rule = format!("RRULE:FREQ=DAILY;UNTIL={until}");
        assert_eq!(starts(&first, &[&rule], "2026-03-01", "2026-03-20").len(), 3, "{until}");
    }
}

#[test]
fn a_start_off_the_rule_is_an_occurrence_that_count_leaves_out() {
    let first = timed("2026-03-02T09:00:00", New_York);
    assert_eq!(
        starts(&first, &["RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=3"], "2026-03-01", "2026-04-01"),
        ["03-02T14:00Z", "03-03T14:00Z", "03-10T13:00Z", "03-17T13:00Z"]
    );
}

#[test]
fn an_old_series_is_found_and_costs_no_more_than_a_new_one() {
    let first = timed("1951-03-02T09:00:00", Berlin);
    let lines = ["RRULE:FREQ=DAILY;INTERVAL=3".to_owned()];
    let series = Series { first: &first, lines: &lines, nominal: None };
    // With this budget a walk from 1951 would come to nothing.
    let expansion = expand(&series, &[], window("2026-03-02", "2026-03-09"), Berlin, 12).unwrap();
    assert_eq!(expansion.truncated, None);
    let days: Vec<i64> = expansion
        .occurrences
        .iter()
        .map(|it| (wall(it.span.bounds(Berlin).0, Berlin).date() - date("1951-03-02")).num_days())
        .collect();
    assert!((2..=3).contains(&days.len()) && days.iter().all(|days| days % 3 == 0), "{days:?}");
}

#[test]
fn an_old_series_that_counts_is_counted_from_its_start() {
    let first = timed("1990-01-01T09:00:00", Tz::UTC);
    let lines = ["RRULE:FREQ=DAILY;COUNT=13210"];
    // 13,210 days from 1 January 1990 end on 2 March 2026.
    assert_eq!(starts(&first, &lines, "2026-03-01", "2026-04-01"), ["03-01T09:00Z", "03-02T09:00Z"]);
}

#[test]
fn the_last_day_of_short_months_is_skipped_and_of_leap_years_found() {
    let first = all_day("2024-01-31", "2024-02-01");
    let monthly = starts(&first, &["RRULE:FREQ=MONTHLY"], "2026-01-02", "2026-06-01");
    assert_eq!(monthly, ["01-31+1", "03-31+1", "05-31+1"]);
    let leap = all_day("2020-02-29", "2020-03-01");
    assert_eq!(starts(&leap, &["RRULE:FREQ=YEARLY"], "2025-01-01", "2029-01-01"), ["02-29+1"]);
}

#[test]
fn a_week_number_without_a_weekday_means_the_starts_weekday() {
    let first = timed("2026-03-04T09:00:00", Tz::UTC);
    assert_eq!(
        starts(&first, &["RRULE:FREQ=YEARLY;BYWEEKNO=20"], "2026-03-05", "2028-01-01"),
        ["05-13T09:00Z", "05-19T09:00Z"]
    );
}

#[test]
fn a_position_in_the_week_counts_the_whole_first_week() {
    // The start is a Wednesday: of Monday, Wednesday and Friday it is the second, not the first.
    let first = timed("2026-03-04T09:00:00", Tz::UTC);
    assert_eq!(
        starts(&first, &["RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2"], "2026-03-01", "2026-03-20"),
        ["03-04T09:00Z", "03-11T09:00Z", "03-18T09:00Z"]
    );
}

#[test]
fn a_yearly_month_day_without_a_month_stays_in_the_starts_month() {
    let first = timed("2026-03-15T09:00:00", Tz::UTC);
    assert_eq!(
        starts(&first, &["RRULE:FREQ=YEARLY;BYMONTHDAY=15,20"], "2026-01-01", "2027-12-01"),
        ["03-15T09:00Z", "03-20T09:00Z", "03-15T09:00Z", "03-20T09:00Z"]
    );
}

#[test]
fn minutes_of_the_hour_multiply_the_occurrences() {
    let first = timed("2026-03-02T09:00:00", Tz::UTC);
    assert_eq!(
        starts(&first, &["RRULE:FREQ=DAILY;BYMINUTE=0,30;COUNT=3"], "2026-03-01", "2026-03-20"),
        ["03-02T09:00Z", "03-02T09:30Z", "03-03T09:00Z"]
    );
}

#[test]
fn an_endless_fine_rule_ends_with_its_budget_and_says_so() {
    let first = timed("2020-01-01T00:00:00", Tz::UTC);
    for rule in ["RRULE:FREQ=HOURLY", "RRULE:FREQ=SECONDLY", "RRULE:FREQ=MINUTELY;INTERVAL=7"] {
        let expansion = run(&first, &[rule], &[], window("2026-01-01", "2027-04-01"));
        assert!(expansion.occurrences.len() <= BUDGET + 1, "{rule}");
        assert!(expansion.truncated.is_some_and(|at| at < instant("2027-04-01T00:00:00Z")), "{rule}");
    }
}

#[test]
fn a_rule_that_never_comes_true_comes_to_an_end() {
    let first = timed("2026-01-01T00:00:00", Tz::UTC);
    for rule in ["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "RRULE:FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=31"] {
        let expansion = run(&first, &[rule], &[], window("2026-02-01", "2026-04-01"));
        assert!(expansion.occurrences.is_empty(), "{rule}");
    }
}

#[test]
fn a_rule_of_all_seconds_of_the_year_is_refused_before_it_fills_the_memory() {
    let list = |most: u32| (0..most).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let rule =
        format!("RRULE:FREQ=YEARLY;BYDAY=MO;BYHOUR={};BYMINUTE={};BYSECOND={}", list(24), list(60), list(60));
    let first = timed("2026-01-01T00:00:00", Tz::UTC);
    let expansion = run(&first, &[&rule], &[], window("2026-01-01", "2026-04-01"));
    assert_eq!(expansion.truncated, Some(instant("2026-01-01T00:00:00Z")));
}

#[test]
fn exceptions_move_into_the_window_and_out_of_it() {
    let first = timed("2026-03-02T09:00:00", Tz::UTC);
    let inside = timed("2026-03-05T11:00:00", Tz::UTC);
    let outside = timed("2026-06-01T11:00:00", Tz::UTC);
    let exceptions = [
        Exception {
            original: Original::At(instant("2026-03-30T09:00:00Z")),
            span: &inside,
            cancelled: false,
        },
        Exception {
            original: Original::At(instant("2026-03-04T09:00:00Z")),
            span: &outside,
            cancelled: false,
        },
        Exception { original: Original::At(instant("2026-03-03T09:00:00Z")), span: &first, cancelled: true },
    ];
    let expansion = run(&first, &["RRULE:FREQ=DAILY"], &exceptions, window("2026-03-02", "2026-03-06"));
    let shown: Vec<_> = expansion.occurrences.iter().map(|it| (show(&it.span), it.exception)).collect();
    assert_eq!(
        shown,
        [("03-02T09:00Z".into(), None), ("03-05T09:00Z".into(), None), ("03-05T11:00Z".into(), Some(0))]
    );
}

#[test]
fn an_exception_that_the_rule_does_not_give_is_shown_unless_cancelled() {
    let first = timed("2026-03-02T09:00:00", Tz::UTC);
    let orphan = timed("2026-03-03T15:00:00", Tz::UTC);
    let original = Original::At(instant("2026-03-03T12:00:00Z"));
    let show_with = |cancelled| {
        let exceptions = [Exception { original, span: &orphan, cancelled }];
        let window = window("2026-03-01", "2026-03-20");
        run(&first, &["RRULE:FREQ=WEEKLY;COUNT=1"], &exceptions, window).occurrences.len()
    };
    assert_eq!((show_with(false), show_with(true)), (2, 1));
}

#[test]
fn a_day_named_by_its_midnight_is_still_the_day_of_an_all_day_series() {
    let first = all_day("2026-03-02", "2026-03-03");
    for original in ["2026-03-03T00:00:00Z", "2026-03-03T05:00:00Z"] {
        let exceptions =
            [Exception { original: Original::At(instant(original)), span: &first, cancelled: true }];
        let expansion =
            run(&first, &["RRULE:FREQ=DAILY;COUNT=3"], &exceptions, window("2026-03-01", "2026-03-20"));
        let shown: Vec<String> = expansion.occurrences.iter().map(|it| show(&it.span)).collect();
        assert_eq!(shown, ["03-02+1", "03-04+1"], "{original}");
    }
}

#[test]
fn a_long_occurrence_that_began_before_the_window_is_in_it() {
    let first = Span::Timed {
        start: instant("2026-03-02T09:00:00Z"),
        end: instant("2026-03-05T09:00:00Z"),
        zone: Tz::UTC,
    };
    let shown = starts(&first, &["RRULE:FREQ=WEEKLY"], "2026-03-12", "2026-03-13");
    assert_eq!(shown, ["03-09T09:00Z"]);
}

#[test]
fn a_length_of_days_follows_the_calendar_and_of_hours_the_clock() {
    let first = timed("2026-03-06T09:00:00", New_York);
    let Span::Timed { start, zone, .. } = first else { unreachable!() };
    let first = Span::Timed { start, end: start + TimeDelta::days(1), zone };
    let lines = ["RRULE:FREQ=DAILY;COUNT=2".to_owned()];
    let lengths = |nominal| {
        let series = Series { first: &first, lines: &lines, nominal };
        let found = expand(&series, &[], window("2026-03-01", "2026-03-20"), New_York, BUDGET).unwrap();
        let length = |it: &Occurrence| (it.span.bounds(zone).1 - it.span.bounds(zone).0).num_hours();
        found.occurrences.iter().map(length).collect::<Vec<_>>()
    };
    assert_eq!(lengths(None), [24, 24]);
    assert_eq!(lengths(Some((1, TimeDelta::zero()))), [24, 23]);
}

#[test]
fn a_malformed_rule_names_its_line() {
    let first = timed("2026-03-02T09:00:00", Tz::UTC);
    let wrong = [
        "RRULE:FREQ=FORTNIGHTLY",
        "RRULE:COUNT=3",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=DAILY;BYHOUR=24",
        "RRULE:FREQ=WEEKLY;BYDAY=XX",
        "RRULE:FREQ=MONTHLY;BYDAY=é",
        "RRULE:FREQ=DAILY;UNTIL=soon",
        "RRULE:FREQ=MONTHLY;BYWEEKNO=3",
    ];
    for line in wrong {
        let lines = [line.to_owned()];
        let series = Series { first: &first, lines: &lines, nominal: None };
        let error = expand(&series, &[], window("2026-03-01", "2026-03-20"), Tz::UTC, BUDGET).unwrap_err();
        assert!(error.to_string().contains(line), "{error}");
    }
}

#[test]
fn a_single_event_is_its_own_only_occurrence() {
    let first = timed("2026-03-02T09:00:00", Tz::UTC);
    assert_eq!(starts(&first, &[], "2026-03-01", "2026-03-20"), ["03-02T09:00Z"]);
    assert!(starts(&first, &[], "2026-03-03", "2026-03-20").is_empty());
}

#[test]
fn a_master_expands_with_its_exceptions_in_their_places() {
    let event = |span: Span, series: Option<SeriesRef>| Event {
        id: RemoteId("m".into()),
        uid: "m".into(),
        etag: None,
        status: Status::Confirmed,
        kind: Kind::Default,
        answer: Answer::Own,
        organizer: true,
        fields: Fields::new("Round", span),
        series,
        updated: None,
    };
    let mut master = event(timed("2026-03-02T09:00:00", Tz::UTC), None);
    master.fields.recurrence = vec!["RRULE:FREQ=DAILY;COUNT=2".into()];
    let original = Original::At(instant("2026-03-03T09:00:00Z"));
    let series = SeriesRef { master: master.id.clone(), original };
    let stranger = event(timed("2026-03-04T09:00:00", Tz::UTC), None);
    let moved = event(timed("2026-03-03T10:00:00", Tz::UTC), Some(series));
    let window = window("2026-03-01", "2026-03-20");
    let found = expand_event(&master, &[stranger, moved], window, Tz::UTC).unwrap();
    let places: Vec<_> = found.occurrences.iter().map(|it| it.exception).collect();
    assert_eq!(places, [None, Some(1)]);
}

fn any_rule() -> impl Strategy<Value = String> {
    let frequency = proptest::sample::select(vec!["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]);
    let by_day = proptest::option::of(proptest::sample::select(vec!["MO", "TU,TH", "SA,SU"]));
    let by_month = proptest::option::of(1_u32..13);
    (frequency, 1_u32..8, by_day, by_month).prop_map(|(frequency, interval, by_day, by_month)| {
        let by_day = by_day.map(|day| format!(";BYDAY={day}")).unwrap_or_default();
        let by_month = by_month.map(|month| format!(";BYMONTH={month}")).unwrap_or_default();
        format!("RRULE:FREQ={frequency};INTERVAL={interval}{by_day}{by_month}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn occurrences_rise_and_touch_the_window(rule in any_rule(), day in 0_i64..3000, length in 1_i64..90) {
        let start = instant("2018-01-01T09:00:00Z") + TimeDelta::days(day);
        let first = Span::Timed { start, end: start + TimeDelta::hours(length), zone: Berlin };
        let window = window("2026-03-20", "2026-05-10");
        let found = run(&first, &[&rule], &[], window).occurrences;
        prop_assert!(found.windows(2).all(|pair| pair[0].span.bounds(Berlin) < pair[1].span.bounds(Berlin)));
        prop_assert!(found.iter().all(|it| it.span.interval(Berlin).unwrap().overlaps(&window)));
    }

    #[test]
    fn a_window_shows_what_a_longer_one_shows_there(rule in any_rule(), day in 0_i64..3000, from in 0_i64..400) {
        let start = instant("2018-01-01T09:00:00Z") + TimeDelta::days(day);
        let first = Span::Timed { start, end: start + TimeDelta::hours(1), zone: New_York };
        let whole = window("2018-01-01", "2027-06-01");
        let from = instant("2026-01-01T00:00:00Z") + TimeDelta::days(from);
        let part = Interval::new(from, from + TimeDelta::days(60)).unwrap();
        let lines = [rule];
        let series = Series { first: &first, lines: &lines, nominal: None };
        let all = expand(&series, &[], whole, New_York, 60_000).unwrap().occurrences;
        let some = expand(&series, &[], part, New_York, 60_000).unwrap().occurrences;
        let expected: Vec<Occurrence> =
            all.into_iter().filter(|it| it.span.interval(New_York).unwrap().overlaps(&part)).collect();
        prop_assert_eq!(some, expected);
    }
}
