//! Edits of several occurrences at once: a series with what differs from its rule, cut in two, changed
//! as a whole. Pure values; who stores them sees to it that they are written.

use crate::event::{Field, Fields, Original};
use crate::journal::ExceptionImage;
use crate::recurrence::{self, RecurrenceError, Shift, gives, place};
use crate::time::{Span, wall};

/// A series as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Of the first occurrence, with the rule.
    pub fields: Fields,
    /// What differs from the rule, in any order.
    pub exceptions: Vec<ExceptionImage>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The occurrence is the first one: “this and following” is the whole series.
    Whole,
    Halves {
        before: Box<Series>,
        after: Box<Series>,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum SeriesError {
    #[error("this series cannot be changed so: {0}")]
    Rule(#[from] RecurrenceError),
    /// Nothing is dropped silently.
    #[error(
        "an occurrence that was changed by itself, on {0}, would have no place in the series; undo that change first"
    )]
    NoPlace(Original),
}

impl Series {
    /// What differs from the rule at an occurrence.
    pub fn exception(&self, original: Original) -> Option<&ExceptionImage> {
        self.exceptions.iter().find(|it| it.original == original)
    }

    /// An occurrence as the rule alone gives it.
    pub fn untouched(&self, original: Original) -> Fields {
        let span = place(&self.fields.span, &self.fields.recurrence, original);
        Fields { span, recurrence: Vec::new(), ..self.fields.clone() }
    }

    /// Whether the rule, with its dates, gives such an occurrence.
    pub fn gives(&self, original: Original) -> bool {
        gives(&self.fields.span, &self.fields.recurrence, original).unwrap_or_default()
    }

    /// Cuts it before `at`; later exceptions go with the second half.
    pub fn cut(&self, at: Original) -> Result<Cut, SeriesError> {
        let halves = recurrence::split(&self.fields.span, &self.fields.recurrence, at)?;
        let Some(halves) = halves else { return Ok(Cut::Whole) };
        let zone = self.zone();
        let (later, earlier): (Vec<_>, Vec<_>) =
            self.exceptions.iter().cloned().partition(|it| it.original.instant(zone) >= at.instant(zone));
        let before = Fields { recurrence: halves.before, ..self.fields.clone() };
        let after = Fields { span: halves.first, recurrence: halves.after, ..self.fields.clone() };
        Ok(Cut::Halves {
            before: Box::new(Series { fields: before, exceptions: earlier }),
            after: Box::new(Series { fields: after, exceptions: later }),
        })
    }

    /// The series once all of it is changed as `wanted` changes the occurrence `at`.
    pub fn changed(&self, at: Original, wanted: &Fields, which: &[Field]) -> Result<Series, SeriesError> {
        let mut fields = self.fields.clone();
        let inherited = |field: &&Field| !matches!(**field, Field::Span | Field::Recurrence);
        which.iter().filter(inherited).for_each(|field| fields.take(wanted, *field));
        let moved = which.contains(&Field::Span);
        let to = if moved { wanted.span.clone() } else { self.untouched(at).span };
        let shift = Shift::along(&self.fields, at, &to);
        if moved {
            fields.span = first_as_long(shift.first(), &to);
        }
        let new_rule = which.contains(&Field::Recurrence);
        fields.recurrence = if new_rule {
            shift.begun(wanted.recurrence.clone())
        } else {
            shift.lines(&self.fields.recurrence)?
        };
        let after = Series { fields, exceptions: Vec::new() };
        let mut exceptions = Vec::with_capacity(self.exceptions.len());
        for exception in &self.exceptions {
            exceptions.extend(self.carried(exception, &after, &shift, (at, wanted, which))?);
        }
        Ok(Series { exceptions, ..after })
    }

    /// An exception in the changed series; `None` when nothing differs any more.
    fn carried(
        &self,
        exception: &ExceptionImage,
        after: &Series,
        shift: &Shift,
        (at, wanted, which): (Original, &Fields, &[Field]),
    ) -> Result<Option<ExceptionImage>, SeriesError> {
        let Some(original) = self.renamed(exception.original, after, shift) else {
            // What does not take place needs no place; a changed occurrence must keep one.
            return if exception.fields.is_none() {
                Ok(None)
            } else {
                Err(SeriesError::NoPlace(exception.original))
            };
        };
        let Some(own) = &exception.fields else {
            return Ok(Some(ExceptionImage { original, fields: None }));
        };
        let (rule_before, rule_after) = (self.untouched(exception.original), after.untouched(original));
        let mut own = own.clone();
        for field in which {
            let edited_itself = exception.original == at;
            // What it had of its own it keeps.
            if *field != Field::Recurrence && (edited_itself || own.agrees(&rule_before, *field)) {
                own.take(if *field == Field::Span { &rule_after } else { wanted }, *field);
            }
        }
        own.recurrence.clear();
        let differs =
            Field::ALL.into_iter().any(|field| field != Field::Marks && !own.agrees(&rule_after, field));
        Ok(differs.then_some(ExceptionImage { original, fields: Some(own) }))
    }

    /// What an occurrence is called in the changed series: as far along the clock as the first one
    /// went, or as many occurrences after the first.
    fn renamed(&self, original: Original, after: &Series, shift: &Shift) -> Option<Original> {
        let along = shift.original(original);
        let as_before = shift.is_none() && after.fields.recurrence == self.fields.recurrence;
        if as_before || after.gives(along) {
            return Some(along);
        }
        let same = recurrence::ordinal(&self.fields.span, &self.fields.recurrence, original)
            .and_then(|nth| recurrence::nth(&after.fields.span, &after.fields.recurrence, nth));
        same.filter(|original| after.gives(*original))
    }

    fn zone(&self) -> chrono_tz::Tz {
        match self.fields.span {
            Span::Timed { zone, .. } => zone,
            Span::AllDay { .. } | Span::Floating { .. } => chrono_tz::Tz::UTC,
        }
    }
}

/// The first occurrence, as long as the one at `to`: by what clocks show.
fn first_as_long(first: Original, to: &Span) -> Span {
    match (first, to) {
        (Original::At(start), Span::Timed { start: from, end, zone }) => {
            let length = wall(*end, *zone) - wall(*from, *zone);
            let by_clock = crate::time::resolve(wall(start, *zone) + length, *zone);
            // A clock that is set back meanwhile may show an end before the start.
            let end = if by_clock > start { by_clock } else { start + (*end - *from) };
            Span::Timed { start, end, zone: *zone }
        }
        (Original::On(start), Span::AllDay { start: from, end }) => {
            Span::AllDay { start, end: start + (*end - *from) }
        }
        (Original::Floating(start), Span::Floating { start: from, end }) => {
            Span::Floating { start, end: start + (*end - *from) }
        }
        (_, to) => to.clone(),
    }
}

#[cfg(test)]
mod tests;
