//! Reading: one answer of `events.list` at a time.

use chrono_tz::Tz;
use reqwest::Url;
use serde_json::Value;

use super::cursor::Place;
use super::{Google, SERVICE, project, wire, zone_of};
use crate::calendar::{Changes, Cursor, Item, Next, Page, RemoteCalendarId, RemoteEvent};
use crate::capabilities::GOOGLE;
use crate::error::RemoteError;
use crate::http::Request;

impl Google {
    pub(super) async fn pull(
        &self,
        calendar: &RemoteCalendarId,
        cursor: Option<&Cursor>,
    ) -> Result<Changes, RemoteError> {
        let place = match cursor {
            None => Place::start(),
            Some(cursor) => match Place::read(cursor) {
                Some(place) => place,
                None => return Ok(Changes::Expired),
            },
        };
        let request = Request::get(list_url(self.events(calendar), &place));
        match self.send(request).await? {
            Ok(answer) => self.page(calendar, &place, answer.json(SERVICE)?),
            Err(refusal) if cursor.is_some() && refusal.is_expired_token() => Ok(Changes::Expired),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// A page may be empty and still have a successor: only the tokens say where the round ends.
    fn page(
        &self,
        calendar: &RemoteCalendarId,
        place: &Place,
        list: wire::EventList,
    ) -> Result<Changes, RemoteError> {
        let zone = zone_of(list.time_zone.as_deref());
        self.remember(calendar, zone);
        let next = match (list.next_page_token, list.next_sync_token) {
            (Some(token), _) if place.page.as_ref() == Some(&token) => return Err(super::endless()),
            (Some(token), _) => Next::More(place.page(token).cursor()),
            (None, Some(token)) => Next::Done(Place::done(token).cursor()),
            (None, None) => {
                let why = "neither this nor nextPageToken is there".into();
                return Err(RemoteError::Malformed { service: SERVICE, at: "nextSyncToken".into(), why });
            }
        };
        Ok(Changes::Page(Page { items: items(list.items, zone), next }))
    }

    pub(super) async fn look_up(
        &self,
        calendar: &RemoteCalendarId,
        id: &str,
    ) -> Result<Option<RemoteEvent>, RemoteError> {
        match self.send(Request::get(self.event(calendar, id))).await? {
            Ok(answer) => {
                let raw: serde_json::Value = answer.json(SERVICE)?;
                // Deleted events are still answered, for a while, as cancelled ones.
                if raw.get("status").is_some_and(|status| status == "cancelled") {
                    return Ok(None);
                }
                self.single(calendar, raw).await.map(Some)
            }
            Err(refusal) if refusal.is_gone() => {
                self.confirm_gone(calendar, &refusal).await?;
                Ok(None)
            }
            Err(refusal) => Err(refusal.into()),
        }
    }
}

fn items(entries: Vec<Value>, zone: Tz) -> Vec<Item> {
    entries.into_iter().map(|raw| project::item(raw, zone)).collect()
}

/// What the bytes of an answer come to, for proofs without a network.
pub fn decode(body: &[u8]) -> Result<Vec<Item>, serde_json::Error> {
    let list: wire::EventList = serde_json::from_slice(body)?;
    Ok(items(list.items, zone_of(list.time_zone.as_deref())))
}

/// The parameters are the same for every call: Google binds its tokens to them. No `timeMin`,
/// `singleEvents` or `orderBy`: the first would hide, and a sync token forbids the last.
fn list_url(mut url: Url, place: &Place) -> Url {
    let mut query = url.query_pairs_mut();
    query.append_pair("maxResults", &GOOGLE.page_size.to_string());
    if let Some(token) = &place.sync {
        query.append_pair("syncToken", token);
    }
    if let Some(token) = &place.page {
        query.append_pair("pageToken", token);
    }
    drop(query);
    url
}
