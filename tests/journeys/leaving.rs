//! An account is left: our copies go from its calendars while its permission lasts, then the permission goes. At
//! each provider, and whatever comes between.

use std::sync::Arc;

use chrono::{NaiveTime, TimeDelta};
use chrono_tz::America::Toronto;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{AccountId, CalendarChoice, HeldUp, Removing, Restored};
use daymark_engine::secrets::SecretStore as _;
use daymark_engine::secrets::memory::SessionSecrets;
use daymark_sandbox::faults::{Fault, Kind};
use daymark_sandbox::identity::Provider;
use journeys::world::World;

use crate::accounts::{accounts, come_back, disconnect, left, preview, requests};
use crate::machine::places::{PLACES, Place, SEED, Seen, Shape};
use crate::support::calendar;

/// A world in which one place gets a copy of each of the three visits at another.
struct Scene {
    world: World,
    secrets: Arc<SessionSecrets>,
    /// The place that is left, and its account.
    place: Place,
    id: i64,
}

/// Copies that stand on the calendar which is left.
const COPIES: usize = 3;

impl Scene {
    async fn set(place: Place) -> Scene {
        let secrets = Arc::new(SessionSecrets::default());
        let world = World::build().seed(SEED).secrets(secrets.clone()).without_relay().start().await.unwrap();
        for place in PLACES {
            place.connect(&world).await;
        }
        world.introduce().await.unwrap();
        world.sync().await.unwrap();
        let there = calendar(&world, place.name()).await;
        let choice = CalendarChoice { calendar: there, receives_blocks: Some(true), ..Default::default() };
        let () = world.call(Call::SetCalendar(choice)).await.unwrap();
        let known = accounts(&world).await;
        let id = known.iter().find(|it| it.address.starts_with(place.user())).unwrap().id;
        let scene = Scene { world, secrets, place, id };
        let from = if place == Place::Green { Place::Mauve } else { Place::Green };
        for days in 1..=i64::try_from(COPIES).unwrap() {
            from.insert(&scene.world, &scene.visit(days), None);
        }
        scene.world.sync().await.unwrap();
        assert_eq!(scene.copies().await.len(), COPIES);
        scene.world.sandbox.control().clear_ledger();
        scene
    }

    fn visit(&self, days: i64) -> Seen {
        let today = self.world.now().with_timezone(&Toronto).date_naive();
        let start = today.and_time(NaiveTime::MIN) + TimeDelta::days(days) + TimeDelta::hours(10);
        Seen::new(format!("visit{days}"), start, start + TimeDelta::hours(1), false)
    }

    async fn copies(&self) -> Vec<Seen> {
        self.place.seen(&self.world).await.into_iter().filter(|it| it.copy).collect()
    }

    async fn removing(&self) -> Option<Removing> {
        left(&self.world).await.into_iter().find(|it| it.id == self.id).unwrap().removing
    }

    /// The permission or password is no longer here.
    async fn has_left(&self) -> bool {
        let kept = self.secrets.load(&format!("account-{}", self.id)).await.unwrap();
        let password = kept.is_some_and(|kept| {
            let key: serde_json::Value = serde_json::from_slice(&kept).unwrap_or_default();
            key["password"] != ""
        });
        !password && self.secrets.load(&format!("revoke-{}", self.id)).await.unwrap().is_none()
    }

    /// Signs in again, as its provider wants it.
    async fn come_back(&self) {
        match self.place {
            Place::Coral => {
                let ask = Call::RestoreAccount(AccountId { account: self.id });
                let restored: Restored = self.world.call(ask).await.unwrap();
                assert_eq!(restored, Restored::Done);
                self.world.connect_caldav(self.place.user()).await.unwrap();
            }
            _ => come_back(&self.world, self.id, self.place.user()).await,
        }
        for _ in 0..3 {
            self.world.advance(TimeDelta::minutes(1));
            self.world.sync().await.unwrap();
        }
    }

    fn break_down(&self, kind: Kind) {
        self.world.sandbox.control().arm(self.place.fault(kind).always()).unwrap();
    }
}

#[tokio::test]
async fn copies_go_from_its_calendars_before_its_permission_does_and_come_back_with_it() {
    for place in PLACES {
        let scene = Scene::set(place).await;
        let said = preview(&scene.world, scene.id).await;
        assert_eq!((said.own_copies, said.stranded, said.signed_out), (3, 0, false), "{place:?}");
        disconnect(&scene.world, scene.id).await;
        assert_eq!(scene.removing().await, Some(Removing { copies: 3, held_up: None }));
        assert!(!scene.has_left().await, "it waits for them");
        scene.world.run().await.unwrap();
        let asked = scene.world.sandbox.control().ledger();
        let last = asked.iter().rfind(|it| it.provider == Some(place.provider())).unwrap();
        assert!(place != Place::Green || last.path.contains("/revoke"), "{last:?}");
        assert!(scene.copies().await.is_empty(), "{place:?}");
        assert!(scene.has_left().await && scene.removing().await.is_none(), "{place:?}");
        scene.come_back().await;
        assert_eq!(scene.copies().await.len(), COPIES, "{place:?}");
    }
}

#[tokio::test]
async fn offline_it_waits_and_says_so_also_after_a_restart() {
    for place in PLACES {
        let mut scene = Scene::set(place).await;
        scene.break_down(Kind::Cut);
        disconnect(&scene.world, scene.id).await;
        let _ = scene.world.run().await;
        let held_up = Some(HeldUp::ProviderUnreachable);
        assert_eq!(scene.removing().await, Some(Removing { copies: 3, held_up }), "{place:?}");
        assert!(!scene.has_left().await);
        scene.world.restart().await.unwrap();
        assert_eq!(scene.removing().await.unwrap().copies, 3);
        scene.world.sandbox.control().clear_faults();
        scene.world.advance(TimeDelta::hours(1));
        scene.world.run().await.unwrap();
        assert!(scene.copies().await.is_empty() && scene.has_left().await, "{place:?}");
    }
}

#[tokio::test]
async fn who_does_not_want_to_wait_leaves_at_once_and_the_copies_stay() {
    for place in PLACES {
        let scene = Scene::set(place).await;
        let cut = scene.place.fault(Kind::Cut).method("DELETE").always();
        scene.world.sandbox.control().arm(cut).unwrap();
        disconnect(&scene.world, scene.id).await;
        let _ = scene.world.run().await;
        let () = scene.world.call(Call::LeaveAtOnce(AccountId { account: scene.id })).await.unwrap();
        assert!(scene.has_left().await && scene.removing().await.is_none(), "{place:?}");
        assert_eq!(scene.copies().await.len(), COPIES);
        scene.world.sandbox.control().clear_faults();
        scene.come_back().await;
        assert_eq!(scene.copies().await.len(), COPIES, "each stands once, {place:?}");
    }
}

#[tokio::test]
async fn a_sign_in_that_has_ended_is_told_before() {
    for place in [Place::Green, Place::Mauve] {
        let scene = Scene::set(place).await;
        scene.world.sandbox.control().revoke(place.provider(), place.user());
        scene.world.advance(TimeDelta::hours(2));
        scene.world.run().await.unwrap();
        let said = preview(&scene.world, scene.id).await;
        assert_eq!((said.own_copies, said.stranded, said.signed_out), (0, 3, true), "{place:?}");
        disconnect(&scene.world, scene.id).await;
        assert!(scene.removing().await.is_none() && scene.has_left().await, "{place:?}");
        assert_eq!(scene.copies().await.len(), COPIES);
    }
}

#[tokio::test]
async fn a_sign_in_that_ends_meanwhile_waits_for_its_owner() {
    for place in [Place::Green, Place::Mauve] {
        let scene = Scene::set(place).await;
        disconnect(&scene.world, scene.id).await;
        scene.world.sandbox.control().revoke(place.provider(), place.user());
        scene.world.advance(TimeDelta::hours(2));
        scene.world.run().await.unwrap();
        let held_up = Some(HeldUp::SignInNeeded);
        assert_eq!(scene.removing().await, Some(Removing { copies: 3, held_up }), "{place:?}");
        scene.come_back().await;
        assert_eq!(scene.copies().await.len(), COPIES);
        disconnect(&scene.world, scene.id).await;
        scene.world.run().await.unwrap();
        assert!(scene.copies().await.is_empty() && scene.has_left().await, "{place:?}");
    }
}

#[tokio::test]
async fn a_copy_that_somebody_changed_meanwhile_stays() {
    for place in PLACES {
        let scene = Scene::set(place).await;
        disconnect(&scene.world, scene.id).await;
        let shape = Shape { title: Some("Mine now".into()), ..Shape::default() };
        assert!(place.edit(&scene.world, &scene.copies().await[0], false, &shape));
        scene.world.run().await.unwrap();
        let titles: Vec<_> = scene.copies().await.into_iter().map(|it| it.title).collect();
        assert_eq!(titles, ["Mine now"], "{place:?}");
        assert!(scene.has_left().await, "and nothing waits for it");
    }
}

#[tokio::test]
async fn a_copy_that_somebody_deleted_meanwhile_holds_nothing_up() {
    for place in PLACES {
        let scene = Scene::set(place).await;
        disconnect(&scene.world, scene.id).await;
        assert!(place.delete(&scene.world, &scene.copies().await[0], false));
        scene.world.run().await.unwrap();
        assert!(scene.copies().await.is_empty() && scene.has_left().await, "{place:?}");
    }
}

#[tokio::test]
async fn a_copy_that_its_provider_will_not_delete_holds_nothing_up() {
    for place in PLACES {
        let scene = Scene::set(place).await;
        disconnect(&scene.world, scene.id).await;
        place.refuse_one(&scene.world, 403, "DELETE", (1, Some(1)));
        scene.world.run().await.unwrap();
        assert_eq!(scene.copies().await.len(), 1, "{place:?}");
        assert!(scene.has_left().await, "{place:?}");
    }
}

#[tokio::test]
async fn a_provider_that_asks_for_patience_gets_it() {
    for place in PLACES {
        let scene = Scene::set(place).await;
        disconnect(&scene.world, scene.id).await;
        let busy = Kind::Status { status: 429, reason: None, retry_after_s: Some(600), body: None };
        scene.world.sandbox.control().arm(place.fault(busy).method("DELETE").times(30)).unwrap();
        let _ = scene.world.run().await;
        assert!(scene.removing().await.is_some() && !scene.has_left().await, "{place:?}");
        scene.world.sandbox.control().clear_faults();
        scene.world.advance(TimeDelta::minutes(20));
        scene.world.run().await.unwrap();
        assert!(scene.copies().await.is_empty() && scene.has_left().await, "{place:?}");
    }
}

#[tokio::test]
async fn who_comes_back_while_copies_are_being_removed_needs_no_sign_in() {
    for place in PLACES {
        let scene = Scene::set(place).await;
        disconnect(&scene.world, scene.id).await;
        let ask = Call::RestoreAccount(AccountId { account: scene.id });
        assert_eq!(scene.world.call::<Restored>(ask).await.unwrap(), Restored::Done);
        scene.world.advance(TimeDelta::minutes(1));
        scene.world.sync().await.unwrap();
        assert_eq!(accounts(&scene.world).await.len(), PLACES.len());
        assert_eq!(scene.copies().await.len(), COPIES, "{place:?}");
        assert_eq!(requests(&scene.world, "/revoke"), 0);
        let deleted = scene.world.sandbox.control().writes();
        assert!(deleted.iter().all(|it| it.method != "DELETE"), "{place:?}: {deleted:?}");
    }
}

#[tokio::test]
async fn after_thirty_days_offline_it_is_gone_all_the_same() {
    let scene = Scene::set(Place::Green).await;
    let cut = Fault::new(Provider::Google, Kind::Cut).contains("/google/calendar").always();
    scene.world.sandbox.control().arm(cut).unwrap();
    disconnect(&scene.world, scene.id).await;
    scene.world.advance(TimeDelta::days(30));
    let _ = scene.world.run().await;
    assert!(left(&scene.world).await.is_empty());
    assert!(scene.has_left().await);
    assert_eq!(requests(&scene.world, "/revoke"), 1);
}

/// Nobody calls for a run: the loops do it.
#[tokio::test]
async fn a_running_engine_takes_the_copies_away_by_itself() {
    let scene = Scene::set(Place::Mauve).await;
    scene.world.engine.start();
    disconnect(&scene.world, scene.id).await;
    while !scene.has_left().await {
        scene.world.advance(TimeDelta::seconds(1));
        tokio::task::yield_now().await;
    }
    assert!(scene.copies().await.is_empty());
    scene.world.engine.stop().await;
}
