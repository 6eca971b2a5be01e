//! A resource's text ↦ Daymark's events.

use daymark_core::event::{Event, Original, RemoteId, SeriesRef};
use daymark_core::ics::{self, Reader, Resource, ResourceError};
use serde_json::json;

use super::href::exception_id;
use crate::calendar::{Item, RemoteEvent};

/// A resource as the server holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub id: RemoteId,
    pub etag: Option<String>,
    pub text: String,
}

impl Held {
    /// The whole of it, for a pull. Always as a series: what was an exception before may be none now.
    pub fn item(&self, reader: &Reader<'_>) -> Item {
        match ics::read(&self.text, reader) {
            Ok(resource) => self.series(resource),
            // A task is nothing here; a resource may have become one.
            Err(ResourceError::NoEvent) => Item::Removed(self.id.clone()),
            Err(error) => Item::Malformed {
                id: Some(self.id.clone()),
                why: error.to_string(),
                glimpse: ics::glimpse(&self.text, reader.zone),
            },
        }
    }

    fn series(&self, resource: Resource) -> Item {
        let exceptions = resource.exceptions.into_iter().map(|event| self.snapshot(event)).collect();
        let master = Box::new(self.snapshot(resource.master));
        Item::Series { master, exceptions, cancelled: resource.cancelled }
    }

    /// The text is kept with its master; its exceptions say where it is.
    pub fn snapshot(&self, event: Event) -> RemoteEvent {
        let place = event.series.as_ref().map(|series| series.original);
        let raw = match place {
            None => json!({ "ics": self.text }),
            Some(_) => json!({ "in": self.id }),
        };
        let (id, series) = match place {
            None => (self.id.clone(), None),
            Some(original) => (exception_id(&self.id, original), Some(self.series_ref(original))),
        };
        RemoteEvent { event: Event { id, series, etag: self.etag.clone(), ..event }, raw }
    }

    fn series_ref(&self, original: Original) -> SeriesRef {
        SeriesRef { master: self.id.clone(), original }
    }

    /// One event of it; `None` when the occurrence is cancelled.
    pub fn event(
        &self,
        original: Option<Original>,
        reader: &Reader<'_>,
    ) -> Result<Option<RemoteEvent>, ResourceError> {
        let resource = ics::read(&self.text, reader)?;
        let event = match original {
            None => Some(resource.master),
            Some(original) => resource.occurrence(original, reader.zone),
        };
        let live = event.filter(|event| event.status != daymark_core::event::Status::Cancelled);
        Ok(live.map(|event| self.snapshot(event)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;
    use daymark_core::glimpse::Glimpse;

    #[test]
    fn of_a_resource_that_cannot_be_read_the_title_is_seen() {
        let event = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nSUMMARY:Visit Singh\nDTSTART:soon\nEND:VEVENT\n";
        let held =
            Held { id: RemoteId("/dav/a.ics".into()), etag: None, text: format!("{event}END:VCALENDAR\n") };
        let Item::Malformed { id, glimpse, .. } = held.item(&Reader { zone: Tz::UTC, owner: &[] }) else {
            panic!()
        };
        assert_eq!((id, glimpse), (Some(held.id), Glimpse::new("Visit Singh", None)));
    }
}
