//! A mirror in a folder of its own with one account and one calendar, and words for what providers say.

use std::ops::Deref;

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use daymark_core::event::{Answer, Event, Fields, Kind, Original, RemoteId, SeriesRef, Status};
use daymark_core::merge::{Delta, Snapshot};
use daymark_core::time::{Instant, Interval, Span, next_day};
use tempfile::TempDir;

use crate::{Access, AccountId, AgendaRow, Applied, CalendarId, Listed, Mirror, Next, Turn};

pub const ZONE: Tz = Tz::America__Toronto;

pub struct World {
    pub mirror: Mirror,
    pub account: AccountId,
    pub calendar: CalendarId,
    pub folder: TempDir,
}

impl Deref for World {
    type Target = Mirror;
    fn deref(&self) -> &Mirror {
        &self.mirror
    }
}

pub fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub fn now() -> Instant {
    at("2026-03-02T12:00:00Z")
}

pub fn later(seconds: i64) -> Instant {
    now() + TimeDelta::seconds(seconds)
}

pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// 2 March 2026 is a Monday.
pub fn week() -> Interval {
    Interval::new(at("2026-03-02T05:00:00Z"), at("2026-03-09T04:00:00Z")).unwrap()
}

pub fn within(from: &str, to: &str) -> Interval {
    Interval::new(at(from), at(to)).unwrap()
}

pub fn listed(id: &str, access: Access) -> Listed {
    Listed { remote_id: id.into(), name: id.into(), zone: Some(ZONE), access, primary: id == "main" }
}

impl World {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mirror = Mirror::open(&folder.path().join("data/mirror.db")).await.unwrap();
        let account = mirror.add_account("google", "maya@northcare.example", now()).await.unwrap();
        mirror.store_calendars(account, &[listed("main", Access::Write)]).await.unwrap();
        let calendar = mirror.calendars().await.unwrap()[0].id;
        World { mirror, account, calendar, folder }
    }

    /// One answer that ends a round, asked with whatever cursor is stored.
    pub async fn receive(&self, deltas: Vec<Delta>) -> Applied {
        let asked = self.cursor().await;
        let next = Next::Done("next".into());
        self.apply(self.calendar, deltas, Turn { asked, next, window: None }, now()).await.unwrap()
    }

    pub async fn page(&self, deltas: Vec<Delta>, next: Next) -> Applied {
        let asked = self.cursor().await;
        self.apply(self.calendar, deltas, Turn { asked, next, window: None }, now()).await.unwrap()
    }

    pub async fn cursor(&self) -> Option<String> {
        let calendars = self.calendars().await.unwrap();
        calendars.into_iter().find(|it| it.id == self.calendar).unwrap().cursor
    }

    pub async fn week(&self) -> Vec<AgendaRow> {
        self.agenda(week(), ZONE).await.unwrap()
    }

    pub async fn titles(&self) -> Vec<String> {
        self.week().await.into_iter().map(|row| row.title).collect()
    }

    pub async fn starts(&self) -> Vec<String> {
        self.week().await.into_iter().map(|row| row.time.start_wall.format("%a %H:%M").to_string()).collect()
    }
}

pub fn timed(start: &str, minutes: i64) -> Span {
    Span::Timed { start: at(start), end: at(start) + TimeDelta::minutes(minutes), zone: ZONE }
}

pub fn whole_day(text: &str) -> Span {
    Span::AllDay { start: date(text), end: next_day(date(text)) }
}

/// An hour on Monday at 10:00 in Toronto.
pub fn fields(title: &str) -> Fields {
    Fields::new(title, timed("2026-03-02T15:00:00Z", 60))
}

pub fn snapshot(id: &str, etag: &str, fields: Fields) -> Snapshot {
    let event = Event {
        id: RemoteId(id.into()),
        uid: format!("{id}@example.org"),
        etag: Some(etag.into()),
        status: Status::Confirmed,
        kind: Kind::Default,
        answer: Answer::Own,
        organizer: true,
        fields,
        series: None,
        updated: None,
    };
    Snapshot { event, raw: serde_json::json!({"id": id, "unmanaged": true}) }
}

pub fn upsert(id: &str, etag: &str, fields: Fields) -> Delta {
    Delta::Upsert(Box::new(snapshot(id, etag, fields)))
}

/// Every weekday at 09:00 in Toronto.
pub fn standup() -> Fields {
    Fields {
        recurrence: vec!["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR".into()],
        ..Fields::new("Stand-up", timed("2026-03-02T14:00:00Z", 15))
    }
}

/// The stand-up of one day of the week, as an exception.
pub fn exception(day: u32, etag: &str, fields: Fields) -> Snapshot {
    let mut exception = snapshot(&format!("s_{day}"), etag, fields);
    exception.event.series = Some(SeriesRef { master: RemoteId("s".into()), original: standup_on(day) });
    exception
}

pub fn standup_on(day: u32) -> Original {
    Original::At(at(&format!("2026-03-{day:02}T14:00:00Z")))
}

pub fn cancelled(day: u32) -> Delta {
    let mut cancelled =
        exception(day, "c", Fields::new("", timed(&format!("2026-03-{day:02}T14:00:00Z"), 0)));
    cancelled.event.status = Status::Cancelled;
    Delta::Upsert(Box::new(cancelled))
}
