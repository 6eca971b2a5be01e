//! The running app: its window through WebDriver, and its process.

use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::Context as _;
use fantoccini::actions::{InputSource as _, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::session::{Session, binary, free_port};
use crate::wait::{until, until_found};

pub struct App {
    client: Client,
    driver: Child,
}

impl App {
    /// Starts the app as its icon would, with WebDriver's hand on its window.
    pub async fn start(session: &Session, data: &Path) -> anyhow::Result<App> {
        let port = free_port()?;
        let mut command = session.command("WebKitWebDriver");
        command.args([format!("--port={port}"), "--host=127.0.0.1".into()]);
        command.stdout(session.log("app")?).stderr(session.log("app")?);
        let driver =
            command.spawn().context("WebKitWebDriver does not start; scripts/setup --test brings it")?;
        let wanted = json!({
            "browserName": "wry",
            "webkitgtk:browserOptions": { "binary": binary(), "args": ["--data", data] },
        });
        let wanted = wanted.as_object().context("capabilities are an object")?.clone();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted);
        let address = format!("http://127.0.0.1:{port}");
        until_found("the driver", || std::net::TcpStream::connect(("127.0.0.1", port)).ok()).await;
        let client = builder.connect(&address).await.context("the app did not start under WebDriver")?;
        Ok(App { client, driver })
    }

    /// The first visible element of those, as soon as there is one.
    pub async fn find(&self, xpath: &str) -> Element {
        until(xpath, || async move {
            for element in self.client.find_all(Locator::XPath(xpath)).await? {
                if element.is_displayed().await? {
                    return Ok(Some(element));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Waits until the window shows these words, wherever.
    pub async fn see(&self, text: &str) {
        until(text, || async move {
            let shown = self.client.execute("return document.body.innerText", Vec::new()).await?;
            Ok(shown.as_str().filter(|shown| shown.contains(text)).map(drop))
        })
        .await;
    }

    /// Presses a button by its words or its label.
    pub async fn press(&self, name: &str) {
        let xpath =
            format!("//button[normalize-space()=\"{name}\" or @aria-label=\"{name}\"][not(@disabled)]");
        self.click(&xpath).await;
    }

    pub async fn click(&self, xpath: &str) {
        until(xpath, || async move {
            self.find(xpath).await.click().await?;
            Ok(Some(()))
        })
        .await;
    }

    /// Types into a field, found by its label.
    pub async fn fill(&self, label: &str, text: &str) {
        let xpath = format!(
            "//*[self::input or self::textarea][@aria-label=\"{label}\" or @id=//label[normalize-space()=\"{label}\"]/@for]"
        );
        let field = self.find(&xpath).await;
        until(label, || async {
            field.clear().await?;
            field.send_keys(text).await?;
            Ok(Some(()))
        })
        .await;
    }

    /// A point in the week: the day's column and the hour on its axis, scrolled into view.
    pub async fn spot(&self, column: usize, hour: f64) -> anyhow::Result<(f64, f64)> {
        let script = "
            const day = document.querySelectorAll('.ec-body .ec-day')[arguments[0]];
            const body = day.closest('.ec-body') ?? day;
            const box = day.getBoundingClientRect();
            return [box.left + box.width / 2, box.top + (arguments[1] / 24) * box.height];";
        let spot = self.client.execute(script, vec![json!(column), json!(hour)]).await?;
        let at = |index| spot.get(index).and_then(serde_json::Value::as_f64).context("a day has a place");
        Ok((at(0)?.round(), at(1)?.round()))
    }

    /// Presses the mouse here, and lets it go there.
    pub async fn drag(&self, from: (f64, f64), to: (f64, f64)) -> anyhow::Result<()> {
        let step =
            |(x, y)| PointerAction::MoveTo { duration: Some(std::time::Duration::from_millis(40)), x, y };
        let near = (from.0, from.1 + 8.0);
        let half = (((from.0 + to.0) / 2.0).round(), ((from.1 + to.1) / 2.0).round());
        let mouse = MouseActions::new("mouse".into())
            .then(step(from))
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(step(near))
            .then(step(half))
            .then(step(to))
            .then(step(to))
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.client.perform_actions(mouse).await?;
        Ok(self.client.release_actions().await?)
    }

    /// The app has ended by itself; its driver goes too.
    pub async fn ended(mut self) {
        let client = self.client.clone();
        until("the app's end", || async { Ok(client.title().await.is_err().then_some(())) }).await;
        self.leave();
    }

    fn leave(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Whether the window can be seen on the display.
pub fn is_shown(session: &Session) -> bool {
    let windows = session.output("xdotool", &["search", "--onlyvisible", "--name", "^Daymark$"]);
    windows.is_ok_and(|windows| !windows.trim().is_empty())
}

/// Closes the window by its manager, as its owner does.
pub fn close(session: &Session) -> anyhow::Result<()> {
    session
        .output("xdotool", &["search", "--onlyvisible", "--name", "^Daymark$", "windowactivate", "--sync"])?;
    session.output("xdotool", &["key", "Alt_L+F4"]).map(drop)
}

/// Starts the app a second time, which ends at once and hands over to the first.
pub fn start_again(session: &Session, data: &Path) -> anyhow::Result<std::process::ExitStatus> {
    let mut command = session.command(binary());
    Ok(command.arg("--data").arg(data).stdout(Stdio::null()).stderr(session.log("second")?).status()?)
}
