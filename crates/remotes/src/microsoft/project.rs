//! Graph's JSON as core's event.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use daymark_core::event::{
    Answer, Event, Fields, Kind, Original, RemoteId, SeriesRef, ShowAs, Status, Visibility,
};
use daymark_core::glimpse::Glimpse;
use daymark_core::time::{Instant, Span, next_day, resolve, resolve_both, wall};
use serde::Deserialize as _;
use serde_json::Value;

use super::{marks, rule, wire, zone};
use crate::calendar::RemoteEvent;

/// Why one entry could not be understood.
#[derive(Debug, PartialEq)]
pub(super) struct Flaw {
    pub id: Option<RemoteId>,
    pub why: String,
    pub glimpse: Glimpse,
}

/// Whether the occurrences of a series are told apart by instants or by dates. It is the master's
/// kind that counts: an exception may have been turned from a whole day into an hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Counting {
    Instants,
    Dates,
    /// The master is not at hand; the exception itself has to say.
    Unknown,
}

impl Counting {
    pub(super) fn of_series(master: &Event) -> Self {
        if master.fields.span.is_all_day() { Counting::Dates } else { Counting::Instants }
    }

    pub(super) fn of(original: &Original) -> Self {
        if matches!(original, Original::On(_)) { Counting::Dates } else { Counting::Instants }
    }
}

/// Reads one event. `home` stands in where Exchange names no zone that exists anywhere else.
pub(super) fn event(raw: Value, home: Tz, counting: Counting) -> Result<RemoteEvent, Flaw> {
    match read(&raw, home, counting) {
        Ok(event) => Ok(RemoteEvent { event, raw }),
        Err(why) => Err(Flaw { id: id_of(&raw), why, glimpse: glimpse(&raw, home) }),
    }
}

/// What is left to see of an entry that makes no sense.
pub(super) fn glimpse(raw: &Value, home: Tz) -> Glimpse {
    let at = raw.get("start").and_then(|at| wire::Moment::deserialize(at).ok());
    let is_all_day = raw.get("isAllDay").and_then(Value::as_bool).unwrap_or_default();
    let start = at.and_then(|at| match is_all_day {
        true => whole_day(&at, home).ok().map(Original::On),
        // In a zone that nobody knows it is at least on that day there.
        false => moment(&at, home).map(Original::At).or_else(|_| wall_time(&at).map(Original::Floating)).ok(),
    });
    Glimpse::new(raw.get("subject").and_then(Value::as_str).unwrap_or_default(), start)
}

pub(super) fn id_of(raw: &Value) -> Option<RemoteId> {
    raw.get("id").and_then(Value::as_str).map(|id| RemoteId(id.to_owned()))
}

fn read(raw: &Value, home: Tz, counting: Counting) -> Result<Event, String> {
    let from: wire::Event =
        serde_path_to_error::deserialize(raw).map_err(|why| format!("{}: {}", why.path(), why.inner()))?;
    let span = span(&from, home)?;
    let series = match &from.series_master_id {
        Some(master) => Some(SeriesRef {
            master: RemoteId(master.clone()),
            original: original(&from, &span, home, counting)?,
        }),
        None => None,
    };
    let recurrence = match &from.recurrence {
        Some(recurrence) => rule::lines(recurrence, zone_of(&span))?,
        None => Vec::new(),
    };
    Ok(Event {
        id: RemoteId(from.id.clone()),
        uid: from.uid.clone(),
        etag: from.etag.clone(),
        status: if from.is_cancelled { Status::Cancelled } else { Status::Confirmed },
        kind: Kind::Default,
        answer: answer(&from),
        organizer: from.is_organizer.unwrap_or(true),
        fields: Fields {
            title: from.subject.clone(),
            description: from.body.as_ref().map(|body| plain(&body.content)).unwrap_or_default(),
            location: from.location.as_ref().map(|place| place.display_name.clone()).unwrap_or_default(),
            span,
            recurrence,
            show_as: show_as(&from.show_as),
            visibility: visibility(&from.sensitivity),
            marks: marks::read(&from.single_value_extended_properties),
        },
        series,
        updated: from.last_modified_date_time.as_deref().and_then(instant),
    })
}

/// Exchange ends lines as mail does, and a text made from HTML with empty ones.
fn plain(content: &str) -> String {
    content.replace("\r\n", "\n").trim_end().to_owned()
}

fn answer(from: &wire::Event) -> Answer {
    let response = from.response_status.as_ref().map_or("", |status| status.response.as_str());
    match response {
        "accepted" => Answer::Accepted,
        "tentativelyAccepted" => Answer::Tentative,
        "declined" => Answer::Declined,
        "notResponded" => Answer::Open,
        "none" if from.is_organizer == Some(false) => Answer::Open,
        _ => Answer::Own,
    }
}

/// What Graph adds one day counts as busy: unknown is not free.
fn show_as(word: &str) -> ShowAs {
    match word {
        "free" => ShowAs::Free,
        "tentative" => ShowAs::Tentative,
        "oof" => ShowAs::OutOfOffice,
        "workingElsewhere" => ShowAs::WorkingElsewhere,
        _ => ShowAs::Busy,
    }
}

fn visibility(word: &str) -> Visibility {
    match word {
        "" | "normal" => Visibility::Default,
        _ => Visibility::Private,
    }
}

fn zone_of(span: &Span) -> Option<Tz> {
    match span {
        Span::Timed { zone, .. } => Some(*zone),
        Span::AllDay { .. } | Span::Floating { .. } => None,
    }
}

/// The zone in which the event was made, and its series repeats: a series expanded in UTC would
/// shift with daylight saving time.
fn own_zone(from: &wire::Event, home: Tz) -> Tz {
    let repeats_in = from.recurrence.as_ref().and_then(|known| known.range.recurrence_time_zone.as_deref());
    let named = |name: Option<&str>| name.and_then(|name| zone::understood(name, home));
    named(repeats_in).or_else(|| named(from.original_start_time_zone.as_deref())).unwrap_or(home)
}

fn span(from: &wire::Event, home: Tz) -> Result<Span, String> {
    let zone = own_zone(from, home);
    let span = if from.is_all_day {
        let start = whole_day(&from.start, zone)?;
        let end = whole_day(&from.end, zone)?;
        Span::AllDay { start, end: end.max(next_day(start)) }
    } else {
        let (start, end) = moments(&from.start, &from.end, home)?;
        Span::Timed { start, end, zone }
    };
    if span.is_ordered() { Ok(span) } else { Err("the event ends before it starts".to_owned()) }
}

fn wall_time(at: &wire::Moment) -> Result<NaiveDateTime, String> {
    let text = at.date_time.trim_end_matches('Z');
    text.parse().map_err(|_| format!("{text:?} is no date with a time"))
}

/// Start and end, which one clock times where both name the same.
fn moments(start: &wire::Moment, end: &wire::Moment, home: Tz) -> Result<(Instant, Instant), String> {
    let zone = clock(start, home)?;
    if clock(end, home)? == zone {
        return Ok(resolve_both(wall_time(start)?, wall_time(end)?, zone));
    }
    Ok((moment(start, home)?, moment(end, home)?))
}

fn moment(at: &wire::Moment, home: Tz) -> Result<Instant, String> {
    Ok(resolve(wall_time(at)?, clock(at, home)?))
}

fn clock(at: &wire::Moment, home: Tz) -> Result<Tz, String> {
    let name = at.time_zone.as_deref().unwrap_or("UTC");
    zone::understood(name, home).ok_or_else(|| format!("unknown time zone {name:?}"))
}

/// The day that an all-day event names. Midnight is taken as it stands, whatever zone it is
/// labelled with; converting it would move the date.
fn whole_day(at: &wire::Moment, zone: Tz) -> Result<NaiveDate, String> {
    let stated = wall_time(at)?;
    if stated.time() == NaiveTime::MIN {
        return Ok(stated.date());
    }
    Ok(nearest_day(wall(moment(at, zone)?, zone)))
}

/// A server that did convert leaves the midnight of another zone; half a day off at most.
fn nearest_day(local: NaiveDateTime) -> NaiveDate {
    (local + TimeDelta::hours(12)).date()
}

fn original(from: &wire::Event, span: &Span, home: Tz, counting: Counting) -> Result<Original, String> {
    let by_date = match counting {
        Counting::Instants => false,
        Counting::Dates => true,
        Counting::Unknown => from.is_all_day,
    };
    let Some(text) = from.original_start.as_deref() else { return Ok(Original::of(span)) };
    let at = instant(text).ok_or_else(|| format!("{text:?} is no original start"))?;
    if !by_date {
        return Ok(Original::At(at));
    }
    let utc = at.naive_utc();
    let midnight = utc.time() == NaiveTime::MIN;
    let date = if midnight { utc.date() } else { nearest_day(wall(at, own_zone(from, home))) };
    Ok(Original::On(date))
}

/// The occurrence that a `cancelledOccurrences` entry (`OID.<id of the series>.<date>`) stands for.
pub(super) fn cancelled(occurrence_id: &str, master: &Event) -> Result<Original, String> {
    let unusable = || format!("{occurrence_id:?} names no occurrence");
    let (_, date) = occurrence_id.rsplit_once('.').ok_or_else(unusable)?;
    let date: NaiveDate = date.parse().map_err(|_| unusable())?;
    Ok(match &master.fields.span {
        Span::Timed { start, zone, .. } => {
            Original::At(resolve(date.and_time(wall(*start, *zone).time()), *zone))
        }
        Span::AllDay { .. } => Original::On(date),
        Span::Floating { start, .. } => Original::Floating(date.and_time(start.time())),
    })
}

fn instant(text: &str) -> Option<Instant> {
    let offset = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
    offset.ok().or_else(|| text.parse::<NaiveDateTime>().ok().map(|local| local.and_utc()))
}

#[cfg(test)]
mod tests;
