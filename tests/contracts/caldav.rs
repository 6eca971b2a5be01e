//! The hands on a CalDAV calendar: they write raw iCalendar, to the sandbox or to a real server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use daymark_core::event::{Original, RemoteId};
use daymark_core::time::wall;
use daymark_remotes::calendar::RemoteCalendarId;
use daymark_sandbox::caldav::CalDav;
use daymark_sandbox::clock::Clock;
use daymark_sandbox::server::Sandbox;
use daymark_sandbox::world::Config;
use serde_json::{Value, json};

use crate::hands::{At, Hands};
use crate::world::{HOME, MAIL, NOW, World};

pub const MAIN: &str = "a-work";
pub const READ_ONLY: &str = "holidays";
pub const CROWDED: &str = "crowded";
/// More than one page that Daymark asks for.
pub const CROWD: usize = 230;

/// Where the hands put things.
pub trait Shelf: Send + Sync {
    fn put(&self, calendar: &str, name: &str, text: &str);
    fn delete(&self, calendar: &str, name: &str);
    /// Names and texts.
    fn all(&self, calendar: &str) -> Vec<(String, String)>;
    fn expire_cursors(&self);
    fn remove_calendar(&self, calendar: &str);
}

pub struct CalDavHands {
    pub shelf: Box<dyn Shelf>,
    /// The path of the collection that holds the calendars.
    pub home: String,
    made: AtomicU32,
}

/// The sandbox's own server.
struct Fake(Arc<CalDav>);

impl Shelf for Fake {
    fn put(&self, calendar: &str, name: &str, text: &str) {
        self.0.put(MAIL, calendar, name, text);
    }

    fn delete(&self, calendar: &str, name: &str) {
        assert!(self.0.delete(MAIL, calendar, name));
    }

    fn all(&self, calendar: &str) -> Vec<(String, String)> {
        self.0.all(MAIL, calendar)
    }

    fn expire_cursors(&self) {
        self.0.forget_tokens(MAIL, MAIN);
    }

    fn remove_calendar(&self, calendar: &str) {
        self.0.remove_calendar(MAIL, calendar);
    }
}

pub async fn fake() -> World {
    let sandbox = Sandbox::start(Config::new(Clock::standing(NOW.parse().unwrap()))).await.unwrap();
    let seed = json!({
        "zone": HOME.name(),
        "accounts": [{"provider": "caldav", "email": MAIL, "name": "Maya Okafor", "zone": HOME.name(), "calendars": [
            {"id": MAIN, "name": "Work", "color": "#1A73E8"},
            {"id": READ_ONLY, "name": "Holidays", "access": "reader"},
            {"id": CROWDED, "name": "Crowded"},
        ]}],
    });
    sandbox.control().seed_text(&seed.to_string()).unwrap();
    let home = format!("/caldav/calendars/{MAIL}/");
    let shelf = Box::new(Fake(sandbox.caldav().clone()));
    let hands = CalDavHands::new(shelf, home.clone());
    World::caldav(sandbox, Box::new(hands), &home)
}

/// The text of a calendar with this body.
pub fn calendar(body: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Somebody//Else//EN\r\n{ZONE}{body}END:VCALENDAR\r\n")
}

const ZONE: &str = "BEGIN:VTIMEZONE\r\nTZID:America/Toronto\r\nBEGIN:DAYLIGHT\r\nDTSTART:20070311T020000\r\n\
    TZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\nEND:DAYLIGHT\r\nBEGIN:STANDARD\r\n\
    DTSTART:20071104T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r\n\
    END:STANDARD\r\nEND:VTIMEZONE\r\n";

fn times(at: At<'_>) -> String {
    let plain = |text: &str| text.replace(['-', ':'], "");
    match at {
        At::Timed { start, end } => {
            let (start, end) = (plain(start), plain(end));
            format!("DTSTART;TZID=America/Toronto:{start}\r\nDTEND;TZID=America/Toronto:{end}\r\n")
        }
        At::Days { start, end } => {
            format!("DTSTART;VALUE=DATE:{}\r\nDTEND;VALUE=DATE:{}\r\n", plain(start), plain(end))
        }
    }
}

fn event(uid: &str, title: &str, more: &str) -> String {
    let title = title.replace(',', "\\,");
    format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:{title}\r\n{more}END:VEVENT\r\n"
    )
}

/// Which occurrence, as a property of this name says it.
fn place(name: &str, original: &Original) -> String {
    match original {
        Original::At(at) => {
            format!("{name};TZID=America/Toronto:{}\r\n", wall(*at, HOME).format("%Y%m%dT%H%M%S"))
        }
        Original::On(date) => format!("{name};VALUE=DATE:{}\r\n", date.format("%Y%m%d")),
        Original::Floating(wall) => format!("{name}:{}\r\n", wall.format("%Y%m%dT%H%M%S")),
    }
}

/// The texts have no line longer than what is folded, so a line is a property here.
fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let event = text.split("BEGIN:VEVENT").nth(1)?;
    event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim_end)
}

impl CalDavHands {
    pub fn new(shelf: Box<dyn Shelf>, home: String) -> Self {
        CalDavHands { shelf, home, made: AtomicU32::new(0) }
    }

    fn id(&self, calendar: &str) -> RemoteCalendarId {
        RemoteCalendarId(format!("{}{calendar}/", self.home))
    }

    fn make(&self, title: &str, more: &str) -> RemoteId {
        let uid = format!("theirs-{}", self.made.fetch_add(1, Ordering::Relaxed));
        self.shelf.put(MAIN, &format!("{uid}.ics"), &calendar(&event(&uid, title, more)));
        RemoteId(format!("{uid}.ics"))
    }

    fn text(&self, id: &RemoteId) -> String {
        let all = self.shelf.all(MAIN);
        all.into_iter().find(|(name, _)| *name == id.0).map(|(_, text)| text.replace("\r\n", "\n")).unwrap()
    }

    fn edit(&self, id: &RemoteId, change: impl FnOnce(String) -> String) {
        self.shelf.put(MAIN, &id.0, &change(self.text(id)).replace('\n', "\r\n"));
    }
}

impl Hands for CalDavHands {
    fn calendar(&self) -> RemoteCalendarId {
        self.id(MAIN)
    }

    fn read_only(&self) -> RemoteCalendarId {
        self.id(READ_ONLY)
    }

    /// Filled when it is asked for: few facts need it.
    fn crowded(&self) -> RemoteCalendarId {
        if self.shelf.all(CROWDED).is_empty() {
            for at in 0..CROWD {
                let (uid, hour) = (format!("crowd-{at}"), 8 + at % 10);
                let start = format!("DTSTART:20260302T{hour:02}0000Z\r\nDTEND:20260302T{hour:02}3000Z\r\n");
                self.shelf.put(CROWDED, &format!("{uid}.ics"), &calendar(&event(&uid, "Plain", &start)));
            }
        }
        self.id(CROWDED)
    }

    fn events_in_crowd(&self) -> usize {
        CROWD
    }

    fn insert(&self, title: &str, at: At<'_>) -> RemoteId {
        self.make(title, &times(at))
    }

    fn insert_weekly(&self, title: &str, at: At<'_>) -> RemoteId {
        self.make(title, &format!("{}RRULE:FREQ=WEEKLY\r\n", times(at)))
    }

    fn rename(&self, id: &RemoteId, title: &str) {
        self.edit(id, |text| {
            let old = value(&text, "SUMMARY").unwrap().to_owned();
            let title = title.replace(',', "\\,");
            text.replacen(&format!("SUMMARY:{old}\n"), &format!("SUMMARY:{title}\n"), 1)
        });
    }

    fn decorate(&self, id: &RemoteId) {
        let more = "X-OTHERS;X-P=\"a;b\":kept\nCATEGORIES:Blue\nBEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Bell\n\
                    TRIGGER:-PT42M\nEND:VALARM\nEND:VEVENT";
        self.edit(id, |text| text.replacen("END:VEVENT", more, 1));
    }

    fn delete(&self, id: &RemoteId) {
        self.shelf.delete(MAIN, &id.0);
    }

    fn move_occurrence(&self, master: &RemoteId, original: &Original, at: At<'_>) {
        self.edit(master, |text| {
            let (uid, title) = (value(&text, "UID").unwrap(), value(&text, "SUMMARY").unwrap());
            let moved =
                event(uid, title, &(place("RECURRENCE-ID", original) + &times(at))).replace("\r\n", "\n");
            text.replace("END:VCALENDAR", &format!("{moved}END:VCALENDAR"))
        });
    }

    fn cancel_occurrence(&self, master: &RemoteId, original: &Original) {
        let excluded = place("EXDATE", original).replace("\r\n", "\n");
        self.edit(master, |text| text.replacen("END:VEVENT", &format!("{excluded}END:VEVENT"), 1));
    }

    fn expire_cursors(&self) {
        self.shelf.expire_cursors();
    }

    fn hide_calendar(&self) {
        self.shelf.remove_calendar(MAIN);
    }

    fn held(&self, id: &RemoteId) -> Value {
        const PASSING: [&str; 3] = ["DTSTAMP", "LAST-MODIFIED", "SEQUENCE"];
        let text = self.text(id);
        let mut lines: Vec<&str> =
            text.lines().filter(|line| !PASSING.iter().any(|name| line.starts_with(name))).collect();
        // Servers put the lines in an order of their own.
        lines.sort_unstable();
        json!(lines)
    }

    fn live_titles(&self) -> Vec<String> {
        let all = self.shelf.all(MAIN);
        all.iter().map(|(_, text)| value(text, "SUMMARY").unwrap_or_default().to_owned()).collect()
    }
}
