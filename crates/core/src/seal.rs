//! Sealing: what a visitor typed is readable by the owner's laptop and by the holder of the manage link, by nobody between.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use crypto_box::{PublicKey, SecretKey};
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256};

use crate::entropy::{CryptoSource, Entropy, bytes};

const NONCE_BYTES: usize = 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("the sealed text is damaged, or was sealed to another key")]
    Unreadable,
    #[error("the key is not 32 bytes in base64")]
    BadKey,
    #[error("sealing failed")]
    Failed,
}

/// Reads a public key as it travels: 32 bytes in base64.
pub fn public_key(encoded: &str) -> Result<PublicKey, SealError> {
    let raw = BASE64_STANDARD.decode(encoded).map_err(|_| SealError::BadKey)?;
    PublicKey::from_slice(&raw).map_err(|_| SealError::BadKey)
}

/// Seals to the owner's key (libsodium's sealed box).
pub fn to_owner(key: &PublicKey, plain: &[u8], entropy: &dyn Entropy) -> Result<String, SealError> {
    let sealed = key.seal(&mut CryptoSource(entropy), plain).map_err(|_| SealError::Failed)?;
    Ok(BASE64_STANDARD.encode(sealed))
}

/// Opens what [`to_owner`] sealed.
pub fn by_owner(key: &SecretKey, sealed: &str) -> Result<Vec<u8>, SealError> {
    let raw = BASE64_STANDARD.decode(sealed).map_err(|_| SealError::Unreadable)?;
    key.unseal(&raw).map_err(|_| SealError::Unreadable)
}

/// The bearer secret of a manage link. The relay stores only [`ManageToken::lookup`].
pub struct ManageToken([u8; 32]);

impl ManageToken {
    pub fn new(entropy: &dyn Entropy) -> Self {
        ManageToken(bytes(entropy))
    }

    /// Reads a token from its link; anything else than 64 hex digits is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let raw = data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?;
        Some(ManageToken(raw.try_into().ok()?))
    }

    pub fn reveal(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }

    /// What the relay finds the booking by. It cannot be turned back into the token.
    pub fn lookup(&self) -> String {
        data_encoding::HEXLOWER.encode(&Sha256::digest(self.0))
    }

    /// Seals under a key derived from the token, bound to the booking in `context`.
    pub fn seal(&self, context: &str, plain: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        let nonce: [u8; NONCE_BYTES] = bytes(entropy);
        let payload = Payload { msg: plain, aad: context.as_bytes() };
        let sealed =
            self.cipher()?.encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| SealError::Failed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (nonce, body) = sealed.split_at_checked(NONCE_BYTES).ok_or(SealError::Unreadable)?;
        let payload = Payload { msg: body, aad: context.as_bytes() };
        self.cipher()?.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| SealError::Unreadable)
    }

    fn cipher(&self) -> Result<XChaCha20Poly1305, SealError> {
        let mut key = [0_u8; 32];
        Hkdf::<Sha256>::new(None, &self.0)
            .expand(b"daymark manage copy 1", &mut key)
            .map_err(|_| SealError::Failed)?;
        Ok(XChaCha20Poly1305::new(&key.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    struct Counting(AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    fn entropy() -> Counting {
        Counting(AtomicU8::new(1))
    }

    #[test]
    fn only_the_owners_key_opens_what_was_sealed_to_it() {
        let owner = SecretKey::from([3; 32]);
        let sealed = to_owner(&owner.public_key(), b"A. Roy", &entropy()).unwrap();
        assert_eq!(by_owner(&owner, &sealed).unwrap(), b"A. Roy");
        assert_eq!(by_owner(&SecretKey::from([4; 32]), &sealed), Err(SealError::Unreadable));
    }

    #[test]
    fn a_manage_copy_opens_with_its_token_and_its_booking_only() {
        let token = ManageToken::new(&entropy());
        let sealed = token.seal("booking-1", b"A. Roy", &entropy()).unwrap();
        let again = ManageToken::parse(&token.reveal()).unwrap();
        assert_eq!(again.open("booking-1", &sealed).unwrap(), b"A. Roy");
        assert_eq!(again.open("booking-2", &sealed), Err(SealError::Unreadable));
        assert_ne!(token.lookup(), token.reveal());
    }

    #[test]
    fn a_damaged_token_or_text_is_refused_without_a_panic() {
        assert!(ManageToken::parse("zz").is_none());
        assert!(ManageToken::parse(&"a".repeat(63)).is_none());
        assert_eq!(ManageToken::new(&entropy()).open("x", b"short"), Err(SealError::Unreadable));
        assert_eq!(public_key("AAAA"), Err(SealError::BadKey));
    }
}
