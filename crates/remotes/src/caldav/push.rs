//! Writing: a resource is read, changed in its text, put back under its etag, and read again, because
//! servers rewrite what they are given.

use daymark_core::event::{Original, RemoteId};
use daymark_core::ics::{self, Cancelled, Pen, WriteError};
use url::Url;

use super::call::{Ask, malformed, multistatus};
use super::href::{event_id, place, resolve};
use super::project::Held;
use super::pull::resource;
use super::refusal::Refusal;
use super::{CalDav, SERVICE, body};
use crate::calendar::{Draft, Patch, RemoteCalendarId, RemoteEvent, Target, nth_id};
use crate::error::RemoteError;
use crate::http::Answer;

/// How many ids of a draft may turn out taken. Each is a deletion by hand between two tries of ours.
const IDS_MAX: u32 = 4;

/// How an insert under one id ended.
enum Insert {
    Made,
    /// It is there already: an earlier try of ours, whose answer was lost.
    Ours(Held),
    /// Something else has the id, or had it; so the server said.
    Burnt(RemoteError),
}

impl CalDav {
    pub(super) async fn create(
        &self,
        calendar: &RemoteCalendarId,
        draft: &Draft,
    ) -> Result<RemoteEvent, RemoteError> {
        let url = self.calendar_url(calendar)?;
        let mut said = RemoteError::Taken;
        for taken in 0..IDS_MAX {
            let uid = nth_id(&draft.derived_id, taken);
            let id = RemoteId(format!("{uid}.ics"));
            let held = match self.insert_as(&url, &id, &uid, draft).await? {
                Insert::Burnt(error) => {
                    said = error;
                    continue;
                }
                Insert::Ours(held) => held,
                Insert::Made => self.reread(&url, &id).await.map_err(unread)?,
            };
            let event = self.event_of(&held, None).await.map_err(unread)?;
            return event.ok_or_else(|| malformed("the event", "it is cancelled, or none"));
        }
        Err(said)
    }

    /// Under any of the draft's ids, and wherever the server may have put it.
    pub(super) async fn made(
        &self,
        calendar: &RemoteCalendarId,
        derived_id: &str,
    ) -> Result<Option<RemoteEvent>, RemoteError> {
        let url = self.calendar_url(calendar)?;
        for taken in 0..IDS_MAX {
            let uid = nth_id(derived_id, taken);
            let made = match self.held(&url, &RemoteId(format!("{uid}.ics"))).await? {
                Some(held) => found(held, &uid)?,
                None => {
                    let ids = self.of_uid(&url, &uid).await??;
                    self.ours_among(&url, &ids, &uid).await?
                }
            };
            if let Insert::Ours(held) = made {
                return self.event_of(&held, None).await;
            }
        }
        self.confirm_gone(&url).await.map(|()| None)
    }

    /// Looked for before it is written: there are servers that overwrite in spite of `If-None-Match: *`,
    /// and what an earlier try made may have been changed since.
    async fn insert_as(
        &self,
        url: &Url,
        id: &RemoteId,
        uid: &str,
        draft: &Draft,
    ) -> Result<Insert, RemoteError> {
        if let Some(held) = self.held(url, id).await? {
            return found(held, uid);
        }
        let pen = self.pen().await?;
        let text = match &draft.rest {
            Some(rest) => ics::create_like(uid, &draft.fields, rest, &pen),
            None => ics::create(uid, &draft.fields, &pen),
        };
        let text = text.map_err(refused)?;
        let answered = self.server.send(&Ask::put_new(text), &resource(url, id)).await?;
        self.judged(url, id, uid, answered).await
    }

    /// What the answer to an insert means. A refusal may be for our own repetition of it.
    async fn judged(
        &self,
        url: &Url,
        id: &RemoteId,
        uid: &str,
        answered: Result<Answer, Refusal>,
    ) -> Result<Insert, RemoteError> {
        match answered {
            Ok(_) => Ok(Insert::Made),
            Err(refusal) if refusal.is_uid_conflict() => {
                let named = refusal.conflicting().and_then(|href| resolve(url, href));
                self.elsewhere(url, named, uid).await.map_err(unread)
            }
            // Our own repetition on the way, or somebody who was faster.
            Err(refusal) if matches!(refusal.status, 400 | 409 | 412) => {
                match self.held(url, id).await.map_err(unread)? {
                    Some(held) => found(held, uid),
                    // A bin that keeps deleted events keeps their ids, too; some call that a bad request.
                    None => {
                        self.confirm_gone(url).await.map_err(unread)?;
                        Ok(Insert::Burnt(refusal.into()))
                    }
                }
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Our UID under another address: a server may choose the name itself.
    async fn elsewhere(&self, url: &Url, named: Option<Url>, uid: &str) -> Result<Insert, RemoteError> {
        let inside = |address: &Url| self.server.is_own(address) && address.path().starts_with(url.path());
        let mut ids: Vec<RemoteId> =
            named.iter().filter(|it| inside(it)).map(|it| event_id(url, it)).collect();
        ids.extend(self.of_uid(url, uid).await?.unwrap_or_default());
        self.ours_among(url, &ids, uid).await
    }

    /// The resources that the server finds under a UID.
    async fn of_uid(&self, url: &Url, uid: &str) -> Result<Result<Vec<RemoteId>, Refusal>, RemoteError> {
        let answer = match self.server.send(&Ask::report("1", body::by_uid(uid)), url).await? {
            Ok(answer) => answer,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let hrefs = multistatus(&answer)?.responses.into_iter().filter_map(|it| resolve(url, &it.href));
        Ok(Ok(hrefs.map(|address| event_id(url, &address)).collect()))
    }

    async fn ours_among(&self, url: &Url, ids: &[RemoteId], uid: &str) -> Result<Insert, RemoteError> {
        for id in ids {
            if let Some(held) = self.held(url, id).await?
                && let Insert::Ours(held) = found(held, uid)?
            {
                return Ok(Insert::Ours(held));
            }
        }
        Ok(Insert::Burnt(RemoteError::Taken))
    }

    pub(super) async fn update(
        &self,
        calendar: &RemoteCalendarId,
        patch: &Patch,
    ) -> Result<RemoteEvent, RemoteError> {
        let (id, original) = place(&patch.target)?;
        let url = self.calendar_url(calendar)?;
        let held = self.unchanged(&url, &id, patch.etag.as_deref()).await?.ok_or(RemoteError::NotFound)?;
        if patch.changed.is_empty() {
            return self.event_of(&held, original).await?.ok_or(RemoteError::NotFound);
        }
        let part = original.map_or(ics::Place::Master, ics::Place::Occurrence);
        let text = ics::change(&held.text, part, &patch.fields, &patch.changed, &self.pen().await?);
        self.put(&url, &held, text.map_err(refused)?).await?;
        let held = self.reread(&url, &id).await.map_err(unread)?;
        self.event_of(&held, original).await.map_err(unread)?.ok_or(RemoteError::NotFound)
    }

    pub(super) async fn remove(
        &self,
        calendar: &RemoteCalendarId,
        target: &Target,
        etag: Option<&str>,
    ) -> Result<(), RemoteError> {
        let (id, original) = place(target)?;
        let url = self.calendar_url(calendar)?;
        match original {
            Some(original) => self.cancel(&url, &id, original, etag).await,
            None => self.delete_event(&url, &id, etag).await,
        }
    }

    /// The resource goes, unless it holds other occurrences of a series that it does not hold itself.
    async fn delete_event(&self, url: &Url, id: &RemoteId, etag: Option<&str>) -> Result<(), RemoteError> {
        let Some(held) = self.held(url, id).await? else { return self.confirm_gone(url).await };
        match ics::delete(&held.text, &self.pen().await?) {
            Ok(Cancelled::Now(_)) if differs(&held, etag) => Err(RemoteError::Changed),
            Ok(Cancelled::Now(text)) => self.put(url, &held, text).await,
            // What cannot be read is deleted as it was asked for.
            _ => self.delete(url, id, etag.or(held.etag.as_deref())).await,
        }
    }

    async fn cancel(
        &self,
        url: &Url,
        id: &RemoteId,
        original: Original,
        etag: Option<&str>,
    ) -> Result<(), RemoteError> {
        let Some(held) = self.held(url, id).await? else { return self.confirm_gone(url).await };
        match ics::cancel(&held.text, original, &self.pen().await?).map_err(refused)? {
            Cancelled::Already => Ok(()),
            _ if differs(&held, etag) => Err(RemoteError::Changed),
            Cancelled::Empty => self.delete(url, id, held.etag.as_deref()).await,
            Cancelled::Now(text) => self.put(url, &held, text).await,
        }
    }

    async fn delete(&self, url: &Url, id: &RemoteId, etag: Option<&str>) -> Result<(), RemoteError> {
        let etag = match etag {
            Some(etag) => etag.to_owned(),
            None => match self.held(url, id).await? {
                Some(held) => known(&held)?.to_owned(),
                None => return self.confirm_gone(url).await,
            },
        };
        match self.server.send(&Ask::delete(&etag), &resource(url, id)).await? {
            Ok(answer) => deleted(&answer),
            Err(refusal) if refusal.is_gone() => self.confirm_gone(url).await,
            // What is not there matches nothing, and some servers say only that.
            Err(refusal) if refusal.status == 412 => match self.held(url, id).await? {
                Some(_) => Err(refusal.into()),
                None => self.confirm_gone(url).await,
            },
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// The resource, if it is still the one that was read.
    async fn unchanged(
        &self,
        url: &Url,
        id: &RemoteId,
        etag: Option<&str>,
    ) -> Result<Option<Held>, RemoteError> {
        match self.held(url, id).await? {
            Some(held) if differs(&held, etag) => Err(RemoteError::Changed),
            Some(held) => Ok(Some(held)),
            None => self.confirm_gone(url).await.map(|()| None),
        }
    }

    async fn put(&self, url: &Url, held: &Held, text: String) -> Result<(), RemoteError> {
        let ask = Ask::put(text, known(held)?);
        self.server.send(&ask, &resource(url, &held.id)).await??;
        Ok(())
    }

    async fn reread(&self, url: &Url, id: &RemoteId) -> Result<Held, RemoteError> {
        self.held(url, id).await?.ok_or(RemoteError::NotFound)
    }

    async fn pen(&self) -> Result<Pen<'_>, RemoteError> {
        let now = self.service().pace().now();
        Ok(Pen { now, zone: self.home, owner: self.owner().await? })
    }
}

/// A failure after something was sent: whatever it is, it must not look as if nothing had happened.
fn unread(error: RemoteError) -> RemoteError {
    match error.leaves_outcome_unknown() {
        true => error,
        false => RemoteError::Unreachable { service: SERVICE, source: Box::new(error) },
    }
}

/// Whether what stands at an address was made from our draft. What cannot be read may well have been:
/// taking it for somebody else's would make a second event.
fn found(held: Held, uid: &str) -> Result<Insert, RemoteError> {
    match ics::uid(&held.text) {
        Some(known) if known == uid => Ok(Insert::Ours(held)),
        Some(_) => Ok(Insert::Burnt(RemoteError::Taken)),
        None => Err(malformed("the event", "it cannot be read")),
    }
}

fn differs(held: &Held, etag: Option<&str>) -> bool {
    etag.is_some() && held.etag.as_deref() != etag
}

/// Without an etag a change could overwrite somebody else's.
fn known(held: &Held) -> Result<&str, RemoteError> {
    held.etag.as_deref().ok_or_else(|| malformed("the event", "the server gives it no etag"))
}

/// Radicale answers a deletion with 200 and a list of what went; a list may also say what did not.
fn deleted(answer: &Answer) -> Result<(), RemoteError> {
    let Ok(list) = super::xml::multistatus(&answer.body) else { return Ok(()) };
    match list.responses.iter().filter_map(|it| it.status).find(|status| *status >= 400 && *status != 404) {
        None => Ok(()),
        Some(403) => Err(RemoteError::Forbidden { reason: "status 403".into() }),
        Some(status) => Err(RemoteError::Server { service: SERVICE, status }),
    }
}

fn refused(error: WriteError) -> RemoteError {
    match error {
        WriteError::Cancelled | WriteError::NoEvent => RemoteError::NotFound,
        WriteError::NoCalendar(_) | WriteError::NotNested => malformed("the event", &error.to_string()),
        WriteError::Recurrence(_) => RemoteError::Invalid { service: SERVICE, reason: error.to_string() },
    }
}
