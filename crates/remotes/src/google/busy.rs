//! Reading a calendar of which only free and busy is shared: its busy times, as entries without a title.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveTime, SecondsFormat, TimeDelta};
use chrono_tz::Tz;
use data_encoding::HEXLOWER;
use daymark_core::event::{Answer, Event, Fields, Kind, RemoteId, ShowAs, Status, Visibility};
use daymark_core::time::{Instant, Interval, Span};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Google, SERVICE};
use crate::calendar::{Changes, Cursor, Item, Next, Page, RemoteCalendarId, RemoteEvent};
use crate::error::RemoteError;
use crate::http::Request;
use crate::settings::join;

/// Google refuses a stretch of more than about 90 days.
const DAYS_AT_ONCE: i64 = 60;

#[derive(Deserialize)]
struct FreeBusy {
    calendars: BTreeMap<String, Answered>,
}

#[derive(Deserialize)]
struct Answered {
    #[serde(default)]
    errors: Vec<Failure>,
    #[serde(default)]
    busy: Vec<Period>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct Period {
    start: DateTime<FixedOffset>,
    end: DateTime<FixedOffset>,
}

impl Google {
    /// All busy times are asked for each time. The cursor is their fingerprint: as long as that is the same
    /// nothing has changed, and when it is another the whole is read anew, so that what has ended goes.
    pub(super) async fn busy_times(
        &self,
        calendar: &RemoteCalendarId,
        cursor: Option<&Cursor>,
        window: Interval,
    ) -> Result<Changes, RemoteError> {
        let mut times = Vec::new();
        for piece in pieces(whole_days(window)) {
            times.extend(self.busy_within(calendar, piece).await?);
        }
        let times = joined(times);
        let found = fingerprint(&times);
        let items = match cursor {
            None => times.into_iter().map(item).collect(),
            Some(known) if *known == found => Vec::new(),
            Some(_) => return Ok(Changes::Expired),
        };
        Ok(Changes::Page(Page { items, next: Next::Done(found) }))
    }

    async fn busy_within(
        &self,
        calendar: &RemoteCalendarId,
        asked: Interval,
    ) -> Result<Vec<(Instant, Instant)>, RemoteError> {
        let at = |instant: Instant| instant.to_rfc3339_opts(SecondsFormat::Secs, true);
        let body = json!({
            "timeMin": at(asked.start()), "timeMax": at(asked.end()), "items": [{"id": calendar.0}],
        });
        let url = join(&self.api, ["freeBusy"]);
        let request = Request::new(Method::POST, url).repeatable().json(&body)?;
        let mut answer: FreeBusy = self.read(request).await.map_err(without_scope)?;
        let Some(answered) = answer.calendars.remove(&calendar.0) else {
            return Err(malformed("the calendar is not in the answer"));
        };
        if let Some(failure) = answered.errors.first() {
            return Err(refused(&failure.reason));
        }
        answered.busy.iter().map(ordered).collect()
    }
}

fn ordered(period: &Period) -> Result<(Instant, Instant), RemoteError> {
    let (start, end) = (period.start.to_utc(), period.end.to_utc());
    if start <= end { Ok((start, end)) } else { Err(malformed("a time ends before it starts")) }
}

/// An account from before Daymark asked for this permission works on in all else: only this calendar fails.
fn without_scope(error: RemoteError) -> RemoteError {
    match error {
        RemoteError::Scope { .. } => {
            let reason = "only free and busy is shared of it, and Daymark has no permission to read that; \
                          sign the account in again and allow it, or ask its owner to share all details";
            RemoteError::Forbidden { reason: reason.into() }
        }
        error => error,
    }
}

fn refused(reason: &str) -> RemoteError {
    match reason {
        "notFound" => RemoteError::NotFound,
        reason => malformed(&format!("Google could not work out its busy times ({reason})")),
    }
}

fn malformed(why: &str) -> RemoteError {
    RemoteError::Malformed { service: SERVICE, at: "freeBusy".into(), why: why.into() }
}

/// Busy times are cut at the edges of what is asked: edges that move with the clock would make every
/// reading another one.
fn whole_days(window: Interval) -> Interval {
    let midnight = |at: Instant| at.date_naive().and_time(NaiveTime::MIN).and_utc();
    let end = midnight(window.end()) + TimeDelta::days(1);
    Interval::new(midnight(window.start()), end).unwrap_or(window)
}

fn pieces(whole: Interval) -> Vec<Interval> {
    let mut pieces = Vec::new();
    let mut start = whole.start();
    while start < whole.end() {
        let end = whole.end().min(start + TimeDelta::days(DAYS_AT_ONCE));
        pieces.extend(Interval::new(start, end));
        start = end;
    }
    pieces
}

/// One time that two pieces each have a part of is one time.
fn joined(mut times: Vec<(Instant, Instant)>) -> Vec<(Instant, Instant)> {
    times.sort();
    let mut joined: Vec<(Instant, Instant)> = Vec::with_capacity(times.len());
    for (start, end) in times {
        match joined.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    joined
}

fn fingerprint(times: &[(Instant, Instant)]) -> Cursor {
    let mut digest = Sha256::new();
    for (start, end) in times {
        digest.update(format!("{}/{};", start.timestamp(), end.timestamp()));
    }
    Cursor(format!("busy:{}", HEXLOWER.encode(&digest.finalize())))
}

fn item((start, end): (Instant, Instant)) -> Item {
    let id = format!("busy-{}-{}", start.timestamp(), end.timestamp());
    let mut fields = Fields::new("", Span::Timed { start, end, zone: Tz::UTC });
    fields.show_as = ShowAs::Busy;
    fields.visibility = Visibility::Private;
    let event = Event {
        uid: id.clone(),
        id: RemoteId(id),
        etag: None,
        status: Status::Confirmed,
        kind: Kind::Default,
        answer: Answer::Own,
        organizer: false,
        fields,
        series: None,
        updated: None,
    };
    let raw = json!({"start": start.to_rfc3339(), "end": end.to_rfc3339()});
    Item::Upsert(Box::new(RemoteEvent { event, raw }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::RemoteError;
    use crate::google::tests::{maya, page, playing, refused as refusal, window};

    fn answer(busy: &serde_json::Value) -> (u16, serde_json::Value) {
        (200, json!({"kind": "calendar#freeBusy", "calendars": {"maya@example.org": {"busy": busy}}}))
    }

    fn nothing() -> (u16, serde_json::Value) {
        answer(&json!([]))
    }

    fn short() -> Interval {
        let start = window().start();
        Interval::new(start, start + TimeDelta::days(30)).unwrap()
    }

    fn visit() -> (u16, serde_json::Value) {
        answer(&json!([{"start": "2026-01-12T14:00:00Z", "end": "2026-01-12T15:00:00Z"}]))
    }

    #[tokio::test]
    async fn a_busy_time_is_an_entry_without_a_title_that_takes_time() {
        let (script, google) = playing([visit()]).await;
        let page = page(google.busy_times(&maya(), None, short()).await.unwrap());
        let [Item::Upsert(found)] = &page.items[..] else { panic!("{page:?}") };
        assert!(found.event.is_busy());
        assert_eq!(found.event.fields.title, "");
        assert_eq!(found.event.id.0, "busy-1768226400-1768230000");
        let heard = script.heard();
        assert!(heard[0].starts_with("POST /calendar/v3/freeBusy "), "{}", heard[0]);
        assert!(heard[0].contains(r#""items":[{"id":"maya@example.org"}]"#), "{}", heard[0]);
    }

    #[tokio::test]
    async fn a_long_stretch_is_asked_in_pieces_and_a_time_across_two_of_them_is_one() {
        let edge = "2026-03-02T00:00:00Z";
        let before = answer(&json!([{"start": "2026-03-01T20:00:00Z", "end": edge}]));
        let after = answer(&json!([{"start": edge, "end": "2026-03-02T03:00:00Z"}]));
        let rest = std::iter::repeat_with(nothing).take(5);
        let (script, google) = playing([before, after].into_iter().chain(rest)).await;
        let page = page(google.busy_times(&maya(), None, window()).await.unwrap());
        assert_eq!(script.heard().len(), 7);
        assert_eq!(page.items.len(), 1);
    }

    #[tokio::test]
    async fn the_same_times_are_no_change_and_other_times_are_read_as_a_whole() {
        let (_script, google) = playing([visit(), visit(), nothing(), nothing()]).await;
        let first = page(google.busy_times(&maya(), None, short()).await.unwrap());
        let Next::Done(cursor) = first.next else { panic!() };
        let same = page(google.busy_times(&maya(), Some(&cursor), short()).await.unwrap());
        assert_eq!((same.items, same.next), (Vec::new(), Next::Done(cursor.clone())));
        let other = google.busy_times(&maya(), Some(&cursor), short()).await.unwrap();
        assert_eq!(other, Changes::Expired);
        assert!(page(google.busy_times(&maya(), None, short()).await.unwrap()).items.is_empty());
    }

    #[tokio::test]
    async fn an_answer_with_errors_or_without_the_calendar_is_never_nothing_busy() {
        let errors = json!([{"domain": "global", "reason": "internalError"}]);
        let failed = (200, json!({"calendars": {"maya@example.org": {"errors": errors, "busy": []}}}));
        let (_script, google) = playing([failed, (200, json!({"calendars": {}}))]).await;
        for _ in 0..2 {
            let failure = google.busy_times(&maya(), None, short()).await.unwrap_err();
            assert!(matches!(failure, RemoteError::Malformed { .. }), "{failure}");
        }
    }

    #[tokio::test]
    async fn a_permission_that_was_never_asked_for_fails_the_calendar_and_not_the_account() {
        let (_script, google) = playing([refusal(403, "insufficientPermissions", "")]).await;
        let failure = google.busy_times(&maya(), None, short()).await.unwrap_err();
        assert!(matches!(failure, RemoteError::Forbidden { .. }), "{failure}");
    }

    #[tokio::test]
    async fn its_cursor_is_no_place_in_a_list_of_events() {
        let (_script, google) = playing([]).await;
        let changes = google.pull(&maya(), Some(&fingerprint(&[]))).await.unwrap();
        assert_eq!(changes, Changes::Expired);
    }
}
