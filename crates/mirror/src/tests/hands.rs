//! What a person does in a mirror, and how a provider answers, in one word each.

use daymark_core::event::{Field, Fields};
use daymark_core::journal::{Cause, State};

use super::world::{World, fields, later, now, snapshot, upsert};
use crate::{Edit, EventRef, Job, JournalId, Outcome, Staged};

impl World {
    pub async fn create(&self, title: &str) -> Staged {
        let edit =
            Edit::Create { calendar: self.calendar, fields: fields(title), derived_id: format!("d-{title}") };
        self.stage(edit, Cause::You, now()).await.unwrap()
    }

    pub async fn retitle(&self, event: &EventRef, title: &str) -> Staged {
        let edit = Edit::Change { event: event.clone(), fields: fields(title), changed: vec![Field::Title] };
        self.stage(edit, Cause::You, now()).await.unwrap()
    }

    pub async fn delete(&self, event: &EventRef) -> Staged {
        self.stage(Edit::Delete { event: event.clone() }, Cause::You, now()).await.unwrap()
    }

    /// What is due once deletes are no longer held back.
    pub async fn jobs(&self) -> Vec<Job> {
        self.due(self.account, later(60), 10).await.unwrap()
    }

    pub async fn job(&self) -> Job {
        let mut jobs = self.jobs().await;
        assert_eq!(jobs.len(), 1, "{jobs:?}");
        jobs.remove(0)
    }

    pub async fn begin(&self) -> Job {
        let job = self.job().await;
        assert!(self.started(&job).await.unwrap());
        job
    }

    pub async fn end(&self, job: &Job, outcome: Outcome) {
        self.settle(job, outcome, later(1)).await.unwrap();
    }

    /// Sends the one job as a provider would accept it.
    pub async fn send(&self, id: &str, etag: &str) {
        let job = self.begin().await;
        self.end(&job, stored(id, etag, job.fields.clone())).await;
    }

    pub async fn states(&self) -> Vec<State> {
        let entries = self.journal(50, None).await.unwrap();
        entries.into_iter().rev().map(|entry| entry.state).collect()
    }

    pub async fn take_back(&self, journal: JournalId) -> Staged {
        self.undo(journal, "d-again", later(2)).await.unwrap()
    }

    pub async fn only(&self) -> EventRef {
        let week = self.week().await;
        assert_eq!(week.len(), 1);
        week[0].event.clone()
    }
}

pub fn stored(id: &str, etag: &str, fields: Fields) -> Outcome {
    Outcome::Stored(Box::new(snapshot(id, etag, fields)))
}

pub async fn with_one(title: &str) -> (World, EventRef) {
    let world = World::new().await;
    world.receive(vec![upsert("a", "1", fields(title))]).await;
    let event = world.only().await;
    (world, event)
}
