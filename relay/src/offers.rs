//! Pages kept ready in memory, each proved fresh by its stamp before it is used.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use daymark_core::time::Instant;
use tokio::sync::watch;

use crate::offer::Offer;
use crate::store::{Result, Store};

const KEPT_MAX: usize = 10_000;

/// An offer, and how to tell that the store has moved on.
pub struct Stamped {
    pub offer: Offer,
    pub stamp: u64,
    changes: watch::Receiver<u64>,
}

impl Stamped {
    fn is_fresh(&self) -> bool {
        *self.changes.borrow() == self.stamp
    }
}

#[derive(Default)]
pub struct Offers(RwLock<HashMap<String, Arc<Stamped>>>);

impl Offers {
    /// The page as of the last change that anybody has been told of; `None` for an unknown slug.
    pub async fn get(&self, store: &dyn Store, slug: &str, now: Instant) -> Result<Option<Arc<Stamped>>> {
        let kept = self.kept(slug);
        if let Some(fresh) = kept.as_ref().filter(|kept| kept.is_fresh()) {
            return Ok(Some(Arc::clone(fresh)));
        }
        let changes = match kept {
            Some(stale) => stale.changes.clone(),
            None => match store.page(slug, now).await? {
                Some(page) => store.changes(page.person),
                None => return Ok(None),
            },
        };
        // The stamp is read before the data: a change between the two makes the entry look old,
        // never the data look new.
        let stamp = *changes.borrow();
        let Some(page) = store.page(slug, now).await? else {
            return Ok(None);
        };
        let stamped = Arc::new(Stamped { offer: Offer::new(page), stamp, changes });
        self.keep(slug, Arc::clone(&stamped));
        Ok(Some(stamped))
    }

    fn kept(&self, slug: &str) -> Option<Arc<Stamped>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(slug).cloned()
    }

    fn keep(&self, slug: &str, stamped: Arc<Stamped>) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(slug.to_owned(), stamped);
    }
}
