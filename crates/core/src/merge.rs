//! What one answer of a provider means for what is known: a plan, made without doing anything.
//!
//! The decision is a total match over three things: the event as the mirror shows it, as the
//! provider had it when the mirror last looked, and as it stands there now. A plan is a plain
//! value: it can be printed, tested, or carried out by the mirror.

mod same;

use std::collections::BTreeSet;

use serde_json::Value;

pub use same::same;

use crate::conflict::{self, Conflict};
use crate::event::{Answer, Event, Field, Fields, Kind, Original, RemoteId, SeriesRef, Status, marks};
use crate::glimpse::Glimpse;
use crate::time::Instant;

/// An event with everything the provider said about it, kept verbatim.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    pub event: Event,
    pub raw: Value,
}

/// One entry of a provider's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Delta {
    /// A single event, a master, or an exception (also a cancelled one: it removes its occurrence).
    Upsert(Box<Snapshot>),
    /// A series as a whole: whatever else was known of it is replaced.
    Series { master: Box<Snapshot>, exceptions: Vec<Snapshot>, cancelled: Vec<Original> },
    /// Gone. Removing what is not known is not an error.
    Removed(RemoteId),
    /// One entry that could not be understood; the rest of the page stands.
    Malformed { id: Option<RemoteId>, why: String, glimpse: Glimpse },
}

/// An event as the mirror holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The mirror's own number of it.
    pub key: i64,
    /// `None` until the provider has answered for it.
    pub id: Option<RemoteId>,
    /// The id that its insert asks for.
    pub derived: Option<String>,
    pub series: Option<SeriesRef>,
    pub uid: String,
    pub etag: Option<String>,
    pub status: Status,
    pub kind: Kind,
    pub answer: Answer,
    pub organizer: bool,
    pub updated: Option<Instant>,
    /// As it is shown: with the edits that wait.
    pub fields: Fields,
    /// `None`: it is shown as the provider has it.
    pub edit: Option<Waiting>,
}

/// A local edit on its way to the provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    pub deleted: bool,
    /// As the provider had it when the edit began; for an exception that exists only here, its
    /// occurrence before the edit. `None` for an event that the provider has never had.
    pub base: Option<Fields>,
    /// What was sent without a known outcome: any of these may be what the provider has.
    pub sent: Vec<Fields>,
    /// It is held until the person decides.
    pub conflict: Option<Conflict>,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Take over what the provider has. Without a key it is new.
    Store {
        key: Option<i64>,
        snapshot: Box<Snapshot>,
        edit: Fate,
    },
    /// The occurrence is cancelled, and the provider says no more about it than that.
    Cancel {
        key: Option<i64>,
        series: SeriesRef,
        edit: Fate,
    },
    Remove {
        key: i64,
        edit: Fate,
    },
    /// The provider no longer has it, and an edit waits: it stays here, and the person is asked.
    Orphan {
        key: i64,
        /// The series that it was an occurrence of is gone too: it stands by itself from now on.
        alone: bool,
    },
    /// Note what could not be understood. Nothing known is touched.
    SetAside {
        id: Option<RemoteId>,
        why: String,
        glimpse: Glimpse,
    },
}

/// What becomes of the edit that waits on an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// There is none.
    None,
    /// It still has to be sent; this is what is shown now.
    Waits { fields: Box<Fields> },
    /// It is held, and the person is asked; this is what is shown meanwhile.
    Asks { fields: Box<Fields>, conflict: Box<Conflict> },
    /// The provider already has what it wanted.
    Reached,
    /// It was an edit of something that a later edit took away as a whole.
    Overtaken,
}

/// Decides what `delta` changes. `known` holds whatever the mirror has under the delta's ids, and
/// the exceptions of their series; more does no harm.
pub fn plan(known: &[&Known], delta: Delta) -> Vec<Op> {
    match delta {
        Delta::Upsert(snapshot) => upsert(known, snapshot),
        Delta::Series { master, exceptions, cancelled } => series(known, master, exceptions, cancelled),
        Delta::Removed(id) => match by_remote_id(known, &id) {
            Some(gone) => remove(known, gone),
            None => Vec::new(),
        },
        Delta::Malformed { id, why, glimpse } => vec![Op::SetAside { id, why, glimpse }],
    }
}

/// The known event that an event of the provider is: by its id, else by its place in a series,
/// else because it was inserted under the id we derived (the answer to that insert was lost).
pub fn find<'a>(known: &[&'a Known], event: &Event) -> Option<&'a Known> {
    by_id(known, &event.id)
        .or_else(|| event.series.as_ref().and_then(|place| by_place(known, place)))
        .or_else(|| by_derived(known, &event.id))
}

fn by_id<'a>(known: &[&'a Known], id: &RemoteId) -> Option<&'a Known> {
    known.iter().find(|it| it.id.as_ref() == Some(id)).copied()
}

fn by_place<'a>(known: &[&'a Known], place: &SeriesRef) -> Option<&'a Known> {
    known.iter().find(|it| it.series.as_ref() == Some(place)).copied()
}

fn by_derived<'a>(known: &[&'a Known], id: &RemoteId) -> Option<&'a Known> {
    known.iter().find(|it| it.id.is_none() && it.derived.as_deref() == Some(id.0.as_str())).copied()
}

/// An insert that was never sent cannot have been removed at the provider.
fn by_remote_id<'a>(known: &[&'a Known], id: &RemoteId) -> Option<&'a Known> {
    let was_sent = |it: &&Known| it.edit.as_ref().is_some_and(|edit| !edit.sent.is_empty());
    by_id(known, id).or_else(|| by_derived(known, id).filter(was_sent))
}

fn upsert(known: &[&Known], snapshot: Box<Snapshot>) -> Vec<Op> {
    let found = find(known, &snapshot.event);
    match (snapshot.event.status, &snapshot.event.series) {
        (Status::Cancelled, None) => found.map(|gone| remove(known, gone)).unwrap_or_default(),
        (Status::Cancelled, Some(_)) => store_cancelled(found, snapshot).into_iter().collect(),
        (Status::Confirmed | Status::Tentative, _) => store(found, snapshot).into_iter().collect(),
    }
}

fn store(found: Option<&Known>, mut snapshot: Box<Snapshot>) -> Option<Op> {
    let Some(known) = found else {
        return Some(Op::Store { key: None, snapshot, edit: Fate::None });
    };
    keep_marks(known, &mut snapshot.event);
    if known.is_seen_as(&snapshot.event) && !known.is_orphan() {
        return None;
    }
    let edit = match &known.edit {
        None => Fate::None,
        Some(edit) => rebase(edit, &known.fields, &snapshot.event.fields),
    };
    Some(Op::Store { key: Some(known.key), snapshot, edit })
}

/// Only Daymark writes marks, and a list answer of Graph cannot carry them: an answer without any
/// does not say that they are gone.
fn keep_marks(known: &Known, event: &mut Event) {
    let at_provider =
        known.edit.as_ref().map_or(Some(&known.fields), |edit| edit.base.as_ref().or(edit.sent.last()));
    if let (true, Some(before)) = (event.fields.marks.is_empty(), at_provider) {
        event.fields.marks.clone_from(&before.marks);
    }
}

/// What becomes of an edit of an event that is shown as `shown`, when the provider has `remote`.
pub fn rebase(edit: &Waiting, shown: &Fields, remote: &Fields) -> Fate {
    if edit.deleted {
        return rebase_delete(edit, shown, remote);
    }
    let Merged { fields, clash } = three_way(edit.ground(), &edit.sent, shown, remote);
    let fields = Box::new(fields);
    match clash {
        _ if *fields == *remote => Fate::Reached,
        clash if clash.is_empty() || is_copy(shown) => Fate::Waits { fields },
        clash => {
            let ground = edit.ground().or(edit.sent.last()).map(|before| moved_along(before, remote, &clash));
            let conflict = Conflict { kind: conflict::Kind::BothChanged, fields: clash, ground };
            Fate::Asks { fields, conflict: Box::new(conflict) }
        }
    }
}

/// It is still to be deleted, unless somebody made something else of it meanwhile.
fn rebase_delete(edit: &Waiting, shown: &Fields, remote: &Fields) -> Fate {
    let fields = Box::new(shown.clone());
    let grounds = || edit.ground().into_iter().chain(&edit.sent);
    let changed =
        |field: &Field| *field != Field::Marks && !grounds().any(|ground| same(ground, remote, *field));
    let changed: Vec<Field> = Field::ALL.into_iter().filter(changed).collect();
    if changed.is_empty() || grounds().next().is_none() || is_copy(shown) {
        return Fate::Waits { fields };
    }
    let ground = edit.ground().or(edit.sent.last()).cloned();
    let conflict = Conflict { kind: conflict::Kind::DeletedHere, fields: changed, ground };
    Fate::Asks { fields, conflict: Box::new(conflict) }
}

/// A copy of a busy time follows its source; nobody is asked about it.
fn is_copy(fields: &Fields) -> bool {
    fields.marks.contains_key(marks::BLOCK)
}

/// The common ground once theirs is `remote`: what is disputed stays where both started.
fn moved_along(ground: &Fields, remote: &Fields, disputed: &[Field]) -> Fields {
    let mut moved = remote.clone();
    disputed.iter().for_each(|field| moved.take(ground, *field));
    moved
}

/// The outcome of a three-way merge.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    pub fields: Fields,
    /// Fields that both sides changed, to different values; ours stands in `fields`.
    pub clash: Vec<Field>,
}

/// Merges field by field. Each of `base` and `sent` may be what the provider had before somebody
/// else changed it: what differs here from any of them is our change, and what the provider shows
/// is somebody's change only if it means none of them. It may be the echo of our own write.
pub fn three_way(base: Option<&Fields>, sent: &[Fields], local: &Fields, remote: &Fields) -> Merged {
    let mut fields = local.clone();
    let mut clash = Vec::new();
    for field in local.diff(remote) {
        let grounds = || base.into_iter().chain(sent);
        let ours = grounds().next().is_none() || grounds().any(|ground| !ground.agrees(local, field));
        let theirs = !grounds().any(|ground| same(ground, remote, field));
        // Unless ours is a change of mere writing, which the provider has not seen yet.
        let met = same(local, remote, field) && !base.is_some_and(|base| same(base, remote, field));
        match (ours, theirs) {
            _ if met => fields.take(remote, field),
            (false, _) => fields.take(remote, field),
            // Nobody but Daymark knows what marks are for.
            (true, true) if field != Field::Marks => clash.push(field),
            (true, _) => {}
        }
    }
    Merged { fields, clash }
}

fn store_cancelled(found: Option<&Known>, snapshot: Box<Snapshot>) -> Option<Op> {
    let Some(known) = found else {
        return Some(Op::Store { key: None, snapshot, edit: Fate::None });
    };
    if known.waits_alive() {
        return orphan(known, false);
    }
    let nothing_new = known.edit.is_none()
        && known.status == Status::Cancelled
        && known.id.as_ref() == Some(&snapshot.event.id)
        && known.etag == snapshot.event.etag;
    (!nothing_new).then(|| Op::Store { key: Some(known.key), snapshot, edit: fate_of_lost(known) })
}

fn cancel(known: &[&Known], series: SeriesRef) -> Option<Op> {
    let Some(found) = by_place(known, &series) else {
        return Some(Op::Cancel { key: None, series, edit: Fate::None });
    };
    if found.waits_alive() {
        return orphan(found, false);
    }
    let nothing_new = found.edit.is_none() && found.status == Status::Cancelled;
    (!nothing_new).then(|| Op::Cancel { key: Some(found.key), series, edit: fate_of_lost(found) })
}

/// A series goes with its exceptions. Where an edit waits, it stays: a whole series with all it has.
fn remove(known: &[&Known], gone: &Known) -> Vec<Op> {
    if gone.waits_alive() {
        return orphan(gone, false).into_iter().collect();
    }
    let deleted_here = gone.edit.is_some();
    let lost = |it: &Known| if it.waits_alive() && !deleted_here { parted(it) } else { removal(it) };
    let mut ops: Vec<Op> = exceptions_of(known, gone).map(lost).collect();
    ops.push(removal(gone));
    ops
}

fn removal(gone: &Known) -> Op {
    Op::Remove { key: gone.key, edit: fate_of_lost(gone) }
}

fn parted(lost: &Known) -> Op {
    Op::Orphan { key: lost.key, alone: true }
}

/// Nothing when the person is being asked already.
fn orphan(lost: &Known, alone: bool) -> Option<Op> {
    (!lost.is_orphan()).then_some(Op::Orphan { key: lost.key, alone })
}

/// What happens to an edit whose event is no longer there, and was not to stay.
fn fate_of_lost(known: &Known) -> Fate {
    match &known.edit {
        None => Fate::None,
        Some(edit) if edit.deleted => Fate::Reached,
        Some(_) => Fate::Overtaken,
    }
}

fn exceptions_of<'a>(known: &[&'a Known], master: &Known) -> impl Iterator<Item = &'a Known> {
    let id = master.id.clone();
    known
        .iter()
        .copied()
        .filter(move |it| id.is_some() && it.series.as_ref().map(|place| &place.master) == id.as_ref())
}

fn series(
    known: &[&Known],
    master: Box<Snapshot>,
    exceptions: Vec<Snapshot>,
    cancelled: Vec<Original>,
) -> Vec<Op> {
    if master.event.status == Status::Cancelled {
        return upsert(known, master);
    }
    let id = master.event.id.clone();
    let mut listed: BTreeSet<i64> = BTreeSet::new();
    let mut ops: Vec<Op> = upsert(known, master);
    for exception in exceptions {
        listed.extend(find(known, &exception.event).map(|it| it.key));
        ops.extend(upsert(known, Box::new(exception)));
    }
    for original in cancelled {
        let place = SeriesRef { master: id.clone(), original };
        listed.extend(by_place(known, &place).map(|it| it.key));
        ops.extend(cancel(known, place));
    }
    let unlisted = known.iter().filter(|it| {
        it.series.as_ref().is_some_and(|place| place.master == id)
            && !listed.contains(&it.key)
            && it.edit.is_none()
    });
    ops.extend(unlisted.map(|it| removal(it)));
    ops
}

impl Waiting {
    /// What both sides started from.
    pub fn ground(&self) -> Option<&Fields> {
        match &self.conflict {
            Some(conflict) => conflict.ground.as_ref(),
            None => self.base.as_ref(),
        }
    }
}

impl Known {
    /// An edit waits that wants the event to be there. A copy that somebody deleted is not fought for.
    pub fn waits_alive(&self) -> bool {
        self.edit.as_ref().is_some_and(|edit| !edit.deleted) && !is_copy(&self.fields)
    }

    /// The provider no longer has it, and the person is being asked.
    pub fn is_orphan(&self) -> bool {
        let conflict = self.edit.as_ref().and_then(|edit| edit.conflict.as_ref());
        conflict.is_some_and(|conflict| conflict.kind == conflict::Kind::DeletedThere)
    }

    /// Nothing about it changed at the provider since it was last read.
    fn is_seen_as(&self, event: &Event) -> bool {
        if self.id.as_ref() != Some(&event.id) || self.series != event.series {
            return false;
        }
        match (&self.etag, &event.etag) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => self.equals(event),
        }
    }

    fn equals(&self, event: &Event) -> bool {
        let at_provider = self.edit.as_ref().map_or(Some(&self.fields), |edit| edit.base.as_ref());
        at_provider == Some(&event.fields)
            && self.uid == event.uid
            && (self.status, self.kind, self.answer) == (event.status, event.kind, event.answer)
            && self.organizer == event.organizer
    }
}

#[cfg(test)]
mod tests;
