//! The lines of a series in a resource: what is still wanted stays as it is written.

use chrono_tz::Tz;

use super::{Pen, WriteError, times};
use crate::event::{Fields, Original};
use crate::ics::text::{Block, Document, Line};
use crate::recurrence::{cancellations, is_start, utc_of};
use crate::time::Span;

const NAMES: [&str; 4] = ["RRULE", "RDATE", "EXDATE", "EXRULE"];

/// A line that a series has and an exception must not have.
pub(super) fn is_of_series(line: &Line) -> bool {
    is_rule(line) || line.is("RECURRENCE-ID")
}

fn is_rule(line: &Line) -> bool {
    NAMES.iter().any(|name| line.is(name))
}

/// The occurrences that a series' `EXDATE`s leave out.
pub(super) fn cancelled(series: &Fields, pen: &Pen<'_>) -> Vec<Original> {
    cancellations(&series.span, &series.recurrence, pen.zone).1
}

/// The lines that a series should have.
pub(super) struct Wanted<'a> {
    pub fields: &'a Fields,
    pub pen: &'a Pen<'a>,
}

impl Wanted<'_> {
    /// `EXDATE`s that cancel occurrences are no part of the rule: they outlast any change of it.
    pub(super) fn put(&self, document: &mut Document, event: &mut Block) -> Result<(), WriteError> {
        let mut wanted = self.lines()?;
        let mut gone = Vec::new();
        for at in document.own(*event).into_iter().rev() {
            let Some(line) = document.lines.get(at).filter(|line| is_rule(line)) else { continue };
            let says = self.says(document, line);
            let stays = !says.is_empty() && says.iter().all(|it| wanted.contains(it) || self.cancels(it));
            if stays {
                wanted.retain(|line| !says.contains(line));
            } else {
                wanted.extend(says.into_iter().filter(|it| self.cancels(it)));
                gone.push(line.text.clone());
            }
        }
        document.remove(event, |line| is_rule(line) && gone.contains(&line.text));
        for line in wanted {
            document.add(event, &self.formed(&line));
        }
        Ok(())
    }

    /// What one line of the text says, in the form that fields have.
    fn says(&self, document: &Document, line: &Line) -> Vec<String> {
        let zones = document.components("VTIMEZONE");
        let zones = zones.iter().filter_map(|part| document.lines.get(part.begin..=part.end)).flatten();
        let zones: String = zones.map(|line| format!("{}\r\n", line.text)).collect();
        let text = format!(
            "BEGIN:VCALENDAR\r\n{zones}BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260101T000000Z\r\n{}\r\n\
             END:VEVENT\r\nEND:VCALENDAR\r\n",
            line.text
        );
        let read = crate::ics::parse(&text, self.pen.zone).ok().and_then(|mut file| file.entries.pop());
        read.map(|entry| entry.event.fields.recurrence).unwrap_or_default()
    }

    fn cancels(&self, line: &str) -> bool {
        !cancellations(&self.fields.span, &[line.to_owned()], self.pen.zone).1.is_empty()
    }

    fn lines(&self) -> Result<Vec<String>, WriteError> {
        // Where it begins is written with its time.
        let says = |line: &&str| !line.is_empty() && !is_start(line);
        let lines = self.fields.recurrence.iter().map(|line| line.trim()).filter(says);
        lines
            .map(|line| match NAMES.iter().any(|name| name_of(line).eq_ignore_ascii_case(name)) {
                true => Ok(self.ending(line)),
                false => Err(WriteError::Recurrence(line.to_owned())),
            })
            .collect()
    }

    /// Zones that the lines name.
    pub(super) fn zones(&self) -> Vec<Tz> {
        let named = self.fields.recurrence.iter().filter_map(|line| {
            let (_, rest) = line.split_once(";TZID=")?;
            rest.split([':', ';']).next()?.trim_matches('"').parse().ok()
        });
        named.collect()
    }

    /// `UNTIL` has the kind of the series' start: a day for days, UTC wherever there is a zone
    /// (RFC 5545 §3.3.10).
    fn ending(&self, line: &str) -> String {
        let Some((before, rest)) = line.split_once("UNTIL=") else { return line.to_owned() };
        let (until, after) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
        let written = match &self.fields.span {
            Span::AllDay { .. } => until.split(['T', 't']).next().map(str::to_owned),
            Span::Timed { zone, .. } => utc_of(until, *zone).map(times::stamp),
            Span::Floating { .. } => Some(until.trim_end_matches(['Z', 'z']).to_owned()),
        };
        format!("{before}UNTIL={}{after}", written.unwrap_or_else(|| until.to_owned()))
    }

    /// Says the type of a value that is no point in time.
    fn formed(&self, line: &str) -> String {
        let Some((head, value)) = line.split_once(':') else { return line.to_owned() };
        let dated = head.to_ascii_uppercase().ends_with("DATE") && !head.contains(';');
        let day = |value: &str| value.len() == 8 && value.bytes().all(|byte| byte.is_ascii_digit());
        match value {
            _ if value.contains('/') && !head.contains("VALUE=") => format!("{head};VALUE=PERIOD:{value}"),
            _ if dated && value.split(',').all(day) => format!("{head};VALUE=DATE:{value}"),
            _ => line.to_owned(),
        }
    }
}

fn name_of(line: &str) -> &str {
    line.split([';', ':']).next().unwrap_or_default()
}
