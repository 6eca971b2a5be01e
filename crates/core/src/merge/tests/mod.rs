//! Facts about merging: what a provider's answer changes, and what it never may.

mod rules;

use super::*;
use crate::glimpse::Glimpse;
use crate::time::Span;
use chrono::{TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

fn fields(title: &str) -> Fields {
    let start = Utc.with_ymd_and_hms(2026, 3, 2, 9, 0, 0).unwrap();
    Fields::new(title, Span::Timed { start, end: start + TimeDelta::hours(1), zone: Tz::UTC })
}

fn event(id: &str, etag: &str, fields: Fields) -> Event {
    Event {
        id: RemoteId(id.into()),
        uid: format!("{id}@example.org"),
        etag: Some(etag.into()),
        status: Status::Confirmed,
        kind: Kind::Default,
        answer: Answer::Own,
        organizer: true,
        fields,
        series: None,
        updated: None,
    }
}

fn snapshot(id: &str, etag: &str, fields: Fields) -> Snapshot {
    Snapshot { event: event(id, etag, fields), raw: Value::Null }
}

fn upserted(id: &str, etag: &str, fields: Fields) -> Delta {
    Delta::Upsert(Box::new(snapshot(id, etag, fields)))
}

fn known(key: i64, id: &str, etag: &str, fields: Fields) -> Known {
    take(key, snapshot(id, etag, fields))
}

/// A clean row made from what the provider has.
fn take(key: i64, snapshot: Snapshot) -> Known {
    let Event { id, uid, etag, status, kind, answer, organizer, fields, series, updated } = snapshot.event;
    Known {
        key,
        id: Some(id),
        derived: None,
        series,
        uid,
        etag,
        status,
        kind,
        answer,
        organizer,
        updated,
        fields,
        edit: None,
    }
}

fn waiting(base: &Fields) -> Option<Waiting> {
    Some(Waiting { deleted: false, base: Some(base.clone()), sent: vec![], conflict: None })
}

fn occurrence(master: &str, day: u32) -> SeriesRef {
    let at = Utc.with_ymd_and_hms(2026, 3, day, 9, 0, 0).unwrap();
    SeriesRef { master: RemoteId(master.into()), original: Original::At(at) }
}

fn exception(id: &str, etag: &str, day: u32, title: &str) -> Snapshot {
    let mut snapshot = snapshot(id, etag, fields(title));
    snapshot.event.series = Some(occurrence("m", day));
    snapshot
}

#[test]
fn an_unknown_event_is_stored_and_a_replay_of_it_is_not() {
    let delta = upserted("a", "1", fields("Visit"));
    assert!(matches!(plan(&[], delta.clone()).as_slice(), [Op::Store { key: None, edit: Fate::None, .. }]));
    assert_eq!(plan(&[&known(1, "a", "1", fields("Visit"))], delta), vec![]);
}

#[test]
fn without_a_local_edit_the_provider_wins() {
    let held = known(1, "a", "1", fields("Visit"));
    let ops = plan(&[&held], upserted("a", "2", fields("Moved")));
    assert!(matches!(ops.as_slice(), [Op::Store { key: Some(1), edit: Fate::None, .. }]));
}

#[test]
fn edits_of_different_fields_merge_without_a_clash() {
    let base = fields("Visit");
    let mut held = known(1, "a", "1", Fields { location: "Elm Street".into(), ..base.clone() });
    held.edit = waiting(&base);
    let ops = plan(&[&held], upserted("a", "2", fields("Visit, moved")));
    let [Op::Store { edit: Fate::Waits { fields }, .. }] = ops.as_slice() else { panic!("{ops:?}") };
    assert_eq!((fields.title.as_str(), fields.location.as_str()), ("Visit, moved", "Elm Street"));
}

/// The one conflict that `ops` ask about, and what is shown meanwhile.
fn asked(ops: &[Op]) -> (Conflict, Fields) {
    let [Op::Store { edit: Fate::Asks { fields, conflict }, .. }] = ops else { panic!("{ops:?}") };
    ((**conflict).clone(), (**fields).clone())
}

#[test]
fn a_field_changed_on_both_sides_waits_for_the_person_and_the_others_merge() {
    let base = fields("Visit");
    let mut held = known(1, "a", "1", fields("Ours"));
    held.edit = waiting(&base);
    let theirs = Fields { location: "Elm Street".into(), ..fields("Theirs") };
    let (conflict, shown) = asked(&plan(&[&held], upserted("a", "2", theirs)));
    assert_eq!((shown.title.as_str(), shown.location.as_str()), ("Ours", "Elm Street"));
    assert_eq!((conflict.kind, conflict.fields), (conflict::Kind::BothChanged, vec![Field::Title]));
    let ground = conflict.ground.unwrap();
    assert_eq!((ground.title.as_str(), ground.location.as_str()), ("Visit", "Elm Street"));
}

/// The row that is left after `plan` asked, with what the provider has as its base.
fn open_conflict(mine: &str, theirs: Fields) -> Known {
    let mut held = known(1, "a", "1", fields(mine));
    held.edit = waiting(&fields("Visit"));
    let (conflict, shown) = asked(&plan(&[&held], upserted("a", "2", theirs.clone())));
    let edit = Waiting { deleted: false, base: Some(theirs), sent: vec![], conflict: Some(conflict) };
    Known { etag: Some("2".into()), fields: shown, edit: Some(edit), ..held }
}

#[test]
fn a_second_change_there_moves_an_open_conflict_along() {
    let held = open_conflict("Ours", Fields { location: "Elm Street".into(), ..fields("Theirs") });
    let later = Fields { location: "Oak Street".into(), ..fields("Theirs again") };
    let (conflict, shown) = asked(&plan(&[&held], upserted("a", "3", later)));
    assert_eq!((shown.title.as_str(), shown.location.as_str()), ("Ours", "Oak Street"));
    assert_eq!(conflict.fields, vec![Field::Title]);
    assert_eq!(conflict.ground.unwrap().title, "Visit");
}

#[test]
fn a_change_that_they_take_back_ends_the_conflict() {
    let held = open_conflict("Ours", fields("Theirs"));
    let ops = plan(&[&held], upserted("a", "3", fields("Visit")));
    let [Op::Store { edit: Fate::Waits { fields }, .. }] = ops.as_slice() else { panic!("{ops:?}") };
    assert_eq!(fields.title, "Ours");
}

#[test]
fn both_changing_a_field_to_the_same_is_no_conflict() {
    let mut held = known(1, "a", "1", fields("New"));
    held.edit = waiting(&fields("Old"));
    let ops = plan(&[&held], upserted("a", "2", fields("New ")));
    let [Op::Store { edit: Fate::Reached, .. }] = ops.as_slice() else { panic!("{ops:?}") };
}

#[test]
fn what_a_provider_rewrites_in_a_text_is_no_conflict() {
    let before = Fields { description: "one\ntwo & three".into(), ..fields("Visit") };
    let rewritten = "<p>one<br>two &amp; three</p>\r\n";
    let mut held = known(1, "a", "1", Fields { description: "mine".into(), ..before.clone() });
    held.edit = waiting(&before);
    let ops = plan(&[&held], upserted("a", "2", Fields { description: rewritten.into(), ..before.clone() }));
    let [Op::Store { edit: Fate::Waits { fields }, .. }] = ops.as_slice() else { panic!("{ops:?}") };
    assert_eq!(fields.description, "mine");
    // Nor is the rewriting of what we sent.
    let sent = Fields { description: "a & b".into(), ..before.clone() };
    held.fields = sent.clone();
    held.edit =
        Some(Waiting { deleted: false, base: Some(before.clone()), sent: vec![sent], conflict: None });
    let back = Fields { description: "<html>a &amp; b</html>".into(), ..before };
    let ops = plan(&[&held], upserted("a", "2", back));
    assert!(matches!(ops.as_slice(), [Op::Store { edit: Fate::Reached, .. }]), "{ops:?}");
}

#[test]
fn a_change_of_mere_writing_is_still_sent() {
    let before = Fields { description: "<b>Ramp</b>".into(), ..fields("Visit") };
    let mut held = known(1, "a", "1", Fields { description: "Ramp".into(), ..before.clone() });
    held.edit = waiting(&before);
    let ops = plan(&[&held], upserted("a", "2", Fields { location: "Elm Street".into(), ..before }));
    let [Op::Store { edit: Fate::Waits { fields }, .. }] = ops.as_slice() else { panic!("{ops:?}") };
    assert_eq!((fields.description.as_str(), fields.location.as_str()), ("Ramp", "Elm Street"));
}

#[test]
fn the_echo_of_our_own_write_is_no_clash() {
    let base = fields("Visit");
    let mut held = known(1, "a", "1", fields("Second"));
    held.edit =
        Some(Waiting { deleted: false, base: Some(base), sent: vec![fields("First")], conflict: None });
    let ops = plan(&[&held], upserted("a", "2", fields("First")));
    let [Op::Store { edit: Fate::Waits { fields }, .. }] = ops.as_slice() else { panic!("{ops:?}") };
    assert_eq!(fields.title, "Second");
}

#[test]
fn an_edit_taken_back_stays_taken_back_when_its_lost_write_shows_up() {
    let mut held = known(1, "a", "1", fields("Before"));
    held.edit = Some(Waiting {
        deleted: false,
        base: Some(fields("Before")),
        sent: vec![fields("Edited")],
        conflict: None,
    });
    let ops = plan(&[&held], upserted("a", "2", fields("Edited")));
    let [Op::Store { edit: Fate::Waits { fields }, .. }] = ops.as_slice() else { panic!("{ops:?}") };
    assert_eq!(fields.title, "Before");
}

#[test]
fn of_two_lost_writes_the_older_one_showing_up_does_not_undo_the_newer() {
    let mut held = known(1, "x", "", fields("Second"));
    (held.id, held.etag, held.derived) = (None, None, Some("0badcafe".into()));
    held.edit = Some(Waiting {
        deleted: false,
        base: None,
        sent: vec![fields("First"), fields("Second")],
        conflict: None,
    });
    let ops = plan(&[&held], upserted("0badcafe", "1", fields("First")));
    let [Op::Store { edit: Fate::Waits { fields, .. }, .. }] = ops.as_slice() else { panic!("{ops:?}") };
    assert_eq!(fields.title, "Second");
}

#[test]
fn an_edit_that_the_provider_already_has_is_done() {
    let mut held = known(1, "a", "1", fields("New"));
    held.edit = waiting(&fields("Old"));
    let ops = plan(&[&held], upserted("a", "2", fields("New")));
    assert!(matches!(ops.as_slice(), [Op::Store { edit: Fate::Reached, .. }]));
}

#[test]
fn a_lost_insert_answer_found_by_the_pull_makes_no_second_event() {
    let mut held = known(1, "x", "", fields("Visit"));
    (held.id, held.etag, held.derived) = (None, None, Some("0badcafe".into()));
    held.edit = Some(Waiting { deleted: false, base: None, sent: vec![fields("Visit")], conflict: None });
    let ops = plan(&[&held], upserted("0badcafe", "1", fields("Visit")));
    assert!(matches!(ops.as_slice(), [Op::Store { key: Some(1), edit: Fate::Reached, .. }]));
}

#[test]
fn a_delete_here_asks_when_somebody_changed_the_event_and_only_then() {
    let mut held = known(1, "a", "1", fields("Visit"));
    held.edit = Some(Waiting {
        deleted: true,
        base: Some(fields("Visit")),
        sent: vec![fields("Half sent")],
        conflict: None,
    });
    for untouched in ["Visit", "Half sent", "Visit "] {
        let ops = plan(&[&held], upserted("a", "2", fields(untouched)));
        assert!(matches!(ops.as_slice(), [Op::Store { edit: Fate::Waits { .. }, .. }]), "{ops:?}");
    }
    let (conflict, _) = asked(&plan(&[&held], upserted("a", "2", fields("Changed"))));
    assert_eq!((conflict.kind, conflict.fields), (conflict::Kind::DeletedHere, vec![Field::Title]));
}

#[test]
fn removing_the_unknown_is_no_op_and_an_edited_event_stays_and_asks_once() {
    assert_eq!(plan(&[], Delta::Removed(RemoteId("z".into()))), vec![]);
    let mut held = known(1, "a", "1", fields("Ours"));
    held.edit = waiting(&fields("Visit"));
    let gone = || Delta::Removed(RemoteId("a".into()));
    assert_eq!(plan(&[&held], gone()), vec![Op::Orphan { key: 1, alone: false }]);
    let asked =
        Conflict { kind: conflict::Kind::DeletedThere, fields: vec![], ground: Some(fields("Visit")) };
    held.edit.as_mut().unwrap().conflict = Some(asked);
    assert_eq!(plan(&[&held], gone()), vec![]);
    // It is back, as it was: the edit goes on.
    let ops = plan(&[&held], upserted("a", "1", fields("Visit")));
    assert!(matches!(ops.as_slice(), [Op::Store { edit: Fate::Waits { .. }, .. }]), "{ops:?}");
}

#[test]
fn deleted_on_both_sides_is_deleted() {
    let mut held = known(1, "a", "1", fields("Visit"));
    held.edit = Some(Waiting { deleted: true, base: Some(fields("Visit")), sent: vec![], conflict: None });
    let ops = plan(&[&held], Delta::Removed(RemoteId("a".into())));
    assert_eq!(ops, vec![Op::Remove { key: 1, edit: Fate::Reached }]);
}

#[test]
fn an_edited_occurrence_outlives_its_series_and_a_series_deleted_here_does_not_ask_for_it() {
    let master = known(1, "m", "1", fields("Series"));
    let mut edited = take(2, exception("m_2", "1", 10, "Edited"));
    edited.edit = waiting(&fields("Series"));
    let gone = || Delta::Removed(RemoteId("m".into()));
    let ops = plan(&[&master, &edited], gone());
    assert_eq!(ops, vec![Op::Orphan { key: 2, alone: true }, Op::Remove { key: 1, edit: Fate::None }]);
    let mut deleted = master.clone();
    deleted.edit =
        Some(Waiting { deleted: true, base: Some(fields("Series")), sent: vec![], conflict: None });
    let ops = plan(&[&deleted, &edited], gone());
    let overtaken = Op::Remove { key: 2, edit: Fate::Overtaken };
    assert_eq!(ops, vec![overtaken, Op::Remove { key: 1, edit: Fate::Reached }]);
    // An edit of the series itself keeps it whole.
    let mut renamed = known(1, "m", "1", fields("Ours"));
    renamed.edit = waiting(&fields("Series"));
    assert_eq!(plan(&[&renamed, &edited], gone()), vec![Op::Orphan { key: 1, alone: false }]);
}

#[test]
fn an_edited_occurrence_that_was_cancelled_there_asks() {
    let mut edited = take(2, exception("m_2", "1", 10, "Edited"));
    edited.edit = waiting(&fields("Series"));
    let mut cancelled = exception("m_2", "2", 10, "");
    cancelled.event.status = Status::Cancelled;
    let ops = plan(&[&edited], Delta::Upsert(Box::new(cancelled)));
    assert_eq!(ops, vec![Op::Orphan { key: 2, alone: false }]);
}

#[test]
fn an_answer_without_marks_does_not_clear_them() {
    let marked = Fields { marks: [("booking".to_owned(), "b1".to_owned())].into(), ..fields("Visit") };
    let ops = plan(&[&known(1, "a", "1", marked.clone())], upserted("a", "2", fields("Visit")));
    let [Op::Store { snapshot, .. }] = ops.as_slice() else { panic!("{ops:?}") };
    assert_eq!(snapshot.event.fields.marks, marked.marks);
}

#[test]
fn a_cancelled_exception_is_kept_and_a_cancelled_master_takes_its_exceptions_along() {
    let master = known(1, "m", "1", fields("Series"));
    let mut gone = exception("m_1", "2", 9, "");
    gone.event.status = Status::Cancelled;
    let ops = plan(&[&master], Delta::Upsert(Box::new(gone)));
    assert!(matches!(ops.as_slice(), [Op::Store { key: None, .. }]));

    let moved = take(2, exception("m_2", "1", 10, "Moved"));
    let mut cancelled = snapshot("m", "2", fields("Series"));
    cancelled.event.status = Status::Cancelled;
    let ops = plan(&[&master, &moved], Delta::Upsert(Box::new(cancelled)));
    let removed = [2, 1].map(|key| Op::Remove { key, edit: Fate::None });
    assert_eq!(ops, removed);
}

#[test]
fn a_series_replaces_its_exceptions_but_for_those_with_an_edit() {
    let master = known(1, "m", "1", fields("Series"));
    let stale = take(2, exception("m_2", "1", 10, "Stale"));
    let mut edited = take(3, exception("m_3", "1", 11, "Edited"));
    edited.edit = waiting(&fields("Series"));
    let listed = take(4, exception("m_4", "1", 12, "Listed"));
    let delta = Delta::Series {
        master: Box::new(snapshot("m", "2", fields("Series"))),
        exceptions: vec![exception("m_4", "1", 12, "Listed")],
        cancelled: vec![occurrence("m", 13).original],
    };
    let ops = plan(&[&master, &stale, &edited, &listed], delta);
    assert!(
        matches!(
            ops.as_slice(),
            [
                Op::Store { key: Some(1), .. },
                Op::Cancel { key: None, .. },
                Op::Remove { key: 2, edit: Fate::None }
            ]
        ),
        "{ops:?}"
    );
}

#[test]
fn a_local_exception_is_the_one_that_the_provider_made_of_it() {
    let mut local = take(2, exception("?", "", 10, "Moved by us"));
    (local.id, local.etag) = (None, None);
    local.edit = Some(Waiting {
        deleted: false,
        base: Some(fields("Series")),
        sent: vec![fields("Moved by us")],
        conflict: None,
    });
    let ops = plan(&[&local], Delta::Upsert(Box::new(exception("m_2", "1", 10, "Moved by us"))));
    assert!(matches!(ops.as_slice(), [Op::Store { key: Some(2), edit: Fate::Reached, .. }]));
}

#[test]
fn what_cannot_be_read_touches_nothing_known() {
    let held = known(1, "a", "1", fields("Visit"));
    let ops = plan(&[&held], unreadable("a"));
    assert!(matches!(ops.as_slice(), [Op::SetAside { .. }]));
}

fn unreadable(id: &str) -> Delta {
    Delta::Malformed { id: Some(RemoteId(id.into())), why: "no start".into(), glimpse: Glimpse::default() }
}
