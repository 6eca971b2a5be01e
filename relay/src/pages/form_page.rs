//! The booking form as a page: for the first time, or again with what is to be put right.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::TimeDelta;
use chrono_tz::Tz;
use daymark_core::cities::city;
use daymark_core::contract::TypeSheet;
use daymark_core::time::{Instant, Interval, wall};

use crate::app::App;
use crate::offer::{Offer, Phase, Refusal};
use crate::pages::answer::{Keep, Result, html};
use crate::pages::closed;
use crate::pages::form::{Field, fields};
use crate::pages::frame::Frame;
use crate::pages::line::Line;
use crate::pages::parts::{When, Who, facts, moment, policy};
use crate::pages::visitor::{Visitor, Zone, link};
use crate::pages::wish::{Wish, write_start};
use crate::words::{dates, fill};

const NEAREST: usize = 6;

#[derive(Template)]
#[template(path = "book.html")]
struct FormView {
    f: Frame,
    who: Who,
    action: String,
    /// Where Back leads from what comes next; empty on a form that was not sent.
    again: String,
    back: String,
    heading: String,
    facts: Vec<String>,
    when: Option<When>,
    /// What stands above the form when something is to be put right.
    alert: Option<String>,
    /// Said instead of a button when nothing can be sent now.
    blocked: Vec<Line>,
    /// Other times to choose from, as values and as words.
    nearest: Vec<(String, String)>,
    hidden: Vec<(&'static str, String)>,
    fields: Vec<Field>,
    /// Said before a time is booked that cannot be cancelled online.
    late: Vec<Line>,
    submit: String,
    /// Until when it can be cancelled; empty where that is said elsewhere.
    policy: String,
    privacy: String,
}

/// Why the same form comes back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It is shown for the first time.
    Fresh,
    /// Some field is wrong.
    Mistakes,
    /// The time cannot be had.
    Start(Option<Refusal>),
    /// Nothing can be booked now, or not this.
    Blocked,
}

/// A form in the making.
pub struct FormPage<'a> {
    pub app: &'a App,
    pub slug: &'a str,
    pub visitor: &'a Visitor,
    pub offer: &'a Offer,
    pub wish: &'a Wish,
    /// The form was filled in; before that nobody is told of mistakes.
    pub sent: bool,
    pub now: Instant,
}

impl<'a> FormPage<'a> {
    fn sheet(&self) -> Option<&'a TypeSheet> {
        self.offer.type_of(&self.wish.type_id)
    }

    /// The type and the time, if everything is right.
    pub fn judge(&self) -> std::result::Result<(&'a TypeSheet, Interval), Again> {
        let Some(sheet) = self.sheet().filter(|_| self.offer.phase(self.now).takes_bookings()) else {
            return Err(Again::Blocked);
        };
        let Some(start) = self.wish.start else {
            let refusal = (!self.wish.start_text.is_empty()).then_some(Refusal::NotOffered);
            return Err(Again::Start(refusal));
        };
        let visit =
            self.offer.check(sheet, start, self.now).map_err(|refusal| Again::Start(Some(refusal)))?;
        let words = self.visitor.locale.words();
        let mistakes = fields(words, &self.wish.typed, Some(&sheet.place), true);
        if mistakes.iter().any(|field| field.error.is_some()) || matches!(self.wish.zone, Zone::Unknown(_)) {
            return Err(Again::Mistakes);
        }
        Ok((sheet, visit))
    }

    pub fn zone(&self) -> Tz {
        self.wish.zone.known().unwrap_or_else(|| self.owner_zone())
    }

    fn owner_zone(&self) -> Tz {
        self.offer.published.as_ref().map_or(Tz::UTC, |page| page.sheet.owner.zone)
    }

    pub fn answer(&self, again: Again) -> Result<Response> {
        let status = match again {
            Again::Fresh => StatusCode::OK,
            // Asked for but not sent: the page explains itself, and there is nothing to put right.
            Again::Blocked if !self.sent => StatusCode::OK,
            Again::Mistakes => StatusCode::UNPROCESSABLE_ENTITY,
            Again::Start(Some(Refusal::Taken)) | Again::Blocked => StatusCode::CONFLICT,
            Again::Start(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Ok(html(status, Keep::Never, self.view(again).render()?))
    }

    fn view(&self, again: Again) -> FormView {
        let words = self.visitor.locale.words();
        let sheet = self.sheet();
        let logo = self.app.assets.logo.as_ref().map(|logo| logo.path.as_str());
        let card = self.offer.published.as_ref().map(|page| &page.sheet.owner);
        let who = card.map_or_else(|| Who::named(&self.offer.name, logo), |card| Who::new(card, logo));
        let frame = Frame::new(self.app, self.visitor, fill(words.page_title, &[("owner", &who.name)]));
        let judge = self.sent && again != Again::Blocked;
        FormView {
            f: if self.sent { self.sent_frame(frame) } else { frame },
            action: self.action(),
            again: if self.sent { self.bare_form(again) } else { String::new() },
            back: self.back(),
            heading: sheet.map_or_else(|| words.lost_type_title.to_owned(), |sheet| sheet.name.clone()),
            facts: sheet.map_or_else(Vec::new, |sheet| facts(words, sheet)),
            when: sheet.filter(|_| !matches!(again, Again::Start(_))).and_then(|sheet| self.when(sheet)),
            alert: self.alert(again),
            blocked: self.blocked(again),
            nearest: self.nearest(again),
            hidden: self.hidden(again),
            fields: fields(words, &self.wish.typed, sheet.map(|sheet| &sheet.place), judge),
            late: self.late(again),
            submit: self.submit(again),
            policy: self.policy(again),
            privacy: fill(words.privacy, &[("owner", &who.name)]),
            who,
        }
    }

    fn sent_frame(&self, frame: Frame) -> Frame {
        Frame { script: self.app.assets.form_script.path.clone(), ..frame.with_language_form("book") }
    }

    fn action(&self) -> String {
        format!("/{}/book", self.slug)
    }

    /// The same form with nothing filled in. Its key stays out of the address: it opens the booking's own page.
    fn bare_form(&self, again: Again) -> String {
        let hidden = self.hidden(again);
        let values: Vec<_> = hidden
            .iter()
            .filter(|(name, _)| *name != "key")
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        link(&self.action(), &values)
    }

    /// Until when the chosen time can be cancelled online; `None` while none is chosen.
    fn cancel_until(&self, again: Again) -> Option<(&'a TypeSheet, Instant)> {
        let (sheet, start) = (self.sheet()?, self.wish.start?);
        let chosen = !matches!(again, Again::Start(_));
        chosen.then(|| (sheet, start - TimeDelta::minutes(i64::from(sheet.cancel_cutoff_min))))
    }

    fn late(&self, again: Again) -> Vec<Line> {
        let words = self.visitor.locale.words();
        let Some((sheet, _)) = self.cancel_until(again).filter(|(_, until)| *until <= self.now) else {
            return Vec::new();
        };
        let sentence = match self.offer.phase(self.now) {
            Phase::Requests(_) => words.policy_late_request,
            Phase::Instant | Phase::Away | Phase::Paused | Phase::Unpublished => words.policy_late,
        };
        let cutoff = dates::exact_span(words, i64::from(sheet.cancel_cutoff_min));
        let phone = self.offer.published.as_ref().map_or("", |page| &page.sheet.owner.phone);
        let call = (!phone.is_empty()).then(|| Line::new(words.policy_call, &[], phone));
        [Some(fill(sentence, &[("cutoff", &cutoff)]).into()), call].into_iter().flatten().collect()
    }

    fn policy(&self, again: Again) -> String {
        let words = self.visitor.locale.words();
        match (self.cancel_until(again), self.sheet()) {
            (Some((sheet, _)), _) if sheet.cancel_cutoff_min == 0 => words.policy_start.to_owned(),
            (Some((_, until)), _) if until <= self.now => String::new(),
            (Some((_, until)), _) => {
                fill(words.policy_moment, &[("moment", &moment(self.visitor.locale, until, self.zone()))])
            }
            (None, Some(sheet)) => policy(words, sheet.cancel_cutoff_min),
            (None, None) => String::new(),
        }
    }

    fn lang(&self) -> &'static str {
        self.visitor.lang.map_or("", |lang| lang.code())
    }

    fn zone_name(&self) -> &'static str {
        self.wish.zone.known().map_or("", |zone| zone.name())
    }

    fn back(&self) -> String {
        let day = self.wish.start.map(|start| wall(start, self.zone()).date().to_string());
        let sheet = self.sheet().map_or("", |sheet| &sheet.id.0);
        let values = [
            ("type", sheet),
            ("day", &day.unwrap_or_default()),
            ("tz", self.zone_name()),
            ("lang", self.lang()),
        ];
        link(&format!("/{}", self.slug), &values)
    }

    fn when(&self, sheet: &TypeSheet) -> Option<When> {
        let start = self.wish.start?;
        let visit = Interval::new(start, start + TimeDelta::minutes(i64::from(sheet.length_min)))?;
        Some(When::new(self.visitor.locale, visit, self.zone(), self.owner_zone()))
    }

    fn alert(&self, again: Again) -> Option<String> {
        let words = self.visitor.locale.words();
        match (again, &self.wish.zone) {
            (Again::Mistakes, Zone::Unknown(zone)) => {
                let clock = (words.zone_time)(&city(self.owner_zone()));
                Some(fill(words.zone_unknown, &[("zone", zone), ("clock", &clock)]))
            }
            (Again::Mistakes, _) => Some(words.look_again.to_owned()),
            (Again::Start(_), _) => self.start_error(again),
            (Again::Fresh | Again::Blocked, _) => None,
        }
    }

    fn start_error(&self, again: Again) -> Option<String> {
        let words = self.visitor.locale.words();
        let Again::Start(refusal) = again else {
            return None;
        };
        let what = match refusal {
            None => return Some(words.time_missing.to_owned()),
            Some(Refusal::Past) => words.time_past,
            Some(Refusal::TooSoon) => words.time_too_soon,
            Some(Refusal::NotOffered) => words.time_not_offered,
            Some(Refusal::Taken) => words.time_taken,
        };
        let other = match (self.nearest(again).is_empty(), self.sent) {
            (true, _) => "",
            (false, true) => words.time_other,
            (false, false) => words.time_choose,
        };
        Some(format!("{what} {other}").trim_end().to_owned())
    }

    fn blocked(&self, again: Again) -> Vec<Line> {
        if matches!(again, Again::Start(_)) && self.nearest(again).is_empty() {
            return vec![self.visitor.locale.words().no_times.to_owned().into()];
        }
        if again != Again::Blocked {
            return Vec::new();
        }
        let closed = closed::closed(self.offer, self.visitor, self.now);
        let lead = self.visitor.locale.words().lost_type_lead;
        closed.map_or_else(
            || vec![lead.to_owned().into()],
            |closed| [Some(closed.why.into()), closed.call].into_iter().flatten().collect(),
        )
    }

    fn nearest(&self, again: Again) -> Vec<(String, String)> {
        let (Again::Start(_), Some(sheet)) = (again, self.sheet()) else {
            return Vec::new();
        };
        let wanted = self.wish.start.unwrap_or(self.now);
        let (locale, zone) = (self.visitor.locale, self.zone());
        let nearest = self.offer.nearest(sheet, wanted, self.now, NEAREST);
        let words = |start| {
            let day = dates::day(locale, wall(start, zone).date());
            (write_start(start), format!("{day}, {}", dates::time_in(locale, start, zone)))
        };
        nearest.into_iter().map(words).collect()
    }

    fn hidden(&self, again: Again) -> Vec<(&'static str, String)> {
        let mut hidden = vec![("key", self.wish.key.reveal()), ("type", self.wish.type_id.clone())];
        if !matches!(again, Again::Start(_)) {
            hidden.push(("start", self.wish.start_text.clone()));
        }
        hidden.push(("tz", self.zone_name().to_owned()));
        hidden.push(("lang", self.lang().to_owned()));
        hidden.retain(|(_, value)| !value.is_empty());
        hidden
    }

    fn submit(&self, again: Again) -> String {
        let words = self.visitor.locale.words();
        let sentence = match self.offer.phase(self.now) {
            Phase::Requests(_) => words.request,
            Phase::Instant | Phase::Away | Phase::Paused | Phase::Unpublished => words.book,
        };
        let time = match (again, self.wish.start) {
            (Again::Start(_), _) | (_, None) => String::new(),
            (_, Some(start)) => dates::time_in(self.visitor.locale, start, self.zone()),
        };
        fill(sentence, &[("time", &time)]).trim_end().to_owned()
    }
}
