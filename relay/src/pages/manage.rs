//! `/m/{token}`: how a booking stands, for whoever holds its link.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::TimeDelta;
use chrono_tz::Tz;
use daymark_core::booking::State as Standing;
use daymark_core::contract::{OwnerCard, Place, Visitor as Answers};
use daymark_core::seal::ManageToken;
use daymark_core::time::Instant;

use crate::app::App;
use crate::pages::answer::{Keep, Result, Trouble, html, settle};
use crate::pages::calendar::{self, Entry};
use crate::pages::frame::Frame;
use crate::pages::line::Line;
use crate::pages::parts::{When, Who, moment, place};
use crate::pages::sent::{Back, Sent};
use crate::pages::visitor::{Asked, Named, Visitor, link};
use crate::store::{Booking, CancelOutcome, WaitsBecause};
use crate::words::{Words, dates, fill};

/// A booking opened with its link.
struct Opened {
    /// `/m/<token>`.
    path: String,
    token: ManageToken,
    booking: Booking,
    answers: Answers,
    owner: OwnerCard,
    now: Instant,
}

/// What the visitor may do about the booking.
#[derive(Clone, Copy, PartialEq, Eq)]
enum May {
    Cancel,
    Withdraw,
    /// The cut-off has passed.
    CallOnly,
    Nothing,
}

#[derive(Template)]
#[template(path = "manage.html")]
struct ManageView {
    f: Frame,
    who: Who,
    tone: &'static str,
    heading: &'static str,
    lead: String,
    notice: Option<String>,
    type_name: String,
    place: String,
    /// Where a video visit takes place.
    video: String,
    when: When,
    wrote: Vec<(&'static str, String)>,
    calendars: Option<Calendars>,
    address: Option<String>,
    policy: Option<Line>,
    cancel: Option<(&'static str, String)>,
    again: Option<String>,
}

struct Calendars {
    file: String,
    google: String,
    outlook: String,
}

#[derive(Template)]
#[template(path = "cancel.html")]
struct CancelView {
    f: Frame,
    who: Who,
    heading: &'static str,
    yes: &'static str,
    type_name: String,
    when: When,
    action: String,
    version: u32,
    lang: &'static str,
    back: String,
}

pub async fn show(State(app): State<Arc<App>>, Named(token): Named, visitor: Visitor) -> Response {
    let page = match open(&app, &token).await {
        Ok(opened) => opened.page(&app, &visitor, None),
        Err(trouble) => Err(trouble),
    };
    settle(&app, &visitor, page)
}

pub async fn ask_cancel(State(app): State<Arc<App>>, Named(token): Named, visitor: Visitor) -> Response {
    let page = match open(&app, &token).await {
        Ok(opened) if opened.may().changes() => opened.cancel_page(&app, &visitor),
        Ok(opened) => Ok(opened.back(&visitor)),
        Err(trouble) => Err(trouble),
    };
    settle(&app, &visitor, page)
}

pub async fn cancel(
    State(app): State<Arc<App>>,
    Named(token): Named,
    mut visitor: Visitor,
    sent: Sent,
) -> Response {
    let answer = match sent.read(&mut visitor, "version", || Back::Booking(format!("/m/{token}"))) {
        Ok(sent) => cancelled(&app, &token, &visitor, &sent).await,
        Err(trouble) => Err(trouble),
    };
    settle(&app, &visitor, answer)
}

async fn cancelled(app: &App, token: &str, visitor: &Visitor, sent: &Asked) -> Result<Response> {
    let opened = open(app, token).await?;
    let version = sent.get("version").and_then(|text| text.parse().ok()).unwrap_or(0);
    if opened.booking.state != Standing::Cancelled && !opened.may().changes() {
        return Ok(opened.back(visitor));
    }
    match app.store.cancel(&opened.token.lookup(), version, opened.now).await? {
        CancelOutcome::Cancelled => Ok(opened.back(visitor)),
        CancelOutcome::Unknown => Err(Trouble::LostLink),
        CancelOutcome::Changed => {
            let words = visitor.locale.words();
            let notice = format!("{}. {}", words.changed_title, words.changed_lead);
            let mut page = open(app, token).await?.page(app, visitor, Some(notice))?;
            *page.status_mut() = StatusCode::CONFLICT;
            Ok(page)
        }
    }
}

pub async fn file(State(app): State<Arc<App>>, Named(token): Named, visitor: Visitor) -> Response {
    let file = open(&app, &token).await.map(|opened| {
        let ics = opened.with_entry(&app, &visitor, |entry| calendar::ics(entry, opened.now));
        let headers = [
            (CONTENT_TYPE, "text/calendar; charset=utf-8"),
            (CONTENT_DISPOSITION, "attachment; filename=\"visit.ics\""),
            (CACHE_CONTROL, "no-store"),
        ];
        (headers, ics).into_response()
    });
    settle(&app, &visitor, file)
}

/// Malformed, unknown, expired and foreign tokens end in the same page.
async fn open(app: &App, token: &str) -> Result<Opened> {
    let now = app.now();
    // A malformed token is looked up like any other, so that time tells nothing.
    let token = ManageToken::parse(token).unwrap_or_else(|| ManageToken::new(&*app.entropy));
    let booking = app.store.managed(&token.lookup()).await?.ok_or(Trouble::LostLink)?;
    let plain = token.open(&booking.id.0, &booking.sealed_for_visitor).map_err(|_| Trouble::LostLink)?;
    let answers = serde_json::from_slice(&plain).map_err(|error| Trouble::Broken(error.to_string()))?;
    let stamped = app.offer(&booking.slug, now).await?.ok_or(Trouble::LostLink)?;
    let owner = match &stamped.offer.published {
        Some(page) => page.sheet.owner.clone(),
        None => return Err(Trouble::LostLink),
    };
    Ok(Opened { path: format!("/m/{}", token.reveal()), token, booking, answers, owner, now })
}

impl May {
    fn changes(self) -> bool {
        matches!(self, May::Cancel | May::Withdraw)
    }
}

impl Opened {
    fn zone(&self) -> Tz {
        self.answers.zone
    }

    fn is_past(&self) -> bool {
        self.booking.visit.end() <= self.now
    }

    fn has_lapsed(&self) -> bool {
        self.booking.state.has_lapsed(self.booking.visit.start(), self.now)
    }

    fn cancel_until(&self) -> Instant {
        let cutoff = TimeDelta::minutes(i64::from(self.booking.terms.cancel_cutoff_min));
        self.booking.visit.start() - cutoff
    }

    fn may(&self) -> May {
        match self.booking.state {
            Standing::Declined | Standing::Cancelled => May::Nothing,
            _ if self.is_past() || self.has_lapsed() => May::Nothing,
            // A request that nobody has answered binds nobody.
            Standing::Requested => May::Withdraw,
            _ if self.now < self.cancel_until() => May::Cancel,
            _ => May::CallOnly,
        }
    }

    fn link(&self, visitor: &Visitor, path: &str) -> String {
        link(&format!("{}{path}", self.path), &[("lang", visitor.lang.map_or("", |lang| lang.code()))])
    }

    fn back(&self, visitor: &Visitor) -> Response {
        Redirect::to(&self.link(visitor, "")).into_response()
    }

    fn who(&self, app: &App) -> Who {
        Who::new(&self.owner, app.assets.logo.as_ref().map(|logo| logo.path.as_str()))
    }

    fn when(&self, visitor: &Visitor) -> When {
        When::new(visitor.locale, self.booking.visit, self.zone(), self.owner.zone)
    }

    fn place(&self, words: &Words) -> String {
        match &self.booking.terms.place {
            Place::AtVisitor => self.answers.address.clone(),
            other => place(words, other),
        }
    }

    fn page(&self, app: &App, visitor: &Visitor, notice: Option<String>) -> Result<Response> {
        let words = visitor.locale.words();
        let (tone, heading, lead) = self.standing(words);
        let live = self.booking.state.is_live() && !self.is_past() && !self.has_lapsed();
        let view = ManageView {
            f: Frame::new(app, visitor, heading.to_owned()),
            who: self.who(app),
            tone,
            heading,
            lead: fill(lead, &[("owner", &self.owner.name)]),
            notice,
            type_name: self.booking.terms.type_name.clone(),
            place: self.place(words),
            video: self.video(),
            when: self.when(visitor),
            wrote: self.wrote(words),
            calendars: live.then(|| self.calendars(app, visitor)),
            address: live.then(|| app.address(&self.path)),
            policy: live.then(|| self.policy(visitor)),
            cancel: self.cancel_link(visitor),
            again: (!live).then(|| {
                link(&format!("/{}", self.booking.slug), &[("lang", visitor.lang.map_or("", |l| l.code()))])
            }),
        };
        Ok(html(StatusCode::OK, Keep::Never, view.render()?))
    }

    /// How the booking stands: tone, heading and sentence.
    fn standing(&self, words: &'static Words) -> (&'static str, &'static str, &'static str) {
        let waits = self.booking.terms.waits_because;
        match self.booking.state {
            Standing::Cancelled if self.booking.heard => ("over", words.cancelled, words.cancelled_heard),
            Standing::Cancelled => ("over", words.cancelled, words.cancelled_lead),
            Standing::Declined => ("over", words.declined, words.declined_lead),
            _ if self.has_lapsed() => ("over", words.unanswered, words.unanswered_lead),
            _ if self.is_past() => ("over", words.past, words.past_lead),
            Standing::Requested if waits == Some(WaitsBecause::OwnerApproves) => {
                ("waits", words.requested, words.requested_owner)
            }
            Standing::Requested => ("waits", words.requested, words.requested_stale),
            Standing::Accepted => ("stands", words.booked, words.booked_lead),
            Standing::Confirmed => ("stands", words.booked, words.confirmed_lead),
        }
    }

    fn video(&self) -> String {
        match &self.booking.terms.place {
            Place::Video(detail) if self.booking.state.is_live() => detail.clone(),
            _ => String::new(),
        }
    }

    fn wrote(&self, words: &'static Words) -> Vec<(&'static str, String)> {
        let Answers { name, email, phone, address, note, .. } = &self.answers;
        [
            (words.name, name),
            (words.email, email),
            (words.phone, phone),
            (words.address, address),
            (words.note, note),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| (label, value.clone()))
        .collect()
    }

    fn policy(&self, visitor: &Visitor) -> Line {
        let words = visitor.locale.words();
        match self.may() {
            May::Withdraw => words.withdraw_any.to_owned().into(),
            May::Cancel => {
                let until = moment(visitor.locale, self.cancel_until(), self.zone());
                fill(words.cancel_until, &[("moment", &until)]).into()
            }
            May::CallOnly => self.late(words),
            May::Nothing => String::new().into(),
        }
    }

    /// A time booked at short notice is past its cut-off from the start, so the cut-off is named.
    fn late(&self, words: &Words) -> Line {
        let cutoff = dates::exact_span(words, i64::from(self.booking.terms.cancel_cutoff_min));
        let sentence = match self.owner.phone.is_empty() {
            _ if self.now >= self.booking.visit.start() => words.cancel_begun,
            true => words.cancel_late,
            false => words.cancel_late_call,
        };
        Line::new(sentence, &[("cutoff", &cutoff)], &self.owner.phone)
    }

    fn cancel_link(&self, visitor: &Visitor) -> Option<(&'static str, String)> {
        let words = visitor.locale.words();
        let label = match self.may() {
            May::Cancel => words.cancel,
            May::Withdraw => words.withdraw,
            May::CallOnly | May::Nothing => return None,
        };
        Some((label, self.link(visitor, "/cancel")))
    }

    fn cancel_page(&self, app: &App, visitor: &Visitor) -> Result<Response> {
        let words = visitor.locale.words();
        let (heading, yes) = match self.may() {
            May::Withdraw => (words.withdraw_title, words.withdraw_yes),
            May::Cancel | May::CallOnly | May::Nothing => (words.cancel_title, words.cancel_yes),
        };
        let view = CancelView {
            f: Frame::new(app, visitor, heading.to_owned()),
            who: self.who(app),
            heading,
            yes,
            type_name: self.booking.terms.type_name.clone(),
            when: self.when(visitor),
            action: format!("{}/cancel", self.path),
            version: self.booking.version,
            lang: visitor.lang.map_or("", |lang| lang.code()),
            back: self.link(visitor, ""),
        };
        Ok(html(StatusCode::OK, Keep::Never, view.render()?))
    }

    fn calendars(&self, app: &App, visitor: &Visitor) -> Calendars {
        self.with_entry(app, visitor, |entry| Calendars {
            file: self.link(visitor, "/visit.ics"),
            google: calendar::google(entry),
            outlook: calendar::outlook(entry),
        })
    }

    fn with_entry<T>(&self, app: &App, visitor: &Visitor, make: impl FnOnce(&Entry<'_>) -> T) -> T {
        let words = visitor.locale.words();
        let type_name = &self.booking.terms.type_name;
        let summary = fill(words.visit_with, &[("type", type_name), ("owner", &self.owner.name)]);
        let (location, video) = (self.place(words), self.video());
        let url = app.address(&self.path);
        let when = self.when(visitor);
        let mut description = format!("{}, {} ({})", when.day, when.time, when.zone);
        for more in [&video, &self.owner.phone, &url] {
            if !more.is_empty() {
                description.push('\n');
                description.push_str(more);
            }
        }
        make(&Entry {
            uid: &self.booking.id.0,
            sequence: self.booking.version,
            state: self.booking.state,
            visit: self.booking.visit,
            summary: &summary,
            location: &location,
            description: &description,
            url: &url,
        })
    }
}
