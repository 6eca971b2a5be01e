//! Writes that a provider refuses for good: each is named by one card, nothing of it is half done, and its undo
//! brings both sides together.

use daymark_engine::api::Call;
use daymark_engine::api::health::{CardCode, Remedy};
use daymark_engine::api::journal::RetryWrite;
use daymark_engine::api::schedule::Scope;
use daymark_sandbox::faults::Kind;

use crate::machine::places::{PLACES, Place};
use crate::round::{EDITS, Edit, Play, Standing};
use crate::support::{calendar, create, health};

const SCOPES: [Scope; 3] = [Scope::This, Scope::Following, Scope::All];

#[tokio::test]
async fn an_edit_of_a_series_that_is_refused_is_one_card_and_its_undo_leaves_nothing() {
    for place in PLACES {
        for scope in SCOPES {
            for edit in EDITS {
                let play = Play::begin(place).await;
                let before = play.there().await;
                place.refuse(&play.world, 400, 0, None);
                play.edit(scope, edit).await;
                play.runs().await;
                assert_eq!(play.there().await, before, "{place:?} {scope:?} {edit:?}: nothing half written");
                play.undo().await;
                assert_eq!(play.here().await, before, "{place:?} {scope:?} {edit:?}: at once");
                play.runs().await;
                play.rests_as(&before).await;
            }
        }
    }
}

#[tokio::test]
async fn a_series_whose_cut_is_refused_does_not_stand_twice() {
    for place in PLACES {
        for edit in [Edit::Move, Edit::Rename, Edit::Delete] {
            let play = Play::begin(place).await;
            let before = play.there().await;
            let cut = if place == Place::Coral { "PUT" } else { "PATCH" };
            place.refuse_one(&play.world, 400, cut, (0, None));
            play.edit(Scope::Following, edit).await;
            play.runs().await;
            assert_eq!(play.there().await, before, "{place:?} {edit:?}: nothing half written");
            play.undo().await;
            play.rests_as(&before).await;
        }
    }
}

#[tokio::test]
async fn a_second_half_that_is_refused_is_named_and_its_undo_joins_the_series_again() {
    for place in PLACES {
        let play = Play::begin(place).await;
        let before = play.there().await;
        let (method, skip) = if place == Place::Coral { ("PUT", 1) } else { ("POST", 0) };
        place.refuse_one(&play.world, 400, method, (skip, None));
        play.edit(Scope::Following, Edit::Rename).await;
        let wanted = play.here().await;
        play.runs().await;
        assert_eq!(play.there().await, wanted[..2], "{place:?}: the first half");
        assert_eq!(play.here().await, wanted, "{place:?}: the second half is not lost");
        play.world.sandbox.control().clear_faults();
        play.undo().await;
        play.runs().await;
        play.rests_as(&before).await;
    }
}

#[tokio::test]
async fn an_occurrence_that_was_changed_behind_a_cut_stands_once() {
    for edit in EDITS {
        for scope in [Scope::Following, Scope::All] {
            let play = Play::begin(Place::Coral).await;
            play.edit(scope, edit).await;
            let wanted = play.here().await;
            play.runs().await;
            play.rests_as(&wanted).await;
        }
    }
}

/// A new event of ours whose insert meets `first` and is refused from then on; nor can its calendar be read, which would
/// show what came of it.
async fn doubtful(place: Place, first: Kind) -> Play {
    let play = Play::begin(place).await;
    play.world.sandbox.control().arm(place.fault(first).method(inserts(place))).unwrap();
    place.refuse_one(&play.world, 400, inserts(place), (0, None));
    let unreadable =
        Kind::Status { status: 403, reason: Some("forbidden".into()), retry_after_s: None, body: None };
    play.world.sandbox.control().arm(place.fault(unreadable).method("GET").always()).unwrap();
    let calendar = calendar(&play.world, place.name()).await;
    create(&play.world, calendar, "Doubt", "2026-03-10T09:00:00", "2026-03-10T10:00:00").await;
    play.runs().await;
    play
}

fn inserts(place: Place) -> &'static str {
    if place == Place::Coral { "PUT" } else { "POST" }
}

/// What stands there, with and without the event in doubt.
async fn with_and_without(play: &Play) -> (Standing, Standing) {
    let all = play.there().await;
    let rest = all.iter().filter(|(.., title)| title != "Doubt").cloned().collect();
    (all, rest)
}

/// A calendar server is looked at before each insert: what stands there is not refused.
const MAY_STAND: [Place; 2] = [Place::Green, Place::Mauve];

#[tokio::test]
async fn a_new_event_that_may_stand_and_is_refused_leaves_nothing_when_it_is_taken_back() {
    let lost = MAY_STAND.map(|place| (place, Kind::LoseAnswer));
    for (place, first) in PLACES.map(|place| (place, Kind::Cut)).into_iter().chain(lost) {
        let made = usize::from(first == Kind::LoseAnswer);
        let play = doubtful(place, first).await;
        let (all, rest) = with_and_without(&play).await;
        assert_eq!(all.len() - rest.len(), made, "{place:?}");
        play.undo().await;
        play.world.sandbox.control().clear_faults();
        place.refuse_one(&play.world, 400, inserts(place), (0, None));
        play.runs().await;
        play.rests_as(&rest).await;
    }
}

#[tokio::test]
async fn whether_an_event_taken_back_stands_is_said_not_to_be_known_until_it_is() {
    for place in MAY_STAND {
        let play = doubtful(place, Kind::LoseAnswer).await;
        let (_, rest) = with_and_without(&play).await;
        play.undo().await;
        play.runs().await;
        let cards = health(&play.world).await.cards;
        let card = cards.iter().find(|card| card.code == CardCode::WriteUnknown);
        let card = card.unwrap_or_else(|| panic!("{place:?}: nobody is told: {cards:?}"));
        assert_eq!(card.params["title"], "Doubt");
        let retry = card.remedies.iter().find_map(|remedy| match remedy {
            Remedy::RetryWrite { event } => Some(RetryWrite { event: *event }),
            _ => None,
        });
        play.world.sandbox.control().clear_faults();
        let () = play.world.call(Call::RetryWrite(retry.unwrap())).await.unwrap();
        play.runs().await;
        play.rests_as(&rest).await;
    }
}
