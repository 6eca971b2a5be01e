//! What is around the app: fake providers and a relay on the real clock, and a browser that consents.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use daymark_engine::ports::Clock as _;
use daymark_engine::system::{SystemClock, SystemEntropy};
use daymark_relay::Relay;
use daymark_relay::enrolment::Invitation;
use daymark_sandbox::clock::Clock;
use daymark_sandbox::server::Sandbox;
use daymark_sandbox::world::Config;
use journeys::visitor::Visitor;
use journeys::world::{WEEK, WORK, engine_config, relay_config};

use crate::session::Session;

pub struct Surroundings {
    pub sandbox: Sandbox,
    pub relay: Relay,
}

struct RelayClock;

impl daymark_relay::clock::Clock for RelayClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now()
    }
}

impl Surroundings {
    pub async fn start(folder: &Path) -> anyhow::Result<Surroundings> {
        let sandbox = Sandbox::start(Config::new(Clock::following(|| SystemClock.now()))).await?;
        sandbox.control().seed_text(WEEK)?;
        let relay =
            Relay::start(relay_config(folder.join("relay"))?, Arc::new(RelayClock), Arc::new(SystemEntropy));
        Ok(Surroundings { sandbox, relay: relay.await? })
    }

    /// The configuration that an admin would hand out, with the fakes' addresses. Secrets go into the keyring.
    pub fn configure(&self, file: &Path) -> anyhow::Result<()> {
        let config = engine_config(&self.sandbox)?;
        let mut written = toml::Table::new();
        written.insert("google".into(), toml::Value::try_from(&config.google)?);
        written.insert("microsoft".into(), toml::Value::try_from(&config.microsoft)?);
        Ok(std::fs::write(file, toml::to_string(&written)?)?)
    }

    pub async fn enrolment_code(&self) -> anyhow::Result<String> {
        let invitation = Invitation { name: "Maya Okafor".into(), slug: Some("maya".into()), again: false };
        Ok(self.relay.enrol(invitation).await?.code)
    }

    pub fn visitor(&self) -> anyhow::Result<Visitor> {
        Visitor::new(&self.relay.public_url, "maya")
    }

    /// Start and end of an event in one of the work account's calendars at the fake provider.
    pub fn event(&self, title: &str) -> Option<(String, String)> {
        let google = self.sandbox.google();
        let calendars = google.calendars(WORK);
        let ids = calendars.iter().filter_map(|calendar| calendar.get("id")?.as_str());
        let events = ids.flat_map(|id| google.live_events(WORK, id)).find(|event| {
            event.get("summary").and_then(|summary| summary.as_str()).is_some_and(|text| text.contains(title))
        })?;
        let at = |name| events.pointer(name).and_then(|time| time.as_str()).map(str::to_owned);
        Some((at("/start/dateTime")?, at("/end/dateTime")?))
    }

    /// How often the consent page was asked for.
    pub fn sign_ins(&self) -> usize {
        self.requests("GET", "/o/oauth2/v2/auth")
    }

    /// How many good answers there were to requests of that kind.
    pub fn requests(&self, method: &str, path: &str) -> usize {
        let entries = self.sandbox.control().ledger();
        entries
            .iter()
            .filter(|entry| entry.method == method && entry.path.contains(path))
            .filter(|entry| entry.status == Some(200))
            .count()
    }
}

/// A browser without a window: it reads the consent page, ticks everything, presses "Allow" and follows.
pub fn place_browser(session: &Session) -> anyhow::Result<()> {
    let script = format!(
        r#"#!/bin/sh
set -e
scopes=$(curl -sS "$1" | grep -o 'name="scope" value="[^"]*"' | sed 's/.*value="\([^"]*\)"/\1/')
set -- "$1" --data-urlencode 'account={WORK}' --data-urlencode 'decision=allow'
for scope in $scopes; do set -- "$@" --data-urlencode "scope=$scope"; done
exec curl -sS -L -o /dev/null "$@"
"#
    );
    session.place("xdg-open", &script)
}
