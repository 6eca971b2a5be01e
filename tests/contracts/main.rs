//! What every calendar provider must do for Daymark, run against the sandbox's Google, Microsoft and CalDAV
//! alike and, with the feature `caldav`, against real CalDAV servers.
//!
//! A fact is a function of a [`world::World`]; [`contract!`] makes a test of it for each provider.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in a test a broken expectation is the finding"
)]

mod caldav;
mod caldav_quirks;
mod common;
mod google;
mod hands;
mod microsoft;
mod only_google;
mod only_microsoft;
mod pull;
mod push;
#[cfg(feature = "caldav")]
mod real;
mod relay;
mod seen;
mod series;
mod sign_in;
mod trouble;
mod trust;
mod world;

/// Each fact is checked at each provider: `world` makes its world.
macro_rules! facts_at {
    ($at:ident, $world:path; $($module:ident: $($fact:ident)+;)+) => {
        mod $at {
            $($(#[tokio::test] async fn $fact() { crate::$module::$fact($world().await).await; })+)+
        }
    };
}

macro_rules! contract {
    ($($facts:tt)+) => {
        facts_at! { at_google, crate::world::World::google; $($facts)+ }
        facts_at! { at_microsoft, crate::world::World::microsoft; $($facts)+ }
        facts_at! { at_caldav, crate::caldav::fake; $($facts)+ }
        #[cfg(feature = "caldav")]
        facts_at! { at_radicale, crate::real::radicale; $($facts)+ }
        #[cfg(feature = "caldav")]
        facts_at! { at_xandikos, crate::real::xandikos; $($facts)+ }
    };
}

/// Facts about rights, which Xandikos has none of.
macro_rules! contract_of_rights {
    ($($facts:tt)+) => {
        mod with_rights {
            facts_at! { at_google, crate::world::World::google; $($facts)+ }
            facts_at! { at_microsoft, crate::world::World::microsoft; $($facts)+ }
            facts_at! { at_caldav, crate::caldav::fake; $($facts)+ }
            #[cfg(feature = "caldav")]
            facts_at! { at_radicale, crate::real::radicale; $($facts)+ }
        }
    };
}

/// Facts about a sign-in in the browser.
macro_rules! contract_of_oauth {
    ($($facts:tt)+) => {
        mod signed_in {
            facts_at! { at_google, crate::world::World::google; $($facts)+ }
            facts_at! { at_microsoft, crate::world::World::microsoft; $($facts)+ }
        }
    };
}

contract! {
    pull:
        a_first_pull_brings_every_event
        the_next_pull_brings_only_what_changed
        two_quiet_pulls_bring_nothing
        many_events_come_in_pages_and_none_is_lost
        a_deleted_event_is_removed
        what_came_and_went_between_two_pulls_does_no_harm
        an_expired_cursor_says_so_and_a_new_round_brings_everything
        one_unreadable_event_is_set_aside_and_the_rest_arrives
        a_cut_pull_goes_on_where_it_stood;
    push:
        an_inserted_event_is_there_with_its_marks_and_nobody_is_mailed
        a_lost_answer_makes_no_second_event
        the_same_draft_twice_is_one_event
        what_a_draft_made_is_found_whatever_the_answer_was
        what_was_deleted_is_made_anew_with_what_was_said_of_it
        a_patch_touches_only_what_it_names
        a_stale_etag_is_refused_and_nothing_is_overwritten
        deleting_twice_is_deleting_once
        a_deleted_event_is_not_found_again
        an_event_of_a_calendar_out_of_sight_does_not_look_deleted
        whole_days_keep_their_dates
        both_hours_that_clocks_show_twice_are_told_apart
        marks_are_known_again_from_nothing;
    series:
        a_series_arrives_with_its_moved_and_its_cancelled_occurrence
        a_written_series_keeps_its_hour_over_the_change_of_clocks
        one_occurrence_is_moved_and_found_again
        one_occurrence_is_cancelled_and_twice_does_no_harm
        an_all_day_series_is_left_out_on_one_date
        a_deleted_series_goes_with_all_its_occurrences
        a_cancellation_made_elsewhere_arrives
        an_occurrence_that_nobody_touched_is_guarded_by_its_etag
        what_differs_from_a_rule_can_be_written_again_under_a_new_one;
    trouble:
        a_throttled_call_waits_as_long_as_asked
        a_long_throttling_is_left_to_the_caller
        a_passing_fault_is_tried_again
        a_service_that_is_down_is_unreachable_and_nothing_is_lost
        a_broken_answer_is_named_and_the_next_try_heals_it;
}

contract_of_rights! {
    pull:
        calendars_are_listed_with_what_may_be_done_to_them;
    push:
        a_read_only_calendar_refuses_writes;
}

contract_of_oauth! {
    sign_in:
        an_expired_access_token_is_renewed_on_the_way
        a_revoked_grant_asks_for_a_sign_in
        signing_in_brings_tokens_that_work
        an_answer_to_another_sign_in_is_turned_away_and_the_true_one_signs_in
        a_sign_in_that_only_another_one_answered_says_so_at_its_end
        a_code_that_came_too_late_is_refused_and_the_browser_says_so
        garbage_in_the_place_of_an_error_is_neither_shown_nor_repeated
        an_organisations_veto_names_the_client_to_allow
        a_client_that_was_deleted_is_no_matter_of_signing_in
        a_denied_consent_says_so
        a_narrower_consent_names_the_missing_scope
        a_sign_in_without_a_refresh_token_is_refused
        a_revoked_refresh_token_asks_for_a_sign_in_and_is_kept
        refreshing_keeps_the_newest_refresh_token;
}
