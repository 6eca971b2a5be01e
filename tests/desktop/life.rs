//! How the app comes and goes: in the tray alone, without a panel, and when the system tells it to end.

use std::process::{Child, ExitStatus};

use crate::app::{close, is_shown};
use crate::session::{Session, binary};
use crate::tray::Panel;
use crate::wait::until_found;

/// The app without WebDriver, which would want a window at once.
struct Started {
    session: Session,
    app: Child,
}

impl Started {
    fn start(session: Session, arguments: &[&str]) -> Started {
        let data = session.folder.path().join("daymark");
        let mut command = session.command(binary());
        command.arg("--data").arg(data).args(arguments).stderr(session.log("app").unwrap());
        let app = command.spawn().unwrap();
        Started { session, app }
    }

    async fn shown(&self) {
        until_found("the window", || is_shown(&self.session).then_some(())).await;
    }

    async fn ended(&mut self) -> ExitStatus {
        until_found("the app's end", || self.app.try_wait().unwrap()).await
    }

    fn is_running(&mut self) -> bool {
        self.app.try_wait().unwrap().is_none()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.app.kill();
        let _ = self.app.wait();
    }
}

#[tokio::test]
async fn without_a_panel_closing_the_window_ends_the_app() {
    let mut started = Started::start(Session::start().await.unwrap(), &[]);
    started.shown().await;
    close(&started.session).unwrap();
    assert!(started.ended().await.success());
}

#[tokio::test]
async fn the_systems_request_to_end_and_a_closed_terminal_end_it_cleanly() {
    for signal in ["-TERM", "-HUP"] {
        let mut started = Started::start(Session::start().await.unwrap(), &[]);
        started.shown().await;
        let app = started.app.id().to_string();
        started.session.output("kill", &[signal, &app]).unwrap();
        assert!(started.ended().await.success(), "{signal}");
    }
}

#[tokio::test]
async fn started_hidden_it_waits_in_the_tray_for_its_owner() {
    let session = Session::start().await.unwrap();
    let panel = Panel::start(&session.bus).await.unwrap();
    let mut started = Started::start(session, &["--hidden"]);
    until_found("the tray's icon", || panel.has_icon().then_some(())).await;
    assert!(!is_shown(&started.session) && started.is_running());
    panel.choose("Open Daymark").await.unwrap();
    started.shown().await;
    panel.choose("Quit").await.unwrap();
    assert!(started.ended().await.success());
}
