//! Refused writes in the plays: the cards that name them, and their undo.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use daymark_engine::api::Call;
use daymark_engine::api::health::{Card, CardCode, Remedy};
use daymark_engine::api::journal::{Cause, JournalEntry, JournalQuery, RetryWrite, Undo};
use daymark_engine::api::schedule::{Item, Sending};

use super::places::PLACES;
use super::play::{Play, name_of};
use crate::support::{health, undo_of};

impl Play {
    pub(super) async fn refused(&self) -> Vec<Card> {
        let cards = health(&self.world).await.cards.into_iter();
        cards.filter(|card| card.code == CardCode::WriteRefused).collect()
    }

    /// Takes a refused write back, or has it tried again.
    pub(super) async fn answer_a_refusal(&mut self, pick: usize) {
        match pick % 2 {
            0 => drop(self.take_back(pick / 2).await),
            _ => self.try_again(pick / 2).await,
        }
    }

    async fn try_again(&self, pick: usize) {
        let refused = self.refused().await;
        let Some(card) = refused.get(pick % refused.len().max(1)) else { return };
        let retry = |remedy: &Remedy| match remedy {
            Remedy::RetryWrite { event } => Some(RetryWrite { event: *event }),
            _ => None,
        };
        let retry = card.remedies.iter().find_map(retry).expect("a refused write can be tried again");
        let () = self.world.call(Call::RetryWrite(retry)).await.unwrap();
    }

    /// False when nothing is refused.
    pub(super) async fn take_back(&mut self, pick: usize) -> bool {
        let refused = self.refused().await;
        let Some(card) = refused.get(pick % refused.len().max(1)) else { return false };
        let journal = undo_of(card);
        let meant = self.meant.entry(name_of(&card.params["title"])).or_default();
        (meant.here, meant.there) = (true, true);
        self.note_kept(journal).await;
        match self.world.engine.call(Call::Undo(Undo { journal, guests_confirmed: false })).await {
            Ok(_) => {}
            // An occurrence of the moved series was changed since: the person is told, and the other remedy is left.
            Err(problem) if problem.message.contains("one of its occurrences was changed") => {
                self.try_again(pick).await;
            }
            Err(problem) => panic!("the remedy of a refused write does not work: {card:?} {problem:?}"),
        }
        true
    }

    async fn note_kept(&mut self, journal: i64) {
        let query = JournalQuery { limit: 1, before: Some(journal + 1) };
        let entries: Vec<JournalEntry> = self.world.call(Call::Journal(query)).await.unwrap();
        let entry = entries.first().filter(|entry| entry.id == journal && entry.cause == Cause::Block);
        let Some(entry) = entry else { return };
        let place = PLACES.into_iter().find(|place| place.name() == entry.calendar).unwrap();
        let times = [&entry.before, &entry.after].into_iter().flatten();
        self.kept.extend(times.map(|when| (place, when.start)));
    }

    /// Whatever still waits once nothing stands in its way is named by a card.
    pub(super) async fn is_told(&self) {
        for _ in 0..3 {
            self.world.advance(TimeDelta::minutes(20));
            if self.run().await {
                return;
            }
        }
        let cards = health(&self.world).await.cards.into_iter();
        let named = cards.filter(|card| matches!(card.code, CardCode::WriteRefused | CardCode::Conflict));
        let named: BTreeSet<String> = named.map(|card| name_of(&card.params["title"])).collect();
        let untold = |item: &Item| item.sending != Sending::Sent && !named.contains(&name_of(&item.title));
        let untold: Vec<Item> = self.items().await.into_iter().map(|(_, it)| it).filter(untold).collect();
        assert!(untold.is_empty(), "nobody is told that these wait: {untold:#?}, only of {named:?}");
        assert!(!named.is_empty() || self.held_run().await.is_some(), "something waits in silence");
    }
}
