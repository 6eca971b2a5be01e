//! What copies there should be, worked out from the providers' own calendars by the rule alone: every busy time of
//! one calendar, once on each of the others.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, TimeDelta};

use super::places::{PLACES, Place, Seen};

/// How far copies reach, in days; every event of these plays begins well within.
const AHEAD_DAYS: i64 = 90;

pub type Copy = (NaiveDateTime, NaiveDateTime, bool);

pub fn wanted(all: &[(Place, Vec<Seen>)], target: Place, now: NaiveDateTime) -> Vec<Copy> {
    let sources = all.iter().filter(|(place, _)| *place != target).flat_map(|(_, seen)| seen);
    let reach = now + TimeDelta::days(AHEAD_DAYS);
    let busy = sources.filter(|it| !it.copy && !it.free && it.start < reach);
    let mut wanted: Vec<Copy> = busy.map(|it| (it.start, it.end, it.all_day)).collect();
    wanted.sort();
    wanted
}

pub fn found(all: &[(Place, Vec<Seen>)], target: Place) -> Vec<Copy> {
    let copies = copies(all, target).into_iter();
    let mut found: Vec<Copy> = copies.map(|it| (it.start, it.end, it.all_day)).collect();
    found.sort();
    found
}

fn copies(all: &[(Place, Vec<Seen>)], target: Place) -> Vec<&Seen> {
    let seen = all.iter().filter(|(place, _)| *place == target).flat_map(|(_, seen)| seen);
    seen.filter(|it| it.copy).collect()
}

/// Each calendar carries exactly these, but for the times at which the person `kept` it as it was, and they say no
/// more than that the time is taken.
pub fn holds(all: &[(Place, Vec<Seen>)], now: NaiveDateTime, kept: &BTreeSet<(Place, NaiveDateTime)>) {
    for target in PLACES {
        let copies = copies(all, target);
        let ruled = |all: Vec<Copy>| -> Vec<Copy> {
            all.into_iter().filter(|copy| !kept.contains(&(target, copy.0))).collect()
        };
        assert_eq!(
            ruled(found(all, target)),
            ruled(wanted(all, target, now)),
            "the copies on {target:?}, and what should stand"
        );
        let quiet =
            |it: &&&Seen| it.title == "Busy" && it.location.is_empty() && !it.free && it.series.is_none();
        assert_eq!(copies.iter().filter(quiet).count(), copies.len(), "{copies:?}");
    }
}
