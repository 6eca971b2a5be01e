//! An event as Daymark understands it, whichever provider it came from.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime, SecondsFormat};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::time::{Instant, Span, day_start, resolve};

/// The fields that Daymark manages: it may change these, and carries everything else over untouched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fields {
    pub title: String,
    pub description: String,
    pub location: String,
    pub span: Span,
    /// RFC 5545 property lines (`RRULE:…`, `RDATE…`, `EXDATE…`, `EXRULE:…`); empty for a single event. Where a series
    /// is to begin at a time that its clock never shows, `DTSTART:…` says which.
    pub recurrence: Vec<String>,
    pub show_as: ShowAs,
    pub visibility: Visibility,
    /// What Daymark wrote into the event to know it again; see [`marks`].
    pub marks: BTreeMap<String, String>,
}

/// Keys of [`Fields::marks`]. Google keeps them as private extended properties, Graph as
/// single-value extended properties.
pub mod marks {
    /// The booking that an event was made from.
    pub const BOOKING: &str = "daymark-booking";
    /// The occurrence that an event is a copy of; see [`crate::blocks::Marker`].
    pub const BLOCK: &str = "daymark-block";
}

/// One of [`Fields`]' members: the unit in which changes are merged and sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Title,
    Description,
    Location,
    Span,
    Recurrence,
    ShowAs,
    Visibility,
    Marks,
}

impl Field {
    pub const ALL: [Field; 8] = [
        Field::Title,
        Field::Description,
        Field::Location,
        Field::Span,
        Field::Recurrence,
        Field::ShowAs,
        Field::Visibility,
        Field::Marks,
    ];
}

impl Fields {
    /// A confirmed, busy, single event with nothing but a title.
    pub fn new(title: impl Into<String>, span: Span) -> Self {
        Fields {
            title: title.into(),
            description: String::new(),
            location: String::new(),
            span,
            recurrence: Vec::new(),
            show_as: ShowAs::Busy,
            visibility: Visibility::Default,
            marks: BTreeMap::new(),
        }
    }

    /// The fields in which `self` and `other` differ.
    pub fn diff(&self, other: &Fields) -> Vec<Field> {
        Field::ALL.into_iter().filter(|field| !self.agrees(other, *field)).collect()
    }

    pub fn agrees(&self, other: &Fields, field: Field) -> bool {
        match field {
            Field::Title => self.title == other.title,
            Field::Description => self.description == other.description,
            Field::Location => self.location == other.location,
            Field::Span => self.span == other.span,
            Field::Recurrence => self.recurrence == other.recurrence,
            Field::ShowAs => self.show_as == other.show_as,
            Field::Visibility => self.visibility == other.visibility,
            Field::Marks => self.marks == other.marks,
        }
    }

    /// Takes one field over from `other`.
    pub fn take(&mut self, other: &Fields, field: Field) {
        match field {
            Field::Title => self.title.clone_from(&other.title),
            Field::Description => self.description.clone_from(&other.description),
            Field::Location => self.location.clone_from(&other.location),
            Field::Span => self.span = other.span.clone(),
            Field::Recurrence => self.recurrence.clone_from(&other.recurrence),
            Field::ShowAs => self.show_as = other.show_as,
            Field::Visibility => self.visibility = other.visibility,
            Field::Marks => self.marks.clone_from(&other.marks),
        }
    }
}

/// Whether the time counts as taken, in the provider's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShowAs {
    Free,
    Tentative,
    Busy,
    OutOfOffice,
    WorkingElsewhere,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    Default,
    Public,
    Private,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Confirmed,
    Tentative,
    Cancelled,
}

/// The calendar owner's own answer to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// No invitation, or the owner called the meeting.
    Own,
    Open,
    Accepted,
    Tentative,
    Declined,
}

/// What kind of entry the provider says it is. Only a few kinds behave differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Default,
    OutOfOffice,
    FocusTime,
    /// Says where one works; it takes no time.
    WorkingLocation,
    Birthday,
    FromMail,
}

/// The start that an occurrence had before anyone moved it: its identity within the series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Original {
    At(Instant),
    On(NaiveDate),
    Floating(NaiveDateTime),
}

impl Original {
    /// The instant it stands for, for an owner in `zone`.
    pub fn instant(&self, zone: Tz) -> Instant {
        match self {
            Original::At(at) => *at,
            Original::On(date) => day_start(*date, zone),
            Original::Floating(wall) => resolve(*wall, zone),
        }
    }

    /// The original start of the occurrence that stands at `span` untouched.
    pub fn of(span: &Span) -> Self {
        match span {
            Span::Timed { start, .. } => Original::At(*start),
            Span::AllDay { start, .. } => Original::On(*start),
            Span::Floating { start, .. } => Original::Floating(*start),
        }
    }
}

/// One text for each: `2026-03-02T09:00:00Z`, `2026-03-02`, or `2026-03-02T09:00:00`.
impl fmt::Display for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Original::At(at) => f.write_str(&at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            Original::On(date) => write!(f, "{date}"),
            Original::Floating(wall) => write!(f, "{}", wall.format("%Y-%m-%dT%H:%M:%S%.f")),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no occurrence: it is no date, instant or wall time")]
pub struct NoOriginal(String);

impl FromStr for Original {
    type Err = NoOriginal;
    fn from_str(text: &str) -> Result<Self, NoOriginal> {
        let on = |text: &str| text.parse().ok().map(Original::On);
        let at = |text: &str| text.parse().ok().map(Original::At);
        let floating = |text: &str| text.parse().ok().map(Original::Floating);
        let parsed = if text.ends_with('Z') { at(text) } else { on(text).or_else(|| floating(text)) };
        parsed.ok_or_else(|| NoOriginal(text.to_owned()))
    }
}

/// The series that an exception belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesRef {
    /// The remote id of the master.
    pub master: RemoteId,
    pub original: Original,
}

/// A provider's id of an event. Case-sensitive, and never read for meaning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RemoteId(pub String);

/// An event as it stands at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub id: RemoteId,
    /// RFC 5545 UID. Graph gives each occurrence its own.
    pub uid: String,
    pub etag: Option<String>,
    pub status: Status,
    pub kind: Kind,
    pub answer: Answer,
    /// The calendar's owner called the meeting, or nobody else is in it.
    pub organizer: bool,
    pub fields: Fields,
    /// Set on exceptions only.
    pub series: Option<SeriesRef>,
    pub updated: Option<Instant>,
}

impl Event {
    pub fn is_master(&self) -> bool {
        self.series.is_none() && !self.fields.recurrence.is_empty()
    }

    /// Whether this entry takes the owner's time.
    pub fn is_busy(&self) -> bool {
        takes_time(self.status, self.kind, self.answer, self.fields.show_as)
    }
}

/// Whether an entry with these marks takes its owner's time.
pub fn takes_time(status: Status, kind: Kind, answer: Answer, show_as: ShowAs) -> bool {
    let live = status != Status::Cancelled && answer != Answer::Declined;
    let takes_time = !matches!(kind, Kind::WorkingLocation | Kind::Birthday);
    live && takes_time && !matches!(show_as, ShowAs::Free | ShowAs::WorkingElsewhere)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meeting() -> Event {
        let start = "2026-03-02T09:00:00Z".parse().unwrap();
        let end = "2026-03-02T10:00:00Z".parse().unwrap();
        Event {
            id: RemoteId("a1".into()),
            uid: "a1@example.org".into(),
            etag: None,
            status: Status::Confirmed,
            kind: Kind::Default,
            answer: Answer::Own,
            organizer: true,
            fields: Fields::new("Meeting", Span::Timed { start, end, zone: Tz::UTC }),
            series: None,
            updated: None,
        }
    }

    #[test]
    fn a_declined_meeting_takes_no_time() {
        assert!(meeting().is_busy());
        assert!(!Event { answer: Answer::Declined, ..meeting() }.is_busy());
    }

    #[test]
    fn an_original_start_survives_its_text() {
        for text in ["2026-03-02T09:00:00Z", "2026-03-02", "2026-03-02T09:00:00"] {
            assert_eq!(text.parse::<Original>().unwrap().to_string(), text);
        }
        assert!("Monday".parse::<Original>().is_err());
    }

    #[test]
    fn a_working_location_takes_no_time() {
        assert!(!Event { kind: Kind::WorkingLocation, ..meeting() }.is_busy());
    }

    #[test]
    fn every_field_that_differs_is_named_once_and_can_be_taken_over() {
        let ours = meeting().fields;
        let mut theirs = Fields { title: "Other".into(), show_as: ShowAs::Free, ..ours.clone() };
        assert_eq!(ours.diff(&theirs), vec![Field::Title, Field::ShowAs]);
        for field in ours.diff(&theirs) {
            theirs.take(&ours, field);
        }
        assert_eq!(ours, theirs);
    }
}
