//! Whole worlds of random edits, in which copies never multiply.

use super::*;

/// What somebody may do to the calendars or to this installation.
#[derive(Clone, Debug)]
enum Act {
    Add { calendar: i64, at: i64 },
    Move { pick: usize, at: i64 },
    Drop { pick: usize },
    Free { pick: usize },
    Rename { pick: usize },
    Copy { pick: usize, at: Option<i64> },
    LoseDatabase,
    Fail { calendar: i64, complete: bool },
    Run,
}

fn act() -> impl Strategy<Value = Act> {
    let (calendar, at, pick) = (1..=3_i64, -30..24 * 100_i64, 0..40_usize);
    prop_oneof![
        4 => (calendar.clone(), at.clone()).prop_map(|(calendar, at)| Act::Add { calendar, at }),
        3 => (pick.clone(), at.clone()).prop_map(|(pick, at)| Act::Move { pick, at }),
        2 => pick.clone().prop_map(|pick| Act::Drop { pick }),
        1 => pick.clone().prop_map(|pick| Act::Free { pick }),
        1 => pick.clone().prop_map(|pick| Act::Rename { pick }),
        1 => (pick, prop::option::of(at)).prop_map(|(pick, at)| Act::Copy { pick, at }),
        1 => Just(Act::LoseDatabase),
        1 => (calendar, any::<bool>()).prop_map(|(calendar, complete)| Act::Fail { calendar, complete }),
        4 => Just(Act::Run),
    ]
}

impl World {
    fn act(&mut self, act: Act, on_copies: bool) {
        let own = |it: &Occurrence| on_copies || it.mark == Mark::None;
        let at = |pick: usize, events: &[Occurrence]| {
            let able: Vec<usize> = (0..events.len()).filter(|at| own(&events[*at])).collect();
            able.get(pick % able.len().max(1)).copied()
        };
        match act {
            Act::Add { calendar, at } => drop(self.event(calendar, at)),
            Act::Move { pick, at: to } => {
                if let Some(at) = at(pick, &self.events) {
                    self.events[at].times = hour(to);
                }
            }
            Act::Drop { pick } => {
                if let Some(at) = at(pick, &self.events) {
                    self.events.remove(at);
                }
            }
            Act::Free { pick } => {
                if let Some(at) = at(pick, &self.events) {
                    self.events[at].show_as = ShowAs::Free;
                }
            }
            Act::Rename { pick } => {
                if let Some(at) = at(pick, &self.events) {
                    self.events[at].title.push('!');
                }
            }
            Act::Copy { pick, at: to } if on_copies => {
                let Some(at) = at(pick, &self.events) else { return };
                let made = Occurrence { ..self.events[at].clone() };
                let (number, id) = {
                    let fresh = self.event(made.calendar, 0);
                    (fresh.event, fresh.remote_id.clone())
                };
                let fresh = self.events.last_mut().unwrap();
                let times = to.map_or(made.times, hour);
                *fresh = Occurrence {
                    event: number,
                    unit: number,
                    tag: Some(Tag::of_event(&id)),
                    uid: id.clone(),
                    remote_id: id,
                    times,
                    ..made
                };
            }
            Act::LoseDatabase if on_copies => self.links.clear(),
            Act::Fail { calendar, complete } => {
                self.counts(calendar, Counts::Yes { filters: Filters::default(), complete });
            }
            Act::Run => drop(self.run()),
            Act::Copy { .. } | Act::LoseDatabase => {}
        }
    }

    fn heal(&mut self) {
        for calendar in 1..=3 {
            self.counts(calendar, Counts::Yes { filters: Filters::default(), complete: true });
        }
    }

    /// Every busy time of the window stands once on each other calendar, and nothing else does.
    fn is_a_true_mesh(&self) {
        let window = Interval::new(now() - TimeDelta::days(1), now() + TimeDelta::days(90)).unwrap();
        let own = |it: &&Occurrence| it.mark == Mark::None && it.show_as == ShowAs::Busy;
        let touching = |it: &&Occurrence| it.times.interval(HOME).is_some_and(|it| it.overlaps(&window));
        let mut wanted: Vec<(i64, Times)> = Vec::new();
        for event in self.events.iter().filter(own).filter(touching) {
            wanted.extend((1..=3).filter(|it| *it != event.calendar).map(|it| (it, event.times)));
        }
        let copies = self.events.iter().filter(|it| it.mark != Mark::None).filter(touching);
        let mut found: Vec<(i64, Times)> = copies.map(|it| (it.calendar, it.times)).collect();
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted);
    }
}

proptest! {
    #[test]
    fn edits_of_sources_leave_each_busy_time_once_everywhere(acts in prop::collection::vec(act(), 1..60)) {
        let mut world = World::mesh(3);
        for act in acts {
            world.act(act, false);
        }
        world.heal();
        world.settle();
        world.is_a_true_mesh();
    }

    #[test]
    fn whatever_is_done_to_copies_a_place_has_one_and_the_mesh_never_grows(
        acts in prop::collection::vec(act(), 1..60)
    ) {
        let mut world = World::mesh(3);
        let made = acts.iter().filter(|act| matches!(act, Act::Add { .. } | Act::Copy { .. })).count();
        for act in acts {
            world.act(act, true);
        }
        world.heal();
        // A copy that its mover keeps is an event of its own from the next run on.
        for _ in 0..3 {
            world.run();
        }
        world.settle();
        let places: HashSet<_> = world.links.iter().map(|link| (link.target, link.source)).collect();
        prop_assert_eq!(places.len(), world.links.len());
        let mut linked = BTreeMap::new();
        for link in &world.links {
            *linked.entry(link.event).or_insert(0) += 1;
        }
        prop_assert!(linked.values().all(|count| *count == 1));
        // Each thing that anybody made can at most stand once on each of three calendars, twice
        // when a copy of it was moved away by hand and is its mover's now.
        prop_assert!(world.events.len() <= 3 * (2 * made + 1), "{} of {made}", world.events.len());
    }
}
