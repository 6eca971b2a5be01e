//! What Graph answers: an event's JSON in the caller's zone, ids and body format.

use chrono::{Datelike, NaiveDate};
use serde_json::{Map, Value, json};

use super::error::GraphError;
use super::ids::{self, Key};
use super::mailbox::{Calendar, Event, Exception, Mailbox};
use super::moment::{Moment, instant_text};
use super::prefer::Preferences;

const NEVER: &str = "0001-01-01T00:00:00Z";
const PREVIEW_LETTERS: usize = 255;

pub struct Renderer<'a> {
    pub mailbox: &'a Mailbox,
    pub prefer: &'a Preferences,
}

/// One event as it is to be shown: a single one, a master, or an occurrence laid over its master.
struct Shown<'a> {
    key: Key,
    event: &'a Event,
    exception: Option<&'a Exception>,
    fields: Map<String, Value>,
    start: Moment,
    end: Moment,
}

impl<'a> Shown<'a> {
    fn of(event: &'a Event, date: Option<NaiveDate>) -> Self {
        let exception = date.and_then(|date| event.exceptions.get(&date));
        let mut fields = event.fields.clone();
        fields.extend(exception.into_iter().flat_map(|exception| exception.fields.clone()));
        let (start, end) = match date {
            Some(date) => event.placed(date),
            None => (event.start.clone(), event.end.clone()),
        };
        Self { key: Key { number: event.number, date }, event, exception, fields, start, end }
    }
}

impl Renderer<'_> {
    pub fn id(&self, key: Key, moves: u32) -> String {
        ids::event_id(&self.mailbox.part, key, moves, self.prefer.immutable_ids)
    }

    /// What delta says of a plain occurrence; the rest is to be taken from the master.
    pub fn stub(&self, event: &Event, date: NaiveDate) -> Value {
        let shown = Shown::of(event, Some(date));
        json!({
            "@odata.type": "#microsoft.graph.event",
            "@odata.etag": self.mailbox.etag_of(event, Some(date)),
            "id": self.id(shown.key, event.moves),
            "seriesMasterId": self.id(Key::event(event.number), event.moves),
            "type": "occurrence",
            "start": self.moment(&shown.start, &shown),
            "end": self.moment(&shown.end, &shown),
        })
    }

    pub fn full(&self, key: Key) -> Result<Map<String, Value>, GraphError> {
        Ok(self.full_of(self.mailbox.event(key.number)?, key.date))
    }

    /// The event as given, which may be an older version than the mailbox holds by now.
    pub fn full_of(&self, event: &Event, date: Option<NaiveDate>) -> Map<String, Value> {
        let shown = Shown::of(event, date);
        let mut json = self.identity(&shown);
        json.extend(self.written(&shown));
        json.extend(self.derived(&shown));
        json
    }

    fn identity(&self, shown: &Shown<'_>) -> Map<String, Value> {
        let (key, event) = (shown.key, shown.event);
        let master = Key::event(key.number);
        let id = self.id(key, event.moves);
        let modified = shown.exception.map_or(event.modified, |exception| exception.modified);
        let occurrence_id = key.date.map(|date| format!("OID.{}.{date}", self.id(master, event.moves)));
        object(json!({
            "@odata.etag": self.mailbox.etag_of(event, key.date),
            "webLink": format!("https://outlook.office365.com/owa/?itemid={id}&exvsurl=1&path=/calendar/item"),
            "id": id,
            "changeKey": self.mailbox.change_key(event.version(key.date)),
            "createdDateTime": instant_text(event.created),
            "lastModifiedDateTime": instant_text(modified),
            "iCalUId": ical_uid(&self.mailbox.part, key),
            "uid": ical_uid(&self.mailbox.part, master),
            "seriesMasterId": key.date.map(|_| self.id(master, event.moves)),
            "occurrenceId": occurrence_id,
            "transactionId": event.transaction_id,
            "type": kind(shown),
        }))
    }

    /// What its writer said.
    fn written(&self, shown: &Shown<'_>) -> Map<String, Value> {
        let mut json = shown.fields.clone();
        json.insert("body".into(), self.body(&shown.fields));
        json.insert("start".into(), self.moment(&shown.start, shown));
        json.insert("end".into(), self.moment(&shown.end, shown));
        let rule = shown.event.recurrence.as_ref().filter(|_| shown.key.date.is_none());
        json.insert("recurrence".into(), rule.map_or(Value::Null, |rule| rule.to_json()));
        json
    }

    /// What Exchange adds.
    fn derived(&self, shown: &Shown<'_>) -> Map<String, Value> {
        let event = shown.event;
        let zone = &event.start.zone.name;
        let calendar = self.mailbox.calendars.iter().find(|calendar| calendar.number == event.calendar);
        let (name, address) = calendar.map(|calendar| calendar.owner.clone()).unwrap_or_default();
        let preview: String = plain(&shown.fields).chars().take(PREVIEW_LETTERS).collect();
        let mut json = object(json!({
            "bodyPreview": preview.trim(),
            "originalStartTimeZone": zone,
            "originalEndTimeZone": zone,
            "hasAttachments": false,
            "isCancelled": false,
            "isOrganizer": address.eq_ignore_ascii_case(&self.mailbox.address),
            "isDraft": false,
            "onlineMeetingUrl": null,
            "onlineMeeting": null,
            "responseStatus": {"response": "organizer", "time": NEVER},
            "organizer": {"emailAddress": {"name": name, "address": address}},
        }));
        if let Some(date) = shown.key.date {
            json.insert(
                "originalStart".into(),
                json!(event.ruled(date).0.instant().format("%Y-%m-%dT%H:%M:%SZ").to_string()),
            );
        }
        json.extend(event.elsewhere.clone());
        json
    }

    fn moment(&self, moment: &Moment, shown: &Shown<'_>) -> Value {
        let all_day = shown.fields.get("isAllDay").and_then(Value::as_bool).unwrap_or(false);
        moment.shown(&self.prefer.shown_zone(), all_day)
    }

    /// Text comes back wrapped in HTML, unless the caller prefers text.
    fn body(&self, fields: &Map<String, Value>) -> Value {
        let part = |name| {
            fields.get("body").and_then(|body| body.get(name)).and_then(Value::as_str).unwrap_or_default()
        };
        if self.prefer.plain_text {
            return json!({"contentType": "text", "content": plain(fields)});
        }
        let content = match part("contentType") {
            "text" if !part("content").is_empty() => {
                let escaped = part("content").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                format!(
                    "<html>\r\n<head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\r\n\
                     </head>\r\n<body>\r\n<div class=\"PlainText\">{}</div>\r\n</body>\r\n</html>\r\n",
                    escaped.replace('\n', "<br>\r\n")
                )
            }
            _ => part("content").to_owned(),
        };
        json!({"contentType": "html", "content": content})
    }

    pub fn exceptions(&self, number: u64) -> Result<Value, GraphError> {
        let event = self.mailbox.event(number)?;
        let dates: Vec<NaiveDate> = event.exceptions.keys().copied().collect();
        let rendered: Result<Vec<_>, _> =
            dates.into_iter().map(|date| self.full(Key::occurrence(number, date))).collect();
        rendered.map(|list| json!(list))
    }

    pub fn cancelled(&self, number: u64) -> Result<Value, GraphError> {
        let event = self.mailbox.event(number)?;
        let master = self.id(Key::event(number), event.moves);
        let ids: Vec<String> = event.cancelled.iter().map(|date| format!("OID.{master}.{date}")).collect();
        Ok(json!(ids))
    }

    pub fn calendar(&self, calendar: &Calendar) -> Value {
        let (name, address) = &calendar.owner;
        json!({
            "id": self.mailbox.calendar_id(calendar.number),
            "name": calendar.name,
            "color": "auto",
            "hexColor": calendar.hex_color,
            "groupClassId": "0006f0b7-0000-0000-c000-000000000046",
            "isDefaultCalendar": calendar.is_default,
            "changeKey": self.mailbox.change_key(calendar.change),
            "canShare": calendar.can_edit,
            "canViewPrivateItems": calendar.can_edit,
            "canEdit": calendar.can_edit,
            "allowedOnlineMeetingProviders": ["teamsForBusiness"],
            "defaultOnlineMeetingProvider": "teamsForBusiness",
            "isTallyingResponses": calendar.is_default,
            "isRemovable": !calendar.is_default,
            "owner": {"name": name, "address": address},
        })
    }
}

fn kind(shown: &Shown<'_>) -> &'static str {
    match (shown.key.date, shown.exception) {
        (None, _) if shown.event.recurrence.is_some() => "seriesMaster",
        (None, _) => "singleInstance",
        (Some(_), Some(_)) => "exception",
        (Some(_), None) => "occurrence",
    }
}

/// Unlike an iCalendar UID it differs between the occurrences of one series: the date is part of it.
fn ical_uid(part: &str, key: Key) -> String {
    let date = key.date.map_or("00000000".to_owned(), |date| {
        format!("{:04X}{:02X}{:02X}", date.year(), date.month(), date.day())
    });
    let mailbox: String = part.bytes().map(|byte| format!("{byte:02X}")).collect();
    format!("040000008200E00074C5B7101A82E008{date}{mailbox}{:016X}", key.number)
}

fn plain(fields: &Map<String, Value>) -> String {
    let part =
        |name| fields.get("body").and_then(|body| body.get(name)).and_then(Value::as_str).unwrap_or_default();
    if part("contentType") == "text" {
        return part("content").to_owned();
    }
    let mut inside = false;
    let text = part("content").chars().filter(|letter| {
        inside = (inside || *letter == '<') && *letter != '>';
        !inside && *letter != '>'
    });
    text.collect::<String>()
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
