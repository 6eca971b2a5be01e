//! Whom the app's HTTP client trusts: the system's roots, and an organisation's own where it names them.

use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio_rustls::TlsAcceptor;

/// An authority that no system knows, and a server on this machine that it vouches for.
struct Organisation {
    root_pem: String,
    server: ServerConfig,
}

impl Organisation {
    fn found() -> Organisation {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".into()]).unwrap();
        let certificate = params.signed_by(&key, &root).unwrap();
        let server = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .unwrap();
        Organisation { root_pem: root.pem(), server }
    }
}

/// Serves every connection until the test ends, and gives its address.
async fn serve(config: ServerConfig) -> String {
    let listener = TcpListener::bind("localhost:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Whoever does not trust this server hangs up in the middle of it.
            let _ = answer(&acceptor, stream).await;
        }
    });
    format!("https://localhost:{port}/")
}

async fn answer(acceptor: &TlsAcceptor, stream: TcpStream) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut head = [0; 4096];
    let _ = stream.read(&mut head).await?;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\nwelcome").await?;
    stream.shutdown().await
}

async fn call(address: &str, roots: Option<&Path>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_one-call"));
    command.arg(address).env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR").kill_on_drop(true);
    if let Some(roots) = roots {
        command.env("SSL_CERT_FILE", roots);
    }
    command.output().await.unwrap()
}

/// On other systems the roots are those of the keychain or the certificate store, and the variable means nothing.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_organisations_own_authority_is_trusted_where_ssl_cert_file_names_it() {
    let organisation = Organisation::found();
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, &organisation.root_pem).unwrap();
    let address = serve(organisation.server).await;
    let refused = call(&address, None).await;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("UnknownIssuer"), "{said}");
    let trusted = call(&address, Some(&roots)).await;
    let said = String::from_utf8_lossy(&trusted.stderr).into_owned();
    assert_eq!(String::from_utf8_lossy(&trusted.stdout).trim(), "welcome", "{said}");
}
