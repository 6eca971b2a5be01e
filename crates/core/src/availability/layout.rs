//! Lays the starts of visits into free time.

use chrono::{DurationRound, Offset, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;

use super::rules::{Fill, Visit};
use crate::time::{Instant, Interval, wall};

/// The starts, at `earliest` or later, of visits that lie wholly in one of the `free` stretches.
/// `zone_at` names the zone of the owner's clock, whose full and quarter hours make the grid.
pub fn starts(
    free: &[Interval],
    earliest: Instant,
    visit: &Visit,
    zone_at: impl Fn(Instant) -> Tz,
) -> Vec<Instant> {
    let mut all = Vec::new();
    for stretch in free.iter().filter(|stretch| visit.end(earliest) <= stretch.end()) {
        let begin = next_minute(stretch.start().max(earliest));
        let zone = zone_at(begin);
        lay(begin, stretch.end(), visit, zone, &mut all);
    }
    all
}

fn lay(begin: Instant, end: Instant, visit: &Visit, zone: Tz, all: &mut Vec<Instant>) {
    let grid_min = visit.grid_min();
    let aligned = |at: Instant| on_grid(at, grid_min, visit.offset(), zone);
    let mut start = match visit.fill {
        Fill::ClockAligned => aligned(begin),
        Fill::MostSlots => rounder(begin, end, grid_min, zone) + visit.offset(),
    };
    let clock_moves = visit.fill == Fill::ClockAligned && shifts_off_grid(start, end, grid_min, zone);
    while visit.end(start) <= end {
        all.push(start);
        start += visit.step();
        if clock_moves {
            start = aligned(start);
        }
    }
}

/// The first mark of the owner's clock at or after `at`. An offset shorter than the grid moves the
/// marks; what it has beyond that moves the first start on.
pub(super) fn on_grid(at: Instant, grid_min: i64, offset: TimeDelta, zone: Tz) -> Instant {
    let shift = TimeDelta::minutes(offset.num_minutes() % grid_min);
    let past_mark = i64::from(wall(at - shift, zone).minute()) % grid_min;
    let to_mark = if past_mark == 0 { 0 } else { grid_min - past_mark };
    at - shift + TimeDelta::minutes(to_mark) + offset
}

/// Moves a start to the next mark, else the next quarter, else the next five minutes, if what is
/// left over after the last visit pays for it.
fn rounder(begin: Instant, end: Instant, grid_min: i64, zone: Tz) -> Instant {
    let minute = i64::from(wall(begin, zone).minute());
    if minute % grid_min == 0 {
        return begin;
    }
    let left_over = (end - begin).num_minutes() % grid_min;
    let moves = [grid_min, 15, 5].map(|mark| mark - minute % mark);
    let paid = moves.into_iter().find(|move_min| *move_min <= left_over).unwrap_or(0);
    begin + TimeDelta::minutes(paid)
}

/// Whether the clock changes on the way by something that is no multiple of the grid (Lord Howe
/// Island moves by half an hour).
fn shifts_off_grid(begin: Instant, end: Instant, grid_min: i64, zone: Tz) -> bool {
    let offset_s =
        |at: Instant| i64::from(zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc());
    end > begin && (offset_s(end) - offset_s(begin)) % (grid_min * 60) != 0
}

/// Visits begin on whole minutes.
pub(super) fn next_minute(at: Instant) -> Instant {
    at.duration_trunc(TimeDelta::minutes(1))
        .map_or(at, |floor| if floor == at { at } else { floor + TimeDelta::minutes(1) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::rules::Rules;
    use chrono_tz::Asia::Kolkata;
    use chrono_tz::Australia::Lord_Howe;

    fn instant(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn lay_out(visit: Visit, zone: Tz, from: &str, to: &str) -> Vec<String> {
        let free = [Interval::new(instant(from), instant(to)).unwrap()];
        let early = instant("2000-01-01T00:00:00Z");
        starts(&free, early, &visit, |_| zone)
            .iter()
            .map(|at| wall(*at, zone).format("%H:%M").to_string())
            .collect()
    }

    fn visit(length_min: u32) -> Visit {
        Rules::new(length_min).visit
    }

    #[test]
    fn the_grid_is_that_of_the_owners_clock_in_half_hour_zones() {
        let laid = lay_out(visit(60), Kolkata, "2023-07-13T02:00:00Z", "2023-07-13T04:00:00Z");
        assert_eq!(laid, ["08:00"]);
    }

    #[test]
    fn an_offset_moves_the_grid_once_and_not_each_step() {
        let moved = Visit { offset_min: 10, ..visit(60) };
        assert_eq!(
            lay_out(moved, Tz::UTC, "2026-03-02T09:00:00Z", "2026-03-02T12:30:00Z"),
            ["09:10", "10:10", "11:10"]
        );
        assert_eq!(lay_out(moved, Tz::UTC, "2026-03-02T09:05:00Z", "2026-03-02T10:30:00Z"), ["09:10"]);
    }

    #[test]
    fn a_stretch_of_seconds_begins_at_the_next_whole_minute() {
        let laid = lay_out(visit(5), Tz::UTC, "2026-03-02T09:04:59.500Z", "2026-03-02T09:11:00Z");
        assert_eq!(laid, ["09:05"]);
    }

    #[test]
    fn the_fullest_layout_takes_a_round_start_only_where_it_costs_no_visit() {
        let most = Visit { fill: Fill::MostSlots, ..visit(60) };
        assert_eq!(
            lay_out(most, Tz::UTC, "2026-03-02T09:30:00Z", "2026-03-02T11:30:00Z"),
            ["09:30", "10:30"]
        );
        assert_eq!(
            lay_out(most, Tz::UTC, "2026-03-02T09:30:00Z", "2026-03-02T12:00:00Z"),
            ["10:00", "11:00"]
        );
        assert_eq!(lay_out(most, Tz::UTC, "2026-03-02T09:05:00Z", "2026-03-02T10:55:00Z"), ["09:15"]);
    }

    #[test]
    fn the_grid_follows_a_clock_that_moves_by_half_an_hour() {
        // 02:00 becomes 01:30 there on 5 April 2026.
        let laid = lay_out(visit(60), Lord_Howe, "2026-04-04T13:00:00Z", "2026-04-04T18:30:00Z");
        assert_eq!(laid, ["00:00", "01:00", "02:00", "03:00", "04:00"]);
    }

    #[test]
    fn nothing_begins_before_the_earliest_instant() {
        let free = [Interval::new(instant("2026-03-02T09:00:00Z"), instant("2026-03-02T12:00:00Z")).unwrap()];
        let laid = starts(&free, instant("2026-03-02T10:00:01Z"), &visit(60), |_| Tz::UTC);
        assert_eq!(laid, [instant("2026-03-02T11:00:00Z")]);
    }
}
