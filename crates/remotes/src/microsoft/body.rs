//! Core's fields as the JSON that Graph takes; attendees are never among them, for each would be mailed. Only a new
//! event brings along those of an earlier one, when the owner was asked.

use chrono_tz::Tz;
use daymark_core::event::{Field, Fields, ShowAs, Visibility, marks as mark};
use daymark_core::recurrence::{beginning, is_start};
use daymark_core::time::{Instant, Span, resolve, resolve_both, wall};
use serde_json::{Map, Value, json};

use super::{NAME, marks, rest, rule, zone};
use crate::calendar::Draft;
use crate::error::RemoteError;

const WALL: &str = "%Y-%m-%dT%H:%M:%S%.f";

/// A new event. The same draft always has the same `transactionId`, so that Graph makes one event of it.
pub(super) fn creation(draft: &Draft, home: Tz) -> Result<Value, RemoteError> {
    let changed: Vec<Field> = Field::ALL
        .into_iter()
        .filter(|field| *field != Field::Recurrence || !draft.fields.recurrence.is_empty())
        .collect();
    let mut body = properties(&draft.fields, &changed, Repeats::AsItSays, home)?;
    if let Some(rest) = &draft.rest {
        let taken_over = rest::taken_over(rest, &draft.fields);
        if taken_over.contains_key("locations") {
            body.remove("location");
        }
        body.extend(taken_over);
    }
    body.insert("transactionId".into(), json!(transaction_id(&draft.derived_id)?));
    if draft.fields.marks.contains_key(mark::BLOCK) {
        // A copy reminds nobody: its source does.
        body.insert("isReminderOn".into(), json!(false));
    }
    let mut properties = marks::written(&draft.fields.marks);
    properties.push(marks::draft_written(&draft.derived_id));
    body.insert("singleValueExtendedProperties".into(), json!(properties));
    Ok(Value::Object(body))
}

/// Whether a patch may touch the rule: one occurrence has none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Repeats {
    AsItSays,
    Never,
}

/// Only what `changed` names.
pub(super) fn change(
    fields: &Fields,
    changed: &[Field],
    repeats: Repeats,
    home: Tz,
) -> Result<Value, RemoteError> {
    properties(fields, changed, repeats, home).map(Value::Object)
}

fn properties(
    fields: &Fields,
    changed: &[Field],
    repeats: Repeats,
    home: Tz,
) -> Result<Map<String, Value>, RemoteError> {
    let mut body = Map::new();
    for field in changed {
        match field {
            Field::Title => put(&mut body, "subject", json!(fields.title)),
            Field::Description => {
                put(&mut body, "body", json!({"contentType": "text", "content": fields.description}));
            }
            Field::Location => put(&mut body, "location", json!({"displayName": fields.location})),
            Field::Span => put_span(&mut body, &fields.span, home),
            Field::ShowAs => put(&mut body, "showAs", json!(show_as(fields.show_as))),
            Field::Visibility => put(&mut body, "sensitivity", json!(sensitivity(fields.visibility))),
            Field::Marks => {
                put(&mut body, "singleValueExtendedProperties", json!(marks::written(&fields.marks)));
            }
            Field::Recurrence => {}
        }
    }
    // The rule carries the start date, so it travels whenever the start does.
    let rule_moves = changed.contains(&Field::Recurrence)
        || (changed.contains(&Field::Span) && !fields.recurrence.is_empty());
    if rule_moves && repeats == Repeats::AsItSays {
        put(&mut body, "recurrence", recurrence(fields, home)?);
    }
    Ok(body)
}

fn put(body: &mut Map<String, Value>, name: &str, value: Value) {
    body.insert(name.to_owned(), value);
}

/// The draft's id in the form of a UUID, which is what other clients send there.
fn transaction_id(derived_id: &str) -> Result<String, RemoteError> {
    let part = |from, to| derived_id.get(from..to);
    match (part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)) {
        (Some(a), Some(b), Some(c), Some(d), Some(e)) if derived_id.len() == 32 => {
            Ok(format!("{a}-{b}-{c}-{d}-{e}"))
        }
        _ => Err(invalid("the draft's id must have 32 hex digits".into())),
    }
}

fn put_span(body: &mut Map<String, Value>, span: &Span, home: Tz) {
    let (start, end) = match span {
        Span::Timed { start, end, zone } => (moment(*start, *zone), moment(*end, *zone)),
        // Graph has no floating time: at home it is what the owner sees.
        Span::Floating { start, end } => {
            let (start, end) = resolve_both(*start, *end, home);
            (moment(start, home), moment(end, home))
        }
        Span::AllDay { start, end } => {
            let midnight = |day: &chrono::NaiveDate| json!({"dateTime": format!("{day}T00:00:00"), "timeZone": zone::sent(home)});
            (midnight(start), midnight(end))
        }
    };
    put(body, "start", start);
    put(body, "end", end);
    put(body, "isAllDay", json!(span.is_all_day()));
}

fn moment(at: Instant, zone: Tz) -> Value {
    let local = wall(at, zone);
    // In the hour that clocks show twice, a wall time says only the first of the two.
    let (local, name) = if resolve(local, zone) == at {
        (local, zone::sent(zone))
    } else {
        (at.naive_utc(), "UTC".to_owned())
    };
    json!({"dateTime": local.format(WALL).to_string(), "timeZone": name})
}

fn recurrence(fields: &Fields, home: Tz) -> Result<Value, RemoteError> {
    if fields.recurrence.is_empty() {
        return Ok(Value::Null);
    }
    if beginning(&fields.span, &fields.recurrence).is_some() {
        let why = "it begins in the hour which a clock change leaves out; begin it a day earlier or later";
        return Err(invalid(format!("Outlook cannot keep this repetition: {why}")));
    }
    let (start, zone) = match &fields.span {
        Span::Timed { start, zone, .. } => (wall(*start, *zone), *zone),
        Span::Floating { start, .. } => (*start, home),
        Span::AllDay { start, .. } => (start.and_time(chrono::NaiveTime::MIN), home),
    };
    let lines: Vec<String> = fields.recurrence.iter().filter(|line| !is_start(line)).cloned().collect();
    let made = rule::recurrence(&lines, start, zone, zone::sent(zone))
        .map_err(|why| invalid(format!("Outlook cannot keep this repetition: {why}")))?;
    Ok(json!(made))
}

fn show_as(value: ShowAs) -> &'static str {
    match value {
        ShowAs::Free => "free",
        ShowAs::Tentative => "tentative",
        ShowAs::Busy => "busy",
        ShowAs::OutOfOffice => "oof",
        ShowAs::WorkingElsewhere => "workingElsewhere",
    }
}

fn sensitivity(value: Visibility) -> &'static str {
    match value {
        Visibility::Default | Visibility::Public => "normal",
        Visibility::Private => "private",
    }
}

fn invalid(reason: String) -> RemoteError {
    RemoteError::Invalid { service: NAME, reason }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    const HOME: Tz = Tz::America__Toronto;

    fn timed(start: &str, end: &str) -> Span {
        Span::Timed { start: start.parse().unwrap(), end: end.parse().unwrap(), zone: HOME }
    }

    fn visit() -> Fields {
        Fields::new("Visit", timed("2026-03-02T14:00:00Z", "2026-03-02T15:00:00Z"))
    }

    fn weekly() -> Fields {
        Fields { recurrence: vec!["RRULE:FREQ=WEEKLY;BYDAY=MO".into()], ..visit() }
    }

    fn draft(fields: Fields) -> Draft {
        Draft { derived_id: "0123456789abcdef0123456789abcdef".into(), fields, rest: None }
    }

    #[test]
    fn a_creation_names_its_transaction_and_nobody_to_mail() {
        let body = creation(&draft(visit()), HOME).unwrap();
        assert_eq!(body["transactionId"], "01234567-89ab-cdef-0123-456789abcdef");
        assert_eq!(
            body["start"],
            json!({"dateTime": "2026-03-02T09:00:00", "timeZone": "Eastern Standard Time"})
        );
        assert_eq!(body["isAllDay"], false);
        assert!(body.get("attendees").is_none() && body.get("recurrence").is_none());
        let draft = &body["singleValueExtendedProperties"][2];
        assert_eq!(draft["value"], "0123456789abcdef0123456789abcdef");
    }

    #[test]
    fn a_copy_reminds_nobody() {
        let mut copy = visit();
        copy.marks.insert(mark::BLOCK.into(), "1 …".into());
        assert_eq!(creation(&draft(copy), HOME).unwrap()["isReminderOn"], false);
        assert!(creation(&draft(visit()), HOME).unwrap().get("isReminderOn").is_none());
    }

    #[test]
    fn a_change_names_only_what_changed() {
        let body = change(&visit(), &[Field::Title, Field::Visibility], Repeats::AsItSays, HOME).unwrap();
        assert_eq!(body, json!({"subject": "Visit", "sensitivity": "normal"}));
    }

    #[test]
    fn a_moved_series_takes_its_rule_along() {
        let body = change(&weekly(), &[Field::Span], Repeats::AsItSays, HOME).unwrap();
        assert_eq!(body["recurrence"]["range"]["startDate"], "2026-03-02");
        let occurrence = change(&weekly(), &[Field::Span], Repeats::Never, HOME).unwrap();
        assert!(occurrence.get("recurrence").is_none());
    }

    #[test]
    fn a_series_turned_single_loses_its_rule() {
        let body = change(&visit(), &[Field::Recurrence], Repeats::AsItSays, HOME).unwrap();
        assert_eq!(body, json!({"recurrence": null}));
    }

    #[test]
    fn whole_days_are_midnights_of_one_zone() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let span = Span::AllDay { start: day("2026-03-02"), end: day("2026-03-04") };
        let body = change(&Fields::new("Away", span), &[Field::Span], Repeats::AsItSays, HOME).unwrap();
        assert_eq!(
            body["end"],
            json!({"dateTime": "2026-03-04T00:00:00", "timeZone": "Eastern Standard Time"})
        );
        assert_eq!(body["isAllDay"], true);
    }

    #[test]
    fn the_second_of_two_equal_wall_times_is_sent_in_utc() {
        let span = timed("2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z");
        let body = change(&Fields::new("Night", span), &[Field::Span], Repeats::AsItSays, HOME).unwrap();
        assert_eq!(body["start"]["dateTime"], "2026-11-01T01:30:00");
        assert_eq!(body["end"], json!({"dateTime": "2026-11-01T06:30:00", "timeZone": "UTC"}));
    }

    #[test]
    fn a_rule_that_outlook_cannot_keep_is_refused_in_words() {
        let hourly = Fields { recurrence: vec!["RRULE:FREQ=HOURLY".into()], ..visit() };
        let refused = creation(&draft(hourly), HOME).unwrap_err();
        assert!(refused.to_string().contains("Outlook cannot keep this repetition"), "{refused}");
    }

    #[test]
    fn a_series_that_begins_at_no_time_of_its_clock_is_refused_in_words() {
        let recurrence = vec!["DTSTART:20260308T023000".to_owned(), "RRULE:FREQ=DAILY".to_owned()];
        let series = Fields {
            recurrence,
            ..Fields::new("Night", timed("2026-03-08T07:30:00Z", "2026-03-08T08:00:00Z"))
        };
        let refused = creation(&draft(series.clone()), HOME).unwrap_err();
        assert!(refused.to_string().contains("clock change leaves out"), "{refused}");
        // A line that is left from another start is not sent.
        let moved = Fields { span: visit().span, ..series };
        assert!(creation(&draft(moved), HOME).is_ok());
    }
}
