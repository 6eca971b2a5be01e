//! How much is booked in each of the owner's days, weeks, months and years.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::rules::{Most, Period, Rules};
use super::schedule::Schedule;
use super::taken::Taken;

/// What counts towards the limits, by period.
pub(super) struct Tally<'a> {
    rules: &'a Rules,
    booked: BTreeMap<(Period, NaiveDate), Booked>,
}

#[derive(Clone, Copy, Default)]
struct Booked {
    visits: u32,
    minutes: i64,
}

impl<'a> Tally<'a> {
    pub(super) fn new(schedule: &Schedule, rules: &'a Rules, taken: &[Taken]) -> Self {
        let mut booked: BTreeMap<_, Booked> = BTreeMap::new();
        let counted: &[Taken] = if rules.limits.is_empty() { &[] } else { taken };
        for visit in counted.iter().filter(|taken| taken.counts) {
            let date = schedule.date_at(visit.interval.start());
            for period in Period::ALL {
                let sum = booked.entry((period, period.of(date, rules.week_start))).or_default();
                sum.visits += 1;
                sum.minutes += visit.interval.length().num_minutes();
            }
        }
        Tally { rules, booked }
    }

    /// The period that leaves no place for another visit on `date`.
    pub(super) fn full(&self, date: NaiveDate) -> Option<Period> {
        let reached = |limit: &&super::rules::Limit| {
            let name = (limit.per, limit.per.of(date, self.rules.week_start));
            let so_far = self.booked.get(&name).copied().unwrap_or_default();
            match limit.most {
                Most::Visits(most) => so_far.visits >= most,
                Most::Minutes(most) => so_far.minutes + self.rules.visit.length().num_minutes() > most.into(),
            }
        };
        self.rules.limits.iter().find(reached).map(|limit| limit.per)
    }
}
