//! Only an enrolled device gets past this: digest, age, signature, and a nonce that is new.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use daymark_core::contract::ProblemCode;
use daymark_core::signing::{self, Covered, Headers};
use ed25519_dalek::VerifyingKey;

use super::problem::{Refused, Result};
use crate::app::App;
use crate::store::Device;

/// A request whose signature was right.
pub struct Signed {
    pub device: Device,
    pub body: Bytes,
}

impl FromRequest<Arc<App>> for Signed {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self> {
        let method = request.method().clone();
        let target = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        let headers = headers(request.headers())?;
        let body = body(request).await?;
        let stated = signing::params(&headers).map_err(refuse)?;
        let Some(device) = app.store.device(&stated.key_id).await? else {
            return Err(refuse("this device is not known here"));
        };
        let key = verifying_key(&device.verifying_key).ok_or_else(|| refuse("the stored key is damaged"))?;
        let covered = Covered { method: method.as_str(), target: &target, body: &body };
        let now = app.now();
        signing::verify(&key, covered, &headers, now.timestamp()).map_err(refuse)?;
        // Only who holds the key learns that it was revoked.
        if device.revoked {
            let message = "another laptop was enrolled in this one's place";
            return Err(Refused::new(ProblemCode::DeviceRevoked, message));
        }
        if !app.store.use_nonce(&device.id, &stated.nonce, now).await? {
            return Err(refuse("this request was sent before"));
        }
        Ok(Signed { device, body })
    }
}

/// The body within the limit of the route.
pub async fn body(request: Request) -> Result<Bytes> {
    Bytes::from_request(request, &()).await.map_err(|rejection| {
        let code = match rejection.status() {
            axum::http::StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::TooLarge,
            _ => ProblemCode::BadRequest,
        };
        Refused::new(code, rejection.body_text())
    })
}

/// Reads an Ed25519 public key: 32 bytes in base64, and no weak one.
pub fn verifying_key(encoded: &str) -> Option<VerifyingKey> {
    let raw = BASE64_STANDARD.decode(encoded).ok()?;
    let key = VerifyingKey::from_bytes(&raw.try_into().ok()?).ok()?;
    (!key.is_weak()).then_some(key)
}

fn headers(from: &HeaderMap) -> Result<Headers> {
    let read = |name| {
        let value = from.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        value.ok_or_else(|| refuse(format!("the header {name} is missing")))
    };
    Ok(Headers {
        content_digest: read("content-digest")?,
        signature_input: read("signature-input")?,
        signature: read("signature")?,
    })
}

fn refuse(why: impl ToString) -> Refused {
    Refused::new(ProblemCode::BadSignature, why.to_string())
}
