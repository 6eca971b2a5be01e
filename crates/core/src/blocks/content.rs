//! What a copy says: its fields, by the privacy of the calendar that it stands on.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::marker::{Marker, Tag, Times};
use super::{Mark, Occurrence};
use crate::event::{Field, Fields, ShowAs, Visibility, marks};

/// The title of a copy that tells nothing. Not translated: two laptops in two languages would
/// rewrite each other's copies for ever.
pub const BUSY: &str = "Busy";

/// What copies on a calendar say of their sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Privacy {
    /// Only that the time is taken.
    #[default]
    Busy,
    Title,
    /// Title, place and description; never people, conferences or reminders.
    All,
}

/// The words of a copy, borrowed from its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Words<'a> {
    title: &'a str,
    location: &'a str,
    description: &'a str,
    visibility: Visibility,
}

impl<'a> Words<'a> {
    /// What its owner keeps private stays private, whatever the target's setting.
    pub fn of(occurrence: &'a Occurrence, privacy: Privacy) -> Self {
        let hidden = occurrence.visibility == Visibility::Private;
        let titled = !hidden && privacy != Privacy::Busy;
        let whole = !hidden && privacy == Privacy::All;
        let title = occurrence.title.trim();
        Words {
            title: if titled && !title.is_empty() { title } else { BUSY },
            location: if whole { &occurrence.location } else { "" },
            description: if whole { &occurrence.description } else { "" },
            visibility: if titled { Visibility::Default } else { Visibility::Private },
        }
    }

    /// What tells later whether other words are wanted: providers rewrite texts, so that the copy
    /// itself cannot tell.
    pub fn digest(&self) -> Tag {
        let shut = if self.visibility == Visibility::Private { "private" } else { "" };
        Tag::of("words", &[self.title, self.location, self.description, shut])
    }

    fn differing(&self, copy: &Occurrence) -> impl Iterator<Item = Field> {
        [
            (Field::Title, same(self.title, &copy.title)),
            (Field::Location, same(self.location, &copy.location)),
            (Field::Description, same(self.description, &copy.description)),
            (Field::Visibility, self.visibility == copy.visibility),
        ]
        .into_iter()
        .filter_map(|(field, same)| (!same).then_some(field))
    }
}

/// Equal but for what providers do to line ends and edges.
fn same(wanted: &str, stored: &str) -> bool {
    wanted == stored || wanted.split_whitespace().eq(stored.split_whitespace())
}

/// The fields in which a copy is not what it should be.
pub(super) fn differing(
    copy: &Occurrence,
    occurrence: &Occurrence,
    marker: Marker,
    words: &Words<'_>,
    new_words: bool,
) -> Vec<Field> {
    let mut fields = Vec::new();
    if copy.times != occurrence.times {
        fields.push(Field::Span);
    }
    if copy.show_as != ShowAs::Busy {
        fields.push(Field::ShowAs);
    }
    if copy.mark != Mark::Copy(marker) {
        fields.push(Field::Marks);
    }
    if new_words {
        fields.extend(words.differing(copy));
    }
    fields
}

pub(super) fn fields(times: &Times, home: Tz, marker: Marker, words: &Words<'_>) -> Fields {
    Fields {
        title: words.title.to_owned(),
        description: words.description.to_owned(),
        location: words.location.to_owned(),
        // In which zone a single event is made makes no difference to its time.
        span: times.span(home),
        recurrence: Vec::new(),
        // Time away and focus time are plain busy time elsewhere: Google's own kinds decline meetings.
        show_as: ShowAs::Busy,
        visibility: words.visibility,
        marks: BTreeMap::from([(marks::BLOCK.to_owned(), marker.to_string())]),
    }
}
