//! Which settings are refused, and in what words.

use chrono::Weekday;

use super::clock::TimeOfDay;
use super::rules::{Limit, Most, Period, Rules};
use super::schedule::{Block, Week};

/// The longest visit: the offer is made day by day.
const LONGEST_VISIT_MIN: u32 = 24 * 60;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ScheduleError {
    #[error(
        "the hours on {day:?} end at {to}, before they begin at {from}; for a night, enter two blocks that meet at 24:00"
    )]
    EndBeforeStart { day: Weekday, from: TimeOfDay, to: TimeOfDay },
    #[error("two blocks on {day:?} overlap: one begins at {from}, before the other ends at {to}")]
    Overlap { day: Weekday, from: TimeOfDay, to: TimeOfDay },
    #[error("the hours from {from} to {to} on {day:?} are shorter than a visit of {length_min} minutes")]
    ShorterThanVisit { day: Weekday, from: TimeOfDay, to: TimeOfDay, length_min: u32 },
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RulesError {
    #[error("a visit takes between 1 minute and 24 hours, not {0} minutes")]
    Length(u32),
    #[error("times are offered every so many minutes; {0} is not between 1 and 1440")]
    Step(u32),
    #[error(transparent)]
    Limit(#[from] LimitError),
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LimitError {
    #[error("a limit of nothing per {0:?} would close the page; pause it instead")]
    Nothing(Period),
    #[error("the limit per {longer:?} ({less}) must not be below the limit per {shorter:?} ({more})")]
    Shrinks { shorter: Period, more: u32, longer: Period, less: u32 },
}

/// Checks hours as somebody typed them. Blocks may touch. An end before the start is nearly always
/// a slip there, so it is refused, although a [`super::Schedule`] from elsewhere may run past midnight.
pub fn check_week(week: &Week, length_min: u32) -> Result<(), ScheduleError> {
    let days = std::iter::successors(Some(Weekday::Mon), |day| Some(day.succ()));
    days.zip(week).try_for_each(|(day, blocks)| check_day(day, blocks, length_min))
}

fn check_day(day: Weekday, blocks: &[Block], length_min: u32) -> Result<(), ScheduleError> {
    let mut blocks = blocks.to_vec();
    blocks.sort_unstable();
    for Block { from, to } in blocks.iter().copied() {
        if to <= from {
            return Err(ScheduleError::EndBeforeStart { day, from, to });
        }
        if u32::from(to.minutes() - from.minutes()) < length_min {
            return Err(ScheduleError::ShorterThanVisit { day, from, to, length_min });
        }
    }
    let clash = blocks.iter().zip(blocks.iter().skip(1)).find(|(first, second)| second.from < first.to);
    match clash {
        Some((first, second)) => Err(ScheduleError::Overlap { day, from: second.from, to: first.to }),
        None => Ok(()),
    }
}

/// Checks an appointment type's settings.
pub fn check_rules(rules: &Rules) -> Result<(), RulesError> {
    let visit = rules.visit;
    if !(1..=LONGEST_VISIT_MIN).contains(&visit.length_min) {
        return Err(RulesError::Length(visit.length_min));
    }
    if !(1..=LONGEST_VISIT_MIN).contains(&visit.step_min) {
        return Err(RulesError::Step(visit.step_min));
    }
    Ok(check_limits(&rules.limits)?)
}

/// A longer period's limit must leave room for what a shorter one allows.
pub fn check_limits(limits: &[Limit]) -> Result<(), LimitError> {
    let kinds: [fn(Most) -> Option<u32>; 2] = [
        |most| if let Most::Visits(count) = most { Some(count) } else { None },
        |most| if let Most::Minutes(count) = most { Some(count) } else { None },
    ];
    kinds.into_iter().try_for_each(|kind| {
        let mut of_kind: Vec<(Period, u32)> =
            limits.iter().filter_map(|limit| Some((limit.per, kind(limit.most)?))).collect();
        of_kind.sort_unstable();
        check_rising(&of_kind)
    })
}

fn check_rising(limits: &[(Period, u32)]) -> Result<(), LimitError> {
    if let Some((period, _)) = limits.iter().find(|(_, most)| *most == 0) {
        return Err(LimitError::Nothing(*period));
    }
    let shrinks = limits.iter().zip(limits.iter().skip(1)).find(|(short, long)| long.1 < short.1);
    match shrinks {
        Some((&(shorter, more), &(longer, less))) => Err(LimitError::Shrinks { shorter, more, longer, less }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn monday(blocks: &[(&str, &str)]) -> Week {
        let mut week = Week::default();
        let parse = |(from, to): &(&str, &str)| Block::new(from.parse().unwrap(), to.parse().unwrap());
        week[0] = blocks.iter().map(parse).collect();
        week
    }

    fn visits(per: Period, most: u32) -> Limit {
        Limit { per, most: Most::Visits(most) }
    }

    #[test]
    fn blocks_may_touch_in_any_order() {
        assert_eq!(check_week(&monday(&[("10:00", "11:00"), ("09:00", "10:00")]), 30), Ok(()));
    }

    #[test]
    fn overlapping_inverted_and_too_short_blocks_are_refused_by_name() {
        let refused = |blocks: &[(&str, &str)]| check_week(&monday(blocks), 30).unwrap_err().to_string();
        assert!(refused(&[("09:00", "12:00"), ("10:00", "11:00")]).contains("begins at 10:00"));
        assert!(refused(&[("14:00", "13:00")]).contains("end at 13:00"));
        assert!(refused(&[("09:00", "09:15")]).contains("shorter than a visit"));
    }

    #[test]
    fn limits_must_not_shrink_as_the_period_grows() {
        assert_eq!(check_limits(&[visits(Period::Month, 5), visits(Period::Day, 3)]), Ok(()));
        assert_eq!(check_limits(&[visits(Period::Day, 5), visits(Period::Week, 5)]), Ok(()));
        let shrinking = check_limits(&[visits(Period::Month, 5), visits(Period::Day, 9)]);
        assert!(matches!(shrinking, Err(LimitError::Shrinks { shorter: Period::Day, .. })));
    }

    #[test]
    fn visits_and_minutes_are_limited_apart() {
        let minutes = Limit { per: Period::Week, most: Most::Minutes(1) };
        assert_eq!(check_limits(&[visits(Period::Day, 5), minutes]), Ok(()));
    }

    #[test]
    fn a_type_without_length_is_refused() {
        assert_eq!(check_rules(&Rules::new(0)), Err(RulesError::Length(0)));
        assert_eq!(check_rules(&Rules::new(30)), Ok(()));
    }
}
