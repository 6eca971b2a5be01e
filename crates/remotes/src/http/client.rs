//! The client under all services: TLS with the system's roots, limits of time, no redirects.

use std::sync::Arc;
use std::time::Duration;

use crate::error::RemoteError;

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const CALL_LIMIT: Duration = Duration::from_secs(60);

/// The client that all services share. It trusts what the system trusts (`SSL_CERT_FILE` is
/// honoured), and follows no redirect: a redirected call would carry its token elsewhere.
#[expect(clippy::disallowed_methods, reason = "the one home of the client's settings")]
pub fn client() -> Result<reqwest::Client, RemoteError> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls().map_err(no_tls)?)
        .user_agent(concat!("Daymark/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_LIMIT)
        .timeout(CALL_LIMIT)
        .build()
        .map_err(no_tls)
}

/// The ring provider is named here, and not installed for the process: a library has no globals.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    use rustls_platform_verifier::BuilderVerifierExt;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn no_tls(source: impl std::error::Error + Send + Sync + 'static) -> RemoteError {
    const WHAT: &str = "the network (are the system's root certificates, ca-certificates, installed?)";
    RemoteError::Unreachable { service: WHAT, source: Box::new(source) }
}
