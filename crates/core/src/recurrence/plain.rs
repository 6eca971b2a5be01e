//! The rules that people make: every so many days, weeks, months or years. All others are custom.

use chrono::{Datelike, NaiveDate, Weekday};

use super::parts::{Manner, RuleText, end_of_day};
use super::rule::{short, weekday};
use super::start::{Clock, is_start};
use crate::time::Span;

/// A rule in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain {
    pub every: u16,
    pub unit: Unit,
    pub ends: Ends,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    Days,
    /// On these weekdays, Monday first.
    Weeks(Vec<Weekday>),
    /// On this day of the month; months without it are left out.
    MonthsOnDay(u32),
    /// On the first to fourth such weekday of the month, or on its last (-1).
    MonthsOnWeekday(i8, Weekday),
    /// On the day on which it begins.
    Years,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    Never,
    /// The last day on which it may begin.
    On(NaiveDate),
    After(u32),
}

/// Why a rule cannot be that of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPlain {
    #[error("a series repeats every 1 to 999 days, weeks, months or years")]
    Every,
    #[error("the first day must be one on which the series takes place")]
    OffDay,
    #[error("a series ends after its first day, and after one occurrence at least")]
    EndsEarly,
}

impl Plain {
    /// The line for a series that begins with `first`.
    pub fn line(&self, first: &Span) -> Result<String, NotPlain> {
        let day = Clock::of(first, &[]).begins.date();
        if !(1..=999).contains(&self.every) {
            return Err(NotPlain::Every);
        }
        if !self.falls_on(day) {
            return Err(NotPlain::OffDay);
        }
        let mut line = format!("RRULE:FREQ={}", self.frequency());
        if self.every > 1 {
            line.push_str(&format!(";INTERVAL={}", self.every));
        }
        line.push_str(&self.days());
        line.push_str(&self.end(first, day)?);
        Ok(line)
    }

    /// What the lines of a series say; `None`: more than plain words can.
    pub fn of(lines: &[String], first: &Span) -> Option<Self> {
        let said = |line: &&String| !line.to_ascii_uppercase().starts_with("EXDATE") && !is_start(line);
        let mut rules = lines.iter().filter(said);
        let (Some(line), None) = (rules.next(), rules.next()) else { return None };
        if !line.to_ascii_uppercase().starts_with("RRULE") {
            return None;
        }
        let rule = RuleText::of(line)?;
        const KNOWN: [&str; 8] =
            ["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "WKST"];
        if rule.keys().any(|key| !KNOWN.contains(&key)) {
            return None;
        }
        let every: u16 = rule.get("INTERVAL").map_or(Some(1), |every| every.parse().ok())?;
        let clock = Clock::of(first, lines);
        let day = clock.begins.date();
        let plain = Plain { every, unit: unit(&rule, day)?, ends: ends(&rule, clock)? };
        let weeks = rule.get("WKST").is_none_or(|day| day.eq_ignore_ascii_case("MO"));
        let counted = plain.every > 1 && matches!(&plain.unit, Unit::Weeks(days) if days.len() > 1);
        (plain.falls_on(day) && (weeks || !counted)).then_some(plain)
    }

    fn falls_on(&self, day: NaiveDate) -> bool {
        match &self.unit {
            Unit::Days | Unit::Years => true,
            Unit::Weeks(days) => days.contains(&day.weekday()),
            Unit::MonthsOnDay(of_month) => day.day() == *of_month,
            Unit::MonthsOnWeekday(nth, weekday) => {
                let last =
                    day.checked_add_days(chrono::Days::new(7)).is_none_or(|it| it.month() != day.month());
                let counted = i8::try_from(day.day0() / 7 + 1).unwrap_or_default();
                day.weekday() == *weekday && if *nth == -1 { last } else { counted == *nth && *nth <= 4 }
            }
        }
    }

    fn frequency(&self) -> &'static str {
        match self.unit {
            Unit::Days => "DAILY",
            Unit::Weeks(_) => "WEEKLY",
            Unit::MonthsOnDay(_) | Unit::MonthsOnWeekday(..) => "MONTHLY",
            Unit::Years => "YEARLY",
        }
    }

    fn days(&self) -> String {
        match &self.unit {
            Unit::Days | Unit::Years => String::new(),
            Unit::Weeks(days) => {
                let mut days = days.clone();
                days.sort_by_key(Weekday::num_days_from_monday);
                days.dedup();
                let days: Vec<&str> = days.into_iter().map(short).collect();
                format!(";BYDAY={}", days.join(","))
            }
            Unit::MonthsOnDay(day) => format!(";BYMONTHDAY={day}"),
            Unit::MonthsOnWeekday(nth, weekday) => format!(";BYDAY={nth}{}", short(*weekday)),
        }
    }

    fn end(&self, first: &Span, begins: NaiveDate) -> Result<String, NotPlain> {
        match self.ends {
            Ends::Never => Ok(String::new()),
            Ends::After(count) if count > 0 => Ok(format!(";COUNT={count}")),
            Ends::On(last) if last >= begins => {
                let last = end_of_day(last.and_time(chrono::NaiveTime::MIN));
                Ok(format!(";UNTIL={}", Manner::of(first).write(last)))
            }
            Ends::After(_) | Ends::On(_) => Err(NotPlain::EndsEarly),
        }
    }
}

fn unit(rule: &RuleText, first: NaiveDate) -> Option<Unit> {
    let freq = rule.get("FREQ")?.to_ascii_uppercase();
    let of_month: Option<Option<u32>> = rule.get("BYMONTH").map(|month| month.parse().ok());
    match (freq.as_str(), rule.get("BYDAY"), rule.get("BYMONTHDAY"), of_month) {
        ("DAILY", None, None, None) => Some(Unit::Days),
        ("WEEKLY", None, None, None) => Some(Unit::Weeks(vec![first.weekday()])),
        ("WEEKLY", Some(days), None, None) => {
            let days = days.split(',').map(|day| weekday(&day.trim().to_ascii_uppercase()));
            Some(Unit::Weeks(days.collect::<Option<Vec<_>>>()?))
        }
        ("MONTHLY", None, None, None) => Some(Unit::MonthsOnDay(first.day())),
        ("MONTHLY", None, Some(day), None) => Some(Unit::MonthsOnDay(day.parse().ok()?)),
        ("MONTHLY", Some(day), None, None) => {
            let (nth, day) = day.split_at_checked(day.len().checked_sub(2)?)?;
            let nth: i8 = nth.trim_start_matches('+').parse().ok()?;
            let known = nth == -1 || (1..=4).contains(&nth);
            known.then_some(Unit::MonthsOnWeekday(nth, weekday(&day.to_ascii_uppercase())?))
        }
        ("YEARLY", None, day, month) => {
            let day = day.is_none_or(|day| day.parse() == Ok(first.day()));
            let month = month.is_none_or(|month| month == Some(first.month()));
            (day && month).then_some(Unit::Years)
        }
        _ => None,
    }
}

fn ends(rule: &RuleText, clock: Clock) -> Option<Ends> {
    match (rule.get("COUNT"), rule.get("UNTIL")) {
        (None, None) => Some(Ends::Never),
        (Some(count), None) => Some(Ends::After(count.parse().ok()?)),
        (None, Some(_)) => {
            let until = rule.until()?;
            let last = if until.date_only { until.written } else { clock.read(until) };
            // A rule that ends in the morning, before its hour, ended the day before.
            let reached = until.date_only || last.time() >= clock.begins.time();
            Some(Ends::On(if reached { last.date() } else { last.date().pred_opt()? }))
        }
        (Some(_), Some(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::Toronto;

    use super::*;
    use crate::time::resolve;

    /// Tuesday, 10 March 2026, the month's second.
    fn first() -> Span {
        let at = |text: &str| resolve(text.parse().unwrap(), Toronto);
        Span::Timed { start: at("2026-03-10T09:00:00"), end: at("2026-03-10T10:00:00"), zone: Toronto }
    }

    fn plain(unit: Unit) -> Plain {
        Plain { every: 1, unit, ends: Ends::Never }
    }

    #[test]
    fn what_is_said_in_plain_words_is_read_in_the_same() {
        let last = "2026-06-30".parse().unwrap();
        for unit in [
            Unit::Days,
            Unit::Weeks(vec![Weekday::Tue, Weekday::Fri]),
            Unit::MonthsOnDay(10),
            Unit::MonthsOnWeekday(2, Weekday::Tue),
            Unit::Years,
        ] {
            for (every, ends) in [(1, Ends::Never), (2, Ends::After(5)), (3, Ends::On(last))] {
                let said = Plain { every, unit: unit.clone(), ends };
                let line = said.line(&first()).unwrap();
                assert_eq!(Plain::of(std::slice::from_ref(&line), &first()), Some(said), "{line}");
            }
        }
    }

    #[test]
    fn a_series_begins_on_a_day_of_its_rule_and_ends_after_it() {
        let off = plain(Unit::Weeks(vec![Weekday::Mon]));
        assert_eq!(off.line(&first()), Err(NotPlain::OffDay));
        assert_eq!(plain(Unit::MonthsOnWeekday(-1, Weekday::Tue)).line(&first()), Err(NotPlain::OffDay));
        let never = Plain { every: 0, ..plain(Unit::Days) };
        assert_eq!(never.line(&first()), Err(NotPlain::Every));
        let early = Plain { ends: Ends::On("2026-03-09".parse().unwrap()), ..plain(Unit::Days) };
        assert_eq!(early.line(&first()), Err(NotPlain::EndsEarly));
    }

    #[test]
    fn what_plain_words_cannot_say_is_custom() {
        for line in [
            "RRULE:FREQ=HOURLY",
            "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1",
            "RRULE:FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2",
            "RRULE:FREQ=WEEKLY;BYDAY=MO",
            "RRULE:FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=10",
        ] {
            assert_eq!(Plain::of(&[line.to_owned()], &first()), None, "{line}");
        }
        let extra = ["RRULE:FREQ=DAILY".to_owned(), "RDATE:20260401T130000Z".to_owned()];
        assert_eq!(Plain::of(&extra, &first()), None);
        let left_out = ["RRULE:FREQ=DAILY".to_owned(), "EXDATE:20260311T130000Z".to_owned()];
        assert_eq!(Plain::of(&left_out, &first()), Some(plain(Unit::Days)));
    }
}
