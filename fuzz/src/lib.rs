//! What every target does with the events that it read: the same as the mirror would.

use chrono::TimeDelta;
use chrono_tz::Tz;
use daymark_core::event::{Event, Field, Fields};
use daymark_core::ics::{self, Pen, Place, Reader};
use daymark_core::merge::{Delta, plan};
use daymark_core::recurrence::{BUDGET, Expansion, RecurrenceError, Series, expand, expand_event};
use daymark_core::time::{Instant, Interval};

const UID: &str = "fuzz@example.org";

pub const HOME: Tz = Tz::America__Toronto;

/// An instant that stands still: a run must be the same each time.
pub fn now() -> Instant {
    Instant::from_timestamp(1_772_452_800, 0).unwrap_or_default()
}

/// What the mirror keeps at hand.
fn horizon() -> Option<Interval> {
    Interval::new(now() - TimeDelta::days(90), now() + TimeDelta::days(400))
}

/// Takes items in as a mirror that knows nothing yet, and puts them on their days.
pub fn take_in(items: Vec<Delta>) {
    let Some(horizon) = horizon() else { return };
    for item in &items {
        if let Delta::Upsert(master) = item {
            show(&master.event, &[], horizon);
        }
        if let Delta::Series { master, exceptions, .. } = item {
            let exceptions: Vec<Event> = exceptions.iter().map(|it| it.event.clone()).collect();
            show(&master.event, &exceptions, horizon);
        }
    }
    for item in items {
        let _ = plan(&[], item);
    }
}

fn show(master: &Event, exceptions: &[Event], horizon: Interval) {
    if let Ok(expansion) = expand_event(master, exceptions, horizon, HOME) {
        assert!(
            expansion.occurrences.iter().all(|it| touches(&it.span.bounds(HOME), horizon)),
            "an occurrence lies outside of what was asked for"
        );
    }
}

fn touches((start, end): &(Instant, Instant), horizon: Interval) -> bool {
    *start < horizon.end() && *end >= horizon.start() && start <= end
}

/// Reads a text, expands it, writes what was read, and reads that: nothing may be lost on the way.
pub fn round_trip(text: &str) {
    let Some(horizon) = horizon() else { return };
    let (from, to) = (horizon.start().date_naive(), horizon.end().date_naive());
    // What cannot be read is an answer too.
    let _ = (ics::expand(text, from, to, HOME), ics::deltas(text, HOME), ics::uid(text));
    let (reader, pen) = (Reader { zone: HOME, owner: &[] }, Pen { now: now(), zone: HOME, owner: &[] });
    let Ok(read) = ics::read(text, &reader) else { return };
    rename(text, &read.master, &pen, &reader);
    // Lines that say nothing are kept in a text as they are, but nobody writes them anew.
    if expansion(&read.master.fields, horizon).is_err() {
        return;
    }
    let Ok(written) = ics::create(UID, &read.master.fields, &pen) else { return };
    let again = ics::read(&written, &reader).expect("what was written can be read").master.fields;
    let changed = canonical(&read.master.fields).diff(&canonical(&again));
    assert!(changed.is_empty(), "{changed:?} were lost on the way:\n{written}\n{:?}", read.master.fields);
    assert_eq!(ics::create(UID, &again, &pen), Ok(written), "it is written otherwise each time");
}

/// Without what may be written in several ways: line breaks are of one kind, and what the lines of a series come to
/// is compared by its dates.
fn canonical(fields: &Fields) -> Fields {
    let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
    let mut own = fields.clone();
    own.title = lines(&own.title);
    own.location = lines(&own.location);
    own.description = lines(&own.description);
    own.marks.values_mut().for_each(|value| *value = lines(value));
    // Names that no property can have are not ours.
    own.marks.retain(|name, _| name.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-'));
    if let (Some(horizon), false) = (horizon(), fields.recurrence.is_empty()) {
        let dates = expansion(fields, horizon).map(|it| format!("{:?}", it.occurrences));
        own.recurrence = vec![dates.unwrap_or_default()];
    }
    own
}

fn expansion(fields: &Fields, horizon: Interval) -> Result<Expansion, RecurrenceError> {
    let series = Series { first: &fields.span, lines: &fields.recurrence, nominal: None };
    expand(&series, &[], horizon, HOME, BUDGET)
}

/// A change of one field leaves the others as they were.
fn rename(text: &str, master: &Event, pen: &Pen<'_>, reader: &Reader<'_>) {
    let mut fields = master.fields.clone();
    fields.title = "Renamed; by, Daymark".to_owned();
    let Ok(renamed) = ics::change(text, Place::Master, &fields, &[Field::Title], pen) else { return };
    let read = ics::read(&renamed, reader).expect("a renamed event can be read");
    let changed = read.master.fields.diff(&fields);
    assert!(changed.is_empty(), "renaming changed {changed:?}:\n{renamed}");
}
