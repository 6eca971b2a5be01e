//! The rules that hold over many answers and edits, on a small mirror that carries plans out.

use super::*;

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
