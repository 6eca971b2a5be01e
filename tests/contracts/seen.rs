//! The least that a mirror could be: what the items of pulls amount to.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use daymark_core::event::{Event, Original, RemoteId, Status};
use daymark_core::recurrence::expand_event;
use daymark_core::time::{Instant, Interval};
use daymark_remotes::calendar::Item;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    pub events: BTreeMap<RemoteId, Event>,
    pub cancelled: BTreeSet<(RemoteId, Original)>,
    pub malformed: Vec<(Option<RemoteId>, String)>,
}

impl Seen {
    pub fn apply(&mut self, item: Item) {
        match item {
            Item::Upsert(snapshot) => self.upsert(snapshot.event),
            Item::Series { master, exceptions, cancelled } => {
                let id = master.event.id.clone();
                self.remove(&id);
                self.upsert(master.event);
                exceptions.into_iter().for_each(|exception| self.upsert(exception.event));
                self.cancelled.extend(cancelled.into_iter().map(|original| (id.clone(), original)));
            }
            Item::Removed(id) => self.remove(&id),
            Item::Malformed { id, why, .. } => self.malformed.push((id, why)),
        }
    }

    fn upsert(&mut self, event: Event) {
        match (&event.series, event.status) {
            (Some(place), Status::Cancelled) => {
                self.events.remove(&event.id);
                self.cancelled.insert((place.master.clone(), place.original));
            }
            (None, Status::Cancelled) => self.remove(&event.id),
            _ => drop(self.events.insert(event.id.clone(), event)),
        }
    }

    fn remove(&mut self, id: &RemoteId) {
        self.events.retain(|known, event| {
            known != id && event.series.as_ref().is_none_or(|place| place.master != *id)
        });
        self.cancelled.retain(|(master, _)| master != id);
    }

    pub fn titles(&self) -> Vec<&str> {
        let mut titles: Vec<&str> = self.events.values().map(|event| event.fields.title.as_str()).collect();
        titles.sort_unstable();
        titles
    }

    pub fn titled(&self, title: &str) -> &Event {
        let mut found = self.events.values().filter(|event| event.fields.title == title);
        let only = found.next().unwrap_or_else(|| panic!("no {title} among {:?}", self.titles()));
        assert!(found.next().is_none(), "more than one {title}");
        only
    }

    /// When the occurrences of the series start, in order.
    pub fn starts(&self, master: &RemoteId, window: Interval, zone: Tz) -> Vec<Instant> {
        let mut exceptions: Vec<Event> = self
            .events
            .values()
            .filter(|event| event.series.as_ref().is_some_and(|place| place.master == *master))
            .cloned()
            .collect();
        let master = &self.events[master];
        let gone = self.cancelled.iter().filter(|(id, _)| *id == master.id).map(|(_, original)| Event {
            status: Status::Cancelled,
            series: Some(daymark_core::event::SeriesRef { master: master.id.clone(), original: *original }),
            ..master.clone()
        });
        exceptions.extend(gone);
        let expansion = expand_event(master, &exceptions, window, zone).unwrap();
        let mut starts: Vec<Instant> =
            expansion.occurrences.iter().map(|occurrence| occurrence.span.bounds(zone).0).collect();
        starts.sort_unstable();
        starts
    }
}
