//! Facts about cutting and changing series, and rules that hold for every cut.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::recurrence::{BUDGET, Exception, expand};
use crate::time::{Interval, resolve};

const ZONE: Tz = Tz::America__Toronto;

fn wall_time(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn timed(start: &str, minutes: i64) -> Span {
    let start = resolve(wall_time(start), ZONE);
    Span::Timed { start, end: start + TimeDelta::minutes(minutes), zone: ZONE }
}

fn days(start: &str, end: &str) -> Span {
    Span::AllDay { start: start.parse().unwrap(), end: end.parse().unwrap() }
}

fn on(text: &str) -> Original {
    Original::At(resolve(wall_time(text), ZONE))
}

fn series(span: Span, lines: &[&str]) -> Series {
    let recurrence = lines.iter().map(|line| (*line).to_owned()).collect();
    Series { fields: Fields { recurrence, ..Fields::new("Visit", span) }, exceptions: vec![] }
}

/// Mondays at nine from 2 March 2026; clocks go forward on the 8th.
fn mondays(more: &str) -> Series {
    series(timed("2026-03-02T09:00:00", 60), &[&format!("RRULE:FREQ=WEEKLY;BYDAY=MO{more}")])
}

fn moved(original: &str, to: &str) -> ExceptionImage {
    let fields = Fields::new("Visit", timed(to, 60));
    ExceptionImage { original: on(original), fields: Some(fields) }
}

fn cancelled(original: &str) -> ExceptionImage {
    ExceptionImage { original: on(original), fields: None }
}

/// Where it takes place in half a year, each with its title, in the zone's clock.
fn shown(series: &Series) -> Vec<String> {
    let from = "2026-02-01T00:00:00Z".parse().unwrap();
    let to = "2026-08-01T00:00:00Z".parse().unwrap();
    let spans: Vec<Span> = series
        .exceptions
        .iter()
        .map(|it| it.fields.as_ref().map_or(series.fields.span.clone(), |fields| fields.span.clone()))
        .collect();
    let exceptions: Vec<Exception<'_>> = series
        .exceptions
        .iter()
        .zip(&spans)
        .map(|(it, span)| Exception { original: it.original, span, cancelled: it.fields.is_none() })
        .collect();
    let rule =
        recurrence::Series { first: &series.fields.span, lines: &series.fields.recurrence, nominal: None };
    let window = Interval::new(from, to).unwrap();
    let expansion = expand(&rule, &exceptions, window, ZONE, BUDGET).unwrap();
    let title = |which: Option<usize>| {
        let own = which.and_then(|which| series.exceptions[which].fields.as_ref());
        own.unwrap_or(&series.fields).title.clone()
    };
    let at = |span: &Span| match span {
        Span::Timed { start, .. } => wall(*start, ZONE).format("%m-%d %H:%M").to_string(),
        Span::AllDay { start, .. } => start.format("%m-%d").to_string(),
        Span::Floating { start, .. } => start.format("%m-%d %H:%M").to_string(),
    };
    expansion.occurrences.iter().map(|it| format!("{} {}", at(&it.span), title(it.exception))).collect()
}

fn halves(series: &Series, at: Original) -> (Series, Series) {
    match series.cut(at).unwrap() {
        Cut::Halves { before, after } => (*before, *after),
        Cut::Whole => panic!("nothing lies before"),
    }
}

fn together(before: &Series, after: &Series) -> Vec<String> {
    let mut all = [shown(before), shown(after)].concat();
    all.sort();
    all
}

#[test]
fn the_first_half_ends_the_day_before_and_the_second_keeps_the_rule() {
    let (before, after) = halves(&mondays(""), on("2026-03-16T09:00:00"));
    // The end of Sunday in Toronto, in UTC: summer time has begun.
    assert_eq!(before.fields.recurrence, ["RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260316T035959Z"]);
    assert_eq!(after.fields.recurrence, ["RRULE:FREQ=WEEKLY;BYDAY=MO"]);
    assert_eq!(after.fields.span, timed("2026-03-16T09:00:00", 60));
}

#[test]
fn a_count_becomes_the_exact_rest() {
    let (before, after) = halves(&mondays(";COUNT=5"), on("2026-03-16T09:00:00"));
    assert_eq!(before.fields.recurrence, ["RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260316T035959Z"]);
    assert_eq!(after.fields.recurrence, ["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3"]);
    assert_eq!(together(&before, &after), shown(&mondays(";COUNT=5")));
}

#[test]
fn whole_days_end_on_a_day() {
    let whole = series(days("2026-03-02", "2026-03-03"), &["RRULE:FREQ=DAILY;UNTIL=20260306"]);
    let (before, after) = halves(&whole, Original::On("2026-03-04".parse().unwrap()));
    assert_eq!(before.fields.recurrence, ["RRULE:FREQ=DAILY;UNTIL=20260303"]);
    assert_eq!(after.fields.recurrence, ["RRULE:FREQ=DAILY;UNTIL=20260306"]);
    assert_eq!(together(&before, &after), shown(&whole));
}

#[test]
fn extra_and_left_out_dates_are_divided() {
    let whole = series(
        timed("2026-03-02T09:00:00", 60),
        &[
            "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=6",
            "RDATE;TZID=America/Toronto:20260304T150000,20260325T150000",
            "EXDATE:20260309T130000Z,20260330T130000Z",
        ],
    );
    let (before, after) = halves(&whole, on("2026-03-16T09:00:00"));
    assert_eq!(before.fields.recurrence[1..], ["RDATE:20260304T200000Z", "EXDATE:20260309T130000Z"]);
    assert_eq!(after.fields.recurrence[1..], ["RDATE:20260325T190000Z", "EXDATE:20260330T130000Z"]);
    assert_eq!(together(&before, &after), shown(&whole));
}

#[test]
fn a_cut_at_an_extra_date_begins_with_the_rules_next_and_keeps_the_date() {
    let whole = series(
        timed("2026-03-02T09:00:00", 60),
        &["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=4", "RDATE;TZID=America/Toronto:20260311T150000"],
    );
    let (before, after) = halves(&whole, on("2026-03-11T15:00:00"));
    assert_eq!(after.fields.span, timed("2026-03-16T09:00:00", 60));
    assert_eq!(together(&before, &after), shown(&whole));
}

#[test]
fn exceptions_go_with_the_half_that_they_were_made_in() {
    let exceptions = vec![
        moved("2026-03-09T09:00:00", "2026-03-20T11:00:00"),
        cancelled("2026-03-23T09:00:00"),
        moved("2026-03-30T09:00:00", "2026-03-12T11:00:00"),
    ];
    let whole = Series { exceptions, ..mondays(";COUNT=6") };
    let (before, after) = halves(&whole, on("2026-03-16T09:00:00"));
    assert_eq!((before.exceptions.len(), after.exceptions.len()), (1, 2));
    assert_eq!(together(&before, &after), shown(&whole));
}

#[test]
fn before_the_first_occurrence_there_is_nothing_to_cut() {
    assert_eq!(mondays("").cut(on("2026-03-02T09:00:00")).unwrap(), Cut::Whole);
}

#[test]
fn moving_all_goes_by_the_clock_over_the_change_of_clocks() {
    let at = on("2026-03-16T09:00:00");
    let wanted = Fields::new("Visit", timed("2026-03-16T10:30:00", 30));
    let changed = mondays(";COUNT=3").changed(at, &wanted, &[Field::Span]).unwrap();
    assert_eq!(changed.fields.span, timed("2026-03-02T10:30:00", 30));
    assert_eq!(shown(&changed), ["03-02 10:30 Visit", "03-09 10:30 Visit", "03-16 10:30 Visit"]);
}

#[test]
fn moved_over_the_hour_that_clocks_show_twice_a_series_keeps_its_length() {
    let daily = series(timed("2026-10-30T09:00:00", 60), &["RRULE:FREQ=DAILY;COUNT=4"]);
    // Ten to two by the first clock until ten past one by the second.
    let wanted = Fields::new("Visit", timed("2026-11-01T01:50:00", 20));
    let changed = daily.changed(on("2026-11-01T09:00:00"), &wanted, &[Field::Span]).unwrap();
    assert_eq!(changed.fields.span, timed("2026-10-30T01:50:00", 20));
}

#[test]
fn weekdays_and_the_end_follow_when_the_day_moves() {
    let whole = series(
        timed("2026-03-02T09:00:00", 60),
        &["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;UNTIL=20260330T035959Z", "EXDATE:20260308T130000Z"],
    );
    let at = on("2026-03-02T09:00:00");
    let wanted = Fields::new("Visit", timed("2026-03-03T09:00:00", 60));
    let changed = whole.changed(at, &wanted, &[Field::Span]).unwrap();
    assert_eq!(
        changed.fields.recurrence,
        [
            "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,MO;UNTIL=20260331T035959Z;WKST=TU",
            "EXDATE:20260309T130000Z"
        ]
    );
    assert_eq!(shown(&changed).len(), shown(&whole).len());
}

#[test]
fn a_numbered_weekday_becomes_the_one_that_the_new_day_is() {
    let whole = series(timed("2026-03-10T09:00:00", 60), &["RRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=3"]);
    let wanted = Fields::new("Visit", timed("2026-03-11T09:00:00", 60));
    let whole = Series { exceptions: vec![cancelled("2026-04-14T09:00:00")], ..whole };
    let changed = whole.changed(on("2026-03-10T09:00:00"), &wanted, &[Field::Span]).unwrap();
    assert_eq!(changed.fields.recurrence, ["RRULE:FREQ=MONTHLY;BYDAY=2WE;COUNT=3"]);
    // April begins on a Wednesday: its second one lies before its second Tuesday.
    assert_eq!(changed.exceptions, [cancelled("2026-04-08T09:00:00")]);
    let last = series(timed("2026-03-27T09:00:00", 60), &["RRULE:FREQ=MONTHLY;BYDAY=-1FR"]);
    let wanted = Fields::new("Visit", timed("2026-03-26T09:00:00", 60));
    let changed = last.changed(on("2026-03-27T09:00:00"), &wanted, &[Field::Span]).unwrap();
    assert_eq!(changed.fields.recurrence, ["RRULE:FREQ=MONTHLY;BYDAY=-1TH"]);
}

#[test]
fn a_day_of_the_month_and_of_the_year_follow() {
    let moved = |rule: &str, to: &str| {
        let whole = series(timed("2026-03-10T09:00:00", 60), &[rule]);
        let wanted = Fields::new("Visit", timed(to, 60));
        whole.changed(on("2026-03-10T09:00:00"), &wanted, &[Field::Span]).unwrap().fields.recurrence.remove(0)
    };
    assert_eq!(
        moved("RRULE:FREQ=MONTHLY;BYMONTHDAY=10", "2026-03-12T09:00:00"),
        "RRULE:FREQ=MONTHLY;BYMONTHDAY=12"
    );
    assert_eq!(
        moved("RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=10", "2026-04-01T09:00:00"),
        "RRULE:FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=1"
    );
}

#[test]
fn a_rule_that_cannot_follow_is_refused_in_words() {
    let whole = series(timed("2026-03-10T09:00:00", 60), &["RRULE:FREQ=YEARLY;BYYEARDAY=69"]);
    let wanted = Fields::new("Visit", timed("2026-03-11T09:00:00", 60));
    let refused = whole.changed(on("2026-03-10T09:00:00"), &wanted, &[Field::Span]).unwrap_err();
    assert!(refused.to_string().contains("change its rule instead"), "{refused}");
    // At another hour of the same day it may go.
    let wanted = Fields::new("Visit", timed("2026-03-10T11:00:00", 60));
    assert!(whole.changed(on("2026-03-10T09:00:00"), &wanted, &[Field::Span]).is_ok());
}

#[test]
fn what_an_occurrence_has_of_its_own_it_keeps_and_the_rest_follows() {
    let own = Fields { location: "Depot".into(), ..Fields::new("Visit", timed("2026-03-09T09:00:00", 60)) };
    let placed = ExceptionImage { original: on("2026-03-09T09:00:00"), fields: Some(own) };
    let exceptions = vec![placed, moved("2026-03-16T09:00:00", "2026-03-17T15:00:00")];
    let whole = Series { exceptions, ..mondays(";COUNT=3") };
    let wanted = Fields::new("Check", timed("2026-03-02T10:00:00", 60));
    let changed = whole.changed(on("2026-03-02T09:00:00"), &wanted, &[Field::Title, Field::Span]).unwrap();
    assert_eq!(shown(&changed), ["03-02 10:00 Check", "03-09 10:00 Check", "03-17 15:00 Check"]);
    let by_original: BTreeMap<Original, &Fields> =
        changed.exceptions.iter().map(|it| (it.original, it.fields.as_ref().unwrap())).collect();
    assert_eq!(by_original[&on("2026-03-09T10:00:00")].location, "Depot");
    assert!(by_original.contains_key(&on("2026-03-16T10:00:00")));
}

#[test]
fn an_exception_that_no_longer_differs_is_none() {
    let whole = Series {
        exceptions: vec![moved("2026-03-09T09:00:00", "2026-03-09T11:00:00")],
        ..mondays(";COUNT=3")
    };
    // The moved one itself is dragged to noon, and all with it.
    let wanted = Fields::new("Visit", timed("2026-03-09T12:00:00", 60));
    let changed = whole.changed(on("2026-03-09T09:00:00"), &wanted, &[Field::Span]).unwrap();
    assert!(changed.exceptions.is_empty());
    assert_eq!(shown(&changed), ["03-02 12:00 Visit", "03-09 12:00 Visit", "03-16 12:00 Visit"]);
}

#[test]
fn hours_that_become_whole_days_take_their_rule_along_and_back() {
    let whole =
        Series { exceptions: vec![cancelled("2026-03-09T09:00:00")], ..mondays(";UNTIL=20260316T130000Z") };
    let wanted = Fields::new("Visit", days("2026-03-02", "2026-03-03"));
    let changed = whole.changed(on("2026-03-02T09:00:00"), &wanted, &[Field::Span]).unwrap();
    assert_eq!(changed.fields.recurrence, ["RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260316"]);
    assert_eq!(shown(&changed), ["03-02 Visit", "03-16 Visit"]);
    let wanted = Fields::new("Visit", timed("2026-03-02T09:00:00", 60));
    let first = Original::On("2026-03-02".parse().unwrap());
    let back = changed.changed(first, &wanted, &[Field::Span]).unwrap();
    assert_eq!(shown(&back), shown(&whole));
}

fn any_series() -> impl Strategy<Value = Series> {
    let end = prop_oneof![
        Just(String::new()),
        (3..20_u32).prop_map(|count| format!(";COUNT={count}")),
        Just(";UNTIL=20260531T120000Z".to_owned()),
    ];
    let rule = prop_oneof![
        Just("FREQ=DAILY"),
        Just("FREQ=DAILY;INTERVAL=3"),
        Just("FREQ=WEEKLY"),
        Just("FREQ=WEEKLY;BYDAY=MO,WE,FR"),
        Just("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;WKST=SU"),
        Just("FREQ=MONTHLY;BYMONTHDAY=2"),
        Just("FREQ=MONTHLY;BYDAY=1MO"),
    ];
    // By day, at night over the change of the clocks, and from that night on.
    let start =
        prop_oneof![Just("2026-03-02T09:00:00"), Just("2026-03-02T02:30:00"), Just("2026-03-08T02:30:00")];
    (start, rule, end, prop::collection::btree_map(1..8_usize, prop::option::of(0..100_i64), 0..4)).prop_map(
        |(start, rule, end, exceptions)| {
            let mut made = series(timed(start, 60), &[]);
            made.fields.recurrence =
                recurrence::starting(wall_time(start), ZONE, vec![format!("RRULE:{rule}{end}")]);
            let originals = originals(&made);
            for (nth, hours) in exceptions {
                let Some(original) = originals.get(nth) else { continue };
                let fields = hours.map(|hours| {
                    let Original::At(at) = original else { unreachable!() };
                    let start = *at + TimeDelta::hours(hours);
                    let span = Span::Timed { start, end: start + TimeDelta::hours(1), zone: ZONE };
                    Fields::new(format!("own {nth}"), span)
                });
                made.exceptions.push(ExceptionImage { original: *original, fields });
            }
            made
        },
    )
}

fn originals(series: &Series) -> Vec<Original> {
    let window =
        Interval::new("2026-02-01T00:00:00Z".parse().unwrap(), "2026-08-01T00:00:00Z".parse().unwrap());
    let rule =
        recurrence::Series { first: &series.fields.span, lines: &series.fields.recurrence, nominal: None };
    let all = expand(&rule, &[], window.unwrap(), ZONE, BUDGET).unwrap();
    all.occurrences.into_iter().map(|it| it.original).collect()
}

proptest! {
    #[test]
    fn two_halves_show_what_the_whole_showed(whole in any_series(), nth in 1..6_usize) {
        let originals = originals(&whole);
        let at = originals[nth % originals.len()];
        match whole.cut(at).unwrap() {
            Cut::Whole => prop_assert_eq!(at, originals[0]),
            Cut::Halves { before, after } => {
                let mut all = shown(&whole);
                all.sort();
                prop_assert_eq!(together(&before, &after), all);
                prop_assert_eq!(Original::of(&after.fields.span), at);
            }
        }
    }

    #[test]
    fn a_moved_series_has_as_many_occurrences_and_moving_it_back_restores_it(
        whole in any_series(), nth in 0..6_usize, minutes in -3_000..3_000_i64,
    ) {
        let originals = originals(&whole);
        let at = originals[nth % originals.len()];
        let Original::At(from) = at else { unreachable!() };
        // Put back at the time that was shown, a series has that time on all other days too.
        prop_assume!(recurrence::named(&whole.fields, from) == wall(from, ZONE));
        let to = resolve(wall(from, ZONE) + TimeDelta::minutes(minutes), ZONE);
        let span = Span::Timed { start: to, end: to + TimeDelta::hours(1), zone: ZONE };
        let wanted = Fields::new("", span);
        let Ok(there) = whole.changed(at, &wanted, &[Field::Span]) else { return Ok(()) };
        let count = |series: &Series| series.exceptions.iter().filter(|it| it.fields.is_none()).count();
        prop_assert_eq!(count(&there), count(&whole));
        let back = Fields::new("", place(&whole.fields.span, &whole.fields.recurrence, at));
        let shifted = Shift::between(&whole.fields, &there.fields).original(at);
        let Ok(back) = there.changed(shifted, &back, &[Field::Span]) else { return Ok(()) };
        prop_assert_eq!(&back.fields.span, &whole.fields.span);
        prop_assert_eq!(
            recurrence::beginning(&back.fields.span, &back.fields.recurrence),
            recurrence::beginning(&whole.fields.span, &whole.fields.recurrence)
        );
    }
}

/// Half past two in the night of the change, which no clock shows, and the three nights after it.
fn nights() -> Series {
    nights_from("2026-03-08T02:30:00", 4)
}

fn nights_from(start: &str, count: u8) -> Series {
    let rule = vec![format!("RRULE:FREQ=DAILY;COUNT={count}")];
    let recurrence = recurrence::starting(wall_time(start), ZONE, rule);
    Series { fields: Fields { recurrence, ..Fields::new("Visit", timed(start, 30)) }, exceptions: vec![] }
}

fn at_night(series: &Series, from: &str, to: &str) -> Series {
    let wanted = Fields::new("Visit", timed(to, 30));
    series.changed(on(from), &wanted, &[Field::Span]).unwrap()
}

fn hours(series: &Series) -> Vec<String> {
    shown(series).into_iter().map(|it| it.replace(" Visit", "")).collect()
}

const NIGHTS: [&str; 4] = ["03-08 03:30", "03-09 02:30", "03-10 02:30", "03-11 02:30"];

#[test]
fn a_series_that_begins_in_a_gap_moves_by_the_time_that_was_named() {
    let whole = nights();
    assert_eq!(hours(&whole), NIGHTS);
    let moved = |from: &str, to: &str| hours(&at_night(&whole, from, to));
    let all_at = |hour: &str| ["03-08", "03-09", "03-10", "03-11"].map(|day| format!("{day} {hour}"));
    for from in ["2026-03-08T02:30:00", "2026-03-10T02:30:00"] {
        let day = &from[..10];
        assert_eq!(moved(from, &format!("{day}T04:30:00")), all_at("04:30"), "{from}");
        assert_eq!(moved(from, &format!("{day}T01:30:00")), all_at("01:30"), "{from}");
        assert_eq!(moved("2026-03-10T02:30:00", "2026-03-10T03:30:00"), all_at("03:30"), "{from}");
        let next = format!("{}T02:30:00", if day.ends_with("08") { "2026-03-09" } else { "2026-03-11" });
        let a_day_later = ["03-09 02:30", "03-10 02:30", "03-11 02:30", "03-12 02:30"];
        assert_eq!(moved(from, &next), a_day_later, "{from}");
    }
    let within = ["03-08 03:45", "03-09 02:45", "03-10 02:45", "03-11 02:45"];
    assert_eq!(moved("2026-03-10T02:30:00", "2026-03-10T02:45:00"), within);
}

#[test]
fn another_title_length_or_rule_leaves_the_time_that_was_named() {
    let whole = nights();
    let wanted = Fields {
        recurrence: vec!["RRULE:FREQ=DAILY;INTERVAL=2;COUNT=2".into()],
        ..Fields::new("Visit", timed("2026-03-08T02:30:00", 90))
    };
    let changed = |field| whole.changed(on("2026-03-08T02:30:00"), &wanted, &[field]).unwrap();
    assert_eq!(changed(Field::Title), whole);
    assert_eq!(hours(&changed(Field::Span)), NIGHTS);
    assert_eq!(hours(&changed(Field::Recurrence)), [NIGHTS[0], NIGHTS[2]]);
}

#[test]
fn what_differs_in_the_gap_keeps_its_place_when_the_series_moves() {
    for (start, count) in [("2026-03-08T02:30:00", 4), ("2026-03-07T02:30:00", 5)] {
        let mut whole = nights_from(start, count);
        whole.exceptions =
            vec![cancelled("2026-03-08T02:30:00"), moved("2026-03-09T02:30:00", "2026-03-09T15:00:00")];
        let later = hours(&at_night(&whole, "2026-03-10T02:30:00", "2026-03-10T05:00:00"));
        let expected = ["03-07 05:00", "03-09 15:00", "03-10 05:00", "03-11 05:00"];
        assert_eq!(later, expected[5 - usize::from(count)..], "{start}");
    }
}

#[test]
fn a_series_that_is_moved_into_a_gap_repeats_at_the_time_that_was_asked_for() {
    let whole = nights_from("2026-03-08T01:30:00", 4);
    let moved = at_night(&whole, "2026-03-10T01:30:00", "2026-03-10T02:30:00");
    assert_eq!((hours(&moved), &moved), (NIGHTS.map(str::to_owned).to_vec(), &nights()));
    let back = at_night(&moved, "2026-03-10T02:30:00", "2026-03-10T01:30:00");
    assert_eq!(back, whole);
}

#[test]
fn a_series_is_cut_at_a_gap_or_behind_it_without_moving() {
    let whole = nights();
    assert_eq!(whole.cut(on("2026-03-08T02:30:00")).unwrap(), Cut::Whole);
    let (before, after) = halves(&whole, on("2026-03-10T02:30:00"));
    assert_eq!(
        (hours(&before), hours(&after)),
        (
            NIGHTS[..2].iter().map(|it| (*it).to_owned()).collect(),
            NIGHTS[2..].iter().map(|it| (*it).to_owned()).collect()
        )
    );
    let (before, after) = halves(&nights_from("2026-03-07T02:30:00", 5), on("2026-03-08T02:30:00"));
    assert_eq!(hours(&before), ["03-07 02:30"]);
    assert_eq!(after, nights());
    let only = Series {
        fields: Fields {
            recurrence: vec!["RDATE:20260308T073000Z".into()],
            ..nights_from("2026-03-07T02:30:00", 5).fields
        },
        exceptions: vec![],
    };
    assert_eq!(halves(&only, on("2026-03-08T02:30:00")).1.fields.recurrence, [""; 0]);
}

#[test]
fn a_rule_in_plain_words_is_plain_where_its_series_begins_in_a_gap_too() {
    use crate::recurrence::plain::{Ends, Plain, Unit};
    let fields = nights().fields;
    let plain = Plain::of(&fields.recurrence, &fields.span);
    assert_eq!(plain, Some(Plain { every: 1, unit: Unit::Days, ends: Ends::After(4) }));
}
