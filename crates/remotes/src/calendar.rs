//! What every calendar provider can do, as the engine sees it.

use async_trait::async_trait;
use chrono_tz::Tz;
use data_encoding::HEXLOWER;
use daymark_core::event::{Field, Fields, Original, RemoteId};
use daymark_core::rest::Rest;
use daymark_core::time::Interval;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::RemoteError;

/// A provider's id of a calendar.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RemoteCalendarId(pub String);

/// A calendar in an account's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteCalendar {
    pub id: RemoteCalendarId,
    pub name: String,
    /// `#rrggbb`, when the provider has one.
    pub color: Option<String>,
    pub zone: Option<Tz>,
    pub access: Access,
    pub primary: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Only whether it is busy; no events can be listed.
    FreeBusy,
    Read,
    Write,
}

/// Where reading a calendar stands. Made and read by the provider's client only; the mirror keeps it as is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

/// One network answer of a pull.
#[derive(Clone, Debug, PartialEq)]
pub enum Changes {
    Page(Page),
    /// The cursor is no longer good: begin again without one. Nothing known is deleted for that.
    Expired,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub items: Vec<Item>,
    pub next: Next,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// More of this round waits behind the cursor.
    More(Cursor),
    /// The round is complete; the next one starts here.
    Done(Cursor),
}

/// One entry of a page, and an event as it stands at the provider: the words in which the core merges.
pub use daymark_core::merge::{Delta as Item, Snapshot as RemoteEvent};

/// What a write goes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Event(RemoteId),
    /// One occurrence of a series; writing to it makes an exception.
    Occurrence {
        master: RemoteId,
        original: Original,
    },
}

/// A new event with an id derived from what caused it, so that sending it twice makes one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// 32 lower-case hex digits.
    pub derived_id: String,
    pub fields: Fields,
    /// What it takes over from an earlier event of the same provider.
    pub rest: Option<Rest>,
}

/// The id for another try after `taken` others turned out to be burnt. Anyone who repeats the
/// draft meets the same ids in the same order.
pub fn nth_id(derived_id: &str, taken: u32) -> String {
    if taken == 0 {
        return derived_id.to_owned();
    }
    let digest = Sha256::digest(format!("{derived_id}/{taken}"));
    HEXLOWER.encode(&digest).chars().take(32).collect()
}

/// How many ids of a draft may turn out burnt. Each is a deletion of what an earlier one made: by
/// hand, or of a copy whose source was busy, free and busy again.
pub const IDS_MAX: u32 = 16;

/// A change of some managed fields; everything else stays as the provider has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    pub target: Target,
    /// The etag last read; the write is refused with [`RemoteError::Changed`] when it is not current.
    pub etag: Option<String>,
    pub fields: Fields,
    pub changed: Vec<Field>,
}

/// One account at one calendar provider.
#[async_trait]
pub trait CalendarProvider: Send + Sync {
    /// All calendars of the account.
    async fn calendars(&self) -> Result<Vec<RemoteCalendar>, RemoteError>;

    /// One answer of a pull: the first of a full round without a cursor, else what follows it.
    /// `window` bounds providers that cannot list everything; its edge never means deletion.
    async fn changes(
        &self,
        calendar: &RemoteCalendarId,
        cursor: Option<&Cursor>,
        window: Interval,
    ) -> Result<Changes, RemoteError>;

    /// The same for a calendar of which only free and busy is shared ([`Access::FreeBusy`]): its busy times within
    /// the window, as entries without a title. For providers whose capabilities say that they tell it.
    async fn busy(
        &self,
        _calendar: &RemoteCalendarId,
        _cursor: Option<&Cursor>,
        _window: Interval,
    ) -> Result<Changes, RemoteError> {
        Err(RemoteError::Forbidden {
            reason: "only free and busy is shared, and Daymark cannot read it".into(),
        })
    }

    /// The event as it stands, or `None` when it is gone or cancelled.
    async fn get(
        &self,
        calendar: &RemoteCalendarId,
        target: &Target,
    ) -> Result<Option<RemoteEvent>, RemoteError>;

    /// Inserts; a repetition of the same draft answers with the event that the first one made.
    /// Nobody is ever mailed by it, but for the people whom the draft brings along.
    async fn insert(&self, calendar: &RemoteCalendarId, draft: &Draft) -> Result<RemoteEvent, RemoteError>;

    /// What an earlier insert of a draft made, whatever its answer was; `None` when there is nothing of it.
    async fn made_from(
        &self,
        calendar: &RemoteCalendarId,
        derived_id: &str,
    ) -> Result<Option<RemoteEvent>, RemoteError>;

    async fn patch(&self, calendar: &RemoteCalendarId, patch: &Patch) -> Result<RemoteEvent, RemoteError>;

    /// Deletes; what is already gone counts as deleted.
    async fn delete(
        &self,
        calendar: &RemoteCalendarId,
        target: &Target,
        etag: Option<&str>,
    ) -> Result<(), RemoteError>;
}
