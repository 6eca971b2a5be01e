//! What somebody else does to a calendar, and what its provider holds: in the words of the facts, not
//! of a provider.

use daymark_core::event::{Original, RemoteId};
use daymark_remotes::calendar::RemoteCalendarId;
use serde_json::Value;

/// A wall time in Toronto, `2026-03-02T09:00:00`, or a date for whole days.
#[derive(Clone, Copy, Debug)]
pub enum At<'a> {
    Timed {
        start: &'a str,
        end: &'a str,
    },
    /// `end` is the day after the last.
    Days {
        start: &'a str,
        end: &'a str,
    },
}

pub trait Hands: Send + Sync {
    fn calendar(&self) -> RemoteCalendarId;
    fn read_only(&self) -> RemoteCalendarId;
    /// Holds more events than one page does.
    fn crowded(&self) -> RemoteCalendarId;
    fn events_in_crowd(&self) -> usize;

    fn insert(&self, title: &str, at: At<'_>) -> RemoteId;
    /// Weekly on the weekday of its start, without end.
    fn insert_weekly(&self, title: &str, at: At<'_>) -> RemoteId;
    fn rename(&self, id: &RemoteId, title: &str);
    /// Sets something that Daymark does not manage.
    fn decorate(&self, id: &RemoteId);
    fn delete(&self, id: &RemoteId);
    fn move_occurrence(&self, master: &RemoteId, original: &Original, at: At<'_>);
    fn cancel_occurrence(&self, master: &RemoteId, original: &Original);

    fn expire_cursors(&self);
    /// The user may no longer see the calendar.
    fn hide_calendar(&self);

    /// The event as its provider holds it, without what every write changes.
    fn held(&self, id: &RemoteId) -> Value;
    /// Titles of what is alive: single events and masters.
    fn live_titles(&self) -> Vec<String>;
}
