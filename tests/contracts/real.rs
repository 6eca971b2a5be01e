//! Real CalDAV servers, started for each fact on a free port, behind the sandbox's faults and ledger.
//!
//! Somebody else's hands speak plain HTTP to the server itself.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use daymark_sandbox::caldav::{CalDav, PASSWORD};
use daymark_sandbox::clock::Clock;
use daymark_sandbox::server::Sandbox;
use daymark_sandbox::world::Config;
use journeys::real::{Server, User, python};

use crate::caldav::{CROWDED, CalDavHands, MAIN, READ_ONLY, Shelf};
use crate::world::{MAIL, NOW, World, draft, timed};

/// The path under which the sandbox, as a proxy, shows them.
const UNDER: &str = "/caldav";

fn make_calendar(server: &Server, path: &str, name: &str) {
    let body = format!(
        "<c:mkcalendar xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\" xmlns:i=\"http://apple.com/ns/ical/\">\
         <d:set><d:prop><d:displayname>{name}</d:displayname><i:calendar-color>#1A73E8FF</i:calendar-color></d:prop>\
         </d:set></c:mkcalendar>"
    );
    server.must("MKCALENDAR", path, "0", &body).unwrap();
}

/// What the hands reach over HTTP.
struct Http {
    server: Arc<Server>,
    home: String,
    proxy: Arc<CalDav>,
}

impl Shelf for Http {
    fn put(&self, calendar: &str, name: &str, text: &str) {
        self.server.must("PUT", &format!("{}{calendar}/{name}", self.home), "0", text).unwrap();
    }

    fn delete(&self, calendar: &str, name: &str) {
        self.server.must("DELETE", &format!("{}{calendar}/{name}", self.home), "0", "").unwrap();
    }

    fn all(&self, calendar: &str) -> Vec<(String, String)> {
        let collection = format!("{}{calendar}/", self.home);
        let body = "<d:propfind xmlns:d=\"DAV:\"><d:prop><d:getetag/></d:prop></d:propfind>";
        let list = self.server.must("PROPFIND", &collection, "1", body).unwrap();
        let hrefs = list.split("href>").filter(|part| part.contains(".ics</"));
        let names = hrefs.filter_map(|part| part.split("</").next()?.rsplit('/').next());
        names
            .map(|name| {
                (name.to_owned(), self.server.must("GET", &format!("{collection}{name}"), "0", "").unwrap())
            })
            .collect()
    }

    /// The real server is asked with a token that it has never given.
    fn expire_cursors(&self) {
        self.proxy.forget_next_token();
    }

    fn remove_calendar(&self, calendar: &str) {
        self.server.must("DELETE", &format!("{}{calendar}/", self.home), "0", "").unwrap();
    }
}

async fn world(server: Server, home: &str) -> World {
    let server = Arc::new(server);
    for (name, title) in [(MAIN, "Work"), (READ_ONLY, "Holidays"), (CROWDED, "Crowded")] {
        make_calendar(&server, &format!("{home}{name}/"), title);
    }
    let mut config = Config::new(Clock::standing(NOW.parse().unwrap()));
    config.caldav_upstream = Some(server.address);
    let sandbox = Sandbox::start(config).await.unwrap();
    let shelf = Http { server, home: home.to_owned(), proxy: sandbox.caldav().clone() };
    let hands = CalDavHands::new(Box::new(shelf), home.to_owned());
    World::caldav(sandbox, Box::new(hands), home)
}

pub async fn radicale() -> World {
    let user = User { name: MAIL, password: PASSWORD, read_only: READ_ONLY };
    let server = Server::radicale(user, UNDER).unwrap();
    world(server, &format!("{UNDER}/{MAIL}/")).await
}

pub async fn xandikos() -> World {
    let server = Server::xandikos(UNDER).unwrap();
    server.must("DELETE", "/caldav/user/calendars/calendar/", "0", "").unwrap();
    world(server, "/caldav/user/calendars/").await
}

/// Another program's whole work, by a library of its own, while Daymark reads and writes.
async fn an_independent_program_writes_meanwhile(mut world: World) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("official_clients/caldav/write.py");
    let url = format!("{}{}", world.sandbox.base(), world.calendar().0);
    let mut writer = tokio::process::Command::new(python().unwrap())
        .arg("-B")
        .arg(script)
        .args([url.as_str(), MAIL, PASSWORD])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let ours = draft("Ours", timed("2026-03-04T09:00:00", "2026-03-04T10:00:00"));
    let made = world.provider.insert(&world.calendar(), &ours).await.unwrap();
    while writer.try_wait().unwrap().is_none() {
        world.pull().await;
    }
    let left = writer.wait_with_output().await.unwrap();
    assert!(left.status.success());
    world.pull().await;
    let said = String::from_utf8(left.stdout).unwrap();
    let mut expected: Vec<&str> = said.lines().chain(["Ours"]).collect();
    expected.sort_unstable();
    assert_eq!(world.seen.titles(), expected);
    assert_eq!(world.seen.titled("Ours").id, made.event.id);
}

#[tokio::test]
async fn an_independent_program_and_daymark_share_radicale() {
    an_independent_program_writes_meanwhile(radicale().await).await;
}

#[tokio::test]
async fn an_independent_program_and_daymark_share_xandikos() {
    an_independent_program_writes_meanwhile(xandikos().await).await;
}
