//! Changing a resource: managed properties in place, every other line as it was.
//!
//! A text is edited and never made anew, because it holds what Daymark does not know: alarms, answers,
//! attachments, other programs' properties. Only a new event is written from nothing.

mod like;
mod recurrence;
mod times;
mod unmanaged;

use chrono::NaiveDateTime;
use chrono_tz::Tz;

use super::text::{Block, Document, Line, escaped};
use super::values::{exact, is_writable_end};
use super::{BUSY_STATUS, IcsError, MARK};
use crate::event::{Field, Fields, Original, ShowAs, Visibility};
use crate::recurrence::{beginning, gives, same_kind};
use crate::time::{Instant, Span};
pub use like::{create_like, is_whole};
use times::Written;
pub(super) use unmanaged::lines;
pub use unmanaged::unmanaged;

/// Who writes, and when.
#[derive(Clone, Copy, Debug)]
pub struct Pen<'a> {
    pub now: Instant,
    /// Times without a zone that is known are local to it.
    pub zone: Tz,
    /// Addresses under which the owner is invited: a meeting that others called is not renumbered.
    pub owner: &'a [String],
}

/// What of a resource is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The series or the single event.
    Master,
    /// One occurrence; writing to it makes an exception.
    Occurrence(Original),
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WriteError {
    #[error(transparent)]
    NoCalendar(#[from] IcsError),
    #[error("the parts of the resource do not nest, so that its lines cannot be told apart")]
    NotNested,
    #[error("the resource holds no event to write to")]
    NoEvent,
    #[error("the occurrence is cancelled")]
    Cancelled,
    #[error("the line says nothing about recurrence: {0}")]
    Recurrence(String),
}

/// What cancelling an occurrence came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cancelled {
    Now(String),
    /// It was cancelled before.
    Already,
    /// Nothing is left: the resource itself is to be deleted.
    Empty,
}

/// A resource with one new event.
pub fn create(uid: &str, fields: &Fields, pen: &Pen<'_>) -> Result<String, WriteError> {
    let mut document = Document::new();
    let end = document.lines.len().saturating_sub(1);
    let stamp = times::stamp(pen.now);
    let texts = ["BEGIN:VEVENT", &format!("UID:{}", escaped(uid)), &format!("DTSTAMP:{stamp}"), "END:VEVENT"];
    let lines = texts.iter().map(|text| document.line(text)).collect();
    document.insert(end, lines);
    let mut draft = Draft { document, event: Block { begin: end, end: end + 3 }, pen };
    let event = &mut draft.event;
    draft.document.add(event, &format!("CREATED:{stamp}"));
    draft.document.add(event, &format!("LAST-MODIFIED:{stamp}"));
    for field in Field::ALL {
        draft.set(fields, field, false)?;
    }
    Ok(draft.document.write())
}

/// The text with some fields changed.
pub fn change(
    text: &str,
    place: Place,
    fields: &Fields,
    changed: &[Field],
    pen: &Pen<'_>,
) -> Result<String, WriteError> {
    let document = opened(text)?;
    let mut draft = match place {
        Place::Master => Draft { event: master(&document, pen)?, document, pen },
        Place::Occurrence(original) => occurrence(document, original, fields, pen)?,
    };
    let exception = matches!(place, Place::Occurrence(_));
    let replanned = changed.iter().any(|field| matches!(field, Field::Span | Field::Recurrence));
    let plan = (replanned && !exception).then(|| draft.plan()).flatten();
    for field in changed {
        draft.set(fields, *field, exception)?;
    }
    draft.touch(replanned);
    if let Some(plan) = plan {
        draft.drop_displaced(&plan);
    }
    Ok(draft.document.write())
}

fn opened(text: &str) -> Result<Document, WriteError> {
    let document = Document::read(text)?;
    if document.nests() { Ok(document) } else { Err(WriteError::NotNested) }
}

/// The text without an occurrence.
pub fn cancel(text: &str, original: Original, pen: &Pen<'_>) -> Result<Cancelled, WriteError> {
    let mut document = opened(text)?;
    let overrides = times::exceptions(&document, pen);
    let Some(block) = overridden(&document, pen) else { return Ok(without(document, original, pen)) };
    let series = times::fields(&document, block, pen).ok_or(WriteError::NoEvent)?;
    let original = named_in(&series, original, pen);
    let excluded = recurrence::cancelled(&series, pen).contains(&original);
    let here: Vec<Block> = overrides
        .iter()
        .filter(|(_, written)| named_in(&series, *written, pen) == original)
        .map(|(block, _)| *block)
        .collect();
    if excluded && here.is_empty() {
        return Ok(Cancelled::Already);
    }
    for block in here.into_iter().rev() {
        document.remove_block(block);
    }
    let event = overridden(&document, pen).ok_or(WriteError::NoEvent)?;
    let mut draft = Draft { document, event, pen };
    if !excluded {
        let written = draft.like_start(original);
        let line = written.line("EXDATE", &[]);
        draft.document.add(&mut draft.event, &line);
        draft.define(&written);
    }
    draft.touch(true);
    Ok(Cancelled::Now(draft.document.write()))
}

/// The text without its event. Of single occurrences by themselves only the one that stands for it goes.
pub fn delete(text: &str, pen: &Pen<'_>) -> Result<Cancelled, WriteError> {
    let document = opened(text)?;
    if overridden(&document, pen).is_some() {
        return Ok(Cancelled::Empty);
    }
    let earliest = times::exceptions(&document, pen).iter().map(|(_, original)| *original).min();
    Ok(earliest.map_or(Cancelled::Empty, |original| without(document, original, pen)))
}

/// A resource of single occurrences loses one of them.
fn without(mut document: Document, original: Original, pen: &Pen<'_>) -> Cancelled {
    let all = times::exceptions(&document, pen);
    let here: Vec<Block> =
        all.iter().filter(|(_, written)| *written == original).map(|(block, _)| *block).collect();
    if here.is_empty() {
        return Cancelled::Already;
    }
    if all.len() == here.len() {
        return Cancelled::Empty;
    }
    here.into_iter().rev().for_each(|block| document.remove_block(block));
    Cancelled::Now(document.write())
}

/// The event that the exceptions of a series stand beside.
fn overridden(document: &Document, pen: &Pen<'_>) -> Option<Block> {
    let events = document.components("VEVENT").into_iter();
    let masters = events.filter(|block| document.find(*block, "RECURRENCE-ID").is_none());
    times::newest(document, masters, pen)
}

/// The series or the single event. Of single occurrences by themselves it is the earliest, as it is for readers.
fn master(document: &Document, pen: &Pen<'_>) -> Result<Block, WriteError> {
    let earliest = || {
        let alone = times::exceptions(document, pen);
        let place = alone.iter().map(|(_, original)| *original).min()?;
        let same = alone.into_iter().filter(|(_, original)| *original == place);
        times::newest(document, same.map(|(block, _)| block), pen)
    };
    overridden(document, pen).or_else(earliest).ok_or(WriteError::NoEvent)
}

/// An exception's own component, made from its series' when there is none yet.
fn occurrence<'a>(
    document: Document,
    original: Original,
    fields: &Fields,
    pen: &'a Pen<'a>,
) -> Result<Draft<'a>, WriteError> {
    let exceptions = times::exceptions(&document, pen);
    let Some(master) = overridden(&document, pen) else {
        let same = exceptions.into_iter().filter(|(_, written)| *written == original);
        let known = times::newest(&document, same.map(|(block, _)| block), pen);
        let event = known.ok_or(WriteError::NoEvent)?;
        return Ok(Draft { document, event, pen });
    };
    let series = times::fields(&document, master, pen).ok_or(WriteError::NoEvent)?;
    let original = named_in(&series, original, pen);
    if recurrence::cancelled(&series, pen).contains(&original) {
        return Err(WriteError::Cancelled);
    }
    let same = exceptions.into_iter().filter(|(_, written)| named_in(&series, *written, pen) == original);
    match times::newest(&document, same.map(|(block, _)| block), pen) {
        Some(event) => Ok(Draft { document, event, pen }),
        None => Draft { document, event: master, pen }.split(original, fields),
    }
}

/// An occurrence's identity in the form that those of its series have.
fn named_in(series: &Fields, original: Original, pen: &Pen<'_>) -> Original {
    same_kind(&series.span, &series.recurrence, original, pen.zone)
}

/// A text and the event in it that is being changed.
struct Draft<'a> {
    document: Document,
    event: Block,
    pen: &'a Pen<'a>,
}

impl<'a> Draft<'a> {
    /// Makes an exception: a copy of the series, alarms and all, without its rule.
    fn split(mut self, original: Original, fields: &Fields) -> Result<Self, WriteError> {
        let written = self.like_start(original);
        let inherited = |line: &Line| !recurrence::is_of_series(line);
        let own = self.document.own(self.event);
        let lines = self.document.lines.iter().enumerate().take(self.event.end + 1).skip(self.event.begin);
        let copy: Vec<Line> = lines
            .filter(|(at, line)| !own.contains(at) || inherited(line))
            .map(|(_, line)| line.clone())
            .collect();
        let begin = self.event.end + 1;
        let count = self.document.insert(begin, copy);
        self.event = Block { begin, end: begin + count.saturating_sub(1) };
        self.document.add(&mut self.event, &written.line("RECURRENCE-ID", &[]));
        self.define(&written);
        self.set(fields, Field::Span, true)?;
        Ok(self)
    }

    fn set(&mut self, fields: &Fields, field: Field, exception: bool) -> Result<(), WriteError> {
        match field {
            Field::Title => self.text("SUMMARY", &fields.title),
            Field::Description => self.text("DESCRIPTION", &fields.description),
            Field::Location => self.text("LOCATION", &fields.location),
            Field::Span => self.span(fields),
            // An occurrence has no rule of its own.
            Field::Recurrence if exception => {}
            Field::Recurrence => self.recurrence(fields)?,
            Field::ShowAs => self.show_as(fields.show_as),
            Field::Visibility => self.visibility(fields.visibility),
            Field::Marks => self.marks(fields),
        }
        Ok(())
    }

    /// Parameters stay, but for those that speak of the old value.
    fn text(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            return self.remove(name);
        }
        let stale = ["ALTREP", "ENCODING", "VALUE", "CHARSET"];
        let known = self.document.find(self.event, name).map(Line::parameters).unwrap_or_default();
        let kept = known.into_iter().filter(|parameter| {
            let key = parameter.split('=').next().unwrap_or_default();
            !stale.iter().any(|stale| stale.eq_ignore_ascii_case(key))
        });
        let parameters: String = kept.map(|parameter| format!(";{parameter}")).collect();
        self.put(&format!("{name}{parameters}:{}", escaped(value)));
    }

    fn show_as(&mut self, show_as: ShowAs) {
        let free = matches!(show_as, ShowAs::Free | ShowAs::WorkingElsewhere);
        match free {
            true => self.put("TRANSP:TRANSPARENT"),
            // Taken is what no line means.
            false if self.value_is("TRANSP", "TRANSPARENT") => self.remove("TRANSP"),
            false => {}
        }
        let tentative = show_as == ShowAs::Tentative;
        if tentative != self.value_is("STATUS", "TENTATIVE") {
            self.put(if tentative { "STATUS:TENTATIVE" } else { "STATUS:CONFIRMED" });
        }
        let (outlook, plain) = match show_as {
            ShowAs::Free => ("FREE", true),
            ShowAs::Tentative => ("TENTATIVE", true),
            ShowAs::Busy => ("BUSY", true),
            ShowAs::OutOfOffice => ("OOF", false),
            ShowAs::WorkingElsewhere => ("WORKINGELSEWHERE", false),
        };
        self.choose(BUSY_STATUS, outlook, plain);
    }

    fn visibility(&mut self, visibility: Visibility) {
        match visibility {
            Visibility::Default => self.remove("CLASS"),
            Visibility::Public => self.put("CLASS:PUBLIC"),
            // CONFIDENTIAL is read as private; what it is stays.
            Visibility::Private if self.value_is("CLASS", "CONFIDENTIAL") => {}
            Visibility::Private => self.put("CLASS:PRIVATE"),
        }
    }

    /// A default that nobody has written needs no line.
    fn choose(&mut self, name: &str, value: &str, is_default: bool) {
        let known = self.document.find(self.event, name).is_some();
        if known || !is_default {
            self.put(&format!("{name}:{value}"));
        }
    }

    fn marks(&mut self, fields: &Fields) {
        let ours = format!("X-{}", MARK.to_ascii_uppercase());
        self.document.remove(&mut self.event, |line| line.name().starts_with(&ours));
        let nameable = |key: &&String| {
            key.starts_with(MARK) && key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
        };
        for (key, value) in fields.marks.iter().filter(|(key, _)| nameable(key)) {
            let line = format!("X-{}:{}", key.to_ascii_uppercase(), escaped(value));
            self.document.add(&mut self.event, &line);
        }
    }

    fn span(&mut self, fields: &Fields) {
        if let Some(named) = beginning(&fields.span, &fields.recurrence) {
            return self.span_from(named, &fields.span);
        }
        let (start, end) = self.moments(&fields.span);
        let end = is_writable_end(&fields.span).then_some(end);
        if end.is_none() {
            self.remove("DTEND");
        }
        for (name, written) in [("DTSTART", Some(&start)), ("DTEND", end.as_ref())] {
            let Some(written) = written else { continue };
            let known = self.document.find(self.event, name).map(Line::parameters).unwrap_or_default();
            let line = written.line(name, &known);
            self.put(&line);
            self.define(written);
        }
        self.remove("DURATION");
    }

    /// A series that begins at a time which its clock never shows. How far an end is from there, not all readers
    /// agree on; a length means the same to all.
    fn span_from(&mut self, named: NaiveDateTime, span: &Span) {
        let Span::Timed { start, end, zone } = span else { return };
        let written = Written::local(named, *zone, &self.name_of(*zone));
        let known = self.document.find(self.event, "DTSTART").map(Line::parameters).unwrap_or_default();
        let line = written.line("DTSTART", &known);
        self.put(&line);
        self.define(&written);
        self.remove("DTEND");
        self.put(&format!("DURATION:{}", exact(*end - *start)));
    }

    fn recurrence(&mut self, fields: &Fields) -> Result<(), WriteError> {
        let written = recurrence::Wanted { fields, pen: self.pen };
        written.put(&mut self.document, &mut self.event)?;
        let named = written.zones();
        named.into_iter().for_each(|zone| self.define(&Written::zone(zone)));
        if self.begins_elsewhere(fields) {
            self.span(fields);
        }
        Ok(())
    }

    /// The same instant may be meant by the time that a clock shows then, or by the one that it leaves out.
    fn begins_elsewhere(&self, wanted: &Fields) -> bool {
        let start = |fields: &Fields| Original::of(&fields.span);
        let begins = |fields: &Fields| beginning(&fields.span, &fields.recurrence);
        self.plan().is_some_and(|now| start(&now) == start(wanted) && begins(&now) != begins(wanted))
    }

    fn plan(&self) -> Option<Fields> {
        times::fields(&self.document, self.event, self.pen)
    }

    /// Exceptions whose place went with the old plan go with it: their text alone would keep them standing. What
    /// never was of the rule stays.
    fn drop_displaced(&mut self, before: &Fields) {
        let Some(after) = self.plan() else { return };
        let has = |plan: &Fields, original: Original| {
            let original = named_in(plan, original, self.pen);
            gives(&plan.span, &plan.recurrence, original).unwrap_or(true)
        };
        let displaced = |original: &Original| has(before, *original) && !has(&after, *original);
        let mut gone: Vec<Block> = times::exceptions(&self.document, self.pen)
            .into_iter()
            .filter(|(_, original)| displaced(original))
            .map(|(block, _)| block)
            .collect();
        gone.sort_unstable_by_key(|block| block.begin);
        gone.into_iter().rev().for_each(|block| self.document.remove_block(block));
    }

    /// Notes the change: its time, and a new number where others go by it (RFC 5546 §2.1.4).
    fn touch(&mut self, moved: bool) {
        let stamp = times::stamp(self.pen.now);
        self.put(&format!("DTSTAMP:{stamp}"));
        self.put(&format!("LAST-MODIFIED:{stamp}"));
        if moved && self.is_own() {
            let known = self.document.find(self.event, "SEQUENCE").map(Line::value).unwrap_or_default();
            let next = known.trim().parse::<u32>().unwrap_or(0).saturating_add(1);
            self.put(&format!("SEQUENCE:{next}"));
        }
    }

    fn is_own(&self) -> bool {
        let Some(organizer) = self.document.find(self.event, "ORGANIZER") else { return true };
        let address = organizer.value().trim();
        let address = address
            .get(.."mailto:".len())
            .filter(|it| it.eq_ignore_ascii_case("mailto:"))
            .map_or(address, |scheme| address.get(scheme.len()..).unwrap_or_default());
        self.pen.owner.iter().any(|own| own.eq_ignore_ascii_case(address))
    }

    fn put(&mut self, line: &str) {
        self.document.put(&mut self.event, line);
    }

    fn remove(&mut self, name: &str) {
        self.document.remove(&mut self.event, |line| line.is(name));
    }

    fn value_is(&self, name: &str, value: &str) -> bool {
        self.document.find(self.event, name).is_some_and(|it| it.value().trim().eq_ignore_ascii_case(value))
    }
}

#[cfg(test)]
mod tests;
