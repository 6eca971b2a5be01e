//! Leaving an account: what it would mean, the leaving itself, and the way back.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use daymark_core::blocks::{Link, Mark, Tag};
use daymark_core::journal::Cause;
use daymark_core::time::Instant;
use sqlx::SqliteConnection;

use crate::error::{MirrorError, Result};
use crate::stage::Desk;
use crate::table::account::{self, Account, AccountId, AccountState};
use crate::table::calendar::CalendarId;
use crate::table::event::{self, EventRow};
use crate::table::{block, calendar, outbox, run, state};
use crate::view::blocks::Known;
use crate::{Mirror, parting};

/// What leaving an account would mean now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaving {
    /// Events mirrored from it.
    pub events: i64,
    /// Edits that have not reached its provider, and would not.
    pub waiting: Vec<Unsent>,
    /// Copies of its events on other calendars.
    pub copies: usize,
    /// Copies on its own calendars that can be removed while its permission lasts.
    pub own: usize,
    /// Copies on its own calendars that cannot be removed.
    pub stranded: usize,
    /// Its permission has ended: nothing can be removed from its calendars.
    pub signed_out: bool,
    /// Coming bookings that stand on its calendars.
    pub bookings: i64,
    /// Names exactly the copies that would be removed; who leaves says it.
    pub token: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    pub calendar: CalendarId,
    pub title: String,
    pub deletes: bool,
}

/// Copies are removed when an account is left: exactly those that were previewed.
#[derive(Clone, Copy, Debug)]
pub struct Removing<'a> {
    pub token: &'a str,
    /// The owner's zone, by which whole days are days.
    pub home: Tz,
}

impl Mirror {
    pub async fn leaving(&self, id: AccountId, home: Tz, now: Instant) -> Result<Leaving> {
        let mut tx = self.pool.snapshot().await?;
        let copies = Copies::of(&mut tx, id, home).await?;
        Ok(Leaving {
            events: events(&mut tx, id).await?,
            waiting: waiting(&mut tx, id).await?,
            bookings: bookings(&mut tx, id, now).await?,
            token: copies.token(),
            copies: copies.elsewhere.len(),
            own: copies.own.len(),
            stranded: copies.stranded,
            signed_out: copies.signed_out,
        })
    }

    /// Leaves the account: it and its calendars are hidden from now on, and everything of it is kept.
    /// With `removing`, the copies of its events on other calendars and all copies on its own are deleted like
    /// any event, in the same transaction. Answers how many they are.
    pub async fn leave(&self, id: AccountId, removing: Option<Removing<'_>>, now: Instant) -> Result<usize> {
        let mut tx = self.pool.write().await?;
        let mut removed = 0;
        if let Some(Removing { token, home }) = removing {
            let copies = Copies::of(&mut tx, id, home).await?;
            if copies.token() != token {
                return Err(MirrorError::ChangedSince);
            }
            removed = copies.remove(&mut tx, now).await?;
            outbox::part(&mut tx, id).await?;
        }
        account::set_left(&mut tx, id, Some(now)).await?;
        calendar::set_gone(&mut tx, id, true).await?;
        state::bump(&mut tx).await?;
        tx.commit().await?;
        Ok(removed)
    }

    /// Takes back that an account was left, for one that needs no sign-in.
    pub async fn restore(&self, id: AccountId, now: Instant) -> Result<()> {
        let mut tx = self.pool.write().await?;
        parting::end(&mut tx, id, now).await?;
        account::set_left(&mut tx, id, None).await?;
        calendar::set_gone(&mut tx, id, false).await?;
        state::bump(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Accounts that were left and whose rows are still here.
    pub async fn left_accounts(&self) -> Result<Vec<Account>> {
        account::list(&mut *self.pool.read().await?, true).await
    }
}

async fn events(conn: &mut SqliteConnection, id: AccountId) -> Result<i64> {
    let count = sqlx::query_scalar!(
        "SELECT count(*) FROM event e JOIN calendar c ON c.id = e.calendar
         WHERE c.account = ? AND e.status <> 'cancelled'",
        id.0
    );
    Ok(count.fetch_one(conn).await?)
}

async fn waiting(conn: &mut SqliteConnection, id: AccountId) -> Result<Vec<Unsent>> {
    let rows = sqlx::query!(
        r#"SELECT e.calendar, e.title, o.deleted AS "deleted: bool" FROM outbox o
           CROSS JOIN event e ON e.id = o.event
           JOIN calendar c ON c.id = e.calendar AND c.account = ?
           WHERE e.block IS NULL
           ORDER BY o.staged_s, o.event"#,
        id.0
    )
    .fetch_all(conn)
    .await?;
    let unsent = rows.into_iter().map(|row| Unsent {
        calendar: CalendarId(row.calendar),
        title: row.title,
        deletes: row.deleted,
    });
    Ok(unsent.collect())
}

async fn bookings(conn: &mut SqliteConnection, id: AccountId, now: Instant) -> Result<i64> {
    let now_s = now.timestamp();
    let count = sqlx::query_scalar!(
        "SELECT count(*) FROM booking b
         JOIN event e ON e.id = b.event
         JOIN calendar c ON c.id = e.calendar AND c.account = ?
         WHERE b.start_s >= ? AND b.state NOT IN ('declined', 'cancelled')",
        id.0,
        now_s
    );
    Ok(count.fetch_one(conn).await?)
}

/// The copies that leaving an account is about.
struct Copies {
    elsewhere: Vec<EventRow>,
    own: Vec<EventRow>,
    stranded: usize,
    signed_out: bool,
}

impl Copies {
    async fn of(conn: &mut SqliteConnection, id: AccountId, home: Tz) -> Result<Copies> {
        let own: BTreeSet<i64> = calendar::of_account(conn, id).await?.into_iter().collect();
        let known = Known::load_copies(conn, home).await?;
        let links: BTreeMap<i64, &Link> = known.links.iter().map(|link| (link.event, link)).collect();
        let standing: Vec<i64> = removable(&known, &links).collect();
        let mut copies = Copies {
            elsewhere: Vec::new(),
            own: Vec::new(),
            stranded: calendar::unwritable_copies(conn, id).await?,
            signed_out: is_signed_out(conn, id).await?,
        };
        // One that is in dispute has been changed by somebody.
        let disputed = |row: &EventRow| row.known.edit.as_ref().is_some_and(|edit| edit.conflict.is_some());
        for row in event::load(conn, &standing).await?.into_iter().filter(|row| !disputed(row)) {
            let from = links.get(&row.known.key).map(|link| link.from.0);
            if own.contains(&row.calendar.0) {
                copies.own.push(row);
            } else if from.is_some_and(|from| own.contains(&from)) {
                copies.elsewhere.push(row);
            }
        }
        if copies.signed_out {
            copies.stranded += std::mem::take(&mut copies.own).len();
        }
        Ok(copies)
    }

    fn all(&self) -> impl Iterator<Item = &EventRow> {
        self.elsewhere.iter().chain(&self.own)
    }

    fn token(&self) -> String {
        let events: BTreeSet<String> = self.all().map(|row| row.known.key.to_string()).collect();
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        Tag::of("leaving", &events).to_string()
    }

    async fn remove(&self, conn: &mut SqliteConnection, now: Instant) -> Result<usize> {
        let run = run::begin(conn, Cause::Removal, now).await?;
        for row in self.all() {
            Desk::within(conn, Cause::Removal, run, now).await?.delete(row).await?;
            // Still remembered, it would pass for one that a person deleted, and never be made again.
            block::forget_event(conn, row.known.key).await?;
        }
        Ok(self.all().count())
    }
}

/// Those that this mirror made, that stand as they were written, and where it may write. What a person moved, or
/// wanted as it is, is theirs.
fn removable<'a>(known: &'a Known, links: &'a BTreeMap<i64, &Link>) -> impl Iterator<Item = i64> + 'a {
    let as_written = known.occurrences.iter().filter(|it| {
        matches!(it.mark, Mark::Copy(marker) if marker.times == it.times)
            && links.get(&it.event).is_some_and(|link| link.target == it.calendar && !link.kept)
    });
    as_written.filter(|it| known.writable.contains(&it.calendar)).map(|it| it.event)
}

async fn is_signed_out(conn: &mut SqliteConnection, id: AccountId) -> Result<bool> {
    let accounts = account::list(conn, false).await?;
    let account = accounts.into_iter().find(|it| it.id == id).ok_or(MirrorError::NotFound("account"))?;
    Ok(matches!(account.state, AccountState::SignInNeeded | AccountState::MissingScope))
}
