//! Tells copies from events: what carries a marker is one of ours, somebody else's, or no copy any more.

use std::collections::HashMap;

use super::{Calendar, Link, Mark, Marker, Occurrence, Query, Source, Tag, derived_id};

/// A copy's place: the calendar that it stands on, and what it is a copy of.
pub(super) type Place = (i64, Source);

/// The occurrences, each as what it counts as.
pub(super) struct Sorted<'a> {
    pub calendars: HashMap<i64, &'a Calendar>,
    pub tags: HashMap<Tag, &'a Calendar>,
    pub links: HashMap<Place, &'a Link>,
    /// The one copy at each place.
    pub copies: HashMap<Place, &'a Occurrence>,
    /// Events by themselves, also copies that somebody made of a copy.
    pub events: Vec<&'a Occurrence>,
}

impl<'a> Sorted<'a> {
    pub fn of(query: &Query<'a>) -> Self {
        let calendars: HashMap<_, _> = query.calendars.iter().map(|it| (it.key, it)).collect();
        let tags: HashMap<_, _> = query.calendars.iter().map(|it| (it.tag, it)).collect();
        let links: HashMap<_, _> = query.links.iter().map(|it| ((it.target, it.source), it)).collect();
        let copies = HashMap::with_capacity(query.links.len());
        let mut sorted = Sorted { calendars, tags, links, copies, events: Vec::new() };
        let mut rivals: HashMap<Place, Vec<&Occurrence>> = HashMap::new();
        for occurrence in query.occurrences {
            match sorted.mark(occurrence) {
                Standing::Event => sorted.events.push(occurrence),
                Standing::Foreign => {}
                Standing::Copy(marker) => {
                    let place = (occurrence.calendar, marker.source);
                    if let Some(first) = sorted.copies.insert(place, occurrence) {
                        rivals.entry(place).or_insert_with(|| vec![first]).push(occurrence);
                    }
                }
            }
        }
        for (place, rivals) in rivals {
            sorted.choose(place, rivals);
        }
        // The order of a hash map must not show.
        sorted.events.sort_by_key(|it| (it.calendar, it.unit, it.original));
        sorted
    }

    fn mark(&self, occurrence: &Occurrence) -> Standing {
        let Some(calendar) = self.calendars.get(&occurrence.calendar) else { return Standing::Foreign };
        let marker = match occurrence.mark {
            Mark::None => return Standing::Event,
            Mark::Unreadable => return Standing::Foreign,
            Mark::Copy(marker) => marker,
        };
        if occurrence.original.is_some() {
            // Somebody made a series of it.
            return Standing::Event;
        }
        if marker.target == calendar.tag {
            let linked = self.links.get(&(calendar.key, marker.source));
            let linked = linked.is_some_and(|link| link.event == occurrence.event);
            // At another time it is what somebody made of a copy, unless it is the very event.
            let ours = linked || marker.times == occurrence.times;
            return if ours { Standing::Copy(marker) } else { Standing::Event };
        }
        match self.tags.get(&marker.target) {
            // Carried here by hand: the time is taken by somebody's wish.
            Some(other) if other.real != calendar.real => Standing::Event,
            // Our own through another account, or another installation's: copying those on and on
            // would fill the calendars of both.
            Some(_) | None => Standing::Foreign,
        }
    }

    /// One copy stands for its place; any other is somebody's own event.
    fn choose(&mut self, place: Place, mut rivals: Vec<&'a Occurrence>) {
        let linked = self.links.get(&place).map(|link| link.event);
        let derived = self.calendars.get(&place.0).map(|it| derived_id(&place.1, it.tag));
        rivals.sort_by_key(|it| {
            let by_link = linked == Some(it.event);
            let by_id = derived.as_ref() == Some(&it.remote_id);
            (!by_link, !by_id, &it.remote_id, it.event)
        });
        let mut rivals = rivals.into_iter();
        self.copies.extend(rivals.next().map(|copy| (place, copy)));
        self.events.extend(rivals);
    }
}

enum Standing {
    Event,
    Copy(Marker),
    Foreign,
}

/// The copies that are ours by their markers alone: what a cleaner may take away. Each is still at
/// the time that it was written for.
pub fn genuine<'a>(query: &Query<'a>) -> Vec<&'a Occurrence> {
    let mut copies: Vec<&Occurrence> = Sorted::of(query).copies.into_values().collect();
    copies.retain(|it| matches!(it.mark, Mark::Copy(marker) if marker.times == it.times));
    copies.sort_by_key(|it| (it.calendar, it.times, it.event));
    copies
}
