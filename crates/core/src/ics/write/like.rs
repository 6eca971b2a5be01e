//! A new resource that takes over all of an earlier one but its identity: other people's lines, alarms, zones and
//! exceptions stand in it as they did.

use super::unmanaged::exception;
use super::{Pen, Place, WriteError, master, opened, overridden, recurrence, times};
use crate::event::{Field, Fields, Original};
use crate::ics::text::{Block, Document, escaped};
use crate::ics::{Reader, resource};
use crate::rest::Rest;

/// What names an invitation's people.
const PEOPLE: [&str; 2] = ["ATTENDEE", "ORGANIZER"];

/// The text of an earlier resource, as a provider's answer keeps it.
fn text_of(rest: &Rest) -> Option<&str> {
    rest.raw.get("ics")?.as_str()
}

/// Whether the earlier text can be edited, and so taken over.
pub fn is_whole(rest: &Rest) -> bool {
    text_of(rest).is_some_and(|text| opened(text).is_ok())
}

/// A resource with one new event like the earlier one, with these fields.
pub fn create_like(uid: &str, fields: &Fields, rest: &Rest, pen: &Pen<'_>) -> Result<String, WriteError> {
    let Some(text) = text_of(rest).filter(|_| is_whole(rest)) else {
        return super::create(uid, fields, pen);
    };
    let mut document = opened(text)?;
    match rest.original {
        Some(original) => {
            let event = occurrence(original, &document, pen)?;
            alone(&mut document, event);
        }
        None if overridden(&document, pen).is_none() => {
            let event = master(&document, pen)?;
            alone(&mut document, event);
        }
        None => {}
    }
    if let Some(kept) = &rest.exceptions {
        keep_exceptions(&mut document, kept, pen);
    }
    if !rest.invites() {
        each_event(&mut document, |document, event| {
            document.remove(event, |line| PEOPLE.iter().any(|name| line.is(name)));
        });
    }
    let named = format!("UID:{}", escaped(uid));
    each_event(&mut document, |document, event| document.put(event, &named));
    let text = document.write();
    super::change(&text, Place::Master, fields, &changed(&text, fields, pen), pen)
}

/// The event that says how an occurrence stood: its own, or that of its series.
fn occurrence(original: Original, document: &Document, pen: &Pen<'_>) -> Result<Block, WriteError> {
    let own = exception(original, document, pen);
    own.or_else(|| overridden(document, pen)).ok_or(WriteError::NoEvent)
}

/// The others are from now on as their series says.
fn keep_exceptions(document: &mut Document, kept: &[Original], pen: &Pen<'_>) {
    let series = overridden(document, pen).and_then(|block| times::fields(document, block, pen));
    let Some(series) = series else { return };
    let all = times::exceptions(document, pen);
    let gone = all.into_iter().filter(|(_, it)| !kept.contains(&super::named_in(&series, *it, pen)));
    let mut gone: Vec<Block> = gone.map(|(block, _)| block).collect();
    gone.sort_unstable_by_key(|block| block.begin);
    gone.into_iter().rev().for_each(|block| document.remove_block(block));
}

/// One event stands by itself from now on.
fn alone(document: &mut Document, event: Block) {
    let others: Vec<Block> = document.components("VEVENT").into_iter().filter(|it| *it != event).collect();
    others.into_iter().rev().for_each(|block| document.remove_block(block));
    each_event(document, |document, event| document.remove(event, recurrence::is_of_series));
}

fn each_event(document: &mut Document, act: impl Fn(&mut Document, &mut Block)) {
    // Lines that come or go move only what stands behind them.
    for mut event in document.components("VEVENT").into_iter().rev() {
        act(document, &mut event);
    }
}

/// The fields in which the text differs from what is wanted. What stays as it is written keeps its form.
fn changed(text: &str, fields: &Fields, pen: &Pen<'_>) -> Vec<Field> {
    let reader = Reader { zone: pen.zone, owner: pen.owner };
    match resource::read(text, &reader) {
        Ok(known) => known.master.fields.diff(fields),
        Err(_) => Field::ALL.to_vec(),
    }
}

#[cfg(test)]
mod tests;
