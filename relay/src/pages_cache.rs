//! Rendered pages kept for as long as they are exactly what would be rendered again.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock};

use bytes::Bytes;

const KEPT_MAX: usize = 2_000;

/// Everything that a rendered page depends on. Equal keys render equal pages.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub slug: String,
    /// The offer's stamp: any change of page or claims makes another key.
    pub stamp: u64,
    /// The minute it is shown in: notice, lease and the age of the times are told in minutes.
    pub minute: i64,
    /// What the visitor asked for, and the language they read.
    pub asked: String,
}

#[derive(Default)]
pub struct PagesCache(RwLock<HashMap<Key, Bytes>>);

impl PagesCache {
    pub fn get(&self, key: &Key) -> Option<Bytes> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    pub fn keep(&self, key: Key, page: Bytes) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(key, page);
    }
}
