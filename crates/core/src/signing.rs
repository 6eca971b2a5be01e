//! Signed requests between laptop and relay: the profile of RFC 9421 and RFC 9530 that both sides speak.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _, VerifyingKey};
use sha2::{Digest as _, Sha256};

/// How far the two clocks may differ.
pub const MAX_SKEW_S: i64 = 300;

/// What a signature covers.
#[derive(Clone, Copy, Debug)]
pub struct Covered<'a> {
    pub method: &'a str,
    /// Path and query, as sent.
    pub target: &'a str,
    pub body: &'a [u8],
}

/// The three headers of a signed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers {
    pub content_digest: String,
    pub signature_input: String,
    pub signature: String,
}

/// What the signer states about the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Params {
    pub created_s: i64,
    pub nonce: String,
    pub key_id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    #[error("the signature headers are missing or malformed")]
    Malformed,
    #[error("the body does not match its digest")]
    Digest,
    #[error("the signature does not match the device's key")]
    Signature,
    #[error("the signature was made more than five minutes away from the relay's clock")]
    Skew,
}

/// Signs a request.
pub fn sign(key: &SigningKey, covered: Covered<'_>, params: &Params) -> Headers {
    let content_digest = digest(covered.body);
    let described = describe(params);
    let signature = key.sign(base(covered, &content_digest, &described).as_bytes());
    Headers {
        content_digest,
        signature_input: format!("daymark={described}"),
        signature: format!("daymark=:{}:", BASE64_STANDARD.encode(signature.to_bytes())),
    }
}

/// Reads the parameters, so that the key can be looked up before [`verify`].
pub fn params(headers: &Headers) -> Result<Params, Unsigned> {
    let described = headers.signature_input.strip_prefix("daymark=").ok_or(Unsigned::Malformed)?;
    let mut created_s = None;
    let mut nonce = None;
    let mut key_id = None;
    for part in described.split(';').skip(1) {
        match part.split_once('=').ok_or(Unsigned::Malformed)? {
            ("created", value) => created_s = value.parse().ok(),
            ("nonce", value) => nonce = unquote(value),
            ("keyid", value) => key_id = unquote(value),
            ("alg", "\"ed25519\"") => {}
            _ => return Err(Unsigned::Malformed),
        }
    }
    match (created_s, nonce, key_id) {
        (Some(created_s), Some(nonce), Some(key_id)) => Ok(Params { created_s, nonce, key_id }),
        _ => Err(Unsigned::Malformed),
    }
}

/// Checks digest, age and signature. The caller checks that the nonce is new.
pub fn verify(
    key: &VerifyingKey,
    covered: Covered<'_>,
    headers: &Headers,
    now_s: i64,
) -> Result<Params, Unsigned> {
    let stated = params(headers)?;
    if stated.created_s.abs_diff(now_s) > MAX_SKEW_S.unsigned_abs() {
        return Err(Unsigned::Skew);
    }
    if headers.content_digest != digest(covered.body) {
        return Err(Unsigned::Digest);
    }
    let described = headers.signature_input.strip_prefix("daymark=").ok_or(Unsigned::Malformed)?;
    // Rebuilding the description refuses any other set or order of covered components.
    if described != describe(&stated) {
        return Err(Unsigned::Malformed);
    }
    let signature = decode_signature(&headers.signature)?;
    key.verify(base(covered, &headers.content_digest, described).as_bytes(), &signature)
        .map_err(|_| Unsigned::Signature)?;
    Ok(stated)
}

fn digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", BASE64_STANDARD.encode(Sha256::digest(body)))
}

fn describe(params: &Params) -> String {
    format!(
        "(\"@method\" \"@request-target\" \"content-digest\");created={};nonce=\"{}\";keyid=\"{}\";alg=\"ed25519\"",
        params.created_s, params.nonce, params.key_id
    )
}

/// The signature base of RFC 9421 §2.5.
fn base(covered: Covered<'_>, content_digest: &str, described: &str) -> String {
    format!(
        "\"@method\": {}\n\"@request-target\": {}\n\"content-digest\": {content_digest}\n\"@signature-params\": {described}",
        covered.method, covered.target
    )
}

fn decode_signature(header: &str) -> Result<Signature, Unsigned> {
    let encoded = header
        .strip_prefix("daymark=:")
        .and_then(|rest| rest.strip_suffix(':'))
        .ok_or(Unsigned::Malformed)?;
    let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| Unsigned::Malformed)?;
    Signature::from_slice(&bytes).map_err(|_| Unsigned::Malformed)
}

/// Only what the signer itself writes is accepted inside quotes.
fn unquote(value: &str) -> Option<String> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (!inner.is_empty() && inner.len() <= 128 && inner.chars().all(plain)).then(|| inner.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_S: i64 = 1_780_000_000;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    fn request() -> Covered<'static> {
        Covered { method: "PUT", target: "/api/v1/page?x=1", body: b"{}" }
    }

    fn signed() -> Headers {
        let params = Params { created_s: NOW_S, nonce: "n-1".into(), key_id: "device_1".into() };
        sign(&key(), request(), &params)
    }

    #[test]
    fn a_signed_request_verifies_and_names_its_device() {
        let params = verify(&key().verifying_key(), request(), &signed(), NOW_S + 10).unwrap();
        assert_eq!(params.key_id, "device_1");
    }

    #[test]
    fn a_changed_method_target_or_body_is_refused() {
        let key = key().verifying_key();
        let other_method = Covered { method: "POST", ..request() };
        let other_target = Covered { target: "/api/v1/page?x=2", ..request() };
        let other_body = Covered { body: b"{ }", ..request() };
        assert_eq!(verify(&key, other_method, &signed(), NOW_S), Err(Unsigned::Signature));
        assert_eq!(verify(&key, other_target, &signed(), NOW_S), Err(Unsigned::Signature));
        assert_eq!(verify(&key, other_body, &signed(), NOW_S), Err(Unsigned::Digest));
    }

    #[test]
    fn a_signature_from_another_hour_is_refused() {
        let key = key().verifying_key();
        assert_eq!(verify(&key, request(), &signed(), NOW_S + MAX_SKEW_S + 1), Err(Unsigned::Skew));
        assert_eq!(verify(&key, request(), &signed(), NOW_S - MAX_SKEW_S - 1), Err(Unsigned::Skew));
    }

    #[test]
    fn fewer_covered_components_are_refused() {
        let mut headers = signed();
        headers.signature_input = headers.signature_input.replace(" \"content-digest\"", "");
        assert_eq!(verify(&key().verifying_key(), request(), &headers, NOW_S), Err(Unsigned::Malformed));
    }
}
