//! What an event's text says beyond the managed fields, line by line.

use super::{Block, Document, MARK, Pen, master, opened, overridden, times};
use crate::event::Original;
use crate::ics::BUSY_STATUS;
use crate::ics::text::Line;

/// Lines that the fields write, and those that say only when somebody wrote.
const MANAGED: [&str; 19] = [
    "CLASS",
    "CREATED",
    "DESCRIPTION",
    "DTEND",
    "DTSTAMP",
    "DTSTART",
    "DURATION",
    "EXDATE",
    "EXRULE",
    "LAST-MODIFIED",
    "LOCATION",
    "RDATE",
    "RECURRENCE-ID",
    "RRULE",
    "SEQUENCE",
    "STATUS",
    "SUMMARY",
    "TRANSP",
    "UID",
];

/// The unfolded lines of the series or the single event, or of the one that stands for an occurrence if there is one:
/// its own, then those of the alarms and whatever else is inside it. Nothing of a text that cannot be told apart.
pub fn unmanaged(text: &str, original: Option<Original>, pen: &Pen<'_>) -> Vec<String> {
    let Ok(document) = opened(text) else { return Vec::new() };
    let own = original.and_then(|original| exception(original, &document, pen));
    let event = own.or_else(|| master(&document, pen).ok());
    event.map(|event| lines(&document, event)).unwrap_or_default()
}

pub(super) fn exception(original: Original, document: &Document, pen: &Pen<'_>) -> Option<Block> {
    let series = overridden(document, pen).and_then(|block| times::fields(document, block, pen));
    let named = |written: Original| match &series {
        Some(series) => super::named_in(series, written, pen),
        None => written,
    };
    let here = times::exceptions(document, pen).into_iter().filter(|(_, it)| named(*it) == named(original));
    times::newest(document, here.map(|(block, _)| block), pen)
}

/// Lines of one event that its fields do not write.
pub(in crate::ics) fn lines(document: &Document, event: Block) -> Vec<String> {
    let own = document.own(event);
    let inside = (event.begin + 1..event.end).filter(|at| !own.contains(at));
    let of = |at: usize| document.lines.get(at);
    let kept = own.iter().filter_map(|at| of(*at)).filter(|line| !is_managed(line));
    kept.chain(inside.filter_map(of)).map(|line| line.text.clone()).collect()
}

fn is_managed(line: &Line) -> bool {
    let name = line.name();
    let marked = name.starts_with(&format!("X-{}", MARK.to_ascii_uppercase()));
    name.is_empty() || marked || name == BUSY_STATUS || MANAGED.contains(&name.as_str())
}
