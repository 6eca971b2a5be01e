//! Reading a calendar's window by Graph's change tracking.
//!
//! A delta page is a hint where to look, not the truth: occurrences come as stubs without content,
//! a cancelled one may not be mentioned at all, and `@removed` also stands for what merely left the
//! window. So each series that a page touches is read whole, and each removal is looked up.

use std::collections::{BTreeMap, BTreeSet};

use chrono::SecondsFormat;
use chrono_tz::Tz;
use daymark_core::event::{RemoteId, Status};
use daymark_core::glimpse::Glimpse;
use daymark_core::time::{Instant, Interval, Span};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Url;
use serde_json::Value;

use super::cursor::{Place, Reading};
use super::project::{self, Counting};
use super::{Graph, NAME, call, marks, wire};
use crate::calendar::{Changes, Cursor, Item, Next, Page, RemoteCalendarId};
use crate::capabilities::MICROSOFT;
use crate::error::RemoteError;
use crate::http::{Answer, Request};

/// What a page says, sorted by how it has to be read. An entry may come twice: the last one counts.
#[derive(Debug, Default)]
struct Sorted {
    /// Understood at once, or not at all.
    items: Vec<Item>,
    singles: BTreeMap<String, Value>,
    series: BTreeSet<String>,
    removed: BTreeSet<String>,
}

fn sort(entries: Vec<Value>, home: Tz) -> Sorted {
    let mut sorted = Sorted::default();
    for entry in entries {
        sorted.add(entry, home);
    }
    let Sorted { series, removed, .. } = &mut sorted;
    removed.retain(|id| !series.contains(id));
    sorted
}

impl Sorted {
    fn add(&mut self, entry: Value, home: Tz) {
        let head: wire::Head = match serde_path_to_error::deserialize(&entry) {
            Ok(head) => head,
            Err(why) => {
                let why = format!("{}: {}", why.path(), why.inner());
                let glimpse = project::glimpse(&entry, home);
                return self.items.push(Item::Malformed { id: project::id_of(&entry), why, glimpse });
            }
        };
        self.singles.remove(&head.id);
        self.removed.remove(&head.id);
        if head.removed.is_some() {
            self.removed.insert(head.id);
        } else if let Some(master) = head.series_master_id {
            self.series.insert(master);
        } else if head.kind == "seriesMaster" {
            self.series.insert(head.id);
        } else if head.is_cancelled {
            self.items.push(Item::Removed(RemoteId(head.id)));
        } else {
            self.singles.insert(head.id, entry);
        }
    }
}

/// The window that a cursor is about: outside of it nothing is read.
pub fn kept(cursor: &Cursor) -> Option<Interval> {
    Reading::parse(cursor).map(|reading| reading.kept())
}

impl Graph {
    pub(super) async fn read_changes(
        &self,
        calendar: &RemoteCalendarId,
        cursor: Option<&Cursor>,
        window: Interval,
    ) -> Result<Changes, RemoteError> {
        let reading = match cursor.map(Reading::parse) {
            None => Reading::begin(window),
            Some(Some(reading)) => reading.slid(window),
            // Written by a version that is no longer understood.
            Some(None) => return Ok(Changes::Expired),
        };
        let url = self.link(calendar, &reading.at)?;
        let answer = self.mailbox.exchange(Request::get(url)).await?;
        if is_expired(&answer) {
            return Ok(Changes::Expired);
        }
        if !answer.status.is_success() {
            return Err(call::refusal(&answer));
        }
        let page: wire::List = answer.json(NAME)?;
        let next = next(&reading, &page)?;
        let items = self.items(calendar, page.value, reading.at.window).await?;
        Ok(Changes::Page(Page { items, next }))
    }

    fn link(&self, calendar: &RemoteCalendarId, place: &Place) -> Result<Url, RemoteError> {
        if let Some(link) = &place.link {
            return self.mailbox.follow(link);
        }
        let bound = |at: Instant| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (start, end) = (bound(place.window.start()), bound(place.window.end()));
        let query = format!("startDateTime={start}&endDateTime={end}");
        Ok(self.mailbox.url(&["me", "calendars", &calendar.0, "calendarView", "delta"], Some(&query)))
    }

    async fn items(
        &self,
        calendar: &RemoteCalendarId,
        entries: Vec<Value>,
        window: Interval,
    ) -> Result<Vec<Item>, RemoteError> {
        let sorted = sort(entries, self.home);
        let mut items = sorted.items;
        items.extend(self.singles(calendar, sorted.singles.into_values().collect()).await?);
        let series = stream::iter(sorted.series).map(|id| self.series(calendar, id));
        let series: Vec<Vec<Item>> = series.buffered(MICROSOFT.at_once).try_collect().await?;
        items.extend(series.into_iter().flatten());
        let all = &sorted.removed;
        let removed = stream::iter(all.clone()).map(|id| self.removed(calendar, id, all, window));
        let removed: Vec<Vec<Item>> = removed.buffered(MICROSOFT.at_once).try_collect().await?;
        items.extend(removed.into_iter().flatten());
        Ok(items)
    }

    /// Single events come whole, but for their marks.
    async fn singles(
        &self,
        calendar: &RemoteCalendarId,
        entries: Vec<Value>,
    ) -> Result<Vec<Item>, RemoteError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let mut marked = self.marked(calendar).await?;
        let read = |mut raw: Value| {
            let properties = project::id_of(&raw).and_then(|id| marked.remove(&id));
            if let (Some(properties), Some(object)) = (properties, raw.as_object_mut()) {
                object.insert(marks::PROPERTIES.to_owned(), properties);
            }
            item(raw, self.home)
        };
        Ok(entries.into_iter().map(read).collect())
    }

    /// The extended properties of the calendar's marked events.
    async fn marked(&self, calendar: &RemoteCalendarId) -> Result<BTreeMap<RemoteId, Value>, RemoteError> {
        let query = format!("$select=id&$filter={}&$expand={}", marks::any_filter(), marks::expansion());
        let url = self.mailbox.url(&["me", "calendars", &calendar.0, "events"], Some(&query));
        let listed = self.mailbox.list(url).await?;
        let properties = |mut event: Value| {
            let id = project::id_of(&event)?;
            Some((id, event.get_mut(marks::PROPERTIES)?.take()))
        };
        Ok(listed.into_iter().filter_map(properties).collect())
    }

    /// A series with all its exceptions and cancellations, which is what replaces it.
    async fn series(&self, calendar: &RemoteCalendarId, id: String) -> Result<Vec<Item>, RemoteError> {
        match self.whole_series(calendar, &id).await {
            Ok(items) => Ok(items),
            // One series that Graph will not give must not hold up the calendar.
            Err(failure) if !failure.is_passing() && !matches!(failure, RemoteError::SignIn { .. }) => {
                let (id, why) = (Some(RemoteId(id)), failure.to_string());
                Ok(vec![Item::Malformed { id, why, glimpse: Glimpse::default() }])
            }
            Err(failure) => Err(failure),
        }
    }

    async fn whole_series(&self, calendar: &RemoteCalendarId, id: &str) -> Result<Vec<Item>, RemoteError> {
        let path = ["me", "calendars", &calendar.0, "events", id];
        let expand = format!("$expand=exceptionOccurrences,{}", marks::expansion());
        let Some(answer) = self.mailbox.find(self.mailbox.url(&path, Some(&expand))).await? else {
            return Ok(vec![Item::Removed(RemoteId(id.to_owned()))]);
        };
        // Only given when selected, and a selection would leave out what Daymark does not manage.
        let cancelled =
            self.mailbox.find(self.mailbox.url(&path, Some("$select=cancelledOccurrences"))).await?;
        let cancelled = cancelled.map(|answer| answer.json::<wire::Cancelled>(NAME)).transpose()?;
        let cancelled = cancelled.unwrap_or_default().cancelled_occurrences;
        Ok(series_items(answer.json(NAME)?, &cancelled, self.home))
    }

    /// Deleted, moved to another calendar, or only out of the window: its edge is no deletion.
    async fn removed(
        &self,
        calendar: &RemoteCalendarId,
        id: String,
        all: &BTreeSet<String>,
        window: Interval,
    ) -> Result<Vec<Item>, RemoteError> {
        let gone = vec![Item::Removed(RemoteId(id.clone()))];
        let raw = match self.raw(calendar, &id).await {
            Ok(Some(raw)) => raw,
            // An occurrence that its series no longer has is not a valid id any more.
            Ok(None) | Err(RemoteError::Invalid { .. } | RemoteError::Forbidden { .. }) => return Ok(gone),
            Err(failure) => return Err(failure),
        };
        let Ok(head) = serde_path_to_error::deserialize::<_, wire::Head>(&raw) else { return Ok(gone) };
        match (head.kind.as_str(), head.series_master_id) {
            _ if head.is_cancelled => Ok(gone),
            ("seriesMaster", _) => {
                // Still within the window, but no longer in this calendar.
                let elsewhere = !self.instances(calendar, &id, window).await?.is_empty();
                if elsewhere { Ok(gone) } else { self.series(calendar, head.id).await }
            }
            (_, Some(master)) if all.contains(&master) => Ok(Vec::new()),
            (_, Some(master)) => self.series(calendar, master).await,
            _ => Ok(match item(raw, self.home) {
                Item::Upsert(event) if touches(&event.event.fields.span, window, self.home) => gone,
                other => vec![other],
            }),
        }
    }
}

/// A series with the exceptions that came within it.
fn series_items(mut master: Value, cancelled: &[String], home: Tz) -> Vec<Item> {
    let exceptions = master.as_object_mut().and_then(|raw| raw.remove("exceptionOccurrences"));
    let exceptions: Vec<Value> = serde_json::from_value(exceptions.unwrap_or_default()).unwrap_or_default();
    let master = match project::event(master, home, Counting::Unknown) {
        Ok(master) => master,
        Err(flaw) => return vec![flaw.into()],
    };
    if master.event.status == Status::Cancelled {
        return vec![Item::Removed(master.event.id)];
    }
    let mut flaws = Vec::new();
    let counting = Counting::of_series(&master.event);
    let mut gone = Vec::new();
    for id in cancelled {
        match project::cancelled(id, &master.event) {
            Ok(original) => gone.push(original),
            Err(why) => {
                let (id, glimpse) = (Some(master.event.id.clone()), Glimpse::of(&master.event.fields));
                flaws.push(Item::Malformed { id, why, glimpse });
            }
        }
    }
    let mut kept = Vec::new();
    for raw in exceptions {
        match project::event(raw, home, counting) {
            Ok(mut exception) => {
                exception.event.fields.marks.clone_from(&master.event.fields.marks);
                kept.push(exception);
            }
            Err(flaw) => flaws.push(flaw.into()),
        }
    }
    let whole = Item::Series { master: Box::new(master), exceptions: kept, cancelled: gone };
    std::iter::once(whole).chain(flaws).collect()
}

fn item(raw: Value, home: Tz) -> Item {
    match project::event(raw, home, Counting::Unknown) {
        Ok(event) => Item::Upsert(Box::new(event)),
        Err(flaw) => flaw.into(),
    }
}

/// What the bytes of an answer come to, for proofs without a network. A series, which Graph gives by answers of
/// its own, is read from the page itself, with its exceptions and cancellations.
pub fn decode(body: &[u8], home: Tz) -> Result<Vec<Item>, serde_json::Error> {
    let page: wire::List = serde_json::from_slice(body)?;
    let masters: Vec<Value> =
        page.value.iter().filter(|it| it.get("type") == Some(&"seriesMaster".into())).cloned().collect();
    let sorted = sort(page.value, home);
    let mut items = sorted.items;
    items.extend(sorted.singles.into_values().map(|raw| item(raw, home)));
    for master in masters {
        let cancelled: wire::Cancelled = serde_json::from_value(master.clone()).unwrap_or_default();
        items.extend(series_items(master, &cancelled.cancelled_occurrences, home));
    }
    items.extend(sorted.removed.into_iter().map(|id| Item::Removed(RemoteId(id))));
    Ok(items)
}

fn touches(span: &Span, window: Interval, home: Tz) -> bool {
    let (start, end) = span.bounds(home);
    start < window.end() && end > window.start()
}

fn next(reading: &Reading, page: &wire::List) -> Result<Next, RemoteError> {
    match (&page.next_link, &page.delta_link) {
        (Some(link), _) => Ok(Next::More(reading.continued(link.clone()).cursor())),
        (None, Some(link)) => Ok(match reading.completed(link.clone()) {
            Ok(more) => Next::More(more.cursor()),
            Err(rest) => Next::Done(rest.cursor()),
        }),
        (None, None) => Err(RemoteError::Malformed {
            service: NAME,
            at: "@odata.deltaLink".to_owned(),
            why: "the page leads neither on nor back".to_owned(),
        }),
    }
}

/// The state behind a link is no longer kept. Graph says so with different statuses, and spells the
/// codes with different capitals.
fn is_expired(answer: &Answer) -> bool {
    const CODES: [&str; 5] = [
        "SyncStateNotFound",
        "SyncStateInvalid",
        "resyncRequired",
        "resyncChangesApplyDifferences",
        "resyncChangesUploadDifferences",
    ];
    match answer.status.as_u16() {
        410 => true,
        400..=499 => {
            let code = call::code(answer);
            CODES.iter().any(|known| known.eq_ignore_ascii_case(&code))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
