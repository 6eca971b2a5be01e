//! Writing: inserts that cannot double, patches and deletions that respect the etag.

use reqwest::Method;
use reqwest::header::IF_MATCH;
use serde_json::Value;

use super::{Google, SERVICE, write};
use crate::calendar::{Draft, IDS_MAX, Patch, RemoteCalendarId, RemoteEvent, Target};
use crate::error::RemoteError;
use crate::http::Request;

impl Google {
    /// A 409 is our own earlier try whose answer was lost, unless somebody deleted that event
    /// since: ids stay burnt then, and the next id of the draft's own row is taken.
    pub(super) async fn create(
        &self,
        calendar: &RemoteCalendarId,
        draft: &Draft,
    ) -> Result<RemoteEvent, RemoteError> {
        for taken in 0..IDS_MAX {
            let id = write::nth_id(&draft.derived_id, taken);
            let body = write::insert_body(draft, &id)?;
            let url = self.new_event(calendar, draft.rest.as_ref());
            let request = Google::quiet(Method::POST, url).json(&body)?.repeatable();
            match self.send(request).await?.map_err(RemoteError::from) {
                Ok(answer) => return self.single(calendar, answer.json(SERVICE)?).await,
                Err(RemoteError::Taken) => {
                    if let Some(event) = self.look_up(calendar, &id).await? {
                        return Ok(event);
                    }
                }
                Err(failure) => return Err(failure),
            }
        }
        Err(RemoteError::Taken)
    }

    /// Any of the draft's ids may be the one: those before it are burnt.
    pub(super) async fn made(
        &self,
        calendar: &RemoteCalendarId,
        derived_id: &str,
    ) -> Result<Option<RemoteEvent>, RemoteError> {
        for taken in 0..IDS_MAX {
            if let Some(event) = self.look_up(calendar, &write::nth_id(derived_id, taken)).await? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    pub(super) async fn update(
        &self,
        calendar: &RemoteCalendarId,
        patch: &Patch,
    ) -> Result<RemoteEvent, RemoteError> {
        let id = write::event_id(&patch.target)?;
        let body = write::patch_body(patch)?;
        if body.as_object().is_some_and(serde_json::Map::is_empty) {
            return self.look_up(calendar, &id).await?.ok_or(RemoteError::NotFound);
        }
        // A status brings a deleted event back to life, so it goes only to an event that was seen alive.
        let seen = match &patch.etag {
            None if body.get("status").is_some() => {
                self.look_up(calendar, &id).await?.ok_or(RemoteError::NotFound)?.event.etag
            }
            etag => etag.clone(),
        };
        let request = Google::quiet(Method::PATCH, self.event(calendar, &id)).json(&body)?;
        let raw: Value = self.read(matching(request, seen.as_deref())?).await?;
        // An event that was deleted meanwhile takes the patch and stays deleted.
        if raw.get("status").is_some_and(|status| status == "cancelled") {
            return Err(RemoteError::NotFound);
        }
        self.single(calendar, raw).await
    }

    pub(super) async fn remove(
        &self,
        calendar: &RemoteCalendarId,
        target: &Target,
        etag: Option<&str>,
    ) -> Result<(), RemoteError> {
        let id = write::event_id(target)?;
        let request = Google::quiet(Method::DELETE, self.event(calendar, &id));
        match self.send(matching(request, etag)?).await? {
            Ok(_) => Ok(()),
            Err(refusal) if refusal.is_gone() => self.confirm_gone(calendar, &refusal).await,
            Err(refusal) => Err(refusal.into()),
        }
    }
}

fn matching(request: Request, etag: Option<&str>) -> Result<Request, RemoteError> {
    match etag {
        Some(etag) => request.header(IF_MATCH, etag),
        None => Ok(request),
    }
}
