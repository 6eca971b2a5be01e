//! Tells copies from events: what carries a marker is one of ours, somebody else's, or no copy any more.

use std::collections::HashMap;

use super::places::{Place, Places, Spot};
use super::{Calendar, Mark, Marker, Occurrence, Query, Tag, derived_id};

/// The occurrences, each as what it counts as.
pub(super) struct Sorted<'a> {
    pub calendars: HashMap<i64, &'a Calendar>,
    pub tags: HashMap<Tag, &'a Calendar>,
    pub places: Places<'a>,
    /// Events by themselves, also copies that somebody made of a copy.
    pub events: Vec<&'a Occurrence>,
}

impl<'a> Sorted<'a> {
    pub fn of(query: &Query<'a>) -> Self {
        let calendars: HashMap<_, _> = query.calendars.iter().map(|it| (it.key, it)).collect();
        let tags: HashMap<_, _> = query.calendars.iter().map(|it| (it.tag, it)).collect();
        let mut sorted = Sorted { calendars, tags, places: Places::of(query), events: Vec::new() };
        let mut rivals: HashMap<Spot, (Place, Vec<&Occurrence>)> = HashMap::new();
        for occurrence in query.occurrences {
            match sorted.mark(occurrence) {
                Standing::Event => sorted.events.push(occurrence),
                Standing::Foreign => {}
                Standing::Copy(marker, spot) => {
                    let Some(cell) = sorted.places.cell_mut(spot) else { continue };
                    if let Some(first) = cell.copy.replace(occurrence) {
                        let place = (occurrence.calendar, marker.source);
                        rivals.entry(spot).or_insert_with(|| (place, vec![first])).1.push(occurrence);
                    }
                }
            }
        }
        for (spot, (place, rivals)) in rivals {
            sorted.choose(spot, place, rivals);
        }
        // The order of a hash map must not show.
        sorted.events.sort_by_key(|it| (it.calendar, it.unit, it.original));
        sorted
    }

    fn mark(&mut self, occurrence: &Occurrence) -> Standing {
        let Some(calendar) = self.calendars.get(&occurrence.calendar).copied() else {
            return Standing::Foreign;
        };
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
            let Some(spot) = self.places.named((calendar.key, marker.source)) else {
                return Standing::Foreign;
            };
            let linked = self.places.cell(spot).link.is_some_and(|link| link.event == occurrence.event);
            // At another time it is what somebody made of a copy, unless it is the very event.
            let ours = linked || marker.times == occurrence.times;
            return if ours { Standing::Copy(marker, spot) } else { Standing::Event };
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
    fn choose(&mut self, spot: Spot, place: Place, mut rivals: Vec<&'a Occurrence>) {
        let linked = self.places.cell(spot).link.map(|link| link.event);
        let derived = self.calendars.get(&place.0).map(|it| derived_id(&place.1, it.tag));
        rivals.sort_by_key(|it| {
            let by_link = linked == Some(it.event);
            let by_id = derived.as_ref() == Some(&it.remote_id);
            (!by_link, !by_id, &it.remote_id, it.event)
        });
        let mut rivals = rivals.into_iter();
        if let Some(cell) = self.places.cell_mut(spot) {
            cell.copy = rivals.next();
        }
        self.events.extend(rivals);
    }
}

enum Standing {
    Event,
    Copy(Marker, Spot),
    Foreign,
}

/// The copies that are ours by their markers alone: what a cleaner may take away. Each is still at
/// the time that it was written for.
pub fn genuine<'a>(query: &Query<'a>) -> Vec<&'a Occurrence> {
    let sorted = Sorted::of(query);
    let mut copies: Vec<&Occurrence> = sorted.places.copies().map(|(_, _, copy)| copy).collect();
    copies.retain(|it| matches!(it.mark, Mark::Copy(marker) if marker.times == it.times));
    copies.sort_by_key(|it| (it.calendar, it.times, it.event));
    copies
}
