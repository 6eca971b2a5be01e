//! From the first start to a booked visit and a restart, in the real window.

use std::path::PathBuf;

use daymark_sandbox::Provider;
use journeys::world::WORK;

use crate::app::{App, close, is_shown, start_again};
use crate::session::Session;
use crate::surroundings::{Surroundings, place_browser};
use crate::tray::Panel;
use crate::wait::{until, until_found, until_so};

struct Scene {
    session: Session,
    around: Surroundings,
    panel: Panel,
    data: PathBuf,
}

impl Scene {
    async fn set() -> anyhow::Result<Scene> {
        let session = Session::start().await?;
        let around = Surroundings::start(session.folder.path()).await?;
        let panel = Panel::start(&session.bus).await?;
        let data = session.folder.path().join("daymark");
        std::fs::create_dir(&data)?;
        around.configure(&data.join("config.toml"))?;
        place_browser(&session)?;
        Ok(Scene { session, around, panel, data })
    }

    async fn start(&self) -> anyhow::Result<App> {
        self.panel.forget();
        App::start(&self.session, &self.data).await
    }

    async fn notified(&self, text: &str) {
        until_found(text, || self.session.notified().contains(text).then_some(())).await;
    }
}

/// The first steps: an account, the hours, the public page.
async fn first_steps(scene: &Scene, app: &App) -> anyhow::Result<()> {
    app.see("Bring your calendars together").await;
    app.click("//button[not(@disabled)][contains(., 'Google')]").await;
    app.see("Connected").await;
    app.press("Done").await;
    app.press("Next").await;
    app.fill("Name", "Maya Okafor").await;
    app.press("Next").await;
    app.fill("Address of the relay", scene.around.relay.public_url.as_str()).await;
    app.fill("One-time code", &scene.around.enrolment_code().await?).await;
    app.press("Join the relay").await;
    app.click("//input[@role='switch'][not(@disabled)][not(@checked)]").await;
    app.press("Show my week").await;
    Ok(())
}

/// Next week's Tuesday morning is free in the seeded world, on whatever day this runs.
async fn write_by_hand(scene: &Scene, app: &App) -> anyhow::Result<()> {
    app.press("Next week").await;
    app.find("//*[contains(@class, 'ec-body')]//*[contains(@class, 'ec-day')]").await;
    app.drag(app.spot(1, 10.05).await?, app.spot(1, 11.2).await?).await?;
    app.fill("Title", "Ramp check, Bathurst").await;
    app.press("Create").await;
    app.see("Ramp check, Bathurst").await;
    let (start, end) =
        until_found("the event at the provider", || scene.around.event("Ramp check, Bathurst")).await;
    anyhow::ensure!(
        start.contains("T10:00:00") && end.contains("T11:15:00"),
        "it was written at {start} to {end}"
    );
    Ok(())
}

async fn move_by_hand(scene: &Scene, app: &App) -> anyhow::Result<()> {
    app.drag(app.spot(1, 10.4).await?, app.spot(1, 12.4).await?).await?;
    until_found("the moved event at the provider", || {
        scene.around.event("Ramp check, Bathurst").filter(|(start, _)| start.contains("T12:00:00"))
    })
    .await;
    Ok(())
}

/// A visitor books over plain HTTP; it is notified, listed, and written into the calendar.
async fn be_booked(scene: &Scene, app: &App) -> anyhow::Result<()> {
    let visitor = scene.around.visitor()?;
    until("the offered times", || async {
        Ok(Some(visitor.offered(None).await?).filter(|times| !times.is_empty()))
    })
    .await;
    let (_, answered) = visitor.book(None).await?;
    anyhow::ensure!(answered.status < 400, "the relay refused the booking: {}", answered.text);
    scene.notified("P. Singh").await;
    app.click("//nav//button[contains(., 'Bookings')]").await;
    app.see("P. Singh").await;
    until_found("the booking at the provider", || scene.around.event("P. Singh")).await;
    Ok(())
}

/// Closing leaves the app in the tray; a second start and the tray both bring the window back.
async fn close_and_come_back(scene: &Scene) -> anyhow::Result<()> {
    let session = &scene.session;
    close(session)?;
    until_found("the closed window's end", || (!is_shown(session)).then_some(())).await;
    scene.panel.choose("Open Daymark").await?;
    until_found("the window from the tray", || is_shown(session).then_some(())).await;
    close(session)?;
    until_found("the window's second end", || (!is_shown(session)).then_some(())).await;
    anyhow::ensure!(start_again(session, &scene.data)?.success(), "the second start failed");
    until_found("the window after a second start", || is_shown(session).then_some(())).await;
    Ok(())
}

/// The tray pauses, and shows another picture when the owner is needed.
async fn follow_by_tray(scene: &Scene) -> anyhow::Result<()> {
    let panel = &scene.panel;
    for paused in [true, false] {
        panel.choose("Pause syncing").await?;
        until_so("the tick beside the pause", || async {
            Ok(panel
                .menu()
                .await?
                .iter()
                .any(|entry| entry.label == "Pause syncing" && entry.ticked == paused))
        })
        .await;
    }
    let well = panel.picture().await?;
    scene.around.sandbox.control().revoke(Provider::Google, WORK);
    panel.choose("Sync now").await?;
    scene.notified("Sign in again").await;
    until_so("another picture in the tray", || async { Ok(panel.picture().await? != well) }).await;
    Ok(())
}

async fn quit(scene: &Scene, app: App) -> anyhow::Result<()> {
    scene.panel.choose("Quit").await?;
    app.ended().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_start_to_a_booked_visit_and_a_restart() -> anyhow::Result<()> {
    let scene = Scene::set().await?;
    let app = scene.start().await?;
    first_steps(&scene, &app).await?;
    write_by_hand(&scene, &app).await?;
    move_by_hand(&scene, &app).await?;
    be_booked(&scene, &app).await?;
    close_and_come_back(&scene).await?;
    quit(&scene, app).await?;

    let kept = scene.session.output("secret-tool", &["search", "--all", "service", &service(&scene)])?;
    anyhow::ensure!(kept.contains("secret = "), "the keyring holds no sign-in");
    let sign_ins = scene.around.sign_ins();
    scene.around.sandbox.control().clear_ledger();
    let app = scene.start().await?;
    app.see("Team stand-up").await;
    until_found("a sync with the kept token", || {
        (scene.around.requests("GET", "/calendarList") > 0).then_some(())
    })
    .await;
    anyhow::ensure!(sign_ins == 1 && scene.around.sign_ins() == 0, "the app asked to sign in again");
    follow_by_tray(&scene).await?;
    quit(&scene, app).await
}

/// The name under which the engine keeps the secrets of this data folder.
fn service(scene: &Scene) -> String {
    format!("Daymark {}", scene.data.canonicalize().unwrap_or_default().display())
}
