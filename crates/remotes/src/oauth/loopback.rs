//! The door that the browser comes back to: a tiny HTTP server on 127.0.0.1 that waits for the answer to one
//! sign-in, and lets the browser wait until it is known what came of it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use url::Url;

use super::landing::Page;
use super::refusal::{Asked, Moment, by_code};
use crate::error::{RemoteError, SignInFailure};

/// Browsers open connections ahead of need; more than these are somebody else's game.
const UNSAID_MAX: usize = 32;
/// A tab that was loaded again waits beside the first.
const TABS_MAX: usize = 8;
const HEAD_MAX_BYTES: usize = 16 * 1024;

pub(super) struct Loopback {
    listener: TcpListener,
    port: u16,
    /// Connections are served side by side: one that never speaks must not hold up the one that counts.
    visits: JoinSet<Option<Visit>>,
    /// Those of them that have not said all yet, the oldest first.
    unsaid: VecDeque<AbortHandle>,
}

/// Somebody who brings an answer, and waits for a page.
struct Visit {
    landing: Landing,
    browser: Browser,
}

struct Browser {
    stream: TcpStream,
    french: bool,
}

/// What the authorization server sent along with the browser.
struct Landing {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    description: Option<String>,
}

impl Loopback {
    pub async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Loopback { listener, port, visits: JoinSet::new(), unsaid: VecDeque::new() })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits for the answer that carries `state`. What belongs to another sign-in is told so and does not end
    /// the wait: any page of any browser here can knock, and must not undo what the person is doing.
    pub async fn answer(
        mut self,
        asked: Asked<'_>,
        state: &str,
        give_up: impl Future<Output = ()>,
        on_stranger: &(dyn Fn() + Sync),
    ) -> Result<(String, Tab), RemoteError> {
        let mut give_up = pin!(give_up);
        let mut ending = SignInFailure::TookTooLong;
        loop {
            let visit = tokio::select! {
                visit = self.visit() => visit.map_err(failed)?,
                () = &mut give_up => return Err(ending.into()),
            };
            if !visit.landing.is_of(state) {
                self.turn_away(visit.browser);
                ending = SignInFailure::StrangeState;
                on_stranger();
                continue;
            }
            return match visit.landing.judge(asked) {
                Ok(code) => {
                    let tab = Tab { door: self, state: state.to_owned(), browsers: vec![visit.browser] };
                    Ok((code, tab))
                }
                Err(refusal) => {
                    visit.browser.show(Page::of(&refusal)).await;
                    Err(refusal)
                }
            };
        }
    }

    /// The next visitor who brings any answer.
    async fn visit(&mut self) -> io::Result<Visit> {
        loop {
            tokio::select! {
                arrival = self.listener.accept() => {
                    let (stream, _) = arrival?;
                    self.hear(stream);
                }
                Some(visit) = self.visits.join_next() => {
                    if let Ok(Some(visit)) = visit {
                        return Ok(visit);
                    }
                }
            }
        }
    }

    /// A browser that comes back speaks at once. So of too many that are silent the oldest goes, and however long
    /// they hold on, the one that counts is heard.
    fn hear(&mut self, stream: TcpStream) {
        self.unsaid.retain(|connection| !connection.is_finished());
        if self.unsaid.len() >= UNSAID_MAX
            && let Some(oldest) = self.unsaid.pop_front()
        {
            oldest.abort();
        }
        self.unsaid.push_back(self.visits.spawn(receive(stream)));
    }

    fn turn_away(&mut self, browser: Browser) {
        self.visits.spawn(async move {
            browser.show(Page::Strange).await;
            None
        });
    }
}

pub(super) fn failed(source: io::Error) -> RemoteError {
    RemoteError::Unreachable { service: "the sign-in's own port on 127.0.0.1", source: Box::new(source) }
}

/// The browser's tab, which waits to be told what came of the sign-in. Dropped, it closes without a page.
pub struct Tab {
    door: Loopback,
    state: String,
    browsers: Vec<Browser>,
}

impl Tab {
    /// Carries out `work` and shows how it ended. When `patience` ends sooner, the tab says that Daymark goes
    /// on with it, and the work goes on.
    pub async fn follow<T, E>(
        mut self,
        work: impl Future<Output = Result<T, E>>,
        patience: impl Future<Output = ()>,
    ) -> Result<T, E> {
        let mut work = pin!(work);
        tokio::select! {
            // Whoever knocked before the end is told the end.
            biased;
            never = self.gather() => match never {},
            outcome = &mut work => {
                self.show(if outcome.is_ok() { Page::Done } else { Page::Failed }).await;
                return outcome;
            }
            () = patience => self.show(Page::Open).await,
        }
        work.await
    }

    async fn show(self, page: Page) {
        for browser in self.browsers {
            browser.show(page).await;
        }
    }

    /// Keeps the door while the work goes on: the same tab may be loaded again.
    async fn gather(&mut self) -> Infallible {
        while let Ok(visit) = self.door.visit().await {
            if visit.landing.is_of(&self.state) && self.browsers.len() < TABS_MAX {
                self.browsers.push(visit.browser);
            } else {
                self.door.turn_away(visit.browser);
            }
        }
        std::future::pending().await
    }
}

/// One connection. `None` when it brings no answer (a favicon, a scanner).
async fn receive(mut stream: TcpStream) -> Option<Visit> {
    let head = read_head(&mut stream).await?;
    let mut browser = Browser { stream, french: prefers_french(&head) };
    match Landing::read(&head) {
        Some(landing) => Some(Visit { landing, browser }),
        None => {
            browser.answer("404 Not Found", "").await;
            None
        }
    }
}

impl Landing {
    /// `None` for requests that carry nothing of a sign-in.
    fn read(head: &str) -> Option<Landing> {
        let target = head.lines().next()?.strip_prefix("GET ")?.split(' ').next()?;
        let url = Url::parse("http://127.0.0.1").ok()?.join(target).ok()?;
        if url.path() != "/" {
            return None;
        }
        let value =
            |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let landing = Landing {
            code: value("code"),
            state: value("state"),
            error: value("error"),
            description: value("error_description"),
        };
        let brings = landing.code.is_some() || landing.error.is_some() || landing.state.is_some();
        brings.then_some(landing)
    }

    fn is_of(&self, state: &str) -> bool {
        self.state.as_deref() == Some(state)
    }

    fn judge(self, asked: Asked<'_>) -> Result<String, RemoteError> {
        match (self.error, self.code) {
            (Some(error), _) => Err(by_code(asked, Moment::Consent, &error, self.description.as_deref())),
            (None, Some(code)) if !code.is_empty() => Ok(code),
            (None, _) => Err(RemoteError::Malformed {
                service: asked.service,
                at: "the way back from the browser".into(),
                why: "neither a code nor an error".into(),
            }),
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

impl Browser {
    async fn show(mut self, page: Page) {
        let html = page.html(self.french);
        self.answer(page.status(), &html).await;
    }

    async fn answer(&mut self, status: &str, page: &str) {
        let length = page.len();
        let whole = format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {length}\r\n\
             cache-control: no-store\r\nreferrer-policy: no-referrer\r\nx-content-type-options: nosniff\r\n\
             content-security-policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n\
             connection: close\r\n\r\n{page}"
        );
        // The browser's tab is a courtesy; the answer has arrived whether or not it shows the page.
        if self.stream.write_all(whole.as_bytes()).await.is_ok() {
            let _ = self.stream.shutdown().await;
        }
    }
}

#[cfg(test)]
mod tests;
