//! The engine: from hours, rules and taken time to the starts that are offered, and the reason why
//! any other start is not. Everything is sorted once and swept with cursors that only move on.

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use super::clock::{dates, days_on, next_business_day};
use super::intervals::{merge, subtract};
use super::layout;
use super::limits::Tally;
use super::rules::{Period, Rules, Window};
use super::schedule::{Hours, Schedule};
use super::sweep::{Cursor, Kept};
use super::taken::{By, Taken};
use crate::time::{Instant, Interval, day_start, next_day, resolve, wall};

/// How far a window of bookable days is looked for. Past it the window ends, however few were found.
const BOOKABLE_SEARCH_DAYS: u32 = 400;

/// What the offer is made from.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    pub schedule: &'a Schedule,
    pub rules: &'a Rules,
    pub taken: &'a [Taken],
    pub now: Instant,
    /// Where starts are asked for. Time taken just outside must be known too.
    pub horizon: Interval,
}

impl Query<'_> {
    /// The first instant that may be offered: after now, and after the notice as the owner's clock
    /// counts it, so that a day's notice is the same time tomorrow on days of 23 hours as well.
    pub fn earliest(&self) -> Instant {
        let zone = self.schedule.zone_at(self.now);
        let notice = TimeDelta::minutes(self.rules.notice_min.into());
        let noticed = resolve(wall(self.now, zone) + notice, zone);
        noticed.max(self.now + TimeDelta::nanoseconds(1))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub start: Instant,
    pub verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Offered,
    Refused(Reason),
}

/// Why a start is not offered. `which` is the place in [`Query::taken`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Reason {
    Past,
    Notice,
    OutsideWindow,
    OutOfOffice,
    Break,
    OutsideHours,
    Busy {
        which: usize,
    },
    /// A booked visit, or a request that waits for an answer.
    Claimed {
        which: usize,
    },
    Buffer {
        which: usize,
    },
    Limit {
        per: Period,
    },
    /// Free, but between the times that the grid offers.
    OffGrid,
}

/// A query worked out as far as all its answers share.
pub struct Plan<'a> {
    query: Query<'a>,
    hours: Hours,
    kept: Vec<Kept>,
    tally: Tally<'a>,
    window: (NaiveDate, NaiveDate),
    earliest: Instant,
    sheet: Vec<Interval>,
    slots: Vec<Instant>,
}

/// The starts that are offered.
pub fn slots(query: &Query<'_>) -> Vec<Instant> {
    Plan::new(*query).slots
}

/// The stretches in which a whole visit fits, before notice: the longest there are.
pub fn sheet(query: &Query<'_>) -> Vec<Interval> {
    Plan::new(*query).sheet
}

/// Every time of the grid, and each offered start, with its verdict.
pub fn candidates(query: &Query<'_>) -> Vec<Candidate> {
    Plan::new(*query).candidates()
}

impl<'a> Plan<'a> {
    pub fn new(query: Query<'a>) -> Self {
        let mut plan = Plan::unwindowed(query);
        if query.rules.window != Window::Open {
            plan.window = window(&query);
            plan.lay_out();
        }
        plan
    }

    fn unwindowed(query: Query<'a>) -> Self {
        let Query { schedule, rules, taken, .. } = query;
        // A visit that starts at the horizon's end may need hours beyond it.
        let asked = Interval::new(query.horizon.start(), query.horizon.end() + rules.visit.length());
        let mut plan = Plan {
            query,
            hours: schedule.hours(asked.unwrap_or(query.horizon)),
            kept: Kept::sorted(taken, rules),
            tally: Tally::new(schedule, rules, taken),
            window: (NaiveDate::MIN, NaiveDate::MAX),
            earliest: query.earliest(),
            sheet: Vec::new(),
            slots: Vec::new(),
        };
        plan.lay_out();
        plan
    }

    fn lay_out(&mut self) {
        let Query { schedule, rules, .. } = self.query;
        self.sheet = self.stretches();
        self.slots = layout::starts(&self.sheet, self.earliest, &rules.visit, |at| schedule.zone_at(at));
    }

    pub fn slots(&self) -> &[Instant] {
        &self.slots
    }

    pub fn sheet(&self) -> &[Interval] {
        &self.sheet
    }

    pub fn candidates(&self) -> Vec<Candidate> {
        let offered = self.slots();
        let mut sweep = Sweep::over(self);
        let mut all: Vec<Candidate> = self
            .grid()
            .into_iter()
            .filter(|start| offered.binary_search(start).is_err())
            .map(|start| Candidate { start, verdict: Verdict::Refused(sweep.reason(start)) })
            .collect();
        all.extend(offered.iter().map(|start| Candidate { start: *start, verdict: Verdict::Offered }));
        all.sort_unstable_by_key(|candidate| candidate.start);
        all
    }

    /// The verdict on any one start, on the grid or not.
    pub fn explain(&self, start: Instant) -> Verdict {
        if self.slots().binary_search(&start).is_ok() {
            return Verdict::Offered;
        }
        Verdict::Refused(Sweep::over(self).reason(start))
    }

    /// Free stretches long enough for a visit, cut so that every start in them is allowed.
    fn stretches(&self) -> Vec<Interval> {
        let length = self.query.rules.visit.length();
        let blocked = self.kept.iter().map(|kept| kept.clear).collect();
        let free = subtract(self.hours.open.clone(), blocked);
        let starts_in = self.start_windows();
        let mut windows = Cursor::new(&starts_in);
        let mut stretches = Vec::new();
        for stretch in free {
            for allowed in windows.overlapping(stretch) {
                // Starts are whole minutes, so the last one allowed is a minute before the end.
                let last_end = allowed.end() - TimeDelta::minutes(1) + length;
                let cut = Interval::new(stretch.start().max(allowed.start()), stretch.end().min(last_end));
                stretches.extend(cut.filter(|cut| cut.length() >= length));
            }
        }
        stretches
    }

    /// Where starts may fall: asked for, inside the window, on days that have no full limit.
    fn start_windows(&self) -> Vec<Interval> {
        let horizon = self.query.horizon;
        let unbound = self.window == (NaiveDate::MIN, NaiveDate::MAX) && self.query.rules.limits.is_empty();
        if unbound {
            return vec![horizon];
        }
        let allowed = self.dates().filter(|date| self.in_window(*date) && self.tally.full(*date).is_none());
        let days = allowed.filter_map(|date| self.day(date)?.intersection(&horizon));
        merge(days.collect())
    }

    /// The owner's days that the horizon touches.
    fn dates(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let Query { schedule, horizon, .. } = self.query;
        dates(schedule.date_at(horizon.start()), schedule.date_at(horizon.end()))
    }

    fn day(&self, date: NaiveDate) -> Option<Interval> {
        let schedule = self.query.schedule;
        let next = next_day(date);
        Interval::new(day_start(date, schedule.zone_on(date)), day_start(next, schedule.zone_on(next)))
    }

    fn in_window(&self, date: NaiveDate) -> bool {
        self.window.0 <= date && date <= self.window.1
    }

    /// Every mark of the owner's clock that starts could fall on.
    fn grid(&self) -> Vec<Instant> {
        let visit = &self.query.rules.visit;
        let marks = crate::availability::rules::Visit {
            length_min: 1,
            step_min: u32::try_from(visit.grid_min()).unwrap_or(1),
            offset_min: visit.offset_min % u32::try_from(visit.grid_min()).unwrap_or(1),
            fill: super::rules::Fill::ClockAligned,
        };
        let schedule = self.query.schedule;
        let days: Vec<Interval> =
            self.dates().filter_map(|date| self.day(date)?.intersection(&self.query.horizon)).collect();
        layout::starts(&days, self.query.horizon.start(), &marks, |at| schedule.zone_at(at))
    }
}

/// The reasons, for starts that rise.
struct Sweep<'p> {
    plan: &'p Plan<'p>,
    open: Cursor<'p, Interval>,
    breaks: Cursor<'p, Interval>,
    away: Cursor<'p, Interval>,
    kept: Cursor<'p, Kept>,
}

impl<'p> Sweep<'p> {
    fn over(plan: &'p Plan<'p>) -> Self {
        Sweep {
            plan,
            open: Cursor::new(&plan.hours.open),
            breaks: Cursor::new(&plan.hours.breaks),
            away: Cursor::new(&plan.hours.away),
            kept: Cursor::new(&plan.kept),
        }
    }

    fn reason(&mut self, start: Instant) -> Reason {
        let plan = self.plan;
        let date = plan.query.schedule.date_at(start);
        if start <= plan.query.now {
            return Reason::Past;
        }
        if start < plan.earliest {
            return Reason::Notice;
        }
        if !plan.in_window(date) {
            return Reason::OutsideWindow;
        }
        let Some(body) = Interval::new(start, plan.query.rules.visit.end(start)) else {
            return Reason::OffGrid;
        };
        self.closed(body)
            .or_else(|| self.taken(body))
            .or_else(|| plan.tally.full(date).map(|per| Reason::Limit { per }))
            .unwrap_or(Reason::OffGrid)
    }

    fn closed(&mut self, body: Interval) -> Option<Reason> {
        if self.away.overlapping(body).next().is_some() {
            return Some(Reason::OutOfOffice);
        }
        if self.open.overlapping(body).any(|open| open.contains(&body)) {
            return None;
        }
        let in_break = self.breaks.overlapping(body).next().is_some();
        Some(if in_break { Reason::Break } else { Reason::OutsideHours })
    }

    fn taken(&mut self, body: Interval) -> Option<Reason> {
        let mut near = None;
        for kept in self.kept.overlapping(body) {
            if kept.itself.overlaps(&body) {
                let which = kept.which;
                return Some(if kept.by == By::Event {
                    Reason::Busy { which }
                } else {
                    Reason::Claimed { which }
                });
            }
            near = near.or(Some(Reason::Buffer { which: kept.which }));
        }
        near
    }
}

/// The first and the last day that visitors may book.
fn window(query: &Query<'_>) -> (NaiveDate, NaiveDate) {
    let today = query.schedule.date_at(query.now);
    match query.rules.window {
        Window::Open => (NaiveDate::MIN, NaiveDate::MAX),
        Window::Range { from, to } => (from, to),
        Window::Rolling { days, business_days } => (today, days_on(today, days, business_days)),
        Window::BookableDays { days, business_days } => {
            (today, bookable_end(query, today, days, business_days))
        }
    }
}

/// The day on which the last of the first `days` days with a free time falls.
fn bookable_end(query: &Query<'_>, today: NaiveDate, days: u32, business_days: bool) -> NaiveDate {
    let schedule = query.schedule;
    let last = days_on(today, BOOKABLE_SEARCH_DAYS, false);
    let searched = Interval::new(query.now, day_start(last, schedule.zone_on(last))).unwrap_or(query.horizon);
    let starts = Plan::unwindowed(Query { horizon: searched, ..*query }).slots;
    let mut bookable: Vec<NaiveDate> = starts.into_iter().map(|start| schedule.date_at(start)).collect();
    bookable.dedup();
    let mut date = today;
    let mut found = 0;
    let mut end = today.pred_opt().unwrap_or(today);
    while found < days && date <= last {
        if bookable.binary_search(&date).is_ok() {
            found += 1;
            end = date;
        }
        date = if business_days { next_business_day(date) } else { next_day(date) };
    }
    end
}
