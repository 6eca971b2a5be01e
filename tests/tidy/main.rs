//! The walls of the house: each invariant of `docs/architecture.md` that a machine can check.

#[cfg(test)]
mod cycles;
#[cfg(test)]
mod edges;
#[cfg(test)]
mod files;
#[cfg(test)]
mod globals;
#[cfg(test)]
mod homes;
#[cfg(test)]
mod scripts;
#[cfg(test)]
mod supplies;
#[cfg(test)]
mod transactions;
#[cfg(test)]
mod words;

/// Fails with every fault found, one a line.
fn report(what: &str, faults: Vec<String>) {
    assert!(faults.is_empty(), "{what}:\n  {}", faults.join("\n  "));
}

#[test]
fn nobody_knows_a_crate_that_the_design_does_not_name() {
    report("dependency edges that docs/architecture.md does not allow", edges::faults());
}

#[test]
fn every_crate_takes_the_workspaces_lints_and_licence() {
    report("crates outside the workspace's rules", edges::lax_manifests());
}

#[test]
fn weighty_crates_are_named_only_in_their_homes() {
    report("crates named outside their homes", homes::strangers());
}

#[test]
fn the_core_does_no_input_or_output_and_reads_no_clock() {
    report("the core reaches outside", homes::impure_core());
}

#[test]
fn only_the_push_loop_writes_to_calendars() {
    report("calendar writes outside the push loop", homes::stray_writes());
}

#[test]
fn one_answer_of_a_provider_is_one_transaction() {
    report("answers that are not taken in as a whole", transactions::faults());
}

#[test]
fn there_are_no_globals() {
    report("values that nobody is handed", globals::faults());
}

#[test]
fn the_relays_contract_names_no_event_and_no_attendee() {
    report("words that the relay must not know", homes::contract_words());
}

#[test]
fn modules_of_a_crate_import_each_other_without_cycles() {
    report("import cycles", cycles::faults());
}

#[test]
fn every_module_opens_with_a_sentence() {
    report("modules without an opening sentence", files::without_sentence());
}

#[test]
fn files_and_components_stay_small() {
    report("files beyond their wall", files::too_long());
}

#[test]
fn colours_live_in_the_stylesheet_of_their_surface() {
    report("colours outside the stylesheets", files::stray_colours());
}

#[test]
fn the_ui_converts_no_zone() {
    report("zone arithmetic in the UI", words::ui_zone_arithmetic());
}

#[test]
fn tests_neither_sleep_nor_skip() {
    report("tests that sleep, retry or are skipped", words::lazy_tests());
}

#[test]
fn documents_name_only_what_exists() {
    report("paths that docs name and that are gone", words::missing_paths());
}

#[test]
fn every_lesson_names_a_test_that_is_there() {
    report("lessons whose test is gone", words::lessons_without_test());
}

#[test]
fn nothing_names_a_machine_or_a_registrys_host() {
    report("traces of a machine", words::machine_traces());
}

#[test]
fn banned_methods_carry_a_reason() {
    report("bans without a reason", words::bans_without_reason());
}

#[test]
fn the_clock_randomness_and_bare_clients_stay_banned() {
    report("bans that clippy.toml no longer holds", words::bans_gone());
}

#[cfg(unix)]
#[test]
fn scripts_refuse_what_they_do_not_know() {
    report("scripts that run whatever they are told", scripts::heedless());
}

#[test]
fn no_banned_crate_comes_into_the_build() {
    report("crates that deny.toml bans", supplies::banned());
}

#[test]
fn every_crate_comes_from_the_registry() {
    report("crates from elsewhere", supplies::strange_sources());
}

#[test]
fn every_crates_licence_is_on_the_list() {
    report("licences that deny.toml does not allow", supplies::strange_licences());
}
