//! One sandbox with one mailbox, asked through its routers.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use daymark_sandbox::clock::Clock;
use daymark_sandbox::microsoft::{Microsoft, Quirks};
use daymark_sandbox::server::assemble;
use daymark_sandbox::{Config, Control, Provider, World};
use serde_json::{Value, json};
use tower::ServiceExt;

pub const MAYA: &str = "maya@partner.example";
pub const IMMUTABLE: (&str, &str) = ("prefer", r#"IdType="ImmutableId""#);
pub const PROPERTY: &str = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name booking";

pub struct Bench {
    pub router: Router,
    pub control: Arc<Control>,
    pub token: String,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap().to_owned()
    }

    pub fn items(&self) -> &Vec<Value> {
        self.body["value"].as_array().unwrap()
    }
}

impl Bench {
    /// One account with a default calendar, a second one, and a shared one that it may only read.
    pub fn new() -> Self {
        let world = World::new(Config::new(Clock::standing("2026-03-04T16:42:00Z".parse().unwrap())));
        let (router, control) = assemble(&world);
        let seed = json!({
            "zone": "America/Toronto",
            "clients": [{"provider": "microsoft", "id": "app"}],
            "accounts": [{
                "provider": "microsoft", "email": MAYA, "name": "Maya Okafor", "zone": "America/Toronto",
                "calendars": [
                    {"name": "Calendar", "primary": true},
                    {"name": "Clinic", "color": "#a0522d"},
                    {"name": "Holidays", "access": "reader", "events": [
                        {"key": "day1", "title": "Founders' day", "when": {"day": 1, "all_day_days": 1}}
                    ]}
                ]
            }]
        });
        control.seed_text(&seed.to_string()).unwrap();
        let scopes = ["Calendars.ReadWrite", "User.Read", "offline_access"];
        let token = control.mint(Provider::Microsoft, MAYA, "app", &scopes).access_token;
        Self { router, control, token }
    }

    /// Without the habits that make a feed longer than what is in it.
    pub fn plain() -> Self {
        let bench = Self::new();
        bench.quirks(|quirks| {
            quirks.empty_first_page = false;
            quirks.replays = false;
            quirks.page_size = 100;
        });
        bench
    }

    pub fn microsoft(&self) -> &Arc<Microsoft> {
        self.control.microsoft()
    }

    pub fn quirks(&self, change: impl FnOnce(&mut Quirks)) {
        let mut quirks = self.microsoft().quirks();
        change(&mut quirks);
        self.microsoft().set_quirks(quirks);
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let path = path.strip_prefix("http://sandbox.test/graph/v1.0/").unwrap_or(path);
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/graph/v1.0/{path}"))
            .header("host", "sandbox.test")
            .header("authorization", format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or(Body::empty(), |body| Body::from(body.to_string()));
        let Ok(response) = self.router.clone().oneshot(request.body(body).unwrap()).await;
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, &[], Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, &[], Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None).await
    }

    /// A new event's id.
    pub async fn event(&self, body: Value) -> String {
        let answer = self.post("me/events", body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.text("id")
    }

    pub async fn calendar(&self, name: &str) -> String {
        self.microsoft().calendar_id(MAYA, name).unwrap()
    }
}

/// Half past nine to ten in Toronto on that date.
pub fn visit(subject: &str, date: &str) -> Value {
    json!({
        "subject": subject,
        "start": {"dateTime": format!("{date}T09:30:00"), "timeZone": "America/Toronto"},
        "end": {"dateTime": format!("{date}T10:00:00"), "timeZone": "America/Toronto"},
    })
}

/// The same, every day from that date on.
pub fn daily(subject: &str, date: &str) -> Value {
    let mut event = visit(subject, date);
    event["recurrence"] = json!({
        "pattern": {"type": "daily", "interval": 1},
        "range": {"type": "noEnd", "startDate": date},
    });
    event
}

pub fn ids(items: &[Value]) -> Vec<String> {
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}
