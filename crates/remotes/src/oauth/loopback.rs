//! The door that the browser comes back to: a tiny HTTP server on 127.0.0.1 that waits for one answer.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::Url;

use super::refusal::in_words;
use crate::error::RemoteError;

/// Browsers open connections ahead of need; more than these are somebody else's game.
const CONNECTIONS_MAX: usize = 32;
const HEAD_MAX_BYTES: usize = 16 * 1024;

pub(super) struct Loopback {
    listener: TcpListener,
    port: u16,
}

/// What the authorization server sent along with the browser.
struct Landing {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

impl Loopback {
    pub async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Loopback { listener, port })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits for the browser and answers with the code, if it belongs to this sign-in.
    /// Connections are served side by side: one that never speaks must not hold up the one that counts.
    pub async fn code(self, service: &'static str, state: &str) -> Result<String, RemoteError> {
        let mut visits = JoinSet::new();
        loop {
            tokio::select! {
                arrival = self.listener.accept() => match arrival {
                    Ok((stream, _)) if visits.len() < CONNECTIONS_MAX => {
                        visits.spawn(visit(stream, service, state.to_owned()));
                    }
                    Ok(_) => {}
                    Err(why) => return Err(failed(why)),
                },
                Some(visit) = visits.join_next() => {
                    if let Ok(Some(outcome)) = visit {
                        return outcome;
                    }
                }
            }
        }
    }
}

pub(super) fn failed(source: io::Error) -> RemoteError {
    RemoteError::Unreachable { service: "the sign-in's own port on 127.0.0.1", source: Box::new(source) }
}

/// One connection. `None` when it was not the browser coming back (a favicon, a scanner).
async fn visit(
    mut stream: TcpStream,
    service: &'static str,
    state: String,
) -> Option<Result<String, RemoteError>> {
    let head = read_head(&mut stream).await?;
    let french = prefers_french(&head);
    let Some(landing) = Landing::read(&head) else {
        answer(&mut stream, "404 Not Found", "").await;
        return None;
    };
    let outcome = landing.judge(service, &state);
    let page = if outcome.is_ok() { welcome(french) } else { refusal(french) };
    let status = if outcome.is_ok() { "200 OK" } else { "400 Bad Request" };
    answer(&mut stream, status, &page).await;
    Some(outcome)
}

impl Landing {
    /// `None` for requests that carry neither a code nor an error.
    fn read(head: &str) -> Option<Landing> {
        let target = head.lines().next()?.strip_prefix("GET ")?.split(' ').next()?;
        let url = Url::parse("http://127.0.0.1").ok()?.join(target).ok()?;
        if url.path() != "/" {
            return None;
        }
        let value =
            |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let landing = Landing { code: value("code"), state: value("state"), error: value("error") };
        (landing.code.is_some() || landing.error.is_some()).then_some(landing)
    }

    fn judge(self, service: &'static str, state: &str) -> Result<String, RemoteError> {
        if self.state.as_deref() != Some(state) {
            let reason = "the browser's answer belongs to another sign-in; begin again".into();
            return Err(RemoteError::SignIn { reason });
        }
        match (self.error, self.code) {
            (Some(error), _) => Err(RemoteError::SignIn { reason: in_words(service, &error) }),
            (None, Some(code)) => Ok(code),
            (None, None) => Err(RemoteError::SignIn { reason: format!("{service} sent no code") }),
        }
    }
}

async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut chunk = [0; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut chunk).await.ok()?;
        if read == 0 || head.len() + read > HEAD_MAX_BYTES {
            return None;
        }
        head.extend_from_slice(chunk.get(..read)?);
    }
    String::from_utf8(head).ok()
}

/// The first language that the browser names; the app's own strings are not reachable from here.
fn prefers_french(head: &str) -> bool {
    head.lines()
        .map(str::to_ascii_lowercase)
        .find_map(|line| line.strip_prefix("accept-language:").map(|value| value.trim().starts_with("fr")))
        .unwrap_or(false)
}

async fn answer(stream: &mut TcpStream, status: &str, page: &str) {
    let length = page.len();
    let whole = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {length}\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\nx-content-type-options: nosniff\r\n\
         content-security-policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n\
         connection: close\r\n\r\n{page}"
    );
    // The browser's tab is a courtesy; the code has arrived whether or not it shows the page.
    if stream.write_all(whole.as_bytes()).await.is_ok() {
        let _ = stream.shutdown().await;
    }
}

fn welcome(french: bool) -> String {
    let (title, what) = if french {
        ("C’est fait", "Vous pouvez fermer cette fenêtre et revenir à Daymark.")
    } else {
        ("That’s it", "You can close this window and go back to Daymark.")
    };
    page(french, "done", title, what)
}

fn refusal(french: bool) -> String {
    let (title, what) = if french {
        let what = "Vous pouvez fermer cette fenêtre. Daymark dit pourquoi et permet de recommencer.";
        ("La connexion n’a pas abouti", what)
    } else {
        ("The sign-in did not finish", "You can close this window. Daymark says why, and lets you try again.")
    };
    page(french, "failed", title, what)
}

/// `mark` is the name of a colour in the page's own stylesheet.
fn page(french: bool, mark: &str, title: &str, what: &str) -> String {
    let language = if french { "fr" } else { "en" };
    include_str!("landing.html")
        .replace("{language}", language)
        .replace("{mark}", mark)
        .replace("{title}", title)
        .replace("{what}", what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::knock;

    fn landed(head: &str) -> Option<Result<String, RemoteError>> {
        Landing::read(head).map(|landing| landing.judge("Google", "st4te"))
    }

    #[test]
    fn an_answer_with_another_state_is_refused() {
        let refused = landed("GET /?code=abc&state=other HTTP/1.1\r\n\r\n").unwrap().unwrap_err();
        assert!(refused.to_string().contains("another sign-in"));
        assert!(landed("GET /?code=abc HTTP/1.1\r\n\r\n").unwrap().is_err());
    }

    #[test]
    fn a_refused_consent_is_told_in_words() {
        let refused = landed("GET /?error=access_denied&state=st4te HTTP/1.1\r\n\r\n").unwrap().unwrap_err();
        assert!(refused.to_string().contains("permission was not given"));
    }

    #[test]
    fn a_made_up_error_is_not_repeated_to_the_person() {
        let head = "GET /?error=%3Cb%3Ecall+0900%3C/b%3E&state=st4te HTTP/1.1\r\n\r\n";
        assert!(!landed(head).unwrap().unwrap_err().to_string().contains("0900"));
    }

    #[tokio::test]
    async fn stray_and_silent_connections_do_not_hold_up_the_answer() {
        let door = Loopback::open().await.unwrap();
        let port = door.port();
        let wait = tokio::spawn(door.code("Google", "st4te"));
        let _silent = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        assert!(knock(port, "GET /favicon.ico HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 404"));
        assert!(knock(port, "POST /?code=1&state=st4te HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 404"));
        let back = "GET /?state=st4te&code=4%2Fabc HTTP/1.1\r\naccept-language: fr-CA,en\r\n\r\n";
        let page = knock(port, back).await;
        assert!(page.starts_with("HTTP/1.1 200") && page.contains("fermer cette fenêtre"), "{page}");
        assert!(!page.contains("{title}") && !page.contains("{mark"), "nothing is left to fill in");
        assert_eq!(wait.await.unwrap().unwrap(), "4/abc");
    }
}
