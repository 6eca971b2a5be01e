//! One request at the fake server.

use axum::{
    body::to_bytes,
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    CalDav, Quirks,
    answer::{elements, escaped, found, multistatus, refused, status},
    book::{Book, Calendar, Member},
    text,
};
use crate::ledger::Wrote;

const BODY_MAX_BYTES: usize = 16 << 20;
const TOKEN: &str = "urn:sandbox:sync:";
const NEED_PRIVILEGES: &str = "<need-privileges/>";

/// What an address names.
enum Place {
    WellKnown,
    Root,
    Principal,
    Home,
    Calendar { calendar: String },
    Member { calendar: String, name: String },
    Elsewhere,
}

struct Ask<'a> {
    user: String,
    method: String,
    headers: HeaderMap,
    body: String,
    quirks: &'a Quirks,
}

pub async fn answer(caldav: &CalDav, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, BODY_MAX_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let quirks = caldav.quirks();
    let path = decoded(parts.uri.path());
    if let Place::WellKnown = place(&path, "") {
        let to = quirks.well_known.clone().unwrap_or_else(|| "/caldav/".to_owned());
        return (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to)]).into_response();
    }
    let mut book = caldav.book();
    let Some(user) = user(&book, &parts.headers) else {
        let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"Calendars\", charset=\"UTF-8\"")];
        return (StatusCode::UNAUTHORIZED, challenge).into_response();
    };
    let method = parts.method.as_str().to_owned();
    let body = String::from_utf8_lossy(&bytes).into_owned();
    let ask = Ask { user, method, headers: parts.headers, body, quirks: &quirks };
    let place = place(&path, &ask.user);
    ask.answer(&mut book, place)
}

fn decoded(path: &str) -> String {
    path.replace("%40", "@").replace("%20", " ")
}

fn place(path: &str, user: &str) -> Place {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        [".well-known", "caldav"] => Place::WellKnown,
        ["caldav"] => Place::Root,
        ["caldav", "principals", who] if *who == user => Place::Principal,
        ["caldav", "calendars", who] if *who == user => Place::Home,
        ["caldav", "calendars", who, calendar] if *who == user => {
            Place::Calendar { calendar: (*calendar).to_owned() }
        }
        ["caldav", "calendars", who, calendar, name] if *who == user => {
            Place::Member { calendar: (*calendar).to_owned(), name: (*name).to_owned() }
        }
        _ => Place::Elsewhere,
    }
}

fn user(book: &Book, headers: &HeaderMap) -> Option<String> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(given).ok()?).ok()?;
    let (user, password) = pair.split_once(':')?;
    (book.passwords.get(user)? == password).then(|| user.to_owned())
}

fn wrote(mut response: Response) -> Response {
    response.extensions_mut().insert(Wrote);
    response
}

impl Ask<'_> {
    fn answer(&self, book: &mut Book, place: Place) -> Response {
        let asks = matches!(self.method.as_str(), "PROPFIND" | "REPORT");
        let kind = self.header("content-type");
        if asks && !kind.contains("xml") {
            return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
        }
        match (self.method.as_str(), place) {
            ("PROPFIND", Place::Root) => multistatus(&found("/caldav/", &self.principal())),
            ("PROPFIND", Place::Principal) => {
                multistatus(&found(&self.href(&["principals", &self.user]), &self.home_set()))
            }
            ("PROPFIND", Place::Home) => self.list_calendars(book),
            (_, Place::Calendar { calendar }) => {
                match book.calendars.get(&(self.user.clone(), calendar.clone())) {
                    None => StatusCode::NOT_FOUND.into_response(),
                    Some(known) => self.at_calendar(&calendar, known),
                }
            }
            (_, Place::Member { calendar, name }) => self.at_member(book, &calendar, &name),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn href(&self, parts: &[&str]) -> String {
        let path = format!("/caldav/{}", parts.join("/"));
        let path = if parts.len() == 4 { path } else { format!("{path}/") };
        if self.quirks.encodes_at { path.replace('@', "%40") } else { path }
    }

    fn member_href(&self, calendar: &str, name: &str) -> String {
        self.href(&["calendars", &self.user, calendar, name])
    }

    fn calendar_href(&self, calendar: &str) -> String {
        self.href(&["calendars", &self.user, calendar])
    }

    fn principal(&self) -> String {
        let href = self.href(&["principals", &self.user]);
        format!(
            "<resourcetype><collection/></resourcetype><current-user-principal><href>{href}</href></current-user-principal>"
        )
    }

    fn home_set(&self) -> String {
        let server = self.quirks.home_server.as_deref().unwrap_or_default();
        let home = self.href(&["calendars", &self.user]);
        format!(
            "<CAL:calendar-home-set><href>{server}{home}</href></CAL:calendar-home-set>\
             <CAL:calendar-user-address-set><href>mailto:{}</href></CAL:calendar-user-address-set>",
            self.user
        )
    }

    fn list_calendars(&self, book: &Book) -> Response {
        let home =
            found(&self.href(&["calendars", &self.user]), "<resourcetype><collection/></resourcetype>");
        let own = book.calendars.iter().filter(|((user, _), _)| *user == self.user);
        let listed = own.map(|((_, name), it)| found(&self.calendar_href(name), &self.about(it)));
        multistatus(&std::iter::once(home).chain(listed).collect::<String>())
    }

    fn about(&self, calendar: &Calendar) -> String {
        let color = calendar.color.as_deref().unwrap_or("#808080");
        let write = if calendar.read_only { "" } else { "<privilege><write/></privilege>" };
        let tag = format!("<CS:getctag>{}</CS:getctag>", calendar.now());
        let tag = if self.quirks.no_ctag { String::new() } else { tag };
        format!(
            "<resourcetype><collection/><CAL:calendar/></resourcetype><displayname>{}</displayname>\
             <A:calendar-color>{color}FF</A:calendar-color>{tag}<CAL:supported-calendar-component-set>\
             <CAL:comp name=\"VEVENT\"/></CAL:supported-calendar-component-set><current-user-privilege-set>\
             <privilege><read/></privilege>{write}</current-user-privilege-set>",
            escaped(&calendar.name)
        )
    }

    fn at_calendar(&self, name: &str, calendar: &Calendar) -> Response {
        match self.method.as_str() {
            "PROPFIND" => {
                let own = found(&self.calendar_href(name), &self.about(calendar));
                let deep = self.header("depth") == "1";
                let members = calendar.members.iter().filter(|_| deep);
                let members = members.map(|(member, it)| self.brief(name, member, it));
                multistatus(&std::iter::once(own).chain(members).collect::<String>())
            }
            "REPORT" if self.body.contains("sync-collection") => self.changes(name, calendar),
            "REPORT" if self.body.contains("calendar-multiget") => self.several(name, calendar),
            "REPORT" => self.by_uid(name, calendar),
            _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        }
    }

    fn brief(&self, calendar: &str, name: &str, member: &Member) -> String {
        let properties = format!("<getetag>{}</getetag><resourcetype/>", escaped(&member.etag));
        found(&self.member_href(calendar, name), &properties)
    }

    fn changes(&self, name: &str, calendar: &Calendar) -> Response {
        if self.quirks.no_sync {
            return refused(403, "<supported-report/>");
        }
        let asked = elements(&self.body, "sync-token").first().copied().unwrap_or_default();
        let from = asked.strip_prefix(TOKEN).and_then(|number| number.parse::<usize>().ok());
        let from = match (asked.is_empty(), from) {
            (true, _) => 0,
            (false, Some(from)) if from >= calendar.oldest && from <= calendar.now() => from,
            _ if self.quirks.unknown_token_is_500 => {
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
            _ => return refused(403, "<valid-sync-token/>"),
        };
        let (names, until) = calendar.since(from, self.quirks.cuts_lists_at);
        let mut entries = String::new();
        for member in names.into_iter().filter(|it| !it.is_empty()) {
            match calendar.members.get(member) {
                Some(known) => entries.push_str(&self.brief(name, member, known)),
                None if asked.is_empty() => {}
                None => entries.push_str(&status(&self.member_href(name, member), "404 Not Found")),
            }
        }
        if until < calendar.now() {
            entries.push_str(&status(&self.calendar_href(name), "507 Insufficient Storage"));
        }
        multistatus(&format!("{entries}<sync-token>{TOKEN}{until}</sync-token>"))
    }

    fn several(&self, name: &str, calendar: &Calendar) -> Response {
        let mut entries = String::new();
        for href in elements(&self.body, "href") {
            let member = decoded(href);
            let member = member.rsplit('/').next().unwrap_or_default();
            entries.push_str(&match calendar.members.get(member) {
                Some(known) => self.whole(name, member, known),
                None => status(href, "404 Not Found"),
            });
        }
        multistatus(&entries)
    }

    fn whole(&self, calendar: &str, name: &str, member: &Member) -> String {
        let properties = format!(
            "<getetag>{}</getetag><CAL:calendar-data>{}</CAL:calendar-data>",
            escaped(&member.etag),
            escaped(&member.text)
        );
        found(&self.member_href(calendar, name), &properties)
    }

    fn by_uid(&self, name: &str, calendar: &Calendar) -> Response {
        let wanted = elements(&self.body, "text-match").first().copied().unwrap_or_default();
        let wanted = if wanted.is_empty() {
            self.body.split("i;octet\">").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default()
        } else {
            wanted
        };
        let members = calendar.members.iter().filter(|(_, it)| text::uid(&it.text) == wanted);
        multistatus(&members.map(|(member, it)| self.brief(name, member, it)).collect::<String>())
    }

    fn at_member(&self, book: &mut Book, calendar: &str, name: &str) -> Response {
        let Some(known) = book.calendars.get(&(self.user.clone(), calendar.to_owned())) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let member = known.members.get(name);
        let writes = matches!(self.method.as_str(), "PUT" | "DELETE");
        if writes && known.read_only {
            return refused(403, NEED_PRIVILEGES);
        }
        if writes && self.quirks.full {
            return StatusCode::INSUFFICIENT_STORAGE.into_response();
        }
        match (self.method.as_str(), member) {
            ("GET", Some(member)) => {
                let headers =
                    [(header::CONTENT_TYPE, "text/calendar; charset=utf-8"), (header::ETAG, &member.etag)];
                (headers, member.text.clone()).into_response()
            }
            ("PROPFIND", Some(member)) => multistatus(&self.brief(calendar, name, member)),
            ("DELETE", None) => StatusCode::NOT_FOUND.into_response(),
            ("PUT" | "DELETE", member) if !self.condition_holds(member) => {
                StatusCode::PRECONDITION_FAILED.into_response()
            }
            ("DELETE", Some(_)) => {
                book.remove(&self.user, calendar, name);
                wrote(multistatus(&status(&self.member_href(calendar, name), "200 OK")))
            }
            ("PUT", _) => self.put(book, calendar, name),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }

    fn condition_holds(&self, member: Option<&Member>) -> bool {
        let (matching, none) = (self.header("if-match"), self.header("if-none-match"));
        let matches = match matching {
            "" => true,
            "*" => member.is_some() != self.quirks.icloud,
            etag => member.is_some_and(|member| member.etag == etag),
        };
        matches && (none != "*" || member.is_none() || self.quirks.zimbra)
    }

    fn put(&self, book: &mut Book, calendar: &str, name: &str) -> Response {
        let uid = text::uid(&self.body);
        let holder = book
            .holder(&self.user, uid)
            .filter(|(at, held)| (at.as_str(), held.as_str()) != (calendar, name));
        if let Some((at, held)) = holder.filter(|(at, _)| at == calendar || self.quirks.icloud) {
            let href = self.member_href(&at, &held);
            return refused(409, &format!("<CAL:no-uid-conflict><href>{href}</href></CAL:no-uid-conflict>"));
        }
        let known = book.calendars.get(&(self.user.clone(), calendar.to_owned()));
        if self.quirks.bin && known.is_some_and(|it| it.bin.contains(uid) && !it.members.contains_key(name)) {
            return (StatusCode::BAD_REQUEST, "Deleted calendar object with uid already exists")
                .into_response();
        }
        let events = text::components(&self.body, "VEVENT");
        if events.is_empty() || events.iter().any(|event| text::value(event, "DTSTART").is_none()) {
            return refused(403, "<CAL:valid-calendar-data/>");
        }
        if self.quirks.icloud && events.iter().any(|event| text::value(event, "DTEND").is_none()) {
            return refused(403, "<CAL:valid-calendar-object-resource/>");
        }
        let is_new = known.is_some_and(|it| !it.members.contains_key(name));
        let etag = book.put(&self.user, calendar, name, self.kept()).unwrap_or_default();
        let code = if is_new { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
        wrote(match self.quirks.rewrites {
            true => code.into_response(),
            false => (code, [(header::ETAG, etag)]).into_response(),
        })
    }

    /// The text as this server keeps it.
    fn kept(&self) -> String {
        let text =
            if self.quirks.zimbra { text::with_cancelled_as_excluded(&self.body) } else { self.body.clone() };
        if self.quirks.rewrites { text::rewritten(&text) } else { text }
    }
}
