//! `events.list`: full and incremental, page by page, with the page size applied before the filters.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{
    book::{Calendar, Role, Stored, etag},
    filter::Filter,
    problem::Problem,
    query::Query,
    token::{PageToken, SyncToken, decode, encode},
    view::{View, default_reminders, millis},
};

/// Parameters that a sync token forbids.
const FORBIDDEN_WITH_SYNC: [&str; 8] = [
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
];
/// Parameters that must stay as they were when the sync token was given out.
const FROZEN: [&str; 5] = ["singleEvents", "eventTypes", "maxAttendees", "showHiddenInvitations", "timeZone"];
/// A listing with one of these gives out no sync token.
const WITHOUT_SYNC: [&str; 6] =
    ["iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "updatedMin"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Stable,
    StartTime,
    Updated,
}

/// What a listing runs in.
pub struct Listing<'a> {
    pub calendar: &'a Calendar,
    pub role: Role,
    pub query: &'a Query,
    pub now: DateTime<Utc>,
    /// The tick of the whole world at this moment.
    pub tick: u64,
    /// Every how many pages one is empty; 0 is never.
    pub empty_page_every: u32,
}

struct Plan {
    filter: Filter,
    order: Order,
    size: usize,
    sync: Option<SyncToken>,
    page: PageToken,
}

impl Listing<'_> {
    pub fn answer(&self) -> Result<Value, Problem> {
        let plan = self.plan()?;
        let (items, next) = self.page(&plan);
        let mut out = self.envelope();
        let mut view = View::new(self.calendar, self.role, self.query.zone()?);
        view.max_attendees = self.query.number("maxAttendees")?;
        out.insert("items".to_owned(), items.iter().map(|stored| view.listed(stored)).collect());
        match next {
            Some(next) => drop(out.insert("nextPageToken".to_owned(), json!(encode(&next)))),
            None if self.gives_sync_token() => {
                out.insert("nextSyncToken".to_owned(), json!(encode(&self.sync_token(plan.page.since))));
            }
            None => {}
        }
        Ok(Value::Object(out))
    }

    fn plan(&self) -> Result<Plan, Problem> {
        let sync = self.read_sync_token()?;
        let filter = Filter::from_query(self.query, sync.is_some())?;
        if filter.updated_min.is_some_and(|since| since < self.now - TimeDelta::days(28)) {
            return Err(Problem::updated_min_too_long_ago());
        }
        let order = match self.query.text("orderBy") {
            None => Order::Stable,
            Some("updated") => Order::Updated,
            Some("startTime") if filter.single_events => Order::StartTime,
            Some("startTime") => {
                let message = "The requested ordering is not available for the particular query.";
                return Err(Problem::invalid_parameter("orderBy", message));
            }
            Some(_) => return Err(Problem::invalid_parameter("orderBy", "Invalid value for: orderBy")),
        };
        let size = self.query.page_size(250, 2_500)?;
        Ok(Plan { filter, order, size, sync, page: self.read_page_token()? })
    }

    fn read_page_token(&self) -> Result<PageToken, Problem> {
        let fingerprint = self.query.fingerprint(|name| name != "pageToken");
        let Some(text) = self.query.text("pageToken") else {
            let of = self.calendar.id.clone();
            return Ok(PageToken { of, fingerprint, page: 0, after: String::new(), since: self.tick });
        };
        decode::<PageToken>(text)
            .filter(|token| token.of == self.calendar.id && token.fingerprint == fingerprint)
            .ok_or_else(|| Problem::invalid_parameter("pageToken", "Invalid page token value."))
    }

    fn read_sync_token(&self) -> Result<Option<SyncToken>, Problem> {
        let Some(text) = self.query.text("syncToken") else { return Ok(None) };
        for name in FORBIDDEN_WITH_SYNC {
            if self.query.text(name).is_some() {
                return Err(Problem::not_with_sync_token(name));
            }
        }
        if self.query.flag("showDeleted")? == Some(false) {
            return Err(Problem::not_with_sync_token("showDeleted"));
        }
        let invalid = || Problem::invalid_parameter("syncToken", "Invalid sync token value.");
        let token =
            decode::<SyncToken>(text).filter(|token| token.of == self.calendar.id).ok_or_else(invalid)?;
        if token.epoch != self.calendar.sync_epoch {
            return Err(Problem::full_sync_required());
        }
        // The real API calls a changed parameter undefined behaviour; here it is refused, so that it is seen.
        if token.frozen != self.frozen() {
            return Err(Problem::not_with_sync_token("syncToken"));
        }
        Ok(Some(token))
    }

    fn frozen(&self) -> String {
        self.query.fingerprint(|name| FROZEN.contains(&name))
    }

    fn gives_sync_token(&self) -> bool {
        WITHOUT_SYNC.iter().all(|name| self.query.text(name).is_none())
    }

    fn sync_token(&self, since: u64) -> SyncToken {
        SyncToken {
            of: self.calendar.id.clone(),
            frozen: self.frozen(),
            epoch: self.calendar.sync_epoch,
            since,
        }
    }

    fn page(&self, plan: &Plan) -> (Vec<Cow<'_, Stored>>, Option<PageToken>) {
        let page = plan.page.page + 1;
        if self.empty_page_every > 1 && page.is_multiple_of(self.empty_page_every) {
            return (Vec::new(), Some(PageToken { page, ..plan.page.clone() }));
        }
        let mut candidates = self.candidates(plan);
        candidates.sort_by(|one, two| one.0.cmp(&two.0));
        candidates.retain(|(key, _)| *key > plan.page.after);
        let more = candidates.len() > plan.size;
        candidates.truncate(plan.size);
        let last = candidates.last().filter(|_| more).map(|(key, _)| key.clone());
        let next = last.map(|after| PageToken { page, after, ..plan.page.clone() });
        let items = candidates.into_iter().map(|(_, stored)| stored);
        (items.filter(|stored| plan.filter.lets_through(self.calendar, stored)).collect(), next)
    }

    /// Everything that the query is about, before its filters, with the key it is sorted by.
    fn candidates(&self, plan: &Plan) -> Vec<(String, Cow<'_, Stored>)> {
        let since = plan.sync.as_ref().map(|token| token.since);
        if plan.filter.single_events {
            let singles = self.singles(plan, since);
            return singles
                .into_iter()
                .map(|stored| (self.key(&stored, plan.order), Cow::Owned(stored)))
                .collect();
        }
        let changed = |stored: &&Stored| since.is_none_or(|since| stored.tick > since);
        let stored = self.calendar.events.values().filter(changed);
        stored.map(|stored| (self.key(stored, plan.order), self.calendar.effective(stored))).collect()
    }

    /// Single events, and occurrences in place of every series that changed.
    fn singles(&self, plan: &Plan, since: Option<u64>) -> Vec<Stored> {
        let changed = |stored: &Stored| since.is_none_or(|since| stored.tick > since);
        let mut all = Vec::new();
        for stored in self.calendar.events.values().filter(|stored| stored.exception_of.is_none()) {
            if !stored.is_series() {
                all.extend(changed(stored).then(|| stored.clone()));
                continue;
            }
            let (from, to) = plan.filter.window(self.calendar, stored, self.now);
            for occurrence in self.calendar.occurrences(stored, from, to) {
                let touched = changed(stored) || changed(&occurrence);
                all.extend(touched.then(|| self.calendar.effective(&occurrence).into_owned()));
            }
        }
        all
    }

    fn key(&self, stored: &Stored, order: Order) -> String {
        let start = || stored.span.map_or(i64::MIN, |span| span.instants(self.calendar.zone).0.timestamp());
        match order {
            Order::Stable => stored.id.clone(),
            Order::Updated => format!("{}|{}", millis(stored.updated), stored.id),
            Order::StartTime => format!("{:020}|{}", start().saturating_add(1 << 40), stored.id),
        }
    }

    fn envelope(&self) -> Map<String, Value> {
        let calendar = self.calendar;
        let fields = [
            ("kind", json!("calendar#events")),
            ("etag", json!(etag(calendar.tick))),
            ("summary", json!(calendar.summary)),
            ("description", json!("")),
            ("updated", json!(millis(calendar.updated))),
            ("timeZone", json!(calendar.zone.name())),
            ("accessRole", json!(self.role)),
            ("defaultReminders", default_reminders(calendar)),
        ];
        fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
    }
}

/// `events.instances`: the occurrences of one series; asked with an occurrence's id, that occurrence.
pub fn instances(listing: &Listing<'_>, id: &str) -> Result<Value, Problem> {
    let Listing { calendar, role, query, .. } = *listing;
    let event = calendar.find(id).ok_or_else(Problem::not_found)?;
    let filter = Filter::for_instances(query)?;
    let size = query.page_size(250, 2_500)?;
    let page = listing.read_page_token()?;
    let mut all = match &event.exception_of {
        Some(_) => vec![event],
        None if event.is_series() => {
            let (from, to) = filter.window(calendar, &event, listing.now);
            calendar.occurrences(&event, from, to)
        }
        None => Vec::new(),
    };
    let view = View::new(calendar, role, query.zone()?);
    all.retain(|stored| filter.lets_through(calendar, stored));
    if let Some(original) = query.text("originalStart") {
        let wanted = original.parse::<DateTime<chrono::FixedOffset>>().map(|at| at.to_utc());
        all.retain(|stored| match (&stored.exception_of, wanted.as_ref()) {
            (Some((_, own)), Ok(wanted)) => own.instant(calendar.zone) == *wanted,
            (Some((_, own)), Err(_)) => own.suffix() == original.replace('-', ""),
            _ => false,
        });
    }
    all.sort_by(|one, two| one.id.cmp(&two.id));
    all.retain(|stored| stored.id > page.after);
    let more = all.len() > size;
    all.truncate(size);
    let mut out = listing.envelope();
    let last = all.last().filter(|_| more).map(|stored| stored.id.clone());
    if let Some(after) = last {
        let next = PageToken { page: page.page + 1, after, ..page };
        out.insert("nextPageToken".to_owned(), json!(encode(&next)));
    }
    out.insert("items".to_owned(), all.iter().map(|stored| view.listed(stored)).collect());
    Ok(Value::Object(out))
}
