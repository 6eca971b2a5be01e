//! Reading: what changed since a token or, where a server knows none, what differs from the etags read.
//!
//! Nothing is taken as deleted unless the server says so, or a complete list lacks it.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use daymark_core::event::{Original, RemoteId};
use daymark_core::ics::{Reader, ResourceError};
use sha2::{Digest, Sha256};
use url::Url;

use super::call::{Ask, etag, etag_of, is_calendar, malformed, multistatus};
use super::cursor::Place;
use super::href::{event_id, resolve};
use super::project::Held;
use super::refusal::Refusal;
use super::xml::{Multistatus, Response, Space, XmlError};
use super::{CalDav, SERVICE, body};
use crate::calendar::{Changes, Cursor, Item, Next, Page, RemoteCalendarId, RemoteEvent, Target};
use crate::capabilities::CALDAV;
use crate::error::RemoteError;

/// Without tokens the cursor holds every etag, so a round has few pages, however large the calendar.
const MOST_PAGES_BY_ETAGS: usize = 50;

/// What changed since a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    until: String,
    changed: BTreeSet<RemoteId>,
    gone: Vec<RemoteId>,
    /// The server cut the list short; the rest comes with the next token.
    more: bool,
}

enum Listed {
    List(List),
    Expired,
    Unsupported,
}

impl CalDav {
    pub(super) async fn read_changes(
        &self,
        calendar: &RemoteCalendarId,
        cursor: Option<&Cursor>,
    ) -> Result<Changes, RemoteError> {
        let url = self.calendar_url(calendar)?;
        let place = match cursor.map(Place::read) {
            None => None,
            Some(Some(place)) => Some(place),
            Some(None) => return Ok(Changes::Expired),
        };
        match place {
            None => match self.list(&url, None).await? {
                Listed::List(list) => self.page(calendar, &url, None, list, None).await,
                Listed::Unsupported | Listed::Expired => self.by_etags(&url, None, BTreeMap::new()).await,
            },
            Some(Place::Token { token }) => match self.list(&url, Some(&token)).await? {
                Listed::List(list) => self.page(calendar, &url, Some(token), list, None).await,
                Listed::Unsupported | Listed::Expired => Ok(Changes::Expired),
            },
            Some(Place::Within { since, until, after, more }) => {
                let Some(list) = self.resumed(calendar, &url, since.as_deref(), until, more).await? else {
                    return Ok(Changes::Expired);
                };
                self.page(calendar, &url, since, list, Some(after)).await
            }
            Some(Place::Etags { tag, known }) => self.by_etags(&url, tag, known).await,
        }
    }

    /// The list that a page is the next part of. After a restart it is asked for anew: the round still
    /// ends at the first list's token, so that what changed in between comes with the next one.
    async fn resumed(
        &self,
        calendar: &RemoteCalendarId,
        url: &Url,
        since: Option<&str>,
        until: String,
        more: bool,
    ) -> Result<Option<List>, RemoteError> {
        let kept = self.lists().remove(calendar);
        if let Some(list) = kept.filter(|list| list.until == until) {
            return Ok(Some(list));
        }
        match self.list(url, since).await? {
            Listed::List(list) => Ok(Some(List { until, more, ..list })),
            Listed::Expired | Listed::Unsupported => Ok(None),
        }
    }

    async fn list(&self, url: &Url, since: Option<&str>) -> Result<Listed, RemoteError> {
        let answered = self.server.send(&Ask::report("0", body::sync(since)), url).await;
        match answered {
            Ok(Ok(answer)) => list_of(url, multistatus(&answer)?).map(Listed::List),
            Ok(Err(refusal)) => refused(refusal, since),
            // Some servers stumble over a token that they do not know. If they answer other questions,
            // it was the token.
            Err(RemoteError::Server { status, .. }) if since.is_some() => {
                let well = self.server.ask(&Ask::propfind("0", body::OF_STATE), url).await;
                well.map(|_| Listed::Expired).map_err(|_| RemoteError::Server { service: SERVICE, status })
            }
            Err(error) => Err(error),
        }
    }

    /// One part of a list: what comes after `after`.
    async fn page(
        &self,
        calendar: &RemoteCalendarId,
        url: &Url,
        since: Option<String>,
        mut list: List,
        after: Option<RemoteId>,
    ) -> Result<Changes, RemoteError> {
        let gone = std::mem::take(&mut list.gone).into_iter().filter(|_| after.is_none());
        let mut items: Vec<Item> = gone.map(Item::Removed).collect();
        let left = list.changed.iter().filter(|id| after.as_ref().is_none_or(|after| *id > after));
        let mut left = left.cloned();
        let batch: Vec<RemoteId> = left.by_ref().take(CALDAV.page_size).collect();
        let last = left.next().and(batch.last().cloned());
        items.extend(self.read_many(url, &batch).await?.into_iter().map(|(_, item)| item));
        let next = match (last, list.more) {
            (Some(after), more) => {
                let until = list.until.clone();
                self.lists().insert(calendar.clone(), list);
                Next::More(Place::Within { since, until, after, more }.cursor())
            }
            (None, true) => Next::More(Place::Token { token: list.until }.cursor()),
            (None, false) => Next::Done(Place::Token { token: list.until }.cursor()),
        };
        Ok(Changes::Page(Page { items, next }))
    }

    /// Compares the whole list of etags with those that were read. Each page looks anew, so whatever
    /// happens in between comes right by itself.
    async fn by_etags(
        &self,
        url: &Url,
        tag: Option<String>,
        mut known: BTreeMap<RemoteId, String>,
    ) -> Result<Changes, RemoteError> {
        // The tag is taken before the list: what changes between the two is seen again.
        let state = self.server.ask(&Ask::propfind("0", body::OF_STATE), url).await?;
        let own = state.responses.iter().find_map(|it| it.text(Space::Server, "getctag")).map(str::to_owned);
        if tag.is_some() && tag == own {
            let next = Next::Done(Place::Etags { tag, known }.cursor());
            return Ok(Changes::Page(Page { items: Vec::new(), next }));
        }
        let there = members(url, self.server.ask(&Ask::propfind("1", body::OF_MEMBER), url).await?)?;
        let gone: Vec<RemoteId> = known.keys().filter(|id| !there.contains_key(id)).cloned().collect();
        known.retain(|id, _| there.contains_key(id));
        let changed = there.iter().filter(|(id, etag)| known.get(id) != Some(etag)).map(|(id, _)| id.clone());
        let changed: Vec<RemoteId> = changed.collect();
        let limit = CALDAV.page_size.max(there.len().div_ceil(MOST_PAGES_BY_ETAGS));
        let mut items: Vec<Item> = gone.into_iter().map(Item::Removed).collect();
        let batch = changed.get(..limit).unwrap_or(&changed);
        for part in batch.chunks(CALDAV.page_size) {
            for (id, item) in self.read_many(url, part).await? {
                known.extend(there.get(&id).map(|etag| (id, etag.clone())));
                items.push(item);
            }
        }
        let next = match batch.len() < changed.len() {
            true => Next::More(Place::Etags { tag: None, known }.cursor()),
            false => Next::Done(Place::Etags { tag: own, known }.cursor()),
        };
        Ok(Changes::Page(Page { items, next }))
    }

    /// Resources by their ids, each answered for: one that an answer leaves out is asked for by itself.
    async fn read_many(&self, url: &Url, ids: &[RemoteId]) -> Result<Vec<(RemoteId, Item)>, RemoteError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let paths: Vec<String> = ids.iter().map(|id| resource(url, id).path().to_owned()).collect();
        let ask = Ask::report("1", body::multiget(paths.iter().map(String::as_str)));
        let mut answers = match self.server.send(&ask, url).await? {
            Ok(answer) => by_id(url, multistatus(&answer)?),
            Err(refusal) if refusal.is_unsupported() => BTreeMap::new(),
            Err(refusal) => return Err(refusal.into()),
        };
        let mut items = Vec::new();
        for id in ids {
            let item = match answers.remove(id) {
                Some(response) if matches!(response.status, Some(404 | 410)) => Item::Removed(id.clone()),
                Some(response) => match held(id, &response) {
                    Some(held) => held.item(&self.reader().await?),
                    None => self.read_alone(url, id).await?,
                },
                None => self.read_alone(url, id).await?,
            };
            items.push((id.clone(), item));
        }
        Ok(items)
    }

    async fn read_alone(&self, url: &Url, id: &RemoteId) -> Result<Item, RemoteError> {
        Ok(match self.held(url, id).await? {
            Some(held) => held.item(&self.reader().await?),
            None => Item::Removed(id.clone()),
        })
    }

    /// The resource as it stands; `None` when it is not there.
    pub(super) async fn held(&self, url: &Url, id: &RemoteId) -> Result<Option<Held>, RemoteError> {
        let address = resource(url, id);
        let answer = match self.server.send(&Ask::get(), &address).await? {
            Ok(answer) => answer,
            Err(refusal) if refusal.is_gone() => return Ok(None),
            Err(refusal) => return Err(refusal.into()),
        };
        if !is_calendar(&answer) {
            return Err(malformed("the event", "a web page came in its place"));
        }
        let etag = match etag_of(&answer) {
            Some(etag) => Some(etag),
            None => self.etag(&address).await?,
        };
        // A wrong byte in a title must not hide the event.
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        Ok(Some(Held { id: id.clone(), etag, text }))
    }

    async fn etag(&self, address: &Url) -> Result<Option<String>, RemoteError> {
        let answer = self.server.ask(&Ask::propfind("0", body::OF_MEMBER), address).await?;
        Ok(answer.responses.iter().find_map(|it| it.text(Space::Dav, "getetag")).and_then(etag))
    }

    pub(super) async fn read_one(
        &self,
        calendar: &RemoteCalendarId,
        target: &Target,
    ) -> Result<Option<RemoteEvent>, RemoteError> {
        let (id, original) = super::href::place(target)?;
        let url = self.calendar_url(calendar)?;
        match self.held(&url, &id).await? {
            Some(held) => self.event_of(&held, original).await,
            None => self.confirm_gone(&url).await.map(|()| None),
        }
    }

    pub(super) async fn event_of(
        &self,
        held: &Held,
        original: Option<Original>,
    ) -> Result<Option<RemoteEvent>, RemoteError> {
        match held.event(original, &self.reader().await?) {
            Ok(event) => Ok(event),
            Err(ResourceError::NoEvent) => Ok(None),
            Err(error) => Err(malformed("the event", &error.to_string())),
        }
    }

    /// A calendar that cannot be seen says nothing about its events: absence of knowledge must not
    /// look like a deletion.
    pub(super) async fn confirm_gone(&self, url: &Url) -> Result<(), RemoteError> {
        let answer = self.server.ask(&Ask::propfind("0", body::OF_STATE), url).await?;
        let here = answer.responses.iter().filter(|it| it.status.is_none_or(|status| status < 300));
        let mut kinds = here.filter_map(|it| it.property(Space::Dav, "resourcetype"));
        match kinds.any(|kind| kind.child(Space::CalDav, "calendar").is_some()) {
            true => Ok(()),
            false => Err(RemoteError::NotFound),
        }
    }

    pub(super) async fn reader(&self) -> Result<Reader<'_>, RemoteError> {
        Ok(Reader { zone: self.home, owner: self.owner().await? })
    }
}

/// The address of a resource in a calendar.
pub(super) fn resource(calendar: &Url, id: &RemoteId) -> Url {
    let mut url = calendar.clone();
    match id.0.starts_with('/') {
        true => url.set_path(&id.0),
        false => url.set_path(&format!("{}{}", calendar.path(), id.0)),
    }
    url
}

/// What the bytes of an answer come to, for proofs without a network: as a list of what changed, as a list of
/// etags, and as the resources in it.
pub fn decode(body: &[u8], calendar: &Url, reader: &Reader<'_>) -> Result<Vec<Item>, XmlError> {
    let answer = super::xml::multistatus(body)?;
    // Not every answer is a list; what such a reading comes to is looked at by nobody.
    let _ = (list_of(calendar, answer.clone()), members(calendar, answer.clone()));
    let there = by_id(calendar, answer);
    let resources = there.iter().filter_map(|(id, response)| held(id, response));
    Ok(resources.map(|held| held.item(reader)).collect())
}

fn refused(refusal: Refusal, since: Option<&str>) -> Result<Listed, RemoteError> {
    match (refusal.is_expired_token() || refusal.is_unsupported(), since) {
        (true, Some(_)) => Ok(Listed::Expired),
        (true, None) => Ok(Listed::Unsupported),
        (false, _) => Err(refusal.into()),
    }
}

fn list_of(url: &Url, answer: Multistatus) -> Result<List, RemoteError> {
    let until = answer.sync_token.ok_or_else(|| malformed("sync-token", "it is missing"))?;
    let mut list = List { until, ..List::default() };
    for response in answer.responses {
        let Some(address) = resolve(url, &response.href) else {
            return Err(malformed("href", "an address cannot be read"));
        };
        let id = event_id(url, &address);
        match response.status {
            Some(507) => list.more = true,
            Some(404 | 410) => list.gone.push(id),
            _ if id.0.is_empty() || address.path().ends_with('/') => {}
            _ => drop(list.changed.insert(id)),
        }
    }
    // Named twice, as gone and as there: it is looked at.
    list.gone.retain(|id| !list.changed.contains(id));
    Ok(list)
}

/// Every member with a digest of its etag. The collection itself must be among them: an answer without
/// it is no complete one.
fn members(url: &Url, answer: Multistatus) -> Result<BTreeMap<RemoteId, String>, RemoteError> {
    let mut whole = false;
    let mut members = BTreeMap::new();
    for response in &answer.responses {
        let Some(address) = resolve(url, &response.href) else {
            return Err(malformed("href", "an address cannot be read"));
        };
        let id = event_id(url, &address);
        if id.0.is_empty() || address.path().trim_end_matches('/') == url.path().trim_end_matches('/') {
            whole = response.property(Space::Dav, "resourcetype").is_some();
            continue;
        }
        let digest = response.text(Space::Dav, "getetag").map(digest);
        members.extend(digest.filter(|_| !address.path().ends_with('/')).map(|digest| (id, digest)));
    }
    if whole { Ok(members) } else { Err(malformed("the list", "the calendar itself is not in it")) }
}

/// Short, because a cursor holds one for each event.
fn digest(etag: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(etag)).chars().take(16).collect()
}

fn by_id(url: &Url, answer: Multistatus) -> BTreeMap<RemoteId, Response> {
    let named = answer.responses.into_iter();
    named.filter_map(|it| Some((event_id(url, &resolve(url, &it.href)?), it))).collect()
}

fn held(id: &RemoteId, response: &Response) -> Option<Held> {
    let text = response.property(Space::CalDav, "calendar-data")?.text.clone();
    let etag = response.text(Space::Dav, "getetag").and_then(etag);
    Some(Held { id: id.clone(), etag, text })
}
