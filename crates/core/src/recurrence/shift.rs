//! Moves a series as a whole: its rule, its dates and the identities of its occurrences follow its
//! first one, by what clocks show and never by a number of hours.

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use chrono_tz::Tz;

use super::error::RecurrenceError;
use super::lines::{Lines, Moment};
use super::parts::{Manner, RuleText, end_of_day};
use super::rule::{Rule, short, weekday};
use super::same_kind;
use super::start::{Clock, is_start};
use crate::event::{Fields, Original};
use crate::time::Span;

/// From one first occurrence to another.
#[derive(Clone, Debug)]
pub struct Shift {
    from: Clock,
    to: Clock,
}

impl Shift {
    /// Of a series that was `from`, and is `to` now.
    pub fn between(from: &Fields, to: &Fields) -> Self {
        let clock = |series: &Fields| Clock::of(&series.span, &series.recurrence);
        Shift { from: clock(from), to: clock(to) }
    }

    /// As far as the occurrence `at` goes when it is put at `to`, for the whole series. Where a clock change leaves
    /// that occurrence out, the time at which it is put is the series' from now on, as on any other day.
    pub fn along(series: &Fields, at: Original, to: &Span) -> Self {
        let first = Clock::of(&series.span, &series.recurrence);
        let at = same_kind(&series.span, &series.recurrence, at, Tz::UTC);
        let from = Clock { begins: first.wall(at), ..first };
        let to_clock = Clock::of(to, &[]);
        let stays = from.manner == to_clock.manner && Original::of(to) == at;
        let to = if stays { from } else { to_clock };
        Shift { from: first, to: Clock { begins: Shift { from, to }.wall(first.begins), ..to } }
    }

    /// Nothing moves.
    pub fn is_none(&self) -> bool {
        self.from == self.to
    }

    fn days(&self) -> TimeDelta {
        self.to.begins.date() - self.from.begins.date()
    }

    fn wall(&self, at: NaiveDateTime) -> NaiveDateTime {
        match (self.from.manner == Manner::Dates, self.to.manner == Manner::Dates) {
            (true, false) => (at.date() + self.days()).and_time(self.to.begins.time()),
            (false, true) => (at.date() + self.days()).and_time(chrono::NaiveTime::MIN),
            _ => at + (self.to.begins - self.from.begins),
        }
    }

    /// What an occurrence is called once its series has moved.
    pub fn original(&self, original: Original) -> Original {
        self.to.manner.original(self.wall(self.from.wall(original)))
    }

    /// The lines of the series once it has moved.
    pub fn lines(&self, lines: &[String]) -> Result<Vec<String>, RecurrenceError> {
        if self.is_none() {
            return Ok(lines.to_vec());
        }
        let moved: Result<Vec<String>, _> =
            lines.iter().filter(|line| !is_start(line)).map(|line| self.line(line)).collect();
        Ok(self.begun(moved?))
    }

    /// Other lines for the series where it begins now.
    pub fn begun(&self, lines: Vec<String>) -> Vec<String> {
        self.to.start(lines)
    }

    /// Where the first occurrence is now.
    pub fn first(&self) -> Original {
        self.to.manner.original(self.to.begins)
    }

    fn line(&self, line: &str) -> Result<String, RecurrenceError> {
        match RuleText::of(line) {
            Some(rule) => self.rule(rule),
            None => self.dates(line),
        }
    }

    fn dates(&self, line: &str) -> Result<String, RecurrenceError> {
        let read = Lines::read(std::slice::from_ref(&line.to_owned()))?;
        let write = |moment: &Moment| self.to.manner.write(self.wall(self.read(moment)));
        let gone: Vec<String> = read.excluded.iter().map(write).collect();
        if let Some(line) = self.to.manner.line("EXDATE", &gone) {
            return Ok(line);
        }
        // A date with a length of its own takes that of the series: it moves with it.
        let dates: Vec<String> = read.dates.iter().map(|date| write(&date.at)).collect();
        Ok(self.to.manner.line("RDATE", &dates).unwrap_or_else(|| line.to_owned()))
    }

    /// A date alone stands for that day at the series' own time.
    fn read(&self, moment: &Moment) -> NaiveDateTime {
        if moment.date_only && self.from.manner != Manner::Dates {
            return moment.date().and_time(self.from.begins.time());
        }
        self.from.read(*moment)
    }

    fn rule(&self, mut rule: RuleText) -> Result<String, RecurrenceError> {
        if let Some(until) = rule.until() {
            rule.set("UNTIL", self.until(&until));
        }
        let at_other_times =
            self.from.begins.time() != self.to.begins.time() || self.from.manner != self.to.manner;
        if at_other_times && rule.has_any(&["BYHOUR", "BYMINUTE", "BYSECOND"]) {
            return Err(RecurrenceError::Fixed("its rule names times of the day"));
        }
        if self.days() != TimeDelta::zero() {
            self.turn(&mut rule)?;
        }
        Ok(rule.line())
    }

    fn until(&self, until: &Moment) -> String {
        let whole = self.from.manner == Manner::Dates || until.date_only;
        let last = if whole { end_of_day(until.written) } else { self.from.read(*until) };
        // Who ends a rule with a day means the day.
        let moved = if last == end_of_day(last) { last + self.days() } else { self.wall(last) };
        self.to.manner.write(moved)
    }

    /// The days that a rule names follow the day on which it begins.
    fn turn(&self, rule: &mut RuleText) -> Result<(), RecurrenceError> {
        const FIXED: RecurrenceError = RecurrenceError::Fixed("its rule names days that cannot move along");
        if rule.has_any(&["BYYEARDAY", "BYWEEKNO"]) {
            return Err(FIXED);
        }
        let freq = rule.get("FREQ").unwrap_or_default().to_ascii_uppercase();
        let (by_day, by_month_day) =
            (rule.get("BYDAY").map(str::to_owned), rule.get("BYMONTHDAY").map(str::to_owned));
        match (freq.as_str(), by_day, by_month_day) {
            ("DAILY" | "WEEKLY", Some(days), None) => self.turn_weekdays(rule, &days).ok_or(FIXED),
            ("MONTHLY" | "YEARLY", Some(days), None) => self.turn_nth(rule, &days).ok_or(FIXED),
            ("MONTHLY" | "YEARLY", None, Some(days)) => self.turn_month_day(rule, &days).ok_or(FIXED),
            ("DAILY" | "WEEKLY" | "MONTHLY", None, None) if rule.get("BYMONTH").is_none() => Ok(()),
            ("YEARLY", None, None) => {
                self.turn_month(rule);
                Ok(())
            }
            _ => Err(FIXED),
        }
    }

    /// Every weekday by as many days; where weeks are counted, the week's first day as well.
    fn turn_weekdays(&self, rule: &mut RuleText, days: &str) -> Option<()> {
        if rule.has_any(&["BYSETPOS", "BYMONTH"]) {
            return None;
        }
        let turned: Option<Vec<&str>> = days.split(',').map(|day| self.turned(day.trim())).collect();
        rule.set("BYDAY", turned?.join(","));
        if rule.get("INTERVAL").is_some_and(|every| every != "1") && days.contains(',') {
            let first = rule.get("WKST").unwrap_or("MO").to_owned();
            rule.set("WKST", self.turned(&first)?);
        }
        Some(())
    }

    fn turned(&self, day: &str) -> Option<&'static str> {
        let from = weekday(&day.to_ascii_uppercase())?.num_days_from_monday();
        let by = u32::try_from(self.days().num_days().rem_euclid(7)).ok()?;
        Some(short(Weekday::try_from(u8::try_from((from + by) % 7).ok()?).ok()?))
    }

    /// “The second Tuesday” becomes whichever of its kind the new first day is.
    fn turn_nth(&self, rule: &mut RuleText, days: &str) -> Option<()> {
        let day = self.to.begins.date();
        let (nth, name) = days.trim().split_at_checked(days.trim().len().checked_sub(2)?)?;
        weekday(&name.to_ascii_uppercase())?;
        let counted = match rule.get("BYSETPOS") {
            Some(position) if nth.is_empty() => position.to_owned(),
            None if !nth.is_empty() => nth.to_owned(),
            _ => return None,
        };
        let from_end = counted.trim().starts_with('-') && day.day() + 7 > days_in_month(day);
        let week = day.day0() / 7 + 1;
        let nth = if from_end || week > 4 { "-1".to_owned() } else { week.to_string() };
        rule.remove("BYSETPOS");
        rule.set("BYDAY", format!("{nth}{}", short(day.weekday())));
        self.turn_month(rule);
        Some(())
    }

    fn turn_month_day(&self, rule: &mut RuleText, days: &str) -> Option<()> {
        let (old, new) = (self.from.begins.date(), self.to.begins.date());
        let last = |day: NaiveDate| day.day() == days_in_month(day);
        let several = days.contains(',');
        // The last day of a month, and “this day, or the month's last”, are each one day of it.
        let one = !several && rule.get("BYSETPOS").is_none()
            || several && rule.get("BYSETPOS").is_some_and(|position| position == "-1");
        let named = days.trim() == "-1" || days.split(',').any(|day| day.trim() == old.day().to_string());
        if !one || !named {
            return None;
        }
        rule.remove("BYSETPOS");
        let keeps_last = days.trim() == "-1" && last(new);
        rule.set("BYMONTHDAY", if keeps_last { "-1".to_owned() } else { new.day().to_string() });
        self.turn_month(rule);
        Some(())
    }

    fn turn_month(&self, rule: &mut RuleText) {
        if rule.get("BYMONTH").is_some() {
            rule.set("BYMONTH", self.to.begins.month().to_string());
        }
    }
}

fn days_in_month(day: NaiveDate) -> u32 {
    (28..=31).rev().find(|last| day.with_day(*last).is_some()).unwrap_or(28)
}

/// Which occurrence of its rule an original is, counted from the first. `None` for one that the rule
/// does not give.
pub(crate) fn ordinal(first: &Span, lines: &[String], original: Original) -> Option<usize> {
    let clock = Clock::of(first, lines);
    let at = clock.wall(original);
    let rule = only_rule(lines)?;
    let starts = rule.starts(clock.begins, clock.begins, at, usize::MAX).ok()?.starts;
    (starts.last() == Some(&at)).then_some(starts.len())
}

/// The occurrence of that number.
pub(crate) fn nth(first: &Span, lines: &[String], ordinal: usize) -> Option<Original> {
    const REACH_DAYS: i64 = 366 * 50;
    let rule = only_rule(lines)?;
    let clock = Clock::of(first, lines);
    let start = clock.begins;
    let starts = rule.starts(start, start, start + TimeDelta::days(REACH_DAYS), ordinal).ok()?.starts;
    Some(clock.manner.original(*starts.get(ordinal.checked_sub(1)?)?))
}

fn only_rule(lines: &[String]) -> Option<Rule> {
    Lines::read(lines).ok()?.rules.into_iter().next()
}
