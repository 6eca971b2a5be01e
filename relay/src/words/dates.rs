//! Dates, times, lengths and zones in a reader's own manner.

use chrono::{DateTime, Datelike as _, LocalResult, NaiveDate, NaiveTime, TimeZone as _, Timelike as _};
use chrono_tz::Tz;
use daymark_core::time::{Instant, wall};

use super::{Lang, Locale, Style, Words};

const HOUR_MIN: i64 = 60;
const DAY_MIN: i64 = 24 * HOUR_MIN;

/// “14:30”, “2:30 pm”, “14 h 30”.
pub fn time(locale: Locale, at: NaiveTime) -> String {
    let (hour, minute) = (at.hour(), at.minute());
    match locale.style {
        Style::Common => format!("{hour:02}:{minute:02}"),
        Style::UnitedStates | Style::TwelveHours { .. } => {
            let (pm, twelve) = at.hour12();
            format!("{twelve}:{minute:02} {}", if pm { "pm" } else { "am" })
        }
        // A line must not end within it.
        Style::Quebec => format!("{hour}\u{a0}h\u{a0}{minute:02}"),
    }
}

/// The time in a zone; on the night when clocks go back, with the name that tells the two hours apart.
pub fn time_in(locale: Locale, at: Instant, zone: Tz) -> String {
    let shown = time(locale, wall(at, zone).time());
    match zone.from_local_datetime(&wall(at, zone)) {
        LocalResult::Ambiguous(..) => format!("{shown} {}", abbreviation(at, zone)),
        _ => shown,
    }
}

/// “EDT”, or “+05:30” where a zone has no letters.
fn abbreviation(at: Instant, zone: Tz) -> String {
    let local: DateTime<Tz> = at.with_timezone(&zone);
    let name = local.format("%Z").to_string();
    if name.starts_with(['+', '-']) { format!("UTC{}", local.format("%:z")) } else { name }
}

/// “Thursday 12 March”, “Thursday, March 12”, “jeudi 12 mars”.
pub fn day(locale: Locale, date: NaiveDate) -> String {
    let (weekday, month) = (weekday_name(locale, date), month_name(locale, date));
    match (locale.style, date.day()) {
        (Style::UnitedStates, day) => format!("{weekday}, {month} {day}"),
        (_, 1) if locale.lang == Lang::Fr => format!("{weekday} 1er {month}"),
        (_, day) => format!("{weekday} {day} {month}"),
    }
}

/// The same with its year.
pub fn day_year(locale: Locale, date: NaiveDate) -> String {
    let comma = if locale.style == Style::UnitedStates { "," } else { "" };
    format!("{}{comma} {}", day(locale, date), date.year())
}

/// “March 2026”.
pub fn month_year(locale: Locale, date: NaiveDate) -> String {
    format!("{} {}", month_name(locale, date), date.year())
}

pub fn month_name(locale: Locale, date: NaiveDate) -> &'static str {
    locale.words().months.get(date.month0() as usize).copied().unwrap_or_default()
}

fn weekday_name(locale: Locale, date: NaiveDate) -> &'static str {
    let index = date.weekday().num_days_from_monday() as usize;
    locale.words().weekdays.get(index).copied().unwrap_or_default()
}

/// How many days a date stands after the first day of its week.
pub fn column(locale: Locale, date: NaiveDate) -> usize {
    let weekday = date.weekday();
    if sunday_first(locale) {
        weekday.num_days_from_sunday() as usize
    } else {
        weekday.num_days_from_monday() as usize
    }
}

/// The weekdays in the reader's order: short and full name.
pub fn week(locale: Locale) -> Vec<(&'static str, &'static str)> {
    let words = locale.words();
    let mut names: Vec<_> = words.weekdays_short.into_iter().zip(words.weekdays).collect();
    if sunday_first(locale) {
        names.rotate_right(1);
    }
    names
}

fn sunday_first(locale: Locale) -> bool {
    match locale.style {
        Style::UnitedStates | Style::Quebec | Style::TwelveHours { sunday_first: true } => true,
        Style::Common | Style::TwelveHours { sunday_first: false } => false,
    }
}

/// “45 min”, “60 min”, “1 h 30 min”, “8 h”: short, for facts.
pub fn length(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, _) | (1, 0) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, rest) => format!("{hours} h {rest} min"),
    }
}

/// “45 minutes”, “24 hours”, “3 days”: in words, rounded down to what matters.
pub fn span(words: &Words, minutes: i64) -> String {
    match minutes {
        ..HOUR_MIN => words.minutes.of(minutes.max(0)),
        _ if minutes < 2 * DAY_MIN => words.hours.of(minutes / HOUR_MIN),
        _ => words.days.of(minutes / DAY_MIN),
    }
}

/// An exact span, for a rule: never rounded.
pub fn exact_span(words: &Words, minutes: i64) -> String {
    if minutes >= 2 * DAY_MIN && minutes % DAY_MIN == 0 {
        words.days.of(minutes / DAY_MIN)
    } else if minutes >= HOUR_MIN && minutes % HOUR_MIN == 0 {
        words.hours.of(minutes / HOUR_MIN)
    } else {
        words.minutes.of(minutes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::America::{New_York, Toronto};
    use chrono_tz::Asia::Kolkata;

    fn locale(lang: Lang, style: Style) -> Locale {
        Locale { lang, style }
    }

    fn instant(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn each_region_writes_dates_and_times_in_its_own_way() {
        let date = NaiveDate::from_ymd_opt(2026, 3, 12).unwrap();
        let at = NaiveTime::from_hms_opt(14, 5, 0).unwrap();
        let write = |lang, style| {
            let locale = locale(lang, style);
            (day_year(locale, date), time(locale, at))
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(write(Lang::En, Style::Common), pair("Thursday 12 March 2026", "14:05"));
        assert_eq!(write(Lang::En, Style::UnitedStates), pair("Thursday, March 12, 2026", "2:05 pm"));
        assert_eq!(write(Lang::Fr, Style::Common), pair("jeudi 12 mars 2026", "14:05"));
        assert_eq!(write(Lang::Fr, Style::Quebec), pair("jeudi 12 mars 2026", "14\u{a0}h\u{a0}05"));
    }

    #[test]
    fn noon_and_midnight_are_twelve() {
        let locale = locale(Lang::En, Style::UnitedStates);
        assert_eq!(time(locale, NaiveTime::MIN), "12:00 am");
        assert_eq!(time(locale, NaiveTime::from_hms_opt(12, 0, 0).unwrap()), "12:00 pm");
    }

    #[test]
    fn the_two_hours_of_the_long_night_are_told_apart() {
        let locale = locale(Lang::En, Style::Common);
        assert_eq!(time_in(locale, instant("2026-11-01T05:30:00Z"), New_York), "01:30 EDT");
        assert_eq!(time_in(locale, instant("2026-11-01T06:30:00Z"), New_York), "01:30 EST");
        assert_eq!(time_in(locale, instant("2026-11-01T07:30:00Z"), New_York), "02:30");
    }

    #[test]
    fn half_hour_zones_keep_their_half_hour() {
        let locale = locale(Lang::En, Style::Common);
        assert_eq!(time_in(locale, instant("2026-03-12T14:45:00Z"), Kolkata), "20:15");
        assert_eq!(time_in(locale, instant("2026-03-12T14:45:00Z"), Toronto), "10:45");
    }

    #[test]
    fn the_week_begins_where_the_reader_begins_it() {
        let sunday = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        assert_eq!(column(locale(Lang::En, Style::Common), sunday), 6);
        assert_eq!(column(locale(Lang::En, Style::UnitedStates), sunday), 0);
        assert_eq!(week(locale(Lang::Fr, Style::Quebec))[0].1, "dimanche");
    }

    #[test]
    fn a_rule_is_never_rounded() {
        let words = Lang::En.words();
        assert_eq!(exact_span(words, 24 * 60), "24 hours");
        assert_eq!(exact_span(words, 48 * 60), "2 days");
        assert_eq!(exact_span(words, 90), "90 minutes");
        assert_eq!(span(words, 90), "1 hour");
        assert_eq!(span(words, 3 * 24 * 60 + 5), "3 days");
    }
}
