//! Points in time as a resource writes them: in the zone names it already uses, with their rules.

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

use super::{Draft, Pen};
use crate::event::{Fields, Original};
use crate::ics::parse::parse_as;
use crate::ics::text::{Block, Document};
use crate::ics::vtimezone;
use crate::recurrence;
use crate::time::{Instant, Span, resolve, shows, wall};

/// Around now, when a zone is written that no time is given for.
const SOME_YEAR: i32 = 2026;

/// A value with what its parameters say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    value: String,
    date: bool,
    /// The zone, under the name that the text has for it, and a year in which it is meant.
    zone: Option<(Tz, String, i32)>,
}

impl Written {
    fn day(date: NaiveDate) -> Self {
        Written { value: date.format("%Y%m%d").to_string(), date: true, zone: None }
    }

    fn utc(at: Instant) -> Self {
        Written { value: stamp(at), date: false, zone: None }
    }

    /// Only a mention of a zone.
    pub(super) fn zone(zone: Tz) -> Self {
        let named = Some((zone, zone.name().to_owned(), SOME_YEAR));
        Written { value: String::new(), date: false, zone: named }
    }

    /// The hour that a clock shows twice can be told apart in UTC only: its name means the first.
    fn zoned(at: Instant, zone: Tz, name: &str) -> Self {
        let local = wall(at, zone);
        if zone == Tz::UTC || resolve(local, zone) != at {
            return Written::utc(at);
        }
        Written::local(local, zone, name)
    }

    pub(super) fn local(wall: NaiveDateTime, zone: Tz, name: &str) -> Self {
        let value = wall.format("%Y%m%dT%H%M%S").to_string();
        Written { value, date: false, zone: Some((zone, name.to_owned(), wall.year())) }
    }

    /// An occurrence under the name that its series has for it: in the hour that a clock leaves out, the series'
    /// own time of day.
    fn of_series(series: &Fields, at: Instant, zone: Tz, name: &str) -> Self {
        match recurrence::named(series, at) {
            named if shows(named, zone) => Written::zoned(at, zone, name),
            left_out => Written::local(left_out, zone, name),
        }
    }

    /// `known` are the parameters that the line has now; those about form give way.
    pub(super) fn line(&self, name: &str, known: &[&str]) -> String {
        let form = ["VALUE", "TZID"];
        let kept = known.iter().filter(|parameter| {
            let key = parameter.split('=').next().unwrap_or_default();
            !form.iter().any(|form| form.eq_ignore_ascii_case(key))
        });
        let mut parameters: String = kept.map(|parameter| format!(";{parameter}")).collect();
        match &self.zone {
            Some((_, zone, _)) => parameters.push_str(&format!(";TZID={}", quoted(zone))),
            None if self.date => parameters.push_str(";VALUE=DATE"),
            None => {}
        }
        format!("{name}{parameters}:{}", self.value)
    }
}

/// A parameter's value may hold no quote, and needs quotes around `:`, `;` and `,` (RFC 5545 §3.2).
fn quoted(value: &str) -> String {
    let value = value.replace('"', "");
    if value.contains([':', ';', ',']) { format!("\"{value}\"") } else { value }
}

pub(super) fn stamp(at: Instant) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// What an event of the text says.
pub(super) fn fields(document: &Document, block: Block, pen: &Pen<'_>) -> Option<Fields> {
    entry(document, block, pen).map(|entry| entry.event.fields)
}

/// Every component that stands for one occurrence, and for which.
pub(super) fn exceptions(document: &Document, pen: &Pen<'_>) -> Vec<(Block, Original)> {
    let events = document.components("VEVENT").into_iter();
    events.filter_map(|block| Some((block, entry(document, block, pen)?.event.series?.original))).collect()
}

/// Of several components for one thing, the one that readers take.
pub(super) fn newest(
    document: &Document,
    mut blocks: impl DoubleEndedIterator<Item = Block>,
    pen: &Pen<'_>,
) -> Option<Block> {
    let age = |block: Block| entry(document, block, pen).map(|entry| entry.age());
    let last = blocks.next_back()?;
    Some(blocks.rfold(last, |known, block| if age(block) > age(known) { block } else { known }))
}

/// Reads one component by itself, with the zones of its text.
pub(super) fn entry(document: &Document, block: Block, pen: &Pen<'_>) -> Option<crate::ics::Entry> {
    let zones = document.components("VTIMEZONE");
    let parts = zones.iter().chain([&block]).flat_map(|part| document.lines.get(part.begin..=part.end));
    let body: String = parts.flatten().map(|line| format!("{}\r\n", line.text)).collect();
    let text = format!("BEGIN:VCALENDAR\r\n{body}END:VCALENDAR\r\n");
    let mut file = parse_as(&text, pen.zone, &[]).ok()?;
    // Who writes may mend what is wrong with it.
    file.entries.pop().or_else(|| file.unreadable.pop()?.rest.map(|rest| *rest))
}

impl Draft<'_> {
    pub(super) fn moments(&self, span: &Span) -> (Written, Written) {
        match span {
            Span::Timed { start, end, zone } => {
                let name = self.name_of(*zone);
                (Written::zoned(*start, *zone, &name), Written::zoned(*end, *zone, &name))
            }
            Span::AllDay { start, end } => (Written::day(*start), Written::day(*end)),
            Span::Floating { start, end } => (Written::floating(*start), Written::floating(*end)),
        }
    }

    /// An occurrence named the way its series' start is written.
    pub(super) fn like_start(&self, original: Original) -> Written {
        let start = self.document.find(self.event, "DTSTART");
        let named = start.and_then(|line| line.parameter("TZID")).map(str::to_owned);
        let series = fields(&self.document, self.event, self.pen);
        match (original, named) {
            (Original::On(date), _) => Written::day(date),
            (Original::Floating(wall), _) => Written::floating(wall),
            (Original::At(at), Some(name)) => match &series {
                Some(series @ Fields { span: Span::Timed { zone, .. }, .. }) => {
                    Written::of_series(series, at, *zone, &name)
                }
                _ => Written::zoned(at, self.pen.zone, &name),
            },
            (Original::At(at), None) => Written::utc(at),
        }
    }

    /// The name that the event's times already have for a zone, be it Outlook's; else the database's.
    pub(super) fn name_of(&self, zone: Tz) -> String {
        let start = self.document.find(self.event, "DTSTART").and_then(|line| line.parameter("TZID"));
        let meant = fields(&self.document, self.event, self.pen).map(|it| it.span);
        match (start, meant) {
            (Some(name), Some(Span::Timed { zone: known, .. })) if known == zone => name.to_owned(),
            _ => zone.name().to_owned(),
        }
    }

    /// Adds the rules of a zone that the text names and does not define.
    pub(super) fn define(&mut self, written: &Written) {
        let Some((zone, name, year)) = &written.zone else { return };
        let defined =
            self.document.components("VTIMEZONE").into_iter().any(|block| {
                self.document.find(block, "TZID").is_some_and(|line| line.value().trim() == name)
            });
        let Some(first) = self.document.components("VEVENT").first().copied() else { return };
        if defined {
            return;
        }
        let lines =
            vtimezone::lines(*zone, name, *year).iter().map(|text| self.document.line(text)).collect();
        let count = self.document.insert(first.begin, lines);
        self.event.begin += count;
        self.event.end += count;
    }
}

impl Written {
    fn floating(wall: NaiveDateTime) -> Self {
        Written { value: wall.format("%Y%m%dT%H%M%S").to_string(), date: false, zone: None }
    }
}
