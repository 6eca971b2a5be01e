//! The device's two keys: one signs its requests to the relay, one opens what visitors sealed.

use crypto_box::SecretKey;
use data_encoding::BASE64;
use daymark_core::entropy::{Entropy, bytes};
use ed25519_dalek::SigningKey;

use crate::secrets::{SecretError, SecretStore};

const SIGNING: &str = "relay-signing";
const SEALING: &str = "relay-sealing";

pub struct Keys {
    pub signing: SigningKey,
    pub sealing: SecretKey,
}

impl Keys {
    /// The keys of this device; `None` before it was enrolled, or when the secrets were lost.
    pub async fn load(secrets: &dyn SecretStore) -> Result<Option<Keys>, SecretError> {
        let signing = part(secrets, SIGNING).await?;
        let sealing = part(secrets, SEALING).await?;
        Ok(signing.zip(sealing).map(|(signing, sealing)| Keys {
            signing: SigningKey::from_bytes(&signing),
            sealing: SecretKey::from(sealing),
        }))
    }

    /// New keys, kept before anybody hears of them: a relay that knows a lost key is of no use.
    pub async fn make(secrets: &dyn SecretStore, entropy: &dyn Entropy) -> Result<Keys, SecretError> {
        let signing: [u8; 32] = bytes(entropy);
        let sealing: [u8; 32] = bytes(entropy);
        secrets.save(SIGNING, &signing).await?;
        secrets.save(SEALING, &sealing).await?;
        Ok(Keys { signing: SigningKey::from_bytes(&signing), sealing: SecretKey::from(sealing) })
    }

    /// The public halves, base64, as the relay wants them: verifying, sealing.
    pub fn public(&self) -> (String, String) {
        (
            BASE64.encode(self.signing.verifying_key().as_bytes()),
            BASE64.encode(self.sealing.public_key().as_bytes()),
        )
    }
}

async fn part(secrets: &dyn SecretStore, name: &str) -> Result<Option<[u8; 32]>, SecretError> {
    Ok(secrets.load(name).await?.and_then(|raw| raw.try_into().ok()))
}
