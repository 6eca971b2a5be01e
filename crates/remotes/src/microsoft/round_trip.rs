//! Whatever Daymark writes to Graph, it reads back as the same.

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use daymark_core::event::{Fields, ShowAs, Visibility};
use daymark_core::time::Span;
use proptest::prelude::*;
use serde_json::json;

use super::body;
use super::project::{self, Counting};
use crate::calendar::Draft;

const HOME: Tz = Tz::America__Toronto;

/// Zones that Windows has a name of their own for; others come back as their Windows zone's main one.
fn zone() -> impl Strategy<Value = Tz> {
    prop::sample::select(vec![
        HOME,
        Tz::UTC,
        Tz::Europe__Berlin,
        Tz::Asia__Kolkata,
        Tz::Australia__Lord_Howe,
        Tz::Pacific__Auckland,
        Tz::America__St_Johns,
        Tz::Africa__Cairo,
    ])
}

/// Every minute of five years, both days of the clocks included.
fn timed() -> impl Strategy<Value = Span> {
    (zone(), 29_400_000_i64..32_000_000, 0_i64..4_000).prop_map(|(zone, minute, length)| {
        let start = chrono::DateTime::from_timestamp(minute * 60, 0).unwrap();
        Span::Timed { start, end: start + TimeDelta::minutes(length), zone }
    })
}

fn whole_days() -> impl Strategy<Value = Span> {
    (0_i64..2_000, 1_i64..20).prop_map(|(day, length)| {
        let start = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + TimeDelta::days(day);
        Span::AllDay { start, end: start + TimeDelta::days(length) }
    })
}

/// Rules that any start fits.
fn rule() -> impl Strategy<Value = Vec<String>> {
    let daily = (1_u32..999).prop_map(|n| match n {
        1 => "RRULE:FREQ=DAILY".to_owned(),
        n => format!("RRULE:FREQ=DAILY;INTERVAL={n}"),
    });
    let counted =
        (1_u32..500).prop_map(|n| format!("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT={n}"));
    prop_oneof![Just(vec![]), daily.prop_map(|rule| vec![rule]), counted.prop_map(|rule| vec![rule])]
}

fn fields() -> impl Strategy<Value = Fields> {
    let words = "[ -~éß日]{0,40}";
    let show_as = prop::sample::select(vec![
        ShowAs::Free,
        ShowAs::Tentative,
        ShowAs::Busy,
        ShowAs::OutOfOffice,
        ShowAs::WorkingElsewhere,
    ]);
    let visibility = prop::sample::select(vec![Visibility::Default, Visibility::Private]);
    let marks = prop::collection::btree_map("[a-z-]{1,12}", words, 0..3);
    let span = prop_oneof![timed(), whole_days()];
    (words, words, words, span, rule(), show_as, visibility, marks).prop_map(
        |(title, description, location, span, recurrence, show_as, visibility, marks)| Fields {
            title,
            // Trailing white space does not survive Exchange's own conversion of bodies.
            description: description.trim_end().to_owned(),
            location,
            span,
            recurrence,
            show_as,
            visibility,
            marks,
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_reads_back_as_the_same(fields in fields()) {
        let draft = Draft { derived_id: "0123456789abcdef0123456789abcdef".into(), fields, rest: None };
        let mut held = body::creation(&draft, HOME).unwrap();
        // What Exchange adds: an id, and the zone that the start was given in.
        held["id"] = json!("AAMk=");
        held["originalStartTimeZone"] = held["start"]["timeZone"].clone();
        let read = project::event(held, HOME, Counting::Unknown).unwrap().event.fields;
        match (&read.span, &draft.fields.span) {
            // The second of two equal wall times can only be said in UTC, at the price of its zone.
            (Span::Timed { start, end, zone: Tz::UTC }, Span::Timed { start: s, end: e, .. }) if draft.fields.recurrence.is_empty() => {
                prop_assert_eq!((start, end), (s, e));
            }
            _ => prop_assert_eq!(&read.span, &draft.fields.span),
        }
        prop_assert_eq!(Fields { span: draft.fields.span.clone(), ..read }, draft.fields);
    }
}
