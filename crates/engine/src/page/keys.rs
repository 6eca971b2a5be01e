//! The device's keys. Each try to join a relay has a pair of its own: one signs requests there, one opens what visitors
//! sealed. The mirror says which pair works; what gave way to it is kept for what was sealed to it before.

use crypto_box::SecretKey;
use data_encoding::{BASE64, HEXLOWER};
use daymark_core::contract::plain_code;
use daymark_core::entropy::{Entropy, bytes};
use daymark_core::seal;
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::secrets::{SecretError, SecretStore};

/// All pairs are one secret, so that each change of them is one write.
const PAIRS: &str = "relay-keys";
/// The one pair of a device that joined before there could be several.
const SIGNING: &str = "relay-signing";
const SEALING: &str = "relay-sealing";
/// So many stay, the newest; they fit into one entry of every keyring.
const KEPT: usize = 12;

#[derive(Clone)]
pub struct Keys {
    name: String,
    pub signing: SigningKey,
    sealing: SecretKey,
}

impl Keys {
    fn make(name: &str, entropy: &dyn Entropy) -> Keys {
        Keys::of(name, &bytes(entropy), bytes(entropy))
    }

    fn of(name: &str, signing: &[u8; 32], sealing: [u8; 32]) -> Keys {
        let (signing, sealing) = (SigningKey::from_bytes(signing), SecretKey::from(sealing));
        Keys { name: name.to_owned(), signing, sealing }
    }

    /// The public halves, base64, as the relay wants them: verifying, sealing.
    pub fn public(&self) -> (String, String) {
        (
            BASE64.encode(self.signing.verifying_key().as_bytes()),
            BASE64.encode(self.sealing.public_key().as_bytes()),
        )
    }
}

/// What the keys of a try are called: the same code typed again at the same relay finds the same keys, and so does a
/// person whose first answer was lost.
pub fn name_of(relay: &Url, code: &str) -> String {
    let digest = Sha256::new_with_prefix(b"daymark relay keys 1\n")
        .chain_update(relay.as_str())
        .chain_update(b"\n")
        .chain_update(plain_code(code))
        .finalize();
    HEXLOWER.encode(digest.get(..16).unwrap_or_default())
}

/// All keys of this device, the newest last.
#[derive(Default)]
pub struct KeyRing(Vec<Keys>);

impl KeyRing {
    pub async fn load(secrets: &dyn SecretStore) -> Result<KeyRing, SecretError> {
        match secrets.load(PAIRS).await? {
            Some(kept) => Ok(read(&kept)),
            None => KeyRing::from_before(secrets).await,
        }
    }

    async fn from_before(secrets: &dyn SecretStore) -> Result<KeyRing, SecretError> {
        let signing = part(secrets, SIGNING).await?;
        let sealing = part(secrets, SEALING).await?;
        let pair = signing.zip(sealing).map(|(signing, sealing)| Keys::of("", &signing, sealing));
        Ok(KeyRing(pair.into_iter().collect()))
    }

    async fn save(&self, secrets: &dyn SecretStore) -> Result<(), SecretError> {
        secrets.save(PAIRS, &write(self)?).await
    }

    /// `None` when they were lost.
    pub fn get(&self, name: &str) -> Option<&Keys> {
        self.0.iter().find(|keys| keys.name == name)
    }

    /// Opens what a visitor sealed to any of them.
    pub fn open(&self, sealed: &str) -> Option<Vec<u8>> {
        self.0.iter().rev().find_map(|keys| seal::by_owner(&keys.sealing, sealed).ok())
    }

    /// The oldest give way to the new, but never the one that works.
    fn add(&mut self, keys: Keys, working: &str) {
        self.0.push(keys);
        while self.0.len() > KEPT {
            let Some(oldest) = self.0.iter().position(|keys| keys.name != working) else { return };
            self.0.remove(oldest);
        }
    }
}

/// A try to join: its keys, kept before anybody hears of them, since a relay that knows a lost key is of no use.
pub struct Try {
    pub keys: Keys,
    /// Nobody has heard of them before.
    fresh: bool,
}

impl Try {
    /// `working` is the name of the keys that must stay whatever comes of it.
    pub async fn begin(
        secrets: &dyn SecretStore,
        name: &str,
        working: &str,
        entropy: &dyn Entropy,
    ) -> Result<Try, SecretError> {
        let mut ring = KeyRing::load(secrets).await?;
        if let Some(keys) = ring.get(name) {
            return Ok(Try { keys: keys.clone(), fresh: false });
        }
        let keys = Keys::make(name, entropy);
        ring.add(keys.clone(), working);
        ring.save(secrets).await?;
        Ok(Try { keys, fresh: true })
    }

    /// The relay said no. New keys are then known to nobody; others it may have taken at an earlier try.
    pub async fn refused(self, secrets: &dyn SecretStore) -> Result<(), SecretError> {
        if !self.fresh {
            return Ok(());
        }
        let mut ring = KeyRing::load(secrets).await?;
        ring.0.retain(|keys| keys.name != self.keys.name);
        ring.save(secrets).await
    }
}

/// How a pair is kept.
#[derive(Serialize, Deserialize)]
struct Pair {
    name: String,
    signing: String,
    sealing: String,
}

fn write(ring: &KeyRing) -> Result<Vec<u8>, SecretError> {
    let pair = |keys: &Keys| Pair {
        name: keys.name.clone(),
        signing: BASE64.encode(keys.signing.as_bytes()),
        sealing: BASE64.encode(&keys.sealing.to_bytes()),
    };
    let pairs: Vec<Pair> = ring.0.iter().map(pair).collect();
    serde_json::to_vec(&pairs).map_err(|error| SecretError::File { source: std::io::Error::other(error) })
}

/// What cannot be read is as good as lost.
fn read(kept: &[u8]) -> KeyRing {
    let raw = |text: &str| BASE64.decode(text.as_bytes()).ok()?.try_into().ok();
    let keys = |pair: Pair| Some(Keys::of(&pair.name, &raw(&pair.signing)?, raw(&pair.sealing)?));
    let pairs: Vec<Pair> = serde_json::from_slice(kept).unwrap_or_default();
    KeyRing(pairs.into_iter().filter_map(keys).collect())
}

async fn part(secrets: &dyn SecretStore, name: &str) -> Result<Option<[u8; 32]>, SecretError> {
    Ok(secrets.load(name).await?.and_then(|raw| raw.try_into().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::memory::SessionSecrets;
    use crate::system::SystemEntropy;

    async fn begin(secrets: &SessionSecrets, name: &str, working: &str) -> Try {
        Try::begin(secrets, name, working, &SystemEntropy).await.unwrap()
    }

    async fn ring(secrets: &SessionSecrets) -> KeyRing {
        KeyRing::load(secrets).await.unwrap()
    }

    async fn names(secrets: &SessionSecrets) -> Vec<String> {
        ring(secrets).await.0.into_iter().map(|keys| keys.name).collect()
    }

    #[test]
    fn a_try_is_named_by_the_relay_and_the_code_however_that_is_typed() {
        let (one, other) = ("https://a.example/".parse().unwrap(), "https://b.example/".parse().unwrap());
        assert_eq!(name_of(&one, "A0B1-CDEF"), name_of(&one, " aobl cdef "));
        assert_ne!(name_of(&one, "A0B1-CDEF"), name_of(&one, "A0B1-CDEG"));
        assert_ne!(name_of(&one, "A0B1-CDEF"), name_of(&other, "A0B1-CDEF"));
    }

    #[tokio::test]
    async fn the_same_try_has_the_same_keys_and_another_one_has_others() {
        let secrets = SessionSecrets::default();
        let first = begin(&secrets, "a", "").await.keys.public();
        assert_ne!(begin(&secrets, "b", "").await.keys.public(), first);
        assert_eq!(begin(&secrets, "a", "").await.keys.public(), first);
        assert_eq!(ring(&secrets).await.get("a").unwrap().public(), first);
        assert!(ring(&secrets).await.get("c").is_none());
    }

    #[tokio::test]
    async fn keys_that_were_refused_at_once_go_and_those_that_may_be_known_stay() {
        let secrets = SessionSecrets::default();
        begin(&secrets, "unheard", "").await;
        begin(&secrets, "wrong", "").await.refused(&secrets).await.unwrap();
        assert_eq!(names(&secrets).await, ["unheard"]);
        begin(&secrets, "unheard", "").await.refused(&secrets).await.unwrap();
        assert_eq!(names(&secrets).await, ["unheard"]);
    }

    #[tokio::test]
    async fn however_many_tries_come_to_nothing_the_keys_that_work_stay() {
        let secrets = SessionSecrets::default();
        let public = begin(&secrets, "works", "").await.keys.public();
        for number in 0..3 * KEPT {
            begin(&secrets, &format!("try-{number}"), "works").await;
        }
        assert_eq!(names(&secrets).await.len(), KEPT);
        assert_eq!(ring(&secrets).await.get("works").unwrap().public(), public);
        let kept = secrets.get(PAIRS).unwrap();
        assert!(kept.len() <= 2_400, "{} bytes are more than one entry of Windows takes", kept.len());
    }

    #[tokio::test]
    async fn what_was_sealed_to_any_of_them_is_opened_and_nothing_else() {
        let secrets = SessionSecrets::default();
        let mut sealed = Vec::new();
        for name in ["a", "b"] {
            let key = seal::public_key(&begin(&secrets, name, "").await.keys.public().1).unwrap();
            sealed.push(seal::to_owner(&key, name.as_bytes(), &SystemEntropy).unwrap());
        }
        let ring = ring(&secrets).await;
        assert_eq!(ring.open(&sealed[0]).unwrap(), b"a");
        assert_eq!(ring.open(&sealed[1]).unwrap(), b"b");
        let strange = Keys::make("c", &SystemEntropy);
        let strange = seal::to_owner(&strange.sealing.public_key(), b"c", &SystemEntropy).unwrap();
        assert!(ring.open(&strange).is_none());
    }

    #[tokio::test]
    async fn a_device_that_joined_with_its_only_pair_keeps_it_when_it_joins_anew() {
        let secrets = SessionSecrets::default();
        secrets.save(SIGNING, &[1; 32]).await.unwrap();
        secrets.save(SEALING, &[2; 32]).await.unwrap();
        let before = ring(&secrets).await.get("").unwrap().public();
        begin(&secrets, "new", "").await;
        assert_eq!(names(&secrets).await, ["", "new"]);
        assert_eq!(ring(&secrets).await.get("").unwrap().public(), before);
    }

    #[tokio::test]
    async fn keys_that_cannot_be_read_are_lost_and_new_ones_can_be_made() {
        let secrets = SessionSecrets::default();
        secrets.save(PAIRS, b"no list").await.unwrap();
        assert!(names(&secrets).await.is_empty());
        begin(&secrets, "new", "old").await;
        assert_eq!(names(&secrets).await, ["new"]);
    }
}
