//! What one random key in the form stands for: the request's identity, and the way back to its booking.
//!
//! The key is made with the form and stays with the visitor. The relay stores only hashes of it, so a
//! form sent twice finds its own booking, and a stolen database opens none.

use data_encoding::HEXLOWER;
use daymark_core::entropy::{self, Entropy};
use daymark_core::seal::ManageToken;
use sha2::{Digest as _, Sha256};

/// The idempotency key of one form.
#[derive(Clone)]
pub struct FormKey([u8; 32]);

impl FormKey {
    pub fn new(entropy: &dyn Entropy) -> FormKey {
        FormKey(entropy::bytes(entropy))
    }

    /// Anything else than 64 hex digits is `None`.
    pub fn parse(text: &str) -> Option<FormKey> {
        Some(FormKey(HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()?))
    }

    pub fn reveal(&self) -> String {
        HEXLOWER.encode(&self.0)
    }

    /// What the store knows the request by.
    pub fn idem_hash(&self) -> String {
        self.derive("daymark form key 1", &[])
    }

    /// Tells the same request from another one. The key goes in first, so that without it nobody can
    /// guess at what was typed.
    pub fn request_digest(&self, parts: &[&str]) -> String {
        self.derive("daymark form request 1", parts)
    }

    /// The manage link's token: the same for every answer to this form, and stored nowhere.
    pub fn token(&self) -> Option<ManageToken> {
        ManageToken::parse(&self.derive("daymark manage token 1", &[]))
    }

    fn derive(&self, purpose: &str, parts: &[&str]) -> String {
        let mut hash = Sha256::new();
        hash.update(self.0);
        for part in std::iter::once(&purpose).chain(parts) {
            // The length keeps “ab”, “c” from being “a”, “bc”.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        HEXLOWER.encode(&hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> FormKey {
        FormKey([7; 32])
    }

    #[test]
    fn a_key_reads_back_and_junk_does_not() {
        let again = FormKey::parse(&key().reveal()).unwrap();
        assert_eq!(again.idem_hash(), key().idem_hash());
        for junk in ["", "07", &"g".repeat(64), &"0".repeat(66)] {
            assert!(FormKey::parse(junk).is_none());
        }
    }

    #[test]
    fn what_is_stored_opens_nothing() {
        let token = key().token().unwrap();
        assert_ne!(token.reveal(), key().idem_hash());
        assert_ne!(token.lookup(), key().idem_hash());
        assert_ne!(token.reveal(), key().reveal());
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(key().request_digest(&["ab", "c"]), key().request_digest(&["a", "bc"]));
        assert_eq!(key().request_digest(&["ab", "c"]), key().request_digest(&["ab", "c"]));
    }
}
