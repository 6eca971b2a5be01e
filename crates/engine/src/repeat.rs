//! Rules between the plain words of the UI and those of the core.

use daymark_core::event::Fields;
use daymark_core::recurrence::plain::{Ends, Plain, Unit};

use crate::api::repeat::{Repeat, RepeatEnds, RepeatUnit, Repeats, Weekday};

const WEEKDAYS: [(Weekday, chrono::Weekday); 7] = [
    (Weekday::Monday, chrono::Weekday::Mon),
    (Weekday::Tuesday, chrono::Weekday::Tue),
    (Weekday::Wednesday, chrono::Weekday::Wed),
    (Weekday::Thursday, chrono::Weekday::Thu),
    (Weekday::Friday, chrono::Weekday::Fri),
    (Weekday::Saturday, chrono::Weekday::Sat),
    (Weekday::Sunday, chrono::Weekday::Sun),
];

/// How a series repeats; `None` for a single event.
pub fn view(series: &Fields) -> Option<Repeats> {
    if series.recurrence.is_empty() {
        return None;
    }
    Some(match Plain::of(&series.recurrence, &series.span) {
        Some(plain) => Repeats::Rule { rule: said(plain) },
        None => Repeats::Custom,
    })
}

fn said(plain: Plain) -> Repeat {
    Repeat {
        every: plain.every,
        unit: match plain.unit {
            Unit::Days => RepeatUnit::Days,
            Unit::Weeks(days) => RepeatUnit::Weeks { on: days.into_iter().map(shown).collect() },
            Unit::MonthsOnDay(day) => RepeatUnit::MonthsOnDay { day },
            Unit::MonthsOnWeekday(nth, day) => RepeatUnit::MonthsOnWeekday { nth, weekday: shown(day) },
            Unit::Years => RepeatUnit::Years,
        },
        ends: match plain.ends {
            Ends::Never => RepeatEnds::Never,
            Ends::On(date) => RepeatEnds::On { date },
            Ends::After(count) => RepeatEnds::After { count },
        },
    }
}

pub fn plain(repeat: &Repeat) -> Plain {
    Plain {
        every: repeat.every,
        unit: match &repeat.unit {
            RepeatUnit::Days => Unit::Days,
            RepeatUnit::Weeks { on } => Unit::Weeks(on.iter().copied().map(meant).collect()),
            RepeatUnit::MonthsOnDay { day } => Unit::MonthsOnDay(*day),
            RepeatUnit::MonthsOnWeekday { nth, weekday } => Unit::MonthsOnWeekday(*nth, meant(*weekday)),
            RepeatUnit::Years => Unit::Years,
        },
        ends: match repeat.ends {
            RepeatEnds::Never => Ends::Never,
            RepeatEnds::On { date } => Ends::On(date),
            RepeatEnds::After { count } => Ends::After(count),
        },
    }
}

fn shown(day: chrono::Weekday) -> Weekday {
    WEEKDAYS.iter().find(|(_, own)| *own == day).map_or(Weekday::Monday, |(shown, _)| *shown)
}

fn meant(day: Weekday) -> chrono::Weekday {
    WEEKDAYS.iter().find(|(shown, _)| *shown == day).map_or(chrono::Weekday::Mon, |(_, own)| *own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_weekday_goes_both_ways() {
        for (day, own) in WEEKDAYS {
            assert_eq!((shown(own), meant(day)), (day, own));
        }
    }
}
