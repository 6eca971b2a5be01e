//! When the owner receives visits: weekly hours, breaks, single days that differ, and travels.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::clock::{TimeOfDay, dates, edge, previous_day};
use super::intervals::{merge, subtract};
use crate::time::{Instant, Interval, days, next_day, wall};

/// Hours of one day. When `to` is not after `from`, they run past midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Block {
    pub from: TimeOfDay,
    pub to: TimeOfDay,
}

/// The blocks of each weekday, Monday first.
pub type Week = [Vec<Block>; 7];

/// The days from `from` to `to`, both included, on which the owner's clock shows another zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Travel {
    pub from: NaiveDate,
    /// `None`: until further notice.
    pub to: Option<NaiveDate>,
    pub zone: Tz,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    pub zone: Tz,
    pub week: Week,
    /// Taken off the weekly hours. A day with its own hours says its own breaks.
    #[serde(default)]
    pub breaks: Week,
    /// Days with their own hours; no block means closed.
    #[serde(default)]
    pub overrides: BTreeMap<NaiveDate, Vec<Block>>,
    #[serde(default)]
    pub out_of_office: BTreeSet<NaiveDate>,
    #[serde(default)]
    pub travel: Vec<Travel>,
}

/// What the schedule says about a stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// Open for visits.
    pub open: Vec<Interval>,
    pub breaks: Vec<Interval>,
    pub away: Vec<Interval>,
}

impl Schedule {
    /// No hours at all, in `zone`.
    pub fn closed(zone: Tz) -> Self {
        Schedule {
            zone,
            week: Week::default(),
            breaks: Week::default(),
            overrides: BTreeMap::new(),
            out_of_office: BTreeSet::new(),
            travel: Vec::new(),
        }
    }

    /// The zone that the owner's clock shows on `date`; the first travel that names the day counts.
    pub fn zone_on(&self, date: NaiveDate) -> Tz {
        let abroad = |trip: &&Travel| trip.from <= date && trip.to.is_none_or(|to| date <= to);
        self.travel.iter().find(abroad).map_or(self.zone, |trip| trip.zone)
    }

    /// The owner's calendar day at an instant.
    pub fn date_at(&self, at: Instant) -> NaiveDate {
        let home = wall(at, self.zone).date();
        if self.travel.is_empty() {
            return home;
        }
        // Abroad the date differs from the one at home by a day at most.
        let holds = |date: &NaiveDate| wall(at, self.zone_on(*date)).date() == *date;
        [home, previous_day(home), next_day(home)].into_iter().find(holds).unwrap_or(home)
    }

    /// The zone of the owner's clock at an instant.
    pub fn zone_at(&self, at: Instant) -> Tz {
        self.zone_on(self.date_at(at))
    }

    /// The open hours inside `asked`, breaks and absences taken off.
    pub fn open(&self, asked: Interval) -> Vec<Interval> {
        self.hours(asked).open
    }

    /// Open hours, breaks and absences inside `asked`.
    pub fn hours(&self, asked: Interval) -> Hours {
        let mut hours = Hours::default();
        // A day early, because the last day's hours may run past midnight; a day each way, because
        // the owner may be abroad.
        let first = previous_day(previous_day(wall(asked.start(), self.zone).date()));
        let last = next_day(wall(asked.end(), self.zone).date());
        for date in dates(first, last) {
            self.add_day(date, &mut hours);
        }
        let clip = |list: Vec<Interval>| -> Vec<Interval> {
            merge(list).iter().filter_map(|whole| whole.intersection(&asked)).collect()
        };
        let cut = [hours.breaks.as_slice(), &hours.away].concat();
        Hours { open: clip(subtract(hours.open, cut)), breaks: clip(hours.breaks), away: clip(hours.away) }
    }

    fn add_day(&self, date: NaiveDate, hours: &mut Hours) {
        let zone = self.zone_on(date);
        if self.out_of_office.contains(&date) {
            hours.away.extend(days(date, next_day(date), zone));
            return;
        }
        let spans = |blocks: &[Block]| -> Vec<Interval> {
            blocks.iter().filter_map(|block| block.interval(date, zone)).collect()
        };
        match self.overrides.get(&date) {
            Some(blocks) => hours.open.extend(spans(blocks)),
            None => {
                hours.open.extend(spans(of_weekday(&self.week, date)));
                hours.breaks.extend(spans(of_weekday(&self.breaks, date)));
            }
        }
    }
}

impl Block {
    pub fn new(from: TimeOfDay, to: TimeOfDay) -> Self {
        Block { from, to }
    }

    pub fn runs_past_midnight(&self) -> bool {
        self.to <= self.from
    }

    /// `None` when the clock jumps over the whole block.
    fn interval(&self, date: NaiveDate, zone: Tz) -> Option<Interval> {
        let end_date = if self.runs_past_midnight() { next_day(date) } else { date };
        // Clocks without a 24:00 say 23:59 for the end of the day.
        let to = if self.to == TimeOfDay::LAST_MINUTE { TimeOfDay::END_OF_DAY } else { self.to };
        Interval::new(edge(self.from.on(date), zone), edge(to.on(end_date), zone))
    }
}

fn of_weekday(week: &Week, date: NaiveDate) -> &[Block] {
    let monday_first = date.weekday().num_days_from_monday();
    usize::try_from(monday_first).ok().and_then(|day| week.get(day)).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::America::New_York;
    use chrono_tz::Europe::Berlin;

    fn block(from: &str, to: &str) -> Block {
        Block::new(from.parse().unwrap(), to.parse().unwrap())
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn span(from: &str, to: &str) -> Interval {
        Interval::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
    }

    fn daily(zone: Tz, blocks: &[Block]) -> Schedule {
        Schedule { week: std::array::from_fn(|_| blocks.to_vec()), ..Schedule::closed(zone) }
    }

    #[test]
    fn nine_stays_nine_on_both_sides_of_a_clock_change() {
        let schedule = daily(New_York, &[block("09:00", "10:00")]);
        let open = schedule.open(span("2026-03-07T05:00:00Z", "2026-03-09T04:00:00Z"));
        assert_eq!(
            open,
            [
                span("2026-03-07T14:00:00Z", "2026-03-07T15:00:00Z"),
                span("2026-03-08T13:00:00Z", "2026-03-08T14:00:00Z")
            ]
        );
    }

    #[test]
    fn hours_that_the_clock_jumps_over_are_not_open() {
        let schedule = daily(New_York, &[block("02:15", "02:45")]);
        assert!(schedule.open(span("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z")).is_empty());
    }

    #[test]
    fn a_night_shift_of_the_day_before_is_open_after_midnight() {
        let schedule = daily(Tz::UTC, &[block("22:00", "02:00")]);
        assert_eq!(
            schedule.open(span("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")),
            [
                span("2026-03-02T00:00:00Z", "2026-03-02T02:00:00Z"),
                span("2026-03-02T22:00:00Z", "2026-03-03T00:00:00Z")
            ]
        );
    }

    #[test]
    fn blocks_that_touch_at_midnight_are_one_stretch() {
        let schedule = daily(Tz::UTC, &[block("00:00", "00:30"), block("23:00", "24:00")]);
        let open = schedule.open(span("2026-03-02T12:00:00Z", "2026-03-03T12:00:00Z"));
        assert_eq!(open, [span("2026-03-02T23:00:00Z", "2026-03-03T00:30:00Z")]);
    }

    #[test]
    fn an_override_replaces_the_day_and_an_empty_one_closes_it() {
        let mut schedule = daily(Tz::UTC, &[block("09:00", "17:00")]);
        schedule.overrides.insert(date("2026-03-02"), vec![block("14:00", "15:00"), block("16:00", "18:00")]);
        schedule.overrides.insert(date("2026-03-03"), vec![]);
        assert_eq!(
            schedule.open(span("2026-03-02T00:00:00Z", "2026-03-04T00:00:00Z")),
            [
                span("2026-03-02T14:00:00Z", "2026-03-02T15:00:00Z"),
                span("2026-03-02T16:00:00Z", "2026-03-02T18:00:00Z")
            ]
        );
    }

    #[test]
    fn an_absence_cuts_the_night_shift_that_reaches_into_it() {
        let mut schedule = daily(Tz::UTC, &[block("22:00", "02:00")]);
        schedule.out_of_office.insert(date("2026-03-03"));
        let open = schedule.open(span("2026-03-02T12:00:00Z", "2026-03-04T12:00:00Z"));
        assert_eq!(open, [span("2026-03-02T22:00:00Z", "2026-03-03T00:00:00Z")]);
    }

    #[test]
    fn a_break_is_taken_off_the_weekly_hours_only() {
        let mut schedule = daily(Tz::UTC, &[block("09:00", "17:00")]);
        schedule.breaks = std::array::from_fn(|_| vec![block("12:00", "13:00")]);
        schedule.overrides.insert(date("2026-03-03"), vec![block("11:00", "14:00")]);
        assert_eq!(
            schedule.open(span("2026-03-02T00:00:00Z", "2026-03-04T00:00:00Z")),
            [
                span("2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z"),
                span("2026-03-02T13:00:00Z", "2026-03-02T17:00:00Z"),
                span("2026-03-03T11:00:00Z", "2026-03-03T14:00:00Z")
            ]
        );
    }

    #[test]
    fn abroad_the_hours_follow_the_zone_of_the_place() {
        let mut schedule = daily(New_York, &[block("08:00", "09:00")]);
        schedule.travel =
            vec![Travel { from: date("2026-06-11"), to: Some(date("2026-06-11")), zone: Berlin }];
        assert_eq!(
            schedule.open(span("2026-06-10T00:00:00Z", "2026-06-13T00:00:00Z")),
            [
                span("2026-06-10T12:00:00Z", "2026-06-10T13:00:00Z"),
                span("2026-06-11T06:00:00Z", "2026-06-11T07:00:00Z"),
                span("2026-06-12T12:00:00Z", "2026-06-12T13:00:00Z")
            ]
        );
        assert_eq!(schedule.zone_at("2026-06-11T06:00:00Z".parse().unwrap()), Berlin);
    }

    #[test]
    fn hours_are_clipped_to_what_was_asked() {
        let mut schedule = Schedule::closed(Tz::UTC);
        schedule.overrides.insert(date("2026-03-02"), vec![block("09:00", "14:00")]);
        let asked = span("2026-03-02T10:00:00Z", "2026-03-02T10:30:00Z");
        assert_eq!(schedule.open(asked), [asked]);
    }
}
