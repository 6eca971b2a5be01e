//! The one registry of what is wrong right now: banner, tray, log and `daymarkctl` read it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::api::Tag;
use crate::api::health::{Card, CardCode, HealthState, Remedy};
use crate::notices::Notices;

/// What a card is about; with its code it is the card's identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Account(i64),
    Calendar(i64),
    /// What could not be read of a calendar.
    Aside(i64),
    /// A series that goes on beyond what is listed.
    Series(i64),
    /// An event whose write was refused.
    Write(i64),
    Conflict(i64),
    Booking(String),
    /// What the brake holds back.
    Held,
    Relay,
    /// What the public page stands on.
    Page,
    Machine,
}

/// Builds a card; see [`Registry::raise`].
pub fn card(code: CardCode, severity: HealthState, message: impl Into<String>) -> Card {
    Card {
        id: String::new(),
        severity,
        code,
        message: message.into(),
        params: BTreeMap::new(),
        events: Vec::new(),
        remedies: Vec::new(),
    }
}

impl Card {
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.params.insert(name.into(), value.into());
        self
    }

    /// One more thing that helps.
    pub fn remedy(mut self, remedy: Remedy) -> Self {
        self.remedies.push(remedy);
        self
    }
}

pub struct Registry {
    cards: Mutex<BTreeMap<(Subject, String), Card>>,
    /// Raised since somebody last asked what is new.
    news: Mutex<Vec<Card>>,
    notices: Arc<Notices>,
}

impl Registry {
    pub fn new(notices: Arc<Notices>) -> Self {
        Registry { cards: Mutex::default(), news: Mutex::default(), notices }
    }

    /// Says that something is wrong. Logged once, when it is new or its words change.
    pub fn raise(&self, subject: Subject, mut card: Card) {
        let key = key(subject, card.code);
        card.id = format!("{:?}-{}", key.0, key.1);
        let mut cards = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
        if cards.get(&key) == Some(&card) {
            return;
        }
        // The message may name an account or a title; the log gets the code only.
        tracing::warn!(code = ?card.code, subject = ?key.0, "something needs attention");
        if cards.insert(key, card.clone()).is_none() {
            self.news.lock().unwrap_or_else(PoisonError::into_inner).push(card);
        }
        self.notices.tell(&[Tag::Health]);
    }

    /// Says that it is well again.
    pub fn clear(&self, subject: Subject, code: CardCode) {
        let mut cards = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
        if cards.remove(&key(subject, code)).is_some() {
            tracing::info!(?code, "well again");
            self.notices.tell(&[Tag::Health]);
        }
    }

    /// Drops every card about a subject, for when the subject itself is gone.
    pub fn forget(&self, gone: impl Fn(&Subject) -> bool) {
        let mut cards = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
        let before = cards.len();
        cards.retain(|(subject, _), _| !gone(subject));
        if cards.len() != before {
            self.notices.tell(&[Tag::Health]);
        }
    }

    /// The worst first.
    pub fn cards(&self) -> Vec<Card> {
        let cards = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<Card> = cards.values().cloned().collect();
        all.sort_by_key(|card| std::cmp::Reverse(card.severity));
        all
    }

    /// Cards that were raised since the last call, for notifications.
    pub fn take_news(&self) -> Vec<Card> {
        std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The first card about a subject whose code is among `codes`.
    pub fn about(&self, subject: &Subject, codes: &[CardCode]) -> Option<Card> {
        let cards = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
        codes.iter().find_map(|code| cards.get(&key(subject.clone(), *code)).cloned())
    }

    /// What the cards of a code are about.
    pub fn subjects(&self, code: CardCode) -> Vec<Subject> {
        let cards = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
        cards.iter().filter(|(_, card)| card.code == code).map(|((subject, _), _)| subject.clone()).collect()
    }

    pub fn has(&self, subject: Subject, code: CardCode) -> bool {
        self.cards.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&key(subject, code))
    }
}

fn key(subject: Subject, code: CardCode) -> (Subject, String) {
    (subject, format!("{code:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry() -> (Registry, tokio::sync::broadcast::Receiver<crate::api::Notice>) {
        let notices = Arc::new(Notices::default());
        let heard = notices.listen();
        (Registry::new(notices), heard)
    }

    fn offline() -> Card {
        card(CardCode::Offline, HealthState::Attention, "no answer")
    }

    #[test]
    fn the_same_trouble_twice_is_one_card_and_one_notice() {
        let (registry, mut heard) = registry();
        registry.raise(Subject::Account(1), offline());
        registry.raise(Subject::Account(1), offline());
        assert_eq!(registry.cards().len(), 1);
        assert!(heard.try_recv().is_ok());
        assert!(heard.try_recv().is_err());
    }

    #[test]
    fn the_worst_comes_first_and_what_healed_goes() {
        let (registry, _heard) = registry();
        registry.raise(Subject::Account(1), offline());
        registry.raise(Subject::Account(2), card(CardCode::SignInNeeded, HealthState::Broken, "sign in"));
        assert_eq!(registry.cards().first().unwrap().code, CardCode::SignInNeeded);
        registry.clear(Subject::Account(2), CardCode::SignInNeeded);
        assert_eq!(registry.cards().len(), 1);
    }
}
