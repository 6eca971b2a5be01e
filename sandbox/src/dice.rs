//! Seeded randomness: two sandboxes with the same seed hand out the same ids and tokens.

use std::sync::Mutex;

use sha2::{Digest, Sha256};

use crate::sync::lock;

pub struct Dice {
    seed: u64,
    rolls: Mutex<u64>,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self { seed, rolls: Mutex::new(0) }
    }

    pub fn bytes(&self) -> [u8; 32] {
        let mut rolls = lock(&self.rolls);
        *rolls += 1;
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(rolls.to_be_bytes());
        hash.finalize().into()
    }

    /// Lower-case base32hex, the alphabet Google demands of event ids.
    pub fn base32hex(&self, length: usize) -> String {
        let mut text = data_encoding::BASE32HEX_NOPAD.encode(&self.bytes()).to_lowercase();
        text.truncate(length);
        text
    }

    /// URL-safe text of 43 characters, for tokens and codes.
    pub fn token(&self) -> String {
        data_encoding::BASE64URL_NOPAD.encode(&self.bytes())
    }

    pub fn number(&self) -> u64 {
        self.bytes().iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_rolls_the_same() {
        let (a, b) = (Dice::new(7), Dice::new(7));
        assert_eq!((a.token(), a.base32hex(26)), (b.token(), b.base32hex(26)));
        assert_ne!(Dice::new(8).token(), Dice::new(7).token());
    }
}
