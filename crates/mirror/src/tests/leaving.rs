//! What leaving an account does to copies: on the others' calendars, and on its own while its permission lasts.

use daymark_core::event::{Field, Fields};
use daymark_core::journal::Cause;
use daymark_core::time::Instant;

use super::pair::{Pair, rules};
use super::world::*;
use crate::{
    AccountId, AccountState, Action, Blocked, Edit, EventRef, Job, Leaving, MirrorError, Outcome, Removing,
};

impl Pair {
    async fn preview(&self, id: AccountId) -> Leaving {
        self.leaving(id, ZONE, now()).await.unwrap()
    }

    /// Leaves the second account, with what the preview says.
    async fn leave_other(&self, at: Instant) -> usize {
        let id = self.accounts[1];
        let token = self.preview(id).await.token;
        self.leave(id, Some(Removing { token: &token, home: ZONE }), at).await.unwrap()
    }

    async fn parting_jobs(&self) -> Vec<Job> {
        self.parting_due(self.accounts[1], later(60), 100).await.unwrap()
    }

    /// What is called "Busy" on the calendar of the second account.
    async fn busy_there(&self) -> Vec<EventRef> {
        let rows = self.agenda(rules().window, ZONE).await.unwrap();
        let there = rows.into_iter().filter(|row| row.calendar == self.other && row.title == "Busy");
        there.map(|row| row.event).collect()
    }

    async fn come_back(&self) {
        let again = self.add_account("google", "maya@home.example", later(90)).await.unwrap();
        let listed = listed("maya@home.example", crate::Access::Write);
        self.store_calendars(again, &[listed]).await.unwrap();
    }
}

/// One event on each calendar, and its copy on the other.
async fn both_ways() -> Pair {
    let pair = Pair::new().await;
    pair.receive(pair.one, vec![upsert("a", "1", fields("Dentist"))]).await;
    let late = Fields::new("Late", timed("2026-03-03T15:00:00Z", 60));
    pair.receive(pair.other, vec![upsert("b", "1", late)]).await;
    pair.settle_down().await;
    pair
}

#[tokio::test]
async fn leaving_removes_its_copies_elsewhere_and_all_copies_on_its_own_calendars() {
    let pair = both_ways().await;
    let preview = pair.preview(pair.accounts[1]).await;
    assert_eq!((preview.copies, preview.own, preview.stranded), (1, 1, 0));
    assert_eq!(pair.leave_other(later(1)).await, 2);
    assert!(pair.copies(pair.one).await.is_empty());
    assert!(pair.due(pair.accounts[1], later(60), 10).await.unwrap().is_empty());
    let jobs = pair.parting_jobs().await;
    let [job] = &*jobs else { panic!("{jobs:?}") };
    assert!(matches!(job.action, Action::Delete { .. }));
    assert!(pair.started(job).await.unwrap());
    pair.settle(job, Outcome::Deleted, later(2)).await.unwrap();
    assert_eq!(pair.parting(pair.accounts[1]).await.unwrap(), 0);
    assert_eq!(pair.plan().await, Blocked::Staged(0));
    pair.come_back().await;
    pair.receive(pair.other, vec![]).await;
    assert_eq!(pair.plan().await, Blocked::Staged(2), "both are made again");
}

#[tokio::test]
async fn only_what_was_previewed_is_removed() {
    let pair = both_ways().await;
    let id = pair.accounts[1];
    let token = pair.preview(id).await.token;
    let more = Fields::new("More", timed("2026-03-04T15:00:00Z", 60));
    pair.receive(pair.one, vec![upsert("c", "1", more)]).await;
    pair.settle_down().await;
    let refused = pair.leave(id, Some(Removing { token: &token, home: ZONE }), later(1)).await;
    assert!(matches!(refused, Err(MirrorError::ChangedSince)));
    assert_eq!(pair.accounts().await.unwrap().len(), 2, "and it is still connected");
}

#[tokio::test]
async fn an_account_whose_sign_in_has_ended_keeps_the_copies_on_its_calendars() {
    let pair = both_ways().await;
    let id = pair.accounts[1];
    pair.set_account_state(id, AccountState::SignInNeeded, "it ended").await.unwrap();
    let preview = pair.preview(id).await;
    assert!(preview.signed_out);
    assert_eq!((preview.copies, preview.own, preview.stranded), (1, 0, 1));
    assert_eq!(pair.leave_other(later(1)).await, 1);
    assert!(pair.parting_jobs().await.is_empty());
}

#[tokio::test]
async fn a_copy_that_the_person_moved_is_theirs_and_stays() {
    let pair = both_ways().await;
    let copy = pair.copies(pair.other).await[0].event.clone();
    let moved = Fields::new("Busy", timed("2026-03-02T18:00:00Z", 60));
    let edit = Edit::Change { event: copy, fields: moved, changed: vec![Field::Span] };
    pair.stage(edit, Cause::You, now()).await.unwrap();
    let preview = pair.preview(pair.accounts[1]).await;
    assert_eq!((preview.own, preview.stranded), (0, 0));
    assert!(preview.waiting.is_empty(), "copies are no edits of the person's");
}

#[tokio::test]
async fn a_copy_that_somebody_changed_meanwhile_is_left_alone() {
    let pair = both_ways().await;
    pair.leave_other(later(1)).await;
    let jobs = pair.parting_jobs().await;
    assert!(pair.started(&jobs[0]).await.unwrap());
    pair.let_stand(&jobs[0], later(2)).await.unwrap();
    assert_eq!(pair.parting(pair.accounts[1]).await.unwrap(), 0);
    pair.come_back().await;
    assert_eq!(pair.busy_there().await.len(), 1);
    assert!(pair.due(pair.accounts[1], later(120), 10).await.unwrap().is_empty(), "nothing waits");
}

#[tokio::test]
async fn who_comes_back_before_the_copies_are_gone_keeps_them() {
    let pair = both_ways().await;
    let before = pair.busy_there().await;
    pair.leave_other(later(1)).await;
    pair.come_back().await;
    assert_eq!(pair.busy_there().await, before);
    assert!(pair.due(pair.accounts[1], later(120), 10).await.unwrap().is_empty());
    pair.receive(pair.other, vec![]).await;
    assert_eq!(pair.plan().await, Blocked::Staged(1), "only the one elsewhere is made again");
}

#[tokio::test]
async fn a_delete_with_an_unknown_end_is_sent_again_when_the_account_comes_back() {
    let pair = both_ways().await;
    pair.leave_other(later(1)).await;
    assert!(pair.started(&pair.parting_jobs().await[0]).await.unwrap());
    pair.end_parting(pair.accounts[1], later(2)).await.unwrap();
    assert!(pair.parting_jobs().await.is_empty(), "it no longer waits for them");
    pair.come_back().await;
    let due = pair.due(pair.accounts[1], later(120), 10).await.unwrap();
    assert!(matches!(&*due, [Job { action: Action::Delete { .. }, .. }]), "{due:?}");
}

#[tokio::test]
async fn a_copy_that_was_never_sent_is_not_waited_for() {
    let pair = Pair::new().await;
    pair.receive(pair.one, vec![upsert("a", "1", fields("Dentist"))]).await;
    pair.plan().await;
    pair.leave_other(later(1)).await;
    assert_eq!(pair.parting(pair.accounts[1]).await.unwrap(), 0);
    pair.come_back().await;
    assert!(pair.busy_there().await.is_empty());
}
