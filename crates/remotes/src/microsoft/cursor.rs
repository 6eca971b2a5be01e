//! Where reading a calendar stands: Graph's link, the window that is frozen into it, and how to
//! get from a window that has slid to the next one without missing a deletion.
//!
//! A new window means a new full round, and that round does not mention what was deleted before it.
//! So when it is complete, the old window's link is followed once more: it names everything that
//! went until then.

use chrono::TimeDelta;
use daymark_core::time::Interval;
use serde::{Deserialize, Serialize};

use crate::calendar::Cursor;

/// A window moves every day; a full round for each would be waste.
const SLIDES_FROM_DAYS: i64 = 7;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) struct Place {
    /// `None` before the first answer.
    pub link: Option<String>,
    /// The link ends a round: nothing waits behind it but later changes.
    pub complete: bool,
    pub window: Interval,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Reading {
    pub at: Place,
    pub then: Then,
}

/// What follows when the round at hand is complete.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Then {
    Rest,
    /// This is the first round of a new window; the old one is still owed a last look.
    LastLook(Place),
    /// This is that last look.
    GoOnAt(Place),
}

impl Reading {
    pub fn begin(window: Interval) -> Self {
        Reading { at: Place { link: None, complete: false, window }, then: Then::Rest }
    }

    pub fn parse(cursor: &Cursor) -> Option<Self> {
        serde_json::from_str(&cursor.0).ok()
    }

    /// Turns to `window` when it has moved away from the one being read. A round under way is finished first.
    pub fn slid(self, window: Interval) -> Self {
        let moved = |a: daymark_core::time::Instant, b| (a - b) > TimeDelta::days(SLIDES_FROM_DAYS);
        let known = self.at.window;
        let far = moved(window.start(), known.start())
            || moved(known.start(), window.start())
            || moved(window.end(), known.end())
            || moved(known.end(), window.end());
        if far && self.at.complete && self.then == Then::Rest {
            return Reading { then: Then::LastLook(self.at), ..Reading::begin(window) };
        }
        self
    }

    /// More of the round waits behind `link`.
    pub fn continued(&self, link: String) -> Self {
        Reading {
            at: Place { link: Some(link), complete: false, window: self.at.window },
            then: self.then.clone(),
        }
    }

    /// The round ended with `link`; `Err` when nothing is left to read for now.
    pub fn completed(&self, link: String) -> Result<Self, Self> {
        let here = Place { link: Some(link), complete: true, window: self.at.window };
        match &self.then {
            Then::Rest => Err(Reading { at: here, then: Then::Rest }),
            Then::LastLook(old) => Ok(Reading { at: old.clone(), then: Then::GoOnAt(here) }),
            Then::GoOnAt(next) => Err(Reading { at: next.clone(), then: Then::Rest }),
        }
    }

    /// The window of which everything has been read, or else the one that is being read first.
    pub fn kept(&self) -> Interval {
        match &self.then {
            Then::Rest => self.at.window,
            Then::LastLook(old) => old.window,
            Then::GoOnAt(next) => next.window,
        }
    }

    pub fn cursor(&self) -> Cursor {
        // Strings and dates always have a JSON form; an empty cursor would only start anew.
        Cursor(serde_json::to_string(self).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start: &str, end: &str) -> Interval {
        let at = |day: &str| format!("{day}T00:00:00Z").parse().unwrap();
        Interval::new(at(start), at(end)).unwrap()
    }

    fn march() -> Interval {
        window("2026-03-01", "2026-06-01")
    }

    fn resting() -> Reading {
        Reading::begin(march()).completed("delta-1".into()).unwrap_err()
    }

    #[test]
    fn a_cursor_reads_back_as_it_was() {
        let reading = Reading::begin(march()).continued("next-1".into());
        assert_eq!(Reading::parse(&reading.cursor()), Some(reading));
        assert_eq!(Reading::parse(&Cursor("other".into())), None);
    }

    #[test]
    fn a_window_that_moved_a_little_is_read_on() {
        assert_eq!(resting().slid(window("2026-03-07", "2026-06-07")), resting());
    }

    #[test]
    fn a_slid_window_is_read_anew_and_the_old_one_gets_a_last_look() {
        let april = window("2026-04-01", "2026-07-01");
        let fresh = resting().slid(april);
        assert_eq!((fresh.at.link.as_deref(), fresh.at.window), (None, april));
        let last_look = fresh.completed("delta-april".into()).unwrap();
        assert_eq!((last_look.at.link.as_deref(), last_look.at.window), (Some("delta-1"), march()));
        let done = last_look.continued("next-2".into()).completed("delta-2".into()).unwrap_err();
        assert_eq!((done.at.link.as_deref(), done.at.window), (Some("delta-april"), april));
        assert_eq!(done.then, Then::Rest);
    }

    #[test]
    fn the_old_window_is_what_is_kept_until_the_new_one_was_read() {
        let april = window("2026-04-01", "2026-07-01");
        let fresh = resting().slid(april);
        assert_eq!((resting().kept(), fresh.kept()), (march(), march()));
        let last_look = fresh.completed("delta-april".into()).unwrap();
        assert_eq!(last_look.kept(), april);
    }

    #[test]
    fn a_round_under_way_is_finished_in_its_own_window() {
        let midway = Reading::begin(march()).continued("next-1".into());
        assert_eq!(midway.clone().slid(window("2026-05-01", "2026-08-01")), midway);
    }
}
