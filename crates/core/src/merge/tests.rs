//! Facts about merging: what a provider's answer changes, and what it never may.

use super::*;
use crate::event::ShowAs;
use crate::time::Span;
use chrono::{TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

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
    let ops = plan(&[&held], Delta::Malformed { id: Some(RemoteId("a".into())), why: "no start".into() });
    assert!(matches!(ops.as_slice(), [Op::SetAside { .. }]));
}

/// A small mirror that carries plans out, for the rules that hold over many of them.
#[derive(Clone, Debug, Default)]
struct Model {
    rows: Vec<Known>,
    next_key: i64,
    overtaken: Vec<i64>,
    reached: Vec<i64>,
}

impl Model {
    fn receive(&mut self, delta: Delta) -> usize {
        let ops = plan(&self.rows.iter().collect::<Vec<_>>(), delta);
        let count = ops.len();
        ops.into_iter().for_each(|op| self.carry_out(op));
        count
    }

    fn carry_out(&mut self, op: Op) {
        match op {
            Op::Store { key, snapshot, edit } => self.store(key, *snapshot, edit),
            Op::Cancel { key, series, edit } => {
                let mut bare = snapshot("cancelled", "", fields(""));
                (bare.event.status, bare.event.series) = (Status::Cancelled, Some(series));
                self.store(key, bare, edit);
            }
            Op::Remove { key, edit } => {
                self.rows.retain(|row| row.key != key);
                self.overtaken.extend((edit == Fate::Overtaken).then_some(key));
            }
            Op::Orphan { key, alone } => {
                let row = self.rows.iter_mut().find(|row| row.key == key).unwrap();
                let edit = row.edit.as_mut().unwrap();
                let ground = edit.ground().cloned();
                let kind = conflict::Kind::DeletedThere;
                edit.conflict = Some(Conflict { kind, fields: vec![], ground });
                if alone {
                    (row.series, row.id, row.etag) = (None, None, None);
                }
            }
            Op::SetAside { .. } => {}
        }
    }

    fn store(&mut self, key: Option<i64>, snapshot: Snapshot, edit: Fate) {
        let key = key.unwrap_or_else(|| {
            self.next_key += 1;
            self.next_key
        });
        let before = self.rows.iter().position(|row| row.key == key).map(|at| self.rows.remove(at));
        let mut row = take(key, snapshot);
        match edit {
            Fate::None => {}
            Fate::Reached => self.reached.push(key),
            Fate::Overtaken => self.overtaken.push(key),
            Fate::Waits { fields } => {
                let edit = before.and_then(|row| row.edit).unwrap();
                row.edit = Some(Waiting { base: Some(row.fields.clone()), conflict: None, ..edit });
                row.fields = *fields;
            }
            Fate::Asks { fields, conflict } => {
                let edit = before.and_then(|row| row.edit).unwrap();
                let base = Some(row.fields.clone());
                row.edit = Some(Waiting { base, conflict: Some(*conflict), ..edit });
                row.fields = *fields;
            }
        }
        self.rows.push(row);
    }

    fn edit(&mut self, at: usize, change: Change) {
        let count = self.rows.len().max(1);
        if let Some(row) = self.rows.get_mut(at % count).filter(|row| row.status != Status::Cancelled) {
            let before = row.edit.take();
            let conflict = before.as_ref().and_then(|edit| edit.conflict.clone());
            let base = before.and_then(|edit| edit.base).unwrap_or_else(|| row.fields.clone());
            change.make(&mut row.fields);
            let dirty = base != row.fields || conflict.is_some();
            row.edit = dirty.then_some(Waiting { deleted: false, base: Some(base), sent: vec![], conflict });
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Title(u8),
    Location(u8),
    Free(bool),
}

impl Change {
    fn make(self, fields: &mut Fields) {
        match self {
            Change::Title(n) => fields.title = format!("title {n}"),
            Change::Location(n) => fields.location = format!("place {n}"),
            Change::Free(free) => fields.show_as = if free { ShowAs::Free } else { ShowAs::Busy },
        }
    }
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0..4_u8).prop_map(Change::Title),
        (0..4_u8).prop_map(Change::Location),
        any::<bool>().prop_map(Change::Free),
    ]
}

fn any_delta() -> impl Strategy<Value = Delta> {
    let single = (0..3_u8, 0..50_u32, proptest::collection::vec(any_change(), 0..3)).prop_map(
        |(id, etag, changes)| {
            let mut changed = fields("Visit");
            changes.into_iter().for_each(|change| change.make(&mut changed));
            upserted(&format!("e{id}"), &etag.to_string(), changed)
        },
    );
    let series = (
        0..50_u32,
        proptest::collection::btree_set(2..9_u32, 0..4),
        proptest::collection::btree_set(9..14_u32, 0..3),
    )
        .prop_map(|(etag, moved, cancelled)| Delta::Series {
            master: Box::new(snapshot("m", &etag.to_string(), fields("Series"))),
            exceptions: moved
                .into_iter()
                .map(|day| exception(&format!("m_{day}"), &etag.to_string(), day, "Moved"))
                .collect(),
            cancelled: cancelled.into_iter().map(|day| occurrence("m", day).original).collect(),
        });
    let lone = (2..9_u32, 0..50_u32, any::<bool>()).prop_map(|(day, etag, cancelled)| {
        let mut lone = exception(&format!("m_{day}"), &etag.to_string(), day, "Lone");
        if cancelled {
            lone.event.status = Status::Cancelled;
        }
        Delta::Upsert(Box::new(lone))
    });
    let removed =
        prop_oneof![Just("e0"), Just("e1"), Just("m")].prop_map(|id| Delta::Removed(RemoteId(id.into())));
    prop_oneof![4 => single, 2 => series, 2 => lone, 1 => removed]
}

#[derive(Clone, Debug)]
enum Step {
    Receive(Delta),
    Edit(usize, Change),
}

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => any_delta().prop_map(Step::Receive),
        1 => (0..8_usize, any_change()).prop_map(|(at, change)| Step::Edit(at, change)),
    ];
    proptest::collection::vec(step, 0..24)
}

fn played(steps: Vec<Step>) -> Model {
    let mut model = Model::default();
    for step in steps {
        match step {
            Step::Receive(delta) => {
                model.receive(delta);
            }
            Step::Edit(at, change) => model.edit(at, change),
        }
    }
    model
}

proptest! {
    #[test]
    fn the_same_answer_twice_changes_nothing_the_second_time(steps in any_steps(), delta in any_delta()) {
        let mut model = played(steps);
        model.receive(delta.clone());
        prop_assert_eq!(model.receive(delta), 0);
    }

    #[test]
    fn mirrors_with_different_pasts_agree_after_the_same_full_answer(one in any_steps(), other in any_steps()) {
        let settled = |mut model: Model| {
            model.rows.retain_mut(|row| {
                row.edit = None;
                row.id.as_ref().is_some_and(|id| id.0 != "cancelled") && row.status != Status::Cancelled
            });
            for id in ["e0", "e1", "e2"] {
                model.receive(upserted(id, "last", fields("Last")));
            }
            model.receive(Delta::Series {
                master: Box::new(snapshot("m", "last", fields("Series"))),
                exceptions: vec![exception("m_3", "last", 3, "Moved")],
                cancelled: vec![],
            });
            let mut rows: Vec<_> = model.rows.into_iter().map(|row| (row.id, row.etag, row.fields)).collect();
            rows.sort_by(|a, b| a.0.cmp(&b.0));
            rows
        };
        prop_assert_eq!(settled(played(one)), settled(played(other)));
    }

    #[test]
    fn an_edit_stands_until_it_is_sent_or_the_person_is_asked(
        steps in any_steps(),
        at in 0..8_usize,
        change in any_change(),
        later in proptest::collection::vec(any_delta(), 0..12),
    ) {
        let mut model = played(steps);
        model.edit(at, change);
        let edited: Vec<i64> = model.rows.iter().filter(|row| row.edit.is_some()).map(|row| row.key).collect();
        let before: Vec<Known> = model.rows.clone();
        for delta in later {
            model.receive(delta);
        }
        for key in edited {
            let was = before.iter().find(|row| row.key == key).unwrap();
            let ours = was.fields.diff(was.edit.as_ref().unwrap().base.as_ref().unwrap());
            match model.rows.iter().find(|row| row.key == key) {
                // Done or reported: later answers may change or remove the event.
                _ if model.reached.contains(&key) || model.overtaken.contains(&key) => {}
                None => prop_assert!(false, "the edit of {} vanished", key),
                Some(row) => {
                    let edit = row.edit.as_ref().unwrap();
                    let disputed = edit.conflict.iter().flat_map(|conflict| &conflict.fields);
                    let disputed: Vec<&Field> = disputed.collect();
                    let base = edit.base.as_ref().unwrap();
                    for field in ours {
                        let kept = row.fields.agrees(&was.fields, field);
                        prop_assert!(kept || row.fields.agrees(base, field));
                        // Nothing of theirs is written over without being asked about.
                        let ground = was.edit.as_ref().unwrap().ground().unwrap();
                        let theirs_moved = !base.agrees(ground, field);
                        let differs = !row.fields.agrees(base, field);
                        let orphan = row.is_orphan();
                        prop_assert!(!(theirs_moved && differs) || orphan || disputed.contains(&&field));
                    }
                }
            }
        }
    }

    #[test]
    fn merging_keeps_every_change_that_only_one_side_made(
        ours in proptest::collection::vec(any_change(), 0..3),
        theirs in proptest::collection::vec(any_change(), 0..3),
    ) {
        let base = fields("Visit");
        let (mut local, mut remote) = (base.clone(), base.clone());
        ours.iter().for_each(|change| change.make(&mut local));
        theirs.iter().for_each(|change| change.make(&mut remote));
        let merged = three_way(Some(&base), &[], &local, &remote);
        for field in Field::ALL {
            let wanted = if base.agrees(&local, field) { &remote } else { &local };
            prop_assert!(merged.fields.agrees(wanted, field));
        }
    }
}
