//! A small fake world and a client that speaks plain JSON to its router.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request},
};
use daymark_sandbox::{Config, Control, Provider, World, clock::Clock, server::assemble};
use serde_json::{Value, json};
use tower::ServiceExt;

pub const MAYA: &str = "maya@northcare.example";
pub const SEED: &str = r##"{
  "zone": "America/Toronto",
  "clients": [{"provider": "google", "id": "desktop", "secret": "s3"}],
  "accounts": [
    {"provider": "google", "email": "maya@northcare.example", "name": "Maya", "zone": "America/Toronto", "calendars": [
      {"name": "Northcare", "primary": true},
      {"id": "visits", "name": "Visits"},
      {"id": "hidden", "name": "Hidden", "hidden": true}
    ]},
    {"provider": "google", "email": "ben@northcare.example", "name": "Ben", "zone": "Europe/Zurich", "calendars": [
      {"name": "Ben", "primary": true},
      {"id": "visits", "name": "Visits", "access": "reader"},
      {"id": "maya@northcare.example", "name": "Maya", "access": "free_busy"}
    ]}
  ]
}"##;

pub struct Fake {
    router: Router,
    pub control: Arc<Control>,
    token: String,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// The reason in the body of an error.
    pub fn reason(&self) -> String {
        self.json()["error"]["errors"][0]["reason"].as_str().unwrap_or_default().to_owned()
    }
}

pub fn fake() -> Fake {
    fake_with(|_| {})
}

pub fn fake_with(change: impl FnOnce(&mut Config)) -> Fake {
    let mut config = Config::new(Clock::standing("2026-03-04T16:42:00Z".parse().unwrap()));
    config.google_empty_page_every = 0;
    change(&mut config);
    let (router, control) = assemble(&World::new(config));
    control.seed_text(SEED).unwrap();
    let token = token(&control, MAYA, &["calendar"]);
    Fake { router, control, token }
}

fn token(control: &Control, email: &str, scopes: &[&str]) -> String {
    let scopes: Vec<String> =
        scopes.iter().map(|scope| format!("https://www.googleapis.com/auth/{scope}")).collect();
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    control.mint(Provider::Google, email, "test", &scopes).access_token
}

impl Fake {
    /// The same world, seen by another account or with fewer scopes.
    pub fn seen_by(&self, email: &str, scopes: &[&str]) -> Self {
        let token = token(&self.control, email, scopes);
        Self { router: self.router.clone(), control: self.control.clone(), token }
    }

    pub fn with_token(&self, token: &str) -> Self {
        Self { router: self.router.clone(), control: self.control.clone(), token: token.to_owned() }
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    async fn call(&self, method: &str, path: &str, if_match: Option<&str>, body: Option<&Value>) -> Answer {
        let authorization = format!("Bearer {}", self.token);
        let mut headers =
            vec![("authorization", authorization.as_str()), ("content-type", "application/json")];
        headers.extend(if_match.map(|etag| ("if-match", etag)));
        let body = body.map(Value::to_string).unwrap_or_default();
        self.send(method, &format!("/google/calendar/v3{path}"), &headers, body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, None, Some(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call("PATCH", path, None, Some(&body)).await
    }

    pub async fn patch_if(&self, path: &str, etag: &str, body: Value) -> Answer {
        self.call("PATCH", path, Some(etag), Some(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path, None, Some(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, None, None).await
    }

    pub async fn delete_if(&self, path: &str, etag: &str) -> Answer {
        self.call("DELETE", path, Some(etag), None).await
    }

    pub async fn insert(&self, event: Value) -> Value {
        let answer = self.post("/calendars/primary/events", event).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    pub async fn list(&self, query: &str) -> Value {
        let answer = self.get(&format!("/calendars/primary/events{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }
}

/// An hour on 5 March 2026, Toronto time.
pub fn hour(id: &str, title: &str, hour: u32) -> Value {
    let edge = |hour: u32| json!({"dateTime": format!("2026-03-05T{hour:02}:00:00-05:00")});
    json!({"id": id, "summary": title, "start": edge(hour), "end": edge(hour + 1)})
}

/// A weekday series at nine from 2 March 2026, Toronto time; the clocks change on the 8th.
pub fn standup() -> Value {
    let edge =
        |time: &str| json!({"dateTime": format!("2026-03-02T{time}:00"), "timeZone": "America/Toronto"});
    json!({
        "id": "standup", "summary": "Stand-up", "start": edge("09:00"), "end": edge("09:15"),
        "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=10"],
    })
}

pub fn ids(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}
