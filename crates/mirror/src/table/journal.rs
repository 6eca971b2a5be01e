//! The journal: one row for each write that somebody asked for, with what stood before and after.

use daymark_core::event::{Field, Fields};
use daymark_core::journal::{Action, Cause, Image, State};
use daymark_core::time::Instant;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use super::calendar::CalendarId;
use super::run::RunId;
use crate::error::{MirrorError, Result};
use crate::text::{Row, json, json_option, word};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JournalId(pub i64);

/// A write as it was asked for.
pub struct Note<'a> {
    pub run: RunId,
    pub cause: Cause,
    pub action: Action,
    pub calendar: CalendarId,
    pub event: i64,
    pub version: i64,
    pub before: Option<&'a Image>,
    pub after: Option<&'a Image>,
    pub state: State,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub id: JournalId,
    /// What was written together with it; `None` for entries from before there were runs.
    pub run: Option<RunId>,
    pub at: Instant,
    pub cause: Cause,
    pub action: Action,
    pub calendar: CalendarId,
    pub event: i64,
    pub before: Option<Image>,
    pub after: Option<Image>,
    pub state: State,
    /// Why the provider refused it.
    pub reason: String,
    /// What the other side had made of a field that both changed.
    pub theirs: Option<Fields>,
}

pub async fn add(conn: &mut SqliteConnection, note: Note<'_>, now: Instant) -> Result<JournalId> {
    let (cause, action, state) = (word(&note.cause)?, word(&note.action)?, word(&note.state)?);
    let (before, after) = (json_option(note.before)?, json_option(note.after)?);
    let at_s = now.timestamp();
    let id = sqlx::query_scalar!(
        r#"INSERT INTO journal (run, at_s, cause, action, calendar, event, version, before, after, state)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           RETURNING id AS "id!""#,
        note.run.0,
        at_s,
        cause,
        action,
        note.calendar.0,
        note.event,
        note.version,
        before,
        after,
        state
    )
    .fetch_one(conn)
    .await?;
    Ok(JournalId(id))
}

/// The open entries of an event, up to an edit number, end in `state`.
pub async fn close(
    conn: &mut SqliteConnection,
    event: i64,
    up_to: i64,
    state: State,
    reason: &str,
) -> Result<()> {
    let state = word(&state)?;
    sqlx::query!(
        "UPDATE journal SET state = ?, reason = ?
         WHERE event = ? AND version <= ? AND state IN ('waiting', 'refused')",
        state,
        reason,
        event,
        up_to
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What the provider made of the fields that a write carried: the latest open entry up to an edit number
/// says so from now on, or its undo would take the provider's writing for somebody's change.
pub async fn amend(
    conn: &mut SqliteConnection,
    event: i64,
    up_to: i64,
    written: &[Field],
    remote: &Fields,
) -> Result<()> {
    let latest = sqlx::query!(
        r#"SELECT id AS "id!", after AS "after!" FROM journal
           WHERE event = ? AND version <= ? AND state IN ('waiting', 'refused') AND after IS NOT NULL
           ORDER BY id DESC LIMIT 1"#,
        event,
        up_to
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(latest) = latest else { return Ok(()) };
    let mut after: Image = Row::new("journal", &latest.id).json("after", &latest.after)?;
    written.iter().for_each(|field| after.fields.take(remote, *field));
    let after = json(&after)?;
    sqlx::query!("UPDATE journal SET after = ? WHERE id = ?", after, latest.id).execute(conn).await?;
    Ok(())
}

/// The entries of one step: those with the same edit number, the first one first.
pub async fn step(conn: &mut SqliteConnection, id: JournalId) -> Result<Vec<Entry>> {
    let rows = sqlx::query_as!(
        Raw,
        "SELECT id, run, at_s, cause, action, calendar, event, before, after, state, reason, theirs FROM journal
         WHERE version = (SELECT version FROM journal WHERE id = ?1) ORDER BY id",
        id.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// A refused write waits again.
pub async fn reopen(conn: &mut SqliteConnection, event: i64) -> Result<()> {
    sqlx::query!(
        "UPDATE journal SET state = 'waiting', reason = '' WHERE event = ? AND state = 'refused'",
        event
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether an edit of an event has an open entry of its own, by which it can be taken back.
pub async fn has_open(conn: &mut SqliteConnection, event: i64, version: i64) -> Result<bool> {
    let open = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM journal
                          WHERE event = ? AND version = ? AND state IN ('waiting', 'refused')) AS "open!: bool""#,
        event,
        version
    );
    Ok(open.fetch_one(conn).await?)
}

pub async fn set_state(conn: &mut SqliteConnection, id: JournalId, state: State) -> Result<()> {
    let state = word(&state)?;
    sqlx::query!("UPDATE journal SET state = ?, reason = '' WHERE id = ?", state, id.0).execute(conn).await?;
    Ok(())
}

/// Both sides changed a field: the latest open entry keeps theirs.
pub async fn note_clash(conn: &mut SqliteConnection, event: i64, theirs: &Fields) -> Result<()> {
    let theirs = json(theirs)?;
    sqlx::query!(
        "UPDATE journal SET theirs = ?
         WHERE id = (SELECT max(id) FROM journal WHERE event = ? AND state IN ('waiting', 'refused'))",
        theirs,
        event
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// When the person last asked for something about an event.
pub async fn last_at(conn: &mut SqliteConnection, event: i64) -> Result<Option<Instant>> {
    let at_s = sqlx::query_scalar!(
        r#"SELECT max(at_s) AS "at_s: i64" FROM journal
           WHERE event = ? AND state IN ('waiting', 'refused')"#,
        event
    );
    let at_s = at_s.fetch_one(conn).await?;
    Row::new("journal", &event).instant_option("at_s", at_s)
}

/// How an event stood when the person last wanted it deleted.
pub async fn deleted(conn: &mut SqliteConnection, event: i64) -> Result<Option<Image>> {
    let action = word(&Action::Delete)?;
    let before = sqlx::query_scalar!(
        "SELECT before FROM journal WHERE event = ? AND action = ? ORDER BY id DESC LIMIT 1",
        event,
        action
    );
    let before = before.fetch_optional(conn).await?.flatten();
    Row::new("journal", &event).json_option("before", before.as_deref())
}

/// How a series stood when the person last gave it the rule that still waits.
pub async fn cut(conn: &mut SqliteConnection, event: i64) -> Result<Option<Image>> {
    let action = word(&Action::Change)?;
    let before = sqlx::query_scalar!(
        "SELECT before FROM journal
         WHERE event = ?1 AND action = ?2 AND state IN ('waiting', 'refused')
           AND before ->> '$.fields.recurrence' IS NOT (SELECT fields ->> '$.recurrence' FROM event WHERE id = ?1)
         ORDER BY id DESC LIMIT 1",
        event,
        action
    );
    let before = before.fetch_optional(conn).await?.flatten();
    Row::new("journal", &event).json_option("before", before.as_deref())
}

/// Two rows turned out to be one event: the entries of `from` become those of `to`.
pub async fn hand_over(conn: &mut SqliteConnection, from: i64, to: i64) -> Result<()> {
    sqlx::query!("UPDATE journal SET event = ? WHERE event = ?", to, from).execute(conn).await?;
    Ok(())
}

struct Raw {
    id: i64,
    run: Option<i64>,
    at_s: i64,
    cause: String,
    action: String,
    calendar: i64,
    event: i64,
    before: Option<String>,
    after: Option<String>,
    state: String,
    reason: String,
    theirs: Option<String>,
}

impl TryFrom<Raw> for Entry {
    type Error = MirrorError;
    fn try_from(raw: Raw) -> Result<Self> {
        let at = Row::new("journal", &raw.id);
        Ok(Entry {
            id: JournalId(raw.id),
            run: raw.run.map(RunId),
            at: at.instant("at_s", raw.at_s)?,
            cause: at.word("cause", &raw.cause)?,
            action: at.word("action", &raw.action)?,
            calendar: CalendarId(raw.calendar),
            event: raw.event,
            before: at.json_option("before", raw.before.as_deref())?,
            after: at.json_option("after", raw.after.as_deref())?,
            state: at.word("state", &raw.state)?,
            reason: raw.reason,
            theirs: at.json_option("theirs", raw.theirs.as_deref())?,
        })
    }
}

/// The latest entries, newest first, from below `before`.
pub async fn list(conn: &mut SqliteConnection, limit: u32, before: Option<JournalId>) -> Result<Vec<Entry>> {
    let before = before.map_or(i64::MAX, |id| id.0);
    let rows = sqlx::query_as!(
        Raw,
        "SELECT id, run, at_s, cause, action, calendar, event, before, after, state, reason, theirs
         FROM journal WHERE id < ? ORDER BY id DESC LIMIT ?",
        before,
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Entry::try_from).collect()
}

pub async fn get(conn: &mut SqliteConnection, id: JournalId) -> Result<Entry> {
    sqlx::query_as!(
        Raw,
        "SELECT id, run, at_s, cause, action, calendar, event, before, after, state, reason, theirs
         FROM journal WHERE id = ?",
        id.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or(MirrorError::NotFound("journal entry"))?
    .try_into()
}

/// All of one run, newest first.
pub async fn of_run(conn: &mut SqliteConnection, run: RunId) -> Result<Vec<Entry>> {
    let rows = sqlx::query_as!(
        Raw,
        "SELECT id, run, at_s, cause, action, calendar, event, before, after, state, reason, theirs
         FROM journal WHERE run = ? ORDER BY id DESC",
        run.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// All that stands or may stand at a provider, newest first.
pub async fn effective(conn: &mut SqliteConnection) -> Result<Vec<Entry>> {
    let rows = sqlx::query_as!(
        Raw,
        "SELECT id, run, at_s, cause, action, calendar, event, before, after, state, reason, theirs
         FROM journal WHERE state IN ('waiting', 'sent', 'refused') ORDER BY id DESC"
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Entry::try_from).collect()
}
