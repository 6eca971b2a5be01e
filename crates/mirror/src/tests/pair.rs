//! Two mirrored accounts whose calendars block each other, and a provider that keeps what it is told.

use std::ops::Deref;

use chrono::TimeDelta;
use daymark_core::availability::Schedule;
use daymark_core::event::Fields;
use daymark_core::merge::Delta;
use daymark_core::time::Interval;

use super::world::*;
use crate::{
    AccountId, Action, BlockRules, Blocked, CalendarId, Choice, Job, Mirror, Next, Outcome, RunId, Target,
    Turn,
};

/// Two accounts with a calendar each; copies go both ways.
pub struct Pair {
    pub mirror: Mirror,
    pub accounts: [AccountId; 2],
    pub one: CalendarId,
    pub other: CalendarId,
    _folder: tempfile::TempDir,
}

impl Deref for Pair {
    type Target = Mirror;
    fn deref(&self) -> &Mirror {
        &self.mirror
    }
}

pub fn rules() -> BlockRules {
    let window = Interval::new(now() - TimeDelta::days(1), now() + TimeDelta::days(90)).unwrap();
    BlockRules { window, hours: Schedule::closed(ZONE).open(window), home: ZONE }
}

pub fn on() -> Choice {
    Choice { receives_blocks: Some(true), ..Choice::default() }
}

impl Pair {
    pub async fn new() -> Pair {
        let folder = tempfile::tempdir().unwrap();
        let mirror = Mirror::open(&folder.path().join("mirror.db")).await.unwrap();
        let mut accounts = Vec::new();
        for address in ["maya@work.example", "maya@home.example"] {
            let account = mirror.add_account("google", address, now()).await.unwrap();
            mirror.store_calendars(account, &[listed(address, crate::Access::Write)]).await.unwrap();
            accounts.push(account);
        }
        let calendars = mirror.calendars().await.unwrap();
        let (one, other) = (calendars[0].id, calendars[1].id);
        let pair = Pair { mirror, accounts: accounts.try_into().unwrap(), one, other, _folder: folder };
        for calendar in [one, other] {
            pair.choose_calendar(calendar, on()).await.unwrap();
            pair.receive(calendar, vec![]).await;
        }
        pair
    }

    pub async fn receive(&self, calendar: CalendarId, deltas: Vec<Delta>) {
        let known = self.calendars().await.unwrap();
        let asked = known.into_iter().find(|it| it.id == calendar).unwrap().cursor;
        let turn = Turn { asked, next: Next::Done("next".into()), window: None };
        self.apply(calendar, deltas, turn, now()).await.unwrap();
    }

    pub async fn plan(&self) -> Blocked {
        self.block_others(&rules(), now()).await.unwrap()
    }

    /// A provider that keeps what it is told.
    pub async fn send(&self) -> Vec<Job> {
        let mut sent = Vec::new();
        for account in self.accounts {
            for job in self.due(account, now(), 5_000).await.unwrap() {
                assert!(self.started(&job).await.unwrap());
                let id = |target: &Target| match target {
                    Target::Event(id) => id.0.clone(),
                    Target::Occurrence { .. } => panic!("copies are single events"),
                };
                let stored = |id: String| Outcome::Stored(Box::new(snapshot(&id, "e", job.fields.clone())));
                let outcome = match &job.action {
                    Action::Insert { derived_id } => stored(derived_id.clone()),
                    Action::Patch { target, .. } | Action::Check { target } => stored(id(target)),
                    Action::Delete { .. } => Outcome::Deleted,
                    Action::Recall { .. } => Outcome::Gone,
                };
                self.settle(&job, outcome, now()).await.unwrap();
                sent.push(job);
            }
        }
        sent
    }

    /// Plans and sends until nothing is left; gives what was sent first.
    pub async fn settle_down(&self) -> Vec<Job> {
        self.plan().await;
        let sent = self.send().await;
        assert_eq!(self.plan().await, Blocked::Staged(0));
        assert!(self.send().await.is_empty());
        sent
    }

    pub async fn copies(&self, calendar: CalendarId) -> Vec<crate::AgendaRow> {
        let mut rows = self.agenda(rules().window, ZONE).await.unwrap();
        rows.retain(|row| row.calendar == calendar && row.block.is_some());
        rows
    }

    pub async fn last_run(&self) -> RunId {
        self.journal(1, None).await.unwrap()[0].run.unwrap()
    }
}

pub fn hours_from(start: &str, count: i64) -> Vec<Delta> {
    let event = |number: i64| {
        let start = at(start) + TimeDelta::hours(number * 2);
        let span = daymark_core::time::Span::Timed { start, end: start + TimeDelta::hours(1), zone: ZONE };
        upsert(&format!("e{number}"), "1", Fields::new(format!("Event {number}"), span))
    };
    (0..count).map(event).collect()
}
