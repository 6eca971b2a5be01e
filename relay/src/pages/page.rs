//! `GET /{slug}`: one page with the person, the type, the month and the times of a day.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use chrono::NaiveDate;
use chrono_tz::Tz;
use daymark_core::cities::city;
use daymark_core::contract::TypeSheet;
use daymark_core::time::{Instant, wall};

use crate::app::App;
use crate::offer::{Offer, Phase};
use crate::pages::answer::{Keep, Result, Trouble, html, settle};
use crate::pages::closed::{self, Closed};
use crate::pages::frame::Frame;
use crate::pages::line::Line;
use crate::pages::month::{self, Cell, Choice, Days};
use crate::pages::parts::{Who, differs, facts, policy};
use crate::pages::visitor::{Named, Visitor, Zone, link};
use crate::pages::zones::{self, ZoneOption};
use crate::pages_cache::Key;
use crate::store::{Publication, WaitsBecause};
use crate::words::{capital, dates, fill};

/// Longer values than ours are made up, and not worth keeping a page for.
const ASKED_MAX_BYTES: usize = 200;

pub async fn show(State(app): State<Arc<App>>, Named(slug): Named, visitor: Visitor) -> Response {
    let page = kept_or_made(&app, &slug, &visitor).await;
    settle(&app, &visitor, page.map(|page| html(StatusCode::OK, Keep::Checked, page)))
}

async fn kept_or_made(app: &App, slug: &str, visitor: &Visitor) -> Result<Bytes> {
    let now = app.now();
    let stamped = app.offer(slug, now).await?.ok_or(Trouble::Lost)?;
    let phase = stamped.offer.phase(now);
    let key = asked(visitor).map(|asked| Key {
        slug: slug.to_owned(),
        stamp: stamped.stamp,
        // Within one such minute, the same starts have enough notice.
        minute: (now.timestamp_millis() + 59_999).div_euclid(60_000),
        asked: format!("{phase:?} {asked}"),
    });
    if let Some(page) = key.as_ref().and_then(|key| app.rendered.get(key)) {
        return Ok(page);
    }
    let page = Bytes::from(render(app, slug, visitor, &stamped.offer, now)?);
    if let Some(key) = key {
        app.rendered.keep(key, page.clone());
    }
    Ok(page)
}

/// All that a page takes from the visitor; `None` when it is too odd to be asked for again.
fn asked(visitor: &Visitor) -> Option<String> {
    let mut asked = format!("{:?} {:?}", visitor.locale, visitor.lang);
    for name in ["type", "month", "day", "start", "tz"] {
        let value = visitor.asked.get(name).unwrap_or_default();
        if value.len() > ASKED_MAX_BYTES {
            return None;
        }
        // A line break ends a value, so that two of them never read like two others.
        asked.extend(["\n", &value.replace('\n', " \n ")]);
    }
    Some(asked)
}

#[derive(Template)]
#[template(path = "page.html")]
struct PageView {
    f: Frame,
    who: Who,
    /// The other kinds of appointment.
    types: Vec<TypeLink>,
    heading: String,
    description: String,
    facts: Vec<String>,
    notices: Vec<String>,
    month: MonthView,
    times: Option<TimesView>,
    zone: ZoneForm,
    foot: Vec<String>,
}

#[derive(Template)]
#[template(path = "closed.html")]
struct ClosedView {
    f: Frame,
    who: Who,
    closed: Closed,
}

struct TypeLink {
    name: String,
    length: String,
    href: String,
}

struct MonthView {
    title: String,
    caption: String,
    previous: Option<String>,
    next: Option<String>,
    weekdays: Vec<(&'static str, &'static str)>,
    weeks: Vec<Vec<Cell>>,
    empty: Option<String>,
    call: Option<Line>,
    next_free: Option<(String, String)>,
}

struct TimesView {
    day: String,
    times: Vec<(String, String)>,
}

struct ZoneForm {
    label: String,
    action: String,
    all: String,
    carried: Vec<(&'static str, String)>,
    options: Vec<ZoneOption>,
}

/// What a page is made from, once it is known that it can be made.
struct Made<'a> {
    slug: &'a str,
    visitor: &'a Visitor,
    offer: &'a Offer,
    page: &'a Publication,
    sheet: &'a TypeSheet,
    zone: Tz,
    days: Days,
    choice: Choice,
    today: NaiveDate,
    now: Instant,
}

fn render(app: &App, slug: &str, visitor: &Visitor, offer: &Offer, now: Instant) -> Result<String> {
    let logo = app.assets.logo.as_ref().map(|logo| logo.path.as_str());
    let (Some(page), None) = (&offer.published, closed::closed(offer, visitor, now)) else {
        return closed_page(app, visitor, offer, now);
    };
    let sheet = match visitor.asked.get("type").filter(|id| !id.is_empty()) {
        Some(id) => offer.type_of(id).ok_or_else(|| Trouble::LostType { slug: slug.to_owned() })?,
        None => match offer.types().next() {
            Some(sheet) => sheet,
            None => return closed_page(app, visitor, offer, now),
        },
    };
    let owner_zone = page.sheet.owner.zone;
    let zone = visitor.zone().known().unwrap_or(owner_zone);
    let days = month::by_day(offer.starts(&sheet.id.0, now), zone);
    let today = wall(now, zone).date();
    let choice = Choice::new(&days, today, visitor.asked.get("month"), visitor.asked.get("day"));
    let made = Made { slug, visitor, offer, page, sheet, zone, days, choice, today, now };
    let words = visitor.locale.words();
    let title = fill(words.page_title, &[("owner", &page.sheet.owner.name)]);
    let view = PageView {
        f: Frame {
            script: app.assets.zone_script.path.clone(),
            zone: zone.name().to_owned(),
            ..Frame::new(app, visitor, title)
        },
        who: Who::new(&page.sheet.owner, logo),
        types: made.types(),
        heading: sheet.name.clone(),
        description: sheet.description.clone(),
        facts: facts(words, sheet),
        notices: made.notices(),
        month: made.month(),
        times: made.times(),
        zone: made.zone_form(),
        foot: made.foot(),
    };
    Ok(view.render()?)
}

fn closed_page(app: &App, visitor: &Visitor, offer: &Offer, now: Instant) -> Result<String> {
    let logo = app.assets.logo.as_ref().map(|logo| logo.path.as_str());
    let card = offer.published.as_ref().map(|page| &page.sheet.owner);
    let who = card.map_or_else(|| Who::named(&offer.name, logo), |card| Who::new(card, logo));
    let title = fill(visitor.locale.words().page_title, &[("owner", &who.name)]);
    let closed =
        closed::closed(offer, visitor, now).unwrap_or_else(|| closed::nothing_offered(offer, visitor));
    Ok(ClosedView { f: Frame::new(app, visitor, title), who, closed }.render()?)
}

impl Made<'_> {
    fn link(&self, path: &str, values: &[(&str, &str)]) -> String {
        let mut all = values.to_vec();
        let zone = match self.visitor.zone() {
            Zone::Known(zone) => zone.name(),
            Zone::Unsaid | Zone::Unknown(_) => "",
        };
        all.push(("tz", zone));
        all.push(("lang", self.visitor.lang.map_or("", |lang| lang.code())));
        link(&format!("/{}{path}", self.slug), &all)
    }

    /// The type as links carry it: not at all while it is the first one.
    fn type_value(&self) -> &str {
        let first = self.offer.types().next().map(|first| &first.id);
        if first == Some(&self.sheet.id) { "" } else { &self.sheet.id.0 }
    }

    fn types(&self) -> Vec<TypeLink> {
        self.offer
            .types()
            .filter(|sheet| sheet.id != self.sheet.id)
            .map(|sheet| TypeLink {
                name: sheet.name.clone(),
                length: dates::length(sheet.length_min),
                href: self.link("", &[("type", &sheet.id.0)]),
            })
            .collect()
    }

    fn notices(&self) -> Vec<String> {
        let words = self.visitor.locale.words();
        let owner = self.page.sheet.owner.name.as_str();
        let mut notices = Vec::new();
        if let Zone::Unknown(name) = self.visitor.zone() {
            notices.push(fill(
                words.zone_unknown,
                &[("zone", &name), ("clock", &(words.zone_time)(&city(self.zone)))],
            ));
        }
        match self.offer.phase(self.now) {
            Phase::Requests(WaitsBecause::StaleTimes) => {
                let age = dates::span(words, self.age_min());
                notices.push(fill(words.asks_stale, &[("owner", owner), ("age", &age)]));
            }
            Phase::Requests(WaitsBecause::OwnerApproves) => {
                notices.push(fill(words.asks_owner, &[("owner", owner)]));
            }
            Phase::Instant | Phase::Away | Phase::Paused | Phase::Unpublished => {}
        }
        notices
    }

    fn age_min(&self) -> i64 {
        (self.now - self.page.checked_at).num_minutes()
    }

    fn month(&self) -> MonthView {
        let locale = self.visitor.locale;
        let words = locale.words();
        let title = dates::month_year(locale, self.choice.month);
        let to_month = |month: NaiveDate| {
            self.link("", &[("type", self.type_value()), ("month", &month.format("%Y-%m").to_string())])
        };
        let to_day = |day: NaiveDate| {
            self.link("", &[("type", self.type_value()), ("day", &day.to_string())]) + "#times"
        };
        let next_free = self.days.range(month::next_month(self.choice.month)..).next();
        let empty = if self.days.is_empty() {
            Some(words.no_times.to_owned())
        } else {
            self.choice.day.is_none().then(|| fill(words.no_times_in, &[("month", &title)]))
        };
        MonthView {
            caption: fill(words.month_of, &[("month", &title)]),
            previous: month::month_before(self.choice.month, self.today).map(to_month),
            next: month::month_after(self.choice.month, &self.days).map(to_month),
            weekdays: dates::week(locale),
            weeks: if self.days.is_empty() {
                Vec::new()
            } else {
                month::weeks(locale, self.choice, &self.days, to_day)
            },
            next_free: next_free.filter(|_| empty.is_some()).map(|(day, _)| {
                let text = fill(words.next_free_day, &[("day", &dates::day(locale, *day))]);
                (text, to_day(*day))
            }),
            call: self.days.is_empty().then(|| closed::call(self.offer, self.visitor)).flatten(),
            empty,
            title: capital(&title),
        }
    }

    fn times(&self) -> Option<TimesView> {
        let locale = self.visitor.locale;
        let day = self.choice.day?;
        let times = self.days.get(&day)?.iter().map(|start| {
            let value = start.format("%Y-%m-%dT%H:%MZ").to_string();
            let href = self.link("/book", &[("type", &self.sheet.id.0), ("start", &value)]);
            (dates::time_in(locale, *start, self.zone), href)
        });
        Some(TimesView { day: capital(&dates::day(locale, day)), times: times.collect() })
    }

    fn zone_form(&self) -> ZoneForm {
        let locale = self.visitor.locale;
        let day = self.choice.day.map(|day| day.to_string()).unwrap_or_default();
        let month = self.choice.month.format("%Y-%m").to_string();
        let lang = self.visitor.lang.map_or("", |lang| lang.code());
        let carried = [("type", self.type_value()), ("month", &month), ("day", &day), ("lang", lang)];
        ZoneForm {
            label: (locale.words().zone_time)(&city(self.zone)),
            action: format!("/{}", self.slug),
            all: self.link("/zone", &[("type", self.type_value()), ("month", &month), ("day", &day)]),
            carried: carried
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| (name, value.to_owned()))
                .collect(),
            options: zones::short_list(self.zone, self.page.sheet.owner.zone, self.now),
        }
    }

    fn foot(&self) -> Vec<String> {
        let words = self.visitor.locale.words();
        let owner = &self.page.sheet.owner;
        let mut foot = Vec::new();
        let shown = self.choice.day.and_then(|day| self.days.get(&day)?.first().copied()).unwrap_or(self.now);
        if differs(shown, self.zone, owner.zone) {
            foot.push(fill(
                words.owner_zone,
                &[("owner", &owner.name), ("clock", &(words.zone_time)(&city(owner.zone)))],
            ));
        }
        foot.push(match self.age_min() {
            ..1 => words.checked_now.to_owned(),
            age => fill(words.checked_ago, &[("age", &dates::span(words, age))]),
        });
        foot.push(policy(words, self.sheet.cancel_cutoff_min));
        foot
    }
}
