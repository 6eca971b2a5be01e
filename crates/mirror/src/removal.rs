//! Takes away all that Daymark ever wrote: deletes what it created, and puts back what it changed
//! where nobody changed it since.

use std::collections::BTreeMap;

use daymark_core::blocks::Tag;
use daymark_core::event::{Field, Fields};
use daymark_core::journal::{Action, Cause};
use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use crate::Mirror;
use crate::blocks::{Doomed, doomed};
use crate::error::{MirrorError, Result};
use crate::stage::Desk;
use crate::table::calendar::{Access, CalendarId};
use crate::table::event::EventRow;
use crate::table::journal::{self, Entry};
use crate::table::{block, calendar, event, held_run, run, state};

/// What would be done, and what could not.
#[derive(Clone, Debug, PartialEq)]
pub struct Removal {
    pub deletes: Vec<Doomed>,
    pub restores: Vec<Restored>,
    pub cannot: Vec<Unremovable>,
    /// Names exactly this; who confirms it says it.
    pub token: String,
}

/// An event that gets fields back.
#[derive(Clone, Debug, PartialEq)]
pub struct Restored {
    pub event: i64,
    pub calendar: CalendarId,
    /// As it is called now.
    pub title: String,
    pub fields: Fields,
    pub changed: Vec<Field>,
}

/// A write that stays.
#[derive(Clone, Debug, PartialEq)]
pub struct Unremovable {
    pub event: i64,
    pub calendar: CalendarId,
    pub title: String,
    pub why: Stays,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stays {
    /// Somebody changed it again since.
    ChangedSince,
    /// The calendar is gone or can no longer be written.
    ReadOnly,
}

impl Mirror {
    /// What there is to take away.
    pub async fn removal(&self) -> Result<Removal> {
        removal(&mut *self.pool.snapshot().await?).await
    }

    /// Takes away what was previewed. Nothing more is copied to any calendar from then on.
    pub async fn remove_everything(&self, token: &str, now: Instant) -> Result<Removal> {
        let mut tx = self.pool.write().await?;
        let removal = removal(&mut tx).await?;
        if removal.token != token {
            return Err(MirrorError::ChangedSince);
        }
        let run = run::begin(&mut tx, Cause::Removal, now).await?;
        for doomed in &removal.deletes {
            let row = event::get(&mut tx, doomed.event).await?;
            Desk::within(&mut tx, Cause::Removal, run, now).await?.delete(&row).await?;
        }
        for restored in &removal.restores {
            let row = event::get(&mut tx, restored.event).await?;
            let mut desk = Desk::within(&mut tx, Cause::Removal, run, now).await?;
            desk.change(&row, &restored.fields, &restored.changed).await?;
        }
        let all: Vec<i64> = calendar::list(&mut tx).await?.iter().map(|it| it.id.0).collect();
        calendar::stop_receiving(&mut tx, &all).await?;
        block::forget_all(&mut tx).await?;
        held_run::clear(&mut tx).await?;
        state::bump(&mut tx).await?;
        tx.commit().await?;
        Ok(removal)
    }
}

async fn removal(conn: &mut SqliteConnection) -> Result<Removal> {
    let mut by_event: BTreeMap<i64, Vec<Entry>> = BTreeMap::new();
    for entry in journal::effective(conn).await? {
        by_event.entry(entry.event).or_default().push(entry);
    }
    let writable: Vec<CalendarId> = calendar::list(conn)
        .await?
        .iter()
        .filter(|it| it.access == Access::Write && !it.gone)
        .map(|it| it.id)
        .collect();
    let keys: Vec<i64> = by_event.keys().copied().collect();
    let mut sum = Sum::default();
    for row in event::load(conn, &keys).await?.iter().filter(|row| !row.is_hidden()) {
        let Some(entries) = by_event.get(&row.known.key) else { continue };
        sum.add(row, entries, writable.contains(&row.calendar));
    }
    let token = sum.token();
    Ok(Removal {
        deletes: doomed(conn, &sum.deletes).await?,
        restores: sum.restores,
        cannot: sum.cannot,
        token,
    })
}

#[derive(Default)]
struct Sum {
    deletes: Vec<i64>,
    restores: Vec<Restored>,
    cannot: Vec<Unremovable>,
}

impl Sum {
    fn add(&mut self, row: &EventRow, entries: &[Entry], writable: bool) {
        // What an undo made stands for something that somebody else had made.
        let created = entries.iter().any(|it| it.action == Action::Create && it.cause != Cause::Undo);
        let put_back = put_back(&row.known.fields, entries);
        if !writable {
            if created || !put_back.changed.is_empty() {
                self.cannot(row, Stays::ReadOnly);
            }
        } else if created {
            self.deletes.push(row.known.key);
        } else {
            if put_back.lost {
                self.cannot(row, Stays::ChangedSince);
            }
            if !put_back.changed.is_empty() {
                self.restores.push(Restored {
                    event: row.known.key,
                    calendar: row.calendar,
                    title: row.known.fields.title.clone(),
                    fields: put_back.fields,
                    changed: put_back.changed,
                });
            }
        }
    }

    fn cannot(&mut self, row: &EventRow, why: Stays) {
        let title = row.known.fields.title.clone();
        self.cannot.push(Unremovable { event: row.known.key, calendar: row.calendar, title, why });
    }

    fn token(&self) -> String {
        let deletes = self.deletes.iter().map(|event| format!("delete {event}"));
        let restores =
            self.restores.iter().map(|it| format!("{} {:?} {:?}", it.event, it.changed, it.fields));
        let words: Vec<String> = deletes.chain(restores).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Tag::of("removal", &words).to_string()
    }
}

struct PutBack {
    fields: Fields,
    changed: Vec<Field>,
    /// Some field was changed again by somebody else, and stays.
    lost: bool,
}

/// Walks back through our changes, field by field, as far as nobody else's stand on them.
fn put_back(current: &Fields, newest_first: &[Entry]) -> PutBack {
    let mut fields = current.clone();
    let mut lost = Vec::new();
    for entry in newest_first.iter().filter(|it| it.action == Action::Change) {
        let (Some(before), Some(after)) = (&entry.before, &entry.after) else { continue };
        for field in before.fields.diff(&after.fields) {
            if lost.contains(&field) {
                continue;
            }
            if after.fields.agrees(&fields, field) {
                fields.take(&before.fields, field);
            } else {
                lost.push(field);
            }
        }
    }
    let changed = current.diff(&fields);
    PutBack { fields, changed, lost: !lost.is_empty() }
}
