//! What each kind of case asks of the engine.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::checks::{Answer, expected_dates};
use super::input::{
    BookingIn, Range, RulesIn, ScheduleIn, Wrong, instant, intervals, limits, monday_first, same_hours,
};
use crate::availability::intervals::{intersect_all, merge, subtract};
use crate::availability::{
    Block, Most, Query, Rules, Schedule, Taken, TimeOfDay, Week, Window, by_date, check_limits, check_week,
    layout, slots,
};
use crate::time::{Instant, Interval, day_start, next_day};

/// How many days a case without any bound of its own is worked out for.
const UNBOUND_DAYS: i64 = 60;

/// `None` for a kind that is not known.
pub(super) fn answer(kind: &str, input: Value, expect: &Value) -> Option<Result<Answer, Wrong>> {
    Some(match kind {
        "ranges_to_slots" => ranges_to_slots(input),
        "schedule_to_ranges" => schedule_to_ranges(input),
        "interval_merge" => read(input).and_then(interval_merge),
        "interval_subtract" => read(input).and_then(interval_subtract),
        "interval_intersect" => read(input).and_then(interval_intersect),
        "free_gaps" => read(input).and_then(free_gaps),
        "day_slots" => read(input).and_then(day_slots),
        "grouping_by_viewer_day" => read(input).and_then(|input| grouping(input, expect)),
        "limit_config_valid" => read(input).and_then(limit_config_valid),
        "schedule_valid" => Ok(Answer::Valid(read(input).and_then(schedule_valid).unwrap_or(false))),
        "epoch_ranges_to_slots" => read(input).map(epoch_ranges_to_slots),
        "epoch_align_start" => read(input).map(epoch_align_start),
        "day_slots_simple" => read(input).and_then(day_slots_simple),
        _ => return None,
    })
}

fn read<T: DeserializeOwned>(input: Value) -> Result<T, Wrong> {
    Ok(serde_json::from_value(input)?)
}

#[derive(Deserialize)]
struct FreeIn {
    now: Option<String>,
    #[serde(alias = "tz")]
    viewer_tz: Tz,
    free_ranges: Vec<Range>,
}

fn ranges_to_slots(input: Value) -> Result<Answer, Wrong> {
    let rules = read::<RulesIn>(input.clone())?.rules()?;
    let free: FreeIn = read(input)?;
    let zone = free.viewer_tz;
    let ranges: Result<Vec<_>, _> =
        free.free_ranges.iter().filter_map(|range| range.up_to_the_minute(zone).transpose()).collect();
    let now = free.now.map_or(Ok(DateTime::UNIX_EPOCH), |now| instant(&now, zone))?;
    let schedule = Schedule::closed(zone);
    let earliest =
        Query { schedule: &schedule, rules: &rules, taken: &[], now, horizon: always(now) }.earliest();
    let starts = layout::starts(&merge(ranges?), earliest, &rules.visit, |_| zone);
    Ok(Answer::Starts { starts, viewer: zone, now })
}

fn always(now: Instant) -> Interval {
    Interval::new(now, now + TimeDelta::days(UNBOUND_DAYS)).unwrap_or_else(|| always(DateTime::UNIX_EPOCH))
}

#[derive(Deserialize)]
struct Bounds {
    from: String,
    to: String,
}

fn schedule_to_ranges(input: Value) -> Result<Answer, Wrong> {
    let bounds: Bounds = read(input.clone())?;
    let schedule = read::<ScheduleIn>(input)?.schedule()?;
    let zone = schedule.zone;
    let asked =
        Interval::new(instant(&bounds.from, zone)?, instant(&bounds.to, zone)?).ok_or(Wrong::Inverted)?;
    Ok(Answer::Ranges(schedule.open(asked)))
}

#[derive(Deserialize)]
struct MergeIn {
    ranges: Vec<Range>,
}

fn interval_merge(input: MergeIn) -> Result<Answer, Wrong> {
    Ok(Answer::Ranges(merge(intervals(&input.ranges, Tz::UTC)?)))
}

#[derive(Deserialize)]
struct SubtractIn {
    from: Vec<Range>,
    minus: Vec<Range>,
}

fn interval_subtract(input: SubtractIn) -> Result<Answer, Wrong> {
    Ok(Answer::Ranges(subtract(intervals(&input.from, Tz::UTC)?, intervals(&input.minus, Tz::UTC)?)))
}

#[derive(Deserialize)]
struct IntersectIn {
    sets: Vec<Vec<Range>>,
}

fn interval_intersect(input: IntersectIn) -> Result<Answer, Wrong> {
    let sets: Result<Vec<_>, _> = input.sets.iter().map(|set| intervals(set, Tz::UTC)).collect();
    Ok(Answer::Ranges(intersect_all(sets?)))
}

#[derive(Deserialize)]
struct GapsIn {
    range: Range,
    busy: Vec<Range>,
    #[serde(default)]
    min_duration_min: i64,
    tz: Tz,
    hours: Option<(TimeOfDay, TimeOfDay)>,
    days: Option<Vec<u64>>,
}

fn free_gaps(input: GapsIn) -> Result<Answer, Wrong> {
    let hours = input.hours.unwrap_or((TimeOfDay::MIDNIGHT, TimeOfDay::END_OF_DAY));
    let schedule = same_hours(input.tz, input.days, Block::new(hours.0, hours.1))?;
    let Some(asked) = input.range.interval(input.tz)? else {
        return Ok(Answer::Ranges(Vec::new()));
    };
    let mut gaps = subtract(schedule.open(asked), intervals(&input.busy, input.tz)?);
    gaps.retain(|gap| gap.length() >= TimeDelta::minutes(input.min_duration_min));
    Ok(Answer::Ranges(gaps))
}

#[derive(Deserialize)]
struct DayIn {
    #[serde(flatten)]
    world: WorldIn,
    #[serde(alias = "day", alias = "date")]
    day_local: NaiveDate,
}

/// What the whole engine works on.
#[derive(Deserialize)]
struct WorldIn {
    now: String,
    schedule: ScheduleIn,
    event: RulesIn,
    #[serde(default)]
    busy: Vec<Range>,
    #[serde(default)]
    bookings: Vec<BookingIn>,
    viewer_tz: Option<Tz>,
}

struct World {
    now: Instant,
    schedule: Schedule,
    rules: Rules,
    taken: Vec<Taken>,
    viewer: Tz,
}

impl WorldIn {
    fn world(self) -> Result<World, Wrong> {
        let schedule = self.schedule.schedule()?;
        let zone = schedule.zone;
        let rules = self.event.rules()?;
        let mut taken: Vec<Taken> = intervals(&self.busy, zone)?.into_iter().map(Taken::event).collect();
        for booking in &self.bookings {
            taken.extend(booking.taken(&rules, zone)?);
        }
        let viewer = self.viewer_tz.unwrap_or(zone);
        Ok(World { now: instant(&self.now, zone)?, schedule, rules, taken, viewer })
    }
}

impl World {
    /// The starts on the owner's days from `first` to `last`.
    fn starts(&self, first: NaiveDate, last: NaiveDate) -> Vec<Instant> {
        let midnight = |date: NaiveDate| day_start(date, self.schedule.zone_on(date));
        let Some(horizon) = Interval::new(midnight(first), midnight(next_day(last))) else {
            return Vec::new();
        };
        let World { schedule, rules, taken, now, .. } = self;
        slots(&Query { schedule, rules, taken, now: *now, horizon })
    }
}

fn day_slots(input: DayIn) -> Result<Answer, Wrong> {
    let world = input.world.world()?;
    let starts = world.starts(input.day_local, input.day_local);
    Ok(Answer::Starts { starts, viewer: world.viewer, now: world.now })
}

fn grouping(input: WorldIn, expect: &Value) -> Result<Answer, Wrong> {
    let world = input.world()?;
    let today = world.schedule.date_at(world.now);
    let named = expected_dates(expect);
    let (first, last) = match (world.rules.window, named.first(), named.last()) {
        (Window::Range { from, to }, _, _) => (from, to),
        // The viewer's dates may begin or end a day off the owner's.
        (_, Some(first), Some(last)) => (today.min(*first - TimeDelta::days(1)), next_day(*last)),
        _ => (today, today + TimeDelta::days(UNBOUND_DAYS)),
    };
    Ok(Answer::Days(by_date(&world.starts(first, last), world.viewer)))
}

#[derive(Deserialize)]
struct LimitsIn {
    limits: BTreeMap<String, Option<u32>>,
}

fn limit_config_valid(input: LimitsIn) -> Result<Answer, Wrong> {
    Ok(Answer::Valid(check_limits(&limits(&input.limits, Most::Visits)?).is_ok()))
}

#[derive(Deserialize)]
struct BlocksIn {
    #[serde(rename = "tz")]
    _tz: Tz,
    blocks_local: Vec<(u64, TimeOfDay, TimeOfDay)>,
    #[serde(default)]
    length_min: u32,
}

fn schedule_valid(input: BlocksIn) -> Result<bool, Wrong> {
    let mut week = Week::default();
    for (day, from, to) in input.blocks_local {
        if let Some(blocks) = week.get_mut(monday_first(day)?) {
            blocks.push(Block::new(from, to));
        }
    }
    Ok(check_week(&week, input.length_min).is_ok())
}

#[derive(Deserialize)]
struct EpochRangesIn {
    length_s: i64,
    increment_s: i64,
    intervals: Vec<(i64, i64)>,
}

fn epoch(seconds: i64) -> Instant {
    DateTime::UNIX_EPOCH + TimeDelta::try_seconds(seconds).unwrap_or_default()
}

fn epoch_ranges_to_slots(input: EpochRangesIn) -> Answer {
    let given = input.intervals.iter().filter_map(|(from, to)| Interval::new(epoch(*from), epoch(*to)));
    let (length, step) = (TimeDelta::seconds(input.length_s), TimeDelta::seconds(input.increment_s));
    let starts = merge(given.collect()).into_iter().flat_map(|range| every(range, length, step)).collect();
    Answer::Starts { starts, viewer: Tz::UTC, now: DateTime::UNIX_EPOCH }
}

/// Starts from the range's own start on, as long as one fits.
fn every(range: Interval, length: TimeDelta, step: TimeDelta) -> impl Iterator<Item = Instant> {
    let step = step.max(TimeDelta::seconds(1));
    let starts = std::iter::successors(Some(range.start()), move |start| start.checked_add_signed(step));
    starts.take_while(move |start| *start + length <= range.end())
}

#[derive(Deserialize)]
struct AlignIn {
    increment_s: i64,
    from: i64,
    to: i64,
    end: Option<i64>,
}

fn epoch_align_start(input: AlignIn) -> Answer {
    let increment = input.increment_s.max(1);
    let past_mark = input.from.rem_euclid(increment);
    let start = if past_mark == 0 { input.from } else { input.from + increment - past_mark };
    let end = input.end.map_or(input.to, |end| end.min(input.to));
    Answer::FirstStart((start < end).then_some(start))
}

#[derive(Deserialize)]
struct SimpleIn {
    tz: Tz,
    hours: (TimeOfDay, TimeOfDay),
    days: Option<Vec<u64>>,
    length_min: u32,
    step_min: Option<u32>,
    day: NaiveDate,
}

fn day_slots_simple(input: SimpleIn) -> Result<Answer, Wrong> {
    let schedule = same_hours(input.tz, input.days, Block::new(input.hours.0, input.hours.1))?;
    let length = TimeDelta::minutes(input.length_min.max(1).into());
    let step = TimeDelta::minutes(input.step_min.unwrap_or(input.length_min).into());
    let midnight = |date: NaiveDate| day_start(date, input.tz);
    let day = Interval::new(midnight(input.day), midnight(next_day(input.day))).ok_or(Wrong::Inverted)?;
    let starts = schedule.open(day).into_iter().flat_map(|range| every(range, length, step)).collect();
    Ok(Answer::Starts { starts, viewer: input.tz, now: DateTime::UNIX_EPOCH })
}
