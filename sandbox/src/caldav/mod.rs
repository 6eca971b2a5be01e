//! A fake CalDAV server with the quirks of the real ones, or a proxy in front of a real one.
//!
//! Nothing here is taken from a library for calendars or XML: it answers by its own reading of the
//! standards, so that client and server cannot be wrong together.

mod answer;
mod book;
mod proxy;
mod quirks;
mod seeding;
mod serve;
mod text;

use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    extract::{Request, State},
    response::Response,
    routing::any,
};
use bytes::Bytes;

pub use self::quirks::Quirks;
use self::{
    book::{Book, Calendar},
    proxy::Proxy,
};
use crate::{
    seed::{Moments, SeedAccount, SeedError},
    sync::lock,
    world::World,
};

/// The password of every seeded account until it is changed.
pub const PASSWORD: &str = "app-password";

pub struct CalDav {
    book: Mutex<Book>,
    quirks: Mutex<Quirks>,
    proxy: Option<Proxy>,
    forget_token: AtomicBool,
}

pub fn router(caldav: Arc<CalDav>) -> Router {
    Router::new()
        .route("/caldav", any(handle))
        .route("/caldav/", any(handle))
        .route("/caldav/{*path}", any(handle))
        .route("/.well-known/caldav", any(handle))
        .with_state(caldav)
}

async fn handle(State(caldav): State<Arc<CalDav>>, request: Request) -> Response {
    match &caldav.proxy {
        Some(proxy) => {
            let reports = request.method().as_str() == "REPORT";
            let forget = reports && caldav.forget_token.swap(false, Ordering::Relaxed);
            proxy.pass(request, forget).await
        }
        None => serve::answer(&caldav, request).await,
    }
}

impl CalDav {
    pub fn new(world: Arc<World>) -> Arc<Self> {
        let proxy = world.config.caldav_upstream.map(Proxy::new);
        Arc::new(Self {
            book: Mutex::default(),
            quirks: Mutex::default(),
            proxy,
            forget_token: AtomicBool::new(false),
        })
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        lock(&self.book)
    }

    pub fn quirks(&self) -> Quirks {
        lock(&self.quirks).clone()
    }

    pub fn set_quirks(&self, quirks: Quirks) {
        *lock(&self.quirks) = quirks;
    }

    pub fn reset(&self) {
        *self.book() = Book::default();
        self.set_quirks(Quirks::default());
    }

    pub fn seed(&self, account: &SeedAccount, moments: &Moments) -> Result<(), SeedError> {
        seeding::plant(&mut self.book(), account, moments);
        Ok(())
    }

    /// The next question for changes carries a token that the server behind the proxy has never given.
    pub fn forget_next_token(&self) {
        self.forget_token.store(true, Ordering::Relaxed);
    }

    pub fn set_password(&self, user: &str, password: &str) {
        self.book().passwords.insert(user.to_owned(), password.to_owned());
    }

    /// Somebody else puts an event there, whatever the rules say.
    pub fn put(&self, user: &str, calendar: &str, name: &str, text: &str) {
        self.book().put(user, calendar, name, text.replace("\r\n", "\n").replace('\n', "\r\n"));
    }

    pub fn delete(&self, user: &str, calendar: &str, name: &str) -> bool {
        self.book().remove(user, calendar, name)
    }

    /// What a resource holds.
    pub fn text(&self, user: &str, calendar: &str, name: &str) -> Option<String> {
        let book = self.book();
        let calendar = book.calendars.get(&(user.to_owned(), calendar.to_owned()))?;
        calendar.members.get(name).map(|member| member.text.clone())
    }

    /// Names and texts of a calendar.
    pub fn all(&self, user: &str, calendar: &str) -> Vec<(String, String)> {
        let book = self.book();
        let calendar = book.calendars.get(&(user.to_owned(), calendar.to_owned()));
        let members = calendar.into_iter().flat_map(|calendar| &calendar.members);
        members.map(|(name, member)| (name.clone(), member.text.clone())).collect()
    }

    pub fn forget_tokens(&self, user: &str, calendar: &str) {
        self.with_calendar(user, calendar, Calendar::forget_tokens);
    }

    pub fn remove_calendar(&self, user: &str, calendar: &str) {
        self.book().calendars.remove(&(user.to_owned(), calendar.to_owned()));
    }

    fn with_calendar(&self, user: &str, calendar: &str, change: impl FnOnce(&mut Calendar)) {
        if let Some(calendar) = self.book().calendars.get_mut(&(user.to_owned(), calendar.to_owned())) {
            change(calendar);
        }
    }
}

/// Makes one event of an answer unreadable: its start is gone.
pub fn break_item(bytes: &Bytes, index: usize) -> Bytes {
    let text = String::from_utf8_lossy(bytes);
    let Some((at, _)) = text.match_indices("BEGIN:VEVENT").nth(index) else { return bytes.clone() };
    let (before, after) = text.split_at(at);
    Bytes::from(format!("{before}{}", after.replacen("DTSTART", "X-NO-START", 1)))
}
