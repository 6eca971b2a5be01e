//! What a page offers at an instant: the published starts, less what live bookings hold, by lease and notice.

use chrono::{DateTime, TimeDelta};
use daymark_core::booking::QUANTUM_MIN;
use daymark_core::contract::{Mode, STALE_HOURS, TypeSheet};
use daymark_core::time::{Instant, Interval};

use crate::store::{PageRecord, PersonId, Publication, Taken, WaitsBecause};

/// A page read from the store, ready to be asked.
#[derive(Debug)]
pub struct Offer {
    pub person: PersonId,
    /// As the admin enrolled the person; the sheet's own name counts once there is one.
    pub name: String,
    pub published: Option<Publication>,
    pub sealing_key: String,
    types: Vec<OpenType>,
}

/// One type with the starts that no live booking stands in the way of.
#[derive(Debug)]
struct OpenType {
    sheet: TypeSheet,
    open_min: Vec<i64>,
}

/// How the page stands towards a visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// A time is given at once.
    Instant,
    /// A time is asked for.
    Requests(WaitsBecause),
    /// The data is too old to offer anything.
    Away,
    /// The owner takes no bookings now.
    Paused,
    /// Enrolled, never published.
    Unpublished,
}

/// Why a start cannot be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Past,
    TooSoon,
    NotOffered,
    Taken,
}

impl Phase {
    pub fn takes_bookings(self) -> bool {
        matches!(self, Phase::Instant | Phase::Requests(_))
    }
}

impl Offer {
    pub fn new(page: PageRecord) -> Offer {
        let sheets = page.published.iter().flat_map(|published| published.sheet.types.iter());
        let types = sheets
            .map(|sheet| OpenType { open_min: open_starts(sheet, &page.taken), sheet: sheet.clone() })
            .collect();
        Offer {
            person: page.person,
            name: page.name,
            published: page.published,
            sealing_key: page.sealing_key,
            types,
        }
    }

    pub fn phase(&self, now: Instant) -> Phase {
        let Some(published) = &self.published else {
            return Phase::Unpublished;
        };
        let stale_until = published.lease_until + TimeDelta::hours(STALE_HOURS);
        match published.mode {
            Mode::Paused => Phase::Paused,
            _ if now > stale_until => Phase::Away,
            Mode::Approval => Phase::Requests(WaitsBecause::OwnerApproves),
            Mode::Instant if now > published.lease_until => Phase::Requests(WaitsBecause::StaleTimes),
            Mode::Instant => Phase::Instant,
        }
    }

    pub fn types(&self) -> impl Iterator<Item = &TypeSheet> {
        self.types.iter().map(|open| &open.sheet)
    }

    pub fn type_of(&self, id: &str) -> Option<&TypeSheet> {
        self.types().find(|sheet| sheet.id.0 == id)
    }

    /// The starts a visitor may choose from, in minutes since the epoch, rising.
    pub fn starts(&self, id: &str, now: Instant) -> &[i64] {
        let Some(open) = self.types.iter().find(|open| open.sheet.id.0 == id) else {
            return &[];
        };
        let first = open.open_min.partition_point(|start| !soon_enough(*start, open.sheet.notice_min, now));
        open.open_min.get(first..).unwrap_or_default()
    }

    /// Whether this very start can be booked now.
    pub fn check(&self, sheet: &TypeSheet, start: Instant, now: Instant) -> Result<Interval, Refusal> {
        if start <= now {
            return Err(Refusal::Past);
        }
        let start_min = whole_minutes(start).ok_or(Refusal::NotOffered)?;
        if sheet.starts_min.binary_search(&start_min).is_err() {
            return Err(Refusal::NotOffered);
        }
        if !soon_enough(start_min, sheet.notice_min, now) {
            return Err(Refusal::TooSoon);
        }
        if self.starts(&sheet.id.0, now).binary_search(&start_min).is_err() {
            return Err(Refusal::Taken);
        }
        visit(sheet, start_min).ok_or(Refusal::NotOffered)
    }

    /// The `count` open starts nearest to a time, in the order of time.
    pub fn nearest(&self, sheet: &TypeSheet, to: Instant, now: Instant, count: usize) -> Vec<Instant> {
        let wanted = to.timestamp() / 60;
        let mut starts = self.starts(&sheet.id.0, now).to_vec();
        starts.sort_by_key(|start| (start - wanted).abs());
        starts.truncate(count);
        starts.sort_unstable();
        starts.into_iter().filter_map(instant).collect()
    }
}

/// The instant of a whole minute since the epoch.
pub fn instant(minutes: i64) -> Option<Instant> {
    DateTime::from_timestamp(minutes.checked_mul(60)?, 0)
}

fn whole_minutes(at: Instant) -> Option<i64> {
    (at.timestamp() % 60 == 0 && at.timestamp_subsec_nanos() == 0).then(|| at.timestamp() / 60)
}

/// Offered when start ≥ now + notice and start > now.
fn soon_enough(start_min: i64, notice_min: u32, now: Instant) -> bool {
    let Some(start) = instant(start_min) else {
        return false;
    };
    start > now && start - now >= TimeDelta::minutes(i64::from(notice_min))
}

fn visit(sheet: &TypeSheet, start_min: i64) -> Option<Interval> {
    let start = instant(start_min)?;
    Interval::new(start, start + TimeDelta::minutes(i64::from(sheet.length_min)))
}

/// A stretch of held time in the numbers that are compared, once for each of thousands of starts.
struct Held {
    start_s: i64,
    end_s: i64,
    gap_s: i64,
    /// The quanta it claims, as `daymark_core::booking::claim` counts them.
    first: i64,
    after_last: i64,
}

impl Held {
    fn new(start_s: i64, length_s: i64, gap_min: u32) -> Held {
        const QUANTUM_S: i64 = QUANTUM_MIN * 60;
        let (end_s, gap_s) = (start_s + length_s, i64::from(gap_min) * 60);
        let first = start_s.div_euclid(QUANTUM_S);
        let after_last = (end_s + gap_s + QUANTUM_S - 1).div_euclid(QUANTUM_S);
        Held { start_s, end_s, gap_s, first, after_last }
    }

    /// Two visits of one person stand apart by the larger of their gaps, and share no claimed quantum:
    /// the store refuses both, so neither is shown.
    fn collides(&self, other: &Held) -> bool {
        let gap_s = self.gap_s.max(other.gap_s);
        let near = self.start_s < other.end_s + gap_s && other.start_s < self.end_s + gap_s;
        near || (self.first < other.after_last && other.first < self.after_last)
    }
}

/// `taken` is in the order of its starts, so that each start looks only at what can reach it.
fn open_starts(sheet: &TypeSheet, taken: &[Taken]) -> Vec<i64> {
    let held: Vec<Held> = taken
        .iter()
        .map(|taken| {
            let start_s = taken.visit.start().timestamp();
            Held::new(start_s, taken.visit.end().timestamp() - start_s, taken.gap_min)
        })
        .collect();
    let longest_s = held.iter().map(|held| held.end_s - held.start_s).max().unwrap_or_default();
    let widest_s =
        held.iter().map(|held| held.gap_s).max().unwrap_or_default().max(i64::from(sheet.gap_min) * 60);
    let reach_s = longest_s + widest_s + 2 * QUANTUM_MIN * 60;
    let free = |start_min: &i64| {
        let wanted = Held::new(start_min * 60, i64::from(sheet.length_min) * 60, sheet.gap_min);
        let from = held.partition_point(|held| held.start_s < wanted.start_s - reach_s);
        let near = held.get(from..).unwrap_or_default();
        !near
            .iter()
            .take_while(|held| held.start_s < wanted.end_s + reach_s)
            .any(|held| wanted.collides(held))
    };
    sheet.starts_min.iter().copied().filter(free).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use daymark_core::booking::{TypeId, claim};
    use daymark_core::contract::{OwnerCard, Place, Sheet};
    use proptest::prelude::*;

    fn now() -> Instant {
        "2026-03-02T08:00:00Z".parse().unwrap()
    }

    fn minute(hours_from_now: f64) -> i64 {
        now().timestamp() / 60 + (hours_from_now * 60.0) as i64
    }

    fn sheet(gap_min: u32, notice_min: u32, starts_min: Vec<i64>) -> TypeSheet {
        TypeSheet {
            id: TypeId("visit".into()),
            name: "Visit".into(),
            description: String::new(),
            length_min: 60,
            gap_min,
            notice_min,
            place: Place::Phone,
            cancel_cutoff_min: 0,
            starts_min,
        }
    }

    fn offer(mode: Mode, sheet: TypeSheet, taken: Vec<Taken>) -> Offer {
        let owner = OwnerCard {
            name: "Maya".into(),
            role: String::new(),
            organisation: String::new(),
            zone: chrono_tz::UTC,
            phone: String::new(),
        };
        let published = Publication {
            device: "d".into(),
            rev: 1,
            based_on_seq: 0,
            checked_at: now(),
            lease_until: now() + TimeDelta::hours(4),
            mode,
            sheet: Sheet { owner, types: vec![sheet] },
        };
        Offer::new(PageRecord {
            person: PersonId(1),
            name: "Maya".into(),
            published: Some(published),
            sealing_key: String::new(),
            taken,
        })
    }

    fn taken(hours_from_now: f64, gap_min: u32) -> Taken {
        let start = instant(minute(hours_from_now)).unwrap();
        Taken { visit: Interval::new(start, start + TimeDelta::hours(1)).unwrap(), gap_min }
    }

    #[test]
    fn a_page_ages_from_instant_over_requests_to_away() {
        let offer = offer(Mode::Instant, sheet(0, 0, vec![]), vec![]);
        let after = |hours| offer.phase(now() + TimeDelta::hours(hours));
        assert_eq!(after(4), Phase::Instant);
        assert_eq!(after(5), Phase::Requests(WaitsBecause::StaleTimes));
        assert_eq!(after(76), Phase::Requests(WaitsBecause::StaleTimes));
        assert_eq!(after(77), Phase::Away);
    }

    #[test]
    fn an_owner_who_approves_is_never_promised_for() {
        let offer = offer(Mode::Approval, sheet(0, 0, vec![]), vec![]);
        assert_eq!(offer.phase(now()), Phase::Requests(WaitsBecause::OwnerApproves));
    }

    #[test]
    fn notice_counts_to_the_second() {
        let start = minute(3.0);
        let offer = offer(Mode::Instant, sheet(0, 120, vec![start]), vec![]);
        assert_eq!(offer.starts("visit", now() + TimeDelta::hours(1)), [start]);
        assert!(offer.starts("visit", now() + TimeDelta::seconds(3601)).is_empty());
    }

    #[test]
    fn every_refusal_has_its_reason() {
        let starts = vec![minute(1.0), minute(5.0), minute(9.0)];
        let offer = offer(Mode::Instant, sheet(0, 120, starts), vec![taken(5.5, 0)]);
        let sheet = offer.type_of("visit").unwrap();
        let check = |hours| offer.check(sheet, instant(minute(hours)).unwrap(), now());
        assert_eq!(check(-1.0), Err(Refusal::Past));
        assert_eq!(check(0.0), Err(Refusal::Past));
        assert_eq!(check(1.0), Err(Refusal::TooSoon));
        assert_eq!(check(5.0), Err(Refusal::Taken));
        assert_eq!(check(6.0), Err(Refusal::NotOffered));
        assert!(check(9.0).is_ok());
    }

    #[test]
    fn the_larger_gap_of_two_neighbours_counts() {
        let starts = vec![minute(1.5), minute(2.0), minute(5.0), minute(5.5)];
        let offer = offer(Mode::Instant, sheet(30, 0, starts), vec![taken(3.25, 45)]);
        assert_eq!(offer.starts("visit", now()), [minute(1.5), minute(5.0), minute(5.5)]);
    }

    #[test]
    fn a_time_within_a_claimed_quantum_is_not_shown() {
        let start = minute(5.0) + 2;
        let offer = offer(
            Mode::Instant,
            sheet(0, 0, vec![start]),
            vec![{
                let end = instant(start).unwrap();
                Taken { visit: Interval::new(end - TimeDelta::hours(1), end).unwrap(), gap_min: 0 }
            }],
        );
        assert!(offer.starts("visit", now()).is_empty());
    }

    /// The rule as it is told, from the claims that the store writes.
    fn collide(visit: Interval, gap_min: u32, taken: &Taken) -> bool {
        let minutes = |gap_min: u32| TimeDelta::minutes(gap_min.into());
        let gap = minutes(gap_min.max(taken.gap_min));
        let near = visit.start() < taken.visit.end() + gap && taken.visit.start() < visit.end() + gap;
        let ours = claim(visit, minutes(gap_min)).unwrap();
        near || ours.overlaps(&claim(taken.visit, minutes(taken.gap_min)).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn looking_only_nearby_finds_every_collision(
            length_min in 1..300_u32,
            gap_min in 0..120_u32,
            mut visits in proptest::collection::vec((0..3000_i64, 1..600_i64, 0..120_u32), 0..12),
        ) {
            visits.sort_unstable();
            let taken: Vec<Taken> = visits.iter().map(|(start, length, gap_min)| {
                let start = instant(minute(0.0) + start).unwrap();
                let visit = Interval::new(start, start + TimeDelta::minutes(*length)).unwrap();
                Taken { visit, gap_min: *gap_min }
            }).collect();
            let starts = (0..200).map(|n| minute(0.0) + n * 15 + n % 3).collect();
            let sheet = TypeSheet { length_min, ..sheet(gap_min, 0, starts) };
            let all = sheet.starts_min.iter().copied().filter(|start| {
                let visit = visit(&sheet, *start).unwrap();
                !taken.iter().any(|taken| collide(visit, gap_min, taken))
            });
            prop_assert_eq!(open_starts(&sheet, &taken), all.collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_nearest_open_times_are_offered_in_order() {
        let starts = vec![minute(1.0), minute(4.0), minute(6.0), minute(20.0)];
        let offer = offer(Mode::Instant, sheet(0, 0, starts), vec![]);
        let nearest = offer.nearest(offer.type_of("visit").unwrap(), instant(minute(5.0)).unwrap(), now(), 2);
        assert_eq!(nearest, [instant(minute(4.0)).unwrap(), instant(minute(6.0)).unwrap()]);
    }
}
