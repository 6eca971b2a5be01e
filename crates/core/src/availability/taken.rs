//! Time that is spoken for, and the gap that a visit keeps to it.

use chrono::TimeDelta;

use super::rules::{Rules, minutes};
use crate::time::Interval;

/// A busy stretch: a calendar entry, a booked visit, or a request that waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    pub interval: Interval,
    pub by: By,
    /// Its own buffers; a plain calendar entry has none.
    pub buffer_before_min: u32,
    pub buffer_after_min: u32,
    /// The drive between its place and the visit's, with the margin; 0 when nobody drives.
    pub travel_min: u32,
    /// Whether it counts towards the type's limits.
    pub counts: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Event,
    Booking,
    /// Holds its time until it is answered, so that nobody else is promised it.
    Request,
}

impl Taken {
    pub fn event(interval: Interval) -> Self {
        Taken {
            interval,
            by: By::Event,
            buffer_before_min: 0,
            buffer_after_min: 0,
            travel_min: 0,
            counts: false,
        }
    }

    /// A visit booked under `rules`, with their buffers; it counts towards their limits.
    pub fn visit(interval: Interval, by: By, rules: &Rules) -> Self {
        Taken {
            interval,
            by,
            buffer_before_min: rules.buffer_before_min,
            buffer_after_min: rules.buffer_after_min,
            travel_min: 0,
            counts: true,
        }
    }

    /// The stretch that no visit under `rules` may overlap.
    pub fn kept_clear(&self, rules: &Rules) -> Interval {
        let ahead = gap(rules.buffer_after_min, self.buffer_before_min, self.travel_min);
        let behind = gap(self.buffer_after_min, rules.buffer_before_min, self.travel_min);
        Interval::new(self.interval.start() - ahead, self.interval.end() + behind).unwrap_or(self.interval)
    }
}

/// The time between two neighbours. Buffers and the drive overlap, so the longest counts, not the sum.
pub fn gap(first_after_min: u32, second_before_min: u32, travel_min: u32) -> TimeDelta {
    minutes(first_after_min.max(second_before_min).max(travel_min))
}
