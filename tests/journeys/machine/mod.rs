//! Two writers on each of three calendars that copy to each other, and all that can go wrong between them, as a state
//! machine: whatever happened, once it is over mirror and providers show the same, every copy stands where the
//! rules want it, no event stands twice, no edit is lost, and nothing is left to write.

pub mod ics;
pub mod places;
mod play;
mod refusals;
pub mod spec;

use daymark_engine::api::schedule::Scope;
use daymark_sandbox::faults::{Kind, Moment};
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};

use self::places::{PLACES, Place};
use self::play::Play;

/// Cases of each test in an ordinary run; `PROPTEST_CASES` says how many else.
const CASES: u32 = 4;
/// Clocks of laptops are wrong by no more than this, either way.
const WRONG_BY_MAX_H: i64 = 30;

/// What happens next.
#[derive(Clone, Debug)]
pub enum Step {
    Here {
        place: Place,
        edit: Edit,
    },
    There {
        place: Place,
        edit: Edit,
    },
    Trouble {
        place: Place,
        kind: Kind,
        skip: u32,
        times: u32,
    },
    /// What is written is refused, so that asking again gives the same answer for a while.
    Refuse {
        place: Place,
        status: u16,
        skip: u32,
        times: u32,
    },
    /// The person takes back one of the writes that were refused, or has it tried again.
    AnswerARefusal {
        pick: usize,
    },
    /// The provider knows none of the cursors that it gave.
    Forget {
        place: Place,
    },
    /// The CalDAV server keeps what is put in its own words from now on, or no longer.
    Rewrites {
        on: bool,
    },
    /// The person decides about one of the conflicts that are open.
    Decide {
        pick: usize,
        choice: usize,
    },
    Pass {
        minutes: i64,
    },
    /// The laptop's clock is set, or it slept.
    Jump {
        hours: i64,
    },
    Sync,
    /// A run that is stopped at one of its requests while somebody edits.
    Around {
        place: Place,
        at: Moment,
        skip: u32,
        here: bool,
        edit: Edit,
    },
    /// A run that dies at one of its requests.
    Killed {
        place: Place,
        at: Moment,
        skip: u32,
    },
    Restart,
    /// The trouble is over: everything comes to rest and is looked at.
    Rest,
}

/// `pick` chooses among what that side shows when the step comes.
#[derive(Clone, Debug)]
pub enum Edit {
    Create {
        kind: Made,
        slot: i64,
    },
    Retitle {
        pick: usize,
        scope: Scope,
    },
    /// By so many half-hours, or days where it takes whole ones.
    Move {
        pick: usize,
        by: i64,
        scope: Scope,
    },
    /// Another place.
    Relocate {
        pick: usize,
        scope: Scope,
    },
    SetFree {
        pick: usize,
        free: bool,
    },
    Delete {
        pick: usize,
        scope: Scope,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    Visit,
    Day,
    Daily {
        count: u32,
    },
    Weekly {
        count: u32,
    },
    /// Whole days, every week.
    Days {
        count: u32,
    },
}

fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![3 => Just(Scope::This), 1 => Just(Scope::Following), 1 => Just(Scope::All)]
}

fn made() -> impl Strategy<Value = Made> {
    prop_oneof![
        4 => Just(Made::Visit),
        2 => Just(Made::Day),
        1 => (2..6_u32).prop_map(|count| Made::Daily { count }),
        2 => (2..6_u32).prop_map(|count| Made::Weekly { count }),
        1 => (2..4_u32).prop_map(|count| Made::Days { count }),
    ]
}

/// Hours of the days on which events are made; often of the night in which clocks go forward.
fn slot() -> impl Strategy<Value = i64> {
    prop_oneof![5 => 0..24 * 20_i64, 1 => 0..4_i64]
}

fn edit() -> impl Strategy<Value = Edit> {
    let pick = || 0..24_usize;
    prop_oneof![
        4 => (made(), slot()).prop_map(|(kind, slot)| Edit::Create { kind, slot }),
        3 => (pick(), scope()).prop_map(|(pick, scope)| Edit::Retitle { pick, scope }),
        4 => (pick(), -5..40_i64, scope()).prop_map(|(pick, by, scope)| Edit::Move { pick, by, scope }),
        2 => (pick(), scope()).prop_map(|(pick, scope)| Edit::Relocate { pick, scope }),
        1 => (pick(), any::<bool>()).prop_map(|(pick, free)| Edit::SetFree { pick, free }),
        3 => (pick(), scope()).prop_map(|(pick, scope)| Edit::Delete { pick, scope }),
    ]
}

fn status(status: u16, retry_after_s: Option<u32>) -> Kind {
    Kind::Status { status, reason: None, retry_after_s, body: None }
}

fn trouble(place: Place) -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        Just(status(500, None)),
        Just(status(503, Some(3))),
        Just(status(429, Some(90))),
        Just(Kind::Cut),
        Just(Kind::LoseAnswer),
        Just(Kind::LoseAnswer),
        Just(Kind::LoseAnswer),
        Just(Kind::Truncate),
        Just(Kind::Jumble),
        Just(Kind::Jumble),
        Just(Kind::ExpireSync),
    ];
    (kind, 0..8_u32, 1..6_u32).prop_map(move |(kind, skip, times)| Step::Trouble { place, kind, skip, times })
}

/// A 404 is for changes only: a provider that says so of a delete has nothing more to delete.
fn refusal(place: Place) -> impl Strategy<Value = Step> {
    let status = prop_oneof![3 => Just(400_u16), 2 => Just(403), 1 => Just(404), 1 => Just(412)];
    (status, 0..4_u32, 1..12_u32).prop_map(move |(status, skip, times)| Step::Refuse {
        place,
        status,
        skip,
        times,
    })
}

fn moment() -> impl Strategy<Value = Moment> {
    prop_oneof![Just(Moment::Before), Just(Moment::After)]
}

fn step(place: Place) -> impl Strategy<Value = Step> {
    let around = (moment(), 0..8_u32, any::<bool>(), edit());
    prop_oneof![
        8 => edit().prop_map(move |edit| Step::Here { place, edit }),
        7 => edit().prop_map(move |edit| Step::There { place, edit }),
        4 => trouble(place),
        3 => refusal(place),
        2 => (0..4_usize).prop_map(|pick| Step::AnswerARefusal { pick }),
        1 => Just(Step::Forget { place }),
        1 => any::<bool>().prop_map(|on| Step::Rewrites { on }),
        2 => (0..3_usize, 0..3_usize).prop_map(|(pick, choice)| Step::Decide { pick, choice }),
        4 => around.prop_map(move |(at, skip, here, edit)| Step::Around { place, at, skip, here, edit }),
        3 => (moment(), 0..10_u32).prop_map(move |(at, skip)| Step::Killed { place, at, skip }),
        1 => (1..30_i64).prop_map(|minutes| Step::Pass { minutes }),
        1 => prop_oneof![Just(-24), Just(8), Just(24)].prop_map(|hours| Step::Jump { hours }),
        5 => Just(Step::Sync),
        1 => Just(Step::Restart),
        2 => Just(Step::Rest),
    ]
}

/// What the order of steps depends on. What the calendars should show depends on who came first, and is worked
/// out while playing.
#[derive(Clone, Debug, Default)]
pub struct Course {
    wrong_by_h: i64,
    rested: bool,
}

/// Most of what happens, happens at the calendar of this number.
struct Around<const PLACE: usize>;

impl<const PLACE: usize> ReferenceStateMachine for Around<PLACE> {
    type State = Course;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Course> {
        Just(Course { wrong_by_h: 0, rested: true }).boxed()
    }

    fn transitions(_: &Course) -> BoxedStrategy<Step> {
        let other = |by: usize| PLACES[(PLACE + by) % PLACES.len()];
        prop_oneof![4 => step(other(0)), 1 => step(other(1)), 1 => step(other(2))].boxed()
    }

    fn preconditions(course: &Course, step: &Step) -> bool {
        match step {
            Step::Jump { hours } => (course.wrong_by_h + hours).abs() <= WRONG_BY_MAX_H,
            Step::Rest => !course.rested,
            _ => true,
        }
    }

    fn apply(mut course: Course, step: &Step) -> Course {
        if let Step::Jump { hours } = step {
            course.wrong_by_h += hours;
        }
        course.rested = matches!(step, Step::Rest);
        course
    }
}

/// The whole world, on a runtime of its own.
struct Stage {
    runtime: tokio::runtime::Runtime,
    play: Play,
}

impl<const PLACE: usize> StateMachineTest for Around<PLACE> {
    type SystemUnderTest = Stage;
    type Reference = Self;

    fn init_test(_: &Course) -> Stage {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let play = runtime.block_on(Play::begin());
        Stage { runtime, play }
    }

    fn apply(stage: Stage, _: &Course, step: Step) -> Stage {
        let Stage { runtime, play } = stage;
        let play = runtime.block_on(play.step(step));
        Stage { runtime, play }
    }

    fn teardown(stage: Stage, _: Course) {
        let Stage { runtime, mut play } = stage;
        runtime.block_on(async {
            play.rests().await;
            play.ends().await;
        });
    }
}

fn plays<const PLACE: usize>(seeds: &'static str) {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let failure_persistence = Some(Box::new(FileFailurePersistence::Direct(seeds)) as _);
    let config = Config { cases, failure_persistence, source_file: Some(file!()), ..Config::default() };
    let steps = Around::<PLACE>::sequential_strategy(4..28);
    let played = TestRunner::new(config.clone()).run(&steps, |(course, steps, seen)| {
        Around::<PLACE>::test_sequential(config.clone(), course, steps, seen);
        Ok(())
    });
    played.unwrap_or_else(|failure| panic!("{failure}"));
}

macro_rules! seeds {
    ($name:literal) => {
        concat!(env!("CARGO_MANIFEST_DIR"), "/journeys/machine/seeds/", $name)
    };
}

#[test]
fn google_daymark_and_all_copies_agree_whatever_happened() {
    plays::<0>(seeds!("google.txt"));
}

#[test]
fn microsoft_daymark_and_all_copies_agree_whatever_happened() {
    plays::<1>(seeds!("microsoft.txt"));
}

#[test]
fn a_caldav_server_daymark_and_all_copies_agree_whatever_happened() {
    plays::<2>(seeds!("caldav.txt"));
}
