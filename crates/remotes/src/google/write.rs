//! Daymark's fields ↦ what is sent to Google: the managed fields, and never anybody's address.

use chrono::{Offset as _, SecondsFormat};
use chrono_tz::Tz;
use daymark_core::event::{Field, Fields, Original, RemoteId, ShowAs, Visibility, marks};
use daymark_core::recurrence::{beginning, is_start};
use daymark_core::time::{Instant, Span};
use serde_json::{Map, Value, json};

use super::{SERVICE, rest};
pub use crate::calendar::nth_id;
use crate::calendar::{Draft, Patch, Target};
use crate::error::RemoteError;

/// Marks that a patch takes away when the fields no longer have them.
const KNOWN_MARKS: [&str; 2] = [marks::BOOKING, marks::BLOCK];

/// A new event with an id of our own.
pub fn insert_body(draft: &Draft, id: &str) -> Result<Value, RemoteError> {
    let mut body = Map::from_iter([("id".to_owned(), json!(id))]);
    for field in Field::ALL {
        put(&mut body, &draft.fields, field)?;
    }
    if let Some(rest) = &draft.rest {
        merge(&mut body, rest::taken_over(rest));
    }
    if draft.fields.marks.contains_key(marks::BLOCK) {
        // A copy reminds nobody: its source does.
        body.insert("reminders".to_owned(), json!({"useDefault": false, "overrides": []}));
    }
    // Nulls say "remove" to a patch; a new event has nothing to remove.
    Ok(without_nulls(Value::Object(body)))
}

/// The changed fields only: whatever else the event has stays as Google has it.
pub fn patch_body(patch: &Patch) -> Result<Value, RemoteError> {
    let mut body = Map::new();
    let of_occurrence = matches!(patch.target, Target::Occurrence { .. });
    for field in &patch.changed {
        put(&mut body, &patch.fields, *field)?;
    }
    if of_occurrence {
        // An occurrence has no rule of its own.
        body.remove("recurrence");
    } else if patch.changed.contains(&Field::Span) && rules(&patch.fields) != patch.fields.recurrence {
        // A series that turned into whole days takes its end along.
        put(&mut body, &patch.fields, Field::Recurrence)?;
    }
    Ok(Value::Object(body))
}

/// The id of what is written to: an occurrence's is its master's with its original start.
pub fn event_id(target: &Target) -> Result<String, RemoteError> {
    let (RemoteId(master), original) = match target {
        Target::Event(RemoteId(id)) => return Ok(id.clone()),
        Target::Occurrence { master, original } => (master, original),
    };
    match original {
        Original::At(at) => Ok(format!("{master}_{}", at.format("%Y%m%dT%H%M%SZ"))),
        Original::On(date) => Ok(format!("{master}_{}", date.format("%Y%m%d"))),
        Original::Floating(_) => Err(no_floating_time()),
    }
}

fn put(body: &mut Map<String, Value>, fields: &Fields, field: Field) -> Result<(), RemoteError> {
    let mut set = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    match field {
        Field::Title => set("summary", json!(fields.title)),
        Field::Description => set("description", json!(fields.description)),
        Field::Location => set("location", json!(fields.location)),
        Field::Span => {
            let (start, end) = moments(&fields.span)?;
            set("start", start);
            set("end", end);
        }
        Field::Recurrence if fields.recurrence.is_empty() => set("recurrence", Value::Null),
        Field::Recurrence if beginning(&fields.span, &fields.recurrence).is_some() => {
            return Err(no_start_in_a_gap());
        }
        Field::Recurrence => set("recurrence", json!(rules(fields))),
        Field::ShowAs => {
            let (transparency, status) = shown(fields.show_as);
            set("transparency", json!(transparency));
            set("status", json!(status));
        }
        Field::Visibility => set("visibility", json!(visibility(fields.visibility))),
        Field::Marks => set("extendedProperties", json!({"private": marks_of(fields)})),
    }
    Ok(())
}

/// A series of whole days ends on a day: Google refuses a time there (RFC 5545 §3.3.10 does too).
fn rules(fields: &Fields) -> Vec<String> {
    let lines = fields.recurrence.iter().filter(|line| !is_start(line));
    if !fields.span.is_all_day() {
        return lines.cloned().collect();
    }
    lines.map(|line| until_a_day(line)).collect()
}

fn until_a_day(line: &str) -> String {
    let Some((before, rest)) = line.split_once("UNTIL=") else { return line.to_owned() };
    let (until, after) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
    let date = until.split('T').next().unwrap_or(until);
    format!("{before}UNTIL={date}{after}")
}

/// Both ends name their zone always: a series needs it, and a later reader profits.
/// The form that is not used is nulled, or a patch would leave a date beside a time.
fn moments(span: &Span) -> Result<(Value, Value), RemoteError> {
    match span {
        Span::Timed { start, end, zone } => {
            let moment =
                |at: &Instant| json!({"dateTime": local(*at, *zone), "timeZone": zone.name(), "date": null});
            Ok((moment(start), moment(end)))
        }
        Span::AllDay { start, end } => {
            let moment = |date| json!({"date": date, "dateTime": null, "timeZone": null});
            Ok((moment(start), moment(end)))
        }
        Span::Floating { .. } => Err(no_floating_time()),
    }
}

/// On the zone's own clock, for whoever reads it there. RFC 3339 offsets have no seconds, which some zones had
/// (Liberia until 1972): such a time is written in UTC.
fn local(at: Instant, zone: Tz) -> String {
    let there = at.with_timezone(&zone);
    let whole_minutes = there.offset().fix().local_minus_utc() % 60 == 0;
    let written = if whole_minutes { there.fixed_offset() } else { at.fixed_offset() };
    written.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Google's out-of-office and working-location events are types that cannot be changed, and the
/// former declines meetings by itself: time away is written as plain busy time.
fn shown(show_as: ShowAs) -> (&'static str, &'static str) {
    match show_as {
        ShowAs::Free | ShowAs::WorkingElsewhere => ("transparent", "confirmed"),
        ShowAs::Tentative => ("opaque", "tentative"),
        ShowAs::Busy | ShowAs::OutOfOffice => ("opaque", "confirmed"),
    }
}

fn visibility(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Default => "default",
        Visibility::Public => "public",
        Visibility::Private => "private",
    }
}

/// Private properties are patched key by key, so a mark that went is nulled by name.
fn marks_of(fields: &Fields) -> Map<String, Value> {
    let mut properties: Map<String, Value> =
        KNOWN_MARKS.iter().map(|mark| ((*mark).to_owned(), Value::Null)).collect();
    properties.extend(fields.marks.iter().map(|(key, value)| (key.clone(), json!(value))));
    properties
}

/// Objects that both have hold the members of both: marks stand beside other programs' properties.
fn merge(into: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        match (into.get_mut(&name), value) {
            (Some(Value::Object(into)), Value::Object(more)) => merge(into, more),
            (_, value) => drop(into.insert(name, value)),
        }
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, member)| !member.is_null());
            Value::Object(kept.map(|(key, member)| (key, without_nulls(member))).collect())
        }
        other => other,
    }
}

/// The answer would tell the time that is shown, and with it another hour for all other days.
fn no_start_in_a_gap() -> RemoteError {
    let reason = "Google Calendar has no series that begins in the hour which a clock change leaves out; begin it a day earlier or later".into();
    RemoteError::Invalid { service: SERVICE, reason }
}

fn no_floating_time() -> RemoteError {
    let reason = "Google Calendar has no times without a zone; give the event a zone".into();
    RemoteError::Invalid { service: SERVICE, reason }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::{NaiveDate, TimeDelta};
    use chrono_tz::America::Toronto;
    use chrono_tz::TZ_VARIANTS;
    use daymark_core::rest::{People, Rest};
    use proptest::prelude::*;

    use super::*;
    use crate::google::project;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn visit() -> Fields {
        let span =
            Span::Timed { start: at("2026-03-02T14:00:00Z"), end: at("2026-03-02T15:00:00Z"), zone: Toronto };
        Fields::new("Visit", span)
    }

    fn patched(fields: Fields, changed: &[Field]) -> Value {
        let target = Target::Event(RemoteId("a".into()));
        patch_body(&Patch { target, etag: None, fields, changed: changed.to_vec() }).unwrap()
    }

    #[test]
    fn a_new_event_names_its_zone_and_nobodys_address() {
        let draft = Draft { derived_id: "0f".repeat(16), fields: visit(), rest: None };
        let body = insert_body(&draft, &draft.derived_id).unwrap();
        assert_eq!(
            body["start"],
            json!({"dateTime": "2026-03-02T09:00:00-05:00", "timeZone": "America/Toronto"})
        );
        assert_eq!(body["id"], json!(draft.derived_id));
        assert!(body.get("attendees").is_none() && body.get("recurrence").is_none());
        assert!(!body.to_string().contains("null"));
    }

    #[test]
    fn what_is_taken_over_stands_beside_the_fields_and_their_marks() {
        let raw = json!({
            "summary": "Old", "colorId": "3", "extendedProperties": {"private": {"other": "1", "daymark-block": "x"}},
        });
        let marks = BTreeMap::from([("daymark-booking".to_owned(), "b".to_owned())]);
        let rest = Some(Rest::new(raw, People::ComeAlong));
        let draft = Draft { derived_id: "0f".repeat(16), fields: Fields { marks, ..visit() }, rest };
        let body = insert_body(&draft, &draft.derived_id).unwrap();
        assert_eq!((body["summary"].as_str(), body["colorId"].as_str()), (Some("Visit"), Some("3")));
        assert_eq!(body["extendedProperties"], json!({"private": {"daymark-booking": "b", "other": "1"}}));
    }

    #[test]
    fn a_patch_says_nothing_of_what_did_not_change() {
        assert_eq!(patched(visit(), &[Field::Title]), json!({"summary": "Visit"}));
        assert_eq!(patched(visit(), &[]), json!({}));
    }

    #[test]
    fn a_day_that_becomes_a_time_leaves_no_date_behind() {
        let body = patched(visit(), &[Field::Span]);
        assert_eq!(body["start"]["date"], Value::Null);
        assert!(body["start"].as_object().unwrap().contains_key("date"));
        let date = NaiveDate::from_ymd_opt(2026, 3, 8).unwrap();
        let whole = Fields { span: Span::AllDay { start: date, end: date.succ_opt().unwrap() }, ..visit() };
        let body = patched(whole, &[Field::Span]);
        assert_eq!(body["end"], json!({"date": "2026-03-09", "dateTime": null, "timeZone": null}));
    }

    #[test]
    fn a_rule_that_was_removed_is_nulled_and_one_of_an_occurrence_never_sent() {
        assert_eq!(patched(visit(), &[Field::Recurrence]), json!({"recurrence": null}));
        let target = Target::Occurrence {
            master: RemoteId("s".into()),
            original: Original::At(at("2026-03-02T14:00:00Z")),
        };
        let patch = Patch { target, etag: None, fields: visit(), changed: vec![Field::Recurrence] };
        assert_eq!(patch_body(&patch).unwrap(), json!({}));
    }

    #[test]
    fn a_series_of_whole_days_ends_on_a_day() {
        let date = NaiveDate::from_ymd_opt(2026, 3, 8).unwrap();
        let recurrence = vec!["RRULE:FREQ=DAILY;UNTIL=20260401T035959Z;INTERVAL=2".to_owned()];
        let span = Span::AllDay { start: date, end: date.succ_opt().unwrap() };
        let whole = Fields { span, recurrence, ..visit() };
        let ends_on_a_day = json!(["RRULE:FREQ=DAILY;UNTIL=20260401;INTERVAL=2"]);
        assert_eq!(patched(whole.clone(), &[Field::Recurrence])["recurrence"], ends_on_a_day);
        assert_eq!(patched(whole.clone(), &[Field::Span])["recurrence"], ends_on_a_day);
        assert!(patched(whole.clone(), &[Field::Title]).get("recurrence").is_none());
        let timed = Fields { span: visit().span, ..whole };
        assert!(
            patched(timed.clone(), &[Field::Recurrence])["recurrence"][0]
                .as_str()
                .unwrap()
                .contains("T035959Z")
        );
        assert!(patched(timed, &[Field::Span]).get("recurrence").is_none());
    }

    #[test]
    fn a_series_that_begins_at_no_time_of_its_clock_is_refused_in_words() {
        let span = Span::Timed {
            start: at("2026-03-08T07:30:00Z"),
            end: at("2026-03-08T08:00:00Z"),
            zone: Tz::America__New_York,
        };
        let recurrence = vec!["DTSTART:20260308T023000".to_owned(), "RRULE:FREQ=DAILY".to_owned()];
        let series = Fields { span, recurrence, ..visit() };
        let draft = Draft { derived_id: "0f".repeat(16), fields: series.clone(), rest: None };
        let refused = insert_body(&draft, &draft.derived_id).unwrap_err();
        assert!(matches!(refused, RemoteError::Invalid { .. }), "{refused}");
        // A line that is left from another start is not sent.
        let moved = Fields { span: visit().span, ..series };
        assert_eq!(patched(moved, &[Field::Recurrence])["recurrence"], json!(["RRULE:FREQ=DAILY"]));
    }

    #[test]
    fn a_mark_that_went_is_nulled_by_name() {
        assert_eq!(
            patched(visit(), &[Field::Marks]),
            json!({"extendedProperties": {"private": {"daymark-block": null, "daymark-booking": null}}})
        );
    }

    #[test]
    fn a_copy_reminds_nobody() {
        let marks = BTreeMap::from([(marks::BLOCK.to_owned(), "1 …".to_owned())]);
        let draft = Draft { derived_id: "0f".repeat(16), fields: Fields { marks, ..visit() }, rest: None };
        let body = insert_body(&draft, &draft.derived_id).unwrap();
        assert_eq!(body["reminders"], json!({"useDefault": false, "overrides": []}));
        let plain = Draft { fields: visit(), ..draft };
        assert!(insert_body(&plain, &plain.derived_id).unwrap().get("reminders").is_none());
    }

    #[test]
    fn time_away_is_written_as_plain_busy_time() {
        let away = Fields { show_as: ShowAs::OutOfOffice, ..visit() };
        assert_eq!(patched(away, &[Field::ShowAs]), json!({"transparency": "opaque", "status": "confirmed"}));
    }

    #[test]
    fn time_without_a_zone_is_refused_in_words() {
        let wall = "2026-03-02T09:00:00".parse().unwrap();
        let fields = Fields { span: Span::Floating { start: wall, end: wall }, ..visit() };
        let draft = Draft { derived_id: "0f".repeat(16), fields, rest: None };
        assert!(insert_body(&draft, "x").unwrap_err().to_string().contains("zone"));
    }

    #[test]
    fn an_occurrence_is_named_by_its_masters_id_and_its_original_start() {
        let master = || RemoteId("abc".into());
        let timed =
            Target::Occurrence { master: master(), original: Original::At(at("2026-03-02T14:00:00Z")) };
        assert_eq!(event_id(&timed).unwrap(), "abc_20260302T140000Z");
        let day = Original::On(NaiveDate::from_ymd_opt(2026, 3, 2).unwrap());
        assert_eq!(
            event_id(&Target::Occurrence { master: master(), original: day }).unwrap(),
            "abc_20260302"
        );
    }

    #[test]
    fn the_next_ids_of_a_draft_are_always_the_same_and_fit_google() {
        let first = "0123456789abcdef0123456789abcdef";
        let ids: Vec<String> = (0..4).map(|taken| nth_id(first, taken)).collect();
        assert_eq!(ids[0], first);
        assert_eq!(ids, (0..4).map(|taken| nth_id(first, taken)).collect::<Vec<_>>());
        for id in &ids {
            assert!(
                id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'v')),
                "{id}"
            );
        }
        assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
    }

    fn spans() -> impl Strategy<Value = Span> {
        let timed = (0_i64..2_000_000_000, 0_i64..1_000_000, 0..TZ_VARIANTS.len()).prop_map(
            |(from, length, zone)| {
                let start = Instant::from_timestamp(from, 0).unwrap();
                Span::Timed { start, end: start + TimeDelta::seconds(length), zone: TZ_VARIANTS[zone] }
            },
        );
        let days = (0_i64..20_000, 1_i64..30).prop_map(|(from, length)| {
            let start = NaiveDate::default() + TimeDelta::days(from);
            Span::AllDay { start, end: start + TimeDelta::days(length) }
        });
        prop_oneof![timed, days]
    }

    prop_compose! {
        /// What Google can keep.
        fn fields()(
            span in spans(),
            title in ".{0,20}", description in ".{0,20}", location in ".{0,20}",
            repeats in any::<bool>(), marked in any::<bool>(),
            show_as in prop::sample::select(vec![ShowAs::Free, ShowAs::Tentative, ShowAs::Busy]),
            visibility in prop::sample::select(vec![Visibility::Default, Visibility::Public, Visibility::Private]),
        ) -> Fields {
            let recurrence = if repeats { vec!["RRULE:FREQ=WEEKLY".to_owned()] } else { vec![] };
            let marks = BTreeMap::from_iter(marked.then(|| (marks::BOOKING.to_owned(), "b1".to_owned())));
            Fields { title, description, location, span, recurrence, show_as, visibility, marks }
        }
    }

    #[test]
    fn a_time_in_a_zone_whose_offset_had_seconds_keeps_its_instant() {
        let start = Instant::from_timestamp(0, 0).unwrap();
        let span = Span::Timed { start, end: start + TimeDelta::hours(1), zone: Tz::Africa__Monrovia };
        let (first, _) = moments(&span).unwrap();
        assert_eq!(first["dateTime"], "1970-01-01T00:00:00Z");
        assert_eq!(first["timeZone"], "Africa/Monrovia");
    }

    proptest! {
        #[test]
        fn what_is_written_is_what_is_read_back(fields in fields()) {
            let draft = Draft { derived_id: "0f".repeat(16), fields: fields.clone(), rest: None };
            let body = insert_body(&draft, &draft.derived_id).unwrap();
            let back = project::single(body, Tz::UTC).unwrap();
            prop_assert_eq!(back.event.fields, fields);
        }
    }
}
