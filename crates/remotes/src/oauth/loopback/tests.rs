//! The loopback door: which answers it takes, what it shows, and how long it lets a browser wait.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::testing::knock;

const ASKED: Asked<'_> = Asked { service: "Google", section: "google", client: "app" };
const STATE: &str = "st4te";

fn landed(query: &str) -> Result<String, RemoteError> {
    Landing::read(&format!("GET /?{query} HTTP/1.1\r\n\r\n")).unwrap().judge(ASKED)
}

/// A sign-in that waits at a door of its own, and takes up what comes with `redeem`.
fn waiting(
    door: Loopback,
    redeem: impl Future<Output = Result<&'static str, RemoteError>> + Send + 'static,
) -> tokio::task::JoinHandle<Result<&'static str, RemoteError>> {
    tokio::spawn(async move {
        let (_, tab) = door.answer(ASKED, STATE, std::future::pending(), &|| {}).await?;
        tab.follow(redeem, std::future::pending()).await
    })
}

async fn connected(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).await.unwrap()
}

async fn knocked(port: u16, query: &str) -> String {
    knock(port, &format!("GET /?{query} HTTP/1.1\r\n\r\n")).await
}

#[test]
fn an_answer_with_another_state_or_none_is_of_another_sign_in() {
    for query in ["code=abc&state=other", "code=abc", "error=access_denied&state="] {
        assert!(!Landing::read(&format!("GET /?{query} HTTP/1.1\r\n\r\n")).unwrap().is_of(STATE), "{query}");
    }
}

#[test]
fn a_refused_consent_is_told_in_words() {
    let refused = landed("error=access_denied&state=st4te").unwrap_err();
    assert!(matches!(refused, RemoteError::SignIn(SignInFailure::Denied)), "{refused:?}");
    assert!(refused.to_string().contains("permission was not given"));
}

#[test]
fn an_empty_code_is_no_code() {
    assert!(landed("code=&state=st4te").is_err());
}

#[tokio::test]
async fn an_answer_with_neither_code_nor_error_ends_the_sign_in_and_says_so() {
    let door = Loopback::open().await.unwrap();
    let port = door.port();
    let sign_in = waiting(door, std::future::pending());
    let page = knocked(port, "state=st4te&scope=all").await;
    assert!(page.starts_with("HTTP/1.1 400") && page.contains("did not finish"), "{page}");
    let ended = sign_in.await.unwrap().unwrap_err();
    assert!(ended.to_string().contains("neither a code nor an error"), "{ended}");
}

#[test]
fn a_made_up_error_is_not_repeated_to_the_person() {
    assert!(!landed("error=%3Cb%3Ecall+0900%3C/b%3E").unwrap_err().to_string().contains("0900"));
}

#[tokio::test]
async fn what_a_visitor_sends_is_on_no_page() {
    let door = Loopback::open().await.unwrap();
    let port = door.port();
    let sign_in = waiting(door, std::future::pending());
    let strange = knocked(port, "error=%3Cb%3E0900%3C%2Fb%3E&state=%3Cb%3E0900").await;
    let refused =
        knocked(port, "error=%3Cb%3E0900%3C%2Fb%3E&error_description=%3Cb%3E0900&state=st4te").await;
    for page in [strange, refused] {
        assert!(page.starts_with("HTTP/1.1 400") && !page.contains("0900"), "{page}");
    }
    assert!(sign_in.await.unwrap().is_err());
}

#[tokio::test]
async fn stray_and_silent_connections_do_not_hold_up_the_answer() {
    let door = Loopback::open().await.unwrap();
    let port = door.port();
    let sign_in = waiting(door, async { Ok("tokens") });
    let _silent = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    assert!(knock(port, "GET /favicon.ico HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 404"));
    assert!(knock(port, "POST /?code=1&state=st4te HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 404"));
    let back = "GET /?state=st4te&code=4%2Fabc HTTP/1.1\r\naccept-language: fr-CA,en\r\n\r\n";
    let page = knock(port, back).await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("fermer cette fenêtre"), "{page}");
    assert_eq!(sign_in.await.unwrap().unwrap(), "tokens");
}

#[tokio::test]
async fn of_too_many_silent_connections_the_oldest_makes_way_for_the_answer() {
    let door = Loopback::open().await.unwrap();
    let port = door.port();
    let sign_in = waiting(door, async { Ok("tokens") });
    let mut silent = Vec::new();
    for _ in 0..=UNSAID_MAX {
        silent.push(connected(port).await);
    }
    let mut nothing = Vec::new();
    let closed = silent[0].read_to_end(&mut nothing).await;
    assert!(closed.is_err() || nothing.is_empty(), "the oldest is let go");
    let mut slow = connected(port).await;
    slow.write_all(b"GET /?state=st4te&").await.unwrap();
    assert!(knocked(port, "code=1&state=st4te").await.contains("That’s it"));
    assert_eq!(sign_in.await.unwrap().unwrap(), "tokens");
}

#[tokio::test]
async fn a_strange_answer_is_turned_away_and_the_true_one_still_signs_in() {
    let door = Loopback::open().await.unwrap();
    let port = door.port();
    let sign_in = waiting(door, async { Ok("tokens") });
    for query in ["code=1&state=other", "error=access_denied&state=other", "code=1"] {
        let page = knocked(port, query).await;
        assert!(page.contains("another sign-in") && page.starts_with("HTTP/1.1 400"), "{page}");
    }
    assert!(knocked(port, "code=1&state=st4te").await.contains("That’s it"));
    assert_eq!(sign_in.await.unwrap().unwrap(), "tokens");
}

#[tokio::test]
async fn a_sign_in_that_only_strangers_answered_ends_by_saying_so() {
    let door = Loopback::open().await.unwrap();
    let port = door.port();
    let strangers = AtomicUsize::new(0);
    let count = || {
        strangers.fetch_add(1, Ordering::Relaxed);
    };
    let give_up = async { drop(knocked(port, "code=1&state=other").await) };
    let ended = door.answer(ASKED, STATE, give_up, &count).await.err().unwrap();
    assert!(matches!(ended, RemoteError::SignIn(SignInFailure::StrangeState)), "{ended:?}");
    assert_eq!(strangers.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn the_browser_is_told_nothing_good_before_the_code_was_taken() {
    let door = Loopback::open().await.unwrap();
    let port = door.port();
    let (refuse, refused) = tokio::sync::oneshot::channel::<()>();
    let sign_in = waiting(door, async move {
        refused.await.unwrap();
        Err(SignInFailure::RefusedCode { service: "Google" }.into())
    });
    // While it waits, the door stays open: for a favicon, a second load of the tab, and strangers.
    let mut tabs = [connected(port).await, connected(port).await];
    for tab in &mut tabs {
        tab.write_all(b"GET /?code=1&state=st4te HTTP/1.1\r\n\r\n").await.unwrap();
        assert!(knock(port, "GET /favicon.ico HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 404"));
    }
    assert!(knocked(port, "code=2&state=other").await.contains("another sign-in"));
    refuse.send(()).unwrap();
    for mut tab in tabs {
        let mut page = String::new();
        tab.read_to_string(&mut page).await.unwrap();
        assert!(page.starts_with("HTTP/1.1 400") && page.contains("did not finish"), "{page}");
    }
    assert!(sign_in.await.unwrap().is_err());
}

#[tokio::test]
async fn a_browser_that_waited_long_enough_is_sent_to_daymark_and_the_work_goes_on() {
    let door = Loopback::open().await.unwrap();
    let port = door.port();
    let (go_on, gone_on) = tokio::sync::oneshot::channel::<()>();
    let sign_in = tokio::spawn(async move {
        let (_, tab) = door.answer(ASKED, STATE, std::future::pending(), &|| {}).await?;
        let work = async move { gone_on.await.map_err(|_| RemoteError::NotFound) };
        tab.follow(work, async {}).await
    });
    let page = knocked(port, "code=1&state=st4te").await;
    assert!(page.contains("still under way") && !page.contains("That’s it"), "{page}");
    go_on.send(()).unwrap();
    sign_in.await.unwrap().unwrap();
}
