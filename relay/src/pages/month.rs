//! Free starts as a month of days and the times of one of them, counted on the visitor's clock.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Months, NaiveDate};
use chrono_tz::Tz;
use daymark_core::time::{Instant, next_day, wall};

use crate::offer;
use crate::words::{Locale, dates};

/// Free starts by the visitor's date; the date is taken last, from the instant.
pub type Days = BTreeMap<NaiveDate, Vec<Instant>>;

pub fn by_day(starts_min: &[i64], zone: Tz) -> Days {
    let mut days = Days::new();
    for start in starts_min.iter().copied().filter_map(offer::instant) {
        days.entry(wall(start, zone).date()).or_default().push(start);
    }
    days
}

/// Which month and which of its days a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The first of the month.
    pub month: NaiveDate,
    pub day: Option<NaiveDate>,
}

impl Choice {
    /// What was asked for if it can be shown, else the next free day.
    pub fn new(days: &Days, today: NaiveDate, month: Option<&str>, day: Option<&str>) -> Choice {
        let asked_day = day.and_then(|text| text.parse::<NaiveDate>().ok());
        if let Some(day) = asked_day.filter(|day| days.contains_key(day)) {
            return Choice { month: first_of(day), day: Some(day) };
        }
        let asked_month = month.and_then(|text| format!("{text}-01").parse::<NaiveDate>().ok());
        let month = asked_month.or(asked_day.map(first_of));
        // Months out of sight hold nothing, and their numbers lead nowhere.
        let last = days.keys().next_back().map_or(today, |last| *last);
        let month = month.map(|month| month.clamp(first_of(today), first_of(last.max(today))));
        match month {
            Some(month) => {
                Choice { month, day: days.range(month..next_month(month)).next().map(|(day, _)| *day) }
            }
            None => match days.keys().next() {
                Some(first) => Choice { month: first_of(*first), day: Some(*first) },
                None => Choice { month: first_of(today), day: None },
            },
        }
    }
}

pub fn first_of(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

pub fn next_month(month: NaiveDate) -> NaiveDate {
    month.checked_add_months(Months::new(1)).unwrap_or(month)
}

/// The month before, unless it has passed.
pub fn month_before(month: NaiveDate, today: NaiveDate) -> Option<NaiveDate> {
    month.checked_sub_months(Months::new(1)).filter(|before| *before >= first_of(today))
}

/// The month after, if it or a later one has a free day.
pub fn month_after(month: NaiveDate, days: &Days) -> Option<NaiveDate> {
    let after = next_month(month);
    days.range(after..).next().map(|_| after)
}

/// A square of the month's grid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Empty for the squares before the first and after the last.
    pub number: String,
    /// Set for a day with free times.
    pub href: String,
    pub label: String,
    pub chosen: bool,
}

/// The month's weeks, in the reader's order of days.
pub fn weeks(
    locale: Locale,
    choice: Choice,
    days: &Days,
    href: impl Fn(NaiveDate) -> String,
) -> Vec<Vec<Cell>> {
    let mut cells = vec![Cell::default(); dates::column(locale, choice.month)];
    let end = next_month(choice.month);
    let mut date = choice.month;
    while date < end {
        cells.push(match days.get(&date) {
            Some(times) => Cell {
                number: date.day().to_string(),
                href: href(date),
                label: label(locale, date, times.len()),
                chosen: choice.day == Some(date),
            },
            None => Cell { number: date.day().to_string(), ..Cell::default() },
        });
        date = next_day(date);
    }
    cells.resize(cells.len().next_multiple_of(7), Cell::default());
    cells.chunks(7).map(<[Cell]>::to_vec).collect()
}

/// “Thursday 12 March, 6 free times”.
fn label(locale: Locale, date: NaiveDate, times: usize) -> String {
    let times = i64::try_from(times).unwrap_or(i64::MAX);
    format!("{}, {}", dates::day(locale, date), locale.words().free_times.of(times))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Lang, Style};
    use chrono_tz::America::Toronto;
    use chrono_tz::Asia::Kolkata;

    fn minutes(texts: &[&str]) -> Vec<i64> {
        texts.iter().map(|text| text.parse::<Instant>().unwrap().timestamp() / 60).collect()
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_the_visitors_not_the_owners() {
        let starts = minutes(&["2026-03-12T14:00:00Z", "2026-03-12T20:30:00Z"]);
        assert_eq!(by_day(&starts, Toronto).keys().collect::<Vec<_>>(), [&date("2026-03-12")]);
        let kolkata = by_day(&starts, Kolkata);
        assert_eq!(kolkata.keys().collect::<Vec<_>>(), [&date("2026-03-12"), &date("2026-03-13")]);
    }

    #[test]
    fn the_next_free_day_is_shown_unless_another_is_asked_for() {
        let days = by_day(&minutes(&["2026-03-12T14:00:00Z", "2026-05-04T14:00:00Z"]), Toronto);
        let choose = |month, day| Choice::new(&days, date("2026-03-02"), month, day);
        let march = Choice { month: date("2026-03-01"), day: Some(date("2026-03-12")) };
        assert_eq!(choose(None, None), march);
        assert_eq!(choose(None, Some("2026-03-13")), march);
        assert_eq!(choose(None, Some("2026-05-04")).month, date("2026-05-01"));
        assert_eq!(choose(Some("2026-04"), None), Choice { month: date("2026-04-01"), day: None });
        assert_eq!(choose(Some("9999-12"), None).month, date("2026-05-01"));
        assert_eq!(choose(Some("1066-10"), Some("x")).month, date("2026-03-01"));
        assert_eq!(choose(Some("-9"), None), march);
    }

    #[test]
    fn the_grid_holds_every_day_once_and_whole_weeks() {
        let days = by_day(&minutes(&["2026-03-12T14:00:00Z"]), Toronto);
        let locale = Locale { lang: Lang::En, style: Style::Common };
        let choice = Choice::new(&days, date("2026-03-02"), None, None);
        let weeks = weeks(locale, choice, &days, |date| format!("?day={date}"));
        assert!(weeks.iter().all(|week| week.len() == 7));
        let numbers: Vec<_> = weeks.concat().into_iter().filter(|cell| !cell.number.is_empty()).collect();
        assert_eq!(numbers.len(), 31);
        let free: Vec<_> = numbers.iter().filter(|cell| !cell.href.is_empty()).collect();
        assert_eq!(free.len(), 1);
        assert_eq!(free[0].label, "Thursday 12 March, 1 free time");
        assert!(free[0].chosen);
        assert_eq!(weeks[0][6].number, "1", "1 March 2026 is a Sunday");
    }

    #[test]
    fn one_can_walk_from_this_month_to_the_last_with_free_days() {
        let days = by_day(&minutes(&["2026-03-12T14:00:00Z", "2026-05-04T14:00:00Z"]), Toronto);
        let today = date("2026-03-02");
        assert_eq!(month_before(date("2026-03-01"), today), None);
        assert_eq!(month_before(date("2026-04-01"), today), Some(date("2026-03-01")));
        assert_eq!(month_after(date("2026-04-01"), &days), Some(date("2026-05-01")));
        assert_eq!(month_after(date("2026-05-01"), &days), None);
    }
}
