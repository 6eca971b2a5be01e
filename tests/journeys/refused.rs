//! Writes that a provider refuses for good: each is named by one card, nothing of it is half done, and its undo
//! brings both sides together.

use daymark_engine::api::schedule::Scope;

use crate::machine::places::{PLACES, Place};
use crate::round::{EDITS, Edit, Play};

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
