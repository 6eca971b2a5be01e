//! Whether a server answers at all, and whether it is the one it says it is: the first steps of a
//! connection test.

use reqwest::{Client, Url};

use crate::error::RemoteError;
use crate::http::guard_scheme;

/// How far a first contact came.
#[derive(Debug)]
pub enum Reach {
    /// It answers, over a connection that is safe; `false` where none is needed.
    Answers {
        encrypted: bool,
    },
    /// It is there, but its certificate or its encryption is not right.
    Unsafe(RemoteError),
    Unreachable(RemoteError),
}

/// Asks for the address without any token. Whatever it answers, it has answered.
pub async fn reach(service: &'static str, client: &Client, address: &Url) -> Reach {
    if let Err(error) = guard_scheme(service, address) {
        return Reach::Unreachable(error);
    }
    match client.get(address.clone()).send().await {
        Ok(_) => Reach::Answers { encrypted: address.scheme() == "https" },
        Err(error) => {
            let source = Box::new(error.without_url());
            let error = RemoteError::Unreachable { service, source };
            if error.is_unsafe() { Reach::Unsafe(error) } else { Reach::Unreachable(error) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::client;
    use crate::testing::Script;

    #[tokio::test]
    async fn any_answer_is_an_answer() {
        let script = Script::play(["404 Not Found"]).await;
        let found = reach("Testing", &client().unwrap(), &script.url("")).await;
        assert!(matches!(found, Reach::Answers { encrypted: false }));
    }

    #[tokio::test]
    async fn a_server_that_does_not_speak_tls_is_there_but_not_safe() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("https://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad\r\n\r\n").await.unwrap();
            stream
        });
        let found = reach("Testing", &client().unwrap(), &address).await;
        assert!(matches!(found, Reach::Unsafe(_)), "{found:?}");
        drop(server.await.unwrap());
    }

    #[tokio::test]
    async fn a_port_on_which_nobody_listens_is_unreachable() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        drop(listener);
        let found = reach("Testing", &client().unwrap(), &address).await;
        assert!(matches!(found, Reach::Unreachable(_)), "{found:?}");
    }
}
